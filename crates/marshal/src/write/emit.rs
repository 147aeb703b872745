//! The bytes of one object without its parts: type code, sizes, payload.
//!
//! Shared by both writers, which decide what is flagged and what is a reference.

use alloc::vec::Vec;

use zerocopy::IntoBytes;

use crate::text::{self, Words};
use crate::typecode as tc;
use crate::write::float_text::float_text;
use crate::write::{Object, Style, WriteOptions};
use crate::{CodeLayout, Error, ErrorKind, Int, Locals, RawCode, Str};

/// The longest str with a one-byte size, and the largest tuple with a one-byte count, plus one.
const SHORT: usize = 256;

/// What was written so far, and for whom.
pub(super) struct Emitter {
    pub(super) out: Vec<u8>,
    pub(super) options: WriteOptions,
}

impl Emitter {
    pub(super) fn new(options: &WriteOptions) -> Self {
        Self {
            out: Vec::new(),
            options: *options,
        }
    }

    /// Refuses to go on once more is written than allowed.
    #[inline]
    pub(super) fn check_size(&self) -> Result<(), Error> {
        if self.out.len() as u64 > self.options.max_bytes {
            return Err(self.error(ErrorKind::TooMuchMemory(self.options.max_bytes)));
        }
        Ok(())
    }

    pub(super) fn reference(&mut self, index: u32) {
        let [a, b, c, d] = index.to_le_bytes();
        self.out.extend_from_slice(&[tc::REF, a, b, c, d]);
    }

    /// Writes an object without parts; false if it is of another kind.
    #[inline]
    pub(super) fn leaf(
        &mut self,
        object: Object<'_>,
        is_interned: bool,
        flag: u8,
    ) -> Result<bool, Error> {
        match object {
            Object::None => self.out.push(tc::NONE),
            Object::StopIteration => self.out.push(tc::STOP_ITERATION),
            Object::Ellipsis => self.out.push(tc::ELLIPSIS),
            Object::Bool(truth) => self.out.push(if truth { tc::TRUE } else { tc::FALSE }),
            Object::Int(number) => self.int(number, flag)?,
            Object::Float(number) if self.options.marshal_version > 1 => {
                self.out.push(tc::BINARY_FLOAT | flag);
                self.out.extend(number.to_le_bytes());
            }
            Object::Float(number) => {
                self.out.push(tc::FLOAT | flag);
                self.float_text(number);
            }
            Object::Complex(real, imag) if self.options.marshal_version > 1 => {
                self.out.push(tc::BINARY_COMPLEX | flag);
                self.out.extend(real.to_le_bytes());
                self.out.extend(imag.to_le_bytes());
            }
            Object::Complex(real, imag) => {
                self.out.push(tc::COMPLEX | flag);
                self.float_text(real);
                self.float_text(imag);
            }
            Object::Bytes(bytes) | Object::Bytecode(bytes) => {
                self.sized(tc::STRING | flag, bytes, "bytes")?;
            }
            Object::Str(text) => self.str(text, is_interned, flag)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn int(&mut self, number: &Int, flag: u8) -> Result<(), Error> {
        if let Some(number) = number
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
        {
            self.out.push(tc::INT | flag);
            self.out.extend(number.to_le_bytes());
            return Ok(());
        }
        let digits = number.digits();
        let count = self.length(digits.len(), "long")? as i32;
        self.out.push(tc::LONG | flag);
        self.out
            .extend((if number.is_negative() { -count } else { count }).to_le_bytes());
        self.out.extend(digits.flat_map(u16::to_le_bytes));
        Ok(())
    }

    fn float_text(&mut self, number: f64) {
        let text = float_text(number);
        // At most 24 characters.
        self.out.push(text.len() as u8);
        self.out.extend(text.bytes());
    }

    fn str(&mut self, text: &Str, is_interned: bool, flag: u8) -> Result<(), Error> {
        let bytes = text.as_bytes();
        // Whether CPython happens to have interned the characters that it keeps ready depends on
        // what else it ran.
        let is_interned = is_interned
            || (self.options.style == Style::Canonical
                && (bytes.is_empty() || is_latin1_character(bytes)));
        let version = self.options.marshal_version;
        if version < 4 || !bytes.is_ascii() {
            let code = if version >= 3 && is_interned {
                tc::INTERNED
            } else {
                tc::UNICODE
            };
            return self.sized(code | flag, bytes, "str");
        }
        if bytes.len() < SHORT {
            let code = if is_interned {
                tc::SHORT_ASCII_INTERNED
            } else {
                tc::SHORT_ASCII
            };
            self.out.extend([code | flag, bytes.len() as u8]);
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        let code = if is_interned {
            tc::ASCII_INTERNED
        } else {
            tc::ASCII
        };
        self.sized(code | flag, bytes, "str")
    }

    /// Writes a str whose bytes are these words.
    #[inline]
    pub(super) fn short_str(
        &mut self,
        words: &Words,
        text: &Str,
        is_interned: bool,
    ) -> Result<(), Error> {
        if self.options.marshal_version < 4 || !text::is_ascii(words) {
            return self.str(text, is_interned, 0);
        }
        let bytes = words.as_bytes();
        let len = bytes[15];
        // The one character, or none, of a str that CPython keeps ready.
        let code = if is_interned || len <= 1 {
            tc::SHORT_ASCII_INTERNED
        } else {
            tc::SHORT_ASCII
        };
        self.few([code, len], words, len);
        Ok(())
    }

    /// Writes bytes that are these words.
    #[inline]
    pub(super) fn short_bytes(&mut self, words: &Words) {
        let len = words.as_bytes()[15];
        self.few([tc::STRING, len, 0, 0, 0], words, len);
    }

    /// Writes a head and the first `len` bytes of `words`: all of them, of which the rest is taken back,
    /// since a few bytes more cost less than counting.
    #[inline]
    fn few<const HEAD: usize>(&mut self, head: [u8; HEAD], words: &Words, len: u8) {
        let end = self.out.len() + HEAD + usize::from(len);
        let mut bytes = [0; 24];
        bytes[..HEAD].copy_from_slice(&head);
        bytes[HEAD..HEAD + 16].copy_from_slice(words.as_bytes());
        self.out.extend_from_slice(&bytes);
        self.out.truncate(end);
    }

    fn sized(&mut self, byte: u8, bytes: &[u8], what: &'static str) -> Result<(), Error> {
        let len = self.length(bytes.len(), what)?;
        self.out.push(byte);
        self.out.extend(len.to_le_bytes());
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes the head of an object that may have parts, `depth` levels deep.
    pub(super) fn head(&mut self, object: Object<'_>, flag: u8, depth: usize) -> Result<(), Error> {
        if depth as u64 >= u64::from(self.options.max_depth) {
            return Err(self.error(ErrorKind::TooDeep(self.options.max_depth)));
        }
        let version = self.options.marshal_version;
        let (code, count) = match object {
            Object::Tuple(items) if version >= 4 && items.len() < SHORT => {
                self.out.extend([tc::SMALL_TUPLE | flag, items.len() as u8]);
                return Ok(());
            }
            Object::Tuple(items) => (tc::TUPLE, Some(items.len())),
            Object::List(items) => (tc::LIST, Some(items.len())),
            Object::Set(items) => (tc::SET, Some(items.len())),
            Object::FrozenSet(items) => (tc::FROZENSET, Some(items.len())),
            Object::Dict(_) => (tc::DICT, None),
            Object::FrozenDict(_) if version >= 6 => (tc::FROZENDICT, None),
            Object::Slice(_) if version >= 5 => (tc::SLICE, None),
            Object::Code(code) => {
                self.out.push(tc::CODE | flag);
                return self.code_ints(code);
            }
            Object::Slice(_) => return Err(self.unmarshallable("slice")),
            _ => return Err(self.unmarshallable("frozendict")),
        };
        self.out.push(code | flag);
        if let Some(count) = count {
            let count = self.length(count, "container")?;
            self.out.extend(count.to_le_bytes());
        }
        Ok(())
    }

    /// Writes what stands between part `index` and the part before it.
    #[inline]
    pub(super) fn before_part(&mut self, object: Object<'_>, index: usize) {
        if let Object::Code(code) = object
            && index == 8
        {
            self.firstlineno(code);
        }
    }

    pub(super) fn firstlineno(&mut self, code: &RawCode) {
        self.out.extend_from_slice(&code.firstlineno.to_le_bytes());
    }

    /// Writes what stands after the last part.
    #[inline]
    pub(super) fn tail(&mut self, object: Object<'_>) {
        if let Object::Dict(_) | Object::FrozenDict(_) = object {
            self.out.push(tc::NULL);
        }
    }

    fn code_ints(&mut self, code: &RawCode) -> Result<(), Error> {
        let python = self.options.python;
        let (posonlyargcount, kwonlyargcount) = (code.posonlyargcount, code.kwonlyargcount);
        let middle: &[i32] = match (python.code_layout(), &code.locals) {
            (Some(CodeLayout::LocalsPlus), Locals::Plus { .. }) => {
                &[posonlyargcount, kwonlyargcount]
            }
            (Some(CodeLayout::PositionalOnly), Locals::Separate { nlocals, .. }) => {
                &[posonlyargcount, kwonlyargcount, *nlocals]
            }
            (Some(CodeLayout::KeywordOnly), Locals::Separate { nlocals, .. })
                if posonlyargcount == 0 =>
            {
                &[kwonlyargcount, *nlocals]
            }
            (Some(CodeLayout::Python2), _) => {
                return Err(self.error(ErrorKind::NotWritten(python)));
            }
            _ => return Err(self.error(ErrorKind::CodeLayoutMismatch(python))),
        };
        for ints in [&[code.argcount], middle, &[code.stacksize, code.flags]] {
            for int in ints {
                self.out.extend_from_slice(&int.to_le_bytes());
            }
        }
        Ok(())
    }

    fn length(&self, len: usize, what: &'static str) -> Result<u32, Error> {
        match i32::try_from(len) {
            Ok(len) => Ok(len as u32),
            Err(_) => Err(self.error(ErrorKind::TooLong {
                what,
                found: len as u64,
            })),
        }
    }

    fn unmarshallable(&self, what: &'static str) -> Error {
        let version = self.options.marshal_version;
        self.error(ErrorKind::Unmarshallable { what, version })
    }

    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.out.len())
    }
}

/// Is it the one character of a str that CPython keeps ready?
pub(super) fn is_latin1_character(bytes: &[u8]) -> bool {
    matches!(bytes, [_] | [0xc2 | 0xc3, _])
}
