//! `list[int]`: an alias of a class with arguments, and the forms of it that `typing` adds for classes with type parameters.
//!
//! The three classes share one payload: `types.GenericAlias`, `typing._GenericAlias` (a class that derives from `Generic`) and
//! `typing._UnpackGenericAlias` (`*Ts`).

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::native_class::ClassDef;
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, flags};
use crate::object::type_params::type_repr;
use crate::object::type_subst::{substitute_all, type_parameters};
use crate::value::Value;
use crate::vm::Vm;

/// An alias's payload.
pub struct GenericAlias {
    pub(crate) origin: Value,
    pub(crate) args: Ref<Tuple>,
    /// Whether it stands for its items: `*tuple[int]`.
    pub(crate) is_unpacked: bool,
    /// `__parameters__`, once asked for.
    parameters: ValueCell,
}

impl Payload for GenericAlias {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.origin);
        visit(self.args.as_value());
        self.parameters.traverse(visit);
    }
}

impl Vm {
    /// An alias of class `ty`, one of the three; a key that is no tuple is the only argument.
    pub(crate) fn alias(&mut self, ty: &Ref<Type>, origin: Value, key: &Value) -> Value {
        let args = match key.downcast::<Tuple>() {
            Some(args) => args.clone(),
            None => Tuple::of_type(&self.types.tuple, vec![key.clone()]),
        };
        let payload = GenericAlias {
            origin,
            args,
            is_unpacked: false,
            parameters: ValueCell::new(None),
        };
        Value::from(Ref::new(ty, payload))
    }

    /// `types.GenericAlias(origin, key)`.
    pub fn generic_alias(&mut self, origin: Value, key: &Value) -> Value {
        let ty = self.types.generic_alias.clone();
        self.alias(&ty, origin, key)
    }
}

/// `__class_getitem__` of the built-in classes that have it.
pub fn class_getitem(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    Ok(vm.generic_alias(this.clone(), key))
}

static CLASS_GETITEM: &[NativeDef] = &[NativeDef::one("__class_getitem__", class_getitem).class()];

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let [origin, key] = args.exactly(vm, "GenericAlias")?;
    Ok(vm.alias(ty, origin.clone(), key))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    vm.enter(" while getting the repr of an object")?;
    let text = repr_text(vm, this);
    vm.leave();
    Ok(vm.new_str(&text?))
}

fn repr_text(vm: &mut Vm, this: &Value) -> PyResult<String> {
    let alias = receiver::<GenericAlias>(vm, this)?.clone();
    let origin = match alias.ty().is(&vm.types.unpack_alias) {
        true => "typing.Unpack".to_owned(),
        false => type_repr(vm, &alias.origin)?,
    };
    let mut text = String::from(if alias.is_unpacked { "*" } else { "" });
    text += &origin;
    text.push('[');
    for (index, arg) in alias.args.items().iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text += &type_repr(vm, arg)?;
    }
    if alias.args.items().is_empty() {
        text.push_str("()");
    }
    text.push(']');
    Ok(text)
}

/// `alias(…)`: an instance of the class, which remembers the alias if it can.
fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let origin = receiver::<GenericAlias>(vm, this)?.origin.clone();
    let object = vm.call_args(&origin, args)?;
    let name = vm.intern("__orig_class__");
    match vm.set_attr(&object, &name, Some(this.clone())) {
        Err(raised)
            if !raised.is(vm, &vm.types.attribute_error)
                && !raised.is(vm, &vm.types.type_error) =>
        {
            Err(raised)
        }
        _ => Ok(object),
    }
}

/// The attributes that are the alias's own; all others are the class's.
const OWN: &[&str] = &[
    "__class__",
    "__bases__",
    "__copy__",
    "__deepcopy__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];

fn get_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    if OWN.iter().any(|own| name.eq_str(own)) {
        return vm.generic_get_attr(this, name);
    }
    let origin = receiver::<GenericAlias>(vm, this)?.origin.clone();
    vm.get_attr(&origin, name)
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(left), Some(right)) = (a.downcast::<GenericAlias>(), b.downcast::<GenericAlias>())
    else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let wants_equal = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let (left, right) = (left.clone(), right.clone());
    let equal = left.is_unpacked == right.is_unpacked
        && vm.eq(&left.origin, &right.origin)?
        && vm.eq(left.args.as_value(), right.args.as_value())?;
    Ok(Value::bool(equal == wants_equal))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let alias = receiver::<GenericAlias>(vm, this)?.clone();
    let origin = vm.hash(&alias.origin)?;
    let args = vm.hash(alias.args.as_value())?;
    Ok(match origin ^ args {
        -1 => -2,
        hash => hash,
    })
}

fn parameters(vm: &mut Vm, this: &Value) -> PyResult {
    let alias = receiver::<GenericAlias>(vm, this)?.clone();
    if let Some(found) = alias.parameters.get() {
        return Ok(found);
    }
    let found = type_parameters(vm, alias.args.items())?;
    let found = vm.new_tuple(found);
    alias.parameters.set(Some(found.clone()));
    Ok(found)
}

/// `alias[key]`: the type parameters in the arguments replaced.
fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let alias = receiver::<GenericAlias>(vm, this)?.clone();
    let found = parameters(vm, this)?;
    let found = found.downcast::<Tuple>().map_or(&[][..], |p| p.items());
    let args = substitute_all(vm, this, alias.args.items(), found, key)?;
    let args = vm.new_tuple(args);
    let ty = own_class(vm, &alias);
    let made = vm.alias(&ty, alias.origin.clone(), &args);
    match made.downcast::<GenericAlias>() {
        Some(made) if alias.is_unpacked => Ok(unpack(vm, made)),
        _ => Ok(made),
    }
}

/// `*alias`: the alias once, marked as standing for its items.
fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    let alias = receiver::<GenericAlias>(vm, this)?.clone();
    let class = vm.class(&ITERATOR);
    let alias = ValueCell::new(Some(Value::from(alias)));
    Ok(Value::from(Ref::new(&class, AliasIterator { alias })))
}

/// The class of what is made of an alias; a program's own class of aliases is left behind.
fn own_class(vm: &Vm, alias: &Ref<GenericAlias>) -> Ref<Type> {
    match alias.ty().has(flags::BUILT_IN) {
        true => alias.ty().clone(),
        false => vm.types.generic_alias.clone(),
    }
}

/// An alias, marked as standing for its items.
fn unpack(vm: &Vm, alias: &Ref<GenericAlias>) -> Value {
    let payload = GenericAlias {
        origin: alias.origin.clone(),
        args: alias.args.clone(),
        is_unpacked: true,
        parameters: ValueCell::new(None),
    };
    Value::from(Ref::new(&own_class(vm, alias), payload))
}

/// What iterating over an alias takes: the alias, until it has been given.
struct AliasIterator {
    alias: ValueCell,
}

impl Payload for AliasIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.alias.traverse(visit);
    }
}

static ITERATOR: ClassDef = ClassDef::new::<AliasIterator>("generic_alias_iterator", |slots, _| {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(|vm, this| {
        let alias = receiver::<AliasIterator>(vm, this)?.alias.take();
        Ok(alias.and_then(|alias| Some(unpack(vm, alias.downcast()?))))
    }));
})
.no_instances()
.methods(&[NativeDef::no_args("__reduce__", |vm, this| {
    // First, as the look-up may run a program's `__eq__`, which may exhaust the iterator.
    let function = vm.builtin_function("iter")?;
    let alias = receiver::<AliasIterator>(vm, this)?.alias.get();
    let alias = alias.unwrap_or_else(|| vm.new_tuple(Vec::new()));
    let args = vm.new_tuple(vec![alias]);
    Ok(vm.new_tuple(vec![function, args]))
})]);

/// The classes that an alias among the bases of a class stands for.
fn mro_entries(vm: &mut Vm, this: &Value, bases: &Value) -> PyResult {
    let alias = receiver::<GenericAlias>(vm, this)?.clone();
    let mut entries = vec![alias.origin.clone()];
    if alias.ty().is(&vm.types.typing_alias) {
        let others = bases.downcast::<Tuple>().map_or(&[][..], |b| b.items());
        let after = others.iter().skip_while(|base| !base.is(this)).skip(1);
        let generic = vm.types.generic.clone();
        let is_generic = |base: &Value| match base.downcast::<Type>() {
            Some(class) => class.is_subtype(vm, &generic),
            None => base
                .downcast::<GenericAlias>()
                .is_some_and(|alias| alias.ty().is(&vm.types.typing_alias)),
        };
        let is_alias = |base: &Value| base.downcast::<Type>().is_none() && is_generic(base);
        match alias.origin.is(generic.as_value()) {
            true if after.clone().any(is_alias) => entries.clear(),
            false if !after.clone().any(is_generic) => entries.push(Value::from(&generic)),
            _ => {}
        }
    }
    Ok(vm.new_tuple(entries))
}

fn no_check(vm: &mut Vm, this: &Value, function: &str) -> Raised {
    let is_typing = this
        .downcast::<GenericAlias>()
        .is_some_and(|alias| alias.ty().is(&vm.types.typing_alias));
    vm.type_error(match is_typing {
        true => "Subscripted generics cannot be used with class and instance checks".to_owned(),
        false => format!("{function}() argument 2 cannot be a parameterized generic"),
    })
}

/// `dir(alias)`: what the class has, and what is the alias's own.
fn dir(vm: &mut Vm, this: &Value) -> PyResult {
    const OWN: [&str; 6] = [
        "__args__",
        "__mro_entries__",
        "__origin__",
        "__parameters__",
        "__typing_unpacked_tuple_args__",
        "__unpacked__",
    ];
    let origin = receiver::<GenericAlias>(vm, this)?.origin.clone();
    let mut names = crate::builtins::dir_names(vm, &origin)?;
    for own in OWN {
        if !names.iter().any(|name| name == own) {
            names.push(own.to_owned());
        }
    }
    let names = names.iter().map(|name| vm.new_str(name)).collect();
    Ok(vm.new_list(names))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__dir__", dir),
    NativeDef::one("__mro_entries__", mro_entries),
    NativeDef::one("__instancecheck__", |vm, this, _| {
        Err(no_check(vm, this, "isinstance"))
    }),
    NativeDef::one("__subclasscheck__", |vm, this, _| {
        Err(no_check(vm, this, "issubclass"))
    }),
    NativeDef::no_args("__reduce__", |vm, this| {
        let alias = receiver::<GenericAlias>(vm, this)?.clone();
        if alias.is_unpacked {
            // The next item of an iterator over the alias that is not unpacked.
            let whole = vm.alias(alias.ty(), alias.origin.clone(), alias.args.as_value());
            let (next, items) = (vm.builtin_function("next")?, vm.iter(&whole)?);
            let args = vm.new_tuple(vec![items]);
            return Ok(vm.new_tuple(vec![next, args]));
        }
        let class = Value::from(alias.ty());
        let args = vm.new_tuple(vec![alias.origin.clone(), Value::from(&alias.args)]);
        Ok(vm.new_tuple(vec![class, args]))
    }),
];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__origin__", |vm, this| {
        Ok(receiver::<GenericAlias>(vm, this)?.origin.clone())
    })
    .member(),
    GetSetDef::get("__args__", |vm, this| {
        Ok(Value::from(&receiver::<GenericAlias>(vm, this)?.args))
    })
    .member(),
    GetSetDef::get("__unpacked__", |vm, this| {
        let alias = receiver::<GenericAlias>(vm, this)?;
        Ok(Value::bool(alias.is_unpacked))
    })
    .member(),
    GetSetDef::get("__parameters__", parameters),
    GetSetDef::get("__typing_unpacked_tuple_args__", |vm, this| {
        let alias = receiver::<GenericAlias>(vm, this)?.clone();
        let is_tuple = alias.origin.is(vm.types.tuple.as_value());
        Ok(match alias.is_unpacked && is_tuple {
            true => Value::from(&alias.args),
            false => Value::NONE,
        })
    }),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    for ty in [
        &types.generic_alias,
        &types.typing_alias,
        &types.unpack_alias,
    ] {
        let slots = &ty.slots;
        slots.unary[UnaryOp::Repr as usize].set(Some(repr));
        slots.unary[UnaryOp::Iter as usize].set(Some(iter));
        slots.binary[BinaryOp::Or as usize].set(Some(crate::object::union::or));
        slots.call.set(Some(call));
        slots.get_attr.set(Some(get_attr));
        slots.get_item.set(Some(get_item));
        slots.compare.set(Some(compare));
        slots.hash.set(Some(hash));
    }
    types.generic_alias.slots.new.set(Some(new));
}

/// Adds the methods, and `__class_getitem__` to the classes that have it.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let aliases = [
        types.generic_alias.clone(),
        types.typing_alias.clone(),
        types.unpack_alias.clone(),
    ];
    let generic = [
        types.list.clone(),
        types.tuple.clone(),
        types.dict.clone(),
        types.frozen_dict.clone(),
        types.set.clone(),
        types.frozenset.clone(),
        types.enumerate.clone(),
        types.mapping_proxy.clone(),
        types.async_generator.clone(),
        types.base_exception_group.clone(),
        types.weak_ref.clone(),
    ];
    let generic_since = [
        (13, types.generator.clone()),
        (13, types.coroutine.clone()),
        (14, types.memoryview.clone()),
        (14, types.staticmethod.clone()),
        (14, types.classmethod.clone()),
        (15, types.slice.clone()),
    ];
    for ty in aliases {
        vm.add_methods(&ty, METHODS);
        vm.add_attributes(&ty, ATTRIBUTES);
    }
    let minor = vm.version_number();
    let later = generic_since
        .into_iter()
        .filter(|(first, _)| minor >= *first);
    for ty in generic.into_iter().chain(later.map(|(_, ty)| ty)) {
        vm.add_methods(&ty, CLASS_GETITEM);
    }
}
