//! Delegation: `yield from`, `await`, `async for`.

use pyco_code::CodeFlags;
use pyco_code::quicken::TWO_SLOTS;

use crate::error::{PyResult, Raised};
use crate::eval::Outcome;
use crate::eval::frame::Frame;
use crate::object::async_generator::AsyncStep;
use crate::object::bytes::Bytes;
use crate::object::exception::Exception;
use crate::object::generator::{Generator, State};
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Whether a generator object is an async generator, which `send` does not drive.
pub(crate) fn is_async_generator(vm: &Vm, generator: &Ref<Generator>) -> bool {
    generator.ty().is(&vm.types.async_generator)
}

/// Whether a generator or coroutine is one that SEND may resume as a frame.
#[inline(always)]
pub(crate) fn can_be_sent_to(vm: &Vm, generator: &Ref<Generator>) -> bool {
    matches!(generator.state.get(), State::Created | State::Suspended)
        && !is_async_generator(vm, generator)
}

/// What a generator is called in messages.
pub(crate) fn kind_name(vm: &Vm, generator: &Ref<Generator>) -> &'static str {
    if generator.ty().is(&vm.types.coroutine) {
        "coroutine"
    } else if is_async_generator(vm, generator) {
        "async generator"
    } else {
        "generator"
    }
}

/// The complaint about a value sent before the first `yield`.
#[cold]
pub(crate) fn not_started(vm: &mut Vm, generator: &Ref<Generator>) -> Raised {
    let kind = kind_name(vm, generator);
    vm.type_error(format!(
        "can't send non-None value to a just-started {kind}"
    ))
}

/// The complaint about resuming a generator that runs or, for a coroutine, has finished; `None` if it can be resumed.
pub(crate) fn cannot_resume(vm: &mut Vm, generator: &Ref<Generator>) -> Option<Raised> {
    if matches!(generator.state.get(), State::Created | State::Suspended) {
        return None;
    }
    let kind = kind_name(vm, generator);
    match generator.state.get() {
        State::Running => Some(vm.value_error(format!("{kind} already executing"))),
        State::Finished if kind == "coroutine" => {
            Some(vm.runtime_error("cannot reuse already awaited coroutine"))
        }
        _ => None,
    }
}

/// What GET_ITER of a `yield from` leaves as it is, with an index beside it (3.15 on).
pub(crate) fn is_indexed(vm: &Vm, value: &Value) -> bool {
    let (types, ty) = (&vm.types, vm.type_of(value));
    [&types.list, &types.tuple, &types.str, &types.bytes]
        .iter()
        .any(|known| ty.is(known))
}

/// The receiver of a SEND with argument `arg`, whose value to send has been taken.
///
/// # Safety
/// `sp` is the top of the stack there.
pub(crate) unsafe fn receiver<'a>(sp: *mut Slot, arg: u32) -> &'a Value {
    let above = (arg & TWO_SLOTS != 0) as usize;
    // SAFETY: forwarded; the verifier has shown that the receiver is an object.
    unsafe { (*sp.sub(1 + above)).as_ref().unwrap_unchecked() }
}

/// SEND to a receiver that is no resumable generator, or to a sequence with an index beside it.
///
/// # Safety
/// As for [`receiver`].
pub(crate) unsafe fn send_at(
    vm: &mut Vm,
    sp: *mut Slot,
    arg: u32,
    value: Value,
) -> PyResult<Outcome> {
    // SAFETY: forwarded; below the receiver's second slot is the receiver.
    unsafe {
        let this = receiver(sp, arg).clone();
        if arg & TWO_SLOTS != 0
            && value.is_none()
            && let Some(index) = (*sp.sub(1)).as_ref().and_then(Value::as_small_int)
            && is_indexed(vm, &this)
        {
            return Ok(match item_at(vm, &this, index as usize) {
                Some(item) => {
                    sp.sub(1).write(Value::small_int(index + 1));
                    Outcome::Yielded(item)
                }
                None => Outcome::Returned(Value::NONE),
            });
        }
        send(vm, &this, value)
    }
}

/// An item of what [`is_indexed`].
fn item_at(vm: &mut Vm, sequence: &Value, index: usize) -> Option<Value> {
    if let Some(list) = sequence.downcast::<List>() {
        return list.items(vm).get(index).cloned();
    }
    if let Some(tuple) = sequence.downcast::<Tuple>() {
        return tuple.items().get(index).cloned();
    }
    if let Some(text) = sequence.downcast::<Str>() {
        let c = text.view().get(index)?;
        return Some(vm.character(c));
    }
    let bytes = sequence.downcast::<Bytes>()?.data();
    bytes.get(index).map(|byte| vm.int(i64::from(*byte)))
}

/// SEND to a receiver that is no resumable generator.
pub(crate) fn send(vm: &mut Vm, receiver: &Value, value: Value) -> PyResult<Outcome> {
    if let Some(generator) = receiver.downcast::<Generator>().cloned()
        && !is_async_generator(vm, &generator)
    {
        return send_to_generator(vm, &generator, value);
    }
    if let Some(step) = receiver.downcast::<AsyncStep>().cloned() {
        return step.send(vm, value);
    }
    if value.is_none() {
        if let Some(next) = vm.type_of(receiver).slots.next.get()
            && is_native_next(vm, receiver)
        {
            return match next(vm, receiver) {
                Ok(None) => Ok(Outcome::Returned(Value::NONE)),
                Ok(Some(value)) => Ok(Outcome::Yielded(value)),
                Err(raised) => stop_to_return(vm, Err(raised)),
            };
        }
        let name = vm.names.__next__.clone();
        let result = vm.call_special(receiver, &name, &[]);
        return stop_to_return(vm, result);
    }
    let name = vm.names.send.clone();
    let result = vm.call_method(receiver, &name, &[value]);
    stop_to_return(vm, result)
}

/// Whether a value's `next` is a native one, which ends without a value.
fn is_native_next(vm: &Vm, receiver: &Value) -> bool {
    vm.type_of(receiver).is_built_in()
}

/// Sends a value to a generator or coroutine.
pub(crate) fn send_to_generator(
    vm: &mut Vm,
    generator: &Ref<Generator>,
    value: Value,
) -> PyResult<Outcome> {
    if let Some(raised) = cannot_resume(vm, generator) {
        return Err(raised);
    }
    match generator.state.get() {
        State::Finished => return Ok(Outcome::Returned(Value::NONE)),
        State::Created if !value.is_none() => return Err(not_started(vm, generator)),
        _ => {}
    }
    vm.resume_generator(generator, Ok(value))
}

/// Turns the StopIteration of an iterator into its value.
pub(crate) fn stop_to_return(vm: &mut Vm, result: PyResult) -> PyResult<Outcome> {
    match result {
        Ok(value) => Ok(Outcome::Yielded(value)),
        Err(raised) if raised.is(vm, &vm.types.stop_iteration) => Ok(Outcome::Returned(
            raised.0.field(vm, 0).unwrap_or(Value::NONE),
        )),
        Err(raised) => Err(raised),
    }
}

/// GET_YIELD_FROM_ITER.
pub(crate) fn yield_from_iter(vm: &mut Vm, frame: &Frame, iterable: Value) -> PyResult {
    if let Some(generator) = iterable.downcast::<Generator>() {
        if generator.ty().is(&vm.types.generator) {
            return Ok(iterable);
        }
        if generator.ty().is(&vm.types.coroutine) {
            let flags = frame.code().flags();
            if flags.intersects(CodeFlags::COROUTINE | CodeFlags::ITERABLE_COROUTINE) {
                return Ok(iterable);
            }
            return Err(vm.type_error(
                "cannot 'yield from' a coroutine object in a non-coroutine generator",
            ));
        }
    }
    vm.iter(&iterable)
}

/// GET_AWAITABLE: the iterator behind `await value`.
pub(crate) fn awaitable(vm: &mut Vm, value: Value, place: usize) -> PyResult {
    if let Some(generator) = value.downcast::<Generator>().cloned() {
        let is_coroutine = generator.ty().is(&vm.types.coroutine);
        if is_coroutine
            || generator
                .code
                .flags()
                .contains(CodeFlags::ITERABLE_COROUTINE)
        {
            if is_coroutine && is_awaited(&generator) {
                return Err(vm.runtime_error("coroutine is being awaited already"));
            }
            return Ok(value);
        }
    }
    let Some(awaiting) = vm.type_of(&value).slots.unary(UnaryOp::Await) else {
        let found = vm.type_name(&value);
        return Err(vm.type_error(match place {
            1 => format!("'async with' received an object from __aenter__ that does not implement __await__: {found}"),
            2 => format!("'async with' received an object from __aexit__ that does not implement __await__: {found}"),
            _ if vm.version_number() >= 14 => format!("'{found}' object can't be awaited"),
            _ => format!("object {found} can't be used in 'await' expression"),
        }));
    };
    let iterator = awaiting(vm, &value)?;
    if iterator
        .downcast::<Generator>()
        .is_some_and(|g| g.ty().is(&vm.types.coroutine))
    {
        return Err(vm.type_error("__await__() returned a coroutine"));
    }
    if vm.type_of(&iterator).slots.next.get().is_none() {
        let message = vm.wrong_result(&value, "__await__", "an iterator", &iterator, |found| {
            format!("__await__() returned non-iterator of type '{found}'")
        });
        return Err(vm.type_error(message));
    }
    Ok(iterator)
}

/// Whether a coroutine is suspended in an `await` of its own, hence awaited by someone.
fn is_awaited(generator: &Ref<Generator>) -> bool {
    generator.state.get() == State::Suspended && generator.awaited_by_someone()
}

/// GET_AITER.
pub(crate) fn aiter(vm: &mut Vm, value: &Value) -> PyResult {
    let Some(aiter) = vm.type_of(value).slots.unary(UnaryOp::AIter) else {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!(
            "'async for' requires an object with __aiter__ method, got {found}"
        )));
    };
    let iterator = aiter(vm, value)?;
    if vm.type_of(&iterator).slots.unary(UnaryOp::ANext).is_none() {
        let found = vm.type_name(&iterator);
        let message = format!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {found}"
        );
        return Err(vm.type_error(message));
    }
    Ok(iterator)
}

/// GET_ANEXT: the awaitable for the next item.
pub(crate) fn anext(vm: &mut Vm, iterator: &Value) -> PyResult {
    let Some(anext) = vm.type_of(iterator).slots.unary(UnaryOp::ANext) else {
        let found = vm.type_name(iterator);
        return Err(vm.type_error(format!(
            "'async for' requires an iterator with __anext__ method, got {found}"
        )));
    };
    let next = anext(vm, iterator)?;
    if next
        .downcast::<Generator>()
        .is_some_and(|g| g.ty().is(&vm.types.coroutine))
    {
        return Ok(next);
    }
    match awaitable(vm, next.clone(), 0) {
        Ok(awaitable) => Ok(awaitable),
        Err(cause) => {
            let found = vm.type_name(&next);
            let raised = vm.type_error(format!(
                "'async for' received an invalid object from __anext__: {found}"
            ));
            let cause: Ref<Exception> = cause.0;
            raised.0.cause.set(Some(Value::from(&cause)));
            raised.0.context.set(Some(Value::from(cause)));
            raised.0.suppress_context.set(true);
            Err(raised)
        }
    }
}
