//! What can be wrong with a row, and what of it each kind of row shows.

use crate::row::{
    ActionRow, BarRow, DepthRow, FactRow, FundingRow, NewsRow, OrderDeed, OrderRow, QuoteRow, Row, SampleRow,
    TradeRow,
};
use model::Time;
use thiserror::Error;

/// Prices are in ticks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowFault {
    #[error("no rows from {from} until {until}, {missing} missing")]
    Gap { from: Time, until: Time, missing: u64 },
    #[error("the price has not moved since {since}")]
    Stale { since: Time },
    #[error("the bid of {bid} ticks is above the ask of {ask} ticks")]
    Crossed { bid: i64, ask: i64 },
    #[error("bid and ask are both {at} ticks")]
    Locked { at: i64 },
    #[error("a jump from {from} to {to} ticks")]
    Spike { from: i64, to: i64 },
    #[error("the row is there already")]
    Duplicate,
    #[error("the row is {by_ns} ns older than one before it")]
    OutOfOrder { by_ns: i64 },
    #[error("our time and the venue's differ by {skew_ns} ns")]
    ClockSkew { skew_ns: i64 },
    #[error("a price of the bar lies outside of its high and low, or its volume or end is impossible")]
    BadBar,
    #[error("a price or quantity is not above zero")]
    NotPositive,
}

impl RowFault {
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "gap",
            Self::Stale { .. } => "stale",
            Self::Crossed { .. } => "crossed",
            Self::Locked { .. } => "locked",
            Self::Spike { .. } => "spike",
            Self::Duplicate => "duplicate",
            Self::OutOfOrder { .. } => "out of order",
            Self::ClockSkew { .. } => "clock skew",
            Self::BadBar => "bad bar",
            Self::NotPositive => "not positive",
        }
    }

    /// Whether a price made from this row may be wrong.
    #[must_use]
    pub fn taints(&self) -> bool {
        !matches!(self, Self::Duplicate | Self::Locked { .. })
    }
}

/// A row that can be checked.
pub trait Checked: Row {
    fn venue_time(&self) -> Option<Time> {
        None
    }

    /// The price that staleness and jumps are measured by, in ticks.
    fn reference(&self) -> Option<i64> {
        None
    }

    /// What is wrong with the row on its own.
    fn own_faults(&self) -> Vec<RowFault> {
        Vec::new()
    }

    /// Whether `other`, of the same moment, says the same thing again.
    fn repeats(&self, other: &Self) -> bool {
        self == other
    }
}

impl Checked for TradeRow {
    fn venue_time(&self) -> Option<Time> {
        self.venue_time
    }

    fn reference(&self) -> Option<i64> {
        Some(self.price.0)
    }

    fn own_faults(&self) -> Vec<RowFault> {
        not_positive(self.price.0 <= 0 || self.qty.0 <= 0)
    }

    /// Without a venue's number two equal trades may both be true.
    fn repeats(&self, other: &Self) -> bool {
        self.id.is_some() && self.id == other.id
    }
}

impl Checked for QuoteRow {
    fn venue_time(&self) -> Option<Time> {
        self.venue_time
    }

    /// Twice the middle would count half ticks; the bid will do, or the ask where there is none.
    fn reference(&self) -> Option<i64> {
        self.bid.or(self.ask).map(|level| level.price.0)
    }

    fn own_faults(&self) -> Vec<RowFault> {
        let mut faults = not_positive([self.bid, self.ask].iter().flatten().any(|level| level.qty.0 < 0));
        if let Some((bid, ask)) = self.bid.zip(self.ask) {
            let (bid, ask) = (bid.price.0, ask.price.0);
            faults.extend((bid > ask).then_some(RowFault::Crossed { bid, ask }));
            faults.extend((bid == ask).then_some(RowFault::Locked { at: bid }));
        }
        faults
    }
}

impl Checked for BarRow {
    fn reference(&self) -> Option<i64> {
        Some(self.close.0)
    }

    fn own_faults(&self) -> Vec<RowFault> {
        let mut faults = not_positive(self.low.0 <= 0);
        faults.extend((!self.is_sane()).then_some(RowFault::BadBar));
        faults
    }

    fn repeats(&self, _: &Self) -> bool {
        true
    }
}

impl Checked for DepthRow {
    fn venue_time(&self) -> Option<Time> {
        self.venue_time
    }

    fn own_faults(&self) -> Vec<RowFault> {
        not_positive(self.change.is_some_and(|change| change.price.0 <= 0 || change.qty.0 < 0))
    }
}

impl Checked for OrderRow {
    fn venue_time(&self) -> Option<Time> {
        self.venue_time
    }

    fn own_faults(&self) -> Vec<RowFault> {
        let has_qty = !matches!(self.deed, OrderDeed::Clear | OrderDeed::Halt | OrderDeed::Resume);
        not_positive(has_qty && self.qty.0 <= 0)
    }
}

impl Checked for FundingRow {}
impl Checked for ActionRow {}
impl Checked for NewsRow {}
impl Checked for FactRow {}
impl Checked for SampleRow {}

fn not_positive(is_fault: bool) -> Vec<RowFault> {
    is_fault.then_some(RowFault::NotPositive).into_iter().collect()
}
