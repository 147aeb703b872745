//! zip: the object, its slots and methods.

use std::cell::Cell;

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the iterators, and whether all must end together.
pub struct Zip {
    iterators: Vec<Value>,
    is_strict: Cell<bool>,
}

impl Payload for Zip {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.iterators.iter().for_each(visit);
    }
}

/// The value of `strict`, the only keyword argument of `zip` and `map`.
pub(super) fn strict_argument(vm: &mut Vm, function: &str, args: Args<'_>) -> PyResult<bool> {
    let given = args.all_values().len() - args.positional().len();
    if given > 1 {
        return Err(vm.type_error(format!(
            "{function}() takes at most 1 keyword argument ({given} given)"
        )));
    }
    let mut is_strict = false;
    for (name, value) in args.keywords() {
        if !name.eq_str("strict") {
            let name = name.to_string();
            let message = match vm.version_number() {
                ..13 => format!("'{name}' is an invalid keyword argument for {function}()"),
                _ => format!("{function}() got an unexpected keyword argument '{name}'"),
            };
            return Err(vm.type_error(message));
        }
        is_strict = vm.truth(value)?;
    }
    Ok(is_strict)
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let is_strict = strict_argument(vm, "zip", args)?;
    let mut iterators = Vec::with_capacity(args.positional().len());
    for iterable in args.positional() {
        iterators.push(vm.iter(iterable)?);
    }
    let payload = Zip {
        iterators,
        is_strict: Cell::new(is_strict),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

impl Zip {
    /// The two iterators, if there are just two, of which the shorter ends the run.
    #[inline]
    pub(crate) fn two(&self) -> Option<[&Value; 2]> {
        match (&self.iterators[..], self.is_strict.get()) {
            ([a, b], false) => Some([a, b]),
            _ => None,
        }
    }

    /// The next items of two iterators.
    #[inline]
    pub(crate) fn next_pair(vm: &mut Vm, [a, b]: [&Value; 2]) -> PyResult<Option<(Value, Value)>> {
        let Some(a) = vm.next(a)? else {
            return Ok(None);
        };
        Ok(vm.next(b)?.map(|b| (a, b)))
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let zip = receiver::<Zip>(vm, this)?;
    if zip.iterators.is_empty() {
        return Ok(None);
    }
    // The commonest case needs no vector on the way to the tuple.
    if let Some(iterators) = zip.two() {
        let pair = Zip::next_pair(vm, iterators)?;
        return Ok(pair.map(|(a, b)| vm.tuple_of([a, b])));
    }
    let mut items = Vec::with_capacity(zip.iterators.len());
    for (at, iterator) in zip.iterators.iter().enumerate() {
        match vm.next(iterator)? {
            Some(item) => items.push(item),
            None if zip.is_strict.get() => {
                check_end(vm, "zip", &zip.iterators, at)?;
                return Ok(None);
            }
            None => return Ok(None),
        }
    }
    Ok(Some(vm.new_tuple(items)))
}

/// The iterator at `ended` has ended: if it is the first, all others must have, too.
pub(super) fn check_end(
    vm: &mut Vm,
    function: &str,
    iterators: &[Value],
    ended: usize,
) -> PyResult<()> {
    let mismatch = |vm: &mut Vm, at: usize, how: &str| {
        let before = if at == 1 {
            " 1".to_owned()
        } else {
            format!("s 1-{at}")
        };
        let number = at + 1;
        vm.value_error(format!(
            "{function}() argument {number} is {how} than argument{before}"
        ))
    };
    if ended > 0 {
        return Err(mismatch(vm, ended, "shorter"));
    }
    for (at, iterator) in iterators.iter().enumerate().skip(1) {
        if vm.next(iterator)?.is_some() {
            return Err(mismatch(vm, at, "longer"));
        }
    }
    Ok(())
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let zip = receiver::<Zip>(vm, this)?;
    let mut parts = vec![class, vm.new_tuple(zip.iterators.clone())];
    if zip.is_strict.get() {
        parts.push(Value::TRUE);
    }
    Ok(vm.new_tuple(parts))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let is_strict = vm.truth(state)?;
    receiver::<Zip>(vm, this)?.is_strict.set(is_strict);
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
    NativeDef::one("__setstate__", set_state).signature("($self, object, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.zip.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.zip.clone();
    vm.add_methods(&ty, METHODS);
}
