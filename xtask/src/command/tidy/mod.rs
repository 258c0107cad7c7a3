//! `cargo x tidy`: the house checks that neither the compiler nor clippy makes.
//!
//! Each rule is one function over the tree of files, registered in `RULES`; the same list runs as a test.

mod code;
mod docs;
mod doors;
mod modules;
mod source;
mod text;
mod tree;

use anyhow::{Result, bail};

use super::{Chore, take_no_args};
use crate::shell::{self, say};
use tree::Tree;

pub const CHORE: Chore =
    Chore { name: "tidy", args: "", help: "house checks: names, dead files, links", run };

/// A rule adds one line per fault: where, what, and what to do.
type Rule = fn(&Tree, &mut Vec<String>);

const RULES: &[Rule] = &[
    text::lines,
    text::names,
    text::lengths,
    text::machine_paths,
    text::lock_file,
    code::unfinished,
    code::debris,
    code::waivers,
    code::purity,
    doors::approved,
    modules::reachable,
    modules::documented,
    docs::links,
    docs::paths,
    docs::length,
    docs::glossary,
];

fn run(args: &[String]) -> Result<()> {
    take_no_args("tidy", args)?;
    check()
}

pub fn check() -> Result<()> {
    let tree = Tree::read(&shell::root())?;
    let findings = findings(&tree);
    if !findings.is_empty() {
        bail!("{} to tidy\n  {}", findings.len(), findings.join("\n  "));
    }
    say(&format!("tidy: {} files keep {} rules", tree.texts().count(), RULES.len()));
    Ok(())
}

fn findings(tree: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    for rule in RULES {
        rule(tree, &mut findings);
    }
    findings.sort();
    findings
}

/// What `rule` finds in a planted tree: the test of every rule in this folder.
#[cfg(test)]
fn planted(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    rule(&Tree::planted(files), &mut findings);
    findings
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        if let Err(error) = super::check() {
            panic!("{error:#}");
        }
    }
}
