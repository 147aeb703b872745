//! Floats as decimal text, in each of C's notations and Python's shortest one.
//!
//! Digits to a precision come from the standard library, which is exact for any; shortest digits from
//! `ryu`, which on a tie prefers the even last digit, as CPython does and the standard library does
//! not (`755814700594390.25`). The layout is CPython's `PyOS_double_to_string`.

/// How a float is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `repr`: the shortest digits that read back as the same float.
    Shortest,
    /// `%e`: one digit, the point, `precision` digits, the exponent.
    Exponent,
    /// `%f`: `precision` digits after the point.
    Fixed,
    /// `%g`: `precision` significant digits, in whichever notation suits.
    General,
}

/// What [`text`] is to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloatText {
    /// The layout.
    pub(crate) notation: Notation,
    /// Digits, as the notation counts them; ignored by `Shortest`.
    pub(crate) precision: usize,
    /// `#`: keep the point, and in `%g` the trailing zeros.
    pub(crate) alternate: bool,
    /// Write at least one digit after the point, unless there is an exponent.
    pub(crate) add_dot_0: bool,
    /// `z`: no sign on a zero, once rounded.
    pub(crate) no_negative_zero: bool,
    /// `E`, `INF` and `NAN` instead of `e`, `inf` and `nan`.
    pub(crate) upper: bool,
}

impl FloatText {
    /// `notation` with `precision` and no flags.
    pub(crate) fn new(notation: Notation, precision: usize) -> FloatText {
        FloatText {
            notation,
            precision,
            alternate: false,
            add_dot_0: false,
            no_negative_zero: false,
            upper: false,
        }
    }
}

/// Beyond this many digits a float has only zeros to show.
const LAST_DIGIT: usize = 1100;

/// Decimal digits, and where the point lies: 0.DIGITS * 10^point.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// `count` significant digits, at least one.
    fn significant(magnitude: f64, count: usize) -> Decimal {
        let mut decimal =
            Decimal::read(&format!("{magnitude:.*e}", count.clamp(1, LAST_DIGIT) - 1));
        decimal.digits.resize(count.max(1), b'0');
        decimal
    }

    /// The fewest digits that tell the float from all others.
    fn shortest(magnitude: f64) -> Decimal {
        let mut decimal = Decimal::read(ryu::Buffer::new().format_finite(magnitude));
        decimal.drop_trailing_zeros();
        decimal
    }

    /// Reads `12.5`, `0.001` or `1.25e-7`; leading zeros are no digits, except of zero itself.
    fn read(shown: &str) -> Decimal {
        let (digits, exponent) = shown.split_once('e').unwrap_or((shown, "0"));
        let whole_len = digits.find('.').unwrap_or(digits.len()) as i64;
        let all: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).collect();
        let zeros = all.iter().position(|&digit| digit != b'0').unwrap_or(0);
        let point = whole_len - zeros as i64 + exponent.parse::<i64>().unwrap_or(0);
        Decimal {
            digits: all[zeros..].to_vec(),
            point,
        }
    }

    fn is_zero(&self) -> bool {
        self.digits.iter().all(|&digit| digit == b'0')
    }

    fn drop_trailing_zeros(&mut self) {
        while self.digits.len() > 1 && self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
    }
}

/// `repr(value)`, which is also `str(value)`.
///
/// ```
/// use pyco_exec::numeric::float::repr;
/// assert_eq!(repr(0.1), "0.1");
/// assert_eq!(repr(1e16), "1e+16");
/// ```
pub fn repr(value: f64) -> String {
    if let Some(text) = shortest(value, &mut ryu::Buffer::new()) {
        return text.to_owned();
    }
    let how = FloatText {
        add_dot_0: true,
        ..FloatText::new(Notation::Shortest, 0)
    };
    text(value, &how)
}

/// `repr(value)` of what is written without an exponent, which is then what `ryu` writes.
pub(crate) fn shortest(value: f64, buffer: &mut ryu::Buffer) -> Option<&str> {
    if !value.is_finite() {
        return None;
    }
    let text = buffer.format_finite(value);
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let is_repr = !text.contains('e') && !magnitude.starts_with("0.0000");
    is_repr.then_some(text)
}

/// The text of `value`, with `-` if negative and no other sign. Allocates some `precision` bytes.
pub(crate) fn text(value: f64, how: &FloatText) -> String {
    let (infinite, nan, e) = if how.upper {
        ("INF", "NAN", 'E')
    } else {
        ("inf", "nan", 'e')
    };
    if value.is_nan() {
        return nan.to_owned();
    }
    let mut out = String::new();
    if value.is_infinite() {
        out.push_str(if value < 0.0 { "-" } else { "" });
        out.push_str(infinite);
        return out;
    }
    if how.notation == Notation::Fixed {
        push_fixed(&mut out, value, how);
        return out;
    }
    let (decimal, exponent) = lay_out(value.abs(), how);
    if value.is_sign_negative() && !(how.no_negative_zero && decimal.is_zero()) {
        out.push('-');
    }
    let point = if exponent.is_some() { 1 } else { decimal.point };
    push_positional(&mut out, &decimal.digits, point, how, exponent.is_some());
    if let Some(exponent) = exponent {
        out.push(e);
        out.push(if exponent < 0 { '-' } else { '+' });
        out.push_str(&format!("{:02}", exponent.unsigned_abs()));
    }
    out
}

/// `magnitude * 10^places`, rounded to the nearest integer, ties to even; nothing where the numbers are too large for this.
///
/// Exact: a float is `mantissa * 2^exponent`, and the mantissa times a power of ten that has fewer than 75 bits fits in 128.
pub(super) fn scaled(magnitude: f64, places: usize) -> Option<u64> {
    let power = 10u128.pow(u32::try_from(places).ok().filter(|places| *places <= 22)?);
    let bits = magnitude.to_bits();
    let (mantissa, exponent) = match (bits >> 52) & 0x7FF {
        0 => (bits, -1074),
        biased => (
            bits & ((1 << 52) - 1) | 1 << 52,
            i32::try_from(biased).ok()? - 1075,
        ),
    };
    let product = u128::from(mantissa) * power;
    let rounded = match u32::try_from(-exponent) {
        Ok(0) => product,
        // Less than half of the last place.
        Ok(129..) => 0,
        Ok(128) => return None,
        Ok(shift) => {
            let (whole, rest, half) = (
                product >> shift,
                product & ((1 << shift) - 1),
                1 << (shift - 1),
            );
            whole + u128::from(rest > half || rest == half && whole & 1 == 1)
        }
        Err(_) => {
            let shift = exponent.unsigned_abs();
            if product.leading_zeros() <= shift {
                return None;
            }
            product << shift
        }
    };
    u64::try_from(rounded).ok()
}

/// Room for [`fixed`]: a sign, 20 digits, or a 0 and 22 places, and a point.
pub(crate) const FIXED_LEN: usize = 26;

/// `%.{places}f` where the numbers are small enough; the standard library does what is left.
pub(crate) fn fixed(value: f64, places: usize, buffer: &mut [u8; FIXED_LEN]) -> Option<&[u8]> {
    if !value.is_finite() {
        return None;
    }
    let mut rest = scaled(value.abs(), places)?;
    let mut start = FIXED_LEN;
    let mut put = |byte: u8| {
        start -= 1;
        buffer[start] = byte;
    };
    for _ in 0..places {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    if places > 0 {
        put(b'.');
    }
    loop {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value.is_sign_negative() {
        put(b'-');
    }
    Some(&buffer[start..])
}

/// `%f`, which the standard library writes as CPython does.
fn push_fixed(out: &mut String, value: f64, how: &FloatText) {
    use std::fmt::Write;
    let shown_places = how.precision.min(LAST_DIGIT);
    let mut buffer = [0; FIXED_LEN];
    match fixed(value, shown_places, &mut buffer).and_then(|text| str::from_utf8(text).ok()) {
        Some(text) => out.push_str(text),
        None => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{value:.shown_places$}");
        }
    }
    if how.no_negative_zero
        && out.starts_with('-')
        && !out.bytes().any(|byte| matches!(byte, b'1'..=b'9'))
    {
        out.remove(0);
    }
    if how.alternate && how.precision == 0 {
        out.push('.');
    }
    out.extend(std::iter::repeat_n('0', how.precision - shown_places));
}

/// The digits to show, and the exponent if it is to be written.
fn lay_out(magnitude: f64, how: &FloatText) -> (Decimal, Option<i64>) {
    match how.notation {
        Notation::Exponent => {
            let decimal = Decimal::significant(magnitude, how.precision + 1);
            let exponent = decimal.point - 1;
            (decimal, Some(exponent))
        }
        Notation::Shortest => {
            let decimal = Decimal::shortest(magnitude);
            let exponent = !(-3..=16).contains(&decimal.point);
            let shown = exponent.then_some(decimal.point - 1);
            (decimal, shown)
        }
        // `Fixed` does not get here: `push_fixed` writes it.
        Notation::General | Notation::Fixed => {
            let precision = how.precision.max(1);
            // Without `#` no zero at the end is shown, so a large precision costs nothing.
            let mut decimal = match how.alternate {
                true => Decimal::significant(magnitude, precision),
                false => Decimal::significant(magnitude, precision.min(LAST_DIGIT)),
            };
            if !how.alternate {
                decimal.drop_trailing_zeros();
            }
            let widest = precision as i64 - i64::from(how.add_dot_0);
            let exponent = !(-3..=widest).contains(&decimal.point);
            let shown = exponent.then_some(decimal.point - 1);
            (decimal, shown)
        }
    }
}

/// The digits with a point after the first `point` of them, zeros where digits are missing.
fn push_positional(
    out: &mut String,
    digits: &[u8],
    point: i64,
    how: &FloatText,
    with_exponent: bool,
) {
    let whole_len = usize::try_from(point).unwrap_or(0);
    let (whole, fraction) = digits.split_at(whole_len.min(digits.len()));
    let zeros = |out: &mut String, count: usize| out.extend(std::iter::repeat_n('0', count));
    out.extend(whole.iter().map(|&digit| char::from(digit)));
    zeros(out, whole_len.max(1) - whole.len());
    let needs_0 = how.add_dot_0 && !with_exponent && fraction.is_empty();
    if !fraction.is_empty() || needs_0 || how.alternate {
        out.push('.');
    }
    if !fraction.is_empty() {
        zeros(out, usize::try_from(-point).unwrap_or(0));
        out.extend(fraction.iter().map(|&digit| char::from(digit)));
    }
    zeros(out, usize::from(needs_0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_agrees_with_the_standard_library() {
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let ties = (0..64).map(|n| f64::from(n) / 8.0 * 0.5);
        let near = (0..2000).map(|n| f64::from(n) / 1000.0 + 0.0005);
        let powers = (-1074..1024).map(|power| 2f64.powi(power));
        let any: Vec<f64> = (0..20_000)
            .map(|n| {
                let bits = random();
                match n % 4 {
                    0 => f64::from_bits(bits),
                    1 => bits as f64 / 1e6,
                    2 => (bits >> 40) as f64 / 256.0,
                    _ => f64::from_bits(bits & !(0x7FF << 52) | (1023 - 64 + bits % 128) << 52),
                }
            })
            .collect();
        let mut settled = 0;
        for value in ties
            .chain(near)
            .chain(powers)
            .chain(any)
            .chain([-0.0, -0.4])
        {
            for places in 0..25 {
                let mut buffer = [0; FIXED_LEN];
                if let Some(text) = fixed(value, places, &mut buffer) {
                    settled += 1;
                    let expected = format!("{value:.places$}");
                    assert_eq!(
                        str::from_utf8(text),
                        Ok(&*expected),
                        "{value:e} to {places}"
                    );
                }
            }
        }
        assert!(settled > 200_000, "{settled}");
    }
}
