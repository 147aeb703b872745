//! The opcode table of each version: raw opcode byte to [`Op`] and back, with what is known of each.
//!
//! The rows are generated (`cargo xtask codegen`) from facts that each interpreter was asked for.
//! Invariants: a raw opcode names at most one [`Op`] in a version and an [`Op`] has at most one
//! number; a specialised or instrumented opcode has the argument kind and the cache size of its base.

mod items;

pub use items::{Items, Part};
pub(crate) use items::{fixed, plus};

use crate::generated;
use crate::op::Op;
use crate::version::Version;

/// Who writes an opcode.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// CPython's compiler, or its runtime at fixed places: what `co_code` can hold.
    Base,
    /// The specialising interpreter, in place of its base opcode.
    Specialized,
    /// `sys.monitoring`, tracing or the JIT, in place of another opcode.
    Instrumented,
    /// The compiler, before assembly: numbers from 256, never in bytecode.
    Pseudo,
}

/// What an instruction's argument means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArgKind {
    /// The instruction has no argument; its argument byte is ignored.
    None,
    /// A plain number: a count, a depth, a flag word with no kind of its own.
    Number,
    /// An index into `co_consts`.
    Const,
    /// `oparg >> shift` is an index into `co_names`; the bits below are flags.
    Name {
        /// 0, 1 or 2.
        shift: u8,
    },
    /// An index of a local variable: into `co_varnames`, from 3.11 on into the localsplus names.
    Local,
    /// Two local variables, `oparg >> 4` and `oparg & 15`.
    LocalPair,
    /// An index of a cell or free variable: into `co_cellvars + co_freevars`, from 3.11 on into the
    /// localsplus names.
    Free,
    /// A jump forward, relative to the end of the instruction with its caches.
    JumpForward,
    /// A jump backward, relative to the end of the instruction with its caches.
    JumpBackward,
    /// A jump to an absolute place (up to 3.10).
    JumpAbsolute,
    /// A comparison; how it is packed depends on the version.
    Compare,
    /// An index into [`OpTable::nb_ops`].
    BinaryOp,
    /// An index into [`OpTable::intrinsic_1`].
    Intrinsic1,
    /// An index into [`OpTable::intrinsic_2`].
    Intrinsic2,
    /// An index into [`OpTable::special_methods`].
    SpecialMethod,
    /// An index into [`OpTable::common_constants`].
    CommonConstant,
    /// The number itself is pushed (`LOAD_SMALL_INT`).
    SmallInt,
    /// Which attributes `MAKE_FUNCTION` or `SET_FUNCTION_ATTRIBUTE` sets: a bit each.
    FunctionFlags,
    /// A conversion in the low two bits, and whether a format spec is on the stack (`FORMAT_VALUE`).
    FormatValue,
    /// 1 `str`, 2 `repr`, 3 `ascii` (`CONVERT_VALUE`).
    Convert,
    /// The higher bits of the next instruction's argument (`EXTENDED_ARG`).
    Extended,
}

impl ArgKind {
    /// Whether the argument names a place in the bytecode.
    pub const fn is_jump(self) -> bool {
        matches!(
            self,
            ArgKind::JumpForward | ArgKind::JumpBackward | ArgKind::JumpAbsolute
        )
    }
}

/// What is known of one opcode of one version.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// The canonical opcode.
    pub op: Op,
    /// Its number in this version: below 256, except for pseudo opcodes.
    pub number: u16,
    /// Who writes it.
    pub kind: Kind,
    /// What it is before specialisation and instrumentation; itself for a base opcode, and for the
    /// few instrumented ones that stand for any opcode.
    pub base: Op,
    /// Code units of inline cache after the instruction.
    pub caches: u8,
    /// What its argument means.
    pub arg: ArgKind,
    /// Change of the stack depth, going on to the next instruction, by `dis.stack_effect`.
    pub effect: Option<Items>,
    /// Change of the stack depth when the instruction jumps.
    pub jump_effect: Option<Items>,
    /// Items taken from the stack (3.13 on, from that version's metadata).
    pub popped: Option<Items>,
    /// Items put on the stack.
    pub pushed: Option<Items>,
}

impl OpInfo {
    /// Whether the instruction has an argument that means something.
    pub const fn has_arg(&self) -> bool {
        !matches!(self.arg, ArgKind::None)
    }

    /// `dis.stack_effect(op, oparg, jump=jump)`.
    pub fn stack_effect(&self, oparg: u32, jump: bool) -> Option<i64> {
        let items = if jump { self.jump_effect } else { self.effect };
        items.map(|items| items.count(oparg))
    }
}

/// The opcode table of one version.
pub struct OpTable {
    /// The version described.
    pub version: Version,
    /// Its magic number.
    pub magic: u16,
    /// Every opcode, by number, pseudo opcodes last.
    pub rows: &'static [OpInfo],
    /// The specialised forms of each adaptive opcode.
    pub families: &'static [(Op, &'static [Op])],
    /// The fields of each opcode's inline cache, as `dis` names them, with their sizes in units.
    pub cache_format: &'static [(Op, &'static [(&'static str, u8)])],
    /// What `COMPARE_OP` compares by.
    pub cmp_op: &'static [&'static str],
    /// The name and the sign of each `BINARY_OP` (3.11 on).
    pub nb_ops: &'static [(&'static str, &'static str)],
    /// The functions of `CALL_INTRINSIC_1` (3.12 on).
    pub intrinsic_1: &'static [&'static str],
    /// The functions of `CALL_INTRINSIC_2` (3.12 on).
    pub intrinsic_2: &'static [&'static str],
    /// The methods of `LOAD_SPECIAL` (3.14 on).
    pub special_methods: &'static [&'static str],
    /// The constants of `LOAD_COMMON_CONSTANT` (3.14 on): a type's or function's name, or a repr.
    pub common_constants: &'static [&'static str],
    slots: [Option<&'static OpInfo>; 256],
    numbers: [u16; Op::COUNT],
}

/// In [`OpTable::numbers`]: the version has no such opcode.
const ABSENT: u16 = u16::MAX;

impl OpTable {
    /// The table of a version.
    pub fn of(version: Version) -> &'static OpTable {
        generated::TABLES[version as usize]
    }

    /// What a raw opcode byte is; `None` where the version has no such opcode.
    ///
    /// ```
    /// use pyco_code::{ArgKind, Op, Version};
    ///
    /// let info = Version::V3_13.table().info(85).unwrap();
    /// assert_eq!(info.op, Op::LoadFast);
    /// assert_eq!(info.op.name(), "LOAD_FAST");
    /// assert_eq!(info.arg, ArgKind::Local);
    /// ```
    pub fn info(&self, raw: u8) -> Option<&'static OpInfo> {
        self.slots[usize::from(raw)]
    }

    /// What the version knows of an opcode; `None` where it has none of that name.
    pub fn info_of(&self, op: Op) -> Option<&'static OpInfo> {
        let number = self.numbers[op as usize];
        match u8::try_from(number) {
            Ok(raw) => self.info(raw),
            Err(_) if number == ABSENT => None,
            Err(_) => self.rows.iter().find(|row| row.number == number),
        }
    }

    /// The canonical opcode of a raw opcode byte.
    pub fn op(&self, raw: u8) -> Option<Op> {
        self.info(raw).map(|info| info.op)
    }

    /// The raw opcode byte of `op`; `None` where the version lacks it or it is a pseudo opcode.
    pub fn raw(&self, op: Op) -> Option<u8> {
        u8::try_from(self.numbers[op as usize]).ok()
    }

    /// The number of `op`, pseudo opcodes included.
    pub fn number(&self, op: Op) -> Option<u16> {
        Some(self.numbers[op as usize]).filter(|number| *number != ABSENT)
    }

    /// The specialised forms of `base`, in CPython's order; empty where it has none.
    pub fn family(&self, base: Op) -> &'static [Op] {
        self.families
            .iter()
            .find(|(op, _)| *op == base)
            .map_or(&[], |(_, members)| members)
    }

    /// The fields of the inline cache of a base opcode; empty where it has none.
    pub fn cache_fields(&self, base: Op) -> &'static [(&'static str, u8)] {
        self.cache_format
            .iter()
            .find(|(op, _)| *op == base)
            .map_or(&[], |(_, fields)| fields)
    }
}

/// The texts and groups of a version, as the generated files give them.
pub(crate) struct Facts {
    pub(crate) version: Version,
    pub(crate) magic: u16,
    pub(crate) rows: &'static [OpInfo],
    pub(crate) families: &'static [(Op, &'static [Op])],
    pub(crate) cache_format: &'static [(Op, &'static [(&'static str, u8)])],
    pub(crate) cmp_op: &'static [&'static str],
    pub(crate) nb_ops: &'static [(&'static str, &'static str)],
    pub(crate) intrinsic_1: &'static [&'static str],
    pub(crate) intrinsic_2: &'static [&'static str],
    pub(crate) special_methods: &'static [&'static str],
    pub(crate) common_constants: &'static [&'static str],
}

impl Facts {
    /// Builds both directions of the look-up, at compile time.
    pub(crate) const fn table(self) -> OpTable {
        let mut slots = [None; 256];
        let mut numbers = [ABSENT; Op::COUNT];
        let mut at = 0;
        while at < self.rows.len() {
            let row = &self.rows[at];
            if row.number < 256 {
                slots[row.number as usize] = Some(row);
            }
            numbers[row.op as usize] = row.number;
            at += 1;
        }
        OpTable {
            version: self.version,
            magic: self.magic,
            rows: self.rows,
            families: self.families,
            cache_format: self.cache_format,
            cmp_op: self.cmp_op,
            nb_ops: self.nb_ops,
            intrinsic_1: self.intrinsic_1,
            intrinsic_2: self.intrinsic_2,
            special_methods: self.special_methods,
            common_constants: self.common_constants,
            slots,
            numbers,
        }
    }
}

/// A row of a generated table; the rest is added by the functions below.
pub(crate) const fn row(number: u16, op: Op, kind: Kind, arg: ArgKind) -> OpInfo {
    OpInfo {
        op,
        number,
        kind,
        base: op,
        caches: 0,
        arg,
        effect: None,
        jump_effect: None,
        popped: None,
        pushed: None,
    }
}

impl OpInfo {
    pub(crate) const fn base(mut self, base: Op) -> Self {
        self.base = base;
        self
    }

    pub(crate) const fn caches(mut self, units: u8) -> Self {
        self.caches = units;
        self
    }

    pub(crate) const fn effect(mut self, items: Items) -> Self {
        self.effect = Some(items);
        self.jump_effect = Some(items);
        self
    }

    pub(crate) const fn jump_effect(mut self, items: Items) -> Self {
        self.jump_effect = Some(items);
        self
    }

    pub(crate) const fn moves(mut self, popped: Items, pushed: Items) -> Self {
        self.popped = Some(popped);
        self.pushed = Some(pushed);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_opcodes_agree_in_both_directions() {
        for version in Version::ALL {
            let table = version.table();
            assert_eq!(table.version, version);
            for row in table.rows {
                assert_eq!(
                    table.number(row.op),
                    Some(row.number),
                    "{version} {}",
                    row.op
                );
                assert_eq!(
                    table.info_of(row.op).map(|info| info.number),
                    Some(row.number)
                );
                match u8::try_from(row.number) {
                    Ok(raw) => assert_eq!(table.op(raw), Some(row.op)),
                    Err(_) => assert_eq!(row.kind, Kind::Pseudo),
                }
            }
        }
    }

    #[test]
    fn what_stands_for_a_base_opcode_is_laid_out_like_it() {
        for version in Version::ALL {
            for row in version.table().rows {
                let base = version
                    .table()
                    .info_of(row.base)
                    .expect("the base is an opcode");
                assert_eq!(
                    (row.arg, row.caches),
                    (base.arg, base.caches),
                    "{version} {}",
                    row.op
                );
                assert_eq!(base.base, base.op);
                if row.kind == Kind::Base {
                    assert_eq!(row.base, row.op);
                }
            }
        }
    }

    #[test]
    fn popped_and_pushed_make_the_stack_effect_of_instructions_that_do_not_jump() {
        for version in [Version::V3_13, Version::V3_14, Version::V3_15] {
            for row in version.table().rows {
                let (Some(effect), Some(popped), Some(pushed)) =
                    (row.effect, row.popped, row.pushed)
                else {
                    continue;
                };
                if row.kind == Kind::Pseudo || row.jump_effect != row.effect {
                    continue;
                }
                for oparg in [2, 3, 4, 7, 258] {
                    let moved = pushed.count(oparg) - popped.count(oparg);
                    assert_eq!(moved, effect.count(oparg), "{version} {} {oparg}", row.op);
                }
            }
        }
    }
}
