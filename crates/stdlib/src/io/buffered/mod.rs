//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: one payload, with a buffer to read from and one to write from.
//!
//! Invariants:
//! - At most one of the two buffers has something in it: reading writes first what is pending, writing gives up what was read ahead.
//! - The raw stream stands where the buffered one does, plus what was read ahead, minus what is pending.

pub(super) mod pair;
mod read;
mod seek;
mod write;

use std::cell::Cell;

use pyco_exec::cell::{ValueCell, VmCell};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};

use super::base::{BUFFERED_IO_BASE, attribute, attribute_opt, call, check_able, is_closed};
use super::file::{FileIo, cannot_pickle};

pub(super) use read::read1_some;
pub(super) use write::write_all;

/// The payload.
pub(super) struct Buffered {
    raw: ValueCell,
    is_ready: Cell<bool>,
    is_detached: Cell<bool>,
    is_finalizing: Cell<bool>,
    size: Cell<usize>,
    is_readable: Cell<bool>,
    is_writable: Cell<bool>,
    /// What was read ahead, and how much of it is used.
    ahead: VmCell<Vec<u8>>,
    used: Cell<usize>,
    /// What is still to be written.
    pending: VmCell<Vec<u8>>,
}

impl Payload for Buffered {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.raw.traverse(visit);
    }
}

const fn class(name: &'static str, slots: fn(&Slots, u8)) -> ClassDef {
    ClassDef::new::<Buffered>(name, slots)
        .base(|vm| vm.class(&BUFFERED_IO_BASE))
        .subclassable()
}

pub(super) static READER: ClassDef = class("_io.BufferedReader", |slots, _| {
    common_slots(slots);
    slots.init.set(Some(|vm, this, args| {
        init(vm, this, args, "BufferedReader", true, false)
    }));
    slots.next.set(Some(read::next));
})
.methods(READER_METHODS)
.attributes(ATTRIBUTES);

pub(super) static WRITER: ClassDef = class("_io.BufferedWriter", |slots, _| {
    common_slots(slots);
    slots.init.set(Some(|vm, this, args| {
        init(vm, this, args, "BufferedWriter", false, true)
    }));
})
.methods(WRITER_METHODS)
.attributes(ATTRIBUTES);

pub(super) static RANDOM: ClassDef = class("_io.BufferedRandom", |slots, _| {
    common_slots(slots);
    slots.init.set(Some(|vm, this, args| {
        init(vm, this, args, "BufferedRandom", true, true)
    }));
    slots.next.set(Some(read::next));
})
.methods(RANDOM_METHODS)
.attributes(ATTRIBUTES);

fn common_slots(slots: &Slots) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Repr, repr);
}

fn new(_vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let buffered = Buffered {
        raw: ValueCell::new(None),
        is_ready: Cell::new(false),
        is_detached: Cell::new(false),
        is_finalizing: Cell::new(false),
        size: Cell::new(0),
        is_readable: Cell::new(false),
        is_writable: Cell::new(false),
        ahead: VmCell::new(Vec::new()),
        used: Cell::new(0),
        pending: VmCell::new(Vec::new()),
    };
    Ok(Value::from(Ref::new(class, buffered)))
}

static INIT: Params = Params::new(&["raw", "buffer_size"], 1);

fn init(
    vm: &mut Vm,
    this: &Value,
    args: Args<'_>,
    name: &str,
    is_readable: bool,
    is_writable: bool,
) -> PyResult<()> {
    let buffered = receiver::<Buffered>(vm, this)?.clone();
    let args = args.bind(vm, name, &INIT)?;
    let raw = args.get(0).cloned().unwrap_or(Value::NONE);
    let size = match args.get(1) {
        Some(size) => vm.index_for_size(size)?,
        None => super::default_buffer_size(vm) as i64,
    };
    buffered.is_ready.set(false);
    buffered.is_detached.set(false);
    if is_readable && is_writable {
        check_able(vm, &raw, "seekable")?;
    }
    if is_readable {
        check_able(vm, &raw, "readable")?;
    }
    if is_writable {
        check_able(vm, &raw, "writable")?;
    }
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(vm.value_error("buffer size must be strictly positive"));
    };
    // No machine has so much, so this is no question of the host's limit.
    if size > 1 << 40 {
        return Err(vm.memory_error());
    }
    vm.check_growth(size)?;
    buffered.raw.set(Some(raw));
    buffered.size.set(size);
    buffered.is_readable.set(is_readable);
    buffered.is_writable.set(is_writable);
    buffered.ahead.get_mut(vm).clear();
    buffered.pending.get_mut(vm).clear();
    buffered.used.set(0);
    buffered.is_ready.set(true);
    Ok(())
}

#[cold]
fn not_ready(vm: &mut Vm, buffered: &Ref<Buffered>) -> Raised {
    vm.value_error(match buffered.is_detached.get() {
        true => "raw stream has been detached",
        false => "I/O operation on uninitialized object",
    })
}

/// The stream that a method is called on, and its raw stream.
fn ready<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<(&'a Ref<Buffered>, Value)> {
    let buffered = receiver::<Buffered>(vm, this)?;
    match buffered.raw.get().filter(|_| buffered.is_ready.get()) {
        Some(raw) => Ok((buffered, raw)),
        None => Err(not_ready(vm, buffered)),
    }
}

/// The same, unless the raw stream is closed and nothing was read ahead that could still be had.
fn opened<'a>(vm: &mut Vm, this: &'a Value, what: &str) -> PyResult<(&'a Ref<Buffered>, Value)> {
    let (buffered, raw) = ready(vm, this)?;
    let is_shut = match exact_file(&raw) {
        Some(file) => file.is_closed(),
        None => is_closed(vm, &raw)?,
    };
    match is_shut {
        true => Err(vm.value_error(format!("{what} closed file"))),
        false => Ok((buffered, raw)),
    }
}

/// The raw stream, if it is a FileIO of which nothing can be overridden.
fn exact_file(raw: &Value) -> Option<&Ref<FileIo>> {
    raw.downcast::<FileIo>().filter(|file| file.is_exact())
}

/// Whether a stream is closed, where it is a buffered one over a file and nothing of either can be overridden.
pub(super) fn is_file_closed(stream: &Value) -> Option<bool> {
    let buffered = stream.downcast::<Buffered>()?;
    let raw = buffered.raw.get()?;
    let is_plain = buffered.is_exact() && buffered.is_ready.get();
    Some(exact_file(&raw).filter(|_| is_plain)?.is_closed())
}

impl Buffered {
    /// How much of what was read ahead is left.
    fn left(&self, vm: &Vm) -> usize {
        self.ahead.get(vm).len() - self.used.get()
    }

    /// Gives up what was read ahead.
    fn drop_ahead(&self, vm: &mut Vm) {
        self.ahead.get_mut(vm).clear();
        self.used.set(0);
    }

    /// Takes at most so many of the bytes that were read ahead.
    fn take_ahead(&self, vm: &Vm, limit: usize) -> Vec<u8> {
        let rest = &self.ahead.get(vm)[self.used.get()..];
        let part = rest[..limit.min(rest.len())].to_vec();
        self.used.set(self.used.get() + part.len());
        part
    }
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let (buffered, raw) = ready(vm, this)?;
    let buffered = buffered.clone();
    if is_closed(vm, &raw)? {
        return Ok(Value::NONE);
    }
    if buffered.is_finalizing.get() && attribute_opt(vm, &raw, "_dealloc_warn")?.is_some() {
        // That the warning fails is not for the one who closes to hear.
        let _ = call(vm, &raw, "_dealloc_warn", std::slice::from_ref(this));
    }
    let flushed = call(vm, this, "flush", &[]);
    let closed = call(vm, &raw, "close", &[]);
    buffered.drop_ahead(vm);
    buffered.pending.get_mut(vm).clear();
    first_error(vm, flushed, closed)
}

/// Of two steps that were both taken, what went wrong: the second error, with the first as its context.
pub(super) fn first_error(_vm: &mut Vm, first: PyResult, second: PyResult) -> PyResult {
    match (first, second) {
        (Err(first), Err(second)) => {
            second.set_context_if_none(&first);
            Err(second)
        }
        (Err(first), Ok(_)) => Err(first),
        (Ok(_), second) => second,
    }
}

fn detach(vm: &mut Vm, this: &Value) -> PyResult {
    let (buffered, raw) = ready(vm, this)?;
    let buffered = buffered.clone();
    call(vm, this, "flush", &[])?;
    buffered.raw.set(None);
    buffered.is_detached.set(true);
    buffered.is_ready.set(false);
    Ok(raw)
}

fn dealloc_warn(vm: &mut Vm, this: &Value, source: &Value) -> PyResult {
    if let (_, Some(raw)) = (this, receiver::<Buffered>(vm, this)?.raw.get()) {
        let _ = call(vm, &raw, "_dealloc_warn", std::slice::from_ref(source));
    }
    Ok(Value::NONE)
}

/// `flush` of what has nothing to write.
fn simple_flush(vm: &mut Vm, this: &Value) -> PyResult {
    let (_, raw) = ready(vm, this)?;
    call(vm, &raw, "flush", &[])
}

/// A method that the raw stream has, too.
fn forward(vm: &mut Vm, this: &Value, name: &str) -> PyResult {
    let (_, raw) = ready(vm, this)?;
    call(vm, &raw, name, &[])
}

/// `<_io.BufferedReader name='…'>` and its like.
pub(super) fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let class = vm.type_of(this).name();
    let name = match attribute_opt(vm, this, "name") {
        Ok(name) => name,
        Err(raised) if raised.is(vm, &vm.types.value_error) => None,
        Err(raised) => return Err(raised),
    };
    let Some(name) = name else {
        return Ok(vm.new_str(&format!("<{class}>")));
    };
    let Some(guard) = vm.enter_repr(this) else {
        return Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__")));
    };
    let name = vm.repr_text(&name);
    vm.leave_repr(guard);
    Ok(vm.new_str(&format!("<{class} name={}>", name?)))
}

fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    let size = receiver::<Buffered>(vm, this)?.size.get();
    Ok(vm.int(200 + size as i64))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("raw", |vm, this| {
        let raw = receiver::<Buffered>(vm, this)?.raw.get();
        Ok(raw.unwrap_or(Value::NONE))
    })
    .member(),
    GetSetDef::get_set(
        "_finalizing",
        |vm, this| {
            let is_finalizing = receiver::<Buffered>(vm, this)?.is_finalizing.get();
            Ok(Value::bool(is_finalizing))
        },
        |vm, this, value| {
            let value = vm.truth(&value.unwrap_or(Value::FALSE))?;
            receiver::<Buffered>(vm, this)?.is_finalizing.set(value);
            Ok(())
        },
    )
    .member(),
    GetSetDef::get("closed", |vm, this| {
        let (_, raw) = ready(vm, this)?;
        attribute(vm, &raw, "closed")
    }),
    GetSetDef::get("name", |vm, this| {
        let (_, raw) = ready(vm, this)?;
        attribute(vm, &raw, "name")
    }),
    GetSetDef::get("mode", |vm, this| {
        let (_, raw) = ready(vm, this)?;
        attribute(vm, &raw, "mode")
    }),
];

const DETACH: NativeDef = NativeDef::no_args("detach", detach).signature("($self, /)");
const SIMPLE_FLUSH: NativeDef = NativeDef::no_args("flush", simple_flush).signature("($self, /)");
const FLUSH: NativeDef = NativeDef::no_args("flush", write::flush).signature("($self, /)");
const CLOSE: NativeDef = NativeDef::no_args("close", close).signature("($self, /)");
const SEEKABLE: NativeDef =
    NativeDef::no_args("seekable", |vm, this| forward(vm, this, "seekable"))
        .signature("($self, /)");
const READABLE: NativeDef =
    NativeDef::no_args("readable", |vm, this| forward(vm, this, "readable"))
        .signature("($self, /)");
const WRITABLE: NativeDef =
    NativeDef::no_args("writable", |vm, this| forward(vm, this, "writable"))
        .signature("($self, /)");
const FILENO: NativeDef =
    NativeDef::no_args("fileno", |vm, this| forward(vm, this, "fileno")).signature("($self, /)");
const ISATTY: NativeDef =
    NativeDef::no_args("isatty", |vm, this| forward(vm, this, "isatty")).signature("($self, /)");
const DEALLOC_WARN: NativeDef = NativeDef::one("_dealloc_warn", dealloc_warn);
const READ: NativeDef = NativeDef::range("read", 0, 1, read::read).signature("($self, size=-1, /)");
const READ1: NativeDef =
    NativeDef::range("read1", 0, 1, read::read1).signature("($self, size=-1, /)");
const PEEK: NativeDef = NativeDef::range("peek", 0, 1, read::peek).signature("($self, size=0, /)");
const READ_INTO: NativeDef = NativeDef::one("readinto", |vm, this, buffer| {
    read::read_into(vm, this, buffer, false)
})
.signature("($self, buffer, /)");
const READ_INTO1: NativeDef = NativeDef::one("readinto1", |vm, this, buffer| {
    read::read_into(vm, this, buffer, true)
})
.signature("($self, buffer, /)");
const READLINE: NativeDef =
    NativeDef::range("readline", 0, 1, read::read_line).signature("($self, size=-1, /)");
const WRITE: NativeDef = NativeDef::one("write", write::write).signature("($self, buffer, /)");
const SEEK: NativeDef =
    NativeDef::range("seek", 1, 2, seek::seek).signature("($self, target, whence=0, /)");
const TELL: NativeDef = NativeDef::no_args("tell", seek::tell).signature("($self, /)");
const TRUNCATE: NativeDef =
    NativeDef::range("truncate", 0, 1, seek::truncate).signature("($self, pos=None, /)");
const SIZEOF: NativeDef = NativeDef::no_args("__sizeof__", size_of).signature("($self, /)");
const GETSTATE: NativeDef = NativeDef::no_args("__getstate__", cannot_pickle).since(12);

static READER_METHODS: &[NativeDef] = &[
    DETACH,
    SIMPLE_FLUSH,
    CLOSE,
    SEEKABLE,
    READABLE,
    FILENO,
    ISATTY,
    DEALLOC_WARN,
    READ,
    PEEK,
    READ1,
    READ_INTO,
    READ_INTO1,
    READLINE,
    SEEK,
    TELL,
    TRUNCATE,
    SIZEOF,
    GETSTATE,
];

static WRITER_METHODS: &[NativeDef] = &[
    CLOSE,
    DETACH,
    SEEKABLE,
    WRITABLE,
    FILENO,
    ISATTY,
    DEALLOC_WARN,
    WRITE,
    TRUNCATE,
    FLUSH,
    SEEK,
    TELL,
    SIZEOF,
    GETSTATE,
];

static RANDOM_METHODS: &[NativeDef] = &[
    CLOSE,
    DETACH,
    SEEKABLE,
    READABLE,
    WRITABLE,
    FILENO,
    ISATTY,
    DEALLOC_WARN,
    FLUSH,
    SEEK,
    TELL,
    TRUNCATE,
    READ,
    READ1,
    READ_INTO,
    READ_INTO1,
    READLINE,
    PEEK,
    WRITE,
    SIZEOF,
    GETSTATE,
];
