//! Paths as arguments: str, bytes, `os.PathLike`, and for some functions an open descriptor or nothing.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path as FilePath;

use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::codec;
use pyco_exec::object::str_::Str;
use pyco_exec::{PyResult, Raised, Value, Vm};

/// A path that was given.
pub(crate) struct Path {
    /// What names the file.
    pub(crate) text: OsString,
    /// The argument, for error messages.
    pub(crate) value: Value,
    /// The descriptor, if it was one.
    pub(crate) fd: Option<i32>,
    /// Whether names derived from it are bytes.
    pub(crate) is_bytes: bool,
}

impl Path {
    pub(crate) fn path(&self) -> &FilePath {
        FilePath::new(&self.text)
    }
}

/// What a function allows besides str, bytes and path-like objects.
#[derive(Clone, Copy, Default)]
pub(crate) struct Allow {
    pub(crate) fd: bool,
    pub(crate) none: bool,
}

/// `os.fspath(value)`, unless it is of no such type.
fn fs_path(vm: &mut Vm, value: &Value) -> PyResult<Option<Value>> {
    if value.downcast::<Str>().is_some() || value.downcast::<Bytes>().is_some() {
        return Ok(Some(value.clone()));
    }
    let name = vm.intern("__fspath__");
    if vm.version_number() >= 13 && vm.is_blocked(value, &name) {
        return Ok(None);
    }
    let Some(path) = vm.call_special_opt(value, &name, &[])? else {
        return Ok(None);
    };
    if path.downcast::<Str>().is_some() || path.downcast::<Bytes>().is_some() {
        return Ok(Some(path));
    }
    let (class, found) = (vm.type_name(value), vm.type_name(&path));
    Err(vm.type_error(format!(
        "expected {class}.__fspath__() to return str or bytes, not {found}"
    )))
}

/// `os.fspath(value)`.
pub(crate) fn require_fs_path(vm: &mut Vm, value: &Value) -> PyResult {
    match fs_path(vm, value)? {
        Some(path) => Ok(path),
        None => {
            let found = vm.type_name(value);
            Err(vm.type_error(format!(
                "expected str, bytes or os.PathLike object, not {found}"
            )))
        }
    }
}

/// The bytes of a str or bytes, as the system takes them.
pub(crate) fn encode(vm: &mut Vm, text: &Value) -> PyResult<OsString> {
    let bytes = match text.downcast::<Bytes>() {
        Some(bytes) => bytes.data().to_vec(),
        None => codec::encode(vm, text, Some("utf-8"), Some("surrogateescape"))?,
    };
    Ok(OsString::from_vec(bytes))
}

/// A str for what the system gave.
pub(crate) fn decode(vm: &mut Vm, text: &OsStr) -> PyResult {
    let bytes = vm.new_bytes(text.as_bytes().to_vec());
    let text = codec::decode(vm, &bytes, Some("utf-8"), Some("surrogateescape"))?;
    Ok(vm.str_from_buf(text))
}

/// A name for what the system gave, as str or bytes.
pub(crate) fn name(vm: &mut Vm, text: &OsStr, is_bytes: bool) -> PyResult {
    match is_bytes {
        true => Ok(vm.new_bytes(text.as_bytes().to_vec())),
        false => decode(vm, text),
    }
}

/// Warns, as 3.13 and later do, where a bool stands for a descriptor.
pub(crate) fn warn_of_bool(vm: &mut Vm, value: &Value) -> PyResult<()> {
    match value.as_bool().is_some() && vm.version_number() >= 13 {
        true => vm.warn("RuntimeWarning", "bool is used as a file descriptor"),
        false => Ok(()),
    }
}

/// A descriptor as an argument.
pub(crate) fn fd_argument(vm: &mut Vm, value: &Value) -> PyResult<i32> {
    let fd = vm.index_as_i64(value, "Python int too large to convert to C int")?;
    match i32::try_from(fd) {
        Ok(fd) => Ok(fd),
        Err(_) if fd > 0 => Err(vm.overflow_error("fd is greater than maximum")),
        Err(_) => Err(vm.overflow_error("fd is less than minimum")),
    }
}

/// The argument `argument` of `function`.
pub(crate) fn argument(
    vm: &mut Vm,
    value: &Value,
    (function, argument): (&str, &str),
    allow: Allow,
) -> PyResult<Path> {
    if value.is_none() && allow.none {
        return Ok(Path {
            text: OsString::from("."),
            value: Value::NONE,
            fd: None,
            is_bytes: false,
        });
    }
    if let Some(path) = fs_path(vm, value)? {
        let text = encode(vm, &path)?;
        if text.as_bytes().contains(&0) {
            let is_named = path.downcast::<Bytes>().is_some() || vm.version_number() >= 13;
            let message = match is_named && !function.is_empty() {
                true => format!("{function}: embedded null character in {argument}"),
                false => "embedded null byte".to_owned(),
            };
            return Err(vm.value_error(message));
        }
        return Ok(Path {
            is_bytes: path.downcast::<Bytes>().is_some(),
            text,
            value: value.clone(),
            fd: None,
        });
    }
    let has_index = pyco_exec::object::sequence::is_index(vm, value);
    if allow.fd && has_index {
        warn_of_bool(vm, value)?;
        let fd = fd_argument(vm, value)?;
        return Ok(Path {
            text: OsString::new(),
            value: value.clone(),
            fd: Some(fd),
            is_bytes: false,
        });
    }
    Err(wrong_type(vm, value, function, argument, allow))
}

#[cold]
fn wrong_type(vm: &mut Vm, value: &Value, function: &str, argument: &str, allow: Allow) -> Raised {
    let expected = match (allow.fd, allow.none) {
        (true, true) => "string, bytes, os.PathLike, integer or None",
        (true, false) => "string, bytes, os.PathLike or integer",
        (false, true) => "string, bytes, os.PathLike or None",
        (false, false) => "string, bytes or os.PathLike",
    };
    let found = vm.type_name(value);
    vm.type_error(format!(
        "{function}: {argument} should be {expected}, not {found}"
    ))
}
