//! [`Build`]: a code object put together by hand, right or wrong.

use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_marshal::Bytes;

use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::exception_table::ExceptionEntry;
use crate::flags::CodeFlags;
use crate::op::Op;
use crate::table::ArgKind;
use crate::version::Version;

use crate::verify::{Verified, VerifyError, verify};

/// An instruction: its argument, or the index of the instruction that it jumps to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    op: Op,
    arg: u32,
    is_jump: bool,
}

/// An instruction with an argument.
pub(super) fn op(op: Op, arg: u32) -> Item {
    Item {
        op,
        arg,
        is_jump: false,
    }
}

/// An instruction that jumps to the one of an index.
pub(super) fn jump(op: Op, index: u32) -> Item {
    Item {
        op,
        arg: index,
        is_jump: true,
    }
}

/// A code object to be.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) fields: Fields,
    items: Vec<Item>,
}

/// Code of these instructions that may use ten stack slots and has nothing else.
pub(super) fn code(version: Version, items: &[Item]) -> Build {
    let fields = Fields {
        version,
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        nlocals: 0,
        stacksize: 10,
        flags: CodeFlags::OPTIMIZED.union(CodeFlags::NEWLOCALS),
        code: assemble(version, items).into(),
        consts: Arc::default(),
        names: Arc::default(),
        localsplusnames: Arc::default(),
        localspluskinds: Bytes::default(),
        filename: "hand.py".into(),
        name: "hand".into(),
        qualname: "hand".into(),
        firstlineno: 1,
        linetable: Bytes::default(),
        exceptiontable: Bytes::default(),
        file_offset: None,
        origin: None,
    };
    Build {
        fields,
        items: items.to_vec(),
    }
}

impl Build {
    /// With `None` as the only constant.
    pub(super) fn none(self) -> Build {
        self.consts([Constant::None])
    }

    pub(super) fn consts(mut self, consts: impl IntoIterator<Item = Constant>) -> Build {
        self.fields.consts = consts.into_iter().collect();
        self
    }

    /// With that many names.
    pub(super) fn names(mut self, count: usize) -> Build {
        self.fields.names = (0..count).map(|_| "name".into()).collect();
        self
    }

    /// With localsplus slots of these kinds.
    pub(super) fn locals(mut self, kinds: &[u8]) -> Build {
        self.fields.localsplusnames = kinds.iter().map(|_| "local".into()).collect();
        self.fields.localspluskinds = kinds.into();
        self.fields.nlocals = kinds.iter().filter(|kind| **kind & 0x20 != 0).count() as u32;
        self
    }

    /// With that many positional arguments.
    pub(super) fn args(mut self, count: u32) -> Build {
        self.fields.argcount = count;
        self
    }

    pub(super) fn flags(mut self, flags: CodeFlags) -> Build {
        self.fields.flags |= flags;
        self
    }

    pub(super) fn generator(self) -> Build {
        self.flags(CodeFlags::GENERATOR)
    }

    pub(super) fn stack(mut self, size: u32) -> Build {
        self.fields.stacksize = size;
        self
    }

    pub(super) fn named(mut self, name: &str) -> Build {
        self.fields.qualname = name.into();
        self
    }

    /// With a handler for the instructions from one index up to another.
    pub(super) fn region(
        mut self,
        covered: core::ops::Range<u32>,
        target: u32,
        depth: u32,
        lasti: bool,
    ) -> Build {
        let unit = |index| pyco_linetable::UnitOffset(self.unit_of(index));
        let entry = ExceptionEntry {
            start: unit(covered.start),
            end: unit(covered.end),
            target: unit(target),
            depth,
            lasti,
        };
        let mut table = self.fields.exceptiontable.to_vec();
        entry.encode(&mut table).expect("the entry has a form");
        self.fields.exceptiontable = table.into();
        self
    }

    /// With one byte of the bytecode replaced.
    pub(super) fn byte(mut self, at: usize, byte: u8) -> Build {
        let mut code = self.fields.code.to_vec();
        code[at] = byte;
        self.fields.code = code.into();
        self
    }

    /// The first unit of the instruction of an index.
    pub(super) fn unit_of(&self, index: u32) -> u32 {
        units(self.fields.version, &self.items)[index as usize]
    }

    /// The first byte of the instruction of an index.
    pub(super) fn offset_of(&self, index: usize) -> u32 {
        2 * self.unit_of(index as u32)
    }

    pub(super) fn build(&self) -> CodeObject {
        CodeObject::from_fields(self.fields.clone())
    }

    pub(super) fn verify(&self) -> Result<Verified<CodeObject>, VerifyError> {
        verify(&self.build())
    }
}

/// The units that an instruction takes, prefixes and cache included.
fn len(version: Version, item: Item) -> u32 {
    let info = version
        .table()
        .info_of(item.op)
        .expect("the version has the opcode");
    let prefixes = if item.is_jump {
        0
    } else {
        prefix_count(item.arg)
    };
    1 + prefixes + u32::from(info.caches)
}

fn prefix_count(arg: u32) -> u32 {
    (32 - arg.leading_zeros()).div_ceil(8).saturating_sub(1)
}

/// The first unit of each instruction, and the end.
fn units(version: Version, items: &[Item]) -> Vec<u32> {
    let mut at = 0;
    let mut units = Vec::new();
    for item in items {
        units.push(at);
        at += len(version, *item);
    }
    units.push(at);
    units
}

/// The bytecode of instructions.
pub(super) fn assemble(version: Version, items: &[Item]) -> Vec<u8> {
    let table = version.table();
    let units = units(version, items);
    let mut bytes = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let info = table.info_of(item.op).expect("the version has the opcode");
        let mut arg = item.arg;
        if item.is_jump {
            let end = units[index + 1];
            let target = units[item.arg as usize];
            let backward = info.arg == ArgKind::JumpBackward;
            arg = if backward {
                end.checked_sub(target)
            } else {
                target.checked_sub(end)
            }
            .expect("the jump leads the way that it can");
            assert!(arg < 256, "the jump is too far");
        }
        for prefix in (1..=prefix_count(arg)).rev() {
            let extended = table.raw(Op::ExtendedArg).expect("every version has it");
            bytes.extend([extended, (arg >> (8 * prefix)) as u8]);
        }
        bytes.extend([table.raw(item.op).expect("no pseudo opcode"), arg as u8]);
        bytes.resize(bytes.len() + 2 * usize::from(info.caches), 0);
    }
    bytes
}

impl Item {
    /// The same where that many instructions before it are left out.
    pub(super) fn moved(mut self, count: u32) -> Item {
        if self.is_jump {
            self.arg -= count;
        }
        self
    }
}
