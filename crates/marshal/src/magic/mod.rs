//! `Magic`: the magic number at the start of a `.pyc`, and what it says about the file.

mod releases;

use core::fmt;

use crate::{CodeLayout, Error, ErrorKind, Version};
use releases::RELEASES;

/// The magic number of a `.pyc`, one of those that CPython has used from 2.7 on.
///
/// ```
/// use pyco_marshal::{Magic, Version};
/// let magic = Magic::from_number(3494).unwrap();
/// assert_eq!(magic.version(), Version::V3_11);
/// assert_eq!(magic.first_release(), "3.11a7");
/// assert!(!magic.is_final());
/// assert_eq!(Magic::of(Version::V3_13).unwrap().number(), 3571);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Magic {
    number: u16,
}

impl Magic {
    /// The magic number if CPython ever used it.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        row(number).map(|_| Self { number })
    }

    /// The magic number in the first four bytes of a `.pyc`.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownMagic`].
    pub fn from_bytes(bytes: [u8; 4]) -> Result<Self, Error> {
        let unknown = Error::new(ErrorKind::UnknownMagic(u32::from_le_bytes(bytes)), 0);
        match bytes {
            [a, b, b'\r', b'\n'] => Self::from_number(u16::from_le_bytes([a, b])).ok_or(unknown),
            _ => Err(unknown),
        }
    }

    /// The number that the releases of `version` write; `None` if this crate does not know it.
    #[must_use]
    pub const fn of(version: Version) -> Option<Self> {
        let number = match (version.major, version.minor) {
            (2, 7) => 62211,
            (3, 0) => 3131,
            (3, 1) => 3151,
            (3, 2) => 3180,
            (3, 3) => 3230,
            (3, 4) => 3310,
            (3, 5) => 3351,
            (3, 6) => 3379,
            (3, 7) => 3394,
            (3, 8) => 3413,
            (3, 9) => 3425,
            (3, 10) => 3439,
            (3, 11) => 3495,
            (3, 12) => 3531,
            (3, 13) => 3571,
            (3, 14) => 3627,
            (3, 15) => 3666,
            _ => return None,
        };
        Some(Self { number })
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.number
    }

    /// The first four bytes of a `.pyc`: the number, then `\r\n`.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 4] {
        let [a, b] = self.number.to_le_bytes();
        [a, b, b'\r', b'\n']
    }

    /// The release series.
    #[must_use]
    pub fn version(self) -> Version {
        let release = self.first_release();
        let mut parts = release.splitn(2, '.').map(leading_number);
        Version::new(parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }

    /// The first release or pre-release that could write it, such as `3.12a4`.
    #[must_use]
    pub fn first_release(self) -> &'static str {
        row(self.number).map_or("", |(_, release)| release)
    }

    /// Is it the number of the releases, not only of pre-releases? (3.5.0 and 3.5.1 had 3350.)
    #[must_use]
    pub fn is_final(self) -> bool {
        Self::of(self.version()) == Some(self) || self.number == 3350
    }

    /// Size in bytes of the header that begins with it: 8, 12 or 16.
    #[must_use]
    pub const fn header_size(self) -> usize {
        match self.number {
            3210..=3391 => 12,
            3392..=9999 => 16,
            _ => 8,
        }
    }

    /// How code objects are laid out; `None` for pre-releases that had a layout of their own.
    #[must_use]
    pub fn code_layout(self) -> Option<CodeLayout> {
        match self.number {
            ..=3103 | 3450..=3493 => None,
            3400 | 3401 => Some(CodeLayout::KeywordOnly),
            _ => self.version().code_layout(),
        }
    }
}

/// The number and the release, such as `3531 (3.12)` or `3494 (3.11a7)`.
impl fmt::Display for Magic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_final() {
            write!(f, "{} ({})", self.number, self.version())
        } else {
            write!(f, "{} ({})", self.number, self.first_release())
        }
    }
}

fn row(number: u16) -> Option<(u16, &'static str)> {
    let index = RELEASES
        .binary_search_by_key(&number, |&(number, _)| number)
        .ok()?;
    Some(RELEASES[index])
}

fn leading_number(text: &str) -> u8 {
    let digits = text.bytes().take_while(u8::is_ascii_digit);
    digits.fold(0, |number, digit| number * 10 + (digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_version_and_they_are_sorted() {
        assert!(RELEASES.is_sorted_by(|a, b| a.0 < b.0));
        for (number, release) in RELEASES {
            let magic = Magic::from_number(number).unwrap();
            let version = alloc::string::ToString::to_string(&magic.version());
            assert!(
                release.starts_with(&version),
                "{number} {release} {version}"
            );
            assert!(magic <= Magic::of(magic.version()).unwrap());
        }
    }
}
