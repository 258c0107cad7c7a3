//! All live orders of the house, by slot. The record here is what matching does not read; the part that it
//! does is the book's node of the same slot. An id names its slot, so finding an order is one comparison.

use crate::book::{Nodes, Resting};
use crate::index::place;
use crate::order::Special;
use model::{
    AccountId, Bound, ClientOrderId, OrderId, OrderStatus, PostOnly, Price, Qty, Reject, SelfTrade, Side,
    Time,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: OrderId,
    /// Where it rests, or its limit.
    pub(crate) price: Price,
    /// All of it, filled part included.
    pub(crate) qty: Qty,
    /// When it ends by itself.
    pub(crate) ends: Time,
    pub(crate) holding: u32,
    /// Its entry in the memory of client ids.
    pub(crate) client: u32,
    pub(crate) side: Side,
    pub(crate) hidden: bool,
    pub(crate) day: bool,
    pub(crate) reduce_only: bool,
    pub(crate) post_only: Option<PostOnly>,
    pub(crate) self_trade: Option<SelfTrade>,
    /// There is more of it in `specials`.
    pub(crate) special: bool,
    pub(crate) status: OrderStatus,
}

#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) nodes: Nodes,
    pub(crate) kept: Slots,
}

/// The part that a snapshot holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Slots {
    /// By slot; slot 0 is never an order.
    pub(crate) records: Vec<Record>,
    texts: Vec<Option<ClientOrderId>>,
    free: Vec<u32>,
    /// Orders ever made.
    counter: u64,
    pub(crate) specials: BTreeMap<u32, Special>,
}

const NOBODY: Record = Record {
    id: OrderId(0),
    price: Price(0),
    qty: Qty::ZERO,
    ends: Time::MAX,
    holding: 0,
    client: crate::clients::NO_CLIENT,
    side: Side::Buy,
    hidden: false,
    day: false,
    reduce_only: false,
    post_only: None,
    self_trade: None,
    special: false,
    status: OrderStatus::Rejected,
};

impl Record {
    /// The order as the book takes it, showing so much.
    pub(crate) fn resting(&self, owner: AccountId, qty: Qty) -> Resting {
        let Self { id, price, side, hidden, .. } = *self;
        Resting { slot: id.slot(), side, visible: !hidden, price, id, owner, qty }
    }
}

impl Orders {
    pub(crate) fn new() -> Self {
        Self::from(Slots {
            records: vec![NOBODY],
            texts: vec![None],
            free: Vec::new(),
            counter: 0,
            specials: BTreeMap::new(),
        })
    }

    pub(crate) fn from(kept: Slots) -> Self {
        Self { nodes: Nodes::new(), kept }
    }

    /// Makes room for `count` live orders at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        let more = count.saturating_sub(self.kept.records.len());
        self.kept.records.reserve(more);
        self.kept.texts.reserve(more);
        let last = u32::try_from(count).unwrap_or(u32::MAX).min(Nodes::SLOTS_MAX.saturating_sub(1));
        self.nodes.ensure(last);
    }

    /// Live orders.
    pub(crate) fn len(&self) -> usize {
        self.kept.records.len().saturating_sub(1).saturating_sub(self.kept.free.len())
    }

    pub(crate) fn check_room(&self) -> Result<(), Reject> {
        let full = self.kept.free.is_empty() && self.kept.records.len() >= Nodes::SLOTS_MAX as usize;
        if full { Err(Reject::BoundReached { what: Bound::Orders }) } else { Ok(()) }
    }

    /// Gives the order a slot and with it an id.
    #[inline(always)]
    pub(crate) fn open(&mut self, mut record: Record, text: Option<&ClientOrderId>) -> u32 {
        self.kept.counter = self.kept.counter.wrapping_add(1);
        let slot = match self.kept.free.pop() {
            Some(slot) => slot,
            None => {
                self.kept.records.push(NOBODY);
                self.kept.texts.push(None);
                place(self.kept.records.len()).wrapping_sub(1)
            }
        };
        record.id = OrderId::new(self.kept.counter, slot);
        *self.at_mut(slot) = record;
        if let Some(place) = self.kept.texts.get_mut(slot as usize) {
            *place = text.copied();
        }
        slot
    }

    /// The order has ended; its slot may be used again.
    #[inline]
    pub(crate) fn close(&mut self, slot: u32, status: OrderStatus) {
        self.at_mut(slot).status = status;
        self.kept.free.push(slot);
    }

    #[inline]
    pub(crate) fn at(&self, slot: u32) -> &Record {
        self.kept.records.get(slot as usize).expect("invariant: a stored slot exists")
    }

    #[inline]
    pub(crate) fn at_mut(&mut self, slot: u32) -> &mut Record {
        self.kept.records.get_mut(slot as usize).expect("invariant: a stored slot exists")
    }

    /// The record of `id`, live or just ended; none once its slot is used again.
    #[inline]
    pub(crate) fn find(&self, id: OrderId) -> Option<&Record> {
        let record = self.kept.records.get(id.slot() as usize)?;
        (record.id == id && id.slot() != 0).then_some(record)
    }

    pub(crate) fn text(&self, slot: u32) -> Option<&ClientOrderId> {
        self.kept.texts.get(slot as usize)?.as_ref()
    }

    /// What is open of a working order, shown or not.
    #[inline]
    pub(crate) fn left(&self, slot: u32) -> Qty {
        if self.at(slot).special { self.left_of_special(slot) } else { self.nodes.node(slot).qty }
    }

    #[cold]
    fn left_of_special(&self, slot: u32) -> Qty {
        let rests = self.nodes.rests(slot, self.at(slot).id);
        let shown = if rests { self.nodes.node(slot).qty } else { Qty::ZERO };
        Qty(shown.0.saturating_add(self.reserve_of(slot).0))
    }

    #[inline]
    pub(crate) fn prefetch(&self, slot: u32) {
        crate::book::prefetch(&self.kept.records, slot as usize);
        self.nodes.prefetch(slot);
    }
}
