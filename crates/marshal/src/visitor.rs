//! The streaming interface: what a walk over marshalled bytes reports, in the order of the bytes.
//!
//! Nothing is allocated per object; strings and digits are borrowed from the input.

use crate::{CodeLayout, Error, typecode};

/// Where an object stands and how it was tagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the object in the order of the bytes, from 0. Back references and
    /// `co_firstlineno` count too.
    pub id: u32,
    /// Bytes from the start of the marshalled data to the type byte.
    pub position: u32,
    /// The type byte, FLAG_REF included.
    pub byte: u8,
}

impl Head {
    /// The type code: the type byte without FLAG_REF.
    #[must_use]
    pub const fn type_code(self) -> u8 {
        self.byte & !typecode::FLAG_REF
    }

    /// Is FLAG_REF set?
    #[must_use]
    pub const fn is_flagged(self) -> bool {
        self.byte & typecode::FLAG_REF != 0
    }
}

/// A long as written: a sign, and digits of 15 bits, least significant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Long<'a> {
    /// Is the number below zero?
    pub is_negative: bool,
    /// Two little-endian bytes a digit; each digit is at most 0x7fff, and the last is not 0.
    pub digit_bytes: &'a [u8],
}

impl<'a> Long<'a> {
    /// The digits, least significant first.
    pub fn digits(self) -> impl ExactSizeIterator<Item = u16> + DoubleEndedIterator + Clone + 'a {
        self.digit_bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
    }
}

/// How the bytes of a str are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrEncoding {
    /// UTF-8 in which surrogates may occur.
    Utf8,
    /// One character a byte: ASCII as CPython writes it, though it reads bytes above 0x7f too.
    Latin1,
}

/// An object without parts.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Leaf<'a> {
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
    /// An int written in 32 bits.
    Int(i32),
    /// An int written in 64 bits.
    Int64(i64),
    /// An int written in digits.
    Long(Long<'a>),
    /// A float, from 8 bytes or from text.
    Float(f64),
    /// A complex, from 16 bytes or from two texts.
    Complex(f64, f64),
    /// Bytes; a `str` of Python 2.
    Bytes(&'a [u8]),
    /// A str.
    Str {
        /// Its bytes, checked.
        bytes: &'a [u8],
        /// How to read them.
        encoding: StrEncoding,
        /// Is it one of CPython's interned strings?
        is_interned: bool,
    },
    /// A reference to an object read before, or being read.
    Ref {
        /// Index in the reference table.
        index: u32,
        /// [`Head::id`] of the object referred to.
        target: u32,
    },
}

/// The integers at the start of a code object; those that a layout lacks are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CodeInts {
    /// `co_argcount`.
    pub argcount: i32,
    /// `co_posonlyargcount`, 3.8 and later.
    pub posonlyargcount: i32,
    /// `co_kwonlyargcount`, Python 3.
    pub kwonlyargcount: i32,
    /// `co_nlocals`, up to 3.10.
    pub nlocals: i32,
    /// `co_stacksize`.
    pub stacksize: i32,
    /// `co_flags`.
    pub flags: i32,
}

/// An object with parts, which follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Container {
    /// A tuple of so many items.
    Tuple(u32),
    /// A list of so many items.
    List(u32),
    /// A set of so many items.
    Set(u32),
    /// A frozenset of so many items.
    FrozenSet(u32),
    /// Keys and values in turn, then [`Leaf::Null`], which may also stand where a value should;
    /// CPython then drops the key before it.
    Dict,
    /// As `Dict`.
    FrozenDict,
    /// Start, stop and step.
    Slice,
    /// Eight objects, then [`Visitor::firstlineno`], then one object, or two from 3.11 on.
    Code(CodeLayout, CodeInts),
}

/// What receives the objects of marshalled bytes one by one.
///
/// Each method may end the walk with an error.
///
/// ```
/// use pyco_marshal::{Container, Error, Head, Leaf, ReadOptions, Visitor, walk};
///
/// /// Collects the names that occur, without building anything else.
/// #[derive(Default)]
/// struct Names<'a>(Vec<&'a [u8]>);
///
/// impl<'a> Visitor<'a> for Names<'a> {
///     fn leaf(&mut self, _: Head, leaf: Leaf<'a>) -> Result<(), Error> {
///         if let Leaf::Str { bytes, .. } = leaf {
///             self.0.push(bytes);
///         }
///         Ok(())
///     }
///     fn start(&mut self, _: Head, _: Container) -> Result<(), Error> {
///         Ok(())
///     }
///     fn end(&mut self, _: u32) -> Result<(), Error> {
///         Ok(())
///     }
/// }
///
/// let mut names = Names::default();
/// walk(b"\xa9\x02\xda\x01x\xda\x01y", &ReadOptions::default(), &mut names)?;
/// assert_eq!(names.0, [b"x", b"y"]);
/// # Ok::<(), Error>(())
/// ```
pub trait Visitor<'a> {
    /// Bytes that this visitor keeps for each object at most, for
    /// [`Limits::max_bytes`](crate::Limits).
    const BYTES_PER_NODE: u64 = 0;

    /// An object without parts.
    ///
    /// # Errors
    /// What the visitor finds wrong.
    fn leaf(&mut self, head: Head, leaf: Leaf<'a>) -> Result<(), Error>;

    /// An object with parts begins.
    ///
    /// # Errors
    /// What the visitor finds wrong.
    fn start(&mut self, head: Head, container: Container) -> Result<(), Error>;

    /// `co_firstlineno` of the innermost code object. `head.byte` is 0.
    ///
    /// # Errors
    /// What the visitor finds wrong.
    fn firstlineno(&mut self, head: Head, line: i32) -> Result<(), Error> {
        let _ = (head, line);
        Ok(())
    }

    /// The object with parts that began with [`Head::id`] `id` is complete.
    ///
    /// # Errors
    /// What the visitor finds wrong.
    fn end(&mut self, id: u32) -> Result<(), Error>;
}
