//! The attributes of functions, bound methods, cells, code objects and modules.

use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::import::{Incomplete, why_incomplete};
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::{Cell, Function, Method};
use crate::object::header::Ref;
use crate::object::lazy_import::{self, LazyImport};
use crate::object::module::Module;
use crate::object::native::GetSetDef;
use crate::object::slots::UnaryOp;
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::{module_methods, type_new};
use crate::value::Value;
use crate::vm::Vm;

fn function_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Function>> {
    match this.downcast::<Function>() {
        Some(function) => Ok(function.clone()),
        None => Err(vm.type_error("descriptor requires a 'function' object")),
    }
}

fn part(vm: &mut Vm, this: &Value, cell: fn(&Function) -> &ValueCell) -> PyResult {
    let function = function_of(vm, this)?;
    Ok(cell(&function).get().unwrap_or(Value::NONE))
}

fn set_text(
    vm: &mut Vm,
    this: &Value,
    value: Option<Value>,
    name: &str,
    cell: fn(&Function) -> &ValueCell,
) -> PyResult<()> {
    let function = function_of(vm, this)?;
    match value {
        Some(value) if value.downcast::<Str>().is_some() => {
            cell(&function).set(Some(value));
            Ok(())
        }
        _ => Err(vm.type_error(format!("{name} must be set to a string object"))),
    }
}

fn set_any(
    vm: &mut Vm,
    this: &Value,
    value: Option<Value>,
    cell: fn(&Function) -> &ValueCell,
) -> PyResult<()> {
    cell(&*function_of(vm, this)?).set(value);
    Ok(())
}

fn set_defaults(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let function = function_of(vm, this)?;
    let value = value.filter(|v| !v.is_none());
    if value
        .as_ref()
        .is_some_and(|v| v.downcast::<Tuple>().is_none())
    {
        return Err(vm.type_error("__defaults__ must be set to a tuple object"));
    }
    function.defaults.set(value);
    Ok(())
}

fn set_keyword_defaults(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let function = function_of(vm, this)?;
    let value = value.filter(|v| !v.is_none());
    if value
        .as_ref()
        .is_some_and(|v| v.downcast::<Dict>().is_none())
    {
        return Err(vm.type_error("__kwdefaults__ must be set to a dict object"));
    }
    function.kwdefaults.set(value);
    Ok(())
}

fn set_code(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let function = function_of(vm, this)?;
    let Some(code) = value.and_then(|v| v.into_ref::<Code>().ok()) else {
        return Err(vm.type_error("__code__ must be set to a code object"));
    };
    let cells = function
        .closure
        .get()
        .and_then(|c| c.downcast::<Tuple>().map(|c| c.items().len()))
        .unwrap_or(0);
    let free = code.code().freevars().count();
    if cells != free {
        let name = function
            .name
            .get()
            .map_or_else(String::new, |name| vm.display(&name));
        let message = format!("{name}() requires a code object with {cells} free vars, not {free}");
        return Err(vm.value_error(message));
    }
    function.set_code(vm, code);
    Ok(())
}

fn get_type_params(vm: &mut Vm, this: &Value) -> PyResult {
    let params = function_of(vm, this)?.type_params.get();
    Ok(params.unwrap_or_else(|| Value::from(&vm.empty_tuple)))
}

fn set_type_params(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    if value
        .as_ref()
        .is_none_or(|v| v.downcast::<Tuple>().is_none())
    {
        return Err(vm.type_error("__type_params__ must be set to a tuple"));
    }
    set_any(vm, this, value, |f| &f.type_params)
}

static FUNCTION: &[GetSetDef] = &[
    GetSetDef::get_set(
        "__name__",
        |vm, t| part(vm, t, |f| &f.name),
        |vm, t, v| set_text(vm, t, v, "__name__", |f| &f.name),
    ),
    GetSetDef::get_set(
        "__qualname__",
        |vm, t| part(vm, t, |f| &f.qualname),
        |vm, t, v| set_text(vm, t, v, "__qualname__", |f| &f.qualname),
    ),
    GetSetDef::get_set(
        "__module__",
        |vm, t| part(vm, t, |f| &f.module),
        |vm, t, v| set_any(vm, t, v, |f| &f.module),
    )
    .member(),
    GetSetDef::get_set(
        "__doc__",
        |vm, t| part(vm, t, |f| &f.doc),
        |vm, t, v| set_any(vm, t, v, |f| &f.doc),
    )
    .member(),
    GetSetDef::get_set(
        "__defaults__",
        |vm, t| part(vm, t, |f| &f.defaults),
        set_defaults,
    ),
    GetSetDef::get_set(
        "__kwdefaults__",
        |vm, t| part(vm, t, |f| &f.kwdefaults),
        set_keyword_defaults,
    ),
    GetSetDef::get_set("__code__", |vm, t| part(vm, t, |f| &f.code), set_code),
    GetSetDef::get("__closure__", |vm, t| part(vm, t, |f| &f.closure)).member(),
    GetSetDef::get("__globals__", |vm, t| {
        let globals = function_of(vm, t)?.globals.clone();
        Ok(stand_in::real(vm, &globals))
    })
    .member(),
    GetSetDef::get("__builtins__", |vm, t| {
        let builtins = function_of(vm, t)?.builtins.clone();
        Ok(stand_in::real(vm, &builtins))
    })
    .member(),
    GetSetDef::get_set("__type_params__", get_type_params, set_type_params).since(12),
    GetSetDef::get_set("__dict__", type_new::get_dict, |vm, t, v| {
        match v.as_ref().map(|v| v.downcast::<Dict>().is_some()) {
            Some(true) => set_any(vm, t, v, |f| &f.dict),
            Some(false) => {
                let found = v.map_or_else(|| "NULL".into(), |v| vm.type_name(&v));
                let message = format!("__dict__ must be set to a dictionary, not a '{found}'");
                Err(vm.type_error(message))
            }
            None => Err(vm.type_error("cannot delete __dict__")),
        }
    }),
];

fn method_part(this: &Value, part: fn(&Method) -> &Value) -> PyResult {
    Ok(this
        .downcast::<Method>()
        .map_or(Value::NONE, |m| part(m).clone()))
}

static METHOD: &[GetSetDef] = &[
    GetSetDef::get("__func__", |_, t| method_part(t, |m| &m.function)).member(),
    GetSetDef::get("__self__", |_, t| method_part(t, |m| &m.this)).member(),
    GetSetDef::get("__doc__", |vm, t| {
        let function = method_part(t, |m| &m.function)?;
        let name = vm.names.__doc__.clone();
        vm.get_attr(&function, &name)
    }),
];

fn cell_contents(vm: &mut Vm, this: &Value) -> PyResult {
    match this.downcast::<Cell>().and_then(|c| c.value.get()) {
        Some(value) => Ok(value),
        None => Err(vm.value_error("Cell is empty")),
    }
}

fn set_cell_contents(_vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    if let Some(cell) = this.downcast::<Cell>() {
        cell.value.set(value);
    }
    Ok(())
}

static CELL: &[GetSetDef] = &[GetSetDef::get_set(
    "cell_contents",
    cell_contents,
    set_cell_contents,
)];

fn repr_cell(vm: &mut Vm, this: &Value) -> PyResult {
    let text = match this.downcast::<Cell>().and_then(|c| c.value.get()) {
        Some(value) => {
            let ty = vm.type_name(&value);
            format!(
                "<cell at {:#x}: {ty} object at {:#x}>",
                this.id(),
                value.id()
            )
        }
        None => format!("<cell at {:#x}: empty>", this.id()),
    };
    Ok(vm.new_str(&text))
}

fn module_get_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    match vm.generic_get_attr(this, name) {
        Err(raised) if raised.is(vm, &vm.types.attribute_error) => {
            module_missing(vm, this, name, raised)
        }
        Ok(value) if value.downcast::<LazyImport>().is_some() => match this.downcast::<Module>() {
            Some(module) => lazy_import::of_global(vm, &module.dict.clone(), name, value),
            None => Ok(value),
        },
        result => result,
    }
}

fn module_missing(vm: &mut Vm, this: &Value, name: &Ref<Str>, raised: Raised) -> PyResult {
    let Some(module) = this.downcast::<Module>().cloned() else {
        return Err(raised);
    };
    if let Some(value) = vm.make_lazy_attribute(&module, name)? {
        return Ok(value);
    }
    if let Some(value) = crate::import::machinery::late_spec(vm, &module, name)? {
        return Ok(value);
    }
    let hook = vm.names.__getattr__.clone();
    if let Some(hook) = module.dict.get_str(vm, &hook) {
        return vm.call(&hook, &[Value::from(name)]);
    }
    let key = vm.names.__name__.clone();
    let message = match module.dict.get_str(vm, &key) {
        Some(module) if module.downcast::<Str>().is_some() => {
            let module = vm.display(&module);
            missing_message(vm, this, &module, name)
        }
        _ => format!("module has no attribute '{name}'"),
    };
    Err(vm.attribute_error(message, this, name))
}

fn missing_message(vm: &mut Vm, this: &Value, module: &str, name: &Ref<Str>) -> String {
    let file_key = vm.names.__file__.clone();
    let file = match this.downcast::<Module>().map(|m| m.dict.clone()) {
        Some(dict) => dict.get_str(vm, &file_key),
        None => None,
    };
    let file = file.and_then(|f| f.downcast::<Str>().map(|f| f.to_string()));
    match why_incomplete(vm, this, module, file.as_deref()) {
        Some(Incomplete::ShadowsStandard(advice) | Incomplete::MayShadow(advice)) => {
            format!("module '{module}' has no attribute '{name}' ({advice})")
        }
        Some(Incomplete::Circular) => {
            let from = file.map_or_else(String::new, |file| format!(" from '{file}'"));
            format!(
                "partially initialized module '{module}'{from} has no attribute '{name}' \
                 (most likely due to a circular import)"
            )
        }
        None => format!("module '{module}' has no attribute '{name}'"),
    }
}

static MODULE: &[GetSetDef] = &[GetSetDef::get("__dict__", type_new::get_dict).member()];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    vm.types.cell.slots.unary[UnaryOp::Repr as usize].set(Some(repr_cell));
    let slots = &vm.types.module.slots;
    slots.get_attr.set(Some(module_get_attr));
    slots.unary[UnaryOp::Repr as usize].set(Some(module_methods::repr));
}

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let tables = [
        (types.function.clone(), FUNCTION),
        (types.method.clone(), METHOD),
        (types.cell.clone(), CELL),
        (types.module.clone(), MODULE),
    ];
    for (ty, table) in tables {
        vm.add_attributes(&ty, table);
    }
}
