//! What can be asked of any object: `len`, `repr`, `hash`, `isinstance`, `format` and the like.

use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("ascii", |vm, _, value| crate::ops::text::ascii(vm, value))
        .signature("($module, obj, /)"),
    NativeDef::one("callable", callable).signature("($module, obj, /)"),
    NativeDef::range("format", 1, 2, format).signature("($module, value, format_spec='', /)"),
    NativeDef::one("hash", hash).signature("($module, obj, /)"),
    NativeDef::one("id", id).signature("($module, obj, /)"),
    NativeDef::range("isinstance", 2, 2, is_instance)
        .signature("($module, obj, class_or_tuple, /)"),
    NativeDef::range("issubclass", 2, 2, is_subclass)
        .signature("($module, cls, class_or_tuple, /)"),
    NativeDef::one("len", len).signature("($module, obj, /)"),
    NativeDef::one("repr", |vm, _, value| vm.repr(value)).signature("($module, obj, /)"),
];

fn callable(vm: &mut Vm, _this: &Value, value: &Value) -> PyResult {
    Ok(Value::bool(vm.type_of(value).slots.call.get().is_some()))
}

fn format(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let spec = match args.get(1) {
        None => Value::from(&vm.names.empty),
        Some(spec) if spec.downcast::<Str>().is_some() => spec.clone(),
        Some(other) => {
            let found = clinic_type(vm, other);
            return Err(vm.type_error(format!("format() argument 2 must be str, not {found}")));
        }
    };
    crate::ops::text::format(vm, &args[0], &spec)
}

fn hash(vm: &mut Vm, _this: &Value, value: &Value) -> PyResult {
    let hash = vm.hash(value)?;
    Ok(vm.int(hash))
}

fn id(vm: &mut Vm, _this: &Value, value: &Value) -> PyResult {
    Ok(vm.int_from_big(value.id().into()))
}

fn is_instance(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    vm.is_instance(&args[0], &args[1]).map(Value::bool)
}

fn is_subclass(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    vm.is_subclass(&args[0], &args[1]).map(Value::bool)
}

fn len(vm: &mut Vm, _this: &Value, value: &Value) -> PyResult {
    let len = vm.len(value)?;
    Ok(vm.int(len as i64))
}
