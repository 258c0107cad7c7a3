//! One run and nothing else, for a profiler: `cargo run --release -p backtest --example speed -- ticks 1000000`, or
//! `bars`. The digest says that a faster run is still the same; figures are those of `cargo x bench backtest`.

use backtest::{
    AccountPlan, BacktestError, Feed, MarketPlan, Plan, StrategyPlan, Tick, TickChunk, Ticks, run,
};
use model::{AccountKind, Fees, InstrumentClass, InstrumentId, Money, Price, Rate, Time, VenueId};
use sim::series::series;
use sim::tape::Tape;
use sim::{Delay, Latency, Queue, Rules};
use std::io::Write;
use std::sync::Arc;

struct Made(TickChunk);

impl Ticks for Made {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, BacktestError> {
        Ok((chunk == 0).then(|| Arc::clone(&self.0)))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let what = std::env::args().nth(1).unwrap_or_else(|| "ticks".to_owned());
    let count = std::env::args().nth(2).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let plan = if what == "ticks" { ticks(count) } else { bars(count) };
    let outcome = run(&plan)?;
    let (fills, commands) = (outcome.fills, outcome.commands);
    writeln!(std::io::stdout(), "{what}: {fills} fills, {commands} commands, {}", outcome.digest)?;
    Ok(())
}

fn ticks(count: usize) -> Plan {
    let tape = Tape::new(InstrumentId(0), VenueId(1), Time(0), Price(1_000_000), 7);
    let all = tape.take(count).map(|(time, tick)| match tick {
        sim::tape::Tick::Quote(quote) => (time, Tick::Quote(quote)),
        sim::tape::Tick::Print(print, taker) => (time, Tick::Print(print, Some(taker))),
    });
    let mut plan = plan(Feed::TickStream(Arc::new(Made(all.collect()))), "quoting");
    plan.accounts[0].kind = AccountKind::Margin;
    plan.markets[0].fees = Fees { maker: Rate(0), taker: Rate(500_000), ..Fees::default() };
    let delay = Delay::Constant { ns: 1_000_000 };
    plan.rules = Rules {
        queue: Queue::Log,
        latency: Latency { feed: Delay::default(), order: delay.clone(), report: delay },
        ..Rules::default()
    };
    plan
}

fn bars(count: usize) -> Plan {
    plan(Feed::Bars(Arc::from(series(count, 7))), "ma_cross")
}

fn plan(feed: Feed, kind: &str) -> Plan {
    let market = MarketPlan {
        class: InstrumentClass::Equity,
        tick: Money(Money::ONE.0 / 100),
        fees: Fees { maker: Rate(1_000_000), taker: Rate(1_000_000), ..Fees::default() },
        ..MarketPlan::new("X-USD", feed)
    };
    let account = AccountPlan {
        name: "main".to_owned(),
        kind: AccountKind::Cash,
        currency: "USD".to_owned(),
        cash: Money(Money::ONE.0 * 1_000_000),
    };
    let strategy = StrategyPlan {
        name: kind.to_owned(),
        kind: kind.to_owned(),
        account: 0,
        markets: vec![0],
        params: Vec::new(),
        made: None,
    };
    Plan {
        name: "speed".to_owned(),
        markets: vec![market],
        accounts: vec![account],
        strategies: vec![strategy],
        rules: Rules::default(),
        limits: Vec::new(),
        benchmark: Vec::new(),
        trade_from: None,
        trades_kept: Plan::TRADES_KEPT,
        points_kept: Plan::POINTS_KEPT,
    }
}
