//! map and filter: the objects, their slots and methods.

use std::cell::Cell;

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::tuple_methods::uses_init_of;
use crate::object::type_::Type;
use crate::object::zip::{check_end, strict_argument};
use crate::value::Value;
use crate::vm::Vm;

/// A map's payload.
pub struct Map {
    function: Value,
    iterators: Vec<Value>,
    /// Whether all iterators must end together (3.14).
    is_strict: Cell<bool>,
}

impl Payload for Map {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        self.iterators.iter().for_each(visit);
    }
}

/// A filter's payload; the function is `None` where the items' own truth counts.
pub struct Filter {
    function: Value,
    iterator: Value,
}

impl Payload for Filter {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        visit(&self.iterator);
    }
}

/// Refuses keyword arguments, unless a subclass's `__init__` may want them.
fn positional<'a>(
    vm: &mut Vm,
    ty: &Ref<Type>,
    built_in: &Ref<Type>,
    args: Args<'a>,
) -> PyResult<&'a [Value]> {
    if args.has_keywords() && uses_init_of(ty, built_in) {
        let name = built_in.name();
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    Ok(args.positional())
}

fn new_map(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let built_in = vm.types.map.clone();
    let (given, is_strict) = match vm.version_number() {
        ..14 => (positional(vm, ty, &built_in, args)?, false),
        _ => (args.positional(), strict_argument(vm, "map", args)?),
    };
    let [function, iterables @ ..] = given else {
        return Err(vm.type_error("map() must have at least two arguments."));
    };
    if iterables.is_empty() {
        return Err(vm.type_error("map() must have at least two arguments."));
    }
    let mut iterators = Vec::with_capacity(iterables.len());
    for iterable in iterables {
        iterators.push(vm.iter(iterable)?);
    }
    let payload = Map {
        function: function.clone(),
        iterators,
        is_strict: Cell::new(is_strict),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_map(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let map = receiver::<Map>(vm, this)?;
    if let [iterator] = &map.iterators[..] {
        return match vm.next(iterator)? {
            Some(item) => vm.call(&map.function, &[item]).map(Some),
            None => Ok(None),
        };
    }
    let mut items = Vec::with_capacity(map.iterators.len());
    for (at, iterator) in map.iterators.iter().enumerate() {
        match vm.next(iterator)? {
            Some(item) => items.push(item),
            None if map.is_strict.get() => {
                check_end(vm, "map", &map.iterators, at)?;
                return Ok(None);
            }
            None => return Ok(None),
        }
    }
    vm.call(&map.function, &items).map(Some)
}

fn reduce_map(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let map = receiver::<Map>(vm, this)?;
    let mut args = vec![map.function.clone()];
    args.extend_from_slice(&map.iterators);
    let mut parts = vec![class, vm.new_tuple(args)];
    if map.is_strict.get() {
        parts.push(Value::TRUE);
    }
    Ok(vm.new_tuple(parts))
}

fn set_map_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let is_strict = vm.truth(state)?;
    receiver::<Map>(vm, this)?.is_strict.set(is_strict);
    Ok(Value::NONE)
}

fn new_filter(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let built_in = vm.types.filter.clone();
    let given = positional(vm, ty, &built_in, args)?;
    let [function, iterable] = Args::positional_only(given).exactly::<2>(vm, "filter")?;
    let payload = Filter {
        function: function.clone(),
        iterator: vm.iter(iterable)?,
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_filter(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let filter = receiver::<Filter>(vm, this)?;
    let by_truth = filter.function.is_none() || filter.function.is(vm.types.bool.as_value());
    while let Some(item) = vm.next(&filter.iterator)? {
        let wanted = if by_truth {
            vm.truth(&item)?
        } else {
            let answer = vm.call(&filter.function, std::slice::from_ref(&item))?;
            vm.truth(&answer)?
        };
        if wanted {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn reduce_filter(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let filter = receiver::<Filter>(vm, this)?;
    let args = vm.new_tuple(vec![filter.function.clone(), filter.iterator.clone()]);
    Ok(vm.new_tuple(vec![class, args]))
}

static MAP_METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reduce__", reduce_map).signature("($self, /)"),
    NativeDef::one("__setstate__", set_map_state)
        .signature("($self, object, /)")
        .since(14),
];

static FILTER_METHODS: &[NativeDef] =
    &[NativeDef::no_args("__reduce__", reduce_filter).signature("($self, /)")];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.map.slots;
    slots.new.set(Some(new_map));
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next_map));
    let slots = &vm.types.filter.slots;
    slots.new.set(Some(new_filter));
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next_filter));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.map.clone();
    vm.add_methods(&ty, MAP_METHODS);
    let ty = vm.types.filter.clone();
    vm.add_methods(&ty, FILTER_METHODS);
}
