//! The layout of 2.7: instructions of one or three bytes, nothing stripped at a line's end.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::argument::Arguments;
use super::line::{Line, LineStarts, push_opname};
use crate::code_object::CodeObject;
use crate::instruction::RawInstructions;
use crate::op::Op;
use crate::table::ArgKind;

pub(super) fn write<W: Write>(code: &CodeObject, line: &mut Line, out: &mut W) -> fmt::Result {
    let instructions = RawInstructions::new(code.version(), code.code());
    let mut labels = instructions
        .clone()
        .filter_map(|jump| jump.jump_target_of(jump.oparg? & 0xffff))
        .collect::<Vec<_>>();
    labels.sort_unstable();
    let arguments = Arguments::new(code);
    let mut starts = LineStarts::of(code);
    let mut extended = false;
    for instruction in instructions {
        let offset = instruction.offset.0;
        match starts.starting_at(offset).flatten() {
            Some(number) => {
                if offset > 0 {
                    line.push_fixed(b"\n");
                }
                line.number(i64::from(number), 3);
            }
            None => line.spaces(3),
        }
        let is_label = labels.binary_search(&i64::from(offset)).is_ok();
        line.push(if is_label { "     >> " } else { "        " });
        line.number(i64::from(offset), 4);
        line.push(" ");
        let op = instruction.info.map(|info| info.op);
        push_opname(line, instruction.raw, op);
        if let Some(oparg) = instruction.oparg {
            // After EXTENDED_ARG the argument is a long, which shows.
            let long = if extended { "L" } else { "" };
            line.push(" ");
            line.number(i64::from(oparg), 5 - long.len());
            line.push(long);
            let arg = instruction.info.map(|info| info.arg);
            if let (Some(target), Some(ArgKind::JumpForward)) = (instruction.jump_target(), arg) {
                write!(line, " (to {target}{long})")?;
            } else {
                arguments.push(line, &instruction)?;
            }
        }
        extended = instruction
            .info
            .is_some_and(|info| info.op == Op::ExtendedArg);
        line.end_unstripped(out)?;
    }
    line.flush(out)?;
    starts.write_error(out)
}
