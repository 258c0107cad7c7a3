//! How much of its equity does the account put on the order's move of one volatility?

use super::{Sight, Use, notional};
use crate::risk::path::Bound;
use model::{Input, Rate, Reject};

pub(super) fn measure(sight: &Sight<'_>, bound: &Bound) -> Result<Use, Reject> {
    let (engine, portfolio) = (sight.view.engine, sight.portfolio()?);
    let input = Input::Volatility(sight.view.order.instrument);
    let volatility = engine.input_at(bound.input, input)?.value;
    let worth = notional::worth(sight.view)?;
    let worth = engine.convert(worth, sight.view.listed.instrument.quote, portfolio.currency)?;
    let moved = super::scaled(worth, volatility, Rate::ONE.0.into()).ok_or(Reject::TooLargeToCount)?;
    Ok(Use { before: 0, after: moved, of: portfolio.equity })
}
