//! Async generators: the awaitables of `__anext__`, `asend`, `athrow` and `aclose`, and what drives the generator through them.
//!
//! An async generator's frame yields for two reasons: to pass on what an `await` in it yields, and to give an item. The
//! compiler wraps the items (INTRINSIC_ASYNC_GEN_WRAP), so that the two can be told apart here; no program ever sees a wrapper.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::eval::Outcome;
use crate::object::exception::new_exception;
use crate::object::generator::{Generator, State};
use crate::object::generator_methods::throw_into;
use crate::object::header::{Payload, Ref, flags};
use crate::object::tuple::Tuple;
use crate::ops::generators::send_to_generator;
use crate::value::Value;
use crate::vm::Vm;

/// An item on its way from the frame to who awaits it.
pub struct WrappedItem {
    value: Value,
}

impl Payload for WrappedItem {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.value);
    }
}

/// What an awaitable does to its generator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// `__anext__` and `asend`: send a value.
    Send,
    /// `athrow`: raise an exception.
    Throw,
    /// `aclose`: raise GeneratorExit.
    Close,
}

impl Step {
    /// How the complaints about it start.
    fn name(self) -> &'static str {
        ["anext()", "athrow()", "aclose()"][self as usize]
    }

    fn reused(self) -> &'static str {
        match self {
            Step::Send => "cannot reuse already awaited __anext__()/asend()",
            _ => "cannot reuse already awaited aclose()/athrow()",
        }
    }
}

/// How far an awaitable has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    Created,
    Iterating,
    Closed,
}

/// The awaitable of one step.
pub struct AsyncStep {
    generator: Ref<Generator>,
    step: Step,
    /// What is sent or raised first.
    value: ValueCell,
    progress: Cell<Progress>,
}

impl Payload for AsyncStep {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.generator.as_value());
        self.value.traverse(visit);
    }
}

impl Vm {
    /// INTRINSIC_ASYNC_GEN_WRAP.
    pub(crate) fn wrap_async_item(&self, value: Value) -> Value {
        Value::from(Ref::new(
            &self.types.async_generator_item,
            WrappedItem { value },
        ))
    }

    /// The awaitable of a step of an async generator.
    pub(crate) fn async_step(
        &self,
        generator: &Ref<Generator>,
        step: Step,
        value: Option<Value>,
    ) -> Value {
        let ty = match step {
            Step::Send => &self.types.async_generator_asend,
            Step::Throw | Step::Close => &self.types.async_generator_athrow,
        };
        let payload = AsyncStep {
            generator: generator.clone(),
            step,
            value: ValueCell::new(value),
            progress: Cell::new(Progress::Created),
        };
        let made = Ref::new(ty, payload);
        // One that is never awaited is worth a warning.
        made.header().set(flags::NEEDS_FINALIZER, true);
        Value::from(made)
    }
}

impl Ref<AsyncStep> {
    /// The generator, and what the step is called, of one that was not started.
    pub(crate) fn unawaited(&self) -> Option<(Ref<Generator>, &'static str)> {
        let method = ["asend", "athrow", "aclose"][self.step as usize];
        let is_new = self.progress.get() == Progress::Created;
        is_new.then(|| (self.generator.clone(), method))
    }

    fn advance(&self, progress: Progress) {
        self.progress.set(progress);
        self.header().set(flags::NEEDS_FINALIZER, false);
    }

    /// `send(value)`: what the generator's own awaits yield, or the item as a returned value.
    pub(crate) fn send(&self, vm: &mut Vm, value: Value) -> PyResult<Outcome> {
        if self.progress.get() == Progress::Closed {
            return Err(vm.runtime_error(self.step.reused()));
        }
        let outcome = match self.step {
            Step::Send => self.send_item(vm, value),
            Step::Throw | Step::Close => self.send_exception(vm, value),
        };
        self.note(&outcome);
        outcome
    }

    fn send_item(&self, vm: &mut Vm, value: Value) -> PyResult<Outcome> {
        let mut value = value;
        if self.progress.get() == Progress::Created {
            self.start(vm)?;
            if value.is_none() {
                value = self.value.take().unwrap_or(Value::NONE);
            }
        }
        self.generator.is_awaited.set(true);
        let result = send_to_generator(vm, &self.generator, value);
        self.unwrap(vm, result)
    }

    fn send_exception(&self, vm: &mut Vm, value: Value) -> PyResult<Outcome> {
        if self.generator.state.get() == State::Finished {
            return Ok(Outcome::Returned(Value::NONE));
        }
        let is_first = self.progress.get() == Progress::Created;
        let result = if is_first {
            self.check_not_awaited(vm)?;
            if self.generator.is_closed.get() {
                return Err(stop_async_iteration(vm));
            }
            if !value.is_none() {
                let message = "can't send non-None value to a just-started coroutine";
                return Err(vm.runtime_error(message));
            }
            self.advance(Progress::Iterating);
            self.generator.is_awaited.set(true);
            let given = self.first_exception(vm)?;
            throw_into(vm, &self.generator, &given, false)
        } else {
            send_to_generator(vm, &self.generator, value)
        };
        match self.step {
            Step::Close => self.closing(vm, result),
            _ => self.unwrap(vm, result),
        }
    }

    /// The exception that the step is about, as `throw` takes it.
    fn first_exception(&self, vm: &mut Vm) -> PyResult<Vec<Value>> {
        if self.step == Step::Close {
            self.generator.is_closed.set(true);
            return Ok(vec![Value::from(&vm.types.generator_exit)]);
        }
        let value = self.value.take().unwrap_or(Value::NONE);
        match value.downcast::<Tuple>() {
            Some(given) => Ok(given.items().to_vec()),
            None => Err(vm.type_error("athrow() found no exception")),
        }
    }

    /// `throw(exception)`, or with the other arguments of `throw`.
    pub(crate) fn throw(&self, vm: &mut Vm, given: &[Value]) -> PyResult<Outcome> {
        if self.progress.get() == Progress::Closed {
            return Err(vm.runtime_error(self.step.reused()));
        }
        if self.progress.get() == Progress::Created
            && let Err(raised) = self.start(vm)
        {
            self.advance(Progress::Closed);
            return Err(raised);
        }
        self.generator.is_awaited.set(true);
        let result = throw_into(vm, &self.generator, given, true);
        let outcome = match self.step {
            Step::Close => self.closing(vm, result),
            _ => self.unwrap(vm, result),
        };
        self.note(&outcome);
        outcome
    }

    /// `close()`.
    pub(crate) fn close(&self, vm: &mut Vm) -> PyResult<()> {
        if self.progress.get() == Progress::Closed {
            return Ok(());
        }
        // Up to 3.12 the generator itself went on as if nothing had been.
        if vm.version_number() < 13 {
            self.advance(Progress::Closed);
            return Ok(());
        }
        let exit = Value::from(&vm.types.generator_exit);
        match self.throw(vm, &[exit]) {
            Ok(Outcome::Yielded(_)) => Err(vm.runtime_error("coroutine ignored GeneratorExit")),
            Ok(Outcome::Returned(_)) => Ok(()),
            Err(raised) if is_end(vm, &raised) => Ok(()),
            Err(raised) => Err(raised),
        }
    }

    fn start(&self, vm: &mut Vm) -> PyResult<()> {
        self.check_not_awaited(vm)?;
        self.advance(Progress::Iterating);
        Ok(())
    }

    fn check_not_awaited(&self, vm: &mut Vm) -> PyResult<()> {
        if !self.generator.is_awaited.get() {
            return Ok(());
        }
        self.advance(Progress::Closed);
        let name = self.step.name();
        Err(vm.runtime_error(format!("{name}: asynchronous generator is already running")))
    }

    /// An awaitable that has given its result, or failed, is used up.
    fn note(&self, outcome: &PyResult<Outcome>) {
        if !matches!(outcome, Ok(Outcome::Yielded(_))) {
            self.advance(Progress::Closed);
        }
    }

    /// What the generator's frame gave, as the awaitable's result.
    fn unwrap(&self, vm: &mut Vm, result: PyResult<Outcome>) -> PyResult<Outcome> {
        let outcome = match result {
            Ok(Outcome::Yielded(value)) => match value.downcast::<WrappedItem>() {
                Some(item) => Ok(Outcome::Returned(item.value.clone())),
                None => return Ok(Outcome::Yielded(value)),
            },
            Ok(Outcome::Returned(_)) => Err(stop_async_iteration(vm)),
            Err(raised) => Err(raised),
        };
        if let Err(raised) = &outcome
            && is_end_of_async(vm, raised)
        {
            self.generator.is_closed.set(true);
        }
        self.generator.is_awaited.set(false);
        outcome
    }

    /// What the generator's frame gave after GeneratorExit.
    fn closing(&self, vm: &mut Vm, result: PyResult<Outcome>) -> PyResult<Outcome> {
        let outcome = match result {
            Ok(Outcome::Yielded(value)) if value.downcast::<WrappedItem>().is_none() => {
                return Ok(Outcome::Yielded(value));
            }
            Ok(Outcome::Yielded(_)) => {
                Err(vm.runtime_error("async generator ignored GeneratorExit"))
            }
            Ok(Outcome::Returned(_)) => Ok(Outcome::Returned(Value::NONE)),
            Err(raised) if is_end_of_async(vm, &raised) => Ok(Outcome::Returned(Value::NONE)),
            Err(raised) => Err(raised),
        };
        self.generator.is_awaited.set(false);
        outcome
    }
}

fn stop_async_iteration(vm: &mut Vm) -> Raised {
    let ty = vm.types.stop_async_iteration.clone();
    Raised(new_exception(vm, &ty, &[]))
}

fn is_end_of_async(vm: &Vm, raised: &Raised) -> bool {
    raised.is(vm, &vm.types.stop_async_iteration) || raised.is(vm, &vm.types.generator_exit)
}

fn is_end(vm: &Vm, raised: &Raised) -> bool {
    is_end_of_async(vm, raised) || raised.is(vm, &vm.types.stop_iteration)
}
