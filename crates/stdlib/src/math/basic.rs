//! The elementary functions of one or two floats, and rounding to ints.

use pyco_exec::numeric::bigint::{BigInt, from_f64};
use pyco_exec::numeric::float;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Params, PyResult, Value, Vm};

use super::{domain_error, float as to_float, libm, range_error};

const X: &str = "($module, x, /)";
const XY: &str = "($module, x, y, /)";
const IN_RANGE: &str = "expected a number in range from -1 up to 1";
const FINITE: &str = "expected a finite input";

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("acos", |vm, _, x| one(vm, x, f64::acos, IN_RANGE)).signature(X),
    NativeDef::one("acosh", |vm, _, x| {
        one(
            vm,
            x,
            libm::acosh,
            "expected argument value not less than 1",
        )
    })
    .signature(X),
    NativeDef::one("asin", |vm, _, x| one(vm, x, f64::asin, IN_RANGE)).signature(X),
    NativeDef::one("asinh", |vm, _, x| one(vm, x, libm::asinh, "")).signature(X),
    NativeDef::one("atan", |vm, _, x| one(vm, x, f64::atan, "")).signature(X),
    NativeDef::one("atanh", |vm, _, x| {
        one(vm, x, libm::atanh, "expected a number between -1 and 1")
    })
    .signature(X),
    NativeDef::one("cbrt", |vm, _, x| one(vm, x, f64::cbrt, "")).signature(X),
    NativeDef::one("cos", |vm, _, x| one(vm, x, f64::cos, FINITE)).signature(X),
    NativeDef::one("cosh", |vm, _, x| growing(vm, x, f64::cosh)).signature(X),
    NativeDef::one("exp", |vm, _, x| growing(vm, x, f64::exp)).signature(X),
    NativeDef::one("exp2", |vm, _, x| growing(vm, x, libm::exp2)).signature(X),
    NativeDef::one("expm1", |vm, _, x| growing(vm, x, f64::exp_m1)).signature(X),
    NativeDef::one("fabs", |vm, _, x| one(vm, x, f64::abs, "")).signature(X),
    NativeDef::one("log1p", |vm, _, x| {
        one(vm, x, f64::ln_1p, "expected argument value > -1")
    })
    .signature(X),
    NativeDef::one("sin", |vm, _, x| one(vm, x, f64::sin, FINITE)).signature(X),
    NativeDef::one("sinh", |vm, _, x| growing(vm, x, f64::sinh)).signature(X),
    NativeDef::one("sqrt", |vm, _, x| {
        one(vm, x, f64::sqrt, "expected a nonnegative input")
    })
    .signature(X),
    NativeDef::one("tan", |vm, _, x| one(vm, x, f64::tan, FINITE)).signature(X),
    NativeDef::one("tanh", |vm, _, x| one(vm, x, f64::tanh, "")).signature(X),
    NativeDef::one("degrees", |vm, _, x| {
        Ok(Value::float(
            to_float(vm, x)? * (180.0 / std::f64::consts::PI),
        ))
    })
    .signature(X),
    NativeDef::one("radians", |vm, _, x| {
        Ok(Value::float(
            to_float(vm, x)? * (std::f64::consts::PI / 180.0),
        ))
    })
    .signature(X),
    NativeDef::one("isfinite", |vm, _, x| is(vm, x, f64::is_finite)).signature(X),
    NativeDef::one("isinf", |vm, _, x| is(vm, x, f64::is_infinite)).signature(X),
    NativeDef::one("isnan", |vm, _, x| is(vm, x, f64::is_nan)).signature(X),
    NativeDef::one("isnormal", |vm, _, x| is(vm, x, f64::is_normal))
        .signature(X)
        .since(15),
    NativeDef::one("issubnormal", |vm, _, x| is(vm, x, f64::is_subnormal))
        .signature(X)
        .since(15),
    NativeDef::one("signbit", |vm, _, x| is(vm, x, f64::is_sign_negative))
        .signature(X)
        .since(15),
    NativeDef::range("atan2", 2, 2, |vm, _, yx| two(vm, yx, f64::atan2))
        .signature("($module, y, x, /)"),
    NativeDef::range("copysign", 2, 2, |vm, _, xy| two(vm, xy, f64::copysign)).signature(XY),
    NativeDef::range("fmax", 2, 2, |vm, _, xy| {
        two(vm, xy, |x, y| if x > y || y.is_nan() { x } else { y })
    })
    .signature(XY)
    .since(15),
    NativeDef::range("fmin", 2, 2, |vm, _, xy| {
        two(vm, xy, |x, y| if x < y || y.is_nan() { x } else { y })
    })
    .signature(XY)
    .since(15),
    NativeDef::range("fmod", 2, 2, fmod).signature(XY),
    NativeDef::range("remainder", 2, 2, remainder).signature(XY),
    NativeDef::range("pow", 2, 2, pow).signature(XY),
    NativeDef::one("frexp", frexp).signature(X),
    NativeDef::range("ldexp", 2, 2, ldexp).signature("($module, x, i, /)"),
    NativeDef::one("modf", modf).signature(X),
    NativeDef::one("ceil", |vm, _, x| rounded(vm, x, "__ceil__", float::ceil)).signature(X),
    NativeDef::one("floor", |vm, _, x| {
        rounded(vm, x, "__floor__", float::floor)
    })
    .signature(X),
    NativeDef::one("trunc", trunc).signature(X),
    NativeDef::bound("isclose", &ISCLOSE, |vm, _, bound| {
        let mut numbers = [0.0, 0.0, 1e-9, 0.0];
        for (index, number) in numbers.iter_mut().enumerate() {
            if let Some(given) = bound.get(index) {
                *number = to_float(vm, given)?;
            }
        }
        is_close(vm, numbers)
    })
    .signature("($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)"),
];

/// A function that is finite for what is finite in its domain.
fn one(vm: &mut Vm, x: &Value, f: fn(f64) -> f64, expected: &str) -> PyResult {
    let x = to_float(vm, x)?;
    let result = f(x);
    if (result.is_nan() && !x.is_nan()) || (result.is_infinite() && x.is_finite()) {
        return Err(domain_error(vm, expected, x));
    }
    Ok(Value::float(result))
}

/// A function whose result may be too large.
fn growing(vm: &mut Vm, x: &Value, f: fn(f64) -> f64) -> PyResult {
    let x = to_float(vm, x)?;
    let result = f(x);
    if result.is_infinite() && x.is_finite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(result))
}

fn is(vm: &mut Vm, x: &Value, holds: fn(f64) -> bool) -> PyResult {
    Ok(Value::bool(holds(to_float(vm, x)?)))
}

fn pair(vm: &mut Vm, xy: &[Value]) -> PyResult<(f64, f64)> {
    Ok((to_float(vm, &xy[0])?, to_float(vm, &xy[1])?))
}

fn two(vm: &mut Vm, xy: &[Value], f: fn(f64, f64) -> f64) -> PyResult {
    let (x, y) = pair(vm, xy)?;
    Ok(Value::float(f(x, y)))
}

/// A result that is NaN only where an argument is.
fn unless_invalid(vm: &mut Vm, (x, y): (f64, f64), result: f64) -> PyResult {
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(vm.value_error("math domain error"));
    }
    Ok(Value::float(result))
}

fn fmod(vm: &mut Vm, _module: &Value, xy: &[Value]) -> PyResult {
    let (x, y) = pair(vm, xy)?;
    let result = if y.is_infinite() && x.is_finite() {
        x
    } else {
        x % y
    };
    unless_invalid(vm, (x, y), result)
}

fn remainder(vm: &mut Vm, _module: &Value, xy: &[Value]) -> PyResult {
    let (x, y) = pair(vm, xy)?;
    let result = if x.is_nan() || y.is_nan() {
        x + y
    } else if x.is_infinite() || y == 0.0 {
        f64::NAN
    } else if y.is_infinite() {
        x
    } else {
        // What is nearer to zero of `low` and `low - |y|`; in a tie, that of the even multiple. All of it is exact.
        let (absolute, modulus) = (x.abs(), y.abs());
        let low = absolute % modulus;
        let high = modulus - low;
        let nearest = if low < high {
            low
        } else if low > high {
            -high
        } else {
            low - 2.0 * ((0.5 * (absolute - low)) % modulus)
        };
        1f64.copysign(x) * nearest
    };
    unless_invalid(vm, (x, y), result)
}

fn pow(vm: &mut Vm, _module: &Value, xy: &[Value]) -> PyResult {
    let (x, y) = pair(vm, xy)?;
    let result = x.powf(y);
    if x.is_finite() && y.is_finite() {
        if result.is_nan() || (result.is_infinite() && x == 0.0) {
            return Err(vm.value_error("math domain error"));
        }
        if result.is_infinite() {
            return Err(range_error(vm));
        }
    }
    Ok(Value::float(result))
}

/// A float as mantissa, from 0.5 to below 1, and exponent.
pub(super) fn split(x: f64) -> (f64, i64) {
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    const TWO_54: f64 = (1u64 << 54) as f64;
    let (scaled, shift) = if x.is_subnormal() {
        (x * TWO_54, 54)
    } else {
        (x, 0)
    };
    let bits = scaled.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i64 - 1022;
    let mantissa = f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52);
    (mantissa, exponent - shift)
}

fn frexp(vm: &mut Vm, _module: &Value, x: &Value) -> PyResult {
    let (mantissa, exponent) = split(to_float(vm, x)?);
    let exponent = vm.int(exponent);
    Ok(vm.tuple_of([Value::float(mantissa), exponent]))
}

fn ldexp(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let x = to_float(vm, &arguments[0])?;
    let Some(exponent) = arguments[1].as_int() else {
        return Err(vm.type_error("Expected an int as second argument to ldexp."));
    };
    let exponent = match exponent.to_i64() {
        Some(exponent) => exponent,
        None if *exponent.to_big() < BigInt::ZERO => i64::MIN,
        None => i64::MAX,
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::float(x));
    }
    let exponent = exponent.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
    let result = libm::ldexp(x, exponent);
    if result.is_infinite() {
        return Err(range_error(vm));
    }
    Ok(Value::float(result))
}

fn modf(vm: &mut Vm, _module: &Value, x: &Value) -> PyResult {
    let x = to_float(vm, x)?;
    let (fraction, whole) = match () {
        () if x.is_infinite() => (0f64.copysign(x), x),
        () => (x.fract().copysign(x), x.trunc()),
    };
    Ok(vm.tuple_of([Value::float(fraction), Value::float(whole)]))
}

type Round = fn(f64) -> Result<BigInt, pyco_exec::numeric::Error>;

/// A float rounded to an int, or what the method of another class says.
fn rounded(vm: &mut Vm, x: &Value, method: &str, round: Round) -> PyResult {
    let number = match x.as_float() {
        Some(number) => number,
        None => {
            let name = vm.intern(method);
            if let Some(result) = vm.call_special_opt(x, &name, &[])? {
                return Ok(result);
            }
            vm.to_f64(x)?
        }
    };
    to_int(vm, round(number))
}

fn to_int(vm: &mut Vm, rounded: Result<BigInt, pyco_exec::numeric::Error>) -> PyResult {
    match rounded {
        Ok(rounded) => Ok(vm.int_from_big(rounded)),
        Err(error) => Err(vm.numeric_error(error)),
    }
}

fn trunc(vm: &mut Vm, _module: &Value, x: &Value) -> PyResult {
    if let Some(x) = x.as_float() {
        return to_int(vm, from_f64(x));
    }
    let name = vm.intern("__trunc__");
    match vm.call_special_opt(x, &name, &[])? {
        Some(result) => Ok(result),
        None => {
            let found = vm.type_name(x);
            Err(vm.type_error(format!("type {found} doesn't define __trunc__ method")))
        }
    }
}

static ISCLOSE: Params = Params::new(&["a", "b", "rel_tol", "abs_tol"], 2).keyword_only(2);

fn is_close(vm: &mut Vm, [a, b, relative, absolute]: [f64; 4]) -> PyResult {
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (b - a).abs();
    let near = difference <= (relative * b).abs()
        || difference <= (relative * a).abs()
        || difference <= absolute;
    Ok(Value::bool(near))
}
