//! Exceptions that nobody can catch: those of `__del__`, of callbacks, of threads at their end.
//!
//! Until 3.14 C code writes them: one exception without its chain, notes and group. 3.15 writes them as any other.

use core::fmt::{self, Write};

use super::report::{Exception, Report, SourceLines};
use super::stack::{self, Style};
use super::version::Version;
use super::{Options, write_report};

/// What was going on when the exception came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// `__del__` was called.
    Deallocator,
    /// A generator, coroutine or asynchronous generator was closed because it was not needed any more.
    Closing,
    /// The hook for the end of an asynchronous generator was called.
    FinalizingGenerator,
    /// The warning about a coroutine that was never awaited became an exception.
    FinalizingCoroutine,
    /// A function in `gc.callbacks`.
    GcCallback,
    /// The callback of a weak reference.
    WeakrefCallback,
    /// A function registered with `atexit`.
    AtexitCallback,
    /// The function that a thread was started with.
    Thread,
    /// A callback made by `ctypes`.
    CtypesCallback,
    /// `sys.stdout` was flushed at the end of the program; the object is the stream.
    FlushingStdout,
}

/// `err_msg` and `object` of `sys.UnraisableHookArgs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnraisableHeading {
    /// `err_msg`; `None` is "Exception ignored in".
    pub err_msg: Option<String>,
    /// Whether `object` is the object concerned, not `None`.
    pub has_object: bool,
}

/// What the hook is told. `object_repr` is the `repr()` of the function, generator or coroutine concerned.
///
/// ```
/// use pyco_exec::traceback::{Ignored, Version, unraisable_heading};
/// let heading = unraisable_heading(Version::V3_14, Ignored::Closing, "<generator>");
/// assert_eq!(heading.err_msg.as_deref(), Some("Exception ignored while closing generator <generator>"));
/// ```
pub fn unraisable_heading(
    version: Version,
    ignored: Ignored,
    object_repr: &str,
) -> UnraisableHeading {
    let is_newest = version >= Version::V3_14;
    let (words, is_repr_in_message) = match ignored {
        Ignored::AtexitCallback => ("in atexit callback", version >= Version::V3_13),
        Ignored::Thread => ("in thread started by", version >= Version::V3_13),
        Ignored::CtypesCallback if is_newest => ("while calling ctypes callback function", true),
        Ignored::CtypesCallback => (
            "on calling ctypes callback function",
            version >= Version::V3_13,
        ),
        Ignored::Deallocator => ("while calling deallocator", is_newest),
        Ignored::Closing => ("while closing generator", is_newest),
        Ignored::FinalizingGenerator => ("while finalizing generator", is_newest),
        Ignored::FinalizingCoroutine => ("while finalizing coroutine", is_newest),
        Ignored::GcCallback => ("while calling GC callback", is_newest),
        Ignored::WeakrefCallback => ("while calling weakref callback", is_newest),
        Ignored::FlushingStdout => {
            let has_object = version < Version::V3_13;
            let word = if is_newest { "while" } else { "on" };
            let err_msg = format!("Exception ignored {word} flushing sys.stdout");
            return UnraisableHeading {
                err_msg: (!has_object).then_some(err_msg),
                has_object,
            };
        }
    };
    let is_always_told = matches!(
        ignored,
        Ignored::AtexitCallback | Ignored::Thread | Ignored::CtypesCallback
    );
    let err_msg = match (is_repr_in_message, is_always_told) {
        (true, _) => Some(format!("Exception ignored {words} {object_repr}")),
        (false, true) => Some(format!("Exception ignored {words}")),
        (false, false) => None,
    };
    UnraisableHeading {
        err_msg,
        has_object: !is_repr_in_message,
    }
}

/// Writes what `sys.unraisablehook` prints for the first exception of `report`.
///
/// `object_repr` is the `repr()` of `object`, `<object repr() failed>` where that raised, and `None` where the object
/// is `None`.
///
/// # Errors
///
/// Only those of `out`.
pub fn write_unraisable(
    report: &Report,
    err_msg: Option<&str>,
    object_repr: Option<&str>,
    options: Options,
    source: SourceLines<'_>,
    out: &mut dyn Write,
) -> fmt::Result {
    match (err_msg, object_repr) {
        (None, None) => {}
        (Some(message), None) => writeln!(out, "{message}:")?,
        (message, Some(object)) => {
            writeln!(
                out,
                "{}: {object}",
                message.unwrap_or("Exception ignored in")
            )?;
        }
    }
    if options.version >= Version::V3_15 {
        return write_report(report, options, source, out);
    }
    match report.exceptions.first() {
        Some(exception) => write_plain(exception, options, source, out),
        None => Ok(()),
    }
}

fn write_plain(
    exception: &Exception,
    options: Options,
    source: SourceLines<'_>,
    out: &mut dyn Write,
) -> fmt::Result {
    let style = match Style::of(options.version) {
        Style::Lines => Style::LineOnly,
        style => style,
    };
    let context = stack::Context {
        version: options.version,
        style,
        source,
    };
    let frames = stack::within_limit(&exception.frames, options.traceback_limit, style);
    if !frames.is_empty() {
        out.write_str("Traceback (most recent call last):\n")?;
    }
    for entry in stack::format(frames, "", context) {
        out.write_str(&entry)?;
    }
    match exception.module.as_deref() {
        Some("builtins" | "__main__") => {}
        Some(module) => write!(out, "{module}.")?,
        None => out.write_str("<unknown>")?,
    }
    let message = exception
        .message
        .as_deref()
        .unwrap_or("<exception str() failed>");
    writeln!(out, "{}: {message}", exception.qualname)
}
