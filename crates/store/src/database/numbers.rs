//! Sums in SQLite as exact as PostgreSQL's: `exact_sum` adds decimals in text as integers of 10⁻¹⁸.
//! A sum that cannot be counted is an error, never a guess.

use model::Money;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};

struct ExactSum;

impl Aggregate<Money, Option<String>> for ExactSum {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Money> {
        Ok(Money::ZERO)
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Money) -> rusqlite::Result<()> {
        let value = match context.get_raw(0) {
            ValueRef::Null => return Ok(()),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(|text| Money::parse(text).ok()),
            _ => None,
        };
        let value = value.ok_or_else(|| said("not a decimal"))?;
        *sum = sum.checked_add(value).ok_or_else(|| said("the sum is too large to count"))?;
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, sum: Option<Money>) -> rusqlite::Result<Option<String>> {
        Ok(sum.map(|sum| sum.to_string()))
    }
}

fn said(what: &str) -> Error {
    Error::UserFunctionError(what.into())
}

pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_aggregate_function("exact_sum", 1, flags, ExactSum)
}
