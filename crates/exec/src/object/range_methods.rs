//! range: slots and methods, for ints of any size. The iterators are in `object/range_iter.rs` and `object/long_range_iter.rs`.

use std::cmp::Ordering;

use crate::call::Args;
use crate::error::PyResult;
use crate::numeric::bigint::BigInt;
use crate::object::header::Ref;
use crate::object::long_range_iter::LongRangeIterator;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::range::Range;
use crate::object::range_iter::RangeIterator;
use crate::object::sequence::{is_index, receiver};
use crate::object::slice::Slice;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::tuple_methods::hash_row;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// An int's value as a big int; zero for anything else.
pub(crate) fn big(value: &Value) -> BigInt {
    value
        .as_int()
        .map(|n| n.to_big().into_owned())
        .unwrap_or_default()
}

/// The number of ints from `start` to before `stop`; the step is not zero.
pub(crate) fn length(start: &BigInt, stop: &BigInt, step: &BigInt) -> BigInt {
    let one = BigInt::from(1);
    match step.cmp(&BigInt::ZERO) {
        Ordering::Greater if start < stop => (stop - start - &one) / step + one,
        Ordering::Less if start > stop => (start - stop - &one) / -step + one,
        _ => BigInt::ZERO,
    }
}

fn small_length(start: i64, stop: i64, step: i64) -> i64 {
    match step.cmp(&0) {
        Ordering::Greater if start < stop => (stop - start - 1) / step + 1,
        Ordering::Less if start > stop => (start - stop - 1) / -step + 1,
        _ => 0,
    }
}

impl Vm {
    /// `range(start, stop, step)` of ints; the step is not zero.
    pub(crate) fn make_range(&self, start: Value, stop: Value, step: Value) -> Value {
        let small = (
            start.as_small_int(),
            stop.as_small_int(),
            step.as_small_int(),
        );
        let length = match small {
            // Inline ints are far from the ends of an i64.
            (Some(start), Some(stop), Some(step)) => self.int(small_length(start, stop, step)),
            _ => self.int_from_big(length(&big(&start), &big(&stop), &big(&step))),
        };
        self.new_range(start, stop, step, length)
    }
}

fn new(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = args.between(vm, "range", 1, 3)?;
    let one = vm.int(1);
    let (start, stop, step) = match given {
        [stop] => (vm.int(0), vm.index(stop)?, one),
        [start, stop] => (vm.index(start)?, vm.index(stop)?, one),
        [start, stop, step, ..] => (vm.index(start)?, vm.index(stop)?, vm.index(step)?),
        [] => return Ok(Value::NONE),
    };
    if step.as_small_int() == Some(0) {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(vm.make_range(start, stop, step))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let range = receiver::<Range>(vm, this)?;
    let (start, stop) = (vm.repr_text(&range.start)?, vm.repr_text(&range.stop)?);
    let text = match range.step.as_small_int() {
        Some(1) => format!("range({start}, {stop})"),
        _ => format!("range({start}, {stop}, {})", vm.repr_text(&range.step)?),
    };
    Ok(vm.new_str(&text))
}

fn len(vm: &mut Vm, this: &Value) -> PyResult<usize> {
    let range = receiver::<Range>(vm, this)?;
    let length = range.length.as_int().and_then(|n| n.to_i64());
    match length.and_then(|n| usize::try_from(n).ok()) {
        Some(len) => Ok(len),
        None => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
    }
}

/// The item at an index, which may be beyond the end.
fn item(vm: &Vm, range: &Range, index: &BigInt) -> Value {
    if let (Some((start, step, _)), Ok(index)) = (range.small(), i64::try_from(index))
        && let Some(n) = index.checked_mul(step).and_then(|n| n.checked_add(start))
    {
        return vm.int(n);
    }
    vm.int_from_big(big(&range.start) + index * big(&range.step))
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let range = receiver::<Range>(vm, this)?;
    if let (Some((start, step, length)), Some(index)) = (range.small(), key.as_small_int()) {
        let index = if index < 0 { index + length } else { index };
        if (0..length).contains(&index) {
            return Ok(vm.int(start + index * step));
        }
        return Err(vm.index_error("range object index out of range"));
    }
    if let Some(slice) = key.downcast::<Slice>() {
        return pick(vm, range, slice);
    }
    if !is_index(vm, key) {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!(
            "range indices must be integers or slices, not {found}"
        )));
    }
    let mut index = big(&vm.index(key)?);
    let length = big(&range.length);
    if index < BigInt::ZERO {
        index += &length;
    }
    if index < BigInt::ZERO || index >= length {
        return Err(vm.index_error("range object index out of range"));
    }
    Ok(item(vm, range, &index))
}

/// `range[slice]`: a range again.
fn pick(vm: &mut Vm, range: &Ref<Range>, slice: &Ref<Slice>) -> PyResult {
    let (start, stop, step) =
        crate::object::slice_methods::long_indices(vm, slice, &big(&range.length))?;
    let step_value = vm.int_from_big(&step * big(&range.step));
    let (start, stop) = (item(vm, range, &start), item(vm, range, &stop));
    Ok(vm.make_range(start, stop, step_value))
}

/// The index of an int, if it is in the range.
fn place_of(range: &Range, value: &Value) -> Option<BigInt> {
    if let (Some((start, step, length)), Some(n)) = (range.small(), value.as_small_int()) {
        let distance = n - start;
        let index = distance / step;
        let is_in = distance % step == 0 && (0..length).contains(&index);
        return is_in.then(|| BigInt::from(index));
    }
    let (start, step, length) = (big(&range.start), big(&range.step), big(&range.length));
    let distance = big(value) - start;
    let index = &distance / &step;
    let is_in = &index * &step == distance && index >= BigInt::ZERO && index < length;
    is_in.then_some(index)
}

/// Whether a value is an int or a bool, not an instance of a subclass that may compare as it likes.
fn is_plain_int(vm: &Vm, value: &Value) -> bool {
    let ty = vm.type_of(value);
    ty.is(&vm.types.int) || ty.is(&vm.types.bool)
}

fn contains(vm: &mut Vm, this: &Value, value: &Value) -> PyResult<bool> {
    if is_plain_int(vm, value) {
        let range = receiver::<Range>(vm, this)?;
        return Ok(place_of(range, value).is_some());
    }
    vm.contains_by_iteration(this, value)
}

pub(crate) fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    let range = receiver::<Range>(vm, this)?;
    Ok(iterator(vm, &range.start, &range.step, &range.length))
}

/// An iterator over `length` ints from `start` on: the fast one if all are inline.
fn iterator(vm: &Vm, start: &Value, step: &Value, length: &Value) -> Value {
    let small = (
        start.as_small_int(),
        step.as_small_int(),
        length.as_small_int(),
    );
    if let (Some(first), Some(step), Some(length)) = small {
        let last = step
            .checked_mul((length - 1).max(0))
            .and_then(|n| n.checked_add(first));
        if last.and_then(Value::small_int).is_some() {
            return RangeIterator::new(vm, first, step, length);
        }
    }
    LongRangeIterator::new(vm, start.clone(), step.clone(), length.clone())
}

fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let range = receiver::<Range>(vm, this)?;
    let last = item(vm, range, &(big(&range.length) - BigInt::from(1)));
    let step = vm.int_from_big(-big(&range.step));
    Ok(iterator(vm, &last, &step, &range.length))
}

/// What makes ranges equal: the length, the start if there is an item, the step if there are two.
fn identity(range: &Range) -> [Value; 3] {
    let length = range.length.clone();
    match length.as_small_int() {
        Some(0) => [length, Value::NONE, Value::NONE],
        Some(1) => [length, range.start.clone(), Value::NONE],
        _ => [length, range.start.clone(), range.step.clone()],
    }
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Range>(), b.downcast::<Range>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = identity(a)
        .iter()
        .zip(&identity(b))
        .all(|(a, b)| a.is_none() == b.is_none() && big(a) == big(b));
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let range = receiver::<Range>(vm, this)?;
    hash_row(vm, &identity(range), Some(3))
}

fn count(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    if is_plain_int(vm, value) {
        let is_in = contains(vm, this, value)?;
        return Ok(vm.int(is_in as i64));
    }
    let mut count = 0;
    vm.for_each(this, |vm, item| {
        count += vm.eq(&item, value)? as i64;
        Ok(())
    })?;
    Ok(vm.int(count))
}

fn index(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let range = receiver::<Range>(vm, this)?;
    if is_plain_int(vm, value) {
        if let Some(index) = place_of(range, value) {
            return Ok(vm.int_from_big(index));
        }
        if vm.version_number() >= 14 {
            return Err(vm.value_error("range.index(x): x not in range"));
        }
        let text = vm.repr_text(value)?;
        return Err(vm.value_error(format!("{text} is not in range")));
    }
    let iterator = iter(vm, this)?;
    let mut at = 0;
    while let Some(item) = vm.next(&iterator)? {
        if vm.eq(&item, value)? {
            return Ok(vm.int(at));
        }
        at += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let range = receiver::<Range>(vm, this)?;
    let args = vec![range.start.clone(), range.stop.clone(), range.step.clone()];
    let args = vm.new_tuple(args);
    Ok(vm.new_tuple(vec![Value::from(&vm.types.range), args]))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("start", |vm, this| {
        Ok(receiver::<Range>(vm, this)?.start.clone())
    })
    .member(),
    GetSetDef::get("stop", |vm, this| {
        Ok(receiver::<Range>(vm, this)?.stop.clone())
    })
    .member(),
    GetSetDef::get("step", |vm, this| {
        Ok(receiver::<Range>(vm, this)?.step.clone())
    })
    .member(),
];

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reversed__", reversed).signature("($self, /)"),
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
    NativeDef::one("count", count).signature("($self, object, /)"),
    NativeDef::one("index", index).signature("($self, object, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.range.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    slots.len.set(Some(len));
    slots.bool.set(Some(|vm, this| {
        Ok(receiver::<Range>(vm, this)?.length.as_small_int() != Some(0))
    }));
    slots.get_item.set(Some(get_item));
    slots.contains.set(Some(contains));
    slots.compare.set(Some(compare));
    slots.hash.set(Some(hash));
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.range.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
}
