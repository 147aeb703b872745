//! From text to code objects: the lines of a file, and which code object they are about.
//!
//! Invariant: code objects are made from the last to the first, so that each finds those that its constants name.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use pyco_marshal::Source;

use super::body::Draft;
use super::error::Error;
use super::layout::Layout;
use super::lex::Cursor;
use super::literal::{Code, Codes, MAX_DEPTH};
use super::print;
use crate::code_object::CodeObject;
use crate::version::Version;

/// What a text says.
pub(super) struct File {
    pub(super) code: CodeObject,
    pub(super) source: Option<Source>,
    pub(super) layout: Option<Layout>,
    /// The marshalled bytes that the code object was read from.
    pub(super) marshalled: Option<Vec<u8>>,
    /// What follows the marshalled code object.
    pub(super) trailing: Vec<u8>,
    line: u32,
}

impl File {
    /// An error about the file as a whole.
    pub(super) fn refused(&self, reason: &dyn fmt::Display) -> Error {
        Error::new(self.line, 1, reason.to_string())
    }

    /// The bytes given for the code object, if it is still that one.
    pub(super) fn unchanged(&self) -> Option<&[u8]> {
        let bytes = self.marshalled.as_deref()?;
        let before = CodeObject::from_marshal(self.code.version(), bytes, 0).ok()?;
        let text = |code| {
            let mut text = alloc::string::String::new();
            print::tree(code, &mut text).ok().map(|()| text)
        };
        (text(&before)? == text(&self.code)?).then_some(bytes)
    }
}

/// A code object's lines.
struct Block<'a> {
    label: &'a str,
    head: Cursor<'a>,
    lines: Vec<Cursor<'a>>,
}

/// What is before and around the code objects.
#[derive(Default)]
struct Frame<'a> {
    version: Option<Version>,
    source: Option<Source>,
    layout: Option<Layout>,
    marshalled: Option<Vec<u8>>,
    trailing: Vec<u8>,
    blocks: Vec<Block<'a>>,
}

pub(super) fn parse(text: &str) -> Result<File, Error> {
    let mut frame = Frame::default();
    let mut line = 0;
    for text in text.split('\n') {
        line += 1;
        let mut cursor = Cursor::new(text, line);
        if cursor.peek().is_some() {
            frame.line(cursor)?;
        }
    }
    let at_end = Cursor::new("", line);
    let version = frame
        .version
        .ok_or_else(|| at_end.fail("found no .version"))?;
    let Some(first) = frame.blocks.first() else {
        return Err(at_end.fail("found no .code"));
    };
    let line = first.head.line();
    let code = build(version, &frame.blocks)?;
    Ok(File {
        code,
        source: frame.source,
        layout: frame.layout,
        marshalled: frame.marshalled,
        trailing: frame.trailing,
        line,
    })
}

impl<'a> Frame<'a> {
    fn line(&mut self, start: Cursor<'a>) -> Result<(), Error> {
        let mut cursor = start.clone();
        if cursor.eats("=") {
            let Some(layout) = &mut self.layout else {
                return Err(start.fail("found =, expected .marshal above it"));
            };
            return layout.read_line(&mut cursor);
        }
        match cursor.word() {
            ".version" => self.version = Some(version(&mut cursor)?),
            ".source" => self.source = Some(source(&mut cursor)?),
            ".marshal" => self.layout = Some(Layout::new()),
            ".marshalled" => self.marshalled = Some(bytes(&mut cursor)?),
            ".trailing" => self.trailing = bytes(&mut cursor)?,
            ".code" => {
                cursor.skip_space();
                let head = cursor.clone();
                let label = cursor.word();
                if label.is_empty() {
                    return Err(cursor.expected("a label"));
                }
                self.blocks.push(Block {
                    label,
                    head,
                    lines: Vec::new(),
                });
            }
            _ => {
                let Some(block) = self.blocks.last_mut() else {
                    let mut start = start;
                    return Err(start.expected(".version, .source or .code"));
                };
                block.lines.push(start);
                return Ok(());
            }
        }
        cursor.end()
    }
}

fn version(cursor: &mut Cursor<'_>) -> Result<Version, Error> {
    cursor.skip_space();
    let start = cursor.clone();
    let word = cursor.word();
    let version = word.parse::<Version>().ok();
    version
        .filter(|version| version.has_localsplus())
        .ok_or_else(|| start.fail(format!("found version {word:?}, expected 3.11 to 3.15")))
}

fn source(cursor: &mut Cursor<'_>) -> Result<Source, Error> {
    if cursor.eats_word("timestamp") {
        let mtime = cursor.number()?;
        cursor.expect("size")?;
        let size = Some(cursor.number()?);
        return Ok(Source::Timestamp { mtime, size });
    }
    if !cursor.eats_word("hash") {
        return Err(cursor.expected("timestamp or hash"));
    }
    cursor.skip_space();
    let at_hash = cursor.clone();
    let digits = cursor.word().strip_prefix("0x").unwrap_or("");
    let hash = u64::from_str_radix(digits, 16)
        .ok()
        .filter(|_| digits.len() == 16);
    let hash = hash.ok_or_else(|| at_hash.fail("expected 0x and 16 hexadecimal digits"))?;
    let is_checked = cursor.eats_word("checked");
    if !is_checked && !cursor.eats_word("unchecked") {
        return Err(cursor.expected("checked or unchecked"));
    }
    Ok(Source::Hash {
        hash: hash.to_be_bytes(),
        is_checked,
    })
}

/// `b"..."`.
pub(super) fn bytes(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, Error> {
    if cursor.peek() != Some(b'b') || !cursor.eats("b") {
        return Err(cursor.expected("bytes, as b\"...\""));
    }
    cursor.bytes()
}

/// The first code object.
fn build(version: Version, blocks: &[Block<'_>]) -> Result<CodeObject, Error> {
    let mut codes: Codes<'_> = BTreeMap::new();
    let mut outermost = None;
    for block in blocks.iter().rev() {
        let mut draft = Draft::new(version)?;
        for line in &block.lines {
            draft.line(line.clone(), &codes)?;
        }
        if draft.depth > MAX_DEPTH {
            return Err(block.head.fail(format!(
                "code objects lie in each other more than {MAX_DEPTH} deep"
            )));
        }
        let depth = draft.depth;
        let code = draft.finish(&block.head)?;
        outermost = Some(code.clone());
        let entry = Code {
            code,
            depth,
            is_used: Cell::new(false),
        };
        if codes.insert(block.label, entry).is_some() {
            let label = block.label;
            return Err(block
                .head
                .fail(format!("found {label} a second time below")));
        }
    }
    let unused = |block: &&Block<'_>| {
        let code = codes.get(block.label);
        code.is_some_and(|code| !code.is_used.get())
    };
    if let Some(block) = blocks.iter().skip(1).find(unused) {
        return Err(block
            .head
            .fail("no constant above refers to this code object"));
    }
    let missing = || Error::new(1, 1, "found no .code");
    outermost.ok_or_else(missing)
}
