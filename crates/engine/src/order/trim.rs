//! Reduce-only orders follow their position: where a fill leaves less to reduce than they ask for, the newest
//! shrink or go, at once, before anything else can trade with them.

use crate::Engine;
use model::{CancelCause, Event, Qty, Side};

impl Engine {
    #[inline]
    pub(crate) fn trim(&mut self, holding: u32, events: &mut Vec<Event>) {
        if self.ledger.positions.at(holding).reducing > 0 {
            self.trim_now(holding, events);
        }
    }

    #[cold]
    fn trim_now(&mut self, holding: u32, events: &mut Vec<Event>) {
        if self.ledger.positions.at(holding).outside {
            return self.trim_outside(holding, events);
        }
        loop {
            let held = self.ledger.positions.at(holding);
            let excess = held.reducing.saturating_sub(held.qty.0.saturating_abs());
            let excess = if self.reduces_wrong_way(holding) { held.reducing } else { excess };
            let Some(slot) = self.newest_reducing(holding).filter(|_| excess > 0) else { return };
            let left = self.orders.left(slot).0;
            if left <= excess {
                self.cancel_working(slot, CancelCause::NothingToReduce, events);
            } else {
                self.shrink_resting(slot, Qty(left.saturating_sub(excess)), events);
            }
        }
    }

    /// The position has turned (or gone), so its reduce-only orders would add to it.
    fn reduces_wrong_way(&self, holding: u32) -> bool {
        let side = self.newest_reducing(holding).map(|slot| self.orders.at(slot).side);
        side.is_some_and(|side| self.ledger.positions.at(holding).qty.0.signum() != side.opposite().sign())
    }

    fn newest_reducing(&self, holding: u32) -> Option<u32> {
        let listed = self.listings.get(self.ledger.positions.at(holding).instrument.0 as usize)?;
        let side = |side| listed.book.orders(&self.orders.nodes, side);
        let all = side(Side::Buy).chain(side(Side::Sell));
        let own = all.filter(|&slot| {
            let order = self.orders.at(slot);
            order.reduce_only && order.holding == holding
        });
        own.max_by_key(|&slot| self.orders.at(slot).id)
    }
}
