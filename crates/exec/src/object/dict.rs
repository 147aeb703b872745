//! dict: an insertion-ordered hash table, tuned for str keys. The methods are in `object/dict_methods.rs`.
//!
//! Entries stand in a row in order of insertion; a power-of-two table of indices finds them. Up to `SMALL` entries there is no
//! index table: the row is scanned, comparing hashes.
//!
//! Invariants:
//! - `live` counts the entries with a key; an entry without one is a deleted one, skipped by iteration.
//! - `keys_version` changes whenever a key is added, removed or moved, and never returns to an earlier value, so a cache that
//!   remembers it may use an entry's index unchecked. Zero means that no cache has asked yet.
//! - A look-up may run Python code (`__eq__`); `changes` tells afterwards whether the table is still the one looked at.

use crate::cell::VmCell;
use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::known_eq::known_eq;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

const SMALL: usize = 8;
const EMPTY: u32 = u32::MAX;
const DELETED: u32 = u32::MAX - 1;

/// A dict's payload; dict subclasses share it.
pub struct Dict {
    table: VmCell<Table>,
}

/// One item: the key's hash, the key (none once deleted) and the value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) hash: i64,
    pub(crate) key: Option<Value>,
    pub(crate) value: Option<Value>,
}

/// A dict's insides.
#[derive(Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    indices: Box<[u32]>,
    /// How many indices are not empty.
    filled: usize,
    live: usize,
    /// So many entries at the start are deleted: taking item after item from there stays cheap.
    gap: usize,
    keys_version: u32,
    changes: u32,
}

/// What a scan for a key met.
enum Probe {
    Found(usize),
    Absent,
    /// This entry has the same hash, and only `__eq__` can tell.
    Ask(usize),
}

/// A hash spread over the index bits: hashes of ints are the ints themselves.
#[inline(always)]
fn spread(hash: i64) -> usize {
    ((hash as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize
}

impl Table {
    /// The row, deleted entries included.
    #[inline(always)]
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The items in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> {
        self.entries
            .iter()
            .filter_map(|e| Some((e.key.as_ref()?, e.value.as_ref()?)))
    }

    /// The first item at or after position `at` of the row, with the position after it.
    #[inline(always)]
    pub(crate) fn next_from(&self, at: usize) -> Option<(usize, &Value, &Value)> {
        let mut at = at.max(self.gap);
        loop {
            let entry = self.entries.get(at)?;
            at += 1;
            if let (Some(key), Some(value)) = (&entry.key, &entry.value) {
                return Some((at, key, value));
            }
        }
    }

    /// The first item at or after position `at` of the row, with the position after it and the key's hash.
    pub(crate) fn next_hashed_from(&self, at: usize) -> Option<(usize, i64, &Value, &Value)> {
        let (next, key, value) = self.next_from(at)?;
        Some((next, self.entries[next - 1].hash, key, value))
    }

    /// The last item before position `at` of the row, with its own position.
    pub(crate) fn next_back_from(&self, mut at: usize) -> Option<(usize, &Value, &Value)> {
        at = at.min(self.entries.len());
        while at > 0 {
            at -= 1;
            if let (Some(key), Some(value)) = (&self.entries[at].key, &self.entries[at].value) {
                return Some((at, key, value));
            }
        }
        None
    }

    #[inline(always)]
    fn touch(&mut self) {
        self.changes = self.changes.wrapping_add(1);
        self.keys_version = 0;
    }

    /// Scans for a key, from the `skip`th candidate with an equal hash that `__eq__` had to be asked about.
    #[inline(always)]
    fn probe(&self, hash: i64, mut skip: usize, same: impl Fn(&Value) -> Option<bool>) -> Probe {
        let mut check = |index: usize| -> Option<Probe> {
            let entry = &self.entries[index];
            if entry.hash != hash {
                return None;
            }
            match same(entry.key.as_ref()?) {
                Some(true) => Some(Probe::Found(index)),
                Some(false) => None,
                None if skip > 0 => {
                    skip -= 1;
                    None
                }
                None => Some(Probe::Ask(index)),
            }
        };
        if self.indices.is_empty() {
            for index in 0..self.entries.len() {
                if let Some(probe) = check(index) {
                    return probe;
                }
            }
            return Probe::Absent;
        }
        let mask = self.indices.len() - 1;
        let mut at = spread(hash) & mask;
        loop {
            let index = self.indices[at];
            if index == EMPTY {
                return Probe::Absent;
            }
            if index != DELETED
                && let Some(probe) = check(index as usize)
            {
                return probe;
            }
            at = (at + 1) & mask;
        }
    }

    /// The entry of an exact str key, if every key that could equal it is an exact str, too.
    #[inline(always)]
    fn find_str(&self, key: &Ref<Str>, hash: i64) -> Option<usize> {
        match self.probe(hash, 0, |k| {
            Some(k.is(key.as_value()) || k.downcast::<Str>().is_some_and(|k| k.eq(key)))
        }) {
            Probe::Found(index) => Some(index),
            _ => None,
        }
    }

    fn push(&mut self, hash: i64, key: Value, value: Value) {
        self.touch();
        if self.entries.len() == self.entries.capacity() && self.live < self.entries.len() * 3 / 4 {
            self.compact();
        }
        let index = self.entries.len();
        self.entries.push(Entry {
            hash,
            key: Some(key),
            value: Some(value),
        });
        self.live += 1;
        if self.indices.is_empty() && index < SMALL {
            return;
        }
        if (self.filled + 1) * 3 > self.indices.len() * 2 {
            return self.reindex();
        }
        self.index(hash, index);
    }

    #[inline(always)]
    fn index(&mut self, hash: i64, index: usize) {
        let mask = self.indices.len() - 1;
        let mut at = spread(hash) & mask;
        while self.indices[at] < DELETED {
            at = (at + 1) & mask;
        }
        self.filled += (self.indices[at] == EMPTY) as usize;
        self.indices[at] = index as u32;
    }

    fn unindex(&mut self, hash: i64, index: usize) {
        let mask = self.indices.len() - 1;
        let mut at = spread(hash) & mask;
        while self.indices[at] != EMPTY {
            if self.indices[at] == index as u32 {
                self.indices[at] = DELETED;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn reindex(&mut self) {
        self.filled = 0;
        if self.entries.len() <= SMALL {
            self.indices = Box::default();
            return;
        }
        let size = (self.entries.len() * 3).next_power_of_two();
        self.indices = vec![EMPTY; size].into_boxed_slice();
        for index in 0..self.entries.len() {
            if self.entries[index].key.is_some() {
                self.index(self.entries[index].hash, index);
            }
        }
    }

    fn compact(&mut self) {
        self.gap = 0;
        self.entries.retain(|e| e.key.is_some());
        self.reindex();
    }

    /// A table of the same items, that no cache knows.
    fn copied(&self) -> Table {
        let is_whole = self.live == self.entries.len();
        let mut copy = Table {
            entries: match is_whole {
                true => {
                    // As much room as the first push would make: what is copied is often added to.
                    let mut entries = Vec::with_capacity(self.entries.len().max(4));
                    entries.extend_from_slice(&self.entries);
                    entries
                }
                false => self
                    .entries
                    .iter()
                    .filter(|e| e.key.is_some())
                    .cloned()
                    .collect(),
            },
            live: self.live,
            ..Table::default()
        };
        match is_whole {
            true => (copy.indices, copy.filled) = (self.indices.clone(), self.filled),
            false => copy.reindex(),
        }
        copy
    }

    fn remove(&mut self, index: usize) -> (Value, Value) {
        self.touch();
        self.live -= 1;
        if !self.indices.is_empty() {
            self.unindex(self.entries[index].hash, index);
        }
        let entry = &mut self.entries[index];
        // The entry stays, dead, also at the end: who iterates sees a key that is added again.
        let taken = (entry.key.take(), entry.value.take());
        while self.entries.get(self.gap).is_some_and(|e| e.key.is_none()) {
            self.gap += 1;
        }
        match taken {
            (Some(key), Some(value)) => (key, value),
            _ => unreachable!("only live entries are removed"),
        }
    }
}

/// Order, for `OrderedDict`.
impl Table {
    /// Makes the entry at `index` the first. Room before the first is made for as many as there are, so that each such move takes
    /// constant time on average.
    fn move_to_front(&mut self, index: usize) {
        let hash = self.entries[index].hash;
        let (key, value) = self.remove(index);
        self.touch();
        if self.gap == 0 {
            let room = self.live.max(SMALL);
            let deleted = || Entry {
                hash: 0,
                key: None,
                value: None,
            };
            let live = self.entries.drain(..).filter(|e| e.key.is_some());
            self.entries = (0..room).map(|_| deleted()).chain(live).collect();
            self.gap = room;
            self.reindex();
        }
        self.gap -= 1;
        self.entries[self.gap] = Entry {
            hash,
            key: Some(key),
            value: Some(value),
        };
        self.live += 1;
        if self.indices.is_empty() {
            return;
        }
        if (self.filled + 1) * 3 > self.indices.len() * 2 {
            return self.reindex();
        }
        self.index(hash, self.gap);
    }
}

impl Dict {
    /// A number that changes whenever a key is added, removed or moved.
    pub fn changes(&self, vm: &Vm) -> u32 {
        self.table(vm).changes
    }

    /// The first item at or after position `at` of the row, with the position after it.
    pub fn next_item(&self, vm: &Vm, at: usize) -> Option<(usize, Value, Value)> {
        let (next, key, value) = self.table(vm).next_from(at)?;
        Some((next, key.clone(), value.clone()))
    }

    /// The last item before position `at` of the row, with its own position.
    pub fn previous_item(&self, vm: &Vm, at: usize) -> Option<(usize, Value, Value)> {
        let (at, key, value) = self.table(vm).next_back_from(at)?;
        Some((at, key.clone(), value.clone()))
    }

    /// Removes and gives the first item.
    pub fn pop_first(&self, vm: &mut Vm) -> Option<(Value, Value)> {
        let table = self.table.get_mut(vm);
        let (next, ..) = table.next_from(0)?;
        Some(table.remove(next - 1))
    }

    /// Makes the item of `key` the last, or the first; false if there is none.
    pub fn move_to_end(&self, vm: &mut Vm, key: &Value, is_last: bool) -> PyResult<bool> {
        let hash = vm.hash(key)?;
        let Some(index) = self.find(vm, key, hash)? else {
            return Ok(false);
        };
        let table = self.table.get_mut(vm);
        if is_last {
            if index + 1 < table.entries.len() {
                let (key, value) = table.remove(index);
                table.push(hash, key, value);
            }
        } else if index > table.gap {
            table.move_to_front(index);
        }
        Ok(true)
    }
}

impl Payload for Dict {
    const KIND: Kind = Kind::Dict;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector holds the VM, and visiting changes nothing.
        for (key, value) in unsafe { self.table.peek() }.iter() {
            visit(key);
            visit(value);
        }
    }

    fn clear(&self) {
        // SAFETY: the collector holds the VM; the old table is dropped after the borrow has ended.
        drop(unsafe { std::mem::take(self.table.peek_mut()) });
    }
}

impl Dict {
    /// A new empty dict.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(vm: &Vm) -> Ref<Dict> {
        Ref::new(
            &vm.types.dict,
            Dict {
                table: VmCell::new(Table::default()),
            },
        )
    }

    /// A new empty dict of a subclass.
    pub fn of_type(ty: &Ref<Type>) -> Ref<Dict> {
        Ref::new(
            ty,
            Dict {
                table: VmCell::new(Table::default()),
            },
        )
    }

    /// The table, to look at.
    #[inline(always)]
    pub(crate) fn table<'a>(&'a self, vm: &'a Vm) -> &'a Table {
        self.table.get(vm)
    }

    /// The number of items.
    pub fn len(&self, vm: &Vm) -> usize {
        self.table(vm).live
    }

    /// The items, cloned, in order.
    pub fn items(&self, vm: &Vm) -> Vec<(Value, Value)> {
        self.table(vm)
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    }

    /// The items with their hashes, cloned, in order.
    pub(crate) fn hashed_items(&self, vm: &Vm) -> Vec<(i64, Value, Value)> {
        let entries = self.table(vm).entries.iter();
        entries
            .filter_map(|e| Some((e.hash, e.key.clone()?, e.value.clone()?)))
            .collect()
    }

    /// The version of the keys, for caches; never zero.
    pub(crate) fn keys_version(&self, vm: &mut Vm) -> u32 {
        if self.table(vm).keys_version == 0 {
            let version = crate::heap::next_version();
            self.table.get_mut(vm).keys_version = version;
        }
        self.table(vm).keys_version
    }

    /// Makes caches of entries look anew.
    pub(crate) fn forget_version(&self, vm: &mut Vm) {
        self.table.get_mut(vm).keys_version = 0;
    }

    /// The version of the keys as it stands; zero if no cache can know it.
    ///
    /// # Safety
    /// No Python code runs meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn keys_version_now(&self) -> u32 {
        // SAFETY: forwarded.
        unsafe { self.table.peek() }.keys_version
    }

    /// The value of the entry with this index, for a cache that has seen the current keys version.
    ///
    /// # Safety
    /// No Python code runs while the result is used, nothing changes the dict, and `index` was the index of a live entry at this keys version.
    #[inline(always)]
    pub(crate) unsafe fn value_at_unchecked(&self, index: usize) -> &Option<Value> {
        // SAFETY: forwarded.
        unsafe { &self.table.peek().entries.get_unchecked(index).value }
    }

    /// The index of an exact str key's entry, for caches.
    pub(crate) fn index_of_str(&self, vm: &Vm, key: &Ref<Str>) -> Option<usize> {
        self.table(vm).find_str(key, key.hash(vm))
    }

    /// The value for an exact str key, where all keys are strs (a namespace).
    #[inline]
    pub fn get_str(&self, vm: &Vm, key: &Ref<Str>) -> Option<Value> {
        let table = self.table(vm);
        let index = table.find_str(key, key.hash(vm))?;
        table.entries[index].value.clone()
    }

    /// Whether an exact str key is there.
    pub fn contains_str(&self, vm: &Vm, key: &Ref<Str>) -> bool {
        self.table(vm).find_str(key, key.hash(vm)).is_some()
    }

    /// Sets the value for an exact str key.
    #[inline]
    pub fn set_str(&self, vm: &mut Vm, key: &Ref<Str>, value: Value) {
        let hash = key.hash(vm);
        let table = self.table.get_mut(vm);
        match table.find_str(key, hash) {
            Some(index) => drop(table.entries[index].value.replace(value)),
            None => table.push(hash, Value::from(key), value),
        }
    }

    /// Removes an exact str key and gives its value.
    pub fn remove_str(&self, vm: &mut Vm, key: &Ref<Str>) -> Option<Value> {
        let hash = key.hash(vm);
        let table = self.table.get_mut(vm);
        let index = table.find_str(key, hash)?;
        Some(table.remove(index).1)
    }

    /// The index of the entry of `key`.
    #[inline]
    pub(crate) fn find(&self, vm: &mut Vm, key: &Value, hash: i64) -> PyResult<Option<usize>> {
        match self.table(vm).probe(hash, 0, |k| known_eq(k, key)) {
            Probe::Found(index) => Ok(Some(index)),
            Probe::Absent => Ok(None),
            Probe::Ask(_) => self.find_asking(vm, key, hash),
        }
    }

    #[inline(never)]
    fn find_asking(&self, vm: &mut Vm, key: &Value, hash: i64) -> PyResult<Option<usize>> {
        let mut skip = 0;
        loop {
            let table = self.table(vm);
            let changes = table.changes;
            let candidate = match table.probe(hash, skip, |k| known_eq(k, key)) {
                Probe::Found(index) => return Ok(Some(index)),
                Probe::Absent => return Ok(None),
                Probe::Ask(index) => index,
            };
            let Some(other) = table.entries[candidate].key.clone() else {
                return Ok(None);
            };
            let equal = vm.eq(&other, key)?;
            if self.table(vm).changes != changes {
                // The comparison changed the dict: look again from the start.
                skip = 0;
                continue;
            }
            if equal {
                return Ok(Some(candidate));
            }
            skip += 1;
        }
    }

    /// The value for `key`.
    #[inline]
    pub fn get(&self, vm: &mut Vm, key: &Value) -> PyResult<Option<Value>> {
        let hash = vm.hash_as(key, HashRole::Key)?;
        self.get_hashed(vm, key, hash)
    }

    /// The value for `key`, whose hash is known.
    #[inline]
    pub fn get_hashed(&self, vm: &mut Vm, key: &Value, hash: i64) -> PyResult<Option<Value>> {
        Ok(match self.find(vm, key, hash)? {
            Some(index) => self.table(vm).entries[index].value.clone(),
            None => None,
        })
    }

    /// Sets the value for `key`.
    #[inline]
    pub fn set(&self, vm: &mut Vm, key: Value, value: Value) -> PyResult<()> {
        let hash = vm.hash_as(&key, HashRole::Key)?;
        self.set_hashed(vm, key, hash, value)
    }

    /// Sets the value for `key`, whose hash is known.
    #[inline]
    pub fn set_hashed(&self, vm: &mut Vm, key: Value, hash: i64, value: Value) -> PyResult<()> {
        match self.find(vm, &key, hash)? {
            Some(index) => {
                let old = self.table.get_mut(vm).entries[index].value.replace(value);
                drop(old);
            }
            None => self.table.get_mut(vm).push(hash, key, value),
        }
        Ok(())
    }

    /// The value for `key`, whose hash is known; if there is none, `default` from now on.
    pub fn set_default(&self, vm: &mut Vm, key: &Value, hash: i64, default: Value) -> PyResult {
        // No code runs between the look-up and the insertion.
        let index = self.find(vm, key, hash)?;
        let table = self.table.get_mut(vm);
        let there = index.and_then(|index| table.entries[index].value.clone());
        if there.is_none() {
            table.push(hash, key.clone(), default.clone());
        }
        Ok(there.unwrap_or(default))
    }

    /// Removes `key` and gives the key that was there and its value.
    pub fn remove(&self, vm: &mut Vm, key: &Value) -> PyResult<Option<(Value, Value)>> {
        let hash = vm.hash_as(key, HashRole::Key)?;
        Ok(self
            .find(vm, key, hash)?
            .map(|index| self.table.get_mut(vm).remove(index)))
    }

    /// Removes `key`, whose hash is known, and gives the key that was there and its value.
    pub fn remove_hashed(
        &self,
        vm: &mut Vm,
        key: &Value,
        hash: i64,
    ) -> PyResult<Option<(Value, Value)>> {
        Ok(self
            .find(vm, key, hash)?
            .map(|index| self.table.get_mut(vm).remove(index)))
    }

    /// Removes and gives the last item.
    pub fn pop_last(&self, vm: &mut Vm) -> Option<(Value, Value)> {
        let table = self.table.get_mut(vm);
        let (index, ..) = table.next_back_from(usize::MAX)?;
        let taken = table.remove(index);
        // Dead entries at the end go at once, so that taking item after item from there stays cheap.
        table.entries.truncate(index);
        table.gap = table.gap.min(index);
        Some(taken)
    }

    /// Removes everything.
    pub fn clear_items(&self, vm: &mut Vm) {
        let table = self.table.get_mut(vm);
        let changes = table.changes.wrapping_add(1);
        let old = std::mem::replace(
            table,
            Table {
                changes,
                ..Table::default()
            },
        );
        drop(old);
    }

    /// A new dict with the same items, in order.
    pub fn copy(&self, vm: &Vm) -> Ref<Dict> {
        Ref::new(
            &vm.types.dict,
            Dict {
                table: VmCell::new(self.table(vm).copied()),
            },
        )
    }

    /// Becomes a copy of another dict, if nothing was ever put into this one; whether that was so.
    pub(crate) fn fill_from(&self, vm: &mut Vm, other: &Dict) -> bool {
        if !self.table(vm).entries.is_empty() {
            return false;
        }
        let copy = other.table(vm).copied();
        let table = self.table.get_mut(vm);
        let changes = table.changes.wrapping_add(1);
        *table = Table { changes, ..copy };
        true
    }

    /// Adds one to the count that is the value for `key`, whose hash is known; false if that is no small int.
    pub fn count_one(&self, vm: &mut Vm, key: &Value, hash: i64) -> PyResult<bool> {
        let found = self.find(vm, key, hash)?;
        let table = self.table.get_mut(vm);
        let Some(index) = found else {
            let one = Value::small_int(1);
            if let Some(one) = one {
                table.push(hash, key.clone(), one);
            }
            return Ok(true);
        };
        let value = &mut table.entries[index].value;
        let count = value.as_ref().and_then(|count| count.as_small_int());
        match count.and_then(|count| Value::small_int(count + 1)) {
            Some(count) => {
                *value = Some(count);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Whether all keys are strs.
    pub(crate) fn has_only_strs(&self, vm: &Vm) -> bool {
        let mut keys = self.table(vm).iter().map(|(key, _)| key);
        keys.all(|key| key.downcast::<Str>().is_some())
    }

    /// Makes an empty dict a copy of another whose keys are all strs, as those of `**kwargs` are; false if that is not so.
    pub(crate) fn fill_with_names(&self, vm: &mut Vm, other: &Dict) -> bool {
        other.has_only_strs(vm) && self.fill_from(vm, other)
    }
}
