//! From a module's file to the module.
//!
//! Invariant: only verified code runs, wherever it comes from: a `.pyc`, the bytecode beside a source, or the compiler.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use pyco_code::{CodeObject, Verified, verify};

use super::find::{Found, Search, bytecode_of, find, read};
use super::machinery::{self, State};
use super::{find_loaded, not_found, register, set};
use crate::compiler::Source;
use crate::error::PyResult;
use crate::object::code::Code;
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::traceback::suggestions;
use crate::value::Value;
use crate::vm::Vm;

/// Finds a module that is not loaded, and loads it.
pub(super) fn load(vm: &mut Vm, name: &str, parent: Option<&Value>) -> PyResult {
    if machinery::is_own_module(name)
        && machinery::wake(vm)?.is_some()
        && let Some(module) = find_loaded(vm, name)?
    {
        return Ok(module);
    }
    if let Some(machinery) = machinery::changed(vm)? {
        return machinery::find_and_load(vm, &machinery, name);
    }
    let (path, last) = match (parent, name.rsplit_once('.')) {
        (Some(parent), Some((parent_name, last))) => {
            let key = vm.names.__path__.clone();
            let Some(path) = vm.get_attr_opt(parent, &key)? else {
                let message = format!("No module named '{name}'; '{parent_name}' is not a package");
                return Err(not_found(vm, &message, name));
            };
            (Some(path), last)
        }
        _ => (None, name),
    };
    if let Some(make) = vm.native_modules.get(name).copied() {
        let module = Value::from(make(vm)?);
        register(vm, name, &module)?;
        attach(vm, parent, last, &module)?;
        return Ok(module);
    }
    let search = find(vm, path.as_ref(), last)?;
    match &search.file {
        Some(Found::File {
            file,
            is_source,
            package,
        }) => load_file(vm, name, file, *is_source, package.as_deref(), parent, last),
        _ if !search.portions.is_empty() => namespace_package(vm, name, &search, parent, last),
        _ => {
            let mut message = format!("No module named '{name}'");
            if let Some(reason) = &search.no_library
                && suggestions::is_stdlib_module(vm.traceback_version(), name)
            {
                message += &format!(" (it is part of the standard library, but {reason})");
            }
            Err(not_found(vm, &message, name))
        }
    }
}

/// Puts a module into its package.
fn attach(vm: &mut Vm, parent: Option<&Value>, last: &str, module: &Value) -> PyResult<()> {
    if let Some(parent) = parent {
        let last = vm.intern(last);
        vm.set_attr(parent, &last, Some(module.clone()))?;
    }
    Ok(())
}

fn namespace_package(
    vm: &mut Vm,
    name: &str,
    search: &Search,
    parent: Option<&Value>,
    last: &str,
) -> PyResult {
    let module = vm.new_module(name);
    let folders = search.portions.iter();
    let folders = folders.map(|folder| vm.new_str(&folder.display().to_string()));
    let folders = folders.collect::<Vec<_>>();
    let path = vm.new_list(folders);
    let key = vm.names.__path__.clone();
    module.dict.set_str(vm, &key, path);
    set(vm, &module, "__package__", name);
    await_spec(vm, &module)?;
    let module = Value::from(module);
    register(vm, name, &module)?;
    attach(vm, parent, last, &module)?;
    Ok(module)
}

/// Lets a new module have its spec: at once where the machinery runs, else when someone asks.
fn await_spec(vm: &mut Vm, module: &Ref<Module>) -> PyResult<()> {
    for name in ["__spec__", "__loader__"] {
        let name = vm.intern(name);
        drop(module.dict.remove_str(vm, &name));
    }
    if let State::Awake(machinery) = &vm.machinery {
        let machinery = machinery.clone();
        machinery::specify(vm, &machinery, module)?;
    }
    Ok(())
}

fn load_file(
    vm: &mut Vm,
    name: &str,
    file: &Path,
    is_source: bool,
    package: Option<&Path>,
    parent: Option<&Value>,
    last: &str,
) -> PyResult {
    let code = match is_source {
        true => compiled(vm, file)?,
        false => match read_code(vm, file) {
            Ok(code) => vm.new_code(code)?,
            Err(message) => {
                let import_error = vm.types.import_error.clone();
                return Err(vm.error(&import_error, format!("{name}: {message}")));
            }
        },
    };
    let module = vm.new_module(name);
    let value = Value::from(&module);
    file_attributes(vm, &module, file, is_source);
    let package_name = match package {
        Some(folder) => {
            let folder = vm.new_str(&folder.display().to_string());
            let path = vm.new_list(vec![folder]);
            let key = vm.names.__path__.clone();
            module.dict.set_str(vm, &key, path);
            name
        }
        None => name.rsplit_once('.').map_or("", |(parent, _)| parent),
    };
    set(vm, &module, "__package__", package_name);
    await_spec(vm, &module)?;
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
    attach(vm, parent, last, &value)?;
    Ok(value)
}

fn file_attributes(vm: &mut Vm, module: &Ref<Module>, file: &Path, is_source: bool) {
    set(vm, module, "__file__", &file.display().to_string());
    if vm.version_number() >= 15 {
        // Only the spec says so any longer.
        return;
    }
    let cached = if is_source {
        bytecode_of(vm, file)
    } else {
        None
    };
    let cached = cached.as_deref().unwrap_or(file).display().to_string();
    set(vm, module, "__cached__", &cached);
}

/// Gives `__main__` its file.
pub(crate) fn run_main_attributes(vm: &mut Vm, module: &Ref<Module>) {
    if let Some(file) = vm.host.arguments.first().cloned() {
        let file = std::path::absolute(&file).map_or(file, |f| f.display().to_string());
        set(vm, module, "__file__", &file);
        if vm.version_number() < 15 {
            vm.set_global(&module.dict, "__cached__", Value::NONE);
        }
    }
}

fn source_text(vm: &mut Vm, source: &Path) -> PyResult<Vec<u8>> {
    read(vm, source).map_err(|reason| {
        let message = format!("{}: {reason}", source.display());
        vm.error(&vm.types.import_error.clone(), message)
    })
}

/// The code of a source under another file name.
pub(super) fn compiled_as(vm: &mut Vm, source: &Path, filename: &str) -> PyResult<Ref<Code>> {
    let text = source_text(vm, source)?;
    vm.compile(&Source::module(&text, filename.as_bytes()))
}

/// The code of a source: from the bytecode beside it if that is of this version and fresh, else compiled.
fn compiled(vm: &mut Vm, source: &Path) -> PyResult<Ref<Code>> {
    if let Some(code) = fresh_bytecode(vm, source) {
        return vm.new_code(code);
    }
    let text = source_text(vm, source)?;
    let filename = source.display().to_string();
    vm.compile(&Source::module(&text, filename.as_bytes()))
}

/// What a `.pyc` header says of its source.
enum Freshness {
    /// Change time and size, as CPython's default.
    Time(u32, u32),
    /// A hash that nobody looks at.
    Unchecked,
    /// A hash that is to be compared, which is left to the compiler.
    Checked,
}

fn freshness(pyc: &[u8], magic: u16) -> Option<Freshness> {
    let number = |at: usize| Some(u32::from_le_bytes(*pyc.get(at..)?.first_chunk()?));
    if pyc.get(..2)? != magic.to_le_bytes() {
        return None;
    }
    Some(match number(4)? {
        0 => Freshness::Time(number(8)?, number(12)?),
        1 => Freshness::Unchecked,
        _ => Freshness::Checked,
    })
}

fn fresh_bytecode(vm: &mut Vm, source: &Path) -> Option<Verified<CodeObject>> {
    let file = bytecode_of(vm, source)?;
    let pyc = read(vm, &file).ok()?;
    let is_fresh = match freshness(&pyc, vm.version.magic())? {
        Freshness::Time(time, size) => {
            let data = fs::metadata(source).ok()?;
            let changed = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            changed.as_secs() as u32 == time && data.len() as u32 == size
        }
        Freshness::Unchecked => true,
        Freshness::Checked => false,
    };
    if !is_fresh {
        return None;
    }
    // What does not verify is compiled anew, if someone can.
    verify(&CodeObject::from_pyc(&pyc).ok()?).ok()
}

/// The verified code of a `.pyc` file of the VM's version.
fn read_code(vm: &mut Vm, file: &Path) -> Result<Verified<CodeObject>, String> {
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let bytes = read(vm, file).map_err(|error| place(&error))?;
    let code = CodeObject::from_pyc(&bytes).map_err(|error| place(&error))?;
    let version = code.version();
    if version != vm.version {
        let found = format!("compiled by CPython {version}, this is {}", vm.version);
        return Err(place(&found));
    }
    verify(&code).map_err(|error| place(&error))
}
