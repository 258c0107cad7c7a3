//! `docs/LANGUAGE.md` knows every word of the language: those that commands are written in, and those that
//! events begin with. That its examples are true is tested where there is a server to ask.

use crate::samples::{commands, events};
use model::Directory;
use model::line::{OrderNames, render_command, render_event};
use std::collections::BTreeSet;
use std::path::Path;

/// The words of the page, without what marks them.
fn words_of_the_page() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/LANGUAGE.md");
    let page = std::fs::read_to_string(path).unwrap();
    let words = page.split(|at: char| !(at.is_ascii_alphanumeric() || at == '_'));
    words.map(ToOwned::to_owned).collect()
}

/// Names that the samples were given, and so no words of the language.
const NAMES: &[&str] = &["always", "coins", "nyse"];

#[test]
fn every_word_of_a_command_is_on_the_page() {
    let page = words_of_the_page();
    let (nobody, no_orders) = (Directory::default(), OrderNames::default());
    let lines = commands().into_iter().map(|(_, command)| render_command(&command, &nobody, &no_orders));
    let words = lines.flat_map(|line| line.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>());
    let is_word = |word: &String| word.bytes().all(|at| at.is_ascii_lowercase() || at == b'_');
    let missing: BTreeSet<String> = words
        .filter(is_word)
        .filter(|word| !page.contains(word) && !NAMES.contains(&word.as_str()))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn every_event_is_on_the_page() {
    let page = words_of_the_page();
    for (name, event) in events() {
        let line = render_event(&event, &Directory::default(), &OrderNames::default());
        let first = line.split(' ').next().unwrap_or_default();
        assert!(page.contains(first), "{name}: `{first}`");
    }
}
