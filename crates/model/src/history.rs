//! The life of one order as the records tell it: every record that concerned it, with the state that each of
//! its events left it in. Fed with records in order, from the one that accepted the order or from any before.
//! Absent: any knowledge that is not in the records.

use crate::line::OrderNames;
use crate::{
    AccountId, AlgoId, ClientOrderId, Command, Event, OrderId, OrderRef, OrderStatus, OutsideTrade, Qty,
    Record, Stamped, TradeSide, VenueAsk, VenueSay,
};

/// One record of an order's life: the command that was the cause, and what it did with the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub cause: Stamped,
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// After the event.
    pub status: OrderStatus,
    pub filled: Qty,
    pub event: Event,
}

/// Follows one order through the records.
#[derive(Clone, Debug)]
pub struct Life {
    account: AccountId,
    order: OrderId,
    client: Option<ClientOrderId>,
    status: Option<OrderStatus>,
    filled: Qty,
    qty: Qty,
    /// The algo whose parent it is.
    algo: Option<AlgoId>,
    /// Live children of the algo.
    children: Vec<OrderId>,
    /// Only for the client id, which its acceptance leaves out.
    names: OrderNames,
}

impl Life {
    #[must_use]
    pub fn of(account: AccountId, order: OrderId) -> Self {
        let names = OrderNames::new(64);
        let (client, status, algo, children) = (None, None, None, Vec::new());
        Self { account, order, client, status, filled: Qty::ZERO, qty: Qty::ZERO, algo, children, names }
    }

    /// Whether nothing more can come of it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.status.is_some_and(OrderStatus::is_final)
    }

    /// What the record did with the order, if it concerned it.
    pub fn hear(&mut self, record: &Record) -> Option<Step> {
        if self.status.is_none() {
            self.names.hear(&record.stamped.command);
        }
        let mut changes = Vec::new();
        for event in &record.events {
            if self.status.is_none() {
                self.names.learn(event);
            }
            if self.take(event, &record.stamped.command) {
                let status = self.status.unwrap_or(OrderStatus::Accepted);
                changes.push(Change { status, filled: self.filled, event: event.clone() });
            }
        }
        (!changes.is_empty()).then(|| Step { cause: record.stamped.clone(), changes })
    }

    /// Whether the event is about the order; its state then follows.
    fn take(&mut self, event: &Event, command: &Command) -> bool {
        if let Event::OrderAccepted(accepted) = event {
            let own = accepted.order == self.order && accepted.account == self.account;
            return own && self.begin(accepted.qty);
        }
        if self.status.is_none() || self.has_ended() {
            return false;
        }
        match event {
            Event::ModifyRejected { .. } | Event::CancelRejected { .. } => self.is_named_by(command),
            Event::Traded(traded) => {
                let sides = [traded.taker, traded.maker];
                sides.iter().filter(|side| self.trade(side, traded.qty)).count() > 0
            }
            Event::GroupPlaced { orders, .. } => orders.contains(&self.order),
            Event::AlgoStarted { algo, parent } if *parent == self.order => {
                self.algo = Some(*algo);
                true
            }
            Event::AlgoSliced { algo, child, .. } if Some(*algo) == self.algo => {
                self.children.push(*child);
                true
            }
            Event::AlgoEnded { algo, .. } if Some(*algo) == self.algo => {
                let done = self.filled >= self.qty;
                self.become_(if done { OrderStatus::Filled } else { OrderStatus::Held })
            }
            Event::VenueAsked(request) | Event::PaperAsked(request) => self.ask(&request.ask),
            Event::OrderStatusChanged { order, status } if *order == self.order => self.stand(*status),
            Event::OutsideTraded(trade) => self.trade_outside(trade),
            Event::OrderCancelled { order, .. } if *order == self.order && is_refusal(command) => {
                self.become_(OrderStatus::Rejected)
            }
            Event::ReportMisfit { order, .. } => *order == Some(self.order),
            Event::Liquidated { order, .. } | Event::FlattenSent { order, .. } => *order == self.order,
            Event::VenueSaid(report) => self.say(&report.say),
            _ => self.change(event),
        }
    }

    fn begin(&mut self, qty: Qty) -> bool {
        self.qty = qty;
        self.client = self.names.client_order_id(self.order);
        self.become_(OrderStatus::Accepted)
    }

    fn become_(&mut self, status: OrderStatus) -> bool {
        self.status = Some(status);
        true
    }

    /// Its own trade, or one of its algo's child.
    fn trade(&mut self, side: &TradeSide, qty: Qty) -> bool {
        let child = self.children.iter().position(|child| *child == side.order);
        if side.order != self.order && child.is_none() {
            return false;
        }
        if let Some(at) = child.filter(|_| side.left.is_zero()) {
            self.children.swap_remove(at);
        }
        self.filled = Qty(self.filled.0.saturating_add(qty.0));
        let whole = side.order == self.order && side.left.is_zero();
        let held = self.status == Some(OrderStatus::Held);
        self.become_(match (whole, held) {
            (true, _) => OrderStatus::Filled,
            (false, true) => OrderStatus::Held,
            (false, false) => OrderStatus::PartiallyFilled,
        })
    }

    fn change(&mut self, event: &Event) -> bool {
        let working = if self.filled.is_zero() { OrderStatus::Open } else { OrderStatus::PartiallyFilled };
        let (order, status) = match event {
            Event::OrderRested { order, .. } | Event::OrderReplenished { order, .. } => {
                (*order, Some(working))
            }
            Event::OrderHeld { order } => (*order, Some(OrderStatus::Held)),
            // One that is worked by its parts waits for them.
            Event::OrderTriggered { order, .. } if self.algo.is_some() => (*order, Some(OrderStatus::Held)),
            Event::OrderTriggered { order, .. } => (*order, Some(OrderStatus::Accepted)),
            Event::OrderCancelled { order, .. } => (*order, Some(OrderStatus::Cancelled)),
            Event::OrderExpired { order, .. } => (*order, Some(OrderStatus::Expired)),
            // A venue may have filled what a smaller quantity leaves.
            Event::OrderModified { order, left, .. } if left.is_zero() => (*order, Some(OrderStatus::Filled)),
            Event::OrderModified { order, .. } | Event::RouteChosen { order, .. } => (*order, None),
            _ => return false,
        };
        if order != self.order {
            return false;
        }
        if let Event::OrderModified { changes, .. } = event {
            self.qty = changes.qty.unwrap_or(self.qty);
        }
        self.status = status.or(self.status);
        true
    }

    /// Its venue, or the line there, has moved it; what it has traded is known here.
    fn stand(&mut self, status: OrderStatus) -> bool {
        let traded = status == OrderStatus::Open && !self.filled.is_zero();
        self.become_(if traded { OrderStatus::PartiallyFilled } else { status })
    }

    /// Its own fill at a venue, or one of its algo's child.
    fn trade_outside(&mut self, trade: &OutsideTrade) -> bool {
        let child = self.children.iter().position(|child| *child == trade.order);
        if trade.order != self.order && child.is_none() {
            return false;
        }
        if let Some(at) = child.filter(|_| trade.left.is_zero()) {
            self.children.swap_remove(at);
        }
        self.filled = Qty(self.filled.0.saturating_add(trade.qty.0));
        let own = child.is_none();
        match self.status {
            _ if own && trade.left.is_zero() => self.become_(OrderStatus::Filled),
            Some(OrderStatus::Open) => self.become_(OrderStatus::PartiallyFilled),
            _ => true,
        }
    }

    /// What a venue is asked is a fact of its life; how it stands then is told beside it.
    fn ask(&self, ask: &VenueAsk) -> bool {
        let order = match ask {
            VenueAsk::Submit { order, .. }
            | VenueAsk::Cancel { order }
            | VenueAsk::Replace { order, .. }
            | VenueAsk::Query { order } => *order,
            VenueAsk::Reconcile => return false,
        };
        order == self.order
    }

    /// What a venue says of it is a fact of its life; the state follows from the events beside it.
    fn say(&self, say: &VenueSay) -> bool {
        let order = match say {
            VenueSay::Filled(fill) => fill.order,
            VenueSay::Accepted { order, .. }
            | VenueSay::Rejected { order, .. }
            | VenueSay::Cancelled { order, .. }
            | VenueSay::Replaced { order, .. }
            | VenueSay::CancelRejected { order, .. }
            | VenueSay::ReplaceRejected { order, .. }
            | VenueSay::Expired { order, .. }
            | VenueSay::Silent { order }
            | VenueSay::NotFound { order } => *order,
            VenueSay::Position { .. }
            | VenueSay::Balance { .. }
            | VenueSay::Up
            | VenueSay::Down
            | VenueSay::Reconciled => return false,
        };
        order == self.order
    }

    fn is_named_by(&self, command: &Command) -> bool {
        let (by, asked) = match command {
            Command::CancelOrder(cancel) => (cancel.account, cancel.order),
            Command::ModifyOrder(modify) => (modify.account, modify.order),
            _ => return false,
        };
        // What another account tried with its number is no part of its life.
        if by != self.account {
            return false;
        }
        match asked {
            OrderRef::Id(id) => id == self.order,
            OrderRef::Client(client) => Some(client) == self.client,
        }
    }
}

/// A venue that will not have the order.
fn is_refusal(command: &Command) -> bool {
    matches!(command, Command::Venue(report) if matches!(report.say, VenueSay::Rejected { .. }))
}
