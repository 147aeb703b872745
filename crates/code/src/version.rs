//! [`Version`]: which CPython wrote a code object.
//!
//! Invariant: a `Version` names one bytecode format exactly, that of the *released* interpreter; the
//! magic numbers of alphas and betas, whose opcodes differ, are not versions.

use core::fmt;
use core::str::FromStr;

use crate::table::OpTable;

/// A feature release of CPython, as told by the magic number of a `.pyc`.
///
/// ```
/// use pyco_code::Version;
///
/// let version = Version::from_magic(3571).unwrap();
/// assert_eq!(version, Version::V3_13);
/// assert_eq!(version.to_string(), "3.13");
/// assert!(Version::V2_7 < Version::V3_6 && Version::V3_9 < Version::V3_10);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Version {
    V2_7,
    V3_6,
    V3_7,
    V3_8,
    V3_9,
    V3_10,
    V3_11,
    V3_12,
    V3_13,
    V3_14,
    V3_15,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Version; 11] = [
        Version::V2_7,
        Version::V3_6,
        Version::V3_7,
        Version::V3_8,
        Version::V3_9,
        Version::V3_10,
        Version::V3_11,
        Version::V3_12,
        Version::V3_13,
        Version::V3_14,
        Version::V3_15,
    ];

    /// The version whose released interpreters write this magic number (the first two bytes of a
    /// `.pyc`, little-endian), checked against each interpreter's `importlib.util.MAGIC_NUMBER`.
    pub fn from_magic(magic: u16) -> Option<Version> {
        Version::ALL
            .into_iter()
            .find(|version| version.magic() == magic)
    }

    /// The magic number that this version's released interpreters write.
    pub fn magic(self) -> u16 {
        self.table().magic
    }

    /// The version's opcode table.
    pub fn table(self) -> &'static OpTable {
        OpTable::of(self)
    }

    /// 2 or 3.
    pub const fn major(self) -> u8 {
        match self {
            Version::V2_7 => 2,
            _ => 3,
        }
    }

    /// The number after the point: 13 for 3.13.
    pub const fn minor(self) -> u8 {
        match self {
            Version::V2_7 => 7,
            other => other as u8 + 5,
        }
    }

    /// Whether instructions are two-byte units (3.6 on) rather than one or three bytes (2.7).
    pub const fn has_units(self) -> bool {
        !matches!(self, Version::V2_7)
    }

    /// Whether jump arguments count code units (3.10 on) rather than bytes.
    pub const fn jumps_in_units(self) -> bool {
        self as u8 >= Version::V3_10 as u8
    }

    /// Whether code objects have `co_exceptiontable`, `co_qualname`, one array of "localsplus" and
    /// inline caches (3.11 on).
    pub const fn has_localsplus(self) -> bool {
        self as u8 >= Version::V3_11 as u8
    }
}

impl From<Version> for pyco_marshal::Version {
    fn from(version: Version) -> Self {
        pyco_marshal::Version::new(version.major(), version.minor())
    }
}

impl TryFrom<pyco_marshal::Version> for Version {
    type Error = UnknownVersion;

    fn try_from(version: pyco_marshal::Version) -> Result<Self, UnknownVersion> {
        Version::ALL
            .into_iter()
            .find(|known| (known.major(), known.minor()) == (version.major, version.minor))
            .ok_or(UnknownVersion)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major(), self.minor())
    }
}

/// A text that is no version that pyco knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a version such as 3.13: 2.7, or 3.6 to 3.15")]
pub struct UnknownVersion;

impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        let (major, minor) = text.split_once('.').ok_or(UnknownVersion)?;
        let number = |digits: &str| digits.parse::<u8>().map_err(|_| UnknownVersion);
        let (major, minor) = (number(major)?, number(minor)?);
        Version::ALL
            .into_iter()
            .find(|version| version.major() == major && version.minor() == minor)
            .ok_or(UnknownVersion)
    }
}
