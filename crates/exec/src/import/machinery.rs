//! CPython's own import machinery, `importlib._bootstrap`, where a program asks for it.
//!
//! Imports are native and need no Python code, so an ordinary program pays for none. Who looks at `sys.meta_path`, `sys.path_hooks`,
//! `sys.path_importer_cache`, a module's `__spec__` or `__loader__`, or imports `importlib`, gets the real objects: the standard library's
//! `_bootstrap.py` and `_bootstrap_external.py` are run then, under the names that CPython gives to its frozen copies. From then on
//! every module gets its spec, and once a program has changed the finders, they decide about imports.
//!
//! Invariant: without a standard library the names are there, but empty.

use std::path::{Path, PathBuf};

use super::find::{Found, file_in, find};
use super::load::compiled_as;
use super::{register, set};
use crate::error::{PyResult, Raised};
use crate::object::frame::Traceback;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::module::Module;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

const BOOTSTRAP: &str = "_frozen_importlib";
const EXTERNAL: &str = "_frozen_importlib_external";

/// The machinery, once it runs.
#[derive(Clone)]
pub(crate) struct Machinery {
    bootstrap: Ref<Module>,
    external: Ref<Module>,
    /// `sys.meta_path` and `sys.path_hooks` as they were at first.
    finders: Vec<Value>,
    hooks: Vec<Value>,
}

/// How far it is.
#[derive(Clone, Default)]
pub(crate) enum State {
    /// Nobody has asked.
    #[default]
    Asleep,
    /// It is being loaded, by native imports.
    Waking,
    /// There is none.
    Missing,
    Awake(Box<Machinery>),
}

/// Whether this is the name of one of the two modules, which only this file loads.
pub(super) fn is_own_module(name: &str) -> bool {
    name == BOOTSTRAP || name == EXTERNAL
}

/// Runs the machinery, if there is a library to take it from.
pub(crate) fn wake(vm: &mut Vm) -> PyResult<Option<Box<Machinery>>> {
    match &vm.machinery {
        State::Awake(machinery) => return Ok(Some(machinery.clone())),
        State::Waking | State::Missing => return Ok(None),
        State::Asleep => {}
    }
    vm.machinery = State::Waking;
    let sys = vm.import("sys")?;
    let dict = match sys.downcast::<Module>() {
        Some(sys) => sys.dict.clone(),
        None => return Ok(None),
    };
    for name in ["meta_path", "path_hooks"] {
        let list = vm.new_list(Vec::new());
        vm.set_global(&dict, name, list);
    }
    let cache = Value::from(crate::object::dict::Dict::new(vm));
    vm.set_global(&dict, "path_importer_cache", cache);
    let loaded = load(vm, &sys);
    match loaded {
        Ok(Some(machinery)) => {
            let machinery = Box::new(machinery);
            vm.machinery = State::Awake(machinery.clone());
            specify_loaded(vm, &machinery)?;
            Ok(Some(machinery))
        }
        Ok(None) => {
            vm.machinery = State::Missing;
            Ok(None)
        }
        Err(raised) => {
            vm.machinery = State::Missing;
            Err(raised)
        }
    }
}

fn load(vm: &mut Vm, sys: &Value) -> PyResult<Option<Machinery>> {
    let Some(folder) = library_folder(vm)? else {
        return Ok(None);
    };
    let Some(imp) = optional(vm, "_imp")? else {
        return Ok(None);
    };
    let bootstrap = run_frozen(vm, &folder, "_bootstrap", BOOTSTRAP)?;
    let (install, value) = (vm.intern("_install"), Value::from(&bootstrap));
    vm.call_method(&value, &install, &[sys.clone(), imp])?;
    let external = run_frozen(vm, &folder, "_bootstrap_external", EXTERNAL)?;
    let install = vm.intern("_install_external_importers");
    vm.call_method(&value, &install, &[])?;
    Ok(Some(Machinery {
        bootstrap,
        external,
        finders: list_of(vm, sys, "meta_path")?,
        hooks: list_of(vm, sys, "path_hooks")?,
    }))
}

/// A module that may be missing.
fn optional(vm: &mut Vm, name: &str) -> PyResult<Option<Value>> {
    match vm.import(name) {
        Ok(module) => Ok(Some(module)),
        Err(raised) if raised.is(vm, &vm.types.import_error) => Ok(None),
        Err(raised) => Err(raised),
    }
}

/// The folder of the library's `importlib`.
fn library_folder(vm: &mut Vm) -> PyResult<Option<PathBuf>> {
    let search = find(vm, None, "importlib")?;
    Ok(match search.file {
        Some(Found::File { package, .. }) => package,
        _ => None,
    })
}

fn run_frozen(vm: &mut Vm, folder: &Path, file: &str, name: &str) -> PyResult<Ref<Module>> {
    let Some((path, true)) = file_in(vm, folder, file) else {
        let message = format!("{}: no {file}.py", folder.display());
        return Err(vm.error(&vm.types.import_error.clone(), message));
    };
    // The name that CPython's tracebacks leave out.
    let shown = format!("<frozen importlib.{file}>");
    let code = compiled_as(vm, &path, &shown)?;
    let module = vm.new_module(name);
    set(vm, &module, "__package__", "importlib");
    register(vm, name, &Value::from(&module))?;
    vm.run_module(&module, code)?;
    Ok(module)
}

fn list_of(vm: &mut Vm, sys: &Value, name: &str) -> PyResult<Vec<Value>> {
    let name = vm.intern(name);
    match vm.get_attr_opt(sys, &name)? {
        Some(list) => match list.downcast::<List>() {
            Some(list) => Ok(list.items(vm).to_vec()),
            None => vm.collect(&list),
        },
        None => Ok(Vec::new()),
    }
}

/// The finders, if a program has changed them.
pub(super) fn changed(vm: &mut Vm) -> PyResult<Option<Box<Machinery>>> {
    let State::Awake(machinery) = &vm.machinery else {
        return Ok(None);
    };
    let machinery = machinery.clone();
    let key = vm.intern("sys");
    let Some(sys) = vm.modules.clone().get_str(vm, &key) else {
        return Ok(None);
    };
    let same = |now: &[Value], then: &[Value]| {
        now.len() == then.len() && now.iter().zip(then).all(|(a, b)| a.is(b))
    };
    let finders = list_of(vm, &sys, "meta_path")?;
    let hooks = list_of(vm, &sys, "path_hooks")?;
    let is_same = same(&finders, &machinery.finders) && same(&hooks, &machinery.hooks);
    Ok((!is_same).then_some(machinery))
}

/// Imports a module by the finders of `sys.meta_path`.
pub(super) fn find_and_load(vm: &mut Vm, machinery: &Machinery, name: &str) -> PyResult {
    let (method, name) = (vm.intern("_find_and_load"), vm.new_str(name));
    let (key, builtins) = (vm.names.__import__.clone(), vm.builtins.clone());
    let import = builtins.get_str(vm, &key).unwrap_or(Value::NONE);
    let bootstrap = Value::from(&machinery.bootstrap);
    match vm.call_method(&bootstrap, &method, &[name, import]) {
        Err(raised) => Err(without_machinery(vm, raised)),
        found => found,
    }
}

/// Takes the machinery's own frames out of a traceback: all of an ImportError's, else those that only call.
fn without_machinery(vm: &mut Vm, raised: Raised) -> Raised {
    let is_import_error = raised.is(vm, &vm.types.import_error);
    let is_own = |traceback: &Ref<Traceback>| {
        let file = traceback.frame.code.code().filename().clone();
        file == "<frozen importlib._bootstrap>" || file == "<frozen importlib._bootstrap_external>"
    };
    let mut kept = Vec::new();
    let mut next = raised.0.traceback.get();
    let mut chunk: Vec<Ref<Traceback>> = Vec::new();
    while let Some(traceback) = next
        .as_ref()
        .and_then(|t| t.downcast::<Traceback>())
        .cloned()
    {
        next = traceback.next.get();
        if is_own(&traceback) {
            let name = traceback.frame.code.code().name().clone();
            chunk.push(traceback);
            if is_import_error || name == "_call_with_frames_removed" {
                chunk.clear();
            }
            continue;
        }
        kept.append(&mut chunk);
        kept.push(traceback);
    }
    kept.append(&mut chunk);
    let mut rest = None;
    for traceback in kept.into_iter().rev() {
        traceback.next.set(rest);
        rest = Some(Value::from(traceback));
    }
    raised.0.traceback.set(rest);
    raised
}

/// Gives a module that was loaded from a file its spec and its loader.
pub(super) fn specify(vm: &mut Vm, machinery: &Machinery, module: &Ref<Module>) -> PyResult<()> {
    let text =
        |value: Option<Value>| value.and_then(|v| v.downcast::<Str>().map(|text| text.to_string()));
    let (name_key, file_key, path_key) = (
        vm.names.__name__.clone(),
        vm.names.__file__.clone(),
        vm.names.__path__.clone(),
    );
    let name = module.dict.get_str(vm, &name_key);
    let file = module.dict.get_str(vm, &file_key);
    let path = module.dict.get_str(vm, &path_key);
    let external = Value::from(&machinery.external);
    let spec_key = vm.intern("__spec__");
    let loader_key = vm.intern("loader");
    let loader_name = vm.intern("__loader__");
    let spec = match (&name, text(file.clone())) {
        (Some(name), Some(file_text)) => {
            let class = match file_text.ends_with(".pyc") {
                true => "SourcelessFileLoader",
                false => "SourceFileLoader",
            };
            let class = vm.intern(class);
            let file = file.unwrap_or(Value::NONE);
            let loader = vm.call_method(&external, &class, &[name.clone(), file.clone()])?;
            let method = vm.intern("spec_from_file_location");
            let method = vm.get_attr(&external, &method)?;
            let path = path.unwrap_or(Value::NONE);
            let names = ["loader", "submodule_search_locations"];
            let names = names.map(|name| Value::from(vm.intern(name))).to_vec();
            let names = crate::object::tuple::Tuple::of_type(&vm.types.tuple, names);
            let values = [name.clone(), file, loader, path];
            vm.call_args(&method, crate::call::Args::new(&values, Some(&names)))?
        }
        (Some(name), None) if path.is_some() => {
            let class = vm.intern("ModuleSpec");
            let bootstrap = Value::from(&machinery.bootstrap);
            let spec = vm.call_method(&bootstrap, &class, &[name.clone(), Value::NONE])?;
            let locations = vm.intern("submodule_search_locations");
            vm.set_attr(&spec, &locations, path)?;
            spec
        }
        _ => return Ok(()),
    };
    let loader = vm.get_attr(&spec, &loader_key)?;
    module.dict.set_str(vm, &spec_key, spec);
    module.dict.set_str(vm, &loader_name, loader);
    Ok(())
}

/// Whether a module awaits its spec.
pub(crate) fn lacks_spec(vm: &mut Vm, module: &Ref<Module>) -> bool {
    let key = vm.intern("__spec__");
    !module.dict.contains_str(vm, &key)
}

fn specify_loaded(vm: &mut Vm, machinery: &Machinery) -> PyResult<()> {
    let modules = vm.modules.clone();
    for (_, module) in modules.items(vm) {
        if let Some(module) = module.downcast::<Module>().cloned()
            && lacks_spec(vm, &module)
        {
            specify(vm, machinery, &module)?;
        }
    }
    Ok(())
}

/// `__spec__` or `__loader__` of a module that has none yet: made now, with the machinery.
pub(crate) fn late_spec(
    vm: &mut Vm,
    module: &Ref<Module>,
    name: &Ref<Str>,
) -> PyResult<Option<Value>> {
    if !name.eq_str("__spec__") && !name.eq_str("__loader__") || !lacks_spec(vm, module) {
        return Ok(None);
    }
    if let Some(machinery) = wake(vm)? {
        if lacks_spec(vm, module) {
            specify(vm, &machinery, module)?;
        }
        return Ok(module.dict.get_str(vm, name));
    }
    Ok(Some(Value::NONE))
}

/// Lets `sys` have what the machinery keeps there, once someone asks.
pub(crate) fn add_late_attributes(vm: &mut Vm, sys: &Ref<Module>) {
    vm.add_lazy_attribute(sys, "builtin_module_names", |vm| {
        let mut names: Vec<&str> = vm
            .native_modules
            .keys()
            .copied()
            .chain(["builtins"])
            .collect();
        names.sort_unstable();
        let names = names.iter().map(|name| vm.new_str(name)).collect();
        Ok(vm.new_tuple(names))
    });
    vm.add_lazy_attribute(sys, "meta_path", |vm| late_list(vm, "meta_path"));
    vm.add_lazy_attribute(sys, "path_hooks", |vm| late_list(vm, "path_hooks"));
    vm.add_lazy_attribute(sys, "path_importer_cache", |vm| {
        late_list(vm, "path_importer_cache")
    });
}

fn late_list(vm: &mut Vm, name: &'static str) -> PyResult {
    wake(vm)?;
    let (sys, name) = (vm.intern("sys"), vm.intern(name));
    let sys = vm.modules.clone().get_str(vm, &sys);
    let dict = sys
        .as_ref()
        .and_then(|sys| sys.downcast::<Module>())
        .map(|sys| sys.dict.clone());
    let found = dict.and_then(|dict| dict.get_str(vm, &name));
    Ok(found.unwrap_or_else(|| vm.new_list(Vec::new())))
}
