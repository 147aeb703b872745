//! [`AdaptiveCode`]: what `_co_code_adaptive` shows, the bytecode as CPython's interpreter itself keeps it.
//!
//! Opcodes in it may be specialised, and inline caches hold something: counters right after the code object is
//! created, more when it has run. This is for those who look at an interpreter; what `exec` runs is
//! [`Quickened`](super::Quickened).
//!
//! Checked byte for byte against 3.11.7, 3.12.1, 3.13.18, 3.14.10 and 3.15.2 (`cargo xtask corpus adaptive`).

use alloc::vec::Vec;

use super::inline_cache::{InlineCache, places};
use crate::UnitOffset;
use crate::code_object::CodeObject;
use crate::flags::CodeFlags;
use crate::instruction::{RawInstruction, RawInstructions};
use crate::op::Op;
use crate::table::{Kind, OpInfo, OpTable};
use crate::version::Version;

/// Bytecode with specialised instructions and filled caches.
///
/// ```
/// use pyco_code::{CodeObject, Op, Version, quicken::AdaptiveCode};
///
/// let source = include_bytes!("../../tests/fixtures/3.13/common.marshal");
/// let code = CodeObject::from_marshal(Version::V3_13, source, 0)?;
/// let mut adaptive = AdaptiveCode::fresh(&code).unwrap();
/// assert_eq!(adaptive.deopt().as_deref(), Some(code.code()));
/// let call = adaptive.caches().find(|(_, cache)| cache.op() == Op::Call);
/// let (at, cache) = call.unwrap();
/// assert_eq!(cache.counter().map(|counter| counter.bits()), Some(0x11));
/// assert!(adaptive.specialize(at, Op::CallBuiltinO));
/// assert!(adaptive.set_field(at, "counter", 0x340));
/// assert_eq!(adaptive.deopt().as_deref(), Some(code.code()));
/// # Ok::<(), pyco_code::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AdaptiveCode {
    version: Version,
    bytes: Vec<u8>,
}

impl AdaptiveCode {
    /// The bytecode as it is right after `code` is created; `None` up to 3.10, where nothing is adaptive.
    #[must_use]
    pub fn fresh(code: &CodeObject) -> Option<Self> {
        let version = code.version();
        version.has_localsplus().then(|| AdaptiveCode {
            version,
            bytes: fresh(code),
        })
    }

    /// What an interpreter of that version showed; `None` up to 3.10, and for half a code unit.
    #[must_use]
    pub fn from_bytes(version: Version, bytes: Vec<u8>) -> Option<Self> {
        let is_whole = version.has_localsplus() && bytes.len().is_multiple_of(2);
        is_whole.then_some(AdaptiveCode { version, bytes })
    }

    /// The version whose interpreter it is.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The bytes: `_co_code_adaptive`.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The instructions, as they stand.
    #[must_use]
    pub fn instructions(&self) -> RawInstructions<'_> {
        RawInstructions::new(self.version, &self.bytes)
    }

    /// The bytecode that `co_code` shows: nothing specialised, caches of zeros. `None` where an instrumented
    /// instruction stands for one that CPython keeps elsewhere (of `sys.monitoring`'s lines and instructions), and
    /// for unknown opcodes.
    #[must_use]
    pub fn deopt(&self) -> Option<Vec<u8>> {
        let mut bytes = self.bytes.clone();
        for instruction in self.instructions() {
            let info = instruction.info?;
            let is_placeholder = info.kind == Kind::Instrumented && info.base == info.op;
            let raw = self.version.table().raw(info.base);
            *bytes.get_mut(instruction.offset.0 as usize)? = raw.filter(|_| !is_placeholder)?;
            bytes.get_mut(cache_range(&instruction))?.fill(0);
        }
        Some(bytes)
    }

    /// The instructions that have an inline cache, each with the place of its code unit.
    pub fn caches(&self) -> impl Iterator<Item = (UnitOffset, InlineCache<'_>)> {
        self.instructions().filter_map(|instruction| {
            let info = instruction.info?;
            let bytes = self.bytes.get(cache_range(&instruction))?;
            let cache = InlineCache {
                version: self.version,
                info,
                bytes,
            };
            (info.caches > 0).then_some((UnitOffset(instruction.offset.0 / 2), cache))
        })
    }

    /// The inline cache of the instruction at `at`, which must be the start of one that has any.
    #[must_use]
    pub fn cache(&self, at: UnitOffset) -> Option<InlineCache<'_>> {
        let (info, bytes) = (self.info(at)?, self.bytes.get(self.cache_bytes(at)?)?);
        Some(InlineCache {
            version: self.version,
            info,
            bytes,
        })
    }

    /// Sets a field of the inline cache of the instruction at `at`; false, and nothing is changed, if there is no
    /// such field or `value` is too large for it.
    pub fn set_field(&mut self, at: UnitOffset, name: &str, value: u64) -> bool {
        let (Some(info), Some(cache)) = (self.info(at), self.cache_bytes(at)) else {
            return false;
        };
        let place = places(self.version, info.base).find(|(field, _)| *field == name);
        let cache = self.bytes.get_mut(cache).unwrap_or_default();
        let field = place.and_then(|(_, place)| cache.get_mut(place));
        let value = value.to_le_bytes();
        match field {
            Some(field) if value.iter().skip(field.len()).all(|byte| *byte == 0) => {
                let len = field.len().min(value.len());
                field[..len].copy_from_slice(&value[..len]);
                true
            }
            _ => false,
        }
    }

    /// Puts another form of the instruction at `at` in its place: one of its family, or the base. False, and nothing
    /// is changed, if `op` is not of the family.
    pub fn specialize(&mut self, at: UnitOffset, op: Op) -> bool {
        let table = self.version.table();
        let same_family = self
            .info(at)
            .is_some_and(|info| op == info.base || table.family(info.base).contains(&op));
        let place = self.bytes.get_mut(2 * at.0 as usize);
        match (place, table.raw(op)) {
            (Some(place), Some(raw)) if same_family => {
                *place = raw;
                true
            }
            _ => false,
        }
    }

    fn info(&self, at: UnitOffset) -> Option<&'static OpInfo> {
        let raw = self
            .bytes
            .get(usize::try_from(at.0).ok()?.checked_mul(2)?)?;
        self.version.table().info(*raw)
    }

    fn cache_bytes(&self, at: UnitOffset) -> Option<core::ops::Range<usize>> {
        let caches = usize::from(self.info(at)?.caches);
        let start = 2 * at.0 as usize + 2;
        (caches > 0).then_some(start..start + 2 * caches)
    }
}

/// The bytes of an instruction's inline cache.
fn cache_range(instruction: &RawInstruction) -> core::ops::Range<usize> {
    instruction.cache_start.0 as usize..instruction.end.0 as usize
}

/// The bytecode of `code` as the interpreter of its version quickens it on creation.
fn fresh(code: &CodeObject) -> Vec<u8> {
    let mut bytes = code.code().to_vec();
    let version = code.version();
    if version < Version::V3_12 {
        return bytes;
    }
    let table = version.table();
    let mut before: Option<(usize, Op)> = None;
    for instruction in RawInstructions::new(version, code.code()) {
        let Some(info) = instruction.info else {
            before = None;
            continue;
        };
        let offset = instruction.offset.0 as usize;
        let at = instruction.cache_start.0 as usize;
        if let (Some(counter), Some(place)) = (counter(table, info), bytes.get_mut(at..at + 2)) {
            place.copy_from_slice(&counter.to_le_bytes());
        }
        if version == Version::V3_15
            && info.op == Op::GetIter
            && let Some(oparg @ 1..) = bytes.get_mut(offset + 1)
        {
            *oparg = iteration_kind(code.flags());
        }
        if version != Version::V3_12 {
            continue;
        }
        // Each pair of neighbours without caches counts, overlapping ones too.
        if let Some((first_at, first)) = before
            && let Some(raw) = fused(first, info.op).and_then(|op| table.raw(op))
        {
            bytes[first_at] = raw;
        }
        before = (info.caches == 0).then_some((offset, info.op));
    }
    bytes
}

/// What 3.15 makes of GET_ITER's argument where it is not 0; `co_code` shows it too.
fn iteration_kind(flags: CodeFlags) -> u8 {
    if flags.intersects(CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE) {
        2
    } else {
        3
    }
}

/// What the first cache unit of an instruction starts with; `None` where nothing is written.
fn counter(table: &OpTable, info: &OpInfo) -> Option<u16> {
    use Version as V;
    let version = table.version;
    // From 3.14 on a form that is specialised already is left as it is.
    if info.caches == 0 || version >= V::V3_14 && info.op != info.base {
        return None;
    }
    Some(match info.op {
        Op::JumpBackward => match version {
            V::V3_13 => 0x0104,
            V::V3_14 => 0xfffc,
            _ => 0x7d06,
        },
        Op::Resume => 0xfff6,
        Op::PopJumpIfTrue | Op::PopJumpIfFalse | Op::PopJumpIfNone | Op::PopJumpIfNotNone => 0x5555,
        _ if table.family(info.base).is_empty() => return None,
        _ if version == V::V3_15 => 0x0009,
        _ => 0x0011,
    })
}

/// The superinstruction that 3.12 makes of two neighbours.
fn fused(first: Op, second: Op) -> Option<Op> {
    match (first, second) {
        (Op::LoadConst, Op::LoadFast) => Some(Op::LoadConstThenLoadFast),
        (Op::LoadFast, Op::LoadConst) => Some(Op::LoadFastThenLoadConst),
        (Op::LoadFast, Op::LoadFast) => Some(Op::LoadFastThenLoadFast),
        (Op::StoreFast, Op::LoadFast) => Some(Op::StoreFastThenLoadFast),
        (Op::StoreFast, Op::StoreFast) => Some(Op::StoreFastThenStoreFast),
        _ => None,
    }
}
