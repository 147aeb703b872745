//! The three widths of a code unit, so that one generic algorithm serves every kind of str and all of bytes.
//!
//! Invariant: a unit is a code point (or a byte); there are no surrogate pairs anywhere in this module.

use std::borrow::Cow;

use super::buf::{StrBuf, StrCow};
use super::view::StrView;

/// A code unit: `u8` (ASCII, Latin-1 and bytes), `u16` (UCS-2) or `u32` (UCS-4).
pub trait Unit: bytemuck::Pod + Ord + Into<u32> + Send + Sync + 'static {
    /// The largest value of the type.
    const MAX: u32;

    /// The value as a code point.
    fn code_point(self) -> u32 {
        self.into()
    }

    /// The unit of this value; values that do not fit are truncated, so callers check against [`Unit::MAX`].
    fn low_bits(value: u32) -> Self;

    /// The bitwise or of two units.
    fn or(self, other: Self) -> Self;

    /// The units of `view` in this width, or `None` if it holds code points that do not fit.
    fn units_of(view: StrView<'_>) -> Option<Cow<'_, [Self]>>;

    /// Makes the narrowest string of these units.
    fn into_str(units: Vec<Self>) -> StrBuf;

    /// Makes the narrowest string of these units, borrowed where they are in the narrowest kind already.
    fn as_str(units: &[Self]) -> StrCow<'_>;

    /// The units as they lie in memory.
    fn bytes(units: &[Self]) -> &[u8] {
        bytemuck::cast_slice(units)
    }
}

impl Unit for u8 {
    const MAX: u32 = u8::MAX as u32;

    fn low_bits(value: u32) -> u8 {
        value as u8
    }

    fn or(self, other: u8) -> u8 {
        self | other
    }

    fn units_of(view: StrView<'_>) -> Option<Cow<'_, [u8]>> {
        match view {
            StrView::Ascii(units) | StrView::Latin1(units) => Some(Cow::Borrowed(units)),
            StrView::Ucs2(_) | StrView::Ucs4(_) => None,
        }
    }

    fn into_str(units: Vec<u8>) -> StrBuf {
        StrBuf::from_latin1(units)
    }

    fn as_str(units: &[u8]) -> StrCow<'_> {
        StrCow::Borrowed(StrView::from_latin1(units))
    }
}

impl Unit for u16 {
    const MAX: u32 = u16::MAX as u32;

    fn low_bits(value: u32) -> u16 {
        value as u16
    }

    fn or(self, other: u16) -> u16 {
        self | other
    }

    fn units_of(view: StrView<'_>) -> Option<Cow<'_, [u16]>> {
        match view {
            StrView::Ascii(units) | StrView::Latin1(units) => Some(Cow::Owned(convert(units))),
            StrView::Ucs2(units) => Some(Cow::Borrowed(units)),
            StrView::Ucs4(_) => None,
        }
    }

    fn into_str(units: Vec<u16>) -> StrBuf {
        StrBuf::from_ucs2(units)
    }

    fn as_str(units: &[u16]) -> StrCow<'_> {
        match union(units) {
            0..0x80 => StrCow::Owned(StrBuf::Ascii(convert(units))),
            0x80..0x100 => StrCow::Owned(StrBuf::Latin1(convert(units))),
            _ => StrCow::Borrowed(StrView::Ucs2(units)),
        }
    }
}

impl Unit for u32 {
    const MAX: u32 = u32::MAX;

    fn low_bits(value: u32) -> u32 {
        value
    }

    fn or(self, other: u32) -> u32 {
        self | other
    }

    fn units_of(view: StrView<'_>) -> Option<Cow<'_, [u32]>> {
        match view {
            StrView::Ascii(units) | StrView::Latin1(units) => Some(Cow::Owned(convert(units))),
            StrView::Ucs2(units) => Some(Cow::Owned(convert(units))),
            StrView::Ucs4(units) => Some(Cow::Borrowed(units)),
        }
    }

    fn into_str(units: Vec<u32>) -> StrBuf {
        StrBuf::from_ucs4(units)
    }

    fn as_str(units: &[u32]) -> StrCow<'_> {
        match union(units) {
            0..0x80 => StrCow::Owned(StrBuf::Ascii(convert(units))),
            0x80..0x100 => StrCow::Owned(StrBuf::Latin1(convert(units))),
            0x100..0x1_0000 => StrCow::Owned(StrBuf::Ucs2(convert(units))),
            _ => StrCow::Borrowed(StrView::Ucs4(units)),
        }
    }
}

/// The bitwise or of all units, or of a first part that already needs the kind of `U`.
///
/// The limits of the kinds are powers of two, so the union falls into the same kind as the largest unit.
pub(crate) fn union<U: Unit>(units: &[U]) -> u32 {
    let own_kind = if U::MAX == u8::MAX as u32 {
        0x80
    } else if U::MAX == u16::MAX as u32 {
        0x100
    } else {
        0x1_0000
    };
    let mut all = 0;
    for chunk in units.chunks(256) {
        let or: u32 = chunk.iter().fold(U::low_bits(0), |a, &b| a.or(b)).into();
        all |= or;
        if all >= own_kind {
            break;
        }
    }
    all
}

/// The units in another width; the caller knows that they fit.
pub(crate) fn convert<A: Unit, B: Unit>(units: &[A]) -> Vec<B> {
    units.iter().map(|&unit| B::low_bits(unit.into())).collect()
}

/// Appends the units in another width; the caller knows that they fit.
pub(crate) fn extend<A: Unit, B: Unit>(out: &mut Vec<B>, units: &[A]) {
    out.extend(units.iter().map(|&unit| B::low_bits(unit.into())));
}

/// Runs an expression with the units of a view, whatever their width.
macro_rules! with_units {
    ($view:expr, $units:ident => $body:expr) => {
        match $view {
            $crate::text::StrView::Ascii($units) | $crate::text::StrView::Latin1($units) => $body,
            $crate::text::StrView::Ucs2($units) => $body,
            $crate::text::StrView::Ucs4($units) => $body,
        }
    };
}
pub(crate) use with_units;

/// Runs an expression with a type name bound to the unit type of a kind.
macro_rules! with_width {
    ($kind:expr, $width:ident => $body:expr) => {
        match $kind {
            $crate::text::Kind::Ascii | $crate::text::Kind::Latin1 => {
                type $width = u8;
                $body
            }
            $crate::text::Kind::Ucs2 => {
                type $width = u16;
                $body
            }
            $crate::text::Kind::Ucs4 => {
                type $width = u32;
                $body
            }
        }
    };
}
pub(crate) use with_width;

/// The units of a view in a width that the caller knows to suffice.
pub(crate) fn widened<U: Unit>(view: StrView<'_>) -> Cow<'_, [U]> {
    U::units_of(view).unwrap_or_else(|| with_units!(view, units => Cow::Owned(convert(units))))
}
