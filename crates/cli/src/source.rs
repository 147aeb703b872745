//! Source text, where it is at hand: finding it for a code object and marking a location in it.

use std::fs;
use std::path::{Path, PathBuf};

use pyco_code::Location;
use pyco_linetable::column_to_chars;

/// At most so many lines of one location are shown.
const MAX_LINE_COUNT: u32 = 10;

/// The source that `filename`, a `co_filename` of the `.pyc` at `pyc`, was compiled from: there, or
/// beside the `.pyc`, or above its `__pycache__`. `None` if there is no such file.
pub(crate) fn find(pyc: &Path, filename: &str) -> Option<String> {
    let filename = Path::new(filename);
    let mut candidates = vec![PathBuf::from(filename)];
    let folder = pyc.parent().unwrap_or(Path::new(""));
    let name = filename.file_name()?;
    if folder.file_name().is_some_and(|name| name == "__pycache__") {
        candidates.extend(folder.parent().map(|above| above.join(name)));
    }
    candidates.push(folder.join(name));
    candidates
        .into_iter()
        .find_map(|path| fs::read_to_string(path).ok())
}

/// The location as `line:column-line:column`, or by its lines alone where columns are not known.
pub(crate) fn describe(location: Location) -> String {
    match (location.line(), location.end_line(), location.column()) {
        (None, ..) => "no location".into(),
        (Some(line), Some(end), None) if line != end => format!("{line}-{end}"),
        (Some(line), _, None) => line.to_string(),
        _ => location.to_string(),
    }
}

/// The lines of `location`, each with a line of carets below the part that belongs to it.
pub(crate) fn excerpt(source: &str, location: Location) -> String {
    let (Some(first), Some(last)) = (location.line(), location.end_line()) else {
        return String::new();
    };
    let mut text = String::new();
    let shown = last.min(first.saturating_add(MAX_LINE_COUNT - 1));
    for number in first.max(1)..=shown {
        let Some(line) = source.lines().nth(number as usize - 1) else {
            break;
        };
        text.push_str(&format!("    {line}\n"));
        let indent = (line.len() - line.trim_start().len()) as u32;
        let start = if number == first {
            location.column()
        } else {
            Some(indent)
        };
        let end = if number == last {
            location.end_column()
        } else {
            Some(line.len() as u32)
        };
        if let (Some(start), Some(end)) = (start, end) {
            let (start, end) = (column_to_chars(line, start), column_to_chars(line, end));
            let carets = "^".repeat(end.saturating_sub(start).max(1));
            text.push_str(&format!("    {}{carets}\n", " ".repeat(start)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{describe, excerpt};
    use pyco_code::Location;

    #[test]
    fn carets_stand_under_characters_not_bytes() {
        let location = Location::new(Some(1), Some(1), Some(8), Some(10));
        assert_eq!(
            excerpt("ñ = 'é' + x", location),
            "    ñ = 'é' + x\n          ^^\n"
        );
    }

    #[test]
    fn each_line_of_a_location_has_its_carets() {
        let location = Location::new(Some(1), Some(2), Some(2), Some(3));
        assert_eq!(
            excerpt("f(a,\n  b)", location),
            "    f(a,\n      ^^\n      b)\n      ^\n"
        );
    }

    #[test]
    fn unknown_columns_are_left_out() {
        assert_eq!(describe(Location::NONE), "no location");
        assert_eq!(describe(Location::from_line(3)), "3");
        assert_eq!(describe(Location::new(Some(3), Some(4), None, None)), "3-4");
        assert_eq!(
            describe(Location::new(Some(3), Some(4), Some(0), Some(9))),
            "3:0-4:9"
        );
    }

    #[test]
    fn lines_that_do_not_exist_are_left_out() {
        let location = Location::new(Some(7), Some(4_000_000_000), Some(2), Some(3));
        assert_eq!(excerpt("one line", location), "");
    }
}
