//! `Node`: one object of a `Document`, looked at without copying.
//!
//! A node is an index and a borrow of its document; what it returns borrows from the input.

use core::fmt;

use crate::document::{FIRSTLINENO, RawNode};
use crate::typecode::{self as tc, FLAG_REF};
use crate::visitor::{CodeInts, Long, StrEncoding};
use crate::{CodeLayout, Document};

/// One object of a [`Document`].
#[derive(Clone, Copy)]
pub struct Node<'d, 'a> {
    document: &'d Document<'a>,
    index: u32,
}

/// What an object is, with its payload if it has no parts.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// NULL, the end of a dict.
    Null,
    /// `None`.
    None,
    /// `False` or `True`.
    Bool(bool),
    /// The class `StopIteration`.
    StopIteration,
    /// `Ellipsis`.
    Ellipsis,
    /// An int of at most 64 bits that was not written in digits.
    Int(i64),
    /// An int written in digits.
    Long(Long<'a>),
    /// A float.
    Float(f64),
    /// A complex.
    Complex(f64, f64),
    /// Bytes; a `str` of Python 2.
    Bytes(&'a [u8]),
    /// A str and how to read its bytes.
    Str(&'a [u8], StrEncoding),
    /// A reference to an entry of the reference table.
    Ref {
        /// The index.
        index: u32,
    },
    /// A tuple; see [`Node::children`].
    Tuple,
    /// A list.
    List,
    /// A set.
    Set,
    /// A frozenset.
    FrozenSet,
    /// A dict: keys and values in turn, then NULL.
    Dict,
    /// A frozendict: keys and values in turn, then NULL.
    FrozenDict,
    /// A slice: start, stop, step.
    Slice,
    /// A code object; see [`Node::code_ints`].
    Code,
}

impl<'d, 'a> Node<'d, 'a> {
    pub(crate) fn new(document: &'d Document<'a>, index: u32) -> Self {
        Self { document, index }
    }

    fn raw(self) -> RawNode {
        self.document.nodes[self.index as usize]
    }

    /// Where it stands among the nodes of the document.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// Where among the nodes of the document what follows it and its parts stands.
    #[must_use]
    pub fn end(self) -> u32 {
        self.raw().end
    }

    /// Absolute byte offset in the file of its type byte.
    #[must_use]
    pub fn offset(self) -> u64 {
        self.document.options.base_offset as u64 + u64::from(self.raw().position)
    }

    /// The type byte without FLAG_REF.
    #[must_use]
    pub fn type_code(self) -> u8 {
        self.raw().type_code()
    }

    /// Is FLAG_REF set?
    #[must_use]
    pub fn is_flagged(self) -> bool {
        self.raw().byte & FLAG_REF != 0
    }

    /// Is it a str (in Python 2 a byte string) marked as interned?
    #[must_use]
    pub fn is_interned(self) -> bool {
        matches!(
            self.type_code(),
            tc::INTERNED | tc::ASCII_INTERNED | tc::SHORT_ASCII_INTERNED
        )
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind<'a> {
        let raw = self.raw();
        match raw.type_code() {
            tc::NULL => Kind::Null,
            tc::NONE => Kind::None,
            tc::FALSE => Kind::Bool(false),
            tc::TRUE => Kind::Bool(true),
            tc::STOP_ITERATION => Kind::StopIteration,
            tc::ELLIPSIS => Kind::Ellipsis,
            tc::INT => Kind::Int((raw.argument as i32).into()),
            tc::INT64 => Kind::Int(i64::from_le_bytes(self.array(1))),
            tc::LONG => {
                let count = raw.argument as i32;
                let digit_bytes = self.payload(5, 2 * count.unsigned_abs());
                Kind::Long(Long {
                    is_negative: count < 0,
                    digit_bytes,
                })
            }
            tc::FLOAT => Kind::Float(self.float_text(1).0),
            tc::BINARY_FLOAT => Kind::Float(f64::from_le_bytes(self.array(1))),
            tc::COMPLEX => {
                let (real, imag_at) = self.float_text(1);
                Kind::Complex(real, self.float_text(imag_at).0)
            }
            tc::BINARY_COMPLEX => Kind::Complex(
                f64::from_le_bytes(self.array(1)),
                f64::from_le_bytes(self.array(9)),
            ),
            tc::STRING => Kind::Bytes(self.payload(5, raw.argument)),
            tc::INTERNED if self.document.code_layout() == Some(CodeLayout::Python2) => {
                Kind::Bytes(self.payload(5, raw.argument))
            }
            tc::INTERNED | tc::UNICODE => {
                Kind::Str(self.payload(5, raw.argument), StrEncoding::Utf8)
            }
            tc::ASCII | tc::ASCII_INTERNED => {
                Kind::Str(self.payload(5, raw.argument), StrEncoding::Latin1)
            }
            tc::SHORT_ASCII | tc::SHORT_ASCII_INTERNED => {
                Kind::Str(self.payload(2, raw.argument), StrEncoding::Latin1)
            }
            tc::REF | tc::STRING_REF => Kind::Ref {
                index: raw.argument,
            },
            tc::LIST => Kind::List,
            tc::SET => Kind::Set,
            tc::FROZENSET => Kind::FrozenSet,
            tc::DICT => Kind::Dict,
            tc::FROZENDICT => Kind::FrozenDict,
            tc::SLICE => Kind::Slice,
            tc::CODE => Kind::Code,
            // The walk lets no other type code pass.
            _ => Kind::Tuple,
        }
    }

    /// Its parts in the order of the bytes; none if it has none. For a code object the objects
    /// among its fields; for a dict also the NULL at its end.
    #[must_use]
    pub fn children(self) -> Children<'d, 'a> {
        Children {
            document: self.document,
            next: self.index + 1,
            end: self.raw().end,
        }
    }

    /// The object that it stands for: itself unless it is a back reference.
    #[must_use]
    pub fn resolve(self) -> Self {
        match self.kind() {
            Kind::Ref { index } => match self.document.refs.get(index as usize) {
                Some(&index) => Self {
                    document: self.document,
                    index,
                },
                None => self,
            },
            _ => self,
        }
    }

    /// The integers at the start of a code object; `None` for other objects.
    #[must_use]
    pub fn code_ints(self) -> Option<CodeInts> {
        let layout = self
            .document
            .code_layout()
            .filter(|_| self.type_code() == tc::CODE)?;
        let mut at = 1;
        let mut next = || {
            let int = i32::from_le_bytes(self.array(at));
            at += 4;
            int
        };
        let is_old = layout != CodeLayout::LocalsPlus;
        let has_posonly = matches!(layout, CodeLayout::PositionalOnly | CodeLayout::LocalsPlus);
        Some(CodeInts {
            argcount: next(),
            posonlyargcount: if has_posonly { next() } else { 0 },
            kwonlyargcount: if layout == CodeLayout::Python2 {
                0
            } else {
                next()
            },
            nlocals: if is_old { next() } else { 0 },
            stacksize: next(),
            flags: next(),
        })
    }

    /// `co_firstlineno` of a code object; `None` for other objects.
    #[must_use]
    pub fn code_firstlineno(self) -> Option<i32> {
        if self.type_code() != tc::CODE {
            return None;
        }
        let nodes = &self.document.nodes;
        let mut at = self.index + 1;
        while at < self.raw().end {
            let node = nodes[at as usize];
            if node.byte == FIRSTLINENO {
                return Some(node.argument as i32);
            }
            at = node.end;
        }
        None
    }

    /// `len` bytes of the input, `skip` bytes behind the type byte's position.
    fn payload(self, skip: u32, len: u32) -> &'a [u8] {
        let start = self.raw().position as usize + skip as usize;
        self.document
            .input
            .get(start..start + len as usize)
            .unwrap_or_default()
    }

    fn array<const N: usize>(self, skip: u32) -> [u8; N] {
        self.payload(skip, N as u32)
            .first_chunk()
            .copied()
            .unwrap_or([0; N])
    }

    /// A float from text, and where the payload goes on.
    fn float_text(self, skip: u32) -> (f64, u32) {
        let [len] = self.array(skip);
        let text = self.payload(skip + 1, len.into());
        let number = core::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        (number.unwrap_or(f64::NAN), skip + 1 + u32::from(len))
    }
}

impl fmt::Debug for Node<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("offset", &self.offset())
            .field("is_flagged", &self.is_flagged())
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

/// The parts of an object; see [`Node::children`].
#[derive(Clone, Debug)]
pub struct Children<'d, 'a> {
    document: &'d Document<'a>,
    next: u32,
    end: u32,
}

impl<'d, 'a> Iterator for Children<'d, 'a> {
    type Item = Node<'d, 'a>;

    fn next(&mut self) -> Option<Node<'d, 'a>> {
        while self.next < self.end {
            let index = self.next;
            let raw = self.document.nodes[index as usize];
            self.next = raw.end;
            if raw.byte != FIRSTLINENO {
                return Some(Node::new(self.document, index));
            }
        }
        None
    }
}
