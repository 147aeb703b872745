//! [`Str`]: a Python str, shared, as UTF-8 in which lone surrogates may occur (WTF-8).
//!
//! Invariant: the bytes are what Python's `encode("utf-8", "surrogatepass")` gives: valid UTF-8, but for
//! three-byte sequences of the code points U+D800 to U+DFFF.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A Python str: code points, lone surrogates among them allowed. Cheap to clone.
///
/// ```
/// use pyco_code::Str;
///
/// let name = Str::from("naïve");
/// assert_eq!(name.to_str(), Some("naïve"));
/// assert_eq!(name.code_points().count(), 5);
/// let surrogate = Str::from_code_points([0x61, 0xdc80]);
/// assert_eq!(surrogate.to_str(), None);
/// assert_eq!(surrogate.to_string(), "a\u{fffd}");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str(Arc<[u8]>);

impl Str {
    /// The str of some code points; what is no code point (beyond U+10FFFF) becomes U+FFFD.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Self {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(&mut bytes, point);
        }
        Str(bytes.into())
    }

    /// The str of bytes that marshal has checked to be UTF-8 with surrogates.
    pub(crate) fn from_checked(bytes: &[u8]) -> Self {
        Str(bytes.into())
    }

    /// The str of one character a byte.
    pub(crate) fn from_latin1(bytes: &[u8]) -> Self {
        if bytes.is_ascii() {
            return Str(bytes.into());
        }
        Str::from_code_points(bytes.iter().map(|byte| u32::from(*byte)))
    }

    /// The bytes: UTF-8 in which surrogates may occur.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The str as Rust's, unless it has lone surrogates.
    #[must_use]
    pub fn to_str(&self) -> Option<&str> {
        core::str::from_utf8(&self.0).ok()
    }

    /// The str as Rust's, each lone surrogate replaced by U+FFFD.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match self.to_str() {
            Some(text) => Cow::Borrowed(text),
            None => {
                let points = self.code_points();
                Cow::Owned(points.map(|p| char::from_u32(p).unwrap_or('\u{fffd}')).collect::<String>())
            }
        }
    }

    /// The code points, surrogates included.
    #[must_use]
    pub fn code_points(&self) -> CodePoints<'_> {
        CodePoints(&self.0)
    }
}

/// The code points of a [`Str`].
#[derive(Clone, Debug)]
pub struct CodePoints<'a>(&'a [u8]);

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.0.split_first()?;
        let (len, bits) = match first {
            0..0x80 => (0, u32::from(first)),
            0x80..0xe0 => (1, u32::from(first & 0x1f)),
            0xe0..0xf0 => (2, u32::from(first & 0x0f)),
            _ => (3, u32::from(first & 0x07)),
        };
        let (tail, rest) = rest.split_at_checked(len).unwrap_or((rest, &[]));
        self.0 = rest;
        Some(tail.iter().fold(bits, |point, byte| point << 6 | u32::from(byte & 0x3f)))
    }
}

/// Appends a code point, which may be a surrogate.
fn push_code_point(bytes: &mut Vec<u8>, point: u32) {
    match char::from_u32(point) {
        Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None if point <= 0xffff => {
            let low = |shift: u32| 0x80 | (point >> shift & 0x3f) as u8;
            bytes.extend_from_slice(&[0xe0 | (point >> 12) as u8, low(6), low(0)]);
        }
        None => bytes.extend_from_slice("\u{fffd}".as_bytes()),
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Str(text.as_bytes().into())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Str(text.into_bytes().into())
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl fmt::Display for Str {
    /// The text, each lone surrogate replaced by U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_string_lossy(), f)
    }
}
