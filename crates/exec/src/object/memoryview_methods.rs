//! The slots, methods and attributes of memoryview, and its iterator.

use std::cell::Cell;

use crate::call::{Args, Bound, Params};
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::bytes_build::{HEX, group_of, hex_in_groups};
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::memoryview::MemoryView;
use crate::object::memoryview_cast::{CAST, cast};
use crate::object::memoryview_format::{is_byte, unpack};
use crate::object::memoryview_items::{get_item, item, set_item};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::text_args::{clinic_type, text};
use crate::object::type_::Type;
use crate::object::typed_bytes::TypedBytes;
use crate::value::Value;
use crate::vm::Vm;

/// A memory iterator's payload.
pub struct MemoryIterator {
    view: ValueCell,
    index: Cell<i64>,
    len: i64,
}

impl Payload for MemoryIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.view.traverse(visit);
    }
}

/// The view that a method is called on, unless it is released.
fn open<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<MemoryView>> {
    let view = receiver::<MemoryView>(vm, this)?;
    view.check(vm)?;
    Ok(view)
}

static NEW: Params = Params::new(&["object"], 1);

fn new(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "memoryview", &NEW)?;
    view_of(vm, bound.get(0).unwrap_or(&Value::NONE))
}

fn view_of(vm: &mut Vm, object: &Value) -> PyResult {
    match vm.memory_view(object)? {
        Some(view) => Ok(Value::from(view)),
        None => {
            let found = vm.type_name(object);
            Err(vm.type_error(format!(
                "memoryview: a bytes-like object is required, not '{found}'"
            )))
        }
    }
}

static FROM_FLAGS: Params = Params::new(&["object", "flags"], 2);
/// PyBUF_WRITABLE.
const WRITABLE: i64 = 1;

fn from_flags(vm: &mut Vm, _class: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(object), Some(flags)) = (args.get(0), args.get(1)) else {
        return Ok(Value::NONE);
    };
    let flags = vm.index_as_i64(flags, "Python int too large to convert to C int")?;
    let view = view_of(vm, object)?;
    check_flags(vm, view, flags)
}

fn check_flags(vm: &mut Vm, view: Value, flags: i64) -> PyResult {
    let is_read_only = view
        .downcast::<MemoryView>()
        .is_some_and(|view| view.layout.is_read_only);
    if flags & WRITABLE != 0 && is_read_only {
        let class = vm.types.buffer_error.clone();
        return Err(vm.error(&class, "Object is not writable."));
    }
    Ok(view)
}

/// `__buffer__` of the built-in classes that have bytes to show.
pub fn buffer(vm: &mut Vm, this: &Value, flags: &Value) -> PyResult {
    let flags = vm.index_as_i64(flags, "Python int too large to convert to C int")?;
    let view = view_of(vm, this)?;
    check_flags(vm, view, flags)
}

/// `__release_buffer__`: lets go of a view that `__buffer__` gave.
pub fn release_buffer(vm: &mut Vm, this: &Value, view: &Value) -> PyResult {
    let Some(view) = view.downcast::<MemoryView>() else {
        return Err(vm.type_error("expected a memoryview object"));
    };
    view.check(vm)?;
    let shows_this = match this.downcast::<MemoryView>() {
        Some(other) => match (other.object(vm), view.object(vm)) {
            (Some(a), Some(b)) => a.is(b),
            _ => false,
        },
        None => {
            let typed = this.downcast::<TypedBytes>();
            let this = typed.map_or(this, |typed| typed.bytes.as_value());
            view.object(vm).is_some_and(|object| object.is(this))
        }
    };
    if !shows_this {
        return Err(vm.value_error("memoryview's buffer is not this object"));
    }
    view.release(vm);
    Ok(Value::NONE)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let view = receiver::<MemoryView>(vm, this)?;
    let kind = match view.object(vm) {
        Some(_) => "memory",
        None => "released memory",
    };
    Ok(vm.new_str(&format!("<{kind} at {:#x}>", this.id())))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    if let Some(hash) = receiver::<MemoryView>(vm, this)?.hash.get() {
        return Ok(hash);
    }
    let view = open(vm, this)?.clone();
    if !view.layout.is_read_only {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !is_byte(view.layout.code()) {
        let message = "memoryview: hashing is restricted to formats 'B', 'b' or 'c'";
        return Err(vm.value_error(message));
    }
    let bytes = view.to_vec(vm, true);
    let hash = vm.hash_key.hash_bytes(&bytes);
    view.hash.set(Some(hash));
    Ok(hash)
}

fn compare(vm: &mut Vm, this: &Value, other: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let answer = |equal: bool| Ok(Value::bool(equal == (op == CompareOp::Eq)));
    let view = receiver::<MemoryView>(vm, this)?;
    if view.object(vm).is_none() {
        return answer(this.is(other));
    }
    if let Some(other_view) = other.downcast::<MemoryView>()
        && other_view.object(vm).is_none()
    {
        return answer(this.is(other));
    }
    let Some(other) = vm.memory_view(other)? else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if view.layout.shape != other.layout.shape {
        return answer(false);
    }
    let (a, b) = (view.to_vec(vm, true), other.to_vec(vm, true));
    let (a_code, b_code) = (view.layout.code(), other.layout.code());
    if a_code == b_code && !matches!(a_code, b'e' | b'f' | b'd' | b'?') {
        return answer(a == b);
    }
    let items = a
        .chunks(view.layout.item_size)
        .zip(b.chunks(other.layout.item_size));
    for (a, b) in items {
        let (a, b) = (unpack(vm, a_code, a), unpack(vm, b_code, b));
        // By value, so that a NaN differs from itself.
        let equal = vm.compare(&a, &b, CompareOp::Eq)?;
        if !vm.truth(&equal)? {
            return answer(false);
        }
    }
    answer(true)
}

fn len(vm: &mut Vm, this: &Value) -> PyResult<usize> {
    let view = open(vm, this)?;
    match view.layout.shape.first() {
        Some(len) => Ok(*len),
        None => Err(vm.type_error("0-dim memory has no length")),
    }
}

fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    let view = open(vm, this)?;
    let Some(len) = view
        .layout
        .shape
        .first()
        .filter(|_| view.layout.shape.len() == 1)
    else {
        return Err(match view.layout.shape.len() {
            0 => vm.type_error("invalid indexing of 0-dim memory"),
            _ => vm.error(
                &vm.types.not_implemented_error.clone(),
                "multi-dimensional sub-views are not implemented",
            ),
        });
    };
    let iterator = MemoryIterator {
        view: ValueCell::new(Some(this.clone())),
        index: Cell::new(0),
        len: *len as i64,
    };
    Ok(Value::from(Ref::new(&vm.types.memory_iterator, iterator)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<MemoryIterator>(vm, this)?;
    let Some(view) = iterator.view.get() else {
        return Ok(None);
    };
    let view = open(vm, &view)?;
    let index = iterator.index.get();
    if index < iterator.len {
        iterator.index.set(index + 1);
        return item(vm, view, index).map(Some);
    }
    iterator.view.set(None);
    Ok(None)
}

/// `view.release()`.
pub(super) fn release(vm: &mut Vm, this: &Value) -> PyResult {
    let view = receiver::<MemoryView>(vm, this)?;
    if view.object(vm).is_none() {
        return Ok(Value::NONE);
    }
    let exports = view.exports.get();
    if exports > 0 {
        let s = if exports == 1 { "" } else { "s" };
        let message = format!("memoryview has {exports} exported buffer{s}");
        return Err(vm.error(&vm.types.buffer_error.clone(), message));
    }
    let wrapped = view.wrapped.clone();
    if let Some(wrapped) = wrapped {
        let shown = view.object(vm).cloned().unwrap_or(Value::NONE);
        let inner = MemoryView::new(vm, shown, None, view.layout.clone());
        let name = vm.intern("__release_buffer__");
        vm.call_special_opt(&wrapped, &name, &[Value::from(inner)])?;
    }
    view.release(vm);
    Ok(Value::NONE)
}

fn enter(vm: &mut Vm, this: &Value) -> PyResult {
    open(vm, this)?;
    Ok(this.clone())
}

fn exit(vm: &mut Vm, this: &Value, _args: Args<'_>) -> PyResult {
    release(vm, this)
}

static TO_BYTES: Params = Params::new(&["order"], 0);

fn to_bytes(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let order = match args.not_none(0) {
        None => b'C',
        Some(order) if order.downcast::<Str>().is_some() => {
            let order = text(order);
            match (order.len(), order.get(0)) {
                (1, Some(c)) if c == u32::from(b'F') => b'F',
                (1, Some(c)) if c == u32::from(b'A') => b'A',
                (1, Some(c)) if c == u32::from(b'C') => b'C',
                _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
            }
        }
        Some(order) => {
            let found = clinic_type(vm, order);
            return Err(vm.type_error(format!(
                "tobytes() argument 'order' must be str or None, not {found}"
            )));
        }
    };
    let view = open(vm, this)?;
    let layout = &view.layout;
    let as_fortran = layout.is_f_contiguous() && !layout.is_c_contiguous();
    let last_first = order == b'C' || order == b'A' && !as_fortran;
    let bytes = view.to_vec(vm, last_first);
    Ok(vm.new_bytes(bytes))
}

fn hex(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let group = group_of(vm, args)?;
    let view = open(vm, this)?.clone();
    let bytes = view.to_vec(vm, true);
    let bytes = vm.new_bytes(bytes);
    let held = usize::from(vm.version_number() >= 13);
    view.exports.set(view.exports.get() + held);
    let text = hex_in_groups(vm, &bytes, args.get(0), group);
    view.exports.set(view.exports.get() - held);
    text
}

/// The items from `place` on as nested lists, one level a dimension.
fn nested(vm: &Vm, view: &Ref<MemoryView>, dimension: usize, place: isize) -> Value {
    let layout = &view.layout;
    let Some(len) = layout.shape.get(dimension) else {
        return view.item_at(vm, place);
    };
    let items = (0..*len as isize)
        .map(|i| {
            nested(
                vm,
                view,
                dimension + 1,
                place + i * layout.strides[dimension],
            )
        })
        .collect();
    vm.new_list(items)
}

fn to_list(vm: &mut Vm, this: &Value) -> PyResult {
    let view = open(vm, this)?;
    Ok(nested(vm, view, 0, view.layout.start))
}

fn to_read_only(vm: &mut Vm, this: &Value) -> PyResult {
    let view = open(vm, this)?;
    let object = view.object(vm).cloned().unwrap_or(Value::NONE);
    let mut layout = view.layout.clone();
    layout.is_read_only = true;
    let view = MemoryView::new(vm, object, view.wrapped.clone(), layout);
    Ok(Value::from(view))
}

static METHODS: &[NativeDef] = &[
    NativeDef::bound("_from_flags", &FROM_FLAGS, from_flags)
        .class()
        .signature("($type, /, object, flags)"),
    NativeDef::no_args("release", release).signature("($self, /)"),
    NativeDef::bound("tobytes", &TO_BYTES, to_bytes).signature("($self, /, order='C')"),
    NativeDef::bound("hex", &HEX, hex)
        .signature("($self, /, sep=<unrepresentable>, bytes_per_sep=1)"),
    NativeDef::no_args("tolist", to_list).signature("($self, /)"),
    NativeDef::bound("cast", &CAST, cast).signature("($self, /, format, shape=<unrepresentable>)"),
    NativeDef::no_args("toreadonly", to_read_only).signature("($self, /)"),
    NativeDef::no_args("__enter__", enter),
    NativeDef::any("__exit__", exit),
];

/// `__buffer__` and `__release_buffer__`.
pub(crate) static BUFFER_METHODS: &[NativeDef] = &[
    NativeDef::one("__buffer__", buffer)
        .signature("($self, flags, /)")
        .since(12),
    NativeDef::one("__release_buffer__", release_buffer)
        .signature("($self, buffer, /)")
        .since(12),
];

/// A tuple of lengths or distances.
fn sizes(vm: &Vm, sizes: impl Iterator<Item = i64>) -> Value {
    let sizes = sizes.map(|n| vm.int(n)).collect();
    vm.new_tuple(sizes)
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("obj", |vm, this| {
        let view = open(vm, this)?;
        Ok(match &view.wrapped {
            Some(wrapped) => wrapped.clone(),
            None => view.object(vm).cloned().unwrap_or(Value::NONE),
        })
    }),
    GetSetDef::get("nbytes", |vm, this| {
        let len = open(vm, this)?.layout.byte_len();
        Ok(vm.int(len as i64))
    }),
    GetSetDef::get("readonly", |vm, this| {
        Ok(Value::bool(open(vm, this)?.layout.is_read_only))
    }),
    GetSetDef::get("itemsize", |vm, this| {
        let size = open(vm, this)?.layout.item_size;
        Ok(vm.int(size as i64))
    }),
    GetSetDef::get("format", |vm, this| {
        let view = open(vm, this)?;
        Ok(vm.new_str(&view.layout.format))
    }),
    GetSetDef::get("ndim", |vm, this| {
        let dimensions = open(vm, this)?.layout.shape.len();
        Ok(vm.int(dimensions as i64))
    }),
    GetSetDef::get("shape", |vm, this| {
        let view = open(vm, this)?;
        Ok(sizes(vm, view.layout.shape.iter().map(|n| *n as i64)))
    }),
    GetSetDef::get("strides", |vm, this| {
        let view = open(vm, this)?;
        Ok(sizes(vm, view.layout.strides.iter().map(|n| *n as i64)))
    }),
    GetSetDef::get("suboffsets", |vm, this| {
        open(vm, this)?;
        Ok(Value::from(&vm.empty_tuple))
    }),
    GetSetDef::get("c_contiguous", |vm, this| {
        Ok(Value::bool(open(vm, this)?.layout.is_c_contiguous()))
    }),
    GetSetDef::get("f_contiguous", |vm, this| {
        Ok(Value::bool(open(vm, this)?.layout.is_f_contiguous()))
    }),
    GetSetDef::get("contiguous", |vm, this| {
        let layout = &open(vm, this)?.layout;
        Ok(Value::bool(
            layout.is_c_contiguous() || layout.is_f_contiguous(),
        ))
    }),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.memoryview.slots;
    slots.new.set(Some(new));
    slots.hash.set(Some(hash));
    slots.compare.set(Some(compare));
    slots.len.set(Some(len));
    slots.get_item.set(Some(get_item));
    slots.set_item.set(Some(set_item));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    let slots = &vm.types.memory_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.memoryview.clone();
    vm.add_methods(&ty, METHODS);
    vm.add_methods(&ty, super::memoryview_search::METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
    vm.add_methods(&ty, BUFFER_METHODS);
    let bytearray = vm.types.bytearray.clone();
    vm.add_methods(&bytearray, BUFFER_METHODS);
    let bytes = vm.types.bytes.clone();
    vm.add_methods(&bytes, &BUFFER_METHODS[..1]);
}
