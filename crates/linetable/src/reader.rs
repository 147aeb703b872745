//! Reading a location table that lies elsewhere, such as in another process, a piece at a time.
//!
//! Invariants: memory use is the window and does not grow with the table; each byte is fetched once for each pass
//! over the table; nothing is fetched beyond the window that holds the entry asked for.

use crate::locations::{Entry, RawEntries};
use crate::{ByteOffset, Error, ErrorKind, Location};
use core::fmt;

/// How many bytes of the table are held at a time. An entry takes at most 25, most functions fewer than 256.
const WINDOW: usize = 256;

/// Reads a 3.11+ location table through a function that fetches bytes of it.
///
/// `fetch(offset, buffer)` copies bytes from `offset` of the table to the start of `buffer` and returns how many:
/// any number from 1 on, so it may stop where a page of the other process ends.
///
/// Look-ups in ascending order take one pass; a look-up before the last one starts again.
///
/// ```
/// use pyco_linetable::{Reader, UnitOffset};
///
/// let remote = b"\x80\x00\x90\x11\x90Q\x91\x15\x88,";
/// let fetch = |offset: usize, buffer: &mut [u8]| {
///     let piece = &remote[offset..][..3.min(buffer.len()).min(remote.len() - offset)];
///     buffer[..piece.len()].copy_from_slice(piece);
///     Ok::<usize, std::io::Error>(piece.len())
/// };
/// let mut reader = Reader::new(remote.len(), 1, fetch);
/// assert_eq!(reader.location(UnitOffset(3))?.to_string(), "1:17-1:22");
/// # Ok::<(), pyco_linetable::ReadError<std::io::Error>>(())
/// ```
#[derive(Clone)]
pub struct Reader<F> {
    fetch: F,
    table_len: usize,
    first_line: i32,
    state: RawEntries,
    last: Option<Entry>,
    window: [u8; WINDOW],
    /// Where in the table the window starts, and how much of it is filled.
    window_start: usize,
    window_len: usize,
}

/// Why a table in pieces could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The bytes could not be fetched.
    Fetch {
        /// What the fetching function said.
        error: E,
        /// The offset in the table that was asked for, in bytes.
        offset: usize,
    },
    /// The bytes are not a location table, or fetching gave none where there should be more.
    Table(Error),
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch { error, offset } => write!(
                f,
                "cannot fetch the location table: {error} at offset {offset:#x}"
            ),
            Self::Table(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for ReadError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Fetch { error, .. } => Some(error),
            Self::Table(error) => Some(error),
        }
    }
}

impl<E> From<Error> for ReadError<E> {
    fn from(error: Error) -> Self {
        Self::Table(error)
    }
}

impl<F> fmt::Debug for Reader<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("table_len", &self.table_len)
            .field("at", &self.state)
            .finish_non_exhaustive()
    }
}

impl<F, E> Reader<F>
where
    F: FnMut(usize, &mut [u8]) -> Result<usize, E>,
{
    /// A reader of a table of `table_len` bytes, whose code object has this `co_firstlineno`.
    pub const fn new(table_len: usize, first_line: i32, fetch: F) -> Self {
        Self {
            fetch,
            table_len,
            first_line,
            state: RawEntries::new(first_line),
            last: None,
            window: [0; WINDOW],
            window_start: 0,
            window_len: 0,
        }
    }

    /// Starts again at the first entry.
    pub const fn rewind(&mut self) {
        self.state = RawEntries::new(self.first_line);
        self.last = None;
    }

    /// The next entry; `None` at the end of the table.
    ///
    /// # Errors
    /// [`ReadError::Fetch`] with the fetching function's error, [`ReadError::Table`] with one of those of
    /// [`Entries`](crate::locations::Entries). After an error the next call tries the same entry again.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ReadError<E>> {
        if self.state.offset >= self.table_len {
            return Ok(None);
        }
        self.load()?;
        let at = self.state.offset - self.window_start;
        let entry = self.state.read(&self.window[..self.window_len], at)?;
        self.last = Some(entry);
        Ok(Some(entry))
    }

    /// The location of the code unit at `offset`; [`Location::NONE`] where the table says so, and beyond its end.
    ///
    /// # Errors
    /// Those of [`next_entry`](Self::next_entry).
    pub fn location(&mut self, offset: impl Into<ByteOffset>) -> Result<Location, ReadError<E>> {
        let unit = offset.into().to_units();
        if self.last.is_some_and(|last| unit < last.start) {
            self.rewind();
        }
        let mut entry = self.last;
        loop {
            match entry {
                Some(entry) if unit < entry.end() => return Ok(entry.location),
                _ => entry = self.next_entry()?,
            }
            if entry.is_none() {
                return Ok(Location::NONE);
            }
        }
    }

    /// The line of the code unit at `offset`; `None` where the table has none, or ends before.
    ///
    /// # Errors
    /// Those of [`next_entry`](Self::next_entry).
    pub fn addr2line(
        &mut self,
        offset: impl Into<ByteOffset>,
    ) -> Result<Option<u32>, ReadError<E>> {
        Ok(self.location(offset)?.line())
    }

    /// Makes the window hold a whole entry at the current offset, or all that is left of the table.
    fn load(&mut self) -> Result<(), ReadError<E>> {
        let offset = self.state.offset;
        let wanted = crate::locations::MAX_ENTRY_LEN.min(self.table_len - offset);
        let is_inside =
            offset >= self.window_start && offset <= self.window_start + self.window_len;
        let kept = if is_inside {
            self.window_start + self.window_len - offset
        } else {
            0
        };
        if kept >= wanted {
            return Ok(());
        }
        self.window
            .copy_within(self.window_len - kept..self.window_len, 0);
        (self.window_start, self.window_len) = (offset, kept);
        while self.window_len < wanted {
            let at = offset + self.window_len;
            let room = (WINDOW - self.window_len).min(self.table_len - at);
            let buffer = &mut self.window[self.window_len..][..room];
            match (self.fetch)(at, buffer) {
                Ok(0) => return Err(Error::new(ErrorKind::Truncated, at).into()),
                Ok(count) => self.window_len += count.min(room),
                Err(error) => return Err(ReadError::Fetch { error, offset: at }),
            }
        }
        Ok(())
    }
}
