//! Where things are: an open-addressing index from a 64-bit hash to a `u32`, eight bytes a cell.
//! The caller verifies a hit against the thing itself, so a cell keeps only half of the hash. Its place follows
//! from that half alone and grows with it.
//! It grows a little at a time: beside the new table the old one stays, and each value put in moves some of it, so
//! that no command pays for all of it. Never iterated: what it holds can be rebuilt from the slab it points into.

/// Half of a hash, and the value with one added. A table of these that holds nothing is memory as it comes.
type Cell = u64;

const VACANT: Cell = 0;
/// In the old table: it has moved. No value is that large.
const MOVED: Cell = u32::MAX as u64;
const CELLS_MIN: usize = 64;
/// Cells of the old table that a value put in moves: it is empty long before the new one is full.
const MOVES: usize = 16;

#[derive(Debug)]
pub(crate) struct Index {
    table: Table,
    /// From before it grew; those up to a place have moved.
    old: Table,
    moved: usize,
    len: usize,
}

#[derive(Debug)]
struct Table(Vec<Cell>);

#[inline]
fn cell_of(print: u32, value: u32) -> Cell {
    (u64::from(print) << 32) | u64::from(value.wrapping_add(1))
}

#[inline]
fn print_in(cell: Cell) -> u32 {
    (cell >> 32) as u32
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
fn value_in(cell: Cell) -> u32 {
    (cell as u32).wrapping_sub(1)
}

impl Index {
    pub(crate) fn new() -> Self {
        Self { table: Table(vec![VACANT; CELLS_MIN]), old: Table(Vec::new()), moved: 0, len: 0 }
    }

    /// Makes room for `count` values at once.
    pub(crate) fn reserve(&mut self, count: usize) {
        while count.saturating_mul(8) >= self.table.0.len().saturating_mul(5) {
            self.grow();
            self.move_on(usize::MAX);
        }
    }

    /// The value under `hash` for which `is` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let print = print_of(hash);
        let found = self.table.find(print, &is);
        if found.is_none() && !self.old.0.is_empty() { self.old.find(print, &is) } else { found }
    }

    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, value: u32) {
        if self.len.saturating_mul(8) >= self.table.0.len().saturating_mul(5) {
            self.grow();
        }
        if !self.old.0.is_empty() {
            self.move_on(MOVES);
        }
        self.len = self.len.saturating_add(1);
        self.table.put(cell_of(print_of(hash), value));
    }

    pub(crate) fn remove(&mut self, hash: u64, value: u32) {
        let cell = cell_of(print_of(hash), value);
        let gone = match self.table.place_of(cell) {
            Some(at) => {
                self.table.take_out(at);
                true
            }
            // What stands behind it there stays where it is, and is found past it.
            None => self.old.place_of(cell).map(|at| self.old.set(at, MOVED)).is_some(),
        };
        self.len = self.len.saturating_sub(usize::from(gone));
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        // Whoever makes room may come while some of it still has to move.
        self.move_on(usize::MAX);
        let bigger = Table(vec![VACANT; self.table.0.len().saturating_mul(2)]);
        (self.old, self.moved) = (std::mem::replace(&mut self.table, bigger), 0);
    }

    /// Moves so many cells of the old table.
    fn move_on(&mut self, cells: usize) {
        let until = self.moved.saturating_add(cells).min(self.old.0.len());
        for at in self.moved..until {
            let cell = self.old.cell(at);
            if cell != VACANT && cell != MOVED {
                self.table.put(cell);
                self.old.set(at, MOVED);
            }
        }
        self.moved = until;
        if until == self.old.0.len() {
            self.old = Table(Vec::new());
        }
    }

    /// Asks for the line that `find(hash)` will read first.
    #[inline]
    pub(crate) fn prefetch(&self, hash: u64) {
        crate::book::prefetch(&self.table.0, self.table.home(print_of(hash)));
    }
}

impl Table {
    #[inline]
    fn find(&self, print: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mut at = self.home(print);
        loop {
            let cell = self.cell(at);
            if cell == VACANT {
                return None;
            }
            if print_in(cell) == print && cell != MOVED && is(value_in(cell)) {
                return Some(value_in(cell));
            }
            at = self.after(at);
        }
    }

    /// Where a cell is.
    fn place_of(&self, wanted: Cell) -> Option<usize> {
        let mut at = self.home(print_in(wanted));
        loop {
            let cell = self.cell(at);
            if cell == wanted {
                return Some(at);
            }
            if cell == VACANT {
                return None;
            }
            at = self.after(at);
        }
    }

    /// Takes a cell out; those behind it move up, so that no gap hides them.
    fn take_out(&mut self, mut gap: usize) {
        let mut at = gap;
        loop {
            at = self.after(at);
            let cell = self.cell(at);
            if cell == VACANT {
                break;
            }
            let home = self.home(print_in(cell));
            if self.distance(home, at) >= self.distance(gap, at) {
                self.set(gap, cell);
                gap = at;
            }
        }
        self.set(gap, VACANT);
    }

    #[inline]
    fn put(&mut self, cell: Cell) {
        let mut at = self.home(print_in(cell));
        while self.cell(at) != VACANT {
            at = self.after(at);
        }
        self.set(at, cell);
    }

    /// The lengths are powers of two of at most 2^32, so the product's high half is a place.
    #[inline]
    fn home(&self, print: u32) -> usize {
        let place = u64::from(print).wrapping_mul(self.0.len() as u64) >> 32;
        place as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        at.wrapping_add(1) & self.0.len().wrapping_sub(1)
    }

    #[inline]
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.0.len().wrapping_sub(1)
    }

    #[inline]
    fn cell(&self, at: usize) -> Cell {
        self.0.get(at).copied().unwrap_or(VACANT)
    }

    #[inline]
    fn set(&mut self, at: usize, cell: Cell) {
        if let Some(place) = self.0.get_mut(at) {
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
                index.move_on(usize::MAX);
                let mut cell = index.table.home(print_of(hash));
                while value_in(index.table.cell(cell)) != at {
                    more += 1;
                    cell = index.table.after(cell);
                }
            }
            let extra = f64::from(more) / f64::from(books * instruments);
            assert!(extra < 1.0, "{extra} cells too many in {books} x {instruments}");
        }
    }

    #[test]
    fn room_made_while_it_moves_loses_nothing() {
        for count in 0..200u32 {
            let mut index = Index::new();
            (0..count).for_each(|at| index.insert(hash_pair(at, 1), at));
            index.reserve(1000);
            let found = |at: u32| index.find(hash_pair(at, 1), |value| value == at) == Some(at);
            assert!((0..count).all(found), "of {count}");
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
