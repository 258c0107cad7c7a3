//! Lean's files: their names say date, resolution and kind, their numbers are tenths of a mill for equities.

use super::mapping::{Header, Mapping, TimeMapping};
use super::time::TimeUnit;
use crate::DataError;

/// What a name such as `20131007_spy_minute_trade.csv` or `spy.csv` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeanFile<'a> {
    pub name: &'a str,
    /// Prices are ×10,000, as Lean keeps those of equities.
    pub is_equity: bool,
    /// The exchange's zone, in which Lean writes times.
    pub zone: &'a str,
}

/// How to read it. Bars keep the time of their start; quotes of bars are those of their end, so never early.
pub fn lean_mapping(file: &LeanFile<'_>) -> Result<Mapping, DataError> {
    let stem = file.name.rsplit('/').next().unwrap_or(file.name).split('.').next().unwrap_or_default();
    let words: Vec<&str> = stem.split('_').collect();
    let intraday =
        words.first().filter(|word| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit()));
    let resolution = words.iter().find_map(|word| length(word));
    let is_quote = words.contains(&"quote");
    let is_tick = words.contains(&"tick");
    let fields: &[(&str, usize)] = match (is_tick, is_quote) {
        (true, false) => &[("time", 0), ("price", 1), ("qty", 2)],
        (true, true) => &[("time", 0), ("bid", 1), ("bid_qty", 2), ("ask", 3), ("ask_qty", 4)],
        (false, false) => &[("time", 0), ("open", 1), ("high", 2), ("low", 3), ("close", 4), ("volume", 5)],
        (false, true) => &[("time", 0), ("bid", 4), ("bid_qty", 5), ("ask", 9), ("ask_qty", 10)],
    };
    let mut mapping = Mapping::numbered(fields);
    mapping.csv.header = Header::No;
    mapping.length = Some(resolution.unwrap_or("1d").to_owned()).filter(|_| !is_tick && !is_quote);
    let date = intraday.map(|date| (*date).to_owned());
    mapping.time = TimeMapping {
        unit: if date.is_some() { TimeUnit::MsOfDay } else { TimeUnit::Compact },
        zone: Some(file.zone.to_owned()),
        date,
        shift: resolution.filter(|_| is_quote).map(str::to_owned),
    };
    if !is_tick && resolution.is_none() && intraday.is_some() {
        let say = format!("`{}` names no resolution: tick, second, minute, hour or daily", file.name);
        return Err(DataError::Mapping(say));
    }
    if file.is_equity {
        for price in ["open", "high", "low", "close", "price", "bid", "ask"] {
            mapping.scale.insert(price.to_owned(), "0.0001".to_owned());
        }
    }
    Ok(mapping)
}

fn length(word: &str) -> Option<&'static str> {
    Some(match word {
        "second" => "1s",
        "minute" => "1m",
        "hour" => "1h",
        "daily" => "1d",
        _ => return None,
    })
}
