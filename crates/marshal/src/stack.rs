//! `Stack`: a stack whose slots exist before they are filled.
//!
//! `Vec::push` may have to grow and may then fail, so what is pushed is kept ready to be dropped instead, which is
//! to say in memory, and is moved on from there before the memory knows of it. Here what is pushed is made when there is
//! a slot for it, and goes to it in registers. Slots above the top hold the default.
//!
//! For visitors that build something, here and in pyco-code.

use alloc::vec::Vec;
use core::mem;

/// Who empties slots leaves defaults in them.
pub struct Stack<T> {
    slots: Vec<T>,
    len: usize,
}

impl<T: Default> Stack<T> {
    /// An empty stack with slots for so many.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut slots = Vec::new();
        slots.resize_with(capacity, T::default);
        Self { slots, len: 0 }
    }

    /// Whether nothing is on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many are on it.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Puts one on top, which is made when there is a slot for it.
    #[inline(always)]
    pub fn push_with(&mut self, make: impl FnOnce() -> T) {
        if self.len >= self.slots.len() {
            self.grow();
        }
        if let Some(slot) = self.slots.get_mut(self.len) {
            // A default, which need not be dropped.
            mem::forget(mem::replace(slot, make()));
            self.len += 1;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let len = (2 * self.slots.len()).max(16);
        self.slots.resize_with(len, T::default);
    }

    /// The one at `index` from the bottom.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        self.slots.get(..self.len)?.get(index)
    }

    /// The one at `index` from the bottom, to be changed.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.slots.get_mut(..self.len)?.get_mut(index)
    }

    /// Takes the top off, down to `len`: who calls it has to leave defaults there.
    #[inline]
    pub fn pop_to(&mut self, len: usize) -> &mut [T] {
        let top = self.len;
        self.len = len.min(top);
        self.slots.get_mut(self.len..top).unwrap_or_default()
    }
}
