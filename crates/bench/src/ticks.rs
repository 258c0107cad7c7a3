//! A strategy that keeps one lot at both touches and follows them, with delays of a millisecond and a queue by
//! logarithms: over the levels and trades of two recorded markets, each again and again until there are enough, and
//! over a made-up market in which an eighth of all ticks is a fill of ours.

use crate::algos::tape::{self, What};
use crate::backtest::{SMOKE, market, plan};
use crate::measure::{cpu_seconds, median};
use crate::{Figure, Options};
use backtest::{Feed, MarketPlan, Plan, Tick, TickChunk, Ticks};
use model::{AccountKind, Fees, InstrumentId, Price, Print, Rate, Time, VenueId};
use sim::tape::Tape;
use sim::{Delay, Latency, Queue, Rules};
use std::sync::Arc;

const ENOUGH: usize = 5_000_000;
const CHUNK: usize = 4096;
/// Between the end of a recording and its beginning.
const PAUSE_NS: i64 = 1_000_000_000;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let ticks = if options.smoke { SMOKE } else { ENOUGH };
    let mut figures = Vec::new();
    for (tape, name) in tape::Tape::bundled().iter().zip(["", "_ethusd_perp"]) {
        let mut again = Again::new(tape);
        let count = again.enough(ticks);
        let of = market(Feed::TickStream(Arc::new(again)));
        let of = MarketPlan { tick: tape.tick, lot: tape.lot, ..of };
        figures.extend(quoting(name, of, count, options.runs.min(3)));
    }
    let of = market(Feed::TickStream(Arc::new(Once(made(ticks)))));
    figures.extend(quoting("_made", of, ticks, options.runs.min(3)));
    figures
}

/// A recording, so many times, in chunks as a catalogue gives them.
struct Again {
    once: Vec<(Time, Tick)>,
    /// From its beginning to the beginning of the next.
    lasts_ns: i64,
    times: usize,
}

impl Again {
    fn new(tape: &tape::Tape) -> Self {
        let moments = &tape.moments;
        let mut once = vec![(tape.begins(), Tick::Anew)];
        once.extend(moments.iter().enumerate().map(|(at, moment)| match moment.what {
            What::Level { side, price, qty } => {
                let next = moments.get(at + 1);
                let is_last = next
                    .is_none_or(|next| next.time != moment.time || !matches!(next.what, What::Level { .. }));
                (moment.time, Tick::Level { side, price, qty, is_last })
            }
            What::Trade { side, price, qty } => {
                let print = Print { instrument: InstrumentId(0), venue: VenueId(1), price, qty };
                (moment.time, Tick::Print(print, Some(side)))
            }
        }));
        let lasts_ns = tape.ends().0 - tape.begins().0 + PAUSE_NS;
        Self { once, lasts_ns, times: 1 }
    }

    /// As often as it takes to so many ticks; gives how many they are then.
    fn enough(&mut self, ticks: usize) -> usize {
        self.times = ticks.div_ceil(self.once.len());
        self.times * self.once.len()
    }

    fn chunks(&self) -> usize {
        self.once.len().div_ceil(CHUNK)
    }
}

impl Ticks for Again {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, backtest::BacktestError> {
        let (round, from) = (chunk / self.chunks(), chunk % self.chunks() * CHUNK);
        let later = self.lasts_ns.saturating_mul(i64::try_from(round).unwrap_or(i64::MAX));
        let part = &self.once[from..self.once.len().min(from + CHUNK)];
        let shifted = || part.iter().map(|(time, tick)| (time.saturating_add_ns(later), *tick)).collect();
        Ok((round < self.times).then(shifted))
    }
}

struct Once(TickChunk);

impl Ticks for Once {
    fn ticks(&self, chunk: usize) -> Result<Option<TickChunk>, backtest::BacktestError> {
        Ok((chunk == 0).then(|| Arc::clone(&self.0)))
    }
}

fn made(ticks: usize) -> TickChunk {
    let tape = Tape::new(InstrumentId(0), VenueId(1), Time(0), Price(1_000_000), 7);
    let ticks = tape.take(ticks).map(|(time, tick)| match tick {
        sim::tape::Tick::Quote(quote) => (time, Tick::Quote(quote)),
        sim::tape::Tick::Print(print, taker) => (time, Tick::Print(print, Some(taker))),
    });
    ticks.collect()
}

fn quoting_plan(of: MarketPlan) -> Plan {
    let mut plan = plan(of, "quoting", &[]);
    plan.accounts[0].kind = AccountKind::Margin;
    // A maker that pays a taker's fee is bankrupt after a fiftieth of this, and then nothing is measured.
    plan.markets[0].fees = Fees { maker: Rate(0), taker: Rate(500_000), ..Fees::default() };
    let delay = Delay::Constant { ns: 1_000_000 };
    plan.rules = Rules {
        queue: Queue::Log,
        latency: Latency { feed: Delay::default(), order: delay.clone(), report: delay },
        ..Rules::default()
    };
    plan
}

/// Millions of ticks a CPU second, and how many fills and commands there were among them.
fn quoting(name: &str, of: MarketPlan, ticks: usize, runs: usize) -> Vec<Figure> {
    let plan = quoting_plan(of);
    let (mut fills, mut commands) = (0, 0);
    let rates = (0..runs.max(1)).map(|_| {
        let start = cpu_seconds();
        let outcome = backtest::run(&plan).unwrap_or_else(|error| unreachable!("{error}"));
        (fills, commands) = (outcome.fills, outcome.commands);
        ticks as f64 / (cpu_seconds() - start) / 1e6
    });
    let rate = median(rates.collect());
    assert!(fills > 0, "the quoting strategy trades");
    let figure = |what: &str, value, unit| Figure::new(format!("ticks{name}_{what}"), value, unit);
    vec![
        figure("mps", rate, "M events/s").at_least(8.0),
        figure("fills", fills as f64, ""),
        figure("commands", commands as f64, ""),
    ]
}
