//! Codecs by a table: `charmap_encode`, `charmap_decode`, and the tables that `charmap_build` makes.

use std::collections::HashMap;

use pyco_exec::codecs::{Failure, decode_bytes, encode_text};
use pyco_exec::object::buffer::as_bytes_like;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Payload;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::str_argument;
use pyco_exec::text::{Codec, CodecError, EncodeReplacement, StrBuf, StrBuilder};
use pyco_exec::{PyResult, Value, Vm};

use super::{decoded, encoded, errors_argument, unicode};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("charmap_build", build).signature("($module, map, /)"),
    NativeDef::range("charmap_encode", 1, 3, encode)
        .signature("($module, str, errors=None, mapping=None, /)"),
    NativeDef::range("charmap_decode", 1, 3, decode)
        .signature("($module, data, errors=None, mapping=None, /)"),
];

/// What a table says where it has no character.
const UNDEFINED: u32 = 0xFFFE;
const REASON: &str = "character maps to <undefined>";

/// A table from code points to bytes.
struct EncodingMap(HashMap<u32, u8>);

impl Payload for EncodingMap {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

static ENCODING_MAP: ClassDef = ClassDef::new::<EncodingMap>("EncodingMap", |_, _| {})
    .no_instances()
    .methods(&[NativeDef::no_args("size", size)]);

fn size(vm: &mut Vm, this: &Value) -> PyResult {
    let len = receiver::<EncodingMap>(vm, this)?.0.len();
    // As in C: a header, and tables of 16 and 128 bytes.
    Ok(vm.int(48 + 144 * len.div_ceil(128) as i64))
}

fn build(vm: &mut Vm, _module: &Value, map: &Value) -> PyResult {
    let view = str_argument(vm, map, "charmap_build() argument")?;
    let chars: Vec<u32> = view.chars().collect();
    let is_table =
        chars.len() == 256 && chars[0] == 0 && chars[1..].iter().all(|c| (1..0x1_0000).contains(c));
    if is_table {
        let defined = (0..=255u8).zip(&chars).filter(|(_, c)| **c != UNDEFINED);
        let table = defined.map(|(byte, c)| (*c, byte)).collect();
        let class = vm.class(&ENCODING_MAP);
        let map = pyco_exec::object::header::Ref::new(&class, EncodingMap(table));
        return Ok(Value::from(map));
    }
    let dict = Dict::new(vm);
    for (index, c) in chars.into_iter().enumerate() {
        let (key, value) = (vm.int(c.into()), vm.int(index as i64));
        dict.set(vm, key, value)?;
    }
    Ok(Value::from(dict))
}

/// The bytes for a code point; nothing where the mapping has none.
fn bytes_for(vm: &mut Vm, mapping: &Value, c: u32) -> PyResult<Option<Vec<u8>>> {
    if let Some(map) = mapping.downcast::<EncodingMap>() {
        return Ok(map.0.get(&c).map(|byte| vec![*byte]));
    }
    let key = vm.int(c.into());
    let found = match vm.get_item(mapping, &key) {
        Ok(found) => found,
        Err(raised) if raised.is(vm, &vm.types.lookup_error) => return Ok(None),
        Err(raised) => return Err(raised),
    };
    if found.is_none() {
        return Ok(None);
    }
    if found.as_int().is_some() {
        return match found.as_small_int().and_then(|n| u8::try_from(n).ok()) {
            Some(byte) => Ok(Some(vec![byte])),
            None => Err(vm.type_error("character mapping must be in range(256)")),
        };
    }
    match found.downcast::<Bytes>() {
        Some(bytes) => Ok(Some(bytes.data().to_vec())),
        None => {
            let found = vm.type_name(&found);
            Err(vm.type_error(format!(
                "character mapping must return integer, bytes or None, not {found}"
            )))
        }
    }
}

/// Asks for the bytes of each code point before the codec runs, since both need the VM.
fn encode(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let Some(mapping) = args.get(2).filter(|mapping| !mapping.is_none()) else {
        return unicode::encode(vm, args, "charmap_encode", Codec::Latin1);
    };
    let text = args.first().cloned().unwrap_or(Value::NONE);
    let view = str_argument(vm, &text, "charmap_encode() argument 1")?;
    let errors = errors_argument(vm, args, 1, "charmap_encode")?;
    let chars: Vec<u32> = view.chars().collect();
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if let Some(bytes) = bytes_for(vm, mapping, c)? {
            out.extend_from_slice(&bytes);
            vm.check_growth(out.len())?;
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while let Some(&c) = chars.get(end) {
            if bytes_for(vm, mapping, c)?.is_some() {
                break;
            }
            end += 1;
        }
        let error = CodecError {
            encoding: "charmap",
            start: at,
            end,
            reason: REASON,
        };
        at = replace(vm, &text, mapping, errors.as_deref(), &error, &mut out)?;
    }
    encoded(vm, out, chars.len())
}

/// Puts what the error handler gives in the place of code points that the mapping lacks; gives where to go on.
fn replace(
    vm: &mut Vm,
    text: &Value,
    mapping: &Value,
    errors: Option<&str>,
    error: &CodecError,
    out: &mut Vec<u8>,
) -> PyResult<usize> {
    let mut answer = None;
    let ask = encode_text(vm, text, errors, |_, on_error| {
        answer = Some(on_error(error)?);
        Ok(Vec::new())
    });
    ask?;
    let Some((replacement, next)) = answer else {
        return Ok(error.end);
    };
    match replacement {
        EncodeReplacement::Bytes(bytes) => out.extend_from_slice(&bytes),
        EncodeReplacement::Text(replacement) => {
            for c in replacement.view().chars() {
                match bytes_for(vm, mapping, c)? {
                    Some(bytes) => out.extend_from_slice(&bytes),
                    None => {
                        let raise = encode_text(vm, text, None, |_, _| Err(Failure::Codec(*error)));
                        raise?;
                    }
                }
            }
        }
    }
    Ok(next)
}

/// The text for a byte; nothing where the mapping has none.
fn text_for(vm: &mut Vm, mapping: &Value, byte: u8) -> PyResult<Option<StrBuf>> {
    let key = vm.int(byte.into());
    let found = match vm.get_item(mapping, &key) {
        Ok(found) => found,
        Err(raised) if raised.is(vm, &vm.types.lookup_error) => return Ok(None),
        Err(raised) => return Err(raised),
    };
    if found.is_none() {
        return Ok(None);
    }
    if found.as_int().is_some() {
        let code_point = found.as_small_int().and_then(|n| u32::try_from(n).ok());
        return match code_point {
            Some(UNDEFINED) => Ok(None),
            Some(c) if c < 0x11_0000 => Ok(StrBuf::from_code_point(c)),
            _ => Err(vm.type_error("character mapping must be in range(0x110000)")),
        };
    }
    match found.downcast::<Str>() {
        Some(text) if text.len() == 1 && text.view().get(0) == Some(UNDEFINED) => Ok(None),
        Some(text) => Ok(Some(text.view().to_buf())),
        None => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

fn decode(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let Some(mapping) = args.get(2).filter(|mapping| !mapping.is_none()) else {
        return unicode::decode(vm, args, "charmap_decode", Codec::Latin1);
    };
    let data = args.first().cloned().unwrap_or(Value::NONE);
    let data = as_bytes_like(vm, &data)?;
    let errors = errors_argument(vm, args, 1, "charmap_decode")?;
    let bytes = pyco_exec::object::buffer::data(vm, &data).to_vec();
    let mut out = StrBuilder::with_capacity(bytes.len());
    let table = mapping.downcast::<Str>().filter(|table| table.is_exact());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let found = match table {
            Some(table) => {
                let c = table.view().get(byte.into()).filter(|c| *c != UNDEFINED);
                c.and_then(StrBuf::from_code_point)
            }
            None => text_for(vm, mapping, byte)?,
        };
        if let Some(text) = found {
            out.push_view(text.view());
            vm.check_growth(0)?;
            at += 1;
            continue;
        }
        let error = CodecError {
            encoding: "charmap",
            start: at,
            end: at + 1,
            reason: REASON,
        };
        let (text, next) =
            decode_bytes(vm, &data, errors.as_deref(), |_, on_error| on_error(&error))?;
        out.push_view(text.view());
        at = next;
    }
    decoded(vm, out.finish(), bytes.len())
}
