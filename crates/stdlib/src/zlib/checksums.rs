//! `crc32`, `adler32`, and how those of two parts give that of the whole.

use pyco_exec::numeric::bigint::BigInt;
use pyco_exec::object::int::IntRef;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::text_args::clinic_type;
use pyco_exec::{PyResult, Value, Vm};
use zlib_rs::{adler32, crc32};

use super::stream::input;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("adler32", 1, 2, |vm, _, arguments| {
        let bytes = input(vm, &arguments[0])?;
        let start = start(vm, arguments, 1)?;
        let sum = match bytes.is_empty() {
            // Not left as it is, but brought into range.
            true => normal_adler(start),
            false => adler32::adler32(start, &bytes),
        };
        Ok(vm.int(i64::from(sum)))
    })
    .signature("($module, data, value=1, /)"),
    NativeDef::range("crc32", 1, 2, |vm, _, arguments| {
        let bytes = input(vm, &arguments[0])?;
        let start = start(vm, arguments, 0)?;
        Ok(vm.int(i64::from(crc32::crc32(start, &bytes))))
    })
    .signature("($module, data, value=0, /)"),
    NativeDef::range("adler32_combine", 3, 3, |vm, _, arguments| {
        combine(vm, "adler32_combine", arguments, adler32::adler32_combine)
    })
    .signature("($module, adler1, adler2, len2, /)")
    .since(15),
    NativeDef::range("crc32_combine", 3, 3, |vm, _, arguments| {
        combine(vm, "crc32_combine", arguments, crc32::crc32_combine)
    })
    .signature("($module, crc1, crc2, len2, /)")
    .since(15),
];

/// Both halves of an Adler-32, each less than the largest prime of 16 bits.
fn normal_adler(sum: u32) -> u32 {
    const BASE: u32 = 65_521;
    (((sum >> 16) % BASE) << 16) | ((sum & 0xFFFF) % BASE)
}

/// The checksum to go on from: the second argument's lower 32 bits.
fn start(vm: &mut Vm, arguments: &[Value], default: u32) -> PyResult<u32> {
    match arguments.get(1) {
        Some(value) => low_bits(vm, value),
        None => Ok(default),
    }
}

fn low_bits(vm: &mut Vm, value: &Value) -> PyResult<u32> {
    let index = vm.index(value)?;
    let number = index.as_int().and_then(|n| n.to_i64());
    let fits = number.is_some_and(|n| i32::try_from(n).is_ok() || u32::try_from(n).is_ok());
    if !fits && vm.version_number() >= 15 {
        vm.warn("DeprecationWarning", "integer value out of range")?;
    }
    Ok(match index.as_int() {
        Some(IntRef::Small(n)) => n as u32,
        Some(IntRef::Big(n)) => {
            let bits = n.clone() & BigInt::from(u32::MAX);
            u32::try_from(&bits).unwrap_or(0)
        }
        None => 0,
    })
}

fn combine(
    vm: &mut Vm,
    name: &str,
    arguments: &[Value],
    combine: fn(u32, u32, u64) -> u32,
) -> PyResult {
    let (first, second) = (low_bits(vm, &arguments[0])?, low_bits(vm, &arguments[1])?);
    let Some(len) = arguments[2].as_int().map(|len| len.to_i64()) else {
        let found = clinic_type(vm, &arguments[2]);
        return Err(vm.type_error(format!("{name}() argument 3 must be int, not {found}")));
    };
    let Some(len) = len else {
        return Err(vm.overflow_error("Python int too large to convert to C ssize_t"));
    };
    let Ok(len) = u64::try_from(len) else {
        return Err(vm.value_error("len2 must be non-negative"));
    };
    Ok(vm.int(i64::from(combine(first, second, len))))
}
