//! A trailing stop on any source of prices stands where the whole path of its prices puts it, never goes back,
//! and is set off by the first price that reaches it; also when the engine was restored on the way.

use super::floor::{Floor, seeds};
use journal::Rng;
use model::{
    AccountId, Command, Event, InstrumentId, Level, Mark, NewOrder, OrderId, OrderType, Price, Print, Qty,
    Quote, Rate, Side, Trail, TrailBy, TriggerSource, VenueId,
};

const FUTURE: InstrumentId = InstrumentId(2);
const VENUE: VenueId = VenueId(0);
const TRADER: AccountId = AccountId(4);
const SOURCES: [TriggerSource; 5] = [
    TriggerSource::Last,
    TriggerSource::BidAsk,
    TriggerSource::Mid,
    TriggerSource::Mark,
    TriggerSource::DoubleLast,
];

/// The prices of now.
#[derive(Clone, Copy, Debug, Default)]
struct Prices {
    last: Option<i64>,
    mark: Option<i64>,
    bid: Option<i64>,
    ask: Option<i64>,
}

/// The naive reckoning of one stop. Prices are doubled, so that the middle is whole, and turned for a buy, so that
/// better is always higher.
#[derive(Clone, Debug)]
struct Stop {
    id: OrderId,
    side: Side,
    trail: Trail,
    active: bool,
    peak: Option<i64>,
    /// The last trade was at the stop or beyond.
    reached: bool,
}

impl Stop {
    fn new(id: OrderId, side: Side, trail: Trail) -> Self {
        Self { id, side, trail, active: trail.activation.is_none(), peak: None, reached: false }
    }

    /// What its source says, doubled.
    fn price(&self, prices: &Prices) -> Option<i64> {
        match (self.trail.source, self.side) {
            (TriggerSource::Last | TriggerSource::DoubleLast, _) => prices.last.map(|price| 2 * price),
            (TriggerSource::Mark, _) => prices.mark.map(|price| 2 * price),
            (TriggerSource::Mid, _) => Some(prices.bid? + prices.ask?),
            (TriggerSource::BidAsk, Side::Sell) => prices.bid.map(|price| 2 * price),
            (TriggerSource::BidAsk, Side::Buy) => prices.ask.map(|price| 2 * price),
        }
    }

    /// The side's sign turns the prices of a buy round.
    fn turn(&self) -> i64 {
        -self.side.sign()
    }

    /// Whole ticks, the stop where a peak of whole ticks puts it.
    fn stop(&self) -> Option<i64> {
        let peak = self.peak?;
        let distance = match self.trail.by {
            TrailBy::Amount(ticks) | TrailBy::Ticks(ticks) => ticks,
            TrailBy::Percent(Rate(rate)) => peak.abs() * rate / Rate::ONE.0,
        };
        Some((peak * self.turn() - distance.max(1)) * self.turn())
    }

    /// Follows, and says whether it is set off. Only a whole tick counts as a new peak.
    fn hear(&mut self, doubled: i64, traded: bool) -> bool {
        let turned = doubled * self.turn();
        let whole = turned.div_euclid(2);
        if let Some(stop) = self.stop()
            && turned <= 2 * stop * self.turn()
        {
            let twice = self.trail.source == TriggerSource::DoubleLast;
            let set_off = !twice || (self.reached && traded);
            self.reached = true;
            return set_off;
        }
        self.reached = false;
        let at = self.trail.activation.map_or(i64::MIN, |price| price.0 * self.turn());
        self.active |= whole >= at;
        let step = self.trail.step.unwrap_or(1);
        let better = self.peak.is_none_or(|peak| whole >= peak * self.turn() + step);
        if self.active && better {
            self.peak = Some(whole * self.turn());
        }
        false
    }
}

struct Path {
    rng: Rng,
    floor: Floor,
    prices: Prices,
    stops: Vec<Stop>,
    mid: i64,
    fired: usize,
}

impl Path {
    fn number(&mut self, below: usize) -> i64 {
        i64::try_from(self.rng.below(below)).unwrap_or(0)
    }

    fn place(&mut self) -> Result<(), String> {
        let by = match self.rng.below(3) {
            0 => TrailBy::Amount(1 + self.number(8)),
            1 => TrailBy::Ticks(1 + self.number(8)),
            _ => TrailBy::Percent(Rate(5_000_000 * (1 + self.number(12)))),
        };
        let activation = (self.rng.below(3) == 0).then(|| Price(self.mid + self.number(13) - 6));
        let step = (self.rng.below(3) == 0).then(|| 1 + self.number(4));
        let trail = Trail { by, activation, step, source: SOURCES[self.rng.below(5)] };
        let side = if self.rng.coin() { Side::Buy } else { Side::Sell };
        let kind = OrderType::TrailingStop { trail: Box::new(trail) };
        let order = NewOrder::new(TRADER, FUTURE, side, Qty(1), kind);
        let Some(Event::OrderAccepted(accepted)) = self.floor.apply(Command::PlaceOrder(order)).first()
        else {
            return Err(format!("not accepted: {:?}", self.floor.events));
        };
        let mut stop = Stop::new(accepted.order, side, trail);
        if let Some(price) = stop.price(&self.prices) {
            stop.hear(price, false);
        }
        self.stops.push(stop);
        Ok(())
    }

    /// The market moves a little, at times far.
    fn walk(&mut self) -> Command {
        let far = if self.rng.below(12) == 0 { 5 } else { 1 };
        self.mid += far * (self.number(5) - 2);
        let price = Price(self.mid);
        match self.rng.below(3) {
            0 => {
                let (bid, ask) = (self.mid - 1 - self.number(2), self.mid + self.number(3));
                let level = |price| Some(Level { price: Price(price), qty: Qty(1) });
                let (bid, ask) = (level(bid), level(ask));
                (self.prices.bid, self.prices.ask) = (bid.map(|bid| bid.price.0), ask.map(|ask| ask.price.0));
                Command::Quote(Quote { instrument: FUTURE, venue: VENUE, bid, ask })
            }
            1 => {
                self.prices.mark = Some(self.mid);
                Command::Mark(Mark { instrument: FUTURE, price })
            }
            _ => {
                self.prices.last = Some(self.mid);
                Command::Print(Print { instrument: FUTURE, venue: VENUE, price, qty: Qty(1) })
            }
        }
    }

    fn step(&mut self) -> Result<(), String> {
        if self.rng.below(6) == 0 {
            return self.place();
        }
        if self.rng.below(30) == 0 {
            self.floor.restart()?;
        }
        let command = self.walk();
        let about = |stop: &Stop| match (&command, stop.trail.source) {
            (Command::Quote(_), source) => matches!(source, TriggerSource::BidAsk | TriggerSource::Mid),
            (Command::Mark(_), source) => source == TriggerSource::Mark,
            (_, source) => matches!(source, TriggerSource::Last | TriggerSource::DoubleLast),
        };
        self.floor.apply(command.clone());
        self.floor.check()?;
        let triggered = self.floor.events.iter().filter_map(|event| match event {
            Event::OrderTriggered { order, .. } => Some(*order),
            _ => None,
        });
        let triggered: Vec<OrderId> = triggered.collect();
        self.fired += triggered.len();
        let mut stops = std::mem::take(&mut self.stops);
        for stop in &mut stops {
            let before = (stop.stop(), stop.clone());
            let price = stop.price(&self.prices).filter(|_| about(stop));
            let fires = price.is_some_and(|price| stop.hear(price, true));
            if fires != triggered.contains(&stop.id) {
                return Err(format!("{before:?} at {:?} fires: {fires}", self.prices));
            }
            let back =
                before.0.zip(stop.stop()).is_some_and(|(old, new)| new * stop.turn() < old * stop.turn());
            let shown = self.floor.engine.order(stop.id).map(|order| order.trigger.map(|price| price.0));
            if back || (!fires && shown != Some(stop.stop())) {
                return Err(format!("{stop:?} is at {shown:?}, was {:?}, not {:?}", before, stop.stop()));
            }
        }
        stops.retain(|stop| !triggered.contains(&stop.id));
        self.stops = stops;
        Ok(())
    }
}

#[test]
fn trailing_stops_stand_where_their_path_puts_them() {
    let mut fired = 0;
    for seed in seeds(60) {
        let (rng, floor, prices) = (Rng::new(3_000 + seed), Floor::new(), Prices::default());
        let mut path = Path { rng, floor, prices, stops: Vec::new(), mid: 200, fired: 0 };
        for at in 0..600 {
            path.step().unwrap_or_else(|wrong| panic!("step {at} of seed {seed}: {wrong}"));
        }
        path.floor.check_twin().unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
        fired += path.fired;
    }
    assert!(fired > 1_000, "{fired}");
}
