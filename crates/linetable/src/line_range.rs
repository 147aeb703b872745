//! One range of bytecode with its line: what every format's `lines` yields, and what all formats do with it.

use crate::location::{NONE, pack};
use crate::{ByteOffset, Error};
use core::fmt;

/// A range of bytecode and its line: one tuple of `co_lines()`.
///
/// The default is an empty range without a line, for buffers.
///
/// ```
/// use pyco_linetable::{ByteOffset, LineRange};
///
/// let range = LineRange::new(ByteOffset(2), ByteOffset(6), Some(3));
/// assert_eq!((range.start().0, range.end().0, range.line()), (2, 6, Some(3)));
/// assert_eq!(LineRange::default().line(), None);
/// ```
// In two parts, since three fields stored one by one would stall the 64-bit load that copies two of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct LineRange {
    /// The start in the low half, the end in the high one.
    offsets: u64,
    /// [`NONE`] stands for CPython's None and does not leave the crate.
    line: u32,
}

impl LineRange {
    /// A range from its parts; a line of `Some(u32::MAX)`, which no table can hold, counts as `None`.
    #[inline]
    #[must_use]
    pub const fn new(start: ByteOffset, end: ByteOffset, line: Option<u32>) -> Self {
        Self::from_parts(start, end, pack(line))
    }

    /// The same, with [`NONE`] where there is no line.
    #[inline(always)]
    pub(crate) const fn from_parts(start: ByteOffset, end: ByteOffset, line: u32) -> Self {
        Self {
            offsets: start.0 as u64 | (end.0 as u64) << 32,
            line,
        }
    }

    /// The first byte of the range.
    #[inline]
    #[must_use]
    pub const fn start(&self) -> ByteOffset {
        ByteOffset(self.offsets as u32)
    }

    /// The byte after the range.
    #[inline]
    #[must_use]
    pub const fn end(&self) -> ByteOffset {
        ByteOffset((self.offsets >> 32) as u32)
    }

    /// The line, 1-based; `None` for instructions without one.
    #[inline]
    #[must_use]
    pub const fn line(&self) -> Option<u32> {
        if self.line == NONE {
            None
        } else {
            Some(self.line)
        }
    }

    /// The same with another end.
    #[inline(always)]
    pub(crate) const fn until(self, end: ByteOffset) -> Self {
        Self::from_parts(self.start(), end, self.line)
    }
}

impl Default for LineRange {
    fn default() -> Self {
        Self::new(ByteOffset(0), ByteOffset(0), None)
    }
}

impl fmt::Debug for LineRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineRange")
            .field("start", &self.start())
            .field("end", &self.end())
            .field("line", &self.line())
            .finish()
    }
}

/// The offset `byte_count` bytes further, unless it is more than CPython's code can have: a C int.
pub(crate) fn advance(offset: ByteOffset, byte_count: u8) -> Option<ByteOffset> {
    let end = offset.0 + u32::from(byte_count);
    (end <= i32::MAX as u32).then_some(ByteOffset(end))
}

/// A running line as a line number, unless it is negative.
pub(crate) fn line_number(line: i32) -> Option<u32> {
    u32::try_from(line).ok()
}

/// The line of the range that holds `offset`, reading no further than that range.
pub(crate) fn find(
    lines: impl Iterator<Item = Result<LineRange, Error>>,
    offset: ByteOffset,
) -> Result<Option<u32>, Error> {
    for range in lines {
        let range = range?;
        if offset < range.end() {
            return Ok(range.line());
        }
    }
    Ok(None)
}
