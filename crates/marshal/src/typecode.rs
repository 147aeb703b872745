//! The type bytes of marshal: seven bits of type code and, on top, FLAG_REF.
//!
//! Letters are CPython's; the constants are plain bytes so that reader and writer match on them.

/// Bit 7 of a type byte: the object gets an entry in the reference table.
pub const FLAG_REF: u8 = 0x80;

/// End of a dict; no object.
pub const NULL: u8 = b'0';
/// `None`.
pub const NONE: u8 = b'N';
/// `False`.
pub const FALSE: u8 = b'F';
/// `True`.
pub const TRUE: u8 = b'T';
/// The class `StopIteration`.
pub const STOP_ITERATION: u8 = b'S';
/// `Ellipsis`.
pub const ELLIPSIS: u8 = b'.';
/// An int of 32 bits.
pub const INT: u8 = b'i';
/// An int of 64 bits; read, never written by Python 3.
pub const INT64: u8 = b'I';
/// An int in digits of 15 bits.
pub const LONG: u8 = b'l';
/// A float as text.
pub const FLOAT: u8 = b'f';
/// A float in 8 bytes.
pub const BINARY_FLOAT: u8 = b'g';
/// A complex as two texts.
pub const COMPLEX: u8 = b'x';
/// A complex in 16 bytes.
pub const BINARY_COMPLEX: u8 = b'y';
/// Bytes; in Python 2, `str`.
pub const STRING: u8 = b's';
/// An interned str in UTF-8; in Python 2, an interned byte string.
pub const INTERNED: u8 = b't';
/// Python 2 only: reference to an interned byte string.
pub const STRING_REF: u8 = b'R';
/// A str in UTF-8, lone surrogates allowed.
pub const UNICODE: u8 = b'u';
/// A str of ASCII.
pub const ASCII: u8 = b'a';
/// An interned str of ASCII.
pub const ASCII_INTERNED: u8 = b'A';
/// A str of at most 255 ASCII characters.
pub const SHORT_ASCII: u8 = b'z';
/// An interned str of at most 255 ASCII characters.
pub const SHORT_ASCII_INTERNED: u8 = b'Z';
/// A tuple with a 32-bit count.
pub const TUPLE: u8 = b'(';
/// A tuple with an 8-bit count.
pub const SMALL_TUPLE: u8 = b')';
/// A list.
pub const LIST: u8 = b'[';
/// A dict.
pub const DICT: u8 = b'{';
/// A frozendict, 3.15.
pub const FROZENDICT: u8 = b'}';
/// A set.
pub const SET: u8 = b'<';
/// A frozenset.
pub const FROZENSET: u8 = b'>';
/// A slice, 3.14.
pub const SLICE: u8 = b':';
/// A code object.
pub const CODE: u8 = b'c';
/// Reference to an object read before.
pub const REF: u8 = b'r';

/// The type code of an interned str instead of one that is not.
pub(crate) const fn interned(code: u8) -> u8 {
    match code {
        UNICODE => INTERNED,
        ASCII => ASCII_INTERNED,
        SHORT_ASCII => SHORT_ASCII_INTERNED,
        _ => code,
    }
}
