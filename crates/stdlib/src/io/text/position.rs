//! `tell` and `seek`: places in text as numbers.
//!
//! A place is where a decoder can start in the bytes, with its flags, how many bytes to give it then and how many characters of
//! the result to skip, packed into one int: 64 bits, then three times 32, then 8.

use pyco_exec::numeric::bigint::{self, ByteOrder};
use pyco_exec::object::header::Ref;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::codec::{Decoder, State};
use super::{TextIo, opened, with_decoder, with_encoder, write};
use crate::io::base::call;
use crate::io::unsupported;

/// A place, taken apart.
#[derive(Clone, Copy, Default)]
struct Cookie {
    start: i64,
    flags: i32,
    feed: i32,
    skip: i32,
    needs_end: bool,
}

impl Cookie {
    fn pack(self, vm: &mut Vm) -> Value {
        if (self.flags, self.feed, self.skip, self.needs_end) == (0, 0, 0, false) {
            return vm.int(self.start);
        }
        let mut bytes = Vec::with_capacity(21);
        bytes.extend_from_slice(&self.start.to_le_bytes());
        for part in [self.flags, self.feed, self.skip] {
            bytes.extend_from_slice(&part.to_le_bytes());
        }
        bytes.push(u8::from(self.needs_end));
        let packed = bigint::from_bytes(&bytes, ByteOrder::Little, false);
        vm.int_from_big(packed)
    }

    fn unpack(vm: &mut Vm, cookie: &Value) -> PyResult<Cookie> {
        let index = vm.index(cookie)?;
        let bytes = index.as_int().and_then(|int| {
            let release = vm.release();
            bigint::to_bytes(&int.to_big(), 21, ByteOrder::Little, false, release).ok()
        });
        let Some(bytes) = bytes else {
            return Err(vm.overflow_error("int too big to convert"));
        };
        let part = |at: usize| {
            i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let mut start = [0; 8];
        start.copy_from_slice(&bytes[..8]);
        Ok(Cookie {
            start: i64::from_le_bytes(start),
            flags: part(8),
            feed: part(12),
            skip: part(16),
            needs_end: bytes[20] != 0,
        })
    }
}

fn os_error(vm: &mut Vm, message: &str) -> Raised {
    let class = vm.types.os_error.clone();
    vm.error(&class, message)
}

pub(super) fn tell(vm: &mut Vm, this: &Value) -> PyResult {
    let (stream, buffer) = opened(vm, this)?;
    let stream = stream.clone();
    if !stream.is_seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    if !stream.is_telling.get() {
        return Err(os_error(vm, "telling position disabled by next() call"));
    }
    write::flush_pending(vm, &stream, &buffer)?;
    call(vm, this, "flush", &[])?;
    let place = call(vm, &buffer, "tell", &[])?;
    let snapshot = stream.snapshot.get(vm).clone();
    let Some((input, flags)) = snapshot.filter(|_| stream.decoder.get(vm).is_some()) else {
        return Ok(place);
    };
    let place = vm.index_as_i64(&place, "Python int too large to convert to C long")?;
    let cookie = Cookie {
        start: place - input.len() as i64,
        flags: flags as i32,
        ..Cookie::default()
    };
    let skip = stream.used.get();
    if skip == 0 {
        return Ok(cookie.pack(vm));
    }
    let ratio = stream.ratio.get();
    let found = with_decoder(vm, &stream, |vm, decoder| {
        let saved = decoder.state(vm)?;
        let found = locate(vm, decoder, &input, cookie, skip, ratio);
        decoder.set_state(vm, &saved)?;
        found
    })?;
    Ok(found.unwrap_or(cookie).pack(vm))
}

/// Brings a decoder to the state that a place starts with.
fn start(vm: &mut Vm, decoder: &mut Decoder, cookie: &Cookie) -> PyResult<()> {
    if cookie.start == 0 && cookie.flags == 0 {
        return decoder.reset(vm);
    }
    let state: State = (Vec::new(), cookie.flags.into());
    decoder.set_state(vm, &state)
}

/// Finds the place behind `skip` characters of what `input` decodes to.
fn locate(
    vm: &mut Vm,
    decoder: &mut Decoder,
    input: &[u8],
    mut cookie: Cookie,
    mut skip: usize,
    ratio: f64,
) -> PyResult<Cookie> {
    // A guess from the last chunk, taken back until the decoder is clean there.
    let mut bytes = ((ratio * skip as f64) as usize).min(input.len());
    let mut back = 1;
    let mut is_found = false;
    while bytes > 0 {
        start(vm, decoder, &cookie)?;
        let chars = decoder.decode(vm, &input[..bytes], false)?.len();
        if chars <= skip {
            let (waiting, flags) = decoder.state(vm)?;
            if waiting.is_empty() {
                cookie.flags = flags as i32;
                skip -= chars;
                is_found = true;
                break;
            }
            bytes = bytes.saturating_sub(waiting.len());
            back = 1;
        } else {
            bytes = bytes.saturating_sub(back);
            back *= 2;
        }
    }
    if !is_found {
        bytes = 0;
        start(vm, decoder, &cookie)?;
    }
    cookie.start += bytes as i64;
    if skip == 0 {
        return Ok(cookie);
    }
    let (mut feed, mut chars) = (0_usize, 0);
    for byte in &input[bytes..] {
        feed += 1;
        chars += decoder.decode(vm, std::slice::from_ref(byte), false)?.len();
        let (waiting, flags) = decoder.state(vm)?;
        if waiting.is_empty() && chars <= skip {
            cookie.start += feed as i64;
            skip -= chars;
            cookie.flags = flags as i32;
            (feed, chars) = (0, 0);
        }
        if chars >= skip {
            break;
        }
    }
    if chars < skip {
        chars += decoder.decode(vm, b"", true)?.len();
        cookie.needs_end = true;
        if chars < skip {
            return Err(os_error(vm, "can't reconstruct logical file position"));
        }
    }
    cookie.feed = feed as i32;
    cookie.skip = skip as i32;
    Ok(cookie)
}

pub(super) fn seek(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let whence = c_int_or(vm, args.get(1), 0)?;
    let mut cookie = args.first().cloned().unwrap_or(Value::NONE);
    let (stream, buffer) = opened(vm, this)?;
    let stream = stream.clone();
    if !stream.is_seekable.get() {
        return Err(unsupported(vm, "underlying stream is not seekable"));
    }
    let zero = vm.int(0);
    match whence {
        0 => {}
        1 => {
            if !vm.eq(&cookie, &zero)? {
                return Err(unsupported(vm, "can't do nonzero cur-relative seeks"));
            }
            cookie = call(vm, this, "tell", &[])?;
        }
        2 => {
            if !vm.eq(&cookie, &zero)? {
                return Err(unsupported(vm, "can't do nonzero end-relative seeks"));
            }
            return seek_end(vm, this, &stream, &buffer);
        }
        _ => {
            let message = format!("invalid whence ({whence}, should be 0, 1 or 2)");
            return Err(vm.value_error(message));
        }
    }
    if vm.compare_bool(&cookie, &zero, pyco_exec::object::slots::CompareOp::Lt)? {
        let shown = vm.repr_text(&cookie)?;
        return Err(vm.value_error(format!("negative seek position {shown}")));
    }
    call(vm, this, "flush", &[])?;
    let place = Cookie::unpack(vm, &cookie)?;
    let target = vm.int(place.start);
    call(vm, &buffer, "seek", &[target])?;
    stream.clear_decoded(vm);
    with_decoder(vm, &stream, |vm, decoder| start(vm, decoder, &place))?;
    if place.skip != 0 {
        restore(vm, &stream, &buffer, &place)?;
    } else {
        *stream.snapshot.get_mut(vm) = Some((Vec::new(), place.flags.into()));
    }
    let is_start = place.start == 0 && place.flags == 0;
    with_encoder(vm, &stream, |vm, encoder| encoder.set_start(vm, is_start))?;
    Ok(cookie)
}

/// Decodes what lies between where a decoder can start and the place.
fn restore(vm: &mut Vm, stream: &Ref<TextIo>, buffer: &Value, place: &Cookie) -> PyResult<()> {
    let feed = vm.int(place.feed.into());
    let input = call(vm, buffer, "read", &[feed])?;
    if !pyco_exec::object::buffer::is_bytes_like(vm, &input) {
        let found = vm.type_name(&input);
        return Err(vm.type_error(format!(
            "underlying read() should have returned a bytes object, not '{found}'"
        )));
    }
    let input = pyco_exec::object::buffer::data(vm, &input).to_vec();
    let decoded = with_decoder(vm, stream, |vm, decoder| {
        decoder.decode(vm, &input, place.needs_end)
    })?;
    let decoded = decoded.unwrap_or_default();
    *stream.snapshot.get_mut(vm) = Some((input, place.flags.into()));
    let skip = place.skip.max(0) as usize;
    if decoded.len() < skip {
        return Err(os_error(vm, "can't restore logical file position"));
    }
    *stream.decoded.get_mut(vm) = decoded;
    stream.used.set(skip);
    Ok(())
}

fn seek_end(vm: &mut Vm, this: &Value, stream: &Ref<TextIo>, buffer: &Value) -> PyResult {
    call(vm, this, "flush", &[])?;
    stream.clear_decoded(vm);
    with_decoder(vm, stream, |vm, decoder| decoder.reset(vm))?;
    let arguments = [vm.int(0), vm.int(2)];
    let place = call(vm, buffer, "seek", &arguments)?;
    let zero = vm.int(0);
    let is_start = vm.eq(&place, &zero)?;
    with_encoder(vm, stream, |vm, encoder| encoder.set_start(vm, is_start))?;
    Ok(place)
}
