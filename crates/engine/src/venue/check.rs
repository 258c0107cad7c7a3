//! The auditor's part: desks and orders know each other, what waits is waited for, and no budget is exceeded.

use super::{Desk, Outside};
use crate::Engine;
use model::{OrderId, Qty, VenueId, VenueKind};

impl Engine {
    pub(crate) fn check_desks(&self) -> Result<(), String> {
        for (id, desk) in &self.desks.all {
            let venue = self.registry.venue(*id).map_err(|reason| reason.to_string())?;
            ensure(venue.kind == VenueKind::Outside, || format!("venue {id} is not outside and has a desk"))?;
            let budget = venue.budget.map_or(0, |budget| budget.requests as usize);
            ensure(desk.sent.len() <= budget, || format!("venue {id} remembers more than its budget"))?;
            for (order, known) in desk.orders.all() {
                self.check_outside(*id, OrderId(order), known)?;
            }
            check_line(*id, desk)?;
        }
        let specials = self.orders.kept.specials.keys().filter(|slot| self.orders.is_outside(**slot));
        for slot in specials {
            let known = self.outside(*slot).is_some_and(|known| !known.ended);
            ensure(known, || format!("order {} is at no venue", self.orders.at(*slot).id))?;
        }
        let held = self.ledger.positions.holdings.iter();
        for held in held {
            let outside = self.is_outside(held.instrument);
            ensure(outside == held.outside, || format!("book {} is at another venue", held.book))?;
        }
        Ok(())
    }

    fn check_outside(&self, venue: VenueId, order: OrderId, known: &Outside) -> Result<(), String> {
        let holdings = self.ledger.positions.holdings.len();
        ensure((known.holding as usize) < holdings, || format!("order {order} has no holding outside"))?;
        if known.ended {
            let free = known.reserved.1.is_zero() && known.claimed.is_zero();
            return ensure(free, || format!("order {order} ended and holds {:?}", known.reserved));
        }
        let slot = order.slot();
        let record = self.orders.find(order).filter(|record| !record.status.is_final());
        let record = record.ok_or_else(|| format!("order {order} is outside and not here"))?;
        ensure(self.orders.is_outside(slot) && self.desk_of(slot) == Some(venue), || {
            format!("order {order} is at another place than {venue}")
        })?;
        let left = self.orders.left(slot);
        ensure(known.filled.0.saturating_add(left.0) == record.qty.0, || {
            format!("order {order} of {:?} has {:?} filled and {left:?} left", record.qty, known.filled)
        })?;
        ensure(known.reserved.1 >= left, || format!("order {order} has too little reserved"))?;
        ensure(known.claimed <= known.reserved.1 && known.claimed.0 >= 0, || {
            format!("order {order} claims {:?}", known.claimed)
        })?;
        ensure(record.status == known.status(), || {
            format!("order {order} is {:?}, not {:?}", record.status, known.status())
        })
    }

    /// Lots claimed by the orders of a holding at outside venues.
    pub(crate) fn claimed_outside(&self, holding: u32) -> i64 {
        let orders = self.desks.all.values().flat_map(|desk| desk.orders.values());
        let claims = orders.filter(|known| known.holding == holding).map(|known| known.claimed.0);
        claims.fold(0, i64::saturating_add)
    }
}

/// Every request in the line is of an order that waits for it, and the other way round.
fn check_line(venue: VenueId, desk: &Desk) -> Result<(), String> {
    let mut waiting = 0usize;
    for (place, request) in desk.line.all() {
        let known = desk.order(request.order).is_some_and(|known| known.places().any(|at| at == place));
        ensure(known, || format!("venue {venue}: nobody waits for {request:?}"))?;
        waiting = waiting.saturating_add(1);
    }
    let live = desk.orders.values().map(|known| if known.ended { 0 } else { known.places().count() });
    let live = live.fold(0usize, usize::saturating_add);
    let over = desk.orders.values().filter(|known| known.ended && known.cancel.is_some()).count();
    ensure(waiting >= live && waiting <= live.saturating_add(over), || {
        format!("venue {venue}: {waiting} requests wait, of {live}")
    })?;
    let fills = desk.orders.values().map(|known| known.fills.len() as u64).fold(0, u64::saturating_add);
    ensure(fills == desk.fills, || format!("venue {venue}: {} fills are counted, not {fills}", desk.fills))?;
    let open = desk.orders.values().filter(|known| !known.ended).all(|known| known.reserved.1 > Qty::ZERO);
    ensure(open, || format!("venue {venue}: a live order reserves nothing"))
}

fn ensure(holds: bool, said: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(said()) }
}
