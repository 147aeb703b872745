//! The exception table of 3.11 and later (`co_exceptiontable`): decode, look up, encode.
//!
//! Invariants: nothing here panics on any table; iteration consumes input at each step, allocates nothing
//! and yields nothing after an error; `encode` of what was decoded is the same bytes.

use alloc::vec::Vec;

use pyco_linetable::UnitOffset;
use pyco_varint::{ENTRY_MARK, exception};

use crate::error::{Error, ErrorKind, Place};

/// A `co_exceptiontable`, borrowed.
///
/// ```
/// use pyco_code::{ExceptionTable, UnitOffset};
///
/// let table = ExceptionTable::new(&[0x94, 0x08, 0x41, 0x24, 0x06]);
/// let entry = table.lookup(UnitOffset(27))?.unwrap();
/// assert_eq!((entry.start, entry.end, entry.target), (UnitOffset(20), UnitOffset(28), UnitOffset(100)));
/// assert_eq!((entry.depth, entry.lasti), (3, false));
/// assert!(table.lookup(UnitOffset(28))?.is_none());
/// # Ok::<(), pyco_code::Error>(())
/// ```
///
/// The format is the same from 3.11 to 3.15.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExceptionTable<'a> {
    bytes: &'a [u8],
}

/// One entry: which instructions it covers and what happens when one of them raises.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExceptionEntry {
    /// The first code unit covered.
    pub start: UnitOffset,
    /// The code unit after the last one covered.
    pub end: UnitOffset,
    /// The first code unit of the handler.
    pub target: UnitOffset,
    /// The stack depth to which the handler unwinds.
    pub depth: u32,
    /// Whether the offset of the raising instruction is pushed before the exception.
    pub lasti: bool,
}

impl<'a> ExceptionTable<'a> {
    /// A view of a `co_exceptiontable`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        ExceptionTable { bytes }
    }

    /// The table's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The entries, in the order of the table.
    #[must_use]
    pub const fn entries(&self) -> ExceptionEntries<'a> {
        ExceptionEntries {
            bytes: self.bytes,
            offset: 0,
        }
    }

    /// The entry that covers the instruction at `offset`, by binary search: of the entries that start at or
    /// before it the last, if that covers it.
    ///
    /// Entries must be sorted and must not overlap, as in what CPython's compiler writes; in a table that is
    /// neither, an entry may go unfound, as in CPython.
    ///
    /// # Errors
    /// [`ErrorKind::ExceptionEntry`] where an entry that the search meets is malformed.
    pub fn lookup(&self, offset: UnitOffset) -> Result<Option<ExceptionEntry>, Error> {
        let (mut low, mut high) = (0, self.bytes.len());
        let mut found = None;
        while low < high {
            // Back from the middle to the first byte of an entry, at the latest to `low`, which is one.
            let mut middle = low + (high - low) / 2;
            while middle > low && self.bytes[middle] & ENTRY_MARK == 0 {
                middle -= 1;
            }
            let (entry, next) = read(self.bytes, middle)?;
            if entry.start <= offset {
                found = Some(entry);
                low = next;
            } else {
                high = middle;
            }
        }
        Ok(found.filter(|entry| offset < entry.end))
    }
}

impl<'a> IntoIterator for ExceptionTable<'a> {
    type Item = Result<ExceptionEntry, Error>;
    type IntoIter = ExceptionEntries<'a>;

    fn into_iter(self) -> ExceptionEntries<'a> {
        self.entries()
    }
}

/// The entries of an exception table, in order.
///
/// # Errors
/// An item is an error, and the last one, where an entry is malformed or ends beyond 2³² units.
#[derive(Clone, Debug)]
pub struct ExceptionEntries<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl Iterator for ExceptionEntries<'_> {
    type Item = Result<ExceptionEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.bytes.len() {
            return None;
        }
        match read(self.bytes, self.offset) {
            Ok((entry, next)) => {
                self.offset = next;
                Some(Ok(entry))
            }
            Err(error) => {
                self.offset = self.bytes.len();
                Some(Err(error))
            }
        }
    }
}

impl core::iter::FusedIterator for ExceptionEntries<'_> {}

/// Reads the entry at `offset`: it and the offset of the next.
fn read(bytes: &[u8], offset: usize) -> Result<(ExceptionEntry, usize), Error> {
    let (start, at) = exception::read_start(bytes, offset).map_err(malformed)?;
    let (length, at) = exception::read(bytes, at).map_err(malformed)?;
    let (target, at) = exception::read(bytes, at).map_err(malformed)?;
    let (depth_lasti, at) = exception::read(bytes, at).map_err(malformed)?;
    let end = start.checked_add(length).ok_or_else(|| {
        Error::new(
            ErrorKind::ExceptionRange,
            Place::ExceptionTable(offset as u32),
        )
    })?;
    let entry = ExceptionEntry {
        start: UnitOffset(start),
        end: UnitOffset(end),
        target: UnitOffset(target),
        depth: depth_lasti >> 1,
        lasti: depth_lasti & 1 != 0,
    };
    Ok((entry, at))
}

fn malformed(error: pyco_varint::Error) -> Error {
    Error::new(
        ErrorKind::ExceptionEntry(error.kind()),
        Place::ExceptionTable(error.offset() as u32),
    )
}

impl ExceptionEntry {
    /// Appends the entry as `co_exceptiontable` has it.
    ///
    /// # Errors
    /// [`ErrorKind::ExceptionRange`] where the entry ends before it starts, or its depth has no room beside
    /// `lasti`.
    ///
    /// ```
    /// use pyco_code::ExceptionTable;
    ///
    /// let bytes = [0x94, 0x08, 0x41, 0x24, 0x06, 0xc1, 0x24, 0x01, 0x00, 0x01];
    /// let mut copy = Vec::new();
    /// for entry in ExceptionTable::new(&bytes) {
    ///     entry?.encode(&mut copy)?;
    /// }
    /// assert_eq!(copy, bytes);
    /// # Ok::<(), pyco_code::Error>(())
    /// ```
    pub fn encode(&self, table: &mut Vec<u8>) -> Result<(), Error> {
        let length = self.end.0.checked_sub(self.start.0);
        let (Some(length), true) = (length, self.depth <= u32::MAX >> 1) else {
            let place = Place::ExceptionTable(table.len() as u32);
            return Err(Error::new(ErrorKind::ExceptionRange, place));
        };
        table.extend_from_slice(exception::encode_start(self.start.0).as_bytes());
        for value in [
            length,
            self.target.0,
            self.depth << 1 | u32::from(self.lasti),
        ] {
            table.extend_from_slice(exception::encode(value).as_bytes());
        }
        Ok(())
    }
}
