//! Offsets into bytecode, in bytes and in code units: two types, so that one is never taken for the other.
//!
//! Invariant: an offset is an offset into `co_code`, never into a table.

use core::fmt;

/// An offset into bytecode in bytes: what `co_lines()`, `f_lasti` and `dis` show.
///
/// ```
/// use pyco_linetable::{ByteOffset, UnitOffset};
///
/// assert_eq!(ByteOffset::from(UnitOffset(3)), ByteOffset(6));
/// assert_eq!(ByteOffset(7).to_units(), UnitOffset(3));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteOffset(pub u32);

/// An offset into bytecode in code units of two bytes (3.6 and later), inline caches and `EXTENDED_ARG`
/// included: what location tables and exception tables count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnitOffset(pub u32);

impl ByteOffset {
    /// The code unit that holds this byte.
    #[inline]
    #[must_use]
    pub const fn to_units(self) -> UnitOffset {
        UnitOffset(self.0 / 2)
    }
}

impl UnitOffset {
    /// The first byte of this code unit; for units beyond the 2 GiB that CPython's code can have, the largest
    /// even offset.
    #[inline]
    #[must_use]
    pub const fn to_bytes(self) -> ByteOffset {
        ByteOffset(if self.0 > u32::MAX / 2 {
            u32::MAX - 1
        } else {
            self.0 * 2
        })
    }
}

impl From<UnitOffset> for ByteOffset {
    #[inline]
    fn from(offset: UnitOffset) -> Self {
        offset.to_bytes()
    }
}

impl fmt::Display for ByteOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for UnitOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
