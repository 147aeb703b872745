//! [`SharedBytes`]: bytes of a code object, which lie in the file that it was read from or on their own.
//!
//! Invariant: `start..end` lies within `owner`.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

/// A part of shared bytes. Cloning shares them.
#[derive(Clone)]
pub(crate) struct SharedBytes {
    owner: Arc<[u8]>,
    start: u32,
    end: u32,
}

impl SharedBytes {
    /// A part of `owner`; nothing where it is beyond it.
    pub(crate) fn part(owner: &Arc<[u8]>, start: u32, end: u32) -> Self {
        let is_within = start <= end && end as usize <= owner.len();
        let (start, end) = if is_within { (start, end) } else { (0, 0) };
        SharedBytes {
            owner: owner.clone(),
            start,
            end,
        }
    }

    /// The same in an `Arc` of its own.
    pub(crate) fn to_arc(&self) -> Arc<[u8]> {
        if self.len() == self.owner.len() {
            self.owner.clone()
        } else {
            Arc::from(&**self)
        }
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.owner[self.start as usize..self.end as usize]
    }
}

impl Default for SharedBytes {
    fn default() -> Self {
        Arc::<[u8]>::default().into()
    }
}

impl<T: Into<Arc<[u8]>>> From<T> for SharedBytes {
    /// Bytes beyond 2³² are cut off, which no code object has.
    fn from(bytes: T) -> Self {
        let owner = bytes.into();
        let end = u32::try_from(owner.len()).unwrap_or(u32::MAX);
        SharedBytes {
            owner,
            start: 0,
            end,
        }
    }
}

impl FromIterator<u8> for SharedBytes {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        bytes.into_iter().collect::<Vec<_>>().into()
    }
}

impl PartialEq for SharedBytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SharedBytes {}

impl Hash for SharedBytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for SharedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
