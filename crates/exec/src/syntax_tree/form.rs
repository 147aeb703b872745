//! Syntax trees as they travel between a program and the compiler: the steps of a machine with a stack that puts one together.
//!
//! Neither side recurses: a tree is as deep as it likes, and only a compiler says that one is too deep.

use pyco_code::Constant;

/// A syntax tree, written down: its steps leave one value on the stack, the root.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tree {
    /// The kinds of nodes that the steps refer to.
    pub classes: Vec<NodeClass>,
    /// What puts the tree together, children first.
    pub steps: Vec<Step>,
}

/// A kind of nodes: those of one class that have the same attributes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct NodeClass {
    /// The class in the module `ast`.
    pub base: String,
    /// The name of the class itself, which a program may have derived from that.
    pub name: String,
    /// The names of the attributes that a node has: fields, line numbers.
    pub attributes: Vec<String>,
}

/// A step of putting a tree together.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Pushes a constant.
    Value(Constant),
    /// Takes so many values from the stack and pushes a list of them.
    List(usize),
    /// The same with a tuple, of something that is no constant. Only a program's trees have such.
    Tuple(usize),
    /// The same with a frozenset.
    FrozenSet(usize),
    /// Takes the attributes of a node from the stack, the first of them deepest, and pushes the node; its class by number.
    Node(usize),
    /// Pushes what stands for an object that belongs into no tree, for the compiler to complain about. Only a program's trees
    /// have such.
    Other {
        /// The name of its class.
        name: String,
        /// What it is as an int, if it is an instance of a class derived from that.
        int: Option<Constant>,
    },
}

impl Tree {
    /// How an exception's text refers to the list, node or other object that the step of this number pushes: its `repr` is not
    /// known to the compiler, and may be long.
    #[must_use]
    pub fn mark(step: usize) -> String {
        format!("\0{step}\0")
    }
}
