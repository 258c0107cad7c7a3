//! How much to order: six ways to come to a quantity, each a formula over whole numbers that rounds down to
//! lots, and then what the limits leave of it. What cannot be known is refused; nothing is guessed.

use super::worth::scaled;
use crate::Engine;
use model::{Input, NewOrder, Price, Qty, Rate, Reject};

/// A way to come to a quantity. Shares are of the account's equity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizing {
    Fixed {
        qty: Qty,
    },
    /// A position worth this share.
    PercentOfEquity {
        share: Rate,
    },
    /// A position that moves by this share when the instrument moves by one of its volatility.
    VolatilityTarget {
        share: Rate,
    },
    /// A position that loses this share when the price moves by `multiple` average true ranges.
    AverageTrueRange {
        share: Rate,
        range: Price,
        multiple: Rate,
    },
    /// The share that Kelly's formula gives for a chance to win and what a win pays for each unit lost, times a
    /// fraction, and never more than a cap.
    Kelly {
        chance: Rate,
        payoff: Rate,
        fraction: Rate,
        cap: Rate,
    },
    /// A position that loses this share between its entry and its stop.
    RiskPerTrade {
        share: Rate,
        entry: Price,
        stop: Price,
    },
}

/// The quantity that was wanted, what of it passes, and what cut it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sized {
    pub wanted: Qty,
    pub qty: Qty,
    pub cut_by: Option<Reject>,
}

/// The share that Kelly's formula gives: `(p·b − (1 − p)) ÷ b`, times the fraction, from zero to the cap.
#[must_use]
pub fn kelly(chance: Rate, payoff: Rate, fraction: Rate, cap: Rate) -> Rate {
    let one = i128::from(Rate::ONE.0);
    let (chance, payoff) = (i128::from(chance.0), i128::from(payoff.0));
    if payoff <= 0 || chance <= 0 || chance > one || fraction <= Rate::ZERO {
        return Rate::ZERO;
    }
    let edge = chance.saturating_mul(payoff).saturating_sub(one.saturating_sub(chance).saturating_mul(one));
    let share = edge.max(0).checked_div(payoff).unwrap_or(0);
    let share = share.saturating_mul(fraction.0.into()).checked_div(one).unwrap_or(0);
    Rate(i64::try_from(share).unwrap_or(i64::MAX)).clamp(Rate::ZERO, cap.max(Rate::ZERO))
}

/// So much of an amount, rounded down.
fn part(amount: i128, share: Rate) -> Result<i128, Reject> {
    let (share, one) = (i128::from(share.0.max(0)), i128::from(Rate::ONE.0));
    if let Some(product) = amount.checked_mul(share) {
        return Ok(product.checked_div(one).unwrap_or(0));
    }
    let up = scaled(amount, share, one).ok_or(Reject::TooLargeToCount)?;
    Ok(up.saturating_sub(1))
}

/// How many lots of this worth an amount comes to.
fn lots(amount: i128, worth_of_lot: i128) -> Result<Qty, Reject> {
    if worth_of_lot <= 0 {
        return Err(Reject::TooLargeToCount);
    }
    let lots = amount.checked_div(worth_of_lot).unwrap_or(0);
    Ok(Qty(i64::try_from(lots).unwrap_or(i64::MAX)))
}

impl Engine {
    /// How much of the order to place: what the way of sizing wants, and what the limits leave of that. The
    /// order's own quantity says nothing.
    ///
    /// # Errors
    /// A price, a rate or a statistic that the way needs is missing or too old.
    pub fn size(&self, order: &NewOrder, sizing: Sizing) -> Result<Sized, Reject> {
        let wanted = self.wanted_size(order, sizing)?;
        if wanted <= Qty::ZERO {
            return Ok(Sized { wanted: Qty::ZERO, qty: Qty::ZERO, cut_by: None });
        }
        let order = NewOrder { qty: wanted, ..order.clone() };
        let Err(reason) = self.verdict(&order) else {
            return Ok(Sized { wanted, qty: wanted, cut_by: None });
        };
        Ok(Sized { wanted, qty: self.largest(&order).min(wanted), cut_by: Some(reason) })
    }

    fn wanted_size(&self, order: &NewOrder, sizing: Sizing) -> Result<Qty, Reject> {
        let instrument = order.instrument;
        let listed = self.listings.get(instrument.0 as usize);
        let listed = listed.ok_or(Reject::UnknownInstrument { instrument })?;
        if let Sizing::Fixed { qty } = sizing {
            return Ok(qty);
        }
        let account = self.registry.account(order.account)?;
        let (currency, quote) = (account.currency, listed.instrument.quote);
        let equity = self.fresh_equity_of(order.account)?;
        let price = match order.kind.limit() {
            Some(price) => price,
            None => self.reference(instrument)?,
        };
        let worth = |ticks: Price| {
            let worth = listed.units.size(ticks, Qty(1)).ok_or(Reject::TooLargeToCount)?;
            self.convert(worth, quote, currency)
        };
        match sizing {
            Sizing::Fixed { qty } => Ok(qty),
            Sizing::PercentOfEquity { share } => lots(part(equity, share)?, worth(price)?),
            Sizing::VolatilityTarget { share } => {
                let volatility = self.input(Input::Volatility(instrument))?.value;
                let moved = scaled(worth(price)?, volatility, Rate::ONE.0.into());
                lots(part(equity, share)?, moved.ok_or(Reject::TooLargeToCount)?)
            }
            Sizing::AverageTrueRange { share, range, multiple } => {
                let distance = scaled(worth(range)?, multiple.0.max(0).into(), Rate::ONE.0.into());
                lots(part(equity, share)?, distance.ok_or(Reject::TooLargeToCount)?)
            }
            Sizing::Kelly { chance, payoff, fraction, cap } => {
                lots(part(equity, kelly(chance, payoff, fraction, cap))?, worth(price)?)
            }
            Sizing::RiskPerTrade { share, entry, stop } => {
                let distance = Price(entry.0.saturating_sub(stop.0).saturating_abs());
                lots(part(equity, share)?, worth(distance)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::kelly;
    use model::Rate;

    #[test]
    fn kelly_bets_its_edge_over_its_payoff_and_never_against_itself() {
        let rate = |text: &str| Rate::parse(text).unwrap();
        for (chance, payoff, fraction, cap, share) in [
            ("0.55", "2", "1", "1", "0.325"),
            ("0.55", "2", "0.25", "1", "0.08125"),
            ("0.55", "2", "0.25", "0.05", "0.05"),
            ("0.5", "1", "1", "1", "0"),
            ("0.3", "1", "1", "1", "0"),
            ("0.6", "0", "1", "1", "0"),
        ] {
            let found = kelly(rate(chance), rate(payoff), rate(fraction), rate(cap));
            assert_eq!(found, rate(share), "{chance} at {payoff}, {fraction} of it up to {cap}");
        }
    }
}
