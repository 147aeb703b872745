//! `int | str`: unions of classes. With a type parameter among its members it shows as `typing.Union`, as in CPython before 3.14.

use crate::error::PyResult;
use crate::object::generic_alias::GenericAlias;
use crate::object::header::{Payload, Ref};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sentinel::Sentinel;
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_alias::TypeAlias;
use crate::object::type_params::{ParamKind, TypeParam, type_repr};
use crate::object::type_subst::{substitute_all, type_parameters};
use crate::value::Value;
use crate::vm::Vm;

/// A union's payload.
pub struct Union {
    /// The members, each once; `None` stands there as its class.
    pub(crate) members: Ref<Tuple>,
    /// How many of them had no hash when the union was made (3.14 on).
    unhashable: usize,
}

impl Payload for Union {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.members.as_value());
    }
}

fn is_type_param(value: &Value) -> bool {
    value
        .downcast::<TypeParam>()
        .is_some_and(|param| param.kind != ParamKind::TypeVarTuple)
}

/// Whether `|` can make a union of it.
fn is_unionable(value: &Value) -> bool {
    value.is_none()
        || value.downcast::<Type>().is_some()
        || value.downcast::<GenericAlias>().is_some()
        || value.downcast::<TypeAlias>().is_some()
        || value.downcast::<Union>().is_some()
        || value.downcast::<Sentinel>().is_some()
        || is_type_param(value)
}

/// `a | b` where one of them is a class, an alias or a union.
pub(crate) fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let takes_any = |value: &Value| is_type_param(value) || value.downcast::<Union>().is_some();
    if vm.version_number() >= 14 && (takes_any(a) || takes_any(b)) {
        return make_of_any(vm, &[a.clone(), b.clone()]);
    }
    if vm.version_number() < 14
        && (is_type_param(a) || is_type_param(b))
        && let Some(function) = vm.typing_function("_make_union")?
    {
        return vm.call(&function, &[a.clone(), b.clone()]);
    }
    if !is_unionable(a) || !is_unionable(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    make(vm, &[a.clone(), b.clone()])
}

/// The union of what may be nearly anything: text stands for a class to come, and `typing` knows what cannot be a member.
fn make_of_any(vm: &mut Vm, of: &[Value]) -> PyResult {
    let mut of = of.to_vec();
    for member in &mut of {
        if !is_unionable(member)
            && let Some(check) = vm.typing_function("_type_check")?
        {
            let message = vm.new_str("Union[arg, ...]: each arg must be a type.");
            *member = vm.call(&check, &[member.clone(), message])?;
        }
    }
    make(vm, &of)
}

/// The union of these, flattened; one that is left alone stands for itself.
fn make(vm: &mut Vm, of: &[Value]) -> PyResult {
    let mut flat = Vec::new();
    for value in of {
        match value.downcast::<Union>() {
            Some(union) => flat.extend(union.members.items().iter().cloned()),
            None if value.is_none() => flat.push(Value::from(&vm.types.none)),
            None => flat.push(value.clone()),
        }
    }
    let mut members: Vec<Value> = Vec::new();
    let mut hashes: Vec<Option<i64>> = Vec::new();
    for value in flat {
        // Up to 3.13 classes are told apart by identity; from then on by their hash first, where they have one.
        let hash = match vm.version_number() {
            ..14 => None,
            _ => vm.hash(&value).ok(),
        };
        let is_class = |value: &Value| value.downcast::<Type>().is_some();
        let mut is_known = false;
        for (member, other) in members.iter().zip(&hashes) {
            let may_equal = match vm.version_number() {
                ..14 => !is_class(member) && !is_class(&value),
                _ => *other == hash,
            };
            is_known = is_known || member.is(&value) || may_equal && vm.eq(member, &value)?;
        }
        if !is_known {
            members.push(value);
            hashes.push(hash);
        }
    }
    if let [only] = &members[..] {
        return Ok(only.clone());
    }
    let is_typing = vm.version_number() < 14 && members.iter().any(is_type_param);
    let ty = match is_typing {
        true => &vm.types.typing_union,
        false => &vm.types.union,
    };
    let members = Tuple::of_type(&vm.types.tuple, members);
    let unhashable = match vm.version_number() {
        ..14 => 0,
        _ => hashes.iter().filter(|hash| hash.is_none()).count(),
    };
    let payload = Union {
        members,
        unhashable,
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    vm.enter(" while getting the repr of an object")?;
    let text = repr_text(vm, this);
    vm.leave();
    Ok(vm.new_str(&text?))
}

fn repr_text(vm: &mut Vm, this: &Value) -> PyResult<String> {
    let union = receiver::<Union>(vm, this)?.clone();
    let none = vm.types.none.clone();
    let is_typing = union.ty().is(&vm.types.typing_union);
    let is_none = |member: &Value| member.is(none.as_value());
    let members = union.members.items();
    if let [one, other] = members
        && is_typing
        && (is_none(one) || is_none(other))
    {
        let optional = type_repr(vm, if is_none(one) { other } else { one })?;
        return Ok(format!("typing.Optional[{optional}]"));
    }
    let mut texts = Vec::new();
    for member in members {
        texts.push(match is_none(member) && !is_typing {
            true => "None".to_owned(),
            false => type_repr(vm, member)?,
        });
    }
    Ok(match is_typing {
        true => format!("typing.Union[{}]", texts.join(", ")),
        false => texts.join(" | "),
    })
}

/// An attribute; `__module__` is the class's.
fn get_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    if name.eq_str("__module__") {
        let class = Value::from(vm.type_of(this));
        return vm.get_attr(&class, name);
    }
    vm.generic_get_attr(this, name)
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(left), Some(right)) = (a.downcast::<Union>(), b.downcast::<Union>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let wants_equal = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let (left, right) = (left.members.clone(), right.members.clone());
    let mut equal = left.items().len() == right.items().len();
    for member in left.items() {
        equal = equal && vm.contains(right.as_value(), member)?;
    }
    Ok(Value::bool(equal == wants_equal))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let members = receiver::<Union>(vm, this)?.members.items().to_vec();
    for member in &members {
        vm.hash(member)?;
    }
    let unhashable = receiver::<Union>(vm, this)?.unhashable;
    if unhashable > 0 {
        return Err(vm.type_error(format!("union contains {unhashable} unhashable elements")));
    }
    let set = crate::object::set::Set::frozen(vm, members)?;
    vm.hash(&set)
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let union = receiver::<Union>(vm, this)?.clone();
    let found = type_parameters(vm, union.members.items())?;
    let members = substitute_all(vm, this, union.members.items(), &found, key)?;
    match vm.version_number() {
        ..14 => match &members[..] {
            [first, rest @ ..] => rest.iter().try_fold(first.clone(), |whole, member| {
                vm.binary(&whole, member, BinaryOp::Or)
            }),
            [] => Ok(Value::NONE),
        },
        _ => make_of_any(vm, &members),
    }
}

/// `isinstance` and `issubclass` with a union: with each of its members.
fn check(vm: &mut Vm, this: &Value, holds: impl Fn(&mut Vm, &Value) -> PyResult<bool>) -> PyResult {
    let union = receiver::<Union>(vm, this)?.clone();
    for member in union.members.items() {
        if holds(vm, member)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__instancecheck__", |vm, this, value| {
        check(vm, this, |vm, class| vm.is_instance(value, class))
    })
    .until(13),
    NativeDef::one("__subclasscheck__", |vm, this, value| {
        if value.downcast::<Type>().is_none() {
            return Err(vm.type_error("issubclass() arg 1 must be a class"));
        }
        check(vm, this, |vm, class| vm.is_subclass(value, class))
    })
    .until(13),
    NativeDef::one("__mro_entries__", |vm, this, _bases| {
        let text = vm.repr_text(this)?;
        Err(vm.type_error(format!("Cannot subclass {text}")))
    })
    .since(14),
    NativeDef::one("__class_getitem__", |vm, _, key| {
        match key.downcast::<Tuple>().cloned() {
            Some(members) if members.items().is_empty() => {
                Err(vm.type_error("Cannot take a Union of no types."))
            }
            Some(members) => make_of_any(vm, members.items()),
            None => make_of_any(vm, std::slice::from_ref(key)),
        }
    })
    .class()
    .since(14),
];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__args__", |vm, this| {
        Ok(Value::from(&receiver::<Union>(vm, this)?.members))
    })
    .member(),
    GetSetDef::get("__origin__", |vm, this| Ok(Value::from(vm.type_of(this)))).since(14),
    GetSetDef::get("__name__", |vm, _| Ok(vm.new_str("Union"))).since(14),
    GetSetDef::get("__qualname__", |vm, _| Ok(vm.new_str("Union"))).since(14),
    GetSetDef::get("__parameters__", |vm, this| {
        let union = receiver::<Union>(vm, this)?.clone();
        let found = type_parameters(vm, union.members.items())?;
        Ok(vm.new_tuple(found))
    }),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    for ty in [&types.union, &types.typing_union] {
        let slots = &ty.slots;
        slots.unary[UnaryOp::Repr as usize].set(Some(repr));
        slots.binary[BinaryOp::Or as usize].set(Some(or));
        slots.get_attr.set(Some(get_attr));
        slots.get_item.set(Some(get_item));
        slots.compare.set(Some(compare));
        slots.hash.set(Some(hash));
    }
    types.type_.slots.binary[BinaryOp::Or as usize].set(Some(or));
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    if vm.version_number() >= 14 {
        for ty in [&vm.types.union, &vm.types.typing_union] {
            ty.set_name("typing.Union".into());
        }
    }
    let types = &vm.types;
    for ty in [types.union.clone(), types.typing_union.clone()] {
        vm.add_methods(&ty, METHODS);
        vm.add_attributes(&ty, ATTRIBUTES);
    }
}
