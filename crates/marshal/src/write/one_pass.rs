//! The canonical form written while the value is walked, once: what `from_graph` writes for the same
//! value, in about a third of the time.
//!
//! Each object is written out, and its content looked up; if an equal one was written before, what was
//! written now is taken back and a reference put in its place. Which objects recur, and so get FLAG_REF
//! and an index, is known at the end only, so flags and indices are filled in then. Sets whose items
//! have parts are left to `from_graph`, and so are the marshal versions without references.

use alloc::vec::{self, Vec};
use core::hash::{BuildHasher, Hasher};
use core::mem::{self, Discriminant};
use core::slice;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::address::Address;
use crate::text::{self, Words};
use crate::typecode as tc;
use crate::write::emit::Emitter;
use crate::write::{Object, Style, WriteOptions};
use crate::{Bytes, Error, Items, RawCode, Str, Value};

/// Bytes that are hashed again each time they occur; longer ones are known by their address too, and so are
/// interned strings, which recur more often than not.
const SHORT: usize = 256;

/// What stands for an object without entry among the parts of another.
const SINGLETON: u32 = 1 << 31;

/// The canonical form, or `None` where that is for `from_graph` to write.
pub(super) fn write(value: &Value, options: &WriteOptions) -> Result<Option<Vec<u8>>, Error> {
    // Positions are kept in 32 bits.
    let is_small = options.max_bytes <= i32::MAX as u64;
    if options.style != Style::Canonical || options.marshal_version < 3 || !is_small {
        return Ok(None);
    }
    let mut writer = Writer {
        emitter: Emitter::new(options),
        // A module of average size grows these once or twice.
        entries: Vec::with_capacity(256),
        parts: Vec::with_capacity(256),
        references: Vec::with_capacity(256),
        hasher: DefaultHashBuilder::default(),
        by_words: HashTable::with_capacity(256),
        by_content: HashTable::with_capacity(256),
        by_address: HashMap::default(),
        open: Vec::new(),
        ids: Vec::new(),
    };
    let is_written = writer.run(value)?;
    Ok(is_written.then(|| writer.finish()))
}

/// An object that was written. They lie in the order of their type bytes.
struct Entry<'v> {
    object: Object<'v>,
    /// Where its type byte is.
    position: u32,
    parts_start: u32,
    parts_len: u32,
    is_referred_to: bool,
}

/// An object some of whose parts are still to come.
struct Open<'v> {
    object: Object<'v>,
    rest: Rest<'v>,
    id: u32,
    /// What there was when it began.
    ids_below: usize,
    references_below: usize,
}

/// The parts that are still to come.
enum Rest<'v> {
    Items(slice::Iter<'v, Value>),
    /// The items of a set, in their order.
    Sorted(vec::IntoIter<&'v Value>),
    /// The value of a key that was written, and what follows.
    Pairs(Option<&'v Value>, slice::Iter<'v, (Value, Value)>),
    /// From this field on.
    Code(&'v RawCode, usize),
}

/// What became of a part.
#[derive(PartialEq, Eq)]
enum Step {
    /// It is written.
    Done,
    /// Its head is written, and it is the innermost open object.
    Opened,
    /// It is not for this writer.
    Refused,
}

/// `r`, whose index is to be filled in.
struct Reference {
    position: u32,
    id: u32,
}

/// A str or bytes of few bytes, and what tells the one from the other.
struct Short {
    words: Words,
    id: u32,
    /// Was it written as an interned str?
    is_interned: bool,
}

/// Set in the count of bytes in words that are no str.
const IS_BYTES: u64 = (0x80_u64 << 56).to_le();

/// An object in the table by content, with a part of its hash so that the table can grow.
struct Slot {
    hash: u32,
    id: u32,
}

struct Writer<'v> {
    emitter: Emitter,
    entries: Vec<Entry<'v>>,
    /// The ids of the parts of each entry that may be merged.
    parts: Vec<u32>,
    references: Vec<Reference>,
    hasher: DefaultHashBuilder,
    /// What is short, which is most: found without a look at the object.
    by_words: HashTable<Short>,
    by_content: HashTable<Slot>,
    /// The second part tells a str from a tuple at the address of the same bytes.
    by_address: HashMap<(Address, Discriminant<Object<'v>>), u32>,
    open: Vec<Open<'v>>,
    /// The ids of the finished parts of the open objects.
    ids: Vec<u32>,
}

impl Default for Rest<'_> {
    fn default() -> Self {
        Self::Items(slice::Iter::default())
    }
}

impl<'v> Writer<'v> {
    /// False if the value is not for this writer.
    fn run(&mut self, root: &'v Value) -> Result<bool, Error> {
        let mut step = self.value(root)?;
        while step != Step::Refused {
            let depth = self.open.len();
            let Some(open) = self.open.last_mut() else {
                return Ok(true);
            };
            let mut rest = mem::take(&mut open.rest);
            step = self.parts(&mut rest)?;
            if step == Step::Done {
                self.close();
            } else if let Some(open) = self.open.get_mut(depth - 1) {
                open.rest = rest;
            }
        }
        Ok(false)
    }

    /// Writes parts, until one is opened or all are done.
    fn parts(&mut self, rest: &mut Rest<'v>) -> Result<Step, Error> {
        loop {
            let step = match rest {
                Rest::Items(items) => match items.next() {
                    Some(item) => self.value(item)?,
                    None => return Ok(Step::Done),
                },
                Rest::Sorted(items) => match items.next() {
                    Some(item) => self.value(item)?,
                    None => return Ok(Step::Done),
                },
                Rest::Pairs(value, pairs) => match value.take() {
                    Some(value) => self.value(value)?,
                    None => match pairs.next() {
                        Some((key, next)) => {
                            *value = Some(next);
                            self.value(key)?
                        }
                        None => return Ok(Step::Done),
                    },
                },
                Rest::Code(code, next) => {
                    let index = *next;
                    *next += 1;
                    match Object::field(code, index) {
                        Some(field) => {
                            if index == 8 {
                                self.emitter.firstlineno(code);
                            }
                            self.object(field)?
                        }
                        None => return Ok(Step::Done),
                    }
                }
            };
            if step != Step::Done {
                return Ok(step);
            }
        }
    }

    /// Writes a leaf or a reference, or opens an object with parts.
    // Branches that are seldom foretold cost the most here, so what is frequent is told apart once.
    fn value(&mut self, value: &'v Value) -> Result<Step, Error> {
        match value {
            Value::Str(text) => self.str(text),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Tuple(items) => self.items(Object::Tuple(items), items),
            Value::None => self.singleton(tc::NONE),
            Value::Bool(false) => self.singleton(tc::FALSE),
            Value::Bool(true) => self.singleton(tc::TRUE),
            Value::Int(number) => self.leaf(Object::Int(number), None),
            _ => self.object(Object::from(value)),
        }
    }

    fn object(&mut self, object: Object<'v>) -> Result<Step, Error> {
        match object {
            Object::Str(text) => self.str(text),
            Object::Bytes(bytes) | Object::Bytecode(bytes) => self.bytes(bytes),
            Object::Tuple(items)
            | Object::List(items)
            | Object::Set(items)
            | Object::FrozenSet(items)
            | Object::Slice(items) => self.items(object, items),
            Object::Dict(pairs) | Object::FrozenDict(pairs) => {
                if pairs.is_empty() {
                    return self.leaf(object, None);
                }
                let rest = Rest::Pairs(None, pairs.iter());
                self.open(object, object.shared_address(), rest)
            }
            Object::Code(code) => self.open(object, object.shared_address(), Rest::Code(code, 0)),
            Object::None => self.singleton(tc::NONE),
            Object::StopIteration => self.singleton(tc::STOP_ITERATION),
            Object::Ellipsis => self.singleton(tc::ELLIPSIS),
            Object::Bool(truth) => self.singleton(if truth { tc::TRUE } else { tc::FALSE }),
            Object::Int(_) | Object::Float(_) | Object::Complex(..) => self.leaf(object, None),
        }
    }

    #[inline]
    fn str(&mut self, text: &'v Str) -> Result<Step, Error> {
        let object = Object::Str(text);
        let Some(words) = text.words() else {
            let is_known_by_address = text.is_interned() || text.as_bytes().len() > SHORT;
            let address = text.address().filter(|_| is_known_by_address);
            return self.leaf(object, address);
        };
        let is_interned = text.is_interned();
        if !self.is_known_short(words, object, is_interned)? {
            self.emitter.short_str(&words, text, is_interned)?;
        }
        Ok(Step::Done)
    }

    #[inline]
    fn bytes(&mut self, bytes: &'v Bytes) -> Result<Step, Error> {
        let object = Object::Bytes(bytes);
        let Some(words) = text::inline(bytes) else {
            let address = (bytes.len() > SHORT).then(|| bytes.address());
            return self.leaf(object, address);
        };
        let marked = [words[0], words[1] | IS_BYTES];
        if !self.is_known_short(marked, object, false)? {
            self.emitter.short_bytes(&words);
        }
        Ok(Step::Done)
    }

    /// Refers to a str or bytes of these words; if there was none, this one is the next to be written.
    #[inline]
    fn is_known_short(
        &mut self,
        words: Words,
        object: Object<'v>,
        is_interned: bool,
    ) -> Result<bool, Error> {
        self.emitter.check_size()?;
        let hash = hash_words(&self.hasher, &words);
        let known = self.by_words.find_mut(hash, |short| short.words == words);
        if let Some(known) = known {
            let id = known.id;
            if is_interned && !known.is_interned {
                known.is_interned = true;
                self.intern(id);
            }
            self.write_reference(id);
            return Ok(true);
        }
        let id = self.append(object);
        self.ids.push(id);
        let hasher = &self.hasher;
        let rehash = |short: &Short| hash_words(hasher, &short.words);
        let short = Short {
            words,
            id,
            is_interned,
        };
        self.by_words.insert_unique(hash, short, rehash);
        Ok(false)
    }

    fn items(&mut self, object: Object<'v>, items: &'v Items) -> Result<Step, Error> {
        if items.is_empty() {
            return self.leaf(object, None);
        }
        let mut rest = Rest::Items(items.iter());
        if let Object::Set(_) | Object::FrozenSet(_) = object
            && items.len() > 1
        {
            match self.sort(items)? {
                Some(items) => rest = Rest::Sorted(items.into_iter()),
                None => return Ok(Step::Refused),
            }
        }
        let address = (!items.is_unique()).then(|| items.address());
        self.open(object, address, rest)
    }

    #[inline]
    fn singleton(&mut self, code: u8) -> Result<Step, Error> {
        self.emitter.check_size()?;
        self.emitter.out.push(code);
        self.ids.push(SINGLETON + u32::from(code));
        Ok(Step::Done)
    }

    /// The object at this address, if it was written.
    #[inline]
    fn known(&self, object: Object<'v>, address: Option<Address>) -> Option<u32> {
        let key = (address?, mem::discriminant(&object));
        self.by_address.get(&key).copied()
    }

    // Into each caller, where the kind of object is known.
    #[inline(always)]
    fn leaf(&mut self, object: Object<'v>, address: Option<Address>) -> Result<Step, Error> {
        self.emitter.check_size()?;
        if let Some(id) = self.known(object, address) {
            self.refer(id, object);
            return Ok(Step::Done);
        }
        let hash = self.hash_leaf(object);
        let id = match self.find_leaf(hash, object) {
            Some(known) => {
                self.refer(known, object);
                known
            }
            None => {
                let id = self.append(object);
                self.insert(hash, id);
                self.ids.push(id);
                let is_interned = matches!(object, Object::Str(text) if text.is_interned());
                if !self.emitter.leaf(object, is_interned, 0)? {
                    self.emitter.head(object, 0, self.open.len())?;
                    self.emitter.tail(object);
                }
                id
            }
        };
        if let Some(address) = address {
            self.by_address
                .insert((address, mem::discriminant(&object)), id);
        }
        Ok(Step::Done)
    }

    fn open(
        &mut self,
        object: Object<'v>,
        address: Option<Address>,
        rest: Rest<'v>,
    ) -> Result<Step, Error> {
        self.emitter.check_size()?;
        if let Some(id) = self.known(object, address) {
            self.refer(id, object);
            return Ok(Step::Done);
        }
        let id = self.append(object);
        self.emitter.head(object, 0, self.open.len())?;
        self.open.push(Open {
            object,
            rest,
            id,
            ids_below: self.ids.len(),
            references_below: self.references.len(),
        });
        Ok(Step::Opened)
    }

    /// The items of a set in the order of their bytes; `None` if one has parts.
    fn sort(&mut self, items: &'v [Value]) -> Result<Option<Vec<&'v Value>>, Error> {
        let mut keyed = Vec::with_capacity(items.len());
        let out = mem::take(&mut self.emitter.out);
        for item in items {
            if !self.emitter.leaf(Object::from(item), false, 0)? {
                return Ok(None);
            }
            keyed.push((mem::take(&mut self.emitter.out), item));
        }
        self.emitter.out = out;
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Some(keyed.into_iter().map(|(_, item)| item).collect()))
    }

    /// Ends the innermost open object: it is a new one, or taken back in favour of an equal one.
    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        self.emitter.tail(open.object);
        let mut id = open.id;
        if open.object.is_immutable() {
            let ids = &self.ids[open.ids_below..];
            let hash = self.hash_parts(open.object, ids);
            match self.find(hash, open.object, ids) {
                Some(known) => {
                    // All its parts were known, so nothing but references is taken back.
                    self.emitter
                        .out
                        .truncate(self.entries[id as usize].position as usize);
                    self.entries.truncate(id as usize);
                    self.references.truncate(open.references_below);
                    id = known;
                }
                None => {
                    let entry = &mut self.entries[id as usize];
                    entry.parts_start = self.parts.len() as u32;
                    entry.parts_len = ids.len() as u32;
                    self.parts.extend_from_slice(ids);
                    self.insert(hash, id);
                }
            }
        }
        self.ids.truncate(open.ids_below);
        if let Some(address) = open.object.shared_address() {
            self.by_address
                .insert((address, mem::discriminant(&open.object)), id);
        }
        if id == open.id {
            self.ids.push(id);
        } else {
            self.refer(id, open.object);
        }
    }

    /// Writes a reference to an object that equals `object`.
    fn refer(&mut self, id: u32, object: Object<'v>) {
        if let Object::Str(text) = object
            && text.is_interned()
        {
            self.intern(id);
        }
        self.write_reference(id);
    }

    #[inline]
    fn write_reference(&mut self, id: u32) {
        let position = self.emitter.out.len() as u32;
        self.references.push(Reference { position, id });
        self.emitter.reference(0);
        self.ids.push(id);
    }

    /// Makes the str that was written an interned one.
    #[inline]
    fn intern(&mut self, id: u32) {
        let first = &mut self.emitter.out[self.entries[id as usize].position as usize];
        *first = tc::interned(*first);
    }

    /// A new entry for what is about to be written.
    fn append(&mut self, object: Object<'v>) -> u32 {
        let id = self.entries.len() as u32;
        self.entries.push(Entry {
            object,
            position: self.emitter.out.len() as u32,
            parts_start: 0,
            parts_len: 0,
            is_referred_to: false,
        });
        id
    }

    #[inline(always)]
    fn hash_leaf(&self, object: Object<'v>) -> u32 {
        let mut state = self.hasher.build_hasher();
        match object {
            Object::Str(text) => state.write(text.as_bytes()),
            Object::Bytes(bytes) => state.write(bytes),
            _ => object.hash_leaf(&mut state),
        }
        fold(state.finish(), object)
    }

    fn hash_parts(&self, object: Object<'v>, parts: &[u32]) -> u32 {
        fold(self.hasher.hash_one(parts), object)
    }

    #[inline(always)]
    fn find_leaf(&self, hash: u32, object: Object<'v>) -> Option<u32> {
        let is_equal = |slot: &Slot| {
            let entry = &self.entries[slot.id as usize];
            slot.hash == hash && entry.parts_len == 0 && entry.object.is_equal_leaf(object)
        };
        let slot = self.by_content.find(spread(hash), is_equal);
        slot.map(|slot| slot.id)
    }

    fn find(&self, hash: u32, object: Object<'v>, parts: &[u32]) -> Option<u32> {
        let is_equal = |slot: &Slot| {
            let entry = &self.entries[slot.id as usize];
            slot.hash == hash
                && mem::discriminant(&entry.object) == mem::discriminant(&object)
                && self.parts[entry.parts_start as usize..][..entry.parts_len as usize] == *parts
        };
        let slot = self.by_content.find(spread(hash), is_equal);
        slot.map(|slot| slot.id)
    }

    fn insert(&mut self, hash: u32, id: u32) {
        let slot = Slot { hash, id };
        self.by_content
            .insert_unique(spread(hash), slot, |slot| spread(slot.hash));
    }

    /// Fills in the flags and the indices.
    fn finish(mut self) -> Vec<u8> {
        for reference in &self.references {
            self.entries[reference.id as usize].is_referred_to = true;
        }
        let out = &mut self.emitter.out;
        // From here on the index in the place of the parts.
        let mut next_index = 0u32;
        for entry in &mut self.entries {
            if entry.is_referred_to {
                out[entry.position as usize] |= tc::FLAG_REF;
                entry.parts_len = next_index;
                next_index += 1;
            }
        }
        for reference in &self.references {
            let index = self.entries[reference.id as usize].parts_len;
            out[reference.position as usize + 1..][..4].copy_from_slice(&index.to_le_bytes());
        }
        self.emitter.out
    }
}

#[inline]
fn hash_words(hasher: &DefaultHashBuilder, words: &Words) -> u64 {
    let mut state = hasher.build_hasher();
    state.write_u64(words[0]);
    state.write_u64(words[1]);
    state.finish()
}

/// The part of a hash that is kept, other for objects of another kind.
fn fold(hash: u64, object: Object<'_>) -> u32 {
    let kind = match object {
        Object::Str(_) => 0,
        Object::Bytes(_) => 1,
        Object::Tuple(_) => 2,
        _ => 3,
    };
    (hash ^ (hash >> 32)) as u32 ^ kind
}

/// All bits of a hash that a table uses, from those that are kept.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
