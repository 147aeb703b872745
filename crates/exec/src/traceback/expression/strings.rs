//! String literals: where they end, and whether they are well formed, replacement fields included.
//!
//! Invariant: the lexer stands at the opening quote when a rule here is entered and just past the closing one
//! when it is left. Since 3.12 an f-string is part of the grammar (its fields may hold the same quote again);
//! before, its end was found first, as for any string.

use super::lexer::{Lexer, Token};
use super::{Kind, Node, Parsed, Parser, Refused};
use crate::traceback::version::Version;

/// What can be said of a literal before it is read.
#[derive(Clone, Copy)]
struct Style {
    is_raw: bool,
    is_bytes: bool,
    is_formatted: bool,
    is_template: bool,
    quote: u8,
    is_triple: bool,
}

impl Style {
    fn new(prefix: &str, rest: &str) -> Parsed<Self> {
        let has = |letter: u8| prefix.bytes().any(|b| b.eq_ignore_ascii_case(&letter));
        let quote = *rest.as_bytes().first().ok_or(Refused)?;
        Ok(Self {
            is_raw: has(b'r'),
            is_bytes: has(b'b'),
            is_formatted: has(b'f') || has(b't'),
            is_template: has(b't'),
            quote,
            is_triple: rest.len() >= 3 && rest.bytes().take(3).all(|b| b == quote),
        })
    }

    fn quote_length(self) -> usize {
        if self.is_triple { 3 } else { 1 }
    }

    fn closes(self, rest: &[u8]) -> bool {
        let length = self.quote_length();
        rest.len() >= length && rest[..length].iter().all(|b| *b == self.quote)
    }
}

impl Parser<'_> {
    /// One literal or several side by side, the first one's prefix being taken already.
    pub(super) fn strings(&mut self, start: usize, first_prefix: &str) -> Parsed {
        let first = self.literal(first_prefix)?;
        while let Token::StringStart(prefix) = self.peek()? {
            self.take()?;
            let next = self.literal(prefix)?;
            if next.is_bytes != first.is_bytes || next.is_template != first.is_template {
                return Err(Refused);
            }
        }
        Ok(Node::new(Kind::Other, start, self.lexer.last_end))
    }

    fn literal(&mut self, prefix: &str) -> Parsed<Style> {
        let style = Style::new(prefix, self.lexer.rest())?;
        self.lexer.pos += style.quote_length();
        if style.is_formatted && self.version >= Version::V3_12 {
            self.formatted(style)?;
        } else {
            let end = plain_end(&self.lexer, style)?;
            if style.is_formatted {
                let limit = std::mem::replace(&mut self.lexer.limit, end);
                self.formatted(style)?;
                self.lexer.limit = limit;
            } else {
                check_plain(&self.lexer.text[self.lexer.pos..end], style)?;
            }
            self.lexer.pos = end;
        }
        self.lexer.pos += style.quote_length();
        self.lexer.last_end = self.lexer.pos;
        Ok(style)
    }

    /// Literal parts and replacement fields, up to the closing quote, or up to the limit if that was found first.
    fn formatted(&mut self, style: Style) -> Parsed<()> {
        let is_end_known = self.version < Version::V3_12;
        loop {
            let rest = self.lexer.rest().as_bytes();
            if rest.is_empty() {
                return if is_end_known { Ok(()) } else { Err(Refused) };
            }
            if !is_end_known && style.closes(rest) {
                return Ok(());
            }
            match (rest[0], rest.get(1)) {
                (b'{', Some(b'{')) | (b'}', Some(b'}')) => self.lexer.pos += 2,
                (b'{', _) => self.nested(|parser| parser.field(style, 0))?,
                (b'}', _) => return Err(Refused),
                _ => self.literal_character(style)?,
            }
        }
    }

    /// One character of a literal part or of a format spec, an escape counting as one.
    fn literal_character(&mut self, style: Style) -> Parsed<()> {
        let rest = self.lexer.rest();
        let bytes = rest.as_bytes();
        let length = match bytes[0] {
            b'\\' if matches!(bytes.get(1), Some(b'{' | b'}')) => 1,
            b'\\' if style.is_raw => 1 + next_character_length(&rest[1..])?,
            b'\\' => escape_length(rest, false)?,
            b'\n' if !style.is_triple => return Err(Refused),
            _ => next_character_length(rest)?,
        };
        self.lexer.pos += length;
        Ok(())
    }

    /// `{expression = !r : spec}`, from its opening brace on; `level` counts the fields around it.
    fn field(&mut self, style: Style, level: u32) -> Parsed<()> {
        self.lexer.pos += 1;
        self.lexer.open_bracket()?;
        let outer_depth = self.lexer.field_depth.replace(self.lexer.brackets);
        let start = self.lexer.pos;
        let node = self.statement_expression()?;
        let text = &self.lexer.text[start..self.lexer.last_end];
        let is_refused_early = level > 1 || node.kind == Kind::Starred || text.contains('\\');
        if self.version < Version::V3_12 && is_refused_early {
            return Err(Refused);
        }
        self.take_op("=")?;
        if self.peek()? == Token::Bang {
            self.take()?;
            let is_conversion = matches!(
                self.lexer.rest().as_bytes().first(),
                Some(b's' | b'r' | b'a')
            );
            if !is_conversion || self.expect_name()?.len() != 1 {
                return Err(Refused);
            }
        }
        if self.take_op(":")? {
            self.format_spec(style, level + 1)?;
        } else {
            self.expect_op("}")?;
        }
        self.lexer.field_depth = outer_depth;
        Ok(())
    }

    /// A format spec and the brace that ends the field.
    fn format_spec(&mut self, style: Style, level: u32) -> Parsed<()> {
        loop {
            let rest = self.lexer.rest().as_bytes();
            let is_closed = style.closes(rest) && self.version >= Version::V3_12;
            match rest.first() {
                Some(b'}') => break,
                Some(b'{') => self.nested(|parser| parser.field(style, level))?,
                Some(_) if !is_closed => self.literal_character(style)?,
                _ => return Err(Refused),
            }
        }
        self.lexer.pos += 1;
        self.lexer.brackets = self.lexer.brackets.checked_sub(1).ok_or(Refused)?;
        Ok(())
    }
}

/// Where the closing quote of a string without replacement fields starts.
fn plain_end(lexer: &Lexer<'_>, style: Style) -> Parsed<usize> {
    let bytes = lexer.rest().as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at).ok_or(Refused)? {
            _ if style.closes(&bytes[at..]) => return Ok(lexer.pos + at),
            b'\\' => at += 2,
            b'\n' if !style.is_triple => return Err(Refused),
            _ => at += 1,
        }
    }
}

/// Checks the escapes of a string, and that bytes are ASCII.
fn check_plain(content: &str, style: Style) -> Parsed<()> {
    if style.is_bytes && !content.is_ascii() {
        return Err(Refused);
    }
    let mut rest = content;
    while let (false, Some(at)) = (style.is_raw, rest.find('\\')) {
        rest = &rest[at..];
        rest = &rest[escape_length(rest, style.is_bytes)?..];
    }
    Ok(())
}

fn next_character_length(text: &str) -> Parsed<usize> {
    text.chars().next().map(char::len_utf8).ok_or(Refused)
}

/// The length of the escape that `text` starts with.
fn escape_length(text: &str, is_bytes: bool) -> Parsed<usize> {
    let digits = match text.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') if !is_bytes => 4,
        Some(b'U') if !is_bytes => 8,
        Some(b'N') if !is_bytes => {
            let name = text.get(2..).and_then(|rest| rest.strip_prefix('{'));
            let length = name.and_then(|name| name.find('}')).ok_or(Refused)?;
            return if length > 0 {
                Ok(3 + length + 1)
            } else {
                Err(Refused)
            };
        }
        _ => return Ok(1 + next_character_length(&text[1..])?),
    };
    let value = text.get(2..2 + digits).ok_or(Refused)?;
    let is_hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u32::from_str_radix(value, 16).map_err(|_| Refused)?;
    if is_hex && number <= 0x10_FFFF {
        Ok(2 + digits)
    } else {
        Err(Refused)
    }
}
