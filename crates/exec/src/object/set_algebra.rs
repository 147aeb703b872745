//! Sets of sets: union, difference, intersection, symmetric difference, comparison.
//!
//! Invariant: each builds its result by the same insertions in the same order as CPython, so that the result iterates
//! in the same order.

use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::set::{Set, Table};
use crate::object::type_::Type;
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

impl Set {
    /// Adds the items of an iterable.
    pub fn update(&self, vm: &mut Vm, iterable: &Value) -> PyResult<()> {
        if let Some(other) = iterable.downcast::<Set>() {
            return self.merge(vm, other);
        }
        if let Some(dict) = iterable.downcast::<Dict>().filter(|d| d.is_exact()) {
            let items = dict.hashed_items(vm);
            self.table.get_mut(vm).reserve(items.len());
            for (hash, key, _) in items {
                self.add_hashed(vm, key, hash)?;
            }
            return Ok(());
        }
        vm.for_each(iterable, |vm, item| {
            self.add(vm, item)?;
            let len = self.len(vm);
            vm.check_growth(len)
        })
    }

    /// Adds the items of another set.
    fn merge(&self, vm: &mut Vm, other: &Ref<Set>) -> PyResult<()> {
        let len = other.len(vm);
        if std::ptr::eq(self, &raw const **other) || len == 0 {
            return Ok(());
        }
        let mine = self.table.get(vm);
        if mine.is_fresh() {
            let mut merged = other.table.get(vm).merged_into_fresh(mine.places_len());
            merged.finger = mine.finger;
            self.table.get_mut(vm).replace_with(merged);
            return Ok(());
        }
        self.table.get_mut(vm).reserve(len);
        let mut at = 0;
        while let Some((hash, item)) = other.next_hashed(vm, &mut at) {
            self.add_hashed(vm, item, hash)?;
        }
        Ok(())
    }

    /// A new set of class `ty` of an iterable's items.
    pub(crate) fn collect(vm: &mut Vm, ty: &Ref<Type>, iterable: &Value) -> PyResult<Ref<Set>> {
        if let Some(other) = iterable.downcast::<Set>()
            && other.len(vm) > 0
        {
            let table = other.table.get(vm).merged_into_fresh(Table::MIN);
            return Ok(Set::with_table(ty, table));
        }
        let set = Set::of_type(ty);
        set.update(vm, iterable)?;
        Ok(set)
    }

    /// Removes an item whose hash is known; false if it was not there.
    pub(crate) fn discard_hashed(&self, vm: &mut Vm, item: &Value, hash: i64) -> PyResult<bool> {
        match self.find(vm, item, hash)? {
            Some(place) => Ok(self.table.get_mut(vm).remove(place).is_some()),
            None => Ok(false),
        }
    }
}

/// set or frozenset: the class of what an operation on an instance of `ty` makes.
pub(crate) fn base_type(vm: &Vm, ty: &Ref<Type>) -> Ref<Type> {
    match ty.is_subtype(vm, &vm.types.set) {
        true => vm.types.set.clone(),
        false => vm.types.frozenset.clone(),
    }
}

impl Ref<Set> {
    /// A copy, of the built-in class.
    pub(crate) fn copied(&self, vm: &mut Vm) -> PyResult<Ref<Set>> {
        let ty = base_type(vm, self.ty());
        Set::collect(vm, &ty, self.as_value())
    }

    /// Removes the items of an iterable.
    pub(crate) fn difference_update(&self, vm: &mut Vm, other: &Value) -> PyResult<()> {
        if self.as_value().is(other) {
            self.table.get_mut(vm).clear();
            return Ok(());
        }
        if let Some(other) = other.downcast::<Set>() {
            let few = if other.len(vm) >> 3 > self.len(vm) {
                self.intersection(vm, other.as_value())?
            } else {
                other.clone()
            };
            let mut at = 0;
            while let Some((hash, item)) = few.next_hashed(vm, &mut at) {
                self.discard_hashed(vm, &item, hash)?;
            }
        } else {
            vm.for_each(other, |vm, item| self.discard(vm, &item).map(|_| ()))?;
        }
        self.table.get_mut(vm).sweep();
        Ok(())
    }

    /// `self - other`.
    pub(crate) fn difference(&self, vm: &mut Vm, other: &Value) -> PyResult<Ref<Set>> {
        let other_len = match (other.downcast::<Set>(), exact_dict(other)) {
            (Some(set), _) => Some(set.len(vm)),
            (None, Some(dict)) => Some(dict.len(vm)),
            (None, None) => None,
        };
        // Where the other is small, or cannot be asked, its items are removed from a copy.
        if other_len.is_none_or(|len| self.len(vm) >> 2 > len) {
            let result = self.copied(vm)?;
            result.difference_update(vm, other)?;
            return Ok(result);
        }
        let result = Set::of_type(&base_type(vm, self.ty()));
        let mut at = 0;
        while let Some((hash, item)) = self.next_hashed(vm, &mut at) {
            if !contains_hashed(vm, other, &item, hash)? {
                result.add_hashed(vm, item, hash)?;
            }
        }
        Ok(result)
    }

    /// `self & other`.
    pub(crate) fn intersection(&self, vm: &mut Vm, other: &Value) -> PyResult<Ref<Set>> {
        if self.as_value().is(other) {
            return self.copied(vm);
        }
        let result = Set::of_type(&base_type(vm, self.ty()));
        if let Some(other) = other.downcast::<Set>() {
            let (few, many) = if other.len(vm) > self.len(vm) {
                (self, other)
            } else {
                (other, self)
            };
            let mut at = 0;
            while let Some((hash, item)) = few.next_hashed(vm, &mut at) {
                if many.find(vm, &item, hash)?.is_some() {
                    result.add_hashed(vm, item, hash)?;
                }
            }
            return Ok(result);
        }
        vm.for_each(other, |vm, item| {
            let hash = vm.hash_as(&item, HashRole::Element)?;
            if self.find(vm, &item, hash)?.is_some() {
                result.add_hashed(vm, item, hash)?;
            }
            Ok(())
        })?;
        Ok(result)
    }

    /// Keeps the items that are in one of the two only.
    pub(crate) fn symmetric_difference_update(&self, vm: &mut Vm, other: &Value) -> PyResult<()> {
        if self.as_value().is(other) {
            self.table.get_mut(vm).clear();
            return Ok(());
        }
        let theirs = match (exact_dict(other), other.downcast::<Set>()) {
            (Some(dict), _) => dict
                .hashed_items(vm)
                .into_iter()
                .map(|(hash, key, _)| (hash, key))
                .collect(),
            (None, Some(set)) => set.hashed_items(vm),
            (None, None) => {
                let ty = base_type(vm, self.ty());
                Set::collect(vm, &ty, other)?.hashed_items(vm)
            }
        };
        for (hash, item) in theirs {
            if !self.discard_hashed(vm, &item, hash)? {
                self.add_hashed(vm, item, hash)?;
            }
        }
        Ok(())
    }

    /// `self ^ other`: CPython starts from the other.
    pub(crate) fn symmetric_difference(&self, vm: &mut Vm, other: &Value) -> PyResult<Ref<Set>> {
        let ty = base_type(vm, self.ty());
        let result = Set::collect(vm, &ty, other)?;
        result.symmetric_difference_update(vm, self.as_value())?;
        Ok(result)
    }

    /// Whether all items are in the other set.
    pub(crate) fn is_subset(&self, vm: &mut Vm, other: &Ref<Set>) -> PyResult<bool> {
        if self.len(vm) > other.len(vm) {
            return Ok(false);
        }
        self.each_in(vm, other)
    }

    fn each_in(&self, vm: &mut Vm, other: &Ref<Set>) -> PyResult<bool> {
        let mut at = 0;
        while let Some((hash, item)) = self.next_hashed(vm, &mut at) {
            if other.find(vm, &item, hash)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether no item is in the other iterable.
    pub(crate) fn is_disjoint(&self, vm: &mut Vm, other: &Value) -> PyResult<bool> {
        if self.as_value().is(other) {
            return Ok(self.len(vm) == 0);
        }
        if let Some(other) = other.downcast::<Set>() {
            let (few, many) = if other.len(vm) > self.len(vm) {
                (self, other)
            } else {
                (other, self)
            };
            let mut at = 0;
            while let Some((hash, item)) = few.next_hashed(vm, &mut at) {
                if many.find(vm, &item, hash)?.is_some() {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let iterator = vm.iter(other)?;
        while let Some(item) = vm.next(&iterator)? {
            if self.contains(vm, &item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes over another set's table, as CPython swaps the bodies of a set and a temporary one.
    pub(crate) fn take_table(&self, vm: &mut Vm, other: &Ref<Set>) {
        let table = std::mem::take(other.table.get_mut(vm));
        self.table.get_mut(vm).replace_with(table);
    }

    /// The hash of a frozenset of the same items: independent of their order.
    pub(crate) fn frozen_hash(&self, vm: &Vm) -> i64 {
        hash_of_items(self.table.get(vm).iter().map(|(hash, _)| hash))
    }
}

/// The hash of a frozenset whose items have these hashes.
pub(crate) fn hash_of_items(hashes: impl IntoIterator<Item = i64>) -> i64 {
    let (mut hash, mut len): (u64, u64) = (0, 0);
    for item in hashes {
        let item = item as u64;
        hash ^= ((item ^ 89_869_747) ^ (item << 16)).wrapping_mul(3_644_798_167);
        len += 1;
    }
    hash ^= (len + 1).wrapping_mul(1_927_868_237);
    hash ^= (hash >> 11) ^ (hash >> 25);
    hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
    match hash as i64 {
        -1 => 590_923_713,
        hash => hash,
    }
}

fn exact_dict(value: &Value) -> Option<&Ref<Dict>> {
    value.downcast::<Dict>().filter(|d| d.is_exact())
}

/// Whether an item of known hash is in a set or an exact dict.
fn contains_hashed(vm: &mut Vm, container: &Value, item: &Value, hash: i64) -> PyResult<bool> {
    match (container.downcast::<Set>(), container.downcast::<Dict>()) {
        (Some(set), _) => Ok(set.find(vm, item, hash)?.is_some()),
        (None, Some(dict)) => Ok(dict.find(vm, item, hash)?.is_some()),
        (None, None) => Ok(false),
    }
}
