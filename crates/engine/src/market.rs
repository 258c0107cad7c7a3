//! What the outside says of a market: quotes, prints, marks. Inputs that are kept, once they make sense.

use crate::Engine;
use crate::listing::Listed;
use crate::watch::Signal;
use model::{Event, InstrumentId, Level, Mark, Price, Print, Quote, Reject};

impl Engine {
    pub(crate) fn take_quote(&mut self, quote: &Quote, events: &mut Vec<Event>) {
        let sound = |level: Option<Level>| level.is_none_or(|level| level.qty.0 > 0);
        let crossed = matches!((quote.bid, quote.ask), (Some(bid), Some(ask)) if bid.price >= ask.price);
        let sound = sound(quote.bid) && sound(quote.ask) && !crossed;
        let now = self.time;
        let taken = self.take((quote.instrument, middle(quote)), sound, events, |listed| {
            listed.quote = Some(*quote);
            listed.quote_at = now;
            listed.heard = now;
            Event::Quoted(*quote)
        });
        if taken {
            self.touch(quote.instrument);
        }
    }

    pub(crate) fn take_print(&mut self, print: &Print, events: &mut Vec<Event>) {
        let (mut minded, now) = (false, self.time);
        let taken = self.take((print.instrument, Some(print.price)), print.qty.0 > 0, events, |listed| {
            listed.last = Some(print.price);
            listed.last_at = now;
            listed.volume = listed.volume.saturating_add(print.qty.0);
            minded = listed.watchers.minds_last(print.price);
            Event::Printed(*print)
        });
        if minded {
            self.hear_last(print.instrument, print.price);
        }
        if taken {
            self.touch(print.instrument);
        }
    }

    pub(crate) fn take_mark(&mut self, mark: &Mark, events: &mut Vec<Event>) {
        let now = self.time;
        let taken = self.take((mark.instrument, Some(mark.price)), true, events, |listed| {
            listed.mark = Some(mark.price);
            listed.mark_at = now;
            listed.heard = now;
            Event::Marked(*mark)
        });
        if taken {
            self.hear(mark.instrument, Signal::Mark, mark.price);
            self.touch(mark.instrument);
        }
    }

    fn take(
        &mut self,
        (instrument, price): (InstrumentId, Option<Price>),
        sound: bool,
        events: &mut Vec<Event>,
        keep: impl FnOnce(&mut Listed) -> Event,
    ) -> bool {
        let (mut taken, mut gathers, mut felt) = (false, false, false);
        let event = match self.listings.get_mut(instrument.0 as usize) {
            None => Event::CommandRejected { reason: Reject::UnknownInstrument { instrument } },
            Some(_) if !sound => Event::CommandRejected { reason: Reject::BadMarketData },
            Some(listed) => {
                (taken, gathers, felt) = (true, listed.gathers(), listed.felt);
                keep(listed)
            }
        };
        events.push(event);
        if taken {
            self.feel_told(instrument, price);
        }
        if gathers {
            self.touch(instrument);
        }
        if felt {
            self.feel_market(instrument, events);
            self.breakers_feel(instrument, events);
        }
        taken
    }
}

/// Halfway between the outside's quotes, if there are both.
pub(crate) fn middle(quote: &Quote) -> Option<Price> {
    quote.bid.zip(quote.ask).map(|(bid, ask)| Price(bid.price.0.midpoint(ask.price.0)))
}
