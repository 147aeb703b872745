//! What `types` knows as FunctionType, MethodType, CellType and ModuleType: making such objects from Python, and comparing cells.

use crate::call::{Args, Bound, Params};
use crate::error::PyResult;
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::{Cell, Function, Method};
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::CompareOp;
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

static FUNCTION: Params = Params::new(
    &[
        "code",
        "globals",
        "name",
        "argdefs",
        "closure",
        "kwdefaults",
    ],
    2,
);

/// `FunctionType(code, globals, …)`.
fn new_function(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "function", &FUNCTION)?;
    let code = argument::<Code>(
        vm,
        &bound,
        0,
        "function() argument 'code' must be code, not ",
    )?;
    let globals = argument::<Dict>(
        vm,
        &bound,
        1,
        "function() argument 'globals' must be dict, not ",
    )?;
    let is = |index: usize, accepts: fn(&Value) -> bool| bound.not_none(index).is_none_or(accepts);
    if !is(2, |v| v.downcast::<Str>().is_some()) {
        return Err(vm.type_error("arg 3 (name) must be None or string"));
    }
    if !is(3, |v| v.downcast::<Tuple>().is_some()) {
        return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
    }
    check_closure(vm, &code, bound.not_none(4))?;
    if !is(5, |v| v.downcast::<Dict>().is_some()) {
        return Err(vm.type_error("arg 6 (kwdefaults) must be None or dict"));
    }
    let builtins = stand_in::builtins_of(vm, &globals)?;
    let function = Function::new(vm, code, globals, builtins);
    if let Some(name) = bound.not_none(2) {
        function.name.set(Some(name.clone()));
    }
    function.defaults.set(bound.not_none(3).cloned());
    function.closure.set(
        bound
            .not_none(4)
            .filter(|c| c.downcast::<Tuple>().is_some_and(|c| !c.items().is_empty()))
            .cloned(),
    );
    function.kwdefaults.set(bound.not_none(5).cloned());
    Ok(Value::from(function))
}

fn argument<T: crate::object::header::Payload>(
    vm: &mut Vm,
    bound: &Bound<'_>,
    index: usize,
    message: &str,
) -> PyResult<Ref<T>> {
    let value = bound.get(index).cloned().unwrap_or(Value::NONE);
    value.into_ref().map_err(|value| {
        let found = clinic_type(vm, &value);
        vm.type_error(format!("{message}{found}"))
    })
}

/// The code reads its free variables from the closure without looking, so there must be a cell for each.
fn check_closure(vm: &mut Vm, code: &Ref<Code>, closure: Option<&Value>) -> PyResult<()> {
    let free = code.code().freevars().count();
    let Some(closure) = closure else {
        return match free {
            0 => Ok(()),
            _ => Err(vm.type_error("arg 5 (closure) must be tuple")),
        };
    };
    let Some(cells) = closure.downcast::<Tuple>() else {
        return Err(vm.type_error(match free {
            0 => "arg 5 (closure) must be None or tuple",
            _ => "arg 5 (closure) must be tuple",
        }));
    };
    let given = cells.items().len();
    if given != free {
        let name = vm.display(&code.name_value());
        let message = format!("{name} requires closure of length {free}, not {given}");
        return Err(vm.value_error(message));
    }
    if let Some(other) = cells
        .items()
        .iter()
        .find(|c| c.downcast::<Cell>().is_none())
    {
        let found = vm.type_name(other);
        return Err(vm.type_error(format!("arg 5 (closure) expected cell, found {found}")));
    }
    Ok(())
}

/// `MethodType(function, instance)`.
fn new_method(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let [function, this] = args.exactly::<2>(vm, "method")?;
    if vm.type_of(function).slots.call.get().is_none() {
        return Err(vm.type_error("first argument must be callable"));
    }
    if this.is_none() {
        return Err(vm.type_error("instance must not be None"));
    }
    Ok(vm.new_method(function.clone(), this.clone()))
}

/// A method is bound for good.
fn get_method(
    _vm: &mut Vm,
    this: &Value,
    _instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    Ok(this.clone())
}

fn reduce_method(vm: &mut Vm, this: &Value) -> PyResult {
    let method = receiver::<Method>(vm, this)?.clone();
    let key = vm.names.__name__.clone();
    let name = vm.get_attr(&method.function, &key)?;
    let key = vm.intern("getattr");
    let getattr = vm.builtins.clone().get_str(vm, &key);
    let arguments = vm.new_tuple(vec![method.this.clone(), name]);
    Ok(vm.new_tuple(vec![getattr.unwrap_or(Value::NONE), arguments]))
}

/// `CellType(contents)`.
fn new_cell(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let contents = args.between(vm, "cell", 0, 1)?;
    Ok(Value::from(Cell::new(vm, contents.first().cloned())))
}

/// Cells compare by their contents; an empty one comes first.
fn compare_cells(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Cell>(), b.downcast::<Cell>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (a.value.get(), b.value.get()) {
        (Some(a), Some(b)) => vm.compare(&a, &b, op),
        (a, b) => Ok(Value::bool(op.holds(a.is_some().cmp(&b.is_some())))),
    }
}

static MODULE: Params = Params::new(&["name", "doc"], 1);

fn new_module(vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let dict = Dict::new(vm);
    Ok(Value::from(Ref::new(ty, Module { dict })))
}

fn init_module(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let bound = args.bind(vm, "module", &MODULE)?;
    let name = argument::<Str>(vm, &bound, 0, "module() argument 'name' must be str, not ")?;
    let doc = bound.get(1).cloned().unwrap_or(Value::NONE);
    let dict = receiver::<Module>(vm, this)?.dict.clone();
    for (key, value) in [
        ("__name__", Value::from(name)),
        ("__doc__", doc),
        ("__package__", Value::NONE),
        ("__loader__", Value::NONE),
        ("__spec__", Value::NONE),
    ] {
        vm.set_global(&dict, key, value);
    }
    Ok(())
}

static METHOD_METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", reduce_method)];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    types.function.slots.new.set(Some(new_function));
    types.method.slots.new.set(Some(new_method));
    types.method.slots.descr_get.set(Some(get_method));
    types.cell.slots.new.set(Some(new_cell));
    types.cell.slots.compare.set(Some(compare_cells));
    types.module.slots.new.set(Some(new_module));
    types.module.slots.init.set(Some(init_module));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.method.clone();
    vm.add_methods(&ty, METHOD_METHODS);
}
