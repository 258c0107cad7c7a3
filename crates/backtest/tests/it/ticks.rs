//! Quotes and prints: a strategy that quotes, with delays and a queue, trades, ends the same twice, and its fills are
//! all within the market.

use super::world::{plan, strategy};
use backtest::{BacktestError, Feed, MarketPlan, Plan, Tick, TickChunk, Ticks, run, run_slowly};
use model::{AccountKind, Fees, InstrumentClass, InstrumentId, MarginRates, Price, Rate, Time, VenueId};
use sim::tape::Tape;
use sim::{Delay, Latency, Queue, Rules};
use std::sync::Arc;

struct Made(Vec<TickChunk>);

impl Ticks for Made {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError> {
        Ok(self.0.get(chunk).map(Arc::clone))
    }
}

fn quoting(queue: Queue, latency: Latency) -> Plan {
    let tape = Tape::new(InstrumentId(0), VenueId(1), Time(0), Price(100_000), 5);
    let all: Vec<(Time, Tick)> = tape
        .take(60_000)
        .map(|(time, tick)| match tick {
            sim::tape::Tick::Quote(quote) => (time, Tick::Quote(quote)),
            sim::tape::Tick::Print(print, taker) => (time, Tick::Print(print, Some(taker))),
        })
        .collect();
    let chunks = all.chunks(10_000).map(Arc::from).collect();
    let market = MarketPlan {
        class: InstrumentClass::Equity,
        tick: super::world::cents(),
        fees: Fees { maker: Rate(0), taker: Rate(100_000), ..Fees::default() },
        ..MarketPlan::new("X-USD", Feed::TickStream(Arc::new(Made(chunks))))
    };
    let mut plan = plan(vec![market], vec![strategy("quoting", &[("inventory", 5.0)])]);
    plan.accounts[0].kind = AccountKind::Margin;
    plan.rules = Rules { queue, latency, ..Rules::default() };
    plan
}

#[test]
fn quoting_trades_less_the_later_it_is_and_the_longer_it_waits() {
    let fills = |plan: &Plan| {
        let outcome = run(plan).expect("it is there");
        assert_eq!(outcome, run(plan).expect("it is there"));
        assert_eq!(outcome.ticks, 60_000);
        outcome.fills
    };
    let slow = Delay::Constant { ns: 20_000_000 };
    let late = || Latency { feed: Delay::default(), order: slow.clone(), report: slow.clone() };
    let kind = fills(&quoting(Queue::Log, Latency::default()));
    let strict = fills(&quoting(Queue::RiskAverse, Latency::default()));
    let late = fills(&quoting(Queue::RiskAverse, late()));
    assert!(kind >= strict && strict > 100 && late > 0, "{kind} {strict} {late}");
}

#[test]
fn ticks_that_nobody_notices_are_ticks_one_by_one() {
    let slow = Delay::Constant { ns: 3_000_000 };
    let late = || Latency { feed: Delay::default(), order: slow.clone(), report: slow.clone() };
    let far = Latency { feed: slow.clone(), ..late() };
    for (queue, latency) in [(Queue::Log, Latency::default()), (Queue::RiskAverse, late()), (Queue::Log, far)]
    {
        for kind in [AccountKind::Margin, AccountKind::Futures] {
            let mut plan = quoting(queue, latency.clone());
            plan.accounts[0].kind = kind;
            plan.markets[0].margin =
                MarginRates { initial: Rate(100_000_000), maintenance: Rate(50_000_000) };
            let (fast, whole) = (run(&plan).expect("it is there"), run_slowly(&plan).expect("it is there"));
            assert_eq!(fast, whole);
            let account = &fast.accounts[0];
            assert!(fast.fills > 100 && account.curve.len() > 100 && account.max_drawdown > 0.0);
        }
    }
}
