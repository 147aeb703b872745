//! Encoding `co_lnotab`, as the compilers up to 3.9 do.
//!
//! Invariant: addresses never go back; after an error the builder is as before the call.

use super::LineDeltas;
use crate::{ByteOffset, Error, ErrorKind};
use alloc::vec::Vec;

/// Writes a `co_lnotab` as CPython 2.7's or 3.6's to 3.9's compiler does: push the start and line of each
/// statement in the order of the code.
///
/// ```
/// use pyco_linetable::{ByteOffset, LineDeltas, LnotabBuilder};
///
/// let mut builder = LnotabBuilder::new(1, LineDeltas::Signed);
/// builder.push(ByteOffset(0), 2)?;
/// builder.push(ByteOffset(4), 203)?;
/// assert_eq!(builder.finish(), b"\x00\x01\x04\x7f\x00\x4a");
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// What those compilers wrote cannot always be had back from the lines: the peephole optimiser moved addresses
/// afterwards and left pairs that change nothing. Copy the [`entries`](super::Lnotab::entries) where every byte
/// counts.
#[derive(Debug, Clone)]
pub struct LnotabBuilder {
    bytes: Vec<u8>,
    address: ByteOffset,
    line: i32,
    deltas: LineDeltas,
}

impl LnotabBuilder {
    /// A builder for a code object whose `co_firstlineno` is `first_line`.
    #[must_use]
    pub const fn new(first_line: i32, deltas: LineDeltas) -> Self {
        Self {
            bytes: Vec::new(),
            address: ByteOffset(0),
            line: first_line,
            deltas,
        }
    }

    /// The code from `start` on, which is not before any start pushed so far, is on `line`.
    ///
    /// # Errors
    /// [`ErrorKind::AddressGoesBack`] where `start` is before the last one, [`ErrorKind::LineOutOfRange`] where
    /// the line is above 2³¹ − 1 or, without signed deltas, before the last one.
    pub fn push(&mut self, start: ByteOffset, line: u32) -> Result<(), Error> {
        let at = self.bytes.len();
        let line = i32::try_from(line).map_err(|_| Error::new(ErrorKind::LineOutOfRange, at))?;
        let delta = line.checked_sub(self.line);
        let mut delta = delta.ok_or(Error::new(ErrorKind::LineOutOfRange, at))?;
        let address_delta = start.0.checked_sub(self.address.0);
        let mut address_delta = address_delta.ok_or(Error::new(ErrorKind::AddressGoesBack, at))?;
        let (lowest, highest) = match self.deltas {
            LineDeltas::Signed => (-128, 127),
            LineDeltas::Unsigned => (0, 255),
        };
        if delta < 0 && lowest == 0 {
            return Err(Error::new(ErrorKind::LineOutOfRange, at));
        }
        if address_delta == 0 && delta == 0 {
            return Ok(());
        }
        self.address = start;
        self.line = line;
        if address_delta > 255 {
            while address_delta >= 255 {
                self.pair(255, 0);
                address_delta -= 255;
            }
        }
        if !(lowest..=highest).contains(&delta) {
            let step = delta.clamp(lowest, highest);
            for _ in 0..delta / step {
                self.pair(address_delta as u8, step);
                address_delta = 0;
            }
            delta %= step;
        }
        self.pair(address_delta as u8, delta);
        Ok(())
    }

    /// The table.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn pair(&mut self, address_delta: u8, line_delta: i32) {
        self.bytes.extend([address_delta, line_delta as u8]);
    }
}
