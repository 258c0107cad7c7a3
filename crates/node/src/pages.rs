//! Memory by large pages. The engine's tables are long, lie in few blocks, and are read all over: with small
//! pages a lookup waits for the address first and for the data second. Blocks of some megabytes are asked for
//! in large pages; everything else, and every system but Linux, is as the system's allocator does it.

use std::alloc::{GlobalAlloc, Layout, System};

/// The allocator of our binaries.
#[derive(Clone, Copy, Debug, Default)]
pub struct LargePages;

/// Two large pages: below that there may not even be one whole.
const WORTH_IT: usize = 4 << 20;

#[expect(unsafe_code, reason = "an allocator has no safe form")]
// SAFETY: every block comes from the system's allocator and goes back to it with the same layout; asking for
// large pages changes neither its place nor its content.
unsafe impl GlobalAlloc for LargePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`, which is the same here.
        advised(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        advised(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        advised(unsafe { System.realloc(block, layout, size) }, size)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The same block, of which the whole pages are asked for as large ones where that is worth it.
#[inline]
fn advised(block: *mut u8, size: usize) -> *mut u8 {
    if size >= WORTH_IT && !block.is_null() {
        advise(block, size);
    }
    block
}

#[cfg(target_os = "linux")]
#[cold]
fn advise(block: *mut u8, size: usize) {
    use rustix::mm::{Advice, madvise};
    let skipped = block.align_offset(rustix::param::page_size());
    let start = block.wrapping_add(skipped);
    #[expect(unsafe_code, reason = "advice names memory by address")]
    // SAFETY: the range lies in a block that was just given out, and the advice does not change what it holds.
    let advised = unsafe { madvise(start.cast(), size.saturating_sub(skipped), Advice::LinuxHugepage) };
    // A system without large pages refuses; then they are small.
    advised.unwrap_or_default();
}

#[cfg(not(target_os = "linux"))]
fn advise(_block: *mut u8, _size: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "an allocator has no safe form")]
    fn blocks_keep_their_content_whatever_their_size() {
        for (small, large) in [(64, 8 << 20), (5 << 20, 64 << 20), (8 << 20, 100)] {
            let layout = Layout::from_size_align(small, 64).unwrap();
            // SAFETY: every block is used within its size and given back with its layout.
            unsafe {
                let block = LargePages.alloc_zeroed(layout);
                assert_eq!(block.add(small - 1).read(), 0);
                block.write(7);
                let block = LargePages.realloc(block, layout, large);
                assert_eq!(block.read(), 7);
                block.add(large - 1).write(8);
                LargePages.dealloc(block, Layout::from_size_align(large, 64).unwrap());
            }
        }
    }
}
