//! Which rows a task is about: an instrument, a kind, and a range of time. What was typed is read here.

use anyhow::{Context, Result, anyhow};
use data::{BarSpec, Kind, Shelf};
use model::{Symbol, Time};
use std::ops::Range;

/// One series and a range of it.
#[derive(clap::Args)]
pub struct Series {
    /// The instrument, such as BTC-USDT.
    #[arg(value_parser = symbol)]
    pub instrument: Symbol,
    /// The kind of rows: trades, quotes, depth, orders, bars-1m, funding, actions, news, facts, series-NAME.
    #[arg(value_parser = kind)]
    pub kind: Kind,
    #[command(flatten)]
    pub within: Within,
}

/// A range of time; all of it if nothing is said.
#[derive(clap::Args)]
pub struct Within {
    /// From this moment on: 2024-08-08, or 2024-08-08T14:30:00Z.
    #[arg(long, value_parser = time)]
    from: Option<Time>,
    /// Before this moment.
    #[arg(long, value_parser = time)]
    until: Option<Time>,
}

impl Series {
    pub fn shelf(&self) -> Shelf {
        Shelf { instrument: self.instrument, kind: self.kind }
    }

    pub fn range(&self) -> Result<Range<Time>> {
        self.within.range()
    }

    /// The range, both ends of which must be said.
    pub fn closed_range(&self) -> Result<Range<Time>> {
        let Within { from, until } = self.within;
        from.zip(until).context("say from when until when with --from and --until")?;
        self.range()
    }
}

impl Within {
    pub fn range(&self) -> Result<Range<Time>> {
        let range = self.from.unwrap_or(Time::MIN)..self.until.unwrap_or(Time::MAX);
        if range.start < range.end {
            Ok(range)
        } else {
            Err(anyhow!("--until {} is not after --from {}", range.end, range.start))
        }
    }
}

pub fn symbol(text: &str) -> Result<Symbol> {
    Ok(Symbol::new(text)?)
}

pub fn kind(text: &str) -> Result<Kind> {
    Ok(text.parse()?)
}

/// A day is its first moment in UTC.
pub fn time(text: &str) -> Result<Time> {
    let is_day = text.len() == "2024-08-08".len();
    let whole = if is_day { format!("{text}T00:00:00Z") } else { text.to_owned() };
    Ok(Time::parse(&whole)?)
}

/// A length of time such as 1m or 250ms, in nanoseconds.
pub fn length_ns(text: &str) -> Result<i64> {
    match text.parse() {
        Ok(BarSpec::Time(ns)) => Ok(ns),
        _ => Err(anyhow!("write a length of time like 1m, 5s or 250ms")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        assert_eq!(time("2024-08-08").expect("a day"), time("2024-08-08T00:00:00Z").expect("a moment"));
        assert!(time("yesterday").is_err());
        assert_eq!(length_ns("5m").expect("a length"), 300_000_000_000);
        assert!(length_ns("100t").is_err());
        let within = Within { from: Some(Time(5)), until: Some(Time(5)) };
        assert!(within.range().is_err());
    }
}
