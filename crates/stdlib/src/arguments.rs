//! How the classes of native modules take their arguments apart, where more than one module does it alike.

use pyco_exec::call::check_count;
use pyco_exec::object::complex::Complex;
use pyco_exec::object::header::Ref;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::slots::UnaryOp;
use pyco_exec::object::tuple_methods::uses_init_of;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, Vm};

/// From `min` to `max` positional arguments of the class `def` under the bare name `name`. Keyword arguments are a TypeError, unless a subclass's `__init__`
/// may want them.
pub(crate) fn positional<'a>(
    vm: &mut Vm,
    ty: &Ref<Type>,
    def: &'static ClassDef,
    name: &str,
    args: Args<'a>,
    (min, max): (usize, usize),
) -> PyResult<&'a [Value]> {
    let base = vm.class(def);
    if args.has_keywords() && uses_init_of(ty, &base) {
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    check_count(vm, name, args.positional().len(), min, max)?;
    Ok(args.positional())
}

/// `None` for a missing argument, too.
pub(crate) fn or_none(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or(Value::NONE)
}

/// An argument that C takes as a `Py_ssize_t`.
pub(crate) fn ssize(vm: &mut Vm, value: &Value) -> PyResult<i64> {
    vm.index_as_i64(value, "Python int too large to convert to C ssize_t")
}

/// What C's `PyNumber_Check` says.
pub(crate) fn is_number(vm: &Vm, value: &Value) -> bool {
    let slots = &vm.type_of(value).slots;
    [UnaryOp::Index, UnaryOp::Int, UnaryOp::Float]
        .into_iter()
        .any(|op| slots.unary(op).is_some())
        || value.downcast::<Complex>().is_some()
}
