//! Results that can be much larger than their parts: concatenation, repeat, join, replace, padding, expandtabs, zfill.
//!
//! Invariant: the exact size is known and compared with the limit before anything is allocated.

use std::borrow::Cow;

use super::buf::StrBuf;
use super::search::Needle;
use super::unit::{Unit, extend, widened, with_units, with_width};
use super::view::{Kind, StrView};

/// A result would be larger than the caller allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a string of {bytes} bytes is too large")]
pub struct TooLarge {
    /// What the result would occupy, in bytes.
    pub bytes: u128,
}

/// The number of units, if so many of this width are allowed.
pub(super) fn check<U: Unit>(units: u128, max_bytes: usize) -> Result<usize, TooLarge> {
    let bytes = units.saturating_mul(size_of::<U>() as u128);
    if bytes > max_bytes as u128 {
        return Err(TooLarge { bytes });
    }
    Ok(units as usize)
}

pub(super) fn repeat_units<U: Unit>(
    units: &[U],
    count: isize,
    max_bytes: usize,
) -> Result<Vec<U>, TooLarge> {
    let count = usize::try_from(count).unwrap_or(0);
    check::<U>(units.len() as u128 * count as u128, max_bytes)?;
    Ok(units.repeat(count))
}

pub(super) fn join_units<'a, U: Unit>(
    separator: &[U],
    items: impl Iterator<Item = Cow<'a, [U]>> + Clone,
    max_bytes: usize,
) -> Result<Vec<U>, TooLarge> {
    let (mut len, mut count) = (0u128, 0u128);
    for item in items.clone() {
        len += item.len() as u128;
        count += 1;
    }
    len += separator.len() as u128 * count.saturating_sub(1);
    let mut out = Vec::with_capacity(check::<U>(len, max_bytes)?);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(&item);
    }
    Ok(out)
}

pub(super) fn replace_units<U: Unit>(
    units: &[U],
    old: &[U],
    new: &[U],
    max_count: usize,
    max_bytes: usize,
) -> Result<Option<Vec<U>>, TooLarge> {
    if old == new || old.len() > units.len() {
        return Ok(None);
    }
    let needle = Needle::new(Cow::Borrowed(old), units.len());
    let count = needle.count(units, max_count);
    if count == 0 {
        return Ok(None);
    }
    let len = units.len() as u128 - (old.len() * count) as u128 + new.len() as u128 * count as u128;
    let mut out = Vec::with_capacity(check::<U>(len, max_bytes)?);
    let mut start = 0;
    for done in 0..count {
        // Between units an empty needle is found before each, and once more at the end.
        let found = if old.is_empty() {
            Some(usize::from(done > 0))
        } else {
            needle.find(&units[start..])
        };
        let Some(index) = found else { break };
        out.extend_from_slice(&units[start..start + index]);
        out.extend_from_slice(new);
        start += index + old.len();
    }
    out.extend_from_slice(&units[start..]);
    Ok(Some(out))
}

/// How much to add on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `ljust`.
    Left,
    /// `rjust`.
    Right,
    /// `center`.
    Center,
}

impl Align {
    /// How much of what is missing to a width goes to the left.
    pub(crate) fn left(self, missing: usize, width: usize) -> usize {
        match self {
            Align::Left => 0,
            Align::Right => missing,
            // The odd one goes to the left of an even text, to the right of an odd one.
            Align::Center => missing / 2 + (missing & width & 1),
        }
    }
}

pub(super) fn pad_units<U: Unit>(
    units: &[U],
    width: isize,
    align: Align,
    fill: U,
    max_bytes: usize,
) -> Result<Option<Vec<U>>, TooLarge> {
    let width = usize::try_from(width).unwrap_or(0);
    let Some(missing @ 1..) = width.checked_sub(units.len()) else {
        return Ok(None);
    };
    check::<U>(width as u128, max_bytes)?;
    let left = align.left(missing, width);
    let mut out = Vec::with_capacity(width);
    out.resize(left, fill);
    out.extend_from_slice(units);
    out.resize(width, fill);
    Ok(Some(out))
}

pub(super) fn zfill_units<U: Unit>(
    units: &[U],
    width: isize,
    max_bytes: usize,
) -> Result<Option<Vec<U>>, TooLarge> {
    let padded = pad_units(units, width, Align::Right, U::low_bits(0x30), max_bytes)?;
    Ok(padded.map(|mut out| {
        let sign = out.len() - units.len();
        if units
            .first()
            .is_some_and(|&unit| matches!(unit.into(), 0x2B | 0x2D))
        {
            out.swap(0, sign);
        }
        out
    }))
}

pub(super) fn expand_tabs_units<U: Unit>(
    units: &[U],
    tab_size: isize,
    max_bytes: usize,
) -> Result<Option<Vec<U>>, TooLarge> {
    if !units.contains(&U::low_bits(0x09)) {
        return Ok(None);
    }
    // The column only counts modulo the size of a tab, so it never overflows.
    let tab_size = u128::try_from(tab_size).unwrap_or(0);
    let stops = |each: &mut dyn FnMut(U, u128)| {
        let mut column = 0;
        for &unit in units {
            match unit.into() {
                0x09 => {
                    let blanks = if tab_size == 0 {
                        0
                    } else {
                        tab_size - column % tab_size
                    };
                    column += blanks;
                    each(U::low_bits(0x20), blanks);
                }
                c => {
                    column = if matches!(c, 0x0A | 0x0D) {
                        0
                    } else {
                        column + 1
                    };
                    each(unit, 1);
                }
            }
        }
    };
    let mut len = 0u128;
    stops(&mut |_, count| len += count);
    let mut out = Vec::with_capacity(check::<U>(len, max_bytes)?);
    stops(&mut |unit, count| out.resize(out.len() + count as usize, unit));
    Ok(Some(out))
}

impl StrView<'_> {
    /// `a + b`.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn concat(self, other: StrView<'_>, max_bytes: usize) -> Result<StrBuf, TooLarge> {
        fn both<U: Unit>(
            a: StrView<'_>,
            b: StrView<'_>,
            max_bytes: usize,
        ) -> Result<Vec<U>, TooLarge> {
            let mut out =
                Vec::with_capacity(check::<U>(a.len() as u128 + b.len() as u128, max_bytes)?);
            with_units!(a, units => extend(&mut out, units));
            with_units!(b, units => extend(&mut out, units));
            Ok(out)
        }
        Ok(match self.kind().max(other.kind()) {
            Kind::Ascii => StrBuf::Ascii(both(self, other, max_bytes)?),
            Kind::Latin1 => StrBuf::Latin1(both(self, other, max_bytes)?),
            Kind::Ucs2 => StrBuf::Ucs2(both(self, other, max_bytes)?),
            Kind::Ucs4 => StrBuf::Ucs4(both(self, other, max_bytes)?),
        })
    }

    /// `s * n`; nothing for a negative count.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn repeat(self, count: isize, max_bytes: usize) -> Result<StrBuf, TooLarge> {
        if count <= 0 {
            return Ok(StrBuf::new());
        }
        Ok(match self {
            StrView::Ascii(units) => StrBuf::Ascii(repeat_units(units, count, max_bytes)?),
            StrView::Latin1(units) => StrBuf::Latin1(repeat_units(units, count, max_bytes)?),
            StrView::Ucs2(units) => StrBuf::Ucs2(repeat_units(units, count, max_bytes)?),
            StrView::Ucs4(units) => StrBuf::Ucs4(repeat_units(units, count, max_bytes)?),
        })
    }

    /// `separator.join(items)`; the items are gone through more than once.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn join<'i>(
        self,
        items: impl Iterator<Item = StrView<'i>> + Clone,
        max_bytes: usize,
    ) -> Result<StrBuf, TooLarge> {
        let mut kind = Kind::Ascii;
        let mut count = 0usize;
        for item in items.clone() {
            kind = kind.max(item.kind());
            count += 1;
        }
        if count > 1 {
            kind = kind.max(self.kind());
        }
        let separator = if count > 1 { self } else { StrView::EMPTY };
        Ok(match kind {
            Kind::Ascii => StrBuf::Ascii(join_units(
                &widened(separator),
                items.map(widened),
                max_bytes,
            )?),
            Kind::Latin1 => StrBuf::Latin1(join_units(
                &widened(separator),
                items.map(widened),
                max_bytes,
            )?),
            Kind::Ucs2 => StrBuf::Ucs2(join_units(
                &widened(separator),
                items.map(widened),
                max_bytes,
            )?),
            Kind::Ucs4 => StrBuf::Ucs4(join_units(
                &widened(separator),
                items.map(widened),
                max_bytes,
            )?),
        })
    }

    /// `str.replace`; a negative count means all. `None` if the result is the string itself.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn replace(
        self,
        old: StrView<'_>,
        new: StrView<'_>,
        max_count: isize,
        max_bytes: usize,
    ) -> Result<Option<StrBuf>, TooLarge> {
        if old.kind() > self.kind() || old.len() > self.len() {
            return Ok(None);
        }
        let count = usize::try_from(max_count).unwrap_or(usize::MAX);
        let kind = self.kind().max(new.kind());
        with_width!(kind, U => {
            let (units, old, new) = (widened::<U>(self), widened(old), widened(new));
            Ok(replace_units(&units, &old, &new, count, max_bytes)?.map(Unit::into_str))
        })
    }

    /// `str.ljust`, `rjust` and `center`. `None` if the result is the string itself.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn pad(
        self,
        width: isize,
        align: Align,
        fill: u32,
        max_bytes: usize,
    ) -> Result<Option<StrBuf>, TooLarge> {
        if usize::try_from(width).unwrap_or(0) <= self.len() {
            return Ok(None);
        }
        let kind = self.kind().max(Kind::of(fill));
        with_width!(kind, U => {
            let padded = pad_units(&widened::<U>(self), width, align, U::low_bits(fill), max_bytes)?;
            Ok(padded.map(Unit::into_str))
        })
    }

    /// `str.zfill`. `None` if the result is the string itself.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn zfill(self, width: isize, max_bytes: usize) -> Result<Option<StrBuf>, TooLarge> {
        with_units!(self, units => Ok(zfill_units(units, width, max_bytes)?.map(Unit::into_str)))
    }

    /// `str.expandtabs`. `None` if the result is the string itself.
    ///
    /// # Errors
    /// The result would take more than `max_bytes`.
    pub fn expand_tabs(
        self,
        tab_size: isize,
        max_bytes: usize,
    ) -> Result<Option<StrBuf>, TooLarge> {
        with_units!(self, units => Ok(expand_tabs_units(units, tab_size, max_bytes)?.map(Unit::into_str)))
    }
}
