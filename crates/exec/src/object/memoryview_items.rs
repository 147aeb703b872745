//! `view[key]` and `view[key] = value` of memoryviews: indices, slices, tuples of indices.

use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::memoryview::{Layout, MemoryView};
use crate::object::memoryview_format::pack;
use crate::object::sequence::{is_index, receiver};
use crate::object::slice::{Indices, Slice};
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

fn unsupported(vm: &mut Vm, message: &str) -> crate::error::Raised {
    vm.error(&vm.types.not_implemented_error.clone(), message)
}

/// Where the item at an index of one dimension starts, counted from `base`.
fn step_into(
    vm: &mut Vm,
    layout: &Layout,
    base: isize,
    dimension: usize,
    index: i64,
) -> PyResult<isize> {
    let len = layout.shape[dimension] as i64;
    let index = if index < 0 { index + len } else { index };
    if !(0..len).contains(&index) {
        let message = format!("index out of bounds on dimension {}", dimension + 1);
        return Err(vm.index_error(message));
    }
    Ok(base + index as isize * layout.strides[dimension])
}

/// Where the item at a tuple of indices starts.
fn place_of_tuple(vm: &mut Vm, view: &Ref<MemoryView>, indices: &[Value]) -> PyResult<isize> {
    let dimensions = view.layout.shape.len();
    if indices.len() > dimensions {
        let given = indices.len();
        return Err(vm.type_error(format!(
            "cannot index {dimensions}-dimension view with {given}-element tuple"
        )));
    }
    let mut place = view.layout.start;
    for (dimension, index) in indices.iter().enumerate() {
        let index = vm.index_for(index)?;
        view.check(vm)?;
        place = step_into(vm, &view.layout, place, dimension, index)?;
    }
    Ok(place)
}

fn is_all(vm: &Vm, key: &[Value], is: fn(&Vm, &Value) -> bool) -> bool {
    key.iter().all(|part| is(vm, part))
}

fn is_slice(_vm: &Vm, value: &Value) -> bool {
    value.downcast::<Slice>().is_some()
}

/// The layout of part of the first dimension.
fn sliced(vm: &mut Vm, view: &Ref<MemoryView>, slice: &Ref<Slice>) -> PyResult<Layout> {
    let (start, stop, step) = vm.unpack_slice(slice)?;
    let mut layout = view.layout.clone();
    let picked = Indices::adjust(layout.shape[0], start, stop, step);
    layout.start += layout.strides[0] * picked.start as isize;
    layout.shape[0] = picked.len;
    layout.strides[0] = layout.strides[0].saturating_mul(picked.step as isize);
    Ok(layout)
}

/// `view[key]`.
pub(super) fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let view = receiver::<MemoryView>(vm, this)?;
    view.check(vm)?;
    let dimensions = view.layout.shape.len();
    if dimensions == 0 {
        return match key.downcast::<Tuple>() {
            Some(key) if key.items().is_empty() => Ok(view.item_at(vm, view.layout.start)),
            _ if key.is_ellipsis() => Ok(this.clone()),
            _ => Err(vm.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if is_index(vm, key) {
        let index = vm.index_for(key)?;
        return item(vm, view, index);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        let object = view.object(vm).cloned().unwrap_or(Value::NONE);
        // The bytes stay even if the indices let go of the view.
        let kept = MemoryView::new(vm, object.clone(), None, view.layout.clone());
        let layout = sliced(vm, view, slice);
        drop(kept);
        let layout = layout?;
        let part = MemoryView::new(vm, object, view.wrapped.clone(), layout);
        return Ok(Value::from(part));
    }
    if let Some(key) = key.downcast::<Tuple>() {
        if is_all(vm, key.items(), is_index) {
            if key.items().len() < dimensions {
                return Err(unsupported(vm, "sub-views are not implemented"));
            }
            let place = place_of_tuple(vm, view, key.items())?;
            return Ok(view.item_at(vm, place));
        }
        if is_all(vm, key.items(), is_slice) {
            return Err(unsupported(
                vm,
                "multi-dimensional slicing is not implemented",
            ));
        }
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

/// The item at an index.
pub(super) fn item(vm: &mut Vm, view: &Ref<MemoryView>, index: i64) -> PyResult {
    view.check(vm)?;
    match view.layout.shape.len() {
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => {
            let place = step_into(vm, &view.layout, view.layout.start, 0, index)?;
            Ok(view.item_at(vm, place))
        }
        _ => Err(unsupported(
            vm,
            "multi-dimensional sub-views are not implemented",
        )),
    }
}

/// `view[key] = value`.
pub(super) fn set_item(
    vm: &mut Vm,
    this: &Value,
    key: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    let view = receiver::<MemoryView>(vm, this)?;
    view.check(vm)?;
    if view.layout.is_read_only {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else {
        return Err(vm.type_error("cannot delete memory"));
    };
    let dimensions = view.layout.shape.len();
    let place = if dimensions == 0 {
        let is_empty = key
            .downcast::<Tuple>()
            .is_some_and(|t| t.items().is_empty());
        if !key.is_ellipsis() && !is_empty {
            return Err(vm.type_error("invalid indexing of 0-dim memory"));
        }
        view.layout.start
    } else if is_index(vm, key) {
        if dimensions > 1 {
            return Err(unsupported(vm, "sub-views are not implemented"));
        }
        let index = vm.index_for(key)?;
        view.check(vm)?;
        step_into(vm, &view.layout, view.layout.start, 0, index)?
    } else if let Some(slice) = key.downcast::<Slice>().filter(|_| dimensions == 1) {
        return set_slice(vm, view, slice, &value);
    } else if let Some(key) = key.downcast::<Tuple>() {
        if is_all(vm, key.items(), is_index) {
            if key.items().len() < dimensions {
                return Err(unsupported(vm, "sub-views are not implemented"));
            }
            place_of_tuple(vm, view, key.items())?
        } else if is_all(vm, key.items(), is_slice) {
            return Err(one_dimension_only(vm));
        } else {
            return Err(vm.type_error("memoryview: invalid slice key"));
        }
    } else if key.downcast::<Slice>().is_some() {
        return Err(one_dimension_only(vm));
    } else {
        return Err(vm.type_error("memoryview: invalid slice key"));
    };
    let (format, code) = (view.layout.format.clone(), view.layout.code());
    let packed = pack(vm, &format, code, &value)?;
    view.check(vm)?;
    view.write(vm, place as usize, &packed[..view.layout.item_size]);
    Ok(())
}

#[cold]
fn one_dimension_only(vm: &mut Vm) -> crate::error::Raised {
    unsupported(
        vm,
        "memoryview slice assignments are currently restricted to ndim = 1",
    )
}

fn set_slice(
    vm: &mut Vm,
    view: &Ref<MemoryView>,
    slice: &Ref<Slice>,
    value: &Value,
) -> PyResult<()> {
    let Some(source) = vm.memory_view(value)? else {
        return Err(crate::object::buffer::not_bytes_like(vm, value));
    };
    let layout = sliced(vm, view, slice)?;
    view.check(vm)?;
    let from = &source.layout;
    if from.code() != layout.code()
        || from.item_size != layout.item_size
        || from.shape != layout.shape
    {
        return Err(
            vm.value_error("memoryview assignment: lvalue and rvalue have different structures")
        );
    }
    // A copy: both may show the same bytes.
    let bytes = source.to_vec(vm, true);
    for (place, item) in layout
        .places(true)
        .into_iter()
        .zip(bytes.chunks(layout.item_size))
    {
        view.write(vm, place, item);
    }
    Ok(())
}
