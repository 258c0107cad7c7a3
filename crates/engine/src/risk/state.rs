//! Is the market open for this order?

use super::View;
use model::{Call, InstrumentState, Reject};

/// While orders gather for an auction, those that must trade at once are out of place.
#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    check_open(view)?;
    if view.listed.gathers() && view.order.is_immediate() {
        return Err(Reject::InstrumentNotTrading);
    }
    Ok(())
}

/// Whether it may come to trade here, at once or later.
#[inline]
pub(super) fn check_open(view: &View<'_>) -> Result<(), Reject> {
    match (view.listed.instrument.state, view.order.call) {
        (InstrumentState::Trading, Some(Call::Open)) => Err(Reject::NoAuction),
        (InstrumentState::Trading | InstrumentState::PreOpen | InstrumentState::Auction, _)
        | (InstrumentState::Closed, Some(Call::Open)) => Ok(()),
        (InstrumentState::Halted, _) => Err(Reject::InstrumentHalted),
        (InstrumentState::Closed | InstrumentState::Expired, _) => Err(Reject::InstrumentNotTrading),
    }
}
