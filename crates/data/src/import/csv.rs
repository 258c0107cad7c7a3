//! Comma-separated text through a mapping.

use super::fields::{Fields, Plan};
use super::mapped::Mapped;
use super::mapping::{Header, Mapping};
use super::source::Text;
use super::{Sourced, decimal::Decimal};
use crate::{DataError, LineFault};
use csv::{ReaderBuilder, StringRecord};
use model::Grid;

/// The rows of a text. Columns go by the names of the header, or by their numbers from 0.
pub fn csv_rows<R: Mapped>(
    text: Text,
    mapping: &Mapping,
    grid: Grid,
) -> Result<impl Iterator<Item = Sourced<R>> + use<R>, DataError> {
    let delimiter = u8::try_from(mapping.csv.delimiter)
        .or(Err(DataError::Mapping("the delimiter must be one plain character".to_owned())))?;
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.read);
    let name = text.name;
    let mut first = StringRecord::new();
    for _ in 0..=mapping.csv.skip {
        reader.read_record(&mut first).map_err(|error| fault(&error).at(&name, error_line(&error)))?;
    }
    let has_header = match mapping.csv.header {
        Header::Yes => true,
        Header::No => false,
        Header::Auto => first.get(0).is_some_and(|cell| Decimal::parse(cell).is_err() && !looks_dated(cell)),
    };
    let numbers = |column: &str| {
        let named = has_header.then(|| first.iter().position(|cell| cell.trim() == column)).flatten();
        named.or_else(|| column.parse().ok())
    };
    let plan = Plan::new::<R>(mapping, grid, numbers)?;
    let mut waiting = (!has_header && !first.is_empty()).then_some(first);
    let mut record = StringRecord::new();
    Ok(std::iter::from_fn(move || {
        let more = match waiting.take() {
            Some(first) => {
                record = first;
                Ok(true)
            }
            None => reader.read_record(&mut record),
        };
        let line = record.position().map_or(0, csv::Position::line);
        match more {
            Ok(false) => None,
            Ok(true) => {
                let cell = |at: usize| record.get(at);
                let row = R::build(&Fields { plan: &plan, cell: &cell });
                Some(row.map(|row| (line, row)).map_err(|fault| fault.at(&name, line)))
            }
            Err(error) => Some(Err(fault(&error).at(&name, error_line(&error)))),
        }
    }))
}

fn looks_dated(cell: &str) -> bool {
    cell.starts_with(|letter: char| letter.is_ascii_digit())
}

fn fault(error: &csv::Error) -> LineFault {
    LineFault::Malformed(error.to_string())
}

fn error_line(error: &csv::Error) -> u64 {
    error.position().map_or(0, csv::Position::line)
}
