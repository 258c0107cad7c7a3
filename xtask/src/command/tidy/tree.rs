//! The files of the workspace as the rules see them: paths from the root with `/`, and the texts of those we write.
//!
//! Absent: build output, recorded data, and everything whose name starts with a dot, but for the CI script.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

const OUTPUT: &[&str] = &["corpus", "artifacts", "node_modules"];
/// Where a server at the root keeps its journal; deeper down it is a name like any other.
const RECORDED: &str = "data";
const DOTTED: &[&str] = &[".ci", ".cargo", ".gitignore"];
const WRITTEN: &[&str] = &["rs", "md", "toml", "txt", "sh", "yml"];
const SCRIPTS: &[&str] = &[".ci/run", ".gitignore"];

#[derive(Default)]
pub struct Tree {
    texts: BTreeMap<String, String>,
    paths: BTreeSet<String>,
}

impl Tree {
    pub fn read(root: &Path) -> Result<Tree> {
        let mut tree = Tree::default();
        tree.descend(root, "")?;
        Ok(tree)
    }

    #[cfg(test)]
    pub fn planted(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            let folders = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
            tree.paths.extend(folders.chain([(*path).to_owned()]));
            tree.texts.insert((*path).to_owned(), (*text).to_owned());
        }
        tree
    }

    /// Every file we write, with its text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    pub fn with_ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| path.ends_with(ending))
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// True for a file or a folder.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    fn descend(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().with_context(|| format!("cannot look at {prefix}{name}"))?;
            if skipped(prefix, &name, kind.is_dir()) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if kind.is_dir() {
                self.descend(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() && is_written(&path) {
                let text =
                    std::fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path}"))?;
                self.texts.insert(path.clone(), text);
            }
            self.paths.insert(path);
        }
        Ok(())
    }
}

fn skipped(prefix: &str, name: &str, is_folder: bool) -> bool {
    let recorded = prefix.is_empty() && name == RECORDED;
    let output = is_folder && (recorded || name.starts_with("target") || OUTPUT.contains(&name));
    output || (name.starts_with('.') && !DOTTED.contains(&name))
}

fn is_written(path: &str) -> bool {
    SCRIPTS.contains(&path) || path.rsplit_once('.').is_some_and(|(_, ending)| WRITTEN.contains(&ending))
}
