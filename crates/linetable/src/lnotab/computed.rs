//! The `co_lnotab` that 3.10 to 3.14 compute from their newer tables.
//!
//! Invariant: nothing allocates. A table of a few bytes can stand for lines two thousand million apart, and so for
//! megabytes of `co_lnotab`: hence an iterator, which the caller stops when it has enough.

use crate::{Error, LineRange};

/// The pairs of a computed `co_lnotab`, in order: an address delta and a signed line delta.
///
/// It is what the `co_lnotab` attribute of 3.10 to 3.14 gives (3.15 has none). Code without a line counts to the
/// line before it; large steps are split at other places than the compilers up to 3.9 did.
///
/// ```
/// use pyco_linetable::LineTable;
///
/// // Two bytes on line 2, two without a line, two on line 3.
/// let table = LineTable::new(b"\x02\x01\x02\x80\x02\x01", 1);
/// let pairs: Result<Vec<[u8; 2]>, _> = table.co_lnotab().collect();
/// assert_eq!(pairs?.concat(), b"\x00\x01\x04\x01");
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// # Errors
/// The last item is an error where the lines it is computed from have one.
#[derive(Debug, Clone)]
pub struct ComputedLnotab<I> {
    lines: I,
    /// The line so far; 64 bits, as the difference of two lines may not fit in 32.
    line: i64,
    address: u32,
    /// What is left to be written of the step to `address` and `line`.
    address_delta: u32,
    line_delta: i64,
    is_in_step: bool,
}

impl<I> ComputedLnotab<I> {
    pub(crate) const fn new(lines: I, first_line: i32) -> Self {
        Self {
            lines,
            line: first_line as i64,
            address: 0,
            address_delta: 0,
            line_delta: 0,
            is_in_step: false,
        }
    }

    /// Takes the next pair off the step.
    fn pair(&mut self) -> [u8; 2] {
        if self.address_delta > 255 {
            self.address_delta -= 255;
            return [255, 0];
        }
        let address_delta = core::mem::take(&mut self.address_delta) as u8;
        let line_delta = self.line_delta.clamp(-128, 127);
        self.line_delta -= line_delta;
        self.is_in_step = self.line_delta != 0;
        [address_delta, line_delta as u8]
    }
}

impl<I: Iterator<Item = Result<LineRange, Error>>> Iterator for ComputedLnotab<I> {
    type Item = Result<[u8; 2], Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_in_step {
            let range = match self.lines.next()? {
                Ok(range) => range,
                Err(error) => return Some(Err(error)),
            };
            let Some(line) = range.line().map(i64::from) else {
                continue;
            };
            if line != self.line {
                self.address_delta = range.start().0 - self.address;
                self.line_delta = line - self.line;
                self.address = range.start().0;
                self.line = line;
                self.is_in_step = true;
            }
        }
        Some(Ok(self.pair()))
    }
}
