//! Reads the files of `tests/golden/` and compares with the tolerance that their makers state.

use serde_json::Value;
use std::path::Path;

pub fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

pub fn json(name: &str) -> Value {
    serde_json::from_str(&read(name)).expect("a golden file is JSON")
}

/// The number at a path such as `["0.95", "parametric_normal_var"]`.
pub fn number(json: &Value, path: &[&str]) -> f64 {
    let found = path.iter().fold(json, |value, key| &value[*key]);
    found.as_f64().unwrap_or_else(|| panic!("no number at {path:?}"))
}

/// The rows of a table, without its header.
pub fn rows(name: &str) -> Vec<Vec<String>> {
    let text = read(name);
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Closes from `first` to `last`, both included, with their dates.
pub fn closes(name: &str, first: &str, last: &str) -> Vec<(String, f64)> {
    let rows = rows(name).into_iter().filter(|row| row[0].as_str() >= first && row[0].as_str() <= last);
    rows.map(|row| (row[0].clone(), row[1].parse().expect("a close is a number"))).collect()
}

pub fn simple_returns(closes: &[f64]) -> Vec<f64> {
    closes.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

pub fn returns_of(name: &str, first: &str, last: &str) -> Vec<f64> {
    let closes: Vec<f64> = closes(name, first, last).into_iter().map(|(_, close)| close).collect();
    simple_returns(&closes)
}

/// Relative above one, absolute below.
#[track_caller]
pub fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found - expected).abs() / expected.abs().max(1.0);
    assert!(error <= tolerance, "{what}: found {found}, expected {expected}, error {error:e}");
}

#[track_caller]
pub fn close_relative(what: &str, found: f64, expected: f64, tolerance: f64) {
    let error = (found / expected - 1.0).abs();
    assert!(error <= tolerance, "{what}: found {found}, expected {expected}, error {error:e}");
}
