//! The layout of 3.13 and later: jump targets have labels, offsets are shown on request.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use pyco_linetable::{Location, locations};

use super::DisOptions;
use super::argument::Arguments;
use super::line::{Line, LineStarts, decimal_len, push_opname};
use super::offsets::cache_value;
use crate::code_object::CodeObject;
use crate::exception_table::ExceptionEntry;
use crate::instruction::{RawInstruction, RawInstructions};
use crate::op::Op;
use crate::version::Version;

/// What stands for the line of code that has none.
const NO_LINE: &str = "  --";

/// A listing in progress.
struct Listing<'a> {
    version: Version,
    /// What the opcodes and caches are shown from; the arguments are those of `co_code`.
    shown: &'a [u8],
    arguments: Arguments<'a>,
    starts: LineStarts,
    /// The location of each code unit, where those are shown.
    positions: Option<locations::Positions<'a>>,
    /// What has a label, sorted: the label is the place in the list, from 1.
    labels: Vec<i64>,
    /// How many of the labels are of offsets that have been gone past.
    labels_passed: usize,
    line_width: usize,
    label_width: usize,
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
    let show_positions = options.show_positions && version >= Version::V3_14;
    let adaptive = super::adaptive(code, options);
    let starts = LineStarts::of(code);
    let labels = labels(code, &entries);
    let last = (code.code().len() as u32).saturating_sub(2);
    let mut listing = Listing {
        version,
        shown: adaptive.as_deref().unwrap_or(code.code()),
        arguments: Arguments::new(code),
        line_width: if show_positions {
            positions_width(code)
        } else {
            line_width(&starts)
        },
        label_width: 4 + decimal_len(labels.len() as u32),
        offset_width: if options.show_offsets {
            decimal_len(last.max(9999))
        } else {
            0
        },
        labels,
        labels_passed: 0,
        starts,
        positions: show_positions.then(|| code.positions()),
        line,
    };
    for instruction in RawInstructions::new(version, code.code()) {
        let location = listing.location(&instruction);
        listing.instruction(&instruction, location, out)?;
        if options.show_caches {
            listing.caches(&instruction, location, out)?;
        }
    }
    listing.line.flush(out)?;
    if !entries.is_empty() {
        out.write_str("ExceptionTable:\n")?;
        for entry in &entries {
            listing.exception(entry, out)?;
        }
    }
    if let Some(error) = broken {
        super::write_error("ExceptionTable", &error, out)?;
    }
    listing.starts.write_error(out)
}

fn labels(code: &CodeObject, entries: &[ExceptionEntry]) -> Vec<i64> {
    let jumps = RawInstructions::new(code.version(), code.code());
    let mut labels = jumps
        .filter_map(|jump| jump.jump_target())
        .collect::<Vec<_>>();
    for entry in entries {
        let places = [entry.start, entry.end, entry.target];
        labels.extend(places.map(|unit| i64::from(unit.to_bytes().0)));
    }
    labels.sort_unstable();
    labels.dedup();
    labels
}

fn line_width(starts: &LineStarts) -> usize {
    // Line 0, which only a module's first instruction has, counts as none.
    let Some(most) = starts.lines().flatten().filter(|line| *line > 0).max() else {
        return 0;
    };
    let width = decimal_len(most).max(3);
    if starts.lines().any(|line| line.is_none()) {
        width.max(NO_LINE.len())
    } else {
        width
    }
}

/// The width of `LINE:COLUMN-END_LINE:END_COLUMN` and a space; 0 where there are none to show.
fn positions_width(code: &CodeObject) -> usize {
    let mut widest = None;
    for location in code.positions().map_while(Result::ok) {
        if location != Location::NONE {
            let parts = parts(&location);
            let width = parts
                .iter()
                .map(|part| part.map_or(1, decimal_len))
                .sum::<usize>();
            widest = widest.max(Some(width));
        } else {
            widest = widest.map(|width: usize| width.max(4));
        }
    }
    widest.map_or(0, |width| 1 + (width.max(4) + 3).max(NO_LINE.len()))
}

fn parts(location: &Location) -> [Option<u32>; 4] {
    [
        location.line(),
        location.end_line(),
        location.column(),
        location.end_column(),
    ]
}

impl Listing<'_> {
    /// The location of the instruction; moves on past its cache.
    fn location(&mut self, instruction: &RawInstruction) -> Location {
        let Some(positions) = &mut self.positions else {
            return Location::NONE;
        };
        let mut first = None;
        let units = (instruction.end.0 - instruction.offset.0) / 2;
        for _ in 0..units {
            let location = positions
                .next()
                .and_then(Result::ok)
                .unwrap_or(Location::NONE);
            first.get_or_insert(location);
        }
        first.unwrap_or(Location::NONE)
    }

    fn instruction<W: Write>(
        &mut self,
        instruction: &RawInstruction,
        location: Location,
        out: &mut W,
    ) -> fmt::Result {
        let offset = instruction.offset.0;
        let starts = self.starts.starting_at(offset);
        if starts.is_some() && self.line_width > 0 && offset > 0 {
            self.line.push_fixed(b"\n");
        }
        let label = self.next_label(i64::from(offset));
        self.columns(starts, location, label, offset);
        let raw = self
            .shown
            .get(offset as usize)
            .copied()
            .unwrap_or(instruction.raw);
        let info = self.version.table().info(raw);
        let len = push_opname(self.line, raw, info.map(|info| info.op));
        if let Some(oparg) = instruction.oparg {
            self.line.push_fixed(b" ");
            // A long name takes room from the argument.
            let width = 5usize.saturating_sub(len.saturating_sub(20));
            self.line.number(i64::from(oparg as i32), width);
            match instruction.jump_target() {
                Some(target) => self.jump(instruction, target),
                None => self.arguments.push(self.line, instruction)?,
            }
        }
        self.line.end(out)
    }

    fn label(&self, offset: i64) -> Option<i64> {
        let at = self.labels.binary_search(&offset).ok()?;
        Some(at as i64 + 1)
    }

    /// [`label`](Self::label), to be asked in ascending order of offsets.
    fn next_label(&mut self, offset: i64) -> Option<i64> {
        let rest = &self.labels[self.labels_passed..];
        self.labels_passed += rest.iter().take_while(|label| **label < offset).count();
        let is_here = self.labels.get(self.labels_passed) == Some(&offset);
        is_here.then_some(self.labels_passed as i64 + 1)
    }

    /// Everything before the opcode.
    fn columns(
        &mut self,
        starts: Option<Option<u32>>,
        location: Location,
        label: Option<i64>,
        offset: u32,
    ) {
        if starts.is_none() && label.is_none() && self.positions.is_none() && self.offset_width == 0
        {
            // Nothing but spaces: most lines.
            let line_width = self.line_width + usize::from(self.line_width > 0);
            return self.line.spaces(line_width + self.label_width + 5);
        }
        if self.line_width > 0 {
            if self.positions.is_some() {
                self.position(location);
            } else {
                match starts {
                    Some(Some(number)) => self.line.number(i64::from(number), self.line_width),
                    Some(None) => {
                        self.line
                            .spaces(self.line_width.saturating_sub(NO_LINE.len()));
                        self.line.push(NO_LINE);
                    }
                    None => self.line.spaces(self.line_width),
                }
            }
            self.line.push_fixed(b" ");
        }
        match label {
            Some(label) => {
                let width = 2 + decimal_len(label as u32);
                self.line.spaces(self.label_width.saturating_sub(width));
                self.push_label(label);
                self.line.push_fixed(b":");
            }
            None => self.line.spaces(self.label_width),
        }
        self.line.push_fixed(b" ");
        if self.offset_width > 0 {
            self.line.number(i64::from(offset), self.offset_width);
            self.line.push_fixed(b"   ");
        }
        self.line.push_fixed(b"    ");
    }

    fn push_label(&mut self, label: i64) {
        self.line.push_fixed(b"L");
        self.line.number(label, 0);
    }

    fn position(&mut self, location: Location) {
        let before = self.line.len();
        if location == Location::NONE {
            self.line.push(NO_LINE);
        } else {
            let [line, end_line, column, end_column] = parts(&location);
            let fields = [
                ("", line),
                (":", column),
                ("-", end_line),
                (":", end_column),
            ];
            for (mark, part) in fields {
                self.line.push(mark);
                match part {
                    Some(number) => self.line.number(i64::from(number), 0),
                    None => self.line.push("?"),
                }
            }
        }
        let len = self.line.len() - before;
        self.line.spaces(self.line_width.saturating_sub(len));
    }

    fn jump(&mut self, instruction: &RawInstruction, target: i64) {
        let is_end = instruction
            .info
            .is_some_and(|info| info.base == Op::EndAsyncFor);
        self.line.push(if is_end { " (from " } else { " (to " });
        // Every jump's target has a label.
        self.push_label(self.label(target).unwrap_or(0));
        self.line.push_fixed(b")");
    }

    fn caches<W: Write>(
        &mut self,
        instruction: &RawInstruction,
        location: Location,
        out: &mut W,
    ) -> fmt::Result {
        let Some(info) = instruction.info else {
            return Ok(());
        };
        let mut offset = instruction.cache_start.0;
        for (name, size) in self.version.table().cache_fields(info.base) {
            // 3.13 shows every field's value as if it were the first field.
            let from = match self.version {
                Version::V3_13 => instruction.cache_start.0,
                _ => offset,
            };
            let value = cache_value(self.shown, from, *size);
            for unit in 0..u32::from(*size) {
                self.columns(None, location, None, offset);
                self.line.left(Op::Cache.name(), 20);
                self.line.push("     0");
                if unit == 0 {
                    write!(self.line, " ({name}: {value})")?;
                }
                self.line.end(out)?;
                offset += 2;
            }
        }
        Ok(())
    }

    fn exception<W: Write>(&mut self, entry: &ExceptionEntry, out: &mut W) -> fmt::Result {
        let label = |unit: pyco_linetable::UnitOffset| {
            self.label(i64::from(unit.to_bytes().0)).unwrap_or(0)
        };
        let (start, end, target) = (label(entry.start), label(entry.end), label(entry.target));
        let lasti = if entry.lasti { " lasti" } else { "" };
        writeln!(
            out,
            "  L{start} to L{end} -> L{target} [{}]{lasti}",
            entry.depth
        )
    }
}
