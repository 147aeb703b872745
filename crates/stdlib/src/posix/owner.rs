//! Whose files are: `chown`, `fchown` and `lchown`.

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::sequence::is_index;
use pyco_exec::{Bound, Params, PyResult, Raised, Value, Vm};
use rustix::fs::{AtFlags, Gid, Uid};

use super::arguments::{dir_fd, flag, none, path, with_dir};
use crate::descriptor::{self, require_files};
use crate::path::{self, Allow};

const CHOWN: &Params =
    &Params::new(&["path", "uid", "gid", "dir_fd", "follow_symlinks"], 3).keyword_only(2);
const FCHOWN: &Params = &Params::new(&["fd", "uid", "gid"], 3);
const LCHOWN: &Params = &Params::new(&["path", "uid", "gid"], 3);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("chown", CHOWN, chown)
        .signature("($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)"),
    NativeDef::bound("fchown", FCHOWN, fchown).signature("($module, /, fd, uid, gid)"),
    NativeDef::bound("lchown", LCHOWN, lchown).signature("($module, /, path, uid, gid)"),
];

/// The new owner and group; what is not there stays as it is.
fn owner(vm: &mut Vm, args: &Bound<'_>) -> PyResult<(Option<Uid>, Option<Gid>)> {
    let uid = id(vm, args.get(1), "uid")?.map(Uid::from_raw);
    let gid = id(vm, args.get(2), "gid")?.map(Gid::from_raw);
    Ok((uid, gid))
}

/// A number of a user or group; −1 is none.
fn id(vm: &mut Vm, value: Option<&Value>, name: &str) -> PyResult<Option<u32>> {
    let value = value.cloned().unwrap_or(Value::NONE);
    let value = &value;
    if !is_index(vm, value) {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("{name} should be integer, not {found}")));
    }
    let number = vm.index(value)?;
    let Some(small) = number.as_int().and_then(|number| number.to_i64()) else {
        // As far as CPython looks: beyond a C long only the sign tells.
        let is_negative = vm.index_clamped(&number)? < 0;
        return Err(out_of_range(vm, name, is_negative));
    };
    match (small, u32::try_from(small)) {
        // The highest number is what −1 is to C.
        (-1, _) | (_, Ok(u32::MAX)) => Ok(None),
        (_, Ok(id)) => Ok(Some(id)),
        _ => Err(out_of_range(vm, name, true)),
    }
}

#[cold]
fn out_of_range(vm: &mut Vm, name: &str, is_less: bool) -> Raised {
    let (word, bound) = match is_less {
        true => ("less", "minimum"),
        false => ("greater", "maximum"),
    };
    vm.overflow_error(format!("{name} is {word} than {bound}"))
}

fn chown(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let allow = Allow {
        fd: true,
        ..Allow::default()
    };
    let path = path(vm, args, 0, ("chown", "path"), allow)?;
    let (uid, gid) = owner(vm, args)?;
    let dir = dir_fd(vm, args.get(3))?;
    let follow = flag(vm, args.get(4), true)?;
    if path.fd.is_some() && dir.is_some() {
        return Err(vm.value_error("chown: can't specify both dir_fd and fd"));
    }
    if path.fd.is_some() && !follow && vm.version_number() >= 13 {
        return Err(vm.value_error("chown: cannot use fd and follow_symlinks together"));
    }
    let flags = match follow {
        true => AtFlags::empty(),
        false => AtFlags::SYMLINK_NOFOLLOW,
    };
    let result = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| rustix::fs::fchown(fd, uid, gid)),
        None => with_dir(vm, dir, |dir| {
            rustix::fs::chownat(dir, path.path(), uid, gid, flags)
        }),
    };
    none(vm, result, &[&path.value])
}

fn fchown(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let fd = path::fd_argument(vm, args.get(0).unwrap_or(&Value::NONE))?;
    let (uid, gid) = owner(vm, args)?;
    require_files(vm, &[])?;
    let result = descriptor::with(vm, fd, |fd| rustix::fs::fchown(fd, uid, gid));
    none(vm, result, &[])
}

fn lchown(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = path(vm, args, 0, ("lchown", "path"), Allow::default())?;
    let (uid, gid) = owner(vm, args)?;
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    let result = with_dir(vm, None, |dir| {
        rustix::fs::chownat(dir, path.path(), uid, gid, flags)
    });
    none(vm, result, &[&path.value])
}
