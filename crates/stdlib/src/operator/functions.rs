//! The functions of `_operator`.

use pyco_exec::object::buffer::bytes_of;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::{BinaryOp, CompareOp, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::{Args, PyResult, Value, Vm};

use crate::arguments::ssize;

const TWO: &str = "($module, a, b, /)";
const ONE: &str = "($module, a, /)";

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("add", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Add)
    })
    .signature(TWO),
    NativeDef::range("and_", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::And)
    })
    .signature(TWO),
    NativeDef::range("floordiv", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::FloorDivide)
    })
    .signature(TWO),
    NativeDef::range("lshift", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::LShift)
    })
    .signature(TWO),
    NativeDef::range("matmul", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::MatrixMultiply)
    })
    .signature(TWO),
    NativeDef::range("mod", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Remainder)
    })
    .signature(TWO),
    NativeDef::range("mul", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Multiply)
    })
    .signature(TWO),
    NativeDef::range("or_", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Or)
    })
    .signature(TWO),
    NativeDef::range("pow", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Power)
    })
    .signature(TWO),
    NativeDef::range("rshift", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::RShift)
    })
    .signature(TWO),
    NativeDef::range("sub", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Subtract)
    })
    .signature(TWO),
    NativeDef::range("truediv", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::TrueDivide)
    })
    .signature(TWO),
    NativeDef::range("xor", 2, 2, |vm, _, ab| {
        vm.binary(&ab[0], &ab[1], BinaryOp::Xor)
    })
    .signature(TWO),
    NativeDef::range("iadd", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Add)
    })
    .signature(TWO),
    NativeDef::range("iand", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::And)
    })
    .signature(TWO),
    NativeDef::range("ifloordiv", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::FloorDivide)
    })
    .signature(TWO),
    NativeDef::range("ilshift", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::LShift)
    })
    .signature(TWO),
    NativeDef::range("imatmul", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::MatrixMultiply)
    })
    .signature(TWO),
    NativeDef::range("imod", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Remainder)
    })
    .signature(TWO),
    NativeDef::range("imul", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Multiply)
    })
    .signature(TWO),
    NativeDef::range("ior", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Or)
    })
    .signature(TWO),
    NativeDef::range("ipow", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Power)
    })
    .signature(TWO),
    NativeDef::range("irshift", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::RShift)
    })
    .signature(TWO),
    NativeDef::range("isub", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Subtract)
    })
    .signature(TWO),
    NativeDef::range("itruediv", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::TrueDivide)
    })
    .signature(TWO),
    NativeDef::range("ixor", 2, 2, |vm, _, ab| {
        vm.in_place(&ab[0], &ab[1], BinaryOp::Xor)
    })
    .signature(TWO),
    NativeDef::range("eq", 2, 2, |vm, _, ab| {
        vm.compare(&ab[0], &ab[1], CompareOp::Eq)
    })
    .signature(TWO),
    NativeDef::range("ge", 2, 2, |vm, _, ab| {
        vm.compare(&ab[0], &ab[1], CompareOp::Ge)
    })
    .signature(TWO),
    NativeDef::range("gt", 2, 2, |vm, _, ab| {
        vm.compare(&ab[0], &ab[1], CompareOp::Gt)
    })
    .signature(TWO),
    NativeDef::range("le", 2, 2, |vm, _, ab| {
        vm.compare(&ab[0], &ab[1], CompareOp::Le)
    })
    .signature(TWO),
    NativeDef::range("lt", 2, 2, |vm, _, ab| {
        vm.compare(&ab[0], &ab[1], CompareOp::Lt)
    })
    .signature(TWO),
    NativeDef::range("ne", 2, 2, |vm, _, ab| {
        vm.compare(&ab[0], &ab[1], CompareOp::Ne)
    })
    .signature(TWO),
    NativeDef::one("neg", |vm, _, a| vm.unary(a, UnaryOp::Negative)).signature(ONE),
    NativeDef::one("pos", |vm, _, a| vm.unary(a, UnaryOp::Positive)).signature(ONE),
    NativeDef::one("inv", |vm, _, a| vm.unary(a, UnaryOp::Invert)).signature(ONE),
    NativeDef::one("invert", |vm, _, a| vm.unary(a, UnaryOp::Invert)).signature(ONE),
    NativeDef::one("abs", |vm, _, a| vm.unary(a, UnaryOp::Absolute)).signature(ONE),
    NativeDef::one("index", |vm, _, a| vm.index(a)).signature(ONE),
    NativeDef::one("truth", |vm, _, a| Ok(Value::bool(vm.truth(a)?))).signature(ONE),
    NativeDef::one("not_", |vm, _, a| Ok(Value::bool(!vm.truth(a)?))).signature(ONE),
    NativeDef::one("is_none", |_, _, a| Ok(Value::bool(a.is_none())))
        .signature(ONE)
        .since(14),
    NativeDef::one("is_not_none", |_, _, a| Ok(Value::bool(!a.is_none())))
        .signature(ONE)
        .since(14),
    NativeDef::range("is_", 2, 2, |_, _, ab| Ok(Value::bool(ab[0].is(&ab[1])))).signature(TWO),
    NativeDef::range("is_not", 2, 2, |_, _, ab| {
        Ok(Value::bool(!ab[0].is(&ab[1])))
    })
    .signature(TWO),
    NativeDef::range("concat", 2, 2, |vm, _, ab| {
        concat(vm, &ab[0], &ab[1], false)
    })
    .signature(TWO),
    NativeDef::range("iconcat", 2, 2, |vm, _, ab| {
        concat(vm, &ab[0], &ab[1], true)
    })
    .signature(TWO),
    NativeDef::range("contains", 2, 2, |vm, _, ab| {
        Ok(Value::bool(vm.contains(&ab[0], &ab[1])?))
    })
    .signature(TWO),
    NativeDef::range("countOf", 2, 2, count_of).signature(TWO),
    NativeDef::range("indexOf", 2, 2, index_of).signature(TWO),
    NativeDef::range("getitem", 2, 2, |vm, _, ab| vm.get_item(&ab[0], &ab[1])).signature(TWO),
    NativeDef::range("setitem", 3, 3, |vm, _, abc| {
        vm.set_item(&abc[0], &abc[1], abc[2].clone())?;
        Ok(Value::NONE)
    })
    .signature("($module, a, b, c, /)"),
    NativeDef::range("delitem", 2, 2, |vm, _, ab| {
        vm.delete_item(&ab[0], &ab[1])?;
        Ok(Value::NONE)
    })
    .signature(TWO),
    NativeDef::range("length_hint", 1, 2, |vm, _, arguments| {
        let default = match arguments.get(1) {
            Some(default) => ssize(vm, default)?,
            None => 0,
        };
        let hint = length_hint(vm, &arguments[0], default)?;
        Ok(vm.int(hint))
    })
    .signature("($module, obj, default=0, /)"),
    NativeDef::any("call", call).signature("($module, obj, /, *args, **kwargs)"),
    NativeDef::range("_compare_digest", 2, 2, compare_digest).signature(TWO),
];

/// `a + b` of two sequences.
fn concat(vm: &mut Vm, a: &Value, b: &Value, in_place: bool) -> PyResult {
    let slots = &vm.type_of(a).slots;
    let concat = if in_place {
        slots.in_place_concat.get().or(slots.concat.get())
    } else {
        slots.concat.get()
    };
    if let Some(concat) = concat {
        return concat(vm, a, b);
    }
    if vm.is_sequence(a) && vm.is_sequence(b) {
        return match in_place {
            true => vm.in_place(a, b, BinaryOp::Add),
            false => vm.binary(a, b, BinaryOp::Add),
        };
    }
    let name = vm.type_name(a);
    Err(vm.type_error(format!("'{name}' object can't be concatenated")))
}

/// Calls `found` with the place of each item that equals `b`, until it says to stop.
fn search(vm: &mut Vm, a: &Value, b: &Value, mut found: impl FnMut(i64) -> bool) -> PyResult<()> {
    let iterator = match vm.iter(a) {
        Err(raised) if raised.is(vm, &vm.types.type_error) => {
            let name = vm.type_name(a);
            return Err(vm.type_error(format!("argument of type '{name}' is not iterable")));
        }
        iterator => iterator?,
    };
    let mut at = 0;
    while let Some(item) = vm.next(&iterator)? {
        if vm.eq(&item, b)? && !found(at) {
            break;
        }
        at += 1;
    }
    Ok(())
}

fn count_of(vm: &mut Vm, _module: &Value, ab: &[Value]) -> PyResult {
    let mut count = 0;
    search(vm, &ab[0], &ab[1], |_| {
        count += 1;
        true
    })?;
    Ok(vm.int(count))
}

fn index_of(vm: &mut Vm, _module: &Value, ab: &[Value]) -> PyResult {
    let mut index = None;
    search(vm, &ab[0], &ab[1], |at| {
        index = Some(at);
        false
    })?;
    match index {
        Some(index) => Ok(vm.int(index)),
        None => Err(vm.value_error("sequence.index(x): x not in sequence")),
    }
}

/// How many items an iterable may have: its length, or what `__length_hint__` says, or `default`.
fn length_hint(vm: &mut Vm, value: &Value, default: i64) -> PyResult<i64> {
    if let Some(len) = vm.type_of(value).slots.len.get() {
        match len(vm, value) {
            Ok(len) => return Ok(len as i64),
            Err(raised) if raised.is(vm, &vm.types.type_error) => {}
            Err(raised) => return Err(raised),
        }
    }
    let name = vm.intern("__length_hint__");
    let hint = match vm.call_special_opt(value, &name, &[]) {
        Ok(Some(hint)) if !hint.is_not_implemented() => hint,
        Ok(_) => return Ok(default),
        Err(raised) if raised.is(vm, &vm.types.type_error) => return Ok(default),
        Err(raised) => return Err(raised),
    };
    let of = vm.type_name(value);
    let is_new = vm.version_number() >= 15;
    if hint.as_int().is_none() {
        let found = vm.type_name(&hint);
        return Err(vm.type_error(match is_new {
            true => format!("{of}.__length_hint__() must return an int, not {found}"),
            false => format!("__length_hint__ must be an integer, not {found}"),
        }));
    }
    match ssize(vm, &hint)? {
        ..0 => Err(vm.value_error(match is_new {
            true => format!("{of}.__length_hint__() must return a non-negative int"),
            false => "__length_hint__() should return >= 0".to_owned(),
        })),
        hint => Ok(hint),
    }
}

fn call(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    match args.positional().first() {
        Some(callable) => vm.call_args(callable, args.rest()),
        None => Err(vm.type_error("call expected at least 1 argument, got 0")),
    }
}

/// Compares two digests; how long that takes says nothing about where they differ.
fn compare_digest(vm: &mut Vm, _module: &Value, ab: &[Value]) -> PyResult {
    if let (Some(a), Some(b)) = (ab[0].downcast::<Str>(), ab[1].downcast::<Str>()) {
        return match (a.as_ascii(), b.as_ascii()) {
            (Some(a), Some(b)) => Ok(Value::bool(same_bytes(a.as_bytes(), b.as_bytes()))),
            _ => Err(vm.type_error("comparing strings with non-ASCII characters is not supported")),
        };
    }
    if let (Some(a), Some(b)) = (bytes_of(vm, &ab[0]), bytes_of(vm, &ab[1])) {
        return Ok(Value::bool(same_bytes(a, b)));
    }
    let (a, b) = (vm.type_name(&ab[0]), vm.type_name(&ab[1]));
    Err(vm.type_error(format!(
        "unsupported operand types(s) or combination of types: '{a}' and '{b}'"
    )))
}

fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |seen, (a, b)| seen | (a ^ b));
    a.len() == b.len() && differences == 0
}
