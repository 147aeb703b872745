//! The slots of bytes, of which bytearray shares some, and its constructor.

use crate::call::{Args, Bound, Params};
use crate::error::{PyResult, Raised};
use crate::object::buffer::{
    BYTE_RANGE, byte_value, bytes_like, bytes_of, collect_bytes_of, data, not_bytes_like,
    same_class, unchanged,
};
use crate::object::bytearray::hold;
use crate::object::bytes::Bytes;
use crate::object::bytes_iter::BytesIterator;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::sequence::{is_index, place_of};
use crate::object::slice::{Indices, Slice};
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::text_args::too_large;
use crate::object::type_::Type;
use crate::object::{
    bytes_build, bytes_percent, bytes_search, bytes_split, codec, memoryview_methods,
};
use crate::text;
use crate::value::Value;
use crate::vm::Vm;

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let repr = text::bytes_repr(data(vm, this));
    Ok(vm.str_from_buf(repr))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    Ok(this.downcast::<Bytes>().map_or(0, |bytes| bytes.hash(vm)))
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match (a.downcast::<Bytes>(), b.downcast::<Bytes>()) {
        (Some(a), Some(b)) => Ok(op.holds(a.data().cmp(b.data())).into()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn len(vm: &mut Vm, this: &Value) -> PyResult<usize> {
    Ok(data(vm, this).len())
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    get_item_named(vm, this, key, "byte", "index out of range")
}

/// `this[key]`; the class and the message for an index out of range are as CPython has them.
pub(super) fn get_item_named(
    vm: &mut Vm,
    this: &Value,
    key: &Value,
    class: &str,
    out_of_range: &str,
) -> PyResult {
    if let Some(slice) = key.downcast::<Slice>() {
        // `__index__` of the slice's parts may change a bytearray, so the length is taken after it.
        let (start, stop, step) = vm.unpack_slice(slice)?;
        let bytes = data(vm, this);
        let picked = Indices::adjust(bytes.len(), start, stop, step);
        if picked.len == bytes.len() && picked.step == 1 {
            return Ok(unchanged(vm, this));
        }
        let (start, step) = (picked.start.max(0) as usize, picked.step as isize);
        let part = text::bytes::slice(bytes, start, step, picked.len).into_owned();
        return Ok(same_class(vm, this, part));
    }
    if !is_index(vm, key) {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!(
            "{class} indices must be integers or slices, not {found}"
        )));
    }
    let index = vm.index_for(key)?;
    let bytes = data(vm, this);
    match place_of(index, bytes.len()) {
        Some(index) => Ok(vm.int(bytes[index].into())),
        None => Err(vm.index_error(out_of_range)),
    }
}

pub(super) fn contains(vm: &mut Vm, this: &Value, item: &Value) -> PyResult<bool> {
    if is_index(vm, item) {
        match hold(vm, this, |vm| byte_value(vm, item, BYTE_RANGE)) {
            Ok(byte) => return Ok(data(vm, this).contains(&byte)),
            Err(raised) if raised.is(vm, &vm.types.value_error) => return Err(raised),
            Err(_) => {}
        }
    }
    match hold(vm, this, |vm| bytes_like(vm, item))? {
        Some(item) => Ok(text::bytes::contains(data(vm, this), data(vm, &item))),
        None => Err(not_bytes_like(vm, item)),
    }
}

pub(super) fn concat(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some(right) = bytes_of(vm, b) else {
        let (found, class) = (vm.type_name(b), vm.type_name(a));
        return Err(vm.type_error(format!("can't concat {found} to {class}")));
    };
    let left = data(vm, a);
    if right.is_empty() {
        return Ok(unchanged(vm, a));
    }
    let is_plain = |value: &Value| value.downcast::<Bytes>().is_some_and(|b| b.is_exact());
    if left.is_empty() && is_plain(a) && is_plain(b) {
        return Ok(b.clone());
    }
    if left.len().saturating_add(right.len()) > vm.max_size() {
        return Err(vm.memory_error());
    }
    let joined = [left, right].concat();
    Ok(same_class(vm, a, joined))
}

pub(super) fn repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = vm.index_as_i64_for_repeat(count)?;
    if count == 1 {
        return Ok(unchanged(vm, this));
    }
    match text::bytes::repeat(data(vm, this), count, vm.max_size()) {
        Ok(bytes) => Ok(same_class(vm, this, bytes)),
        Err(error) if this.downcast::<Bytes>().is_none() => {
            let _ = error;
            Err(vm.memory_error())
        }
        Err(error) => Err(too_large(vm, error, "repeated bytes are too long")),
    }
}

fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(BytesIterator::new(&vm.types.bytes_iterator, this))
}

pub(super) static NEW: Params = Params::new(&["source", "encoding", "errors"], 0);

/// What the arguments of `bytes()` and `bytearray()` say, the object apart.
pub(super) fn source_from_text(
    vm: &mut Vm,
    bound: &Bound<'_>,
    class: &str,
) -> PyResult<Option<Vec<u8>>> {
    let encoding = codec::name_argument(vm, bound.get(1), class, "encoding")?;
    let errors = codec::name_argument(vm, bound.get(2), class, "errors")?;
    let source = bound.get(0);
    let is_text = source.is_some_and(|source| source.downcast::<Str>().is_some());
    match (source, encoding, errors) {
        (Some(source), Some(encoding), errors) if is_text => {
            codec::encode(vm, source, Some(&encoding), errors.as_deref()).map(Some)
        }
        (_, Some(_), _) => Err(vm.type_error("encoding without a string argument")),
        (_, None, Some(_)) if !is_text => Err(vm.type_error("errors without a string argument")),
        (Some(source), None, None) if class == "bytes" && has_bytes_method(vm, source) => Ok(None),
        _ if is_text => Err(vm.type_error("string argument without an encoding")),
        (None, ..) => Ok(Some(Vec::new())),
        _ => Ok(None),
    }
}

fn has_bytes_method(vm: &mut Vm, source: &Value) -> bool {
    let name = vm.intern("__bytes__");
    vm.type_of(source).clone().lookup(vm, &name).is_some()
}

/// The bytes of an object that is neither text nor has `__bytes__`: so many zeros, a copy, or the items.
pub(super) fn source_from_object(
    vm: &mut Vm,
    source: &Value,
    class: &str,
    range_message: &str,
) -> PyResult<Vec<u8>> {
    if is_index(vm, source) {
        let found = vm.type_name(source);
        let message = format!("cannot fit '{found}' into an index-sized integer");
        match vm.index_as_i64(source, &message) {
            Ok(count) => {
                let Ok(count) = usize::try_from(count) else {
                    return Err(vm.value_error("negative count"));
                };
                if count > vm.max_size() {
                    return Err(vm.memory_error());
                }
                vm.check_growth(count)?;
                return Ok(vec![0; count]);
            }
            Err(raised) if !raised.is(vm, &vm.types.type_error) => return Err(raised),
            Err(_) => {}
        }
    }
    if let Some(bytes) = bytes_of(vm, source) {
        return Ok(bytes.to_vec());
    }
    if let Some(view) = vm.memory_view(source)? {
        let bytes = view.to_vec(vm, true);
        memoryview_methods::release(vm, view.as_value())?;
        return Ok(bytes);
    }
    let iterator = match vm.iter(source) {
        Err(raised) if raised.is(vm, &vm.types.type_error) => {
            let found = vm.type_name(source);
            return Err(vm.type_error(format!("cannot convert '{found}' object to {class}")));
        }
        iterator => iterator?,
    };
    if class == "bytes" {
        vm.ask_length(source)?;
    }
    collect_bytes_of(vm, &iterator, range_message)
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "bytes", &NEW)?;
    let bytes = match (source_from_text(vm, &bound, "bytes")?, bound.get(0)) {
        (Some(bytes), _) => bytes,
        (None, Some(source)) => {
            let is_exact = source.downcast::<Bytes>().is_some_and(|b| b.is_exact());
            if is_exact && ty.is(&vm.types.bytes) {
                return Ok(source.clone());
            }
            let name = vm.names.__bytes__.clone();
            match vm.call_special_opt(source, &name, &[])? {
                Some(result) => match result.downcast::<Bytes>() {
                    Some(_) if ty.is(&vm.types.bytes) => return Ok(result),
                    Some(bytes) => bytes.data().to_vec(),
                    None => {
                        return Err(not_bytes(vm, source, &result));
                    }
                },
                None => {
                    let message = "bytes must be in range(0, 256)";
                    source_from_object(vm, source, "bytes", message)?
                }
            }
        }
        (None, None) => Vec::new(),
    };
    Ok(match ty.is(&vm.types.bytes) {
        true => vm.new_bytes(bytes),
        false => Value::from(Bytes::of_type(ty, bytes)),
    })
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    let copy = vm.new_bytes(data(vm, this).to_vec());
    Ok(vm.new_tuple(vec![copy]))
}

fn dunder_bytes(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(unchanged(vm, this))
}

fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    // CPython's: a header of 32 bytes and a zero behind the data.
    Ok(vm.int(data(vm, this).len() as i64 + 33))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__getnewargs__", get_new_args),
    NativeDef::no_args("__bytes__", dunder_bytes).signature("($self, /)"),
    NativeDef::no_args("__sizeof__", size_of),
];

/// The methods that bytes and bytearray share.
pub(super) static SHARED_METHODS: [&[NativeDef]; 4] = [
    codec::BYTES_METHODS,
    bytes_build::METHODS,
    bytes_search::METHODS,
    bytes_split::METHODS,
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.bytes.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Str as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    slots.hash.set(Some(hash));
    slots.compare.set(Some(compare));
    slots.len.set(Some(len));
    slots.get_item.set(Some(get_item));
    slots.contains.set(Some(contains));
    slots.concat.set(Some(concat));
    slots.repeat.set(Some(repeat));
    slots.binary[BinaryOp::Remainder as usize].set(Some(bytes_percent::remainder::<Bytes>));
    slots.new.set(Some(new));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.bytes.clone();
    vm.add_methods(&ty, METHODS);
    for methods in SHARED_METHODS {
        vm.add_methods(&ty, methods);
    }
}

/// The complaint about a `__bytes__` that gave something else.
#[cold]
pub(crate) fn not_bytes(vm: &mut Vm, value: &Value, result: &Value) -> Raised {
    let message = vm.wrong_result(value, "__bytes__", "a bytes", result, |found| {
        format!("__bytes__ returned non-bytes (type {found})")
    });
    vm.type_error(message)
}
