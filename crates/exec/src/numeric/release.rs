//! The CPython releases whose arithmetic and messages differ from one another.

/// A CPython release, ordered by age.
///
/// ```
/// use pyco_exec::numeric::Release;
/// assert!(Release::V3_14 > Release::V3_13);
/// assert_eq!(Release::from_minor(12), Some(Release::V3_12));
/// assert_eq!(Release::from_minor(10), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// CPython 3.11.
    V3_11,
    /// CPython 3.12.
    V3_12,
    /// CPython 3.13.
    V3_13,
    /// CPython 3.14.
    V3_14,
    /// CPython 3.15.
    V3_15,
}

impl Release {
    /// The release `3.minor`, if it is one that can be run.
    pub fn from_minor(minor: u8) -> Option<Release> {
        Some(match minor {
            11 => Release::V3_11,
            12 => Release::V3_12,
            13 => Release::V3_13,
            14 => Release::V3_14,
            15 => Release::V3_15,
            _ => return None,
        })
    }
}
