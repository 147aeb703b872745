//! New `co_filename`s for a code object and all code objects in it.
//!
//! Values are immutable, so what changes is built anew and the rest is shared with the old value;
//! what was shared before is shared after. Works in a loop, parts first, each shared object once.

use alloc::sync::Arc;
use alloc::vec::Vec;

use hashbrown::HashMap;

use crate::address::Address;
use crate::{Items, Pairs, RawCode, Slice, Str, Value};

impl Value {
    /// The same value in which every code object at any depth has the `co_filename` that `rename`
    /// gives for its own, or its own where `rename` gives `None`.
    ///
    /// ```
    /// # use pyco_marshal::{Value, Str};
    /// # fn with_new_root(value: &Value) -> Value {
    /// value.map_filenames(&mut |name: &Str| {
    ///     let rest = name.as_str()?.strip_prefix("/build/")?;
    ///     Some(Str::from(format!("/usr/lib/{rest}").as_str()))
    /// })
    /// # }
    /// # with_new_root(&Value::None);
    /// ```
    #[must_use]
    pub fn map_filenames(&self, rename: &mut dyn FnMut(&Str) -> Option<Str>) -> Self {
        let mut mapper = Mapper {
            rename,
            renamed: HashMap::default(),
            known: HashMap::default(),
            open: Vec::new(),
            built: Vec::new(),
        };
        mapper.run(self);
        mapper.built.pop().unwrap_or_default()
    }
}

/// A value some of whose parts are still to be built.
struct Open<'v> {
    value: &'v Value,
    next: usize,
    /// Built values that belong further out.
    below: usize,
}

struct Mapper<'v, 'r> {
    rename: &'r mut dyn FnMut(&Str) -> Option<Str>,
    /// By address, or by content if short, so that one filename in many code objects stays one.
    renamed: HashMap<(Option<Address>, Option<Str>), Option<Str>>,
    known: HashMap<Address, Value>,
    open: Vec<Open<'v>>,
    built: Vec<Value>,
}

impl<'v> Mapper<'v, '_> {
    fn run(&mut self, root: &'v Value) {
        self.visit(root);
        while let Some(open) = self.open.last_mut() {
            match part(open.value, open.next) {
                Some(part) => {
                    open.next += 1;
                    self.visit(part);
                }
                None => {
                    let (value, below) = (open.value, open.below);
                    self.open.pop();
                    let new = self.rebuild(value, below);
                    self.built.truncate(below);
                    if let Some(address) = address(value) {
                        self.known.insert(address, new.clone());
                    }
                    self.built.push(new);
                }
            }
        }
    }

    fn visit(&mut self, value: &'v Value) {
        match address(value) {
            None => self.built.push(value.clone()),
            Some(address) => match self.known.get(&address) {
                Some(new) => self.built.push(new.clone()),
                None => {
                    let below = self.built.len();
                    self.open.push(Open {
                        value,
                        next: 0,
                        below,
                    });
                }
            },
        }
    }

    /// The value made of the parts built from `below` on.
    fn rebuild(&mut self, old: &Value, below: usize) -> Value {
        let is_changed = self.built[below..]
            .iter()
            .enumerate()
            .any(|(index, new)| part(old, index).is_none_or(|old| address(old) != address(new)));
        if let Value::Code(code) = old {
            return self.rebuild_code(code, below, is_changed);
        }
        if !is_changed {
            return old.clone();
        }
        let mut parts = self.built.drain(below..);
        match old {
            Value::Tuple(_) => Value::Tuple(parts.collect()),
            Value::List(_) => Value::List(parts.collect()),
            Value::Set(_) => Value::Set(parts.collect()),
            Value::FrozenSet(_) => Value::FrozenSet(parts.collect()),
            Value::Dict(_) => Value::Dict(pairs(parts)),
            Value::FrozenDict(_) => Value::FrozenDict(pairs(parts)),
            _ => {
                let mut next = || parts.next().unwrap_or_default();
                Value::Slice(Slice::new(next(), next(), next()))
            }
        }
    }

    fn rebuild_code(&mut self, old: &Arc<RawCode>, below: usize, is_changed: bool) -> Value {
        let rename = &mut *self.rename;
        let name = &old.filename;
        let key = match name.address() {
            None => (None, Some(name.clone())),
            address => (address, None),
        };
        let filename = self
            .renamed
            .entry(key)
            .or_insert_with(|| rename(name).map(|new| new.with_interned(name.is_interned())));
        if filename.is_none() && !is_changed {
            return Value::Code(Arc::clone(old));
        }
        let mut new = RawCode::clone(old);
        if let Some(filename) = filename {
            new.filename = filename.clone();
        }
        if is_changed {
            new.consts = self.built.drain(below..).collect::<Items>();
        }
        Value::from(new)
    }
}

fn pairs(mut parts: impl Iterator<Item = Value>) -> Pairs {
    core::iter::from_fn(|| Some((parts.next()?, parts.next()?))).collect()
}

/// The part number `index` in which a code object may be.
fn part(value: &Value, index: usize) -> Option<&Value> {
    match value {
        Value::Tuple(items) | Value::List(items) | Value::Set(items) | Value::FrozenSet(items) => {
            items.get(index)
        }
        Value::Slice(slice) => slice.parts().get(index),
        Value::Dict(pairs) | Value::FrozenDict(pairs) => {
            let (key, value) = pairs.get(index / 2)?;
            Some(if index.is_multiple_of(2) { key } else { value })
        }
        Value::Code(code) => code.consts.get(index),
        _ => None,
    }
}

/// Identifies a value with parts.
fn address(value: &Value) -> Option<Address> {
    match value {
        Value::Tuple(items) | Value::List(items) | Value::Set(items) | Value::FrozenSet(items)
            if !items.is_empty() =>
        {
            Some(items.address())
        }
        Value::Slice(slice) => Some(slice.parts().address()),
        Value::Dict(pairs) | Value::FrozenDict(pairs) if !pairs.is_empty() => Some(pairs.address()),
        Value::Code(code) => Some(Address::of(&**code)),
        _ => None,
    }
}
