//! The whole engine under the flow: idempotency, risk, reservation, matching, ledger, fees, events.

use crate::measure::{Latency, Pinned, median, timed};
use crate::traffic::Traffic;
use crate::{Figure, Options};
use engine::Engine;
use model::{Event, Stamped};
use std::hint::black_box;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let _pinned = Pinned::new();
    let commands = options.n.min(3_000_000);
    let single = Traffic::new(1, commands, 42);
    let single_mps = rate(&single, options.runs);
    let [p50, p99, p999] = latency(&single);
    drop(single);
    let multi = Traffic::new(100, commands, 42);
    let multi_mps = rate(&multi, options.runs);
    let [multi_p50, multi_p99, _] = latency(&multi);
    vec![
        Figure::new("apply_mps", single_mps, "M/s").at_least(10.0),
        Figure::new("apply_multi_mps", multi_mps, "M/s").at_least(6.0),
        Figure::new("apply_p50_ns", p50, "ns"),
        Figure::new("apply_p99_ns", p99, "ns").at_most(500.0),
        Figure::new("apply_p999_ns", p999, "ns"),
        Figure::new("apply_multi_p50_ns", multi_p50, "ns"),
        Figure::new("apply_multi_p99_ns", multi_p99, "ns"),
    ]
}

/// Millions of commands a second.
fn rate(traffic: &Traffic, runs: usize) -> f64 {
    let rates = (0..runs.max(1)).map(|_| {
        let (mut engine, mut events) = (traffic.engine(), Vec::with_capacity(1 << 12));
        let seconds = timed(|| apply_all(&mut engine, &traffic.flow, &mut events));
        black_box(engine.seq());
        traffic.flow.len() as f64 / seconds / 1e6
    });
    median(rates.collect())
}

/// Kept whole, so that a profiler can be told to look at nothing else.
#[inline(never)]
pub(crate) fn apply_all(engine: &mut Engine, flow: &[Stamped], events: &mut Vec<Event>) {
    for (at, stamped) in flow.iter().enumerate() {
        engine.foresee_in(flow, at);
        events.clear();
        engine.apply(stamped, events);
    }
}

/// The time of single commands: median, 99 % and 99.9 %.
fn latency(traffic: &Traffic) -> [f64; 3] {
    let (mut engine, mut events) = (traffic.engine(), Vec::with_capacity(1 << 12));
    let mut latency = Latency::new(traffic.flow.len());
    for (at, stamped) in traffic.flow.iter().enumerate() {
        events.clear();
        latency.step(|| {
            engine.foresee_in(&traffic.flow, at);
            engine.apply(stamped, &mut events);
        });
    }
    black_box(engine.seq());
    latency.quantiles([500, 990, 999])
}

#[cfg(test)]
mod tests {
    use super::Traffic;
    use crate::flow::{self, Market, Tally};
    use crate::naive::Naive;

    #[test]
    fn the_engine_trades_what_the_oracle_trades() {
        for symbols in [1, 100] {
            let mut naive = Naive::new(symbols, 200_000);
            naive.run(&flow::generate(symbols, 200_000, 42));
            let traded: Tally = Traffic::new(symbols, 200_000, 42).tally;
            assert_eq!(traded, naive.tally(), "{symbols} symbols");
        }
    }
}
