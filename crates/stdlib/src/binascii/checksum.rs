//! CRC-32 and CRC-CCITT.

use pyco_exec::numeric::bigint::BigInt;
use pyco_exec::{PyResult, Value, Vm};

use super::arguments::plain;

/// The low 32 bits of a number; from 3.15 on others are warned about.
fn start(vm: &mut Vm, value: &Value) -> PyResult<u32> {
    let index = vm.index(value)?;
    let Some(n) = index.as_int() else {
        return Ok(0);
    };
    let n = n.to_big();
    let low = BigInt::from(u32::MAX);
    let is_in_range = *n <= low && *n >= BigInt::from(i32::MIN);
    let bits = match i64::try_from(&*n) {
        Ok(n) => n as u32,
        Err(_) => u32::try_from(&(n.into_owned() & low)).unwrap_or(0),
    };
    if !is_in_range && vm.version_number() >= 15 {
        vm.warn("DeprecationWarning", "integer value out of range")?;
    }
    Ok(bits)
}

/// `crc32(data, crc)`.
pub(super) fn crc32(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let data = plain(vm, &arguments[0])?;
    let start = match arguments.get(1) {
        Some(crc) => start(vm, crc)?,
        None => 0,
    };
    let mut hasher = crc32fast::Hasher::new_with_initial(start);
    hasher.update(&data);
    Ok(vm.int(hasher.finalize().into()))
}

/// `crc_hqx(data, crc)`: the polynomial 0x1021, most significant bit first.
pub(super) fn crc_hqx(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    const TABLE: [u16; 256] = crc_table();
    let data = plain(vm, &arguments[0])?;
    let start = start(vm, &arguments[1])? as u16;
    let crc = data.iter().fold(start, |crc, byte| {
        (crc << 8) ^ TABLE[usize::from((crc >> 8) as u8 ^ byte)]
    });
    Ok(vm.int(crc.into()))
}

const fn crc_table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut crc = (at as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            let carry = if crc & 0x8000 != 0 { 0x1021 } else { 0 };
            crc = (crc << 1) ^ carry;
            bit += 1;
        }
        table[at] = crc;
        at += 1;
    }
    table
}
