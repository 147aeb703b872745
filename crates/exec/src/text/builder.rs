//! A string under construction, which widens when a code point needs it.
//!
//! Invariant: what it holds is always of the narrowest kind, since nothing is ever taken away.

use super::buf::StrBuf;
use super::unit::{convert, extend, with_units};
use super::view::{Kind, StrView};

/// Builds a [`StrBuf`] piece by piece.
///
/// ```
/// use pyco_exec::text::{Kind, StrBuilder};
/// let mut builder = StrBuilder::new();
/// builder.push_str("a = ");
/// builder.push(0x20AC);
/// assert_eq!(builder.finish().kind(), Kind::Ucs2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct StrBuilder {
    text: StrBuf,
}

impl StrBuilder {
    /// An empty string.
    pub const fn new() -> StrBuilder {
        StrBuilder {
            text: StrBuf::new(),
        }
    }

    /// An empty string with room for so many ASCII characters.
    pub fn with_capacity(len: usize) -> StrBuilder {
        StrBuilder {
            text: StrBuf::Ascii(Vec::with_capacity(len)),
        }
    }

    /// Number of code points so far.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes that the code points so far occupy.
    pub fn byte_len(&self) -> usize {
        self.len() * self.text.kind().unit_size()
    }

    /// Adds one code point, at most 0x10FFFF.
    pub fn push(&mut self, code_point: u32) {
        debug_assert!(code_point < 0x11_0000);
        match &mut self.text {
            StrBuf::Ascii(units) if code_point < 0x80 => units.push(code_point as u8),
            StrBuf::Latin1(units) if code_point < 0x100 => units.push(code_point as u8),
            StrBuf::Ucs2(units) if code_point < 0x1_0000 => units.push(code_point as u16),
            StrBuf::Ucs4(units) => units.push(code_point),
            _ => {
                self.widen(Kind::of(code_point), 1);
                self.push(code_point);
            }
        }
    }

    /// Adds a string.
    pub fn push_view(&mut self, view: StrView<'_>) {
        if view.kind() > self.text.kind() {
            self.widen(view.kind(), view.len());
        }
        match &mut self.text {
            StrBuf::Ascii(out) | StrBuf::Latin1(out) => {
                with_units!(view, units => extend(out, units))
            }
            StrBuf::Ucs2(out) => with_units!(view, units => extend(out, units)),
            StrBuf::Ucs4(out) => with_units!(view, units => extend(out, units)),
        }
    }

    /// Adds Rust text.
    pub fn push_str(&mut self, text: &str) {
        match &mut self.text {
            StrBuf::Ascii(units) if text.is_ascii() => units.extend_from_slice(text.as_bytes()),
            _ => {
                let kind = match text.bytes().max().unwrap_or(0) {
                    0..0x80 => Kind::Ascii,
                    0x80..0xC4 => Kind::Latin1,
                    0xC4..0xF0 => Kind::Ucs2,
                    _ => Kind::Ucs4,
                };
                if kind > self.text.kind() {
                    self.widen(kind, text.len() / 4);
                }
                let chars = text.chars().map(u32::from);
                match &mut self.text {
                    StrBuf::Ascii(out) | StrBuf::Latin1(out) => out.extend(chars.map(|c| c as u8)),
                    StrBuf::Ucs2(out) => out.extend(chars.map(|c| c as u16)),
                    StrBuf::Ucs4(out) => out.extend(chars),
                }
            }
        }
    }

    /// Adds `count` times the same code point, at most 0x10FFFF.
    pub fn push_repeated(&mut self, code_point: u32, count: usize) {
        if count == 0 {
            return;
        }
        if Kind::of(code_point) > self.text.kind() {
            self.widen(Kind::of(code_point), count);
        }
        match &mut self.text {
            StrBuf::Ascii(out) | StrBuf::Latin1(out) => {
                out.resize(out.len() + count, code_point as u8)
            }
            StrBuf::Ucs2(out) => out.resize(out.len() + count, code_point as u16),
            StrBuf::Ucs4(out) => out.resize(out.len() + count, code_point),
        }
    }

    /// The finished string.
    pub fn finish(self) -> StrBuf {
        self.text
    }

    /// The string so far.
    pub fn view(&self) -> StrView<'_> {
        self.text.view()
    }

    /// Changes to a wider kind, for which the caller is about to add a code point.
    fn widen(&mut self, kind: Kind, additional: usize) {
        fn grown<A: super::unit::Unit, B: super::unit::Unit>(
            units: &[A],
            additional: usize,
        ) -> Vec<B> {
            // Doubling room, so that what the narrower vector had earned is not lost.
            let mut out = Vec::with_capacity(units.len() + additional.max(units.len()));
            extend(&mut out, units);
            out
        }
        let old = std::mem::take(&mut self.text);
        self.text = match (old, kind) {
            (StrBuf::Ascii(units), Kind::Latin1) => StrBuf::Latin1(units),
            (old, Kind::Ucs2) => {
                StrBuf::Ucs2(with_units!(old.view(), units => grown(units, additional)))
            }
            (StrBuf::Ucs4(units), _) => StrBuf::Ucs4(units),
            (old, Kind::Ucs4) => {
                StrBuf::Ucs4(with_units!(old.view(), units => grown(units, additional)))
            }
            (old, _) => old,
        };
    }
}

impl From<StrBuf> for StrBuilder {
    fn from(text: StrBuf) -> StrBuilder {
        StrBuilder { text }
    }
}

impl From<StrBuilder> for StrBuf {
    fn from(builder: StrBuilder) -> StrBuf {
        builder.finish()
    }
}

impl Extend<u32> for StrBuilder {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, code_points: I) {
        for code_point in code_points {
            self.push(code_point);
        }
    }
}

/// The string of code points given as `u32`, at most 0x10FFFF each.
impl FromIterator<u32> for StrBuf {
    fn from_iter<I: IntoIterator<Item = u32>>(code_points: I) -> StrBuf {
        let code_points: Vec<u32> = code_points.into_iter().collect();
        if code_points.iter().all(|&c| c < 0x100) {
            return StrBuf::from_latin1(convert(&code_points));
        }
        StrBuf::from_ucs4(code_points)
    }
}
