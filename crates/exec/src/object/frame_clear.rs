//! `frame.clear()` and `frame.f_generator`.

use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::object::frame::FrameObject;
use crate::object::generator::{Generator, State};
use crate::object::generator_methods::close;
use crate::object::header::Ref;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::traceback::Ignored;
use crate::value::Value;
use crate::vm::Vm;

/// The generator whose frame this is.
fn generator_of(frame: *mut Frame) -> Option<Ref<Generator>> {
    // SAFETY: a frame object's frame is live, and it knows its generator, which lives as long.
    unsafe {
        let generator = std::ptr::NonNull::new((*frame).generator)?.cast();
        let header: &crate::object::header::Header = generator.as_ref();
        header.incref();
        Some(Ref::from_header(generator))
    }
}

#[cold]
fn cannot_clear(vm: &mut Vm, what: &str) -> Raised {
    vm.runtime_error(format!("cannot clear {what} frame"))
}

/// `frame.clear()`: lets go of the variables of a frame that has ended, and ends one that has not begun.
fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    let frame = receiver::<FrameObject>(vm, this)?.clone();
    if let Some(live) = frame.live() {
        let Some(generator) = generator_of(live) else {
            return Err(cannot_clear(vm, "an executing"));
        };
        match generator.state.get() {
            State::Running => return Err(cannot_clear(vm, "an executing")),
            State::Suspended if vm.version_number() >= 13 => {
                let what = match vm.version_number() {
                    ..15 => "a suspended",
                    _ => "an suspended",
                };
                return Err(cannot_clear(vm, what));
            }
            State::Created if generator.ty().is(&vm.types.coroutine) => {
                vm.warn_unawaited(&generator);
                close(vm, &generator)?;
            }
            _ => {
                if let Err(raised) = close(vm, &generator) {
                    vm.unraisable(raised, Ignored::Closing, generator.as_value());
                }
            }
        }
    }
    let locals = std::mem::take(frame.locals.get_mut(vm));
    frame.extra_locals.set(None);
    drop(locals);
    Ok(Value::NONE)
}

fn generator(vm: &mut Vm, this: &Value) -> PyResult {
    let frame = receiver::<FrameObject>(vm, this)?;
    let generator = frame.live().and_then(generator_of);
    Ok(generator.map_or(Value::NONE, Value::from))
}

static METHODS: &[NativeDef] = &[NativeDef::no_args("clear", clear).signature("($self, /)")];

static ATTRIBUTES: &[GetSetDef] = &[GetSetDef::get("f_generator", generator).since(14)];

/// Adds the method and the attribute.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.frame.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
}
