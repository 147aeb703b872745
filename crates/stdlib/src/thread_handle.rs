//! `_thread._ThreadHandle`, 3.13 on: what `threading` joins a thread with.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::{PyResult, Value, Vm};

use crate::thread::{check_timeout, would_wait};

/// A thread that another module has started or will start.
pub(crate) struct Handle {
    ident: Cell<i64>,
    is_started: Cell<bool>,
    is_done: Cell<bool>,
}

impl Payload for Handle {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

pub(crate) static HANDLE: ClassDef = ClassDef::new::<Handle>("_thread._ThreadHandle", slots)
    .methods(METHODS)
    .attributes(&[GetSetDef::get("ident", |vm, this| {
        let ident = receiver::<Handle>(vm, this)?.ident.get();
        Ok(vm.int(ident))
    })]);

fn handle(ident: i64, is_started: bool) -> Handle {
    Handle {
        ident: Cell::new(ident),
        is_started: Cell::new(is_started),
        is_done: Cell::new(false),
    }
}

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|_, class, _| {
        Ok(Value::from(Ref::new(class, handle(0, false))))
    }));
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let ident = receiver::<Handle>(vm, this)?.ident.get();
        Ok(vm.new_str(&format!("<_thread._ThreadHandle object: ident={ident}>")))
    });
}

/// `_make_thread_handle(ident)`.
pub(crate) fn with_ident(vm: &mut Vm, _module: &Value, ident: &Value) -> PyResult {
    if ident.as_int().is_none() {
        return Err(vm.type_error("ident must be an integer"));
    }
    let ident = vm.index_for(ident)?;
    let class = vm.class(&HANDLE);
    Ok(Value::from(Ref::new(&class, handle(ident, true))))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("is_done", |vm, this| {
        Ok(Value::bool(receiver::<Handle>(vm, this)?.is_done.get()))
    }),
    NativeDef::no_args("_set_done", |vm, this| {
        let handle = receiver::<Handle>(vm, this)?;
        if !handle.is_started.get() {
            return Err(vm.runtime_error("thread not started"));
        }
        handle.is_done.set(true);
        Ok(Value::NONE)
    }),
    NativeDef::range("join", 0, 1, |vm, this, args| {
        let timeout = args.first().filter(|timeout| !timeout.is_none());
        let timeout = check_timeout(vm, true, timeout)?;
        let handle = receiver::<Handle>(vm, this)?;
        if !handle.is_started.get() {
            return Err(vm.runtime_error("thread not started"));
        }
        if !handle.is_done.get() && timeout < 0.0 {
            return Err(would_wait(vm, "the thread has not ended"));
        }
        Ok(Value::NONE)
    }),
];
