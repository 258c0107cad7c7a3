//! `docs/PAIRS.md` is the table of pairs as the code has it.

use engine::pairs::{
    FLAG_OUTSIDE, FLAG_SMART, FLAGS, KIND_FLAG, KIND_OUTSIDE, KIND_ROLE, KIND_SMART, KIND_TIME, KINDS, PART,
    ROLES, TIME_FLAG, TIME_OUTSIDE, TIME_ROLE, TIME_SMART, TIMES, Verdict,
};
use model::Combination;
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# What goes with what\n\n\
    An order has a type, a time in force, flags, and at times a place in a group. Each pair of them is allowed\n\
    (`✓`) or refused with `illegal_combination` and the reason in its cell, the same everywhere. An order of many\n\
    words is allowed where every pair of them is. The tables are looked up in the order in which they stand here,\n\
    those of the flags flag by flag; the places in a group come before all of them. The first that refuses gives\n\
    the reason. This page is made from `crates/engine/src/order/pairs.rs`; do not edit it by hand.\n";

const FLAG_NOTES: &str = "\n`post_only` is either of its modes, `self_trade` any of them, `min_qty` a least quantity to trade at once,\n\
    `condition` any `if`.\n";

const ROLE_NOTES: &str = "\nAn order that is alone has no place in a group. `oco leg` is either of two; `oto first` is the order that\n\
    triggers, `oto then` one that is triggered; a bracket is an entry with a stop, a target, or both.\n";

const ROUTE_HEAD: &str = "\n## Smart routing\n\n\
    An order that is routed over several markets, once the tables above allow it.\n\n| | `smart` |\n|---|---|\n";

const ROUTE_NOTES: &str = "\nAn order for one venue is an order for the market there, and may be all that such an order may be. Neither\n\
    goes into a group or under an algo: that is refused with `routed_part`.\n";
const OUTSIDE_NOTES: &str = "\nLooked up last, for orders on a market that is listed on an outside venue. What is allowed is either asked\n\
    of the venue or kept in the house until its moment comes; [VENUES.md](VENUES.md) says which.\n";

fn table<const COLUMNS: usize, const ROWS: usize>(
    page: &mut String,
    title: &str,
    (rows, columns): ([&str; ROWS], [&str; COLUMNS]),
    cells: &[[Verdict; COLUMNS]; ROWS],
) {
    let heads = columns.map(|column| format!(" `{column}` |")).concat();
    write!(page, "\n## {title}\n\n| |{heads}\n|---|{}\n", "---|".repeat(COLUMNS)).expect("a string grows");
    for (row, cells) in rows.iter().zip(cells) {
        let cells: String = cells.map(|cell| format!(" {} |", cell.map_or("✓".to_owned(), word))).concat();
        writeln!(page, "| `{row}` |{cells}").expect("a string grows");
    }
}

/// The reason as the line language writes it.
fn word(reason: Combination) -> String {
    let mut word = String::new();
    for letter in format!("{reason:?}").chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(letter.to_lowercase());
    }
    word
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    table(&mut page, "Type and time in force", (KINDS, TIMES), &KIND_TIME);
    table(&mut page, "Type and flag", (KINDS, FLAGS), &KIND_FLAG);
    page.push_str(FLAG_NOTES);
    table(&mut page, "Time in force and flag", (TIMES, FLAGS), &TIME_FLAG);
    table(&mut page, "Type and place in a group", (KINDS, ROLES), &KIND_ROLE);
    page.push_str(ROLE_NOTES);
    table(&mut page, "Time in force and place in a group", (TIMES, ROLES), &TIME_ROLE);
    page.push_str(ROUTE_HEAD);
    for (words, cells) in
        [(&KINDS[..], &KIND_SMART[..]), (&TIMES[..], &TIME_SMART[..]), (&FLAGS[..], &FLAG_SMART[..])]
    {
        for (name, cell) in words.iter().zip(cells) {
            writeln!(page, "| `{name}` | {} |", cell.map_or("✓".to_owned(), word)).expect("a string grows");
        }
    }
    page.push_str(ROUTE_NOTES);
    let outside = KIND_OUTSIDE.iter().chain(&TIME_OUTSIDE).chain(&FLAG_OUTSIDE);
    let words = KINDS.iter().chain(&TIMES).chain(&FLAGS);
    page.push_str("\n## Outside venues\n\n| | outside |\n|---|---|\n");
    for (name, cell) in words.zip(outside) {
        writeln!(page, "| `{name}` | {} |", cell.map_or("✓".to_owned(), word)).expect("a string grows");
    }
    page.push_str(OUTSIDE_NOTES);
    page.push_str("\n## Reasons\n\n| reason | says |\n|---|---|\n");
    for reason in reasons() {
        writeln!(page, "| `{}` | {reason} |", word(reason)).expect("a string grows");
    }
    page
}

/// The reasons that the cells have, each once.
fn reasons() -> Vec<Combination> {
    let times = KIND_TIME.iter().flatten();
    let flags = KIND_FLAG.iter().chain(&TIME_FLAG).flatten();
    let roles = KIND_ROLE.iter().chain(&TIME_ROLE).flatten();
    let smart = KIND_SMART.iter().chain(&TIME_SMART).chain(&FLAG_SMART).chain([&PART]);
    let outside = KIND_OUTSIDE.iter().chain(&TIME_OUTSIDE).chain(&FLAG_OUTSIDE);
    let all = times.chain(flags).chain(roles).chain(smart).chain(outside);
    let mut reasons: Vec<Combination> = all.copied().flatten().collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

#[test]
fn the_page_of_pairs_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/PAIRS.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page).expect("the page can be written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/PAIRS.md is out of date; run `UPDATE=1 cargo test -p engine pairs`");
}
