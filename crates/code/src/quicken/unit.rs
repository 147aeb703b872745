//! [`Unit`]: one executable unit, eight bytes for each code unit of the original.
//!
//! | bits | content |
//! |---|---|
//! | 0..16 | the [`Instr`] |
//! | 16..24 | the number of units to the next instruction, caches included |
//! | 24..31 | of an adaptive instruction, its counter: executions left before the next attempt to specialise; of another, its [`Origin`] |
//! | 31 | whether the unit before is a load of its own that this instruction may be fused with |
//! | 32..64 | the argument, whole |
//!
//! Invariant: the low 16 bits of a unit that is not a cache are always the number of an [`Instr`]. A cache unit is 64 bits for the
//! interpreter to use as it likes.

use core::cell::Cell;

use super::instr::Instr;
use super::origin::Origin;

const COUNTER: u64 = 0x7F00_0000;
const LINKED: u64 = 0x8000_0000;

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
        let rest = self.0.get() & !(COUNTER | 0xFFFF);
        self.0.set(rest | instr as u64 | (counter as u64) << 24);
    }

    /// Replaces the instruction by a specialised or fused one that keeps in mind what it stands for.
    #[inline]
    pub fn replace_instr(&self, instr: Instr) {
        let origin = Origin::of(instr, self.base());
        self.set_instr(instr, origin.0);
    }

    /// The instruction that the code has here, whatever has been put in its place.
    #[inline]
    #[must_use]
    pub fn base(&self) -> Instr {
        let instr = self.instr();
        if instr.base() == instr {
            return instr;
        }
        let origin = Origin((self.0.get() >> 24) as u8 & 0x7F);
        origin.instr().unwrap_or_else(|| instr.base())
    }

    /// Puts back the instruction that the code has here, whatever has been put in its place.
    pub fn make_plain(&self) {
        let base = self.base();
        if base != self.instr() {
            self.set_instr(base, 0);
        }
    }

    /// Whether the unit before this one is a load that it may be fused with.
    #[inline]
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.0.get() & LINKED != 0
    }

    /// Says that the unit before this one is a load that it may be fused with.
    pub(super) fn link(&self) {
        self.0.set(self.0.get() | LINKED);
    }

    /// Sets the counter.
    #[inline]
    pub fn set_counter(&self, counter: u8) {
        let rest = self.0.get() & !COUNTER;
        self.0.set(rest | (counter as u64) << 24);
    }

    /// Counts one execution; true when it is time to try to specialise.
    #[inline(always)]
    pub fn count(&self) -> bool {
        let bits = self.0.get();
        if bits & COUNTER == 0 {
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
