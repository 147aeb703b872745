//! The slots of bytearray, its constructor, and what pickling needs; what changes one is in `bytearray_change.rs`.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::buffer::{BYTE_RANGE, bytes_of, data};
use crate::object::bytearray::ByteArray;
use crate::object::bytes_iter::BytesIterator;
use crate::object::bytes_methods::{
    NEW, SHARED_METHODS, concat, contains, get_item_named, len, repeat, source_from_object,
    source_from_text,
};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::object_reduce::get_state;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::text_args::size_or;
use crate::object::type_::Type;
use crate::object::{bytearray_change, bytes_percent};
use crate::text::{StrBuf, StrBuilder, bytearray_inner_repr};
use crate::value::Value;
use crate::vm::Vm;

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let inner = bytearray_inner_repr(data(vm, this), vm.version_number());
    let mut out = StrBuilder::with_capacity(inner.len() + 11);
    out.push_str(&vm.type_name(this));
    out.push_str("(");
    out.push_view(inner.view());
    out.push_str(")");
    Ok(vm.str_from_buf(out.finish()))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match (bytes_of(vm, a), bytes_of(vm, b)) {
        (Some(a), Some(b)) => Ok(op.holds(a.cmp(b)).into()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    get_item_named(vm, this, key, "bytearray", "bytearray index out of range")
}

fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(BytesIterator::new(&vm.types.bytearray_iterator, this))
}

fn new(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    Ok(Value::from(ByteArray::of_type(ty, Vec::new())))
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let bound = args.bind(vm, "bytearray", &NEW)?;
    let bytes = match (source_from_text(vm, &bound, "bytearray")?, bound.get(0)) {
        (Some(bytes), _) => bytes,
        (None, Some(source)) => source_from_object(vm, source, "bytearray", BYTE_RANGE)?,
        (None, None) => Vec::new(),
    };
    if bytes.len() != data(vm, this).len() {
        bytearray_change::check_resizable(vm, this)?;
    }
    if let Some(array) = this.downcast::<ByteArray>() {
        *array.data.get_mut(vm) = bytes;
    }
    Ok(())
}

/// What `__reduce__` gives: the class, its arguments, and the instance's dict.
fn reduce_for(vm: &mut Vm, this: &Value, protocol: isize) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let bytes = data(vm, this).to_vec();
    let arguments = if protocol > 2 {
        vec![vm.new_bytes(bytes)]
    } else if bytes.is_empty() {
        Vec::new()
    } else {
        let text = vm.str_from_buf(StrBuf::from_latin1(bytes));
        vec![text, vm.new_str("latin-1")]
    };
    let arguments = vm.new_tuple(arguments);
    let state = get_state(vm, this)?;
    Ok(vm.new_tuple(vec![class, arguments, state]))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    reduce_for(vm, this, 2)
}

fn reduce_ex(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let protocol = size_or(vm, args.first(), 0)?;
    reduce_for(vm, this, protocol)
}

/// CPython's `ob_alloc` of a bytearray that was made in one go.
fn allocated(vm: &Vm, this: &Value) -> i64 {
    match data(vm, this).len() {
        0 => 0,
        len => len as i64 + 1,
    }
}

fn alloc(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(vm.int(allocated(vm, this)))
}

fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(vm.int(56 + allocated(vm, this)))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
    NativeDef::range("__reduce_ex__", 0, 1, reduce_ex).signature("($self, proto=0, /)"),
    NativeDef::no_args("__alloc__", alloc),
    NativeDef::no_args("__sizeof__", size_of).signature("($self, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.bytearray.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Str as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    slots.compare.set(Some(compare));
    slots.len.set(Some(len));
    slots.get_item.set(Some(get_item));
    slots.set_item.set(Some(bytearray_change::set_item));
    slots.contains.set(Some(contains));
    slots.concat.set(Some(concat));
    slots.repeat.set(Some(repeat));
    slots
        .in_place_concat
        .set(Some(bytearray_change::in_place_concat));
    slots
        .in_place_repeat
        .set(Some(bytearray_change::in_place_repeat));
    slots.binary[BinaryOp::Remainder as usize].set(Some(bytes_percent::remainder::<ByteArray>));
    slots.new.set(Some(new));
    slots.init.set(Some(init));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.bytearray.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_methods(&ty, bytearray_change::METHODS);
    for methods in SHARED_METHODS {
        vm.add_methods(&ty, methods);
    }
}
