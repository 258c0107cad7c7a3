//! What positions held on margin come to at the present prices: of each exposure, and summed per account and
//! asset that they are settled in, so that an order or a mark never walks through an account's positions. A
//! position that cannot be valued counts as such, and not as nothing.

use super::Ledger;
use crate::amount::{add, rated, sub};
use crate::units::Units;
use model::{MarginRates, Money, Price, Qty};
use serde::{Deserialize, Serialize};

/// The most that one position is valued at, so that sums stay in range: a million positions of seventeen
/// trillions each.
pub(crate) const WORTH_MAX: i128 = 1 << 104;

/// One exposure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Priced {
    pub(crate) unrealised: i128,
    pub(crate) initial: i128,
    pub(crate) maintenance: i128,
    pub(crate) unpriced: bool,
}

/// All exposures that are settled in one balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worth {
    pub(crate) unrealised: i128,
    pub(crate) initial: i128,
    pub(crate) maintenance: i128,
    /// Positions that cannot be valued.
    pub(crate) unpriced: u32,
}

impl Worth {
    pub(crate) fn add(&mut self, part: &Priced) {
        add(&mut self.unrealised, part.unrealised);
        add(&mut self.initial, part.initial);
        add(&mut self.maintenance, part.maintenance);
        self.unpriced = self.unpriced.saturating_add(u32::from(part.unpriced));
    }

    fn sub(&mut self, part: &Priced) {
        sub(&mut self.unrealised, part.unrealised);
        sub(&mut self.initial, part.initial);
        sub(&mut self.maintenance, part.maintenance);
        self.unpriced = self.unpriced.saturating_sub(u32::from(part.unpriced));
    }
}

impl Priced {
    pub(crate) fn of(qty: Qty, cost: Money, units: &Units, rates: MarginRates, price: Option<Price>) -> Self {
        if qty.is_zero() {
            return Self::default();
        }
        let Some(unrealised) = unrealised(qty, cost, units, price) else {
            return Self { unpriced: true, ..Self::default() };
        };
        let size = unrealised.saturating_add(cost.0).saturating_abs();
        let (initial, maintenance) = (rated(size, rates.initial), rated(size, rates.maintenance));
        Self { unrealised, initial, maintenance, unpriced: false }
    }
}

/// What a position would bring beyond its cost; none where that is not known or not to be counted.
pub(crate) fn unrealised(qty: Qty, cost: Money, units: &Units, price: Option<Price>) -> Option<i128> {
    if qty.is_zero() {
        return Some(0);
    }
    let value = units.worth(price?, qty).filter(|value| value.saturating_abs() <= WORTH_MAX)?;
    if cost.0.saturating_abs() > WORTH_MAX { None } else { value.checked_sub(cost.0) }
}

impl Ledger {
    /// The exposure is worth something else now. Whether that changed anything.
    pub(crate) fn reprice(
        &mut self,
        exposure: u32,
        quote: u32,
        units: &Units,
        rates: MarginRates,
        price: Option<Price>,
    ) -> bool {
        let position = self.positions.exposure(exposure);
        let after = Priced::of(position.qty, position.cost, units, rates, price);
        let before = std::mem::replace(self.positions.priced_mut(exposure), after);
        let sum = self.balances.worth_mut(quote);
        sum.sub(&before);
        sum.add(&after);
        before != after
    }

    /// What is free of a balance for new positions: cash that is not locked, less what positions have lost so
    /// far. What they have won counts once it is realised.
    pub(crate) fn free(&self, balance: u32) -> Money {
        let lost = self.balances.worth(balance).unrealised.min(0);
        Money(self.balances.at(balance).available().0.saturating_add(lost))
    }

    /// What an order in a position settled there may ask for: of an isolated account its own cash as well.
    pub(crate) fn free_for(&self, balance: u32) -> Money {
        let beside =
            self.balances.beside(balance).map_or(Money::ZERO, |own| self.balances.at(own).available());
        Money(self.free(balance).0.saturating_add(beside.0.max(0)))
    }

    /// Cash and what positions have won or lost so far; none where one of them cannot be valued.
    pub(crate) fn equity_in(&self, balance: u32) -> Option<i128> {
        let worth = self.balances.worth(balance);
        let known = worth.unpriced == 0;
        known.then(|| self.balances.at(balance).total.0.saturating_add(worth.unrealised))
    }
}
