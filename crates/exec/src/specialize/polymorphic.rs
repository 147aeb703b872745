//! Attributes at places that see instances of several classes: one table for all such places, by class version, shape and name.
//!
//! An entry owns nothing. A class keeps what it holds as long as it keeps its version, which is never given again; a name is interned,
//! so it lives as long as the VM.

use pyco_code::quicken::{Instr, Unit};

use super::{COOLDOWN, fuse, specialize_to};
use crate::eval::frame::Frame;
use crate::object::header::{Kind, Obj, Ref};
use crate::object::instance::{Attributes, Shape};
use crate::object::str_::Str;
use crate::object::type_::flags;
use crate::ops::attributes::finds_generically;
use crate::value::Value;
use crate::vm::Vm;

/// What an attribute of plain instances with a certain class and shape is.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// In the row, under this index.
    Row(u32),
    /// A method of the class: the bits of its value.
    Method(u64),
}

#[derive(Clone, Copy)]
struct Entry {
    version: u32,
    shape: *const Shape,
    name: *const Obj<Str>,
    place: Place,
}

/// The table of a VM.
pub(crate) struct AttributeTable {
    /// Each place has room for two, the later one first: which attributes meet in a place is a matter of addresses.
    entries: Vec<[Entry; 2]>,
}

const SIZE: usize = 256;

#[inline(always)]
fn slot(version: u32, shape: *const Shape, name: *const Obj<Str>) -> usize {
    let (shape, name) = (shape as usize >> 4, name as usize >> 4);
    (shape ^ name ^ (name >> 8) ^ version as usize) % SIZE
}

impl AttributeTable {
    pub(crate) fn new() -> AttributeTable {
        AttributeTable {
            entries: Vec::new(),
        }
    }
}

/// A plain instance's attributes, with its class's version.
#[inline(always)]
fn plain_instance(owner: &Value) -> Option<(u32, &Attributes)> {
    let header = owner.header().filter(|h| h.kind() == Kind::Instance)?;
    Some((header.ty().version(), header.attributes()?))
}

/// Where the attribute is, as far as the table knows.
#[inline(always)]
fn find<'a>(vm: &Vm, owner: &'a Value, name: *const Obj<Str>) -> Option<(Place, &'a Attributes)> {
    let (version, attributes) = plain_instance(owner)?;
    let shape = attributes.shape_ptr();
    let [first, second] = vm.attribute_table.entries.get(slot(version, shape, name))?;
    let is_it = |entry: &Entry| {
        entry.version == version && entry.shape == shape && std::ptr::eq(entry.name, name)
    };
    if is_it(first) {
        return Some((first.place, attributes));
    }
    is_it(second).then_some((second.place, attributes))
}

/// The attribute of a plain instance, if it is in its row.
#[inline(always)]
pub(crate) fn polymorphic_value(vm: &Vm, owner: &Value, name: *const Obj<Str>) -> Option<Value> {
    let (Place::Row(index), attributes) = find(vm, owner, name)? else {
        return None;
    };
    // SAFETY: the entry has the instance's shape, which says that the index is in the row.
    unsafe { attributes.attribute_unchecked(index as usize) }.get()
}

/// The method of a plain instance's class.
#[inline(always)]
pub(crate) fn polymorphic_method(vm: &Vm, owner: &Value, name: *const Obj<Str>) -> Option<Value> {
    let (Place::Method(bits), _) = find(vm, owner, name)? else {
        return None;
    };
    // SAFETY: the class has the entry's version, so it still holds the method; a `Value` is its bits.
    Some(unsafe { &*(&raw const bits).cast::<Value>() }.clone())
}

/// Where the value of an attribute that a plain instance has goes.
#[inline(always)]
pub(crate) fn polymorphic_slot<'a>(
    vm: &Vm,
    owner: &'a Value,
    name: *const Obj<Str>,
) -> Option<&'a crate::cell::ValueCell> {
    let (Place::Row(index), attributes) = find(vm, owner, name)? else {
        return None;
    };
    // SAFETY: as above.
    Some(unsafe { attributes.attribute_unchecked(index as usize) })
}

/// Puts an attribute into the table; false if it is none that belongs there.
pub(crate) fn remember(vm: &mut Vm, owner: &Value, name: &Ref<Str>) -> bool {
    let Some(place) = place(vm, owner, name) else {
        return false;
    };
    let Some((version, attributes)) = plain_instance(owner) else {
        return false;
    };
    let shape = attributes.shape_ptr();
    let entries = &mut vm.attribute_table.entries;
    if entries.is_empty() {
        let empty = Entry {
            version: 0,
            shape: std::ptr::null(),
            name: std::ptr::null(),
            place: Place::Row(0),
        };
        entries.resize(SIZE, [empty; 2]);
    }
    let [first, second] = &mut entries[slot(version, shape, name.as_ptr())];
    *second = *first;
    *first = Entry {
        version,
        shape,
        name: name.as_ptr(),
        place,
    };
    true
}

fn place(vm: &mut Vm, owner: &Value, name: &Ref<Str>) -> Option<Place> {
    let ty = vm.type_of(owner).clone();
    let (version, attributes) = plain_instance(owner)?;
    let is_plain = version != 0 && ty.has(flags::HAS_DICT) && !ty.has(flags::OWN_DICT);
    if !is_plain || !finds_generically(vm, &ty) {
        return None;
    }
    let shape = attributes.shape()?;
    let found = ty.lookup(vm, name);
    let slots = found.as_ref().map(|f| &vm.type_of(f).slots);
    if slots.is_some_and(|s| s.descr_set.get().is_some()) {
        return None;
    }
    if let Some(index) = shape.find(name) {
        return Some(Place::Row(index as u32));
    }
    let method = found.filter(|f| vm.type_of(f).has(flags::METHOD_DESCRIPTOR))?;
    Some(Place::Method(method.bits()))
}

/// What LOAD_ATTR_INSTANCE_VALUE and its like become when they meet another class.
#[cold]
#[inline(never)]
pub(crate) fn miss_attribute(vm: &mut Vm, frame: &Frame, unit: &Unit, owner: &Value) {
    let instr = unit.instr();
    vm.stats.missed(instr);
    fuse::unfuse_before(unit);
    let name = frame.code().names()[unit.arg() as usize].clone();
    let polymorphic = match unit.base() {
        Instr::LoadAttr => Instr::LoadAttrPolymorphic,
        Instr::LoadMethod => Instr::LoadMethodPolymorphic,
        _ => Instr::StoreAttrPolymorphic,
    };
    unit.set_instr(unit.base(), COOLDOWN);
    // A store needs to find the same class's way of setting attributes, too.
    let settable = polymorphic != Instr::StoreAttrPolymorphic || has_generic_set(vm, owner);
    if settable && remember(vm, owner, &name) {
        specialize_to(vm, unit, polymorphic);
    }
}

fn has_generic_set(vm: &Vm, owner: &Value) -> bool {
    let set = vm.type_of(owner).slots.set_attr.get();
    set.is_some_and(|f| {
        std::ptr::fn_addr_eq(f, Vm::generic_set_attr as crate::object::slots::SetAttrFn)
    })
}

/// What a polymorphic instruction does about an instance that the table does not know: next time it may. The adaptive instruction comes
/// back if the attribute does not belong there.
#[cold]
#[inline(never)]
pub(crate) fn miss_polymorphic(vm: &mut Vm, frame: &Frame, unit: &Unit, owner: &Value) {
    let name = frame.code().names()[unit.arg() as usize].clone();
    let settable = unit.base() != Instr::StoreAttr || has_generic_set(vm, owner);
    if !settable || !remember(vm, owner, &name) {
        super::miss(vm, unit);
    }
}
