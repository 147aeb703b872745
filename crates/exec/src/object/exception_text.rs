//! `str()` and `repr()` of exceptions.

use crate::error::PyResult;
use crate::object::bytes::Bytes;
use crate::object::exception::{Exception, exception_of};
use crate::object::exception_group::{FIELD_EXCEPTIONS, FIELD_MESSAGE, FIELD_TEXT};
use crate::object::exception_types::arguments;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::text::StrBuilder;
use crate::value::Value;
use crate::vm::Vm;

/// Texts and strs in a row.
fn join(vm: &Vm, parts: &[&Value]) -> Value {
    let mut text = StrBuilder::default();
    for part in parts.iter().filter_map(|part| part.downcast::<Str>()) {
        text.push_view(part.view());
    }
    vm.str_from_buf(text.finish())
}

/// `BaseException.__str__`.
pub(crate) fn str(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    match &arguments(&exception)[..] {
        [] => Ok(Value::from(&vm.names.empty)),
        [one] => vm.str(one),
        _ => {
            let args = exception.args.get().unwrap_or(Value::NONE);
            vm.str(&args)
        }
    }
}

/// `BaseException.__repr__`.
pub(crate) fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let name = vm.new_str(&vm.type_name(this));
    match &arguments(&exception)[..] {
        [one] => {
            let (open, close) = (vm.new_str("("), vm.new_str(")"));
            let one = vm.repr(one)?;
            Ok(join(vm, &[&name, &open, &one, &close]))
        }
        _ => {
            let args = exception.args.get().unwrap_or(Value::NONE);
            let args = vm.repr(&args)?;
            Ok(join(vm, &[&name, &args]))
        }
    }
}

/// A KeyError shows its key as it would be written.
pub(crate) fn key_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    match &arguments(&exception)[..] {
        [one] => vm.repr(one),
        _ => str(vm, this),
    }
}

pub(crate) fn import_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    match exception.field(vm, 0) {
        Some(message) if message.downcast::<Str>().is_some_and(|m| m.is_exact()) => Ok(message),
        _ => str(vm, this),
    }
}

pub(crate) fn os_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let [errno, strerror, filename, filename2] =
        [0, 1, 2, 3].map(|index| exception.field(vm, index));
    let text = match (errno, strerror, filename, filename2) {
        (errno, strerror, Some(filename), second) => {
            let errno = vm.str_text(&errno.unwrap_or(Value::NONE))?;
            let strerror = vm.str_text(&strerror.unwrap_or(Value::NONE))?;
            let filename = vm.repr_text(&filename)?;
            match second {
                Some(second) => {
                    let second = vm.repr_text(&second)?;
                    format!("[Errno {errno}] {strerror}: {filename} -> {second}")
                }
                None => format!("[Errno {errno}] {strerror}: {filename}"),
            }
        }
        (Some(errno), Some(strerror), ..) => {
            let (errno, strerror) = (vm.str_text(&errno)?, vm.str_text(&strerror)?);
            format!("[Errno {errno}] {strerror}")
        }
        _ => return str(vm, this),
    };
    Ok(vm.new_str(&text))
}

pub(crate) fn syntax_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let message = exception.field(vm, 0).unwrap_or(Value::NONE);
    let message = vm.str_text(&message)?;
    let filename = exception
        .field(vm, 1)
        .and_then(|f| f.downcast::<Str>().map(|f| f.to_string()));
    let filename = filename.map(|f| f.rsplit('/').next().unwrap_or_default().to_owned());
    let line = exception
        .field(vm, 2)
        .filter(|line| line.as_int().is_some());
    let line = line.map(|line| vm.str_text(&line)).transpose()?;
    let text = match (filename, line) {
        (Some(file), Some(line)) => format!("{message} ({file}, line {line})"),
        (Some(file), None) => format!("{message} ({file})"),
        (None, Some(line)) => format!("{message} (line {line})"),
        (None, None) => message,
    };
    Ok(vm.new_str(&text))
}

/// The parts of a Unicode error that its text needs.
struct Unicode {
    encoding: String,
    object: Value,
    start: i64,
    end: i64,
    reason: String,
}

fn unicode(vm: &mut Vm, exception: &Ref<Exception>) -> PyResult<Option<Unicode>> {
    let Some(object) = exception.field(vm, 1) else {
        return Ok(None);
    };
    let text = |vm: &mut Vm, index: usize| match exception.field(vm, index) {
        Some(value) => vm.str_text(&value),
        None => Ok(String::new()),
    };
    let (encoding, reason) = (text(vm, 0)?, text(vm, 4)?);
    let number = |value: Option<Value>| {
        value
            .and_then(|v| v.as_int().and_then(|n| n.to_i64()))
            .unwrap_or(0)
    };
    let (start, end) = (
        number(exception.field(vm, 2)),
        number(exception.field(vm, 3)),
    );
    Ok(Some(Unicode {
        encoding,
        object,
        start,
        end,
        reason,
    }))
}

fn character(value: &Value, at: i64) -> Option<String> {
    let c = value
        .downcast::<Str>()?
        .view()
        .get(usize::try_from(at).ok()?)?;
    Some(match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x1_0000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    })
}

pub(crate) fn unicode_encode_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let Some(u) = unicode(vm, &exception)? else {
        return Ok(Value::from(&vm.names.empty));
    };
    let (encoding, reason, start) = (&u.encoding, &u.reason, u.start);
    let text = match character(&u.object, start).filter(|_| u.end == start + 1) {
        Some(c) => {
            format!("'{encoding}' codec can't encode character '{c}' in position {start}: {reason}")
        }
        None => {
            let end = u.end - 1;
            format!(
                "'{encoding}' codec can't encode characters in position {start}-{end}: {reason}"
            )
        }
    };
    Ok(vm.new_str(&text))
}

pub(crate) fn unicode_decode_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let Some(u) = unicode(vm, &exception)? else {
        return Ok(Value::from(&vm.names.empty));
    };
    let (encoding, reason, start) = (&u.encoding, &u.reason, u.start);
    let byte = u
        .object
        .downcast::<Bytes>()
        .and_then(|b| b.data().get(usize::try_from(start).ok()?).copied());
    let text = match byte.filter(|_| u.end == start + 1) {
        Some(byte) => format!(
            "'{encoding}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}"
        ),
        None => {
            let end = u.end - 1;
            format!("'{encoding}' codec can't decode bytes in position {start}-{end}: {reason}")
        }
    };
    Ok(vm.new_str(&text))
}

pub(crate) fn unicode_translate_error(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let Some(u) = unicode(vm, &exception)? else {
        return Ok(Value::from(&vm.names.empty));
    };
    let (reason, start) = (&u.reason, u.start);
    let text = match character(&u.object, start).filter(|_| u.end == start + 1) {
        Some(c) => format!("can't translate character '{c}' in position {start}: {reason}"),
        None => format!(
            "can't translate characters in position {start}-{}: {reason}",
            u.end - 1
        ),
    };
    Ok(vm.new_str(&text))
}

/// `message (N sub-exceptions)`.
pub(crate) fn group(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let message = exception.field(vm, FIELD_MESSAGE).unwrap_or(Value::NONE);
    let message = vm.str(&message)?;
    let count = exception
        .field(vm, FIELD_EXCEPTIONS)
        .and_then(|e| e.downcast::<Tuple>().map(|e| e.items().len()));
    let count = count.unwrap_or(0);
    let plural = if count == 1 { "" } else { "s" };
    let tail = vm.new_str(&format!(" ({count} sub-exception{plural})"));
    Ok(join(vm, &[&message, &tail]))
}

/// From 3.13 on: what the group was made of, whatever became of the arguments.
fn kept_group_repr(vm: &mut Vm, this: &Value, exception: &Ref<Exception>) -> PyResult {
    let members = exception.field(vm, FIELD_EXCEPTIONS);
    let mut members = members.unwrap_or_else(|| Value::from(&vm.empty_tuple));
    if let [_, given] = &arguments(exception)[..]
        && given.downcast::<List>().is_some()
    {
        let items = vm.collect(&members)?;
        members = vm.new_list(items);
    }
    let members = match exception.field(vm, FIELD_TEXT) {
        Some(text) => text,
        None => vm.repr(&members)?,
    };
    let message = exception.field(vm, FIELD_MESSAGE).unwrap_or(Value::NONE);
    let message = vm.repr(&message)?;
    let name = vm.type_name(this);
    let (name, comma, close) = (
        vm.new_str(&format!("{name}(")),
        vm.new_str(", "),
        vm.new_str(")"),
    );
    Ok(join(vm, &[&name, &message, &comma, &members, &close]))
}

/// `Name('message', [exceptions])`.
pub(crate) fn group_repr(vm: &mut Vm, this: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    if vm.version_number() >= 13 {
        return kept_group_repr(vm, this, &exception);
    }
    match &arguments(&exception)[..] {
        [message, members] => {
            let name = vm.type_name(this);
            let (message, members) = (vm.repr(message)?, vm.repr(members)?);
            let (name, comma, close) = (
                vm.new_str(&format!("{name}(")),
                vm.new_str(", "),
                vm.new_str(")"),
            );
            Ok(join(vm, &[&name, &message, &comma, &members, &close]))
        }
        _ => repr(vm, this),
    }
}
