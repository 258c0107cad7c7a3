//! Rules for documents: links lead somewhere, paths and types they name exist, the house fits on its page.

use std::collections::BTreeSet;

use super::source::{code, line_at};
use super::tree::Tree;

const GLOSSARY: &str = "docs/GLOSSARY.md";
const HOUSE: &str = "docs/ARCHITECTURE.md";
const HOUSE_LINES: usize = 200;

/// The words that must have a line in the glossary: names in code follow them.
const WORDS: &[&str] = &[
    "account",
    "book",
    "child order",
    "command",
    "event",
    "fill",
    "instrument",
    "journal",
    "lot",
    "order",
    "portfolio",
    "position",
    "posting",
    "session",
    "tick",
    "trade",
    "venue",
];

pub fn links(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.with_ending(".md") {
        let prose = without_fences(text);
        for (at, _) in prose.match_indices("](") {
            let Some(target) = prose[at + 2..].split(')').next() else { continue };
            let file = target.split(['#', ' ']).next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !file.is_empty() && !tree.has(&resolve(path, file)) {
                findings.push(format!("{path}:{}: the link to `{file}` leads nowhere", line_at(&prose, at)));
            }
        }
    }
}

/// A back-quoted path from the root is a promise that the file is there.
pub fn paths(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.with_ending(".md").filter(|(path, _)| !path.starts_with("CHANGELOG")) {
        for (line, quoted) in back_quoted(text) {
            let rooted = ["crates/", "xtask/", "docs/", "fuzz/"].iter().any(|root| quoted.starts_with(root));
            let exact = rooted && !quoted.contains(['*', '<', '{', ' ', '…']) && !quoted.contains("NNN");
            if exact && !tree.has(quoted.trim_end_matches('/')) {
                findings.push(format!("{path}:{line}: `{quoted}` is not on disk; correct the path"));
            }
        }
    }
}

pub fn length(tree: &Tree, findings: &mut Vec<String>) {
    let lines = tree.text(HOUSE).map_or(0, |text| text.lines().count());
    if lines > HOUSE_LINES {
        findings.push(format!(
            "{HOUSE}: {lines} lines, more than {HOUSE_LINES}; a page nobody reads keeps nothing"
        ));
    }
}

/// Each entry is `- **word**: what it means`. Types that the glossary names must exist in the code.
pub fn glossary(tree: &Tree, findings: &mut Vec<String>) {
    let Some(text) = tree.text(GLOSSARY) else {
        findings.push(format!("{GLOSSARY}: is missing"));
        return;
    };
    let mut words = BTreeSet::new();
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| line.starts_with("- ")) {
        match line.strip_prefix("- **").and_then(|entry| entry.split_once("**: ")) {
            Some((word, meaning)) if !meaning.is_empty() => {
                if !words.insert(word) {
                    findings.push(format!("{GLOSSARY}:{number}: `{word}` has two entries; keep one"));
                }
            }
            _ => findings.push(format!("{GLOSSARY}:{number}: an entry is `- **word**: what it means`")),
        }
    }
    for word in WORDS.iter().filter(|word| !words.contains(*word)) {
        findings.push(format!("{GLOSSARY}: no entry for `{word}`; add it"));
    }
    let names = names_in_code(tree);
    for (line, quoted) in back_quoted(text) {
        if is_type_name(&quoted) && !names.contains(&quoted) {
            findings.push(format!("{GLOSSARY}:{line}: no code knows `{quoted}`; name what exists"));
        }
    }
}

fn is_type_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
        && word.contains(|c: char| c.is_ascii_lowercase())
}

fn names_in_code(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in tree.with_ending(".rs").filter(|(path, _)| path.starts_with("crates/")) {
        let code = code(text);
        names.extend(code.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned));
    }
    names
}

/// Every `quoted` stretch of the prose with its line number.
fn back_quoted(text: &str) -> Vec<(usize, String)> {
    let prose = without_fences(text);
    let mut found = Vec::new();
    for (line, number) in prose.lines().zip(1..) {
        found.extend(line.split('`').skip(1).step_by(2).map(|quoted| (number, quoted.to_owned())));
    }
    found
}

/// The text with its fenced blocks blanked, line for line.
fn without_fences(text: &str) -> String {
    let mut inside = false;
    let mut prose = String::with_capacity(text.len());
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        if !inside && !fence {
            prose.push_str(line);
        }
        inside ^= fence;
        prose.push('\n');
    }
    prose
}

/// `target` as seen from the folder of `document`, as a path from the root.
fn resolve(document: &str, target: &str) -> String {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::*;

    #[test]
    fn a_planted_dead_link_is_found() {
        let good =
            "[a](b.md) [c](../README.md#run) [d](https://example.org) [e](#f)\n```\n[g](gone.md)\n```\n";
        assert!(planted(links, &[("docs/a.md", good), ("docs/b.md", ""), ("README.md", "")]).is_empty());
        let found = planted(links, &[("docs/a.md", "\n[b](gone.md)")]);
        assert_eq!(found, ["docs/a.md:2: the link to `gone.md` leads nowhere"]);
    }

    #[test]
    fn a_planted_path_that_is_gone_is_found() {
        let files = [
            ("a.md", "`crates/b/src/lib.rs` `docs/adr/NNN-title.md` `crates/`"),
            ("crates/b/src/lib.rs", ""),
        ];
        assert!(planted(paths, &files).is_empty());
        assert_eq!(planted(paths, &[("a.md", "see `crates/b/src/gone.rs`")]).len(), 1);
    }

    #[test]
    fn a_house_that_outgrows_its_page_is_found() {
        assert_eq!(planted(length, &[(HOUSE, &"a\n".repeat(HOUSE_LINES))]).len(), 0);
        assert_eq!(planted(length, &[(HOUSE, &"a\n".repeat(HOUSE_LINES + 1))]).len(), 1);
    }

    #[test]
    fn planted_faults_in_the_glossary_are_found() {
        let full: String =
            WORDS.iter().map(|word| format!("- **{word}**: what it means, a `Price`.\n")).collect();
        let code = ("crates/model/src/lib.rs", "pub struct Price;");
        let check = |text: &str, fault: &str| {
            let found = planted(glossary, &[(GLOSSARY, text), code]);
            assert_eq!(found.len(), usize::from(!fault.is_empty()), "{found:?}");
            assert!(found.iter().all(|finding| finding.contains(fault)), "{found:?}");
        };
        check(&full, "");
        check(&full.replace("- **venue**: what it means, a `Price`.\n", ""), "no entry for `venue`");
        check(&format!("{full}- **venue**: again\n"), "two entries");
        check(&format!("{full}- loose talk\n"), "an entry is");
        check(&format!("{full}- **x**: a `Gone`\n"), "no code knows `Gone`");
        assert_eq!(planted(glossary, &[]).len(), 1);
    }
}
