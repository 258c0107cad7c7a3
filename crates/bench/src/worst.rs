//! Worst cases, each on our book and on the naive one: a crowd at one price, a sweep, a storm of cancels, and
//! prices so far apart that no two share a page. A case that takes a book minutes in place of microseconds is the
//! kind of thing that happens on the worst day of the year.

use crate::fast::Fast;
use crate::flow::{Command, Kind, Market, Rng};
use crate::measure::{Pinned, median, timed};
use crate::naive::Naive;
use crate::{Figure, Options};
use model::Side;

/// What is done before the clock starts, and what is timed.
struct Case {
    setup: Vec<Command>,
    timed: Vec<Command>,
    /// What one "op" is: commands, or levels of a sweep.
    ops: usize,
}

/// The naive book searches its queue on a cancel; it gets this many of the commands.
const NAIVE_CROWD: usize = 2_000;
const CROWD: usize = 100_000;
const LEVELS: usize = 10_000;

pub(crate) fn run(options: &Options) -> Vec<Figure> {
    let _pinned = Pinned::new();
    let runs = options.runs.max(1);
    let mut figures = Vec::new();
    let mut add = |case: &Case, naive_cap: usize, names: [&'static str; 2], goal: f64| {
        let fast = (0..runs).map(|_| nanos::<Fast>(case, usize::MAX)).collect();
        let naive = (0..runs).map(|_| nanos::<Naive>(case, naive_cap)).collect();
        figures.push(Figure::new(names[0], median(fast), "ns/op").at_most(goal));
        figures.push(Figure::new(names[1], median(naive), "ns/op"));
    };
    add(&crowd(), NAIVE_CROWD, ["worst_crowd_cancel_ns", "worst_crowd_cancel_naive_ns"], 100.0);
    add(&sweep(near), usize::MAX, ["worst_sweep_ns", "worst_sweep_naive_ns"], 100.0);
    add(&sweep(far), usize::MAX, ["worst_sweep_far_ns", "worst_sweep_far_naive_ns"], 300.0);
    add(&storm(), usize::MAX, ["worst_storm_cancel_ns", "worst_storm_cancel_naive_ns"], 100.0);
    add(&far_first(), usize::MAX, ["worst_far_first_ns", "worst_far_first_naive_ns"], 500.0);
    add(&far_place(), usize::MAX, ["worst_far_place_ns", "worst_far_place_naive_ns"], 300.0);
    add(&far_cancel(), usize::MAX, ["worst_far_cancel_ns", "worst_far_cancel_naive_ns"], 300.0);
    figures.push(Figure::new("worst_far_bytes_per_order", far_bytes(), "B").at_most(1024.0));
    figures
}

/// Nanoseconds per op, over at most `cap` of the timed commands.
fn nanos<M: Market>(case: &Case, cap: usize) -> f64 {
    let mut market = M::new(1, case.setup.len() + case.timed.len());
    market.run(&case.setup);
    let commands = &case.timed[..case.timed.len().min(cap)];
    let ops = case.ops.min(cap);
    timed(|| market.run(commands)) * 1e9 / ops as f64
}

fn command(kind: Kind, id: usize, side: Side, price: i64) -> Command {
    Command { id: id as u64, price, qty: 1, account: 0, symbol: 0, kind, side, pad: 0 }
}

/// Sell orders with ids from 1, at the prices given.
fn sells(prices: impl Iterator<Item = i64>) -> Vec<Command> {
    (1..).zip(prices).map(|(id, price)| command(Kind::Limit, id, Side::Sell, price)).collect()
}

/// Cancels of the orders of `setup`, in random order.
fn cancels(setup: &[Command]) -> Vec<Command> {
    let mut cancels: Vec<_> = setup.iter().map(|order| Command { kind: Kind::Cancel, ..*order }).collect();
    let mut rng = Rng(7);
    for last in (1..cancels.len()).rev() {
        let other = rng.below(last as u64 + 1);
        cancels.swap(last, usize::try_from(other).expect("invariant: below a length"));
    }
    cancels
}

/// 100,000 orders at one price, cancelled from anywhere in the queue.
fn crowd() -> Case {
    let setup = sells((0..CROWD).map(|_| 1_000));
    Case { timed: cancels(&setup), ops: setup.len(), setup }
}

fn near(level: i64, _: &mut Rng) -> i64 {
    level
}

/// Anywhere in the range of a price.
fn far(_: i64, rng: &mut Rng) -> i64 {
    rng.next().cast_signed()
}

fn prices(price: fn(i64, &mut Rng) -> i64) -> impl Iterator<Item = i64> {
    let mut rng = Rng(11);
    (0..).map(move |level| price(level, &mut rng)).take(LEVELS)
}

/// One market order through 10,000 levels.
fn sweep(price: fn(i64, &mut Rng) -> i64) -> Case {
    let setup = sells(prices(price));
    let qty = u32::try_from(LEVELS).expect("invariant: ten thousand");
    let sweep = Command { qty, ..command(Kind::Market, LEVELS + 1, Side::Buy, 0) };
    Case { timed: vec![sweep], ops: LEVELS, setup }
}

/// 200,000 orders on 2,000 levels, all cancelled at once.
fn storm() -> Case {
    let setup = sells((0..200_000).map(|order| order % 2_000));
    Case { timed: cancels(&setup), ops: setup.len(), setup }
}

/// The first orders ever: memory comes from the system, page by page.
fn far_first() -> Case {
    Case { setup: Vec::new(), timed: sells(prices(far)), ops: LEVELS }
}

/// The same orders once more, after others have come and gone: the steady state.
fn far_place() -> Case {
    let first = sells(prices(far));
    let again = (LEVELS as u64 + 1..).zip(&first).map(|(id, order)| Command { id, ..*order }).collect();
    let setup = first.iter().copied().chain(cancels(&first)).collect();
    Case { setup, timed: again, ops: LEVELS }
}

fn far_cancel() -> Case {
    let setup = sells(prices(far));
    Case { timed: cancels(&setup), ops: LEVELS, setup }
}

/// Memory of the book with 10,000 orders that share no page.
fn far_bytes() -> f64 {
    let mut market = Fast::new(1, LEVELS);
    market.run(&sells(prices(far)));
    market.book_bytes() as f64 / market.resting() as f64
}
