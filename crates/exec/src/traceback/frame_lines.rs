//! The lines of one frame as 3.13 and later show them: every source line of the failing expression, long ones
//! abridged, with carets below each.

use super::anchors::{self, Anchors};
use super::expression::{self, FirstStatement};
use super::pystr;
use super::report::{Frame, SourceLines};
use super::version::Version;
use super::width;

const INDENT: &str = "    ";

/// The source of an expression that spans `count` lines, of which those past the end of the file are not stored.
struct Excerpt {
    lines: Vec<String>,
    count: usize,
    /// Characters from 0 in the first and in the last line, after the common indentation was taken off.
    start: usize,
    end: usize,
}

impl Excerpt {
    fn line(&self, index: usize) -> &str {
        self.lines.get(index).map_or("", String::as_str)
    }

    fn last_line(&self) -> &str {
        self.line(self.count - 1)
    }

    fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        if self.count > self.lines.len() {
            text.push('\n');
        }
        text
    }

    /// The expression itself.
    fn segment(&self) -> String {
        let text = self.text();
        let cut = pystr::length(self.last_line()).saturating_sub(self.end);
        let end = pystr::length(&text).saturating_sub(cut);
        pystr::slice(&text, self.start, end).to_owned()
    }
}

/// The source lines and carets of a frame; empty where there is no source.
pub(super) fn format(frame: &Frame, version: Version, source: SourceLines<'_>) -> String {
    let location = frame.location;
    let Some(first) = location.line.or(frame.lineno) else {
        return String::new();
    };
    let last = location.end_line.unwrap_or(first);
    let Some(original) = fetch(&frame.filename, first, last, source) else {
        return String::new();
    };
    let (Some(column), Some(end_column)) = (location.column, location.end_column) else {
        let line = pystr::strip(original.split('\n').next().unwrap_or(""));
        let indent = if line.is_empty() { "" } else { INDENT };
        return format!("{indent}{line}\n");
    };
    let count = (last - first) as usize + 1;
    let excerpt = cut_out(&original, count, column as usize, end_column as usize);
    let shown = Display::new(&excerpt, version).render();
    pystr::indent(&pystr::dedent(&shown), INDENT)
}

/// The lines from `first` to `last`, each without trailing space; `None` if all are blank or missing.
fn fetch(filename: &str, first: u32, last: u32, source: SourceLines<'_>) -> Option<String> {
    let mut text = String::new();
    for number in first..=last {
        let Some(line) = source(filename, number) else {
            break;
        };
        text.push_str(pystr::strip_end(&line));
        text.push('\n');
    }
    (!pystr::strip(&text).is_empty()).then_some(text)
}

fn cut_out(original: &str, count: usize, column: usize, end_column: usize) -> Excerpt {
    let dedented = pystr::dedent(original);
    let original_lines = pystr::lines(original);
    let mut lines: Vec<String> = pystr::lines(&dedented)
        .into_iter()
        .map(str::to_owned)
        .collect();
    lines.truncate(count);
    let original_line = |index: usize| original_lines.get(index).copied().unwrap_or("");
    let first_line = original_line(0);
    let taken_off = pystr::length(first_line)
        .saturating_sub(lines.first().map_or(0, |line| pystr::length(line)));
    let in_characters = |line: &str, bytes: usize| {
        pystr::characters_in_bytes(line, bytes).saturating_sub(taken_off)
    };
    Excerpt {
        start: in_characters(first_line, column),
        end: in_characters(original_line(count - 1), end_column),
        lines,
        count,
    }
}

/// What is known before the lines are written out. Columns are terminal columns here.
struct Display<'a> {
    excerpt: &'a Excerpt,
    version: Version,
    anchors: Option<Anchors>,
    has_carets: bool,
    start: usize,
    end: usize,
}

impl<'a> Display<'a> {
    fn new(excerpt: &'a Excerpt, version: Version) -> Self {
        let found = anchors::in_lines(&excerpt.segment(), version);
        let columns = |line: usize, characters: usize| {
            width::display_width(excerpt.line(line), characters, version)
        };
        let in_columns = |line: usize, characters: usize| {
            let start = if line == 0 { excerpt.start } else { 0 };
            columns(line, characters + start)
        };
        Self {
            excerpt,
            version,
            has_carets: should_show_carets(excerpt, found.is_some(), version),
            anchors: found.map(|found| Anchors {
                left: in_columns(found.left_line, found.left),
                right: in_columns(found.right_line, found.right),
                ..found
            }),
            start: columns(0, excerpt.start),
            end: columns(excerpt.count - 1, excerpt.end),
        }
    }

    fn render(&self) -> String {
        let mut text = String::new();
        let mut previous: Option<usize> = None;
        for line in self.significant_lines() {
            match previous.map_or(1, |previous| line - previous) {
                1 => {}
                2 => self.render_line(line - 1, &mut text),
                gap => text.push_str(&format!("...<{} lines>...\n", gap - 1)),
            }
            self.render_line(line, &mut text);
            previous = Some(line);
        }
        text
    }

    /// The first and the last line and those around the anchors.
    fn significant_lines(&self) -> Vec<usize> {
        let last = self.excerpt.count - 1;
        let mut lines = vec![0, last];
        if let Some(anchors) = self.anchors {
            for around in [anchors.left_line, anchors.right_line] {
                lines.extend(around.saturating_sub(1)..=(around + 1).min(last));
            }
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    fn render_line(&self, index: usize, text: &mut String) {
        let line = self.excerpt.line(index);
        text.push_str(line);
        text.push('\n');
        if !self.has_carets {
            return;
        }
        let blank = pystr::leading_space_count(line);
        let end = if index == self.excerpt.count - 1 {
            self.end
        } else {
            width::full_width(line, self.version)
        };
        for column in 0..end {
            let is_before = column < blank || (index == 0 && column < self.start);
            text.push(match self.anchors {
                _ if is_before => ' ',
                Some(anchors) if !is_within(anchors, index, column) => '~',
                _ => '^',
            });
        }
        text.push('\n');
    }
}

fn is_within(anchors: Anchors, line: usize, column: usize) -> bool {
    (line, column) >= (anchors.left_line, anchors.left)
        && (line, column) < (anchors.right_line, anchors.right)
}

/// Carets are left out where they would cover all that is shown, and for the plainest calls.
fn should_show_carets(excerpt: &Excerpt, has_anchors: bool, version: Version) -> bool {
    let text = excerpt.text();
    match expression::first_statement(&text, version) {
        FirstStatement::Missing => return false,
        FirstStatement::CallResult { start, end } => {
            let line_of = |at: usize| text[..at].matches('\n').count();
            let column_of =
                |at: usize| at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            // CPython compares byte columns with character columns here.
            let spans_all = line_of(start) == 0
                && line_of(end) + 1 == excerpt.count
                && column_of(start) == excerpt.start
                && column_of(end) == excerpt.end;
            if spans_all {
                return false;
            }
        }
        FirstStatement::Other => {}
    }
    let before = pystr::slice(excerpt.line(0), 0, excerpt.start);
    let after = pystr::slice(excerpt.last_line(), excerpt.end, usize::MAX);
    has_anchors || !pystr::strip(before).is_empty() || !pystr::strip(after).is_empty()
}
