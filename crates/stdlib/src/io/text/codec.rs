//! What a text stream encodes and decodes with: a codec of ours, or objects that the registry gave.

use pyco_exec::codecs::drive::{decode_slice, encode_text};
use pyco_exec::object::buffer::{data, require_bytes_like};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::codec::is_text_codec;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::text::{ByteOrder, Codec, StrBuf, decode_with, encode_with};
use pyco_exec::{PyResult, Value, Vm};

use crate::io::base::{attribute, call};
use crate::io::newline::Newlines;

/// An incremental decoder.
pub(super) enum Decoder {
    Own(OwnDecoder),
    /// An object with `decode`, `getstate`, `setstate`, `reset`; the line ends are read here.
    Object(Value, Option<Newlines>),
}

/// A decoder of ours: what is left of the last input, and what was learned from it.
#[derive(Clone)]
pub(super) struct OwnDecoder {
    codec: Codec,
    /// The byte order that a mark has told, or what was asked for.
    current: Codec,
    errors: String,
    rest: Vec<u8>,
    newlines: Option<Newlines>,
}

/// The state of a decoder: bytes that wait, and a number.
pub(super) type State = (Vec<u8>, i64);

/// Whether a codec of ours will do for this encoding.
fn own_codec(encoding: &str) -> Option<Codec> {
    Codec::from_name(encoding)
}

/// The codec's entry in the registry, if it is one for text; nothing if one of ours does.
pub(super) fn look_up(vm: &mut Vm, encoding: &str) -> PyResult<Option<Value>> {
    if own_codec(encoding).is_some() {
        return Ok(None);
    }
    let found = vm.lookup_codec(encoding)?;
    if !is_text_codec(vm, &found)? {
        let class = vm.types.lookup_error.clone();
        let message = format!(
            "'{encoding}' is not a text encoding; use codecs.open() to handle arbitrary codecs"
        );
        return Err(vm.error(&class, message));
    }
    Ok(Some(found))
}

impl Decoder {
    pub(super) fn new(
        vm: &mut Vm,
        found: Option<&Value>,
        encoding: &str,
        errors: &str,
        newlines: Option<Newlines>,
    ) -> PyResult<Decoder> {
        match (found, own_codec(encoding)) {
            (None, Some(codec)) => Ok(Decoder::Own(OwnDecoder {
                codec,
                current: codec,
                errors: errors.to_owned(),
                rest: Vec::new(),
                newlines,
            })),
            (Some(found), _) => {
                let errors = vm.new_str(errors);
                let decoder = call(vm, found, "incrementaldecoder", &[errors])?;
                Ok(Decoder::Object(decoder, newlines))
            }
            (None, None) => Err(vm.type_error("no codec")),
        }
    }

    fn newlines(&self) -> Option<&Newlines> {
        match self {
            Decoder::Own(own) => own.newlines.as_ref(),
            Decoder::Object(_, newlines) => newlines.as_ref(),
        }
    }

    /// The line ends seen so far.
    pub(super) fn newlines_value(&self, vm: &mut Vm) -> Value {
        match self.newlines() {
            Some(newlines) => newlines.value(vm),
            None => Value::NONE,
        }
    }

    pub(super) fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        if let Decoder::Object(decoder, _) = self {
            visit(decoder);
        }
    }

    pub(super) fn decode(&mut self, vm: &mut Vm, input: &[u8], is_final: bool) -> PyResult<StrBuf> {
        let (text, newlines) = match self {
            Decoder::Own(own) => (own.decode(vm, input, is_final)?, &mut own.newlines),
            Decoder::Object(decoder, newlines) => {
                let arguments = [vm.new_bytes(input.to_vec()), Value::bool(is_final)];
                let text = call(vm, decoder, "decode", &arguments)?;
                match text.downcast::<Str>() {
                    Some(text) => (text.view().to_buf(), newlines),
                    None => {
                        let found = vm.type_name(&text);
                        let message =
                            format!("decoder should return a string result, not '{found}'");
                        return Err(vm.type_error(message));
                    }
                }
            }
        };
        Ok(match newlines {
            Some(newlines) => newlines.apply(text, is_final),
            None => text,
        })
    }

    pub(super) fn reset(&mut self, vm: &mut Vm) -> PyResult<()> {
        let newlines = match self {
            Decoder::Own(own) => {
                own.rest.clear();
                own.current = own.codec;
                &mut own.newlines
            }
            Decoder::Object(decoder, newlines) => {
                call(vm, decoder, "reset", &[])?;
                newlines
            }
        };
        if let Some(newlines) = newlines {
            newlines.seen = 0;
            newlines.pending_cr = false;
        }
        Ok(())
    }

    pub(super) fn state(&self, vm: &mut Vm) -> PyResult<State> {
        let (bytes, flags) = match self {
            Decoder::Own(own) => (own.rest.clone(), own.flags()),
            Decoder::Object(decoder, _) => {
                let state = call(vm, decoder, "getstate", &[])?;
                let Some([bytes, flags]) = state.downcast::<Tuple>().map(|state| state.items())
                else {
                    return Err(vm.type_error("illegal decoder state"));
                };
                let Some(rest) = bytes.downcast::<Bytes>() else {
                    let found = vm.type_name(bytes);
                    return Err(vm.type_error(format!(
                        "illegal decoder state: the first item should be a bytes object, not \
                         '{found}'"
                    )));
                };
                let flags = vm.index_as_i64(flags, "Python int too large to convert to C int")?;
                (rest.data().to_vec(), flags)
            }
        };
        Ok(match self.newlines() {
            Some(newlines) => (bytes, flags << 1 | i64::from(newlines.pending_cr)),
            None => (bytes, flags),
        })
    }

    pub(super) fn set_state(&mut self, vm: &mut Vm, (bytes, flags): &State) -> PyResult<()> {
        let newlines = match self {
            Decoder::Own(own) => &mut own.newlines,
            Decoder::Object(_, newlines) => newlines,
        };
        let mut flags = *flags;
        if let Some(newlines) = newlines {
            newlines.pending_cr = flags & 1 != 0;
            flags >>= 1;
        }
        match self {
            Decoder::Own(own) => {
                own.rest = bytes.clone();
                own.set_flags(flags);
            }
            Decoder::Object(decoder, _) => {
                let state = vec![vm.new_bytes(bytes.clone()), vm.int(flags)];
                let state = vm.new_tuple(state);
                call(vm, decoder, "setstate", &[state])?;
            }
        }
        Ok(())
    }
}

impl OwnDecoder {
    fn decode(&mut self, vm: &mut Vm, input: &[u8], is_final: bool) -> PyResult<StrBuf> {
        let joined;
        let bytes = match self.rest.is_empty() {
            true => input,
            false => {
                joined = [&self.rest, input].concat();
                &joined[..]
            }
        };
        let codec = self.current;
        let errors = Some(&*self.errors);
        let decoded = decode_slice(vm, bytes, errors, |bytes, on_error| {
            decode_with(bytes, codec, is_final, on_error)
        })?;
        self.rest = bytes[decoded.consumed..].to_vec();
        if decoded.consumed > 0 {
            self.current = match codec {
                Codec::Utf16(ByteOrder::Mark) => Codec::Utf16(decoded.order),
                Codec::Utf32(ByteOrder::Mark) => Codec::Utf32(decoded.order),
                codec => codec,
            };
        }
        Ok(decoded.text)
    }

    /// What was learned of the byte order, as the codecs of the standard library number it.
    fn flags(&self) -> i64 {
        match (self.codec, self.current) {
            (
                Codec::Utf16(ByteOrder::Mark) | Codec::Utf32(ByteOrder::Mark),
                Codec::Utf16(order) | Codec::Utf32(order),
            ) => match order {
                ByteOrder::Mark => 2,
                ByteOrder::Little => 0,
                ByteOrder::Big => 1,
            },
            _ => 0,
        }
    }

    fn set_flags(&mut self, flags: i64) {
        let order = match flags {
            2 => ByteOrder::Mark,
            1 => ByteOrder::Big,
            _ => ByteOrder::Little,
        };
        self.current = match self.codec {
            Codec::Utf16(ByteOrder::Mark) => Codec::Utf16(order),
            Codec::Utf32(ByteOrder::Mark) => Codec::Utf32(order),
            codec => codec,
        };
    }
}

/// An incremental encoder.
pub(super) enum Encoder {
    Own {
        codec: Codec,
        errors: String,
        /// Whether a mark of the byte order is to be written before the next text.
        is_at_start: bool,
    },
    Object(Value),
}

impl Encoder {
    pub(super) fn new(
        vm: &mut Vm,
        found: Option<&Value>,
        encoding: &str,
        errors: &str,
    ) -> PyResult<Encoder> {
        match (found, own_codec(encoding)) {
            (None, Some(codec)) => Ok(Encoder::Own {
                codec,
                errors: errors.to_owned(),
                is_at_start: true,
            }),
            (Some(found), _) => {
                let errors = vm.new_str(errors);
                let make = attribute(vm, found, "incrementalencoder")?;
                Ok(Encoder::Object(vm.call(&make, &[errors])?))
            }
            (None, None) => Err(vm.type_error("no codec")),
        }
    }

    pub(super) fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        if let Encoder::Object(encoder) = self {
            visit(encoder);
        }
    }

    /// Says whether the next text is the first of the stream.
    pub(super) fn set_start(&mut self, vm: &mut Vm, is_start: bool) -> PyResult<()> {
        match self {
            Encoder::Own { is_at_start, .. } => *is_at_start = is_start,
            Encoder::Object(encoder) => {
                let encoder = encoder.clone();
                match is_start {
                    true => call(vm, &encoder, "reset", &[])?,
                    false => {
                        let zero = vm.int(0);
                        call(vm, &encoder, "setstate", &[zero])?
                    }
                };
            }
        }
        Ok(())
    }

    pub(super) fn encode(&mut self, vm: &mut Vm, text: &Value) -> PyResult<Vec<u8>> {
        match self {
            Encoder::Own {
                codec,
                errors,
                is_at_start,
            } => {
                let is_empty = text.downcast::<Str>().is_none_or(|text| text.is_empty());
                let codec = match (*codec, *is_at_start) {
                    (Codec::Utf16(ByteOrder::Mark), false) => Codec::Utf16(ByteOrder::Little),
                    (Codec::Utf32(ByteOrder::Mark), false) => Codec::Utf32(ByteOrder::Little),
                    (codec, _) => codec,
                };
                let bytes = encode_text(vm, text, Some(&*errors), |view, on_error| {
                    encode_with(view, codec, on_error)
                })?;
                *is_at_start &= is_empty;
                Ok(bytes)
            }
            Encoder::Object(encoder) => {
                let encoder = encoder.clone();
                let bytes = call(vm, &encoder, "encode", std::slice::from_ref(text))?;
                if bytes.downcast::<Bytes>().is_none() {
                    let found = vm.type_name(&bytes);
                    let message = format!("encoder should return a bytes object, not '{found}'");
                    return Err(vm.type_error(message));
                }
                require_bytes_like(vm, &bytes)?;
                Ok(data(vm, &bytes).to_vec())
            }
        }
    }
}
