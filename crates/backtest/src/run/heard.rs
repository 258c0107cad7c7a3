//! What the house hears of the market, at once or after its delay: the engine first, then the figures, then every
//! strategy that reads such facts. A strategy that looks at best prices only is left alone while they stay and
//! nothing has happened to it.

use super::{Run, Worth};
use crate::desk::Desk;
use model::{Bar, Command, Mark, Price, Print, Quote};
use strategy::View;

#[derive(Clone, Copy)]
pub(super) enum Heard {
    Bar(usize, Bar),
    Quote(usize, Quote),
    Print(usize, Print),
}

impl Run<'_> {
    /// What the market said reaches the house, at once or after its delay; never in another order.
    #[inline]
    pub(super) fn tell_house(&mut self, heard: Heard) {
        let delay = &self.plan.rules.latency.feed;
        if delay.is_none() {
            return self.hear(heard);
        }
        let drawn = self.house.venue.feed_delay();
        self.latest_feed = self.latest_feed.max(self.now.saturating_add_ns(drawn));
        self.late.push_back((self.latest_feed, heard));
    }

    #[inline]
    pub(super) fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Bar(lane, bar) => self.hear_bar(lane, &bar),
            Heard::Quote(lane, quote) => self.hear_quote(lane, &quote),
            Heard::Print(lane, print) => self.hear_print(lane, &print),
        }
    }

    fn hear_bar(&mut self, lane: usize, bar: &Bar) {
        let instrument = self.house.instruments[lane];
        self.apply(Command::Mark(Mark { instrument, price: bar.close }));
        self.settle();
        self.tally.bars(lane, std::slice::from_ref(bar));
        let count = self.lanes[lane].count();
        for at in 0..self.desks.len() {
            let desk = &mut self.desks[at];
            let Some(place) = desk.place_of(lane) else { continue };
            desk.view[place].last = Some(bar.close);
            if desk.reads.bars && desk.passed <= count {
                desk.passed = count + 1;
                self.tell(at, |desk, view| desk.strategy.on_bar(place, bar, view, &mut desk.intents));
                self.settle();
            }
        }
    }

    #[inline]
    fn hear_quote(&mut self, lane: usize, quote: &Quote) {
        if self.is_slow || !self.house.quote(self.now, quote) {
            self.apply(Command::Quote(*quote));
            self.settle();
        }
        let middle = quote.bid.zip(quote.ask).map(|(bid, ask)| bid.price.0.midpoint(ask.price.0));
        self.tally.tick(lane, middle, self.now);
        let touch = (quote.bid.map(|level| level.price), quote.ask.map(|level| level.price));
        for at in 0..self.desks.len() {
            let desk = &mut self.desks[at];
            let Some(place) = desk.place_of(lane) else { continue };
            desk.view[place].quote = Some(*quote);
            if desk.reads.quotes && (desk.reads.sizes || self.is_slow || desk.told[place] != Some(touch)) {
                desk.told[place] = Some(touch);
                self.tell(at, |desk, view| desk.strategy.on_quote(place, quote, view, &mut desk.intents));
                self.settle();
            }
        }
    }

    #[inline]
    fn hear_print(&mut self, lane: usize, print: &Print) {
        if self.is_slow || !self.house.print(self.now, print) {
            self.apply(Command::Print(*print));
            self.settle();
        }
        self.tally.tick(lane, None, self.now);
        for at in 0..self.desks.len() {
            let desk = &mut self.desks[at];
            let Some(place) = desk.place_of(lane) else { continue };
            desk.view[place].last = Some(print.price);
            if desk.reads.prints {
                self.tell(at, |desk, view| desk.strategy.on_print(place, print, view, &mut desk.intents));
                self.settle();
            }
        }
    }

    /// Tells a strategy something, and does what it wants.
    #[inline]
    pub(super) fn tell(&mut self, at: usize, tell: impl FnOnce(&mut Desk, &View<'_>)) {
        let desk = &mut self.desks[at];
        let markets = std::mem::take(&mut desk.view);
        let worth = Worth(&self.tally, desk.account);
        tell(desk, &View::new(self.now, &markets, &worth));
        desk.view = markets;
        if !desk.intents.is_empty() {
            self.do_intents(at);
        }
    }

    pub(super) fn print_price(&mut self, lane: usize, price: Price) {
        let instrument = self.house.instruments[lane];
        let print = Print { instrument, venue: crate::house::VENUE, price, qty: model::Qty(1) };
        self.apply(Command::Print(print));
        self.settle();
    }
}
