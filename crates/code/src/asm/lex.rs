//! [`Cursor`]: a place in a line of the text, and the words, numbers and strings that can be read there.
//!
//! Invariant: a cursor only moves forward, by whole characters, and never beyond its line.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use pyco_marshal::Str;

use super::error::Error;

/// A place in a line.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    line: u32,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The start of a line; lines are numbered from 1.
    pub(super) fn new(text: &'a str, line: u32) -> Self {
        Cursor { text, line, at: 0 }
    }

    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// The text that is still to be read.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    }

    /// The next byte after white space; `None` at the end of the line, or of what comes before a comment.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.next_byte().filter(|byte| *byte != b'#')
    }

    fn next_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// An error about what stands here.
    #[cold]
    pub(super) fn fail(&self, reason: impl Into<String>) -> Error {
        let column = self.text[..self.at].chars().count() + 1;
        Error::new(self.line, column as u32, reason)
    }

    /// An error that says what stands here and what should.
    #[cold]
    pub(super) fn expected(&mut self, what: &str) -> Error {
        self.skip_space();
        let rest = self.rest();
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let end = match rest.find(|c| !is_word(c)) {
            Some(0) => rest.chars().next().map_or(0, char::len_utf8),
            Some(end) => end,
            None => rest.len(),
        };
        let mut found = String::from("the end of the line");
        if self.peek().is_some() {
            found = rest[..end].chars().take(40).collect();
        }
        self.fail(format!("found {found}, expected {what}"))
    }

    /// Whether `sign` stands next; if so it is read.
    pub(super) fn eats(&mut self, sign: &str) -> bool {
        self.skip_space();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), Error> {
        if self.eats(sign) {
            Ok(())
        } else {
            Err(self.expected(sign))
        }
    }

    /// A run of ASCII letters, digits, `_` and `.`; empty if there is none.
    pub(super) fn word(&mut self) -> &'a str {
        self.skip_space();
        let rest = self.rest();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        let len = rest.bytes().take_while(|byte| is_word(byte)).count();
        self.at += len;
        &rest[..len]
    }

    /// Whether the next word is `word`; if so it is read.
    pub(super) fn eats_word(&mut self, word: &str) -> bool {
        let mut ahead = self.clone();
        let found = ahead.word() == word;
        if found {
            *self = ahead;
        }
        found
    }

    /// A number of at most 32 bits, decimal or `0x` and hexadecimal.
    pub(super) fn number(&mut self) -> Result<u32, Error> {
        let mut ahead = self.clone();
        let word = ahead.word();
        let number = match word.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => word.parse(),
        };
        match number {
            Ok(number) => {
                *self = ahead;
                Ok(number)
            }
            Err(_) => Err(self.expected("a number up to 4294967295")),
        }
    }

    /// Whether `byte` stands next, which is ASCII; if so it is read.
    pub(super) fn eats_byte(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = byte.is_ascii() && self.next_byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// A decimal number of at most 32 bits, whatever follows it.
    pub(super) fn digits(&mut self) -> Result<u32, Error> {
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        match rest[..len].parse() {
            Ok(number) => {
                self.at += len;
                Ok(number)
            }
            Err(_) => Err(self.expected("a number up to 4294967295")),
        }
    }

    /// The end of the line, or a comment.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the line")),
        }
    }

    /// A str in double quotes.
    pub(super) fn string(&mut self) -> Result<Str, Error> {
        let mut points = Vec::new();
        self.quoted(0x10_ffff, |point| points.push(point))?;
        Ok(Str::from_code_points(points))
    }

    /// What stands in double quotes after `b`, which is read.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.quoted(0xff, |point| bytes.push(point as u8))?;
        Ok(bytes)
    }

    fn quoted(&mut self, greatest: u32, mut take: impl FnMut(u32)) -> Result<(), Error> {
        self.expect("\"")?;
        loop {
            let Some(c) = self.rest().chars().next() else {
                return Err(self.fail("found the end of the line, expected \""));
            };
            let before = self.at;
            self.at += c.len_utf8();
            let point = match c {
                '"' => return Ok(()),
                '\\' => self.escape()?,
                _ => c.into(),
            };
            if point > greatest {
                self.at = before;
                return Err(self.fail(format!(
                    "found code point {point:#x}, expected at most {greatest:#x}"
                )));
            }
            take(point);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<u32, Error> {
        let kind = self.next_byte().unwrap_or(b' ');
        let digits = match kind {
            b'n' | b'r' | b't' | b'\\' | b'"' => 0,
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => return Err(self.fail("expected one of n r t \\ \" x u U after a backslash")),
        };
        self.at += 1;
        if digits == 0 {
            return Ok(match kind {
                b'n' => 10,
                b'r' => 13,
                b't' => 9,
                other => other.into(),
            });
        }
        let text = self.rest().get(..digits).filter(|text| is_hex(text));
        let Some(Ok(point)) = text.map(|text| u32::from_str_radix(text, 16)) else {
            return Err(self.fail(format!("expected {digits} hexadecimal digits")));
        };
        self.at += digits;
        Ok(point)
    }
}

/// Whether a text is hexadecimal digits only: `from_str_radix` takes a sign too.
pub(super) fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
