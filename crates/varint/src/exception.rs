//! The varint of exception tables (`co_exceptiontable`, 3.11 and later): most significant group first.
//!
//! An entry is four values: `start`, `length`, `target` and `depth << 1 | lasti`. The first byte of `start`, and
//! no other, has bit 7 set, so that a search can find the next entry from any byte.
//!
//! Checked against CPython 3.11 to 3.15 (`dis._parse_exception_table` on whole standard libraries).

use crate::{CONTINUATION, ENTRY_MARK, Encoded, Error, ErrorKind, GROUP, MAX_LEN};

/// Reads a value that does not start an entry at `offset` (in bytes): the value, and the offset of the byte
/// after it.
///
/// ```
/// use pyco_varint::{ErrorKind, exception};
///
/// assert_eq!(exception::read(&[0x41, 0x24], 0), Ok((100, 2)));
/// assert_eq!(exception::read(&[0x41], 0).unwrap_err().kind(), ErrorKind::Truncated);
/// assert_eq!(exception::read(&[0x94], 0).unwrap_err().kind(), ErrorKind::UnexpectedMark);
/// ```
///
/// # Errors
/// [`ErrorKind::Truncated`], [`ErrorKind::Overlong`], [`ErrorKind::Overflow`] (more than 32 bits), or
/// [`ErrorKind::UnexpectedMark`] where a byte has bit 7 set.
#[inline]
pub const fn read(bytes: &[u8], offset: usize) -> Result<(u32, usize), Error> {
    if offset < bytes.len() {
        return read_from(bytes, offset, bytes[offset]);
    }
    Err(Error::new(ErrorKind::Truncated, offset))
}

/// Reads an entry's `start` at `offset` (in bytes), whose first byte has bit 7 set: the value, and the offset of
/// the byte after it.
///
/// ```
/// use pyco_varint::{ErrorKind, exception};
///
/// assert_eq!(exception::read_start(&[0x94], 0), Ok((20, 1)));
/// assert_eq!(exception::read_start(&[0x14], 0).unwrap_err().kind(), ErrorKind::MissingMark);
/// ```
///
/// # Errors
/// Those of [`read`], and [`ErrorKind::MissingMark`] where bit 7 of the first byte is clear.
#[inline]
pub const fn read_start(bytes: &[u8], offset: usize) -> Result<(u32, usize), Error> {
    if offset >= bytes.len() {
        return Err(Error::new(ErrorKind::Truncated, offset));
    }
    if bytes[offset] & ENTRY_MARK == 0 {
        return Err(Error::new(ErrorKind::MissingMark, offset));
    }
    read_from(bytes, offset, bytes[offset] & !ENTRY_MARK)
}

/// Reads the value whose first byte, stripped of an expected mark, is `first`.
const fn read_from(bytes: &[u8], offset: usize, first: u8) -> Result<(u32, usize), Error> {
    if first == CONTINUATION {
        return Err(Error::new(ErrorKind::Overlong, offset));
    }
    let mut value = 0u32;
    let mut byte = first;
    let mut at = offset;
    loop {
        if byte & ENTRY_MARK != 0 {
            return Err(Error::new(ErrorKind::UnexpectedMark, at));
        }
        if value >> 26 != 0 {
            return Err(Error::new(ErrorKind::Overflow, at));
        }
        value = (value << 6) | (byte & GROUP) as u32;
        at += 1;
        if byte & CONTINUATION == 0 {
            return Ok((value, at));
        }
        if at >= bytes.len() {
            return Err(Error::new(ErrorKind::Truncated, at));
        }
        byte = bytes[at];
    }
}

/// Encodes a value that does not start an entry.
///
/// ```
/// use pyco_varint::exception;
///
/// assert_eq!(exception::encode(100).as_bytes(), [0x41, 0x24]);
/// ```
#[must_use]
pub const fn encode(value: u32) -> Encoded {
    encode_marked(value, 0)
}

/// Encodes an entry's `start`: as [`encode`], with bit 7 of the first byte set.
///
/// ```
/// use pyco_varint::exception;
///
/// assert_eq!(exception::encode_start(20).as_bytes(), [0x94]);
/// assert_eq!(exception::encode_start(100).as_bytes(), [0xc1, 0x24]);
/// ```
#[must_use]
pub const fn encode_start(value: u32) -> Encoded {
    encode_marked(value, ENTRY_MARK)
}

const fn encode_marked(value: u32, mark: u8) -> Encoded {
    let mut groups = 1;
    while groups < MAX_LEN && value >> (6 * groups) != 0 {
        groups += 1;
    }
    let mut bytes = [0; MAX_LEN];
    let mut at = 0;
    while at < groups {
        let last = at + 1 == groups;
        let group = (value >> (6 * (groups - 1 - at))) as u8 & GROUP;
        bytes[at] = if last { group } else { CONTINUATION | group };
        at += 1;
    }
    bytes[0] |= mark;
    Encoded::new(bytes, groups as u8)
}
