//! Floats: text, hash, exact parts, and arithmetic with CPython's special cases.

mod arith;
mod half;
mod hex;
mod parts;
mod repr;
mod round;

pub use arith::{Power, divmod, floor_div, modulo, pow, true_div};
pub use half::{half_from_f64, half_to_f64, single_from_f64, single_to_f64};
pub use hex::{from_hex, hex};
pub use parts::{as_integer_ratio, hash, is_integer};
pub(crate) use parts::{compose, decompose};
pub use repr::repr;
pub(crate) use repr::{FIXED_LEN, FloatText, Notation, fixed, shortest, text};
pub use round::{ceil, floor, round, round_to_int};
