//! Locations as text: `12`, `12-14`, `12:4-9`, `12:4-14:9`, with `?` for a part that is not known and `-` for none at all.

use alloc::string::String;
use core::fmt::Write;

use pyco_linetable::Location;

use super::error::Error;
use super::lex::Cursor;

pub(super) fn write(location: Location, out: &mut String) {
    let part = |part: Option<u32>, out: &mut String| match part {
        // Writing to a String cannot fail.
        Some(number) => drop(write!(out, "{number}")),
        None => out.push('?'),
    };
    if location == Location::NONE {
        return out.push('-');
    }
    let (line, end) = (location.line(), location.end_line());
    let (column, end_column) = (location.column(), location.end_column());
    part(line, out);
    if column.is_none() && end_column.is_none() {
        if line != end {
            out.push('-');
            part(end, out);
        }
        return;
    }
    out.push(':');
    part(column, out);
    out.push('-');
    if line != end {
        part(end, out);
        out.push(':');
    }
    part(end_column, out);
}

pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Location, Error> {
    if cursor.eats("-") {
        return Ok(Location::NONE);
    }
    let line = part(cursor)?;
    if cursor.eats(":") {
        let column = part(cursor)?;
        cursor.expect("-")?;
        let last = part(cursor)?;
        return Ok(if cursor.eats(":") {
            Location::new(line, last, column, part(cursor)?)
        } else {
            Location::new(line, line, column, last)
        });
    }
    let end = if cursor.eats("-") {
        part(cursor)?
    } else {
        line
    };
    Ok(Location::new(line, end, None, None))
}

fn part(cursor: &mut Cursor<'_>) -> Result<Option<u32>, Error> {
    if cursor.eats("?") {
        return Ok(None);
    }
    cursor.number().map(Some)
}
