//! `_csv`: rows of text fields, read and written in many dialects.

mod dialect;
mod reader;
mod writer;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::int::Int;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};

use crate::errors::{ErrorDef, error, error_class};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_csv");
    vm.add_functions(&module, FUNCTIONS);
    let quotings = match vm.version_number() {
        ..12 => &QUOTINGS[..4],
        _ => QUOTINGS,
    };
    for (number, name) in quotings.iter().enumerate() {
        let number = vm.int(number as i64);
        vm.set_global(module.dict(), name, number);
    }
    if vm.version_number() < 13 {
        let version = vm.new_str("1.0");
        vm.set_global(module.dict(), "__version__", version);
    }
    let dialects = Value::from(dialects(vm));
    vm.set_global(module.dict(), "_dialects", dialects);
    vm.add_class(&module, &dialect::DIALECT);
    for (name, class) in [("Reader", &reader::READER), ("Writer", &writer::WRITER)] {
        let class = Value::from(vm.class(class));
        vm.set_global(module.dict(), name, class);
    }
    let class = error_class(vm, &ERROR)?;
    vm.set_global(module.dict(), "Error", class);
    Ok(module)
}

static ERROR: ErrorDef = ErrorDef {
    name: "_csv.Error",
    base: |vm| vm.types.exception.clone(),
};

/// A `_csv.Error`.
#[cold]
fn complain(vm: &mut Vm, message: &str) -> Raised {
    error(vm, &ERROR, message)
}

/// The names of the ways to quote, in the order of their numbers; the last two since 3.12.
const QUOTINGS: &[&str] = &[
    "QUOTE_MINIMAL",
    "QUOTE_ALL",
    "QUOTE_NONNUMERIC",
    "QUOTE_NONE",
    "QUOTE_STRINGS",
    "QUOTE_NOTNULL",
];

const ALL: i32 = 1;
const NONNUMERIC: i32 = 2;
const NONE: i32 = 3;
const STRINGS: i32 = 4;
const NOTNULL: i32 = 5;

/// What the module keeps: the registered dialects, and the longest field.
struct State {
    dialects: Option<Ref<Dict>>,
    limit: i64,
}

impl Default for State {
    fn default() -> State {
        State {
            dialects: None,
            limit: 128 * 1024,
        }
    }
}

/// The registered dialects by their names.
fn dialects(vm: &mut Vm) -> Ref<Dict> {
    if let Some(dialects) = &vm.state::<State>().dialects {
        return dialects.clone();
    }
    let dialects = Dict::new(vm);
    vm.state::<State>().dialects = Some(dialects.clone());
    dialects
}

/// A registered dialect.
fn registered(vm: &mut Vm, name: &Value) -> PyResult {
    let dialects = dialects(vm);
    match dialects.get(vm, name)? {
        Some(dialect) => Ok(dialect),
        None => Err(complain(vm, "unknown dialect")),
    }
}

/// What functions whose arguments are counted by hand call themselves.
fn name_in_messages(vm: &Vm, name: &'static str) -> &'static str {
    match vm.version_number() {
        ..14 => "",
        _ => name,
    }
}

static NAME: Params = Params::new(&["name"], 1);
static LIMIT: Params = Params::new(&["new_limit"], 0);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("reader", reader::open),
    NativeDef::any("writer", writer::open),
    NativeDef::no_args("list_dialects", |vm, _| {
        let dialects = dialects(vm);
        let names = dialects.items(vm).into_iter().map(|(name, _)| name);
        Ok(vm.new_list(names.collect()))
    })
    .signature("($module, /)"),
    NativeDef::any("register_dialect", register),
    NativeDef::bound("unregister_dialect", &NAME, |vm, _, arguments| {
        let none = Value::NONE;
        let dialects = dialects(vm);
        match dialects.remove(vm, arguments.get(0).unwrap_or(&none))? {
            Some(_) => Ok(Value::NONE),
            None => Err(complain(vm, "unknown dialect")),
        }
    })
    .signature("($module, /, name)"),
    NativeDef::bound("get_dialect", &NAME, |vm, _, arguments| {
        let none = Value::NONE;
        registered(vm, arguments.get(0).unwrap_or(&none))
    })
    .signature("($module, /, name)"),
    NativeDef::bound("field_size_limit", &LIMIT, |vm, _, arguments| {
        let old = vm.state::<State>().limit;
        if let Some(limit) = arguments.get(0) {
            vm.state::<State>().limit = new_limit(vm, limit)?;
        }
        Ok(vm.int(old))
    })
    .signature("($module, /, new_limit=<unrepresentable>)"),
];

/// Whether a value is of the class int itself.
fn is_exact_int(value: &Value) -> bool {
    match value.downcast::<Int>() {
        Some(int) => int.is_exact(),
        None => value.as_small_int().is_some() && value.as_bool().is_none(),
    }
}

fn new_limit(vm: &mut Vm, limit: &Value) -> PyResult<i64> {
    if !is_exact_int(limit) {
        return Err(vm.type_error("limit must be an integer"));
    }
    let overflow = match vm.version_number() {
        ..13 => "Python int too large to convert to C long",
        _ => "Python int too large to convert to C ssize_t",
    };
    vm.index_as_i64(limit, overflow)
}

fn register(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let name = name_in_messages(vm, "register_dialect");
    pyco_exec::call::check_count(vm, name, args.positional().len(), 1, 2)?;
    let name = &args.positional()[0];
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let dialect = dialect::of_arguments(vm, args.rest())?;
    let dialects = dialects(vm);
    dialects.set(vm, name.clone(), Value::from(dialect))?;
    Ok(Value::NONE)
}
