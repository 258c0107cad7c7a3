//! The gate. Every order passes the one list of checks below, and only that makes an `Approved`, which the book
//! demands. A check never changes anything and never passes because something is missing.

mod funds;
mod grant;
mod input;
mod kept;
mod limit;
mod notional;
mod path;
mod portfolio;
mod price;
mod reduce;
mod size;
mod sizing;
mod state;
mod steady;
mod tree;
mod way;
mod what_if;
mod worth;

pub(crate) use kept::{Kept, Risk};
pub use sizing::{Sized, Sizing};
pub(crate) use tree::Count;
pub(crate) use what_if::NO_HOLDING;

use crate::Engine;
use crate::guard;
use crate::listing::Listed;
use crate::order::Proposal;
use model::Reject;

/// Proof that the checks were passed.
#[derive(Debug)]
pub(crate) struct Approved<T>(T);

impl<'a, T> Approved<&'a T> {
    #[inline]
    pub(crate) fn get(&self) -> &'a T {
        self.0
    }
}

/// What a check sees.
pub(crate) struct View<'a> {
    engine: &'a Engine,
    listed: &'a Listed,
    order: &'a Proposal,
}

/// Whether the limits of the tree had to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    AtOnce,
    Measured,
}

/// Passes every check, and counts as an order that was let in.
#[inline]
pub(crate) fn approve<'a>(
    engine: &mut Engine,
    order: &'a mut Proposal,
) -> Result<Approved<&'a Proposal>, Reject> {
    if !engine.risk.is_on() {
        return check(engine, order).map(|_passed| Approved(&*order));
    }
    engine.find_way(order.holding, path::WayOf::of(order));
    match check(engine, order) {
        Ok(passed) => {
            if passed == Passed::Measured {
                engine.grant(order);
            }
            engine.count_let_in(order.holding);
            Ok(Approved(order))
        }
        Err(reason) => {
            engine.note_blindness(&reason);
            Err(reason)
        }
    }
}

#[inline]
fn check(engine: &Engine, order: &mut Proposal) -> Result<Passed, Reject> {
    let instrument = order.instrument;
    let listed = engine.listings.get(instrument.0 as usize);
    let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
    if engine.guard.restrains() {
        guard::restrain(engine, order)?;
    }
    reduce::cap(engine, order);
    pass_all(&View { engine, listed, order })
}

/// What can be said of an order before its moment comes.
pub(crate) fn check_form(engine: &Engine, order: &Proposal) -> Result<(), Reject> {
    let instrument = order.instrument;
    let listed = engine.listings.get(instrument.0 as usize);
    let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
    if engine.guard.restrains() {
        guard::restrain_form(engine, order)?;
    }
    let view = View { engine, listed, order };
    state::check_open(&view)?;
    size::check(&view)?;
    price::check(&view)?;
    notional::check(&view)
}

/// The list. Cheapest first; the first refusal is the answer.
#[inline]
fn pass_all(view: &View<'_>) -> Result<Passed, Reject> {
    state::check(view)?;
    reduce::check(view)?;
    size::check(view)?;
    price::check(view)?;
    notional::check(view)?;
    // What the house does to take risk off is held by no limit.
    let limited = view.engine.risk.is_on() && !view.order.forced;
    let passed = if limited { limit::check(view)? } else { Passed::AtOnce };
    funds::check(view)?;
    Ok(passed)
}
