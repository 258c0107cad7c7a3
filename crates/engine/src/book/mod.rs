//! The book of one instrument: who rests where, in price-time order. A pure structure with primitives; what an
//! order *means* (time in force, icebergs, self-trade prevention) is decided by the engine's loop over them.
//! Each side has a lit ladder and a dark one for hidden orders: at a price the lit queue comes first.
//! Sides never look at each other, so an auction may hold a crossed book.
//! Absent: prices out of range, allocation in the steady state, hash maps, recursion.

mod at;
mod check;
mod ladder;
mod node;
mod page;
mod prefetch;
mod walk;

pub use node::{Node, Nodes};
pub use prefetch::{prefetch, prefetch_all};
pub use walk::{Depth, Levels, Orders};

use at::{at, at_mut};
use ladder::{Ladder, Top, best_from};
use model::{AccountId, OrderId, Price, Qty, Side};
use page::{NIL, flag_of, page_of};

/// An order that is to rest.
#[derive(Clone, Copy, Debug)]
pub struct Resting {
    pub slot: u32,
    pub side: Side,
    /// Hidden orders stand behind all visible ones of their price.
    pub visible: bool,
    pub price: Price,
    pub id: OrderId,
    pub owner: AccountId,
    pub qty: Qty,
}

/// The order that trades first on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Front {
    pub slot: u32,
    pub price: Price,
    pub visible: bool,
    level: u32,
    ladder: u8,
}

/// See the module. All its methods take the arena that the book was filled with; a slot must rest in this book.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Book {
    tops: [Top; 4],
    ladders: [Ladder; 4],
    orders: u32,
}

impl Book {
    #[must_use]
    pub fn new() -> Self {
        Self { tops: [Top::NONE; 4], ladders: std::array::from_fn(|_| Ladder::new()), orders: 0 }
    }

    /// The order that trades next on `side`, hidden ones included.
    #[inline(always)]
    #[must_use]
    pub fn front(&self, nodes: &Nodes, side: Side) -> Option<Front> {
        let lit = self.top(ladder_of(side, true));
        let dark = self.top(ladder_of(side, false));
        let visible = dark.level == NIL || (lit.level != NIL && lit.rank <= dark.rank);
        let top = if visible { lit } else { dark };
        if top.level == NIL {
            return None;
        }
        let slot = nodes.pages.level(top.level).head;
        let price = Price(top.rank ^ mask(side));
        Some(Front { slot, price, visible, level: top.level, ladder: ladder_of(side, visible) })
    }

    /// The best displayed price of `side`.
    #[inline]
    #[must_use]
    pub fn best_price(&self, side: Side) -> Option<Price> {
        let top = self.top(ladder_of(side, true));
        (top.level != NIL).then_some(Price(top.rank ^ mask(side)))
    }

    /// The best price of `side`, hidden orders included.
    #[inline]
    #[must_use]
    pub fn best_any(&self, side: Side) -> Option<Price> {
        let lit = self.top(ladder_of(side, true));
        let dark = self.top(ladder_of(side, false));
        let any = (lit.level | dark.level) != NIL;
        any.then_some(Price(lit.rank.min(dark.rank) ^ mask(side)))
    }

    /// Puts an order at the back of the queue of its price.
    #[inline(always)]
    pub fn rest(&mut self, nodes: &mut Nodes, order: &Resting) {
        debug_assert!(order.slot != NIL && order.qty > Qty::ZERO && order.qty <= Nodes::QTY_MAX);
        nodes.ensure(order.slot);
        let which = ladder_of(order.side, order.visible);
        let rank = order.price.0 ^ mask(order.side);
        let index = at_mut(&mut self.ladders, u32::from(which)).level(&mut nodes.pages, which, rank);
        let level = nodes.pages.level_mut(index);
        let tail = level.tail;
        level.tail = order.slot;
        level.qty = level.qty.wrapping_add(order.qty.0);
        if tail == NIL {
            level.head = order.slot;
            self.occupied(nodes, which, rank, index);
        }
        nodes.node_mut(tail).next = order.slot;
        let node = nodes.node_mut(order.slot);
        debug_assert!(node.level == NIL, "the slot already rests");
        *node =
            Node { next: NIL, prev: tail, level: index, owner: order.owner, id: order.id, qty: order.qty };
        self.orders = self.orders.wrapping_add(1);
    }

    #[inline(always)]
    fn occupied(&mut self, nodes: &mut Nodes, which: u8, rank: i64, level: u32) {
        nodes.pages.page_mut(page_of(level)).bits |= flag_of(level);
        let top = self.top_mut(which);
        if rank < top.rank || top.level == NIL {
            *top = Top { rank, level };
        }
    }

    /// Takes `qty` from the order; true when nothing is left, and then it rests no more.
    #[inline]
    pub fn fill(&mut self, nodes: &mut Nodes, slot: u32, qty: Qty) -> bool {
        let node = nodes.node_mut(slot);
        debug_assert!(node.level != NIL && qty > Qty::ZERO && qty <= node.qty);
        if qty == node.qty {
            self.remove(nodes, slot);
            return true;
        }
        self.decrease(nodes, slot, Qty(nodes.node(slot).qty.0.wrapping_sub(qty.0)));
        false
    }

    /// [`Book::fill`] for the order that [`Book::front`] just gave.
    #[inline(always)]
    pub fn fill_front(&mut self, nodes: &mut Nodes, front: &Front, qty: Qty) -> bool {
        let node = at_mut(&mut nodes.nodes, front.slot);
        debug_assert!(node.level == front.level && node.prev == NIL && qty > Qty::ZERO && qty <= node.qty);
        node.qty.0 = node.qty.0.wrapping_sub(qty.0);
        let left = node.qty.0;
        let next = node.next;
        let level = nodes.pages.level_mut(front.level);
        level.qty = level.qty.wrapping_sub(qty.0);
        if left != 0 {
            return false;
        }
        level.head = next;
        node.level = NIL;
        self.orders = self.orders.wrapping_sub(1);
        if next == NIL {
            level.tail = NIL;
            self.vacated(nodes, front.ladder, front.level);
        } else {
            nodes.node_mut(next).prev = NIL;
        }
        true
    }

    /// Lowers what is left of the order to `qty`, above zero; it keeps its place.
    #[inline]
    pub fn decrease(&mut self, nodes: &mut Nodes, slot: u32, qty: Qty) {
        let node = at_mut(&mut nodes.nodes, slot);
        debug_assert!(node.level != NIL && qty > Qty::ZERO && qty <= node.qty);
        let less = node.qty.0.wrapping_sub(qty.0);
        node.qty = qty;
        let level = nodes.pages.level_mut(node.level);
        level.qty = level.qty.wrapping_sub(less);
    }

    /// Takes the order out, wherever it stands in its queue.
    #[inline(always)]
    pub fn remove(&mut self, nodes: &mut Nodes, slot: u32) {
        let node = nodes.node_mut(slot);
        let Node { next, prev, level: index, qty, .. } = *node;
        debug_assert!(index != NIL, "the slot does not rest");
        node.level = NIL;
        nodes.node_mut(prev).next = next;
        nodes.node_mut(next).prev = prev;
        let level = nodes.pages.level_mut(index);
        level.qty = level.qty.wrapping_sub(qty.0);
        level.head = if prev == NIL { next } else { level.head };
        level.tail = if next == NIL { prev } else { level.tail };
        self.orders = self.orders.wrapping_sub(1);
        if level.head == NIL {
            let ladder = nodes.pages.page(page_of(index)).ladder;
            self.vacated(nodes, ladder, index);
        }
    }

    /// The last order of `level` has gone.
    #[inline(always)]
    fn vacated(&mut self, nodes: &mut Nodes, which: u8, level: u32) {
        let page = page_of(level);
        let header = nodes.pages.page_mut(page);
        header.bits &= !flag_of(level);
        let bits = header.bits;
        let top = self.top_mut(which);
        if top.level == level {
            *top = best_from(&nodes.pages, page);
        }
        if bits == 0 {
            at_mut(&mut self.ladders, u32::from(which)).emptied(&mut nodes.pages, page);
        }
    }

    /// The quantity at one price, visible or hidden.
    #[must_use]
    pub fn qty_at(&self, nodes: &Nodes, side: Side, visible: bool, price: Price) -> Qty {
        let ladder = at(&self.ladders, u32::from(ladder_of(side, visible)));
        let level = ladder.find(&nodes.pages, price.0 ^ mask(side));
        level.map_or(Qty::ZERO, |level| Qty(nodes.pages.level(level).qty))
    }

    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.orders == 0
    }

    #[inline]
    #[must_use]
    pub fn order_count(&self) -> u32 {
        self.orders
    }

    /// Memory held beside the arena.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.ladders.iter().fold(size_of::<Self>(), |sum, ladder| sum.saturating_add(ladder.bytes()))
    }

    #[inline(always)]
    fn top(&self, which: u8) -> Top {
        *at(&self.tops, u32::from(which))
    }

    #[inline(always)]
    fn top_mut(&mut self, which: u8) -> &mut Top {
        at_mut(&mut self.tops, u32::from(which))
    }
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

/// Buy lit, buy dark, sell lit, sell dark.
#[inline(always)]
fn ladder_of(side: Side, visible: bool) -> u8 {
    ((side as u8) << 1) | u8::from(!visible)
}

/// Price to rank and back, by exclusive or.
#[inline(always)]
fn mask(side: Side) -> i64 {
    match side {
        Side::Buy => -1,
        Side::Sell => 0,
    }
}
