//! `batched`, `pairwise` and `zip_longest`: tuples of what follows each other, or stands beside each other.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::UnaryOp;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm};

use super::{PICKLE_UNTIL, next_tuple, reduced, warn_of_pickle};
use crate::arguments::{or_none, positional, ssize};

/// `batched`: the iterator, until it ends, and how many items make a batch.
pub(super) struct Batched {
    iterator: ValueCell,
    size: usize,
    is_strict: bool,
}

impl Payload for Batched {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.iterator.traverse(visit);
    }

    fn clear(&self) {
        self.iterator.set(None);
    }
}

pub(super) static BATCHED: ClassDef = ClassDef::new::<Batched>("itertools.batched", |slots, _| {
    slots.new.set(Some(new_batched));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next_batched));
})
.subclassable();

static BATCHED_PARAMS: Params = Params::new(&["iterable", "n", "strict"], 2).keyword_only(1);
static BATCHED_PARAMS_12: Params = Params::new(&["iterable", "n"], 2);

fn new_batched(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let params = match vm.version_number() {
        ..13 => &BATCHED_PARAMS_12,
        _ => &BATCHED_PARAMS,
    };
    let bound = args.bind(vm, "batched", params)?;
    let size = ssize(vm, &or_none(bound.get(1)))?;
    let is_strict = match bound.get(2) {
        Some(strict) => vm.truth(strict)?,
        None => false,
    };
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(vm.value_error("n must be at least one"));
    };
    let payload = Batched {
        iterator: ValueCell::new(Some(vm.iter(&or_none(bound.get(0)))?)),
        size,
        is_strict,
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_batched(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Batched>(vm, this)?;
    let Some(iterator) = this.iterator.get() else {
        return Ok(None);
    };
    let mut items = Vec::with_capacity(this.size.min(64));
    while items.len() < this.size {
        match vm.next(&iterator) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => break,
            Err(raised) => {
                this.iterator.set(None);
                return Err(raised);
            }
        }
        vm.check_growth(items.len())?;
    }
    if items.len() < this.size {
        this.iterator.set(None);
        if items.is_empty() {
            return Ok(None);
        }
        if this.is_strict {
            return Err(vm.value_error("batched(): incomplete batch"));
        }
    }
    Ok(Some(vm.new_tuple(items)))
}

/// `pairwise`: the iterator, until it ends, the item given last, and the tuple given last.
pub(super) struct Pairwise {
    iterator: ValueCell,
    old: ValueCell,
    result: ValueCell,
}

impl Payload for Pairwise {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.iterator.traverse(visit);
        self.old.traverse(visit);
        self.result.traverse(visit);
    }

    fn clear(&self) {
        for cell in [&self.iterator, &self.old, &self.result] {
            cell.set(None);
        }
    }
}

pub(super) static PAIRWISE: ClassDef =
    ClassDef::new::<Pairwise>("itertools.pairwise", |slots, _| {
        slots.new.set(Some(new_pairwise));
        slots.set_unary(UnaryOp::Iter, self_iter);
        slots.next.set(Some(next_pairwise));
    })
    .subclassable();

fn new_pairwise(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &PAIRWISE, "pairwise", args, (1, 1))?;
    let payload = Pairwise {
        iterator: ValueCell::new(Some(vm.iter(&arguments[0])?)),
        old: ValueCell::new(None),
        result: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_pairwise(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Pairwise>(vm, this)?;
    let Some(iterator) = this.iterator.get() else {
        return Ok(None);
    };
    let mut old = this.old.get();
    if old.is_none() {
        old = vm.next(&iterator)?;
        this.old.set(old.clone());
    }
    let Some(old) = old else {
        this.iterator.set(None);
        return Ok(None);
    };
    // The first step may have come back here and ended it all.
    let new = match this.iterator.is_empty() {
        true => Ok(None),
        false => vm.next(&iterator),
    };
    match new {
        Ok(Some(new)) => {
            this.old.set(Some(new.clone()));
            Ok(Some(pair(vm, &this.result, old, new)))
        }
        ended => {
            this.iterator.set(None);
            this.old.set(None);
            ended
        }
    }
}

/// The next pair.
fn pair(vm: &Vm, result: &ValueCell, old: Value, new: Value) -> Value {
    if result.is_empty() {
        let pair = vm.tuple_of([old, new]);
        result.set(Some(pair.clone()));
        return pair;
    }
    next_tuple(vm, result, |items| {
        if let [first, second] = items {
            (*first, *second) = (old, new);
        }
    })
}

/// `zip_longest`: the iterators that have not ended, and what stands for items that are missing.
pub(super) struct ZipLongest {
    iterators: Vec<ValueCell>,
    active: Cell<usize>,
    fill: ValueCell,
    result: ValueCell,
}

impl Payload for ZipLongest {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in &self.iterators {
            cell.traverse(visit);
        }
        self.fill.traverse(visit);
        self.result.traverse(visit);
    }

    fn clear(&self) {
        self.fill.set(None);
        self.result.set(None);
        self.iterators.iter().for_each(|cell| cell.set(None));
    }
}

pub(super) static ZIP_LONGEST: ClassDef =
    ClassDef::new::<ZipLongest>("itertools.zip_longest", |slots, _| {
        slots.new.set(Some(new_zip));
        slots.set_unary(UnaryOp::Iter, self_iter);
        slots.next.set(Some(next_zip));
    })
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce_zip)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state_of_zip)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
    ]);

fn new_zip(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let mut fill = Value::NONE;
    if args.has_keywords() {
        let mut keywords = args.keywords();
        fill = match (keywords.next(), keywords.next()) {
            (Some((name, value)), None) if name.eq_str("fillvalue") => value.clone(),
            _ => {
                let message = "zip_longest() got an unexpected keyword argument";
                return Err(vm.type_error(message));
            }
        };
    }
    let mut iterators = Vec::with_capacity(args.positional().len());
    for iterable in args.positional() {
        iterators.push(ValueCell::new(Some(vm.iter(iterable)?)));
    }
    let payload = ZipLongest {
        active: Cell::new(iterators.len()),
        iterators,
        fill: ValueCell::new(Some(fill)),
        result: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_zip(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<ZipLongest>(vm, this)?;
    if this.active.get() == 0 {
        return Ok(None);
    }
    let mut items = Vec::with_capacity(this.iterators.len());
    for cell in &this.iterators {
        let item = match cell.get() {
            None => None,
            Some(iterator) => match vm.next(&iterator) {
                Ok(Some(item)) => Some(item),
                Ok(None) => {
                    this.active.set(this.active.get().saturating_sub(1));
                    if this.active.get() == 0 {
                        return Ok(None);
                    }
                    cell.set(None);
                    None
                }
                Err(raised) => {
                    this.active.set(0);
                    return Err(raised);
                }
            },
        };
        items.push(item.unwrap_or_else(|| or_none(this.fill.get().as_ref())));
    }
    if this.result.is_empty() {
        let result = vm.new_tuple(items);
        this.result.set(Some(result.clone()));
        return Ok(Some(result));
    }
    Ok(Some(next_tuple(vm, &this.result, |row| {
        for (place, item) in row.iter_mut().zip(items) {
            *place = item;
        }
    })))
}

fn reduce_zip(vm: &mut Vm, this: &Value) -> PyResult {
    let zip = receiver::<ZipLongest>(vm, this)?;
    let empty = vm.new_tuple(Vec::new());
    let iterators = zip.iterators.iter();
    let iterators = iterators
        .map(|cell| cell.get().unwrap_or_else(|| empty.clone()))
        .collect();
    let fill = or_none(zip.fill.get().as_ref());
    reduced(vm, this, iterators, Some(fill))
}

fn set_state_of_zip(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let fill = Some(state.clone());
    receiver::<ZipLongest>(vm, this)?.fill.set(fill);
    Ok(Value::NONE)
}
