//! `cmath`: functions of complex numbers.

mod functions;
mod special;

use pyco_exec::numeric::complex::{self, Complex, Operand};
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Bound, Params, PyResult, Raised, Value, Vm};

use functions::Fault;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("cmath");
    vm.add_functions(&module, FUNCTIONS);
    for (name, value) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        vm.set_global(module.dict(), name, Value::float(value));
    }
    for (name, imag) in [("infj", f64::INFINITY), ("nanj", f64::NAN)] {
        let value = vm.new_complex(0.0, imag);
        vm.set_global(module.dict(), name, value);
    }
    Ok(module)
}

const Z: &str = "($module, z, /)";

static CLOSE: Params = Params::new(&["a", "b", "rel_tol", "abs_tol"], 2).keyword_only(2);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("acos", |vm, _, z| of(vm, z, functions::acos)).signature(Z),
    NativeDef::one("acosh", |vm, _, z| {
        since_14(vm, z, functions::acosh, |z| z.real)
    })
    .signature(Z),
    NativeDef::one("asin", |vm, _, z| of(vm, z, functions::asin)).signature(Z),
    NativeDef::one("asinh", |vm, _, z| of(vm, z, functions::asinh)).signature(Z),
    NativeDef::one("atan", |vm, _, z| of(vm, z, functions::atan)).signature(Z),
    NativeDef::one("atanh", |vm, _, z| of(vm, z, functions::atanh)).signature(Z),
    NativeDef::one("cos", |vm, _, z| of(vm, z, functions::cos)).signature(Z),
    NativeDef::one("cosh", |vm, _, z| of(vm, z, functions::cosh)).signature(Z),
    NativeDef::one("exp", |vm, _, z| of(vm, z, functions::exp)).signature(Z),
    NativeDef::bound("isclose", &CLOSE, is_close)
        .signature("($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)"),
    NativeDef::one("isfinite", |vm, _, z| {
        let z = number(vm, z)?;
        Ok(Value::bool(z.is_finite()))
    })
    .signature(Z),
    NativeDef::one("isinf", |vm, _, z| {
        let z = number(vm, z)?;
        Ok(Value::bool(z.is_infinite()))
    })
    .signature(Z),
    NativeDef::one("isnan", |vm, _, z| {
        let z = number(vm, z)?;
        Ok(Value::bool(z.real.is_nan() || z.imag.is_nan()))
    })
    .signature(Z),
    NativeDef::range("log", 1, 2, log).signature("($module, z, base=<unrepresentable>, /)"),
    NativeDef::one("log10", |vm, _, z| {
        let z = number(vm, z)?;
        let (found, fault) = functions::log10(z);
        result(vm, fault.map_or(Ok(found), Err))
    })
    .signature(Z),
    NativeDef::one("phase", |vm, _, z| {
        let z = number(vm, z)?;
        let angle = z.imag.atan2(z.real);
        // C's library counts an angle that is too small as out of range, and CPython believes it.
        if angle == 0.0 && z.imag != 0.0 && z.real.is_finite() {
            return Err(complaint(vm, Fault::Range));
        }
        Ok(Value::float(angle))
    })
    .signature(Z),
    NativeDef::one("polar", polar).signature(Z),
    NativeDef::range("rect", 2, 2, rect).signature("($module, r, phi, /)"),
    NativeDef::one("sin", |vm, _, z| of(vm, z, functions::sin)).signature(Z),
    NativeDef::one("sinh", |vm, _, z| of(vm, z, functions::sinh)).signature(Z),
    NativeDef::one("sqrt", |vm, _, z| of(vm, z, functions::sqrt)).signature(Z),
    NativeDef::one("tan", |vm, _, z| {
        since_14(vm, z, functions::tan, |z| z.imag)
    })
    .signature(Z),
    NativeDef::one("tanh", |vm, _, z| {
        since_14(vm, z, functions::tanh, |z| z.real)
    })
    .signature(Z),
];

/// A complex argument.
fn number(vm: &mut Vm, value: &Value) -> PyResult<Complex> {
    let (real, imag) = vm.to_complex(value)?;
    Ok(Complex::new(real, imag))
}

/// Applies `function`.
fn of(vm: &mut Vm, z: &Value, function: fn(Complex) -> Result<Complex, Fault>) -> PyResult {
    let z = number(vm, z)?;
    result(vm, function(z))
}

/// The same for those that give no number at all before 3.14 where this part is 0 and the other one no number.
fn since_14(
    vm: &mut Vm,
    z: &Value,
    function: fn(Complex) -> Result<Complex, Fault>,
    part: fn(Complex) -> f64,
) -> PyResult {
    let z = number(vm, z)?;
    let is_special = part(z) == 0.0 && (z.real.is_nan() || z.imag.is_nan());
    if is_special && vm.version_number() < 14 {
        return Ok(vm.new_complex(f64::NAN, f64::NAN));
    }
    result(vm, function(z))
}

fn result(vm: &mut Vm, outcome: Result<Complex, Fault>) -> PyResult {
    match outcome {
        Ok(z) => Ok(vm.new_complex(z.real, z.imag)),
        Err(fault) => Err(complaint(vm, fault)),
    }
}

#[cold]
fn complaint(vm: &mut Vm, fault: Fault) -> Raised {
    match fault {
        Fault::Domain => vm.value_error("math domain error"),
        Fault::Range => vm.overflow_error("math range error"),
    }
}

/// The logarithm, to a base if one is given: then only what is wrong with the base's counts.
fn log(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let z = number(vm, &args[0])?;
    let (mut found, mut fault) = functions::log(z);
    if let Some(given) = args.get(1) {
        let base;
        (base, fault) = functions::log(number(vm, given)?);
        let release = vm.release();
        match complex::div(Operand::Complex(found), Operand::Complex(base), release) {
            Ok(quotient) => found = quotient,
            Err(_) => fault = Some(Fault::Domain),
        }
    }
    result(vm, fault.map_or(Ok(found), Err))
}

/// The absolute value and the angle.
fn polar(vm: &mut Vm, _module: &Value, z: &Value) -> PyResult {
    let z = number(vm, z)?;
    let Ok(length) = complex::abs(z) else {
        return Err(complaint(vm, Fault::Range));
    };
    let parts = [length, z.imag.atan2(z.real)].map(Value::float);
    Ok(vm.new_tuple(parts.to_vec()))
}

fn rect(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let (length, angle) = (vm.to_f64(&args[0])?, vm.to_f64(&args[1])?);
    result(vm, functions::rect(length, angle))
}

fn is_close(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let mut numbers = [Complex::new(0.0, 0.0); 2];
    let mut tolerances = [1e-9, 0.0];
    for (index, place) in numbers.iter_mut().enumerate() {
        if let Some(value) = args.get(index) {
            *place = number(vm, value)?;
        }
    }
    for (index, place) in tolerances.iter_mut().enumerate() {
        if let Some(value) = args.get(2 + index) {
            *place = vm.to_f64(value)?;
        }
    }
    let ([a, b], [relative, absolute]) = (numbers, tolerances);
    if relative < 0.0 || absolute < 0.0 {
        return Err(vm.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let length = |z: Complex| z.real.hypot(z.imag);
    let difference = length(Complex::new(a.real - b.real, a.imag - b.imag));
    Ok(Value::bool(
        difference <= relative * length(b)
            || difference <= relative * length(a)
            || difference <= absolute,
    ))
}
