//! `FileIO`: a descriptor as a raw stream.

use std::cell::Cell;

use pyco_exec::object::buffer::{as_bytes_like, data, write_into};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};
use rustix::fs::{FileType, Mode as FileMode, OFlags, SeekFrom};
use rustix::io::Errno;

use super::base::{self, RAW_IO_BASE, attribute_opt, call, set_attribute, size_argument};
use super::{Mode, unsupported};
use crate::descriptor::{self, os_error, require_files};
use crate::path::{self, Allow};

/// The payload.
pub(super) struct FileIo {
    /// The descriptor; negative once closed.
    fd: Cell<i32>,
    mode: Cell<Mode>,
    is_fd_ours: Cell<bool>,
    is_seekable: Cell<Option<bool>>,
    is_finalizing: Cell<bool>,
    block_size: Cell<i64>,
}

impl FileIo {
    pub(super) fn is_closed(&self) -> bool {
        self.fd.get() < 0
    }
}

impl Payload for FileIo {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

pub(super) static FILE_IO: ClassDef = ClassDef::new::<FileIo>("_io.FileIO", slots)
    .base(|vm| vm.class(&RAW_IO_BASE))
    .subclassable()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.set_unary(UnaryOp::Repr, repr);
}

fn new(_vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let file = FileIo {
        fd: Cell::new(-1),
        mode: Cell::default(),
        is_fd_ours: Cell::new(true),
        is_seekable: Cell::new(None),
        is_finalizing: Cell::new(false),
        block_size: Cell::new(0),
    };
    Ok(Value::from(Ref::new(class, file)))
}

static INIT: Params = Params::new(&["file", "mode", "closefd", "opener"], 1);

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let file = receiver::<FileIo>(vm, this)?.clone();
    let args = args.bind(vm, "FileIO", &INIT)?;
    let name = args.get(0).cloned().unwrap_or(Value::NONE);
    if file.fd.get() >= 0 {
        match file.is_fd_ours.get() {
            true => close_fd(vm, &file)?,
            false => file.fd.set(-1),
        }
    }
    let fd = fd_argument(vm, &name)?;
    let mode = match args.get(1) {
        Some(mode) => match mode.downcast::<Str>() {
            Some(mode) => mode.to_string(),
            None => {
                let found = pyco_exec::object::text_args::clinic_type(vm, mode);
                let message = format!("FileIO() argument 'mode' must be str, not {found}");
                return Err(vm.type_error(message));
            }
        },
        None => "r".to_owned(),
    };
    let is_fd_ours = match args.get(2) {
        Some(ours) => vm.truth(ours)?,
        None => true,
    };
    let mode = parse_mode(vm, &mode)?;
    file.mode.set(mode);
    file.is_seekable.set(None);
    file.is_fd_ours.set(is_fd_ours);
    let opener = args.not_none(3).cloned();
    let is_opened = fd.is_none();
    let fd = match fd {
        Some(fd) => fd,
        None if !is_fd_ours => {
            return Err(vm.value_error("Cannot use closefd=False with file name"));
        }
        None => open(vm, &name, mode, opener)?,
    };
    file.fd.set(fd);
    if let Err(raised) = adopt(vm, this, &file, &name) {
        // A descriptor that was given stays open.
        file.fd.set(-1);
        if is_opened {
            let _ = descriptor::close(vm, fd);
        }
        return Err(raised);
    }
    Ok(())
}

/// The descriptor, if the file was named by one.
fn fd_argument(vm: &mut Vm, name: &Value) -> PyResult<Option<i32>> {
    if name.as_float().is_some() || !pyco_exec::object::sequence::is_index(vm, name) {
        return Ok(None);
    }
    path::warn_of_bool(vm, name)?;
    let fd = vm.index_as_i64(name, "Python int too large to convert to C int")?;
    match i32::try_from(fd) {
        Ok(0..) => Ok(Some(fd as i32)),
        Ok(_) => Err(vm.value_error("negative file descriptor")),
        Err(_) => Err(vm.overflow_error("Python int too large to convert to C int")),
    }
}

fn parse_mode(vm: &mut Vm, text: &str) -> PyResult<Mode> {
    const KINDS: &str =
        "Must have exactly one of create/read/write/append mode and at most one plus";
    let mut mode = Mode::default();
    let (mut kinds, mut pluses) = (0, 0);
    for c in text.chars() {
        match c {
            'x' => mode.creating = true,
            'r' => mode.reading = true,
            'w' => mode.writing = true,
            'a' => mode.appending = true,
            '+' => {
                mode.updating = true;
                pluses += 1;
            }
            'b' => {}
            _ => return Err(vm.value_error(format!("invalid mode: {text}"))),
        }
        kinds += usize::from("xrwa".contains(c));
    }
    if kinds != 1 || pluses > 1 {
        return Err(vm.value_error(KINDS));
    }
    Ok(mode)
}

impl FileIo {
    fn is_readable(&self) -> bool {
        let mode = self.mode.get();
        mode.reading || mode.updating
    }

    fn is_writable(&self) -> bool {
        let mode = self.mode.get();
        !mode.reading || mode.updating
    }
}

fn open(vm: &mut Vm, name: &Value, mode: Mode, opener: Option<Value>) -> PyResult<i32> {
    let mut flags = match (mode.reading, mode.updating) {
        (_, true) => OFlags::RDWR,
        (true, false) => OFlags::RDONLY,
        (false, false) => OFlags::WRONLY,
    };
    flags |= match () {
        () if mode.creating => OFlags::EXCL | OFlags::CREATE,
        () if mode.writing => OFlags::CREATE | OFlags::TRUNC,
        () if mode.appending => OFlags::APPEND | OFlags::CREATE,
        () => OFlags::empty(),
    };
    flags |= OFlags::CLOEXEC;
    if let Some(opener) = opener {
        let flags = vm.int(flags.bits().into());
        let fd = vm.call(&opener, &[name.clone(), flags])?;
        if !pyco_exec::object::sequence::is_index(vm, &fd) {
            return Err(vm.type_error("expected integer from opener"));
        }
        let fd = vm.index_as_i64(&fd, "Python int too large to convert to C int")?;
        return match i32::try_from(fd) {
            Ok(fd @ 0..) => Ok(fd),
            _ => Err(vm.value_error(format!("opener returned {fd}"))),
        };
    }
    let fs_path = path::require_fs_path(vm, name)?;
    let path = path::argument(vm, &fs_path, ("", "path"), Allow::default())?;
    require_files(vm, &[name])?;
    let opened =
        descriptor::retry(|| rustix::fs::open(path.path(), flags, FileMode::from_raw_mode(0o666)));
    match opened {
        Ok(fd) => Ok(descriptor::add(vm, fd)),
        Err(error) => Err(os_error(vm, error, &[name])),
    }
}

/// Looks at what was opened, and goes to its end to append.
fn adopt(vm: &mut Vm, this: &Value, file: &Ref<FileIo>, name: &Value) -> PyResult<()> {
    let fd = file.fd.get();
    let block = super::default_buffer_size(vm) as i64;
    file.block_size.set(block);
    match descriptor::with(vm, fd, |fd| rustix::fs::fstat(fd)) {
        Ok(stat) => {
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                return Err(os_error(vm, Errno::ISDIR, &[name]));
            }
            #[allow(clippy::useless_conversion, reason = "other processors have an i32")]
            let block: i64 = stat.st_blksize.into();
            if block > 1 {
                file.block_size.set(block);
            }
        }
        // Without the host's files, the standard streams still work.
        Err(Errno::BADF) if (0..3).contains(&fd) => {}
        Err(Errno::BADF) => return Err(os_error(vm, Errno::BADF, &[])),
        Err(_) => {}
    }
    set_attribute(vm, this, "name", name.clone())?;
    if file.mode.get().appending {
        seek_to(vm, file, SeekFrom::End(0)).ok();
    }
    Ok(())
}

fn close_fd(vm: &mut Vm, file: &Ref<FileIo>) -> PyResult<()> {
    let fd = file.fd.replace(-1);
    if fd < 0 {
        return Ok(());
    }
    descriptor::close(vm, fd).map_err(|error| os_error(vm, error, &[]))
}

#[cold]
fn closed(vm: &mut Vm) -> Raised {
    vm.value_error("I/O operation on closed file")
}

/// The file that a method is called on, unless it is closed.
fn opened<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<FileIo>> {
    let file = receiver::<FileIo>(vm, this)?;
    match file.fd.get() {
        0.. => Ok(file),
        _ => Err(closed(vm)),
    }
}

fn not_open_for(vm: &mut Vm, what: &str) -> Raised {
    unsupported(vm, &format!("File not open for {what}"))
}

fn readable<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<FileIo>> {
    let file = opened(vm, this)?;
    match file.is_readable() {
        true => Ok(file),
        false => Err(not_open_for(vm, "reading")),
    }
}

/// Reads at most `limit` bytes; nothing if the file would block.
pub(super) fn read_some(vm: &mut Vm, this: &Value, limit: usize) -> PyResult<Option<Vec<u8>>> {
    let file = readable(vm, this)?;
    vm.check_growth(limit)?;
    if limit > vm.max_size() {
        return Err(vm.memory_error());
    }
    match descriptor::read(vm, file.fd.get(), limit.min(i32::MAX as usize)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Errno::AGAIN) => Ok(None),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

/// Writes; gives how much was written, or nothing if the file would block.
pub(super) fn write_some(vm: &mut Vm, this: &Value, bytes: &[u8]) -> PyResult<Option<usize>> {
    let file = opened(vm, this)?;
    if !file.is_writable() {
        return Err(not_open_for(vm, "writing"));
    }
    match descriptor::write(vm, file.fd.get(), bytes) {
        Ok(len) => Ok(Some(len)),
        Err(Errno::AGAIN) => Ok(None),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

/// Reads to the end; nothing if the file would block at once.
pub(super) fn read_to_end(vm: &mut Vm, this: &Value) -> PyResult<Option<Vec<u8>>> {
    let fd = readable(vm, this)?.fd.get();
    let place = descriptor::with(vm, fd, |fd| rustix::fs::seek(fd, SeekFrom::Current(0)));
    let size = descriptor::with(vm, fd, |fd| rustix::fs::fstat(fd).map(|s| s.st_size as u64));
    let ahead = match (place, size) {
        (Ok(place), Ok(size)) => size.saturating_sub(place) as usize,
        _ => 0,
    };
    let mut all = Vec::new();
    loop {
        // One byte more than there should be, so that the end shows at the second read.
        let wanted = match ahead.checked_sub(all.len()) {
            Some(left @ 1..) => left + 1,
            _ => all.len().clamp(8 << 10, 1 << 20),
        };
        vm.check_growth(wanted)?;
        match descriptor::read(vm, fd, wanted.min(1 << 24)) {
            Ok(part) if part.is_empty() => break,
            Ok(part) if all.is_empty() => all = part,
            Ok(part) => all.extend_from_slice(&part),
            Err(Errno::AGAIN) if all.is_empty() => return Ok(None),
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(os_error(vm, error, &[])),
        }
    }
    Ok(Some(all))
}

fn seek_to(vm: &mut Vm, file: &Ref<FileIo>, to: SeekFrom) -> Result<u64, Errno> {
    let result = descriptor::with(vm, file.fd.get(), |fd| rustix::fs::seek(fd, to));
    if file.is_seekable.get().is_none() {
        file.is_seekable.set(Some(result.is_ok()));
    }
    result
}

/// Where the descriptor is; by way of [`seek`].
pub(super) fn position(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let file = opened(vm, this)?.clone();
    match seek_to(vm, &file, SeekFrom::Current(0)) {
        Ok(place) => Ok(place as i64),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn bytes_or_none(vm: &mut Vm, bytes: Option<Vec<u8>>) -> PyResult {
    Ok(bytes.map_or(Value::NONE, |bytes| vm.new_bytes(bytes)))
}

fn read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    readable(vm, this)?;
    match usize::try_from(size_argument(vm, args.first())?) {
        Ok(limit) => {
            let bytes = read_some(vm, this, limit)?;
            bytes_or_none(vm, bytes)
        }
        Err(_) => read_all(vm, this),
    }
}

fn read_all(vm: &mut Vm, this: &Value) -> PyResult {
    let file = opened(vm, this)?;
    if !file.is_readable() && vm.version_number() < 15 {
        // Asked first at the descriptor, as in C.
        return Err(os_error(vm, Errno::BADF, &[]));
    }
    let bytes = read_to_end(vm, this)?;
    bytes_or_none(vm, bytes)
}

fn read_into(vm: &mut Vm, this: &Value, buffer: &Value) -> PyResult {
    let room = base::writable_argument(vm, buffer, "readinto")?;
    match read_some(vm, this, room)? {
        Some(bytes) => {
            write_into(vm, buffer, 0, &bytes);
            Ok(vm.int(bytes.len() as i64))
        }
        None => Ok(Value::NONE),
    }
}

fn write(vm: &mut Vm, this: &Value, bytes: &Value) -> PyResult {
    let bytes = as_bytes_like(vm, bytes)?;
    let bytes = data(vm, &bytes).to_vec();
    Ok(match write_some(vm, this, &bytes)? {
        Some(len) => vm.int(len as i64),
        None => Value::NONE,
    })
}

/// `whence` of `seek` as the system takes it.
pub(crate) fn seek_from(vm: &mut Vm, offset: i64, whence: i32) -> PyResult<SeekFrom> {
    let invalid = |vm: &mut Vm| os_error(vm, Errno::INVAL, &[]);
    match whence {
        0 => match u64::try_from(offset) {
            Ok(offset) => Ok(SeekFrom::Start(offset)),
            Err(_) => Err(invalid(vm)),
        },
        1 => Ok(SeekFrom::Current(offset)),
        2 => Ok(SeekFrom::End(offset)),
        #[cfg(target_os = "linux")]
        3 => Ok(SeekFrom::Data(offset as u64)),
        #[cfg(target_os = "linux")]
        4 => Ok(SeekFrom::Hole(offset as u64)),
        _ => Err(invalid(vm)),
    }
}

/// An offset in a file as an argument.
pub(crate) fn offset_argument(vm: &mut Vm, offset: &Value) -> PyResult<i64> {
    if offset.as_float().is_some() {
        return Err(vm.type_error("'float' object cannot be interpreted as an integer"));
    }
    vm.index_as_i64(offset, "Python int too large to convert to C long")
}

fn seek(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let file = opened(vm, this)?.clone();
    let whence = pyco_exec::object::text_args::c_int_or(vm, args.get(1), 0)?;
    let offset = offset_argument(vm, args.first().unwrap_or(&Value::NONE))?;
    let to = seek_from(vm, offset, whence)?;
    match seek_to(vm, &file, to) {
        Ok(place) => Ok(vm.int(place as i64)),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn tell(vm: &mut Vm, this: &Value) -> PyResult {
    let place = position(vm, this)?;
    Ok(vm.int(place))
}

fn truncate(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let file = opened(vm, this)?;
    if !file.is_writable() {
        return Err(not_open_for(vm, "writing"));
    }
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(size) => size.clone(),
        None => call(vm, this, "tell", &[])?,
    };
    let len = offset_argument(vm, &size)?;
    let Ok(len) = u64::try_from(len) else {
        return Err(os_error(vm, Errno::INVAL, &[]));
    };
    match descriptor::with(vm, file.fd.get(), |fd| rustix::fs::ftruncate(fd, len)) {
        Ok(()) => Ok(size),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn seekable(vm: &mut Vm, this: &Value) -> PyResult {
    let file = opened(vm, this)?.clone();
    if file.is_seekable.get().is_none() {
        let _ = seek_to(vm, &file, SeekFrom::Current(0));
    }
    Ok(Value::bool(file.is_seekable.get() == Some(true)))
}

fn is_terminal(vm: &mut Vm, this: &Value) -> PyResult {
    let fd = opened(vm, this)?.fd.get();
    let is_terminal = descriptor::with(vm, fd, |fd| Ok(rustix::termios::isatty(fd)));
    Ok(Value::bool(is_terminal.unwrap_or(false)))
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let file = receiver::<FileIo>(vm, this)?.clone();
    let base = vm.class(&RAW_IO_BASE);
    let name = vm.intern("close");
    let close = vm.get_attr(base.as_value(), &name)?;
    let closed = vm.call(&close, std::slice::from_ref(this));
    if !file.is_fd_ours.get() {
        file.fd.set(-1);
        return closed;
    }
    if file.is_finalizing.get() {
        warn_unclosed(vm, this, &file)?;
    }
    close_fd(vm, &file)?;
    closed
}

/// Warns of a file that nobody closed.
fn warn_unclosed(vm: &mut Vm, source: &Value, file: &Ref<FileIo>) -> PyResult<()> {
    if file.fd.get() >= 0 && file.is_fd_ours.get() {
        let source_text = vm.repr_text(source)?;
        vm.warn("ResourceWarning", &format!("unclosed file {source_text}"))?;
    }
    Ok(())
}

fn dealloc_warn(vm: &mut Vm, this: &Value, source: &Value) -> PyResult {
    let file = receiver::<FileIo>(vm, this)?.clone();
    warn_unclosed(vm, source, &file)?;
    Ok(Value::NONE)
}

fn mode_text(mode: Mode, minor: u8) -> &'static str {
    match mode {
        Mode {
            creating: true,
            updating,
            ..
        } => {
            if updating {
                "xb+"
            } else {
                "xb"
            }
        }
        Mode {
            appending: true,
            updating,
            ..
        } => {
            if updating {
                "ab+"
            } else {
                "ab"
            }
        }
        Mode {
            reading: true,
            updating,
            ..
        } => {
            if updating {
                "rb+"
            } else {
                "rb"
            }
        }
        // Before 3.15 what was opened to be written and read looks as if it had been there before.
        Mode { updating: true, .. } if minor < 15 => "rb+",
        Mode { updating: true, .. } => "wb+",
        _ => "wb",
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let file = receiver::<FileIo>(vm, this)?.clone();
    let class = vm.type_of(this).clone();
    let class = class.name();
    let class = match &*class {
        "_io.FileIO" | "FileIO" => "_io.FileIO",
        other => other,
    }
    .to_owned();
    if file.fd.get() < 0 {
        return Ok(vm.new_str(&format!("<{class} [closed]>")));
    }
    let ours = if file.is_fd_ours.get() {
        "True"
    } else {
        "False"
    };
    let mode = mode_text(file.mode.get(), vm.version().minor());
    let text = match attribute_opt(vm, this, "name")? {
        Some(name) => {
            let Some(guard) = vm.enter_repr(this) else {
                let message = format!("reentrant call inside {class}.__repr__");
                return Err(vm.runtime_error(message));
            };
            let name = vm.repr_text(&name);
            vm.leave_repr(guard);
            format!("<{class} name={} mode='{mode}' closefd={ours}>", name?)
        }
        None => {
            let fd = file.fd.get();
            format!("<{class} fd={fd} mode='{mode}' closefd={ours}>")
        }
    };
    Ok(vm.new_str(&text))
}

static METHODS: &[NativeDef] = &[
    NativeDef::range("read", 0, 1, read).signature("($self, size=-1, /)"),
    NativeDef::no_args("readall", read_all).signature("($self, /)"),
    NativeDef::one("readinto", read_into).signature("($self, buffer, /)"),
    NativeDef::one("write", write).signature("($self, b, /)"),
    NativeDef::range("seek", 1, 2, seek).signature("($self, pos, whence=0, /)"),
    NativeDef::no_args("tell", tell).signature("($self, /)"),
    NativeDef::range("truncate", 0, 1, truncate).signature("($self, size=None, /)"),
    NativeDef::no_args("close", close).signature("($self, /)"),
    NativeDef::no_args("seekable", seekable).signature("($self, /)"),
    NativeDef::no_args("readable", |vm, this| {
        Ok(Value::bool(opened(vm, this)?.is_readable()))
    })
    .signature("($self, /)"),
    NativeDef::no_args("writable", |vm, this| {
        Ok(Value::bool(opened(vm, this)?.is_writable()))
    })
    .signature("($self, /)"),
    NativeDef::no_args("fileno", |vm, this| {
        let fd = opened(vm, this)?.fd.get();
        Ok(vm.int(fd.into()))
    })
    .signature("($self, /)"),
    NativeDef::no_args("isatty", is_terminal).signature("($self, /)"),
    NativeDef::no_args("_isatty_open_only", is_terminal).since(14),
    NativeDef::one("_dealloc_warn", dealloc_warn),
    NativeDef::no_args("__getstate__", cannot_pickle).since(12),
];

/// `__getstate__` of what holds something of the system.
pub(super) fn cannot_pickle(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.type_name(this).to_string();
    let name = name.rsplit('.').next().unwrap_or(&name);
    Err(vm.type_error(format!("cannot pickle '{name}' instances")))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("closed", |vm, this| {
        Ok(Value::bool(receiver::<FileIo>(vm, this)?.fd.get() < 0))
    }),
    GetSetDef::get("closefd", |vm, this| {
        Ok(Value::bool(receiver::<FileIo>(vm, this)?.is_fd_ours.get()))
    }),
    GetSetDef::get("mode", |vm, this| {
        let mode = receiver::<FileIo>(vm, this)?.mode.get();
        Ok(vm.new_str(mode_text(mode, vm.version().minor())))
    }),
    GetSetDef::get_set(
        "_blksize",
        |vm, this| {
            let size = receiver::<FileIo>(vm, this)?.block_size.get();
            Ok(vm.int(size))
        },
        |vm, this, size| {
            let size = size.unwrap_or(Value::NONE);
            let size = vm.index_for_size(&size)?;
            receiver::<FileIo>(vm, this)?.block_size.set(size);
            Ok(())
        },
    )
    .member(),
    GetSetDef::get_set(
        "_finalizing",
        |vm, this| {
            Ok(Value::bool(
                receiver::<FileIo>(vm, this)?.is_finalizing.get(),
            ))
        },
        |vm, this, value| {
            let value = vm.truth(&value.unwrap_or(Value::FALSE))?;
            receiver::<FileIo>(vm, this)?.is_finalizing.set(value);
            Ok(())
        },
    )
    .member(),
];
