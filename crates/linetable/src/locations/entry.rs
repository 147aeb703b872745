//! One entry of a location table: its forms, and decoding the bytes of one.
//!
//! Invariants: an entry is at most [`MAX_ENTRY_LEN`] bytes; decoding looks at no byte after it.

use crate::location::Parts;
use crate::{Error, ErrorKind, Location, UnitOffset};
use pyco_varint::{ENTRY_MARK, location as varint};

/// The longest entry in bytes: the first byte and four varints.
pub(crate) const MAX_ENTRY_LEN: usize = 1 + 4 * pyco_varint::MAX_LEN;

/// The most code units of one entry.
#[cfg(feature = "alloc")]
pub(super) const MAX_UNIT_COUNT: u32 = 8;

/// The first of the three codes of [`Form::OneLine`]; those below are [`Form::Short`].
pub(super) const ONE_LINE: u8 = 10;
pub(super) const NO_COLUMNS: u8 = 13;
pub(super) const LONG: u8 = 14;
pub(super) const NO_LOCATION: u8 = 15;

/// The lowest first byte of an entry that may change the line: code 11.
pub(super) const FIRST_LINE_CHANGING: u8 = ENTRY_MARK | (ONE_LINE + 1) << 3;

/// The lowest first byte of an entry with these codes.
const FIRST_ONE_LINE: u8 = ENTRY_MARK | ONE_LINE << 3;
pub(super) const FIRST_NO_COLUMNS: u8 = ENTRY_MARK | NO_COLUMNS << 3;
const FIRST_LONG: u8 = ENTRY_MARK | LONG << 3;
pub(super) const FIRST_NO_LOCATION: u8 = ENTRY_MARK | NO_LOCATION << 3;

/// The bits of the first byte that hold the code.
const CODE: u8 = 15 << 3;

/// How an entry is written; CPython's `_PyCodeLocationInfoKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Codes 0 to 9, two bytes: the same line as before, start column below 80, at most 15 wide.
    Short,
    /// Codes 10 to 12, three bytes: 0 to 2 lines further, both columns below 128.
    OneLine,
    /// Code 13: any line, columns unknown.
    NoColumns,
    /// Code 14: any lines and columns.
    Long,
    /// Code 15: no location.
    None,
}

/// One entry of a location table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The first code unit that the entry covers.
    pub start: UnitOffset,
    /// How many code units it covers: 1 to 8.
    pub unit_count: u8,
    /// How it is written.
    pub form: Form,
    /// The location of each of its code units.
    pub location: Location,
}

impl Entry {
    /// The code unit after the entry.
    #[inline]
    #[must_use]
    pub const fn end(&self) -> UnitOffset {
        UnitOffset(self.start.0 + self.unit_count as u32)
    }
}

/// An entry without its place in the code, and the offset of the byte after it.
#[derive(Clone, Copy)]
pub(super) struct Decoded {
    pub(super) unit_count: u8,
    pub(super) form: Form,
    pub(super) location: Location,
    /// The line from which the next entry counts.
    pub(super) line: i32,
    pub(super) next: usize,
}

impl Decoded {
    /// The same, taken apart and put together again, so that what a call returned in memory is not read from there
    /// ever after.
    #[inline(always)]
    pub(super) fn in_registers(self) -> Self {
        Self {
            location: Location::from_parts(self.location.parts()),
            ..self
        }
    }
}

/// For the first byte of a short or one-line entry, the number of its code units and, in the high byte, of lines
/// further.
static STEPS: [u16; 256] = {
    let mut steps = [0; 256];
    let mut first = ENTRY_MARK;
    while first < FIRST_NO_COLUMNS {
        let delta = first.saturating_sub(FIRST_ONE_LINE) >> 3;
        steps[first as usize] = ((first as u16 & 7) + 1) | ((delta as u16) << 8);
        first += 1;
    }
    steps
};

/// Decodes the entry at byte `offset` of `bytes`, for which there must be a byte; `line` is the start line of
/// the entry before.
///
/// Nine entries in ten of a standard library are short or one-line, in no order that a processor could predict:
/// so these two are decoded without a branch between them, and all that is rare or wrong is left to
/// [`decode_any`].
#[inline(always)]
pub(super) fn decode_common(bytes: &[u8], offset: usize, line: i32) -> Option<Decoded> {
    let rest = &bytes[offset..];
    if let Some(&[first, one, two]) = rest.first_chunk() {
        // With bit 7 set, the codes are in the order of the first byte.
        if (ENTRY_MARK..FIRST_NO_COLUMNS).contains(&first) {
            let is_one_line = first >= FIRST_ONE_LINE;
            // All ones for a short entry, else zero: with `if` the compiler would branch after all.
            let short = u32::from(is_one_line).wrapping_sub(1);
            let (one, two) = (u32::from(one), u32::from(two) & !short);
            let [unit_count, delta] = STEPS[usize::from(first)].to_le_bytes();
            let delta = u32::from(delta);
            let line = (line as u32).wrapping_add(delta);
            if (one | two) < u32::from(ENTRY_MARK) && line <= i32::MAX as u32 {
                // Bits 3 to 6, the code, are where the column has them.
                let high = u32::from(first & CODE);
                let column = ((high | one >> 4) & short) | (one & !short);
                let end_column = two + ((column + (one & 15)) & short);
                return Some(Decoded {
                    unit_count,
                    form: if is_one_line {
                        Form::OneLine
                    } else {
                        Form::Short
                    },
                    location: Location::from_parts(Parts {
                        line,
                        end_line: line,
                        column,
                        end_column,
                    }),
                    line: line as i32,
                    next: offset + 2 + usize::from(is_one_line),
                });
            }
        } else if first & !7 == FIRST_LONG {
            return decode_long(rest, offset, line);
        } else if first >= FIRST_NO_LOCATION {
            return Some(Decoded {
                unit_count: (first & 7) + 1,
                form: Form::None,
                location: Location::NONE,
                line,
                next: offset + 1,
            });
        }
    }
    None
}

/// [`decode_common`] for an entry of [`Form::Long`] whose varints are of one byte each or two.
#[inline(always)]
fn decode_long(rest: &[u8], offset: usize, line: i32) -> Option<Decoded> {
    let (&[first, delta, line_count, column, end_column], _) = rest.split_first_chunk()?;
    let (delta, line_count, column, end_column, len) =
        if (delta | line_count | column | end_column) < pyco_varint::CONTINUATION {
            let [delta, line_count, column, end_column] =
                [delta, line_count, column, end_column].map(u32::from);
            (delta, line_count, column, end_column, 5)
        } else {
            let word = u64::from_le_bytes(*rest[1..].first_chunk()?);
            let (delta, len) = varint_of_two(word, 0)?;
            let (line_count, len) = varint_of_two(word, len)?;
            let (column, len) = varint_of_two(word, len)?;
            let (end_column, len) = varint_of_two(word, len)?;
            (delta, line_count, column, end_column, 1 + len as usize / 8)
        };
    let line = i64::from(line) + i64::from(varint::sign_magnitude(delta));
    let end_line = (line as u32).wrapping_add(line_count);
    if line < 0 || end_line > i32::MAX as u32 {
        return None;
    }
    Some(Decoded {
        unit_count: (first & 7) + 1,
        form: Form::Long,
        location: Location::from_parts(Parts {
            line: line as u32,
            end_line,
            column: column.wrapping_sub(1),
            end_column: end_column.wrapping_sub(1),
        }),
        line: line as i32,
        next: offset + len,
    })
}

/// The varint at bit `at` of `word`, and the bit after it; `None` where it is none of one or two bytes.
#[inline(always)]
fn varint_of_two(word: u64, at: u32) -> Option<(u32, u32)> {
    let [one, two, ..] = (word >> at).to_le_bytes();
    if one < pyco_varint::CONTINUATION {
        return Some((u32::from(one), at + 8));
    }
    // The second byte: the last, and not 0.
    (one < ENTRY_MARK && two.wrapping_sub(1) < pyco_varint::CONTINUATION - 1).then(|| {
        (
            u32::from(one & pyco_varint::GROUP) | u32::from(two) << 6,
            at + 16,
        )
    })
}

/// Decodes any entry; see [`decode_common`].
#[cold]
#[inline(never)]
pub(super) fn decode_any(bytes: &[u8], offset: usize, line: i32) -> Result<Decoded, Error> {
    let first = bytes[offset];
    if first & ENTRY_MARK == 0 {
        return Err(Error::new(ErrorKind::MissingEntryMark, offset));
    }
    let code = first >> 3 & 15;
    let (form, location, next) = if code < ONE_LINE {
        let columns = byte(bytes, offset + 1)?;
        let line = in_range(line, offset)?;
        let column = u32::from(code) << 3 | columns >> 4;
        (
            Form::Short,
            Location::from_parts(Parts {
                line,
                end_line: line,
                column,
                end_column: column + (columns & 15),
            }),
            offset + 2,
        )
    } else if code < NO_COLUMNS {
        let column = byte(bytes, offset + 1)?;
        let end_column = byte(bytes, offset + 2)?;
        let line = line_after(line, i32::from(code - ONE_LINE), offset)?;
        (
            Form::OneLine,
            Location::from_parts(Parts {
                line,
                end_line: line,
                column,
                end_column,
            }),
            offset + 3,
        )
    } else if code == NO_COLUMNS {
        let (delta, next) = varint::read_signed(bytes, offset + 1)?;
        (
            Form::NoColumns,
            Location::from_line(line_after(line, delta, offset)?),
            next,
        )
    } else if code == LONG {
        let (location, next) = long(bytes, offset, line)?;
        (Form::Long, location, next)
    } else {
        (Form::None, Location::NONE, offset + 1)
    };
    Ok(Decoded {
        unit_count: (first & 7) + 1,
        form,
        location,
        line: if location.is_none() {
            line
        } else {
            location.parts().line as i32
        },
        next,
    })
}

fn long(bytes: &[u8], offset: usize, line: i32) -> Result<(Location, usize), Error> {
    let (delta, next) = varint::read_signed(bytes, offset + 1)?;
    let line = line_after(line, delta, offset)?;
    let (line_count, next) = varint::read(bytes, next)?;
    let (column, next) = varint::read(bytes, next)?;
    let (end_column, next) = varint::read(bytes, next)?;
    let end_line = line.saturating_add(line_count);
    if end_line > i32::MAX as u32 {
        return Err(Error::new(ErrorKind::LineOutOfRange, offset));
    }
    // Stored columns are one more than the column, 0 for None: so wrapping gives `Location`'s own None.
    let location = Location::from_parts(Parts {
        line,
        end_line,
        column: column.wrapping_sub(1),
        end_column: end_column.wrapping_sub(1),
    });
    Ok((location, next))
}

/// The byte at `offset`, which belongs to an entry that started before it.
fn byte(bytes: &[u8], offset: usize) -> Result<u32, Error> {
    match bytes.get(offset) {
        Some(&byte) if byte < ENTRY_MARK => Ok(u32::from(byte)),
        Some(_) => Err(Error::new(ErrorKind::UnexpectedEntryMark, offset)),
        None => Err(Error::new(ErrorKind::Truncated, offset)),
    }
}

fn line_after(line: i32, delta: i32, offset: usize) -> Result<u32, Error> {
    match line.checked_add(delta) {
        Some(line) => in_range(line, offset),
        None => Err(Error::new(ErrorKind::LineOutOfRange, offset)),
    }
}

fn in_range(line: i32, offset: usize) -> Result<u32, Error> {
    u32::try_from(line).map_err(|_| Error::new(ErrorKind::LineOutOfRange, offset))
}
