//! int: its methods and attributes.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::numeric::bigint::{self, BigInt, ByteOrder, small};
use crate::numeric::format_spec;
use crate::object::buffer;
use crate::object::bytes::Bytes;
use crate::object::bytes_methods;
use crate::object::int::IntRef;
use crate::object::int_methods::to_exact;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::numbers::spec_text;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::type_::Type;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("conjugate", to_exact).signature("($self, /)"),
    NativeDef::no_args("bit_length", bit_length).signature("($self, /)"),
    NativeDef::no_args("bit_count", bit_count).signature("($self, /)"),
    NativeDef::bound("to_bytes", &TO_BYTES, to_bytes)
        .signature("($self, /, length=1, byteorder='big', *, signed=False)"),
    NativeDef::bound("from_bytes", &FROM_BYTES, from_bytes)
        .class()
        .signature("($type, /, bytes, byteorder='big', *, signed=False)"),
    NativeDef::no_args("as_integer_ratio", as_integer_ratio).signature("($self, /)"),
    NativeDef::no_args("__trunc__", to_exact),
    NativeDef::no_args("__floor__", to_exact),
    NativeDef::no_args("__ceil__", to_exact),
    NativeDef::range("__round__", 0, 1, round),
    NativeDef::no_args("__getnewargs__", get_new_args).signature("($self, /)"),
    NativeDef::one("__format__", format).signature("($self, format_spec, /)"),
    NativeDef::no_args("__sizeof__", size_of).signature("($self, /)"),
    NativeDef::no_args("is_integer", |_, _| Ok(Value::TRUE)).signature("($self, /)"),
];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("real", to_exact),
    GetSetDef::get("imag", |vm, _| Ok(vm.int(0))),
    GetSetDef::get("numerator", to_exact),
    GetSetDef::get("denominator", |vm, _| Ok(vm.int(1))),
];

static TO_BYTES: Params = Params::new(&["length", "byteorder", "signed"], 0).keyword_only(1);
static FROM_BYTES: Params = Params::new(&["bytes", "byteorder", "signed"], 1).keyword_only(1);

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.int.clone();
    // `is_integer` came with 3.12.
    let count = METHODS.len() - usize::from(vm.version_number() < 12);
    vm.add_methods(&ty, &METHODS[..count]);
    vm.add_attributes(&ty, ATTRIBUTES);
}

fn int_of(this: &Value) -> IntRef<'_> {
    this.as_int().unwrap_or(IntRef::Small(0))
}

fn bit_length(vm: &mut Vm, this: &Value) -> PyResult {
    let bits = match int_of(this) {
        IntRef::Small(n) => u64::from(small::bit_length(n)),
        IntRef::Big(n) => bigint::bit_length(n),
    };
    Ok(vm.int_from_big(bits.into()))
}

fn bit_count(vm: &mut Vm, this: &Value) -> PyResult {
    let bits = match int_of(this) {
        IntRef::Small(n) => u64::from(small::bit_count(n)),
        IntRef::Big(n) => bigint::bit_count(n),
    };
    Ok(vm.int_from_big(bits.into()))
}

fn byte_order(vm: &mut Vm, method: &str, value: Option<&Value>) -> PyResult<ByteOrder> {
    let Some(value) = value else {
        return Ok(ByteOrder::Big);
    };
    match value.downcast::<Str>() {
        Some(name) if name.eq_str("little") => Ok(ByteOrder::Little),
        Some(name) if name.eq_str("big") => Ok(ByteOrder::Big),
        Some(_) => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
        None => {
            let found = clinic_type(vm, value);
            Err(vm.type_error(format!(
                "{method}() argument 'byteorder' must be str, not {found}"
            )))
        }
    }
}

fn flag(vm: &mut Vm, value: Option<&Value>) -> PyResult<bool> {
    value.map_or(Ok(false), |value| vm.truth(value))
}

fn to_bytes(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let length = match args.get(0) {
        Some(length) => vm.index_for_size(length)?,
        None => 1,
    };
    let order = byte_order(vm, "to_bytes", args.get(1))?;
    let signed = flag(vm, args.get(2))?;
    if length > 0 {
        vm.check_int_bits((length as u64).saturating_mul(8))?;
    }
    let result = bigint::to_bytes(&int_of(this).to_big(), length, order, signed, vm.release());
    let bytes = result.map_err(|e| vm.numeric_error(e))?;
    Ok(vm.new_bytes(bytes))
}

fn from_bytes(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let order = byte_order(vm, "from_bytes", args.get(1))?;
    let signed = flag(vm, args.get(2))?;
    let bytes = match args.get(0) {
        Some(value) => bytes_of(vm, value)?,
        None => Vec::new(),
    };
    let int = vm.int_from_big(bigint::from_bytes(&bytes, order, signed));
    match this.downcast::<Type>() {
        Some(class) if !class.is(&vm.types.int) => vm.call(this, &[int]),
        _ => Ok(int),
    }
}

/// What `bytes(value)` holds, for a value that is no int.
fn bytes_of(vm: &mut Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(bytes) = value.downcast::<Bytes>().filter(|b| b.is_exact()) {
        return Ok(bytes.data().to_vec());
    }
    let name = vm.names.__bytes__.clone();
    if let Some(result) = vm.call_special_opt(value, &name, &[])? {
        return match result.downcast::<Bytes>() {
            Some(bytes) => Ok(bytes.data().to_vec()),
            None => Err(bytes_methods::not_bytes(vm, value, &result)),
        };
    }
    if let Some(bytes) = buffer::bytes_of(vm, value) {
        return Ok(bytes.to_vec());
    }
    let slots = &vm.type_of(value).slots;
    let iterable = slots.unary(UnaryOp::Iter).is_some() || slots.get_item.get().is_some();
    if !iterable || value.downcast::<Str>().is_some() {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("cannot convert '{found}' object to bytes")));
    }
    let mut bytes = Vec::new();
    vm.for_each(value, |vm, item| {
        let byte = vm.index_clamped(&item)?;
        match u8::try_from(byte) {
            Ok(byte) => bytes.push(byte),
            Err(_) => return Err(vm.value_error("bytes must be in range(0, 256)")),
        }
        vm.check_growth(bytes.len())
    })?;
    Ok(bytes)
}

fn as_integer_ratio(vm: &mut Vm, this: &Value) -> PyResult {
    let int = to_exact(vm, this)?;
    Ok(vm.new_tuple(vec![int, vm.int(1)]))
}

fn round(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let places = match args.first() {
        Some(places) if !places.is_none() || vm.version_number() < 14 => vm.index(places)?,
        _ => return to_exact(vm, this),
    };
    let places = int_of(&places);
    if places.to_i64().is_some_and(|n| n >= 0) {
        return to_exact(vm, this);
    }
    let rounded = bigint::round(&int_of(this).to_big(), &places.to_big());
    Ok(vm.int_from_big(rounded))
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    let int = to_exact(vm, this)?;
    Ok(vm.new_tuple(vec![int]))
}

fn format(vm: &mut Vm, this: &Value, spec: &Value) -> PyResult {
    let spec = spec_text(vm, spec)?;
    if spec.is_empty() {
        return vm.str(this);
    }
    let type_name = vm.type_name(this);
    let context = vm.format_context(&type_name);
    let value = int_of(this);
    let value = value.to_big();
    let formatted = match spec.view() {
        StrView::Ascii(spec) => format_spec::format_int(&value, spec, &context),
        spec => format_spec::format_int(&value, &spec.to_ucs4(), &context),
    };
    vm.formatted(formatted)
}

/// CPython's sizes: a header of 24 bytes and 4 for each 30 bits.
fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    let bits = match int_of(this) {
        IntRef::Small(n) => bigint::bit_length(&BigInt::from(n)),
        IntRef::Big(n) => bigint::bit_length(n),
    };
    let digits = bits.div_ceil(30).max(1);
    Ok(vm.int_from_big((24 + 4 * digits).into()))
}
