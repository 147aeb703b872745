//! Functions on files by name.

use std::os::unix::ffi::OsStrExt;

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};
use rustix::fs::{Access, AtFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::arguments::{dir_fd, flag, mode, none, path, with_dir};
use crate::descriptor::{self, os_error, require_files};
use crate::io::offset_argument;
use crate::path::{self, Allow, Path};
use crate::time::timespec;

const PATH: &Params = &Params::new(&["path"], 1);
const PATH_DIR: &Params = &Params::new(&["path", "dir_fd"], 1).keyword_only(1);
const ACCESS: &Params = &Params::new(
    &["path", "mode", "dir_fd", "effective_ids", "follow_symlinks"],
    2,
)
.keyword_only(3);
const CHMOD: &Params =
    &Params::new(&["path", "mode", "dir_fd", "follow_symlinks"], 2).keyword_only(2);
const FCHMOD: &Params = &Params::new(&["fd", "mode"], 2);
const MKDIR: &Params = &Params::new(&["path", "mode", "dir_fd"], 1).keyword_only(1);
const RENAME: &Params =
    &Params::new(&["src", "dst", "src_dir_fd", "dst_dir_fd"], 2).keyword_only(2);
const SYMLINK: &Params =
    &Params::new(&["src", "dst", "target_is_directory", "dir_fd"], 2).keyword_only(1);
const LINK: &Params = &Params::new(
    &["src", "dst", "src_dir_fd", "dst_dir_fd", "follow_symlinks"],
    2,
)
.keyword_only(3);
const UTIME: &Params =
    &Params::new(&["path", "times", "ns", "dir_fd", "follow_symlinks"], 1).keyword_only(3);
const TRUNCATE: &Params = &Params::new(&["path", "length"], 2);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("access", ACCESS, access).signature(
        "($module, /, path, mode, *, dir_fd=None, effective_ids=False,\n       follow_symlinks=True)",
    ),
    NativeDef::bound("chdir", PATH, chdir).signature("($module, /, path)"),
    NativeDef::bound("chmod", CHMOD, chmod)
        .signature("($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)"),
    NativeDef::bound("fchmod", FCHMOD, fchmod).signature("($module, /, fd, mode)"),
    NativeDef::no_args("getcwd", |vm, _| current_dir(vm, false)).signature("($module, /)"),
    NativeDef::no_args("getcwdb", |vm, _| current_dir(vm, true)).signature("($module, /)"),
    NativeDef::bound("mkdir", MKDIR, mkdir)
        .signature("($module, /, path, mode=511, *, dir_fd=None)"),
    NativeDef::bound("rmdir", PATH_DIR, |vm, _, args| {
        unlink(vm, args, "rmdir", AtFlags::REMOVEDIR)
    })
    .signature("($module, /, path, *, dir_fd=None)"),
    NativeDef::bound("unlink", PATH_DIR, |vm, _, args| {
        unlink(vm, args, "unlink", AtFlags::empty())
    })
    .signature("($module, /, path, *, dir_fd=None)"),
    NativeDef::bound("remove", PATH_DIR, |vm, _, args| {
        unlink(vm, args, "remove", AtFlags::empty())
    })
    .signature("($module, /, path, *, dir_fd=None)"),
    NativeDef::bound("rename", RENAME, |vm, _, args| rename(vm, args, "rename"))
        .signature("($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)"),
    NativeDef::bound("replace", RENAME, |vm, _, args| rename(vm, args, "replace"))
        .signature("($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)"),
    NativeDef::bound("symlink", SYMLINK, symlink)
        .signature("($module, /, src, dst, target_is_directory=False, *,\n        dir_fd=None)"),
    NativeDef::bound("link", LINK, link).signature(
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None,\n     follow_symlinks=True)",
    ),
    NativeDef::bound("readlink", PATH_DIR, read_link)
        .signature("($module, /, path, *, dir_fd=None)"),
    NativeDef::bound("utime", UTIME, utime).signature("($module, /, path, times=None, *, ns=<unrepresentable>,\n      dir_fd=None, follow_symlinks=True)"),
    NativeDef::bound("truncate", TRUNCATE, truncate).signature("($module, /, path, length)"),
];

fn access(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = path(vm, args, 0, ("access", "path"), Allow::default())?;
    let wanted = pyco_exec::object::text_args::c_int_or(vm, args.get(1), 0)?;
    let dir = dir_fd(vm, args.get(2))?;
    let effective = flag(vm, args.get(3), false)?;
    let follow = flag(vm, args.get(4), true)?;
    let mut flags = AtFlags::empty();
    flags.set(AtFlags::EACCESS, effective);
    flags.set(AtFlags::SYMLINK_NOFOLLOW, !follow);
    let wanted = Access::from_bits_truncate(wanted as _);
    let found = with_dir(vm, dir, |dir| {
        rustix::fs::accessat(dir, path.path(), wanted, flags)
    });
    Ok(Value::bool(found.is_ok()))
}

fn chdir(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let allow = Allow {
        fd: true,
        ..Allow::default()
    };
    let path = path(vm, args, 0, ("chdir", "path"), allow)?;
    let result = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| rustix::process::fchdir(fd)),
        None => descriptor::retry(|| rustix::process::chdir(path.path())),
    };
    none(vm, result, &[&path.value])
}

fn current_dir(vm: &mut Vm, is_bytes: bool) -> PyResult {
    require_files(vm, &[])?;
    match std::env::current_dir() {
        Ok(dir) => path::name(vm, dir.as_os_str(), is_bytes),
        Err(error) => {
            let error = Errno::from_raw_os_error(error.raw_os_error().unwrap_or(0));
            Err(os_error(vm, error, &[]))
        }
    }
}

fn chmod(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let allow = Allow {
        fd: true,
        ..Allow::default()
    };
    let path = path(vm, args, 0, ("chmod", "path"), allow)?;
    let mode = mode(vm, args.get(1), 0)?;
    let dir = dir_fd(vm, args.get(2))?;
    let follow = flag(vm, args.get(3), true)?;
    let flags = match follow {
        true => AtFlags::empty(),
        false => AtFlags::SYMLINK_NOFOLLOW,
    };
    let result = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| rustix::fs::fchmod(fd, mode)),
        None => with_dir(vm, dir, |dir| {
            rustix::fs::chmodat(dir, path.path(), mode, flags)
        }),
    };
    none(vm, result, &[&path.value])
}

fn fchmod(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let fd = path::fd_argument(vm, args.get(0).unwrap_or(&Value::NONE))?;
    let mode = mode(vm, args.get(1), 0)?;
    let result = descriptor::with(vm, fd, |fd| rustix::fs::fchmod(fd, mode));
    none(vm, result, &[])
}

fn mkdir(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = path(vm, args, 0, ("mkdir", "path"), Allow::default())?;
    let mode = mode(vm, args.get(1), 0o777)?;
    let dir = dir_fd(vm, args.get(2))?;
    let result = with_dir(vm, dir, |dir| rustix::fs::mkdirat(dir, path.path(), mode));
    none(vm, result, &[&path.value])
}

fn unlink(vm: &mut Vm, args: &Bound<'_>, function: &str, flags: AtFlags) -> PyResult {
    let path = path(vm, args, 0, (function, "path"), Allow::default())?;
    let dir = dir_fd(vm, args.get(1))?;
    let result = with_dir(vm, dir, |dir| rustix::fs::unlinkat(dir, path.path(), flags));
    none(vm, result, &[&path.value])
}

/// Calls something with two folders.
fn with_dirs(
    vm: &mut Vm,
    dirs: [Option<i32>; 2],
    call: impl Fn(std::os::fd::BorrowedFd<'_>, std::os::fd::BorrowedFd<'_>) -> Result<(), Errno>,
) -> Result<(), Errno> {
    // The second is duplicated, since the table lends one descriptor at a time.
    let second = match dirs[1] {
        Some(fd) => Some(descriptor::with(vm, fd, |fd| {
            rustix::io::fcntl_dupfd_cloexec(fd, 3)
        })?),
        None => None,
    };
    with_dir(vm, dirs[0], |first| match &second {
        Some(second) => call(first, std::os::fd::AsFd::as_fd(second)),
        None => call(first, rustix::fs::CWD),
    })
}

fn two_paths(vm: &mut Vm, args: &Bound<'_>, function: &str) -> PyResult<(Path, Path)> {
    Ok((
        path(vm, args, 0, (function, "src"), Allow::default())?,
        path(vm, args, 1, (function, "dst"), Allow::default())?,
    ))
}

fn rename(vm: &mut Vm, args: &Bound<'_>, function: &str) -> PyResult {
    let (src, dst) = two_paths(vm, args, function)?;
    let dirs = [dir_fd(vm, args.get(2))?, dir_fd(vm, args.get(3))?];
    let result = with_dirs(vm, dirs, |from, to| {
        rustix::fs::renameat(from, src.path(), to, dst.path())
    });
    none(vm, result, &[&src.value, &dst.value])
}

fn symlink(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (src, dst) = two_paths(vm, args, "symlink")?;
    let dir = dir_fd(vm, args.get(3))?;
    let result = with_dir(vm, dir, |dir| {
        rustix::fs::symlinkat(src.path(), dir, dst.path())
    });
    none(vm, result, &[&src.value, &dst.value])
}

fn link(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (src, dst) = two_paths(vm, args, "link")?;
    let dirs = [dir_fd(vm, args.get(2))?, dir_fd(vm, args.get(3))?];
    let follow = flag(vm, args.get(4), true)?;
    // As link(2) does on Linux, nothing is followed unless a program says so.
    let flags = match (args.get(4), follow) {
        (Some(_), true) => AtFlags::SYMLINK_FOLLOW,
        _ => AtFlags::empty(),
    };
    let result = with_dirs(vm, dirs, |from, to| {
        rustix::fs::linkat(from, src.path(), to, dst.path(), flags)
    });
    none(vm, result, &[&src.value, &dst.value])
}

fn read_link(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = path(vm, args, 0, ("readlink", "path"), Allow::default())?;
    let dir = dir_fd(vm, args.get(1))?;
    match with_dir(vm, dir, |dir| {
        rustix::fs::readlinkat(dir, path.path(), Vec::new())
    }) {
        Ok(target) => {
            let target = std::ffi::OsStr::from_bytes(target.as_bytes());
            path::name(vm, target, path.is_bytes)
        }
        Err(error) => Err(os_error(vm, error, &[&path.value])),
    }
}

const NANOS: i64 = 1_000_000_000;

fn nanoseconds(vm: &mut Vm, value: &Value) -> PyResult<Timespec> {
    if value.as_int().is_none() {
        let found = vm.type_name(value);
        let message = format!("unsupported operand type(s) for divmod(): '{found}' and 'int'");
        return Err(vm.type_error(message));
    }
    let nanos = vm.index_as_i64(value, "Python int too large to convert to C long")?;
    Ok(Timespec {
        tv_sec: nanos.div_euclid(NANOS) as _,
        tv_nsec: nanos.rem_euclid(NANOS) as _,
    })
}

fn utime(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let allow = Allow {
        fd: true,
        ..Allow::default()
    };
    let path = path(vm, args, 0, ("utime", "path"), allow)?;
    let (times, ns) = (args.not_none(1), args.get(2));
    let dir = dir_fd(vm, args.get(3))?;
    let follow = flag(vm, args.get(4), true)?;
    if times.is_some() && ns.is_some() {
        let message = "utime: you may specify either 'times' or 'ns' but not both";
        return Err(vm.value_error(message));
    }
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: rustix::fs::UTIME_NOW as _,
    };
    let pair = |value: &Value| match value.downcast::<Tuple>().map(|pair| pair.items()) {
        Some([access, change]) => Some([access.clone(), change.clone()]),
        _ => None,
    };
    let stamps = match (times, ns) {
        (Some(times), _) => match pair(times) {
            Some([access, change]) => [timespec(vm, &access)?, timespec(vm, &change)?],
            None => {
                let message = match vm.version_number() {
                    ..15 => "utime: 'times' must be either a tuple of two ints or None",
                    _ => "utime: 'times' must be either a tuple of two numbers or None",
                };
                return Err(vm.type_error(message));
            }
        },
        (None, Some(ns)) => match pair(ns) {
            Some([access, change]) => [nanoseconds(vm, &access)?, nanoseconds(vm, &change)?],
            None => {
                let message = "utime: 'ns' must be a tuple of two ints";
                return Err(vm.type_error(message));
            }
        },
        (None, None) => [now, now],
    };
    let [last_access, last_modification] = stamps;
    let stamps = Timestamps {
        last_access,
        last_modification,
    };
    let flags = match follow {
        true => AtFlags::empty(),
        false => AtFlags::SYMLINK_NOFOLLOW,
    };
    let result = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| rustix::fs::futimens(fd, &stamps)),
        None => with_dir(vm, dir, |dir| {
            rustix::fs::utimensat(dir, path.path(), &stamps, flags)
        }),
    };
    none(vm, result, &[&path.value])
}

fn truncate(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let allow = Allow {
        fd: true,
        ..Allow::default()
    };
    let path = path(vm, args, 0, ("truncate", "path"), allow)?;
    let len = offset_argument(vm, args.get(1).unwrap_or(&Value::NONE))?;
    let Ok(len) = u64::try_from(len) else {
        return Err(os_error(vm, Errno::INVAL, &[&path.value]));
    };
    let result = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| rustix::fs::ftruncate(fd, len)),
        None => descriptor::retry(|| {
            let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::CLOEXEC;
            let file = rustix::fs::open(path.path(), flags, rustix::fs::Mode::empty())?;
            rustix::fs::ftruncate(&file, len)
        }),
    };
    none(vm, result, &[&path.value])
}
