//! Cancels: one order by its id or its client's, or many by what they have in common. Always allowed, whatever
//! the state of the market.

use crate::Engine;
use crate::clients::{Answer, Key};
use crate::index::place;
use model::{
    AccountId, CancelCause, CancelOrder, Event, OrderFilter, OrderId, OrderRef, OrderStatus, Reject,
};

impl Engine {
    #[inline]
    pub(crate) fn cancel(&mut self, cancel: &CancelOrder, events: &mut Vec<Event>) {
        match self.find_working(cancel.account, &cancel.order) {
            Ok(slot) => match self.check_call_back(slot) {
                Ok(()) => self.cancel_working(slot, CancelCause::Asked, events),
                Err(reason) => events.push(Event::CancelRejected { account: cancel.account, reason }),
            },
            Err(reason) => events.push(Event::CancelRejected { account: cancel.account, reason }),
        }
    }

    /// The slot of a working order of the account, or why there is none.
    #[inline]
    pub(crate) fn find_working(&self, account: AccountId, order: &OrderRef) -> Result<u32, Reject> {
        self.registry.main(account)?;
        let id = match order {
            OrderRef::Id(id) => *id,
            OrderRef::Client(client) => {
                let at = self.clients.find_now(Key::of(account, client), self.time);
                let entry = at.and_then(|at| self.clients.entry(at)).ok_or(Reject::UnknownOrder)?;
                match entry.answer {
                    Answer::Order(id) => ended(id, entry.status).map_or(Ok(id), Err)?,
                    _ => return Err(Reject::UnknownOrder),
                }
            }
        };
        let record = self.orders.find(id).ok_or(Reject::UnknownOrder)?;
        if self.ledger.positions.at(record.holding).account != account {
            return Err(Reject::UnknownOrder);
        }
        ended(id, record.status).map_or(Ok(id.slot()), Err)
    }

    pub(crate) fn cancel_many(&mut self, filter: &OrderFilter, cause: CancelCause, events: &mut Vec<Event>) {
        if let Err(reason) = self.check_filter(filter) {
            return events.push(Event::CommandRejected { reason });
        }
        let slots = self.matching(filter);
        let count = place(slots.len());
        for slot in slots {
            // The end of one may have been the end of others.
            if !self.orders.at(slot).status.is_final() {
                self.cancel_working(slot, cause, events);
            }
        }
        events.push(Event::ManyCancelled { count });
    }

    fn check_filter(&self, filter: &OrderFilter) -> Result<(), Reject> {
        if let Some(group) = filter.group.filter(|group| !self.groups.contains_key(&group.0)) {
            return Err(Reject::UnknownGroup { group });
        }
        if let Some(account) = filter.account {
            self.registry.account(account)?;
        }
        if let Some(instrument) = filter.instrument.filter(|it| it.0 as usize >= self.listings.len()) {
            return Err(Reject::UnknownInstrument { instrument });
        }
        match filter.book.filter(|book| book.0 as usize >= self.registry.kept.books.len()) {
            Some(book) => Err(Reject::UnknownBook { book }),
            None => Ok(()),
        }
    }

    /// The slots of the live orders that the filter takes, oldest first.
    pub(crate) fn matching(&self, filter: &OrderFilter) -> Vec<u32> {
        let takes = |slot: u32| {
            let order = self.orders.at(slot);
            let held = self.ledger.positions.at(order.holding);
            filter.account.is_none_or(|account| account == held.account)
                && filter.book.is_none_or(|book| book == held.book)
                && filter.instrument.is_none_or(|instrument| instrument == held.instrument)
                && filter.side.is_none_or(|side| side == order.side)
                && filter.group.is_none_or(|group| self.group_of(slot).is_some_and(|of| of.0 == group))
        };
        let all = 1..place(self.orders.kept.records.len());
        let live = all.filter(|&slot| !self.orders.at(slot).status.is_final());
        let mut slots: Vec<u32> = live.filter(|&slot| takes(slot)).collect();
        slots.sort_unstable_by_key(|&slot| self.orders.at(slot).id);
        slots
    }
}

pub(super) fn ended(order: OrderId, status: OrderStatus) -> Option<Reject> {
    match status {
        OrderStatus::Filled => Some(Reject::AlreadyFilled { order }),
        OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Rejected => {
            Some(Reject::AlreadyCancelled { order })
        }
        _ => None,
    }
}
