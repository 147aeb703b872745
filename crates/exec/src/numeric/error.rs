//! What a failed operation raises: an exception type and CPython's message.
//!
//! A message is text in which the user's own text may be quoted, so it may hold lone surrogates.

use std::borrow::Cow;
use std::fmt;

/// The exception that CPython raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// `ValueError`.
    Value,
    /// `TypeError`.
    Type,
    /// `OverflowError`.
    Overflow,
    /// `OverflowError` whose arguments are `(34, message)`, as after a C function that set `ERANGE`.
    Range,
    /// `ZeroDivisionError`.
    ZeroDivision,
    /// `IndexError`.
    Index,
    /// `MemoryError`, with no message: the result could never be stored.
    Memory,
    /// The result would exceed the limit that the caller gave.
    TooLarge {
        /// Least size of the refused result, in code points or bytes.
        needed: usize,
    },
}

/// The text of an [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Ordinary text.
    Text(Cow<'static, str>),
    /// Text that quotes the user's, as code points; lone surrogates possible.
    CodePoints(Vec<u32>),
}

impl Message {
    /// The message as code points.
    pub fn code_points(&self) -> Vec<u32> {
        match self {
            Message::Text(text) => text.chars().map(u32::from).collect(),
            Message::CodePoints(points) => points.clone(),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Text(text) => f.write_str(text),
            Message::CodePoints(points) => {
                let mut chars = points
                    .iter()
                    .map(|&p| char::from_u32(p).unwrap_or('\u{fffd}'));
                chars.try_for_each(|c| fmt::Write::write_char(f, c))
            }
        }
    }
}

/// An exception about to be raised.
///
/// Shown with [`Display`](fmt::Display), lone surrogates appear as U+FFFD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: Message,
}

impl Error {
    /// An exception of type `kind` with the text `message`.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Error {
        Error {
            kind,
            message: Message::Text(message.into()),
        }
    }

    /// An exception whose text quotes `quoted` between `before` and `after`.
    pub fn quoting(
        kind: ErrorKind,
        before: &str,
        quoted: impl IntoIterator<Item = u32>,
        after: &str,
    ) -> Error {
        let mut points: Vec<u32> = before.chars().map(u32::from).collect();
        points.extend(quoted);
        points.extend(after.chars().map(u32::from));
        let text: Option<String> = points.iter().map(|&p| char::from_u32(p)).collect();
        let message = match text {
            Some(text) => Message::Text(Cow::Owned(text)),
            None => Message::CodePoints(points),
        };
        Error { kind, message }
    }

    pub(crate) fn value(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Value, message)
    }

    pub(crate) fn type_error(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Type, message)
    }

    pub(crate) fn overflow(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::Overflow, message)
    }

    pub(crate) fn zero_division(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::ZeroDivision, message)
    }

    /// A `pow` that overflowed, as C's `ERANGE` tells it.
    pub(crate) fn range() -> Error {
        Error::new(ErrorKind::Range, "Numerical result out of range")
    }

    pub(crate) fn too_large(needed: usize) -> Error {
        Error::new(ErrorKind::TooLarge { needed }, "")
    }

    /// The exception type.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The text of the exception.
    pub fn message(&self) -> &Message {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for Error {}
