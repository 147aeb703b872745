//! `_io.TextIOWrapper`, as far as the host's three streams need it: `sys.stdin`, `sys.stdout` and `sys.stderr`.
//!
//! Invariant: a stream holds no text of its own; what it writes is the host's at once, and it never reads beyond a line's end.

use std::cell::Cell;
use std::io::{self, Read};

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::codec::{decode_error, encode_error};
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::text::{StrBuf, StrView};
use crate::value::Value;
use crate::vm::Vm;

/// Which of the host's streams it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum StandardStream {
    Input,
    Output,
    Error,
}

impl StandardStream {
    fn name(self) -> &'static str {
        ["<stdin>", "<stdout>", "<stderr>"][self as usize]
    }

    fn mode(self) -> &'static str {
        ["r", "w", "w"][self as usize]
    }

    /// How characters are written that the encoding does not have.
    fn errors(self) -> &'static str {
        match self {
            StandardStream::Error => "backslashreplace",
            _ => "strict",
        }
    }
}

/// The payload.
pub struct TextStream {
    pub(crate) stream: StandardStream,
    is_closed: Cell<bool>,
}

impl Payload for TextStream {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl TextStream {
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }
}

fn open(vm: &mut Vm, this: &Value) -> PyResult<StandardStream> {
    let this = receiver::<TextStream>(vm, this)?;
    match this.is_closed.get() {
        true => Err(vm.value_error("I/O operation on closed file.")),
        false => Ok(this.stream),
    }
}

fn unsupported(vm: &mut Vm, what: &str) -> Raised {
    // `io.UnsupportedOperation` derives from both; without `io`, OSError is the one that programs catch.
    vm.error(&vm.types.os_error.clone(), what)
}

fn readable(vm: &mut Vm, this: &Value) -> PyResult<()> {
    match open(vm, this)? {
        StandardStream::Input => Ok(()),
        _ => Err(unsupported(vm, "not readable")),
    }
}

fn write(vm: &mut Vm, this: &Value, text: &Value) -> PyResult {
    let stream = open(vm, this)?;
    let Some(text) = text.downcast::<Str>() else {
        let found = vm.type_name(text);
        let message = format!("write() argument must be str, not {found}");
        return Err(vm.type_error(message));
    };
    match stream {
        StandardStream::Input => return Err(unsupported(vm, "not writable")),
        StandardStream::Output => vm.write_stdout(text.view())?,
        StandardStream::Error => vm.write_stderr_host(&crate::display::stderr_text(text.view())),
    }
    Ok(vm.int(text.view().len() as i64))
}

fn write_lines(vm: &mut Vm, this: &Value, lines: &Value) -> PyResult {
    vm.for_each(lines, |vm, line| write(vm, this, &line).map(drop))?;
    Ok(Value::NONE)
}

fn flush(vm: &mut Vm, this: &Value) -> PyResult {
    if open(vm, this)? == StandardStream::Output {
        vm.flush_stdout()?;
    }
    Ok(Value::NONE)
}

/// The argument of `read` and `readline`: how many characters at most.
fn limit(vm: &mut Vm, args: &[Value]) -> PyResult<Option<usize>> {
    match args.first().filter(|size| !size.is_none()) {
        Some(size) => {
            let size = vm.index_clamped(size)?;
            Ok(usize::try_from(size).ok())
        }
        None => Ok(None),
    }
}

fn read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    readable(vm, this)?;
    let text = match limit(vm, args)? {
        Some(limit) => vm.read_stdin_chars(limit, false)?,
        None => {
            let mut bytes = Vec::new();
            if let Err(error) = vm.host.stdin.read_to_end(&mut bytes) {
                return Err(vm.os_error_from(&error));
            }
            decode(vm, bytes)?
        }
    };
    Ok(vm.str_from_buf(text))
}

fn read_line(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    readable(vm, this)?;
    let text = match limit(vm, args)? {
        Some(limit) => vm.read_stdin_chars(limit, true)?,
        None => vm.read_stdin_line()?,
    };
    Ok(vm.str_from_buf(text))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    readable(vm, this)?;
    let line = vm.read_stdin_line()?;
    Ok((!line.view().is_empty()).then(|| vm.str_from_buf(line)))
}

fn read_lines(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let hint = limit(vm, args)?.filter(|hint| *hint > 0);
    let (mut lines, mut len) = (Vec::new(), 0);
    while hint.is_none_or(|hint| len < hint) {
        let Some(line) = next(vm, this)? else { break };
        len += line.downcast::<Str>().map_or(0, |line| line.view().len());
        lines.push(line);
    }
    Ok(vm.new_list(lines))
}

/// Bytes as text, with every line's end a `\n`.
fn decode(vm: &mut Vm, bytes: Vec<u8>) -> PyResult<StrBuf> {
    let bytes = match bytes.contains(&b'\r') {
        true => one_line_end(&bytes),
        false => bytes,
    };
    match StrBuf::from_utf8(&bytes) {
        Ok(text) => Ok(text),
        Err(error) => Err(decode_error(vm, bytes, &error)),
    }
}

fn one_line_end(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte == b'\r' {
            rest.next_if_eq(&b'\n');
        }
        out.push(if byte == b'\r' { b'\n' } else { byte });
    }
    out
}

impl Vm {
    /// The object for one of the host's streams, as `sys` holds it.
    pub fn standard_stream(&self, stream: StandardStream) -> Value {
        let payload = TextStream {
            stream,
            is_closed: Cell::new(false),
        };
        Value::from(Ref::new(&self.types.text_stream, payload))
    }

    /// The stream that `sys` has under this name: `None` if `sys` was never imported.
    pub(crate) fn sys_stream(&mut self, name: &str) -> PyResult<Option<Value>> {
        let key = self.intern("sys");
        let modules = self.modules.clone();
        let Some(sys) = modules.get_str(self, &key) else {
            return Ok(None);
        };
        let key = self.intern(name);
        match self.get_attr_opt(&sys, &key)? {
            Some(stream) => Ok(Some(stream)),
            None => Err(self.runtime_error(format!("lost sys.{name}"))),
        }
    }

    /// Writes to the host's output as UTF-8.
    pub(crate) fn write_stdout(&mut self, text: StrView<'_>) -> PyResult<()> {
        let written = match text {
            StrView::Ascii(bytes) => self.host.stdout.write_all(bytes),
            _ => match text.to_utf8() {
                Ok(utf8) => self.host.stdout.write_all(utf8.as_bytes()),
                Err(error) => {
                    let text = self.str_from_view(text);
                    return Err(encode_error(self, &text, &error));
                }
            },
        };
        written.map_err(|error| self.os_error_from(&error))
    }

    pub(crate) fn flush_stdout(&mut self) -> PyResult<()> {
        let flushed = self.host.stdout.flush();
        flushed.map_err(|error| self.os_error_from(&error))
    }

    #[cold]
    pub(crate) fn os_error_from(&mut self, error: &io::Error) -> Raised {
        let ty = self.types.os_error.clone();
        self.error(&ty, error.to_string())
    }

    fn read_stdin_byte(&mut self) -> PyResult<Option<u8>> {
        let mut byte = [0];
        loop {
            match self.host.stdin.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.os_error_from(&error)),
            }
        }
    }

    /// The next line of the host's input with its `\n`; empty at the end.
    pub(crate) fn read_stdin_line(&mut self) -> PyResult<StrBuf> {
        let mut line = Vec::new();
        while let Some(byte) = self.read_stdin_byte()? {
            line.push(byte);
            if byte == b'\n' {
                break;
            }
            self.check_growth(line.len())?;
        }
        decode(self, line)
    }

    /// At most `limit` characters of the host's input, or of its next line.
    fn read_stdin_chars(&mut self, limit: usize, is_line: bool) -> PyResult<StrBuf> {
        let (mut bytes, mut count, mut missing) = (Vec::new(), 0, 0_u32);
        while count < limit || missing > 0 {
            let Some(byte) = self.read_stdin_byte()? else {
                break;
            };
            bytes.push(byte);
            match byte {
                0x80..=0xBF => missing = missing.saturating_sub(1),
                _ => {
                    count += 1;
                    missing = byte.leading_ones().saturating_sub(1).min(3);
                }
            }
            if is_line && byte == b'\n' {
                break;
            }
            self.check_growth(bytes.len())?;
        }
        decode(self, bytes)
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = receiver::<TextStream>(vm, this)?.stream;
    let (name, mode) = (stream.name(), stream.mode());
    let text = format!("<_io.TextIOWrapper name='{name}' mode='{mode}' encoding='utf-8'>");
    Ok(vm.new_str(&text))
}

fn file_number(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = open(vm, this)?;
    Ok(vm.int(stream as i64))
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<TextStream>(vm, this)?;
    if !this.is_closed.replace(true) && this.stream == StandardStream::Output {
        vm.flush_stdout()?;
    }
    Ok(Value::NONE)
}

fn exit(vm: &mut Vm, this: &Value, _args: Args<'_>) -> PyResult {
    close(vm, this)
}

fn seek(vm: &mut Vm, _this: &Value, _args: &[Value]) -> PyResult {
    Err(unsupported(vm, "underlying stream is not seekable"))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("write", write).signature("($self, text, /)"),
    NativeDef::one("writelines", write_lines).signature("($self, lines, /)"),
    NativeDef::no_args("flush", flush).signature("($self, /)"),
    NativeDef::range("read", 0, 1, read).signature("($self, size=-1, /)"),
    NativeDef::range("readline", 0, 1, read_line).signature("($self, size=-1, /)"),
    NativeDef::range("readlines", 0, 1, read_lines).signature("($self, hint=-1, /)"),
    NativeDef::no_args("fileno", file_number).signature("($self, /)"),
    NativeDef::no_args("close", close).signature("($self, /)"),
    NativeDef::range("seek", 1, 2, seek).signature("($self, cookie, whence=0, /)"),
    NativeDef::no_args("isatty", |vm, this| open(vm, this).map(|_| Value::FALSE)),
    NativeDef::no_args("seekable", |vm, this| open(vm, this).map(|_| Value::FALSE)),
    NativeDef::no_args("readable", |vm, this| {
        open(vm, this).map(|s| Value::bool(s == StandardStream::Input))
    }),
    NativeDef::no_args("writable", |vm, this| {
        open(vm, this).map(|s| Value::bool(s != StandardStream::Input))
    }),
    NativeDef::any("reconfigure", |_, _, _| Ok(Value::NONE)),
    NativeDef::no_args("__enter__", |vm, this| open(vm, this).map(|_| this.clone())),
    NativeDef::any("__exit__", exit),
];

/// An attribute that is one of the stream's texts.
fn text_of(vm: &mut Vm, this: &Value, text: fn(StandardStream) -> &'static str) -> PyResult {
    let stream = receiver::<TextStream>(vm, this)?.stream;
    Ok(vm.new_str(text(stream)))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("name", |vm, this| text_of(vm, this, StandardStream::name)),
    GetSetDef::get("mode", |vm, this| text_of(vm, this, StandardStream::mode)),
    GetSetDef::get("errors", |vm, this| {
        text_of(vm, this, StandardStream::errors)
    }),
    GetSetDef::get("encoding", |vm, this| text_of(vm, this, |_| "utf-8")),
    GetSetDef::get("newlines", |_, _| Ok(Value::NONE)),
    GetSetDef::get("line_buffering", |vm, this| {
        let stream = receiver::<TextStream>(vm, this)?.stream;
        Ok(Value::bool(stream == StandardStream::Error))
    }),
    GetSetDef::get("closed", |vm, this| {
        Ok(Value::bool(
            receiver::<TextStream>(vm, this)?.is_closed.get(),
        ))
    }),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.text_stream.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.text_stream.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
}
