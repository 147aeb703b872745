//! `OrderedDict`: a dict, whose items are in order already, with methods that move items and a comparison that heeds the order.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::dict_iter::Part;
use pyco_exec::object::dict_methods::equal;
use pyco_exec::object::frozen_dict::items_of;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{BinaryOp, CompareOp, Slots, UnaryOp};
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use super::{ordered_iter, ordered_update};
use crate::arguments::or_none;

pub(super) static ORDERED_DICT: ClassDef = ClassDef::new::<Dict>("collections.OrderedDict", slots)
    .weakly_referenced()
    .base(|vm| vm.types.dict.clone())
    .subclassable()
    .mapping()
    .with_dict()
    .methods(&[
        NativeDef::bound("fromkeys", &FROMKEYS, fromkeys)
            .class()
            .signature("($type, /, iterable, value=None)"),
        NativeDef::no_args("__sizeof__", |vm, this| {
            let len = receiver::<Dict>(vm, this)?.len(vm);
            Ok(vm.int(184 + 120 * len as i64))
        })
        .signature("($self, /)"),
        NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
        NativeDef::bound("setdefault", &SETDEFAULT, setdefault)
            .signature("($self, /, key, default=None)"),
        NativeDef::bound("pop", &POP, pop).signature("($self, /, key, default=<unrepresentable>)"),
        NativeDef::bound("popitem", &POPITEM, popitem).signature("($self, /, last=True)"),
        NativeDef::no_args("keys", |vm, this| ordered_iter::view(vm, this, Part::Keys))
            .signature("($self, /)"),
        NativeDef::no_args("values", |vm, this| {
            ordered_iter::view(vm, this, Part::Values)
        })
        .signature("($self, /)"),
        NativeDef::no_args("items", |vm, this| {
            ordered_iter::view(vm, this, Part::Items)
        })
        .signature("($self, /)"),
        NativeDef::any("update", |vm, this, args| {
            ordered_update::update(
                vm,
                this,
                args,
                "update() takes at most 1 positional argument",
            )?;
            Ok(Value::NONE)
        }),
        NativeDef::no_args("clear", |vm, this| {
            receiver::<Dict>(vm, this)?.clear_items(vm);
            Ok(Value::NONE)
        })
        .signature("($self, /)"),
        NativeDef::no_args("copy", copy).signature("($self, /)"),
        NativeDef::no_args("__reversed__", ordered_iter::reversed).signature("($self, /)"),
        NativeDef::bound("move_to_end", &MOVE_TO_END, move_to_end)
            .signature("($self, /, key, last=True)"),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.init.set(Some(|vm, this, args| {
        ordered_update::update(vm, this, args, "")
    }));
    slots.set_unary(UnaryOp::Repr, repr);
    slots.set_unary(UnaryOp::Iter, ordered_iter::keys);
    slots.set_binary(BinaryOp::Or, or);
    slots.set_in_place(BinaryOp::Or, |vm, this, other| {
        ordered_update::update_from(vm, this, other)?;
        Ok(this.clone())
    });
    slots.compare.set(Some(compare));
    slots.set_item.set(Some(set_item));
}

fn set_item(vm: &mut Vm, this: &Value, key: &Value, value: Option<Value>) -> PyResult<()> {
    match vm.types.dict.slots.set_item.get() {
        Some(set) => set(vm, this, key, value),
        None => Ok(()),
    }
}

fn is_ordered(vm: &mut Vm, value: &Value) -> bool {
    let class = vm.class(&ORDERED_DICT);
    vm.type_of(value).is_subtype(vm, &class)
}

/// Whether a value's class is `OrderedDict` itself.
fn is_exact(vm: &mut Vm, value: &Value) -> bool {
    let class = vm.class(&ORDERED_DICT);
    vm.type_of(value).is(&class)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.short_type_name(this);
    let dict = receiver::<Dict>(vm, this)?;
    if dict.len(vm) == 0 {
        return Ok(vm.new_str(&format!("{name}()")));
    }
    let Some(guard) = vm.enter_repr(this) else {
        return Ok(vm.new_str("..."));
    };
    let text = repr_of_items(vm, this, dict);
    vm.leave_repr(guard);
    Ok(vm.new_str(&format!("{name}({})", text?)))
}

fn repr_of_items(vm: &mut Vm, this: &Value, dict: &Dict) -> PyResult<String> {
    if is_exact(vm, this) {
        return match vm.version_number() {
            ..12 => {
                let items = dict.items(vm).into_iter();
                let items = items
                    .map(|(key, value)| vm.tuple_of([key, value]))
                    .collect();
                let items = vm.new_list(items);
                vm.repr_text(&items)
            }
            _ => {
                let items = Value::from(dict.copy(vm));
                vm.repr_text(&items)
            }
        };
    }
    let name = vm.intern("items");
    let items = vm.call_method(this, &name, &[])?;
    let class = match vm.version_number() {
        ..12 => vm.types.list.clone(),
        _ => vm.types.dict.clone(),
    };
    let items = vm.call(class.as_value(), &[items])?;
    vm.repr_text(&items)
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut is_equal = equal(vm, x, y)?;
    if is_equal && is_ordered(vm, b) {
        is_equal = same_order(vm, x, y)?;
    }
    Ok(Value::bool(is_equal == (op == CompareOp::Eq)))
}

fn same_order(vm: &mut Vm, a: &Dict, b: &Dict) -> PyResult<bool> {
    let changes = (a.changes(vm), b.changes(vm));
    let (mut at_a, mut at_b) = (0, 0);
    loop {
        match (a.next_item(vm, at_a), b.next_item(vm, at_b)) {
            (Some((next_a, key_a, _)), Some((next_b, key_b, _))) => {
                (at_a, at_b) = (next_a, next_b);
                if !vm.eq(&key_a, &key_b)? {
                    return Ok(false);
                }
                if (a.changes(vm), b.changes(vm)) != changes {
                    return Err(vm.runtime_error("OrderedDict mutated during iteration"));
                }
            }
            (None, None) => return Ok(true),
            _ => return Ok(false),
        }
    }
}

fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    if items_of(a).is_none() || items_of(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let class = match is_ordered(vm, a) {
        true => Value::from(vm.type_of(a)),
        false => Value::from(vm.type_of(b)),
    };
    let result = vm.call(&class, std::slice::from_ref(a))?;
    ordered_update::update_from(vm, &result, b)?;
    Ok(result)
}

static FROMKEYS: Params = Params::new(&["iterable", "value"], 1);

fn fromkeys(vm: &mut Vm, class: &Value, bound: &Bound<'_>) -> PyResult {
    let result = vm.call(class, &[])?;
    let value = or_none(bound.get(1));
    let iterator = vm.iter(&or_none(bound.get(0)))?;
    while let Some(key) = vm.next(&iterator)? {
        vm.set_item(&result, &key, value.clone())?;
    }
    Ok(result)
}

static SETDEFAULT: Params = Params::new(&["key", "default"], 1);

fn setdefault(vm: &mut Vm, this: &Value, bound: &Bound<'_>) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    let (key, default) = (or_none(bound.get(0)), or_none(bound.get(1)));
    if is_exact(vm, this) {
        let hash = vm.hash(&key)?;
        if let Some(found) = dict.get_hashed(vm, &key, hash)? {
            return Ok(found);
        }
        dict.set_hashed(vm, key, hash, default.clone())?;
        return Ok(default);
    }
    if vm.contains(this, &key)? {
        return vm.get_item(this, &key);
    }
    vm.set_item(this, &key, default.clone())?;
    Ok(default)
}

static POP: Params = Params::new(&["key", "default"], 1);

fn pop(vm: &mut Vm, this: &Value, bound: &Bound<'_>) -> PyResult {
    let key = or_none(bound.get(0));
    let dict = receiver::<Dict>(vm, this)?;
    match (dict.remove(vm, &key)?, bound.get(1)) {
        (Some((_, value)), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(vm.key_error(key)),
    }
}

static POPITEM: Params = Params::new(&["last"], 0);

fn popitem(vm: &mut Vm, this: &Value, bound: &Bound<'_>) -> PyResult {
    let is_last = match bound.get(0) {
        Some(last) => vm.truth(last)?,
        None => true,
    };
    let dict = receiver::<Dict>(vm, this)?;
    let item = match is_last {
        true => dict.pop_last(vm),
        false => dict.pop_first(vm),
    };
    match item {
        Some((key, value)) => Ok(vm.tuple_of([key, value])),
        None => {
            let message = vm.new_str("dictionary is empty");
            Err(vm.key_error(message))
        }
    }
}

static MOVE_TO_END: Params = Params::new(&["key", "last"], 1);

fn move_to_end(vm: &mut Vm, this: &Value, bound: &Bound<'_>) -> PyResult {
    let is_last = match bound.get(1) {
        Some(last) => vm.truth(last)?,
        None => true,
    };
    let key = or_none(bound.get(0));
    let dict = receiver::<Dict>(vm, this)?;
    match dict.move_to_end(vm, &key, is_last)? {
        true => Ok(Value::NONE),
        false => Err(vm.key_error(key)),
    }
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?.clone();
    let class = Value::from(vm.type_of(this));
    let copy = vm.call(&class, &[])?;
    let is_exact = is_exact(vm, this);
    let changes = dict.changes(vm);
    let mut at = 0;
    while let Some((next, key, mut value)) = dict.next_item(vm, at) {
        at = next;
        if !is_exact {
            value = vm.get_item(this, &key)?;
        }
        vm.set_item(&copy, &key, value)?;
        if dict.changes(vm) != changes {
            return Err(vm.runtime_error("OrderedDict mutated during iteration"));
        }
    }
    Ok(copy)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let get_state = vm.intern("__getstate__");
    let state = vm.call_method(this, &get_state, &[])?;
    let items = vm.intern("items");
    let items = vm.call_method(this, &items, &[])?;
    let iterator = vm.iter(&items)?;
    let empty = vm.new_tuple(Vec::new());
    Ok(vm.tuple_of([class, empty, state, Value::NONE, iterator]))
}
