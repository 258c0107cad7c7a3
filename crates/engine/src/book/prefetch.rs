//! Asking memory for what the commands further down a batch will touch. Over many instruments nearly every order
//! stands in a cold cache line, and the book spends most of its time waiting for lines it could have named earlier.
//! Hints only: none changes anything or depends on the order still being there; wrong ones cost a line of cache.

use super::at::at;
use super::page::{bit_of, level_index};
use super::{Book, Nodes, ladder_of, mask};
use model::{Price, Side};

/// Asks for the cache line of an element; for arrays that stand beside the arena, too. There is no branch on
/// `index`: guessing it wrong would cost more than the wait. An index out of range asks for nothing of use.
#[inline(always)]
pub fn prefetch<T>(items: &[T], index: usize) {
    ask(items.as_ptr().wrapping_add(index).cast());
}

/// Asks for every line of an element that is several lines long.
#[inline]
pub fn prefetch_all<T>(items: &[T], index: usize) {
    const LINE: usize = 64;
    let item = items.as_ptr().wrapping_add(index).cast::<u8>();
    (0..size_of::<T>()).step_by(LINE).for_each(|at| ask(item.wrapping_add(at)));
}

#[inline(always)]
fn ask(address: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        #[expect(
            unsafe_code,
            reason = "a prefetch has no safe form in stable Rust; it reads and writes nothing"
        )]
        // SAFETY: SSE is part of x86-64, and a prefetch may be given any address.
        unsafe {
            use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(address.cast());
        }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = address;
}

impl Nodes {
    /// An order that will be cancelled, changed or filled.
    #[inline(always)]
    pub fn prefetch(&self, slot: u32) {
        prefetch(&self.nodes, slot as usize);
    }

    /// What taking that order out touches: its level and its neighbours. Reads the node; ask for that earlier.
    #[inline(always)]
    pub fn prefetch_around(&self, slot: u32) {
        if let Some(node) = self.nodes.get(slot as usize) {
            self.pages.prefetch_level(node.level);
            self.prefetch(node.prev);
            self.prefetch(node.next);
        }
    }
}

impl Book {
    /// The level that an order at this price would join, if its page is at hand.
    #[inline(always)]
    pub fn prefetch_level(&self, nodes: &Nodes, side: Side, price: Price) {
        nodes.pages.prefetch_level(self.near(side, price));
    }

    /// The order it would stand behind. Reads the level; ask for that earlier.
    #[inline(always)]
    pub fn prefetch_tail(&self, nodes: &Nodes, side: Side, price: Price) {
        nodes.prefetch(nodes.pages.level(self.near(side, price)).tail);
    }

    /// The first orders of a side.
    #[inline(always)]
    pub fn prefetch_front(&self, nodes: &Nodes, side: Side) {
        nodes.prefetch(nodes.pages.level(self.top(ladder_of(side, true)).level).head);
    }

    /// The level of a visible price by the cache alone, unchecked: some other level when its page is not there.
    #[inline(always)]
    fn near(&self, side: Side, price: Price) -> u32 {
        let rank = price.0 ^ mask(side);
        let page = at(&self.ladders, u32::from(ladder_of(side, true))).near(rank);
        level_index(page, bit_of(rank))
    }
}
