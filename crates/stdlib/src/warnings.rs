//! `_warnings`: what the interpreter filters and shows warnings with, for programs.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::list::List;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::warnings::{Place, StackLevel, Warning, WarningState};
use pyco_exec::{Args, Params, PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_warnings");
    vm.add_functions(&module, FUNCTIONS);
    let (filters, once_registry, default_action) = vm.first_warning_state();
    vm.set_global(module.dict(), "filters", filters);
    vm.set_global(module.dict(), "_onceregistry", once_registry);
    vm.set_global(module.dict(), "_defaultaction", default_action);
    if vm.version().minor() >= 14 {
        let variable = crate::contextvars::new_variable(vm, "_warnings_context");
        vm.state::<WarningState>().context = Some(variable.clone());
        vm.set_global(module.dict(), "_warnings_context", variable);
    }
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("warn", warn)
        .signature("($module, /, message, category=None, stacklevel=1, source=None)"),
    NativeDef::any("warn_explicit", warn_explicit),
    NativeDef::no_args("_filters_mutated", filters_mutated).until(13),
    NativeDef::no_args("_filters_mutated_lock_held", filters_mutated).since(14),
    NativeDef::no_args("_acquire_lock", |vm, _| {
        vm.state::<Lock>().0 += 1;
        Ok(Value::NONE)
    })
    .since(14),
    NativeDef::no_args("_release_lock", release_lock).since(14),
];

/// How often the lock of the filters was acquired: with one thread nobody waits for it.
#[derive(Default)]
struct Lock(u32);

fn release_lock(vm: &mut Vm, _module: &Value) -> PyResult {
    let lock = vm.state::<Lock>();
    if lock.0 == 0 {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    lock.0 -= 1;
    Ok(Value::NONE)
}

fn filters_mutated(vm: &mut Vm, _module: &Value) -> PyResult {
    if vm.version().minor() >= 14 && vm.state::<Lock>().0 == 0 {
        return Err(vm.runtime_error("warnings lock is not held"));
    }
    vm.state::<WarningState>().filters_version += 1;
    Ok(Value::NONE)
}

static WARN: Params = Params::new(&["message", "category", "stacklevel", "source"], 1);
static WARN_SKIPPING: Params = Params::new(
    &[
        "message",
        "category",
        "stacklevel",
        "source",
        "skip_file_prefixes",
    ],
    1,
)
.keyword_only(1);

/// `warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())`.
fn warn(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let params = match vm.version().minor() {
        ..12 => &WARN,
        _ => &WARN_SKIPPING,
    };
    let bound = args.bind(vm, "warn", params)?;
    let level = match bound.get(2) {
        Some(level) => vm.index_as_i64(level, "Python int too large to convert to C ssize_t")?,
        None => 1,
    };
    let prefixes = match params.names.len() {
        5 => bound.get(4).map(|prefixes| file_prefixes(vm, prefixes)),
        _ => None,
    };
    let skip_file_prefixes = prefixes.transpose()?.unwrap_or_default();
    let message = bound.get(0).cloned().unwrap_or(Value::NONE);
    let category = category_of(vm, &message, bound.not_none(1))?;
    // Frames that are skipped count as none, so the first that is not is the second level at least.
    let level = match skip_file_prefixes.is_empty() {
        true => level,
        false => level.max(2),
    };
    let stack = StackLevel {
        level,
        skip_file_prefixes,
    };
    let place = vm.warning_place(&stack)?;
    let warning = Warning {
        category,
        message,
        source_line: None,
        source: bound.not_none(3).cloned(),
    };
    vm.issue_warning(warning, &place)?;
    Ok(Value::NONE)
}

fn file_prefixes(vm: &mut Vm, prefixes: &Value) -> PyResult<Vec<Ref<Str>>> {
    let Some(prefixes) = prefixes.downcast::<Tuple>() else {
        let found = vm.type_name(prefixes);
        return Err(vm.type_error(format!(
            "warn() argument 'skip_file_prefixes' must be tuple, not {found}"
        )));
    };
    let mut texts = Vec::new();
    for prefix in prefixes.items() {
        match prefix.downcast::<Str>() {
            Some(text) => texts.push(text.clone()),
            None => {
                let found = vm.type_name(prefix);
                return Err(
                    vm.type_error(format!("Found non-str '{found}' in skip_file_prefixes."))
                );
            }
        }
    }
    Ok(texts)
}

/// The class of a warning: that of the message if it is one, else what was given, else UserWarning.
fn category_of(vm: &mut Vm, message: &Value, category: Option<&Value>) -> PyResult {
    let base = Value::from(&vm.types.warning);
    if vm.is_instance(message, &base)? {
        return Ok(Value::from(vm.type_of(message)));
    }
    let Some(category) = category else {
        return Ok(vm.warning_class("UserWarning"));
    };
    if let Some(class) = category.downcast::<Type>() {
        if vm.is_subclass(category, &base)? {
            return Ok(category.clone());
        }
        if vm.version().minor() >= 15 {
            let name = class.name();
            return Err(vm.type_error(format!(
                "category must be a Warning subclass, not class '{name}'"
            )));
        }
    }
    let found = vm.type_name(category);
    Err(vm.type_error(format!(
        "category must be a Warning subclass, not '{found}'"
    )))
}

static WARN_EXPLICIT: Params = Params::new(
    &[
        "message",
        "category",
        "filename",
        "lineno",
        "module",
        "registry",
        "module_globals",
        "source",
    ],
    4,
);

/// `warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None)`.
fn warn_explicit(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "warn_explicit", &WARN_EXPLICIT)?;
    let argument = |index: usize| bound.get(index).cloned().unwrap_or(Value::NONE);
    let (message, category, file) = (argument(0), argument(1), argument(2));
    if file.downcast::<Str>().is_none() {
        let found = vm.type_name(&file);
        let which = match vm.version().minor() {
            ..12 => "3",
            _ => "'filename'",
        };
        return Err(vm.type_error(format!(
            "warn_explicit() argument {which} must be str, not {found}"
        )));
    }
    let line = vm.index_as_i64(&argument(3), "Python int too large to convert to C int")?;
    let source_line = match bound.not_none(6) {
        Some(globals) => line_from_loader(vm, globals, line)?,
        None => None,
    };
    let module = match bound.get(4) {
        // At the end of a program modules may be gone: CPython then says nothing.
        Some(module) if module.is_none() => return Ok(Value::NONE),
        Some(module) => module.clone(),
        None => {
            let file = vm.display(&file);
            vm.module_for(&file)
        }
    };
    let registry = argument(5);
    if !registry.is_none() && registry.downcast::<Dict>().is_none() {
        return Err(vm.type_error("'registry' must be a dict or None"));
    }
    let place = Place {
        file,
        line,
        module,
        registry,
    };
    let warning = Warning {
        category,
        message,
        source_line,
        source: bound.not_none(7).cloned(),
    };
    vm.issue_warning(warning, &place)?;
    Ok(Value::NONE)
}

/// The loader of a module: from 3.12 on by what the import machinery makes of `__spec__` and `__loader__`.
fn loader_of(vm: &mut Vm, globals: &Ref<Dict>) -> PyResult<Option<Value>> {
    if vm.version().minor() >= 12 {
        let machinery = vm.import("_frozen_importlib_external")?;
        let bless = vm.intern("_bless_my_loader");
        if let Some(bless) = vm.get_attr_opt(&machinery, &bless)? {
            return vm.call(&bless, &[Value::from(globals)]).map(Some);
        }
    }
    let loader = vm.intern("__loader__");
    Ok(globals.get_str(vm, &loader))
}

/// The line of a module's source that its loader gives.
fn line_from_loader(vm: &mut Vm, globals: &Value, line: i64) -> PyResult<Option<Value>> {
    let Some(globals) = globals.downcast::<Dict>() else {
        let found = vm.type_name(globals);
        return Err(vm.type_error(match vm.version().minor() {
            ..15 => format!("module_globals must be a dict, not '{found}'"),
            _ => format!("module_globals must be a dict or a frozendict, not {found}"),
        }));
    };
    let name = vm.intern("__name__");
    let loader = loader_of(vm, globals)?.filter(|loader| !loader.is_none());
    let (Some(loader), Some(name)) = (loader, globals.get_str(vm, &name)) else {
        return Ok(None);
    };
    let get_source = vm.intern("get_source");
    let Some(get_source) = vm.get_attr_opt(&loader, &get_source)? else {
        return Ok(None);
    };
    let source = vm.call(&get_source, &[name])?;
    if source.is_none() {
        return Ok(None);
    }
    let split = vm.intern("splitlines");
    let lines = vm.call_method(&source, &split, &[])?;
    let Some(lines) = lines.downcast::<List>() else {
        return Ok(None);
    };
    let lines = lines.items(vm);
    let index = usize::try_from(line - 1).ok();
    Ok(index.and_then(|index| lines.get(index).cloned()))
}
