//! `int(…)`.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::numeric::parse;
use crate::object::buffer;
use crate::object::bytearray::ByteArray;
use crate::object::bytes::Bytes;
use crate::object::header::Ref;
use crate::object::int::Int;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

static PARAMS: Params = Params::new(&["", "base"], 0).positional_only(1);

/// `int.__new__`.
pub(crate) fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let value = match args.all_values() {
        [value]
            if !args.has_keywords()
                && let Some(n) = quick(value) =>
        {
            n
        }
        [] => vm.int(0),
        [value] if !args.has_keywords() => from_value(vm, value)?,
        _ => {
            if !args.has_keywords() {
                args.between(vm, "int", 0, 2)?;
            }
            let bound = args.bind(vm, "int", &PARAMS)?;
            match (bound.get(0), bound.get(1)) {
                (Some(value), Some(base)) => with_base(vm, value, base)?,
                (Some(value), None) => from_value(vm, value)?,
                (None, Some(_)) => return Err(vm.type_error("int() missing string argument")),
                (None, None) => vm.int(0),
            }
        }
    };
    if ty.is(&vm.types.int) {
        return Ok(value);
    }
    match value.as_int() {
        Some(int) => Ok(Value::from(Int::of_type(ty, int.to_big().into_owned()))),
        None => Ok(value),
    }
}

/// `int(value)` of a small int, of a float that fits one, and of a str that is nothing but a few digits.
fn quick(value: &Value) -> Option<Value> {
    const MOST: f64 = (1i64 << 46) as f64;
    if value.as_small_int().is_some() {
        return Some(value.clone());
    }
    if let Some(x) = value.as_float() {
        return Value::small_int(x as i64).filter(|_| x.abs() < MOST);
    }
    let text = value.downcast::<Str>().filter(|text| text.is_exact())?;
    // What else counts as a space is left to the general way.
    let text = text.as_ascii()?.as_bytes().trim_ascii();
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if !(1..=14).contains(&digits.len()) {
        return None;
    }
    let mut n = 0i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        n = n * 10 + i64::from(digit - b'0');
    }
    Value::small_int(if is_negative { -n } else { n })
}

fn from_value(vm: &mut Vm, value: &Value) -> PyResult {
    if let Some(int) = vm.int_by_slots(value)? {
        return Ok(int);
    }
    match vm.number_text(value) {
        Some(text) => from_text(vm, &text, 10, value),
        None => {
            let name = vm.type_name(value);
            Err(vm.type_error(format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{name}'"
            )))
        }
    }
}

/// `int(text, base)` of a str that is nothing but a few digits.
fn quick_with_base(value: &Value, base: &Value) -> Option<Value> {
    let base = u32::try_from(base.as_small_int()?).ok()?;
    let text = value.downcast::<Str>()?.as_ascii()?;
    if !(2..=36).contains(&base) || text.len() > 8 {
        return None;
    }
    Value::small_int(i64::from_str_radix(text, base).ok()?)
}

fn with_base(vm: &mut Vm, value: &Value, base: &Value) -> PyResult {
    if let Some(n) = quick_with_base(value, base) {
        return Ok(n);
    }
    let base = vm.index_clamped(base)?;
    if base != 0 && !(2..=36).contains(&base) {
        return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    let is_text = value.downcast::<Str>().is_some()
        || value.downcast::<Bytes>().is_some()
        || value.downcast::<ByteArray>().is_some();
    match vm.number_text(value).filter(|_| is_text) {
        Some(text) => from_text(vm, &text, base, value),
        None => Err(vm.type_error("int() can't convert non-string with explicit base")),
    }
}

fn from_text(vm: &mut Vm, text: &[u8], base: i64, value: &Value) -> PyResult {
    match parse::int(text, base, vm.int_max_str_digits) {
        Ok(int) => Ok(vm.int_from_big(int)),
        Err(error) => {
            // What is bytes-like shows as the bytes that were read.
            let shown = match buffer::bytes_of(vm, value) {
                Some(bytes) => vm.new_bytes(bytes.to_vec()),
                None => value.clone(),
            };
            let repr = vm.repr_text(&shown)?;
            Err(vm.numeric_error(error.into_error(|| repr)))
        }
    }
}
