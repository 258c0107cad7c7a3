//! `docs/LANGUAGE.md`, typed to a server from top to bottom: every reply is the one that the page shows, and
//! every word that a line may begin with has its example.

use crate::server::Server;
use model::line::{OrderNames, VERBS, parse};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::tempdir;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/LANGUAGE.md")
}

/// A cause is told with its time, which is another at every server.
fn without_the_clock(reply: &str) -> String {
    let mut words: Vec<&str> = reply.split(' ').collect();
    if let ["because", _, time, ..] = &mut words[..] {
        *time = "2026-01-01T10:00:00Z";
    }
    words.join(" ")
}

/// The page with the replies that a server gives now.
fn typed_again(page: &str) -> String {
    let data = tempdir().expect("a folder");
    let server = Server::start(data.path());
    let (mut client, mut example, mut again) = (server.client(), false, String::new());
    for line in page.lines() {
        if line.starts_with("```") {
            example = !example;
        } else if example && !line.starts_with("> ") {
            continue;
        }
        again += &format!("{line}\n");
        if let Some(asked) = line.strip_prefix("> ").filter(|_| example) {
            again.extend(client.ask(asked).iter().map(|reply| format!("{}\n", without_the_clock(reply))));
        }
    }
    server.kill();
    again
}

#[test]
fn every_reply_of_the_page_is_what_a_server_says() {
    let kept = fs::read_to_string(page()).expect("the page");
    let again = typed_again(&kept);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(page(), again).expect("the page");
        return;
    }
    for (kept, again) in kept.lines().zip(again.lines()) {
        assert_eq!(
            kept, again,
            "docs/LANGUAGE.md is out of date; run `UPDATE=1 cargo test -p cli language` and read it"
        );
    }
    assert_eq!(kept.lines().count(), again.lines().count());
}

#[test]
fn every_command_and_query_has_an_example_that_is_understood() {
    let page = fs::read_to_string(page()).expect("the page");
    let lines: Vec<&str> = page.lines().collect();
    let understood = |pair: &[&str]| match pair {
        [asked, reply] if !reply.starts_with("error: ") => asked.strip_prefix("> ").map(str::to_owned),
        _ => None,
    };
    let examples: Vec<String> = lines.windows(2).filter_map(understood).collect();
    let begins = |words: usize| -> BTreeSet<String> {
        let first = |line: &String| line.split(' ').take(words).collect::<Vec<_>>().join(" ");
        examples.iter().map(first).collect()
    };
    let queries = parse("show what", &model::Directory::default(), &OrderNames::default());
    let queries = queries.expect_err("there is no such query").known;
    assert!(!queries.is_empty());
    let missing = |verb: &&&str| !begins(1).contains(**verb);
    assert_eq!(VERBS.iter().filter(missing).collect::<Vec<_>>(), Vec::<&&str>::new());
    for query in queries {
        assert!(begins(2).contains(&format!("show {query}")), "show {query}");
    }
}
