//! The book under the flow, on one symbol and over a hundred, and the naive book beside it in the same run:
//! run by run in turn, so that a busy minute hurts both.

use crate::fast::Fast;
use crate::flow::{Command, Market, generate};
use crate::measure::{Latency, Pinned, median, timed};
use crate::naive::Naive;
use crate::{Figure, Options};
use std::hint::black_box;

/// Medians over one flow.
struct Rates {
    fast_mps: f64,
    naive_mps: f64,
    bytes_per_order: f64,
}

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let _pinned = Pinned::new();
    let flow = generate(1, options.n, 42);
    let single = rates(1, &flow, options.runs);
    let [p50, p99, p999] = latency(1, &flow);
    let flow = generate(100, options.n, 42);
    let multi = rates(100, &flow, options.runs);
    let [multi_p50, multi_p99, _] = latency(100, &flow);
    let bytes = single.bytes_per_order.max(multi.bytes_per_order);
    vec![
        Figure::new("book_single_mps", single.fast_mps, "M/s").at_least(45.0),
        Figure::new("book_multi_mps", multi.fast_mps, "M/s").at_least(25.0),
        Figure::new("book_single_naive_mps", single.naive_mps, "M/s"),
        Figure::new("book_multi_naive_mps", multi.naive_mps, "M/s"),
        Figure::new("book_single_vs_naive", single.fast_mps / single.naive_mps, "x").at_least(4.0),
        Figure::new("book_multi_vs_naive", multi.fast_mps / multi.naive_mps, "x").at_least(4.0),
        Figure::new("book_p50_ns", p50, "ns"),
        Figure::new("book_p99_ns", p99, "ns").at_most(150.0),
        Figure::new("book_p999_ns", p999, "ns"),
        Figure::new("book_multi_p50_ns", multi_p50, "ns"),
        Figure::new("book_multi_p99_ns", multi_p99, "ns"),
        Figure::new("book_bytes_per_order", bytes, "B").at_most(64.0),
    ]
}

fn rates(symbols: usize, flow: &[Command], runs: usize) -> Rates {
    let (mut fast_mps, mut naive_mps) = (Vec::new(), Vec::new());
    let mut bytes_per_order = 0.0;
    for _ in 0..runs.max(1) {
        let (fast, mps) = rate::<Fast>(symbols, flow);
        fast_mps.push(mps);
        let (naive, mps) = rate::<Naive>(symbols, flow);
        naive_mps.push(mps);
        assert_eq!(fast.tally(), naive.tally(), "the books disagree");
        bytes_per_order = fast.book_bytes() as f64 / fast.resting().max(1) as f64;
    }
    Rates { fast_mps: median(fast_mps), naive_mps: median(naive_mps), bytes_per_order }
}

/// Millions of commands a second.
fn rate<M: Market>(symbols: usize, flow: &[Command]) -> (M, f64) {
    let mut market = M::new(symbols, flow.len());
    let seconds = timed(|| market.run(flow));
    (market, flow.len() as f64 / seconds / 1e6)
}

/// The time of single commands: median, 99 % and 99.9 %.
fn latency(symbols: usize, flow: &[Command]) -> [f64; 3] {
    let mut market = Fast::new(symbols, flow.len());
    let mut latency = Latency::new(flow.len());
    for command in flow {
        latency.step(|| market.apply(command));
    }
    black_box(market.tally());
    latency.quantiles([500, 990, 999])
}
