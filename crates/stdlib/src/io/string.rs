//! `StringIO`: text in memory as a stream.

use std::cell::Cell;

use pyco_exec::cell::VmCell;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::text::{StrCow, StrView, Unit};
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};

use super::base::{self, TEXT_IO_BASE, call, size_argument};
use super::newline::Newlines;
use super::text::lines::{LineEnd, with_line_ends};

/// The payload.
pub(super) struct StringIo {
    /// The code points; nothing once closed.
    text: VmCell<Option<Vec<u32>>>,
    position: Cell<usize>,
    /// The `newline` argument.
    newline: Cell<Option<&'static str>>,
    /// What universal line ends are read with.
    newlines: VmCell<Option<Newlines>>,
}

impl Payload for StringIo {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

pub(super) static STRING_IO: ClassDef = ClassDef::new::<StringIo>("_io.StringIO", slots)
    .base(|vm| vm.class(&TEXT_IO_BASE))
    .subclassable()
    .without_finalizer()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.next.set(Some(next));
}

fn new(_vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let stream = StringIo {
        text: VmCell::new(Some(Vec::new())),
        position: Cell::new(0),
        newline: Cell::new(Some("\n")),
        newlines: VmCell::new(None),
    };
    Ok(Value::from(Ref::new(class, stream)))
}

static INIT: Params = Params::new(&["initial_value", "newline"], 0);

/// The `newline` argument of a text stream.
pub(super) fn newline_argument(
    vm: &mut Vm,
    newline: &Value,
    shows_repr: bool,
) -> PyResult<Option<&'static str>> {
    if newline.is_none() {
        return Ok(None);
    }
    match newline.downcast::<Str>() {
        Some(text) => {
            let known = ["", "\n", "\r", "\r\n"];
            if let Some(known) = known.into_iter().find(|known| text.eq_str(known)) {
                return Ok(Some(known));
            }
            let shown = match shows_repr {
                true => vm.repr_text(newline)?,
                false => vm.display(newline),
            };
            Err(vm.value_error(format!("illegal newline value: {shown}")))
        }
        None => {
            let found = vm.type_name(newline);
            Err(vm.type_error(format!("newline must be str or None, not {found}")))
        }
    }
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let stream = receiver::<StringIo>(vm, this)?.clone();
    let args = args.bind(vm, "StringIO", &INIT)?;
    let newline = match args.get(1) {
        Some(newline) => newline_argument(vm, newline, true)?,
        None => Some("\n"),
    };
    let initial = args.not_none(0).cloned();
    if let Some(initial) = &initial
        && initial.downcast::<Str>().is_none()
    {
        let found = vm.type_name(initial);
        return Err(vm.type_error(format!("initial_value must be str or None, not {found}")));
    }
    let is_universal = newline.is_none_or(str::is_empty);
    *stream.newlines.get_mut(vm) = is_universal.then(|| Newlines {
        translate: newline.is_none(),
        ..Newlines::default()
    });
    stream.newline.set(newline);
    *stream.text.get_mut(vm) = Some(Vec::new());
    stream.position.set(0);
    if let Some(initial) = initial {
        write_text(vm, &stream, &initial)?;
    }
    stream.position.set(0);
    Ok(())
}

#[cold]
fn closed(vm: &mut Vm) -> Raised {
    vm.value_error("I/O operation on closed file")
}

fn opened<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<StringIo>> {
    let stream = receiver::<StringIo>(vm, this)?;
    match stream.text.get(vm) {
        Some(_) => Ok(stream),
        None => Err(closed(vm)),
    }
}

fn write_text(vm: &mut Vm, stream: &Ref<StringIo>, text: &Value) -> PyResult<()> {
    let Some(text) = text.downcast::<Str>() else {
        return Ok(());
    };
    let mut text = StrCow::Borrowed(text.view());
    if let Some(newlines) = stream.newlines.get_mut(vm) {
        text = StrCow::Owned(newlines.apply(text.into_buf(), true));
    }
    if let Some(newline) = stream.newline.get()
        && newline.starts_with('\r')
    {
        text = StrCow::Owned(with_line_ends(text.view(), newline));
    }
    let text = text.view();
    let start = stream.position.get();
    let end = start.saturating_add(text.len());
    vm.check_growth(4 * text.len())?;
    if end > vm.max_size() / 4 {
        return Err(vm.memory_error());
    }
    let Some(target) = stream.text.get_mut(vm) else {
        return Ok(());
    };
    if target.len() < start {
        target.resize(start, 0);
    }
    if start < target.len() {
        target.resize(target.len().max(end), 0);
        for (at, c) in text.chars().enumerate() {
            target[start + at] = c;
        }
    } else if let StrView::Ascii(units) = text {
        target.extend(units.iter().map(|&unit| u32::from(unit)));
    } else {
        target.extend(text.chars());
    }
    stream.position.set(end);
    Ok(())
}

fn write(vm: &mut Vm, this: &Value, text: &Value) -> PyResult {
    let len = match text.downcast::<Str>() {
        Some(text) => text.len(),
        None => {
            let found = vm.type_name(text);
            return Err(vm.type_error(format!("string argument expected, got '{found}'")));
        }
    };
    let stream = opened(vm, this)?.clone();
    if len > 0 {
        write_text(vm, &stream, text)?;
    }
    Ok(vm.int(len as i64))
}

/// Takes code points from where the stream is: at most so many, or a line.
fn take(vm: &mut Vm, this: &Value, limit: Option<usize>, is_line: bool) -> PyResult {
    let stream = opened(vm, this)?;
    let text = stream.text.get(vm).as_deref().unwrap_or(&[]);
    let start = stream.position.get().min(text.len());
    let rest = &text[start..];
    let mut len = limit.map_or(rest.len(), |limit| limit.min(rest.len()));
    if is_line {
        let end = LineEnd::of(stream.newline.get());
        if let Ok(line) = end.find(StrView::Ucs4(rest), 0) {
            len = len.min(line);
        }
    }
    let part = vm.str_from_view(<u32 as Unit>::as_str(&rest[..len]).view());
    if len > 0 {
        stream.position.set(start + len);
    }
    Ok(part)
}

fn read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let limit = size_argument(vm, args.first())?;
    take(vm, this, usize::try_from(limit).ok(), false)
}

fn read_line(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let limit = size_argument(vm, args.first())?;
    take(vm, this, usize::try_from(limit).ok(), true)
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let is_exact = receiver::<StringIo>(vm, this)?.is_exact();
    let line = match is_exact {
        true => take(vm, this, None, true)?,
        false => call(vm, this, "readline", &[])?,
    };
    match line.downcast::<Str>() {
        Some(text) => Ok((!text.is_empty()).then_some(line)),
        None => {
            let found = vm.type_name(&line);
            let class = vm.types.os_error.clone();
            let message = format!("readline() should have returned a str object, not '{found}'");
            Err(vm.error(&class, message))
        }
    }
}

fn seek(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let offset = vm.index_for_size(args.first().unwrap_or(&Value::NONE))?;
    let whence = c_int_or(vm, args.get(1), 0)?;
    let stream = opened(vm, this)?.clone();
    if !(0..=2).contains(&whence) {
        let message = format!("Invalid whence ({whence}, should be 0, 1 or 2)");
        return Err(vm.value_error(message));
    }
    if offset < 0 && whence == 0 {
        return Err(vm.value_error(format!("Negative seek position {offset}")));
    }
    if whence != 0 && offset != 0 {
        let class = vm.types.os_error.clone();
        return Err(vm.error(&class, "Can't do nonzero cur-relative seeks"));
    }
    let place = match whence {
        0 => offset as usize,
        1 => stream.position.get(),
        _ => stream.text.get(vm).as_ref().map_or(0, Vec::len),
    };
    stream.position.set(place);
    Ok(vm.int(place as i64))
}

fn truncate(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let stream = opened(vm, this)?.clone();
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(_) => size_argument(vm, args.first())?,
        None => stream.position.get() as i64,
    };
    let Ok(len) = usize::try_from(size) else {
        let what = match vm.version_number() {
            ..15 => "Negative size value",
            _ => "negative pos value",
        };
        return Err(vm.value_error(format!("{what} {size}")));
    };
    if let Some(text) = stream.text.get_mut(vm) {
        text.truncate(len);
    }
    Ok(vm.int(size))
}

fn get_value(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = opened(vm, this)?;
    let text = stream.text.get(vm).as_deref().unwrap_or(&[]);
    Ok(vm.str_from_view(<u32 as Unit>::as_str(text).view()))
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = receiver::<StringIo>(vm, this)?.clone();
    *stream.text.get_mut(vm) = None;
    Ok(Value::NONE)
}

fn get_state(vm: &mut Vm, this: &Value) -> PyResult {
    let value = get_value(vm, this)?;
    let stream = opened(vm, this)?.clone();
    let newline = stream.newline.get();
    let newline = newline.map_or(Value::NONE, |newline| vm.new_str(newline));
    let position = vm.int(stream.position.get() as i64);
    let dict = match base::attribute_opt(vm, this, "__dict__")? {
        Some(dict) if vm.len(&dict)? > 0 => {
            let copy = dict.downcast::<Dict>().map(|dict| dict.copy(vm));
            copy.map_or(Value::NONE, Value::from)
        }
        _ => Value::NONE,
    };
    Ok(vm.new_tuple(vec![value, newline, position, dict]))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let stream = opened(vm, this)?.clone();
    let class = vm.type_name(this);
    let items = state.downcast::<Tuple>().map(|state| state.items());
    let Some([value, newline, position, dict, ..]) = items else {
        let found = vm.type_name(state);
        return Err(vm.type_error(format!(
            "{class}.__setstate__ argument should be 4-tuple, got {found}"
        )));
    };
    let arguments = [vm.new_str(""), newline.clone()];
    init(vm, this, Args::positional_only(&arguments))?;
    match value.downcast::<Str>() {
        // As it is: line ends were translated when it was written.
        Some(value) => *stream.text.get_mut(vm) = Some(value.view().to_ucs4()),
        None if value.is_none() => {}
        None => {
            let found = vm.type_name(value);
            return Err(vm.type_error(format!("initial_value must be str or None, not {found}")));
        }
    }
    if position.as_int().is_none() {
        let found = vm.type_name(position);
        return Err(vm.type_error(format!(
            "third item of state must be an integer, got '{found}'"
        )));
    }
    let Ok(position) = usize::try_from(vm.index_for_size(position)?) else {
        return Err(vm.value_error("position value cannot be negative"));
    };
    stream.position.set(position);
    if !dict.is_none() {
        let Some(dict) = dict.downcast::<Dict>() else {
            let found = vm.type_name(dict);
            return Err(vm.type_error(format!(
                "fourth item of state should be a dict, got a {found}"
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
    NativeDef::no_args("close", close).signature("($self, /)"),
    NativeDef::no_args("getvalue", get_value).signature("($self, /)"),
    NativeDef::range("read", 0, 1, read).signature("($self, size=-1, /)"),
    NativeDef::range("readline", 0, 1, read_line).signature("($self, size=-1, /)"),
    NativeDef::no_args("tell", |vm, this| {
        let position = opened(vm, this)?.position.get();
        Ok(vm.int(position as i64))
    })
    .signature("($self, /)"),
    NativeDef::range("truncate", 0, 1, truncate).signature("($self, pos=None, /)"),
    NativeDef::range("seek", 1, 2, seek).signature("($self, pos, whence=0, /)"),
    NativeDef::one("write", write).signature("($self, s, /)"),
    NativeDef::no_args("seekable", always_true).signature("($self, /)"),
    NativeDef::no_args("readable", always_true).signature("($self, /)"),
    NativeDef::no_args("writable", always_true).signature("($self, /)"),
    NativeDef::no_args("__getstate__", get_state),
    NativeDef::one("__setstate__", set_state),
];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("closed", |vm, this| {
        let stream = receiver::<StringIo>(vm, this)?;
        Ok(Value::bool(stream.text.get(vm).is_none()))
    }),
    GetSetDef::get("newlines", |vm, this| {
        let stream = opened(vm, this)?.clone();
        let newlines = stream.newlines.get(vm).clone();
        Ok(newlines.map_or(Value::NONE, |newlines| newlines.value(vm)))
    }),
    GetSetDef::get("line_buffering", |vm, this| {
        opened(vm, this)?;
        Ok(Value::FALSE)
    }),
];
