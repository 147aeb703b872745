//! `Address`: which object in memory, for tables that know objects again.

/// Where the bytes or items of an object are, and how many bytes they take: parts of something
/// larger may begin at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address {
    start: usize,
    size: usize,
}

impl Address {
    /// The address of an object with these contents, which must not be empty: what is empty may be
    /// anywhere.
    pub(crate) fn of<T: ?Sized>(contents: &T) -> Self {
        Self {
            start: core::ptr::from_ref(contents).addr(),
            size: size_of_val(contents),
        }
    }
}
