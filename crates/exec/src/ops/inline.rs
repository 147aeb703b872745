//! Operations on values held inline: ints and floats. `None` where there is more to do than arithmetic: a result that is not inline,
//! an error, operands of other types.

use crate::object::dict::Dict;
use crate::object::header::Kind;
use crate::object::list::List;
use crate::object::slots::BinaryOp;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// `a + b` of two ints.
#[inline(always)]
pub(crate) fn small_add(a: &Value, b: &Value, _: u32) -> Option<Value> {
    Value::small_add(a, b)
}

/// `a - b` of two ints.
#[inline(always)]
pub(crate) fn small_sub(a: &Value, b: &Value, _: u32) -> Option<Value> {
    Value::small_sub(a, b)
}

/// `a * b` of two ints.
#[inline(always)]
pub(crate) fn small_mul(a: &Value, b: &Value, _: u32) -> Option<Value> {
    Value::small_mul(a, b)
}

/// `a + b` of two floats.
#[inline(always)]
pub(crate) fn add_floats(a: &Value, b: &Value, _: u32) -> Option<Value> {
    Some(Value::float(a.as_float()? + b.as_float()?))
}

/// `a - b` of two floats.
#[inline(always)]
pub(crate) fn sub_floats(a: &Value, b: &Value, _: u32) -> Option<Value> {
    Some(Value::float(a.as_float()? - b.as_float()?))
}

/// `a * b` of two floats.
#[inline(always)]
pub(crate) fn mul_floats(a: &Value, b: &Value, _: u32) -> Option<Value> {
    Some(Value::float(a.as_float()? * b.as_float()?))
}

/// The operator in BINARY_OP's argument.
#[inline(always)]
fn operator(arg: u32) -> BinaryOp {
    BinaryOp::ALL[arg as usize % 13]
}

/// An operation on two ints, one of those without an instruction of their own.
#[inline(always)]
pub(crate) fn int_op(a: &Value, b: &Value, arg: u32) -> Option<Value> {
    let (x, y) = Value::small_ints(a, b)?;
    let result = match operator(arg) {
        BinaryOp::And => x & y,
        BinaryOp::Or => x | y,
        BinaryOp::Xor => x ^ y,
        BinaryOp::Remainder if y > 0 => remainder(x, y),
        BinaryOp::FloorDivide if y > 0 => quotient(x, y),
        BinaryOp::RShift if y >= 0 => x >> y.min(63),
        BinaryOp::LShift if (0..49).contains(&y) => {
            let result = x << y;
            if result >> y != x {
                return None;
            }
            return Value::small_int(result);
        }
        // Both are exact as floats, so the quotient is rounded once.
        BinaryOp::TrueDivide if y != 0 => return Some(Value::float(x as f64 / y as f64)),
        BinaryOp::Power if y == 2 => return Value::small_int(x.checked_mul(x)?),
        _ => return None,
    };
    // None of these is larger than an operand.
    Some(Value::small_int_wrapping(result))
}

/// Narrow division is much faster where it will do.
#[inline(always)]
fn remainder(x: i64, y: i64) -> i64 {
    if (x | y) as u64 >> 32 == 0 {
        i64::from(x as u32 % y as u32)
    } else {
        x.rem_euclid(y)
    }
}

#[inline(always)]
fn quotient(x: i64, y: i64) -> i64 {
    if (x | y) as u64 >> 32 == 0 {
        i64::from(x as u32 / y as u32)
    } else {
        x.div_euclid(y)
    }
}

/// A float, or an int as one: an inline int is exact.
#[inline(always)]
fn number(value: &Value) -> Option<f64> {
    match value.as_float() {
        Some(x) => Some(x),
        None => value.as_small_int().map(|n| n as f64),
    }
}

/// An operation on two numbers of which at least one is a float.
#[inline(always)]
pub(crate) fn float_op(a: &Value, b: &Value, arg: u32) -> Option<Value> {
    let (x, y) = match (a.as_float(), b.as_float()) {
        (Some(x), Some(y)) => (x, y),
        (Some(x), None) => (x, number(b)?),
        (None, Some(y)) => (number(a)?, y),
        (None, None) => return None,
    };
    let result = match operator(arg) {
        BinaryOp::Add => x + y,
        BinaryOp::Subtract => x - y,
        BinaryOp::Multiply => x * y,
        BinaryOp::TrueDivide if y != 0.0 => x / y,
        BinaryOp::Power => return power(x, y),
        _ => return None,
    };
    Some(Value::float(result))
}

#[inline(never)]
fn power(x: f64, y: f64) -> Option<Value> {
    // Zero, infinity and complex results have rules of their own.
    if !(x > 0.0 && x.is_finite() && y.is_finite()) {
        return None;
    }
    let result = x.powf(y);
    result.is_finite().then(|| Value::float(result))
}

/// What each comparison holds for: 1 less, 2 equal, 4 greater, 8 unordered; four bits each, in the order of COMPARE_OP's argument.
const HOLDS: u32 = 0x64_D2_31;

#[inline(always)]
fn holds(arg: u32, ordering: u32) -> bool {
    HOLDS >> ((arg & 7) * 4) & ordering != 0
}

/// The comparison in COMPARE_OP's executable argument, of two ints.
#[inline(always)]
pub(crate) fn compare_ints(a: &Value, b: &Value, arg: u32) -> Option<bool> {
    let (a, b) = Value::small_ints(a, b)?;
    let ordering = u32::from(a < b) | u32::from(a == b) << 1 | u32::from(a > b) << 2;
    Some(holds(arg, ordering))
}

/// The same of two numbers of which at least one is a float.
#[inline(always)]
pub(crate) fn compare_floats(a: &Value, b: &Value, arg: u32) -> Option<bool> {
    let (a, b) = match (a.as_float(), b.as_float()) {
        (Some(a), Some(b)) => (a, b),
        (Some(a), None) => (a, number(b)?),
        (None, Some(b)) => (number(a)?, b),
        (None, None) => return None,
    };
    let ordering = u32::from(a < b) | u32::from(a == b) << 1 | u32::from(a > b) << 2;
    let ordering = if ordering == 0 { 8 } else { ordering };
    Some(holds(arg, ordering))
}

/// [`compare_ints`] as a value.
#[inline(always)]
pub(crate) fn int_comparison(a: &Value, b: &Value, arg: u32) -> Option<Value> {
    compare_ints(a, b, arg).map(Value::bool)
}

/// [`compare_floats`] as a value.
#[inline(always)]
pub(crate) fn float_comparison(a: &Value, b: &Value, arg: u32) -> Option<Value> {
    compare_floats(a, b, arg).map(Value::bool)
}

/// The truth of a value that runs no Python code to tell it.
#[inline(always)]
pub(crate) fn truth(vm: &Vm, value: &Value) -> Option<bool> {
    if let Some(truth) = value.as_bool() {
        return Some(truth);
    }
    if value.is_none() {
        return Some(false);
    }
    if let Some(n) = value.as_small_int() {
        return Some(n != 0);
    }
    object_truth(vm, value)
}

fn object_truth(vm: &Vm, value: &Value) -> Option<bool> {
    if let Some(x) = value.as_float() {
        return Some(x != 0.0);
    }
    let header = value.header()?;
    if header.is_exact(header.kind()) {
        match header.kind() {
            Kind::List => return value.downcast::<List>().map(|l| !l.items(vm).is_empty()),
            Kind::Str => return value.downcast::<Str>().map(|s| !s.is_empty()),
            Kind::Tuple => return value.downcast::<Tuple>().map(|t| !t.items().is_empty()),
            Kind::Dict => return value.downcast::<Dict>().map(|d| d.len(vm) != 0),
            _ => {}
        }
    }
    let slots = &header.ty().slots;
    (slots.bool.get().is_none() && slots.len.get().is_none()).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::slots::CompareOp;

    #[test]
    fn comparisons_hold_as_their_names_say() {
        let numbers = [-3.0, 0.0, 2.5, f64::NAN, f64::INFINITY];
        for (arg, op) in CompareOp::ALL.iter().enumerate() {
            for a in numbers {
                for b in numbers {
                    let (x, y) = (Value::float(a), Value::float(b));
                    let expected = match op {
                        CompareOp::Lt => a < b,
                        CompareOp::Le => a <= b,
                        CompareOp::Eq => a == b,
                        CompareOp::Ne => a != b,
                        CompareOp::Gt => a > b,
                        CompareOp::Ge => a >= b,
                    };
                    // The bit for a bool does not matter.
                    for arg in [arg as u32, arg as u32 | 8] {
                        assert_eq!(
                            compare_floats(&x, &y, arg),
                            Some(expected),
                            "{a} {op:?} {b}"
                        );
                    }
                }
            }
        }
        let int = |n| Value::small_int(n).expect("inline");
        for (a, b) in [(1, 2), (2, 2), (3, -2)] {
            for (arg, op) in CompareOp::ALL.iter().enumerate() {
                let found = compare_ints(&int(a), &int(b), arg as u32);
                assert_eq!(found, Some(op.holds(a.cmp(&b))), "{a} {op:?} {b}");
            }
        }
    }

    #[test]
    fn int_operations_round_down_and_stop_at_the_inline_range() {
        let op = |a: i64, b: i64, op| {
            let int = |n| Value::small_int(n).expect("inline");
            int_op(&int(a), &int(b), op as u32).and_then(|v| v.as_small_int())
        };
        assert_eq!(op(-7, 3, BinaryOp::FloorDivide), Some(-3));
        assert_eq!(op(-7, 3, BinaryOp::Remainder), Some(2));
        assert_eq!(op(7, 3, BinaryOp::FloorDivide), Some(2));
        assert_eq!(op(1 << 40, 3, BinaryOp::Remainder), Some(1));
        assert_eq!(op(7, 0, BinaryOp::Remainder), None);
        assert_eq!(op(7, -3, BinaryOp::Remainder), None);
        assert_eq!(op(1, 47, BinaryOp::LShift), Some(1 << 47));
        assert_eq!(op(1, 48, BinaryOp::LShift), None);
        assert_eq!(op(-1, 48, BinaryOp::LShift), Some(-1 << 48));
        assert_eq!(op(3, 48, BinaryOp::LShift), None);
        assert_eq!(op(-5, 100, BinaryOp::RShift), Some(-1));
        assert_eq!(op(-5, 3, BinaryOp::And), Some(3));
    }
}
