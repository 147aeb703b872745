//! Tokens of Python source, one at a time.
//!
//! Invariant: `pos <= limit <= text.len()` and both are character boundaries, so slicing never panics. Newlines
//! inside brackets are skipped here; outside they are tokens.

use super::{Parsed, Refused};
use crate::traceback::version::Version;

/// The deepest nesting of brackets and of recursive rules together. CPython's own limit is 200 open brackets.
pub(super) const MAX_DEPTH: u32 = 200;

/// Words that cannot be identifiers.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Operators of three, two and one characters; the longest match wins.
const OPERATORS: [&str; 47] = [
    "**=", "//=", ">>=", "<<=", "...", "!=", "->", ":=", "==", "<=", ">=", "**", "//", "<<", ">>",
    "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "(", ")", "[", "]", "{", "}", ",", ":",
    ".", ";", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "~", "@",
];

/// One token; texts are slices of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An identifier, soft keywords included.
    Name(&'a str),
    /// A keyword.
    Keyword(&'a str),
    /// A number.
    Number,
    /// The start of a string literal: its prefix; the lexer stands at the quote.
    StringStart(&'a str),
    /// An operator or bracket.
    Op(&'static str),
    /// The `!` that only a replacement field may have.
    Bang,
    /// The end of a line outside brackets.
    Newline,
    /// The end of the text.
    End,
}

/// A token and its extent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spanned<'a> {
    pub(super) token: Token<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts a text into tokens. Cheap to copy, so that a rule may look ahead and come back.
#[derive(Clone, Copy)]
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    /// Where the next token is looked for.
    pub(super) pos: usize,
    /// The text ends here as far as this lexer is concerned.
    pub(super) limit: usize,
    /// How many brackets are open.
    pub(super) brackets: u32,
    /// How deep the rules have recursed.
    pub(super) depth: u32,
    /// The bracket depth at which `:` ends an expression, inside a replacement field of an f-string.
    pub(super) field_depth: Option<u32>,
    /// The end of the last token taken.
    pub(super) last_end: usize,
    pub(super) version: Version,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, version: Version) -> Self {
        Self {
            text,
            pos: 0,
            limit: text.len(),
            brackets: 0,
            depth: 0,
            field_depth: None,
            last_end: 0,
            version,
        }
    }

    /// What is left to read.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.pos..self.limit]
    }

    fn skip_blank(&mut self) -> Parsed<()> {
        loop {
            let rest = self.rest();
            let skipped = match rest.as_bytes().first() {
                Some(b' ' | b'\t' | b'\x0c') => 1,
                Some(b'#') => rest.find('\n').unwrap_or(rest.len()),
                Some(b'\n') if self.brackets > 0 => 1,
                Some(b'\\') if rest.len() > 2 && rest.as_bytes()[1] == b'\n' => 2,
                Some(b'\\') => return Err(Refused),
                _ => return Ok(()),
            };
            self.pos += skipped;
        }
    }

    /// What the next token depends on.
    pub(super) fn position(&self) -> (usize, usize, u32, Option<u32>) {
        (self.pos, self.limit, self.brackets, self.field_depth)
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Parsed<Spanned<'a>> {
        self.skip_blank()?;
        let start = self.pos;
        let token = self.token()?;
        self.last_end = self.pos;
        Ok(Spanned {
            token,
            start,
            end: self.pos,
        })
    }

    fn token(&mut self) -> Parsed<Token<'a>> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(Token::End);
        };
        if first == '\n' {
            self.pos += 1;
            return Ok(Token::Newline);
        }
        if is_identifier_start(first) {
            return self.word();
        }
        let second_is_digit = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if first.is_ascii_digit() || (first == '.' && second_is_digit) {
            let length = number_length(rest).ok_or(Refused)?;
            self.pos += length;
            return Ok(Token::Number);
        }
        if first == '"' || first == '\'' {
            return Ok(Token::StringStart(&rest[..0]));
        }
        self.operator(rest)
    }

    fn word(&mut self) -> Parsed<Token<'a>> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !is_identifier_continue(c))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        self.pos += length;
        let quoted = matches!(rest.as_bytes().get(length), Some(b'"' | b'\''));
        if quoted && is_string_prefix(word, self.version) {
            return Ok(Token::StringStart(word));
        }
        Ok(if KEYWORDS.contains(&word) {
            Token::Keyword(word)
        } else {
            Token::Name(word)
        })
    }

    fn operator(&mut self, rest: &str) -> Parsed<Token<'a>> {
        let found = OPERATORS.iter().find(|op| rest.starts_with(**op));
        let Some(mut op) = found.copied() else {
            let is_bang = rest.starts_with('!') && self.field_depth == Some(self.brackets);
            self.pos += usize::from(is_bang);
            return if is_bang {
                Ok(Token::Bang)
            } else {
                Err(Refused)
            };
        };
        if op == ":=" && self.field_depth == Some(self.brackets) {
            op = ":";
        }
        match op {
            "(" | "[" | "{" => self.open_bracket()?,
            ")" | "]" | "}" => self.brackets = self.brackets.checked_sub(1).ok_or(Refused)?,
            _ => {}
        }
        self.pos += op.len();
        Ok(Token::Op(op))
    }

    /// Counts one more open bracket.
    pub(super) fn open_bracket(&mut self) -> Parsed<()> {
        self.brackets += 1;
        if self.brackets > MAX_DEPTH {
            return Err(Refused);
        }
        Ok(())
    }
}

fn is_identifier_start(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!c.is_ascii() && unicode_ident::is_xid_start(c))
}

pub(super) fn is_identifier_continue(c: char) -> bool {
    is_identifier_start(c)
        || c.is_ascii_digit()
        || (!c.is_ascii() && unicode_ident::is_xid_continue(c))
}

fn is_string_prefix(word: &str, version: Version) -> bool {
    if word.len() > 2 {
        return false;
    }
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "r" | "u" | "b" | "f" | "br" | "rb" | "fr" | "rf" => true,
        "t" | "tr" | "rt" => version >= Version::V3_14,
        _ => false,
    }
}

/// The length in bytes of the number that `text` starts with, if what follows may follow a number.
fn number_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let radix = match bytes.get(..2) {
        Some(b"0x" | b"0X") => Some(16),
        Some(b"0o" | b"0O") => Some(8),
        Some(b"0b" | b"0B") => Some(2),
        _ => None,
    };
    let end = match radix {
        Some(radix) => {
            let end = digits_end(bytes, 2, radix, true)?;
            let is_digit_next = bytes.get(end).is_some_and(u8::is_ascii_digit);
            (end > 2 && !is_digit_next).then_some(end)?
        }
        None => decimal_end(bytes)?,
    };
    let next = &text[end..];
    let follows_well = match next.chars().next() {
        Some(c) if is_identifier_start(c) => may_follow_number(next),
        _ => true,
    };
    follows_well.then_some(end)
}

/// CPython still reads `1if x else y`, so a number may be followed at once by one of these keywords.
fn may_follow_number(next: &str) -> bool {
    ["and", "else", "for", "if", "in", "is", "not", "or"]
        .iter()
        .any(|keyword| next.starts_with(keyword))
}

/// Where a run of digits with single underscores between them ends; `None` after a stray underscore.
fn digits_end(bytes: &[u8], start: usize, radix: u32, leading_underscore: bool) -> Option<usize> {
    let mut end = start;
    loop {
        let is_underscore = bytes.get(end) == Some(&b'_') && (end > start || leading_underscore);
        let digit_at = end + usize::from(is_underscore);
        let is_digit = bytes
            .get(digit_at)
            .is_some_and(|byte| char::from(*byte).is_digit(radix));
        match (is_digit, is_underscore) {
            (true, _) => end = digit_at + 1,
            (false, true) => return None,
            (false, false) => return Some(end),
        }
    }
}

fn decimal_end(bytes: &[u8]) -> Option<usize> {
    let whole_end = digits_end(bytes, 0, 10, false)?;
    let mut end = whole_end;
    let mut is_float = false;
    if bytes.get(end) == Some(&b'.') {
        is_float = true;
        end = digits_end(bytes, end + 1, 10, false)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let digits = end + 1 + sign;
        if bytes.get(digits).is_some_and(u8::is_ascii_digit) {
            is_float = true;
            end = digits_end(bytes, digits, 10, false)?;
        } else if sign == 1 {
            return None;
        }
    }
    if let Some(b'j' | b'J') = bytes.get(end) {
        return Some(end + 1);
    }
    let has_leading_zero =
        bytes[0] == b'0' && bytes[..whole_end].iter().any(|b| *b > b'0' && *b <= b'9');
    (is_float || !has_leading_zero).then_some(end)
}
