//! [`Program`]: bytecode as a list of instructions, with jumps and exception ranges resolved to places in it.
//!
//! Invariants: every instruction of the list lies whole within the bytecode, is one that CPython's compiler can
//! write and has an argument in range; every jump and handler leads to an instruction of the list; exception
//! ranges are sorted, do not overlap, and consist of whole instructions.

use alloc::vec::Vec;

use crate::code_object::CodeObject;
use crate::error::{Error, ErrorKind, Place};
use crate::instruction::{Instruction, Instructions};
use crate::op::Op;
use crate::table::{ArgKind, Kind};

use super::argument::Bounds;
use super::fault::{Expected, Fault};
use super::rule::Rule;

/// In [`Instr::target`] and [`Instr::leader`]: none.
pub(super) const NONE: u32 = u32::MAX;

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instr {
    pub(super) op: Op,
    pub(super) oparg: u32,
    /// The code unit where it starts, `EXTENDED_ARG` included.
    pub(super) unit: u32,
    /// The code unit of its opcode.
    pub(super) opcode_unit: u32,
    /// The leader that it can jump to.
    pub(super) target: u32,
    /// Which leader it is itself.
    pub(super) leader: u32,
}

/// A run of instructions covered by one handler.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    /// The first instruction covered.
    pub(super) start: u32,
    /// The instruction after the last one covered.
    pub(super) end: u32,
    /// The leader where the handler starts.
    pub(super) handler: u32,
    pub(super) depth: u32,
    pub(super) lasti: bool,
}

/// A fault and the code unit that shows it, if one does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) fault: Fault,
    pub(super) unit: Option<u32>,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Refusal {
        Refusal { fault, unit: None }
    }
}

impl Fault {
    /// The fault with its place.
    #[cold]
    pub(super) fn at(self, unit: u32) -> Refusal {
        Refusal {
            fault: self,
            unit: Some(unit),
        }
    }
}

/// Decoded bytecode. Kept from one code object to the next for its allocations.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) instrs: Vec<Instr>,
    pub(super) regions: Vec<Region>,
    /// For each leader its instruction.
    pub(super) leaders: Vec<u32>,
    /// For each code unit 1 plus the index of the instruction that starts there, or 0.
    starts: Vec<u32>,
}

impl Program {
    /// Decodes a code object's bytecode and exception table.
    pub(super) fn decode(&mut self, code: &CodeObject) -> Result<(), Refusal> {
        self.decode_instructions(code)?;
        self.leaders.clear();
        self.mark(0);
        self.resolve_jumps()?;
        self.decode_regions(code)?;
        self.number_leaders();
        Ok(())
    }

    fn decode_instructions(&mut self, code: &CodeObject) -> Result<(), Refusal> {
        let bytes = code.code();
        let bounds = Bounds::of(code);
        self.instrs.clear();
        self.starts.clear();
        self.starts.resize(bytes.len() / 2, 0);
        for instruction in Instructions::new(code.version(), bytes) {
            let instruction = instruction.map_err(undecodable)?;
            let unit = instruction.unit().0;
            let opcode_unit = instruction.offset.0 / 2;
            check_opcode(&instruction, bytes).map_err(|fault| fault.at(opcode_unit))?;
            bounds
                .check(&instruction)
                .map_err(|fault| fault.at(opcode_unit))?;
            let target = match instruction.jump_target() {
                None => NONE,
                Some(target) => match target {
                    // An address beyond all code stands for what lies before it.
                    Some(target) => target.0 / 2,
                    None => NONE - 1,
                },
            };
            self.instrs.push(Instr {
                op: instruction.op(),
                oparg: instruction.oparg,
                unit,
                opcode_unit,
                target,
                leader: NONE,
            });
            self.starts[unit as usize] = self.instrs.len() as u32;
        }
        Ok(())
    }

    /// The instruction that starts at a code unit.
    fn at_unit(&self, unit: u32) -> Option<u32> {
        self.starts.get(unit as usize)?.checked_sub(1)
    }

    /// Turns the targets of jumps, code units so far, into instructions, and marks those as leaders.
    fn resolve_jumps(&mut self) -> Result<(), Refusal> {
        for index in 0..self.instrs.len() {
            let Instr {
                op, unit, target, ..
            } = self.instrs[index];
            if target == NONE {
                continue;
            }
            let Some(target) = self.at_unit(target) else {
                return Err(self.bad_target(target).at(unit));
            };
            if op == Op::EndAsyncFor {
                // Names the matching SEND for monitoring, and never jumps.
                self.instrs[index].target = NONE;
                continue;
            }
            self.instrs[index].target = target;
            self.mark(target);
        }
        Ok(())
    }

    fn bad_target(&self, target: u32) -> Fault {
        let what = if target as usize >= self.starts.len() {
            "found a jump out of the bytecode"
        } else {
            "found a jump into an instruction or its cache"
        };
        Fault::plain(Rule::JumpTarget, what)
    }

    /// Makes an instruction a leader; which one is settled later.
    fn mark(&mut self, index: u32) {
        if let Some(instr) = self.instrs.get_mut(index as usize) {
            instr.leader = 0;
        }
    }

    fn decode_regions(&mut self, code: &CodeObject) -> Result<(), Refusal> {
        self.regions.clear();
        let mut previous = 0;
        for entry in code.exceptiontable() {
            let entry = entry.map_err(bad_entry)?;
            let unit = entry.start.0;
            let refuse = |rule, what| Err(Fault::plain(rule, what).at(unit));
            if entry.start < UNIT_ZERO.max(pyco_linetable::UnitOffset(previous)) {
                return refuse(
                    Rule::ExceptionRange,
                    "found a range that begins before the end of another",
                );
            }
            if entry.end <= entry.start {
                return refuse(Rule::ExceptionRange, "found an empty range");
            }
            let Some(start) = self.at_unit(entry.start.0) else {
                return refuse(
                    Rule::ExceptionRange,
                    "found a range that begins within an instruction",
                );
            };
            let end = if entry.end.0 as usize == self.starts.len() {
                self.instrs.len() as u32
            } else if let Some(end) = self.at_unit(entry.end.0) {
                end
            } else {
                return refuse(
                    Rule::ExceptionRange,
                    "found a range that ends within or beyond an instruction",
                );
            };
            let Some(handler) = self.at_unit(entry.target.0) else {
                return refuse(
                    Rule::ExceptionTarget,
                    "found a handler that starts at no instruction",
                );
            };
            previous = entry.end.0;
            self.mark(handler);
            self.regions.push(Region {
                start,
                end,
                handler,
                depth: entry.depth,
                lasti: entry.lasti,
            });
        }
        Ok(())
    }

    /// Numbers the leaders by address, and makes jumps and handlers refer to those numbers.
    fn number_leaders(&mut self) {
        for (index, instr) in self.instrs.iter_mut().enumerate() {
            if instr.leader != NONE {
                instr.leader = self.leaders.len() as u32;
                self.leaders.push(index as u32);
            }
        }
        for index in 0..self.instrs.len() {
            let target = self.instrs[index].target;
            if target != NONE {
                self.instrs[index].target = self.instrs[target as usize].leader;
            }
        }
        for region in &mut self.regions {
            region.handler = self.instrs[region.handler as usize].leader;
        }
    }

    /// The regions, and which of them is the first that ends after an instruction.
    pub(super) fn region_after(&self, index: u32) -> usize {
        self.regions.partition_point(|region| region.end <= index)
    }
}

const UNIT_ZERO: pyco_linetable::UnitOffset = pyco_linetable::UnitOffset(0);

/// Whether an instruction is one that the compiler can write, its argument of fewer than 31 bits and its
/// inline cache empty.
fn check_opcode(instruction: &Instruction, bytes: &[u8]) -> Result<(), Fault> {
    let info = instruction.info;
    let is_internal = matches!(
        info.op,
        Op::Cache
            | Op::Reserved
            | Op::InterpreterExit
            | Op::ExitInitCheck
            | Op::EnterExecutor
            | Op::TraceRecord
    );
    if info.kind != Kind::Base || is_internal {
        return Err(Fault::plain(
            Rule::Opcode,
            "found an opcode that only the running interpreter uses",
        ));
    }
    if instruction.oparg > i32::MAX as u32 {
        let expected = Expected::AtMost(i32::MAX as u32);
        return Err(Fault::count(
            Rule::ExtendedArg,
            i64::from(instruction.oparg),
            expected,
        ));
    }
    let cache = instruction.cache_start().0 as usize..instruction.end.0 as usize;
    if bytes[cache].iter().any(|byte| *byte != 0) {
        return Err(Fault::plain(
            Rule::CacheContent,
            "found an inline cache with something in it",
        ));
    }
    // A pseudo opcode cannot be met: its number has no room in a byte.
    debug_assert!(info.arg != ArgKind::Extended);
    Ok(())
}

/// The refusal of bytecode that cannot be decoded.
#[cold]
fn undecodable(error: Error) -> Refusal {
    let (rule, what) = match error.kind() {
        ErrorKind::UnknownOpcode(..) => (
            Rule::Opcode,
            "found an opcode that this version does not have",
        ),
        ErrorKind::TruncatedInstruction => (
            Rule::Truncated,
            "found the end of the bytecode in an instruction",
        ),
        ErrorKind::TruncatedCache(_) => (
            Rule::Truncated,
            "found the end of the bytecode in an inline cache",
        ),
        ErrorKind::TooManyExtendedArgs => (Rule::ExtendedArg, "found more than three EXTENDED_ARG"),
        _ => (
            Rule::ExtendedArg,
            "found EXTENDED_ARG, expected an instruction after it",
        ),
    };
    let unit = match error.place() {
        Place::Bytecode(offset) => Some(offset / 2),
        _ => None,
    };
    Refusal {
        fault: Fault::plain(rule, what),
        unit,
    }
}

/// The refusal of a malformed exception table entry.
#[cold]
fn bad_entry(error: Error) -> Refusal {
    let what = match error.kind() {
        ErrorKind::ExceptionRange => "found a range that ends beyond all bytecode",
        _ => "found a malformed entry",
    };
    Fault::plain(Rule::ExceptionEntry, what).into()
}
