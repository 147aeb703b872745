//! The layout of 3.6 to 3.12: offsets in their own column, `>>` before what jumps lead to.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::DisOptions;
use super::argument::Arguments;
use super::line::{Line, LineStarts, decimal_len, push_opname};
use crate::code_object::CodeObject;
use crate::exception_table::ExceptionEntry;
use crate::instruction::{RawInstruction, RawInstructions};
use crate::op::Op;
use crate::version::Version;

/// A listing in progress.
struct Listing<'a> {
    version: Version,
    /// What the opcodes and caches are shown from; the arguments are those of `co_code`.
    shown: &'a [u8],
    arguments: Arguments<'a>,
    starts: LineStarts,
    /// What jumps and exception handlers lead to, sorted.
    labels: Vec<i64>,
    line_width: usize,
    offset_width: usize,
    line: &'a mut Line,
}

pub(super) fn write<W: Write>(
    code: &CodeObject,
    options: &DisOptions,
    line: &mut Line,
    out: &mut W,
) -> fmt::Result {
    let version = code.version();
    let mut entries = Vec::new();
    let mut broken = None;
    for entry in code.exceptiontable() {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => broken = Some(error),
        }
    }
    let adaptive = super::adaptive(code, options);
    let starts = LineStarts::of(code);
    let last = (code.code().len() as u32).saturating_sub(2);
    let mut listing = Listing {
        version,
        shown: adaptive.as_deref().unwrap_or(code.code()),
        arguments: Arguments::new(code),
        line_width: line_width(version, &starts),
        offset_width: match version {
            Version::V3_6 => 4,
            _ => decimal_len(last).max(4),
        },
        labels: labels(code, &entries),
        starts,
        line,
    };
    for instruction in RawInstructions::new(version, code.code()) {
        listing.instruction(&instruction, out)?;
        if options.show_caches {
            listing.caches(&instruction, out)?;
        }
    }
    listing.line.flush(out)?;
    if !entries.is_empty() {
        out.write_str("ExceptionTable:\n")?;
        for entry in &entries {
            exception(entry, out)?;
        }
    }
    if let Some(error) = broken {
        super::write_error("ExceptionTable", &error, out)?;
    }
    listing.starts.write_error(out)
}

fn line_width(version: Version, starts: &LineStarts) -> usize {
    if starts.is_empty() && version >= Version::V3_10 {
        return 0;
    }
    let most = starts.lines().flatten().max().unwrap_or(0);
    match version {
        Version::V3_6 => 3,
        _ => decimal_len(most).max(3),
    }
}

fn labels(code: &CodeObject, entries: &[ExceptionEntry]) -> Vec<i64> {
    let jumps = RawInstructions::new(code.version(), code.code());
    let mut labels = jumps
        .filter_map(|jump| jump.jump_target())
        .collect::<Vec<_>>();
    let handlers = entries.iter().filter(|entry| entry.start < entry.end);
    labels.extend(handlers.map(|entry| i64::from(entry.target.to_bytes().0)));
    labels.sort_unstable();
    labels.dedup();
    labels
}

impl Listing<'_> {
    fn instruction<W: Write>(&mut self, instruction: &RawInstruction, out: &mut W) -> fmt::Result {
        let offset = instruction.offset.0;
        let starts = self.starts.starting_at(offset).flatten();
        if starts.is_some() && self.line_width > 0 && offset > 0 {
            self.line.push_fixed(b"\n");
        }
        let is_label = self.labels.binary_search(&i64::from(offset)).is_ok();
        self.columns(starts, is_label, offset);
        let raw = self
            .shown
            .get(offset as usize)
            .copied()
            .unwrap_or(instruction.raw);
        let info = self.version.table().info(raw);
        push_opname(self.line, raw, info.map(|info| info.op));
        if let Some(oparg) = instruction.oparg {
            self.line.push_fixed(b" ");
            self.line.number(i64::from(oparg as i32), 5);
            match instruction.jump_target() {
                Some(target) => self.jump(instruction, target),
                None => self.arguments.push(self.line, instruction)?,
            }
        }
        self.line.end(out)
    }

    /// Everything before the opcode.
    fn columns(&mut self, starts: Option<u32>, is_label: bool, offset: u32) {
        let line = &mut *self.line;
        if self.line_width > 0 {
            match starts {
                Some(number) => line.number(i64::from(number), self.line_width),
                None => line.spaces(self.line_width),
            }
            line.push(" ");
        }
        line.push(if is_label { "    >> " } else { "       " });
        line.number(i64::from(offset), self.offset_width);
        line.push(" ");
    }

    fn jump(&mut self, instruction: &RawInstruction, target: i64) {
        let is_absolute = instruction
            .info
            .is_some_and(|info| info.arg == crate::table::ArgKind::JumpAbsolute);
        // Up to 3.9 an absolute target is what the argument says already.
        if is_absolute && self.version < Version::V3_10 {
            return;
        }
        self.line.push(" (to ");
        self.line.number(target, 0);
        self.line.push_fixed(b")");
    }

    fn caches<W: Write>(&mut self, instruction: &RawInstruction, out: &mut W) -> fmt::Result {
        let Some(info) = instruction.info else {
            return Ok(());
        };
        let raw = self.shown.get(instruction.offset.0 as usize).copied();
        let specialised = raw != Some(instruction.raw);
        let mut offset = instruction.cache_start.0;
        for (name, size) in self.version.table().cache_fields(info.base) {
            for unit in 0..u32::from(*size) {
                self.columns(None, false, offset);
                self.line.left(Op::Cache.name(), 20);
                self.line.push("     0");
                if unit == 0 && (specialised || self.version >= Version::V3_12) {
                    let value = cache_value(self.shown, offset, *size);
                    write!(self.line, " ({name}: {value})")?;
                }
                self.line.end(out)?;
                offset += 2;
            }
        }
        Ok(())
    }
}

/// The units of a cache field from `offset` on, as one little-endian number.
pub(super) fn cache_value(code: &[u8], offset: u32, units: u8) -> u64 {
    let start = (offset as usize).min(code.len());
    let end = (start + 2 * usize::from(units)).min(code.len());
    let bytes = code[start..end].iter().rev();
    bytes.fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn exception<W: Write>(entry: &ExceptionEntry, out: &mut W) -> fmt::Result {
    let lasti = if entry.lasti { " lasti" } else { "" };
    let [start, end, target] =
        [entry.start, entry.end, entry.target].map(|unit| i64::from(unit.to_bytes().0));
    let last = end - 2;
    writeln!(
        out,
        "  {start} to {last} -> {target} [{}]{lasti}",
        entry.depth
    )
}
