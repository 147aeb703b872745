//! `iter_unpack`: one struct after the other.
//!
//! Invariant: while `view` is there, its length is a multiple of the struct's size, and the bytes keep their number.

use std::cell::Cell;

use pyco_exec::cell::ValueCell;
use pyco_exec::object::buffer::{as_bytes_like, data};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::{PyResult, Value, Vm};

use super::class::Struct;
use super::{error, unpack};

/// The payload.
struct UnpackIterator {
    made: Ref<Struct>,
    /// A memoryview; nothing at the end.
    view: ValueCell,
    at: Cell<usize>,
}

impl Payload for UnpackIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.made.as_value());
        self.view.traverse(visit);
    }
}

static UNPACK_ITERATOR: ClassDef =
    ClassDef::new::<UnpackIterator>("_struct.unpack_iterator", slots)
        .no_instances()
        .methods(&[
            NativeDef::no_args("__length_hint__", length_hint).until(12),
            NativeDef::no_args("__length_hint__", length_hint)
                .signature("($self, /)")
                .since(13),
        ]);

/// In 3.11 the class has a `__new__` of its own, to refuse with words of its own.
static UNPACK_ITERATOR_3_11: ClassDef =
    ClassDef::new::<UnpackIterator>("_struct.unpack_iterator", slots)
        .methods(&[NativeDef::no_args("__length_hint__", length_hint)]);

fn slots(slots: &Slots, minor: u8) {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
    if minor < 12 {
        slots.new.set(Some(|vm, _, _| {
            Err(vm.type_error("Cannot create 'unpack_iterator objects"))
        }));
    }
}

/// `iter_unpack(buffer)`.
pub(super) fn iter_unpack(vm: &mut Vm, made: &Ref<Struct>, buffer: &Value) -> PyResult {
    let size = made.ready(vm)?.size;
    if size == 0 {
        return Err(error(
            vm,
            "cannot iteratively unpack with a struct of length 0",
        ));
    }
    let bytes = as_bytes_like(vm, buffer)?;
    if !data(vm, &bytes).len().is_multiple_of(size) {
        return Err(error(
            vm,
            format!("iterative unpacking requires a buffer of a multiple of {size} bytes"),
        ));
    }
    let view = vm.memory_view(&bytes)?.map(Value::from);
    let class = match vm.version_number() {
        ..12 => vm.class(&UNPACK_ITERATOR_3_11),
        _ => vm.class(&UNPACK_ITERATOR),
    };
    let iterator = UnpackIterator {
        made: made.clone(),
        view: ValueCell::new(view),
        at: Cell::new(0),
    };
    Ok(Value::from(Ref::new(&class, iterator)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<UnpackIterator>(vm, this)?;
    let Some(view) = iterator.view.get() else {
        return Ok(None);
    };
    let format = iterator.made.ready(vm)?;
    vm.check_growth(format.value_len.saturating_mul(size_of::<Value>()))?;
    let start = iterator.at.get();
    let Some(bytes) = data(vm, &view).get(start..start + format.size) else {
        iterator.view.set(None);
        return Ok(None);
    };
    iterator.at.set(start + format.size);
    Ok(Some(unpack::unpack(vm, &format, bytes)))
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<UnpackIterator>(vm, this)?;
    let Some(view) = iterator.view.get() else {
        return Ok(vm.int(0));
    };
    let size = iterator.made.ready(vm)?.size.max(1);
    let left = data(vm, &view).len().saturating_sub(iterator.at.get());
    Ok(vm.int((left / size) as i64))
}
