//! `stat` and its result.

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::sequence_class::SequenceDef;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};
use rustix::fs::{AtFlags, Stat};

use super::arguments::{dir_fd, flag, path, with_dir};
use crate::descriptor::{self, os_error};
use crate::path::{Allow, Path, fd_argument};

pub(super) static STAT_RESULT: SequenceDef = SequenceDef {
    name: "os.stat_result",
    fields: &[
        "st_mode",
        "st_ino",
        "st_dev",
        "st_nlink",
        "st_uid",
        "st_gid",
        "st_size",
        "",
        "",
        "",
        "st_atime",
        "st_mtime",
        "st_ctime",
        "st_atime_ns",
        "st_mtime_ns",
        "st_ctime_ns",
        "st_blksize",
        "st_blocks",
        "st_rdev",
    ],
    visible: 10,
    complete: Some(|values| {
        // A time that was not given is that of the whole seconds.
        for index in 7..10 {
            if values[index + 3].is_none() {
                values[index + 3] = values[index].clone();
            }
        }
    }),
};

const PARAMS: &Params = &Params::new(&["path", "dir_fd", "follow_symlinks"], 1).keyword_only(2);
const LINK_PARAMS: &Params = &Params::new(&["path", "dir_fd"], 1).keyword_only(1);
const FD_PARAMS: &Params = &Params::new(&["fd"], 1);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("stat", PARAMS, stat)
        .signature("($module, /, path, *, dir_fd=None, follow_symlinks=True)"),
    NativeDef::bound("lstat", LINK_PARAMS, lstat).signature("($module, /, path, *, dir_fd=None)"),
    NativeDef::bound("fstat", FD_PARAMS, fstat).signature("($module, /, fd)"),
];

/// A stat of a path.
pub(super) fn stat_path(
    vm: &mut Vm,
    path: &Path,
    dir: Option<i32>,
    follow: bool,
) -> PyResult<Stat> {
    let flags = match follow {
        true => AtFlags::empty(),
        false => AtFlags::SYMLINK_NOFOLLOW,
    };
    let found = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| rustix::fs::fstat(fd)),
        None => with_dir(vm, dir, |dir| rustix::fs::statat(dir, path.path(), flags)),
    };
    found.map_err(|error| os_error(vm, error, &[&path.value]))
}

fn stat(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let allow = Allow {
        fd: true,
        ..Allow::default()
    };
    let path = path(vm, args, 0, ("stat", "path"), allow)?;
    let dir = dir_fd(vm, args.get(1))?;
    let follow = flag(vm, args.get(2), true)?;
    if path.fd.is_some() && dir.is_some() {
        return Err(vm.value_error("stat: can't specify dir_fd without matching path"));
    }
    if path.fd.is_some() && !follow {
        let message = "stat: cannot use fd and follow_symlinks together";
        return Err(vm.value_error(message));
    }
    let stat = stat_path(vm, &path, dir, follow)?;
    Ok(result(vm, &stat))
}

fn lstat(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = path(vm, args, 0, ("lstat", "path"), Allow::default())?;
    let dir = dir_fd(vm, args.get(1))?;
    let stat = stat_path(vm, &path, dir, false)?;
    Ok(result(vm, &stat))
}

fn fstat(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let fd = fd_argument(vm, args.get(0).unwrap_or(&Value::NONE))?;
    match descriptor::with(vm, fd, |fd| rustix::fs::fstat(fd)) {
        Ok(stat) => Ok(result(vm, &stat)),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

/// The `stat_result`.
pub(super) fn result(vm: &mut Vm, stat: &Stat) -> Value {
    let times = [
        (stat.st_atime, stat.st_atime_nsec),
        (stat.st_mtime, stat.st_mtime_nsec),
        (stat.st_ctime, stat.st_ctime_nsec),
    ];
    let mut values = vec![
        vm.int(stat.st_mode.into()),
        vm.int(stat.st_ino as i64),
        vm.int(stat.st_dev as i64),
        vm.int(stat.st_nlink as i64),
        vm.int(stat.st_uid.into()),
        vm.int(stat.st_gid.into()),
        vm.int(stat.st_size),
    ];
    values.extend(times.map(|(seconds, _)| vm.int(seconds)));
    values.extend(times.map(|(seconds, nanos)| Value::float(seconds as f64 + 1e-9 * nanos as f64)));
    values.extend(times.map(|(seconds, nanos)| {
        vm.int(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
    }));
    #[allow(clippy::useless_conversion, reason = "other processors have an i32")]
    let block_size = stat.st_blksize.into();
    values.extend([
        vm.int(block_size),
        vm.int(stat.st_blocks),
        vm.int(stat.st_rdev as i64),
    ]);
    vm.new_sequence(&STAT_RESULT, values)
}
