//! The gate. Every order passes the one list of checks below, and only that makes an `Approved`, which the book
//! demands. A check never changes anything and never passes because something is missing.

mod funds;
mod notional;
mod price;
mod reduce;
mod size;
mod state;

use crate::Engine;
use crate::listing::Listed;
use crate::order::Proposal;
use model::Reject;

/// Proof that the checks were passed.
#[derive(Debug)]
pub(crate) struct Approved<T>(T);

impl<T> Approved<T> {
    #[inline]
    pub(crate) fn get(&self) -> &T {
        &self.0
    }
}

/// What a check sees.
pub(crate) struct View<'a> {
    engine: &'a Engine,
    listed: &'a Listed,
    order: &'a Proposal,
}

type Check = fn(&View<'_>) -> Result<(), Reject>;

/// Cheapest first; the first refusal is the answer.
const CHECKS: [Check; 6] =
    [state::check, reduce::check, size::check, price::check, notional::check, funds::check];

#[inline]
pub(crate) fn check(engine: &Engine, mut order: Proposal) -> Result<Approved<Proposal>, Reject> {
    let instrument = order.instrument;
    let listed = engine.listings.get(instrument.0 as usize);
    let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
    reduce::cap(engine, &mut order);
    let view = View { engine, listed, order: &order };
    for check in CHECKS {
        check(&view)?;
    }
    Ok(Approved(order))
}
