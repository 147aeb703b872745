//! [`Error`]: what is wrong with a text, at which line and column.

use alloc::string::String;
use core::fmt;

/// What is wrong with a text, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    line: u32,
    column: u32,
    reason: String,
}

impl Error {
    #[cold]
    pub(super) fn new(line: u32, column: u32, reason: impl Into<String>) -> Self {
        Error {
            line,
            column,
            reason: reason.into(),
        }
    }

    /// The line, 1-based.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, 1-based.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.column
    }

    /// What was found and what was expected.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.reason)
    }
}

impl core::error::Error for Error {}
