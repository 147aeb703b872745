//! `%` formatting of str and bytes.
//!
//! [`Format`] walks a format string and yields [`Event`]s in the order in which CPython acts: text to
//! copy, a mapping key to look up, a `*` that wants an argument, a conversion. The caller fetches
//! arguments and makes `str`, `repr` and `ascii` of them; the numeric conversions and the messages
//! are here.

mod convert;
mod errors;
mod parse;

pub use convert::{format_float, format_int, layout};
pub use errors::{Argument, Blame, CharArgument, not_all_converted, not_enough};
pub use parse::{Arguments, Directive, Event, Flags, Format};

/// Whether a format is a str or bytes: they know different conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `str % arguments`.
    Str,
    /// `bytes % arguments`.
    Bytes,
}
