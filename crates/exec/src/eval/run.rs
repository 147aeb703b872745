//! Running a frame to its end for Rust code: in the loop that suits, which may change as it goes.

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

/// Runs `entry`, a frame set up and linked by [`enter`], until it returns, yields or raises.
///
/// # Safety
/// `entry` is the VM's current frame, its `pc` and `sp` are set, and it says [`Return::Entry`].
pub(crate) unsafe fn run(vm: &mut Vm, entry: *mut Frame) -> PyResult<Outcome> {
    // SAFETY: forwarded.
    unsafe { run_from(vm, entry, std::ptr::null()) }
}

/// [`run`], where those who watch are to take `last` for the instruction executed last, unless it is null.
///
/// # Safety
/// As for [`run`]; `last` is an instruction of the frame.
pub(crate) unsafe fn run_from(
    vm: &mut Vm,
    entry: *mut Frame,
    mut last: *const Unit,
) -> PyResult<Outcome> {
    let outside = vm.watch.in_watching_loop;
    let mut frame = entry;
    let outcome = loop {
        let watches = vm.is_watched || vm.stats.is_detailed();
        vm.watch.in_watching_loop = watches;
        // SAFETY: forwarded; a loop that gives way has stored the registers of the running frame.
        let ended = unsafe {
            match watches {
                true => run_loop::<true>(vm, frame, last),
                false => run_loop::<false>(vm, frame, last),
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
