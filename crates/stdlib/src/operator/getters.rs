//! `itemgetter`, `attrgetter` and `methodcaller`.

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::list::List;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::UnaryOp;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, Vm};

/// `itemgetter`: the keys.
pub(super) struct ItemGetter {
    keys: Vec<Value>,
}

impl Payload for ItemGetter {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.keys.iter().for_each(visit);
    }
}

pub(super) static ITEMGETTER: ClassDef =
    ClassDef::new::<ItemGetter>("operator.itemgetter", |slots, _| {
        slots.new.set(Some(new_itemgetter));
        slots.call.set(Some(call_itemgetter));
        slots.set_unary(UnaryOp::Repr, repr_itemgetter);
    })
    .methods(&[NativeDef::no_args("__reduce__", reduce_itemgetter).signature("($self, /)")]);

fn no_keywords(vm: &mut Vm, name: &str, args: Args<'_>) -> PyResult<()> {
    match args.has_keywords() {
        true => Err(vm.type_error(format!("{name}() takes no keyword arguments"))),
        false => Ok(()),
    }
}

fn new_itemgetter(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    no_keywords(vm, "itemgetter", args)?;
    if args.positional().is_empty() {
        return Err(vm.type_error("itemgetter expected 1 argument, got 0"));
    }
    let keys = args.positional().to_vec();
    Ok(Value::from(Ref::new(ty, ItemGetter { keys })))
}

fn item(vm: &mut Vm, object: &Value, key: &Value) -> PyResult {
    if let Some(index) = key.as_small_int()
        && let Some(index) = usize::try_from(index).ok()
    {
        let item = match (object.downcast::<Tuple>(), object.downcast::<List>()) {
            (Some(tuple), _) if tuple.is_exact() => tuple.items().get(index),
            (_, Some(list)) if list.is_exact() => list.items(vm).get(index),
            _ => None,
        };
        if let Some(item) = item {
            return Ok(item.clone());
        }
    }
    vm.get_item(object, key)
}

fn call_itemgetter(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let [object] = args.exactly(vm, "itemgetter")?;
    let getter = receiver::<ItemGetter>(vm, this)?;
    if let [key] = &getter.keys[..] {
        return item(vm, object, key);
    }
    let mut items = Vec::with_capacity(getter.keys.len());
    for key in &getter.keys {
        items.push(item(vm, object, key)?);
    }
    Ok(vm.new_tuple(items))
}

/// `Class(a, b)`; `...` in place of the arguments when the object is inside itself.
fn repr_of(
    vm: &mut Vm,
    this: &Value,
    positional: &[Value],
    keywords: &[(Value, Value)],
) -> PyResult {
    let name = vm.type_name(this);
    let Some(guard) = vm.enter_repr(this) else {
        return Ok(vm.new_str(&format!("{name}(...)")));
    };
    let texts = |vm: &mut Vm| -> PyResult<String> {
        let mut parts = Vec::new();
        for value in positional {
            parts.push(vm.repr_text(value)?);
        }
        for (key, value) in keywords {
            let key = vm.str_text(key)?;
            parts.push(format!("{key}={}", vm.repr_text(value)?));
        }
        Ok(parts.join(", "))
    };
    let texts = texts(vm);
    vm.leave_repr(guard);
    Ok(vm.new_str(&format!("{name}({})", texts?)))
}

fn repr_itemgetter(vm: &mut Vm, this: &Value) -> PyResult {
    let getter = receiver::<ItemGetter>(vm, this)?;
    repr_of(vm, this, &getter.keys, &[])
}

fn class_and(vm: &mut Vm, this: &Value, arguments: Vec<Value>) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let arguments = vm.new_tuple(arguments);
    Ok(vm.tuple_of([class, arguments]))
}

fn reduce_itemgetter(vm: &mut Vm, this: &Value) -> PyResult {
    let keys = receiver::<ItemGetter>(vm, this)?.keys.clone();
    class_and(vm, this, keys)
}

/// `attrgetter`: the names as given, and each taken apart at its dots.
pub(super) struct AttrGetter {
    names: Vec<Value>,
    paths: Vec<Vec<Ref<Str>>>,
}

impl Payload for AttrGetter {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.names.iter().for_each(visit);
    }
}

pub(super) static ATTRGETTER: ClassDef =
    ClassDef::new::<AttrGetter>("operator.attrgetter", |slots, _| {
        slots.new.set(Some(new_attrgetter));
        slots.call.set(Some(call_attrgetter));
        slots.set_unary(UnaryOp::Repr, repr_attrgetter);
    })
    .methods(&[NativeDef::no_args("__reduce__", reduce_attrgetter).signature("($self, /)")]);

fn new_attrgetter(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    no_keywords(vm, "attrgetter", args)?;
    if args.positional().is_empty() {
        return Err(vm.type_error("attrgetter expected 1 argument, got 0"));
    }
    let mut paths = Vec::new();
    for name in args.positional() {
        let Some(name) = name.downcast::<Str>() else {
            return Err(vm.type_error("attribute name must be a string"));
        };
        let points: Vec<u32> = name.view().chars().collect();
        let mut path = Vec::new();
        for part in points.split(|point| *point == u32::from(b'.')) {
            let part = vm.str_from_buf(pyco_exec::text::StrBuf::from_ucs4(part.to_vec()));
            path.push(vm.attribute_name(&part)?);
        }
        paths.push(path);
    }
    let names = args.positional().to_vec();
    Ok(Value::from(Ref::new(ty, AttrGetter { names, paths })))
}

fn attribute(vm: &mut Vm, object: &Value, path: &[Ref<Str>]) -> PyResult {
    let mut found = object.clone();
    for name in path {
        found = vm.get_attr(&found, name)?;
    }
    Ok(found)
}

fn call_attrgetter(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let [object] = args.exactly(vm, "attrgetter")?;
    let getter = receiver::<AttrGetter>(vm, this)?;
    if let [path] = &getter.paths[..] {
        return attribute(vm, object, path);
    }
    let mut values = Vec::with_capacity(getter.paths.len());
    for path in &getter.paths {
        values.push(attribute(vm, object, path)?);
    }
    Ok(vm.new_tuple(values))
}

fn repr_attrgetter(vm: &mut Vm, this: &Value) -> PyResult {
    let getter = receiver::<AttrGetter>(vm, this)?;
    repr_of(vm, this, &getter.names, &[])
}

fn reduce_attrgetter(vm: &mut Vm, this: &Value) -> PyResult {
    let names = receiver::<AttrGetter>(vm, this)?.names.clone();
    class_and(vm, this, names)
}

/// `methodcaller`: the name, the positional arguments followed by the keyword arguments' values, and the keywords.
pub(super) struct MethodCaller {
    name: Ref<Str>,
    arguments: Vec<Value>,
    keywords: Option<Ref<Tuple>>,
}

impl MethodCaller {
    fn args(&self) -> Args<'_> {
        Args::new(&self.arguments, self.keywords.as_ref())
    }
}

impl Payload for MethodCaller {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.arguments.iter().for_each(visit);
    }
}

pub(super) static METHODCALLER: ClassDef =
    ClassDef::new::<MethodCaller>("operator.methodcaller", |slots, _| {
        slots.new.set(Some(new_methodcaller));
        slots.call.set(Some(call_methodcaller));
        slots.set_unary(UnaryOp::Repr, repr_methodcaller);
    })
    .methods(&[NativeDef::no_args("__reduce__", reduce_methodcaller).signature("($self, /)")]);

fn new_methodcaller(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let Some(name) = args.positional().first() else {
        let message = "methodcaller needs at least one argument, the method name";
        return Err(vm.type_error(message));
    };
    let Some(name) = name.downcast::<Str>() else {
        return Err(vm.type_error("method name must be a string"));
    };
    let payload = MethodCaller {
        name: vm.intern_ref(name),
        arguments: args.rest().all_values().to_vec(),
        keywords: args.names().cloned(),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn call_methodcaller(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let [object] = args.exactly(vm, "methodcaller")?;
    let caller = receiver::<MethodCaller>(vm, this)?;
    if caller.keywords.is_none() {
        return vm.call_method(object, &caller.name, &caller.arguments);
    }
    let method = vm.get_attr(object, &caller.name)?;
    vm.call_args(&method, caller.args())
}

fn repr_methodcaller(vm: &mut Vm, this: &Value) -> PyResult {
    let caller = receiver::<MethodCaller>(vm, this)?;
    let mut positional = vec![Value::from(&caller.name)];
    positional.extend_from_slice(caller.args().positional());
    let keywords: Vec<(Value, Value)> = caller
        .args()
        .keywords()
        .map(|(name, value)| (Value::from(name), value.clone()))
        .collect();
    repr_of(vm, this, &positional, &keywords)
}

fn reduce_methodcaller(vm: &mut Vm, this: &Value) -> PyResult {
    let caller = receiver::<MethodCaller>(vm, this)?;
    let args = caller.args();
    let mut arguments = vec![Value::from(&caller.name)];
    if !args.has_keywords() {
        arguments.extend_from_slice(args.positional());
        return class_and(vm, this, arguments);
    }
    let functools = vm.import("functools")?;
    let partial = vm.intern("partial");
    let partial = vm.get_attr(&functools, &partial)?;
    arguments.insert(0, Value::from(vm.type_of(this)));
    arguments.extend(args.keywords().map(|(_, value)| value.clone()));
    let constructor = vm.call_args(&partial, Args::new(&arguments, args.names()))?;
    let positional = vm.new_tuple(args.positional().to_vec());
    Ok(vm.tuple_of([constructor, positional]))
}
