//! Where lines end.

use pyco_exec::text::{StrBuf, StrBuilder, StrView};

use crate::io::newline::find;

/// What ends a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::io) enum LineEnd {
    /// `\n`; others were translated.
    Lf,
    /// `\n`, `\r` or `\r\n`.
    Universal,
    /// `\r`.
    Cr,
    /// `\r\n`.
    CrLf,
}

impl LineEnd {
    /// The one for a `newline` argument.
    pub(in crate::io) fn of(newline: Option<&str>) -> LineEnd {
        match newline {
            Some("") => LineEnd::Universal,
            Some("\r") => LineEnd::Cr,
            Some("\r\n") => LineEnd::CrLf,
            _ => LineEnd::Lf,
        }
    }

    /// Where the line that starts at `from` ends, behind its end; if it does not, up to where it is known that it does not.
    pub(in crate::io) fn find(self, text: StrView<'_>, from: usize) -> Result<usize, usize> {
        match self {
            LineEnd::Lf => find(text, b'\n', from).map(|at| at + 1).ok_or(text.len()),
            LineEnd::Cr => find(text, b'\r', from).map(|at| at + 1).ok_or(text.len()),
            LineEnd::CrLf => {
                let mut start = from;
                while let Some(at) = find(text, b'\r', start) {
                    match text.get(at + 1) {
                        Some(0x0A) => return Ok(at + 2),
                        Some(_) => start = at + 1,
                        None => return Err(at),
                    }
                }
                Err(text.len())
            }
            LineEnd::Universal => {
                let lf = find(text, b'\n', from);
                match (find(text, b'\r', from), lf) {
                    (Some(cr), Some(lf)) if cr + 1 == lf => Ok(lf + 1),
                    (Some(cr), Some(lf)) => Ok(cr.min(lf) + 1),
                    (Some(end), None) | (None, Some(end)) => Ok(end + 1),
                    (None, None) => Err(text.len()),
                }
            }
        }
    }
}

/// The text with another line end in the place of each `\n`.
pub(in crate::io) fn with_line_ends(text: StrView<'_>, end: &str) -> StrBuf {
    let mut out = StrBuilder::with_capacity(text.len() + 8);
    let mut start = 0;
    while let Some(at) = find(text, b'\n', start) {
        out.push_view(text.substr(start..at).view());
        out.push_str(end);
        start = at + 1;
    }
    out.push_view(text.substr(start..text.len()).view());
    out.finish()
}
