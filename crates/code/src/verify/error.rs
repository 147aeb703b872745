//! [`VerifyError`]: which rule a code object breaks, and where.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::code_object::CodeObject;
use crate::instruction::Instructions;
use crate::op::Op;

use super::fault::Detail;
use super::program::Refusal;
use super::rule::Rule;

/// How many characters of a code object's name an error shows.
const NAME_LEN: usize = 200;

/// Why a code object was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError(Box<Inner>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Inner {
    name: String,
    rule: Rule,
    detail: Detail,
    place: Option<Place>,
}

/// The instruction that shows the fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place {
    offset: u32,
    /// The opcode and its argument, if it has one; not known where the bytecode cannot be decoded.
    op: Option<(Op, Option<u32>)>,
}

impl VerifyError {
    #[cold]
    pub(super) fn new(code: &CodeObject, refusal: Refusal) -> Self {
        let place = refusal.unit.map(|unit| place(code, unit));
        let name = code
            .qualname()
            .to_string_lossy()
            .chars()
            .take(NAME_LEN)
            .collect();
        let (rule, detail) = (refusal.fault.rule(), refusal.fault.detail());
        VerifyError(Box::new(Inner {
            name,
            rule,
            detail,
            place,
        }))
    }

    /// The rule that was broken.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.0.rule
    }

    /// The qualified name of the code object that breaks it; the first 200 characters.
    #[must_use]
    pub fn qualname(&self) -> &str {
        &self.0.name
    }

    /// The byte offset in the bytecode of the instruction that shows it, `EXTENDED_ARG` included; `None` where no
    /// instruction does.
    #[must_use]
    pub fn offset(&self) -> Option<u32> {
        self.0.place.map(|place| place.offset)
    }

    /// That instruction's opcode.
    #[must_use]
    pub fn op(&self) -> Option<Op> {
        self.0.place?.op.map(|(op, _)| op)
    }
}

/// The instruction that a code unit belongs to.
fn place(code: &CodeObject, unit: u32) -> Place {
    let offset = unit * 2;
    let covers = |start: u32, end: u32| (start..end).contains(&offset);
    let found = Instructions::new(code.version(), code.code())
        .map_while(Result::ok)
        .find(|instruction| covers(instruction.start.0, instruction.end.0));
    match found {
        None => Place { offset, op: None },
        Some(found) => {
            let oparg = found.info.has_arg().then_some(found.oparg);
            Place {
                offset: found.start.0,
                op: Some((found.op(), oparg)),
            }
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            name,
            rule,
            detail,
            place,
        } = &*self.0;
        write!(f, "refused: function '{}'", name.escape_debug())?;
        if let Some(Place { offset, op }) = place {
            write!(f, ", offset {offset:#x}")?;
            match op {
                Some((op, Some(oparg))) => write!(f, ", {op} {oparg}")?,
                Some((op, None)) => write!(f, ", {op}")?,
                None => {}
            }
        }
        write!(f, ": {detail} ({rule})")
    }
}

impl core::error::Error for VerifyError {}
