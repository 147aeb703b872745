//! `tee`: independent iterators over the items of one.
//!
//! The items stand in a chain of blocks that the iterators share; a block that all have passed is let go of.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::list::List;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::{receiver, with_capacity};
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, ValueCell, Vm, VmCell};

use super::{PICKLE_UNTIL, reduced, state_int, warn_of_pickle};
use crate::arguments::{or_none, positional, ssize};

/// The items of one block, as CPython has it: it shows in what `__reduce__` gives.
const BLOCK: usize = 57;

/// One block: where further items come from, those that were read, and the next block.
pub(super) struct TeeData {
    iterator: ValueCell,
    items: VmCell<Vec<Value>>,
    next: ValueCell,
    is_running: Cell<bool>,
}

impl Payload for TeeData {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.iterator.traverse(visit);
        // SAFETY: the collector calls this, while nobody borrows any contents.
        unsafe {
            self.items
                .traverse_with(|items| items.iter().for_each(&mut *visit));
        }
        self.next.traverse(visit);
    }

    fn clear(&self) {
        self.iterator.set(None);
        // SAFETY: the collector calls this, while nobody borrows any contents.
        drop(unsafe { self.items.take_in_clear() });
        self.next.set(None);
    }
}

pub(super) static TEE_DATA: ClassDef =
    ClassDef::new::<TeeData>("itertools._tee_dataobject", |slots, _| {
        slots.new.set(Some(new_data));
    })
    .methods(&[NativeDef::no_args("__reduce__", reduce_data)
        .signature("($self, /)")
        .until(PICKLE_UNTIL)]);

fn make_data(vm: &mut Vm, iterator: Value, items: Vec<Value>, next: Option<Value>) -> Ref<TeeData> {
    let class = vm.class(&TEE_DATA);
    let payload = TeeData {
        iterator: ValueCell::new(Some(iterator)),
        items: VmCell::new(items),
        next: ValueCell::new(next),
        is_running: Cell::new(false),
    };
    Ref::new(&class, payload)
}

fn new_data(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &TEE_DATA, "teedataobject", args, (3, 3))?;
    let [iterator, items, next] = arguments else {
        return Ok(Value::NONE);
    };
    let Some(items) = items.downcast::<List>() else {
        let found = vm.type_name(items);
        let message = format!("teedataobject() argument 2 must be list, not {found}");
        return Err(vm.type_error(message));
    };
    let items = items.items(vm).to_vec();
    let is_next = next.downcast::<TeeData>().is_some();
    let fits = match items.len() {
        ..BLOCK => next.is_none(),
        BLOCK => next.is_none() || is_next,
        _ => false,
    };
    if !fits {
        return Err(vm.value_error("Invalid arguments"));
    }
    let next = Some(next.clone()).filter(|next| !next.is_none());
    Ok(Value::from(make_data(vm, iterator.clone(), items, next)))
}

fn reduce_data(vm: &mut Vm, this: &Value) -> PyResult {
    let data = receiver::<TeeData>(vm, this)?;
    let items = vm.new_list(data.items.get(vm).clone());
    let arguments = vec![
        or_none(data.iterator.get().as_ref()),
        items,
        or_none(data.next.get().as_ref()),
    ];
    reduced(vm, this, arguments, None)
}

impl TeeData {
    /// The item at a place of the block; nothing at the end.
    fn item(&self, vm: &mut Vm, at: usize) -> PyResult<Option<Value>> {
        if let Some(item) = self.items.get(vm).get(at) {
            return Ok(Some(item.clone()));
        }
        let Some(iterator) = self.iterator.get() else {
            return Ok(None);
        };
        if self.is_running.replace(true) {
            return Err(vm.runtime_error("cannot re-enter the tee iterator"));
        }
        let item = vm.next(&iterator);
        self.is_running.set(false);
        let item = item?;
        self.items.get_mut(vm).extend(item.clone());
        Ok(item)
    }
}

/// `_tee`: a block, and the place in it.
pub(super) struct Tee {
    data: ValueCell,
    index: Cell<usize>,
}

impl Payload for Tee {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.data.traverse(visit);
    }

    fn clear(&self) {
        self.data.set(None);
    }
}

pub(super) static TEE: ClassDef = ClassDef::new::<Tee>("itertools._tee", slots)
    .weakly_referenced()
    .methods(&[
        NativeDef::no_args("__copy__", copy).signature("($self, /)"),
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

fn make_tee(vm: &mut Vm, data: Value, index: usize) -> Value {
    let class = vm.class(&TEE);
    let payload = Tee {
        data: ValueCell::new(Some(data)),
        index: Cell::new(index),
    };
    Value::from(Ref::new(&class, payload))
}

/// An iterator of ours over an iterable; of one of ours, a copy.
fn from_iterable(vm: &mut Vm, iterable: &Value) -> PyResult {
    let iterator = vm.iter(iterable)?;
    if iterator.downcast::<Tee>().is_some() {
        return copy(vm, &iterator);
    }
    let data = make_data(vm, iterator, Vec::new(), None);
    Ok(make_tee(vm, Value::from(data), 0))
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &TEE, "_tee", args, (1, 1))?;
    from_iterable(vm, &arguments[0])
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let tee = receiver::<Tee>(vm, this)?;
    let (data, index) = (or_none(tee.data.get().as_ref()), tee.index.get());
    Ok(make_tee(vm, data, index))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let tee = receiver::<Tee>(vm, this)?;
    let Some(data) = tee.data.get().and_then(|d| d.into_ref::<TeeData>().ok()) else {
        return Ok(None);
    };
    let data = if tee.index.get() < BLOCK {
        data
    } else {
        let next = data.next.get().and_then(|d| d.into_ref::<TeeData>().ok());
        let next = match next {
            Some(next) => next,
            None => {
                let iterator = or_none(data.iterator.get().as_ref());
                let next = make_data(vm, iterator, Vec::with_capacity(BLOCK), None);
                data.next.set(Some(Value::from(&next)));
                next
            }
        };
        tee.data.set(Some(Value::from(&next)));
        tee.index.set(0);
        next
    };
    let item = data.item(vm, tee.index.get())?;
    if item.is_some() {
        tee.index.set(tee.index.get() + 1);
    }
    Ok(item)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let tee = receiver::<Tee>(vm, this)?;
    let index = vm.int(tee.index.get() as i64);
    let state = vm.tuple_of([or_none(tee.data.get().as_ref()), index]);
    let empty = vm.new_tuple(Vec::new());
    reduced(vm, this, vec![empty], Some(state))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let Some(state) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state is not a tuple"));
    };
    let [data, index] = state.items() else {
        let given = state.items().len();
        return Err(vm.type_error(format!(
            "function takes exactly 2 arguments ({given} given)"
        )));
    };
    if data.downcast::<TeeData>().is_none() {
        let found = vm.type_name(data);
        let message = format!("argument 1 must be itertools._tee_dataobject, not {found}");
        return Err(vm.type_error(message));
    }
    let index = state_int(vm, index)?;
    let tee = receiver::<Tee>(vm, this)?;
    match usize::try_from(index) {
        Ok(index) if index <= BLOCK => {
            tee.data.set(Some(data.clone()));
            tee.index.set(index);
            Ok(Value::NONE)
        }
        _ => Err(vm.value_error("Index out of range")),
    }
}

pub(super) static FUNCTIONS: &[NativeDef] =
    &[NativeDef::range("tee", 1, 2, tee).signature("($module, iterable, n=2, /)")];

/// `tee(iterable, n)`.
fn tee(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let count = match arguments.get(1) {
        Some(count) => ssize(vm, count)?,
        None => 2,
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(match vm.version_number() {
            ..15 => vm.value_error("n must be >= 0"),
            _ => vm.value_error("n cannot be negative"),
        });
    };
    if count > vm.max_size() / 64 {
        return Err(vm.memory_error());
    }
    let mut iterators = with_capacity(vm, count)?;
    if count == 0 {
        return Ok(vm.new_tuple(iterators));
    }
    let name = vm.intern("__copy__");
    // Up to 3.12 an iterator that can be copied is one of the results itself.
    let mut first = vm.iter(&arguments[0])?;
    let is_copied = vm.version_number() < 13 && vm.get_attr_opt(&first, &name)?.is_some();
    if !is_copied {
        first = from_iterable(vm, &first)?;
    }
    iterators.push(first.clone());
    while iterators.len() < count {
        iterators.push(match is_copied {
            true => vm.call_method(&first, &name, &[])?,
            false => copy(vm, &first)?,
        });
    }
    Ok(vm.new_tuple(iterators))
}
