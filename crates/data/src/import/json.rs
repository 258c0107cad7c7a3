//! One JSON object a line through a mapping. Numbers are read as they are written, never as floats.

use super::Sourced;
use super::fields::{Fields, Plan};
use super::mapped::Mapped;
use super::mapping::Mapping;
use super::source::Text;
use crate::{DataError, LineFault};
use model::Grid;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

/// The rows of a text. A column is a key, or keys with dots between them.
pub fn json_rows<R: Mapped>(
    text: Text,
    mapping: &Mapping,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<R>> + use<R>, DataError> {
    let mut paths: Vec<String> = mapping.columns.values().cloned().collect();
    if paths.is_empty() {
        paths.extend(R::FIELDS.iter().map(|field| field.name.to_owned()));
    }
    let plan = Plan::new::<R>(mapping, grid, |column| paths.iter().position(|path| path == column))?;
    let name = text.name;
    let lines = BufReader::new(text.read).lines().zip(1u64..);
    Ok(lines.filter_map(move |(line, number)| {
        let row = match line {
            Ok(line) if line.trim().is_empty() => return None,
            Ok(line) => build::<R>(&plan, &paths, &line),
            Err(error) => Err(LineFault::Malformed(error.to_string())),
        };
        Some(row.map(|row| (number, row)).map_err(|fault| fault.at(&name, number)))
    }))
}

fn build<R: Mapped>(plan: &Plan, paths: &[String], line: &str) -> Result<R, LineFault> {
    let malformed = |error: serde_json::Error| LineFault::Malformed(error.to_string());
    let mut object: BTreeMap<String, &RawValue> = serde_json::from_str(line).map_err(malformed)?;
    let mut cells = Vec::with_capacity(paths.len());
    for path in paths {
        cells.push(match object.remove(path) {
            Some(raw) => plain(raw.get()),
            None => nested(line, path),
        });
    }
    let cell = |at: usize| cells.get(at)?.as_deref();
    R::build(&Fields { plan, cell: &cell })
}

fn nested(line: &str, path: &str) -> Option<String> {
    let mut at = line;
    for key in path.split('.') {
        let object: BTreeMap<String, &RawValue> = serde_json::from_str(at).ok()?;
        at = object.get(key)?.get();
    }
    plain(at)
}

/// Text without its quotes, numbers and truths as they stand; null is nothing.
fn plain(raw: &str) -> Option<String> {
    match raw {
        "null" => None,
        _ if raw.starts_with('"') => serde_json::from_str(raw).ok(),
        _ => Some(raw.to_owned()),
    }
}
