//! The legs of one-cancels-the-other together never fill more than the group's quantity, nor do the exits of a
//! bracket more than its entry has filled; and while one leg can still fill, the others are only as large as
//! what is left for them.

use super::draw::Mix;
use super::floor::{Floor, Tally, Watcher, run, seeds};
use model::{Command, Event, NewGroup, OrderId, OrderRef};
use std::collections::BTreeMap;

#[derive(Debug)]
struct Kept {
    /// Of a bracket.
    entry: Option<OrderId>,
    exits: Vec<OrderId>,
    qty: i64,
}

#[derive(Default)]
struct Groups {
    all: Vec<Kept>,
    filled: BTreeMap<OrderId, i64>,
}

impl Groups {
    fn learn(&mut self, group: &NewGroup, orders: &[OrderId]) {
        let (entry, exits, qty) = match group {
            NewGroup::Oco { first, .. } => (None, orders.to_vec(), first.qty.0),
            NewGroup::Bracket { .. } => (orders.first().copied(), orders[1..].to_vec(), 0),
            NewGroup::Oto { .. } => return,
        };
        self.all.push(Kept { entry, exits, qty });
    }

    fn filled(&self, order: OrderId) -> i64 {
        self.filled.get(&order).copied().unwrap_or(0)
    }

    fn check(&self, floor: &Floor, group: &Kept) -> Result<(), String> {
        let most = group.entry.map_or(group.qty, |entry| self.filled(entry));
        let got: i64 = group.exits.iter().map(|exit| self.filled(*exit)).sum();
        if got > most {
            return Err(format!("{group:?} filled {got} of {most}"));
        }
        for exit in group.exits.iter().filter(|_| most > 0) {
            let left = floor.engine.order(*exit).map_or(0, |order| order.left.0);
            if got + left > most {
                return Err(format!("{group:?} filled {got} of {most}, and {exit} has {left} left"));
            }
        }
        Ok(())
    }
}

impl Watcher for Groups {
    fn see(&mut self, floor: &Floor, command: &Command) -> Result<(), String> {
        for event in &floor.events {
            match (event, command) {
                (Event::GroupPlaced { orders, .. }, Command::PlaceGroup(group)) => self.learn(group, orders),
                (Event::Traded(trade), _) => {
                    *self.filled.entry(trade.taker.order).or_default() += trade.qty.0;
                    *self.filled.entry(trade.maker.order).or_default() += trade.qty.0;
                }
                // One that was set off has left its group, and its owner may enlarge it.
                (Event::OrderModified { order, .. }, Command::ModifyOrder(modify))
                    if modify.order == OrderRef::Id(*order) && modify.changes.qty.is_some() =>
                {
                    self.all.retain(|group| !group.exits.contains(order));
                }
                _ => {}
            }
        }
        self.all.iter().try_for_each(|group| self.check(floor, group))?;
        let live = |order: &OrderId| floor.engine.order(*order).is_some();
        self.all.retain(|group| group.exits.iter().any(live));
        Ok(())
    }
}

#[test]
fn a_group_never_fills_more_than_it_is() {
    let mut tally = Tally::default();
    for seed in seeds(40) {
        let mix = Mix { groups: 40, operators: 3, pegged: 0 };
        let watched = run(1_000 + seed, 600, mix, &mut Groups::default(), &mut tally);
        watched.unwrap_or_else(|wrong| panic!("{wrong}"));
    }
    assert!(tally.groups > 2_000, "{tally:?}");
}
