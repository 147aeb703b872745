//! Tuples with named items, as CPython's C modules make them: `sys.version_info` and the like.
//!
//! Invariant: a class made here has its items' names in `__match_args__`, in order.

use std::rc::Rc;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, PayloadLayout, Ref};
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, TypeSpec, flags};
use crate::value::Value;
use crate::vm::Vm;

/// The attribute for one item.
pub struct TupleField {
    pub(crate) index: usize,
}

impl Payload for TupleField {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

fn field_get(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let (Some(field), Some(instance)) = (this.downcast::<TupleField>(), instance) else {
        return Ok(this.clone());
    };
    let items = receiver::<Tuple>(vm, instance)?.items();
    if let Some(item) = items.get(field.index) {
        return Ok(item.clone());
    }
    // What is no item of the tuple lies behind it; see `sequence_class`.
    let hidden = (field.index - items.len()) as u32;
    let slot = vm.hidden_slot(instance, hidden);
    Ok(slot.and_then(ValueCell::get).unwrap_or(Value::NONE))
}

fn field_set(vm: &mut Vm, _this: &Value, _instance: &Value, _new: Option<Value>) -> PyResult<()> {
    Err(vm.error(&vm.types.attribute_error.clone(), "readonly attribute"))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = vm.type_of(this).clone();
    let items = receiver::<Tuple>(vm, this)?.items().to_vec();
    let key = vm.names.__match_args__.clone();
    let names = ty.lookup(vm, &key);
    let names = names.as_ref().and_then(|n| n.downcast::<Tuple>());
    let mut text = format!("{}(", ty.name());
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        if let Some(name) = names.and_then(|n| n.items().get(index)) {
            text += &format!("{}=", vm.display(name));
        }
        text += &vm.repr_text(item)?;
    }
    Ok(vm.new_str(&(text + ")")))
}

impl Vm {
    /// A class of tuples whose items are attributes, too; `name` with its module.
    pub fn struct_class(&mut self, name: &str, fields: &[&str]) -> Ref<Type> {
        let spec = TypeSpec {
            name: Rc::from(name),
            base: Some(self.types.tuple.clone()),
            layout: const { &PayloadLayout::of::<Tuple>() },
            flags: flags::BUILT_IN | flags::NO_INSTANCES | flags::SEQUENCE,
            slot_count: 0,
            row_capacity: 0,
        };
        let ty = Ref::new(&self.types.type_, Type::new(spec));
        ty.slots.unary[UnaryOp::Repr as usize].set(Some(repr));
        ty.ready_built_in(self);
        let dict = ty.dict(self);
        let mut names = Vec::new();
        for (index, name) in fields.iter().enumerate() {
            let name = self.intern(name);
            let field = Ref::new(&self.types.tuple_field, TupleField { index });
            dict.set_str(self, &name, Value::from(field));
            names.push(Value::from(name));
        }
        let key = self.names.__match_args__.clone();
        let names = self.new_tuple(names);
        dict.set_str(self, &key, names);
        ty.modified();
        self.struct_classes.push(ty.clone());
        ty
    }

    /// [`Vm::struct_class`], made at the first call with this name.
    pub fn struct_class_once(&mut self, name: &str, fields: &[&str]) -> Ref<Type> {
        match self.struct_classes.iter().find(|ty| *ty.name() == *name) {
            Some(ty) => ty.clone(),
            None => self.struct_class(name, fields),
        }
    }

    /// An instance of a class that [`Vm::struct_class`] made.
    pub fn new_struct(&mut self, ty: &Ref<Type>, items: Vec<Value>) -> Value {
        Value::from(Tuple::of_type(ty, items))
    }

    /// A tuple of a class of its own, `name` with its module, whose items are attributes, too.
    pub fn struct_sequence(&mut self, name: &str, fields: &[(&str, Value)]) -> Value {
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        let ty = self.struct_class(name, &names);
        let items = fields.iter().map(|(_, value)| value.clone()).collect();
        self.new_struct(&ty, items)
    }
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.tuple_field.slots;
    slots.descr_get.set(Some(field_get));
    slots.descr_set.set(Some(field_set));
}
