//! What the functions take: text or bytes, flags, alphabets, widths.

use pyco_exec::object::buffer::{as_bytes_like, bytes_like, data};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::int::IntRef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::{c_int_or, clinic_type};
use pyco_exec::{PyResult, Value, Vm};

/// The bytes of what is to be decoded: something bytes-like, or a str of ASCII.
pub(super) fn input(vm: &mut Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(text) = value.downcast::<Str>() {
        return match text.as_ascii() {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => Err(vm.value_error("string argument should contain only ASCII characters")),
        };
    }
    if let Ok(Some(bytes)) = bytes_like(vm, value) {
        return Ok(data(vm, &bytes).to_vec());
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!(
        "argument should be bytes, buffer or ASCII string, not '{found}'"
    )))
}

/// The bytes of what is to be encoded.
pub(super) fn plain(vm: &mut Vm, value: &Value) -> PyResult<Vec<u8>> {
    let bytes = as_bytes_like(vm, value)?;
    Ok(data(vm, &bytes).to_vec())
}

/// Something true or false; before 3.12 an int.
pub(super) fn flag(vm: &mut Vm, value: Option<&Value>, default: bool) -> PyResult<bool> {
    match value {
        None => Ok(default),
        Some(value) if vm.version_number() >= 12 => vm.truth(value),
        value => c_int_or(vm, value, 0).map(|n| n != 0),
    }
}

/// Which bytes are among those of `value`; nothing without it.
pub(super) fn table(vm: &mut Vm, value: Option<&Value>) -> PyResult<Option<Box<[bool; 256]>>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let bytes = as_bytes_like(vm, value)?;
    let mut table = Box::new([false; 256]);
    for byte in data(vm, &bytes) {
        table[usize::from(*byte)] = true;
    }
    Ok(Some(table))
}

/// The alphabet to encode with.
pub(super) fn alphabet(
    vm: &mut Vm,
    value: Option<&Value>,
    default: &'static [u8],
) -> PyResult<Vec<u8>> {
    let Some(value) = value else {
        return Ok(default.to_vec());
    };
    let alphabet = plain(vm, value)?;
    check_len(vm, alphabet, default)
}

fn check_len(vm: &mut Vm, alphabet: Vec<u8>, default: &'static [u8]) -> PyResult<Vec<u8>> {
    let len = default.len();
    if alphabet.len() != len {
        return Err(vm.value_error(format!("alphabet must have length {len}")));
    }
    Ok(alphabet)
}

/// What each byte stands for in the alphabet to decode with; 255 for those that are not in it.
pub(super) fn alphabet_table(
    vm: &mut Vm,
    function: &str,
    value: Option<&Value>,
    default: &'static [u8],
) -> PyResult<[u8; 256]> {
    let alphabet = match value.map(|value| (value, value.downcast::<Bytes>())) {
        None => default.to_vec(),
        Some((_, Some(bytes))) => bytes.data().to_vec(),
        Some((value, None)) => {
            let found = clinic_type(vm, value);
            return Err(vm.type_error(format!(
                "{function}() argument 'alphabet' must be bytes, not {found}"
            )));
        }
    };
    let alphabet = check_len(vm, alphabet, default)?;
    let mut table = [255; 256];
    for (digit, byte) in alphabet.iter().enumerate() {
        table[usize::from(*byte)] = digit as u8;
    }
    Ok(table)
}

/// The width of lines, a multiple of `unit`; nothing if there is one line only.
pub(super) fn wrap_column(
    vm: &mut Vm,
    value: Option<&Value>,
    unit: usize,
) -> PyResult<Option<usize>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let index = vm.index(value)?;
    let width = match index.as_int() {
        Some(IntRef::Small(n)) if n >= 0 => n as usize,
        Some(IntRef::Big(n)) if *n >= 0.into() => match usize::try_from(n) {
            Ok(n) => n,
            Err(_) => return Err(vm.overflow_error("Python int too large for C size_t")),
        },
        _ => return Err(vm.value_error("Cannot convert negative int")),
    };
    Ok((width > 0).then(|| (width / unit * unit).max(unit)))
}
