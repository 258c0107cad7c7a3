//! What things are worth: the reference price of an instrument, and amounts of one asset in another. Nothing is
//! worth zero because its price is missing: a price or rate that is missing or too old is a refusal.

use crate::Engine;
use crate::listing::Listed;
use crate::market::middle;
use crate::units::Units;
use model::{AssetId, Input, InputKind, InstrumentId, Money, Price, Qty, Rate, Reject, Side, Time};

/// How much of the target one unit of the source is, in 10⁻¹⁸.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    One,
    Times(i128),
    /// The rate of the other direction is known.
    Over(i128),
}

impl Factor {
    /// Rounded up, away from zero.
    pub(super) fn apply(self, amount: i128) -> Result<i128, Reject> {
        match self {
            Self::One => Ok(amount),
            Self::Times(rate) => scaled(amount, rate, Money::ONE.0).ok_or(Reject::TooLargeToCount),
            Self::Over(rate) => scaled(amount, Money::ONE.0, rate).ok_or(Reject::TooLargeToCount),
        }
    }
}

/// Price × quantity in quote, as a size; none if that cannot be counted.
#[inline]
pub(super) fn value(units: &Units, price: Price, qty: i64) -> Result<i128, Reject> {
    units.size(price, Qty(qty)).ok_or(Reject::TooLargeToCount)
}

impl Engine {
    /// What an instrument is worth now: the mark, halfway between the outside's quotes, the last trade, halfway
    /// between the best displayed prices here. The first of these that is there and not too old.
    pub(super) fn reference(&self, instrument: InstrumentId) -> Result<Price, Reject> {
        let listed = self.listings.get(instrument.0 as usize);
        self.reference_of(listed.ok_or(Reject::UnknownInstrument { instrument })?, instrument)
    }

    #[inline]
    pub(super) fn reference_of(&self, listed: &Listed, instrument: InstrumentId) -> Result<Price, Reject> {
        let since = self.time.0.saturating_sub(self.risk.kept.ages.of(InputKind::Price));
        if let Some(mark) = listed.mark.filter(|_| listed.mark_at.0 >= since) {
            return Ok(mark);
        }
        let quoted = listed.quote.filter(|_| listed.quote_at.0 >= since);
        if let Some(middle) = quoted.as_ref().and_then(middle) {
            return Ok(middle);
        }
        if let Some(last) = listed.last.filter(|_| listed.last_at.0 >= since) {
            return Ok(last);
        }
        let best = |side| listed.book.best_price(side).filter(|_| listed.trades());
        if let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) {
            return Ok(Price(bid.0.midpoint(ask.0)));
        }
        Err(self.no_reference(listed, instrument))
    }

    #[cold]
    fn no_reference(&self, listed: &Listed, instrument: InstrumentId) -> Reject {
        let input = Input::Price(instrument);
        let marked = listed.mark.map(|_known| listed.mark_at);
        let whole = listed.quote.filter(|quote| quote.bid.is_some() && quote.ask.is_some());
        let quoted = whole.map(|_known| listed.quote_at);
        let traded = listed.last.map(|_known| listed.last_at);
        match [marked, quoted, traded].into_iter().flatten().max() {
            None => Reject::InputMissing { input },
            Some(Time(at)) => {
                let most_ns = self.risk.kept.ages.of(InputKind::Price);
                Reject::InputTooOld { input, age_ns: self.time.0.saturating_sub(at), most_ns }
            }
        }
    }

    /// From one asset to another: by the rate between them, either way round, else by the price of an instrument
    /// that trades the one for the other.
    pub(super) fn factor(&self, from: AssetId, to: AssetId) -> Result<Factor, Reject> {
        if from == to {
            return Ok(Factor::One);
        }
        let input = Input::FxRate { from, to };
        if self.risk.is_rated(from) && self.risk.is_rated(to) {
            if self.risk.noted.contains_key(&input) {
                return self.input(input).map(|noted| Factor::Times(noted.value));
            }
            let inverse = Input::FxRate { from: to, to: from };
            if self.risk.noted.contains_key(&inverse) {
                return self.input(inverse).map(|noted| Factor::Over(noted.value));
            }
        }
        let instrument = self.risk.trader_of(from, to).ok_or(Reject::InputMissing { input })?;
        let price = self.reference(instrument)?;
        let listed = self.listings.get(instrument.0 as usize);
        let tick = listed.map_or(0, |listed| listed.instrument.tick.0);
        let rate = i128::from(price.0).checked_mul(tick).filter(|rate| *rate > 0);
        rate.map(Factor::Times).ok_or(Reject::TooLargeToCount)
    }

    /// The same of something owned, rounded down; where the number is long, to its leading 62 bits.
    pub(super) fn worth_owned(&self, amount: i128, from: AssetId, to: AssetId) -> Result<i128, Reject> {
        if from == to {
            return Ok(amount);
        }
        match self.factor(from, to)? {
            Factor::Times(rate) if amount > 0 => scaled_down(amount, rate).ok_or(Reject::TooLargeToCount),
            factor => Ok(factor.apply(amount)?.saturating_sub(1)),
        }
    }

    pub(super) fn convert(&self, amount: i128, from: AssetId, to: AssetId) -> Result<i128, Reject> {
        if from == to { Ok(amount) } else { self.factor(from, to)?.apply(amount) }
    }
}

/// `amount × by ÷ whole` for `by` and `whole` above zero, rounded away from zero: one product where it fits in
/// 128 bits, else wholes and rests apart.
pub(super) fn scaled(amount: i128, by: i128, whole: i128) -> Option<i128> {
    let size = amount.checked_abs()?;
    let found = match size.checked_mul(by) {
        Some(product) => up(product, whole)?,
        None => {
            let (wholes, rest) = (size.checked_div(whole)?, size.checked_rem(whole)?);
            let (by_wholes, by_rest) = (by.checked_div(whole)?, by.checked_rem(whole)?);
            let of_wholes = size.checked_mul(by_wholes)?.checked_add(wholes.checked_mul(by_rest)?)?;
            of_wholes.checked_add(share_of_rest(rest, by_rest, whole)?)?
        }
    };
    Some(if amount < 0 { found.saturating_neg() } else { found })
}

/// `amount × rate ÷ 10¹⁸`, both above zero, rounded down, by the leading 62 bits of each.
fn scaled_down(amount: i128, rate: i128) -> Option<i128> {
    let spare = |number: i128| 128u32.saturating_sub(number.leading_zeros()).saturating_sub(62);
    let (by, of) = (spare(amount), spare(rate));
    let product = amount.checked_shr(by)?.wrapping_mul(rate.checked_shr(of)?);
    let found = product.checked_div(Money::ONE.0)?;
    let bits = by.saturating_add(of);
    (found.leading_zeros() > bits.saturating_add(1)).then(|| found.wrapping_shl(bits))
}

/// `rest × by ÷ whole` of numbers below `whole`. Beyond 128 bits the last bits of rest and whole go: what is
/// left of them is worth less than one unit.
fn share_of_rest(rest: i128, by: i128, whole: i128) -> Option<i128> {
    if let Some(product) = rest.checked_mul(by) {
        return up(product, whole);
    }
    let bits = 128u32.saturating_sub(whole.leading_zeros()).saturating_sub(64);
    let rest = rest.checked_shr(bits)?.checked_add(1)?;
    up(rest.checked_mul(by)?, whole.checked_shr(bits)?)
}

fn up(product: i128, whole: i128) -> Option<i128> {
    let (quotient, rest) = (product.checked_div(whole)?, product.checked_rem(whole)?);
    quotient.checked_add(i128::from(rest != 0))
}

/// Whether `part ÷ of` is at most the rate, for `of` above zero.
#[inline]
pub(super) fn within(part: i128, of: i128, rate: i128) -> bool {
    if (part | of).unsigned_abs() >> 90 == 0 && rate >> 36 == 0 {
        return part.wrapping_mul(i128::from(Rate::ONE.0)) <= of.wrapping_mul(rate);
    }
    match (part.checked_mul(i128::from(Rate::ONE.0)), of.checked_mul(rate)) {
        (Some(part), Some(most)) => part <= most,
        // Numbers this large lose nothing that matters with their last 40 bits; the part is rounded up.
        _ => {
            let part = (part >> 40).saturating_add(1).saturating_mul(i128::from(Rate::ONE.0));
            part <= (of >> 40).saturating_mul(rate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_scale_exactly_where_they_fit_and_up_where_they_do_not() {
        let one = Money::ONE.0;
        for (amount, by, whole, found) in [
            (10, 3, 2, 15),
            (-10, 1, 3, -4),
            (7 * one, 2 * one, one, 14 * one),
            (one << 40, 3 * one, one, 3 * (one << 40)),
            ((one << 40) + 1, 3 * one, one, 3 * (one << 40) + 3),
        ] {
            assert_eq!(scaled(amount, by, whole), Some(found), "{amount} × {by} ÷ {whole}");
        }
        assert_eq!(scaled(i128::MAX, 2 * one, one), None);
        for (amount, rate, found) in
            [(7 * one, 2 * one, 14 * one), (1, one - 1, 0), (one << 40, one, one << 40)]
        {
            assert_eq!(scaled_down(amount, rate), Some(found), "{amount} × {rate}");
        }
        assert_eq!(scaled_down(i128::MAX, one << 20), None);
        let large = (one << 20) + 1;
        assert_eq!(scaled(large, large, one), Some((one << 40) + (1 << 21) + 1));
        // 30,000 at 100,000 the other way round.
        let found = scaled(30_000 * one, one, 100_000 * one).unwrap_or(0);
        assert!((0..3).contains(&(found - 3 * one / 10)), "{found}");
    }

    #[test]
    fn shares_are_held_against_rates_without_dividing() {
        for (part, of, rate, fits) in [
            (1, 2, 500_000_000, true),
            (500_000_001, 1_000_000_000, 500_000_000, false),
            (1i128 << 110, 1i128 << 111, 500_000_001, true),
            (1i128 << 111, 1i128 << 111, 500_000_001, false),
            (0, 1, 0, true),
        ] {
            assert_eq!(within(part, of, rate), fits, "{part} of {of}");
        }
    }
}
