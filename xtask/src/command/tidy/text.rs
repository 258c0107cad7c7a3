//! Rules for any text: clean lines, telling names, bounded length, nothing that ties it to one machine.

use super::source::line_at;
use super::tree::Tree;

const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "manager", "misc", "base"];

/// Roots of absolute paths on developers' machines, spelled so that this file keeps its own rule.
const MACHINE_ROOTS: &[&str] =
    &[concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];

const LONGEST: usize = 900;

/// Files that are one long table and may be longer.
const TABLES: &[&str] = &[];

pub fn lines(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.texts() {
        for (line, number) in text.split_terminator('\n').zip(1..) {
            if line.contains('\t') {
                findings.push(format!("{path}:{number}: a tab; use spaces"));
            }
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(format!("{path}:{number}: white space at the end of the line; remove it"));
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            findings.push(format!("{path}: no line break at the end; add it"));
        }
    }
}

pub fn names(tree: &Tree, findings: &mut Vec<String>) {
    for path in tree.paths() {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split('.').next().unwrap_or(name);
        if EMPTY_NAMES.contains(&stem) {
            findings.push(format!("{path}: `{stem}` says nothing; name it after its main type or verb"));
        }
    }
}

pub fn lengths(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.with_ending(".rs") {
        let lines = text.lines().count();
        if lines > LONGEST && !TABLES.contains(&path) {
            findings
                .push(format!("{path}: {lines} lines, more than {LONGEST}; it holds two ideas, split it"));
        }
    }
    for table in TABLES.iter().filter(|table| !tree.has(table)) {
        findings.push(format!("{table}: is in the list of tables but not on disk; remove it from the list"));
    }
}

pub fn machine_paths(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in tree.texts() {
        for root in MACHINE_ROOTS {
            for (at, _) in text.match_indices(root) {
                let before = text[..at].chars().next_back();
                if !before.is_some_and(|c| c.is_alphanumeric() || "_-./}".contains(c)) {
                    let line = line_at(text, at);
                    findings.push(format!(
                        "{path}:{line}: `{root}` exists on one machine only; use a relative path"
                    ));
                }
            }
        }
    }
}

pub fn lock_file(tree: &Tree, findings: &mut Vec<String>) {
    let ignored =
        tree.text(".gitignore").is_some_and(|text| text.lines().any(|line| line.ends_with("Cargo.lock")));
    if ignored || !tree.has("Cargo.lock") {
        findings.push("Cargo.lock: must be committed; builds come from it".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::*;

    #[test]
    fn planted_faults_in_lines_are_found() {
        assert!(planted(lines, &[("a.rs", "fn a() {}\n"), ("b.md", "")]).is_empty());
        let found = planted(lines, &[("a.rs", "\tfn a() {}\nb \nc")]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("a.rs:1: a tab"), "{found:?}");
        assert!(found[1].starts_with("a.rs:2: white space"), "{found:?}");
    }

    #[test]
    fn planted_names_that_say_nothing_are_found() {
        assert!(planted(names, &[("crates/a/src/database.rs", "")]).is_empty());
        assert_eq!(planted(names, &[("crates/a/src/utils.rs", "")]).len(), 1);
        assert_eq!(planted(names, &[("crates/a/src/common/mod.rs", "")]).len(), 1);
    }

    #[test]
    fn a_planted_long_file_is_found() {
        assert!(planted(lengths, &[("a.rs", &"\n".repeat(LONGEST))]).is_empty());
        assert_eq!(planted(lengths, &[("a.rs", &"\n".repeat(LONGEST + 1))]).len(), 1);
    }

    #[test]
    fn planted_machine_paths_are_found() {
        let root = MACHINE_ROOTS[0];
        assert!(planted(machine_paths, &[("a.rs", &format!("\"at{root}x\""))]).is_empty());
        let found = planted(machine_paths, &[("a.rs", &format!("\n\"{root}x\""))]);
        assert!(found[0].starts_with("a.rs:2: "), "{found:?}");
    }

    #[test]
    fn a_lock_file_that_is_missing_or_ignored_is_found() {
        assert!(planted(lock_file, &[("Cargo.lock", "")]).is_empty());
        assert_eq!(planted(lock_file, &[]).len(), 1);
        assert_eq!(planted(lock_file, &[("Cargo.lock", ""), (".gitignore", "/Cargo.lock\n")]).len(), 1);
    }
}
