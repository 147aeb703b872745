//! `BytesIO`: bytes in memory as a stream.
//!
//! Invariant: the bytes belong to a bytearray of the stream's own, so that a view of them keeps their number.

use std::cell::Cell;

use pyco_exec::cell::ValueCell;
use pyco_exec::object::buffer::{as_bytes_like, data, write_into};
use pyco_exec::object::bytearray::ByteArray;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};

use super::base::{self, BUFFERED_IO_BASE, size_argument};

/// The payload.
pub(super) struct BytesIo {
    /// A bytearray; nothing once closed.
    array: ValueCell,
    position: Cell<usize>,
}

impl Payload for BytesIo {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.array.traverse(visit);
    }
}

/// What a view of a BytesIO's bytes belongs to.
pub(super) struct BytesIoBuffer {
    #[allow(dead_code, reason = "keeps the stream alive")]
    stream: Value,
}

impl Payload for BytesIoBuffer {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.stream);
    }
}

pub(super) static BYTES_IO: ClassDef = ClassDef::new::<BytesIo>("_io.BytesIO", slots)
    .base(|vm| vm.class(&BUFFERED_IO_BASE))
    .subclassable()
    .without_finalizer()
    .methods(METHODS)
    .attributes(&[GetSetDef::get("closed", |vm, this| {
        Ok(Value::bool(receiver::<BytesIo>(vm, this)?.array.is_empty()))
    })]);

pub(super) static BYTES_IO_BUFFER: ClassDef =
    ClassDef::new::<BytesIoBuffer>("_io._BytesIOBuffer", |_, _| {}).no_instances();

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

fn new(vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let stream = BytesIo {
        array: ValueCell::new(Some(vm.new_bytearray(Vec::new()))),
        position: Cell::new(0),
    };
    Ok(Value::from(Ref::new(class, stream)))
}

static INIT: Params = Params::new(&["initial_bytes"], 0);

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let stream = receiver::<BytesIo>(vm, this)?.clone();
    let args = args.bind(vm, "BytesIO", &INIT)?;
    let initial = match args.not_none(0) {
        Some(initial) => {
            let initial = as_bytes_like(vm, initial)?;
            data(vm, &initial).to_vec()
        }
        None => Vec::new(),
    };
    match array_of(&stream) {
        Some(array) => {
            check_exports(vm, &array)?;
            *array.data.get_mut(vm) = initial;
        }
        None => stream.array.set(Some(vm.new_bytearray(initial))),
    }
    stream.position.set(0);
    Ok(())
}

fn array_of(stream: &Ref<BytesIo>) -> Option<Ref<ByteArray>> {
    stream.array.get().and_then(|array| array.into_ref().ok())
}

#[cold]
fn closed(vm: &mut Vm) -> Raised {
    vm.value_error("I/O operation on closed file.")
}

/// The stream that a method is called on and its bytes, unless it is closed.
fn opened<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<(&'a Ref<BytesIo>, Ref<ByteArray>)> {
    let stream = receiver::<BytesIo>(vm, this)?;
    match array_of(stream) {
        Some(array) => Ok((stream, array)),
        None => Err(closed(vm)),
    }
}

fn check_exports(vm: &mut Vm, array: &Ref<ByteArray>) -> PyResult<()> {
    if array.exports.get() == 0 {
        return Ok(());
    }
    let class = vm.types.buffer_error.clone();
    let message = "Existing exports of data: object cannot be re-sized";
    Err(vm.error(&class, message))
}

/// Takes bytes from where the stream is: at most so many, or all.
fn take(vm: &mut Vm, this: &Value, limit: Option<usize>, is_line: bool) -> PyResult<Vec<u8>> {
    let (stream, array) = opened(vm, this)?;
    let bytes = array.data.get(vm);
    let rest = bytes.get(stream.position.get()..).unwrap_or(&[]);
    let mut len = limit.map_or(rest.len(), |limit| limit.min(rest.len()));
    if is_line && let Some(end) = memchr::memchr(b'\n', &rest[..len]) {
        len = end + 1;
    }
    let part = rest[..len].to_vec();
    stream.position.set(stream.position.get() + len);
    Ok(part)
}

/// [`take`] for other streams of this module.
pub(super) fn read_some(vm: &mut Vm, this: &Value, limit: Option<usize>) -> PyResult<Vec<u8>> {
    take(vm, this, limit, false)
}

fn read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    opened(vm, this)?;
    let limit = size_argument(vm, args.first())?;
    let bytes = take(vm, this, usize::try_from(limit).ok(), false)?;
    Ok(vm.new_bytes(bytes))
}

fn read_line(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    opened(vm, this)?;
    let limit = size_argument(vm, args.first())?;
    let line = take(vm, this, usize::try_from(limit).ok(), true)?;
    Ok(vm.new_bytes(line))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let line = take(vm, this, None, true)?;
    Ok((!line.is_empty()).then(|| vm.new_bytes(line)))
}

fn read_lines(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    opened(vm, this)?;
    let hint = match args.first().filter(|size| !size.is_none()) {
        Some(size) if size.as_int().is_none() => {
            let found = vm.type_name(size);
            let message = format!("integer argument expected, got '{found}'");
            return Err(vm.type_error(message));
        }
        size => size_argument(vm, size)?,
    };
    let (mut lines, mut len) = (Vec::new(), 0);
    loop {
        let line = take(vm, this, None, true)?;
        if line.is_empty() {
            break;
        }
        len += line.len() as i64;
        lines.push(vm.new_bytes(line));
        vm.check_growth(lines.len())?;
        if hint > 0 && len >= hint {
            break;
        }
    }
    Ok(vm.new_list(lines))
}

fn read_into(vm: &mut Vm, this: &Value, buffer: &Value) -> PyResult {
    let room = base::writable_argument(vm, buffer, "readinto")?;
    let bytes = take(vm, this, Some(room), false)?;
    write_into(vm, buffer, 0, &bytes);
    Ok(vm.int(bytes.len() as i64))
}

/// Writes where the stream is, with zeros before it if that is beyond the end.
pub(super) fn write_bytes(vm: &mut Vm, this: &Value, bytes: &[u8]) -> PyResult<()> {
    let (stream, array) = opened(vm, this)?;
    check_exports(vm, &array)?;
    if bytes.is_empty() {
        return Ok(());
    }
    let start = stream.position.get();
    let end = start.saturating_add(bytes.len());
    vm.check_growth(bytes.len())?;
    if end > vm.max_size() {
        return Err(vm.memory_error());
    }
    let target = array.data.get_mut(vm);
    if start == target.len() {
        target.extend_from_slice(bytes);
    } else {
        if end > target.len() {
            target.resize(end, 0);
        }
        target[start..end].copy_from_slice(bytes);
    }
    stream.position.set(end);
    Ok(())
}

fn write(vm: &mut Vm, this: &Value, bytes: &Value) -> PyResult {
    if let Some(bytes) = bytes.downcast::<Bytes>() {
        write_bytes(vm, this, bytes.data())?;
        return Ok(vm.int(bytes.data().len() as i64));
    }
    opened(vm, this)?;
    let bytes = as_bytes_like(vm, bytes)?;
    let bytes = data(vm, &bytes).to_vec();
    write_bytes(vm, this, &bytes)?;
    Ok(vm.int(bytes.len() as i64))
}

fn write_lines(vm: &mut Vm, this: &Value, lines: &Value) -> PyResult {
    opened(vm, this)?;
    vm.for_each(lines, |vm, line| write(vm, this, &line).map(drop))?;
    Ok(Value::NONE)
}

fn seek(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let offset = vm.index_for_size(args.first().unwrap_or(&Value::NONE))?;
    let whence = pyco_exec::object::text_args::c_int_or(vm, args.get(1), 0)?;
    let (stream, array) = opened(vm, this)?;
    if offset < 0 && whence == 0 {
        return Err(vm.value_error(format!("negative seek value {offset}")));
    }
    let from = match whence {
        0 => 0,
        1 => stream.position.get() as i64,
        2 => array.data.get(vm).len() as i64,
        _ => {
            let message = format!("invalid whence ({whence}, should be 0, 1 or 2)");
            return Err(vm.value_error(message));
        }
    };
    let Some(place) = from.checked_add(offset) else {
        return Err(vm.overflow_error("new position too large"));
    };
    stream.position.set(place.max(0) as usize);
    Ok(vm.int(place.max(0)))
}

fn truncate(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (stream, array) = opened(vm, this)?;
    check_exports(vm, &array)?;
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(size) if !pyco_exec::object::sequence::is_index(vm, size) => {
            let found = vm.type_name(size);
            let message = format!("argument should be integer or None, not '{found}'");
            return Err(vm.type_error(message));
        }
        Some(size) => vm.index_for_size(size)?,
        None => stream.position.get() as i64,
    };
    let Ok(len) = usize::try_from(size) else {
        return Err(vm.value_error(format!("negative size value {size}")));
    };
    array.data.get_mut(vm).truncate(len);
    Ok(vm.int(size))
}

fn get_value(vm: &mut Vm, this: &Value) -> PyResult {
    let (_, array) = opened(vm, this)?;
    let bytes = array.data.get(vm).clone();
    Ok(vm.new_bytes(bytes))
}

fn get_buffer(vm: &mut Vm, this: &Value) -> PyResult {
    let (_, array) = opened(vm, this)?;
    let class = vm.class(&BYTES_IO_BUFFER);
    let stream = this.clone();
    let shown = Value::from(Ref::new(&class, BytesIoBuffer { stream }));
    Ok(vm.view_of_array(&array, shown))
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = receiver::<BytesIo>(vm, this)?.clone();
    if let Some(array) = array_of(&stream) {
        check_exports(vm, &array)?;
    }
    stream.array.set(None);
    Ok(Value::NONE)
}

fn get_state(vm: &mut Vm, this: &Value) -> PyResult {
    let value = get_value(vm, this)?;
    let position = receiver::<BytesIo>(vm, this)?.position.get();
    let position = vm.int(position as i64);
    let dict = match base::attribute_opt(vm, this, "__dict__")? {
        Some(dict) if vm.len(&dict)? > 0 => {
            let copy = dict.downcast::<Dict>().map(|dict| dict.copy(vm));
            copy.map_or(Value::NONE, Value::from)
        }
        _ => Value::NONE,
    };
    Ok(vm.new_tuple(vec![value, position, dict]))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let class = vm.type_name(this);
    let items = state.downcast::<Tuple>().map(|state| state.items());
    let Some([value, position, dict, ..]) = items else {
        let found = vm.type_name(state);
        return Err(vm.type_error(format!(
            "{class}.__setstate__ argument should be 3-tuple, got {found}"
        )));
    };
    let stream = receiver::<BytesIo>(vm, this)?.clone();
    if let Some(array) = array_of(&stream) {
        check_exports(vm, &array)?;
    }
    let value = as_bytes_like(vm, value)?;
    let bytes = data(vm, &value).to_vec();
    if position.as_int().is_none() {
        let found = vm.type_name(position);
        return Err(vm.type_error(format!(
            "second item of state must be an integer, not {found}"
        )));
    }
    let Ok(position) = usize::try_from(vm.index_for_size(position)?) else {
        return Err(vm.value_error("position value cannot be negative"));
    };
    stream.array.set(Some(vm.new_bytearray(bytes)));
    stream.position.set(position);
    if !dict.is_none() {
        let Some(dict) = dict.downcast::<Dict>() else {
            let found = vm.type_name(dict);
            return Err(vm.type_error(format!(
                "third item of state should be a dict, got a {found}"
            )));
        };
        for (name, value) in dict.items(vm) {
            let name = vm.attribute_name(&name)?;
            vm.set_attr(this, &name, Some(value))?;
        }
    }
    Ok(Value::NONE)
}

fn always_true(vm: &mut Vm, this: &Value) -> PyResult {
    opened(vm, this)?;
    Ok(Value::TRUE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("readable", always_true).signature("($self, /)"),
    NativeDef::no_args("seekable", always_true).signature("($self, /)"),
    NativeDef::no_args("writable", always_true).signature("($self, /)"),
    NativeDef::no_args("close", close).signature("($self, /)"),
    NativeDef::no_args("flush", |vm, this| {
        opened(vm, this)?;
        Ok(Value::NONE)
    })
    .signature("($self, /)"),
    NativeDef::no_args("isatty", |vm, this| {
        opened(vm, this)?;
        Ok(Value::FALSE)
    })
    .signature("($self, /)"),
    NativeDef::no_args("tell", |vm, this| {
        let position = opened(vm, this)?.0.position.get();
        Ok(vm.int(position as i64))
    })
    .signature("($self, /)"),
    NativeDef::one("write", write).signature("($self, b, /)"),
    NativeDef::one("writelines", write_lines).signature("($self, lines, /)"),
    NativeDef::range("read1", 0, 1, read).signature("($self, size=-1, /)"),
    NativeDef::one("readinto", read_into).signature("($self, buffer, /)"),
    NativeDef::range("readline", 0, 1, read_line).signature("($self, size=-1, /)"),
    NativeDef::range("readlines", 0, 1, read_lines).signature("($self, size=None, /)"),
    NativeDef::range("read", 0, 1, read).signature("($self, size=-1, /)"),
    NativeDef::no_args("getbuffer", get_buffer).signature("($self, /)"),
    NativeDef::no_args("getvalue", get_value).signature("($self, /)"),
    NativeDef::range("seek", 1, 2, seek).signature("($self, pos, whence=0, /)"),
    NativeDef::range("truncate", 0, 1, truncate).signature("($self, size=None, /)"),
    NativeDef::no_args("__getstate__", get_state),
    NativeDef::one("__setstate__", set_state),
];
