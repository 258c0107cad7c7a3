//! The prices of one side of a book, as pages in order. It works on *ranks*: a sell's rank is its price, a buy's
//! the bitwise complement, so the best rank is always the lowest and the code has no sides.
//! A page is found through a small direct-mapped cache of page numbers, else through the ordered map, which changes
//! only when a page comes or goes. Any `i64` is a valid rank, however far from the others.

use super::at::{at, at_mut};
use super::page::{NIL, PAGE_BITS, Pages, bit_of, level_index, rank_of};
use std::collections::BTreeMap;

/// Entries of the cache: 32 pages are 1,024 neighbouring prices.
const RECENT: usize = 32;
const LAST_RECENT: u64 = 31;
/// Emptied pages that keep their place, so that orders coming and going at one price do not touch the map.
const KEPT: usize = 4;
const LAST_KEPT: u32 = 3;

/// The best level of a ladder. The tops of a book's ladders share one cache line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Top {
    /// `i64::MAX` when there is none; a level may have this rank too, so `level` decides.
    pub rank: i64,
    pub level: u32,
}

impl Top {
    pub const NONE: Self = Self { rank: i64::MAX, level: NIL };
}

#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Ladder {
    recent: [u32; RECENT],
    /// The pages emptied last, in turn; a page stands here at most once (`Page::kept`).
    kept: [u32; KEPT],
    turn: u32,
    pub pages: BTreeMap<i64, u32>,
}

impl Ladder {
    pub fn new() -> Self {
        Self { recent: [NIL; RECENT], kept: [NIL; KEPT], turn: 0, pages: BTreeMap::new() }
    }

    /// The level of `rank`, made if need be; `which` is the ladder's number in its book.
    #[inline(always)]
    pub fn level(&mut self, pages: &mut Pages, which: u8, rank: i64) -> u32 {
        let key = rank >> PAGE_BITS;
        let recent = *at(&self.recent, recent_slot(key));
        let page = if pages.page(recent).key == key { recent } else { self.locate(pages, which, key) };
        level_index(page, bit_of(rank))
    }

    /// The page that `rank` probably lies in.
    #[inline(always)]
    pub fn near(&self, rank: i64) -> u32 {
        *at(&self.recent, recent_slot(rank >> PAGE_BITS))
    }

    /// The level of `rank`, if its page exists.
    pub fn find(&self, pages: &Pages, rank: i64) -> Option<u32> {
        let key = rank >> PAGE_BITS;
        let recent = *at(&self.recent, recent_slot(key));
        let page = if pages.page(recent).key == key { recent } else { *self.pages.get(&key)? };
        Some(level_index(page, bit_of(rank)))
    }

    #[cold]
    #[inline(never)]
    fn locate(&mut self, pages: &mut Pages, which: u8, key: i64) -> u32 {
        let page = match self.pages.range(..=key).next_back() {
            Some((found, page)) if *found == key => *page,
            below => {
                let prev = below.map_or(NIL, |(_, page)| *page);
                self.insert(pages, which, key, prev)
            }
        };
        *at_mut(&mut self.recent, recent_slot(key)) = page;
        page
    }

    fn insert(&mut self, pages: &mut Pages, which: u8, key: i64, prev: u32) -> u32 {
        let next = match prev {
            NIL => self.pages.first_key_value().map_or(NIL, |(_, first)| *first),
            _ => pages.page(prev).next,
        };
        let page = pages.take(key, which);
        let header = pages.page_mut(page);
        header.prev = prev;
        header.next = next;
        if prev != NIL {
            pages.page_mut(prev).next = page;
        }
        if next != NIL {
            pages.page_mut(next).prev = page;
        }
        self.pages.insert(key, page);
        page
    }

    /// Takes note that `page` has no orders left: it stays for a while, and the one that waited longest goes.
    #[cold]
    #[inline(never)]
    pub fn emptied(&mut self, pages: &mut Pages, page: u32) {
        let header = pages.page_mut(page);
        if header.kept {
            return;
        }
        header.kept = true;
        let place = at_mut(&mut self.kept, self.turn & LAST_KEPT);
        let oldest = std::mem::replace(place, page);
        self.turn = self.turn.wrapping_add(1);
        if oldest != NIL {
            let header = pages.page_mut(oldest);
            header.kept = false;
            if header.bits == 0 {
                self.remove(pages, oldest);
            }
        }
    }

    fn remove(&mut self, pages: &mut Pages, page: u32) {
        let header = *pages.page(page);
        if header.prev != NIL {
            pages.page_mut(header.prev).next = header.next;
        }
        if header.next != NIL {
            pages.page_mut(header.next).prev = header.prev;
        }
        self.pages.remove(&header.key);
        let recent = at_mut(&mut self.recent, recent_slot(header.key));
        if *recent == page {
            *recent = NIL;
        }
        pages.give_back(page);
    }

    /// Memory held beside the struct itself: the map, at its usual fill of two thirds.
    pub fn bytes(&self) -> usize {
        self.pages.len().saturating_mul(size_of::<(i64, u32)>()).saturating_mul(3) / 2
    }
}

/// The best level in `page` or after it. At most `KEPT` empty pages lie between.
#[inline(always)]
pub(super) fn best_from(pages: &Pages, mut page: u32) -> Top {
    while page != NIL {
        let header = pages.page(page);
        if header.bits != 0 {
            let bit = header.bits.trailing_zeros();
            return Top { rank: rank_of(header.key, bit), level: level_index(page, bit) };
        }
        page = header.next;
    }
    Top::NONE
}

#[inline(always)]
fn recent_slot(key: i64) -> u32 {
    (key.cast_unsigned() & LAST_RECENT) as u32
}

impl Ladder {
    /// The cache and the list of emptied pages hold only pages of this ladder.
    pub fn check(&self, pages: &Pages, kept: u32) -> Result<(), String> {
        for &page in self.recent.iter().filter(|page| **page != NIL) {
            let key = pages.page(page).key;
            if self.pages.get(&key) != Some(&page) {
                return Err(format!("the cache holds page {page}, which is not in the ladder"));
            }
        }
        let listed = self.kept.iter().filter(|page| **page != NIL && pages.page(**page).kept).count();
        if listed != kept as usize || self.kept.iter().any(|p| *p != NIL && !pages.page(*p).kept) {
            return Err(format!("{listed} emptied pages are listed, {kept} are marked"));
        }
        Ok(())
    }
}
