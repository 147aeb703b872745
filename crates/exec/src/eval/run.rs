//! How Rust code runs a frame: by the loop that watches or the one that does not, until the frame has come to an end.

use std::ops::ControlFlow;

use pyco_code::quicken::Unit;

use super::run_loop;
use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::value::Value;
use crate::vm::Vm;

/// How a frame ended that Rust code was waiting for.
pub(crate) enum Outcome {
    Returned(Value),
    Yielded(Value),
}

/// What takes the values of a generator that native code runs to its end, while the loop keeps the generator's frame.
pub(crate) type Consumer<'a> = &'a mut dyn FnMut(&mut Vm, Value) -> PyResult<ControlFlow<()>>;

/// Runs `entry`, a frame set up and linked by [`enter`](super::enter), until it returns, yields or raises.
///
/// # Safety
/// `entry` is the VM's current frame, its `pc` and `sp` are set, and it says [`Return::Entry`](crate::eval::frame::Return::Entry).
pub(crate) unsafe fn run(vm: &mut Vm, entry: *mut Frame) -> PyResult<Outcome> {
    // SAFETY: forwarded.
    unsafe { run_from(vm, entry, std::ptr::null(), None) }
}

/// [`run`]; what a generator yields goes to the consumer, as long as that wants more.
///
/// # Safety
/// As for [`run`]; `entry` is a generator's frame.
pub(crate) unsafe fn run_for(
    vm: &mut Vm,
    entry: *mut Frame,
    consumer: Consumer<'_>,
) -> PyResult<Outcome> {
    // SAFETY: forwarded.
    unsafe { run_from(vm, entry, std::ptr::null(), Some(consumer)) }
}

/// [`run`], where those who watch are to take `last` for the instruction executed last, unless it is null; with a consumer,
/// [`run_for`].
///
/// # Safety
/// As for [`run`]; `last` is an instruction of the frame.
pub(crate) unsafe fn run_from(
    vm: &mut Vm,
    entry: *mut Frame,
    mut last: *const Unit,
    mut consumer: Option<Consumer<'_>>,
) -> PyResult<Outcome> {
    let outside = vm.watch.in_watching_loop;
    let mut frame = entry;
    let outcome = loop {
        let watches = vm.is_watched || vm.stats.is_detailed();
        vm.watch.in_watching_loop = watches;
        // SAFETY: forwarded; a loop that gives way has stored the registers of the running frame.
        let ended = unsafe {
            let consumer: Option<Consumer<'_>> = match &mut consumer {
                Some(consumer) => Some(&mut **consumer),
                None => None,
            };
            match watches {
                true => run_loop::<true>(vm, frame, last, consumer),
                false => run_loop::<false>(vm, frame, last, consumer),
            }
        };
        match ended {
            Ok(Some(outcome)) => break Ok(outcome),
            Ok(None) => (frame, last) = (vm.frame, std::ptr::null()),
            Err(raised) => break Err(raised),
        }
    };
    vm.watch.in_watching_loop = outside;
    if vm.must_leave_loop() {
        vm.call_loop();
    }
    outcome
}
