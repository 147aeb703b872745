//! The codecs of `pyco_exec::text` as functions: ASCII, Latin-1, UTF-8, UTF-16, UTF-32.

use pyco_exec::codecs::{decode_bytes, encode_text};
use pyco_exec::object::buffer::as_bytes_like;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::text_args::{c_int_or, str_argument};
use pyco_exec::text::{ByteOrder, Codec, Decoded, decode_with, encode_with};
use pyco_exec::{PyResult, Value, Vm};

use super::{decoded, encoded, errors_argument};

const ENCODE: &str = "($module, str, errors=None, /)";
const ENCODE_ORDER: &str = "($module, str, errors=None, byteorder=0, /)";
const DECODE: &str = "($module, data, errors=None, /)";
const DECODE_FINAL: &str = "($module, data, errors=None, final=False, /)";
const DECODE_ORDER: &str =
    "($module, data, errors=None, byteorder=0, final=False,\n                 /)";

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("ascii_encode", 1, 2, |vm, _, args| {
        encode(vm, args, "ascii_encode", Codec::Ascii)
    })
    .signature(ENCODE),
    NativeDef::range("ascii_decode", 1, 2, |vm, _, args| {
        decode(vm, args, "ascii_decode", Codec::Ascii)
    })
    .signature(DECODE),
    NativeDef::range("latin_1_encode", 1, 2, |vm, _, args| {
        encode(vm, args, "latin_1_encode", Codec::Latin1)
    })
    .signature(ENCODE),
    NativeDef::range("latin_1_decode", 1, 2, |vm, _, args| {
        decode(vm, args, "latin_1_decode", Codec::Latin1)
    })
    .signature(DECODE),
    NativeDef::range("utf_8_encode", 1, 2, |vm, _, args| {
        encode(vm, args, "utf_8_encode", Codec::Utf8)
    })
    .signature(ENCODE),
    NativeDef::range("utf_8_decode", 1, 3, |vm, _, args| {
        decode(vm, args, "utf_8_decode", Codec::Utf8)
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_16_encode", 1, 3, |vm, _, args| {
        let order = order_argument(vm, args.get(2))?;
        encode(vm, args, "utf_16_encode", Codec::Utf16(order))
    })
    .signature(ENCODE_ORDER),
    NativeDef::range("utf_16_le_encode", 1, 2, |vm, _, args| {
        encode(
            vm,
            args,
            "utf_16_le_encode",
            Codec::Utf16(ByteOrder::Little),
        )
    })
    .signature(ENCODE),
    NativeDef::range("utf_16_be_encode", 1, 2, |vm, _, args| {
        encode(vm, args, "utf_16_be_encode", Codec::Utf16(ByteOrder::Big))
    })
    .signature(ENCODE),
    NativeDef::range("utf_16_decode", 1, 3, |vm, _, args| {
        decode(vm, args, "utf_16_decode", Codec::Utf16(ByteOrder::Mark))
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_16_le_decode", 1, 3, |vm, _, args| {
        decode(
            vm,
            args,
            "utf_16_le_decode",
            Codec::Utf16(ByteOrder::Little),
        )
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_16_be_decode", 1, 3, |vm, _, args| {
        decode(vm, args, "utf_16_be_decode", Codec::Utf16(ByteOrder::Big))
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_16_ex_decode", 1, 4, |vm, _, args| {
        decode_order(vm, args, "utf_16_ex_decode", Codec::Utf16)
    })
    .signature(DECODE_ORDER),
    NativeDef::range("utf_32_encode", 1, 3, |vm, _, args| {
        let order = order_argument(vm, args.get(2))?;
        encode(vm, args, "utf_32_encode", Codec::Utf32(order))
    })
    .signature(ENCODE_ORDER),
    NativeDef::range("utf_32_le_encode", 1, 2, |vm, _, args| {
        encode(
            vm,
            args,
            "utf_32_le_encode",
            Codec::Utf32(ByteOrder::Little),
        )
    })
    .signature(ENCODE),
    NativeDef::range("utf_32_be_encode", 1, 2, |vm, _, args| {
        encode(vm, args, "utf_32_be_encode", Codec::Utf32(ByteOrder::Big))
    })
    .signature(ENCODE),
    NativeDef::range("utf_32_decode", 1, 3, |vm, _, args| {
        decode(vm, args, "utf_32_decode", Codec::Utf32(ByteOrder::Mark))
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_32_le_decode", 1, 3, |vm, _, args| {
        decode(
            vm,
            args,
            "utf_32_le_decode",
            Codec::Utf32(ByteOrder::Little),
        )
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_32_be_decode", 1, 3, |vm, _, args| {
        decode(vm, args, "utf_32_be_decode", Codec::Utf32(ByteOrder::Big))
    })
    .signature(DECODE_FINAL),
    NativeDef::range("utf_32_ex_decode", 1, 4, |vm, _, args| {
        decode_order(vm, args, "utf_32_ex_decode", Codec::Utf32)
    })
    .signature(DECODE_ORDER),
];

/// The byte order that an int stands for: by a mark, little, big.
fn order_of(order: i32) -> ByteOrder {
    match order {
        0 => ByteOrder::Mark,
        ..0 => ByteOrder::Little,
        1.. => ByteOrder::Big,
    }
}

fn order_argument(vm: &mut Vm, order: Option<&Value>) -> PyResult<ByteOrder> {
    Ok(order_of(c_int_or(vm, order, 0)?))
}

pub(super) fn encode(vm: &mut Vm, args: &[Value], function: &str, codec: Codec) -> PyResult {
    let text = args.first().cloned().unwrap_or(Value::NONE);
    let view = str_argument(vm, &text, &format!("{function}() argument 1"))?;
    let errors = errors_argument(vm, args, 1, function)?;
    let bytes = encode_text(vm, &text, errors.as_deref(), |view, on_error| {
        encode_with(view, codec, on_error)
    })?;
    encoded(vm, bytes, view.len())
}

fn run(
    vm: &mut Vm,
    data: &Value,
    errors: Option<&str>,
    codec: Codec,
    is_final: bool,
) -> PyResult<Decoded> {
    decode_bytes(vm, data, errors, |bytes, on_error| {
        decode_with(bytes, codec, is_final, on_error)
    })
}

/// A decoder; those without a `final` argument have no use for one.
pub(super) fn decode(vm: &mut Vm, args: &[Value], function: &str, codec: Codec) -> PyResult {
    let data = args.first().cloned().unwrap_or(Value::NONE);
    let data = as_bytes_like(vm, &data)?;
    let errors = errors_argument(vm, args, 1, function)?;
    let is_final = match args.get(2) {
        Some(is_final) => vm.truth(is_final)?,
        None => false,
    };
    let result = run(vm, &data, errors.as_deref(), codec, is_final)?;
    decoded(vm, result.text, result.consumed)
}

/// A decoder that takes and tells the byte order.
fn decode_order(
    vm: &mut Vm,
    args: &[Value],
    function: &str,
    codec: fn(ByteOrder) -> Codec,
) -> PyResult {
    let data = args.first().cloned().unwrap_or(Value::NONE);
    let data = as_bytes_like(vm, &data)?;
    let errors = errors_argument(vm, args, 1, function)?;
    let order = order_argument(vm, args.get(2))?;
    let is_final = match args.get(3) {
        Some(is_final) => vm.truth(is_final)?,
        None => false,
    };
    let result = run(vm, &data, errors.as_deref(), codec(order), is_final)?;
    let order = match result.order {
        ByteOrder::Mark => 0,
        ByteOrder::Little => -1,
        ByteOrder::Big => 1,
    };
    let parts = vec![
        vm.str_from_buf(result.text),
        vm.int(result.consumed as i64),
        vm.int(order),
    ];
    Ok(vm.new_tuple(parts))
}
