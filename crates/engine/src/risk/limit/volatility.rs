//! How much of its equity does the account put on the order's move of one volatility?

use super::{Sight, Use, notional};
use model::{Input, Rate, Reject};

pub(super) fn measure(sight: &Sight<'_>) -> Result<Use, Reject> {
    let (engine, portfolio) = (sight.view.engine, sight.portfolio()?);
    let volatility = engine.input(Input::Volatility(sight.view.order.instrument))?.value;
    let worth = notional::worth(sight.view)?;
    let worth = engine.convert(worth, sight.view.listed.instrument.quote, portfolio.currency)?;
    let moved = super::scaled(worth, volatility, Rate::ONE.0.into()).ok_or(Reject::TooLargeToCount)?;
    Ok(Use { before: 0, after: moved, of: portfolio.equity })
}
