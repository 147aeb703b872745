//! The error handlers that come with Python, as the functions that `codecs.lookup_error` gives.

use std::ops::Range;

use crate::error::{PyResult, Raised};
use crate::object::bytes::Bytes;
use crate::object::exception::Exception;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::text::{
    CodecError, DecodeFailure, EncodeReplacement, ErrorHandler, StrBuilder, name_of,
    push_numeric_escape,
};
use crate::value::Value;
use crate::vm::Vm;

static HANDLERS: &[(&str, NativeDef)] = &[
    ("strict", NativeDef::one("strict_errors", strict)),
    ("ignore", NativeDef::one("ignore_errors", ignore)),
    ("replace", NativeDef::one("replace_errors", replace)),
    (
        "xmlcharrefreplace",
        NativeDef::one("xmlcharrefreplace_errors", xml_char_ref_replace),
    ),
    (
        "backslashreplace",
        NativeDef::one("backslashreplace_errors", backslash_replace),
    ),
    (
        "namereplace",
        NativeDef::one("namereplace_errors", name_replace),
    ),
    (
        "surrogatepass",
        NativeDef::one("surrogatepass", surrogate_pass),
    ),
    (
        "surrogateescape",
        NativeDef::one("surrogateescape", surrogate_escape),
    ),
];

/// The function of a handler that comes with Python.
pub(crate) fn function(name: &str) -> Option<&'static NativeDef> {
    let found = HANDLERS.iter().find(|(handler, _)| *handler == name);
    found.map(|(_, def)| def)
}

/// Whether a function is the one that comes with Python for this handler.
pub(crate) fn is_own(handler: &Value, name: &str) -> bool {
    let handler = handler.downcast::<crate::object::native::NativeFunction>();
    handler.is_some_and(|f| function(name).is_some_and(|own| std::ptr::eq(own, f.def)))
}

/// What a Unicode error is about.
enum Object {
    Encode(Ref<Str>),
    Decode(Ref<Bytes>),
    Translate(Ref<Str>),
}

/// A Unicode error taken apart: the object, and the part of it that is wrong, cut to the object.
struct Failed {
    exception: Ref<Exception>,
    object: Object,
    range: Range<usize>,
}

#[cold]
fn cannot_handle(vm: &mut Vm, exception: &Value) -> Raised {
    let found = vm.type_name(exception);
    vm.type_error(format!(
        "don't know how to handle {found} in error callback"
    ))
}

fn failed(vm: &mut Vm, value: &Value) -> PyResult<Failed> {
    let Some(exception) = value.downcast::<Exception>().cloned() else {
        return Err(cannot_handle(vm, value));
    };
    let types = &vm.types;
    let (encode, decode) = (
        types.unicode_encode_error.clone(),
        types.unicode_decode_error.clone(),
    );
    let translate = crate::object::exception_types::exception_class(vm, "UnicodeTranslateError");
    let ty = exception.ty().clone();
    let is_translate = translate.is_some_and(|translate| ty.is_subtype(vm, &translate));
    let object = exception.field(vm, 1);
    let object = object.as_ref();
    let text = object.and_then(|o| o.downcast::<Str>().cloned());
    let bytes = object.and_then(|o| o.downcast::<Bytes>().cloned());
    let object = match (text, bytes) {
        (Some(text), _) if ty.is_subtype(vm, &encode) => Object::Encode(text),
        (Some(text), _) if is_translate => Object::Translate(text),
        (_, Some(bytes)) if ty.is_subtype(vm, &decode) => Object::Decode(bytes),
        _ => return Err(cannot_handle(vm, value)),
    };
    let len = match &object {
        Object::Encode(text) | Object::Translate(text) => text.len(),
        Object::Decode(bytes) => bytes.data().len(),
    };
    let number = |vm: &Vm, index: usize| {
        let value = exception.field(vm, index);
        value.and_then(|v| v.as_small_int()).unwrap_or(0)
    };
    let start = number(vm, 2).clamp(0, (len as i64 - 1).max(0)) as usize;
    let end = number(vm, 3).max(1).min(len as i64).max(0) as usize;
    Ok(Failed {
        exception,
        object,
        range: start..end.max(start),
    })
}

fn answer(vm: &mut Vm, replacement: Value, next: usize) -> PyResult {
    let next = vm.int(next as i64);
    Ok(vm.new_tuple(vec![replacement, next]))
}

fn text_answer(vm: &mut Vm, text: StrBuilder, next: usize) -> PyResult {
    let text = vm.str_from_buf(text.finish());
    answer(vm, text, next)
}

fn strict(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    match exception.downcast::<Exception>() {
        Some(exception) => Err(Raised(exception.clone())),
        None => Err(vm.type_error("codec must pass exception instance")),
    }
}

fn ignore(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    let failed = failed(vm, exception)?;
    text_answer(vm, StrBuilder::new(), failed.range.end)
}

fn replace(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    let failed = failed(vm, exception)?;
    let mut text = StrBuilder::new();
    match failed.object {
        Object::Encode(_) => text.push_repeated('?' as u32, failed.range.len()),
        Object::Decode(_) => text.push(0xFFFD),
        Object::Translate(_) => text.push_repeated(0xFFFD, failed.range.len()),
    }
    text_answer(vm, text, failed.range.end)
}

fn xml_char_ref_replace(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    let failed = failed(vm, exception)?;
    let Object::Encode(object) = &failed.object else {
        return Err(cannot_handle(vm, exception));
    };
    let mut text = StrBuilder::new();
    for index in failed.range.clone() {
        if let Some(c) = object.view().get(index) {
            text.push_str(&format!("&#{c};"));
        }
    }
    text_answer(vm, text, failed.range.end)
}

fn backslash_replace(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    let failed = failed(vm, exception)?;
    let mut text = StrBuilder::new();
    for index in failed.range.clone() {
        let c = match &failed.object {
            Object::Encode(object) | Object::Translate(object) => object.view().get(index),
            Object::Decode(object) => object.data().get(index).map(|byte| u32::from(*byte)),
        };
        if let Some(c) = c {
            push_numeric_escape(&mut text, c);
        }
    }
    text_answer(vm, text, failed.range.end)
}

fn name_replace(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    let failed = failed(vm, exception)?;
    let Object::Encode(object) = &failed.object else {
        return Err(cannot_handle(vm, exception));
    };
    let version = vm.unicode_version();
    let mut text = StrBuilder::new();
    for index in failed.range.clone() {
        let Some(c) = object.view().get(index) else {
            continue;
        };
        match name_of(c, version) {
            Some(name) => text.push_str(&format!("\\N{{{name}}}")),
            None => push_numeric_escape(&mut text, c),
        }
    }
    text_answer(vm, text, failed.range.end)
}

/// The encodings that surrogates can be passed through, under the names that the codecs of [`crate::text`] use.
fn unicode_encoding(name: &str) -> &'static str {
    match name.to_ascii_lowercase().replace('-', "_").as_str() {
        "utf_8" | "utf8" | "cp_utf8" => "utf-8",
        "utf_16_le" | "utf_16le" | "utf16_le" | "utf16le" | "utf_16" | "utf16" => "utf-16-le",
        "utf_16_be" | "utf_16be" | "utf16_be" | "utf16be" => "utf-16-be",
        "utf_32_le" | "utf_32le" | "utf32_le" | "utf32le" | "utf_32" | "utf32" => "utf-32-le",
        "utf_32_be" | "utf_32be" | "utf32_be" | "utf32be" => "utf-32-be",
        _ => "",
    }
}

/// Lets one of the handlers of [`crate::text`] answer.
fn by_handler(vm: &mut Vm, exception: &Value, handler: ErrorHandler) -> PyResult {
    let failed = failed(vm, exception)?;
    let encoding = failed.exception.field(vm, 0);
    let encoding = encoding.map_or_else(String::new, |encoding| vm.display(&encoding));
    let error = CodecError {
        encoding: unicode_encoding(&encoding),
        start: failed.range.start,
        end: failed.range.end,
        reason: "",
    };
    match failed.object {
        Object::Encode(object) => match handler.on_encode(object.view(), &error) {
            Ok((EncodeReplacement::Bytes(bytes), next)) => {
                let bytes = vm.new_bytes(bytes);
                answer(vm, bytes, next)
            }
            Ok((EncodeReplacement::Text(text), next)) => {
                let text = vm.str_from_buf(text);
                answer(vm, text, next)
            }
            Err(_) => Err(Raised(failed.exception)),
        },
        Object::Decode(object) => match handler.on_decode(object.data(), &error) {
            Ok((text, next)) => {
                let text = vm.str_from_buf(text);
                answer(vm, text, next)
            }
            Err(DecodeFailure::CannotHandle) => Err(cannot_handle(vm, exception)),
            Err(DecodeFailure::Codec(_)) => Err(Raised(failed.exception)),
        },
        Object::Translate(_) => Err(cannot_handle(vm, exception)),
    }
}

fn surrogate_pass(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    by_handler(vm, exception, ErrorHandler::SurrogatePass)
}

fn surrogate_escape(vm: &mut Vm, _this: &Value, exception: &Value) -> PyResult {
    let failed = failed(vm, exception)?;
    if let Object::Encode(object) = &failed.object {
        // Called by hand, the handler takes the whole range or nothing; the codecs ask for the run that leads it.
        let is_escaped = |index: usize| {
            let c = object.view().get(index);
            c.is_some_and(|c| (0xDC80..0xDD00).contains(&c))
        };
        if !failed.range.clone().all(is_escaped) {
            return Err(Raised(failed.exception));
        }
    }
    by_handler(vm, exception, ErrorHandler::SurrogateEscape)
}
