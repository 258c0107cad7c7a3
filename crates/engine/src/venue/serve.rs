//! What leaves: who is next in the line, as long as the budget lets it and the venue is there. The one place where a
//! request becomes an event. Here also what time does to those that wait: deadlines, and questions asked again.

use super::line::{Asks, Lane, Waiting};
use super::outside::Way;
use super::{Desk, Link};
use crate::Engine;
use model::{
    AccountId, CancelCause, Event, Mode, NANOS_PER_SECOND, NewVenue, OrderId, OrderType, Priority, Time,
    TimeInForce, VenueAsk, VenueId, VenueRequest,
};
use std::ops::Bound;

/// The longest between two questions about the same thing.
const PATIENCE_MAX_NS: i64 = 300 * NANOS_PER_SECOND;

/// Twice as long each time: 1, 2, 4 … seconds.
pub(super) fn backoff(now: Time, tries: u32) -> Time {
    let seconds = 1i64.checked_shl(tries.min(30)).unwrap_or(i64::MAX);
    now.saturating_add_ns(seconds.saturating_mul(NANOS_PER_SECOND).min(PATIENCE_MAX_NS))
}

enum Next {
    Reconcile(AccountId),
    Order(super::line::Place, Waiting),
}

impl Desk {
    /// Whether only cancels and questions may leave.
    fn cares_only(&self) -> bool {
        self.link != Link::Up
    }

    fn next(&self, venue: &NewVenue, now: Time) -> Option<Next> {
        if self.link == Link::Down || self.sent.free_at(venue) > now {
            return None;
        }
        if let Some(account) = self.to_reconcile.first() {
            return Some(Next::Reconcile(*account));
        }
        let (place, waiting) = self.line.next(now, venue.patience_ns, self.cares_only())?;
        Some(Next::Order(place, waiting))
    }

    /// When there is something to do here, if nothing else comes.
    fn wakes(&self, venue: &NewVenue) -> Time {
        let idle = self.to_reconcile.is_empty() && self.line.is_idle(self.cares_only());
        let sends = if idle || self.link == Link::Down { Time::MAX } else { self.sent.free_at(venue) };
        let asks =
            if self.link == Link::Down { None } else { self.reconciling.values().map(|it| it.0).min() };
        let looks = self.moments.first().map(|moment| moment.0);
        [asks, looks].into_iter().flatten().fold(sends, Time::min)
    }
}

impl Engine {
    pub(crate) fn serve(&mut self, events: &mut Vec<Event>) {
        self.desks.stirred = false;
        let mut next = self.desks.all.keys().next().copied();
        while let Some(id) = next {
            let after = (Bound::Excluded(id), Bound::Unbounded);
            next = self.desks.all.range(after).next().map(|(id, _)| *id);
            let Ok(venue) = self.registry.venue(id).copied() else { continue };
            self.look_at_moments(id, events);
            let now = self.time;
            let Some(desk) = self.desks.all.get_mut(&id) else { continue };
            desk.forget(now);
            if desk.link != Link::Down {
                let late = desk.reconciling.iter().filter(|(_, (again, _))| *again <= now);
                desk.to_reconcile.extend(late.map(|(account, _)| *account));
            }
            while let Some(next) = self.desks.all.get(&id).and_then(|desk| desk.next(&venue, now)) {
                self.let_out(id, &venue, &next, events);
            }
        }
        self.set_alarm();
    }

    /// Works out when the desks are to be served next.
    pub(crate) fn set_alarm(&mut self) {
        let desks = self.desks.all.iter();
        let wakes = desks.filter_map(|(id, desk)| Some(desk.wakes(self.registry.venue(*id).ok()?)));
        self.desks.wake = wakes.min().unwrap_or(Time::MAX);
        self.find_next_end();
    }

    /// Deadlines that have passed, and orders to ask about again.
    fn look_at_moments(&mut self, venue: VenueId, events: &mut Vec<Event>) {
        let now = self.time;
        while let Some(desk) = self.desks.all.get_mut(&venue) {
            let Some(&(time, id)) = desk.moments.first().filter(|moment| moment.0 <= now) else { return };
            desk.moments.remove(&(time, id));
            let order = OrderId(id);
            let Some(known) = desk.order_mut(order).filter(|known| !known.ended) else { continue };
            if known.deadline <= now && !known.is_sent() {
                let cause = CancelCause::Deadline { at: known.deadline };
                self.call_back(order.slot(), cause, events);
                continue;
            }
            if known.again <= now {
                known.again = Time::MAX;
                match known.insists.take() {
                    Some(cause) => self.call_back(order.slot(), cause, events),
                    None => self.ask_about(order),
                }
            }
        }
    }

    /// Puts a question about an order into the line, if none waits there.
    pub(super) fn ask_about(&mut self, order: OrderId) {
        let now = self.time;
        let Some(desk) = self.desk_mut(order.slot()) else { return };
        let waits = desk.order(order).is_none_or(|known| matches!(known.query, Some(Way::Waits(_))));
        if waits {
            return;
        }
        let place = desk.line.join(Lane::Care, order, Asks::Query, now);
        if let Some(known) = desk.order_mut(order) {
            known.query = Some(Way::Waits(place));
        }
        self.stir_desks();
    }

    fn let_out(&mut self, id: VenueId, venue: &NewVenue, next: &Next, events: &mut Vec<Event>) {
        let now = self.time;
        let request = match next {
            Next::Reconcile(account) => self.ask_to_reconcile(id, *account),
            Next::Order(place, waiting) => {
                if let Some(desk) = self.desks.all.get_mut(&id) {
                    desk.line.leave(*place);
                }
                self.request(id, place.lane.priority(), *waiting)
            }
        };
        let Some(request) = request else { return };
        if let Some(desk) = self.desks.all.get_mut(&id) {
            desk.sent.note(venue, now);
        }
        let mode = self.registry.account(request.account).map_or(Mode::Paper, |account| account.mode);
        events.push(match mode {
            Mode::Live => Event::VenueAsked(Box::new(request)),
            Mode::Paper => Event::PaperAsked(Box::new(request)),
        });
    }

    fn ask_to_reconcile(&mut self, venue: VenueId, account: AccountId) -> Option<VenueRequest> {
        let now = self.time;
        let desk = self.desks.all.get_mut(&venue)?;
        desk.to_reconcile.remove(&account);
        let tries = desk.reconciling.get(&account).map_or(0, |(_, tries)| tries.saturating_add(1));
        desk.reconciling.insert(account, (backoff(now, tries), tries));
        Some(VenueRequest {
            venue,
            account,
            priority: Priority::StopLoss,
            deadline: None,
            ask: VenueAsk::Reconcile,
        })
    }

    /// The request as it leaves; from here on it is on its way.
    fn request(&mut self, venue: VenueId, priority: Priority, waiting: Waiting) -> Option<VenueRequest> {
        let (now, order) = (self.time, waiting.order);
        let desk = self.desks.all.get_mut(&venue)?;
        let known = desk.order_mut(order)?;
        let account = known.account;
        let (mut deadline, mut forgotten) = (None, None);
        let ask = match waiting.asks {
            Asks::Submit => {
                known.submit = Way::Left;
                deadline = Some(known.deadline).filter(|deadline| *deadline != Time::MAX);
                forgotten = deadline;
                None
            }
            Asks::Replace => {
                let change = known.change.as_mut()?;
                (change.way, change.sent) = (Way::Left, true);
                Some(VenueAsk::Replace { order, qty: change.qty, price: change.price })
            }
            Asks::Cancel => {
                known.cancel = known.cancel.map(|(cause, _)| (cause, Way::Left));
                Some(VenueAsk::Cancel { order })
            }
            Asks::Query => {
                known.query = Some(Way::Left);
                let again = backoff(now, known.tries);
                let before = std::mem::replace(&mut known.again, again);
                known.tries = known.tries.saturating_add(1);
                desk.moments.remove(&(before, order.0));
                desk.moments.insert((again, order.0));
                Some(VenueAsk::Query { order })
            }
        };
        if let Some(deadline) = forgotten {
            desk.moments.remove(&(deadline, order.0));
        }
        let ask = ask.or_else(|| self.submission(order))?;
        Some(VenueRequest { venue, account, priority, deadline, ask })
    }

    fn submission(&self, order: OrderId) -> Option<VenueAsk> {
        let slot = order.slot();
        let special = self.orders.special(slot)?;
        let time_in_force = match special.order.time_in_force {
            // Its end is kept here.
            TimeInForce::Gtd(_) => TimeInForce::Gtc,
            other => other,
        };
        let kind = match &special.order.kind {
            OrderType::Market => OrderType::Market,
            _ => OrderType::Limit { price: self.orders.at(slot).price },
        };
        Some(VenueAsk::Submit {
            order,
            instrument: self.instrument_of(slot),
            side: self.orders.at(slot).side,
            qty: self.orders.left(slot),
            kind,
            time_in_force,
            reduce_only: special.order.reduce_only,
        })
    }
}
