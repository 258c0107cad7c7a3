//! What a venue says. It is kept as it came, then taken for what it is worth: reports come late, twice, out of order
//! and about orders that have ended, and none of them may do harm or be lost. What does not fit is told as such.

use super::outside::{Change, Outside, Way};
use super::serve::backoff;
use crate::Engine;
use model::{
    AccountId, CancelCause, ClientOrderId, Event, Feature, Misfit, OrderId, OrderStatus, Price, Qty, Reject,
    Symbol, Time, TimeInForce, VenueId, VenueKind, VenueReport, VenueSay,
};

/// The code of an order that its venue does not know.
const NOT_FOUND: &str = "not_found";
/// The code of an end that nobody here asked for.
const UNASKED: &str = "unasked";

impl Engine {
    pub(crate) fn take_report(&mut self, report: &VenueReport, events: &mut Vec<Event>) {
        if let Err(reason) = self.check_report(report) {
            return events.push(Event::CommandRejected { reason });
        }
        events.push(Event::VenueSaid(Box::new(report.clone())));
        let VenueReport { venue, account, ref say, .. } = *report;
        if matches!(say, VenueSay::Silent { .. } | VenueSay::Down) {
            self.venue_failed(venue, events);
        }
        match order_of(say) {
            Some(order) => self.take_of_order((venue, account), order, say, events),
            None => self.take_of_venue(venue, account, say, events),
        }
        self.stir_desks();
    }

    fn check_report(&self, report: &VenueReport) -> Result<(), Reject> {
        let venue = self.registry.venue(report.venue)?;
        self.registry.account(report.account)?;
        if venue.kind == VenueKind::Outside {
            Ok(())
        } else {
            Err(Reject::NotSupported { what: Feature::Venue })
        }
    }

    fn take_of_order(
        &mut self,
        (venue, account): (VenueId, AccountId),
        order: OrderId,
        say: &VenueSay,
        events: &mut Vec<Event>,
    ) {
        let known = self.desks.all.get(&venue).and_then(|desk| desk.order(order));
        let what = match known {
            None => Some(Misfit::UnknownOrder),
            Some(known) if known.account != account => Some(Misfit::OtherAccount),
            Some(known) if !known.is_sent() => Some(Misfit::NotAsked),
            Some(known) if known.ended => return self.take_late(venue, order, say, events),
            Some(_) => self.take_live(venue, order, say, events),
        };
        if let Some(what) = what {
            events.push(Event::ReportMisfit { venue, account, order: Some(order), what });
        }
    }

    /// Of an order that lives here. Gives what does not fit.
    fn take_live(
        &mut self,
        venue: VenueId,
        order: OrderId,
        say: &VenueSay,
        events: &mut Vec<Event>,
    ) -> Option<Misfit> {
        let slot = order.slot();
        match say {
            VenueSay::Accepted { venue_order, .. } => return self.take_accepted(order, venue_order, events),
            VenueSay::Filled(fill) => {
                let account = self.outside(slot)?.account;
                self.take_fill(venue, account, fill, events);
            }
            VenueSay::Rejected { code, .. } => self.end_refused(order, *code, events),
            VenueSay::Cancelled { left, .. } => self.close(order, OrderStatus::Cancelled, *left, events),
            VenueSay::Expired { left, .. } => self.close(order, OrderStatus::Expired, *left, events),
            VenueSay::Replaced { qty, price, .. } => return self.take_replaced(order, *qty, *price, events),
            VenueSay::CancelRejected { code, .. } => return self.take_cancel_rejected(order, *code, events),
            VenueSay::ReplaceRejected { code, .. } => {
                return self.take_replace_rejected(order, *code, events);
            }
            VenueSay::Silent { .. } => self.take_silent(order, events),
            VenueSay::NotFound { .. } => return self.take_not_found(venue, order, events),
            _ => {}
        }
        None
    }

    /// Of an order that has ended here. A fill is booked all the same; one that works there is called back.
    fn take_late(&mut self, venue: VenueId, order: OrderId, say: &VenueSay, events: &mut Vec<Event>) {
        let Some(known) = self.desks.all.get(&venue).and_then(|desk| desk.order(order)) else { return };
        let account = known.account;
        match say {
            VenueSay::Filled(fill) => return self.take_fill(venue, account, fill, events),
            VenueSay::Accepted { .. } | VenueSay::Replaced { .. } => self.call_back_ended(venue, order),
            _ => {}
        }
        events.push(Event::ReportMisfit { venue, account, order: Some(order), what: Misfit::Late });
    }

    fn call_back_ended(&mut self, venue: VenueId, order: OrderId) {
        let now = self.time;
        let Some(desk) = self.desks.all.get_mut(&venue) else { return };
        // One that the venue had shown it has and then ended is only told of twice.
        let lost =
            desk.order(order).is_some_and(|known| known.venue_order.is_none() && known.cancel.is_none());
        if lost {
            let place = desk.line.join(super::line::Lane::Care, order, super::line::Asks::Cancel, now);
            if let Some(known) = desk.order_mut(order) {
                known.cancel = Some((CancelCause::Asked, Way::Waits(place)));
            }
        }
    }

    /// Its venue has spoken of it: what was asked about it is answered.
    fn answered(&mut self, order: OrderId) {
        let Some(desk) = self.desk_mut(order.slot()) else { return };
        let Some(known) = desk.order_mut(order) else { return };
        let (query, again, insists) = (known.query.take(), known.again, known.insists.is_some());
        (known.unknown, known.tries) = (false, 0);
        if !insists {
            known.again = Time::MAX;
            desk.moments.remove(&(again, order.0));
        }
        if let Some(place) = query.and_then(Way::place) {
            desk.line.leave(place);
        }
    }

    fn take_accepted(
        &mut self,
        order: OrderId,
        venue_order: &ClientOrderId,
        events: &mut Vec<Event>,
    ) -> Option<Misfit> {
        let slot = order.slot();
        let known = self.outside_mut(slot)?;
        let repeated = known.venue_order.is_some() && !known.unknown && known.query.is_none();
        let was_unknown = known.unknown;
        known.venue_order = Some(*venue_order);
        self.answered(order);
        if was_unknown {
            self.ask_again_what_was_lost(order);
        }
        self.restate(order, events);
        self.follow_up(slot, events);
        repeated.then_some(Misfit::Repeated)
    }

    /// A cancel or a change that was on its way when nobody knew may be lost. Asked twice they do no harm.
    fn ask_again_what_was_lost(&mut self, order: OrderId) {
        use super::line::{Asks, Lane};
        let now = self.time;
        let Some(desk) = self.desk_mut(order.slot()) else { return };
        let Some(known) = desk.order(order) else { return };
        let (cancel, change) = (known.cancel, known.change);
        if let Some((cause, Way::Left)) = cancel {
            let place = desk.line.join(Lane::Care, order, Asks::Cancel, now);
            if let Some(known) = desk.order_mut(order) {
                known.cancel = Some((cause, Way::Waits(place)));
            }
        } else if let Some(change) = change.filter(|change| change.way == Way::Left) {
            let place = desk.line.join(Lane::StopLoss, order, Asks::Replace, now);
            if let Some(known) = desk.order_mut(order) {
                known.change = Some(Change { way: Way::Waits(place), asked_again: true, ..change });
            }
        }
    }

    fn end_refused(&mut self, order: OrderId, code: Symbol, events: &mut Vec<Event>) {
        let cause = CancelCause::Refused { reason: Reject::VenueRefused { code } };
        self.end_outside(order, OrderStatus::Rejected, Some(cause), events);
    }

    /// The venue has ended it with so much open. Where that is less than is open here, fills are missing: it stays
    /// unknown until they have come.
    fn close(&mut self, order: OrderId, status: OrderStatus, open: Qty, events: &mut Vec<Event>) {
        self.answered(order);
        self.end_change(order, open, events);
        if let Some(known) = self.outside_mut(order.slot()) {
            known.closing = Some((status, open));
            known.wanted = None;
        }
        if self.orders.left(order.slot()) > open {
            self.ask_later(order);
        }
        self.end_if_done(order, events);
    }

    /// Whether the change that was on its way has arrived is seen by what the venue had open in the end.
    fn end_change(&mut self, order: OrderId, open: Qty, events: &mut Vec<Event>) {
        let slot = order.slot();
        let Some(desk) = self.desk_mut(slot) else { return };
        let Some(known) = desk.order_mut(order) else { return };
        let Some(change) = known.change.take() else { return };
        let (filled, claimed) = (known.filled, known.claimed);
        if let Some(place) = change.way.place() {
            desk.line.leave(place);
        }
        if change.sent && open > Qty::ZERO && change.qty.0.saturating_sub(filled.0) == open.0 {
            return self.apply_change(slot, change.qty, change.price, false, events);
        }
        let (price, left) = (self.orders.at(slot).price, self.orders.left(slot));
        self.reserve_outside(slot, (price, left));
        self.claim_outside(slot, claimed.min(left));
    }

    /// Asks about an order in a while.
    fn ask_later(&mut self, order: OrderId) {
        let now = self.time;
        let Some(desk) = self.desk_mut(order.slot()) else { return };
        let Some(known) = desk.order_mut(order) else { return };
        let again = backoff(now, known.tries);
        let before = std::mem::replace(&mut known.again, again);
        known.tries = known.tries.saturating_add(1);
        desk.moments.remove(&(before, order.0));
        desk.moments.insert((again, order.0));
    }

    fn take_replaced(
        &mut self,
        order: OrderId,
        qty: Qty,
        price: Option<Price>,
        events: &mut Vec<Event>,
    ) -> Option<Misfit> {
        let (slot, at) = (order.slot(), self.orders.at(order.slot()).price);
        let known = self.outside_mut(slot)?;
        // One that is to be asked for again may be the one that is answered.
        let asked = known.change.filter(|change| change.sent);
        let fits = |change: &Change| {
            let asked = change.price.unwrap_or(at);
            qty.0 > 0 && qty <= change.qty && price.is_none_or(|price| price == asked)
        };
        let Some(change) = asked.filter(fits) else { return self.hear_size(order, qty, price, events) };
        known.change = None;
        if let (Some(place), Some(desk)) = (change.way.place(), self.desk_mut(slot)) {
            desk.line.leave(place);
        }
        self.answered(order);
        self.apply_change(slot, qty, change.price, false, events);
        self.end_if_done(order, events);
        self.follow_up(slot, events);
        None
    }

    /// Nobody waits for this change. It may be one that is told twice, or one whose answer was lost: the venue is
    /// asked, and what it says then is believed, if the account can carry it.
    fn hear_size(
        &mut self,
        order: OrderId,
        qty: Qty,
        price: Option<Price>,
        events: &mut Vec<Event>,
    ) -> Option<Misfit> {
        let (slot, record) = (order.slot(), *self.orders.at(order.slot()));
        let known = self.outside_mut(slot)?;
        let (asked, filled) = (std::mem::replace(&mut known.asks_size, true), known.filled);
        let price = price.filter(|price| *price != record.price);
        if qty == record.qty && price.is_none() {
            known.asks_size = false;
            return (!asked).then_some(Misfit::Repeated);
        }
        if !asked {
            self.ask_about(order);
            return Some(Misfit::NotAsked);
        }
        let left = Qty(qty.0.saturating_sub(filled.0).max(0));
        let less = price.is_none() && left <= self.orders.left(slot) && qty.0 > 0;
        let carried = less
            || (left > Qty::ZERO
                && self
                    .approve_change_outside(slot, (price.unwrap_or(record.price), left), filled)
                    .is_ok_and(|most| most == left));
        if !carried {
            return Some(Misfit::Uncountable);
        }
        if let Some(known) = self.outside_mut(slot) {
            known.asks_size = false;
        }
        self.drop_waiting_change(slot);
        self.apply_change(slot, qty, price, false, events);
        self.end_if_done(order, events);
        None
    }

    fn ask_size(&mut self, order: OrderId) {
        if let Some(known) = self.outside_mut(order.slot()) {
            known.asks_size = true;
        }
        self.ask_about(order);
    }

    fn take_cancel_rejected(
        &mut self,
        order: OrderId,
        code: Symbol,
        events: &mut Vec<Event>,
    ) -> Option<Misfit> {
        let slot = order.slot();
        let known = self.outside_mut(slot)?;
        let account = known.account;
        let Some((cause, Way::Left)) = known.cancel else { return Some(Misfit::NotAsked) };
        known.cancel = None;
        let owners = matches!(cause, CancelCause::Asked | CancelCause::Mass | CancelCause::Disconnected);
        if !owners || known.expires {
            known.insists = Some(cause);
            self.ask_later(order);
        }
        if self.outside(slot).is_some_and(|known| known.change.is_some_and(|change| change.asked_again)) {
            self.ask_again_what_was_lost(order);
        }
        self.ask_about(order);
        self.restate(order, events);
        events.push(Event::CancelRejected { account, reason: Reject::VenueRefused { code } });
        None
    }

    fn take_replace_rejected(
        &mut self,
        order: OrderId,
        code: Symbol,
        events: &mut Vec<Event>,
    ) -> Option<Misfit> {
        let slot = order.slot();
        let known = self.outside_mut(slot)?;
        let account = known.account;
        let Some(change) = known.change.filter(|change| change.way == Way::Left) else {
            return Some(Misfit::NotAsked);
        };
        known.change = None;
        self.answered(order);
        if change.asked_again {
            // The first may have arrived, and then this is the answer to the second.
            self.ask_size(order);
        }
        let (price, left) = (self.orders.at(slot).price, self.orders.left(slot));
        self.reserve_outside(slot, (price, left));
        let claimed = self.outside(slot).map(|known| known.claimed).unwrap_or_default();
        self.claim_outside(slot, claimed.min(left));
        events.push(Event::ModifyRejected { account, reason: Reject::VenueRefused { code } });
        // What had to be smaller and cannot be has to go.
        if change.forced && change.qty < self.orders.at(slot).qty {
            self.call_back(slot, CancelCause::Group, events);
        }
        self.restate(order, events);
        self.follow_up(slot, events);
        None
    }

    fn take_silent(&mut self, order: OrderId, events: &mut Vec<Event>) {
        let Some(known) = self.outside_mut(order.slot()) else { return };
        let again = known.unknown || known.query == Some(Way::Left);
        known.unknown = true;
        if known.query == Some(Way::Left) {
            known.query = None;
        }
        if again {
            if self.outside(order.slot()).is_some_and(|known| known.again == Time::MAX) {
                self.ask_later(order);
            }
        } else {
            self.ask_about(order);
        }
        self.restate(order, events);
    }

    /// The venue does not know it. That is an answer only to a question; to one that it had, it means that it is
    /// gone, and how it went is asked of the whole account.
    fn take_not_found(&mut self, venue: VenueId, order: OrderId, events: &mut Vec<Event>) -> Option<Misfit> {
        let known = self.outside(order.slot())?;
        let (account, had, asked) = (known.account, known.is_known_there(), known.query == Some(Way::Left));
        if !asked {
            self.ask_about(order);
            return Some(Misfit::NotAsked);
        }
        let code = Symbol::new(NOT_FOUND).ok()?;
        if had {
            let cause = CancelCause::Refused { reason: Reject::VenueRefused { code } };
            self.end_outside(order, OrderStatus::Cancelled, Some(cause), events);
            if let Some(desk) = self.desks.all.get_mut(&venue) {
                desk.to_reconcile.insert(account);
            }
        } else {
            self.end_refused(order, code, events);
        }
        None
    }

    /// Why an order ended that nobody here asked to end.
    pub(super) fn unasked(&self, slot: u32) -> CancelCause {
        let kind =
            self.orders.special(slot).map(|special| (special.order.time_in_force, &special.order.kind));
        match kind {
            Some((TimeInForce::Fok, _)) => CancelCause::NotAllFillable,
            Some((TimeInForce::Ioc, _) | (_, model::OrderType::Market)) => CancelCause::NothingLeftToTrade,
            Some((TimeInForce::Day, _)) => CancelCause::SessionEnded,
            _ => Symbol::new(UNASKED).map_or(CancelCause::Mass, |code| CancelCause::Refused {
                reason: Reject::VenueRefused { code },
            }),
        }
    }
}

impl Outside {
    /// Whether an answer is due that the end of a connection may have swallowed.
    pub(super) fn awaits(&self) -> bool {
        let left = |way: Way| way == Way::Left;
        let submit = self.is_sent() && !self.is_known_there();
        submit
            || self.cancel.is_some_and(|(_, way)| left(way))
            || self.change.is_some_and(|change| left(change.way))
    }
}

fn order_of(say: &VenueSay) -> Option<OrderId> {
    match say {
        VenueSay::Accepted { order, .. }
        | VenueSay::Rejected { order, .. }
        | VenueSay::Cancelled { order, .. }
        | VenueSay::Replaced { order, .. }
        | VenueSay::CancelRejected { order, .. }
        | VenueSay::ReplaceRejected { order, .. }
        | VenueSay::Expired { order, .. }
        | VenueSay::Silent { order }
        | VenueSay::NotFound { order } => Some(*order),
        VenueSay::Filled(fill) => Some(fill.order),
        VenueSay::Position { .. }
        | VenueSay::Balance { .. }
        | VenueSay::Up
        | VenueSay::Down
        | VenueSay::Reconciled => None,
    }
}
