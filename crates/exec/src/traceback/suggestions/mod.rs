//! "Did you mean": what CPython puts behind the message of a NameError, an AttributeError or an ImportError.
//!
//! Pure functions over lists of names; whoever holds the objects gathers the lists as each function says. The result
//! goes into [`super::Exception::suggestion`]. 3.11 and 3.12 make suggestions only for exceptions whose type is
//! exactly NameError, AttributeError or (3.12) ImportError, later versions for subclasses too; all of them only
//! if the `name` attribute (`name_from` for ImportError) is a `str`.
//!
//! Since 3.15 a name that is not in NFKC form is compared in that form: the `normalized` arguments. For a name
//! in ASCII, and in older versions, that is the name itself.

mod cross_language;
mod distance;
#[rustfmt::skip]
mod stdlib_modules;

use super::version::Version;
pub use cross_language::cross_language_hint;
pub use distance::closest_name;

/// The object that lacks an attribute.
#[derive(Clone, Copy)]
pub struct AttributeScope<'a> {
    /// `dir(obj)`, sorted, attributes that are 3.15's lazy imports left out. In 3.11 and 3.12 one item that is no
    /// `str` makes the list empty; later versions leave such items out.
    pub names: &'a [&'a str],
    /// Whether `self` among the locals of the innermost frame is this object.
    pub is_own_self: bool,
    /// Whether the object is an instance of the built-in type with this name (`isinstance`). Asked since 3.15.
    pub is_instance: &'a dyn Fn(&str) -> bool,
    /// Whether the attribute with this name is no descriptor on the object's type and its value has, found
    /// without running code (`inspect.getattr_static`), the wanted attribute. Asked since 3.15.
    pub has_nested: &'a dyn Fn(&str) -> bool,
}

/// What `self` is in the innermost frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfState {
    /// No local of that name.
    Absent,
    /// A local that has no value at this point. 3.12 then makes no suggestion at all.
    Unbound,
    /// An object without an attribute of the wanted name.
    WithoutName,
    /// An object with an attribute of the wanted name (of its normalized form).
    WithName,
}

/// What could have been meant by a name.
#[derive(Clone, Copy)]
pub struct NameScope<'a> {
    /// The innermost frame's local names: until 3.12 `co_varnames`, later the keys of `f_locals`.
    pub locals: &'a [&'a str],
    /// The keys of `f_globals`, in order.
    pub globals: &'a [&'a str],
    /// The keys of `f_builtins`, in order.
    pub builtins: &'a [&'a str],
    /// `self`, if there is one. Asked since 3.12.
    pub self_state: SelfState,
    /// Whether the wanted name is in `sys.stdlib_module_names`. Asked since 3.12.
    pub is_stdlib_module: bool,
}

/// The suffix of an AttributeError.
///
/// ```
/// use pyco_exec::traceback::Version;
/// use pyco_exec::traceback::suggestions::{AttributeScope, attribute_suffix};
/// let scope = AttributeScope {
///     names: &["append", "clear"],
///     is_own_self: false,
///     is_instance: &|name| name == "list",
///     has_nested: &|_| false,
/// };
/// let suffix = attribute_suffix(Version::V3_14, "apend", "apend", scope);
/// assert_eq!(suffix.as_deref(), Some(". Did you mean: 'append'?"));
/// let suffix = attribute_suffix(Version::V3_15, "apend", "apend", scope);
/// assert_eq!(suffix.as_deref(), Some(". Did you mean '.append' instead of '.apend'?"));
/// let suffix = attribute_suffix(Version::V3_15, "push", "push", scope);
/// assert_eq!(suffix.as_deref(), Some(". Did you mean '.append'?"));
/// ```
pub fn attribute_suffix(
    version: Version,
    wrong: &str,
    normalized: &str,
    scope: AttributeScope<'_>,
) -> Option<String> {
    if version < Version::V3_15 {
        let names = visible(version, scope.names, wrong, scope.is_own_self);
        let found = closest_name(version, &names, wrong)?;
        return Some(did_you_mean(version, found));
    }
    if let Some(hint) = cross_language_hint(wrong, scope.is_instance) {
        return Some(format!(". {hint}"));
    }
    let names = visible(version, scope.names, normalized, scope.is_own_self);
    let is_normalized_known = wrong != normalized && names.contains(&normalized);
    let found = if is_normalized_known {
        normalized.to_owned()
    } else if let Some(found) = closest_name(version, &names, normalized) {
        found.to_owned()
    } else {
        let outer = nested(&names, normalized, scope.has_nested)?;
        format!("{outer}.{normalized}")
    };
    let shown = |name: &str, suggested: &str| match suggested.is_ascii() {
        true => format!("'.{name}'"),
        false => format!("'.{name}' ({})", ascii_repr(name)),
    };
    Some(format!(
        ". Did you mean {} instead of {}?",
        shown(&found, &found),
        shown(wrong, &found)
    ))
}

/// The first of the public attributes, of which twenty are looked at, that has the wanted one.
fn nested<'a>(
    names: &[&'a str],
    wrong: &str,
    has_nested: &dyn Fn(&str) -> bool,
) -> Option<&'a str> {
    if distance::is_too_much(names.len(), wrong) {
        return None;
    }
    let public = names.iter().filter(|name| !name.starts_with('_'));
    public.take(20).find(|name| has_nested(name)).copied()
}

/// The names that may be suggested: since 3.13 private ones only for a private name, or within the object itself.
fn visible<'a>(
    version: Version,
    names: &[&'a str],
    wrong: &str,
    is_own_self: bool,
) -> Vec<&'a str> {
    let shows_private = version < Version::V3_13 || wrong.starts_with('_') || is_own_self;
    let is_shown = |name: &&&str| shows_private || !name.starts_with('_');
    names.iter().filter(is_shown).copied().collect()
}

/// The suffix of a NameError.
///
/// ```
/// use pyco_exec::traceback::Version;
/// use pyco_exec::traceback::suggestions::{NameScope, SelfState, name_suffix};
/// let scope = NameScope {
///     locals: &[],
///     globals: &["system"],
///     builtins: &["print"],
///     self_state: SelfState::Absent,
///     is_stdlib_module: true,
/// };
/// let suffix = name_suffix(Version::V3_13, "sys", "sys", scope);
/// assert_eq!(suffix.as_deref(), Some(". Did you forget to import 'sys'?"));
/// let suffix = name_suffix(Version::V3_13, "prnt", "prnt", NameScope { is_stdlib_module: false, ..scope });
/// assert_eq!(suffix.as_deref(), Some(". Did you mean: 'print'?"));
/// ```
pub fn name_suffix(
    version: Version,
    wrong: &str,
    normalized: &str,
    scope: NameScope<'_>,
) -> Option<String> {
    let found = match version {
        Version::V3_11 | Version::V3_12 => name_in_turn(version, wrong, scope),
        Version::V3_13 | Version::V3_14 => name_in_all(version, wrong, wrong, scope),
        Version::V3_15 => name_in_all(version, wrong, normalized, scope),
    };
    let is_module = scope.is_stdlib_module && version >= Version::V3_12;
    let quoted = if version == Version::V3_12 {
        repr(wrong)
    } else {
        format!("'{wrong}'")
    };
    match (found, is_module) {
        (None, false) => None,
        (None, true) => Some(format!(". Did you forget to import {quoted}?")),
        (Some(found), false) => Some(did_you_mean(version, &found)),
        (Some(found), true) => Some(format!(
            "{} Or did you forget to import {quoted}?",
            did_you_mean(version, &found)
        )),
    }
}

/// Until 3.12 each scope is searched by itself, the first with a match wins.
fn name_in_turn(version: Version, wrong: &str, scope: NameScope<'_>) -> Option<String> {
    if version == Version::V3_12 {
        match scope.self_state {
            SelfState::WithName => return Some(format!("self.{wrong}")),
            SelfState::Unbound => return None,
            SelfState::Absent | SelfState::WithoutName => {}
        }
    }
    [scope.locals, scope.globals, scope.builtins]
        .into_iter()
        .find_map(|names| closest_name(version, names, wrong))
        .map(str::to_owned)
}

fn name_in_all(
    version: Version,
    wrong: &str,
    normalized: &str,
    scope: NameScope<'_>,
) -> Option<String> {
    let names = [scope.locals, scope.globals, scope.builtins].concat();
    if wrong != normalized && names.contains(&normalized) {
        return Some(normalized.to_owned());
    }
    if scope.self_state == SelfState::WithName {
        return Some(format!("self.{normalized}"));
    }
    closest_name(version, &names, normalized).map(str::to_owned)
}

/// The suffix of an ImportError with a `name_from`: `names` is the sorted `dir()` of the module.
pub fn import_suffix(
    version: Version,
    wrong: &str,
    normalized: &str,
    names: &[&str],
) -> Option<String> {
    let wanted = match version {
        Version::V3_11 => return None,
        Version::V3_12 | Version::V3_13 | Version::V3_14 => wrong,
        Version::V3_15 => normalized,
    };
    let names = visible(version, names, wanted, false);
    let found = if wanted != wrong && names.contains(&wanted) {
        wanted
    } else {
        closest_name(version, &names, wanted)?
    };
    Some(did_you_mean(version, found))
}

/// The suffix of a ModuleNotFoundError, since 3.15: `names` are the modules that the finders of `sys.meta_path`
/// discover beside the missing one. Where the interpreter runs without site packages, or found a
/// module built for another version, or the module belongs to the standard library, CPython says that instead.
pub fn module_suffix(
    version: Version,
    wrong: &str,
    normalized: &str,
    names: &[&str],
) -> Option<String> {
    if version < Version::V3_15 {
        return None;
    }
    let found = if wrong != normalized && names.contains(&normalized) {
        normalized
    } else {
        closest_name(version, names, normalized)?
    };
    Some(format!(". Did you mean: '{found}'?"))
}

/// `sys.stdlib_module_names` of `version`, sorted.
pub fn stdlib_module_names(version: Version) -> impl Iterator<Item = &'static str> {
    let bit = 1 << (version.minor() - Version::V3_11.minor());
    let has = stdlib_modules::MODULES
        .iter()
        .filter(move |(_, versions)| versions & bit != 0);
    has.map(|(name, _)| *name)
}

/// Whether `name` is in `sys.stdlib_module_names` of `version`.
///
/// ```
/// use pyco_exec::traceback::Version;
/// use pyco_exec::traceback::suggestions::is_stdlib_module;
/// assert!(is_stdlib_module(Version::V3_12, "distutils") != is_stdlib_module(Version::V3_11, "distutils"));
/// assert!(is_stdlib_module(Version::V3_15, "sys"));
/// ```
pub fn is_stdlib_module(version: Version, name: &str) -> bool {
    let modules = &stdlib_modules::MODULES;
    let bit = 1 << (version.minor() - Version::V3_11.minor());
    let found = modules.binary_search_by(|(known, _)| (*known).cmp(name));
    found.is_ok_and(|index| modules[index].1 & bit != 0)
}

/// What replaces the whole message of a ModuleNotFoundError, since 3.15, for a module of the standard library.
/// Distributions put advice of their own for some modules in its place.
pub fn missing_stdlib_module_message(version: Version, name: &str) -> Option<String> {
    (version >= Version::V3_15)
        .then(|| format!("Standard library module {} was not found", repr(name)))
}

fn did_you_mean(version: Version, found: &str) -> String {
    match version {
        Version::V3_12 => format!(". Did you mean: {}?", repr(found)),
        Version::V3_15 if !found.is_ascii() => {
            format!(". Did you mean: '{found}' ({})?", ascii_repr(found))
        }
        _ => format!(". Did you mean: '{found}'?"),
    }
}

/// `repr()` of a name.
fn repr(name: &str) -> String {
    quoted(name, |c| c.is_control())
}

/// `ascii()` of a name.
fn ascii_repr(name: &str) -> String {
    quoted(name, |c| c.is_control() || !c.is_ascii())
}

fn quoted(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if c == '\\' || c == quote => quoted.extend(['\\', c]),
            _ if is_escaped(c) => quoted.push_str(&escape(c)),
            _ => quoted.push(c),
        }
    }
    quoted.push(quote);
    quoted
}

fn escape(c: char) -> String {
    match u32::from(c) {
        point @ 0..=0xff => format!("\\x{point:02x}"),
        point @ 0x100..=0xffff => format!("\\u{point:04x}"),
        point => format!("\\U{point:08x}"),
    }
}
