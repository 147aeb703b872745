//! The items of a memoryview as C has them: sizes, and reading and writing one, by their native format character.

use crate::error::{PyResult, Raised};
use crate::numeric::Release;
use crate::numeric::float::{half_from_f64, half_to_f64, single_from_f64, single_to_f64};
use crate::object::bytes::Bytes;
use crate::object::int::IntRef;
use crate::value::Value;
use crate::vm::Vm;

/// The item size of a native format character; nothing for any other.
pub(crate) fn item_size(code: u8) -> Option<usize> {
    Some(match code {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

/// Whether the items are single bytes without further meaning.
pub(crate) fn is_byte(code: u8) -> bool {
    matches!(code, b'b' | b'B' | b'c')
}

/// The item that starts at `bytes`, which has at least the item's size.
pub(crate) fn unpack(vm: &Vm, code: u8, bytes: &[u8]) -> Value {
    fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(&bytes[..N]);
        array
    }
    match code {
        b'c' => vm.new_bytes(vec![bytes[0]]),
        b'b' => vm.int(bytes[0].cast_signed().into()),
        b'?' => Value::bool(bytes[0] != 0),
        b'h' => vm.int(i16::from_ne_bytes(array(bytes)).into()),
        b'H' => vm.int(u16::from_ne_bytes(array(bytes)).into()),
        b'i' => vm.int(i32::from_ne_bytes(array(bytes)).into()),
        b'I' => vm.int(u32::from_ne_bytes(array(bytes)).into()),
        b'l' | b'q' | b'n' => vm.int(i64::from_ne_bytes(array(bytes))),
        b'L' | b'Q' | b'N' | b'P' => vm.int_from_big(u64::from_ne_bytes(array(bytes)).into()),
        b'e' => {
            let bits = u16::from_ne_bytes(array(bytes));
            Value::float(half_to_f64(bits, vm.release()))
        }
        b'f' => Value::float(single_to_f64(u32::from_ne_bytes(array(bytes)), true)),
        b'd' => Value::float(f64::from_ne_bytes(array(bytes))),
        _ => vm.int(bytes[0].into()),
    }
}

/// What an item cannot be, for CPython's messages.
enum Wrong {
    Type,
    Value,
}

/// The bytes of `value` as an item; the first `item_size` of them count.
///
/// # Errors
/// A TypeError or ValueError that names the format, or what the value's own methods raise.
pub(crate) fn pack(vm: &mut Vm, format: &str, code: u8, value: &Value) -> PyResult<[u8; 8]> {
    let packed = match code {
        b'c' => Ok(pack_char(value)),
        b'?' => vm.truth(value).map(|b| Ok(u64::from(b))),
        b'e' | b'f' | b'd' => {
            let release = vm.release();
            vm.to_f64(value).map(|x| pack_float(code, x, release))
        }
        _ => pack_int(vm, code, value),
    };
    let wrong = match packed {
        Ok(Ok(bits)) => return Ok(native(bits, code)),
        Ok(Err(wrong)) => wrong,
        Err(raised) if raised.is(vm, &vm.types.type_error) => Wrong::Type,
        Err(raised)
            if raised.is(vm, &vm.types.overflow_error) || raised.is(vm, &vm.types.value_error) =>
        {
            Wrong::Value
        }
        Err(raised) => return Err(raised),
    };
    Err(refused(vm, format, &wrong))
}

/// The low bytes of `bits`, first in memory.
fn native(bits: u64, code: u8) -> [u8; 8] {
    let mut bytes = bits.to_ne_bytes();
    if cfg!(target_endian = "big") {
        bytes.rotate_left(8 - item_size(code).unwrap_or(1));
    }
    bytes
}

fn refused(vm: &mut Vm, format: &str, wrong: &Wrong) -> Raised {
    match wrong {
        Wrong::Type => vm.type_error(format!("memoryview: invalid type for format '{format}'")),
        Wrong::Value => vm.value_error(format!("memoryview: invalid value for format '{format}'")),
    }
}

fn pack_char(value: &Value) -> Result<u64, Wrong> {
    match value.downcast::<Bytes>().map(|b| b.data()) {
        Some([byte]) => Ok(u64::from(*byte)),
        Some(_) => Err(Wrong::Value),
        None => Err(Wrong::Type),
    }
}

fn pack_float(code: u8, x: f64, release: Release) -> Result<u64, Wrong> {
    Ok(match code {
        b'f' => u64::from(single_from_f64(x, release)),
        b'd' => x.to_bits(),
        _ => u64::from(half_from_f64(x, release).ok_or(Wrong::Value)?),
    })
}

fn pack_int(vm: &mut Vm, code: u8, value: &Value) -> PyResult<Result<u64, Wrong>> {
    let index = vm.index(value)?;
    let n: i128 = match index.as_int() {
        Some(IntRef::Small(n)) => n.into(),
        // Beyond 128 bits is beyond every format.
        Some(IntRef::Big(n)) => i128::try_from(n).unwrap_or(i128::MAX),
        None => return Ok(Err(Wrong::Type)),
    };
    let (low, high): (i128, i128) = match code {
        b'b' => (i8::MIN.into(), i8::MAX.into()),
        b'B' => (0, u8::MAX.into()),
        b'h' => (i16::MIN.into(), i16::MAX.into()),
        b'H' => (0, u16::MAX.into()),
        b'i' => (i32::MIN.into(), i32::MAX.into()),
        b'I' => (0, u32::MAX.into()),
        b'l' | b'q' | b'n' => (i64::MIN.into(), i64::MAX.into()),
        // A pointer may be given as the number that its bits are.
        b'P' => (i64::MIN.into(), u64::MAX.into()),
        _ => (0, u64::MAX.into()),
    };
    Ok(if (low..=high).contains(&n) {
        Ok(n as u64)
    } else {
        Err(Wrong::Value)
    })
}
