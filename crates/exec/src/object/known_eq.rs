//! Equality that is known without running code: what most keys of dicts and sets are compared by.

use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::Value;

/// Whether two values are equal as containers compare; nothing if only their own `__eq__` can tell.
#[inline(always)]
pub(crate) fn known_eq(a: &Value, b: &Value) -> Option<bool> {
    known_item_eq(a, b).or_else(|| known_tuple_eq(a, b))
}

#[inline(always)]
fn known_item_eq(a: &Value, b: &Value) -> Option<bool> {
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

/// The same of two floats, or of two tuples of such values: tuples inside them are not looked into, so nothing recurs.
#[inline(never)]
fn known_tuple_eq(a: &Value, b: &Value) -> Option<bool> {
    let (Some(x), Some(y)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else {
        return known_float_eq(a, b);
    };
    if !x.is_exact() || !y.is_exact() {
        return None;
    }
    for (a, b) in x.items().iter().zip(y.items()) {
        if !known_item_eq(a, b).or_else(|| known_float_eq(a, b))? {
            return Some(false);
        }
    }
    Some(x.items().len() == y.items().len())
}

#[inline(always)]
fn known_float_eq(a: &Value, b: &Value) -> Option<bool> {
    Some(a.as_float()? == b.as_float()?)
}
