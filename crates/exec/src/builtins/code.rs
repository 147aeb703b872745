//! `eval` and `exec`, and what needs a file system, which is refused.

use super::compile::compile_argument;
use crate::call::{Bound, Params};
use crate::compiler::Mode;
use crate::error::{PyResult, Raised};
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::frozen_dict::FrozenDict;
use crate::object::function::{Cell, Function};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::stand_in;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("breakpoint", |vm, _, args| {
        let name = vm.intern("breakpointhook");
        let hook = match vm.module_if_imported("sys") {
            Some(sys) => sys.dict.get_str(vm, &name),
            None => None,
        };
        match hook {
            Some(hook) => vm.call_args(&hook, args),
            None => Err(vm.runtime_error("lost sys.breakpointhook")),
        }
    }),
    NativeDef::bound("eval", &EVAL, eval)
        .signature("($module, source, /, globals=None, locals=None)"),
    NativeDef::bound("exec", &EXEC, exec)
        .signature("($module, source, /, globals=None, locals=None, *, closure=None)"),
    NativeDef::bound("open", &OPEN, |vm, _, _| {
        Err(vm.not_implemented("open(): no file system is granted"))
    }),
];

static EVAL: Params = Params::new(&["", "globals", "locals"], 1).positional_only(1);
static EXEC: Params = Params::new(&["", "globals", "locals", "closure"], 1)
    .positional_only(1)
    .keyword_only(1);
static OPEN: Params = Params::new(
    &[
        "file",
        "mode",
        "buffering",
        "encoding",
        "errors",
        "newline",
        "closefd",
        "opener",
    ],
    1,
);

/// Where a piece of code runs.
struct Namespaces {
    globals: Ref<Dict>,
    locals: Value,
}

fn eval(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    if args.not_none(2).is_some_and(|l| !is_mapping(vm, l)) {
        return Err(vm.type_error("locals must be a mapping"));
    }
    let globals = match args.not_none(1) {
        None => None,
        Some(globals) => match globals.downcast::<Dict>() {
            Some(dict) => Some(dict.clone()),
            None => Some(other_globals(vm, globals, wrong_eval_globals)?),
        },
    };
    let spaces = namespaces(vm, globals, args.not_none(2))?;
    let code = code_of(vm, Mode::Eval, args.get(0), &spaces.globals)?;
    if free_count(&code) > 0 {
        return Err(vm.type_error("code object passed to eval() may not contain free variables"));
    }
    run(vm, code, spaces, None)
}

fn exec(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let globals = match args.not_none(1) {
        None => None,
        Some(globals) => match globals.downcast::<Dict>() {
            Some(dict) => Some(dict.clone()),
            None => Some(other_globals(vm, globals, wrong_exec_globals)?),
        },
    };
    if let Some(locals) = args.not_none(2)
        && !is_mapping(vm, locals)
    {
        let found = vm.type_name(locals);
        return Err(vm.type_error(format!("locals must be a mapping or None, not {found}")));
    }
    let spaces = namespaces(vm, globals, args.not_none(2))?;
    let is_code = args.get(0).is_some_and(|s| s.downcast::<Code>().is_some());
    if !is_code && args.not_none(3).is_some() {
        return Err(vm.type_error("closure can only be used when source is a code object"));
    }
    let code = code_of(vm, Mode::Exec, args.get(0), &spaces.globals)?;
    let closure = closure(vm, &code, args.not_none(3))?;
    run(vm, code, spaces, closure)?;
    Ok(Value::NONE)
}

/// What globals may be, in words.
fn globals_kinds(vm: &Vm) -> &'static str {
    match vm.version_number() {
        ..15 => "dict",
        _ => "dict or a frozendict",
    }
}

/// The globals that no dict stands for: those of a frozendict that names its built-ins, or `wrong`.
#[cold]
fn other_globals(
    vm: &mut Vm,
    globals: &Value,
    wrong: fn(&mut Vm, &Value) -> Raised,
) -> PyResult<Ref<Dict>> {
    let Some(frozen) = globals.downcast::<FrozenDict>().cloned() else {
        return Err(wrong(vm, globals));
    };
    let key = vm.names.__builtins__.clone();
    if !frozen.items().contains_str(vm, &key) {
        return Err(vm.type_error("cannot assign __builtins__ to frozendict globals"));
    }
    stand_in::frozen_globals(vm, &frozen)
}

#[cold]
fn wrong_eval_globals(vm: &mut Vm, globals: &Value) -> Raised {
    let kinds = globals_kinds(vm);
    match is_mapping(vm, globals) {
        true => vm.type_error(format!(
            "globals must be a real {kinds}; try eval(expr, {{}}, mapping)"
        )),
        false => vm.type_error(format!("globals must be a {kinds}")),
    }
}

#[cold]
fn wrong_exec_globals(vm: &mut Vm, globals: &Value) -> Raised {
    let (kinds, found) = (globals_kinds(vm), vm.type_name(globals));
    vm.type_error(format!("exec() globals must be a {kinds}, not {found}"))
}

fn is_mapping(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).slots.get_item.get().is_some()
}

fn free_count(code: &Ref<Code>) -> usize {
    code.code().freevars().count()
}

/// The namespaces given, or the caller's.
fn namespaces(
    vm: &mut Vm,
    globals: Option<Ref<Dict>>,
    locals: Option<&Value>,
) -> PyResult<Namespaces> {
    let own_globals = globals.is_some();
    let Some(globals) = globals.or_else(|| vm.current_globals()) else {
        let ty = vm.types.system_error.clone();
        return Err(vm.error(&ty, "globals and locals cannot be NULL"));
    };
    let locals = match locals {
        Some(locals) => locals.clone(),
        None if own_globals => stand_in::real(vm, &globals),
        None => vm.current_locals()?,
    };
    let key = vm.names.__builtins__.clone();
    if !globals.contains_str(vm, &key) {
        let builtins = Value::from(&vm.builtins);
        globals.set_str(vm, &key, builtins);
    }
    Ok(Namespaces { globals, locals })
}

fn code_of(
    vm: &mut Vm,
    mode: Mode,
    source: Option<&Value>,
    globals: &Ref<Dict>,
) -> PyResult<Ref<Code>> {
    let none = Value::NONE;
    let source = source.unwrap_or(&none);
    if let Some(code) = source.downcast::<Code>() {
        return Ok(code.clone());
    }
    match compile_argument(vm, source, mode, globals)? {
        Some(code) => Ok(code),
        None => Err(vm.type_error(format!(
            "{}() arg 1 must be a string, bytes or code object",
            mode.name()
        ))),
    }
}

/// Checks `exec`'s closure against the free variables of the code.
fn closure(vm: &mut Vm, code: &Ref<Code>, given: Option<&Value>) -> PyResult<Option<Value>> {
    let count = free_count(code);
    match given {
        None if count == 0 => Ok(None),
        Some(_) if count == 0 => Err(vm.type_error("cannot use a closure with this code object")),
        Some(cells)
            if cells.downcast::<Tuple>().is_some_and(|cells| {
                cells.items().len() == count
                    && cells.items().iter().all(|c| c.downcast::<Cell>().is_some())
            }) =>
        {
            Ok(Some(cells.clone()))
        }
        _ => Err(wrong_closure(vm, count)),
    }
}

#[cold]
fn wrong_closure(vm: &mut Vm, count: usize) -> Raised {
    vm.type_error(format!(
        "code object requires a closure of exactly length {count}"
    ))
}

fn run(vm: &mut Vm, code: Ref<Code>, spaces: Namespaces, closure: Option<Value>) -> PyResult {
    let builtins = stand_in::builtins_of(vm, &spaces.globals)?;
    let function = Function::new(vm, code, spaces.globals, builtins);
    function.closure.set(closure);
    vm.eval_code(&function, Some(spaces.locals))
}
