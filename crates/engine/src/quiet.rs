//! Market data that can do nothing but be there: nobody waits for a price of the market, nobody is worth anything else
//! by it, and nothing is due before it. Many marks are taken at once, quotes and prints one at a time, without an
//! event. Each still has its number and its time; the state is the one that they come to as commands, to the byte.

use crate::Engine;
use crate::listing::Listed;
use crate::market::middle;
use model::{Bar, InstrumentId, Level, Price, Print, Quote, Time};

impl Engine {
    /// Takes the closes of bars as marks at their ends, from the first on, as many as change nothing else, and gives
    /// how many that was: each counts as one command with the next number. Their events are a `Marked` each, and are
    /// not made.
    pub fn apply_marks(&mut self, instrument: InstrumentId, bars: &[Bar]) -> usize {
        let until = self.next_end.min(self.clients.next_forgotten());
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return 0 };
        let is_heard = listed.felt || listed.minded || listed.gathers() || listed.watchers.is_watched();
        if is_heard || self.unsettled {
            return 0;
        }
        let time = self.time;
        let taken = match bars.last() {
            Some(last) if last.end < until => bars.len(),
            _ => bars.partition_point(|bar| bar.end < until),
        };
        let Some(last) = taken.checked_sub(1).and_then(|at| bars.get(at)).filter(|_| time < until) else {
            return 0;
        };
        self.time = time.max(last.end);
        self.seq = self.seq.saturating_add(taken as u64);
        listed.mark = Some(last.close);
        (listed.mark_at, listed.heard) = (self.time, self.time);
        self.feel_told(instrument, Some(last.close));
        taken
    }

    /// Takes a quote as the next command, if it changes nothing but what is known of its market. Its event is a
    /// `Quoted`, and is not made.
    #[inline]
    pub fn apply_quote(&mut self, time: Time, quote: &Quote) -> bool {
        let Quote { instrument, bid, ask, .. } = *quote;
        let sound = |level: Option<Level>| level.is_none_or(|level| level.qty.0 > 0);
        let crossed = matches!((bid, ask), (Some(bid), Some(ask)) if bid.price >= ask.price);
        if crossed || !sound(bid) || !sound(ask) {
            return false;
        }
        let middle = middle(quote);
        let worth = |listed: &Listed| listed.mark.or(middle).or(listed.last);
        let Some(now) = self.quiet_at(time, instrument, worth) else { return false };
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return false };
        listed.quote = Some(*quote);
        (listed.quote_at, listed.heard) = (now, now);
        self.pass_to(now);
        self.feel_told(instrument, middle);
        true
    }

    /// Takes a print so. Its event is a `Printed`.
    #[inline]
    pub fn apply_print(&mut self, time: Time, print: &Print) -> bool {
        let Print { instrument, price, qty, .. } = *print;
        let known = self.listings.get(instrument.0 as usize);
        if qty.0 <= 0 || known.is_none_or(|listed| listed.watchers.minds_last(price)) {
            return false;
        }
        let worth = |listed: &Listed| listed.fair().or(Some(price));
        let Some(now) = self.quiet_at(time, instrument, worth) else { return false };
        let Some(listed) = self.listings.get_mut(instrument.0 as usize) else { return false };
        (listed.last, listed.last_at) = (Some(price), now);
        listed.volume = listed.volume.saturating_add(qty.0);
        self.pass_to(now);
        self.feel_told(instrument, Some(price));
        true
    }

    /// The time of a command that nobody would notice; none if somebody would. `worth` is what the instrument is
    /// valued at after it.
    #[inline]
    fn quiet_at(
        &self,
        time: Time,
        instrument: InstrumentId,
        worth: impl Fn(&Listed) -> Option<Price>,
    ) -> Option<Time> {
        let now = self.time.max(time);
        let listed = self.listings.get(instrument.0 as usize)?;
        let is_felt = listed.felt && (!self.guard.breakers.is_empty() || listed.valued != worth(listed));
        let is_due = now >= self.next_end || now >= self.clients.next_forgotten();
        (!self.unsettled && !listed.minded && !is_felt && !is_due).then_some(now)
    }

    #[inline]
    fn pass_to(&mut self, now: Time) {
        self.time = now;
        self.seq = self.seq.saturating_add(1);
    }
}
