//! From bytecode and tables to an [`Assembly`].

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use pyco_linetable::{ByteOffset, Location};

use super::{Argument, Assembly, Element, Label, Region, Statement};
use crate::code_object::CodeObject;
use crate::error::{Error, ErrorKind, Place};
use crate::instruction::Instruction;

impl Assembly {
    /// The body of `code`.
    ///
    /// # Errors
    /// [`ErrorKind::NotEditable`] before 3.11; where the bytecode or a table is malformed, and where a jump or an
    /// exception table entry leads to somewhere that is not the start of an instruction.
    pub fn of(code: &CodeObject) -> Result<Self, Error> {
        let mut assembly = Assembly::new(code.version())?;
        let instructions = code.instructions().collect::<Result<Vec<_>, _>>()?;
        let mut labels = BTreeMap::new();
        for instruction in &instructions {
            if let Some(target) = instruction.jump_target() {
                let target = target.ok_or_else(|| out_of_range(instruction))?;
                labels.insert(target.0, Label(0));
            }
        }
        let mut entries = Vec::new();
        for entry in code.exceptiontable() {
            let entry = entry?;
            for place in [entry.start, entry.end, entry.target] {
                labels.insert(place.to_bytes().0, Label(0));
            }
            entries.push(entry);
        }
        for label in labels.values_mut() {
            *label = assembly.new_label();
        }
        assembly.fill(code, &instructions, &labels)?;
        // Every place of an entry is in the map.
        let label = |offset: ByteOffset| labels.get(&offset.0).copied().unwrap_or(Label(0));
        assembly.regions.extend(entries.iter().map(|entry| Region {
            start: label(entry.start.to_bytes()),
            end: label(entry.end.to_bytes()),
            target: label(entry.target.to_bytes()),
            depth: entry.depth,
            lasti: entry.lasti,
        }));
        Ok(assembly)
    }

    /// Adds the statements, each label before the one that it names.
    fn fill(
        &mut self,
        code: &CodeObject,
        instructions: &[Instruction],
        labels: &BTreeMap<u32, Label>,
    ) -> Result<(), Error> {
        let mut left = labels.iter().peekable();
        let mut positions = code.positions();
        for instruction in instructions {
            let start = instruction.start.0;
            if let Some((offset, label)) = left.next_if(|(offset, _)| **offset <= start) {
                if *offset != start {
                    return Err(Error::bytecode(ErrorKind::NotAnInstruction, *offset));
                }
                self.elements.push(Element::Label(*label));
            }
            let mut location = None;
            for _ in 0..(instruction.end.0 - start) / 2 {
                let next = positions.next().transpose().map_err(|error| {
                    Error::new(
                        ErrorKind::LocationTable(error),
                        Place::LocationTable(error.offset() as u32),
                    )
                })?;
                location.get_or_insert(next.unwrap_or(Location::NONE));
            }
            let location = location.unwrap_or(Location::NONE);
            self.elements.push(Element::Statement(statement(
                code,
                instruction,
                labels,
                location,
            )));
        }
        // What covers or leads to the end of the bytecode is a label after all statements.
        let end = code.code().len() as u32;
        for (offset, label) in left {
            if *offset != end {
                return Err(Error::bytecode(ErrorKind::NotAnInstruction, *offset));
            }
            self.elements.push(Element::Label(*label));
        }
        Ok(())
    }
}

fn statement(
    code: &CodeObject,
    instruction: &Instruction,
    labels: &BTreeMap<u32, Label>,
    location: Location,
) -> Statement {
    let target = instruction
        .jump_target()
        .flatten()
        .and_then(|target| labels.get(&target.0));
    let oparg = if instruction.info.has_arg() {
        instruction.oparg
    } else {
        // Nothing looks at it, but it is to stay what it was.
        code.code()
            .get(instruction.offset.0 as usize + 1)
            .copied()
            .unwrap_or(0)
            .into()
    };
    let prefixes = ((instruction.offset.0 - instruction.start.0) / 2) as u8;
    let needed = super::assemble::prefixes_of(instruction.oparg);
    Statement {
        op: instruction.op(),
        argument: target.map_or(Argument::Number(oparg), |label| Argument::Target(*label)),
        location,
        min_prefixes: if prefixes > needed { prefixes } else { 0 },
        prefix_hint: if target.is_some() { prefixes } else { 0 },
    }
}

fn out_of_range(instruction: &Instruction) -> Error {
    Error::bytecode(
        ErrorKind::JumpOutOfRange(instruction.op()),
        instruction.offset.0,
    )
}
