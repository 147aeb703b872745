//! Imports: `.pyc` files in the host's folders, and native modules.
//!
//! A module `a.b` is looked for as `DIR/a/b.pyc`, `DIR/a/b/__init__.pyc` and `DIR/a/__pycache__/b.cpython-3XX.pyc`, in the host's
//! folders for a top-level name and in the package's `__path__` below.

use std::path::{Path, PathBuf};

use pyco_code::{CodeObject, verify};

use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::object::str_::Str;
use crate::traceback::suggestions;
use crate::value::Value;
use crate::vm::Vm;

/// IMPORT_NAME.
pub(crate) fn import_name(
    vm: &mut Vm,
    frame: &Frame,
    name: &Ref<Str>,
    from_list: &Value,
    level: &Value,
) -> PyResult {
    let key = vm.names.__import__.clone();
    let globals = frame.globals().clone();
    let import = frame.builtins().clone().get_str(vm, &key);
    match import {
        Some(import) if !vm.is_default_import(&import) => {
            let namespace = frame.namespace.clone().unwrap_or(Value::NONE);
            vm.call(
                &import,
                &[
                    Value::from(name),
                    Value::from(&globals),
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
fn resolve_relative(
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
    let text =
        |value: Option<Value>| value.and_then(|v| v.downcast::<Str>().map(|s| s.to_string()));
    let (package_key, name_key, path_key) = (
        vm.names.__package__.clone(),
        vm.names.__name__.clone(),
        vm.names.__path__.clone(),
    );
    let package = match text(globals.get_str(vm, &package_key)) {
        Some(package) => package,
        None => {
            let module = text(globals.get_str(vm, &name_key)).unwrap_or_default();
            match globals.contains_str(vm, &path_key) {
                true => module,
                false => module
                    .rsplit_once('.')
                    .map_or(String::new(), |(parent, _)| parent.to_owned()),
            }
        }
    };
    if package.is_empty() {
        return Err(vm.error(&import_error, no_parent));
    }
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
            None => load(vm, part, parent.as_ref(), name)?,
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

fn load(vm: &mut Vm, name: &str, parent: Option<&Value>, wanted: &str) -> PyResult {
    let _ = wanted;
    let (folders, last) = match (parent, name.rsplit_once('.')) {
        (Some(parent), Some((parent_name, last))) => {
            let path = vm.names.__path__.clone();
            let Some(path) = vm.get_attr_opt(parent, &path)? else {
                let message = format!("No module named '{name}'; '{parent_name}' is not a package");
                return Err(not_found(vm, &message, name));
            };
            let mut folders = Vec::new();
            for folder in vm.collect(&path)? {
                if let Some(folder) = folder.downcast::<Str>() {
                    folders.push(PathBuf::from(folder.to_string()));
                }
            }
            (folders, last)
        }
        _ => (vm.host.module_path.clone(), name),
    };
    if parent.is_none()
        && let Some(make) = vm.native_modules.get(name).copied()
    {
        let module = Value::from(make(vm)?);
        register(vm, name, &module)?;
        return Ok(module);
    }
    for folder in &folders {
        if let Some(found) = find_in(vm, folder, last) {
            return load_file(vm, name, &found, parent, last);
        }
    }
    Err(not_found(vm, &format!("No module named '{name}'"), name))
}

/// A module's file, and whether it is a package's.
struct Found {
    file: PathBuf,
    package: Option<PathBuf>,
}

fn find_in(vm: &Vm, folder: &Path, name: &str) -> Option<Found> {
    let tag = format!("cpython-3{}", vm.version_number());
    let package = folder.join(name);
    let candidates = [
        (package.join("__init__.pyc"), true),
        (
            package
                .join("__pycache__")
                .join(format!("__init__.{tag}.pyc")),
            true,
        ),
        (folder.join(format!("{name}.pyc")), false),
        (
            folder.join("__pycache__").join(format!("{name}.{tag}.pyc")),
            false,
        ),
    ];
    candidates
        .into_iter()
        .find(|(file, _)| file.is_file())
        .map(|(file, is_package)| Found {
            file,
            package: is_package.then_some(package),
        })
}

fn register(vm: &mut Vm, name: &str, module: &Value) -> PyResult<()> {
    let key = vm.intern(name);
    let modules = vm.modules.clone();
    modules.set_str(vm, &key, module.clone());
    Ok(())
}

fn load_file(
    vm: &mut Vm,
    name: &str,
    found: &Found,
    parent: Option<&Value>,
    last: &str,
) -> PyResult {
    let shown = found.file.display().to_string();
    let import_error = vm.types.import_error.clone();
    let code = match read_code(vm, &found.file) {
        Ok(code) => code,
        Err(message) => return Err(vm.error(&import_error, format!("{name}: {message}"))),
    };
    let module = vm.new_module(name);
    let value = Value::from(&module);
    set(vm, &module, "__file__", &shown);
    set(vm, &module, "__cached__", &shown);
    let package = match &found.package {
        Some(folder) => {
            let folder = vm.new_str(&folder.display().to_string());
            let path = vm.new_list(vec![folder]);
            let key = vm.names.__path__.clone();
            module.dict.set_str(vm, &key, path);
            name
        }
        None => name.rsplit_once('.').map_or("", |(parent, _)| parent),
    };
    set(vm, &module, "__package__", package);
    register(vm, name, &value)?;
    vm.loading.push(module.clone());
    let result = vm.run_module(&module, code);
    vm.loading.pop();
    if let Err(raised) = result {
        let key = vm.intern(name);
        let modules = vm.modules.clone();
        drop(modules.remove_str(vm, &key));
        return Err(raised);
    }
    // A module may have put something else in its place.
    let value = find_loaded(vm, name)?.unwrap_or(value);
    if let Some(parent) = parent {
        let last = vm.intern(last);
        vm.set_attr(parent, &last, Some(value.clone()))?;
    }
    Ok(value)
}

fn set(vm: &mut Vm, module: &Ref<Module>, key: &str, value: &str) {
    let (key, value) = (vm.intern(key), vm.new_str(value));
    module.dict.set_str(vm, &key, value);
}

/// The verified code of a `.pyc` file of the VM's version.
fn read_code(vm: &Vm, file: &Path) -> Result<pyco_code::Verified<CodeObject>, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let code = CodeObject::from_pyc(&bytes).map_err(|error| place(&error))?;
    let version = code.version();
    if version != vm.version {
        return Err(format!(
            "{}: compiled by CPython {version}, this is {}",
            file.display(),
            vm.version
        ));
    }
    verify(&code).map_err(|error| place(&error))
}

/// IMPORT_FROM.
pub(crate) fn import_from(vm: &mut Vm, module: &Value, name: &Ref<Str>) -> PyResult {
    if let Some(value) = vm.get_attr_opt(module, name)? {
        return Ok(value);
    }
    let (name_key, file_key) = (vm.names.__name__.clone(), vm.names.__file__.clone());
    let module_name = vm.get_attr_opt(module, &name_key)?;
    let module_name = module_name.and_then(|n| n.downcast::<Str>().map(|n| n.to_string()));
    if let Some(module_name) = &module_name
        && let Some(found) = find_loaded(vm, &format!("{module_name}.{name}"))?
    {
        return Ok(found);
    }
    let shown = module_name
        .clone()
        .unwrap_or_else(|| "<unknown module name>".to_owned());
    let file = vm
        .get_attr_opt(module, &file_key)?
        .and_then(|f| f.downcast::<Str>().map(|f| f.to_string()));
    let location = file.as_deref().unwrap_or("unknown location");
    let message = match why_incomplete(vm, module, &shown, file.as_deref()) {
        Some(Incomplete::ShadowsStandard(advice)) => {
            format!("cannot import name '{name}' from '{shown}' ({advice})")
        }
        Some(Incomplete::MayShadow(advice)) => {
            format!("cannot import name '{name}' from '{shown}' ({advice})")
        }
        Some(Incomplete::Circular) => format!(
            "cannot import name '{name}' from partially initialized module '{shown}' \
             (most likely due to a circular import) ({location})"
        ),
        None => format!("cannot import name '{name}' from '{shown}' ({location})"),
    };
    let raised = vm.error(&vm.types.import_error.clone(), message);
    if let Some(module_name) = module_name {
        let value = vm.new_str(&module_name);
        raised.0.set_field(vm, IMPORT_NAME_FIELD, Some(value));
    }
    if let Some(file) = file {
        let value = vm.new_str(&file);
        raised.0.set_field(vm, IMPORT_PATH_FIELD, Some(value));
    }
    if vm.version_number() >= 12 {
        raised
            .0
            .set_field(vm, IMPORT_NAME_FROM_FIELD, Some(Value::from(name)));
    }
    Err(raised)
}

/// Why a module may lack an attribute that it seems to have; the text is advice.
pub(crate) enum Incomplete {
    /// Its file hides a module of the standard library.
    ShadowsStandard(String),
    /// It is being imported, from the program's own folder.
    MayShadow(String),
    /// It is being imported.
    Circular,
}

/// Why the module `name`, loaded from `file`, may lack an attribute.
pub(crate) fn why_incomplete(
    vm: &mut Vm,
    module: &Value,
    name: &str,
    file: Option<&str>,
) -> Option<Incomplete> {
    let has_advice = vm.version_number() >= 13;
    let is_own = |vm: &Vm, file: &str| {
        let folder = vm.host.module_path.first();
        folder.is_some_and(|folder| Path::new(file).parent() == Some(folder))
    };
    let own_file = file.filter(|file| has_advice && is_own(vm, file));
    if let Some(file) = own_file
        && suggestions::is_stdlib_module(vm.traceback_version(), name)
    {
        return Some(Incomplete::ShadowsStandard(format!(
            "consider renaming '{file}' since it has the same name as the standard library module \
             named '{name}' and prevents importing that standard library module"
        )));
    }
    if !vm.loading.iter().any(|l| l.as_value().is(module)) {
        return None;
    }
    Some(match own_file {
        Some(file) => Incomplete::MayShadow(format!(
            "consider renaming '{file}' if it has the same name as a library you intended to import"
        )),
        None => Incomplete::Circular,
    })
}

/// `from module import *`.
pub(crate) fn import_star(vm: &mut Vm, frame: &Frame, module: &Value) -> PyResult<()> {
    let Some(namespace) = frame.namespace.clone() else {
        return Err(vm.error(
            &vm.types.system_error.clone(),
            "no locals found during 'import *'",
        ));
    };
    let all_key = vm.names.__all__.clone();
    let all = vm.get_attr_opt(module, &all_key)?;
    let skip_private = all.is_none();
    let names = match all {
        Some(all) => vm.collect(&all)?,
        None => {
            let dict_key = vm.names.__dict__.clone();
            match vm.get_attr_opt(module, &dict_key)? {
                Some(dict) => vm.collect(&dict)?,
                None => {
                    let message = "from-import-* object has no __dict__ and no __all__";
                    return Err(vm.error(&vm.types.import_error.clone(), message));
                }
            }
        }
    };
    for name in names {
        let Some(text) = name.downcast::<Str>().cloned() else {
            let found = vm.type_name(&name);
            return Err(vm.type_error(format!("Item in __all__ must be str, not {found}")));
        };
        if skip_private && text.view().get(0) == Some('_' as u32) {
            continue;
        }
        let key = vm.intern_ref(&text);
        let value = vm.get_attr(module, &key)?;
        vm.set_item(&namespace, &name, value)?;
    }
    Ok(())
}

impl Vm {
    /// The module of this absolute name, imported at first need.
    ///
    /// # Errors
    /// What the import raises.
    pub fn import(&mut self, name: &str) -> PyResult {
        import_module(self, name)
    }

    /// Runs a module's code in its namespace.
    pub(crate) fn run_module(
        &mut self,
        module: &Ref<Module>,
        code: pyco_code::Verified<CodeObject>,
    ) -> PyResult {
        let code = self.new_code(code)?;
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
    pub fn run_main(&mut self, code: pyco_code::Verified<CodeObject>) -> PyResult {
        let module = self.new_module("__main__");
        let annotations = Value::from(Dict::new(self));
        self.set_global(&module.dict, "__annotations__", annotations);
        let builtins = self.builtins_module();
        self.set_global(&module.dict, "__builtins__", builtins);
        if let Some(file) = self.host.arguments.first().cloned() {
            let file = std::path::absolute(&file).map_or(file, |f| f.display().to_string());
            set(self, &module, "__file__", &file);
            self.set_global(&module.dict, "__cached__", Value::NONE);
        }
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
