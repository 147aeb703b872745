//! `math`: functions of real numbers and ints.
//!
//! What C's library computes comes from the same library here; what CPython computes itself is computed by the same method, so
//! that the digits are the same.

mod basic;
mod exact;
mod integers;
pub(crate) mod libm;
mod logs;
mod norm;
mod products;
mod special;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::{PyResult, Raised, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("math");
    for functions in [
        basic::FUNCTIONS,
        exact::FUNCTIONS,
        integers::FUNCTIONS,
        logs::FUNCTIONS,
        norm::FUNCTIONS,
        products::FUNCTIONS,
        special::FUNCTIONS,
    ] {
        vm.add_functions(&module, functions);
    }
    for (name, value) in [
        ("pi", std::f64::consts::PI),
        ("e", std::f64::consts::E),
        ("tau", std::f64::consts::TAU),
        ("inf", f64::INFINITY),
        ("nan", f64::NAN),
    ] {
        vm.set_global(module.dict(), name, Value::float(value));
    }
    if vm.version_number() >= 15 {
        let integer = vm.import("_math_integer")?;
        vm.set_global(module.dict(), "integer", integer);
    }
    Ok(module)
}

/// Makes `_math_integer`, which 3.15 has as `math.integer`.
pub(crate) fn make_integer(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("math.integer");
    vm.add_functions(&module, integers::FUNCTIONS);
    Ok(module)
}

/// A float argument.
fn float(vm: &mut Vm, value: &Value) -> PyResult<f64> {
    match value.as_float() {
        Some(x) => Ok(x),
        None => vm.to_f64(value),
    }
}

/// The complaint about an argument outside a function's domain; from 3.14 on it says `expected`, if there are words for that.
#[cold]
fn domain_error(vm: &mut Vm, expected: &str, x: f64) -> Raised {
    if vm.version_number() < 14 || expected.is_empty() {
        return vm.value_error("math domain error");
    }
    match vm.repr_text(&Value::float(x)) {
        Ok(found) => vm.value_error(format!("{expected}, got {found}")),
        Err(raised) => raised,
    }
}

#[cold]
fn range_error(vm: &mut Vm) -> Raised {
    vm.overflow_error("math range error")
}
