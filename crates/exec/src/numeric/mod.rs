//! Numbers without the object model: big ints, floats, complex, and the format languages.
//!
//! Everything here is a pure function over `i64`, `f64`, [`BigInt`], ASCII text or slices of code
//! points, and behaves as CPython 3.11 to 3.15 do; where those differ, a [`Release`] is an argument.
//!
//! Invariants:
//! - no function panics, whatever it is given;
//! - what can grow out of proportion to its operands (powers, shifts, widths, precisions) has an
//!   estimate to ask first or a limit to pass, so that a host's memory limit is honoured before
//!   anything is allocated;
//! - errors are an exception type and CPython's own message ([`Error`]).

pub mod bigint;
pub mod complex;
mod error;
pub mod field;
pub mod float;
pub mod format_spec;
pub mod parse;
pub mod percent;
mod release;

pub use bigint::BigInt;
pub use error::{Error, ErrorKind, Message};
pub use release::Release;
