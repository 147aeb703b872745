//! `memoryview.cast`.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::codec;
use crate::object::int::IntRef;
use crate::object::list::List;
use crate::object::memoryview::{Layout, MAX_DIMENSIONS, MemoryView};
use crate::object::memoryview_format::{is_byte, item_size};
use crate::object::sequence::receiver;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static CAST: Params = Params::new(&["format", "shape"], 1);

/// `view.cast(format, shape)`.
pub(super) fn cast(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(format) = args.get(0).filter(|f| f.downcast::<Str>().is_some()) else {
        let found = args.get(0).map_or_else(String::new, |f| clinic_type(vm, f));
        return Err(vm.type_error(format!("cast() argument 'format' must be str, not {found}")));
    };
    let view = receiver::<MemoryView>(vm, this)?;
    view.check(vm)?;
    let old = &view.layout;
    if !old.is_c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    if (args.get(1).is_some() || old.shape.len() != 1) && old.shape.contains(&0) {
        return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let shape = match args.get(1) {
        None => None,
        Some(shape) => Some(shape_items(vm, shape, old)?),
    };
    let mut layout = row(vm, old, format)?;
    if let Some(shape) = shape {
        let (shape, size) = sizes(vm, &shape, layout.item_size)?;
        if size != layout.byte_len() {
            let message = "memoryview: product(shape) * itemsize != buffer size";
            return Err(vm.type_error(message));
        }
        layout.strides = Layout::packed_strides(&shape, layout.item_size, true);
        layout.shape = shape;
    }
    let object = view.object(vm).cloned().unwrap_or(Value::NONE);
    let cast = MemoryView::new(vm, object, view.wrapped.clone(), layout);
    Ok(Value::from(cast))
}

fn shape_items(vm: &mut Vm, shape: &Value, old: &Layout) -> PyResult<Vec<Value>> {
    let items = if let Some(list) = shape.downcast::<List>() {
        list.items(vm).to_vec()
    } else if let Some(tuple) = shape.downcast::<Tuple>() {
        tuple.items().to_vec()
    } else {
        return Err(vm.type_error("shape must be a list or a tuple"));
    };
    if items.len() > MAX_DIMENSIONS {
        return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
    }
    if old.shape.len() != 1 && items.len() != 1 {
        return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    Ok(items)
}

/// The same bytes as a row of items of another format.
fn row(vm: &mut Vm, old: &Layout, format: &Value) -> PyResult<Layout> {
    let format = codec::encode(vm, format, Some("ascii"), None)?;
    let code = match format[..] {
        [code] | [b'@', code] => item_size(code).map(|size| (code, size)),
        _ => None,
    };
    let Some((code, size)) = code else {
        return Err(vm.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    if !is_byte(old.code()) && !is_byte(code) {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let len = old.byte_len();
    if !len.is_multiple_of(size) {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    Ok(Layout {
        start: old.start,
        shape: vec![len / size],
        strides: vec![size as isize],
        item_size: size,
        format: format.iter().map(|&b| char::from(b)).collect(),
        is_read_only: old.is_read_only,
    })
}

/// A shape's lengths, and the bytes that it takes.
fn sizes(vm: &mut Vm, shape: &[Value], item_size: usize) -> PyResult<(Vec<usize>, usize)> {
    let mut sizes = Vec::with_capacity(shape.len());
    let mut total = item_size;
    for item in shape {
        let len = match item.as_int() {
            None => {
                let message = "memoryview.cast(): elements of shape must be integers";
                return Err(vm.type_error(message));
            }
            Some(IntRef::Small(n)) => n,
            Some(IntRef::Big(_)) => {
                let message = "Python int too large to convert to C ssize_t";
                return Err(vm.overflow_error(message));
            }
        };
        let Some(len) = usize::try_from(len).ok().filter(|len| *len > 0) else {
            let message = "memoryview.cast(): elements of shape must be integers > 0";
            return Err(vm.value_error(message));
        };
        total = match total.checked_mul(len).filter(|t| *t <= isize::MAX as usize) {
            Some(total) => total,
            None => {
                let message = "memoryview.cast(): product(shape) > SSIZE_MAX";
                return Err(vm.value_error(message));
            }
        };
        sizes.push(len);
    }
    Ok((sizes, total))
}
