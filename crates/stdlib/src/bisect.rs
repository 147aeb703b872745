//! `_bisect`: where an item belongs in a sorted sequence.

use pyco_exec::object::header::Ref;
use pyco_exec::object::list::List;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::CompareOp;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use crate::arguments::{or_none, ssize};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_bisect");
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

const SIGNATURE: &str = "($module, /, a, x, lo=0, hi=None, *, key=None)";

static PARAMS: Params = Params::new(&["a", "x", "lo", "hi", "key"], 2).keyword_only(1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("bisect_left", &PARAMS, |vm, _, bound| {
        bisect(vm, bound, Side::Left)
    })
    .signature(SIGNATURE),
    NativeDef::bound("bisect_right", &PARAMS, |vm, _, bound| {
        bisect(vm, bound, Side::Right)
    })
    .signature(SIGNATURE),
    NativeDef::bound("insort_left", &PARAMS, |vm, _, bound| {
        insort(vm, bound, Side::Left)
    })
    .signature(SIGNATURE),
    NativeDef::bound("insort_right", &PARAMS, |vm, _, bound| {
        insort(vm, bound, Side::Right)
    })
    .signature(SIGNATURE),
];

/// Before or after items that are equal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

fn bisect(vm: &mut Vm, bound: &Bound<'_>, side: Side) -> PyResult {
    let x = or_none(bound.get(1));
    let place = search(vm, bound, &x, side)?;
    Ok(vm.int(place))
}

fn search(vm: &mut Vm, bound: &Bound<'_>, x: &Value, side: Side) -> PyResult<i64> {
    let sequence = or_none(bound.get(0));
    let mut low = match bound.get(2) {
        Some(low) => ssize(vm, low)?,
        None => 0,
    };
    let given_high = match bound.not_none(3) {
        Some(high) => ssize(vm, high)?,
        None => -1,
    };
    if low < 0 {
        return Err(match vm.version_number() {
            ..15 => vm.value_error("lo must be non-negative"),
            _ => vm.value_error("lo cannot be negative"),
        });
    }
    let mut high = match given_high {
        -1 => vm.len(&sequence)? as i64,
        high => high,
    };
    let key = bound.not_none(4);
    while low < high {
        let middle = low + (high - low) / 2;
        let in_list = sequence.downcast::<List>().filter(|list| list.is_exact());
        let found = in_list.and_then(|list| list.items(vm).get(middle as usize).cloned());
        let mut item = match found {
            Some(item) => item,
            None => vm.get_item(&sequence, &vm.int(middle))?,
        };
        if let Some(key) = key {
            item = vm.call(key, &[item])?;
        }
        let goes_right = match side {
            Side::Left => vm.compare_bool(&item, x, CompareOp::Lt)?,
            Side::Right => !vm.compare_bool(x, &item, CompareOp::Lt)?,
        };
        if goes_right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn insort(vm: &mut Vm, bound: &Bound<'_>, side: Side) -> PyResult {
    let x = or_none(bound.get(1));
    let sought = match bound.not_none(4) {
        Some(key) => vm.call(key, std::slice::from_ref(&x))?,
        None => x.clone(),
    };
    let place = search(vm, bound, &sought, side)?;
    let sequence = or_none(bound.get(0));
    if let Some(list) = sequence.downcast::<List>().filter(|list| list.is_exact()) {
        let items = list.items_mut(vm);
        let place = (place as usize).min(items.len());
        items.insert(place, x);
        return Ok(Value::NONE);
    }
    let insert = vm.intern("insert");
    let place = vm.int(place);
    vm.call_method(&sequence, &insert, &[place, x])?;
    Ok(Value::NONE)
}
