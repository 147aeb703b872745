//! `format(str, spec)`.

use super::{Align, Context, FormatSpec, Subject};
use crate::numeric::Error;

/// How to lay out a str: `left` fills, its first `taken` code points, `right` fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrLayout {
    /// The code point that pads.
    pub fill: u32,
    /// Fills before the text.
    pub left: usize,
    /// Code points of the text to show.
    pub taken: usize,
    /// Fills after the text.
    pub right: usize,
}

impl StrLayout {
    /// The layout of a text of `len` code points in `width`, cut to `precision`.
    pub(crate) fn new(
        len: usize,
        fill: u32,
        align: Align,
        width: Option<usize>,
        precision: Option<usize>,
    ) -> StrLayout {
        let taken = len.min(precision.unwrap_or(len));
        let padding = width.unwrap_or(0).saturating_sub(taken);
        let left = match align {
            Align::Left => 0,
            Align::Center => padding / 2,
            Align::Right | Align::AfterSign => padding,
        };
        StrLayout {
            fill,
            left,
            taken,
            right: padding - left,
        }
    }

    /// The length of the result in code points.
    pub fn len(&self) -> usize {
        self.left + self.taken + self.right
    }

    /// Whether the result is the empty str.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `str.__format__(value, spec)` for a str of `len` code points.
///
/// # Errors
/// `ValueError` as CPython's; too large for the context's limit.
///
/// ```
/// use pyco_exec::numeric::Release;
/// use pyco_exec::numeric::format_spec::{Context, StrLayout, format_str};
/// let context = Context { release: Release::V3_13, type_name: "str", size_limit: 1 << 20, max_digits: 4300 };
/// let layout = format_str(5, b"*>10.3", &context)?;
/// assert_eq!(layout, StrLayout { fill: u32::from('*'), left: 7, taken: 3, right: 0 });
/// # Ok::<(), pyco_exec::numeric::Error>(())
/// ```
pub fn format<T: Copy + Into<u32>>(
    len: usize,
    spec: &[T],
    context: &Context<'_>,
) -> Result<StrLayout, Error> {
    let spec = FormatSpec::parse(spec, Subject::Str, context)?;
    let code = spec.code_or('s');
    if code != u32::from('s') {
        return Err(context.unknown_code(code));
    }
    let refused = match spec.sign {
        Some(' ') => Some("Space not allowed in string format specifier"),
        Some(_) => Some("Sign not allowed in string format specifier"),
        None if spec.no_negative_zero => {
            Some("Negative zero coercion (z) not allowed in string format specifier")
        }
        None if spec.alternate => Some("Alternate form (#) not allowed in string format specifier"),
        None if spec.align == Align::AfterSign => {
            Some("'=' alignment not allowed in string format specifier")
        }
        None => None,
    };
    if let Some(message) = refused {
        return Err(Error::value(message));
    }
    let layout = StrLayout::new(len, spec.fill, spec.align, spec.width, spec.precision);
    context.admit(spec.width.unwrap_or(0).max(layout.taken))?;
    Ok(layout)
}
