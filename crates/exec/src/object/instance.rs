//! Instances of Python classes: attributes by shape, `__slots__`, and `__dict__` on demand.
//!
//! An instance keeps its attributes in a row of slots whose meaning its [`Shape`] tells: the names, in order of first
//! assignment. Instances of a class that assign the same names in the same order share one shape, so an
//! inline cache needs to compare one pointer. When an attribute is deleted, `__dict__` is asked for, or the row is full, the
//! attributes move to a real dict and the shape is gone.
//!
//! Invariants:
//! - `shape` is that of the instance's own class; assigning `__class__` moves the attributes to a dict first.
//! - The row holds `slot_count` members of `__slots__`, then `capacity` attributes, of which the shape's `len` are set.
//! - With a dict there is no shape, and the attribute part of the row is empty.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr::{self, NonNull};
use std::rc::Rc;

use crate::cell::ValueCell;
use crate::object::dict::Dict;
use crate::object::header::{Kind, Obj, Payload, Ref};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// The names of an instance's attributes, in the order of their slots.
pub struct Shape {
    names: Vec<Ref<Str>>,
    next: RefCell<HashMap<*mut Obj<Str>, Rc<Shape>>>,
}

impl Shape {
    /// The shape without attributes, from which a class's others grow.
    pub(crate) fn root() -> Rc<Shape> {
        Rc::new(Shape {
            names: Vec::new(),
            next: RefCell::default(),
        })
    }

    /// Forgets the shapes that have grown from this one, which no instance may have any more.
    pub(crate) fn forget_grown(&self) {
        drop(self.next.take());
    }

    /// The slot of `name`, an interned str.
    pub(crate) fn find(&self, name: &Ref<Str>) -> Option<usize> {
        self.names.iter().position(|n| n.is(name))
    }

    /// The number of attributes.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The shape with one attribute more.
    pub(crate) fn with(&self, name: &Ref<Str>) -> Rc<Shape> {
        let mut next = self.next.borrow_mut();
        let shape = next.entry(name.as_ptr()).or_insert_with(|| {
            let mut names = Vec::with_capacity(self.names.len() + 1);
            names.extend(self.names.iter().cloned());
            names.push(name.clone());
            Rc::new(Shape {
                names,
                next: RefCell::default(),
            })
        });
        shape.clone()
    }
}

/// The payload of an instance of a Python class, or what follows the payload of a built-in that such a class derives from.
#[repr(C)]
pub struct Attributes {
    /// Null when the attributes are in `dict`. Kept alive by the class.
    shape: Cell<*const Shape>,
    dict: ValueCell,
    slot_count: u32,
    capacity: u32,
    row: [ValueCell; 0],
}

/// The attributes that an instance may hold in its row at most.
const MAX_CAPACITY: u32 = 30;

impl Attributes {
    /// The bytes of the attributes of an instance of a class with so many slots and so long a row.
    pub(crate) fn size_for(slot_count: u32, capacity: u32) -> usize {
        size_of::<Attributes>()
            + (slot_count + capacity.min(MAX_CAPACITY)) as usize * size_of::<Slot>()
    }

    /// The bytes that these attributes take.
    pub(crate) fn size(&self) -> usize {
        size_of::<Attributes>() + self.row_len() * size_of::<Slot>()
    }

    fn row_len(&self) -> usize {
        (self.slot_count + self.capacity) as usize
    }

    /// Writes empty attributes for an instance of `ty`.
    ///
    /// # Safety
    /// `at` is valid for writes of `ty.attributes_size()` bytes.
    #[inline]
    pub(crate) unsafe fn init(at: NonNull<Attributes>, ty: &Type) {
        let slot_count = ty.slot_count();
        let capacity = ty.row_capacity().min(MAX_CAPACITY);
        // SAFETY: forwarded; the row follows the fixed part.
        unsafe {
            at.write(Attributes {
                shape: Cell::new(Rc::as_ptr(ty.root_shape())),
                dict: ValueCell::new(None),
                slot_count,
                capacity,
                row: [],
            });
            let row = at.add(1).cast::<Slot>();
            ptr::write_bytes(row.as_ptr(), 0, (slot_count + capacity) as usize);
        }
    }

    /// All slots: those of `__slots__`, then those of the shape.
    #[inline(always)]
    fn row(&self) -> &[ValueCell] {
        // SAFETY: `init` wrote so many slots behind the fixed part, inside the same allocation.
        unsafe { std::slice::from_raw_parts(self.row.as_ptr(), self.row_len()) }
    }

    /// The slot of `__slots__` with this index.
    #[inline(always)]
    pub(crate) fn slot(&self, index: u32) -> &ValueCell {
        &self.row()[..self.slot_count as usize][index as usize]
    }

    /// The attribute with this index in the shape.
    #[inline(always)]
    pub(crate) fn attribute(&self, index: usize) -> &ValueCell {
        &self.row()[self.slot_count as usize + index]
    }

    /// The attribute slot for an index that a cache has learnt from this very shape.
    ///
    /// # Safety
    /// `index` is below the length of the instance's shape.
    #[inline(always)]
    pub(crate) unsafe fn attribute_unchecked(&self, index: usize) -> &ValueCell {
        // SAFETY: forwarded; a shape is never longer than the row.
        unsafe { &*self.row.as_ptr().add(self.slot_count as usize + index) }
    }

    /// The shape, unless the attributes are in a dict.
    #[inline(always)]
    pub(crate) fn shape(&self) -> Option<&Shape> {
        // SAFETY: the class keeps its shapes, and the instance its class.
        unsafe { self.shape.get().as_ref() }
    }

    /// The shape's address, for caches; null with a dict.
    #[inline(always)]
    pub(crate) fn shape_ptr(&self) -> *const Shape {
        self.shape.get()
    }

    /// The dict, if the attributes have moved there.
    #[inline(always)]
    pub(crate) fn dict(&self) -> Option<Ref<Dict>> {
        self.dict.get().and_then(|dict| dict.into_ref().ok())
    }

    /// The attribute `name`, an interned str.
    pub(crate) fn get(&self, vm: &mut Vm, name: &Ref<Str>) -> Option<Value> {
        match self.shape() {
            Some(shape) => self.attribute(shape.find(name)?).get(),
            None => self.dict()?.get_str(vm, name),
        }
    }

    /// Sets the attribute `name`, an interned str.
    pub(crate) fn set(&self, vm: &mut Vm, name: &Ref<Str>, value: Value) {
        if let Some(shape) = self.shape() {
            if let Some(index) = shape.find(name) {
                return self.attribute(index).set(Some(value));
            }
            if shape.len() < self.capacity as usize {
                let grown = shape.with(name);
                self.attribute(shape.len()).set(Some(value));
                return self.shape.set(Rc::as_ptr(&grown));
            }
        }
        self.make_dict(vm).set_str(vm, name, value);
    }

    /// Sets the attribute that takes an instance of `old` shape to `new`, as a cache has learnt.
    ///
    /// # Safety
    /// The instance's shape is `old`, of length `index`, `new` is `old` with one more, and the row has room.
    #[inline(always)]
    pub(crate) unsafe fn grow_unchecked(&self, index: usize, new: *const Shape, value: Value) {
        // SAFETY: forwarded.
        unsafe { self.attribute_unchecked(index) }.set(Some(value));
        self.shape.set(new);
    }

    /// Whether the row has room for one more attribute.
    pub(crate) fn has_room(&self) -> bool {
        self.shape()
            .is_some_and(|shape| shape.len() < self.capacity as usize)
    }

    /// Removes the attribute `name`; false if there was none.
    pub(crate) fn delete(&self, vm: &mut Vm, name: &Ref<Str>) -> bool {
        if let Some(shape) = self.shape()
            && shape.find(name).is_none()
        {
            return false;
        }
        self.make_dict(vm).remove_str(vm, name).is_some()
    }

    /// The `__dict__`, made from the row at first need.
    pub(crate) fn make_dict(&self, vm: &mut Vm) -> Ref<Dict> {
        if let Some(dict) = self.dict() {
            return dict;
        }
        let dict = Dict::new(vm);
        if let Some(shape) = self.shape() {
            for (index, name) in shape.names.iter().enumerate() {
                if let Some(value) = self.attribute(index).take() {
                    dict.set_str(vm, name, value);
                }
            }
        }
        self.shape.set(ptr::null());
        self.dict.set(Some(Value::from(&dict)));
        dict
    }

    /// Replaces the `__dict__`.
    pub(crate) fn set_dict(&self, dict: Ref<Dict>) {
        if let Some(shape) = self.shape() {
            for index in 0..shape.len() {
                self.attribute(index).set(None);
            }
        }
        self.shape.set(ptr::null());
        self.dict.set(Some(Value::from(dict)));
    }

    /// Empties all slots and the dict, for the cycle collector.
    pub(crate) fn clear(&self) {
        for slot in self.row() {
            slot.set(None);
        }
        self.dict.set(None);
    }

    pub(crate) fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for slot in self.row() {
            slot.traverse(visit);
        }
        self.dict.traverse(visit);
    }
}

impl Payload for Attributes {
    const KIND: Kind = Kind::Instance;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        Attributes::traverse(self, visit);
    }

    fn clear(&self) {
        Attributes::clear(self);
    }

    #[inline(always)]
    fn object_size(&self) -> usize {
        size_of::<Obj<()>>() + self.size()
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        for slot in self.row() {
            slot.set(None);
        }
    }
}

/// A new plain instance of `ty`.
#[inline]
pub(crate) fn new_instance(ty: &Ref<Type>) -> Ref<Attributes> {
    let size = size_of::<Obj<()>>() + ty.attributes_size();
    // SAFETY: the payload is written whole by `init`, with the size that the class tells.
    unsafe {
        Ref::allocate(ty, size, |object: NonNull<Obj<Attributes>>| {
            Attributes::init(object.cast::<u8>().add(size_of::<Obj<()>>()).cast(), ty);
        })
    }
}
