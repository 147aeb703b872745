//! list: slots and methods. Sorting is in `object/list_sort.rs`, subscripts in `object/list_slice.rs`.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::list::{List, drop_from_end};
use crate::object::list_iter::{ListIterator, ListReverseIterator};
use crate::object::native::NativeDef;
use crate::object::sequence::{self, compare, cut, place_of, push_repr, receiver, repr_items};
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::type_::Type;
use crate::object::{list_slice, list_sort};
use crate::ops::containers::extend;
use crate::value::Value;
use crate::vm::Vm;

fn new(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    Ok(Value::from(List::of_type(ty, Vec::new())))
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let list = receiver::<List>(vm, this)?;
    let ty = vm.type_of(this);
    // A subclass that takes keyword arguments in its `__new__` does not pass them on.
    let is_plain = match (ty.slots.new.get(), vm.types.list.slots.new.get()) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        _ => false,
    };
    let given = match is_plain {
        true => args.between(vm, "list", 0, 1)?,
        false => Args::positional_only(args.positional()).between(vm, "list", 0, 1)?,
    };
    list.items_mut(vm).clear();
    match given.first() {
        Some(iterable) => extend(vm, list, iterable),
        None => Ok(()),
    }
}

fn item(vm: &Vm, list: &List, at: usize) -> Option<Value> {
    list.items(vm).get(at).cloned()
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let mut at = 0;
    repr_items(vm, this, ("[", "]"), "[...]", |vm, text| {
        let Some(item) = item(vm, list, at) else {
            return Ok(false);
        };
        at += 1;
        push_repr(vm, text, &item)?;
        Ok(true)
    })
}

fn compare_lists(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<List>(), b.downcast::<List>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let lens = |vm: &Vm| (a.items(vm).len(), b.items(vm).len());
    if matches!(op, CompareOp::Eq | CompareOp::Ne) {
        let (a, b) = lens(vm);
        if a != b {
            return Ok(Value::bool(op == CompareOp::Ne));
        }
    }
    compare(vm, op, |vm, at| (item(vm, a, at), item(vm, b, at)), lens)
}

fn contains(vm: &mut Vm, this: &Value, value: &Value) -> PyResult<bool> {
    let list = receiver::<List>(vm, this)?;
    let mut at = 0;
    if value.as_small_int().is_some() {
        // Ints differ if their bits do; what is no int has to be asked.
        let items = list.items(vm);
        match items
            .iter()
            .position(|i| i.is(value) || i.as_small_int().is_none())
        {
            Some(found) if items[found].is(value) => return Ok(true),
            Some(other) => at = other,
            None => return Ok(false),
        }
    }
    while let Some(item) = item(vm, list, at) {
        if vm.eq(&item, value)? {
            return Ok(true);
        }
        at += 1;
    }
    Ok(false)
}

fn concat(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let list = receiver::<List>(vm, a)?;
    let Some(other) = b.downcast::<List>() else {
        let found = vm.type_name(b);
        return Err(vm.type_error(format!(
            "can only concatenate list (not \"{found}\") to list"
        )));
    };
    let len = list.items(vm).len() + other.items(vm).len();
    let mut items = sequence::with_capacity(vm, len)?;
    items.extend_from_slice(list.items(vm));
    items.extend_from_slice(other.items(vm));
    Ok(vm.new_list(items))
}

fn in_place_concat(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    extend(vm, list, other)?;
    Ok(this.clone())
}

fn repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let count = sequence::repeat_count(vm, count)?;
    let items = list.items(vm).to_vec();
    let items = sequence::repeat(vm, &items, count)?;
    Ok(vm.new_list(items))
}

fn in_place_repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let count = sequence::repeat_count(vm, count)?;
    let items = list.items(vm).to_vec();
    let items = sequence::repeat(vm, &items, count)?;
    *list.items_mut(vm) = items;
    Ok(this.clone())
}

fn append(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let len = list.items(vm).len();
    vm.check_growth(len + 1)?;
    list.items_mut(vm).push(value.clone());
    Ok(Value::NONE)
}

fn insert(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let index = vm.index_as_i64(&args[0], "Python int too large to convert to C ssize_t")?;
    let at = cut(index, list.items(vm).len());
    list.items_mut(vm).insert(at, args[1].clone());
    Ok(Value::NONE)
}

fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    drop_from_end(std::mem::take(list.items_mut(vm)));
    Ok(Value::NONE)
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let items = receiver::<List>(vm, this)?.items(vm).to_vec();
    Ok(vm.new_list(items))
}

fn extend_method(vm: &mut Vm, this: &Value, iterable: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    extend(vm, list, iterable)?;
    Ok(Value::NONE)
}

fn pop(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let index = match args.first() {
        Some(index) => vm.index_as_i64(index, "Python int too large to convert to C ssize_t")?,
        None => -1,
    };
    let len = list.items(vm).len();
    if len == 0 {
        return Err(vm.index_error("pop from empty list"));
    }
    match place_of(index, len) {
        Some(at) => Ok(list.items_mut(vm).remove(at)),
        None => Err(vm.index_error("pop index out of range")),
    }
}

/// Where the first item equal to `value` is, from `start` on and before `stop`.
fn position(
    vm: &mut Vm,
    list: &Ref<List>,
    value: &Value,
    start: usize,
    stop: usize,
) -> PyResult<Option<usize>> {
    let mut at = start;
    while at < stop {
        let Some(item) = item(vm, list, at) else {
            break;
        };
        if vm.eq(&item, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

fn remove(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    match position(vm, list, value, 0, usize::MAX)? {
        Some(at) => {
            // The comparison may have shortened the list.
            if at < list.items(vm).len() {
                list.items_mut(vm).remove(at);
            }
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

/// The part of a sequence of `len` items that the optional arguments of `index` name.
pub(crate) fn search_range(vm: &mut Vm, args: &[Value], len: usize) -> PyResult<(usize, usize)> {
    let start = match args.get(1) {
        Some(start) => vm.slice_bound(start)?,
        None => 0,
    };
    let stop = match args.get(2) {
        Some(stop) => vm.slice_bound(stop)?,
        None => i64::MAX,
    };
    let from_end = |index: i64| {
        let index = if index < 0 {
            index.saturating_add(len as i64)
        } else {
            index
        };
        usize::try_from(index).unwrap_or(0)
    };
    Ok((from_end(start), from_end(stop)))
}

fn index(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let len = list.items(vm).len();
    let (start, stop) = search_range(vm, args, len)?;
    match position(vm, list, &args[0], start, stop)? {
        Some(at) => Ok(vm.int(at as i64)),
        None if vm.version_number() < 14 => {
            let value = vm.repr_text(&args[0])?;
            Err(vm.value_error(format!("{value} is not in list")))
        }
        None => Err(vm.value_error("list.index(x): x not in list")),
    }
}

fn count(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    let (mut at, mut count) = (0, 0);
    while let Some(item) = item(vm, list, at) {
        count += vm.eq(&item, value)? as i64;
        at += 1;
    }
    Ok(vm.int(count))
}

fn reverse(vm: &mut Vm, this: &Value) -> PyResult {
    receiver::<List>(vm, this)?.items_mut(vm).reverse();
    Ok(Value::NONE)
}

fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?.clone();
    Ok(ListReverseIterator::new(vm, &list))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__getitem__", list_slice::get_item).signature("($self, index, /)"),
    NativeDef::no_args("__reversed__", reversed).signature("($self, /)"),
    NativeDef::no_args("__sizeof__", |vm, this| {
        let len = receiver::<List>(vm, this)?.items(vm).len();
        Ok(vm.int(40 + 8 * len as i64))
    })
    .signature("($self, /)"),
    NativeDef::no_args("clear", clear).signature("($self, /)"),
    NativeDef::no_args("copy", copy).signature("($self, /)"),
    NativeDef::one("append", append).signature("($self, object, /)"),
    NativeDef::range("insert", 2, 2, insert).signature("($self, index, object, /)"),
    NativeDef::one("extend", extend_method).signature("($self, iterable, /)"),
    NativeDef::range("pop", 0, 1, pop).signature("($self, index=-1, /)"),
    NativeDef::one("remove", remove).signature("($self, value, /)"),
    NativeDef::range("index", 1, 3, index)
        .signature("($self, value, start=0, stop=sys.maxsize, /)"),
    NativeDef::one("count", count).signature("($self, value, /)"),
    NativeDef::no_args("reverse", reverse).signature("($self, /)"),
    NativeDef::bound("sort", &list_sort::PARAMS, list_sort::sort_method)
        .signature("($self, /, *, key=None, reverse=False)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.list.slots;
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
        let list = receiver(vm, this)?;
        Ok(ListIterator::new(vm, list))
    }));
    slots.compare.set(Some(compare_lists));
    slots.len.set(Some(|vm, this| {
        Ok(receiver::<List>(vm, this)?.items(vm).len())
    }));
    slots.contains.set(Some(contains));
    slots.get_item.set(Some(list_slice::get_item));
    slots.set_item.set(Some(list_slice::set_item));
    slots.concat.set(Some(concat));
    slots.repeat.set(Some(repeat));
    slots.in_place_concat.set(Some(in_place_concat));
    slots.in_place_repeat.set(Some(in_place_repeat));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.list.clone();
    vm.add_methods(&ty, METHODS);
}
