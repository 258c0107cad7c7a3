//! Double entry. Whatever moves between accounts, fees and clearing sums to zero in each asset; only a deposit
//! or withdrawal changes what is in the house. A cash account pays and delivers; a margin or futures account
//! holds positions against collateral, with the clearing account on the other side of each of its trades.

mod balance;
mod fill;
mod isolated;
mod leave;
mod lines;
mod margin;
mod position;
mod worth;

pub use balance::Balance;
pub(crate) use balance::Balances;
pub(crate) use fill::{Fill, reserved};
pub(crate) use leave::{Leave, ceil, dearer, floor, times};
pub(crate) use lines::{Line, Lines, NOTHING, Place, Tally};
pub(crate) use margin::{Demand, margin_needed};
pub(crate) use position::Positions;
pub use position::{Exposure, Holding, Margin};
pub(crate) use worth::{Priced, Worth, unrealised};

use crate::amount::{SUPPLY_MAX, add, sub};
use model::{AccountId, AssetId, Money, Reject, VenueId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The house's own accounts in one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct House {
    /// Earned in fees; negative if rebates were more.
    pub fees: Money,
    /// The other side of positions held on margin.
    pub clearing: Money,
    /// Deposits less withdrawals.
    pub paid_in: Money,
    /// What was paid for accounts that could not; negative.
    pub insurance: Money,
}

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) balances: Balances,
    pub(crate) positions: Positions,
    pub(crate) house: Vec<House>,
    /// Sums that limits need.
    pub(crate) lines: Lines,
    /// What outside venues have paid and delivered: the other side of every fill there.
    pub(crate) outside: BTreeMap<(VenueId, AssetId), Money>,
    /// Balances behind positions that cash came to or went from; looked at before the command ends.
    pub(crate) moved: BTreeSet<u32>,
}

impl Ledger {
    pub(crate) fn from(
        balances: Vec<Balance>,
        holdings: Vec<Holding>,
        exposures: Vec<Exposure>,
        margins: Vec<Margin>,
        priced: Vec<Priced>,
        house: Vec<House>,
    ) -> Self {
        let positions = Positions::from(holdings, exposures, margins, priced);
        let (lines, outside, moved) = (Lines::default(), BTreeMap::new(), BTreeSet::new());
        Self { balances: Balances::from(balances), positions, house, lines, outside, moved }
    }

    #[inline]
    pub(crate) fn house_mut(&mut self, asset: AssetId) -> &mut House {
        self.house.get_mut(asset.0 as usize).expect("invariant: a listed asset is defined")
    }

    pub(crate) fn deposit(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: Money,
    ) -> Result<(), Reject> {
        let supply = self.house.get(asset.0 as usize).ok_or(Reject::UnknownAsset { asset })?.paid_in;
        let after = supply.checked_add(amount).filter(|after| after.0 <= SUPPLY_MAX);
        let after = after.ok_or(Reject::TooLargeToCount)?;
        let at = self.balances.find_or_open(account, asset, None)?;
        self.balances.at_mut(at).credit(amount.0);
        self.house_mut(asset).paid_in = after;
        Ok(())
    }

    pub(crate) fn withdraw(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: Money,
    ) -> Result<(), Reject> {
        let short = |free| Reject::InsufficientFunds { asset, needed: amount, free };
        let at = self.balances.find(account, asset).ok_or(short(Money::ZERO))?;
        if self.balances.worth(at).unpriced > 0 {
            return Err(Reject::Unvalued { account });
        }
        let free = self.free(at);
        if free < amount {
            return Err(short(free));
        }
        self.balances.at_mut(at).debit(amount.0);
        sub(&mut self.house_mut(asset).paid_in.0, amount.0);
        Ok(())
    }

    /// What the house has too much of each asset: zero, always.
    pub(crate) fn imbalance(&self) -> Vec<i128> {
        let mut sums: Vec<i128> = self.house.iter().map(House::own).collect();
        for ((_, asset), amount) in &self.outside {
            if let Some(sum) = sums.get_mut(asset.0 as usize) {
                add(sum, amount.0);
            }
        }
        for balance in &self.balances.all {
            if let Some(sum) = sums.get_mut(balance.asset.0 as usize) {
                add(sum, balance.total.0);
            }
        }
        sums
    }
}

impl House {
    fn own(&self) -> i128 {
        self.fees
            .0
            .saturating_add(self.clearing.0)
            .saturating_add(self.insurance.0)
            .saturating_sub(self.paid_in.0)
    }
}
