//! `lazy_import` (3.15): what `lazy import` and `lazy from` bind, in place of what they will import at first use as a global.
//!
//! Invariant: a namespace never gives one away by a cached index: storing one makes the caches of the namespace forget.

use crate::call::{Bound, Params};
use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::import::{import_from, import_module_level, resolve_relative};
use crate::object::dict::Dict;
use crate::object::frozen_dict::items_of;
use crate::object::header::{Payload, Ref};
use crate::object::module::Module;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::set::Set;
use crate::object::slots::UnaryOp;
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// The payload.
pub struct LazyImport {
    /// The module's absolute name.
    name: Ref<Str>,
    /// What the import names behind `from`: a str or a tuple; `None` where it is a plain import.
    from_list: Value,
    /// What of the module, if anything.
    attribute: Option<Ref<Str>>,
    /// The attributes that lead from the package to what `import a.b as c` binds.
    path: Vec<Ref<Str>>,
    globals: Ref<Dict>,
    builtins: Ref<Dict>,
}

impl Payload for LazyImport {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.from_list);
        visit(self.globals.as_value());
        visit(self.builtins.as_value());
    }
}

impl LazyImport {
    /// The name with what is taken from the module.
    fn whole_name(&self) -> String {
        match &self.attribute {
            Some(attribute) => format!("{}.{attribute}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// What a program has set through `sys`, and what is known by name and not there yet.
#[derive(Default)]
struct Settings {
    /// Whether plain imports at the top level of modules are lazy, too.
    all: bool,
    filter: Option<Value>,
    /// `sys.lazy_modules`.
    pending: Option<Ref<Set>>,
}

impl Vm {
    /// Whether every import at the top level of a module may be lazy (`sys.set_lazy_imports`).
    pub fn all_imports_are_lazy(&mut self) -> bool {
        self.state::<Settings>().all
    }

    /// Sets what [`Vm::all_imports_are_lazy`] says.
    pub fn set_all_imports_lazy(&mut self, all: bool) {
        self.state::<Settings>().all = all;
    }

    /// The function that says of each lazy import whether it stays lazy.
    pub fn lazy_import_filter(&mut self) -> Option<Value> {
        self.state::<Settings>().filter.clone()
    }

    /// Sets what [`Vm::lazy_import_filter`] gives.
    pub fn set_lazy_import_filter(&mut self, filter: Option<Value>) {
        self.state::<Settings>().filter = filter;
    }

    /// `sys.lazy_modules`: the names of what lazy imports wait for.
    pub fn lazy_modules(&mut self) -> Ref<Set> {
        if let Some(pending) = &self.state::<Settings>().pending {
            return pending.clone();
        }
        let pending = Set::new(self);
        self.state::<Settings>().pending = Some(pending.clone());
        pending
    }
}

/// IMPORT_NAME of a statement that is to be lazy: what the built-in `__lazy_import__` gives, whatever that is.
pub(crate) fn import_name(
    vm: &mut Vm,
    frame: &Frame,
    name: &Ref<Str>,
    from_list: &Value,
    level: &Value,
) -> PyResult {
    let key = vm.intern("__lazy_import__");
    let builtins = frame.builtins().clone();
    let Some(import) = stand_in::builtin(vm, &builtins, &key)? else {
        return Err(vm.error(&vm.types.import_error.clone(), "__lazy_import__ not found"));
    };
    let globals = stand_in::real(vm, frame.globals());
    let namespace = frame.namespace.clone().unwrap_or(Value::NONE);
    let arguments = [
        Value::from(name),
        globals,
        namespace,
        from_list.clone(),
        level.clone(),
    ];
    vm.call(&import, &arguments)
}

static PARAMS: Params = Params::new(&["name", "globals", "locals", "fromlist", "level"], 1);

/// The built-in `__lazy_import__`.
pub(crate) const LAZY_IMPORT: NativeDef = NativeDef::bound("__lazy_import__", &PARAMS, make)
    .signature("($module, name, globals=None, locals=None,\n                fromlist=(), level=0)")
    .since(15);

fn make(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let level = match args.get(4) {
        Some(level) => vm.index_as_i64(level, "Python int too large to convert to C int")?,
        None => 0,
    };
    let name = args.get(0).cloned().unwrap_or(Value::NONE);
    let Some(name) = name.downcast::<Str>().cloned() else {
        let found = vm.type_name(&name);
        return Err(vm.type_error(format!("module name must be a string, got {found}")));
    };
    let globals = match args.get(1) {
        None => vm.current_globals(),
        Some(globals) => match items_of(globals).cloned() {
            Some(globals) => Some(globals),
            None => {
                let found = vm.type_name(globals);
                return Err(vm.type_error(format!("expect dict for globals, got {found}")));
            }
        },
    };
    let builtins = globals
        .as_ref()
        .and_then(|globals| builtins_of(vm, globals));
    let (Some(globals), Some(builtins)) = (globals, builtins) else {
        return Err(vm.value_error("unable to get builtins for lazy import"));
    };
    let names = args.get(3).cloned().unwrap_or(Value::NONE);
    let absolute = absolute_name(vm, &name, &globals, level)?;
    if !is_module_level(vm) {
        let class = Value::from(&vm.types.syntax_error);
        let message = vm.new_str("'lazy import' is only allowed at module level");
        let exception = vm.call(&class, &[message])?;
        return Err(vm.raise_value(exception));
    }
    let from_list = match vm.truth(&names)? {
        true => names,
        false => Value::NONE,
    };
    if !stays_lazy(vm, &globals, &absolute, &from_list)? {
        return import_module_level(vm, &absolute, Some(&globals), &from_list, 0);
    }
    let is_name = |value: &Value| value.downcast::<Str>().is_some();
    match from_list.downcast::<Tuple>() {
        Some(listed) => {
            if let Some(other) = listed.items().iter().find(|item| !is_name(item)) {
                let found = vm.type_name(other);
                let message = format!("Item in ``from list'' must be str, not {found}");
                return Err(vm.type_error(message));
            }
        }
        None if from_list.is_none() || is_name(&from_list) => {}
        None => {
            let message = "lazy_import: fromlist must be None, a string, or a tuple";
            return Err(vm.type_error(message));
        }
    }
    await_module(vm, &absolute)?;
    let listed = match from_list.downcast::<Tuple>() {
        Some(listed) => listed.items(),
        None if from_list.is_none() => &[],
        None => std::slice::from_ref(&from_list),
    };
    for attribute in listed {
        await_attribute(vm, &absolute, attribute)?;
    }
    let name = vm.intern(&absolute);
    let payload = LazyImport {
        name,
        from_list,
        attribute: None,
        path: Vec::new(),
        globals,
        builtins,
    };
    Ok(Value::from(Ref::new(&vm.types.lazy_import, payload)))
}

/// Whether the running Python code is a module's, not a function's or a class's.
fn is_module_level(vm: &Vm) -> bool {
    vm.current_frame_object().is_some_and(|frame| {
        let namespace = frame.namespace.get();
        namespace.is_some_and(|namespace| namespace.is(frame.globals.as_value()))
    })
}

/// The built-ins that globals name.
fn builtins_of(vm: &mut Vm, globals: &Ref<Dict>) -> Option<Ref<Dict>> {
    let key = vm.names.__builtins__.clone();
    let builtins = globals.get_str(vm, &key)?;
    match builtins.downcast::<Module>() {
        Some(module) => Some(module.dict.clone()),
        None => items_of(&builtins).cloned(),
    }
}

fn absolute_name(
    vm: &mut Vm,
    name: &Ref<Str>,
    globals: &Ref<Dict>,
    level: i64,
) -> PyResult<String> {
    let name = name.to_string();
    let absolute = match level {
        0 => name,
        ..0 => return Err(vm.value_error("level must be >= 0")),
        _ => resolve_relative(vm, &name, Some(globals), level)?,
    };
    match absolute.is_empty() {
        true => Err(vm.value_error("Empty module name")),
        false => Ok(absolute),
    }
}

/// Whether the program's filter lets an import be lazy.
fn stays_lazy(vm: &mut Vm, globals: &Ref<Dict>, name: &str, from_list: &Value) -> PyResult<bool> {
    let Some(filter) = vm.lazy_import_filter() else {
        return Ok(true);
    };
    let key = vm.names.__name__.clone();
    let importer = globals.get_str(vm, &key).unwrap_or(Value::NONE);
    let name = vm.new_str(name);
    let verdict = vm.call(&filter, &[importer, name, from_list.clone()])?;
    vm.truth(&verdict)
}

/// Notes a module, and the packages that it is in, as awaited unless they are there.
fn await_module(vm: &mut Vm, name: &str) -> PyResult<()> {
    let dots = name.match_indices('.').map(|(dot, _)| dot);
    for end in dots.chain([name.len()]) {
        let part = &name[..end];
        if !is_loaded(vm, part)? {
            let part = vm.new_str(part);
            vm.lazy_modules().add(vm, part)?;
        }
    }
    Ok(())
}

/// Notes what is wanted of a module as awaited, unless the module is there and has it.
fn await_attribute(vm: &mut Vm, module: &str, attribute: &Value) -> PyResult<()> {
    let key = vm.new_str(module);
    let loaded = vm.modules.clone().get(vm, &key)?;
    if let (Some(loaded), Some(name)) = (loaded, attribute.downcast::<Str>().cloned())
        && let Some(loaded) = loaded.downcast::<Module>().cloned()
        && loaded.dict.get_str(vm, &name).is_some()
    {
        return Ok(());
    }
    let attribute = vm.display(attribute);
    let whole = vm.new_str(&format!("{module}.{attribute}"));
    vm.lazy_modules().add(vm, whole).map(drop)
}

/// Whether a module is there, and complete.
fn is_loaded(vm: &mut Vm, name: &str) -> PyResult<bool> {
    let key = vm.new_str(name);
    let modules = vm.modules.clone();
    let Some(module) = modules.get(vm, &key)?.filter(|module| !module.is_none()) else {
        return Ok(false);
    };
    let spec = vm.intern("__spec__");
    let Some(spec) = vm.get_attr_opt(&module, &spec)? else {
        return Ok(true);
    };
    let initializing = vm.intern("_initializing");
    match vm.get_attr_opt(&spec, &initializing)? {
        Some(initializing) => Ok(!vm.truth(&initializing)?),
        None => Ok(true),
    }
}

/// Says that a module is there: nobody awaits it any more.
pub(crate) fn loaded(vm: &mut Vm, name: &str) -> PyResult<()> {
    if vm.version_number() < 15 || vm.state::<Settings>().pending.is_none() {
        return Ok(());
    }
    let name = vm.new_str(name);
    vm.lazy_modules().discard(vm, &name).map(drop)
}

/// Whether a plain import statement is lazy after all: the program wants all to be, or the module's `__lazy_modules__` names what it
/// imports.
pub(crate) fn is_wanted(
    vm: &mut Vm,
    globals: &Ref<Dict>,
    name: &Ref<Str>,
    from_list: &Value,
    level: &Value,
) -> PyResult<bool> {
    let listed = from_list.downcast::<Tuple>().map_or(&[][..], |l| l.items());
    let is_star = |item: &Value| item.downcast::<Str>().is_some_and(|item| item.eq_str("*"));
    if listed.iter().any(is_star) {
        return Ok(false);
    }
    if vm.all_imports_are_lazy() {
        return Ok(true);
    }
    let key = vm.intern("__lazy_modules__");
    let Some(names) = globals.get_str(vm, &key) else {
        return Ok(false);
    };
    let level = vm.index_as_i64(level, "import level is too large")?;
    let absolute = absolute_name(vm, name, globals, level)?;
    let absolute = vm.new_str(&absolute);
    vm.contains(&names, &absolute)
}

/// IMPORT_FROM of what is lazy: lazy as well, unless the module is there and has it; `None` if the module is not lazy.
pub(crate) fn attribute_of(
    vm: &mut Vm,
    module: &Value,
    name: &Ref<Str>,
) -> PyResult<Option<Value>> {
    let Some(module) = module.downcast::<LazyImport>().cloned() else {
        return Ok(None);
    };
    let key = Value::from(&module.name);
    let is_plain = module.from_list.is_none();
    if !is_plain
        && let Some(loaded) = vm.modules.clone().get(vm, &key)?
        && let Some(loaded) = loaded.downcast::<Module>().cloned()
        && let Some(found) = loaded.dict.get_str(vm, name)
    {
        return Ok(Some(found));
    }
    let (mut path, mut attribute) = (module.path.clone(), None);
    if is_plain {
        path.push(name.clone());
    } else {
        attribute = Some(name.clone());
    }
    let from_list = match is_plain {
        true => Value::NONE,
        false => vm.new_tuple(vec![Value::from(name)]),
    };
    let payload = LazyImport {
        name: module.name.clone(),
        from_list,
        attribute,
        path,
        globals: module.globals.clone(),
        builtins: module.builtins.clone(),
    };
    Ok(Some(Value::from(Ref::new(&vm.types.lazy_import, payload))))
}

/// A global as a program sees it: what is lazy is imported and takes its own place.
#[inline]
pub(crate) fn of_global(
    vm: &mut Vm,
    globals: &Ref<Dict>,
    name: &Ref<Str>,
    value: Value,
) -> PyResult {
    if value.downcast::<LazyImport>().is_none() {
        return Ok(value);
    }
    let found = resolve(vm, &value)?;
    globals.set_str(vm, name, found.clone());
    Ok(found)
}

/// Imports what is lazy, through the built-in `__import__` of the module that wants it.
fn resolve(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<LazyImport>(vm, this)?.clone();
    match import(vm, &this) {
        Ok(found) => {
            let whole = vm.new_str(&this.whole_name());
            vm.lazy_modules().discard(vm, &whole)?;
            Ok(found)
        }
        Err(raised) => Err(failed(vm, &this, raised)),
    }
}

fn import(vm: &mut Vm, this: &LazyImport) -> PyResult {
    let key = vm.names.__import__.clone();
    let Some(import) = stand_in::builtin(vm, &this.builtins, &key)? else {
        return Err(vm.error(&vm.types.import_error.clone(), "__import__ not found"));
    };
    let globals = Value::from(&this.globals);
    let arguments = [
        Value::from(&this.name),
        globals.clone(),
        globals,
        this.from_list.clone(),
        vm.int(0),
    ];
    let mut found = vm.call(&import, &arguments)?;
    for name in this.path.iter().chain(&this.attribute) {
        found = import_from(vm, &found, name)?;
    }
    Ok(found)
}

/// Says in the exception's cause which lazy import it came from.
fn failed(vm: &mut Vm, this: &LazyImport, raised: Raised) -> Raised {
    let name = this.whole_name();
    let message = format!("lazy import of '{name}' raised an exception during resolution");
    let cause = vm.error(&vm.types.import_error.clone(), message).0;
    raised.0.cause.set(Some(Value::from(cause)));
    raised.0.suppress_context.set(true);
    raised
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<LazyImport>(vm, this)?;
    let name = this.whole_name();
    let more = match this.attribute.is_none() && !this.from_list.is_none() {
        true => "...",
        false => "",
    };
    Ok(vm.new_str(&format!("<lazy_import '{name}{more}'>")))
}

/// An attribute of the object itself: those of what it stands for are not there before it is resolved.
fn get_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    match vm.generic_get_attr(this, name) {
        Err(raised) if raised.is(vm, &vm.types.attribute_error) => {
            let whole = receiver::<LazyImport>(vm, this)?.whole_name();
            let ty = vm.types.attribute_error.clone();
            let message =
                format!("cannot access attribute '{name}' on unresolved lazy import '{whole}'");
            Err(vm.error(&ty, message))
        }
        result => result,
    }
}

static METHODS: &[NativeDef] = &[NativeDef::no_args("resolve", resolve)];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.lazy_import.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.get_attr.set(Some(get_attr));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.lazy_import.clone();
    vm.add_methods(&ty, METHODS);
}
