//! `_codecs`: the registry, and the functions under the codecs of the standard library's `encodings`.
//!
//! The registry and the error handlers belong to the VM (`pyco_exec::codecs`), since `str.encode` needs them, too.

mod charmap;
mod escape;
mod unicode;
mod utf7;

use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::codec::{self, Direction, call_codec, name_argument};
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::{clinic_type, str_argument};
use pyco_exec::text::StrBuf;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_codecs");
    for functions in [
        FUNCTIONS,
        unicode::FUNCTIONS,
        utf7::FUNCTIONS,
        charmap::FUNCTIONS,
        escape::FUNCTIONS,
    ] {
        vm.add_functions(&module, functions);
    }
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("register", register).signature("($module, search_function, /)"),
    NativeDef::one("unregister", unregister).signature("($module, search_function, /)"),
    NativeDef::one("lookup", lookup).signature("($module, encoding, /)"),
    NativeDef::bound("encode", &CODE, |vm, _, args| {
        code(vm, args, Direction::Encode)
    })
    .signature("($module, /, obj, encoding='utf-8', errors='strict')"),
    NativeDef::bound("decode", &CODE, |vm, _, args| {
        code(vm, args, Direction::Decode)
    })
    .signature("($module, /, obj, encoding='utf-8', errors='strict')"),
    NativeDef::range("register_error", 2, 2, register_error)
        .signature("($module, errors, handler, /)"),
    NativeDef::one("_unregister_error", unregister_error)
        .signature("($module, errors, /)")
        .since(14),
    NativeDef::one("lookup_error", lookup_error).signature("($module, name, /)"),
    NativeDef::one("_normalize_encoding", normalize_encoding)
        .signature("($module, /, encoding)")
        .since(15),
];

fn register(vm: &mut Vm, _module: &Value, search: &Value) -> PyResult {
    vm.register_codec_search(search)?;
    Ok(Value::NONE)
}

fn unregister(vm: &mut Vm, _module: &Value, search: &Value) -> PyResult {
    vm.unregister_codec_search(search);
    Ok(Value::NONE)
}

/// A name as the only argument of a function.
fn name(vm: &mut Vm, value: &Value, function: &str) -> PyResult<String> {
    if value.downcast::<Str>().is_none() {
        let found = clinic_type(vm, value);
        let message = format!("{function}() argument must be str, not {found}");
        return Err(vm.type_error(message));
    }
    let name = name_argument(vm, Some(value), function, "")?;
    Ok(name.unwrap_or_default())
}

fn lookup(vm: &mut Vm, _module: &Value, encoding: &Value) -> PyResult {
    let name = name(vm, encoding, "lookup")?;
    vm.lookup_codec(&name)
}

static CODE: Params = Params::new(&["obj", "encoding", "errors"], 1);

/// `encode` and `decode`: any object, by any codec of the registry, or without one by those that need none.
fn code(vm: &mut Vm, args: &Bound<'_>, direction: Direction) -> PyResult {
    let function = match direction {
        Direction::Encode => "encode",
        Direction::Decode => "decode",
    };
    let object = args.get(0).cloned().unwrap_or(Value::NONE);
    let encoding = name_argument(vm, args.get(1), function, "encoding")?;
    let errors = name_argument(vm, args.get(2), function, "errors")?;
    let encoding = encoding.as_deref().unwrap_or("utf-8");
    let found = match vm.lookup_codec(encoding) {
        Ok(found) => found,
        // Where there is no standard library, the codecs that are built in still work.
        Err(raised) => {
            return match direction {
                Direction::Encode if object.downcast::<Str>().is_some() => {
                    let bytes = codec::encode(vm, &object, Some(encoding), errors.as_deref())?;
                    Ok(vm.new_bytes(bytes))
                }
                Direction::Decode if object.downcast::<Bytes>().is_some() => {
                    let text = codec::decode(vm, &object, Some(encoding), errors.as_deref())?;
                    Ok(vm.str_from_buf(text))
                }
                _ => Err(raised),
            };
        }
    };
    call_codec(vm, &found, direction, encoding, &object, args.get(2))
}

fn register_error(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let [errors, handler] = args else {
        return Ok(Value::NONE);
    };
    str_argument(vm, errors, "register_error() argument 1")?;
    let errors = name(vm, errors, "register_error")?;
    vm.register_error_handler(&errors, handler)?;
    Ok(Value::NONE)
}

/// The handlers that cannot be unregistered.
const STANDARD: [&str; 8] = [
    "strict",
    "ignore",
    "replace",
    "xmlcharrefreplace",
    "backslashreplace",
    "namereplace",
    "surrogatepass",
    "surrogateescape",
];

fn unregister_error(vm: &mut Vm, _module: &Value, errors: &Value) -> PyResult {
    let errors = name(vm, errors, "_unregister_error")?;
    if STANDARD.contains(&&*errors) {
        let message = format!("cannot un-register built-in error handler '{errors}'");
        return Err(vm.value_error(message));
    }
    Ok(Value::bool(vm.unregister_error_handler(&errors)))
}

fn lookup_error(vm: &mut Vm, _module: &Value, errors: &Value) -> PyResult {
    let errors = name(vm, errors, "lookup_error")?;
    vm.lookup_error_handler(&errors)
}

fn normalize_encoding(vm: &mut Vm, _module: &Value, encoding: &Value) -> PyResult {
    let mut normal = String::new();
    let mut has_gap = false;
    for c in name(vm, encoding, "_normalize_encoding")?.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if has_gap && !normal.is_empty() {
                normal.push('_');
            }
            has_gap = false;
            normal.push(c);
        } else {
            has_gap = true;
        }
    }
    Ok(vm.new_str(&normal))
}

/// The name of an error handler, as the argument `index` of a function that takes `str or None`.
fn errors_argument(
    vm: &mut Vm,
    args: &[Value],
    index: usize,
    function: &str,
) -> PyResult<Option<String>> {
    let Some(errors) = args.get(index).filter(|errors| !errors.is_none()) else {
        return Ok(None);
    };
    if errors.downcast::<Str>().is_none() {
        let found = vm.type_name(errors);
        let number = index + 1;
        let message = format!("{function}() argument {number} must be str or None, not {found}");
        return Err(vm.type_error(message));
    }
    name_argument(vm, Some(errors), function, "errors")
}

/// The result of an encoder: the bytes, and how many code points were read.
fn encoded(vm: &mut Vm, bytes: Vec<u8>, len: usize) -> PyResult {
    let parts = vec![vm.new_bytes(bytes), vm.int(len as i64)];
    Ok(vm.new_tuple(parts))
}

/// The result of a decoder: the text, and how many bytes were read.
fn decoded(vm: &mut Vm, text: StrBuf, consumed: usize) -> PyResult {
    let parts = vec![vm.str_from_buf(text), vm.int(consumed as i64)];
    Ok(vm.new_tuple(parts))
}
