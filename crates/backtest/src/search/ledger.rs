//! Every trial that was ever run on some data, as far as this file knows: one line a search. The best of a hundred is
//! not the best of a hundred if nine hundred were tried the week before.

use crate::error::BacktestError;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    data: String,
    strategy: String,
    trials: u64,
}

/// How many trials on this data are known.
pub fn trials_before(path: &Path, data: &str) -> Result<u64, BacktestError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed(path, &error.to_string())),
    };
    let mut sum = 0_u64;
    for line in text.lines().filter(|line| !line.is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|error| failed(path, &error.to_string()))?;
        sum = sum.saturating_add(if line.data == data { line.trials } else { 0 });
    }
    Ok(sum)
}

/// Notes a search.
pub fn note_trials(path: &Path, data: &str, strategy: &str, trials: u64) -> Result<(), BacktestError> {
    let line = Line { data: data.to_owned(), strategy: strategy.to_owned(), trials };
    let mut text = serde_json::to_string(&line).map_err(|error| failed(path, &error.to_string()))?;
    text.push('\n');
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| failed(path, &error.to_string()))
}

fn failed(path: &Path, fault: &str) -> BacktestError {
    BacktestError::Data(format!("the ledger of trials {}: {fault}", path.display()))
}
