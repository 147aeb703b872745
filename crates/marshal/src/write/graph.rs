//! The objects of a value, each once, as a table: which object has which parts, and how often each
//! object occurs.
//!
//! Parts come before what they are parts of. Shared objects are walked once, so the table is linear
//! in the value's memory even where its paths are exponentially many; nothing recurses.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::address::Address;
use crate::{Bytes, Int, Items, Locals, Pairs, RawCode, Str, Value, Version};

/// A value, or a field of a code object that is stored without its `Value`.
#[derive(Clone, Copy)]
pub(crate) enum Object<'v> {
    None,
    StopIteration,
    Ellipsis,
    Bool(bool),
    Int(&'v Int),
    Float(f64),
    Complex(f64, f64),
    Bytes(&'v Bytes),
    /// `co_code`, which CPython makes anew from the code object, so that it is never shared.
    Bytecode(&'v Bytes),
    Str(&'v Str),
    Tuple(&'v Items),
    List(&'v Items),
    Set(&'v Items),
    FrozenSet(&'v Items),
    Slice(&'v Items),
    Dict(&'v Pairs),
    FrozenDict(&'v Pairs),
    Code(&'v Arc<RawCode>),
}

impl<'v> From<&'v Value> for Object<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::None => Self::None,
            Value::StopIteration => Self::StopIteration,
            Value::Ellipsis => Self::Ellipsis,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(number) => Self::Int(number),
            Value::Float(number) => Self::Float(*number),
            Value::Complex(real, imag) => Self::Complex(*real, *imag),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::Str(text) => Self::Str(text),
            Value::Tuple(items) => Self::Tuple(items),
            Value::List(items) => Self::List(items),
            Value::Set(items) => Self::Set(items),
            Value::FrozenSet(items) => Self::FrozenSet(items),
            Value::Slice(slice) => Self::Slice(slice.parts()),
            Value::Dict(pairs) => Self::Dict(pairs),
            Value::FrozenDict(pairs) => Self::FrozenDict(pairs),
            Value::Code(code) => Self::Code(code),
        }
    }
}

impl<'v> Object<'v> {
    /// The part number `index`, in the order in which marshal writes them.
    fn part(self, index: usize) -> Option<Self> {
        match self {
            Self::Tuple(items)
            | Self::List(items)
            | Self::Set(items)
            | Self::FrozenSet(items)
            | Self::Slice(items) => items.get(index).map(Self::from),
            Self::Dict(pairs) | Self::FrozenDict(pairs) => {
                let (key, value) = pairs.get(index / 2)?;
                Some(Self::from(if index.is_multiple_of(2) {
                    key
                } else {
                    value
                }))
            }
            Self::Code(code) => Self::field(code, index),
            _ => None,
        }
    }

    /// The objects among the fields of a code object; 10 from 3.11 on, 9 before.
    pub(super) fn field(code: &'v RawCode, index: usize) -> Option<Self> {
        let is_plus = matches!(code.locals, Locals::Plus { .. });
        Some(match (index, &code.locals) {
            (0, _) => Self::Bytecode(&code.code),
            (1, _) => Self::Tuple(&code.consts),
            (2, _) => Self::Tuple(&code.names),
            (3, Locals::Plus { names, .. }) => Self::Tuple(names),
            (4, Locals::Plus { kinds, .. }) => Self::Bytes(kinds),
            (5, Locals::Plus { .. }) => Self::Str(&code.filename),
            (6, Locals::Plus { .. }) => Self::Str(&code.name),
            (7, Locals::Plus { .. }) => Self::Str(code.qualname.as_ref().unwrap_or(&code.name)),
            (3, Locals::Separate { varnames, .. }) => Self::Tuple(varnames),
            (4, Locals::Separate { freevars, .. }) => Self::Tuple(freevars),
            (5, Locals::Separate { cellvars, .. }) => Self::Tuple(cellvars),
            (6, Locals::Separate { .. }) => Self::Str(&code.filename),
            (7, Locals::Separate { .. }) => Self::Str(&code.name),
            (8, _) => Self::Bytes(&code.linetable),
            (9, _) if is_plus => Self::Bytes(&code.exceptiontable),
            _ => return None,
        })
    }

    /// Identifies the object if someone else may hold it too.
    pub(super) fn shared_address(self) -> Option<Address> {
        match self {
            Self::Bytes(bytes) if !bytes.is_empty() => Some(bytes.address()),
            Self::Str(text) => text.address(),
            Self::Tuple(items)
            | Self::List(items)
            | Self::Set(items)
            | Self::FrozenSet(items)
            | Self::Slice(items)
                if !items.is_unique() =>
            {
                Some(items.address())
            }
            Self::Dict(pairs) | Self::FrozenDict(pairs) if !pairs.is_unique() => {
                Some(pairs.address())
            }
            Self::Code(code) if Arc::strong_count(code) > 1 => Some(Address::of(&**code)),
            _ => None,
        }
    }

    /// Can it not be told from an equal object, so that equal ones may be merged?
    pub(super) fn is_immutable(self) -> bool {
        !matches!(
            self,
            Self::List(_) | Self::Dict(_) | Self::Set(_) | Self::Code(_)
        )
    }

    /// Has CPython only one such object, which never enters the reference table?
    pub(crate) fn is_singleton(self) -> bool {
        matches!(
            self,
            Self::None | Self::StopIteration | Self::Ellipsis | Self::Bool(_)
        )
    }

    pub(super) fn hash_leaf(self, state: &mut impl Hasher) {
        match self {
            Self::Bool(truth) => truth.hash(state),
            Self::Int(number) => number.hash(state),
            Self::Float(number) => number.to_bits().hash(state),
            Self::Complex(real, imag) => (real.to_bits(), imag.to_bits()).hash(state),
            Self::Bytes(bytes) | Self::Bytecode(bytes) => bytes.hash(state),
            Self::Str(text) => text.hash(state),
            _ => {}
        }
    }

    /// Equality apart from parts.
    #[inline(always)]
    pub(super) fn is_equal_leaf(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Complex(a, b), Self::Complex(c, d)) => {
                a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
            }
            (Self::Bytes(a), Self::Bytes(b)) | (Self::Bytecode(a), Self::Bytecode(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            _ => core::mem::discriminant(&self) == core::mem::discriminant(&other),
        }
    }
}

/// Which objects count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Equal immutable ones (code objects apart), and those that are shared.
    Equal,
    /// Those that are shared, equal interned strings and empty ones (of which this CPython has but one), and equal
    /// numbers, which values hold in place, so that sharing is not to be seen: the compiler merges them, but
    /// for those in slices.
    Shared(Version),
}

/// An object, its parts, and how often it occurs.
pub(crate) struct Entry<'v> {
    pub(crate) object: Object<'v>,
    parts_start: usize,
    parts_end: usize,
    /// Occurrences as a part.
    pub(crate) uses: u32,
    /// For a str: is any of those merged here interned?
    pub(crate) is_interned: bool,
    /// Is it an item of a set?
    pub(crate) is_in_set: bool,
}

/// All objects of a value; the last is the value itself.
pub(crate) struct Graph<'v> {
    pub(crate) entries: Vec<Entry<'v>>,
    parts: Vec<u32>,
}

impl<'v> Graph<'v> {
    pub(crate) fn new(value: &'v Value, merge: Merge) -> Self {
        let mut builder = Builder {
            graph: Self {
                entries: Vec::new(),
                parts: Vec::new(),
            },
            merge,
            hasher: DefaultHashBuilder::default(),
            by_content: HashTable::new(),
            by_address: HashMap::default(),
            open: Vec::new(),
            finished: Vec::new(),
        };
        builder.run(Object::from(value));
        let mut graph = builder.graph;
        for id in 0..graph.entries.len() {
            let entry = &graph.entries[id];
            if matches!(entry.object, Object::Set(_) | Object::FrozenSet(_)) {
                for part in entry.parts_start..entry.parts_end {
                    graph.entries[graph.parts[part] as usize].is_in_set = true;
                }
            }
        }
        // Only now: an object inside two that were merged occurs once.
        for &part in &graph.parts {
            let entry = &mut graph.entries[part as usize];
            entry.uses = entry.uses.saturating_add(1);
        }
        graph
    }

    pub(crate) fn root(&self) -> u32 {
        self.entries.len().saturating_sub(1) as u32
    }

    pub(crate) fn entry(&self, id: u32) -> &Entry<'v> {
        &self.entries[id as usize]
    }

    /// The parts of an object, in the order of marshal.
    pub(crate) fn parts(&self, id: u32) -> &[u32] {
        let entry = self.entry(id);
        &self.parts[entry.parts_start..entry.parts_end]
    }

    pub(crate) fn parts_mut(&mut self, id: u32) -> &mut [u32] {
        let (start, end) = (self.entry(id).parts_start, self.entry(id).parts_end);
        &mut self.parts[start..end]
    }
}

/// An object some of whose parts are still to come.
struct Open<'v> {
    object: Object<'v>,
    next: usize,
    /// Finished parts of objects further out.
    below: usize,
}

struct Builder<'v> {
    graph: Graph<'v>,
    merge: Merge,
    hasher: DefaultHashBuilder,
    by_content: HashTable<u32>,
    /// The second part tells a str from a tuple at the address of all that is empty.
    by_address: HashMap<(Address, core::mem::Discriminant<Object<'v>>), u32>,
    open: Vec<Open<'v>>,
    /// Parts of the open objects that are already in the table.
    finished: Vec<u32>,
}

impl<'v> Builder<'v> {
    fn run(&mut self, root: Object<'v>) {
        self.visit(root);
        while let Some(open) = self.open.last_mut() {
            match open.object.part(open.next) {
                Some(part) => {
                    open.next += 1;
                    if matches!(open.object, Object::Slice(_)) && self.is_number_alone(part) {
                        let id = self.append(part, self.finished.len());
                        self.finished.push(id);
                    } else {
                        self.visit(part);
                    }
                }
                None => {
                    let (object, below) = (open.object, open.below);
                    self.open.pop();
                    let id = self.insert(object, below);
                    self.finished.push(id);
                }
            }
        }
    }

    /// Adds a leaf or a known object to the finished ones, or opens it.
    fn visit(&mut self, object: Object<'v>) {
        let object = match object {
            Object::Bytecode(bytes) if self.merge == Merge::Equal => Object::Bytes(bytes),
            _ => object,
        };
        let known = object.shared_address().and_then(|address| {
            self.by_address
                .get(&(address, core::mem::discriminant(&object)))
        });
        if let Some(&id) = known {
            self.note_interned(id, object);
            self.finished.push(id);
        } else if object.part(0).is_some() {
            let below = self.finished.len();
            self.open.push(Open {
                object,
                next: 0,
                below,
            });
        } else {
            let id = self.insert(object, self.finished.len());
            self.finished.push(id);
        }
    }

    /// Whether it is a number that is shared with nobody when it stands in a slice.
    fn is_number_alone(&self, object: Object<'v>) -> bool {
        let Merge::Shared(python) = self.merge else {
            return false;
        };
        match object {
            Object::Int(number) => !is_small_int(number, python),
            Object::Float(_) | Object::Complex(..) => true,
            _ => false,
        }
    }

    fn note_interned(&mut self, id: u32, object: Object<'v>) {
        if let Object::Str(text) = object {
            self.graph.entries[id as usize].is_interned |= text.is_interned();
        }
    }

    /// Puts an object into the table, whose parts are the finished ones from `below` on.
    fn insert(&mut self, object: Object<'v>, below: usize) -> u32 {
        let id = if self.merges_by_content(object) {
            self.insert_by_content(object, below)
        } else {
            self.append(object, below)
        };
        self.finished.truncate(below);
        self.note_interned(id, object);
        if let Some(address) = object.shared_address() {
            self.by_address
                .insert((address, core::mem::discriminant(&object)), id);
        }
        id
    }

    fn merges_by_content(&self, object: Object<'v>) -> bool {
        match self.merge {
            Merge::Equal => object.is_immutable(),
            Merge::Shared(_) => match object {
                // Of empty ones CPython has but one.
                Object::Str(text) => text.is_interned() || text.as_bytes().is_empty(),
                Object::Bytes(bytes) => bytes.is_empty(),
                Object::Bytecode(_) => false,
                // No compiler merges them, as they are not equal to themselves.
                Object::Float(number) => !number.is_nan(),
                _ => object.is_immutable() && object.part(0).is_none(),
            },
        }
    }

    fn insert_by_content(&mut self, object: Object<'v>, below: usize) -> u32 {
        let hash = self.hash(object, &self.finished[below..]);
        let found = self.by_content.find(hash, |&id| {
            self.graph.entry(id).object.is_equal_leaf(object)
                && self.graph.parts(id) == &self.finished[below..]
        });
        if let Some(&id) = found {
            return id;
        }
        let id = self.append(object, below);
        let (graph, hasher) = (&self.graph, &self.hasher);
        self.by_content.insert_unique(hash, id, |&id| {
            hash_with(hasher, graph.entry(id).object, graph.parts(id))
        });
        id
    }

    fn append(&mut self, object: Object<'v>, below: usize) -> u32 {
        let parts_start = self.graph.parts.len();
        self.graph.parts.extend_from_slice(&self.finished[below..]);
        let parts_end = self.graph.parts.len();
        let id = self.graph.entries.len() as u32;
        let entry = Entry {
            object,
            parts_start,
            parts_end,
            uses: 0,
            is_interned: false,
            is_in_set: false,
        };
        self.graph.entries.push(entry);
        id
    }

    fn hash(&self, object: Object<'v>, parts: &[u32]) -> u64 {
        hash_with(&self.hasher, object, parts)
    }
}

/// Is it one of the ints that CPython keeps ready?
pub(super) fn is_small_int(number: &Int, python: Version) -> bool {
    let largest = if python >= Version::V3_15 { 1024 } else { 256 };
    number
        .as_i64()
        .is_some_and(|number| (-5..=largest).contains(&number))
}

fn hash_with(hasher: &DefaultHashBuilder, object: Object<'_>, parts: &[u32]) -> u64 {
    let mut state = hasher.build_hasher();
    core::mem::discriminant(&object).hash(&mut state);
    object.hash_leaf(&mut state);
    parts.hash(&mut state);
    state.finish()
}
