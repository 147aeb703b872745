//! [`Repr`]: Python's `repr()` of a constant, as the version of CPython at hand writes it.
//!
//! Invariants: nothing recurses; the text is cut (and ends in `...`) at [`MAX_LEN`] bytes, because a small file
//! can hold a constant that refers to its parts so often that its text would not fit any memory.

mod number;
mod text;

use alloc::vec::Vec;
use core::fmt::{self, Write};

pub use text::is_printable;

use crate::code_object::CodeObject;
use crate::constant::Constant;
use crate::version::Version;

/// The longest text of a constant, in bytes.
pub(crate) const MAX_LEN: usize = 16 << 20;

/// A constant that displays as Python's `repr()` of it.
///
/// Differences to CPython, where its text cannot be told from the file: the address in a code object's is written
/// `0x...`, and the members of a set are in the order of the file.
///
/// ```
/// use pyco_code::{Constant, Repr, Version};
///
/// let text = |constant: &Constant, version| Repr::new(constant, version).to_string();
/// assert_eq!(text(&Constant::from("it's"), Version::V3_13), "\"it's\"");
/// assert_eq!(text(&Constant::Float(1e16), Version::V3_13), "1e+16");
/// assert_eq!(text(&Constant::from("naïve"), Version::V2_7), r"u'na\xefve'");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Repr<'a> {
    constant: &'a Constant,
    version: Version,
}

impl<'a> Repr<'a> {
    /// The `repr()` of `constant` in `version`.
    #[must_use]
    pub const fn new(constant: &'a Constant, version: Version) -> Self {
        Repr { constant, version }
    }
}

/// What is still to be written.
enum Piece<'a> {
    Constant(&'a Constant),
    Text(&'static str),
}

impl fmt::Display for Repr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.constant, self.version, f)
    }
}

/// Writes the `repr()` of `constant` in `version`.
pub(crate) fn write<W: Write>(constant: &Constant, version: Version, f: &mut W) -> fmt::Result {
    if write_leaf(constant, version, f)? {
        return Ok(());
    }
    let mut pending = alloc::vec![Piece::Constant(constant)];
    let mut limited = Limited { f, left: MAX_LEN };
    while let Some(piece) = pending.pop() {
        let written = match piece {
            Piece::Text(text) => limited.write_str(text),
            Piece::Constant(constant) => match write_leaf(constant, version, &mut limited) {
                Ok(true) => Ok(()),
                Ok(false) => open(constant, version, &mut limited, &mut pending),
                Err(error) => Err(error),
            },
        };
        if limited.left == 0 {
            return limited.f.write_str("...");
        }
        written?;
    }
    Ok(())
}

/// Writes a constant that has no parts; false, and nothing written, if it has.
fn write_leaf<W: Write>(
    constant: &Constant,
    version: Version,
    f: &mut W,
) -> Result<bool, fmt::Error> {
    match constant {
        Constant::None => f.write_str("None"),
        Constant::Ellipsis => f.write_str("Ellipsis"),
        Constant::StopIteration if version == Version::V2_7 => {
            f.write_str("<type 'exceptions.StopIteration'>")
        }
        Constant::StopIteration => f.write_str("<class 'StopIteration'>"),
        Constant::Bool(true) => f.write_str("True"),
        Constant::Bool(false) => f.write_str("False"),
        Constant::Int(number) => number::write_int(number, version, f),
        Constant::Float(number) => number::write_float(*number, f),
        Constant::Complex(real, imaginary) => number::write_complex(*real, *imaginary, f),
        Constant::Str(text) => text::write_str(text, version, f),
        Constant::Bytes(bytes) => text::write_bytes(bytes, version, f),
        Constant::Code(code) => write_code(code, f),
        _ => return Ok(false),
    }?;
    Ok(true)
}

/// Writes how a container begins, and leaves the rest to be written.
fn open<'a, W: Write>(
    constant: &'a Constant,
    version: Version,
    f: &mut W,
    pending: &mut Vec<Piece<'a>>,
) -> fmt::Result {
    let old = version == Version::V2_7;
    let (start, items, end): (_, &[Constant], _) = match constant {
        Constant::Tuple(items) if items.len() == 1 => ("(", items, ",)"),
        Constant::Tuple(items) => ("(", items, ")"),
        Constant::List(items) => ("[", items, "]"),
        Constant::FrozenSet(items) if items.is_empty() => ("frozenset()", &[], ""),
        Constant::FrozenSet(items) if old => ("frozenset([", items, "])"),
        Constant::FrozenSet(items) => ("frozenset({", items, "})"),
        Constant::Set(items) if items.is_empty() => ("set()", &[], ""),
        Constant::Set(items) if old => ("set([", items, "])"),
        Constant::Set(items) => ("{", items, "}"),
        Constant::Slice(parts) => ("slice(", &parts[..], ")"),
        Constant::Dict(pairs) => return open_pairs("{", pairs, "}", f, pending),
        Constant::FrozenDict(pairs) if pairs.is_empty() => return f.write_str("frozendict()"),
        Constant::FrozenDict(pairs) => return open_pairs("frozendict({", pairs, "})", f, pending),
        _ => ("", &[], ""),
    };
    pending.push(Piece::Text(end));
    for (at, item) in items.iter().enumerate().rev() {
        pending.push(Piece::Constant(item));
        if at > 0 {
            pending.push(Piece::Text(", "));
        }
    }
    f.write_str(start)
}

fn open_pairs<'a, W: Write>(
    start: &str,
    pairs: &'a [(Constant, Constant)],
    end: &'static str,
    f: &mut W,
    pending: &mut Vec<Piece<'a>>,
) -> fmt::Result {
    pending.push(Piece::Text(end));
    for (at, (key, value)) in pairs.iter().enumerate().rev() {
        let between = Piece::Text(": ");
        pending.extend([Piece::Constant(value), between, Piece::Constant(key)]);
        if at > 0 {
            pending.push(Piece::Text(", "));
        }
    }
    f.write_str(start)
}

/// `<code object NAME at 0x..., file "FILE", line LINE>`.
pub(crate) fn write_code<W: Write>(code: &CodeObject, f: &mut W) -> fmt::Result {
    f.write_str("<code object ")?;
    f.write_str(&code.name().to_string_lossy())?;
    f.write_str(" at 0x..., file \"")?;
    f.write_str(&code.filename().to_string_lossy())?;
    let line = match code.firstlineno() {
        0 => -1,
        line => line,
    };
    write!(f, "\", line {line}>")
}

/// A writer that fails after some bytes.
struct Limited<'a, W> {
    f: &'a mut W,
    left: usize,
}

impl<W: Write> Write for Limited<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.left {
            self.left = 0;
            return Err(fmt::Error);
        }
        self.left -= text.len();
        self.f.write_str(text)
    }
}
