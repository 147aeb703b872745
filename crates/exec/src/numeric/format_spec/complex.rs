//! `format(complex, spec)`.

use super::float::float_text;
use super::number::Number;
use super::{Align, Context, FormatSpec, Formatted, Subject};
use crate::numeric::Error;
use crate::numeric::complex::Complex;
use crate::numeric::float::text;

/// `complex.__format__(value, spec)`.
///
/// # Errors
/// `ValueError` as CPython's; too large for the context's limit.
pub fn format<T: Copy + Into<u32>>(
    value: Complex,
    spec: &[T],
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    let spec = FormatSpec::parse(spec, Subject::Complex, context)?;
    if let Some(code) = spec.code
        && !"eEfFgGn".chars().any(|known| u32::from(known) == code)
    {
        return Err(context.unknown_code(code));
    }
    context.check_precision(spec.precision)?;
    if spec.fill == u32::from('0') {
        return Err(Error::value(
            "Zero padding is not allowed in complex format specifier",
        ));
    }
    if spec.align == Align::AfterSign {
        return Err(Error::value(
            "'=' alignment flag is not allowed in complex format specifier",
        ));
    }
    let how = float_text(&spec, context)?;
    let (real, imag) = (text(value.real, &how), text(value.imag, &how));
    let (imag, _) = Number::of_float(&imag).text(&spec, Some('+'), None, context)?;
    let shown = match spec.code {
        None if value.real == 0.0 && value.real.is_sign_positive() => {
            let (imag, _) =
                Number::of_float(&text(value.imag, &how)).text(&spec, spec.sign, None, context)?;
            format!("{imag}j")
        }
        code => {
            let (real, _) = Number::of_float(&real).text(&spec, spec.sign, None, context)?;
            if code.is_none() {
                format!("({real}{imag}j)")
            } else {
                format!("{real}{imag}j")
            }
        }
    };
    Formatted::number(shown, 0, &spec, context)
}
