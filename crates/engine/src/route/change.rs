//! What changes a routed order: its owner's wishes, the end of its resting part, the state of the market that part
//! stands in. A part cannot be changed by itself.

use super::Routed;
use crate::Engine;
use crate::order::Stage;
use model::{AlgoId, Changes, Event, NewOrder, OrderId, OrderStatus, Qty, Reject, TimeInForce};

impl Engine {
    /// The routed order that an order is a part of.
    pub(crate) fn routed_whole(&self, slot: u32) -> Option<AlgoId> {
        let id = self.orders.special(slot)?.parent?;
        self.routed(id).map(|_| id)
    }

    /// Whether an order is a routed one whose parts may be out.
    pub(crate) fn is_routed(&self, slot: u32) -> bool {
        let special = self.orders.special(slot);
        let routed = special.and_then(|special| special.algo).is_some_and(|id| self.routed(id).is_some());
        routed && special.is_some_and(|special| special.stage == Stage::Parent)
    }

    /// A child has ended: if it was the part that stands, the order looks again at where it is.
    pub(crate) fn part_ended(&mut self, id: AlgoId, child: OrderId, status: OrderStatus) {
        let stood = self.routed(id).filter(|(_, routed)| routed.resting() == Some(child));
        let Some(parent) = stood.map(|(run, _)| run.parent) else { return };
        if status != OrderStatus::Filled {
            self.put_in_line(parent, None);
        }
    }

    /// The part that stands has been lowered: so is the whole.
    #[cold]
    pub(crate) fn part_shrunk(&mut self, slot: u32, less: i64, events: &mut Vec<Event>) {
        if let Some(id) = self.routed_whole(slot) {
            self.lose(id, Qty(less), events);
        }
    }

    /// Less stays in its place; anything else goes through the markets again, once it is sure to pass where the
    /// part stands now.
    pub(crate) fn modify_routed(
        &mut self,
        slot: u32,
        order: NewOrder,
        changes: &Changes,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        let before = self.orders.special(slot).ok_or(Reject::UnknownOrder)?;
        let (id, kind) = (before.algo.ok_or(Reject::UnknownOrder)?, before.order.kind.clone());
        if matches!(order.time_in_force, TimeInForce::Ioc | TimeInForce::Fok) {
            return Err(Reject::NoSuchField);
        }
        let now = self.orders.left(slot);
        let (left, _) = self.left_of(slot, changes.qty.unwrap_or(self.orders.at(slot).qty))?;
        let until = self.until_of(changes)?;
        let same_price = kind == order.kind;
        if same_price && left == now && until.is_none() {
            return Err(Reject::NothingToChange);
        }
        let time_in_force = until.map_or(order.time_in_force, |until| until.time_in_force);
        let order = NewOrder { qty: left, time_in_force, ..order };
        let proposal = self.propose(&order)?;
        self.check_form_anywhere(&proposal)?;
        let child = self.routed(id).and_then(|(_, routed)| routed.resting()).filter(|at| self.is_live(*at));
        let moves = !same_price || left > now;
        if let Some(child) = child.filter(|_| moves) {
            self.check_moved(child.slot(), proposal.limit(), left)?;
        }
        self.set_until(slot, until);
        if let (Some(child), false) = (child, moves) {
            if left < now {
                // The whole follows its part.
                self.shrink_resting(child.slot(), left, events);
            }
            if until.is_some() {
                let changes = Changes { time_in_force: changes.time_in_force, ..Changes::default() };
                let order = self.orders.at(slot).id;
                events.push(Event::OrderModified { order, changes, left, kept_place: true });
            }
            return Ok(());
        }
        let price = proposal.limit();
        self.change_routed(slot, left, price, order);
        let parent = self.orders.at(slot).id;
        events.push(Event::OrderModified { order: parent, changes: *changes, left, kept_place: false });
        self.begin_again(id, false);
        child.into_iter().for_each(|child| self.cancel_child(child, events));
        self.put_in_line(parent, None);
        Ok(())
    }

    fn change_routed(&mut self, slot: u32, left: Qty, price: model::Price, order: NewOrder) {
        let filled = self.orders.at(slot).qty.0.saturating_sub(self.orders.left(slot).0);
        let record = self.orders.at_mut(slot);
        record.qty = Qty(filled.saturating_add(left.0));
        record.price = price;
        if let Some(special) = self.orders.special_mut(slot) {
            special.reserve = left;
            special.order = order;
        }
    }

    /// The state of a market has changed: parts that stand where nothing trades any more go where something does.
    pub(crate) fn leave_closed(&mut self, events: &mut Vec<Event>) {
        let stuck = |routed: &Routed| routed.resting.filter(|(_, market)| !self.is_open(*market));
        let parts = self.algos.iter().filter_map(|(id, run)| {
            let (child, _) = stuck(run.routed()?)?;
            let open = self.markets_of(run.instrument).into_iter().any(|market| self.is_open(market));
            (open && self.is_live(child)).then_some((AlgoId(*id), run.parent, child))
        });
        for (id, parent, child) in parts.collect::<Vec<_>>() {
            self.begin_again(id, true);
            self.cancel_child(child, events);
            self.put_in_line(parent, None);
        }
    }

    /// What must be true of a routed order between two commands.
    pub(crate) fn check_routed(&self, id: u64) -> Result<(), String> {
        let Some((run, routed)) = self.routed(AlgoId(id)) else { return Ok(()) };
        let left = self.orders.left(run.parent.slot());
        let in_line = self.due.iter().any(|due| due.order == run.parent);
        let waits = self.orders.special(run.parent.slot()).is_some_and(|it| it.stage != Stage::Parent);
        let parts: Vec<Qty> = run.children.iter().map(|child| self.orders.left(child.slot())).collect();
        let sums = match (routed.resting, parts.as_slice()) {
            (Some((child, _)), [part]) => run.children == [child] && *part == left,
            (None, []) => waits || in_line,
            (Some(_), []) => in_line,
            _ => false,
        };
        if sums {
            Ok(())
        } else {
            Err(format!("routed order {} has {left:?} left and out: {parts:?}", run.parent))
        }
    }
}
