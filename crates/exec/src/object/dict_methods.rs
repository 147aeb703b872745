//! dict: slots and methods. The views are in `object/dict_views.rs`, the iterators in `object/dict_iter.rs`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::dict_iter::{DictIterator, Part};
use crate::object::dict_views::DictView;
use crate::object::exception_types::add_note;
use crate::object::frozen_dict::FrozenDict;
use crate::object::frozen_dict::items_of;
use crate::object::frozen_dict_methods;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::sequence::{push_repr, receiver, repr_items};
use crate::object::set::Set;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::ops::containers::{update_from_mapping, update_from_mapping_as};
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

/// Whether a class gets and sets items as dict does.
pub fn gets_and_sets_as_dict(vm: &mut Vm, class: &Ref<Type>) -> bool {
    let dict = vm.types.dict.clone();
    [vm.names.get.clone(), vm.names.__setitem__.clone()]
        .iter()
        .all(
            |name| match (class.lookup(vm, name), dict.lookup(vm, name)) {
                (Some(found), Some(own)) => found.is(&own),
                _ => false,
            },
        )
}

fn new(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    Ok(Value::from(Dict::of_type(ty)))
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let dict = receiver::<Dict>(vm, this)?;
    update(vm, dict, args, "dict")
}

/// `dict.update(…)` and `dict(…)`.
fn update(vm: &mut Vm, dict: &Ref<Dict>, args: Args<'_>, name: &str) -> PyResult<()> {
    let given = Args::positional_only(args.positional()).between(vm, name, 0, 1)?;
    if let Some(source) = given.first() {
        update_from(vm, dict, source)?;
    }
    for (key, value) in args.keywords() {
        dict.set(vm, Value::from(key), value.clone())?;
    }
    Ok(())
}

/// Adds the items of a mapping, or of an iterable of pairs.
pub fn update_from(vm: &mut Vm, dict: &Ref<Dict>, source: &Value) -> PyResult<()> {
    update_as(vm, dict, source, HashRole::Key)
}

/// The same for keys that are hashed as `role`.
pub(crate) fn update_as(
    vm: &mut Vm,
    dict: &Ref<Dict>,
    source: &Value,
    role: HashRole,
) -> PyResult<()> {
    let keys = vm.names.keys.clone();
    if source.downcast::<Dict>().is_some_and(|d| d.is_exact())
        || vm.get_attr_opt(source, &keys)?.is_some()
    {
        return update_from_mapping_as(vm, dict, source, role);
    }
    update_from_pairs(vm, dict, source, role)
}

/// The complaint about an element that should be a pair and cannot be iterated over, or raised a TypeError on the way.
#[cold]
fn no_sequence(vm: &mut Vm, at: usize, raised: Raised) -> Raised {
    let place = format!("convert dictionary update sequence element #{at} to a sequence");
    if vm.version_number() < 14 {
        return vm.type_error(format!("cannot {place}"));
    }
    let note = vm.new_str(&format!("Cannot {place}"));
    match add_note(vm, raised.0.as_value(), &note) {
        Ok(_) => raised,
        Err(other) => other,
    }
}

fn items_of_pair(vm: &mut Vm, pair: &Value) -> PyResult<Vec<Value>> {
    let is_tuple = pair.downcast::<Tuple>().is_some();
    if is_tuple || pair.downcast::<List>().is_some() {
        return vm.collect(pair);
    }
    match vm.iter(pair) {
        Ok(iterator) => vm.collect(&iterator),
        Err(raised) if raised.is(vm, &vm.types.type_error) => {
            Err(vm.type_error("object is not iterable"))
        }
        Err(raised) => Err(raised),
    }
}

fn update_from_pairs(vm: &mut Vm, dict: &Ref<Dict>, pairs: &Value, role: HashRole) -> PyResult<()> {
    let iterator = vm.iter(pairs)?;
    let mut at = 0;
    while let Some(pair) = vm.next(&iterator)? {
        if let Some(tuple) = pair.downcast::<Tuple>().filter(|tuple| tuple.is_exact())
            && let [key, value] = tuple.items()
        {
            let hash = vm.hash_as(key, role)?;
            dict.set_hashed(vm, key.clone(), hash, value.clone())?;
            at += 1;
            continue;
        }
        let items = match items_of_pair(vm, &pair) {
            Err(raised) if raised.is(vm, &vm.types.type_error) => {
                return Err(no_sequence(vm, at, raised));
            }
            items => items?,
        };
        let [key, value] = &items[..] else {
            let len = items.len();
            return Err(vm.value_error(format!(
                "dictionary update sequence element #{at} has length {len}; 2 is required"
            )));
        };
        let hash = vm.hash_as(key, role)?;
        dict.set_hashed(vm, key.clone(), hash, value.clone())?;
        at += 1;
    }
    Ok(())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    let mut at = 0;
    repr_items(vm, this, ("{", "}"), "{...}", |vm, text| {
        let Some((next, key, value)) = dict.table(vm).next_from(at) else {
            return Ok(false);
        };
        at = next;
        let (key, value) = (key.clone(), value.clone());
        push_repr(vm, text, &key)?;
        text.push_str(": ");
        push_repr(vm, text, &value)?;
        Ok(true)
    })
}

/// Whether all items of `a` are in `b`.
pub fn equal(vm: &mut Vm, a: &Ref<Dict>, b: &Ref<Dict>) -> PyResult<bool> {
    if a.len(vm) != b.len(vm) {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((next, hash, key, value)) = a.table(vm).next_hashed_from(at) {
        at = next;
        let (key, value) = (key.clone(), value.clone());
        let Some(other) = b.get_hashed(vm, &key, hash)? else {
            return Ok(false);
        };
        if !vm.eq(&other, &value)? {
            return Ok(false);
        }
    }
    Ok(true)
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

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    if let Some(value) = dict.get(vm, key)? {
        return Ok(value);
    }
    if !dict.is_exact() {
        let name = vm.names.__missing__.clone();
        if let Some(value) = vm.call_special_opt(this, &name, std::slice::from_ref(key))? {
            return Ok(value);
        }
    }
    Err(vm.key_error(key.clone()))
}

fn set_item(vm: &mut Vm, this: &Value, key: &Value, value: Option<Value>) -> PyResult<()> {
    let dict = receiver::<Dict>(vm, this)?;
    match value {
        Some(value) => {
            let len = dict.len(vm);
            vm.check_growth(len + 1)?;
            dict.set(vm, key.clone(), value)
        }
        None => match dict.remove(vm, key)? {
            Some(_) => Ok(()),
            None => Err(vm.key_error(key.clone())),
        },
    }
}

fn contains(vm: &mut Vm, this: &Value, key: &Value) -> PyResult<bool> {
    let dict = receiver::<Dict>(vm, this)?;
    Ok(dict.get(vm, key)?.is_some())
}

pub(crate) fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(first), Some(_)) = (a.downcast::<Dict>(), items_of(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let merged = copy_of(vm, first)?;
    update_from(vm, &merged, b)?;
    Ok(Value::from(merged))
}

fn in_place_or(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    update_from(vm, dict, other)?;
    Ok(this.clone())
}

fn get(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    match dict.get(vm, &args[0])? {
        Some(value) => Ok(value),
        None => Ok(args.get(1).cloned().unwrap_or(Value::NONE)),
    }
}

fn set_default(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    let hash = vm.hash_as(&args[0], HashRole::Key)?;
    let default = args.get(1).cloned().unwrap_or(Value::NONE);
    dict.set_default(vm, &args[0], hash, default)
}

fn pop(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    // An empty dict does not even ask for the key's hash.
    if dict.len(vm) == 0 {
        let missing = || vm.key_error(args[0].clone());
        return args.get(1).cloned().ok_or_else(missing);
    }
    match (dict.remove(vm, &args[0])?, args.get(1)) {
        (Some((_, value)), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.key_error(args[0].clone())),
    }
}

fn pop_item(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    match dict.pop_last(vm) {
        Some((key, value)) => Ok(vm.new_tuple(vec![key, value])),
        None => {
            let message = vm.new_str("popitem(): dictionary is empty");
            Err(vm.key_error(message))
        }
    }
}

fn update_method(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    update(vm, dict, args, "update")?;
    Ok(Value::NONE)
}

fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    receiver::<Dict>(vm, this)?.clear_items(vm);
    Ok(Value::NONE)
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    Ok(Value::from(copy_of(vm, dict)?))
}

/// A dict with the same items; a subclass that iterates in its own way is asked for them.
fn copy_of(vm: &mut Vm, dict: &Ref<Dict>) -> PyResult<Ref<Dict>> {
    if dict.is_exact() {
        return Ok(dict.copy(vm));
    }
    let copy = Dict::new(vm);
    update_from_mapping(vm, &copy, dict.as_value())?;
    Ok(copy)
}

fn from_keys(vm: &mut Vm, class: &Value, args: &[Value]) -> PyResult {
    let value = args.get(1).cloned().unwrap_or(Value::NONE);
    let made = vm.call(class, &[])?;
    if made.downcast::<FrozenDict>().is_some() {
        return frozen_dict_methods::filled(vm, class, &made, args);
    }
    let Some(dict) = made.downcast::<Dict>().filter(|d| d.is_exact()).cloned() else {
        vm.for_each(&args[0], |vm, key| vm.set_item(&made, &key, value.clone()))?;
        return Ok(made);
    };
    let hashed: Option<Vec<(i64, Value)>> =
        if let Some(other) = args[0].downcast::<Dict>().filter(|d| d.is_exact()) {
            Some(
                other
                    .hashed_items(vm)
                    .into_iter()
                    .map(|(h, k, _)| (h, k))
                    .collect(),
            )
        } else {
            args[0].downcast::<Set>().map(|set| set.hashed_items(vm))
        };
    match hashed {
        Some(keys) => {
            for (hash, key) in keys {
                dict.set_hashed(vm, key, hash, value.clone())?;
            }
        }
        None => vm.for_each(&args[0], |vm, key| dict.set(vm, key, value.clone()))?,
    }
    Ok(made)
}

fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    Ok(DictIterator::reversed(vm, dict, Part::Keys))
}

fn view(vm: &mut Vm, this: &Value, part: Part) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    Ok(DictView::new(vm, dict, part))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__contains__", |vm, this, key| {
        contains(vm, this, key).map(Value::bool)
    })
    .signature("($self, key, /)"),
    NativeDef::one("__getitem__", get_item).signature("($self, key, /)"),
    NativeDef::no_args("__sizeof__", |vm, this| {
        let len = receiver::<Dict>(vm, this)?.len(vm);
        Ok(vm.int(48 + 32 * len as i64))
    })
    .signature("($self, /)"),
    NativeDef::range("get", 1, 2, get).signature("($self, key, default=None, /)"),
    NativeDef::range("setdefault", 1, 2, set_default).signature("($self, key, default=None, /)"),
    NativeDef::range("pop", 1, 2, pop).signature("($self, key, default=<unrepresentable>, /)"),
    NativeDef::no_args("popitem", pop_item).signature("($self, /)"),
    NativeDef::no_args("keys", |vm, this| view(vm, this, Part::Keys)).signature("($self, /)"),
    NativeDef::no_args("items", |vm, this| view(vm, this, Part::Items)).signature("($self, /)"),
    NativeDef::no_args("values", |vm, this| view(vm, this, Part::Values)).signature("($self, /)"),
    NativeDef::any("update", update_method),
    NativeDef::range("fromkeys", 1, 2, from_keys)
        .class()
        .signature("($type, iterable, value=None, /)"),
    NativeDef::no_args("clear", clear).signature("($self, /)"),
    NativeDef::no_args("copy", copy).signature("($self, /)"),
    NativeDef::no_args("__reversed__", reversed).signature("($self, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.dict.slots;
    slots.new.set(Some(new));
    slots.init.set(Some(init));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
        let dict = receiver::<Dict>(vm, this)?;
        Ok(DictIterator::new(vm, dict, Part::Keys))
    }));
    slots.compare.set(Some(compare));
    slots
        .len
        .set(Some(|vm, this| Ok(receiver::<Dict>(vm, this)?.len(vm))));
    slots.contains.set(Some(contains));
    slots.get_item.set(Some(get_item));
    slots.set_item.set(Some(set_item));
    slots.binary[BinaryOp::Or as usize].set(Some(or));
    slots.in_place[BinaryOp::Or as usize].set(Some(in_place_or));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.dict.clone();
    vm.add_methods(&ty, METHODS);
}
