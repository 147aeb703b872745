//! Making and changing a text stream.

use pyco_exec::object::codec;
use pyco_exec::object::header::Ref;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::str_::Str;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

use super::codec::{Decoder, Encoder, look_up};
use super::lines::LineEnd;
use super::{TextIo, ready, with_encoder, write};
use crate::io::base::{attribute_opt, call, is_able};
use crate::io::newline::Newlines;
use crate::io::string::newline_argument;
use crate::io::unsupported;

static INIT: Params = Params::new(
    &[
        "buffer",
        "encoding",
        "errors",
        "newline",
        "line_buffering",
        "write_through",
    ],
    1,
);

/// A str argument; nothing for None.
fn text_argument(
    vm: &mut Vm,
    value: Option<&Value>,
    function: &str,
    name: &str,
) -> PyResult<Option<String>> {
    let Some(value) = value else {
        return Ok(None);
    };
    match value.downcast::<Str>() {
        Some(text) => {
            // Lone surrogates have no place in a name.
            let utf8 = codec::encode(vm, value, Some("utf-8"), None)?;
            match utf8.contains(&0) {
                true => Err(vm.value_error("embedded null character")),
                false => Ok(Some(text.to_string())),
            }
        }
        None => {
            let found = vm.type_name(value);
            Err(vm.type_error(format!(
                "{function}() argument '{name}' must be str or None, not {found}"
            )))
        }
    }
}

pub(super) fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let stream = receiver::<TextIo>(vm, this)?.clone();
    let args = args.bind(vm, "TextIOWrapper", &INIT)?;
    let buffer = args.get(0).cloned().unwrap_or(Value::NONE);
    let encoding = text_argument(vm, args.not_none(1), "TextIOWrapper", "encoding")?;
    let errors = text_argument(vm, args.not_none(2), "TextIOWrapper", "errors")?;
    if let Some(newline) = args.not_none(3)
        && newline.downcast::<Str>().is_none()
    {
        text_argument(vm, Some(newline), "TextIOWrapper", "newline")?;
    }
    let line_buffering = vm.truth(args.get(4).unwrap_or(&Value::FALSE))?;
    let write_through = vm.truth(args.get(5).unwrap_or(&Value::FALSE))?;
    stream.is_ready.set(false);
    stream.is_detached.set(false);
    let newline = newline_argument(vm, args.get(3).unwrap_or(&Value::NONE), false)?;
    stream.chunk_size.set(8192);
    // Of the encodings of the locale, there is only the one of the UTF-8 mode.
    let encoding = match encoding.as_deref() {
        None if crate::io::is_utf8_mode(vm) => "utf-8".to_owned(),
        None | Some("locale") => "UTF-8".to_owned(),
        Some(encoding) => encoding.to_owned(),
    };
    let errors = errors.unwrap_or_else(|| "strict".to_owned());
    set_newline(&stream, newline);
    stream.buffer.set(Some(buffer.clone()));
    set_codec(vm, &stream, &buffer, &encoding, &errors)?;
    stream.line_buffering.set(line_buffering);
    stream.write_through.set(write_through);
    *stream.pending.get_mut(vm) = Vec::new();
    stream.clear_decoded(vm);
    let seekable = is_able(vm, &buffer, "seekable")?;
    stream.is_seekable.set(seekable);
    stream.is_telling.set(seekable);
    let has_read1 = attribute_opt(vm, &buffer, "read1")?.is_some();
    stream.has_read1.set(has_read1);
    stream.is_ready.set(true);
    mark_start(vm, &stream, &buffer)
}

fn set_newline(stream: &Ref<TextIo>, newline: Option<&'static str>) {
    stream.line_end.set(LineEnd::of(newline));
    stream.newline.set(newline);
}

/// Makes the decoder and the encoder.
fn set_codec(
    vm: &mut Vm,
    stream: &Ref<TextIo>,
    buffer: &Value,
    encoding: &str,
    errors: &str,
) -> PyResult<()> {
    let found = look_up(vm, encoding)?;
    let newline = stream.newline.get();
    let is_universal = newline.is_none_or(str::is_empty);
    let newlines = is_universal.then(|| Newlines {
        translate: newline.is_none(),
        ..Newlines::default()
    });
    let decoder = match is_able(vm, buffer, "readable")? {
        true => Some(Decoder::new(
            vm,
            found.as_ref(),
            encoding,
            errors,
            newlines,
        )?),
        false => None,
    };
    let encoder = match is_able(vm, buffer, "writable")? {
        true => Some(Encoder::new(vm, found.as_ref(), encoding, errors)?),
        false => None,
    };
    *stream.decoder.get_mut(vm) = decoder;
    *stream.encoder.get_mut(vm) = encoder;
    stream.encoding.set(Some(vm.new_str(encoding)));
    stream.errors.set(Some(vm.new_str(errors)));
    Ok(())
}

/// Where something is there before what will be written, no mark of the byte order is to be written.
fn mark_start(vm: &mut Vm, stream: &Ref<TextIo>, buffer: &Value) -> PyResult<()> {
    if !stream.is_seekable.get() || stream.encoder.get(vm).is_none() {
        return Ok(());
    }
    let place = call(vm, buffer, "tell", &[])?;
    let zero = vm.int(0);
    if !vm.eq(&place, &zero)? {
        with_encoder(vm, stream, |vm, encoder| encoder.set_start(vm, false))?;
    }
    Ok(())
}

pub(super) static RECONFIGURE: Params = Params::new(
    &[
        "encoding",
        "errors",
        "newline",
        "line_buffering",
        "write_through",
    ],
    0,
)
.keyword_only(5);

pub(super) fn reconfigure(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (stream, buffer) = ready(vm, this)?;
    let stream = stream.clone();
    let encoding = text_argument(vm, args.not_none(0), "reconfigure", "encoding")?;
    let errors = text_argument(vm, args.not_none(1), "reconfigure", "errors")?;
    let newline = match args.get(2) {
        Some(newline) => {
            if !newline.is_none() && newline.downcast::<Str>().is_none() {
                let found = vm.type_name(newline);
                return Err(vm.type_error(format!(
                    "reconfigure() argument 'newline' must be str or None, not {found}"
                )));
            }
            Some(newline_argument(vm, newline, false)?)
        }
        None => None,
    };
    let changes = encoding.is_some() || errors.is_some() || newline.is_some();
    let is_used = !stream.decoded.get(vm).is_empty() || stream.snapshot.get(vm).is_some();
    if changes && is_used {
        let message =
            "It is not possible to set the encoding or newline of stream after the first read";
        return Err(unsupported(vm, message));
    }
    let flag = |vm: &mut Vm, index: usize, old: bool| match args.not_none(index) {
        Some(flag) => vm.truth(flag),
        None => Ok(old),
    };
    let line_buffering = flag(vm, 3, stream.line_buffering.get())?;
    let write_through = flag(vm, 4, stream.write_through.get())?;
    write::flush(vm, this)?;
    if changes {
        let current = |vm: &mut Vm, value: Option<Value>| {
            value.map_or_else(String::new, |value| vm.display(&value))
        };
        let (old_encoding, old_errors) = (stream.encoding.get(), stream.errors.get());
        let new_errors = match (&errors, &encoding) {
            (Some(errors), _) => errors.clone(),
            // With another encoding, the handler is the usual one.
            (None, Some(_)) => "strict".to_owned(),
            (None, None) => current(vm, old_errors),
        };
        let encoding = match encoding.as_deref() {
            Some("locale") => "UTF-8".to_owned(),
            Some(encoding) => encoding.to_owned(),
            None => current(vm, old_encoding),
        };
        look_up(vm, &encoding)?;
        if let Some(newline) = newline {
            set_newline(&stream, newline);
        }
        set_codec(vm, &stream, &buffer, &encoding, &new_errors)?;
        mark_start(vm, &stream, &buffer)?;
    }
    stream.line_buffering.set(line_buffering);
    stream.write_through.set(write_through);
    Ok(Value::NONE)
}
