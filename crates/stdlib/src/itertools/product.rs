//! `product`.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::{receiver, with_capacity};
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm, VmCell};

use super::{PICKLE_UNTIL, ints, next_tuple, reduced, state_int, state_of_len, warn_of_pickle};
use crate::arguments::ssize;

/// The pools, as tuples; the index into each; and the tuple given last.
pub(super) struct Product {
    pools: Vec<Value>,
    indices: VmCell<Vec<usize>>,
    result: ValueCell,
    is_over: Cell<bool>,
}

impl Payload for Product {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.pools.iter().for_each(&mut *visit);
        self.result.traverse(visit);
    }

    fn clear(&self) {
        self.result.set(None);
    }
}

pub(super) static PRODUCT: ClassDef = ClassDef::new::<Product>("itertools.product", slots)
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
        NativeDef::no_args("__sizeof__", |vm, this| {
            let pools = receiver::<Product>(vm, this)?.pools.len();
            Ok(vm.int(48 + 8 * pools as i64))
        }),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

static REPEAT: Params = Params::new(&["repeat"], 0);

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let mut repeat = 1;
    let pools = args.positional();
    if args.has_keywords() {
        let keywords = Args::new(&args.all_values()[pools.len()..], args.names());
        let bound = keywords.bind(vm, "product", &REPEAT)?;
        if let Some(times) = bound.get(0) {
            repeat = ssize(vm, times)?;
        }
    }
    let Ok(repeat) = usize::try_from(repeat) else {
        return Err(vm.value_error("repeat argument cannot be negative"));
    };
    let pools = if repeat == 0 { &[] } else { pools };
    let count = match pools.len().checked_mul(repeat) {
        Some(count) if count <= isize::MAX as usize / size_of::<usize>() => count,
        _ => return Err(vm.overflow_error("repeat argument too large")),
    };
    if count > vm.max_size() / 32 {
        return Err(vm.memory_error());
    }
    let mut once = Vec::with_capacity(pools.len());
    for pool in pools {
        once.push(match pool.downcast::<Tuple>().filter(|t| t.is_exact()) {
            Some(_) => pool.clone(),
            None => {
                let items = vm.collect(pool)?;
                vm.new_tuple(items)
            }
        });
    }
    let mut pools = with_capacity(vm, count)?;
    for _ in 0..repeat {
        if once.is_empty() {
            break;
        }
        pools.extend_from_slice(&once);
    }
    let payload = Product {
        pools,
        indices: VmCell::new(vec![0; count]),
        result: ValueCell::new(None),
        is_over: Cell::new(false),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

/// A pool's items.
fn items(pool: &Value) -> &[Value] {
    pool.downcast::<Tuple>().map_or(&[], |pool| pool.items())
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Product>(vm, this)?;
    if this.is_over.get() {
        return Ok(None);
    }
    if this.result.is_empty() {
        let first: Option<Vec<Value>> = this
            .pools
            .iter()
            .map(|pool| items(pool).first().cloned())
            .collect();
        let Some(first) = first else {
            this.is_over.set(true);
            return Ok(None);
        };
        let first = vm.new_tuple(first);
        this.result.set(Some(first.clone()));
        return Ok(Some(first));
    }
    // The rightmost index moves on; where one wraps, the next to its left moves, too.
    let indices = this.indices.get_mut(vm);
    let mut changed = this.pools.len();
    loop {
        if changed == 0 {
            this.is_over.set(true);
            return Ok(None);
        }
        changed -= 1;
        indices[changed] += 1;
        if indices[changed] < items(&this.pools[changed]).len() {
            break;
        }
        indices[changed] = 0;
    }
    let indices = this.indices.get(vm);
    Ok(Some(next_tuple(vm, &this.result, |row| {
        for at in changed..this.pools.len() {
            row[at] = items(&this.pools[at])[indices[at]].clone();
        }
    })))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let product = receiver::<Product>(vm, this)?;
    if product.is_over.get() {
        let empty = vm.new_tuple(Vec::new());
        return reduced(vm, this, vec![empty], None);
    }
    let state = match product.result.is_empty() {
        true => None,
        false => Some(ints(vm, product.indices.get(vm))),
    };
    reduced(vm, this, product.pools.clone(), state)
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let product = receiver::<Product>(vm, this)?;
    let state = state_of_len(vm, state, product.pools.len())?;
    let mut row = Vec::with_capacity(state.len());
    for (at, (index, pool)) in state.iter().zip(&product.pools).enumerate() {
        let index = state_int(vm, index)?;
        let Some(last) = items(pool).len().checked_sub(1) else {
            product.is_over.set(true);
            return Ok(Value::NONE);
        };
        let index = index.clamp(0, last as i64) as usize;
        product.indices.get_mut(vm)[at] = index;
        row.push(items(pool)[index].clone());
    }
    product.result.set(Some(vm.new_tuple(row)));
    Ok(Value::NONE)
}
