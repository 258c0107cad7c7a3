//! Is the market open?

use super::View;
use model::{InstrumentState, Reject};

#[inline]
pub(super) fn check(view: &View<'_>) -> Result<(), Reject> {
    match view.listed.instrument.state {
        InstrumentState::Trading => Ok(()),
        InstrumentState::Halted => Err(Reject::InstrumentHalted),
        InstrumentState::PreOpen
        | InstrumentState::Auction
        | InstrumentState::Closed
        | InstrumentState::Expired => Err(Reject::InstrumentNotTrading),
    }
}
