//! The built-in exceptions of each version as data: names, bases, attributes, own methods, and what an errno becomes.
//!
//! Asked from the interpreters by `tests/data/traceback/tables.py`. The exception types of the virtual machine are
//! created from this; behaviour is not here. `EnvironmentError` and `IOError` are further names of `OSError`
//! ([`ALIASES`]) and no types of their own.

#[rustfmt::skip]
mod table;

use crate::traceback::Version;

/// Names under which a type stands in `builtins` a second time.
pub const ALIASES: [(&str, &str); 2] = [("EnvironmentError", "OSError"), ("IOError", "OSError")];

/// A set of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions(u8);

impl Versions {
    /// Whether `version` is one of them.
    pub fn contains(self, version: Version) -> bool {
        self.0 >> (version.minor() - Version::V3_11.minor()) & 1 == 1
    }
}

/// One built-in exception type.
#[derive(Debug, Clone, Copy)]
pub struct ExceptionType {
    /// `__name__`.
    pub name: &'static str,
    /// `__bases__`; empty for `BaseException`, whose base is `object`. Only `ExceptionGroup` has two.
    pub bases: &'static [&'static str],
    /// Where it exists.
    pub versions: Versions,
    /// What calling it does with the arguments.
    pub constructor: Constructor,
    /// The attributes that it defines itself, inherited ones left out.
    pub attributes: &'static [Attribute],
    /// The methods that it defines itself, `__new__` and `__init__` left out, with the versions that have them.
    pub methods: &'static [(&'static str, Versions)],
}

impl ExceptionType {
    /// Whether the type defines this method itself in `version`.
    pub fn has_own_method(&self, name: &str, version: Version) -> bool {
        let mut methods = self.methods.iter();
        methods.any(|(found, versions)| *found == name && versions.contains(version))
    }
}

/// How a type treats the arguments it is called with. All keep the positional ones as `args`; keywords are refused
/// unless named here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constructor {
    /// `BaseException`: any positional arguments.
    Args,
    /// `value` is the first argument or `None`.
    StopIteration,
    /// `code` is `None`, the only argument, or the tuple of all.
    SystemExit,
    /// `msg` is the positional argument if there is exactly one; keywords `name`, `path` and, since 3.12, `name_from`.
    Import,
    /// Keyword `name`.
    Name,
    /// Keywords `name` and `obj`.
    Attribute,
    /// `(errno, strerror[, filename[, winerror[, filename2]]])` with two to five arguments: `OSError` itself becomes the
    /// subclass for the errno ([`os_error_type`]), and `args` keeps two where there is a file name. With any other number
    /// of arguments none of the attributes is set. `BlockingIOError` takes a number as third argument for
    /// `characters_written`, and `args` then keeps three.
    OsError,
    /// `(msg[, (filename, lineno, offset, text[, end_lineno, end_offset[, _metadata]])])`, the last since 3.14; the details
    /// may be any iterable, and count only if there are exactly two arguments.
    Syntax,
    /// `(encoding: str, object: str, start: int, end: int, reason: str)`, all required.
    UnicodeEncode,
    /// As [`Self::UnicodeEncode`], but `object` is bytes-like and kept as `bytes`.
    UnicodeDecode,
    /// `(object: str, start: int, end: int, reason: str)`, all required.
    UnicodeTranslate,
    /// `(message: str, exceptions: sequence)`, all required. `BaseExceptionGroup` becomes `ExceptionGroup` where all members
    /// are instances of `Exception`.
    Group,
}

/// An attribute that a type defines.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Where it exists.
    pub versions: Versions,
    /// What can be assigned.
    pub accepts: Accepts,
    /// `repr()` of the value after a call without arguments; `None` where there is no value then or no such call.
    pub initial: Option<&'static str>,
    /// What deleting it does.
    pub unset: Unset,
}

/// What can be assigned to an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// Anything.
    Object,
    /// An `int`.
    Int,
    /// A `bool`.
    Bool,
    /// Anything iterable, kept as a tuple.
    Iterable,
    /// An exception or `None`.
    Exception,
    /// A traceback or `None`.
    Traceback,
    /// Nothing: it is read-only.
    Nothing,
}

/// What deleting an attribute does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// An error.
    Undeletable,
    /// The attribute then reads as `None` (a Unicode error's complains of the missing value where it needs it).
    None,
}

/// Which type an `OSError` becomes for an errno.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrnoType {
    /// The name in the `errno` module. `EWOULDBLOCK`, where it is a number of its own, counts as `EAGAIN`.
    pub symbol: &'static str,
    /// The number on Linux.
    pub linux_number: i32,
    /// The name of the exception type.
    pub name: &'static str,
}

/// The built-in exceptions of `version`, each base before what derives from it.
///
/// ```
/// use pyco_exec::exceptions_data::exception_types;
/// use pyco_exec::traceback::Version;
/// let names = |version| exception_types(version).map(|found| found.name).collect::<Vec<_>>();
/// assert_eq!(names(Version::V3_11)[0], "BaseException");
/// assert!(!names(Version::V3_12).contains(&"PythonFinalizationError"));
/// assert!(names(Version::V3_13).contains(&"PythonFinalizationError"));
/// ```
pub fn exception_types(version: Version) -> impl Iterator<Item = &'static ExceptionType> {
    table::TYPES
        .iter()
        .filter(move |found| found.versions.contains(version))
}

/// All pairs of errno and type, the same in all versions.
pub fn errno_types() -> &'static [ErrnoType] {
    &table::ERRNO_TYPES
}

/// The type that `OSError(errno, …)` becomes on Linux, where it is a subclass.
///
/// ```
/// assert_eq!(pyco_exec::exceptions_data::os_error_type(2), Some("FileNotFoundError"));
/// assert_eq!(pyco_exec::exceptions_data::os_error_type(5), None);
/// ```
pub fn os_error_type(errno: i32) -> Option<&'static str> {
    let mut pairs = table::ERRNO_TYPES.iter();
    pairs
        .find(|pair| pair.linux_number == errno)
        .map(|pair| pair.name)
}

/// `os.strerror(errno)`: the C library's text.
///
/// ```
/// # #[cfg(unix)]
/// assert_eq!(pyco_exec::exceptions_data::strerror(2), "No such file or directory");
/// ```
pub fn strerror(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    // std adds the number.
    let suffix = format!(" (os error {errno})");
    text.strip_suffix(&suffix).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_stands_before_its_subclasses_in_every_version() {
        for version in Version::ALL {
            let mut known = vec![];
            for found in exception_types(version) {
                assert!(
                    found.bases.iter().all(|base| known.contains(base)),
                    "{}",
                    found.name
                );
                known.push(found.name);
            }
            assert!(known.len() >= 67, "{version:?} has {}", known.len());
        }
    }

    #[test]
    fn own_methods_depend_on_the_version() {
        let find = |name: &str| {
            table::TYPES
                .iter()
                .find(|found| found.name == name)
                .copied()
        };
        let key_error = find("KeyError").expect("KeyError");
        assert!(
            Version::ALL
                .iter()
                .all(|version| key_error.has_own_method("__str__", *version))
        );
        let import_error = find("ImportError").expect("ImportError");
        assert!(import_error.has_own_method("__repr__", Version::V3_15));
        assert!(!import_error.has_own_method("__repr__", Version::V3_14));
    }

    #[test]
    fn every_errno_type_is_an_exception_type() {
        for pair in errno_types() {
            assert!(
                table::TYPES.iter().any(|found| found.name == pair.name),
                "{}",
                pair.name
            );
        }
    }
}
