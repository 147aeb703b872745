//! set and frozenset: the hash table, which iterates in CPython's order. The methods are in `object/set_methods.rs`.
//!
//! The order of a set shows in programs' output, so the table follows CPython's: its sizes, its probing (a run of neighbours,
//! then a jump by the perturbed hash), its growth. Checked against CPython 3.13's `Objects/setobject.c` by what it prints.
//!
//! Invariants:
//! - The table's length is a power of two, at least `Table::MIN`; at most three fifths of it are filled, dummies included.
//! - A look-up may run Python code; `changes` tells afterwards whether the table is still the one looked at.

use std::cell::Cell;

use crate::cell::VmCell;
use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::known_eq::known_eq;
use crate::object::type_::Type;
use crate::protocol::HashRole;
use crate::value::{Slot, Value};
use crate::vm::Vm;

const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// A set's payload; frozenset and all subclasses share it.
pub struct Set {
    pub(crate) table: VmCell<Table>,
    /// A frozenset's hash, -1 until asked for.
    pub(crate) hash: Cell<i64>,
}

/// One place of the table: full if there is an item; else free, or left by an item that was removed.
#[derive(Clone)]
struct Entry {
    hash: i64,
    item: Slot,
}

impl Entry {
    const EMPTY: Entry = Entry {
        hash: 0,
        item: None,
    };
    /// Something was removed here; probing goes on behind it.
    const DUMMY: Entry = Entry {
        hash: -1,
        item: None,
    };

    /// Whether probing ends here, given that there is no item.
    #[inline(always)]
    fn ends_probing(&self) -> bool {
        self.hash == Entry::EMPTY.hash
    }
}

/// A set's insides.
#[derive(Clone)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    fill: usize,
    used: usize,
    /// Where `pop` goes on looking.
    pub(crate) finger: usize,
    changes: u32,
}

/// Whether a table of so many places is to grow when so many are filled.
#[inline]
fn is_too_full(fill: usize, places_len: usize) -> bool {
    fill * 5 >= (places_len - 1) * 3
}

/// How many places a table for more than `at_least` items has.
fn size_for(at_least: usize) -> usize {
    (at_least + 1).next_power_of_two().max(Table::MIN)
}

/// So many free places.
fn empty(len: usize) -> Vec<Entry> {
    std::iter::repeat_n(Entry::EMPTY, len).collect()
}

impl Default for Table {
    fn default() -> Table {
        Table {
            entries: empty(Table::MIN),
            fill: 0,
            used: 0,
            finger: 0,
            changes: 0,
        }
    }
}

/// Where to look for a hash: a run of neighbours where that fits the table, then the same after a jump.
struct Places {
    mask: usize,
    perturb: u64,
    /// The start of the run, and where in it to look next.
    at: usize,
    next: usize,
}

impl Iterator for Places {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let place = self.next;
        if place < self.at + LINEAR_PROBES && self.at + LINEAR_PROBES <= self.mask {
            self.next += 1;
        } else {
            self.perturb >>= PERTURB_SHIFT;
            let jump = self.at.wrapping_mul(5).wrapping_add(1);
            self.at = jump.wrapping_add(self.perturb as usize) & self.mask;
            self.next = self.at;
        }
        Some(place)
    }
}

/// What a scan met.
enum Probe {
    Found(usize),
    /// Nothing; a new item goes to this place.
    Absent(usize),
    /// Only `__eq__` can tell.
    Ask(usize),
}

impl Table {
    /// How many places the smallest table has.
    pub(crate) const MIN: usize = 8;

    /// How many places there are.
    pub(crate) fn places_len(&self) -> usize {
        self.entries.len()
    }

    /// The items with their hashes, in the order of iteration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &Value)> {
        self.entries
            .iter()
            .filter_map(|entry| entry.item.as_ref().map(|item| (entry.hash, item)))
    }

    /// The first item at or after place `at`, with the place after it.
    pub(crate) fn next_from(&self, at: usize) -> Option<(usize, i64, &Value)> {
        let rest = self.entries.get(at..)?;
        rest.iter().enumerate().find_map(|(index, entry)| {
            let item = entry.item.as_ref()?;
            Some((at + index + 1, entry.hash, item))
        })
    }

    /// The places to look at for a hash, in order.
    #[inline(always)]
    fn places(&self, hash: i64) -> Places {
        let mask = self.entries.len() - 1;
        let at = hash as usize & mask;
        Places {
            mask,
            perturb: hash as u64,
            at,
            next: at,
        }
    }

    /// Looks for a hash; `skip` of the items that only `__eq__` can tell are known not to be it.
    #[inline(always)]
    fn probe(&self, hash: i64, mut skip: usize, same: impl Fn(&Value) -> Option<bool>) -> Probe {
        // A new item goes over the last dummy on the way to a free place, if there is one.
        let mut dummy = None;
        for place in self.places(hash) {
            let entry = &self.entries[place];
            match &entry.item {
                Some(item) if entry.hash == hash => match same(item) {
                    Some(true) => return Probe::Found(place),
                    Some(false) => {}
                    None if skip > 0 => skip -= 1,
                    None => return Probe::Ask(place),
                },
                Some(_) => {}
                None if entry.ends_probing() => return Probe::Absent(dummy.unwrap_or(place)),
                None => dummy = Some(place),
            }
        }
        Probe::Absent(0)
    }

    /// Adds an item where a look-up that did not find it has said.
    #[inline(always)]
    fn insert_at(&mut self, place: usize, hash: i64, item: Value) {
        self.changes = self.changes.wrapping_add(1);
        let entry = &mut self.entries[place];
        let was_free = entry.ends_probing();
        entry.hash = hash;
        entry.item = Some(item);
        self.used += 1;
        if was_free {
            self.fill += 1;
            if is_too_full(self.fill, self.entries.len()) {
                self.resize(self.grown());
            }
        }
    }

    /// Adds an item that is known not to be there, to a table without dummies that has room for it.
    #[inline(always)]
    fn place(&mut self, hash: i64, item: Value) {
        for place in self.places(hash) {
            let entry = &mut self.entries[place];
            if entry.item.is_none() {
                entry.hash = hash;
                entry.item = Some(item);
                self.fill += 1;
                self.used += 1;
                return;
            }
        }
    }

    /// Rebuilds the table for more than `at_least` items.
    pub(crate) fn resize(&mut self, at_least: usize) {
        let old = std::mem::replace(&mut self.entries, empty(size_for(at_least)));
        self.fill = 0;
        self.used = 0;
        self.changes = self.changes.wrapping_add(1);
        for Entry { hash, item } in old {
            if let Some(item) = item {
                self.place(hash, item);
            }
        }
    }

    /// Makes room for `more` items, as CPython does before it merges another set in.
    pub(crate) fn reserve(&mut self, more: usize) {
        if is_too_full(self.fill + more, self.entries.len()) {
            self.resize((self.used + more) * 2);
        }
    }

    /// Whether nothing was put into it yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fill == 0
    }

    /// The table that one of `places_len` places, never filled, becomes when this one is merged in: alike place by place, if the
    /// two are of one size.
    pub(crate) fn merged_into_fresh(&self, places_len: usize) -> Table {
        let places_len = match is_too_full(self.used, places_len) {
            true => size_for(self.used * 2),
            false => places_len,
        };
        let mut table = Table {
            entries: Vec::new(),
            fill: self.used,
            used: self.used,
            finger: 0,
            changes: 0,
        };
        if self.entries.len() == places_len && self.fill == self.used {
            table.entries = self.entries.clone();
            return table;
        }
        table.entries = empty(places_len);
        (table.fill, table.used) = (0, 0);
        for (hash, value) in self.iter() {
            table.place(hash, value.clone());
        }
        table
    }

    /// Rebuilds the table if more than a quarter of it is dummies, as CPython does after removing many items.
    pub(crate) fn sweep(&mut self) {
        if self.fill - self.used > (self.entries.len() - 1) / 4 {
            self.resize(self.grown());
        }
    }

    fn grown(&self) -> usize {
        if self.used > 50_000 {
            self.used * 2
        } else {
            self.used * 4
        }
    }

    /// Removes and gives an item: the first one from where the last `pop` stopped.
    pub(crate) fn pop(&mut self) -> Option<Value> {
        if self.used == 0 {
            return None;
        }
        let mut at = self.finger & (self.entries.len() - 1);
        while self.entries[at].item.is_none() {
            at = (at + 1) & (self.entries.len() - 1);
        }
        self.finger = at + 1;
        self.remove(at)
    }

    /// Empties the table.
    pub(crate) fn clear(&mut self) {
        // One that nothing was ever put into is as it was made.
        if self.fill > 0 || self.entries.len() > Table::MIN || self.finger > 0 {
            self.replace_with(Table::default());
        }
    }

    /// Becomes another table.
    pub(crate) fn replace_with(&mut self, table: Table) {
        let changes = self.changes.wrapping_add(1);
        let old = std::mem::replace(self, table);
        self.changes = changes;
        drop(old);
    }

    /// Removes the item at a place.
    pub(crate) fn remove(&mut self, place: usize) -> Option<Value> {
        self.changes = self.changes.wrapping_add(1);
        let item = self.entries[place].item.take()?;
        self.entries[place] = Entry::DUMMY;
        self.used -= 1;
        Some(item)
    }
}

impl Payload for Set {
    const KIND: Kind = Kind::Set;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector holds the VM, and visiting changes nothing.
        unsafe { self.table.peek() }
            .iter()
            .for_each(|(_, value)| visit(value));
    }

    fn clear(&self) {
        // SAFETY: the collector holds the VM; the old table is dropped after the borrow has ended.
        drop(unsafe { std::mem::take(self.table.peek_mut()) });
    }
}

impl Set {
    /// A new empty set.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(vm: &Vm) -> Ref<Set> {
        Set::of_type(&vm.types.set)
    }

    /// A new empty set or frozenset of class `ty`.
    pub(crate) fn of_type(ty: &Ref<Type>) -> Ref<Set> {
        Set::with_table(ty, Table::default())
    }

    /// A new set or frozenset of class `ty` with these insides.
    pub(crate) fn with_table(ty: &Ref<Type>, table: Table) -> Ref<Set> {
        Ref::new(
            ty,
            Set {
                table: VmCell::new(table),
                hash: Cell::new(-1),
            },
        )
    }

    /// A new frozenset.
    pub fn frozen(vm: &mut Vm, items: Vec<Value>) -> PyResult {
        let set = Set::of_type(&vm.types.frozenset);
        for item in items {
            set.add(vm, item)?;
        }
        Ok(Value::from(set))
    }

    /// The number of items.
    pub fn len(&self, vm: &Vm) -> usize {
        self.table.get(vm).used
    }

    /// The items, in the order of iteration.
    pub fn items(&self, vm: &Vm) -> Vec<Value> {
        self.table
            .get(vm)
            .iter()
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// The first item at or after place `at` with its hash; `at` is then the place after it.
    #[inline]
    pub(crate) fn next_hashed(&self, vm: &Vm, at: &mut usize) -> Option<(i64, Value)> {
        let (next, hash, item) = self.table.get(vm).next_from(*at)?;
        *at = next;
        Some((hash, item.clone()))
    }

    /// The items with their hashes, in the order of iteration.
    pub(crate) fn hashed_items(&self, vm: &Vm) -> Vec<(i64, Value)> {
        let items = self.table.get(vm).iter();
        items.map(|(hash, value)| (hash, value.clone())).collect()
    }

    /// The place of an item.
    pub(crate) fn find(&self, vm: &mut Vm, item: &Value, hash: i64) -> PyResult<Option<usize>> {
        Ok(self.look_up(vm, item, hash)?.ok())
    }

    /// The place of an item, or where a new one goes.
    #[inline(always)]
    fn look_up(&self, vm: &mut Vm, item: &Value, hash: i64) -> PyResult<Result<usize, usize>> {
        let table = self.table.get(vm);
        match table.probe(hash, 0, |other| known_eq(other, item)) {
            Probe::Found(place) => Ok(Ok(place)),
            Probe::Absent(place) => Ok(Err(place)),
            Probe::Ask(place) => self.ask(vm, item, hash, place),
        }
    }

    /// The rest of a look-up that has met an item at `place` which only `__eq__` can tell.
    #[cold]
    fn ask(
        &self,
        vm: &mut Vm,
        item: &Value,
        hash: i64,
        mut place: usize,
    ) -> PyResult<Result<usize, usize>> {
        let mut skip = 0;
        loop {
            let table = self.table.get(vm);
            let changes = table.changes;
            if let Some(other) = table.entries[place].item.clone() {
                let equal = vm.eq(&other, item)?;
                let is_changed = self.table.get(vm).changes != changes;
                if equal && !is_changed {
                    return Ok(Ok(place));
                }
                skip = if is_changed { 0 } else { skip + 1 };
            }
            let table = self.table.get(vm);
            match table.probe(hash, skip, |other| known_eq(other, item)) {
                Probe::Found(place) => return Ok(Ok(place)),
                Probe::Absent(place) => return Ok(Err(place)),
                Probe::Ask(next) => place = next,
            }
        }
    }

    /// Adds an item; false if it was there.
    pub fn add(&self, vm: &mut Vm, item: Value) -> PyResult<bool> {
        let hash = vm.hash_as(&item, HashRole::Element)?;
        self.add_hashed(vm, item, hash)
    }

    /// Adds an item whose hash is known; false if it was there.
    pub(crate) fn add_hashed(&self, vm: &mut Vm, item: Value, hash: i64) -> PyResult<bool> {
        match self.look_up(vm, &item, hash)? {
            Ok(_) => Ok(false),
            Err(place) => {
                self.table.get_mut(vm).insert_at(place, hash, item);
                Ok(true)
            }
        }
    }

    /// Whether an item is there.
    pub fn contains(&self, vm: &mut Vm, item: &Value) -> PyResult<bool> {
        let hash = vm.hash_as(item, HashRole::Element)?;
        Ok(self.find(vm, item, hash)?.is_some())
    }

    /// Removes an item; false if it was not there.
    pub fn discard(&self, vm: &mut Vm, item: &Value) -> PyResult<bool> {
        let hash = vm.hash_as(item, HashRole::Element)?;
        match self.find(vm, item, hash)? {
            Some(place) => Ok(self.table.get_mut(vm).remove(place).is_some()),
            None => Ok(false),
        }
    }
}
