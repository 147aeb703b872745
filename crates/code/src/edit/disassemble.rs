//! From bytecode and tables to an [`Assembly`].

use alloc::vec;
use alloc::vec::Vec;

use pyco_linetable::{ByteOffset, Location, UnitOffset};

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
        let unit_count = code.code().len() / 2;
        let mut labels = Labels::new(unit_count);
        let mut instructions = Vec::with_capacity(unit_count);
        for instruction in code.instructions() {
            let instruction = instruction?;
            if let Some(target) = instruction.jump_target() {
                let target = target.ok_or_else(|| out_of_range(&instruction))?;
                labels.mark(target)?;
            }
            instructions.push(instruction);
        }
        let mut entries = Vec::new();
        for entry in code.exceptiontable() {
            let entry = entry?;
            for place in [entry.start, entry.end, entry.target] {
                labels.mark(place.to_bytes())?;
            }
            entries.push(entry);
        }
        let label_count = labels.number(&mut assembly);
        assembly
            .elements
            .reserve_exact(instructions.len() + label_count);
        assembly.fill(code, &instructions, &labels, label_count)?;
        // Every place of an entry has a label.
        let label = |offset: UnitOffset| labels.at(offset.to_bytes()).unwrap_or(Label(0));
        assembly.regions.extend(entries.iter().map(|entry| Region {
            start: label(entry.start),
            end: label(entry.end),
            target: label(entry.target),
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
        labels: &Labels,
        label_count: usize,
    ) -> Result<(), Error> {
        let mut positions = code.positions();
        let element_count = instructions.len() + label_count;
        for instruction in instructions {
            let start = instruction.start;
            if let Some(label) = labels.at(start) {
                self.elements.push(Element::Label(label));
            }
            let unit_count = (instruction.end.0 - start.0) / 2;
            let location = positions.next_run(unit_count).map_err(|error| {
                Error::new(
                    ErrorKind::LocationTable(error),
                    Place::LocationTable(error.offset() as u32),
                )
            })?;
            let location = location.unwrap_or(Location::NONE);
            self.elements.push(Element::Statement(statement(
                code,
                instruction,
                labels,
                location,
            )));
        }
        // What covers or leads to the end of the bytecode is a label after all statements.
        let end = ByteOffset(code.code().len() as u32);
        if let Some(label) = labels.at(end) {
            self.elements.push(Element::Label(label));
        }
        if self.elements.len() == element_count {
            return Ok(());
        }
        // Some label is neither at an instruction nor at the end.
        let is_start = |offset: &u32| {
            let by_start = |instruction: &Instruction| instruction.start.0;
            instructions.binary_search_by_key(offset, by_start).is_ok()
        };
        let stray = labels
            .offsets()
            .find(|offset| *offset != end.0 && !is_start(offset));
        Err(Error::bytecode(
            ErrorKind::NotAnInstruction,
            stray.unwrap_or(end.0),
        ))
    }
}

/// Which code units have a label, the one behind the last included.
struct Labels {
    /// For each code unit 0, or one more than the label.
    at: Vec<u32>,
}

impl Labels {
    fn new(unit_count: usize) -> Self {
        Labels {
            at: vec![0; unit_count + 1],
        }
    }

    /// Notes that something refers to `offset`.
    fn mark(&mut self, offset: ByteOffset) -> Result<(), Error> {
        let place = self.at.get_mut(offset.to_units().0 as usize);
        match place {
            Some(place) if offset.0.is_multiple_of(2) => *place = 1,
            _ => return Err(Error::bytecode(ErrorKind::NotAnInstruction, offset.0)),
        }
        Ok(())
    }

    /// Gives each place noted a label, in order; how many there are.
    fn number(&mut self, assembly: &mut Assembly) -> usize {
        let noted = self.at.iter_mut().filter(|place| **place != 0);
        noted
            .map(|place| *place = assembly.new_label().0 + 1)
            .count()
    }

    fn at(&self, offset: ByteOffset) -> Option<Label> {
        let place = self.at.get(offset.to_units().0 as usize)?;
        place.checked_sub(1).map(Label)
    }

    /// Where there are labels, in bytes.
    fn offsets(&self) -> impl Iterator<Item = u32> {
        let labelled = (0u32..).zip(&self.at).filter(|(_, place)| **place != 0);
        labelled.map(|(unit, _)| 2 * unit)
    }
}

fn statement(
    code: &CodeObject,
    instruction: &Instruction,
    labels: &Labels,
    location: Location,
) -> Statement {
    let target = instruction
        .jump_target()
        .flatten()
        .and_then(|target| labels.at(target));
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
        argument: target.map_or(Argument::Number(oparg), Argument::Target),
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
