//! `frame.f_locals` of a function since 3.13: a view of the variables that can be written through.
//!
//! Names that are no variables of the function go into a dict that the frame object keeps.

use crate::call::{Args, Params};
use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::frame::FrameObject;
use crate::object::header::{Payload, Ref};
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The payload.
pub struct FrameLocals {
    frame: Ref<FrameObject>,
}

impl Payload for FrameLocals {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.frame.as_value());
    }
}

impl Vm {
    /// The view of a frame's variables.
    pub(crate) fn frame_locals(&self, frame: &Ref<FrameObject>) -> Value {
        let frame = frame.clone();
        Value::from(Ref::new(&self.types.frame_locals, FrameLocals { frame }))
    }
}

fn frame_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<FrameObject>> {
    Ok(receiver::<FrameLocals>(vm, this)?.frame.clone())
}

/// The names that are no variables, if there are any.
fn extra(frame: &Ref<FrameObject>) -> Option<Ref<Dict>> {
    frame.extra_locals.get()?.into_ref().ok()
}

/// All that has a value now, as a new dict.
pub(crate) fn snapshot(vm: &mut Vm, frame: &Ref<FrameObject>) -> Ref<Dict> {
    let locals = Dict::new(vm);
    let values = frame.local_values(vm);
    let code = frame.code.clone();
    for (name, value) in code.local_names().iter().zip(values) {
        if let Some(value) = value {
            locals.set_str(vm, name, value);
        }
    }
    if let Some(extra) = extra(frame) {
        for (hash, key, value) in extra.hashed_items(vm) {
            // The hash is known, and so nothing can fail but a comparison of keys that are no str.
            let _ = locals.set_hashed(vm, key, hash, value);
        }
    }
    locals
}

fn dict_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Dict>> {
    let frame = frame_of(vm, this)?;
    Ok(snapshot(vm, &frame))
}

/// The place of a variable with this name.
fn index_of(frame: &Ref<FrameObject>, key: &Value) -> Option<usize> {
    let key = key.downcast::<Str>()?;
    let names = frame.code.local_names();
    names.iter().position(|name| **name == **key)
}

/// As [`index_of`], where a key that is no str may also equal a name.
fn place_of(vm: &mut Vm, frame: &Ref<FrameObject>, key: &Value) -> PyResult<Option<usize>> {
    if key.downcast::<Str>().is_some() {
        return Ok(index_of(frame, key));
    }
    let hash = vm.hash(key)?;
    let code = frame.code.clone();
    for (index, name) in code.local_names().iter().enumerate() {
        let name = Value::from(name);
        if vm.hash(&name)? == hash && vm.eq(&name, key)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn find(vm: &mut Vm, this: &Value, key: &Value) -> PyResult<Option<Value>> {
    let frame = frame_of(vm, this)?;
    match place_of(vm, &frame, key)? {
        Some(index) => Ok(frame.local_values(vm).into_iter().nth(index).flatten()),
        None => match extra(&frame) {
            Some(extra) => extra.get(vm, key),
            None => vm.hash(key).map(|_| None),
        },
    }
}

fn missing(vm: &mut Vm, key: &Value) -> Raised {
    match vm.repr_text(key) {
        Ok(name) => {
            let message = vm.new_str(&format!("local variable {name} is not defined"));
            vm.key_error(message)
        }
        Err(raised) => raised,
    }
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    match find(vm, this, key)? {
        Some(value) => Ok(value),
        None => Err(missing(vm, key)),
    }
}

fn set_item(vm: &mut Vm, this: &Value, key: &Value, value: Option<Value>) -> PyResult<()> {
    let frame = frame_of(vm, this)?;
    match (place_of(vm, &frame, key)?, value) {
        (Some(index), Some(value)) => {
            frame.set_local(vm, index, value);
            Ok(())
        }
        (None, Some(value)) => {
            let extra = match extra(&frame) {
                Some(extra) => extra,
                None => {
                    let made = Dict::new(vm);
                    frame.extra_locals.set(Some(Value::from(&made)));
                    made
                }
            };
            extra.set(vm, key.clone(), value)
        }
        (Some(_), None) => {
            Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"))
        }
        (None, None) => {
            let removed = match extra(&frame) {
                Some(extra) => extra.remove(vm, key)?,
                None => None,
            };
            match removed {
                Some(_) => Ok(()),
                None => Err(vm.key_error(key.clone())),
            }
        }
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let frame = frame_of(vm, this)?;
    let Some(guard) = vm.enter_repr(frame.as_value()) else {
        return Ok(vm.new_str("{...}"));
    };
    let dict = snapshot(vm, &frame);
    let text = vm.repr(dict.as_value());
    vm.leave_repr(guard);
    text
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let dict = dict_of(vm, a)?;
    let other = match b.downcast::<FrameLocals>() {
        Some(_) => Value::from(dict_of(vm, b)?),
        None if b.downcast::<Dict>().is_some() => b.clone(),
        None => return Ok(Value::NOT_IMPLEMENTED),
    };
    match op {
        CompareOp::Eq | CompareOp::Ne => vm.compare(dict.as_value(), &other, op),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let mut sides = [a.clone(), b.clone()];
    for side in &mut sides {
        if side.downcast::<FrameLocals>().is_some() {
            *side = Value::from(dict_of(vm, side)?);
        }
    }
    vm.binary(&sides[0], &sides[1], BinaryOp::Or)
}

/// What a method of dict gives for the variables, as a list.
fn listed(vm: &mut Vm, this: &Value, method: &str) -> PyResult {
    let dict = dict_of(vm, this)?;
    let name = vm.intern(method);
    let view = vm.call_method(dict.as_value(), &name, &[])?;
    let items = vm.collect(&view)?;
    Ok(vm.new_list(items))
}

fn get(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = find(vm, this, &args[0])?;
    Ok(found.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Value::NONE)))
}

fn set_default(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    if let Some(found) = find(vm, this, &args[0])? {
        return Ok(found);
    }
    let value = args.get(1).cloned().unwrap_or(Value::NONE);
    set_item(vm, this, &args[0], Some(value.clone()))?;
    Ok(value)
}

fn pop(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    match find(vm, this, &args[0])? {
        Some(found) => {
            set_item(vm, this, &args[0], None)?;
            Ok(found)
        }
        None => match args.get(1) {
            Some(default) => Ok(default.clone()),
            None => Err(vm.key_error(args[0].clone())),
        },
    }
}

static UPDATE: Params = Params::new(&["other"], 1).positional_only(1);

fn update(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "update", &UPDATE)?;
    let other = bound.get(0).cloned().unwrap_or(Value::NONE);
    let dict = vm.types.dict.clone();
    let dict = vm.call(dict.as_value(), &[other])?;
    let items = dict.downcast::<Dict>().map(|dict| dict.items(vm));
    for (key, value) in items.unwrap_or_default() {
        set_item(vm, this, &key, Some(value))?;
    }
    Ok(Value::NONE)
}

/// `FrameLocalsProxy(frame)`.
fn new(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if args.has_keywords() {
        return Err(vm.type_error("FrameLocalsProxy takes no keyword arguments"));
    }
    let [frame] = args.positional() else {
        let given = args.positional().len();
        let message = format!("FrameLocalsProxy expected 1 argument, got {given}");
        return Err(vm.type_error(message));
    };
    match frame.downcast::<FrameObject>() {
        Some(frame) => Ok(vm.frame_locals(&frame.clone())),
        None => {
            let found = vm.type_name(frame);
            Err(vm.type_error(format!("expect frame, not {found}")))
        }
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("keys", |vm, this| listed(vm, this, "keys")),
    NativeDef::no_args("values", |vm, this| listed(vm, this, "values")),
    NativeDef::no_args("items", |vm, this| listed(vm, this, "items")),
    NativeDef::range("get", 1, 2, get),
    NativeDef::range("setdefault", 1, 2, set_default),
    NativeDef::range("pop", 1, 2, pop),
    NativeDef::any("update", update),
    NativeDef::no_args("copy", |vm, this| dict_of(vm, this).map(Value::from)),
    NativeDef::no_args("__reversed__", |vm, this| {
        let keys = listed(vm, this, "keys")?;
        let mut keys = vm.collect(&keys)?;
        keys.reverse();
        Ok(vm.new_list(keys))
    }),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.frame_locals.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
        let keys = listed(vm, this, "keys")?;
        vm.iter(&keys)
    }));
    slots.len.set(Some(|vm, this| {
        let dict = dict_of(vm, this)?;
        Ok(dict.len(vm))
    }));
    slots
        .contains
        .set(Some(|vm, this, key| Ok(find(vm, this, key)?.is_some())));
    slots.get_item.set(Some(get_item));
    slots.set_item.set(Some(set_item));
    slots.compare.set(Some(compare));
    slots
        .hash
        .set(Some(crate::object::slot_functions::not_hashable));
    slots.binary[BinaryOp::Or as usize].set(Some(or));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.frame_locals.clone();
    vm.add_methods(&ty, METHODS);
}
