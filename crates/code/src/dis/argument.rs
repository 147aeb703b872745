//! What `dis` shows in parentheses after an argument, but for jump targets, whose form each layout has its own way
//! to write.

use core::fmt::{self, Write};

use pyco_marshal::Str;

use super::line::Line;
use crate::code_object::CodeObject;
use crate::instruction::RawInstruction;
use crate::localsplus::LocalKind;
use crate::op::Op;
use crate::repr;
use crate::table::ArgKind;
use crate::version::Version;

/// What an index leads to where there is nothing: CPython's `dis` raises IndexError.
const OUT_OF_RANGE: &str = "<index out of range>";

/// The attributes of `MAKE_FUNCTION` (from 3.8 on) and `SET_FUNCTION_ATTRIBUTE`, by bit.
const FUNCTION_FLAGS: [&str; 5] = [
    "defaults",
    "kwdefaults",
    "annotations",
    "closure",
    "annotate",
];

/// Where names and constants are looked up.
pub(crate) struct Arguments<'a> {
    code: &'a CodeObject,
    version: Version,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(code: &'a CodeObject) -> Self {
        Arguments {
            code,
            version: code.version(),
        }
    }

    /// Writes ` (...)` where `dis` shows something for the argument. Jumps show nothing here.
    pub(super) fn push(&self, line: &mut Line, instruction: &RawInstruction) -> fmt::Result {
        let (Some(info), Some(oparg)) = (instruction.info, instruction.oparg) else {
            return Ok(());
        };
        let before = line.len();
        line.push_fixed(b" (");
        let start = line.len();
        self.push_meaning(line, info.base, info.arg, oparg)?;
        // 2.7 shows an empty name too.
        let shown = self.version == Version::V2_7 && matches!(info.arg, ArgKind::Name { .. });
        if line.len() == start && !shown {
            line.truncate(before);
        } else {
            line.push_fixed(b")");
        }
        Ok(())
    }

    pub(crate) fn push_meaning(
        &self,
        line: &mut Line,
        base: Op,
        arg: ArgKind,
        oparg: u32,
    ) -> fmt::Result {
        let table = self.version.table();
        let index = oparg as usize;
        let text =
            |texts: &[&'static str], at: usize| texts.get(at).copied().unwrap_or(OUT_OF_RANGE);
        match arg {
            // 3.11 shows the constant of LOAD_CONST only.
            ArgKind::Const if self.version == Version::V3_11 && base != Op::LoadConst => {}
            ArgKind::Const => match self.code.consts().get(index) {
                Some(constant) => repr::write(constant, self.version, line)?,
                None => line.push(OUT_OF_RANGE),
            },
            ArgKind::Name { shift } => self.push_name(line, base, oparg, shift),
            ArgKind::Local => self.push_local(line, index),
            ArgKind::Free => self.push_free(line, index),
            ArgKind::LocalPair => {
                self.push_local(line, index >> 4);
                line.push_fixed(b", ");
                self.push_local(line, index & 15);
            }
            ArgKind::Compare => self.push_compare(line, oparg),
            ArgKind::BinaryOp => line.push(
                table
                    .nb_ops
                    .get(index)
                    .map_or(OUT_OF_RANGE, |(_, sign)| *sign),
            ),
            ArgKind::Intrinsic1 => line.push(text(table.intrinsic_1, index)),
            ArgKind::Intrinsic2 => line.push(text(table.intrinsic_2, index)),
            ArgKind::SpecialMethod => line.push(text(table.special_methods, index)),
            ArgKind::CommonConstant => push_common(line, text(table.common_constants, index)),
            ArgKind::Convert => line.push(text(&["", "str", "repr", "ascii"], index)),
            ArgKind::FormatValue => push_format(line, oparg),
            ArgKind::FunctionFlags if self.version >= Version::V3_8 => self.push_flags(line, oparg),
            ArgKind::Number if self.version >= Version::V3_14 => match base {
                Op::IsOp => line.push(if oparg == 0 { "is" } else { "is not" }),
                Op::ContainsOp => line.push(if oparg == 0 { "in" } else { "not in" }),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// A name, and what the bits below its index say.
    fn push_name(&self, line: &mut Line, base: Op, oparg: u32, shift: u8) {
        let name = self.code.names().get((oparg >> shift) as usize);
        let flags = if shift == 0 {
            0
        } else {
            oparg & ((1 << shift) - 1)
        };
        // `from . import x` imports a name without letters, beside which `dis` shows nothing.
        if name.is_some_and(|name| name.as_bytes().is_empty()) {
            return;
        }
        let null = match (base, flags & 1) {
            (Op::ImportName, _) => {
                push_str(line, name);
                // An explicit `lazy` hides what the other bit says.
                return line.push(match flags {
                    0 => "",
                    2 => " + eager",
                    _ => " + lazy",
                });
            }
            (_, 0) => return push_str(line, name),
            (Op::LoadGlobal, _) => "NULL",
            _ => "NULL|self",
        };
        // From 3.13 on the NULL is pushed after the value.
        if self.version >= Version::V3_13 {
            push_str(line, name);
            line.push_fixed(b" + ");
            line.push(null);
        } else {
            line.push(null);
            line.push_fixed(b" + ");
            push_str(line, name);
        }
    }

    fn push_local(&self, line: &mut Line, index: usize) {
        let slot = self.code.localsplusnames().get(index);
        let is_local = |_: &&Str| {
            self.version.has_localsplus() || self.code.local_kind(index) == LocalKind::LOCAL
        };
        push_str(line, slot.filter(is_local));
    }

    fn push_free(&self, line: &mut Line, index: usize) {
        let names = self.code.localsplusnames();
        if self.version.has_localsplus() {
            return push_str(line, names.get(index));
        }
        let locals = self.code.varnames().count();
        push_str(line, locals.checked_add(index).and_then(|at| names.get(at)));
    }

    fn push_compare(&self, line: &mut Line, oparg: u32) {
        let shift = match self.version {
            Version::V3_12 => 4,
            older if older < Version::V3_12 => 0,
            _ => 5,
        };
        let names = self.version.table().cmp_op;
        let name = names
            .get((oparg >> shift) as usize)
            .copied()
            .unwrap_or(OUT_OF_RANGE);
        if self.version >= Version::V3_13 && oparg & 16 != 0 {
            line.push("bool(");
            line.push(name);
            line.push(")");
        } else {
            line.push(name);
        }
    }

    fn push_flags(&self, line: &mut Line, oparg: u32) {
        let known = if self.version >= Version::V3_14 { 5 } else { 4 };
        let mut comma = "";
        for (bit, name) in FUNCTION_FLAGS.iter().enumerate().take(known) {
            if oparg >> bit & 1 != 0 {
                line.push(comma);
                line.push(name);
                comma = ", ";
            }
        }
    }
}

fn push_str(line: &mut Line, name: Option<&Str>) {
    match name {
        Some(name) if name.is_ascii() => line.push_ascii(name.as_bytes()),
        Some(name) => line.push(&name.to_string_lossy()),
        None => line.push(OUT_OF_RANGE),
    }
}

/// A constant that the interpreter keeps: a type by its name, everything else by its repr.
fn push_common(line: &mut Line, name: &str) {
    if matches!(name, "all" | "any") {
        // Writing to memory cannot fail.
        let _ = write!(line, "<built-in function {name}>");
    } else {
        line.push(name);
    }
}

/// The conversion of an f-string's field, and whether it has a format specification.
fn push_format(line: &mut Line, oparg: u32) {
    let conversion = ["", "str", "repr", "ascii"][(oparg & 3) as usize];
    line.push(conversion);
    if oparg & 4 != 0 {
        line.push(if conversion.is_empty() {
            "with format"
        } else {
            ", with format"
        });
    }
}
