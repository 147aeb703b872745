//! Equality of values, without recursion and in linear time.
//!
//! Values form a graph in which the same object may be reached by exponentially many paths. Pairs
//! of shared objects that are being compared are therefore put into one class (union-find); a pair
//! already in one class is not looked into again.

use alloc::vec::Vec;

use hashbrown::HashMap;

use crate::address::Address;
use crate::{Items, Pairs, RawCode, Value};

pub(crate) fn values_equal(a: &Value, b: &Value) -> bool {
    let mut comparison = Comparison::default();
    comparison.pair(a, b) && comparison.run()
}

pub(crate) fn items_equal(a: &Items, b: &Items) -> bool {
    let mut comparison = Comparison::default();
    comparison.items(a, b) && comparison.run()
}

pub(crate) fn pairs_equal(a: &Pairs, b: &Pairs) -> bool {
    let mut comparison = Comparison::default();
    comparison.pairs(a, b) && comparison.run()
}

impl PartialEq for RawCode {
    fn eq(&self, other: &Self) -> bool {
        let mut comparison = Comparison::default();
        comparison.code(self, other) && comparison.run()
    }
}

/// Equality of objects without parts; false for others.
pub(crate) fn leaves_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::None, Value::None)
        | (Value::StopIteration, Value::StopIteration)
        | (Value::Ellipsis, Value::Ellipsis) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Complex(a, b), Value::Complex(c, d)) => {
            a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
        }
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        _ => false,
    }
}

/// Strings of this many bytes are compared as fast as looked up.
const SHORT: usize = 64;

/// Pairs still to be compared, and which shared objects were assumed equal.
#[derive(Default)]
struct Comparison<'a> {
    pending: Vec<Pending<'a>>,
    /// Parent of each address in its class.
    parents: HashMap<Address, Address>,
}

enum Pending<'a> {
    Items(&'a [Value], &'a [Value]),
    Pairs(&'a [(Value, Value)], &'a [(Value, Value)]),
}

impl<'a> Comparison<'a> {
    fn run(&mut self) -> bool {
        while let Some(pending) = self.pending.pop() {
            let equal = match pending {
                Pending::Items(a, b) => a.iter().zip(b).all(|(a, b)| self.pair(a, b)),
                Pending::Pairs(a, b) => a
                    .iter()
                    .zip(b)
                    .all(|(a, b)| self.pair(&a.0, &b.0) && self.pair(&a.1, &b.1)),
            };
            if !equal {
                return false;
            }
        }
        true
    }

    /// False if the two surely differ; what is still open is put aside.
    fn pair(&mut self, a: &'a Value, b: &'a Value) -> bool {
        match (a, b) {
            (Value::Tuple(a), Value::Tuple(b))
            | (Value::List(a), Value::List(b))
            | (Value::Set(a), Value::Set(b))
            | (Value::FrozenSet(a), Value::FrozenSet(b)) => self.items(a, b),
            (Value::Slice(a), Value::Slice(b)) => self.items(a.parts(), b.parts()),
            (Value::Dict(a), Value::Dict(b)) | (Value::FrozenDict(a), Value::FrozenDict(b)) => {
                self.pairs(a, b)
            }
            (Value::Code(a), Value::Code(b)) => alloc::sync::Arc::ptr_eq(a, b) || self.code(a, b),
            (Value::Bytes(a), Value::Bytes(b)) => self.bytes(a, b),
            (Value::Str(a), Value::Str(b)) => self.bytes(a.as_bytes(), b.as_bytes()),
            _ => leaves_equal(a, b),
        }
    }

    /// Long strings are looked into once for each pair, as one may recur any number of times.
    fn bytes(&mut self, a: &[u8], b: &[u8]) -> bool {
        let (a_address, b_address) = (Address::of(a), Address::of(b));
        a.len() == b.len()
            && (a.len() <= SHORT && a == b
                || a.len() > SHORT && (self.is_joined(a_address, b_address) || a == b))
    }

    fn items(&mut self, a: &'a Items, b: &'a Items) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let is_known = a.ptr_eq(b)
            || (!a.is_unique() && !b.is_unique() && self.is_joined(a.address(), b.address()));
        if !is_known && !a.is_empty() {
            self.pending.push(Pending::Items(a, b));
        }
        true
    }

    fn pairs(&mut self, a: &'a Pairs, b: &'a Pairs) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let is_known = a.ptr_eq(b)
            || (!a.is_unique() && !b.is_unique() && self.is_joined(a.address(), b.address()));
        if !is_known && !a.is_empty() {
            self.pending.push(Pending::Pairs(a, b));
        }
        true
    }

    fn code(&mut self, a: &'a RawCode, b: &'a RawCode) -> bool {
        let same_scalars = a.argcount == b.argcount
            && a.posonlyargcount == b.posonlyargcount
            && a.kwonlyargcount == b.kwonlyargcount
            && a.stacksize == b.stacksize
            && a.flags == b.flags
            && a.firstlineno == b.firstlineno
            && a.qualname.is_some() == b.qualname.is_some();
        same_scalars
            && self.bytes(&a.code, &b.code)
            && self.bytes(a.filename.as_bytes(), b.filename.as_bytes())
            && self.bytes(a.name.as_bytes(), b.name.as_bytes())
            && a.qualname
                .iter()
                .zip(&b.qualname)
                .all(|(a, b)| self.bytes(a.as_bytes(), b.as_bytes()))
            && self.bytes(&a.linetable, &b.linetable)
            && self.bytes(&a.exceptiontable, &b.exceptiontable)
            && self.items(&a.names, &b.names)
            && self.locals(a, b)
            && self.items(&a.consts, &b.consts)
    }

    fn locals(&mut self, a: &'a RawCode, b: &'a RawCode) -> bool {
        use crate::Locals::{Plus, Separate};
        match (&a.locals, &b.locals) {
            (Plus { names: a, kinds: c }, Plus { names: b, kinds: d }) => {
                self.bytes(c, d) && self.items(a, b)
            }
            (
                Separate {
                    nlocals: a,
                    varnames: av,
                    freevars: af,
                    cellvars: ac,
                },
                Separate {
                    nlocals: b,
                    varnames: bv,
                    freevars: bf,
                    cellvars: bc,
                },
            ) => a == b && self.items(av, bv) && self.items(af, bf) && self.items(ac, bc),
            _ => false,
        }
    }

    /// Puts two objects into one class. True if they were in one before.
    fn is_joined(&mut self, a: Address, b: Address) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parents.insert(a, b);
        }
        a == b
    }

    fn root(&mut self, start: Address) -> Address {
        let mut root = start;
        while let Some(&parent) = self.parents.get(&root) {
            root = parent;
        }
        // Shortens the way for the next time.
        let mut node = start;
        while node != root {
            node = self.parents.insert(node, root).unwrap_or(root);
        }
        root
    }
}
