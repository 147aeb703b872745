//! The last lines of an exception: its type and message, its notes, and where a syntax error is.

use super::pystr;
use super::report::{Exception, Notes, SyntaxDetails};
use super::version::Version;
use super::width;

/// CPython would print as many carets as an exception's attributes ask for; here there is an end to it.
const MAX_CARETS: usize = 1 << 16;

/// The name of an exception's type as tracebacks show it: without the module for `builtins` and `__main__`.
///
/// `module` is `None` where `__module__` is no string.
///
/// ```
/// use pyco_exec::traceback::display_name;
/// assert_eq!(display_name(Some("builtins"), "KeyError"), "KeyError");
/// assert_eq!(display_name(Some("json.decoder"), "JSONDecodeError"), "json.decoder.JSONDecodeError");
/// assert_eq!(display_name(None, "E"), "<unknown>.E");
/// ```
pub fn display_name(module: Option<&str>, qualname: &str) -> String {
    match module {
        Some("builtins" | "__main__") => qualname.to_owned(),
        Some(module) => format!("{module}.{qualname}"),
        None => format!("<unknown>.{qualname}"),
    }
}

/// Line after line, each with its line feed.
pub(super) fn lines(exception: &Exception, version: Version) -> Vec<String> {
    let name = display_name(exception.module.as_deref(), &exception.qualname);
    let mut lines = Vec::new();
    match &exception.syntax {
        Some(details) if version >= Version::V3_13 => {
            modern_syntax(details, &name, version, &mut lines);
        }
        // Without a line number 3.11 and 3.12 treat it as any exception.
        Some(details) if details.lineno.is_some() => {
            lines.push(plain_syntax(details, name == "SyntaxError"));
            let message = details.msg.as_deref().unwrap_or("");
            lines.push(final_line(
                &name,
                message,
                exception.suggestion.as_deref(),
                version,
            ));
        }
        _ => {
            let message = exception
                .message
                .as_deref()
                .unwrap_or("<exception str() failed>");
            lines.push(final_line(
                &name,
                message,
                exception.suggestion.as_deref(),
                version,
            ));
        }
    }
    notes(&exception.notes, version, &mut lines);
    lines
}

fn final_line(name: &str, message: &str, suggestion: Option<&str>, version: Version) -> String {
    let suggestion = suggestion.unwrap_or("");
    let has_colon = !message.is_empty() || (version >= Version::V3_13 && !suggestion.is_empty());
    let colon = if has_colon { ": " } else { "" };
    format!("{name}{colon}{message}{suggestion}\n")
}

fn notes(notes: &Notes, version: Version, lines: &mut Vec<String>) {
    let mut push = |note: &str| lines.extend(note.split('\n').map(|line| format!("{line}\n")));
    match notes {
        Notes::Absent => {}
        Notes::List(items) => {
            for item in items {
                push(item.as_deref().unwrap_or("<note str() failed>"));
            }
        }
        Notes::Other(text) => {
            let text = text.as_deref().unwrap_or("<__notes__ repr() failed>");
            if version == Version::V3_11 {
                lines.push(text.to_owned());
            } else if version < Version::V3_15 {
                lines.push(format!("{text}\n"));
            } else {
                push(text);
            }
        }
    }
}

fn file_line(details: &SyntaxDetails, lineno: i64) -> String {
    let filename = details.filename.as_deref().unwrap_or("<string>");
    format!("  File \"{filename}\", line {lineno}\n")
}

fn carets(count: i64) -> String {
    "^".repeat(usize::try_from(count).unwrap_or(0).min(MAX_CARETS))
}

/// The file, the line and the carets of 3.11 and 3.12, where the text is worked on in bytes and subclasses of
/// `SyntaxError` have no end. All in one piece: within a group only its first line gets a margin.
fn plain_syntax(details: &SyntaxDetails, is_exact_type: bool) -> String {
    let lineno = details.lineno.unwrap_or(0);
    let shown = file_line(details, lineno);
    let Some(full) = &details.text else {
        return shown;
    };
    let byte_count = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let offset = details.offset.unwrap_or(-1);
    let end_offset = match details.end_offset.filter(|_| is_exact_type) {
        _ if is_exact_type && details.end_lineno.unwrap_or(lineno) > lineno => byte_count(full),
        Some(end) => end.min(byte_count(full) + 1),
        None => -1,
    };
    let caret_count = if end_offset > 0 && end_offset > offset {
        end_offset - offset
    } else {
        1
    };
    let mut text = full.trim_start_matches([' ', '\t', '\x0c']);
    let mut offset = offset.saturating_sub(1) - (byte_count(full) - byte_count(text));
    offset = offset.min(byte_count(text.strip_suffix('\n').unwrap_or(text)));
    // Of several lines the one with the offset is shown, and those after it.
    while let Some(newline) = text.find('\n') {
        let after = newline + 1;
        let skipped = byte_count(&text[..after]);
        if skipped > offset {
            break;
        }
        text = &text[after..];
        offset -= skipped;
    }
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let Ok(blank) = usize::try_from(offset) else {
        return format!("{shown}    {text}{newline}");
    };
    let carets = carets(caret_count);
    format!("{shown}    {text}{newline}    {:blank$}{carets}\n", "")
}

/// The whole of a syntax error since 3.13, its last line included.
fn modern_syntax(details: &SyntaxDetails, name: &str, version: Version, lines: &mut Vec<String>) {
    let filename = details.filename.as_deref().filter(|name| !name.is_empty());
    let mut suffix = String::new();
    match (details.lineno, &details.filename) {
        (Some(lineno), _) => {
            let filename = filename.unwrap_or("<string>");
            lines.push(format!("  File \"{filename}\", line {lineno}\n"));
        }
        (None, Some(filename)) => suffix = format!(" ({filename})"),
        (None, None) => {}
    }
    if let Some(text) = &details.text {
        syntax_text(details, text, version, lines);
    }
    let msg = details.msg.as_deref().filter(|msg| !msg.is_empty());
    let msg = msg.unwrap_or("<no detail available>");
    lines.push(format!("{name}: {msg}{suffix}\n"));
}

fn syntax_text(details: &SyntaxDetails, full: &str, version: Version, lines: &mut Vec<String>) {
    let count = |text: &str| i64::try_from(pystr::length(text)).unwrap_or(i64::MAX);
    let right_stripped = full.trim_end_matches('\n');
    let text = right_stripped.trim_start_matches([' ', '\n', '\x0c']);
    let taken_off = count(right_stripped) - count(text);
    lines.push(format!("    {text}\n"));
    let Some(mut offset) = details.offset else {
        return;
    };
    let past_end = count(right_stripped) + 1;
    let mut end = if details.lineno == details.end_lineno {
        details.end_offset.filter(|end| *end != 0).unwrap_or(offset)
    } else {
        past_end
    };
    if !full.is_empty() {
        offset = if offset > count(full) {
            past_end
        } else {
            offset
        };
        end = if end > count(full) { past_end } else { end };
    }
    if offset >= end || end < 0 {
        end = offset.saturating_add(1);
    }
    let start = offset.saturating_sub(1).saturating_sub(taken_off);
    let end = end.saturating_sub(1).saturating_sub(taken_off);
    let Ok(column) = usize::try_from(start) else {
        return;
    };
    lines.push(format!(
        "    {}\n",
        syntax_carets(text, column, end.saturating_sub(start), version)
    ));
}

/// `caret_count` carets below the character `column` of `text`.
fn syntax_carets(text: &str, column: usize, caret_count: i64, version: Version) -> String {
    if version < Version::V3_15 {
        // Tabs and their like are kept, so that the carets stay aligned.
        let before = pystr::slice(text, 0, column);
        let blank: String = before
            .chars()
            .map(|c| if pystr::is_space(c) { c } else { ' ' })
            .collect();
        return blank + &carets(caret_count);
    }
    let blank = " ".repeat(width::display_width(text, column, version));
    let length = usize::try_from(caret_count).unwrap_or(0);
    let marked = pystr::slice(text, column, column.saturating_add(length));
    let shown = if marked.is_empty() {
        caret_count
    } else {
        i64::try_from(width::full_width(marked, version)).unwrap_or(0)
    };
    blank + &carets(shown)
}
