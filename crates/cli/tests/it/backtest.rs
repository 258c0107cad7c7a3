//! Runs over the past from outside: a report that can be made again, a search, and what is missing.

use crate::server::{staysail, text};
use std::fs;
use std::path::Path;
use tempfile::tempdir;

const RUN: &str = r#"
name = "a cross on IBM"
from = "2005-01-01T00:00:00Z"
until = "2010-01-01T00:00:00Z"

[[market]]
symbol = "IBM"
class = "equity"
data = "bars-1d"
fee_maker = "0.001"
fee_taker = "0.001"

[[account]]
name = "paper"
currency = "USD"
cash = "100000"

[[strategy]]
kind = "ma_cross"
markets = ["IBM"]
params = { fast = 10, slow = 30, share = 0.9 }

[search]
params = { fast = { low = 5, high = 15, step = 5 }, slow = { low = 20, high = 60, step = 20 } }

[walk_forward]
rolling = { folds = 3, train = 2 }
"#;

fn well(args: &[&str]) -> String {
    let output = staysail(args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[test]
fn a_report_can_be_made_again_and_the_best_is_doubted() {
    let folder = tempdir().expect("a folder");
    let at = |name: &str| path(folder.path(), name);
    fs::write(at("run.toml"), RUN).expect("a file");
    let missing = staysail(&["backtest", &at("run.toml"), "--out", &at("report")]);
    assert!(!missing.status.success());
    assert!(text(&missing.stderr).contains("import --sample ibm-daily"), "{}", text(&missing.stderr));
    well(&["data", "--catalogue", &at("catalogue"), "import", "--sample", "ibm-daily"]);
    let told = well(&["backtest", &at("run.toml"), "--out", &at("report")]);
    for part in ["round trips", "before you believe it", "final worth by what happened", "digest "] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let page = fs::read_to_string(at("report/report.html")).expect("a page");
    for part in ["<svg", "class=\"months\"", "Before you believe it", "class=\"trade won\""] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http"), "it loads nothing");
    for name in ["report.json", "trades.csv", "equity.csv"] {
        assert!(fs::metadata(folder.path().join("report").join(name)).expect(name).len() > 100);
    }
    assert!(well(&["report", &at("report")]).contains("a cross on IBM"));
    assert!(well(&["report", &at("report"), "--check"]).starts_with("the same: "));
    let first = well(&["optimise", &at("run.toml"), "--threads", "1"]);
    assert!(first.contains("9 trials") && first.contains("deflated Sharpe"), "{first}");
    let second = well(&["optimise", &at("run.toml"), "--threads", "2"]);
    assert!(second.contains("before on this data   9, 9"), "{second}");
    assert!(well(&["walk-forward", &at("run.toml")]).contains("where they were judged"));
}

#[test]
fn the_demo_needs_nothing() {
    let folder = tempdir().expect("a folder");
    let dir = path(folder.path(), "demo");
    let told = well(&["demo", "--dir", &dir, "--listen", "127.0.0.1:0", "--seconds", "3"]);
    for part in ["SPY, a slow moving-average cross", "report.html", "lines over TCP", "stopped after record"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let again = well(&["demo", "--dir", &dir, "--listen", "127.0.0.1:0", "--seconds", "1"]);
    assert!(again.contains("stopped after record"), "{again}");
}
