//! One line of a listing, built field by field, and the line numbers that go beside it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::code_object::CodeObject;

/// The numbers of two digits.
const PAIRS: &str = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// A line in the making; its room is used again for the next.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) text: String,
}

impl Line {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn spaces(&mut self, count: usize) {
        const SPACES: &str = "                                ";
        let mut left = count;
        while left > 0 {
            let now = left.min(SPACES.len());
            self.text.push_str(&SPACES[..now]);
            left -= now;
        }
    }

    /// A number, at the right of a field of that width.
    pub(super) fn number(&mut self, number: i64, width: usize) {
        let left = number.unsigned_abs();
        let digit_count = left.checked_ilog10().unwrap_or(0) as usize + 1;
        self.spaces(width.saturating_sub(digit_count + usize::from(number < 0)));
        if number < 0 {
            self.text.push('-');
        }
        self.digits(left);
    }

    fn digits(&mut self, number: u64) {
        if number < 10 {
            return self.text.push((b'0' + number as u8) as char);
        }
        if number >= 100 {
            self.digits(number / 100);
        }
        let at = 2 * (number % 100) as usize;
        self.text.push_str(&PAIRS[at..at + 2]);
    }

    /// A text, at the left of a field of that width.
    pub(super) fn left(&mut self, text: &str, width: usize) {
        self.push(text);
        self.spaces(width.saturating_sub(text.len()));
    }

    /// Ends the line without the spaces at its end, writes it and starts anew.
    pub(super) fn end<W: Write>(&mut self, out: &mut W) -> fmt::Result {
        // Python strips all white space of the line's end, not only the field padding.
        if !self
            .text
            .as_bytes()
            .last()
            .is_some_and(u8::is_ascii_graphic)
        {
            let len = self.text.trim_end().len();
            self.text.truncate(len);
        }
        self.end_unstripped(out)
    }

    pub(super) fn end_unstripped<W: Write>(&mut self, out: &mut W) -> fmt::Result {
        self.text.push('\n');
        out.write_str(&self.text)?;
        self.text.clear();
        Ok(())
    }
}

/// The number of characters of a number in decimal.
pub(super) fn decimal_len(number: u32) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

/// The name that `dis` shows for an opcode.
pub(super) fn push_opname(line: &mut Line, raw: u8, name: Option<&str>, width: usize) -> usize {
    match name {
        Some(name) => {
            line.left(name, width);
            name.len()
        }
        None => {
            let before = line.text.len();
            line.push("<");
            line.number(i64::from(raw), 0);
            line.push(">");
            let len = line.text.len() - before;
            line.spaces(width.saturating_sub(len));
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
