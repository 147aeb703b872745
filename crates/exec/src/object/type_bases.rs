//! Assignment to `__bases__`, and which classes can take each other's place.
//!
//! An instance never changes its layout, so a class can only get bases that lay their instances out as its old base does; the
//! same holds for assignment to `__class__` (`object/object_methods.rs`).

use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::member::{Member, Place};
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, flags};
use crate::object::type_facts::basic_size;
use crate::object::type_methods::{check_mutable, this_type};
use crate::object::type_mro::{bases_of, resolve};
use crate::object::type_new::best_base;
use crate::value::Value;
use crate::vm::Vm;

/// Refuses to let `new` stand where `old` stood, if their instances differ in layout. From 3.15 on a class may get a base that
/// has less, or as much as the class itself adds.
pub(super) fn check_layouts(
    vm: &mut Vm,
    old: &Ref<Type>,
    new: &Ref<Type>,
    attribute: &str,
) -> PyResult<()> {
    let differ = !is_let_go_alike(vm, old, new) && !both_modules(vm, old, new);
    let what = if differ && (vm.version_number() < 15 || attribute == "__class__") {
        "deallocator"
    } else {
        let (a, b) = (without_additions(vm, new), without_additions(vm, old));
        if a.is(&b) || adds_the_same(vm, &a, &b) {
            return Ok(());
        }
        "object layout"
    };
    Err(differs(vm, old, new, attribute, what))
}

#[cold]
fn differs(vm: &mut Vm, old: &Ref<Type>, new: &Ref<Type>, attribute: &str, what: &str) -> Raised {
    let (new, old) = (new.name(), old.name());
    vm.type_error(format!(
        "{attribute} assignment: '{new}' {what} differs from '{old}'"
    ))
}

/// Whether CPython frees the instances of both by the same function, as it does those of all classes that programs make.
fn is_let_go_alike(vm: &Vm, a: &Ref<Type>, b: &Ref<Type>) -> bool {
    let is_common =
        |ty: &Ref<Type>| !ty.is_built_in() || ty.is_subtype(vm, &vm.types.base_exception);
    match (is_common(a), is_common(b)) {
        (true, true) => true,
        (false, false) => a.layout().payload == b.layout().payload,
        _ => false,
    }
}

/// 3.15's check of a new base: the same without dicts and weak references, of which it has no more than the class itself.
fn check_base_layouts(
    vm: &mut Vm,
    ty: &Ref<Type>,
    old: &Ref<Type>,
    new: &Ref<Type>,
) -> PyResult<()> {
    if vm.version_number() < 15 {
        return check_layouts(vm, old, new, "__bases__");
    }
    let extras = [flags::HAS_DICT, flags::WEAKLY_REFERENCED];
    let has_room = extras.iter().all(|flag| ty.has(*flag) || !new.has(*flag));
    let (a, b) = (solid(vm, new), solid(vm, old));
    if has_room && (a.is(&b) || adds_the_same(vm, &a, &b)) {
        return Ok(());
    }
    Err(differs(vm, old, new, "__bases__", "object layout"))
}

/// The nearest class up the chain that adds more than a dict and weak references.
fn solid(vm: &mut Vm, ty: &Ref<Type>) -> Ref<Type> {
    let mut ty = ty.clone();
    while let Some(base) = ty.base() {
        if adds_storage(vm, &base, &ty) {
            break;
        }
        ty = base;
    }
    ty
}

/// Whether instances of `ty` hold more than those of its base, apart from a dict and weak references.
fn adds_storage(vm: &mut Vm, base: &Ref<Type>, ty: &Ref<Type>) -> bool {
    base.layout().payload != ty.layout().payload
        || base.slot_count() != ty.slot_count()
        || ty.is_built_in() && basic_size(vm, base) != basic_size(vm, ty)
}

/// Modules may become instances of a program's own kind of module.
pub(super) fn both_modules(vm: &Vm, a: &Ref<Type>, b: &Ref<Type>) -> bool {
    let module = &vm.types.module;
    a.is_subtype(vm, module) && b.is_subtype(vm, module)
}

/// The class farthest up whose instances are laid out like those of `ty`.
fn without_additions(vm: &mut Vm, ty: &Ref<Type>) -> Ref<Type> {
    let mut ty = ty.clone();
    while let Some(base) = ty.base() {
        if adds_storage(vm, &base, &ty) || !same_extras(&base, &ty) {
            break;
        }
        ty = base;
    }
    ty
}

/// Whether both have or lack a dict and weak references.
fn same_extras(a: &Ref<Type>, b: &Ref<Type>) -> bool {
    let extras = [flags::HAS_DICT, flags::WEAKLY_REFERENCED];
    extras.iter().all(|flag| a.has(*flag) == b.has(*flag))
}

/// Whether two classes add slots of the same names, and the like, to the same base.
fn adds_the_same(vm: &mut Vm, a: &Ref<Type>, b: &Ref<Type>) -> bool {
    let same_base = match (a.base(), b.base()) {
        (Some(a), Some(b)) => a.is(&b),
        _ => false,
    };
    same_base
        && a.layout().payload == b.layout().payload
        && a.slot_count() == b.slot_count()
        && same_extras(a, b)
        && own_slots(vm, a) == own_slots(vm, b)
}

/// The names of the slots that a class adds, by their places.
fn own_slots(vm: &mut Vm, ty: &Ref<Type>) -> Vec<(u32, String)> {
    let mut slots = Vec::new();
    for (_, value) in ty.dict(vm).items(vm) {
        if let Some(member) = value.downcast::<Member>()
            && member.owner.is(ty)
            && let Place::Slot(place) = member.place
        {
            slots.push((place, member.name.to_string()));
        }
    }
    slots.sort();
    slots
}

/// `Class.__bases__ = bases`.
pub(super) fn set_bases(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    check_mutable(vm, &ty, "__bases__", value.is_none())?;
    let Some(value) = value else {
        return Ok(());
    };
    let bases = checked_bases(vm, &ty, &value)?;
    let best = best_base(vm, &bases)?;
    let old_best = ty.base().unwrap_or_else(|| vm.types.object.clone());
    check_base_layouts(vm, &ty, &old_best, &best)?;
    let old_bases = ty.bases.get();
    ty.bases.set(Some(value.clone()));
    ty.base.set(Some(Value::from(&best)));
    let mut changed = Vec::new();
    if let Err(raised) = update_orders(vm, &ty, &mut changed) {
        for (class, mro) in changed.into_iter().rev() {
            class.set_mro(vm, mro);
            class.modified();
        }
        // An `mro()` that has itself assigned bases has the last word.
        if ty.bases.get().is_some_and(|now| now.is(&value)) {
            ty.bases.set(old_bases);
            ty.base.set(Some(Value::from(&old_best)));
        }
        return Err(raised);
    }
    for (class, _) in changed {
        class.modified();
        let had_finalizer = class.has_finalizer();
        class.update_all_slots(vm);
        if class.has_finalizer() && !had_finalizer {
            class.finalize_existing();
        }
    }
    Ok(())
}

/// The classes of a tuple that is to become the bases of `ty`.
fn checked_bases(vm: &mut Vm, ty: &Ref<Type>, value: &Value) -> PyResult<Vec<Ref<Type>>> {
    let name = ty.name();
    let Some(tuple) = value.downcast::<Tuple>() else {
        let found = vm.type_name(value);
        let message = format!("can only assign tuple to {name}.__bases__, not {found}");
        return Err(vm.type_error(message));
    };
    if tuple.items().is_empty() {
        let message = format!("can only assign non-empty tuple to {name}.__bases__, not ()");
        return Err(vm.type_error(message));
    }
    let mut bases = Vec::with_capacity(tuple.items().len());
    for base in tuple.items() {
        let Some(base) = base.downcast::<Type>() else {
            let found = vm.type_name(base);
            let message = format!("{name}.__bases__ must be tuple of classes, not '{found}'");
            return Err(vm.type_error(message));
        };
        if base.is_subtype(vm, ty) || is_below(base, ty) {
            return Err(cycle(vm));
        }
        bases.push(base.clone());
    }
    Ok(bases)
}

#[cold]
fn cycle(vm: &mut Vm) -> Raised {
    vm.type_error("a __bases__ item causes an inheritance cycle")
}

/// Whether `ty` is in the chain of first bases of `class`, whatever an `mro()` made of its order.
fn is_below(class: &Ref<Type>, ty: &Ref<Type>) -> bool {
    let mut class = class.clone();
    while let Some(base) = class.base() {
        if base.is(ty) {
            return true;
        }
        class = base;
    }
    false
}

/// Finds the orders of `ty` and of all classes below it anew, bases first; notes each class with the order that it had.
fn update_orders(
    vm: &mut Vm,
    ty: &Ref<Type>,
    changed: &mut Vec<(Ref<Type>, Vec<Ref<Type>>)>,
) -> PyResult<()> {
    for class in bases_first(ty) {
        let mro = resolve(vm, &class)?;
        let old = class.mro(vm).to_vec();
        class.set_mro(vm, mro);
        class.modified();
        changed.push((class, old));
    }
    Ok(())
}

/// `ty` and all classes below it, each behind those of them that it derives from.
fn bases_first(ty: &Ref<Type>) -> Vec<Ref<Type>> {
    let mut order = vec![ty.clone()];
    let mut left = ty.subclasses();
    while !left.is_empty() {
        let is_ready = |class: &Ref<Type>| {
            let bases = bases_of(class);
            !bases.iter().any(|base| left.iter().any(|l| l.is(base)))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = left.iter().cloned().partition(is_ready);
        let is_stuck = ready.is_empty();
        order.extend(ready);
        // Bases form no cycle, but nothing may hang if some `mro()` has managed to make one.
        if is_stuck {
            order.extend(rest);
            break;
        }
        left = rest;
    }
    order
}
