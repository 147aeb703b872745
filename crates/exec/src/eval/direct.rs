//! Specialised instructions that call native code: calls of natives, dicts, unpacking, text.
//!
//! Each is a function of its own, called from the loop. After a wrong guess the adaptive instruction is in place and `pc` still there;
//! with an error, the frame's `sp` says what is left on the stack.

use std::ptr::NonNull;

use pyco_code::quicken::{COMPARE_TO_BOOL, END_POPS, Instr, LOOP_SHIFT, TWO_SLOTS, Unit};

use super::enter;
use super::fused::Registers;
use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::heap;
use crate::object::native::NativeFunction;
use crate::object::slots::{BinaryOp, CompareOp};
use crate::object::str_::Str;
use crate::object::type_methods;
use crate::ops::{arithmetic, calls, containers};
use crate::specialize;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// `pc` and `sp`, or an exception: as `pc` is not null, this takes two words, which come back in registers.
pub(super) type Step = Result<(NonNull<Unit>, *mut Slot), Raised>;

#[inline(always)]
unsafe fn go_to(pc: *const Unit, sp: *mut Slot) -> Step {
    // SAFETY: `pc` is at an instruction.
    Ok((unsafe { NonNull::new_unchecked(pc.cast_mut()) }, sp))
}

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
    unsafe {
        specialize::miss(vm, &*pc);
        go_to(pc, sp)
    }
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
    unsafe { attend_at(vm, frame, pc, pc.add((*pc).len()), sp) }
}

/// The same where the instruction at `pc` goes on at `next`.
#[inline(always)]
unsafe fn attend_at(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    next: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if heap::needs_attention() {
            save(frame, pc, sp);
            vm.run_pending();
            if vm.must_leave_loop() {
                (*frame).pc = next;
                return go_to(vm.watch.leave_unit(), sp);
            }
        }
        go_to(next, sp)
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
        let result = NativeFunction::invoke(function, vm, Args::positional_only(values));
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

/// CALL_BUILTIN_CLASS.
///
/// # Safety
/// As above.
pub(super) unsafe fn call_class(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded; a class has no self.
    unsafe {
        let count = arg(pc);
        let Some(class) = specialize::built_in_class(vm, sp, count) else {
            return wrong_guess(vm, pc, sp);
        };
        save(frame, pc, sp);
        if count == 1
            && class.is(&vm.types.list)
            && let Some(items) = containers::exact_items(vm, peek(sp, 1))
        {
            let list = vm.new_list(items.to_vec());
            return done(vm, frame, pc, calls::drop_call(sp, count), Ok(list));
        }
        let args = Args::positional_only(calls::values(sp, count));
        let made = type_methods::instantiate(vm, class, args);
        done(vm, frame, pc, calls::drop_call(sp, count), made)
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

/// An operator that native code does, on operands that a guess has been made of; `fits` says whether it was right.
///
/// # Safety
/// As above.
#[inline(always)]
unsafe fn binary(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    fits: bool,
    operator: impl FnOnce(&mut Vm, &Value, &Value) -> PyResult,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        if !fits {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp);
        let result = operator(vm, peek(sp, 2), peek(sp, 1));
        done(vm, frame, pc, drop_operands(sp, 2), result)
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
        let fits = specialize::is_exact_dict(peek(sp, 2));
        binary(vm, frame, pc, sp, fits, containers::dict_item)
    }
}

/// BINARY_SUBSCR_LIST_SLICE.
///
/// # Safety
/// As above.
pub(super) unsafe fn list_slice(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let fits = specialize::is_exact_list(peek(sp, 2));
        binary(vm, frame, pc, sp, fits, containers::list_slice)
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

/// CONTAINS_OP of a container for which `find` is right if it `fits`, and the jump behind it if there is one.
#[inline(always)]
unsafe fn contains(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    fits: bool,
    find: impl FnOnce(&mut Vm, &Value, &Value) -> PyResult<bool>,
) -> Step {
    // SAFETY: forwarded; a jump's argument is the distance to its target.
    unsafe {
        if !fits {
            return wrong_guess(vm, pc, sp);
        }
        save(frame, pc, sp);
        let found = find(vm, peek(sp, 1), peek(sp, 2));
        let sp = drop_operands(sp, 2);
        let is_true = match found {
            Ok(found) => found != (arg(pc) & 1 != 0),
            Err(raised) => {
                (*frame).sp = sp;
                return Err(raised);
            }
        };
        let next = pc.add((*pc).len());
        let jumps_if = match (*next).instr() {
            _ if heap::needs_attention() => None,
            Instr::PopJumpIfFalse => Some(false),
            Instr::PopJumpIfTrue => Some(true),
            _ => None,
        };
        match jumps_if {
            Some(truth) if truth == is_true => {
                go_to(next.offset((*next).arg() as i32 as isize), sp)
            }
            Some(_) => go_to(next.add((*next).len()), sp),
            None => done(vm, frame, pc, sp, Ok(Value::bool(is_true))),
        }
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
        let fits = specialize::is_exact_dict(peek(sp, 1));
        contains(vm, frame, pc, sp, fits, containers::dict_contains)
    }
}

/// CONTAINS_OP_ITEMS.
///
/// # Safety
/// As above.
pub(super) unsafe fn items_contain(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let fits = specialize::has_items(peek(sp, 1));
        contains(vm, frame, pc, sp, fits, containers::items_contain)
    }
}

/// CONTAINS_OP_STR.
///
/// # Safety
/// As above.
pub(super) unsafe fn str_contains(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let (text, part) = (peek(sp, 1).downcast::<Str>(), peek(sp, 2).downcast::<Str>());
        let (Some(text), Some(part)) = (text.filter(|text| text.is_exact()), part) else {
            return wrong_guess(vm, pc, sp);
        };
        let found = text.view().contains(part.view());
        contains(vm, frame, pc, sp, true, |_, _, _| Ok(found))
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

/// FOR_ITER_PAIR: the two values of the next tuple, without the tuple; a STORE_FAST_STORE_FAST behind the UNPACK_SEQUENCE is done, too.
///
/// # Safety
/// As above.
pub(super) unsafe fn for_iter_pair(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded; verified code has room for two, as UNPACK_SEQUENCE pushes them.
    unsafe {
        save(frame, pc, sp);
        let depth = 1 + usize::from((*pc).arg() & TWO_SLOTS != 0);
        match specialize::next_pair(vm, peek(sp, depth)) {
            Some(Ok(Some((first, second)))) => {
                let unpack = pc.add((*pc).len());
                let store = unpack.add((*unpack).len());
                if (*store).instr() == Instr::StoreFastStoreFast {
                    let (locals, arg) = ((*frame).locals(), arg(store));
                    drop((*locals.add(arg & 0xFFFF)).replace(first));
                    drop((*locals.add(arg >> 16)).replace(second));
                    return attend_at(vm, frame, pc, store.add(1), sp);
                }
                sp.write(Some(second));
                sp.add(1).write(Some(first));
                attend_at(vm, frame, pc, store, sp.add(2))
            }
            Some(Ok(None)) => {
                let arg = (*pc).arg();
                let after = pc.add((arg >> LOOP_SHIFT) as usize + 1);
                if arg & END_POPS == 0 {
                    return attend_at(vm, frame, pc, after, sp);
                }
                drop(sp.sub(1).read());
                attend_at(vm, frame, pc, after, sp.sub(1))
            }
            Some(Err(raised)) => Err(raised),
            None => wrong_guess(vm, pc, sp),
        }
    }
}

/// LOAD_SUPER_ATTR of a method that the table knows; `None` if it does not.
///
/// # Safety
/// As above.
pub(super) unsafe fn super_method(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded.
    unsafe {
        let (super_, class, this) = (peek(sp, 3), peek(sp, 2), peek(sp, 1));
        if !super_.is(vm.types.super_.as_value()) {
            return None;
        }
        let name = (*(*frame).quick).name(arg(pc) >> 1).as_ptr();
        let method = specialize::super_method(vm, class, this, name)?.clone();
        // Neither reference is the last: the VM has `super`, the instance's class the other.
        drop((*sp.sub(3)).replace(method));
        drop(std::mem::replace(&mut *sp.sub(2), sp.sub(1).read()));
        Some((pc.add((*pc).len()), sp.sub(1)))
    }
}

/// BUILD_SLICE; where a list is sliced next, that is done without the slice.
///
/// # Safety
/// As above.
pub(super) unsafe fn build_slice(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let count = arg(pc);
        let none = Value::NONE;
        let parts = match count {
            3 => [peek(sp, 3), peek(sp, 2), peek(sp, 1)],
            _ => [peek(sp, 2), peek(sp, 1), &none],
        };
        let next = pc.add(1);
        if (*next).instr() == Instr::BinarySubscrListSlice {
            let list = peek(sp, count + 1);
            if specialize::is_exact_list(list)
                && let Some(part) = containers::list_part(vm, list, parts)
            {
                return done(vm, frame, next, drop_operands(sp, count + 1), Ok(part));
            }
        }
        let [start, stop, step] = parts.map(Value::clone);
        let slice = vm.new_slice(start, stop, step);
        let sp = drop_operands(sp, count);
        sp.write(Some(slice));
        go_to(next, sp.add(1))
    }
}

/// BINARY_SLICE.
///
/// # Safety
/// As above.
pub(super) unsafe fn slice(vm: &mut Vm, frame: *mut Frame, pc: *const Unit, sp: *mut Slot) -> Step {
    // SAFETY: forwarded.
    unsafe {
        save(frame, pc, sp.sub(3));
        let (start, stop) = (sp.sub(2).read(), sp.sub(1).read());
        let (start, stop) = (start.unwrap_unchecked(), stop.unwrap_unchecked());
        let container = sp.sub(3).read().unwrap_unchecked();
        let result = containers::slice(vm, &container, start, stop);
        drop(container);
        done(vm, frame, pc, sp.sub(3), result)
    }
}

/// STORE_SLICE.
///
/// # Safety
/// As above.
pub(super) unsafe fn store_slice(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let sp = sp.sub(4);
        save(frame, pc, sp);
        let take = |n| sp.add(n).read().unwrap_unchecked();
        let (value, container, start, stop) = (take(0), take(1), take(2), take(3));
        let stored = containers::store_slice(vm, &container, start, stop, value);
        drop(container);
        stored?;
        attend(vm, frame, pc, sp)
    }
}

/// MAKE_FUNCTION.
///
/// # Safety
/// As above.
pub(super) unsafe fn make_function(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        save(frame, pc, sp.sub(1));
        let code = sp.sub(1).read().unwrap_unchecked();
        let function = calls::make_function(vm, &*frame, code)?;
        sp.sub(1).write(Some(function));
        go_to(pc.add(1), sp)
    }
}

/// SET_FUNCTION_ATTRIBUTE.
///
/// # Safety
/// As above.
pub(super) unsafe fn set_function_attribute(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Step {
    // SAFETY: forwarded; the function takes the value's place at last.
    unsafe {
        save(frame, pc, sp.sub(2));
        let function = sp.sub(1).read().unwrap_unchecked();
        let value = sp.sub(2).read().unwrap_unchecked();
        calls::set_function_attribute(vm, &function, arg(pc), value)?;
        sp.sub(2).write(Some(function));
        go_to(pc.add(1), sp.sub(1))
    }
}

/// BINARY_OP_METHOD and its like: the frame of the method; `None` if there is none to be called.
///
/// # Safety
/// As above; the registers have been stored.
pub(super) unsafe fn operator_method(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> PyResult<Option<enter::Ready>> {
    // SAFETY: forwarded; each of these methods takes so many arguments.
    unsafe {
        let op = arg(pc);
        let top = peek(sp, 1);
        let one = match (*pc).instr() {
            Instr::ToBoolMethod => Some(specialize::truth_method(vm, top)),
            Instr::CallLenMethod => {
                Some(specialize::len_argument(pc, sp).and_then(|it| specialize::len_method(vm, it)))
            }
            _ => None,
        };
        if let Some(method) = one {
            return match method {
                Some(method) => enter::method(vm, frame, method, [top]).map(Some),
                None => Ok(None),
            };
        }
        let below = peek(sp, 2);
        let (method, args) = match (*pc).instr() {
            Instr::StoreSubscrSetitem => {
                let Some(method) = specialize::setitem_method(vm, below) else {
                    return Ok(None);
                };
                let args = [below, top, peek(sp, 3)];
                return enter::method(vm, frame, method, args).map(Some);
            }
            Instr::ContainsOpMethod => (specialize::contains_method(vm, top), [top, below]),
            Instr::BinarySubscrGetitem => (specialize::getitem_method(vm, below), [below, top]),
            Instr::CompareOpMethod => {
                let op = arithmetic::comparison(op);
                (specialize::compare_method(vm, below, top, op), [below, top])
            }
            _ => (
                specialize::operator_method(vm, below, top, op),
                [below, top],
            ),
        };
        match method {
            Some(method) => enter::method(vm, frame, method, args).map(Some),
            None => Ok(None),
        }
    }
}

/// What an instruction does with the result of the method that it has called. Its operands are still on the stack.
///
/// # Safety
/// As above.
pub(super) unsafe fn operator_returned(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    result: Value,
) -> Step {
    // SAFETY: forwarded.
    unsafe {
        let is_plain = match (*pc).instr() {
            Instr::BinaryOpMethod => !result.is_not_implemented(),
            Instr::BinarySubscrGetitem => true,
            Instr::CompareOpMethod => result.as_bool().is_some(),
            _ => false,
        };
        if is_plain {
            return done(vm, frame, pc, drop_operands(sp, 2), Ok(result));
        }
        // The code may have run the instruction again meanwhile, so that another specialised one may be in its place.
        let (base, op) = ((*pc).base(), arg(pc));
        let (result, count) = match base {
            Instr::StoreSubscr => {
                drop(result);
                let sp = drop_operands(sp, 3);
                return attend(vm, frame, pc, sp);
            }
            Instr::BinarySubscr => (Ok(result), 2),
            Instr::ToBool => {
                let truth = specialize::checked_truth(vm, peek(sp, 1), &result);
                (truth.map(Value::bool), 1)
            }
            Instr::Call => {
                let len = specialize::checked_len(vm, &result);
                let len = len.map(|len| vm.int(len as i64));
                return done(vm, frame, pc, calls::drop_call(sp, 1), len);
            }
            Instr::ContainsOp => {
                let found = vm.truth(&result);
                (found.map(|found| Value::bool(found != (op & 1 != 0))), 2)
            }
            Instr::CompareOp => {
                let mut compared = Ok(result);
                if compared.as_ref().is_ok_and(Value::is_not_implemented) {
                    let op = arithmetic::comparison(op);
                    compared = vm.compare_reflected(peek(sp, 2), peek(sp, 1), op);
                }
                if (*pc).arg() & COMPARE_TO_BOOL != 0 {
                    compared = compared.and_then(|c| vm.truth(&c)).map(Value::bool);
                }
                (compared, 2)
            }
            _ if result.is_not_implemented() => {
                let in_place = base == Instr::InPlaceOp;
                let op = BinaryOp::ALL[op];
                let result = vm.binary_reflected(peek(sp, 2), peek(sp, 1), op, in_place);
                (result, 2)
            }
            _ => (Ok(result), 2),
        };
        done(vm, frame, pc, drop_operands(sp, count), result)
    }
}
