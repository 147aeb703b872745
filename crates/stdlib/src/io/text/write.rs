//! Writing text.

use pyco_exec::object::header::Ref;
use pyco_exec::object::str_::Str;
use pyco_exec::text::StrView;
use pyco_exec::{PyResult, Value, Vm};

use super::codec::Encoder;
use super::lines::with_line_ends;
use super::{TextIo, opened, with_decoder, with_encoder};
use crate::io::base::call;
use crate::io::buffered::{self, Buffered};
use crate::io::newline::find;
use crate::io::unsupported;

/// Gives what is pending to the buffer.
pub(super) fn flush_pending(vm: &mut Vm, stream: &Ref<TextIo>, buffer: &Value) -> PyResult<()> {
    if stream.pending.get(vm).is_empty() {
        return Ok(());
    }
    let bytes = std::mem::take(stream.pending.get_mut(vm));
    if buffer.downcast::<Buffered>().is_some_and(|b| b.is_exact()) {
        return buffered::write_all(vm, buffer, &bytes);
    }
    let bytes = vm.new_bytes(bytes);
    call(vm, buffer, "write", &[bytes]).map(drop)
}

pub(super) fn write(vm: &mut Vm, this: &Value, text: &Value) -> PyResult {
    let Some(view) = text.downcast::<Str>().map(|text| text.view()) else {
        let found = vm.type_name(text);
        return Err(vm.type_error(format!("write() argument must be str, not {found}")));
    };
    if !append_plain(vm, this, view) {
        write_text(vm, this, text)?;
    }
    Ok(vm.int(view.len() as i64))
}

/// What `print` calls for a stream of which nothing was overridden.
pub(in crate::io) fn write_view(vm: &mut Vm, this: &Value, text: StrView<'_>) -> PyResult<()> {
    if append_plain(vm, this, text) {
        return Ok(());
    }
    let text = vm.str_from_view(text);
    write_text(vm, this, &text)
}

/// Adds ASCII text to what is pending, if it can stay there and is to stand there as it is; whether that was so.
fn append_plain(vm: &mut Vm, this: &Value, text: StrView<'_>) -> bool {
    let (StrView::Ascii(bytes), Some(stream)) = (text, this.downcast::<TextIo>()) else {
        return false;
    };
    let is_plain = stream.is_exact()
        && stream.is_ready.get()
        && !stream.write_through.get()
        && !stream.line_buffering.get()
        && stream.pending.get(vm).len() + bytes.len() < stream.chunk_size.get()
        && stream
            .newline
            .get()
            .is_none_or(|newline| !newline.starts_with('\r'))
        && stream.snapshot.get(vm).is_none()
        && matches!(stream.encoder.get(vm), Some(Encoder::Own { codec, .. }) if codec.is_ascii_superset())
        && stream
            .buffer
            .get()
            .is_some_and(|buffer| buffered::is_file_closed(&buffer) == Some(false));
    if is_plain {
        stream.pending.get_mut(vm).extend_from_slice(bytes);
    }
    is_plain
}

fn write_text(vm: &mut Vm, this: &Value, text: &Value) -> PyResult<()> {
    let (stream, buffer) = opened(vm, this)?;
    let stream = stream.clone();
    if stream.encoder.get(vm).is_none() {
        return Err(unsupported(vm, "not writable"));
    }
    let view = text.downcast::<Str>().map_or(StrView::EMPTY, |t| t.view());
    let newline = stream.newline.get();
    let translates = newline.is_some_and(|n| n.starts_with('\r'));
    let has_lf = (translates || stream.line_buffering.get()) && find(view, b'\n', 0).is_some();
    let ends_line = stream.line_buffering.get() && (has_lf || find(view, b'\r', 0).is_some());
    let translated;
    let text = match newline {
        Some(newline) if translates && has_lf => {
            translated = vm.str_from_buf(with_line_ends(view, newline));
            &translated
        }
        _ => text,
    };
    let bytes = with_encoder(vm, &stream, |vm, encoder| encoder.encode(vm, text))?;
    let bytes = bytes.unwrap_or_default();
    let chunk = stream.chunk_size.get();
    // What is large is not copied together with what is there; before 3.13, nothing that would make more than a chunk.
    let more = match vm.version_number() {
        ..13 => stream.pending.get(vm).len() + bytes.len() > chunk,
        _ => bytes.len() >= chunk,
    };
    if more && !stream.pending.get(vm).is_empty() {
        flush_pending(vm, &stream, &buffer)?;
    }
    stream.pending.get_mut(vm).extend_from_slice(&bytes);
    vm.check_growth(bytes.len())?;
    if stream.pending.get(vm).len() >= chunk || ends_line || stream.write_through.get() {
        flush_pending(vm, &stream, &buffer)?;
    }
    if ends_line {
        call(vm, &buffer, "flush", &[])?;
    }
    if stream.snapshot.get(vm).is_some() {
        stream.clear_decoded(vm);
        with_decoder(vm, &stream, |vm, decoder| decoder.reset(vm))?;
    }
    Ok(())
}

pub(super) fn flush(vm: &mut Vm, this: &Value) -> PyResult {
    let (stream, buffer) = opened(vm, this)?;
    let stream = stream.clone();
    stream.is_telling.set(stream.is_seekable.get());
    flush_pending(vm, &stream, &buffer)?;
    call(vm, &buffer, "flush", &[])
}
