//! One source location: start line, end line, start column, end column, each of which may be unknown.
//!
//! Invariant: 16 bytes; the value `u32::MAX` stands for CPython's None and never leaves this file.

use core::fmt;

const NONE: u32 = u32::MAX;

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
pub struct Location {
    pub(crate) line: u32,
    pub(crate) end_line: u32,
    pub(crate) column: u32,
    pub(crate) end_column: u32,
}

impl Location {
    /// No location: four times None.
    pub const NONE: Self = Self {
        line: NONE,
        end_line: NONE,
        column: NONE,
        end_column: NONE,
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
        Self {
            line: pack(line),
            end_line: pack(end_line),
            column: pack(column),
            end_column: pack(end_column),
        }
    }

    /// A location that is one whole line, columns unknown.
    #[inline]
    #[must_use]
    pub const fn from_line(line: u32) -> Self {
        Self {
            line,
            end_line: line,
            column: NONE,
            end_column: NONE,
        }
    }

    /// The line on which the location starts, 1-based.
    #[inline]
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        unpack(self.line)
    }

    /// The line on which the location ends, 1-based and inclusive.
    #[inline]
    #[must_use]
    pub const fn end_line(&self) -> Option<u32> {
        unpack(self.end_line)
    }

    /// Where the location starts in its first line, in UTF-8 bytes from 0.
    #[inline]
    #[must_use]
    pub const fn column(&self) -> Option<u32> {
        unpack(self.column)
    }

    /// Where the location ends in its last line, in UTF-8 bytes from 0, exclusive.
    #[inline]
    #[must_use]
    pub const fn end_column(&self) -> Option<u32> {
        unpack(self.end_column)
    }

    /// Whether the instruction has no line at all, and so no location.
    #[inline]
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.line == NONE
    }
}

#[inline]
const fn pack(value: Option<u32>) -> u32 {
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
