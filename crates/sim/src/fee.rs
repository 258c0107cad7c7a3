//! What the venue takes for a fill: by value, by share or by contract, in tiers of what was traded before, with a
//! least and a most. Rounded up, so never in the trader's favour.

use model::{AssetId, FeeBasis, Fees, Money, Qty, Rate};

/// From so much traded on, these rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tier {
    pub from: Money,
    pub maker: Rate,
    pub taker: Rate,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeeTable {
    pub basis: FeeBasis,
    /// By what was traded so far, lowest first.
    pub tiers: Vec<Tier>,
    pub least: Option<Money>,
    pub most: Option<Money>,
    pub asset: AssetId,
}

impl FeeTable {
    #[must_use]
    pub fn of(fees: &Fees, asset: AssetId) -> Self {
        let tier = Tier { from: Money::ZERO, maker: fees.maker, taker: fees.taker };
        Self { basis: fees.basis, tiers: vec![tier], least: None, most: fees.cap, asset }
    }

    /// For a fill of so many lots (each of `lot` units) that is worth `value`.
    #[must_use]
    pub fn fee(&self, value: Money, (qty, lot): (Qty, Money), is_maker: bool, traded: Money) -> Money {
        let tier = self.tiers.iter().rev().find(|tier| traded >= tier.from).or(self.tiers.first());
        let Some(tier) = tier else { return Money::ZERO };
        let rate = if is_maker { tier.maker } else { tier.taker };
        let counted = match self.basis {
            FeeBasis::Value | FeeBasis::Tiered => value.0.saturating_abs(),
            FeeBasis::PerShare => i128::from(qty.0).saturating_mul(lot.0),
            FeeBasis::PerContract => i128::from(qty.0).saturating_mul(Money::ONE.0),
        };
        let exact = counted.saturating_mul(i128::from(rate.0));
        let one = i128::from(Rate::ONE.0);
        let down = exact.div_euclid(one);
        let fee = down.saturating_add(i128::from(exact.rem_euclid(one) != 0));
        // A rebate has no least and no most.
        let least = self.least.filter(|_| rate.0 > 0).map_or(i128::MIN, |least| least.0);
        let most = self.most.map_or(i128::MAX, |most| most.0);
        Money(fee.max(least).min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(count: i128) -> Money {
        Money(Money::ONE.0 * count)
    }

    #[test]
    fn fees_by_hand() {
        let tiers = vec![
            Tier { from: Money::ZERO, maker: Rate(1_000_000), taker: Rate(2_000_000) },
            Tier { from: units(1_000), maker: Rate(-100_000), taker: Rate(1_500_000) },
        ];
        let table =
            FeeTable { basis: FeeBasis::Value, tiers, least: Some(units(1)), most: None, asset: AssetId(0) };
        let check = |value, is_maker, traded, expected: &str| {
            let fee = table.fee(units(value), (Qty(1), Money::ONE), is_maker, units(traded));
            assert_eq!(fee.to_string(), expected);
        };
        check(10_000, false, 0, "20");
        check(10_000, true, 999, "10");
        check(10_000, false, 1_000, "15");
        check(10_000, true, 1_000, "-1");
        check(10, false, 0, "1");
        let share = FeeTable { basis: FeeBasis::PerShare, least: None, ..table.clone() };
        let fee = share.fee(units(10_000), (Qty(300), Money::ONE), false, Money::ZERO);
        assert_eq!(fee.to_string(), "0.6");
        let contract = FeeTable { basis: FeeBasis::PerContract, most: Some(units(0)), ..share };
        assert_eq!(contract.fee(units(1), (Qty(3), units(50)), false, Money::ZERO), Money::ZERO);
    }
}
