//! The method resolution order: C3, and metaclasses that decide for themselves.

use std::rc::Rc;

use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_new::solid_base;
use crate::vm::Vm;

/// The C3 linearisation.
pub(crate) fn compute_mro(
    vm: &mut Vm,
    ty: &Ref<Type>,
    bases: &[Ref<Type>],
) -> PyResult<Vec<Ref<Type>>> {
    for (index, base) in bases.iter().enumerate() {
        if bases[..index].iter().any(|other| other.is(base)) {
            let name = base.name();
            return Err(vm.type_error(format!("duplicate base class {name}")));
        }
    }
    let mut lists: Vec<Vec<Ref<Type>>> = bases.iter().map(|base| base.mro(vm).to_vec()).collect();
    lists.push(bases.to_vec());
    let mut starts = vec![0; lists.len()];
    let mut mro = vec![ty.clone()];
    loop {
        let mut next = None;
        let mut done = true;
        for (list, start) in lists.iter().zip(&starts) {
            let Some(candidate) = list.get(*start) else {
                continue;
            };
            done = false;
            let blocked = lists
                .iter()
                .zip(&starts)
                .any(|(l, s)| l.iter().skip(s + 1).any(|other| other.is(candidate)));
            if !blocked {
                next = Some(candidate.clone());
                break;
            }
        }
        if done {
            return Ok(mro);
        }
        let Some(next) = next else {
            let mut names: Vec<Rc<str>> = Vec::new();
            for (list, start) in lists.iter().zip(&starts) {
                if let Some(head) = list.get(*start)
                    && !names.contains(&head.name())
                {
                    names.push(head.name());
                }
            }
            let names = names.join(", ");
            let separator = if vm.version_number() >= 13 { ' ' } else { '\n' };
            return Err(vm.type_error(format!(
                "Cannot create a consistent method resolution{separator}order (MRO) for bases {names}"
            )));
        };
        for (list, start) in lists.iter().zip(&mut starts) {
            if list.get(*start).is_some_and(|head| head.is(&next)) {
                *start += 1;
            }
        }
        mro.push(next);
    }
}

/// The bases of a class, as they stand in `__bases__`.
pub(super) fn bases_of(ty: &Ref<Type>) -> Vec<Ref<Type>> {
    let bases = ty.bases.get();
    let bases = bases.as_ref().and_then(|bases| bases.downcast::<Tuple>());
    let bases = bases.map_or(&[][..], |bases| bases.items());
    let bases = bases.iter().filter_map(|base| base.downcast::<Type>());
    bases.cloned().collect()
}

/// The order that the metaclass's own `mro()` gives; `None` if it has none.
fn overridden(vm: &mut Vm, ty: &Ref<Type>) -> PyResult<Option<Vec<Ref<Type>>>> {
    if ty.ty().is(&vm.types.type_) {
        return Ok(None);
    }
    let name = vm.intern("mro");
    let metatype = ty.ty().clone();
    let Some(method) = metatype.lookup(vm, &name) else {
        return Ok(None);
    };
    let plain = vm.types.type_.clone().lookup(vm, &name);
    if plain.is_some_and(|plain| plain.is(&method)) {
        return Ok(None);
    }
    let result = vm.call_special(ty.as_value(), &name, &[])?;
    let classes = vm.collect(&result)?;
    if classes.is_empty() {
        return Err(vm.type_error("type MRO must not be empty"));
    }
    let solid = solid_base(ty);
    let whose = match vm.version_number() {
        ..15 => String::new(),
        _ => format!("{}.", ty.name()),
    };
    let mut mro = Vec::with_capacity(classes.len());
    for class in classes {
        let class = match class.into_ref::<Type>() {
            Ok(class) => class,
            Err(other) => {
                let found = vm.type_name(&other);
                let message = format!("{whose}mro() returned a non-class ('{found}')");
                return Err(vm.type_error(message));
            }
        };
        if !solid.is_subtype(vm, &solid_base(&class)) {
            let name = class.name();
            let message = format!("{whose}mro() returned base with unsuitable layout ('{name}')");
            return Err(vm.type_error(message));
        }
        mro.push(class);
    }
    Ok(Some(mro))
}

/// The order of a class whose bases are set: what its metaclass says, else C3.
pub(super) fn resolve(vm: &mut Vm, ty: &Ref<Type>) -> PyResult<Vec<Ref<Type>>> {
    match overridden(vm, ty)? {
        Some(mro) => Ok(mro),
        None => compute_mro(vm, ty, &bases_of(ty)),
    }
}
