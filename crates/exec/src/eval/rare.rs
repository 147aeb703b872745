//! The instructions that are rare, or whose own work outweighs the cost of a call: out of the loop, so that its registers and
//! its cache lines serve the others.

use std::mem;

use pyco_code::quicken::{COMPARE_TO_BOOL, Instr, Unit};

use crate::error::Raised;
use crate::eval::bind;
use crate::eval::frame::Frame;
use crate::heap;
use crate::object::slots::{BinaryOp, UnaryOp};
use crate::ops;
use crate::specialize;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Executes the instruction at `pc`; gives the registers for the next one.
///
/// On an error the operands that are left end at the frame's `sp`, and the flag says whether the exception is new.
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
        let locals = (*frame).locals();
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
        macro_rules! arg {
            () => {
                (*pc).arg() as usize
            };
        }
        macro_rules! name {
            ($index:expr) => {
                (*frame).code().names().get_unchecked($index)
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
                Err(($raised, $is_new))
            }};
        }
        macro_rules! check {
            ($result:expr) => {
                match $result {
                    Ok(value) => value,
                    Err(raised) => return fail!(raised, true),
                }
            };
        }
        macro_rules! raise {
            ($raised:expr) => {
                return fail!($raised, true)
            };
        }
        macro_rules! run_pending {
            () => {
                if heap::needs_attention() {
                    save!();
                    vm.run_pending();
                }
            };
        }
        macro_rules! release {
            ($value:expr) => {{
                drop($value);
                run_pending!();
            }};
        }
        // What a specialised instruction does when its guess was wrong: the loop executes the adaptive one.
        macro_rules! deopt {
            () => {{
                specialize::miss(vm, &*pc);
                return Ok((pc, sp));
            }};
        }
        macro_rules! set_top {
            ($value:expr) => {
                *sp.sub(1) = Some($value)
            };
        }
        let unit = &*pc;
        match unit.instr() {
            Instr::DeleteFast => {
                if (*locals.add(arg!())).is_none() {
                    save!();
                    raise!(ops::names::unbound_local(vm, &*frame, arg!()))
                }
                release!((*locals.add(arg!())).take());
                pc = pc.add(1);
            }
            Instr::LoadName => {
                save!();
                push!(check!(ops::names::load_name(vm, &*frame, name!(arg!()))));
                pc = pc.add(1);
            }
            Instr::StoreName => {
                save!();
                let value = pop!();
                check!(ops::names::store_name(vm, &*frame, name!(arg!()), value));
                run_pending!();
                pc = pc.add(1);
            }
            Instr::DeleteName => {
                save!();
                check!(ops::names::delete_name(vm, &*frame, name!(arg!())));
                run_pending!();
                pc = pc.add(1);
            }
            Instr::StoreGlobal => {
                save!();
                let value = pop!();
                check!(ops::names::store_global(vm, &*frame, name!(arg!()), value));
                run_pending!();
                pc = pc.add(1);
            }
            Instr::DeleteGlobal => {
                save!();
                check!(ops::names::delete_global(vm, &*frame, name!(arg!())));
                run_pending!();
                pc = pc.add(1);
            }
            Instr::LoadLocals => {
                save!();
                push!(check!(ops::names::load_locals(vm, &*frame)));
                pc = pc.add(1);
            }
            Instr::LoadFromDictOrGlobals => {
                save!();
                let namespace = pop!();
                push!(check!(ops::names::load_from_dict_or_globals(
                    vm,
                    &*frame,
                    &namespace,
                    name!(arg!())
                )));
                pc = pc.add(1);
            }
            Instr::LoadFromDictOrDeref => {
                save!();
                let namespace = pop!();
                push!(check!(ops::names::load_from_dict_or_deref(
                    vm,
                    &*frame,
                    &namespace,
                    arg!()
                )));
                pc = pc.add(1);
            }
            Instr::LoadBuildClass => {
                save!();
                push!(check!(ops::names::load_build_class(vm, &*frame)));
                pc = pc.add(1);
            }
            Instr::LoadAssertionError => {
                push!(Value::from(&vm.types.assertion_error));
                pc = pc.add(1);
            }
            Instr::SetupAnnotations => {
                save!();
                check!(ops::names::setup_annotations(vm, &*frame));
                pc = pc.add(1);
            }

            Instr::CopyFreeVars => {
                save!();
                check!(ops::names::copy_free_vars(vm, &*frame, arg!()));
                pc = pc.add(1);
            }
            Instr::LoadDeref => {
                save!();
                raise!(ops::names::unbound_deref(vm, &*frame, arg!()))
            }
            Instr::StoreDeref => {
                save!();
                raise!(ops::names::no_cell(vm, &*frame, arg!()))
            }
            Instr::DeleteDeref => {
                save!();
                check!(ops::names::delete_deref(vm, &*frame, arg!()));
                run_pending!();
                pc = pc.add(1);
            }

            Instr::DeleteAttr => {
                save!();
                let owner = pop!();
                check!(vm.set_attr(&owner, name!(arg!()), None));
                release!(owner);
                pc = pc.add(1);
            }
            Instr::LoadSuperAttr => {
                save!();
                let (this, class, super_) = (pop!(), pop!(), pop!());
                let name = name!(arg!() >> 1);
                let two = arg!() & 1 != 0;
                push!(check!(ops::attributes::load_super_attr(
                    vm, &super_, &class, &this, name, two
                )));
                next!();
            }
            Instr::LoadSuperMethod => {
                save!();
                let (this, class, super_) = (pop!(), pop!(), pop!());
                let name = name!(arg!() >> 1);
                let two = arg!() & 1 != 0;
                let (method, this) = check!(ops::attributes::load_super_method(
                    vm, &super_, &class, this, name, two
                ));
                push!(method);
                sp.write(this);
                sp = sp.add(1);
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
            Instr::UnaryNegative => {
                save!();
                let value = pop!();
                push!(check!(vm.unary(&value, UnaryOp::Negative)));
                pc = pc.add(1);
            }
            Instr::UnaryInvert => {
                save!();
                let value = pop!();
                push!(check!(vm.unary(&value, UnaryOp::Invert)));
                pc = pc.add(1);
            }
            Instr::DeleteSubscr => {
                save!();
                let (key, container) = (pop!(), pop!());
                check!(vm.delete_item(&container, &key));
                release!((container, key));
                pc = pc.add(1);
            }
            Instr::BuildSet => {
                save!();
                let items = ops::containers::take(sp, arg!());
                sp = sp.sub(arg!());
                push!(check!(ops::containers::build_set(vm, items)));
                pc = pc.add(1);
            }
            Instr::BuildMap => {
                if let Some(keywords) = bind::handed_on(vm, locals, pc) {
                    push!(keywords);
                    pc = pc.add(3);
                    return Ok((pc, sp));
                }
                save!();
                let items = ops::containers::take(sp, 2 * arg!());
                sp = sp.sub(2 * arg!());
                push!(check!(ops::containers::build_map(vm, items)));
                pc = pc.add(1);
            }
            Instr::BuildConstKeyMap => {
                save!();
                let keys = pop!();
                let values = ops::containers::take(sp, arg!());
                sp = sp.sub(arg!());
                push!(check!(ops::containers::build_const_key_map(
                    vm, &keys, values
                )));
                pc = pc.add(1);
            }
            Instr::BuildString => {
                save!();
                let text = ops::text::build_string(vm, ops::calls::values(sp, arg!()));
                for _ in 0..arg!() {
                    drop(pop!());
                }
                push!(check!(text));
                pc = pc.add(1);
            }
            Instr::SetAdd => {
                save!();
                let item = pop!();
                check!(ops::containers::set_add(vm, peek!(arg!()), item));
                pc = pc.add(1);
            }
            Instr::MapAdd => {
                save!();
                let (value, key) = (pop!(), pop!());
                check!(ops::containers::map_add(vm, peek!(arg!()), key, value));
                pc = pc.add(1);
            }
            Instr::ListExtend => {
                save!();
                let iterable = pop!();
                check!(ops::containers::list_extend(vm, peek!(arg!()), &iterable));
                pc = pc.add(1);
            }
            Instr::SetUpdate => {
                save!();
                let iterable = pop!();
                check!(ops::containers::set_update(vm, peek!(arg!()), &iterable));
                pc = pc.add(1);
            }
            Instr::DictUpdate => {
                save!();
                let mapping = pop!();
                check!(ops::containers::dict_update(vm, peek!(arg!()), &mapping));
                pc = pc.add(1);
            }
            Instr::DictMerge => {
                save!();
                let mapping = pop!();
                // Up to 3.12 NULL may lie below the callable.
                let callable = (*sp.sub(arg!() + 3)).clone();
                let callable = callable.or_else(|| (*sp.sub(arg!() + 2)).clone());
                check!(ops::containers::dict_merge(
                    vm,
                    peek!(arg!()),
                    &mapping,
                    callable.as_ref()
                ));
                pc = pc.add(1);
            }
            Instr::UnpackEx => {
                save!();
                let sequence = pop!();
                let (before, after) = (arg!() & 0xFF, arg!() >> 8);
                for item in check!(ops::containers::unpack_ex(vm, &sequence, before, after))
                    .into_iter()
                    .rev()
                {
                    push!(item);
                }
                pc = pc.add(1);
            }
            Instr::FormatSimple => {
                save!();
                let value = pop!();
                push!(check!(ops::text::format_simple(vm, value)));
                pc = pc.add(1);
            }
            Instr::FormatWithSpec => {
                save!();
                let (spec, value) = (pop!(), pop!());
                push!(check!(ops::text::format(vm, &value, &spec)));
                pc = pc.add(1);
            }
            Instr::ConvertValue => {
                save!();
                let value = pop!();
                push!(check!(ops::text::convert(vm, &value, arg!())));
                pc = pc.add(1);
            }

            Instr::GetLen => {
                save!();
                let len = check!(vm.len(peek!(1)));
                push!(Value::small_int_wrapping(len as i64));
                pc = pc.add(1);
            }
            Instr::MatchMapping => {
                let matches = ops::matching::is_mapping(vm, peek!(1));
                push!(Value::bool(matches));
                pc = pc.add(1);
            }
            Instr::MatchSequence => {
                let matches = ops::matching::is_sequence(vm, peek!(1));
                push!(Value::bool(matches));
                pc = pc.add(1);
            }
            Instr::MatchKeys => {
                save!();
                push!(check!(ops::matching::match_keys(vm, peek!(2), peek!(1))));
                pc = pc.add(1);
            }
            Instr::MatchClass => {
                save!();
                let (names, class, subject) = (pop!(), pop!(), pop!());
                push!(check!(ops::matching::match_class(
                    vm,
                    &subject,
                    &class,
                    arg!(),
                    &names
                )));
                pc = pc.add(1);
            }

            Instr::CallIntrinsic1 => {
                save!();
                let value = pop!();
                push!(check!(ops::intrinsics::call_1(vm, &*frame, arg!(), value)));
                pc = pc.add(1);
            }
            Instr::CallIntrinsic2 => {
                save!();
                let (b, a) = (pop!(), pop!());
                push!(check!(ops::intrinsics::call_2(vm, arg!(), a, b)));
                pc = pc.add(1);
            }
            Instr::ImportName | Instr::ImportNameEager => {
                save!();
                let (names, level) = (pop!(), pop!());
                push!(check!(crate::import::import_name(
                    vm,
                    &*frame,
                    name!(arg!()),
                    &names,
                    &level,
                    (*pc).instr() == Instr::ImportName
                )));
                pc = pc.add(1);
            }
            Instr::ImportFrom => {
                save!();
                push!(check!(crate::import::import_from(
                    vm,
                    peek!(1),
                    name!(arg!())
                )));
                pc = pc.add(1);
            }

            Instr::RaiseVarargs => {
                save!();
                let cause = if arg!() == 2 { Some(pop!()) } else { None };
                let exception = if arg!() >= 1 { Some(pop!()) } else { None };
                match ops::exceptions::raise(vm, exception, cause) {
                    ops::exceptions::Raise::New(raised) => raise!(raised),
                    ops::exceptions::Raise::Again(raised) => {
                        return fail!(raised, false);
                    }
                }
            }
            Instr::Reraise => {
                // The saved `lasti` below is for the line number of a frame without a handler, see `unwind`.
                save!();
                let exception = pop!();
                return fail!(ops::exceptions::reraised(vm, exception), false);
            }
            Instr::PushExcInfo => {
                let exception = pop!();
                let previous = (*vm.handled).exception.replace(exception.clone());
                sp.write(Some(previous.unwrap_or(Value::NONE)));
                sp = sp.add(1);
                push!(exception);
                pc = pc.add(1);
            }
            Instr::PopExcept => {
                let previous = pop!();
                let previous = if previous.is_none() {
                    None
                } else {
                    Some(previous)
                };
                release!(mem::replace(&mut (*vm.handled).exception, previous));
                pc = pc.add(1);
            }
            Instr::CheckExcMatch => {
                save!();
                let class = pop!();
                push!(Value::bool(check!(ops::exceptions::matches(
                    vm,
                    peek!(1),
                    &class
                ))));
                pc = pc.add(1);
            }
            Instr::CheckEgMatch => {
                save!();
                let (class, group) = (pop!(), pop!());
                let (rest, matched) = check!(ops::exceptions::group_matches(vm, group, &class));
                if !matched.is_none() {
                    // What a bare `raise` in the handler raises is the part that matched.
                    (*vm.handled).exception = Some(matched.clone());
                }
                push!(rest);
                push!(matched);
                pc = pc.add(1);
            }
            Instr::BeforeWith => {
                save!();
                let manager = pop!();
                let (exit, value) = check!(ops::exceptions::before_with(vm, &manager, false));
                push!(exit);
                push!(value);
                pc = pc.add(1);
            }
            Instr::BeforeAsyncWith => {
                save!();
                let manager = pop!();
                let (exit, value) = check!(ops::exceptions::before_with(vm, &manager, true));
                push!(exit);
                push!(value);
                pc = pc.add(1);
            }
            Instr::WithExceptStart => {
                save!();
                let exit = (*sp.sub(4)).clone();
                push!(check!(ops::exceptions::with_except_start(
                    vm,
                    &exit,
                    None,
                    peek!(1)
                )));
                pc = pc.add(1);
            }

            Instr::CleanupThrow => {
                save!();
                match ops::exceptions::cleanup_throw(vm, peek!(1)) {
                    Some(value) => {
                        drop((pop!(), pop!(), pop!()));
                        push!(Value::NONE);
                        push!(value);
                        pc = pc.add(1);
                    }
                    None => {
                        let exception = pop!();
                        return fail!(ops::exceptions::reraised(vm, exception), false);
                    }
                }
            }
            Instr::GetYieldFromIter => {
                save!();
                let iterable = pop!();
                push!(check!(ops::generators::yield_from_iter(
                    vm, &*frame, iterable
                )));
                pc = pc.add(1);
            }
            Instr::GetAwaitable => {
                save!();
                let value = pop!();
                push!(check!(ops::generators::awaitable(vm, value, arg!())));
                pc = pc.add(1);
            }
            Instr::GetAiter => {
                save!();
                let value = pop!();
                push!(check!(ops::generators::aiter(vm, &value)));
                pc = pc.add(1);
            }
            Instr::GetAnext => {
                save!();
                push!(check!(ops::generators::anext(vm, peek!(1))));
                pc = pc.add(1);
            }
            Instr::EndAsyncFor => {
                save!();
                let exception = pop!();
                if !ops::exceptions::is_stop_async_iteration(vm, &exception) {
                    return fail!(ops::exceptions::reraised(vm, exception), false);
                }
                release!(pop!());
                pc = pc.add(1);
            }
            Instr::LoadGlobal => {
                save!();
                push!(check!(ops::names::load_global(vm, &*frame, name!(arg!()))));
                next!();
            }
            Instr::LoadGlobalNull => {
                save!();
                push!(check!(ops::names::load_global(vm, &*frame, name!(arg!()))));
                sp.write(None);
                sp = sp.add(1);
                next!();
            }
            Instr::LoadAttr | Instr::LoadAttrPolymorphic => {
                save!();
                if unit.instr() == Instr::LoadAttrPolymorphic {
                    specialize::miss_polymorphic(vm, &*frame, unit, peek!(1));
                }
                let owner = pop!();
                push!(check!(vm.get_attr(&owner, name!(arg!()))));
                release!(owner);
                next!();
            }
            Instr::LoadMethod | Instr::LoadMethodPolymorphic => {
                save!();
                if unit.instr() == Instr::LoadMethodPolymorphic {
                    specialize::miss_polymorphic(vm, &*frame, unit, peek!(1));
                }
                let owner = pop!();
                let (method, this) = check!(ops::attributes::load_method(vm, owner, name!(arg!())));
                push!(method);
                sp.write(this);
                sp = sp.add(1);
                run_pending!();
                next!();
            }
            Instr::StoreAttr | Instr::StoreAttrPolymorphic => {
                save!();
                if unit.instr() == Instr::StoreAttrPolymorphic {
                    specialize::miss_polymorphic(vm, &*frame, unit, peek!(1));
                }
                let owner = pop!();
                let value = pop!();
                check!(vm.set_attr(&owner, name!(arg!()), Some(value)));
                release!(owner);
                next!();
            }
            Instr::ToBool => {
                save!();
                let value = pop!();
                push!(Value::bool(check!(vm.truth(&value))));
                release!(value);
                next!();
            }
            Instr::BinaryOp => {
                save!();
                let (b, a) = (pop!(), pop!());
                push!(check!(vm.binary(&a, &b, BinaryOp::ALL[arg!() % 13])));
                release!((a, b));
                next!();
            }
            Instr::InPlaceOp => {
                save!();
                let (b, a) = (pop!(), pop!());
                push!(check!(vm.in_place(&a, &b, BinaryOp::ALL[arg!() % 13])));
                release!((a, b));
                next!();
            }
            Instr::BinarySubscr => {
                save!();
                let (key, container) = (pop!(), pop!());
                push!(check!(vm.get_item(&container, &key)));
                release!((container, key));
                next!();
            }
            Instr::StoreSubscr => {
                save!();
                let (key, container, value) = (pop!(), pop!(), pop!());
                check!(vm.set_item(&container, &key, value));
                release!((container, key));
                next!();
            }
            Instr::CompareOp => {
                save!();
                let (b, a) = (pop!(), pop!());
                let op = ops::arithmetic::comparison(arg!());
                let mut result = check!(vm.compare(&a, &b, op));
                if (*pc).arg() & COMPARE_TO_BOOL != 0 {
                    result = Value::bool(check!(vm.truth(&result)));
                }
                push!(result);
                release!((a, b));
                next!();
            }
            Instr::ContainsOp => {
                save!();
                let (container, item) = (pop!(), pop!());
                let found = check!(vm.contains(&container, &item));
                push!(Value::bool(found != (arg!() & 1 != 0)));
                release!((container, item));
                next!();
            }
            Instr::UnpackSequence => {
                save!();
                let sequence = pop!();
                let items = check!(ops::containers::unpack_sequence(vm, &sequence, arg!()));
                for item in items.into_iter().rev() {
                    push!(item);
                }
                release!(sequence);
                next!();
            }
            Instr::LoadFastLoadFastCheck | Instr::LoadFastBorrowLoadFastBorrowCheck => {
                let (a, b) = (arg!() & 0xFFFF, arg!() >> 16);
                for index in [a, b] {
                    match &*locals.add(index) {
                        Some(value) => push!(value.clone()),
                        None => {
                            save!();
                            raise!(ops::names::unbound_local(vm, &*frame, index))
                        }
                    }
                }
                pc = pc.add(1);
            }
            Instr::StoreFastLoadFastCheck => {
                let (a, b) = (arg!() & 0xFFFF, arg!() >> 16);
                // NULL, too, goes back to a variable: a comprehension restores what it has shadowed.
                sp = sp.sub(1);
                let value = sp.read();
                release!(mem::replace(&mut *locals.add(a), value));
                match &*locals.add(b) {
                    Some(value) => push!(value.clone()),
                    None => {
                        save!();
                        raise!(ops::names::unbound_local(vm, &*frame, b))
                    }
                }
                pc = pc.add(1);
            }
            Instr::ToBoolList => {
                let Some(truth) = specialize::list_truth(vm, peek!(1)) else {
                    deopt!()
                };
                release!((*sp.sub(1)).replace(Value::bool(truth)));
                next!();
            }
            Instr::LoadAttrClass => {
                let Some(value) = specialize::attr_class(pc, peek!(1)) else {
                    deopt!()
                };
                set_top!(value);
                next!();
            }
            Instr::LoadMethodClass => {
                let Some(value) = specialize::attr_class(pc, peek!(1)) else {
                    deopt!()
                };
                set_top!(value);
                sp.write(None);
                sp = sp.add(1);
                next!();
            }
            Instr::ToBoolAlwaysTrue => {
                if !specialize::is_type_version(pc, peek!(1)) {
                    deopt!()
                }
                release!((*sp.sub(1)).replace(Value::TRUE));
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
            Instr::BinaryOpInplaceAddUnicode => {
                let store = pc.add((*pc).len());
                let variable = (*store).arg() as usize;
                let same = (*locals.add(variable))
                    .as_ref()
                    .is_some_and(|local| local.is(peek!(2)));
                if !same || !specialize::are_strs(peek!(2), peek!(1)) {
                    deopt!()
                }
                save!();
                // The variable would be stored to next; without it, the text may have no other owner.
                drop((*locals.add(variable)).take());
                let (right, left) = (pop!(), pop!());
                match ops::text::append(vm, left, &right) {
                    Ok(sum) => push!(sum),
                    Err((raised, left)) => {
                        // A handler may load the variable, which the verifier has seen to be bound.
                        *locals.add(variable) = Some(left);
                        raise!(raised)
                    }
                }
                next!();
            }
            // What only some versions have.
            _ => return super::versions::step(vm, frame, pc, sp),
        }
        Ok((pc, sp))
    }
}
