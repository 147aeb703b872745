//! The parts of a number put together: sign, prefix, grouped digits, fraction, exponent.

use super::{Align, Context, FormatSpec, Formatted, Grouping};
use crate::numeric::Error;

/// A number's text in parts, all ASCII.
pub(super) struct Number<'a> {
    pub(super) negative: bool,
    /// `0x` and the like.
    pub(super) prefix: &'a str,
    /// The digits before the point; empty for `inf` and `nan`.
    pub(super) whole: &'a str,
    /// The digits after the point, if there is a point.
    pub(super) fraction: Option<&'a str>,
    /// Exponent, percent sign, or `inf` or `nan`.
    pub(super) rest: &'a str,
    /// Digits in a group.
    pub(super) group_len: usize,
}

impl<'a> Number<'a> {
    /// Takes apart the text of a float.
    pub(super) fn of_float(text: &'a str) -> Number<'a> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text),
        };
        let run = |text: &'a str| {
            text.split_at(
                text.find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(text.len()),
            )
        };
        let (whole, rest) = run(unsigned);
        let (fraction, rest) = match rest.strip_prefix('.').map(run) {
            Some((fraction, rest)) => (Some(fraction), rest),
            None => (None, rest),
        };
        Number {
            negative,
            prefix: "",
            whole,
            fraction,
            rest,
            group_len: 3,
        }
    }

    /// The number in the width and with the padding of `spec`.
    pub(super) fn lay_out(
        &self,
        spec: &FormatSpec,
        context: &Context<'_>,
    ) -> Result<Formatted, Error> {
        let (text, head_len) = self.text(spec, spec.sign, spec.width, context)?;
        Formatted::number(text, head_len, spec, context)
    }

    /// The text, zeros up to `width` included where they are grouped, and the length of sign and prefix.
    pub(super) fn text(
        &self,
        spec: &FormatSpec,
        sign: Option<char>,
        width: Option<usize>,
        context: &Context<'_>,
    ) -> Result<(String, usize), Error> {
        let mut text = String::new();
        match sign {
            _ if self.negative => text.push('-'),
            Some('+') => text.push('+'),
            Some(' ') => text.push(' '),
            _ => {}
        }
        text.push_str(self.prefix);
        let head_len = text.len();
        let mut tail = String::new();
        if let Some(fraction) = self.fraction {
            tail.push('.');
            push_fraction(&mut tail, fraction, spec.fraction_grouping);
        }
        tail.push_str(self.rest);
        match spec.grouping {
            Some(grouping) if !self.whole.is_empty() => {
                let zero_filled = spec.fill == u32::from('0') && spec.align == Align::AfterSign;
                let width = if zero_filled { width.unwrap_or(0) } else { 0 };
                context.admit(width)?;
                push_grouped(
                    &mut text,
                    self.whole,
                    self.group_len,
                    grouping,
                    width.saturating_sub(head_len + tail.len()),
                );
            }
            _ => text.push_str(self.whole),
        }
        text.push_str(&tail);
        Ok((text, head_len))
    }
}

/// Digits in groups counted from the right, with zeros before them until `min_len` is reached; a
/// separator is never first, so the result may be one longer.
fn push_grouped(
    out: &mut String,
    digits: &str,
    group_len: usize,
    grouping: Grouping,
    min_len: usize,
) {
    let whole_groups = min_len / (group_len + 1);
    let filled = match min_len % (group_len + 1) {
        0 if min_len > 0 => whole_groups * group_len + 1,
        partial => whole_groups * group_len + partial,
    };
    let digit_count = digits.len().max(filled);
    let zeros = std::iter::repeat_n('0', digit_count - digits.len());
    for (index, digit) in zeros.chain(digits.chars()).enumerate() {
        if index > 0 && (digit_count - index).is_multiple_of(group_len) {
            out.push(grouping.separator());
        }
        out.push(digit);
    }
}

/// Digits in threes counted from the left.
fn push_fraction(out: &mut String, digits: &str, grouping: Option<Grouping>) {
    let Some(grouping) = grouping else {
        return out.push_str(digits);
    };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index.is_multiple_of(3) {
            out.push(grouping.separator());
        }
        out.push(digit);
    }
}
