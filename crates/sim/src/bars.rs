//! Fills where only bars are known. A market order trades at the price that comes next; a limit order that was there
//! before trades at its own price when the way of the bar touches it, and at the open where that is better. A share of
//! the bar's volume can be the most that is ours; what is over waits for the next bar.

use crate::path::{Path, Point};
use crate::venue::Venue;
use model::{Bar, Call, InstrumentId, NANOS_PER_SECOND, OrderId, Price, Qty, Time, TimeInForce};

const DAY_NS: i64 = 86_400 * NANOS_PER_SECOND;

impl Venue {
    /// A bar begins: its open is the first price since the last one closed.
    pub fn open(&mut self, instrument: InstrumentId, bar: &Bar) {
        let now = bar.begin;
        self.advance(now);
        let share = self.rules.volume_share_max;
        let opens = self.opens(instrument, bar);
        let day = now.0.div_euclid(DAY_NS);
        let Some(stall) = self.stall_mut(instrument) else { return };
        let is_new_day = stall.day != i64::MIN && stall.day < day;
        (stall.day, stall.is_between, stall.volume) = (day, false, bar.volume);
        stall.room = share.map(|share| crate::number::whole(bar.volume.0 as f64 * share));
        stall.last = Some(bar.open);
        if stall.working.is_empty() {
            return;
        }
        if is_new_day {
            self.end_day(now, instrument);
        }
        if opens {
            self.auction(now, instrument, Call::Open, bar.open);
        }
        if !self.rules.is_halted(now) {
            self.trade_at_open(now, instrument, bar.open);
            self.end_immediate(now, instrument);
        }
        if let Some(stall) = self.stall_mut(instrument) {
            // Who did not trade at the open stands there from now on.
            stall.working.iter_mut().for_each(|working| working.rests = working.limit.is_some());
        }
    }

    /// The price has come to another point of the bar.
    pub fn point(&mut self, instrument: InstrumentId, now: Time, point: Point) {
        self.advance(now);
        let halted = self.rules.is_halted(now);
        let Some(stall) = self.stall_mut(instrument) else { return };
        stall.last = Some(point.price);
        let touched: Vec<OrderId> = stall
            .working
            .iter()
            .filter(|working| working.reaches(point.price) && !halted)
            .map(|working| working.order)
            .collect();
        let beyond = point.is_jump && self.rules.path == Path::Best;
        for order in touched {
            let Some(working) =
                self.stall(instrument).and_then(|stall| stall.working.get(stall.find(order)?))
            else {
                continue;
            };
            let price = match working.limit {
                Some(limit) if !beyond => limit,
                Some(_) => point.price,
                None => {
                    let (side, left) = (working.side, working.left);
                    self.slipped(instrument, side, point.price, left)
                }
            };
            self.trade_all(now, instrument, order, price, true);
        }
    }

    /// The bar is over.
    pub fn close(&mut self, instrument: InstrumentId, bar: &Bar) {
        self.advance(bar.end);
        if self.closes(instrument, bar) && self.works_in(instrument) {
            self.auction(bar.end, instrument, Call::Close, bar.close);
        }
        if let Some(stall) = self.stall_mut(instrument) {
            (stall.last, stall.is_between) = (Some(bar.close), true);
            stall.working.iter_mut().for_each(|working| working.rests = working.limit.is_some());
        }
    }

    /// An order comes while a price stands.
    pub(crate) fn enter_bars(&mut self, now: Time, instrument: InstrumentId, order: OrderId, price: Price) {
        let Some(working) =
            self.stall(instrument).and_then(|stall| Some(*stall.working.get(stall.find(order)?)?))
        else {
            return;
        };
        if working.reaches(price) {
            let slipped = self.slipped(instrument, working.side, price, working.left);
            let worst = working.limit.map_or(slipped, |limit| match working.side {
                model::Side::Buy => slipped.min(limit),
                model::Side::Sell => slipped.max(limit),
            });
            let short =
                self.stall(instrument).is_some_and(|stall| stall.allowed(working.left) < working.left);
            if !(working.time_in_force == TimeInForce::Fok && short) {
                self.trade_all(now, instrument, order, worst, false);
            }
        }
        if let Some(stall) = self.stall_mut(instrument)
            && let Some(working) = stall.find(order).and_then(|at| stall.working.get_mut(at))
        {
            working.rests = working.limit.is_some();
        }
        self.end_immediate(now, instrument);
    }

    fn trade_at_open(&mut self, now: Time, instrument: InstrumentId, open: Price) {
        let Some(stall) = self.stall(instrument) else { return };
        let here: Vec<OrderId> = stall
            .working
            .iter()
            .filter(|working| working.reaches(open))
            .map(|working| working.order)
            .collect();
        for order in here {
            let Some(stall) = self.stall(instrument) else { return };
            let Some(working) = stall.find(order).and_then(|at| stall.working.get(at)).copied() else {
                continue;
            };
            if working.time_in_force == TimeInForce::Fok && stall.allowed(working.left) < working.left {
                continue;
            }
            // Who waits with a limit gets the open, which is as good or better; who asks for the market slips.
            let price = match working.limit {
                Some(_) => open,
                None => self.slipped(instrument, working.side, open, working.left),
            };
            self.trade_all(now, instrument, order, price, false);
        }
    }

    fn slipped(&self, instrument: InstrumentId, side: model::Side, price: Price, qty: Qty) -> Price {
        let volume = self.stall(instrument).map_or(Qty::ZERO, |stall| stall.volume);
        self.rules.slippage.price(side, price, qty, volume)
    }

    fn trade_all(
        &mut self,
        now: Time,
        instrument: InstrumentId,
        order: OrderId,
        price: Price,
        can_miss: bool,
    ) {
        let Some(stall) = self.stall(instrument) else { return };
        let Some(at) = stall.find(order) else { return };
        let Some(working) = stall.working.get(at) else { return };
        let (qty, rests) = (stall.allowed(working.left), working.rests);
        if can_miss && rests && self.dice.happens(self.rules.faults.miss) {
            return;
        }
        self.fill(now, instrument, at, price, qty);
    }

    /// What may not wait ends.
    fn end_immediate(&mut self, now: Time, instrument: InstrumentId) {
        let Some(stall) = self.stall(instrument) else { return };
        let over: Vec<OrderId> = stall
            .working
            .iter()
            .filter(|working| working.is_immediate())
            .map(|working| working.order)
            .collect();
        over.into_iter().for_each(|order| self.expire(now, order));
    }

    fn end_day(&mut self, now: Time, instrument: InstrumentId) {
        let Some(stall) = self.stall(instrument) else { return };
        let day = now.0.div_euclid(DAY_NS);
        let is_over = |came: Time| came.0.div_euclid(DAY_NS) < day;
        let over: Vec<OrderId> = stall
            .working
            .iter()
            .filter(|working| working.time_in_force == TimeInForce::Day && is_over(working.came))
            .map(|working| working.order)
            .collect();
        over.into_iter().for_each(|order| self.expire(now, order));
    }
}
