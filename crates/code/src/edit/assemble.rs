//! From an [`Assembly`] to bytecode and tables.

use alloc::vec;
use alloc::vec::Vec;

use pyco_linetable::{Format, LocationTableBuilder, UnitOffset};

use super::{Argument, Assembly, Element, Label, Statement, fail};
use crate::error::{Error, ErrorKind, Place};
use crate::exception_table::ExceptionEntry;
use crate::op::Op;
use crate::table::{ArgKind, OpInfo};

/// What `assemble` makes.
pub(crate) struct Parts {
    pub(crate) code: Vec<u8>,
    pub(crate) linetable: Vec<u8>,
    pub(crate) exceptiontable: Vec<u8>,
}

/// How many `EXTENDED_ARG` an argument needs.
pub(super) const fn prefixes_of(oparg: u32) -> u8 {
    match oparg {
        0..=0xff => 0,
        0x100..=0xffff => 1,
        0x1_0000..=0xff_ffff => 2,
        _ => 3,
    }
}

/// A statement on its way into bytecode.
struct Placed<'a> {
    statement: &'a Statement,
    info: &'static OpInfo,
    /// Its place among the elements.
    element: usize,
    prefixes: u8,
    /// Whether the number of prefixes may be only what it was elsewhere.
    is_hinted: bool,
    oparg: u32,
    start: u32,
}

impl Placed<'_> {
    fn units(&self) -> u32 {
        u32::from(self.prefixes) + 1 + u32::from(self.info.caches)
    }
}

/// Where a label is: before the statement of that number.
pub(super) struct Labels {
    places: Vec<Option<usize>>,
}

impl Labels {
    pub(super) fn of(assembly: &Assembly) -> Result<Self, Error> {
        let mut places = Vec::new();
        let mut statement = 0;
        for (element, label) in assembly.elements.iter().enumerate() {
            let Element::Label(Label(label)) = *label else {
                statement += 1;
                continue;
            };
            if label >= assembly.next_label {
                return Err(fail(ErrorKind::LabelPlaces(label, 0), element));
            }
            places.resize(assembly.next_label as usize, None);
            if places[label as usize].replace(statement).is_some() {
                return Err(fail(ErrorKind::LabelPlaces(label, 2), element));
            }
        }
        Ok(Labels { places })
    }

    /// The statement after a label; the number of all where it is behind the last.
    pub(super) fn place(&self, label: Label) -> Option<usize> {
        self.places.get(label.0 as usize).copied().flatten()
    }
}

pub(super) fn assemble(assembly: &Assembly, firstlineno: i32) -> Result<Parts, Error> {
    let labels = Labels::of(assembly)?;
    let mut placed = Vec::with_capacity(assembly.elements.len());
    for (element, statement) in assembly.elements.iter().enumerate() {
        if let Element::Statement(statement) = statement {
            let info = assembly.info(statement.op, element)?;
            let oparg = match (statement.argument, info.arg.is_jump()) {
                (Argument::Number(oparg), false) => oparg,
                (Argument::Target(_), true) => 0,
                _ => return Err(fail(ErrorKind::ArgumentKind(statement.op), element)),
            };
            let least = statement.min_prefixes.min(3);
            let prefixes = prefixes_of(oparg)
                .max(least)
                .max(statement.prefix_hint.min(3));
            placed.push(Placed {
                statement,
                info,
                element,
                prefixes,
                is_hinted: statement.prefix_hint > 0,
                oparg,
                start: 0,
            });
        }
    }
    let end = settle(&mut placed, &labels)?;
    let start_of = |at: usize| placed.get(at).map_or(end, |placed| placed.start);
    Ok(Parts {
        code: bytecode(assembly, &placed, end)?,
        linetable: linetable(assembly, &placed, firstlineno)?,
        exceptiontable: exceptiontable(assembly, &labels, start_of)?,
    })
}

/// Gives each statement its place and each jump its distance and prefixes. Returns where the code ends, in units.
fn settle(placed: &mut [Placed<'_>], labels: &Labels) -> Result<u32, Error> {
    loop {
        let end = grow(placed, labels)?;
        // A hint that turned out too large is taken back, once; what is then needed grows again.
        let mut shrunk = false;
        for statement in placed.iter_mut() {
            let needed = prefixes_of(statement.oparg).max(statement.statement.min_prefixes.min(3));
            if statement.prefixes > needed && statement.is_hinted {
                statement.prefixes = needed;
                shrunk = true;
            }
        }
        if !shrunk {
            return Ok(end);
        }
        placed
            .iter_mut()
            .for_each(|statement| statement.is_hinted = false);
    }
}

/// Gives each jump its distance, with ever more prefixes until all fit.
fn grow(placed: &mut [Placed<'_>], labels: &Labels) -> Result<u32, Error> {
    loop {
        let mut end = 0u32;
        for statement in placed.iter_mut() {
            statement.start = end;
            end = end.saturating_add(statement.units());
        }
        let mut grown = false;
        for index in 0..placed.len() {
            let Argument::Target(label) = placed[index].statement.argument else {
                continue;
            };
            placed[index].oparg = distance(placed, index, labels, label, end)?;
            let needed = prefixes_of(placed[index].oparg);
            if needed > placed[index].prefixes {
                placed[index].prefixes = needed;
                grown = true;
            }
        }
        if !grown {
            return Ok(end);
        }
    }
}

/// How far a jump leads, in units.
fn distance(
    placed: &[Placed<'_>],
    index: usize,
    labels: &Labels,
    label: Label,
    end: u32,
) -> Result<u32, Error> {
    let jump = &placed[index];
    let nowhere = || fail(ErrorKind::LabelPlaces(label.0, 0), jump.element);
    let place = labels.place(label).ok_or_else(nowhere)?;
    let target = placed.get(place).map_or(end, |target| target.start);
    let from = jump.start + jump.units();
    let distance = match jump.info.arg {
        ArgKind::JumpBackward => from.checked_sub(target),
        _ => target.checked_sub(from),
    };
    distance.ok_or_else(|| fail(ErrorKind::JumpDirection(jump.statement.op), jump.element))
}

fn bytecode(assembly: &Assembly, placed: &[Placed<'_>], end: u32) -> Result<Vec<u8>, Error> {
    let table = assembly.version.table();
    let raw_of = |op: Op, element| {
        table
            .raw(op)
            .ok_or_else(|| fail(ErrorKind::NoSuchInstruction(assembly.version, op), element))
    };
    if end > i32::MAX as u32 / 2 {
        let expected = "expected at most 2147483647 bytes".into();
        return Err(Error::new(
            ErrorKind::FieldValue("co_code", expected),
            Place::Unknown,
        ));
    }
    let mut code = Vec::with_capacity(2 * end as usize);
    for statement in placed {
        for prefix in (1..=statement.prefixes).rev() {
            let extended = raw_of(Op::ExtendedArg, statement.element)?;
            code.extend_from_slice(&[extended, (statement.oparg >> (8 * u32::from(prefix))) as u8]);
        }
        let raw = raw_of(statement.statement.op, statement.element)?;
        code.extend_from_slice(&[raw, statement.oparg as u8]);
        code.resize(code.len() + 2 * usize::from(statement.info.caches), 0);
    }
    Ok(code)
}

fn linetable(
    assembly: &Assembly,
    placed: &[Placed<'_>],
    firstlineno: i32,
) -> Result<Vec<u8>, Error> {
    let version = assembly.version;
    let rule = Format::of_release(version.major(), version.minor())
        .map_or(pyco_linetable::LinesRule::Merged, Format::lines_rule);
    let mut builder = LocationTableBuilder::with_capacity(firstlineno, rule, 3 * placed.len());
    for statement in placed {
        builder
            .push(statement.units(), statement.statement.location)
            .map_err(|error| fail(ErrorKind::LocationTable(error), statement.element))?;
    }
    builder.finish().map_err(|error| {
        Error::new(
            ErrorKind::LocationTable(error),
            Place::LocationTable(error.offset() as u32),
        )
    })
}

fn exceptiontable(
    assembly: &Assembly,
    labels: &Labels,
    start_of: impl Fn(usize) -> u32,
) -> Result<Vec<u8>, Error> {
    let mut table = vec![];
    for region in &assembly.regions {
        let place = |label: Label| {
            let missing = || {
                let place = Place::ExceptionTable(0);
                Error::new(ErrorKind::LabelPlaces(label.0, 0), place)
            };
            labels
                .place(label)
                .map(&start_of)
                .map(UnitOffset)
                .ok_or_else(missing)
        };
        let entry = ExceptionEntry {
            start: place(region.start)?,
            end: place(region.end)?,
            target: place(region.target)?,
            depth: region.depth,
            lasti: region.lasti,
        };
        entry.encode(&mut table)?;
    }
    Ok(table)
}
