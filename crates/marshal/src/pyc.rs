//! The `.pyc` file: a header of 8, 12 or 16 bytes, then one marshalled code object.
//!
//! The header is kept whole, flags as found, so that `Header::to_bytes` gives its bytes back.

use alloc::sync::Arc;
use alloc::vec::Vec;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::{
    Document, Error, ErrorKind, Limits, Magic, RawCode, ReadOptions, Value, Version, source_hash,
};

/// Up to 3.2.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Wire8 {
    magic: [u8; 4],
    mtime: U32,
}

/// 3.3 to 3.6.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Wire12 {
    magic: [u8; 4],
    mtime: U32,
    source_size: U32,
}

/// From 3.7 on (PEP 552). The last 8 bytes are mtime and source size, or the source hash.
#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Wire16 {
    magic: [u8; 4],
    flags: U32,
    source: [u8; 8],
}

/// Flag of PEP 552: the file carries a hash, not a timestamp.
const FLAG_HASH: u32 = 1;
/// Flag of PEP 552: the hash is to be checked against the source on import.
const FLAG_CHECK_SOURCE: u32 = 2;

/// How a `.pyc` tells whether its source has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// By the time and size of the source file.
    Timestamp {
        /// Seconds since 1970, modulo 2^32.
        mtime: u32,
        /// Size in bytes, modulo 2^32; `None` before 3.3.
        size: Option<u32>,
    },
    /// By a hash of the source file (PEP 552, from 3.7 on).
    Hash {
        /// See [`source_hash`].
        hash: [u8; 8],
        /// Does import compare it with the source?
        is_checked: bool,
    },
}

/// The header of a `.pyc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    magic: Magic,
    source: Source,
    /// As found: 2 means the same as 0.
    flags: u32,
}

impl Header {
    /// A header as `version` would write it. From a [`Source`] that the version has no room for
    /// (a hash before 3.7, a size before 3.3) what fits is kept, and a hash becomes time 0.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCodeLayout`] for a version that this crate does not know.
    pub fn new(version: Version, source: Source) -> Result<Self, Error> {
        let magic = Magic::of(version).ok_or(Error::new(ErrorKind::UnknownCodeLayout, 0))?;
        Ok(Self::with_magic(magic, source))
    }

    fn with_magic(magic: Magic, source: Source) -> Self {
        let (mtime, size) = match source {
            Source::Timestamp { mtime, size } => (mtime, size.unwrap_or(0)),
            Source::Hash { .. } => (0, 0),
        };
        match (magic.header_size(), source) {
            (8, _) => Self {
                magic,
                source: Source::Timestamp { mtime, size: None },
                flags: 0,
            },
            (16, Source::Hash { is_checked, .. }) => {
                let check = if is_checked { FLAG_CHECK_SOURCE } else { 0 };
                Self {
                    magic,
                    source,
                    flags: FLAG_HASH | check,
                }
            }
            _ => Self {
                magic,
                source: Source::Timestamp {
                    mtime,
                    size: Some(size),
                },
                flags: 0,
            },
        }
    }

    /// Reads the header at the start of a file.
    ///
    /// # Errors
    /// Too few bytes, an unknown magic number, flags that the importer refuses.
    pub fn read(file: &[u8]) -> Result<Self, Error> {
        let short = |expected: usize| {
            let found = u32::try_from(file.len()).unwrap_or(u32::MAX);
            Error::new(
                ErrorKind::ShortHeader {
                    expected: expected as u32,
                    found,
                },
                file.len(),
            )
        };
        let magic = Magic::from_bytes(*file.first_chunk().ok_or(short(16))?)?;
        match magic.header_size() {
            8 => {
                let (wire, _) = Wire8::ref_from_prefix(file).map_err(|_| short(8))?;
                let source = Source::Timestamp {
                    mtime: wire.mtime.get(),
                    size: None,
                };
                Ok(Self {
                    magic,
                    source,
                    flags: 0,
                })
            }
            12 => {
                let (wire, _) = Wire12::ref_from_prefix(file).map_err(|_| short(12))?;
                let size = Some(wire.source_size.get());
                let source = Source::Timestamp {
                    mtime: wire.mtime.get(),
                    size,
                };
                Ok(Self {
                    magic,
                    source,
                    flags: 0,
                })
            }
            _ => {
                let (wire, _) = Wire16::ref_from_prefix(file).map_err(|_| short(16))?;
                Self::from_pep552(magic, wire.flags.get(), wire.source)
            }
        }
    }

    fn from_pep552(magic: Magic, flags: u32, bytes: [u8; 8]) -> Result<Self, Error> {
        if flags & !(FLAG_HASH | FLAG_CHECK_SOURCE) != 0 {
            return Err(Error::new(ErrorKind::InvalidFlags(flags), 4));
        }
        let source = if flags & FLAG_HASH != 0 {
            Source::Hash {
                hash: bytes,
                is_checked: flags & FLAG_CHECK_SOURCE != 0,
            }
        } else {
            let [a, b, c, d, e, f, g, h] = bytes;
            let mtime = u32::from_le_bytes([a, b, c, d]);
            Source::Timestamp {
                mtime,
                size: Some(u32::from_le_bytes([e, f, g, h])),
            }
        };
        Ok(Self {
            magic,
            source,
            flags,
        })
    }

    /// The bytes of the header: 8, 12 or 16.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let magic = self.magic.to_bytes();
        let (mtime, size) = match self.source {
            Source::Timestamp { mtime, size } => (mtime, size.unwrap_or(0)),
            Source::Hash { .. } => (0, 0),
        };
        let (mtime, source_size) = (U32::new(mtime), U32::new(size));
        match self.magic.header_size() {
            8 => Wire8 { magic, mtime }.as_bytes().to_vec(),
            12 => Wire12 {
                magic,
                mtime,
                source_size,
            }
            .as_bytes()
            .to_vec(),
            _ => {
                let source = match self.source {
                    Source::Hash { hash, .. } => hash,
                    Source::Timestamp { .. } => {
                        zerocopy::transmute!([mtime.to_bytes(), source_size.to_bytes()])
                    }
                };
                Wire16 {
                    magic,
                    flags: U32::new(self.flags),
                    source,
                }
                .as_bytes()
                .to_vec()
            }
        }
    }

    /// The magic number.
    #[must_use]
    pub const fn magic(&self) -> Magic {
        self.magic
    }

    /// How it tells whether the source has changed.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The same header with another source, in the layout of the same magic number; see
    /// [`Header::new`] for what does not fit.
    #[must_use]
    pub fn with_source(self, source: Source) -> Self {
        Self::with_magic(self.magic, source)
    }

    /// Is this the header's hash of this source? `None` if it has a timestamp instead.
    #[must_use]
    pub fn is_hash_of(&self, source: &[u8]) -> Option<bool> {
        match self.source {
            Source::Hash { hash, .. } => Some(hash == source_hash(self.magic, source)),
            Source::Timestamp { .. } => None,
        }
    }
}

/// A `.pyc` whose header has been read.
///
/// ```
/// use pyco_marshal::{Header, Pyc, Source, Version};
/// let source = Source::Timestamp { mtime: 0, size: Some(4) };
/// let mut file = Header::new(Version::V3_13, source)?.to_bytes();
/// file.extend(b"N");
/// let pyc = Pyc::read(&file)?;
/// assert_eq!(pyc.version(), Version::V3_13);
/// assert_eq!(pyc.header().source(), source);
/// assert_eq!(pyc.value()?, pyco_marshal::Value::None);
/// # Ok::<(), pyco_marshal::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Pyc<'a> {
    header: Header,
    marshalled: &'a [u8],
}

impl<'a> Pyc<'a> {
    /// Reads the header; what follows is looked at only when asked for.
    ///
    /// # Errors
    /// See [`Header::read`].
    pub fn read(file: &'a [u8]) -> Result<Self, Error> {
        let header = Header::read(file)?;
        Ok(Self {
            header,
            marshalled: &file[header.magic.header_size()..],
        })
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The release series that wrote it.
    #[must_use]
    pub fn version(&self) -> Version {
        self.header.magic.version()
    }

    /// The bytes after the header.
    #[must_use]
    pub const fn marshalled(&self) -> &'a [u8] {
        self.marshalled
    }

    /// How to read the bytes after the header, with offsets that count from the start of the file.
    #[must_use]
    pub fn read_options(&self) -> ReadOptions {
        let magic = self.header.magic;
        ReadOptions::with_layout(magic.code_layout()).with_base_offset(magic.header_size())
    }

    /// The marshalled object, lossless.
    ///
    /// # Errors
    /// See [`Document::decode_with`].
    pub fn document(&self) -> Result<Document<'a>, Error> {
        self.document_within(Limits::DEFAULT)
    }

    /// The marshalled object, lossless, within limits.
    ///
    /// # Errors
    /// See [`Document::decode_with`].
    pub fn document_within(&self, limits: Limits) -> Result<Document<'a>, Error> {
        self.check_layout()?;
        Document::decode_with(self.marshalled, &self.read_options().with_limits(limits))
    }

    /// The marshalled object, owned.
    ///
    /// # Errors
    /// See [`Value::from_marshal_with`].
    pub fn value(&self) -> Result<Value, Error> {
        self.value_within(Limits::DEFAULT)
    }

    /// The marshalled object, owned, within limits.
    ///
    /// # Errors
    /// See [`Value::from_marshal_with`].
    pub fn value_within(&self, limits: Limits) -> Result<Value, Error> {
        self.check_layout()?;
        Value::from_marshal_with(self.marshalled, &self.read_options().with_limits(limits))
    }

    /// The module's code object.
    ///
    /// # Errors
    /// As for [`Pyc::value`], and if the file holds something else.
    pub fn code(&self) -> Result<Arc<RawCode>, Error> {
        match self.value()? {
            Value::Code(code) => Ok(code),
            other => {
                let found = other.type_name();
                let kind = ErrorKind::FieldType {
                    field: "module",
                    found,
                    expected: "code",
                };
                Err(Error::new(kind, self.header.magic.header_size()))
            }
        }
    }

    fn check_layout(&self) -> Result<(), Error> {
        let magic = self.header.magic;
        match magic.code_layout() {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::UnsupportedMagic(magic.number()), 0)),
        }
    }
}
