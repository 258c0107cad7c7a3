//! Splits, dividends, funding, borrowing and delistings among random trading, here and at an outside venue: after each
//! command everything that must always be true is worked out anew, and a restored state goes on as the live one.

use engine::Engine;
use model::line::{Line, OrderNames, parse};
use model::{Command, Directory, Event, Stamped, Time};

struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

struct House {
    engine: Engine,
    directory: Directory,
    names: OrderNames,
    time: i64,
}

impl House {
    fn new() -> Self {
        let (engine, directory, names) = (Engine::new(), Directory::default(), OrderNames::default());
        let mut house = Self { engine, directory, names, time: 0 };
        for line in [
            "asset USD",
            "asset ABC",
            "user ann",
            "account cash of ann cash USD",
            "account mary of ann margin USD",
            "account rick of ann margin USD",
            "deposit cash 1000000 USD",
            "deposit cash 1001 ABC",
            "deposit mary 1000000 USD",
            "deposit rick 1000000 USD",
            "list ABC-USD equity ABC/USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 maker 0.0001 taker 0.0003",
            "list P-PERP perpetual /USD tick 0.01 lot 1 initial 0.1 maintenance 0.05 \
             funding_interval_ns 28800000000000",
        ] {
            house.say(line);
        }
        house
    }

    fn say(&mut self, line: &str) -> Vec<Event> {
        let said = parse(line, &self.directory, &self.names).expect("a line that is understood");
        let Some(Line::Command(command)) = said else { panic!("no command: {line}") };
        self.apply(command)
    }

    fn apply(&mut self, command: Command) -> Vec<Event> {
        self.time += 1_000_000;
        let stamped = Stamped { seq: self.engine.seq() + 1, time: Time(self.time), command };
        let mut events = Vec::new();
        self.engine.apply(&stamped, &mut events);
        events.iter().for_each(|event| self.directory.learn(event));
        self.engine.check().unwrap_or_else(|fault| panic!("{fault} after {stamped:?}"));
        let mut bytes = Vec::new();
        self.engine.snapshot(&mut bytes);
        let restored = Engine::restore(&bytes).expect("a sound snapshot");
        assert_eq!(restored.digest(), self.engine.digest());
        events
    }
}

#[test]
fn actions_among_trades_keep_everything_that_must_be_true() {
    for seed in 0..20 {
        let (mut rng, mut house) = (Rng(seed), House::new());
        let (mut paid, mut adjusted) = (0, 0);
        for _ in 0..120 {
            let account = ["cash", "mary", "rick"][usize::try_from(rng.below(3)).expect("small")];
            let symbol = if account != "cash" && rng.below(3) == 0 { "P-PERP" } else { "ABC-USD" };
            let side = if rng.below(2) == 0 { "buy" } else { "sell" };
            let (qty, price) = (1 + rng.below(40), 90 + rng.below(21));
            let line = match rng.below(12) {
                0 => format!("split ABC-USD old {} new {}", 1 + rng.below(5), 1 + rng.below(5)),
                1 => format!("dividend ABC-USD 0.{:03} USD", 1 + rng.below(999)),
                2 => format!("funding P-PERP 0.00{}", rng.below(100)),
                3 => format!("borrow ABC-USD 0.00{}", rng.below(100)),
                4 => format!("{side} {account} {qty} {symbol} stop {price}"),
                5 => format!("mark {symbol} {price}"),
                _ => format!("{side} {account} {qty} {symbol} @ {price}"),
            };
            let events = house.say(&line);
            paid += events.iter().filter(|event| matches!(event, Event::CashPaid { .. })).count();
            adjusted += events.iter().filter(|event| matches!(event, Event::PositionAdjusted(_))).count();
        }
        house.say("delist ABC-USD @ 7.77");
        assert!(paid > 10 && adjusted > 3, "{paid} {adjusted}");
    }
}
