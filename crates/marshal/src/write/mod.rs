//! From a `Value` to marshalled bytes, of any marshal version.
//!
//! Two styles. Canonical: equal immutable objects are one, and FLAG_REF stands exactly where an
//! object recurs, so the bytes depend on the value alone. CPython's: the bytes that
//! `marshal.dumps` of that version gives for the same graph of objects.

mod emit;
mod float_text;
mod from_graph;
mod graph;
mod one_pass;

use alloc::vec::Vec;

use crate::{Error, Value, Version};
use from_graph::Writer;
pub(crate) use graph::{Graph, Merge, Object};

/// Which of the many byte strings that mean the same to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// The same bytes for the same value, whatever is shared in memory: equal immutable objects
    /// are written once, FLAG_REF stands only where a reference follows, sets are sorted.
    #[default]
    Canonical,
    /// As `marshal.dumps` of the Python asked for: an object is flagged where CPython's would have
    /// more than one reference to it, counting those in the value itself; interned strings and
    /// immortal objects are always flagged where that Python does so.
    Cpython,
}

/// What to write for whom.
///
/// ```
/// use pyco_marshal::{Value, Version, WriteOptions};
/// let options = WriteOptions::new(Version::V3_13);
/// assert_eq!(Value::from("née").to_marshal(&options)?, b"u\x04\x00\x00\x00n\xc3\xa9e");
/// assert_eq!(Value::from(1.5).to_marshal(&options.with_marshal_version(1))?, b"f\x031.5");
/// # Ok::<(), pyco_marshal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    python: Version,
    marshal_version: u8,
    style: Style,
    max_depth: u32,
    max_bytes: u64,
}

impl WriteOptions {
    /// Canonical bytes in the marshal version that `python` itself uses, as deep as CPython can
    /// read (2000), and at most 2^31 - 1 bytes.
    #[must_use]
    pub const fn new(python: Version) -> Self {
        Self {
            python,
            marshal_version: python.marshal_version(),
            style: Style::Canonical,
            max_depth: 2000,
            max_bytes: i32::MAX as u64,
        }
    }

    /// The same with another marshal version: 0 to 6; larger ones mean 6.
    #[must_use]
    pub const fn with_marshal_version(mut self, version: u8) -> Self {
        self.marshal_version = version;
        self
    }

    /// The same in another style.
    #[must_use]
    pub const fn with_style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// The same with another bound on how deeply containers may be nested.
    #[must_use]
    pub const fn with_max_depth(mut self, levels: u32) -> Self {
        self.max_depth = levels;
        self
    }

    /// The same with another bound on the bytes written. It matters up to marshal version 2, which
    /// has no references, so that an object that recurs is written again each time.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl Value {
    /// The value in marshalled bytes.
    ///
    /// # Errors
    /// A slice before marshal version 5, a frozendict before 6; a code object that lacks what the
    /// Python asked for needs, or has more than it can hold; nesting or size beyond the options.
    pub fn to_marshal(&self, options: &WriteOptions) -> Result<Vec<u8>, Error> {
        if let Some(bytes) = one_pass::write(self, options)? {
            return Ok(bytes);
        }
        self.to_marshal_from_graph(options)
    }

    /// As [`Value::to_marshal`], always by way of the table of objects.
    pub(crate) fn to_marshal_from_graph(&self, options: &WriteOptions) -> Result<Vec<u8>, Error> {
        let merge = match options.style {
            Style::Canonical => Merge::Equal,
            Style::Cpython => Merge::Shared(options.python),
        };
        Writer::new(Graph::new(self, merge), options).write()
    }
}
