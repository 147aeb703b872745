//! `_IOBase` and the abstract classes under it, and what the concrete ones share: methods called by name, closed streams.
//!
//! Instances of a program's subclasses are plain ones; that a stream is closed is told by the attribute `__IOBase_closed`.

use pyco_exec::object::buffer::data;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::instance::Attributes;
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::{Args, PyResult, Raised, Value, Vm};

use super::unsupported;

pub(super) static IO_BASE: ClassDef = ClassDef::new::<Attributes>("_io._IOBase", base_slots)
    .subclassable()
    .with_dict()
    .weakly_referenced()
    .finalizer()
    .methods(BASE_METHODS)
    .attributes(&[GetSetDef::get("closed", |vm, this| {
        Ok(Value::bool(has_closed_mark(vm, this)?))
    })]);

pub(super) static RAW_IO_BASE: ClassDef = ClassDef::new::<Attributes>("_io._RawIOBase", |_, _| {})
    .base(|vm| vm.class(&IO_BASE))
    .subclassable()
    .methods(RAW_METHODS);

pub(super) static BUFFERED_IO_BASE: ClassDef =
    ClassDef::new::<Attributes>("_io._BufferedIOBase", |_, _| {})
        .base(|vm| vm.class(&IO_BASE))
        .subclassable()
        .methods(BUFFERED_METHODS);

pub(super) static TEXT_IO_BASE: ClassDef =
    ClassDef::new::<Attributes>("_io._TextIOBase", |_, _| {})
        .base(|vm| vm.class(&IO_BASE))
        .subclassable()
        .methods(TEXT_METHODS)
        .attributes(&[
            GetSetDef::get("encoding", |_, _| Ok(Value::NONE)),
            GetSetDef::get("newlines", |_, _| Ok(Value::NONE)),
            GetSetDef::get("errors", |_, _| Ok(Value::NONE)),
        ]);

fn base_slots(slots: &Slots, _minor_version: u8) {
    slots.set_unary(UnaryOp::Iter, |vm, this| {
        check_closed(vm, this)?;
        self_iter(vm, this)
    });
    slots.next.set(Some(next));
}

/// Calls a method by name.
pub(super) fn call(vm: &mut Vm, this: &Value, name: &str, arguments: &[Value]) -> PyResult {
    let name = vm.intern(name);
    vm.call_method(this, &name, arguments)
}

/// An attribute by name.
pub(super) fn attribute(vm: &mut Vm, this: &Value, name: &str) -> PyResult {
    let name = vm.intern(name);
    vm.get_attr(this, &name)
}

/// An attribute by name, if there is one.
pub(super) fn attribute_opt(vm: &mut Vm, this: &Value, name: &str) -> PyResult<Option<Value>> {
    let name = vm.intern(name);
    vm.get_attr_opt(this, &name)
}

/// Sets an attribute by name.
pub(super) fn set_attribute(vm: &mut Vm, this: &Value, name: &str, value: Value) -> PyResult<()> {
    let name = vm.intern(name);
    vm.set_attr(this, &name, Some(value))
}

fn has_closed_mark(vm: &mut Vm, this: &Value) -> PyResult<bool> {
    Ok(attribute_opt(vm, this, "__IOBase_closed")?.is_some())
}

/// Whether a stream says that it is closed.
pub(super) fn is_closed(vm: &mut Vm, this: &Value) -> PyResult<bool> {
    match attribute_opt(vm, this, "closed")? {
        Some(closed) => vm.truth(&closed),
        None => Ok(false),
    }
}

#[cold]
pub(super) fn closed_file(vm: &mut Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

pub(super) fn check_closed(vm: &mut Vm, this: &Value) -> PyResult<()> {
    match is_closed(vm, this)? {
        true => Err(closed_file(vm)),
        false => Ok(()),
    }
}

/// Whether a stream's `readable`, `writable` or `seekable` is true.
pub(super) fn is_able(vm: &mut Vm, this: &Value, ability: &str) -> PyResult<bool> {
    let able = call(vm, this, ability, &[])?;
    vm.truth(&able)
}

/// Makes sure that a stream is `readable`, `writable` or `seekable`.
pub(super) fn check_able(vm: &mut Vm, this: &Value, ability: &str) -> PyResult<()> {
    // Only `True` itself will do, as in C.
    let able = call(vm, this, ability, &[])?;
    match able.as_bool() {
        Some(true) => Ok(()),
        _ => {
            let message = format!("File or stream is not {ability}.");
            Err(unsupported(vm, &message))
        }
    }
}

/// Closes a stream whose last reference goes, and says nothing of what fails before 3.13.
fn finalize(vm: &mut Vm, this: &Value) -> PyResult {
    let closed = match attribute_opt(vm, this, "closed") {
        Ok(Some(closed)) => vm.truth(&closed).unwrap_or(true),
        _ => true,
    };
    if closed {
        return Ok(Value::NONE);
    }
    let _ = set_attribute(vm, this, "_finalizing", Value::TRUE);
    match call(vm, this, "close", &[]) {
        Err(raised) if vm.version_number() >= 13 => Err(raised),
        _ => Ok(Value::NONE),
    }
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    if has_closed_mark(vm, this)? {
        return Ok(Value::NONE);
    }
    let flushed = call(vm, this, "flush", &[]);
    set_attribute(vm, this, "__IOBase_closed", Value::TRUE)?;
    flushed.map(|_| Value::NONE)
}

fn flush(vm: &mut Vm, this: &Value) -> PyResult {
    match has_closed_mark(vm, this)? {
        true => Err(closed_file(vm)),
        false => Ok(Value::NONE),
    }
}

fn tell(vm: &mut Vm, this: &Value) -> PyResult {
    let arguments = [vm.int(0), vm.int(1)];
    call(vm, this, "seek", &arguments)
}

fn check(vm: &mut Vm, this: &Value, ability: &str) -> PyResult {
    check_able(vm, this, ability)?;
    Ok(Value::TRUE)
}

static BASE_METHODS: &[NativeDef] = &[
    NativeDef::any("seek", |vm, _, args| {
        if vm.version_number() >= 12 && args.positional().is_empty() {
            return Err(vm.type_error("seek() takes at least 1 positional argument (0 given)"));
        }
        Err(unsupported(vm, "seek"))
    })
    .signature("($self, offset, whence=os.SEEK_SET, /)"),
    NativeDef::no_args("tell", tell).signature("($self, /)"),
    NativeDef::any("truncate", |vm, _, _| Err(unsupported(vm, "truncate")))
        .signature("($self, size=None, /)"),
    NativeDef::no_args("flush", flush).signature("($self, /)"),
    NativeDef::no_args("close", close).signature("($self, /)"),
    NativeDef::no_args("seekable", |_, _| Ok(Value::FALSE)).signature("($self, /)"),
    NativeDef::no_args("readable", |_, _| Ok(Value::FALSE)).signature("($self, /)"),
    NativeDef::no_args("writable", |_, _| Ok(Value::FALSE)).signature("($self, /)"),
    NativeDef::any("_checkClosed", |vm, this, _| {
        check_closed(vm, this)?;
        Ok(Value::NONE)
    }),
    NativeDef::any("_checkSeekable", |vm, this, _| check(vm, this, "seekable")),
    NativeDef::any("_checkReadable", |vm, this, _| check(vm, this, "readable")),
    NativeDef::any("_checkWritable", |vm, this, _| check(vm, this, "writable")),
    NativeDef::no_args("fileno", |vm, _| Err(unsupported(vm, "fileno"))).signature("($self, /)"),
    NativeDef::no_args("isatty", |vm, this| {
        check_closed(vm, this)?;
        Ok(Value::FALSE)
    })
    .signature("($self, /)"),
    NativeDef::no_args("__enter__", |vm, this| {
        check_closed(vm, this)?;
        Ok(this.clone())
    }),
    NativeDef::any("__exit__", |vm, this, _: Args<'_>| {
        call(vm, this, "close", &[])
    }),
    NativeDef::no_args("__del__", finalize),
    NativeDef::range("readline", 0, 1, read_line).signature("($self, size=-1, /)"),
    NativeDef::range("readlines", 0, 1, read_lines).signature("($self, hint=-1, /)"),
    NativeDef::one("writelines", write_lines).signature("($self, lines, /)"),
];

/// A size as an argument: an int, or nothing for no limit.
pub(super) fn size_argument(vm: &mut Vm, size: Option<&Value>) -> PyResult<i64> {
    let Some(size) = size.filter(|size| !size.is_none()) else {
        return Ok(-1);
    };
    if !pyco_exec::object::sequence::is_index(vm, size) {
        let found = vm.type_name(size);
        let message = format!("argument should be integer or None, not '{found}'");
        return Err(vm.type_error(message));
    }
    vm.index_for_size(size)
}

/// Reads a line byte by byte, or as far as `peek` tells where it ends.
fn read_line(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let limit = size_argument(vm, args.first())?;
    let peek = attribute_opt(vm, this, "peek")?;
    let mut line = Vec::new();
    while limit < 0 || (line.len() as i64) < limit {
        let mut wanted = 1;
        if let Some(peek) = &peek {
            let one = vm.int(1);
            let ahead = vm.call(peek, &[one])?;
            let ahead = require_bytes(vm, &ahead, "peek()")?;
            let ahead = ahead.data();
            if !ahead.is_empty() {
                let most = match limit {
                    ..0 => ahead.len(),
                    _ => ahead.len().min((limit - line.len() as i64) as usize),
                };
                let end = memchr::memchr(b'\n', &ahead[..most]);
                wanted = end.map_or(most, |end| end + 1);
            }
        }
        let wanted = vm.int(wanted as i64);
        let part = call(vm, this, "read", &[wanted])?;
        let part = require_bytes(vm, &part, "read()")?;
        if part.data().is_empty() {
            break;
        }
        line.extend_from_slice(part.data());
        vm.check_growth(line.len())?;
        if line.ends_with(b"\n") {
            break;
        }
    }
    Ok(vm.new_bytes(line))
}

fn require_bytes<'a>(
    vm: &mut Vm,
    value: &'a Value,
    what: &str,
) -> PyResult<&'a pyco_exec::object::header::Ref<Bytes>> {
    match value.downcast::<Bytes>() {
        Some(bytes) => Ok(bytes),
        None => {
            let found = vm.type_name(value);
            let class = vm.types.os_error.clone();
            let message = format!("{what} should have returned a bytes object, not '{found}'");
            Err(vm.error(&class, message))
        }
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let line = call(vm, this, "readline", &[])?;
    Ok((vm.len(&line)? > 0).then_some(line))
}

/// `readlines(hint)` of any stream.
pub(super) fn read_lines(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let hint = size_argument(vm, args.first())?;
    let iterator = vm.iter(this)?;
    let (mut lines, mut len) = (Vec::new(), 0);
    while let Some(line) = vm.next(&iterator)? {
        len += vm.len(&line)? as i64;
        lines.push(line);
        vm.check_growth(lines.len())?;
        if hint > 0 && len > hint {
            break;
        }
    }
    Ok(vm.new_list(lines))
}

fn write_lines(vm: &mut Vm, this: &Value, lines: &Value) -> PyResult {
    check_closed(vm, this)?;
    vm.for_each(lines, |vm, line| call(vm, this, "write", &[line]).map(drop))?;
    Ok(Value::NONE)
}

static RAW_METHODS: &[NativeDef] = &[
    NativeDef::range("read", 0, 1, raw_read).signature("($self, size=-1, /)"),
    NativeDef::no_args("readall", raw_read_all).signature("($self, /)"),
    NativeDef::any("readinto", |vm, _, _| Err(bare_not_implemented(vm))),
    NativeDef::any("write", |vm, _, _| Err(bare_not_implemented(vm))),
];

#[cold]
fn bare_not_implemented(vm: &mut Vm) -> Raised {
    let class = vm.types.not_implemented_error.clone();
    match vm.call(class.as_value(), &[]) {
        Ok(error) => vm.raise_value(error),
        Err(raised) => raised,
    }
}

/// `read` by means of `readinto`.
fn raw_read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let size = size_argument(vm, args.first())?;
    let Ok(size) = usize::try_from(size) else {
        return call(vm, this, "readall", &[]);
    };
    vm.check_growth(size)?;
    if size > vm.max_size() {
        return Err(vm.memory_error());
    }
    let array = vm.new_bytearray(vec![0; size]);
    let len = call(vm, this, "readinto", std::slice::from_ref(&array))?;
    if len.is_none() {
        return Ok(len);
    }
    let len = vm.index_as_i64(&len, "Python int too large to convert to C ssize_t")?;
    let bytes = data(vm, &array);
    match usize::try_from(len).ok().and_then(|len| bytes.get(..len)) {
        Some(bytes) => {
            let bytes = bytes.to_vec();
            Ok(vm.new_bytes(bytes))
        }
        None => {
            let most = bytes.len();
            Err(vm.value_error(format!(
                "readinto returned {len} outside buffer size {most}"
            )))
        }
    }
}

fn raw_read_all(vm: &mut Vm, this: &Value) -> PyResult {
    let mut all = Vec::new();
    loop {
        let size = vm.int(super::default_buffer_size(vm) as i64);
        let part = call(vm, this, "read", &[size])?;
        if part.is_none() {
            if all.is_empty() {
                return Ok(part);
            }
            break;
        }
        let Some(bytes) = part.downcast::<Bytes>() else {
            return Err(vm.type_error("read() should return bytes"));
        };
        if bytes.data().is_empty() {
            break;
        }
        all.extend_from_slice(bytes.data());
        vm.check_growth(all.len())?;
    }
    Ok(vm.new_bytes(all))
}

static BUFFERED_METHODS: &[NativeDef] = &[
    NativeDef::any("read", |vm, _, _| Err(unsupported(vm, "read")))
        .signature("($self, size=-1, /)"),
    NativeDef::any("read1", |vm, _, _| Err(unsupported(vm, "read1")))
        .signature("($self, size=-1, /)"),
    NativeDef::any("write", |vm, _, args| {
        if vm.version_number() >= 12 && args.positional().is_empty() {
            return Err(vm.type_error("write() takes exactly 1 positional argument (0 given)"));
        }
        Err(unsupported(vm, "write"))
    })
    .signature("($self, b, /)"),
    NativeDef::no_args("detach", |vm, _| Err(unsupported(vm, "detach"))).signature("($self, /)"),
    NativeDef::one("readinto", |vm, this, buffer| {
        read_into(vm, this, buffer, "read", "readinto")
    })
    .signature("($self, buffer, /)"),
    NativeDef::one("readinto1", |vm, this, buffer| {
        read_into(vm, this, buffer, "read1", "readinto1")
    })
    .signature("($self, buffer, /)"),
];

/// The length of an argument that is to be written into.
pub(super) fn writable_argument(vm: &mut Vm, buffer: &Value, function: &str) -> PyResult<usize> {
    match pyco_exec::object::buffer::writable_len(vm, buffer)? {
        Some(len) => Ok(len),
        None => {
            let found = pyco_exec::object::text_args::clinic_type(vm, buffer);
            Err(vm.type_error(format!(
                "{function}() argument must be read-write bytes-like object, not {found}"
            )))
        }
    }
}

/// `readinto` by means of `read`.
fn read_into(vm: &mut Vm, this: &Value, buffer: &Value, method: &str, function: &str) -> PyResult {
    let room = writable_argument(vm, buffer, function)?;
    let size = vm.int(room as i64);
    let part = call(vm, this, method, &[size])?;
    let Some(bytes) = part.downcast::<Bytes>() else {
        return Err(vm.type_error("read() should return bytes"));
    };
    let len = bytes.data().len();
    if len > room {
        let message =
            format!("read() returned too much data: {room} bytes requested, {len} returned");
        return Err(vm.value_error(message));
    }
    pyco_exec::object::buffer::write_into(vm, buffer, 0, bytes.data());
    Ok(vm.int(len as i64))
}

static TEXT_METHODS: &[NativeDef] = &[
    NativeDef::any("detach", |vm, _, _| Err(unsupported(vm, "detach"))).signature("($self, /)"),
    NativeDef::any("read", |vm, _, _| Err(unsupported(vm, "read")))
        .signature("($self, size=-1, /)"),
    NativeDef::any("readline", |vm, _, _| Err(unsupported(vm, "readline")))
        .signature("($self, size=-1, /)"),
    NativeDef::any("write", |vm, _, args| {
        if vm.version_number() >= 12 && args.positional().is_empty() {
            return Err(vm.type_error("write() takes exactly 1 positional argument (0 given)"));
        }
        Err(unsupported(vm, "write"))
    })
    .signature("($self, s, /)"),
];
