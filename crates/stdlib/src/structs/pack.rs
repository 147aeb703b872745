//! Values to bytes.

use pyco_exec::numeric::bigint::BigInt;
use pyco_exec::numeric::float::{half_from_f64, single_from_f64};
use pyco_exec::object::buffer::data;
use pyco_exec::object::bytearray::ByteArray;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::int::IntRef;
use pyco_exec::object::sequence::is_index;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::error;
use super::format::{Format, Item, Kind, Order};

/// Writes values into `target`, which has the struct's size and only zeros. There must be as many values as the format has.
pub(super) fn pack(
    vm: &mut Vm,
    format: &Format,
    values: &[Value],
    target: &mut [u8],
) -> PyResult<()> {
    let mut values = values.iter();
    for item in &format.items {
        let places = target[item.offset..].chunks_exact_mut(item.size.max(1));
        if item.size == 0 {
            if let Some(value) = values.next() {
                pack_item(vm, format.order, item, value, &mut [])?;
            }
            continue;
        }
        for (place, value) in places.take(item.repeat).zip(values.by_ref()) {
            pack_item(vm, format.order, item, value, place)?;
        }
    }
    Ok(())
}

fn pack_item(
    vm: &mut Vm,
    order: Order,
    item: &Item,
    value: &Value,
    place: &mut [u8],
) -> PyResult<()> {
    let packed = match item.kind {
        Kind::Signed | Kind::Unsigned => pack_int(vm, order, item, value, place),
        Kind::Bytes | Kind::Pascal => return pack_bytes(vm, item, value, place),
        Kind::Char => return pack_char(vm, value, place),
        Kind::Bool => {
            let truth = vm.truth(value)?;
            place[0] = u8::from(truth);
            return Ok(());
        }
        Kind::Pointer => pack_pointer(vm, value, place),
        Kind::Half | Kind::Single | Kind::Double => pack_float(vm, order, item, value, place),
        Kind::SingleComplex | Kind::DoubleComplex => pack_complex(vm, order, item, value, place),
        Kind::Pad => Ok(()),
    };
    match packed {
        Err(raised) if value.as_int().is_some() && raised.is(vm, &vm.types.overflow_error) => {
            Err(error(vm, "int too large to convert"))
        }
        packed => packed,
    }
}

/// Writes the low bytes of a number in a format's order.
fn put(place: &mut [u8], order: Order, bits: u64) {
    let len = place.len();
    if order.is_big() {
        place.copy_from_slice(&bits.to_be_bytes()[8 - len..]);
    } else {
        place.copy_from_slice(&bits.to_le_bytes()[..len]);
    }
}

/// The least and the greatest number of an item.
fn range(item: &Item) -> (i128, i128) {
    let bits = 8 * item.size as u32;
    match item.kind {
        Kind::Signed => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        _ => (0, (1 << bits) - 1),
    }
}

fn pack_int(
    vm: &mut Vm,
    order: Order,
    item: &Item,
    value: &Value,
    place: &mut [u8],
) -> PyResult<()> {
    let (low, high) = range(item);
    if let Some(n) = value.as_small_int()
        && (low..=high).contains(&n.into())
    {
        put(place, order, n as u64);
        return Ok(());
    }
    let index = integer(vm, value)?;
    let n = match index.as_int() {
        Some(IntRef::Small(n)) => n.into(),
        Some(IntRef::Big(n)) => i128::try_from(n).unwrap_or(match *n < BigInt::ZERO {
            true => i128::MIN,
            false => i128::MAX,
        }),
        None => return Err(not_an_integer(vm)),
    };
    if (low..=high).contains(&n) {
        put(place, order, n as u64);
        return Ok(());
    }
    if vm.version_number() < 12 {
        return Err(out_of_range_3_11(vm, order, item, n));
    }
    Err(out_of_item(
        vm,
        &format!("'{}'", char::from(item.code)),
        (low, high),
    ))
}

#[cold]
fn out_of_item(vm: &mut Vm, name: &str, (low, high): (i128, i128)) -> Raised {
    error(
        vm,
        format!("{name} format requires {low} <= number <= {high}"),
    )
}

/// 3.11 takes a number as a C long first, and has a function for each of its own types, whose words differ.
#[cold]
fn out_of_range_3_11(vm: &mut Vm, order: Order, item: &Item, n: i128) -> Raised {
    if order == Order::Big && item.size == 8 {
        return match n {
            ..0 if item.kind == Kind::Unsigned => {
                vm.overflow_error("can't convert negative int to unsigned")
            }
            _ => vm.overflow_error("int too big to convert"),
        };
    }
    let is_own_type = match item.size {
        1 => true,
        2 => order != Order::Big,
        _ => false,
    };
    let fits_long = match item.kind == Kind::Unsigned && !is_own_type {
        true => u64::try_from(n).is_ok(),
        false => i64::try_from(n).is_ok(),
    };
    if !fits_long || item.size == 8 {
        return error(vm, "argument out of range");
    }
    let name = match item.code {
        b'b' => "byte".to_owned(),
        b'B' => "ubyte".to_owned(),
        b'h' if is_own_type => "short".to_owned(),
        b'H' if is_own_type => "ushort".to_owned(),
        code => format!("'{}'", char::from(code)),
    };
    out_of_item(vm, &name, range(item))
}

/// `__index__` of a value.
fn integer(vm: &mut Vm, value: &Value) -> PyResult {
    if !is_index(vm, value) {
        return Err(not_an_integer(vm));
    }
    vm.index(value)
}

#[cold]
fn not_an_integer(vm: &mut Vm) -> Raised {
    error(vm, "required argument is not an integer")
}

fn pack_pointer(vm: &mut Vm, value: &Value, place: &mut [u8]) -> PyResult<()> {
    let index = integer(vm, value)?;
    let (bits, is_negative) = match index.as_int() {
        Some(IntRef::Small(n)) => (Some(n as u64), n < 0),
        Some(IntRef::Big(n)) => {
            let bits = match i64::try_from(n) {
                Ok(n) => Some(n as u64),
                Err(_) => u64::try_from(n).ok(),
            };
            (bits, *n < BigInt::ZERO)
        }
        None => return Err(not_an_integer(vm)),
    };
    match bits {
        Some(bits) => {
            place.copy_from_slice(&bits.to_ne_bytes());
            Ok(())
        }
        None if is_negative => Err(vm.overflow_error("Python int too large to convert to C long")),
        None => Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

fn pack_char(vm: &mut Vm, value: &Value, place: &mut [u8]) -> PyResult<()> {
    match value.downcast::<Bytes>().map(|bytes| bytes.data()) {
        Some([byte]) => {
            place[0] = *byte;
            Ok(())
        }
        _ => Err(error(vm, "char format requires a bytes object of length 1")),
    }
}

fn pack_bytes(vm: &mut Vm, item: &Item, value: &Value, place: &mut [u8]) -> PyResult<()> {
    if value.downcast::<Bytes>().is_none() && value.downcast::<ByteArray>().is_none() {
        let code = char::from(item.code);
        return Err(error(
            vm,
            format!("argument for '{code}' must be a bytes object"),
        ));
    }
    let bytes = data(vm, value);
    let place = match (item.kind, place) {
        (Kind::Pascal, [len, rest @ ..]) => {
            *len = bytes.len().min(rest.len()).min(255) as u8;
            rest
        }
        (_, place) => place,
    };
    let len = bytes.len().min(place.len());
    place[..len].copy_from_slice(&bytes[..len]);
    Ok(())
}

fn pack_float(
    vm: &mut Vm,
    order: Order,
    item: &Item,
    value: &Value,
    place: &mut [u8],
) -> PyResult<()> {
    let Ok(x) = vm.to_f64(value) else {
        return Err(error(vm, "required argument is not a float"));
    };
    let bits = match item.kind {
        Kind::Half => half_from_f64(x, vm.release()).map(u64::from),
        Kind::Single => {
            let bits = single_from_f64(x, vm.release());
            // Before 3.13 the machine's own conversion knows no overflow.
            let is_checked = order != Order::Native || vm.version_number() >= 13;
            let overflows = is_checked && x.is_finite() && f32::from_bits(bits).is_infinite();
            (!overflows).then_some(u64::from(bits))
        }
        _ => Some(x.to_bits()),
    };
    match bits {
        Some(bits) => {
            put(place, order, bits);
            Ok(())
        }
        None => {
            let code = char::from(item.code);
            Err(vm.overflow_error(format!("float too large to pack with {code} format")))
        }
    }
}

fn pack_complex(
    vm: &mut Vm,
    order: Order,
    item: &Item,
    value: &Value,
    place: &mut [u8],
) -> PyResult<()> {
    let Ok((real, imag)) = vm.to_complex(value) else {
        return Err(error(vm, "required argument is not a complex"));
    };
    let (first, second) = place.split_at_mut(item.size / 2);
    for (place, part) in [(first, real), (second, imag)] {
        let bits = match item.kind {
            Kind::SingleComplex => single_from_f64(part, vm.release()).into(),
            _ => part.to_bits(),
        };
        put(place, order, bits);
    }
    Ok(())
}
