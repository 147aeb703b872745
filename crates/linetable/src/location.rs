//! One source location: start line, end line, start column, end column, each of which may be unknown.
//!
//! Invariants: 16 bytes, in two halves that are registers each: a location moves as a whole, and four 32-bit
//! fields stored one by one would stall the 64-bit load that copies them. The value `u32::MAX` stands for
//! CPython's None and does not leave the crate.

use core::fmt;

pub(crate) const NONE: u32 = u32::MAX;

/// A source location: what one tuple of `co_positions()` holds.
///
/// Lines are 1-based (line 0 is the module's `RESUME`); columns are 0-based offsets in UTF-8 bytes of the line.
/// Start and end follow CPython: the location ends just before `end_column` of `end_line`.
///
/// ```
/// use pyco_linetable::Location;
///
/// let location = Location::new(Some(3), Some(3), Some(4), Some(9));
/// assert_eq!(location.line(), Some(3));
/// assert_eq!(location.end_column(), Some(9));
/// assert_eq!(location.to_string(), "3:4-3:9");
/// assert!(Location::NONE.is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Location {
    /// The line in the low half, the end line in the high one.
    lines: u64,
    /// The column in the low half, the end column in the high one.
    columns: u64,
}

/// The parts of a location, with [`NONE`] where there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) line: u32,
    pub(crate) end_line: u32,
    pub(crate) column: u32,
    pub(crate) end_column: u32,
}

impl Location {
    /// No location: four times None.
    pub const NONE: Self = Self {
        lines: u64::MAX,
        columns: u64::MAX,
    };

    /// A location from its four parts; `Some(u32::MAX)`, which no table can hold, counts as `None`.
    #[inline]
    #[must_use]
    pub const fn new(
        line: Option<u32>,
        end_line: Option<u32>,
        column: Option<u32>,
        end_column: Option<u32>,
    ) -> Self {
        Self::from_parts(Parts {
            line: pack(line),
            end_line: pack(end_line),
            column: pack(column),
            end_column: pack(end_column),
        })
    }

    /// A location that is one whole line, columns unknown.
    #[inline]
    #[must_use]
    pub const fn from_line(line: u32) -> Self {
        Self::from_parts(Parts {
            line,
            end_line: line,
            column: NONE,
            end_column: NONE,
        })
    }

    #[inline(always)]
    pub(crate) const fn from_parts(parts: Parts) -> Self {
        let Parts {
            line,
            end_line,
            column,
            end_column,
        } = parts;
        Self {
            lines: line as u64 | (end_line as u64) << 32,
            columns: column as u64 | (end_column as u64) << 32,
        }
    }

    /// Its two words in the order in which they lie in memory.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(crate) const fn to_words(self) -> [u64; 2] {
        [self.lines, self.columns]
    }

    #[inline(always)]
    pub(crate) const fn parts(&self) -> Parts {
        Parts {
            line: self.lines as u32,
            end_line: (self.lines >> 32) as u32,
            column: self.columns as u32,
            end_column: (self.columns >> 32) as u32,
        }
    }

    /// The line on which the location starts, 1-based.
    #[inline]
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        unpack(self.parts().line)
    }

    /// The line on which the location ends, 1-based and inclusive.
    #[inline]
    #[must_use]
    pub const fn end_line(&self) -> Option<u32> {
        unpack(self.parts().end_line)
    }

    /// Where the location starts in its first line, in UTF-8 bytes from 0.
    #[inline]
    #[must_use]
    pub const fn column(&self) -> Option<u32> {
        unpack(self.parts().column)
    }

    /// Where the location ends in its last line, in UTF-8 bytes from 0, exclusive.
    #[inline]
    #[must_use]
    pub const fn end_column(&self) -> Option<u32> {
        unpack(self.parts().end_column)
    }

    /// Whether the instruction has no line at all, and so no location.
    #[inline]
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.parts().line == NONE
    }
}

#[inline]
pub(crate) const fn pack(value: Option<u32>) -> u32 {
    match value {
        Some(value) => value,
        None => NONE,
    }
}

#[inline]
const fn unpack(value: u32) -> Option<u32> {
    if value == NONE { None } else { Some(value) }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

impl fmt::Display for Location {
    /// Writes `line:column-end_line:end_column`, with `?` for what is unknown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut part = |before: &str, value: Option<u32>| match value {
            Some(value) => write!(f, "{before}{value}"),
            None => write!(f, "{before}?"),
        };
        part("", self.line())?;
        part(":", self.column())?;
        part("-", self.end_line())?;
        part(":", self.end_column())
    }
}
