//! The life of an algo: begun with its parent, ended with it, and the bookkeeping between parent and children.

use super::quoting::Quotes;
use super::schedule::{misfit, points};
use super::{Run, Task};
use crate::Engine;
use crate::order::{Special, Stage, fingerprint};
use model::{
    AccountId, Algo, AlgoId, CancelCause, Combination, Event, NewAlgo, OrderId, OrderStatus, OrderType, Qty,
    Rate, Reject, Route, Time, TimeInForce,
};

impl Engine {
    pub(crate) fn place_algo(&mut self, new: &NewAlgo, events: &mut Vec<Event>) {
        let parent = &new.parent;
        if let Err(reason) = self.registry.main(parent.account) {
            return self.refuse(parent, None, reason, events);
        }
        let Some(named) = self.name(parent, fingerprint(new), events) else { return };
        let run = match self.check_algo(new) {
            Ok(run) => run,
            Err(reason) => return self.refuse(parent, named, reason, events),
        };
        let proposal = match self.propose(parent) {
            Ok(proposal) => proposal,
            Err(reason) => return self.refuse(parent, named, reason, events),
        };
        if let Err(reason) = self.check_waiting(parent, &proposal) {
            return self.refuse(parent, named, reason, events);
        }
        let slot = self.open_order(&proposal, parent, named, events);
        self.algos_made = self.algos_made.wrapping_add(1);
        let (id, order) = (AlgoId(self.algos_made), self.orders.at(slot).id);
        self.hold(slot, Special { algo: Some(id), ..Special::new(parent, Stage::Parent, None) });
        let run = Run { parent: order, book: proposal.book, ..run };
        events.push(Event::AlgoStarted { algo: id, parent: order });
        let starts = run.start;
        self.algos.insert(id.0, run);
        self.follow_market(id);
        if starts <= self.time {
            self.put_in_line(order, None);
        } else {
            self.look_again_at(id, starts);
        }
    }

    fn check_algo(&self, new: &NewAlgo) -> Result<Run, Reject> {
        let NewAlgo { parent, algo, start, end, participation_max, price_limit } = new;
        let plain = matches!(parent.kind, OrderType::Market | OrderType::Limit { .. })
            && parent.time_in_force == TimeInForce::Gtc
            && parent.condition.is_none()
            && parent.qty_min.is_none()
            && parent.post_only.is_none();
        if parent.route != Route::Listing {
            return Err(Reject::IllegalCombination { what: Combination::RoutedPart });
        }
        if !plain {
            return Err(Reject::IllegalCombination { what: Combination::AlgoParent });
        }
        let start = start.unwrap_or(self.time).max(self.time);
        let points = points(algo, parent.qty, start, end.unwrap_or(Time::MAX))?;
        let end = points.last().map_or(end.unwrap_or(Time::MAX), |last| last.at);
        let share = |rate: Rate| rate > Rate::ZERO && rate < Rate::ONE;
        let sound = match algo {
            Algo::Pov { rate } => share(*rate),
            Algo::IcebergSlicer { display, refresh_ns } => {
                display.0 > 0 && *refresh_ns >= 0 && parent.kind.limit().is_some()
            }
            Algo::Sniper { qty_min, .. } => qty_min.0 > 0,
            Algo::Quoting { quoting } => quoting.is_sound() && !self.is_outside(parent.instrument),
            _ => true,
        };
        if !sound || end <= start || participation_max.is_some_and(|rate| !share(rate)) {
            return Err(misfit());
        }
        let limits = [parent.kind.limit(), *price_limit].into_iter().flatten();
        let limit = limits.reduce(|one, other| if parent.side.reaches(one, other) { other } else { one });
        let volume = self.listings.get(parent.instrument.0 as usize).map_or(0, |listed| listed.volume);
        Ok(Run {
            parent: OrderId(0),
            task: Task::Algo(algo.clone()),
            book: model::BookId(0),
            instrument: parent.instrument,
            side: parent.side,
            start,
            end,
            participation_max: *participation_max,
            limit,
            children: Vec::new(),
            done: Qty::ZERO,
            points,
            passed: 0,
            volume,
            next: Time::MAX,
            fair: None,
            taken: false,
        })
    }

    pub(crate) fn cancel_algo(&mut self, account: AccountId, algo: AlgoId, events: &mut Vec<Event>) {
        let parent = self.algos.get(&algo.0).map(|run| run.parent);
        let own = |parent: &OrderId| {
            self.ledger.positions.at(self.orders.at(parent.slot()).holding).account == account
        };
        match parent.filter(own) {
            Some(parent) => self.cancel_working(parent.slot(), CancelCause::Asked, events),
            None => events.push(Event::CommandRejected { reason: Reject::UnknownAlgo { algo } }),
        }
    }

    /// The market of the run's instrument concerns it.
    pub(crate) fn follow_market(&mut self, id: AlgoId) {
        let Some(run) = self.algos.get(&id.0).filter(|run| run.follows_market()) else { return };
        if let Some(listed) = self.listings.get_mut(run.instrument.0 as usize) {
            listed.watchers.algos.insert(id.0);
            listed.minded = true;
        }
    }

    /// The run looks at itself again at this moment, and not at another.
    pub(super) fn look_again_at(&mut self, id: AlgoId, time: Time) {
        let Some(run) = self.algos.get_mut(&id.0) else { return };
        let (parent, before) = (run.parent, std::mem::replace(&mut run.next, time));
        if before != Time::MAX {
            self.not_due(parent, before);
        }
        self.due_at(parent, time);
    }

    /// A child has traded, so its parent has.
    pub(crate) fn fill_parent(&mut self, id: AlgoId, qty: Qty) {
        let Some(run) = self.algos.get_mut(&id.0) else { return };
        run.done = Qty(run.done.0.saturating_add(qty.0));
        run.taken = true;
        let follows = matches!(run.task, Task::Algo(Algo::IcebergSlicer { .. } | Algo::Quoting { .. }));
        let parent = run.parent;
        let left = self.orders.left(parent.slot());
        self.orders.set_reserve(parent.slot(), Qty(left.0.saturating_sub(qty.0)));
        if left == qty || follows {
            self.put_in_line(parent, None);
        }
    }

    pub(crate) fn end_child(&mut self, id: AlgoId, child: OrderId, status: OrderStatus) {
        self.part_ended(id, child, status);
        if let Some(run) = self.algos.get_mut(&id.0) {
            run.children.retain(|other| *other != child);
            let (parent, last, instrument) = (run.parent, run.children.is_empty(), run.instrument);
            // At a venue its end takes time, and may be what the end of the parent waits for.
            if last && self.is_outside(instrument) {
                self.put_in_line(parent, None);
            }
        }
    }

    /// The parent has ended: its children go with it.
    pub(crate) fn end_algo(&mut self, id: AlgoId, events: &mut Vec<Event>) {
        let Some(run) = self.algos.remove(&id.0) else { return };
        if run.next != Time::MAX {
            self.not_due(run.parent, run.next);
        }
        if let Some(watchers) = self.watchers(run.instrument) {
            watchers.algos.remove(&id.0);
        }
        for child in run.children {
            self.cancel_child(child, events);
        }
        events.push(Event::AlgoEnded { algo: id, done: run.done });
    }

    pub(crate) fn cancel_child(&mut self, child: OrderId, events: &mut Vec<Event>) {
        let live = self.orders.find(child).is_some_and(|record| !record.status.is_final());
        if live && (self.orders.nodes.rests(child.slot(), child) || self.orders.is_outside(child.slot())) {
            self.cancel_working(child.slot(), CancelCause::Algo, events);
        }
    }

    /// A child at a venue that takes what is there and does not stay.
    fn is_about_to_end(&self, child: OrderId) -> bool {
        let special = self.orders.special(child.slot()).filter(|_| self.orders.is_outside(child.slot()));
        special.is_some_and(|special| special.order.time_in_force == TimeInForce::Ioc)
    }

    /// The parent is done, or its time is over.
    pub(crate) fn finish(&mut self, id: AlgoId, events: &mut Vec<Event>) {
        let Some(run) = self.algos.get(&id.0) else { return };
        let (parent, children, instrument) = (run.parent, run.children.clone(), run.instrument);
        for child in children {
            if !self.is_about_to_end(child) {
                self.cancel_child(child, events);
            }
        }
        let slot = parent.slot();
        // What is out at a venue still counts, and its end comes as a report.
        let waits =
            self.is_outside(instrument) && self.algos.get(&id.0).is_some_and(|run| !run.children.is_empty());
        if waits {
            return self.look_again_at(id, Time::MAX);
        }
        if self.orders.left(slot).is_zero() {
            self.end_order(slot, OrderStatus::Filled, events);
        } else {
            self.expire_working(slot, events);
        }
    }
}
