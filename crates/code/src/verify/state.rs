//! [`State`]: what is known when an instruction is about to run: the stack, the local variables, the generator.
//!
//! Invariants: everything is a set of possibilities, so that joining states is a union; the stack never gets
//! deeper than its limit.

use alloc::vec::Vec;

use super::facts::MAX_DEPTH;
use super::fault::{Expected, Fault};
use super::kinds::{Kinds, Slot};
use super::rule::Rule;

/// For how many words of sets there is always room at a leader, and for how many at all of them together, beside
/// eight for each unit. Slots beyond count as possibly unbound and possibly no cell.
const LEADER_WORDS: usize = 16;
const ALL_WORDS: usize = 2048;

/// Whether the frame is a generator's: a set.
pub(super) const PLAIN_FRAME: u8 = 1;
pub(super) const GENERATOR_FRAME: u8 = 2;

/// What is known at one point of the code.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) stack: Vec<Slot>,
    pub(super) locals: Locals,
    /// [`PLAIN_FRAME`] or [`GENERATOR_FRAME`] or both.
    pub(super) generator: u8,
    /// The lowest that the stack was during the instruction.
    pub(super) low: usize,
    /// The lowest that it was while the instruction could still raise, where that is less than all of it.
    pub(super) settled_low: Option<usize>,
    /// `co_stacksize`.
    stacksize: u32,
    /// The depth that the size of the code justifies.
    justified: u32,
}

impl State {
    /// The state at the start of code with that many units, leaders and localsplus slots, no local variable bound.
    pub(super) fn start(
        &mut self,
        stacksize: u32,
        unit_len: u32,
        leader_count: usize,
        slot_count: usize,
    ) {
        self.stack.clear();
        let words = (ALL_WORDS + 8 * unit_len as usize) / leader_count.max(1);
        self.locals
            .reset(slot_count.min(64 * words.max(LEADER_WORDS)));
        self.generator = PLAIN_FRAME;
        self.stacksize = stacksize;
        // No instruction that the compiler writes pushes more than two items for each unit of it and of
        // the instructions that use them up.
        self.justified = unit_len.saturating_mul(4).saturating_add(64).min(MAX_DEPTH);
    }

    /// An instruction is about to run.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.low = self.stack.len();
        self.settled_low = None;
        self.locals.lost = false;
    }

    /// The instruction will not raise from here on.
    pub(super) fn settle(&mut self) {
        self.settled_low = Some(self.low);
    }

    pub(super) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Refuses a stack of that depth, if it is too deep.
    pub(super) fn check_depth(&self, depth: usize) -> Result<(), Fault> {
        if depth > self.stacksize as usize {
            let expected = Expected::AtMost(self.stacksize);
            return Err(Fault::count(Rule::StackOverflow, depth as i64, expected));
        }
        if depth > self.justified as usize {
            let expected = Expected::AtMost(self.justified);
            return Err(Fault::count(Rule::Effort, depth as i64, expected));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn push(&mut self, slot: Slot) -> Result<(), Fault> {
        if self.stack.len() >= self.stacksize.min(self.justified) as usize {
            self.check_depth(self.stack.len() + 1)?;
        }
        self.stack.push(slot);
        Ok(())
    }

    #[inline]
    pub(super) fn push_kind(&mut self, kinds: Kinds) -> Result<(), Fault> {
        self.push(Slot::new(kinds))
    }

    /// Pushes that many objects.
    pub(super) fn push_objects(&mut self, count: u32) -> Result<(), Fault> {
        let depth = self.stack.len().saturating_add(count as usize);
        self.check_depth(depth)?;
        self.stack.resize(depth, Slot::new(Kinds::ANY));
        Ok(())
    }

    /// The slot at a position from the top, 1 being the top.
    #[inline]
    pub(super) fn peek(&self, position: usize) -> Result<Slot, Fault> {
        match self.stack.len().checked_sub(position) {
            Some(index) => Ok(self.stack[index]),
            None => Err(self.underflow(position)),
        }
    }

    /// The slot at a position from the top, which must be one of `allowed`.
    #[inline]
    pub(super) fn expect(&self, position: usize, allowed: Kinds) -> Result<Slot, Fault> {
        let slot = self.peek(position)?;
        if slot.kinds.within(allowed) {
            Ok(slot)
        } else {
            Err(Fault::kind(position, slot.kinds, allowed))
        }
    }

    /// Takes the top, which must be one of `allowed`.
    #[inline]
    pub(super) fn take(&mut self, allowed: Kinds) -> Result<Slot, Fault> {
        let slot = self.expect(1, allowed)?;
        self.drop_top(1);
        Ok(slot)
    }

    /// Takes that many objects.
    #[inline]
    pub(super) fn take_objects(&mut self, count: u32) -> Result<(), Fault> {
        let count = count as usize;
        let Some(start) = self.stack.len().checked_sub(count) else {
            return Err(self.underflow(count));
        };
        for (index, slot) in self.stack[start..].iter().enumerate() {
            if !slot.kinds.within(Kinds::OBJECT) {
                return Err(Fault::kind(count - index, slot.kinds, Kinds::OBJECT));
            }
        }
        self.drop_top(count);
        Ok(())
    }

    /// Removes what was checked before; there must be that many.
    #[inline]
    pub(super) fn drop_top(&mut self, count: usize) {
        let len = self.stack.len().saturating_sub(count);
        self.stack.truncate(len);
        self.low = self.low.min(len);
    }

    #[cold]
    fn underflow(&self, needed: usize) -> Fault {
        let expected = Expected::AtLeast(needed.min(u32::MAX as usize) as u32);
        Fault::count(Rule::StackUnderflow, self.stack.len() as i64, expected)
    }
}

/// What is known of the localsplus: two sets, of slots that may be unbound and of slots that may hold no cell.
#[derive(Debug, Default)]
pub(super) struct Locals {
    /// First the set of the possibly unbound, then, from the middle on, that of the possibly cell-less.
    pub(super) words: Vec<u64>,
    tracked: usize,
    /// Whether a slot was added to either set since this was last set to false.
    pub(super) lost: bool,
}

impl Locals {
    /// Follows that many slots, of which none is bound.
    fn reset(&mut self, slot_count: usize) {
        self.tracked = slot_count;
        self.words.clear();
        self.words.resize(2 * self.tracked.div_ceil(64), u64::MAX);
        self.lost = false;
    }

    #[inline]
    pub(super) fn may_be_unbound(&self, slot: u32) -> bool {
        let slot = slot as usize;
        slot >= self.tracked || self.words[slot / 64] >> (slot % 64) & 1 != 0
    }

    #[inline]
    pub(super) fn may_lack_cell(&self, slot: u32) -> bool {
        let (slot, half) = (slot as usize, self.words.len() / 2);
        slot >= self.tracked || self.words[half + slot / 64] >> (slot % 64) & 1 != 0
    }

    /// Records what a slot holds from now on.
    #[inline]
    pub(super) fn set(&mut self, slot: u32, may_be_unbound: bool, may_lack_cell: bool) {
        let (slot, half) = (slot as usize, self.words.len() / 2);
        if slot >= self.tracked {
            return;
        }
        let bit = 1 << (slot % 64);
        for (word, add) in [
            (slot / 64, may_be_unbound),
            (half + slot / 64, may_lack_cell),
        ] {
            if add {
                self.lost |= self.words[word] & bit == 0;
                self.words[word] |= bit;
            } else {
                self.words[word] &= !bit;
            }
        }
    }

    /// Records that a slot is bound from now on.
    #[inline]
    pub(super) fn bind(&mut self, slot: u32) {
        let slot = slot as usize;
        if slot < self.tracked {
            self.words[slot / 64] &= !(1 << (slot % 64));
        }
    }
}
