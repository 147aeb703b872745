//! `_sre`: the engine under `re`. `re` itself, in Python, parses patterns and writes the code words that this matches with.
//!
//! `program` reads the words, `charset` has sets and categories, `matcher` matches; `pattern`, `match_` and `template` are the classes,
//! `text` is what is searched.

mod charset;
mod match_;
mod matcher;
mod pattern;
mod program;
mod template;
mod text;

use pyco_exec::object::buffer::bytes_of;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use charset::{Case, is_cased, lower};
use pattern::{PATTERN, Pattern, words_of};
use program::{MAX_REPEAT, Program};

const MAX_GROUPS: i64 = i32::MAX as i64 / 2;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_sre");
    vm.add_functions(&module, FUNCTIONS);
    if vm.version().minor() >= 12 {
        vm.add_functions(&module, TEMPLATE);
    }
    let magic = match vm.version().minor() {
        ..12 => 20_220_615,
        12 => 20_221_023,
        _ => 20_230_612,
    };
    let numbers = [
        ("MAGIC", magic),
        ("CODESIZE", 4),
        ("MAXREPEAT", i64::from(MAX_REPEAT)),
        ("MAXGROUPS", MAX_GROUPS),
    ];
    for (name, number) in numbers {
        let number = vm.int(number);
        vm.set_global(module.dict(), name, number);
    }
    let copyright = vm.new_str("");
    vm.set_global(module.dict(), "copyright", copyright);
    Ok(module)
}

static COMPILE: Params = Params::new(
    &[
        "pattern",
        "flags",
        "code",
        "groups",
        "groupindex",
        "indexgroup",
    ],
    6,
);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("compile", &COMPILE, compile)
        .signature("($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)"),
    NativeDef::no_args("getcodesize", |vm, _| Ok(vm.int(4))).signature("($module, /)"),
    NativeDef::one("ascii_iscased", |vm, _, c| cased(vm, c, Case::Ascii))
        .signature("($module, character, /)"),
    NativeDef::one("unicode_iscased", |vm, _, c| cased(vm, c, Case::Unicode))
        .signature("($module, character, /)"),
    NativeDef::one("ascii_tolower", |vm, _, c| lowered(vm, c, Case::Ascii))
        .signature("($module, character, /)"),
    NativeDef::one("unicode_tolower", |vm, _, c| lowered(vm, c, Case::Unicode))
        .signature("($module, character, /)"),
];

static TEMPLATE: &[NativeDef] = &[NativeDef::range("template", 2, 2, template::template)
    .signature("($module, pattern, template, /)")];

fn character(vm: &mut Vm, c: &Value) -> PyResult<u32> {
    let c = vm.index_as_i64(c, "Python int too large to convert to C int")?;
    Ok(c as u32)
}

fn cased(vm: &mut Vm, c: &Value, case: Case) -> PyResult {
    let c = character(vm, c)?;
    Ok(Value::bool(is_cased(c, case, vm.unicode_version())))
}

fn lowered(vm: &mut Vm, c: &Value, case: Case) -> PyResult {
    let c = character(vm, c)?;
    let lower = lower(c, case, vm.unicode_version());
    Ok(vm.int(i64::from(lower)))
}

fn compile(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let argument = |index: usize| args.get(index).cloned().unwrap_or(Value::NONE);
    let too_large = "Python int too large to convert to C int";
    let flags = vm.index_as_i64(&argument(1), too_large)?;
    let words = words_of(vm, &argument(2))?;
    let groups = vm.index_for(&argument(3))?;
    let group_index = match argument(4).into_ref::<Dict>() {
        Ok(dict) => dict,
        Err(other) => return Err(wrong(vm, "groupindex", "dict", &other)),
    };
    let index_group = match argument(5).into_ref::<Tuple>() {
        Ok(tuple) => tuple,
        Err(other) => return Err(wrong(vm, "indexgroup", "tuple", &other)),
    };
    let pattern = argument(0);
    let is_bytes = match () {
        () if pattern.is_none() => None,
        () if pattern.downcast::<Str>().is_some() => Some(false),
        () if bytes_of(vm, &pattern).is_some() => Some(true),
        () => {
            let found = vm.type_name(&pattern);
            let message = format!("expected string or bytes-like object, got '{found}'");
            return Err(vm.type_error(message));
        }
    };
    // Each group has two marks in the code, so more than words there cannot be.
    let groups = usize::try_from(groups)
        .ok()
        .filter(|groups| *groups <= words.len());
    let program = groups.and_then(|groups| Program::read(&words, groups).ok());
    let (Some(groups), Some(program)) = (groups, program) else {
        return Err(vm.runtime_error("invalid SRE code"));
    };
    let class = vm.class(&PATTERN);
    let pattern = Pattern {
        program,
        words,
        pattern,
        flags,
        groups,
        group_index,
        index_group,
        is_bytes,
    };
    Ok(Value::from(Ref::new(&class, pattern)))
}

#[cold]
fn wrong(vm: &mut Vm, name: &str, expected: &str, found: &Value) -> pyco_exec::Raised {
    let found = vm.type_name(found);
    vm.type_error(format!(
        "compile() argument '{name}' must be {expected}, not {found}"
    ))
}
