//! dict_keys, dict_values, dict_items: views of a dict, the first and the last with the operations of sets.

use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::dict_iter::{DictIterator, Part};
use crate::object::header::{Payload, Ref};
use crate::object::mapping_proxy::MappingProxy;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::{push_repr, receiver, repr_items};
use crate::object::set::Set;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::protocol::HashRole;
use crate::value::Value;
use crate::vm::Vm;

/// A view's payload; three classes share it.
pub struct DictView {
    dict: Ref<Dict>,
    part: Part,
    /// The frozendict that the dict is the table of.
    frozen: Option<Value>,
}

impl Payload for DictView {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.dict.as_value());
        if let Some(frozen) = &self.frozen {
            visit(frozen);
        }
    }
}

impl DictView {
    /// A view of one part of a dict's items.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, dict: &Ref<Dict>, part: Part) -> Value {
        DictView::of_type(DictView::class(vm, part), dict, part)
    }

    fn class(vm: &Vm, part: Part) -> &Ref<Type> {
        match part {
            Part::Keys => &vm.types.dict_keys,
            Part::Values => &vm.types.dict_values,
            Part::Items => &vm.types.dict_items,
        }
    }

    /// A view of one part of a frozendict's items.
    pub(crate) fn of_frozen(vm: &Vm, frozen: &Value, items: &Ref<Dict>, part: Part) -> Value {
        let view = DictView {
            dict: items.clone(),
            part,
            frozen: Some(frozen.clone()),
        };
        Value::from(Ref::new(DictView::class(vm, part), view))
    }

    /// The value for a key.
    fn find(&self, vm: &mut Vm, key: &Value) -> PyResult<Option<Value>> {
        let role = match self.frozen {
            Some(_) => HashRole::FrozenKey,
            None => HashRole::Key,
        };
        let hash = vm.hash_as(key, role)?;
        self.dict.get_hashed(vm, key, hash)
    }

    /// A view of a class that derives from one of the three.
    pub fn of_type(ty: &Ref<Type>, dict: &Ref<Dict>, part: Part) -> Value {
        let view = DictView {
            dict: dict.clone(),
            part,
            frozen: None,
        };
        Value::from(Ref::new(ty, view))
    }

    /// The dict, and which part of its items the view shows.
    pub fn parts(&self) -> (&Ref<Dict>, Part) {
        (&self.dict, self.part)
    }
}

/// All that a dict or a view of one shows, if what is iterated over is just that.
pub(crate) fn dict_items(vm: &Vm, iterable: &Value) -> Option<Vec<Value>> {
    let (dict, part) = match (iterable.downcast::<Dict>(), iterable.downcast::<DictView>()) {
        (Some(dict), _) if dict.is_exact() => (dict, Part::Keys),
        (_, Some(view)) if view.is_exact() => (&view.dict, view.part),
        _ => return None,
    };
    let table = dict.table(vm);
    let mut items = Vec::with_capacity(dict.len(vm));
    items.extend(table.iter().map(|(key, value)| part.of(vm, key, value)));
    Some(items)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let view = receiver::<DictView>(vm, this)?;
    let (dict, part) = (view.dict.clone(), view.part);
    let open = format!("{}([", vm.type_name(this));
    let mut at = 0;
    repr_items(vm, this, (&open, "])"), "...", |vm, text| {
        let Some((next, key, value)) = dict.table(vm).next_from(at) else {
            return Ok(false);
        };
        at = next;
        let item = part.of(vm, key, value);
        push_repr(vm, text, &item)?;
        Ok(true)
    })
}

fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    let view = receiver::<DictView>(vm, this)?;
    Ok(DictIterator::new(vm, &view.dict, view.part))
}

fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let view = receiver::<DictView>(vm, this)?;
    Ok(DictIterator::reversed(vm, &view.dict, view.part))
}

fn len(vm: &mut Vm, this: &Value) -> PyResult<usize> {
    Ok(receiver::<DictView>(vm, this)?.dict.len(vm))
}

fn contains(vm: &mut Vm, this: &Value, item: &Value) -> PyResult<bool> {
    let view = receiver::<DictView>(vm, this)?;
    if view.part == Part::Keys {
        return Ok(view.find(vm, item)?.is_some());
    }
    let Some([key, value]) = item.downcast::<Tuple>().map(|t| t.items()) else {
        return Ok(false);
    };
    match view.find(vm, key)? {
        Some(found) => vm.eq(&found, value),
        None => Ok(false),
    }
}

/// Whether a value is a view with the operations of sets.
fn is_set_view(value: &Value) -> bool {
    value
        .downcast::<DictView>()
        .is_some_and(|view| view.part != Part::Values)
}

fn all_contained(vm: &mut Vm, some: &Value, container: &Value) -> PyResult<bool> {
    let iterator = vm.iter(some)?;
    while let Some(item) = vm.next(&iterator)? {
        if !vm.contains(container, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &mut Vm, this: &Value, other: &Value, op: CompareOp) -> PyResult {
    if other.downcast::<Set>().is_none() && !is_set_view(other) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (a, b) = (len(vm, this)?, vm.len(other)?);
    let holds = match op {
        CompareOp::Eq | CompareOp::Ne => {
            let equal = a == b && all_contained(vm, this, other)?;
            equal == (op == CompareOp::Eq)
        }
        CompareOp::Lt => a < b && all_contained(vm, this, other)?,
        CompareOp::Le => a <= b && all_contained(vm, this, other)?,
        CompareOp::Gt => a > b && all_contained(vm, other, this)?,
        CompareOp::Ge => a >= b && all_contained(vm, other, this)?,
    };
    Ok(Value::bool(holds))
}

/// `set(operand)`; the keys of a dict are taken from the dict itself, which makes room for all of them at once.
fn set_of(vm: &mut Vm, operand: &Value) -> PyResult<Ref<Set>> {
    let set = Set::new(vm);
    match operand.downcast::<DictView>() {
        Some(view) if view.part == Part::Keys && view.dict.is_exact() => {
            set.update(vm, view.dict.as_value())?;
        }
        _ => set.update(vm, operand)?,
    }
    Ok(set)
}

fn subtract(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let set = set_of(vm, a)?;
    set.difference_update(vm, b)?;
    Ok(Value::from(set))
}

fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let set = set_of(vm, a)?;
    set.update(vm, b)?;
    Ok(Value::from(set))
}

fn and(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (mut view, mut other) = if is_set_view(a) { (a, b) } else { (b, a) };
    let view_len = len(vm, view)?;
    if let Some(set) = other.downcast::<Set>()
        && set.ty().is(&vm.types.set)
        && view_len <= set.len(vm)
    {
        return Ok(Value::from(set.intersection(vm, view)?));
    }
    if is_set_view(other) && len(vm, other)? > view_len {
        std::mem::swap(&mut view, &mut other);
    }
    let set = Set::new(vm);
    vm.for_each(other, |vm, item| {
        if contains(vm, view, &item)? {
            set.add(vm, item)?;
        }
        Ok(())
    })?;
    Ok(Value::from(set))
}

fn xor(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    if let (Some(x), Some(y)) = (a.downcast::<DictView>(), b.downcast::<DictView>())
        && x.part == Part::Items
        && y.part == Part::Items
    {
        return xor_items(vm, &x.dict, &y.dict);
    }
    let set = set_of(vm, a)?;
    set.symmetric_difference_update(vm, b)?;
    Ok(Value::from(set))
}

/// `a.items() ^ b.items()`: what both have is not hashed, so its values need not be hashable.
fn xor_items(vm: &mut Vm, a: &Ref<Dict>, b: &Ref<Dict>) -> PyResult {
    let rest = a.copy(vm);
    let set = Set::new(vm);
    for (hash, key, value) in b.hashed_items(vm) {
        let is_same = match rest.get_hashed(vm, &key, hash)? {
            Some(other) => vm.eq(&other, &value)?,
            None => false,
        };
        if is_same {
            rest.remove(vm, &key)?;
        } else {
            let item = vm.new_tuple(vec![key, value]);
            set.add(vm, item)?;
        }
    }
    for (key, value) in rest.items(vm) {
        let item = vm.new_tuple(vec![key, value]);
        set.add(vm, item)?;
    }
    Ok(Value::from(set))
}

fn is_disjoint(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    if this.is(other) {
        return Ok(Value::bool(len(vm, this)? == 0));
    }
    let (mut container, mut items) = (this, other);
    if (other.downcast::<Set>().is_some() || is_set_view(other)) && vm.len(other)? > len(vm, this)?
    {
        std::mem::swap(&mut container, &mut items);
    }
    let iterator = vm.iter(items)?;
    while let Some(item) = vm.next(&iterator)? {
        if vm.contains(container, &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn get_mapping(vm: &mut Vm, this: &Value) -> PyResult {
    let view = receiver::<DictView>(vm, this)?;
    let mapping = match &view.frozen {
        Some(frozen) => frozen.clone(),
        None => Value::from(&view.dict),
    };
    Ok(Value::from(Ref::new(
        &vm.types.mapping_proxy,
        MappingProxy { mapping },
    )))
}

static ATTRIBUTES: &[GetSetDef] = &[GetSetDef::get("mapping", get_mapping)];

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reversed__", reversed),
    NativeDef::one("isdisjoint", is_disjoint),
];

static VALUES_METHODS: &[NativeDef] = &[NativeDef::no_args("__reversed__", reversed)];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    for ty in [
        &vm.types.dict_keys,
        &vm.types.dict_values,
        &vm.types.dict_items,
    ] {
        ty.slots.unary[UnaryOp::Repr as usize].set(Some(repr));
        ty.slots.unary[UnaryOp::Iter as usize].set(Some(iter));
        ty.slots.len.set(Some(len));
    }
    for ty in [&vm.types.dict_keys, &vm.types.dict_items] {
        ty.slots.contains.set(Some(contains));
        ty.slots.compare.set(Some(compare));
        ty.slots.binary[BinaryOp::Subtract as usize].set(Some(subtract));
        ty.slots.binary[BinaryOp::And as usize].set(Some(and));
        ty.slots.binary[BinaryOp::Or as usize].set(Some(or));
        ty.slots.binary[BinaryOp::Xor as usize].set(Some(xor));
    }
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in [vm.types.dict_keys.clone(), vm.types.dict_items.clone()] {
        vm.add_methods(&ty, METHODS);
        vm.add_attributes(&ty, ATTRIBUTES);
    }
    let ty = vm.types.dict_values.clone();
    vm.add_methods(&ty, VALUES_METHODS);
    vm.add_attributes(&ty, ATTRIBUTES);
}
