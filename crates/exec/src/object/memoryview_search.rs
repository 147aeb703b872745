//! `memoryview.count` and `memoryview.index`, new in 3.14.

use crate::error::PyResult;
use crate::object::list_methods::search_range;
use crate::object::memoryview::MemoryView;
use crate::object::memoryview_items::item;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::value::Value;
use crate::vm::Vm;

/// Whether the item at an index equals a value: asked again each time, as the comparison may release the view.
fn equals(vm: &mut Vm, this: &Value, index: usize, value: &Value) -> PyResult<bool> {
    let view = receiver::<MemoryView>(vm, this)?.clone();
    let item = item(vm, &view, index as i64)?;
    vm.eq(&item, value)
}

fn count(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let view = receiver::<MemoryView>(vm, this)?;
    view.check(vm)?;
    let len = match view.layout.shape[..] {
        [] => return Err(vm.type_error("invalid indexing of 0-dim memory")),
        [len] => len,
        _ => {
            let message = "multi-dimensional sub-views are not implemented";
            return Err(vm.error(&vm.types.not_implemented_error.clone(), message));
        }
    };
    let mut count = 0;
    for index in 0..len {
        count += i64::from(equals(vm, this, index, value)?);
    }
    Ok(vm.int(count))
}

fn index(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let view = receiver::<MemoryView>(vm, this)?;
    view.check(vm)?;
    let len = match view.layout.shape[..] {
        [] => return Err(vm.type_error("invalid lookup on 0-dim memory")),
        [len] => len,
        _ => {
            let message = "multi-dimensional lookup is not implemented";
            return Err(vm.error(&vm.types.not_implemented_error.clone(), message));
        }
    };
    let (start, stop) = search_range(vm, args, len)?;
    for index in start..stop.min(len) {
        if equals(vm, this, index, &args[0])? {
            return Ok(vm.int(index as i64));
        }
    }
    Err(vm.value_error("memoryview.index(x): x not found"))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::one("count", count)
        .signature("($self, value, /)")
        .since(14),
    NativeDef::range("index", 1, 3, index)
        .signature("($self, value, start=0, stop=sys.maxsize, /)")
        .since(14),
];
