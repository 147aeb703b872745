//! The classes of nodes, made from the table, and `_ast`, the module that shows them.
//!
//! Invariant: they are made once; what compiles and builds trees goes by them, whatever a program does to the module.

use std::collections::HashMap;
use std::rc::Rc;

use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::object::native::NativeDef;
use crate::object::slots::BinaryOp;
use crate::object::type_::Type;
use crate::syntax_tree::node::{self, AST};
use crate::syntax_tree::nodes::{NODES, Node};
use crate::value::Value;
use crate::vm::Vm;

/// The attributes of nodes that have a place in the source.
pub(super) const ATTRIBUTES: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// The sums whose members have neither fields nor a place, so that one node of each does.
const WITHOUT_CONTENT: [&str; 5] = ["boolop", "cmpop", "expr_context", "operator", "unaryop"];

/// The classes of the VM.
pub(super) struct Classes {
    /// Those of the table, in its order, after `AST`.
    all: Vec<Entry>,
    by_name: HashMap<&'static str, usize>,
    by_id: HashMap<u64, usize>,
}

/// A class.
pub(super) struct Entry {
    pub(super) name: &'static str,
    /// The sum that it belongs to, or its own name.
    pub(super) kind: &'static str,
    pub(super) class: Ref<Type>,
    /// The one node that the compiler gives, of a class without content.
    only: Option<Value>,
    /// Fields, then the attributes of the class and its bases.
    pub(super) attributes: Vec<&'static str>,
    is_abstract: bool,
}

#[derive(Default)]
struct State(Option<Rc<Classes>>);

impl Classes {
    /// The classes, made at first need.
    pub(super) fn of(vm: &mut Vm) -> PyResult<Rc<Classes>> {
        if let Some(classes) = Classes::if_made(vm) {
            return Ok(classes);
        }
        let made = Rc::new(Classes::new(vm)?);
        vm.state::<State>().0 = Some(made.clone());
        Ok(made)
    }

    /// The classes, if they are made.
    pub(super) fn if_made(vm: &mut Vm) -> Option<Rc<Classes>> {
        vm.state::<State>().0.clone()
    }

    /// The class of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Ref<Type>> {
        Some(&self.all[*self.by_name.get(name)?].class)
    }

    /// The one node of a class without content.
    pub(super) fn only_instance(&self, name: &str) -> Option<Value> {
        self.all[*self.by_name.get(name)?].only.clone()
    }

    /// The nearest of the classes to that of an object, none if it is no node.
    pub(super) fn nearest(&self, vm: &Vm, value: &Value) -> Option<&Entry> {
        let class = vm.type_of(value);
        let mut classes = class.mro(vm).iter();
        let index = classes.find_map(|class| self.by_id.get(&class.as_value().id()))?;
        Some(&self.all[*index])
    }

    /// Whether the class itself stands for a sum of others, or is `AST`.
    pub(super) fn is_abstract(&self, class: &Ref<Type>) -> bool {
        let index = self.by_id.get(&class.as_value().id());
        index.is_some_and(|index| self.all[*index].is_abstract)
    }

    fn new(vm: &mut Vm) -> PyResult<Classes> {
        let minor = vm.version_number();
        let ast = vm.class(&AST);
        let none = vm.new_tuple(Vec::new());
        for name in ["_fields", "__match_args__", "_attributes"] {
            let name = vm.intern(name);
            ast.dict(vm).set_str(vm, &name, none.clone());
        }
        ast.modified();
        let mut classes = Classes {
            all: Vec::new(),
            by_name: HashMap::new(),
            by_id: HashMap::new(),
        };
        classes.add(Entry {
            name: "AST",
            kind: "AST",
            class: ast,
            only: None,
            attributes: Vec::new(),
            is_abstract: true,
        });
        let known = || NODES.iter().filter(|node| node.versions.contains(minor));
        for node in known() {
            let entry = classes.make(vm, node, known)?;
            classes.add(entry);
        }
        if minor >= 13 {
            for node in known() {
                classes.set_field_types(vm, node)?;
            }
        }
        Ok(classes)
    }

    fn add(&mut self, entry: Entry) {
        let index = self.all.len();
        self.by_name.insert(entry.name, index);
        self.by_id.insert(entry.class.as_value().id(), index);
        self.all.push(entry);
    }

    fn make<I: Iterator<Item = &'static Node>>(
        &self,
        vm: &mut Vm,
        node: &'static Node,
        known: impl Fn() -> I,
    ) -> PyResult<Entry> {
        let fields: Vec<&str> = node.fields().map(|(_, name)| name).collect();
        let names = strings(vm, &fields);
        let members = || known().filter(|member| member.base == node.name());
        let mut text = node.text.to_owned();
        // Members without fields stand in one line.
        let between = match members().all(|member| member.fields().next().is_none()) {
            true => " | ".to_owned(),
            false => format!("\n{:1$}| ", "", node.name().len() + 1),
        };
        for (index, member) in members().enumerate() {
            text += if index == 0 { " = " } else { &between };
            text += member.text;
        }
        let dict = Dict::new(vm);
        let (module, text) = (vm.new_str("ast"), vm.new_str(&text));
        for (key, value) in [
            ("_fields", names.clone()),
            ("__match_args__", names),
            ("__module__", module),
            ("__doc__", text),
        ] {
            vm.set_global(&dict, key, value);
        }
        let base = self.by_name.get(node.base).map(|index| &self.all[*index]);
        let is_placed = node.is_placed || base.is_some_and(|base| base.attributes.len() == 4);
        let bases = base.map(|base| Value::from(&base.class));
        let (name, bases) = (vm.new_str(node.name()), vm.new_tuple(Vec::from_iter(bases)));
        let metaclass = Value::from(&vm.types.type_);
        let class = vm.call(&metaclass, &[name, bases, Value::from(dict)])?;
        let Ok(class) = class.into_ref::<Type>() else {
            return Err(vm.type_error("type() gave no class"));
        };
        add_defaults(vm, node, &class);
        let is_abstract = members().next().is_some();
        let only = WITHOUT_CONTENT.contains(&node.base);
        Ok(Entry {
            name: node.name(),
            kind: match node.base {
                "AST" => node.name(),
                base => base,
            },
            only: only.then(|| node::new(&class)),
            class,
            attributes: match is_placed {
                true => [&fields[..], &ATTRIBUTES[..]].concat(),
                false => fields,
            },
            is_abstract,
        })
    }

    /// `_field_types` (3.13 on).
    fn set_field_types(&self, vm: &mut Vm, node: &Node) -> PyResult<()> {
        let Some(class) = self
            .get(node.name())
            .filter(|class| !self.is_abstract(class))
        else {
            return Ok(());
        };
        let types = Dict::new(vm);
        for (kind, name) in node.fields() {
            let one = match kind.trim_end_matches(['?', '*']) {
                "identifier" | "string" => Value::from(&vm.types.str),
                "int" => Value::from(&vm.types.int),
                "constant" => Value::from(&vm.types.object),
                other => self.get(other).map_or(Value::NONE, Value::from),
            };
            let value = match () {
                () if kind.ends_with('*') => {
                    let list = Value::from(&vm.types.list);
                    vm.get_item(&list, &one)?
                }
                () if kind.ends_with('?') => vm.binary(&one, &Value::NONE, BinaryOp::Or)?,
                () => one,
            };
            vm.set_global(&types, name, value);
        }
        let types = Value::from(types);
        for name in ["_field_types", "__annotations__"] {
            let name = vm.intern(name);
            vm.set_attr(class.as_value(), &name, Some(types.clone()))?;
        }
        Ok(())
    }
}

/// What CPython adds to a class that is made: its attributes, and what is None unless it is given.
fn add_defaults(vm: &mut Vm, node: &Node, class: &Ref<Type>) {
    let dict = &class.dict(vm);
    if node.is_placed {
        let attributes = strings(vm, &ATTRIBUTES);
        vm.set_global(dict, "_attributes", attributes);
        for name in &ATTRIBUTES[2..] {
            if node.is_end_optional {
                vm.set_global(dict, name, Value::NONE);
            }
        }
    } else if node.base == "AST" {
        let none = vm.new_tuple(Vec::new());
        vm.set_global(dict, "_attributes", none);
    }
    for (kind, name) in node.fields() {
        if kind.ends_with('?') {
            vm.set_global(dict, name, Value::NONE);
        }
    }
    class.modified();
}

fn strings(vm: &mut Vm, names: &[&str]) -> Value {
    let names = names.iter().map(|name| Value::from(vm.intern(name)));
    let names = names.collect();
    vm.new_tuple(names)
}

/// Makes the module `_ast`.
///
/// # Errors
/// If a class cannot be made, for want of memory.
pub fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let classes = Classes::of(vm)?;
    let module = vm.new_module("_ast");
    for entry in &classes.all {
        vm.set_global(module.dict(), entry.name, Value::from(&entry.class));
    }
    let flags = [
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
        ("PyCF_ONLY_AST", 0x400),
        ("PyCF_TYPE_COMMENTS", 0x1000),
        ("PyCF_OPTIMIZED_AST", 0x8400),
    ];
    if vm.version_number() >= 15 {
        vm.add_functions(&module, IS_ABSTRACT);
    }
    let count = match vm.version_number() {
        ..13 => 3,
        _ => 4,
    };
    for (name, flag) in flags.into_iter().take(count) {
        let flag = vm.int(flag);
        vm.set_global(module.dict(), name, flag);
    }
    Ok(module)
}

/// What `_ast` says of a class since 3.15.
static IS_ABSTRACT: &[NativeDef] = &[NativeDef::one("_is_abstract", |vm, _, class| {
    let classes = Classes::of(vm)?;
    let is_abstract = |class: &Ref<Type>| classes.is_abstract(class);
    Ok(Value::bool(
        class.downcast::<Type>().is_some_and(is_abstract),
    ))
})];
