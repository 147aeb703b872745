//! Where the operator, the brackets or the call's parentheses lie within a piece of source.
//!
//! 3.11 and 3.12 look at one line and know binary operators and subscripts; later versions look at several lines
//! and know calls too. 3.11 and 3.12 also fold constants before they look, so that `1 + 2` gets no anchors there; that is
//! not imitated, since what was folded cannot raise.

use super::expression::{self, Kind};
use super::pystr;
use super::version::Version;

/// A stretch to be marked `^` within one marked `~`: lines from 0 within the piece, columns in characters from 0
/// within the line, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchors {
    pub(super) left_line: usize,
    pub(super) left: usize,
    pub(super) right_line: usize,
    pub(super) right: usize,
}

/// The anchors in one line, as 3.11 and 3.12 find them: character columns within `segment`.
pub(super) fn in_line(segment: &str, version: Version) -> Option<(usize, usize)> {
    let node = expression::parse_expression(segment, version)?;
    let bytes = segment.as_bytes();
    let (left, right) = match node.kind {
        Kind::BinOp {
            left_end,
            right_start,
        } => operator_in_line(bytes, left_end, right_start)?,
        Kind::Subscript {
            value_end,
            slice_end,
        } => {
            let find = |from: usize, bracket: u8| {
                let found = bytes.iter().skip(from).position(|b| *b == bracket);
                found.map_or(bytes.len().max(from), |at| from + at)
            };
            let right = find(slice_end + 1, b']');
            let right = right + usize::from(right < bytes.len());
            (find(value_end, b'['), right)
        }
        _ => return None,
    };
    let character = |byte: usize| pystr::characters_in_bytes(segment, byte);
    Some((character(left), character(right)))
}

/// Byte columns of the operator between two operands, which parentheses may surround.
fn operator_in_line(bytes: &[u8], left_end: usize, right_start: usize) -> Option<(usize, usize)> {
    let is_blank = |at: usize| matches!(bytes[at], b' ' | b'\t' | b'\x0c');
    let mut found = None;
    for at in (left_end..right_start.min(bytes.len())).filter(|at| !is_blank(*at)) {
        let has_next = at + 1 < right_start;
        let is_double = has_next && !is_blank(at + 1);
        found = Some((at, at + 1 + usize::from(is_double)));
        if !(has_next && bytes[at] == b')') {
            break;
        }
    }
    found
}

/// The anchors in one or more lines, as 3.13 and later find them.
pub(super) fn in_lines(segment: &str, version: Version) -> Option<Anchors> {
    const OPENING: &str = "(\n";
    let node = expression::parse_expression(&format!("{OPENING}{segment}\n)"), version)?;
    let grid = Grid::new(segment);
    let place = |at: usize| grid.place(at.checked_sub(OPENING.len())?);
    match node.kind {
        Kind::BinOp {
            left_end,
            right_start,
        } => grid.operator(place(left_end)?, place(right_start)?),
        Kind::Subscript { value_end, .. } => {
            grid.brackets(place(value_end)?, place(node.end)?, '[')
        }
        Kind::Call { func_end, .. } => grid.brackets(place(func_end)?, place(node.end)?, '('),
        _ => None,
    }
}

/// A line and a column in characters.
type Place = (usize, usize);

/// The piece cut into lines, to walk over its characters.
struct Grid<'a> {
    segment: &'a str,
    lines: Vec<Vec<char>>,
}

impl<'a> Grid<'a> {
    fn new(segment: &'a str) -> Self {
        let lines = pystr::lines(segment);
        Self {
            segment,
            lines: lines.iter().map(|line| line.chars().collect()).collect(),
        }
    }

    /// The place of a byte of the piece. The parser breaks lines at `\n` alone, the grid as Python does.
    fn place(&self, at: usize) -> Option<Place> {
        let before = self.segment.get(..at)?;
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().map_or(0, str::len);
        let text: String = self.lines.get(line)?.iter().collect();
        Some((line, pystr::characters_in_bytes(&text, column)))
    }

    /// This place, or the first one after it that has a character.
    fn valid(&self, (mut line, mut column): Place) -> Option<Place> {
        while column >= self.lines.get(line)?.len() {
            column = 0;
            line += 1;
        }
        Some((line, column))
    }

    /// The first character from `place` on that `is_wanted`, comments and continued line ends skipped.
    fn find(&self, place: Place, is_wanted: impl Fn(char) -> bool) -> Option<(Place, char)> {
        let mut place = self.valid(place)?;
        loop {
            let (line, column) = place;
            let c = self.lines[line][column];
            place = match c {
                '\\' | '#' => self.valid((line + 1, 0))?,
                _ if is_wanted(c) => return Some((place, c)),
                _ => self.valid((line, column + 1))?,
            };
        }
    }

    fn operator(&self, left_end: Place, right_start: Place) -> Option<Anchors> {
        let ((line, left), _) = self.find(left_end, |c| !pystr::is_space(c) && c != ')')?;
        let mut right = left + 1;
        let next = self.lines[line].get(right);
        let is_before_operand = right_start.0 > line || right < right_start.1;
        let is_double = next.is_some_and(|c| !pystr::is_space(*c) && !matches!(c, '\\' | '#'));
        if is_before_operand && is_double {
            right += 1;
        }
        Some(Anchors {
            left_line: line,
            left,
            right_line: line,
            right,
        })
    }

    fn brackets(&self, value_end: Place, end: Place, bracket: char) -> Option<Anchors> {
        let ((left_line, left), _) = self.find(value_end, |c| c == bracket)?;
        let (right_line, right) = end;
        Some(Anchors {
            left_line,
            left,
            right_line,
            right,
        })
    }
}
