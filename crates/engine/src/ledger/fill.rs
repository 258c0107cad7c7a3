//! One side of a trade in the books: money, stock, position, fee. The maker's and the taker's side are the
//! same function, so what one pays the other gets, and clearing takes what only one of them delivers.

use super::{Demand, Ledger};
use crate::amount::{add, add_qty, sub};
use crate::ledger::position::shift;
use crate::units::Units;
use model::{AssetId, Price, Qty, Rate, Side};

/// One side of a trade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fill {
    pub(crate) holding: u32,
    pub(crate) side: Side,
    pub(crate) qty: Qty,
    /// Price × quantity, in quote.
    pub(crate) value: i128,
    pub(crate) fee: i128,
    pub(crate) reduces: bool,
}

/// What a resting order of a cash account keeps locked: a buy its cost and worst fee, a sell the stock.
#[inline]
pub(crate) fn reserved(units: &Units, side: Side, price: Price, left: Qty) -> i128 {
    match side {
        Side::Buy => units.cost(price, left),
        Side::Sell => i128::from(left.0).wrapping_mul(units.lot),
    }
}

impl Ledger {
    /// Posts one side of a trade. Both sides of a trade are posted, or neither.
    #[inline]
    pub(crate) fn post_fill(&mut self, fill: &Fill, units: &Units, base: Option<AssetId>, quote: AssetId) {
        let sign = fill.side.sign();
        let (signed_qty, signed_value) =
            (fill.qty.0.wrapping_mul(sign), fill.value.wrapping_mul(i128::from(sign)));
        let holding = self.positions.at_mut(fill.holding);
        let before = (holding.qty, holding.cost);
        let realised = shift(&mut holding.qty, &mut holding.cost, signed_qty, signed_value);
        add(&mut holding.realised.0, realised);
        add(&mut holding.fees.0, fill.fee);
        if fill.reduces {
            add_qty(&mut holding.reducing, fill.qty.0.wrapping_neg());
        }
        let (exposure, on_margin) = (holding.exposure, holding.on_margin);
        let (quote_at, base_at, after) = (holding.quote, holding.base, (holding.qty, holding.cost));
        if self.lines.on {
            self.lines.fill(fill.holding, signed_qty, fill.value, fill.fee);
        }
        let exposure = self.positions.exposure_mut(exposure);
        // Most accounts hold an instrument in one book, and then both move alike.
        let of_account = if (exposure.qty, exposure.cost) == before {
            (exposure.qty, exposure.cost) = after;
            realised
        } else {
            shift(&mut exposure.qty, &mut exposure.cost, signed_qty, signed_value)
        };

        add(&mut self.house_mut(quote).fees.0, fill.fee);
        let cash = self.balances.at_mut(quote_at);
        cash.debit(fill.fee);
        if on_margin {
            cash.credit(of_account);
            self.clear(base, quote, signed_qty, signed_value, of_account, units);
        } else {
            cash.debit(signed_value);
            self.balances.at_mut(base_at).credit(i128::from(signed_qty).wrapping_mul(units.lot));
        }
    }

    /// The clearing account's side of a trade whose holder takes a position instead of delivery: it pays and
    /// keeps in the holder's place, and settles what the holder realised.
    fn clear(
        &mut self,
        base: Option<AssetId>,
        quote: AssetId,
        qty: i64,
        value: i128,
        realised: i128,
        units: &Units,
    ) {
        let clearing = &mut self.house_mut(quote).clearing.0;
        sub(clearing, value);
        sub(clearing, realised);
        if let Some(base) = base {
            add(&mut self.house_mut(base).clearing.0, i128::from(qty).wrapping_mul(units.lot));
        }
    }

    /// What an order at `(side, price)` keeps reserved changes with its open quantity, from one to another.
    #[inline]
    pub(crate) fn rereserve(
        &mut self,
        holding: u32,
        units: &Units,
        initial: Rate,
        (side, price): (Side, Price),
        (before, after): (Qty, Qty),
    ) {
        if self.lines.on {
            self.lines.reopen(holding, side, before, after);
        }
        let held = self.positions.at(holding);
        if held.on_margin {
            let demand = |qty| Demand::of(units, side, price, qty);
            return self.reopen(holding, initial, &demand(before), &demand(after));
        }
        let balance = self.balances.at_mut(if side == Side::Buy { held.quote } else { held.base });
        balance.lock(match side {
            Side::Buy => units.cost_change(price, before, after),
            Side::Sell => reserved(units, side, price, Qty(after.0.wrapping_sub(before.0))),
        });
    }

    /// What an order keeps reserved becomes what so many lots at another price need.
    pub(crate) fn reserve_other(
        &mut self,
        holding: u32,
        units: &Units,
        initial: Rate,
        (side, before, after): (Side, (Price, Qty), (Price, Qty)),
    ) {
        if before.0 == after.0 {
            return self.rereserve(holding, units, initial, (side, after.0), (before.1, after.1));
        }
        if self.lines.on {
            self.lines.reopen(holding, side, before.1, after.1);
        }
        let held = self.positions.at(holding);
        if held.on_margin {
            let demand = |(price, qty)| Demand::of(units, side, price, qty);
            return self.reopen(holding, initial, &demand(before), &demand(after));
        }
        let balance = self.balances.at_mut(if side == Side::Buy { held.quote } else { held.base });
        balance.unlock(reserved(units, side, before.0, before.1));
        balance.lock(reserved(units, side, after.0, after.1));
    }

    /// A position held on margin has changed: locks what it requires now.
    pub(crate) fn relock_holding(&mut self, holding: u32, initial: Rate) {
        let holding = self.positions.at(holding);
        self.relock_margin(holding.exposure, holding.quote, initial);
    }
}
