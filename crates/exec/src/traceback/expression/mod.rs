//! A recogniser of Python expressions: what kind of expression a text is and where its parts lie.
//!
//! Traceback carets need the three facts that CPython takes from `ast`: is this text one expression, is that
//! expression a binary operation, a subscript or a call, and where do its operands end. So the parser builds no
//! tree: each rule returns one small [`Node`] about the outermost expression and forgets the rest. It accepts
//! and refuses what the grammar of the given version does (a text that `ast` refuses gets no anchors), apart from
//! rules of the later compiler passes, which `ast.parse` does not run either.
//!
//! Invariants: positions are byte offsets into the text; nothing panics on any text; the recursion is bounded
//! by [`lexer::MAX_DEPTH`], beyond which the text counts as no expression.

mod atoms;
mod calls;
mod lexer;
mod operators;
mod statements;
mod strings;

use std::cell::Cell;

use super::version::Version;
use lexer::{Lexer, Spanned};

/// What the outermost expression is, with the positions that only this kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plain identifier.
    Name,
    /// `left op right`, where `op` is arithmetic or bitwise.
    BinOp {
        /// Where the left operand ends, parentheses around it not counted.
        left_end: usize,
        /// Where the right operand starts, parentheses around it not counted.
        right_start: usize,
    },
    /// `value[slice]`.
    Subscript {
        /// Where the subscripted value ends, parentheses around it not counted.
        value_end: usize,
        /// Where the subscript itself ends, parentheses around it not counted.
        slice_end: usize,
    },
    /// `func(...)`.
    Call {
        /// Where the called expression ends, parentheses around it not counted.
        func_end: usize,
        /// Whether what is called is a plain identifier.
        is_name_called: bool,
    },
    /// `*value`, which only some places allow.
    Starred,
    /// Any other expression.
    Other,
}

/// One expression: its kind and its extent in bytes, parentheses around it not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether the grammar lets one assign to it.
    is_target: bool,
}

impl Node {
    fn new(kind: Kind, start: usize, end: usize) -> Self {
        let is_target = matches!(kind, Kind::Name | Kind::Subscript { .. });
        Self {
            kind,
            start,
            end,
            is_target,
        }
    }

    fn target(kind: Kind, start: usize, end: usize, is_target: bool) -> Self {
        Self {
            kind,
            start,
            end,
            is_target,
        }
    }
}

/// The text does not fit the grammar. CPython's message for it is never shown, so there is none here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

type Parsed<T = Node> = Result<T, Refused>;

/// The parser's state: the lexer, and what the grammar of the version allows.
struct Parser<'a> {
    lexer: Lexer<'a>,
    version: Version,
    /// The token looked at last, where the lexer stood before it and how it stood after: rules look often.
    seen: Cell<Option<Seen<'a>>>,
}

/// A token that was looked at.
#[derive(Clone, Copy)]
struct Seen<'a> {
    position: (usize, usize, u32, Option<u32>),
    token: Spanned<'a>,
    after: Lexer<'a>,
}

/// The expression that `text` consists of, if it is one expression statement and nothing else.
pub(super) fn parse_expression(text: &str, version: Version) -> Option<Node> {
    let mut parser = Parser::new(text, version)?;
    let node = parser.statement_expression().ok()?;
    parser.expect_end().ok()?;
    (node.kind != Kind::Starred).then_some(node)
}

/// What CPython 3.13 and later asks of the first statement of a traceback's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FirstStatement {
    /// There is none: blank lines and comments only.
    Missing,
    /// `return name(...)` or `name = anything(...)`, with the extent of the call.
    CallResult {
        /// First byte of the call.
        start: usize,
        /// One past its last byte.
        end: usize,
    },
    /// Anything else, including a text that is not Python.
    Other,
}

/// Looks at the first statement of `text`, which must be valid Python as a whole for `CallResult`.
pub(super) fn first_statement(text: &str, version: Version) -> FirstStatement {
    match Parser::new(text, version) {
        Some(mut parser) => parser.first_statement().unwrap_or(FirstStatement::Other),
        None => FirstStatement::Other,
    }
}

#[cfg(test)]
mod tests;
