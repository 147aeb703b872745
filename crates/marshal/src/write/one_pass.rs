//! The canonical form written while the value is walked, once: what `from_graph` writes for the same
//! value, in about a third of the time.
//!
//! Each object is written out, and its content looked up; if an equal one was written before, what was
//! written now is taken back and a reference put in its place. Which objects recur, and so get FLAG_REF
//! and an index, is known at the end only, so flags and indices are filled in then. Sets whose items
//! have parts are left to `from_graph`, and so are the marshal versions without references.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash, Hasher};
use core::mem::Discriminant;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::typecode as tc;
use crate::write::emit::Emitter;
use crate::write::{Object, Style, WriteOptions};
use crate::{Error, Value};

/// Bytes that are hashed again each time they occur; longer ones are known by their address too.
const SHORT: usize = 256;

/// What stands for an object without entry among the parts of another.
const SINGLETON: u32 = 1 << 31;

/// The canonical form, or `None` where that is for `from_graph` to write.
pub(super) fn write(value: &Value, options: &WriteOptions) -> Result<Option<Vec<u8>>, Error> {
    if options.style != Style::Canonical || options.marshal_version < 3 {
        return Ok(None);
    }
    let mut writer = Writer {
        emitter: Emitter::new(options),
        entries: Vec::new(),
        parts: Vec::new(),
        references: Vec::new(),
        hasher: DefaultHashBuilder::default(),
        by_content: HashTable::new(),
        by_address: HashMap::default(),
        open: Vec::new(),
        ids: Vec::new(),
    };
    let is_written = writer.run(Object::from(value))?;
    Ok(is_written.then(|| writer.finish()))
}

/// An object that was written. They lie in the order of their type bytes.
struct Entry<'v> {
    object: Object<'v>,
    /// Where its type byte is.
    position: usize,
    parts_start: usize,
    parts_len: u32,
    is_referred_to: bool,
}

/// An object some of whose parts are still to come.
struct Open<'v> {
    object: Object<'v>,
    /// The items of a set in the order in which they are written.
    sorted: Option<Vec<&'v Value>>,
    next: usize,
    id: u32,
    /// What there was when it began.
    ids_below: usize,
    references_below: usize,
}

/// `r`, whose index is to be filled in.
struct Reference {
    position: usize,
    id: u32,
}

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
    by_content: HashTable<Slot>,
    /// The second part tells a str from a tuple at the address of the same bytes.
    by_address: HashMap<(usize, Discriminant<Object<'v>>), u32>,
    open: Vec<Open<'v>>,
    /// The ids of the finished parts of the open objects.
    ids: Vec<u32>,
}

impl<'v> Writer<'v> {
    /// False if the value is not for this writer.
    fn run(&mut self, root: Object<'v>) -> Result<bool, Error> {
        if !self.object(root)? {
            return Ok(false);
        }
        while let Some(open) = self.open.last_mut() {
            let (object, next) = (open.object, open.next);
            open.next += 1;
            let part = match &open.sorted {
                Some(items) => items.get(next).map(|item| Object::from(*item)),
                None => object.part(next),
            };
            match part {
                Some(part) => {
                    self.emitter.before_part(object, next);
                    if !self.object(part)? {
                        return Ok(false);
                    }
                }
                None => self.close(),
            }
        }
        Ok(true)
    }

    /// Writes a leaf or a reference, or opens an object with parts.
    fn object(&mut self, object: Object<'v>) -> Result<bool, Error> {
        self.emitter.check_size()?;
        let object = match object {
            Object::Bytecode(bytes) => Object::Bytes(bytes),
            _ => object,
        };
        if let Some(id) = singleton(object) {
            self.emitter.leaf(object, false, 0)?;
            self.ids.push(id);
            return Ok(true);
        }
        let address = lasting_address(object);
        if let Some(address) = address
            && let Some(&id) = self
                .by_address
                .get(&(address, core::mem::discriminant(&object)))
        {
            self.refer(id, object);
            return Ok(true);
        }
        if has_parts(object) {
            return self.open(object);
        }
        self.leaf(object, address)?;
        Ok(true)
    }

    fn leaf(&mut self, object: Object<'v>, address: Option<usize>) -> Result<(), Error> {
        let hash = self.hash(object, &[]);
        let id = match self.find(hash, object, &[]) {
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
                .insert((address, core::mem::discriminant(&object)), id);
        }
        Ok(())
    }

    fn open(&mut self, object: Object<'v>) -> Result<bool, Error> {
        let mut sorted = None;
        if let Object::Set(items) | Object::FrozenSet(items) = object
            && items.len() > 1
        {
            sorted = self.sort(items)?;
            if sorted.is_none() {
                return Ok(false);
            }
        }
        let id = self.append(object);
        self.emitter.head(object, 0, self.open.len())?;
        self.open.push(Open {
            object,
            sorted,
            next: 0,
            id,
            ids_below: self.ids.len(),
            references_below: self.references.len(),
        });
        Ok(true)
    }

    /// The items of a set in the order of their bytes; `None` if one has parts.
    fn sort(&mut self, items: &'v [Value]) -> Result<Option<Vec<&'v Value>>, Error> {
        let mut keyed = Vec::with_capacity(items.len());
        let out = core::mem::take(&mut self.emitter.out);
        for item in items {
            if !self.emitter.leaf(Object::from(item), false, 0)? {
                return Ok(None);
            }
            keyed.push((core::mem::take(&mut self.emitter.out), item));
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
            let hash = self.hash(open.object, ids);
            match self.find(hash, open.object, ids) {
                Some(known) => {
                    // All its parts were known, so nothing but references is taken back.
                    self.emitter
                        .out
                        .truncate(self.entries[id as usize].position);
                    self.entries.truncate(id as usize);
                    self.references.truncate(open.references_below);
                    id = known;
                }
                None => {
                    let entry = &mut self.entries[id as usize];
                    entry.parts_start = self.parts.len();
                    entry.parts_len = ids.len() as u32;
                    self.parts.extend_from_slice(ids);
                    self.insert(hash, id);
                }
            }
        }
        self.ids.truncate(open.ids_below);
        if let Some(address) = lasting_address(open.object) {
            self.by_address
                .insert((address, core::mem::discriminant(&open.object)), id);
        }
        if id == open.id {
            self.ids.push(id);
        } else {
            self.refer(id, open.object);
        }
    }

    /// Writes a reference.
    fn refer(&mut self, id: u32, object: Object<'v>) {
        let position = self.emitter.out.len();
        self.references.push(Reference { position, id });
        self.emitter.reference(0);
        self.ids.push(id);
        if let Object::Str(text) = object
            && text.is_interned()
        {
            let first = &mut self.emitter.out[self.entries[id as usize].position];
            *first = tc::interned(*first);
        }
    }

    /// A new entry for what is about to be written.
    fn append(&mut self, object: Object<'v>) -> u32 {
        let id = self.entries.len() as u32;
        self.entries.push(Entry {
            object,
            position: self.emitter.out.len(),
            parts_start: 0,
            parts_len: 0,
            is_referred_to: false,
        });
        id
    }

    #[inline]
    fn hash(&self, object: Object<'v>, parts: &[u32]) -> u32 {
        let mut state = self.hasher.build_hasher();
        core::mem::discriminant(&object).hash(&mut state);
        object.hash_leaf(&mut state);
        if !parts.is_empty() {
            parts.hash(&mut state);
        }
        let hash = state.finish();
        (hash ^ (hash >> 32)) as u32
    }

    fn find(&self, hash: u32, object: Object<'v>, parts: &[u32]) -> Option<u32> {
        let is_equal = |slot: &Slot| {
            let entry = &self.entries[slot.id as usize];
            slot.hash == hash
                && entry.object.is_equal_leaf(object)
                && self.parts[entry.parts_start..][..entry.parts_len as usize] == *parts
        };
        self.by_content
            .find(spread(hash), is_equal)
            .map(|slot| slot.id)
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
                out[entry.position] |= tc::FLAG_REF;
                entry.parts_len = next_index;
                next_index += 1;
            }
        }
        for reference in &self.references {
            let index = self.entries[reference.id as usize].parts_len;
            out[reference.position + 1..][..4].copy_from_slice(&index.to_le_bytes());
        }
        self.emitter.out
    }
}

/// All bits of a hash that a table uses, from those that are kept.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn singleton(object: Object<'_>) -> Option<u32> {
    Some(match object {
        Object::None => SINGLETON,
        Object::StopIteration => SINGLETON + 1,
        Object::Ellipsis => SINGLETON + 2,
        Object::Bool(truth) => SINGLETON + 3 + u32::from(truth),
        _ => return None,
    })
}

fn has_parts(object: Object<'_>) -> bool {
    match object {
        Object::Tuple(items)
        | Object::List(items)
        | Object::Set(items)
        | Object::FrozenSet(items) => !items.is_empty(),
        Object::Dict(pairs) | Object::FrozenDict(pairs) => !pairs.is_empty(),
        Object::Slice(_) | Object::Code(_) => true,
        _ => false,
    }
}

/// Where an object is that may occur again and takes long to recognise by its content.
fn lasting_address(object: Object<'_>) -> Option<usize> {
    match object {
        Object::Bytes(bytes) if bytes.len() <= SHORT => None,
        Object::Str(text) if text.as_bytes().len() <= SHORT => None,
        _ => object.shared_address(),
    }
}
