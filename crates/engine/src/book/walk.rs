//! Reading a book: its levels from best to worst, and its orders in the order they would trade.
//! A walk borrows the book and allocates nothing.

use super::ladder::{Top, best_from};
use super::page::{NIL, flag_of, level_index, page_of, rank_of};
use super::{Book, Nodes, ladder_of, mask};
use model::{Price, Qty, Side};

/// One price of a side, visible or hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    pub price: Price,
    pub qty: Qty,
    /// The first order of the queue.
    pub head: u32,
}

/// The levels of a ladder, best first.
#[derive(Clone, Debug)]
pub struct Levels<'a> {
    nodes: &'a Nodes,
    at: Top,
    mask: i64,
}

impl Levels<'_> {
    /// The level after `level` in its ladder.
    fn after(&self, level: u32) -> Top {
        let page = page_of(level);
        let header = self.nodes.pages.page(page);
        let above = header.bits & !(flag_of(level) | flag_of(level).wrapping_sub(1));
        if above == 0 {
            return best_from(&self.nodes.pages, header.next);
        }
        let bit = above.trailing_zeros();
        Top { rank: rank_of(header.key, bit), level: level_index(page, bit) }
    }
}

impl Iterator for Levels<'_> {
    type Item = Depth;

    fn next(&mut self) -> Option<Depth> {
        if self.at.level == NIL {
            return None;
        }
        let level = self.nodes.pages.level(self.at.level);
        let depth = Depth { price: Price(self.at.rank ^ self.mask), qty: Qty(level.qty), head: level.head };
        self.at = self.after(self.at.level);
        Some(depth)
    }
}

/// The slots of a side in the order they would trade: by price, then lit before dark, then time.
#[derive(Clone, Debug)]
pub struct Orders<'a> {
    lit: Levels<'a>,
    dark: Levels<'a>,
    /// The next order of the level being read.
    slot: u32,
}

impl Iterator for Orders<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.slot == NIL {
            let (lit, dark) = (self.lit.at, self.dark.at);
            let visible = dark.level == NIL || (lit.level != NIL && lit.rank <= dark.rank);
            let levels = if visible { &mut self.lit } else { &mut self.dark };
            self.slot = levels.next()?.head;
        }
        let slot = self.slot;
        self.slot = self.lit.nodes.node(slot).next;
        Some(slot)
    }
}

impl Book {
    #[must_use]
    pub fn levels<'a>(&self, nodes: &'a Nodes, side: Side, visible: bool) -> Levels<'a> {
        Levels { nodes, at: self.top(ladder_of(side, visible)), mask: mask(side) }
    }

    #[must_use]
    pub fn orders<'a>(&self, nodes: &'a Nodes, side: Side) -> Orders<'a> {
        let (lit, dark) = (self.levels(nodes, side, true), self.levels(nodes, side, false));
        Orders { lit, dark, slot: NIL }
    }
}
