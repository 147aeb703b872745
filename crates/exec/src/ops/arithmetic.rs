//! Augmented assignment and float comparison.

use crate::error::PyResult;
use crate::object::slots::{BinaryOp, CompareOp};
use crate::value::Value;
use crate::vm::Vm;

/// `a OP= b`, with the inline cases first.
#[inline]
pub(crate) fn in_place(vm: &mut Vm, a: Value, b: &Value, op: BinaryOp) -> PyResult {
    let small = match op {
        BinaryOp::Add => Value::small_add(&a, b),
        BinaryOp::Subtract => Value::small_sub(&a, b),
        BinaryOp::Multiply => Value::small_mul(&a, b),
        _ => None,
    };
    if let Some(result) = small {
        return Ok(result);
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        match op {
            BinaryOp::Add => return Ok(Value::float(x + y)),
            BinaryOp::Subtract => return Ok(Value::float(x - y)),
            BinaryOp::Multiply => return Ok(Value::float(x * y)),
            _ => {}
        }
    }
    vm.in_place(&a, b, op)
}

/// `a OP b` for floats: every comparison but `!=` is false for a NaN.
#[inline(always)]
pub(crate) fn compare_floats(a: f64, b: f64, op: CompareOp) -> bool {
    match op {
        CompareOp::Lt => a < b,
        CompareOp::Le => a <= b,
        CompareOp::Eq => a == b,
        CompareOp::Ne => a != b,
        CompareOp::Gt => a > b,
        CompareOp::Ge => a >= b,
    }
}

/// The comparison that COMPARE_OP's executable argument names.
#[inline(always)]
pub(crate) fn comparison(arg: usize) -> CompareOp {
    CompareOp::ALL[(arg & 7) % CompareOp::ALL.len()]
}
