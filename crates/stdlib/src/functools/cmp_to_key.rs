//! `cmp_to_key`: keys that a comparison function compares.

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::GetSetDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{CompareOp, Slots};
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm};

use crate::arguments::or_none;

/// The comparison function and the object; none in what `cmp_to_key` itself gives.
struct Key {
    function: Value,
    object: ValueCell,
}

impl Payload for Key {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        self.object.traverse(visit);
    }

    fn clear(&self) {
        self.object.set(None);
    }
}

static KEY: ClassDef = ClassDef::new::<Key>("functools.KeyWrapper", slots)
    .no_instances()
    .attributes(&[GetSetDef::get_set(
        "obj",
        |vm, this| Ok(or_none(receiver::<Key>(vm, this)?.object.get().as_ref())),
        |vm, this, new| {
            receiver::<Key>(vm, this)?.object.set(new);
            Ok(())
        },
    )
    .member()]);

fn slots(slots: &Slots, _minor: u8) {
    slots.call.set(Some(call));
    slots.compare.set(Some(compare));
}

/// A key.
pub(super) fn key(vm: &mut Vm, function: Value, object: Option<Value>) -> Value {
    let class = vm.class(&KEY);
    let object = ValueCell::new(object);
    Value::from(Ref::new(&class, Key { function, object }))
}

static CALL: Params = Params::new(&["obj"], 1);

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let function = receiver::<Key>(vm, this)?.function.clone();
    let bound = args.bind(vm, "K", &CALL)?;
    Ok(key(vm, function, bound.get(0).cloned()))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Key>(), b.downcast::<Key>()) else {
        return Err(vm.type_error("other argument must be K instance"));
    };
    let (Some(x), Some(y)) = (a.object.get(), b.object.get()) else {
        return Err(vm.error(&vm.types.attribute_error.clone(), "object"));
    };
    let result = vm.call(&a.function, &[x, y])?;
    let zero = vm.int(0);
    vm.compare(&result, &zero, op)
}
