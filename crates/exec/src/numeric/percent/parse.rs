//! Walking a format string.

use std::ops::Range;

use super::Kind;
use super::errors::{Argument, Blame, not_enough, unsupported};
use crate::numeric::bigint::{self, BigInt};
use crate::numeric::{Error, Release};

/// What the parser must know of the right operand.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    /// Whether it can be subscripted by keys: it is a mapping, and neither tuple, str nor bytes.
    pub is_mapping: bool,
    /// Its type, as error messages name it.
    pub type_name: &'a str,
}

/// The flags between `%` and the width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// A space.
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
}

/// One conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directive {
    /// Where the `%` is.
    pub start: usize,
    /// The key between parentheses, if any.
    pub key: Option<Range<usize>>,
    /// The flags; a negative `*` width adds `-`.
    pub flags: Flags,
    /// The least width.
    pub width: Option<usize>,
    /// The precision.
    pub precision: Option<usize>,
    /// The code point or byte that says how to convert.
    pub conversion: u32,
    /// Where the conversion is.
    pub conversion_at: usize,
    /// Whether the conversion follows a digit.
    after_digit: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Copy this part of the format.
    Literal(Range<usize>),
    /// Write a percent sign.
    Percent,
    /// Look up the key in this part of the format: its value is the next argument.
    Key(Range<usize>),
    /// Take the next argument for the width and call [`Format::set_width`].
    Width,
    /// Take the next argument for the precision and call [`Format::set_precision`].
    Precision,
    /// Take the next argument, then call [`Format::check`], then convert.
    Convert(Directive),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Literal,
    Flags,
    Precision,
    Conversion,
}

/// A format string being walked; positions count code points or bytes.
///
/// ```
/// use pyco_exec::numeric::Release;
/// use pyco_exec::numeric::percent::{Arguments, Event, Format, Kind};
/// let arguments = Arguments { is_mapping: false, type_name: "tuple" };
/// let mut format = Format::new(b"n = %5d", Kind::Str, arguments, Release::V3_13);
/// assert_eq!(format.next_event()?, Some(Event::Literal(0..4)));
/// let Some(Event::Convert(directive)) = format.next_event()? else { panic!() };
/// assert_eq!((directive.width, directive.conversion), (Some(5), u32::from('d')));
/// assert_eq!(format.next_event()?, None);
/// # Ok::<(), pyco_exec::numeric::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Format<'a, T> {
    format: &'a [T],
    kind: Kind,
    arguments: Arguments<'a>,
    release: Release,
    at: usize,
    stage: Stage,
    directive: Directive,
    key_used: bool,
    /// Whether a key's value has been looked up and not been taken yet.
    key_pending: bool,
}

impl<'a, T: Copy + Into<u32>> Format<'a, T> {
    /// Starts at the beginning of `format`.
    pub fn new(format: &'a [T], kind: Kind, arguments: Arguments<'a>, release: Release) -> Self {
        let directive = Directive::default();
        Format {
            format,
            kind,
            arguments,
            release,
            at: 0,
            stage: Stage::Literal,
            directive,
            key_used: false,
            key_pending: false,
        }
    }

    /// What to do next; `None` at the end.
    ///
    /// # Errors
    /// What CPython raises at this point; do not go on after it.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        if self.stage == Stage::Literal {
            if self.peek().is_none() {
                return Ok(None);
            }
            if let Some(event) = self.literal_or_key()? {
                return Ok(Some(event));
            }
        }
        if self.stage == Stage::Flags {
            self.read_flags();
            if self.eat('*') {
                self.stage = Stage::Precision;
                self.check_star()?;
                return Ok(Some(Event::Width));
            }
            self.directive.width = self.integer(i64::MAX as usize, "width")?;
            self.stage = Stage::Precision;
        }
        if self.stage == Stage::Precision {
            self.stage = Stage::Conversion;
            if self.eat('.') {
                self.directive.after_digit = false;
                if self.eat('*') {
                    self.check_star()?;
                    return Ok(Some(Event::Precision));
                }
                self.directive.precision =
                    Some(self.integer(i32::MAX as usize, "precision")?.unwrap_or(0));
            }
        }
        self.conversion()
            .map(|directive| Some(Event::Convert(directive)))
    }

    /// The events outside a directive; `None` where one has begun and has no key.
    fn literal_or_key(&mut self) -> Result<Option<Event>, Error> {
        let start = self.at;
        let is_percent = |point: &T| (*point).into() == u32::from('%');
        let run_len = self.format[start..]
            .iter()
            .position(is_percent)
            .unwrap_or(self.format.len() - start);
        if run_len > 0 {
            self.at += run_len;
            return Ok(Some(Event::Literal(start..self.at)));
        }
        self.at += 1;
        if self.eat('%') {
            return Ok(Some(Event::Percent));
        }
        self.directive = Directive {
            start,
            ..Directive::default()
        };
        if self.key_used && self.release >= Release::V3_15 && self.peek() != Some(u32::from('(')) {
            let message =
                format!("format requires a parenthesised mapping key at position {start}");
            return Err(Error::value(message));
        }
        if self.peek().is_none() {
            return Err(self.incomplete());
        }
        self.stage = Stage::Flags;
        if !self.eat('(') {
            return Ok(None);
        }
        let key = self.key()?;
        self.key_used = true;
        self.key_pending = true;
        self.directive.key = Some(key.clone());
        Ok(Some(Event::Key(key)))
    }

    /// The key after an opening parenthesis; parentheses nest.
    fn key(&mut self) -> Result<Range<usize>, Error> {
        if !self.arguments.is_mapping {
            let before_3_15 = "format requires a mapping";
            return Err(Error::type_error(match self.release >= Release::V3_15 {
                true => format!("{before_3_15}, not {}", self.arguments.type_name),
                false => before_3_15.to_owned(),
            }));
        }
        let start = self.at;
        let mut depth = 1;
        while let Some(point) = self.peek() {
            self.at += 1;
            match char::from_u32(point) {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(start..self.at - 1);
            }
        }
        Err(Error::value(match self.release >= Release::V3_15 {
            true => format!(
                "stray % or incomplete format key at position {}",
                self.directive.start
            ),
            false => "incomplete format key".to_owned(),
        }))
    }

    fn read_flags(&mut self) {
        while let Some(flag) = self.peek().and_then(char::from_u32) {
            let flags = &mut self.directive.flags;
            match flag {
                '-' => flags.left = true,
                '+' => flags.plus = true,
                ' ' => flags.space = true,
                '#' => flags.alternate = true,
                '0' => flags.zero = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    fn conversion(&mut self) -> Result<Directive, Error> {
        if ['h', 'l', 'L']
            .into_iter()
            .any(|modifier| self.eat(modifier))
        {
            self.directive.after_digit = false;
        }
        let Some(conversion) = self.peek() else {
            return Err(self.incomplete());
        };
        self.take_argument()?;
        self.directive.conversion = conversion;
        self.directive.conversion_at = self.at;
        self.at += 1;
        self.stage = Stage::Literal;
        Ok(std::mem::take(&mut self.directive))
    }

    /// Gives the value that `*` took for the width.
    ///
    /// # Errors
    /// `OverflowError`.
    pub fn set_width(&mut self, value: &BigInt, argument: Argument<'_>) -> Result<(), Error> {
        let Some(width) = bigint::to_i64(value)
            .filter(|&width| self.release < Release::V3_15 || width > i64::MIN)
        else {
            return Err(Blame {
                release: self.release,
                argument,
            }
            .star_too_big("width", "ssize_t"));
        };
        self.directive.flags.left |= width < 0;
        self.directive.width = Some(usize::try_from(width.saturating_abs()).unwrap_or(usize::MAX));
        Ok(())
    }

    /// Gives the value that `*` took for the precision.
    ///
    /// # Errors
    /// `OverflowError`.
    pub fn set_precision(&mut self, value: &BigInt, argument: Argument<'_>) -> Result<(), Error> {
        let Some(precision) = bigint::to_i64(value).and_then(|value| i32::try_from(value).ok())
        else {
            return Err(Blame {
                release: self.release,
                argument,
            }
            .star_too_big("precision", "int"));
        };
        self.directive.precision = Some(usize::try_from(precision).unwrap_or(0));
        Ok(())
    }

    /// Refuses a conversion that does not exist; CPython does so once it has the argument.
    /// `is_printable` is `str.isprintable` of a code point.
    ///
    /// # Errors
    /// `ValueError`.
    pub fn check(
        &self,
        directive: &Directive,
        is_printable: impl Fn(u32) -> bool,
    ) -> Result<(), Error> {
        let known = match self.kind {
            Kind::Str => "sradiuoxXeEfFgGc",
            Kind::Bytes => "srabdiuoxXeEfFgGc",
        };
        if known.chars().any(|c| u32::from(c) == directive.conversion) {
            return Ok(());
        }
        Err(unsupported(
            directive,
            directive.after_digit,
            self.kind,
            self.release,
            is_printable,
        ))
    }

    fn peek(&self) -> Option<u32> {
        self.format.get(self.at).map(|&point| point.into())
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(u32::from(wanted));
        self.at += usize::from(found);
        found
    }

    /// A run of ASCII digits, at most `most`.
    fn integer(&mut self, most: usize, what: &str) -> Result<Option<usize>, Error> {
        let mut value = None;
        while let Some(digit) = self
            .peek()
            .and_then(char::from_u32)
            .and_then(|c| c.to_digit(10))
        {
            let grown = value
                .unwrap_or(0usize)
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(digit as usize));
            let Some(grown) = grown.filter(|&grown| grown <= most) else {
                return Err(self.too_big(what));
            };
            value = Some(grown);
            self.at += 1;
            self.directive.after_digit = true;
        }
        Ok(value)
    }

    fn too_big(&self, what: &str) -> Error {
        if self.release >= Release::V3_15 {
            return Error::value(format!(
                "{what} too big at position {}",
                self.directive.start
            ));
        }
        let bytes_precision = self.kind == Kind::Bytes && what == "precision";
        Error::value(format!(
            "{} too big",
            if bytes_precision { "prec" } else { what }
        ))
    }

    fn incomplete(&self) -> Error {
        Error::value(match self.release >= Release::V3_15 {
            true => format!("stray % at position {}", self.directive.start),
            false => "incomplete format".to_owned(),
        })
    }

    fn check_star(&mut self) -> Result<(), Error> {
        if self.directive.key.is_some() && self.release >= Release::V3_15 {
            let start = self.directive.start;
            let message =
                format!("* cannot be used with a parenthesised mapping key at position {start}");
            return Err(Error::value(message));
        }
        self.take_argument()
    }

    /// A key's value can be taken once, and after a key nothing else (3.15 tells so at the `%`).
    fn take_argument(&mut self) -> Result<(), Error> {
        let pending = std::mem::take(&mut self.key_pending);
        if self.key_used && !pending {
            return Err(not_enough(0, self.release));
        }
        Ok(())
    }
}
