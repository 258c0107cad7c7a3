//! The promise of the line to a venue, watched from outside: nobody leaves before one who was more urgent then, age
//! counted as the venue's patience has it. Because an old request overtakes every younger one, none waits for ever.

use super::memory::ensure;
use model::{Event, Misfit, OrderId, PaperRequest, Priority, Time, VenueAsk};
use std::collections::{BTreeMap, VecDeque};

/// So many that left are remembered to be compared with those that leave later.
const REMEMBERED: usize = 128;

#[derive(Clone, Copy, Debug)]
struct Joined {
    at: u64,
    since: Time,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    order: OrderId,
    joined: Joined,
    class: i64,
    /// When it left, and as the how-manieth event.
    time: Time,
    at: u64,
}

#[derive(Debug)]
pub(super) struct Queue {
    patience_ns: i64,
    events: u64,
    waiting: BTreeMap<OrderId, Joined>,
    left: VecDeque<Left>,
    pub overtaken: u64,
    pub aged: u64,
    /// Orders that became unknown, fills after an order's end, and differences found.
    pub unknown: u64,
    pub late: u64,
    pub breaks: u64,
}

impl Queue {
    pub fn new(patience_ns: i64) -> Self {
        let (waiting, left) = (BTreeMap::new(), VecDeque::new());
        Self { patience_ns, events: 0, waiting, left, overtaken: 0, aged: 0, unknown: 0, late: 0, breaks: 0 }
    }

    pub fn hear(&mut self, event: &Event, time: Time) -> Result<(), String> {
        self.events += 1;
        match event {
            Event::OrderStatusChanged { order, status: model::OrderStatus::PendingNew } => {
                self.waiting.entry(*order).or_insert(Joined { at: self.events, since: time });
            }
            Event::OrderStatusChanged { status: model::OrderStatus::Unknown, .. } => self.unknown += 1,
            Event::ReportMisfit { what: Misfit::Late, .. } => self.late += 1,
            Event::BreakFound { .. } => self.breaks += 1,
            // The venue here tells of everything before a day is over.
            Event::ReportMisfit { what: Misfit::UnknownOrder, .. } => {
                return Err(format!("an order was forgotten too early: {event:?}"));
            }
            Event::OrderCancelled { order, .. } | Event::OrderExpired { order, .. } => {
                self.waiting.remove(order);
            }
            _ => {}
        }
        let Some(request) = PaperRequest::of(event).map(PaperRequest::get) else { return Ok(()) };
        let VenueAsk::Submit { order, .. } = request.ask else { return Ok(()) };
        let joined = self.waiting.remove(&order).ok_or_else(|| format!("order {order} left unseen"))?;
        let class = class_of(request.priority);
        let left = Left { order, joined, class, time, at: self.events };
        for earlier in self.left.iter().filter(|earlier| earlier.at > joined.at) {
            let (theirs, ours) = (self.urgency(earlier, earlier.time), self.urgency(&left, earlier.time));
            let right = theirs > ours || (theirs == ours && earlier.joined.at < joined.at);
            ensure(right, || {
                let (ours, theirs) = (left.order, earlier.order);
                format!(
                    "order {ours} was more urgent than {theirs}, which left before it: {left:?}, {earlier:?}"
                )
            })?;
            self.overtaken += u64::from(joined.at < earlier.joined.at);
        }
        self.aged += u64::from(self.urgency(&left, time) > class);
        self.left.push_back(left);
        if self.left.len() > REMEMBERED {
            self.left.pop_front();
        }
        Ok(())
    }

    fn urgency(&self, of: &Left, time: Time) -> i64 {
        of.class + (time.0 - of.joined.since.0) / self.patience_ns
    }
}

fn class_of(priority: Priority) -> i64 {
    match priority {
        Priority::Normal => 0,
        Priority::High => 1,
        Priority::Critical => 2,
        Priority::StopLoss => 3,
    }
}
