//! The books as the events tell them: what every trade and transfer moves, and what resting orders reserve.
//! It comes to the engine's own balances and positions, to the last unit; a test holds the two to each other.

use super::amount::{mul_div, rated};
use super::kept::{Kept, Now};
use super::market::Market;
use model::{AccountId, AssetId, BookId, InstrumentId, PositionAdjusted, Price, Rate, Side};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) total: i128,
    pub(super) locked: i128,
}

/// An account's position, or a book's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) qty: i64,
    /// Signed as the quantity is.
    pub(super) cost: i128,
    pub(super) realised: i128,
    pub(super) fees: i128,
    /// The price of its last trade.
    pub(super) traded: Price,
}

/// What an account's open orders in an instrument on margin may add, and what is locked for all of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Margin {
    buys: Open,
    sells: Open,
    locked: i128,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Open {
    qty: i64,
    value: i128,
    fees: i128,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub(super) balances: Kept<(AccountId, AssetId), Balance>,
    pub(super) positions: Kept<(AccountId, InstrumentId), Position>,
    pub(super) holdings: Kept<(BookId, InstrumentId), Holding>,
    pub(super) margins: Kept<(AccountId, InstrumentId), Margin>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Holding {
    pub(super) account: AccountId,
    pub(super) position: Position,
}

/// Whose, where, and how its account holds positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) account: AccountId,
    pub(super) book: BookId,
    pub(super) instrument: InstrumentId,
    pub(super) on_margin: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    pub(super) side: Side,
    pub(super) price: Price,
    pub(super) qty: i64,
    pub(super) fee: i128,
}

/// What a fill came to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posted {
    pub(super) value: i128,
    /// Of the account's position.
    pub(super) realised: i128,
    /// Of the quote asset, fee included.
    pub(super) cash: i128,
}

/// A resting order's side, price, and what is open of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resting {
    pub(super) side: Side,
    pub(super) price: Price,
    pub(super) left: i64,
}

impl Position {
    /// Moves by a signed quantity worth `value`, signed alike; gives what it realised. A reduction takes its share
    /// of the cost, rounded towards zero.
    fn shift(&mut self, by: i64, value: i128) -> Option<i128> {
        let before = self.qty;
        self.qty = before.checked_add(by)?;
        if before == 0 || (before > 0) == (by > 0) {
            self.cost = self.cost.checked_add(value)?;
            return Some(0);
        }
        let (held, moved) = (i128::from(before).abs(), i128::from(by).abs());
        let closed = held.min(moved);
        let cost_out = mul_div(self.cost, closed, held)?;
        let value_in = mul_div(value, closed, moved)?;
        self.cost = self.cost.checked_sub(cost_out)?.checked_add(value.checked_sub(value_in)?)?;
        let realised = cost_out.checked_add(value_in)?.checked_neg()?;
        self.realised = self.realised.checked_add(realised)?;
        Some(realised)
    }
}

impl Margin {
    fn required(&self, position: &Position, initial: Rate) -> Option<i128> {
        let (size, held) = (position.cost.checked_abs()?, i128::from(position.qty).abs());
        let (long, short) = if position.qty >= 0 {
            (size.checked_add(self.buys.value)?, self.sells.opening(held)?)
        } else {
            (self.buys.opening(held)?, size.checked_add(self.sells.value)?)
        };
        rated(long.max(short), initial)?.checked_add(self.buys.fees)?.checked_add(self.sells.fees)
    }
}

impl Open {
    /// The part that would open a position once `held` lots of the other side are closed.
    fn opening(&self, held: i128) -> Option<i128> {
        if i128::from(self.qty) <= held {
            return Some(0);
        }
        self.value.checked_sub(mul_div(self.value, held, self.qty.into())?)
    }

    fn change(&mut self, market: &Market, resting: &Resting, sign: i64) -> Option<()> {
        let Resting { price, left, .. } = *resting;
        let value = market.value(price, left)?.checked_abs()?;
        let fees = market.worst_fee(price, left)?;
        self.qty = self.qty.checked_add(left.checked_mul(sign)?)?;
        self.value = self.value.checked_add(value.checked_mul(sign.into())?)?;
        self.fees = self.fees.checked_add(fees.checked_mul(sign.into())?)?;
        Some(())
    }
}

impl Ledger {
    /// Money in or out.
    pub(super) fn transfer(
        &mut self,
        account: AccountId,
        asset: AssetId,
        amount: i128,
        now: Now,
    ) -> Option<()> {
        let balance = self.balances.touch((account, asset), now);
        balance.total = balance.total.checked_add(amount)?;
        Some(())
    }

    /// One side of a trade.
    pub(super) fn fill(&mut self, holder: &Holder, market: &Market, fill: &Fill, now: Now) -> Option<Posted> {
        let Holder { account, book, instrument, on_margin } = *holder;
        let sign = fill.side.sign();
        let value = market.value(fill.price, fill.qty)?;
        let (qty, signed) = (fill.qty.checked_mul(sign)?, value.checked_mul(sign.into())?);
        let holding = self.holdings.touch((book, instrument), now);
        holding.account = account;
        holding.position.shift(qty, signed)?;
        holding.position.fees = holding.position.fees.checked_add(fill.fee)?;
        let position = self.positions.touch((account, instrument), now);
        let realised = position.shift(qty, signed)?;
        position.fees = position.fees.checked_add(fill.fee)?;
        position.traded = fill.price;
        let paid = if on_margin { realised } else { signed.checked_neg()? };
        let cash = paid.checked_sub(fill.fee)?;
        self.transfer(account, market.quote, cash, now)?;
        if let Some(base) = market.base.filter(|_| !on_margin && market.delivered) {
            self.transfer(account, base, i128::from(qty).checked_mul(market.lot.0)?, now)?;
        }
        if on_margin {
            self.lock_margin(holder, market, now)?;
        }
        Some(Posted { value, realised, cash })
    }

    /// Cash that a position brought without a trade.
    pub(super) fn win(
        &mut self,
        (account, book, instrument): (AccountId, BookId, InstrumentId),
        amount: i128,
        now: Now,
    ) -> Option<()> {
        let holding = self.holdings.touch((book, instrument), now);
        holding.account = account;
        holding.position.realised = holding.position.realised.checked_add(amount)?;
        let position = self.positions.touch((account, instrument), now);
        position.realised = position.realised.checked_add(amount)?;
        Some(())
    }

    /// A book's position is another after a split or a delisting; its money has moved already.
    pub(super) fn adjust(
        &mut self,
        holder: &Holder,
        market: &Market,
        adjusted: &PositionAdjusted,
        now: Now,
    ) -> Option<()> {
        let holding = self.holdings.touch((holder.book, holder.instrument), now);
        holding.account = holder.account;
        let by = adjusted.qty.0.checked_sub(holding.position.qty)?;
        let out = holding.position.cost.checked_sub(adjusted.cost.0)?;
        (holding.position.qty, holding.position.cost) = (adjusted.qty.0, adjusted.cost.0);
        holding.position.realised = holding.position.realised.checked_add(adjusted.realised.0)?;
        let position = self.positions.touch((holder.account, holder.instrument), now);
        position.qty = position.qty.checked_add(by)?;
        position.cost = if position.qty == 0 { 0 } else { position.cost.checked_sub(out)? };
        position.realised = position.realised.checked_add(adjusted.realised.0)?;
        if holder.on_margin { self.lock_margin(holder, market, now) } else { Some(()) }
    }

    /// A resting order stands as `after` where it stood as `before`.
    pub(super) fn reserve(
        &mut self,
        holder: &Holder,
        market: &Market,
        (before, after): (Option<&Resting>, Option<&Resting>),
        now: Now,
    ) -> Option<()> {
        for (resting, sign) in [(before, -1), (after, 1)] {
            let Some(resting) = resting else { continue };
            if holder.on_margin {
                let margin = self.margins.touch((holder.account, holder.instrument), now);
                let open = if resting.side == Side::Buy { &mut margin.buys } else { &mut margin.sells };
                open.change(market, resting, sign)?;
            } else {
                let asset = if resting.side == Side::Buy { market.quote } else { market.base? };
                let amount = market.reserved(resting.side, resting.price, resting.left)?;
                let balance = self.balances.touch((holder.account, asset), now);
                balance.locked = balance.locked.checked_add(amount.checked_mul(sign.into())?)?;
            }
        }
        if holder.on_margin { self.lock_margin(holder, market, now) } else { Some(()) }
    }

    /// Locks what a position and its open orders require now.
    fn lock_margin(&mut self, holder: &Holder, market: &Market, now: Now) -> Option<()> {
        let key = (holder.account, holder.instrument);
        let position = self.positions.get(key).copied().unwrap_or_default();
        let margin = self.margins.touch(key, now);
        let required = margin.required(&position, market.initial)?;
        let more = required.checked_sub(std::mem::replace(&mut margin.locked, required))?;
        if more != 0 {
            let balance = self.balances.touch((holder.account, market.quote), now);
            balance.locked = balance.locked.checked_add(more)?;
        }
        Some(())
    }

    /// After loading: what the orders and positions that were loaded require is locked in the balances already.
    pub(super) fn recall(
        &mut self,
        holder: &Holder,
        market: &Market,
        resting: Option<&Resting>,
    ) -> Option<()> {
        if !holder.on_margin {
            return Some(());
        }
        let key = (holder.account, holder.instrument);
        let mut margin = self.margins.get(key).copied().unwrap_or_default();
        if let Some(resting) = resting {
            let open = if resting.side == Side::Buy { &mut margin.buys } else { &mut margin.sells };
            open.change(market, resting, 1)?;
        }
        let position = self.positions.get(key).copied().unwrap_or_default();
        margin.locked = margin.required(&position, market.initial)?;
        self.margins.load(key, margin);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_opens_shrinks_and_turns() {
        let mut position = Position::default();
        let mut check = |by: i64, value: i128, realised: i128, left: (i64, i128)| {
            assert_eq!(position.shift(by, value), Some(realised), "by {by}");
            assert_eq!((position.qty, position.cost), left, "by {by}");
        };
        check(3, 300, 0, (3, 300));
        check(1, 120, 0, (4, 420));
        check(-2, -220, 10, (2, 210));
        check(-5, -500, -10, (-3, -300));
        check(3, 270, 30, (0, 0));
        check(-3, -100, 0, (-3, -100));
        check(1, 33, 0, (-2, -67));
    }
}
