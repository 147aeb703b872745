//! Method names from other languages, or of another built-in type, that 3.15 knows the Python for.

/// What to do instead, in the words of the hint.
#[derive(Clone, Copy)]
enum Hint {
    /// Another method.
    Method(&'static str),
    /// Another type, with its article.
    Type(&'static str),
    /// Anything else.
    Words(&'static str),
}

use Hint::{Method, Type, Words};

const BITWISE: Hint =
    Words("Did you mean to use an 'int' object? Bitwise operators are not supported by 'float'.");

/// The wanted attribute, the type of the object, the hint.
const HINTS: [(&str, &str, Hint); 28] = [
    ("push", "list", Method("append")),
    ("concat", "list", Method("extend")),
    ("addAll", "list", Method("extend")),
    ("contains", "list", Words("Use 'x in list'.")),
    ("add", "list", Type("set")),
    ("add", "frozenset", Type("set")),
    ("toUpperCase", "str", Method("upper")),
    ("toLowerCase", "str", Method("lower")),
    ("trimStart", "str", Method("lstrip")),
    ("trimEnd", "str", Method("rstrip")),
    ("keySet", "dict", Method("keys")),
    ("entrySet", "dict", Method("items")),
    ("entries", "dict", Method("items")),
    ("putAll", "dict", Method("update")),
    ("put", "dict", Words("Use d[k] = v.")),
    ("append", "tuple", Type("list")),
    ("extend", "tuple", Type("list")),
    ("insert", "tuple", Type("list")),
    ("remove", "tuple", Type("list")),
    ("remove", "frozenset", Type("set")),
    ("discard", "frozenset", Type("set")),
    ("update", "frozenset", Type("set")),
    ("update", "frozendict", Type("dict")),
    ("__or__", "float", BITWISE),
    ("__and__", "float", BITWISE),
    ("__xor__", "float", BITWISE),
    ("__lshift__", "float", BITWISE),
    ("__rshift__", "float", BITWISE),
];

/// The hint for `wrong` on an object of which `is_instance` tells the built-in types by name, as 3.15 has it.
///
/// ```
/// use pyco_exec::traceback::suggestions::cross_language_hint;
/// let hint = cross_language_hint("toUpperCase", &|name| name == "str");
/// assert_eq!(hint.as_deref(), Some("Did you mean '.upper'?"));
/// ```
pub fn cross_language_hint(wrong: &str, is_instance: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut hints = HINTS.iter().filter(|(name, ..)| *name == wrong);
    let (.., hint) = hints.find(|(_, type_name, _)| is_instance(type_name))?;
    Some(match hint {
        Method(name) => format!("Did you mean '.{name}'?"),
        Type(name) => format!("Did you mean to use a '{name}' object?"),
        Words(words) => (*words).to_owned(),
    })
}
