//! A venue that says anything at all: reports of any order, account, size, price and fee, in any order. Nothing of it
//! may panic, unbalance the books, or leave an order in two states; and a restored engine goes on the same.

use engine::Engine;
use journal::Rng;
use model::{
    AccountId, AssetId, CancelOrder, Changes, ClientOrderId, Command, Event, InstrumentId, Level,
    ModifyOrder, Money, NewGroup, NewOrder, OrderFilter, OrderId, OrderRef, OrderType, Price, Print,
    Priority, Qty, Quote, Side, Stamped, Symbol, Time, TimeInForce, Trigger, TriggerSource, VenueFill,
    VenueId, VenueReport, VenueSay,
};
use tests::sim::setup::{self, START};

const VENUE: VenueId = setup::OUTSIDE;

struct Draw {
    rng: Rng,
    orders: Vec<(AccountId, OrderId)>,
    time: Time,
}

impl Draw {
    fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap()
    }

    fn account(&mut self) -> AccountId {
        AccountId(u32::try_from(self.rng.below(5)).unwrap())
    }

    fn instrument(&mut self) -> InstrumentId {
        InstrumentId(setup::INSTRUMENTS + u32::from(self.rng.coin()))
    }

    fn side(&mut self) -> Side {
        if self.rng.coin() { Side::Buy } else { Side::Sell }
    }

    fn price(&mut self) -> Price {
        match self.rng.below(30) {
            0 => Price(i64::MAX),
            1 => Price(i64::MIN),
            2 => Price(0),
            3 => Price(1 << 40),
            _ => Price(94 + self.number(12)),
        }
    }

    fn qty(&mut self) -> Qty {
        match self.rng.below(30) {
            0 => Qty(i64::MAX),
            1 => Qty(-1),
            2 => Qty(0),
            3 => Qty(1 << 59),
            4 => Qty(1_000_000),
            _ => Qty(1 + self.number(10)),
        }
    }

    fn money(&mut self) -> Money {
        match self.rng.below(12) {
            0 => Money(i128::MAX),
            1 => Money(i128::MIN),
            2 => Money(1 << 109),
            3 => Money(-1),
            _ => Money(self.number(5).into()),
        }
    }

    fn known(&mut self) -> (AccountId, OrderId) {
        let at = self.rng.below(self.orders.len().max(1));
        let newest = self.orders.len().saturating_sub(1 + at % 24);
        self.orders.get(newest).copied().unwrap_or_default()
    }

    fn order(&mut self) -> NewOrder {
        let (price, side) = (Price(94 + self.number(12)), self.side());
        let trigger = Trigger { price, source: TriggerSource::Last };
        let kind = match self.rng.below(6) {
            0 => OrderType::Market,
            1 => OrderType::Stop { trigger },
            2 => OrderType::StopLimit { trigger, price },
            _ => OrderType::Limit { price },
        };
        let mut order =
            NewOrder::new(self.account(), self.instrument(), side, Qty(1 + self.number(10)), kind);
        order.time_in_force = match self.rng.below(8) {
            0 => TimeInForce::Ioc,
            1 => TimeInForce::Day,
            _ => TimeInForce::Gtc,
        };
        order.reduce_only = self.rng.below(5) == 0;
        order.priority = if self.rng.coin() { Priority::Normal } else { Priority::Critical };
        order.deadline =
            (self.rng.below(5) == 0).then(|| self.time.saturating_add_ns(1 + self.number(40) * 1_000_000));
        order
    }

    fn say(&mut self, order: OrderId) -> VenueSay {
        let (instrument, qty) = (self.instrument(), self.qty());
        let code = Symbol::new("code").unwrap();
        let name = format!("f{}", self.rng.below(200));
        match self.rng.below(24) {
            0..5 => VenueSay::Accepted { order, venue_order: ClientOrderId::new("v").unwrap() },
            5 => VenueSay::Rejected { order, code },
            6..13 => VenueSay::Filled(VenueFill {
                order,
                fill: ClientOrderId::new(&name).unwrap(),
                price: self.price(),
                qty,
                fee: self.money(),
                fee_asset: AssetId(u32::try_from(self.rng.below(4)).unwrap()),
            }),
            13 => VenueSay::Cancelled { order, left: qty },
            14 | 15 => {
                let price = self.rng.coin().then(|| self.price());
                VenueSay::Replaced { order, qty, price }
            }
            16 => VenueSay::CancelRejected { order, code },
            17 => VenueSay::ReplaceRejected { order, code },
            18 => VenueSay::Expired { order, left: qty },
            19 => VenueSay::Silent { order },
            20 => VenueSay::NotFound { order },
            21 => VenueSay::Position { instrument, qty, cost: Money(1) },
            22 if self.rng.below(12) == 0 => {
                if self.rng.below(3) == 0 {
                    VenueSay::Down
                } else {
                    VenueSay::Up
                }
            }
            _ => VenueSay::Reconciled,
        }
    }

    fn report(&mut self) -> Command {
        let (account, order) = self.known();
        let say = self.say(order);
        let any = say == VenueSay::Reconciled || self.rng.below(12) == 0;
        let account = if any { self.account() } else { account };
        Command::Venue(Box::new(VenueReport { venue: VENUE, account, time: self.time, say }))
    }

    fn group(&mut self) -> Command {
        let first = self.order();
        let exit = |kind| {
            let order =
                NewOrder::new(first.account, first.instrument, first.side.opposite(), first.qty, kind);
            Box::new(order)
        };
        let beyond = |ticks: i64| Price(100 + first.side.sign() * ticks);
        let stop =
            exit(OrderType::Stop { trigger: Trigger { price: beyond(-4), source: TriggerSource::Last } });
        let target = exit(OrderType::Limit { price: beyond(4) });
        Command::PlaceGroup(Box::new(match self.rng.coin() {
            true => NewGroup::Oco { first: stop, second: target },
            false => NewGroup::Bracket { entry: Box::new(first), stop: Some(stop), target: Some(target) },
        }))
    }

    fn command(&mut self) -> Command {
        let (account, order) = self.known();
        match self.rng.below(20) {
            0..5 => Command::PlaceOrder(self.order()),
            5 => self.group(),
            6 => Command::CancelOrder(CancelOrder { account, order: OrderRef::Id(order) }),
            7 => {
                let price = self.rng.coin().then(|| Price(94 + self.number(12)));
                let changes = Changes { qty: Some(Qty(1 + self.number(20))), price, ..Changes::default() };
                Command::ModifyOrder(ModifyOrder { account, order: OrderRef::Id(order), changes })
            }
            8 => Command::AdvanceTime,
            9 => {
                let price = Price(94 + self.number(10));
                let level = |ticks| Some(Level { price: Price(price.0 + ticks), qty: Qty(5) });
                let instrument = self.instrument();
                Command::Quote(Quote { instrument, venue: VENUE, bid: level(0), ask: level(2) })
            }
            10 => {
                let (instrument, price) = (self.instrument(), Price(92 + self.number(16)));
                Command::Print(Print { instrument, venue: VENUE, price, qty: Qty(1) })
            }
            11 if self.rng.below(6) == 0 => {
                let account = Some(self.account());
                Command::CancelMany(OrderFilter { account, ..OrderFilter::default() })
            }
            _ => self.report(),
        }
    }
}

fn restored(engine: &Engine) -> Engine {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    Engine::restore(&bytes).unwrap()
}

/// Gives how many fills were booked, and how many reports did not fit.
fn run(seed: u64, commands: usize) -> (usize, usize) {
    let (mut engine, mut twin) = (Engine::new(), Engine::new());
    let mut draw = Draw { rng: Rng::new(seed), orders: Vec::new(), time: START };
    let (mut seq, mut booked, mut misfits) = (0, 0, 0);
    let (account, time) = (AccountId(0), START);
    let up = VenueReport { venue: VENUE, account, time, say: VenueSay::Up };
    let setup = setup::commands().into_iter().chain(setup::outside());
    let setup: Vec<Command> = setup.chain([Command::Venue(Box::new(up))]).collect();
    for at in 0..setup.len() + commands {
        let command = setup.get(at).cloned().unwrap_or_else(|| draw.command());
        draw.time = draw.time.saturating_add_ns(draw.number(3_000_000));
        seq += 1;
        let stamped = Stamped { seq, time: draw.time, command };
        let (mut events, mut told) = (Vec::new(), Vec::new());
        engine.apply(&stamped, &mut events);
        let here = || format!("command {at} of seed {seed}: {:?}\nmade {events:#?}", stamped.command);
        engine.check().unwrap_or_else(|wrong| panic!("{wrong}: {}", here()));
        assert!(!events.is_empty(), "nothing came of {}", here());
        if at >= setup.len() {
            twin.apply(&stamped, &mut told);
            assert_eq!(events, told, "a restored engine says otherwise: {}", here());
        }
        for event in &events {
            match event {
                Event::OrderAccepted(accepted) => draw.orders.push((accepted.account, accepted.order)),
                Event::OutsideTraded(_) => booked += 1,
                Event::ReportMisfit { .. } => misfits += 1,
                _ => {}
            }
        }
        if at % 50 == 0 || at + 1 == setup.len() {
            twin = restored(&engine);
            assert_eq!(twin.digest(), engine.digest());
        }
    }
    (booked, misfits)
}

#[test]
fn a_venue_may_say_anything() {
    let seeds = std::env::var("SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(40);
    let (mut booked, mut misfits) = (0, 0);
    for seed in 0..seeds {
        let (more, unfit) = run(seed, 1_000);
        (booked, misfits) = (booked + more, misfits + unfit);
    }
    let enough = usize::try_from(10 * seeds).unwrap();
    assert!(booked > enough && misfits > enough, "{booked} booked, {misfits} did not fit");
}
