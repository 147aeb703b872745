//! `Pool`: an allocator with free lists of small blocks by size class, one set a thread.
//!
//! For a command with one thread at work. A library's host may have threads that come and go, or allocate what others free, and
//! those would never get such blocks back: so this is not part of pyco-exec.
//!
//! Invariants:
//! - A block of a class is never given back to the system, so whoever frees it may keep it: a block freed by another thread than it was
//!   allocated by changes hands.
//! - A block of a class is as long as the class says, whatever was asked for, and 16-byte aligned.
//! - Nothing here allocates but from the system, panics, or needs a destructor.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

const GRAIN: usize = 16;
const MAX_SMALL: usize = 512;
const CLASSES: usize = MAX_SMALL / GRAIN + 1;
/// What is taken from the system at once. Most of it is untouched, and so takes no memory, until it is used.
const REGION: usize = 64 * 1024;

/// A block on a free list.
struct Free {
    next: *mut Free,
}

/// The allocator.
pub(crate) struct Pool;

/// What a thread has.
struct Lists {
    free: [Cell<*mut Free>; CLASSES],
    /// The part of the latest region that nobody has had yet.
    fresh: Cell<*mut u8>,
    fresh_len: Cell<usize>,
}

thread_local! {
    static LISTS: Lists = const {
        Lists {
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            fresh: Cell::new(ptr::null_mut()),
            fresh_len: Cell::new(0),
        }
    };
}

/// The class of a block, if it is small. In builds with debug assertions none is, so that tools which watch the system's allocator
/// see every block.
#[inline(always)]
fn class(layout: Layout) -> Option<usize> {
    let is_on = cfg!(any(test, not(debug_assertions)));
    let is_small = is_on && layout.size() <= MAX_SMALL && layout.align() <= GRAIN;
    is_small.then(|| layout.size().div_ceil(GRAIN))
}

// SAFETY: a block is handed out whole, aligned, and to one owner at a time: see the invariants. What is not small goes to the
// system's allocator and back unchanged.
unsafe impl GlobalAlloc for Pool {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class(layout) else {
            // SAFETY: forwarded.
            return unsafe { System.alloc(layout) };
        };
        LISTS.with(|lists| {
            let block = lists.free[class].get();
            if block.is_null() {
                return lists.take_fresh(class);
            }
            // SAFETY: a block on a free list is unused, and its link was written by us.
            lists.free[class].set(unsafe { (*block).next });
            block.cast()
        })
    }

    #[inline(always)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(class) = class(layout) else {
            // SAFETY: forwarded; what is not small came from the system.
            return unsafe { System.dealloc(block, layout) };
        };
        LISTS.with(|lists| {
            let block = block.cast::<Free>();
            let next = lists.free[class].get();
            // SAFETY: the caller gives up the block, which is long enough for the link and aligned.
            unsafe { block.write(Free { next }) };
            lists.free[class].set(block);
        })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if class(layout).is_none() {
            // SAFETY: forwarded; the system may know that long blocks are zero already.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // SAFETY: forwarded; the block is as long as the layout says.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    #[inline(always)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size is valid with this alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class(layout), class(wanted)) {
            // SAFETY: forwarded; the system's block becomes another of the system's.
            (None, None) => unsafe { System.realloc(block, layout, size) },
            (Some(old), Some(new)) if old == new => block,
            // SAFETY: forwarded; both blocks are as long as what is copied.
            _ => unsafe {
                let moved = self.alloc(wanted);
                if !moved.is_null() {
                    moved.copy_from_nonoverlapping(block, layout.size().min(size));
                    self.dealloc(block, layout);
                }
                moved
            },
        }
    }
}

impl Lists {
    /// A block that nobody has had yet; null if the system has no memory.
    #[cold]
    #[inline(never)]
    fn take_fresh(&self, class: usize) -> *mut u8 {
        // Class 0 would be for blocks of no size, which nobody may ask for; its blocks are as long as a link.
        let len = class.max(1) * GRAIN;
        if self.fresh_len.get() < len {
            self.keep_rest();
            // SAFETY: the size is not zero, and the alignment a power of two.
            let region = unsafe { System.alloc(Layout::from_size_align_unchecked(REGION, GRAIN)) };
            if region.is_null() {
                return region;
            }
            self.fresh.set(region);
            self.fresh_len.set(REGION);
        }
        let block = self.fresh.get();
        // SAFETY: the region has so many bytes left.
        self.fresh.set(unsafe { block.add(len) });
        self.fresh_len.set(self.fresh_len.get() - len);
        block
    }

    /// Puts what is left of a region on the list of its size: it is shorter than the longest class.
    fn keep_rest(&self) {
        let class = self.fresh_len.get() / GRAIN;
        if class == 0 {
            return;
        }
        let block = self.fresh.get().cast::<Free>();
        // SAFETY: the rest of the region is unused, aligned, and as long as its class.
        unsafe {
            block.write(Free {
                next: self.free[class].get(),
            })
        };
        self.free[class].set(block);
        self.fresh_len.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_their_contents_across_classes() {
        let layout = |size| Layout::from_size_align(size, 8).expect("a valid layout");
        let mut blocks = Vec::new();
        // SAFETY: each block is freed once, with the layout it has.
        unsafe {
            for round in 0..3_u8 {
                for size in 1..=600 {
                    let block = Pool.alloc(layout(size));
                    assert!(!block.is_null() && (block as usize).is_multiple_of(8));
                    block.write_bytes(round ^ size as u8, size);
                    blocks.push((block, size, round ^ size as u8));
                }
                for (block, size, byte) in &mut blocks {
                    let longer = (*size * 2).min(1200);
                    *block = Pool.realloc(*block, layout(*size), longer);
                    let kept = std::slice::from_raw_parts(*block, *size);
                    assert!(kept.iter().all(|b| b == byte));
                    block.write_bytes(*byte, longer);
                    *size = longer;
                }
                for (block, size, byte) in blocks.drain(..) {
                    let shorter = size / 3 + 1;
                    let block = Pool.realloc(block, layout(size), shorter);
                    let kept = std::slice::from_raw_parts(block, shorter);
                    assert!(kept.iter().all(|b| *b == byte));
                    Pool.dealloc(block, layout(shorter));
                }
            }
        }
    }
}
