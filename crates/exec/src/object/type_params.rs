//! Type parameters: `typing.TypeVar`, `typing.ParamSpec` and `typing.TypeVarTuple`, as `class C[T]` and `def f[T]` make them.
//!
//! Bounds, constraints and defaults are functions until someone asks for them.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::const_evaluator;
use crate::object::generic_alias::GenericAlias;
use crate::object::header::{Payload, Ref};
use crate::object::late::Late;
use crate::object::list::List;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, UnaryOp};
use crate::object::type_::Type;
use crate::object::type_param_new;
use crate::value::Value;
use crate::vm::Vm;

/// Which of the three a parameter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum ParamKind {
    TypeVar,
    ParamSpec,
    TypeVarTuple,
}

/// A value that a function gives at first need.
pub(crate) struct Lazy {
    value: ValueCell,
    function: ValueCell,
}

impl Lazy {
    pub(crate) fn new(function: Option<Value>) -> Lazy {
        Lazy {
            value: ValueCell::new(None),
            function: ValueCell::new(function),
        }
    }

    pub(crate) fn get(&self, vm: &mut Vm) -> PyResult<Option<Value>> {
        if let Some(value) = self.value.get() {
            return Ok(Some(value));
        }
        let Some(function) = self.function.get() else {
            return Ok(None);
        };
        let value = vm.call(&function, &[])?;
        self.value.set(Some(value.clone()));
        Ok(Some(value))
    }

    /// The function that gives the value, for a format.
    pub(crate) fn evaluator(&self, vm: &mut Vm) -> Option<Value> {
        match (self.function.get(), self.value.get()) {
            (Some(function), _) => Some(function),
            (None, Some(value)) => Some(const_evaluator::of(vm, value)),
            (None, None) => None,
        }
    }

    /// Sets a value that needs no function.
    pub(crate) fn set(&self, value: Option<Value>) {
        self.value.set(value);
        self.function.set(None);
    }

    pub(crate) fn is_given(&self) -> bool {
        !self.value.is_empty() || !self.function.is_empty()
    }

    pub(crate) fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.value.traverse(visit);
        self.function.traverse(visit);
    }
}

/// A type parameter's payload.
pub struct TypeParam {
    pub(crate) kind: ParamKind,
    pub(crate) name: Value,
    pub(crate) bound: Lazy,
    pub(crate) constraints: Lazy,
    pub(crate) default: Lazy,
    /// Whether it is covariant, contravariant, or is to find out.
    pub(crate) variance: Cell<[bool; 3]>,
    /// Whether a call has made it, not the syntax.
    pub(crate) is_called: Cell<bool>,
}

impl Payload for TypeParam {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
        self.bound.traverse(visit);
        self.constraints.traverse(visit);
        self.default.traverse(visit);
    }

    fn clear(&self) {
        for lazy in [&self.bound, &self.constraints, &self.default] {
            lazy.set(None);
        }
    }
}

impl Vm {
    /// A type parameter whose bound and constraints are what the functions give.
    pub(crate) fn type_param(
        &mut self,
        kind: ParamKind,
        name: Value,
        bound: Option<Value>,
        constraints: Option<Value>,
    ) -> Value {
        let ty = match kind {
            ParamKind::TypeVar => &self.types.type_var,
            ParamKind::ParamSpec => &self.types.param_spec,
            ParamKind::TypeVarTuple => &self.types.type_var_tuple,
        };
        let payload = TypeParam {
            kind,
            name,
            bound: Lazy::new(bound),
            constraints: Lazy::new(constraints),
            default: Lazy::new(None),
            variance: Cell::new([false, false, true]),
            is_called: Cell::new(false),
        };
        Value::from(Ref::new(ty, payload))
    }
}

/// INTRINSIC_SET_TYPEPARAM_DEFAULT.
pub(crate) fn set_default(parameter: &Value, function: Value) {
    if let Some(parameter) = parameter.downcast::<TypeParam>() {
        parameter.default.function.set(Some(function));
    }
}

/// How a type shows inside an alias or a union.
pub(crate) fn type_repr(vm: &mut Vm, value: &Value) -> PyResult<String> {
    if value.is_ellipsis() {
        return Ok("...".to_owned());
    }
    if let Some(list) = value.downcast::<List>() {
        let mut texts = Vec::new();
        // As many as there are now, whatever showing them does to the list.
        for index in 0..list.items(vm).len() {
            let Some(item) = list.items(vm).get(index).cloned() else {
                return Err(vm.index_error("list index out of range"));
            };
            // Only the outermost list shows its items as types.
            texts.push(match item.downcast::<List>() {
                Some(_) => vm.repr_text(&item)?,
                None => type_repr(vm, &item)?,
            });
        }
        return Ok(format!("[{}]", texts.join(", ")));
    }
    if value.downcast::<GenericAlias>().is_some() {
        return vm.repr_text(value);
    }
    // What looks like a generic alias shows itself, too.
    let (origin, args) = (vm.intern("__origin__"), vm.intern("__args__"));
    if vm.get_attr_opt(value, &origin)?.is_some() && vm.get_attr_opt(value, &args)?.is_some() {
        return vm.repr_text(value);
    }
    let (qualname, module) = (vm.names.__qualname__.clone(), vm.names.__module__.clone());
    let qualname = vm.get_attr_opt(value, &qualname)?;
    let module = vm.get_attr_opt(value, &module)?;
    match (qualname, module) {
        (Some(qualname), Some(module)) if !module.is_none() => {
            let qualname = vm.str_text(&qualname)?;
            Ok(match vm.str_text(&module)?.as_str() {
                "builtins" => qualname,
                module => format!("{module}.{qualname}"),
            })
        }
        (Some(qualname), Some(_)) => vm.str_text(&qualname),
        _ => vm.repr_text(value),
    }
}

fn name(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(receiver::<TypeParam>(vm, this)?.name.clone())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let param = receiver::<TypeParam>(vm, this)?.clone();
    let mark = type_param_new::mark(vm, &param);
    if mark.is_empty() {
        return Ok(param.name.clone());
    }
    let name = vm.display(&param.name);
    Ok(vm.new_str(&format!("{mark}{name}")))
}

/// `*Ts`, or `*Alias`, which gives `Unpack[Ts]` once.
pub(super) fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    if let Some(unpack) = vm.typing_function("Unpack")? {
        let unpacked = vm.get_item(&unpack, this)?;
        let once = vm.new_tuple(vec![unpacked]);
        return vm.iter(&once);
    }
    let ty = vm.types.unpack_alias.clone();
    let unpack = vm.alias(&ty, Value::from(&ty), this);
    let once = vm.new_tuple(vec![unpack]);
    vm.iter(&once)
}

fn mro_entries(vm: &mut Vm, this: &Value, _bases: &Value) -> PyResult {
    receiver::<TypeParam>(vm, this)?;
    let ty = vm.type_of(this).name();
    let name = ty.trim_start_matches("typing.");
    Err(vm.type_error(format!("Cannot subclass an instance of {name}")))
}

fn bound(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<TypeParam>(vm, this)?.clone();
    Ok(this.bound.get(vm)?.unwrap_or(Value::NONE))
}

fn constraints(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<TypeParam>(vm, this)?.clone();
    let empty = vm.new_tuple(Vec::new());
    Ok(this.constraints.get(vm)?.unwrap_or(empty))
}

fn default(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<TypeParam>(vm, this)?.clone();
    match this.default.get(vm)? {
        Some(default) => Ok(default),
        None => Ok(no_default(vm)),
    }
}

/// The one `typing.NoDefault` of a VM.
#[derive(Default)]
struct TheNoDefault(Option<Value>);

/// `typing.NoDefault`, always the same.
pub(crate) fn no_default(vm: &mut Vm) -> Value {
    let made = vm.state::<TheNoDefault>().0.clone();
    made.unwrap_or_else(|| {
        let made = Value::from(Ref::new(&vm.types.no_default, NoDefault));
        vm.state::<TheNoDefault>().0 = Some(made.clone());
        made
    })
}

fn variance(vm: &mut Vm, this: &Value, index: usize) -> PyResult {
    let variance = receiver::<TypeParam>(vm, this)?.variance.get();
    Ok(Value::bool(variance[index]))
}

/// `typing.NoDefault`.
pub struct NoDefault;

impl Payload for NoDefault {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

static COMMON: &[GetSetDef] = &[
    GetSetDef::get("__name__", |vm, this| {
        Ok(receiver::<TypeParam>(vm, this)?.name.clone())
    })
    .member(),
    GetSetDef::get("__default__", default).since(13),
    GetSetDef::get("evaluate_default", |vm, this| {
        let this = receiver::<TypeParam>(vm, this)?.clone();
        Ok(match this.default.evaluator(vm) {
            Some(evaluator) => evaluator,
            None if this.is_called.get() => {
                let nothing = no_default(vm);
                const_evaluator::of(vm, nothing)
            }
            None => Value::NONE,
        })
    })
    .since(14),
];

static VARIANCE: &[GetSetDef] = &[
    GetSetDef::get("__bound__", bound),
    GetSetDef::get("__covariant__", |vm, t| variance(vm, t, 0)).member(),
    GetSetDef::get("__contravariant__", |vm, t| variance(vm, t, 1)).member(),
    GetSetDef::get("__infer_variance__", |vm, t| variance(vm, t, 2)).member(),
];

static CONSTRAINTS: &[GetSetDef] = &[
    GetSetDef::get("__constraints__", constraints),
    GetSetDef::get("evaluate_bound", |vm, this| {
        evaluator(vm, this, |param| &param.bound)
    })
    .since(14),
    GetSetDef::get("evaluate_constraints", |vm, this| {
        evaluator(vm, this, |param| &param.constraints)
    })
    .since(14),
];

fn evaluator(vm: &mut Vm, this: &Value, lazy: fn(&TypeParam) -> &Lazy) -> PyResult {
    let this = receiver::<TypeParam>(vm, this)?.clone();
    Ok(lazy(&this).evaluator(vm).unwrap_or(Value::NONE))
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__mro_entries__", mro_entries),
    NativeDef::no_args("has_default", |vm, this| {
        let this = receiver::<TypeParam>(vm, this)?;
        Ok(Value::bool(this.default.is_given()))
    })
    .since(13),
    NativeDef::no_args("__reduce__", name),
];

static NO_DEFAULT: &[NativeDef] = &[NativeDef::no_args("__reduce__", |vm, _| {
    Ok(vm.new_str("NoDefault"))
})];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    type_param_new::ready_slots(vm);
    let types = &vm.types;
    for ty in [&types.type_var, &types.param_spec, &types.type_var_tuple] {
        ty.slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    }
    for ty in [&types.type_var, &types.param_spec] {
        ty.slots.binary[BinaryOp::Or as usize].set(Some(crate::object::union::or));
    }
    types.type_var_tuple.slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    let no_default = &types.no_default.slots;
    no_default.unary[UnaryOp::Repr as usize].set(Some(|vm, _| Ok(vm.new_str("typing.NoDefault"))));
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let (var, spec) = (types.type_var.clone(), types.param_spec.clone());
    let tuple = types.type_var_tuple.clone();
    for ty in [&var, &spec, &tuple] {
        vm.add_methods(ty, METHODS);
        vm.add_attributes(ty, COMMON);
    }
    vm.add_attributes(&var, VARIANCE);
    vm.add_attributes(&var, CONSTRAINTS);
    vm.add_attributes(&spec, VARIANCE);
    if vm.version_number() >= 15 {
        vm.add_attributes(&tuple, VARIANCE);
    }
    let no_default = vm.types.no_default.clone();
    vm.add_methods(&no_default, NO_DEFAULT);
    type_param_new::ready(vm);
    for ty in [var, spec, tuple] {
        vm.add_late(&ty, Late::Other(add_module));
    }
}

/// Here the instances have the attribute, too.
fn add_module(vm: &mut Vm, ty: &Ref<Type>) {
    let (name, module) = (vm.names.__module__.clone(), vm.new_str("typing"));
    ty.dict(vm).set_str(vm, &name, module);
}
