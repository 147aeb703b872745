//! Running a codec with an error handler by name: one that comes with Python, or a program's own.

use crate::codecs::{handlers, registry};
use crate::error::{PyResult, Raised};
use crate::object::buffer::bytes_of;
use crate::object::bytes::Bytes;
use crate::object::codec::{decode_error, encode_error};
use crate::object::exception::Exception;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::text_args::text;
use crate::object::tuple::Tuple;
use crate::text::{
    CodecError, DecodeAnswer, DecodeFailure, EncodeAnswer, EncodeReplacement, ErrorHandler, StrView,
};
use crate::value::Value;
use crate::vm::Vm;

/// Why a codec stopped.
#[derive(Debug)]
pub enum Failure {
    /// An error that is to be raised as the codec describes it.
    Codec(CodecError),
    /// An exception.
    Raised(Raised),
}

impl From<CodecError> for Failure {
    fn from(error: CodecError) -> Failure {
        Failure::Codec(error)
    }
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Failure {
        Failure::Raised(raised)
    }
}

/// What a codec asks when it cannot encode.
pub type EncodeError<'a> = &'a mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, Failure>;
/// What a codec asks when it cannot decode.
pub type DecodeError<'a> = &'a mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, Failure>;

/// The handler that a name stands for.
enum Handler {
    Known(ErrorHandler),
    Own(Value),
}

fn handler(vm: &mut Vm, name: Option<&str>) -> PyResult<Handler> {
    let name = name.unwrap_or("strict");
    let known = ErrorHandler::from_name(name);
    let own = vm.own_error_handler(name);
    match (known, own) {
        (Some(known), None) => Ok(Handler::Known(known)),
        (Some(known), Some(own)) if handlers::is_own(&own, name) => Ok(Handler::Known(known)),
        (_, Some(own)) => Ok(Handler::Own(own)),
        _ => match vm.lookup_error_handler(name) {
            Ok(own) => Ok(Handler::Own(own)),
            Err(_) => Err(registry::unknown_handler(vm, name)),
        },
    }
}

/// The exception object that one run of a codec shows to its handler again and again.
struct Shown(Option<Ref<Exception>>);

impl Shown {
    fn tell(
        &mut self,
        vm: &mut Vm,
        error: &CodecError,
        make: impl FnOnce(&mut Vm) -> Raised,
    ) -> Value {
        match &self.0 {
            Some(exception) => {
                let fields = [
                    vm.int(error.start as i64),
                    vm.int(error.end as i64),
                    vm.new_str(error.reason),
                ];
                for (index, value) in fields.into_iter().enumerate() {
                    exception.set_field(vm, index + 2, Some(value));
                }
                Value::from(exception)
            }
            None => {
                let Raised(exception) = make(vm);
                let value = Value::from(&exception);
                self.0 = Some(exception);
                value
            }
        }
    }
}

/// Where a handler wants to go on in an object of `len` units.
fn next_place(vm: &mut Vm, place: &Value, len: usize) -> PyResult<usize> {
    let place = vm.index_as_i64(place, "Python int too large to convert to C ssize_t")?;
    let from_start = if place < 0 { place + len as i64 } else { place };
    match usize::try_from(from_start) {
        Ok(next) if next <= len => Ok(next),
        _ => Err(vm.index_error(format!(
            "position {from_start} from error handler out of bounds"
        ))),
    }
}

/// The two items of a handler's answer, if it is such.
fn pair(answer: &Value) -> Option<(Value, Value)> {
    match answer.downcast::<Tuple>()?.items() {
        [replacement, place] => Some((replacement.clone(), place.clone())),
        _ => None,
    }
}

fn ask_encode(
    vm: &mut Vm,
    handler: &Value,
    exception: &Value,
    len: usize,
) -> PyResult<EncodeAnswer> {
    const WRONG: &str = "encoding error handler must return (str/bytes, int) tuple";
    let answer = vm.call(handler, std::slice::from_ref(exception))?;
    let Some((replacement, place)) = pair(&answer) else {
        return Err(vm.type_error(WRONG));
    };
    let replacement = if let Some(text) = replacement.downcast::<Str>() {
        EncodeReplacement::Text(text.view().to_buf())
    } else if let Some(bytes) = replacement.downcast::<Bytes>() {
        EncodeReplacement::Bytes(bytes.data().to_vec())
    } else {
        return Err(vm.type_error(WRONG));
    };
    vm.check_growth(0)?;
    Ok((replacement, next_place(vm, &place, len)?))
}

fn ask_decode(
    vm: &mut Vm,
    handler: &Value,
    exception: &Value,
    len: usize,
) -> PyResult<DecodeAnswer> {
    const WRONG: &str = "decoding error handler must return (str, int) tuple";
    let answer = vm.call(handler, std::slice::from_ref(exception))?;
    let Some((replacement, place)) = pair(&answer) else {
        return Err(vm.type_error(WRONG));
    };
    match replacement.downcast::<Str>() {
        Some(text) => {
            vm.check_growth(0)?;
            Ok((text.view().to_buf(), next_place(vm, &place, len)?))
        }
        None => Err(vm.type_error(WRONG)),
    }
}

/// Runs an encoder over a str, with the error handler of this name (`None` is `strict`), which is looked up at the first error.
///
/// # Errors
/// What the codec or its handler raises.
pub fn encode_text(
    vm: &mut Vm,
    object: &Value,
    errors: Option<&str>,
    run: impl FnOnce(StrView<'_>, EncodeError<'_>) -> Result<Vec<u8>, Failure>,
) -> PyResult<Vec<u8>> {
    let view = text(object);
    let mut found = None;
    let mut shown = Shown(None);
    let encoded = run(view, &mut |error| {
        let handler = match &found {
            Some(handler) => handler,
            None => found.insert(handler(vm, errors)?),
        };
        match handler {
            Handler::Known(known) => known.on_encode(view, error).map_err(Failure::Codec),
            Handler::Own(own) => {
                let exception = shown.tell(vm, error, |vm| encode_error(vm, object, error));
                Ok(ask_encode(vm, own, &exception, view.len())?)
            }
        }
    });
    encoded.map_err(|failure| match failure {
        Failure::Codec(error) => encode_error(vm, object, &error),
        Failure::Raised(raised) => raised,
    })
}

/// Runs a decoder over a bytes-like object, with the error handler of this name.
///
/// # Errors
/// What the codec or its handler raises.
pub fn decode_bytes<T>(
    vm: &mut Vm,
    object: &Value,
    errors: Option<&str>,
    run: impl FnOnce(&[u8], DecodeError<'_>) -> Result<T, Failure>,
) -> PyResult<T> {
    // What a handler could change while the codec runs is copied.
    let copy;
    let bytes = match object.downcast::<Bytes>() {
        Some(bytes) => bytes.data(),
        None => {
            copy = bytes_of(vm, object).unwrap_or(&[]).to_vec();
            &copy[..]
        }
    };
    decode_slice(vm, bytes, errors, run)
}

/// [`decode_bytes`] for bytes that belong to no object.
///
/// # Errors
/// What the codec or its handler raises.
pub fn decode_slice<T>(
    vm: &mut Vm,
    bytes: &[u8],
    errors: Option<&str>,
    run: impl FnOnce(&[u8], DecodeError<'_>) -> Result<T, Failure>,
) -> PyResult<T> {
    let mut found = None;
    let mut shown = Shown(None);
    let decoded = run(bytes, &mut |error| {
        let handler = match &found {
            Some(handler) => handler,
            None => found.insert(handler(vm, errors)?),
        };
        match handler {
            Handler::Known(known) => {
                known
                    .on_decode(bytes, error)
                    .map_err(|failure| match failure {
                        DecodeFailure::Codec(error) => Failure::Codec(error),
                        DecodeFailure::CannotHandle => Failure::Raised(vm.type_error(
                            "don't know how to handle UnicodeDecodeError in error callback",
                        )),
                    })
            }
            Handler::Own(own) => {
                let exception = shown.tell(vm, error, |vm| decode_error(vm, bytes.to_vec(), error));
                Ok(ask_decode(vm, own, &exception, bytes.len())?)
            }
        }
    });
    decoded.map_err(|failure| match failure {
        Failure::Codec(error) => decode_error(vm, bytes.to_vec(), &error),
        Failure::Raised(raised) => raised,
    })
}
