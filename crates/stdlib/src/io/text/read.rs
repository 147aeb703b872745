//! Reading text.

use pyco_exec::object::buffer::{data, is_bytes_like};
use pyco_exec::object::header::Ref;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::str_::Str;
use pyco_exec::text::{StrBuf, StrBuilder};
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::{TextIo, opened, with_decoder, write};
use crate::io::base::{call, size_argument};
use crate::io::buffered::{self, Buffered};
use crate::io::memory::{self, BytesIo};
use crate::io::unsupported;

impl TextIo {
    /// Forgets what was decoded.
    pub(super) fn clear_decoded(&self, vm: &mut Vm) {
        *self.decoded.get_mut(vm) = StrBuf::new();
        self.used.set(0);
        *self.snapshot.get_mut(vm) = None;
    }

    /// Takes at most so many of the characters that are decoded.
    fn take(&self, vm: &Vm, limit: usize) -> StrBuf {
        let text = self.decoded.get(vm).view();
        let start = self.used.get();
        let end = text.len().min(start.saturating_add(limit));
        self.used.set(end);
        text.substr(start..end).into_buf()
    }
}

#[cold]
fn not_readable(vm: &mut Vm) -> Raised {
    unsupported(vm, "not readable")
}

/// Some bytes of the buffer, as many as one read gives.
fn buffer_read(
    vm: &mut Vm,
    stream: &Ref<TextIo>,
    buffer: &Value,
    size: usize,
) -> PyResult<Vec<u8>> {
    if buffer.downcast::<Buffered>().is_some_and(|b| b.is_exact()) {
        return buffered::read1_some(vm, buffer, size as i64);
    }
    if buffer.downcast::<BytesIo>().is_some_and(|b| b.is_exact()) {
        return memory::read_some(vm, buffer, Some(size));
    }
    let method = match stream.has_read1.get() {
        true => "read1",
        false => "read",
    };
    let size = vm.int(size as i64);
    let bytes = call(vm, buffer, method, &[size])?;
    bytes_of(vm, &bytes, method)
}

fn bytes_of(vm: &mut Vm, bytes: &Value, method: &str) -> PyResult<Vec<u8>> {
    if !is_bytes_like(vm, bytes) {
        let found = vm.type_name(bytes);
        return Err(vm.type_error(format!(
            "underlying {method}() should have returned a bytes-like object, not '{found}'"
        )));
    }
    Ok(data(vm, bytes).to_vec())
}

/// Decodes another chunk; whether there was something to decode.
fn read_chunk(vm: &mut Vm, stream: &Ref<TextIo>, buffer: &Value, wanted: usize) -> PyResult<bool> {
    let state = match stream.is_telling.get() {
        true => with_decoder(vm, stream, |vm, decoder| decoder.state(vm))?,
        false => None,
    };
    if stream.decoder.get(vm).is_none() {
        return Err(not_readable(vm));
    }
    // What so many characters took before.
    let wanted = (stream.ratio.get() * wanted as f64) as usize;
    let size = stream.chunk_size.get().max(wanted.min(1 << 30));
    let input = buffer_read(vm, stream, buffer, size)?;
    let is_end = input.is_empty();
    let decoded = with_decoder(vm, stream, |vm, decoder| decoder.decode(vm, &input, is_end))?;
    let decoded = decoded.unwrap_or_default();
    let len = decoded.len();
    stream.ratio.set(match len {
        0 => 0.0,
        len => input.len() as f64 / len as f64,
    });
    *stream.decoded.get_mut(vm) = decoded;
    stream.used.set(0);
    if let Some((mut waiting, flags)) = state {
        waiting.extend_from_slice(&input);
        *stream.snapshot.get_mut(vm) = Some((waiting, flags));
    }
    Ok(!is_end || len > 0)
}

pub(super) fn read(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let size = size_argument(vm, args.first())?;
    let (stream, buffer) = opened(vm, this)?;
    let stream = stream.clone();
    if stream.decoder.get(vm).is_none() {
        return Err(not_readable(vm));
    }
    write::flush_pending(vm, &stream, &buffer)?;
    let Ok(size) = usize::try_from(size) else {
        return read_all(vm, &stream, &buffer);
    };
    let mut text = StrBuilder::from(stream.take(vm, size));
    while text.len() < size {
        let missing = size - text.len();
        if !read_chunk(vm, &stream, &buffer, missing)? {
            break;
        }
        text.push_view(stream.take(vm, missing).view());
        vm.check_growth(text.byte_len())?;
    }
    Ok(vm.str_from_buf(text.finish()))
}

fn read_all(vm: &mut Vm, stream: &Ref<TextIo>, buffer: &Value) -> PyResult {
    let bytes = call(vm, buffer, "read", &[])?;
    if bytes.is_none() && vm.version_number() >= 14 {
        let builtins = vm.import("builtins")?;
        let class = crate::io::base::attribute(vm, &builtins, "BlockingIOError")?;
        let message = vm.new_str("Read returned None.");
        let error = vm.call(&class, &[message])?;
        return Err(vm.raise_value(error));
    }
    let bytes = bytes_of(vm, &bytes, "read")?;
    let rest = with_decoder(vm, stream, |vm, decoder| decoder.decode(vm, &bytes, true))?;
    let rest = rest.unwrap_or_default();
    let text = stream.take(vm, usize::MAX);
    stream.clear_decoded(vm);
    if text.is_empty() {
        return Ok(vm.str_from_buf(rest));
    }
    let mut text = StrBuilder::from(text);
    text.push_view(rest.view());
    Ok(vm.str_from_buf(text.finish()))
}

/// A line, of at most so many characters.
fn line(vm: &mut Vm, this: &Value, limit: Option<usize>) -> PyResult<StrBuf> {
    let (stream, buffer) = opened(vm, this)?;
    let stream = stream.clone();
    write::flush_pending(vm, &stream, &buffer)?;
    let end = stream.line_end.get();
    let mut line: Option<StrBuilder> = None;
    loop {
        if stream.used.get() >= stream.decoded.get(vm).len() {
            if limit.is_some_and(|limit| line.as_ref().map_or(0, StrBuilder::len) >= limit) {
                break;
            }
            if !read_chunk(vm, &stream, &buffer, 0)? {
                stream.clear_decoded(vm);
                break;
            }
            if stream.decoded.get(vm).is_empty() {
                continue;
            }
        }
        // The part of a line end that came with the last chunk is looked at again.
        if let Some(started) = &line
            && end == super::lines::LineEnd::CrLf
            && started.view().get(started.len().wrapping_sub(1)) == Some(0x0D)
            && stream.decoded.get(vm).view().get(stream.used.get()) == Some(0x0A)
        {
            let newline = stream.take(vm, 1);
            if let Some(line) = &mut line {
                line.push_view(newline.view());
            }
            break;
        }
        let text = stream.decoded.get(vm).view();
        let start = stream.used.get();
        let found = end.find(text, start);
        let so_far = line.as_ref().map_or(0, StrBuilder::len);
        let most = limit.map_or(usize::MAX, |limit| limit - so_far);
        let len = match found {
            Ok(behind) => behind - start,
            Err(_) => text.len() - start,
        };
        let part = stream.take(vm, len.min(most));
        let is_done = found.is_ok() || len >= most;
        match &mut line {
            None if is_done => return Ok(part),
            None => line = Some(StrBuilder::from(part)),
            Some(line) => {
                line.push_view(part.view());
                vm.check_growth(line.byte_len())?;
            }
        }
        if is_done {
            break;
        }
    }
    Ok(line.map(StrBuilder::finish).unwrap_or_default())
}

pub(super) fn read_line(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let limit = size_argument(vm, args.first())?;
    let line = line(vm, this, usize::try_from(limit).ok())?;
    Ok(vm.str_from_buf(line))
}

pub(super) fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let stream = receiver::<TextIo>(vm, this)?.clone();
    super::ready(vm, this)?;
    stream.is_telling.set(false);
    let found = if stream.is_exact() {
        let line = line(vm, this, None)?;
        (!line.is_empty()).then(|| vm.str_from_buf(line))
    } else {
        let line = call(vm, this, "readline", &[])?;
        match line.downcast::<Str>() {
            Some(text) => (!text.is_empty()).then_some(line),
            None => {
                let found = vm.type_name(&line);
                let class = vm.types.os_error.clone();
                let message =
                    format!("readline() should have returned a str object, not '{found}'");
                return Err(vm.error(&class, message));
            }
        }
    };
    if found.is_none() {
        *stream.snapshot.get_mut(vm) = None;
        stream.is_telling.set(stream.is_seekable.get());
    }
    Ok(found)
}
