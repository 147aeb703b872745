//! One line of a listing, built field by field, and the line numbers that go beside it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::code_object::CodeObject;
use crate::op::Op;

/// The numbers of two digits.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut at = 0;
    while at < 100 {
        pairs[at] = [b'0' + (at / 10) as u8, b'0' + (at % 10) as u8];
        at += 1;
    }
    pairs
};

/// How much text is gathered before it is handed on, in bytes.
const PIECE: usize = 4096;

/// The names of all opcodes, in fields of a size that one copy of fixed size fills.
const NAME_FIELDS: [[u8; NAME_FIELD]; Op::NAMES.len()] = name_fields();
const NAME_FIELD: usize = 32;

const fn name_fields() -> [[u8; NAME_FIELD]; Op::NAMES.len()] {
    let mut fields = [[b' '; NAME_FIELD]; Op::NAMES.len()];
    let mut op = 0;
    while op < fields.len() {
        let name = Op::NAMES[op].as_bytes();
        let mut at = 0;
        while at < name.len() && at < NAME_FIELD {
            fields[op][at] = name[at];
            at += 1;
        }
        op += 1;
    }
    fields
}

/// A line in the making, and behind it those that were not handed on yet.
///
/// Most fields are short and of a known greatest size, so they are copied with that size and the rest is overwritten
/// by the next field: a copy of a size that is known is two instructions, any other a call.
#[derive(Default)]
pub(crate) struct Line {
    /// Text up to `len`, then room.
    buffer: Vec<u8>,
    len: usize,
    /// Where the line begins.
    start: usize,
}

impl Line {
    /// Puts the first `count` bytes of a field.
    #[inline(always)]
    fn put<const N: usize>(&mut self, field: &[u8; N], count: usize) {
        match self.buffer.get_mut(self.len..self.len + N) {
            Some(room) => room.copy_from_slice(field),
            None => self.put_at_end(field),
        }
        self.len += count;
    }

    #[cold]
    #[inline(never)]
    fn put_at_end(&mut self, field: &[u8]) {
        self.buffer.truncate(self.len);
        self.buffer.extend_from_slice(field);
        let room = (2 * self.buffer.len()).max(64);
        self.buffer.resize(room, 0);
    }

    /// Puts text in ASCII.
    #[inline]
    pub(super) fn push_ascii(&mut self, text: &[u8]) {
        match self.buffer.get_mut(self.len..self.len + text.len()) {
            Some(room) => room.copy_from_slice(text),
            None => self.put_at_end(text),
        }
        self.len += text.len();
    }

    #[inline]
    pub(super) fn push(&mut self, text: &str) {
        self.push_ascii(text.as_bytes());
    }

    /// Puts a text that is known where this is compiled.
    #[inline(always)]
    pub(super) fn push_fixed<const N: usize>(&mut self, text: &[u8; N]) {
        self.put(text, N);
    }

    #[inline]
    pub(super) fn spaces(&mut self, count: usize) {
        let mut left = count;
        while left > 0 {
            let now = left.min(32);
            self.put(&[b' '; 32], now);
            left -= now;
        }
    }

    /// A number, at the right of a field of that width.
    #[inline]
    pub(super) fn number(&mut self, number: i64, width: usize) {
        if let 0..100 = number
            && width <= 8
        {
            let [tens, ones] = PAIRS[number as usize];
            let is_short = number < 10;
            let tens = if is_short { b' ' } else { tens };
            let field = u64::from_le_bytes([b' ', b' ', b' ', b' ', b' ', b' ', tens, ones]);
            let width = width.max(2 - usize::from(is_short));
            let field = field >> (8 * (8 - width));
            return self.put(&field.to_le_bytes(), width);
        }
        self.long_number(number, width);
    }

    #[inline(never)]
    fn long_number(&mut self, number: i64, width: usize) {
        let left = number.unsigned_abs();
        let digit_count = left.checked_ilog10().unwrap_or(0) as usize + 1;
        self.spaces(width.saturating_sub(digit_count + usize::from(number < 0)));
        if number < 0 {
            self.push_fixed(b"-");
        }
        self.digits(left);
    }

    fn digits(&mut self, number: u64) {
        if number < 10 {
            return self.push_fixed(&[b'0' + number as u8]);
        }
        if number >= 100 {
            self.digits(number / 100);
        }
        self.push_fixed(&PAIRS[(number % 100) as usize]);
    }

    /// A text, at the left of a field of that width.
    pub(super) fn left(&mut self, text: &str, width: usize) {
        self.push(text);
        self.spaces(width.saturating_sub(text.len()));
    }

    /// How long the line is, in bytes.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len - self.start
    }

    /// Takes back what the line has beyond `len`.
    #[inline]
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(self.start + len);
    }

    /// Ends the line without the spaces at its end, hands it on or keeps it for later, and starts anew.
    #[inline]
    pub(super) fn end<W: Write>(&mut self, out: &mut W) -> fmt::Result {
        let line = &self.buffer[self.start..self.len];
        // Python strips all white space of the line's end, not only the field padding.
        if !line.last().is_some_and(u8::is_ascii_graphic) {
            let len = text(line).trim_end().len();
            self.truncate(len);
        }
        self.end_unstripped(out)
    }

    #[inline]
    pub(super) fn end_unstripped<W: Write>(&mut self, out: &mut W) -> fmt::Result {
        self.push_fixed(b"\n");
        self.start = self.len;
        if self.len >= PIECE {
            self.flush(out)
        } else {
            Ok(())
        }
    }

    /// Hands on what there is.
    #[inline(never)]
    pub(super) fn flush<W: Write>(&mut self, out: &mut W) -> fmt::Result {
        let written = out.write_str(&text(&self.buffer[..self.len]));
        self.len = 0;
        self.start = 0;
        written
    }

    /// What there is, as text.
    pub(crate) fn into_string(mut self) -> String {
        self.buffer.truncate(self.len);
        text(&self.buffer).into_owned()
    }
}

/// Bytes that were pushed as text.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// The number of characters of a number in decimal.
pub(super) fn decimal_len(number: u32) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// The name that `dis` shows for an opcode, at the left of a field of 20; returns its length.
#[inline]
pub(super) fn push_opname(line: &mut Line, raw: u8, op: Option<Op>) -> usize {
    const WIDTH: usize = 20;
    match op {
        Some(op) => {
            let len = op.name().len();
            if len > NAME_FIELD {
                line.push(op.name());
            } else {
                line.put(&NAME_FIELDS[op as usize], len.max(WIDTH));
            }
            len
        }
        None => {
            let before = line.len();
            line.push_fixed(b"<");
            line.number(i64::from(raw), 0);
            line.push_fixed(b">");
            let len = line.len() - before;
            line.spaces(WIDTH.saturating_sub(len));
            len
        }
    }
}

/// `dict(dis.findlinestarts(code))`, and a cursor in it.
pub(super) struct LineStarts {
    starts: Vec<(u32, Option<u32>)>,
    at: usize,
    error: Option<pyco_linetable::Error>,
}

impl LineStarts {
    pub(super) fn of(code: &CodeObject) -> Self {
        let mut starts: Vec<(u32, Option<u32>)> = Vec::new();
        let mut error = None;
        for start in code.line_starts() {
            match start {
                Ok((offset, line)) => match starts.last_mut() {
                    // As in a dict, the last line of an offset counts.
                    Some(last) if last.0 == offset.0 => last.1 = line,
                    _ => starts.push((offset.0, line)),
                },
                Err(found) => error = Some(found),
            }
        }
        LineStarts {
            starts,
            at: 0,
            error,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The lines, `None` for code without one.
    pub(super) fn lines(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        self.starts.iter().map(|(_, line)| *line)
    }

    /// The line that starts at `offset`; to be asked in ascending order of offsets.
    pub(super) fn starting_at(&mut self, offset: u32) -> Option<Option<u32>> {
        while self
            .starts
            .get(self.at)
            .is_some_and(|(start, _)| *start < offset)
        {
            self.at += 1;
        }
        let (start, line) = self.starts.get(self.at)?;
        (*start == offset).then_some(*line)
    }

    /// Says why the table could not be read to its end, if it could not.
    pub(super) fn write_error<W: Write>(&self, out: &mut W) -> fmt::Result {
        match &self.error {
            Some(error) => super::write_error("LocationTable", error, out),
            None => Ok(()),
        }
    }
}
