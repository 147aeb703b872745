//! The node classes of each version's abstract syntax: their bases, and their fields as their docstrings have them.
//!
//! The table is generated from what each CPython's `_ast` says: `cargo xtask codegen --ask` asks anew.

mod table;

use crate::object::native::Versions;

pub(super) use table::NODES;

/// A node class.
pub(super) struct Node {
    pub(super) base: &'static str,
    /// `Name(identifier id, expr_context ctx)`; for a sum only the name.
    pub(super) text: &'static str,
    /// Whether it adds line and column.
    pub(super) is_placed: bool,
    /// Whether those of its end may be left out.
    pub(super) is_end_optional: bool,
    pub(super) versions: Versions,
}

const fn row(base: &'static str, text: &'static str) -> Node {
    Node {
        base,
        text,
        is_placed: false,
        is_end_optional: false,
        versions: Versions::ALL,
    }
}

const fn placed(base: &'static str, text: &'static str) -> Node {
    Node {
        is_end_optional: true,
        ..bounded(base, text)
    }
}

const fn bounded(base: &'static str, text: &'static str) -> Node {
    Node {
        is_placed: true,
        ..row(base, text)
    }
}

impl Node {
    pub(super) fn name(&self) -> &'static str {
        self.text.split('(').next().unwrap_or_default()
    }

    /// The fields: type, with `?` and `*` behind it, and name.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let inside = self.text.split_once('(');
        let inside = inside.map_or("", |(_, rest)| rest.trim_end_matches(')'));
        inside.split(", ").filter_map(|field| field.split_once(' '))
    }

    const fn since(self, minor: u8) -> Node {
        Node {
            versions: self.versions.since(minor),
            ..self
        }
    }

    const fn until(self, minor: u8) -> Node {
        Node {
            versions: self.versions.until(minor),
            ..self
        }
    }
}
