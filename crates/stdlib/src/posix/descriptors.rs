//! Functions on open descriptors.

use std::os::fd::OwnedFd;

use pyco_exec::object::buffer::{as_bytes_like, data, writable_len, write_into};
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::sequence_class::SequenceDef;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};
use rustix::fs::OFlags;
use rustix::io::{Errno, FdFlags};
#[cfg(not(target_vendor = "apple"))]
use rustix::pipe::PipeFlags;

use super::arguments::{dir_fd, flag, mode, path, with_dir};
use crate::descriptor::{self, os_error, require_files};
use crate::io::{offset_argument, seek_from};
use crate::path::{Allow, fd_argument};

pub(super) static TERMINAL_SIZE: SequenceDef = SequenceDef {
    name: "os.terminal_size",
    fields: &["columns", "lines"],
    visible: 2,
    complete: None,
};

const OPEN: &Params = &Params::new(&["path", "flags", "mode", "dir_fd"], 2).keyword_only(1);
const FD: &Params = &Params::new(&["fd"], 1);
const DUP2: &Params = &Params::new(&["fd", "fd2", "inheritable"], 2);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("open", OPEN, open)
        .signature("($module, /, path, flags, mode=511, *, dir_fd=None)"),
    NativeDef::bound("close", FD, |vm, _, args| {
        let fd = fd_of(vm, args.get(0))?;
        let closed = descriptor::close(vm, fd);
        none(vm, closed)
    })
    .signature("($module, /, fd)"),
    NativeDef::range("closerange", 2, 2, close_range).signature("($module, fd_low, fd_high, /)"),
    NativeDef::range("read", 2, 2, read).signature("($module, fd, length, /)"),
    NativeDef::range("readinto", 2, 2, read_into)
        .signature("($module, fd, buffer, /)")
        .since(14),
    NativeDef::range("write", 2, 2, write).signature("($module, fd, data, /)"),
    NativeDef::range("pread", 3, 3, pread).signature("($module, fd, length, offset, /)"),
    NativeDef::range("pwrite", 3, 3, pwrite).signature("($module, fd, buffer, offset, /)"),
    NativeDef::range("lseek", 3, 3, seek).signature("($module, fd, position, whence, /)"),
    NativeDef::range("ftruncate", 2, 2, truncate).signature("($module, fd, length, /)"),
    NativeDef::bound("fsync", FD, |vm, _, args| {
        on_fd(vm, args.get(0), |fd| rustix::fs::fsync(fd))
    })
    .signature("($module, /, fd)"),
    #[cfg(not(target_vendor = "apple"))]
    NativeDef::bound("fdatasync", FD, |vm, _, args| {
        on_fd(vm, args.get(0), |fd| rustix::fs::fdatasync(fd))
    })
    .signature("($module, /, fd)"),
    NativeDef::bound("fchdir", FD, |vm, _, args| {
        require_files(vm, &[])?;
        on_fd(vm, args.get(0), |fd| rustix::process::fchdir(fd))
    })
    .signature("($module, /, fd)"),
    NativeDef::range("dup", 1, 1, dup).signature("($module, fd, /)"),
    NativeDef::bound("dup2", DUP2, dup2).signature("($module, /, fd, fd2, inheritable=True)"),
    NativeDef::no_args("pipe", |vm, _| pipe(vm, closed_on_exec)).signature("($module, /)"),
    #[cfg(not(target_vendor = "apple"))]
    NativeDef::one("pipe2", |vm, _, flags| {
        let flags = c_int_or(vm, Some(flags), 0)?;
        let flags = PipeFlags::from_bits_retain(flags as u32);
        pipe(vm, || rustix::pipe::pipe_with(flags))
    })
    .signature("($module, flags, /)"),
    NativeDef::one("isatty", |vm, _, fd| {
        let fd = fd_of(vm, Some(fd))?;
        let found = descriptor::with(vm, fd, |fd| Ok(rustix::termios::isatty(fd)));
        Ok(Value::bool(found.unwrap_or(false)))
    })
    .signature("($module, fd, /)"),
    NativeDef::one("get_inheritable", |vm, _, fd| {
        let fd = fd_of(vm, Some(fd))?;
        match descriptor::with(vm, fd, |fd| rustix::io::fcntl_getfd(fd)) {
            Ok(flags) => Ok(Value::bool(!flags.contains(FdFlags::CLOEXEC))),
            Err(error) => Err(os_error(vm, error, &[])),
        }
    })
    .signature("($module, fd, /)"),
    NativeDef::range("set_inheritable", 2, 2, set_inheritable)
        .signature("($module, fd, inheritable, /)"),
    NativeDef::one("get_blocking", |vm, _, fd| {
        let fd = fd_of(vm, Some(fd))?;
        match descriptor::with(vm, fd, |fd| rustix::fs::fcntl_getfl(fd)) {
            Ok(flags) => Ok(Value::bool(!flags.contains(OFlags::NONBLOCK))),
            Err(error) => Err(os_error(vm, error, &[])),
        }
    })
    .signature("($module, fd, /)"),
    NativeDef::range("set_blocking", 2, 2, set_blocking).signature("($module, fd, blocking, /)"),
    NativeDef::range("get_terminal_size", 0, 1, terminal_size)
        .signature("($module, fd=<unrepresentable>, /)"),
    NativeDef::bound("device_encoding", FD, |vm, _, args| {
        let fd = fd_of(vm, args.get(0))?;
        let found = descriptor::with(vm, fd, |fd| Ok(rustix::termios::isatty(fd)));
        Ok(match found {
            Ok(true) => vm.new_str("utf-8"),
            _ => Value::NONE,
        })
    })
    .signature("($module, /, fd)"),
];

fn fd_of(vm: &mut Vm, fd: Option<&Value>) -> PyResult<i32> {
    let fd = &fd.cloned().unwrap_or(Value::NONE);
    if !pyco_exec::object::sequence::is_index(vm, fd) {
        let found = vm.type_name(fd);
        let message = format!("'{found}' object cannot be interpreted as an integer");
        return Err(vm.type_error(message));
    }
    fd_argument(vm, fd)
}

fn none(vm: &mut Vm, result: Result<(), Errno>) -> PyResult {
    match result {
        Ok(()) => Ok(Value::NONE),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn on_fd(
    vm: &mut Vm,
    fd: Option<&Value>,
    call: impl FnMut(std::os::fd::BorrowedFd<'_>) -> Result<(), Errno>,
) -> PyResult {
    // `fileno()` of a stream will do.
    let given = fd.cloned().unwrap_or(Value::NONE);
    let fd = match pyco_exec::object::sequence::is_index(vm, &given) {
        true => {
            crate::path::warn_of_bool(vm, &given)?;
            fd_argument(vm, &given)?
        }
        false => {
            let name = vm.intern("fileno");
            match vm.get_attr_opt(&given, &name)? {
                Some(fileno) => {
                    let fd = vm.call(&fileno, &[])?;
                    fd_argument(vm, &fd)?
                }
                None => {
                    let message = "argument must be an int, or have a fileno() method";
                    return Err(vm.type_error(format!("{message}.")));
                }
            }
        }
    };
    let result = descriptor::with(vm, fd, call);
    none(vm, result)
}

fn open(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = path(vm, args, 0, ("open", "path"), Allow::default())?;
    let flags = c_int_or(vm, args.get(1), 0)?;
    let mode = mode(vm, args.get(2), 0o777)?;
    let dir = dir_fd(vm, args.get(3))?;
    let flags = OFlags::from_bits_retain(flags as u32) | OFlags::CLOEXEC;
    match with_dir(vm, dir, |dir| {
        rustix::fs::openat(dir, path.path(), flags, mode)
    }) {
        Ok(fd) => {
            let fd = descriptor::add(vm, fd);
            Ok(vm.int(fd.into()))
        }
        Err(error) => Err(os_error(vm, error, &[&path.value])),
    }
}

fn close_range(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let (low, high) = (fd_of(vm, args.first())?, fd_of(vm, args.get(1))?);
    for fd in descriptor::numbers(vm) {
        if (low..high).contains(&fd) {
            let _ = descriptor::close(vm, fd);
        }
    }
    Ok(Value::NONE)
}

fn size(vm: &mut Vm, size: Option<&Value>) -> PyResult<usize> {
    let size = vm.index_for_size(size.unwrap_or(&Value::NONE))?;
    let Ok(size) = usize::try_from(size) else {
        return Err(os_error(vm, Errno::INVAL, &[]));
    };
    vm.check_growth(size)?;
    match size > vm.max_size() {
        true => Err(vm.memory_error()),
        false => Ok(size.min(0x7FFF_F000)),
    }
}

fn read(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let size = size(vm, args.get(1))?;
    match descriptor::read(vm, fd, size) {
        Ok(bytes) => Ok(vm.new_bytes(bytes)),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn read_into(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let buffer = args.get(1).cloned().unwrap_or(Value::NONE);
    let Some(room) = writable_len(vm, &buffer)? else {
        let found = vm.type_name(&buffer);
        return Err(vm.type_error(format!(
            "readinto() argument 2 must be read-write bytes-like object, not {found}"
        )));
    };
    match descriptor::read(vm, fd, room) {
        Ok(bytes) => {
            write_into(vm, &buffer, 0, &bytes);
            Ok(vm.int(bytes.len() as i64))
        }
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn write(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let bytes = args.get(1).cloned().unwrap_or(Value::NONE);
    let bytes = as_bytes_like(vm, &bytes)?;
    let bytes = data(vm, &bytes).to_vec();
    match descriptor::write(vm, fd, &bytes) {
        Ok(len) => Ok(vm.int(len as i64)),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn offset(vm: &mut Vm, value: Option<&Value>) -> PyResult<u64> {
    let offset = offset_argument(vm, value.unwrap_or(&Value::NONE))?;
    u64::try_from(offset).map_err(|_| os_error(vm, Errno::INVAL, &[]))
}

fn pread(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let mut bytes = vec![0; size(vm, args.get(1))?];
    let offset = offset(vm, args.get(2))?;
    match descriptor::with(vm, fd, |fd| rustix::io::pread(fd, &mut bytes, offset)) {
        Ok(len) => {
            bytes.truncate(len);
            Ok(vm.new_bytes(bytes))
        }
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn pwrite(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let bytes = args.get(1).cloned().unwrap_or(Value::NONE);
    let bytes = as_bytes_like(vm, &bytes)?;
    let bytes = data(vm, &bytes).to_vec();
    let offset = offset(vm, args.get(2))?;
    match descriptor::with(vm, fd, |fd| rustix::io::pwrite(fd, &bytes, offset)) {
        Ok(len) => Ok(vm.int(len as i64)),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn seek(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let offset = offset_argument(vm, args.get(1).unwrap_or(&Value::NONE))?;
    let whence = c_int_or(vm, args.get(2), 0)?;
    let to = seek_from(vm, offset, whence)?;
    match descriptor::with(vm, fd, |fd| rustix::fs::seek(fd, to)) {
        Ok(place) => Ok(vm.int(place as i64)),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn truncate(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let len = offset(vm, args.get(1))?;
    let result = descriptor::with(vm, fd, |fd| rustix::fs::ftruncate(fd, len));
    none(vm, result)
}

fn dup(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    require_files(vm, &[])?;
    match descriptor::with(vm, fd, |fd| rustix::io::fcntl_dupfd_cloexec(fd, 3)) {
        Ok(fd) => {
            let fd = descriptor::add(vm, fd);
            Ok(vm.int(fd.into()))
        }
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn dup2(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (fd, target) = (fd_of(vm, args.get(0))?, fd_of(vm, args.get(1))?);
    flag(vm, args.get(2), true)?;
    require_files(vm, &[])?;
    if fd < 0 || target < 0 {
        return Err(os_error(vm, Errno::BADF, &[]));
    }
    match descriptor::replace(vm, fd, target) {
        Ok(fd) => Ok(vm.int(fd.into())),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

/// The two ends of a pipe, reader and writer.
type Pipe = rustix::io::Result<(OwnedFd, OwnedFd)>;

/// A pipe that a program started from here does not inherit.
#[cfg(not(target_vendor = "apple"))]
fn closed_on_exec() -> Pipe {
    rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
}

#[cfg(target_vendor = "apple")]
fn closed_on_exec() -> Pipe {
    let (reader, writer) = rustix::pipe::pipe()?;
    rustix::io::fcntl_setfd(&reader, FdFlags::CLOEXEC)?;
    rustix::io::fcntl_setfd(&writer, FdFlags::CLOEXEC)?;
    Ok((reader, writer))
}

fn pipe(vm: &mut Vm, make: impl FnOnce() -> Pipe) -> PyResult {
    require_files(vm, &[])?;
    match make() {
        Ok((reader, writer)) => {
            let ends: [OwnedFd; 2] = [reader, writer];
            let ends = ends.map(|end| {
                let fd = descriptor::add(vm, end);
                vm.int(fd.into())
            });
            Ok(vm.new_tuple(ends.to_vec()))
        }
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn set_inheritable(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let inheritable = c_int_or(vm, args.get(1), 0)? != 0;
    let result = descriptor::with(vm, fd, |fd| {
        let mut flags = rustix::io::fcntl_getfd(fd)?;
        flags.set(FdFlags::CLOEXEC, !inheritable);
        rustix::io::fcntl_setfd(fd, flags)
    });
    none(vm, result)
}

fn set_blocking(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = fd_of(vm, args.first())?;
    let blocking = flag(vm, args.get(1), true)?;
    let result = descriptor::with(vm, fd, |fd| {
        let mut flags = rustix::fs::fcntl_getfl(fd)?;
        flags.set(OFlags::NONBLOCK, !blocking);
        rustix::fs::fcntl_setfl(fd, flags)
    });
    none(vm, result)
}

fn terminal_size(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let fd = match args.first() {
        Some(fd) => fd_of(vm, Some(fd))?,
        None => 1,
    };
    match descriptor::with(vm, fd, |fd| rustix::termios::tcgetwinsize(fd)) {
        Ok(size) => {
            let size = vec![vm.int(size.ws_col.into()), vm.int(size.ws_row.into())];
            Ok(vm.new_sequence(&TERMINAL_SIZE, size))
        }
        Err(error) => Err(os_error(vm, error, &[])),
    }
}
