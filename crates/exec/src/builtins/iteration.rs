//! What walks over iterables: `all`, `any`, `iter`, `next`, `max`, `min`, `sorted`, `aiter`, `anext`.

use std::ops::ControlFlow;

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::callable_iter::CallableIterator;
use crate::object::list_sort;
use crate::object::native::NativeDef;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("aiter", aiter).signature("($module, async_iterable, /)"),
    NativeDef::one("all", |vm, _, iterable| any_is(vm, iterable, false))
        .signature("($module, iterable, /)"),
    NativeDef::range("anext", 1, 2, anext)
        .signature("($module, aiterator, default=<unrepresentable>, /)"),
    NativeDef::one("any", |vm, _, iterable| any_is(vm, iterable, true))
        .signature("($module, iterable, /)"),
    NativeDef::range("iter", 1, 2, iter),
    NativeDef::any("max", |vm, _, args| extreme(vm, "max", CompareOp::Gt, args)),
    NativeDef::any("min", |vm, _, args| extreme(vm, "min", CompareOp::Lt, args)),
    NativeDef::range("next", 1, 2, next),
    NativeDef::any("sorted", sorted)
        .signature("($module, iterable, /, *, key=None, reverse=False)"),
];

static EXTREME: Params = Params::new(&["key", "default"], 0).keyword_only(2);

/// Whether some item has this truth: `any`, and turned round `all`.
fn any_is(vm: &mut Vm, iterable: &Value, wanted: bool) -> PyResult {
    let iterator = vm.iter(iterable)?;
    let mut found = false;
    vm.drain(&iterator, |vm, item| {
        found = vm.truth(&item)? == wanted;
        Ok(if found {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    Ok(Value::bool(found == wanted))
}

fn iter(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let Some(sentinel) = args.get(1) else {
        return vm.iter(&args[0]);
    };
    if vm.type_of(&args[0]).slots.call.get().is_none() {
        let message = match vm.version_number() {
            12 => "iter(object, sentinel): object must be callable",
            _ => "iter(v, w): v must be callable",
        };
        return Err(vm.type_error(message));
    }
    Ok(CallableIterator::new(vm, args[0].clone(), sentinel.clone()))
}

fn next(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let iterator = &args[0];
    let Some(default) = args.get(1) else {
        let ty = vm.type_of(iterator);
        let Some(next) = ty.slots.next.get() else {
            let found = vm.type_name(iterator);
            return Err(vm.type_error(format!("'{found}' object is not an iterator")));
        };
        if !ty.is_built_in() {
            // The exception that a `__next__` written in Python raises is to come through as it is.
            let name = vm.names.__next__.clone();
            return vm.call_special(iterator, &name, &[]);
        }
        return match next(vm, iterator)? {
            Some(item) => Ok(item),
            None => Err(vm.stop_iteration(None)),
        };
    };
    Ok(vm.next(iterator)?.unwrap_or_else(|| default.clone()))
}

fn extreme(vm: &mut Vm, name: &str, op: CompareOp, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    if positional.is_empty() {
        return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0")));
    }
    if positional.len() > 1 && !args.has_keywords() {
        return best_of(vm, positional, op);
    }
    let keywords = Args::new(&args.all_values()[positional.len()..], args.names());
    let bound = keywords.bind(vm, name, &EXTREME)?;
    let (key, default) = (bound.not_none(0), bound.get(1));
    let items = match positional {
        [iterable] => vm.iter(iterable)?,
        _ if default.is_some() => {
            return Err(vm.type_error(format!(
                "Cannot specify a default for {name}() with multiple positional arguments"
            )));
        }
        _ => {
            let row = vm.new_tuple(positional.to_vec());
            vm.iter(&row)?
        }
    };
    match (best(vm, &items, key, op)?, default) {
        (Some(item), _) => Ok(item),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => {
            let message = match vm.version_number() {
                ..12 => format!("{name}() arg is an empty sequence"),
                _ => format!("{name}() iterable argument is empty"),
            };
            Err(vm.value_error(message))
        }
    }
}

/// Whether `a OP b`.
#[inline(always)]
fn beats(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult<bool> {
    if let Some((a, b)) = Value::small_ints(a, b) {
        return Ok(op.holds(a.cmp(&b)));
    }
    let result = vm.compare(a, b, op)?;
    vm.truth(&result)
}

/// The first item that no other one beats.
fn best_of(vm: &mut Vm, items: &[Value], op: CompareOp) -> PyResult {
    let mut best = &items[0];
    for item in &items[1..] {
        if beats(vm, item, best, op)? {
            best = item;
        }
    }
    Ok(best.clone())
}

/// The first item whose key no other one's beats.
fn best(
    vm: &mut Vm,
    iterator: &Value,
    key: Option<&Value>,
    op: CompareOp,
) -> PyResult<Option<Value>> {
    let Some(key) = key else {
        let mut best: Option<Value> = None;
        vm.drain(iterator, |vm, item| {
            let is_better = match &best {
                None => true,
                Some(champion) => beats(vm, &item, champion, op)?,
            };
            if is_better {
                best = Some(item);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        return Ok(best);
    };
    let mut best: Option<(Value, Value)> = None;
    vm.drain(iterator, |vm, item| {
        let by = vm.call(key, std::slice::from_ref(&item))?;
        let is_better = match &best {
            None => true,
            Some((_, champion)) => beats(vm, &by, champion, op)?,
        };
        if is_better {
            best = Some((item, by));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(best.map(|(item, _)| item))
}

fn sorted(vm: &mut Vm, _this: &Value, args: Args<'_>) -> PyResult {
    let given = args.positional().len();
    if given != 1 {
        return Err(vm.type_error(format!("sorted expected 1 argument, got {given}")));
    }
    let items = vm.collect(&args.positional()[0])?;
    let list = vm.new_list(items);
    let bound = args.rest().bind(vm, "sort", &list_sort::PARAMS)?;
    list_sort::sort_method(vm, &list, &bound)?;
    Ok(list)
}

fn aiter(vm: &mut Vm, _this: &Value, iterable: &Value) -> PyResult {
    let Some(f) = vm.type_of(iterable).slots.unary(UnaryOp::AIter) else {
        let found = vm.type_name(iterable);
        return Err(vm.type_error(format!("'{found}' object is not an async iterable")));
    };
    let iterator = f(vm, iterable)?;
    if vm.type_of(&iterator).slots.unary(UnaryOp::ANext).is_none() {
        let wanted = "an async iterator";
        let message = vm.wrong_result(iterable, "__aiter__", wanted, &iterator, |found| {
            format!("aiter() returned not an async iterator of type '{found}'")
        });
        return Err(vm.type_error(message));
    }
    Ok(iterator)
}

fn anext(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let Some(f) = vm.type_of(&args[0]).slots.unary(UnaryOp::ANext) else {
        let found = vm.type_name(&args[0]);
        return Err(vm.type_error(format!("'{found}' object is not an async iterator")));
    };
    let next = f(vm, &args[0])?;
    Ok(match args.get(1) {
        Some(default) => vm.anext_awaitable(next, default.clone()),
        None => next,
    })
}
