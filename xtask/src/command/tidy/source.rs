//! A Rust source seen three ways: its code alone, code with comments, and code without its tests.
//!
//! Every view keeps the length and the line breaks of the source, so an offset means the same in all of them.
//! It knows comments, strings and characters; it is no parser.

use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// Code only: comments and literals are blanks.
pub fn code(text: &str) -> String {
    view(text, |kind| kind == Kind::Code)
}

/// Code and comments: literals are blanks.
pub fn code_and_comments(text: &str) -> String {
    view(text, |kind| kind != Kind::Literal)
}

/// Code only, with every item under `#[cfg(test)]` blanked too.
pub fn code_without_tests(text: &str) -> String {
    let mut code = code(text);
    while let Some(at) = code.find("#[cfg(test)]") {
        let end = item_end(&code, at);
        let blank: String = code[at..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        code.replace_range(at..end, &blank);
    }
    code
}

/// The line number of an offset, counted from one.
pub fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Where `word` stands alone, not as a part of a longer name.
pub fn word_positions<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

/// The stretch from `open` (which stands at `at`) to its matching `close`, both included.
pub fn enclosed(text: &str, at: usize, open: char, close: char) -> Range<usize> {
    let mut depth = 0_usize;
    for (offset, c) in text[at..].char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at..at + offset + c.len_utf8();
            }
        }
    }
    at..text.len()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The end of the item whose attributes begin at `at`: its closing brace, or its semicolon.
fn item_end(code: &str, at: usize) -> usize {
    let body = code[at..].find(['{', ';']).map(|offset| at + offset);
    match body {
        Some(start) if code[start..].starts_with('{') => enclosed(code, start, '{', '}').end,
        Some(start) => start + 1,
        None => code.len(),
    }
}

fn view(text: &str, keep: impl Fn(Kind) -> bool) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_name = false;
    while !rest.is_empty() {
        let (kind, length) = token(rest, after_name);
        let (token, tail) = rest.split_at(length);
        after_name = token.chars().next_back().is_some_and(is_name);
        if keep(kind) {
            seen.push_str(token);
        } else {
            seen.extend(token.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        rest = tail;
    }
    seen
}

/// The kind and the length of what `rest` begins with; code comes one character at a time.
fn token(rest: &str, after_name: bool) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if rest.starts_with('"') {
        return (Kind::Literal, quoted(rest));
    }
    let raw = if after_name { None } else { raw_string(rest) };
    if let Some(length) = raw.or_else(|| character(rest)) {
        return (Kind::Literal, length);
    }
    (Kind::Code, rest.chars().next().map_or(0, char::len_utf8))
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let body =
        rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inner = body[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - inner.len();
    Some(inner.find(&end).map_or(rest.len(), |at| start + at + end.len()))
}

/// A character literal, but not a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    if first == '\\' {
        return inner.char_indices().skip(2).find(|(_, c)| *c == '\'').map(|(at, _)| at + 2);
    }
    let length = first.len_utf8();
    inner[length..].starts_with('\'').then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_is_neither_comment_nor_literal() {
        let check = |text: &str, expected: &str| {
            assert_eq!(code(text).split_whitespace().collect::<Vec<_>>().join(" "), expected, "{text}");
            assert_eq!(code(text).len(), text.len());
        };
        check("let a = 1; // note", "let a = 1;");
        check("a /* b /* c */ d */ e", "a e");
        check(r#"say("a \" // b", c)"#, "say( , c)");
        check(r##"say(r#"a " b"#, br"\", c)"##, "say( , , c)");
        check("f::<'a>('\\'', '\"', 'é', b'x')", "f::<'a>( , , , b )");
        check("r#type", "r#type");
        check("\"open", "");
    }

    #[test]
    fn items_under_cfg_test_vanish_and_lines_stay() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nmod c;\nfn d() {}\n";
        let code = code_without_tests(text);
        assert_eq!(code.split_whitespace().collect::<String>(), "fna(){}fnd(){}");
        assert_eq!(line_at(&code, code.find("fn d").unwrap()), 8);
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(word_positions("f64 to_f64 f64x (f64)", "f64").collect::<Vec<_>>(), [0, 17]);
    }
}
