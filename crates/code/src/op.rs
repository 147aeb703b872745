//! [`Op`]: one canonical opcode for all versions.
//!
//! Invariant: two versions' opcodes are the same `Op` exactly where CPython gives them the same name;
//! that does not mean that they do the same thing (`CALL` of 3.11 and of 3.13 differ).

use core::fmt;

pub use crate::generated::Op;

impl Op {
    /// CPython's name: `LOAD_FAST`.
    pub const fn name(self) -> &'static str {
        Op::NAMES[self as usize]
    }

    /// The opcode of CPython's name.
    ///
    /// ```
    /// use pyco_code::Op;
    ///
    /// assert_eq!(Op::from_name("LOAD_FAST"), Some(Op::LoadFast));
    /// assert_eq!(Op::from_name("load_fast"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Op> {
        let at = Op::NAMES.binary_search(&name).ok()?;
        Some(Op::ALL[at])
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
