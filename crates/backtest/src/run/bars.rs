//! A market of bars: quiet stretches at once, and else bar by bar, each by way of its points.

use super::Run;
use super::heard::Heard;
use crate::error::BacktestError;
use model::{Bar, Command, InstrumentId, Mark, OrderFilter, Price, Time};
use sim::Point;

impl Run<'_> {
    /// A stretch of bars at once; false where it has to be bar by bar.
    pub(super) fn pass(&mut self, lane: usize) -> Result<bool, BacktestError> {
        let quiet = !self.is_slow
            && self.house.venue.is_idle()
            && self.late.is_empty()
            && self.house.engine.order_count() == 0
            && self.plan.rules.latency.feed.is_none();
        if !quiet {
            return Ok(false);
        }
        let others = self.lanes.iter().enumerate().filter(|(at, _)| *at != lane);
        let until = others.filter_map(|(_, other)| other.next().map(|(time, _)| time));
        let until = until.chain(self.next_inside()).min().unwrap_or(Time::MAX);
        let (bars, first) = self.lanes[lane].rest();
        let mut count = match bars.last() {
            Some(last) if last.end < until => bars.len(),
            _ => bars.partition_point(|bar| bar.end < until),
        };
        for desk in &mut self.desks {
            let Some(place) = desk.place_of(lane) else { continue };
            if desk.markets.len() != 1 || !desk.is_idle() {
                return Ok(false);
            }
            // What it took in before, when somebody else stopped the stretch, is not told again.
            let ahead = usize::try_from(desk.passed.saturating_sub(first)).unwrap_or(0).min(count);
            let more = desk.strategy.pass(place, &bars[ahead..count], desk.view[place].held);
            desk.passed = first + (ahead + more) as u64;
            count = ahead + more;
        }
        if count == 0 {
            return Ok(false);
        }
        let stretch = std::sync::Arc::clone(self.lanes[lane].chunk());
        let begin = self.lanes[lane].place();
        self.take_in(lane, &stretch[begin..begin + count]);
        self.lanes[lane].skip(count)?;
        Ok(true)
    }

    /// Bars on which nothing happens but that they are there.
    fn take_in(&mut self, lane: usize, bars: &[Bar]) {
        let instrument = self.house.instruments[lane];
        let mut done = 0;
        while done < bars.len() {
            let taken = self.house.apply_marks(instrument, &bars[done..]);
            done += taken;
            if let Some(bar) = bars.get(done).filter(|_| taken == 0) {
                self.house.apply(bar.end, Command::Mark(Mark { instrument, price: bar.close }));
                done += 1;
            }
        }
        let Some(last) = bars.last() else { return };
        self.house.venue.close(instrument, last);
        self.tally.bars(lane, bars);
        self.bars += bars.len() as u64;
        self.now = self.now.max(last.end);
        for desk in &mut self.desks {
            if let Some(place) = desk.place_of(lane) {
                desk.view[place].last = Some(last.close);
            }
        }
    }

    pub(super) fn open_bar(&mut self, lane: usize, time: Time) {
        let bar = self.lanes[lane].bar();
        let instrument = self.house.instruments[lane];
        self.now = self.now.max(time);
        self.house.venue.open(instrument, &bar);
        self.tally.see(lane, bar.open.0);
        self.settle();
        self.print_if_awaited(lane, bar.open);
        self.lanes[lane].opened();
        let idle = self.lanes.len() == 1 && self.house.engine.order_count() == 0;
        if idle && self.house.venue.is_idle() && self.next_inside().is_none() {
            // Nobody is there whom the way of this bar could concern.
            self.lanes[lane].pointed(2);
        }
    }

    /// The price goes on to a point of the bar, by way of every price that an order waits for in between.
    pub(super) fn point(&mut self, lane: usize, at: usize, time: Time) {
        self.now = self.now.max(time);
        let bar = self.lanes[lane].bar();
        let works =
            self.house.engine.order_count() > 0 || self.house.venue.works_in(self.house.instruments[lane]);
        if works {
            let held: i64 =
                self.desks.iter().filter_map(|desk| Some(desk.view[desk.place_of(lane)?].held.0)).sum();
            let held = self.lanes[lane].held_at_open(held);
            let path = sim::points(&bar, self.plan.rules.path, held);
            let from = if at == 0 { bar.open } else { path[at - 1].price };
            self.walk(lane, from, path[at]);
        }
        self.lanes[lane].pointed(at);
    }

    fn walk(&mut self, lane: usize, from: Price, to: Point) {
        let instrument = self.house.instruments[lane];
        let mut here = from;
        while let Some(next) = self.next_trigger(instrument, here, to) {
            self.step(lane, Point { price: next, is_jump: false });
            here = next;
        }
        self.step(lane, to);
    }

    fn step(&mut self, lane: usize, point: Point) {
        let instrument = self.house.instruments[lane];
        self.house.venue.point(instrument, self.now, point);
        self.tally.see(lane, point.price.0);
        self.settle();
        self.print_if_awaited(lane, point.price);
    }

    /// The nearest price beyond `here`, on the way to `there`, that an order waits for.
    fn next_trigger(&self, instrument: InstrumentId, here: Price, to: Point) -> Option<Price> {
        if to.is_jump {
            return None;
        }
        let there = to.price;
        let filter = OrderFilter { instrument: Some(instrument), ..OrderFilter::default() };
        let waiting = self.house.engine.open_orders(&filter);
        let triggers = waiting.iter().filter_map(|order| order.trigger);
        if there > here {
            triggers.filter(|price| *price > here && *price < there).min()
        } else {
            triggers.filter(|price| *price < here && *price > there).max()
        }
    }

    /// Stops and the like wait for prints; where nobody waits a price inside a bar says nothing to the house.
    pub(super) fn print_if_awaited(&mut self, lane: usize, price: Price) {
        if self.house.engine.order_count() > 0 {
            self.print_price(lane, price);
        }
    }

    pub(super) fn close_bar(&mut self, lane: usize) -> Result<(), BacktestError> {
        let bar = self.lanes[lane].bar();
        self.now = self.now.max(bar.end);
        self.house.venue.close(self.house.instruments[lane], &bar);
        self.settle();
        self.bars += 1;
        self.tell_house(Heard::Bar(lane, bar));
        self.lanes[lane].skip(1)
    }
}
