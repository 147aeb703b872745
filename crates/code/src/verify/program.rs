//! [`Program`]: bytecode as a list of instructions, with jumps and exception ranges resolved to places in it.
//!
//! Invariants: every instruction of the list lies whole within the bytecode, is one that CPython's compiler can
//! write and has an argument in range; every jump and handler leads to an instruction of the list; exception
//! ranges are sorted, do not overlap, and consist of whole instructions.

use alloc::vec::Vec;

use pyco_linetable::UnitOffset;

use crate::code_object::CodeObject;
use crate::error::{Error, ErrorKind};
use crate::op::Op;

use super::argument::Bounds;
use super::fault::{Expected, Fault};
use super::opcode::{Class, Opcode, opcodes};
use super::rule::Rule;

/// In [`Instr::target`] and [`Instr::leader`]: none.
pub(super) const NONE: u32 = u32::MAX;

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instr {
    pub(super) op: Op,
    /// How many `EXTENDED_ARG` it has.
    pub(super) prefixes: u8,
    pub(super) oparg: u32,
    /// The code unit where it starts, `EXTENDED_ARG` included.
    pub(super) unit: u32,
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
#[derive(Clone, Debug)]
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
    /// The instructions that name a place in the code.
    jumps: Vec<u32>,
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

    /// Decodes as `Instructions` does, but checks as it goes, and faster.
    fn decode_instructions(&mut self, code: &CodeObject) -> Result<(), Refusal> {
        let (units, _) = code.code().as_chunks::<2>();
        let opcodes = opcodes(code.version());
        let bounds = Bounds::of(code);
        let Program {
            instrs,
            jumps,
            starts,
            ..
        } = self;
        instrs.clear();
        jumps.clear();
        starts.clear();
        starts.resize(units.len(), 0);
        let mut next = 0;
        while let Some([raw, low]) = units.get(next) {
            let start = next;
            let mut opcode = &opcodes[usize::from(*raw)];
            let mut oparg = u32::from(*low);
            if opcode.class == Class::Prefix {
                (opcode, oparg, next) = with_prefixes(opcodes, units, start)?;
            }
            let place = next as u32;
            next += 1 + usize::from(opcode.caches);
            let cache = units.get(place as usize + 1..next);
            check(opcode, oparg, cache, &bounds).map_err(|fault| fault.at(place))?;
            let target = match opcode.class {
                Class::Forward => (next as u32).saturating_add(oparg).min(NONE - 1),
                // What is in no bytecode stands for what lies before its start.
                Class::Backward => (next as u32).checked_sub(oparg).unwrap_or(NONE - 1),
                _ => NONE,
            };
            if target != NONE {
                jumps.push(instrs.len() as u32);
            }
            instrs.push(Instr {
                op: opcode.op,
                prefixes: (place - start as u32) as u8,
                oparg: if opcode.class == Class::NoArg {
                    0
                } else {
                    oparg
                },
                unit: start as u32,
                target,
                leader: NONE,
            });
            starts[start] = instrs.len() as u32;
        }
        Ok(())
    }

    /// The instruction that starts at a code unit.
    fn at_unit(&self, unit: u32) -> Option<u32> {
        self.starts.get(unit as usize)?.checked_sub(1)
    }

    /// Turns the targets of jumps, code units so far, into instructions, and marks those as leaders.
    fn resolve_jumps(&mut self) -> Result<(), Refusal> {
        for jump in 0..self.jumps.len() {
            let index = self.jumps[jump] as usize;
            let Instr {
                op, unit, target, ..
            } = self.instrs[index];
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
            if entry.start < UnitOffset(previous) {
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
        for jump in &self.jumps {
            let target = self.instrs[*jump as usize].target;
            if target != NONE {
                self.instrs[*jump as usize].target = self.instrs[target as usize].leader;
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

/// How many `EXTENDED_ARG` an argument of 32 bits can take.
const MAX_PREFIXES: usize = 3;

/// The opcode behind the `EXTENDED_ARG`s from `start` on, the argument that they make, and the opcode's unit.
fn with_prefixes<'a>(
    opcodes: &'a [Opcode; 256],
    units: &[[u8; 2]],
    start: usize,
) -> Result<(&'a Opcode, u32, usize), Refusal> {
    let mut oparg = 0;
    for at in start..=start + MAX_PREFIXES {
        let Some([raw, low]) = units.get(at) else {
            let what = "found EXTENDED_ARG, expected an instruction after it";
            return Err(Fault::plain(Rule::ExtendedArg, what).at(at as u32 - 1));
        };
        let opcode = &opcodes[usize::from(*raw)];
        oparg = oparg << 8 | u32::from(*low);
        if opcode.class != Class::Prefix {
            return Ok((opcode, oparg, at));
        }
    }
    let what = "found more than three EXTENDED_ARG";
    Err(Fault::plain(Rule::ExtendedArg, what).at(start as u32))
}

/// Whether an instruction is one that the compiler can write, its argument in range and its inline cache empty;
/// `cache` is `None` where that is cut off.
#[inline]
fn check(
    opcode: &Opcode,
    oparg: u32,
    cache: Option<&[[u8; 2]]>,
    bounds: &Bounds<'_>,
) -> Result<(), Fault> {
    match opcode.class {
        Class::Unknown => {
            let what = "found an opcode that this version does not have";
            return Err(Fault::plain(Rule::Opcode, what));
        }
        Class::Internal => {
            let what = "found an opcode that only the running interpreter uses";
            return Err(Fault::plain(Rule::Opcode, what));
        }
        // Even of an argument that means nothing.
        _ if oparg > i32::MAX as u32 => {
            let expected = Expected::AtMost(i32::MAX as u32);
            return Err(Fault::count(Rule::ExtendedArg, i64::from(oparg), expected));
        }
        _ => {}
    }
    let Some(cache) = cache else {
        let what = "found the end of the bytecode in an inline cache";
        return Err(Fault::plain(Rule::Truncated, what));
    };
    if cache.iter().any(|unit| *unit != [0, 0]) {
        let what = "found an inline cache with something in it";
        return Err(Fault::plain(Rule::CacheContent, what));
    }
    bounds.check(opcode, oparg)
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
