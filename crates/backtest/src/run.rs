//! A run: market data in order of time, and between it whatever is due in the engine, at the venue and with the
//! strategies. At one moment what closes comes before what opens. A stretch of bars in which nobody wants anything,
//! nothing works and nothing is due is gone through at once; it comes to the same state as bar by bar.

use crate::desk::{Desk, Open};
use crate::error::BacktestError;
use crate::house::House;
use crate::lane::{Lane, Moment};
use crate::plan::Plan;
use crate::tally::{AccountOutcome, Tally, Trade};
use model::{
    Bar, Command, Event, InstrumentId, Mark, OrderFilter, OrderId, OutsideTrade, Price, Print, Qty, Quote,
    Side, Time,
};
use serde::Serialize;
use sim::Point;
use std::collections::{BTreeMap, VecDeque};
use strategy::{Ended, Fill, Look, Market, Tag, View};

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    pub name: String,
    /// Over the engine's last state and every fill: equal for equal inputs.
    pub digest: String,
    pub from: Time,
    pub until: Time,
    pub bars: u64,
    pub ticks: u64,
    pub commands: u64,
    pub fills: u64,
    pub trades_made: u64,
    pub accounts: Vec<AccountOutcome>,
    pub strategies: Vec<StrategyOutcome>,
    pub trades: Vec<Trade>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrategyOutcome {
    pub name: String,
    pub kind: String,
    pub params: Vec<(String, f64)>,
    /// Why orders of it were refused, and how often.
    pub refused: BTreeMap<String, u64>,
}

/// Runs a plan over its data.
pub fn run(plan: &Plan) -> Result<Outcome, BacktestError> {
    Run::new(plan)?.go()
}

/// A run with all bars one by one: what a run at once has to be equal to.
pub fn run_slowly(plan: &Plan) -> Result<Outcome, BacktestError> {
    let mut run = Run::new(plan)?;
    run.is_slow = true;
    run.go()
}

/// A fact for a strategy.
enum Note {
    Fill(OutsideTrade),
    End { order: OrderId, left: Qty, is_refused: bool },
}

/// What the house hears of the market, maybe later than the venue.
#[derive(Clone, Copy)]
enum Heard {
    Bar(usize, Bar),
    Quote(usize, Quote),
    Print(usize, Print),
}

const NOBODY: u32 = u32::MAX;

struct Run<'a> {
    plan: &'a Plan,
    house: House,
    desks: Vec<Desk>,
    lanes: Vec<Lane>,
    tally: Tally,
    /// Whose an order is, by the slot that its id names.
    owners: Vec<u32>,
    notes: VecDeque<Note>,
    late: BTreeMap<(Time, u64), Heard>,
    heard: u64,
    latest_feed: Time,
    now: Time,
    from: Time,
    bars: u64,
    ticks: u64,
    is_slow: bool,
}

struct Worth<'a>(&'a Tally, usize);

impl Look for Worth<'_> {
    fn equity(&self) -> Option<f64> {
        Some(self.0.equity(self.1))
    }
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan) -> Result<Self, BacktestError> {
        plan.check()?;
        let lanes: Vec<Lane> = plan
            .markets
            .iter()
            .map(|market| Lane::open(&market.symbol, &market.feed))
            .collect::<Result<_, _>>()?;
        let from = lanes.iter().filter_map(Lane::next).map(|(time, _)| time).min().unwrap_or_default();
        let house = House::build(plan, from)?;
        let tally = Tally::new(plan);
        let mut desks = Vec::with_capacity(plan.strategies.len());
        for (of, book) in plan.strategies.iter().zip(&house.books) {
            let (strategy, reads, warm_up) = of.build()?;
            let market = |&place: &usize| Market {
                tick: crate::tally::number(plan.markets[place].tick),
                tick_value: tally.tick_value(place),
                ..Market::default()
            };
            let view = of.markets.iter().map(market).collect();
            let account = house.accounts[of.account];
            desks.push(Desk::new(strategy, (reads, warm_up), of, (account, *book), view));
        }
        Ok(Self {
            plan,
            house,
            desks,
            lanes,
            tally,
            owners: Vec::new(),
            notes: VecDeque::new(),
            late: BTreeMap::new(),
            heard: 0,
            latest_feed: Time::MIN,
            now: from,
            from,
            bars: 0,
            ticks: 0,
            is_slow: false,
        })
    }

    fn go(mut self) -> Result<Outcome, BacktestError> {
        while let Some((time, lane, moment)) = self.next_moment() {
            self.wait_until(time);
            match moment {
                Moment::Open if self.pass(lane)? => {}
                Moment::Open => self.open_bar(lane, time),
                Moment::Point(at) => self.point(lane, at, time),
                Moment::Close if self.pass(lane)? => {}
                Moment::Close => self.close_bar(lane)?,
                Moment::Tick => self.tick(lane, time)?,
            }
        }
        // What is on its way still arrives.
        while let Some(time) =
            self.next_inside().filter(|time| *time < self.now.saturating_add_ns(60_000_000_000))
        {
            self.wait_until(time);
        }
        self.finish()
    }

    /// The next thing that the market says: the earliest, what closes first, then in the order of the markets.
    #[inline]
    fn next_moment(&self) -> Option<(Time, usize, Moment)> {
        let moments = self.lanes.iter().enumerate();
        let moments = moments
            .filter_map(|(at, lane)| lane.next().map(|(time, moment)| (time, moment.rank(), at, moment)));
        moments
            .min_by_key(|(time, rank, at, _)| (*time, *rank, *at))
            .map(|(time, _, at, moment)| (time, at, moment))
    }

    /// When something is due that the market does not say.
    fn next_inside(&self) -> Option<Time> {
        let timers = self.desks.iter().filter_map(|desk| desk.timers.first().map(|(time, _)| *time));
        let late = self.late.first_key_value().map(|(key, _)| key.0);
        [self.house.venue.next(), self.house.engine.next_due(), late]
            .into_iter()
            .flatten()
            .chain(timers)
            .min()
    }

    /// Everything that is due by then happens, in its order.
    fn wait_until(&mut self, time: Time) {
        while let Some(due) = self.next_inside().filter(|due| *due <= time) {
            let due = due.max(self.now);
            self.now = due;
            self.house.venue.advance(due);
            self.settle();
            if let Some(entry) = self.late.first_entry().filter(|entry| entry.key().0 <= due) {
                let heard = entry.remove();
                self.hear(heard);
            }
            if self.house.engine.next_due().is_some_and(|next| next <= due) {
                self.apply(Command::AdvanceTime);
                self.settle();
            }
            self.ring_timers();
        }
        self.now = self.now.max(time);
    }

    fn ring_timers(&mut self) {
        for at in 0..self.desks.len() {
            while let Some(&(time, tag)) = self.desks[at].timers.first().filter(|(time, _)| *time <= self.now)
            {
                self.desks[at].timers.remove(&(time, tag));
                self.tell(at, |desk, view| desk.strategy.on_timer(tag, view, &mut desk.intents));
                self.settle();
            }
        }
    }

    /// A stretch of bars at once; false where it has to be bar by bar.
    fn pass(&mut self, lane: usize) -> Result<bool, BacktestError> {
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

    fn open_bar(&mut self, lane: usize, time: Time) {
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
    fn point(&mut self, lane: usize, at: usize, time: Time) {
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
    fn print_if_awaited(&mut self, lane: usize, price: Price) {
        if self.house.engine.order_count() > 0 {
            self.print_price(lane, price);
        }
    }

    fn print_price(&mut self, lane: usize, price: Price) {
        let instrument = self.house.instruments[lane];
        let print = Print { instrument, venue: crate::house::VENUE, price, qty: Qty(1) };
        self.apply(Command::Print(print));
        self.settle();
    }

    fn close_bar(&mut self, lane: usize) -> Result<(), BacktestError> {
        let bar = self.lanes[lane].bar();
        self.now = self.now.max(bar.end);
        self.house.venue.close(self.house.instruments[lane], &bar);
        self.settle();
        self.bars += 1;
        self.tell_house(Heard::Bar(lane, bar));
        self.lanes[lane].skip(1)
    }

    fn tick(&mut self, lane: usize, time: Time) -> Result<(), BacktestError> {
        self.now = self.now.max(time);
        self.ticks += 1;
        let heard = match self.lanes[lane].tick() {
            crate::feed::Tick::Quote(quote) => {
                let quote =
                    Quote { instrument: self.house.instruments[lane], venue: crate::house::VENUE, ..quote };
                self.house.venue.quote(self.now, &quote);
                Heard::Quote(lane, quote)
            }
            crate::feed::Tick::Print(print, taker) => {
                let print =
                    Print { instrument: self.house.instruments[lane], venue: crate::house::VENUE, ..print };
                self.house.venue.print(self.now, &print, taker);
                Heard::Print(lane, print)
            }
        };
        self.settle();
        self.tell_house(heard);
        self.lanes[lane].skip_tick()
    }

    /// What the market said reaches the house, at once or after its delay; never in another order.
    fn tell_house(&mut self, heard: Heard) {
        let delay = &self.plan.rules.latency.feed;
        if delay.is_none() {
            return self.hear(heard);
        }
        let drawn = self.house.venue.feed_delay();
        self.latest_feed = self.latest_feed.max(self.now.saturating_add_ns(drawn));
        self.heard += 1;
        self.late.insert((self.latest_feed, self.heard), heard);
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Bar(lane, bar) => {
                let instrument = self.house.instruments[lane];
                self.apply(Command::Mark(Mark { instrument, price: bar.close }));
                self.settle();
                self.tally.bars(lane, std::slice::from_ref(&bar));
                let count = self.lanes[lane].count();
                self.tell_all(
                    lane,
                    |desk| desk.reads.bars,
                    |desk, place, view| {
                        if desk.passed <= count {
                            desk.passed = count + 1;
                            desk.strategy.on_bar(place, &bar, view, &mut desk.intents);
                        }
                    },
                    Some(bar.close),
                    None,
                );
            }
            Heard::Quote(lane, quote) => {
                self.apply(Command::Quote(quote));
                self.settle();
                if let (Some(bid), Some(ask)) = (quote.bid, quote.ask) {
                    self.tally.see(lane, bid.price.0.midpoint(ask.price.0));
                }
                self.tell_all(
                    lane,
                    |desk| desk.reads.quotes,
                    |desk, place, view| {
                        desk.strategy.on_quote(place, &quote, view, &mut desk.intents);
                    },
                    None,
                    Some(quote),
                );
            }
            Heard::Print(lane, print) => {
                self.apply(Command::Print(print));
                self.settle();
                self.tell_all(
                    lane,
                    |desk| desk.reads.prints,
                    |desk, place, view| {
                        desk.strategy.on_print(place, &print, view, &mut desk.intents);
                    },
                    Some(print.price),
                    None,
                );
            }
        }
    }

    /// A fact of a market for every strategy that trades it and reads such facts.
    fn tell_all(
        &mut self,
        lane: usize,
        reads: impl Fn(&Desk) -> bool,
        tell: impl Fn(&mut Desk, usize, &View<'_>),
        last: Option<Price>,
        quote: Option<Quote>,
    ) {
        for at in 0..self.desks.len() {
            let desk = &mut self.desks[at];
            let Some(place) = desk.place_of(lane) else { continue };
            desk.view[place].last = last.or(desk.view[place].last);
            desk.view[place].quote = quote.or(desk.view[place].quote);
            if reads(desk) {
                self.tell(at, |desk, view| tell(desk, place, view));
                self.settle();
            }
        }
    }

    /// Tells a strategy something, and does what it wants.
    #[inline]
    fn tell(&mut self, at: usize, tell: impl FnOnce(&mut Desk, &View<'_>)) {
        let desk = &mut self.desks[at];
        let markets = std::mem::take(&mut desk.view);
        let worth = Worth(&self.tally, desk.account);
        tell(desk, &View::new(self.now, &markets, &worth));
        desk.view = markets;
        if !desk.intents.is_empty() {
            self.do_intents(at);
        }
    }

    fn do_intents(&mut self, at: usize) {
        let may_trade = self.plan.trade_from.is_none_or(|from| self.now >= from);
        let mut intents = std::mem::take(&mut self.desks[at].intents);
        for intent in intents.drain() {
            for wanted in self.desks[at].command(intent, &self.house.instruments) {
                if !may_trade {
                    continue;
                }
                if wanted.needs_price {
                    let lane = self.desks[at].markets[wanted.at];
                    if let Some(last) = self.desks[at].view[wanted.at].last {
                        self.print_price(lane, last);
                    }
                }
                self.house.apply(self.now, wanted.command);
                self.adopt(at, wanted.tag, wanted.at);
                self.take_notes();
                self.take_reports();
            }
        }
        // The room of the list is used again, and what was said meanwhile is kept.
        let meanwhile = std::mem::replace(&mut self.desks[at].intents, intents);
        meanwhile.as_slice().iter().cloned().for_each(|intent| self.desks[at].intents.push(intent));
    }

    /// The orders that were accepted are this strategy's, under its own name for them.
    fn adopt(&mut self, at: usize, tag: Tag, place: usize) {
        for event in &self.house.events {
            match event {
                Event::OrderAccepted(accepted) => {
                    let slot = accepted.order.slot() as usize;
                    if self.owners.len() <= slot {
                        self.owners.resize(slot + 1, NOBODY);
                    }
                    self.owners[slot] = u32::try_from(at).unwrap_or(NOBODY);
                    let (order, side, qty) = (accepted.order, accepted.side, accepted.qty);
                    self.desks[at].open.push(Open { order, tag, at: place, side, left: qty, qty });
                }
                Event::OrderRejected { reason, .. } | Event::CommandRejected { reason } => {
                    *self.desks[at].refused.entry(reason.to_string()).or_default() += 1;
                    let own = self.desks[at].has_tag(tag);
                    if !own {
                        let desk = &mut self.desks[at];
                        let markets = std::mem::take(&mut desk.view);
                        let ended = Ended { at: place, tag, left: Qty::ZERO, is_refused: true };
                        let worth = Worth(&self.tally, desk.account);
                        desk.strategy.on_end(
                            &ended,
                            &View::new(self.now, &markets, &worth),
                            &mut desk.intents,
                        );
                        desk.view = markets;
                    }
                }
                Event::ModifyRejected { reason, .. } | Event::CancelRejected { reason, .. } => {
                    *self.desks[at].refused.entry(reason.to_string()).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    fn apply(&mut self, command: Command) {
        self.house.apply(self.now, command);
        self.take_notes();
    }

    /// Keeps what the last command's events mean to strategies.
    #[inline]
    fn take_notes(&mut self) {
        for event in &self.house.events {
            match event {
                Event::OutsideTraded(trade) => self.notes.push_back(Note::Fill(**trade)),
                Event::OrderCancelled { order, left, cause } => {
                    let is_refused = matches!(cause, model::CancelCause::Refused { .. });
                    self.notes.push_back(Note::End { order: *order, left: *left, is_refused });
                }
                Event::OrderExpired { order, left } => {
                    self.notes.push_back(Note::End { order: *order, left: *left, is_refused: false });
                }
                Event::OrderModified { order, changes, left, .. } => {
                    if let Some(open) = self
                        .desks
                        .iter_mut()
                        .flat_map(|desk| &mut desk.open)
                        .find(|open| open.order == *order)
                    {
                        open.left = *left;
                        open.qty = changes.qty.unwrap_or(open.qty);
                    }
                }
                _ => {}
            }
        }
    }

    /// What the venue has answered already is known before the next thing is asked of it.
    fn take_reports(&mut self) {
        while let Some(report) = self.house.venue.hear(self.now) {
            self.apply(Command::Venue(Box::new(report)));
        }
    }

    /// Reports of the venue and facts for strategies, until there are none.
    #[inline]
    fn settle(&mut self) {
        loop {
            if let Some(report) = self.house.venue.hear(self.now) {
                self.apply(Command::Venue(Box::new(report)));
            } else if let Some(note) = self.notes.pop_front() {
                self.take_note(note);
            } else {
                return;
            }
        }
    }

    fn take_note(&mut self, note: Note) {
        let order = match &note {
            Note::Fill(trade) => trade.order,
            Note::End { order, .. } => *order,
        };
        let owner = self.owners.get(order.slot() as usize).copied().unwrap_or(NOBODY) as usize;
        let Some(desk) = self.desks.get_mut(owner) else { return };
        let Some(place) = desk.open.iter().position(|open| open.order == order) else { return };
        let Open { tag, at, .. } = desk.open[place];
        match note {
            Note::Fill(trade) => {
                desk.open[place].left = trade.left;
                if trade.left.is_zero() {
                    desk.open.remove(place);
                }
                desk.view[at].held.0 += crate::tally::signed(trade.side, trade.qty);
                let market = desk.markets[at];
                let account = desk.account;
                self.tally.fill(owner, market, account, &trade, self.now);
                let side: Side = trade.side;
                let fill = Fill { at, tag, side, qty: trade.qty, price: trade.price, left: trade.left };
                self.tell(owner, |desk, view| desk.strategy.on_fill(&fill, view, &mut desk.intents));
            }
            Note::End { left, is_refused, .. } => {
                desk.open.remove(place);
                let ended = Ended { at, tag, left, is_refused };
                self.tell(owner, |desk, view| desk.strategy.on_end(&ended, view, &mut desk.intents));
            }
        }
    }

    fn finish(mut self) -> Result<Outcome, BacktestError> {
        self.check_enough()?;
        self.tally.finish();
        let equity: Vec<_> =
            self.house.accounts.iter().map(|account| self.house.engine.equity(*account)).collect();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.house.engine.digest());
        hasher.update(&self.tally.fills_hash().to_le_bytes());
        let strategies = self.plan.strategies.iter().zip(&self.desks);
        let strategies = strategies.map(|(of, desk)| StrategyOutcome {
            name: of.name.clone(),
            kind: of.kind.clone(),
            params: of.params.clone(),
            refused: desk.refused.clone(),
        });
        Ok(Outcome {
            name: self.plan.name.clone(),
            digest: hasher.finalize().to_hex().to_string(),
            from: self.from,
            until: self.now,
            bars: self.bars,
            ticks: self.ticks,
            commands: self.house.commands,
            fills: self.tally.fills,
            trades_made: self.tally.trades_made,
            strategies: strategies.collect(),
            accounts: self.tally.accounts(self.plan, &equity),
            trades: std::mem::take(&mut self.tally.trades),
        })
    }

    /// A run that could never have decided anything is no run.
    fn check_enough(&self) -> Result<(), BacktestError> {
        for (desk, of) in self.desks.iter().zip(&self.plan.strategies) {
            for &market in desk.markets.iter().filter(|_| desk.reads.bars) {
                let bars = self.lanes[market].count();
                if bars < desk.warm_up {
                    return Err(BacktestError::TooShort {
                        symbol: self.plan.markets[market].symbol.clone(),
                        strategy: of.name.clone(),
                        bars,
                        needed: desk.warm_up,
                    });
                }
            }
        }
        Ok(())
    }
}
