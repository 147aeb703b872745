//! `fsum`, `fma`, `nextafter` and `ulp`: floats to the last bit.

use pyco_exec::numeric::bigint::BigInt;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use super::float;
use crate::arguments::or_none;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("fsum", fsum).signature("($module, seq, /)"),
    NativeDef::range("fma", 3, 3, fma)
        .signature("($module, x, y, z, /)")
        .since(13),
    NativeDef::range("nextafter", 2, 2, |vm, _, xy| {
        let (x, y) = (float(vm, &xy[0])?, float(vm, &xy[1])?);
        Ok(Value::float(after(x, y, 1)))
    })
    .signature("($module, x, y, /)")
    .until(11),
    NativeDef::bound("nextafter", &NEXTAFTER, nextafter)
        .signature("($module, x, y, /, *, steps=None)")
        .since(12),
    NativeDef::one("ulp", |vm, _, x| Ok(Value::float(ulp(float(vm, x)?))))
        .signature("($module, x, /)"),
];

/// The sum, rounded once: a row of partial sums that do not overlap holds it exactly (Shewchuk).
fn fsum(vm: &mut Vm, _module: &Value, items: &Value) -> PyResult {
    let iterator = vm.iter(items)?;
    let mut partials: Vec<f64> = Vec::new();
    let (mut special, mut infinities) = (0.0, 0.0);
    while let Some(item) = vm.next(&iterator)? {
        let item = float(vm, &item)?;
        let mut x = item;
        let mut kept = 0;
        for at in 0..partials.len() {
            let mut y = partials[at];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        if x == 0.0 {
            continue;
        }
        if x.is_finite() {
            partials.push(x);
            continue;
        }
        if item.is_finite() {
            return Err(vm.overflow_error("intermediate overflow in fsum"));
        }
        if item.is_infinite() {
            infinities += item;
        }
        special += item;
        partials.clear();
    }
    if special != 0.0 {
        if infinities.is_nan() {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return Ok(Value::float(special));
    }
    Ok(Value::float(rounded(partials)))
}

/// The sum of partial sums that do not overlap, the largest last.
fn rounded(mut partials: Vec<f64>) -> f64 {
    let Some(mut high) = partials.pop() else {
        return 0.0;
    };
    let mut low = 0.0;
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    // Where what is left lies just at half a unit, the next partial sum decides the direction.
    let decides = partials
        .last()
        .is_some_and(|next| (low < 0.0 && *next < 0.0) || (low > 0.0 && *next > 0.0));
    if decides {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    high
}

fn fma(vm: &mut Vm, _module: &Value, xyz: &[Value]) -> PyResult {
    let (x, y, z) = (
        float(vm, &xyz[0])?,
        float(vm, &xyz[1])?,
        float(vm, &xyz[2])?,
    );
    let result = x.mul_add(y, z);
    if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(vm.value_error("invalid operation in fma"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(vm.overflow_error("overflow in fma"));
    }
    Ok(Value::float(result))
}

/// A float's place on the line of all floats, with one place for both zeros.
fn place(x: f64) -> i64 {
    let magnitude = (x.to_bits() & !(1 << 63)) as i64;
    if x.is_sign_negative() {
        -magnitude
    } else {
        magnitude
    }
}

/// The float `steps` steps from `x` towards `y`, not beyond it.
fn after(x: f64, y: f64, steps: u64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return x + y;
    }
    if steps == 0 {
        return x;
    }
    let (from, to) = (place(x), place(y));
    if from == to {
        return y;
    }
    let distance = from.abs_diff(to);
    if distance <= steps {
        // Zero has the sign of the side that it was reached from.
        return if to == 0 { 0f64.copysign(x) } else { y };
    }
    let step = steps as i64;
    let at = if from < to { from + step } else { from - step };
    let magnitude = f64::from_bits(at.unsigned_abs());
    let is_negative = at < 0 || (at == 0 && from < 0);
    if is_negative { -magnitude } else { magnitude }
}

static NEXTAFTER: Params = Params::new(&["x", "y", "steps"], 2)
    .positional_only(2)
    .keyword_only(1);

fn nextafter(vm: &mut Vm, _module: &Value, bound: &Bound<'_>) -> PyResult {
    let x = float(vm, &or_none(bound.get(0)))?;
    let y = float(vm, &or_none(bound.get(1)))?;
    let steps = match bound.not_none(2) {
        None => 1,
        Some(steps) => {
            let steps = vm.index(steps)?;
            let steps = steps.as_int().map(|steps| steps.to_big().into_owned());
            let steps = steps.unwrap_or_default();
            if steps < BigInt::ZERO {
                return Err(vm.value_error("steps must be a non-negative integer"));
            }
            u64::try_from(&steps).unwrap_or(u64::MAX)
        }
    };
    Ok(Value::float(after(x, y, steps)))
}

fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let above = after(x, f64::INFINITY, 1);
    if above.is_infinite() {
        return x - after(x, f64::NEG_INFINITY, 1);
    }
    above - x
}
