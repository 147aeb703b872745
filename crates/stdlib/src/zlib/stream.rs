//! Streams of zlib-rs that write into output of any size, and that can be doubled.
//!
//! The crate cannot copy a stream. So each keeps what went into it as long as that is little, and its copy is a new stream that was fed the same.

use std::borrow::Cow;

use pyco_exec::object::buffer::{as_bytes_like, data};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::{PyResult, Raised, Value, Vm};
use zlib_rs::{
    Deflate, DeflateConfig, DeflateError, DeflateFlush, Inflate, InflateError, InflateFlush,
    Method, Status, Strategy,
};

use super::complain;

/// The bytes of an argument. Those of a bytes object are not copied.
pub(super) fn input<'a>(vm: &mut Vm, value: &'a Value) -> PyResult<Cow<'a, [u8]>> {
    if let Some(bytes) = value.downcast::<Bytes>() {
        return Ok(Cow::Borrowed(bytes.data()));
    }
    let bytes = as_bytes_like(vm, value)?;
    Ok(Cow::Owned(data(vm, &bytes).to_vec()))
}

/// Bytes that grow as they are written, up to a limit if there is one.
struct Output {
    bytes: Vec<u8>,
    len: usize,
    limit: usize,
}

/// What an output starts with.
const FIRST_ROOM: usize = 16 * 1024;

impl Output {
    fn new(limit: Option<usize>) -> Output {
        Output {
            bytes: Vec::new(),
            len: 0,
            limit: limit.unwrap_or(usize::MAX),
        }
    }

    /// Where to write next: at least one byte, unless the limit is reached.
    fn room(&mut self, vm: &mut Vm) -> PyResult<&mut [u8]> {
        if self.len == self.bytes.len() {
            let new = self.len.saturating_mul(2).max(FIRST_ROOM).min(self.limit);
            vm.check_growth(new)?;
            self.bytes.resize(new, 0);
        }
        Ok(&mut self.bytes[self.len..])
    }

    fn is_full(&self) -> bool {
        self.len == self.bytes.len()
    }

    fn is_at_limit(&self) -> bool {
        self.len == self.limit
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes.shrink_to_fit();
        self.bytes
    }
}

/// As much as is kept for copies: about what a stream takes itself.
const MOST_KEPT: usize = 256 * 1024;

/// What went into a stream, call by call; nothing once it was too much.
struct Kept<C> {
    calls: Option<Vec<C>>,
    len: usize,
}

impl<C> Kept<C> {
    fn new() -> Kept<C> {
        Kept {
            calls: Some(Vec::new()),
            len: 0,
        }
    }

    /// Keeps a call with so many bytes of input.
    fn push(&mut self, len: usize, call: impl FnOnce() -> C) {
        self.len += len + size_of::<C>();
        match &mut self.calls {
            Some(calls) if self.len <= MOST_KEPT => calls.push(call()),
            _ => self.calls = None,
        }
    }
}

#[cold]
fn too_long_to_copy(vm: &mut Vm, what: &str) -> Raised {
    vm.not_implemented(format!(
        "copy of a zlib.{what} object after more than {MOST_KEPT} bytes"
    ))
}

/// A stream that compresses.
pub(super) struct Deflater {
    stream: Deflate,
    config: DeflateConfig,
    dictionary: Option<Vec<u8>>,
    kept: Kept<(Vec<u8>, DeflateFlush)>,
}

impl Deflater {
    /// A stream with these parameters of `deflateInit2`, if they are valid.
    pub(super) fn new(
        level: i32,
        method: i32,
        wbits: i32,
        mem_level: i32,
        strategy: i32,
    ) -> Option<Deflater> {
        let is_valid = matches!(wbits, -15..=-9 | 8..=15 | 25..=31)
            && (-1..=9).contains(&level)
            && (1..=9).contains(&mem_level);
        if !is_valid {
            return None;
        }
        let config = DeflateConfig {
            level,
            method: Method::try_from(method).ok()?,
            window_bits: wbits,
            mem_level,
            strategy: Strategy::try_from(strategy).ok()?,
        };
        Some(Deflater {
            stream: Deflate::new_with_config(config),
            config,
            dictionary: None,
            kept: Kept::new(),
        })
    }

    /// Begins with a dictionary.
    pub(super) fn set_dictionary(&mut self, dictionary: Vec<u8>) -> Result<(), DeflateError> {
        self.stream.set_dictionary(&dictionary)?;
        self.dictionary = Some(dictionary);
        Ok(())
    }

    /// Compresses `input`; gives what came out, and whether the stream has ended.
    pub(super) fn run(
        &mut self,
        vm: &mut Vm,
        input: &[u8],
        flush: DeflateFlush,
    ) -> PyResult<Result<(Vec<u8>, bool), DeflateError>> {
        self.kept.push(input.len(), || (input.to_vec(), flush));
        let (mut input, mut output) = (input, Output::new(None));
        loop {
            // More than this at a time does not fit zlib's counters.
            let now = &input[..input.len().min(1 << 30)];
            let is_last = now.len() == input.len();
            let how = if is_last {
                flush
            } else {
                DeflateFlush::NoFlush
            };
            let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
            let status = self.stream.compress(now, output.room(vm)?, how);
            let consumed = (self.stream.total_in() - before_in) as usize;
            output.len += (self.stream.total_out() - before_out) as usize;
            input = &input[consumed..];
            match status {
                Err(error) => return Ok(Err(error)),
                Ok(Status::StreamEnd) => return Ok(Ok((output.finish(), true))),
                Ok(_) if output.is_full() || !is_last => {}
                Ok(_) => return Ok(Ok((output.finish(), false))),
            }
        }
    }

    /// Another stream in the same state.
    pub(super) fn copy(&self, vm: &mut Vm) -> PyResult<Deflater> {
        let Some(calls) = &self.kept.calls else {
            return Err(too_long_to_copy(vm, "Compress"));
        };
        let mut copy = Deflater {
            stream: Deflate::new_with_config(self.config),
            config: self.config,
            dictionary: None,
            kept: Kept::new(),
        };
        if let Some(dictionary) = &self.dictionary {
            // It was accepted once.
            let _ = copy.set_dictionary(dictionary.clone());
        }
        for (input, flush) in calls {
            let _ = copy.run(vm, input, *flush)?;
        }
        Ok(copy)
    }
}

/// What went wrong in a stream that decompresses: zlib's number, and its words for it.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    code: i32,
    detail: Option<&'static str>,
    /// Whether it was the dictionary.
    is_dictionary: bool,
}

impl Failure {
    /// The `zlib.error` for it.
    pub(super) fn raise(&self, vm: &mut Vm, doing: &str) -> Raised {
        let doing = match self.is_dictionary {
            true => "while setting zdict",
            false => doing,
        };
        complain(vm, self.code, doing, self.detail)
    }

    /// Whether a dictionary is needed.
    pub(super) fn needs_dictionary(&self) -> bool {
        self.code == 2
    }

    /// Whether a dictionary was there, but a wrong one.
    pub(super) fn is_dictionary(&self) -> bool {
        self.is_dictionary
    }
}

/// What came of some input.
pub(super) struct Inflated {
    pub(super) output: Vec<u8>,
    /// How many bytes of the input were used.
    pub(super) consumed: usize,
    /// Whether the stream has ended.
    pub(super) is_end: bool,
    pub(super) failure: Option<Failure>,
}

/// One call of [`Inflater::run`]: the bytes that it used, the limit of its output, and how it ended.
struct InflateCall {
    input: Vec<u8>,
    limit: Option<usize>,
    flush: InflateFlush,
}

/// A stream that decompresses.
pub(super) struct Inflater {
    stream: Inflate,
    wbits: i32,
    first_dictionary: Option<Vec<u8>>,
    later_dictionary: Option<Vec<u8>>,
    kept: Kept<InflateCall>,
    /// What was wrong with the data; it stays so.
    failed: Option<Failure>,
}

impl Inflater {
    /// A stream with this parameter of `inflateInit2`, if it is valid.
    pub(super) fn new(wbits: i32) -> Option<Inflater> {
        let is_valid = matches!(wbits, -15..=-8 | 0 | 8..=16 | 24..=32 | 40..=47);
        is_valid.then(|| Inflater {
            stream: Inflate::new(wbits >= 0, wbits.unsigned_abs() as u8),
            wbits,
            first_dictionary: None,
            later_dictionary: None,
            kept: Kept::new(),
            failed: None,
        })
    }

    /// Begins with a dictionary, as a stream without a header may.
    pub(super) fn set_first_dictionary(&mut self, dictionary: Vec<u8>) -> Result<(), Failure> {
        set_dictionary(&mut self.stream, &dictionary)?;
        self.first_dictionary = Some(dictionary);
        Ok(())
    }

    /// Decompresses `input`, to at most `limit` bytes; with `dictionary` where the stream asks for one.
    pub(super) fn run(
        &mut self,
        vm: &mut Vm,
        input: &[u8],
        limit: Option<usize>,
        flush: InflateFlush,
        dictionary: Option<&[u8]>,
    ) -> PyResult<Inflated> {
        let (mut rest, mut output) = (input, Output::new(limit));
        let (is_end, failure) = loop {
            if self.failed.is_some() {
                break (false, self.failed);
            }
            let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
            let status = self.stream.decompress(rest, output.room(vm)?, flush);
            let consumed = (self.stream.total_in() - before_in) as usize;
            let written = (self.stream.total_out() - before_out) as usize;
            rest = &rest[consumed..];
            output.len += written;
            match (status, dictionary) {
                (Err(InflateError::NeedDict { .. }), Some(bytes)) => {
                    if let Err(failure) = set_dictionary(&mut self.stream, bytes) {
                        break (false, Some(failure));
                    }
                    self.later_dictionary = Some(bytes.to_vec());
                }
                (Err(error), _) => {
                    let failure = Failure {
                        code: code_of(error),
                        detail: self.stream.error_message(),
                        is_dictionary: false,
                    };
                    self.failed = Some(failure).filter(|failure| failure.code == -3);
                    break (false, Some(failure));
                }
                (Ok(Status::StreamEnd), _) => break (true, None),
                (Ok(_), _) if output.is_at_limit() => break (false, None),
                (Ok(_), _) if output.is_full() => {}
                (Ok(_), _) if rest.is_empty() || consumed + written == 0 => break (false, None),
                (Ok(_), _) => {}
            }
        };
        let consumed = input.len() - rest.len();
        self.kept.push(consumed, || InflateCall {
            input: input[..consumed].to_vec(),
            limit,
            flush,
        });
        Ok(Inflated {
            output: output.finish(),
            consumed,
            is_end,
            failure,
        })
    }

    /// Another stream in the same state.
    pub(super) fn copy(&self, vm: &mut Vm) -> PyResult<Inflater> {
        let (Some(calls), Some(mut copy)) = (&self.kept.calls, Inflater::new(self.wbits)) else {
            return Err(too_long_to_copy(vm, "Decompress"));
        };
        if let Some(dictionary) = &self.first_dictionary {
            // It was accepted once.
            let _ = copy.set_first_dictionary(dictionary.clone());
        }
        for call in calls {
            let dictionary = self.later_dictionary.as_deref();
            copy.run(vm, &call.input, call.limit, call.flush, dictionary)?;
        }
        Ok(copy)
    }
}

fn set_dictionary(stream: &mut Inflate, dictionary: &[u8]) -> Result<(), Failure> {
    match stream.set_dictionary(dictionary) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure {
            code: code_of(error),
            detail: stream.error_message(),
            is_dictionary: true,
        }),
    }
}

/// zlib's number of an error.
fn code_of(error: InflateError) -> i32 {
    match error {
        InflateError::NeedDict { .. } => 2,
        InflateError::StreamError => -2,
        InflateError::DataError => -3,
        InflateError::MemError => -4,
    }
}
