//! `staysail risk report` on a journal that a server left, and beside one that runs.

use crate::server::{Server, staysail, text};
use std::path::Path;
use tempfile::tempdir;

const LINES: &[&str] = &[
    "asset USD",
    "asset OIL",
    "asset GAS",
    "list OIL-F future OIL/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 expiry 2027-12-21T00:00:00Z",
    "list GAS-F perpetual GAS/USD tick 0.01 lot 1 initial 0.2 maintenance 0.1 funding_interval_ns 28800000000000",
    "user ann",
    "account mary of ann margin USD",
    "account mike of ann margin USD",
    "deposit mary 10000 USD",
    "deposit mike 20000 USD",
    "mark OIL-F 100",
    "sell mike 200 OIL-F @ 100 id m1",
    "buy mary 200 OIL-F @ 100 id a1",
    "limit account mary leverage ratio 4 by ann because desk",
    "limit house order_size qty 500lots by ann because desk",
    "limit user ann open_orders count 9 by ann because desk",
    "buy mary 1 OIL-F @ 80 id rests",
    "limit account mary value_at_risk amount 500 USD by ann because desk",
    "limit account mary daily_loss amount 1000 USD policy reduce_only by ann because desk",
    "mark OIL-F 93",
];

fn report(data: &Path, more: &[&str]) -> String {
    let mut all = vec!["risk", "report", "--data", data.to_str().expect("a plain path")];
    all.extend(more);
    let output = staysail(&all);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_report_says_how_risk_stands_in_three_forms() {
    let folder = tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Server::start_with(&data, &["--statistics-interval-s", "0"]);
    let mut client = server.client();
    for line in LINES {
        let reply = client.ask(line);
        assert!(
            !reply
                .iter()
                .any(|line| ["refused", "rejected", "error"].iter().any(|word| line.starts_with(word))),
            "{reply:?}"
        );
    }
    // Beside the running server.
    let whole: serde_json::Value = serde_json::from_str(&report(&data, &[])).expect("json");
    assert_eq!(whole["equity"][1]["whose"], "mary");
    // Ten thousand, less two hundred times seven.
    assert_eq!(whole["equity"][1]["equity"], "8600");
    assert_eq!(whole["equity"][0]["equity"], "30000");
    assert_eq!(whole["exposures"][0]["net"], "18600", "{}", whole["exposures"]);
    let find = |table: &str, key: &str, word: &str| {
        let rows = whole[table].as_array().expect("rows").clone();
        rows.into_iter().find(|row| row[key].as_str().is_some_and(|text| text.contains(word))).expect("a row")
    };
    assert_eq!(find("limits", "limit", "open_orders")["used"]["text"], "1 of 9");
    assert_eq!(find("limits", "limit", "daily_loss")["used"]["text"], "1400 lost of 1000, broken");
    assert_eq!(
        find("limits", "limit", "value_at_risk")["used"]["unknown"],
        "refused input_missing value_at_risk account mary"
    );
    assert_eq!(find("limits", "limit", "order_size")["used"], "looks at each order");
    let stress = whole["stress"].as_array().expect("rows");
    let of_mary = stress.iter().find(|row| row["whose"] == "mary" && row["stress"] == "all prices fall 10 %");
    assert_eq!(of_mary.expect("a stress")["result"], "-1860");
    assert_eq!(find("alerts", "what", "daily_loss")["state"], "open");
    assert_eq!(find("margin", "whose", "mary")["initial"], "1860");
    let csv = report(&data, &["--format", "csv"]);
    assert!(
        csv.starts_with("table,row,figure,value,share\n") && csv.contains("equity,2,equity,8600,\n"),
        "{csv}"
    );
    assert!(server.stop().1);
    let page = folder.path().join("report.html");
    report(&data, &["--format", "html", "--out", page.to_str().expect("a plain path")]);
    let page = std::fs::read_to_string(page).expect("a page");
    for part in ["<!doctype html>", "8,600.00", "1400 lost of 1000, broken", "Stress", "</html>"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http") && !page.contains("<script"), "it needs nothing beside it");
}

#[test]
fn a_report_that_cannot_be_made_says_why() {
    let folder = tempdir().expect("a folder");
    let data = folder.path().join("none");
    let output = staysail(&["risk", "report", "--data", data.to_str().expect("a plain path")]);
    assert!(!output.status.success() && text(&output.stderr).contains("name the folder"));
}
