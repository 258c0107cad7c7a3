//! `docs/REASONS.md` is the table of refusals as the code has it.

use crate::samples::rejects;
use std::collections::BTreeSet;
use std::path::Path;

const HEAD: &str = "# Why not\n\n\
    Every refusal has a code that never changes, a sentence, and something you can do. Amounts in the sentences\n\
    are examples. This table is made from `crates/model/src/reject.rs`; do not edit it by hand.\n\n\
    | code | says | what to do |\n|---|---|---|\n";

#[test]
fn the_table_of_reasons_is_what_the_code_says() {
    let rows = rejects().into_iter().map(|reject| {
        let (code, advice) = (reject.code(), reject.advice());
        format!("| `{code}` | {reject} | {advice} |\n")
    });
    let table = HEAD.to_owned() + &rows.collect::<String>();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/REASONS.md");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, table).unwrap();
        return;
    }
    let other: Vec<String> = [(&kept, "-", &table), (&table, "+", &kept)]
        .into_iter()
        .flat_map(|(of, mark, not)| {
            let missing = of.lines().filter(|line| !not.lines().any(|same| same == *line));
            missing.map(move |line| format!("{mark} {line}"))
        })
        .collect();
    assert!(
        kept == table,
        "docs/REASONS.md is out of date; run `UPDATE=1 cargo test -p model reasons`\n{}",
        other.join("\n")
    );
}

#[test]
fn codes_are_unique_and_sentences_read_like_sentences() {
    let codes: BTreeSet<&str> = rejects().iter().map(model::Reject::code).collect();
    assert_eq!(codes.len(), rejects().len());
    for reject in rejects() {
        let said = reject.to_string();
        assert!(
            !said.contains('(') && !said.ends_with('.') && said.starts_with(|c: char| !c.is_uppercase()),
            "{said}"
        );
    }
}
