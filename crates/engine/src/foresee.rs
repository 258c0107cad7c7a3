//! Looking ahead over a batch: with many accounts and instruments most of what a command touches lies in cold
//! memory, and the engine would spend its time waiting. Whoever has the next commands at hand names them here a
//! few steps before they are applied. Hints only: nothing observable depends on them, or on whether they came.

use crate::Engine;
use crate::clients::Key;
use model::{Command, NewOrder, OrderRef, Side, Stamped};

/// How far ahead; each step reads what the one before it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// About [`Ahead::FAR`] commands before.
    Far,
    Middle,
    Near,
    Next,
}

impl Ahead {
    /// Who looks ahead, and how far: the distances that measured best lie close together.
    pub const STEPS: [(usize, Self); 4] =
        [(Self::FAR, Self::Far), (12, Self::Middle), (7, Self::Near), (3, Self::Next)];
    pub const FAR: usize = 18;
}

/// How far ahead commands themselves are asked for.
const UNSEEN: usize = 32;

/// Below so many positions everything is in the nearer caches, and looking ahead for them costs more than it saves.
const POSITIONS_WORTH_IT: usize = 8192;

impl Engine {
    /// Looks ahead over a batch whose command `at` is applied next.
    #[inline]
    pub fn foresee_in(&self, batch: &[Stamped], at: usize) {
        let see = |(distance, ahead): (usize, Ahead)| {
            if let Some(stamped) = batch.get(at.wrapping_add(distance)) {
                self.foresee(&stamped.command, ahead);
            }
        };
        // The commands themselves: to look at one that has not come is to wait for it.
        crate::book::prefetch_all(batch, at.wrapping_add(UNSEEN));
        let [far, middle, near, next] = Ahead::STEPS;
        see(far);
        see(middle);
        if self.is_spread_out() {
            see(near);
            see(next);
        }
    }

    /// Asks memory for what `command` will touch.
    #[inline(always)]
    pub fn foresee(&self, command: &Command, ahead: Ahead) {
        match command {
            Command::PlaceOrder(order) => self.foresee_order(order, ahead),
            Command::CancelOrder(cancel) => self.foresee_change(&cancel.order, ahead),
            Command::ModifyOrder(modify) => self.foresee_change(&modify.order, ahead),
            _ => {}
        }
    }

    #[inline(always)]
    fn foresee_order(&self, order: &NewOrder, ahead: Ahead) {
        if let (Ahead::Far, Some(id)) = (ahead, &order.client_order_id) {
            self.clients.prefetch(Key::of(order.account, id));
        }
        if self.risk.is_on() {
            self.foresee_limits(order, ahead);
        }
        if !self.is_spread_out() {
            return;
        }
        let Ok(book) = self.registry.book(order.account, order.book) else { return };
        match ahead {
            Ahead::Far => self.ledger.positions.prefetch_find(book, order.instrument),
            _ => {
                if let Some(at) = self.ledger.positions.find(book, order.instrument) {
                    self.foresee_holding(at, ahead, order.side);
                }
                self.foresee_maker(order, ahead);
            }
        }
    }

    /// What the limits on its way will read.
    #[inline(never)]
    fn foresee_limits(&self, order: &NewOrder, ahead: Ahead) {
        let Ok(book) = self.registry.book(order.account, order.book) else { return };
        let Some(at) = self.ledger.positions.find(book, order.instrument) else { return };
        if ahead == Ahead::Far {
            self.risk.prefetch(at);
            self.ledger.lines.prefetch(at);
        } else {
            self.risk.prefetch_way(at);
            self.ledger.lines.prefetch_around(at);
        }
    }

    /// The first order it may trade with.
    #[inline]
    fn foresee_maker(&self, order: &NewOrder, ahead: Ahead) {
        let Some(listed) = self.listings.get(order.instrument.0 as usize) else { return };
        let against = order.side.opposite();
        let nodes = &self.orders.nodes;
        if let Some(price) = order.kind.limit() {
            let meets = listed.book.best_any(against).is_some_and(|best| order.side.reaches(price, best));
            if !meets {
                if ahead == Ahead::Near {
                    listed.book.prefetch_level(nodes, order.side, price);
                }
                return;
            }
        }
        let Some(front) = listed.book.front(nodes, against) else { return };
        match ahead {
            Ahead::Far => {}
            Ahead::Middle => self.orders.prefetch(front.slot),
            Ahead::Near => self.ledger.positions.prefetch(self.orders.at(front.slot).holding),
            Ahead::Next => self.foresee_holding(self.orders.at(front.slot).holding, ahead, against),
        }
    }

    #[inline]
    fn foresee_change(&self, order: &OrderRef, ahead: Ahead) {
        let OrderRef::Id(id) = order else { return };
        if ahead == Ahead::Far {
            return self.orders.prefetch(id.slot());
        }
        let Some(record) = self.orders.find(*id) else { return };
        if ahead == Ahead::Middle {
            self.clients.prefetch_entry(record.client);
        }
        if self.is_spread_out() {
            match ahead {
                Ahead::Far => {}
                Ahead::Middle => self.ledger.positions.prefetch(record.holding),
                Ahead::Near => self.orders.nodes.prefetch_around(id.slot()),
                Ahead::Next => self.foresee_holding(record.holding, ahead, record.side),
            }
        }
    }

    #[inline]
    fn foresee_holding(&self, at: u32, ahead: Ahead, side: Side) {
        if ahead == Ahead::Middle {
            return self.ledger.positions.prefetch(at);
        }
        let held = self.ledger.positions.at(at);
        self.ledger.balances.prefetch(if side == Side::Buy { held.quote } else { held.base });
        self.ledger.positions.prefetch_exposure(held.exposure);
    }

    #[inline]
    fn is_spread_out(&self) -> bool {
        self.ledger.positions.holdings.len() > POSITIONS_WORTH_IT
    }
}
