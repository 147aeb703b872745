//! Classes: their slots, method resolution order, attribute lookup and versions.
//!
//! Invariants:
//! - The version is unique among all classes and states of classes of the VM: whatever could change a lookup in the class (its
//!   dict, its bases', its MRO) gives it, and every class below it, a new one. Caches compare versions only.
//! - The layout is that of the nearest built-in base, the *solid base*; instances never change layout.
//! - `mro[0]` is the class itself.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::rc::Rc;

use crate::cell::{ValueCell, VmCell};
use crate::heap;
use crate::object::dict::Dict;
use crate::object::header::{self, Header, Kind, Obj, Payload, PayloadLayout, Ref};
use crate::object::instance::{Attributes, Shape};
use crate::object::slots::{DUNDERS, OwnSlots, Slot, SlotFn, Slots, Wrap, inherit_one};
use crate::object::str_::Str;
use crate::object::{slot_functions, wrapper};
use crate::value::Value;
use crate::vm::Vm;

/// Bits of a class's flags.
pub(crate) mod flags {
    /// Made by pyco, not by a program: its dict cannot be changed, but for `CHANGEABLE`.
    pub(crate) const BUILT_IN: u32 = 1;
    /// Python classes may derive from it.
    pub(crate) const BASE_TYPE: u32 = 1 << 1;
    /// Instances have a `__dict__` in their attributes row.
    pub(crate) const HAS_DICT: u32 = 1 << 2;
    /// `__del__` is defined.
    pub(crate) const HAS_FINALIZER: u32 = 1 << 3;
    /// `case [...]` matches instances.
    pub(crate) const SEQUENCE: u32 = 1 << 4;
    /// `case {...}` matches instances.
    pub(crate) const MAPPING: u32 = 1 << 5;
    /// `case Class(x)` matches the whole subject.
    pub(crate) const MATCH_SELF: u32 = 1 << 6;
    /// `Class()` is a TypeError.
    pub(crate) const NO_INSTANCES: u32 = 1 << 7;
    /// Abstract methods are left, so `Class()` is a TypeError.
    pub(crate) const ABSTRACT: u32 = 1 << 8;
    /// The payload has a dict of its own (modules, functions, exceptions, classes).
    pub(crate) const OWN_DICT: u32 = 1 << 9;
    /// Functions bind to instances without going through `__get__`.
    pub(crate) const METHOD_DESCRIPTOR: u32 = 1 << 10;
    /// Instances can be weakly referenced.
    pub(crate) const WEAKLY_REFERENCED: u32 = 1 << 12;
    /// A built-in whose dict programs can change after all.
    pub(crate) const CHANGEABLE: u32 = 1 << 13;
    /// A built-in whose instances have an attributes row: a `__dict__`, or slots that only Rust code sees.
    pub(crate) const NATIVE_ROW: u32 = 1 << 11;
    /// A built-in that derives from another with the same payload, whose exact instances its own are not.
    pub(crate) const DERIVED: u32 = 1 << 15;
}

/// A class.
pub struct Type {
    name: RefCell<Rc<str>>,
    pub(crate) qualname: ValueCell,
    pub(crate) base: ValueCell,
    pub(crate) bases: ValueCell,
    mro: VmCell<Vec<Ref<Type>>>,
    /// A built-in class gets it when someone first asks.
    pub(crate) dict: VmCell<Option<Ref<Dict>>>,
    /// What instances can do.
    pub slots: Slots,
    layout: &'static PayloadLayout,
    flags: Cell<u32>,
    /// Of a built-in class: the slots that it fills itself, not inherits.
    own_slots: Cell<OwnSlots>,
    version: Cell<u32>,
    subclasses: RefCell<Vec<NonNull<Obj<Type>>>>,
    root_shape: Rc<Shape>,
    slot_count: Cell<u32>,
    row_capacity: Cell<u32>,
}

impl Payload for Type {
    const KIND: Kind = Kind::Type;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.qualname.traverse(visit);
        self.base.traverse(visit);
        self.bases.traverse(visit);
        // SAFETY: the collector holds the VM, and visiting changes nothing.
        unsafe {
            for ty in self.mro.peek() {
                visit(ty.as_value());
            }
            if let Some(dict) = self.dict.peek() {
                visit(dict.as_value());
            }
        }
    }

    fn clear(&self) {
        self.unlink();
        // SAFETY: the collector holds the VM; what is taken is dropped after the borrows have ended. The dict stays, emptied by
        // itself, since every class has one.
        drop(unsafe { std::mem::take(self.mro.peek_mut()) });
        self.bases.set(None);
    }
}

impl Type {
    /// Takes the class out of its bases' lists of subclasses.
    fn unlink(&self) {
        let this: *const Type = self;
        // SAFETY: only the collector and the drop of the class come here; neither runs Python code meanwhile.
        for base in unsafe { self.mro.peek() }
            .iter()
            .filter(|base| !std::ptr::eq(&***base, this))
        {
            base.subclasses.borrow_mut().retain(|sub| {
                // SAFETY: the list holds live classes, each removed when it goes.
                let payload: *const Type = unsafe { sub.as_ref() }.payload();
                payload != this
            });
        }
    }
}

impl Drop for Type {
    fn drop(&mut self) {
        self.unlink();
    }
}

/// What a new class is made from.
pub(crate) struct TypeSpec {
    pub(crate) name: Rc<str>,
    pub(crate) base: Option<Ref<Type>>,
    pub(crate) layout: &'static PayloadLayout,
    pub(crate) flags: u32,
    pub(crate) slot_count: u32,
    pub(crate) row_capacity: u32,
}

impl Type {
    /// The payload of a class without dict, bases and MRO, which [`Type::ready`] supplies.
    pub(crate) fn new(spec: TypeSpec) -> Type {
        Type {
            name: RefCell::new(spec.name),
            qualname: ValueCell::new(None),
            base: ValueCell::new(spec.base.map(Value::from)),
            bases: ValueCell::new(None),
            mro: VmCell::new(Vec::new()),
            dict: VmCell::new(None),
            slots: Slots::empty(),
            layout: spec.layout,
            flags: Cell::new(spec.flags),
            own_slots: Cell::default(),
            version: Cell::new(0),
            subclasses: RefCell::default(),
            root_shape: Shape::root(),
            slot_count: Cell::new(spec.slot_count),
            row_capacity: Cell::new(spec.row_capacity),
        }
    }

    /// Lets go of all that a class refers to but its emptied dict: the VM is gone.
    pub(crate) fn strip(&self) {
        self.clear();
        self.base.set(None);
        self.qualname.set(None);
        // SAFETY: the VM is gone, so nothing borrows the cell.
        if let Some(dict) = unsafe { self.dict.peek() } {
            dict.clear();
        }
    }

    /// Whether anyone asked for the dict: for the end of a VM.
    pub(crate) fn has_dict(&self) -> bool {
        // SAFETY: the VM is gone, so nothing borrows the cell.
        unsafe { self.dict.peek() }.is_some()
    }

    /// Drops the dict of a class that is about to go, while the class of dicts is still there.
    pub(crate) fn drop_dict(&self) {
        // SAFETY: the VM is gone, so nothing borrows the cell.
        drop(unsafe { self.dict.peek_mut() }.take());
    }

    /// `__name__`.
    pub fn name(&self) -> Rc<str> {
        self.name.borrow().clone()
    }

    /// Whether `__name__` is this.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        **self.name.borrow() == *name
    }

    pub(crate) fn set_name(&self, name: Rc<str>) {
        *self.name.borrow_mut() = name;
    }

    /// How instances are laid out.
    #[inline(always)]
    pub(crate) fn layout(&self) -> &'static PayloadLayout {
        self.layout
    }

    #[inline(always)]
    pub(crate) fn has(&self, any_of: u32) -> bool {
        self.flags.get() & any_of != 0
    }

    pub(crate) fn set_flag(&self, flag: u32, on: bool) {
        let flags = self.flags.get();
        self.flags
            .set(if on { flags | flag } else { flags & !flag });
    }

    /// What `case [...]` (1) and `case {...}` (2) take instances for: CPython's Py_TPFLAGS_SEQUENCE and _MAPPING.
    pub fn collection_kind(&self) -> u32 {
        u32::from(self.has(flags::SEQUENCE)) | u32::from(self.has(flags::MAPPING)) << 1
    }

    /// Sets what `case [...]` (1) and `case {...}` (2) take instances for.
    pub fn set_collection_kind(&self, kind: u32) {
        self.set_flag(flags::SEQUENCE, kind & 1 != 0);
        self.set_flag(flags::MAPPING, kind & 2 != 0);
    }

    /// Whether pyco made the class, not a program.
    #[inline(always)]
    pub fn is_built_in(&self) -> bool {
        self.has(flags::BUILT_IN)
    }

    /// Whether programs cannot change the class.
    pub(crate) fn is_immutable(&self) -> bool {
        self.flags.get() & (flags::BUILT_IN | flags::CHANGEABLE) == flags::BUILT_IN
    }

    /// Whether instances are a header and a payload, nothing else.
    #[inline(always)]
    pub(crate) fn is_plain_built_in(&self) -> bool {
        self.flags.get() & (flags::BUILT_IN | flags::NATIVE_ROW) == flags::BUILT_IN
    }

    #[inline(always)]
    pub(crate) fn has_finalizer(&self) -> bool {
        self.has(flags::HAS_FINALIZER)
    }

    /// The state of the class, for caches.
    #[inline(always)]
    pub(crate) fn version(&self) -> u32 {
        self.version.get()
    }

    #[inline(always)]
    pub(crate) fn slot_count(&self) -> u32 {
        self.slot_count.get()
    }

    #[inline(always)]
    pub(crate) fn row_capacity(&self) -> u32 {
        self.row_capacity.get()
    }

    /// Gives the instances of a built-in class room for so many attributes before they need a dict.
    pub(crate) fn reserve_row(&self, capacity: u32) {
        self.row_capacity.set(capacity);
    }

    /// The bytes of an instance's attributes; zero if it has none.
    #[inline(always)]
    pub(crate) fn attributes_size(&self) -> usize {
        if self.layout.kind != Kind::Instance
            && self.slot_count.get() == 0
            && !self.has(flags::HAS_DICT)
        {
            return 0;
        }
        Attributes::size_for(self.slot_count.get(), self.row_capacity.get())
    }

    #[inline(always)]
    pub(crate) fn root_shape(&self) -> &Rc<Shape> {
        &self.root_shape
    }

    /// The method resolution order, the class itself first.
    #[inline(always)]
    pub fn mro<'a>(&'a self, vm: &'a Vm) -> &'a [Ref<Type>] {
        self.mro.get(vm)
    }

    /// The first base, whose layout this class shares or extends.
    pub fn base(&self) -> Option<Ref<Type>> {
        self.base.get().and_then(|base| base.into_ref().ok())
    }

    /// The slots that a built-in class fills itself.
    pub(crate) fn own_slots(&self) -> OwnSlots {
        self.own_slots.get()
    }
}

impl Ref<Type> {
    /// The class's own attributes.
    #[inline]
    pub fn dict(&self, vm: &mut Vm) -> Ref<Dict> {
        match self.dict.get(vm) {
            Some(dict) => dict.clone(),
            None => vm.make_class_dict(self),
        }
    }

    /// Whether this is `other` or derives from it.
    #[inline]
    pub fn is_subtype(&self, vm: &Vm, other: &Ref<Type>) -> bool {
        self.is(other) || self.mro(vm).iter().any(|ty| ty.is(other))
    }

    /// Sets the bases and the MRO and links the class to them.
    pub(crate) fn set_bases(&self, vm: &mut Vm, bases: Vec<Ref<Type>>, mro: Vec<Ref<Type>>) {
        let bases = vm.new_tuple(bases.into_iter().map(Value::from).collect());
        self.bases.set(Some(bases));
        self.set_mro(vm, mro);
    }

    /// Sets the MRO and links the class to all that stand in it.
    pub(crate) fn set_mro(&self, vm: &mut Vm, mro: Vec<Ref<Type>>) {
        let this = NonNull::new(self.as_ptr()).expect("a reference is never null");
        let old = std::mem::take(self.mro.get_mut(vm));
        for base in old.iter().filter(|base| !base.is(self)) {
            base.subclasses.borrow_mut().retain(|sub| *sub != this);
        }
        for base in mro.iter().filter(|base| !base.is(self)) {
            base.subclasses.borrow_mut().push(this);
        }
        *self.mro.get_mut(vm) = mro;
    }

    /// The classes that derive from this one, directly or not.
    pub fn subclasses(&self) -> Vec<Ref<Type>> {
        self.subclasses
            .borrow()
            .iter()
            .map(|sub| {
                // SAFETY: the list holds live classes only, each removed when it goes; the count is taken here.
                unsafe {
                    sub.cast::<Header>().as_ref().incref();
                    Ref::from_header(sub.cast())
                }
            })
            .collect()
    }

    /// Says that a lookup in the class may have changed.
    pub fn modified(&self) {
        self.version.set(heap::next_version());
        for sub in self.subclasses() {
            sub.version.set(heap::next_version());
        }
    }

    /// The attribute `name` (interned) of the class or of the first base in MRO that has it, unbound.
    #[inline]
    pub(crate) fn lookup(&self, vm: &mut Vm, name: &Ref<Str>) -> Option<Value> {
        let slot = vm.type_cache.slot(self.version.get(), name);
        if let Some(found) = vm.type_cache.get(slot, self.version.get(), name) {
            return found;
        }
        self.lookup_in_mro(vm, name, slot)
    }

    #[inline(never)]
    fn lookup_in_mro(&self, vm: &mut Vm, name: &Ref<Str>, slot: usize) -> Option<Value> {
        let mut found = None;
        for index in 0..self.mro(vm).len() {
            let class = self.mro(vm)[index].clone();
            found = class.dict(vm).get_str(vm, name);
            if found.is_some() {
                break;
            }
        }
        if self.version.get() == 0 {
            self.version.set(heap::next_version());
            return found;
        }
        vm.type_cache.put(slot, self.version.get(), name, &found);
        found
    }

    /// Links a built-in class to its bases and inherits slots from them. Its dict comes when someone asks for it.
    pub(crate) fn ready_built_in(&self, vm: &mut Vm) {
        let bases: Vec<Ref<Type>> = self.base().into_iter().collect();
        let mut mro = vec![self.clone()];
        if let Some(base) = bases.first() {
            mro.extend(base.mro(vm).iter().cloned());
        }
        self.set_bases(vm, bases, mro);
        self.inherit_slots(vm);
        self.version.set(heap::next_version());
    }

    fn inherit_slots(&self, vm: &Vm) {
        // Bases are ready first, so the nearest has what the others have.
        let Some(base) = self.base() else {
            self.own_slots.set(self.slots.inherit(&Slots::empty()));
            return;
        };
        let own = self.slots.inherit(&base.slots);
        self.own_slots.set(own);
        if own.is_compared_without_hash() {
            self.slots.hash.set(Some(slot_functions::not_hashable));
        }
        // A class that defines equality or hashing alone does not inherit the other half.
        if self.slots.compare.get().is_none() && self.slots.hash.get().is_none() {
            let bases = self.mro(vm).iter().skip(1);
            for base in bases {
                inherit_one(&self.slots.compare, &base.slots.compare);
                inherit_one(&self.slots.hash, &base.slots.hash);
            }
        }
        self.inherit_flags(&[base]);
    }

    fn inherit_flags(&self, bases: &[Ref<Type>]) {
        for base in bases {
            // Of sequences and mappings, the first base that is either decides.
            let kind = base.collection_kind();
            if kind != 0 && self.collection_kind() == 0 {
                self.set_collection_kind(kind);
            }
            for flag in [flags::MATCH_SELF, flags::OWN_DICT, flags::HAS_FINALIZER] {
                if base.has(flag) {
                    self.set_flag(flag, true);
                }
            }
        }
    }

    /// Fills all slots of a Python class from the methods that it defines and inherits.
    pub(crate) fn update_all_slots(&self, vm: &mut Vm) {
        let mut last = None;
        for dunder in DUNDERS {
            if last != Some(dunder.slot) {
                self.update_slot(vm, dunder.slot);
                last = Some(dunder.slot);
            }
        }
        let bases: Vec<Ref<Type>> = self.mro(vm).iter().skip(1).cloned().collect();
        self.inherit_flags(&bases);
        let del = vm.names.__del__.clone();
        let has_finalizer = self.lookup(vm, &del).is_some();
        self.set_flag(flags::HAS_FINALIZER, has_finalizer);
    }

    /// Fills the slots for the method `name` after it was set or removed, here and in every class below.
    pub(crate) fn update_slots_for(&self, vm: &mut Vm, name: &str) {
        for ty in std::iter::once(self.clone()).chain(self.subclasses()) {
            if ty.is_built_in() {
                continue;
            }
            for dunder in DUNDERS.iter().filter(|d| d.name == name) {
                ty.update_slot(vm, dunder.slot);
            }
            if name == "__del__" {
                let del = vm.names.__del__.clone();
                let has_finalizer = ty.lookup(vm, &del).is_some();
                if has_finalizer && !ty.has_finalizer() {
                    ty.finalize_existing();
                }
                ty.set_flag(flags::HAS_FINALIZER, has_finalizer);
            }
        }
    }

    /// Lets the instances that there are have a finalizer which their class gets only now.
    #[cold]
    pub(super) fn finalize_existing(&self) {
        heap::for_each(|header| {
            // SAFETY: the heap gives live objects; nothing is released while it is walked.
            let object = unsafe { header.as_ref() };
            if object.ty().is(self) && !object.has(header::flags::FINALIZED) {
                object.set(header::flags::NEEDS_FINALIZER, true);
            }
        });
    }

    /// Chooses the function for one slot: the one that every method found for it wraps, if they agree, else the generic one.
    fn update_slot(&self, vm: &mut Vm, slot: Slot) {
        let mut native: Option<SlotFn> = None;
        let mut generic = false;
        let mut found = false;
        for dunder in DUNDERS.iter().filter(|d| d.slot == slot) {
            let name = vm.intern(dunder.name);
            let Some(method) = self.lookup(vm, &name) else {
                continue;
            };
            if slot == Slot::Hash && method.is_none() {
                self.slots
                    .set(slot, Some(SlotFn::Hash(slot_functions::not_hashable)));
                return;
            }
            match self.wrapped_function(vm, &method, slot, dunder.wrap) {
                Wrapped::Same(f) if native.is_none_or(|n| n.same(f)) => native = Some(f),
                // The sequence forms share their names with the operators.
                Wrapped::OtherSlot => continue,
                Wrapped::Same(_) | Wrapped::No => generic = true,
            }
            found = true;
        }
        let f = match (found, generic) {
            (false, _) => None,
            (true, false) => native,
            (true, true) => slot_functions::generic(slot),
        };
        self.slots.set(slot, f);
    }

    fn wrapped_function(&self, vm: &mut Vm, method: &Value, slot: Slot, wrap: Wrap) -> Wrapped {
        if slot == Slot::New {
            return match wrapper::native_new(self, method) {
                Some(f) => Wrapped::Same(SlotFn::New(f)),
                None => Wrapped::No,
            };
        }
        match method.downcast::<wrapper::SlotWrapper>() {
            Some(found)
                if found.dunder.slot == slot
                    && (found.dunder.wrap == wrap || wrap == Wrap::Never) =>
            {
                // A wrapper of an unrelated built-in would be called with the wrong layout.
                if self.is_subtype(vm, &found.owner) {
                    Wrapped::Same(found.function)
                } else {
                    Wrapped::No
                }
            }
            Some(_)
                if matches!(
                    slot,
                    Slot::Concat | Slot::Repeat | Slot::InPlaceConcat | Slot::InPlaceRepeat
                ) =>
            {
                Wrapped::OtherSlot
            }
            // One of an unrelated class is called, to complain about its operand.
            Some(found)
                if is_sequence_form(found.dunder.slot) && self.is_subtype(vm, &found.owner) =>
            {
                Wrapped::OtherSlot
            }
            _ if matches!(
                slot,
                Slot::Concat | Slot::Repeat | Slot::InPlaceConcat | Slot::InPlaceRepeat
            ) =>
            {
                Wrapped::OtherSlot
            }
            _ => Wrapped::No,
        }
    }
}

enum Wrapped {
    Same(SlotFn),
    OtherSlot,
    No,
}

fn is_sequence_form(slot: Slot) -> bool {
    matches!(
        slot,
        Slot::Concat | Slot::Repeat | Slot::InPlaceConcat | Slot::InPlaceRepeat
    )
}

/// What recent lookups of attributes in classes found, by class version and name.
pub(crate) struct TypeCache {
    entries: Box<[CacheEntry]>,
}

/// One remembered lookup. It owns nothing: interned names live as long as the VM, and what was found lives as long as the
/// class keeps its version, which is never given again.
struct CacheEntry {
    version: u32,
    name: *const Obj<Str>,
    found: ManuallyDrop<Option<Value>>,
}

impl TypeCache {
    const SIZE: usize = 1 << 10;

    pub(crate) fn new() -> TypeCache {
        let empty = || CacheEntry {
            version: 0,
            name: std::ptr::null(),
            found: ManuallyDrop::new(None),
        };
        TypeCache {
            entries: (0..TypeCache::SIZE).map(|_| empty()).collect(),
        }
    }

    #[inline(always)]
    fn slot(&self, version: u32, name: &Ref<Str>) -> usize {
        let name = name.as_ptr() as usize >> 4;
        (version as usize ^ name ^ (name >> 10)) % TypeCache::SIZE
    }

    #[inline(always)]
    fn get(&self, slot: usize, version: u32, name: &Ref<Str>) -> Option<Option<Value>> {
        let entry = &self.entries[slot];
        if entry.version == version && version != 0 && std::ptr::eq(entry.name, name.as_ptr()) {
            // A class changes its version before it lets go of what its dict holds, so this is still alive.
            return Some((*entry.found).clone());
        }
        None
    }

    fn put(&mut self, slot: usize, version: u32, name: &Ref<Str>, found: &Option<Value>) {
        // SAFETY: a bitwise copy that is never dropped, so it counts as no reference.
        let copy = ManuallyDrop::new(unsafe { std::ptr::read(found) });
        self.entries[slot] = CacheEntry {
            version,
            name: name.as_ptr(),
            found: copy,
        };
    }
}
