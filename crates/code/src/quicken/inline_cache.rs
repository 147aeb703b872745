//! [`InlineCache`]: the fields of one instruction's inline cache, by name.
//!
//! The names are those of `dis`; the order is that of the interpreter, which from 3.13 on keeps LOAD_GLOBAL's index last
//! whatever `dis` says. Fields of several units are little-endian, as on every machine that CPython is released for.

use core::ops::Range;

use super::counter::Counter;
use crate::op::Op;
use crate::table::OpInfo;
use crate::version::Version;

/// The inline cache of one instruction.
#[derive(Clone, Copy, Debug)]
pub struct InlineCache<'a> {
    pub(super) version: Version,
    pub(super) info: &'static OpInfo,
    pub(super) bytes: &'a [u8],
}

impl<'a> InlineCache<'a> {
    /// The instruction, specialised or not.
    #[must_use]
    pub fn op(&self) -> Op {
        self.info.op
    }

    /// What the instruction is a form of: itself, if it is not specialised.
    #[must_use]
    pub fn base(&self) -> Op {
        self.info.base
    }

    /// The units, two bytes each.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The fields by name, in the order in which they lie. A specialised form may put something else into a field:
    /// where it needs an offset in an object's dict, that is where `keys_version` is.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, u64)> + use<'a> {
        let bytes = self.bytes;
        places(self.version, self.info.base).map(move |(name, place)| (name, read(bytes, place)))
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<u64> {
        self.fields()
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value)
    }

    /// The counter of the next attempt to specialise the instruction.
    #[must_use]
    pub fn counter(&self) -> Option<Counter> {
        Counter::of(self.version, self.info.op, self.first_unit()?)
    }

    /// Of a conditional jump (3.13 on): whether it was taken, a bit an execution, the last one lowest.
    #[must_use]
    pub fn branch_history(&self) -> Option<u16> {
        let is_branch = matches!(
            self.info.base,
            Op::PopJumpIfTrue | Op::PopJumpIfFalse | Op::PopJumpIfNone | Op::PopJumpIfNotNone
        );
        self.first_unit().filter(|_| is_branch)
    }

    fn first_unit(&self) -> Option<u16> {
        self.bytes
            .first_chunk()
            .map(|unit| u16::from_le_bytes(*unit))
    }
}

/// The fields of an opcode's cache, with their bytes.
pub(super) fn places(
    version: Version,
    base: Op,
) -> impl Iterator<Item = (&'static str, Range<usize>)> {
    let fields = version.table().cache_fields(base);
    let mut fields = fields.to_vec();
    if base == Op::LoadGlobal
        && version >= Version::V3_13
        && let Some(at) = fields.iter().position(|(name, _)| *name == "index")
    {
        fields[at..].rotate_left(1);
    }
    let mut start = 0;
    fields.into_iter().map(move |(name, units)| {
        let place = start..start + 2 * usize::from(units);
        start = place.end;
        (name, place)
    })
}

fn read(bytes: &[u8], place: Range<usize>) -> u64 {
    let bytes = bytes.get(place).unwrap_or_default();
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    bytes.iter().rev().fold(0, add)
}
