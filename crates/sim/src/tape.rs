//! A made-up market's quotes and prints, for measurements and tests: a touch that wanders by a tick, sizes that
//! change, trades at the touch. Endless, seeded, and the same for the same seed. It has no memory of who trades; the
//! market with traders in it is `market`.

use crate::dice::Dice;
use model::{InstrumentId, Level, Price, Print, Qty, Quote, Side, Time, VenueId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    Quote(Quote),
    Print(Print, Side),
}

#[derive(Clone, Debug)]
pub struct Tape {
    dice: Dice,
    time: Time,
    quote: Quote,
}

impl Tape {
    #[must_use]
    pub fn new(instrument: InstrumentId, venue: VenueId, start: Time, mid: Price, seed: u64) -> Self {
        let level = |ticks: i64| Some(Level { price: Price(mid.0.saturating_add(ticks)), qty: Qty(20) });
        let quote = Quote { instrument, venue, bid: level(0), ask: level(1) };
        Self { dice: Dice::seeded(seed), time: start, quote }
    }
}

impl Iterator for Tape {
    type Item = (Time, Tick);

    fn next(&mut self) -> Option<Self::Item> {
        let draw = self.dice.draw();
        self.time = self.time.saturating_add_ns(self.dice.between(1, 20_000_000));
        let Quote { instrument, venue, bid: Some(bid), ask: Some(ask) } = self.quote else { return None };
        let size = Qty(self.dice.between(1, 40));
        let tick = match draw % 100 {
            0..30 => {
                let side = if draw & 0x1000 == 0 { Side::Buy } else { Side::Sell };
                let price = if side == Side::Buy { ask.price } else { bid.price };
                let qty = Qty(self.dice.between(1, 5));
                Tick::Print(Print { instrument, venue, price, qty }, side)
            }
            30..34 => {
                let way = if draw & 0x1000 == 0 { 1 } else { -1 };
                let moved =
                    |level: Level| Some(Level { price: Price(level.price.0.saturating_add(way)), qty: size });
                self.quote = Quote { bid: moved(bid), ask: moved(ask), ..self.quote };
                Tick::Quote(self.quote)
            }
            34..67 => {
                self.quote.bid = Some(Level { qty: size, ..bid });
                Tick::Quote(self.quote)
            }
            _ => {
                self.quote.ask = Some(Level { qty: size, ..ask });
                Tick::Quote(self.quote)
            }
        };
        Some((self.time, tick))
    }
}
