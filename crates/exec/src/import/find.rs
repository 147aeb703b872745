//! Where a module's file is.
//!
//! In each folder, for a module `b`: the package `b/__init__.py` or `b/__init__.pyc`, then `b.py` or `b.pyc`; a source whose bytecode is
//! in `__pycache__` need not be compiled, and bytecode there counts without its source, too. A folder `b` with neither is part
//! of a namespace package. A folder may also be a zip file, or lie in one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::PyResult;
use crate::object::list::List;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

/// What stands for a module in a folder.
pub(super) enum Found {
    /// A file.
    File {
        file: PathBuf,
        is_source: bool,
        /// The folder, if the file is a package's.
        package: Option<PathBuf>,
    },
    /// A folder that may be part of a namespace package.
    Portion(PathBuf),
}

/// The bytecode that belongs to a source.
pub(super) fn bytecode_of(vm: &Vm, source: &Path) -> Option<PathBuf> {
    let stem = source.file_stem()?.to_str()?;
    let tag = vm.cache_tag();
    Some(
        source
            .parent()?
            .join("__pycache__")
            .join(format!("{stem}.{tag}.pyc")),
    )
}

/// Looks in one folder, which may lie in an archive.
pub(super) fn find_in(vm: &mut Vm, folder: &Path, name: &str) -> Option<Found> {
    let package = folder.join(name);
    let is_folder = if folder.is_dir() || folder.as_os_str().is_empty() {
        package.is_dir()
    } else {
        vm.archives.of(folder)?.is_folder(&package)
    };
    if is_folder && let Some((file, is_source)) = file_in(vm, &package, "__init__") {
        return Some(Found::File {
            file,
            is_source,
            package: Some(package),
        });
    }
    if let Some((file, is_source)) = file_in(vm, folder, name) {
        return Some(Found::File {
            file,
            is_source,
            package: None,
        });
    }
    is_folder.then_some(Found::Portion(package))
}

/// The file of a module in a folder, and whether it is a source.
pub(super) fn file_in(vm: &mut Vm, folder: &Path, name: &str) -> Option<(PathBuf, bool)> {
    let archive = match folder.is_dir() || folder.as_os_str().is_empty() {
        true => None,
        false => Some(vm.archives.of(folder)?),
    };
    let is_file = |path: &Path| match &archive {
        Some(archive) => archive.is_file(path),
        None => path.is_file(),
    };
    let source = folder.join(format!("{name}.py"));
    let cached = bytecode_of(vm, &source);
    if is_file(&source)
        && (vm.host.compiler.is_some() || cached.as_ref().is_some_and(|c| is_file(c)))
    {
        return Some((source, true));
    }
    let bytecode = folder.join(format!("{name}.pyc"));
    if is_file(&bytecode) {
        return Some((bytecode, false));
    }
    cached
        .filter(|cached| is_file(cached))
        .map(|cached| (cached, false))
}

/// The bytes of a module's file, which may lie in an archive.
pub(crate) fn read(vm: &mut Vm, path: &Path) -> Result<Vec<u8>, String> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) => match vm.archives.of(path) {
            Some(archive) => archive.read(path),
            None => Err(error.to_string()),
        },
    }
}

/// Looks in the folders of `sys.path`, or in those of a package.
pub(super) fn find(vm: &mut Vm, path: Option<&Value>, name: &str) -> PyResult<Search> {
    let mut search = Search::default();
    let list = match path {
        Some(path) => Some(path.clone()),
        None => given_path(vm),
    };
    if let Some(list) = list {
        for folder in vm.collect(&list)? {
            if let Some(folder) = folder.downcast::<Str>() {
                let folder = PathBuf::from(folder.to_string());
                search.look(vm, &folder, name);
            }
        }
        return Ok(search);
    }
    for folder in vm.host.module_path.clone() {
        search.look(vm, &folder, name);
    }
    if search.file.is_none() {
        match vm.library() {
            Ok(folders) => folders
                .iter()
                .for_each(|folder| search.look(vm, folder, name)),
            Err(reason) => search.no_library = Some(reason),
        }
    }
    Ok(search)
}

/// What a search has come to.
#[derive(Default)]
pub(super) struct Search {
    /// The module's file.
    pub(super) file: Option<Found>,
    /// The folders of a namespace package.
    pub(super) portions: Vec<PathBuf>,
    /// Why there is no standard library.
    pub(super) no_library: Option<String>,
}

impl Search {
    fn look(&mut self, vm: &mut Vm, folder: &Path, name: &str) {
        if self.file.is_some() {
            return;
        }
        match find_in(vm, folder, name) {
            Some(Found::Portion(portion)) => self.portions.push(portion),
            found => self.file = found,
        }
    }
}

/// `sys.path`, if someone has asked for it: until then it is what [`sys_path`] would make it.
fn given_path(vm: &mut Vm) -> Option<Value> {
    let (sys, path) = (vm.intern("sys"), vm.intern("path"));
    let modules = vm.modules.clone();
    let sys = modules.get_str(vm, &sys)?;
    let dict = sys
        .downcast::<crate::object::module::Module>()?
        .dict
        .clone();
    dict.get_str(vm, &path)
        .filter(|path| path.downcast::<List>().is_some())
}

/// Makes `sys.path`: the host's folders, then those of the standard library.
pub(crate) fn sys_path(vm: &mut Vm) -> PyResult {
    let mut folders = vm.host.module_path.clone();
    folders.extend(vm.library().unwrap_or_default());
    let folders = folders
        .iter()
        .map(|folder| vm.new_str(&folder.display().to_string()));
    let folders = folders.collect::<Vec<_>>();
    Ok(vm.new_list(folders))
}
