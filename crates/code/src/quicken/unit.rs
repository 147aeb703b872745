//! [`Unit`]: one executable unit, eight bytes for each code unit of the original.
//!
//! | bits | content |
//! |---|---|
//! | 0..16 | the [`Instr`] |
//! | 16..24 | the number of units to the next instruction, caches included |
//! | 24..32 | the adaptive counter: executions left before the next attempt to specialise |
//! | 32..64 | the argument, whole |
//!
//! Invariant: the low 16 bits of a unit that is not a cache are always the number of an [`Instr`]. A cache unit is 64 bits for the
//! interpreter to use as it likes.

use core::cell::Cell;

use super::instr::Instr;

/// An executable unit, or a cache unit.
#[repr(transparent)]
pub struct Unit(Cell<u64>);

impl Unit {
    /// A unit for an instruction that takes `len` units, itself included.
    #[must_use]
    pub const fn new(instr: Instr, len: u8, counter: u8, arg: u32) -> Unit {
        Unit(Cell::new(
            instr as u64 | (len as u64) << 16 | (counter as u64) << 24 | (arg as u64) << 32,
        ))
    }

    /// An empty cache unit.
    #[must_use]
    pub const fn cache() -> Unit {
        Unit(Cell::new(0))
    }

    /// The whole unit.
    #[inline(always)]
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.0.get()
    }

    /// The instruction.
    #[inline(always)]
    #[must_use]
    pub fn instr(&self) -> Instr {
        debug_assert!((self.0.get() as u16 as usize) < Instr::ALL.len());
        // SAFETY: all that write the low 16 bits write the number of an `Instr` (an empty cache has that of the first one), but
        // for `store`, whose callers promise that this is not asked.
        unsafe { core::mem::transmute::<u16, Instr>(self.0.get() as u16) }
    }

    /// The units to the next instruction.
    #[inline(always)]
    #[must_use]
    pub fn len(&self) -> usize {
        (self.0.get() >> 16) as u8 as usize
    }

    /// Whether this is a cache unit that holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.get() == 0
    }

    /// The argument.
    #[inline(always)]
    #[must_use]
    pub fn arg(&self) -> u32 {
        (self.0.get() >> 32) as u32
    }

    /// Replaces the instruction and starts its counter.
    #[inline]
    pub fn set_instr(&self, instr: Instr, counter: u8) {
        let rest = self.0.get() & !0xFF00_FFFF;
        self.0.set(rest | instr as u64 | (counter as u64) << 24);
    }

    /// Sets the counter.
    #[inline]
    pub fn set_counter(&self, counter: u8) {
        let rest = self.0.get() & !0xFF00_0000;
        self.0.set(rest | (counter as u64) << 24);
    }

    /// Counts one execution; true when it is time to try to specialise.
    #[inline(always)]
    pub fn count(&self) -> bool {
        let bits = self.0.get();
        if bits & 0xFF00_0000 == 0 {
            return true;
        }
        self.0.set(bits - 0x0100_0000);
        false
    }

    /// A cache unit's content.
    #[inline(always)]
    pub fn load(&self) -> u64 {
        self.0.get()
    }

    /// Sets a cache unit's content.
    ///
    /// # Safety
    /// This is a cache unit: nobody asks it for its [`Unit::instr`].
    #[inline(always)]
    pub unsafe fn store(&self, content: u64) {
        self.0.set(content);
    }
}
