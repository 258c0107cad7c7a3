//! Order flow: what quotes and prints say of who is in a hurry.

use super::super::kernel::{Move, Window};
use super::super::machine::Step;
use super::super::param::{count, period, real};
use super::super::{Category::OrderFlow, Print, Quote, Spec, WarmUp::AtLeast, WarmUp::Exactly};
use super::{PRINT, QUOTE, ratio, spec};
use serde::{Deserialize, Serialize};

pub const LIST: &[Spec] = &[
    spec("mid", OrderFlow, "the middle of bid and ask")
        .reads(QUOTE)
        .own(|_| Exactly(0), |_| Box::new(OfQuote(Figure::Mid))),
    spec("microprice", OrderFlow, "bid and ask, each weighted by what stands on the other side")
        .reads(QUOTE)
        .own(|_| Exactly(0), |_| Box::new(OfQuote(Figure::Microprice))),
    spec("quoted_spread", OrderFlow, "ask less bid, in basis points of the middle")
        .reads(QUOTE)
        .own(|_| Exactly(0), |_| Box::new(OfQuote(Figure::Spread))),
    spec(
        "book_imbalance",
        OrderFlow,
        "what stands at the bid less what stands at the ask, as a part of both",
    )
    .reads(QUOTE)
    .own(|_| Exactly(0), |_| Box::new(OfQuote(Figure::Imbalance))),
    spec(
        "order_flow_imbalance",
        OrderFlow,
        "Cont's imbalance: what came to the bid and left the ask, added up",
    )
    .reads(QUOTE)
    .params(&[period(50.0, 1.0)])
    .own(
        |a| Exactly(a.count(0)),
        |a| Box::new(FlowImbalance { last: None, window: Window::new(a.count(0)) }),
    ),
    spec("print_imbalance", OrderFlow, "what buyers took less what sellers took, as a part of both")
        .reads(PRINT)
        .params(&[period(50.0, 1.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(PrintImbalance(Window::new(a.count(0))))),
    spec(
        "cvd",
        OrderFlow,
        "cumulative volume delta: what buyers took less what sellers took, from the start",
    )
    .reads(PRINT)
    .own(|_| Exactly(0), |_| Box::new(Delta(0.0))),
    spec(
        "vpin",
        OrderFlow,
        "how one-sided the last buckets of equal volume were: 0 balanced, 1 all one side",
    )
    .reads(PRINT)
    .params(&[real("bucket", 1000.0, 1e-9, 1e15), count("buckets", 50.0, 1.0)])
    .own(|_| AtLeast(0), |a| Box::new(Vpin::new(a.real(0), a.count(1)))),
    spec(
        "kyle_lambda",
        OrderFlow,
        "how far prices move for each unit taken: the slope of moves on signed volume",
    )
    .reads(PRINT)
    .params(&[count("prints", 20.0, 1.0), count("buckets", 50.0, 2.0)])
    .own(|a| Exactly(a.count(0) * (a.count(1) + 1) - 1), |a| Box::new(Kyle::new(a.count(0), a.count(1)))),
    spec("print_rate", OrderFlow, "prints a second over the window; none where all have one time")
        .reads(PRINT)
        .params(&[period(50.0, 2.0)])
        .own(|a| Exactly(a.count(0) - 1), |a| Box::new(Rate { start: None, times: Window::new(a.count(0)) })),
    spec("print_vwap", OrderFlow, "the price of the last prints, weighted by quantity")
        .reads(PRINT)
        .params(&[period(50.0, 1.0)])
        .own(
            |a| Exactly(a.count(0) - 1),
            |a| Box::new(PrintVwap { values: Window::new(a.count(0)), quantities: Window::new(a.count(0)) }),
        ),
];

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Figure {
    Mid,
    Microprice,
    Spread,
    Imbalance,
}

#[derive(Clone, Serialize, Deserialize)]
struct OfQuote(Figure);

impl Step for OfQuote {
    type In = Quote;
    type Out = f64;

    fn step(&mut self, quote: Quote) -> Option<f64> {
        let Quote { bid, bid_qty, ask, ask_qty, .. } = quote;
        match self.0 {
            Figure::Mid => Some(quote.mid()),
            Figure::Microprice => ratio(bid * ask_qty + ask * bid_qty, bid_qty + ask_qty),
            Figure::Spread => ratio(10_000.0 * (ask - bid), quote.mid()),
            Figure::Imbalance => ratio(bid_qty - ask_qty, bid_qty + ask_qty),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct FlowImbalance {
    /// Bid, its quantity, ask and its quantity of the quote before.
    last: Option<[f64; 4]>,
    window: Window,
}

impl Step for FlowImbalance {
    type In = Quote;
    type Out = f64;

    fn step(&mut self, quote: Quote) -> Option<f64> {
        let now = [quote.bid, quote.bid_qty, quote.ask, quote.ask_qty];
        let [bid, bid_qty, ask, ask_qty] = self.last.replace(now)?;
        let if_so = |holds: bool, quantity: f64| if holds { quantity } else { 0.0 };
        let at_bid = if_so(quote.bid >= bid, quote.bid_qty) - if_so(quote.bid <= bid, bid_qty);
        let at_ask = if_so(quote.ask <= ask, quote.ask_qty) - if_so(quote.ask >= ask, ask_qty);
        self.window.with(at_bid - at_ask).map(Window::sum)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct PrintImbalance(Window);

impl Step for PrintImbalance {
    type In = Print;
    type Out = f64;

    fn step(&mut self, print: Print) -> Option<f64> {
        let window = self.0.with(print.signed_qty())?;
        ratio(window.sum(), window.iter().map(f64::abs).sum())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Delta(f64);

impl Step for Delta {
    type In = Print;
    type Out = f64;

    fn step(&mut self, print: Print) -> Option<f64> {
        self.0 += print.signed_qty();
        Some(self.0)
    }
}

/// Buckets of equal volume; a print that is larger than what a bucket lacks fills the next ones too.
#[derive(Clone, Serialize, Deserialize)]
struct Vpin {
    size: f64,
    filled: f64,
    signed: f64,
    imbalances: Window,
}

impl Vpin {
    fn new(size: f64, count: usize) -> Self {
        Self { size, filled: 0.0, signed: 0.0, imbalances: Window::new(count) }
    }

    fn close_bucket(&mut self) {
        self.imbalances.push(self.signed.abs() / self.size);
        self.filled = 0.0;
        self.signed = 0.0;
    }

    fn fill(&mut self, quantity: f64, sign: f64) {
        let lacking = self.size - self.filled;
        if quantity < lacking {
            self.filled += quantity;
            self.signed += sign * quantity;
            return;
        }
        self.signed += sign * lacking;
        self.close_bucket();
        let rest = quantity - lacking;
        let whole = (rest / self.size).floor();
        // More buckets than are kept would all be pushed out again.
        for _ in 0..self.imbalances.size() {
            if (self.filled + 1.0) > whole {
                break;
            }
            self.filled += 1.0;
            self.imbalances.push(1.0);
        }
        self.filled = (rest - whole * self.size).clamp(0.0, self.size);
        self.signed = sign * self.filled;
    }
}

impl Step for Vpin {
    type In = Print;
    type Out = f64;

    fn step(&mut self, print: Print) -> Option<f64> {
        self.fill(print.qty, if print.signed_qty() < 0.0 { -1.0 } else { 1.0 });
        self.imbalances.is_full().then(|| self.imbalances.mean())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Kyle {
    size: usize,
    prints: usize,
    signed: f64,
    close: Move,
    moves: Window,
    volumes: Window,
}

impl Kyle {
    fn new(size: usize, count: usize) -> Self {
        let window = Window::new(count);
        Self { size, prints: 0, signed: 0.0, close: Move::default(), moves: window.clone(), volumes: window }
    }

    fn close_bucket(&mut self, price: f64) {
        let signed = std::mem::take(&mut self.signed);
        self.prints = 0;
        if let Some(change) = self.close.next(price) {
            self.moves.push(change);
            self.volumes.push(signed);
        }
    }
}

impl Step for Kyle {
    type In = Print;
    type Out = f64;

    fn step(&mut self, print: Print) -> Option<f64> {
        self.signed += print.signed_qty();
        self.prints = self.prints.saturating_add(1);
        if self.prints >= self.size {
            self.close_bucket(print.price);
        }
        if !self.moves.is_full() {
            return None;
        }
        ratio(self.volumes.covariance(&self.moves), self.volumes.moment(2))
    }
}

/// Times are kept in seconds since the first print, so that no digit is lost.
#[derive(Clone, Serialize, Deserialize)]
struct Rate {
    start: Option<i64>,
    times: Window,
}

impl Step for Rate {
    type In = Print;
    type Out = f64;

    fn step(&mut self, print: Print) -> Option<f64> {
        let start = *self.start.get_or_insert(print.time);
        let seconds = print.time.saturating_sub(start) as f64 / model::NANOS_PER_SECOND as f64;
        let times = self.times.with(seconds)?;
        ratio(times.count() - 1.0, times.newest() - times.oldest())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct PrintVwap {
    values: Window,
    quantities: Window,
}

impl Step for PrintVwap {
    type In = Print;
    type Out = f64;

    fn step(&mut self, print: Print) -> Option<f64> {
        self.quantities.push(print.qty);
        let value = self.values.with(print.price * print.qty)?.sum();
        ratio(value, self.quantities.sum())
    }
}
