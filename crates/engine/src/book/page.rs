//! Pages of 32 neighbouring prices, pooled for all books. A page's header (whose it is, which prices are
//! occupied, its neighbours) stands apart from its levels, so that walking over prices touches 32 bytes a page.
//! A level's index is its page's index and five bits of price; index 0 of either means "none".
//! A page in the free list has no occupied level and all its levels are zero.

use super::at::{at, at_mut};
use super::prefetch::prefetch;

/// No slot, no level, no page.
pub(super) const NIL: u32 = 0;
/// Prices in a page, as a power of two.
pub(super) const PAGE_BITS: u32 = 5;
const LEVELS: usize = 1 << PAGE_BITS;
/// The bits of a rank or a level that say where in a page.
const LOW: u32 = (1 << PAGE_BITS) - 1;
/// No rank has this page key: ranks are 64 bits and keys 59.
const NO_KEY: i64 = i64::MAX;

/// The orders at one price, a queue through the nodes.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Level {
    pub head: u32,
    pub tail: u32,
    pub qty: i64,
}

#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub(super) struct Page {
    /// The ranks of its levels, without their last five bits.
    pub key: i64,
    /// Which of its levels hold orders.
    pub bits: u32,
    /// Neighbours in rank order within the ladder.
    pub prev: u32,
    pub next: u32,
    /// Which ladder of its book it belongs to.
    pub ladder: u8,
    /// Whether the ladder remembers it as recently emptied.
    pub kept: bool,
}

const FREE: Page = Page { key: NO_KEY, bits: 0, prev: NIL, next: NIL, ladder: 0, kept: false };

#[derive(Debug)]
pub(super) struct Pages {
    pages: Vec<Page>,
    levels: Vec<Level>,
    /// Head of the free list, linked by `next`.
    free: u32,
}

impl Pages {
    pub fn new() -> Self {
        let mut pages = Self { pages: Vec::new(), levels: Vec::new(), free: NIL };
        pages.grow();
        pages
    }

    #[inline(always)]
    pub fn page(&self, page: u32) -> &Page {
        at(&self.pages, page)
    }

    #[inline(always)]
    pub fn page_mut(&mut self, page: u32) -> &mut Page {
        at_mut(&mut self.pages, page)
    }

    #[inline(always)]
    pub fn level(&self, level: u32) -> &Level {
        at(&self.levels, level)
    }

    #[inline(always)]
    pub fn level_mut(&mut self, level: u32) -> &mut Level {
        at_mut(&mut self.levels, level)
    }

    #[inline(always)]
    pub fn prefetch_level(&self, level: u32) {
        prefetch(&self.levels, level as usize);
    }

    /// A page without orders, not yet linked to its neighbours.
    pub fn take(&mut self, key: i64, ladder: u8) -> u32 {
        let page = if self.free == NIL { self.grow() } else { self.free };
        let header = self.page_mut(page);
        let free = header.next;
        *header = Page { key, ladder, ..FREE };
        self.free = free;
        page
    }

    pub fn give_back(&mut self, page: u32) {
        let free = self.free;
        *self.page_mut(page) = Page { next: free, ..FREE };
        self.free = page;
    }

    /// Adds a page, by a quarter more room when there is none, so that memory follows need closely.
    fn grow(&mut self) -> u32 {
        let page = self.pages.len();
        if page == self.pages.capacity() {
            let more = (page / 4).saturating_add(8);
            self.pages.reserve_exact(more);
            self.levels.reserve_exact(more.saturating_mul(LEVELS));
        }
        self.pages.push(FREE);
        self.levels.resize(self.pages.len().saturating_mul(LEVELS), Level::default());
        let page = u32::try_from(page).expect("invariant: orders, and so pages, are fewer than 2^27");
        assert!(page < 1 << (32 - PAGE_BITS), "invariant: orders, and so pages, are fewer than 2^27");
        page
    }

    pub fn bytes(&self) -> usize {
        let pages = self.pages.capacity().saturating_mul(size_of::<Page>());
        pages.saturating_add(self.levels.capacity().saturating_mul(size_of::<Level>()))
    }
}

/// The place of a rank in its page.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "only the low bits are wanted")]
pub(super) fn bit_of(rank: i64) -> u32 {
    rank.cast_unsigned() as u32 & LOW
}

/// The bit of a level in its page's bitmap.
#[inline(always)]
pub(super) fn flag_of(level: u32) -> u32 {
    1 << (level & LOW)
}

#[inline(always)]
pub(super) fn level_index(page: u32, bit: u32) -> u32 {
    (page << PAGE_BITS) | bit
}

#[inline(always)]
pub(super) fn page_of(level: u32) -> u32 {
    level >> PAGE_BITS
}

#[inline(always)]
pub(super) fn rank_of(key: i64, bit: u32) -> i64 {
    (key << PAGE_BITS) | i64::from(bit)
}
