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
mod direct;
pub(crate) mod enter;
pub(crate) mod frame;
mod fused;
mod rare;
mod rare_list;
mod resume;
mod run;
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
use crate::ops;
use crate::ops::inline::{
    add_floats, compare_floats, compare_ints, float_comparison, float_op, int_comparison, int_op,
    mul_floats, small_add, small_mul, small_sub, sub_floats,
};
use crate::specialize;
use crate::specialize::{
    attr_instance_value, attr_module, attr_of_type, attr_slot, list_item, list_next, range_next,
    store_instance_value, store_slot, str_item, tuple_item, tuple_next,
};
use crate::value::{Slot, Value};
use crate::vm::Vm;
use crate::watch;
use rare_list::rare_instructions;

pub(crate) use run::{Consumer, Outcome, run, run_for, run_from};

/// [`run()`], once for those who watch what is executed or count it, and once without. Nothing comes back if the other one is to go on
/// with the VM's frame.
unsafe fn run_loop<const WATCHES: bool>(
    vm: &mut Vm,
    entry: *mut Frame,
    last: *const Unit,
    mut consumer: Option<Consumer<'_>>,
) -> PyResult<Option<Outcome>> {
    // SAFETY: see the top of the file; the macros below are the only accesses to stack and locals.
    unsafe {
        let mut frame = entry;
        let mut pc: *const Unit = (*frame).pc;
        let mut sp: *mut Slot = (*frame).sp;
        let mut locals: *mut Slot = (*frame).locals();
        // For the watcher: the jump that was executed last.
        let mut jump: *const Unit = std::ptr::null();
        if WATCHES && !last.is_null() {
            (*frame).pc = last;
        }

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
        // Takes up a frame that has just been made.
        macro_rules! start {
            ($ready:expr) => {{
                let ready = $ready;
                (frame, pc, sp, locals) = (ready.frame, ready.pc, ready.sp, ready.locals);
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
                // Counts an execution of an adaptive instruction; at the end of the count, specialises it and executes it anew, unless
                // someone watches.
                macro_rules! adapt {
                    ($specialize:expr) => {
                        if !(WATCHES && vm.is_watched) && (*pc).count() {
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
                // Before an instruction that has done nothing yet: does what waits, and gives way to the other loop if it must.
                macro_rules! heed_interrupt {
                    () => {
                        if vm.interrupted() {
                            save!();
                            check!(vm.handle_interrupt());
                            if !WATCHES && vm.must_leave_loop() {
                                return Ok(None);
                            }
                        }
                    };
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
                            fused::release_last(vm, frame, pc, sp, object);
                        }
                    };
                }
                // Executes a specialised or fused instruction, its operands where the shape says.
                macro_rules! fused {
                    ($body:ident, $shape:ident $(, $with:expr)*) => {
                        (pc, sp) = fused::$body::<{ fused::$shape }>(
                            vm, frame, locals, pc, sp $(, $with)*
                        )
                    };
                }
                // The same where the body may find that it is for others.
                macro_rules! fused_or {
                    ($body:ident, $shape:ident) => {
                        match fused::$body::<{ fused::$shape }>(vm, frame, locals, pc, sp) {
                            Some(next) => (pc, sp) = next,
                            None => out_of_line!(),
                        }
                    };
                }
                // Executes one whose body is a function of its own.
                macro_rules! direct {
                    ($body:ident $(, $with:expr)?) => {{
                        let next = check_call!(direct::$body(vm, frame, pc, sp $(, $with)?));
                        (pc, sp) = (next.0.as_ptr().cast_const(), next.1);
                    }};
                }
                macro_rules! global {
                    ($null:literal, $find:path) => {
                        (pc, sp) = fused::load_global::<$null>(vm, frame, pc, sp, $find)
                    };
                }
                macro_rules! for_iter {
                    ($then:ident, $next:path) => {
                        (pc, sp) =
                            fused::for_iter::<{ fused::$then }>(vm, frame, locals, pc, sp, $next)
                    };
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
                                    if !WATCHES && vm.must_leave_loop() {
                                        (*frame).pc = pc.add((*pc).len());
                                        return Ok(None);
                                    }
                                }
                                next!();
                            }
                        }
                    };
                }

                loop {
                    if WATCHES {
                        if vm.is_watched {
                            let next = watch::step::before(vm, frame, pc, sp, &mut jump);
                            (pc, sp) = check_call!(next);
                        } else if !vm.stats.is_detailed() {
                            save!();
                            return Ok(None);
                        }
                        vm.stats.executed((*pc).instr());
                    }
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
                            push!((*(*frame).quick).constant(arg!()).clone());
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
                            if on_return == Return::Call {
                                switch_to!(caller);
                                // The callable has been moved out of this slot.
                                sp.sub(1).write(Some(value));
                                run_pending!();
                                next!();
                                continue;
                            }
                            match on_return {
                                Return::Entry => return Ok(Some(Outcome::Returned(value))),
                                Return::Call | Return::Init => {
                                    switch_to!(caller);
                                    if !value.is_none() {
                                        raise!(ops::calls::init_returned(vm, &value))
                                    }
                                    run_pending!();
                                    next!();
                                }
                                Return::Operator => {
                                    switch_to!(caller);
                                    direct!(operator_returned, value);
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
                        Instr::LoadGlobal | Instr::LoadGlobalNull => {
                            adapt!(specialize::load_global(vm, &*frame, &*pc, arg!()));
                            out_of_line!();
                        }
                        Instr::LoadGlobalModule => global!(false, specialize::global_module),
                        Instr::LoadGlobalNullModule => global!(true, specialize::global_module),
                        Instr::LoadGlobalBuiltin => global!(false, specialize::global_builtin),
                        Instr::LoadGlobalNullBuiltin => global!(true, specialize::global_builtin),
                        Instr::LoadDeref => match fused::load_deref(locals, pc, sp) {
                            Some(next) => (pc, sp) = next,
                            None => out_of_line!(),
                        },
                        Instr::StoreDeref => match fused::store_deref(vm, frame, locals, pc, sp) {
                            Some(next) => (pc, sp) = next,
                            None => out_of_line!(),
                        },
                        Instr::CopyFreeVars => match fused::copy_free_vars(frame, pc, sp) {
                            Some(next) => (pc, sp) = next,
                            None => out_of_line!(),
                        },
                        Instr::MakeCell => {
                            let local = &mut *locals.add(arg!());
                            *local = Some(Value::from(Cell::new(vm, local.take())));
                            pc = pc.add(1);
                        }
                        Instr::LoadSuperMethod => match direct::super_method(vm, frame, pc, sp) {
                            Some(next) => (pc, sp) = next,
                            None => out_of_line!(),
                        },
                        Instr::LoadAttr => {
                            adapt!(specialize::load_attr(vm, &*frame, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::LoadAttrProperty => {
                            let Some(getter) = specialize::attr_property(pc, peek!(1)) else {
                                deopt!()
                            };
                            save!();
                            start!(check_call!(enter::property(vm, frame, getter)));
                        }
                        Instr::LoadMethod => {
                            adapt!(specialize::load_method(vm, &*frame, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::StoreAttr => {
                            adapt!(specialize::store_attr(vm, &*frame, &*pc, peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::ToBool => {
                            adapt!(specialize::to_bool(vm, &*pc, peek!(1)));
                            out_of_line!();
                        }
                        Instr::BinaryOp | Instr::InPlaceOp => {
                            adapt!(specialize::binary_op(vm, &*pc, peek!(2), peek!(1), arg!()));
                            out_of_line!();
                        }
                        Instr::BinarySubscr => {
                            adapt!(specialize::binary_subscr(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::StoreSubscr => {
                            adapt!(specialize::store_subscr(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::CompareOp => {
                            adapt!(specialize::compare_op(vm, &*pc, peek!(2), peek!(1)));
                            out_of_line!();
                        }
                        Instr::ContainsOp => {
                            adapt!(specialize::contains_op(vm, &*pc, peek!(1)));
                            out_of_line!();
                        }
                        Instr::UnaryNot | Instr::UnaryNegative => {
                            match fused::unary(unit.instr(), peek!(1)) {
                                Some(value) => {
                                    // What was there is inline, too.
                                    sp.sub(1).write(Some(value));
                                    pc = pc.add(1);
                                }
                                None => out_of_line!(),
                            }
                        }
                        Instr::IsOp => (pc, sp) = fused::is_op(vm, frame, pc, sp),
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
                        Instr::Jump => jump!(),
                        // Fuel counts where CPython looks for no signal, too: nothing else would end such a loop.
                        Instr::JumpBackward | Instr::JumpBackwardNoInterrupt => {
                            heed_interrupt!();
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
                        Instr::PopJumpIfNone | Instr::PopJumpIfNotNone => {
                            let value = pop!();
                            if value.is_none() == (unit.instr() == Instr::PopJumpIfNone) {
                                jump!()
                            } else {
                                next!()
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
                            match check!(match WATCHES && vm.is_watched {
                                true => watch::step::next(vm, frame, iterator!()),
                                false => vm.next(iterator!()),
                            }) {
                                Some(value) => {
                                    push!(value);
                                    next!();
                                }
                                None => end_loop!(),
                            }
                        }
                        Instr::ForIterGen => {
                            let Some(generator) = specialize::resumable(iterator!()) else {
                                deopt!()
                            };
                            save!();
                            start!(check_call!(resume::go_on(
                                vm,
                                frame,
                                generator,
                                Value::NONE,
                                Return::ForIter
                            )));
                        }
                        Instr::Call => {
                            adapt!(specialize::call(vm, &*pc, sp, arg!()));
                            save!();
                            entered!(enter::call(vm, frame, arg!()));
                        }
                        Instr::CallPyExactArgs => {
                            let Some(callee) = specialize::py_exact_args(sp, arg!()) else {
                                deopt!()
                            };
                            save!();
                            let ready = enter::exact(vm, frame, callee, sp, arg!(), 0, |_| ());
                            start!(check_call!(ready));
                        }
                        Instr::CallBoundMethodExactArgs
                        | Instr::CallPyGeneral
                        | Instr::CallNonPyGeneral => {
                            save!();
                            entered!(enter::call(vm, frame, arg!()));
                        }
                        Instr::CallAllocAndEnterInit => {
                            let Some((class, init)) = specialize::alloc_and_init(pc, sp, arg!())
                            else {
                                deopt!()
                            };
                            save!();
                            let ready = enter::init(vm, frame, class, init, sp, arg!());
                            start!(check_call!(ready));
                        }
                        Instr::CallMethodDescriptorO
                        | Instr::CallMethodDescriptorNoargs
                        | Instr::CallMethodDescriptorFast => direct!(call_method_descriptor),
                        Instr::CallBuiltinO | Instr::CallBuiltinFast => direct!(call_builtin),
                        Instr::CallLen => (pc, sp) = fused::call_len(vm, frame, pc, sp),
                        Instr::CallIsinstance => direct!(call_isinstance),
                        Instr::CallType1 => direct!(call_type_1),
                        Instr::CallStr1 => direct!(call_str_1),
                        Instr::CallTuple1 => direct!(call_tuple_1),
                        Instr::CallBuiltinClass => direct!(call_class),
                        Instr::BinarySubscrListSlice => direct!(list_slice),
                        Instr::BinarySubscrDict => direct!(dict_item),
                        Instr::BuildSlice => direct!(build_slice),
                        Instr::BinarySlice => direct!(slice),
                        Instr::StoreSlice => direct!(store_slice),
                        Instr::MakeFunction => direct!(make_function),
                        Instr::SetFunctionAttribute => direct!(set_function_attribute),
                        Instr::StoreSubscrDict => direct!(store_dict_item),
                        Instr::ContainsOpDict => direct!(dict_contains),
                        Instr::ContainsOpItems => direct!(items_contain),
                        Instr::ContainsOpStr => direct!(str_contains),
                        Instr::UnpackSequenceTuple | Instr::UnpackSequenceList => {
                            direct!(unpack_exact)
                        }
                        Instr::CompareOpStr => direct!(compare_str),
                        Instr::BinaryOpAddUnicode => direct!(add_str),
                        Instr::CallListAppend => (pc, sp) = fused::list_append(vm, pc, sp),
                        Instr::CallNullFirst => {
                            save!();
                            enter::order_callable(sp, arg!());
                            entered!(enter::call(vm, frame, arg!()));
                        }
                        Instr::CallKwNames => {
                            save!();
                            enter::order_callable(sp, arg!());
                            let names = (*pc.add(1)).load() as usize;
                            let names = (*(*frame).quick).constant(names).clone();
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
                            let (caller, generator) = resume::return_generator(vm, frame, sp);
                            if on_return == Return::Entry {
                                return Ok(Some(Outcome::Returned(generator)));
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
                            let caller = resume::suspend(vm, frame);
                            if on_return == Return::Entry {
                                let Some(consumer) = consumer.as_deref_mut() else {
                                    return Ok(Some(Outcome::Yielded(value)));
                                };
                                match resume::pass_on(vm, frame, value, consumer)? {
                                    Ok(ready) => start!(ready),
                                    Err(outcome) => return Ok(Some(outcome)),
                                }
                                if !WATCHES && vm.must_leave_loop() {
                                    save!();
                                    return Ok(None);
                                }
                                continue;
                            }
                            switch_to!(caller);
                            next!();
                            // A FOR_ITER's value is often stored right away.
                            if !WATCHES
                                && on_return == Return::ForIter
                                && (*pc).instr() == Instr::StoreFast
                            {
                                release!((*locals.add(arg!())).replace(value));
                                pc = pc.add(1);
                                continue;
                            }
                            // FOR_ITER pushes it; SEND has taken what was sent, and this takes its place.
                            push!(value);
                        }
                        Instr::Resume => {
                            heed_interrupt!();
                            pc = pc.add((*pc).len());
                        }
                        Instr::Send | Instr::SendGen => {
                            save!();
                            let value = pop!();
                            match iterator!().downcast::<Generator>() {
                                Some(g) if ops::generators::can_be_sent_to(vm, g) => {
                                    let generator = g.as_ptr();
                                    (*frame).sp = sp;
                                    if g.state.get() == State::Created && !value.is_none() {
                                        raise!(ops::generators::not_started(vm, g))
                                    }
                                    start!(check_call!(resume::go_on(
                                        vm,
                                        frame,
                                        generator,
                                        value,
                                        Return::Send
                                    )));
                                }
                                _ => match check!(match WATCHES && vm.is_watched {
                                    true => watch::step::send(vm, frame, value),
                                    false => ops::generators::send_at(vm, sp, (*pc).arg(), value),
                                }) {
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
                        Instr::BinaryOpAddInt => fused!(operation, STACK, small_add),
                        Instr::StackFastAddInt => fused!(operation, STACK_FAST, small_add),
                        Instr::StackConstAddInt => fused!(operation, STACK_CONST, small_add),
                        Instr::FastFastAddInt => fused!(operation, FAST_FAST, small_add),
                        Instr::FastConstAddInt => fused!(operation, FAST_CONST, small_add),
                        Instr::BinaryOpSubtractInt => fused!(operation, STACK, small_sub),
                        Instr::StackFastSubtractInt => fused!(operation, STACK_FAST, small_sub),
                        Instr::StackConstSubtractInt => fused!(operation, STACK_CONST, small_sub),
                        Instr::FastFastSubtractInt => fused!(operation, FAST_FAST, small_sub),
                        Instr::FastConstSubtractInt => fused!(operation, FAST_CONST, small_sub),
                        Instr::BinaryOpMultiplyInt => fused!(operation, STACK, small_mul),
                        Instr::StackFastMultiplyInt => fused!(operation, STACK_FAST, small_mul),
                        Instr::StackConstMultiplyInt => fused!(operation, STACK_CONST, small_mul),
                        Instr::FastFastMultiplyInt => fused!(operation, FAST_FAST, small_mul),
                        Instr::FastConstMultiplyInt => fused!(operation, FAST_CONST, small_mul),
                        Instr::BinaryOpAddFloat => fused!(operation, STACK, add_floats),
                        Instr::StackFastAddFloat => fused!(operation, STACK_FAST, add_floats),
                        Instr::StackConstAddFloat => fused!(operation, STACK_CONST, add_floats),
                        Instr::FastFastAddFloat => fused!(operation, FAST_FAST, add_floats),
                        Instr::FastConstAddFloat => fused!(operation, FAST_CONST, add_floats),
                        Instr::BinaryOpSubtractFloat => fused!(operation, STACK, sub_floats),
                        Instr::StackFastSubtractFloat => fused!(operation, STACK_FAST, sub_floats),
                        Instr::StackConstSubtractFloat => {
                            fused!(operation, STACK_CONST, sub_floats)
                        }
                        Instr::FastFastSubtractFloat => fused!(operation, FAST_FAST, sub_floats),
                        Instr::FastConstSubtractFloat => fused!(operation, FAST_CONST, sub_floats),
                        Instr::BinaryOpMultiplyFloat => fused!(operation, STACK, mul_floats),
                        Instr::StackFastMultiplyFloat => fused!(operation, STACK_FAST, mul_floats),
                        Instr::StackConstMultiplyFloat => {
                            fused!(operation, STACK_CONST, mul_floats)
                        }
                        Instr::FastFastMultiplyFloat => fused!(operation, FAST_FAST, mul_floats),
                        Instr::FastConstMultiplyFloat => fused!(operation, FAST_CONST, mul_floats),
                        Instr::BinaryOpInt => fused!(operation, STACK, int_op),
                        Instr::StackFastOpInt => fused!(operation, STACK_FAST, int_op),
                        Instr::StackConstOpInt => fused!(operation, STACK_CONST, int_op),
                        Instr::FastFastOpInt => fused!(operation, FAST_FAST, int_op),
                        Instr::FastConstOpInt => fused!(operation, FAST_CONST, int_op),
                        Instr::BinaryOpFloat => fused!(operation, STACK, float_op),
                        Instr::StackFastOpFloat => fused!(operation, STACK_FAST, float_op),
                        Instr::StackConstOpFloat => fused!(operation, STACK_CONST, float_op),
                        Instr::FastFastOpFloat => fused!(operation, FAST_FAST, float_op),
                        Instr::FastConstOpFloat => fused!(operation, FAST_CONST, float_op),
                        Instr::BinarySubscrListInt => fused!(subscript, STACK, list_item),
                        Instr::StackFastListInt => fused!(subscript, STACK_FAST, list_item),
                        Instr::StackConstListInt => fused!(subscript, STACK_CONST, list_item),
                        Instr::FastFastListInt => fused!(subscript, FAST_FAST, list_item),
                        Instr::FastConstListInt => fused!(subscript, FAST_CONST, list_item),
                        Instr::BinarySubscrTupleInt => fused!(subscript, STACK, tuple_item),
                        Instr::StackFastTupleInt => fused!(subscript, STACK_FAST, tuple_item),
                        Instr::StackConstTupleInt => fused!(subscript, STACK_CONST, tuple_item),
                        Instr::FastFastTupleInt => fused!(subscript, FAST_FAST, tuple_item),
                        Instr::FastConstTupleInt => fused!(subscript, FAST_CONST, tuple_item),
                        Instr::CompareOpIntJump => fused!(compare_jump, STACK, compare_ints),
                        Instr::StackFastJumpInt => fused!(compare_jump, STACK_FAST, compare_ints),
                        Instr::StackConstJumpInt => fused!(compare_jump, STACK_CONST, compare_ints),
                        Instr::FastFastJumpInt => fused!(compare_jump, FAST_FAST, compare_ints),
                        Instr::FastConstJumpInt => fused!(compare_jump, FAST_CONST, compare_ints),
                        Instr::CompareOpFloatJump => fused!(compare_jump, STACK, compare_floats),
                        Instr::StackFastJumpFloat => {
                            fused!(compare_jump, STACK_FAST, compare_floats)
                        }
                        Instr::StackConstJumpFloat => {
                            fused!(compare_jump, STACK_CONST, compare_floats)
                        }
                        Instr::FastFastJumpFloat => fused!(compare_jump, FAST_FAST, compare_floats),
                        Instr::FastConstJumpFloat => {
                            fused!(compare_jump, FAST_CONST, compare_floats)
                        }
                        Instr::CompareOpInt => fused!(operation, STACK, int_comparison),
                        Instr::CompareOpFloat => fused!(operation, STACK, float_comparison),
                        Instr::CompareOpStrJump => (pc, sp) = fused::str_jump(vm, pc, sp),
                        Instr::LoadAttrInstanceValue => {
                            fused!(load_attr, STACK, attr_instance_value)
                        }
                        Instr::LoadFastAttrInstanceValue => {
                            fused!(load_attr, FAST, attr_instance_value)
                        }
                        Instr::LoadAttrSlot => fused!(load_attr, STACK, attr_slot),
                        Instr::LoadFastAttrSlot => fused!(load_attr, FAST, attr_slot),
                        Instr::LoadAttrModule => fused!(load_attr, STACK, attr_module),
                        Instr::LoadAttrNondescriptor => fused!(load_attr, STACK, attr_of_type),
                        Instr::LoadAttrPolymorphic => fused_or!(load_polymorphic, STACK),
                        Instr::LoadFastAttrPolymorphic => fused_or!(load_polymorphic, FAST),
                        Instr::LoadMethodWithValues | Instr::LoadMethodNoDict => {
                            fused!(load_method, STACK)
                        }
                        Instr::LoadFastMethod => fused!(load_method, FAST),
                        Instr::LoadMethodPolymorphic => fused_or!(polymorphic_method, STACK),
                        Instr::LoadFastMethodPolymorphic => fused_or!(polymorphic_method, FAST),
                        Instr::LoadMethodModule => (pc, sp) = fused::method_of_module(vm, pc, sp),
                        Instr::StoreAttrInstanceValue => {
                            fused!(store_attr, STACK, store_instance_value)
                        }
                        Instr::LoadFastStoreAttrInstanceValue => {
                            fused!(store_attr, FAST, store_instance_value)
                        }
                        Instr::FastFastStoreAttrInstanceValue => {
                            fused!(store_attr, FAST_FAST, store_instance_value)
                        }
                        Instr::StoreAttrSlot => fused!(store_attr, STACK, store_slot),
                        Instr::LoadFastStoreAttrSlot => fused!(store_attr, FAST, store_slot),
                        Instr::FastFastStoreAttrSlot => fused!(store_attr, FAST_FAST, store_slot),
                        Instr::StoreAttrNewValue => fused!(store_new_attr, STACK),
                        Instr::LoadFastStoreAttrNewValue => fused!(store_new_attr, FAST),
                        Instr::FastFastStoreAttrNewValue => fused!(store_new_attr, FAST_FAST),
                        Instr::StoreAttrPolymorphic => {
                            match fused::store_polymorphic(vm, frame, pc, sp) {
                                Some(next) => (pc, sp) = next,
                                None => out_of_line!(),
                            }
                        }
                        Instr::ToBoolJump => fused!(truth_jump, STACK),
                        Instr::LoadFastToBoolJump => fused!(truth_jump, FAST),
                        Instr::CopyToBoolJump => fused!(truth_jump, TOP),
                        Instr::ToBoolBool => (pc, sp) = fused::to_bool_of_bool(vm, pc, sp),
                        Instr::LoadFastPopJumpIfNone => {
                            (pc, sp) = fused::none_jump(locals, pc, sp, true)
                        }
                        Instr::LoadFastPopJumpIfNotNone => {
                            (pc, sp) = fused::none_jump(locals, pc, sp, false)
                        }
                        Instr::ForIterList => for_iter!(PUSH, list_next),
                        Instr::ForIterListFast => for_iter!(STORE, list_next),
                        Instr::ForIterListFastFast => for_iter!(STORE_LOAD, list_next),
                        Instr::ForIterTuple => for_iter!(PUSH, tuple_next),
                        Instr::ForIterTupleFast => for_iter!(STORE, tuple_next),
                        Instr::ForIterTupleFastFast => for_iter!(STORE_LOAD, tuple_next),
                        Instr::ForIterRange => for_iter!(PUSH, range_next),
                        Instr::ForIterRangeFast => for_iter!(STORE, range_next),
                        Instr::ForIterRangeFastFast => for_iter!(STORE_LOAD, range_next),
                        Instr::ForIterPair => direct!(for_iter_pair),
                        Instr::BinarySubscrStrInt => fused!(subscript, STACK, str_item),
                        Instr::StoreSubscrListInt => {
                            (pc, sp) = fused::store_list_item(vm, frame, pc, sp)
                        }
                        Instr::UnpackSequenceTwoTuple => {
                            (pc, sp) = fused::unpack_two(vm, frame, pc, sp)
                        }
                        Instr::BinaryOpMethod
                        | Instr::CompareOpMethod
                        | Instr::BinarySubscrGetitem
                        | Instr::StoreSubscrSetitem
                        | Instr::ContainsOpMethod
                        | Instr::ToBoolMethod
                        | Instr::CallLenMethod => {
                            save!();
                            match check!(direct::operator_method(vm, frame, pc, sp)) {
                                Some(ready) => start!(ready),
                                None => deopt!(),
                            }
                        }
                        Instr::LeaveLoop => return Ok(None),
                        // Everything else is rare enough to be out of line.
                        rare_instructions!() => out_of_line!(),
                    }
                }
            };

            // An exception: find its handler, here or in a frame below.
            (*frame).sp = sp;
            if WATCHES {
                jump = std::ptr::null();
            }
            match unwind::unwind(vm, frame, raised, is_new, is_new) {
                Ok(handling) => {
                    switch_to!(handling);
                    let raised_at = vm.watch.take_raised_at();
                    if WATCHES && !raised_at.is_null() {
                        (*frame).pc = raised_at;
                    }
                }
                Err(raised) => return Err(raised),
            }
        }
    }
}
