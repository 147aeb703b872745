//! Encoding the line table of 3.10, as its compiler does.
//!
//! Invariant: at most one range is held back, until the next one is known to have another line.

use super::NO_LINE;
use crate::{ByteOffset, Error, ErrorKind};
use alloc::vec::Vec;

/// The widest pair that 3.10 writes: 255 would leave an odd rest of an even width.
const MAX_WIDTH: u32 = 254;

/// Writes a 3.10 `co_linetable`: push widths and lines in the order of the code.
///
/// Neighbours on one line are merged, and large steps split, as in CPython 3.10's compiler: so the table of any
/// code that it compiled comes back byte for byte from the ranges of [`LineTable::lines`](super::LineTable::lines).
///
/// ```
/// use pyco_linetable::{LineTable, LineTableBuilder};
///
/// let mut builder = LineTableBuilder::new(1);
/// builder.push(4, Some(2))?;
/// builder.push(4, Some(2))?;
/// builder.push(2, None)?;
/// assert_eq!(builder.finish()?, b"\x08\x01\x02\x80");
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LineTableBuilder {
    bytes: Vec<u8>,
    line: i32,
    end: ByteOffset,
    pending: Option<(u32, Option<i32>)>,
}

impl LineTableBuilder {
    /// A builder for a code object whose `co_firstlineno` is `first_line`.
    #[must_use]
    pub const fn new(first_line: i32) -> Self {
        Self {
            bytes: Vec::new(),
            line: first_line,
            end: ByteOffset(0),
            pending: None,
        }
    }

    /// Adds the next `byte_count` bytes of code, which are on `line`.
    ///
    /// # Errors
    /// [`ErrorKind::LineOutOfRange`] for a line above 2³¹ − 1, [`ErrorKind::CodeTooLong`] where the code so far
    /// is more than 2³¹ − 1 bytes long.
    pub fn push(&mut self, byte_count: u32, line: Option<u32>) -> Result<(), Error> {
        if byte_count == 0 {
            return Ok(());
        }
        let line = match line.map(i32::try_from) {
            None => None,
            Some(Ok(line)) => Some(line),
            Some(Err(_)) => return Err(Error::new(ErrorKind::LineOutOfRange, self.bytes.len())),
        };
        let end = self.end.0.saturating_add(byte_count);
        if end > i32::MAX as u32 {
            return Err(Error::new(ErrorKind::CodeTooLong, self.bytes.len()));
        }
        self.end = ByteOffset(end);
        match &mut self.pending {
            Some((width, pending_line)) if *pending_line == line => *width += byte_count,
            _ => {
                self.flush()?;
                self.pending = Some((byte_count, line));
            }
        }
        Ok(())
    }

    /// The table.
    ///
    /// # Errors
    /// [`ErrorKind::LineOutOfRange`] where two neighbouring lines are further apart than a C int holds.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.flush()?;
        Ok(self.bytes)
    }

    fn flush(&mut self) -> Result<(), Error> {
        let Some((mut width, line)) = self.pending.take() else {
            return Ok(());
        };
        let (mut delta, later_delta) = match line {
            None => (NO_LINE, NO_LINE),
            Some(line) => {
                let delta = line.checked_sub(self.line);
                let mut delta =
                    delta.ok_or(Error::new(ErrorKind::LineOutOfRange, self.bytes.len()))?;
                self.line = line;
                while !(-127..=127).contains(&delta) {
                    let step = delta.clamp(-127, 127);
                    self.pair(0, step as i8);
                    delta -= step;
                }
                (delta as i8, 0)
            }
        };
        while width > MAX_WIDTH {
            self.pair(MAX_WIDTH as u8, delta);
            width -= MAX_WIDTH;
            delta = later_delta;
        }
        self.pair(width as u8, delta);
        Ok(())
    }

    fn pair(&mut self, width: u8, delta: i8) {
        self.bytes.extend([width, delta as u8]);
    }
}
