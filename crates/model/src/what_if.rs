//! What would come of an order, as an answer: each limit on its way, what it would lock and cost, the most of it
//! that would pass, and the verdict.

use crate::{AssetId, LimitKind, Money, Qty, Reached, Reject, Scope};

/// A limit on an order's way: how much of it is used, or why that cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitUse {
    pub at: Scope,
    pub kind: LimitKind,
    pub used: Result<Reached, Reject>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// In the order in which they are looked at.
    pub limits: Vec<LimitUse>,
    /// What margin and cost are counted in: what the instrument is quoted in.
    pub quote: AssetId,
    /// What the account would have to have free.
    pub margin: Money,
    /// What would trade at once, and what it would be worth.
    pub qty_now: Qty,
    pub value_now: Money,
    /// What that costs: against the middle of the market, where it has one, and in fees.
    pub spread: Option<Money>,
    pub fees: Money,
    /// The largest quantity that would pass.
    pub qty_most: Qty,
    pub verdict: Result<(), Reject>,
}
