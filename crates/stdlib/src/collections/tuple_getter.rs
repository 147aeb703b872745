//! `_tuplegetter`: the attribute of a named tuple that gives one of its items.

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, ValueCell, Vm};

use crate::arguments::{or_none, positional, ssize};

/// Which item, and the attribute's documentation.
pub(super) struct TupleGetter {
    index: i64,
    doc: ValueCell,
}

impl Payload for TupleGetter {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.doc.traverse(visit);
    }

    fn clear(&self) {
        self.doc.set(None);
    }
}

pub(super) static TUPLE_GETTER: ClassDef =
    ClassDef::new::<TupleGetter>("collections._tuplegetter", slots)
        .methods(&[NativeDef::no_args("__reduce__", reduce).signature("($self, /)")])
        .attributes(&[GetSetDef::get_set(
            "__doc__",
            |vm, this| {
                let doc = receiver::<TupleGetter>(vm, this)?.doc.get();
                Ok(or_none(doc.as_ref()))
            },
            |vm, this, new| {
                receiver::<TupleGetter>(vm, this)?.doc.set(new);
                Ok(())
            },
        )
        .member()]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.descr_get.set(Some(get));
    slots.descr_set.set(Some(|vm, _, _, new| {
        let message = match new {
            Some(_) => "can't set attribute",
            None => "can't delete attribute",
        };
        Err(vm.error(&vm.types.attribute_error.clone(), message))
    }));
    slots.set_unary(UnaryOp::Repr, repr);
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &TUPLE_GETTER, "_tuplegetter", args, (2, 2))?;
    let payload = TupleGetter {
        index: ssize(vm, &arguments[0])?,
        doc: ValueCell::new(Some(arguments[1].clone())),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn get(vm: &mut Vm, this: &Value, instance: Option<&Value>, _owner: Option<&Value>) -> PyResult {
    let (Some(getter), Some(instance)) = (this.downcast::<TupleGetter>(), instance) else {
        return Ok(this.clone());
    };
    let index = getter.index;
    let Some(tuple) = instance.downcast::<Tuple>() else {
        let found = vm.type_name(instance);
        return Err(vm.type_error(format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{found}' object"
        )));
    };
    match usize::try_from(index)
        .ok()
        .and_then(|at| tuple.items().get(at))
    {
        Some(item) => Ok(item.clone()),
        None => Err(vm.index_error("tuple index out of range")),
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.short_type_name(this);
    let getter = receiver::<TupleGetter>(vm, this)?;
    let doc = vm.repr_text(&or_none(getter.doc.get().as_ref()))?;
    let index = getter.index;
    Ok(vm.new_str(&format!("{name}({index}, {doc})")))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let getter = receiver::<TupleGetter>(vm, this)?;
    let index = vm.int(getter.index);
    let arguments = vm.tuple_of([index, or_none(getter.doc.get().as_ref())]);
    Ok(vm.tuple_of([class, arguments]))
}
