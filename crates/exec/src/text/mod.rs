//! Strings and bytes without the object model: storage, methods and Unicode properties.
//!
//! Everything behaves as in CPython 3.13, and where 3.11 to 3.15 differ, which is in the Unicode database, takes the version.
//! A str is code points (lone surrogates allowed) in the narrowest of CPython's kinds; [`StrView`] borrows one, [`StrBuf`] owns one.
//! Functions that can make a result much larger than their input take the largest size allowed and say [`TooLarge`] before
//! they allocate. Nothing here knows of objects, panics on any contents, or recurses.

mod buf;
mod build;
mod builder;
pub mod bytes;
mod case;
mod classify;
mod codec;
mod find;
mod hash;
mod hex;
mod repr;
mod search;
mod slice;
mod split;
mod strip;
mod unicode;
pub(crate) mod unit;
mod utf8;
mod view;

pub use buf::{StrBuf, StrCow};
pub use build::{Align, TooLarge};
pub use builder::StrBuilder;
pub use codec::{
    ByteOrder, Codec, CodecError, DecodeAnswer, DecodeFailure, Decoded, EncodeAnswer,
    EncodeReplacement, ErrorHandler, NameLookup, decode, decode_with, encode, encode_with,
};
pub use find::adjust_range;
pub use hash::HashKey;
pub use hex::{FromHexError, from_hex, from_hex_bytes, hex};
pub use repr::{ascii, bytearray_inner_repr, bytes_repr, push_numeric_escape, push_repr, repr};
pub(crate) use search::find_byte;
pub use slice::{Translated, slice_indices};
pub use split::{EmptySeparator, Lines, Pieces, UnitLines, UnitPieces};
pub use strip::Side;
pub use unicode::{
    Mapped, Properties, UnicodeVersion, char_named, decimal_value, digit_value, is_line_break,
    is_space, name_of, properties, to_fold, to_lower, to_title, to_upper,
};
pub use unit::Unit;
pub use view::{Chars, Kind, StrView};
