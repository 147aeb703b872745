//! The disassembler: text as the version's own `dis.dis` writes it.
//!
//! Differences to CPython, where its text cannot be told from a file or is no use: the addresses of code objects are
//! written `0x...`; the members of sets are in the order of the file; code objects within code objects are
//! shown for 2.7 and 3.6 too, in the way of 3.7 and later; a long of 2.7 that fits 64 bits lacks its `L`. What makes CPython's `dis` raise (an index out
//! of range, a malformed table) is shown as such, and the listing goes on.
//!
//! Invariants: nothing recurses; little more than a line's text is held in memory at a time; no bytecode makes it panic.

mod argument;
mod labels;
mod legacy;
mod line;
mod offsets;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::code_object::CodeObject;
use crate::instruction::Instruction;
use crate::quicken::AdaptiveCode;
use crate::repr;
use crate::version::Version;

pub(crate) use argument::Arguments;
pub(crate) use line::Line;

/// What to show: the keyword arguments of `dis.dis`. A version that lacks one ignores it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct DisOptions {
    /// Show inline caches (3.11 on).
    pub show_caches: bool,
    /// Show the bytecode as quickened by the interpreter when it creates the code object, not as in
    /// `co_code` (3.11 on).
    pub adaptive: bool,
    /// Show the offset of each instruction (3.13 on; before, they always are).
    pub show_offsets: bool,
    /// Show the whole location of each instruction in place of lines (3.14 on).
    pub show_positions: bool,
    /// Leave out code objects within the code object: `depth=0`.
    pub without_nested: bool,
}

/// A code object that displays as its disassembly.
///
/// ```
/// use pyco_code::{CodeObject, Version};
///
/// // What CPython 3.13 makes of an empty module.
/// let marshalled = b"c\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xf3\x04\0\0\0\x95\0g\0)\x01N\
///     \xa9\0r\x01\0\0\0\xf3\0\0\0\0\xda\x08empty.py\xda\x08<module>r\x04\0\0\0\x01\0\0\0\
///     s\x05\0\0\0\xf1\x03\x01\x01\x01r\x02\0\0\0";
/// let code = CodeObject::from_marshal(Version::V3_13, marshalled, 0)?;
/// assert_eq!(
///     code.dis().to_string(),
///     "          RESUME                   0\n          RETURN_CONST             0 (None)\n",
/// );
/// # Ok::<(), pyco_code::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Disassembly<'a> {
    code: &'a CodeObject,
    options: DisOptions,
}

impl CodeObject {
    /// The disassembly of this code object and all below it: `dis.dis(code)`.
    #[must_use]
    pub fn dis(&self) -> Disassembly<'_> {
        Disassembly {
            code: self,
            options: DisOptions::default(),
        }
    }
}

impl CodeObject {
    /// What `dis` shows in parentheses after an instruction's argument; nothing for a jump, whose target is
    /// [`Instruction::jump_target`].
    #[must_use]
    pub fn argrepr(&self, instruction: &Instruction) -> String {
        let info = instruction.info;
        let mut line = Line::default();
        if info.has_arg() {
            // Writing to memory cannot fail.
            let _ = Arguments::new(self).push_meaning(
                &mut line,
                info.base,
                info.arg,
                instruction.oparg,
            );
        }
        line.into_string()
    }
}

impl Disassembly<'_> {
    /// The same with other options.
    #[must_use]
    pub const fn with(mut self, options: DisOptions) -> Self {
        self.options = options;
        self
    }

    /// Writes the text, line by line.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write<W: Write>(&self, out: &mut W) -> fmt::Result {
        let mut line = Line::default();
        write_one(self.code, &self.options, &mut line, out)?;
        if self.options.without_nested {
            return Ok(());
        }
        let mut pending = self.code.children().rev().collect::<Vec<_>>();
        while let Some(code) = pending.pop() {
            out.write_str("\nDisassembly of ")?;
            repr::write_code(code, out)?;
            out.write_str(":\n")?;
            write_one(code, &self.options, &mut line, out)?;
            pending.extend(code.children().rev());
        }
        Ok(())
    }
}

impl fmt::Display for Disassembly<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// Writes one code object's listing; `line` lends its room.
fn write_one<W: Write>(
    code: &CodeObject,
    options: &DisOptions,
    line: &mut Line,
    out: &mut W,
) -> fmt::Result {
    match code.version() {
        Version::V2_7 => legacy::write(code, line, out),
        version if version <= Version::V3_12 => offsets::write(code, options, line, out),
        _ => labels::write(code, options, line, out),
    }
}

/// The bytecode with the opcodes and caches to be shown; `None` for those of `co_code`.
fn adaptive(code: &CodeObject, options: &DisOptions) -> Option<Vec<u8>> {
    let adaptive = match options.adaptive {
        true => AdaptiveCode::fresh(code),
        false => None,
    };
    adaptive.map(AdaptiveCode::into_bytes)
}

/// Writes why a table could not be read to its end.
fn write_error<W: Write>(table: &str, error: &dyn fmt::Display, out: &mut W) -> fmt::Result {
    writeln!(out, "{table}: {error}")
}
