//! What one asset is worth in another: the rate that was told, or its inverse, or the price of the first listed
//! instrument that delivers the one for the other. Without any of these it is not known. However old: a watch
//! that goes blind with age would let losses run. Limits before a trade mind the age, see `risk`.

use crate::Engine;
use model::{AccountId, AssetId, Money};

const ONE: i128 = Money::ONE.0;

impl Engine {
    /// A rate was told: whoever owns either asset may be worth something else.
    pub(crate) fn feel_rate(&mut self, from: AssetId, to: AssetId) {
        if self.guard.watches() {
            self.owners_feel(from);
            self.owners_feel(to);
        }
    }

    /// An amount of one asset in terms of another, rounded down; none where that is not known.
    pub(crate) fn exchange(&self, amount: i128, from: AssetId, to: AssetId) -> Option<i128> {
        if from == to || amount == 0 {
            return Some(amount);
        }
        if let Some(rate) = self.rate_told(from, to) {
            return times(amount, rate);
        }
        if let Some(rate) = self.rate_told(to, from) {
            return over(amount, rate);
        }
        if let Some(rate) = self.traded_rate(from, to) {
            return times(amount, rate);
        }
        over(amount, self.traded_rate(to, from)?)
    }

    /// What the first listed instrument says that delivers the one for the other.
    fn traded_rate(&self, base: AssetId, quote: AssetId) -> Option<i128> {
        let at = self.risk.trader_of(base, quote)?;
        let listed = self.listings.get(at.0 as usize)?;
        let rate = i128::from(listed.reference()?.0).checked_mul(listed.instrument.tick.0)?;
        (rate > 0).then_some(rate)
    }

    /// Cash and positions at the present prices, in terms of an asset; none where any part cannot be valued.
    pub(crate) fn equity_of(&self, account: AccountId, asset: AssetId) -> Option<i128> {
        let balances = &self.ledger.balances;
        let mut parts = balances.of_account(account).iter().map(|&at| {
            let equity = self.ledger.equity_in(at)?;
            self.exchange(equity, balances.at(at).asset, asset)
        });
        parts.try_fold(0i128, |sum, part| sum.checked_add(part?))
    }
}

/// `amount × rate`, a rate being in parts of 10⁻¹⁸; in parts, so that what can be said can be counted.
fn times(amount: i128, rate: i128) -> Option<i128> {
    let (whole, rest) = (amount.div_euclid(ONE), amount.rem_euclid(ONE));
    let (rate_whole, rate_rest) = (rate.div_euclid(ONE), rate.rem_euclid(ONE));
    let of_rest = rest.checked_mul(rate_rest)?.div_euclid(ONE);
    whole.checked_mul(rate)?.checked_add(rest.checked_mul(rate_whole)?)?.checked_add(of_rest)
}

/// `amount ÷ rate`: whole units of it first, then eighteen more digits, one after the other.
fn over(amount: i128, rate: i128) -> Option<i128> {
    let (mut result, mut rest) = (amount.checked_div_euclid(rate)?, amount.checked_rem_euclid(rate)?);
    for _ in 0..Money::SCALE {
        rest = rest.checked_mul(10)?;
        result = result.checked_mul(10)?.checked_add(rest.checked_div_euclid(rate)?)?;
        rest = rest.checked_rem_euclid(rate)?;
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_exact_or_not_at_all() {
        let units = |text: &str| Money::parse(text).unwrap().0;
        assert_eq!(times(units("2.5"), units("100000.4")), Some(units("250001")));
        assert_eq!(times(units("-0.3"), units("0.000000000000000001")), Some(-1));
        assert_eq!(times(units("1000000000"), units("1000000000")), Some(units("1000000000000000000")));
        assert_eq!(times(i128::MAX, units("2")), None);
        assert_eq!(over(units("250001"), units("100000.4")), Some(units("2.5")));
        assert_eq!(over(units("1"), units("3")), Some(333_333_333_333_333_333));
        assert_eq!(over(units("-1"), units("3")), Some(-333_333_333_333_333_334));
        assert_eq!(over(units("1"), 0), None);
    }
}
