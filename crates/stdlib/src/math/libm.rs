//! The functions of C's mathematical library that Rust's standard library does not pass on as they are.

mod c {
    // SAFETY: the C standard's signatures; each function is defined for every argument and keeps no state but `errno`.
    unsafe extern "C" {
        pub(super) safe fn acosh(x: f64) -> f64;
        pub(super) safe fn asinh(x: f64) -> f64;
        pub(super) safe fn atanh(x: f64) -> f64;
        pub(super) safe fn erf(x: f64) -> f64;
        pub(super) safe fn erfc(x: f64) -> f64;
        pub(super) safe fn exp2(x: f64) -> f64;
        pub(super) safe fn ldexp(x: f64, exponent: i32) -> f64;
        pub(super) safe fn log2(x: f64) -> f64;
        pub(super) safe fn log10(x: f64) -> f64;
    }
}

pub(crate) fn acosh(x: f64) -> f64 {
    c::acosh(x)
}

pub(crate) fn asinh(x: f64) -> f64 {
    c::asinh(x)
}

pub(crate) fn atanh(x: f64) -> f64 {
    c::atanh(x)
}

pub(crate) fn erf(x: f64) -> f64 {
    c::erf(x)
}

pub(crate) fn erfc(x: f64) -> f64 {
    c::erfc(x)
}

pub(crate) fn exp2(x: f64) -> f64 {
    c::exp2(x)
}

pub(crate) fn ldexp(x: f64, exponent: i32) -> f64 {
    c::ldexp(x, exponent)
}

pub(crate) fn log2(x: f64) -> f64 {
    c::log2(x)
}

pub(crate) fn log10(x: f64) -> f64 {
    c::log10(x)
}
