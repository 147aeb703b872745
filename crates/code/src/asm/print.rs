//! From code objects to text.
//!
//! Invariant: of each code object either the instructions are written, if the assembler makes the same bytes and
//! tables of them, or what it would make otherwise stands beside them as bytes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use pyco_linetable::Location;
use pyco_marshal::{Header, Pyc, Source};

use super::layout::Layout;
use super::{literal, location, operand};
use crate::code_object::CodeObject;
use crate::constant::Constant;
use crate::edit::{Argument, Assembly, Element, StackDepth, Statement};
use crate::error::{Error, ErrorKind, Place};
use crate::localsplus::LocalKind;
use crate::version::Version;

/// The longest text, in bytes.
const MAX_LEN: usize = 1 << 30;

/// The column at which an argument starts, and that at which a location does.
const ARGUMENT_COLUMN: usize = 32;
const LOCATION_COLUMN: usize = 44;
const COMMENT_COLUMN: usize = 64;

pub(super) fn version(version: Version, out: &mut String) -> Result<(), Error> {
    super::require_editable(version)?;
    out.push_str(&format!(".version {version}\n"));
    Ok(())
}

/// What the header says of the source.
pub(super) fn source(header: &Header, out: &mut String) {
    // Writing to a String cannot fail, here and below.
    let _ = match header.source() {
        Source::Timestamp { mtime, size } => {
            writeln!(out, ".source timestamp {mtime} size {}", size.unwrap_or(0))
        }
        Source::Hash { hash, is_checked } => {
            let hash = u64::from_be_bytes(hash);
            let checked = if is_checked { "checked" } else { "unchecked" };
            writeln!(out, ".source hash 0x{hash:016x} {checked}")
        }
    };
}

/// The code object and all below it, each once and before what it refers to.
pub(super) fn tree(code: &CodeObject, out: &mut String) -> Result<(), Error> {
    let order = outer_first(code);
    let numbers = order.iter().enumerate().map(|(at, code)| (code.id(), at));
    let numbers = numbers.collect::<BTreeMap<_, _>>();
    let name = |code: &CodeObject| numbers.get(&code.id()).copied().unwrap_or(0);
    for code in order {
        one(code, &name, out)?;
        if out.len() > MAX_LEN {
            return Err(too_large());
        }
    }
    Ok(())
}

fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge(MAX_LEN), Place::Unknown)
}

/// The code objects, each before those in its constants; of siblings the first comes first.
fn outer_first(code: &CodeObject) -> Vec<&CodeObject> {
    let mut done = Vec::new();
    let mut seen = BTreeSet::from([code.id()]);
    let mut open = alloc::vec![(code, codes_in(code))];
    while let Some((code, left)) = open.last_mut() {
        match left.pop() {
            Some(next) => {
                if seen.insert(next.id()) {
                    open.push((next, codes_in(next)));
                }
            }
            None => {
                done.push(*code);
                open.pop();
            }
        }
    }
    done.reverse();
    done
}

/// The code objects among the constants, those within containers included.
fn codes_in(code: &CodeObject) -> Vec<&CodeObject> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut pending = code.consts().iter().rev().collect::<Vec<_>>();
    while let Some(constant) = pending.pop() {
        let items: &[Constant] = match constant {
            Constant::Code(code) => {
                found.push(code);
                continue;
            }
            Constant::Tuple(items) | Constant::List(items) => items,
            Constant::Set(items) | Constant::FrozenSet(items) => items,
            Constant::Slice(parts) => &parts[..],
            Constant::Dict(pairs) | Constant::FrozenDict(pairs) => {
                if seen.insert(pairs.as_ptr() as usize) {
                    pending.extend(pairs.iter().rev().flat_map(|(key, value)| [value, key]));
                }
                continue;
            }
            _ => continue,
        };
        if seen.insert(items.as_ptr() as usize) {
            pending.extend(items.iter().rev());
        }
    }
    found
}

fn one(
    code: &CodeObject,
    name: &dyn Fn(&CodeObject) -> usize,
    out: &mut String,
) -> Result<(), Error> {
    let _ = writeln!(out, "\n.code C{}", name(code));
    for (field, text) in [
        (".name", code.name()),
        (".qualname", code.qualname()),
        (".filename", code.filename()),
    ] {
        let _ = write!(out, "    {field} ");
        literal::string(text, out);
        out.push('\n');
    }
    let _ = writeln!(out, "    .firstlineno {}", code.firstlineno());
    for (field, count) in [
        (".argcount", code.argcount()),
        (".posonlyargcount", code.posonlyargcount()),
        (".kwonlyargcount", code.kwonlyargcount()),
    ] {
        if count > 0 {
            let _ = writeln!(out, "    {field} {count}");
        }
    }
    flags(code, out);
    for (at, constant) in code.consts().iter().enumerate() {
        let _ = write!(out, "    .consts {at}: ");
        if !literal::write(constant, name, MAX_LEN, out) {
            return Err(too_large());
        }
        if let Constant::Code(inner) = constant {
            let _ = write!(out, "  # ");
            comment(&inner.qualname().to_string_lossy(), out);
        }
        out.push('\n');
    }
    for (at, name) in code.names().iter().enumerate() {
        let _ = write!(out, "    .names {at}: ");
        literal::string(name, out);
        out.push('\n');
    }
    let slots = code.localsplusnames().iter().zip(code.localspluskinds());
    for (at, (name, kind)) in slots.enumerate() {
        let _ = write!(out, "    .localsplus {at}: ");
        literal::string(name, out);
        let kind = LocalKind::from_bits_retain(*kind);
        let names = kind.iter_names().map(|(name, _)| name);
        bits(names, unnamed_kind(kind), out);
        out.push('\n');
    }
    body(code, out);
    Ok(())
}

fn unnamed_kind(kind: LocalKind) -> u32 {
    let named = kind
        .iter_names()
        .fold(0, |bits, (_, flag)| bits | flag.bits());
    u32::from(kind.bits() & !named)
}

fn flags(code: &CodeObject, out: &mut String) {
    let flags = code.flags();
    let named = flags
        .iter_names()
        .fold(0, |bits, (_, flag)| bits | flag.bits());
    out.push_str("    .flags");
    bits(
        flags.iter_names().map(|(name, _)| name),
        flags.bits() & !named,
        out,
    );
    out.push('\n');
}

/// Names of bits, and in hexadecimal those that have none.
fn bits<'a>(names: impl Iterator<Item = &'a str>, rest: u32, out: &mut String) {
    for name in names {
        out.push(' ');
        out.push_str(name);
    }
    if rest != 0 {
        let _ = write!(out, " {rest:#x}");
    }
}

/// The instructions and the exception table; as bytes what they do not settle.
fn body(code: &CodeObject, out: &mut String) {
    let raw = |field: &str, bytes: &[u8], out: &mut String| {
        let _ = write!(out, "    {field} ");
        literal::bytes(bytes, out);
        out.push('\n');
    };
    let assembly = Assembly::of(code).ok();
    let again = assembly
        .as_ref()
        .and_then(|assembly| assembly.tables(code.firstlineno()).ok());
    let needed = assembly
        .as_ref()
        .and_then(|assembly| StackDepth::of(assembly).ok());
    let is_small = needed.is_some_and(|depth| depth.needed() > code.stacksize());
    let exact = if is_small { " exact" } else { "" };
    let _ = writeln!(out, "    .stacksize {}{exact}", code.stacksize());
    let (Some(assembly), Some(again)) = (assembly, again.filter(|again| again.code == code.code()))
    else {
        out.push_str("    # The bytecode or a table is malformed.\n");
        raw(".code_bytes", code.code(), out);
        raw(".linetable", code.linetable(), out);
        return raw(".exceptiontable", code.exceptiontable().as_bytes(), out);
    };
    if again.linetable != code.linetable() {
        raw(".linetable", code.linetable(), out);
    }
    if again.exceptiontable != code.exceptiontable().as_bytes() {
        raw(".exceptiontable", code.exceptiontable().as_bytes(), out);
    }
    statements(code, &assembly, out);
}

fn statements(code: &CodeObject, assembly: &Assembly, out: &mut String) {
    let meaning = operand::Meaning::new(code);
    let mut before = None;
    for element in &assembly.elements {
        match element {
            Element::Label(label) => {
                let _ = writeln!(out, "  L{}:", label.0);
            }
            Element::Statement(statement) => {
                let location = (before != Some(statement.location)).then_some(statement.location);
                before = Some(statement.location);
                self::statement(statement, location, &meaning, out);
            }
        }
    }
    for region in &assembly.regions {
        let _ = write!(
            out,
            "    .except L{} to L{} -> L{} depth {}",
            region.start.0, region.end.0, region.target.0, region.depth
        );
        out.push_str(if region.lasti { " lasti\n" } else { "\n" });
    }
}

fn statement(
    statement: &Statement,
    location: Option<Location>,
    meaning: &operand::Meaning<'_>,
    out: &mut String,
) {
    let start = out.len();
    let pad = |column: usize, out: &mut String| {
        let len = out.len() - start;
        out.extend(core::iter::repeat_n(' ', column.saturating_sub(len).max(1)));
    };
    let _ = write!(out, "    {}", statement.op);
    match statement.argument {
        Argument::Target(label) => {
            pad(ARGUMENT_COLUMN, out);
            let _ = write!(out, "L{}", label.0);
        }
        Argument::Number(number) if number != 0 || meaning.has_arg(statement.op) => {
            pad(ARGUMENT_COLUMN, out);
            let _ = write!(out, "{number}");
        }
        Argument::Number(_) => {}
    }
    if statement.min_prefixes > 0 {
        let _ = write!(out, " wide {}", statement.min_prefixes);
    }
    if statement.prefix_hint > 0 {
        let _ = write!(out, " hint {}", statement.prefix_hint);
    }
    if let Some(place) = location {
        pad(LOCATION_COLUMN, out);
        out.push_str("@ ");
        location::write(place, out);
    }
    if let Argument::Number(number) = statement.argument {
        let text = meaning.of(statement.op, number);
        if !text.is_empty() {
            pad(COMMENT_COLUMN, out);
            out.push_str("# ");
            comment(&text, out);
        }
    }
    out.push('\n');
}

/// Text for a person, which must not end the line.
fn comment(text: &str, out: &mut String) {
    out.extend(
        text.chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c }),
    );
}

/// Whether `asm` makes these bytes of the text alone. The code object's parts may say more than the text: which of them
/// are shared, and which strings are interned.
fn is_canonical(code: &CodeObject, written: &[u8], text: &str) -> bool {
    let writes = |code: &CodeObject| {
        let again = code.replace().build().and_then(|code| code.to_marshal());
        again.as_deref() == Ok(written)
    };
    // Seldom so; thus the text is seldom read.
    writes(code) && super::parse(text).is_ok_and(|code| writes(&code))
}

/// How marshal wrote the objects, where that is not what `asm` would write by itself.
pub(super) fn marshal_section(
    code: &CodeObject,
    pyc: &Pyc<'_>,
    out: &mut String,
) -> Result<(), Error> {
    let document = pyc.document().map_err(Error::marshal)?;
    let trailing = document.trailing();
    let written = &pyc.marshalled()[..pyc.marshalled().len() - trailing.len()];
    if !is_canonical(code, written, out) {
        let layout = Layout::of(&document);
        match layout.filter(|layout| layout.emit(code).as_deref() == Some(written)) {
            Some(layout) => {
                out.push_str(
                    "\n# How the file shares objects. Used only while it fits; may be deleted.\n",
                );
                out.push_str(".marshal\n");
                layout.write(out);
            }
            None => {
                out.push_str("\n# How the file shares objects cannot be told in this language.\n");
                out.push_str(".marshalled ");
                literal::bytes(written, out);
                out.push('\n');
            }
        }
    }
    if !trailing.is_empty() {
        out.push_str(".trailing ");
        literal::bytes(trailing, out);
        out.push('\n');
    }
    Ok(())
}
