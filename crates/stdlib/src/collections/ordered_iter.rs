//! The views and the iterator of `OrderedDict`.

use std::cell::Cell;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::dict_iter::Part;
use pyco_exec::object::dict_views::DictView;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::{PyResult, Value, ValueCell, Vm};

/// The dict, none once exhausted; the state in which it must stay; and the next position in its row.
struct OrderedIterator {
    dict: ValueCell,
    part: Part,
    is_reversed: bool,
    changes: u32,
    len: usize,
    position: Cell<usize>,
}

impl Payload for OrderedIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.dict.traverse(visit);
    }

    fn clear(&self) {
        self.dict.set(None);
    }
}

static ITERATOR: ClassDef = ClassDef::new::<OrderedIterator>("odict_iterator", |slots, _| {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
})
.no_instances()
.methods(&[NativeDef::no_args("__reduce__", reduce).signature("($self, /)")]);

fn iterator(vm: &mut Vm, dict: &Ref<Dict>, part: Part, is_reversed: bool) -> Value {
    let class = vm.class(&ITERATOR);
    let start = if is_reversed { usize::MAX } else { 0 };
    let payload = OrderedIterator {
        dict: ValueCell::new(Some(Value::from(dict))),
        part,
        is_reversed,
        changes: dict.changes(vm),
        len: dict.len(vm),
        position: Cell::new(start),
    };
    Value::from(Ref::new(&class, payload))
}

/// `iter(ordered_dict)`.
pub(super) fn keys(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    Ok(iterator(vm, dict, Part::Keys, false))
}

/// `reversed(ordered_dict)`.
pub(super) fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Dict>(vm, this)?;
    Ok(iterator(vm, dict, Part::Keys, true))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<OrderedIterator>(vm, this)?;
    let Some(dict) = iterator.dict.get().and_then(|d| d.into_ref::<Dict>().ok()) else {
        return Ok(None);
    };
    if dict.changes(vm) != iterator.changes {
        iterator.dict.set(None);
        return Err(vm.runtime_error("OrderedDict mutated during iteration"));
    }
    if dict.len(vm) != iterator.len {
        iterator.dict.set(None);
        return Err(vm.runtime_error("OrderedDict changed size during iteration"));
    }
    let at = iterator.position.get();
    let found = match iterator.is_reversed {
        true => dict.previous_item(vm, at),
        false => dict.next_item(vm, at),
    };
    match found {
        Some((at, key, value)) => {
            iterator.position.set(at);
            Ok(Some(iterator.part.of(vm, &key, &value)))
        }
        None => {
            iterator.dict.set(None);
            Ok(None)
        }
    }
}

/// `iter` and a list of what is left.
fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<OrderedIterator>(vm, this)?;
    let mut items = Vec::new();
    if let Some(dict) = iterator.dict.get().and_then(|d| d.into_ref::<Dict>().ok()) {
        let mut at = iterator.position.get();
        loop {
            let found = match iterator.is_reversed {
                true => dict.previous_item(vm, at),
                false => dict.next_item(vm, at),
            };
            let Some((next, key, value)) = found else {
                break;
            };
            at = next;
            items.push(iterator.part.of(vm, &key, &value));
        }
    }
    let builtins = vm.import("builtins")?;
    let iter = vm.intern("iter");
    let iter = vm.get_attr(&builtins, &iter)?;
    let items = vm.new_list(items);
    let arguments = vm.tuple_of([items]);
    Ok(vm.tuple_of([iter, arguments]))
}

static KEYS: ClassDef = ClassDef::new::<DictView>("odict_keys", view_slots)
    .base(|vm| vm.types.dict_keys.clone())
    .methods(VIEW_METHODS)
    .no_instances();
static VALUES: ClassDef = ClassDef::new::<DictView>("odict_values", view_slots)
    .base(|vm| vm.types.dict_values.clone())
    .methods(VIEW_METHODS)
    .no_instances();
static ITEMS: ClassDef = ClassDef::new::<DictView>("odict_items", view_slots)
    .base(|vm| vm.types.dict_items.clone())
    .methods(VIEW_METHODS)
    .no_instances();

static VIEW_METHODS: &[NativeDef] = &[NativeDef::no_args("__reversed__", |vm, this| {
    let (dict, part) = receiver::<DictView>(vm, this)?.parts();
    Ok(iterator(vm, dict, part, true))
})
.signature("($self, /)")];

fn view_slots(slots: &Slots, _minor: u8) {
    slots.set_unary(UnaryOp::Iter, |vm, this| {
        let (dict, part) = receiver::<DictView>(vm, this)?.parts();
        Ok(iterator(vm, dict, part, false))
    });
}

/// `keys()`, `values()` or `items()`.
pub(super) fn view(vm: &mut Vm, this: &Value, part: Part) -> PyResult {
    let class = vm.class(match part {
        Part::Keys => &KEYS,
        Part::Values => &VALUES,
        Part::Items => &ITEMS,
    });
    let dict = receiver::<Dict>(vm, this)?;
    Ok(DictView::of_type(&class, dict, part))
}
