//! Indexing by `u32` into the arenas of the book. Every index that is stored in a link, a bitmap or a cache was
//! made by the arena itself and arenas never shrink, so an index out of range is a bug, not an input; it stops
//! the process. The checks cost eight per cent on one symbol and nothing measurable over a hundred; they stay.

const STRAY: &str = "invariant: a stored index lies in its arena";

#[inline(always)]
pub(super) fn at<T>(items: &[T], index: u32) -> &T {
    items.get(index as usize).expect(STRAY)
}

#[inline(always)]
pub(super) fn at_mut<T>(items: &mut [T], index: u32) -> &mut T {
    items.get_mut(index as usize).expect(STRAY)
}
