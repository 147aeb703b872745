//! Bytes to values.

use pyco_exec::numeric::float::{half_to_f64, single_to_f64};
use pyco_exec::{Value, Vm};

use super::format::{Format, Item, Kind, Order};

/// The values of a struct, of whose size `bytes` are.
pub(super) fn unpack(vm: &Vm, format: &Format, bytes: &[u8]) -> Value {
    let mut values = Vec::with_capacity(format.value_len);
    for item in &format.items {
        if item.size == 0 {
            values.push(vm.new_bytes(Vec::new()));
            continue;
        }
        let places = bytes[item.offset..].chunks_exact(item.size);
        values.extend(
            places
                .take(item.repeat)
                .map(|place| unpack_item(vm, format.order, item, place)),
        );
    }
    vm.new_tuple(values)
}

/// The number whose bytes these are.
fn bits(place: &[u8], order: Order) -> u64 {
    let mut bytes = [0; 8];
    if order.is_big() {
        bytes[8 - place.len()..].copy_from_slice(place);
        u64::from_be_bytes(bytes)
    } else {
        bytes[..place.len()].copy_from_slice(place);
        u64::from_le_bytes(bytes)
    }
}

fn unpack_item(vm: &Vm, order: Order, item: &Item, place: &[u8]) -> Value {
    match item.kind {
        Kind::Signed => {
            let unused = 64 - 8 * item.size as u32;
            vm.int(((bits(place, order) << unused) as i64) >> unused)
        }
        Kind::Unsigned | Kind::Pointer => {
            let bits = bits(place, order);
            match i64::try_from(bits) {
                Ok(n) => vm.int(n),
                Err(_) => vm.int_from_big(bits.into()),
            }
        }
        Kind::Char | Kind::Bytes => vm.new_bytes(place.to_vec()),
        Kind::Pascal => {
            let len = usize::from(place[0]).min(place.len() - 1);
            vm.new_bytes(place[1..=len].to_vec())
        }
        Kind::Bool => Value::bool(place[0] != 0),
        Kind::Half => Value::float(half_to_f64(bits(place, order) as u16, vm.release())),
        Kind::Single | Kind::Double => Value::float(part(vm, order, place)),
        Kind::SingleComplex | Kind::DoubleComplex => {
            let (real, imag) = place.split_at(item.size / 2);
            vm.new_complex(part(vm, order, real), part(vm, order, imag))
        }
        Kind::Pad => Value::NONE,
    }
}

/// A float of four or eight bytes.
fn part(vm: &Vm, order: Order, place: &[u8]) -> f64 {
    let bits = bits(place, order);
    if place.len() == 8 {
        return f64::from_bits(bits);
    }
    let quiets = match vm.version_number() {
        ..14 => true,
        14 => order == Order::Native,
        // The machine's own order is read as the machine reads it.
        _ => order.is_big() == cfg!(target_endian = "big"),
    };
    single_to_f64(bits as u32, quiets)
}
