//! Encoding a location table, as CPython's compiler does or entry by entry.
//!
//! Invariants: at most one run of code units is held back, until the next location is known to differ; what is
//! written decodes to the locations pushed, line by line and column by column.

use super::LinesRule;
use super::entry::{Entry, Form, LONG, MAX_UNIT_COUNT, NO_COLUMNS, NO_LOCATION, ONE_LINE};
use crate::location::{NONE, Parts};
use crate::{Error, ErrorKind, Location};
use alloc::vec::Vec;
use pyco_varint::{CONTINUATION, ENTRY_MARK, location as varint};

/// Writes a `co_linetable` of 3.11 or later: push locations in the order of the code.
///
/// Give [`LinesRule::EachEntry`] to write as 3.11 does, one entry for each push, and [`LinesRule::Merged`] to
/// write as 3.12 and later do, neighbours of one location merged. With the units and locations of the entries of
/// a table that CPython compiled (or, the same, of its instructions), the result is that table.
///
/// ```
/// use pyco_linetable::{LinesRule, Location, LocationTableBuilder};
///
/// let mut builder = LocationTableBuilder::new(1, LinesRule::Merged);
/// builder.push(1, Location::new(Some(1), Some(1), Some(0), Some(0)))?;
/// builder.push(1, Location::new(Some(1), Some(1), Some(17), Some(18)))?;
/// assert_eq!(builder.finish()?, b"\x80\x00\x90\x11");
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// Invariant: after an error the builder is as before the call.
#[derive(Debug, Clone)]
pub struct LocationTableBuilder {
    bytes: Vec<u8>,
    line: i32,
    rule: LinesRule,
    unit_total: u32,
    pending: (u32, Location),
}

impl LocationTableBuilder {
    /// A builder for a code object whose `co_firstlineno` is `first_line`.
    #[must_use]
    pub const fn new(first_line: i32, rule: LinesRule) -> Self {
        Self {
            bytes: Vec::new(),
            line: first_line,
            rule,
            unit_total: 0,
            pending: (0, Location::NONE),
        }
    }

    /// The same, with room for a table of so many bytes.
    #[must_use]
    pub fn with_capacity(first_line: i32, rule: LinesRule, byte_count: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(byte_count),
            ..Self::new(first_line, rule)
        }
    }

    /// Adds the next `unit_count` code units, all at `location`: an instruction with its `EXTENDED_ARG`s and
    /// caches, or a run of instructions.
    ///
    /// A location without a line is written as none; one without an end line ends on its line.
    ///
    /// # Errors
    /// [`ErrorKind::LineOutOfRange`] for a line above 2³¹ − 1, [`ErrorKind::EndBeforeStart`] for an end line
    /// before the line, [`ErrorKind::CodeTooLong`] where the code so far is more than 2³¹ − 1 bytes long.
    pub fn push(&mut self, unit_count: u32, location: Location) -> Result<(), Error> {
        let location = self.checked(location)?;
        let unit_total = self.unit_total.saturating_add(unit_count);
        if unit_total > i32::MAX as u32 / 2 {
            return Err(Error::new(ErrorKind::CodeTooLong, self.bytes.len()));
        }
        if self.rule == LinesRule::Merged && self.pending.1 == location {
            self.pending.0 += unit_count;
        } else {
            self.flush()?;
            self.pending = (unit_count, location);
        }
        self.unit_total = unit_total;
        Ok(())
    }

    /// The table.
    ///
    /// # Errors
    /// [`ErrorKind::LineOutOfRange`] where `first_line` is so far below the first line that their difference is
    /// not a C int.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.flush()?;
        Ok(self.bytes)
    }

    /// The location as the table will hold it, if it can.
    fn checked(&self, location: Location) -> Result<Location, Error> {
        let Some(line) = location.line() else {
            return Ok(Location::NONE);
        };
        let end_line = location.end_line().unwrap_or(line);
        let at = self.bytes.len();
        if line > i32::MAX as u32 || end_line > i32::MAX as u32 {
            return Err(Error::new(ErrorKind::LineOutOfRange, at));
        }
        if end_line < line {
            return Err(Error::new(ErrorKind::EndBeforeStart, at));
        }
        let unknown_columns = location.column().is_none() || location.end_column().is_none();
        if unknown_columns && end_line == line {
            return Ok(Location::from_line(line));
        }
        Ok(Location::from_parts(Parts {
            end_line,
            ..location.parts()
        }))
    }

    fn flush(&mut self) -> Result<(), Error> {
        let (mut unit_count, location) = self.pending;
        while unit_count > 0 {
            let chunk = unit_count.min(MAX_UNIT_COUNT);
            let form = compact_form(location, self.line);
            self.line = write(&mut self.bytes, chunk as u8, form, location, self.line)?;
            unit_count -= chunk;
        }
        self.pending.0 = 0;
        Ok(())
    }
}

/// The form that the compiler gives `location` after an entry on `line_before`.
fn compact_form(location: Location, line_before: i32) -> Form {
    let (Some(line), Some(end_line)) = (location.line(), location.end_line()) else {
        return Form::None;
    };
    let delta = i64::from(line) - i64::from(line_before);
    match (location.column(), location.end_column()) {
        _ if end_line != line => Form::Long,
        (Some(column), Some(end_column)) => {
            let is_narrow = end_column
                .checked_sub(column)
                .is_some_and(|width| width < 16);
            if delta == 0 && column < 80 && is_narrow {
                Form::Short
            } else if (0..3).contains(&delta) && column < 128 && end_column < 128 {
                Form::OneLine
            } else {
                Form::Long
            }
        }
        _ => Form::NoColumns,
    }
}

/// Appends one entry in `form`, which must be able to hold `location`; returns the line that the next entry
/// counts from.
fn write(
    bytes: &mut Vec<u8>,
    unit_count: u8,
    form: Form,
    location: Location,
    line_before: i32,
) -> Result<i32, Error> {
    let at = bytes.len();
    let first = |code: u8| ENTRY_MARK | code << 3 | (unit_count - 1);
    if form == Form::None {
        bytes.push(first(NO_LOCATION));
        return Ok(line_before);
    }
    let Parts {
        line,
        end_line,
        column,
        end_column,
    } = location.parts();
    let line_count = end_line.wrapping_sub(line);
    let line = line as i32;
    let delta = line
        .checked_sub(line_before)
        .ok_or(Error::new(ErrorKind::LineOutOfRange, at))?;
    match form {
        Form::Short => {
            bytes.push(first((column >> 3) as u8));
            bytes.push(((column & 7) << 4 | (end_column - column)) as u8);
        }
        Form::OneLine => {
            bytes.push(first(ONE_LINE + delta as u8));
            bytes.push(column as u8);
            bytes.push(end_column as u8);
        }
        _ => {
            let delta =
                varint::encode_signed(delta).ok_or(Error::new(ErrorKind::LineOutOfRange, at))?;
            let has_columns = form != Form::NoColumns;
            bytes.push(first(if has_columns { LONG } else { NO_COLUMNS }));
            delta.iter().for_each(|byte| bytes.push(*byte));
            if has_columns {
                push_varint(bytes, line_count);
                // A stored column is one more than the column; None, `u32::MAX` here, becomes 0.
                push_varint(bytes, column.wrapping_add(1));
                push_varint(bytes, end_column.wrapping_add(1));
            }
        }
    }
    Ok(line)
}

/// Appends a varint, of which nearly all are one byte.
#[inline(always)]
fn push_varint(bytes: &mut Vec<u8>, value: u32) {
    if value < u32::from(CONTINUATION) {
        bytes.push(value as u8);
    } else {
        bytes.extend_from_slice(&varint::encode(value));
    }
}

/// Writes `entries` each in the form that it names, so that a table's own entries give its own bytes, even one
/// that no compiler would have written.
///
/// The `start` of an entry is not looked at.
///
/// ```
/// use pyco_linetable::{LocationTable, locations};
///
/// let bytes = b"\xf0\x00\x00\x05\x09\x88\x11"; // the first entry could be shorter
/// let entries: Result<Vec<_>, _> = LocationTable::new(bytes, 1).entries().collect();
/// assert_eq!(locations::encode_entries(1, entries?)?, bytes);
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::FormTooSmall`] where an entry's form cannot hold its location, or its unit count is not 1 to 8;
/// [`ErrorKind::LineOutOfRange`] and [`ErrorKind::EndBeforeStart`] as for [`LocationTableBuilder::push`].
pub fn encode_entries(
    first_line: i32,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut line = first_line;
    for Entry {
        unit_count,
        form,
        location,
        ..
    } in entries
    {
        let at = bytes.len();
        if !(1..=MAX_UNIT_COUNT as u8).contains(&unit_count) || !fits(form, location, line) {
            return Err(Error::new(ErrorKind::FormTooSmall, at));
        }
        if form != Form::None {
            let Parts { line, end_line, .. } = location.parts();
            if line > i32::MAX as u32 || end_line > i32::MAX as u32 {
                return Err(Error::new(ErrorKind::LineOutOfRange, at));
            }
            if end_line < line {
                return Err(Error::new(ErrorKind::EndBeforeStart, at));
            }
        }
        line = write(&mut bytes, unit_count, form, location, line)?;
    }
    Ok(bytes)
}

/// Whether `form` can hold `location` after an entry on `line_before`.
fn fits(form: Form, location: Location, line_before: i32) -> bool {
    let Parts {
        line,
        end_line,
        column,
        end_column,
    } = location.parts();
    match form {
        Form::None => location == Location::NONE,
        Form::NoColumns => line != NONE && location == Location::from_line(line),
        Form::Long => line != NONE && end_line != NONE,
        Form::OneLine => {
            let compact = compact_form(location, line_before);
            matches!(compact, Form::Short | Form::OneLine) && column < 128 && end_column < 128
        }
        Form::Short => compact_form(location, line_before) == Form::Short,
    }
}
