//! [`Kinds`] and [`Slot`]: what the verifier knows of one stack slot.
//!
//! Invariants: a `Kinds` is a set of possibilities, so that joining two paths is a union and knowing less is being
//! larger; `detail` is known only where it holds for every possibility in the set.

use core::fmt;

/// What a stack slot can hold: a set, one bit a possibility.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds(pub(super) u32);

impl Kinds {
    /// No object at all.
    pub(super) const NULL: Kinds = Kinds(1);
    /// An object of unknown type.
    pub(super) const ANY: Kinds = Kinds(1 << 1);
    /// A cell, taken from a slot of the localsplus.
    pub(super) const CELL: Kinds = Kinds(1 << 2);
    /// The place of the raising instruction, which exception entry saves.
    pub(super) const LASTI: Kinds = Kinds(1 << 3);
    /// An exception instance.
    pub(super) const EXCEPTION: Kinds = Kinds(1 << 4);
    /// What `PUSH_EXC_INFO` saves: the exception handled before, or none.
    pub(super) const SAVED: Kinds = Kinds(1 << 5);
    /// The index beside an iterated sequence (3.15).
    pub(super) const INDEX: Kinds = Kinds(1 << 6);
    /// `True` or `False`.
    pub(super) const BOOL: Kinds = Kinds(1 << 7);
    /// A list.
    pub(super) const LIST: Kinds = Kinds(1 << 8);
    /// A set.
    pub(super) const SET: Kinds = Kinds(1 << 9);
    /// A dict.
    pub(super) const DICT: Kinds = Kinds(1 << 10);
    /// A tuple; the detail is its length.
    pub(super) const TUPLE: Kinds = Kinds(1 << 11);
    /// A tuple of cells; the detail is its length.
    pub(super) const CELLS: Kinds = Kinds(1 << 12);
    /// A tuple of str; the detail is its length.
    pub(super) const NAMES: Kinds = Kinds(1 << 13);
    /// A code object of the constants; the detail is how many free variables it has.
    pub(super) const CODE: Kinds = Kinds(1 << 14);
    /// A function that has the closure it needs.
    pub(super) const FUNCTION: Kinds = Kinds(1 << 15);
    /// A function that lacks its closure; the detail is how many cells that must have.
    pub(super) const OPEN: Kinds = Kinds(1 << 16);
    /// 3.11 and 3.12: the first of the two slots that a load leaves for a call. In CPython a method or NULL; whoever keeps one
    /// order for all versions has the callable there. The detail is 0 if there is no method.
    pub(super) const CALLEE: Kinds = Kinds(1 << 17);
    /// The second: `self` or the callable; or else `self` or NULL.
    pub(super) const CALLEE_SELF: Kinds = Kinds(1 << 18);

    /// What Python code can see: everything but `NULL` and what belongs to the interpreter.
    pub(super) const OBJECT: Kinds = Kinds::ANY
        .or(Kinds::CELL)
        .or(Kinds::EXCEPTION)
        .or(Kinds::BOOL)
        .or(Kinds::LIST)
        .or(Kinds::SET)
        .or(Kinds::DICT)
        .or(Kinds::ANY_TUPLE)
        .or(Kinds::CODE)
        .or(Kinds::FUNCTION);
    /// A tuple, whatever is in it.
    pub(super) const ANY_TUPLE: Kinds = Kinds::TUPLE.or(Kinds::CELLS).or(Kinds::NAMES);
    /// An object or none, as calls have it for `self`.
    pub(super) const OBJECT_OR_NULL: Kinds = Kinds::OBJECT.or(Kinds::NULL);
    /// What lies beside an iterated object in 3.15.
    pub(super) const INDEX_OR_NULL: Kinds = Kinds::INDEX.or(Kinds::NULL);

    /// Either.
    pub(super) const fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// Whether everything in `self` is also in `allowed`.
    pub(super) const fn within(self, allowed: Kinds) -> bool {
        self.0 & !allowed.0 == 0
    }

    /// Whether something in `self` is also in `other`.
    pub(super) const fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }
}

/// Each possibility's name, by bit.
const NAMES: [&str; 19] = [
    "NULL",
    "an object",
    "a cell",
    "a saved offset",
    "an exception",
    "a saved exception",
    "an iteration index",
    "a bool",
    "a list",
    "a set",
    "a dict",
    "a tuple",
    "a tuple of cells",
    "a tuple of str",
    "a code object",
    "a function",
    "a function without its closure",
    "what is called or NULL",
    "what is called or its self",
];

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An object of unknown type says it all; what else may be an object is no news.
        let unnamed = if self.meets(Kinds::ANY) {
            Kinds::OBJECT.0 & !Kinds::ANY.0
        } else {
            0
        };
        let mut separator = "";
        for (bit, name) in NAMES.iter().enumerate() {
            if (self.0 & !unnamed) >> bit & 1 != 0 {
                write!(f, "{separator}{name}")?;
                separator = " or ";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kinds({self})")
    }
}

/// One stack slot: what it can hold, and a number that belongs to that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Slot {
    pub(super) kinds: Kinds,
    /// See the kinds that have one; [`Slot::UNKNOWN`] otherwise.
    pub(super) detail: u32,
}

impl Slot {
    /// The detail of a slot of which none is known.
    pub(super) const UNKNOWN: u32 = u32::MAX;

    /// A slot without detail.
    pub(super) const fn new(kinds: Kinds) -> Slot {
        Slot {
            kinds,
            detail: Slot::UNKNOWN,
        }
    }

    /// A slot with a detail.
    pub(super) const fn with(kinds: Kinds, detail: u32) -> Slot {
        Slot { kinds, detail }
    }

    /// What is known where paths that bring `self` and `other` meet.
    pub(super) fn join(self, other: Slot) -> Slot {
        let detail = if self.detail == other.detail {
            self.detail
        } else {
            Slot::UNKNOWN
        };
        Slot {
            kinds: self.kinds.or(other.kinds),
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn every_kind_has_a_name_and_the_object_kinds_exclude_the_internal_ones() {
        assert_eq!(
            Kinds::CALLEE_SELF.0.trailing_zeros() as usize + 1,
            NAMES.len()
        );
        for internal in [
            Kinds::NULL,
            Kinds::LASTI,
            Kinds::SAVED,
            Kinds::INDEX,
            Kinds::OPEN,
            Kinds::CALLEE,
            Kinds::CALLEE_SELF,
        ] {
            assert!(!internal.meets(Kinds::OBJECT), "{internal}");
        }
        assert_eq!(
            Kinds::NULL.or(Kinds::OBJECT).to_string(),
            "NULL or an object"
        );
        assert_eq!(Kinds::LIST.to_string(), "a list");
    }

    #[test]
    fn joining_forgets_what_only_one_side_knows() {
        let three = Slot::with(Kinds::TUPLE, 3);
        assert_eq!(three.join(three), three);
        assert_eq!(
            three.join(Slot::with(Kinds::TUPLE, 4)),
            Slot::new(Kinds::TUPLE)
        );
        assert_eq!(
            three.join(Slot::new(Kinds::NULL)),
            Slot::new(Kinds::TUPLE.or(Kinds::NULL))
        );
    }
}
