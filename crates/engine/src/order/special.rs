//! What an order has beyond a plain one: its words, how far it is on its way to the market, what it waits for,
//! what of it is not shown. Kept beside the records, by slot, because most orders have none of it.

use crate::orders::Orders;
use crate::watch::Watch;
use model::{AlgoId, Call, GroupId, NewOrder, OrderId, OrderType, Price, Qty};
use serde::{Deserialize, Serialize};

/// How far an order is. It only goes forward, and passes over what does not concern it; a pegged order goes
/// back to `Unpriced` when what it is pegged to is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Another order of its group comes first.
    Grouped,
    Conditional,
    /// Its price has not been reached.
    Armed,
    /// There is no price for it yet: nothing to peg to, or its auction has not been.
    Unpriced,
    Working,
    /// It is worked by an algo and never comes to the market itself.
    Parent,
    /// It is at an outside venue, or in the line to it.
    Outside,
    /// It was set off, and another of its group is still at its venue with the same stock or position.
    Behind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Special {
    /// As it was asked for, changed since, and triggered.
    pub(crate) order: NewOrder,
    pub(crate) stage: Stage,
    /// What sets it off.
    pub(crate) fires: Option<Watch>,
    /// What makes a trailing stop follow, and the best price it has followed to.
    pub(crate) follows: Option<Watch>,
    pub(crate) peak: Option<Price>,
    /// What is open of it and does not stand in the book.
    pub(crate) reserve: Qty,
    pub(crate) group: Option<GroupId>,
    /// The algo that works it; the algo it is a child of.
    pub(crate) algo: Option<AlgoId>,
    pub(crate) parent: Option<AlgoId>,
    /// Orders that have to end before it goes to the market.
    pub(crate) behind: Vec<OrderId>,
}

impl Special {
    pub(crate) fn new(order: &NewOrder, stage: Stage, group: Option<GroupId>) -> Self {
        Self {
            order: order.clone(),
            stage,
            fires: None,
            follows: None,
            peak: None,
            reserve: Qty::ZERO,
            group,
            algo: None,
            parent: None,
            behind: Vec::new(),
        }
    }

    /// Of an iceberg: how much of it is shown at once.
    pub(crate) fn display(&self) -> Option<Qty> {
        match self.order.kind {
            OrderType::Iceberg { display, .. } => Some(display),
            _ => None,
        }
    }

    /// The price that sets it off: of now, or that it will wait for.
    pub(crate) fn trigger(&self) -> Option<Price> {
        let named = match &self.order.kind {
            OrderType::Stop { trigger }
            | OrderType::StopLimit { trigger, .. }
            | OrderType::MarketIfTouched { trigger }
            | OrderType::LimitIfTouched { trigger, .. } => Some(trigger.price),
            _ => None,
        };
        self.fires.map(|watch| watch.price()).or(named)
    }

    pub(crate) fn is_pegged(&self) -> bool {
        matches!(self.order.kind, OrderType::Pegged { .. })
    }

    /// Whether it differs from a plain order for as long as it lives.
    pub(crate) fn stays_special(&self) -> bool {
        self.stage == Stage::Outside
            || self.group.is_some()
            || self.parent.is_some()
            || self.display().is_some()
            || self.is_pegged()
    }
}

/// Whether an order needs more than a record.
#[inline]
pub(crate) fn is_special(order: &NewOrder) -> bool {
    let plain = matches!(
        order.kind,
        OrderType::Market | OrderType::Limit { .. } | OrderType::Hidden { .. } | OrderType::MarketToLimit
    );
    !plain || order.condition.is_some() || Call::of(order.time_in_force).is_some()
}

impl Orders {
    pub(crate) fn special(&self, slot: u32) -> Option<&Special> {
        self.kept.specials.get(&slot)
    }

    pub(crate) fn special_mut(&mut self, slot: u32) -> Option<&mut Special> {
        self.kept.specials.get_mut(&slot)
    }

    pub(crate) fn keep(&mut self, slot: u32, special: Special) {
        self.at_mut(slot).special = true;
        self.kept.specials.insert(slot, special);
    }

    pub(crate) fn forget_special(&mut self, slot: u32) -> Option<Special> {
        self.at_mut(slot).special = false;
        self.kept.specials.remove(&slot)
    }

    /// Whether it is at an outside venue, or in the line to it.
    #[inline]
    pub(crate) fn is_outside(&self, slot: u32) -> bool {
        self.at(slot).special && self.special(slot).is_some_and(|special| special.stage == Stage::Outside)
    }

    pub(crate) fn reserve_of(&self, slot: u32) -> Qty {
        self.special(slot).map_or(Qty::ZERO, |special| special.reserve)
    }

    pub(crate) fn set_reserve(&mut self, slot: u32, reserve: Qty) {
        if let Some(special) = self.special_mut(slot) {
            special.reserve = reserve;
        }
    }
}
