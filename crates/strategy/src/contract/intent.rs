//! What a strategy can want. An intent is no order: whoever runs the strategy makes commands of it, and they pass
//! every check like anybody's.

use model::{OrderType, Price, Qty, Side, Time, TimeInForce};

/// The strategy's own name for an order or a timer; used again once what bore it is over.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Tag(pub u32);

impl Tag {
    /// Of the orders that a target makes.
    pub const TARGET: Self = Self(u32::MAX);
}

#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Come to this position, by a market order over what is missing.
    Target {
        at: usize,
        qty: Qty,
    },
    Place(Order),
    /// A market order with a stop and a target that cancel each other.
    Bracket(Bracket),
    Change {
        tag: Tag,
        qty: Option<Qty>,
        price: Option<Price>,
    },
    Cancel {
        tag: Tag,
    },
    CancelAll {
        at: usize,
    },
    Wake {
        time: Time,
        tag: Tag,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub at: usize,
    pub tag: Tag,
    pub side: Side,
    pub qty: Qty,
    pub kind: OrderType,
    pub time_in_force: TimeInForce,
    pub reduce_only: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bracket {
    pub at: usize,
    pub tag: Tag,
    pub side: Side,
    pub qty: Qty,
    pub stop: Option<Price>,
    pub target: Option<Price>,
}

/// What was wanted, in the order in which it was said.
#[derive(Clone, Debug, Default)]
pub struct Intents {
    list: Vec<Intent>,
}

impl Intents {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, intent: Intent) {
        self.list.push(intent);
    }

    pub fn target(&mut self, at: usize, qty: Qty) {
        self.push(Intent::Target { at, qty });
    }

    pub fn limit(&mut self, at: usize, tag: Tag, side: Side, qty: Qty, price: Price) {
        self.push(Intent::Place(Order {
            at,
            tag,
            side,
            qty,
            kind: OrderType::Limit { price },
            time_in_force: TimeInForce::Gtc,
            reduce_only: false,
        }));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    #[must_use]
    pub fn as_slice(&self) -> &[Intent] {
        &self.list
    }

    /// Takes them out, oldest first; the room stays.
    pub fn drain(&mut self) -> impl Iterator<Item = Intent> {
        self.list.drain(..)
    }
}
