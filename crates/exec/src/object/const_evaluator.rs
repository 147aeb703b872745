//! What stands for the evaluation function of a type parameter or alias that was given its value at once (3.14 on).

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native_class::ClassDef;
use crate::object::sequence::receiver;
use crate::object::slots::{Slots, UnaryOp};
use crate::object::tuple::Tuple;
use crate::object::type_params::type_repr;
use crate::value::Value;
use crate::vm::Vm;

/// The format that asks for text.
const STRING: i64 = 4;

struct ConstEvaluator {
    value: Value,
}

impl Payload for ConstEvaluator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.value);
    }
}

static CLASS: ClassDef =
    ClassDef::new::<ConstEvaluator>("_typing._ConstEvaluator", slots).no_instances();

fn slots(slots: &Slots, _minor: u8) {
    slots.call.set(Some(call));
    slots.set_unary(UnaryOp::Repr, repr);
}

/// The function that gives `value`, whatever the format.
pub(super) fn of(vm: &mut Vm, value: Value) -> Value {
    let class = vm.class(&CLASS);
    Value::from(Ref::new(&class, ConstEvaluator { value }))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let value = receiver::<ConstEvaluator>(vm, this)?.value.clone();
    let value = vm.repr_text(&value)?;
    Ok(vm.new_str(&format!("<constevaluator {value}>")))
}

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let value = receiver::<ConstEvaluator>(vm, this)?.value.clone();
    let [format] = args.exactly::<1>(vm, "constevaluator.__call__")?;
    let format = vm.index_as_i64(format, "Python int too large to convert to C int")?;
    if format != STRING {
        return Ok(value);
    }
    let Some(members) = value.downcast::<Tuple>() else {
        let text = type_repr(vm, &value)?;
        return Ok(vm.new_str(&text));
    };
    let mut texts = Vec::new();
    for member in members.items() {
        texts.push(type_repr(vm, member)?);
    }
    Ok(vm.new_str(&format!("({})", texts.join(", "))))
}
