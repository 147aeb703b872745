//! Imports: native modules, and files in the folders of `sys.path` and of packages.
//!
//! `find` looks for a module's file, `load` makes a module of it, `from_` is IMPORT_FROM and `import *`; here is what
//! `__import__` does around them.

pub mod archive;
mod find;
mod from_;
mod load;
pub(crate) mod machinery;

pub(crate) use find::{read, sys_path};
pub(crate) use from_::{Incomplete, import_from, import_star, why_incomplete};
pub(crate) use load::run_main_attributes;

use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::lazy_import;
use crate::object::module::Module;
use crate::object::slots::CompareOp;
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

/// IMPORT_NAME. At a module's top level a plain import may be lazy.
pub(crate) fn import_name(
    vm: &mut Vm,
    frame: &Frame,
    name: &Ref<Str>,
    from_list: &Value,
    level: &Value,
    may_be_lazy: bool,
) -> PyResult {
    let key = vm.names.__import__.clone();
    let globals = frame.globals().clone();
    let namespace = frame.namespace.as_ref();
    let may_be_lazy = may_be_lazy
        && vm.version_number() >= 15
        && namespace.is_some_and(|n| n.is(globals.as_value()));
    if may_be_lazy && lazy_import::is_wanted(vm, &globals, name, from_list, level)? {
        return lazy_import::import_name(vm, frame, name, from_list, level);
    }
    let builtins = frame.builtins().clone();
    if vm.version_number() < 13 && stand_in::real(vm, &builtins).downcast::<Dict>().is_none() {
        return Err(no_dict(vm));
    }
    let import = stand_in::builtin(vm, &builtins, &key)?;
    match import {
        Some(import) if !vm.is_default_import(&import) => {
            let namespace = frame.names().unwrap_or(Value::NONE);
            vm.call(
                &import,
                &[
                    Value::from(name),
                    stand_in::real(vm, &globals),
                    namespace,
                    from_list.clone(),
                    level.clone(),
                ],
            )
        }
        Some(_) => {
            let level = vm.index_as_i64(level, "import level is too large")?;
            import_module_level(vm, &name.to_string(), Some(&globals), from_list, level)
        }
        None => Err(vm.error(&vm.types.import_error.clone(), "__import__ not found")),
    }
}

/// What 3.11 and 3.12 say of built-ins that are no dict, and where.
#[cold]
fn no_dict(vm: &mut Vm) -> Raised {
    let line = match vm.version_number() {
        11 => 1756,
        _ => 1734,
    };
    let ty = vm.types.system_error.clone();
    vm.error(
        &ty,
        format!("Objects/dictobject.c:{line}: bad argument to internal function"),
    )
}

/// `__import__(name, globals, locals, fromlist, level)`.
pub(crate) fn import_module_level(
    vm: &mut Vm,
    name: &str,
    globals: Option<&Ref<Dict>>,
    from_list: &Value,
    level: i64,
) -> PyResult {
    let absolute = match level {
        0 => name.to_owned(),
        _ => resolve_relative(vm, name, globals, level)?,
    };
    if absolute.is_empty() {
        return Err(vm.value_error("Empty module name"));
    }
    let module = import_module(vm, &absolute)?;
    let wants_submodules = !from_list.is_none() && vm.truth(from_list)?;
    if !wants_submodules {
        if level > 0 && name.is_empty() {
            return Ok(module);
        }
        // `import a.b.c` gives `a`; a relative import, the part that the name's first component stands for.
        let cut = name.find('.').map_or(0, |dot| name.len() - dot);
        return import_module(vm, &absolute[..absolute.len() - cut]);
    }
    let path = vm.names.__path__.clone();
    if vm.get_attr_opt(&module, &path)?.is_some() {
        for item in vm.collect(from_list)? {
            let Some(item) = item.downcast::<Str>().cloned() else {
                continue;
            };
            if item.eq_str("*") {
                import_listed(vm, &module, &absolute)?;
                continue;
            }
            import_submodule(vm, &module, &absolute, &item)?;
        }
    }
    Ok(module)
}

/// What `from package import name` may mean: a submodule that is not loaded yet.
fn import_submodule(
    vm: &mut Vm,
    package: &Value,
    package_name: &str,
    name: &Ref<Str>,
) -> PyResult<()> {
    let interned = vm.intern_ref(name);
    if vm.get_attr_opt(package, &interned)?.is_some() {
        return Ok(());
    }
    let submodule = format!("{package_name}.{name}");
    match import_module(vm, &submodule) {
        Err(raised) if is_missing(vm, &raised, &submodule) => Ok(()),
        result => result.map(drop),
    }
}

/// Imports the submodules that a package's `__all__` lists.
fn import_listed(vm: &mut Vm, package: &Value, package_name: &str) -> PyResult<()> {
    let all = vm.names.__all__.clone();
    let Some(all) = vm.get_attr_opt(package, &all)? else {
        return Ok(());
    };
    for name in vm.collect(&all)? {
        let Some(name) = name.downcast::<Str>().cloned() else {
            let found = vm.type_name(&name);
            let message = format!("Item in {package_name}.__all__ must be str, not {found}");
            return Err(vm.type_error(message));
        };
        if !name.eq_str("*") {
            import_submodule(vm, package, package_name, &name)?;
        }
    }
    Ok(())
}

/// Whether an exception says that just this module is not there.
fn is_missing(vm: &mut Vm, raised: &Raised, name: &str) -> bool {
    let field = raised.0.field(vm, IMPORT_NAME_FIELD);
    raised.is(vm, &vm.types.module_not_found_error)
        && field.is_some_and(|f| f.downcast::<Str>().is_some_and(|f| f.eq_str(name)))
}

/// The field of ImportError's `name`.
pub(crate) const IMPORT_NAME_FIELD: usize = 1;
/// The field of ImportError's `path`.
pub(crate) const IMPORT_PATH_FIELD: usize = 2;

/// The field of ImportError's `name_from`.
pub(crate) const IMPORT_NAME_FROM_FIELD: usize = 3;

/// The absolute name of a relative import.
pub(crate) fn resolve_relative(
    vm: &mut Vm,
    name: &str,
    globals: Option<&Ref<Dict>>,
    level: i64,
) -> PyResult<String> {
    let no_parent = "attempted relative import with no known parent package";
    let import_error = vm.types.import_error.clone();
    let Some(globals) = globals else {
        return Err(vm.error(&import_error, no_parent));
    };
    let Some(package) = package_of(vm, globals)?.filter(|package| !package.is_empty()) else {
        return Err(vm.error(&import_error, no_parent));
    };
    let mut base = package.as_str();
    for _ in 1..level {
        match base.rsplit_once('.') {
            Some((parent, _)) => base = parent,
            None => {
                return Err(vm.error(
                    &import_error,
                    "attempted relative import beyond top-level package",
                ));
            }
        }
    }
    Ok(if name.is_empty() {
        base.to_owned()
    } else {
        format!("{base}.{name}")
    })
}

/// The package that relative names are relative to, by the namespace of who imports; none if it is in none.
fn package_of(vm: &mut Vm, globals: &Ref<Dict>) -> PyResult<Option<String>> {
    let names = [
        vm.names.__package__.clone(),
        vm.intern("__spec__"),
        vm.intern("parent"),
    ];
    let [package, spec, parent] = names;
    let package = globals.get_str(vm, &package).filter(|p| !p.is_none());
    let spec = globals.get_str(vm, &spec).filter(|s| !s.is_none());
    match (package, spec) {
        (Some(package), spec) => {
            let Some(text) = package.downcast::<Str>().map(ToString::to_string) else {
                return Err(vm.type_error("package must be a string"));
            };
            if let Some(spec) = spec {
                let parent = vm.get_attr(&spec, &parent)?;
                if !vm.compare_bool(&package, &parent, CompareOp::Eq)? {
                    let category = match vm.version_number() {
                        ..12 => "ImportWarning",
                        _ => "DeprecationWarning",
                    };
                    vm.warn(category, "__package__ != __spec__.parent")?;
                }
            }
            Ok(Some(text))
        }
        (None, Some(spec)) => match vm.get_attr(&spec, &parent)?.downcast::<Str>() {
            Some(text) => Ok(Some(text.to_string())),
            None => Err(vm.type_error("__spec__.parent must be a string")),
        },
        (None, None) => package_by_name(vm, globals),
    }
}

/// The package of a module that knows no more than its name.
fn package_by_name(vm: &mut Vm, globals: &Ref<Dict>) -> PyResult<Option<String>> {
    let message =
        "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
    vm.warn("ImportWarning", message)?;
    let (name, path) = (vm.names.__name__.clone(), vm.names.__path__.clone());
    let Some(name) = globals.get_str(vm, &name) else {
        let message = vm.new_str("'__name__' not in globals");
        return Err(vm.key_error(message));
    };
    let Some(name) = name.downcast::<Str>().map(ToString::to_string) else {
        return Err(vm.type_error("__name__ must be a string"));
    };
    Ok(match globals.contains_str(vm, &path) {
        true => Some(name),
        false => name.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
    })
}

/// The module of this absolute name, imported at first need, with its parents.
pub(crate) fn import_module(vm: &mut Vm, name: &str) -> PyResult {
    let mut module = None;
    let mut parent: Option<Value> = None;
    for end in name
        .match_indices('.')
        .map(|(dot, _)| dot)
        .chain([name.len()])
    {
        let part = &name[..end];
        let found = match find_loaded(vm, part)? {
            Some(found) => found,
            None => {
                let module = load::load(vm, part, parent.as_ref())?;
                lazy_import::loaded(vm, part)?;
                module
            }
        };
        module = Some(found.clone());
        parent = Some(found);
    }
    match module {
        Some(module) => Ok(module),
        None => Err(vm.value_error("Empty module name")),
    }
}

fn find_loaded(vm: &mut Vm, name: &str) -> PyResult<Option<Value>> {
    let key = vm.new_str(name);
    let modules = vm.modules.clone();
    match modules.get(vm, &key)? {
        Some(module) if module.is_none() => {
            let message = format!("import of {name} halted; None in sys.modules");
            Err(not_found(vm, &message, name))
        }
        found => Ok(found),
    }
}

#[cold]
fn not_found(vm: &mut Vm, message: &str, name: &str) -> Raised {
    let raised = vm.error(&vm.types.module_not_found_error.clone(), message);
    let name = vm.new_str(name);
    raised.0.set_field(vm, IMPORT_NAME_FIELD, Some(name));
    raised
}

fn register(vm: &mut Vm, name: &str, module: &Value) -> PyResult<()> {
    let key = vm.intern(name);
    let modules = vm.modules.clone();
    modules.set_str(vm, &key, module.clone());
    Ok(())
}

fn set(vm: &mut Vm, module: &Ref<Module>, key: &str, value: &str) {
    let (key, value) = (vm.intern(key), vm.new_str(value));
    module.dict.set_str(vm, &key, value);
}

impl Vm {
    /// `cpython-313`: what names of bytecode files end in.
    pub(crate) fn cache_tag(&self) -> String {
        format!("cpython-3{}", self.version_number())
    }

    /// The module `name`, if it has been imported.
    pub fn module_if_imported(&mut self, name: &str) -> Option<Ref<Module>> {
        let key = self.intern(name);
        let modules = self.modules.clone();
        modules.get_str(self, &key)?.into_ref().ok()
    }

    /// The module of this absolute name, imported at first need.
    ///
    /// # Errors
    /// What the import raises.
    pub fn import(&mut self, name: &str) -> PyResult {
        import_module(self, name)
    }

    /// Runs a module's code in its namespace.
    pub(crate) fn run_module(&mut self, module: &Ref<Module>, code: Ref<Code>) -> PyResult {
        let globals = module.dict.clone();
        let key = self.names.__builtins__.clone();
        if !globals.contains_str(self, &key) {
            // What is imported gets the dict; only `__main__` has the module.
            let builtins = Value::from(&self.builtins);
            globals.set_str(self, &key, builtins);
        }
        let builtins = self.builtins.clone();
        let function = Function::new(self, code, globals.clone(), builtins);
        self.eval_code(&function, Some(Value::from(globals)))
    }

    /// Runs a program: its code as the module `__main__`.
    ///
    /// # Errors
    /// The exception that the program did not catch.
    pub fn run_main(&mut self, code: pyco_code::Verified<pyco_code::CodeObject>) -> PyResult {
        let code = self.new_code(code)?;
        self.run_main_code(code)
    }

    /// As [`Vm::run_main`], of code that is an object already.
    pub(crate) fn run_main_code(&mut self, code: Ref<Code>) -> PyResult {
        let module = self.new_module("__main__");
        let annotations = Value::from(Dict::new(self));
        if self.version_number() < 14 {
            self.set_global(&module.dict, "__annotations__", annotations);
        }
        let builtins = self.builtins_module();
        self.set_global(&module.dict, "__builtins__", builtins);
        run_main_attributes(self, &module);
        register(self, "__main__", &Value::from(&module))?;
        self.run_module(&module, code)
    }

    /// The `builtins` module.
    fn builtins_module(&mut self) -> Value {
        let key = self.intern("builtins");
        let modules = self.modules.clone();
        match modules.get_str(self, &key) {
            Some(module) => module,
            None => Value::from(&self.builtins),
        }
    }

    /// Whether a value is the `__import__` of the built-ins, so that calling it can be skipped.
    fn is_default_import(&self, import: &Value) -> bool {
        import
            .downcast::<crate::object::native::NativeFunction>()
            .is_some_and(|f| f.def.name == "__import__")
    }
}
