//! Loading, storing and deleting names: namespaces, globals, built-ins, cells.

use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::object::dict::Dict;
use crate::object::function::Cell;
use crate::object::header::Ref;
use crate::object::lazy_import::{self, LazyImport};
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// The complaint about a local that is not bound.
#[cold]
pub(crate) fn unbound_local(vm: &mut Vm, frame: &Frame, index: usize) -> Raised {
    let name = frame.code().local_name(index);
    let message =
        format!("cannot access local variable '{name}' where it is not associated with a value");
    // Only a plain NameError knows its name, and so only that comes with a suggestion.
    vm.error(&vm.types.unbound_local_error.clone(), message)
}

fn set_name(vm: &mut Vm, raised: &Raised, name: &str) {
    let name = vm.new_str(name);
    raised
        .0
        .set_field(vm, crate::object::exception::FIELD_NAME, Some(name));
}

/// The complaint about a cell without a value.
#[cold]
pub(crate) fn unbound_deref(vm: &mut Vm, frame: &Frame, index: usize) -> Raised {
    let code = frame.code();
    let name = code.local_name(index);
    if code
        .code()
        .local_kind(index)
        .contains(pyco_code::LocalKind::FREE)
    {
        let message = format!(
            "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
        );
        let raised = vm.error(&vm.types.name_error.clone(), message);
        set_name(vm, &raised, &name);
        return raised;
    }
    unbound_local(vm, frame, index)
}

/// The complaint about a closure whose cell is something else, which only a made-up code object can have.
#[cold]
pub(crate) fn no_cell(vm: &mut Vm, frame: &Frame, index: usize) -> Raised {
    let name = frame.code().local_name(index);
    vm.error(
        &vm.types.system_error.clone(),
        format!("variable '{name}' is no cell"),
    )
}

#[cold]
fn not_defined(vm: &mut Vm, name: &Ref<Str>) -> Raised {
    let raised = vm.error(
        &vm.types.name_error.clone(),
        format!("name '{name}' is not defined"),
    );
    raised.0.set_field(
        vm,
        crate::object::exception::FIELD_NAME,
        Some(Value::from(name)),
    );
    raised
}

fn namespace(vm: &mut Vm, frame: &Frame, doing: &str, name: &Ref<Str>) -> PyResult<Value> {
    match frame.names() {
        Some(namespace) => Ok(namespace),
        None => Err(vm.error(
            &vm.types.system_error.clone(),
            format!("no locals {doing} {name}"),
        )),
    }
}

/// The value of `name` in a namespace, a dict or any mapping.
fn get(vm: &mut Vm, namespace: &Value, name: &Ref<Str>) -> PyResult<Option<Value>> {
    if let Some(dict) = namespace.downcast::<Dict>().filter(|d| d.is_exact()) {
        return Ok(dict.get_str(vm, name));
    }
    match vm.get_item(namespace, name.as_value()) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(vm, &vm.types.key_error) => Ok(None),
        Err(raised) => Err(raised),
    }
}

/// LOAD_NAME.
pub(crate) fn load_name(vm: &mut Vm, frame: &Frame, name: &Ref<Str>) -> PyResult {
    let namespace = namespace(vm, frame, "when loading", name)?;
    match get(vm, &namespace, name)? {
        Some(value) if namespace.is(frame.globals().as_value()) => {
            lazy_import::of_global(vm, frame.globals(), name, value)
        }
        Some(value) => Ok(value),
        None => load_plain_global(vm, frame, name),
    }
}

/// STORE_NAME.
pub(crate) fn store_name(
    vm: &mut Vm,
    frame: &Frame,
    name: &Ref<Str>,
    value: Value,
) -> PyResult<()> {
    let namespace = namespace(vm, frame, "found when storing", name)?;
    if let Some(dict) = namespace.downcast::<Dict>().filter(|d| d.is_exact()) {
        if value.downcast::<LazyImport>().is_some() {
            dict.forget_version(vm);
        }
        dict.set_str(vm, name, value);
        return Ok(());
    }
    vm.set_item(&namespace, name.as_value(), value)
}

/// DELETE_NAME.
pub(crate) fn delete_name(vm: &mut Vm, frame: &Frame, name: &Ref<Str>) -> PyResult<()> {
    let namespace = namespace(vm, frame, "when deleting", name)?;
    // Whatever went wrong: CPython does not look.
    vm.delete_item(&namespace, name.as_value())
        .map_err(|_| not_defined(vm, name))
}

/// LOAD_GLOBAL. A program's own kind of dict is asked as it asks to be.
pub(crate) fn load_global(vm: &mut Vm, frame: &Frame, name: &Ref<Str>) -> PyResult {
    if !frame.globals().is_exact()
        && let Some(value) = get(vm, frame.globals().as_value(), name)?
    {
        return Ok(value);
    }
    load_plain_global(vm, frame, name)
}

/// A global of a class body or a module, where CPython looks into the dict itself whatever its kind; then a built-in.
fn load_plain_global(vm: &mut Vm, frame: &Frame, name: &Ref<Str>) -> PyResult {
    if let Some(value) = frame.globals().get_str(vm, name) {
        return lazy_import::of_global(vm, frame.globals(), name, value);
    }
    match get(vm, frame.builtins().as_value(), name)? {
        Some(value) => Ok(value),
        None => load_odd_global(vm, frame, name),
    }
}

/// The last resort: a key that is no str may be equal to the name.
#[cold]
fn load_odd_global(vm: &mut Vm, frame: &Frame, name: &Ref<Str>) -> PyResult {
    for namespace in [frame.globals().clone(), frame.builtins().clone()] {
        if let Some(value) = namespace.get(vm, name.as_value())? {
            return Ok(value);
        }
    }
    Err(not_defined(vm, name))
}

/// STORE_GLOBAL.
#[inline]
pub(crate) fn store_global(
    vm: &mut Vm,
    frame: &Frame,
    name: &Ref<Str>,
    value: Value,
) -> PyResult<()> {
    stand_in::check_mutable(vm, frame.globals(), "assignment")?;
    frame.globals().set_str(vm, name, value);
    Ok(())
}

/// DELETE_GLOBAL.
pub(crate) fn delete_global(vm: &mut Vm, frame: &Frame, name: &Ref<Str>) -> PyResult<()> {
    stand_in::check_mutable(vm, frame.globals(), "deletion")?;
    match frame.globals().remove_str(vm, name) {
        Some(_) => Ok(()),
        None => Err(not_defined(vm, name)),
    }
}

/// LOAD_LOCALS.
pub(crate) fn load_locals(vm: &mut Vm, frame: &Frame) -> PyResult {
    match frame.names() {
        Some(namespace) => Ok(namespace),
        None => Err(vm.error(&vm.types.system_error.clone(), "no locals")),
    }
}

/// LOAD_FROM_DICT_OR_GLOBALS.
pub(crate) fn load_from_dict_or_globals(
    vm: &mut Vm,
    frame: &Frame,
    namespace: &Value,
    name: &Ref<Str>,
) -> PyResult {
    match get(vm, namespace, name)? {
        Some(value) => Ok(value),
        None if vm.version_number() >= 14 => load_global(vm, frame, name),
        None => load_plain_global(vm, frame, name),
    }
}

/// LOAD_FROM_DICT_OR_DEREF.
pub(crate) fn load_from_dict_or_deref(
    vm: &mut Vm,
    frame: &Frame,
    namespace: &Value,
    index: usize,
) -> PyResult {
    let name = frame.code().local_names()[index].clone();
    if let Some(value) = get(vm, namespace, &name)? {
        return Ok(value);
    }
    match cell(frame, index).and_then(|cell| cell.value.get()) {
        Some(value) => Ok(value),
        None => Err(unbound_deref(vm, frame, index)),
    }
}

/// The cell in a local.
fn cell(frame: &Frame, index: usize) -> Option<Ref<Cell>> {
    // SAFETY: the frame is running and waits for this instruction; the index is verified, and checked again here.
    unsafe { frame.locals_slice() }
        .get(index)?
        .as_ref()?
        .downcast::<Cell>()
        .cloned()
}

/// DELETE_DEREF.
pub(crate) fn delete_deref(vm: &mut Vm, frame: &Frame, index: usize) -> PyResult<()> {
    match cell(frame, index).and_then(|cell| cell.value.take()) {
        Some(_) => Ok(()),
        None => Err(unbound_deref(vm, frame, index)),
    }
}

/// COPY_FREE_VARS: the closure's cells become the last locals.
pub(crate) fn copy_free_vars(vm: &mut Vm, frame: &Frame, count: usize) -> PyResult<()> {
    let closure = frame
        .function
        .closure
        .get()
        .and_then(|c| c.into_ref::<Tuple>().ok());
    let cells = closure.as_ref().map_or(&[][..], |c| c.items());
    if cells.len() != count {
        let message = format!(
            "the code needs a closure of {count} cells, the function has {}",
            cells.len()
        );
        return Err(vm.error(&vm.types.system_error.clone(), message));
    }
    let first = frame.quick().locals_len() - count;
    for (index, cell) in cells.iter().enumerate() {
        // SAFETY: the last `count` locals are the free variables, as verified; the frame is running and waits.
        unsafe { *frame.locals().add(first + index) = Some(cell.clone()) }
    }
    Ok(())
}

/// LOAD_BUILD_CLASS.
pub(crate) fn load_build_class(vm: &mut Vm, frame: &Frame) -> PyResult {
    let name = vm.names.__build_class__.clone();
    match stand_in::builtin(vm, frame.builtins(), &name)? {
        Some(value) => Ok(value),
        None => Err(vm.error(&vm.types.name_error.clone(), "__build_class__ not found")),
    }
}

/// SETUP_ANNOTATIONS.
pub(crate) fn setup_annotations(vm: &mut Vm, frame: &Frame) -> PyResult<()> {
    let name = vm.names.__annotations__.clone();
    let namespace = namespace(vm, frame, "when setting up", &name)?;
    if get(vm, &namespace, &name)?.is_none() {
        let annotations = Value::from(Dict::new(vm));
        vm.set_item(&namespace, name.as_value(), annotations)?;
    }
    Ok(())
}
