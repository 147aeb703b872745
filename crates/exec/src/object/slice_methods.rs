//! slice: slots and methods.

use crate::call::Args;
use crate::error::PyResult;
use crate::numeric::bigint::BigInt;
use crate::object::header::Ref;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::range_methods::big;
use crate::object::sequence::{self, is_index, receiver};
use crate::object::slice::Slice;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::tuple_methods::hash_row;
use crate::object::type_::Type;
use crate::text::StrBuilder;
use crate::value::Value;
use crate::vm::Vm;

fn new(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let (start, stop, step) = match args.between(vm, "slice", 1, 3)? {
        [stop] => (Value::NONE, stop.clone(), Value::NONE),
        [start, stop] => (start.clone(), stop.clone(), Value::NONE),
        [start, stop, step, ..] => (start.clone(), stop.clone(), step.clone()),
        [] => (Value::NONE, Value::NONE, Value::NONE),
    };
    Ok(vm.new_slice(start, stop, step))
}

fn parts(slice: &Slice) -> [Value; 3] {
    [slice.start.clone(), slice.stop.clone(), slice.step.clone()]
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    // Unlike the containers, a slice inside itself shows as often as something else in between lets it.
    let mut text = StrBuilder::new();
    for (mark, part) in ["slice(", ", ", ", "]
        .iter()
        .zip(parts(receiver::<Slice>(vm, this)?))
    {
        text.push_str(mark);
        sequence::push_repr(vm, &mut text, &part)?;
    }
    text.push_str(")");
    Ok(vm.str_from_buf(text.finish()))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Slice>(), b.downcast::<Slice>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if x.is(y) {
        return Ok(Value::bool(op.holds(std::cmp::Ordering::Equal)));
    }
    let (x, y) = (parts(x), parts(y));
    sequence::compare(
        vm,
        op,
        |_, at| (x.get(at).cloned(), y.get(at).cloned()),
        |_| (3, 3),
    )
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let slice = receiver::<Slice>(vm, this)?;
    vm.enter(" while hashing a slice")?;
    let hash = hash_row(vm, &parts(slice), None);
    vm.leave();
    hash
}

fn bound(vm: &mut Vm, part: &Value) -> PyResult<BigInt> {
    if !is_index(vm, part) {
        return Err(
            vm.type_error("slice indices must be integers or None or have an __index__ method")
        );
    }
    Ok(big(&vm.index(part)?))
}

/// `slice.indices(length)` for a length of any size: start, stop and step.
pub(crate) fn long_indices(
    vm: &mut Vm,
    slice: &Slice,
    length: &BigInt,
) -> PyResult<(BigInt, BigInt, BigInt)> {
    let step = match slice.step.is_none() {
        true => BigInt::from(1),
        false => bound(vm, &slice.step)?,
    };
    if step == BigInt::ZERO {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let is_backwards = step < BigInt::ZERO;
    let (low, high) = if is_backwards {
        (BigInt::from(-1), length - BigInt::from(1))
    } else {
        (BigInt::ZERO, length.clone())
    };
    let cut = |mut index: BigInt| {
        if index < BigInt::ZERO {
            index += length;
        }
        index.max(low.clone()).min(high.clone())
    };
    let start = match slice.start.is_none() {
        true if is_backwards => high.clone(),
        true => low.clone(),
        false => cut(bound(vm, &slice.start)?),
    };
    let stop = match slice.stop.is_none() {
        true if is_backwards => low.clone(),
        true => high.clone(),
        false => cut(bound(vm, &slice.stop)?),
    };
    Ok((start, stop, step))
}

fn indices(vm: &mut Vm, this: &Value, length: &Value) -> PyResult {
    let slice = receiver::<Slice>(vm, this)?;
    let length = big(&vm.index(length)?);
    if length < BigInt::ZERO {
        return Err(vm.value_error("length should not be negative"));
    }
    let (start, stop, step) = long_indices(vm, slice, &length)?;
    let parts = [start, stop, step].map(|part| vm.int_from_big(part));
    Ok(vm.new_tuple(parts.to_vec()))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let args = parts(receiver::<Slice>(vm, this)?).to_vec();
    let args = vm.new_tuple(args);
    Ok(vm.new_tuple(vec![Value::from(&vm.types.slice), args]))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("start", |vm, this| {
        Ok(receiver::<Slice>(vm, this)?.start.clone())
    })
    .member(),
    GetSetDef::get("stop", |vm, this| {
        Ok(receiver::<Slice>(vm, this)?.stop.clone())
    })
    .member(),
    GetSetDef::get("step", |vm, this| {
        Ok(receiver::<Slice>(vm, this)?.step.clone())
    })
    .member(),
];

static METHODS: &[NativeDef] = &[
    NativeDef::one("indices", indices).signature("($self, object, /)"),
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.slice.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.compare.set(Some(compare));
    if vm.version_number() >= 12 {
        slots.hash.set(Some(hash));
    }
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.slice.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
}
