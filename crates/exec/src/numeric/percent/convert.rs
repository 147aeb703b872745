//! The numeric conversions, and the padding of the others.

use super::Directive;
use crate::numeric::bigint::{self, BigInt, Radix};
use crate::numeric::float::{FloatText, Notation, text};
use crate::numeric::format_spec::{Align, Context, FormatSpec, Formatted, StrLayout};
use crate::numeric::{Error, ErrorKind};

impl Directive {
    /// Padding as a format spec says it.
    fn spec(&self) -> FormatSpec {
        let (fill, align) = match (self.flags.left, self.flags.zero) {
            (true, _) => (' ', Align::Left),
            (false, true) => ('0', Align::AfterSign),
            (false, false) => (' ', Align::Right),
        };
        FormatSpec {
            fill: u32::from(fill),
            align,
            sign: None,
            no_negative_zero: false,
            alternate: self.flags.alternate,
            width: self.width,
            grouping: None,
            precision: self.precision,
            fraction_grouping: None,
            code: Some(self.conversion),
        }
    }

    fn push_sign(&self, out: &mut String, negative: bool) {
        match (negative, self.flags.plus, self.flags.space) {
            (true, _, _) => out.push('-'),
            (false, true, _) => out.push('+'),
            (false, false, true) => out.push(' '),
            _ => {}
        }
    }
}

/// An int by `%d`, `%i`, `%u`, `%o`, `%x` or `%X`.
///
/// # Errors
/// `OverflowError`, or `ValueError` for too many digits; too large for the context's limit.
pub fn format_int(
    value: &BigInt,
    directive: &Directive,
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    const MAX_PRECISION: usize = i32::MAX as usize - 3;
    let precision = directive.precision.unwrap_or(1);
    if precision > MAX_PRECISION {
        return Err(Error::new(ErrorKind::Overflow, "precision too large"));
    }
    if precision > context.size_limit {
        return Err(Error::too_large(precision));
    }
    let (prefix, radix) = match char::from_u32(directive.conversion) {
        Some('o') => ("0o", Some(Radix::Octal)),
        Some('x') => ("0x", Some(Radix::LowerHex)),
        Some('X') => ("0X", Some(Radix::UpperHex)),
        _ => ("", None),
    };
    let digits = match radix {
        Some(radix) => bigint::to_radix(value, radix),
        None => bigint::to_decimal(value, context.max_digits)?,
    };
    let digits = digits.trim_start_matches('-');
    let mut text = String::new();
    directive.push_sign(&mut text, *value < BigInt::ZERO);
    text.push_str(if directive.flags.alternate {
        prefix
    } else {
        ""
    });
    let head_len = text.len();
    text.extend(std::iter::repeat_n(
        '0',
        precision.saturating_sub(digits.len()),
    ));
    text.push_str(digits);
    Formatted::number(text, head_len, &directive.spec(), context)
}

/// A float by `%e`, `%f`, `%g` or their upper-case forms.
///
/// # Errors
/// `ValueError` for a precision that is too big; too large for the context's limit.
pub fn format_float(
    value: f64,
    directive: &Directive,
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    context.check_precision(directive.precision)?;
    let code = char::from_u32(directive.conversion).unwrap_or('g');
    let notation = match code.to_ascii_lowercase() {
        'e' => Notation::Exponent,
        'f' => Notation::Fixed,
        _ => Notation::General,
    };
    let precision = directive.precision.unwrap_or(6);
    let writes_zeros = notation != Notation::General || directive.flags.alternate;
    if writes_zeros && precision > context.size_limit {
        return Err(Error::too_large(precision));
    }
    let how = FloatText {
        alternate: directive.flags.alternate,
        upper: code.is_ascii_uppercase(),
        ..FloatText::new(notation, precision)
    };
    let shown = text(value, &how);
    let unsigned = shown.strip_prefix('-').unwrap_or(&shown);
    let mut out = String::new();
    directive.push_sign(&mut out, unsigned.len() < shown.len());
    let head_len = out.len();
    out.push_str(unsigned);
    Formatted::number(out, head_len, &directive.spec(), context)
}

/// The layout of the text that `%s`, `%r`, `%a`, `%b` or `%c` shows, of `len` code points or bytes.
///
/// # Errors
/// Too large for the context's limit.
pub fn layout(
    len: usize,
    directive: &Directive,
    context: &Context<'_>,
) -> Result<StrLayout, Error> {
    let align = if directive.flags.left {
        Align::Left
    } else {
        Align::Right
    };
    let precision = directive
        .precision
        .filter(|_| directive.conversion != u32::from('c'));
    let layout = StrLayout::new(len, u32::from(' '), align, directive.width, precision);
    let needed = layout.taken.max(directive.width.unwrap_or(0));
    if needed > context.size_limit {
        Err(Error::too_large(needed))
    } else {
        Ok(layout)
    }
}
