//! float: its methods and attributes.

use crate::error::PyResult;
use crate::numeric::{float, format_spec};
use crate::object::codec;
use crate::object::float_methods::{to_exact, truncate, value_of};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::numbers::spec_text;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::type_::Type;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("conjugate", to_exact).signature("($self, /)"),
    NativeDef::no_args("__trunc__", truncate).signature("($self, /)"),
    NativeDef::no_args("__floor__", floor).signature("($self, /)"),
    NativeDef::no_args("__ceil__", ceil).signature("($self, /)"),
    NativeDef::range("__round__", 0, 1, round).signature("($self, ndigits=None, /)"),
    NativeDef::no_args("as_integer_ratio", as_integer_ratio).signature("($self, /)"),
    NativeDef::one("fromhex", from_hex)
        .class()
        .signature("($type, string, /)"),
    NativeDef::no_args("hex", hex).signature("($self, /)"),
    NativeDef::no_args("is_integer", is_integer).signature("($self, /)"),
    NativeDef::no_args("__getnewargs__", get_new_args).signature("($self, /)"),
    NativeDef::one("__getformat__", get_format)
        .class()
        .signature("($type, typestr, /)"),
    NativeDef::one("__format__", format).signature("($self, format_spec, /)"),
];

static METHODS_3_14: &[NativeDef] = &[NativeDef::one("from_number", from_number)
    .class()
    .signature("($type, number, /)")];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("real", to_exact),
    GetSetDef::get("imag", |_, _| Ok(Value::float(0.0))),
];

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.float.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
    if vm.version_number() >= 14 {
        vm.add_methods(&ty, METHODS_3_14);
    }
}

fn floor(vm: &mut Vm, this: &Value) -> PyResult {
    let n = float::floor(value_of(this)).map_err(|e| vm.numeric_error(e))?;
    Ok(vm.int_from_big(n))
}

fn ceil(vm: &mut Vm, this: &Value) -> PyResult {
    let n = float::ceil(value_of(this)).map_err(|e| vm.numeric_error(e))?;
    Ok(vm.int_from_big(n))
}

fn round(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let x = value_of(this);
    match args.first().filter(|places| !places.is_none()) {
        None => {
            let n = float::round_to_int(x).map_err(|e| vm.numeric_error(e))?;
            Ok(vm.int_from_big(n))
        }
        Some(places) => {
            let places = vm.index_clamped(places)?;
            let rounded = float::round(x, places).map_err(|e| vm.numeric_error(e))?;
            Ok(Value::float(rounded))
        }
    }
}

fn as_integer_ratio(vm: &mut Vm, this: &Value) -> PyResult {
    let ratio = float::as_integer_ratio(value_of(this));
    let (numerator, denominator) = ratio.map_err(|e| vm.numeric_error(e))?;
    Ok(vm.new_tuple(vec![
        vm.int_from_big(numerator),
        vm.int_from_big(denominator),
    ]))
}

/// A float as an instance of the class that a class method was called on.
fn in_class(vm: &mut Vm, class: &Value, x: f64) -> PyResult {
    match class.downcast::<Type>() {
        Some(ty) if !ty.is(&vm.types.float) => vm.call(class, &[Value::float(x)]),
        _ => Ok(Value::float(x)),
    }
}

fn from_hex(vm: &mut Vm, this: &Value, text: &Value) -> PyResult {
    if text.downcast::<Str>().is_none() {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    let utf8 = codec::encode(vm, text, None, None)?;
    let x = float::from_hex(&utf8).map_err(|e| vm.numeric_error(e))?;
    in_class(vm, this, x)
}

fn from_number(vm: &mut Vm, this: &Value, number: &Value) -> PyResult {
    let x = vm.to_f64(number)?;
    in_class(vm, this, x)
}

fn hex(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(vm.new_str(&float::hex(value_of(this))))
}

fn is_integer(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::bool(float::is_integer(value_of(this))))
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(vm.new_tuple(vec![Value::float(value_of(this))]))
}

fn get_format(vm: &mut Vm, _this: &Value, name: &Value) -> PyResult {
    match name.downcast::<Str>() {
        Some(name) if name.eq_str("double") || name.eq_str("float") => {
            let order = if cfg!(target_endian = "little") {
                "little"
            } else {
                "big"
            };
            Ok(vm.new_str(&format!("IEEE, {order}-endian")))
        }
        Some(_) => Err(vm.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
        None => {
            let found = clinic_type(vm, name);
            Err(vm.type_error(format!("__getformat__() argument must be str, not {found}")))
        }
    }
}

fn format(vm: &mut Vm, this: &Value, spec: &Value) -> PyResult {
    let spec = spec_text(vm, spec)?;
    if spec.is_empty() {
        return vm.str(this);
    }
    let type_name = vm.type_name(this);
    let context = vm.format_context(&type_name);
    let formatted = match spec.view() {
        StrView::Ascii(spec) => format_spec::format_float(value_of(this), spec, &context),
        spec => format_spec::format_float(value_of(this), &spec.to_ucs4(), &context),
    };
    vm.formatted(formatted)
}
