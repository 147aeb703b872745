//! Type parameters: `typing.TypeVar`, `typing.ParamSpec` and `typing.TypeVarTuple`, as `class C[T]` and `def f[T]` make them, and
//! their replacement in aliases and unions.
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
use crate::object::tuple::Tuple;
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
        for item in list.items(vm).to_vec() {
            texts.push(type_repr(vm, &item)?);
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

/// The type parameters that occur in some arguments, each once, in order.
pub(crate) fn type_parameters(vm: &mut Vm, args: &[Value]) -> PyResult<Vec<Value>> {
    let mut found: Vec<Value> = Vec::new();
    for arg in args {
        if arg.downcast::<TypeParam>().is_some() {
            push_once(&mut found, arg);
            continue;
        }
        if arg.downcast::<Type>().is_some() {
            continue;
        }
        let name = vm.intern("__parameters__");
        let inner = vm.get_attr_opt(arg, &name)?;
        let inner = inner.as_ref().and_then(|inner| inner.downcast::<Tuple>());
        for parameter in inner.map_or(&[][..], |inner| inner.items()) {
            push_once(&mut found, parameter);
        }
    }
    Ok(found)
}

fn push_once(found: &mut Vec<Value>, parameter: &Value) {
    if !found.iter().any(|known| known.is(parameter)) {
        found.push(parameter.clone());
    }
}

/// The parameters' arguments for `whole[key]`, the tuple of a TypeVarTuple for it, defaults for those left out.
///
/// # Errors
/// TypeError if their number does not fit; `whole` is what the message names.
pub(crate) fn arguments_for(
    vm: &mut Vm,
    whole: &Value,
    parameters: &[Value],
    key: &Value,
) -> PyResult<Vec<Value>> {
    let mut given = match key.downcast::<Tuple>() {
        Some(key) => key.items().to_vec(),
        None => vec![key.clone()],
    };
    let kind = |p: &Value| p.downcast::<TypeParam>().map(|p| p.kind);
    if let Some(at) = parameters
        .iter()
        .position(|p| kind(p) == Some(ParamKind::TypeVarTuple))
    {
        let after = parameters.len() - at - 1;
        if given.len() >= at + after {
            let rest = given.drain(at..given.len() - after).collect();
            given.insert(at, vm.new_tuple(rest));
        }
    }
    let is_optional = |p: &&Value| {
        p.downcast::<TypeParam>()
            .is_some_and(|p| p.default.is_given() || p.kind == ParamKind::TypeVarTuple)
    };
    let required = parameters.len() - parameters.iter().filter(is_optional).count();
    let len = given.len();
    for parameter in parameters.iter().skip(len).cloned().collect::<Vec<_>>() {
        let Some(param) = parameter.downcast::<TypeParam>() else {
            break;
        };
        match param.default.get(vm)? {
            Some(default) => given.push(default),
            None => break,
        }
    }
    if given.len() == parameters.len() {
        return Ok(given);
    }
    let is_many = len > parameters.len();
    let (many, at_least) = (
        if is_many { "many" } else { "few" },
        if !is_many && (required < parameters.len() || whole.downcast::<Type>().is_some()) {
            "at least "
        } else {
            ""
        },
    );
    let whole = vm.repr_text(whole)?;
    let expected = if is_many { parameters.len() } else { required };
    let message =
        format!("Too {many} arguments for {whole}; actual {len}, expected {at_least}{expected}");
    Err(vm.type_error(message))
}

/// The arguments of an alias or members of a union with their type parameters replaced by what `key` gives.
pub(crate) fn substitute_all(
    vm: &mut Vm,
    whole: &Value,
    args: &[Value],
    key: &Value,
) -> PyResult<Vec<Value>> {
    let parameters = type_parameters(vm, args)?;
    if parameters.is_empty() {
        let whole = vm.repr_text(whole)?;
        return Err(vm.type_error(format!("{whole} is not a generic class")));
    }
    let given = arguments_for(vm, whole, &parameters, key)?;
    let value_of = |parameter: &Value| {
        let place = parameters.iter().position(|p| p.is(parameter));
        place.and_then(|at| given.get(at).cloned())
    };
    let mut replaced = Vec::new();
    for arg in args {
        if let Some(value) = value_of(arg) {
            replaced.push(value);
            continue;
        }
        if let Some(unpacked) = unpacked_parameter(vm, arg)
            && let Some(items) = value_of(&unpacked)
        {
            let items = items.downcast::<Tuple>().cloned();
            replaced.extend(items.iter().flat_map(|items| items.items().iter().cloned()));
            continue;
        }
        let inner = match arg.downcast::<Type>() {
            Some(_) => Vec::new(),
            None => type_parameters(vm, std::slice::from_ref(arg))?,
        };
        if inner.is_empty() {
            replaced.push(arg.clone());
            continue;
        }
        let inner = inner.iter().filter_map(value_of).collect();
        let inner = vm.new_tuple(inner);
        replaced.push(vm.get_item(arg, &inner)?);
    }
    Ok(replaced)
}

/// The TypeVarTuple behind `*Ts`.
fn unpacked_parameter(vm: &Vm, arg: &Value) -> Option<Value> {
    let alias = arg.downcast::<GenericAlias>()?;
    let is_unpack = alias.ty().is(&vm.types.unpack_alias);
    alias.args.items().first().filter(|_| is_unpack).cloned()
}

fn name(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(receiver::<TypeParam>(vm, this)?.name.clone())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let param = receiver::<TypeParam>(vm, this)?.clone();
    let mark = type_param_new::mark(&param);
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
        evaluator(vm, this, |param| &param.default)
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
