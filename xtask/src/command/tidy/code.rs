//! Rules for Rust code: nothing unfinished, nothing skipped, every waiver with its reason, pure rooms pure.

use super::source::{code, code_and_comments, code_without_tests, enclosed, line_at, word_positions};
use super::tree::Tree;

/// Spelled in two parts so that this file keeps its own rule.
const UNFINISHED: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// What differs from run to run or from machine to machine, and what to use instead.
const IMPURE: &[(&str, &str)] = &[
    ("HashMap", "its order differs from run to run"),
    ("HashSet", "its order differs from run to run"),
    ("Instant", "time is a field of the command"),
    ("SystemTime", "time is a field of the command"),
    ("f32", "numbers are integers here"),
    ("f64", "numbers are integers here"),
    ("rand", "nothing is drawn by chance here"),
];

const PURE_ROOMS: &[&str] = &["crates/model/src/", "crates/engine/src/"];

pub fn unfinished(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.texts().filter(|(path, _)| !path.ends_with(".md")) {
        let visible = if path.ends_with(".rs") { code_and_comments(text) } else { text.to_owned() };
        for mark in UNFINISHED {
            for at in word_positions(&visible, mark) {
                let line = line_at(&visible, at);
                findings.push(format!(
                    "{path}:{line}: `{mark}`; finish it, or open an issue and remove the mark"
                ));
            }
        }
    }
}

pub fn debris(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.with_ending(".rs") {
        let code = code(text);
        for (mark, advice) in [
            ("#[ignore", "a test that does not run proves nothing; make it run or remove it"),
            ("dbg!", "debug output; remove it"),
        ] {
            for (at, _) in code.match_indices(mark) {
                findings.push(format!("{path}:{}: `{mark}`: {advice}", line_at(&code, at)));
            }
        }
    }
}

pub fn waivers(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.with_ending(".rs") {
        let code = code(text);
        for opening in ["[allow(", "[expect("] {
            for (at, _) in code.match_indices(opening) {
                let is_attribute = code[..at].ends_with(['#', '!']);
                let attribute = &code[enclosed(&code, at, '[', ']')];
                if is_attribute && word_positions(attribute, "reason").next().is_none() {
                    let line = line_at(&code, at);
                    findings
                        .push(format!("{path}:{line}: a lint is waived without `reason = \"…\"`; give it"));
                }
            }
        }
    }
}

pub fn purity(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.with_ending(".rs") {
        if !PURE_ROOMS.iter().any(|room| path.starts_with(room)) || path.ends_with("tests.rs") {
            continue;
        }
        let code = code_without_tests(text);
        for (word, advice) in IMPURE {
            for at in word_positions(&code, word) {
                if *word != "rand" || code[at + word.len()..].starts_with("::") {
                    findings.push(format!("{path}:{}: `{word}`: {advice}", line_at(&code, at)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::*;

    #[test]
    fn planted_unfinished_marks_are_found_in_comments_and_scripts_but_not_in_strings() {
        let mark = UNFINISHED[0];
        assert!(planted(unfinished, &[("a.rs", &format!("say(\"{mark}\")"))]).is_empty());
        assert_eq!(planted(unfinished, &[("a.rs", &format!("// {mark}: later"))]).len(), 1);
        assert_eq!(planted(unfinished, &[("a.toml", &format!("# {mark}"))]).len(), 1);
    }

    #[test]
    fn planted_debris_is_found_in_code_only() {
        assert!(planted(debris, &[("a.rs", "// dbg!(a) and #[ignore]")]).is_empty());
        assert_eq!(planted(debris, &[("a.rs", "dbg!(a);\n#[ignore = \"slow\"]\n")]).len(), 2);
    }

    #[test]
    fn a_planted_waiver_without_a_reason_is_found() {
        assert!(
            planted(waivers, &[("a.rs", "#[expect(dead_code, reason = \"why\")]\nlet b = a[allow(c)];")])
                .is_empty()
        );
        assert_eq!(planted(waivers, &[("a.rs", "#[allow(dead_code)]\n#![expect(unused)]\n")]).len(), 2);
    }

    #[test]
    fn planted_impurity_is_found_outside_tests_of_pure_rooms() {
        let check = |path: &str, text: &str, faults: usize| {
            assert_eq!(planted(purity, &[(path, text)]).len(), faults, "{path}: {text}");
        };
        check("crates/engine/src/a.rs", "use std::collections::HashMap; fn b(c: f64) { rand::random() }", 3);
        check(
            "crates/engine/src/a.rs",
            "// an f64 here\n#[cfg(test)]\nmod tests { use std::time::Instant; }",
            0,
        );
        check("crates/engine/src/a.rs", "fn rand() -> Instrument { to_f64 }", 0);
        check("crates/node/src/a.rs", "use std::time::Instant;", 0);
    }
}
