//! A Python release series, and how it lays out a code object in marshal.
//!
//! A `Version` is major and minor only: bytecode and file layouts never change within a series
//! after its release. What pre-releases did differently is told by their magic number (`magic`).

use core::fmt;

/// A release series of CPython such as 3.13.
///
/// ```
/// use pyco_marshal::Version;
/// assert!(Version::V3_11 < Version::V3_13);
/// assert_eq!(Version::V3_13.to_string(), "3.13");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u8,
    /// The second number.
    pub minor: u8,
}

impl Version {
    /// Python 2.7.
    pub const V2_7: Self = Self { major: 2, minor: 7 };
    /// Python 3.0.
    pub const V3_0: Self = Self { major: 3, minor: 0 };
    /// Python 3.1.
    pub const V3_1: Self = Self { major: 3, minor: 1 };
    /// Python 3.2.
    pub const V3_2: Self = Self { major: 3, minor: 2 };
    /// Python 3.3.
    pub const V3_3: Self = Self { major: 3, minor: 3 };
    /// Python 3.4.
    pub const V3_4: Self = Self { major: 3, minor: 4 };
    /// Python 3.5.
    pub const V3_5: Self = Self { major: 3, minor: 5 };
    /// Python 3.6.
    pub const V3_6: Self = Self { major: 3, minor: 6 };
    /// Python 3.7.
    pub const V3_7: Self = Self { major: 3, minor: 7 };
    /// Python 3.8.
    pub const V3_8: Self = Self { major: 3, minor: 8 };
    /// Python 3.9.
    pub const V3_9: Self = Self { major: 3, minor: 9 };
    /// Python 3.10.
    pub const V3_10: Self = Self {
        major: 3,
        minor: 10,
    };
    /// Python 3.11.
    pub const V3_11: Self = Self {
        major: 3,
        minor: 11,
    };
    /// Python 3.12.
    pub const V3_12: Self = Self {
        major: 3,
        minor: 12,
    };
    /// Python 3.13.
    pub const V3_13: Self = Self {
        major: 3,
        minor: 13,
    };
    /// Python 3.14.
    pub const V3_14: Self = Self {
        major: 3,
        minor: 14,
    };
    /// Python 3.15.
    pub const V3_15: Self = Self {
        major: 3,
        minor: 15,
    };

    /// The series `major.minor`, whether or not this crate knows it.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// How this series lays out a code object in marshal; `None` if this crate does not know it.
    #[must_use]
    pub const fn code_layout(self) -> Option<CodeLayout> {
        match (self.major, self.minor) {
            (2, 7) => Some(CodeLayout::Python2),
            (3, 0..=7) => Some(CodeLayout::KeywordOnly),
            (3, 8..=10) => Some(CodeLayout::PositionalOnly),
            (3, 11..=15) => Some(CodeLayout::LocalsPlus),
            _ => None,
        }
    }

    /// The marshal version that the importer of this series writes with, and the highest it knows.
    ///
    /// Checked against `marshal.version` of 2.7 and 3.6 to 3.15.
    #[must_use]
    pub const fn marshal_version(self) -> u8 {
        match (self.major, self.minor) {
            (..=2, _) | (3, ..=3) => 2,
            (3, 4..=13) => 4,
            (3, 14) => 5,
            _ => 6,
        }
    }

    /// Size in bytes of the `.pyc` header.
    #[must_use]
    pub const fn header_size(self) -> usize {
        match (self.major, self.minor) {
            (..=2, _) | (3, ..=2) => 8,
            (3, 3..=6) => 12,
            _ => 16,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Which fields a marshalled code object has, in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodeLayout {
    /// 2.7: no keyword-only count.
    Python2,
    /// 3.0 to 3.7, and the first alphas of 3.8: with `co_kwonlyargcount`.
    KeywordOnly,
    /// 3.8 to 3.10: with `co_posonlyargcount`.
    PositionalOnly,
    /// 3.11 to 3.15: `localsplus` names and kinds, `co_qualname`, `co_linetable`, `co_exceptiontable`.
    LocalsPlus,
}

impl CodeLayout {
    /// Count of the 32-bit integers before the first object.
    #[must_use]
    pub const fn leading_ints(self) -> usize {
        match self {
            Self::Python2 => 4,
            Self::KeywordOnly | Self::LocalsPlus => 5,
            Self::PositionalOnly => 6,
        }
    }

    /// Count of the objects between the leading integers and `co_firstlineno`.
    #[must_use]
    pub const fn objects_before_firstlineno(self) -> u32 {
        match self {
            Self::Python2 | Self::KeywordOnly | Self::PositionalOnly | Self::LocalsPlus => 8,
        }
    }

    /// Count of the objects after `co_firstlineno`.
    #[must_use]
    pub const fn objects_after_firstlineno(self) -> u32 {
        match self {
            Self::LocalsPlus => 2,
            _ => 1,
        }
    }
}
