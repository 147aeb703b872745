//! One range of bytecode with its line: what every format's `lines` yields.

use crate::ByteOffset;

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
