//! Margin of an account in one instrument: initial margin on the worse of two worlds, the one in which all its
//! open buys fill and the one in which all its open sells do, plus the worst fees of both.

use super::{Exposure, Ledger, Margin};
use crate::amount::{POSITION_QTY_MAX, POSITION_VALUE_MAX, money, rated, share, sub_qty};
use crate::ledger::position::Open;
use crate::units::Units;
use model::{AssetId, Money, Price, Qty, Rate, Reject, Side};

/// What an order would ask of an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) side: Side,
    pub(crate) qty: i64,
    /// At the worst price it may trade at, as a size.
    pub(crate) value: i128,
    pub(crate) fees: i128,
}

impl Demand {
    /// What is open of a resting order.
    pub(crate) fn of(units: &Units, side: Side, price: Price, qty: Qty) -> Self {
        let value = units.value(price, qty).saturating_abs();
        Self { side, qty: qty.0, value, fees: units.worst_fee(price, qty) }
    }
}

impl Margin {
    fn side_mut(&mut self, side: Side) -> &mut Open {
        match side {
            Side::Buy => &mut self.open_buys,
            Side::Sell => &mut self.open_sells,
        }
    }

    /// Lots of a side that are open.
    pub(crate) fn open_qty(&self, side: Side) -> i64 {
        match side {
            Side::Buy => self.open_buys.qty,
            Side::Sell => self.open_sells.qty,
        }
    }

    fn required(&self, position: &Exposure, initial: Rate) -> i128 {
        let size = position.cost.0.saturating_abs();
        let held = position.qty.0.saturating_abs();
        let (long, short) = if position.qty.0 >= 0 {
            (size.saturating_add(self.open_buys.value), opening(&self.open_sells, held))
        } else {
            (opening(&self.open_buys, held), size.saturating_add(self.open_sells.value))
        };
        let worse = long.max(short);
        rated(worse, initial).saturating_add(self.open_buys.fees).saturating_add(self.open_sells.fees)
    }

    fn within_bounds(&self, position: &Exposure) -> Result<(), Reject> {
        let qty = position.qty.0.saturating_abs();
        let qty = qty.saturating_add(self.open_buys.qty).saturating_add(self.open_sells.qty);
        let value = position.cost.0.saturating_abs();
        let value = value.saturating_add(self.open_buys.value).saturating_add(self.open_sells.value);
        if qty > POSITION_QTY_MAX || value > POSITION_VALUE_MAX {
            return Err(Reject::TooLargeToCount);
        }
        Ok(())
    }
}

/// The part of the open orders that would open a position once `held` lots of the other side are closed.
fn opening(open: &Open, held: i64) -> i128 {
    let beyond = open.qty.saturating_sub(held);
    if beyond <= 0 { 0 } else { open.value.saturating_sub(share(open.value, held, open.qty)) }
}

/// The margin that an order would lock beside what is locked already.
#[inline]
pub(crate) fn margin_needed(
    position: &Exposure,
    before: &Margin,
    initial: Rate,
    demand: &Demand,
) -> Result<Money, Reject> {
    let mut after = *before;
    let open = after.side_mut(demand.side);
    let qty = open.qty.checked_add(demand.qty);
    let value = open.value.checked_add(demand.value);
    let fees = open.fees.checked_add(demand.fees);
    let (Some(qty), Some(value), Some(fees)) = (qty, value, fees) else {
        return Err(Reject::TooLargeToCount);
    };
    *open = Open { qty, value, fees };
    after.within_bounds(position)?;
    Ok(Money(after.required(position, initial).saturating_sub(before.locked.0)))
}

impl Ledger {
    /// Whether the account can carry the order as well.
    pub(crate) fn check_margin(
        &self,
        exposure: u32,
        quote: u32,
        initial: Rate,
        demand: &Demand,
        reduces: bool,
    ) -> Result<(), Reject> {
        let (position, before) = (self.positions.exposure(exposure), self.positions.margin(exposure));
        let needed = margin_needed(position, before, initial, demand)?;
        // What only reduces is let through: it takes no margin, and its fee is what getting out costs.
        if needed <= Money::ZERO || reduces {
            return Ok(());
        }
        let (balance, free) = (self.balances.at(quote), self.free_for(quote));
        if needed > free {
            return Err(Reject::InsufficientMargin { asset: balance.asset, needed, free });
        }
        if self.balances.worth(quote).unpriced > 0 {
            return Err(Reject::Unvalued { account: balance.account });
        }
        Ok(())
    }

    /// An order's open part counts as `after` in place of `before`.
    pub(crate) fn reopen(&mut self, holding: u32, initial: Rate, before: &Demand, after: &Demand) {
        let (exposure, quote) = (self.positions.at(holding).exposure, self.positions.at(holding).quote);
        let open = self.positions.margin_mut(exposure).side_mut(before.side);
        open.sub(before.qty, before.value, before.fees);
        open.add(after.qty, after.value, after.fees);
        self.relock_margin(exposure, quote, initial);
    }

    /// Locks what the exposure requires now.
    pub(crate) fn relock_margin(&mut self, exposure: u32, quote: u32, initial: Rate) {
        let position = *self.positions.exposure(exposure);
        let margin = self.positions.margin_mut(exposure);
        let (before, after) = (margin.locked.0, margin.required(&position, initial));
        margin.locked = money(after);
        let (empty, idle) = (position.qty.is_zero(), after == 0);
        let balance = self.balances.at_mut(quote);
        balance.unlock(before);
        balance.lock(after);
        if balance.behind.is_some() {
            self.set_aside(quote, after.saturating_sub(before), empty && idle);
        }
    }

    /// Lots that a reduce-only order of this side may still claim.
    pub(crate) fn reducible(&self, holding: u32, side: Side) -> i64 {
        let holding = self.positions.at(holding);
        let against = holding.qty.0.signum() == side.opposite().sign();
        let mut left = if against { holding.qty.0.saturating_abs() } else { 0 };
        sub_qty(&mut left, holding.reducing);
        left.max(0)
    }

    /// The asset and free amount a buy of a cash account pays from.
    pub(crate) fn check_cash(&self, at: u32, needed: i128) -> Result<(), Reject> {
        let balance = self.balances.at(at);
        let (asset, free): (AssetId, Money) = (balance.asset, balance.available());
        if free.0 < needed {
            return Err(Reject::InsufficientFunds { asset, needed: money(needed), free });
        }
        Ok(())
    }
}
