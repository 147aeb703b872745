//! The functions that `posixpath` takes from here: pure ones, on texts.

use std::os::unix::ffi::OsStrExt;

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::text::StrBuf;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use crate::path::Allow;

const PATH: &Params = &Params::new(&["path"], 1);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("_path_normpath", PATH, normal_path).signature("($module, /, path)"),
    NativeDef::bound("_path_splitroot_ex", PATH, split_root)
        .signature("($module, /, path)")
        .since(13),
];

/// The code points of a path, and whether it is bytes.
fn units(vm: &mut Vm, args: &Bound<'_>, function: &str) -> PyResult<(Vec<u32>, bool)> {
    let value = args.get(0).cloned().unwrap_or(Value::NONE);
    if let Some(text) = value.downcast::<Str>() {
        return Ok((text.view().to_ucs4(), false));
    }
    if vm.version_number() < 13 {
        // `posixpath` decoded what is no str before it asked.
        let found = vm.type_name(&value);
        return Err(vm.type_error(format!("expected 'str', not '{found}'")));
    }
    let name = (function, "path");
    let path = crate::path::argument(vm, &value, name, Allow::default())?;
    let bytes = path.text.as_bytes();
    if path.is_bytes {
        return Ok((bytes.iter().map(|b| u32::from(*b)).collect(), true));
    }
    let text = crate::path::decode(vm, &path.text)?;
    let text = text.downcast::<Str>().map(|text| text.view().to_ucs4());
    Ok((text.unwrap_or_default(), false))
}

fn path_value(vm: &mut Vm, units: &[u32], is_bytes: bool) -> Value {
    match is_bytes {
        true => vm.new_bytes(units.iter().map(|unit| *unit as u8).collect()),
        false => vm.str_from_buf(StrBuf::from_ucs4(units.to_vec())),
    }
}

const SLASH: u32 = '/' as u32;
const DOT: u32 = '.' as u32;

/// How many slashes are the root: two mean something of their own, more are one.
fn root_len(path: &[u32]) -> usize {
    match path {
        [SLASH, SLASH, SLASH, ..] => 1,
        [SLASH, SLASH, ..] => 2,
        [SLASH, ..] => 1,
        _ => 0,
    }
}

fn normal_path(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (path, is_bytes) = units(vm, args, "_path_normpath")?;
    // Until 3.12 a path ended at a null character.
    let end = match vm.version_number() {
        ..13 => path.iter().position(|c| *c == 0).unwrap_or(path.len()),
        _ => path.len(),
    };
    let path = &path[..end];
    let root = root_len(path);
    let mut parts: Vec<&[u32]> = Vec::new();
    for part in path.split(|c| *c == SLASH) {
        match part {
            [] | [DOT] => {}
            [DOT, DOT] => match parts.last() {
                Some(last) if *last != [DOT, DOT] => {
                    parts.pop();
                }
                None if root > 0 => {}
                _ => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    let mut normal = vec![SLASH; root];
    normal.extend(parts.join(&SLASH));
    // `posixpath` put a dot in the place of nothing before 3.13.
    let is_dot = !path.is_empty() && path.iter().all(|c| matches!(*c, DOT | SLASH));
    if normal.is_empty() && (vm.version_number() >= 13 || is_dot) {
        normal.push(DOT);
    }
    Ok(path_value(vm, &normal, is_bytes))
}

fn split_root(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (path, is_bytes) = units(vm, args, "_path_splitroot_ex")?;
    let root = root_len(&path);
    let parts = vec![
        path_value(vm, &[], is_bytes),
        path_value(vm, &path[..root], is_bytes),
        path_value(vm, &path[root..], is_bytes),
    ];
    Ok(vm.new_tuple(parts))
}
