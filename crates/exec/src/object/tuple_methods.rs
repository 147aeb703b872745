//! tuple: slots and methods.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::list_methods::search_range;
use crate::object::native::NativeDef;
use crate::object::sequence::{self, Key, compare, key_of, place_of, push_repr, receiver};
use crate::object::slice::Indices;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::tuple::Tuple;
use crate::object::tuple_iter::TupleIterator;
use crate::object::type_::Type;
use crate::ops::containers::tuple_of;
use crate::value::Value;
use crate::vm::Vm;

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = match uses_init_of(ty, &vm.types.tuple) {
        true => args.between(vm, "tuple", 0, 1)?,
        false => Args::positional_only(args.positional()).between(vm, "tuple", 0, 1)?,
    };
    let tuple = match given.first() {
        Some(iterable) => tuple_of(vm, iterable)?,
        None => vm.new_tuple(Vec::new()),
    };
    if ty.is(&vm.types.tuple) {
        return Ok(tuple);
    }
    let items = receiver::<Tuple>(vm, &tuple)?.items().to_vec();
    Ok(Value::from(Tuple::of_type(ty, items)))
}

/// Whether a class has the same `__init__` as a built-in, so that nobody else could want keyword arguments.
pub fn uses_init_of(ty: &Ref<Type>, built_in: &Ref<Type>) -> bool {
    match (ty.slots.init.get(), built_in.slots.init.get()) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let tuple = receiver::<Tuple>(vm, this)?;
    let items = tuple.items();
    let close = if items.len() == 1 { ",)" } else { ")" };
    let mut items = items.iter();
    sequence::repr_items(vm, this, ("(", close), "(...)", |vm, text| {
        match items.next() {
            Some(item) => push_repr(vm, text, item).map(|()| true),
            None => Ok(false),
        }
    })
}

/// CPython's hash of a row of values: xxHash, simplified. With `len`, the number of values counts as well.
pub(crate) fn hash_row(vm: &mut Vm, items: &[Value], len: Option<usize>) -> PyResult<i64> {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    const PRIME_5: u64 = 2_870_177_450_012_600_261;
    let mut hash = PRIME_5;
    for item in items {
        let lane = vm.hash(item)? as u64;
        hash = hash.wrapping_add(lane.wrapping_mul(PRIME_2));
        hash = hash.rotate_left(31).wrapping_mul(PRIME_1);
    }
    if let Some(len) = len {
        hash = hash.wrapping_add(len as u64 ^ (PRIME_5 ^ 3_527_539));
    }
    Ok(match hash as i64 {
        -1 => 1_546_275_796,
        hash => hash,
    })
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let items = receiver::<Tuple>(vm, this)?.items();
    vm.enter(" while hashing a tuple")?;
    let hash = hash_row(vm, items, Some(items.len()));
    vm.leave();
    hash
}

fn compare_tuples(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (a, b) = (a.items(), b.items());
    compare(
        vm,
        op,
        |_, at| (a.get(at).cloned(), b.get(at).cloned()),
        |_| (a.len(), b.len()),
    )
}

fn contains(vm: &mut Vm, this: &Value, value: &Value) -> PyResult<bool> {
    for item in receiver::<Tuple>(vm, this)?.items() {
        if vm.eq(item, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let tuple = receiver::<Tuple>(vm, this)?;
    let items = tuple.items();
    match key_of(vm, key, "tuple")? {
        Key::Index(index) => match place_of(index, items.len()) {
            Some(at) => Ok(items[at].clone()),
            None => Err(vm.index_error("tuple index out of range")),
        },
        Key::Slice(start, stop, step) => {
            let picked = Indices::adjust(items.len(), start, stop, step);
            if picked.len == items.len() && step == 1 && tuple.is_exact() {
                return Ok(this.clone());
            }
            Ok(vm.new_tuple(picked.pick(items)))
        }
    }
}

fn concat(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let tuple = receiver::<Tuple>(vm, a)?;
    let other = b.downcast::<Tuple>();
    if tuple.items().is_empty() && other.is_some_and(|o| o.is_exact()) {
        return Ok(b.clone());
    }
    let Some(other) = other else {
        let found = vm.type_name(b);
        return Err(vm.type_error(format!(
            "can only concatenate tuple (not \"{found}\") to tuple"
        )));
    };
    if other.items().is_empty() && tuple.is_exact() {
        return Ok(a.clone());
    }
    let (first, then) = (tuple.items(), other.items());
    vm.check_growth((first.len() + then.len()) * size_of::<Value>())?;
    if first.is_empty() && then.is_empty() {
        return Ok(vm.new_tuple(Vec::new()));
    }
    Ok(Tuple::joined(&vm.types.tuple, first, then).into())
}

fn repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let tuple = receiver::<Tuple>(vm, this)?;
    let count = sequence::repeat_count(vm, count)?;
    if (tuple.items().is_empty() || count == 1) && tuple.is_exact() {
        return Ok(this.clone());
    }
    let items = sequence::repeat(vm, tuple.items(), count)?;
    Ok(vm.new_tuple(items))
}

fn index(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let items = receiver::<Tuple>(vm, this)?.items();
    let (start, stop) = search_range(vm, args, items.len())?;
    for (at, item) in items.iter().enumerate().take(stop).skip(start) {
        if vm.eq(item, &args[0])? {
            return Ok(vm.int(at as i64));
        }
    }
    Err(vm.value_error("tuple.index(x): x not in tuple"))
}

fn count(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let mut count = 0;
    for item in receiver::<Tuple>(vm, this)?.items() {
        count += vm.eq(item, value)? as i64;
    }
    Ok(vm.int(count))
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    let items = receiver::<Tuple>(vm, this)?.items().to_vec();
    let plain = vm.new_tuple(items);
    Ok(vm.new_tuple(vec![plain]))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__getnewargs__", get_new_args).signature("($self, /)"),
    NativeDef::range("index", 1, 3, index)
        .signature("($self, value, start=0, stop=sys.maxsize, /)"),
    NativeDef::one("count", count).signature("($self, value, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.tuple.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
        let tuple = receiver(vm, this)?;
        Ok(TupleIterator::new(vm, tuple))
    }));
    slots.hash.set(Some(hash));
    slots.compare.set(Some(compare_tuples));
    slots.len.set(Some(|vm, this| {
        Ok(receiver::<Tuple>(vm, this)?.items().len())
    }));
    slots.contains.set(Some(contains));
    slots.get_item.set(Some(get_item));
    slots.concat.set(Some(concat));
    slots.repeat.set(Some(repeat));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.tuple.clone();
    vm.add_methods(&ty, METHODS);
}
