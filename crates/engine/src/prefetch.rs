//! Asking memory early: the batch tells which lines the next commands will read, so that they wait for none.
//! A hint only; nothing observable depends on it.

/// Asks for the cache line of `items[at]`.
#[inline]
pub(crate) fn read<T>(items: &[T], at: usize) {
    if let Some(item) = items.get(at) {
        ask(std::ptr::from_ref(item).cast());
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(unsafe_code, reason = "the intrinsic takes a raw pointer; ours comes from a live reference")]
fn ask(line: *const i8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a prefetch reads nothing and cannot fault, and the pointer is from a reference.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn ask(_line: *const i8) {}
