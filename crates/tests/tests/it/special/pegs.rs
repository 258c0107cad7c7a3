//! After every command each pegged order stands where a naive reckoning puts it: short of the other side's
//! displayed best, or outside of the book while there is nothing to follow.

use super::draw::{Mix, legs};
use super::floor::{Floor, Tally, Watcher, run, seeds};
use engine::OrderView;
use model::{
    Changes, Command, Event, InstrumentId, InstrumentState, OrderId, OrderStatus, OrderType, PegTo, Price,
    Side,
};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug)]
struct Peg {
    to: PegTo,
    offset: i64,
    limit: Option<Price>,
    /// Nothing but the peg keeps it out of the book.
    free: bool,
}

#[derive(Default)]
struct Pegs(BTreeMap<OrderId, Peg>);

/// Best displayed, of the own book or else of the outside.
fn best(floor: &Floor, instrument: InstrumentId, side: Side) -> Option<i64> {
    let own = floor.engine.levels(instrument, side).next().map(|level| level.price.0);
    let quote = floor.engine.quote(instrument);
    let outside = quote.and_then(|quote| if side == Side::Buy { quote.bid } else { quote.ask });
    own.or(outside.map(|level| level.price.0))
}

/// Where the order belongs.
fn belongs(floor: &Floor, order: &OrderView, peg: &Peg) -> Option<i64> {
    let own = best(floor, order.instrument, order.side);
    let other = best(floor, order.instrument, order.side.opposite());
    let sign = order.side.sign();
    let reference = match peg.to {
        PegTo::OwnSide => own?,
        PegTo::Opposite => other?,
        // Rounded away from the other side.
        PegTo::Mid if order.side == Side::Buy => (own? + other?).div_euclid(2),
        PegTo::Mid => -(-own? - other?).div_euclid(2),
    };
    let bounds = [peg.limit.map(|limit| limit.0), other.map(|other| other - sign)];
    let worse = |price: i64, bound: i64| if sign > 0 { price.min(bound) } else { price.max(bound) };
    Some(bounds.into_iter().flatten().fold(reference + peg.offset, worse))
}

impl Pegs {
    fn change(&mut self, order: OrderId, changes: &Changes) {
        if let Some(peg) = self.0.get_mut(&order) {
            peg.offset = changes.peg_offset.unwrap_or(peg.offset);
        }
    }

    fn check(&self, floor: &Floor, id: OrderId, peg: &Peg) -> Result<(), String> {
        let Some(order) = floor.engine.order(id) else { return Ok(()) };
        let state = floor.engine.instrument(order.instrument).map(|instrument| instrument.state);
        if state != Some(InstrumentState::Trading) {
            return Ok(());
        }
        let (belongs, stands) = (belongs(floor, &order, peg), order.price.map(|price| price.0));
        if order.status == OrderStatus::Held {
            let waits = !peg.free || belongs.is_none();
            return if waits { Ok(()) } else { Err(format!("{order:?} waits and belongs to {belongs:?}")) };
        }
        if stands != belongs {
            return Err(format!("{order:?}, {peg:?} belongs to {belongs:?}"));
        }
        Ok(())
    }
}

impl Watcher for Pegs {
    fn see(&mut self, floor: &Floor, command: &Command) -> Result<(), String> {
        let mut placed = legs(command).into_iter();
        let alone = matches!(command, Command::PlaceOrder(_));
        for event in &floor.events {
            match (event, command) {
                (Event::OrderAccepted(accepted), _) => {
                    let Some(order) = placed.next() else { continue };
                    if let OrderType::Pegged { to, offset, limit } = order.kind {
                        let free = alone && order.condition.is_none();
                        self.0.insert(accepted.order, Peg { to, offset, limit, free });
                    }
                }
                (Event::OrderModified { order, changes, .. }, Command::ModifyOrder(modify)) => {
                    self.change(*order, changes);
                    if model::OrderRef::Id(*order) == modify.order
                        && let Some(peg) = self.0.get_mut(order)
                    {
                        peg.limit = modify.changes.price.or(peg.limit);
                    }
                }
                _ => {}
            }
        }
        self.0.retain(|id, _| floor.engine.order(*id).is_some());
        self.0.iter().try_for_each(|(id, peg)| self.check(floor, *id, peg))
    }
}

#[test]
fn pegged_orders_stand_where_they_belong() {
    let mut tally = Tally::default();
    for seed in seeds(40) {
        let mix = Mix { groups: 8, operators: 6, pegged: 30 };
        let watched = run(2_000 + seed, 600, mix, &mut Pegs::default(), &mut tally);
        watched.unwrap_or_else(|wrong| panic!("{wrong}"));
    }
    assert!(tally.trades > 2_000, "{tally:?}");
}
