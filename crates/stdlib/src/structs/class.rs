//! `Struct`: a format, read once, and what is done with it.
//!
//! Up to 3.14 `__new__` takes anything and `__init__` reads the format. From 3.15 on `__new__` reads it, and `__init__` only where a class has one of its own.

use std::cell::Cell;
use std::rc::Rc;

use pyco_exec::object::buffer::{as_bytes_like, data, writable_len, write_into};
use pyco_exec::object::bytearray::hold_always;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::codec::encode_error;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::text;
use pyco_exec::object::tuple_methods::uses_init_of;
use pyco_exec::object::type_::Type;
use pyco_exec::text::{CodecError, StrBuilder};
use pyco_exec::{Args, Bound, Params, PyResult, Raised, Value, Vm, VmCell};

use super::format::Format;
use super::{error, iter, unpack as reader};
use crate::arguments::ssize;

/// The payload.
pub(super) struct Struct {
    state: VmCell<Option<State>>,
    /// Whether `__init__` was called: the first time it may have nothing to do.
    is_initialized: Cell<bool>,
}

struct State {
    /// The format as ASCII.
    text: Rc<str>,
    format: Rc<Format>,
}

impl Payload for Struct {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

pub(super) static STRUCT: ClassDef = ClassDef::new::<Struct>("_struct.Struct", slots)
    .subclassable()
    .weakly_referenced()
    .methods(&[
        NativeDef::one("iter_unpack", |vm, this, buffer| {
            let made = receiver::<Struct>(vm, this)?;
            iter::iter_unpack(vm, made, buffer)
        })
        .signature("($self, buffer, /)"),
        NativeDef::range("pack", 0, usize::MAX, pack_method).until(14),
        NativeDef::range("pack", 0, usize::MAX, pack_method)
            .signature("($self, /, *values)")
            .since(15),
        NativeDef::range("pack_into", 0, usize::MAX, pack_into_method).until(14),
        NativeDef::range("pack_into", 2, usize::MAX, pack_into_method)
            .signature("($self, buffer, offset, /, *values)")
            .since(15),
        NativeDef::one("unpack", |vm, this, buffer| {
            let made = receiver::<Struct>(vm, this)?;
            unpack(vm, made, buffer)
        })
        .signature("($self, buffer, /)"),
        NativeDef::bound("unpack_from", &UNPACK_FROM, unpack_from_method)
            .signature("($self, /, buffer, offset=0)"),
        NativeDef::no_args("__sizeof__", size_of_struct).until(12),
        NativeDef::no_args("__sizeof__", size_of_struct)
            .signature("($self, /)")
            .since(13),
    ])
    .attributes(&[
        GetSetDef::get("format", format_text).until(14),
        GetSetDef::get("format", format_text).member().since(15),
        GetSetDef::get("size", size).until(14),
        GetSetDef::get("size", size).member().since(15),
    ]);

fn slots(slots: &Slots, minor: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    if minor >= 13 {
        slots.set_unary(UnaryOp::Repr, repr);
    }
}

/// A new Struct, of the class itself.
pub(super) fn make(vm: &mut Vm, format: &Value) -> PyResult<Ref<Struct>> {
    let state = read(vm, format)?;
    let class = vm.class(&STRUCT);
    Ok(Ref::new(&class, Struct::with(Some(state), true)))
}

impl Struct {
    fn with(state: Option<State>, is_initialized: bool) -> Struct {
        Struct {
            state: VmCell::new(state),
            is_initialized: Cell::new(is_initialized),
        }
    }

    /// What was read of the format.
    pub(super) fn ready(&self, vm: &mut Vm) -> PyResult<Rc<Format>> {
        match self.state.get(vm) {
            Some(state) => Ok(state.format.clone()),
            None => Err(not_ready(vm)),
        }
    }

    /// The size; -1 if there is no format yet.
    pub(super) fn size(&self, vm: &Vm) -> i64 {
        let state = self.state.get(vm).as_ref();
        state.map_or(-1, |state| state.format.size as i64)
    }

    /// The format for packing or unpacking; up to 3.12 a Struct without one has -1 of everything.
    fn ready_for(&self, vm: &mut Vm, complaint: impl FnOnce() -> String) -> PyResult<Rc<Format>> {
        if self.state.get(vm).is_none() && vm.version_number() < 13 {
            return Err(error(vm, complaint()));
        }
        self.ready(vm)
    }
}

#[cold]
fn not_ready(vm: &mut Vm) -> Raised {
    vm.runtime_error("Struct object is not initialized")
}

/// Reads a format: a str or bytes of ASCII.
fn read(vm: &mut Vm, format: &Value) -> PyResult<State> {
    let text: Rc<str> = if format.downcast::<Str>().is_some() {
        ascii(vm, format)?
    } else if let Some(bytes) = format.downcast::<Bytes>() {
        match std::str::from_utf8(bytes.data())
            .ok()
            .filter(|text| text.is_ascii())
        {
            Some(text) => text.into(),
            None if vm.version_number() < 13 => {
                return Err(error(
                    vm,
                    super::format::FormatError::BadCharacter.message(),
                ));
            }
            None => {
                let mut escaped = StrBuilder::new();
                for byte in bytes.data() {
                    let byte = u32::from(*byte);
                    escaped.push(if byte < 0x80 { byte } else { 0xDC00 + byte });
                }
                let escaped = vm.str_from_buf(escaped.finish());
                ascii(vm, &escaped)?
            }
        }
    } else {
        let found = vm.type_name(format);
        return Err(vm.type_error(format!(
            "Struct() argument 1 must be a str or bytes object, not {found}"
        )));
    };
    match Format::parse(text.as_bytes(), vm.version_number()) {
        Ok(format) => Ok(State {
            text,
            format: Rc::new(format),
        }),
        Err(wrong) => Err(error(vm, wrong.message())),
    }
}

/// The text of a str that has only ASCII.
fn ascii(vm: &mut Vm, value: &Value) -> PyResult<Rc<str>> {
    if let Some(text) = value.downcast::<Str>().and_then(|text| text.as_ascii()) {
        return Ok(text.into());
    }
    if vm.version_number() >= 15 {
        return Err(vm.value_error("non-ASCII character in struct format"));
    }
    let units = text(value);
    let is_foreign = |at: &usize| units.get(*at).is_some_and(|c| c >= 0x80);
    let start = (0..units.len()).find(is_foreign).unwrap_or(0);
    let end = start + (start..units.len()).take_while(is_foreign).count();
    let wrong = CodecError {
        encoding: "ascii",
        start,
        end,
        reason: "ordinal not in range(128)",
    };
    Err(encode_error(vm, value, &wrong))
}

static INIT: Params = Params::new(&["format"], 1);

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let state = match vm.version_number() {
        ..15 => None,
        _ => state_in_new(vm, class, args)?,
    };
    Ok(Value::from(Ref::new(class, Struct::with(state, false))))
}

/// The format that `__new__` finds from 3.15 on. A class with a `__new__` of its own must give it one; where only `__init__` is its own, a lack of one is
/// just warned about.
fn state_in_new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult<Option<State>> {
    let base = vm.class(&STRUCT);
    let has_own_new = match (class.slots.new.get(), base.slots.new.get()) {
        (Some(a), Some(b)) => !std::ptr::fn_addr_eq(a, b),
        _ => false,
    };
    let has_own_init = !uses_init_of(class, &base);
    let format = match args.bind(vm, "Struct", &INIT) {
        Ok(bound) => bound.get(0).cloned().unwrap_or(Value::NONE),
        Err(raised) if has_own_new => return Err(raised),
        Err(raised) => {
            if has_own_init {
                let message = vm.str_text(raised.value())?;
                let message = message.replace("keyword argument (", "argument (");
                vm.warn("DeprecationWarning", &message)?;
            }
            return Ok(None);
        }
    };
    match read(vm, &format) {
        Ok(state) => Ok(Some(state)),
        Err(raised) if has_own_new || !has_own_init => Err(raised),
        Err(raised) => {
            let message = vm.str_text(raised.value())?;
            let message = format!("Invalid 'format' argument for Struct.__new__(): {message}");
            vm.warn("DeprecationWarning", &message)?;
            Ok(None)
        }
    }
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let made = receiver::<Struct>(vm, this)?;
    let minor = vm.version_number();
    let was_initialized = made.is_initialized.get();
    if minor >= 15 {
        let base = vm.class(&STRUCT);
        let class = vm.type_of(this).clone();
        if made.state.get(vm).is_some() && !was_initialized && uses_init_of(&class, &base) {
            made.is_initialized.set(true);
            return Ok(());
        }
    }
    let bound = args.bind(vm, "Struct", &INIT)?;
    let format = bound.get(0).cloned().unwrap_or(Value::NONE);
    if minor >= 15
        && let Some(state) = made.state.get(vm)
    {
        let old = state.text.clone();
        made.is_initialized.set(true);
        if is_text(&format, &old) {
            return Ok(());
        }
        vm.warn(
            "FutureWarning",
            match was_initialized {
                true => {
                    "Re-initialization of Struct by calling the __init__() method will not work in future Python versions"
                }
                false => "Different format arguments for __new__() and __init__() methods of Struct",
            },
        )?;
    }
    match read(vm, &format) {
        Ok(state) => {
            made.is_initialized.set(true);
            *made.state.get_mut(vm) = Some(state);
            Ok(())
        }
        Err(raised) => {
            // Up to 3.12 the text is another already when it turns out to be no format.
            if minor < 13
                && let Some(text) = given_ascii(&format)
                && let Some(state) = made.state.get_mut(vm)
            {
                state.text = text;
            }
            Err(raised)
        }
    }
}

fn given_ascii(format: &Value) -> Option<Rc<str>> {
    match format.downcast::<Bytes>() {
        Some(bytes) => {
            let text = std::str::from_utf8(bytes.data()).ok()?;
            text.is_ascii().then(|| text.into())
        }
        None => Some(format.downcast::<Str>()?.as_ascii()?.into()),
    }
}

fn is_text(format: &Value, text: &str) -> bool {
    given_ascii(format).is_some_and(|given| *given == *text)
}

fn format_text(vm: &mut Vm, this: &Value) -> PyResult {
    let made = receiver::<Struct>(vm, this)?;
    match made.state.get(vm).as_ref().map(|state| state.text.clone()) {
        Some(text) => Ok(vm.new_str(&text)),
        None => match vm.version_number() {
            ..13 => Ok(vm.new_str("")),
            13 | 14 => Err(not_ready(vm)),
            _ => {
                let name = vm.type_name(this);
                let message = format!("'{name}' object has no attribute 'format'");
                let class = vm.types.attribute_error.clone();
                Err(vm.error(&class, message))
            }
        },
    }
}

fn size(vm: &mut Vm, this: &Value) -> PyResult {
    let size = receiver::<Struct>(vm, this)?.size(vm);
    Ok(vm.int(size))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    receiver::<Struct>(vm, this)?.ready(vm)?;
    let format = format_text(vm, this)?;
    let (name, format) = (vm.short_type_name(this), vm.repr_text(&format)?);
    Ok(vm.new_str(&format!("{name}({format})")))
}

fn size_of_struct(vm: &mut Vm, this: &Value) -> PyResult {
    let format = receiver::<Struct>(vm, this)?.ready(vm)?;
    let own = match vm.version_number() {
        ..15 => 56,
        _ => 64,
    };
    Ok(vm.int(own + 32 * (format.items.len() as i64 + 1)))
}

fn pack_method(vm: &mut Vm, this: &Value, values: &[Value]) -> PyResult {
    let made = receiver::<Struct>(vm, this)?;
    pack(vm, made, values)
}

fn check_value_len(vm: &mut Vm, name: &str, format: &Format, given: usize) -> PyResult<()> {
    let expected = format.value_len;
    if given == expected {
        return Ok(());
    }
    Err(error(
        vm,
        format!("{name} expected {expected} items for packing (got {given})"),
    ))
}

/// `pack(*values)`.
pub(super) fn pack(vm: &mut Vm, made: &Struct, values: &[Value]) -> PyResult {
    let given = values.len();
    let format = made.ready_for(vm, || {
        format!("pack expected -1 items for packing (got {given})")
    })?;
    check_value_len(vm, "pack", &format, given)?;
    let mut bytes = zeros(vm, format.size)?;
    super::pack::pack(vm, &format, values, &mut bytes)?;
    Ok(vm.new_bytes(bytes))
}

fn zeros(vm: &mut Vm, len: usize) -> PyResult<Vec<u8>> {
    vm.check_growth(len)?;
    Ok(vec![0; len])
}

fn pack_into_method(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let made = receiver::<Struct>(vm, this)?;
    pack_into(vm, made, arguments, 1)
}

/// `pack_into(buffer, offset, *values)`; the buffer is argument `number` of the function.
pub(super) fn pack_into(
    vm: &mut Vm,
    made: &Struct,
    arguments: &[Value],
    number: usize,
) -> PyResult {
    let given = arguments.len();
    let format = made.ready_for(vm, || {
        format!(
            "pack_into expected -1 items for packing (got {})",
            given as i64 - 2
        )
    })?;
    let (buffer, offset, values) = match arguments {
        [] => return Err(error(vm, "pack_into expected buffer argument")),
        [_] => return Err(error(vm, "pack_into expected offset argument")),
        [buffer, offset, values @ ..] => (buffer, offset, values),
    };
    let is_parsed_first = vm.version_number() >= 15;
    if !is_parsed_first {
        check_value_len(vm, "pack_into", &format, values.len())?;
    }
    let Some(len) = writable_len(vm, buffer)? else {
        let found = vm.type_name(buffer);
        let argument = match is_parsed_first {
            true => format!("pack_into() argument {number}"),
            false => "argument".to_owned(),
        };
        return Err(vm.type_error(format!(
            "{argument} must be read-write bytes-like object, not {found}"
        )));
    };
    hold_always(vm, buffer, |vm| {
        let offset = match is_parsed_first {
            true => ssize(vm, offset)?,
            false => vm.index_for(offset)?,
        };
        if is_parsed_first {
            check_value_len(vm, "pack_into", &format, values.len())?;
        }
        let start = place_to_pack(vm, offset, format.size as i64, len as i64)?;
        let mut bytes = zeros(vm, format.size)?;
        let packed = super::pack::pack(vm, &format, values, &mut bytes);
        // What came before a value that cannot be packed is written nevertheless.
        write_into(vm, buffer, start, &bytes);
        packed.map(|()| Value::NONE)
    })
}

/// Where to write a struct of `size` bytes in `len`.
fn place_to_pack(vm: &mut Vm, offset: i64, size: i64, len: i64) -> PyResult<usize> {
    if offset < 0 && offset.saturating_add(size) > 0 {
        let message = format!("no space to pack {size} bytes at offset {offset}");
        return Err(error(vm, message));
    }
    let start = place(vm, offset, len)?;
    if len - start < size {
        let least = start as u64 + size as u64;
        return Err(error(
            vm,
            format!(
                "pack_into requires a buffer of at least {least} bytes for packing {size} bytes at offset {start} \
                 (actual buffer size is {len})"
            ),
        ));
    }
    Ok(start as usize)
}

/// An offset from the start.
fn place(vm: &mut Vm, offset: i64, len: i64) -> PyResult<i64> {
    match offset {
        0.. => Ok(offset),
        _ if offset + len < 0 => Err(error(
            vm,
            format!("offset {offset} out of range for {len}-byte buffer"),
        )),
        _ => Ok(offset + len),
    }
}

/// `unpack(buffer)`.
pub(super) fn unpack(vm: &mut Vm, made: &Struct, buffer: &Value) -> PyResult {
    let format = made.ready_for(vm, || "unpack requires a buffer of -1 bytes".to_owned())?;
    let bytes = as_bytes_like(vm, buffer)?;
    if data(vm, &bytes).len() != format.size {
        let size = format.size;
        return Err(error(
            vm,
            format!("unpack requires a buffer of {size} bytes"),
        ));
    }
    vm.check_growth(format.value_len.saturating_mul(size_of::<Value>()))?;
    Ok(reader::unpack(vm, &format, data(vm, &bytes)))
}

static UNPACK_FROM: Params = Params::new(&["buffer", "offset"], 1);

fn unpack_from_method(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let made = receiver::<Struct>(vm, this)?;
    let buffer = args.get(0).cloned().unwrap_or(Value::NONE);
    unpack_from(vm, made, &buffer, args.get(1))
}

/// `unpack_from(buffer, offset)`.
pub(super) fn unpack_from(
    vm: &mut Vm,
    made: &Struct,
    buffer: &Value,
    offset: Option<&Value>,
) -> PyResult {
    let bytes = as_bytes_like(vm, buffer)?;
    hold_always(vm, &bytes, |vm| {
        let offset = match offset {
            Some(offset) => ssize(vm, offset)?,
            None => 0,
        };
        let format = made.ready(vm)?;
        let (size, len) = (format.size as i64, data(vm, &bytes).len() as i64);
        if offset < 0 && offset.saturating_add(size) > 0 {
            let message = format!("not enough data to unpack {size} bytes at offset {offset}");
            return Err(error(vm, message));
        }
        let start = place(vm, offset, len)?;
        if len - start < size {
            let least = start as u64 + size as u64;
            return Err(error(
                vm,
                format!(
                    "unpack_from requires a buffer of at least {least} bytes for unpacking {size} bytes at offset {start} \
                     (actual buffer size is {len})"
                ),
            ));
        }
        vm.check_growth(format.value_len.saturating_mul(size_of::<Value>()))?;
        let start = start as usize;
        let part = &data(vm, &bytes)[start..start + format.size];
        Ok(reader::unpack(vm, &format, part))
    })
}
