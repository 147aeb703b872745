//! The messages of `%` formatting, which 3.15 words anew and 3.14 in part.

use super::{Directive, Kind};
use crate::numeric::{Error, ErrorKind, Release};

/// Which argument is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// The right operand itself, which is no tuple.
    Only,
    /// An item of the tuple, counted from 1.
    Position(usize),
    /// The value of the key with this `repr`.
    Key(&'a str),
}

/// What was given for `%c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharArgument<'a> {
    /// An object of this type.
    Type(&'a str),
    /// A str (or for bytes, bytes) of this length, which is not 1.
    Len(usize),
    /// As `Len`, for a bytearray given to bytes.
    BytearrayLen(usize),
}

/// Makes the errors about one argument.
#[derive(Clone, Copy, Debug)]
pub struct Blame<'a> {
    /// The CPython release to behave as.
    pub release: Release,
    /// The argument.
    pub argument: Argument<'a>,
}

impl Blame<'_> {
    /// 3.15's beginning of a message.
    fn named(&self, rest: &str) -> String {
        match self.argument {
            Argument::Only => format!("format argument: {rest}"),
            Argument::Position(position) => format!("format argument {position}: {rest}"),
            Argument::Key(repr) => format!("format argument {repr}: {rest}"),
        }
    }

    /// `%d` and the like, `%x` and the like or `%f` and the like, given no number.
    pub fn number_required(&self, conversion: u32, type_name: &str, kind: Kind) -> Error {
        let code = match (char::from_u32(conversion), kind) {
            // Bytes take `%i` for another spelling of `%d`.
            (Some('i'), Kind::Bytes) if self.release < Release::V3_14 => 'd',
            (code, _) => code.unwrap_or('?'),
        };
        let wants_integer = matches!(code, 'o' | 'x' | 'X');
        let is_float = !wants_integer && !matches!(code, 'd' | 'i' | 'u');
        let wanted = if wants_integer {
            "an integer"
        } else {
            "a real number"
        };
        if self.release >= Release::V3_15 {
            return Error::type_error(
                self.named(&format!("%{code} requires {wanted}, not {type_name}")),
            );
        }
        Error::type_error(match (is_float, kind) {
            (false, _) => format!("%{code} format: {wanted} is required, not {type_name}"),
            (true, Kind::Str) => format!("must be real number, not {type_name}"),
            (true, Kind::Bytes) => format!("float argument required, not {type_name}"),
        })
    }

    /// `%c` given neither an int nor one character or byte.
    pub fn char_required(&self, given: CharArgument<'_>, kind: Kind) -> Error {
        let given = match (given, kind) {
            (CharArgument::Type(name), _) => name.to_owned(),
            (CharArgument::Len(len), Kind::Str) => format!("a string of length {len}"),
            (CharArgument::Len(len), Kind::Bytes) => format!("a bytes object of length {len}"),
            (CharArgument::BytearrayLen(len), _) => format!("a bytearray object of length {len}"),
        };
        let bytes = "%c requires an integer in range(256) or a single byte";
        Error::type_error(match (self.release, kind) {
            (Release::V3_15, Kind::Str) => self.named(&format!(
                "%c requires an integer or a unicode character, not {given}"
            )),
            (Release::V3_15, Kind::Bytes) => self.named(&format!("{bytes}, not {given}")),
            (Release::V3_14, Kind::Str) => {
                format!("%c requires an int or a unicode character, not {given}")
            }
            (Release::V3_14, Kind::Bytes) => format!("{bytes}, not {given}"),
            (_, Kind::Str) => "%c requires int or char".to_owned(),
            (_, Kind::Bytes) => bytes.to_owned(),
        })
    }

    /// `%c` given an int that is no code point or byte.
    pub fn char_out_of_range(&self, kind: Kind) -> Error {
        let range = if kind == Kind::Str { "0x110000" } else { "256" };
        Error::overflow(match self.release >= Release::V3_15 {
            true => self.named(&format!("%c argument not in range({range})")),
            false => format!("%c arg not in range({range})"),
        })
    }

    /// `%b` or `%s` of bytes, given what has no bytes.
    pub fn bytes_required(&self, type_name: &str) -> Error {
        let wanted = "%b requires a bytes-like object, or an object that implements __bytes__, not";
        Error::type_error(match self.release >= Release::V3_15 {
            true => self.named(&format!("{wanted} {type_name}")),
            false => format!("{wanted} '{type_name}'"),
        })
    }

    /// `*` given no int. A right operand that is no tuple has too few arguments anyway, says 3.15.
    pub fn star_required(&self, type_name: &str) -> Error {
        if self.release >= Release::V3_15 && self.argument == Argument::Only {
            return not_enough(1, self.release);
        }
        Error::type_error(match self.release >= Release::V3_15 {
            true => self.named(&format!("* requires int, not {type_name}")),
            false => "* wants int".to_owned(),
        })
    }

    /// `*` given an int that C's type cannot hold.
    pub(super) fn star_too_big(&self, what: &str, c_type: &str) -> Error {
        Error::overflow(match self.release >= Release::V3_15 {
            true => self.named(&format!("too big for {what}")),
            false => format!("Python int too large to convert to C {c_type}"),
        })
    }
}

/// The arguments ran out; `given` is the length of the tuple, or 1.
pub fn not_enough(given: usize, release: Release) -> Error {
    let before_3_15 = "not enough arguments for format string";
    Error::type_error(match release >= Release::V3_15 {
        true => format!("{before_3_15} (got {given})"),
        false => before_3_15.to_owned(),
    })
}

/// Arguments were left over: `used` of `given`. (No error if the right operand is a mapping.)
pub fn not_all_converted(used: usize, given: usize, kind: Kind, release: Release) -> Error {
    let what = if kind == Kind::Str { "string" } else { "bytes" };
    let before_3_15 = format!("not all arguments converted during {what} formatting");
    Error::type_error(match release >= Release::V3_15 {
        true => format!("{before_3_15} (required {used}, got {given})"),
        false => before_3_15,
    })
}

/// A conversion that does not exist.
pub(super) fn unsupported(
    directive: &Directive,
    after_digit: bool,
    kind: Kind,
    release: Release,
    is_printable: impl Fn(u32) -> bool,
) -> Error {
    let (point, at) = (directive.conversion, directive.conversion_at);
    let ascii = char::from_u32(point).filter(|&c| c == ' ' || c.is_ascii_graphic());
    if release >= Release::V3_15 {
        return Error::value(unsupported_3_15(directive, kind, is_printable));
    }
    if kind == Kind::Bytes && point >= 0x80 && !after_digit {
        // A signed byte gets into the message's own formatting.
        return Error::overflow("character argument not in range(0x110000)");
    }
    let shown = match kind {
        Kind::Str => ascii.unwrap_or('?'),
        Kind::Bytes => char::from_u32(point).unwrap_or('?'),
    };
    Error::new(
        ErrorKind::Value,
        format!("unsupported format character '{shown}' ({point:#x}) at index {at}"),
    )
}

fn unsupported_3_15(
    directive: &Directive,
    kind: Kind,
    is_printable: impl Fn(u32) -> bool,
) -> String {
    let (point, at, start) = (
        directive.conversion,
        directive.conversion_at,
        directive.start,
    );
    let shown = match char::from_u32(point) {
        Some(c) if c.is_ascii_alphabetic() => {
            return format!("unsupported format %{c} at position {start}");
        }
        Some('\'') => "\"'\"".to_owned(),
        Some(c) if c == ' ' || c.is_ascii_graphic() => format!("'{c}'"),
        Some(c) if kind == Kind::Str && point >= 0x80 && is_printable(point) => {
            format!("'{c}' (U+{point:04X})")
        }
        _ if kind == Kind::Str => format!("U+{point:04X}"),
        _ => format!("with code 0x{point:02x}"),
    };
    format!("stray % at position {start} or unexpected format character {shown} at position {at}")
}
