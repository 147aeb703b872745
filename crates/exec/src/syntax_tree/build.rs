//! From a written-down tree to nodes.
//!
//! Invariant: a compiler's tree is not trusted. A step that finds too little on the stack, or a class that is none, is an error.

use crate::compiler::{Step, Tree};
use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::syntax_tree::class::Classes;
use crate::value::Value;
use crate::vm::Vm;

/// After so many steps the limits of the VM are looked at.
const SLICE: usize = 1024;

/// A class of nodes, and what to set on a new one.
struct Kind {
    class: Ref<Type>,
    /// The one instance, of a class whose nodes are all alike.
    only: Option<Value>,
    attributes: Vec<Ref<Str>>,
}

impl Vm {
    /// The nodes that a compiler's tree describes.
    pub(crate) fn build_tree(&mut self, tree: &Tree) -> PyResult {
        let classes = Classes::of(self)?;
        let mut kinds = Vec::with_capacity(tree.classes.len());
        for kind in &tree.classes {
            let Some(class) = classes.get(&kind.base) else {
                let why = format!("{} is no class of nodes", kind.base);
                return Err(self.refused("syntax tree", &why));
            };
            kinds.push(Kind {
                class: class.clone(),
                only: classes.only_instance(&kind.base),
                attributes: kind
                    .attributes
                    .iter()
                    .map(|name| self.intern(name))
                    .collect(),
            });
        }
        let mut stack = Vec::new();
        for (number, step) in tree.steps.iter().enumerate() {
            if number.is_multiple_of(SLICE) {
                self.check_growth(SLICE)?;
                self.spend(1)?;
            }
            let made = match step {
                Step::Value(constant) => Some(self.constant(constant)?),
                Step::List(len) => match stack.len().checked_sub(*len) {
                    Some(start) => {
                        let items = stack.split_off(start);
                        Some(self.new_list(items))
                    }
                    None => None,
                },
                Step::Node(kind) => match kinds.get(*kind) {
                    Some(kind) => self.build_node(kind, &mut stack)?,
                    None => None,
                },
                Step::Tuple(_) | Step::FrozenSet(_) | Step::Other { .. } => None,
            };
            let Some(made) = made else {
                let why = format!("step {number} cannot be done");
                return Err(self.refused("syntax tree", &why));
            };
            stack.push(made);
        }
        match (stack.pop(), stack.len()) {
            (Some(root), 0) => Ok(root),
            _ => Err(self.refused("syntax tree", "it has not one root")),
        }
    }

    /// A node of the attributes that lie on the stack; nothing if they are too few.
    fn build_node(&mut self, kind: &Kind, stack: &mut Vec<Value>) -> PyResult<Option<Value>> {
        let Some(start) = stack.len().checked_sub(kind.attributes.len()) else {
            return Ok(None);
        };
        if let Some(only) = &kind.only
            && kind.attributes.is_empty()
        {
            return Ok(Some(only.clone()));
        }
        let node = super::node::new(&kind.class);
        for (name, value) in kind.attributes.iter().zip(stack.drain(start..)) {
            self.set_attr(&node, name, Some(value))?;
        }
        Ok(Some(node))
    }
}
