//! What share of the account's equity moves with the instrument: its own position on the order's side, and of
//! every other the part that its correlation says? What moves the other way takes nothing off.

use super::{Sight, Use};
use crate::risk::input::correlation;
use crate::risk::portfolio::Pair;
use crate::risk::worth::{scaled, value};
use model::{Rate, Reject};

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    let (portfolio, order, engine) = (sight.portfolio()?, sight.view.order, sight.view.engine);
    let mut others = 0i128;
    for &at in engine.ledger.positions.of_account(order.account) {
        let line = engine.ledger.lines.of_exposure(at);
        let instrument = engine.ledger.positions.exposure(at).instrument;
        if instrument == order.instrument || !line.is_live() {
            continue;
        }
        let Some(listed) = engine.listings.get(instrument.0 as usize) else { continue };
        let rate = engine.input(correlation(order.instrument, instrument))?.value;
        let side = if rate >= 0 { order.side } else { order.side.opposite() };
        let toward = line.toward(side).max(0);
        let worth = value(&listed.units, engine.reference_of(listed, instrument)?, toward)?;
        let worth = engine.convert(worth, listed.instrument.quote, portfolio.currency)?;
        let moved = scaled(worth, rate.saturating_abs(), Rate::ONE.0.into());
        others = others.saturating_add(moved.ok_or(Reject::TooLargeToCount)?);
    }
    let Pair { before, after } = portfolio.own;
    let pair = Pair { before: before.saturating_add(others), after: after.saturating_add(others) };
    Ok(Use::share(pair, portfolio.equity))
}
