//! super: how it looks attributes up, and its slots.

use crate::call::{Args, check_count};
use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::object::function::Cell;
use crate::object::header::Ref;
use crate::object::native::GetSetDef;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::super_::Super;
use crate::object::type_::{Type, flags};
use crate::value::Value;
use crate::vm::Vm;

/// The class in whose MRO `super(class, this)` looks: that of `this`, or `this` itself if it is a class.
pub(crate) fn check(vm: &mut Vm, class: &Value, this: &Value) -> PyResult<Ref<Type>> {
    let Some(class) = class.downcast::<Type>() else {
        let found = vm.type_name(class);
        return Err(vm.type_error(format!("super() argument 1 must be a type, not {found}")));
    };
    if let Some(this) = this.downcast::<Type>()
        && this.is_subtype(vm, class)
    {
        return Ok(this.clone());
    }
    let ty = vm.type_of(this).clone();
    if ty.is_subtype(vm, class) {
        return Ok(ty);
    }
    // A proxy may say that it is of another class.
    let name = vm.names.__class__.clone();
    if let Some(claimed) = vm
        .get_attr_opt(this, &name)?
        .and_then(|c| c.into_ref::<Type>().ok())
        && claimed.is_subtype(vm, class)
    {
        return Ok(claimed);
    }
    Err(wrong_instance(vm, class, this))
}

/// The complaint about an object that is no instance or subtype of the class in `super(class, this)`.
#[cold]
pub(super) fn wrong_instance(vm: &mut Vm, class: &Ref<Type>, this: &Value) -> Raised {
    if vm.version_number() < 13 {
        let message = "super(type, obj): obj must be an instance or subtype of type";
        return vm.type_error(message);
    }
    let (kind, instance) = match this.downcast::<Type>() {
        Some(this) => ("type", this.name()),
        None => ("instance of", vm.type_name(this)),
    };
    let class = class.name();
    vm.type_error(format!(
        "super(type, obj): obj ({kind} {instance}) is not an instance or subtype of type ({class})."
    ))
}

/// What the classes behind `class` in the MRO of `start` have under `name`.
fn find(vm: &mut Vm, class: &Value, start: &Ref<Type>, name: &Ref<Str>) -> Option<Value> {
    let class = class.downcast::<Type>()?;
    let behind = start.mro(vm).iter().position(|ty| ty.is(class))? + 1;
    for index in behind..start.mro(vm).len() {
        let class = start.mro(vm)[index].clone();
        let dict = class.dict(vm);
        if let Some(value) = dict.get_str(vm, name) {
            return Some(value);
        }
    }
    None
}

/// A method that wants `this` as its first argument, if that is what `name` is.
pub(crate) fn find_method(
    vm: &mut Vm,
    class: &Value,
    this: &Value,
    start: &Ref<Type>,
    name: &Ref<Str>,
) -> Option<Value> {
    if **name == *vm.names.__class__ || start.as_value().is(this) {
        return None;
    }
    let found = find(vm, class, start, name)?;
    vm.type_of(&found)
        .has(flags::METHOD_DESCRIPTOR)
        .then_some(found)
}

/// `super(class, this).name`.
pub(crate) fn get(
    vm: &mut Vm,
    class: &Value,
    this: &Value,
    start: &Ref<Type>,
    name: &Ref<Str>,
) -> PyResult {
    if **name != *vm.names.__class__
        && let Some(found) = find(vm, class, start, name)
    {
        return match vm.type_of(&found).slots.descr_get.get() {
            Some(descr_get) => {
                let instance = Some(this).filter(|this| !this.is(start.as_value()));
                descr_get(vm, &found, instance, Some(start.as_value()))
            }
            None => Ok(found),
        };
    }
    let object = new_super(
        vm,
        Some(class.clone()),
        Some(this.clone()),
        Some(Value::from(start)),
    );
    vm.generic_get_attr(&object, name)
}

fn new_super(
    vm: &mut Vm,
    class: Option<Value>,
    this: Option<Value>,
    start: Option<Value>,
) -> Value {
    let payload = Super {
        this_class: ValueCell::new(class),
        this: ValueCell::new(this),
        this_type: ValueCell::new(start),
    };
    Value::from(Ref::new(&vm.types.super_, payload))
}

fn get_attr(vm: &mut Vm, object: &Value, name: &Ref<Str>) -> PyResult {
    if let Some(found) = object.downcast::<Super>()
        && let (Some(class), Some(this), Some(start)) = (
            found.this_class.get(),
            found.this.get(),
            found
                .this_type
                .get()
                .and_then(|s| s.into_ref::<Type>().ok()),
        )
        && **name != *vm.names.__class__
        && let Some(value) = find(vm, &class, &start, name)
    {
        return match vm.type_of(&value).slots.descr_get.get() {
            Some(descr_get) => {
                let instance = Some(&this).filter(|this| !this.is(start.as_value()));
                descr_get(vm, &value, instance, Some(start.as_value()))
            }
            None => Ok(value),
        };
    }
    vm.generic_get_attr(object, name)
}

fn new(vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let payload = Super {
        this_class: ValueCell::new(None),
        this: ValueCell::new(None),
        this_type: ValueCell::new(None),
    };
    let _ = vm;
    Ok(Value::from(Ref::new(ty, payload)))
}

fn init(vm: &mut Vm, object: &Value, args: Args<'_>) -> PyResult<()> {
    if args.has_keywords() {
        return Err(vm.type_error("super() takes no keyword arguments"));
    }
    let given = args.positional();
    check_count(vm, "super()", given.len(), 0, 2)?;
    let (class, this) = match given {
        [] => {
            let (class, this) = from_frame(vm)?;
            (class, Some(this))
        }
        [class] => (class.clone(), None),
        [class, this, ..] => (class.clone(), Some(this.clone()).filter(|t| !t.is_none())),
    };
    if class.downcast::<Type>().is_none() {
        let found = vm.type_name(&class);
        return Err(vm.type_error(format!("super() argument 1 must be a type, not {found}")));
    }
    let start = match &this {
        Some(this) => Some(Value::from(check(vm, &class, this)?)),
        None => None,
    };
    if let Some(found) = object.downcast::<Super>() {
        found.this_class.set(Some(class));
        found.this.set(this);
        found.this_type.set(start);
    }
    Ok(())
}

/// `super()` without arguments: the class from the `__class__` cell and the first argument of the running function.
fn from_frame(vm: &mut Vm) -> PyResult<(Value, Value)> {
    // SAFETY: the VM's current frame is live and waits for this call.
    let Some(frame) = (unsafe { vm.frame.as_ref() }) else {
        return Err(vm.runtime_error("super(): no current frame"));
    };
    let code = frame.code().clone();
    // SAFETY: as above.
    let locals = unsafe { frame.locals_slice() };
    if code.code().argcount() == 0 {
        return Err(vm.runtime_error("super(): no arguments"));
    }
    let first = match locals.first().cloned().flatten() {
        // The first argument may be a cell, if a closure uses it.
        Some(value) => match value.downcast::<Cell>() {
            Some(cell)
                if code
                    .code()
                    .local_kind(0)
                    .contains(pyco_code::LocalKind::CELL) =>
            {
                cell.value.get()
            }
            _ => Some(value),
        },
        None => None,
    };
    let Some(first) = first else {
        return Err(vm.runtime_error("super(): arg[0] deleted"));
    };
    for (index, name) in code.local_names().iter().enumerate() {
        if code
            .code()
            .local_kind(index)
            .contains(pyco_code::LocalKind::FREE)
            && name.eq_str("__class__")
        {
            let cell = locals[index].as_ref().and_then(|c| c.downcast::<Cell>());
            return match cell.map(|c| c.value.get()) {
                Some(Some(class)) => Ok((class, first)),
                Some(None) => Err(vm.runtime_error("super(): empty __class__ cell")),
                None => Err(vm.runtime_error("super(): bad __class__ cell")),
            };
        }
    }
    Err(vm.runtime_error("super(): __class__ cell not found"))
}

fn repr(vm: &mut Vm, object: &Value) -> PyResult {
    let Some(found) = object.downcast::<Super>() else {
        return Ok(Value::NONE);
    };
    let name_of = |value: Option<Value>| {
        value
            .and_then(|v| v.into_ref::<Type>().ok())
            .map_or_else(|| "NULL".into(), |ty| ty.name())
    };
    let class = name_of(found.this_class.get());
    let text = match found.this_type.get() {
        Some(start) => format!(
            "<super: <class '{class}'>, <{} object>>",
            name_of(Some(start))
        ),
        None => format!("<super: <class '{class}'>, NULL>"),
    };
    Ok(vm.new_str(&text))
}

fn descr_get(
    vm: &mut Vm,
    object: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let (Some(found), Some(instance)) = (object.downcast::<Super>(), instance) else {
        return Ok(object.clone());
    };
    let Some(class) = found.this_class.get() else {
        return Ok(object.clone());
    };
    if !found.this.is_empty() {
        return Ok(object.clone());
    }
    if !found.ty().is(&vm.types.super_) {
        let own_class = Value::from(found.ty());
        return vm.call(&own_class, &[class, instance.clone()]);
    }
    let start = check(vm, &class, instance)?;
    Ok(new_super(
        vm,
        Some(class),
        Some(instance.clone()),
        Some(Value::from(start)),
    ))
}

/// Fills the slots of super.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.super_.slots;
    slots.get_attr.set(Some(get_attr));
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.descr_get.set(Some(descr_get));
}

/// Adds the attributes of super.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.super_.clone();
    vm.add_attributes(&ty, ATTRIBUTES);
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__thisclass__", |_, this| Ok(part(this, |s| &s.this_class))).member(),
    GetSetDef::get("__self__", |_, this| Ok(part(this, |s| &s.this))).member(),
    GetSetDef::get("__self_class__", |_, this| Ok(part(this, |s| &s.this_type))).member(),
];

fn part(this: &Value, cell: impl Fn(&Super) -> &ValueCell) -> Value {
    this.downcast::<Super>()
        .and_then(|s| cell(s).get())
        .unwrap_or(Value::NONE)
}
