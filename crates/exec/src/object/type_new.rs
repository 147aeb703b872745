//! `type(name, bases, namespace)`: making classes.

use std::rc::Rc;

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::object::codec::encode_error;
use crate::object::dict::Dict;
use crate::object::frozen_dict::items_of;
use crate::object::function::{Cell, Function};
use crate::object::header::{Kind, Ref};
use crate::object::member::{Member, Place};
use crate::object::module::Module;
use crate::object::native::{GetSetDef, GetSetDescriptor};
use crate::object::property::{ClassMethod, StaticMethod};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, TypeSpec, flags};
use crate::object::type_mro;
use crate::object::wrapped_methods;
use crate::value::Value;
use crate::vm::Vm;

/// Attributes that instances of a class without a hint have room for.
const DEFAULT_ROW: u32 = 6;

/// `type.__new__(metatype, name, bases, namespace, **kwds)`.
pub(crate) fn new(vm: &mut Vm, metatype: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = args.positional();
    let [name, bases, namespace] = given else {
        return Err(vm.type_error(format!(
            "type.__new__() takes exactly 3 arguments ({} given)",
            given.len()
        )));
    };
    let Some(name) = name.downcast::<Str>().cloned() else {
        return Err(wrong_argument(vm, 1, "str", name));
    };
    let Some(bases) = bases.downcast::<Tuple>().cloned() else {
        return Err(wrong_argument(vm, 2, "tuple", bases));
    };
    let Some(namespace) = items_of(namespace).cloned() else {
        let expected = match vm.version_number() {
            ..15 => "dict",
            _ => "dict or frozendict",
        };
        return Err(wrong_argument(vm, 3, expected, namespace));
    };
    refuse_entries(vm, &bases)?;
    let winner = winning_metatype(vm, metatype, bases.items())?;
    let classes = classes_of(vm, &bases)?;
    let given = Some(&bases).filter(|bases| !bases.items().is_empty());
    if !winner.is(metatype) {
        let new = winner.slots.new.get();
        if let Some(f) =
            new.filter(|f| !std::ptr::fn_addr_eq(*f, new_type as crate::object::slots::NewFn))
        {
            return f(vm, &winner, args);
        }
    }
    make(vm, &winner, &name, (classes, given), &namespace, args)
}

/// Refuses bases that stand for others, which only a `class` statement resolves.
fn refuse_entries(vm: &mut Vm, bases: &Ref<Tuple>) -> PyResult<()> {
    for base in bases.items() {
        let mro_entries = vm.names.__mro_entries__.clone();
        if base.downcast::<Type>().is_none() && vm.get_attr_opt(base, &mro_entries)?.is_some() {
            let message = "type() doesn't support MRO entry resolution; use types.new_class()";
            return Err(vm.type_error(message));
        }
    }
    Ok(())
}

/// The bases, each of which must be a class.
fn classes_of(vm: &mut Vm, values: &Ref<Tuple>) -> PyResult<Vec<Ref<Type>>> {
    let mut bases = Vec::new();
    for base in values.items() {
        match base.downcast::<Type>() {
            Some(base) => bases.push(base.clone()),
            None => return Err(vm.type_error("bases must be types")),
        }
    }
    if bases.is_empty() {
        bases.push(vm.types.object.clone());
    }
    Ok(bases)
}

fn new_type(vm: &mut Vm, metatype: &Ref<Type>, args: Args<'_>) -> PyResult {
    new(vm, metatype, args)
}

/// The slot of `type.__new__`.
pub(crate) const NEW: crate::object::slots::NewFn = new_type;

#[cold]
fn wrong_argument(vm: &mut Vm, index: usize, expected: &str, found: &Value) -> Raised {
    let found = vm.type_name(found);
    vm.type_error(format!(
        "type.__new__() argument {index} must be {expected}, not {found}"
    ))
}

/// The most derived metaclass of `metatype` and the bases' classes.
pub(crate) fn winning_metatype(
    vm: &mut Vm,
    metatype: &Ref<Type>,
    bases: &[Value],
) -> PyResult<Ref<Type>> {
    let mut winner = metatype.clone();
    for base in bases {
        let candidate = vm.type_of(base).clone();
        if winner.is_subtype(vm, &candidate) {
            continue;
        }
        if candidate.is_subtype(vm, &winner) {
            winner = candidate;
            continue;
        }
        let message = "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
                       metaclasses of all its bases";
        return Err(vm.type_error(message));
    }
    Ok(winner)
}

fn make(
    vm: &mut Vm,
    metatype: &Ref<Type>,
    name: &Ref<Str>,
    (bases, given): (Vec<Ref<Type>>, Option<&Ref<Tuple>>),
    namespace: &Ref<Dict>,
    args: Args<'_>,
) -> PyResult {
    let best = best_base(vm, &bases)?;
    let dict = namespace.copy(vm);
    let slots = declared_slots(vm, &dict, name)?;
    let plan = plan_layout(vm, &best, &bases, &dict, slots.as_deref())?;
    let text = class_name(vm, name)?;
    let spec = TypeSpec {
        name: text.clone(),
        base: Some(best.clone()),
        layout: best.layout(),
        flags: flags::BASE_TYPE | plan.flags,
        slot_count: plan.slot_count,
        row_capacity: plan.row_capacity,
    };
    let ty = Ref::new(metatype, Type::new(spec));
    *ty.dict.get_mut(vm) = Some(dict.clone());
    ty.set_bases(vm, bases, Vec::new());
    // The tuple given stays itself.
    if let Some(given) = given {
        ty.bases.set(Some(Value::from(given)));
    }
    prepare_namespace(vm, &ty, name, &dict)?;
    fill_cells(vm, &ty, &dict)?;
    add_members(vm, &ty, &dict, plan.first_slot, &plan.names);
    add_instance_attributes(vm, &ty, &dict, &plan);
    let doc_key = vm.names.__doc__.clone();
    match dict.get_str(vm, &doc_key) {
        Some(doc) => {
            if let Some(Err(error)) = doc.downcast::<Str>().map(|doc| doc.view().to_utf8()) {
                return Err(encode_error(vm, &doc, &error));
            }
        }
        None => dict.set_str(vm, &doc_key, Value::NONE),
    }
    let mro = type_mro::resolve(vm, &ty)?;
    ty.set_mro(vm, mro);
    ty.modified();
    ty.update_all_slots(vm);
    warn_of_keys(vm, &text, &dict)?;
    set_names(vm, &ty, &dict)?;
    init_subclass(vm, &ty, args)?;
    Ok(Value::from(ty))
}

/// Says that a class has attributes which no name can reach.
fn warn_of_keys(vm: &mut Vm, class: &str, dict: &Ref<Dict>) -> PyResult<()> {
    let is_str = |(key, _): &(Value, Value)| key.downcast::<Str>().is_some();
    if vm.version_number() < 14 || dict.items(vm).iter().all(is_str) {
        return Ok(());
    }
    let message = format!("non-string key in the __dict__ of class {class}");
    vm.warn("RuntimeWarning", &message)
}

/// Gives the class and its dict to the cells through which its methods see them.
fn fill_cells(vm: &mut Vm, ty: &Ref<Type>, dict: &Ref<Dict>) -> PyResult<()> {
    let cell_name = vm.names.__classcell__.clone();
    if let Some(cell) = dict.remove_str(vm, &cell_name) {
        match cell.downcast::<Cell>() {
            Some(cell) => cell.value.set(Some(Value::from(ty))),
            None => {
                let found = vm.type_name(&cell);
                let message =
                    format!("__classcell__ must be a nonlocal cell, not <class '{found}'>");
                return Err(vm.type_error(message));
            }
        }
    }
    let cell_name = vm.names.__classdictcell__.clone();
    if let Some(cell) = dict.remove_str(vm, &cell_name) {
        match cell.downcast::<Cell>() {
            Some(cell) => cell.value.set(Some(Value::from(dict))),
            None => {
                let found = vm.type_of(&cell).clone();
                let found = vm.repr_text(found.as_value())?;
                let message = format!("__classdictcell__ must be a nonlocal cell, not {found}");
                return Err(vm.type_error(message));
            }
        }
    }
    Ok(())
}

/// The name of a class, which CPython keeps as UTF-8 with a null at its end.
pub(super) fn class_name(vm: &mut Vm, name: &Ref<Str>) -> PyResult<Rc<str>> {
    let text = match name.view().to_utf8() {
        Ok(text) => text,
        Err(error) => return Err(encode_error(vm, name.as_value(), &error)),
    };
    if name.view().chars().any(|c| c == 0) {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    Ok(Rc::from(text))
}

/// What the layout of a new class is to be.
struct Layout {
    flags: u32,
    first_slot: u32,
    slot_count: u32,
    row_capacity: u32,
    names: Vec<Ref<Str>>,
    adds_dict: bool,
    adds_weak_references: bool,
}

/// The base whose layout the class extends.
pub(super) fn best_base(vm: &mut Vm, bases: &[Ref<Type>]) -> PyResult<Ref<Type>> {
    let mut best: Option<(Ref<Type>, Ref<Type>)> = None;
    for base in bases {
        if !base.has(flags::BASE_TYPE) {
            let name = base.name();
            return Err(vm.type_error(format!("type '{name}' is not an acceptable base type")));
        }
        let solid = solid_base(base);
        match &best {
            None => best = Some((base.clone(), solid)),
            Some((_, winner)) if winner.is_subtype(vm, &solid) => {}
            Some((_, winner)) if solid.is_subtype(vm, winner) => best = Some((base.clone(), solid)),
            Some(_) => return Err(vm.type_error("multiple bases have instance lay-out conflict")),
        }
    }
    Ok(best
        .map(|(base, _)| base)
        .unwrap_or_else(|| vm.types.object.clone()))
}

/// The nearest class up the chain of bases that adds something to the layout: a payload or slots.
pub(super) fn solid_base(ty: &Ref<Type>) -> Ref<Type> {
    let mut ty = ty.clone();
    while let Some(base) = ty.base() {
        let same_payload = std::ptr::eq(base.layout(), ty.layout())
            || base.layout().payload == ty.layout().payload;
        if !same_payload || base.slot_count() != ty.slot_count() {
            break;
        }
        ty = base;
    }
    ty
}

/// `__slots__`, mangled; `None` if the class does not declare it.
fn declared_slots(
    vm: &mut Vm,
    dict: &Ref<Dict>,
    class: &Ref<Str>,
) -> PyResult<Option<Vec<Ref<Str>>>> {
    let key = vm.names.__slots__.clone();
    let Some(slots) = dict.get_str(vm, &key) else {
        return Ok(None);
    };
    let items = if slots.downcast::<Str>().is_some() {
        vec![slots]
    } else {
        vm.collect(&slots)?
    };
    let mut names = Vec::new();
    for item in items {
        let Some(name) = item.downcast::<Str>() else {
            let found = vm.type_name(&item);
            return Err(vm.type_error(format!("__slots__ items must be strings, not '{found}'")));
        };
        if !name.view().is_identifier(vm.unicode_version()) {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        names.push(mangle(vm, class, name));
    }
    Ok(Some(names))
}

/// The private form of a name in a class.
pub(crate) fn mangle(vm: &mut Vm, class: &Ref<Str>, name: &Ref<Str>) -> Ref<Str> {
    let text = name.to_string();
    let class = class.to_string();
    let class = class.trim_start_matches('_');
    if !text.starts_with("__") || text.ends_with("__") || text.contains('.') || class.is_empty() {
        return vm.intern_ref(name);
    }
    vm.intern(&format!("_{class}{text}"))
}

fn plan_layout(
    vm: &mut Vm,
    best: &Ref<Type>,
    bases: &[Ref<Type>],
    dict: &Ref<Dict>,
    slots: Option<&[Ref<Str>]>,
) -> PyResult<Layout> {
    let own_dict = best.has(flags::OWN_DICT) || best.layout().kind == Kind::Type;
    // What CPython lays out with a length of its own has no place for slots; the slots of a tuple stand before its items (3.15 on).
    let has_length = matches!(
        best.layout().kind,
        Kind::Int | Kind::Tuple | Kind::Bytes | Kind::Type
    );
    let is_variable = has_length && (best.layout().kind != Kind::Tuple || vm.version_number() < 15);
    let has_weak = best.has(flags::WEAKLY_REFERENCED);
    let may_add_weak = !has_weak && (!has_length || vm.version_number() >= 15);
    let is_own = |name: &Ref<Str>| match vm.version_number() {
        ..15 => true,
        _ => !name.eq_str("__dict__") && !name.eq_str("__weakref__"),
    };
    if is_variable && slots.is_some_and(|slots| slots.iter().any(is_own)) {
        let name = best.name();
        let which = match vm.version_number() {
            ..15 => "nonempty",
            _ => "arbitrary",
        };
        let message = format!("{which} __slots__ not supported for subtype of '{name}'");
        return Err(vm.type_error(message));
    }
    let inherited_dict = bases.iter().any(|base| base.has(flags::HAS_DICT));
    let mut names = Vec::new();
    let mut wants_dict = slots.is_none();
    let mut wants_weak = slots.is_none() && !has_length;
    for name in slots.unwrap_or(&[]) {
        if name.eq_str("__dict__") {
            if inherited_dict || own_dict || wants_dict {
                return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
            }
            wants_dict = true;
        } else if name.eq_str("__weakref__") {
            if !may_add_weak || wants_weak {
                let reason = match vm.version_number() {
                    ..12 => "either we already got one, or __itemsize__ != 0",
                    _ => "we already got one",
                };
                return Err(vm.type_error(format!("__weakref__ slot disallowed: {reason}")));
            }
            wants_weak = true;
        } else {
            if dict.contains_str(vm, name)
                && !name.eq_str("__qualname__")
                && !name.eq_str("__classcell__")
                && !name.eq_str("__classdictcell__")
            {
                return Err(vm.value_error(format!(
                    "'{name}' in __slots__ conflicts with class variable"
                )));
            }
            names.push(name.clone());
        }
    }
    names.sort_by_key(|name| name.to_string());
    let has_dict = !own_dict && (wants_dict || inherited_dict);
    let row = if has_dict {
        row_capacity(vm, bases, dict)
    } else {
        0
    };
    let is_inherited = bases.iter().any(|base| base.has(flags::WEAKLY_REFERENCED));
    let adds_weak = may_add_weak && (wants_weak || is_inherited);
    let mut plan_flags = if has_dict { flags::HAS_DICT } else { 0 };
    if has_weak || adds_weak {
        plan_flags |= flags::WEAKLY_REFERENCED;
    }
    Ok(Layout {
        flags: plan_flags,
        first_slot: best.slot_count(),
        slot_count: best.slot_count() + names.len() as u32,
        row_capacity: row,
        names,
        adds_dict: has_dict && !inherited_dict,
        adds_weak_references: adds_weak,
    })
}

/// The attributes that an instance's row should hold: those that the methods assign, where the compiler says so.
fn row_capacity(vm: &mut Vm, bases: &[Ref<Type>], dict: &Ref<Dict>) -> u32 {
    let key = vm.names.__static_attributes__.clone();
    let own = dict.get_str(vm, &key).and_then(|names| {
        names
            .downcast::<Tuple>()
            .map(|names| names.items().len() as u32)
    });
    let inherited = bases
        .iter()
        .map(|base| base.row_capacity())
        .max()
        .unwrap_or(0);
    match own {
        Some(0) if inherited == 0 => DEFAULT_ROW / 2,
        Some(own) => own + inherited.max(2),
        None => DEFAULT_ROW.max(inherited),
    }
}

/// `__module__`, `__qualname__`, `__doc__`, and the methods that are static or class methods without saying so.
fn prepare_namespace(
    vm: &mut Vm,
    ty: &Ref<Type>,
    name: &Ref<Str>,
    dict: &Ref<Dict>,
) -> PyResult<()> {
    let module_key = vm.names.__module__.clone();
    if !dict.contains_str(vm, &module_key) {
        let globals = vm.current_globals();
        let key = vm.names.__name__.clone();
        if let Some(module) = globals.and_then(|g| g.get_str(vm, &key)) {
            dict.set_str(vm, &module_key, module);
        }
    }
    let qualname_key = vm.names.__qualname__.clone();
    let qualname = match dict.remove_str(vm, &qualname_key) {
        Some(qualname) if qualname.downcast::<Str>().is_none() => {
            let found = vm.type_name(&qualname);
            return Err(vm.type_error(format!("type __qualname__ must be a str, not {found}")));
        }
        Some(qualname) => qualname,
        None => Value::from(name),
    };
    ty.qualname.set(Some(qualname));
    let new_key = vm.names.__new__.clone();
    if let Some(function) = dict
        .get_str(vm, &new_key)
        .filter(|f| f.downcast::<Function>().is_some())
    {
        let method = StaticMethod {
            function: ValueCell::new(Some(function)),
        };
        let method = Value::from(Ref::new(&vm.types.staticmethod, method));
        let method = wrapped_methods::finish(vm, method)?;
        dict.set_str(vm, &new_key, method);
    }
    for key in [
        vm.names.__init_subclass__.clone(),
        vm.names.__class_getitem__.clone(),
    ] {
        if let Some(function) = dict
            .get_str(vm, &key)
            .filter(|f| f.downcast::<Function>().is_some())
        {
            let method = ClassMethod {
                function: ValueCell::new(Some(function)),
            };
            let method = Value::from(Ref::new(&vm.types.classmethod, method));
            let method = wrapped_methods::finish(vm, method)?;
            dict.set_str(vm, &key, method);
        }
    }
    // A class that defines `__eq__` alone is not hashable.
    let (eq, hash) = (vm.names.__eq__.clone(), vm.names.__hash__.clone());
    if dict.contains_str(vm, &eq) && !dict.contains_str(vm, &hash) {
        dict.set_str(vm, &hash, Value::NONE);
    }
    Ok(())
}

fn add_members(vm: &mut Vm, ty: &Ref<Type>, dict: &Ref<Dict>, first: u32, names: &[Ref<Str>]) {
    for (index, name) in names.iter().enumerate() {
        let member = Member {
            name: name.clone(),
            owner: ty.clone(),
            place: Place::Slot(first + index as u32),
        };
        let member = Value::from(Ref::new(&vm.types.member_descriptor, member));
        dict.set_str(vm, name, member);
    }
}

static DICT: GetSetDef = GetSetDef::get_set("__dict__", get_dict, set_dict);
static WEAKREF: GetSetDef = GetSetDef::get("__weakref__", |_, this| {
    let first = crate::object::weak_ref::all(this).into_iter().next();
    Ok(first.map_or(Value::NONE, Value::from))
});

fn add_instance_attributes(vm: &mut Vm, ty: &Ref<Type>, dict: &Ref<Dict>, plan: &Layout) {
    let defs = [
        plan.adds_dict.then_some(&DICT),
        plan.adds_weak_references.then_some(&WEAKREF),
    ];
    for def in defs.into_iter().flatten() {
        let name = vm.intern(def.name);
        if !dict.contains_str(vm, &name) {
            let descriptor = GetSetDescriptor {
                def,
                owner: ty.clone(),
            };
            let descriptor = Value::from(Ref::new(&vm.types.getset_descriptor, descriptor));
            dict.set_str(vm, &name, descriptor);
        }
    }
}

/// `instance.__dict__`.
pub(crate) fn get_dict(vm: &mut Vm, this: &Value) -> PyResult {
    if this.downcast::<Type>().is_some() {
        return super::type_methods::get_dict(vm, this);
    }
    match vm.instance_dict(this) {
        Some(dict) => Ok(Value::from(dict)),
        None => {
            let name = vm.names.__dict__.clone();
            Err(vm.no_attribute(this, &name))
        }
    }
}

/// `instance.__dict__ = dict`.
pub(crate) fn set_dict(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let refusal = if this.downcast::<Type>().is_some() {
        Some("attribute '__dict__' of 'type' objects is not writable")
    } else {
        this.downcast::<Module>().map(|_| "readonly attribute")
    };
    if let Some(refusal) = refusal {
        return Err(vm.error(&vm.types.attribute_error.clone(), refusal));
    }
    let dict = match value {
        None => Dict::new(vm),
        Some(value) => match value.into_ref::<Dict>() {
            Ok(dict) => dict,
            Err(other) => {
                let found = vm.type_name(&other);
                return Err(vm.type_error(format!(
                    "__dict__ must be set to a dictionary, not a '{found}'"
                )));
            }
        },
    };
    if let Some(exception) = this.downcast::<crate::object::exception::Exception>() {
        exception.set_dict(Some(dict));
    } else if let Some(attributes) = this.header().and_then(|h| h.attributes()) {
        attributes.set_dict(dict);
    }
    Ok(())
}

/// Calls `__set_name__` of every attribute that has one.
fn set_names(vm: &mut Vm, ty: &Ref<Type>, dict: &Ref<Dict>) -> PyResult<()> {
    let set_name = vm.names.__set_name__.clone();
    for (name, value) in dict.items(vm) {
        let result = vm.call_special_opt(&value, &set_name, &[Value::from(ty), name.clone()]);
        if let Err(raised) = result {
            let (found, class) = (vm.type_name(&value), ty.name());
            let name = vm.repr_text(&name)?;
            let note =
                format!("Error calling __set_name__ on '{found}' instance {name} in '{class}'");
            if vm.version_number() >= 12 {
                vm.add_note(&raised, &note);
                return Err(raised);
            }
            let cause = Value::from(raised.0);
            let error = vm.runtime_error(note);
            error.0.cause.set(Some(cause.clone()));
            error.0.context.set(Some(cause));
            error.0.suppress_context.set(true);
            return Err(error);
        }
    }
    Ok(())
}

/// Calls `super(cls, cls).__init_subclass__(**kwds)`.
fn init_subclass(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult<()> {
    let name = vm.names.__init_subclass__.clone();
    let this = ty.as_value();
    // What an `mro()` has left out of its own order is no subtype of itself.
    if !ty.mro(vm).iter().any(|class| class.is(ty)) {
        return Err(super::super_methods::wrong_instance(vm, ty, this));
    }
    let method = super::super_methods::get(vm, this, this, ty, &name)?;
    let keywords = &args.all_values()[args.positional().len()..];
    vm.call_args(&method, Args::new(keywords, args.names()))?;
    Ok(())
}
