//! What an argument stands for, as a comment beside it.

use alloc::string::String;

use super::literal;
use crate::code_object::CodeObject;
use crate::dis::{Arguments, Line};
use crate::op::Op;
use crate::table::ArgKind;

/// Comments are cut here, in characters.
const MAX_COMMENT: usize = 60;

/// Where names and constants are looked up.
pub(super) struct Meaning<'a> {
    code: &'a CodeObject,
    arguments: Arguments<'a>,
}

impl<'a> Meaning<'a> {
    pub(super) fn new(code: &'a CodeObject) -> Self {
        Meaning {
            code,
            arguments: Arguments::new(code),
        }
    }

    /// Whether the instruction's argument means something.
    pub(super) fn has_arg(&self, op: Op) -> bool {
        let info = self.code.version().table().info_of(op);
        info.is_some_and(|info| info.has_arg())
    }

    /// What `dis` shows in parentheses; a constant as this language writes it.
    pub(super) fn of(&self, op: Op, oparg: u32) -> String {
        let mut text = String::new();
        let Some(info) = self.code.version().table().info_of(op) else {
            return text;
        };
        match (info.arg, self.code.consts().get(oparg as usize)) {
            (ArgKind::Const, Some(constant)) => {
                if let Some(code) = constant.as_code() {
                    text.push_str("code of ");
                    text.push_str(&code.qualname().to_string_lossy());
                } else {
                    literal::write(constant, &|_| 0, 4 * MAX_COMMENT, &mut text);
                }
            }
            _ => {
                let mut line = Line::default();
                // Writing to memory cannot fail.
                let _ = self
                    .arguments
                    .push_meaning(&mut line, info.base, info.arg, oparg);
                text = line.into_string();
            }
        }
        if let Some((end, _)) = text.char_indices().nth(MAX_COMMENT) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}
