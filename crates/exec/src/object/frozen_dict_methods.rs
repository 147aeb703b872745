//! frozendict: slots and methods.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::dict_iter::{DictIterator, Part};
use crate::object::dict_methods::{self, equal, update_as};
use crate::object::dict_views::DictView;
use crate::object::frozen_dict::{FrozenDict, items_of};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::sequence::{push_repr, receiver, repr_items};
use crate::object::set_algebra::hash_of_items;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::type_::Type;
use crate::ops::containers::update_from_mapping_as;
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = Args::positional_only(args.positional()).between(vm, "frozendict", 0, 1)?;
    let has_keywords = args.keywords().next().is_some();
    if let Some(source) = given.first()
        && !has_keywords
        && ty.is(&vm.types.frozen_dict)
        && is_exact(vm, source)
    {
        return Ok(source.clone());
    }
    let items = Dict::new(vm);
    if let Some(source) = given.first() {
        update_as(vm, &items, source, HashRole::FrozenKey)?;
    }
    for (key, value) in args.keywords() {
        items.set(vm, Value::from(key), value.clone())?;
    }
    Ok(Value::from(FrozenDict::of_type(ty, items)))
}

fn is_exact(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).is(&vm.types.frozen_dict)
}

/// The items of the receiver.
fn items<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<Dict>> {
    Ok(receiver::<FrozenDict>(vm, this)?.items())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let frozen = receiver::<FrozenDict>(vm, this)?;
    let name = frozen.ty().name();
    if frozen.items().len(vm) == 0 {
        return Ok(vm.new_str(&format!("{name}()")));
    }
    let (open, recursive) = (format!("{name}({{"), format!("{name}({{...}})"));
    let mut at = 0;
    repr_items(vm, this, (&open, "})"), &recursive, |vm, text| {
        let Some((next, key, value)) = frozen.items().next_item(vm, at) else {
            return Ok(false);
        };
        at = next;
        push_repr(vm, text, &key)?;
        text.push_str(": ");
        push_repr(vm, text, &value)?;
        Ok(true)
    })
}

/// The hash of the frozenset of the items.
fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let frozen = receiver::<FrozenDict>(vm, this)?;
    if frozen.hash.get() != -1 {
        return Ok(frozen.hash.get());
    }
    // No two items are equal, since no two keys are; but a set would ask the values, too.
    let mut hashes = Vec::new();
    let mut at = 0;
    while let Some((next, key, value)) = frozen.items().next_item(vm, at) {
        at = next;
        let item = vm.new_tuple(vec![key, value]);
        hashes.push(vm.hash(&item)?);
    }
    frozen.hash.set(hash_of_items(hashes));
    Ok(frozen.hash.get())
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (items_of(a), items_of(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match op {
        CompareOp::Eq => Ok(Value::bool(equal(vm, a, b)?)),
        CompareOp::Ne => Ok(Value::bool(!equal(vm, a, b)?)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The value for a key.
fn find(vm: &mut Vm, this: &Value, key: &Value) -> PyResult<Option<Value>> {
    let items = items(vm, this)?;
    let hash = vm.hash_as(key, HashRole::FrozenKey)?;
    items.get_hashed(vm, key, hash)
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    if let Some(value) = find(vm, this, key)? {
        return Ok(value);
    }
    if !is_exact(vm, this) {
        let name = vm.names.__missing__.clone();
        if let Some(value) = vm.call_special_opt(this, &name, std::slice::from_ref(key))? {
            return Ok(value);
        }
    }
    Err(vm.key_error(key.clone()))
}

fn contains(vm: &mut Vm, this: &Value, key: &Value) -> PyResult<bool> {
    Ok(find(vm, this, key)?.is_some())
}

/// `a | b`, where one is a frozendict and the other that or a dict. The class is that of the first, its bases' if it is derived.
fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(first), Some(second)) = (items_of(a), items_of(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.downcast::<FrozenDict>().is_none() {
        return dict_methods::or(vm, a, b);
    }
    let is_plain = is_exact(vm, b) || vm.type_of(b).is(&vm.types.dict);
    if is_exact(vm, a) && is_plain && second.len(vm) == 0 {
        return Ok(a.clone());
    }
    if is_exact(vm, a) && is_exact(vm, b) && first.len(vm) == 0 {
        return Ok(b.clone());
    }
    let merged = copied(vm, a)?;
    update_from_mapping_as(vm, &merged, b, HashRole::FrozenKey)?;
    Ok(FrozenDict::new(vm, merged))
}

fn get(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = find(vm, this, &args[0])?;
    Ok(found.unwrap_or_else(|| args.get(1).cloned().unwrap_or(Value::NONE)))
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    if is_exact(vm, this) {
        return Ok(this.clone());
    }
    let copy = copied(vm, this)?;
    Ok(FrozenDict::new(vm, copy))
}

/// A new dict with the items; a subclass that iterates in its own way is asked for them.
fn copied(vm: &mut Vm, this: &Value) -> PyResult<Ref<Dict>> {
    let copy = Dict::new(vm);
    update_from_mapping_as(vm, &copy, this, HashRole::FrozenKey)?;
    Ok(copy)
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    let copy = copied(vm, this)?;
    Ok(vm.new_tuple(vec![Value::from(copy)]))
}

fn from_keys(vm: &mut Vm, class: &Value, args: &[Value]) -> PyResult {
    let made = vm.call(class, &[])?;
    filled(vm, class, &made, args)
}

/// What `fromkeys` of a class gives that makes `made` of nothing.
pub(super) fn filled(vm: &mut Vm, class: &Value, made: &Value, args: &[Value]) -> PyResult {
    let value = args.get(1).cloned().unwrap_or(Value::NONE);
    let Some(start) = made.downcast::<FrozenDict>() else {
        vm.for_each(&args[0], |vm, key| vm.set_item(made, &key, value.clone()))?;
        return Ok(made.clone());
    };
    let items = start.items().copy(vm);
    vm.for_each(&args[0], |vm, key| {
        let hash = vm.hash_as(&key, HashRole::FrozenKey)?;
        let len = items.len(vm);
        vm.check_growth(len + 1)?;
        items.set_hashed(vm, key, hash, value.clone())
    })?;
    let frozen = FrozenDict::new(vm, items);
    match class.is(vm.types.frozen_dict.as_value()) {
        true => Ok(frozen),
        false => vm.call(class, &[frozen]),
    }
}

fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let items = items(vm, this)?;
    Ok(DictIterator::reversed(vm, items, Part::Keys))
}

fn view(vm: &mut Vm, this: &Value, part: Part) -> PyResult {
    let items = items(vm, this)?;
    Ok(DictView::of_frozen(vm, this, items, part))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__contains__", |vm, this, key| {
        contains(vm, this, key).map(Value::bool)
    })
    .signature("($self, key, /)"),
    NativeDef::one("__getitem__", get_item).signature("($self, key, /)"),
    NativeDef::no_args("__getnewargs__", get_new_args).signature("($self, /)"),
    NativeDef::no_args("__reversed__", reversed).signature("($self, /)"),
    NativeDef::no_args("__sizeof__", |vm, this| {
        let len = items(vm, this)?.len(vm);
        Ok(vm.int(56 + 32 * len as i64))
    })
    .signature("($self, /)"),
    NativeDef::no_args("copy", copy).signature("($self, /)"),
    NativeDef::range("fromkeys", 1, 2, from_keys)
        .class()
        .signature("($type, iterable, value=None, /)"),
    NativeDef::range("get", 1, 2, get).signature("($self, key, default=None, /)"),
    NativeDef::no_args("items", |vm, this| view(vm, this, Part::Items)).signature("($self, /)"),
    NativeDef::no_args("keys", |vm, this| view(vm, this, Part::Keys)).signature("($self, /)"),
    NativeDef::no_args("values", |vm, this| view(vm, this, Part::Values)).signature("($self, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.frozen_dict.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
        let items = items(vm, this)?;
        Ok(DictIterator::new(vm, items, Part::Keys))
    }));
    slots.hash.set(Some(hash));
    slots.compare.set(Some(compare));
    slots.len.set(Some(|vm, this| Ok(items(vm, this)?.len(vm))));
    slots.contains.set(Some(contains));
    slots.get_item.set(Some(get_item));
    slots.binary[BinaryOp::Or as usize].set(Some(or));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.frozen_dict.clone();
    vm.add_methods(&ty, METHODS);
}
