//! The one reader of marshalled bytes; `Document` and `Value` are visitors of it.
//!
//! It keeps a frame for each open container on the heap and never recurses. Every length is
//! compared with what is left of the input before anything is reserved for it. Time is linear in
//! the input; memory is 16 bytes for each open container and 4 for each flagged object.

use alloc::vec::Vec;

use crate::typecode::{self as tc, FLAG_REF};
use crate::visitor::{CodeInts, Container, Head, Leaf, Long, StrEncoding, Visitor};
use crate::{CodeLayout, Error, ErrorKind, ReadOptions};

/// What a walk found besides the objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// Bytes that the one marshalled object took; CPython ignores what follows.
    pub consumed: usize,
    /// Objects reported: the next [`Head::id`].
    pub nodes: u32,
    /// For each entry of the reference table the [`Head::id`] of its object.
    pub refs: Vec<u32>,
}

/// Reads one object from the start of `input` and reports all its parts to `visitor`.
///
/// # Errors
/// Whatever CPython's `marshal.loads` refuses in the bytes themselves is refused here, and what
/// the limits forbid, and what the visitor refuses.
pub fn walk<'a, V: Visitor<'a>>(
    input: &'a [u8],
    options: &ReadOptions,
    visitor: &mut V,
) -> Result<Walked, Error> {
    let base = options.base_offset;
    let max_nodes = match u32::try_from(input.len()) {
        Err(_) => return Err(Error::new(ErrorKind::InputTooLarge, base)),
        Ok(len) => options
            .limits
            .nodes_within(u64::from(len), V::BYTES_PER_NODE),
    };
    let Some(max_nodes) = max_nodes else {
        return Err(Error::new(
            ErrorKind::TooMuchMemory(options.limits.max_bytes),
            base,
        ));
    };
    let mut walker = Walker {
        input,
        position: 0,
        layout: options.layout,
        max_nodes,
        max_depth: options.limits.max_depth,
        next_id: 0,
        refs: Vec::new(),
        frames: Vec::new(),
    };
    match walker.run(visitor) {
        Ok(()) => Ok(Walked {
            consumed: walker.position,
            nodes: walker.next_id,
            refs: walker.refs,
        }),
        Err(error)
            if error.kind() == ErrorKind::TooManyNodes(max_nodes)
                && max_nodes < options.limits.max_nodes.min(i32::MAX as u32) =>
        {
            let kind = ErrorKind::TooMuchMemory(options.limits.max_bytes);
            Err(Error::new(kind, base + error.offset() as usize))
        }
        Err(error) => Err(error.moved(base)),
    }
}

/// Set in an entry of the reference table while its object may not be referred to.
const UNFINISHED: u32 = 1 << 31;
/// No entry in the reference table.
const NO_REF: u32 = u32::MAX;
/// `remaining` of a dict, which only NULL ends; more than an input has objects.
const UNTIL_NULL: u32 = u32::MAX;

/// A container whose parts are being read.
struct Frame {
    id: u32,
    /// Parts still to come.
    remaining: u32,
    /// Entry to be made usable when the object is complete.
    ref_slot: u32,
    /// Parts that follow `co_firstlineno` when `remaining` comes to 0; 0 for other containers.
    code_tail: u32,
}

struct Walker<'a> {
    input: &'a [u8],
    position: usize,
    layout: Option<CodeLayout>,
    max_nodes: u32,
    max_depth: u32,
    next_id: u32,
    refs: Vec<u32>,
    frames: Vec<Frame>,
}

/// What one object turned out to be.
enum Step {
    /// Complete: a leaf, or a container without parts.
    Done,
    /// A container with parts, whose frame is now the innermost.
    Opened,
    /// NULL.
    Null,
}

impl<'a> Walker<'a> {
    fn run<V: Visitor<'a>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        loop {
            match self.object(visitor)? {
                Step::Opened => continue,
                Step::Done => {}
                Step::Null => match self.frames.last_mut() {
                    // NULL counts as the last part, so that closing below ends the dict.
                    Some(frame) if frame.remaining > i32::MAX as u32 => frame.remaining = 1,
                    _ => return Err(self.error_at(ErrorKind::UnexpectedNull, self.position - 1)),
                },
            }
            if self.close(visitor)? {
                return Ok(());
            }
        }
    }

    /// Counts one part as read and ends every container that is thereby complete.
    /// True once nothing is open.
    #[inline]
    fn close<V: Visitor<'a>>(&mut self, visitor: &mut V) -> Result<bool, Error> {
        while let Some(frame) = self.frames.last_mut() {
            frame.remaining -= 1;
            if frame.remaining != 0 {
                return Ok(false);
            }
            if frame.code_tail != 0 {
                frame.remaining = frame.code_tail;
                frame.code_tail = 0;
                self.firstlineno(visitor)?;
                return Ok(false);
            }
            let (id, ref_slot) = (frame.id, frame.ref_slot);
            self.frames.pop();
            if ref_slot != NO_REF
                && let Some(entry) = self.refs.get_mut(ref_slot as usize)
            {
                *entry &= !UNFINISHED;
            }
            visitor.end(id)?;
        }
        Ok(true)
    }

    fn firstlineno<V: Visitor<'a>>(&mut self, visitor: &mut V) -> Result<(), Error> {
        let position = self.position as u32;
        let line = self.int()?;
        let id = self.new_id(position as usize)?;
        visitor.firstlineno(
            Head {
                id,
                position,
                byte: 0,
            },
            line,
        )
    }

    #[inline]
    fn new_id(&mut self, position: usize) -> Result<u32, Error> {
        let id = self.next_id;
        if id >= self.max_nodes {
            return Err(self.error_at(ErrorKind::TooManyNodes(self.max_nodes), position));
        }
        self.next_id = id + 1;
        Ok(id)
    }

    /// Reads one type byte and what belongs to it, except for the parts of a container.
    #[inline]
    fn object<V: Visitor<'a>>(&mut self, visitor: &mut V) -> Result<Step, Error> {
        let start = self.position;
        let Some(&byte) = self.input.get(start) else {
            return Err(self.error_at(ErrorKind::ExpectedObject, start));
        };
        self.position = start + 1;
        let id = self.new_id(start)?;
        let head = Head {
            id,
            position: start as u32,
            byte,
        };
        if byte & FLAG_REF != 0 && self.layout == Some(CodeLayout::Python2) {
            return Err(self.error_at(ErrorKind::UnknownTypeCode(byte), start));
        }
        let leaf = match byte & !FLAG_REF {
            tc::NULL => {
                visitor.leaf(head, Leaf::Null)?;
                return Ok(Step::Null);
            }
            tc::NONE => return self.singleton(visitor, head, Leaf::None),
            tc::FALSE => return self.singleton(visitor, head, Leaf::Bool(false)),
            tc::TRUE => return self.singleton(visitor, head, Leaf::Bool(true)),
            tc::STOP_ITERATION => return self.singleton(visitor, head, Leaf::StopIteration),
            tc::ELLIPSIS => return self.singleton(visitor, head, Leaf::Ellipsis),
            tc::REF => {
                let leaf = self.reference()?;
                return self.singleton(visitor, head, leaf);
            }
            tc::STRING_REF if self.layout == Some(CodeLayout::Python2) => {
                let leaf = self.reference()?;
                return self.singleton(visitor, head, leaf);
            }
            // The leaves that are met most often, each for itself.
            tc::SHORT_ASCII_INTERNED => {
                let leaf = self.ascii(1, true)?;
                return self.leaf(visitor, head, leaf);
            }
            tc::INT => {
                let leaf = Leaf::Int(self.int()?);
                return self.leaf(visitor, head, leaf);
            }
            tc::STRING => {
                let leaf = Leaf::Bytes(self.sized("bytes size")?);
                return self.leaf(visitor, head, leaf);
            }
            tc::SHORT_ASCII => self.ascii(1, false)?,
            tc::ASCII => self.ascii(4, false)?,
            tc::ASCII_INTERNED => self.ascii(4, true)?,
            tc::UNICODE => self.utf8(false)?,
            tc::INTERNED if self.layout == Some(CodeLayout::Python2) => {
                // Python 2 numbers its interned strings without a flag.
                let bytes = self.sized("bytes size")?;
                self.refs.push(id);
                Leaf::Bytes(bytes)
            }
            tc::INTERNED => self.utf8(true)?,
            tc::SMALL_TUPLE => {
                let [count] = self.array()?;
                return self.open(visitor, head, Container::Tuple(count.into()), count.into());
            }
            tc::TUPLE | tc::LIST | tc::SET | tc::FROZENSET => return self.sequence(visitor, head),
            tc::DICT => return self.open(visitor, head, Container::Dict, UNTIL_NULL),
            tc::FROZENDICT => return self.open(visitor, head, Container::FrozenDict, UNTIL_NULL),
            tc::SLICE => return self.open(visitor, head, Container::Slice, 3),
            tc::CODE => return self.code(visitor, head),
            _ => self.number(byte)?,
        };
        self.leaf(visitor, head, leaf)
    }

    /// An object without parts, with an entry in the reference table if it is flagged.
    // So that the visitor need not ask which leaf it is where that is known.
    #[inline(always)]
    fn leaf<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        head: Head,
        leaf: Leaf<'a>,
    ) -> Result<Step, Error> {
        visitor.leaf(head, leaf)?;
        if head.is_flagged() {
            self.refs.push(head.id);
        }
        Ok(Step::Done)
    }

    /// An object that never has an entry in the reference table, whatever its flag.
    #[inline(always)]
    fn singleton<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        head: Head,
        leaf: Leaf<'a>,
    ) -> Result<Step, Error> {
        visitor.leaf(head, leaf)?;
        Ok(Step::Done)
    }

    fn sequence<V: Visitor<'a>>(&mut self, visitor: &mut V, head: Head) -> Result<Step, Error> {
        let count = self.size("item count")?;
        let container = match head.type_code() {
            tc::TUPLE => Container::Tuple(count),
            tc::LIST => Container::List(count),
            tc::SET => Container::Set(count),
            _ => Container::FrozenSet(count),
        };
        self.open(visitor, head, container, count)
    }

    fn code<V: Visitor<'a>>(&mut self, visitor: &mut V, head: Head) -> Result<Step, Error> {
        let Some(layout) = self.layout else {
            return Err(self.error_at(ErrorKind::UnknownCodeLayout, self.position - 1));
        };
        let mut ints = CodeInts {
            argcount: self.int()?,
            ..CodeInts::default()
        };
        if matches!(layout, CodeLayout::PositionalOnly | CodeLayout::LocalsPlus) {
            ints.posonlyargcount = self.int()?;
        }
        if layout != CodeLayout::Python2 {
            ints.kwonlyargcount = self.int()?;
        }
        if layout != CodeLayout::LocalsPlus {
            ints.nlocals = self.int()?;
        }
        ints.stacksize = self.int()?;
        ints.flags = self.int()?;
        let step = self.open(
            visitor,
            head,
            Container::Code(layout, ints),
            layout.objects_before_firstlineno(),
        )?;
        if let Some(frame) = self.frames.last_mut() {
            frame.code_tail = layout.objects_after_firstlineno();
        }
        Ok(step)
    }

    /// Reports a container and, if it has parts, opens a frame for it.
    fn open<V: Visitor<'a>>(
        &mut self,
        visitor: &mut V,
        head: Head,
        container: Container,
        parts: u32,
    ) -> Result<Step, Error> {
        let depth = self.frames.len() as u32 + 1;
        if depth > self.max_depth {
            return Err(self.error_at(ErrorKind::TooDeep(self.max_depth), head.position as usize));
        }
        let mut ref_slot = NO_REF;
        if head.is_flagged() {
            let may_contain_itself = matches!(
                container,
                Container::Tuple(_) | Container::List(_) | Container::Dict | Container::Set(_)
            );
            let state = if may_contain_itself || parts == 0 {
                0
            } else {
                UNFINISHED
            };
            ref_slot = self.refs.len() as u32;
            self.refs.push(head.id | state);
        }
        visitor.start(head, container)?;
        if parts == 0 {
            visitor.end(head.id)?;
            return Ok(Step::Done);
        }
        self.frames.push(Frame {
            id: head.id,
            remaining: parts,
            ref_slot,
            code_tail: 0,
        });
        Ok(Step::Opened)
    }

    /// The payload of `r` and of Python 2's `R`.
    #[inline]
    fn reference(&mut self) -> Result<Leaf<'a>, Error> {
        let at = self.position - 1;
        let index = self.int()?;
        let entry = usize::try_from(index)
            .ok()
            .and_then(|i| self.refs.get(i))
            .copied();
        match entry {
            Some(entry) if entry & UNFINISHED != 0 => {
                Err(self.error_at(ErrorKind::UnfinishedReference { index }, at))
            }
            Some(target) => Ok(Leaf::Ref {
                index: index as u32,
                target,
            }),
            None => {
                let known = self.refs.len() as u32;
                Err(self.error_at(ErrorKind::InvalidReference { index, known }, at))
            }
        }
    }

    #[inline]
    fn ascii(&mut self, size_bytes: usize, is_interned: bool) -> Result<Leaf<'a>, Error> {
        let bytes = if size_bytes == 1 {
            let [len] = self.array()?;
            self.take(len.into())?
        } else {
            self.sized("str size")?
        };
        Ok(Leaf::Str {
            bytes,
            encoding: StrEncoding::Latin1,
            is_interned,
        })
    }

    #[inline]
    fn utf8(&mut self, is_interned: bool) -> Result<Leaf<'a>, Error> {
        let bytes = self.sized("str size")?;
        if core::str::from_utf8(bytes).is_err()
            && let Err(valid) = crate::text::check_surrogatepass(bytes)
        {
            let at = self.position - bytes.len() + valid;
            return Err(self.error_at(ErrorKind::InvalidUtf8, at));
        }
        Ok(Leaf::Str {
            bytes,
            encoding: StrEncoding::Utf8,
            is_interned,
        })
    }

    /// The rarer numbers, and unknown type codes.
    #[inline(never)]
    fn number(&mut self, byte: u8) -> Result<Leaf<'a>, Error> {
        Ok(match byte & !FLAG_REF {
            tc::INT64 => Leaf::Int64(i64::from_le_bytes(self.array()?)),
            tc::LONG => self.long()?,
            tc::FLOAT => Leaf::Float(self.float_text()?),
            tc::BINARY_FLOAT => Leaf::Float(f64::from_le_bytes(self.array()?)),
            tc::COMPLEX => Leaf::Complex(self.float_text()?, self.float_text()?),
            tc::BINARY_COMPLEX => {
                let real = f64::from_le_bytes(self.array()?);
                Leaf::Complex(real, f64::from_le_bytes(self.array()?))
            }
            _ => return Err(self.error_at(ErrorKind::UnknownTypeCode(byte), self.position - 1)),
        })
    }

    fn long(&mut self) -> Result<Leaf<'a>, Error> {
        let at = self.position;
        let size = self.int()?;
        if size == i32::MIN {
            return Err(self.error_at(ErrorKind::LongSizeOutOfRange(size), at));
        }
        let byte_len = u64::from(size.unsigned_abs()) * 2;
        let left = (self.input.len() - self.position) as u64;
        if byte_len > left {
            let kind = ErrorKind::SizeTooLarge {
                what: "digit count",
                found: size.unsigned_abs(),
                left: left as u32,
            };
            return Err(self.error_at(kind, at));
        }
        let digits_at = self.position;
        let long = Long {
            is_negative: size < 0,
            digit_bytes: self.take(byte_len as usize)?,
        };
        if let Some((i, digit)) = long.digits().enumerate().find(|&(_, digit)| digit > 0x7fff) {
            return Err(self.error_at(ErrorKind::DigitOutOfRange(digit), digits_at + 2 * i));
        }
        if long.digits().next_back() == Some(0) {
            return Err(self.error_at(ErrorKind::UnnormalizedLong, self.position - 2));
        }
        Ok(Leaf::Long(long))
    }

    fn float_text(&mut self) -> Result<f64, Error> {
        let [len] = self.array()?;
        let at = self.position;
        let text = self.take(len.into())?;
        core::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.error_at(ErrorKind::InvalidFloatText, at))
    }

    /// A 32-bit count of things that take at least a byte each.
    #[inline]
    fn size(&mut self, what: &'static str) -> Result<u32, Error> {
        let at = self.position;
        let found = self.int()?;
        let left = self.input.len() - self.position;
        match u32::try_from(found) {
            Ok(size) if size as usize <= left => Ok(size),
            Ok(size) => {
                let kind = ErrorKind::SizeTooLarge {
                    what,
                    found: size,
                    left: left as u32,
                };
                Err(self.error_at(kind, at))
            }
            Err(_) => Err(self.error_at(ErrorKind::NegativeSize { what, found }, at)),
        }
    }

    #[inline]
    fn sized(&mut self, what: &'static str) -> Result<&'a [u8], Error> {
        let len = self.size(what)?;
        self.take(len as usize)
    }

    #[inline]
    fn int(&mut self) -> Result<i32, Error> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        match self
            .input
            .get(self.position..)
            .and_then(|rest| rest.first_chunk())
        {
            Some(bytes) => {
                self.position += N;
                Ok(*bytes)
            }
            None => Err(self.truncated(N)),
        }
    }

    #[inline]
    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        match self
            .input
            .get(self.position..)
            .and_then(|rest| rest.get(..len))
        {
            Some(bytes) => {
                self.position += len;
                Ok(bytes)
            }
            None => Err(self.truncated(len)),
        }
    }

    #[cold]
    fn truncated(&self, expected: usize) -> Error {
        let found = (self.input.len() - self.position) as u32;
        let kind = ErrorKind::Truncated {
            expected: expected as u32,
            found,
        };
        self.error_at(kind, self.position)
    }

    #[cold]
    fn error_at(&self, kind: ErrorKind, position: usize) -> Error {
        Error::new(kind, position)
    }
}
