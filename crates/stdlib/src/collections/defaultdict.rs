//! `defaultdict`: a dict that makes what it is asked for. The factory is in a hidden slot.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::dict_methods::update_from;
use pyco_exec::object::frozen_dict::items_of;
use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{BinaryOp, Slots, UnaryOp};
use pyco_exec::{Args, PyResult, Value, Vm};

pub(super) static DEFAULTDICT: ClassDef = ClassDef::new::<Dict>("collections.defaultdict", slots)
    .base(|vm| vm.types.dict.clone())
    .subclassable()
    .mapping()
    .hidden_slots(1)
    .methods(&[
        NativeDef::one("__missing__", missing).signature("($self, object, /)"),
        NativeDef::no_args("copy", copy).signature("($self, /)"),
        NativeDef::no_args("__copy__", copy).signature("($self, /)"),
        NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
        NativeDef::one("__class_getitem__", class_getitem).class(),
    ])
    .attributes(&[GetSetDef::get_set(
        "default_factory",
        |vm, this| Ok(factory(vm, this)),
        |vm, this, new| {
            set_factory(vm, this, new);
            Ok(())
        },
    )
    .member()]);

fn slots(slots: &Slots, _minor: u8) {
    slots.init.set(Some(init));
    slots.set_unary(UnaryOp::Repr, repr);
    slots.set_binary(BinaryOp::Or, or);
}

/// The factory, or `None`.
fn factory(vm: &Vm, this: &Value) -> Value {
    let factory = vm.hidden_slot(this, 0).and_then(|slot| slot.get());
    factory.unwrap_or(Value::NONE)
}

fn set_factory(vm: &Vm, this: &Value, factory: Option<Value>) {
    if let Some(slot) = vm.hidden_slot(this, 0) {
        slot.set(factory);
    }
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let mut rest = args;
    let mut factory = None;
    if let Some(given) = args.positional().first() {
        if !given.is_none() && vm.type_of(given).slots.call.get().is_none() {
            return Err(vm.type_error("first argument must be callable or None"));
        }
        factory = Some(given.clone());
        rest = args.rest();
    }
    set_factory(vm, this, factory);
    match vm.types.dict.slots.init.get() {
        Some(init) => init(vm, this, rest),
        None => Ok(()),
    }
}

fn missing(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let factory = factory(vm, this);
    if factory.is_none() {
        return Err(vm.key_error(key.clone()));
    }
    let value = vm.call(&factory, &[])?;
    if vm.version().minor() >= 13
        && let Some(dict) = this.downcast::<Dict>().cloned()
        && let Some(known) = dict.get(vm, key)?
    {
        // The factory has looked the key up itself.
        return Ok(known);
    }
    vm.set_item(this, key, value.clone())?;
    Ok(value)
}

/// `type(this)(factory, items)`.
fn with_items(vm: &mut Vm, this: &Value, items: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let factory = factory(vm, this);
    vm.call(&class, &[factory, items.clone()])
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    with_items(vm, this, this)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.short_type_name(this);
    let items = match vm.types.dict.slots.unary(UnaryOp::Repr) {
        Some(repr) => repr(vm, this)?,
        None => Value::NONE,
    };
    let items = vm.display(&items);
    let factory = factory(vm, this);
    let factory = match vm.enter_repr(&factory) {
        Some(guard) => {
            let text = vm.repr_text(&factory);
            vm.leave_repr(guard);
            text?
        }
        None => "...".to_owned(),
    };
    Ok(vm.new_str(&format!("{name}({factory}, {items})")))
}

fn is_defaultdict(vm: &mut Vm, value: &Value) -> bool {
    let class = vm.class(&DEFAULTDICT);
    vm.type_of(value).is_subtype(vm, &class)
}

fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (this, other) = match is_defaultdict(vm, a) {
        true => (a, b),
        false => (b, a),
    };
    if items_of(other).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let result = with_items(vm, this, a)?;
    let dict = receiver::<Dict>(vm, &result)?.clone();
    update_from(vm, &dict, b)?;
    Ok(result)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let factory = factory(vm, this);
    let arguments = match factory.is_none() {
        true => vm.new_tuple(Vec::new()),
        false => vm.tuple_of([factory]),
    };
    let items = vm.intern("items");
    let items = vm.call_method(this, &items, &[])?;
    let iterator = vm.iter(&items)?;
    Ok(vm.tuple_of([class, arguments, Value::NONE, Value::NONE, iterator]))
}
