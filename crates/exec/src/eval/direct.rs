//! Specialised instructions that call native code: calls of natives, dicts, unpacking, text.
//!
//! Each is a function of its own, called from the loop. After a wrong guess the adaptive instruction is in place and `pc` still there;
//! with an error, the frame's `sp` says what is left on the stack.

use pyco_code::quicken::Unit;

use super::fused::Registers;
use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::heap;
use crate::object::slots::CompareOp;
use crate::ops::{arithmetic, calls, containers};
use crate::specialize;
use crate::value::{Slot, Value};
use crate::vm::Vm;

type Step = Result<Registers, Raised>;

#[inline(always)]
unsafe fn arg(pc: *const Unit) -> usize {
    // SAFETY: `pc` is at an instruction.
    unsafe { (*pc).arg() as usize }
}

#[inline(always)]
unsafe fn peek<'a>(sp: *mut Slot, n: usize) -> &'a Value {
    // SAFETY: verified code has as many values on the stack as the instruction needs.
    unsafe { (*sp.sub(n)).as_ref().unwrap_unchecked() }
}

#[cold]
unsafe fn wrong_guess(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Step {
    // SAFETY: `pc` is at an instruction.
    specialize::miss(vm, unsafe { &*pc });
    Ok((pc, sp))
}

/// Stores the registers where a callee or a traceback will look for them.
#[inline(always)]
unsafe fn save(frame: *mut Frame, pc: *const Unit, sp: *mut Slot) {
    // SAFETY: the frame is the running one.
    unsafe { ((*frame).pc, (*frame).sp) = (pc, sp) }
}

/// Pushes a result onto a stack that ends at `sp`, and runs the finalizers that the instruction calls for.
#[inline(always)]
unsafe fn done(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    result: PyResult,
) -> Step {
    // SAFETY: the operands that the result replaces have left room for it.
    unsafe {
        match result {
            Ok(value) => {
                sp.write(Some(value));
                attend(vm, frame, pc, sp.add(1))
            }
            Err(raised) => {
                (*frame).sp = sp;
                Err(raised)
            }
        }
    }
}

#[inline(always)]
unsafe fn attend(vm: &mut Vm, frame: *mut Frame, pc: *const Unit, sp: *mut Slot) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if heap::needs_attention() {
            save(frame, pc, sp);
            vm.run_pending();
            if vm.must_leave_loop() {
                (*frame).pc = pc.add((*pc).len());
                return Ok((vm.watch.leave_unit(), sp));
            }
        }
        Ok((pc.add((*pc).len()), sp))
    }
}

/// Drops the topmost operands.
#[inline(always)]
unsafe fn drop_operands(sp: *mut Slot, count: usize) -> *mut Slot {
    // SAFETY: so many operands are there.
    unsafe {
        for n in 1..=count {
            drop(sp.sub(n).read());
        }
        sp.sub(count)
    }
}

/// CALL_BUILTIN_O, CALL_BUILTIN_FAST.
///
/// # Safety
/// The frame is the running one, `pc` and `sp` are its registers; so for all that follow.
pub(super) unsafe fn call_builtin(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded; so below.
    unsafe {
        let count = arg(pc);
        let Some(function) = specialize::native_function(sp, count) else {
            return wrong_guess(vm, pc, sp);
        };
        save(frame, pc, sp);
        let values = calls::values(sp, count);
        let result = function.def.invoke_positional(vm, &function.this, values);
        done(vm, frame, pc, calls::drop_call(sp, count), result)
    }
}

/// CALL_METHOD_DESCRIPTOR_O and its like.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_method_descriptor(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let count = arg(pc);
        let Some((def, this)) = specialize::method_descriptor(vm, sp, count) else {
            return wrong_guess(vm, pc, sp);
        };
        save(frame, pc, sp);
        let result = def.invoke_positional(vm, this, calls::values(sp, count));
        done(vm, frame, pc, calls::drop_call(sp, count), result)
    }
}

/// CALL_LEN.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_len(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let Some(len) = specialize::len(vm, pc, sp) else {
            return wrong_guess(vm, pc, sp);
        };
        done(vm, frame, pc, calls::drop_call(sp, 1), Ok(len))
    }
}

/// CALL_ISINSTANCE.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_isinstance(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let Some(found) = specialize::isinstance(vm, pc, sp) else {
            return wrong_guess(vm, pc, sp);
        };
        let found = Ok(Value::bool(found));
        done(vm, frame, pc, calls::drop_call(sp, 2), found)
    }
}

/// CALL_TYPE_1.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_type_1(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let Some(ty) = specialize::type_1(vm, sp) else {
            return wrong_guess(vm, pc, sp);
        };
        done(vm, frame, pc, calls::drop_call(sp, 1), Ok(ty))
    }
}

/// CALL_STR_1.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_str_1(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if !specialize::is_callable(sp, 1, vm.types.str.as_value()) {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp);
        let text = vm.str(peek(sp, 1));
        done(vm, frame, pc, calls::drop_call(sp, 1), text)
    }
}

/// CALL_TUPLE_1.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_tuple_1(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if !specialize::is_callable(sp, 1, vm.types.tuple.as_value()) {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp);
        let tuple = containers::tuple_of(vm, peek(sp, 1));
        done(vm, frame, pc, calls::drop_call(sp, 1), tuple)
    }
}

/// BINARY_SUBSCR_DICT.
///
/// # Safety
/// As above.
pub(super) unsafe fn dict_item(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if !specialize::is_exact_dict(peek(sp, 2)) {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp);
        let item = containers::dict_item(vm, peek(sp, 2), peek(sp, 1));
        done(vm, frame, pc, drop_operands(sp, 2), item)
    }
}

/// STORE_SUBSCR_DICT.
///
/// # Safety
/// As above.
pub(super) unsafe fn store_dict_item(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if !specialize::is_exact_dict(peek(sp, 2)) {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp.sub(1));
        let key = sp.sub(1).read().unwrap_unchecked();
        let value = (*sp.sub(3)).take().unwrap_unchecked();
        let stored = containers::dict_set_item(vm, peek(sp, 2), key, value);
        let sp = drop_operands(sp.sub(1), 2);
        if let Err(raised) = stored {
            (*frame).sp = sp;
            return Err(raised);
        }
        attend(vm, frame, pc, sp)
    }
}

/// CONTAINS_OP_DICT.
///
/// # Safety
/// As above.
pub(super) unsafe fn dict_contains(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if !specialize::is_exact_dict(peek(sp, 1)) {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp);
        let found = containers::dict_contains(vm, peek(sp, 1), peek(sp, 2));
        let found = found.map(|found| Value::bool(found != (arg(pc) & 1 != 0)));
        done(vm, frame, pc, drop_operands(sp, 2), found)
    }
}

/// UNPACK_SEQUENCE_TUPLE, UNPACK_SEQUENCE_LIST.
///
/// # Safety
/// As above.
pub(super) unsafe fn unpack_exact(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded; the stack has room for the items.
    unsafe {
        let count = arg(pc);
        let Some(items) = specialize::exact_items(vm, peek(sp, 1), count) else {
            return wrong_guess(vm, pc, sp);
        };
        // The sequence's own place takes the last item, so that goes there at the end.
        for (n, item) in items.iter().rev().enumerate().skip(1) {
            sp.sub(1).add(n).write(Some(item.clone()));
        }
        let last = items.last().cloned();
        let top = sp.sub(1).add(count);
        let sequence = if count == 0 {
            sp.sub(1).read()
        } else {
            std::mem::replace(&mut *sp.sub(1), last)
        };
        drop(sequence);
        attend(vm, frame, pc, top)
    }
}

/// COMPARE_OP_STR.
///
/// # Safety
/// As above.
pub(super) unsafe fn compare_str(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let Some(equal) = specialize::str_equal(peek(sp, 2), peek(sp, 1)) else {
            return wrong_guess(vm, pc, sp);
        };
        let wanted = arithmetic::comparison(arg(pc)) == CompareOp::Eq;
        let result = Ok(Value::bool(equal == wanted));
        done(vm, frame, pc, drop_operands(sp, 2), result)
    }
}

/// BINARY_OP_ADD_UNICODE.
///
/// # Safety
/// As above.
pub(super) unsafe fn add_str(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let Some(sum) = specialize::add_str(vm, peek(sp, 2), peek(sp, 1)) else {
            return wrong_guess(vm, pc, sp);
        };
        done(vm, frame, pc, drop_operands(sp, 2), Ok(sum))
    }
}
