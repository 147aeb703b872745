//! Strings and bytes without the object model: storage, methods and Unicode properties.
//!
//! Everything behaves as in CPython 3.13, and where 3.11 to 3.15 differ, which is in the Unicode database, takes the version.
//! A str is code points (lone surrogates allowed) in the narrowest of CPython's kinds; [`StrView`] borrows one, [`StrBuf`] owns one.
//! Functions that can make a result much larger than their input take the largest size allowed and say [`TooLarge`] before
//! they allocate. Nothing here knows of objects, panics on any contents, or recurses.

mod buf;
mod builder;
mod hash;
mod repr;
mod unicode;
mod unit;
mod view;

pub use buf::{StrBuf, StrCow};
pub use builder::StrBuilder;
pub use hash::HashKey;
pub use repr::{ascii, bytes_repr, push_repr, repr};
pub use unicode::{
    Mapped, Properties, UnicodeVersion, decimal_value, digit_value, is_line_break, is_space,
    properties, to_fold, to_lower, to_title, to_upper,
};
pub use unit::Unit;
pub use view::{Chars, Kind, StrView};
