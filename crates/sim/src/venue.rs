//! The venue's front: requests come in after their delay, are answered, and reports go out after theirs. What trades
//! is decided in `bars` and `ticks`; here every fill becomes a report, with its fee, once.

use crate::depth::Depth;
use crate::depth::Impact;
use crate::dice::Dice;
use crate::exact::Exact;
use crate::fee::FeeTable;
use crate::order::Working;
use crate::printed::Printed;
use crate::rules::{BarFill, Rules, RulesError};
use crate::stall::Stall;
use crate::transit::Transit;
use model::{
    AccountId, Call, ClientOrderId, InstrumentId, Money, OrderId, OrderType, PaperRequest, Price, Qty, Side,
    Symbol, Time, TimeInForce, VenueAsk, VenueFill, VenueId, VenueReport, VenueRequest, VenueSay,
};
use std::collections::{BTreeMap, VecDeque};

/// Ended orders that a query is still answered about.
const REMEMBERED: usize = 4096;
/// How long a gateway waits for an answer before it says that there was none.
const PATIENCE_NS: i64 = 5_000_000_000;

/// A market that is dealt in here.
#[derive(Clone, Debug)]
pub struct Terms {
    pub instrument: InstrumentId,
    pub tick: Money,
    pub lot: Money,
    pub multiplier: Money,
    pub fees: FeeTable,
}

#[derive(Clone, Debug)]
pub struct Venue {
    pub(crate) id: VenueId,
    pub(crate) rules: Rules,
    pub(crate) dice: Dice,
    pub(crate) stalls: Vec<Option<Box<Stall>>>,
    /// Where live orders work.
    homes: BTreeMap<OrderId, InstrumentId>,
    over: VecDeque<(OrderId, VenueSay)>,
    inbound: Transit<VenueRequest>,
    outbound: Transit<VenueReport>,
    ready: VecDeque<VenueReport>,
    fills: u64,
    /// Worth of all fills, for tiers of fees.
    traded: Money,
    positions: BTreeMap<(AccountId, InstrumentId), i64>,
}

impl Venue {
    pub fn new(id: VenueId, rules: Rules) -> Result<Self, RulesError> {
        rules.check()?;
        Ok(Self {
            id,
            dice: Dice::seeded(rules.seed),
            rules,
            stalls: Vec::new(),
            homes: BTreeMap::new(),
            over: VecDeque::new(),
            inbound: Transit::new(),
            outbound: Transit::new(),
            ready: VecDeque::new(),
            fills: 0,
            traded: Money::ZERO,
            positions: BTreeMap::new(),
        })
    }

    pub fn list(&mut self, terms: Terms) {
        let Terms { instrument, tick, lot, multiplier, fees } = terms;
        let scale = |amount: i128, by: Money| {
            amount.checked_mul(by.0).map_or(i128::MAX, |all| all.div_euclid(Money::ONE.0))
        };
        let unit = Money(scale(scale(tick.0, lot), multiplier));
        let fees = self.rules.fees.clone().unwrap_or(fees);
        let stall = Stall {
            unit,
            lot,
            fees,
            working: Vec::new(),
            last: None,
            volume: Qty::ZERO,
            room: None,
            is_between: true,
            is_halted: false,
            opened: i64::MIN,
            closed: i64::MIN,
            day: i64::MIN,
            depth: Depth::default(),
            exact: Exact::default(),
            printed: Printed::default(),
        };
        let place = instrument.0 as usize;
        if self.stalls.len() <= place {
            self.stalls.resize(place.saturating_add(1), None);
        }
        if let Some(slot) = self.stalls.get_mut(place) {
            *slot = Some(Box::new(stall));
        }
    }

    /// A market charges otherwise from now on, unless the rules say what it charges.
    pub fn charge(&mut self, instrument: InstrumentId, fees: &model::Fees) {
        let fixed = self.rules.fees.is_some();
        if let Some(stall) = self.stall_mut(instrument).filter(|_| !fixed) {
            stall.fees = FeeTable::of(fees, stall.fees.asset);
        }
    }

    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The first thing an engine has to hear: the line is up.
    #[must_use]
    pub fn greeting(&self, account: AccountId, now: Time) -> VenueReport {
        VenueReport { venue: self.id, account, time: now, say: VenueSay::Up }
    }

    /// Whether any order works or is on its way here.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.homes.is_empty() && self.inbound.is_empty() && self.outbound.is_empty() && self.ready.is_empty()
    }

    #[must_use]
    pub fn works_in(&self, instrument: InstrumentId) -> bool {
        self.stall(instrument).is_some_and(|stall| !stall.working.is_empty())
    }

    /// A request of a paper account leaves for the venue.
    pub fn ask(&mut self, now: Time, request: PaperRequest<'_>) {
        let request = request.get();
        if self.dice.happens(self.rules.faults.lose) {
            return self.stay_silent(now, request);
        }
        if self.rules.latency.order.is_none() {
            return self.take(now, request);
        }
        let arrives = now.saturating_add_ns(self.rules.latency.order.draw(&mut self.dice));
        self.inbound.send(arrives, request.clone());
    }

    /// When something is due here by itself: an arrival, or a report.
    #[inline]
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        if let Some(report) = self.ready.front() {
            return Some(report.time);
        }
        [self.inbound.next(), self.outbound.next()].into_iter().flatten().min()
    }

    /// Requests that have arrived by now are taken, in the order of their arrival.
    #[inline]
    pub fn advance(&mut self, now: Time) {
        while let Some((arrived, request)) = self.inbound.take(now) {
            self.take(arrived, &request);
        }
    }

    /// The next report that has come by now.
    #[inline]
    pub fn hear(&mut self, now: Time) -> Option<VenueReport> {
        if let Some(report) = self.ready.pop_front() {
            return Some(report);
        }
        self.outbound.take(now).map(|(_, report)| report)
    }

    fn take(&mut self, now: Time, request: &VenueRequest) {
        let account = request.account;
        match &request.ask {
            VenueAsk::Submit { order, instrument, side, qty, kind, time_in_force, .. } => {
                let body = (*order, *side, *qty, *time_in_force);
                self.submit(now, account, *instrument, body, kind);
            }
            VenueAsk::Cancel { order } => self.cancel(now, account, *order),
            VenueAsk::Replace { order, qty, price } => self.replace(now, account, *order, *qty, *price),
            VenueAsk::Query { order } => self.query(now, account, *order),
            VenueAsk::Reconcile => self.reconcile(now, account),
        }
    }

    fn submit(
        &mut self,
        now: Time,
        account: AccountId,
        instrument: InstrumentId,
        (order, side, qty, time_in_force): (OrderId, Side, Qty, TimeInForce),
        kind: &OrderType,
    ) {
        let refused = if self.is_halted(now, instrument) {
            Some("halted")
        } else if self.dice.happens(self.rules.faults.reject) {
            Some("refused")
        } else if self.stall(instrument).is_none() {
            Some("unknown_symbol")
        } else if Call::of(time_in_force).is_some() && !self.has_auctions(instrument) {
            Some("no_auction")
        } else {
            None
        };
        let limit = Working::limit_of(kind);
        let (Some(limit), None) = (limit, refused) else {
            let code = refused.unwrap_or("unknown_type");
            return self.say(now, account, VenueSay::Rejected { order, code: name(code) });
        };
        let call = Call::of(time_in_force);
        let Some(stall) = self.stall_mut(instrument) else { return };
        let ahead = limit.map_or(0.0, |price| stall.queue_at(side, price));
        let place = if stall.exact.is_known() { stall.exact.join() } else { 0 };
        stall.working.push(Working {
            order,
            account,
            side,
            qty,
            left: qty,
            limit,
            time_in_force,
            call,
            came: now,
            rests: false,
            ahead,
            place,
        });
        self.homes.insert(order, instrument);
        // A market order is answered by its fill.
        if limit.is_some() || call.is_some() {
            self.accept(now, account, order);
        }
        if call.is_some() {
            return;
        }
        self.enter(now, instrument, order);
    }

    fn accept(&mut self, now: Time, account: AccountId, order: OrderId) {
        let venue_order = number_text("v", order.counter());
        self.say(now, account, VenueSay::Accepted { order, venue_order });
    }

    /// Trades with what is there, if anything is, and ends it if it may not wait.
    fn enter(&mut self, now: Time, instrument: InstrumentId, order: OrderId) {
        let Some(stall) = self.stall(instrument) else { return };
        if stall.has_depth() {
            return self.enter_ticks(now, instrument, order);
        }
        let waits = stall.is_between && self.rules.fill == BarFill::NextOpen;
        if let (false, Some(price)) = (waits || self.is_halted(now, instrument), stall.last) {
            self.enter_bars(now, instrument, order, price);
        }
    }

    fn cancel(&mut self, now: Time, account: AccountId, order: OrderId) {
        match self.end(order) {
            Some(working) => {
                let say = VenueSay::Cancelled { order, left: working.left };
                self.remember(order, say.clone());
                self.say(now, account, say);
            }
            None => self.say(now, account, VenueSay::CancelRejected { order, code: name("unknown_order") }),
        }
    }

    fn replace(&mut self, now: Time, account: AccountId, order: OrderId, qty: Qty, price: Option<Price>) {
        let refused = VenueSay::ReplaceRejected { order, code: name("unknown_order") };
        let Some(instrument) = self.homes.get(&order).copied() else {
            return self.say(now, account, refused);
        };
        let Some(stall) = self.stall_mut(instrument) else { return };
        let Some(at) = stall.find(order) else { return };
        let Some(before) = stall.working.get(at).copied() else { return };
        let waits = before.call.is_some();
        let filled = before.qty.0.saturating_sub(before.left.0);
        let left = qty.0.saturating_sub(filled);
        if left <= 0 {
            let code = name("already_filled");
            return self.say(now, account, VenueSay::ReplaceRejected { order, code });
        }
        let limit = price.or(before.limit);
        let keeps = limit == before.limit && left <= before.left.0;
        let ahead = limit.map_or(0.0, |price| stall.queue_at(before.side, price));
        let place = if stall.exact.is_known() { stall.exact.join() } else { 0 };
        if let Some(working) = stall.working.get_mut(at) {
            (working.qty, working.left, working.limit) = (qty, Qty(left), limit);
            if !keeps {
                (working.ahead, working.place, working.rests, working.came) = (ahead, place, false, now);
            }
        }
        self.say(now, account, VenueSay::Replaced { order, qty, price: limit });
        if !keeps && !waits {
            self.enter(now, instrument, order);
        }
    }

    fn query(&mut self, now: Time, account: AccountId, order: OrderId) {
        if self.homes.contains_key(&order) {
            return self.accept(now, account, order);
        }
        let known = self.over.iter().rev().find(|(of, _)| *of == order).map(|(_, say)| say.clone());
        self.say(now, account, known.unwrap_or(VenueSay::NotFound { order }));
    }

    fn reconcile(&mut self, now: Time, account: AccountId) {
        let working = self.stalls.iter().flatten().flat_map(|stall| &stall.working);
        let own: Vec<OrderId> =
            working.filter(|working| working.account == account).map(|working| working.order).collect();
        own.into_iter().for_each(|order| self.accept(now, account, order));
        let held: Vec<(InstrumentId, i64)> = self
            .positions
            .range((account, InstrumentId(0))..=(account, InstrumentId(u32::MAX)))
            .map(|((_, instrument), qty)| (*instrument, *qty))
            .collect();
        for (instrument, qty) in held {
            self.say(now, account, VenueSay::Position { instrument, qty: Qty(qty), cost: Money::ZERO });
        }
        self.say(now, account, VenueSay::Reconciled);
    }

    /// The request is lost; who waits for the answer is told that there was none.
    fn stay_silent(&mut self, now: Time, request: &VenueRequest) {
        let order = match request.ask {
            VenueAsk::Submit { order, .. }
            | VenueAsk::Cancel { order }
            | VenueAsk::Replace { order, .. }
            | VenueAsk::Query { order } => order,
            VenueAsk::Reconcile => return,
        };
        let time = now.saturating_add_ns(PATIENCE_NS);
        let report =
            VenueReport { venue: self.id, account: request.account, time, say: VenueSay::Silent { order } };
        self.outbound.send(time, report);
    }

    /// How long the next message of the market is on its way to the house.
    pub fn feed_delay(&mut self) -> i64 {
        self.rules.latency.feed.draw(&mut self.dice)
    }

    pub(crate) fn stall(&self, instrument: InstrumentId) -> Option<&Stall> {
        self.stalls.get(instrument.0 as usize)?.as_deref()
    }

    pub(crate) fn stall_mut(&mut self, instrument: InstrumentId) -> Option<&mut Stall> {
        self.stalls.get_mut(instrument.0 as usize)?.as_deref_mut()
    }

    /// Bars have auctions; ticks do where the session is known.
    fn has_auctions(&self, instrument: InstrumentId) -> bool {
        self.rules.session.is_some() || self.stall(instrument).is_some_and(|stall| !stall.has_depth())
    }

    pub(crate) fn is_halted(&self, now: Time, instrument: InstrumentId) -> bool {
        self.rules.is_halted(now) || self.stall(instrument).is_some_and(|stall| stall.is_halted)
    }

    pub(crate) fn impact(&self, now: Time) -> (Impact, Time) {
        (self.rules.impact, now)
    }

    /// So much of an order has traded.
    pub(crate) fn fill(&mut self, now: Time, instrument: InstrumentId, at: usize, price: Price, qty: Qty) {
        let traded = self.traded;
        let Some(stall) = self.stall_mut(instrument) else { return };
        let Some(working) = stall.working.get_mut(at) else { return };
        let qty = qty.min(working.left);
        if qty.0 <= 0 {
            return;
        }
        working.left = Qty(working.left.0.saturating_sub(qty.0));
        let Working { order, account, side, left, rests, .. } = *working;
        if let Some(room) = &mut stall.room {
            *room = room.saturating_sub(qty.0);
        }
        let value = stall.value(price, qty);
        let fee = stall.fees.fee(value, (qty, stall.lot), rests, traded);
        let fee_asset = stall.fees.asset;
        self.traded = Money(traded.0.saturating_add(value.0.saturating_abs()));
        self.fills = self.fills.saturating_add(1);
        let position = self.positions.entry((account, instrument)).or_default();
        *position = position.saturating_add(qty.0.saturating_mul(side.sign()));
        let fill = number_text("f", self.fills);
        self.say(now, account, VenueSay::Filled(VenueFill { order, fill, price, qty, fee, fee_asset }));
        if left.is_zero() {
            self.end(order);
        }
    }

    /// What is left of an order ends without its owner's wish.
    pub(crate) fn expire(&mut self, now: Time, order: OrderId) {
        if let Some(working) = self.end(order) {
            let say = VenueSay::Expired { order, left: working.left };
            self.remember(order, say.clone());
            self.say(now, working.account, say);
        }
    }

    fn end(&mut self, order: OrderId) -> Option<Working> {
        let instrument = self.homes.remove(&order)?;
        let stall = self.stall_mut(instrument)?;
        let at = stall.find(order)?;
        Some(stall.working.remove(at))
    }

    fn remember(&mut self, order: OrderId, say: VenueSay) {
        if self.over.len() >= REMEMBERED {
            self.over.pop_front();
        }
        self.over.push_back((order, say));
    }

    fn say(&mut self, now: Time, account: AccountId, say: VenueSay) {
        let repeats = self.dice.happens(self.rules.faults.repeat);
        let report = VenueReport { venue: self.id, account, time: now, say };
        if repeats {
            self.send(now, report.clone());
        }
        self.send(now, report);
    }

    fn send(&mut self, now: Time, report: VenueReport) {
        if self.rules.latency.report.is_none() {
            return self.ready.push_back(report);
        }
        let arrives = now.saturating_add_ns(self.rules.latency.report.draw(&mut self.dice));
        self.outbound.send(arrives, report);
    }
}

fn name(code: &str) -> Symbol {
    Symbol::new(code).unwrap_or_else(|error| unreachable!("a code is printable: {error}"))
}

/// A letter and a number, as the venue names its orders and fills.
fn number_text(letter: &str, number: u64) -> ClientOrderId {
    let mut digits = [b'0'; 21];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at = at.saturating_sub(1);
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
        }
        rest /= 10;
        if rest == 0 || at == 1 {
            break;
        }
    }
    at = at.saturating_sub(1);
    if let (Some(slot), Some(letter)) = (digits.get_mut(at), letter.bytes().next()) {
        *slot = letter;
    }
    let text = digits.get(at..).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let text = text.and_then(|text| ClientOrderId::new(text).ok());
    text.unwrap_or_else(|| unreachable!("a number is printable"))
}
