//! Round trips: what a strategy's fills in one market add up to, from flat to flat, with how far the price went
//! against it and for it meanwhile.

use crate::tally::Trade;
use model::{Money, OutsideTrade, PositionAdjusted, Price, Side, Time};

/// A position that is open, or is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leg {
    pub(crate) qty: i64,
    /// Ticks × lots of what is open, with the sign of the position.
    cost: i128,
    /// Ticks × lots won so far by what was closed of it.
    won: i128,
    fees: i128,
    carry: i128,
    opened: Time,
    side: Option<Side>,
    /// All that was bought into and sold out of it, for average prices.
    entered: (i128, i64),
    left: (i128, i64),
    pub(crate) low: i64,
    pub(crate) high: i64,
}

impl Leg {
    /// Takes a fill; gives the round trip that it ends.
    pub(crate) fn take(&mut self, fill: &OutsideTrade, time: Time, unit: Money) -> Option<Trade> {
        let signed = fill.qty.0.saturating_mul(fill.side.sign());
        let closing =
            if self.qty.signum() * signed.signum() < 0 { self.qty.abs().min(signed.abs()) } else { 0 };
        let mut done = None;
        let share = |part: i64| fee_share(fill.fee.0, part, fill.qty.0);
        if closing > 0 {
            self.close(fill.price, closing);
            self.fees += share(closing);
            if self.qty == 0 {
                done = self.end(time, unit);
            }
        }
        let opening = fill.qty.0 - closing;
        if opening > 0 {
            let fee = fill.fee.0 - if closing > 0 { share(closing) } else { 0 };
            self.open(fill, opening, fee, time);
        }
        done
    }

    fn close(&mut self, price: Price, lots: i64) {
        let part = self.cost * i128::from(lots) / i128::from(self.qty.abs());
        let sign = i128::from(self.qty.signum());
        self.won += sign * i128::from(price.0) * i128::from(lots) - part;
        self.cost -= part;
        self.qty -= self.qty.signum() * lots;
        self.left.0 += i128::from(price.0) * i128::from(lots);
        self.left.1 += lots;
        self.see(price.0, price.0);
    }

    fn open(&mut self, fill: &OutsideTrade, lots: i64, fee: i128, time: Time) {
        if self.qty == 0 {
            *self = Self {
                opened: time,
                side: Some(fill.side),
                low: fill.price.0,
                high: fill.price.0,
                ..Self::default()
            };
        }
        let amount = i128::from(fill.price.0) * i128::from(lots);
        self.cost += amount * i128::from(fill.side.sign());
        self.qty += lots * fill.side.sign();
        self.entered.0 += amount;
        self.entered.1 += lots;
        self.fees += fee;
        self.see(fill.price.0, fill.price.0);
    }

    /// Cash that the position brought. What comes after its end is nobody's.
    pub(crate) fn carry(&mut self, amount: Money) {
        if self.qty != 0 {
            self.carry += amount.0;
        }
    }

    /// Ticks × lots that go out of the cost with a part that was paid out.
    pub(crate) fn cost_out(&self, adjusted: &PositionAdjusted, unit: Money) -> f64 {
        (self.cost - adjusted.cost.0 / unit.0.max(1)) as f64
    }

    /// After a split or a delisting; gives the round trip that it ends.
    pub(crate) fn adjust(&mut self, adjusted: &PositionAdjusted, time: Time, unit: Money) -> Option<Trade> {
        let (before, after) = (self.qty, adjusted.qty.0);
        if before == 0 {
            return None;
        }
        self.carry += adjusted.realised.0;
        self.cost = adjusted.cost.0 / unit.0.max(1);
        self.qty = after;
        if after == 0 {
            // What is left of it was paid out, and is in what was won without a trade.
            self.left.1 = self.left.1.max(1);
            return self.end(time, unit);
        }
        let turn = |lots: i64| scaled(lots, after, before);
        (self.entered.1, self.left.1) = (turn(self.entered.1), turn(self.left.1));
        (self.low, self.high) = (scaled(self.low, before, after), scaled(self.high, before, after));
        None
    }

    #[inline]
    pub(crate) fn see(&mut self, low: i64, high: i64) {
        self.low = self.low.min(low);
        self.high = self.high.max(high);
    }

    fn end(&mut self, closed: Time, unit: Money) -> Option<Trade> {
        let done = std::mem::take(self);
        let average = |(amount, lots): (i128, i64)| amount as f64 / lots.max(1) as f64;
        let (entry, exit) = (average(done.entered), average(done.left));
        let side = done.side?;
        let away = |ticks: i64| (ticks as f64 / entry - 1.0) * side.sign() as f64;
        let (a, b) = (away(done.low), away(done.high));
        Some(Trade {
            strategy: 0,
            market: 0,
            side,
            lots: done.entered.1,
            opened: done.opened,
            closed,
            entry,
            exit,
            gross: Money(done.won * unit.0),
            fees: Money(done.fees),
            carry: Money(done.carry),
            adverse: (-a.min(b)).max(0.0),
            favourable: a.max(b).max(0.0),
        })
    }
}

fn fee_share(fee: i128, part: i64, whole: i64) -> i128 {
    fee * i128::from(part) / i128::from(whole.max(1))
}

fn scaled(number: i64, by: i64, of: i64) -> i64 {
    let all = i128::from(number) * i128::from(by);
    all.checked_div(i128::from(of)).and_then(|all| i64::try_from(all).ok()).unwrap_or(number)
}
