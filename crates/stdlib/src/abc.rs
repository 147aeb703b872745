//! `_abc`: abstract base classes, as `abc.ABCMeta` asks for them.

use pyco_exec::cell::VmCell;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::list::List;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::set::Set;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::object::weak_ref::WeakRef;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_abc");
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

/// How often a class was registered: what has been refused is asked again after that.
#[derive(Default)]
struct Registrations(i64);

/// What an abstract class knows of others: sets of weak references, none while they would be empty.
struct AbcData {
    registry: VmCell<Option<Ref<Set>>>,
    cache: VmCell<Option<Ref<Set>>>,
    refused: VmCell<Option<Ref<Set>>>,
    refused_at: VmCell<i64>,
}

impl Payload for AbcData {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for set in [&self.registry, &self.cache, &self.refused] {
            // SAFETY: the collector calls this, while nobody borrows any contents.
            unsafe {
                set.traverse_with(|set| {
                    if let Some(set) = set {
                        visit(set.as_value());
                    }
                });
            }
        }
    }
}

static DATA: ClassDef = ClassDef::new::<AbcData>("_abc._abc_data", slots);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|vm, class, _| {
        let now = vm.state::<Registrations>().0;
        let data = AbcData {
            registry: VmCell::new(None),
            cache: VmCell::new(None),
            refused: VmCell::new(None),
            refused_at: VmCell::new(now),
        };
        Ok(Value::from(Ref::new(class, data)))
    }));
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("get_cache_token", |vm, _| {
        let now = vm.state::<Registrations>().0;
        Ok(vm.int(now))
    })
    .signature("($module, /)"),
    NativeDef::one("_abc_init", |vm, _, class| init(vm, class)).signature("($module, self, /)"),
    NativeDef::range("_abc_register", 2, 2, |vm, _, args| {
        register(vm, &args[0], &args[1])
    })
    .signature("($module, self, subclass, /)"),
    NativeDef::range("_abc_instancecheck", 2, 2, |vm, _, args| {
        instance_check(vm, &args[0], &args[1])
    })
    .signature("($module, self, instance, /)"),
    NativeDef::range("_abc_subclasscheck", 2, 2, |vm, _, args| {
        subclass_check(vm, &args[0], &args[1]).map(Value::bool)
    })
    .signature("($module, self, subclass, /)"),
    NativeDef::one("_get_dump", dump).signature("($module, self, /)"),
    NativeDef::one("_reset_registry", |vm, _, class| {
        let data = data_of(vm, class)?;
        clear(vm, &data.registry)?;
        Ok(Value::NONE)
    })
    .signature("($module, self, /)"),
    NativeDef::one("_reset_caches", |vm, _, class| {
        let data = data_of(vm, class)?;
        clear(vm, &data.cache)?;
        clear(vm, &data.refused)?;
        Ok(Value::NONE)
    })
    .signature("($module, self, /)"),
];

fn data_of(vm: &mut Vm, class: &Value) -> PyResult<Ref<AbcData>> {
    let name = vm.intern("_abc_impl");
    let data = vm.get_attr(class, &name)?;
    match data.into_ref::<AbcData>() {
        Ok(data) => Ok(data),
        Err(_) => Err(vm.type_error("_abc_impl is set to a wrong type")),
    }
}

fn clear(vm: &mut Vm, set: &VmCell<Option<Ref<Set>>>) -> PyResult<()> {
    if let Some(set) = set.get(vm).clone() {
        for item in set.items(vm) {
            set.discard(vm, &item)?;
        }
    }
    Ok(())
}

/// Whether a value says that it is abstract.
fn is_abstract(vm: &mut Vm, value: &Value) -> PyResult<bool> {
    let name = vm.intern("__isabstractmethod__");
    match vm.get_attr_opt(value, &name)? {
        Some(flag) => vm.truth(&flag),
        None => Ok(false),
    }
}

/// The names of the methods that are still abstract in a class.
fn abstract_methods(vm: &mut Vm, class: &Value) -> PyResult<Vec<Value>> {
    let mut found = Vec::new();
    let [dict, items] = ["__dict__", "items"].map(|name| vm.intern(name));
    let namespace = vm.get_attr(class, &dict)?;
    let items = vm.call_method(&namespace, &items, &[])?;
    for item in vm.collect(&items)? {
        if let Some([name, value]) = item.downcast::<Tuple>().map(|item| item.items())
            && is_abstract(vm, value)?
        {
            found.push(name.clone());
        }
    }
    let [bases, methods] = ["__bases__", "__abstractmethods__"].map(|name| vm.intern(name));
    let bases = vm.get_attr(class, &bases)?;
    let Some(bases) = bases.downcast::<Tuple>() else {
        return Err(vm.type_error("__bases__ is not tuple"));
    };
    for base in bases.items() {
        let Some(inherited) = vm.get_attr_opt(base, &methods)? else {
            continue;
        };
        for name in vm.collect(&inherited)? {
            let key = vm.attribute_name(&name)?;
            if let Some(value) = vm.get_attr_opt(class, &key)?
                && is_abstract(vm, &value)?
            {
                found.push(name);
            }
        }
    }
    Ok(found)
}

/// `_abc_init(class)`.
fn init(vm: &mut Vm, class: &Value) -> PyResult {
    let methods = abstract_methods(vm, class)?;
    let methods = Set::frozen(vm, methods)?;
    let name = vm.intern("__abstractmethods__");
    vm.set_attr(class, &name, Some(methods))?;
    let data = vm.class(&DATA);
    let data = vm.call(data.as_value(), &[])?;
    let name = vm.intern("_abc_impl");
    vm.set_attr(class, &name, Some(data))?;
    if let Some(ty) = class.downcast::<Type>() {
        let ty = ty.clone();
        let name = vm.intern("__abc_tpflags__");
        let flags = ty.dict(vm).get_str(vm, &name);
        if let Some(flags) = flags.filter(|flags| flags.as_int().is_some()) {
            let flags = vm.index_for(&flags)?;
            let kind = (flags >> 5 & 3) as u32;
            if kind == 3 {
                let message =
                    "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING";
                return Err(vm.type_error(message));
            }
            if kind != 0 {
                ty.set_collection_kind(kind);
            }
            vm.set_attr(class, &name, None)?;
        }
    }
    Ok(Value::NONE)
}

/// The callback that takes a class that is gone out of a set.
static DESTROY: NativeDef = NativeDef::one("_destroy", |vm, set, reference| {
    let set = set.downcast::<WeakRef>().and_then(|set| set.target());
    if let Some(set) = set.as_ref().and_then(|set| set.downcast::<Set>()) {
        set.discard(vm, reference)?;
    }
    Ok(Value::NONE)
});

fn add(vm: &mut Vm, sets: &VmCell<Option<Ref<Set>>>, class: &Value) -> PyResult<()> {
    let set = match sets.get(vm) {
        Some(set) => set.clone(),
        None => {
            let set = Set::new(vm);
            *sets.get_mut(vm) = Some(set.clone());
            set
        }
    };
    let ty = vm.types.weak_ref.clone();
    let to_set = vm.weak_reference(&ty, set.as_value(), None)?;
    let callback = vm.new_native(&DESTROY, Value::from(to_set), None);
    let reference = vm.weak_reference(&ty, class, Some(callback))?;
    set.add(vm, Value::from(reference))?;
    Ok(())
}

fn holds(vm: &mut Vm, sets: &VmCell<Option<Ref<Set>>>, class: &Value) -> PyResult<bool> {
    let Some(set) = sets.get(vm).clone().filter(|set| set.len(vm) > 0) else {
        return Ok(false);
    };
    let ty = vm.types.weak_ref.clone();
    match vm.weak_reference(&ty, class, None) {
        Ok(reference) => set.contains(vm, reference.as_value()),
        // What cannot be referred to is no class that was added.
        Err(raised) if raised.is(vm, &vm.types.type_error) => Ok(false),
        Err(raised) => Err(raised),
    }
}

/// `_abc_register(class, subclass)`.
fn register(vm: &mut Vm, class: &Value, subclass: &Value) -> PyResult {
    let Some(sub) = subclass.downcast::<Type>().cloned() else {
        return Err(vm.type_error("Can only register classes"));
    };
    if vm.is_subclass(subclass, class)? {
        return Ok(subclass.clone());
    }
    if vm.is_subclass(class, subclass)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    let data = data_of(vm, class)?;
    add(vm, &data.registry, subclass)?;
    vm.state::<Registrations>().0 += 1;
    if let Some(kind) = class.downcast::<Type>().map(|ty| ty.collection_kind())
        && kind != 0
    {
        for ty in std::iter::once(sub.clone()).chain(sub.subclasses()) {
            if !ty.is_built_in() {
                ty.set_collection_kind(kind);
            }
        }
    }
    Ok(subclass.clone())
}

/// `_abc_instancecheck(class, instance)`.
fn instance_check(vm: &mut Vm, class: &Value, instance: &Value) -> PyResult {
    let data = data_of(vm, class)?;
    let name = vm.intern("__class__");
    let subclass = vm.get_attr(instance, &name)?;
    if holds(vm, &data.cache, &subclass)? {
        return Ok(Value::TRUE);
    }
    let own = Value::from(vm.type_of(instance));
    let check = vm.intern("__subclasscheck__");
    if own.is(&subclass) {
        let is_current = *data.refused_at.get(vm) == vm.state::<Registrations>().0;
        if is_current && holds(vm, &data.refused, &subclass)? {
            return Ok(Value::FALSE);
        }
        return vm.call_method(class, &check, &[subclass]);
    }
    let found = vm.call_method(class, &check, &[subclass])?;
    if vm.truth(&found)? {
        return Ok(found);
    }
    vm.call_method(class, &check, &[own])
}

/// `_abc_subclasscheck(class, subclass)`.
fn subclass_check(vm: &mut Vm, class: &Value, subclass: &Value) -> PyResult<bool> {
    if subclass.downcast::<Type>().is_none() {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    let data = data_of(vm, class)?;
    if holds(vm, &data.cache, subclass)? {
        return Ok(true);
    }
    let now = vm.state::<Registrations>().0;
    if *data.refused_at.get(vm) < now {
        clear(vm, &data.refused)?;
        *data.refused_at.get_mut(vm) = now;
    } else if holds(vm, &data.refused, subclass)? {
        return Ok(false);
    }
    let hook = vm.intern("__subclasshook__");
    let answer = vm.call_method(class, &hook, std::slice::from_ref(subclass))?;
    match answer.as_bool() {
        Some(true) => {
            add(vm, &data.cache, subclass)?;
            return Ok(true);
        }
        Some(false) => {
            add(vm, &data.refused, subclass)?;
            return Ok(false);
        }
        None if answer.is_not_implemented() => {}
        None => {
            let message = "__subclasshook__ must return either False, True, or NotImplemented";
            return Err(vm.error(&vm.types.assertion_error.clone(), message));
        }
    }
    let is_below = is_derived(vm, class, subclass);
    // What was registered itself needs no place in the cache.
    if !is_below && holds(vm, &data.registry, subclass)? {
        return Ok(true);
    }
    let is_found =
        is_below || is_registered(vm, &data, subclass)? || is_below_subclass(vm, class, subclass)?;
    let set = if is_found { &data.cache } else { &data.refused };
    add(vm, set, subclass)?;
    Ok(is_found)
}

fn is_derived(vm: &Vm, class: &Value, subclass: &Value) -> bool {
    let ty = subclass.downcast::<Type>();
    ty.is_some_and(|ty| ty.mro(vm).iter().any(|base| base.as_value().is(class)))
}

fn is_registered(vm: &mut Vm, data: &Ref<AbcData>, subclass: &Value) -> PyResult<bool> {
    let Some(registry) = data.registry.get(vm).clone() else {
        return Ok(false);
    };
    for reference in registry.items(vm) {
        let target = reference.downcast::<WeakRef>().and_then(|r| r.target());
        if let Some(registered) = target
            && vm.is_subclass(subclass, &registered)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_below_subclass(vm: &mut Vm, class: &Value, subclass: &Value) -> PyResult<bool> {
    let name = vm.intern("__subclasses__");
    let subclasses = vm.call_method(class, &name, &[])?;
    let Some(list) = subclasses.downcast::<List>().cloned() else {
        return Err(vm.type_error("__subclasses__() must return a list"));
    };
    for sub in list.items(vm).to_vec() {
        if vm.is_subclass(subclass, &sub)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `_get_dump(class)`: copies of the three sets, and when the last was begun.
fn dump(vm: &mut Vm, _module: &Value, class: &Value) -> PyResult {
    let data = data_of(vm, class)?;
    let mut parts = Vec::new();
    for sets in [&data.registry, &data.cache, &data.refused] {
        let items = sets
            .get(vm)
            .as_ref()
            .map_or_else(Vec::new, |set| set.items(vm));
        let copy = Set::new(vm);
        for item in items {
            copy.add(vm, item)?;
        }
        parts.push(Value::from(copy));
    }
    let since = *data.refused_at.get(vm);
    parts.push(vm.int(since));
    Ok(vm.new_tuple(parts))
}
