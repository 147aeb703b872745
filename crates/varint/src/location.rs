//! The varint of location tables (`co_linetable`, 3.11 and later): least significant group first.
//!
//! Checked against CPython 3.11 to 3.15 (`co_positions()` of whole standard libraries).

use crate::{CONTINUATION, ENTRY_MARK, Encoded, Error, ErrorKind, GROUP, MAX_LEN};

/// Reads an unsigned value at `offset` (in bytes): the value, and the offset of the byte after it.
///
/// ```
/// use pyco_varint::{ErrorKind, location};
///
/// assert_eq!(location::read(&[0x3f], 0), Ok((63, 1)));
/// assert_eq!(location::read(&[0xff, 0x41, 0x01], 1), Ok((65, 3)));
/// assert_eq!(location::read(&[0x41], 0).unwrap_err().kind(), ErrorKind::Truncated);
/// assert_eq!(location::read(&[0x41, 0x00], 0).unwrap_err().kind(), ErrorKind::Overlong);
/// ```
///
/// # Errors
/// [`ErrorKind::Truncated`], [`ErrorKind::Overlong`], [`ErrorKind::Overflow`] (more than 32 bits), or
/// [`ErrorKind::UnexpectedMark`] where a byte has bit 7 set.
#[inline]
pub const fn read(bytes: &[u8], offset: usize) -> Result<(u32, usize), Error> {
    if offset < bytes.len() {
        let byte = bytes[offset];
        if byte < CONTINUATION {
            return Ok((byte as u32, offset + 1));
        }
    }
    read_slow(bytes, offset)
}

/// The general case of [`read`], kept out of line so that the one-byte case inlines small.
const fn read_slow(bytes: &[u8], offset: usize) -> Result<(u32, usize), Error> {
    let mut value = 0u32;
    let mut at = offset;
    let mut shift = 0;
    loop {
        if at >= bytes.len() {
            return Err(Error::new(ErrorKind::Truncated, at));
        }
        let byte = bytes[at];
        if byte & ENTRY_MARK != 0 {
            return Err(Error::new(ErrorKind::UnexpectedMark, at));
        }
        let group = (byte & GROUP) as u32;
        if shift == 30 && (group > 3 || byte & CONTINUATION != 0) {
            return Err(Error::new(ErrorKind::Overflow, at));
        }
        value |= group << shift;
        if byte & CONTINUATION == 0 {
            if group == 0 && shift != 0 {
                return Err(Error::new(ErrorKind::Overlong, at));
            }
            return Ok((value, at + 1));
        }
        at += 1;
        shift += 6;
    }
}

/// Reads a signed value at `offset` (in bytes): the value, and the offset of the byte after it.
///
/// The sign is in bit 0 and the magnitude above it, so 2 is 1 and 3 is −1 (this is not zig-zag). An encoded 1
/// is "minus zero" and reads as 0, as in CPython.
///
/// ```
/// use pyco_varint::location;
///
/// assert_eq!(location::read_signed(&[0x02], 0), Ok((1, 1)));
/// assert_eq!(location::read_signed(&[0x03], 0), Ok((-1, 1)));
/// assert_eq!(location::read_signed(&[0x01], 0), Ok((0, 1)));
/// ```
///
/// # Errors
/// Those of [`read`].
#[inline]
pub const fn read_signed(bytes: &[u8], offset: usize) -> Result<(i32, usize), Error> {
    match read(bytes, offset) {
        Ok((value, next)) => Ok((sign_magnitude(value), next)),
        Err(error) => Err(error),
    }
}

/// The signed value that an unsigned one stands for: magnitude in bits 1 to 31, sign in bit 0.
#[inline]
#[must_use]
pub const fn sign_magnitude(value: u32) -> i32 {
    let magnitude = (value >> 1) as i32;
    let sign = (value & 1) as i32;
    (magnitude ^ -sign) + sign
}

/// Encodes an unsigned value.
///
/// ```
/// use pyco_varint::location;
///
/// assert_eq!(location::encode(63).as_bytes(), [0x3f]);
/// assert_eq!(location::encode(u32::MAX).as_bytes(), [0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x03]);
/// ```
#[must_use]
pub const fn encode(value: u32) -> Encoded {
    let mut bytes = [0; MAX_LEN];
    let mut len = 0;
    let mut rest = value;
    while rest >= CONTINUATION as u32 {
        bytes[len] = CONTINUATION | (rest as u8 & GROUP);
        rest >>= 6;
        len += 1;
    }
    bytes[len] = rest as u8;
    Encoded::new(bytes, len as u8 + 1)
}

/// Encodes a signed value; `None` for [`i32::MIN`], whose magnitude does not fit beside the sign.
///
/// ```
/// use pyco_varint::location;
///
/// assert_eq!(location::encode_signed(-1).unwrap().as_bytes(), [0x03]);
/// assert_eq!(location::encode_signed(40).unwrap().as_bytes(), [0x50, 0x01]);
/// assert!(location::encode_signed(i32::MIN).is_none());
/// ```
#[must_use]
pub const fn encode_signed(value: i32) -> Option<Encoded> {
    if value == i32::MIN {
        return None;
    }
    Some(encode((value.unsigned_abs() << 1) | (value < 0) as u32))
}
