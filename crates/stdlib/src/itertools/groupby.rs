//! `groupby` and the groups that it gives.
//!
//! Invariant: only the group that was given last may take items; its number is `current`.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm};

use super::{PICKLE_UNTIL, reduced, warn_of_pickle};
use crate::arguments::{or_none, positional};

/// The iterator and the key function, the key of the group given last, and the item that was read last, with its key.
pub(super) struct GroupBy {
    iterator: Value,
    key_function: Value,
    target_key: ValueCell,
    key: ValueCell,
    item: ValueCell,
    current: Cell<u64>,
}

impl Payload for GroupBy {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iterator);
        visit(&self.key_function);
        self.target_key.traverse(visit);
        self.key.traverse(visit);
        self.item.traverse(visit);
    }

    fn clear(&self) {
        for cell in [&self.target_key, &self.key, &self.item] {
            cell.set(None);
        }
    }
}

pub(super) static GROUPBY: ClassDef = ClassDef::new::<GroupBy>("itertools.groupby", slots)
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

static PARAMS: Params = Params::new(&["iterable", "key"], 1);

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "groupby", &PARAMS)?;
    let payload = GroupBy {
        iterator: vm.iter(&or_none(bound.get(0)))?,
        key_function: or_none(bound.get(1)),
        target_key: ValueCell::new(None),
        key: ValueCell::new(None),
        item: ValueCell::new(None),
        current: Cell::new(0),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

impl GroupBy {
    /// Reads the next item; false at the end.
    fn step(&self, vm: &mut Vm) -> PyResult<bool> {
        let Some(item) = vm.next(&self.iterator)? else {
            return Ok(false);
        };
        let key = match self.key_function.is_none() {
            true => item.clone(),
            false => vm.call(&self.key_function, std::slice::from_ref(&item))?,
        };
        self.item.set(Some(item));
        self.key.set(Some(key));
        Ok(true)
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let groups = receiver::<GroupBy>(vm, this)?;
    let number = groups.current.get() + 1;
    groups.current.set(number);
    // Until an item of another group is there.
    let key = loop {
        match (groups.key.get(), groups.target_key.get()) {
            (Some(key), None) => break key,
            (Some(key), Some(target)) if !vm.eq(&target, &key)? => break key,
            _ => {}
        }
        if !groups.step(vm)? {
            return Ok(None);
        }
    };
    groups.target_key.set(Some(key.clone()));
    let group = Group {
        parent: groups.clone(),
        key: key.clone(),
        number,
    };
    let class = vm.class(&GROUPER);
    let group = Value::from(Ref::new(&class, group));
    Ok(Some(vm.tuple_of([key, group])))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let groups = receiver::<GroupBy>(vm, this)?;
    let arguments = vec![groups.iterator.clone(), groups.key_function.clone()];
    let state = match (groups.key.get(), groups.item.get(), groups.target_key.get()) {
        (Some(key), Some(item), Some(target)) => Some(vm.tuple_of([key, item, target])),
        _ => None,
    };
    reduced(vm, this, arguments, state)
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let Some(state) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state is not a tuple"));
    };
    let [key, item, target] = state.items() else {
        let given = state.items().len();
        return Err(vm.type_error(format!(
            "function takes exactly 3 arguments ({given} given)"
        )));
    };
    let groups = receiver::<GroupBy>(vm, this)?;
    groups.key.set(Some(key.clone()));
    groups.item.set(Some(item.clone()));
    groups.target_key.set(Some(target.clone()));
    Ok(Value::NONE)
}

/// One group: what it is of, its key, and its number there.
pub(super) struct Group {
    parent: Ref<GroupBy>,
    key: Value,
    number: u64,
}

impl Payload for Group {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.parent.as_value());
        visit(&self.key);
    }
}

pub(super) static GROUPER: ClassDef = ClassDef::new::<Group>("itertools._grouper", |slots, _| {
    slots.new.set(Some(new_group));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next_in_group));
})
.methods(&[NativeDef::no_args("__reduce__", reduce_group)
    .signature("($self, /)")
    .until(PICKLE_UNTIL)]);

fn new_group(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &GROUPER, "_grouper", args, (2, 2))?;
    let Some(parent) = arguments[0].downcast::<GroupBy>() else {
        let found = vm.type_name(&arguments[0]);
        return Err(vm.type_error(format!(
            "_grouper() argument 1 must be itertools.groupby, not {found}"
        )));
    };
    let number = parent.current.get() + 1;
    parent.current.set(number);
    let payload = Group {
        parent: parent.clone(),
        key: arguments[1].clone(),
        number,
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_in_group(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let group = receiver::<Group>(vm, this)?;
    let groups = &group.parent;
    if groups.current.get() != group.number {
        return Ok(None);
    }
    if groups.item.is_empty() && !groups.step(vm)? {
        return Ok(None);
    }
    let Some(key) = groups.key.get() else {
        return Ok(None);
    };
    if !vm.eq(&group.key, &key)? {
        return Ok(None);
    }
    groups.key.set(None);
    Ok(groups.item.take())
}

fn reduce_group(vm: &mut Vm, this: &Value) -> PyResult {
    let group = receiver::<Group>(vm, this)?;
    if group.parent.current.get() != group.number {
        super::warn_of_pickle(vm)?;
        let builtins = vm.import("builtins")?;
        let name = vm.intern("iter");
        let iter = vm.get_attr(&builtins, &name)?;
        let empty = vm.new_tuple(Vec::new());
        let arguments = vm.tuple_of([empty]);
        return Ok(vm.tuple_of([iter, arguments]));
    }
    let arguments = vec![Value::from(&group.parent), group.key.clone()];
    reduced(vm, this, arguments, None)
}
