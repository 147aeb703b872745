//! `Str`: Python's str, shared, as UTF-8 in which surrogates may occur.
//!
//! The bytes are always what CPython's `str.encode("utf-8", "surrogatepass")` gives: each code
//! point on its own, so that two surrogates in a row stay two (which WTF-8 would join).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use zerocopy::IntoBytes;

use crate::address::Address;
use crate::{Bytes, StrEncoding};

/// A Python str. Cloning shares it.
///
/// Equality, order and hash look at the characters only, not at [`Str::is_interned`].
///
/// ```
/// use pyco_marshal::Str;
/// let name = Str::from("naïve");
/// assert_eq!(name.as_str(), Some("naïve"));
/// assert_eq!(name.char_count(), 5);
/// let lone = Str::from_code_points([0xd800, 0x61]);
/// assert_eq!(lone.as_str(), None);
/// assert_eq!(lone.to_string_lossy(), "\u{fffd}a");
/// ```
pub struct Str(Repr);

/// The most bytes that are held in place: two words but for a byte that counts them.
const INLINE: usize = 15;

/// Two words, in the order of memory: bytes, zeros, and in the last byte how many bytes there are.
pub(crate) type Words = [u64; 2];

enum Repr {
    /// In place. A reader holds only interned ones so, of which equal ones are the same object anyway.
    Inline(IsInterned, Words),
    Shared(Bytes),
    Interned(Bytes),
}

/// A bool as wide as a word, in which larger enums keep their tag too: so a value is whole words, and is
/// moved in such. (What is written in pieces and read as a word has to wait for the cache.)
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum IsInterned {
    No,
    Yes,
}

impl Str {
    /// A str from UTF-8 in which surrogates may occur.
    ///
    /// # Errors
    /// The count of bytes that are valid, if not all are.
    pub fn from_surrogatepass(bytes: &[u8]) -> Result<Self, usize> {
        match core::str::from_utf8(bytes) {
            Ok(_) => {}
            Err(_) => check_surrogatepass(bytes)?,
        }
        Ok(Self::from_checked(bytes, false))
    }

    /// A str of bytes as marshal has them. Where they are UTF-8 (as ASCII is), a long str shares them.
    ///
    /// # Errors
    /// Bytes that are not in this encoding: the count of those that are valid.
    ///
    /// ```
    /// use pyco_marshal::{Bytes, Str, StrEncoding};
    /// let file = Bytes::from(b"a name that is somewhat longer");
    /// let text = Str::from_shared(file.slice(2..19), StrEncoding::Utf8);
    /// assert_eq!(text, Ok("name that is some".into()));
    /// ```
    pub fn from_shared(bytes: Bytes, encoding: StrEncoding) -> Result<Self, usize> {
        match encoding {
            StrEncoding::Latin1 if !bytes.is_ascii() => return Ok(Self::from_latin1(&bytes)),
            StrEncoding::Latin1 => {}
            StrEncoding::Utf8 => {
                if core::str::from_utf8(&bytes).is_err() {
                    check_surrogatepass(&bytes)?;
                }
            }
        }
        Ok(match inline(&bytes) {
            Some(words) => Self(Repr::Inline(IsInterned::No, words)),
            None => Self(Repr::Shared(bytes)),
        })
    }

    /// A str of code points up to 0x10ffff, surrogates included; larger ones become U+FFFD.
    pub fn from_code_points(code_points: impl IntoIterator<Item = u32>) -> Self {
        let mut bytes = Vec::new();
        for point in code_points {
            push_code_point(&mut bytes, point);
        }
        Self::from_checked(&bytes, false)
    }

    /// A str of one character a byte.
    #[must_use]
    pub fn from_latin1(bytes: &[u8]) -> Self {
        Self::from_latin1_with(bytes, false)
    }

    fn from_latin1_with(bytes: &[u8], is_interned: bool) -> Self {
        if let Some(words) = inline(bytes).filter(is_ascii) {
            return Self(Repr::Inline(is_interned.into(), words));
        }
        if bytes.is_ascii() {
            return Self::from_checked(bytes, is_interned);
        }
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        Self::from_checked(text.as_bytes(), is_interned)
    }

    /// A str of bytes that are known to be right.
    pub(crate) fn from_checked(bytes: &[u8], is_interned: bool) -> Self {
        match inline(bytes) {
            Some(words) => Self(Repr::Inline(is_interned.into(), words)),
            None => Self::shared(Bytes::from(bytes), is_interned),
        }
    }

    /// A str of `len` bytes, the first of `window`, if they are at most 15 and ASCII; else `None`.
    ///
    /// For readers whose input goes on behind the text: no branch and no copy depends on the length.
    ///
    /// ```
    /// use pyco_marshal::Str;
    /// let name = Str::from_window(Some(b"name and more..."), 4, true);
    /// assert_eq!(name, Some("name".into()));
    /// ```
    #[inline]
    #[must_use]
    pub fn from_window(window: Option<&[u8; 16]>, len: usize, is_interned: bool) -> Option<Self> {
        let words = pack(window.filter(|_| len <= INLINE)?, len);
        is_ascii(&words).then_some(Self(Repr::Inline(is_interned.into(), words)))
    }

    /// A str that was read: `bytes`, which are right, and which `part` gives as a part of the input.
    pub(crate) fn read(
        bytes: &[u8],
        encoding: StrEncoding,
        is_interned: bool,
        part: impl FnOnce() -> Bytes,
    ) -> Self {
        if encoding == StrEncoding::Latin1 && !bytes.is_ascii() {
            return Self::from_latin1_with(bytes, is_interned);
        }
        if is_interned && let Some(words) = inline(bytes) {
            return Self(Repr::Inline(IsInterned::Yes, words));
        }
        Self::shared(part(), is_interned)
    }

    #[inline]
    fn shared(bytes: Bytes, is_interned: bool) -> Self {
        Self(if is_interned {
            Repr::Interned(bytes)
        } else {
            Repr::Shared(bytes)
        })
    }

    /// The same characters, interned or not.
    #[must_use]
    pub fn with_interned(self, is_interned: bool) -> Self {
        match self.0 {
            Repr::Inline(_, words) => Self(Repr::Inline(is_interned.into(), words)),
            Repr::Shared(bytes) | Repr::Interned(bytes) => Self::shared(bytes, is_interned),
        }
    }

    /// The characters in UTF-8; `None` if a surrogate is among them.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.as_bytes()).ok()
    }

    /// The characters in UTF-8, surrogates included.
    #[inline]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(_, words) => {
                let bytes = words.as_bytes();
                &bytes[..usize::from(bytes[INLINE]).min(INLINE)]
            }
            Repr::Shared(bytes) | Repr::Interned(bytes) => bytes,
        }
    }

    /// Are all characters ASCII?
    #[inline]
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        match &self.0 {
            Repr::Inline(_, words) => is_ascii(words),
            Repr::Shared(bytes) | Repr::Interned(bytes) => bytes.is_ascii(),
        }
    }

    /// Was it marked as one of CPython's interned strings?
    #[must_use]
    pub fn is_interned(&self) -> bool {
        matches!(self.0, Repr::Inline(IsInterned::Yes, _) | Repr::Interned(_))
    }

    /// The characters, U+FFFD for each surrogate.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(
                self.code_points()
                    .map(|point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect(),
            ),
        }
    }

    /// The code points, as Python's `ord` gives them.
    pub fn code_points(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        CodePoints {
            bytes: self.as_bytes(),
        }
    }

    /// Count of code points: Python's `len`.
    #[must_use]
    pub fn char_count(&self) -> usize {
        self.as_bytes()
            .iter()
            .filter(|&&byte| !is_continuation(byte))
            .count()
    }

    /// Are both the same object? Of interned and of short ones those that are equal count as one.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        match (self.address(), other.address()) {
            _ if self.is_interned() && other.is_interned() => self == other,
            (None, None) => self == other,
            (one, another) => one == another,
        }
    }

    /// The characters in two words, if they are few.
    #[inline]
    pub(crate) fn words(&self) -> Option<Words> {
        match &self.0 {
            Repr::Inline(_, words) => Some(*words),
            Repr::Shared(bytes) | Repr::Interned(bytes) => inline(bytes),
        }
    }

    /// Tells objects apart that are neither interned nor held in place.
    pub(crate) fn address(&self) -> Option<Address> {
        match &self.0 {
            Repr::Shared(bytes) | Repr::Interned(bytes) if !bytes.is_empty() => {
                Some(bytes.address())
            }
            _ => None,
        }
    }
}

impl Clone for Str {
    #[inline]
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Repr::Inline(is_interned, words) => Repr::Inline(*is_interned, *words),
            Repr::Shared(bytes) => Repr::Shared(bytes.clone()),
            Repr::Interned(bytes) => Repr::Interned(bytes.clone()),
        })
    }
}

impl From<bool> for IsInterned {
    #[inline]
    fn from(is_interned: bool) -> Self {
        if is_interned { Self::Yes } else { Self::No }
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self::from_checked(text.as_bytes(), false)
    }
}

impl Default for Str {
    fn default() -> Self {
        Self::from("")
    }
}

impl PartialEq for Str {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Inline(_, words), Repr::Inline(_, others)) => words == others,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Str {}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By code points, which is the order of the bytes too.
impl Ord for Str {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_str() {
            return write!(f, "{text:?}");
        }
        f.write_str("\"")?;
        for point in self.code_points() {
            match char::from_u32(point) {
                Some(char) => write!(f, "{}", char.escape_debug())?,
                None => write!(f, "\\u{{{point:x}}}")?,
            }
        }
        f.write_str("\"")
    }
}

#[derive(Clone)]
struct CodePoints<'a> {
    bytes: &'a [u8],
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (&lead, rest) = self.bytes.split_first()?;
        let (mut point, following) = match lead {
            0..=0x7f => (u32::from(lead), 0),
            0x80..=0xdf => (u32::from(lead & 0x1f), 1),
            0xe0..=0xef => (u32::from(lead & 0x0f), 2),
            _ => (u32::from(lead & 0x07), 3),
        };
        let following = following.min(rest.len());
        let (tail, rest) = rest.split_at(following);
        for &byte in tail {
            point = point << 6 | u32::from(byte & 0x3f);
        }
        self.bytes = rest;
        Some(point)
    }
}

/// The first `len` bytes of `window`, at most `INLINE`, as words.
#[inline]
fn pack(window: &[u8; 16], len: usize) -> Words {
    let len = len.min(INLINE);
    let whole = u128::from_le_bytes(*window);
    // One bit less, so that the shift is less than the width where `len` is 0.
    let kept = whole & ((u128::MAX >> 1) >> (127 - 8 * len));
    let counted = kept | (len as u128) << (8 * INLINE);
    [(counted as u64).to_le(), ((counted >> 64) as u64).to_le()]
}

/// Are the bytes ASCII? Their count always is.
#[inline]
pub(crate) fn is_ascii(words: &Words) -> bool {
    (words[0] | words[1]) & 0x8080_8080_8080_8080 == 0
}

/// Bytes as words, if they are few. Without a loop and a call: most strings are short.
#[inline]
pub(crate) fn inline(bytes: &[u8]) -> Option<Words> {
    let len = bytes.len();
    let first = |shift: usize, byte: Option<&u8>| u64::from(*byte.unwrap_or(&0)) << shift;
    let (low, high) = match (bytes.first_chunk(), bytes.last_chunk()) {
        _ if len > INLINE => return None,
        // The last eight, of which the first are among the first eight too.
        (Some(low), Some(high)) => {
            let high = u64::from_le_bytes(*high).checked_shr(8 * (16 - len as u32));
            (u64::from_le_bytes(*low), high.unwrap_or(0))
        }
        _ => match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(low), Some(high)) => {
                let high = u64::from(u32::from_le_bytes(*high)) << (8 * (len - 4));
                (u64::from(u32::from_le_bytes(*low)) | high, 0)
            }
            _ => {
                let low =
                    first(0, bytes.first()) | first(8, bytes.get(1)) | first(16, bytes.get(2));
                (low, 0)
            }
        },
    };
    Some([low.to_le(), (high | (len as u64) << 56).to_le()])
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

fn push_code_point(bytes: &mut Vec<u8>, point: u32) {
    match char::from_u32(point) {
        Some(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        None if (0xd800..=0xdfff).contains(&point) => {
            bytes.extend([
                0xed,
                0x80 | (point >> 6 & 0x3f) as u8,
                0x80 | (point & 0x3f) as u8,
            ]);
        }
        None => bytes.extend("\u{fffd}".bytes()),
    }
}

/// Checks UTF-8 in which surrogates may occur, one code point each.
/// The error is the count of bytes that are valid.
pub(crate) fn check_surrogatepass(bytes: &[u8]) -> Result<(), usize> {
    let mut valid = 0;
    loop {
        let rest = &bytes[valid..];
        let Err(error) = core::str::from_utf8(rest) else {
            return Ok(());
        };
        valid += error.valid_up_to();
        match &bytes[valid..] {
            [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => valid += 3,
            _ => return Err(valid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_pass_and_other_bad_utf8_does_not() {
        assert_eq!(check_surrogatepass(b"a\xed\xa0\x80b"), Ok(()));
        assert_eq!(check_surrogatepass(b"\xed\xa0\x80\xed\xb0\x80"), Ok(()));
        assert_eq!(check_surrogatepass(b"a\xff"), Err(1));
        assert_eq!(check_surrogatepass(b"a\xed\xa0"), Err(1));
        assert_eq!(check_surrogatepass(b"\xc0\x80"), Err(0));
    }

    #[test]
    fn short_strings_are_held_whole() {
        let text = "0123456789abcdef";
        for len in 0..=text.len() {
            let part = &text[..len];
            let one = Str::from(part);
            assert_eq!(one.as_str(), Some(part));
            assert_eq!(one, Str(Repr::Shared(Bytes::from(part.as_bytes()))));
            assert_eq!(one, Str::from_latin1(part.as_bytes()));
            let read = Str::from_window(text.as_bytes().first_chunk(), len, true);
            assert_eq!(read.is_some(), len <= INLINE);
            assert!(read.is_none_or(|read| read == one && read.is_interned()));
        }
    }

    #[test]
    fn code_points_come_back_as_they_went_in() {
        let points = [0x61, 0x7ff, 0xd800, 0xdfff, 0xffff, 0x10ffff];
        let text = Str::from_code_points(points);
        assert!(text.code_points().eq(points));
        assert_eq!(text.char_count(), points.len());
        assert_eq!(Str::from_surrogatepass(text.as_bytes()), Ok(text));
    }
}
