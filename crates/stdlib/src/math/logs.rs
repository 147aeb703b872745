//! Logarithms, of ints of any size, too.

use pyco_exec::numeric::bigint::{BigInt, bit_length, to_f64};
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::BinaryOp;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::{domain_error, float, libm};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("log", 1, 2, log),
    NativeDef::one("log2", |vm, _, x| {
        of_number(vm, x, libm::log2).map(Value::float)
    })
    .signature("($module, x, /)"),
    NativeDef::one("log10", |vm, _, x| {
        of_number(vm, x, libm::log10).map(Value::float)
    })
    .signature("($module, x, /)"),
];

const POSITIVE: &str = "expected a positive input";

fn log(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let result = Value::float(of_number(vm, &arguments[0], f64::ln)?);
    let Some(base) = arguments.get(1) else {
        return Ok(result);
    };
    let base = Value::float(of_number(vm, base, f64::ln)?);
    vm.binary(&result, &base, BinaryOp::TrueDivide)
}

/// The logarithm of any number.
fn of_number(vm: &mut Vm, x: &Value, log: fn(f64) -> f64) -> PyResult<f64> {
    let Some(int) = x.as_int() else {
        let x = float(vm, x)?;
        if x <= 0.0 {
            return Err(domain_error(vm, POSITIVE, x));
        }
        return Ok(log(x));
    };
    let int = int.to_big();
    if *int <= BigInt::ZERO {
        return Err(not_positive(vm));
    }
    if let Some(x) = to_f64(&int) {
        return Ok(log(x));
    }
    let (mantissa, exponent) = split(&int);
    let (of_mantissa, of_two) = (log(mantissa), log(2.0));
    Ok(match vm.version_number() {
        ..15 => of_mantissa + of_two * exponent,
        _ => of_two.mul_add(exponent, of_mantissa),
    })
}

#[cold]
fn not_positive(vm: &mut Vm) -> Raised {
    match vm.version_number() {
        ..14 => vm.value_error("math domain error"),
        _ => vm.value_error(POSITIVE),
    }
}

/// A positive int too large for a float as mantissa, from 0.5 to 1, correctly rounded, and exponent.
fn split(int: &BigInt) -> (f64, f64) {
    const KEPT: usize = 62;
    let bits = bit_length(int) as usize;
    let shift = bits.saturating_sub(KEPT);
    let kept: BigInt = int >> shift;
    let is_exact = (&kept << shift) == *int;
    // One more bit says whether anything was cut off, which is all that rounding asks.
    let kept = (i128::try_from(&kept).unwrap_or(0) << 1) | i128::from(!is_exact);
    let mantissa = kept as f64 / (1u128 << (KEPT + 1)) as f64;
    (mantissa, bits as f64)
}
