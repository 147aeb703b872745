//! The bodies of specialised and fused instructions that work on inline values and attributes: nothing here raises or leaves the frame.
//!
//! All are inlined into the loop. Each takes the loop's registers and gives those for the next instruction. After a wrong guess the
//! instruction in place is another, and `pc` still there.
//!
//! A *shape* says where operands come from: fused instructions borrow them from where the loads before would have got them.

use std::mem;
use std::ptr::NonNull;

use pyco_code::quicken::{END_POPS, Instr, LOOP_SHIFT, TWO_SLOTS, Unit};

use crate::cell::ValueCell;
use crate::eval::frame::Frame;
use crate::heap;
use crate::object::function::Cell;
use crate::object::header::{Header, Obj};
use crate::object::slots::CompareOp;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::ops::arithmetic::comparison;
use crate::ops::inline;
use crate::specialize;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Both operands are on the stack: the instruction is not fused.
pub(super) const STACK: u8 = 0;
/// The left one is on the stack, the right one a local.
pub(super) const STACK_FAST: u8 = 1;
/// The left one is on the stack, the right one a constant.
pub(super) const STACK_CONST: u8 = 2;
/// Both are locals.
pub(super) const FAST_FAST: u8 = 3;
/// A local and a constant.
pub(super) const FAST_CONST: u8 = 4;
/// The only operand is a local.
pub(super) const FAST: u8 = 5;

/// The only operand is the top of the stack, and stays there.
pub(super) const TOP: u8 = 6;

/// `pc` and `sp`.
pub(super) type Registers = (*const Unit, *mut Slot);

/// The index of the local in an instruction's argument.
#[inline(always)]
unsafe fn arg(pc: *const Unit) -> usize {
    // SAFETY: `pc` is at an instruction; so for all below.
    unsafe { (*pc).arg() as usize }
}

/// A local that is bound, borrowed.
#[inline(always)]
unsafe fn local<'a>(locals: *mut Slot, index: usize) -> &'a Value {
    // SAFETY: verified code's locals are in range, and those of unchecked loads are bound.
    unsafe { (*locals.add(index)).as_ref().unwrap_unchecked() }
}

/// The nth value from the top of the stack, borrowed.
#[inline(always)]
unsafe fn peek<'a>(sp: *mut Slot, n: usize) -> &'a Value {
    // SAFETY: verified code has as many values on the stack as the instruction needs.
    unsafe { (*sp.sub(n)).as_ref().unwrap_unchecked() }
}

/// The constant that fusing has put into the first cache unit of the instruction at `at`.
#[inline(always)]
unsafe fn constant<'a>(at: *const Unit) -> &'a Value {
    // SAFETY: the fused instruction stands only while the constant is there; the code object holds it.
    unsafe { &*at.add(1).cast::<Value>() }
}

/// The two operands, and where the instruction that uses them stands.
#[inline(always)]
unsafe fn operands<'a, const SHAPE: u8>(
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> (&'a Value, &'a Value, *const Unit) {
    // SAFETY: each shape finds its operands where the loads that it replaces would.
    unsafe {
        match SHAPE {
            STACK => (peek(sp, 2), peek(sp, 1), pc),
            STACK_FAST => (peek(sp, 1), local(locals, arg(pc)), pc.add(1)),
            STACK_CONST => (peek(sp, 1), constant(pc.add(1)), pc.add(1)),
            FAST_FAST => {
                let (a, b) = (arg(pc) & 0xFFFF, arg(pc) >> 16);
                (local(locals, a), local(locals, b), pc.add(1))
            }
            _ => (local(locals, arg(pc)), constant(pc.add(2)), pc.add(2)),
        }
    }
}

/// How many operands are on the stack.
#[inline(always)]
const fn on_stack(shape: u8) -> usize {
    match shape {
        STACK => 2,
        STACK_FAST | STACK_CONST => 1,
        _ => 0,
    }
}

/// The unit behind an instruction.
#[inline(always)]
unsafe fn behind(at: *const Unit) -> *const Unit {
    // SAFETY: none of these instructions is the last.
    unsafe { at.add((*at).len()) }
}

#[cold]
#[inline(never)]
fn wrong_guess(vm: &mut Vm, unit: &Unit, is_fused: bool) {
    if is_fused {
        vm.stats.missed(unit.instr());
        specialize::unfuse(unit);
    } else {
        specialize::miss(vm, unit);
    }
}

/// Releases an object whose last reference is gone, and runs the finalizers that this calls for.
///
/// # Safety
/// `frame` is the running one, `pc` and `sp` are its registers, and the object is not used again.
#[cold]
#[inline(never)]
pub(super) unsafe fn release_last(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    object: NonNull<Header>,
) {
    // SAFETY: forwarded.
    unsafe {
        heap::destroy(object);
        if heap::needs_attention() {
            ((*frame).pc, (*frame).sp) = (pc, sp);
            vm.run_pending();
        }
    }
}

/// Drops a value, and runs the finalizers that this calls for.
#[inline(always)]
unsafe fn release(vm: &mut Vm, frame: *mut Frame, pc: *const Unit, sp: *mut Slot, value: Slot) {
    if let Some(object) = heap::take_last(value) {
        // SAFETY: these are the registers, and the reference was the last.
        unsafe { release_last(vm, frame, pc, sp, object) }
    }
}

/// An operation on inline values with an inline result, so that there is nothing to release; a store after it is done, too.
///
/// # Safety
/// The frame is the running one, `locals` are its own, `pc` and `sp` are its registers; so for all that follow.
#[inline(always)]
pub(super) unsafe fn operation<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    operation: impl FnOnce(&Value, &Value, u32) -> Option<Value>,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (a, b, at) = operands::<SHAPE>(locals, pc, sp);
        let Some(result) = operation(a, b, (*at).arg()) else {
            wrong_guess(vm, &*pc, SHAPE != STACK);
            return (pc, sp);
        };
        let sp = sp.sub(on_stack(SHAPE));
        let next = behind(at);
        if (*next).instr() == Instr::StoreFast {
            let old = (*locals.add(arg(next))).replace(result);
            release(vm, frame, next, sp, old);
            return (next.add(1), sp);
        }
        sp.write(Some(result));
        (next, sp.add(1))
    }
}

/// Where a conditional jump on a bool leads.
#[inline(always)]
unsafe fn jump(at: *const Unit, truth: bool) -> *const Unit {
    // SAFETY: a jump's argument is the distance to its target.
    unsafe {
        if truth == ((*at).instr() == Instr::PopJumpIfTrue) {
            at.offset((*at).arg() as i32 as isize)
        } else {
            behind(at)
        }
    }
}

/// A comparison of inline values, and the jump behind it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn compare_jump<const SHAPE: u8>(
    vm: &mut Vm,
    _frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    compare: impl FnOnce(&Value, &Value, u32) -> Option<bool>,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (a, b, at) = operands::<SHAPE>(locals, pc, sp);
        let Some(truth) = compare(a, b, (*at).arg()) else {
            wrong_guess(vm, &*pc, SHAPE != STACK);
            return (pc, sp);
        };
        (jump(behind(at), truth), sp.sub(on_stack(SHAPE)))
    }
}

/// An item of a sequence at an inline index.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn subscript<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    item: impl FnOnce(&Vm, &Value, &Value) -> Option<Value>,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (container, key, at) = operands::<SHAPE>(locals, pc, sp);
        let Some(item) = item(vm, container, key) else {
            wrong_guess(vm, &*pc, SHAPE != STACK);
            return (pc, sp);
        };
        // The key is inline, so only a container on the stack has to be released.
        let sp = sp.sub(on_stack(SHAPE));
        let container = if on_stack(SHAPE) == 0 {
            None
        } else {
            sp.read()
        };
        sp.write(Some(item));
        release(vm, frame, at, sp.add(1), container);
        (behind(at), sp.add(1))
    }
}

/// The only operand, a local or the top of the stack, and where the instruction that uses it stands.
#[inline(always)]
unsafe fn operand<'a, const SHAPE: u8>(
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> (&'a Value, *const Unit) {
    // SAFETY: as for `operands`.
    unsafe {
        match SHAPE {
            FAST => (local(locals, arg(pc)), pc.add(1)),
            TOP => (peek(sp, 1), pc.add(1)),
            _ => (peek(sp, 1), pc),
        }
    }
}

#[cold]
#[inline(never)]
unsafe fn wrong_owner(vm: &mut Vm, frame: *mut Frame, unit: &Unit, is_fused: bool, owner: &Value) {
    if is_fused {
        vm.stats.missed(unit.instr());
        return specialize::unfuse(unit);
    }
    // SAFETY: the frame is the running one.
    specialize::miss_attribute(vm, unsafe { &*frame }, unit, owner);
}

/// An attribute that takes its owner's place.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn load_attr<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    find: unsafe fn(*const Unit, &Value) -> Option<Value>,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (owner, at) = operand::<SHAPE>(locals, pc, sp);
        let Some(value) = find(at, owner) else {
            wrong_owner(vm, frame, &*pc, SHAPE != STACK, owner);
            return (pc, sp);
        };
        if SHAPE == FAST {
            sp.write(Some(value));
            return (behind(at), sp.add(1));
        }
        let owner = (*sp.sub(1)).replace(value);
        release(vm, frame, at, sp, owner);
        (behind(at), sp)
    }
}

/// A method, and its owner as `self`.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn load_method<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (owner, at) = operand::<SHAPE>(locals, pc, sp);
        let Some(method) = specialize::method_of_type(at, owner) else {
            wrong_owner(vm, frame, &*pc, SHAPE != STACK, owner);
            return (pc, sp);
        };
        (behind(at), push_method::<SHAPE>(sp, owner, method.clone()))
    }
}

#[inline(always)]
unsafe fn push_method<const SHAPE: u8>(sp: *mut Slot, owner: &Value, method: Value) -> *mut Slot {
    // SAFETY: forwarded; the stack has room for two, of which the owner may be one already.
    unsafe {
        if SHAPE == FAST {
            sp.write(Some(method));
            sp.add(1).write(Some(owner.clone()));
            return sp.add(2);
        }
        sp.write((*sp.sub(1)).replace(method));
        sp.add(1)
    }
}

/// The name that the instruction at `at` is about.
#[inline(always)]
unsafe fn name(frame: *mut Frame, at: *const Unit) -> *const Obj<Str> {
    // SAFETY: the frame keeps its code, and verified code's names are in range.
    unsafe { (*(*frame).quick).name(arg(at)).as_ptr() }
}

/// An attribute of instances of several classes; `None` if the table does not know it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn load_polymorphic<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded.
    unsafe {
        let (owner, at) = operand::<SHAPE>(locals, pc, sp);
        let Some(value) = specialize::polymorphic_value(vm, owner, name(frame, at)) else {
            return unfused::<SHAPE>(sp, owner, at);
        };
        if SHAPE == FAST {
            sp.write(Some(value));
            return Some((behind(at), sp.add(1)));
        }
        let owner = (*sp.sub(1)).replace(value);
        release(vm, frame, at, sp, owner);
        Some((behind(at), sp))
    }
}

/// What is done in place of a fused instruction whose second half is for others: the load.
#[inline(always)]
unsafe fn unfused<const SHAPE: u8>(
    sp: *mut Slot,
    owner: &Value,
    at: *const Unit,
) -> Option<Registers> {
    if SHAPE != FAST {
        return None;
    }
    // SAFETY: there is room for what the load pushes.
    unsafe { sp.write(Some(owner.clone())) };
    // SAFETY: as above.
    Some((at, unsafe { sp.add(1) }))
}

/// A method of instances of several classes; `None` if the table does not know it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn polymorphic_method<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded.
    unsafe {
        let (owner, at) = operand::<SHAPE>(locals, pc, sp);
        match specialize::polymorphic_method(vm, owner, name(frame, at)) {
            Some(method) => Some((behind(at), push_method::<SHAPE>(sp, owner, method))),
            None => unfused::<SHAPE>(sp, owner, at),
        }
    }
}

/// A store to an attribute that is there: the owner is on the stack above the value, or a local, or both are.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn store_attr<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    find: for<'a> unsafe fn(*const Unit, &'a Value) -> Option<&'a ValueCell>,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (owner, at) = store_operand::<SHAPE>(locals, pc, sp);
        let Some(slot) = find(at, owner) else {
            wrong_owner(vm, frame, &*pc, SHAPE != STACK, owner);
            return (pc, sp);
        };
        let (old, sp) = match SHAPE {
            FAST_FAST => {
                let value = local(locals, arg(pc) & 0xFFFF).clone();
                (slot.replace(Some(value)), sp)
            }
            FAST => (slot.replace(sp.sub(1).read()), sp.sub(1)),
            _ => {
                let old = slot.replace(sp.sub(2).read());
                let sp = sp.sub(2);
                release(vm, frame, at, sp, sp.add(1).read());
                (old, sp)
            }
        };
        release(vm, frame, at, sp, old);
        (behind(at), sp)
    }
}

/// The owner in a store to an attribute.
#[inline(always)]
unsafe fn store_operand<'a, const SHAPE: u8>(
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> (&'a Value, *const Unit) {
    // SAFETY: as for `operands`.
    unsafe {
        match SHAPE {
            FAST_FAST => (local(locals, arg(pc) >> 16), pc.add(1)),
            _ => operand::<SHAPE>(locals, pc, sp),
        }
    }
}

/// A store of an attribute's first value.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn store_new_attr<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (owner, at) = store_operand::<SHAPE>(locals, pc, sp);
        let stored = match SHAPE {
            FAST_FAST => {
                // A copy, which the instance gets if the guess is right.
                let mut value = Some(local(locals, arg(pc) & 0xFFFF).clone());
                specialize::store_new_value(at, owner, &mut value)
            }
            FAST => specialize::store_new_value(at, owner, &mut *sp.sub(1)),
            _ => specialize::store_new_value(at, owner, &mut *sp.sub(2)),
        };
        if !stored {
            wrong_guess(vm, &*pc, SHAPE != STACK);
            return (pc, sp);
        }
        let sp = match SHAPE {
            FAST_FAST => sp,
            FAST => sp.sub(1),
            _ => {
                let sp = sp.sub(2);
                release(vm, frame, at, sp, sp.add(1).read());
                sp
            }
        };
        (behind(at), sp)
    }
}

/// TO_BOOL and the jump behind it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn truth_jump<const SHAPE: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let (value, at) = operand::<SHAPE>(locals, pc, sp);
        let Some(truth) = inline::truth(vm, value) else {
            wrong_guess(vm, &*pc, SHAPE != STACK);
            return (pc, sp);
        };
        let mut sp = sp;
        if SHAPE == STACK {
            sp = sp.sub(1);
            release(vm, frame, at, sp, sp.read());
        }
        (jump(behind(at), truth), sp)
    }
}

/// A jump if a local is None (or is not).
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn none_jump(
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    if_none: bool,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let at = pc.add(1);
        if local(locals, arg(pc)).is_none() == if_none {
            (at.offset((*at).arg() as i32 as isize), sp)
        } else {
            (behind(at), sp)
        }
    }
}

/// What FOR_ITER does with an item: it pushes it.
pub(super) const PUSH: u8 = 0;
/// It does the STORE_FAST behind it.
pub(super) const STORE: u8 = 1;
/// It does the STORE_FAST_LOAD_FAST behind it.
pub(super) const STORE_LOAD: u8 = 2;

/// The next item of a built-in iterator, pushed or stored to a local right away.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn for_iter<const THEN: u8>(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
    next: impl FnOnce(&mut Vm, &Value) -> specialize::Next,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let depth = 1 + usize::from((*pc).arg() & TWO_SLOTS != 0);
        match next(vm, peek(sp, depth)) {
            specialize::Next::Item(value) if THEN == STORE => {
                let store = behind(pc);
                let old = (*locals.add(arg(store))).replace(value);
                release(vm, frame, store, sp, old);
                (store.add(1), sp)
            }
            specialize::Next::Item(value) if THEN == STORE_LOAD => {
                let store = behind(pc);
                let old = (*locals.add(arg(store) & 0xFFFF)).replace(value);
                release(vm, frame, store, sp, old);
                sp.write(Some(local(locals, arg(store) >> 16).clone()));
                (store.add(1), sp.add(1))
            }
            specialize::Next::Item(value) => {
                sp.write(Some(value));
                (behind(pc), sp.add(1))
            }
            specialize::Next::End => {
                let arg = (*pc).arg();
                let after = pc.add((arg >> LOOP_SHIFT) as usize + 1);
                if arg & END_POPS == 0 {
                    return (after, sp);
                }
                let sp = sp.sub(1);
                release(vm, frame, after, sp, sp.read());
                (after, sp)
            }
            specialize::Next::Other => {
                wrong_guess(vm, &*pc, false);
                (pc, sp)
            }
        }
    }
}

/// An equality of strs, and the jump behind it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn str_jump(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let Some(equal) = specialize::str_equal(peek(sp, 2), peek(sp, 1)) else {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        };
        let wanted = comparison(arg(pc)) == CompareOp::Eq;
        // Dropping a str runs no code.
        drop((sp.sub(1).read(), sp.sub(2).read()));
        (jump(behind(pc), equal == wanted), sp.sub(2))
    }
}

/// A store to an attribute of instances of several classes; `None` if the table does not know it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn store_polymorphic(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded.
    unsafe {
        let slot = specialize::polymorphic_slot(vm, peek(sp, 1), name(frame, pc))?;
        let old = slot.replace(sp.sub(2).read());
        let sp = sp.sub(2);
        release(vm, frame, pc, sp, sp.add(1).read());
        release(vm, frame, pc, sp, old);
        Some((behind(pc), sp))
    }
}

/// A store to an item of a list.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn store_list_item(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let Some(slot) = specialize::list_slot(vm, peek(sp, 2), peek(sp, 1)) else {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        };
        let old = mem::replace(slot, sp.sub(3).read().unwrap_unchecked());
        // The key is inline.
        let sp = sp.sub(3);
        release(vm, frame, pc, sp, Some(old));
        release(vm, frame, pc, sp, sp.add(1).read());
        (behind(pc), sp)
    }
}

/// A tuple of two, unpacked.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn unpack_two(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let Some([a, b]) = specialize::two_tuple(peek(sp, 1)) else {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        };
        let (a, b) = (a.clone(), b.clone());
        let tuple = (*sp.sub(1)).replace(b);
        sp.write(Some(a));
        let sp = sp.add(1);
        release(vm, frame, pc, sp, tuple);
        (behind(pc), sp)
    }
}

/// `list.append`.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn list_append(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Registers {
    // SAFETY: forwarded; the item has been moved out.
    unsafe {
        if !specialize::list_append(vm, pc, sp) {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        }
        // The list is referred to from elsewhere, else nobody could have asked for its method; the method is its class's.
        drop(sp.sub(2).read());
        *sp.sub(3) = Some(Value::NONE);
        (behind(pc), sp.sub(2))
    }
}

/// `len(…)`.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn call_len(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded; there is no self.
    unsafe {
        let Some(len) = specialize::len(vm, pc, sp) else {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        };
        let (value, callable) = (sp.sub(1).read(), sp.sub(3).read());
        let sp = sp.sub(2);
        sp.sub(1).write(Some(len));
        release(vm, frame, pc, sp, value);
        release(vm, frame, pc, sp, callable);
        (behind(pc), sp)
    }
}

/// A global or built-in variable, with NULL above it if a call follows.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn load_global<const NULL: bool>(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    find: for<'a> unsafe fn(&'a Frame, *const Unit) -> Option<&'a Value>,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let Some(value) = find(&*frame, pc) else {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        };
        sp.write(Some(value.clone()));
        if NULL {
            sp.add(1).write(None);
            return (behind(pc), sp.add(2));
        }
        (behind(pc), sp.add(1))
    }
}

/// A closure's variable; `None` if it is unbound.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn load_deref(
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded.
    unsafe {
        let cell = (*locals.add(arg(pc))).as_ref()?.downcast::<Cell>()?;
        sp.write(Some(cell.value.get()?));
        Some((pc.add(1), sp.add(1)))
    }
}

/// STORE_DEREF; `None` if there is no cell.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn store_deref(
    vm: &mut Vm,
    frame: *mut Frame,
    locals: *mut Slot,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded.
    unsafe {
        let cell = (*locals.add(arg(pc))).as_ref()?.downcast::<Cell>()?;
        let sp = sp.sub(1);
        let old = cell.value.replace(sp.read());
        release(vm, frame, pc, sp, old);
        Some((pc.add(1), sp))
    }
}

/// COPY_FREE_VARS; `None` if the function has another number of cells.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn copy_free_vars(
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Option<Registers> {
    // SAFETY: forwarded; the last locals are the free variables, as verified, and stand right before the frame. Nobody sets the
    // function's closure meanwhile.
    unsafe {
        let function = &(*frame).function;
        let closure = (*function.closure.as_ptr()).as_ref()?;
        let cells = closure.downcast::<Tuple>()?.items();
        let count = arg(pc);
        if cells.len() != count {
            return None;
        }
        let first = frame.cast::<Slot>().sub(count);
        for (index, cell) in cells.iter().enumerate() {
            *first.add(index) = Some(cell.clone());
        }
        Some((pc.add(1), sp))
    }
}

/// A function of a module, as a call wants it.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn method_of_module(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let Some(value) = specialize::attr_module(pc, peek(sp, 1)) else {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        };
        *sp.sub(1) = Some(value);
        sp.write(None);
        (behind(pc), sp.add(1))
    }
}

/// UNARY_NOT of a bool, UNARY_NEGATIVE of an inline number.
#[inline(always)]
pub(super) fn unary(instr: Instr, value: &Value) -> Option<Value> {
    if instr == Instr::UnaryNot {
        return value.as_bool().map(|truth| Value::bool(!truth));
    }
    match value.as_small_int() {
        Some(n) => Value::small_int(-n),
        None => value.as_float().map(|x| Value::float(-x)),
    }
}

/// IS_OP.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn is_op(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        let is = peek(sp, 2).is(peek(sp, 1)) != (arg(pc) & 1 != 0);
        let a = (*sp.sub(2)).replace(Value::bool(is));
        let b = sp.sub(1).read();
        let sp = sp.sub(1);
        release(vm, frame, pc, sp, a);
        release(vm, frame, pc, sp, b);
        (behind(pc), sp)
    }
}

/// TO_BOOL_BOOL.
///
/// # Safety
/// As above.
#[inline(always)]
pub(super) unsafe fn to_bool_of_bool(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Registers {
    // SAFETY: forwarded.
    unsafe {
        if peek(sp, 1).as_bool().is_none() {
            wrong_guess(vm, &*pc, false);
            return (pc, sp);
        }
        (behind(pc), sp)
    }
}
