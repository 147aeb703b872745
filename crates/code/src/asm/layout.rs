//! [`Layout`]: what marshal chose when it wrote a file: type codes, which objects can be referred to, and which are
//! references.
//!
//! CPython's choices depend on reference counts while it compiled, which nothing in a code object tells. Invariants:
//! a layout that does not fit a code object gives nothing; nothing recurses.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use pyco_marshal::{Document, Int, Str, typecode as tc};

use super::error::Error;
use super::lex::Cursor;
use super::same::{Budget, Item};
use crate::code_object::CodeObject;
use crate::constant::Constant;

/// The longest line of the text.
const MAX_LINE: usize = 112;

/// How many steps all comparisons may take, for each token.
const STEPS: usize = 64;

#[derive(Clone, Copy)]
enum Token {
    /// An object written out: its type code, and whether it can be referred to.
    Fresh(u8, bool),
    /// A reference to an entry of the reference table.
    Ref(u32),
}

/// The choices, one for each object, in the order of the file.
pub(super) struct Layout {
    tokens: Vec<Token>,
}

impl Layout {
    /// That of a file; `None` where the language has no words for it.
    pub(super) fn of(document: &Document<'_>) -> Option<Self> {
        let mut tokens = Vec::with_capacity(document.node_count());
        for node in document.nodes() {
            match node.kind() {
                pyco_marshal::Kind::Ref { index } => tokens.push(Token::Ref(index)),
                pyco_marshal::Kind::Null if node.is_flagged() => return None,
                pyco_marshal::Kind::Null => {}
                _ => tokens.push(Token::Fresh(node.type_code(), node.is_flagged())),
            }
        }
        Some(Layout { tokens })
    }

    pub(super) fn write(&self, out: &mut String) {
        let mut start = out.len();
        out.push_str("= ");
        for token in &self.tokens {
            if out.len() - start > MAX_LINE {
                out.push('\n');
                start = out.len();
                out.push_str("= ");
            }
            match *token {
                Token::Fresh(code, is_flagged) => {
                    out.push(char::from(code));
                    if is_flagged {
                        out.push('\'');
                    }
                }
                // Writing to a String cannot fail.
                Token::Ref(index) => drop(write!(out, "@{index}")),
            }
        }
        out.push('\n');
    }

    /// An empty one, to be filled by [`Layout::read_line`].
    pub(super) fn new() -> Self {
        Layout { tokens: Vec::new() }
    }

    /// Adds the tokens of a line.
    pub(super) fn read_line(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Error> {
        while let Some(code) = cursor.peek() {
            if cursor.eats("@") {
                self.tokens.push(Token::Ref(cursor.digits()?));
            } else if is_type_code(code) && cursor.eats_byte(code) {
                self.tokens.push(Token::Fresh(code, cursor.eats("'")));
            } else {
                return Err(cursor.expected("a type code of marshal, or @ and a number"));
            }
        }
        Ok(())
    }

    /// `code` as marshal writes it with these choices; `None` where they do not fit it.
    pub(super) fn emit(&self, code: &CodeObject) -> Option<Vec<u8>> {
        let mut emitter = Emitter {
            out: Vec::new(),
            refs: Vec::new(),
            pending: alloc::vec![Next::Item(Item::Code(code))],
            budget: Budget(STEPS.saturating_mul(self.tokens.len())),
        };
        let mut tokens = self.tokens.iter();
        while let Some(next) = emitter.pending.pop() {
            match next {
                Next::Line(line) => emitter.out.extend(line.to_le_bytes()),
                Next::Null => emitter.out.push(tc::NULL),
                Next::Item(item) => match *tokens.next()? {
                    Token::Ref(index) => emitter.reference(item, index)?,
                    Token::Fresh(code, is_flagged) => emitter.fresh(item, code, is_flagged)?,
                },
            }
        }
        tokens.next().is_none().then_some(emitter.out)
    }
}

/// Whether the language knows an object by that type code.
fn is_type_code(code: u8) -> bool {
    const KNOWN: [u8; 25] = [
        tc::NONE,
        tc::FALSE,
        tc::TRUE,
        tc::STOP_ITERATION,
        tc::ELLIPSIS,
        tc::INT,
        tc::INT64,
        tc::LONG,
        tc::BINARY_FLOAT,
        tc::BINARY_COMPLEX,
        tc::STRING,
        tc::UNICODE,
        tc::INTERNED,
        tc::ASCII,
        tc::ASCII_INTERNED,
        tc::SHORT_ASCII,
        tc::SHORT_ASCII_INTERNED,
        tc::SMALL_TUPLE,
        tc::TUPLE,
        tc::LIST,
        tc::SET,
        tc::FROZENSET,
        tc::DICT,
        tc::FROZENDICT,
        tc::CODE,
    ];
    KNOWN.contains(&code) || code == tc::SLICE
}

/// What is to be written next.
enum Next<'a> {
    Item(Item<'a>),
    /// `co_firstlineno`, which is no object.
    Line(i32),
    /// The end of a dict.
    Null,
}

struct Emitter<'a> {
    out: Vec<u8>,
    refs: Vec<Item<'a>>,
    pending: Vec<Next<'a>>,
    budget: Budget,
}

impl<'a> Emitter<'a> {
    fn reference(&mut self, item: Item<'a>, index: u32) -> Option<()> {
        let target = *self.refs.get(index as usize)?;
        if !self.budget.is_same(item, target) {
            return None;
        }
        self.out.push(tc::REF);
        self.out.extend(index.to_le_bytes());
        Some(())
    }

    fn fresh(&mut self, item: Item<'a>, code: u8, is_flagged: bool) -> Option<()> {
        if is_flagged {
            self.refs.push(item);
        }
        self.out
            .push(code | if is_flagged { tc::FLAG_REF } else { 0 });
        match item {
            Item::Constant(Constant::Code(inner)) | Item::Code(inner) => self.code(inner, code),
            Item::Constant(Constant::Str(text)) | Item::Str(text) => self.text(text, code),
            Item::Constant(Constant::Bytes(bytes)) => self.bytes(bytes, code),
            Item::Bytes(bytes) => self.bytes(bytes, code),
            Item::Names(names) => {
                self.tuple_size(names.len(), code)?;
                self.push_all(names.iter().rev().map(Item::Str))
            }
            Item::Constant(Constant::Tuple(items)) => self.tuple(items, code),
            Item::Tuple(items) => self.tuple(items, code),
            Item::Constant(other) => self.constant(other, code),
        }
    }

    fn constant(&mut self, constant: &'a Constant, code: u8) -> Option<()> {
        let plain = match constant {
            Constant::None => tc::NONE,
            Constant::StopIteration => tc::STOP_ITERATION,
            Constant::Ellipsis => tc::ELLIPSIS,
            Constant::Bool(false) => tc::FALSE,
            Constant::Bool(true) => tc::TRUE,
            Constant::Int(number) => return self.int(number, code),
            Constant::Float(number) => {
                self.out.extend(number.to_le_bytes());
                tc::BINARY_FLOAT
            }
            Constant::Complex(real, imaginary) => {
                self.out.extend(real.to_le_bytes());
                self.out.extend(imaginary.to_le_bytes());
                tc::BINARY_COMPLEX
            }
            Constant::List(items) => return self.items(items, code, tc::LIST),
            Constant::Set(items) => return self.items(items, code, tc::SET),
            Constant::FrozenSet(items) => return self.items(items, code, tc::FROZENSET),
            Constant::Slice(parts) => {
                self.push_all(parts.iter().rev().map(Item::Constant))?;
                tc::SLICE
            }
            Constant::Dict(pairs) => return self.pairs(pairs, code, tc::DICT),
            Constant::FrozenDict(pairs) => return self.pairs(pairs, code, tc::FROZENDICT),
            _ => return None,
        };
        (plain == code).then_some(())
    }

    fn push_all(&mut self, items: impl Iterator<Item = Item<'a>>) -> Option<()> {
        self.pending.extend(items.map(Next::Item));
        Some(())
    }

    /// A count in one byte.
    fn short_size(&mut self, len: usize) -> Option<()> {
        self.out.push(len.try_into().ok()?);
        Some(())
    }

    /// A count in four bytes.
    fn size(&mut self, len: usize) -> Option<()> {
        self.out.extend(i32::try_from(len).ok()?.to_le_bytes());
        Some(())
    }

    fn tuple_size(&mut self, len: usize, code: u8) -> Option<()> {
        match code {
            tc::SMALL_TUPLE => self.short_size(len),
            tc::TUPLE => self.size(len),
            _ => None,
        }
    }

    fn tuple(&mut self, items: &'a [Constant], code: u8) -> Option<()> {
        self.tuple_size(items.len(), code)?;
        self.push_all(items.iter().rev().map(Item::Constant))
    }

    fn items(&mut self, items: &'a [Constant], code: u8, expected: u8) -> Option<()> {
        self.size(items.len())?;
        self.push_all(items.iter().rev().map(Item::Constant))?;
        (code == expected).then_some(())
    }

    fn pairs(&mut self, pairs: &'a [(Constant, Constant)], code: u8, expected: u8) -> Option<()> {
        self.pending.push(Next::Null);
        let parts = pairs.iter().rev().flat_map(|(key, value)| [value, key]);
        self.push_all(parts.map(Item::Constant))?;
        (code == expected).then_some(())
    }

    fn int(&mut self, number: &Int, code: u8) -> Option<()> {
        match code {
            tc::INT => self
                .out
                .extend(i32::try_from(number.as_i64()?).ok()?.to_le_bytes()),
            tc::INT64 => self.out.extend(number.as_i64()?.to_le_bytes()),
            tc::LONG => {
                let count = i32::try_from(number.digits().len()).ok()?;
                let signed = if number.is_negative() { -count } else { count };
                self.out.extend(signed.to_le_bytes());
                self.out.extend(number.digits().flat_map(u16::to_le_bytes));
            }
            _ => return None,
        }
        Some(())
    }

    fn bytes(&mut self, bytes: &[u8], code: u8) -> Option<()> {
        if code != tc::STRING {
            return None;
        }
        self.size(bytes.len())?;
        self.out.extend_from_slice(bytes);
        Some(())
    }

    fn text(&mut self, text: &Str, code: u8) -> Option<()> {
        let bytes = text.as_bytes();
        match code {
            tc::UNICODE | tc::INTERNED => self.size(bytes.len())?,
            _ if !bytes.is_ascii() => return None,
            tc::ASCII | tc::ASCII_INTERNED => self.size(bytes.len())?,
            tc::SHORT_ASCII | tc::SHORT_ASCII_INTERNED => self.short_size(bytes.len())?,
            _ => return None,
        }
        self.out.extend_from_slice(bytes);
        Some(())
    }

    fn code(&mut self, code: &'a CodeObject, type_code: u8) -> Option<()> {
        if type_code != tc::CODE {
            return None;
        }
        for number in [
            code.argcount(),
            code.posonlyargcount(),
            code.kwonlyargcount(),
            code.stacksize(),
            code.flags().bits(),
        ] {
            self.out.extend(number.to_le_bytes());
        }
        let fields = [
            Next::Item(Item::Bytes(code.code())),
            Next::Item(Item::Tuple(code.consts())),
            Next::Item(Item::Names(code.names())),
            Next::Item(Item::Names(code.localsplusnames())),
            Next::Item(Item::Bytes(code.localspluskinds())),
            Next::Item(Item::Str(code.filename())),
            Next::Item(Item::Str(code.name())),
            Next::Item(Item::Str(code.qualname())),
            Next::Line(code.firstlineno()),
            Next::Item(Item::Bytes(code.linetable())),
            Next::Item(Item::Bytes(code.exceptiontable().as_bytes())),
        ];
        self.pending.extend(fields.into_iter().rev());
        Some(())
    }
}
