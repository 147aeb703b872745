//! LOAD_ATTR, method loads and STORE_ATTR.

use pyco_code::quicken::{Instr, Unit};

use super::{cache, give_up, halves, joined, specialize_to};
use crate::cell::ValueCell;
use crate::eval::frame::Frame;
use crate::object::function::Function;
use crate::object::header::{Kind, Ref};
use crate::object::instance::{Attributes, Shape};
use crate::object::member::Member;
use crate::object::module::Module;
use crate::object::property::Property;
use crate::object::slots::SetAttrFn;
use crate::object::str_::Str;
use crate::object::type_::{Type, flags};
use crate::ops::attributes::{finds_generically, is_generic};
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Specialises LOAD_ATTR.
pub(crate) fn load_attr(vm: &mut Vm, frame: &Frame, unit: &Unit, owner: &Value, name: usize) {
    let name = frame.code().names()[name].clone();
    match plan_load(vm, owner, &name, unit) {
        Some(Plan::Method) | None => give_up(vm, unit, &[owner]),
        Some(Plan::Instr(instr)) => specialize_to(vm, unit, instr),
    }
}

/// Specialises a method load.
pub(crate) fn load_method(vm: &mut Vm, frame: &Frame, unit: &Unit, owner: &Value, name: usize) {
    let name = frame.code().names()[name].clone();
    match plan_load(vm, owner, &name, unit) {
        Some(Plan::Method) => {
            let has_values = owner.kind() == Some(Kind::Instance);
            let instr = if has_values {
                Instr::LoadMethodWithValues
            } else {
                Instr::LoadMethodNoDict
            };
            specialize_to(vm, unit, instr);
        }
        Some(Plan::Instr(Instr::LoadAttrModule)) => {
            specialize_to(vm, unit, Instr::LoadMethodModule)
        }
        Some(Plan::Instr(Instr::LoadAttrClass)) => specialize_to(vm, unit, Instr::LoadMethodClass),
        _ => give_up(vm, unit, &[owner]),
    }
}

enum Plan {
    Instr(Instr),
    /// The caches are set for a method of the type.
    Method,
}

/// Fills the caches; `value` is the bits of a value that what has the version holds, or 0.
fn store(unit: &Unit, version: u32, index: u32, shape: *const Shape, value: u64) {
    let pc: *const Unit = unit;
    // SAFETY: LOAD_ATTR and STORE_ATTR have at least four cache units in every version.
    unsafe {
        cache(pc, 1).store(joined(version, index));
        cache(pc, 2).store(shape as u64);
        cache(pc, 3).store(value);
    }
}

fn plan_load(vm: &mut Vm, owner: &Value, name: &Ref<Str>, unit: &Unit) -> Option<Plan> {
    if let Some(module) = owner.downcast::<Module>() {
        if !module.is_exact() {
            return None;
        }
        let index = module.dict.index_of_str(vm, name)?;
        let version = module.dict.keys_version(vm);
        if version == 0 {
            return None;
        }
        store(unit, version, index as u32, std::ptr::null(), 0);
        return Some(Plan::Instr(Instr::LoadAttrModule));
    }
    if let Some(class) = owner.downcast::<Type>() {
        return plan_class(vm, class, name, unit);
    }
    let ty = vm.type_of(owner).clone();
    if ty.version() == 0 || !finds_generically(vm, &ty) {
        return None;
    }
    let found = ty.lookup(vm, name);
    let attributes = owner.header().and_then(|h| h.attributes());
    if let Some(descriptor) = &found {
        let descriptor_type = vm.type_of(descriptor).clone();
        if let Some(member) = descriptor.downcast::<Member>()
            && let Some(index) = member.slot()
        {
            if !ty.is_subtype(vm, &member.owner) {
                return None;
            }
            store(unit, ty.version(), index, std::ptr::null(), 0);
            return Some(Plan::Instr(Instr::LoadAttrSlot));
        }
        if let Some(property) = descriptor.downcast::<Property>().filter(|p| p.is_exact()) {
            let getter = property.getter.get()?;
            let function = getter.downcast::<Function>()?;
            // A getter's AttributeError has `__getattr__` asked.
            if function.code().exact_argcount() != Some(1) || !is_generic(&ty) {
                return None;
            }
            store(unit, ty.version(), 0, std::ptr::null(), descriptor.bits());
            return Some(Plan::Instr(Instr::LoadAttrProperty));
        }
        if descriptor_type.slots.descr_set.get().is_some() {
            return None;
        }
    }
    let has_own_dict = ty.has(flags::OWN_DICT);
    let shape = match attributes.filter(|_| ty.has(flags::HAS_DICT)) {
        Some(attributes) => {
            let shape = attributes.shape()?;
            if let Some(index) = shape.find(name) {
                if owner.kind() != Some(Kind::Instance) {
                    return None;
                }
                store(unit, ty.version(), index as u32, attributes.shape_ptr(), 0);
                return Some(Plan::Instr(Instr::LoadAttrInstanceValue));
            }
            if owner.kind() != Some(Kind::Instance) {
                return None;
            }
            attributes.shape_ptr()
        }
        None if has_own_dict => return None,
        None => std::ptr::null(),
    };
    let found = found?;
    let found_type = vm.type_of(&found);
    store(unit, ty.version(), 0, shape, found.bits());
    if found_type.has(flags::METHOD_DESCRIPTOR) {
        return Some(Plan::Method);
    }
    if found_type.slots.descr_get.get().is_none() {
        return Some(Plan::Instr(Instr::LoadAttrNondescriptor));
    }
    None
}

fn plan_class(vm: &mut Vm, class: &Ref<Type>, name: &Ref<Str>, unit: &Unit) -> Option<Plan> {
    if !class.ty().is(&vm.types.type_) || class.version() == 0 {
        return None;
    }
    let on_metaclass = vm.types.type_.clone().lookup(vm, name);
    if on_metaclass.is_some_and(|m| vm.type_of(&m).slots.descr_set.get().is_some()) {
        return None;
    }
    let found = class.lookup(vm, name)?;
    let bound = vm.type_of(&found).slots.descr_get.get().is_some();
    // A plain function comes out of its class as it is; other descriptors may not.
    if bound && found.downcast::<Function>().is_none() {
        return None;
    }
    store(unit, class.version(), 0, std::ptr::null(), found.bits());
    Some(Plan::Instr(Instr::LoadAttrClass))
}

#[inline(always)]
unsafe fn cached_value<'a>(pc: *const Unit) -> &'a Value {
    // SAFETY: the version that guards it has been compared, so what was cached is still held by its class.
    unsafe { &*(cache(pc, 3) as *const Unit).cast::<Value>() }
}

/// The attributes of a plain instance whose class has the cached version.
#[inline(always)]
unsafe fn instance(pc: *const Unit, owner: &Value) -> Option<&Attributes> {
    let header = owner.header()?;
    // SAFETY: the instruction has its caches.
    let (version, _) = halves(unsafe { cache(pc, 1) }.load());
    if header.ty().version() != version {
        return None;
    }
    header.attributes()
}

/// LOAD_ATTR_INSTANCE_VALUE.
///
/// # Safety
/// `pc` is at that instruction, in the running frame; so for all that follow.
#[inline(always)]
pub(crate) unsafe fn attr_instance_value(pc: *const Unit, owner: &Value) -> Option<Value> {
    // SAFETY: forwarded; the shape says that the index is in the row.
    unsafe {
        let attributes = instance(pc, owner)?;
        if attributes.shape_ptr() as u64 != cache(pc, 2).load() {
            return None;
        }
        let (_, index) = halves(cache(pc, 1).load());
        attributes.attribute_unchecked(index as usize).get()
    }
}

/// LOAD_ATTR_SLOT.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn attr_slot(pc: *const Unit, owner: &Value) -> Option<Value> {
    // SAFETY: forwarded.
    unsafe {
        let attributes = instance(pc, owner)?;
        let (_, index) = halves(cache(pc, 1).load());
        attributes.slot(index).get()
    }
}

/// LOAD_ATTR_MODULE.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn attr_module(pc: *const Unit, owner: &Value) -> Option<Value> {
    let module = owner.downcast::<Module>()?;
    // SAFETY: forwarded; equal versions say that the index is that of the name's entry.
    unsafe {
        let (version, index) = halves(cache(pc, 1).load());
        if module.dict.keys_version_now() != version {
            return None;
        }
        module.dict.value_at_unchecked(index as usize).clone()
    }
}

/// LOAD_ATTR_CLASS.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn attr_class(pc: *const Unit, owner: &Value) -> Option<Value> {
    let class = owner.downcast::<Type>()?;
    // SAFETY: forwarded; the class has the cached version, so it still holds the value.
    unsafe {
        let (version, _) = halves(cache(pc, 1).load());
        (class.version() == version).then(|| cached_value(pc).clone())
    }
}

/// A value of the type that neither the instance nor a descriptor hides.
#[inline(always)]
unsafe fn of_type<'a>(pc: *const Unit, owner: &Value) -> Option<&'a Value> {
    let header = owner.header();
    // SAFETY: forwarded.
    unsafe {
        let (version, _) = halves(cache(pc, 1).load());
        let shape = cache(pc, 2).load();
        let header = header?;
        if header.ty().version() != version {
            return None;
        }
        if shape != 0 && header.attributes()?.shape_ptr() as u64 != shape {
            return None;
        }
        Some(cached_value(pc))
    }
}

/// LOAD_ATTR_METHOD_WITH_VALUES, LOAD_ATTR_METHOD_NO_DICT.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn method_of_type<'a>(pc: *const Unit, owner: &Value) -> Option<&'a Value> {
    // SAFETY: forwarded.
    unsafe { of_type(pc, owner) }
}

/// LOAD_ATTR_NONDESCRIPTOR.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn attr_of_type(pc: *const Unit, owner: &Value) -> Option<Value> {
    // SAFETY: forwarded.
    unsafe { of_type(pc, owner) }.cloned()
}

/// LOAD_ATTR_PROPERTY: the getter.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn attr_property(pc: *const Unit, owner: &Value) -> Option<Ref<Function>> {
    // SAFETY: forwarded. What is cached is the property, which the class holds; it may have got another getter since, or the
    // getter other code, which no version shows.
    let property = unsafe { of_type(pc, owner) }?.downcast::<Property>()?;
    let getter = property.getter.get()?.into_ref::<Function>().ok()?;
    (getter.code().exact_argcount() == Some(1)).then_some(getter)
}

/// Specialises STORE_ATTR.
pub(crate) fn store_attr(vm: &mut Vm, frame: &Frame, unit: &Unit, owner: &Value, name: usize) {
    let name = frame.code().names()[name].clone();
    match plan_store(vm, owner, &name, unit) {
        Some(instr) => specialize_to(vm, unit, instr),
        None => give_up(vm, unit, &[owner]),
    }
}

fn plan_store(vm: &mut Vm, owner: &Value, name: &Ref<Str>, unit: &Unit) -> Option<Instr> {
    let ty = vm.type_of(owner).clone();
    let generic = ty.slots.set_attr.get()?;
    if !std::ptr::fn_addr_eq(generic, Vm::generic_set_attr as SetAttrFn) || ty.version() == 0 {
        return None;
    }
    let found = ty.lookup(vm, name);
    if let Some(descriptor) = &found {
        if let Some(member) = descriptor.downcast::<Member>()
            && let Some(index) = member.slot()
        {
            if !ty.is_subtype(vm, &member.owner) {
                return None;
            }
            store(unit, ty.version(), index, std::ptr::null(), 0);
            return Some(Instr::StoreAttrSlot);
        }
        if vm.type_of(descriptor).slots.descr_set.get().is_some() {
            return None;
        }
    }
    if owner.kind() != Some(Kind::Instance) || !ty.has(flags::HAS_DICT) {
        return None;
    }
    let attributes = owner.header()?.attributes()?;
    let shape = attributes.shape()?;
    if let Some(index) = shape.find(name) {
        store(unit, ty.version(), index as u32, attributes.shape_ptr(), 0);
        return Some(Instr::StoreAttrInstanceValue);
    }
    if !attributes.has_room() {
        return None;
    }
    let grown = shape.with(name);
    store(
        unit,
        ty.version(),
        shape.len() as u32,
        attributes.shape_ptr(),
        std::rc::Rc::as_ptr(&grown) as u64,
    );
    Some(Instr::StoreAttrNewValue)
}

/// STORE_ATTR_INSTANCE_VALUE: where the value goes.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn store_instance_value(pc: *const Unit, owner: &Value) -> Option<&ValueCell> {
    // SAFETY: forwarded.
    unsafe {
        let attributes = instance(pc, owner)?;
        if attributes.shape_ptr() as u64 != cache(pc, 2).load() {
            return None;
        }
        let (_, index) = halves(cache(pc, 1).load());
        Some(attributes.attribute_unchecked(index as usize))
    }
}

/// A store of the first value of an attribute: the instance takes the next shape. False if the guess was wrong.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn store_new_value(pc: *const Unit, owner: &Value, value: &mut Slot) -> bool {
    // SAFETY: forwarded; the row of every instance of this class and shape has room, as it is equally long for all.
    unsafe {
        let Some(attributes) = instance(pc, owner) else {
            return false;
        };
        if attributes.shape_ptr() as u64 != cache(pc, 2).load() || !attributes.has_room() {
            return false;
        }
        let (_, index) = halves(cache(pc, 1).load());
        let Some(value) = value.take() else {
            return false;
        };
        attributes.grow_unchecked(index as usize, cache(pc, 3).load() as *const Shape, value);
        true
    }
}

/// STORE_ATTR_SLOT: where the value goes.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn store_slot(pc: *const Unit, owner: &Value) -> Option<&ValueCell> {
    // SAFETY: forwarded.
    unsafe {
        let attributes = instance(pc, owner)?;
        let (_, index) = halves(cache(pc, 1).load());
        Some(attributes.slot(index))
    }
}
