//! Traceback text, carets included, and name suggestions, as pure functions.
//!
//! What CPython prints on stderr for an exception that nobody caught, byte for byte, for each of 3.11 to 3.15:
//! frames with their source lines and carets, repeated lines collapsed, causes and contexts, exception groups,
//! notes, syntax errors, "Did you mean" suggestions, warnings and the reports of unraisable exceptions. Everything
//! works on plain data ([`Report`]) and a function that gives source lines; there is no object model here and
//! nothing of the host is touched.
//!
//! Invariants: no input makes these functions panic or recurse deeply; the text goes to a [`core::fmt::Write`],
//! which may stop it with an error at any point.
//!
//! - `report`: the data; `chain`: order of exceptions, groups; `stack`: frames of one exception;
//! - `frame_lines` and `frame_line`: source and carets since 3.13 and before; `anchors` and `expression`: where
//!   the operator is; `width` and `width_tables`: columns on a terminal;
//! - `message`: type, message, notes, syntax errors; `suggestions`: similar names;
//! - `warning` and `unraisable`: two other texts made of the same parts.

mod anchors;
mod chain;
mod expression;
mod frame_line;
mod frame_lines;
mod message;
mod pystr;
mod report;
mod stack;
pub mod suggestions;
mod unraisable;
mod version;
mod warning;
mod width;
#[rustfmt::skip]
mod width_tables;

pub use message::display_name;
pub use report::{Exception, Frame, Location, Notes, Report, SourceLines, SyntaxDetails};
pub use unraisable::{Ignored, UnraisableHeading, unraisable_heading, write_unraisable};
pub use version::Version;
pub use warning::format_warning;

/// What can be set about the text.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Whose text it is.
    pub version: Version,
    /// `sys.tracebacklimit`, where it is set.
    pub traceback_limit: Option<i64>,
}

impl Options {
    /// The text of `version`, with no limit set.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            traceback_limit: None,
        }
    }
}

/// Writes what `sys.excepthook` prints for the first exception of `report`.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_report(
    report: &Report,
    options: Options,
    source: SourceLines<'_>,
    out: &mut dyn core::fmt::Write,
) -> core::fmt::Result {
    let (version, limit) = (options.version, options.traceback_limit);
    chain::Printer::new(report, version, limit, source, out).print()
}

/// Writes what CPython prints when `sys.excepthook` itself fails: the exception that the hook raised and the one it
/// was called for.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_hook_failure(
    raised: &Report,
    original: &Report,
    options: Options,
    source: SourceLines<'_>,
    out: &mut dyn core::fmt::Write,
) -> core::fmt::Result {
    out.write_str("Error in sys.excepthook:\n")?;
    write_report(raised, options, source, out)?;
    out.write_str("\nOriginal exception was:\n")?;
    write_report(original, options, source, out)
}

/// What `sys.excepthook` prints for the first exception of `report`, as a `String`.
///
/// ```
/// use pyco_exec::traceback::{Exception, Frame, Location, Options, Report, Version, format_report};
///
/// let frame = Frame {
///     filename: "half.py".into(),
///     name: "<module>".into(),
///     lineno: Some(1),
///     location: Location { line: Some(1), end_line: Some(1), column: Some(4), end_column: Some(9) },
/// };
/// let exception = Exception {
///     module: Some("builtins".into()),
///     qualname: "ZeroDivisionError".into(),
///     message: Some("division by zero".into()),
///     frames: vec![frame],
///     ..Exception::default()
/// };
/// let report = Report { exceptions: vec![exception] };
/// let source = |_: &str, line: u32| (line == 1).then(|| "x = 1 / 0\n".to_owned());
/// let text = format_report(&report, Options::new(Version::V3_13), &source);
/// assert_eq!(text, "\
/// Traceback (most recent call last):
///   File \"half.py\", line 1, in <module>
///     x = 1 / 0
///         ~~^~~
/// ZeroDivisionError: division by zero
/// ");
/// ```
pub fn format_report(report: &Report, options: Options, source: SourceLines<'_>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_report(report, options, source, &mut text);
    text
}
