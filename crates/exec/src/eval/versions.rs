//! The instructions that not all versions have, and that are no matter of speed: what 3.11 and 3.12 have that later became
//! several instructions, and the forms of 3.15 that take a second slot beside an iterator.

use pyco_code::quicken::{Instr, Unit};

use crate::error::Raised;
use crate::eval::frame::Frame;
use crate::heap;
use crate::object::lazy_import;
use crate::ops;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Executes the instruction at `pc`; gives the registers for the next one. As `rare::step`.
///
/// # Safety
/// As for the loop: the frame is the running one, and `pc` and `sp` are its registers.
#[inline(never)]
pub(super) unsafe fn step(
    vm: &mut Vm,
    frame: *mut Frame,
    mut pc: *const Unit,
    mut sp: *mut Slot,
) -> Result<(*const Unit, *mut Slot), (Raised, bool)> {
    // SAFETY: see the top of `eval`; the macros below are the only accesses to stack and locals.
    unsafe {
        macro_rules! push {
            ($value:expr) => {
                push_slot!(Some($value))
            };
        }
        macro_rules! push_slot {
            ($slot:expr) => {{
                let slot: Slot = $slot;
                sp.write(slot);
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
        macro_rules! peek {
            ($n:expr) => {
                (*sp.sub($n)).as_ref().unwrap_unchecked()
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
        macro_rules! save {
            () => {{
                (*frame).pc = pc;
                (*frame).sp = sp;
            }};
        }
        macro_rules! fail {
            ($raised:expr, $is_new:expr) => {{
                (*frame).sp = sp;
                return Err(($raised, $is_new));
            }};
        }
        macro_rules! check {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(raised) => fail!(raised, true),
                }
            };
        }
        macro_rules! release {
            ($value:expr) => {{
                drop($value);
                if heap::needs_attention() {
                    save!();
                    vm.run_pending();
                }
            }};
        }
        match (*pc).instr() {
            Instr::LoadClosure => {
                match &*(*frame).locals().add(arg!()) {
                    Some(cell) => push!(cell.clone()),
                    None => {
                        save!();
                        fail!(ops::names::no_cell(vm, &*frame, arg!()), true)
                    }
                }
                next!();
            }
            Instr::LoadNullGlobal => {
                save!();
                let name = (*frame).code().names().get_unchecked(arg!());
                let value = check!(ops::names::load_global(vm, &*frame, name));
                push_slot!(None);
                push!(value);
                next!();
            }
            Instr::LoadClassderef => {
                save!();
                let namespace = check!(ops::names::load_locals(vm, &*frame));
                push!(check!(ops::names::load_from_dict_or_deref(
                    vm,
                    &*frame,
                    &namespace,
                    arg!()
                )));
                next!();
            }
            Instr::MakeFunctionWith => {
                save!();
                let code = pop!();
                let function = check!(ops::calls::make_function(vm, &*frame, code));
                for attribute in [8, 4, 2, 1] {
                    if arg!() & attribute != 0 {
                        let value = pop!();
                        check!(ops::calls::set_function_attribute(
                            vm, &function, attribute, value
                        ));
                    }
                }
                push!(function);
                next!();
            }
            Instr::ImportStar | Instr::PrintExpr => {
                save!();
                let function = if (*pc).instr() == Instr::ImportStar {
                    2
                } else {
                    1
                };
                let value = pop!();
                let result = ops::intrinsics::call_1(vm, &*frame, function, value);
                check!(result);
                next!();
            }
            Instr::FormatValue => {
                save!();
                let spec = if arg!() & 4 != 0 { Some(pop!()) } else { None };
                let mut value = pop!();
                if arg!() & 3 != 0 {
                    value = check!(ops::text::convert(vm, &value, arg!() & 3));
                }
                push!(match spec {
                    Some(spec) => check!(ops::text::format(vm, &value, &spec)),
                    None => check!(ops::text::format_simple(vm, value)),
                });
                next!();
            }
            Instr::JumpIfFalseOrPop | Instr::JumpIfTrueOrPop => {
                save!();
                let wanted = (*pc).instr() == Instr::JumpIfTrueOrPop;
                if check!(vm.truth(peek!(1))) == wanted {
                    jump!();
                } else {
                    next!();
                    release!(pop!());
                }
            }
            Instr::PopJumpBackwardIfNone | Instr::PopJumpBackwardIfNotNone => {
                save!();
                let wanted = (*pc).instr() == Instr::PopJumpBackwardIfNone;
                let value = pop!();
                if value.is_none() == wanted {
                    if vm.interrupted() {
                        check!(vm.handle_interrupt());
                    }
                    jump!();
                } else {
                    next!();
                }
                release!(value);
            }
            Instr::EndForPair | Instr::PopIterPair => {
                let (upper, lower) = (pop_slot!(), pop_slot!());
                next!();
                release!((upper, lower));
            }
            Instr::GetYieldFromIterPair => {
                save!();
                let iterable = pop!();
                if ops::generators::is_indexed(vm, &iterable) {
                    push!(iterable);
                    push_slot!(Some(Value::small_int_wrapping(0)));
                } else {
                    push!(check!(ops::generators::yield_from_iter(
                        vm, &*frame, iterable
                    )));
                    push_slot!(None);
                }
                next!();
            }
            Instr::EndSendPair => {
                let (value, beside, receiver) = (pop!(), pop_slot!(), pop!());
                push!(value);
                next!();
                release!((beside, receiver));
            }
            Instr::CleanupThrowPair => {
                save!();
                let Some(value) = ops::exceptions::cleanup_throw(vm, peek!(1)) else {
                    let exception = pop!();
                    fail!(ops::exceptions::reraised(vm, exception), false)
                };
                let old = (pop!(), pop!(), pop_slot!(), pop!());
                push!(Value::NONE);
                push_slot!(None);
                push!(value);
                next!();
                release!(old);
            }
            Instr::LoadSpecial => {
                save!();
                let owner = pop!();
                let (method, this) = check!(ops::exceptions::load_special(vm, owner, arg!()));
                push!(method);
                push_slot!(this);
                next!();
            }
            Instr::WithExceptStartSelf => {
                save!();
                let (exit, this) = ((*sp.sub(5)).clone(), (*sp.sub(4)).clone());
                push!(check!(ops::exceptions::with_except_start(
                    vm,
                    &exit,
                    this,
                    peek!(1)
                )));
                next!();
            }
            Instr::ImportNameLazy => {
                save!();
                let (names, level) = (pop!(), pop!());
                let name = (*frame).code().names().get_unchecked(arg!());
                let lazy = lazy_import::import_name(vm, &*frame, name, &names, &level);
                push!(check!(lazy));
                next!();
            }
            Instr::BuildInterpolation => {
                let spec = if arg!() & 1 != 0 { Some(pop!()) } else { None };
                let (expression, value) = (pop!(), pop!());
                push!(vm.build_interpolation(value, expression, arg!() >> 2, spec));
                next!();
            }
            Instr::BuildTemplate => {
                save!();
                let (interpolations, strings) = (pop!(), pop!());
                push!(check!(vm.build_template(&strings, &interpolations)));
                next!();
            }
            // The loop sends no other here; if it did, that would be an error, not undefined behaviour.
            other => {
                let message = format!("{} has no body", other.name());
                fail!(vm.error(&vm.types.system_error.clone(), message), true)
            }
        }
        Ok((pc, sp))
    }
}
