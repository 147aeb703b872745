//! `list.sort`: the method. The algorithm is in `object/timsort.rs`.

use std::cmp::Ordering;

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::sequence::receiver;
use crate::object::slots::CompareOp;
use crate::object::str_::Str;
use crate::object::timsort::timsort;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// The parameters of `list.sort`, and of `sorted` behind the iterable.
pub(crate) static PARAMS: Params = Params::new(&["key", "reverse"], 0).keyword_only(2);

/// An item with what it is sorted by.
struct Keyed {
    key: Value,
    /// The item, if it is not its own key.
    value: Option<Value>,
}

/// `list.sort(*, key=None, reverse=False)`.
pub(crate) fn sort_method(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let is_reversed = match args.get(1) {
        Some(reverse) => vm.truth(reverse)?,
        None => false,
    };
    sort(vm, list, args.not_none(0), is_reversed)?;
    Ok(Value::NONE)
}

/// Sorts a list in place, stably. While Python code runs, the list is empty.
pub(crate) fn sort(
    vm: &mut Vm,
    list: &Ref<List>,
    key: Option<&Value>,
    is_reversed: bool,
) -> PyResult<()> {
    let mut items: Vec<Value> = std::mem::take(list.items_mut(vm));
    // A capacity that an empty list never has tells whether somebody touched it meanwhile.
    let result = sort_items(vm, &mut items, key, is_reversed);
    // What the keys do at their end counts as well.
    vm.run_pending();
    let meanwhile = std::mem::replace(list.items_mut(vm), items);
    let was_modified = meanwhile.capacity() > 0;
    drop(meanwhile);
    result?;
    if was_modified {
        return Err(vm.value_error("list modified during sort"));
    }
    Ok(())
}

/// Sorts items; on an error they are a permutation of what they were.
fn sort_items(
    vm: &mut Vm,
    items: &mut Vec<Value>,
    key: Option<&Value>,
    is_reversed: bool,
) -> PyResult<()> {
    if key.is_none() {
        // Reversing before and after keeps equal items in their order.
        if is_reversed {
            items.reverse();
        }
        let is_done = sort_plain(items, |item| item);
        if is_reversed {
            items.reverse();
        }
        if is_done {
            return Ok(());
        }
    }
    let mut keyed = Vec::with_capacity(items.len());
    if let Some(key) = key {
        let mut keys = Vec::with_capacity(items.len());
        for item in items.iter() {
            keys.push(vm.call(key, std::slice::from_ref(item))?);
        }
        let pairs = keys.into_iter().zip(items.drain(..));
        keyed.extend(pairs.map(|(key, value)| Keyed {
            key,
            value: Some(value),
        }));
    } else {
        keyed.extend(items.drain(..).map(|key| Keyed { key, value: None }));
    }
    if is_reversed {
        keyed.reverse();
    }
    let result = sort_keyed(vm, &mut keyed);
    if is_reversed {
        keyed.reverse();
    }
    items.extend(keyed.into_iter().map(|k| k.value.unwrap_or(k.key)));
    result
}

/// The order of two values that compare without running Python code: ints, floats, strs and tuples of them; `None` for others.
fn plain_order(a: &Value, b: &Value) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>())
        && a.is_exact()
        && b.is_exact()
    {
        let (a, b) = (a.items(), b.items());
        for (x, y) in a.iter().zip(b) {
            match scalar_order(x, y)? {
                Ordering::Equal => {}
                order => return Some(order),
            }
        }
        return Some(a.len().cmp(&b.len()));
    }
    scalar_order(a, b)
}

fn scalar_order(a: &Value, b: &Value) -> Option<Ordering> {
    if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
        return Some(x.cmp(&y));
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return x.partial_cmp(&y);
    }
    match (a.downcast::<Str>(), b.downcast::<Str>()) {
        (Some(x), Some(y)) if x.is_exact() && y.is_exact() => Some(x.view().cmp(&y.view())),
        _ => None,
    }
}

/// Sorts by key, if the keys' common class is ordered without running Python code; whether that was so.
fn sort_plain<T>(items: &mut [T], key: impl Fn(&T) -> &Value) -> bool {
    if items.iter().all(|i| key(i).as_small_int().is_some()) {
        items.sort_by_key(|i| key(i).as_small_int());
        return true;
    }
    let is_number = |v: &Value| v.as_float().is_some_and(|x| !x.is_nan());
    if items.iter().all(|i| is_number(key(i))) {
        items.sort_by(|a, b| {
            let order = key(a).as_float().partial_cmp(&key(b).as_float());
            order.unwrap_or(Ordering::Equal)
        });
        return true;
    }
    let is_str = |v: &Value| v.downcast::<Str>().is_some_and(|s| s.is_exact());
    if items.iter().all(|i| is_str(key(i))) {
        items.sort_by(
            |a, b| match (key(a).downcast::<Str>(), key(b).downcast::<Str>()) {
                (Some(a), Some(b)) => a.view().cmp(&b.view()),
                _ => Ordering::Equal,
            },
        );
        return true;
    }
    false
}

/// Sorts by key: by the library's sort where that will do, else as CPython does.
fn sort_keyed(vm: &mut Vm, items: &mut Vec<Keyed>) -> PyResult<()> {
    if sort_plain(items, |item| &item.key) {
        return Ok(());
    }
    let (order, result) = timsort(items.len(), &mut |a, b| {
        if let Some(order) = plain_order(&items[a].key, &items[b].key) {
            return Ok(order.is_lt());
        }
        vm.compare_bool(&items[a].key, &items[b].key, CompareOp::Lt)
    });
    let mut places: Vec<Option<Keyed>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|at| places[at].take()));
    result
}
