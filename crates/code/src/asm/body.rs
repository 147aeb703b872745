//! [`Draft`]: the lines of one code object on their way into a [`CodeObject`].

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_linetable::Location;
use pyco_marshal::Str;

use super::error::Error;
use super::lex::{Cursor, is_hex};
use super::literal::{self, Codes};
use super::same::{Budget, Item};
use super::{location, parse};
use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::edit::{Argument, Assembly, Element, Label, Region, StackDepth, Statement};
use crate::error::{Error as CodeError, Place};
use crate::flags::CodeFlags;
use crate::localsplus::LocalKind;
use crate::op::Op;
use crate::table::{ArgKind, Kind};
use crate::version::Version;
use pyco_marshal::Bytes;

/// How many steps the search for a constant among those that are there may take.
const STEPS: usize = 1 << 20;

/// A label: the assembly's, where it was first named, and whether it is anywhere.
struct Spot<'a> {
    label: Label,
    named: Cursor<'a>,
    is_placed: bool,
}

/// A code object in the making.
pub(super) struct Draft<'a> {
    /// How deep its constants go.
    pub(super) depth: usize,
    version: Version,
    fields: Fields,
    consts: Vec<Constant>,
    names: Vec<Str>,
    locals: Vec<(Str, u8)>,
    qualname: Option<Str>,
    stacksize: u32,
    is_exact: bool,
    code: Option<Vec<u8>>,
    linetable: Option<Vec<u8>>,
    exceptiontable: Option<Vec<u8>>,
    assembly: Assembly,
    /// Where each element of the assembly stands.
    elements: Vec<Cursor<'a>>,
    labels: BTreeMap<&'a str, Spot<'a>>,
    location: Location,
}

impl<'a> Draft<'a> {
    pub(super) fn new(version: Version) -> Result<Self, Error> {
        let assembly =
            Assembly::new(version).map_err(|error| Error::new(1, 1, error.to_string()))?;
        Ok(Draft {
            depth: 0,
            version,
            fields: empty(version),
            consts: Vec::new(),
            names: Vec::new(),
            locals: Vec::new(),
            qualname: None,
            stacksize: 0,
            is_exact: false,
            code: None,
            linetable: None,
            exceptiontable: None,
            assembly,
            elements: Vec::new(),
            labels: BTreeMap::new(),
            location: Location::NONE,
        })
    }

    /// Reads a line.
    pub(super) fn line(&mut self, start: Cursor<'a>, codes: &Codes<'_>) -> Result<(), Error> {
        let mut cursor = start.clone();
        cursor.skip_space();
        let start = cursor.clone();
        let word = cursor.word();
        if word.starts_with('.') {
            self.field(word, &start, &mut cursor, codes)?;
        } else if cursor.eats(":") {
            self.place(word, start)?;
        } else {
            self.statement(word, start, &mut cursor, codes)?;
        }
        cursor.end()
    }

    fn field(
        &mut self,
        word: &str,
        start: &Cursor<'a>,
        cursor: &mut Cursor<'a>,
        codes: &Codes<'_>,
    ) -> Result<(), Error> {
        let fields = &mut self.fields;
        match word {
            ".name" => fields.name = cursor.string()?,
            ".qualname" => self.qualname = Some(cursor.string()?),
            ".filename" => fields.filename = cursor.string()?,
            ".firstlineno" => {
                let is_negative = cursor.eats("-");
                let line = cursor.number()? as i32;
                fields.firstlineno = if is_negative {
                    line.wrapping_neg()
                } else {
                    line
                };
            }
            ".argcount" => fields.argcount = cursor.number()?,
            ".posonlyargcount" => fields.posonlyargcount = cursor.number()?,
            ".kwonlyargcount" => fields.kwonlyargcount = cursor.number()?,
            ".stacksize" => {
                self.stacksize = cursor.number()?;
                self.is_exact = cursor.eats_word("exact");
            }
            ".flags" => {
                let by_name = |name: &str| CodeFlags::from_name(name).map(|flag| flag.bits());
                fields.flags = CodeFlags::from_bits_retain(bits(cursor, by_name)?);
            }
            ".consts" => {
                index(cursor, self.consts.len())?;
                let (constant, depth) = literal::read(cursor, codes)?;
                self.depth = self.depth.max(depth);
                self.consts.push(constant);
            }
            ".names" => {
                index(cursor, self.names.len())?;
                self.names.push(cursor.string()?);
            }
            ".localsplus" => {
                index(cursor, self.locals.len())?;
                let name = cursor.string()?;
                let by_name = |name: &str| Some(LocalKind::from_name(name)?.bits().into());
                self.locals.push((name, bits(cursor, by_name)? as u8));
            }
            ".code_bytes" => self.code = Some(parse::bytes(cursor)?),
            ".linetable" => self.linetable = Some(parse::bytes(cursor)?),
            ".exceptiontable" => self.exceptiontable = Some(parse::bytes(cursor)?),
            ".except" => return self.region(cursor),
            _ => return Err(start.fail(format!("found {word}, expected a field of a code object"))),
        }
        Ok(())
    }

    fn region(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let start = self.label(cursor)?;
        cursor.expect("to")?;
        let end = self.label(cursor)?;
        cursor.expect("->")?;
        let target = self.label(cursor)?;
        cursor.expect("depth")?;
        let depth = cursor.number()?;
        let lasti = cursor.eats_word("lasti");
        self.assembly.regions.push(Region {
            start,
            end,
            target,
            depth,
            lasti,
        });
        Ok(())
    }

    /// A label that something refers to.
    fn label(&mut self, cursor: &mut Cursor<'a>) -> Result<Label, Error> {
        cursor.skip_space();
        let named = cursor.clone();
        let name = cursor.word();
        if name.is_empty() {
            return Err(cursor.expected("a label"));
        }
        Ok(self.label_named(name, named).label)
    }

    fn label_named(&mut self, name: &'a str, named: Cursor<'a>) -> &mut Spot<'a> {
        let assembly = &mut self.assembly;
        self.labels.entry(name).or_insert_with(|| Spot {
            label: assembly.new_label(),
            named,
            is_placed: false,
        })
    }

    /// The line is a label.
    fn place(&mut self, name: &'a str, start: Cursor<'a>) -> Result<(), Error> {
        let place = self.label_named(name, start.clone());
        if core::mem::replace(&mut place.is_placed, true) {
            return Err(start.fail(format!("found label {name} a second time")));
        }
        let label = place.label;
        self.push(Element::Label(label), start);
        Ok(())
    }

    fn push(&mut self, element: Element, start: Cursor<'a>) {
        self.assembly.elements.push(element);
        self.elements.push(start);
    }

    fn statement(
        &mut self,
        word: &str,
        start: Cursor<'a>,
        cursor: &mut Cursor<'a>,
        codes: &Codes<'_>,
    ) -> Result<(), Error> {
        let version = self.version;
        let info = Op::from_name(word).and_then(|op| version.table().info_of(op));
        let Some(info) = info.filter(|info| info.kind == Kind::Base) else {
            let mut start = start;
            return Err(start.expected(&format!("an instruction of CPython {version}")));
        };
        let argument = if info.arg.is_jump() {
            Argument::Target(self.label(cursor)?)
        } else if cursor.eats("=") {
            Argument::Number(self.symbol(info.arg, cursor, codes)?)
        } else if info.has_arg() || cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            Argument::Number(cursor.number()?)
        } else {
            Argument::Number(0)
        };
        let min_prefixes = if cursor.eats_word("wide") {
            prefixes(cursor)?
        } else {
            0
        };
        let prefix_hint = if cursor.eats_word("hint") {
            prefixes(cursor)?
        } else {
            0
        };
        if cursor.eats("@") {
            self.location = location::read(cursor)?;
        }
        let statement = Statement {
            op: info.op,
            argument,
            location: self.location,
            min_prefixes,
            prefix_hint,
        };
        self.push(Element::Statement(statement), start);
        Ok(())
    }

    /// The index of what is given by name or value; new ones are added to the table.
    fn symbol(
        &mut self,
        kind: ArgKind,
        cursor: &mut Cursor<'a>,
        codes: &Codes<'_>,
    ) -> Result<u32, Error> {
        cursor.skip_space();
        let start = cursor.clone();
        match kind {
            ArgKind::Const => {
                let (constant, depth) = literal::read(cursor, codes)?;
                self.depth = self.depth.max(depth);
                let mut budget = Budget(STEPS);
                let mut same = |other: &Constant| {
                    budget.is_same(Item::Constant(&constant), Item::Constant(other))
                };
                let found = self.consts.iter().position(&mut same);
                Ok(found.unwrap_or_else(|| {
                    self.consts.push(constant);
                    self.consts.len() - 1
                }) as u32)
            }
            ArgKind::Name { shift } => {
                let name = cursor.string()?;
                let flags = if cursor.eats("+") {
                    cursor.number()?
                } else {
                    0
                };
                if flags >> shift != 0 {
                    return Err(start.fail(format!("expected flags below {}", 1 << shift)));
                }
                let found = self.names.iter().position(|other| *other == name);
                let index = found.unwrap_or_else(|| {
                    self.names.push(name);
                    self.names.len() - 1
                });
                Ok((index as u32) << shift | flags)
            }
            ArgKind::Local | ArgKind::Free => self.slot(kind, cursor),
            _ => Err(start.fail("only constants, names and variables can be given with =")),
        }
    }

    fn slot(&mut self, kind: ArgKind, cursor: &mut Cursor<'a>) -> Result<u32, Error> {
        let start = cursor.clone();
        let name = cursor.string()?;
        let fits = |bits: u8| {
            let bits = LocalKind::from_bits_retain(bits);
            let is_local = bits.contains(LocalKind::LOCAL);
            is_local == (kind == ArgKind::Local)
                || bits.contains(LocalKind::LOCAL | LocalKind::CELL)
        };
        let mut slots = self.locals.iter();
        let found = slots.position(|(other, bits)| *other == name && fits(*bits));
        match found {
            Some(slot) => Ok(slot as u32),
            None => Err(start.fail("found no .localsplus of that name and kind above")),
        }
    }

    /// The code object, which begins at `head`.
    pub(super) fn finish(self, head: &Cursor<'a>) -> Result<CodeObject, Error> {
        if let Some((name, place)) = self.labels.iter().find(|(_, place)| !place.is_placed) {
            return Err(place.named.fail(format!("found no label {name}")));
        }
        let place_of = |error: &CodeError| match error.place() {
            Place::Element(index) => self.elements.get(index as usize).unwrap_or(head),
            _ => head,
        };
        let refuse = |error: CodeError| place_of(&error).fail(error.without_place().to_string());
        if self.code.is_some() && !self.elements.is_empty() {
            return Err(self.elements[0].fail("found an instruction beside .code_bytes"));
        }
        let tables = self
            .assembly
            .tables(self.fields.firstlineno)
            .map_err(refuse)?;
        let mut stacksize = self.stacksize;
        if !self.is_exact
            && self.code.is_none()
            && let Ok(depth) = StackDepth::of(&self.assembly)
        {
            stacksize = stacksize.max(depth.needed());
        }
        let (names, kinds): (Vec<Str>, Vec<u8>) = self.locals.into_iter().unzip();
        let is_local = |kind: &&u8| LocalKind::from_bits_retain(**kind).contains(LocalKind::LOCAL);
        let fields = Fields {
            nlocals: kinds.iter().filter(is_local).count() as u32,
            stacksize,
            code: self.code.unwrap_or(tables.code).into(),
            consts: self.consts.into(),
            names: self.names.into(),
            localsplusnames: names.into(),
            localspluskinds: kinds.into(),
            qualname: self.qualname.unwrap_or_else(|| self.fields.name.clone()),
            linetable: self.linetable.unwrap_or(tables.linetable).into(),
            exceptiontable: self.exceptiontable.unwrap_or(tables.exceptiontable).into(),
            ..self.fields
        };
        fields
            .check()
            .map_err(|error| head.fail(error.without_place().to_string()))?;
        Ok(CodeObject::from_fields(fields))
    }
}

fn empty(version: Version) -> Fields {
    Fields {
        version,
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        nlocals: 0,
        stacksize: 0,
        flags: CodeFlags::empty(),
        code: Bytes::default(),
        consts: Arc::default(),
        names: Arc::default(),
        localsplusnames: Arc::default(),
        localspluskinds: Bytes::default(),
        filename: "<asm>".into(),
        name: "<module>".into(),
        qualname: "<module>".into(),
        firstlineno: 1,
        linetable: Bytes::default(),
        exceptiontable: Bytes::default(),
        file_offset: None,
        origin: None,
    }
}

/// An index before an item, which may be left out, and is the next one.
fn index(cursor: &mut Cursor<'_>, expected: usize) -> Result<(), Error> {
    let mut ahead = cursor.clone();
    let word = ahead.word();
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) || !ahead.eats(":") {
        return Ok(());
    }
    if word.parse() != Ok(expected) {
        return Err(cursor.expected(&format!("{expected}, the next index, or none")));
    }
    *cursor = ahead;
    Ok(())
}

/// Names of bits, and bits in hexadecimal.
fn bits(cursor: &mut Cursor<'_>, by_name: impl Fn(&str) -> Option<u32>) -> Result<u32, Error> {
    let mut all = 0;
    while cursor.peek().is_some() {
        let mut ahead = cursor.clone();
        let word = ahead.word();
        let digits = word.strip_prefix("0x").filter(|digits| is_hex(digits));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match number.or_else(|| by_name(word)) {
            Some(bits) => all |= bits,
            None => return Err(cursor.expected("the name of a flag, or bits after 0x")),
        }
        *cursor = ahead;
    }
    Ok(all)
}

/// How many `EXTENDED_ARG`.
fn prefixes(cursor: &mut Cursor<'_>) -> Result<u8, Error> {
    let mut ahead = cursor.clone();
    match ahead.number()? {
        count @ 0..=3 => {
            *cursor = ahead;
            Ok(count as u8)
        }
        _ => Err(cursor.expected("a number up to 3")),
    }
}
