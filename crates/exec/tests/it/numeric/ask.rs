//! Runs one recorded operation.

use std::cmp::Ordering;

use pyco_exec::numeric::bigint::{self, ByteOrder, small};
use pyco_exec::numeric::complex::{self, Complex, Operand};
use pyco_exec::numeric::{BigInt, Error, Release, float, parse};

use super::encoding::*;

pub(crate) fn result<T>(result: Result<T, Error>, show: impl FnOnce(T) -> String) -> String {
    result.map_or_else(|error| show_error(&error), show)
}

/// The encoded answer of `operation`.
pub(crate) fn ask(operation: &str, arguments: &[&str], release: Release) -> String {
    let answer = ask_int(operation, arguments, release);
    let answer = answer.or_else(|| ask_parse(operation, arguments, release));
    let answer = answer.or_else(|| ask_float(operation, arguments, release));
    let answer = answer.or_else(|| ask_complex(operation, arguments, release));
    let answer = answer.or_else(|| super::ask_text::ask(operation, arguments, release));
    let answer = answer.or_else(|| super::ask_percent::ask(operation, arguments, release));
    let answer = answer.or_else(|| super::ask_field::ask(operation, arguments, release));
    answer.unwrap_or_else(|| panic!("unknown operation {operation}"))
}

/// The general function's answer, checked against the small one where both arguments are small.
fn binary(
    arguments: &[&str],
    general: impl Fn(&BigInt, &BigInt) -> Result<BigInt, Error>,
    small: impl Fn(i64, i64) -> Option<i64>,
) -> String {
    let (left, right) = (int(arguments[0]), int(arguments[1]));
    let answer = general(&left, &right);
    if let (Some(a), Some(b)) = (bigint::to_i64(&left), bigint::to_i64(&right))
        && let Some(fast) = small(a, b)
    {
        assert_eq!(
            answer,
            Ok(BigInt::from(fast)),
            "the i64 path on {a} and {b}"
        );
    }
    result(answer, |value| show_int(&value))
}

fn ask_int(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let arg = |index: usize| int(arguments[index]);
    let order = |name: &str| {
        if name == "little" {
            ByteOrder::Little
        } else {
            ByteOrder::Big
        }
    };
    Some(match operation {
        "add" => binary(arguments, |a, b| Ok(a + b), i64::checked_add),
        "mul" => binary(arguments, |a, b| Ok(a * b), i64::checked_mul),
        "floordiv" => binary(
            arguments,
            |a, b| bigint::floor_div(a, b, release),
            small::floor_div,
        ),
        "mod" => binary(
            arguments,
            |a, b| bigint::modulo(a, b, release),
            small::modulo,
        ),
        "divmod" => result(
            bigint::divmod(&arg(0), &arg(1), release),
            |(quotient, remainder)| {
                if let (Some(a), Some(b)) = (bigint::to_i64(&arg(0)), bigint::to_i64(&arg(1)))
                    && let Some((q, r)) = small::divmod(a, b)
                {
                    assert_eq!(
                        (&quotient, &remainder),
                        (&BigInt::from(q), &BigInt::from(r))
                    );
                }
                format!("{},{}", show_int(&quotient), show_int(&remainder))
            },
        ),
        "truediv" => {
            let answer = bigint::true_div(&arg(0), &arg(1));
            if let (Some(a), Some(b)) = (bigint::to_i64(&arg(0)), bigint::to_i64(&arg(1)))
                && let Some(fast) = small::true_div(a, b)
            {
                assert_eq!(answer, Ok(fast));
            }
            result(answer, show_float)
        }
        "pow" => {
            let bits = bigint::pow_result_bits(&arg(0), &arg(1));
            let answer = bigint::pow(&arg(0), &arg(1)).expect("a small power");
            assert!(bigint::bit_length(&answer) <= bits);
            binary(arguments, bigint::pow, small::pow)
        }
        "modpow" => result(bigint::modpow(&arg(0), &arg(1), &arg(2)), |value| {
            show_int(&value)
        }),
        "shl" => binary(arguments, |a, b| bigint::shl(a, b, release), small::shl),
        "shr" => binary(arguments, bigint::shr, small::shr),
        "and" => show_int(&(arg(0) & arg(1))),
        "or" => show_int(&(arg(0) | arg(1))),
        "xor" => show_int(&(arg(0) ^ arg(1))),
        "invert" => show_int(&!arg(0)),
        "bit_length" => format!("{:#x}", bigint::bit_length(&arg(0))),
        "bit_count" => format!("{:#x}", bigint::bit_count(&arg(0))),
        "int_float" => result(bigint::to_f64_or_overflow(&arg(0)), show_float),
        "int_cmp_float" => compare(&arg(0), float(arguments[1])).to_owned(),
        "isqrt" => result(bigint::isqrt(&arg(0)), |value| show_int(&value)),
        "int_round" => show_int(&bigint::round(&arg(0), &arg(1))),
        "gcd" => show_int(&bigint::gcd(&arg(0), &arg(1))),
        "int_hash" => {
            let hash = bigint::hash(&arg(0));
            assert!(bigint::to_i64(&arg(0)).is_none_or(|value| small::hash(value) == hash));
            show_int(&BigInt::from(hash))
        }
        "int_str" => result(
            bigint::to_decimal(&arg(0), bigint::DEFAULT_MAX_DIGITS),
            |text| {
                assert!(text.len() as u64 <= bigint::decimal_len_bound(&arg(0)));
                text
            },
        ),
        "to_bytes" => {
            let bytes = bigint::to_bytes(
                &arg(0),
                small(arguments[1]),
                order(arguments[2]),
                arguments[3] == "0x1",
                release,
            );
            result(bytes, |bytes| show_bytes(&bytes))
        }
        "from_bytes" => show_int(&bigint::from_bytes(
            &bytes(arguments[0]),
            order(arguments[1]),
            arguments[2] == "0x1",
        )),
        "marshal" => marshal(&arg(0)),
        _ => return None,
    })
}

fn compare(left: &BigInt, right: f64) -> &'static str {
    let ordering = bigint::cmp_f64(left, right);
    if let Some(left) = bigint::to_i64(left) {
        assert_eq!(small::cmp_f64(left, right), ordering);
    }
    match ordering {
        Some(Ordering::Less) => "-0x1",
        Some(Ordering::Equal) => "0x0",
        Some(Ordering::Greater) => "0x1",
        None => "0x9",
    }
}

/// What follows the type code in marshal: the signed digit count, then the digits.
fn marshal(value: &BigInt) -> String {
    let fits_32_bits = bigint::to_i64(value).is_some_and(|value| i32::try_from(value).is_ok());
    let value = if fits_32_bits {
        value.clone() << 40
    } else {
        value.clone()
    };
    let (negative, digits) = bigint::to_marshal_digits(&value);
    assert_eq!(bigint::from_marshal_digits(negative, &digits), value);
    if digits.is_empty() {
        return "00000000".to_owned();
    }
    let count = if negative {
        -(digits.len() as i32)
    } else {
        digits.len() as i32
    };
    let mut bytes = count.to_le_bytes().to_vec();
    bytes.extend(digits.iter().flat_map(|digit| digit.to_le_bytes()));
    show_bytes(&bytes)
}

fn ask_parse(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let text = || parse::to_ascii(points(arguments[0]), release);
    // The repr of the texts used here is that of their code points with escapes.
    let repr = || repr_of(&points(arguments[0]));
    Some(match operation {
        "parse_int" => {
            let answer = parse::int(&text(), small(arguments[1]), bigint::DEFAULT_MAX_DIGITS);
            result(answer.map_err(|error| error.into_error(repr)), |value| {
                show_int(&value)
            })
        }
        "parse_float" => result(
            parse::float(&text()).ok_or_else(|| parse::invalid_float(&repr())),
            show_float,
        ),
        "parse_complex" => result(
            parse::complex(&text()).map_err(|error| error.into_error(repr)),
            show_pair,
        ),
        "fromhex" => {
            let ascii: Vec<u8> = points(arguments[0])
                .iter()
                .map(|&p| u8::try_from(p).unwrap_or(b'?'))
                .collect();
            result(float::from_hex(&ascii), show_float)
        }
        _ => return None,
    })
}

/// `repr` of a str, good enough for the recorded texts.
fn repr_of(points: &[u32]) -> String {
    let quote = if points.contains(&39) && !points.contains(&34) {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for &point in points {
        match char::from_u32(point) {
            Some(c) if point == 0x20 || c.is_alphanumeric() || c.is_ascii_graphic() => out.push(c),
            _ => out.push_str(&show_points([point])),
        }
    }
    out.push(quote);
    out
}

fn ask_float(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let arg = |index: usize| float(arguments[index]);
    let show_pair_of_ints = |(a, b): (BigInt, BigInt)| format!("{},{}", show_int(&a), show_int(&b));
    let show_value = |value: BigInt| show_int(&value);
    Some(match operation {
        "float_repr" => float::repr(arg(0)),
        "float_hash" => {
            float::hash(arg(0)).map_or("nan".to_owned(), |hash| show_int(&BigInt::from(hash)))
        }
        "float_hex" => float::hex(arg(0)),
        "float_ratio" => result(float::as_integer_ratio(arg(0)), show_pair_of_ints),
        "is_integer" => u8::from(float::is_integer(arg(0))).to_string(),
        "fround_int" => result(float::round_to_int(arg(0)), show_value),
        "ftrunc" => result(bigint::from_f64(arg(0)), show_value),
        "ffloor" => result(float::floor(arg(0)), show_value),
        "fceil" => result(float::ceil(arg(0)), show_value),
        "ffloordiv" => result(float::floor_div(arg(0), arg(1), release), show_float),
        "fmod" => result(float::modulo(arg(0), arg(1), release), show_float),
        "fdivmod" => result(float::divmod(arg(0), arg(1), release), show_pair),
        "ftruediv" => result(float::true_div(arg(0), arg(1), release), show_float),
        "fpow" => result(float::pow(arg(0), arg(1), release), |power| match power {
            float::Power::Float(value) => show_float(value),
            float::Power::Complex => "complex".to_owned(),
        }),
        "fround" => result(float::round(arg(0), small(arguments[1])), show_float),
        _ => return None,
    })
}

fn ask_complex(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let value = |index: usize| {
        let (real, imag) = pair(arguments[index]);
        Complex::new(real, imag)
    };
    let operand = |index: usize| match arguments[index].contains(',') {
        true => Operand::Complex(value(index)),
        false => Operand::Real(float(arguments[index])),
    };
    let show = |value: Complex| show_pair((value.real, value.imag));
    let sign = match operation {
        "complex_repr" => return Some(complex::repr(value(0))),
        "complex_hash" => {
            let hash = complex::hash(value(0));
            return Some(hash.map_or("nan".to_owned(), |hash| show_int(&BigInt::from(hash))));
        }
        "complex_abs" => return Some(result(complex::abs(value(0)), show_float)),
        _ => operation.get(2..)?,
    };
    Some(match sign {
        "+" => show(complex::add(operand(0), operand(1), release)),
        "-" => show(complex::sub(operand(0), operand(1), release)),
        "*" => show(complex::mul(operand(0), operand(1), release)),
        "/" => result(complex::div(operand(0), operand(1), release), show),
        "**" => result(complex::pow(operand(0), operand(1), release), show),
        _ => return None,
    })
}
