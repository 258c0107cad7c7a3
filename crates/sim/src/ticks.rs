//! Fills where quotes, prints, levels or single orders are known. What takes, takes what is shown, and what it took is
//! gone. What rests waits its turn: prints at its price use up what stands before it, a print or a quote beyond it
//! fills it, and where single orders are known its place is exact.

use crate::depth::Depth;
use crate::printed::Printed;
use crate::venue::Venue;
use model::{InstrumentId, Level, OrderId, Price, Print, Qty, Quote, Side, Time, TimeInForce};

/// What happened to one order of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderDeed {
    Added {
        id: u64,
        side: Side,
        price: Price,
        qty: Qty,
    },
    /// Taken back in part, or whole where nothing is left.
    Reduced {
        id: u64,
        qty: Qty,
    },
    Executed {
        id: u64,
        qty: Qty,
    },
    Removed {
        id: u64,
    },
    /// It is as this says now: at the same price with no more than before it keeps its place.
    Changed {
        id: u64,
        side: Side,
        price: Price,
        qty: Qty,
    },
}

/// The place of one that joins again once the book has been told anew.
const LAST: u64 = u64::MAX;

impl Venue {
    /// The best prices of the market, and what stands there.
    pub fn quote(&mut self, now: Time, quote: &Quote) {
        self.advance(now);
        let instrument = quote.instrument;
        let impact = self.rules.impact;
        let queue = self.rules.queue;
        let Some(stall) = self.stall_mut(instrument) else { return };
        for (side, best) in [(Side::Buy, quote.bid), (Side::Sell, quote.ask)] {
            let before = stall.depth.best(side);
            if before == best {
                continue;
            }
            stall.depth.set_best(side, best, impact);
            for working in stall.working.iter_mut().filter(|working| working.side == side) {
                let Some(limit) = working.limit else { continue };
                working.ahead =
                    ahead_after(queue, working.ahead, (side, limit), before, best, &stall.printed);
            }
        }
        stall.printed.clear();
        if !stall.working.is_empty() {
            self.meet(now, instrument);
        }
    }

    /// A level of the market now has so many lots; none where there are zero. Orders meet the book when it is whole
    /// again, after the last level of an event.
    pub fn level(
        &mut self,
        now: Time,
        instrument: InstrumentId,
        (side, price, qty): (Side, Price, Qty),
        is_last: bool,
    ) {
        self.advance(now);
        let (impact, queue) = (self.rules.impact, self.rules.queue);
        let Some(stall) = self.stall_mut(instrument) else { return };
        let before = stall.depth.set(side, price, qty, impact);
        let printed = stall.printed.take(side, price);
        let known = before.0.saturating_sub(printed).max(0) as f64;
        let here =
            stall.working.iter_mut().filter(|working| working.side == side && working.limit == Some(price));
        for working in here {
            working.ahead = queue.shrink(working.ahead, known, qty.0 as f64);
        }
        if is_last && !stall.working.is_empty() {
            self.meet(now, instrument);
        }
    }

    /// Somebody traded. `taker` is the side that took, where it is known.
    pub fn print(&mut self, now: Time, print: &Print, taker: Option<Side>) {
        self.advance(now);
        let instrument = print.instrument;
        let halted = self.is_halted(now, instrument);
        self.call_by_print(now, instrument, print.price, print.qty);
        let Some(stall) = self.stall_mut(instrument) else { return };
        stall.last = Some(print.price);
        let maker = taker.map(Side::opposite).or_else(|| {
            let touches = |side, level: Level| Side::reaches(side, print.price, level.price);
            let ask = stall.depth.best(Side::Sell).is_some_and(|level| touches(Side::Buy, level));
            let bid = stall.depth.best(Side::Buy).is_some_and(|level| touches(Side::Sell, level));
            match (bid, ask) {
                (true, false) => Some(Side::Buy),
                (false, true) => Some(Side::Sell),
                _ => None,
            }
        });
        let Some(maker) = maker else { return };
        stall.printed.add(now, (maker, print.price, print.qty));
        if !halted && stall.working.iter().any(|working| working.side == maker) {
            self.trade_with(now, instrument, maker, print.price, print.qty);
        }
    }

    /// The best levels that are shown now.
    #[must_use]
    pub fn touch(&self, instrument: InstrumentId) -> (Option<Level>, Option<Level>) {
        let best = |side| self.stall(instrument).and_then(|stall| stall.depth.best(side));
        (best(Side::Buy), best(Side::Sell))
    }

    /// What was known of the book is not so any more. Our own orders stand behind whatever is told of it next.
    pub fn forget_book(&mut self, now: Time, instrument: InstrumentId) {
        self.advance(now);
        let Some(stall) = self.stall_mut(instrument) else { return };
        (stall.depth, stall.printed) = (Depth::default(), Printed::default());
        stall.exact.forget();
        stall.working.iter_mut().for_each(|working| working.place = LAST);
    }

    /// Nothing trades at this market, or it does again.
    pub fn halt(&mut self, now: Time, instrument: InstrumentId, is_halted: bool) {
        self.advance(now);
        if let Some(stall) = self.stall_mut(instrument) {
            stall.is_halted = is_halted;
        }
        if !is_halted && self.works_in(instrument) {
            self.meet(now, instrument);
        }
    }

    /// What one order of others did. Gives the trade that it was, if it was one: the side that rested.
    pub fn deed(
        &mut self,
        now: Time,
        instrument: InstrumentId,
        deed: OrderDeed,
    ) -> Option<(Side, Price, Qty)> {
        self.advance(now);
        if let OrderDeed::Changed { id, side, price, qty } = deed {
            let before = self.stall(instrument)?.exact.order(id);
            let keeps = before.filter(|before| (before.0, before.1) == (side, price) && before.2 >= qty);
            let (first, second) = match keeps {
                Some(before) => (OrderDeed::Reduced { id, qty: Qty(before.2.0.saturating_sub(qty.0)) }, None),
                None => (OrderDeed::Removed { id }, Some(OrderDeed::Added { id, side, price, qty })),
            };
            self.deed(now, instrument, first);
            return self.deed(now, instrument, second?);
        }
        let impact = self.rules.impact;
        let stall = self.stall_mut(instrument)?;
        if !matches!(deed, OrderDeed::Added { .. }) {
            let again = stall.working.iter_mut().filter(|working| working.place == LAST);
            again.for_each(|working| working.place = stall.exact.join());
        }
        let (side, price, executed) = match deed {
            OrderDeed::Added { id, side, price, qty } => {
                stall.exact.add(id, side, price, qty);
                (side, price, None)
            }
            OrderDeed::Reduced { id, qty } => {
                let (side, price, _) = stall.exact.reduce(id, qty)?;
                (side, price, None)
            }
            OrderDeed::Executed { id, qty } => {
                let (side, price, place) = stall.exact.reduce(id, qty)?;
                stall.last = Some(price);
                (side, price, Some((place, qty)))
            }
            OrderDeed::Removed { id } => {
                let (side, price) = stall.exact.remove(id)?;
                (side, price, None)
            }
            OrderDeed::Changed { .. } => return None,
        };
        let shown = stall.exact.at(side, price);
        stall.depth.set(side, price, shown, impact);
        for working in stall.working.iter_mut().filter(|working| working.limit == Some(price)) {
            working.ahead = stall.exact.ahead(side, price, working.place) as f64;
        }
        if let Some((place, qty)) = executed {
            self.trade_before(now, instrument, (side, price, place), qty);
        }
        if self.works_in(instrument) {
            self.meet(now, instrument);
        }
        executed.map(|(_, qty)| (side, price, qty))
    }

    /// Somebody traded with an order that stands behind ours: ours would have been there first.
    fn trade_before(
        &mut self,
        now: Time,
        instrument: InstrumentId,
        (side, price, place): (Side, Price, u64),
        qty: Qty,
    ) {
        let mut open = qty.0;
        let mut at = 0;
        while let Some(working) = self.stall(instrument).and_then(|stall| stall.working.get(at)).copied() {
            let better = working.side == side
                && working.call.is_none()
                && working.limit.is_some_and(|limit| limit != price && side.reaches(limit, price));
            let earlier = working.side == side
                && working.call.is_none()
                && working.limit == Some(price)
                && working.place < place;
            let part = working.left.0.min(open);
            if (better || earlier) && part > 0 {
                open = open.saturating_sub(part);
                let limit = working.limit.unwrap_or(price);
                self.rest_and_fill(now, instrument, at, limit, Qty(part));
            }
            let ended = part == working.left.0 && (better || earlier);
            at = at.saturating_add(usize::from(!ended));
        }
    }

    /// A trade of others of so many lots, with the side that rested.
    fn trade_with(&mut self, now: Time, instrument: InstrumentId, side: Side, price: Price, qty: Qty) {
        let mut at = 0;
        let mut beyond = qty.0 as f64;
        while let Some(working) = self.stall(instrument).and_then(|stall| stall.working.get(at)).copied() {
            let Some(limit) = working.limit.filter(|_| working.side == side && working.call.is_none()) else {
                at = at.saturating_add(1);
                continue;
            };
            let part = if limit == price {
                let left = beyond - working.ahead;
                let part = left.clamp(0.0, working.left.0 as f64).floor();
                if let Some(working) = self.working_mut(instrument, at) {
                    working.ahead = (working.ahead - beyond).max(0.0);
                }
                beyond -= part;
                crate::number::whole(part)
            } else if side.reaches(limit, price) {
                working.left.0
            } else {
                0
            };
            let misses = part > 0 && self.dice.happens(self.rules.faults.miss);
            if part > 0 && !misses {
                self.rest_and_fill(now, instrument, at, limit, Qty(part));
            }
            let ended = part == working.left.0 && !misses;
            at = at.saturating_add(usize::from(!ended));
        }
    }

    fn working_mut(&mut self, instrument: InstrumentId, at: usize) -> Option<&mut crate::order::Working> {
        self.stall_mut(instrument)?.working.get_mut(at)
    }

    fn rest_and_fill(&mut self, now: Time, instrument: InstrumentId, at: usize, price: Price, qty: Qty) {
        if let Some(working) = self.working_mut(instrument, at) {
            working.rests = true;
        }
        self.fill(now, instrument, at, price, qty);
    }

    /// Those who wait meet the other side as it now is.
    fn meet(&mut self, now: Time, instrument: InstrumentId) {
        if self.is_halted(now, instrument) {
            return;
        }
        let mut at = 0;
        while let Some(stall) = self.stall(instrument) {
            let Some(working) = stall.working.get(at).copied() else { return };
            let against = stall.depth.best(working.side.opposite());
            let reached = against.is_some_and(|level| working.reaches(level.price));
            let before = stall.working.len();
            if reached && working.limit.is_some() && working.rests {
                // The other side has come through our price: it traded with us on its way.
                let limit = working.limit.unwrap_or_default();
                self.fill(now, instrument, at, limit, working.left);
            } else if reached {
                self.sweep(now, instrument, at);
            }
            let after = self.stall(instrument).map_or(0, |stall| stall.working.len());
            at = at.saturating_add(usize::from(after >= before));
        }
    }

    /// An order comes to a market whose levels are known.
    pub(crate) fn enter_ticks(&mut self, now: Time, instrument: InstrumentId, order: OrderId) {
        let impact = self.impact(now);
        let halted = self.is_halted(now, instrument);
        let Some(stall) = self.stall(instrument) else { return };
        let Some(at) = stall.find(order) else { return };
        let Some(working) = stall.working.get(at).copied() else { return };
        let there = stall.depth.there(working.side.opposite(), working.limit, impact);
        let all = working.time_in_force == TimeInForce::Fok;
        let is_short = all && there < working.left;
        if !halted && !is_short {
            self.sweep(now, instrument, at);
        }
        let Some(stall) = self.stall_mut(instrument) else { return };
        let Some(working) = stall.find(order).and_then(|at| stall.working.get_mut(at)) else { return };
        if working.is_immediate() {
            return self.expire(now, order);
        }
        working.rests = working.limit.is_some();
    }

    /// Takes what is there, level by level.
    fn sweep(&mut self, now: Time, instrument: InstrumentId, at: usize) {
        let impact = self.impact(now);
        let slippage = self.rules.slippage;
        let Some(stall) = self.stall_mut(instrument) else { return };
        let Some(working) = stall.working.get(at).copied() else { return };
        let (side, limit, volume) = (working.side, working.limit, stall.volume);
        let mut took: Vec<(Price, Qty)> = Vec::new();
        stall.depth.take(side.opposite(), working.left, limit, impact, |price, qty| took.push((price, qty)));
        for (seen, qty) in took {
            let slipped = slippage.price(side, seen, qty, volume);
            let price = limit.map_or(slipped, |limit| match side {
                Side::Buy => slipped.min(limit),
                Side::Sell => slipped.max(limit),
            });
            // Its place stays until it is filled whole.
            self.fill(now, instrument, at, price, qty);
        }
    }
}

/// What stands before an order once the best level of its side is another.
fn ahead_after(
    queue: crate::queue::Queue,
    ahead: f64,
    (side, limit): (Side, Price),
    before: Option<Level>,
    best: Option<Level>,
    printed: &Printed,
) -> f64 {
    let Some(best) = best else { return 0.0 };
    if best.price == limit {
        let Some(before) = before.filter(|before| before.price == limit) else {
            // The level has only now come into sight: all of it may stand before us.
            return ahead.max(0.0).min(best.qty.0 as f64);
        };
        let known = before.qty.0.saturating_sub(printed.at(side, limit)).max(0) as f64;
        return queue.shrink(ahead, known, best.qty.0 as f64);
    }
    // Nobody else stands at a price better than the best.
    let is_better = side.reaches(limit, best.price);
    if is_better { 0.0 } else { ahead }
}
