//! `deque`: the object, what it has of a sequence, and its look. What changes it is in `deque_change.rs`.
//!
//! Invariants:
//! - The items are a ring buffer, never longer than `most`.
//! - `changes` moves on with every item that comes, goes or moves, so that whoever ran Python code in between can tell.

use std::cell::Cell;
use std::collections::VecDeque;

use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::list::List;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::{compare, is_index, place_of, receiver, repeat_count};
use pyco_exec::object::slots::{CompareOp, Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, Vm, VmCell};

use super::{deque_change as change, deque_iter};
use crate::arguments::ssize;

/// A deque's payload.
pub(super) struct Deque {
    pub(super) items: VmCell<VecDeque<Value>>,
    pub(super) most: Cell<Option<usize>>,
    changes: Cell<u64>,
}

impl Payload for Deque {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector calls this, while nobody borrows any contents.
        unsafe {
            self.items
                .traverse_with(|items| items.iter().for_each(visit));
        }
    }

    fn clear(&self) {
        // SAFETY: the collector calls this, while nobody borrows any contents.
        drop(unsafe { self.items.take_in_clear() });
    }
}

pub(super) static DEQUE: ClassDef = ClassDef::new::<Deque>("collections.deque", slots)
    .subclassable()
    .weakly_referenced()
    .sequence()
    .methods(&[
        NativeDef::one("append", change::append).signature("($self, item, /)"),
        NativeDef::one("appendleft", change::append_left).signature("($self, item, /)"),
        NativeDef::no_args("clear", change::clear).signature("($self, /)"),
        NativeDef::no_args("__copy__", copy).signature("($self, /)"),
        NativeDef::no_args("copy", copy).signature("($self, /)"),
        NativeDef::one("count", count).signature("($self, value, /)"),
        NativeDef::one("extend", change::extend).signature("($self, iterable, /)"),
        NativeDef::one("extendleft", change::extend_left).signature("($self, iterable, /)"),
        NativeDef::range("index", 1, 3, index).signature("($self, value, [start, [stop]])"),
        NativeDef::range("insert", 2, 2, change::insert).signature("($self, index, value, /)"),
        NativeDef::no_args("pop", change::pop).signature("($self, /)"),
        NativeDef::no_args("popleft", change::pop_left).signature("($self, /)"),
        NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
        NativeDef::one("remove", change::remove).signature("($self, value, /)"),
        NativeDef::no_args("__reversed__", deque_iter::reversed).signature("($self, /)"),
        NativeDef::no_args("reverse", change::reverse).signature("($self, /)"),
        NativeDef::range("rotate", 0, 1, change::rotate).signature("($self, n=1, /)"),
        NativeDef::no_args("__sizeof__", |vm, this| {
            let len = receiver::<Deque>(vm, this)?.len(vm);
            Ok(vm.int(232 + 528 * (len as i64 / 64 + 1)))
        })
        .signature("($self, /)"),
        NativeDef::one("__class_getitem__", class_getitem).class(),
    ])
    .attributes(&[GetSetDef::get("maxlen", |vm, this| {
        let most = receiver::<Deque>(vm, this)?.most.get();
        Ok(most.map_or(Value::NONE, |most| vm.int(most as i64)))
    })]);

fn slots(slots: &Slots, _minor: u8) {
    slots
        .new
        .set(Some(|_, ty, _| Ok(Value::from(empty(ty, None)))));
    slots.init.set(Some(init));
    slots.set_unary(UnaryOp::Repr, repr);
    slots.set_unary(UnaryOp::Iter, deque_iter::forward);
    slots.compare.set(Some(compare_deques));
    slots
        .len
        .set(Some(|vm, this| Ok(receiver::<Deque>(vm, this)?.len(vm))));
    slots.contains.set(Some(contains));
    slots.get_item.set(Some(get_item));
    slots.set_item.set(Some(set_item));
    slots.concat.set(Some(concat));
    slots.repeat.set(Some(repeat));
    slots.in_place_concat.set(Some(in_place_concat));
    slots.in_place_repeat.set(Some(in_place_repeat));
}

fn empty(ty: &Ref<Type>, most: Option<usize>) -> Ref<Deque> {
    let payload = Deque {
        items: VmCell::new(VecDeque::new()),
        most: Cell::new(most),
        changes: Cell::new(0),
    };
    Ref::new(ty, payload)
}

impl Deque {
    pub(super) fn len(&self, vm: &Vm) -> usize {
        self.items.get(vm).len()
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes.get()
    }

    pub(super) fn touch(&self) {
        self.changes.set(self.changes.get() + 1);
    }

    pub(super) fn get(&self, vm: &Vm, at: usize) -> Option<Value> {
        self.items.get(vm).get(at).cloned()
    }
}

static INIT: Params = Params::new(&["iterable", "maxlen"], 0);

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let deque = receiver::<Deque>(vm, this)?;
    let bound = args.bind(vm, "deque", &INIT)?;
    let most = match bound.not_none(1) {
        None => None,
        Some(most) if most.as_int().is_none() => {
            return Err(vm.type_error("an integer is required"));
        }
        Some(most) => match usize::try_from(ssize(vm, most)?) {
            Ok(most) => Some(most),
            Err(_) => return Err(vm.value_error("maxlen must be non-negative")),
        },
    };
    deque.most.set(most);
    change::clear(vm, this)?;
    if let Some(iterable) = bound.get(0) {
        change::extend(vm, this, iterable)?;
    }
    Ok(())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(guard) = vm.enter_repr(this) else {
        return Ok(vm.new_str("[...]"));
    };
    let name = vm.short_type_name(this);
    let deque = receiver::<Deque>(vm, this)?;
    let list = vm.new_list(deque.items.get(vm).iter().cloned().collect());
    let list = vm.repr_text(&list);
    vm.leave_repr(guard);
    let list = list?;
    Ok(vm.new_str(&match deque.most.get() {
        Some(most) => format!("{name}({list}, maxlen={most})"),
        None => format!("{name}({list})"),
    }))
}

fn compare_deques(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Deque>(), b.downcast::<Deque>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.len(vm) != b.len(vm) && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    let changes = (a.changes(), b.changes());
    let result = compare(
        vm,
        op,
        |vm, at| (a.get(vm, at), b.get(vm, at)),
        |vm| (a.len(vm), b.len(vm)),
    )?;
    if (a.changes(), b.changes()) != changes {
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    Ok(result)
}

/// Looks for an item that equals `value` from `start` to before `stop`, calling `found` with its place until that says to stop.
fn search(
    vm: &mut Vm,
    deque: &Deque,
    value: &Value,
    (start, stop): (usize, usize),
    mut found: impl FnMut(usize) -> bool,
) -> PyResult<()> {
    let changes = deque.changes();
    for at in start..stop {
        let Some(item) = deque.get(vm, at) else {
            break;
        };
        let equal = vm.eq(&item, value)?;
        if deque.changes() != changes {
            return Err(vm.runtime_error("deque mutated during iteration"));
        }
        if equal && !found(at) {
            break;
        }
    }
    Ok(())
}

fn contains(vm: &mut Vm, this: &Value, value: &Value) -> PyResult<bool> {
    let deque = receiver::<Deque>(vm, this)?;
    let mut is_found = false;
    let all = (0, deque.len(vm));
    search(vm, deque, value, all, |_| {
        is_found = true;
        false
    })?;
    Ok(is_found)
}

fn count(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let mut count = 0;
    let all = (0, deque.len(vm));
    search(vm, deque, value, all, |_| {
        count += 1;
        true
    })?;
    Ok(vm.int(count))
}

fn index(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let len = deque.len(vm);
    let mut bounds = [0, len];
    for (bound, given) in bounds.iter_mut().zip(&arguments[1..]) {
        let given = vm.slice_bound(given)?;
        *bound = pyco_exec::object::sequence::cut(given, len);
    }
    let mut place = None;
    search(vm, deque, &arguments[0], bounds.into(), |at| {
        place = Some(at);
        false
    })?;
    match place {
        Some(place) => Ok(vm.int(place as i64)),
        None => Err(change::not_in_deque(vm, &arguments[0], "index")),
    }
}

/// The place that a subscript means.
fn place(vm: &mut Vm, deque: &Deque, key: &Value) -> PyResult<usize> {
    if !is_index(vm, key) {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!("sequence index must be integer, not '{found}'")));
    }
    let index = vm.index_for(key)?;
    match place_of(index, deque.len(vm)) {
        Some(place) => Ok(place),
        None => Err(vm.index_error("deque index out of range")),
    }
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let place = place(vm, deque, key)?;
    Ok(deque.get(vm, place).unwrap_or(Value::NONE))
}

fn set_item(vm: &mut Vm, this: &Value, key: &Value, value: Option<Value>) -> PyResult<()> {
    let deque = receiver::<Deque>(vm, this)?;
    let place = place(vm, deque, key)?;
    let items = deque.items.get_mut(vm);
    let old = match value {
        Some(value) => items
            .get_mut(place)
            .map(|item| std::mem::replace(item, value)),
        None => {
            deque.touch();
            items.remove(place)
        }
    };
    drop(old);
    Ok(())
}

/// A new deque of the same class with the same bound and items.
pub(super) fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let class = vm.class(&DEQUE);
    if vm.type_of(this).is(&class) {
        let copy = empty(&class, deque.most.get());
        let items = deque.items.get(vm).clone();
        *copy.items.get_mut(vm) = items;
        return Ok(Value::from(copy));
    }
    let class = Value::from(vm.type_of(this));
    let mut arguments = vec![this.clone()];
    if let Some(most) = deque.most.get() {
        arguments.push(vm.int(most as i64));
    }
    let copy = vm.call(&class, &arguments)?;
    if copy.downcast::<Deque>().is_none() {
        let (class, found) = (vm.type_name(this), vm.type_name(&copy));
        return Err(vm.type_error(format!("{class}() must return a deque, not {found}")));
    }
    Ok(copy)
}

fn concat(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    if other.downcast::<Deque>().is_none() {
        let found = vm.type_name(other);
        return Err(vm.type_error(format!(
            "can only concatenate deque (not \"{found}\") to deque"
        )));
    }
    let copy = copy(vm, this)?;
    change::extend(vm, &copy, other)?;
    Ok(copy)
}

fn in_place_concat(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    change::extend(vm, this, other)?;
    Ok(this.clone())
}

fn repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let copy = copy(vm, this)?;
    in_place_repeat(vm, &copy, count)
}

fn in_place_repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = repeat_count(vm, count)?;
    let deque = receiver::<Deque>(vm, this)?;
    let len = deque.len(vm);
    if count == 0 {
        change::clear(vm, this)?;
        return Ok(this.clone());
    }
    if len == 0 || count == 1 {
        return Ok(this.clone());
    }
    // Rounds that only push earlier ones out need not be made.
    let rounds = match deque.most.get() {
        Some(most) => count.min(most.div_ceil(len) + 1),
        None => count,
    };
    let wanted = len.checked_mul(rounds);
    if wanted.is_none_or(|wanted| wanted > vm.max_size() / size_of::<Value>()) {
        return Err(vm.memory_error());
    }
    vm.check_growth(len * rounds * size_of::<Value>())?;
    let once: Vec<Value> = deque.items.get(vm).iter().cloned().collect();
    for _ in 1..rounds {
        for item in &once {
            change::push(vm, deque, item.clone());
        }
    }
    Ok(this.clone())
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let get_state = vm.intern("__getstate__");
    let state = vm.call_method(this, &get_state, &[])?;
    let iterator = vm.iter(this)?;
    let empty = vm.new_tuple(Vec::new());
    let arguments = match receiver::<Deque>(vm, this)?.most.get() {
        Some(most) => {
            let most = vm.int(most as i64);
            vm.tuple_of([empty, most])
        }
        None => empty,
    };
    Ok(vm.tuple_of([class, arguments, state, iterator]))
}

/// The items of a list or of what can be made one, before the deque that they may come from changes.
pub(super) fn snapshot(vm: &mut Vm, iterable: &Value) -> PyResult<Option<Vec<Value>>> {
    if let Some(deque) = iterable.downcast::<Deque>() {
        return Ok(Some(deque.items.get(vm).iter().cloned().collect()));
    }
    match iterable.downcast::<List>().filter(|list| list.is_exact()) {
        Some(list) => Ok(Some(list.items(vm).to_vec())),
        None => Ok(None),
    }
}
