//! The memory limit: what the thread has allocated, and the allocator that counts it.
//!
//! Objects are counted by the heap in any case. What they own outside it (the items of lists and dicts, texts that are being built, big
//! ints) is counted if the host makes [`CountingAllocator`] the global one. Nothing is counted before the first
//! limit is set, so a host without one does not pay.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{PyResult, Raised};
use crate::heap;
use crate::vm::Vm;

static COUNTS: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Bytes allocated less bytes freed by this thread since counting began; what others free may make it negative.
    static ALLOCATED: Cell<isize> = const { Cell::new(0) };
}

/// An allocator, the system's if no other is named, with a count for each thread.
///
/// ```
/// use std::alloc::System;
///
/// use pyco_exec::memory::CountingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: CountingAllocator = CountingAllocator(System);
/// # fn main() {}
/// ```
pub struct CountingAllocator<A = System>(pub A);

#[inline(always)]
fn count(bytes: isize) {
    if COUNTS.load(Ordering::Relaxed) {
        // A thread that ends has no use for its count any more.
        let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + bytes));
    }
}

// SAFETY: every call goes to the inner allocator unchanged; counting allocates nothing.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: forwarded.
        unsafe { self.0.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: forwarded.
        unsafe { self.0.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: forwarded.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: forwarded.
        unsafe { self.0.realloc(block, layout, size) }
    }
}

/// Starts counting, for the whole process.
pub(crate) fn start_counting() {
    COUNTS.store(true, Ordering::Relaxed);
}

/// What this thread has allocated, in bytes, as far as it is known.
fn allocated() -> usize {
    let counted = ALLOCATED.with(Cell::get).max(0) as usize;
    counted.max(heap::bytes())
}

impl Vm {
    /// How many bytes may still be allocated; nothing if there is no limit.
    pub(crate) fn memory_left(&self) -> Option<usize> {
        let limit = self.host.memory?;
        Some(limit.saturating_sub(allocated()))
    }

    /// Ends the run if the memory limit is exceeded, or would be by so many bytes more.
    pub(crate) fn check_memory(&mut self, more: usize) -> PyResult<()> {
        match self.host.memory {
            Some(limit) if allocated().saturating_add(more) > limit => {
                Err(self.out_of_memory(limit))
            }
            _ => Ok(()),
        }
    }

    #[cold]
    fn out_of_memory(&mut self, limit: usize) -> Raised {
        // The program could catch the exception, were it an ordinary one.
        let message = format!("out of memory: the limit is {limit} bytes");
        let raised = self.error(&self.types.system_error.clone(), message);
        raised.0.is_abort.set(true);
        raised
    }
}
