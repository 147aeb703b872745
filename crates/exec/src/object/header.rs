//! What every object starts with, and the typed references to objects.
//!
//! An object is a [`Header`] followed by its payload `T`, and, for an instance of a class with a `__dict__`
//! or `__slots__` whose payload is a built-in's, by [`Attributes`].
//! The header's kind says which payload follows; the type says the rest.
//!
//! Invariants:
//! - A [`Ref<T>`] owns one reference to a live object whose payload is a `T`.
//! - `Payload::KIND` and the payload's Rust type correspond one to one, but for [`Kind::Native`], where the type's
//!   layout tells them apart.

use std::any::TypeId;
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

use crate::heap;
use crate::object::function::{self, Function, Method};
use crate::object::generator::Generator;
use crate::object::instance::{self, Attributes};
use crate::object::list::List;
use crate::object::list_iter::ListIterator;
use crate::object::range_iter::RangeIterator;
use crate::object::set::Set;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{self, Type};
use crate::value::Value;

/// Which payload follows a header. The kinds that the eval loop asks about have a name each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Any payload without a kind of its own; the type's layout tells which.
    Native,
    /// An int beyond the inline range, or an instance of a subclass of int.
    Int,
    /// An instance of a subclass of float.
    Float,
    /// str.
    Str,
    /// bytes.
    Bytes,
    /// list.
    List,
    /// tuple.
    Tuple,
    /// dict.
    Dict,
    /// set and frozenset.
    Set,
    /// range.
    Range,
    /// slice.
    Slice,
    /// A Python function.
    Function,
    /// A function or method written in Rust.
    NativeFunction,
    /// A bound method.
    Method,
    /// A class.
    Type,
    /// A module.
    Module,
    /// A cell of a closure.
    Cell,
    /// A code object.
    Code,
    /// A generator, coroutine or async generator.
    Generator,
    /// An exception.
    Exception,
    /// A plain instance of a Python class.
    Instance,
    /// An iterator of a list.
    ListIterator,
    /// An iterator of a tuple.
    TupleIterator,
    /// An iterator of a range of inline ints.
    RangeIterator,
    /// A native method in a class's dict.
    MethodDescriptor,
}

/// Bits of a header's flags.
pub(crate) mod flags {
    /// The object owns a reference to its type (a class made by a program).
    pub(crate) const OWNS_TYPE: u16 = 1;
    /// [`Attributes`](super::Attributes) follow the payload.
    pub(crate) const HAS_ATTRIBUTES: u16 = 2;
    /// Something has to run before the object goes: `__del__`, or a suspended generator's `finally`.
    pub(crate) const NEEDS_FINALIZER: u16 = 4;
    /// Weak references must be cleared before the object goes.
    pub(crate) const HAS_WEAK_REFERENCES: u16 = 8;
    /// An exact instance of a built-in type, whose methods nobody can have overridden.
    pub(crate) const EXACT: u16 = 16;
    /// A str in the VM's table of interned strings.
    pub(crate) const INTERNED: u16 = 32;
    /// The object has outlived its VM.
    pub(crate) const ORPHAN: u16 = 64;
    /// The finalizer has run.
    pub(crate) const FINALIZED: u16 = 128;
    /// How many collections the object has survived, up to two: see [`Header::generation`](super::Header::generation).
    pub(crate) const GENERATION: u16 = 0x300;
    /// `gc.freeze()` took the object out of all collections.
    pub(crate) const FROZEN: u16 = 0x400;
    /// A collection that runs looks at the object.
    pub(crate) const CANDIDATE: u16 = 0x800;
    /// A collection that runs has found the object reachable.
    pub(crate) const REACHED: u16 = 0x1000;
    /// Part of another object, which no program may see: the table of a frozendict.
    pub(crate) const HIDDEN: u16 = 0x2000;
}

/// The start of every object: 16 bytes.
#[repr(C)]
pub struct Header {
    refcount: Cell<u32>,
    kind: Kind,
    flags: Cell<u16>,
    ty: Cell<NonNull<Obj<Type>>>,
}

/// An object: its header and its payload.
#[repr(C)]
pub struct Obj<T> {
    header: Header,
    payload: T,
}

/// A Rust type that can be an object's payload.
pub trait Payload: Sized + 'static {
    /// The header's kind for this payload.
    const KIND: Kind = Kind::Native;

    /// Calls `visit` with every value that the payload owns, for the cycle collector.
    fn traverse(&self, visit: &mut dyn FnMut(&Value));

    /// Drops what the payload owns that can take part in cycles, leaving it valid but empty.
    fn clear(&self) {}

    /// The bytes of an object with this payload, without attributes; more than `size_of` where items are inline.
    #[inline(always)]
    fn object_size(&self) -> usize {
        size_of::<Obj<Self>>()
    }

    /// Whether `header` is that of an object with this payload.
    #[doc(hidden)]
    #[inline(always)]
    fn is(header: &Header) -> bool {
        header.kind == Self::KIND
            && (!matches!(Self::KIND, Kind::Native)
                || header.ty().layout().payload == TypeId::of::<Self>())
    }
}

/// Calls a function with every value that an object owns.
type Traverse = unsafe fn(NonNull<Header>, &mut dyn FnMut(&Value));

/// How to handle objects with one kind of payload when their Rust type is not known.
pub struct PayloadLayout {
    pub(crate) payload: TypeId,
    pub(crate) kind: Kind,
    size: unsafe fn(NonNull<Header>) -> usize,
    /// Drops the payload; gives what its size was.
    drop: unsafe fn(NonNull<Header>) -> usize,
    traverse: Traverse,
    clear: unsafe fn(NonNull<Header>),
}

impl PayloadLayout {
    /// The layout of objects with payload `T`.
    pub const fn of<T: Payload>() -> PayloadLayout {
        PayloadLayout {
            payload: TypeId::of::<T>(),
            kind: T::KIND,
            size: |header| {
                // SAFETY: these four are called only with the header of a live object whose type has this layout.
                unsafe { header.cast::<Obj<T>>().as_ref() }
                    .payload
                    .object_size()
            },
            // SAFETY: as above, and the object is not used again.
            drop: |header| unsafe { drop_payload::<T>(header) },
            traverse: |header, visit| {
                // SAFETY: as above.
                unsafe { header.cast::<Obj<T>>().as_ref() }
                    .payload
                    .traverse(visit)
            },
            clear: |header| {
                // SAFETY: as above.
                unsafe { header.cast::<Obj<T>>().as_ref() }.payload.clear()
            },
        }
    }
}

/// Drops a payload; gives the size of its object.
///
/// # Safety
/// The payload is a live `T`, and is not used again.
#[inline(always)]
unsafe fn drop_payload<T: Payload>(header: NonNull<Header>) -> usize {
    // SAFETY: forwarded.
    unsafe {
        let size = header.cast::<Obj<T>>().as_ref().payload.object_size();
        (&raw mut (*header.cast::<Obj<T>>().as_ptr()).payload).drop_in_place();
        size
    }
}

/// The same as a function of its own, so that who chooses among several needs few registers.
///
/// # Safety
/// As for [`drop_payload`].
#[inline(never)]
unsafe fn drop_apart<T: Payload>(header: NonNull<Header>) -> usize {
    // SAFETY: forwarded.
    unsafe { drop_payload::<T>(header) }
}

impl Header {
    #[inline(always)]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    #[inline(always)]
    pub(crate) fn has(&self, any_of: u16) -> bool {
        self.flags.get() & any_of != 0
    }

    pub(crate) fn set(&self, flag: u16, on: bool) {
        let flags = self.flags.get();
        self.flags
            .set(if on { flags | flag } else { flags & !flag });
    }

    /// The object's generation: 0 until it survives a collection, then 1, at last 2.
    pub(crate) fn generation(&self) -> usize {
        usize::from((self.flags.get() & flags::GENERATION) >> 8)
    }

    /// Puts what has survived a collection of this generation into the next.
    pub(crate) fn grow_older(&self, generation: usize) {
        let next = (generation + 1).min(2) as u16;
        let flags = self.flags.get() & !flags::GENERATION;
        self.flags.set(flags | next << 8);
    }

    /// Sets the count, for a collection that counts references.
    pub(crate) fn set_refcount(&self, count: u32) {
        self.refcount.set(count);
    }

    /// Whether this is an exact instance of the built-in type of `kind`.
    #[inline(always)]
    pub(crate) fn is_exact(&self, kind: Kind) -> bool {
        self.kind == kind && self.has(flags::EXACT)
    }

    #[inline(always)]
    pub(crate) fn refcount(&self) -> u32 {
        self.refcount.get()
    }

    #[inline(always)]
    pub(crate) fn incref(&self) {
        let (count, overflowed) = self.refcount.get().overflowing_add(1);
        self.refcount.set(count);
        if overflowed {
            refcount_overflow();
        }
    }

    #[inline(always)]
    pub(crate) fn decref_is_last(&self) -> bool {
        let count = self.refcount.get().wrapping_sub(1);
        self.refcount.set(count);
        count == 0
    }

    /// The object's class.
    #[inline(always)]
    pub(crate) fn ty(&self) -> &Ref<Type> {
        // SAFETY: the type pointer is that of a live type, which the object or the VM keeps alive; a `Ref` is a
        // transparent pointer.
        unsafe { &*self.ty.as_ptr().cast::<Ref<Type>>() }
    }

    /// Replaces the class. The caller has checked that the layouts agree.
    pub(crate) fn set_type(&self, ty: Ref<Type>) {
        let owned = self.has(flags::OWNS_TYPE);
        self.set(flags::EXACT, ty.is_plain_built_in());
        self.set(
            flags::NEEDS_FINALIZER,
            ty.has_finalizer() && !self.has(flags::FINALIZED),
        );
        let old = self.ty.replace(ty.into_header().cast());
        self.set(flags::OWNS_TYPE, true);
        if owned {
            // SAFETY: the object owned a reference to its old type.
            unsafe { heap::decref(old.cast()) }
        }
    }

    /// Drops the payload, the attributes and the type reference, and frees the memory.
    ///
    /// # Safety
    /// The object at `header` is whole, its count is zero, and nobody uses it again.
    pub(crate) unsafe fn drop_object(header: NonNull<Header>) {
        // SAFETY: the object is whole; the layout is that of its type; each part is dropped once, the type last.
        unsafe {
            let object = header.as_ref();
            let ty = object.ty.get();
            let owns_type = object.has(flags::OWNS_TYPE);
            let mut size = 0;
            if object.has(flags::HAS_ATTRIBUTES) {
                let payload = (object.ty().layout().size)(header);
                let attributes = header.cast::<u8>().add(payload).cast::<Attributes>();
                size = attributes.as_ref().size();
                attributes.drop_in_place();
            }
            // The kind tells the payload; those that come and go most are dropped without a look at the class.
            size += match object.kind {
                Kind::Instance => drop_apart::<Attributes>(header),
                Kind::Tuple => drop_apart::<Tuple>(header),
                Kind::List => drop_apart::<List>(header),
                Kind::Str => drop_apart::<Str>(header),
                Kind::Method => drop_apart::<Method>(header),
                Kind::Function => drop_apart::<Function>(header),
                Kind::Generator => drop_apart::<Generator>(header),
                Kind::Set => drop_apart::<Set>(header),
                Kind::Cell => drop_payload::<function::Cell>(header),
                Kind::ListIterator => drop_payload::<ListIterator>(header),
                Kind::RangeIterator => drop_payload::<RangeIterator>(header),
                _ => (object.ty().layout().drop)(header),
            };
            heap::free(header.cast(), size);
            if owns_type {
                heap::decref(ty.cast());
            }
        }
    }

    /// Calls `visit` with every value that the object owns, its type included.
    pub(crate) fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: `self` is a live object and the layout is that of its type.
        unsafe { (self.ty().layout().traverse)(NonNull::from(self), visit) }
        if let Some(attributes) = self.attributes_after_payload() {
            attributes.traverse(visit);
        }
        if self.has(flags::OWNS_TYPE) {
            visit(self.ty().as_value());
        }
    }

    /// Lets go of what the object owns and can be part of a cycle.
    pub(crate) fn clear(&self) {
        // SAFETY: `self` is a live object and the layout is that of its type.
        unsafe { (self.ty().layout().clear)(NonNull::from(self)) }
        if let Some(attributes) = self.attributes_after_payload() {
            attributes.clear();
        }
    }

    /// The attributes that follow a built-in's payload in an instance of a Python class.
    #[inline]
    fn attributes_after_payload(&self) -> Option<&Attributes> {
        if !self.has(flags::HAS_ATTRIBUTES) {
            return None;
        }
        // SAFETY: the flag says that attributes follow the payload, at its size.
        unsafe {
            let header = NonNull::from(self);
            let size = (self.ty().layout().size)(header);
            Some(header.cast::<u8>().add(size).cast::<Attributes>().as_ref())
        }
    }

    /// The attributes of an instance of a Python class, wherever they are.
    #[inline]
    pub(crate) fn attributes(&self) -> Option<&Attributes> {
        if self.kind == Kind::Instance {
            // SAFETY: the payload of an instance is its attributes.
            return Some(unsafe {
                &NonNull::from(self)
                    .cast::<Obj<Attributes>>()
                    .as_ref()
                    .payload
            });
        }
        self.attributes_after_payload()
    }
}

#[cold]
#[inline(never)]
fn refcount_overflow() -> ! {
    // As `Rc` does: a count that wraps could free a live object, and unwinding would drop references meanwhile.
    std::process::abort()
}

/// An owned reference to an object with payload `T`.
#[repr(transparent)]
pub struct Ref<T> {
    object: NonNull<Obj<T>>,
    owns: PhantomData<Obj<T>>,
}

impl<T: Payload> Ref<T> {
    /// A new object of class `ty`, whose layout must be that of `T`.
    #[inline(always)]
    pub fn new(ty: &Ref<Type>, payload: T) -> Ref<T> {
        debug_assert!(ty.layout().payload == TypeId::of::<T>());
        if ty.is_plain_built_in() {
            return Ref::new_exact(ty, payload);
        }
        // SAFETY: the payload is written whole before anyone sees the object.
        unsafe {
            Ref::allocate(ty, size_of::<Obj<T>>(), |object: NonNull<Obj<T>>| {
                (&raw mut (*object.as_ptr()).payload).write(payload)
            })
        }
    }

    #[inline(always)]
    fn new_exact(ty: &Ref<Type>, payload: T) -> Ref<T> {
        let object = heap::allocate(size_of::<Obj<T>>()).cast::<Obj<T>>();
        let header = Header {
            refcount: Cell::new(1),
            kind: T::KIND,
            flags: Cell::new(flags::EXACT),
            ty: Cell::new(ty.object),
        };
        // SAFETY: the memory is fresh and large enough.
        unsafe { object.write(Obj { header, payload }) };
        Ref {
            object,
            owns: PhantomData,
        }
    }

    /// A new object whose payload takes `size` bytes with its header, filled in by `fill`.
    ///
    /// # Safety
    /// `fill` initialises the payload, such that `object_size` then gives `size`, and does nothing else with the object.
    pub(crate) unsafe fn allocate(
        ty: &Ref<Type>,
        size: usize,
        fill: impl FnOnce(NonNull<Obj<T>>),
    ) -> Ref<T> {
        let built_in = ty.is_built_in();
        let tail = if T::KIND == Kind::Instance {
            0
        } else {
            ty.attributes_size()
        };
        let object = heap::allocate(size + tail).cast::<Obj<T>>();
        let mut bits = match built_in {
            // A native class that shares a built-in's payload is not that built-in.
            true if ty.has(type_::flags::DERIVED)
                || T::KIND != Kind::Native && !ty.is_plain_built_in() =>
            {
                0
            }
            true => flags::EXACT,
            false => flags::OWNS_TYPE,
        };
        if tail != 0 {
            bits |= flags::HAS_ATTRIBUTES;
        }
        if ty.has_finalizer() {
            bits |= flags::NEEDS_FINALIZER;
            heap::note_birth(object.cast());
        }
        if !built_in {
            ty.header().incref();
        }
        // SAFETY: the memory is fresh and large enough for the payload and what follows it.
        unsafe {
            (&raw mut (*object.as_ptr()).header).write(Header {
                refcount: Cell::new(1),
                kind: T::KIND,
                flags: Cell::new(bits),
                ty: Cell::new(ty.object),
            });
            fill(object);
            if tail != 0 {
                instance::Attributes::init(object.cast::<u8>().add(size).cast(), ty);
            }
        }
        Ref {
            object,
            owns: PhantomData,
        }
    }

    /// The class of all classes, which is its own class.
    pub(crate) fn bootstrap(payload: Type) -> Ref<Type> {
        let object = heap::allocate(size_of::<Obj<Type>>()).cast::<Obj<Type>>();
        let header = Header {
            refcount: Cell::new(1),
            kind: Kind::Type,
            flags: Cell::new(flags::EXACT),
            ty: Cell::new(object),
        };
        // SAFETY: the memory is fresh and large enough; the class pointer is that of the object itself.
        unsafe { object.write(Obj { header, payload }) };
        Ref {
            object,
            owns: PhantomData,
        }
    }

    /// The typed reference that owns the count of `header`.
    ///
    /// # Safety
    /// The object has payload `T`, and the caller gives up one reference to it.
    #[inline(always)]
    pub(crate) unsafe fn from_header(header: NonNull<Header>) -> Ref<T> {
        Ref {
            object: header.cast(),
            owns: PhantomData,
        }
    }

    #[inline(always)]
    pub(crate) fn into_header(self) -> NonNull<Header> {
        ManuallyDrop::new(self).object.cast()
    }

    /// The object's header.
    #[inline(always)]
    pub(crate) fn header(&self) -> &Header {
        // SAFETY: the reference keeps the object alive.
        unsafe { &(*self.object.as_ptr()).header }
    }

    /// The address, for identity and for caches.
    #[inline(always)]
    pub(crate) fn as_ptr(&self) -> *mut Obj<T> {
        self.object.as_ptr()
    }

    /// The value, borrowed.
    #[inline(always)]
    pub fn as_value(&self) -> &Value {
        // SAFETY: a pointer-tagged value is the bare address, as is a `Ref`; both are eight transparent bytes.
        unsafe { &*(self as *const Ref<T>).cast::<Value>() }
    }

    /// Whether both are the same object.
    #[inline(always)]
    pub fn is(&self, other: &Ref<T>) -> bool {
        self.object == other.object
    }

    /// The object's class.
    #[inline(always)]
    pub fn ty(&self) -> &Ref<Type> {
        self.header().ty()
    }

    /// Whether the class is the built-in itself, no subclass.
    #[inline(always)]
    pub fn is_exact(&self) -> bool {
        self.header().has(flags::EXACT)
    }
}

impl<T> Obj<T> {
    /// The payload.
    #[inline(always)]
    pub(crate) fn payload(&self) -> &T {
        &self.payload
    }

    /// Where the payload of an object is.
    ///
    /// # Safety
    /// `object` points to memory for a whole object.
    #[inline(always)]
    pub(crate) unsafe fn payload_ptr(object: NonNull<Obj<T>>) -> NonNull<T> {
        // SAFETY: forwarded.
        unsafe { NonNull::new_unchecked(&raw mut (*object.as_ptr()).payload) }
    }
}

impl<T> Deref for Ref<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the reference keeps the object alive, and payloads are shared only.
        unsafe { &(*self.object.as_ptr()).payload }
    }
}

impl<T> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Ref<T> {
        // SAFETY: the object is live.
        unsafe { (*self.object.as_ptr()).header.incref() };
        Ref {
            object: self.object,
            owns: PhantomData,
        }
    }
}

impl<T> Drop for Ref<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the reference is given up here, once.
        unsafe { heap::decref(self.object.cast()) }
    }
}

impl<T: std::fmt::Display> std::fmt::Display for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{} at {:p}>", std::any::type_name::<T>(), self.object)
    }
}
