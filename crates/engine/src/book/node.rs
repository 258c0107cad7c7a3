//! The resting orders of all books: what matching reads of an order, 32 bytes each, two to a cache line.
//! Slots are handed out by the engine; a node stands at the same slot as the engine's own record of the order.
//! Slot 0 is never an order: it ends every queue, and takes the writes that fall off a queue's end.

use super::at::{at, at_mut};
use super::page::{NIL, Pages};
use model::{AccountId, OrderId, Qty};

/// What the book keeps of a resting order.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub struct Node {
    pub(super) next: u32,
    pub(super) prev: u32,
    /// The level it stands in; `NIL` when it does not rest.
    pub(super) level: u32,
    pub owner: AccountId,
    pub id: OrderId,
    /// What is left of it.
    pub qty: Qty,
}

const VACANT: Node =
    Node { next: NIL, prev: NIL, level: NIL, owner: AccountId(0), id: OrderId(0), qty: Qty::ZERO };

/// The arena shared by all books of an engine: nodes by slot, and the pages of the ladders.
#[derive(Debug)]
pub struct Nodes {
    pub(super) nodes: Vec<Node>,
    pub(super) pages: Pages,
}

impl Nodes {
    /// Slots lie in `1..SLOTS_MAX`.
    pub const SLOTS_MAX: u32 = 1 << OrderId::SLOT_BITS;
    /// The most an order may rest with: the total of a level cannot overflow even if every slot stands in it.
    pub const QTY_MAX: Qty = Qty(i64::MAX >> OrderId::SLOT_BITS);

    #[must_use]
    pub fn new() -> Self {
        Self { nodes: vec![VACANT], pages: Pages::new() }
    }

    /// Makes room for `slot`. Grows by a quarter, so that memory follows need closely.
    #[inline]
    pub fn ensure(&mut self, slot: u32) {
        if slot as usize >= self.nodes.len() {
            self.grow(slot);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, slot: u32) {
        assert!(slot < Self::SLOTS_MAX, "invariant: slots lie below 2^24");
        let need = (slot as usize).saturating_add(1);
        if need > self.nodes.capacity() {
            let more = (self.nodes.len() / 4).saturating_add(64);
            let more = more.max(need.saturating_sub(self.nodes.len()));
            self.nodes.reserve_exact(more);
        }
        self.nodes.resize(need, VACANT);
    }

    /// The order in `slot`; its content means something only while it rests.
    #[inline(always)]
    #[must_use]
    pub fn node(&self, slot: u32) -> &Node {
        at(&self.nodes, slot)
    }

    #[inline(always)]
    pub(super) fn node_mut(&mut self, slot: u32) -> &mut Node {
        at_mut(&mut self.nodes, slot)
    }

    /// Whether the order `id` rests in `slot`, in whichever book.
    #[inline]
    #[must_use]
    pub fn rests(&self, slot: u32, id: OrderId) -> bool {
        self.nodes.get(slot as usize).is_some_and(|node| node.id == id && node.level != NIL)
    }

    /// Memory held, spare room included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.nodes.capacity().saturating_mul(size_of::<Node>()).saturating_add(self.pages.bytes())
    }
}

impl Default for Nodes {
    fn default() -> Self {
        Self::new()
    }
}
