//! int: its slots. Two inline operands take short paths; everything else goes through big ints.

use crate::error::PyResult;
use crate::numeric::bigint::{self, BigInt, small};
use crate::object::int::IntRef;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::value::Value;
use crate::vm::Vm;

/// Fills the slots of int.
pub(crate) fn ready_slots(vm: &mut Vm) {
    use BinaryOp::*;
    let slots = &vm.types.int.slots;
    for (op, f) in [
        (Add, add as crate::object::slots::BinaryFn),
        (Subtract, subtract),
        (Multiply, multiply),
        (TrueDivide, true_divide),
        (FloorDivide, floor_divide),
        (Remainder, remainder),
        (Divmod, divmod),
        (Power, power),
        (LShift, left_shift),
        (RShift, right_shift),
        (And, and),
        (Or, or),
        (Xor, xor),
    ] {
        slots.binary[op as usize].set(Some(f));
    }
    for (op, f) in [
        (UnaryOp::Negative, negative as crate::object::slots::UnaryFn),
        (UnaryOp::Positive, to_exact),
        (UnaryOp::Absolute, absolute),
        (UnaryOp::Invert, invert),
        (UnaryOp::Int, to_exact),
        (UnaryOp::Index, to_exact),
        (UnaryOp::Float, to_float),
        (UnaryOp::Repr, repr),
    ] {
        slots.unary[op as usize].set(Some(f));
    }
    slots.power3.set(Some(power3));
    slots.hash.set(Some(hash));
    slots.bool.set(Some(truth));
    slots.compare.set(Some(compare));
    slots.new.set(Some(super::int_new::new));
}

/// Both operands, if both are ints.
#[inline(always)]
fn ints<'a>(a: &'a Value, b: &'a Value) -> Option<(IntRef<'a>, IntRef<'a>)> {
    Some((a.as_int()?, b.as_int()?))
}

/// An operator: by `$small` on two machine ints where that gives a result, else by `$big` on big ints.
macro_rules! operator {
    ($(#[$doc:meta])* $name:ident, $small:expr, $big:expr) => {
        $(#[$doc])*
        pub(crate) fn $name(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
            let Some((x, y)) = ints(a, b) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            if let (IntRef::Small(x), IntRef::Small(y)) = (x, y) {
                let small: fn(i64, i64) -> Option<i64> = $small;
                if let Some(n) = small(x, y) {
                    return Ok(vm.int(n));
                }
            }
            let big: fn(&mut Vm, &BigInt, &BigInt) -> PyResult<BigInt> = $big;
            let n = big(vm, &x.to_big(), &y.to_big())?;
            Ok(vm.int_from_big(n))
        }
    };
}

operator!(
    /// `a + b`.
    add, |x, y| x.checked_add(y), |_, x, y| Ok(x + y)
);
operator!(
    /// `a - b`.
    subtract, |x, y| x.checked_sub(y), |_, x, y| Ok(x - y)
);
operator!(
    /// `a * b`.
    multiply, |x, y| x.checked_mul(y), |vm, x, y| {
        vm.check_int_bits(bigint::bit_length(x).saturating_add(bigint::bit_length(y)))?;
        Ok(x * y)
    }
);
operator!(
    /// `a // b`.
    floor_divide, small::floor_div, |vm, x, y| {
        let release = vm.release();
        bigint::floor_div(x, y, release).map_err(|e| vm.numeric_error(e))
    }
);
operator!(
    /// `a % b`.
    remainder, small::modulo, |vm, x, y| {
        let release = vm.release();
        bigint::modulo(x, y, release).map_err(|e| vm.numeric_error(e))
    }
);
operator!(
    /// `a << b`.
    left_shift, small::shl, |vm, x, y| {
        if *y >= BigInt::ZERO {
            vm.check_shift(bigint::shl_result_bits(x, y))?;
        }
        let release = vm.release();
        bigint::shl(x, y, release).map_err(|e| vm.numeric_error(e))
    }
);
operator!(
    /// `a >> b`.
    right_shift, small::shr, |vm, x, y| bigint::shr(x, y).map_err(|e| vm.numeric_error(e))
);
operator!(
    /// `a & b`.
    and, |x, y| Some(x & y), |_, x, y| Ok(x & y)
);
operator!(
    /// `a | b`.
    or, |x, y| Some(x | y), |_, x, y| Ok(x | y)
);
operator!(
    /// `a ^ b`.
    xor, |x, y| Some(x ^ y), |_, x, y| Ok(x ^ y)
);

impl Vm {
    /// Shifts beyond what the bignum library refuses with CPython's own error are left to it.
    fn check_shift(&mut self, bits: u64) -> PyResult<()> {
        if bits == u64::MAX {
            return Ok(());
        }
        self.check_int_bits(bits)
    }
}

fn true_divide(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = ints(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntRef::Small(x), IntRef::Small(y)) = (x, y)
        && let Some(quotient) = small::true_div(x, y)
    {
        return Ok(Value::float(quotient));
    }
    let quotient = bigint::true_div(&x.to_big(), &y.to_big());
    quotient.map(Value::float).map_err(|e| vm.numeric_error(e))
}

fn divmod(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = ints(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntRef::Small(x), IntRef::Small(y)) = (x, y)
        && let Some((quotient, rest)) = small::divmod(x, y)
    {
        return Ok(vm.tuple_of([vm.int(quotient), vm.int(rest)]));
    }
    let result = bigint::divmod(&x.to_big(), &y.to_big(), vm.release());
    let (quotient, rest) = result.map_err(|e| vm.numeric_error(e))?;
    Ok(vm.new_tuple(vec![vm.int_from_big(quotient), vm.int_from_big(rest)]))
}

fn power(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = ints(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if let (IntRef::Small(x), IntRef::Small(y)) = (x, y)
        && let Some(n) = small::pow(x, y)
    {
        return Ok(vm.int(n));
    }
    let (x, y) = (x.to_big(), y.to_big());
    if *y < BigInt::ZERO {
        let (x, y) = (
            vm.int_to_f64(IntRef::Big(&x))?,
            vm.int_to_f64(IntRef::Big(&y))?,
        );
        return super::float_methods::power_of(vm, x, y);
    }
    vm.check_int_bits(bigint::pow_result_bits(&x, &y))?;
    let n = bigint::pow(&x, &y).map_err(|e| vm.numeric_error(e))?;
    Ok(vm.int_from_big(n))
}

fn power3(vm: &mut Vm, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let (Some(x), Some(y), Some(m)) = (a.as_int(), b.as_int(), modulus.as_int()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = bigint::modpow(&x.to_big(), &y.to_big(), &m.to_big());
    let n = result.map_err(|e| vm.numeric_error(e))?;
    Ok(vm.int_from_big(n))
}

fn map(
    vm: &mut Vm,
    this: &Value,
    small: fn(i64) -> Option<i64>,
    big: fn(&BigInt) -> BigInt,
) -> PyResult {
    match this.as_int() {
        Some(IntRef::Small(n)) => Ok(match small(n) {
            Some(n) => vm.int(n),
            None => vm.int_from_big(big(&BigInt::from(n))),
        }),
        Some(IntRef::Big(n)) => Ok(vm.int_from_big(big(n))),
        None => Err(vm.type_error("an integer is required")),
    }
}

fn negative(vm: &mut Vm, this: &Value) -> PyResult {
    map(vm, this, i64::checked_neg, |n| -n)
}

fn absolute(vm: &mut Vm, this: &Value) -> PyResult {
    map(vm, this, i64::checked_abs, |n| {
        if *n < BigInt::ZERO { -n } else { n.clone() }
    })
}

pub(crate) fn invert(vm: &mut Vm, this: &Value) -> PyResult {
    map(vm, this, |n| Some(!n), |n| !n)
}

/// The int itself if it is of class int, else an int of the same value.
pub(crate) fn to_exact(vm: &mut Vm, this: &Value) -> PyResult {
    if super::numbers::is_exact_int(this) {
        return Ok(this.clone());
    }
    map(vm, this, Some, Clone::clone)
}

fn to_float(vm: &mut Vm, this: &Value) -> PyResult {
    match this.as_int() {
        Some(n) => vm.int_to_f64(n).map(Value::float),
        None => Err(vm.type_error("an integer is required")),
    }
}

impl Vm {
    /// An int's decimal digits.
    pub(crate) fn int_text(&mut self, int: IntRef<'_>) -> PyResult<String> {
        match int {
            IntRef::Small(n) => Ok(n.to_string()),
            IntRef::Big(n) => {
                let max_digits = self.int_max_str_digits;
                bigint::to_decimal(n, max_digits).map_err(|e| self.numeric_error(e))
            }
        }
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    match this.as_int() {
        Some(IntRef::Small(n)) => {
            let mut buffer = [0; 24];
            let text = decimal(&mut buffer, n);
            Ok(vm.str_from_view(crate::text::StrView::Ascii(text)))
        }
        Some(n) => {
            let text = vm.int_text(n)?;
            Ok(vm.new_str(&text))
        }
        None => Err(vm.type_error("an integer is required")),
    }
}

/// Two digits each for the numbers below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

/// The digits of a machine int, without an allocation; 20 characters are enough.
pub(crate) fn decimal<const N: usize>(buffer: &mut [u8; N], n: i64) -> &[u8] {
    let mut at = N;
    let mut rest = n.unsigned_abs();
    while rest >= 10 {
        at -= 2;
        buffer[at..at + 2].copy_from_slice(&PAIRS[(rest % 100) as usize]);
        rest /= 100;
    }
    if rest > 0 || at == N {
        at -= 1;
        buffer[at] = b'0' + rest as u8;
    }
    if n < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

/// The digits of a small int by the code of its radix, `b`, `o`, `x` or `X`, without an allocation; 49 characters are enough.
pub(crate) fn in_radix<const N: usize>(buffer: &mut [u8; N], n: i64, code: u8) -> &[u8] {
    let (shift, digits) = match code {
        b'b' => (1, b"0123456789abcdef"),
        b'o' => (3, b"0123456789abcdef"),
        b'X' => (4, b"0123456789ABCDEF"),
        _ => (4, b"0123456789abcdef"),
    };
    let mut at = N;
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = digits[(rest & ((1 << shift) - 1)) as usize];
        rest >>= shift;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

fn hash(_vm: &mut Vm, this: &Value) -> PyResult<i64> {
    Ok(match this.as_int() {
        Some(IntRef::Small(n)) => small::hash(n),
        Some(IntRef::Big(n)) => bigint::hash(n),
        None => 0,
    })
}

fn truth(_vm: &mut Vm, this: &Value) -> PyResult<bool> {
    Ok(match this.as_int() {
        Some(IntRef::Small(n)) => n != 0,
        Some(IntRef::Big(n)) => *n != BigInt::ZERO,
        None => true,
    })
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let Some((x, y)) = ints(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(op.holds(match (x, y) {
        (IntRef::Small(x), IntRef::Small(y)) => x.cmp(&y),
        (x, y) => x.to_big().as_ref().cmp(y.to_big().as_ref()),
    })))
}
