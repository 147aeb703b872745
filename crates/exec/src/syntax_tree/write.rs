//! From nodes to a written-down tree, for the compiler.
//!
//! Invariants: what a program put into the nodes is not judged here, the compiler words the complaints; no recursion, and a tree
//! deeper than any compiler takes, such as one that contains itself, is a RecursionError.

use std::collections::HashMap;
use std::rc::Rc;

use pyco_code::Constant;

use crate::compiler::{NodeClass, Refusal, Step, Tree};
use crate::error::PyResult;
use crate::object::code_new::constant_of;
use crate::object::list::List;
use crate::object::set::Set;
use crate::object::tuple::Tuple;
use crate::syntax_tree::class::Classes;
use crate::value::Value;
use crate::vm::Vm;

/// Trees of more levels are refused.
const DEEPEST: usize = 50_000;

/// After so many steps the limits of the VM are looked at.
const SLICE: usize = 1024;

/// A tree that is written down, and what its steps stand for.
pub(crate) struct Written {
    pub(crate) tree: Tree,
    /// The object of each step that the compiler may refer to by a mark.
    objects: HashMap<usize, Value>,
}

/// What is still to be done.
enum Task {
    Write(Value, usize),
    /// The step, and what it stands for if the compiler may refer to it.
    Make(Step, Option<Value>),
}

struct Writer {
    classes: Rc<Classes>,
    written: Written,
    /// The kinds so far, by class, shown name and which attributes are there.
    kinds: HashMap<(&'static str, Rc<str>, u32), usize>,
    tasks: Vec<Task>,
}

impl Vm {
    /// Whether a value is a node.
    pub(crate) fn is_node(&mut self, value: &Value) -> bool {
        // Before the classes are made, there are no nodes.
        let classes = Classes::if_made(self);
        classes.is_some_and(|classes| classes.nearest(self, value).is_some())
    }

    /// Writes down the tree of a node; nothing if the value is none.
    pub(crate) fn write_tree(&mut self, root: &Value) -> PyResult<Option<Written>> {
        let classes = Classes::of(self)?;
        if classes.nearest(self, root).is_none() {
            return Ok(None);
        }
        let mut writer = Writer {
            classes,
            written: Written {
                tree: Tree::default(),
                objects: HashMap::new(),
            },
            kinds: HashMap::new(),
            tasks: vec![Task::Write(root.clone(), 0)],
        };
        let mut rounds = 0_usize;
        while let Some(task) = writer.tasks.pop() {
            rounds += 1;
            if rounds.is_multiple_of(SLICE) {
                self.check_growth(SLICE * size_of::<Step>())?;
                self.spend(1)?;
            }
            match task {
                Task::Write(value, depth) => writer.write(self, value, depth)?,
                Task::Make(step, object) => writer.push(step, object),
            }
        }
        Ok(Some(writer.written))
    }
}

impl Writer {
    fn push(&mut self, step: Step, object: Option<Value>) {
        let steps = &mut self.written.tree.steps;
        if let Some(object) = object {
            self.written.objects.insert(steps.len(), object);
        }
        steps.push(step);
    }

    fn write(&mut self, vm: &mut Vm, value: Value, depth: usize) -> PyResult<()> {
        if self.write_node(vm, &value, depth)? {
            return Ok(());
        }
        if let Some(list) = value.downcast::<List>() {
            let items = list.items(vm).to_vec();
            let make = Task::Make(Step::List(items.len()), Some(value));
            return self.write_items(vm, items, make, depth);
        }
        if let Some(constant) = constant_of(vm, &value, 0).filter(is_plain) {
            self.push(Step::Value(constant), None);
            return Ok(());
        }
        if let Some(tuple) = value.downcast::<Tuple>().filter(|tuple| tuple.is_exact()) {
            let items = tuple.items().to_vec();
            let make = Task::Make(Step::Tuple(items.len()), None);
            return self.write_items(vm, items, make, depth);
        }
        if let Some(set) = value.downcast::<Set>()
            && vm.type_of(&value).is(&vm.types.frozenset)
        {
            let items = set.items(vm);
            let make = Task::Make(Step::FrozenSet(items.len()), None);
            return self.write_items(vm, items, make, depth);
        }
        let name = vm.type_name(&value).to_string();
        let int = value.as_int().map(|int| int.to_big().into_owned());
        let int = int.map(|int| vm.int_from_big(int));
        let int = int.and_then(|int| constant_of(vm, &int, 0));
        self.push(Step::Other { name, int }, Some(value));
        Ok(())
    }

    fn write_items(
        &mut self,
        vm: &mut Vm,
        items: Vec<Value>,
        make: Task,
        depth: usize,
    ) -> PyResult<()> {
        if depth > DEEPEST {
            return Err(vm.recursion_error(" during compilation"));
        }
        self.tasks.push(make);
        let items = items.into_iter().rev();
        self.tasks
            .extend(items.map(|item| Task::Write(item, depth + 1)));
        Ok(())
    }

    /// Writes a node; false if the value is none.
    fn write_node(&mut self, vm: &mut Vm, value: &Value, depth: usize) -> PyResult<bool> {
        let classes = self.classes.clone();
        let Some(entry) = classes.nearest(vm, value) else {
            return Ok(false);
        };
        let mut values = Vec::with_capacity(entry.attributes.len());
        let mut there = 0;
        for (index, name) in entry.attributes.iter().enumerate() {
            let name = vm.intern(name);
            if let Some(attribute) = vm.get_attr_opt(value, &name)? {
                there |= 1 << index;
                values.push(attribute);
            }
        }
        if depth > DEEPEST && !values.is_empty() {
            let place = format!(" while traversing '{}' node", entry.kind);
            return Err(vm.recursion_error(&place));
        }
        let name = vm.type_name(value);
        let kinds = &mut self.written.tree.classes;
        let kind = *self
            .kinds
            .entry((entry.name, name.clone(), there))
            .or_insert_with(|| {
                let attributes = entry.attributes.iter().enumerate();
                let attributes = attributes.filter(|(index, _)| there & 1 << index != 0);
                kinds.push(NodeClass {
                    base: entry.name.to_owned(),
                    name: name.to_string(),
                    attributes: attributes.map(|(_, name)| (*name).to_owned()).collect(),
                });
                kinds.len() - 1
            });
        let make = Task::Make(Step::Node(kind), Some(value.clone()));
        self.tasks.push(make);
        let values = values.into_iter().rev();
        self.tasks
            .extend(values.map(|value| Task::Write(value, depth + 1)));
        Ok(true)
    }
}

/// Whether the compiler can have a constant of this kind in a tree.
fn is_plain(constant: &Constant) -> bool {
    match constant {
        Constant::None
        | Constant::Ellipsis
        | Constant::Bool(_)
        | Constant::Int(_)
        | Constant::Float(_)
        | Constant::Complex(..)
        | Constant::Str(_)
        | Constant::Bytes(_) => true,
        Constant::Tuple(items) | Constant::FrozenSet(items) => items.iter().all(is_plain),
        _ => false,
    }
}

impl Written {
    /// The same exception, with the `repr` of what it refers to by marks.
    pub(crate) fn resolved(&self, vm: &mut Vm, refusal: &Refusal) -> PyResult<Refusal> {
        let mut refusal = refusal.clone();
        for arg in &mut refusal.args {
            if let Constant::Str(text) = arg
                && let Some(text) = text.as_str().filter(|text| text.contains('\0'))
            {
                *arg = Constant::from(self.unmarked(vm, text)?.as_str());
            }
        }
        Ok(refusal)
    }

    fn unmarked(&self, vm: &mut Vm, text: &str) -> PyResult<String> {
        let mut parts = Vec::new();
        // Every second part stands between marks.
        for (index, part) in text.split('\0').enumerate() {
            let object = match index % 2 {
                0 => None,
                _ => part
                    .parse()
                    .ok()
                    .and_then(|step: usize| self.objects.get(&step)),
            };
            parts.push(match object {
                Some(object) => vm.repr_text(object)?,
                None => part.to_owned(),
            });
        }
        Ok(parts.concat())
    }
}
