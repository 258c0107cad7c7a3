//! The life of an order in our own market: proposed, checked, accepted, matched, rested, changed, ended.
//! Each step is a file; what matches or rests has an `Approved` around it.

mod body;
mod call;
mod cancel;
mod cross;
mod end;
mod group;
mod indicate;
mod listing;
mod look;
mod modify;
pub mod pairs;
mod peg;
mod place;
mod propose;
mod rest;
mod settle;
mod signal;
mod special;
mod standing;
mod trim;
mod uncross;
mod wait;

pub(crate) use body::fingerprint;
pub(crate) use group::Group;
pub(crate) use look::Look;
pub(crate) use place::Named;
pub(crate) use settle::Due;
pub(crate) use signal::middle;
pub(crate) use special::{Special, Stage};

use model::{AccountId, BookId, Call, InstrumentId, PostOnly, Price, Qty, Rate, SelfTrade, Side, Time};

/// What to do with what does not trade at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remainder {
    Rests,
    Cancelled,
    /// And nothing may trade unless all of it can.
    AllOrNothing,
}

/// An order with all its names resolved, before it is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proposal {
    pub(crate) account: AccountId,
    pub(crate) book: BookId,
    pub(crate) instrument: InstrumentId,
    pub(crate) holding: u32,
    pub(crate) on_margin: bool,
    pub(crate) side: Side,
    pub(crate) qty: Qty,
    /// None: at whatever price.
    pub(crate) price: Option<Price>,
    pub(crate) hidden: bool,
    pub(crate) remainder: Remainder,
    pub(crate) call: Option<Call>,
    pub(crate) day: bool,
    pub(crate) ends: Time,
    pub(crate) post_only: Option<PostOnly>,
    pub(crate) reduce_only: bool,
    pub(crate) self_trade: Option<SelfTrade>,
    /// It has words that a record does not hold.
    pub(crate) special: bool,
    /// At least so much must trade at once.
    pub(crate) qty_min: Option<Qty>,
    /// What it would meet in the book, where a check or fill-or-kill has to know.
    pub(crate) look: Option<Look>,
    /// Of an order that is being changed: what has traded of it, beside `qty`.
    pub(crate) filled: Option<Qty>,
    /// Of the signal behind it.
    pub(crate) confidence: Option<Rate>,
    /// Of the house's own making: it passes the stops of trading.
    pub(crate) forced: bool,
}

impl Proposal {
    /// Whether it must trade at once, all of it or a part.
    #[inline]
    pub(crate) fn is_immediate(&self) -> bool {
        self.remainder != Remainder::Rests || self.qty_min.is_some()
    }

    /// The worst price it may trade at.
    #[inline]
    pub(crate) fn limit(&self) -> Price {
        self.price.unwrap_or(match self.side {
            Side::Buy => Price::MAX,
            Side::Sell => Price::MIN,
        })
    }
}
