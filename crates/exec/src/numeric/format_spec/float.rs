//! `format(float, spec)`.

use super::number::Number;
use super::{Context, FormatSpec, Formatted, Subject};
use crate::numeric::Error;
use crate::numeric::float::{FloatText, Notation, text};

/// `float.__format__(value, spec)`.
///
/// # Errors
/// `ValueError` as CPython's; too large for the context's limit.
///
/// ```
/// use pyco_exec::numeric::Release;
/// use pyco_exec::numeric::format_spec::{Context, format_float};
/// let context = Context { release: Release::V3_13, type_name: "float", size_limit: 1 << 20, max_digits: 4300 };
/// let text = format_float(12345.678, b">+12,.1f", &context)?.into_ascii();
/// assert_eq!(text.as_deref(), Some("   +12,345.7"));
/// # Ok::<(), pyco_exec::numeric::Error>(())
/// ```
pub fn format<T: Copy + Into<u32>>(
    value: f64,
    spec: &[T],
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    let spec = FormatSpec::parse(spec, Subject::Float, context)?;
    if let Some(code) = spec.code
        && !"eEfFgGn%".chars().any(|known| u32::from(known) == code)
    {
        return Err(context.unknown_code(code));
    }
    format_parsed(value, &spec, context)
}

/// Formats with a spec whose code is one of a float's, or none.
pub(super) fn format_parsed(
    value: f64,
    spec: &FormatSpec,
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    context.check_precision(spec.precision)?;
    let percent = spec.code == Some(u32::from('%'));
    let mut how = float_text(spec, context)?;
    how.add_dot_0 = spec.code.is_none();
    let mut shown = text(if percent { value * 100.0 } else { value }, &how);
    if percent {
        shown.push('%');
    }
    if spec.grouping.is_some() || spec.fraction_grouping.is_some() {
        return Number::of_float(&shown).lay_out(spec, context);
    }
    signed(shown, spec, context)
}

/// A number's whole text, with `-` if negative, once the sign that the spec wants is added.
pub(super) fn signed(
    mut text: String,
    spec: &FormatSpec,
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    let negative = text.starts_with('-');
    let sign = spec.sign.filter(|&sign| !negative && sign != '-');
    if let Some(sign) = sign {
        text.insert(0, sign);
    }
    let head_len = usize::from(negative || sign.is_some());
    Formatted::number(text, head_len, spec, context)
}

/// Notation and precision; a code left out means the shortest text, or with a precision `g`.
pub(super) fn float_text(spec: &FormatSpec, context: &Context<'_>) -> Result<FloatText, Error> {
    let code = spec.code.and_then(char::from_u32);
    let notation = match code {
        None if spec.precision.is_none() => Notation::Shortest,
        Some('e' | 'E') => Notation::Exponent,
        Some('f' | 'F' | '%') => Notation::Fixed,
        _ => Notation::General,
    };
    let precision = spec.precision.unwrap_or(6);
    let writes_zeros = notation != Notation::General || spec.alternate;
    if writes_zeros {
        context.admit(precision)?;
    }
    Ok(FloatText {
        notation,
        precision,
        alternate: spec.alternate,
        add_dot_0: false,
        no_negative_zero: spec.no_negative_zero,
        upper: matches!(code, Some('E' | 'F' | 'G')),
    })
}
