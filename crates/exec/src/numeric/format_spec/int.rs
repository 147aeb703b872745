//! `format(int, spec)`.

use super::number::Number;
use super::{Context, FormatSpec, Formatted, Subject, float};
use crate::numeric::Error;
use crate::numeric::bigint::{self, BigInt, Radix};

/// `int.__format__(value, spec)`, also of a bool (whose `format(value, "")` is its `str`, however).
///
/// # Errors
/// `ValueError` and `OverflowError` as CPython's; too large for the context's limit.
///
/// ```
/// use pyco_exec::numeric::{BigInt, Release};
/// use pyco_exec::numeric::format_spec::{Context, format_int};
/// let context = Context { release: Release::V3_13, type_name: "int", size_limit: 1 << 20, max_digits: 4300 };
/// let text = format_int(&BigInt::from(255), b"#012_x", &context)?.into_ascii();
/// assert_eq!(text.as_deref(), Some("0x0_0000_00ff"));
/// # Ok::<(), pyco_exec::numeric::Error>(())
/// ```
pub fn format<T: Copy + Into<u32>>(
    value: &BigInt,
    spec: &[T],
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    let spec = FormatSpec::parse(spec, Subject::Int, context)?;
    let code = spec.code_or('d');
    let known = char::from_u32(code).unwrap_or('\0');
    match known {
        'b' | 'c' | 'd' | 'n' | 'o' | 'x' | 'X' => {}
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => {
            return float::format_parsed(bigint::to_f64_or_overflow(value)?, &spec, context);
        }
        _ => return Err(context.unknown_code(code)),
    }
    if spec.precision.is_some() {
        return Err(Error::value(
            "Precision not allowed in integer format specifier",
        ));
    }
    if spec.no_negative_zero {
        return Err(Error::value(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    if known == 'c' {
        return Formatted::point(code_point(value, &spec)?, &spec, context);
    }
    format_digits(value, known, &spec, context)
}

fn code_point(value: &BigInt, spec: &FormatSpec) -> Result<u32, Error> {
    if spec.sign.is_some() {
        return Err(Error::value(
            "Sign not allowed with integer format specifier 'c'",
        ));
    }
    if spec.alternate {
        return Err(Error::value(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let Some(value) = bigint::to_i64(value) else {
        return Err(Error::overflow("Python int too large to convert to C long"));
    };
    let point = u32::try_from(value).ok().filter(|&point| point < 0x11_0000);
    point.ok_or_else(|| Error::overflow("%c arg not in range(0x110000)"))
}

fn format_digits(
    value: &BigInt,
    code: char,
    spec: &FormatSpec,
    context: &Context<'_>,
) -> Result<Formatted, Error> {
    let (prefix, radix) = match code {
        'b' => ("0b", Some(Radix::Binary)),
        'o' => ("0o", Some(Radix::Octal)),
        'x' => ("0x", Some(Radix::LowerHex)),
        'X' => ("0X", Some(Radix::UpperHex)),
        _ => ("", None),
    };
    let digits = match radix {
        Some(radix) => {
            context.admit(usize::try_from(bigint::bit_length(value) / 4).unwrap_or(usize::MAX))?;
            bigint::to_radix(value, radix)
        }
        None => bigint::to_decimal(value, context.max_digits)?,
    };
    if radix.is_none() && spec.grouping.is_none() {
        return float::signed(digits, spec, context);
    }
    let number = Number {
        negative: *value < BigInt::ZERO,
        prefix: if spec.alternate { prefix } else { "" },
        whole: digits.strip_prefix('-').unwrap_or(&digits),
        fraction: None,
        rest: "",
        group_len: if radix.is_some() { 4 } else { 3 },
    };
    number.lay_out(spec, context)
}
