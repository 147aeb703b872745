//! Which CPython's text is wanted.

/// A CPython release whose traceback text this module can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// CPython 3.11, measured on 3.11.7.
    V3_11,
    /// CPython 3.12, measured on 3.12.1.
    V3_12,
    /// CPython 3.13, measured on 3.13.18.
    V3_13,
    /// CPython 3.14, measured on 3.14.10.
    V3_14,
    /// CPython 3.15, measured on 3.15.2.
    V3_15,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V3_11,
        Self::V3_12,
        Self::V3_13,
        Self::V3_14,
        Self::V3_15,
    ];

    /// The second number of the release: 13 for 3.13.
    pub fn minor(self) -> u8 {
        match self {
            Self::V3_11 => 11,
            Self::V3_12 => 12,
            Self::V3_13 => 13,
            Self::V3_14 => 14,
            Self::V3_15 => 15,
        }
    }

    /// The release with this second number; `None` for one this module does not know.
    pub fn from_minor(minor: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|version| version.minor() == minor)
    }
}
