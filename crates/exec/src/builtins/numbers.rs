//! Arithmetic as functions: `abs`, `divmod`, `pow`, `round`, the radix texts, `chr` and `ord`.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::numeric::bigint::{self, BigInt, Radix};
use crate::object::buffer;
use crate::object::int::IntRef;
use crate::object::int_methods;
use crate::object::memoryview::MemoryView;
use crate::object::native::NativeDef;
use crate::object::slot_functions::overrides;
use crate::object::slots::{BinaryOp, TernaryFn, UnaryOp};
use crate::object::str_::Str;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("abs", |vm, _, x| vm.unary(x, UnaryOp::Absolute)).signature("($module, x, /)"),
    NativeDef::one("bin", |vm, _, n| in_radix(vm, n, Radix::Binary, "0b"))
        .signature("($module, number, /)"),
    NativeDef::one("chr", chr).signature("($module, i, /)"),
    NativeDef::range("divmod", 2, 2, |vm, _, args| {
        vm.binary(&args[0], &args[1], BinaryOp::Divmod)
    })
    .signature("($module, x, y, /)"),
    NativeDef::one("hex", |vm, _, n| in_radix(vm, n, Radix::LowerHex, "0x"))
        .signature("($module, number, /)"),
    NativeDef::one("oct", |vm, _, n| in_radix(vm, n, Radix::Octal, "0o"))
        .signature("($module, number, /)"),
    NativeDef::one("ord", ord).signature("($module, c, /)"),
    NativeDef::bound("pow", &POW, pow).signature("($module, /, base, exp, mod=None)"),
    NativeDef::bound("round", &ROUND, round).signature("($module, /, number, ndigits=None)"),
];

static POW: Params = Params::new(&["base", "exp", "mod"], 2);
static ROUND: Params = Params::new(&["number", "ndigits"], 1);

fn in_radix(vm: &mut Vm, value: &Value, radix: Radix, prefix: &str) -> PyResult {
    if let Some(n) = value.as_small_int() {
        return Ok(small_in_radix(vm, n, prefix.as_bytes()[1]));
    }
    let index = vm.index(value)?;
    let int = index.as_int().unwrap_or(IntRef::Small(0));
    let digits = bigint::to_radix(&int.to_big(), radix);
    let is_negative = match int {
        IntRef::Small(n) => n < 0,
        IntRef::Big(n) => *n < BigInt::ZERO,
    };
    let sign = if is_negative { "-" } else { "" };
    Ok(vm.new_str(&format!("{sign}{prefix}{digits}")))
}

/// The same of a small int, without an allocation but that of the result.
fn small_in_radix(vm: &Vm, n: i64, code: u8) -> Value {
    let mut buffer = [0; 52];
    let digits = int_methods::in_radix(&mut buffer, n.abs(), code);
    let prefix = [b'-', b'0', code];
    let parts = [&prefix[usize::from(n >= 0)..], digits];
    let parts = parts.into_iter().map(StrView::Ascii);
    match Str::joined(&vm.types.str, parts, usize::MAX) {
        Some(text) => text.into(),
        None => Value::from(&vm.names.empty),
    }
}

fn chr(vm: &mut Vm, _this: &Value, value: &Value) -> PyResult {
    let index = vm.index_clamped(value)?;
    match u32::try_from(index) {
        Ok(point) if point < 0x11_0000 => Ok(vm.character(point)),
        _ => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

fn ord(vm: &mut Vm, _this: &Value, value: &Value) -> PyResult {
    let (len, point) = if let Some(text) = value.downcast::<Str>() {
        (text.len(), text.view().get(0))
    } else if let Some(bytes) =
        buffer::bytes_of(vm, value).filter(|_| value.downcast::<MemoryView>().is_none())
    {
        (bytes.len(), bytes.first().map(|&byte| u32::from(byte)))
    } else {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!(
            "ord() expected string of length 1, but {found} found"
        )));
    };
    match point {
        Some(point) if len == 1 => Ok(vm.int(i64::from(point))),
        _ => Err(vm.type_error(format!(
            "ord() expected a character, but string of length {len} found"
        ))),
    }
}

fn pow(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(base), Some(exponent)) = (args.get(0), args.get(1)) else {
        return Ok(Value::NONE);
    };
    match args.not_none(2) {
        None => vm.binary(base, exponent, BinaryOp::Power),
        Some(modulus) => match small_pow3(base, exponent, modulus) {
            Some(n) => Ok(vm.int(n)),
            None => pow3(vm, base, exponent, modulus),
        },
    }
}

/// `pow(base, exponent, modulus)` of small ints, the exponent not negative and the modulus positive.
fn small_pow3(base: &Value, exponent: &Value, modulus: &Value) -> Option<i64> {
    let modulus = u64::try_from(modulus.as_small_int()?).ok()?;
    let mut exponent = u64::try_from(exponent.as_small_int()?).ok()?;
    let base = base.as_small_int()?;
    let modulus = u128::from(modulus);
    let mut square = base.checked_rem_euclid(modulus as i64)? as u128;
    let mut result = 1 % modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        exponent >>= 1;
    }
    i64::try_from(result).ok()
}

/// How a class does `pow(a, b, c)`.
#[derive(Clone, Copy)]
enum Power3 {
    /// By a function of its nearest built-in class.
    Native(TernaryFn),
    /// By `__pow__` and `__rpow__`, one of which is written in Python.
    Method,
}

impl Power3 {
    fn is(self, other: Power3) -> bool {
        match (self, other) {
            (Power3::Native(f), Power3::Native(g)) => std::ptr::fn_addr_eq(f, g),
            (Power3::Method, Power3::Method) => true,
            _ => false,
        }
    }

    fn call(self, vm: &mut Vm, base: &Value, exponent: &Value, modulus: &Value) -> PyResult {
        match self {
            Power3::Native(f) => f(vm, base, exponent, modulus),
            Power3::Method => power3_method(vm, base, exponent, modulus),
        }
    }
}

fn power3_of(vm: &mut Vm, operand: &Value) -> Option<Power3> {
    let ty = vm.type_of(operand).clone();
    let name = vm.names.binary[BinaryOp::Power as usize].clone();
    let reflected = vm.names.reflected[BinaryOp::Power as usize].clone();
    for class in ty.mro(vm).to_vec() {
        if class.is_built_in() {
            if let Some(f) = class.slots.power3.get() {
                return Some(Power3::Native(f));
            }
            continue;
        }
        let dict = class.dict(vm);
        if dict.contains_str(vm, &name) || dict.contains_str(vm, &reflected) {
            return Some(Power3::Method);
        }
    }
    None
}

/// `pow()` of three operands by methods. Only from 3.14 on is the second operand asked for its `__rpow__`.
fn power3_method(vm: &mut Vm, base: &Value, exponent: &Value, modulus: &Value) -> PyResult {
    let (a, b) = (vm.type_of(base).clone(), vm.type_of(exponent).clone());
    let by_method = |power: Option<Power3>| power.is_some_and(|p| p.is(Power3::Method));
    let reflected = vm.names.reflected[BinaryOp::Power as usize].clone();
    let reflected_args = [base.clone(), modulus.clone()];
    let mut asks_second =
        vm.version_number() >= 14 && !a.is(&b) && by_method(power3_of(vm, exponent));
    if by_method(power3_of(vm, base)) {
        if asks_second && b.is_subtype(vm, &a) && overrides(vm, &a, &b, &reflected) {
            let result = vm.call_special_opt(exponent, &reflected, &reflected_args)?;
            match result {
                Some(value) if !value.is_not_implemented() => return Ok(value),
                _ => asks_second = false,
            }
        }
        let name = vm.names.binary[BinaryOp::Power as usize].clone();
        let args = [exponent.clone(), modulus.clone()];
        if let Some(value) = vm.call_special_opt(base, &name, &args)?
            && (!value.is_not_implemented() || a.is(&b))
        {
            return Ok(value);
        }
    }
    if asks_second
        && let Some(value) = vm.call_special_opt(exponent, &reflected, &reflected_args)?
    {
        return Ok(value);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

/// `pow(base, exponent, modulus)`: each operand's class is asked, but each way to do it once only.
pub(crate) fn pow3(vm: &mut Vm, base: &Value, exponent: &Value, modulus: &Value) -> PyResult {
    let (a, b) = (vm.type_of(base).clone(), vm.type_of(exponent).clone());
    let first = power3_of(vm, base);
    let differs = |other: &Power3, from: Option<Power3>| !from.is_some_and(|f| f.is(*other));
    let second = power3_of(vm, exponent).filter(|p| !a.is(&b) && differs(p, first));
    let third = power3_of(vm, modulus).filter(|p| differs(p, first) && differs(p, second));
    let order = match first.is_some() && b.is_subtype(vm, &a) {
        true => [second, first, third],
        false => [first, second, third],
    };
    for power in order.into_iter().flatten() {
        let result = power.call(vm, base, exponent, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    let [a, b, c] = [base, exponent, modulus].map(|v| vm.type_name(v));
    Err(vm.type_error(format!(
        "unsupported operand type(s) for ** or pow(): '{a}', '{b}', '{c}'"
    )))
}

fn round(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(number) = args.get(0) else {
        return Ok(Value::NONE);
    };
    if args.not_none(1).is_none() {
        const MOST: f64 = (1i64 << 46) as f64;
        match number.as_float() {
            Some(x) if x.abs() < MOST => return Ok(vm.int(x.round_ties_even() as i64)),
            None if number.as_small_int().is_some() => return Ok(number.clone()),
            _ => {}
        }
    }
    let name = vm.names.__round__.clone();
    let places: &[Value] = args.not_none(1).map_or(&[], std::slice::from_ref);
    match vm.call_special_opt(number, &name, places)? {
        Some(rounded) => Ok(rounded),
        None => {
            let ty = vm.type_name(number);
            Err(vm.type_error(format!("type {ty} doesn't define __round__ method")))
        }
    }
}
