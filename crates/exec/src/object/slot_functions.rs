//! The slots of Python classes: each calls the method that the class defines or inherits.

use pyco_code::CodeFlags;

use crate::call::Args;
use crate::error::PyResult;
use crate::object::function::Function;
use crate::object::header::{Kind, Ref};
use crate::object::object_::Attribute;
use crate::object::slots::{
    BinaryFn, BinaryOp, BoolFn, CompareFn, CompareOp, ContainsFn, GetAttrFn, LenFn, SetItemFn,
    Slot, SlotFn, UnaryOp,
};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The generic function for a slot; `None` where only built-ins have one.
pub(crate) fn generic(slot: Slot) -> Option<SlotFn> {
    Some(match slot {
        Slot::Unary(op) => SlotFn::Unary(UNARY[op as usize]),
        Slot::Binary(op) => SlotFn::Binary(BINARY[op as usize]),
        Slot::InPlace(op) => SlotFn::Binary(*IN_PLACE.get(op as usize)?),
        Slot::Hash => SlotFn::Hash(hash),
        Slot::Len => SlotFn::Len(len),
        Slot::Bool => SlotFn::Bool(bool),
        Slot::Contains => SlotFn::Contains(contains),
        Slot::GetItem => SlotFn::Binary(get_item),
        Slot::SetItem => SlotFn::SetItem(set_item),
        Slot::GetAttr => SlotFn::GetAttr(get_attr),
        Slot::SetAttr => SlotFn::SetAttr(set_attr),
        Slot::Compare => SlotFn::Compare(compare),
        Slot::Next => SlotFn::Next(next),
        Slot::DescrGet => SlotFn::DescrGet(descr_get),
        Slot::DescrSet => SlotFn::DescrSet(descr_set),
        Slot::Call => SlotFn::Call(call),
        Slot::Init => SlotFn::Init(init),
        Slot::New => SlotFn::New(new),
        Slot::Power3 | Slot::Concat | Slot::Repeat | Slot::InPlaceConcat | Slot::InPlaceRepeat => {
            return None;
        }
    })
}

fn unary<const OP: usize>(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.names.unary[OP].clone();
    if OP == UnaryOp::Iter as usize {
        return iter(vm, this, &name);
    }
    vm.call_special(this, &name, &[])
}

static UNARY: [fn(&mut Vm, &Value) -> PyResult; 13] = [
    unary::<0>,
    unary::<1>,
    unary::<2>,
    unary::<3>,
    unary::<4>,
    unary::<5>,
    unary::<6>,
    unary::<7>,
    unary::<8>,
    unary::<9>,
    unary::<10>,
    unary::<11>,
    unary::<12>,
];

/// `__iter__ = None` says that a class cannot be iterated.
fn iter(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    let method = vm.type_of(this).clone().lookup(vm, name);
    if method.is_some_and(|m| m.is_none()) {
        let ty = vm.type_name(this);
        return Err(vm.type_error(format!("'{ty}' object is not iterable")));
    }
    vm.call_special(this, name, &[])
}

/// Both operands, each of which may define the operator; as CPython's SLOT1BINFULL.
fn binary<const OP: usize>(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let op = if OP == BinaryOp::Divmod as usize {
        BinaryOp::Divmod
    } else {
        BinaryOp::ALL[OP]
    };
    let (a_type, b_type) = (vm.type_of(a).clone(), vm.type_of(b).clone());
    let this: fn(&mut Vm, &Value, &Value) -> PyResult = BINARY[OP];
    let has = |ty: &Ref<Type>| {
        ty.slots
            .binary(op)
            .is_some_and(|f| std::ptr::fn_addr_eq(f, this))
    };
    let reflected = vm.names.reflected[OP].clone();
    let mut try_b = !a_type.is(&b_type) && has(&b_type);
    if has(&a_type) {
        if try_b && b_type.is_subtype(vm, &a_type) && overrides(vm, &a_type, &b_type, &reflected) {
            let result = vm.call_special_opt(b, &reflected, std::slice::from_ref(a))?;
            match result {
                Some(value) if !value.is_not_implemented() => return Ok(value),
                _ => try_b = false,
            }
        }
        let name = vm.names.binary[OP].clone();
        if let Some(value) = vm.call_special_opt(a, &name, std::slice::from_ref(b))?
            && (!value.is_not_implemented() || a_type.is(&b_type))
        {
            return Ok(value);
        }
    }
    if try_b && let Some(value) = vm.call_special_opt(b, &reflected, std::slice::from_ref(a))? {
        return Ok(value);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

/// The Python method that `a OP b` calls before anything else; `None` if it may call something else, or none.
pub(crate) fn operator_method(
    vm: &mut Vm,
    a: &Value,
    b: &Value,
    op: usize,
) -> Option<Ref<Function>> {
    let ty = class_with_the_say(a, b)?;
    let slot = ty.slots.binary(*BinaryOp::ALL.get(op)?)?;
    let generic: fn(&mut Vm, &Value, &Value) -> PyResult = BINARY[op];
    if !std::ptr::fn_addr_eq(slot, generic) {
        return None;
    }
    let name = vm.names.binary[op].clone();
    python_method(vm, ty, &name, 2)
}

/// The same of `a < b` and so on.
pub(crate) fn compare_method(
    vm: &mut Vm,
    a: &Value,
    b: &Value,
    op: CompareOp,
) -> Option<Ref<Function>> {
    let ty = class_with_the_say(a, b)?;
    let slot = ty.slots.compare.get()?;
    if !std::ptr::fn_addr_eq(slot, compare as CompareFn) {
        return None;
    }
    let name = vm.names.compare[op as usize].clone();
    python_method(vm, ty, &name, 2)
}

/// The `__getitem__` in Python that `container[key]` calls.
pub(crate) fn getitem_method(vm: &mut Vm, container: &Value) -> Option<Ref<Function>> {
    let ty = class_of_instance(container)?;
    let slot = ty.slots.get_item.get()?;
    if !std::ptr::fn_addr_eq(slot, get_item as BinaryFn) {
        return None;
    }
    let name = vm.names.__getitem__.clone();
    python_method(vm, ty, &name, 2)
}

/// The `__setitem__` in Python that `container[key] = value` calls.
pub(crate) fn setitem_method(vm: &mut Vm, container: &Value) -> Option<Ref<Function>> {
    let ty = class_of_instance(container)?;
    let slot = ty.slots.set_item.get()?;
    if !std::ptr::fn_addr_eq(slot, set_item as SetItemFn) {
        return None;
    }
    let name = vm.names.__setitem__.clone();
    python_method(vm, ty, &name, 3)
}

/// The `__contains__` in Python that `item in container` calls.
pub(crate) fn contains_method(vm: &mut Vm, container: &Value) -> Option<Ref<Function>> {
    let ty = class_of_instance(container)?;
    let slot = ty.slots.contains.get()?;
    if !std::ptr::fn_addr_eq(slot, contains as ContainsFn) {
        return None;
    }
    let name = vm.names.__contains__.clone();
    python_method(vm, ty, &name, 2)
}

/// The `__len__` in Python that `len(value)` calls.
pub(crate) fn len_method(vm: &mut Vm, value: &Value) -> Option<Ref<Function>> {
    let ty = class_of_instance(value)?;
    if !std::ptr::fn_addr_eq(ty.slots.len.get()?, len as LenFn) {
        return None;
    }
    let name = vm.names.__len__.clone();
    python_method(vm, ty, &name, 1)
}

/// The `__bool__` in Python that tells whether a value is true, or its `__len__`.
pub(crate) fn truth_method(vm: &mut Vm, value: &Value) -> Option<Ref<Function>> {
    let ty = class_of_instance(value)?;
    let Some(slot) = ty.slots.bool.get() else {
        return len_method(vm, value);
    };
    if !std::ptr::fn_addr_eq(slot, bool as BoolFn) {
        return None;
    }
    let name = vm.names.__bool__.clone();
    python_method(vm, ty, &name, 1)
}

/// The class of a plain instance.
#[inline]
fn class_of_instance(value: &Value) -> Option<&Ref<Type>> {
    value
        .header()
        .filter(|header| header.kind() == Kind::Instance)
        .map(|header| header.ty())
}

/// The class of a plain left operand, if the right one's cannot be derived from it and thus be asked first.
#[inline]
fn class_with_the_say<'a>(a: &'a Value, b: &Value) -> Option<&'a Ref<Type>> {
    let ty = class_of_instance(a)?;
    let other = b.header().map(|header| header.ty());
    other
        .is_none_or(|other| other.is(ty) || other.is_built_in())
        .then_some(ty)
}

/// A class's method, if it is a Python function that just takes so many arguments and runs when it is called.
#[inline]
fn python_method(
    vm: &mut Vm,
    ty: &Ref<Type>,
    name: &Ref<Str>,
    count: u32,
) -> Option<Ref<Function>> {
    let function = ty.lookup(vm, name)?.into_ref::<Function>().ok()?;
    let code = function.code();
    let suspends = CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR;
    (code.exact_argcount() == Some(count) && !code.flags().intersects(suspends)).then_some(function)
}

/// Whether `sub` has another method `name` than `base`.
pub(crate) fn overrides(vm: &mut Vm, base: &Ref<Type>, sub: &Ref<Type>, name: &Ref<Str>) -> bool {
    match (base.lookup(vm, name), sub.lookup(vm, name)) {
        (Some(a), Some(b)) => !a.is(&b),
        (None, Some(_)) => true,
        _ => false,
    }
}

static BINARY: [fn(&mut Vm, &Value, &Value) -> PyResult; 14] = [
    binary::<0>,
    binary::<1>,
    binary::<2>,
    binary::<3>,
    binary::<4>,
    binary::<5>,
    binary::<6>,
    binary::<7>,
    binary::<8>,
    binary::<9>,
    binary::<10>,
    binary::<11>,
    binary::<12>,
    binary::<13>,
];

fn in_place<const OP: usize>(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let name = vm.names.in_place[OP].clone();
    vm.call_special(a, &name, std::slice::from_ref(b))
}

static IN_PLACE: [fn(&mut Vm, &Value, &Value) -> PyResult; 13] = [
    in_place::<0>,
    in_place::<1>,
    in_place::<2>,
    in_place::<3>,
    in_place::<4>,
    in_place::<5>,
    in_place::<6>,
    in_place::<7>,
    in_place::<8>,
    in_place::<9>,
    in_place::<10>,
    in_place::<11>,
    in_place::<12>,
];

/// The hash of a class that says `__hash__ = None`.
pub(crate) fn not_hashable(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let name = vm.type_name(this);
    Err(vm.type_error(format!("unhashable type: '{name}'")))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let name = vm.names.__hash__.clone();
    let result = vm.call_special(this, &name, &[])?;
    let Some(hash) = vm.hash_from_int(&result) else {
        return Err(vm.type_error("__hash__ method should return an integer"));
    };
    Ok(if hash == -1 { -2 } else { hash })
}

fn len(vm: &mut Vm, this: &Value) -> PyResult<usize> {
    let name = vm.names.__len__.clone();
    let result = vm.call_special(this, &name, &[])?;
    checked_len(vm, &result)
}

/// The length that a `__len__` gave.
pub(crate) fn checked_len(vm: &mut Vm, result: &Value) -> PyResult<usize> {
    if let Some(len) = result.as_small_int().and_then(|n| usize::try_from(n).ok()) {
        return Ok(len);
    }
    let result = vm.index(result)?;
    let zero = vm.int(0);
    let is_negative = vm.compare(&result, &zero, CompareOp::Lt)?;
    if vm.truth(&is_negative)? {
        return Err(vm.value_error("__len__() should return >= 0"));
    }
    let n = vm.index_as_i64(&result, "cannot fit 'int' into an index-sized integer")?;
    usize::try_from(n).map_err(|_| vm.value_error("__len__() should return >= 0"))
}

fn bool(vm: &mut Vm, this: &Value) -> PyResult<bool> {
    let name = vm.names.__bool__.clone();
    let result = vm.call_special(this, &name, &[])?;
    checked_bool(vm, this, &result)
}

/// The truth that a `__bool__` gave.
fn checked_bool(vm: &mut Vm, value: &Value, result: &Value) -> PyResult<bool> {
    match result.as_bool() {
        Some(b) => Ok(b),
        None => {
            let message = vm.wrong_result(value, "__bool__", "a bool", result, |found| {
                format!("__bool__ should return bool, returned {found}")
            });
            Err(vm.type_error(message))
        }
    }
}

/// The truth of a value, as its [`truth_method`] gave it.
pub(crate) fn checked_truth(vm: &mut Vm, value: &Value, result: &Value) -> PyResult<bool> {
    match vm.type_of(value).slots.bool.get() {
        Some(_) => checked_bool(vm, value, result),
        None => checked_len(vm, result).map(|len| len > 0),
    }
}

fn contains(vm: &mut Vm, this: &Value, item: &Value) -> PyResult<bool> {
    let name = vm.names.__contains__.clone();
    let method = vm.type_of(this).clone().lookup(vm, &name);
    match method {
        Some(method) if method.is_none() => {
            let ty = vm.type_name(this);
            Err(vm.type_error(format!("'{ty}' object is not a container")))
        }
        Some(_) => {
            let result = vm.call_special(this, &name, std::slice::from_ref(item))?;
            vm.truth(&result)
        }
        None => vm.contains_by_iteration(this, item),
    }
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let name = vm.names.__getitem__.clone();
    vm.call_special(this, &name, std::slice::from_ref(key))
}

fn set_item(vm: &mut Vm, this: &Value, key: &Value, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => {
            let name = vm.names.__setitem__.clone();
            vm.call_special(this, &name, &[key.clone(), value])?;
        }
        None => {
            let name = vm.names.__delitem__.clone();
            vm.call_special(this, &name, std::slice::from_ref(key))?;
        }
    }
    Ok(())
}

/// Whether a class has a `__getattr__`, but the `__getattribute__` of `object`.
pub(crate) fn is_generic_with_fallback(vm: &mut Vm, ty: &Ref<Type>) -> bool {
    let get = ty.slots.get_attr.get();
    get.is_some_and(|get| std::ptr::fn_addr_eq(get, get_attr as GetAttrFn))
        && has_object_getattribute(vm, ty)
}

fn has_object_getattribute(vm: &mut Vm, ty: &Ref<Type>) -> bool {
    let name = vm.names.__getattribute__.clone();
    let method = ty.lookup(vm, &name);
    method.is_none_or(|method| vm.is_object_getattribute(&method))
}

/// `__getattribute__`, then `__getattr__` if that raised AttributeError, or would have.
fn get_attr(vm: &mut Vm, this: &Value, attribute: &Ref<Str>) -> PyResult {
    let ty = vm.type_of(this).clone();
    let result = if has_object_getattribute(vm, &ty) {
        match vm.find_attribute(this, attribute) {
            Ok(Attribute::Value(value)) => Ok(value),
            Ok(Attribute::Method(method)) => vm.bind(&method, this),
            Ok(Attribute::Missing) => {
                let name = vm.names.__getattr__.clone();
                let arguments = std::slice::from_ref(attribute.as_value());
                return match vm.call_special_opt(this, &name, arguments)? {
                    Some(value) => Ok(value),
                    None => Err(vm.no_attribute(this, attribute)),
                };
            }
            Err(raised) => Err(raised),
        }
    } else {
        let name = vm.names.__getattribute__.clone();
        vm.call_special(this, &name, std::slice::from_ref(attribute.as_value()))
    };
    match result {
        Err(raised) if raised.is(vm, &vm.types.attribute_error) => {
            let name = vm.names.__getattr__.clone();
            if ty.lookup(vm, &name).is_none() {
                return Err(raised);
            }
            vm.call_special(this, &name, std::slice::from_ref(attribute.as_value()))
        }
        result => result,
    }
}

fn set_attr(vm: &mut Vm, this: &Value, attribute: &Ref<Str>, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => {
            let name = vm.names.__setattr__.clone();
            vm.call_special(this, &name, &[Value::from(attribute), value])?;
        }
        None => {
            let name = vm.names.__delattr__.clone();
            vm.call_special(this, &name, &[Value::from(attribute)])?;
        }
    }
    Ok(())
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let name = vm.names.compare[op as usize].clone();
    // An exception from getting the method, as a property may raise one, means that there is none.
    match vm.special_method(a, &name) {
        Ok(Some(_)) => vm.call_special(a, &name, std::slice::from_ref(b)),
        Err(raised) if raised.0.is_abort.get() => Err(raised),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let name = vm.names.__next__.clone();
    vm.call_special(this, &name, &[]).map(Some)
}

fn descr_get(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    owner: Option<&Value>,
) -> PyResult {
    let name = vm.names.__get__.clone();
    let instance = instance.cloned().unwrap_or(Value::NONE);
    let owner = owner.cloned().unwrap_or(Value::NONE);
    match vm.call_special_opt(this, &name, &[instance, owner])? {
        Some(value) => Ok(value),
        None => Ok(this.clone()),
    }
}

fn descr_set(vm: &mut Vm, this: &Value, instance: &Value, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => {
            let name = vm.names.__set__.clone();
            vm.call_special_or_attribute_error(this, &name, &[instance.clone(), value])?;
        }
        None => {
            let name = vm.names.__delete__.clone();
            vm.call_special_or_attribute_error(this, &name, std::slice::from_ref(instance))?;
        }
    }
    Ok(())
}

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    // A class whose `__call__` is an instance of itself never gets anywhere.
    vm.enter(" while calling a Python object")?;
    let name = vm.names.__call__.clone();
    let result = vm.call_special_args(this, &name, args);
    vm.leave();
    result
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let name = vm.names.__init__.clone();
    let result = vm.call_special_args(this, &name, args)?;
    if result.is_none() {
        return Ok(());
    }
    let found = vm.type_name(&result);
    Err(vm.type_error(format!("__init__() should return None, not '{found}'")))
}

/// `cls.__new__(cls, …)`, where `__new__` is a static method in a Python class's dict.
fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let name = vm.names.__new__.clone();
    let method = vm.get_attr(ty.as_value(), &name)?;
    vm.call_with_self(&method, ty.as_value(), args)
}
