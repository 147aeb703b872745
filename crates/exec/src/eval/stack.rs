//! The value stack: chunks of slots that frames take from the top of.
//!
//! Invariants:
//! - A chunk never moves, so pointers into it stay valid until its frames are popped.
//! - `top` is the first free slot of the last chunk; what lies below it belongs to frames.

use std::mem::MaybeUninit;

use crate::value::Slot;

type Memory = Box<[MaybeUninit<Slot>]>;

const FIRST_CHUNK: usize = 4 * 1024;
const CHUNK: usize = 64 * 1024;

/// The value stack of a VM.
pub(crate) struct Stack {
    chunks: Vec<Memory>,
    /// The `top` of each chunk below the last, at the time the next one was begun.
    suspended: Vec<*mut Slot>,
    top: *mut Slot,
    /// Where the last chunk starts and ends.
    start: *mut Slot,
    end: *mut Slot,
}

impl Stack {
    pub(crate) fn new() -> Stack {
        let mut stack = Stack {
            chunks: Vec::new(),
            suspended: Vec::new(),
            top: std::ptr::null_mut(),
            start: std::ptr::null_mut(),
            end: std::ptr::null_mut(),
        };
        stack.begin(FIRST_CHUNK);
        stack
    }

    fn begin(&mut self, len: usize) {
        let mut memory: Memory = Box::new_uninit_slice(len);
        let range = memory.as_mut_ptr_range();
        (self.start, self.end) = (range.start.cast(), range.end.cast());
        self.top = self.start;
        self.chunks.push(memory);
    }

    /// The first free slot.
    #[inline(always)]
    pub(crate) fn top(&self) -> *mut Slot {
        self.top
    }

    /// Whether `len` slots from `base` on end within the chunk that `base` points into, which is the last one.
    #[inline(always)]
    pub(crate) fn fits(&self, base: *mut Slot, len: usize) -> bool {
        (self.end as usize).wrapping_sub(base as usize) >= len * size_of::<Slot>()
    }

    /// Whether `slot` lies in the last chunk.
    #[inline(always)]
    pub(crate) fn is_current(&self, slot: *mut Slot) -> bool {
        (self.start..self.end).contains(&slot)
    }

    /// Takes the slots from `base`, at or below the top of the last chunk, up to `base + len`, which [`Stack::fits`].
    #[inline(always)]
    pub(crate) fn take_from(&mut self, base: *mut Slot, len: usize) {
        // SAFETY: `fits` has said that the end is inside the chunk.
        self.top = unsafe { base.add(len) };
    }

    /// Takes `len` slots, in a new chunk if need be, and gives the first.
    #[inline(always)]
    pub(crate) fn take(&mut self, len: usize) -> *mut Slot {
        if !self.fits(self.top, len) {
            self.grow(len);
        }
        let base = self.top;
        self.take_from(base, len);
        base
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        self.suspended.push(self.top);
        self.begin(CHUNK.max(len));
    }

    /// Gives back everything from `top` on, an earlier value of [`Stack::top`].
    #[inline(always)]
    pub(crate) fn give_back(&mut self, top: *mut Slot) {
        self.top = top;
        if !self.suspended.is_empty() {
            self.drop_chunks();
        }
    }

    #[inline(never)]
    fn drop_chunks(&mut self) {
        while !self.is_current(self.top) && self.top != self.end {
            let Some(_) = self.suspended.pop() else {
                return;
            };
            self.chunks.pop();
            if let Some(chunk) = self.chunks.last_mut() {
                let range = chunk.as_mut_ptr_range();
                (self.start, self.end) = (range.start.cast(), range.end.cast());
            }
        }
    }
}
