//! set and frozenset: slots and methods. The algebra is in `object/set_algebra.rs`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::object_reduce;
use crate::object::sequence::{push_repr, receiver, repr_items};
use crate::object::set::Set;
use crate::object::set_iter::SetIterator;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::tuple_methods::uses_init_of;
use crate::object::type_::Type;
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

fn new_set(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    Ok(Value::from(Set::of_type(ty)))
}

fn init_set(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let set = receiver::<Set>(vm, this)?;
    let given = args.between(vm, "set", 0, 1)?;
    set.table.get_mut(vm).clear();
    match given.first() {
        Some(iterable) => set.update(vm, iterable),
        None => Ok(()),
    }
}

fn new_frozenset(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = match uses_init_of(ty, &vm.types.frozenset) {
        true => args.between(vm, "frozenset", 0, 1)?,
        false => Args::positional_only(args.positional()).between(vm, "frozenset", 0, 1)?,
    };
    let Some(iterable) = given.first() else {
        return Ok(Value::from(Set::of_type(ty)));
    };
    if ty.is(&vm.types.frozenset) && is_exact_frozenset(vm, iterable) {
        return Ok(iterable.clone());
    }
    Ok(Value::from(Set::collect(vm, ty, iterable)?))
}

fn is_exact_frozenset(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).is(&vm.types.frozenset)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    let name = set.ty().name();
    if set.len(vm) == 0 {
        return Ok(vm.new_str(&format!("{name}()")));
    }
    let is_plain = set.ty().is(&vm.types.set);
    let (open, close) = match is_plain {
        true => ("{".to_owned(), "}"),
        false => (format!("{name}({{"), "})"),
    };
    let mut items = set.items(vm).into_iter();
    let recursive = format!("{name}(...)");
    repr_items(
        vm,
        this,
        (&open, close),
        &recursive,
        |vm, text| match items.next() {
            Some(item) => push_repr(vm, text, &item).map(|()| true),
            None => Ok(false),
        },
    )
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Set>(), b.downcast::<Set>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (a_len, b_len) = (a.len(vm), b.len(vm));
    let holds = match op {
        CompareOp::Eq | CompareOp::Ne => {
            let (x, y) = (a.hash.get(), b.hash.get());
            let equal = a_len == b_len && !(x != -1 && y != -1 && x != y) && a.is_subset(vm, b)?;
            equal == (op == CompareOp::Eq)
        }
        CompareOp::Lt => a_len < b_len && a.is_subset(vm, b)?,
        CompareOp::Le => a.is_subset(vm, b)?,
        CompareOp::Gt => a_len > b_len && b.is_subset(vm, a)?,
        CompareOp::Ge => b.is_subset(vm, a)?,
    };
    Ok(Value::bool(holds))
}

/// The complaint about an unhashable item, but for a set: its frozenset stands for it.
fn as_frozen(vm: &mut Vm, item: &Value, raised: Raised) -> PyResult<i64> {
    match item.downcast::<Set>() {
        Some(set) if raised.is(vm, &vm.types.type_error) => Ok(set.frozen_hash(vm)),
        _ => Err(raised),
    }
}

/// The hash of an item to look for; a set's is that of its frozenset.
fn search_hash(vm: &mut Vm, item: &Value) -> PyResult<i64> {
    match vm.hash_as(item, HashRole::Element) {
        Ok(hash) => Ok(hash),
        Err(raised) => as_frozen(vm, item, raised),
    }
}

fn contains(vm: &mut Vm, this: &Value, item: &Value) -> PyResult<bool> {
    let set = receiver::<Set>(vm, this)?;
    let hash = search_hash(vm, item)?;
    Ok(set.find(vm, item, hash)?.is_some())
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let set = receiver::<Set>(vm, this)?;
    if set.hash.get() == -1 {
        set.hash.set(set.frozen_hash(vm));
    }
    Ok(set.hash.get())
}

/// Both operands, if both are sets.
fn both<'a>(a: &'a Value, b: &'a Value) -> Option<(&'a Ref<Set>, &'a Ref<Set>)> {
    Some((a.downcast::<Set>()?, b.downcast::<Set>()?))
}

fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some((first, _)) = both(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = first.copied(vm)?;
    result.update(vm, b)?;
    Ok(Value::from(result))
}

fn and(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some((a, _)) => Ok(Value::from(a.intersection(vm, b)?)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn subtract(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some((a, _)) => Ok(Value::from(a.difference(vm, b)?)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn xor(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some((a, _)) => Ok(Value::from(a.symmetric_difference(vm, b)?)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn in_place_or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some((set, _)) => set.update(vm, b).map(|()| a.clone()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn in_place_and(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some((set, _)) = both(a, b) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = set.intersection(vm, b)?;
    set.take_table(vm, &result);
    Ok(a.clone())
}

fn in_place_subtract(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some((set, _)) => set.difference_update(vm, b).map(|()| a.clone()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn in_place_xor(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some((set, _)) => set.symmetric_difference_update(vm, b).map(|()| a.clone()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn add(vm: &mut Vm, this: &Value, item: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    let len = set.len(vm);
    vm.check_growth(len + 1)?;
    set.add(vm, item.clone())?;
    Ok(Value::NONE)
}

fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    receiver::<Set>(vm, this)?.table.get_mut(vm).clear();
    Ok(Value::NONE)
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    if is_exact_frozenset(vm, this) {
        return Ok(this.clone());
    }
    Ok(Value::from(receiver::<Set>(vm, this)?.copied(vm)?))
}

fn discard_found(vm: &mut Vm, this: &Value, item: &Value) -> PyResult<bool> {
    let set = receiver::<Set>(vm, this)?;
    let hash = search_hash(vm, item)?;
    set.discard_hashed(vm, item, hash)
}

fn discard(vm: &mut Vm, this: &Value, item: &Value) -> PyResult {
    discard_found(vm, this, item)?;
    Ok(Value::NONE)
}

fn remove(vm: &mut Vm, this: &Value, item: &Value) -> PyResult {
    match discard_found(vm, this, item)? {
        true => Ok(Value::NONE),
        false => Err(vm.key_error(item.clone())),
    }
}

fn pop(vm: &mut Vm, this: &Value) -> PyResult {
    match receiver::<Set>(vm, this)?.table.get_mut(vm).pop() {
        Some(item) => Ok(item),
        None => {
            let message = vm.new_str("pop from an empty set");
            Err(vm.key_error(message))
        }
    }
}

fn union(vm: &mut Vm, this: &Value, others: &[Value]) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    let result = set.copied(vm)?;
    for other in others.iter().filter(|other| !other.is(this)) {
        result.update(vm, other)?;
    }
    Ok(Value::from(result))
}

fn update(vm: &mut Vm, this: &Value, others: &[Value]) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    for other in others {
        set.update(vm, other)?;
    }
    Ok(Value::NONE)
}

fn difference(vm: &mut Vm, this: &Value, others: &[Value]) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    let [first, rest @ ..] = others else {
        return Ok(Value::from(set.copied(vm)?));
    };
    let result = set.difference(vm, first)?;
    for other in rest {
        result.difference_update(vm, other)?;
    }
    Ok(Value::from(result))
}

fn difference_update(vm: &mut Vm, this: &Value, others: &[Value]) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    for other in others {
        set.difference_update(vm, other)?;
    }
    Ok(Value::NONE)
}

fn intersection_of(vm: &mut Vm, set: &Ref<Set>, others: &[Value]) -> PyResult<Ref<Set>> {
    let [first, rest @ ..] = others else {
        return set.copied(vm);
    };
    let mut result = set.intersection(vm, first)?;
    for other in rest {
        result = result.intersection(vm, other)?;
    }
    Ok(result)
}

fn intersection(vm: &mut Vm, this: &Value, others: &[Value]) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    Ok(Value::from(intersection_of(vm, set, others)?))
}

fn intersection_update(vm: &mut Vm, this: &Value, others: &[Value]) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    let result = intersection_of(vm, set, others)?;
    set.take_table(vm, &result);
    Ok(Value::NONE)
}

fn symmetric_difference(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    Ok(Value::from(set.symmetric_difference(vm, other)?))
}

fn symmetric_difference_update(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    set.symmetric_difference_update(vm, other)?;
    Ok(Value::NONE)
}

fn is_disjoint(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    Ok(Value::bool(set.is_disjoint(vm, other)?))
}

fn is_subset(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    if let Some(other) = other.downcast::<Set>() {
        return Ok(Value::bool(set.is_subset(vm, other)?));
    }
    // The items of `self` that the iterable has are all of them.
    let common = set.intersection(vm, other)?;
    Ok(Value::bool(common.len(vm) == set.len(vm)))
}

fn is_superset(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    if let Some(other) = other.downcast::<Set>() {
        return Ok(Value::bool(other.is_subset(vm, set)?));
    }
    let iterator = vm.iter(other)?;
    while let Some(item) = vm.next(&iterator)? {
        if !set.contains(vm, &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let set = receiver::<Set>(vm, this)?;
    let items = vm.new_list(set.items(vm));
    let args = vm.new_tuple(vec![items]);
    let state = object_reduce::get_state(vm, this)?;
    let class = Value::from(set.ty());
    Ok(vm.new_tuple(vec![class, args, state]))
}

fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    let places = receiver::<Set>(vm, this)?.table.get(vm).places_len();
    Ok(vm.int(200 + if places > 8 { 16 * places as i64 } else { 0 }))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__contains__", |vm, this, item| {
        contains(vm, this, item).map(Value::bool)
    })
    .signature("($self, object, /)"),
    NativeDef::no_args("copy", copy).signature("($self, /)"),
    NativeDef::range("difference", 0, usize::MAX, difference)
        .parsed_until(12)
        .signature("($self, /, *others)"),
    NativeDef::range("intersection", 0, usize::MAX, intersection)
        .parsed_until(12)
        .signature("($self, /, *others)"),
    NativeDef::one("isdisjoint", is_disjoint).signature("($self, other, /)"),
    NativeDef::one("issubset", is_subset).signature("($self, other, /)"),
    NativeDef::one("issuperset", is_superset).signature("($self, other, /)"),
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
    NativeDef::no_args("__sizeof__", size_of).signature("($self, /)"),
    NativeDef::one("symmetric_difference", symmetric_difference).signature("($self, other, /)"),
    NativeDef::range("union", 0, usize::MAX, union)
        .parsed_until(12)
        .signature("($self, /, *others)"),
];

static MUTABLE_METHODS: &[NativeDef] = &[
    NativeDef::one("add", add).signature("($self, object, /)"),
    NativeDef::no_args("clear", clear).signature("($self, /)"),
    NativeDef::one("discard", discard).signature("($self, object, /)"),
    NativeDef::range("difference_update", 0, usize::MAX, difference_update)
        .parsed_until(12)
        .signature("($self, /, *others)"),
    NativeDef::range("intersection_update", 0, usize::MAX, intersection_update)
        .parsed_until(12)
        .signature("($self, /, *others)"),
    NativeDef::no_args("pop", pop).signature("($self, /)"),
    NativeDef::one("remove", remove).signature("($self, object, /)"),
    NativeDef::one("symmetric_difference_update", symmetric_difference_update)
        .signature("($self, other, /)"),
    NativeDef::range("update", 0, usize::MAX, update)
        .parsed_until(12)
        .signature("($self, /, *others)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    for ty in [&vm.types.set, &vm.types.frozenset] {
        let slots = &ty.slots;
        slots.unary[UnaryOp::Repr as usize].set(Some(repr));
        slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
            let set = receiver::<Set>(vm, this)?;
            Ok(SetIterator::new(vm, set))
        }));
        slots.compare.set(Some(compare));
        slots
            .len
            .set(Some(|vm, this| Ok(receiver::<Set>(vm, this)?.len(vm))));
        slots.contains.set(Some(contains));
        slots.binary[BinaryOp::Or as usize].set(Some(or));
        slots.binary[BinaryOp::And as usize].set(Some(and));
        slots.binary[BinaryOp::Subtract as usize].set(Some(subtract));
        slots.binary[BinaryOp::Xor as usize].set(Some(xor));
    }
    let slots = &vm.types.set.slots;
    slots.new.set(Some(new_set));
    slots.init.set(Some(init_set));
    slots.in_place[BinaryOp::Or as usize].set(Some(in_place_or));
    slots.in_place[BinaryOp::And as usize].set(Some(in_place_and));
    slots.in_place[BinaryOp::Subtract as usize].set(Some(in_place_subtract));
    slots.in_place[BinaryOp::Xor as usize].set(Some(in_place_xor));
    let slots = &vm.types.frozenset.slots;
    slots.new.set(Some(new_frozenset));
    slots.hash.set(Some(hash));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.set.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_methods(&ty, MUTABLE_METHODS);
    let ty = vm.types.frozenset.clone();
    vm.add_methods(&ty, METHODS);
}
