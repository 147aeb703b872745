//! `object`: the methods that are no slots.

use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

static METHODS: &[NativeDef] = &[
    NativeDef::one("__format__", format).signature("($self, format_spec, /)"),
];

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.object.clone();
    vm.add_methods(&ty, METHODS);
}

/// The text of a format spec, for `__format__` methods.
pub(crate) fn spec_text<'a>(vm: &mut Vm, spec: &'a Value) -> PyResult<&'a Str> {
    match spec.downcast::<Str>() {
        Some(text) => Ok(text),
        None => {
            let found = vm.type_name(spec);
            Err(vm.type_error(format!("__format__() argument must be str, not {found}")))
        }
    }
}

fn format(vm: &mut Vm, this: &Value, spec: &Value) -> PyResult {
    if spec_text(vm, spec)?.is_empty() {
        return vm.str(this);
    }
    let name = vm.type_name(this);
    Err(vm.type_error(format!(
        "unsupported format string passed to {name}.__format__"
    )))
}
