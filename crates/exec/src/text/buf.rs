//! Owned strings: what the functions of this module return, to be copied into a str object.
//!
//! Invariant: as for [`StrView`], the kind is the narrowest that holds the largest code point.

use std::fmt;

use super::unit::{Unit, convert, union};
use super::view::{Kind, StrView};

/// An owned Python str.
#[derive(Clone, PartialEq, Eq)]
pub enum StrBuf {
    /// All below 0x80.
    Ascii(Vec<u8>),
    /// The largest is in 0x80 to 0xFF.
    Latin1(Vec<u8>),
    /// The largest is in 0x100 to 0xFFFF.
    Ucs2(Vec<u16>),
    /// The largest is in 0x10000 to 0x10FFFF.
    Ucs4(Vec<u32>),
}

impl StrBuf {
    /// The empty string.
    pub const fn new() -> StrBuf {
        StrBuf::Ascii(Vec::new())
    }

    /// The string of these Latin-1 code points.
    pub fn from_latin1(units: Vec<u8>) -> StrBuf {
        if units.is_ascii() {
            StrBuf::Ascii(units)
        } else {
            StrBuf::Latin1(units)
        }
    }

    /// The string of these code points, narrowed as far as they allow.
    pub fn from_ucs2(units: Vec<u16>) -> StrBuf {
        match union(&units) {
            0..0x80 => StrBuf::Ascii(convert(&units)),
            0x80..0x100 => StrBuf::Latin1(convert(&units)),
            _ => StrBuf::Ucs2(units),
        }
    }

    /// The string of these code points, narrowed as far as they allow. None may exceed 0x10FFFF.
    pub fn from_ucs4(units: Vec<u32>) -> StrBuf {
        debug_assert!(units.iter().all(|&unit| unit < 0x11_0000));
        match union(&units) {
            0..0x80 => StrBuf::Ascii(convert(&units)),
            0x80..0x100 => StrBuf::Latin1(convert(&units)),
            0x100..0x1_0000 => StrBuf::Ucs2(convert(&units)),
            _ => StrBuf::Ucs4(units),
        }
    }

    /// The string of one code point, or `None` beyond 0x10FFFF: `chr`.
    pub fn from_code_point(code_point: u32) -> Option<StrBuf> {
        Some(match code_point {
            0..0x80 => StrBuf::Ascii(vec![code_point as u8]),
            0x80..0x100 => StrBuf::Latin1(vec![code_point as u8]),
            0x100..0x1_0000 => StrBuf::Ucs2(vec![code_point as u16]),
            0x1_0000..0x11_0000 => StrBuf::Ucs4(vec![code_point]),
            _ => return None,
        })
    }

    /// The string, borrowed.
    pub fn view(&self) -> StrView<'_> {
        match self {
            StrBuf::Ascii(units) => StrView::Ascii(units),
            StrBuf::Latin1(units) => StrView::Latin1(units),
            StrBuf::Ucs2(units) => StrView::Ucs2(units),
            StrBuf::Ucs4(units) => StrView::Ucs4(units),
        }
    }

    /// The storage kind.
    pub fn kind(&self) -> Kind {
        self.view().kind()
    }

    /// Number of code points.
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there is no code point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for StrBuf {
    fn default() -> Self {
        StrBuf::new()
    }
}

impl From<&str> for StrBuf {
    fn from(text: &str) -> StrBuf {
        // The lead byte of the largest code point tells the kind, so one pass over the bytes suffices to choose it.
        match text.bytes().max().unwrap_or(0) {
            0..0x80 => StrBuf::Ascii(text.as_bytes().to_vec()),
            0x80..0xC4 => StrBuf::Latin1(chars_of(text)),
            0xC4..0xF0 => StrBuf::Ucs2(chars_of(text)),
            _ => StrBuf::Ucs4(chars_of(text)),
        }
    }
}

/// The code points, in a width that the caller knows to suffice.
fn chars_of<U: Unit>(text: &str) -> Vec<U> {
    let mut units = Vec::with_capacity(text.chars().count());
    units.extend(text.chars().map(|c| U::low_bits(c.into())));
    units
}

impl fmt::Debug for StrBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.view(), f)
    }
}

/// A string that may or may not have needed a copy.
#[derive(Clone, Debug)]
pub enum StrCow<'a> {
    /// Part of an existing string.
    Borrowed(StrView<'a>),
    /// A new string.
    Owned(StrBuf),
}

impl StrCow<'_> {
    /// The string, borrowed.
    pub fn view(&self) -> StrView<'_> {
        match self {
            StrCow::Borrowed(view) => *view,
            StrCow::Owned(buf) => buf.view(),
        }
    }

    /// The string, owned.
    pub fn into_buf(self) -> StrBuf {
        match self {
            StrCow::Borrowed(view) => view.to_buf(),
            StrCow::Owned(buf) => buf,
        }
    }
}
