//! `Debug` of values, bounded in depth and in size.
//!
//! A value may be a million levels deep or have exponentially many paths, so printing stops at
//! `MAX_DEPTH` levels and after `MAX_OBJECTS` objects, with `..` for what is left out.

use core::cell::Cell;
use core::fmt;

use crate::{Items, Locals, Pairs, RawCode, Str, Value};

/// Levels printed. Each takes a stack frame or two.
const MAX_DEPTH: u32 = 16;
/// Objects printed.
const MAX_OBJECTS: u32 = 10_000;
/// Bytes printed of each bytes object.
const MAX_BYTES: usize = 1024;

pub(crate) fn debug_value(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fmt::Debug::fmt(
        &Shown {
            what: value,
            budget: &Budget::new(),
        },
        f,
    )
}

pub(crate) fn debug_items(items: &Items, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fmt::Debug::fmt(
        &Shown {
            what: items,
            budget: &Budget::new(),
        },
        f,
    )
}

pub(crate) fn debug_pairs(pairs: &Pairs, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    fmt::Debug::fmt(
        &Shown {
            what: pairs,
            budget: &Budget::new(),
        },
        f,
    )
}

impl fmt::Debug for RawCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(
            &Shown {
                what: self,
                budget: &Budget::new(),
            },
            f,
        )
    }
}

/// What may still be printed.
struct Budget {
    depth: Cell<u32>,
    objects: Cell<u32>,
}

impl Budget {
    fn new() -> Self {
        Self {
            depth: Cell::new(MAX_DEPTH),
            objects: Cell::new(MAX_OBJECTS),
        }
    }

    /// Prints one level down, or `..` if there is none left.
    fn inside(
        &self,
        f: &mut fmt::Formatter<'_>,
        print: impl FnOnce(&mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let (depth, objects) = (self.depth.get(), self.objects.get());
        if depth == 0 || objects == 0 {
            return f.write_str("..");
        }
        self.depth.set(depth - 1);
        let result = print(f);
        self.depth.set(depth);
        result
    }

    /// Counts an item of a list. False if nothing is left, so that the list is cut short.
    fn take_one(&self) -> bool {
        let objects = self.objects.get();
        self.objects.set(objects.saturating_sub(1));
        objects > 0
    }
}

struct Shown<'a, T> {
    what: &'a T,
    budget: &'a Budget,
}

/// A str of which at most `MAX_BYTES` characters are printed.
struct Text<'a>(&'a Str);

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_bytes().len() <= MAX_BYTES {
            return fmt::Debug::fmt(self.0, f);
        }
        let shown = Str::from_code_points(self.0.code_points().take(MAX_BYTES));
        write!(f, "{shown:?}..")
    }
}

impl fmt::Debug for Shown<'_, Value> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.budget;
        match self.what {
            Value::None => f.write_str("None"),
            Value::StopIteration => f.write_str("StopIteration"),
            Value::Ellipsis => f.write_str("Ellipsis"),
            Value::Bool(truth) => f.write_str(if *truth { "True" } else { "False" }),
            Value::Int(number) => write!(f, "{number:?}"),
            Value::Float(number) => write!(f, "{number:?}"),
            Value::Complex(real, imag) => write!(f, "complex({real:?}, {imag:?})"),
            Value::Bytes(bytes) => {
                let shown = &bytes[..bytes.len().min(MAX_BYTES)];
                let rest = if shown.len() < bytes.len() { ".." } else { "" };
                write!(f, "b\"{}\"{rest}", shown.escape_ascii())
            }
            Value::Str(text) => fmt::Debug::fmt(&Text(text), f),
            Value::Tuple(items) => self.named(f, "tuple", items),
            Value::List(items) => self.named(f, "list", items),
            Value::Set(items) => self.named(f, "set", items),
            Value::FrozenSet(items) => self.named(f, "frozenset", items),
            Value::Slice(slice) => self.named(f, "slice", slice.parts()),
            Value::Dict(pairs) => fmt::Debug::fmt(
                &Shown {
                    what: pairs,
                    budget,
                },
                f,
            ),
            Value::FrozenDict(pairs) => {
                f.write_str("frozendict ")?;
                fmt::Debug::fmt(
                    &Shown {
                        what: pairs,
                        budget,
                    },
                    f,
                )
            }
            Value::Code(code) => fmt::Debug::fmt(
                &Shown {
                    what: &**code,
                    budget,
                },
                f,
            ),
        }
    }
}

impl Shown<'_, Value> {
    fn named(&self, f: &mut fmt::Formatter<'_>, name: &str, items: &Items) -> fmt::Result {
        f.write_str(name)?;
        fmt::Debug::fmt(
            &Shown {
                what: items,
                budget: self.budget,
            },
            f,
        )
    }
}

impl fmt::Debug for Shown<'_, Items> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.budget;
        budget.inside(f, |f| {
            let shown = self.what.iter().take_while(|_| budget.take_one());
            f.debug_list()
                .entries(shown.map(|what| Shown { what, budget }))
                .finish()
        })
    }
}

impl fmt::Debug for Shown<'_, Pairs> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.budget;
        budget.inside(f, |f| {
            let shown = self.what.iter().take_while(|_| budget.take_one());
            let shown = shown.map(|(key, value)| {
                (
                    Shown { what: key, budget },
                    Shown {
                        what: value,
                        budget,
                    },
                )
            });
            f.debug_map().entries(shown).finish()
        })
    }
}

impl fmt::Debug for Shown<'_, RawCode> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, budget) = (self.what, self.budget);
        budget.inside(f, |f| {
            let mut out = f.debug_struct("RawCode");
            out.field("name", &Text(&code.name))
                .field("filename", &Text(&code.filename))
                .field("firstlineno", &code.firstlineno)
                .field("argcount", &code.argcount)
                .field("posonlyargcount", &code.posonlyargcount)
                .field("kwonlyargcount", &code.kwonlyargcount)
                .field("stacksize", &code.stacksize)
                .field("flags", &format_args!("{:#x}", code.flags))
                .field("code", &format_args!("{} bytes", code.code.len()))
                .field(
                    "consts",
                    &Shown {
                        what: &code.consts,
                        budget,
                    },
                )
                .field(
                    "names",
                    &Shown {
                        what: &code.names,
                        budget,
                    },
                );
            match &code.locals {
                Locals::Plus { names, kinds } => out
                    .field(
                        "localsplusnames",
                        &Shown {
                            what: names,
                            budget,
                        },
                    )
                    .field("localspluskinds", &format_args!("{} bytes", kinds.len())),
                Locals::Separate {
                    nlocals,
                    varnames,
                    freevars,
                    cellvars,
                } => out
                    .field("nlocals", nlocals)
                    .field(
                        "varnames",
                        &Shown {
                            what: varnames,
                            budget,
                        },
                    )
                    .field(
                        "freevars",
                        &Shown {
                            what: freevars,
                            budget,
                        },
                    )
                    .field(
                        "cellvars",
                        &Shown {
                            what: cellvars,
                            budget,
                        },
                    ),
            };
            out.finish_non_exhaustive()
        })
    }
}
