//! `_thread.lock` and `_thread.RLock`. With one thread, waiting for a held lock would never end, so it is an error.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use crate::thread::{Flag, IDENT, check_timeout, no_arguments, would_wait};

pub(crate) static LOCK: ClassDef = ClassDef::new::<Flag>("_thread.lock", lock_slots)
    .weakly_referenced()
    .methods(LOCK_METHODS);

pub(crate) static RLOCK: ClassDef = ClassDef::new::<Owned>("_thread.RLock", rlock_slots)
    .subclassable()
    .weakly_referenced()
    .methods(RLOCK_METHODS);

/// A new lock that nobody holds.
pub(crate) fn new(vm: &mut Vm) -> Value {
    let class = vm.class(&LOCK);
    Value::from(Ref::new(&class, Flag(Cell::new(false))))
}

fn lock_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|vm, class, args| {
        if vm.version().minor() < 13 {
            return Err(vm.type_error("cannot create '_thread.lock' instances"));
        }
        no_arguments(vm, "lock", args)?;
        Ok(Value::from(Ref::new(class, Flag(Cell::new(false)))))
    }));
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let is_held = receiver::<Flag>(vm, this)?.0.get();
        let state = if is_held { "locked" } else { "unlocked" };
        let class = vm.type_name(this);
        Ok(vm.new_str(&format!("<{state} {class} object at {:#x}>", this.id())))
    });
}

static ACQUIRE: Params = Params::new(&["blocking", "timeout"], 0);

const ACQUIRE_SIGNATURE: &str = "($self, /, blocking=True, timeout=-1)";

static LOCK_METHODS: &[NativeDef] = &[
    NativeDef::bound("acquire", &ACQUIRE, acquire).signature(ACQUIRE_SIGNATURE),
    NativeDef::bound("acquire_lock", &ACQUIRE, acquire).signature(ACQUIRE_SIGNATURE),
    NativeDef::no_args("release", release),
    NativeDef::no_args("release_lock", release),
    NativeDef::no_args("locked", locked),
    NativeDef::no_args("locked_lock", locked),
    NativeDef::no_args("__enter__", |vm, this| take(vm, this, true, -1.0)),
    NativeDef::any("__exit__", |vm, this, _| release(vm, this)),
    NativeDef::no_args("_at_fork_reinit", |vm, this| {
        receiver::<Flag>(vm, this)?.0.set(false);
        Ok(Value::NONE)
    }),
];

/// The arguments of `acquire`.
fn wait_of(vm: &mut Vm, args: &Bound<'_>) -> PyResult<(bool, f64)> {
    let blocking = match args.get(0) {
        Some(blocking) => vm.truth(blocking)?,
        None => true,
    };
    Ok((blocking, check_timeout(vm, blocking, args.get(1))?))
}

fn acquire(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (blocking, timeout) = wait_of(vm, args)?;
    take(vm, this, blocking, timeout)
}

fn take(vm: &mut Vm, this: &Value, blocking: bool, timeout: f64) -> PyResult {
    let lock = receiver::<Flag>(vm, this)?;
    if !lock.0.replace(true) {
        return Ok(Value::TRUE);
    }
    if blocking && timeout < 0.0 {
        return Err(would_wait(vm, "the lock is held already"));
    }
    Ok(Value::FALSE)
}

fn release(vm: &mut Vm, this: &Value) -> PyResult {
    match receiver::<Flag>(vm, this)?.0.replace(false) {
        true => Ok(Value::NONE),
        false => Err(vm.runtime_error("release unlocked lock")),
    }
}

fn locked(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::bool(receiver::<Flag>(vm, this)?.0.get()))
}

/// A lock that its owner can take again: how often it has.
pub(crate) struct Owned(Cell<u64>);

impl Payload for Owned {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

fn rlock_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|vm, class, args| {
        if vm.version().minor() >= 15 {
            no_arguments(vm, "RLock", args)?;
        }
        Ok(Value::from(Ref::new(class, Owned(Cell::new(0)))))
    }));
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let count = receiver::<Owned>(vm, this)?.0.get();
        let (state, owner) = match count {
            0 => ("unlocked", 0),
            _ => ("locked", IDENT),
        };
        let (class, at) = (vm.type_name(this), this.id());
        Ok(vm.new_str(&format!(
            "<{state} {class} object owner={owner} count={count} at {at:#x}>"
        )))
    });
}

static RLOCK_METHODS: &[NativeDef] = &[
    NativeDef::bound("acquire", &ACQUIRE, |vm, this, args| {
        wait_of(vm, args)?;
        take_again(vm, this)
    })
    .signature(ACQUIRE_SIGNATURE),
    NativeDef::no_args("release", release_once),
    NativeDef::no_args("__enter__", take_again),
    NativeDef::any("__exit__", |vm, this, _| release_once(vm, this)),
    NativeDef::no_args("_is_owned", |vm, this| {
        Ok(Value::bool(receiver::<Owned>(vm, this)?.0.get() > 0))
    }),
    NativeDef::no_args("locked", |vm, this| {
        Ok(Value::bool(receiver::<Owned>(vm, this)?.0.get() > 0))
    }),
    NativeDef::no_args("_recursion_count", |vm, this| {
        let count = receiver::<Owned>(vm, this)?.0.get();
        Ok(vm.int(count as i64))
    }),
    NativeDef::no_args("_release_save", |vm, this| {
        let count = receiver::<Owned>(vm, this)?.0.replace(0);
        if count == 0 {
            return Err(vm.runtime_error("cannot release un-acquired lock"));
        }
        let state = vec![vm.int(count as i64), vm.int(IDENT)];
        Ok(vm.new_tuple(state))
    }),
    NativeDef::one("_acquire_restore", |vm, this, state| {
        let lock = receiver::<Owned>(vm, this)?.clone();
        let count = state
            .downcast::<Tuple>()
            .and_then(|s| s.items().first().cloned());
        let Some(count) = count else {
            return Err(vm.type_error("_acquire_restore() argument must be a tuple"));
        };
        lock.0.set(vm.index_for(&count)?.max(0) as u64);
        Ok(Value::NONE)
    }),
    NativeDef::no_args("_at_fork_reinit", |vm, this| {
        receiver::<Owned>(vm, this)?.0.set(0);
        Ok(Value::NONE)
    }),
];

fn take_again(vm: &mut Vm, this: &Value) -> PyResult {
    let count = &receiver::<Owned>(vm, this)?.0;
    count.set(count.get() + 1);
    Ok(Value::TRUE)
}

fn release_once(vm: &mut Vm, this: &Value) -> PyResult {
    let count = &receiver::<Owned>(vm, this)?.0;
    match count.get() {
        0 => Err(vm.runtime_error("cannot release un-acquired lock")),
        held => {
            count.set(held - 1);
            Ok(Value::NONE)
        }
    }
}
