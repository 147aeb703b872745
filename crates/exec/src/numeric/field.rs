//! `str.format` templates: literal text, field names, conversions and nested specs.
//!
//! ```text
//! literal {first.attribute[item]!r:spec} literal {{ }}
//! ```
//!
//! [`Pieces`] splits a template, [`FieldName`] a field's name, [`AutoNumber`] numbers the fields that have
//! none. Looking things up and formatting them is the caller's; a spec that contains fields is a template
//! itself, down to [`MAX_DEPTH`]. Positions are indexes of code points.

use std::ops::Range;

use super::parse::decimal_value;
use super::{Error, ErrorKind, Release};

/// How deep templates may nest: a template and the specs in it.
pub const MAX_DEPTH: usize = 2;

/// A template (or a spec in one) is nested deeper than [`MAX_DEPTH`].
pub fn too_deep() -> Error {
    Error::value("Max string recursion exceeded")
}

/// The positional arguments have no such index.
pub fn index_out_of_range(index: usize) -> Error {
    Error::new(
        ErrorKind::Index,
        format!("Replacement index {index} out of range for positional args tuple"),
    )
}

/// Literal text, and the field that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Text to copy; one brace of a doubled one is left out of it.
    pub literal: Range<usize>,
    /// The field, if one follows.
    pub field: Option<Field>,
}

/// A replacement field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What [`FieldName::parse`] takes apart.
    pub name: Range<usize>,
    /// The code point after `!`.
    pub conversion: Option<u32>,
    /// What follows the colon.
    pub spec: Range<usize>,
    /// Whether the spec is a template itself.
    pub spec_has_fields: bool,
}

/// The pieces of a template; ends after an error.
///
/// ```
/// use pyco_exec::numeric::field::Pieces;
/// let template = b"n = {n!r:>5}";
/// let piece = Pieces::new(template).next().unwrap()?;
/// let field = piece.field.unwrap();
/// assert_eq!(&template[piece.literal], b"n = ");
/// assert_eq!((&template[field.name], field.conversion, &template[field.spec]), (&b"n"[..], Some(114), &b">5"[..]));
/// # Ok::<(), pyco_exec::numeric::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pieces<'a, T> {
    template: &'a [T],
    at: usize,
}

impl<'a, T: Copy + Into<u32>> Pieces<'a, T> {
    /// Starts at the beginning of `template`.
    pub fn new(template: &'a [T]) -> Self {
        Pieces { template, at: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.template.get(self.at).map(|&point| as_char(point))
    }

    fn bump(&mut self) -> Option<char> {
        let found = self.peek();
        self.at += usize::from(found.is_some());
        found
    }

    fn piece(&mut self) -> Result<Piece, Error> {
        let start = self.at;
        let is_brace = |&point: &T| matches!(as_char(point), '{' | '}');
        let Some(run_len) = self.template[start..].iter().position(is_brace) else {
            self.at = self.template.len();
            return Ok(Piece {
                literal: start..self.at,
                field: None,
            });
        };
        self.at += run_len;
        let brace = self.bump();
        if brace == self.peek() {
            let literal = start..self.at;
            self.at += 1;
            return Ok(Piece {
                literal,
                field: None,
            });
        }
        if brace == Some('}') {
            return Err(Error::value("Single '}' encountered in format string"));
        }
        if self.peek().is_none() {
            return Err(Error::value("Single '{' encountered in format string"));
        }
        let literal = start..self.at - 1;
        self.field().map(|field| Piece {
            literal,
            field: Some(field),
        })
    }

    /// A field, whose opening brace is behind.
    fn field(&mut self) -> Result<Field, Error> {
        let start = self.at;
        let end = loop {
            match self.bump() {
                None => return Err(Error::value("expected '}' before end of string")),
                Some('{') => return Err(Error::value("unexpected '{' in field name")),
                Some('[') => self.skip_item(),
                Some(end @ ('}' | ':' | '!')) => break end,
                Some(_) => {}
            }
        };
        let mut field = Field {
            name: start..self.at - 1,
            conversion: None,
            spec: 0..0,
            spec_has_fields: false,
        };
        if end == '!' && self.conversion(&mut field)? || end == '}' {
            return Ok(field);
        }
        self.spec(&mut field)?;
        Ok(field)
    }

    /// Up to the closing bracket: within brackets, braces and the like are ordinary.
    fn skip_item(&mut self) {
        let rest = &self.template[self.at..];
        self.at += rest
            .iter()
            .position(|&point| as_char(point) == ']')
            .unwrap_or(rest.len());
    }

    /// The conversion; whether it ends the field.
    fn conversion(&mut self, field: &mut Field) -> Result<bool, Error> {
        let Some(&conversion) = self.template.get(self.at) else {
            return Err(Error::value(
                "end of string while looking for conversion specifier",
            ));
        };
        self.at += 1;
        field.conversion = Some(conversion.into());
        match self.bump() {
            Some('}') => Ok(true),
            // The end is reported as a spec that is not closed.
            Some(':') | None => Ok(false),
            Some(_) => Err(Error::value("expected ':' after conversion specifier")),
        }
    }

    fn spec(&mut self, field: &mut Field) -> Result<(), Error> {
        let start = self.at;
        let mut depth = 1;
        while let Some(c) = self.bump() {
            match c {
                '{' => {
                    field.spec_has_fields = true;
                    depth += 1;
                }
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                field.spec = start..self.at - 1;
                return Ok(());
            }
        }
        Err(Error::value("unmatched '{' in format spec"))
    }
}

impl<T: Copy + Into<u32>> Iterator for Pieces<'_, T> {
    type Item = Result<Piece, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.template.len() {
            return None;
        }
        let piece = self.piece();
        if piece.is_err() {
            self.at = self.template.len();
        }
        Some(piece)
    }
}

/// Surrogates are nothing that a template treats specially.
fn as_char<T: Into<u32>>(point: T) -> char {
    char::from_u32(point.into()).unwrap_or('\u{fffd}')
}

/// What a field's name begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// Nothing: the next positional argument.
    Auto,
    /// A positional argument.
    Index(usize),
    /// A keyword argument, the name being this part of the field name.
    Name(Range<usize>),
}

/// A step from an object to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// `.name`
    Attribute(Range<usize>),
    /// `[number]`
    Index(usize),
    /// `[key]`, a str.
    Key(Range<usize>),
}

/// A field name taken apart: its first part, then its [`Lookup`]s as an iterator, which ends after an
/// error.
///
/// ```
/// use pyco_exec::numeric::Release;
/// use pyco_exec::numeric::field::{FieldName, First, Lookup};
/// let mut name = FieldName::parse(b"0.a[7]", Release::V3_13)?;
/// assert_eq!(name.first, First::Index(0));
/// assert_eq!(name.next(), Some(Ok(Lookup::Attribute(2..3))));
/// assert_eq!(name.next(), Some(Ok(Lookup::Index(7))));
/// # Ok::<(), pyco_exec::numeric::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FieldName<'a, T> {
    /// Where to begin.
    pub first: First,
    name: &'a [T],
    at: usize,
    release: Release,
}

impl<'a, T: Copy + Into<u32>> FieldName<'a, T> {
    /// Takes apart the part of a template that [`Field::name`] says.
    ///
    /// # Errors
    /// `ValueError` for too large a number.
    pub fn parse(name: &'a [T], release: Release) -> Result<Self, Error> {
        let first_len = name
            .iter()
            .position(|&point| matches!(as_char(point), '.' | '['))
            .unwrap_or(name.len());
        let first = match integer(&name[..first_len], release)? {
            Some(index) => First::Index(index),
            None if first_len == 0 => First::Auto,
            None => First::Name(0..first_len),
        };
        Ok(FieldName {
            first,
            name,
            at: first_len,
            release,
        })
    }

    fn lookup(&mut self) -> Result<Lookup, Error> {
        let opening = as_char(self.name[self.at]);
        let start = self.at + 1;
        let rest = &self.name[start..];
        let until = |stops: &[char]| {
            rest.iter()
                .position(|&point| stops.contains(&as_char(point)))
        };
        let lookup = match opening {
            '.' => {
                self.at = start + until(&['.', '[']).unwrap_or(rest.len());
                Lookup::Attribute(start..self.at)
            }
            '[' => {
                let len =
                    until(&[']']).ok_or_else(|| Error::value("Missing ']' in format string"))?;
                self.at = start + len + 1;
                match integer(&rest[..len], self.release)? {
                    Some(index) => Lookup::Index(index),
                    None => Lookup::Key(start..start + len),
                }
            }
            _ => {
                return Err(Error::value(
                    "Only '.' or '[' may follow ']' in format field specifier",
                ));
            }
        };
        match &lookup {
            Lookup::Attribute(part) | Lookup::Key(part) if part.is_empty() => {
                Err(Error::value("Empty attribute in format string"))
            }
            _ => Ok(lookup),
        }
    }
}

impl<T: Copy + Into<u32>> Iterator for FieldName<'_, T> {
    type Item = Result<Lookup, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.name.len() {
            return None;
        }
        let lookup = self.lookup();
        if lookup.is_err() {
            self.at = self.name.len();
        }
        Some(lookup)
    }
}

/// The number that `text` is, if it consists of decimal digits, of any script.
fn integer<T: Copy + Into<u32>>(text: &[T], release: Release) -> Result<Option<usize>, Error> {
    let mut value = None;
    for &point in text {
        let Some(digit) = decimal_value(point.into(), release) else {
            return Ok(None);
        };
        let grown = value
            .unwrap_or(0i64)
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(i64::from(digit)));
        value =
            Some(grown.ok_or_else(|| Error::value("Too many decimal digits in format string"))?);
    }
    Ok(value.map(|value| usize::try_from(value).unwrap_or(usize::MAX)))
}

/// Numbers the fields of one `format` call, nested specs included.
#[derive(Clone, Debug, Default)]
pub struct AutoNumber {
    next: usize,
    /// Whether the numbers are given by hand, once that is known.
    manual: Option<bool>,
}

impl AutoNumber {
    /// `first` with its number, if it has none.
    ///
    /// # Errors
    /// `ValueError` where numbered and unnumbered fields are mixed.
    pub fn resolve(&mut self, first: First) -> Result<First, Error> {
        let manual = match first {
            First::Name(_) => return Ok(first),
            First::Auto => false,
            First::Index(_) => true,
        };
        match *self.manual.get_or_insert(manual) {
            true if !manual => Err(Error::value(
                "cannot switch from manual field specification to automatic field numbering",
            )),
            false if manual => Err(Error::value(
                "cannot switch from automatic field numbering to manual field specification",
            )),
            true => Ok(first),
            false => {
                self.next += 1;
                Ok(First::Index(self.next - 1))
            }
        }
    }
}

/// What `!r`, `!s` or `!a` does to a value before it is formatted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// `repr`.
    Repr,
    /// `str`.
    Str,
    /// `ascii`.
    Ascii,
}

impl Conversion {
    /// The conversion that `point` names; CPython looks at it once it has the value.
    ///
    /// # Errors
    /// `ValueError`.
    pub fn parse(point: u32) -> Result<Conversion, Error> {
        match char::from_u32(point) {
            Some('r') => Ok(Conversion::Repr),
            Some('s') => Ok(Conversion::Str),
            Some('a') => Ok(Conversion::Ascii),
            Some(c) if point > 32 && point < 127 => {
                Err(Error::value(format!("Unknown conversion specifier {c}")))
            }
            _ => Err(Error::value(format!(
                "Unknown conversion specifier \\x{point:x}"
            ))),
        }
    }
}
