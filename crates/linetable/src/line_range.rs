//! One range of bytecode with its line: what every format's `lines` yields, and what all formats do with it.

use crate::{ByteOffset, Error};

/// A range of bytecode and its line: one tuple of `co_lines()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineRange {
    /// The first byte of the range.
    pub start: ByteOffset,
    /// The byte after the range.
    pub end: ByteOffset,
    /// The line, 1-based; `None` for instructions without one.
    pub line: Option<u32>,
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
        if offset < range.end {
            return Ok(range.line);
        }
    }
    Ok(None)
}
