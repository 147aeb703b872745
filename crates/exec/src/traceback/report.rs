//! What is to be shown: exceptions, their frames and their links, as plain data.
//!
//! All text is `str`. CPython's stderr shows a lone surrogate by its `backslashreplace` handler as `\udc80`; whoever
//! fills these structures writes it so already. Nothing here measures such text except names and source lines,
//! where surrogates do not occur.

use std::sync::Arc;

/// Exceptions that refer to each other by index, the first being the one that was not caught. An index out of
/// range counts as no link.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Each exception once, however often others refer to it: chains may be cyclic.
    pub exceptions: Vec<Exception>,
}

/// One exception.
#[derive(Debug, Clone, Default)]
pub struct Exception {
    /// `type(exc).__module__`; `None` where it is no string.
    pub module: Option<String>,
    /// `type(exc).__qualname__`.
    pub qualname: String,
    /// `str(exc)`; `None` where that raised.
    pub message: Option<String>,
    /// What follows the message, ` Did you mean …` and the like; see [`super::suggestions`].
    pub suggestion: Option<String>,
    /// `__notes__`.
    pub notes: Notes,
    /// `__cause__`.
    pub cause: Option<usize>,
    /// `__context__`.
    pub context: Option<usize>,
    /// `__suppress_context__`.
    pub suppress_context: bool,
    /// The members of an exception group; `None` for any other exception.
    pub members: Option<Vec<usize>>,
    /// The details of a `SyntaxError` or of a subclass of it.
    pub syntax: Option<SyntaxDetails>,
    /// The traceback, outermost frame first. Empty where `__traceback__` is `None`.
    pub frames: Vec<Frame>,
}

/// `__notes__` of an exception.
#[derive(Debug, Clone, Default)]
pub enum Notes {
    /// There is none.
    #[default]
    Absent,
    /// A sequence: `str()` of each item, `None` where that raised. For 3.11, where a `str` counts as a sequence,
    /// its characters.
    List(Vec<Option<String>>),
    /// Anything else, a `str` or `bytes` included: its `repr()`, `None` where that raised.
    Other(Option<String>),
}

/// The attributes of a `SyntaxError`, where they have the types they should have.
#[derive(Debug, Clone, Default)]
pub struct SyntaxDetails {
    /// `msg`.
    pub msg: Option<String>,
    /// `filename`.
    pub filename: Option<String>,
    /// `lineno`, from 1.
    pub lineno: Option<i64>,
    /// `end_lineno`, from 1.
    pub end_lineno: Option<i64>,
    /// `offset`: a character from 1.
    pub offset: Option<i64>,
    /// `end_offset`: a character from 1, exclusive.
    pub end_offset: Option<i64>,
    /// `text`: the line or lines with the error.
    pub text: Option<String>,
}

/// One entry of a traceback.
#[derive(Debug, Clone)]
pub struct Frame {
    /// `co_filename`.
    pub filename: Arc<str>,
    /// `co_name` (not `co_qualname`, in all versions).
    pub name: Arc<str>,
    /// `tb_lineno`, from 1.
    pub lineno: Option<u32>,
    /// What `co_positions` gives for `tb_lasti`.
    pub location: Location,
}

/// An extent in a source file: lines from 1, columns as UTF-8 bytes from 0, the end column exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Location {
    /// First line.
    pub line: Option<u32>,
    /// Last line.
    pub end_line: Option<u32>,
    /// Where it starts in the first line.
    pub column: Option<u32>,
    /// Where it ends in the last line.
    pub end_column: Option<u32>,
}

/// Gives the text of a line (file name, line number from 1), with or without its line feed.
///
/// `None` means that there is no such line, and no later one either. Lines end as in Python's text mode: at `\n`,
/// `\r` and `\r\n`. Since 3.13 CPython also knows the source of `<string>`, `<stdin>` and the like; before, a
/// name in angle brackets is not asked for.
pub type SourceLines<'a> = &'a dyn Fn(&str, u32) -> Option<String>;
