//! `P.args` and `P.kwargs` of a ParamSpec `P`.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::native_class::ClassDef;
use crate::object::sequence::receiver;
use crate::object::slots::{CompareOp, Slots, UnaryOp};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// What either refers to.
struct Part {
    origin: Value,
}

impl Payload for Part {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.origin);
    }
}

/// `typing.ParamSpecArgs`.
pub static ARGS: ClassDef = ClassDef::new::<Part>("typing.ParamSpecArgs", args_slots)
    .weakly_referenced()
    .attributes(ATTRIBUTES)
    .methods(METHODS);

/// `typing.ParamSpecKwargs`.
pub static KWARGS: ClassDef = ClassDef::new::<Part>("typing.ParamSpecKwargs", kwargs_slots)
    .weakly_referenced()
    .attributes(ATTRIBUTES)
    .methods(METHODS);

static METHODS: &[NativeDef] = &[NativeDef::one("__mro_entries__", |vm, this, _bases| {
    let name = vm.short_type_name(this);
    Err(vm.type_error(format!("Cannot subclass an instance of {name}")))
})];

static ATTRIBUTES: &[GetSetDef] = &[GetSetDef::get("__origin__", |vm, this| {
    Ok(receiver::<Part>(vm, this)?.origin.clone())
})
.member()];

static OF_PARAM_SPEC: &[GetSetDef] = &[
    GetSetDef::get("args", |vm, this| {
        let class = vm.class(&ARGS);
        let origin = this.clone();
        Ok(Value::from(Ref::new(&class, Part { origin })))
    }),
    GetSetDef::get("kwargs", |vm, this| {
        let class = vm.class(&KWARGS);
        let origin = this.clone();
        Ok(Value::from(Ref::new(&class, Part { origin })))
    }),
];

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    static PARAMS: Params = Params::new(&["origin"], 1);
    let name = class.name().to_lowercase();
    let name = name.rsplit('.').next().unwrap_or_default();
    let bound = args.bind(vm, name, &PARAMS)?;
    let origin = bound.get(0).cloned().unwrap_or(Value::NONE);
    Ok(Value::from(Ref::new(class, Part { origin })))
}

fn repr(vm: &mut Vm, this: &Value, part: &str) -> PyResult {
    let origin = receiver::<Part>(vm, this)?.origin.clone();
    let name = vm.names.__name__.clone();
    let text = match vm.get_attr_opt(&origin, &name)? {
        Some(name) => vm.str_text(&name)?,
        None => vm.repr_text(&origin)?,
    };
    Ok(vm.new_str(&format!("{text}.{part}")))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let same_class = vm.type_of(a).is(vm.type_of(b));
    match (a.downcast::<Part>(), b.downcast::<Part>(), op) {
        (Some(a), Some(b), CompareOp::Eq | CompareOp::Ne) if same_class => {
            let (a, b) = (a.origin.clone(), b.origin.clone());
            vm.compare(&a, &b, op)
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn args_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.compare.set(Some(compare));
    slots.set_unary(UnaryOp::Repr, |vm, this| repr(vm, this, "args"));
}

fn kwargs_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.compare.set(Some(compare));
    slots.set_unary(UnaryOp::Repr, |vm, this| repr(vm, this, "kwargs"));
}

/// Adds both to ParamSpec.
pub(crate) fn ready(vm: &mut Vm) {
    let spec = vm.types.param_spec.clone();
    vm.add_attributes(&spec, OF_PARAM_SPEC);
}
