//! float: its slots, and `float(…)`. The other operand of an operator may be an int or a bool.

use std::cmp::Ordering;

use crate::call::Args;
use crate::error::PyResult;
use crate::numeric::bigint::{self, small};
use crate::numeric::{Error, Release, complex, float, parse};
use crate::object::float::Float;
use crate::object::header::Ref;
use crate::object::int::IntRef;
use crate::object::slots::{BinaryFn, BinaryOp, CompareOp, UnaryFn, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple_methods::uses_init_of;
use crate::object::type_::Type;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

/// Fills the slots of float.
pub(crate) fn ready_slots(vm: &mut Vm) {
    use BinaryOp::*;
    let slots = &vm.types.float.slots;
    for (op, f) in [
        (Add, add as BinaryFn),
        (Subtract, subtract),
        (Multiply, multiply),
        (TrueDivide, true_divide),
        (FloorDivide, floor_divide),
        (Remainder, remainder),
        (Divmod, divmod),
        (Power, power),
    ] {
        slots.binary[op as usize].set(Some(f));
    }
    for (op, f) in [
        (UnaryOp::Negative, negative as UnaryFn),
        (UnaryOp::Positive, to_exact),
        (UnaryOp::Absolute, absolute),
        (UnaryOp::Float, to_exact),
        (UnaryOp::Int, truncate),
        (UnaryOp::Repr, repr),
    ] {
        slots.unary[op as usize].set(Some(f));
    }
    slots.power3.set(Some(power3));
    slots.hash.set(Some(hash));
    slots.bool.set(Some(|_, this| Ok(value_of(this) != 0.0)));
    slots.compare.set(Some(compare));
    slots.new.set(Some(new));
}

/// The float of a `self` that is known to be one.
pub(crate) fn value_of(this: &Value) -> f64 {
    this.as_any_float().unwrap_or(0.0)
}

/// An operand of a float's operator; `None` for what is no real number.
#[inline(always)]
pub(crate) fn operand(vm: &mut Vm, value: &Value) -> PyResult<Option<f64>> {
    if let Some(x) = value.as_any_float() {
        return Ok(Some(x));
    }
    match value.as_int() {
        Some(int) => vm.int_to_f64(int).map(Some),
        None => Ok(None),
    }
}

/// Defines a binary slot by a function of two floats.
macro_rules! operator {
    ($name:ident, $f:expr) => {
        fn $name(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
            let Some(x) = operand(vm, a)? else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let Some(y) = operand(vm, b)? else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let f: fn(f64, f64, Release) -> Result<f64, Error> = $f;
            f(x, y, vm.release())
                .map(Value::float)
                .map_err(|e| vm.numeric_error(e))
        }
    };
}

operator!(add, |x, y, _| Ok(x + y));
operator!(subtract, |x, y, _| Ok(x - y));
operator!(multiply, |x, y, _| Ok(x * y));
operator!(true_divide, float::true_div);
operator!(floor_divide, float::floor_div);
operator!(remainder, float::modulo);

fn divmod(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some(x) = operand(vm, a)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let Some(y) = operand(vm, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = float::divmod(x, y, vm.release());
    let (quotient, rest) = result.map_err(|e| vm.numeric_error(e))?;
    Ok(vm.new_tuple(vec![Value::float(quotient), Value::float(rest)]))
}

fn power(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some(x) = operand(vm, a)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let Some(y) = operand(vm, b)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    power_of(vm, x, y)
}

/// `x ** y`, complex for a root of a negative number.
pub(crate) fn power_of(vm: &mut Vm, x: f64, y: f64) -> PyResult {
    let release = vm.release();
    match float::pow(x, y, release).map_err(|e| vm.numeric_error(e))? {
        float::Power::Float(z) => Ok(Value::float(z)),
        float::Power::Complex => {
            let widen = |x| complex::Operand::Complex(complex::Complex::new(x, 0.0));
            let z = complex::pow(widen(x), widen(y), release).map_err(|e| vm.numeric_error(e))?;
            Ok(vm.new_complex(z.real, z.imag))
        }
    }
}

fn power3(vm: &mut Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let _ = (a, b, modulus);
    Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"))
}

fn negative(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::float(-value_of(this)))
}

fn absolute(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::float(value_of(this).abs()))
}

/// A float of class float with the same value.
pub(crate) fn to_exact(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::float(value_of(this)))
}

/// `int(x)`.
pub(crate) fn truncate(vm: &mut Vm, this: &Value) -> PyResult {
    let x = value_of(this);
    // Floats below 2^48 are whole ints when cut.
    if x.abs() < 281_474_976_710_656.0 {
        return Ok(vm.int(x as i64));
    }
    let n = bigint::from_f64(x).map_err(|e| vm.numeric_error(e))?;
    Ok(vm.int_from_big(n))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let x = value_of(this);
    Ok(match float::shortest(x, &mut ryu::Buffer::new()) {
        Some(text) => vm.str_from_view(StrView::Ascii(text.as_bytes())),
        None => vm.new_str(&float::repr(x)),
    })
}

/// The hash of a float that stands in `owner`, whose identity counts for a NaN.
pub(crate) fn hash_of(x: f64, owner: &Value) -> i64 {
    float::hash(x).unwrap_or_else(|| super::object_::identity_hash(owner))
}

fn hash(_vm: &mut Vm, this: &Value) -> PyResult<i64> {
    Ok(hash_of(value_of(this), this))
}

/// How a float compares with another real number; `None` for NaN.
pub(crate) fn order(x: f64, other: &Value) -> Option<Option<Ordering>> {
    if let Some(y) = other.as_any_float() {
        return Some(x.partial_cmp(&y));
    }
    let order = match other.as_int()? {
        IntRef::Small(n) => small::cmp_f64(n, x),
        IntRef::Big(n) => bigint::cmp_f64(n, x),
    };
    Some(order.map(Ordering::reverse))
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    Ok(match order(value_of(a), b) {
        None => Value::NOT_IMPLEMENTED,
        Some(None) => Value::bool(op == CompareOp::Ne),
        Some(Some(order)) => Value::bool(op.holds(order)),
    })
}

/// `float.__new__`.
fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = match uses_init_of(ty, &vm.types.float) {
        true => args.between(vm, "float", 0, 1)?,
        false => Args::positional_only(args.positional()).between(vm, "float", 0, 1)?,
    };
    let x = match given {
        [] => 0.0,
        [value, ..] => from_value(vm, value)?,
    };
    if ty.is(&vm.types.float) {
        return Ok(Value::float(x));
    }
    Ok(Value::from(Ref::new(ty, Float { value: x })))
}

/// `float(text)` where that has nothing but digits, signs, a point and an exponent, which Rust reads as Python does.
fn quick(value: &Value) -> Option<f64> {
    let text = value.downcast::<Str>()?.as_ascii()?;
    let is_plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    match text.bytes().all(is_plain) {
        true => text.parse().ok(),
        false => None,
    }
}

fn from_value(vm: &mut Vm, value: &Value) -> PyResult<f64> {
    if let Some(x) = value.as_float() {
        return Ok(x);
    }
    // Only of a str itself it is known that the text counts; what else has a text may have `__float__`.
    if !value.downcast::<Str>().is_some_and(|s| s.is_exact())
        && let Some(x) = vm.float_by_slots(value)?
    {
        return Ok(x);
    }
    if let Some(x) = quick(value) {
        return Ok(x);
    }
    let Some(text) = vm.number_text(value) else {
        let name = vm.type_name(value);
        return Err(vm.type_error(format!(
            "float() argument must be a string or a real number, not '{name}'"
        )));
    };
    match parse::float(&text) {
        Some(x) => Ok(x),
        None => {
            let repr = vm.repr_text(value)?;
            Err(vm.numeric_error(parse::invalid_float(&repr)))
        }
    }
}
