//! The line of one frame as the C code shows it: the first source line only.

use super::anchors;
use super::pystr;
use super::report::{Frame, Location, SourceLines};
use super::version::Version;
use super::width;

const INDENT: &str = "    ";

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0c')
}

/// The source line and, where there are any, the carets; `margin` opens each of the two. There are no carets
/// without a version to draw them by.
pub(super) fn format(
    frame: &Frame,
    margin: &str,
    carets_of: Option<Version>,
    source: SourceLines<'_>,
) -> String {
    let is_in_angles = frame.filename.starts_with('<') && frame.filename.ends_with('>');
    let line = match frame.lineno {
        Some(number) if !is_in_angles => source(&frame.filename, number),
        _ => None,
    };
    let Some(line) = line else {
        return String::new();
    };
    let line = line.strip_suffix('\n').unwrap_or(&line);
    let stripped = line.trim_start_matches(is_blank);
    let mut text = format!("{margin}{INDENT}{stripped}\n");
    let carets = carets_of.and_then(|version| carets(line, frame.location, version));
    if let Some(carets) = carets {
        text.push_str(margin);
        text.push_str(&carets);
        text.push('\n');
    }
    text
}

/// The character offset of a byte offset, at most one past the end.
fn characters(line: &str, bytes: u32) -> usize {
    let past_end = usize::from(bytes as usize > line.len());
    pystr::characters_in_bytes(line, bytes as usize) + past_end
}

/// The caret line; `None` where the carets would cover the whole line.
fn carets(line: &str, location: Location, version: Version) -> Option<String> {
    let (first, last) = (location.line?, location.end_line?);
    let start = characters(line, location.column?);
    let mut end = characters(line, location.end_column?);
    let mut anchors = None;
    if first == last {
        anchors = anchors::in_line(pystr::slice(line, start, end), version);
    } else {
        end = end_of_text(line);
    }
    let taken_off = line.chars().take_while(|c| is_blank(*c)).count();
    let stripped_length = pystr::length(line) - taken_off;
    if end.checked_sub(start) == Some(stripped_length) && anchors.is_none() {
        return None;
    }
    // From here on all is counted in terminal columns.
    let columns = |characters: usize| width::display_width(line, characters, version);
    let anchors = anchors.map(|(left, right)| (columns(start + left), columns(start + right)));
    let (start, end) = (columns(start), columns(end));
    let mark = |column: usize| match anchors {
        Some((left, right)) if column < left || column >= right => '~',
        _ => '^',
    };
    // The indentation belongs to the counted columns: an extent that lies left of the text shortens it.
    let indented = |position: usize| match position.checked_sub(INDENT.len()) {
        Some(column) if column >= start => mark(column),
        _ => ' ',
    };
    Some((taken_off..end + INDENT.len()).map(indented).collect())
}

/// Where a line's text ends. CPython looks for the last byte that is not blank among as many bytes as the line
/// has characters.
fn end_of_text(line: &str) -> usize {
    let bytes = line.as_bytes();
    let count = pystr::length(line);
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\x0c');
    bytes[..count]
        .iter()
        .rposition(is_text)
        .map_or(0, |at| at + 1)
}
