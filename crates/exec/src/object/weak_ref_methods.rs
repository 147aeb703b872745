//! `weakref.ref`: slots and attributes.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::exception_types::exception_class;
use crate::object::header::Ref;
use crate::object::native::GetSetDef;
use crate::object::sequence::receiver;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::type_::{Type, flags};
use crate::object::weak_ref::WeakRef;
use crate::value::Value;
use crate::vm::Vm;

/// The callback that an argument names.
pub(crate) fn callback_of(argument: Option<&Value>) -> Option<Value> {
    argument.filter(|callback| !callback.is_none()).cloned()
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    // Keywords are a subclass's `__init__`'s business.
    let given = args.positional();
    crate::call::check_count(vm, "__new__", given.len(), 1, 2)?;
    let made = vm.weak_reference(ty, &given[0], callback_of(given.get(1)))?;
    Ok(Value::from(made))
}

fn init(vm: &mut Vm, _this: &Value, args: Args<'_>) -> PyResult<()> {
    if args.has_keywords() {
        return Err(vm.type_error("ref() takes no keyword arguments"));
    }
    crate::call::check_count(vm, "__init__", args.positional().len(), 1, 2)
}

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    if args.has_keywords() || !args.positional().is_empty() {
        args.exactly::<0>(vm, "weakref")?;
    }
    let target = receiver::<WeakRef>(vm, this)?.target();
    Ok(target.unwrap_or(Value::NONE))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let reference = receiver::<WeakRef>(vm, this)?.clone();
    if let Some(hash) = reference.hash.get() {
        return Ok(hash);
    }
    let Some(target) = reference.target() else {
        return Err(vm.type_error("weak object has gone away"));
    };
    let hash = vm.hash(&target)?;
    reference.hash.set(Some(hash));
    Ok(hash)
}

/// Whether a value is a `ref` rather than a proxy, which has the same payload.
pub(crate) fn as_reference<'a>(vm: &Vm, value: &'a Value) -> Option<&'a Ref<WeakRef>> {
    value
        .downcast::<WeakRef>()
        .filter(|reference| reference.ty().is_subtype(vm, &vm.types.weak_ref))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let both = (as_reference(vm, a), as_reference(vm, b));
    let (Some(first), Some(second)) = both else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    match (first.target(), second.target()) {
        (Some(first), Some(second)) => vm.compare(&first, &second, op),
        _ => Ok(Value::bool(a.is(b) == (op == CompareOp::Eq))),
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let reference = receiver::<WeakRef>(vm, this)?.clone();
    let Some(target) = reference.target() else {
        return Ok(vm.new_str(&format!("<weakref at {:#x}; dead>", this.id())));
    };
    let key = vm.names.__name__.clone();
    // Whatever goes wrong with the name is no concern of who wants to see the reference.
    let name = vm.get_attr(&target, &key).ok();
    let name = name.as_ref().and_then(|name| name.downcast::<Str>());
    let class = match vm.version_number() {
        ..13 => vm.type_name(&target).to_string(),
        _ => vm.full_type_name(&target),
    };
    let mut text = crate::text::StrBuilder::new();
    let (at, id) = (this.id(), target.id());
    text.push_str(&format!("<weakref at {at:#x}; to '{class}' at {id:#x}"));
    if let Some(name) = name {
        text.push_str(" (");
        text.push_view(name.view());
        text.push_str(")");
    }
    text.push_str(">");
    Ok(vm.str_from_buf(text.finish()))
}

static ATTRIBUTES: &[GetSetDef] = &[GetSetDef::get("__callback__", |vm, this| {
    let reference = receiver::<WeakRef>(vm, this)?;
    Ok(reference.callback.get().unwrap_or(Value::NONE))
})
.member()];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.weak_ref.slots;
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.call.set(Some(call));
    slots.hash.set(Some(hash));
    slots.compare.set(Some(compare));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
}

/// The built-in classes whose instances can be weakly referenced.
const WEAKLY_REFERENCED: &[&str] = &[
    "ExceptionGroup",
    "async_generator",
    "builtin_function_or_method",
    "code",
    "coroutine",
    "frozenset",
    "function",
    "generator",
    "memoryview",
    "method",
    "module",
    "set",
    "type",
    "types.GenericAlias",
    "typing.Generic",
    "typing.ParamSpec",
    "typing.TypeVar",
    "typing.TypeVarTuple",
    "typing._GenericAlias",
    "typing._UnionGenericAlias",
    "typing._UnpackGenericAlias",
];

/// Adds the attributes, and says which built-in classes allow weak references.
pub(crate) fn ready(vm: &mut Vm) {
    let exceptions = vm.exception_classes.clone();
    for ty in vm.types.all().into_iter().chain(exceptions) {
        if WEAKLY_REFERENCED.contains(&&*ty.name()) {
            ty.set_flag(flags::WEAKLY_REFERENCED, true);
        }
    }
    let has_weak_unions = vm.version_number() >= 14;
    vm.types
        .union
        .set_flag(flags::WEAKLY_REFERENCED, has_weak_unions);
    let ty = vm.types.weak_ref.clone();
    vm.add_attributes(&ty, ATTRIBUTES);
}

/// The complaint of a proxy whose object is gone.
#[cold]
pub(crate) fn gone(vm: &mut Vm) -> Raised {
    let class = exception_class(vm, "ReferenceError");
    let class = class.unwrap_or_else(|| vm.types.exception.clone());
    vm.error(&class, "weakly-referenced object no longer exists")
}
