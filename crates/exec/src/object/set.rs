//! set and frozenset: the hash table, which iterates in CPython's order. The methods are in `object/set_methods.rs`.
//!
//! The order of a set shows in programs' output, so the table follows CPython's: its sizes, its probing (a run of neighbours,
//! then a jump by the perturbed hash), its growth. Checked against CPython 3.13's `Objects/setobject.c` by what it prints.
//!
//! Invariants:
//! - The table's length is a power of two, at least `MIN`; at most three fifths of it are filled, dummies included.
//! - A look-up may run Python code; `changes` tells afterwards whether the table is still the one looked at.

use std::cell::Cell;

use crate::cell::VmCell;
use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

const MIN: usize = 8;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// A set's payload; frozenset and all subclasses share it.
pub struct Set {
    pub(crate) table: VmCell<Table>,
    /// A frozenset's hash, -1 until asked for.
    pub(crate) hash: Cell<i64>,
}

/// One place of the table.
#[derive(Clone)]
pub(crate) enum Entry {
    Empty,
    /// Something was removed here; probing goes on behind it.
    Dummy,
    Full(i64, Value),
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

impl Default for Table {
    fn default() -> Table {
        Table {
            entries: vec![Entry::Empty; MIN],
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
    Absent,
    /// Only `__eq__` can tell.
    Ask(usize),
}

impl Table {
    /// The places, in the order of iteration.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The items with their hashes, in the order of iteration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &Value)> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Full(hash, value) => Some((*hash, value)),
            _ => None,
        })
    }

    /// The first item at or after place `at`, with the place after it.
    pub(crate) fn next_from(&self, at: usize) -> Option<(usize, i64, &Value)> {
        self.entries
            .iter()
            .enumerate()
            .skip(at)
            .find_map(|(index, entry)| match entry {
                Entry::Full(hash, value) => Some((index + 1, *hash, value)),
                _ => None,
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

    fn probe(&self, hash: i64, mut skip: usize, same: impl Fn(&Value) -> Option<bool>) -> Probe {
        for place in self.places(hash) {
            match &self.entries[place] {
                Entry::Empty => return Probe::Absent,
                Entry::Full(h, value) if *h == hash => match same(value) {
                    Some(true) => return Probe::Found(place),
                    Some(false) => {}
                    None if skip > 0 => skip -= 1,
                    None => return Probe::Ask(place),
                },
                _ => {}
            }
        }
        Probe::Absent
    }

    /// Adds an item that is known not to be there: over the last dummy on the way to a free place, if there is one.
    pub(crate) fn insert(&mut self, hash: i64, value: Value) {
        self.changes = self.changes.wrapping_add(1);
        let mut dummy = None;
        let free = self.places(hash).find(|place| {
            let entry = &self.entries[*place];
            if matches!(entry, Entry::Dummy) {
                dummy = Some(*place);
            }
            matches!(entry, Entry::Empty)
        });
        if let Some(dummy) = dummy {
            self.entries[dummy] = Entry::Full(hash, value);
            self.used += 1;
            return;
        }
        self.fill_place(free, hash, value);
        if self.fill * 5 >= (self.entries.len() - 1) * 3 {
            self.resize(self.grown());
        }
    }

    fn place(&mut self, hash: i64, value: Value) {
        let free = self
            .places(hash)
            .find(|place| matches!(self.entries[*place], Entry::Empty));
        self.fill_place(free, hash, value);
    }

    /// Puts an item into a free place, of which there is always one.
    #[inline(always)]
    fn fill_place(&mut self, free: Option<usize>, hash: i64, value: Value) {
        if let Some(free) = free {
            self.entries[free] = Entry::Full(hash, value);
            self.fill += 1;
            self.used += 1;
        }
    }

    /// Rebuilds the table for more than `at_least` items.
    pub(crate) fn resize(&mut self, at_least: usize) {
        let mut size = MIN;
        while size <= at_least {
            size *= 2;
        }
        let old = std::mem::replace(&mut self.entries, vec![Entry::Empty; size]);
        self.fill = 0;
        self.used = 0;
        self.changes = self.changes.wrapping_add(1);
        for entry in old {
            if let Entry::Full(hash, value) = entry {
                self.place(hash, value);
            }
        }
    }

    /// Makes room for `more` items, as CPython does before it merges another set in.
    pub(crate) fn reserve(&mut self, more: usize) {
        if (self.fill + more) * 5 >= (self.entries.len() - 1) * 3 {
            self.resize((self.used + more) * 2);
        }
    }

    /// How much of the table is filled, dummies included.
    pub(crate) fn fill(&self) -> usize {
        self.fill
    }

    /// Takes over another table's items where this one was never filled: place by place if the two are alike.
    pub(crate) fn merge_into_fresh(&mut self, other: &Table) {
        self.changes = self.changes.wrapping_add(1);
        if self.entries.len() == other.entries.len() && other.fill == other.used {
            self.entries.clone_from(&other.entries);
            self.fill = other.fill;
            self.used = other.used;
            return;
        }
        for (hash, value) in other.iter() {
            self.place(hash, value.clone());
        }
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
        while !matches!(self.entries[at], Entry::Full(..)) {
            at = (at + 1) & (self.entries.len() - 1);
        }
        self.finger = at + 1;
        self.remove(at)
    }

    /// Empties the table.
    pub(crate) fn clear(&mut self) {
        self.replace_with(Table::default());
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
        match std::mem::replace(&mut self.entries[place], Entry::Dummy) {
            Entry::Full(_, value) => {
                self.used -= 1;
                Some(value)
            }
            other => {
                self.entries[place] = other;
                None
            }
        }
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

fn same_item(a: &Value, b: &Value) -> Option<bool> {
    if a.is(b) {
        return Some(true);
    }
    if Value::small_ints(a, b).is_some() {
        return Some(false);
    }
    match (a.downcast::<Str>(), b.downcast::<Str>()) {
        (Some(a), Some(b)) if a.is_exact() && b.is_exact() => Some(**a == **b),
        _ => None,
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

    /// The items with their hashes, in the order of iteration.
    pub(crate) fn hashed_items(&self, vm: &Vm) -> Vec<(i64, Value)> {
        let items = self.table.get(vm).iter();
        items.map(|(hash, value)| (hash, value.clone())).collect()
    }

    /// The place of an item.
    pub(crate) fn find(&self, vm: &mut Vm, item: &Value, hash: i64) -> PyResult<Option<usize>> {
        let mut skip = 0;
        loop {
            let table = self.table.get(vm);
            let changes = table.changes;
            let place = match table.probe(hash, skip, |value| same_item(value, item)) {
                Probe::Found(place) => return Ok(Some(place)),
                Probe::Absent => return Ok(None),
                Probe::Ask(place) => place,
            };
            let Entry::Full(_, other) = &table.entries[place] else {
                return Ok(None);
            };
            let other = other.clone();
            let equal = vm.eq(&other, item)?;
            if self.table.get(vm).changes != changes {
                skip = 0;
                continue;
            }
            if equal {
                return Ok(Some(place));
            }
            skip += 1;
        }
    }

    /// Adds an item; false if it was there.
    pub fn add(&self, vm: &mut Vm, item: Value) -> PyResult<bool> {
        let hash = vm.hash_as(&item, HashRole::Element)?;
        self.add_hashed(vm, item, hash)
    }

    /// Adds an item whose hash is known; false if it was there.
    pub(crate) fn add_hashed(&self, vm: &mut Vm, item: Value, hash: i64) -> PyResult<bool> {
        if self.find(vm, &item, hash)?.is_some() {
            return Ok(false);
        }
        self.table.get_mut(vm).insert(hash, item);
        Ok(true)
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
