//! What the functions of `posix` take: paths, folders as descriptors, modes.

use std::os::fd::BorrowedFd;

use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{Bound, PyResult, Value, Vm};
use rustix::io::Errno;

use crate::descriptor::{self, os_error, require_files};
use crate::path::{self, Allow, Path};

/// The path argument `index` of a function, where the host grants files.
pub(super) fn path(
    vm: &mut Vm,
    args: &Bound<'_>,
    index: usize,
    name: (&str, &str),
    allow: Allow,
) -> PyResult<Path> {
    let value = args.get(index).cloned().unwrap_or(Value::NONE);
    let path = path::argument(vm, &value, name, allow)?;
    require_files(vm, &[&value])?;
    Ok(path)
}

/// A folder as an open descriptor; nothing for the current one.
pub(super) fn dir_fd(vm: &mut Vm, value: Option<&Value>) -> PyResult<Option<i32>> {
    let Some(value) = value.filter(|value| !value.is_none()) else {
        return Ok(None);
    };
    if !pyco_exec::object::sequence::is_index(vm, value) {
        let found = vm.type_name(value);
        let message = format!("argument should be integer or None, not {found}");
        return Err(vm.type_error(message));
    }
    path::warn_of_bool(vm, value)?;
    path::fd_argument(vm, value).map(Some)
}

/// Uses a folder.
pub(super) fn with_dir<R>(
    vm: &mut Vm,
    dir: Option<i32>,
    call: impl FnMut(BorrowedFd<'_>) -> Result<R, Errno>,
) -> Result<R, Errno> {
    let mut call = call;
    match dir {
        None => descriptor::retry(|| call(rustix::fs::CWD)),
        Some(dir) => descriptor::with(vm, dir, call),
    }
}

/// A bool argument.
pub(super) fn flag(vm: &mut Vm, value: Option<&Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| vm.truth(value))
}

/// A mode of a file.
pub(super) fn mode(vm: &mut Vm, value: Option<&Value>, default: i32) -> PyResult<rustix::fs::Mode> {
    let mode = c_int_or(vm, value, default)?;
    Ok(rustix::fs::Mode::from_raw_mode(mode as _))
}

/// None, or the OSError with the names of `files`.
pub(super) fn none(vm: &mut Vm, result: Result<(), Errno>, files: &[&Value]) -> PyResult {
    match result {
        Ok(()) => Ok(Value::NONE),
        Err(error) => Err(os_error(vm, error, files)),
    }
}
