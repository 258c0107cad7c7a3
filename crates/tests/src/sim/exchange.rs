//! An outside venue to play against: it takes what the house asks, from the events that are on disk and from nothing
//! else, and its reports come late, twice, out of order or not at all. It runs on while the house is down. It also
//! keeps count of what a house may never do: send an order twice, or after its deadline, or faster than the budget.

use super::memory::ensure;
use journal::Rng;
use model::{
    AccountId, AssetId, ClientOrderId, Event, InstrumentId, LiveRequest, Money, NewVenue, OrderId, OrderType,
    PaperRequest, Price, Qty, RequestBudget, Side, Symbol, Time, TimeInForce, VenueAsk, VenueFill, VenueId,
    VenueKind, VenueReport, VenueRequest, VenueSay,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An order as the venue has it.
#[derive(Clone, Debug)]
struct There {
    account: AccountId,
    instrument: InstrumentId,
    side: Side,
    qty: i64,
    filled: i64,
    price: Option<Price>,
    fills: Vec<VenueFill>,
    replaced: bool,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Rejected,
    Cancelled,
    Expired,
    Filled,
}

pub struct Exchange {
    id: VenueId,
    budget: RequestBudget,
    rng: Rng,
    orders: BTreeMap<OrderId, There>,
    positions: BTreeMap<(AccountId, InstrumentId), i64>,
    outbox: VecDeque<VenueReport>,
    /// Orders that are still on the wire.
    wire: Vec<VenueRequest>,
    asked: BTreeMap<OrderId, Time>,
    /// When the last requests came, as many as the budget.
    recent: VecDeque<Time>,
    up: bool,
    /// Accounts that have not been told everything since the line was new.
    untold: BTreeSet<AccountId>,
    /// It behaves: nothing is lost, doubled or out of order.
    calm: bool,
    now: Time,
    named: u64,
    pub requests: u64,
    pub fills: u64,
}

impl Exchange {
    pub fn new(seed: u64, id: VenueId) -> Self {
        Self {
            id,
            budget: Self::venue().budget.unwrap_or(RequestBudget { requests: 1, window_ns: 1 }),
            rng: Rng::new(seed),
            orders: BTreeMap::new(),
            positions: BTreeMap::new(),
            outbox: VecDeque::new(),
            wire: Vec::new(),
            asked: BTreeMap::new(),
            recent: VecDeque::new(),
            up: false,
            untold: BTreeSet::new(),
            calm: false,
            now: Time::MIN,
            named: 0,
            requests: 0,
            fills: 0,
        }
    }

    /// A day goes by: what has ended is told, and both sides forget it.
    pub fn archive(&mut self) {
        self.orders.retain(|_, there| there.end.is_none());
    }

    /// As the house is told of it.
    pub fn venue() -> NewVenue {
        let budget = Some(RequestBudget { requests: 3, window_ns: 10_000_000 });
        NewVenue {
            name: super::setup::name("exch"),
            kind: VenueKind::Outside,
            budget,
            patience_ns: 20_000_000,
        }
    }

    /// One event that is on disk, and when it happened.
    ///
    /// # Errors
    /// What no house may do.
    pub fn hear(&mut self, event: &Event, time: Time) -> Result<(), String> {
        ensure(LiveRequest::of(event).is_none(), || format!("a paper house asked a broker: {event:?}"))?;
        let Some(request) = PaperRequest::of(event).map(PaperRequest::get) else { return Ok(()) };
        self.now = self.now.max(time);
        self.requests += 1;
        self.keep_count(time)?;
        if let VenueAsk::Submit { order, .. } = request.ask {
            let before = self.asked.insert(order, time);
            ensure(before.is_none(), || format!("order {order} was sent twice"))?;
            let late = request.deadline.is_some_and(|deadline| deadline <= time);
            ensure(!late, || format!("order {order} was sent after its deadline"))?;
        }
        if self.up {
            self.take(request.clone());
        }
        Ok(())
    }

    /// No window, wherever it begins, holds more requests than the budget.
    fn keep_count(&mut self, time: Time) -> Result<(), String> {
        let RequestBudget { requests, window_ns } = self.budget;
        if self.recent.len() == requests as usize {
            let first = self.recent.pop_front().unwrap_or(Time::MIN);
            let soon = first.saturating_add_ns(window_ns) > time;
            ensure(!soon, || {
                format!("{requests} requests and one more left between {first:?} and {time:?}")
            })?;
        }
        self.recent.push_back(time);
        Ok(())
    }

    fn take(&mut self, request: VenueRequest) {
        match request.ask {
            VenueAsk::Submit { order, .. } => match self.draw(12) {
                // Lost for good, or only late.
                0 => self.say(request.account, VenueSay::Silent { order }),
                1 => {
                    self.say(request.account, VenueSay::Silent { order });
                    self.wire.push(request);
                }
                2 => {
                    self.say(request.account, VenueSay::Silent { order });
                    self.submit(&request, false);
                }
                _ => self.submit(&request, true),
            },
            VenueAsk::Cancel { order } => self.cancel(request.account, order),
            VenueAsk::Replace { order, qty, price } => self.replace(request.account, order, qty.0, price),
            VenueAsk::Query { order } => match self.draw(8) {
                0 => self.say(request.account, VenueSay::Silent { order }),
                _ => self.tell(request.account, order),
            },
            VenueAsk::Reconcile => self.reconcile(request.account),
        }
    }

    fn submit(&mut self, request: &VenueRequest, answers: bool) {
        let VenueAsk::Submit { order, instrument, side, qty, ref kind, time_in_force, .. } = request.ask
        else {
            return;
        };
        let account = request.account;
        let price = if let OrderType::Limit { price } = kind { Some(*price) } else { None };
        let rejects = self.draw(14) == 3;
        let there = There {
            account,
            instrument,
            side,
            qty: qty.0,
            filled: 0,
            price,
            fills: Vec::new(),
            replaced: false,
            end: rejects.then_some(End::Rejected),
        };
        self.orders.insert(order, there);
        if answers && rejects {
            self.say(account, VenueSay::Rejected { order, code: code("no_reason") });
        } else if answers {
            self.say(account, VenueSay::Accepted { order, venue_order: self.venue_order(order) });
        }
        let immediate = price.is_none() || matches!(time_in_force, TimeInForce::Ioc | TimeInForce::Fok);
        if !rejects && immediate {
            let all = time_in_force == TimeInForce::Fok;
            match self.draw(3) {
                0 => {}
                1 if !all => self.fill(order, false),
                _ => self.fill(order, true),
            }
            self.end(order, End::Cancelled);
        }
    }

    fn cancel(&mut self, account: AccountId, order: OrderId) {
        if self.draw(9) == 0 {
            return self.say(account, VenueSay::Silent { order });
        }
        if self.draw(7) == 0 {
            self.fill(order, false);
        }
        match self.orders.get(&order).map(|there| there.end) {
            None => self.say(account, VenueSay::NotFound { order }),
            Some(None) if self.draw(9) != 1 => self.end(order, End::Cancelled),
            Some(_) => self.say(account, VenueSay::CancelRejected { order, code: code("too_late") }),
        }
    }

    fn replace(&mut self, account: AccountId, order: OrderId, qty: i64, price: Option<Price>) {
        if self.draw(9) == 0 {
            return self.say(account, VenueSay::Silent { order });
        }
        if self.draw(7) == 0 {
            self.fill(order, false);
        }
        let refuses = self.draw(9) == 1;
        let there = self.orders.get_mut(&order).filter(|there| there.end.is_none() && there.filled < qty);
        match there.filter(|_| !refuses) {
            Some(there) => {
                (there.qty, there.replaced) = (qty, true);
                there.price = price.or(there.price);
                let price = there.price;
                if self.draw(9) == 2 {
                    return self.say(account, VenueSay::Silent { order });
                }
                self.say(account, VenueSay::Replaced { order, qty: Qty(qty), price });
            }
            None => self.say(account, VenueSay::ReplaceRejected { order, code: code("too_late") }),
        }
    }

    /// How an order stands, all of it.
    fn tell(&mut self, account: AccountId, order: OrderId) {
        let Some(there) = self.orders.get(&order).cloned() else {
            return self.say(account, VenueSay::NotFound { order });
        };
        if there.end == Some(End::Rejected) {
            return self.say(account, VenueSay::Rejected { order, code: code("no_reason") });
        }
        self.say(account, VenueSay::Accepted { order, venue_order: self.venue_order(order) });
        if there.replaced {
            let (qty, price) = (Qty(there.qty), there.price);
            self.say(account, VenueSay::Replaced { order, qty, price });
        }
        for fill in there.fills {
            self.say(account, VenueSay::Filled(fill));
        }
        self.say_end(order);
    }

    fn reconcile(&mut self, account: AccountId) {
        if self.draw(8) == 0 {
            return;
        }
        self.untold.remove(&account);
        let orders = self.orders.iter().filter(|(_, there)| there.account == account);
        let orders: Vec<OrderId> = orders.map(|(order, _)| *order).collect();
        for order in orders {
            self.tell(account, order);
        }
        let held = self.positions.iter().filter(|((of, _), _)| *of == account);
        let held: Vec<(InstrumentId, i64)> = held.map(|((_, instrument), qty)| (*instrument, *qty)).collect();
        for (instrument, qty) in held {
            self.say(account, VenueSay::Position { instrument, qty: Qty(qty), cost: Money::ZERO });
        }
        self.say(account, VenueSay::Reconciled);
    }

    /// Some of it trades, or all.
    fn fill(&mut self, order: OrderId, all: bool) {
        let part = i64::try_from(self.rng.below(4)).unwrap_or(0) + 1;
        self.named += 1;
        let fee = Money(i128::from(self.named % 3) * 1_000_000_000_000_000);
        let Some(there) = self.orders.get_mut(&order).filter(|there| there.end.is_none()) else { return };
        let left = there.qty - there.filled;
        let qty = if all { left } else { part.min(left) };
        if qty <= 0 {
            return;
        }
        there.filled += qty;
        let fill = VenueFill {
            order,
            fill: super::setup::client_id(&format!("f{}", self.named)),
            price: there.price.unwrap_or(Price(100)),
            qty: Qty(qty),
            fee,
            fee_asset: AssetId(0),
        };
        there.fills.push(fill.clone());
        let (account, key, sign) = (there.account, (there.account, there.instrument), there.side.sign());
        if there.filled == there.qty {
            there.end = Some(End::Filled);
        }
        *self.positions.entry(key).or_default() += sign * qty;
        self.fills += 1;
        self.say(account, VenueSay::Filled(fill));
    }

    fn end(&mut self, order: OrderId, end: End) {
        if let Some(there) = self.orders.get_mut(&order).filter(|there| there.end.is_none()) {
            there.end = Some(end);
            self.say_end(order);
        }
    }

    fn say_end(&mut self, order: OrderId) {
        let Some(there) = self.orders.get(&order) else { return };
        let (account, left) = (there.account, Qty(there.qty - there.filled));
        match there.end {
            Some(End::Cancelled) => self.say(account, VenueSay::Cancelled { order, left }),
            Some(End::Expired) => self.say(account, VenueSay::Expired { order, left }),
            _ => {}
        }
    }

    fn say(&mut self, account: AccountId, say: VenueSay) {
        let report = VenueReport { venue: self.id, account, time: self.now, say };
        if self.draw(10) == 0 {
            self.outbox.push_back(report.clone());
        }
        if self.draw(6) == 0 {
            let at = self.rng.below(self.outbox.len() + 1);
            self.outbox.insert(at, report);
        } else {
            self.outbox.push_back(report);
        }
    }

    /// A market of its own: something trades, an order runs out, an order comes off the wire, the line breaks.
    pub fn go_on(&mut self) {
        if !self.wire.is_empty() && self.rng.below(4) == 0 {
            let request = self.wire.remove(0);
            self.submit(&request, true);
        }
        for _ in 0..self.rng.below(4) {
            let working = self.orders.iter().filter(|(_, there)| there.end.is_none());
            let working: Vec<OrderId> = working.map(|(order, _)| *order).collect();
            if let Some(order) = working.get(self.rng.below(working.len().max(1))) {
                match self.rng.below(12) {
                    0 => self.end(*order, End::Expired),
                    1 => self.fill(*order, true),
                    _ => self.fill(*order, false),
                }
            }
        }
        match self.draw(60) {
            0 if self.up => self.hang_up(),
            1..10 if !self.up => self.call(),
            _ => {}
        }
    }

    /// The line is broken: what was on it is lost, orders too.
    fn hang_up(&mut self) {
        (self.up, self.outbox) = (false, VecDeque::new());
        self.wire.clear();
        self.say(AccountId(0), VenueSay::Down);
    }

    /// A new line.
    pub fn call(&mut self) {
        (self.up, self.outbox) = (true, VecDeque::new());
        self.untold = self.orders.values().map(|there| there.account).collect();
        let report = VenueReport { venue: self.id, account: AccountId(0), time: self.now, say: VenueSay::Up };
        self.outbox.push_back(report);
    }

    pub fn next(&mut self) -> Option<VenueReport> {
        self.outbox.pop_front()
    }

    pub fn put_back(&mut self, report: VenueReport) {
        self.outbox.push_front(report);
    }

    /// From now on it behaves, on a new line.
    pub fn calm_down(&mut self) {
        self.calm = true;
        for request in std::mem::take(&mut self.wire) {
            self.submit(&request, true);
        }
        self.call();
    }

    /// It has nothing more to say, and nothing that it said was lost.
    pub fn is_quiet(&self) -> bool {
        self.outbox.is_empty() && self.wire.is_empty() && self.untold.is_empty() && self.up
    }

    /// At the end of a calm while the house and the venue know the same.
    ///
    /// # Errors
    /// What they do not agree about.
    pub fn compare(&self, engine: &engine::Engine, filled: &BTreeMap<OrderId, i64>) -> Result<(), String> {
        for ((account, instrument), theirs) in &self.positions {
            let ours = engine.exposure(*account, *instrument).map_or(0, |open| open.qty.0);
            ensure(ours == *theirs, || {
                format!("account {account} holds {ours} of {instrument} here and {theirs} at the venue")
            })?;
        }
        for (order, there) in &self.orders {
            let ours = filled.get(order).copied().unwrap_or(0);
            ensure(ours == there.filled, || format!("order {order} filled {ours} here, and {there:?}"))?;
            let view = engine.order(*order);
            ensure(view.is_some() == there.end.is_none(), || {
                format!("order {order} is {view:?}, and {there:?}")
            })?;
            if let Some(view) = view {
                let same = view.qty.0 == there.qty && view.left.0 == there.qty - there.filled;
                ensure(same, || format!("order {order} is {view:?}, and {there:?}"))?;
            }
        }
        Ok(())
    }

    fn venue_order(&self, order: OrderId) -> ClientOrderId {
        super::setup::client_id(&format!("v{order}"))
    }

    /// A number below this, and never the few that mean trouble while it is calm.
    fn draw(&mut self, below: usize) -> usize {
        let drawn = self.rng.below(below);
        if self.calm { usize::MAX } else { drawn }
    }
}

fn code(text: &str) -> Symbol {
    super::setup::name(text)
}
