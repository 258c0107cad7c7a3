//! What a command sets in motion beside itself: triggers, pegs, groups. All of it happens in the same command,
//! in line, so many steps at the most; what is left of a longer cascade goes on with the next command.
//! The rule of the line: first come first, and what one price sets off comes nearest price first, then oldest.

use crate::Engine;
use model::{Event, InstrumentId, OrderId, Price};
use serde::{Deserialize, Serialize};

/// Steps that one command may set off; a step is one order's moment.
pub(crate) const CASCADE_MAX: usize = 1024;

/// An order whose moment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Due {
    pub(crate) order: OrderId,
    /// The price that did it.
    pub(crate) price: Option<Price>,
}

impl Engine {
    #[cold]
    pub(crate) fn settle(&mut self, events: &mut Vec<Event>) {
        let mut left = CASCADE_MAX;
        while left > 0 {
            self.look_around(events);
            let took = match self.due.pop_front() {
                Some(Due { order, price }) => {
                    self.come(order, price, events);
                    1
                }
                None => self.watch_on(left, events),
            };
            if took == 0 && self.desks.stirred {
                self.serve(events);
            } else if took == 0 {
                self.unsettled = false;
                return;
            }
            left = left.saturating_sub(took.max(1));
        }
        self.look_around(events);
        // The desks are served with the next command.
        if std::mem::take(&mut self.desks.stirred) {
            self.set_alarm();
        }
        self.unsettled = !self.due.is_empty() || self.guard.is_busy();
    }

    /// Positions that cash was set aside for, groups whose first order traded, and markets whose best prices moved.
    fn look_around(&mut self, events: &mut Vec<Event>) {
        loop {
            while let Some(balance) = self.ledger.moved.pop_first() {
                self.touch_balance(balance);
            }
            while let Some(group) = self.stirred.pop_first() {
                self.grow(group, events);
            }
            let Some(instrument) = self.touched.pop_first() else { return };
            self.hear_best(InstrumentId(instrument));
            self.peg_again(InstrumentId(instrument), events);
            self.tell_algos(InstrumentId(instrument), events);
            self.indicate(InstrumentId(instrument), events);
        }
    }

    /// The best prices of an instrument may have changed.
    #[inline]
    pub(crate) fn touch(&mut self, instrument: InstrumentId) {
        let minds = self.listings.get(instrument.0 as usize).is_some_and(|listed| listed.minded);
        if minds {
            self.touched.insert(instrument.0);
            self.unsettled = true;
        }
    }
}
