//! Orders that depend on each other. One cancels the other: what one fills the other loses, and the end of one
//! is the end of both. One triggers the others: they come when the first is filled. A bracket: stop and target
//! grow with what the entry fills, and are one-cancels-the-other between them; when one of them ends or is set
//! off, what is open of the entry goes too. A reaction that takes away happens at once, in the middle of a
//! sweep; one that adds happens after it.

use super::body::fingerprint;
use super::pairs::{self, Role};
use super::place::Named;
use super::special::{Special, Stage};
use crate::Engine;
use crate::clients::Answer;
use model::{
    AccountId, Bound, CancelCause, Changes, Combination, Event, GroupId, NewGroup, NewOrder, OrderId,
    OrderStatus, Qty, Reject,
};
use serde::{Deserialize, Serialize};

const LEGS_MAX: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Bond {
    Oco,
    Oto,
    Bracket,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) account: AccountId,
    pub(crate) bond: Bond,
    /// The first is the one that triggers, if one does. Those that have ended are gone from here.
    pub(crate) first: Option<OrderId>,
    pub(crate) others: Vec<OrderId>,
    /// What the entry has filled, and what of it the others have grown by.
    filled: Qty,
    grown: Qty,
}

impl Engine {
    pub(crate) fn place_group(&mut self, group: &NewGroup, events: &mut Vec<Event>) {
        if let Err(reason) = self.try_place_group(group, events) {
            events.push(Event::CommandRejected { reason });
        }
    }

    fn try_place_group(&mut self, group: &NewGroup, events: &mut Vec<Event>) -> Result<(), Reject> {
        let legs = legs_of(group);
        check_legs(&legs)?;
        let within = fingerprint(group);
        if self.answer_retry(&legs, within, events) {
            return Ok(());
        }
        let mut proposals = Vec::with_capacity(legs.len());
        for (leg, _) in &legs {
            let proposal = self.propose(leg)?;
            self.check_waiting(leg, &proposal)?;
            proposals.push(proposal);
        }
        let names = self.names_of(&legs, within)?;
        self.groups_made = self.groups_made.wrapping_add(1);
        let id = GroupId(self.groups_made);
        let mut orders = Vec::with_capacity(legs.len());
        for (((leg, _), proposal), named) in legs.iter().zip(&proposals).zip(names) {
            let slot = self.open_order(proposal, leg, named, events);
            orders.push(self.orders.at(slot).id);
            self.hold(slot, Special::new(leg, Stage::Grouped, Some(id)));
        }
        let (account, bond) = (proposals.first().map_or(AccountId(0), |one| one.account), bond_of(group));
        let (first, others) = match bond {
            Bond::Oco => (None, orders.clone()),
            _ => (orders.first().copied(), orders.iter().skip(1).copied().collect()),
        };
        let starts: Vec<OrderId> = first.map_or_else(|| others.clone(), |first| vec![first]);
        events.push(Event::GroupPlaced { group: id, orders });
        let (filled, grown) = (Qty::ZERO, Qty::ZERO);
        self.groups.insert(id.0, Group { account, bond, first, others: others.clone(), filled, grown });
        let held: Vec<OrderId> = if first.is_some() { others } else { Vec::new() };
        events.extend(held.into_iter().map(|order| Event::OrderHeld { order }));
        for order in starts {
            self.come(order, None, events);
        }
        Ok(())
    }

    /// The same ids with the same bodies again: each leg's first answer.
    fn answer_retry(&mut self, legs: &[(&NewOrder, Role)], within: u64, events: &mut Vec<Event>) -> bool {
        let named = legs.first().is_some_and(|(leg, _)| self.is_known(leg, within));
        if named {
            for (leg, _) in legs {
                let _: Option<Option<Named>> = self.name(leg, within, events);
            }
        }
        named
    }

    fn names_of(&mut self, legs: &[(&NewOrder, Role)], within: u64) -> Result<Vec<Option<Named>>, Reject> {
        let mut names: Vec<Option<Named>> = Vec::with_capacity(legs.len());
        for (leg, _) in legs {
            let named = Self::name_of(leg, within);
            let taken = named.is_some_and(|named| names.iter().flatten().any(|other| other.key == named.key));
            if taken || self.is_known(leg, within) {
                return Err(Reject::ClientIdReused);
            }
            names.push(named);
        }
        self.clients.check_room()?;
        Ok(names)
    }

    pub(crate) fn cancel_group(&mut self, account: AccountId, group: GroupId, events: &mut Vec<Event>) {
        let known = self.groups.get(&group.0).filter(|known| known.account == account).is_some();
        if !known {
            return events.push(Event::CommandRejected { reason: Reject::UnknownGroup { group } });
        }
        let count = self.disband(group, None, CancelCause::Asked, events);
        events.push(Event::ManyCancelled { count });
    }

    /// The group is over: whoever is left of it is cancelled.
    fn disband(
        &mut self,
        group: GroupId,
        but: Option<OrderId>,
        cause: CancelCause,
        events: &mut Vec<Event>,
    ) -> u32 {
        let Some(Group { first, others, .. }) = self.groups.remove(&group.0) else { return 0 };
        let members: Vec<OrderId> = first.into_iter().chain(others).collect();
        let live = |engine: &Self, order: OrderId| {
            engine.orders.find(order).is_some_and(|record| !record.status.is_final())
        };
        members.iter().for_each(|order| self.leave(*order));
        let mut count = 0u32;
        for order in members {
            if Some(order) != but && live(self, order) && self.is_cancellable(order.slot()) {
                self.cancel_working(order.slot(), cause, events);
                count = count.saturating_add(1);
            }
        }
        count
    }

    fn leave(&mut self, order: OrderId) {
        if self.orders.find(order).is_some()
            && let Some(special) = self.orders.special_mut(order.slot())
        {
            special.group = None;
        }
    }

    /// Whether it waits or rests; one on its way through the book ends by its own rules.
    fn is_cancellable(&self, slot: u32) -> bool {
        let order = self.orders.at(slot);
        order.status == OrderStatus::Held
            || self.orders.nodes.rests(slot, order.id)
            || self.orders.is_outside(slot)
    }

    /// An order of a group was set off: the others are withdrawn before it goes to the market, so that no money
    /// or stock is asked for twice.
    pub(crate) fn withdraw_others(&mut self, slot: u32, events: &mut Vec<Event>) {
        let Some((id, group)) = self.group_of(slot) else { return };
        let own = self.orders.at(slot).id;
        let exits = group.bond == Bond::Oco || (group.bond == Bond::Bracket && group.first != Some(own));
        if exits {
            let others = group.others.clone();
            self.disband(id, Some(own), CancelCause::Group, events);
            self.stay_behind(slot, &others);
        }
    }

    pub(crate) fn group_of(&self, slot: u32) -> Option<(GroupId, &Group)> {
        let id = self.orders.special(slot)?.group?;
        Some((id, self.groups.get(&id.0)?))
    }

    /// Whether two orders are of one group: those never trade with each other.
    #[cold]
    pub(crate) fn are_grouped(&self, one: u32, other: u32) -> bool {
        let group = |slot| self.orders.special(slot).and_then(|special| special.group);
        group(one).is_some() && group(one) == group(other)
    }

    /// The group that decides how large an order is, and how much of the order is sure to trade: what the least
    /// of the group's legs has left.
    #[cold]
    pub(crate) fn shared(&self, slot: u32) -> Option<(GroupId, Qty)> {
        let (id, group) = self.group_of(slot)?;
        let live = group.others.iter().filter(|_| group.sizes(self.orders.at(slot).id));
        Some((id, live.map(|leg| self.orders.left(leg.slot())).min()?))
    }

    /// What a child fills its parent fills, and what a bracket's entry fills its exits grow by; also when the fill
    /// is the end of it.
    #[cold]
    pub(crate) fn count_fill(&mut self, slot: u32, qty: Qty) {
        if let Some(algo) = self.orders.special(slot).and_then(|special| special.parent) {
            self.fill_parent(algo, qty);
        }
        let Some((id, group)) = self.group_of(slot) else { return };
        if group.bond != Bond::Bracket || group.first != Some(self.orders.at(slot).id) {
            return;
        }
        if let Some(group) = self.groups.get_mut(&id.0) {
            group.filled = Qty(group.filled.0.saturating_add(qty.0));
            self.stir(id);
        }
    }

    /// A leg of a group has traded: the others lose what it got.
    #[cold]
    pub(crate) fn follow_fill(&mut self, slot: u32, qty: Qty, events: &mut Vec<Event>) {
        let Some((_, group)) = self.group_of(slot) else { return };
        let own = self.orders.at(slot).id;
        if !group.sizes(own) {
            return;
        }
        let siblings: Vec<OrderId> = group.others.iter().copied().filter(|other| *other != own).collect();
        for sibling in siblings {
            let slot = sibling.slot();
            let live = self.orders.find(sibling).is_some_and(|record| !record.status.is_final());
            if live && self.is_cancellable(slot) {
                let left = Qty(self.orders.left(slot).0.saturating_sub(qty.0));
                if self.orders.is_outside(slot) {
                    let target = Qty(self.target_outside(slot).0.saturating_sub(qty.0));
                    self.resize_outside(slot, target, CancelCause::Group, events);
                } else if left.is_zero() || left.0 < 0 {
                    self.cancel_working(slot, CancelCause::Group, events);
                } else {
                    self.shrink_resting(slot, left, events);
                }
            }
        }
    }

    /// An order of a group has ended.
    pub(crate) fn follow_end(
        &mut self,
        order: OrderId,
        id: GroupId,
        status: OrderStatus,
        events: &mut Vec<Event>,
    ) {
        let Some(group) = self.groups.get_mut(&id.0) else { return };
        let is_first = group.first == Some(order);
        if is_first {
            group.first = None;
            let goes_on = match group.bond {
                Bond::Oto => status == OrderStatus::Filled,
                _ => group.filled > Qty::ZERO,
            };
            if goes_on {
                self.stir(id);
            } else {
                self.disband(id, None, CancelCause::Group, events);
            }
            return;
        }
        group.others.retain(|other| *other != order);
        match group.bond {
            Bond::Oto if group.others.is_empty() => {
                let first = group.first;
                self.groups.remove(&id.0);
                first.into_iter().for_each(|first| self.leave(first));
            }
            Bond::Oto => {}
            Bond::Oco | Bond::Bracket => {
                self.disband(id, None, CancelCause::Group, events);
            }
        }
    }

    fn stir(&mut self, group: GroupId) {
        self.stirred.insert(group.0);
        self.unsettled = true;
    }

    /// The first order of a group has filled more, or all: what it triggers comes, or grows.
    pub(crate) fn grow(&mut self, id: u64, events: &mut Vec<Event>) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        let (others, bond) = (group.others.clone(), group.bond);
        if bond == Bond::Oto {
            self.groups.remove(&id);
            for order in others {
                self.leave(order);
                self.put_in_line(order, None);
            }
            return;
        }
        let by = Qty(group.filled.0.saturating_sub(group.grown.0));
        let starts = group.grown.is_zero();
        group.grown = group.filled;
        for order in others.into_iter().filter(|_| by > Qty::ZERO) {
            if starts && self.orders.find(order).is_some_and(|it| it.status == OrderStatus::Held) {
                self.orders.at_mut(order.slot()).qty = by;
                self.orders.set_reserve(order.slot(), by);
                let changes = Changes { qty: Some(by), ..Changes::default() };
                events.push(Event::OrderModified { order, changes, left: by, kept_place: true });
                self.come(order, None, events);
            } else if !starts {
                self.enlarge(order, by, events);
            }
        }
    }

    fn enlarge(&mut self, order: OrderId, by: Qty, events: &mut Vec<Event>) {
        let slot = order.slot();
        let Some(record) = self.orders.find(order).filter(|record| !record.status.is_final()) else { return };
        let (qty, held) = (Qty(record.qty.0.saturating_add(by.0)), record.status == OrderStatus::Held);
        let left = Qty(self.orders.left(slot).0.saturating_add(by.0));
        if self.orders.is_outside(slot) {
            let target = Qty(self.target_outside(slot).0.saturating_add(by.0));
            self.resize_outside(slot, target, CancelCause::Group, events);
        } else if held {
            self.orders.at_mut(slot).qty = qty;
            self.orders.set_reserve(slot, left);
            let changes = Changes { qty: Some(qty), ..Changes::default() };
            events.push(Event::OrderModified { order, changes, left, kept_place: true });
        } else if let Err(reason) = self.enlarge_resting(slot, left, events) {
            let account = self.ledger.positions.at(self.orders.at(slot).holding).account;
            events.push(Event::ModifyRejected { account, reason });
        }
    }
}

impl Group {
    /// Whether the group decides how large an order of it is.
    pub(crate) fn sizes(&self, order: OrderId) -> bool {
        self.bond != Bond::Oto && self.first != Some(order)
    }
}

fn bond_of(group: &NewGroup) -> Bond {
    match group {
        NewGroup::Oco { .. } => Bond::Oco,
        NewGroup::Oto { .. } => Bond::Oto,
        NewGroup::Bracket { .. } => Bond::Bracket,
    }
}

fn legs_of(group: &NewGroup) -> Vec<(&NewOrder, Role)> {
    match group {
        NewGroup::Oco { first, second } => vec![(first, Role::OcoLeg), (second, Role::OcoLeg)],
        NewGroup::Oto { first, then } => {
            let then = then.iter().map(|order| (order, Role::OtoThen));
            std::iter::once((&**first, Role::OtoFirst)).chain(then).collect()
        }
        NewGroup::Bracket { entry, stop, target } => {
            let stop = stop.iter().map(|order| (&**order, Role::Stop));
            let target = target.iter().map(|order| (&**order, Role::Target));
            std::iter::once((&**entry, Role::Entry)).chain(stop).chain(target).collect()
        }
    }
}

fn check_legs(legs: &[(&NewOrder, Role)]) -> Result<(), Reject> {
    let illegal = |what| Err(Reject::IllegalCombination { what });
    if legs.len() < 2 {
        return illegal(Combination::LegsMisfit);
    }
    if legs.len() > LEGS_MAX {
        return Err(Reject::BoundReached { what: Bound::Legs });
    }
    for (leg, role) in legs {
        if let Some(what) = pairs::check_role(leg, *role) {
            return illegal(what);
        }
    }
    let Some(((first, role), others)) = legs.split_first() else { return Ok(()) };
    let same = |other: &NewOrder| {
        let place =
            *role == Role::OtoFirst || (other.instrument == first.instrument && other.book == first.book);
        other.account == first.account && place
    };
    if !others.iter().all(|(other, _)| same(other)) {
        return illegal(Combination::LegsDiffer);
    }
    let fits = match role {
        Role::Entry => others.iter().all(|(exit, _)| exit.side != first.side && exit.qty == first.qty),
        Role::OcoLeg => others.iter().all(|(other, _)| other.qty == first.qty && !meet(first, other)),
        _ => true,
    };
    if fits { Ok(()) } else { illegal(Combination::LegsMisfit) }
}

/// Whether two legs could trade with each other.
fn meet(one: &NewOrder, other: &NewOrder) -> bool {
    match (one.kind.limit(), other.kind.limit()) {
        (Some(mine), Some(theirs)) if one.side != other.side => one.side.reaches(mine, theirs),
        _ => false,
    }
}

impl Engine {
    /// The answer that a leg's client id has got, if any.
    fn is_known(&mut self, leg: &NewOrder, within: u64) -> bool {
        let Some(named) = Self::name_of(leg, within) else { return false };
        let at = self.clients.find(named.key, self.time);
        at.and_then(|at| self.clients.entry(at)).is_some_and(|entry| entry.answer != Answer::Nothing)
    }
}
