//! `TextIOWrapper`: text over a buffered stream of bytes.
//!
//! `codec.rs` is what it encodes and decodes with, `read.rs` and `write.rs` what they say, `position.rs` `tell` and `seek`, `lines.rs`
//! where lines end.
//!
//! Invariants:
//! - A decoder or an encoder is taken out of its cell while it runs, so that what runs within cannot find it half done.
//! - `snapshot` is the decoder's state and the input that gave `decoded`; nothing if `decoded` is empty and was never filled.

mod codec;
pub(super) mod lines;
mod position;
mod read;
mod setup;
mod write;

use std::cell::Cell;

use pyco_exec::cell::{ValueCell, VmCell};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::text::StrBuf;
use pyco_exec::{Args, PyResult, Raised, Value, Vm};

use codec::{Decoder, Encoder, State};
use lines::LineEnd;

use super::base::{TEXT_IO_BASE, attribute, attribute_opt, call, is_closed};
use super::buffered::{self, first_error};
use super::file::cannot_pickle;

pub(super) use write::write_view;

/// The payload.
pub(super) struct TextIo {
    buffer: ValueCell,
    is_ready: Cell<bool>,
    is_detached: Cell<bool>,
    is_finalizing: Cell<bool>,
    encoding: ValueCell,
    errors: ValueCell,
    /// The `newline` argument.
    newline: Cell<Option<&'static str>>,
    line_end: Cell<LineEnd>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    chunk_size: Cell<usize>,
    is_seekable: Cell<bool>,
    /// Whether `tell` may be asked: not during iteration.
    is_telling: Cell<bool>,
    has_read1: Cell<bool>,
    decoder: VmCell<Option<Decoder>>,
    encoder: VmCell<Option<Encoder>>,
    decoded: VmCell<StrBuf>,
    used: Cell<usize>,
    snapshot: VmCell<Option<State>>,
    /// Bytes for each character of the last chunk.
    ratio: Cell<f64>,
    pending: VmCell<Vec<u8>>,
}

impl Payload for TextIo {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.buffer.traverse(visit);
        self.encoding.traverse(visit);
        self.errors.traverse(visit);
        // SAFETY: the collector calls this, while nobody borrows any contents.
        unsafe {
            self.decoder.traverse_with(|decoder| {
                if let Some(decoder) = decoder {
                    decoder.traverse(visit);
                }
            });
            self.encoder.traverse_with(|encoder| {
                if let Some(encoder) = encoder {
                    encoder.traverse(visit);
                }
            });
        }
    }
}

pub(super) static TEXT_IO_WRAPPER: ClassDef = ClassDef::new::<TextIo>("_io.TextIOWrapper", slots)
    .base(|vm| vm.class(&TEXT_IO_BASE))
    .subclassable()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(setup::init));
    slots.set_unary(UnaryOp::Repr, repr);
    slots.next.set(Some(read::next));
}

fn new(_vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let stream = TextIo {
        buffer: ValueCell::new(None),
        is_ready: Cell::new(false),
        is_detached: Cell::new(false),
        is_finalizing: Cell::new(false),
        encoding: ValueCell::new(None),
        errors: ValueCell::new(None),
        newline: Cell::new(None),
        line_end: Cell::new(LineEnd::Lf),
        line_buffering: Cell::new(false),
        write_through: Cell::new(false),
        chunk_size: Cell::new(8192),
        is_seekable: Cell::new(false),
        is_telling: Cell::new(false),
        has_read1: Cell::new(false),
        decoder: VmCell::new(None),
        encoder: VmCell::new(None),
        decoded: VmCell::new(StrBuf::new()),
        used: Cell::new(0),
        snapshot: VmCell::new(None),
        ratio: Cell::new(0.0),
        pending: VmCell::new(Vec::new()),
    };
    Ok(Value::from(Ref::new(class, stream)))
}

#[cold]
fn not_ready(vm: &mut Vm, stream: &Ref<TextIo>) -> Raised {
    vm.value_error(match stream.is_detached.get() {
        true => "underlying buffer has been detached",
        false => "I/O operation on uninitialized object",
    })
}

/// The stream that a method is called on, and its buffer.
fn ready<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<(&'a Ref<TextIo>, Value)> {
    let stream = receiver::<TextIo>(vm, this)?;
    match stream.buffer.get().filter(|_| stream.is_ready.get()) {
        Some(buffer) => Ok((stream, buffer)),
        None => Err(not_ready(vm, stream)),
    }
}

/// The same, unless the stream is closed.
fn opened<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<(&'a Ref<TextIo>, Value)> {
    let (stream, buffer) = ready(vm, this)?;
    let is_closed = match (stream.is_exact(), buffered::is_file_closed(&buffer)) {
        (true, Some(is_closed)) => is_closed,
        (true, None) => is_closed(vm, &buffer)?,
        (false, _) => is_closed(vm, this)?,
    };
    match is_closed {
        true => Err(super::base::closed_file(vm)),
        false => Ok((stream, buffer)),
    }
}

/// Uses the decoder; nothing if there is none.
fn with_decoder<R>(
    vm: &mut Vm,
    stream: &Ref<TextIo>,
    f: impl FnOnce(&mut Vm, &mut Decoder) -> PyResult<R>,
) -> PyResult<Option<R>> {
    let Some(mut decoder) = stream.decoder.get_mut(vm).take() else {
        return Ok(None);
    };
    let result = f(vm, &mut decoder);
    *stream.decoder.get_mut(vm) = Some(decoder);
    result.map(Some)
}

/// Uses the encoder; nothing if there is none.
fn with_encoder<R>(
    vm: &mut Vm,
    stream: &Ref<TextIo>,
    f: impl FnOnce(&mut Vm, &mut Encoder) -> PyResult<R>,
) -> PyResult<Option<R>> {
    let Some(mut encoder) = stream.encoder.get_mut(vm).take() else {
        return Ok(None);
    };
    let result = f(vm, &mut encoder);
    *stream.encoder.get_mut(vm) = Some(encoder);
    result.map(Some)
}

fn forward(vm: &mut Vm, this: &Value, name: &str) -> PyResult {
    let (_, buffer) = ready(vm, this)?;
    call(vm, &buffer, name, &[])
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let (stream, buffer) = ready(vm, this)?;
    let stream = stream.clone();
    if is_closed(vm, this)? {
        return Ok(Value::NONE);
    }
    if stream.is_finalizing.get() && attribute_opt(vm, &buffer, "_dealloc_warn")?.is_some() {
        let _ = call(vm, &buffer, "_dealloc_warn", std::slice::from_ref(this));
    }
    let flushed = call(vm, this, "flush", &[]);
    let closed = call(vm, &buffer, "close", &[]);
    first_error(vm, flushed, closed)
}

fn detach(vm: &mut Vm, this: &Value) -> PyResult {
    let (stream, buffer) = ready(vm, this)?;
    let stream = stream.clone();
    call(vm, this, "flush", &[])?;
    stream.buffer.set(None);
    stream.is_detached.set(true);
    stream.is_ready.set(false);
    Ok(buffer)
}

fn truncate(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (_, buffer) = ready(vm, this)?;
    call(vm, this, "flush", &[])?;
    call(vm, &buffer, "truncate", args)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = receiver::<TextIo>(vm, this)?.clone();
    if !stream.is_ready.get() && !stream.is_detached.get() {
        return Err(not_ready(vm, &stream));
    }
    let class = vm.type_of(this).name();
    let Some(guard) = vm.enter_repr(this) else {
        return Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__")));
    };
    let text = described(vm, this, &stream, &class);
    vm.leave_repr(guard);
    Ok(vm.new_str(&text?))
}

fn described(vm: &mut Vm, this: &Value, stream: &Ref<TextIo>, class: &str) -> PyResult<String> {
    let mut text = format!("<{class}");
    for what in ["name", "mode"] {
        let found = match attribute_opt(vm, this, what) {
            Err(raised) if raised.is(vm, &vm.types.value_error) => None,
            found => found?,
        };
        if let Some(found) = found {
            text += &format!(" {what}={}", vm.repr_text(&found)?);
        }
    }
    let encoding = stream.encoding.get().unwrap_or(Value::NONE);
    text += &format!(" encoding={}>", vm.repr_text(&encoding)?);
    Ok(text)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("detach", detach).signature("($self, /)"),
    NativeDef::bound("reconfigure", &setup::RECONFIGURE, setup::reconfigure).signature(
        "($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)",
    ),
    NativeDef::one("write", write::write).signature("($self, text, /)"),
    NativeDef::range("read", 0, 1, read::read).signature("($self, size=-1, /)"),
    NativeDef::range("readline", 0, 1, read::read_line).signature("($self, size=-1, /)"),
    NativeDef::no_args("flush", write::flush).signature("($self, /)"),
    NativeDef::no_args("close", close).signature("($self, /)"),
    NativeDef::no_args("fileno", |vm, this| forward(vm, this, "fileno")).signature("($self, /)"),
    NativeDef::no_args("seekable", |vm, this| forward(vm, this, "seekable"))
        .signature("($self, /)"),
    NativeDef::no_args("readable", |vm, this| forward(vm, this, "readable"))
        .signature("($self, /)"),
    NativeDef::no_args("writable", |vm, this| forward(vm, this, "writable"))
        .signature("($self, /)"),
    NativeDef::no_args("isatty", |vm, this| forward(vm, this, "isatty")).signature("($self, /)"),
    NativeDef::range("seek", 1, 2, position::seek).signature("($self, cookie, whence=0, /)"),
    NativeDef::no_args("tell", position::tell).signature("($self, /)"),
    NativeDef::range("truncate", 0, 1, truncate).signature("($self, pos=None, /)"),
    NativeDef::no_args("__getstate__", cannot_pickle).since(12),
];

fn field(vm: &mut Vm, this: &Value, field: fn(&TextIo) -> &ValueCell) -> PyResult {
    let value = field(receiver::<TextIo>(vm, this)?).get();
    Ok(value.unwrap_or(Value::NONE))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("encoding", |vm, this| field(vm, this, |s| &s.encoding)).member(),
    GetSetDef::get("buffer", |vm, this| {
        match receiver::<TextIo>(vm, this)?.buffer.get() {
            Some(buffer) => Ok(buffer),
            None => Err(vm.error(&vm.types.attribute_error.clone(), "buffer")),
        }
    })
    .member(),
    GetSetDef::get("line_buffering", |vm, this| {
        Ok(Value::bool(
            receiver::<TextIo>(vm, this)?.line_buffering.get(),
        ))
    })
    .member(),
    GetSetDef::get("write_through", |vm, this| {
        Ok(Value::bool(
            receiver::<TextIo>(vm, this)?.write_through.get(),
        ))
    })
    .member(),
    GetSetDef::get_set(
        "_finalizing",
        |vm, this| {
            Ok(Value::bool(
                receiver::<TextIo>(vm, this)?.is_finalizing.get(),
            ))
        },
        |vm, this, value| {
            let value = vm.truth(&value.unwrap_or(Value::FALSE))?;
            receiver::<TextIo>(vm, this)?.is_finalizing.set(value);
            Ok(())
        },
    )
    .member(),
    GetSetDef::get("name", |vm, this| {
        let (_, buffer) = ready(vm, this)?;
        attribute(vm, &buffer, "name")
    }),
    GetSetDef::get("closed", |vm, this| {
        let (_, buffer) = ready(vm, this)?;
        attribute(vm, &buffer, "closed")
    }),
    GetSetDef::get("newlines", |vm, this| {
        let stream = ready(vm, this)?.0.clone();
        let seen = with_decoder(vm, &stream, |vm, decoder| Ok(decoder.newlines_value(vm)))?;
        Ok(seen.unwrap_or(Value::NONE))
    }),
    GetSetDef::get("errors", |vm, this| {
        let stream = receiver::<TextIo>(vm, this)?;
        // A stream that let go of its buffer still knows.
        if !stream.is_ready.get() && !stream.is_detached.get() {
            return Err(not_ready(vm, stream));
        }
        field(vm, this, |s| &s.errors)
    }),
    GetSetDef::get_set(
        "_CHUNK_SIZE",
        |vm, this| {
            let size = ready(vm, this)?.0.chunk_size.get();
            Ok(vm.int(size as i64))
        },
        |vm, this, size| {
            let stream = ready(vm, this)?.0.clone();
            let Some(size) = size else {
                let class = vm.types.attribute_error.clone();
                let message = match vm.version_number() {
                    ..13 => "cannot delete attribute",
                    _ => "attribute '_CHUNK_SIZE' of '_io.TextIOWrapper' objects cannot be deleted",
                };
                return Err(vm.error(&class, message));
            };
            let class = vm.types.overflow_error.clone();
            let size = match vm.index_for_size(&size) {
                Err(raised) if raised.is(vm, &class) => {
                    let message = "cannot fit 'int' into an index-sized integer";
                    return Err(vm.value_error(message));
                }
                size => size?,
            };
            match usize::try_from(size) {
                Ok(size @ 1..) => {
                    stream.chunk_size.set(size);
                    Ok(())
                }
                _ => Err(vm.value_error("a strictly positive integer is required")),
            }
        },
    ),
];
