//! [`Instructions`]: the bytecode of any version as instructions, one after another, without allocation.
//!
//! Invariants: each step consumes at least one byte of the bytecode or ends the iteration; every
//! instruction yielded lies whole within the bytecode, its cache included; nothing follows an error.

use pyco_linetable::{ByteOffset, UnitOffset};

use crate::error::{Error, ErrorKind};
use crate::op::Op;
use crate::table::{ArgKind, OpInfo, OpTable};
use crate::version::Version;

/// One instruction, its `EXTENDED_ARG` prefixes folded in.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// The first byte: of the first `EXTENDED_ARG`, or of the opcode itself. What jumps lead to.
    pub start: ByteOffset,
    /// The byte of the opcode. What `dis` shows, and line tables are asked for.
    pub offset: ByteOffset,
    /// The byte after the instruction and its inline cache.
    pub end: ByteOffset,
    /// The argument; 0 for an instruction that has none.
    pub oparg: u32,
    /// What is known of the opcode.
    pub info: &'static OpInfo,
    /// How many bytes of bytecode one step of a jump's argument is.
    scale: u8,
}

impl Instruction {
    /// The canonical opcode.
    #[must_use]
    pub const fn op(&self) -> Op {
        self.info.op
    }

    /// The byte after the instruction proper, where its inline cache begins.
    #[must_use]
    pub const fn cache_start(&self) -> ByteOffset {
        ByteOffset(self.end.0 - 2 * self.info.caches as u32)
    }

    /// The first code unit; meaningless in 2.7, which has none.
    #[must_use]
    pub const fn unit(&self) -> UnitOffset {
        self.start.to_units()
    }

    /// Where the instruction jumps to, if it is one that can jump: an offset that may lie outside of the
    /// bytecode, or even before its start (`Some(None)`).
    #[must_use]
    pub fn jump_target(&self) -> Option<Option<ByteOffset>> {
        let distance = i64::from(self.oparg) * i64::from(self.scale);
        let target = match self.info.arg {
            ArgKind::JumpForward => i64::from(self.end.0) + distance,
            ArgKind::JumpBackward => i64::from(self.end.0) - distance,
            ArgKind::JumpAbsolute => distance,
            _ => return None,
        };
        Some(u32::try_from(target).ok().map(ByteOffset))
    }
}

/// The instructions of some bytecode, in order.
///
/// ```
/// use pyco_code::{Instructions, Op, Version};
///
/// // RESUME 0; LOAD_CONST 1 (with a superfluous EXTENDED_ARG 0); RETURN_VALUE
/// let code = [149, 0, 71, 0, 83, 1, 36, 0];
/// let instructions: Vec<_> = Instructions::new(Version::V3_13, &code).collect::<Result<_, _>>()?;
/// assert_eq!(instructions.iter().map(|i| i.op()).collect::<Vec<_>>(), [Op::Resume, Op::LoadConst, Op::ReturnValue]);
/// assert_eq!((instructions[1].start.0, instructions[1].offset.0, instructions[1].end.0), (2, 4, 6));
/// # Ok::<(), pyco_code::Error>(())
/// ```
///
/// # Errors
/// An item is an error, and the last one, where this version has no such opcode, where the bytecode ends inside
/// an instruction or its cache, and where `EXTENDED_ARG` prefixes are too many or before nothing.
/// [`RawInstructions`] goes on where this stops.
#[derive(Clone, Debug)]
pub struct Instructions<'a> {
    raw: RawInstructions<'a>,
}

impl<'a> Instructions<'a> {
    /// The instructions of `code`, the bytecode of a code object of that version.
    #[must_use]
    pub fn new(version: Version, code: &'a [u8]) -> Self {
        Instructions {
            raw: RawInstructions::new(version, code),
        }
    }

    /// The offset of the next instruction.
    #[must_use]
    pub fn offset(&self) -> ByteOffset {
        ByteOffset(self.raw.at as u32)
    }

    /// The next instruction if it is whole and has no prefix, which nearly all are, in bytecode of code units.
    #[inline(always)]
    fn read_plain(&mut self) -> Option<Instruction> {
        let raw = &mut self.raw;
        let rest = raw.code.get(raw.at..)?;
        let [opcode, oparg] = *rest.first_chunk()?;
        let info = raw.table.info(opcode)?;
        let len = 2 + 2 * usize::from(info.caches);
        let is_plain = raw.version.has_units() && raw.extended == 0;
        if !is_plain || info.op == Op::ExtendedArg || len > rest.len() {
            return None;
        }
        let start = ByteOffset(raw.at as u32);
        raw.at += len;
        Some(Instruction {
            start,
            offset: start,
            end: ByteOffset(raw.at as u32),
            oparg: if info.has_arg() { oparg.into() } else { 0 },
            info,
            scale: raw.scale,
        })
    }

    /// The next instruction; the bytecode must not be at its end.
    #[inline(never)]
    fn read(&mut self) -> Result<Instruction, Error> {
        let raw = &mut self.raw;
        let start = raw.at as u32;
        let mut prefixes = 0;
        loop {
            let offset = raw.at as u32;
            let fail = |kind| Err(Error::bytecode(kind, offset));
            let Some(item) = raw.next() else {
                return fail(ErrorKind::DanglingExtendedArg);
            };
            let Some(info) = item.info else {
                return fail(ErrorKind::UnknownOpcode(raw.version, item.raw));
            };
            if item.end.0 as usize > raw.code.len() {
                let cut = item.cache_start.0 as usize <= raw.code.len();
                return fail(if cut {
                    ErrorKind::TruncatedCache(info.op)
                } else {
                    ErrorKind::TruncatedInstruction
                });
            }
            if info.op == Op::ExtendedArg {
                prefixes += 1;
                if prefixes > raw.max_prefixes() {
                    return fail(ErrorKind::TooManyExtendedArgs);
                }
                continue;
            }
            return Ok(Instruction {
                start: ByteOffset(start),
                offset: item.offset,
                end: item.end,
                oparg: item.oparg.unwrap_or(0),
                info,
                scale: raw.scale,
            });
        }
    }
}

impl Iterator for Instructions<'_> {
    type Item = Result<Instruction, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(instruction) = self.read_plain() {
            return Some(Ok(instruction));
        }
        if self.raw.at >= self.raw.code.len() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.raw.at = self.raw.code.len();
        }
        Some(read)
    }
}

impl core::iter::FusedIterator for Instructions<'_> {}

/// One step of [`RawInstructions`]: an opcode as it stands, an `EXTENDED_ARG` of its own or an unknown opcode
/// included.
#[derive(Clone, Copy, Debug)]
pub struct RawInstruction {
    /// The byte of the opcode.
    pub offset: ByteOffset,
    /// The byte after the instruction proper.
    pub cache_start: ByteOffset,
    /// The byte after its inline cache; may lie beyond the bytecode.
    pub end: ByteOffset,
    /// The opcode's number.
    pub raw: u8,
    /// The argument, with what `EXTENDED_ARG`s before it contributed; `None` where the opcode has none.
    pub oparg: Option<u32>,
    /// What is known of the opcode; `None` where this version has none of that number.
    pub info: Option<&'static OpInfo>,
    scale: u8,
}

impl RawInstruction {
    /// Where the instruction jumps to, as `dis` computes it; `None` where it does not jump.
    #[must_use]
    pub fn jump_target(&self) -> Option<i64> {
        self.jump_target_of(self.oparg?)
    }

    /// The same with another argument.
    pub(crate) fn jump_target_of(&self, oparg: u32) -> Option<i64> {
        let kind = self.info?.arg;
        // CPython's `dis` takes the argument for a C int.
        let distance = i64::from(oparg as i32) * i64::from(self.scale);
        match kind {
            ArgKind::JumpForward => Some(i64::from(self.end.0) + distance),
            ArgKind::JumpBackward => Some(i64::from(self.end.0) - distance),
            ArgKind::JumpAbsolute => Some(distance),
            _ => None,
        }
    }
}

/// The opcodes of some bytecode as `dis` walks them: `EXTENDED_ARG` is an instruction of its own, unknown opcodes
/// are passed on. Never fails; a last instruction that is cut off reads as if zeros followed.
#[derive(Clone)]
pub struct RawInstructions<'a> {
    code: &'a [u8],
    table: &'static OpTable,
    version: Version,
    at: usize,
    extended: u32,
    scale: u8,
}

impl core::fmt::Debug for RawInstructions<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "RawInstructions({}, at {} of {})",
            self.version,
            self.at,
            self.code.len()
        )
    }
}

impl<'a> RawInstructions<'a> {
    /// The opcodes of `code`, the bytecode of a code object of that version.
    #[must_use]
    pub fn new(version: Version, code: &'a [u8]) -> Self {
        // Offsets are 32 bits wide, as no version of CPython has more than 2 GiB of bytecode.
        let code = &code[..code.len().min(i32::MAX as usize)];
        RawInstructions {
            code,
            table: version.table(),
            version,
            at: 0,
            extended: 0,
            scale: if version.jumps_in_units() { 2 } else { 1 },
        }
    }

    /// How many `EXTENDED_ARG` an argument of 32 bits can take.
    fn max_prefixes(&self) -> u32 {
        if self.version.has_units() { 3 } else { 1 }
    }

    /// Whether the instruction has an argument, for `dis`.
    fn has_arg(&self, raw: u8, info: Option<&OpInfo>) -> bool {
        // Up to 3.11 the number decides, whether or not it is an opcode.
        match info {
            Some(info) => info.has_arg(),
            None => self.version <= Version::V3_11 && raw >= FIRST_WITH_ARG,
        }
    }
}

/// `HAVE_ARGUMENT`, up to 3.11: the first opcode with an argument.
const FIRST_WITH_ARG: u8 = 90;

impl RawInstructions<'_> {
    /// The next instruction if it is one code unit without prefix and not cut off, which nearly all are.
    #[inline(always)]
    fn next_plain(&mut self) -> Option<RawInstruction> {
        let [raw, oparg] = *self.code.get(self.at..)?.first_chunk()?;
        let info = self.table.info(raw)?;
        if !self.version.has_units() || self.extended != 0 || info.op == Op::ExtendedArg {
            return None;
        }
        let offset = self.at as u32;
        let end = offset + 2 + 2 * u32::from(info.caches);
        self.at = end as usize;
        Some(RawInstruction {
            offset: ByteOffset(offset),
            cache_start: ByteOffset(offset + 2),
            end: ByteOffset(end),
            raw,
            oparg: info.has_arg().then_some(oparg.into()),
            info: Some(info),
            scale: self.scale,
        })
    }

    /// The next instruction, whatever it is.
    #[inline(never)]
    fn next_any(&mut self) -> Option<RawInstruction> {
        let offset = self.at;
        let raw = *self.code.get(offset)?;
        let byte = |at: usize| u32::from(self.code.get(at).copied().unwrap_or(0));
        let info = self.table.info(raw);
        let has_arg = self.has_arg(raw, info);
        let is_extended = info.is_some_and(|info| info.op == Op::ExtendedArg);
        let mut oparg = None;
        let cache_start = if self.version.has_units() {
            if has_arg {
                oparg = Some(byte(offset + 1) | self.extended);
                self.extended = if is_extended {
                    oparg.unwrap_or(0) << 8
                } else {
                    0
                };
            } else if self.version >= Version::V3_10 {
                self.extended = 0;
            }
            offset + 2
        } else if has_arg {
            let low = byte(offset + 1) | byte(offset + 2) << 8;
            oparg = Some(low.wrapping_add(self.extended));
            self.extended = if is_extended { low << 16 } else { 0 };
            offset + 3
        } else {
            offset + 1
        };
        let end = cache_start + 2 * info.map_or(0, |info| usize::from(info.caches));
        self.at = end;
        Some(RawInstruction {
            offset: ByteOffset(offset as u32),
            cache_start: ByteOffset(cache_start as u32),
            end: ByteOffset(end as u32),
            raw,
            oparg,
            info,
            scale: self.scale,
        })
    }
}

impl Iterator for RawInstructions<'_> {
    type Item = RawInstruction;

    #[inline]
    fn next(&mut self) -> Option<RawInstruction> {
        match self.next_plain() {
            Some(instruction) => Some(instruction),
            None => self.next_any(),
        }
    }
}

impl core::iter::FusedIterator for RawInstructions<'_> {}
