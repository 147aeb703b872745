//! Parsing a format spec.

use super::{Context, shown};
use crate::numeric::parse::decimal_value;
use crate::numeric::{Error, ErrorKind, Release};

/// Where the padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`: after the value.
    Left,
    /// `>`: before the value.
    Right,
    /// `^`: on both sides, the odd one after.
    Center,
    /// `=`: between the sign or prefix and the digits.
    AfterSign,
}

/// The separator between groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `,`
    Comma,
    /// `_`
    Underscore,
}

impl Grouping {
    pub(super) fn separator(self) -> char {
        match self {
            Grouping::Comma => ',',
            Grouping::Underscore => '_',
        }
    }
}

/// What is formatted, which decides a spec's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An int or bool.
    Int,
    /// A float.
    Float,
    /// A complex.
    Complex,
    /// A str.
    Str,
}

/// A parsed format spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    /// The code point that pads; a space by default.
    pub fill: u32,
    /// Where the padding goes.
    pub align: Align,
    /// `+`, `-` or a space, if given.
    pub sign: Option<char>,
    /// `z`: a zero has no sign.
    pub no_negative_zero: bool,
    /// `#`.
    pub alternate: bool,
    /// The least length, in code points.
    pub width: Option<usize>,
    /// The separator of the digits before the point.
    pub grouping: Option<Grouping>,
    /// Digits, or for a str the most code points.
    pub precision: Option<usize>,
    /// The separator of the digits after the point (3.14).
    pub fraction_grouping: Option<Grouping>,
    /// The type code; `None` where it is left out, and for a float means something of its own.
    pub code: Option<u32>,
}

impl FormatSpec {
    /// The code given, or the subject's default (`d` or `s`).
    pub(super) fn code_or(&self, default: char) -> u32 {
        self.code.unwrap_or(u32::from(default))
    }

    /// Parses `spec` for a value of kind `subject`.
    ///
    /// # Errors
    /// `ValueError`, with CPython's message.
    ///
    /// ```
    /// use pyco_exec::numeric::Release;
    /// use pyco_exec::numeric::format_spec::{Align, Context, FormatSpec, Subject};
    /// let context = Context { release: Release::V3_13, type_name: "float", size_limit: 1 << 20, max_digits: 4300 };
    /// let spec = FormatSpec::parse(b"*^+10.2f", Subject::Float, &context)?;
    /// assert_eq!((spec.align, spec.width, spec.precision), (Align::Center, Some(10), Some(2)));
    /// # Ok::<(), pyco_exec::numeric::Error>(())
    /// ```
    pub fn parse<T: Copy + Into<u32>>(
        spec: &[T],
        subject: Subject,
        context: &Context<'_>,
    ) -> Result<FormatSpec, Error> {
        let mut cursor = Cursor {
            spec,
            at: 0,
            release: context.release,
        };
        let mut parsed = FormatSpec {
            fill: u32::from(' '),
            align: if subject == Subject::Str {
                Align::Left
            } else {
                Align::Right
            },
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: None,
            grouping: None,
            precision: None,
            fraction_grouping: None,
            code: None,
        };
        parsed.read_padding(&mut cursor, subject)?;
        parsed.grouping = cursor.grouping()?;
        if cursor.eat('.') {
            parsed.read_precision(&mut cursor)?;
        }
        match spec.get(cursor.at..).unwrap_or(&[]) {
            [] => {}
            [code] => parsed.code = Some((*code).into()),
            _ => {
                let after = format!("' for object of type '{}'", context.type_name);
                let quoted = spec.iter().map(|&point| point.into());
                return Err(Error::quoting(
                    ErrorKind::Value,
                    "Invalid format specifier '",
                    quoted,
                    &after,
                ));
            }
        }
        parsed.check_grouping(subject)?;
        Ok(parsed)
    }

    /// Everything up to the width.
    fn read_padding<T: Copy + Into<u32>>(
        &mut self,
        cursor: &mut Cursor<'_, T>,
        subject: Subject,
    ) -> Result<(), Error> {
        let align_at = |offset: usize| cursor.peek(offset).and_then(Align::from_code_point);
        let (fill_given, align) = match (align_at(1), align_at(0)) {
            (Some(align), _) => (true, Some(align)),
            (None, align) => (false, align),
        };
        if fill_given {
            self.fill = cursor.peek(0).unwrap_or(self.fill);
        }
        cursor.at += usize::from(fill_given) + usize::from(align.is_some());
        self.align = align.unwrap_or(self.align);
        self.sign = ['+', '-', ' '].into_iter().find(|&sign| cursor.eat(sign));
        self.no_negative_zero = cursor.eat('z');
        self.alternate = cursor.eat('#');
        if !fill_given && cursor.eat('0') {
            self.fill = u32::from('0');
            if align.is_none() && subject != Subject::Str {
                self.align = Align::AfterSign;
            }
        }
        self.width = cursor.integer()?;
        Ok(())
    }

    /// What follows the point.
    fn read_precision<T: Copy + Into<u32>>(
        &mut self,
        cursor: &mut Cursor<'_, T>,
    ) -> Result<(), Error> {
        self.precision = cursor.integer()?;
        if cursor.release >= Release::V3_14 {
            self.fraction_grouping = cursor.grouping()?;
        }
        if self.precision.is_none() && self.fraction_grouping.is_none() {
            return Err(Error::value("Format specifier missing precision"));
        }
        Ok(())
    }

    /// Which codes a separator goes with, whatever the value's type.
    fn check_grouping(&self, subject: Subject) -> Result<(), Error> {
        let default = match subject {
            Subject::Int => 'd',
            Subject::Str => 's',
            // No code at all, which goes with separators.
            Subject::Float | Subject::Complex => 'g',
        };
        let code = self.code_or(default);
        let is = |codes: &str| codes.chars().any(|c| u32::from(c) == code);
        let refuse = |grouping: Grouping| {
            Err(Error::value(format!(
                "Cannot specify '{}' with '{}'.",
                grouping.separator(),
                shown(code)
            )))
        };
        match self.grouping {
            Some(grouping)
                if !(is("deEfFgG%") || grouping == Grouping::Underscore && is("boxX")) =>
            {
                refuse(grouping)
            }
            _ => match self.fraction_grouping {
                Some(grouping) if is("n") => refuse(grouping),
                _ => Ok(()),
            },
        }
    }
}

impl Align {
    fn from_code_point(point: u32) -> Option<Align> {
        Some(match char::from_u32(point)? {
            '<' => Align::Left,
            '>' => Align::Right,
            '^' => Align::Center,
            '=' => Align::AfterSign,
            _ => return None,
        })
    }
}

struct Cursor<'a, T> {
    spec: &'a [T],
    at: usize,
    release: Release,
}

impl<T: Copy + Into<u32>> Cursor<'_, T> {
    fn peek(&self, offset: usize) -> Option<u32> {
        self.spec.get(self.at + offset).map(|&point| point.into())
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek(0) == Some(u32::from(wanted));
        self.at += usize::from(found);
        found
    }

    /// A run of decimal digits, of any script.
    fn integer(&mut self) -> Result<Option<usize>, Error> {
        let mut value = None;
        while let Some(digit) = self
            .peek(0)
            .and_then(|point| decimal_value(point, self.release))
        {
            let grown = value
                .unwrap_or(0i64)
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(i64::from(digit)));
            value = Some(
                grown.ok_or_else(|| Error::value("Too many decimal digits in format string"))?,
            );
            self.at += 1;
        }
        Ok(value.map(|value| usize::try_from(value).unwrap_or(usize::MAX)))
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Error> {
        let comma = self.eat(',');
        let underscore = self.eat('_');
        let other_follows = comma || self.peek(0) == Some(u32::from(','));
        if underscore && other_follows {
            return Err(Error::value("Cannot specify both ',' and '_'."));
        }
        Ok(match (comma, underscore) {
            (true, _) => Some(Grouping::Comma),
            (_, true) => Some(Grouping::Underscore),
            _ => None,
        })
    }
}
