//! `sum`.

use std::ops::ControlFlow;

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::bytearray::ByteArray;
use crate::object::bytes::Bytes;
use crate::object::complex::Complex;
use crate::object::native::NativeDef;
use crate::object::numbers::is_exact_int;
use crate::object::slots::BinaryOp;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] =
    &[NativeDef::bound("sum", &SUM, sum).signature("($module, iterable, /, start=0)")];

static SUM: Params = Params::new(&["", "start"], 1).positional_only(1);

/// A sum of floats, with what rounding lost so far; plain before 3.12.
#[derive(Clone, Copy)]
struct FloatSum {
    high: f64,
    lost: f64,
    is_compensated: bool,
}

impl FloatSum {
    fn add(&mut self, x: f64) {
        let sum = self.high + x;
        if self.is_compensated {
            self.lost += if self.high.abs() >= x.abs() {
                (self.high - sum) + x
            } else {
                (x - sum) + self.high
            };
        }
        self.high = sum;
    }

    fn result(self) -> f64 {
        if self.lost != 0.0 && self.lost.is_finite() {
            self.high + self.lost
        } else {
            self.high
        }
    }
}

fn sum(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(iterable) = args.get(0) else {
        return Ok(Value::NONE);
    };
    let iterator = vm.iter(iterable)?;
    let mut total = match args.get(1) {
        Some(start) => start.clone(),
        None => vm.int(0),
    };
    refuse_text(vm, &total)?;
    if is_exact_int(&total) {
        match sum_ints(vm, &iterator, &mut total)? {
            None => return Ok(total),
            Some(item) => total = vm.binary(&total, &item, BinaryOp::Add)?,
        }
    }
    if let Some(start) = total.as_float() {
        match sum_floats(vm, &iterator, start)? {
            (x, None) => return Ok(Value::float(x)),
            (x, Some(item)) => total = vm.binary(&Value::float(x), &item, BinaryOp::Add)?,
        }
    }
    if vm.version_number() >= 14 && total.downcast::<Complex>().is_some_and(|z| z.is_exact()) {
        match sum_complex(vm, &iterator, &total)? {
            (z, None) => return Ok(z),
            (z, Some(item)) => total = vm.binary(&z, &item, BinaryOp::Add)?,
        }
    }
    vm.drain(&iterator, |vm, item| {
        total = vm.binary(&total, &item, BinaryOp::Add)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(total)
}

fn refuse_text(vm: &mut Vm, start: &Value) -> PyResult<()> {
    let what = if start.downcast::<Str>().is_some() {
        "strings [use ''.join(seq) instead]"
    } else if start.downcast::<Bytes>().is_some() {
        "bytes [use b''.join(seq) instead]"
    } else if start.downcast::<ByteArray>().is_some() {
        "bytearray [use b''.join(seq) instead]"
    } else {
        return Ok(());
    };
    Err(vm.type_error(format!("sum() can't sum {what}")))
}

/// Adds exact ints and bools to `total`; gives the first item of another kind back.
fn sum_ints(vm: &mut Vm, iterator: &Value, total: &mut Value) -> PyResult<Option<Value>> {
    let mut other = None;
    vm.drain(iterator, |vm, item| {
        *total = match Value::small_add(total, &item) {
            Some(sum) => sum,
            None if is_exact_int(&item) || item.as_bool().is_some() => {
                crate::object::int_methods::add(vm, total, &item)?
            }
            None => {
                other = Some(item);
                return Ok(ControlFlow::Break(()));
            }
        };
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(other)
}

/// Adds floats, and ints among them, until an item of another kind.
fn sum_floats(vm: &mut Vm, iterator: &Value, start: f64) -> PyResult<(f64, Option<Value>)> {
    let mut sum = FloatSum {
        high: start,
        lost: 0.0,
        is_compensated: vm.version_number() >= 12,
    };
    let mut other = None;
    vm.drain(iterator, |vm, item| {
        if let Some(x) = item.as_float() {
            sum.add(x);
            return Ok(ControlFlow::Continue(()));
        }
        match item.as_int() {
            Some(int) if vm.version_number() >= 14 => sum.add(vm.int_to_f64(int)?),
            int => match int.and_then(|int| int.to_i64()) {
                Some(n) => sum.high += n as f64,
                None => {
                    other = Some(item);
                    return Ok(ControlFlow::Break(()));
                }
            },
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((sum.result(), other))
}

fn sum_complex(vm: &mut Vm, iterator: &Value, start: &Value) -> PyResult<(Value, Option<Value>)> {
    let z = crate::object::complex_methods::value_of(start);
    let part = |x| FloatSum {
        high: x,
        lost: 0.0,
        is_compensated: true,
    };
    let (mut real, mut imag) = (part(z.real), part(z.imag));
    let last = loop {
        let Some(item) = vm.next(iterator)? else {
            break None;
        };
        if item.downcast::<Complex>().is_some_and(|z| z.is_exact()) {
            let z = crate::object::complex_methods::value_of(&item);
            real.add(z.real);
            imag.add(z.imag);
        } else if let Some(x) = item.as_float() {
            real.add(x);
        } else if let Some(int) = item.as_int() {
            real.add(vm.int_to_f64(int)?);
        } else {
            break Some(item);
        }
    };
    Ok((vm.new_complex(real.result(), imag.result()), last))
}

#[cfg(test)]
mod tests {
    use super::FloatSum;

    #[test]
    fn what_rounding_loses_comes_back() {
        let mut sum = FloatSum {
            high: 0.0,
            lost: 0.0,
            is_compensated: true,
        };
        for _ in 0..10 {
            sum.add(0.1);
        }
        assert_eq!(sum.result(), 1.0);
    }
}
