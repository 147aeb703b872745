//! `Items`, `Pairs` and `Slice`: the shared contents of containers, dropped without recursion.
//!
//! Only these own values that own values, so a chain of any depth is taken apart in a loop
//! when the last owner goes, and no stack overflows.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::mem;
use core::ops::Deref;

use crate::address::Address;
use crate::{RawCode, Value};

/// The items of a tuple, list, set or frozenset, in the order of the file. Cloning shares them.
///
/// Derefs to a slice:
///
/// ```
/// use pyco_marshal::{Items, Value};
/// let items = Items::from_iter([Value::from(1), Value::None]);
/// assert_eq!(items.len(), 2);
/// assert_eq!(items[1], Value::None);
/// ```
#[derive(Clone, Default)]
pub struct Items(Option<Arc<[Value]>>);

/// The keys and values of a dict or frozendict, in the order of the file. Cloning shares them.
#[derive(Clone, Default)]
pub struct Pairs(Option<Arc<[(Value, Value)]>>);

/// A slice: start, stop and step. Cloning shares it.
#[derive(Clone, PartialEq, Debug)]
pub struct Slice(Items);

impl Slice {
    /// A slice of these three.
    #[must_use]
    pub fn new(start: Value, stop: Value, step: Value) -> Self {
        Self(Items::from_iter([start, stop, step]))
    }

    /// `slice.start`.
    #[must_use]
    pub fn start(&self) -> &Value {
        &self.0[0]
    }

    /// `slice.stop`.
    #[must_use]
    pub fn stop(&self) -> &Value {
        &self.0[1]
    }

    /// `slice.step`.
    #[must_use]
    pub fn step(&self) -> &Value {
        &self.0[2]
    }

    /// The three parts in this order.
    #[must_use]
    pub fn parts(&self) -> &Items {
        &self.0
    }
}

impl Items {
    /// Are both the same object? Empty ones always are.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        core::ptr::eq(&**self, &**other)
    }

    /// Is this the only owner?
    pub(crate) fn is_unique(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|items| Arc::strong_count(items) == 1)
    }

    pub(crate) fn address(&self) -> Address {
        Address::of(&**self)
    }
}

impl Pairs {
    /// Are both the same object? Empty ones always are.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        core::ptr::eq(&**self, &**other)
    }

    /// The value of a key.
    #[must_use]
    pub fn find(&self, key: &Value) -> Option<&Value> {
        self.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }

    pub(crate) fn is_unique(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|pairs| Arc::strong_count(pairs) == 1)
    }

    pub(crate) fn address(&self) -> Address {
        Address::of(&**self)
    }
}

impl Deref for Items {
    type Target = [Value];

    #[inline]
    fn deref(&self) -> &[Value] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Deref for Pairs {
    type Target = [(Value, Value)];

    #[inline]
    fn deref(&self) -> &[(Value, Value)] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl FromIterator<Value> for Items {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        let items = items.into_iter();
        // All empty ones are the same.
        if items.size_hint() == (0, Some(0)) {
            return Self::default();
        }
        let items: Arc<[Value]> = items.collect();
        Self(Some(items).filter(|items| !items.is_empty()))
    }
}

impl FromIterator<(Value, Value)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(pairs: I) -> Self {
        let pairs: Arc<[(Value, Value)]> = pairs.into_iter().collect();
        Self(Some(pairs).filter(|pairs| !pairs.is_empty()))
    }
}

impl From<Vec<Value>> for Items {
    fn from(items: Vec<Value>) -> Self {
        items.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Items {
    type Item = &'a Value;
    type IntoIter = core::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a Pairs {
    type Item = &'a (Value, Value);
    type IntoIter = core::slice::Iter<'a, (Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        crate::compare::items_equal(self, other)
    }
}

impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        crate::compare::pairs_equal(self, other)
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::debug::debug_items(self, f)
    }
}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::debug::debug_pairs(self, f)
    }
}

impl Drop for Items {
    #[inline]
    fn drop(&mut self) {
        if self.is_unique() {
            take_apart(self);
        }
    }
}

impl Drop for Pairs {
    #[inline]
    fn drop(&mut self) {
        if self.is_unique() {
            take_pairs_apart(self);
        }
    }
}

// Both out of line: where a `Value` is dropped there must not be much, or every one pays for it.
#[inline(never)]
fn take_apart(items: &mut Items) {
    if items.iter().any(has_contents) {
        let mut graveyard = Vec::new();
        bury_items(items, &mut graveyard);
        empty(graveyard);
    }
}

#[inline(never)]
fn take_pairs_apart(pairs: &mut Pairs) {
    let mut graveyard = Vec::new();
    bury_pairs(pairs, &mut graveyard);
    empty(graveyard);
}

/// Takes values apart until none with contents is left.
fn empty(mut graveyard: Vec<Value>) {
    while let Some(value) = graveyard.pop() {
        match value {
            Value::Tuple(mut items)
            | Value::List(mut items)
            | Value::Set(mut items)
            | Value::FrozenSet(mut items) => bury_items(&mut items, &mut graveyard),
            Value::Dict(mut pairs) | Value::FrozenDict(mut pairs) => {
                bury_pairs(&mut pairs, &mut graveyard);
            }
            Value::Slice(Slice(mut parts)) => bury_items(&mut parts, &mut graveyard),
            Value::Code(mut code) => {
                if let Some(code) = Arc::get_mut(&mut code) {
                    bury_code(code, &mut graveyard);
                }
            }
            _ => {}
        }
    }
}

/// Lets go of `items`, after moving what has contents out of them if nobody else owns them.
///
/// If two threads let go of the last two owners at once, both may find the other still there, and
/// the contents are then dropped one level deeper instead, where this is tried again.
fn bury_items(items: &mut Items, graveyard: &mut Vec<Value>) {
    // Taken, so that the drop of `items` need not look through them once more.
    let Some(mut items) = items.0.take() else {
        return;
    };
    // Most hold nothing but strings and numbers, and looking at the count costs more than at them.
    if items.iter().any(has_contents)
        && let Some(items) = Arc::get_mut(&mut items)
    {
        for value in items.iter_mut().filter(|value| has_contents(value)) {
            graveyard.push(mem::take(value));
        }
    }
}

fn bury_pairs(pairs: &mut Pairs, graveyard: &mut Vec<Value>) {
    if let Some(pairs) = pairs.0.as_mut().and_then(Arc::get_mut) {
        let values = pairs.iter_mut().flat_map(|(key, value)| [key, value]);
        graveyard.extend(values.filter(|value| has_contents(value)).map(mem::take));
    }
}

fn bury_code(code: &mut RawCode, graveyard: &mut Vec<Value>) {
    bury_items(&mut code.consts, graveyard);
    // The tuples of names hold nothing but strings when read from a file, but anyone may build one.
    bury_items(&mut code.names, graveyard);
    code.locals
        .each_names_mut(|names| bury_items(names, graveyard));
}

fn has_contents(value: &Value) -> bool {
    match value {
        Value::Tuple(items) | Value::List(items) | Value::Set(items) | Value::FrozenSet(items) => {
            !items.is_empty()
        }
        Value::Dict(pairs) | Value::FrozenDict(pairs) => !pairs.is_empty(),
        Value::Slice(_) | Value::Code(_) => true,
        _ => false,
    }
}
