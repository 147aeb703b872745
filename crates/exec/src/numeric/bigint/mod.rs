//! Ints of any size, with Python's rules for signs, rounding and bits.
//!
//! [`BigInt`] is `dashu_int::IBig` (MIT or Apache-2.0), which stores up to 128 bits inline and has no
//! Python semantics of its own: use the functions here for division, shifts, conversion and hashing;
//! its operators `+`, `-`, `*`, `&`, `|`, `^`, `!`, `==` and `<` mean what Python's do.
//!
//! The choice was measured against `num-bigint` 0.5.1 and CPython 3.13 on one machine (ns a call):
//!
//! | operation | dashu-int 0.6.2 | num-bigint 0.5.1 | CPython 3.13 |
//! |---|---|---|---|
//! | 20 digits: add, mul, divrem | 10, 33, 20 | 36, 49, 43 | 42, 63, 147 |
//! | 20 digits: to text, from text, clone | 126, 55, 3 | 145, 110, 19 | 113, 83, - |
//! | 77 digits: add, mul, divrem | 33, 50, 84 | 34, 70, 270 | 47, 154, 171 |
//! | 77 digits: to text, from text | 456, 137 | 258, 239 | 205, 267 |
//! | 10,000 digits: mul, divrem (µs) | 131, 94 | 179, 109 | 546, 304 |
//! | 10,000 digits: to text, from text (µs) | 244, 154 | 294, 129 | 822, 413 |
//! | 100,000 digits: mul, divrem (ms) | 5.2, 2.4 | 3.2, 3.2 | 15.7, 13.9 |
//! | 100,000 digits: to text, from text (ms) | 9.5, 4.4 | 8.5, 10.8 | 31.4, 14.3 |
//!
//! Results are [`BigInt`] even when small; [`to_i64`] brings them back. [`small`] holds what can be
//! done on `i64` alone, each function returning `None` where the general path must be taken.

mod arith;
mod bits;
mod bytes;
mod convert;
mod radix;
pub mod small;

pub use arith::{divmod, floor_div, gcd, isqrt, modpow, modulo, pow, pow_result_bits, round};
pub use bits::{bit_count, bit_length, shl, shl_result_bits, shr};
pub use bytes::{ByteOrder, from_bytes, from_marshal_digits, to_bytes, to_marshal_digits};
pub use convert::{cmp_f64, from_f64, hash, to_f64, to_f64_or_overflow, to_i64, true_div};
pub use radix::{DEFAULT_MAX_DIGITS, Radix, decimal_len_bound, to_decimal, to_radix};

/// An int of any size.
pub type BigInt = dashu_int::IBig;

/// The sign and the magnitude's words, least significant first, with no leading zero word.
fn parts(value: &BigInt) -> (bool, &[dashu_int::Word]) {
    let (sign, words) = value.as_sign_words();
    (sign == dashu_int::Sign::Negative, words)
}

/// `magnitude` with the sign that `negative` says.
fn with_sign(negative: bool, magnitude: dashu_int::UBig) -> BigInt {
    let value = BigInt::from(magnitude);
    if negative { -value } else { value }
}
