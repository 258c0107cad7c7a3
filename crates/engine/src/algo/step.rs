//! What an algo does when its moment comes: the children it sends, and when it looks again.

use super::schedule::{grown, share_of};
use super::{Run, Task};
use crate::Engine;
use crate::order::{Proposal, Special, Stage};
use model::{
    Algo, AlgoId, Event, Fees, NewOrder, OrderId, OrderType, PostOnly, Price, Qty, Rate, Reject, Side, Time,
    TimeInForce,
};

/// How a child comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Takes what is there, up to the price.
    Takes(Option<Price>),
    /// Stands at the price and waits.
    Stands(Price),
    /// The same, and never takes.
    Quotes(Price),
}

/// A part of the market's volume comes in children of at least so small a part of the parent.
const PARTS_MAX: i64 = 1000;

/// What standing has to save, against taking at once, to be worth its risk: that the market leaves, or runs over it.
const SAVING_MIN: i128 = 150_000;

/// Whether an order that stands saves enough: the spread, and what a taker's fee is above a maker's.
fn is_worth_waiting(bid: Price, ask: Price, fees: &Fees) -> bool {
    let spread = i128::from(ask.0).saturating_sub(i128::from(bid.0));
    let worth = i128::from(ask.0).saturating_abs().max(1);
    let spread = spread.saturating_mul(i128::from(Rate::ONE.0)).checked_div(worth).unwrap_or(0);
    let fee = i128::from(fees.taker.0).saturating_sub(i128::from(fees.maker.0));
    spread.saturating_add(fee) >= SAVING_MIN
}

impl Engine {
    /// The moment of the algo whose parent this is has come.
    pub(crate) fn step_algo(&mut self, id: AlgoId, events: &mut Vec<Event>) {
        let Some(run) = self.algos.get(&id.0) else { return };
        if self.time < run.start {
            return;
        }
        let (parent, end) = (run.parent, run.end);
        let followed = match &run.task {
            Task::Route(_) => return self.step_route(id, events),
            Task::Algo(Algo::Twap { .. } | Algo::Vwap { .. } | Algo::ImplementationShortfall { .. }) => {
                return self.keep_schedule(id, events);
            }
            Task::Algo(Algo::Pov { rate }) => self.take_part(id, *rate, events),
            Task::Algo(Algo::IcebergSlicer { display, refresh_ns }) => {
                self.slice_on(id, *display, *refresh_ns, events)
            }
            Task::Algo(Algo::Sniper { price, qty_min }) => self.snipe(id, *price, *qty_min, events),
            Task::Algo(Algo::Quoting { quoting }) => self.quote_on(id, &quoting.clone(), events),
        };
        let done = self.orders.left(parent.slot()).is_zero();
        if done || self.time >= end {
            self.finish(id, events);
        } else if let Some(time) = followed {
            self.look_again_at(id, time.min(end));
        }
    }

    /// The market of an instrument has moved.
    pub(crate) fn tell_algos(&mut self, instrument: model::InstrumentId, events: &mut Vec<Event>) {
        if !self.trades_now(instrument) {
            return;
        }
        let Some(watchers) = self.watchers(instrument).filter(|watchers| !watchers.algos.is_empty()) else {
            return;
        };
        let algos: Vec<u64> = watchers.algos.iter().copied().collect();
        for id in algos {
            self.step_algo(AlgoId(id), events);
        }
    }

    /// By the points behind, what they say has been done; towards the next, an order stands and waits. What it
    /// has not got when the point comes is taken.
    fn keep_schedule(&mut self, id: AlgoId, events: &mut Vec<Event>) {
        loop {
            let Some(run) = self.algos.get_mut(&id.0) else { return };
            let Some(point) = run.points.get(run.passed as usize).copied() else { break };
            if point.at > self.time {
                break;
            }
            run.passed = run.passed.saturating_add(1);
            let (behind, limit) = (point.done.0.saturating_sub(run.done.0), run.limit);
            let (children, instrument) = (run.children.clone(), run.instrument);
            if !self.is_outside(instrument) {
                children.into_iter().for_each(|child| self.cancel_child(child, events));
            }
            self.cut(id, Qty(behind), Manner::Takes(limit), events);
        }
        let Some(run) = self.algos.get(&id.0) else { return };
        let Some(point) = run.points.get(run.passed as usize).copied() else {
            return self.finish(id, events);
        };
        let ahead = Qty(point.done.0.saturating_sub(run.done.0));
        // A venue takes time to take an order back, so nothing is left standing there.
        let stands = run.children.is_empty() && !self.is_outside(run.instrument);
        let standing = stands.then(|| self.passive(run)).flatten();
        if let Some(price) = standing {
            self.cut(id, ahead, Manner::Stands(price), events);
        }
        let Some(run) = self.algos.get(&id.0) else { return };
        if self.orders.left(run.parent.slot()).is_zero() {
            return self.finish(id, events);
        }
        self.look_again_at(id, point.at);
    }

    /// The best price of its own side, within its limit; none where waiting there saves less than it risks.
    fn passive(&self, run: &Run) -> Option<Price> {
        let listed = self.listings.get(run.instrument.0 as usize)?;
        let (bid, ask) = listed.best();
        let (own, other) = if run.side == Side::Buy { (bid, ask) } else { (ask, bid) };
        if let (Some(bid), Some(ask), Some(other)) = (bid, ask, other)
            && run.limit.is_none_or(|limit| run.side.reaches(limit, other))
            && !is_worth_waiting(bid, ask, &listed.instrument.fees)
        {
            return None;
        }
        let price = own.or(other.and_then(|other| other.checked_add(run.side.sign().wrapping_neg())))?;
        Some(run.limit.map_or(price, |limit| match run.side {
            Side::Buy => price.min(limit),
            Side::Sell => price.max(limit),
        }))
    }

    /// A share of what trades, its own part counted.
    fn take_part(&mut self, id: AlgoId, rate: Rate, events: &mut Vec<Event>) -> Option<Time> {
        let run = self.algos.get(&id.0)?;
        let behind = share_of(self.volume_since(run), rate).saturating_sub(run.done.0);
        // What it takes counts as volume too.
        let limit = run.limit;
        let behind = grown(behind, rate);
        let part = self.orders.at(run.parent.slot()).qty.0.checked_div(PARTS_MAX).unwrap_or(0);
        if behind < part.min(self.uncut(run).0) {
            return Some(Time::MAX);
        }
        self.cut(id, Qty(behind), Manner::Takes(limit), events);
        Some(Time::MAX)
    }

    /// One part at a time, the next some time after the last was taken.
    fn slice_on(
        &mut self,
        id: AlgoId,
        display: Qty,
        refresh_ns: i64,
        events: &mut Vec<Event>,
    ) -> Option<Time> {
        let run = self.algos.get(&id.0)?;
        if !run.children.is_empty() {
            return None;
        }
        let (limit, waited, due) = (run.limit?, run.next <= self.time, run.next == Time::MAX);
        let display = display.max(Qty(self.least(run, Manner::Stands(limit))));
        if run.done.is_zero() || waited {
            if let Some(run) = self.algos.get_mut(&id.0) {
                run.next = Time::MAX;
            }
            self.cut(id, display, Manner::Stands(limit), events);
            return Some(Time::MAX);
        }
        due.then(|| self.time.saturating_add_ns(refresh_ns))
    }

    /// Waits until enough is there at its price or better, and takes it.
    fn snipe(&mut self, id: AlgoId, price: Price, qty_min: Qty, events: &mut Vec<Event>) -> Option<Time> {
        let run = self.algos.get(&id.0)?;
        let price =
            run.limit.map_or(price, |limit| if run.side.reaches(price, limit) { limit } else { price });
        let (instrument, side) = (run.instrument, run.side);
        let quoted = self.quoted_outside(instrument, side).filter(|level| side.reaches(price, level.price));
        let there =
            self.levels(instrument, side.opposite()).take_while(|level| side.reaches(price, level.price));
        let there =
            there.fold(quoted.map_or(0, |level| level.qty.0), |sum, level| sum.saturating_add(level.qty.0));
        let wanted = qty_min.min(self.orders.left(run.parent.slot()));
        if there >= wanted.0 {
            self.cut(id, Qty(there), Manner::Takes(Some(price)), events);
        }
        Some(Time::MAX)
    }

    /// What has traded in the run's market since it began.
    fn volume_since(&self, run: &Run) -> i64 {
        let now = self.listings.get(run.instrument.0 as usize).map_or(0, |listed| listed.volume);
        now.saturating_sub(run.volume)
    }

    /// What is left of the parent and not out with a child.
    pub(crate) fn uncut(&self, run: &Run) -> Qty {
        let out = run.children.iter().map(|child| self.orders.left(child.slot()).0);
        Qty(self.orders.left(run.parent.slot()).0.saturating_sub(out.fold(0i64, i64::saturating_add)))
    }

    /// Cuts a child from the parent: no more than is left of it, nor than its share of the volume allows. What is
    /// less than an order may be waits for more, and none of it is left over for the end.
    pub(super) fn cut(&mut self, id: AlgoId, qty: Qty, manner: Manner, events: &mut Vec<Event>) {
        let Some(run) = self.algos.get(&id.0) else { return };
        let uncut = self.uncut(run).0;
        let mut most = uncut;
        if let Some(rate) = run.participation_max {
            let open = self.orders.left(run.parent.slot()).0.saturating_sub(most);
            let allowed = share_of(self.volume_since(run), rate);
            most = most.min(allowed.saturating_sub(run.done.0).saturating_sub(open));
        }
        let side = run.side;
        if let Manner::Takes(price) = manner
            && !self.is_there(run, price)
        {
            return;
        }
        let (mut cut, least) = (qty.0.min(most), self.least(run, manner));
        if cut > 0 && most == uncut && uncut.saturating_sub(cut) < least {
            cut = uncut;
        }
        if cut >= least {
            self.send(id, side, Qty(cut), manner, events);
        }
    }

    /// The least that may come as an order in this manner.
    fn least(&self, run: &Run, manner: Manner) -> i64 {
        let reduces = self.orders.special(run.parent.slot()).is_some_and(|parent| parent.order.reduce_only);
        let Some(listed) = self.listings.get(run.instrument.0 as usize).filter(|_| !reduces) else {
            return 1;
        };
        let price = match manner {
            Manner::Takes(Some(price)) | Manner::Stands(price) | Manner::Quotes(price) => Some(price),
            Manner::Takes(None) => self.best_against(run.instrument, run.side),
        };
        let lot = price.map_or(0, |price| listed.units.value(price, Qty(1)).saturating_abs());
        let worth = listed.instrument.notional_min.0.saturating_add(lot.saturating_sub(1).max(0));
        let lots = worth.checked_div(lot).and_then(|lots| i64::try_from(lots).ok()).unwrap_or(0);
        lots.max(listed.instrument.qty_min.0)
    }

    /// Whether there is anybody to take from, up to the price.
    fn is_there(&self, run: &Run, price: Option<Price>) -> bool {
        let quoted = self.quoted_outside(run.instrument, run.side).map(|level| level.price);
        let best = self.best_against(run.instrument, run.side).or(quoted);
        best.is_some_and(|best| price.is_none_or(|price| run.side.reaches(price, best)))
    }

    /// What an outside venue quotes against an order of this side; our own market is seen in its book.
    fn quoted_outside(&self, instrument: model::InstrumentId, side: Side) -> Option<model::Level> {
        let quote =
            self.quote(instrument).filter(|_| self.is_outside(instrument) && self.trades_now(instrument))?;
        if side == Side::Buy { quote.ask } else { quote.bid }
    }

    /// Sends a child through every check. A refusal is told, and the algo goes on.
    pub(super) fn send(&mut self, id: AlgoId, side: Side, qty: Qty, manner: Manner, events: &mut Vec<Event>) {
        let Some(run) = self.algos.get(&id.0).filter(|_| qty > Qty::ZERO) else { return };
        let Some(parent) = self.orders.special(run.parent.slot()) else { return };
        let (kind, time_in_force, post_only) = match manner {
            Manner::Takes(None) => (OrderType::Market, TimeInForce::Ioc, None),
            Manner::Takes(Some(price)) => (OrderType::Limit { price }, TimeInForce::Ioc, None),
            Manner::Stands(price) => (OrderType::Limit { price }, TimeInForce::Gtc, None),
            Manner::Quotes(price) => (OrderType::Limit { price }, TimeInForce::Gtc, Some(PostOnly::Slide)),
        };
        let child = NewOrder {
            side,
            qty,
            kind,
            time_in_force,
            post_only,
            client_order_id: None,
            ..parent.order.clone()
        };
        // A refusal is told, and that is all.
        self.send_child(id, &child, None, events).ok();
    }

    /// Sends a child; `filled` where it goes on with what has traded of its parent. Gives the child and what was
    /// asked with it.
    pub(crate) fn send_child(
        &mut self,
        id: AlgoId,
        child: &NewOrder,
        filled: Option<Qty>,
        events: &mut Vec<Event>,
    ) -> Result<(OrderId, Qty), Reject> {
        let refuse = |engine: &mut Self, reason: Reject, events: &mut Vec<Event>| {
            engine.refuse(child, None, reason, events);
            Err(reason)
        };
        let mut proposal = match self.propose(child) {
            Ok(proposal) => Proposal { special: true, filled, ..proposal },
            Err(reason) => return refuse(self, reason, events),
        };
        let approved = match self.approve_any(&mut proposal) {
            Ok(approved) => approved,
            Err(reason) => return refuse(self, reason, events),
        };
        let slot = self.open_order(approved.get(), child, None, events);
        let (order, qty) = (self.orders.at(slot).id, approved.get().qty);
        self.orders.keep(slot, Special { parent: Some(id), ..Special::new(child, Stage::Working, None) });
        if let Some(run) = self.algos.get_mut(&id.0) {
            run.children.push(order);
        }
        events.push(Event::AlgoSliced { algo: id, child: order, qty });
        self.enter_any(approved, slot, events);
        Ok((order, qty))
    }
}
