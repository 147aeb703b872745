//! `partial` and, from 3.14 on, `Placeholder`.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{CallFn, Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Raised, Value, Vm, VmCell};

/// The function, and the arguments that come before those of a call.
pub(super) struct Partial {
    /// Nothing once the collector has cleared it.
    parts: VmCell<Option<Parts>>,
}

#[derive(Clone)]
struct Parts {
    function: Value,
    arguments: Ref<Tuple>,
    keywords: Ref<Dict>,
    /// How many of the arguments are placeholders.
    placeholders: usize,
}

impl Payload for Partial {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector calls this, while nobody borrows any contents.
        unsafe {
            self.parts.traverse_with(|parts| {
                if let Some(parts) = parts {
                    visit(&parts.function);
                    visit(parts.arguments.as_value());
                    visit(parts.keywords.as_value());
                }
            });
        }
    }

    fn clear(&self) {
        // SAFETY: the collector calls this, while nobody borrows any contents.
        drop(unsafe { self.parts.take_in_clear() });
    }
}

pub(super) static PARTIAL: ClassDef = ClassDef::new::<Partial>("functools.partial", slots)
    .weakly_referenced()
    .subclassable()
    .with_dict()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
        NativeDef::one("__setstate__", set_state).signature("($self, object, /)"),
        NativeDef::one("__class_getitem__", class_getitem).class(),
    ])
    .attributes(&[
        GetSetDef::get("func", |vm, this| Ok(parts(vm, this)?.function)).member(),
        GetSetDef::get("args", |vm, this| {
            Ok(Value::from(parts(vm, this)?.arguments))
        })
        .member(),
        GetSetDef::get("keywords", |vm, this| {
            Ok(Value::from(parts(vm, this)?.keywords))
        })
        .member(),
    ]);

fn slots(slots: &Slots, minor: u8) {
    slots.new.set(Some(new));
    slots.call.set(Some(call));
    slots.set_unary(UnaryOp::Repr, repr);
    if minor >= 13 {
        slots.descr_get.set(Some(descr_get));
    }
}

fn parts(vm: &mut Vm, this: &Value) -> PyResult<Parts> {
    match receiver::<Partial>(vm, this)?.parts.get(vm) {
        Some(parts) => Ok(parts.clone()),
        None => Err(vm.runtime_error("partial object was cleared")),
    }
}

fn is_callable(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).slots.call.get().is_some()
}

/// How many of these are placeholders.
fn count_placeholders(vm: &mut Vm, values: &[Value]) -> usize {
    if vm.version_number() < 14 {
        return 0;
    }
    values.iter().filter(|value| is_placeholder(value)).count()
}

fn is_placeholder(value: &Value) -> bool {
    value.downcast::<Placeholder>().is_some()
}

#[cold]
fn trailing(vm: &mut Vm) -> Raised {
    vm.type_error("trailing Placeholders are not allowed")
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let [function, given @ ..] = args.positional() else {
        return Err(vm.type_error("type 'partial' takes at least one argument"));
    };
    if !is_callable(vm, function) {
        return Err(vm.type_error("the first argument must be callable"));
    }
    if vm.version_number() >= 14 {
        if given.last().is_some_and(is_placeholder) {
            return Err(trailing(vm));
        }
        if args.keywords().any(|(_, value)| is_placeholder(value)) {
            let message = "Placeholder cannot be passed as a keyword argument";
            return Err(vm.type_error(message));
        }
    }
    let inner = match flat(vm, function) {
        Some(inner) => inner,
        None => Parts {
            function: function.clone(),
            arguments: tuple(vm, Vec::new()),
            keywords: Dict::new(vm),
            placeholders: 0,
        },
    };
    let mut merged = Vec::with_capacity(inner.arguments.items().len() + given.len());
    fill(&inner, given, &mut merged);
    let keywords = inner.keywords.copy(vm);
    for (name, value) in args.keywords() {
        keywords.set_str(vm, name, value.clone());
    }
    let placeholders = count_placeholders(vm, &merged);
    let parts = VmCell::new(Some(Parts {
        function: inner.function,
        arguments: tuple(vm, merged),
        keywords,
        placeholders,
    }));
    Ok(Value::from(Ref::new(ty, Partial { parts })))
}

/// The arguments of `inner`, its placeholders replaced as far as `given` reaches, then the rest of `given`.
fn fill(inner: &Parts, given: &[Value], merged: &mut Vec<Value>) {
    let mut given = given.iter();
    if inner.placeholders == 0 {
        merged.extend_from_slice(inner.arguments.items());
    } else {
        for item in inner.arguments.items() {
            let item = match is_placeholder(item) {
                true => given.next().unwrap_or(item),
                false => item,
            };
            merged.push(item.clone());
        }
    }
    merged.extend(given.cloned());
}

fn tuple(vm: &Vm, items: Vec<Value>) -> Ref<Tuple> {
    Tuple::of_type(&vm.types.tuple, items)
}

/// The parts of a function that is a partial itself, without attributes of its own, and called as all are.
fn flat(vm: &mut Vm, function: &Value) -> Option<Parts> {
    let partial = function.downcast::<Partial>()?;
    let calls = vm.type_of(function).slots.call.get()?;
    if !std::ptr::fn_addr_eq(calls, call as CallFn) {
        return None;
    }
    let parts = partial.parts.get(vm).clone()?;
    (!vm.has_instance_attributes(function)).then_some(parts)
}

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let parts = parts(vm, this)?;
    let given = args.positional();
    if given.len() < parts.placeholders {
        let (expected, got) = (parts.placeholders, given.len());
        return Err(vm.type_error(format!(
            "missing positional arguments in 'partial' call; expected at least {expected}, got {got}"
        )));
    }
    let count = parts.arguments.items().len() + args.all_values().len();
    let mut values = Vec::with_capacity(count);
    fill(&parts, given, &mut values);
    if parts.keywords.len(vm) == 0 {
        values.extend_from_slice(&args.all_values()[given.len()..]);
        return vm.call_args(&parts.function, Args::new(&values, args.names()));
    }
    let keywords = parts.keywords.copy(vm);
    for (name, value) in args.keywords() {
        keywords.set(vm, Value::from(name), value.clone())?;
    }
    let mut names = Vec::with_capacity(keywords.len(vm));
    for (name, value) in keywords.items(vm) {
        if name.downcast::<Str>().is_none() {
            return Err(vm.type_error("keywords must be strings"));
        }
        names.push(name);
        values.push(value);
    }
    let names = tuple(vm, names);
    vm.call_args(&parts.function, Args::new(&values, Some(&names)))
}

fn descr_get(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let Some(instance) = instance else {
        return Ok(this.clone());
    };
    if vm.version_number() >= 14 {
        return Ok(vm.new_method(this.clone(), instance.clone()));
    }
    vm.warn(
        "FutureWarning",
        "functools.partial will be a method descriptor in future Python versions; \
         wrap it in staticmethod() if you want to preserve the old behavior",
    )?;
    Ok(this.clone())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let parts = parts(vm, this)?;
    let ty = vm.type_of(this).clone();
    let name = match vm.version_number() {
        _ if ty.is_built_in() => ty.name().to_string(),
        ..13 => ty.name().to_string(),
        _ => ty.name_with_module(vm),
    };
    let Some(guard) = vm.enter_repr(this) else {
        return Ok(vm.new_str("..."));
    };
    let text = repr_of_parts(vm, &name, &parts);
    vm.leave_repr(guard);
    Ok(vm.new_str(&text?))
}

fn repr_of_parts(vm: &mut Vm, name: &str, parts: &Parts) -> PyResult<String> {
    let mut text = format!("{name}({}", vm.repr_text(&parts.function)?);
    for value in parts.arguments.items() {
        text += &format!(", {}", vm.repr_text(value)?);
    }
    for (key, value) in parts.keywords.items(vm) {
        let key = vm.str_text(&key)?;
        text += &format!(", {key}={}", vm.repr_text(&value)?);
    }
    text.push(')');
    Ok(text)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let parts = parts(vm, this)?;
    let class = Value::from(vm.type_of(this));
    let dict = match vm.has_instance_attributes(this) {
        true => vm.instance_dict(this).map_or(Value::NONE, Value::from),
        false => Value::NONE,
    };
    let arguments = vm.tuple_of([parts.function.clone()]);
    let state = vm.tuple_of([
        parts.function,
        Value::from(parts.arguments),
        Value::from(parts.keywords),
        dict,
    ]);
    Ok(vm.tuple_of([class, arguments, state]))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let state = state
        .downcast::<Tuple>()
        .map_or(&[][..], |state| state.items());
    let [function, arguments, keywords, dict] = state else {
        return Err(vm.type_error("invalid partial state"));
    };
    let keywords = match keywords.downcast::<Dict>() {
        Some(keywords) if keywords.is_exact() => Some(keywords.clone()),
        Some(keywords) => Some(keywords.copy(vm)),
        None if keywords.is_none() => Some(Dict::new(vm)),
        None => None,
    };
    let arguments = arguments.downcast::<Tuple>().cloned();
    let (Some(arguments), Some(keywords), true) = (arguments, keywords, is_callable(vm, function))
    else {
        return Err(vm.type_error("invalid partial state"));
    };
    if vm.version_number() >= 14 && arguments.items().last().is_some_and(is_placeholder) {
        return Err(trailing(vm));
    }
    let arguments = match arguments.is_exact() {
        true => arguments,
        false => tuple(vm, arguments.items().to_vec()),
    };
    let placeholders = count_placeholders(vm, arguments.items());
    let parts = Parts {
        function: function.clone(),
        arguments,
        keywords,
        placeholders,
    };
    let old = receiver::<Partial>(vm, this)?
        .parts
        .get_mut(vm)
        .replace(parts);
    drop(old);
    let dict = match dict.is_none() {
        true => Value::from(Dict::new(vm)),
        false => dict.clone(),
    };
    let name = vm.intern("__dict__");
    vm.set_attr(this, &name, Some(dict))?;
    Ok(Value::NONE)
}

/// `Placeholder`: stands for a positional argument that a call is to give.
pub(super) struct Placeholder;

/// The only instance of each class: importing the module anew makes another class.
#[derive(Default)]
struct Placeholders(Vec<Ref<Placeholder>>);

impl Payload for Placeholder {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

pub(super) static PLACEHOLDER: ClassDef =
    ClassDef::new::<Placeholder>("functools._PlaceholderType", |slots, _| {
        slots.new.set(Some(new_placeholder));
        slots.set_unary(UnaryOp::Repr, |vm, _| Ok(vm.new_str("Placeholder")));
    })
    .methods(&[
        NativeDef::no_args("__reduce__", |vm, _| Ok(vm.new_str("Placeholder")))
            .signature("($self, /)"),
    ]);

fn new_placeholder(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if !args.all_values().is_empty() {
        return Err(vm.type_error("PlaceholderType takes no arguments"));
    }
    let known = &vm.state::<Placeholders>().0;
    if let Some(found) = known.iter().find(|found| found.ty().is(ty)) {
        return Ok(Value::from(found));
    }
    let made = Ref::new(ty, Placeholder);
    vm.state::<Placeholders>().0.push(made.clone());
    Ok(Value::from(made))
}
