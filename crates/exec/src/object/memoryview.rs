//! memoryview: the object, and how its items lie in the bytes of another. The methods are in `object/memoryview_methods.rs`.
//!
//! Invariants:
//! - While a view holds its object, that object's bytes do not change in number: a bytearray counts its exports.
//! - `shape` and `strides` have the same length, and every item that they reach lies within the object's bytes.

use std::cell::Cell;

use crate::cell::VmCell;
use crate::error::{PyResult, Raised};
use crate::object::buffer::bytes_of;
use crate::object::bytearray::ByteArray;
use crate::object::bytes::Bytes;
use crate::object::header::{Payload, Ref};
use crate::object::memoryview_format::unpack;
use crate::object::typed_bytes::TypedBytes;
use crate::value::Value;
use crate::vm::Vm;

/// How many dimensions a view may have.
pub(crate) const MAX_DIMENSIONS: usize = 64;

/// A memoryview's payload.
pub struct MemoryView {
    /// What the bytes belong to; nothing once released.
    object: VmCell<Option<Value>>,
    /// What `obj` shows, if that is another object: one with a `__buffer__` of its own.
    pub(crate) wrapped: Option<Value>,
    pub(crate) layout: Layout,
    /// Kept once it was asked for, also when the view is released.
    pub(crate) hash: Cell<Option<i64>>,
    /// How many methods look at the bytes, which meanwhile cannot be let go of.
    pub(crate) exports: Cell<usize>,
}

/// Which bytes of the object a view shows, and as what.
#[derive(Clone)]
pub(crate) struct Layout {
    /// Where the first item starts, in bytes.
    pub(crate) start: isize,
    pub(crate) shape: Vec<usize>,
    /// The distance of neighbours in each dimension, in bytes.
    pub(crate) strides: Vec<isize>,
    pub(crate) item_size: usize,
    /// The native format character, perhaps after an `@`.
    pub(crate) format: String,
    pub(crate) is_read_only: bool,
}

impl Payload for MemoryView {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector traverses while no Python code runs, and `visit` changes no view.
        if let Some(object) = unsafe { self.object.peek() } {
            visit(object);
        }
        if let Some(wrapped) = &self.wrapped {
            visit(wrapped);
        }
    }
}

impl Drop for MemoryView {
    fn drop(&mut self) {
        if let Some(object) = self.object.exclusive() {
            count_export(object, false);
        }
    }
}

/// Counts a view of `object` in or out.
fn count_export(object: &Value, begins: bool) {
    if let Some(array) = object.downcast::<ByteArray>() {
        let exports = array.exports.get();
        array
            .exports
            .set(if begins { exports + 1 } else { exports - 1 });
    }
}

impl Layout {
    /// A row of bytes.
    fn bytes(len: usize, is_read_only: bool) -> Layout {
        Layout {
            start: 0,
            shape: vec![len],
            strides: vec![1],
            item_size: 1,
            format: "B".to_owned(),
            is_read_only,
        }
    }

    /// The format character.
    pub(crate) fn code(&self) -> u8 {
        self.format.bytes().last().unwrap_or(b'B')
    }

    /// The bytes of all items.
    pub(crate) fn byte_len(&self) -> usize {
        self.shape.iter().product::<usize>() * self.item_size
    }

    /// The strides of this shape where items lie one after the other, the last dimension's (or the first's) closest.
    pub(crate) fn packed_strides(
        shape: &[usize],
        item_size: usize,
        last_first: bool,
    ) -> Vec<isize> {
        let mut strides = vec![0; shape.len()];
        let mut stride = item_size;
        let mut put = |dimension: usize| {
            strides[dimension] = stride as isize;
            stride *= shape[dimension];
        };
        if last_first {
            (0..shape.len()).rev().for_each(&mut put);
        } else {
            (0..shape.len()).for_each(&mut put);
        }
        strides
    }

    fn is_packed(&self, last_first: bool) -> bool {
        if let ([len], [stride]) = (&self.shape[..], &self.strides[..]) {
            return *len == 1 || *stride == self.item_size as isize;
        }
        if self.byte_len() == 0 {
            return true;
        }
        let packed = Layout::packed_strides(&self.shape, self.item_size, last_first);
        // Where there is one item only, the distance to the next does not matter.
        (0..self.shape.len()).all(|i| self.shape[i] == 1 || self.strides[i] == packed[i])
    }

    /// Whether the items lie one after the other in C's order.
    pub(crate) fn is_c_contiguous(&self) -> bool {
        self.is_packed(true)
    }

    /// Whether the items lie one after the other in Fortran's order.
    pub(crate) fn is_f_contiguous(&self) -> bool {
        self.is_packed(false)
    }

    /// Where each item starts, in C's order or Fortran's.
    pub(crate) fn places(&self, last_first: bool) -> Vec<usize> {
        let mut places = vec![self.start];
        let dimensions: Vec<usize> = if last_first {
            (0..self.shape.len()).collect()
        } else {
            (0..self.shape.len()).rev().collect()
        };
        for i in dimensions {
            let (len, stride) = (self.shape[i] as isize, self.strides[i]);
            places = places
                .iter()
                .flat_map(|place| (0..len).map(move |n| place + n * stride))
                .collect();
        }
        places.into_iter().map(|place| place as usize).collect()
    }
}

impl MemoryView {
    /// A view of `object`, which is bytes or a bytearray.
    pub(crate) fn new(
        vm: &Vm,
        object: Value,
        wrapped: Option<Value>,
        layout: Layout,
    ) -> Ref<MemoryView> {
        count_export(&object, true);
        let view = MemoryView {
            object: VmCell::new(Some(object)),
            wrapped,
            layout,
            hash: Cell::new(None),
            exports: Cell::new(0),
        };
        Ref::new(&vm.types.memoryview, view)
    }

    /// The object whose bytes are shown, unless released.
    pub(crate) fn object<'a>(&'a self, vm: &'a Vm) -> Option<&'a Value> {
        self.object.get(vm).as_ref()
    }

    /// All bytes of the object; none once released.
    pub(crate) fn whole<'a>(&'a self, vm: &'a Vm) -> &'a [u8] {
        self.object(vm)
            .and_then(|object| bytes_of(vm, object))
            .unwrap_or(&[])
    }

    /// The bytes shown, if they lie in one piece and the view is not released.
    pub(crate) fn contiguous<'a>(&'a self, vm: &'a Vm) -> Option<&'a [u8]> {
        if !self.layout.is_c_contiguous() {
            return None;
        }
        let bytes = bytes_of(vm, self.object(vm)?)?;
        let (start, len) = (self.layout.start.max(0) as usize, self.layout.byte_len());
        bytes.get(start..start + len).or((len == 0).then_some(&[]))
    }

    /// The bytes shown, one item after the other.
    pub(crate) fn to_vec(&self, vm: &Vm, last_first: bool) -> Vec<u8> {
        let (bytes, size) = (self.whole(vm), self.layout.item_size);
        let mut copy = Vec::with_capacity(self.layout.byte_len());
        for place in self.layout.places(last_first) {
            copy.extend_from_slice(bytes.get(place..place + size).unwrap_or(&[]));
        }
        copy
    }

    /// The item that starts at `place`.
    pub(crate) fn item_at(&self, vm: &Vm, place: isize) -> Value {
        let start = place as usize;
        match self.whole(vm).get(start..start + self.layout.item_size) {
            Some(bytes) => unpack(vm, self.layout.code(), bytes),
            None => Value::NONE,
        }
    }

    /// Writes the bytes of an item.
    pub(crate) fn write(&self, vm: &mut Vm, place: usize, bytes: &[u8]) {
        let Some(object) = self.object(vm).cloned() else {
            return;
        };
        if let Some(array) = object.downcast::<ByteArray>()
            && let Some(target) = array.data.get_mut(vm).get_mut(place..place + bytes.len())
        {
            target.copy_from_slice(bytes);
        }
    }

    /// Lets go of the object.
    pub(crate) fn release(&self, vm: &mut Vm) {
        if let Some(object) = self.object.get_mut(vm).take() {
            count_export(&object, false);
        }
    }

    /// The view, unless it is released.
    pub(crate) fn check(&self, vm: &mut Vm) -> PyResult<()> {
        match self.object(vm) {
            Some(_) => Ok(()),
            None => Err(released(vm)),
        }
    }
}

/// The complaint about a view that is released.
#[cold]
pub(crate) fn released(vm: &mut Vm) -> Raised {
    vm.value_error("operation forbidden on released memoryview object")
}

/// PyBUF_FULL_RO: what a view asks of `__buffer__`.
const FULL_READ_ONLY: i64 = 0x11C;

impl Vm {
    /// A view of a bytearray under the name of another object, which is what `obj` shows.
    pub fn view_of_array(&mut self, array: &Ref<ByteArray>, shown: Value) -> Value {
        let layout = Layout::bytes(array.data.get(self).len(), false);
        let array = Value::from(array);
        Value::from(MemoryView::new(self, array, Some(shown), layout))
    }

    /// A view of a bytes-like object, of another view, or of what `__buffer__` gives; nothing for any other.
    pub fn memory_view(&mut self, value: &Value) -> PyResult<Option<Ref<MemoryView>>> {
        if let Some(view) = value.downcast::<MemoryView>() {
            view.check(self)?;
            let object = view.object(self).cloned().unwrap_or(Value::NONE);
            let (wrapped, layout) = (view.wrapped.clone(), view.layout.clone());
            return Ok(Some(MemoryView::new(self, object, wrapped, layout)));
        }
        if let Some(bytes) = value.downcast::<Bytes>() {
            let layout = Layout::bytes(bytes.data().len(), true);
            return Ok(Some(MemoryView::new(self, value.clone(), None, layout)));
        }
        if let Some(array) = value.downcast::<ByteArray>() {
            let layout = Layout::bytes(array.data.get(self).len(), false);
            return Ok(Some(MemoryView::new(self, value.clone(), None, layout)));
        }
        if let Some(typed) = value.downcast::<TypedBytes>() {
            let (bytes, size) = (typed.bytes.clone(), typed.item_size);
            let mut layout = Layout::bytes(bytes.data.get(self).len() / size, false);
            layout.strides = vec![size as isize];
            layout.item_size = size;
            layout.format = typed.format.to_owned();
            let (bytes, shown) = (Value::from(bytes), Some(value.clone()));
            return Ok(Some(MemoryView::new(self, bytes, shown, layout)));
        }
        if self.type_of(value).is_built_in() {
            return Ok(None);
        }
        let name = self.intern("__buffer__");
        let flags = self.int(FULL_READ_ONLY);
        let Some(given) = self.call_special_opt(value, &name, &[flags])? else {
            return Ok(None);
        };
        let Some(view) = given.downcast::<MemoryView>() else {
            return Err(self.type_error("__buffer__ returned non-memoryview object"));
        };
        view.check(self)?;
        let object = view.object(self).cloned().unwrap_or(Value::NONE);
        let layout = view.layout.clone();
        Ok(Some(MemoryView::new(
            self,
            object,
            Some(value.clone()),
            layout,
        )))
    }
}
