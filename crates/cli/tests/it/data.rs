//! `staysail data` from outside, on real files: in, out and in again, checked, cut by signals, and refused with
//! words that say what to do.

use crate::server::{staysail, text};
use rustix::process::{Pid, Signal, kill_process};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::{TempDir, tempdir};

/// Rows of the long file: enough that an import of it can be cut.
const LONG: usize = 600_000;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn args(&self, line: &str) -> Vec<String> {
        let catalogue = self.path("catalogue").display().to_string();
        let words =
            line.split(' ').map(|word| word.replace("TMP", &self.folder.path().display().to_string()));
        ["data".to_owned(), "--catalogue".to_owned(), catalogue].into_iter().chain(words).collect()
    }

    fn run(&self, line: &str) -> Output {
        let args = self.args(line);
        staysail(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What a task that goes well prints.
    fn well(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        assert_eq!(text(&output.stderr), "", "no bar where nobody watches: {line}");
        text(&output.stdout)
    }

    /// What a task that is refused says.
    fn refused(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(!output.status.success(), "{line}: {}", text(&output.stdout));
        text(&output.stdout) + &text(&output.stderr)
    }
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/samples").join(name);
    path.display().to_string()
}

fn has(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[test]
fn from_samples_to_bars_and_out_and_in_again() {
    let place = Place::new();
    has(&place.well("import --sample list"), &["spy-daily", "btc-ticks", "BTC-USDT trades, quotes, depth"]);
    has(&place.well("import --sample all"), &["spy-daily: 5849 new rows of SPY bars-1d, 0 known"]);
    has(&place.well("import --sample spy-daily"), &["0 new rows of SPY bars-1d, 5849 known"]);
    has(&place.well("list"), &["BTC-USD", "3887 rows", "IBM", "2021-03-31T00:00:00Z"]);
    has(&place.well("list IBM"), &["5849 rows"]);
    let shown = place.well("show SPY bars-1d --from 2021-03-31 --limit 3");
    has(&shown, &["time", "close", "396.33", "90673494"]);
    assert_eq!(shown.lines().count(), 2, "{shown}");
    has(&place.well("show SPY bars-1d --limit 1"), &["97.36", "there are more"]);
    has(&place.well("stats BTC-USD bars-1d"), &["1318 rows on disk", "tick 0.01", "log return"]);
    has(&place.well("stats BTC-USDT trades"), &["408 rows", "volume"]);
    has(&place.well("check BTC-USDT trades"), &["408 rows", "nothing wrong"]);
    has(
        &place.refused("check BTC-USD bars-1m"),
        &["gap:", "missing: 433 rows", "faults in bars-1m of BTC-USD"],
    );
    has(&place.refused("check BTC-USDT trades --skew 1s"), &["clock skew: 408"]);
    has(&place.well("check"), &["every byte is as it was written"]);
    has(&place.well("show BTC-USDT depth --book 2"), &["ask", "bid", "levels in all"]);

    let made = place.well("aggregate BTC-USD bars-1m --into 7m --into 1h --into renko100");
    has(&made, &["bars-7m: ", "bars-1h: 72 new bars of BTC-USD", "bars-renko100: "]);
    has(&place.well("aggregate BTC-USD bars-1m --into 1h"), &["0 new bars of BTC-USD, 72 known"]);
    for kind in ["1s", "50t", "volume100000000", "value100000", "range100"] {
        has(&place.well(&format!("aggregate BTC-USDT trades --into {kind}")), &["new bars of BTC-USDT"]);
    }
    for (ending, number) in [("csv", 1), ("jsonl", 2), ("parquet", 3)] {
        has(
            &place.well(&format!("export BTC-USD bars-1h --out TMP/out.{ending}")),
            &["72 rows of BTC-USD bars-1h"],
        );
        let into = format!(
            "import TMP/out.{ending} --instrument COPY{number} --kind bars-1h --tick 0.01 --lot 0.000000000001"
        );
        has(&place.well(&into), &["72 new rows of COPY", "0 faulty"]);
        let copy = place.well(&format!("export COPY{number} bars-1h"));
        assert_eq!(copy, place.well("export BTC-USD bars-1h"), "{ending}");
    }
}

#[test]
fn files_of_others_by_a_mapping_and_by_their_format() {
    let place = Place::new();
    let file = sample("SPY_20131007_11.csv.gz");
    let grid = "--tick 0.0001 --lot 1";
    let line = format!("import {file} --instrument SPY --kind bars-1m --zone America/New_York");
    has(&place.refused(&line), &["SPY is new here: say its grid, such as --tick 0.01 --lot 0.00001"]);
    has(&place.well(&format!("{line} {grid}")), &["4128 new rows of SPY bars-1m"]);
    has(&place.well("show SPY bars-1m --limit 1"), &["2013-10-07T08:00:00Z", "2013-10-07T08:01:00Z"]);

    let daily = format!("import {} --instrument IBM --kind bars-1d {grid}", sample("IBM_daily.csv.gz"));
    has(&place.refused(&daily), &["the source has no column `time`"]);
    let mapping =
        "columns = { time = \"date\", open = \"open\", high = \"high\", low = \"low\", close = \"close\" }\n";
    fs::write(place.path("days.toml"), mapping).expect("written");
    has(&place.well(&format!("{daily} --mapping TMP/days.toml")), &["5849 new rows of IBM bars-1d"]);

    let capture = sample("spot_btcusdt_20240808_head.jsonl.gz");
    for (kind, rows) in [("trades", "408 new"), ("quotes", "new rows"), ("depth", "new rows")] {
        let line = format!(
            "import {capture} --format binance-capture --instrument BTC-USDT --kind {kind} --tick 0.01 --lot 0.00000001"
        );
        has(&place.well(&line), &[rows]);
    }
    has(
        &place.refused(&format!("import {capture} --format excel --instrument X --kind trades")),
        &["`excel` is not a format: take one of csv, json"],
    );
    fs::write(place.path("notes.txt"), "nothing").expect("written");
    has(
        &place.refused("import TMP/notes.txt --instrument SPY --kind bars-1m"),
        &["says no format: say one with --format"],
    );
    has(&place.refused("import TMP/none.csv --instrument SPY --kind bars-1m"), &["cannot read", "none.csv"]);
    has(
        &place.refused("import TMP/none.csv --instrument SPY --kind candles"),
        &["`candles` is not a kind of data"],
    );
    fs::write(place.path("bad.csv"), "time,price,qty\n2024-08-08,1.005,1\n").expect("written");
    let bad = place.refused("import TMP/bad.csv --instrument X --kind trades --tick 0.01 --lot 1");
    has(&bad, &["bad.csv:2: `price` is `1.005`: not a multiple of 0.01"]);
}

#[test]
fn what_is_missing_is_said_with_what_there_is() {
    let place = Place::new();
    has(&place.refused("list"), &["`staysail data import --sample all` brings some"]);
    has(
        &place.refused("show SPY trades"),
        &["there are no rows of SPY trades: ", "is empty; import them first"],
    );
    place.well("import --sample btc-daily");
    has(&place.refused("show SPY trades"), &["has only BTC-USD; import them first"]);
    has(&place.refused("check BTC-USD trades"), &["has only bars-1d of it"]);
    let late = place.refused("export BTC-USD bars-1d --from 2030-01-01 --out TMP/none.csv");
    has(&late, &["from 2014-12-01T00:00:00Z to 2018-08-13T00:00:00Z"]);
    assert!(!place.path("none.csv").exists() && !place.path("none.csv.new").exists(), "nothing is left");
    has(&place.refused("stats BTC-USD depth"), &["there are no rows of BTC-USD depth"]);
    has(&place.refused("aggregate BTC-USD trades --into 1m"), &["there are no rows of BTC-USD trades"]);
    has(
        &place.refused("show BTC-USD bars-1d --from 2018-01-02 --until 2018-01-01"),
        &["is not after --from"],
    );

    let holes = "backfill BTC-USD bars-1d --from 2018-08-10 --until 2018-08-20 --binance BTCUSDT";
    let said = place.refused(holes);
    has(
        &said,
        &["missing from 2018-08-14T00:00:00Z until 2018-08-20T00:00:00Z", "BTCUSDT-1d-2018-08-14.zip"],
    );
    fs::create_dir(place.path("more")).expect("a folder");
    let mut days = "time,open,high,low,close,volume\n".to_owned();
    for day in 12..20 {
        writeln!(days, "2018-08-{day},1,2,1,2,5").expect("memory");
    }
    fs::write(place.path("more/days.csv"), days).expect("written");
    let filled = place.well(&format!("{holes} --source TMP/more"));
    has(&filled, &["6 new rows of BTC-USD bars-1d", "nothing is missing"]);
    has(&place.well("show BTC-USD bars-1d --from 2018-08-13 --limit 1"), &["6253.67"]);
}

/// Trades of some days, as text.
fn long_file(place: &Place) {
    let mut rows = "time,price,qty,id\n".to_owned();
    for id in 0..LONG {
        let ms = 1_723_075_200_000 + id as u64 * 900;
        writeln!(rows, "{ms},{}.{:02},0.5,{id}", 60_000 + id % 997, id % 100).expect("memory");
    }
    fs::write(place.path("long.csv"), rows).expect("written");
}

const IMPORT: &str = "import TMP/long.csv --instrument BTC-USDT --kind trades --tick 0.01 --lot 0.1";

/// Starts an import, and ends it once it has put the first rows on disk. None: it was faster than we looked.
fn cut(place: &Place, signal: Signal) -> Option<Output> {
    let mut import = Command::new(env!("CARGO_BIN_EXE_staysail"))
        .args(place.args(IMPORT))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let first = place.path("catalogue/BTC-USDT/trades/2024-08-08/manifest");
    while !first.exists() && import.try_wait().expect("a child").is_none() {
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&import), signal).ok();
    let output = import.wait_with_output().expect("an end");
    (!output.status.success()).then_some(output)
}

#[test]
fn an_import_that_was_killed_goes_on() {
    let place = Place::new();
    long_file(&place);
    assert!(cut(&place, Signal::KILL).is_some(), "killed before its end");
    let said = place.well(IMPORT);
    assert!(!said.contains(" 0 known"), "it went on: {said}");
    has(&place.well("list"), &["600000 rows"]);
    has(&place.well("check BTC-USDT trades"), &["600000 rows", "nothing wrong"]);
    let output = place.run("check --repair");
    assert!(output.status.success(), "{}", text(&output.stderr));
    has(&place.well("check"), &["every byte is as it was written"]);
}

#[test]
fn an_import_that_is_interrupted_says_how_to_go_on() {
    let place = Place::new();
    long_file(&place);
    let output = cut(&place, Signal::INT).expect("stopped before its end");
    has(&text(&output.stderr), &["was not imported whole", "run it again to continue"]);
    has(&place.well("check"), &["every byte is as it was written"]);
    let said = place.well(IMPORT);
    assert!(!said.contains(" 0 known"), "it went on: {said}");
    has(&place.well("stats BTC-USDT trades"), &["600000 rows on disk"]);
}
