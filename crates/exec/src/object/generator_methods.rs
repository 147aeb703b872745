//! Generators' and coroutines' methods: iteration, `send`, `throw`, `close`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::eval::Outcome;
use crate::object::exception::{Exception, new_exception};
use crate::object::frame::Traceback;
use crate::object::generator::{Generator, State};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
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
    let outcome = throw_into(vm, &generator, given, true)?;
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

/// The exception that the arguments of `throw` stand for. An exception in making it is raised in its place; the outer error is
/// for arguments that are none of an exception's.
fn thrown(vm: &mut Vm, given: &[Value]) -> PyResult<Raised> {
    let given_at = |index: usize| given.get(index).filter(|v| !v.is_none());
    let (Some(class), value, traceback) = (given.first(), given_at(1), given_at(2)) else {
        return Err(vm.type_error("throw expected at least 1 argument, got 0"));
    };
    if traceback.is_some_and(|t| t.downcast::<Traceback>().is_none()) {
        return Err(vm.type_error("throw() third argument must be a traceback object"));
    }
    let raised = if class.downcast::<Exception>().is_some() {
        if value.is_some() {
            return Err(vm.type_error("instance exception may not have a separate value"));
        }
        vm.raise_value(class.clone())
    } else if is_exception_class(vm, class) {
        match instance_of(vm, class, value) {
            Ok(exception) => Raised(exception),
            Err(raised) => raised,
        }
    } else {
        let found = vm.type_name(class);
        return Err(vm.type_error(format!(
            "exceptions must be classes or instances deriving from BaseException, not {found}"
        )));
    };
    if let Some(traceback) = traceback {
        raised.0.traceback.set(Some(traceback.clone()));
    }
    Ok(raised)
}

fn is_exception_class(vm: &mut Vm, class: &Value) -> bool {
    let base = vm.types.base_exception.clone();
    class
        .downcast::<Type>()
        .is_some_and(|class| class.is_subtype(vm, &base))
}

/// An exception of a class, from a value that may be one, its arguments, or its one argument.
fn instance_of(vm: &mut Vm, class: &Value, value: Option<&Value>) -> PyResult<Ref<Exception>> {
    let made = match value {
        None => vm.call(class, &[])?,
        Some(value) if vm.is_instance(value, class)? => value.clone(),
        Some(value) => match value.downcast::<Tuple>() {
            Some(arguments) => vm.call(class, arguments.items())?,
            None => vm.call(class, std::slice::from_ref(value))?,
        },
    };
    match made.into_ref::<Exception>() {
        Ok(exception) => Ok(exception),
        Err(other) => {
            let (class, found) = (vm.repr_text(class)?, vm.type_name(&other));
            Err(vm.type_error(format!(
                "calling {class} should have returned an instance of BaseException, not {found}"
            )))
        }
    }
}

/// Whether what is thrown ends a generator: then a delegate is closed, and gets no exception.
fn is_exit(vm: &mut Vm, class: &Value) -> bool {
    let exit = vm.types.generator_exit.clone();
    match class.downcast::<Type>() {
        Some(class) => class.is_subtype(vm, &exit),
        None => vm.type_of(class).clone().is_subtype(vm, &exit),
    }
}

/// Raises an exception in a generator where it stands, or in what it delegates to. `given` is what `throw` takes: a delegate gets
/// that as it is. `closes` says whether GeneratorExit closes the delegate instead.
pub(crate) fn throw_into(
    vm: &mut Vm,
    generator: &Ref<Generator>,
    given: &[Value],
    closes: bool,
) -> PyResult<Outcome> {
    if let Some(error) = cannot_resume(vm, generator) {
        return Err(error);
    }
    if let Some(delegate) = generator.delegate()
        && let Some(class) = given.first()
    {
        if closes && is_exit(vm, class) {
            generator.state.set(State::Running);
            let result = close_delegate(vm, &delegate);
            generator.state.set(State::Suspended);
            if let Err(raised) = result {
                return vm.resume_generator(generator, Err(raised));
            }
        } else if let Some(outcome) = throw_to_delegate(vm, generator, &delegate, given, closes)? {
            return Ok(outcome);
        }
    }
    let raised = thrown(vm, given)?;
    match generator.state.get() {
        State::Finished => Err(raised),
        _ => vm.resume_generator(generator, Err(raised)),
    }
}

/// Throws to what a generator delegates to, and lets the generator go on with what comes of it; `None` if the delegate has no `throw`.
fn throw_to_delegate(
    vm: &mut Vm,
    generator: &Ref<Generator>,
    delegate: &Value,
    given: &[Value],
    closes: bool,
) -> PyResult<Option<Outcome>> {
    let result = match delegate.downcast::<Generator>().cloned() {
        Some(inner) if !crate::ops::generators::is_async_generator(vm, &inner) => {
            vm.while_delegating(generator, true, |vm| throw_into(vm, &inner, given, closes))
        }
        _ => {
            let name = vm.names.throw.clone();
            let Some(throw) = vm.get_attr_opt(delegate, &name)? else {
                return Ok(None);
            };
            // Up to 3.13 the generator's frame did not show.
            let shows = vm.version_number() >= 14;
            vm.while_delegating(generator, shows, |vm| {
                let result = vm.call(&throw, given);
                crate::ops::generators::stop_to_return(vm, result)
            })
        }
    };
    match result {
        Ok(Outcome::Yielded(value)) => Ok(Outcome::Yielded(value)),
        Ok(Outcome::Returned(value)) if generator.end_delegation() => {
            vm.resume_generator(generator, Ok(value))
        }
        Ok(Outcome::Returned(value)) => {
            let stop = vm.stop_iteration_exact(value);
            vm.resume_generator(generator, Err(stop))
        }
        Err(raised) => vm.resume_generator(generator, Err(raised)),
    }
    .map(Some)
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
    let exit = Raised(new_exception(vm, &vm.types.generator_exit.clone(), &[]));
    crate::eval::unwind::set_context(vm, &exit.0);
    match throw_into(vm, generator, &[Value::from(exit.0)], true) {
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
    NativeDef::any("__del__", delete),
];

/// `__del__`: what happens at the end of a generator, by hand.
fn delete(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    this_generator(vm, this)?;
    let given = args.positional().len();
    if given > 0 {
        return Err(vm.type_error(format!("expected 0 arguments, got {given}")));
    }
    crate::gc::finalize(vm, this);
    Ok(Value::NONE)
}

static ASYNC_METHODS: &[NativeDef] = &[NativeDef::any("__del__", delete)];

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
    let ty = vm.types.async_generator.clone();
    vm.add_methods(&ty, ASYNC_METHODS);
}
