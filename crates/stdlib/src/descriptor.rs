//! File descriptors: the table of those that the program has opened, and how calls on them fail.
//!
//! Invariant: an int reaches a descriptor only through the table, so a program can use what it opened and the three standard streams,
//! never a descriptor of the host; whatever is left open is closed with the VM.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use pyco_exec::{PyResult, Raised, Value, Vm};
use rustix::io::Errno;

/// The descriptors of one VM.
#[derive(Default)]
pub(crate) struct Descriptors {
    open: HashMap<i32, OwnedFd>,
    /// Which of the standard streams the program has closed.
    closed: [bool; 3],
}

impl Descriptors {
    /// The descriptor of this number.
    fn get(&self, fd: i32) -> Result<BorrowedFd<'_>, Errno> {
        if let Some(found) = self.open.get(&fd) {
            return Ok(found.as_fd());
        }
        match fd {
            0 if !self.closed[0] => Ok(rustix::stdio::stdin()),
            1 if !self.closed[1] => Ok(rustix::stdio::stdout()),
            2 if !self.closed[2] => Ok(rustix::stdio::stderr()),
            _ => Err(Errno::BADF),
        }
    }
}

/// Calls `call` until no signal interrupts it.
pub(crate) fn retry<R>(mut call: impl FnMut() -> Result<R, Errno>) -> Result<R, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

/// Takes over a descriptor; gives its number.
pub(crate) fn add(vm: &mut Vm, fd: OwnedFd) -> i32 {
    let number = fd.as_raw_fd();
    vm.state::<Descriptors>().open.insert(number, fd);
    number
}

/// Uses the descriptor of this number.
pub(crate) fn with<R>(
    vm: &mut Vm,
    fd: i32,
    mut call: impl FnMut(BorrowedFd<'_>) -> Result<R, Errno>,
) -> Result<R, Errno> {
    if (0..3).contains(&fd) && !vm.host().files {
        return Err(Errno::BADF);
    }
    let fd = vm.state::<Descriptors>().get(fd)?;
    retry(|| call(fd))
}

/// The numbers of the descriptors that are open.
pub(crate) fn numbers(vm: &mut Vm) -> Vec<i32> {
    let table = vm.state::<Descriptors>();
    let standard = (0..3).filter(|fd| !table.closed[*fd as usize]);
    standard.chain(table.open.keys().copied()).collect()
}

/// Closes the descriptor of this number.
pub(crate) fn close(vm: &mut Vm, fd: i32) -> Result<(), Errno> {
    let table = vm.state::<Descriptors>();
    if table.open.remove(&fd).is_some() {
        return Ok(());
    }
    let closed = usize::try_from(fd).ok();
    match closed.and_then(|fd| table.closed.get_mut(fd)) {
        Some(closed) if !*closed => {
            *closed = true;
            Ok(())
        }
        _ => Err(Errno::BADF),
    }
}

/// Puts `fd` under the number `target`, where it takes the place of what was there.
pub(crate) fn replace(vm: &mut Vm, fd: i32, target: i32) -> Result<i32, Errno> {
    if (0..3).contains(&target) {
        with(vm, fd, |fd| match target {
            0 => rustix::stdio::dup2_stdin(fd),
            1 => rustix::stdio::dup2_stdout(fd),
            _ => rustix::stdio::dup2_stderr(fd),
        })?;
        vm.state::<Descriptors>().closed[target as usize] = false;
        return Ok(target);
    }
    if fd == target {
        with(vm, fd, |_| Ok(()))?;
        return Ok(target);
    }
    let Some(mut old) = vm.state::<Descriptors>().open.remove(&target) else {
        // A number that is free, or the host's own, cannot be had.
        return Err(Errno::BADF);
    };
    let result = with(vm, fd, |fd| rustix::io::dup2(fd, &mut old));
    vm.state::<Descriptors>().open.insert(target, old);
    result.map(|()| target)
}

fn errno_of(error: &io::Error) -> Errno {
    error
        .raw_os_error()
        .map_or(Errno::IO, Errno::from_raw_os_error)
}

/// Reads at most `limit` bytes. Standard input is the host's.
pub(crate) fn read(vm: &mut Vm, fd: i32, limit: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; limit];
    let is_host = fd == 0 && !vm.state::<Descriptors>().closed[0];
    let len = match is_host {
        true => loop {
            match vm.host_mut().stdin.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result.map_err(|error| errno_of(&error))?,
            }
        },
        false => with(vm, fd, |fd| rustix::io::read(fd, &mut bytes))?,
    };
    bytes.truncate(len);
    Ok(bytes)
}

/// Writes; gives how much was written. Standard output and error are the host's.
pub(crate) fn write(vm: &mut Vm, fd: i32, bytes: &[u8]) -> Result<usize, Errno> {
    let closed = vm.state::<Descriptors>().closed;
    let host = vm.host_mut();
    let stream = match fd {
        1 if !closed[1] => &mut host.stdout,
        2 if !closed[2] => &mut host.stderr,
        _ => return with(vm, fd, |fd| rustix::io::write(fd, bytes)),
    };
    let written = stream.write_all(bytes).and_then(|()| stream.flush());
    written.map_err(|error| errno_of(&error))?;
    Ok(bytes.len())
}

/// The system's words for an error.
pub(crate) fn strerror(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// The OSError, of the right subclass, for an error of the system, with the files concerned.
#[cold]
pub(crate) fn os_error(vm: &mut Vm, error: Errno, files: &[&Value]) -> Raised {
    os_error_saying(vm, error, &strerror(error.raw_os_error()), files)
}

/// The same with other words.
#[cold]
pub(crate) fn os_error_saying(vm: &mut Vm, error: Errno, text: &str, files: &[&Value]) -> Raised {
    let errno = error.raw_os_error();
    let mut arguments = vec![vm.int(errno.into()), vm.new_str(text)];
    if let [first, rest @ ..] = files {
        arguments.push((*first).clone());
        if let [second, ..] = rest {
            arguments.extend([Value::NONE, (*second).clone()]);
        }
    }
    let class = vm.types.os_error.clone();
    match vm.call(class.as_value(), &arguments) {
        Ok(error) => vm.raise_value(error),
        Err(raised) => raised,
    }
}

/// Makes sure that the host grants files.
pub(crate) fn require_files(vm: &mut Vm, files: &[&Value]) -> PyResult<()> {
    match vm.host().files {
        true => Ok(()),
        false => Err(os_error_saying(
            vm,
            Errno::PERM,
            "the host grants no access to files",
            files,
        )),
    }
}

/// Makes sure that the host grants knowledge of the process and the machine.
pub(crate) fn require_process(vm: &mut Vm) -> PyResult<()> {
    match vm.host().process {
        true => Ok(()),
        false => Err(os_error_saying(
            vm,
            Errno::PERM,
            "the host grants no access to processes",
            &[],
        )),
    }
}
