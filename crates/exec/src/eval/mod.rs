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
mod versions;

use std::mem;

use pyco_code::quicken::{END_POPS, Instr, LOOP_SHIFT, TWO_SLOTS, Unit};

use crate::error::{PyResult, Raised};
use crate::eval::enter::Entered;
use crate::eval::frame::{Frame, Return};
use crate::heap;
use crate::object::function::Cell;
use crate::object::generator::{Generator, State};
use crate::object::slots::BinaryOp;
use crate::ops;
use crate::specialize;
use crate::value::{Slot, Value};
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
        // What FOR_ITER or SEND is about: below a second slot, where there is one.
        macro_rules! iterator {
            () => {
                peek!(1 + ((*pc).arg() & TWO_SLOTS != 0) as usize)
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
                // Runs the finalizers of what the instruction has let go of.
                macro_rules! run_pending {
                    () => {
                        if heap::needs_attention() {
                            save!();
                            vm.run_pending();
                        }
                    };
                }
                // Drops a value that may have been the last reference to something with a finalizer.
                macro_rules! release {
                    ($value:expr) => {{
                        drop($value);
                        run_pending!();
                    }};
                }
                // Pops a value and says whether it is true.
                macro_rules! pop_truth {
                    () => {{
                        let value = pop!();
                        match value.as_bool() {
                            Some(b) => b,
                            None => {
                                save!();
                                let truth = check!(vm.truth(&value));
                                release!(value);
                                truth
                            }
                        }
                    }};
                }
                // Leaves a loop: FOR_ITER goes on behind its END_FOR.
                macro_rules! end_loop {
                    () => {{
                        let arg = (*pc).arg();
                        pc = pc.add((arg >> LOOP_SHIFT) as usize + 1);
                        if arg & END_POPS != 0 {
                            release!(pop_slot!());
                        }
                    }};
                }
                // SEND goes on with what the receiver has returned.
                macro_rules! end_send {
                    ($value:expr) => {{
                        let value = $value;
                        let arg = (*pc).arg();
                        pc = pc.add((arg >> LOOP_SHIFT) as usize);
                        if arg & END_POPS != 0 {
                            drop(pop_slot!());
                        }
                        push!(value);
                        run_pending!();
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
                        Instr::Nop | Instr::ExtendedArg | Instr::NotTaken | Instr::KwNames => {
                            pc = pc.add(1);
                        }
                        Instr::Precall => next!(),
                        Instr::PopTop | Instr::EndFor | Instr::PopIter => {
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

                        Instr::LoadFast | Instr::LoadFastBorrow => {
                            push!((*locals.add(arg!())).as_ref().unwrap_unchecked().clone());
                            pc = pc.add(1);
                        }
                        Instr::LoadFastCheck
                        | Instr::LoadFastUnproved
                        | Instr::LoadFastBorrowUnproved => match &*locals.add(arg!()) {
                            Some(value) => {
                                push!(value.clone());
                                pc = pc.add(1);
                            }
                            None => {
                                save!();
                                raise!(ops::names::unbound_local(vm, &*frame, arg!()))
                            }
                        },
                        Instr::LoadFastAndClear => {
                            sp.write((*locals.add(arg!())).take());
                            sp = sp.add(1);
                            pc = pc.add(1);
                        }
                        Instr::LoadFastLoadFast | Instr::LoadFastBorrowLoadFastBorrow => {
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
                            push!((*frame).code().consts().get_unchecked(arg!()).clone());
                            pc = pc.add(1);
                        }
                        Instr::LoadCommonConstant => {
                            push!(vm.common_constants.get_unchecked(arg!()).clone());
                            pc = pc.add(1);
                        }
                        Instr::LoadSmallInt => {
                            push!(Value::small_int_wrapping(arg!() as i64));
                            pc = pc.add(1);
                        }
                        Instr::ReturnConst | Instr::ReturnValue => {
                            let value = if unit.instr() == Instr::ReturnConst {
                                (*frame).code().consts().get_unchecked(arg!()).clone()
                            } else {
                                pop!()
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
                                    end_loop!();
                                }
                                Return::Send => {
                                    switch_to!(caller);
                                    end_send!(value);
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
                                deopt!()
                            };
                            release!((*sp.sub(1)).replace(value));
                            next!();
                        }
                        Instr::LoadAttrSlot => {
                            let Some(value) = specialize::attr_slot(pc, peek!(1)) else {
                                deopt!()
                            };
                            release!((*sp.sub(1)).replace(value));
                            next!();
                        }
                        Instr::LoadAttrModule => {
                            let Some(value) = specialize::attr_module(pc, peek!(1)) else {
                                deopt!()
                            };
                            set_top!(value);
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
                                deopt!()
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
                                deopt!()
                            };
                            let old = slot.replace(Some((*sp.sub(2)).take().unwrap_unchecked()));
                            let owner = pop!();
                            sp = sp.sub(1);
                            release!((old, owner));
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
                        Instr::StoreAttrSlot => {
                            let Some(slot) = specialize::store_slot(pc, peek!(1)) else {
                                deopt!()
                            };
                            let old = slot.replace(Some((*sp.sub(2)).take().unwrap_unchecked()));
                            let owner = pop!();
                            sp = sp.sub(1);
                            release!((old, owner));
                            next!();
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
                            save!();
                            let (b, a) = (pop!(), pop!());
                            push!(check!(ops::arithmetic::in_place(
                                vm,
                                a,
                                &b,
                                BinaryOp::ALL[arg!() % 13]
                            )));
                            release!(b);
                            next!();
                        }
                        Instr::BinaryOpAddInt => {
                            let Some(sum) = Value::small_add(peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(sum));
                            next!();
                        }
                        Instr::BinaryOpSubtractInt => {
                            let Some(difference) = Value::small_sub(peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(difference));
                            next!();
                        }
                        Instr::BinaryOpMultiplyInt => {
                            let Some(product) = Value::small_mul(peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(product));
                            next!();
                        }
                        Instr::BinaryOpAddFloat => {
                            let (Some(a), Some(b)) = (peek!(2).as_float(), peek!(1).as_float())
                            else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(Value::float(a + b)));
                            next!();
                        }
                        Instr::BinaryOpSubtractFloat => {
                            let (Some(a), Some(b)) = (peek!(2).as_float(), peek!(1).as_float())
                            else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(Value::float(a - b)));
                            next!();
                        }
                        Instr::BinaryOpMultiplyFloat => {
                            let (Some(a), Some(b)) = (peek!(2).as_float(), peek!(1).as_float())
                            else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(Value::float(a * b)));
                            next!();
                        }
                        Instr::BinarySubscr => {
                            adapt!(specialize::binary_subscr(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::BinarySubscrListInt => {
                            let Some(item) = specialize::list_item(vm, peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            release!((*sp.sub(1)).replace(item));
                            next!();
                        }
                        Instr::BinarySubscrTupleInt => {
                            let Some(item) = specialize::tuple_item(peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            release!((*sp.sub(1)).replace(item));
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
                            release!((old, container));
                            next!();
                        }
                        Instr::CompareOp => {
                            adapt!(specialize::compare_op(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::CompareOpInt => {
                            let Some((a, b)) = Value::small_ints(peek!(2), peek!(1)) else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1).write(Some(Value::bool(
                                ops::arithmetic::comparison(arg!()).holds(a.cmp(&b)),
                            )));
                            next!();
                        }
                        Instr::CompareOpFloat => {
                            let (Some(a), Some(b)) = (peek!(2).as_float(), peek!(1).as_float())
                            else {
                                deopt!()
                            };
                            sp = sp.sub(1);
                            sp.sub(1)
                                .write(Some(Value::bool(ops::arithmetic::compare_floats(
                                    a,
                                    b,
                                    ops::arithmetic::comparison(arg!()),
                                ))));
                            next!();
                        }
                        Instr::ContainsOp => {
                            adapt!(specialize::contains_op(vm, &*pc, peek!(1)));
                            out_of_line!();
                        }
                        Instr::IsOp => {
                            let (b, a) = (pop!(), pop!());
                            push!(Value::bool(a.is(&b) != (arg!() & 1 != 0)));
                            release!((a, b));
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
                            if pop_truth!() {
                                next!()
                            } else {
                                jump!()
                            }
                        }
                        Instr::PopJumpIfTrue => {
                            if pop_truth!() {
                                jump!()
                            } else {
                                next!()
                            }
                        }
                        Instr::PopJumpBackwardIfFalse | Instr::PopJumpBackwardIfTrue => {
                            let wanted = unit.instr() == Instr::PopJumpBackwardIfTrue;
                            if pop_truth!() != wanted {
                                next!();
                                continue;
                            }
                            if vm.interrupted() {
                                save!();
                                check!(vm.handle_interrupt());
                            }
                            jump!();
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
                        Instr::GetIter | Instr::GetIterPair => {
                            save!();
                            let iterable = pop!();
                            push!(check!(vm.iter(&iterable)));
                            if unit.instr() == Instr::GetIterPair {
                                sp.write(None);
                                sp = sp.add(1);
                            }
                            release!(iterable);
                            next!();
                        }
                        Instr::ForIter => {
                            adapt!(specialize::for_iter(vm, &*pc, iterator!()));
                            save!();
                            match check!(vm.next(iterator!())) {
                                Some(value) => {
                                    push!(value);
                                    next!();
                                }
                                None => end_loop!(),
                            }
                        }
                        Instr::ForIterList | Instr::ForIterTuple | Instr::ForIterRange => {
                            match specialize::for_iter_next(vm, unit.instr(), iterator!()) {
                                specialize::Next::Item(value) => {
                                    push!(value);
                                    next!();
                                }
                                specialize::Next::End => end_loop!(),
                                specialize::Next::Other => deopt!(),
                            }
                        }
                        Instr::ForIterGen => {
                            let generator = match iterator!().downcast::<Generator>() {
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
                        Instr::CallNullFirst => {
                            save!();
                            enter::order_callable(sp, arg!());
                            entered!(enter::call(vm, frame, arg!()));
                        }
                        Instr::CallKwNames => {
                            save!();
                            enter::order_callable(sp, arg!());
                            let names = (*pc.add(1)).load() as usize;
                            let names = (*frame).code().consts().get_unchecked(names).clone();
                            entered!(enter::call_named(vm, frame, arg!(), Some(names)));
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
                            match iterator!().downcast::<Generator>() {
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
                                _ => match check!(ops::generators::send(vm, iterator!(), value)) {
                                    Outcome::Yielded(value) => {
                                        push!(value);
                                        next!();
                                    }
                                    Outcome::Returned(value) => end_send!(value),
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
