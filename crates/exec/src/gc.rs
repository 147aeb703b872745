//! Finalizers: what runs before an object goes.

use std::ptr::NonNull;

use crate::heap;
use crate::object::generator::{Generator, State};
use crate::object::header::{Header, flags};
use crate::value::Value;
use crate::vm::Vm;

/// Runs the finalizers of the objects that wait for theirs, and those that these set free.
#[cold]
#[inline(never)]
pub(crate) fn finalize_pending(vm: &mut Vm) {
    loop {
        let pending = heap::take_pending();
        if pending.is_empty() {
            return;
        }
        for header in pending {
            finalize(vm, header);
        }
    }
}

fn finalize(vm: &mut Vm, header: NonNull<Header>) {
    // SAFETY: the queue owns one reference to each of its objects, which this value takes over.
    let object = unsafe {
        header.as_ref().set(flags::NEEDS_FINALIZER, false);
        Value::from_header(header)
    };
    if let Some(generator) = object.downcast::<Generator>().cloned() {
        if generator.state.get() == State::Suspended {
            if let Err(raised) = crate::object::generator_methods::close(vm, &generator) {
                vm.unraisable(raised, Some(&object));
            }
        }
        return;
    }
    let name = vm.names.__del__.clone();
    if let Err(raised) = vm.call_special_opt(&object, &name, &[]) {
        vm.unraisable(raised, Some(&object));
    }
}
