//! `_ast`: the node classes of the abstract syntax. Nothing here parses: `compile()` to a tree says so.

mod nodes;

use std::collections::HashMap;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, Vm};

use nodes::{NODES, Node};

const ATTRIBUTES: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// An instance has nothing but its `__dict__`.
struct Tree;

impl Payload for Tree {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

static AST: ClassDef = ClassDef::new::<Tree>("ast.AST", slots)
    .subclassable()
    .with_dict()
    .methods(&[NativeDef::no_args("__reduce__", reduce)]);

fn slots(slots: &Slots, _minor: u8) {
    slots
        .new
        .set(Some(|_, class, _| Ok(Value::from(Ref::new(class, Tree)))));
    slots.init.set(Some(init));
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_ast");
    let minor = vm.version().minor();
    let class = vm.add_class(&module, &AST);
    let none = vm.new_tuple(Vec::new());
    for name in ["_fields", "__match_args__", "_attributes"] {
        let name = vm.intern(name);
        class.dict(vm).set_str(vm, &name, none.clone());
    }
    class.modified();
    let mut classes: HashMap<&str, Value> = HashMap::new();
    classes.insert("AST", Value::from(&class));
    let known = || {
        NODES
            .iter()
            .filter(move |node| node.versions.contains(minor))
    };
    for node in known() {
        let made = make_class(vm, node, &classes, known)?;
        vm.set_global(module.dict(), name_of(node), made.clone());
        classes.insert(name_of(node), made);
    }
    if minor >= 13 {
        for node in known() {
            set_field_types(vm, node, &classes)?;
        }
    }
    let flags = [
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
        ("PyCF_ONLY_AST", 0x400),
        ("PyCF_TYPE_COMMENTS", 0x1000),
        ("PyCF_OPTIMIZED_AST", 0x8400),
    ];
    for (name, flag) in flags.into_iter().take(if minor >= 13 { 4 } else { 3 }) {
        let flag = vm.int(flag);
        vm.set_global(module.dict(), name, flag);
    }
    Ok(module)
}

fn name_of(node: &Node) -> &'static str {
    node.text.split('(').next().unwrap_or_default()
}

/// The fields: type, with `?` and `*` behind it, and name.
fn fields_of(node: &Node) -> impl Iterator<Item = (&'static str, &'static str)> {
    let inside = node
        .text
        .split_once('(')
        .map_or("", |(_, rest)| rest.trim_end_matches(')'));
    inside.split(", ").filter_map(|field| field.split_once(' '))
}

fn strings(vm: &mut Vm, names: &[&str]) -> Value {
    let names = names
        .iter()
        .map(|name| Value::from(vm.intern(name)))
        .collect();
    vm.new_tuple(names)
}

fn make_class<I: Iterator<Item = &'static Node>>(
    vm: &mut Vm,
    node: &'static Node,
    classes: &HashMap<&str, Value>,
    known: impl Fn() -> I,
) -> PyResult {
    let names: Vec<&str> = fields_of(node).map(|(_, name)| name).collect();
    let names = strings(vm, &names);
    let mut text = node.text.to_owned();
    let members = known().filter(|member| member.base == name_of(node));
    for (index, member) in members.enumerate() {
        text += if index == 0 { " = " } else { "\n     | " };
        text += member.text;
    }
    let dict = pyco_exec::object::dict::Dict::new(vm);
    let (module, text) = (vm.new_str("ast"), vm.new_str(&text));
    for (key, value) in [
        ("_fields", names.clone()),
        ("__match_args__", names),
        ("__module__", module),
        ("__doc__", text),
    ] {
        vm.set_global(&dict, key, value);
    }
    if node.is_placed {
        let attributes = strings(vm, &ATTRIBUTES);
        vm.set_global(&dict, "_attributes", attributes);
        vm.set_global(&dict, "end_lineno", Value::NONE);
        vm.set_global(&dict, "end_col_offset", Value::NONE);
    } else if node.base == "AST" {
        let none = vm.new_tuple(Vec::new());
        vm.set_global(&dict, "_attributes", none);
    }
    for (kind, name) in fields_of(node) {
        if kind.ends_with('?') {
            vm.set_global(&dict, name, Value::NONE);
        }
    }
    let base = classes.get(node.base).cloned().unwrap_or(Value::NONE);
    let (name, bases) = (vm.new_str(name_of(node)), vm.new_tuple(vec![base]));
    let metaclass = Value::from(&vm.types.type_);
    vm.call(&metaclass, &[name, bases, Value::from(dict)])
}

/// `_field_types` (3.13 on).
fn set_field_types(vm: &mut Vm, node: &Node, classes: &HashMap<&str, Value>) -> PyResult<()> {
    let Some(class) = classes.get(name_of(node)) else {
        return Ok(());
    };
    let types = pyco_exec::object::dict::Dict::new(vm);
    for (kind, name) in fields_of(node) {
        let plain = kind.trim_end_matches(['?', '*']);
        let one = match plain {
            "identifier" | "string" => Value::from(&vm.types.str),
            "int" => Value::from(&vm.types.int),
            "constant" => Value::from(&vm.types.object),
            other => classes.get(other).cloned().unwrap_or(Value::NONE),
        };
        let value = match () {
            () if kind.ends_with('*') => {
                let list = Value::from(&vm.types.list);
                vm.get_item(&list, &one)?
            }
            () if kind.ends_with('?') => {
                vm.binary(&one, &Value::NONE, pyco_exec::object::slots::BinaryOp::Or)?
            }
            () => one,
        };
        vm.set_global(&types, name, value);
    }
    let types = Value::from(types);
    for name in ["_field_types", "__annotations__"] {
        let name = vm.intern(name);
        vm.set_attr(class, &name, Some(types.clone()))?;
    }
    Ok(())
}

/// The names in `_fields`.
fn names_of(vm: &mut Vm, class: &Ref<Type>) -> PyResult<Vec<Ref<Str>>> {
    let key = vm.intern("_fields");
    let names = match vm.get_attr_opt(class.as_value(), &key)? {
        Some(names) => vm.collect(&names)?,
        None => Vec::new(),
    };
    let names = names
        .iter()
        .filter_map(|name| name.downcast::<Str>().cloned());
    Ok(names.collect())
}

/// `Node(*fields, **fields and attributes)`.
fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let class = vm.type_of(this).clone();
    let name = class.name();
    let name = name.rsplit('.').next().unwrap_or_default().to_owned();
    let fields = names_of(vm, &class)?;
    let given = args.positional();
    if given.len() > fields.len() {
        let (most, plural) = (fields.len(), if fields.len() == 1 { "" } else { "s" });
        return Err(vm.type_error(format!(
            "{name} constructor takes at most {most} positional argument{plural}"
        )));
    }
    for (field, value) in fields.iter().zip(given) {
        vm.set_attr(this, field, Some(value.clone()))?;
    }
    for (keyword, value) in args.keywords() {
        if fields[..given.len()]
            .iter()
            .any(|f| f.view() == keyword.view())
        {
            return Err(vm.type_error(format!(
                "{name} got multiple values for argument '{keyword}'"
            )));
        }
        let key = vm.intern_ref(keyword);
        vm.set_attr(this, &key, Some(value.clone()))?;
    }
    if vm.version().minor() >= 13 {
        let set = |field: &Ref<Str>| {
            args.keywords()
                .any(|(keyword, _)| keyword.view() == field.view())
        };
        for field in fields[given.len()..].iter().filter(|field| !set(field)) {
            fill(vm, this, &class, field)?;
        }
    }
    Ok(())
}

/// What a field is that was not given: an empty list, or where a context is asked for, `Load()` (3.13 on).
fn fill(vm: &mut Vm, this: &Value, class: &Ref<Type>, field: &Ref<Str>) -> PyResult<()> {
    let key = vm.intern("_field_types");
    let Some(types) = vm.get_attr_opt(class.as_value(), &key)? else {
        return Ok(());
    };
    let Ok(kind) = vm.get_item(&types, &Value::from(field)) else {
        return Ok(());
    };
    let origin = vm.intern("__origin__");
    let is_list = kind.downcast::<Type>().is_none()
        && vm
            .get_attr_opt(&kind, &origin)?
            .is_some_and(|o| o.is(vm.types.list.as_value()));
    let value = match () {
        () if is_list => vm.new_list(Vec::new()),
        () if kind
            .downcast::<Type>()
            .is_some_and(|k| &*k.name() == "expr_context") =>
        {
            let (ast, load) = (vm.import("_ast")?, vm.intern("Load"));
            vm.call_method(&ast, &load, &[])?
        }
        () => return Ok(()),
    };
    let field = vm.intern_ref(field);
    vm.set_attr(this, &field, Some(value))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let dict = match vm.instance_dict(this) {
        Some(dict) => Value::from(dict),
        None => Value::NONE,
    };
    let none = vm.new_tuple(Vec::new());
    Ok(vm.new_tuple(vec![class, none, dict]))
}
