//! `combinations`, `combinations_with_replacement` and `permutations`: tuples of items chosen from a pool.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{NewFn, NextFn, Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm, VmCell};

use super::{PICKLE_UNTIL, ints, next_tuple, reduced, state_int, state_of_len, warn_of_pickle};
use crate::arguments::{or_none, ssize};

/// The pool, how many to choose, which are chosen, and the tuple given last.
pub(super) struct Choice {
    pool: Vec<Value>,
    count: usize,
    places: VmCell<Places>,
    result: ValueCell,
    is_over: Cell<bool>,
}

/// The indices of the chosen items; of permutations, of all items in turn, and how often each place still changes.
struct Places {
    indices: Vec<usize>,
    cycles: Vec<usize>,
}

impl Payload for Choice {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.pool.iter().for_each(&mut *visit);
        self.result.traverse(visit);
    }

    fn clear(&self) {
        self.result.set(None);
    }
}

fn iterator_slots(slots: &Slots, new: NewFn, next: NextFn) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

fn size_of_choice(vm: &mut Vm, this: &Value) -> PyResult {
    let count = receiver::<Choice>(vm, this)?.count.min(1 << 40);
    Ok(vm.int(56 + 8 * count as i64))
}

pub(super) static COMBINATIONS: ClassDef =
    ClassDef::new::<Choice>("itertools.combinations", |slots, _| {
        iterator_slots(slots, new_combinations, next_combination);
    })
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state_of_combinations)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
        NativeDef::no_args("__sizeof__", size_of_choice),
    ]);

pub(super) static COMBINATIONS_WITH_REPLACEMENT: ClassDef =
    ClassDef::new::<Choice>("itertools.combinations_with_replacement", |slots, _| {
        iterator_slots(slots, new_with_replacement, next_with_replacement);
    })
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state_with_replacement)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
        NativeDef::no_args("__sizeof__", size_of_choice),
    ]);

pub(super) static PERMUTATIONS: ClassDef =
    ClassDef::new::<Choice>("itertools.permutations", |slots, _| {
        iterator_slots(slots, new_permutations, next_permutation);
    })
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce_permutations)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state_of_permutations)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
        NativeDef::no_args("__sizeof__", size_of_choice),
    ]);

static PARAMS: Params = Params::new(&["iterable", "r"], 2);

/// The pool and `r`, of the class called `name`.
fn pool_and_count(vm: &mut Vm, name: &str, args: Args<'_>) -> PyResult<(Vec<Value>, usize)> {
    let bound = args.bind(vm, name, &PARAMS)?;
    let count = ssize(vm, &or_none(bound.get(1)))?;
    let pool = vm.collect(&or_none(bound.get(0)))?;
    match usize::try_from(count) {
        Ok(count) => Ok((pool, count)),
        Err(_) if vm.version_number() >= 15 => Err(vm.value_error("r cannot be negative")),
        Err(_) => Err(vm.value_error("r must be non-negative")),
    }
}

fn make(ty: &Ref<Type>, pool: Vec<Value>, count: usize, places: Places, is_over: bool) -> Value {
    let payload = Choice {
        pool,
        count,
        places: VmCell::new(places),
        result: ValueCell::new(None),
        is_over: Cell::new(is_over),
    };
    Value::from(Ref::new(ty, payload))
}

fn indices_only(indices: Vec<usize>) -> Places {
    let cycles = Vec::new();
    Places { indices, cycles }
}

fn new_combinations(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let (pool, count) = pool_and_count(vm, "combinations", args)?;
    let is_over = count > pool.len();
    let indices = if is_over {
        Vec::new()
    } else {
        (0..count).collect()
    };
    Ok(make(ty, pool, count, indices_only(indices), is_over))
}

fn new_with_replacement(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let (pool, count) = pool_and_count(vm, "combinations_with_replacement", args)?;
    let is_over = pool.is_empty() && count > 0;
    if count > vm.max_size() / 32 {
        return Err(vm.memory_error());
    }
    vm.check_growth(count * 16)?;
    Ok(make(ty, pool, count, indices_only(vec![0; count]), is_over))
}

static PERMUTATION_PARAMS: Params = Params::new(&["iterable", "r"], 1);

fn new_permutations(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "permutations", &PERMUTATION_PARAMS)?;
    let pool = vm.collect(&or_none(bound.get(0)))?;
    let count = match bound.not_none(1) {
        None => pool.len() as i64,
        Some(count) if count.as_int().is_none() => {
            return Err(vm.type_error("Expected int as r"));
        }
        Some(count) => ssize(vm, count)?,
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(vm.value_error("r must be non-negative"));
    };
    let is_over = count > pool.len();
    let places = Places {
        indices: (0..pool.len()).collect(),
        cycles: (0..count.min(pool.len()))
            .map(|at| pool.len() - at)
            .collect(),
    };
    Ok(make(ty, pool, count, places, is_over))
}

impl Choice {
    /// The tuple of all chosen items, as the first or after `__setstate__`.
    fn whole(&self, vm: &Vm) -> Value {
        let indices = &self.places.get(vm).indices;
        let items = indices.iter().take(self.count);
        let result = vm.new_tuple(items.map(|index| self.pool[*index].clone()).collect());
        self.result.set(Some(result.clone()));
        result
    }

    /// The next tuple, where the indices from place `from` on have changed.
    fn changed(&self, vm: &Vm, from: usize) -> Value {
        let indices = &self.places.get(vm).indices;
        next_tuple(vm, &self.result, |row| {
            for (place, index) in row[from..].iter_mut().zip(&indices[from..]) {
                *place = self.pool[*index].clone();
            }
        })
    }

    /// Goes on with `advance`, which gives the first place that it changed, or nothing at the end.
    fn next(
        &self,
        vm: &mut Vm,
        advance: impl FnOnce(&mut Places, usize, usize) -> Option<usize>,
    ) -> Option<Value> {
        if self.is_over.get() {
            return None;
        }
        if self.result.is_empty() {
            return Some(self.whole(vm));
        }
        let places = self.places.get_mut(vm);
        match advance(places, self.pool.len(), self.count) {
            Some(from) => Some(self.changed(vm, from)),
            None => {
                self.is_over.set(true);
                None
            }
        }
    }
}

fn next_combination(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Choice>(vm, this)?;
    Ok(this.next(vm, |places, len, count| {
        let indices = &mut places.indices;
        let at = (0..count).rfind(|at| indices[*at] != at + len - count)?;
        let first = indices[at] + 1;
        for (step, index) in indices[at..].iter_mut().enumerate() {
            *index = first + step;
        }
        Some(at)
    }))
}

fn next_with_replacement(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Choice>(vm, this)?;
    Ok(this.next(vm, |places, len, _| {
        let indices = &mut places.indices;
        let at = indices.iter().rposition(|index| index + 1 != len)?;
        let index = indices[at] + 1;
        indices[at..].fill(index);
        Some(at)
    }))
}

fn next_permutation(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Choice>(vm, this)?;
    Ok(this.next(vm, |places, len, _| {
        for at in (0..places.cycles.len()).rev() {
            places.cycles[at] -= 1;
            if places.cycles[at] > 0 {
                let other = len - places.cycles[at];
                places.indices.swap(at, other);
                return Some(at);
            }
            places.indices[at..].rotate_left(1);
            places.cycles[at] = len - at;
        }
        None
    }))
}

/// The arguments that would make the object anew, and whether there is a state.
fn arguments(vm: &Vm, choice: &Choice) -> (Vec<Value>, bool) {
    let is_first = choice.result.is_empty();
    let pool = match choice.is_over.get() && !is_first {
        true => Vec::new(),
        false => choice.pool.clone(),
    };
    let has_state = !is_first && !choice.is_over.get();
    let arguments = vec![vm.new_tuple(pool), vm.int(choice.count as i64)];
    (arguments, has_state)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let choice = receiver::<Choice>(vm, this)?;
    let (arguments, has_state) = arguments(vm, choice);
    let state = has_state.then(|| ints(vm, &choice.places.get(vm).indices));
    reduced(vm, this, arguments, state)
}

fn reduce_permutations(vm: &mut Vm, this: &Value) -> PyResult {
    let choice = receiver::<Choice>(vm, this)?;
    let (arguments, has_state) = arguments(vm, choice);
    let state = has_state.then(|| {
        let places = choice.places.get(vm);
        vm.tuple_of([ints(vm, &places.indices), ints(vm, &places.cycles)])
    });
    reduced(vm, this, arguments, state)
}

/// Sets the indices from a state, each cut to what its place may hold; `most` gives the largest for a place.
fn set_indices(
    vm: &mut Vm,
    this: &Value,
    state: &Value,
    most: impl Fn(&Choice, usize) -> usize,
) -> PyResult {
    warn_of_pickle(vm)?;
    let choice = receiver::<Choice>(vm, this)?;
    let state = state_of_len(vm, state, choice.count)?;
    if choice.is_over.get() && choice.result.is_empty() {
        return Ok(Value::NONE);
    }
    for (at, index) in state.iter().enumerate() {
        let index = state_int(vm, index)?;
        let index = index.clamp(0, most(choice, at) as i64) as usize;
        choice.places.get_mut(vm).indices[at] = index;
    }
    choice.whole(vm);
    Ok(Value::NONE)
}

fn set_state_of_combinations(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    set_indices(vm, this, state, |choice, at| {
        at + choice.pool.len() - choice.count
    })
}

fn set_state_with_replacement(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    set_indices(vm, this, state, |choice, _| choice.pool.len() - 1)
}

fn set_state_of_permutations(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let Some(state) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state is not a tuple"));
    };
    let [indices, cycles] = state.items() else {
        let given = state.items().len();
        return Err(vm.type_error(format!(
            "function takes exactly 2 arguments ({given} given)"
        )));
    };
    for (number, part) in [(1, indices), (2, cycles)] {
        if part.downcast::<Tuple>().is_none() {
            let found = vm.type_name(part);
            return Err(vm.type_error(format!("argument {number} must be tuple, not {found}")));
        }
    }
    let choice = receiver::<Choice>(vm, this)?;
    let len = choice.pool.len();
    let indices = state_of_len(vm, indices, len)?;
    let cycles = state_of_len(vm, cycles, choice.count)?;
    if choice.count > len {
        return Ok(Value::NONE);
    }
    for (at, index) in indices.iter().enumerate() {
        let index = state_int(vm, index)?.clamp(0, len as i64 - 1) as usize;
        choice.places.get_mut(vm).indices[at] = index;
    }
    for (at, left) in cycles.iter().enumerate() {
        let left = state_int(vm, left)?.clamp(1, (len - at) as i64) as usize;
        choice.places.get_mut(vm).cycles[at] = left;
    }
    choice.whole(vm);
    Ok(Value::NONE)
}
