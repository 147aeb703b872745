//! Where a buffered stream is.

use pyco_exec::object::header::Ref;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{PyResult, Value, Vm};

use super::{Buffered, exact_file, opened, read, ready, write};
use crate::io::base::{call, check_able};
use crate::io::file;

/// Where the raw stream says that it is.
fn raw_tell(vm: &mut Vm, raw: &Value) -> PyResult<i64> {
    if exact_file(raw).is_some() {
        return file::position(vm, raw);
    }
    let place = call(vm, raw, "tell", &[])?;
    checked_place(vm, &place)
}

fn checked_place(vm: &mut Vm, place: &Value) -> PyResult<i64> {
    let place = file::offset_argument(vm, place)?;
    if place < 0 {
        let class = vm.types.os_error.clone();
        return Err(vm.error(
            &class,
            format!("Raw stream returned invalid position {place}"),
        ));
    }
    Ok(place)
}

fn place(vm: &mut Vm, buffered: &Ref<Buffered>, raw: &Value) -> PyResult<i64> {
    let raw = raw_tell(vm, raw)?;
    let left = buffered.left(vm) as i64;
    let pending = buffered.pending.get(vm).len() as i64;
    Ok((raw - left + pending).max(0))
}

pub(super) fn tell(vm: &mut Vm, this: &Value) -> PyResult {
    let (buffered, raw) = ready(vm, this)?;
    let place = place(vm, buffered, &raw)?;
    Ok(vm.int(place))
}

pub(super) fn seek(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let whence = c_int_or(vm, args.get(1), 0)?;
    let (buffered, raw) = ready(vm, this)?;
    let buffered = buffered.clone();
    // Holes and data are for the system to find, where it can.
    let seeks_data = cfg!(target_os = "linux") && matches!(whence, 3 | 4);
    if !(0..=2).contains(&whence) && !seeks_data {
        return Err(vm.value_error(format!("whence value {whence} unsupported")));
    }
    opened(vm, this, "seek of")?;
    check_able(vm, &raw, "seekable")?;
    let mut target = file::offset_argument(vm, args.first().unwrap_or(&Value::NONE))?;
    if buffered.is_readable.get() && whence <= 1 {
        // What was read ahead may hold the place already.
        let here = place(vm, &buffered, &raw)?;
        let offset = match whence {
            0 => target - here,
            _ => target,
        };
        let (used, left) = (buffered.used.get() as i64, buffered.left(vm) as i64);
        if buffered.pending.get(vm).is_empty() && left > 0 && -used <= offset && offset <= left {
            buffered.used.set((used + offset) as usize);
            return Ok(vm.int(here + offset));
        }
    }
    if buffered.is_writable.get() {
        write::flush_pending(vm, &buffered, &raw)?;
    }
    if whence == 1 {
        target -= buffered.left(vm) as i64;
    }
    let arguments = [vm.int(target), vm.int(whence.into())];
    let found = call(vm, &raw, "seek", &arguments)?;
    let found = checked_place(vm, &found)?;
    buffered.drop_ahead(vm);
    Ok(vm.int(found))
}

pub(super) fn truncate(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (buffered, raw) = opened(vm, this, "truncate of")?;
    let buffered = buffered.clone();
    if !buffered.is_writable.get() {
        return Err(read::not_truncatable(vm));
    }
    write::flush_pending(vm, &buffered, &raw)?;
    if buffered.is_readable.get() {
        write::give_back_ahead(vm, &buffered, &raw)?;
    }
    let size = match args.first().filter(|size| !size.is_none()) {
        Some(size) => size.clone(),
        None => tell(vm, this)?,
    };
    call(vm, &raw, "truncate", &[size])
}
