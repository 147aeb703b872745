//! `str.encode` and `bytes.decode`: the codecs and error handlers by name, and the Unicode errors.

use std::borrow::Cow;

use crate::call::{Bound, Params};
use crate::codecs::drive::{decode_bytes, decode_slice, encode_text};
use crate::error::{PyResult, Raised};
use crate::object::buffer::{bytes_of, data};
use crate::object::bytearray::ByteArray;
use crate::object::bytes::Bytes;
use crate::object::escape_codec;
use crate::object::exception::new_exception;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{clinic_type, text};
use crate::object::tuple::Tuple;
use crate::text::{Codec, CodecError, StrBuf, StrView, decode_with, encode_with};
use crate::value::Value;
use crate::vm::Vm;

/// A name of a codec or an error handler, as an argument of the function `function`.
pub fn name_argument(
    vm: &mut Vm,
    name: Option<&Value>,
    function: &str,
    parameter: &str,
) -> PyResult<Option<String>> {
    let Some(name) = name else {
        return Ok(None);
    };
    let Some(text) = name.downcast::<Str>() else {
        let found = clinic_type(vm, name);
        return Err(vm.type_error(format!(
            "{function}() argument '{parameter}' must be str, not {found}"
        )));
    };
    if text.view().contains_char(0) {
        return Err(vm.value_error("embedded null character"));
    }
    match text.view().to_utf8() {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(encode_error(vm, name, &error)),
    }
}

/// A UnicodeEncodeError.
#[cold]
pub fn encode_error(vm: &mut Vm, object: &Value, error: &CodecError) -> Raised {
    let ty = vm.types.unicode_encode_error.clone();
    unicode_error(vm, &Value::from(ty), object.clone(), error)
}

/// A UnicodeDecodeError about these bytes.
#[cold]
pub fn decode_error(vm: &mut Vm, object: Vec<u8>, error: &CodecError) -> Raised {
    let ty = vm.types.unicode_decode_error.clone();
    let object = vm.new_bytes(object);
    unicode_error(vm, &Value::from(ty), object, error)
}

fn unicode_error(vm: &mut Vm, ty: &Value, object: Value, error: &CodecError) -> Raised {
    let arguments = [
        vm.new_str(error.encoding),
        object,
        vm.int(error.start as i64),
        vm.int(error.end as i64),
        vm.new_str(error.reason),
    ];
    let Some(class) = ty.downcast() else {
        return vm.value_error(error.reason);
    };
    let exception = new_exception(vm, class, &arguments);
    for (index, value) in arguments.into_iter().enumerate() {
        exception.set_field(vm, index, Some(value));
    }
    Raised(exception)
}

/// What a name of an encoding stands for.
#[derive(Clone, Copy)]
enum Encoding {
    Plain(Codec),
    /// UTF-8 with a byte order mark at its beginning.
    MarkedUtf8,
    /// `unicode_escape`, or `raw_unicode_escape`.
    Escape {
        is_raw: bool,
    },
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The codec of this name that needs no registry.
fn encoding_of(name: &str) -> Option<Encoding> {
    if let Some(codec) = Codec::from_name(name) {
        return Some(Encoding::Plain(codec));
    }
    Some(
        match name.to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
            "utf_8_sig" => Encoding::MarkedUtf8,
            "unicode_escape" | "unicodeescape" => Encoding::Escape { is_raw: false },
            "raw_unicode_escape" | "rawunicodeescape" => Encoding::Escape { is_raw: true },
            _ => return None,
        },
    )
}

/// `text.encode(encoding, errors)`.
pub fn encode(
    vm: &mut Vm,
    object: &Value,
    encoding: Option<&str>,
    errors: Option<&str>,
) -> PyResult<Vec<u8>> {
    let name = encoding.unwrap_or("utf-8");
    let Some(encoding) = encoding_of(name) else {
        return encode_by_registry(vm, object, name, errors);
    };
    let (codec, mark) = match encoding {
        Encoding::Plain(codec) => (codec, &b""[..]),
        Encoding::MarkedUtf8 => (Codec::Utf8, MARK),
        Encoding::Escape { is_raw } => return Ok(escape_codec::encode(text(object), is_raw)),
    };
    let bytes = encode_text(vm, object, errors, |view, on_error| {
        encode_with(view, codec, on_error)
    })?;
    Ok(match mark {
        [] => bytes,
        mark => [mark, &bytes].concat(),
    })
}

/// `bytes.decode(encoding, errors)`, of a bytes-like object.
pub fn decode(
    vm: &mut Vm,
    object: &Value,
    encoding: Option<&str>,
    errors: Option<&str>,
) -> PyResult<StrBuf> {
    if data(vm, object).is_empty() {
        // Nothing is looked up for nothing.
        return Ok(StrBuf::new());
    }
    let name = encoding.unwrap_or("utf-8");
    match encoding_of(name) {
        Some(Encoding::Plain(codec)) => decode_bytes(vm, object, errors, |bytes, on_error| {
            Ok(decode_with(bytes, codec, true, on_error)?.text)
        }),
        Some(Encoding::MarkedUtf8) => {
            let bytes = data(vm, object);
            let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes).to_vec();
            decode_slice(vm, &bytes, errors, |bytes, on_error| {
                Ok(decode_with(bytes, Codec::Utf8, true, on_error)?.text)
            })
        }
        Some(Encoding::Escape { is_raw }) => {
            let version = vm.unicode_version();
            decode_bytes(vm, object, errors, |bytes, on_error| {
                Ok(escape_codec::decode(bytes, is_raw, true, version, on_error)?.text)
            })
        }
        None => decode_by_registry(vm, object, name, errors),
    }
}

/// Whether a codec of the registry says that it is one for text, or says nothing.
pub fn is_text_codec(vm: &mut Vm, codec: &Value) -> PyResult<bool> {
    if codec.downcast::<Tuple>().is_some_and(|c| c.is_exact()) {
        return Ok(true);
    }
    let key = vm.intern("_is_text_encoding");
    match vm.get_attr_opt(codec, &key)? {
        Some(is_text) => vm.truth(&is_text),
        None => Ok(true),
    }
}

/// A codec that the registry has, if it says that it is one for text; `instead` is what to use for others.
fn text_codec(vm: &mut Vm, name: &str, instead: &str) -> PyResult<Value> {
    let codec = vm.lookup_codec(name)?;
    if !is_text_codec(vm, &codec)? {
        let class = vm.types.lookup_error.clone();
        let message =
            format!("'{name}' is not a text encoding; use {instead} to handle arbitrary codecs");
        return Err(vm.error(&class, message));
    }
    Ok(codec)
}

/// Which of the two functions of a codec.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From text, as a rule.
    Encode,
    /// To text, as a rule.
    Decode,
}

/// Calls one function of a codec that the registry gave.
pub fn call_codec(
    vm: &mut Vm,
    codec: &Value,
    direction: Direction,
    name: &str,
    object: &Value,
    errors: Option<&Value>,
) -> PyResult {
    let index = usize::from(direction == Direction::Decode);
    let function = codec.downcast::<Tuple>().and_then(|c| c.items().get(index));
    let function = function.cloned().unwrap_or(Value::NONE);
    let mut arguments = vec![object.clone()];
    arguments.extend(errors.cloned());
    let result = match vm.call(&function, &arguments) {
        Ok(result) => result,
        Err(raised) => {
            let operation = ["encoding", "decoding"][index];
            return Err(failed_codec(vm, raised, operation, name));
        }
    };
    match result.downcast::<Tuple>().map(|pair| pair.items()) {
        Some([result, _]) => Ok(result.clone()),
        _ => Err(vm.type_error(
            [
                "encoder must return a tuple (object, integer)",
                "decoder must return a tuple (object,integer)",
            ][index],
        )),
    }
}

/// Adds to an exception which codec it comes from.
#[cold]
fn failed_codec(vm: &mut Vm, raised: Raised, operation: &str, name: &str) -> Raised {
    let message = format!("{operation} with '{name}' codec failed");
    if vm.version_number() >= 12 {
        vm.add_note(&raised, &message);
        return raised;
    }
    // Before notes, the same class with a longer message took the place of an exception that has nothing but one.
    let arguments = crate::object::exception_types::arguments(&raised.0);
    let class = raised.0.ty().clone();
    let is_plain = class.is_built_in()
        && match &arguments[..] {
            [] => true,
            [only] => only.downcast::<Str>().is_some(),
            _ => false,
        };
    if !is_plain || raised.0.dict().is_some() {
        return raised;
    }
    let Ok(text) = vm.str_text(raised.value()) else {
        return raised;
    };
    let wrapper = vm.error(&class, format!("{message} ({}: {text})", class.name()));
    wrapper.0.cause.set(Some(raised.value().clone()));
    wrapper.0.context.set(Some(raised.value().clone()));
    wrapper.0.suppress_context.set(true);
    wrapper
}

fn encode_by_registry(
    vm: &mut Vm,
    object: &Value,
    name: &str,
    errors: Option<&str>,
) -> PyResult<Vec<u8>> {
    let codec = text_codec(vm, name, "codecs.encode()")?;
    let errors = errors.map(|errors| vm.new_str(errors));
    let result = call_codec(vm, &codec, Direction::Encode, name, object, errors.as_ref())?;
    if let Some(bytes) = result.downcast::<Bytes>() {
        return Ok(bytes.data().to_vec());
    }
    if result.downcast::<ByteArray>().is_some() {
        let message = format!(
            "encoder {name} returned bytearray instead of bytes; use codecs.encode() to encode to \
             arbitrary types"
        );
        vm.warn("RuntimeWarning", &message)?;
        return Ok(data(vm, &result).to_vec());
    }
    let found = vm.type_name(&result);
    Err(vm.type_error(format!(
        "'{name}' encoder returned '{found}' instead of 'bytes'; use codecs.encode() to encode to \
         arbitrary types"
    )))
}

fn decode_by_registry(
    vm: &mut Vm,
    object: &Value,
    name: &str,
    errors: Option<&str>,
) -> PyResult<StrBuf> {
    let codec = text_codec(vm, name, "codecs.decode()")?;
    let errors = errors.map(|errors| vm.new_str(errors));
    let object = match vm.memory_view(object)? {
        Some(view) => Value::from(view),
        None => object.clone(),
    };
    let result = call_codec(
        vm,
        &codec,
        Direction::Decode,
        name,
        &object,
        errors.as_ref(),
    )?;
    match result.downcast::<Str>() {
        Some(text) => Ok(text.view().to_buf()),
        None => {
            let found = vm.type_name(&result);
            Err(vm.type_error(format!(
                "'{name}' decoder returned '{found}' instead of 'str'; use codecs.decode() to \
                 decode to arbitrary types"
            )))
        }
    }
}

/// `str(object, encoding, errors)`.
pub fn decode_object(
    vm: &mut Vm,
    object: &Value,
    encoding: Option<&str>,
    errors: Option<&str>,
) -> PyResult {
    if object.downcast::<Str>().is_some() {
        return Err(vm.type_error("decoding str is not supported"));
    }
    if bytes_of(vm, object).is_none() {
        let found = vm.type_name(object);
        return Err(vm.type_error(format!(
            "decoding to str: need a bytes-like object, {found} found"
        )));
    }
    let text = decode(vm, object, encoding, errors)?;
    Ok(vm.str_from_buf(text))
}

static PARAMS: Params = Params::new(&["encoding", "errors"], 0);

/// The encoding and the error handler that the arguments name.
fn arguments(
    vm: &mut Vm,
    args: &Bound<'_>,
    function: &str,
) -> PyResult<(Cow<'static, str>, Option<String>)> {
    let encoding = name_argument(vm, args.get(0), function, "encoding")?;
    let errors = name_argument(vm, args.get(1), function, "errors")?;
    Ok((encoding.map_or(Cow::Borrowed("utf-8"), Cow::Owned), errors))
}

/// Whether the arguments ask for UTF-8, by which ASCII is what it is, whatever the error handler.
fn is_plain_utf8(args: &Bound<'_>) -> bool {
    let is_utf8 = |name: &Value| {
        let name = name.downcast::<Str>().and_then(|name| name.as_ascii());
        matches!(name, Some("utf-8" | "utf8" | "UTF-8"))
    };
    args.get(0).is_none_or(is_utf8) && args.get(1).is_none()
}

fn encode_method(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    if let StrView::Ascii(units) = text(this)
        && is_plain_utf8(args)
    {
        return Ok(vm.new_bytes(units.to_vec()));
    }
    let (encoding, errors) = arguments(vm, args, "encode")?;
    let bytes = encode(vm, this, Some(&encoding), errors.as_deref())?;
    Ok(vm.new_bytes(bytes))
}

fn decode_method(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let bytes = data(vm, this);
    if bytes.is_ascii() && is_plain_utf8(args) {
        return Ok(vm.str_from_view(StrView::Ascii(bytes)));
    }
    let (encoding, errors) = arguments(vm, args, "decode")?;
    let text = decode(vm, this, Some(&encoding), errors.as_deref())?;
    Ok(vm.str_from_buf(text))
}

const SIGNATURE: &str = "($self, /, encoding='utf-8', errors='strict')";

pub(super) static STR_METHODS: &[NativeDef] =
    &[NativeDef::bound("encode", &PARAMS, encode_method).signature(SIGNATURE)];

pub(super) static BYTES_METHODS: &[NativeDef] =
    &[NativeDef::bound("decode", &PARAMS, decode_method).signature(SIGNATURE)];
