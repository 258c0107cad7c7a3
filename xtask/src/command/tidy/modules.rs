//! Rules for modules: every source file is reached from a root by `mod`, and begins by saying what it is.

use std::collections::BTreeSet;

use super::source::{code, word_positions};
use super::tree::Tree;

pub fn documented(tree: &Tree, findings: &mut Vec<String>) {
    for (path, text) in sources(tree).filter(|(_, text)| !text.starts_with("//!")) {
        let first = text.lines().next().unwrap_or("nothing");
        findings
            .push(format!("{path}:1: begins with `{first}`; begin with a `//!` line that says what it is"));
    }
}

pub fn reachable(tree: &Tree, findings: &mut Vec<String>) {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> =
        sources(tree).map(|(path, _)| path).filter(|path| is_root(tree, path)).map(str::to_owned).collect();
    while let Some(path) = open.pop() {
        if let Some(text) = tree.text(&path).filter(|_| !reached.contains(&path)) {
            open.extend(children(&path, text));
            reached.insert(path);
        }
    }
    for (path, _) in sources(tree).filter(|(path, _)| !reached.contains(*path)) {
        findings.push(format!("{path}: no `mod` leads to it; declare it or delete it"));
    }
}

fn sources(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.with_ending(".rs").filter(|(path, _)| path.starts_with("crates/") || path.starts_with("xtask/"))
}

/// A file that cargo compiles by itself: by its place, or because the manifest names it.
fn is_root(tree: &Tree, path: &str) -> bool {
    let Some((package, inside)) = split_package(path) else { return false };
    let parts: Vec<&str> = inside.split('/').collect();
    let by_place = matches!(
        parts.as_slice(),
        ["build.rs"]
            | ["src", "lib.rs" | "main.rs"]
            | ["src", "bin", _]
            | ["tests" | "benches" | "examples", _, "main.rs"]
            | ["src", "bin", _, "main.rs"]
            | ["tests" | "benches" | "examples", _]
    );
    let manifest = tree.text(&format!("{package}/Cargo.toml")).unwrap_or_default();
    by_place || manifest.contains(&format!("path = \"{inside}\""))
}

fn split_package(path: &str) -> Option<(&str, &str)> {
    let skip = if path.starts_with("crates/") { "crates/".len() } else { 0 };
    let end = skip + path[skip..].find('/')?;
    Some((&path[..end], &path[end + 1..]))
}

/// Where the files that `text` declares or includes may stand.
fn children(path: &str, text: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    let is_door = matches!(stem, "mod" | "lib" | "main") || is_top(path);
    let home = if is_door { folder.to_owned() } else { format!("{folder}/{stem}") };
    let code = code(text);
    let mut found = Vec::new();
    for at in word_positions(&code, "mod") {
        let declared = code[at + "mod".len()..].split_once(';').map(|(name, _)| name.trim());
        if let Some(name) = declared.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            found.extend([format!("{home}/{name}.rs"), format!("{home}/{name}/mod.rs")]);
        }
    }
    for opening in ["#[path = ", "include!("] {
        for (at, _) in code.match_indices(opening) {
            let literal = text[at + opening.len()..].split('"').nth(1);
            found.extend(literal.map(|name| format!("{folder}/{name}")));
        }
    }
    found
}

/// A crate root that is not called `lib` or `main`: its modules stand beside it.
fn is_top(path: &str) -> bool {
    let inside = split_package(path).map_or(path, |(_, inside)| inside);
    let parts: Vec<&str> = inside.split('/').collect();
    matches!(parts.as_slice(), ["src", "bin", _] | ["tests" | "benches" | "examples", _])
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::*;

    #[test]
    fn every_way_to_a_file_counts_and_a_planted_dead_file_is_found() {
        let mut files = vec![
            ("crates/a/Cargo.toml", "[[bin]]\npath = \"src/door.rs\"\n"),
            (
                "crates/a/src/lib.rs",
                "mod b;\npub(crate) mod c;\n// mod dead;\n#[path = \"odd/f.rs\"]\nmod f;",
            ),
            ("crates/a/src/b.rs", "#[cfg(test)]\nmod d;"),
            ("crates/a/src/b/d.rs", ""),
            ("crates/a/src/c/mod.rs", "mod e;"),
            ("crates/a/src/c/e.rs", ""),
            ("crates/a/src/odd/f.rs", "include!(\"table.rs\");"),
            ("crates/a/src/odd/table.rs", ""),
            ("crates/a/src/door.rs", ""),
            ("crates/a/src/bin/g.rs", ""),
            ("crates/a/tests/it/main.rs", "mod h;"),
            ("crates/a/tests/it/h.rs", ""),
        ];
        assert_eq!(planted(reachable, &files), Vec::<String>::new());
        files.push(("crates/a/src/dead.rs", ""));
        let found = planted(reachable, &files);
        assert_eq!(found, ["crates/a/src/dead.rs: no `mod` leads to it; declare it or delete it"]);
    }

    #[test]
    fn a_planted_file_without_its_doc_is_found() {
        assert!(
            planted(documented, &[("crates/a/src/lib.rs", "//! A.\n"), ("fuzz/b.rs", "fn b() {}")])
                .is_empty()
        );
        assert_eq!(planted(documented, &[("crates/a/src/lib.rs", "fn a() {}")]).len(), 1);
    }
}
