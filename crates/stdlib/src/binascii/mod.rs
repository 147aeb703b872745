//! `binascii`: bytes as text of few characters, and back, and checksums.
//!
//! Invariant: the codecs are functions of bytes alone; what Python gave them is taken apart here.

mod arguments;
mod base32;
mod base64;
mod base85;
mod checksum;
mod hex;
mod quoted;
mod uu;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Bound, Params, PyResult, Raised, Value, Vm};

use crate::errors::{ErrorDef, error, error_class};
use arguments::{alphabet, alphabet_table, flag, input, plain, table, wrap_column};

static ERROR: ErrorDef = ErrorDef {
    name: "binascii.Error",
    base: |vm| vm.types.value_error.clone(),
};

static INCOMPLETE: ErrorDef = ErrorDef {
    name: "binascii.Incomplete",
    base: |vm| vm.types.exception.clone(),
};

/// What a codec says of its input.
type Decoded = Result<Vec<u8>, String>;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("binascii");
    vm.add_functions(&module, FUNCTIONS);
    for (name, class) in [("Error", &ERROR), ("Incomplete", &INCOMPLETE)] {
        let class = error_class(vm, class)?;
        vm.set_global(module.dict(), name, class);
    }
    if vm.version_number() >= 15 {
        for (name, bytes) in ALPHABETS {
            let bytes = vm.new_bytes(bytes.to_vec());
            vm.set_global(module.dict(), name, bytes);
        }
    }
    Ok(module)
}

static ALPHABETS: &[(&str, &[u8])] = &[
    ("BASE64_ALPHABET", base64::ALPHABET),
    (
        "URLSAFE_BASE64_ALPHABET",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ),
    (
        "CRYPT_ALPHABET",
        b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    ),
    (
        "UU_ALPHABET",
        b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_",
    ),
    (
        "BINHEX_ALPHABET",
        b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr",
    ),
    ("BASE32_ALPHABET", base32::ALPHABET),
    ("BASE32HEX_ALPHABET", b"0123456789ABCDEFGHIJKLMNOPQRSTUV"),
    ("BASE85_ALPHABET", base85::ALPHABET),
    ("ASCII85_ALPHABET", base85::ASCII85_ALPHABET),
    (
        "Z85_ALPHABET",
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    ),
];

const DATA: &str = "($module, data, /)";
const HEX: &str = "($module, hexstr, /)";
const HEX_3_15: &str = "($module, hexstr, /, *, ignorechars=b'')";
const B2A_HEX: &str = "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)";

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("a2b_ascii85", &A2B_ASCII85, a2b_ascii85)
        .signature(
            "($module, data, /, *, foldspaces=False, adobe=False,\n            ignorechars=b'', canonical=False)",
        )
        .since(15),
    NativeDef::bound("a2b_base32", &A2B_BASE32, a2b_base32)
        .signature(
            "($module, data, /, *, padded=True, alphabet=BASE32_ALPHABET,\n           ignorechars=b'', canonical=False)",
        )
        .since(15),
    NativeDef::bound("a2b_base64", &A2B_BASE64_OLD, a2b_base64)
        .signature("($module, data, /, *, strict_mode=False)")
        .until(14),
    NativeDef::bound("a2b_base64", &A2B_BASE64, a2b_base64)
        .signature(
            "($module, data, /, *, strict_mode=<unrepresentable>,\n           padded=True, alphabet=BASE64_ALPHABET,\n           ignorechars=<unrepresentable>, canonical=False)",
        )
        .since(15),
    NativeDef::bound("a2b_base85", &A2B_BASE85, a2b_base85)
        .signature(
            "($module, data, /, *, alphabet=BASE85_ALPHABET,\n           ignorechars=b'', canonical=False)",
        )
        .since(15),
    NativeDef::one("a2b_hex", a2b_hex_old).signature(HEX).until(14),
    NativeDef::bound("a2b_hex", &A2B_HEX, a2b_hex).signature(HEX_3_15).since(15),
    NativeDef::bound("a2b_qp", &A2B_QP, a2b_qp).signature("($module, /, data, header=False)"),
    NativeDef::one("a2b_uu", |vm, _, data| {
        let data = input(vm, data)?;
        let is_empty_wrong = vm.version_number() >= 13;
        give(vm, uu::decode(&data, is_empty_wrong))
    })
    .signature(DATA),
    NativeDef::bound("b2a_ascii85", &B2A_ASCII85, b2a_ascii85)
        .signature(
            "($module, data, /, *, foldspaces=False, wrapcol=0,\n            pad=False, adobe=False)",
        )
        .since(15),
    NativeDef::bound("b2a_base32", &B2A_BASE32, b2a_base32)
        .signature(
            "($module, data, /, *, padded=True, wrapcol=0,\n           alphabet=BASE32_ALPHABET)",
        )
        .since(15),
    NativeDef::bound("b2a_base64", &B2A_BASE64_OLD, b2a_base64_old)
        .signature("($module, data, /, *, newline=True)")
        .until(14),
    NativeDef::bound("b2a_base64", &B2A_BASE64, b2a_base64)
        .signature(
            "($module, data, /, *, padded=True, wrapcol=0, newline=True,\n           alphabet=BASE64_ALPHABET)",
        )
        .since(15),
    NativeDef::bound("b2a_base85", &B2A_BASE85, b2a_base85)
        .signature(
            "($module, data, /, *, pad=False, wrapcol=0,\n           alphabet=BASE85_ALPHABET)",
        )
        .since(15),
    NativeDef::bound("b2a_hex", &hex::PARAMS, hex::b2a_hex).signature(B2A_HEX),
    NativeDef::bound("b2a_qp", &B2A_QP, b2a_qp)
        .signature("($module, /, data, quotetabs=False, istext=True, header=False)"),
    NativeDef::bound("b2a_uu", &B2A_UU, b2a_uu).signature("($module, data, /, *, backtick=False)"),
    NativeDef::range("crc32", 1, 2, checksum::crc32).signature("($module, data, crc=0, /)"),
    NativeDef::range("crc_hqx", 2, 2, checksum::crc_hqx).signature("($module, data, crc, /)"),
    NativeDef::bound("hexlify", &hex::PARAMS, hex::b2a_hex).signature(B2A_HEX),
    NativeDef::one("unhexlify", a2b_hex_old).signature(HEX).until(14),
    NativeDef::bound("unhexlify", &A2B_HEX, a2b_hex).signature(HEX_3_15).since(15),
];

/// Bytes for Python, or the complaint as an Error.
fn give(vm: &mut Vm, result: Decoded) -> PyResult {
    match result {
        Ok(bytes) => Ok(vm.new_bytes(bytes)),
        Err(message) => Err(wrong(vm, &message)),
    }
}

#[cold]
fn wrong(vm: &mut Vm, message: &str) -> Raised {
    error(vm, &ERROR, message)
}

/// Honours the VM's limits before as many bytes are made.
fn room(vm: &mut Vm, data: &[u8], factor: usize) -> PyResult<()> {
    vm.check_growth(data.len().saturating_mul(factor))
}

/// Parameters of which the first is by position only and the others by keyword only.
const fn params(names: &'static [&'static str]) -> Params {
    Params::new(names, 1)
        .keyword_only(names.len() - 1)
        .positional_only(1)
}

/// The first argument, which is never missing.
fn first(args: &Bound<'_>) -> Value {
    args.get(0).cloned().unwrap_or(Value::NONE)
}

fn a2b_hex_old(vm: &mut Vm, _module: &Value, data: &Value) -> PyResult {
    let data = input(vm, data)?;
    let odd = "Odd-length string";
    if data.len() % 2 == 1 {
        return Err(wrong(vm, odd));
    }
    give(vm, hex::decode(&data, None, odd))
}

static A2B_HEX: Params = params(&["hexstr", "ignorechars"]);

fn a2b_hex(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, &first(args))?;
    let ignored = table(vm, args.get(1))?;
    let odd = "Odd number of hexadecimal digits";
    give(vm, hex::decode(&data, ignored.as_deref(), odd))
}

static A2B_QP: Params = Params::new(&["data", "header"], 1);

fn a2b_qp(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, &first(args))?;
    let is_header = flag(vm, args.get(1), false)?;
    Ok(vm.new_bytes(quoted::decode(&data, is_header)))
}

static B2A_QP: Params = Params::new(&["data", "quotetabs", "istext", "header"], 1);

fn b2a_qp(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let style = quoted::Style {
        quotes_tabs: flag(vm, args.get(1), false)?,
        is_text: flag(vm, args.get(2), true)?,
        is_header: flag(vm, args.get(3), false)?,
    };
    room(vm, &data, 3)?;
    Ok(vm.new_bytes(quoted::encode(&data, &style)))
}

static B2A_UU: Params = params(&["data", "backtick"]);

fn b2a_uu(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let has_backtick = flag(vm, args.get(1), false)?;
    give(vm, uu::encode(&data, has_backtick))
}

static A2B_BASE64_OLD: Params = params(&["data", "strict_mode"]);
static A2B_BASE64: Params = params(&[
    "data",
    "strict_mode",
    "padded",
    "alphabet",
    "ignorechars",
    "canonical",
]);

fn a2b_base64(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, &first(args))?;
    let is_strict = match args.get(1) {
        Some(strict) => Some(flag(vm, Some(strict), false)?),
        None => None,
    };
    let is_padded = flag(vm, args.get(2), true)?;
    let alphabet = alphabet_table(vm, "a2b_base64", args.get(3), base64::ALPHABET)?;
    let ignored = table(vm, args.get(4))?;
    let rules = base64::Rules {
        is_strict: is_strict.unwrap_or(ignored.is_some()),
        is_padded,
        is_canonical: flag(vm, args.get(5), false)?,
        ignored: ignored.as_deref(),
    };
    give(
        vm,
        match vm.version_number() {
            ..13 => base64::decode_to_padding(&data, rules.is_strict),
            _ => base64::decode(&data, &alphabet, &rules),
        },
    )
}

static B2A_BASE64_OLD: Params = params(&["data", "newline"]);

fn b2a_base64_old(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let has_newline = flag(vm, args.get(1), true)?;
    room(vm, &data, 2)?;
    let mut text = base64::encode(&data, base64::ALPHABET, true);
    if has_newline {
        text.push(b'\n');
    }
    Ok(vm.new_bytes(text))
}

static B2A_BASE64: Params = params(&["data", "padded", "wrapcol", "newline", "alphabet"]);

fn b2a_base64(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let is_padded = flag(vm, args.get(1), true)?;
    let width = wrap_column(vm, args.get(2), 4)?;
    let has_newline = flag(vm, args.get(3), true)?;
    let alphabet = alphabet(vm, args.get(4), base64::ALPHABET)?;
    room(vm, &data, 2)?;
    let mut text = wrap(base64::encode(&data, &alphabet, is_padded), width);
    if has_newline {
        text.push(b'\n');
    }
    Ok(vm.new_bytes(text))
}

/// Text in lines of so many bytes; the last has no line end.
fn wrap(text: Vec<u8>, width: Option<usize>) -> Vec<u8> {
    match width {
        Some(width) if width < text.len() => text.chunks(width).collect::<Vec<_>>().join(&b'\n'),
        _ => text,
    }
}

static A2B_BASE32: Params = params(&["data", "padded", "alphabet", "ignorechars", "canonical"]);

fn a2b_base32(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, &first(args))?;
    let is_padded = flag(vm, args.get(1), true)?;
    let alphabet = alphabet_table(vm, "a2b_base32", args.get(2), base32::ALPHABET)?;
    let ignored = table(vm, args.get(3))?;
    let is_canonical = flag(vm, args.get(4), false)?;
    let decoded = base32::decode(
        &data,
        &alphabet,
        is_padded,
        ignored.as_deref(),
        is_canonical,
    );
    give(vm, decoded)
}

static B2A_BASE32: Params = params(&["data", "padded", "wrapcol", "alphabet"]);

fn b2a_base32(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let is_padded = flag(vm, args.get(1), true)?;
    let width = wrap_column(vm, args.get(2), 8)?;
    let alphabet = alphabet(vm, args.get(3), base32::ALPHABET)?;
    room(vm, &data, 2)?;
    let text = wrap(base32::encode(&data, &alphabet, is_padded), width);
    Ok(vm.new_bytes(text))
}

static A2B_BASE85: Params = params(&["data", "alphabet", "ignorechars", "canonical"]);

fn a2b_base85(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, &first(args))?;
    let alphabet = alphabet_table(vm, "a2b_base85", args.get(1), base85::ALPHABET)?;
    let ignored = table(vm, args.get(2))?;
    let is_canonical = flag(vm, args.get(3), false)?;
    give(
        vm,
        base85::decode(&data, &alphabet, ignored.as_deref(), is_canonical),
    )
}

static B2A_BASE85: Params = params(&["data", "pad", "wrapcol", "alphabet"]);

fn b2a_base85(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let pads = flag(vm, args.get(1), false)?;
    let width = wrap_column(vm, args.get(2), 5)?;
    let alphabet = alphabet(vm, args.get(3), base85::ALPHABET)?;
    room(vm, &data, 2)?;
    let text = wrap(base85::encode(&data, &alphabet, pads), width);
    Ok(vm.new_bytes(text))
}

static A2B_ASCII85: Params = params(&["data", "foldspaces", "adobe", "ignorechars", "canonical"]);

fn a2b_ascii85(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = input(vm, &first(args))?;
    let folds_spaces = flag(vm, args.get(1), false)?;
    let is_framed = flag(vm, args.get(2), false)?;
    let ignored = table(vm, args.get(3))?;
    let is_canonical = flag(vm, args.get(4), false)?;
    room(vm, &data, 4)?;
    give(
        vm,
        base85::decode_ascii85(
            &data,
            folds_spaces,
            is_framed,
            ignored.as_deref(),
            is_canonical,
        ),
    )
}

static B2A_ASCII85: Params = params(&["data", "foldspaces", "wrapcol", "pad", "adobe"]);

fn b2a_ascii85(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, &first(args))?;
    let folds_spaces = flag(vm, args.get(1), false)?;
    let width = wrap_column(vm, args.get(2), 1)?;
    let pads = flag(vm, args.get(3), false)?;
    let is_framed = flag(vm, args.get(4), false)?;
    room(vm, &data, 2)?;
    let text = base85::encode_ascii85(&data, folds_spaces, width, pads, is_framed);
    Ok(vm.new_bytes(text))
}
