//! `_contextvars`: context variables, contexts, and tokens that bring old values back.

use std::cell::Cell;

use pyco_exec::cell::VmCell;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::module::Module;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{CompareOp, Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_contextvars");
    vm.add_class(&module, &CONTEXT);
    vm.add_class(&module, &VAR);
    let token = match vm.version().minor() {
        ..14 => vm.add_class(&module, &TOKEN),
        _ => vm.add_class(&module, &TOKEN_314),
    };
    let missing = missing(vm);
    let dict = token.dict(vm);
    vm.set_global(&dict, "MISSING", missing);
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[NativeDef::no_args("copy_context", |vm, _| {
    let current = current(vm);
    Ok(copy(vm, &current))
})];

/// The contexts that are entered, innermost last; the first is the thread's own.
#[derive(Default)]
struct Contexts {
    entered: Vec<Ref<Context>>,
    missing: Option<Value>,
}

/// A context: the values of variables in it.
struct Context {
    values: VmCell<Ref<Dict>>,
    is_entered: Cell<bool>,
}

impl Payload for Context {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector calls this, while nobody borrows any contents.
        unsafe {
            self.values.traverse_with(|values| visit(values.as_value()));
        }
    }
}

static CONTEXT: ClassDef = ClassDef::new::<Context>("_contextvars.Context", context_slots)
    .weakly_referenced()
    .mapping()
    .methods(CONTEXT_METHODS);

fn new_context(vm: &mut Vm, values: Ref<Dict>) -> Ref<Context> {
    let class = vm.class(&CONTEXT);
    let context = Context {
        values: VmCell::new(values),
        is_entered: Cell::new(false),
    };
    Ref::new(&class, context)
}

fn current(vm: &mut Vm) -> Ref<Context> {
    if let Some(context) = vm.state::<Contexts>().entered.last() {
        return context.clone();
    }
    let values = Dict::new(vm);
    let context = new_context(vm, values);
    context.is_entered.set(true);
    vm.state::<Contexts>().entered.push(context.clone());
    context
}

fn copy(vm: &mut Vm, context: &Ref<Context>) -> Value {
    let values = context.values.get(vm).copy(vm);
    Value::from(new_context(vm, values))
}

/// The class of `Token.MISSING`.
static MISSING: ClassDef =
    ClassDef::new::<pyco_exec::object::types::Nothing>("Token.MISSING", |slots, _| {
        slots.set_unary(UnaryOp::Repr, |vm, _| Ok(vm.new_str("<Token.MISSING>")));
    })
    .no_instances();

fn missing(vm: &mut Vm) -> Value {
    if let Some(missing) = vm.state::<Contexts>().missing.clone() {
        return missing;
    }
    let class = vm.class(&MISSING);
    let made = Value::from(Ref::new(&class, pyco_exec::object::types::Nothing));
    vm.state::<Contexts>().missing = Some(made.clone());
    made
}

fn context_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|vm, _, args| {
        if !args.all_values().is_empty() {
            return Err(vm.type_error("Context() does not accept any arguments"));
        }
        let values = Dict::new(vm);
        Ok(Value::from(new_context(vm, values)))
    }));
    slots.len.set(Some(|vm, this| {
        let context = receiver::<Context>(vm, this)?.clone();
        Ok(context.values.get(vm).len(vm))
    }));
    slots
        .contains
        .set(Some(|vm, this, key| Ok(find(vm, this, key)?.is_some())));
    slots
        .get_item
        .set(Some(|vm, this, key| match find(vm, this, key)? {
            Some(value) => Ok(value),
            None => Err(vm.key_error(key.clone())),
        }));
    slots.set_unary(UnaryOp::Iter, |vm, this| {
        let values = values_of(vm, this)?;
        vm.iter(&values)
    });
    slots.compare.set(Some(|vm, a, b, op| {
        let both = (a.downcast::<Context>(), b.downcast::<Context>());
        let (Some(a), Some(b), CompareOp::Eq | CompareOp::Ne) = (both.0, both.1, op) else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        let a = Value::from(a.values.get(vm).clone());
        let b = Value::from(b.values.get(vm).clone());
        vm.compare(&a, &b, op)
    }));
}

fn values_of(vm: &mut Vm, this: &Value) -> PyResult {
    let context = receiver::<Context>(vm, this)?.clone();
    Ok(Value::from(context.values.get(vm).clone()))
}

fn find(vm: &mut Vm, this: &Value, key: &Value) -> PyResult<Option<Value>> {
    let context = receiver::<Context>(vm, this)?.clone();
    if key.downcast::<Var>().is_none() {
        let found = vm.repr_text(key)?;
        return Err(vm.type_error(format!("a ContextVar key was expected, got {found}")));
    }
    context.values.get(vm).clone().get(vm, key)
}

fn view(vm: &mut Vm, this: &Value, name: &str) -> PyResult {
    let values = values_of(vm, this)?;
    let name = vm.intern(name);
    let items = vm.call_method(&values, &name, &[])?;
    // As in CPython, an iterator over what is there now.
    vm.iter(&items)
}

static CONTEXT_METHODS: &[NativeDef] = &[
    NativeDef::range("get", 1, 2, |vm, this, args| {
        let found = find(vm, this, &args[0])?;
        Ok(found
            .or_else(|| args.get(1).cloned())
            .unwrap_or(Value::NONE))
    }),
    NativeDef::no_args("items", |vm, this| view(vm, this, "items")),
    NativeDef::no_args("keys", |vm, this| view(vm, this, "keys")),
    NativeDef::no_args("values", |vm, this| view(vm, this, "values")),
    NativeDef::no_args("copy", |vm, this| {
        let context = receiver::<Context>(vm, this)?.clone();
        Ok(copy(vm, &context))
    }),
    NativeDef::any("run", run),
];

/// `context.run(callable, *args, **kwargs)`.
fn run(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(callable) = args.positional().first() else {
        return Err(vm.type_error("run() missing 1 required positional argument"));
    };
    let context = receiver::<Context>(vm, this)?.clone();
    if context.is_entered.get() {
        let shown = vm.repr_text(this)?;
        let message = format!("cannot enter context: {shown} is already entered");
        return Err(vm.runtime_error(message));
    }
    current(vm);
    context.is_entered.set(true);
    vm.state::<Contexts>().entered.push(context.clone());
    let result = vm.call_args(callable, args.rest());
    let left = vm.state::<Contexts>().entered.pop();
    context.is_entered.set(false);
    drop(left);
    result
}

/// A variable.
struct Var {
    name: Value,
    default: Option<Value>,
}

impl Payload for Var {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
        if let Some(default) = &self.default {
            visit(default);
        }
    }
}

static VAR: ClassDef = ClassDef::new::<Var>("_contextvars.ContextVar", var_slots)
    .methods(VAR_METHODS)
    .attributes(&[GetSetDef::get("name", |vm, this| {
        Ok(receiver::<Var>(vm, this)?.name.clone())
    })
    .member()]);

static NEW_VAR: Params = Params::new(&["name", "default"], 1).keyword_only(1);

fn var_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new_var));
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let var = receiver::<Var>(vm, this)?.clone();
        let name = vm.repr_text(&var.name)?;
        let default = match &var.default {
            Some(default) => format!(" default={}", vm.repr_text(default)?),
            None => String::new(),
        };
        let at = this.id();
        Ok(vm.new_str(&format!("<ContextVar name={name}{default} at {at:#x}>")))
    });
}

fn new_var(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = args.positional().len();
    if given != 1 && !args.keywords().any(|(name, _)| name.eq_str("name")) {
        let words = if given == 0 { "exactly" } else { "at most" };
        let message = format!("ContextVar() takes {words} 1 positional argument ({given} given)");
        return Err(vm.type_error(message));
    }
    let bound = args.bind(vm, "ContextVar", &NEW_VAR)?;
    let name = bound.get(0).cloned().unwrap_or(Value::NONE);
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("context variable name must be a str"));
    }
    let default = bound.get(1).cloned();
    Ok(Value::from(Ref::new(class, Var { name, default })))
}

/// A variable without a default value.
pub(crate) fn new_variable(vm: &mut Vm, name: &str) -> Value {
    let class = vm.class(&VAR);
    let name = vm.new_str(name);
    let default = None;
    Value::from(Ref::new(&class, Var { name, default }))
}

static VAR_METHODS: &[NativeDef] = &[
    NativeDef::range("get", 0, 1, |vm, this, args| {
        let var = receiver::<Var>(vm, this)?.clone();
        let context = current(vm);
        if let Some(value) = context.values.get(vm).clone().get(vm, this)? {
            return Ok(value);
        }
        match args.first().or(var.default.as_ref()) {
            Some(default) => Ok(default.clone()),
            None => Err(vm.error_value(&vm.types.lookup_error.clone(), this.clone())),
        }
    }),
    NativeDef::one("set", |vm, this, value| {
        receiver::<Var>(vm, this)?;
        let context = current(vm);
        let values = context.values.get(vm).clone();
        let old = values.get(vm, this)?;
        values.set(vm, this.clone(), value.clone())?;
        let token = Token {
            context,
            var: this.clone(),
            old,
            is_used: Cell::new(false),
        };
        let class = match vm.version().minor() {
            ..14 => vm.class(&TOKEN),
            _ => vm.class(&TOKEN_314),
        };
        Ok(Value::from(Ref::new(&class, token)))
    }),
    NativeDef::one("reset", reset),
    NativeDef::one("__class_getitem__", |vm, this, key| {
        Ok(vm.generic_alias(this.clone(), key))
    })
    .class(),
];

/// `var.reset(token)`.
fn reset(vm: &mut Vm, this: &Value, token: &Value) -> PyResult {
    let Some(token) = token.downcast::<Token>().cloned() else {
        let found = vm.repr_text(token)?;
        return Err(vm.type_error(format!("expected an instance of Token, got {found}")));
    };
    let complain = |vm: &mut Vm, what: &str, is_used: bool| -> PyResult<Raised> {
        let shown = vm.repr_text(token.as_value())?;
        let message = format!("{shown} {what}");
        Ok(match is_used {
            true => vm.runtime_error(message),
            false => vm.value_error(message),
        })
    };
    if token.is_used.get() {
        return Err(complain(vm, "has already been used once", true)?);
    }
    if !token.var.is(this) {
        return Err(complain(
            vm,
            "was created by a different ContextVar",
            false,
        )?);
    }
    let context = current(vm);
    if !token.context.is(&context) {
        return Err(complain(vm, "was created in a different Context", false)?);
    }
    token.is_used.set(true);
    let values = context.values.get(vm).clone();
    match &token.old {
        Some(old) => values.set(vm, this.clone(), old.clone())?,
        None => drop(values.remove(vm, this)?),
    }
    Ok(Value::NONE)
}

/// What `set` gives: how to take it back.
struct Token {
    context: Ref<Context>,
    var: Value,
    old: Option<Value>,
    is_used: Cell<bool>,
}

impl Payload for Token {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.context.as_value());
        visit(&self.var);
        if let Some(old) = &self.old {
            visit(old);
        }
    }
}

static TOKEN: ClassDef = ClassDef::new::<Token>("_contextvars.Token", token_slots)
    .methods(&[TOKEN_CLASS_GETITEM])
    .attributes(TOKEN_ATTRIBUTES);

static TOKEN_314: ClassDef = ClassDef::new::<Token>("_contextvars.Token", token_slots)
    .methods(&[
        TOKEN_CLASS_GETITEM,
        NativeDef::no_args("__enter__", |_, this| Ok(this.clone())),
        NativeDef::range("__exit__", 3, 3, |vm, this, _| {
            let var = receiver::<Token>(vm, this)?.var.clone();
            reset(vm, &var, this)
        }),
    ])
    .attributes(TOKEN_ATTRIBUTES);

const TOKEN_CLASS_GETITEM: NativeDef = NativeDef::one("__class_getitem__", |vm, this, key| {
    Ok(vm.generic_alias(this.clone(), key))
})
.class();

static TOKEN_ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("var", |vm, this| {
        Ok(receiver::<Token>(vm, this)?.var.clone())
    }),
    GetSetDef::get("old_value", |vm, this| {
        let old = receiver::<Token>(vm, this)?.old.clone();
        Ok(old.unwrap_or_else(|| missing(vm)))
    }),
];

fn token_slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(|vm, _, _| {
        Err(vm.runtime_error("Tokens can only be created by ContextVars"))
    }));
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let token = receiver::<Token>(vm, this)?.clone();
        let var = vm.repr_text(&token.var)?;
        let used = if token.is_used.get() { " used" } else { "" };
        let at = this.id();
        Ok(vm.new_str(&format!("<Token{used} var={var} at {at:#x}>")))
    });
}
