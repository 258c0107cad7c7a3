//! Made-up orders of the kinds that wait, hide, follow and belong together, and parents with algos.

use super::work::Work;
use model::{
    Algo, AlgoId, Changes, Command, Condition, GroupId, NewAlgo, NewGroup, NewOrder, OrderStatus, OrderType,
    PegTo, Price, Qty, Quoting, Rate, Side, Slice, Time, TimeInForce, Trail, TrailBy, Trigger, TriggerSource,
};

const PART: i64 = Rate::ONE.0 / 10;

impl Work {
    /// Any kind but the plain ones.
    pub(super) fn special_kind(&mut self, price: Price, side: Side) -> OrderType {
        let trigger = Trigger { price: self.near(price), source: self.source() };
        match self.rng.below(11) {
            0 => OrderType::Stop { trigger },
            1 => OrderType::StopLimit { trigger, price },
            2 => OrderType::MarketIfTouched { trigger },
            3 => OrderType::LimitIfTouched { trigger, price },
            4 => OrderType::TrailingStop { trail: Box::new(self.trail(price)) },
            5 => OrderType::TrailingStopLimit {
                trail: Box::new(self.trail(price)),
                limit_offset: self.number(4),
            },
            6 | 7 => OrderType::Iceberg { price, display: Qty(self.number(6)) },
            8 => OrderType::MarketToLimit,
            _ => {
                let to = [PegTo::OwnSide, PegTo::Mid, PegTo::Opposite];
                let to = to.get(self.rng.below(3)).copied().unwrap_or(PegTo::Mid);
                let limit = self.rng.coin().then_some(Price(price.0.saturating_add(side.sign() * 3)));
                OrderType::Pegged { to, offset: self.number(7) - 3, limit }
            }
        }
    }

    pub(super) fn condition(&mut self, now: Time) -> Condition {
        let (instrument, source) = (self.instrument(), self.source());
        let price = self.price(instrument, Side::Buy);
        match self.rng.below(4) {
            0 => Condition::Above { instrument, price, source },
            1 => Condition::Below { instrument, price, source },
            2 => Condition::At { time: now.saturating_add_ns(self.number(40) * 1_000_000) },
            _ => {
                let statuses =
                    [OrderStatus::Filled, OrderStatus::Cancelled, OrderStatus::Expired, OrderStatus::Open];
                let status = statuses.get(self.rng.below(4)).copied().unwrap_or(OrderStatus::Filled);
                Condition::Order { order: self.known_order(), status }
            }
        }
    }

    pub(super) fn group(&mut self, now: Time) -> Command {
        let mut first = self.order(now);
        let other = |work: &mut Self, side: Side, kind: OrderType, first: &NewOrder| {
            let plain = NewOrder::new(first.account, first.instrument, side, first.qty, kind);
            NewOrder { book: first.book, client_order_id: work.next_id(), ..plain }
        };
        let (price, exit) = (self.price(first.instrument, first.side), first.side.opposite());
        let beyond = |ticks: i64| Price(price.0.saturating_add(first.side.sign() * ticks));
        let stop = OrderType::Stop { trigger: Trigger { price: beyond(-4), source: self.source() } };
        let target = OrderType::Limit { price: beyond(3) };
        let group = match self.rng.below(5) {
            0 | 1 => {
                first.time_in_force = TimeInForce::Gtc;
                let side = if self.rng.coin() { first.side } else { exit };
                let kind = if self.rng.coin() { stop } else { target };
                let second = Box::new(other(self, side, kind, &first));
                NewGroup::Oco { first: Box::new(first), second }
            }
            2 => {
                let then = vec![other(self, exit, target, &first), other(self, exit, stop, &first)];
                NewGroup::Oto { first: Box::new(first), then }
            }
            _ => {
                let stop = Some(Box::new(other(self, exit, stop, &first)));
                let target = Some(Box::new(other(self, exit, target, &first)));
                let (stop, target) = if self.rng.below(4) == 0 { (None, target) } else { (stop, target) };
                NewGroup::Bracket { entry: Box::new(first), stop, target }
            }
        };
        Command::PlaceGroup(Box::new(group))
    }

    pub(super) fn algo(&mut self, now: Time) -> Command {
        let (instrument, side) = (self.instrument(), if self.rng.coin() { Side::Buy } else { Side::Sell });
        let price = self.price(instrument, side);
        let kind = if self.rng.coin() { OrderType::Market } else { OrderType::Limit { price } };
        let mut parent = NewOrder::new(self.account(), instrument, side, Qty(self.number(40)), kind);
        parent.client_order_id = self.next_id();
        parent.self_trade = self.self_trade();
        let later = |ms: i64| now.saturating_add_ns(ms * 1_000_000);
        let slices = [(5, 3), (9, 6), (20, 10)];
        let schedule = slices.map(|(ms, tenths)| Slice { at: later(ms), done: Rate(tenths * PART) }).to_vec();
        let algo = match self.rng.below(7) {
            0 => Algo::Twap { slices: self.small(6) },
            1 => Algo::Vwap { profile: schedule },
            2 => Algo::ImplementationShortfall { schedule },
            3 => Algo::Pov { rate: Rate(self.number(11) * PART) },
            4 => Algo::IcebergSlicer { display: Qty(self.number(5)), refresh_ns: self.number(3_000_000) },
            5 => Algo::Sniper { price, qty_min: Qty(1 + self.number(10)) },
            _ => Algo::Quoting {
                quoting: Quoting {
                    half_spread: 1 + self.number(3),
                    qty: Qty(1 + self.number(4)),
                    levels: 1 + self.small(3),
                    level_step: self.number(3),
                    inventory_max: Qty(1 + self.number(20)),
                    skew: self.number(3),
                    refresh: 1 + self.number(2),
                    stale_ns: 1 + self.number(20_000_000),
                },
            },
        };
        let end = Some(later(self.number(60)));
        let participation_max = (self.rng.below(4) == 0).then_some(Rate(3 * PART));
        let price_limit = (self.rng.below(4) == 0).then_some(price);
        Command::PlaceAlgo(Box::new(NewAlgo {
            parent,
            algo,
            start: None,
            end,
            participation_max,
            price_limit,
        }))
    }

    /// The end of a group or of an algo, which may be another account's or over.
    pub(super) fn call_off(&mut self) -> Command {
        let (account, number) = (self.account(), 1 + u64::from(self.small(30)));
        if self.rng.coin() {
            Command::CancelGroup { account, group: GroupId(number) }
        } else {
            Command::CancelAlgo { account, algo: AlgoId(number) }
        }
    }

    /// Changes that only some kinds of order know.
    pub(super) fn special_changes(&mut self, price: Price, changes: Changes) -> Changes {
        match self.rng.below(4) {
            0 => Changes { trigger: Some(self.near(price)), ..changes },
            1 => Changes { display: Some(Qty(self.number(6))), ..changes },
            2 => Changes { peg_offset: Some(self.number(7) - 3), ..changes },
            _ => Changes { time_in_force: Some(TimeInForce::Day), ..changes },
        }
    }

    fn trail(&mut self, price: Price) -> Trail {
        let by = match self.rng.below(3) {
            0 => TrailBy::Amount(self.number(6)),
            1 => TrailBy::Percent(Rate(self.number(50) * Rate::ONE.0 / 1000)),
            _ => TrailBy::Ticks(1 + self.number(5)),
        };
        let activation = (self.rng.below(3) == 0).then(|| self.near(price));
        let step = (self.rng.below(3) == 0).then(|| self.number(4));
        Trail { by, activation, step, source: self.source() }
    }

    fn source(&mut self) -> TriggerSource {
        match self.rng.below(8) {
            0 => TriggerSource::BidAsk,
            1 => TriggerSource::Mid,
            2 => TriggerSource::Mark,
            3 => TriggerSource::DoubleLast,
            _ => TriggerSource::Last,
        }
    }

    fn near(&mut self, price: Price) -> Price {
        Price(price.0.saturating_add(self.number(13) - 6))
    }
}
