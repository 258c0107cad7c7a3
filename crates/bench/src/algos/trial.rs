//! One order worked in one window of a tape, and what came of it. Each trial has a market of its own, so that no two
//! orders of ours meet.

use super::market::{Fill, INSTRUMENT, Market, TRADER};
use super::tape::Tape;
use model::{Algo, Command, NewAlgo, NewOrder, OrderType, Qty, Side, Time, TimeInForce};

#[derive(Clone, Debug)]
pub(crate) struct Task<'a> {
    pub tape: &'a Tape,
    pub start: Time,
    pub end: Time,
    pub side: Side,
    pub qty: i64,
    /// Sizes of the market are divided by this.
    pub thinner: i64,
    /// None: one market order at the start.
    pub algo: Option<Algo>,
}

pub(crate) struct Outcome {
    pub fills: Vec<Fill>,
    pub done: i64,
    /// Twice the middle of the book, when it began and when it was over.
    pub arrival: i64,
    pub last: i64,
    /// The most by which what was done was off the plan at one of its points, in lots.
    pub off_plan_max: i64,
    /// The market's volume in the window, its own counted; and of recorded trades how much met the book.
    pub volume: i64,
    pub recorded: i64,
    pub matched: i64,
    pub children: u32,
    pub refused: u32,
}

impl Task<'_> {
    /// Runs it. `plan` is what is to be done by when.
    pub fn run(&self, plan: &[(Time, i64)]) -> Outcome {
        let mut market = Market::at(self.tape, self.start, self.thinner);
        let arrival = market.mid();
        market.apply(self.start, self.command());
        let mut plan = plan.iter().copied().peekable();
        let mut off_plan_max = 0;
        let mut hold = |market: &mut Market, until: Time| {
            while let Some((at, planned)) = plan.next_if(|(at, _)| *at <= until) {
                market.wait(at);
                off_plan_max = off_plan_max.max((done(market) - planned).abs());
            }
        };
        for moment in self.tape.between(self.start, self.end) {
            hold(&mut market, moment.time);
            market.play(moment);
        }
        hold(&mut market, self.end);
        market.wait(self.end);
        let (done, last) = (done(&market), market.mid());
        let Market { fills, volume, recorded, matched, children, refused, .. } = market;
        Outcome { fills, done, arrival, last, off_plan_max, volume, recorded, matched, children, refused }
    }

    fn command(&self) -> Command {
        let order = NewOrder::new(TRADER, INSTRUMENT, self.side, Qty(self.qty), OrderType::Market);
        match self.algo.clone() {
            None => Command::PlaceOrder(NewOrder { time_in_force: TimeInForce::Ioc, ..order }),
            Some(algo) => Command::PlaceAlgo(Box::new(NewAlgo {
                parent: order,
                algo,
                start: Some(self.start),
                end: Some(self.end),
                participation_max: None,
                price_limit: None,
            })),
        }
    }
}

fn done(market: &Market) -> i64 {
    market.fills.iter().map(|fill| fill.qty).sum()
}
