//! Generators' and coroutines' methods: iteration, `send`, `throw`, `close`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::eval::Outcome;
use crate::object::exception::{Exception, new_exception};
use crate::object::generator::{Generator, State};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::ops::generators::{cannot_resume, send_to_generator};
use crate::value::Value;
use crate::vm::Vm;

fn this_generator(vm: &mut Vm, this: &Value) -> PyResult<Ref<Generator>> {
    match this.downcast::<Generator>() {
        Some(generator) => Ok(generator.clone()),
        None => Err(vm.type_error("descriptor requires a generator")),
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let generator = this_generator(vm, this)?;
    match send_to_generator(vm, &generator, Value::NONE)? {
        Outcome::Yielded(value) => Ok(Some(value)),
        Outcome::Returned(value) if value.is_none() => Ok(None),
        Outcome::Returned(value) => Err(vm.stop_iteration_exact(value)),
    }
}

fn send(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let generator = this_generator(vm, this)?;
    let outcome = send_to_generator(vm, &generator, value.clone())?;
    finish(vm, outcome)
}

pub(crate) fn finish(vm: &mut Vm, outcome: Outcome) -> PyResult {
    match outcome {
        Outcome::Yielded(value) => Ok(value),
        Outcome::Returned(value) if value.is_none() => Err(vm.stop_iteration(None)),
        Outcome::Returned(value) => Err(vm.stop_iteration_exact(value)),
    }
}

fn throw(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let generator = this_generator(vm, this)?;
    let given = args.between(vm, "throw", 1, 3)?;
    warn_old_signature(vm, "throw", given)?;
    let raised = thrown(vm, given)?;
    let outcome = throw_into(vm, &generator, raised)?;
    finish(vm, outcome)
}

/// `throw` and `athrow` used to take an exception's class, value and traceback apart.
pub(crate) fn warn_old_signature(vm: &mut Vm, name: &str, given: &[Value]) -> PyResult<()> {
    if given.len() > 1 && vm.version_number() >= 12 {
        let message = format!(
            "the (type, exc, tb) signature of {name}() is deprecated, use the single-arg signature instead."
        );
        vm.warn("DeprecationWarning", &message)?;
    }
    Ok(())
}

/// The exception that the arguments of `throw` stand for.
pub(crate) fn thrown(vm: &mut Vm, given: &[Value]) -> PyResult<Raised> {
    let refuse = |vm: &mut Vm, value: &Value| {
        let found = vm.type_name(value);
        vm.type_error(format!(
            "exceptions must be classes or instances deriving from BaseException, not {found}"
        ))
    };
    let (class, rest) = match given {
        [class, rest @ ..] => (class, rest),
        [] => return Err(vm.type_error("throw expected at least 1 argument, got 0")),
    };
    if class.downcast::<Exception>().is_some() {
        if rest.first().is_some_and(|v| !v.is_none()) {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        return crate::ops::exceptions::instantiate(vm, class.clone())?
            .map(Raised)
            .ok_or_else(|| refuse(vm, class));
    }
    let exception = match rest.first().filter(|v| !v.is_none()) {
        Some(value) if value.downcast::<Exception>().is_some() => value.clone(),
        Some(value) => vm.call(class, std::slice::from_ref(value))?,
        None => class.clone(),
    };
    match crate::ops::exceptions::instantiate(vm, exception)? {
        Some(exception) => {
            if let Some(traceback) = rest.get(1).filter(|t| !t.is_none()) {
                exception.traceback.set(Some(traceback.clone()));
            }
            Ok(Raised(exception))
        }
        None => Err(refuse(vm, class)),
    }
}

/// Raises an exception in a generator where it stands, or in what it delegates to.
pub(crate) fn throw_into(
    vm: &mut Vm,
    generator: &Ref<Generator>,
    raised: Raised,
) -> PyResult<Outcome> {
    if let Some(error) = cannot_resume(vm, generator) {
        return Err(error);
    }
    match generator.state.get() {
        State::Finished => return Err(raised),
        State::Created => {
            // The body never ran, so there is nothing to unwind.
            // SAFETY: a generator that has not started is not running; its operands end at its `sp`.
            unsafe { generator.finish() };
            return Err(raised);
        }
        _ => {}
    }
    if let Some(delegate) = generator.delegate() {
        generator.state.set(State::Running);
        let result = throw_to_delegate(vm, &delegate, raised);
        generator.state.set(State::Suspended);
        return match result {
            Ok(Outcome::Yielded(value)) => Ok(Outcome::Yielded(value)),
            Ok(Outcome::Returned(value)) if generator.end_delegation() => {
                vm.resume_generator(generator, Ok(value))
            }
            Ok(Outcome::Returned(value)) => {
                let stop = vm.stop_iteration_exact(value);
                vm.resume_generator(generator, Err(stop))
            }
            Err(raised) => vm.resume_generator(generator, Err(raised)),
        };
    }
    vm.resume_generator(generator, Err(raised))
}

fn throw_to_delegate(vm: &mut Vm, delegate: &Value, raised: Raised) -> PyResult<Outcome> {
    let is_exit = raised.is(vm, &vm.types.generator_exit);
    if is_exit {
        close_delegate(vm, delegate)?;
        return Err(raised);
    }
    if let Some(inner) = delegate.downcast::<Generator>().cloned()
        && !crate::ops::generators::is_async_generator(vm, &inner)
    {
        return throw_into(vm, &inner, raised);
    }
    let name = vm.names.throw.clone();
    match vm.get_attr_opt(delegate, &name)? {
        Some(throw) => {
            let result = vm.call(&throw, &[Value::from(raised.0)]);
            crate::ops::generators::stop_to_return(vm, result)
        }
        None => Err(raised),
    }
}

fn close_delegate(vm: &mut Vm, delegate: &Value) -> PyResult<()> {
    if let Some(inner) = delegate.downcast::<Generator>().cloned()
        && !crate::ops::generators::is_async_generator(vm, &inner)
    {
        return close(vm, &inner).map(drop);
    }
    let name = vm.names.close.clone();
    match vm.get_attr_opt(delegate, &name) {
        Ok(Some(method)) => vm.call(&method, &[]).map(drop),
        Ok(None) => Ok(()),
        Err(raised) => {
            vm.unraisable(raised, crate::traceback::Ignored::Closing, delegate);
            Ok(())
        }
    }
}

/// `generator.close()`: the value that the generator returned, if it did.
pub(crate) fn close(vm: &mut Vm, generator: &Ref<Generator>) -> PyResult {
    match generator.state.get() {
        State::Running => {
            let kind = crate::ops::generators::kind_name(vm, generator);
            return Err(vm.value_error(format!("{kind} already executing")));
        }
        State::Finished => return Ok(Value::NONE),
        State::Created => {
            // SAFETY: as in `throw_into`.
            unsafe { generator.finish() };
            return Ok(Value::NONE);
        }
        State::Suspended => {}
    }
    let exit = Raised(new_exception(
        vm,
        &vm.types.generator_exit.clone(),
        Vec::new(),
    ));
    match throw_into(vm, generator, exit) {
        Ok(Outcome::Yielded(_)) => {
            let kind = crate::ops::generators::kind_name(vm, generator);
            Err(vm.runtime_error(format!("{kind} ignored GeneratorExit")))
        }
        Ok(Outcome::Returned(value)) => Ok(if vm.version_number() >= 13 {
            value
        } else {
            Value::NONE
        }),
        Err(raised)
            if raised.is(vm, &vm.types.generator_exit)
                || raised.is(vm, &vm.types.stop_iteration) =>
        {
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
    }
}

fn close_method(vm: &mut Vm, this: &Value) -> PyResult {
    let generator = this_generator(vm, this)?;
    close(vm, &generator)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let generator = this_generator(vm, this)?;
    let kind = vm.type_name(this);
    let name = generator
        .qualname
        .get()
        .map_or_else(String::new, |n| vm.display(&n));
    Ok(vm.new_str(&format!("<{kind} object {name} at {:#x}>", this.id())))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("send", send),
    NativeDef::any("throw", throw),
    NativeDef::no_args("close", close_method),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.generator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(crate::object::iter::self_iter));
    slots.next.set(Some(next));
    for ty in [
        &vm.types.generator,
        &vm.types.coroutine,
        &vm.types.async_generator,
    ] {
        ty.slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    }
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in [vm.types.generator.clone(), vm.types.coroutine.clone()] {
        vm.add_methods(&ty, METHODS);
    }
}
