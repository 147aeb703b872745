//! The eval loop: a `match` over the units of quickened code, in one Rust function for all Python frames.
//!
//! Python-to-Python calls, generators and returns switch frames inside the loop. What an instruction does beyond moving values
//! between registers, locals and the stack is a function in [`crate::ops`], named after the instruction's topic.
//!
//! Why the unchecked accesses are sound: code was verified. So at each unit the operand stack has the depth and the kinds of items (a
//! value, or possibly NULL) that the instruction needs, indices of locals, constants and names are in range, jumps land on
//! instructions, and a frame has room for the deepest stack. What the verifier could not prove, it told
//! quickening, which chose an instruction that checks.

pub(crate) mod bind;
pub(crate) mod enter;
pub(crate) mod frame;
mod rare;
pub(crate) mod stack;
pub(crate) mod unwind;

use std::mem;
use std::ptr::NonNull;

use pyco_code::quicken::{Instr, Unit};

use crate::error::{PyResult, Raised};
use crate::eval::enter::Entered;
use crate::eval::frame::{Frame, Return};
use crate::heap;
use crate::object::function::Cell;
use crate::object::generator::{Generator, State};
use crate::object::header::Header;
use crate::object::slots::{BinaryOp, CompareOp};
use crate::ops;
use crate::ops::inline;
use crate::specialize;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// How a frame ended that Rust code was waiting for.
pub(crate) enum Outcome {
    Returned(Value),
    Yielded(Value),
}

/// Releases an object whose last reference is gone, and runs the finalizers that this calls for.
///
/// # Safety
/// `frame` is the running one, `pc` and `sp` are its registers, and the object is not used again.
#[cold]
#[inline(never)]
unsafe fn release_last(
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

/// Runs `entry`, a frame set up and linked by [`enter`], until it returns, yields or raises.
///
/// # Safety
/// `entry` is the VM's current frame, its `pc` and `sp` are set, and it says [`Return::Entry`].
pub(crate) unsafe fn run(vm: &mut Vm, entry: *mut Frame) -> PyResult<Outcome> {
    // SAFETY: see the top of the file; the macros below are the only accesses to stack and locals.
    unsafe {
        let mut frame = entry;
        let mut pc: *const Unit = (*frame).pc;
        let mut sp: *mut Slot = (*frame).sp;
        let mut locals: *mut Slot = (*frame).locals();

        macro_rules! push {
            ($value:expr) => {{
                let value: Value = $value;
                sp.write(Some(value));
                sp = sp.add(1);
            }};
        }
        macro_rules! pop {
            () => {{
                sp = sp.sub(1);
                sp.read().unwrap_unchecked()
            }};
        }
        macro_rules! pop_slot {
            () => {{
                sp = sp.sub(1);
                sp.read()
            }};
        }
        // The nth value from the top, 1 being the top, borrowed.
        macro_rules! peek {
            ($n:expr) => {
                (*sp.sub($n)).as_ref().unwrap_unchecked()
            };
        }
        // A bound local, borrowed.
        macro_rules! local {
            ($index:expr) => {
                (*locals.add($index)).as_ref().unwrap_unchecked()
            };
        }
        // The constant that fusing has put into the first cache unit of an instruction.
        macro_rules! fused_constant {
            ($at:expr) => {
                &*$at.add(1).cast::<Value>()
            };
        }
        // Replaces the top.
        macro_rules! set_top {
            ($value:expr) => {
                *sp.sub(1) = Some($value)
            };
        }
        macro_rules! next {
            () => {
                pc = pc.add((*pc).len())
            };
        }
        macro_rules! jump {
            () => {
                pc = pc.offset((*pc).arg() as i32 as isize)
            };
        }
        macro_rules! arg {
            () => {
                (*pc).arg() as usize
            };
        }
        // What a conditional jump on a bool does.
        macro_rules! jump_if {
            ($truth:expr) => {
                if $truth == ((*pc).instr() == Instr::PopJumpIfTrue) {
                    jump!()
                } else {
                    next!()
                }
            };
        }
        // Takes up the frame that is current now.
        macro_rules! switch_to {
            ($frame:expr) => {{
                frame = $frame;
                pc = (*frame).pc;
                sp = (*frame).sp;
                locals = (*frame).locals();
            }};
        }
        // Stores the registers where a callee, a traceback or the caller's return will look for them.
        macro_rules! save {
            () => {{
                (*frame).pc = pc;
                (*frame).sp = sp;
            }};
        }

        loop {
            let (raised, is_new): (Raised, bool) = 'raise: {
                macro_rules! check {
                    ($result:expr) => {
                        match $result {
                            Ok(value) => value,
                            Err(raised) => break 'raise (raised, true),
                        }
                    };
                }
                // The same for what takes its operands from the frame's stack itself, and says what it has left there.
                macro_rules! check_call {
                    ($result:expr) => {
                        match $result {
                            Ok(value) => value,
                            Err(raised) => {
                                sp = (*frame).sp;
                                break 'raise (raised, true);
                            }
                        }
                    };
                }
                macro_rules! raise {
                    ($raised:expr) => {
                        break 'raise ($raised, true)
                    };
                }
                // Counts an execution of an adaptive instruction; at the end of the count, specialises it and executes it anew.
                macro_rules! adapt {
                    ($specialize:expr) => {
                        if (*pc).count() {
                            save!();
                            $specialize;
                            continue;
                        }
                    };
                }
                // Executes an instruction whose body is not in the loop.
                macro_rules! out_of_line {
                    () => {
                        match rare::step(vm, frame, pc, sp) {
                            Ok(next) => (pc, sp) = next,
                            Err(raised) => {
                                sp = (*frame).sp;
                                break 'raise raised;
                            }
                        }
                    };
                }
                // What a specialised instruction does when its guess was wrong.
                macro_rules! deopt {
                    () => {{
                        specialize::miss(vm, &*pc);
                        continue;
                    }};
                }
                macro_rules! miss_attribute {
                    () => {{
                        specialize::miss_attribute(vm, &*frame, &*pc, peek!(1));
                        continue;
                    }};
                }
                // Runs the finalizers of what the instruction has let go of.
                macro_rules! run_pending {
                    () => {
                        if heap::needs_attention() {
                            save!();
                            vm.run_pending();
                        }
                    };
                }
                // Drops a value; if that was the last reference, runs the finalizers that this calls for.
                macro_rules! release {
                    ($value:expr) => {
                        if let Some(object) = heap::take_last($value.into()) {
                            release_last(vm, frame, pc, sp, object);
                        }
                    };
                }
                // The operands of a binary operation, and where it stands: fused, they are borrowed from where loads would get them.
                macro_rules! operands {
                    (stack) => {
                        (peek!(2), peek!(1), pc)
                    };
                    (stack_fast) => {
                        (peek!(1), local!(arg!()), pc.add(1))
                    };
                    (stack_const) => {
                        (peek!(1), fused_constant!(pc.add(1)), pc.add(1))
                    };
                    (fast_fast) => {
                        (local!(arg!() & 0xFFFF), local!(arg!() >> 16), pc.add(1))
                    };
                    (fast_const) => {
                        (local!(arg!()), fused_constant!(pc.add(2)), pc.add(2))
                    };
                }
                // How many of them are on the stack.
                macro_rules! taken {
                    (stack) => {
                        2
                    };
                    (stack_fast) => {
                        1
                    };
                    (stack_const) => {
                        1
                    };
                    ($fused:ident) => {
                        0
                    };
                }
                macro_rules! wrong_guess {
                    (stack) => {
                        deopt!()
                    };
                    ($fused:ident) => {{
                        specialize::unfuse(&*pc);
                        continue;
                    }};
                }
                // An operation on inline values with an inline result, so that nothing has to be released; a store after it is done, too.
                macro_rules! inline_op {
                    ($shape:ident, $operation:expr) => {{
                        let (a, b, at) = operands!($shape);
                        let Some(result) = $operation(a, b) else {
                            wrong_guess!($shape)
                        };
                        sp = sp.sub(taken!($shape));
                        pc = at.add((*at).len());
                        if (*pc).instr() == Instr::StoreFast {
                            let old = (*locals.add(arg!())).replace(result);
                            release!(old);
                            pc = pc.add(1);
                        } else {
                            sp.write(Some(result));
                            sp = sp.add(1);
                        }
                    }};
                }
                // The same where the instruction's argument says which operation it is.
                macro_rules! inline_op_by_arg {
                    ($shape:ident, $operation:path) => {{
                        let (_, _, at) = operands!($shape);
                        let op = BinaryOp::ALL[(*at).arg() as usize % 13];
                        inline_op!($shape, |a, b| $operation(a, b, op))
                    }};
                }
                // A comparison of inline values, and the jump behind it.
                macro_rules! compare_jump {
                    ($shape:ident, $compare:path) => {{
                        let (a, b, at) = operands!($shape);
                        let Some(truth) = $compare(a, b, (*at).arg()) else {
                            wrong_guess!($shape)
                        };
                        sp = sp.sub(taken!($shape));
                        pc = at.add((*at).len());
                        jump_if!(truth);
                    }};
                }
                // An item of a sequence at an inline index.
                macro_rules! subscript {
                    ($shape:ident, $item:expr) => {{
                        let (container, key, at) = operands!($shape);
                        let Some(item) = $item(container, key) else {
                            wrong_guess!($shape)
                        };
                        // The key is inline, so only a container on the stack has to be released.
                        sp = sp.sub(taken!($shape));
                        let container = if taken!($shape) == 0 { None } else { sp.read() };
                        sp.write(Some(item));
                        sp = sp.add(1);
                        pc = at;
                        release!(container);
                        next!();
                    }};
                }
                // Takes up what a call has led to.
                macro_rules! entered {
                    ($entered:expr) => {
                        match check_call!($entered) {
                            Entered::Frame(callee) => {
                                switch_to!(callee);
                                continue;
                            }
                            Entered::Done(value) => {
                                sp = (*frame).sp;
                                set_top!(value);
                                if heap::needs_attention() {
                                    save!();
                                    vm.run_pending();
                                }
                                next!();
                            }
                        }
                    };
                }

                loop {
                    let unit = &*pc;
                    match unit.instr() {
                        Instr::Nop | Instr::ExtendedArg => pc = pc.add(1),
                        Instr::PopTop => {
                            release!(pop_slot!());
                            pc = pc.add(1);
                        }
                        Instr::PushNull => {
                            sp.write(None);
                            sp = sp.add(1);
                            pc = pc.add(1);
                        }
                        Instr::Copy => {
                            sp.write((*sp.sub(arg!())).clone());
                            sp = sp.add(1);
                            pc = pc.add(1);
                        }
                        Instr::Swap => {
                            std::ptr::swap(sp.sub(1), sp.sub(arg!()));
                            pc = pc.add(1);
                        }

                        Instr::LoadFast => {
                            push!((*locals.add(arg!())).as_ref().unwrap_unchecked().clone());
                            pc = pc.add(1);
                        }
                        Instr::LoadFastCheck | Instr::LoadFastUnproved => {
                            match &*locals.add(arg!()) {
                                Some(value) => {
                                    push!(value.clone());
                                    pc = pc.add(1);
                                }
                                None => {
                                    save!();
                                    raise!(ops::names::unbound_local(vm, &*frame, arg!()))
                                }
                            }
                        }
                        Instr::LoadFastAndClear => {
                            sp.write((*locals.add(arg!())).take());
                            sp = sp.add(1);
                            pc = pc.add(1);
                        }
                        Instr::LoadFastLoadFast => {
                            let (a, b) = (arg!() & 0xFFFF, arg!() >> 16);
                            push!((*locals.add(a)).as_ref().unwrap_unchecked().clone());
                            push!((*locals.add(b)).as_ref().unwrap_unchecked().clone());
                            pc = pc.add(1);
                        }
                        Instr::StoreFast => {
                            let value = pop_slot!();
                            release!(mem::replace(&mut *locals.add(arg!()), value));
                            pc = pc.add(1);
                        }
                        Instr::StoreFastLoadFast => {
                            let (a, b) = (arg!() & 0xFFFF, arg!() >> 16);
                            let value = pop_slot!();
                            release!(mem::replace(&mut *locals.add(a), value));
                            push!((*locals.add(b)).as_ref().unwrap_unchecked().clone());
                            pc = pc.add(1);
                        }
                        Instr::StoreFastStoreFast => {
                            let (a, b) = (arg!() & 0xFFFF, arg!() >> 16);
                            let value = pop_slot!();
                            release!(mem::replace(&mut *locals.add(a), value));
                            let value = pop_slot!();
                            release!(mem::replace(&mut *locals.add(b), value));
                            pc = pc.add(1);
                        }
                        Instr::LoadConst => {
                            push!((*(*frame).quick).constant(arg!()).clone());
                            pc = pc.add(1);
                        }
                        Instr::LoadSmallInt => {
                            push!(Value::small_int_wrapping(arg!() as i64));
                            pc = pc.add(1);
                        }
                        Instr::ReturnConst | Instr::ReturnValue | Instr::LoadFastReturnValue => {
                            let value = match unit.instr() {
                                Instr::ReturnConst => (*(*frame).quick).constant(arg!()).clone(),
                                Instr::ReturnValue => pop!(),
                                // The frame goes, so the local may as well be moved.
                                _ => (*locals.add(arg!())).take().unwrap_unchecked(),
                            };
                            save!();
                            let on_return = (*frame).on_return;
                            let caller = enter::leave(vm, frame);
                            match on_return {
                                Return::Entry => return Ok(Outcome::Returned(value)),
                                Return::Call => {
                                    switch_to!(caller);
                                    set_top!(value);
                                    if heap::needs_attention() {
                                        vm.run_pending();
                                    }
                                    next!();
                                }
                                Return::Init => {
                                    switch_to!(caller);
                                    if !value.is_none() {
                                        raise!(ops::calls::init_returned(vm, &value))
                                    }
                                    if heap::needs_attention() {
                                        vm.run_pending();
                                    }
                                    next!();
                                }
                                Return::ForIter => {
                                    switch_to!(caller);
                                    // The iterator stays; the loop goes on behind END_FOR.
                                    jump!();
                                    pc = pc.add(1);
                                }
                                Return::Send => {
                                    switch_to!(caller);
                                    push!(value);
                                    jump!();
                                }
                            }
                        }

                        Instr::LoadGlobal => {
                            adapt!(specialize::load_global(vm, &*frame, &*pc, arg!()));
                            out_of_line!();
                        }
                        Instr::LoadGlobalNull => {
                            adapt!(specialize::load_global(vm, &*frame, &*pc, arg!()));
                            out_of_line!();
                        }
                        Instr::LoadGlobalModule | Instr::LoadGlobalNullModule => {
                            let Some(value) = specialize::global_module(&*frame, pc) else {
                                deopt!()
                            };
                            push!(value.clone());
                            if unit.instr() == Instr::LoadGlobalNullModule {
                                sp.write(None);
                                sp = sp.add(1);
                            }
                            next!();
                        }
                        Instr::LoadGlobalBuiltin | Instr::LoadGlobalNullBuiltin => {
                            let Some(value) = specialize::global_builtin(&*frame, pc) else {
                                deopt!()
                            };
                            push!(value.clone());
                            if unit.instr() == Instr::LoadGlobalNullBuiltin {
                                sp.write(None);
                                sp = sp.add(1);
                            }
                            next!();
                        }
                        Instr::LoadDeref => {
                            match (*locals.add(arg!()))
                                .as_ref()
                                .and_then(|c| c.downcast::<Cell>())
                                .and_then(|c| c.value.get())
                            {
                                Some(value) => push!(value),
                                None => {
                                    save!();
                                    raise!(ops::names::unbound_deref(vm, &*frame, arg!()))
                                }
                            }
                            pc = pc.add(1);
                        }
                        Instr::LoadAttr => {
                            adapt!(specialize::load_attr(vm, &*frame, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::LoadAttrInstanceValue => {
                            let Some(value) = specialize::attr_instance_value(pc, peek!(1)) else {
                                miss_attribute!()
                            };
                            release!((*sp.sub(1)).replace(value));
                            next!();
                        }
                        Instr::LoadFastAttrInstanceValue => {
                            let owner = local!(arg!());
                            let Some(value) = specialize::attr_instance_value(pc.add(1), owner)
                            else {
                                wrong_guess!(fused)
                            };
                            push!(value);
                            pc = pc.add(1);
                            next!();
                        }
                        Instr::LoadFastAttrSlot => {
                            let Some(value) = specialize::attr_slot(pc.add(1), local!(arg!()))
                            else {
                                wrong_guess!(fused)
                            };
                            push!(value);
                            pc = pc.add(1);
                            next!();
                        }
                        Instr::LoadFastMethod => {
                            let this = local!(arg!());
                            let Some(method) = specialize::method_of_type(pc.add(1), this) else {
                                wrong_guess!(fused)
                            };
                            push!(method.clone());
                            push!(this.clone());
                            pc = pc.add(1);
                            next!();
                        }
                        Instr::LoadAttrSlot => {
                            let Some(value) = specialize::attr_slot(pc, peek!(1)) else {
                                deopt!()
                            };
                            release!((*sp.sub(1)).replace(value));
                            next!();
                        }
                        Instr::LoadAttrPolymorphic => {
                            let name = (*(*frame).quick).name(arg!()).as_ptr();
                            match specialize::polymorphic_value(vm, peek!(1), name) {
                                Some(value) => {
                                    release!((*sp.sub(1)).replace(value));
                                    next!();
                                }
                                None => out_of_line!(),
                            }
                        }
                        Instr::LoadFastAttrPolymorphic => {
                            let name = (*(*frame).quick).name((*pc.add(1)).arg() as usize).as_ptr();
                            let owner = local!(arg!());
                            match specialize::polymorphic_value(vm, owner, name) {
                                Some(value) => {
                                    push!(value);
                                    pc = pc.add(1);
                                    next!();
                                }
                                None => {
                                    push!(owner.clone());
                                    pc = pc.add(1);
                                }
                            }
                        }
                        Instr::LoadMethodPolymorphic => {
                            let name = (*(*frame).quick).name(arg!()).as_ptr();
                            match specialize::polymorphic_method(vm, peek!(1), name) {
                                Some(method) => {
                                    let this = (*sp.sub(1)).replace(method);
                                    sp.write(this);
                                    sp = sp.add(1);
                                    next!();
                                }
                                None => out_of_line!(),
                            }
                        }
                        Instr::LoadFastMethodPolymorphic => {
                            let name = (*(*frame).quick).name((*pc.add(1)).arg() as usize).as_ptr();
                            let this = local!(arg!());
                            match specialize::polymorphic_method(vm, this, name) {
                                Some(method) => {
                                    push!(method);
                                    push!(this.clone());
                                    pc = pc.add(1);
                                    next!();
                                }
                                None => {
                                    push!(this.clone());
                                    pc = pc.add(1);
                                }
                            }
                        }
                        Instr::StoreAttrPolymorphic => {
                            let name = (*(*frame).quick).name(arg!()).as_ptr();
                            match specialize::polymorphic_slot(vm, peek!(1), name) {
                                Some(slot) => {
                                    let old = slot.replace((*sp.sub(2)).take());
                                    let owner = pop!();
                                    sp = sp.sub(1);
                                    release!(old);
                                    release!(owner);
                                    next!();
                                }
                                None => out_of_line!(),
                            }
                        }
                        Instr::LoadAttrModule => {
                            let Some(value) = specialize::attr_module(pc, peek!(1)) else {
                                deopt!()
                            };
                            set_top!(value);
                            next!();
                        }
                        Instr::LoadAttrNondescriptor => {
                            let Some(value) = specialize::attr_of_type(pc, peek!(1)) else {
                                deopt!()
                            };
                            release!((*sp.sub(1)).replace(value));
                            next!();
                        }
                        Instr::LoadAttrProperty => {
                            let Some(getter) = specialize::attr_property(pc, peek!(1)) else {
                                deopt!()
                            };
                            save!();
                            let callee = check_call!(enter::property(vm, frame, getter));
                            switch_to!(callee);
                        }
                        Instr::LoadMethod => {
                            adapt!(specialize::load_method(vm, &*frame, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::LoadMethodWithValues | Instr::LoadMethodNoDict => {
                            let Some(method) = specialize::method_of_type(pc, peek!(1)) else {
                                miss_attribute!()
                            };
                            let method = method.clone();
                            let this = (*sp.sub(1)).replace(method);
                            sp.write(this);
                            sp = sp.add(1);
                            next!();
                        }
                        Instr::LoadMethodModule => {
                            let Some(value) = specialize::attr_module(pc, peek!(1)) else {
                                deopt!()
                            };
                            set_top!(value);
                            sp.write(None);
                            sp = sp.add(1);
                            next!();
                        }
                        Instr::StoreAttr => {
                            adapt!(specialize::store_attr(vm, &*frame, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::StoreAttrInstanceValue => {
                            let Some(slot) = specialize::store_instance_value(pc, peek!(1)) else {
                                miss_attribute!()
                            };
                            let old = slot.replace((*sp.sub(2)).take());
                            let owner = pop!();
                            sp = sp.sub(1);
                            release!(old);
                            release!(owner);
                            next!();
                        }
                        Instr::LoadFastStoreAttrInstanceValue => {
                            let Some(slot) =
                                specialize::store_instance_value(pc.add(1), local!(arg!()))
                            else {
                                wrong_guess!(fused)
                            };
                            let old = slot.replace(pop_slot!());
                            pc = pc.add(1);
                            release!(old);
                            next!();
                        }
                        Instr::FastFastStoreAttrInstanceValue => {
                            let owner = local!(arg!() >> 16);
                            let Some(slot) = specialize::store_instance_value(pc.add(1), owner)
                            else {
                                wrong_guess!(fused)
                            };
                            let old = slot.replace(Some(local!(arg!() & 0xFFFF).clone()));
                            pc = pc.add(1);
                            release!(old);
                            next!();
                        }
                        Instr::StoreAttrSlot => {
                            let Some(slot) = specialize::store_slot(pc, peek!(1)) else {
                                deopt!()
                            };
                            let old = slot.replace((*sp.sub(2)).take());
                            let owner = pop!();
                            sp = sp.sub(1);
                            release!(old);
                            release!(owner);
                            next!();
                        }
                        Instr::LoadFastStoreAttrSlot => {
                            let Some(slot) = specialize::store_slot(pc.add(1), local!(arg!()))
                            else {
                                wrong_guess!(fused)
                            };
                            let old = slot.replace(pop_slot!());
                            pc = pc.add(1);
                            release!(old);
                            next!();
                        }
                        Instr::FastFastStoreAttrSlot => {
                            let owner = local!(arg!() >> 16);
                            let Some(slot) = specialize::store_slot(pc.add(1), owner) else {
                                wrong_guess!(fused)
                            };
                            let old = slot.replace(Some(local!(arg!() & 0xFFFF).clone()));
                            pc = pc.add(1);
                            release!(old);
                            next!();
                        }
                        Instr::StoreAttrNewValue => {
                            if !specialize::store_new_value(pc, peek!(1), &mut *sp.sub(2)) {
                                deopt!()
                            }
                            let owner = pop!();
                            sp = sp.sub(1);
                            release!(owner);
                            next!();
                        }
                        Instr::LoadFastStoreAttrNewValue => {
                            let owner = local!(arg!());
                            if !specialize::store_new_value(pc.add(1), owner, &mut *sp.sub(1)) {
                                wrong_guess!(fused)
                            }
                            sp = sp.sub(1);
                            pc = pc.add(1);
                            next!();
                        }
                        Instr::FastFastStoreAttrNewValue => {
                            let owner = local!(arg!() >> 16);
                            // A copy that goes into the instance if the guess is right.
                            let mut value = (*locals.add(arg!() & 0xFFFF)).clone();
                            if !specialize::store_new_value(pc.add(1), owner, &mut value) {
                                drop(value);
                                wrong_guess!(fused)
                            }
                            pc = pc.add(1);
                            next!();
                        }
                        Instr::UnaryNot => {
                            let value = pop!();
                            let truth = match value.as_bool() {
                                Some(b) => b,
                                None => {
                                    save!();
                                    check!(vm.truth(&value))
                                }
                            };
                            push!(Value::bool(!truth));
                            pc = pc.add(1);
                        }
                        Instr::ToBool => {
                            adapt!(specialize::to_bool(vm, &*pc, peek!(1)));
                            out_of_line!();
                        }
                        Instr::ToBoolBool => {
                            if peek!(1).as_bool().is_none() {
                                deopt!()
                            }
                            next!();
                        }
                        Instr::ToBoolJump => {
                            let Some(truth) = inline::truth(vm, peek!(1)) else {
                                deopt!()
                            };
                            release!(pop!());
                            next!();
                            jump_if!(truth);
                        }
                        Instr::LoadFastToBoolJump => {
                            let Some(truth) = inline::truth(vm, local!(arg!())) else {
                                wrong_guess!(fused)
                            };
                            pc = pc.add(1);
                            next!();
                            jump_if!(truth);
                        }
                        Instr::LoadFastPopJumpIfNone | Instr::LoadFastPopJumpIfNotNone => {
                            let wanted = unit.instr() == Instr::LoadFastPopJumpIfNone;
                            let is_none = local!(arg!()).is_none();
                            pc = pc.add(1);
                            if is_none == wanted { jump!() } else { next!() }
                        }
                        Instr::ToBoolInt => {
                            let Some(n) = peek!(1).as_small_int() else {
                                deopt!()
                            };
                            set_top!(Value::bool(n != 0));
                            next!();
                        }
                        Instr::ToBoolNone => {
                            if !peek!(1).is_none() {
                                deopt!()
                            }
                            set_top!(Value::FALSE);
                            next!();
                        }
                        Instr::ToBoolList => {
                            let Some(truth) = specialize::list_truth(vm, peek!(1)) else {
                                deopt!()
                            };
                            release!((*sp.sub(1)).replace(Value::bool(truth)));
                            next!();
                        }
                        Instr::ToBoolStr => {
                            let Some(truth) = specialize::str_truth(peek!(1)) else {
                                deopt!()
                            };
                            set_top!(Value::bool(truth));
                            next!();
                        }
                        Instr::BinaryOp => {
                            adapt!(specialize::binary_op(vm, &*pc, peek!(2), peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::InPlaceOp => {
                            adapt!(specialize::binary_op(vm, &*pc, peek!(2), peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::BinaryOpAddInt => inline_op!(stack, Value::small_add),
                        Instr::StackFastAddInt => inline_op!(stack_fast, Value::small_add),
                        Instr::StackConstAddInt => inline_op!(stack_const, Value::small_add),
                        Instr::FastFastAddInt => inline_op!(fast_fast, Value::small_add),
                        Instr::FastConstAddInt => inline_op!(fast_const, Value::small_add),
                        Instr::BinaryOpSubtractInt => inline_op!(stack, Value::small_sub),
                        Instr::StackFastSubtractInt => inline_op!(stack_fast, Value::small_sub),
                        Instr::StackConstSubtractInt => inline_op!(stack_const, Value::small_sub),
                        Instr::FastFastSubtractInt => inline_op!(fast_fast, Value::small_sub),
                        Instr::FastConstSubtractInt => inline_op!(fast_const, Value::small_sub),
                        Instr::BinaryOpMultiplyInt => inline_op!(stack, Value::small_mul),
                        Instr::StackFastMultiplyInt => inline_op!(stack_fast, Value::small_mul),
                        Instr::StackConstMultiplyInt => inline_op!(stack_const, Value::small_mul),
                        Instr::FastFastMultiplyInt => inline_op!(fast_fast, Value::small_mul),
                        Instr::FastConstMultiplyInt => inline_op!(fast_const, Value::small_mul),
                        Instr::BinaryOpAddFloat => inline_op!(stack, inline::add_floats),
                        Instr::StackFastAddFloat => inline_op!(stack_fast, inline::add_floats),
                        Instr::StackConstAddFloat => inline_op!(stack_const, inline::add_floats),
                        Instr::FastFastAddFloat => inline_op!(fast_fast, inline::add_floats),
                        Instr::FastConstAddFloat => inline_op!(fast_const, inline::add_floats),
                        Instr::BinaryOpSubtractFloat => inline_op!(stack, inline::sub_floats),
                        Instr::StackFastSubtractFloat => inline_op!(stack_fast, inline::sub_floats),
                        Instr::StackConstSubtractFloat => {
                            inline_op!(stack_const, inline::sub_floats)
                        }
                        Instr::FastFastSubtractFloat => inline_op!(fast_fast, inline::sub_floats),
                        Instr::FastConstSubtractFloat => inline_op!(fast_const, inline::sub_floats),
                        Instr::BinaryOpMultiplyFloat => inline_op!(stack, inline::mul_floats),
                        Instr::StackFastMultiplyFloat => inline_op!(stack_fast, inline::mul_floats),
                        Instr::StackConstMultiplyFloat => {
                            inline_op!(stack_const, inline::mul_floats)
                        }
                        Instr::FastFastMultiplyFloat => inline_op!(fast_fast, inline::mul_floats),
                        Instr::FastConstMultiplyFloat => inline_op!(fast_const, inline::mul_floats),
                        Instr::BinaryOpInt => inline_op_by_arg!(stack, inline::int_op),
                        Instr::StackFastOpInt => inline_op_by_arg!(stack_fast, inline::int_op),
                        Instr::StackConstOpInt => inline_op_by_arg!(stack_const, inline::int_op),
                        Instr::FastFastOpInt => inline_op_by_arg!(fast_fast, inline::int_op),
                        Instr::FastConstOpInt => inline_op_by_arg!(fast_const, inline::int_op),
                        Instr::BinaryOpFloat => inline_op_by_arg!(stack, inline::float_op),
                        Instr::StackFastOpFloat => inline_op_by_arg!(stack_fast, inline::float_op),
                        Instr::StackConstOpFloat => {
                            inline_op_by_arg!(stack_const, inline::float_op)
                        }
                        Instr::FastFastOpFloat => inline_op_by_arg!(fast_fast, inline::float_op),
                        Instr::FastConstOpFloat => inline_op_by_arg!(fast_const, inline::float_op),
                        Instr::BinarySubscr => {
                            adapt!(specialize::binary_subscr(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::BinarySubscrListInt => {
                            subscript!(stack, |a, b| specialize::list_item(vm, a, b))
                        }
                        Instr::BinarySubscrTupleInt => subscript!(stack, specialize::tuple_item),
                        Instr::StackFastListInt => {
                            subscript!(stack_fast, |a, b| specialize::list_item(vm, a, b))
                        }
                        Instr::StackFastTupleInt => subscript!(stack_fast, specialize::tuple_item),
                        Instr::StackConstListInt => {
                            subscript!(stack_const, |a, b| specialize::list_item(vm, a, b))
                        }
                        Instr::StackConstTupleInt => {
                            subscript!(stack_const, specialize::tuple_item)
                        }
                        Instr::FastFastListInt => {
                            subscript!(fast_fast, |a, b| specialize::list_item(vm, a, b))
                        }
                        Instr::FastFastTupleInt => subscript!(fast_fast, specialize::tuple_item),
                        Instr::FastConstListInt => {
                            subscript!(fast_const, |a, b| specialize::list_item(vm, a, b))
                        }
                        Instr::FastConstTupleInt => subscript!(fast_const, specialize::tuple_item),
                        Instr::BinarySubscrStrInt => {
                            let Some(item) = specialize::str_item(vm, peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            set_top!(item);
                            next!();
                        }
                        Instr::StoreSubscr => {
                            adapt!(specialize::store_subscr(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::StoreSubscrListInt => {
                            let Some(slot) = specialize::list_slot(vm, peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            let old = mem::replace(slot, (*sp.sub(3)).take().unwrap_unchecked());
                            sp = sp.sub(1);
                            let container = pop!();
                            sp = sp.sub(1);
                            release!(old);
                            release!(container);
                            next!();
                        }
                        Instr::CompareOp => {
                            adapt!(specialize::compare_op(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::CompareOpInt => inline_op!(stack, |a, b| {
                            inline::compare_ints(a, b, unit.arg()).map(Value::bool)
                        }),
                        Instr::CompareOpFloat => inline_op!(stack, |a, b| {
                            inline::compare_floats(a, b, unit.arg()).map(Value::bool)
                        }),
                        Instr::CompareOpIntJump => compare_jump!(stack, inline::compare_ints),
                        Instr::CompareOpFloatJump => compare_jump!(stack, inline::compare_floats),
                        Instr::StackFastJumpInt => compare_jump!(stack_fast, inline::compare_ints),
                        Instr::StackFastJumpFloat => {
                            compare_jump!(stack_fast, inline::compare_floats)
                        }
                        Instr::StackConstJumpInt => {
                            compare_jump!(stack_const, inline::compare_ints)
                        }
                        Instr::StackConstJumpFloat => {
                            compare_jump!(stack_const, inline::compare_floats)
                        }
                        Instr::FastFastJumpInt => compare_jump!(fast_fast, inline::compare_ints),
                        Instr::FastFastJumpFloat => {
                            compare_jump!(fast_fast, inline::compare_floats)
                        }
                        Instr::FastConstJumpInt => compare_jump!(fast_const, inline::compare_ints),
                        Instr::FastConstJumpFloat => {
                            compare_jump!(fast_const, inline::compare_floats)
                        }
                        Instr::CompareOpStrJump => {
                            let Some(equal) = specialize::str_equal(peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            let truth =
                                equal == (ops::arithmetic::comparison(arg!()) == CompareOp::Eq);
                            drop((pop!(), pop!()));
                            next!();
                            jump_if!(truth);
                        }
                        Instr::ContainsOp => {
                            adapt!(specialize::contains_op(vm, &*pc, peek!(1)));
                            out_of_line!();
                        }
                        Instr::IsOp => {
                            let (b, a) = (pop!(), pop!());
                            push!(Value::bool(a.is(&b) != (arg!() & 1 != 0)));
                            release!(a);
                            release!(b);
                            pc = pc.add(1);
                        }

                        Instr::BuildTuple => {
                            let tuple = ops::containers::build_tuple(vm, sp, arg!());
                            sp = sp.sub(arg!());
                            push!(tuple);
                            pc = pc.add(1);
                        }
                        Instr::BuildList => {
                            let items = ops::containers::take(sp, arg!());
                            sp = sp.sub(arg!());
                            push!(vm.new_list(items));
                            pc = pc.add(1);
                        }
                        Instr::ListAppend => {
                            save!();
                            let item = pop!();
                            check!(ops::containers::list_append(vm, peek!(arg!()), item));
                            pc = pc.add(1);
                        }
                        Instr::UnpackSequence => {
                            adapt!(specialize::unpack_sequence(vm, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::UnpackSequenceTwoTuple => {
                            let Some([a, b]) = specialize::two_tuple(peek!(1)) else {
                                deopt!()
                            };
                            let (a, b) = (a.clone(), b.clone());
                            let old = (*sp.sub(1)).replace(b);
                            push!(a);
                            release!(old);
                            next!();
                        }
                        Instr::Jump => jump!(),
                        // Fuel counts where CPython looks for no signal, too: nothing else would end such a loop.
                        Instr::JumpBackward | Instr::JumpBackwardNoInterrupt => {
                            if vm.interrupted() {
                                save!();
                                check!(vm.handle_interrupt());
                            }
                            jump!();
                        }
                        Instr::PopJumpIfFalse => {
                            let value = pop!();
                            let truth = match value.as_bool() {
                                Some(b) => b,
                                None => {
                                    save!();
                                    check!(vm.truth(&value))
                                }
                            };
                            if truth { next!() } else { jump!() }
                        }
                        Instr::PopJumpIfTrue => {
                            let value = pop!();
                            let truth = match value.as_bool() {
                                Some(b) => b,
                                None => {
                                    save!();
                                    check!(vm.truth(&value))
                                }
                            };
                            if truth { jump!() } else { next!() }
                        }
                        Instr::PopJumpIfNone => {
                            let value = pop!();
                            if value.is_none() {
                                jump!()
                            } else {
                                next!()
                            }
                            release!(value);
                        }
                        Instr::PopJumpIfNotNone => {
                            let value = pop!();
                            if value.is_none() {
                                next!()
                            } else {
                                jump!()
                            }
                            release!(value);
                        }
                        Instr::GetIter => {
                            save!();
                            let iterable = pop!();
                            push!(check!(vm.iter(&iterable)));
                            release!(iterable);
                            next!();
                        }
                        Instr::ForIter => {
                            adapt!(specialize::for_iter(vm, &*pc, peek!(1)));
                            save!();
                            match check!(vm.next(peek!(1))) {
                                Some(value) => {
                                    push!(value);
                                    next!();
                                }
                                None => {
                                    jump!();
                                    pc = pc.add(1);
                                }
                            }
                        }
                        Instr::ForIterList | Instr::ForIterTuple | Instr::ForIterRange => {
                            match specialize::for_iter_next(vm, unit.instr(), peek!(1)) {
                                specialize::Next::Item(value) => {
                                    push!(value);
                                    next!();
                                }
                                specialize::Next::End => {
                                    jump!();
                                    pc = pc.add(1);
                                }
                                specialize::Next::Other => deopt!(),
                            }
                        }
                        Instr::ForIterListFast | Instr::ForIterRangeFast => {
                            match specialize::for_iter_next(vm, unit.instr(), peek!(1)) {
                                specialize::Next::Item(value) => {
                                    next!();
                                    release!((*locals.add(arg!())).replace(value));
                                    pc = pc.add(1);
                                }
                                specialize::Next::End => {
                                    jump!();
                                    pc = pc.add(1);
                                }
                                specialize::Next::Other => deopt!(),
                            }
                        }
                        Instr::ForIterGen => {
                            let generator = match peek!(1).downcast::<Generator>() {
                                Some(g)
                                    if matches!(
                                        g.state.get(),
                                        State::Created | State::Suspended
                                    ) =>
                                {
                                    g.as_ptr()
                                }
                                _ => deopt!(),
                            };
                            save!();
                            let callee = check_call!(enter::resume(
                                vm,
                                frame,
                                generator,
                                Value::NONE,
                                Return::ForIter
                            ));
                            switch_to!(callee);
                        }
                        Instr::EndFor => {
                            release!(pop_slot!());
                            pc = pc.add(1);
                        }

                        Instr::Call => {
                            adapt!(specialize::call(vm, &*pc, sp, arg!()));
                            save!();
                            entered!(enter::call(vm, frame, arg!()));
                        }
                        Instr::CallPyExactArgs => {
                            let Some(callee) = specialize::py_exact_args(pc, sp, arg!()) else {
                                deopt!()
                            };
                            save!();
                            switch_to!(check_call!(enter::exact(vm, frame, callee, sp, arg!())));
                        }
                        Instr::CallBoundMethodExactArgs
                        | Instr::CallPyGeneral
                        | Instr::CallNonPyGeneral
                        | Instr::CallBuiltinClass => {
                            save!();
                            entered!(enter::call(vm, frame, arg!()));
                        }
                        Instr::CallAllocAndEnterInit => {
                            let Some((class, init)) = specialize::alloc_and_init(pc, sp, arg!())
                            else {
                                deopt!()
                            };
                            save!();
                            switch_to!(check_call!(enter::init(
                                vm,
                                frame,
                                class,
                                init,
                                sp,
                                arg!()
                            )));
                        }
                        Instr::CallMethodDescriptorO
                        | Instr::CallMethodDescriptorNoargs
                        | Instr::CallMethodDescriptorFast => {
                            let Some((def, this)) = specialize::method_descriptor(vm, sp, arg!())
                            else {
                                deopt!()
                            };
                            save!();
                            let values = ops::calls::values(sp, arg!());
                            let result = def.invoke_positional(vm, this, values);
                            sp = ops::calls::drop_call(sp, arg!());
                            push!(check!(result));
                            run_pending!();
                            next!();
                        }
                        Instr::CallListAppend => {
                            if !specialize::list_append(vm, pc, sp) {
                                deopt!()
                            }
                            sp = sp.sub(1);
                            drop(pop!());
                            set_top!(Value::NONE);
                            next!();
                        }
                        Instr::CallKw => {
                            save!();
                            entered!(enter::call_kw(vm, frame, arg!()));
                        }
                        Instr::CallFunctionEx => {
                            save!();
                            entered!(enter::call_function_ex(vm, frame, arg!() & 1 != 0));
                        }
                        Instr::ReturnGenerator => {
                            pc = pc.add(1);
                            save!();
                            let on_return = (*frame).on_return;
                            let (caller, generator) = enter::return_generator(vm, frame, sp);
                            if on_return == Return::Entry {
                                return Ok(Outcome::Returned(generator));
                            }
                            switch_to!(caller);
                            if on_return == Return::Init {
                                raise!(ops::calls::init_returned(vm, &generator))
                            }
                            set_top!(generator);
                            next!();
                        }
                        Instr::YieldValue => {
                            let value = pop!();
                            pc = pc.add(1);
                            save!();
                            let on_return = (*frame).on_return;
                            let caller = enter::suspend(vm, frame);
                            match on_return {
                                Return::Entry => return Ok(Outcome::Yielded(value)),
                                Return::ForIter => {
                                    switch_to!(caller);
                                    push!(value);
                                    next!();
                                }
                                _ => {
                                    // SEND has taken what was sent; what was yielded takes its place.
                                    switch_to!(caller);
                                    push!(value);
                                    next!();
                                }
                            }
                        }
                        Instr::Resume => {
                            if vm.interrupted() {
                                save!();
                                check!(vm.handle_interrupt());
                            }
                            pc = pc.add((*pc).len());
                        }
                        Instr::Send | Instr::SendGen => {
                            save!();
                            let value = pop!();
                            match peek!(1).downcast::<Generator>() {
                                Some(g)
                                    if matches!(
                                        g.state.get(),
                                        State::Created | State::Suspended
                                    ) && !ops::generators::is_async_generator(vm, g) =>
                                {
                                    let generator = g.as_ptr();
                                    (*frame).sp = sp;
                                    if g.state.get() == State::Created && !value.is_none() {
                                        raise!(ops::generators::not_started(vm, g))
                                    }
                                    let callee = check_call!(enter::resume(
                                        vm,
                                        frame,
                                        generator,
                                        value,
                                        Return::Send
                                    ));
                                    switch_to!(callee);
                                }
                                _ => match check!(ops::generators::send(vm, peek!(1), value)) {
                                    Outcome::Yielded(value) => {
                                        push!(value);
                                        next!();
                                    }
                                    Outcome::Returned(value) => {
                                        push!(value);
                                        jump!();
                                    }
                                },
                            }
                        }
                        Instr::EndSend => {
                            let value = pop!();
                            release!((*sp.sub(1)).replace(value));
                            pc = pc.add(1);
                        }
                        // Everything else is rare enough to be out of line.
                        _ => out_of_line!(),
                    }
                }
            };

            // An exception: find its handler, here or in a frame below.
            (*frame).sp = sp;
            match unwind::unwind(vm, frame, raised, is_new) {
                Ok(handling) => {
                    switch_to!(handling);
                }
                Err(raised) => return Err(raised),
            }
        }
    }
}
