//! A market of ticks: quotes and prints, levels of its book, or single orders. The venue takes each as it comes; the
//! house hears the best prices when they have changed, and every trade.

use super::Run;
use super::heard::Heard;
use crate::error::BacktestError;
use crate::feed::Tick;
use crate::house::VENUE;
use crate::lane::Moment;
use model::{Command, InstrumentId, InstrumentState, Print, Qty, Quote, Side, Time};

impl Run<'_> {
    /// In the middle of the changes of a book nothing trades and nothing becomes due, so what is left of them at
    /// this moment comes next, whatever else there is.
    #[inline]
    pub(super) fn tick(&mut self, lane: usize, time: Time) -> Result<(), BacktestError> {
        self.now = self.now.max(time);
        loop {
            let is_whole = self.one(lane);
            self.lanes[lane].skip_tick()?;
            if is_whole || self.is_slow || self.lanes[lane].next() != Some((time, Moment::Tick)) {
                return Ok(());
            }
        }
    }

    /// Gives whether the book is whole after it.
    #[inline]
    fn one(&mut self, lane: usize) -> bool {
        self.ticks += 1;
        let instrument = self.house.instruments[lane];
        match *self.lanes[lane].tick() {
            Tick::Quote(quote) => {
                let quote = Quote { instrument, venue: VENUE, ..quote };
                self.house.venue.quote(self.now, &quote);
                self.settle();
                self.tell_house(Heard::Quote(lane, quote));
            }
            Tick::Print(print, taker) => self.printed(lane, print, taker),
            Tick::Level { side, price, qty, is_last } => {
                self.house.venue.level(self.now, instrument, (side, price, qty), is_last);
                if !is_last {
                    return false;
                }
                self.settle();
                self.tell_touch(lane);
            }
            Tick::Order { deed, is_last } => {
                let traded = self.house.venue.deed(self.now, instrument, deed);
                self.settle();
                if let Some((side, price, qty)) = traded {
                    self.tell_trade(lane, (side, price, qty));
                }
                if is_last {
                    self.tell_touch(lane);
                }
            }
            Tick::Anew => self.house.venue.forget_book(self.now, instrument),
            Tick::Halted(is_halted) => self.halt(instrument, is_halted),
        }
        true
    }

    #[inline]
    fn printed(&mut self, lane: usize, print: Print, taker: Option<Side>) {
        let print = Print { instrument: self.house.instruments[lane], venue: VENUE, ..print };
        self.house.venue.print(self.now, &print, taker);
        self.settle();
        self.tell_house(Heard::Print(lane, print));
    }

    fn tell_trade(&mut self, lane: usize, (_, price, qty): (Side, model::Price, Qty)) {
        let print = Print { instrument: self.house.instruments[lane], venue: VENUE, price, qty };
        self.tell_house(Heard::Print(lane, print));
    }

    /// The best prices of a book, where they are others than the last that were told. In the middle of its changes a
    /// book may be crossed; then nothing is told until it is not.
    fn tell_touch(&mut self, lane: usize) {
        let instrument = self.house.instruments[lane];
        let (bid, ask) = self.house.venue.touch(instrument);
        let crossed = bid.zip(ask).is_some_and(|(bid, ask)| bid.price >= ask.price);
        if crossed || self.touches[lane] == (bid, ask) {
            return;
        }
        self.touches[lane] = (bid, ask);
        self.tell_house(Heard::Quote(lane, Quote { instrument, venue: VENUE, bid, ask }));
    }

    fn halt(&mut self, instrument: InstrumentId, is_halted: bool) {
        self.house.venue.halt(self.now, instrument, is_halted);
        let state = if is_halted { InstrumentState::Halted } else { InstrumentState::Trading };
        self.apply(Command::SetInstrumentState { instrument, state });
        self.settle();
    }
}
