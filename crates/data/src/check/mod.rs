//! Looks at rows as they come, of the past or of a live feed alike, and says what is wrong with them.
//! A report counts every fault and spells out the first; a gate says whether an instrument may be trusted now.
//! Memory is bounded: the last few rows and the first few faults.

mod faults;
mod gate;

pub use faults::{Checked, RowFault};
pub use gate::{Gate, GateHalt, GatePolicy, GateTurn};

use model::{Rate, Time};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// Rows among which a duplicate is looked for, all of the same moment.
const RECENT: usize = 64;
/// Faults of each kind that a report spells out.
const TOLD: usize = 20;
/// Gaps that a report keeps, for a backfill.
const GAPS: usize = 10_000;

/// From when on something is a fault. None: not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckLimits {
    /// How far apart rows are: bars of a known length.
    pub interval_ns: Option<i64>,
    /// The longest time without a row.
    pub silence_ns_max: Option<i64>,
    /// The longest time that rows come and the price stays.
    pub stale_ns_max: Option<i64>,
    /// The largest move between two rows, as a share of the price.
    pub spike_max: Option<Rate>,
    /// The largest difference of our time and the venue's.
    pub skew_ns_max: Option<i64>,
}

/// What was found in a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    pub rows: u64,
    pub times: Option<(Time, Time)>,
    /// By the name of the fault.
    pub counts: BTreeMap<&'static str, u64>,
    /// The first faults of each kind.
    pub told: Vec<(Time, RowFault)>,
    /// Rows that the interval says should be there, and the longest run of them.
    pub missing: u64,
    pub missing_run_max: u64,
    pub gaps: Vec<Range<Time>>,
}

impl CheckReport {
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }
}

#[derive(Clone, Debug)]
pub struct Checker<R> {
    limits: CheckLimits,
    recent: VecDeque<R>,
    latest: Option<Time>,
    /// Since when the price has not moved.
    still_since: Option<(i64, Time, bool)>,
    report: CheckReport,
}

impl<R: Checked> Checker<R> {
    #[must_use]
    pub fn new(limits: CheckLimits) -> Self {
        let report = CheckReport::default();
        Self { limits, recent: VecDeque::new(), latest: None, still_since: None, report }
    }

    /// Looks at the next row; what is wrong with it, if anything.
    pub fn look(&mut self, row: &R) -> Vec<RowFault> {
        let mut faults = row.own_faults();
        faults.extend(self.against_time(row));
        faults.extend(self.against_price(row));
        if let (Some(max), Some(venue)) = (self.limits.skew_ns_max, row.venue_time()) {
            let skew_ns = row.time().0.saturating_sub(venue.0);
            faults.extend((skew_ns.saturating_abs() > max).then_some(RowFault::ClockSkew { skew_ns }));
        }
        let same = |other: &&R| other.time() == row.time();
        if self.recent.iter().rev().take_while(same).any(|other| other.repeats(row)) {
            faults.push(RowFault::Duplicate);
        }
        self.remember(row);
        self.note(row.time(), &faults);
        faults
    }

    #[must_use]
    pub fn report(&self) -> &CheckReport {
        &self.report
    }

    fn against_time(&self, row: &R) -> Option<RowFault> {
        let latest = self.latest?;
        let passed = row.time().0.saturating_sub(latest.0);
        if passed < 0 {
            return Some(RowFault::OutOfOrder { by_ns: -passed });
        }
        if let Some(interval) = self.limits.interval_ns.filter(|interval| passed > *interval && *interval > 0)
        {
            let from = latest.saturating_add_ns(interval);
            let missing = u64::try_from((passed - 1) / interval).unwrap_or(0);
            return Some(RowFault::Gap { from, until: row.time(), missing });
        }
        let is_silent = self.limits.silence_ns_max.is_some_and(|max| passed > max);
        is_silent.then_some(RowFault::Gap { from: latest, until: row.time(), missing: 0 })
    }

    fn against_price(&mut self, row: &R) -> Vec<RowFault> {
        let mut faults = Vec::new();
        let Some(price) = row.reference() else { return faults };
        let Some((before, since, told)) = self.still_since else {
            self.still_since = Some((price, row.time(), false));
            return faults;
        };
        if price != before {
            self.still_since = Some((price, row.time(), false));
            let moved = (i128::from(price) - i128::from(before)).abs() * i128::from(Rate::ONE.0);
            let is_spike = |max: Rate| moved > i128::from(max.0) * i128::from(before).abs();
            if self.limits.spike_max.is_some_and(is_spike) {
                faults.push(RowFault::Spike { from: before, to: price });
            }
            return faults;
        }
        let still_ns = row.time().0.saturating_sub(since.0);
        if !told && self.limits.stale_ns_max.is_some_and(|max| still_ns > max) {
            self.still_since = Some((price, since, true));
            faults.push(RowFault::Stale { since });
        }
        faults
    }

    fn remember(&mut self, row: &R) {
        if self.recent.back().is_some_and(|last| last.time() != row.time()) {
            self.recent.clear();
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(row.clone());
        self.latest = Some(self.latest.map_or(row.time(), |latest| latest.max(row.time())));
    }

    fn note(&mut self, time: Time, faults: &[RowFault]) {
        let report = &mut self.report;
        report.rows += 1;
        let (first, last) = report.times.unwrap_or((time, time));
        report.times = Some((first.min(time), last.max(time)));
        for fault in faults {
            let count = report.counts.entry(fault.name()).or_default();
            *count += 1;
            if *count <= TOLD as u64 {
                report.told.push((time, fault.clone()));
            }
            if let RowFault::Gap { from, until, missing } = fault {
                report.missing += missing;
                report.missing_run_max = report.missing_run_max.max(*missing);
                if report.gaps.len() < GAPS {
                    report.gaps.push(*from..*until);
                }
            }
        }
    }
}

/// The stretches of `range` that hold no rows: what a backfill must fetch. None if there are more than a
/// report keeps; then all of the range must be fetched.
#[must_use]
pub fn gaps(report: &CheckReport, range: &Range<Time>) -> Option<Vec<Range<Time>>> {
    let Some((first, last)) = report.times else { return Some(vec![range.clone()]) };
    if report.count("gap") > report.gaps.len() as u64 {
        return None;
    }
    let ends = [range.start..first, last.saturating_add_ns(1)..range.end];
    let all = ends[..1].iter().chain(&report.gaps).chain(&ends[1..]);
    let clipped = all.map(|gap| gap.start.max(range.start)..gap.end.min(range.end));
    Some(clipped.filter(|gap| gap.start < gap.end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::{BarRow, QuoteRow, TradeRow};
    use model::{Level, Price, Qty};

    fn trade(time: i64, price: i64, id: i64) -> TradeRow {
        TradeRow {
            time: Time(time),
            venue_time: Some(Time(time - 3)),
            price: Price(price),
            qty: Qty(1),
            aggressor: None,
            id: Some(id),
        }
    }

    #[test]
    fn each_fault_is_found_once() {
        let limits = CheckLimits {
            interval_ns: None,
            silence_ns_max: Some(100),
            stale_ns_max: Some(50),
            spike_max: Some(Rate(100_000_000)),
            skew_ns_max: Some(10),
        };
        let mut checker = Checker::new(limits);
        let mut look = |row: TradeRow| checker.look(&row);
        assert_eq!(look(trade(1000, 100, 1)), []);
        assert_eq!(look(trade(1000, 100, 1)), [RowFault::Duplicate]);
        assert_eq!(look(trade(1000, 101, 2)), []);
        assert_eq!(look(trade(1010, 112, 3)), [RowFault::Spike { from: 101, to: 112 }]);
        assert_eq!(look(trade(1005, 112, 4)), [RowFault::OutOfOrder { by_ns: 5 }]);
        assert_eq!(look(trade(1061, 112, 5)), [RowFault::Stale { since: Time(1010) }]);
        assert_eq!(look(trade(1070, 112, 6)), [], "told once");
        let gap = RowFault::Gap { from: Time(1070), until: Time(1171), missing: 0 };
        assert_eq!(look(trade(1171, 113, 7)), [gap]);
        assert_eq!(look(trade(1172, -1, 8)).len(), 2, "not positive, and a spike");
        let late = TradeRow { venue_time: Some(Time(1150)), ..trade(1173, -1, 9) };
        assert!(look(late).contains(&RowFault::ClockSkew { skew_ns: 23 }));
        let report = checker.report();
        assert_eq!((report.rows, report.count("duplicate"), report.count("gap")), (10, 1, 1));
    }

    #[test]
    fn quotes_and_bars_have_rules_of_their_own() {
        let level = |price| Some(Level { price: Price(price), qty: Qty(1) });
        let mut quotes = Checker::new(CheckLimits::default());
        let mut look = |time, bid, ask| {
            quotes.look(&QuoteRow { time: Time(time), venue_time: None, bid: level(bid), ask: level(ask) })
        };
        assert_eq!(look(1, 10, 11), []);
        assert_eq!(look(2, 12, 11), [RowFault::Crossed { bid: 12, ask: 11 }]);
        assert_eq!(look(3, 11, 11), [RowFault::Locked { at: 11 }]);
        let mut bars = Checker::new(CheckLimits::default());
        let bar = |open, high, low, close| BarRow {
            time: Time(open),
            end: Time(open),
            open: Price(open),
            high: Price(high),
            low: Price(low),
            close: Price(close),
            volume: Qty(1),
            value: None,
            trades: None,
        };
        assert_eq!(bars.look(&bar(5, 6, 4, 5)), []);
        assert_eq!(bars.look(&bar(6, 7, 5, 8)), [RowFault::BadBar]);
        assert_eq!(bars.look(&bar(7, 6, 7, 6)), [RowFault::BadBar]);
    }
}
