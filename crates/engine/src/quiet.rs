//! Many marks at once, where they can do nothing but be there: nobody waits for a price of the market, nobody is
//! valued by it, and nothing is due before the last of them. Each still has its number and its time; the state is the
//! one that they come to one by one, to the byte.

use crate::Engine;
use model::{Bar, InstrumentId};

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
        taken
    }
}
