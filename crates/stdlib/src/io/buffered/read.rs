//! Reading through a buffer.

use pyco_exec::object::buffer::{data, write_into};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::header::Ref;
use pyco_exec::{PyResult, Value, Vm};

use super::{Buffered, exact_file, opened, write};
use crate::io::base::{self, attribute_opt, call, size_argument};
use crate::io::{file, unsupported};

/// One read of the raw stream, of at most so many bytes; nothing if it would block.
fn raw_read(vm: &mut Vm, raw: &Value, limit: usize) -> PyResult<Option<Vec<u8>>> {
    if exact_file(raw).is_some() {
        return file::read_some(vm, raw, limit);
    }
    vm.check_growth(limit)?;
    let array = vm.new_bytearray(vec![0; limit]);
    let view = vm.memory_view(&array)?.map_or(Value::NONE, Value::from);
    let len = call(vm, raw, "readinto", &[view])?;
    if len.is_none() {
        return Ok(None);
    }
    let len = match vm.index_for_size(&len) {
        Ok(len) => len,
        Err(raised) => {
            let class = vm.types.os_error.clone();
            let failed = vm.error(&class, "raw readinto() failed");
            failed.set_cause(&raised);
            return Err(failed);
        }
    };
    let bytes = data(vm, &array);
    match usize::try_from(len).ok().and_then(|len| bytes.get(..len)) {
        Some(bytes) => Ok(Some(bytes.to_vec())),
        None => {
            let class = vm.types.os_error.clone();
            let message = format!(
                "raw readinto() returned invalid length {len} (should have been between 0 and \
                 {limit})"
            );
            Err(vm.error(&class, message))
        }
    }
}

/// Reads ahead as much as one read gives; the number of bytes, or nothing if it would block.
fn fill(vm: &mut Vm, buffered: &Ref<Buffered>, raw: &Value) -> PyResult<Option<usize>> {
    let room = buffered.size.get();
    let Some(bytes) = raw_read(vm, raw, room)? else {
        return Ok(None);
    };
    let len = bytes.len();
    if buffered.left(vm) == 0 {
        *buffered.ahead.get_mut(vm) = bytes;
        buffered.used.set(0);
    } else {
        buffered.ahead.get_mut(vm).extend_from_slice(&bytes);
    }
    Ok(Some(len))
}

/// Writes what is pending before something is read.
fn prepare(vm: &mut Vm, this: &Value, buffered: &Ref<Buffered>, raw: &Value) -> PyResult<()> {
    if buffered.is_writable.get() && !buffered.pending.get(vm).is_empty() {
        write::flush_pending(vm, buffered, raw)?;
    }
    let _ = this;
    Ok(())
}

pub(super) fn read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let size = size_argument(vm, args.first())?;
    if size < -1 {
        return Err(vm.value_error("read length must be non-negative or -1"));
    }
    let (buffered, raw) = opened(vm, this, "read of")?;
    let buffered = buffered.clone();
    let bytes = match usize::try_from(size) {
        Ok(size) => read_some(vm, this, &buffered, &raw, size)?,
        Err(_) => read_all(vm, this, &buffered, &raw)?,
    };
    Ok(bytes.map_or(Value::NONE, |bytes| vm.new_bytes(bytes)))
}

/// Reads so many bytes, fewer only at the end or if the raw stream would block; nothing if it would at once.
fn read_some(
    vm: &mut Vm,
    this: &Value,
    buffered: &Ref<Buffered>,
    raw: &Value,
    size: usize,
) -> PyResult<Option<Vec<u8>>> {
    let mut got = buffered.take_ahead(vm, size);
    if got.len() == size {
        return Ok(Some(got));
    }
    prepare(vm, this, buffered, raw)?;
    buffered.drop_ahead(vm);
    let block = buffered.size.get();
    while got.len() < size {
        let missing = size - got.len();
        let whole = missing / block * block;
        let len = if whole > 0 {
            let Some(bytes) = raw_read(vm, raw, whole)? else {
                return Ok((!got.is_empty()).then_some(got));
            };
            got.extend_from_slice(&bytes);
            bytes.len()
        } else {
            let Some(len) = fill(vm, buffered, raw)? else {
                return Ok((!got.is_empty()).then_some(got));
            };
            got.extend(buffered.take_ahead(vm, missing));
            len
        };
        if len == 0 {
            break;
        }
        vm.check_growth(got.len())?;
    }
    Ok(Some(got))
}

fn read_all(
    vm: &mut Vm,
    this: &Value,
    buffered: &Ref<Buffered>,
    raw: &Value,
) -> PyResult<Option<Vec<u8>>> {
    let mut got = buffered.take_ahead(vm, usize::MAX);
    prepare(vm, this, buffered, raw)?;
    buffered.drop_ahead(vm);
    if exact_file(raw).is_some() {
        return Ok(match file::read_to_end(vm, raw)? {
            Some(rest) if got.is_empty() => Some(rest),
            Some(rest) => {
                got.extend_from_slice(&rest);
                Some(got)
            }
            None => (!got.is_empty()).then_some(got),
        });
    }
    if let Some(read_all) = attribute_opt(vm, raw, "readall")? {
        let rest = vm.call(&read_all, &[])?;
        if rest.is_none() {
            return Ok((!got.is_empty()).then_some(got));
        }
        let Some(rest) = rest.downcast::<Bytes>() else {
            return Err(vm.type_error("readall() should return bytes"));
        };
        got.extend_from_slice(rest.data());
        return Ok(Some(got));
    }
    loop {
        let part = call(vm, raw, "read", &[])?;
        if part.is_none() {
            return Ok((!got.is_empty()).then_some(got));
        }
        let Some(bytes) = part.downcast::<Bytes>() else {
            return Err(vm.type_error("read() should return bytes"));
        };
        if bytes.data().is_empty() {
            return Ok(Some(got));
        }
        got.extend_from_slice(bytes.data());
        vm.check_growth(got.len())?;
    }
}

/// Reads with one read of the raw stream at most; nothing is nothing.
pub(in crate::io) fn read1_some(vm: &mut Vm, this: &Value, size: i64) -> PyResult<Vec<u8>> {
    let (buffered, raw) = opened(vm, this, "read of")?;
    let buffered = buffered.clone();
    let size = usize::try_from(size).unwrap_or(buffered.size.get());
    let got = buffered.take_ahead(vm, size);
    if !got.is_empty() || size == 0 {
        return Ok(got);
    }
    prepare(vm, this, &buffered, &raw)?;
    buffered.drop_ahead(vm);
    Ok(raw_read(vm, &raw, size)?.unwrap_or_default())
}

pub(super) fn read1(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let size = match args.first() {
        Some(size) => vm.index_for_size(size)?,
        None => -1,
    };
    let bytes = read1_some(vm, this, size)?;
    Ok(vm.new_bytes(bytes))
}

pub(super) fn peek(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    if let Some(size) = args.first() {
        vm.index_for_size(size)?;
    }
    let (buffered, raw) = opened(vm, this, "peek of")?;
    let buffered = buffered.clone();
    prepare(vm, this, &buffered, &raw)?;
    if buffered.left(vm) == 0 {
        buffered.drop_ahead(vm);
        fill(vm, &buffered, &raw)?;
    }
    let ahead = buffered.ahead.get(vm)[buffered.used.get()..].to_vec();
    Ok(vm.new_bytes(ahead))
}

pub(super) fn read_into(vm: &mut Vm, this: &Value, buffer: &Value, is_once: bool) -> PyResult {
    let function = if is_once { "readinto1" } else { "readinto" };
    let room = base::writable_argument(vm, buffer, function)?;
    let (buffered, raw) = opened(vm, this, &format!("{function} of"))?;
    let buffered = buffered.clone();
    let first = buffered.take_ahead(vm, room);
    write_into(vm, buffer, 0, &first);
    let mut len = first.len();
    if len < room {
        prepare(vm, this, &buffered, &raw)?;
        buffered.drop_ahead(vm);
    }
    while len < room {
        let missing = room - len;
        let is_direct = missing > buffered.size.get();
        let part = if is_direct {
            raw_read(vm, &raw, missing)?
        } else if is_once && len > 0 {
            // The buffer is not filled where there is something to give already.
            break;
        } else {
            let filled = fill(vm, &buffered, &raw)?;
            filled.map(|_| buffered.take_ahead(vm, missing))
        };
        match part {
            Some(part) if part.is_empty() => break,
            Some(part) => {
                write_into(vm, buffer, len, &part);
                len += part.len();
                if is_direct && is_once {
                    break;
                }
            }
            None if len == 0 => return Ok(Value::NONE),
            None => break,
        }
    }
    Ok(vm.int(len as i64))
}

/// A line, of at most so many bytes.
fn line(vm: &mut Vm, this: &Value, limit: Option<usize>) -> PyResult<Vec<u8>> {
    let (buffered, raw) = opened(vm, this, "readline of")?;
    let buffered = buffered.clone();
    let mut line = Vec::new();
    loop {
        let rest = &buffered.ahead.get(vm)[buffered.used.get()..];
        let most = limit.map_or(rest.len(), |limit| rest.len().min(limit - line.len()));
        let end = memchr::memchr(b'\n', &rest[..most]);
        let part = buffered.take_ahead(vm, end.map_or(most, |end| end + 1));
        line.extend_from_slice(&part);
        vm.check_growth(line.len())?;
        if end.is_some() || limit == Some(line.len()) {
            return Ok(line);
        }
        prepare(vm, this, &buffered, &raw)?;
        buffered.drop_ahead(vm);
        if fill(vm, &buffered, &raw)?.unwrap_or(0) == 0 {
            return Ok(line);
        }
    }
}

pub(super) fn read_line(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let limit = size_argument(vm, args.first())?;
    let line = line(vm, this, usize::try_from(limit).ok())?;
    Ok(vm.new_bytes(line))
}

pub(super) fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let is_exact = this.downcast::<Buffered>().is_some_and(|b| b.is_exact());
    if is_exact {
        let line = line(vm, this, None)?;
        return Ok((!line.is_empty()).then(|| vm.new_bytes(line)));
    }
    let line = call(vm, this, "readline", &[])?;
    match line.downcast::<Bytes>() {
        Some(bytes) => Ok((!bytes.data().is_empty()).then_some(line)),
        None => {
            let found = vm.type_name(&line);
            let class = vm.types.os_error.clone();
            let message = format!("readline() should have returned a bytes object, not '{found}'");
            Err(vm.error(&class, message))
        }
    }
}

/// That only a stream which can be written can be truncated.
pub(super) fn not_truncatable(vm: &mut Vm) -> pyco_exec::Raised {
    unsupported(vm, "truncate")
}
