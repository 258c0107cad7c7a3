//! A change of a working order. Less quantity keeps its place; more quantity or a new price is checked like a
//! new order, loses its place, and trades if it crosses. A change that is refused leaves the order as it was.

use super::propose::check_display;
use super::special::Stage;
use super::{Proposal, Remainder};
use crate::Engine;
use crate::risk::{self, Approved};
use model::{
    Call, Changes, Combination, Event, ModifyOrder, NewOrder, OrderStatus, OrderType, Price, Qty, Reject,
    Route, Time, TimeInForce,
};

/// What a change comes to.
#[derive(Clone, Copy)]
struct Change {
    price: Price,
    /// What stays open, and what has traded already.
    left: Qty,
    filled: Qty,
    until: Option<Until>,
}

/// A new time in force: its word, whether it ends with the session, and when else.
#[derive(Clone, Copy)]
pub(crate) struct Until {
    pub(crate) time_in_force: TimeInForce,
    day: bool,
    ends: Time,
}

impl Engine {
    pub(crate) fn modify(&mut self, modify: &ModifyOrder, events: &mut Vec<Event>) {
        if let Err(reason) = self.try_modify(modify, events) {
            events.push(Event::ModifyRejected { account: modify.account, reason });
        }
    }

    fn try_modify(&mut self, modify: &ModifyOrder, events: &mut Vec<Event>) -> Result<(), Reject> {
        self.catch_up(modify.account);
        let slot = self.find_working(modify.account, &modify.order)?;
        let changes = &modify.changes;
        if self.orders.at(slot).special {
            return self.modify_special(slot, changes, events);
        }
        if changes.trigger.is_some() || changes.display.is_some() || changes.peg_offset.is_some() {
            return Err(Reject::NoSuchField);
        }
        self.modify_resting(slot, changes, events)
    }

    fn modify_resting(
        &mut self,
        slot: u32,
        changes: &Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let change = self.change(slot, changes)?;
        let (order, left) = (self.orders.at(slot), self.orders.left(slot));
        let same_price = change.price == order.price;
        if same_price && change.left == left {
            self.set_until(slot, change.until);
            let time_in_force = change.until.map(|until| until.time_in_force);
            let changes = Changes { time_in_force, ..Changes::default() };
            events.push(Event::OrderModified {
                order: self.orders.at(slot).id,
                changes,
                left,
                kept_place: true,
            });
            return Ok(());
        }
        if same_price && change.left < left {
            self.set_until(slot, change.until);
            self.shrink_resting(slot, change.left, events);
            return Ok(());
        }
        self.replace(slot, &change, events)
    }

    fn change(&self, slot: u32, changes: &Changes) -> Result<Change, Reject> {
        let order = self.orders.at(slot);
        let (qty, price) = (changes.qty.unwrap_or(order.qty), changes.price.unwrap_or(order.price));
        let until = self.until_of(changes)?;
        if qty == order.qty && price == order.price && until.is_none() {
            return Err(Reject::NothingToChange);
        }
        let (left, filled) = self.left_of(slot, qty)?;
        Ok(Change { price, left, filled, until })
    }

    /// What a new total quantity leaves open, and what has traded of it.
    pub(crate) fn left_of(&self, slot: u32, qty: Qty) -> Result<(Qty, Qty), Reject> {
        if qty <= Qty::ZERO {
            return Err(Reject::QtyNotPositive);
        }
        let filled = self.orders.at(slot).qty.0.saturating_sub(self.orders.left(slot).0);
        let left = Qty(qty.0.saturating_sub(filled));
        if left <= Qty::ZERO {
            return Err(Reject::QtyBelowFilled);
        }
        Ok((left, Qty(filled)))
    }

    /// A resting order can be given another end, not made one that trades at once or in an auction.
    pub(crate) fn until_of(&self, changes: &Changes) -> Result<Option<Until>, Reject> {
        let Some(time_in_force) = changes.time_in_force else { return Ok(None) };
        let (day, ends) = match time_in_force {
            TimeInForce::Gtc => (false, Time::MAX),
            TimeInForce::Day => (true, Time::MAX),
            TimeInForce::Gtd(end) if end <= self.time => return Err(Reject::EndNotInFuture),
            TimeInForce::Gtd(end) => (false, end),
            _ => return Err(Reject::NoSuchField),
        };
        Ok(Some(Until { time_in_force, day, ends }))
    }

    pub(crate) fn set_until(&mut self, slot: u32, until: Option<Until>) {
        let Some(Until { time_in_force, day, ends }) = until else { return };
        let awaited = self.moment_of(slot);
        let order = self.orders.at_mut(slot);
        let (id, before) = (order.id, order.ends);
        (order.day, order.ends) = (day, ends);
        if before != Time::MAX && awaited != Some(before) {
            self.not_due(id, before);
        }
        self.due_at(id, ends);
        if let Some(special) = self.orders.special_mut(slot) {
            special.order.time_in_force = time_in_force;
        }
    }

    /// An order with more than a record: its own words change first, then what it shares with a plain one.
    #[cold]
    fn modify_special(
        &mut self,
        slot: u32,
        changes: &Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let Some(special) = self.orders.special(slot) else { return Err(Reject::UnknownOrder) };
        let sized_by_group =
            self.group_of(slot).is_some_and(|(_, group)| group.sizes(self.orders.at(slot).id));
        if special.algo.is_some() && !matches!(special.order.route, Route::Smart(_)) {
            return Err(Reject::NoSuchField);
        }
        let part = self.routed_whole(slot).is_some();
        if part || (changes.qty.is_some() && (sized_by_group || special.parent.is_some())) {
            return Err(Reject::IllegalCombination { what: Combination::LegsMisfit });
        }
        let held = self.orders.at(slot).status == OrderStatus::Held;
        let mut order = special.order.clone();
        let pegged = special.is_pegged();
        change_kind(&mut order.kind, changes, changes.qty.unwrap_or(self.orders.at(slot).qty))?;
        if self.is_routed(slot) {
            return self.modify_routed(slot, order, changes, events);
        }
        if held {
            return self.modify_waiting(slot, order, changes, events);
        }
        if self.orders.is_outside(slot) {
            return self.modify_outside(slot, changes, events);
        }
        let own =
            changes.display.is_some() || changes.peg_offset.is_some() || (pegged && changes.price.is_some());
        let shared = Changes { price: changes.price.filter(|_| !pegged), ..*changes };
        let shares = shared.price.is_some() || shared.qty.is_some() || shared.time_in_force.is_some();
        let unchanged = order.kind == special.order.kind;
        if unchanged && !shares {
            return Err(Reject::NothingToChange);
        }
        if shares {
            self.modify_resting(slot, &shared, events)?;
        }
        let live = !self.orders.at(slot).status.is_final();
        if let Some(special) = self.orders.special_mut(slot).filter(|_| live) {
            special.order.kind = order.kind;
        }
        if own && live {
            let (display, peg_offset) = (changes.display, changes.peg_offset);
            let changes = Changes {
                display,
                peg_offset,
                price: changes.price.filter(|_| pegged),
                ..Changes::default()
            };
            let left = self.orders.left(slot);
            events.push(Event::OrderModified {
                order: self.orders.at(slot).id,
                changes,
                left,
                kept_place: true,
            });
            self.touch(self.instrument_of(slot));
        }
        Ok(())
    }

    /// An order that waits is checked for form again, and waits for what it now says.
    fn modify_waiting(
        &mut self,
        slot: u32,
        mut order: NewOrder,
        changes: &Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let record = *self.orders.at(slot);
        let (left, _) = self.left_of(slot, changes.qty.unwrap_or(record.qty))?;
        let until = self.until_of(changes)?;
        if until.is_some() && Call::of(order.time_in_force).is_some() {
            return Err(Reject::NoSuchField);
        }
        order.time_in_force = until.map_or(order.time_in_force, |until| until.time_in_force);
        order.qty = left;
        let before = self.orders.special(slot).map(|special| (special.order.kind.clone(), special.stage));
        let (kind, stage) = before.ok_or(Reject::UnknownOrder)?;
        if kind == order.kind && left == self.orders.left(slot) && until.is_none() {
            return Err(Reject::NothingToChange);
        }
        let proposal = self.propose(&order)?;
        self.check_waiting(&order, &proposal)?;
        self.set_until(slot, until);
        let filled = record.qty.0.saturating_sub(self.orders.left(slot).0);
        let rearmed = stage == Stage::Armed && kind != order.kind;
        let record = self.orders.at_mut(slot);
        record.qty = Qty(filled.saturating_add(left.0));
        record.price = proposal.limit();
        if rearmed {
            self.stand_down(slot);
        }
        if let Some(special) = self.orders.special_mut(slot) {
            special.reserve = left;
            special.order = order;
        }
        let order = self.orders.at(slot).id;
        events.push(Event::OrderModified { order, changes: *changes, left, kept_place: false });
        if rearmed {
            self.enter(slot, stage, events);
        } else if stage == Stage::Unpriced {
            self.touch(self.instrument_of(slot));
        }
        Ok(())
    }

    /// A resting order goes where it belongs now.
    pub(crate) fn move_to(&mut self, slot: u32, price: Price, events: &mut Vec<Event>) -> Result<(), Reject> {
        let left = self.orders.left(slot);
        let filled = Qty(self.orders.at(slot).qty.0.saturating_sub(left.0));
        self.replace(slot, &Change { price, left, filled, until: None }, events)
    }

    /// Whether a resting order could go to another price and size where it stands.
    pub(crate) fn check_moved(&mut self, slot: u32, price: Price, left: Qty) -> Result<(), Reject> {
        let filled = Qty(self.orders.at(slot).qty.0.saturating_sub(self.orders.left(slot).0));
        let mut proposal = self.propose_change(slot, &Change { price, left, filled, until: None });
        self.approve_change(slot, &mut proposal).map(drop)
    }

    /// A resting order gets larger.
    pub(crate) fn enlarge_resting(
        &mut self,
        slot: u32,
        left: Qty,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let (price, now) = (self.orders.at(slot).price, self.orders.left(slot));
        let filled = Qty(self.orders.at(slot).qty.0.saturating_sub(now.0));
        self.replace(slot, &Change { price, left, filled, until: None }, events)
    }

    /// An order at this price, with so much open and so much filled.
    pub(crate) fn proposal_of(&self, slot: u32, price: Price, left: Qty, filled: Qty) -> Proposal {
        self.propose_change(slot, &Change { price, left, filled, until: None })
    }

    fn propose_change(&self, slot: u32, change: &Change) -> Proposal {
        let order = self.orders.at(slot);
        let held = self.ledger.positions.at(order.holding);
        Proposal {
            account: held.account,
            book: held.book,
            instrument: held.instrument,
            holding: order.holding,
            on_margin: held.on_margin,
            side: order.side,
            qty: change.left,
            price: Some(change.price),
            hidden: order.hidden,
            remainder: Remainder::Rests,
            call: None,
            day: order.day,
            ends: order.ends,
            post_only: order.post_only,
            reduce_only: order.reduce_only,
            self_trade: order.self_trade,
            special: order.special,
            qty_min: None,
            look: None,
            filled: Some(change.filled),
            confidence: None,
            forced: false,
        }
    }

    /// The changed order is checked as if the present one were gone.
    fn approve_change<'a>(
        &mut self,
        slot: u32,
        proposal: &'a mut Proposal,
    ) -> Result<Approved<&'a Proposal>, Reject> {
        self.settle_post_only(proposal)?;
        let left = self.orders.left(slot);
        self.reserve_again(slot, left, Qty::ZERO);
        self.look_if_needed(proposal);
        let approved = risk::approve(self, proposal);
        self.reserve_again(slot, Qty::ZERO, left);
        approved
    }

    fn reserve_again(&mut self, slot: u32, before: Qty, after: Qty) {
        let order = *self.orders.at(slot);
        self.with_listing(order.holding, |listed, _, ledger| {
            let initial = listed.instrument.margin.initial;
            let at = (order.side, order.price);
            ledger.rereserve(order.holding, &listed.units, initial, at, (before, after));
        });
        if order.reduce_only {
            let change = after.0.wrapping_sub(before.0);
            crate::amount::add_qty(&mut self.ledger.positions.at_mut(order.holding).reducing, change);
        }
    }

    /// The order as changed, if it passes: it leaves the book and comes again, behind the others.
    fn replace(&mut self, slot: u32, change: &Change, events: &mut Vec<Event>) -> Result<(), Reject> {
        let mut proposal = self.propose_change(slot, change);
        let approved = self.approve_change(slot, &mut proposal)?;
        let proposal = approved.get();
        self.set_until(slot, change.until);
        let before = self.take_out(slot);
        let (left, price) = (proposal.qty, proposal.limit());
        let order = self.orders.at_mut(slot);
        let filled = order.qty.0.wrapping_sub(before.0);
        (order.qty, order.price) = (Qty(filled.wrapping_add(left.0)), price);
        order.reduce_only = proposal.reduce_only;
        let time_in_force = change.until.map(|until| until.time_in_force);
        let changes =
            Changes { qty: Some(order.qty), price: Some(price), time_in_force, ..Changes::default() };
        events.push(Event::OrderModified { order: order.id, changes, left, kept_place: false });
        self.cross_and_rest(approved, slot, left, events);
        Ok(())
    }
}

/// The type with the changes in it that only its type has; a price is one of them where it is not a plain limit.
fn change_kind(kind: &mut OrderType, changes: &Changes, qty: Qty) -> Result<(), Reject> {
    let Changes { price, trigger, display, peg_offset, .. } = *changes;
    let (mut has_price, mut has_trigger, mut has_display, mut has_offset) = (false, false, false, false);
    match kind {
        OrderType::Limit { price: at } | OrderType::Hidden { price: at } => {
            has_price = true;
            *at = price.unwrap_or(*at);
        }
        OrderType::StopLimit { trigger: set, price: at }
        | OrderType::LimitIfTouched { trigger: set, price: at } => {
            (has_price, has_trigger) = (true, true);
            *at = price.unwrap_or(*at);
            set.price = trigger.unwrap_or(set.price);
        }
        OrderType::Stop { trigger: set } | OrderType::MarketIfTouched { trigger: set } => {
            has_trigger = true;
            set.price = trigger.unwrap_or(set.price);
        }
        OrderType::Iceberg { price: at, display: shown } => {
            (has_price, has_display) = (true, true);
            *at = price.unwrap_or(*at);
            *shown = display.unwrap_or(*shown);
            check_display(*shown, qty)?;
        }
        OrderType::Pegged { offset, limit, .. } => {
            (has_price, has_offset) = (true, true);
            *offset = peg_offset.unwrap_or(*offset);
            *limit = price.or(*limit);
        }
        OrderType::Market
        | OrderType::MarketToLimit
        | OrderType::TrailingStop { .. }
        | OrderType::TrailingStopLimit { .. } => {}
    }
    let foreign = (price.is_some() && !has_price)
        || (trigger.is_some() && !has_trigger)
        || (display.is_some() && !has_display)
        || (peg_offset.is_some() && !has_offset);
    if foreign { Err(Reject::NoSuchField) } else { Ok(()) }
}
