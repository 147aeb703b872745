//! enumerate: the object, its slots and methods.

use crate::call::{Args, Params};
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::numeric::bigint::BigInt;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::range_methods::big;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the iterator and the next number, an int of any size.
pub struct Enumerate {
    iterator: Value,
    count: ValueCell,
}

impl Payload for Enumerate {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iterator);
    }
}

static NEW: Params = Params::new(&["iterable", "start"], 1);

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if ty.is(&vm.types.enumerate) {
        check_arguments(vm, args)?;
    }
    let bound = args.bind(vm, "enumerate", &NEW)?;
    let start = match bound.get(1) {
        Some(start) => vm.index(start)?,
        None => vm.int(0),
    };
    let iterable = bound.get(0).cloned().unwrap_or(Value::NONE);
    let iterator = vm.iter(&iterable)?;
    let payload = Enumerate {
        iterator,
        count: ValueCell::new(Some(start)),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

/// CPython takes the arguments of `enumerate` apart by hand, with messages of its own.
fn check_arguments(vm: &mut Vm, args: Args<'_>) -> PyResult<()> {
    let given = args.all_values().len();
    if given > 2 {
        return Err(vm.type_error(format!(
            "enumerate() takes at most 2 arguments ({given} given)"
        )));
    }
    for (name, _) in args.keywords() {
        let is_known = NEW.names.iter().any(|known| name.eq_str(known));
        let is_repeated = name.eq_str("iterable") && !args.positional().is_empty();
        if !is_known || is_repeated {
            let name = name.to_string();
            return Err(vm.type_error(format!(
                "'{name}' is an invalid keyword argument for enumerate()"
            )));
        }
    }
    let has_iterable =
        !args.positional().is_empty() || args.keywords().any(|(name, _)| name.eq_str("iterable"));
    if !has_iterable {
        return Err(vm.type_error("enumerate() missing required argument 'iterable'"));
    }
    Ok(())
}

impl Enumerate {
    /// The next number and item.
    #[inline]
    pub(crate) fn next_pair(&self, vm: &mut Vm) -> PyResult<Option<(Value, Value)>> {
        let Some(item) = vm.next(&self.iterator)? else {
            return Ok(None);
        };
        let count = self.count.get().unwrap_or_else(|| vm.int(0));
        let after = match Value::small_add(&count, &vm.int(1)) {
            Some(after) => after,
            None => vm.int_from_big(big(&count) + BigInt::from(1)),
        };
        self.count.set(Some(after));
        Ok(Some((count, item)))
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let pair = receiver::<Enumerate>(vm, this)?.next_pair(vm)?;
    Ok(pair.map(|(count, item)| vm.tuple_of([count, item])))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let this = receiver::<Enumerate>(vm, this)?;
    let count = this.count.get().unwrap_or_else(|| vm.int(0));
    let args = vm.new_tuple(vec![this.iterator.clone(), count]);
    Ok(vm.new_tuple(vec![class, args]))
}

static METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", reduce).signature("($self, /)")];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.enumerate.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.enumerate.clone();
    vm.add_methods(&ty, METHODS);
}
