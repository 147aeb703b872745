//! A formatted number whose padding is counted, not yet written.

use super::{Align, Context, FormatSpec};
use crate::numeric::Error;

/// A formatted number: `left` fills, the head, `middle` fills, the tail, `right` fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    fill: u32,
    left: usize,
    middle: usize,
    right: usize,
    text: String,
    head_len: usize,
    /// The one code point of `c`, instead of `text`.
    point: Option<u32>,
}

/// A part of a [`Formatted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A code point so many times; possibly none.
    Fill(u32, usize),
    /// ASCII text.
    Ascii(&'a str),
    /// One code point, possibly a lone surrogate.
    Point(u32),
}

impl Formatted {
    /// `text`, whose first `head_len` bytes are sign and prefix, in the width of `spec`.
    pub(in crate::numeric) fn number(
        text: String,
        head_len: usize,
        spec: &FormatSpec,
        context: &Context<'_>,
    ) -> Result<Formatted, Error> {
        Formatted::padded(text, head_len, None, spec, context)
    }

    /// One code point in the width of `spec`.
    pub(super) fn point(
        point: u32,
        spec: &FormatSpec,
        context: &Context<'_>,
    ) -> Result<Formatted, Error> {
        Formatted::padded(String::new(), 0, Some(point), spec, context)
    }

    fn padded(
        text: String,
        head_len: usize,
        point: Option<u32>,
        spec: &FormatSpec,
        context: &Context<'_>,
    ) -> Result<Formatted, Error> {
        let len = point.map_or(text.len(), |_| 1);
        context.admit(len.max(spec.width.unwrap_or(0)))?;
        let padding = spec.width.unwrap_or(0).saturating_sub(len);
        let (left, middle, right) = match spec.align {
            Align::Left => (0, 0, padding),
            Align::Right => (padding, 0, 0),
            Align::Center => (padding / 2, 0, padding - padding / 2),
            Align::AfterSign => (0, padding, 0),
        };
        Ok(Formatted {
            fill: spec.fill,
            left,
            middle,
            right,
            text,
            head_len,
            point,
        })
    }

    /// The length in code points.
    pub fn len(&self) -> usize {
        self.left + self.middle + self.right + self.point.map_or(self.text.len(), |_| 1)
    }

    /// Whether there is nothing at all; never so for a number.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parts, in order.
    pub fn pieces(&self) -> [Piece<'_>; 5] {
        let (head, tail) = self.text.split_at(self.head_len);
        [
            Piece::Fill(self.fill, self.left),
            Piece::Ascii(head),
            Piece::Fill(self.fill, self.middle),
            self.point.map_or(Piece::Ascii(tail), Piece::Point),
            Piece::Fill(self.fill, self.right),
        ]
    }

    /// The text, if all of it is ASCII.
    pub fn into_ascii(self) -> Option<String> {
        let padding = self.left + self.middle + self.right;
        if padding == 0 && self.point.is_none() {
            return Some(self.text);
        }
        let mut out = String::with_capacity(self.len());
        for piece in self.pieces() {
            match piece {
                Piece::Ascii(text) => out.push_str(text),
                Piece::Fill(_, 0) => {}
                Piece::Fill(point, count) => out.extend(std::iter::repeat_n(ascii(point)?, count)),
                Piece::Point(point) => out.push(ascii(point)?),
            }
        }
        Some(out)
    }

    /// The text as code points.
    pub fn code_points(&self) -> Vec<u32> {
        let mut out = Vec::with_capacity(self.len());
        for piece in self.pieces() {
            match piece {
                Piece::Ascii(text) => out.extend(text.bytes().map(u32::from)),
                Piece::Fill(point, count) => out.extend(std::iter::repeat_n(point, count)),
                Piece::Point(point) => out.push(point),
            }
        }
        out
    }
}

fn ascii(point: u32) -> Option<char> {
    char::from_u32(point).filter(char::is_ascii)
}
