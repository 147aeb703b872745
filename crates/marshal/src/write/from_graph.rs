//! Writes the table of objects out: which object is flagged, which occurrence is a reference, which
//! type code an object gets.
//!
//! An object that recurs is written once from marshal version 3 on, so the output is linear in the
//! table; before, it is bounded by `max_bytes`. Nothing recurses: sets are put in order parts first.

use alloc::vec::Vec;

use crate::typecode as tc;
use crate::write::emit::{Emitter, is_latin1_character};
use crate::write::graph::is_small_int;
use crate::write::{Graph, Object, Style, WriteOptions};
use crate::{Error, ErrorKind, Version};

/// Bytes that may be spent on putting sets in order, for each object, and in any case.
const SORT_BYTES_PER_OBJECT: u64 = 1024;
const SORT_BYTES: u64 = 1 << 20;

pub(super) struct Writer<'v> {
    graph: Graph<'v>,
    emitter: Emitter,
    /// For each object in which run it was last given an index, and which.
    indices: Vec<(u32, u32)>,
    run: u32,
    next_index: u32,
    open: Vec<Open>,
    is_sorting: bool,
}

/// An object whose parts are being written.
struct Open {
    id: u32,
    next: usize,
}

impl<'v> Writer<'v> {
    pub(super) fn new(graph: Graph<'v>, options: &WriteOptions) -> Self {
        let indices = alloc::vec![(0, 0); graph.entries.len()];
        Self {
            graph,
            emitter: Emitter::new(options),
            indices,
            run: 0,
            next_index: 0,
            open: Vec::new(),
            is_sorting: false,
        }
    }

    pub(super) fn write(mut self) -> Result<Vec<u8>, Error> {
        let options = self.emitter.options;
        if options.style == Style::Canonical || options.python >= Version::V3_11 {
            self.is_sorting = true;
            self.sort_sets()?;
            self.is_sorting = false;
        }
        self.write_one(self.graph.root())?;
        Ok(self.emitter.out)
    }

    /// Puts the items of each set in the order of their own marshalled bytes, as 3.11 does. Parts
    /// come first in the table, so the sets inside an item are in order when it is written.
    fn sort_sets(&mut self) -> Result<(), Error> {
        let mut left = SORT_BYTES + SORT_BYTES_PER_OBJECT * self.graph.entries.len() as u64;
        for id in 0..self.graph.entries.len() as u32 {
            if !matches!(
                self.graph.entry(id).object,
                Object::Set(_) | Object::FrozenSet(_)
            ) {
                continue;
            }
            let items = self.graph.parts(id).to_vec();
            if items.len() < 2 {
                continue;
            }
            let mut keyed = Vec::with_capacity(items.len());
            for item in items {
                self.sort_key(item)?;
                let key = core::mem::take(&mut self.emitter.out);
                left = left
                    .checked_sub(key.len() as u64)
                    .ok_or(Error::new(ErrorKind::TooMuchMemory(SORT_BYTES), 0))?;
                keyed.push((key, item));
            }
            keyed.sort();
            for (place, (_, item)) in self.graph.parts_mut(id).iter_mut().zip(keyed) {
                *place = item;
            }
        }
        Ok(())
    }

    /// Writes what an item of a set goes by. In canonical style the key of an item without parts
    /// does not depend on what else there is.
    fn sort_key(&mut self, item: u32) -> Result<(), Error> {
        let object = self.graph.entry(item).object;
        let is_canonical = self.emitter.options.style == Style::Canonical;
        if is_canonical && self.emitter.leaf(object, false, 0)? {
            return Ok(());
        }
        self.write_one(item)
    }

    /// Writes one object with all its parts and a reference table of its own.
    fn write_one(&mut self, root: u32) -> Result<(), Error> {
        self.run += 1;
        self.next_index = 0;
        self.object(root)?;
        while let Some(open) = self.open.last_mut() {
            let (id, next) = (open.id, open.next);
            open.next += 1;
            let object = self.graph.entry(id).object;
            match self.graph.parts(id).get(next) {
                Some(&part) => {
                    self.emitter.before_part(object, next);
                    self.object(part)?;
                }
                None => {
                    self.open.pop();
                    self.emitter.tail(object);
                }
            }
        }
        Ok(())
    }

    /// Writes a reference, a leaf, or the head of an object with parts, which it opens.
    fn object(&mut self, id: u32) -> Result<(), Error> {
        self.emitter.check_size()?;
        if let (run, index) = self.indices[id as usize]
            && run == self.run
        {
            self.emitter.reference(index);
            return Ok(());
        }
        let mut flag = 0;
        if self.is_flagged(id) {
            flag = tc::FLAG_REF;
            self.indices[id as usize] = (self.run, self.next_index);
            self.next_index += 1;
        }
        let entry = self.graph.entry(id);
        let (object, is_interned) = (entry.object, entry.is_interned);
        if !self.emitter.leaf(object, is_interned, flag)? {
            self.emitter.head(object, flag, self.open.len())?;
            self.open.push(Open { id, next: 0 });
        }
        Ok(())
    }

    /// Does the object get an entry in the reference table?
    fn is_flagged(&self, id: u32) -> bool {
        let entry = self.graph.entry(id);
        if self.emitter.options.marshal_version < 3 || entry.object.is_singleton() {
            return false;
        }
        if entry.uses > 1 || self.emitter.options.style == Style::Canonical {
            return entry.uses > 1;
        }
        let python = self.emitter.options.python;
        // While CPython writes a set, its sorted list of the items owns them too; from 3.13 on
        // the loop that sorts them as well.
        let is_listed = entry.is_in_set
            && (python >= Version::V3_13 || (python >= Version::V3_11 && !self.is_sorting));
        is_listed || has_other_owners(entry.object, entry.is_interned, python)
    }
}

/// Has CPython itself references to such an object, besides those in the value?
fn has_other_owners(object: Object<'_>, is_interned: bool, python: Version) -> bool {
    match object {
        Object::Str(text) => {
            (is_interned && python >= Version::V3_11)
                || text.as_bytes().is_empty()
                || is_latin1_character(text.as_bytes())
        }
        Object::Bytes(bytes) => bytes.len() < if python >= Version::V3_14 { 2 } else { 1 },
        Object::Bytecode(_) => python >= Version::V3_11,
        Object::Tuple(items) => items.is_empty(),
        Object::Int(number) => is_small_int(number, python),
        _ => false,
    }
}
