//! Made-up commands in a narrow market, so that orders meet: every type, time in force, flag, condition and
//! group, every field of a change, and what operators do. Most are sound; what is not is refused, and that too
//! must leave everything in order.

use journal::Rng;
use model::{
    AccountId, CancelOrder, Changes, Command, Condition, Event, Fees, GroupId, InstrumentId, InstrumentState,
    Level, Mark, ModifyOrder, NewGroup, NewOrder, OrderFilter, OrderId, OrderRef, OrderStatus, OrderType,
    PegTo, PostOnly, Price, Print, Qty, Quote, Rate, SelfTrade, Side, Time, TimeInForce, Trail, TrailBy,
    Trigger, TriggerSource, VenueId,
};
use tests::sim::setup::FEES;

const SOURCES: [TriggerSource; 5] = [
    TriggerSource::Last,
    TriggerSource::BidAsk,
    TriggerSource::Mid,
    TriggerSource::Mark,
    TriggerSource::DoubleLast,
];
const STATES: [InstrumentState; 4] =
    [InstrumentState::Halted, InstrumentState::Closed, InstrumentState::PreOpen, InstrumentState::Trading];
const ENDS: [OrderStatus; 3] = [OrderStatus::Filled, OrderStatus::Cancelled, OrderStatus::Expired];
/// A step of the clock; ends and conditions fall on whole steps, so that they fall together.
const STEP_NS: i64 = 1_000_000;

/// How many of a hundred commands are groups, and how many change the instrument's state or fees.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    pub groups: usize,
    pub operators: usize,
    /// Of a hundred single orders, how many are pegged whatever is drawn.
    pub pegged: usize,
}

impl Mix {
    pub const ALL: Self = Self { groups: 12, operators: 6, pegged: 0 };
}

pub struct Draw {
    pub rng: Rng,
    mix: Mix,
    known: Vec<(AccountId, OrderId)>,
    groups: Vec<(AccountId, GroupId)>,
}

impl Draw {
    pub fn new(seed: u64, mix: Mix) -> Self {
        Self { rng: Rng::new(seed), mix, known: Vec::new(), groups: Vec::new() }
    }

    /// Remembers the names of the last few orders and groups.
    pub fn learn(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::OrderAccepted(order) => self.known.push((order.account, order.order)),
                Event::GroupPlaced { group, .. } => {
                    let account = self.known.last().map_or(AccountId(0), |known| known.0);
                    self.groups.push((account, *group));
                }
                _ => {}
            }
        }
        let old = self.known.len().saturating_sub(40);
        self.known.drain(..old);
    }

    /// Time stands still, or goes on by a step or two.
    pub fn pass(&mut self, now: Time) -> Time {
        now.saturating_add_ns(STEP_NS * (self.number(6) - 3).max(0))
    }

    pub fn command(&mut self, now: Time) -> Command {
        let (groups, operators) = (self.mix.groups, self.mix.operators);
        let drawn = self.rng.below(100);
        if drawn < groups {
            return Command::PlaceGroup(Box::new(self.group(now)));
        }
        if drawn < groups + operators {
            return self.operator();
        }
        match self.rng.below(80) {
            0..46 => Command::PlaceOrder(self.order(now)),
            46..52 => {
                let (account, order) = self.working();
                Command::CancelOrder(CancelOrder { account, order: OrderRef::Id(order) })
            }
            52..66 => self.modify(now),
            66 => Command::CancelMany(self.filter()),
            67 => {
                let at = self.rng.below(self.groups.len());
                let (account, group) = self.groups.get(at).copied().unwrap_or((AccountId(0), GroupId(7)));
                Command::CancelGroup { account, group }
            }
            68..78 => self.market_data(),
            _ => Command::AdvanceTime,
        }
    }

    fn order(&mut self, now: Time) -> NewOrder {
        let (account, instrument) = (self.account(), self.instrument());
        let side = self.side();
        let mut order = self.of_a_kind(account, instrument, side);
        if self.rng.below(100) < self.mix.pegged {
            order.kind = self.pegged(side);
        }
        order.time_in_force = self.time_in_force(now);
        self.flag(&mut order);
        if self.rng.below(8) == 0 {
            order.condition = Some(self.condition(now));
        }
        order
    }

    fn flag(&mut self, order: &mut NewOrder) {
        order.post_only = match self.rng.below(20) {
            0 => Some(PostOnly::Reject),
            1 => Some(PostOnly::Slide),
            _ => None,
        };
        order.reduce_only = order.account.0 >= 3 && self.rng.below(6) == 0;
        order.self_trade = match self.rng.below(10) {
            0 => Some(SelfTrade::CancelNewest),
            1 => Some(SelfTrade::CancelOldest),
            2 => Some(SelfTrade::CancelBoth),
            3 => Some(SelfTrade::Decrement),
            _ => None,
        };
        let immediate = order.time_in_force == TimeInForce::Ioc;
        order.qty_min = (immediate && self.rng.coin()).then(|| Qty(1 + self.number(4)));
    }

    fn of_a_kind(&mut self, account: AccountId, instrument: InstrumentId, side: Side) -> NewOrder {
        let price = self.price(side);
        let kind = match self.rng.below(24) {
            0 => OrderType::Market,
            1..9 => OrderType::Limit { price },
            9..11 => OrderType::Stop { trigger: self.trigger() },
            11 => OrderType::StopLimit { trigger: self.trigger(), price },
            12 => OrderType::MarketIfTouched { trigger: self.trigger() },
            13 => OrderType::LimitIfTouched { trigger: self.trigger(), price },
            14..16 => OrderType::TrailingStop { trail: self.trail() },
            16 => OrderType::TrailingStopLimit { trail: self.trail(), limit_offset: self.number(4) - 1 },
            17..20 => OrderType::Iceberg { price, display: Qty(1 + self.number(4)) },
            20 => OrderType::Hidden { price },
            21 => OrderType::MarketToLimit,
            _ => self.pegged(side),
        };
        NewOrder::new(account, instrument, side, Qty(1 + self.number(12)), kind)
    }

    fn pegged(&mut self, side: Side) -> OrderType {
        let to = [PegTo::OwnSide, PegTo::Mid, PegTo::Opposite][self.rng.below(3)];
        let limit = (self.rng.below(3) == 0).then(|| self.price(side));
        OrderType::Pegged { to, offset: self.number(7) - 3, limit }
    }

    fn trigger(&mut self) -> Trigger {
        Trigger { price: Price(94 + self.number(13)), source: self.source() }
    }

    fn source(&mut self) -> TriggerSource {
        if self.rng.coin() { TriggerSource::Last } else { SOURCES[self.rng.below(SOURCES.len())] }
    }

    fn trail(&mut self) -> Box<Trail> {
        let by = match self.rng.below(3) {
            0 => TrailBy::Amount(1 + self.number(6)),
            1 => TrailBy::Ticks(1 + self.number(6)),
            _ => TrailBy::Percent(Rate(10_000_000 * (1 + self.number(6)))),
        };
        let activation = (self.rng.below(3) == 0).then(|| Price(96 + self.number(9)));
        let step = (self.rng.below(3) == 0).then(|| 1 + self.number(3));
        Box::new(Trail { by, activation, step, source: self.source() })
    }

    fn condition(&mut self, now: Time) -> Condition {
        let (instrument, price, source) = (self.instrument(), Price(95 + self.number(11)), self.source());
        match self.rng.below(4) {
            0 => Condition::Above { instrument, price, source },
            1 => Condition::Below { instrument, price, source },
            2 => Condition::At { time: now.saturating_add_ns(STEP_NS * self.number(12)) },
            _ => Condition::Order { order: self.working().1, status: ENDS[self.rng.below(ENDS.len())] },
        }
    }

    fn time_in_force(&mut self, now: Time) -> TimeInForce {
        match self.rng.below(16) {
            0 | 1 => TimeInForce::Ioc,
            2 => TimeInForce::Fok,
            3 | 4 => TimeInForce::Day,
            5 | 6 => TimeInForce::Gtd(now.saturating_add_ns(STEP_NS * (1 + self.number(12)))),
            _ => TimeInForce::Gtc,
        }
    }

    /// Mostly a group whose legs fit each other.
    fn group(&mut self, now: Time) -> NewGroup {
        let first = NewOrder { condition: None, ..self.order(now) };
        let (account, instrument, side, qty) = (first.account, first.instrument, first.side, first.qty);
        match self.rng.below(6) {
            0 | 1 => {
                let second = self.leg(now, account, instrument, side, qty);
                NewGroup::Oco { first: Box::new(first), second: Box::new(second) }
            }
            2 => {
                let count = 1 + self.rng.below(3);
                let then = (0..count).map(|_| NewOrder { account, ..self.order(now) }).collect();
                NewGroup::Oto { first: Box::new(first), then }
            }
            _ => {
                let mut exit = |kind| {
                    let exit = self.leg(now, account, instrument, side.opposite(), qty);
                    Box::new(NewOrder { kind, ..exit })
                };
                let away = |ticks: i64| Price(100 + ticks * side.sign());
                let trigger = Trigger { price: away(-4), source: TriggerSource::Last };
                let stop = exit(OrderType::Stop { trigger });
                let target = exit(OrderType::Limit { price: away(3) });
                let (stop, target) = match self.rng.below(4) {
                    0 => (Some(stop), None),
                    1 => (None, Some(target)),
                    _ => (Some(stop), Some(target)),
                };
                NewGroup::Bracket { entry: Box::new(first), stop, target }
            }
        }
    }

    fn leg(&mut self, now: Time, account: AccountId, on: InstrumentId, side: Side, qty: Qty) -> NewOrder {
        let mut leg = self.of_a_kind(account, on, side);
        leg.qty = qty;
        self.flag(&mut leg);
        if self.rng.below(4) == 0 {
            leg.time_in_force = self.time_in_force(now);
        }
        leg
    }

    fn modify(&mut self, now: Time) -> Command {
        let (account, order) = self.working();
        let mut changes = Changes::default();
        match self.rng.below(8) {
            0 | 1 => changes.qty = Some(Qty(1 + self.number(14))),
            2 | 3 => changes.price = Some(Price(95 + self.number(11))),
            4 => changes.trigger = Some(Price(95 + self.number(11))),
            5 => changes.display = Some(Qty(1 + self.number(5))),
            6 => changes.peg_offset = Some(self.number(7) - 3),
            _ => changes.time_in_force = Some(self.time_in_force(now)),
        }
        if self.rng.below(4) == 0 {
            changes.qty = Some(Qty(1 + self.number(14)));
        }
        if self.rng.below(8) == 0 {
            changes.time_in_force = Some(self.time_in_force(now));
        }
        Command::ModifyOrder(ModifyOrder { account, order: OrderRef::Id(order), changes })
    }

    fn filter(&mut self) -> OrderFilter {
        OrderFilter {
            account: self.rng.coin().then(|| self.account()),
            instrument: self.rng.coin().then(|| self.instrument()),
            side: self.rng.coin().then(|| self.side()),
            group: (self.rng.below(4) == 0).then(|| self.groups.last().map_or(GroupId(1), |last| last.1)),
            ..OrderFilter::default()
        }
    }

    fn market_data(&mut self) -> Command {
        let (instrument, venue, price) = (self.instrument(), VenueId(0), Price(95 + self.number(11)));
        match self.rng.below(4) {
            0 => {
                let bid = self.rng.coin().then_some(Level { price, qty: Qty(5) });
                let above = Price(price.0 + 1 + self.number(3));
                let ask = self.rng.coin().then_some(Level { price: above, qty: Qty(7) });
                Command::Quote(Quote { instrument, venue, bid, ask })
            }
            1 => Command::Mark(Mark { instrument, price }),
            _ => Command::Print(Print { instrument, venue, price, qty: Qty(1) }),
        }
    }

    fn operator(&mut self) -> Command {
        let instrument = self.instrument();
        match self.rng.below(8) {
            0 => Command::SetInstrumentState { instrument, state: STATES[self.rng.below(STATES.len())] },
            1 | 2 => {
                let (taker, maker) = (Rate(self.number(9) * 111_111), Rate(self.number(3) * 200_000));
                Command::SetFees { instrument, fees: Fees { taker, maker, ..FEES } }
            }
            _ => Command::SetInstrumentState { instrument, state: InstrumentState::Trading },
        }
    }

    /// A recent order, mostly under its own account.
    fn working(&mut self) -> (AccountId, OrderId) {
        let at = self.rng.below(self.known.len());
        self.known.get(at).copied().unwrap_or_default()
    }

    fn account(&mut self) -> AccountId {
        AccountId([0, 1, 2, 3, 3, 4, 4][self.rng.below(7)])
    }

    fn instrument(&mut self) -> InstrumentId {
        InstrumentId([0, 0, 0, 1, 2][self.rng.below(5)])
    }

    fn side(&mut self) -> Side {
        if self.rng.coin() { Side::Buy } else { Side::Sell }
    }

    fn price(&mut self, side: Side) -> Price {
        Price(100 - side.sign() * (self.number(9) - 3))
    }

    pub fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap_or(0)
    }
}

/// The orders that a command places, in the order in which they are accepted.
pub fn legs(command: &Command) -> Vec<&NewOrder> {
    let Command::PlaceGroup(group) = command else {
        return if let Command::PlaceOrder(order) = command { vec![order] } else { Vec::new() };
    };
    match &**group {
        NewGroup::Oco { first, second } => vec![first, second],
        NewGroup::Oto { first, then } => std::iter::once(&**first).chain(then).collect(),
        NewGroup::Bracket { entry, stop, target } => {
            [Some(entry), stop.as_ref(), target.as_ref()].into_iter().flatten().map(|leg| &**leg).collect()
        }
    }
}
