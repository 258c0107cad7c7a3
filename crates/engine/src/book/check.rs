//! The book's own auditor, for tests and the simulator: every link, bitmap, total, cache entry and the price
//! order, recomputed from scratch. It returns what is wrong in words and changes nothing.

use super::ladder::Top;
use super::page::{NIL, PAGE_BITS, level_index, rank_of};
use super::{Book, Nodes};

fn ensure(holds: bool, said: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(said()) }
}

impl Book {
    /// # Errors
    /// The first contradiction found.
    pub fn check(&self, nodes: &Nodes) -> Result<(), String> {
        let mut orders = 0u32;
        for (which, (top, ladder)) in (0u8..).zip(self.tops.iter().zip(&self.ladders)) {
            let mut best = Top::NONE;
            let mut prev = NIL;
            let (mut empty, mut kept) = (0u32, 0u32);
            for (key, &page) in &ladder.pages {
                let header = nodes.pages.page(page);
                ensure(header.key == *key, || {
                    format!("page {page} has key {} in place of {key}", header.key)
                })?;
                ensure(*key == rank_of(*key, 0) >> PAGE_BITS, || format!("page key {key} is no rank"))?;
                ensure(header.ladder == which, || {
                    format!("page {page} is of ladder {}, not {which}", header.ladder)
                })?;
                ensure(header.prev == prev, || {
                    format!("page {page} follows {} in place of {prev}", header.prev)
                })?;
                ensure(prev == NIL || nodes.pages.page(prev).next == page, || {
                    format!("page {prev} misses {page}")
                })?;
                if best.level == NIL && header.bits != 0 {
                    let bit = header.bits.trailing_zeros();
                    best = Top { rank: rank_of(*key, bit), level: level_index(page, bit) };
                }
                empty = empty.saturating_add(u32::from(header.bits == 0));
                kept = kept.saturating_add(u32::from(header.kept));
                ensure(header.bits != 0 || header.kept, || format!("page {page} is empty and forgotten"))?;
                orders = orders.saturating_add(check_levels(nodes, page, header.bits)?);
                prev = page;
            }
            ensure(prev == NIL || nodes.pages.page(prev).next == NIL, || {
                format!("page {prev} is not the last")
            })?;
            ensure(top.level == best.level && top.rank == best.rank, || {
                format!("ladder {which}: {top:?}, not {best:?}")
            })?;
            ladder.check(&nodes.pages, kept)?;
        }
        ensure(orders == self.orders, || format!("{orders} orders, {} counted", self.orders))?;
        Ok(())
    }
}

/// Counts the orders of a page.
fn check_levels(nodes: &Nodes, page: u32, bits: u32) -> Result<u32, String> {
    let mut orders = 0u32;
    for bit in 0..u32::BITS {
        let index = level_index(page, bit);
        let level = nodes.pages.level(index);
        let occupied = bits & (1 << bit) != 0;
        ensure(occupied == (level.head != NIL), || {
            format!("level {index}: bit {occupied}, head {}", level.head)
        })?;
        ensure(occupied || (level.tail == NIL && level.qty == 0), || {
            format!("level {index} is empty but has {level:?}")
        })?;
        let (mut slot, mut prev, mut total) = (level.head, NIL, 0i64);
        while slot != NIL {
            let node = nodes.node(slot);
            ensure(node.level == index, || format!("slot {slot} says level {}, not {index}", node.level))?;
            ensure(node.prev == prev, || format!("slot {slot} follows {} in place of {prev}", node.prev))?;
            ensure(node.qty.0 > 0, || format!("slot {slot} rests with {}", node.qty.0))?;
            total = total.checked_add(node.qty.0).ok_or("a level's total overflows")?;
            orders = orders.saturating_add(1);
            ensure(orders as usize <= nodes.nodes.len(), || format!("level {index} runs in a circle"))?;
            (prev, slot) = (slot, node.next);
        }
        ensure(prev == level.tail, || format!("level {index} ends at {prev}, not {}", level.tail))?;
        ensure(total == level.qty, || format!("level {index} holds {total}, not {}", level.qty))?;
    }
    Ok(orders)
}
