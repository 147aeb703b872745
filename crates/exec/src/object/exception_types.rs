//! The exception classes: made from [`crate::exceptions_data`], with their constructors, attributes and methods.

use std::any::TypeId;
use std::rc::Rc;

use crate::call::Args;
use crate::error::PyResult;
use crate::exceptions_data::{ALIASES, Constructor, ExceptionType, exception_types};
use crate::object::dict::Dict;
use crate::object::exception::{Exception, exception_of};
use crate::object::exception_init as init;
use crate::object::exception_text as text;
use crate::object::frame::Traceback;
use crate::object::header::{PayloadLayout, Ref};
use crate::object::late::Late;
use crate::object::member::{Member, Place};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::slots::{InitFn, NewFn, UnaryFn, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, TypeSpec, flags};
use crate::object::{type_mro, type_new};
use crate::value::Value;
use crate::vm::Vm;

/// The class with this name, if it is an exception of the VM's version.
pub(crate) fn exception_class(vm: &Vm, name: &str) -> Option<Ref<Type>> {
    vm.exception_classes
        .iter()
        .find(|ty| ty.is_named(name))
        .cloned()
}

/// Makes the classes that [`Types`](crate::object::types::Types) has no field for, and fills the slots of all.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let base = &vm.types.base_exception.slots;
    base.unary[UnaryOp::Repr as usize].set(Some(text::repr));
    base.unary[UnaryOp::Str as usize].set(Some(text::str));
    base.new.set(Some(init::new));
    let mut known = vm.types.all();
    known.retain(|ty| ty.layout().payload == TypeId::of::<Exception>());
    for data in exception_types(vm.traceback_version()) {
        let ty = match known.iter().position(|ty| ty.is_named(data.name)) {
            Some(index) => known.swap_remove(index),
            None => make(vm, data),
        };
        fill_slots(&ty, data);
        if data.name == "ImportError" && vm.version_number() >= 15 {
            ty.slots.unary[UnaryOp::Repr as usize].set(Some(text::import_error_repr));
        }
        vm.exception_classes.push(ty);
    }
}

fn make(vm: &Vm, data: &ExceptionType) -> Ref<Type> {
    let base = data
        .bases
        .first()
        .and_then(|base| exception_class(vm, base));
    let spec = TypeSpec {
        name: Rc::from(data.name),
        base: Some(base.unwrap_or_else(|| vm.types.exception.clone())),
        layout: const { &PayloadLayout::of::<Exception>() },
        flags: flags::BASE_TYPE | flags::OWN_DICT | flags::BUILT_IN,
        slot_count: 0,
        row_capacity: 0,
    };
    Ref::new(&vm.types.type_, Type::new(spec))
}

fn fill_slots(ty: &Ref<Type>, data: &ExceptionType) {
    let (init, new): (InitFn, Option<NewFn>) = match data.constructor {
        Constructor::Args => (init::args, None),
        Constructor::StopIteration => (init::stop_iteration, None),
        Constructor::SystemExit => (init::system_exit, None),
        Constructor::Import => (init::import_error, None),
        Constructor::Name => (init::name_error, None),
        Constructor::Attribute => (init::attribute_error, None),
        Constructor::OsError => (init::os_error, Some(init::new_os_error)),
        Constructor::Syntax => (init::syntax_error, None),
        Constructor::UnicodeEncode => (init::unicode_encode_error, None),
        Constructor::UnicodeDecode => (init::unicode_decode_error, None),
        Constructor::UnicodeTranslate => (init::unicode_translate_error, None),
        Constructor::Group => (init::group, Some(init::new_group)),
    };
    let own_init = !matches!(data.constructor, Constructor::Args) || data.name == "BaseException";
    if own_init {
        ty.slots.init.set(Some(init));
    }
    if let Some(new) = new {
        ty.slots.new.set(Some(new));
    }
    let str: Option<UnaryFn> = match data.name {
        "KeyError" => Some(text::key_error),
        "OSError" => Some(text::os_error),
        "ImportError" => Some(text::import_error),
        "SyntaxError" => Some(text::syntax_error),
        "UnicodeDecodeError" => Some(text::unicode_decode_error),
        "UnicodeEncodeError" => Some(text::unicode_encode_error),
        "UnicodeTranslateError" => Some(text::unicode_translate_error),
        "BaseExceptionGroup" => Some(text::group),
        _ => None,
    };
    if str.is_some() {
        ty.slots.unary[UnaryOp::Str as usize].set(str);
    }
    if data.name == "BaseExceptionGroup" {
        ty.slots.unary[UnaryOp::Repr as usize].set(Some(text::group_repr));
    }
}

/// Makes the classes ready and adds attributes and methods.
pub(crate) fn ready(vm: &mut Vm) {
    let classes = vm.exception_classes.clone();
    // Those with a field are ready.
    for ty in classes.iter().filter(|ty| ty.bases.get().is_none()) {
        ty.ready_built_in(vm);
    }
    if let Some(group) = exception_class(vm, "ExceptionGroup") {
        let bases = vec![
            vm.types.base_exception_group.clone(),
            vm.types.exception.clone(),
        ];
        if let Ok(mro) = type_mro::compute_mro(vm, &group, &bases) {
            group.set_bases(vm, bases, mro);
            group.modified();
        }
    }
    for ty in &classes {
        vm.add_late(ty, Late::Other(add_members));
    }
    let base = vm.types.base_exception.clone();
    vm.add_attributes(&base, ATTRIBUTES);
    vm.add_methods(&base, METHODS);
    let group = vm.types.base_exception_group.clone();
    vm.add_methods(&group, crate::object::exception_group::METHODS);
}

fn add_members(vm: &mut Vm, ty: &Ref<Type>) {
    let version = vm.traceback_version();
    let mut all = exception_types(version);
    let Some(data) = all.find(|data| ty.is_named(data.name)) else {
        return;
    };
    if data.name == "BaseException" {
        return;
    }
    let dict = ty.dict(vm);
    for (index, attribute) in data.attributes.iter().enumerate() {
        if !attribute.versions.contains(version) {
            continue;
        }
        let name = vm.intern(attribute.name);
        let member = Member {
            name: name.clone(),
            owner: ty.clone(),
            place: Place::Exception {
                index,
                accepts: attribute.accepts,
            },
        };
        let member = Value::from(Ref::new(&vm.types.member_descriptor, member));
        dict.set_str(vm, &name, member);
    }
}

/// The exception classes with their names in `builtins`.
pub(crate) fn public(vm: &Vm) -> Vec<(String, Value)> {
    let mut names: Vec<(String, Value)> = vm
        .exception_classes
        .iter()
        .map(|ty| (ty.name().to_string(), Value::from(ty)))
        .collect();
    for (alias, name) in ALIASES {
        if let Some(ty) = exception_class(vm, name) {
            names.push((alias.to_owned(), Value::from(ty)));
        }
    }
    names
}

fn get_args(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(exception_of(vm, this)?
        .args
        .get()
        .unwrap_or_else(|| Value::from(&vm.empty_tuple)))
}

fn set_args(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let exception = exception_of(vm, this)?;
    let Some(value) = value else {
        return Err(vm.type_error("args may not be deleted"));
    };
    let items = vm.collect(&value)?;
    let items = vm.new_tuple(items);
    exception.args.set(Some(items));
    Ok(())
}

fn get_traceback(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(exception_of(vm, this)?
        .traceback
        .get()
        .unwrap_or(Value::NONE))
}

fn set_traceback(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let exception = exception_of(vm, this)?;
    let Some(value) = value else {
        return Err(vm.type_error("__traceback__ may not be deleted"));
    };
    if !value.is_none() && value.downcast::<Traceback>().is_none() {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    exception
        .traceback
        .set(Some(value).filter(|v| !v.is_none()));
    Ok(())
}

fn linked(vm: &mut Vm, value: Option<Value>, what: &str) -> PyResult<Option<Value>> {
    let Some(value) = value else {
        return Err(vm.type_error(format!("__{what}__ may not be deleted")));
    };
    if value.is_none() {
        return Ok(None);
    }
    if value.downcast::<Exception>().is_none() {
        return Err(vm.type_error(format!(
            "exception {what} must be None or derive from BaseException"
        )));
    }
    Ok(Some(value))
}

fn get_cause(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(exception_of(vm, this)?.cause.get().unwrap_or(Value::NONE))
}

fn set_cause(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let exception = exception_of(vm, this)?;
    let value = linked(vm, value, "cause")?;
    exception.cause.set(value);
    exception.suppress_context.set(true);
    Ok(())
}

fn get_context(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(exception_of(vm, this)?.context.get().unwrap_or(Value::NONE))
}

fn set_context(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let exception = exception_of(vm, this)?;
    let value = linked(vm, value, "context")?;
    exception.context.set(value);
    Ok(())
}

fn get_suppress(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::bool(exception_of(vm, this)?.suppress_context.get()))
}

fn set_suppress(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let exception = exception_of(vm, this)?;
    let Some(value) = value else {
        return Err(vm.type_error("can't delete numeric/char attribute"));
    };
    match value.as_bool() {
        Some(value) => {
            exception.suppress_context.set(value);
            Ok(())
        }
        None => Err(vm.type_error("attribute value type must be bool")),
    }
}

fn set_dict(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    if value.is_none() {
        return Err(vm.type_error("cannot delete __dict__"));
    }
    type_new::set_dict(vm, this, value)
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get_set("args", get_args, set_args),
    GetSetDef::get_set("__traceback__", get_traceback, set_traceback),
    GetSetDef::get_set("__cause__", get_cause, set_cause),
    GetSetDef::get_set("__context__", get_context, set_context),
    GetSetDef::get_set("__suppress_context__", get_suppress, set_suppress).member(),
    GetSetDef::get_set("__dict__", type_new::get_dict, set_dict),
];

fn with_traceback(vm: &mut Vm, this: &Value, traceback: &Value) -> PyResult {
    set_traceback(vm, this, Some(traceback.clone()))?;
    Ok(this.clone())
}

pub(super) fn add_note(vm: &mut Vm, this: &Value, note: &Value) -> PyResult {
    if note.downcast::<Str>().is_none() {
        let found = vm.type_name(note);
        let message = match vm.version_number() {
            ..14 => format!("note must be a str, not '{found}'"),
            _ => format!("add_note() argument must be str, not {found}"),
        };
        return Err(vm.type_error(message));
    }
    let key = vm.intern("__notes__");
    let notes = match vm.get_attr_opt(this, &key)? {
        Some(notes) => notes,
        None => {
            let notes = vm.new_list(Vec::new());
            vm.set_attr(this, &key, Some(notes.clone()))?;
            notes
        }
    };
    match notes.downcast::<crate::object::list::List>() {
        Some(notes) => notes.items_mut(vm).push(note.clone()),
        None => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
    }
    Ok(Value::NONE)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let args = reduced_args(vm, this, &exception)?;
    let mut parts = vec![Value::from(exception.ty()), args];
    parts.extend(reduced_state(vm, &exception)?);
    Ok(vm.new_tuple(parts))
}

/// `args`, to which an OSError adds the names of files that its constructor has taken out.
fn reduced_args(vm: &mut Vm, this: &Value, exception: &Ref<Exception>) -> PyResult {
    let mut items = arguments(exception);
    let filename = match items.len() == 2 && exception.ty().is_subtype(vm, &vm.types.os_error) {
        true => exception.field(vm, 2),
        false => None,
    };
    let Some(filename) = filename else {
        return get_args(vm, this);
    };
    items.push(filename);
    if let Some(second) = exception.field(vm, 3) {
        items.extend([Value::NONE, second]);
    }
    Ok(vm.new_tuple(items))
}

/// The `__dict__`, and what an ImportError and (from 3.12 on) an AttributeError keep outside of it.
fn reduced_state(vm: &mut Vm, exception: &Ref<Exception>) -> PyResult<Option<Value>> {
    let ty = exception.ty();
    let is_attribute = vm.version_number() >= 12 && ty.is_subtype(vm, &vm.types.attribute_error);
    let mut own: Vec<(&str, Value)> = Vec::new();
    if ty.is_subtype(vm, &vm.types.import_error) {
        own.extend(exception.field(vm, 1).map(|name| ("name", name)));
        own.extend(exception.field(vm, 2).map(|path| ("path", path)));
    } else if is_attribute {
        own.extend(exception.field(vm, 0).map(|name| ("name", name)));
        own.extend(exception.args.get().map(|args| ("args", args)));
    }
    let dict = exception.dict();
    if own.is_empty() {
        return Ok(dict.map(Value::from));
    }
    let state = match dict {
        Some(dict) => dict.copy(vm),
        None => Dict::new(vm),
    };
    for (name, value) in own {
        vm.set_global(&state, name, value);
    }
    Ok(Some(Value::from(state)))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(state) = state.downcast::<Dict>() else {
        return Err(vm.type_error("state is not a dictionary"));
    };
    for (name, value) in state.items(vm) {
        let name = vm.attribute_name(&name)?;
        vm.set_attr(this, &name, Some(value))?;
    }
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("with_traceback", with_traceback).signature("($self, object, /)"),
    NativeDef::one("add_note", add_note).signature("($self, object, /)"),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

/// The items of `args`.
pub(crate) fn arguments(exception: &Ref<Exception>) -> Vec<Value> {
    exception
        .args
        .get()
        .and_then(|a| a.downcast::<Tuple>().map(|a| a.items().to_vec()))
        .unwrap_or_default()
}

/// Refuses keyword arguments, as most exception classes do.
pub(crate) fn no_keywords(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    if !args.has_keywords() {
        return Ok(());
    }
    let name = vm.type_name(this);
    Err(vm.type_error(format!("{name}() takes no keyword arguments")))
}
