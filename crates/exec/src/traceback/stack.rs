//! The entries of one traceback, with runs of the same entry collapsed.

use std::fmt::Write as _;

use super::report::{Frame, SourceLines};
use super::version::Version;
use super::{frame_line, frame_lines};

/// How the entries are written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// In Python, since 3.13: all lines of the expression, with carets.
    Lines,
    /// In C, in 3.11 and 3.12: the first line, with carets.
    Line,
    /// In C, since 3.13, where only unraisable exceptions still come out this way: the first line, no carets.
    LineOnly,
}

impl Style {
    /// The style of uncaught exceptions.
    pub(super) fn of(version: Version) -> Self {
        if version >= Version::V3_13 {
            Self::Lines
        } else {
            Self::Line
        }
    }
}

/// Where entries come from and how they are shown.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) version: Version,
    pub(super) style: Style,
    pub(super) source: SourceLines<'a>,
}

/// How often an entry is shown before it is only counted.
const SHOWN_REPEATS: usize = 3;

/// How many entries the C code shows where `sys.tracebacklimit` is not set: the last ones.
const DEFAULT_LIMIT: i64 = 1000;

/// The frames that are shown at all under `sys.tracebacklimit`.
pub(super) fn within_limit(frames: &[Frame], limit: Option<i64>, style: Style) -> &[Frame] {
    let count = i64::try_from(frames.len()).unwrap_or(i64::MAX);
    let skipped = if style != Style::Lines {
        count - limit.unwrap_or(DEFAULT_LIMIT).clamp(0, count)
    } else {
        match limit {
            None => 0,
            // A slice from a negative index on counts from the end: CPython shows fewer than it has.
            Some(limit) if limit > count => (2_i64.saturating_mul(count) - limit).max(0),
            Some(limit) => count - limit.max(0),
        }
    };
    let skipped = usize::try_from(skipped).unwrap_or(0);
    frames.get(skipped..).unwrap_or(&[])
}

/// One text for each entry shown and for each count of repeats. `margin` opens each line that the C code writes.
pub(super) fn format(frames: &[Frame], margin: &str, context: Context<'_>) -> Vec<String> {
    let mut entries = Vec::new();
    let mut rest = frames;
    while let Some(first) = rest.first() {
        let is_same = |frame: &&Frame| {
            let line = |frame: &Frame| line_number(frame, context.style);
            line(first).is_some()
                && line(frame) == line(first)
                && frame.filename == first.filename
                && frame.name == first.name
        };
        let count = rest.iter().take_while(is_same).count().max(1);
        let (run, after) = rest.split_at(count);
        for frame in run.iter().take(SHOWN_REPEATS) {
            entries.push(entry(frame, margin, context));
        }
        if count > SHOWN_REPEATS {
            entries.push(repeats(count - SHOWN_REPEATS));
        }
        rest = after;
    }
    entries
}

fn repeats(count: usize) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("  [Previous line repeated {count} more time{plural}]\n")
}

/// The line that is shown: in Python the location's, where there is one.
fn line_number(frame: &Frame, style: Style) -> Option<u32> {
    let located = frame.location.line.filter(|_| style == Style::Lines);
    located.or(frame.lineno)
}

fn entry(frame: &Frame, margin: &str, context: Context<'_>) -> String {
    let is_lines = context.style == Style::Lines;
    let is_numbered_stdin = frame.filename.starts_with("<stdin-") && frame.filename.ends_with('>');
    let filename = if is_lines && is_numbered_stdin {
        "<stdin>"
    } else {
        &frame.filename
    };
    let mut text = format!("{margin}  File \"{filename}\", line ");
    match line_number(frame, context.style) {
        Some(number) => text.push_str(&number.to_string()),
        None => text.push_str(if is_lines { "None" } else { "-1" }),
    }
    let _ = writeln!(text, ", in {}", frame.name);
    let (version, source) = (context.version, context.source);
    text.push_str(&match context.style {
        Style::Lines => frame_lines::format(frame, version, source),
        Style::Line => frame_line::format(frame, margin, Some(version), source),
        Style::LineOnly => frame_line::format(frame, margin, None, source),
    });
    text
}
