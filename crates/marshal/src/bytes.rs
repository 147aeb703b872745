//! `Bytes`: shared bytes, often a part of something larger, such as the file that they came from.
//!
//! A pointer to the owner and a range in it: 16 bytes, and no allocation for bytes that were read.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

use crate::address::Address;

/// Shared immutable bytes. Cloning shares them; what was read from one file shares one copy of that
/// file, which lives as long as any part of it. [`Bytes::detached`] cuts a part loose.
///
/// Derefs to a slice:
///
/// ```
/// use pyco_marshal::Bytes;
/// let bytes = Bytes::from(b"abc");
/// assert_eq!(bytes.len(), 3);
/// assert_eq!(bytes, *b"abc");
/// assert!(bytes.ptr_eq(&bytes.clone()) && !bytes.ptr_eq(&bytes.detached()));
/// ```
#[derive(Clone, Default)]
pub struct Bytes {
    /// None where there are no bytes. A pointer to a pointer, to be half as wide.
    owner: Option<Arc<Arc<[u8]>>>,
    range: Range,
}

/// The start in the lower half, the length in the upper: one word, to be moved as one.
#[derive(Clone, Copy, Default)]
struct Range(u64);

impl Range {
    #[inline]
    fn new(start: u32, len: u32) -> Self {
        Self(u64::from(start) | u64::from(len) << 32)
    }

    #[inline]
    fn start(self) -> usize {
        self.0 as u32 as usize
    }

    /// `TO_THE_END`, or the count of bytes.
    #[inline]
    fn len(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// What an owner too large for a length has instead.
const TO_THE_END: u32 = u32::MAX;

impl Bytes {
    /// The bytes of `owner` in this range, which must lie in it.
    #[inline]
    pub(crate) fn part(owner: &Arc<Arc<[u8]>>, start: u32, len: u32) -> Self {
        if len == 0 {
            return Self::default();
        }
        Self {
            owner: Some(Arc::clone(owner)),
            range: Range::new(start, len),
        }
    }

    /// The bytes.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        let Some(owner) = &self.owner else {
            return &[];
        };
        let start = self.range.start();
        if self.range.len() == TO_THE_END {
            return owner.get(start..).unwrap_or_default();
        }
        let end = start + self.range.len() as usize;
        owner.get(start..end).unwrap_or_default()
    }

    /// The part from `start` up to `end`, sharing these bytes; nothing if they do not reach so far.
    ///
    /// ```
    /// use pyco_marshal::Bytes;
    /// let bytes = Bytes::from(b"abcd");
    /// assert_eq!(bytes.slice(1..3), *b"bc");
    /// assert_eq!(bytes.slice(3..5), *b"");
    /// ```
    #[inline]
    #[must_use]
    pub fn slice(&self, range: core::ops::Range<usize>) -> Self {
        let (Some(owner), Some(part)) = (&self.owner, self.as_slice().get(range.clone())) else {
            return Self::default();
        };
        match (
            u32::try_from(self.range.start() + range.start),
            u32::try_from(part.len()),
        ) {
            (Ok(start), Ok(len)) if len != TO_THE_END => Self::part(owner, start, len),
            _ => Self::from(part),
        }
    }

    /// The same bytes, alone in memory of their own.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self::from(self.as_slice())
    }

    /// Are both the same object? Empty ones always are.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.as_slice(), other.as_slice()) || (self.is_empty() && other.is_empty())
    }

    /// Where the bytes are; tells objects apart that are not empty.
    pub(crate) fn address(&self) -> Address {
        Address::of(self.as_slice())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

/// Without copying.
impl From<Arc<[u8]>> for Bytes {
    fn from(owner: Arc<[u8]>) -> Self {
        if owner.is_empty() {
            return Self::default();
        }
        Self {
            range: Range::new(0, u32::try_from(owner.len()).unwrap_or(TO_THE_END)),
            owner: Some(Arc::new(owner)),
        }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self::from(Arc::<[u8]>::from(bytes))
    }
}

impl<const N: usize> From<&[u8; N]> for Bytes {
    fn from(bytes: &[u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(bytes: [u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(Arc::<[u8]>::from(bytes))
    }
}

impl FromIterator<u8> for Bytes {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        Self::from(bytes.into_iter().collect::<Arc<[u8]>>())
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Bytes {}

impl PartialEq<[u8]> for Bytes {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_slice() == other
    }
}

impl<const N: usize> PartialEq<[u8; N]> for Bytes {
    fn eq(&self, other: &[u8; N]) -> bool {
        self.as_slice() == other
    }
}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bytes {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

/// As Python and Rust write bytes, whole.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}
