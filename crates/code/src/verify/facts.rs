//! [`Facts`]: what the verifier proved of each code unit, for the interpreter.
//!
//! Invariant: an instruction without a flag needs no check when run; one with a flag may or may not.

use alloc::boxed::Box;
use core::fmt;

bitflags::bitflags! {
    /// What could not be proved of an instruction, so that it must be checked when it runs.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Checks: u8 {
        /// The local variable may be unbound; of a pair, the first.
        const BOUND = 1;
        /// The second local variable of a pair may be unbound.
        const BOUND_SECOND = 2;
        /// The slot of a cell instruction may hold no cell.
        const CELL = 4;
        /// An operand may not be of the type that the instruction assumes.
        const TYPE = 8;
        /// 3.11 and 3.12: of a call, below the callable may lie NULL; of LOAD_GLOBAL, the NULL that it leaves is not for a call
        /// of what it loads.
        const NULL_FIRST = 16;
    }
}

/// Where in a unit's word the checks begin; below is the stack depth plus 1, or 0.
const CHECKS_SHIFT: u32 = 24;
const DEPTH_MASK: u32 = (1 << CHECKS_SHIFT) - 1;

/// The deepest stack that the facts have room for.
pub(super) const MAX_DEPTH: u32 = DEPTH_MASK - 1;

/// What is known of each code unit of verified code.
///
/// An instruction with `EXTENDED_ARG` has the same facts at each of its units, inline caches excepted.
#[derive(Clone, PartialEq, Eq)]
pub struct Facts {
    units: Box<[u32]>,
    max_depth: u32,
}

impl Facts {
    pub(super) fn new(unit_len: usize) -> Facts {
        Facts {
            units: alloc::vec![0; unit_len].into_boxed_slice(),
            max_depth: 0,
        }
    }

    /// Records the depth before the instruction that starts at a unit and what must be checked there.
    #[inline]
    pub(super) fn record(&mut self, unit: u32, prefixes: u8, depth: u32, checks: Checks) {
        let word = (depth + 1) | u32::from(checks.bits()) << CHECKS_SHIFT;
        // Checks accumulate over visits, the depth is the same at each.
        let opcode_unit = unit + u32::from(prefixes);
        self.units[opcode_unit as usize] |= word;
        for prefix in unit..opcode_unit {
            self.units[prefix as usize] |= word;
        }
    }

    pub(super) fn saw_depth(&mut self, depth: u32) {
        self.max_depth = self.max_depth.max(depth);
    }

    /// How many code units the code has.
    #[must_use]
    pub fn unit_len(&self) -> usize {
        self.units.len()
    }

    /// The greatest stack depth that any path reaches; at most `co_stacksize`.
    #[must_use]
    pub fn max_depth(&self) -> u32 {
        self.max_depth
    }

    /// The stack depth before the instruction at a code unit; `None` where no path leads to, and in inline
    /// caches and beyond the code.
    #[must_use]
    pub fn stack_depth(&self, unit: u32) -> Option<u32> {
        (self.word(unit) & DEPTH_MASK).checked_sub(1)
    }

    /// Whether some path leads to the instruction at a code unit.
    #[must_use]
    pub fn is_reachable(&self, unit: u32) -> bool {
        self.stack_depth(unit).is_some()
    }

    /// What the instruction at a code unit must check when it runs.
    #[must_use]
    pub fn checks(&self, unit: u32) -> Checks {
        Checks::from_bits_truncate((self.word(unit) >> CHECKS_SHIFT) as u8)
    }

    /// Whether a local variable that the instruction at a code unit reads or deletes may be unbound.
    #[must_use]
    pub fn needs_bound_check(&self, unit: u32) -> bool {
        self.checks(unit)
            .intersects(Checks::BOUND.union(Checks::BOUND_SECOND))
    }

    /// Whether the slot of a cell instruction at a code unit may hold no cell.
    #[must_use]
    pub fn needs_cell_check(&self, unit: u32) -> bool {
        self.checks(unit).contains(Checks::CELL)
    }

    /// Whether an operand of the instruction at a code unit may not be of the type that it assumes.
    #[must_use]
    pub fn needs_type_check(&self, unit: u32) -> bool {
        self.checks(unit).contains(Checks::TYPE)
    }

    fn word(&self, unit: u32) -> u32 {
        self.units.get(unit as usize).copied().unwrap_or(0)
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Facts({} units, depth {})",
            self.units.len(),
            self.max_depth
        )
    }
}
