//! How the columns of a source become rows: a table that anyone can write, with presets for known formats.

use super::decimal::Decimal;
use super::time::{Clock, TimeUnit};
use crate::DataError;
use crate::row::{BarSpec, Kind};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The declaration, as TOML or made in code. `docs/DATA.md` has an example of each part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Field of the row → column of the source: its name, its number from 0, or in JSON its path with dots.
    pub columns: BTreeMap<String, String>,
    pub time: TimeMapping,
    /// Field → factor, where a source counts in another unit (`price = "0.0001"`).
    pub scale: BTreeMap<String, String>,
    /// What the source writes for each side, where it is not buy and sell.
    pub values: Values,
    pub csv: CsvShape,
    /// How long a bar of the source is (`1m`); gives bars their end where no column does.
    pub length: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeMapping {
    pub unit: TimeUnit,
    /// The zone of times without one; UTC if absent.
    pub zone: Option<String>,
    /// The date of times that count from midnight.
    pub date: Option<String>,
    /// Added to every time (`1m`, `-1m`): for rows named by their start that are known at their end.
    pub shift: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Values {
    pub buy: Vec<String>,
    pub sell: Vec<String>,
    /// What says that nobody knows.
    pub none: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CsvShape {
    pub delimiter: char,
    pub header: Header,
    /// Lines before the header.
    pub skip: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// There is one if the first cell is no number.
    #[default]
    Auto,
    Yes,
    No,
}

impl Default for Values {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            buy: list(&["buy", "Buy", "BUY", "B", "b", "bid", "Bid", "1"]),
            none: Vec::new(),
            sell: list(&["sell", "Sell", "SELL", "S", "s", "A", "a", "ask", "Ask", "-1"]),
        }
    }
}

impl Default for CsvShape {
    fn default() -> Self {
        Self { delimiter: ',', header: Header::Auto, skip: 0 }
    }
}

impl Mapping {
    pub fn parse(text: &str) -> Result<Self, DataError> {
        toml::from_str(text).map_err(|error| DataError::Mapping(error.message().to_owned()))
    }

    /// Fields by the number of their column.
    #[must_use]
    pub fn numbered(fields: &[(&str, usize)]) -> Self {
        let columns = fields.iter().map(|(field, at)| ((*field).to_owned(), at.to_string())).collect();
        Self { columns, ..Self::default() }
    }

    pub(crate) fn clock(&self) -> Result<Clock, DataError> {
        let shift = self.time.shift.as_deref().map_or(Ok(0), |text| match text.strip_prefix('-') {
            Some(back) => length_ns(back).map(|ns| -ns),
            None => length_ns(text),
        })?;
        Clock::new(self.time.unit, self.time.zone.as_deref(), self.time.date.as_deref(), shift)
    }

    pub(crate) fn length_ns(&self) -> Result<Option<i64>, DataError> {
        self.length.as_deref().map(length_ns).transpose()
    }

    pub(crate) fn scale_of(&self, field: &str) -> Result<Option<Decimal>, DataError> {
        let parse = |text: &String| {
            Decimal::parse(text).map_err(|fault| DataError::Mapping(format!("scale of `{field}`: {fault}")))
        };
        self.scale.get(field).map(parse).transpose()
    }
}

fn length_ns(text: &str) -> Result<i64, DataError> {
    match format!("bars-{text}").parse() {
        Ok(Kind::Bars(BarSpec::Time(ns))) => Ok(ns),
        _ => Err(DataError::Mapping(format!("`{text}` is not a length of time: write it like 1m or 250ms"))),
    }
}
