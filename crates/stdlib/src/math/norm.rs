//! `hypot`, `dist` and `sumprod`: sums of products with the rounding errors kept.

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::BinaryOp;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Args, PyResult, Value, Vm};

use super::{float, libm};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("hypot", hypot).signature("($module, /, *coordinates)"),
    NativeDef::range("dist", 2, 2, dist).signature("($module, p, q, /)"),
    NativeDef::range("sumprod", 2, 2, sumprod)
        .signature("($module, p, q, /)")
        .since(12),
];

/// A number as the sum of a float and its rounding error.
#[derive(Clone, Copy)]
struct Double {
    high: f64,
    low: f64,
}

/// `x + y` exactly.
fn sum(x: f64, y: f64) -> Double {
    let high = x + y;
    let z = high - x;
    let low = (x - (high - z)) + (y - z);
    Double { high, low }
}

/// `x + y` exactly, where `|x| >= |y|`.
fn fast_sum(x: f64, y: f64) -> Double {
    let high = x + y;
    let low = (x - high) + y;
    Double { high, low }
}

/// `x * y` exactly.
fn product(x: f64, y: f64) -> Double {
    let high = x * y;
    let low = x.mul_add(y, -high);
    Double { high, low }
}

/// The Euclidean norm of a vector whose largest magnitude is `largest`.
fn norm(vector: &mut [f64], largest: f64, has_nan: bool) -> f64 {
    if largest.is_infinite() {
        return largest;
    }
    if has_nan {
        return f64::NAN;
    }
    if largest == 0.0 || vector.len() <= 1 {
        return largest;
    }
    let (_, exponent) = super::basic::split(largest);
    if exponent < -1023 {
        for x in vector.iter_mut() {
            *x /= f64::MIN_POSITIVE;
        }
        return f64::MIN_POSITIVE * norm(vector, largest / f64::MIN_POSITIVE, has_nan);
    }
    // A power of two brings the largest into 0.5 to 1, so squares neither overflow nor vanish.
    let scale = libm::ldexp(1.0, -exponent as i32);
    let (mut total, mut products, mut sums) = (1.0, 0.0, 0.0);
    for x in vector.iter() {
        let x = x * scale;
        let square = product(x, x);
        let added = fast_sum(total, square.high);
        total = added.high;
        products += square.low;
        sums += added.low;
    }
    let mut root = (total - 1.0 + (products + sums)).sqrt();
    // One step of Newton's method, with the square of the root taken exactly.
    let square = product(-root, root);
    let added = fast_sum(total, square.high);
    total = added.high;
    products += square.low;
    sums += added.low;
    let rest = total - 1.0 + (products + sums);
    root += rest / (2.0 * root);
    root / scale
}

fn norm_of(mut vector: Vec<f64>) -> Value {
    let mut largest: f64 = 0.0;
    let mut has_nan = false;
    for x in &mut vector {
        *x = x.abs();
        has_nan |= x.is_nan();
        if *x > largest {
            largest = *x;
        }
    }
    Value::float(norm(&mut vector, largest, has_nan))
}

fn hypot(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    if args.has_keywords() {
        return Err(vm.type_error("math.hypot() takes no keyword arguments"));
    }
    let mut vector = Vec::with_capacity(args.positional().len());
    for coordinate in args.positional() {
        vector.push(float(vm, coordinate)?);
    }
    Ok(norm_of(vector))
}

fn point(vm: &mut Vm, point: &Value) -> PyResult<Vec<Value>> {
    match point.downcast::<Tuple>() {
        Some(tuple) => Ok(tuple.items().to_vec()),
        None => vm.collect(point),
    }
}

fn dist(vm: &mut Vm, _module: &Value, points: &[Value]) -> PyResult {
    let (p, q) = (point(vm, &points[0])?, point(vm, &points[1])?);
    if p.len() != q.len() {
        let message = "both points must have the same number of dimensions";
        return Err(vm.value_error(message));
    }
    let mut vector = Vec::with_capacity(p.len());
    for (p, q) in p.iter().zip(&q) {
        let (p, q) = (float(vm, p)?, float(vm, q)?);
        vector.push(p - q);
    }
    Ok(norm_of(vector))
}

/// A sum of products in three floats of falling size.
#[derive(Clone, Copy, Default)]
struct Triple {
    high: f64,
    low: f64,
    tiny: f64,
}

impl Triple {
    fn with_product(self, x: f64, y: f64) -> Triple {
        let product = product(x, y);
        let high = sum(self.high, product.high);
        let low = sum(self.low, product.low);
        let low_and_error = sum(low.high, high.low);
        Triple {
            high: high.high,
            low: low_and_error.high,
            tiny: self.tiny + low.low + low_and_error.low,
        }
    }

    fn to_f64(self) -> f64 {
        let last = sum(self.low, self.tiny);
        sum(self.high, last.high).high
    }
}

/// The total of `sumprod`: what was added in general, and what is still kept in a faster form.
struct Total {
    total: Value,
    /// While all have been ints that fit.
    ints: Option<i64>,
    /// While, after that, all have been floats, or floats and ints.
    floats: Option<Triple>,
    has_floats: bool,
}

fn sumprod(vm: &mut Vm, _module: &Value, vectors: &[Value]) -> PyResult {
    let (p, q) = (vm.iter(&vectors[0])?, vm.iter(&vectors[1])?);
    let mut total = Total {
        total: vm.int(0),
        ints: Some(0),
        floats: Some(Triple::default()),
        has_floats: false,
    };
    loop {
        match (vm.next(&p)?, vm.next(&q)?) {
            (Some(p), Some(q)) => total.add_product(vm, &p, &q)?,
            (None, None) => break,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        }
    }
    total.end_ints(vm)?;
    total.end_floats(vm)?;
    Ok(total.total)
}

impl Total {
    fn add_product(&mut self, vm: &mut Vm, p: &Value, q: &Value) -> PyResult<()> {
        if let Some(ints) = self.ints {
            let product = exact_int(vm, p).zip(exact_int(vm, q));
            let product = product.and_then(|(p, q)| p.checked_mul(q));
            if let Some(ints) = product.and_then(|product| ints.checked_add(product)) {
                self.ints = Some(ints);
                return Ok(());
            }
            self.end_ints(vm)?;
        }
        if let Some(floats) = self.floats {
            if let Some((p, q)) = factors(vm, p, q) {
                let floats = floats.with_product(p, q);
                if floats.high.is_finite() {
                    self.floats = Some(floats);
                    self.has_floats = true;
                    return Ok(());
                }
            }
            self.end_floats(vm)?;
        }
        let product = vm.binary(p, q, BinaryOp::Multiply)?;
        self.total = vm.binary(&self.total, &product, BinaryOp::Add)?;
        Ok(())
    }

    fn end_ints(&mut self, vm: &mut Vm) -> PyResult<()> {
        if let Some(ints) = self.ints.take() {
            let ints = vm.int(ints);
            self.total = vm.binary(&self.total, &ints, BinaryOp::Add)?;
        }
        Ok(())
    }

    fn end_floats(&mut self, vm: &mut Vm) -> PyResult<()> {
        if let Some(floats) = self.floats.take()
            && self.has_floats
        {
            let floats = Value::float(floats.to_f64());
            self.total = vm.binary(&self.total, &floats, BinaryOp::Add)?;
        }
        Ok(())
    }
}

/// An exact int that fits 64 bits.
fn exact_int(vm: &Vm, value: &Value) -> Option<i64> {
    match value.as_small_int() {
        Some(n) => Some(n),
        None if vm.type_of(value).is(&vm.types.int) => value.as_int()?.to_i64(),
        None => None,
    }
}

/// Two floats, or a float and an int or bool that has a float.
fn factors(vm: &Vm, p: &Value, q: &Value) -> Option<(f64, f64)> {
    let number = |value: &Value| {
        let is_int = vm.type_of(value).is(&vm.types.int) || value.as_bool().is_some();
        let int = value.as_int().filter(|_| is_int)?;
        pyco_exec::numeric::bigint::to_f64(&int.to_big())
    };
    match (p.as_float(), q.as_float()) {
        (Some(p), Some(q)) => Some((p, q)),
        (Some(p), None) => Some((p, number(q)?)),
        (None, Some(q)) => Some((number(p)?, q)),
        (None, None) => None,
    }
}
