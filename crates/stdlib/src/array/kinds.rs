//! The kinds of items by their type codes: sizes, values to bytes, and back.

use pyco_exec::numeric::bigint::BigInt;
use pyco_exec::numeric::float::{half_from_f64, half_to_f64, single_from_f64, single_to_f64};
use pyco_exec::object::codec::decode_error;
use pyco_exec::object::int::IntRef;
use pyco_exec::object::str_::Str;
use pyco_exec::text::{CodecError, StrBuilder};
use pyco_exec::{PyResult, Raised, Value, Vm};

/// One kind of items.
pub(super) struct Kind {
    /// The type code.
    pub(super) code: &'static str,
    /// What a memoryview shows as its format.
    pub(super) format: &'static str,
    pub(super) size: usize,
    pub(super) class: Class,
    /// The first version that has it.
    pub(super) since: u8,
}

/// What the bytes of an item mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    Signed,
    Unsigned,
    Float,
    Complex,
    /// A character.
    Text,
}

const fn kind(code: &'static str, size: usize, class: Class, since: u8) -> Kind {
    Kind {
        code,
        format: code,
        size,
        class,
        since,
    }
}

pub(super) static KINDS: &[Kind] = &[
    kind("b", 1, Class::Signed, 0),
    kind("B", 1, Class::Unsigned, 0),
    Kind {
        format: "w",
        ..kind("u", 4, Class::Text, 0)
    },
    kind("w", 4, Class::Text, 13),
    kind("h", 2, Class::Signed, 0),
    kind("H", 2, Class::Unsigned, 0),
    kind("i", 4, Class::Signed, 0),
    kind("I", 4, Class::Unsigned, 0),
    kind("l", 8, Class::Signed, 0),
    kind("L", 8, Class::Unsigned, 0),
    kind("q", 8, Class::Signed, 0),
    kind("Q", 8, Class::Unsigned, 0),
    kind("e", 2, Class::Float, 15),
    kind("f", 4, Class::Float, 0),
    kind("d", 8, Class::Float, 0),
    kind("Zf", 8, Class::Complex, 15),
    kind("Zd", 16, Class::Complex, 15),
];

/// The kind of a type code, if this version has it.
pub(super) fn find(vm: &Vm, code: &str) -> Option<&'static Kind> {
    let minor = vm.version_number();
    KINDS
        .iter()
        .find(|kind| kind.code == code && kind.since <= minor)
}

/// The bits of a number in the machine's order.
fn bits(bytes: &[u8]) -> u64 {
    let mut whole = [0; 8];
    if cfg!(target_endian = "big") {
        whole[8 - bytes.len()..].copy_from_slice(bytes);
    } else {
        whole[..bytes.len()].copy_from_slice(bytes);
    }
    u64::from_ne_bytes(whole)
}

fn put(place: &mut [u8], bits: u64) {
    let len = place.len();
    let whole = bits.to_ne_bytes();
    if cfg!(target_endian = "big") {
        place.copy_from_slice(&whole[8 - len..]);
    } else {
        place.copy_from_slice(&whole[..len]);
    }
}

fn float(vm: &Vm, bytes: &[u8]) -> f64 {
    let bits = bits(bytes);
    match bytes.len() {
        2 => half_to_f64(bits as u16, vm.release()),
        4 => single_to_f64(bits as u32, true),
        _ => f64::from_bits(bits),
    }
}

/// The value of an item; nothing if it is a character that there is not.
pub(super) fn unpack(vm: &Vm, kind: &Kind, bytes: &[u8]) -> Option<Value> {
    Some(match kind.class {
        Class::Signed => {
            let unused = 64 - 8 * kind.size as u32;
            vm.int(((bits(bytes) << unused) as i64) >> unused)
        }
        Class::Unsigned => {
            let bits = bits(bytes);
            match i64::try_from(bits) {
                Ok(n) => vm.int(n),
                Err(_) => vm.int_from_big(bits.into()),
            }
        }
        Class::Float => Value::float(float(vm, bytes)),
        Class::Complex => {
            let (real, imag) = bytes.split_at(kind.size / 2);
            vm.new_complex(float(vm, real), float(vm, imag))
        }
        Class::Text => {
            let unit = bits(bytes) as u32;
            if unit > 0x10_FFFF {
                return None;
            }
            let mut text = StrBuilder::new();
            text.push(unit);
            vm.str_from_buf(text.finish())
        }
    })
}

/// The complaint about a character that there is not.
#[cold]
pub(super) fn no_character(vm: &mut Vm, kind: &Kind, bytes: &[u8]) -> Raised {
    if kind.code == "w" {
        let wrong = CodecError {
            encoding: "utf-32-le",
            start: 0,
            end: 4,
            reason: "code point not in range(0x110000)",
        };
        return decode_error(vm, bytes.to_vec(), &wrong);
    }
    let unit = bits(bytes) as u32;
    vm.value_error(format!(
        "character U+{unit:x} is not in range [U+0000; U+10ffff]"
    ))
}

/// Writes a value as an item.
pub(super) fn pack(vm: &mut Vm, kind: &Kind, value: &Value, place: &mut [u8]) -> PyResult<()> {
    match kind.class {
        Class::Signed | Class::Unsigned => {
            let n = integer(vm, kind, value)?;
            put(place, n as u64);
        }
        Class::Float => {
            let x = vm.to_f64(value)?;
            let bits = match kind.size {
                2 => match half_from_f64(x, vm.release()) {
                    Some(bits) => bits.into(),
                    None => {
                        let message = "float too large to pack with e format";
                        return Err(vm.overflow_error(message));
                    }
                },
                4 => single_from_f64(x, vm.release()).into(),
                _ => x.to_bits(),
            };
            put(place, bits);
        }
        Class::Complex => {
            let (real, imag) = vm.to_complex(value)?;
            let (first, second) = place.split_at_mut(kind.size / 2);
            for (place, part) in [(first, real), (second, imag)] {
                let bits = match place.len() {
                    4 => single_from_f64(part, vm.release()).into(),
                    _ => part.to_bits(),
                };
                put(place, bits);
            }
        }
        Class::Text => put(place, character(vm, value)?.into()),
    }
    Ok(())
}

fn character(vm: &mut Vm, value: &Value) -> PyResult<u32> {
    let text = value.downcast::<Str>();
    if let Some(text) = text
        && text.len() == 1
    {
        return Ok(text.view().get(0).unwrap_or(0));
    }
    let len = text.map(|text| text.len());
    let message = match (vm.version_number(), len) {
        (..14, _) => "array item must be unicode character".to_owned(),
        (_, Some(len)) => {
            format!("array item must be a unicode character, not a string of length {len}")
        }
        (_, None) => {
            let found = vm.type_name(value);
            format!("array item must be a unicode character, not {found}")
        }
    };
    Err(vm.type_error(message))
}

/// The number that an int is, within the limits of a kind: C's conversions come first, each with words of its own.
fn integer(vm: &mut Vm, kind: &Kind, value: &Value) -> PyResult<i128> {
    let index = vm.index(value)?;
    let n = match index.as_int() {
        Some(IntRef::Small(n)) => n.into(),
        Some(IntRef::Big(n)) => i128::try_from(n).unwrap_or(match *n < BigInt::ZERO {
            true => i128::MIN,
            false => i128::MAX,
        }),
        None => 0,
    };
    let checks: &[(i128, i128, &str)] = match kind.code {
        "b" => &[
            (i16::MIN as i128, i16::MAX as i128, "signed short integer"),
            (i8::MIN as i128, i8::MAX as i128, "signed char"),
        ],
        "B" => &[(0, u8::MAX as i128, "unsigned byte integer")],
        "h" => &[(i16::MIN as i128, i16::MAX as i128, "signed short integer")],
        "H" => &[
            (i32::MIN as i128, i32::MAX as i128, "signed integer"),
            (0, u16::MAX as i128, "unsigned short"),
        ],
        "i" => &[(i32::MIN as i128, i32::MAX as i128, "signed integer")],
        _ => &[],
    };
    let fits_long = i64::try_from(n).is_ok();
    let message = match kind.code {
        "I" | "L" if n < 0 => "can't convert negative value to unsigned int".to_owned(),
        "I" | "L" if u64::try_from(n).is_err() => {
            "Python int too large to convert to C unsigned long".to_owned()
        }
        "I" if n > u32::MAX.into() => "unsigned int is greater than maximum".to_owned(),
        "q" if !fits_long => "int too big to convert".to_owned(),
        "Q" if n < 0 => "can't convert negative int to unsigned".to_owned(),
        "Q" if u64::try_from(n).is_err() => "int too big to convert".to_owned(),
        "I" | "L" | "Q" => return Ok(n),
        _ if !fits_long => "Python int too large to convert to C long".to_owned(),
        _ => match checks.iter().find(|(low, high, _)| n < *low || n > *high) {
            Some((low, _, name)) if n < *low => format!("{name} is less than minimum"),
            Some((_, _, name)) => format!("{name} is greater than maximum"),
            None => return Ok(n),
        },
    };
    Err(vm.overflow_error(message))
}
