//! Auctions against a naive one: every price there is tried, every order filled in turn. Random books of limit,
//! hidden and iceberg orders, with orders at the open on top; the same after a restart in the middle.

use engine::{Engine, Indication};
use journal::Rng;
use model::line::{Line, OrderNames, parse};
use model::{
    AccountId, Command, Directory, Event, InstrumentId, InstrumentState, NewOrder, OrderId, OrderType, Price,
    Print, Qty, Side, Stamped, Time, TimeInForce, VenueId,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

const MARKET: InstrumentId = InstrumentId(0);

/// An order as the naive auction sees it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    id: OrderId,
    side: Side,
    /// None: at any.
    limit: Option<i64>,
    qty: i64,
    hidden: bool,
    display: i64,
    /// It joined at the uncrossing.
    late: bool,
}

struct Floor {
    engine: Engine,
    rng: Rng,
    asked: Vec<Asked>,
    reference: Option<i64>,
}

impl Floor {
    fn new(seed: u64) -> Self {
        let mut floor =
            Self { engine: Engine::new(), rng: Rng::new(seed), asked: Vec::new(), reference: None };
        let (mut directory, names) = (Directory::default(), OrderNames::default());
        for line in include_str!("../../scenarios/setup/spot.txt").lines() {
            if let Some(Line::Command(command)) = parse(line, &directory, &names).unwrap() {
                floor.apply(command).iter().for_each(|event| directory.learn(event));
            }
        }
        floor.state(InstrumentState::PreOpen);
        floor
    }

    fn apply(&mut self, command: Command) -> Vec<Event> {
        let mut events = Vec::new();
        let stamped = Stamped { seq: self.engine.seq() + 1, time: Time(1), command };
        self.engine.apply(&stamped, &mut events);
        self.engine.check().unwrap();
        events
    }

    fn state(&mut self, state: InstrumentState) -> Vec<Event> {
        self.apply(Command::SetInstrumentState { instrument: MARKET, state })
    }

    fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap()
    }

    fn gather(&mut self) {
        if self.rng.below(4) > 0 {
            let price = 85 + self.number(30);
            self.reference = Some(price);
            let print = Print { instrument: MARKET, venue: VenueId(0), price: Price(price), qty: Qty(1) };
            self.apply(Command::Print(print));
        }
        for _ in 0..2 + self.rng.below(30) {
            self.place();
            let book = self.naive(&self.on_book());
            assert_eq!(self.engine.indicated(MARKET), book, "{:?}", self.asked);
            self.is_not_shown_crossed();
        }
    }

    fn place(&mut self) {
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        let (price, qty) = (Price(90 + self.number(20)), 1 + self.number(12));
        let late = self.rng.below(6) == 0;
        let display = 1 + self.number(3);
        let kind = match self.rng.below(8) {
            0 | 1 if late => OrderType::Market,
            2 if !late => OrderType::Hidden { price },
            3 if !late => OrderType::Iceberg { price, display: Qty(display) },
            _ => OrderType::Limit { price },
        };
        let account = AccountId(u32::try_from(self.rng.below(3)).unwrap());
        let mut order = NewOrder::new(account, MARKET, side, Qty(qty), kind.clone());
        order.time_in_force = if late { TimeInForce::AtOpen } else { TimeInForce::Gtc };
        let events = self.apply(Command::PlaceOrder(order));
        let Some(Event::OrderAccepted(accepted)) = events.first() else { panic!("{events:?}") };
        self.asked.push(Asked {
            id: accepted.order,
            side,
            limit: kind.limit().map(|price| price.0),
            qty,
            hidden: matches!(kind, OrderType::Hidden { .. }),
            display: if matches!(kind, OrderType::Iceberg { .. }) { display } else { i64::MAX },
            late,
        });
    }

    fn on_book(&self) -> Vec<Asked> {
        self.asked.iter().filter(|asked| !asked.late).copied().collect()
    }

    fn is_not_shown_crossed(&self) {
        let best = |side| self.engine.levels(MARKET, side).next().map(|level| level.price);
        if let (Some(bid), Some(ask)) = (best(Side::Buy), best(Side::Sell)) {
            assert!(bid < ask, "{bid:?} {ask:?}");
        }
    }

    /// Tries every price.
    fn naive(&self, asked: &[Asked]) -> Option<Indication> {
        let sum = |side: Side, price: i64| -> i64 {
            let reaches = |one: &&Asked| {
                one.limit.is_none_or(|limit| side.reaches(Price(limit), Price(price))) && one.side == side
            };
            asked.iter().filter(reaches).map(|one| one.qty).sum()
        };
        let rank = |price: i64| {
            let (demand, supply) = (sum(Side::Buy, price), sum(Side::Sell, price));
            (demand.min(supply), Reverse((demand - supply).abs()))
        };
        let best = (1..300).map(rank).max().filter(|best| best.0 > 0)?;
        let range: Vec<i64> = (1..300).filter(|price| rank(*price) == best).collect();
        let limits = || asked.iter().filter_map(|one| one.limit);
        let reference = match self.reference {
            Some(reference) => reference,
            None => {
                let within = |price: i64| price.clamp(limits().min().unwrap(), limits().max().unwrap());
                (within(range[0]) + within(range[range.len() - 1])) / 2
            }
        };
        let price = *range.iter().min_by_key(|price| (*price - reference).abs())?;
        let imbalance = Qty(sum(Side::Buy, price) - sum(Side::Sell, price));
        Some(Indication { price: Price(price), qty: Qty(best.0), imbalance })
    }

    /// What each order of a side gets of a volume: by price, shown before hidden, by time; icebergs part by part.
    fn filled(&self, side: Side, mut volume: i64, filled: &mut BTreeMap<OrderId, i64>) {
        let mut queue: Vec<Asked> = self.asked.iter().filter(|one| one.side == side).copied().collect();
        let rank = |one: &Asked| one.limit.map_or(i64::MIN, |limit| -side.sign() * limit);
        queue.sort_by_key(|one| (rank(one), one.hidden, one.late, one.id));
        while let Some(first) = queue.first().copied() {
            let same = |one: &Asked| (rank(one), one.hidden) == (rank(&first), first.hidden);
            let count = queue.iter().take_while(|one| same(one)).count();
            let mut level: VecDeque<Asked> = queue.drain(..count).collect();
            while let Some(one) = level.pop_front().filter(|_| volume > 0) {
                let part = one.qty.min(one.display).min(volume);
                volume -= part;
                *filled.entry(one.id).or_default() += part;
                if one.qty > part {
                    level.push_back(Asked { qty: one.qty - part, ..one });
                }
            }
        }
    }

    fn uncross(&mut self) {
        let mut image = Vec::new();
        self.engine.snapshot(&mut image);
        let mut again = Engine::restore(&image).unwrap();
        assert_eq!(again.indicated(MARKET), self.engine.indicated(MARKET));

        let expected = self.naive(&self.asked);
        let events = self.state(InstrumentState::Trading);
        let command = Command::SetInstrumentState { instrument: MARKET, state: InstrumentState::Trading };
        let mut repeated = Vec::new();
        again.apply(&Stamped { seq: self.engine.seq(), time: Time(1), command }, &mut repeated);
        assert_eq!(repeated, events);
        assert_eq!(again.digest(), self.engine.digest());
        self.compare(&events, expected);
    }

    fn compare(&self, events: &[Event], expected: Option<Indication>) {
        let uncrossed = events.iter().find_map(|event| match event {
            Event::AuctionUncrossed { price, qty, .. } => Some((*price, *qty)),
            _ => None,
        });
        assert_eq!(uncrossed, expected.map(|at| (at.price, at.qty)), "{:?}", self.asked);
        let (mut made, mut wanted) = (BTreeMap::new(), BTreeMap::new());
        for event in events {
            if let Event::Traded(traded) = event {
                assert_eq!(Some(traded.price), uncrossed.map(|at| at.0));
                assert!(traded.taker.order > traded.maker.order);
                for order in [traded.taker.order, traded.maker.order] {
                    *made.entry(order).or_default() += traded.qty.0;
                }
            }
        }
        for side in [Side::Buy, Side::Sell] {
            self.filled(side, expected.map_or(0, |at| at.qty.0), &mut wanted);
        }
        assert_eq!(made, wanted, "{:?} at {expected:?}", self.asked);
        let late = self.asked.iter().filter(|one| one.late);
        assert!(late.into_iter().all(|one| self.engine.order(one.id).is_none()), "an auction order lives on");
    }
}

#[test]
fn an_auction_is_the_naive_one() {
    let mut traded = 0;
    for seed in 0..400 {
        let mut floor = Floor::new(seed);
        floor.gather();
        floor.uncross();
        traded += u32::from(floor.engine.last(MARKET).map(|last| last.0) != floor.reference);
    }
    assert!(traded > 100, "{traded} auctions traded away from their reference");
}
