//! complex: its slots, methods and attributes. The other operand of an operator may be any real built-in number.

use crate::error::PyResult;
use crate::numeric::complex::{self as numeric, Complex as Number, Operand};
use crate::numeric::{Release, format_spec};
use crate::object::complex::Complex;
use crate::object::float_methods::{hash_of, operand as real_operand, order};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::numbers::spec_text;
use crate::object::slots::{BinaryFn, BinaryOp, CompareOp, UnaryFn, UnaryOp};
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("conjugate", conjugate).signature("($self, /)"),
    NativeDef::no_args("__complex__", to_exact).signature("($self, /)"),
    NativeDef::no_args("__getnewargs__", get_new_args).signature("($self, /)"),
    NativeDef::one("__format__", format).signature("($self, format_spec, /)"),
];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("real", |_, this| Ok(Value::float(value_of(this).real))).member(),
    GetSetDef::get("imag", |_, this| Ok(Value::float(value_of(this).imag))).member(),
];

/// Fills the slots of complex.
pub(crate) fn ready_slots(vm: &mut Vm) {
    use BinaryOp::*;
    let slots = &vm.types.complex.slots;
    for (op, f) in [
        (Add, add as BinaryFn),
        (Subtract, subtract),
        (Multiply, multiply),
        (TrueDivide, divide),
        (Power, power),
    ] {
        slots.binary[op as usize].set(Some(f));
    }
    for (op, f) in [
        (UnaryOp::Negative, negative as UnaryFn),
        (UnaryOp::Positive, to_exact),
        (UnaryOp::Absolute, absolute),
        (UnaryOp::Repr, repr),
    ] {
        slots.unary[op as usize].set(Some(f));
    }
    slots.power3.set(Some(power3));
    slots.hash.set(Some(hash));
    slots.bool.set(Some(|_, this| {
        let z = value_of(this);
        Ok(z.real != 0.0 || z.imag != 0.0)
    }));
    slots.compare.set(Some(compare));
    slots.new.set(Some(super::complex_new::new));
}

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.complex.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
    if vm.version_number() >= 14 {
        vm.add_methods(&ty, super::complex_new::METHODS_3_14);
    }
}

/// The number of a `self` that is known to be a complex.
pub(crate) fn value_of(this: &Value) -> Number {
    match this.downcast::<Complex>() {
        Some(z) => Number::new(z.real, z.imag),
        None => Number::new(0.0, 0.0),
    }
}

fn operand(vm: &mut Vm, value: &Value) -> PyResult<Option<Operand>> {
    if value.downcast::<Complex>().is_some() {
        return Ok(Some(Operand::Complex(value_of(value))));
    }
    Ok(real_operand(vm, value)?.map(Operand::Real))
}

fn new(vm: &Vm, z: Number) -> Value {
    vm.new_complex(z.real, z.imag)
}

/// Defines a binary slot by a function of two operands.
macro_rules! operator {
    ($name:ident, $f:expr) => {
        fn $name(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
            let Some(x) = operand(vm, a)? else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let Some(y) = operand(vm, b)? else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let f: fn(Operand, Operand, Release) -> Result<Number, crate::numeric::Error> = $f;
            let z = f(x, y, vm.release()).map_err(|e| vm.numeric_error(e))?;
            Ok(new(vm, z))
        }
    };
}

operator!(add, |x, y, release| Ok(numeric::add(x, y, release)));
operator!(subtract, |x, y, release| Ok(numeric::sub(x, y, release)));
operator!(multiply, |x, y, release| Ok(numeric::mul(x, y, release)));
operator!(divide, numeric::div);
operator!(power, numeric::pow);

fn power3(vm: &mut Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    for value in [a, b, modulus] {
        if operand(vm, value)?.is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
    }
    Err(vm.value_error("complex modulo"))
}

fn negative(vm: &mut Vm, this: &Value) -> PyResult {
    let z = value_of(this);
    Ok(vm.new_complex(-z.real, -z.imag))
}

fn conjugate(vm: &mut Vm, this: &Value) -> PyResult {
    let z = value_of(this);
    Ok(vm.new_complex(z.real, -z.imag))
}

fn to_exact(vm: &mut Vm, this: &Value) -> PyResult {
    match this.downcast::<Complex>() {
        Some(z) if z.is_exact() => Ok(this.clone()),
        _ => Ok(new(vm, value_of(this))),
    }
}

fn absolute(vm: &mut Vm, this: &Value) -> PyResult {
    let magnitude = numeric::abs(value_of(this)).map_err(|e| vm.numeric_error(e))?;
    Ok(Value::float(magnitude))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(vm.new_str(&numeric::repr(value_of(this))))
}

fn hash(_vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let z = value_of(this);
    Ok(numeric::combine_hashes(
        hash_of(z.real, this),
        hash_of(z.imag, this),
    ))
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let x = value_of(a);
    let equal = if b.downcast::<Complex>().is_some() {
        let y = value_of(b);
        x.real == y.real && x.imag == y.imag
    } else {
        match order(x.real, b) {
            None => return Ok(Value::NOT_IMPLEMENTED),
            Some(order) => x.imag == 0.0 && order.is_some_and(|order| order.is_eq()),
        }
    };
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    let z = value_of(this);
    Ok(vm.new_tuple(vec![Value::float(z.real), Value::float(z.imag)]))
}

fn format(vm: &mut Vm, this: &Value, spec: &Value) -> PyResult {
    let spec = spec_text(vm, spec)?;
    if spec.is_empty() {
        return vm.str(this);
    }
    let type_name = vm.type_name(this);
    let context = vm.format_context(&type_name);
    let formatted = match spec.view() {
        StrView::Ascii(spec) => format_spec::format_complex(value_of(this), spec, &context),
        spec => format_spec::format_complex(value_of(this), &spec.to_ucs4(), &context),
    };
    vm.formatted(formatted)
}
