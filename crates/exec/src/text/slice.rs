//! Slices with a step, and translate.

use super::buf::{StrBuf, StrCow};
use super::build::TooLarge;
use super::builder::StrBuilder;
use super::unit::{Unit, with_units};
use super::view::StrView;

/// Every `step`-th of `count` units from `start`; what does not exist is left out.
pub(super) fn step_units<U: Unit>(units: &[U], start: usize, step: isize, count: usize) -> Vec<U> {
    if step == -1
        && let Some(part) = start
            .checked_add(1)
            .and_then(|end| units.get(end.checked_sub(count)?..end))
    {
        return part.iter().rev().copied().collect();
    }
    let at = |n: usize| start.wrapping_add_signed(step.wrapping_mul(n as isize));
    (0..count)
        .filter_map(|n| units.get(at(n)).copied())
        .collect()
}

/// What a slice selects of a sequence, as `slice.indices` computes it: the first index, the step, and how many.
///
/// ```
/// use pyco_exec::text::slice_indices;
/// assert_eq!(slice_indices(None, None, -2, 10), (9, -2, 5));
/// assert_eq!(slice_indices(Some(-3), Some(100), 1, 10), (7, 1, 3));
/// ```
pub fn slice_indices(
    start: Option<isize>,
    stop: Option<isize>,
    step: isize,
    len: usize,
) -> (usize, isize, usize) {
    let len = len as isize;
    // Going down, "before the first" and "at the last" are the bounds; going up, the first and behind the last.
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clamp = |index: isize| {
        if index < 0 {
            (index + len).max(low)
        } else {
            index.min(high)
        }
    };
    let start = start.map_or(if step < 0 { high } else { low }, clamp);
    let stop = stop.map_or(if step < 0 { low } else { high }, clamp);
    let distance = if step < 0 { start - stop } else { stop - start };
    let count = if distance <= 0 || step == 0 {
        0
    } else {
        (distance as usize - 1) / step.unsigned_abs() + 1
    };
    (start.max(0) as usize, step, count)
}

/// What translate puts in the place of a code point.
#[derive(Clone, Debug)]
pub enum Translated {
    /// The code point itself.
    Same,
    /// Nothing.
    Deleted,
    /// Another code point, at most 0x10FFFF.
    Char(u32),
    /// A string.
    Text(StrBuf),
}

impl<'a> StrView<'a> {
    /// `s[start:stop:step]` of what [`slice_indices`] gave for this length.
    pub fn slice(self, start: usize, step: isize, count: usize) -> StrCow<'a> {
        if step == 1
            && start
                .checked_add(count)
                .is_some_and(|end| end <= self.len())
        {
            return self.substr(start..start + count);
        }
        StrCow::Owned(
            with_units!(self, units => Unit::into_str(step_units(units, start, step, count))),
        )
    }

    /// `str.translate`, the table being a function.
    ///
    /// As in CPython the function is asked once for each character as long as characters and answers are single and
    /// ASCII; it is asked a second time for the first whose answer is not, and from there on for each occurrence.
    ///
    /// # Errors
    /// What the function returns, and [`TooLarge`] as soon as the result takes more than `max_bytes`.
    pub fn translate<E: From<TooLarge>>(
        self,
        max_bytes: usize,
        mut table: impl FnMut(u32) -> Result<Translated, E>,
    ) -> Result<StrBuf, E> {
        let mut out = StrBuilder::with_capacity(self.len());
        let start = match self {
            StrView::Ascii(units) => translate_ascii(units, &mut out, &mut table)?,
            _ => 0,
        };
        for index in start..self.len() {
            let Some(c) = self.get(index) else { break };
            apply(&mut out, c, table(c)?);
            if out.byte_len() > max_bytes {
                return Err(TooLarge {
                    bytes: out.byte_len() as u128,
                }
                .into());
            }
        }
        Ok(out.finish())
    }
}

fn apply(out: &mut StrBuilder, c: u32, translated: Translated) {
    match translated {
        Translated::Same => out.push(c),
        Translated::Deleted => {}
        Translated::Char(c) => out.push(c),
        Translated::Text(text) => out.push_view(text.view()),
    }
}

/// Translates while each character gives at most one ASCII character; returns where to go on.
fn translate_ascii<E>(
    units: &[u8],
    out: &mut StrBuilder,
    table: &mut impl FnMut(u32) -> Result<Translated, E>,
) -> Result<usize, E> {
    let mut known: [Option<Translated>; 128] = [const { None }; 128];
    for (index, &unit) in units.iter().enumerate() {
        let slot = &mut known[usize::from(unit & 0x7F)];
        if slot.is_none() {
            let translated = table(unit.into())?;
            let is_simple = match &translated {
                Translated::Same | Translated::Deleted => true,
                Translated::Char(c) => *c < 0x80,
                Translated::Text(text) => text.len() == 1 && text.view().is_ascii(),
            };
            if !is_simple {
                return Ok(index);
            }
            *slot = Some(translated);
        }
        if let Some(translated) = slot {
            apply(out, unit.into(), translated.clone());
        }
    }
    Ok(units.len())
}
