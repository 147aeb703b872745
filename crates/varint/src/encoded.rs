//! The bytes of one encoded value, held inline.
//!
//! Invariant: `1 <= len <= MAX_LEN`, and the bytes past `len` are zero.

use crate::MAX_LEN;
use core::ops::Deref;

/// The bytes of one varint: at most [`MAX_LEN`] of them, on the stack.
///
/// ```
/// let encoded = pyco_varint::location::encode(64);
/// assert_eq!(encoded.as_bytes(), [0x40, 0x01]);
/// assert_eq!(encoded.len(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encoded {
    bytes: [u8; MAX_LEN],
    len: u8,
}

impl Encoded {
    pub(crate) const fn new(bytes: [u8; MAX_LEN], len: u8) -> Self {
        Self { bytes, len }
    }

    /// The bytes, first one first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len as usize).0
    }
}

impl Deref for Encoded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Encoded {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}
