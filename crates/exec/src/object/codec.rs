//! `str.encode` and `bytes.decode`: the codecs and error handlers by name, and the Unicode errors.

use std::borrow::Cow;

use crate::call::{Bound, Params};
use crate::error::{PyResult, Raised};
use crate::object::buffer::{bytes_of, data};
use crate::object::escape_codec;
use crate::object::exception::new_exception;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{clinic_type, text};
use crate::text::{
    Codec, CodecError, DecodeFailure, ErrorHandler, StrBuf, decode_with, encode_with,
};
use crate::value::Value;
use crate::vm::Vm;

/// A name of a codec or an error handler, as an argument of the function `function`.
pub(crate) fn name_argument(
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
pub(crate) fn encode_error(vm: &mut Vm, object: &Value, error: &CodecError) -> Raised {
    let ty = vm.types.unicode_encode_error.clone();
    unicode_error(vm, &Value::from(ty), object.clone(), error)
}

/// A UnicodeDecodeError about these bytes.
#[cold]
pub(crate) fn decode_error(vm: &mut Vm, object: Vec<u8>, error: &CodecError) -> Raised {
    let ty = vm.types.unicode_decode_error.clone();
    let object = vm.new_bytes(object);
    unicode_error(vm, &Value::from(ty), object, error)
}

fn unicode_error(vm: &mut Vm, ty: &Value, object: Value, error: &CodecError) -> Raised {
    let arguments = vec![
        vm.new_str(error.encoding),
        object,
        vm.int(error.start as i64),
        vm.int(error.end as i64),
        vm.new_str(error.reason),
    ];
    let Some(class) = ty.downcast() else {
        return vm.value_error(error.reason);
    };
    let exception = new_exception(vm, class, arguments.clone());
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

fn encoding_of(vm: &mut Vm, name: Option<&str>) -> PyResult<Encoding> {
    let name = name.unwrap_or("utf-8");
    if let Some(codec) = Codec::from_name(name) {
        return Ok(Encoding::Plain(codec));
    }
    match name.to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
        "utf_8_sig" => Ok(Encoding::MarkedUtf8),
        "unicode_escape" | "unicodeescape" => Ok(Encoding::Escape { is_raw: false }),
        "raw_unicode_escape" | "rawunicodeescape" => Ok(Encoding::Escape { is_raw: true }),
        _ => {
            let ty = vm.types.lookup_error.clone();
            Err(vm.error(&ty, format!("unknown encoding: {name}")))
        }
    }
}

/// Why encoding or decoding stopped.
enum Failure {
    Codec(CodecError),
    CannotHandle,
    UnknownHandler,
}

impl From<CodecError> for Failure {
    fn from(error: CodecError) -> Failure {
        Failure::Codec(error)
    }
}

impl From<DecodeFailure> for Failure {
    fn from(failure: DecodeFailure) -> Failure {
        match failure {
            DecodeFailure::Codec(error) => Failure::Codec(error),
            DecodeFailure::CannotHandle => Failure::CannotHandle,
        }
    }
}

#[cold]
fn unknown_handler(vm: &mut Vm, name: Option<&str>) -> Raised {
    let name = name.unwrap_or("strict");
    if name == "namereplace" {
        return vm.not_implemented("the error handler 'namereplace'");
    }
    let ty = vm.types.lookup_error.clone();
    vm.error(&ty, format!("unknown error handler name '{name}'"))
}

/// `text.encode(encoding, errors)`.
pub(crate) fn encode(
    vm: &mut Vm,
    object: &Value,
    encoding: Option<&str>,
    errors: Option<&str>,
) -> PyResult<Vec<u8>> {
    let encoding = encoding_of(vm, encoding)?;
    let handler = ErrorHandler::from_name(errors.unwrap_or("strict"));
    let view = text(object);
    let (codec, mark) = match encoding {
        Encoding::Plain(codec) => (codec, &b""[..]),
        Encoding::MarkedUtf8 => (Codec::Utf8, MARK),
        Encoding::Escape { is_raw } => return Ok(escape_codec::encode(view, is_raw)),
    };
    let encoded = encode_with(view, codec, &mut |error| match handler {
        Some(handler) => handler.on_encode(view, error).map_err(Failure::Codec),
        None => Err(Failure::UnknownHandler),
    });
    match encoded {
        Ok(bytes) if !mark.is_empty() => Ok([mark, &bytes].concat()),
        Ok(bytes) => Ok(bytes),
        Err(Failure::Codec(error)) => Err(encode_error(vm, object, &error)),
        Err(_) => Err(unknown_handler(vm, errors)),
    }
}

/// `bytes.decode(encoding, errors)`, of a bytes-like object.
pub(crate) fn decode(
    vm: &mut Vm,
    object: &Value,
    encoding: Option<&str>,
    errors: Option<&str>,
) -> PyResult<StrBuf> {
    if data(vm, object).is_empty() {
        // Nothing is looked up for nothing.
        return Ok(StrBuf::new());
    }
    let encoding = encoding_of(vm, encoding)?;
    let handler = ErrorHandler::from_name(errors.unwrap_or("strict"));
    let mut bytes = data(vm, object);
    if matches!(encoding, Encoding::MarkedUtf8) {
        bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    }
    let mut on_error = |error: &CodecError| match handler {
        Some(handler) => handler.on_decode(bytes, error).map_err(Failure::from),
        None => Err(Failure::UnknownHandler),
    };
    let decoded = match encoding {
        Encoding::Plain(codec) => decode_with(bytes, codec, true, &mut on_error).map(|d| d.text),
        Encoding::MarkedUtf8 => {
            decode_with(bytes, Codec::Utf8, true, &mut on_error).map(|d| d.text)
        }
        Encoding::Escape { is_raw } => escape_codec::decode(bytes, is_raw, &mut on_error),
    };
    match decoded {
        Ok(text) => Ok(text),
        Err(Failure::Codec(error)) => {
            let bytes = bytes.to_vec();
            Err(decode_error(vm, bytes, &error))
        }
        Err(Failure::CannotHandle) => {
            Err(vm.type_error("don't know how to handle UnicodeDecodeError in error callback"))
        }
        Err(Failure::UnknownHandler) => Err(unknown_handler(vm, errors)),
    }
}

/// `str(object, encoding, errors)`.
pub(crate) fn decode_object(
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

fn encode_method(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (encoding, errors) = arguments(vm, args, "encode")?;
    let bytes = encode(vm, this, Some(&encoding), errors.as_deref())?;
    Ok(vm.new_bytes(bytes))
}

fn decode_method(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (encoding, errors) = arguments(vm, args, "decode")?;
    let text = decode(vm, this, Some(&encoding), errors.as_deref())?;
    Ok(vm.str_from_buf(text))
}

const SIGNATURE: &str = "($self, /, encoding='utf-8', errors='strict')";

pub(super) static STR_METHODS: &[NativeDef] =
    &[NativeDef::bound("encode", &PARAMS, encode_method).signature(SIGNATURE)];

pub(super) static BYTES_METHODS: &[NativeDef] =
    &[NativeDef::bound("decode", &PARAMS, decode_method).signature(SIGNATURE)];
