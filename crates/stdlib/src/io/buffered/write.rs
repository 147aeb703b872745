//! Writing through a buffer.

use pyco_exec::object::buffer::{as_bytes_like, data};
use pyco_exec::object::header::Ref;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::{Buffered, exact_file, opened};
use crate::io::base::{attribute, call};
use crate::io::file;

/// One write to the raw stream; gives how much was written, or nothing if it would block.
fn raw_write(vm: &mut Vm, raw: &Value, bytes: &[u8]) -> PyResult<Option<usize>> {
    if exact_file(raw).is_some() {
        return file::write_some(vm, raw, bytes);
    }
    let object = vm.new_bytes(bytes.to_vec());
    let view = vm.memory_view(&object)?.map_or(Value::NONE, Value::from);
    let len = call(vm, raw, "write", &[view])?;
    if len.is_none() {
        return Ok(None);
    }
    let len = vm.index_for_size(&len)?;
    let most = bytes.len();
    match usize::try_from(len) {
        Ok(len) if len <= most => Ok(Some(len)),
        _ => {
            let class = vm.types.os_error.clone();
            let message = format!(
                "raw write() returned invalid length {len} (should have been between 0 and {most})"
            );
            Err(vm.error(&class, message))
        }
    }
}

/// The BlockingIOError of a write of which so many bytes were taken.
#[cold]
fn would_block(vm: &mut Vm, raw: &Value, taken: usize) -> Raised {
    // What the system said; a stream of the program's own has said nothing.
    let errno = match exact_file(raw) {
        Some(_) => rustix::io::Errno::AGAIN.raw_os_error(),
        None => 0,
    };
    let builtins = vm.import("builtins");
    let class = builtins.and_then(|builtins| attribute(vm, &builtins, "BlockingIOError"));
    let arguments = [
        vm.int(errno.into()),
        vm.new_str("write could not complete without blocking"),
        vm.int(taken as i64),
    ];
    match class.and_then(|class| vm.call(&class, &arguments)) {
        Ok(error) => vm.raise_value(error),
        Err(raised) => raised,
    }
}

fn is_blocking(vm: &mut Vm, raised: &Raised) -> bool {
    &*vm.type_name(raised.value()) == "BlockingIOError"
}

/// Writes all that is pending to the raw stream.
pub(super) fn flush_pending(vm: &mut Vm, buffered: &Ref<Buffered>, raw: &Value) -> PyResult<()> {
    loop {
        let bytes = buffered.pending.get(vm).clone();
        if bytes.is_empty() {
            return Ok(());
        }
        match raw_write(vm, raw, &bytes)? {
            Some(len) => {
                let pending = buffered.pending.get_mut(vm);
                pending.drain(..len.min(pending.len()));
            }
            None => return Err(would_block(vm, raw, 0)),
        }
    }
}

/// Brings the raw stream back to where this one stands, before something is written.
pub(super) fn give_back_ahead(vm: &mut Vm, buffered: &Ref<Buffered>, raw: &Value) -> PyResult<()> {
    let left = buffered.left(vm);
    if left > 0 {
        let arguments = [vm.int(-(left as i64)), vm.int(1)];
        call(vm, raw, "seek", &arguments)?;
    }
    buffered.drop_ahead(vm);
    Ok(())
}

/// Writes bytes: to the buffer if there is room, else through it.
pub(in crate::io) fn write_all(vm: &mut Vm, this: &Value, bytes: &[u8]) -> PyResult<()> {
    let (buffered, raw) = opened(vm, this, "write to")?;
    let buffered = buffered.clone();
    if buffered.is_readable.get() {
        give_back_ahead(vm, &buffered, &raw)?;
    }
    let size = buffered.size.get();
    if buffered.pending.get(vm).len() + bytes.len() <= size {
        buffered.pending.get_mut(vm).extend_from_slice(bytes);
        return Ok(());
    }
    if let Err(raised) = flush_pending(vm, &buffered, &raw) {
        if !is_blocking(vm, &raised) {
            return Err(raised);
        }
        let room = size.saturating_sub(buffered.pending.get(vm).len());
        let taken = room.min(bytes.len());
        buffered
            .pending
            .get_mut(vm)
            .extend_from_slice(&bytes[..taken]);
        if taken == bytes.len() {
            return Ok(());
        }
        return Err(would_block(vm, &raw, taken));
    }
    let mut rest = bytes;
    while rest.len() > size {
        match raw_write(vm, &raw, rest)? {
            Some(len) => rest = &rest[len..],
            None => {
                // As much as fits is kept for later.
                let kept = &rest[..size];
                buffered.pending.get_mut(vm).extend_from_slice(kept);
                let taken = bytes.len() - rest.len() + size;
                return Err(would_block(vm, &raw, taken));
            }
        }
    }
    buffered.pending.get_mut(vm).extend_from_slice(rest);
    Ok(())
}

pub(super) fn write(vm: &mut Vm, this: &Value, bytes: &Value) -> PyResult {
    super::ready(vm, this)?;
    let bytes = as_bytes_like(vm, bytes)?;
    let bytes = data(vm, &bytes).to_vec();
    write_all(vm, this, &bytes)?;
    Ok(vm.int(bytes.len() as i64))
}

/// `flush` of what can be written: also brings the raw stream back to where this one stands.
pub(super) fn flush(vm: &mut Vm, this: &Value) -> PyResult {
    let (buffered, raw) = opened(vm, this, "flush of")?;
    let buffered = buffered.clone();
    flush_pending(vm, &buffered, &raw)?;
    if buffered.is_readable.get() {
        give_back_ahead(vm, &buffered, &raw)?;
    }
    call(vm, &raw, "flush", &[])
}
