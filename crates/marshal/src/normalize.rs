//! Reproducible `.pyc`: the same bytes for the same code, whoever compiled it and when.
//!
//! The body is written canonically, so it does not depend on what the writing Python shared or
//! counted. Normalising twice changes nothing more.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Error, Header, Limits, Pyc, Source, Str, WriteOptions, source_hash};

/// What to put in place of what depends on the machine and the time.
///
/// ```
/// use pyco_marshal::{Normalizer, Pyc, Source};
/// # use pyco_marshal::{Header, Version};
/// # let source = Source::Timestamp { mtime: 1_700_000_000, size: Some(4) };
/// # let mut file = Header::new(Version::V3_13, source)?.to_bytes();
/// # file.extend(b"\xe9\x01\x00\x00\x00");
/// let normalizer = Normalizer::new().with_filename_prefix("/build/", "/usr/lib/").with_mtime(0);
/// let clean = normalizer.normalize(&file)?;
/// assert_eq!(normalizer.normalize(&clean)?, clean);
/// let source = Pyc::read(&clean)?.header().source();
/// assert_eq!(source, Source::Timestamp { mtime: 0, size: Some(4) });
/// # Ok::<(), pyco_marshal::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Normalizer {
    prefixes: Vec<(String, String)>,
    stamp: Stamp,
    limits: Limits,
}

/// What becomes of a timestamp in the header.
#[derive(Debug, Clone, Default)]
enum Stamp {
    #[default]
    Kept,
    Mtime(u32),
    Hash {
        source: Vec<u8>,
        is_checked: bool,
    },
}

impl Normalizer {
    /// Normalises the body and keeps the header.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces `old` at the start of every `co_filename`, in nested code objects too, with `new`.
    /// Of several prefixes the first that fits is taken.
    #[must_use]
    pub fn with_filename_prefix(mut self, old: &str, new: &str) -> Self {
        self.prefixes.push((String::from(old), String::from(new)));
        self
    }

    /// Replaces the time of the source, if the header has one: seconds since 1970, such as
    /// `SOURCE_DATE_EPOCH`, modulo 2^32. The size of the source stays.
    #[must_use]
    pub fn with_mtime(mut self, seconds: u64) -> Self {
        self.stamp = Stamp::Mtime(seconds as u32);
        self
    }

    /// Replaces time and size, or another hash, with the hash of `source` (PEP 552). Before 3.7,
    /// which has no hashes, the time becomes 0.
    #[must_use]
    pub fn with_hash_of(mut self, source: &[u8], is_checked: bool) -> Self {
        self.stamp = Stamp::Hash {
            source: source.to_vec(),
            is_checked,
        };
        self
    }

    /// Bounds for reading.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The file in its normal form. What follows the marshalled object is dropped.
    ///
    /// # Errors
    /// What [`Pyc::value`] and [`Value::to_marshal`](crate::Value::to_marshal) refuse; files of
    /// Python 2.
    pub fn normalize(&self, file: &[u8]) -> Result<Vec<u8>, Error> {
        let pyc = Pyc::read(file)?;
        let mut value = pyc.value_within(self.limits)?;
        if !self.prefixes.is_empty() {
            value = value.map_filenames(&mut |name| self.new_filename(name));
        }
        let options = WriteOptions::new(pyc.version()).with_max_depth(self.limits.max_depth);
        let mut normal = self.header(*pyc.header()).to_bytes();
        normal.extend(value.to_marshal(&options)?);
        Ok(normal)
    }

    fn header(&self, header: Header) -> Header {
        let source = match (&self.stamp, header.source()) {
            (Stamp::Mtime(mtime), Source::Timestamp { size, .. }) => Source::Timestamp {
                mtime: *mtime,
                size,
            },
            (Stamp::Hash { source, is_checked }, _) => {
                let hash = source_hash(header.magic(), source);
                Source::Hash {
                    hash,
                    is_checked: *is_checked,
                }
            }
            (_, source) => source,
        };
        // Also where the source stays: the flags 0 and 2 mean the same.
        header.with_source(source)
    }

    fn new_filename(&self, name: &Str) -> Option<Str> {
        self.prefixes.iter().find_map(|(old, new)| {
            let rest = name.as_bytes().strip_prefix(old.as_bytes())?;
            let bytes = [new.as_bytes(), rest].concat();
            // A prefix ends between characters, so the rest is whole; a surrogate is not split.
            Str::from_surrogatepass(&bytes).ok()
        })
    }
}
