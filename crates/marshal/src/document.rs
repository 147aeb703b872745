//! `Document`: every object of marshalled bytes in an arena, with nothing lost.
//!
//! Nodes lie in the order of the bytes, so an object's parts follow it at once and `end` leads past
//! them. Each keeps its type byte, FLAG_REF included, and its position; strings and long numbers
//! stay in the input. 16 bytes a node and 4 bytes a flagged node, whatever the input says.

use alloc::vec::Vec;

use crate::typecode as tc;
use crate::visitor::{Container, Head, Leaf, Visitor};
use crate::{CodeLayout, Error, Node, ReadOptions, walk};

/// One marshalled object and all in it, exactly as written.
///
/// ```
/// use pyco_marshal::{Document, Kind};
/// let bytes = b"\xa9\x02\xda\x01xr\x01\x00\x00\x00";
/// let document = Document::decode(bytes)?;
/// let root = document.root();
/// assert_eq!(root.kind(), Kind::Tuple);
/// assert!(root.is_flagged());
/// let last = root.children().last().unwrap();
/// assert_eq!(last.kind(), Kind::Ref { index: 1 });
/// assert_eq!(last.resolve().offset(), 2);
/// assert_eq!(document.encode(), bytes);
/// # Ok::<(), pyco_marshal::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Document<'a> {
    pub(crate) input: &'a [u8],
    /// Bytes of `input` that the object takes.
    pub(crate) consumed: usize,
    pub(crate) nodes: Vec<RawNode>,
    /// For each entry of the reference table the index of its node.
    pub(crate) refs: Vec<u32>,
    pub(crate) options: ReadOptions,
}

/// A node as stored. What `argument` means depends on the type code: the number of an int, the
/// count of bytes or items, the digits of a long with its sign, the index of a reference, the size
/// of a text payload, or `co_firstlineno`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawNode {
    pub(crate) position: u32,
    pub(crate) argument: u32,
    /// Index of the first node that is not in this one.
    pub(crate) end: u32,
    /// The type byte; `FIRSTLINENO` for the number inside a code object.
    pub(crate) byte: u8,
}

/// Stands for `co_firstlineno`, which has no type byte.
pub(crate) const FIRSTLINENO: u8 = 0;

impl<'a> Document<'a> {
    /// Reads what the newest known Python writes.
    ///
    /// # Errors
    /// See [`Document::decode_with`].
    pub fn decode(input: &'a [u8]) -> Result<Self, Error> {
        Self::decode_with(input, &ReadOptions::default())
    }

    /// Reads one object. What follows it is kept as [`Document::trailing`].
    ///
    /// # Errors
    /// What CPython refuses in the bytes themselves, and what the limits forbid.
    pub fn decode_with(input: &'a [u8], options: &ReadOptions) -> Result<Self, Error> {
        let mut builder = Builder {
            nodes: Vec::with_capacity(input.len() / 12),
        };
        let walked = walk(input, options, &mut builder)?;
        let nodes = builder.nodes;
        Ok(Self {
            input,
            consumed: walked.consumed,
            nodes,
            refs: walked.refs,
            options: *options,
        })
    }

    /// The outermost object.
    #[must_use]
    pub fn root(&self) -> Node<'_, 'a> {
        Node::new(self, 0)
    }

    /// Count of nodes, back references included.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// All objects in the order of the bytes.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_, 'a>> + Clone + '_ {
        let is_object = |index: &usize| self.nodes[*index].byte != FIRSTLINENO;
        (0..self.nodes.len())
            .filter(is_object)
            .map(|index| Node::new(self, index as u32))
    }

    /// The objects with an entry in the reference table, in its order.
    pub fn referable(&self) -> impl ExactSizeIterator<Item = Node<'_, 'a>> + Clone + '_ {
        self.refs.iter().map(|&index| Node::new(self, index))
    }

    /// The bytes after the object, which CPython ignores.
    #[must_use]
    pub fn trailing(&self) -> &'a [u8] {
        &self.input[self.consumed..]
    }

    /// The bytes that this was read from.
    #[must_use]
    pub fn input(&self) -> &'a [u8] {
        self.input
    }

    /// How code objects are laid out in it.
    #[must_use]
    pub fn code_layout(&self) -> Option<CodeLayout> {
        self.options.layout
    }

    /// The owned view: references become shared objects.
    ///
    /// # Errors
    /// See [`Value::from_marshal_with`](crate::Value::from_marshal_with).
    pub fn to_value(&self) -> Result<crate::Value, Error> {
        crate::Value::from_marshal_with(self.input, &self.options)
    }
}

struct Builder {
    nodes: Vec<RawNode>,
}

impl Builder {
    #[inline]
    fn push(&mut self, head: Head, argument: u32) {
        let end = head.id + 1;
        self.nodes.push(RawNode {
            position: head.position,
            argument,
            end,
            byte: head.byte,
        });
    }
}

impl<'a> Visitor<'a> for Builder {
    const BYTES_PER_NODE: u64 = 3 * size_of::<RawNode>() as u64;

    #[inline]
    fn leaf(&mut self, head: Head, leaf: Leaf<'a>) -> Result<(), Error> {
        let argument = match leaf {
            Leaf::Int(number) => number as u32,
            Leaf::Bytes(bytes) | Leaf::Str { bytes, .. } => bytes.len() as u32,
            Leaf::Ref { index, .. } => index,
            Leaf::Long(long) => {
                let digits = (long.digit_bytes.len() / 2) as i32;
                (if long.is_negative { -digits } else { digits }) as u32
            }
            _ => 0,
        };
        self.push(head, argument);
        Ok(())
    }

    #[inline]
    fn start(&mut self, head: Head, container: Container) -> Result<(), Error> {
        let count = match container {
            Container::Tuple(count)
            | Container::List(count)
            | Container::Set(count)
            | Container::FrozenSet(count) => count,
            Container::Dict | Container::FrozenDict | Container::Slice | Container::Code(..) => 0,
        };
        self.push(head, count);
        Ok(())
    }

    fn firstlineno(&mut self, head: Head, line: i32) -> Result<(), Error> {
        self.push(head, line as u32);
        Ok(())
    }

    #[inline]
    fn end(&mut self, id: u32) -> Result<(), Error> {
        let end = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.end = end;
        }
        Ok(())
    }
}

impl RawNode {
    pub(crate) fn type_code(self) -> u8 {
        self.byte & !tc::FLAG_REF
    }
}
