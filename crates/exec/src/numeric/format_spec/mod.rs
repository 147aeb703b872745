//! The format mini-language: `format(value, spec)` for int, float, complex and str.
//!
//! ```text
//! [[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]
//! ```
//!
//! A [`FormatSpec`] is parsed from code points (of any width, since a fill may be any of them); a number
//! is laid out as [`Formatted`], which counts its padding instead of holding it, so that the caller can
//! refuse, or write it once, in its own kind of string. The locale is always "C".

mod complex;
mod float;
mod int;
mod layout;
mod number;
mod spec;
mod text;

pub use complex::format as format_complex;
pub use float::format as format_float;
pub use int::format as format_int;
pub use layout::{Formatted, Piece};
pub use spec::{Align, FormatSpec, Grouping, Subject};
pub use text::{StrLayout, format as format_str};

use crate::numeric::{Error, Release};

/// What formatting depends on besides the value and the spec.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The CPython release to behave as.
    pub release: Release,
    /// The value's type, as error messages name it.
    pub type_name: &'a str,
    /// The longest result allowed, in code points.
    pub size_limit: usize,
    /// `sys.get_int_max_str_digits()`; 0 is no limit.
    pub max_digits: usize,
}

impl Context<'_> {
    fn unknown_code(&self, code: u32) -> Error {
        let type_name = self.type_name;
        Error::value(format!(
            "Unknown format code '{}' for object of type '{type_name}'",
            shown(code)
        ))
    }

    /// Refuses a result of `needed` code points that is over the limit.
    fn admit(&self, needed: usize) -> Result<(), Error> {
        if needed > self.size_limit {
            Err(Error::too_large(needed))
        } else {
            Ok(())
        }
    }

    /// C's `int` bounds precisions; until 3.12 its last value was still allowed.
    pub(in crate::numeric) fn check_precision(
        &self,
        precision: Option<usize>,
    ) -> Result<(), Error> {
        let most = i32::MAX as usize - usize::from(self.release >= Release::V3_13);
        if precision.is_some_and(|precision| precision > most) {
            return Err(Error::value("precision too big"));
        }
        Ok(())
    }
}

/// A format code as CPython's messages show it.
fn shown(code: u32) -> String {
    match char::from_u32(code) {
        Some(c) if code > 32 && code < 128 => c.to_string(),
        _ => format!("\\x{code:x}"),
    }
}
