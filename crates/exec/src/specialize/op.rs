//! Operators, comparisons, subscripts, truth, unpacking.

use pyco_code::quicken::{Instr, Unit};

use super::{
    after, cache, compare_method, contains_method, getitem_method, give_up, jump_follows,
    operator_method, setitem_method, specialize_to,
};
use crate::object::dict::Dict;
use crate::object::header::Kind;
use crate::object::list::List;
use crate::object::slice::Slice;
use crate::object::slots::{BinaryOp, CompareOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::ops::arithmetic::comparison;
use crate::ops::inline;
use crate::value::Value;
use crate::vm::Vm;

fn choose(vm: &mut Vm, unit: &Unit, instr: Option<Instr>, operands: &[&Value]) {
    match instr {
        Some(instr) => specialize_to(vm, unit, instr),
        None => give_up(vm, unit, operands),
    }
}

fn is_exact(value: &Value, kind: Kind) -> bool {
    value.header().is_some_and(|h| h.is_exact(kind))
}

/// Specialises BINARY_OP.
pub(crate) fn binary_op(vm: &mut Vm, unit: &Unit, a: &Value, b: &Value, op: usize) {
    let op = BinaryOp::ALL[op % 13];
    let ints = Value::small_ints(a, b).is_some();
    let floats = a.as_float().is_some() && b.as_float().is_some();
    let strs = is_exact(a, Kind::Str) && is_exact(b, Kind::Str);
    let instr = match op {
        BinaryOp::Add if ints => Some(Instr::BinaryOpAddInt),
        BinaryOp::Subtract if ints => Some(Instr::BinaryOpSubtractInt),
        BinaryOp::Multiply if ints => Some(Instr::BinaryOpMultiplyInt),
        BinaryOp::Add if floats => Some(Instr::BinaryOpAddFloat),
        BinaryOp::Subtract if floats => Some(Instr::BinaryOpSubtractFloat),
        BinaryOp::Multiply if floats => Some(Instr::BinaryOpMultiplyFloat),
        BinaryOp::Add if strs && is_stored_back(vm, unit, a) => {
            Some(Instr::BinaryOpInplaceAddUnicode)
        }
        BinaryOp::Add if strs => Some(Instr::BinaryOpAddUnicode),
        _ if ints && inline::int_op(a, b, unit.arg()).is_some() => Some(Instr::BinaryOpInt),
        _ if inline::float_op(a, b, unit.arg()).is_some() => Some(Instr::BinaryOpFloat),
        // What changes its left operand in place has another method, which is to be asked first.
        _ if !has_in_place(vm, unit, a, op)
            && operator_method(vm, a, b, unit.arg() as usize).is_some() =>
        {
            Some(Instr::BinaryOpMethod)
        }
        _ => None,
    };
    choose(vm, unit, instr, &[a, b]);
}

fn has_in_place(vm: &Vm, unit: &Unit, a: &Value, op: BinaryOp) -> bool {
    let in_place = vm.type_of(a).slots.in_place.get(op as usize);
    unit.base() == Instr::InPlaceOp && in_place.is_some_and(|slot| slot.get().is_some())
}

/// Whether the next instruction stores to the variable that holds `left`.
fn is_stored_back(vm: &Vm, unit: &Unit, left: &Value) -> bool {
    let store = after(unit);
    if store.instr() != Instr::StoreFast {
        return false;
    }
    // SAFETY: the running frame is that of the instruction, and verified code's locals are in range.
    let local = unsafe { &*(*vm.frame).locals().add(store.arg() as usize) };
    local.as_ref().is_some_and(|local| local.is(left))
}

/// Whether both are exact strs.
pub(crate) fn are_strs(a: &Value, b: &Value) -> bool {
    is_exact(a, Kind::Str) && is_exact(b, Kind::Str)
}

/// Specialises COMPARE_OP: the specialised forms give bools whether asked for or not.
pub(crate) fn compare_op(vm: &mut Vm, unit: &Unit, a: &Value, b: &Value) {
    let op = comparison(unit.arg() as usize);
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    let jumps = jump_follows(unit);
    let instr = if Value::small_ints(a, b).is_some() {
        Some(if jumps {
            Instr::CompareOpIntJump
        } else {
            Instr::CompareOpInt
        })
    } else if inline::compare_floats(a, b, unit.arg()).is_some() {
        Some(if jumps {
            Instr::CompareOpFloatJump
        } else {
            Instr::CompareOpFloat
        })
    } else if equality && is_exact(a, Kind::Str) && is_exact(b, Kind::Str) {
        Some(if jumps {
            Instr::CompareOpStrJump
        } else {
            Instr::CompareOpStr
        })
    } else if compare_method(vm, a, b, op).is_some() {
        Some(Instr::CompareOpMethod)
    } else {
        None
    };
    choose(vm, unit, instr, &[a, b]);
}

/// Specialises BINARY_SUBSCR.
pub(crate) fn binary_subscr(vm: &mut Vm, unit: &Unit, container: &Value, key: &Value) {
    let index = key.as_small_int().is_some();
    let instr = match container
        .header()
        .filter(|h| h.has(crate::object::header::flags::EXACT))
        .map(|h| h.kind())
    {
        Some(Kind::List) if index => Some(Instr::BinarySubscrListInt),
        Some(Kind::List) if key.downcast::<Slice>().is_some() => Some(Instr::BinarySubscrListSlice),
        Some(Kind::Tuple) if index => Some(Instr::BinarySubscrTupleInt),
        Some(Kind::Str) if index => Some(Instr::BinarySubscrStrInt),
        Some(Kind::Dict) => Some(Instr::BinarySubscrDict),
        _ if getitem_method(vm, container).is_some() => Some(Instr::BinarySubscrGetitem),
        _ => None,
    };
    choose(vm, unit, instr, &[container, key]);
}

/// Specialises STORE_SUBSCR.
pub(crate) fn store_subscr(vm: &mut Vm, unit: &Unit, container: &Value, key: &Value) {
    let instr = if is_exact(container, Kind::List) && key.as_small_int().is_some() {
        Some(Instr::StoreSubscrListInt)
    } else if is_exact(container, Kind::Dict) {
        Some(Instr::StoreSubscrDict)
    } else if setitem_method(vm, container).is_some() {
        Some(Instr::StoreSubscrSetitem)
    } else {
        None
    };
    choose(vm, unit, instr, &[container, key]);
}

/// Specialises CONTAINS_OP.
pub(crate) fn contains_op(vm: &mut Vm, unit: &Unit, container: &Value) {
    let instr = if is_exact(container, Kind::Dict) {
        Some(Instr::ContainsOpDict)
    } else if has_items(container) {
        Some(Instr::ContainsOpItems)
    } else if is_exact(container, Kind::Str) {
        Some(Instr::ContainsOpStr)
    } else if contains_method(vm, container).is_some() {
        Some(Instr::ContainsOpMethod)
    } else {
        None
    };
    choose(vm, unit, instr, &[container]);
}

/// Specialises TO_BOOL.
pub(crate) fn to_bool(vm: &mut Vm, unit: &Unit, value: &Value) {
    let instr = if jump_follows(unit) && inline::truth(vm, value).is_some() {
        Some(Instr::ToBoolJump)
    } else if value.as_bool().is_some() {
        Some(Instr::ToBoolBool)
    } else if value.as_small_int().is_some() {
        Some(Instr::ToBoolInt)
    } else if value.is_none() {
        Some(Instr::ToBoolNone)
    } else if is_exact(value, Kind::List) {
        Some(Instr::ToBoolList)
    } else if is_exact(value, Kind::Str) {
        Some(Instr::ToBoolStr)
    } else if super::truth_method(vm, value).is_some() {
        Some(Instr::ToBoolMethod)
    } else {
        let ty = vm.type_of(value);
        if value.is_object()
            && ty.slots.bool.get().is_none()
            && ty.slots.len.get().is_none()
            && ty.version() != 0
        {
            // SAFETY: TO_BOOL has three cache units where it exists.
            unsafe { cache(unit, 1).store(ty.version() as u64) };
            Some(Instr::ToBoolAlwaysTrue)
        } else {
            None
        }
    };
    choose(vm, unit, instr, &[value]);
}

/// Specialises UNPACK_SEQUENCE.
pub(crate) fn unpack_sequence(vm: &mut Vm, unit: &Unit, sequence: &Value, count: usize) {
    let tuple = sequence
        .downcast::<Tuple>()
        .filter(|t| t.is_exact() && t.items().len() == count);
    let instr = if tuple.is_some() {
        Some(if count == 2 {
            Instr::UnpackSequenceTwoTuple
        } else {
            Instr::UnpackSequenceTuple
        })
    } else if is_exact(sequence, Kind::List) {
        Some(Instr::UnpackSequenceList)
    } else {
        None
    };
    choose(vm, unit, instr, &[sequence]);
}

/// `a + b` of exact strs.
pub(crate) fn add_str(vm: &mut Vm, a: &Value, b: &Value) -> Option<Value> {
    let (a, b) = (a.downcast::<Str>()?, b.downcast::<Str>()?);
    if !a.is_exact() || !b.is_exact() {
        return None;
    }
    // One of them alone is not to be copied.
    if a.is_empty() || b.is_empty() {
        return Some(Value::from(if a.is_empty() { b } else { a }));
    }
    let parts = [a.view(), b.view()].into_iter();
    if let Some(sum) = Str::joined(&vm.types.str, parts, isize::MAX as usize) {
        return Some(sum.into());
    }
    let sum = a.view().concat(b.view(), isize::MAX as usize).ok()?;
    Some(vm.str_from_buf(sum))
}

/// The place of an inline int, which may be negative, in a sequence of `len` items.
#[inline(always)]
fn place(key: &Value, len: usize) -> Option<usize> {
    let index = key.as_small_int()?;
    let index = if index < 0 { index + len as i64 } else { index };
    // What is still negative is too large now.
    Some(index as usize)
}

/// The item of an exact list at an inline int.
#[inline(always)]
pub(crate) fn list_item(vm: &Vm, container: &Value, key: &Value) -> Option<Value> {
    let list = container.downcast::<List>().filter(|l| l.is_exact())?;
    let items = list.items(vm);
    items.get(place(key, items.len())?).cloned()
}

/// The place of an item of an exact list.
#[inline(always)]
pub(crate) fn list_slot<'a>(
    vm: &'a mut Vm,
    container: &'a Value,
    key: &Value,
) -> Option<&'a mut Value> {
    let list = container.downcast::<List>().filter(|l| l.is_exact())?;
    let items = list.items_mut(vm);
    let place = place(key, items.len())?;
    items.get_mut(place)
}

/// The item of an exact tuple at an inline int.
#[inline(always)]
pub(crate) fn tuple_item(_: &Vm, container: &Value, key: &Value) -> Option<Value> {
    let items = container
        .downcast::<Tuple>()
        .filter(|t| t.is_exact())?
        .items();
    items.get(place(key, items.len())?).cloned()
}

/// The character of an exact str at an inline int.
#[inline(always)]
pub(crate) fn str_item(vm: &Vm, container: &Value, key: &Value) -> Option<Value> {
    let text = container.downcast::<Str>().filter(|s| s.is_exact())?;
    let character = text
        .view()
        .get(usize::try_from(key.as_small_int()?).ok()?)?;
    Some(vm.character(character))
}

/// Whether a value is an exact list.
#[inline(always)]
pub(crate) fn is_exact_list(value: &Value) -> bool {
    is_exact(value, Kind::List)
}

/// Whether a value is an exact list, tuple or set.
#[inline(always)]
pub(crate) fn has_items(value: &Value) -> bool {
    value.header().is_some_and(|h| {
        h.has(crate::object::header::flags::EXACT)
            && matches!(h.kind(), Kind::List | Kind::Tuple | Kind::Set)
    })
}

/// Whether a value is an exact dict.
#[inline(always)]
pub(crate) fn is_exact_dict(value: &Value) -> bool {
    value.downcast::<Dict>().is_some_and(|d| d.is_exact())
}

/// The truth of an exact list.
#[inline(always)]
pub(crate) fn list_truth(vm: &Vm, value: &Value) -> Option<bool> {
    value
        .downcast::<List>()
        .filter(|l| l.is_exact())
        .map(|l| !l.items(vm).is_empty())
}

/// The truth of an exact str.
#[inline(always)]
pub(crate) fn str_truth(value: &Value) -> Option<bool> {
    value
        .downcast::<Str>()
        .filter(|s| s.is_exact())
        .map(|s| !s.is_empty())
}

/// Whether a value's class has the cached version.
///
/// # Safety
/// The instruction at `pc` has a cache unit.
#[inline(always)]
pub(crate) unsafe fn is_type_version(pc: *const Unit, value: &Value) -> bool {
    // SAFETY: forwarded.
    let version = unsafe { cache(pc, 1) }.load();
    value
        .header()
        .is_some_and(|h| h.ty().version() as u64 == version)
}

/// Whether two exact strs are equal.
#[inline(always)]
pub(crate) fn str_equal(a: &Value, b: &Value) -> Option<bool> {
    let (a, b) = (a.downcast::<Str>()?, b.downcast::<Str>()?);
    (a.is_exact() && b.is_exact()).then(|| a.is(b) || **a == **b)
}

/// The items of an exact tuple of two.
#[inline(always)]
pub(crate) fn two_tuple(value: &Value) -> Option<&[Value; 2]> {
    value
        .downcast::<Tuple>()
        .filter(|t| t.is_exact())?
        .items()
        .try_into()
        .ok()
}

/// The items of an exact tuple or list of `count`.
#[inline(always)]
pub(crate) fn exact_items<'a>(vm: &'a Vm, value: &'a Value, count: usize) -> Option<&'a [Value]> {
    let items = match value.downcast::<Tuple>() {
        Some(tuple) if tuple.is_exact() => tuple.items(),
        _ => value.downcast::<List>().filter(|l| l.is_exact())?.items(vm),
    };
    (items.len() == count).then_some(items)
}
