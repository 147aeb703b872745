//! Whether two parts of a code object are the same to the last bit, so that one may stand for the other.
//!
//! Invariants: nothing recurses; `Budget` bounds the steps of all comparisons together.

use alloc::vec::Vec;

use pyco_marshal::Str;

use crate::code_object::CodeObject;
use crate::constant::Constant;

/// An object that marshal writes.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Constant(&'a Constant),
    Code(&'a CodeObject),
    Str(&'a Str),
    Bytes(&'a [u8]),
    /// A tuple of names.
    Names(&'a [Str]),
    Tuple(&'a [Constant]),
}

impl<'a> Item<'a> {
    /// The same with strings, bytes, tuples and code objects told apart from other constants.
    fn opened(self) -> Self {
        match self {
            Item::Constant(Constant::Code(code)) => Item::Code(code),
            Item::Constant(Constant::Str(text)) => Item::Str(text),
            Item::Constant(Constant::Bytes(bytes)) => Item::Bytes(bytes),
            Item::Constant(Constant::Tuple(items)) => Item::Tuple(items),
            other => other,
        }
    }
}

/// How many steps comparisons may still take.
pub(super) struct Budget(pub(super) usize);

impl Budget {
    /// Whether two items are the same; false where it would take too long to tell.
    pub(super) fn is_same(&mut self, a: Item<'_>, b: Item<'_>) -> bool {
        let mut pending = alloc::vec![(a, b)];
        while let Some((a, b)) = pending.pop() {
            let Some(left) = self.0.checked_sub(1) else {
                return false;
            };
            self.0 = left;
            if !step(a.opened(), b.opened(), &mut pending) {
                return false;
            }
        }
        true
    }
}

fn step<'a>(a: Item<'a>, b: Item<'a>, pending: &mut Vec<(Item<'a>, Item<'a>)>) -> bool {
    match (a, b) {
        (Item::Code(a), Item::Code(b)) => a.is(b),
        (Item::Str(a), Item::Str(b)) => a == b,
        (Item::Bytes(a), Item::Bytes(b)) => a == b,
        (Item::Names(a), Item::Names(b)) => a == b,
        (Item::Tuple(a), Item::Tuple(b)) => add_all(a, b, pending),
        (Item::Names(names), Item::Tuple(items)) | (Item::Tuple(items), Item::Names(names)) => {
            let pairs = names.iter().map(Item::Str);
            pending.extend(pairs.zip(items.iter().map(Item::Constant)));
            names.len() == items.len()
        }
        (Item::Constant(a), Item::Constant(b)) => constants(a, b, pending),
        _ => false,
    }
}

fn constants<'a>(
    a: &'a Constant,
    b: &'a Constant,
    pending: &mut Vec<(Item<'a>, Item<'a>)>,
) -> bool {
    use Constant as C;
    let bits = |a: f64, b: f64| a.to_bits() == b.to_bits();
    match (a, b) {
        (C::None, C::None) | (C::Ellipsis, C::Ellipsis) => true,
        (C::StopIteration, C::StopIteration) => true,
        (C::Bool(a), C::Bool(b)) => a == b,
        (C::Int(a), C::Int(b)) => a == b,
        (C::Float(a), C::Float(b)) => bits(*a, *b),
        (C::Complex(a, b), C::Complex(c, d)) => bits(*a, *c) && bits(*b, *d),
        (C::List(a), C::List(b)) | (C::Set(a), C::Set(b)) => add_all(a, b, pending),
        (C::FrozenSet(a), C::FrozenSet(b)) => add_all(a, b, pending),
        (C::Slice(a), C::Slice(b)) => add_all(&a[..], &b[..], pending),
        (C::Dict(a), C::Dict(b)) | (C::FrozenDict(a), C::FrozenDict(b)) => {
            for ((key, value), (other_key, other_value)) in a.iter().zip(b.iter()) {
                pending.push((Item::Constant(value), Item::Constant(other_value)));
                pending.push((Item::Constant(key), Item::Constant(other_key)));
            }
            a.len() == b.len()
        }
        _ => false,
    }
}

/// Adds the pairs of two lists that are not one; false if they differ in length.
fn add_all<'a>(
    a: &'a [Constant],
    b: &'a [Constant],
    pending: &mut Vec<(Item<'a>, Item<'a>)>,
) -> bool {
    if !core::ptr::eq(a, b) {
        let pairs = a.iter().map(Item::Constant);
        pending.extend(pairs.zip(b.iter().map(Item::Constant)));
    }
    a.len() == b.len()
}
