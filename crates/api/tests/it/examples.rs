//! The examples of `docs/API.md`, typed from top to bottom: every one is answered as a good one.

use crate::client::Client;
use crate::world::World;
use serde_json::Value;
use std::path::Path;

/// The words of a command line, as a shell would part them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_example_of_the_page_works() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md"))
        .expect("the page");
    let world = World::start();
    let link = world.api.as_ref().and_then(api::Api::setup_link).expect("a link").to_owned();
    let setup = link.split_once("token=").expect("a token").1;
    let (mut token, mut typed) = (String::new(), 0);
    for line in page.lines().filter(|line| line.starts_with("curl ")) {
        let line = line.replace("$SETUP", setup).replace("$TOKEN", &token);
        let (mut method, mut body, mut path, mut header) = (None, String::new(), String::new(), None);
        let all = words(&line);
        let mut rest = all.iter().skip(1);
        while let Some(word) = rest.next() {
            match word.as_str() {
                "-s" => {}
                "-X" => method = rest.next().cloned(),
                "-H" => header = rest.next().and_then(|header| header.split_once(": ")),
                "-d" => body = rest.next().expect("a body").clone(),
                address => path = address.trim_start_matches("localhost:8080").to_owned(),
            }
        }
        let method = method.unwrap_or_else(|| if body.is_empty() { "GET" } else { "POST" }.to_owned());
        let answer = Client::new(world.address).send(&method, &path, header.as_slice(), body.as_bytes());
        assert!(answer.status < 300, "{line}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        let told: Value = answer.json();
        if let Some(access) = told["access_token"].as_str() {
            access.clone_into(&mut token);
        }
        typed += 1;
    }
    assert!(typed >= 12, "only {typed} examples were found");
}
