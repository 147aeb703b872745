//! The line delta of an entry, from its first two bytes by a table.
//!
//! Nine line deltas in ten are told by the code and one more byte, in no order that a branch predictor could learn.

use super::entry::{LONG, NO_COLUMNS, NO_LOCATION, ONE_LINE};
use crate::{Error, ErrorKind};
use pyco_varint::{CONTINUATION, ENTRY_MARK, location as varint};

/// By how much an entry moves the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineDelta {
    pub(super) delta: i32,
    /// All ones if the entry has no location, else 0.
    pub(super) none: i32,
}

/// In [`TABLE`], what takes more than two bytes to tell; no delta in it is as low.
const UNTOLD: i16 = 0x80;

/// For bits 3 to 15 of the first two bytes, the first of them lowest, the delta in bits 0 to 7 and what is `none` in
/// the others.
static TABLE: [i16; 1 << 13] = {
    let mut table = [0; 1 << 13];
    let mut index = 0;
    while index < table.len() {
        let code = (index & 15) as u8;
        let is_first = index & (ENTRY_MARK as usize >> 3) != 0;
        let second = (index >> 5) as u8;
        table[index] = match code {
            _ if !is_first => UNTOLD,
            NO_COLUMNS | LONG if second >= CONTINUATION => UNTOLD,
            NO_COLUMNS | LONG => varint::sign_magnitude(second as u32) as i16 & 0xff,
            NO_LOCATION => !0xff,
            _ => code.saturating_sub(ONE_LINE) as i16,
        };
        index += 1;
    }
    table
};

impl LineDelta {
    /// That of an entry whose first two bytes these are; `None` where more is to be looked at.
    #[inline(always)]
    pub(super) fn of([first, second]: [u8; 2]) -> Option<Self> {
        let told = TABLE[usize::from(u16::from_le_bytes([first, second]) >> 3)];
        (told != UNTOLD).then_some(Self {
            delta: i32::from(told as i8),
            none: i32::from(told >> 8),
        })
    }

    /// The line after the entry at byte `offset` of a table, and all ones or the same as its line.
    #[cold]
    #[inline(never)]
    pub(super) fn line_after(bytes: &[u8], offset: usize, line: i32) -> Result<(i32, u32), Error> {
        let first = bytes[offset];
        if first & ENTRY_MARK == 0 {
            return Err(Error::new(ErrorKind::MissingEntryMark, offset));
        }
        let delta = match first >> 3 & 15 {
            NO_COLUMNS | LONG => varint::read_signed(bytes, offset + 1)?.0,
            NO_LOCATION => return Ok((line, u32::MAX)),
            code => i32::from(code.saturating_sub(ONE_LINE)),
        };
        match line.checked_add(delta) {
            Some(line @ 0..) => Ok((line, line as u32)),
            _ => Err(Error::new(ErrorKind::LineOutOfRange, offset)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineDelta;

    #[test]
    fn two_bytes_tell_what_reading_does() {
        for first in 0..=255 {
            for second in 0..=255 {
                let read = LineDelta::line_after(&[first, second], 0, 100);
                match LineDelta::of([first, second]) {
                    Some(LineDelta { delta, none }) => {
                        let line = 100 + delta;
                        let expected = Ok((line, (line | none) as u32));
                        assert_eq!(read, expected, "{first:#x} {second:#x}");
                    }
                    None => assert!(read.is_err(), "{first:#x} {second:#x}"),
                }
            }
        }
    }
}
