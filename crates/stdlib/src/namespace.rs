//! `types.SimpleNamespace`.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::slots::{CompareOp, Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::object::types::Nothing;
use pyco_exec::{Args, PyResult, Value, Vm};

static UNTIL_3_12: ClassDef = ClassDef::new::<Nothing>("types.SimpleNamespace", slots)
    .subclassable()
    .with_dict()
    .methods(&[REDUCE]);

static SINCE_3_13: ClassDef = ClassDef::new::<Nothing>("types.SimpleNamespace", slots)
    .subclassable()
    .with_dict()
    .methods(&[REDUCE, NativeDef::any("__replace__", replace)]);

const REDUCE: NativeDef = NativeDef::no_args("__reduce__", |vm, this| {
    let class = Value::from(vm.type_of(this));
    let arguments = vm.new_tuple(Vec::new());
    let dict = Value::from(dict_of(vm, this)?);
    Ok(vm.new_tuple(vec![class, arguments, dict]))
});

/// The class in this version.
pub(crate) fn class(vm: &mut Vm) -> Ref<Type> {
    match vm.version().minor() {
        ..13 => vm.class(&UNTIL_3_12),
        _ => vm.class(&SINCE_3_13),
    }
}

/// A namespace with these names.
pub(crate) fn with(vm: &mut Vm, items: &[(&str, Value)]) -> PyResult {
    let class = class(vm);
    let made = vm.call(class.as_value(), &[])?;
    let dict = dict_of(vm, &made)?;
    for (name, value) in items {
        vm.set_global(&dict, name, value.clone());
    }
    Ok(made)
}

fn dict_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Dict>> {
    match vm.instance_dict(this) {
        Some(dict) => Ok(dict),
        None => {
            let found = vm.type_name(this);
            Err(vm.type_error(format!("descriptor doesn't apply to a '{found}' object")))
        }
    }
}

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|_, class, _| {
        Ok(Value::from(Ref::new(class, Nothing)))
    }));
    slots.init.set(Some(init));
    slots.set_unary(UnaryOp::Repr, repr);
    slots.compare.set(Some(compare));
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let dict = dict_of(vm, this)?;
    let given = args.positional();
    if vm.version().minor() < 13 && !given.is_empty() {
        return Err(vm.type_error("no positional arguments expected"));
    }
    if given.len() > 1 {
        let message = format!(
            "SimpleNamespace expected at most 1 argument, got {}",
            given.len()
        );
        return Err(vm.type_error(message));
    }
    if let Some(values) = given.first() {
        let class = vm.types.dict.clone();
        let values = vm.call(class.as_value(), std::slice::from_ref(values))?;
        let values = values.downcast::<Dict>().cloned();
        let items = values.map_or_else(Vec::new, |values| values.items(vm));
        if items.iter().any(|(key, _)| key.downcast::<Str>().is_none()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        for (key, value) in items {
            dict.set(vm, key, value)?;
        }
    }
    for (name, value) in args.keywords() {
        dict.set_str(vm, name, value.clone());
    }
    Ok(())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = vm.type_of(this).clone();
    let name = match ty.is_built_in() {
        true => "namespace".to_owned(),
        false => ty.name().to_string(),
    };
    let Some(guard) = vm.enter_repr(this) else {
        return Ok(vm.new_str(&format!("{name}(...)")));
    };
    let text = repr_items(vm, this, &name);
    vm.leave_repr(guard);
    let text = text?;
    Ok(vm.new_str(&text))
}

fn repr_items(vm: &mut Vm, this: &Value, name: &str) -> PyResult<String> {
    let dict = dict_of(vm, this)?;
    let mut items = Vec::new();
    for (key, _) in dict.items(vm) {
        let Some(name) = key.downcast::<Str>().filter(|name| !name.is_empty()) else {
            continue;
        };
        // The value is read again: an earlier one's `repr` may have changed it.
        if let Some(value) = dict.get(vm, &key)? {
            items.push(format!("{name}={}", vm.repr_text(&value)?));
        }
    }
    Ok(format!("{name}({})", items.join(", ")))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let class = class(vm);
    let is_ours = |vm: &Vm, value: &Value| vm.type_of(value).is_subtype(vm, &class);
    let orders = !matches!(op, CompareOp::Eq | CompareOp::Ne);
    if !is_ours(vm, a) || !is_ours(vm, b) || (orders && vm.version().minor() >= 15) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (a, b) = (Value::from(dict_of(vm, a)?), Value::from(dict_of(vm, b)?));
    vm.compare(&a, &b, op)
}

/// `namespace.__replace__(**changes)`.
fn replace(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    if !args.positional().is_empty() {
        return Err(vm.type_error("__replace__() takes no positional arguments"));
    }
    let class = Value::from(vm.type_of(this));
    let copy = vm.call(&class, &[])?;
    let own = self::class(vm);
    if !vm.type_of(&copy).is_subtype(vm, &own) {
        let (class, found) = (vm.full_type_name(this), vm.full_type_name(&copy));
        let message =
            format!("expect types.SimpleNamespace type, but {class}() returned '{found}' object");
        return Err(vm.type_error(message));
    }
    let (from, to) = (dict_of(vm, this)?, dict_of(vm, &copy)?);
    for (key, value) in from.items(vm) {
        to.set(vm, key, value)?;
    }
    for (name, value) in args.keywords() {
        to.set_str(vm, name, value.clone());
    }
    Ok(copy)
}
