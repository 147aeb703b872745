//! Floats as marshal versions 0 and 1 write them: C's `%.17g`.

use alloc::format;
use alloc::string::String;

/// Significant digits, which suffice to give each float back.
const PRECISION: i32 = 17;

/// `number` as `%.17g` prints it.
pub(super) fn float_text(number: f64) -> String {
    if number.is_nan() {
        return String::from("nan");
    }
    if number.is_infinite() {
        return String::from(if number > 0.0 { "inf" } else { "-inf" });
    }
    let scientific = format!("{number:.*e}", PRECISION as usize - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..PRECISION).contains(&exponent) {
        let decimals = (PRECISION - 1 - exponent) as usize;
        return String::from(without_zeros(&format!("{number:.decimals$}")));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!(
        "{}e{sign}{:02}",
        without_zeros(mantissa),
        exponent.unsigned_abs()
    )
}

/// Without zeros at the end of the fraction, nor a point before nothing.
fn without_zeros(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::float_text;

    #[test]
    fn prints_as_percent_17g() {
        // '%.17g' % x in CPython.
        let expected = [
            (1.5, "1.5"),
            (-0.0, "-0"),
            (0.1, "0.10000000000000001"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (1e-4, "0.0001"),
            (1e-5, "1.0000000000000001e-05"),
            (5e-324, "4.9406564584124654e-324"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
            (123_456_789.123, "123456789.123"),
        ];
        for (number, text) in expected {
            assert_eq!(float_text(number), text);
        }
    }
}
