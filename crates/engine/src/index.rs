//! Where things are: an open-addressing index from a 64-bit hash to a `u32`, eight bytes a cell.
//! The caller verifies a hit against the thing itself, so a cell keeps only half of the hash. Its place follows
//! from that half alone and grows with it, so growing the table is one pass in order.
//! Never iterated: what it holds can be rebuilt from the slab it points into.

const EMPTY: u32 = u32::MAX;
const CELLS_MIN: usize = 64;

#[derive(Clone, Copy, Debug)]
struct Cell {
    print: u32,
    value: u32,
}

const VACANT: Cell = Cell { print: 0, value: EMPTY };

#[derive(Debug)]
pub(crate) struct Index {
    cells: Vec<Cell>,
    len: usize,
}

impl Index {
    pub(crate) fn new() -> Self {
        Self { cells: vec![VACANT; CELLS_MIN], len: 0 }
    }

    /// Makes room for `count` values at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        while count.saturating_mul(8) >= self.cells.len().saturating_mul(5) {
            self.grow();
        }
    }

    /// The value under `hash` for which `is` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let print = print_of(hash);
        let mut at = self.home(print);
        loop {
            let cell = self.cell(at);
            if cell.value == EMPTY {
                return None;
            }
            if cell.print == print && is(cell.value) {
                return Some(cell.value);
            }
            at = self.after(at);
        }
    }

    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, value: u32) {
        if self.len.saturating_mul(8) >= self.cells.len().saturating_mul(5) {
            self.grow();
        }
        self.len = self.len.saturating_add(1);
        self.put(Cell { print: print_of(hash), value });
    }

    /// Takes `value` out; the cells behind it move up, so that no gap hides them.
    pub(crate) fn remove(&mut self, hash: u64, value: u32) {
        let mut at = self.home(print_of(hash));
        while self.cell(at).value != value {
            if self.cell(at).value == EMPTY {
                return;
            }
            at = self.after(at);
        }
        self.len = self.len.saturating_sub(1);
        let mut gap = at;
        loop {
            at = self.after(at);
            let cell = self.cell(at);
            if cell.value == EMPTY {
                break;
            }
            let home = self.home(cell.print);
            if self.distance(home, at) >= self.distance(gap, at) {
                self.set(gap, cell);
                gap = at;
            }
        }
        self.set(gap, VACANT);
    }

    /// Asks for the line that `find(hash)` will read first.
    #[inline]
    pub(crate) fn prefetch(&self, hash: u64) {
        crate::book::prefetch(&self.cells, self.home(print_of(hash)));
    }

    fn put(&mut self, cell: Cell) {
        let mut at = self.home(cell.print);
        while self.cell(at).value != EMPTY {
            at = self.after(at);
        }
        self.set(at, cell);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let bigger = vec![VACANT; self.cells.len().saturating_mul(2)];
        let old = std::mem::replace(&mut self.cells, bigger);
        old.into_iter().filter(|cell| cell.value != EMPTY).for_each(|cell| self.put(cell));
    }

    /// The lengths are powers of two of at most 2^32, so the product's high half is a place.
    #[inline]
    fn home(&self, print: u32) -> usize {
        let place = u64::from(print).wrapping_mul(self.cells.len() as u64) >> 32;
        place as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.cells.len().wrapping_sub(1)
    }

    #[inline]
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.cells.len().wrapping_sub(1)
    }

    #[inline]
    fn cell(&self, at: usize) -> Cell {
        self.cells.get(at).copied().unwrap_or(VACANT)
    }

    #[inline]
    fn set(&mut self, at: usize, cell: Cell) {
        if let Some(place) = self.cells.get_mut(at) {
            *place = cell;
        }
    }
}

#[inline]
fn print_of(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Spreads two small numbers over 64 bits. Two rounds: after one, numbers in a row still land in clusters.
#[inline]
pub(crate) fn hash_pair(a: u32, b: u32) -> u64 {
    let key = (u64::from(a) << 32) | u64::from(b);
    let once = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (once ^ (once >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Folded multiplication: every input bit reaches every output bit.
#[inline]
pub(crate) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0xA076_1D64_78BD_642F).wrapping_mul(u128::from(b ^ 0xE703_7ED1_A0B4_28DB));
    let (high, low) = halves(product);
    high ^ low
}

/// The high and the low half.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves are what is asked for")]
pub(crate) fn halves(wide: u128) -> (u64, u64) {
    ((wide >> 64) as u64, wide as u64)
}

/// The place of the next item in a slab of this length.
#[inline]
pub(crate) fn place(len: usize) -> u32 {
    u32::try_from(len).expect("invariant: slabs are bounded below 2^32")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Books and instruments are numbered in a row, and their pairs must still spread: a lookup looks at few cells.
    #[test]
    fn pairs_of_numbers_in_a_row_do_not_cluster() {
        for (books, instruments) in [(1000, 1), (1, 1000), (400, 100), (100_000, 1)] {
            let mut index = Index::new();
            let pairs = (0..books).flat_map(|book| (0..instruments).map(move |of| (book, of)));
            let pairs: Vec<(u32, u32)> = pairs.collect();
            (0u32..).zip(&pairs).for_each(|(at, pair)| index.insert(hash_pair(pair.0, pair.1), at));
            let mut more = 0;
            for (at, pair) in (0u32..).zip(&pairs) {
                let hash = hash_pair(pair.0, pair.1);
                let mut cell = index.home(print_of(hash));
                while index.cell(cell).value != at {
                    more += 1;
                    cell = index.after(cell);
                }
            }
            let extra = f64::from(more) / f64::from(books * instruments);
            assert!(extra < 1.0, "{extra} cells too many in {books} x {instruments}");
        }
    }

    #[test]
    fn holds_what_was_put_through_growth_and_removal() {
        let mut index = Index::new();
        let mut held = std::collections::BTreeMap::new();
        let mut state = 7u64;
        for step in 0..200_000u32 {
            state = mix(state, 0x1234_5678_9ABC_DEF1);
            let key = (state % 3000) as u32;
            let hash = hash_pair(key, 5);
            let found = index.find(hash, |value| held.get(&key) == Some(&value));
            assert_eq!(found, held.get(&key).copied(), "step {step}");
            match found {
                Some(value) => {
                    index.remove(hash, value);
                    held.remove(&key);
                }
                None => {
                    index.insert(hash, step);
                    held.insert(key, step);
                }
            }
        }
        assert_eq!(index.len, held.len());
    }
}
