//! Code objects that programs build: `types.CodeType(…)` and `code.replace(…)`.
//!
//! Invariant: what is built has passed the verifier, as everything that runs. So a code object that CPython would make and then crash
//! on is refused here, with a ValueError that says why.

use pyco_code::{CodeFlags, Constant, LocalKind, Replace, Str as CodeStr, verify};

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::numeric::bigint;
use crate::object::bytes::Bytes;
use crate::object::code::Code;
use crate::object::complex::Complex;
use crate::object::frozen_dict::FrozenDict;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::set::Set;
use crate::object::slice::Slice;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::types::Types;
use crate::value::Value;
use crate::vm::Vm;

/// The fields in the order of the constructor's arguments.
const FIELDS: [&str; 18] = [
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_qualname",
    "co_firstlineno",
    "co_linetable",
    "co_exceptiontable",
    "co_freevars",
    "co_cellvars",
];

/// The position of a field.
fn index_of(field: &str) -> usize {
    FIELDS
        .iter()
        .position(|name| *name == field)
        .unwrap_or(FIELDS.len())
}

/// What is given for each field, if anything.
struct Given<'a> {
    values: [Option<&'a Value>; FIELDS.len()],
    /// Whether the constructor was called, whose complaints name arguments by number.
    is_constructor: bool,
}

impl<'a> Given<'a> {
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.values.get(index_of(field)).copied().flatten()
    }

    fn wrong_type(&self, vm: &mut Vm, field: &str, expected: &str, found: &Value) -> Raised {
        let found = clinic_type(vm, found);
        vm.type_error(match self.is_constructor {
            true => {
                let number = index_of(field) + 1;
                format!("code() argument {number} must be {expected}, not {found}")
            }
            false => format!("replace() argument '{field}' must be {expected}, not {found}"),
        })
    }

    fn int(&self, vm: &mut Vm, field: &str) -> PyResult<Option<i32>> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let message = "Python int too large to convert to C int";
        let number = vm.index_as_i64(value, message)?;
        match i32::try_from(number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(vm.overflow_error(message)),
        }
    }

    fn bytes(&self, vm: &mut Vm, field: &str) -> PyResult<Option<&'a [u8]>> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match value.downcast::<Bytes>() {
                Some(bytes) => Ok(Some(bytes.data())),
                None => Err(self.wrong_type(vm, field, "bytes", value)),
            },
        }
    }

    fn text(&self, vm: &mut Vm, field: &str) -> PyResult<Option<CodeStr>> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match value.downcast::<Str>() {
                Some(text) => Ok(Some(code_str(text))),
                None => Err(self.wrong_type(vm, field, "str", value)),
            },
        }
    }

    fn tuple(&self, vm: &mut Vm, field: &str) -> PyResult<Option<&'a [Value]>> {
        match self.get(field) {
            None => Ok(None),
            Some(value) => match value.downcast::<Tuple>() {
                Some(items) => Ok(Some(items.items())),
                None => Err(self.wrong_type(vm, field, "tuple", value)),
            },
        }
    }

    fn names(&self, vm: &mut Vm, field: &str) -> PyResult<Option<Vec<CodeStr>>> {
        let Some(items) = self.tuple(vm, field)? else {
            return Ok(None);
        };
        let mut names = Vec::with_capacity(items.len());
        for item in items {
            match item.downcast::<Str>() {
                Some(name) => names.push(code_str(name)),
                None if self.is_constructor => {
                    let found = vm.type_name(item);
                    return Err(vm.type_error(format!(
                        "name tuples must contain only strings, not '{found}'"
                    )));
                }
                None => {
                    let ty = vm.types.system_error.clone();
                    return Err(vm.error(&ty, "non-string found in code slot"));
                }
            }
        }
        Ok(Some(names))
    }
}

fn code_str(text: &Ref<Str>) -> CodeStr {
    match text.view().to_utf8() {
        Ok(text) => CodeStr::from(text.as_str()),
        Err(_) => CodeStr::from_code_points(text.view().chars()),
    }
}

/// `CodeType(argcount, …)`.
fn new(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let values = args.between(vm, "code", 16, 18)?;
    let mut given = Given {
        values: [None; FIELDS.len()],
        is_constructor: true,
    };
    for (slot, value) in given.values.iter_mut().zip(values) {
        *slot = Some(value);
    }
    let none = Value::from(&vm.empty_tuple);
    for field in ["co_freevars", "co_cellvars"] {
        given.values[index_of(field)].get_or_insert(&none);
    }
    let base = Replace::empty(vm.version);
    build(vm, &given, base, &[])
}

/// `code.replace(**fields)`.
fn replace(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let code = receiver::<Code>(vm, this)?.clone();
    if !args.positional().is_empty() {
        return Err(vm.type_error("replace() takes no positional arguments"));
    }
    let mut given = Given {
        values: [None; FIELDS.len()],
        is_constructor: false,
    };
    for (name, value) in args.keywords() {
        match FIELDS.iter().position(|field| name.eq_str(field)) {
            Some(index) => given.values[index] = Some(value),
            None => {
                let message = match vm.version_number() {
                    ..13 => format!("'{name}' is an invalid keyword argument for replace()"),
                    _ => format!("replace() got an unexpected keyword argument '{name}'"),
                };
                return Err(vm.type_error(message));
            }
        }
    }
    build(vm, &given, code.code().replace(), code.consts())
}

/// Puts what is given in place of what was there.
fn build(vm: &mut Vm, given: &Given<'_>, base: Replace, old_consts: &[Value]) -> PyResult {
    let mut new = base;
    type SetCount = fn(Replace, u32) -> Replace;
    let counts: [(&str, SetCount); 5] = [
        ("co_argcount", Replace::argcount),
        ("co_posonlyargcount", Replace::posonlyargcount),
        ("co_kwonlyargcount", Replace::kwonlyargcount),
        ("co_stacksize", Replace::stacksize),
        ("co_flags", |new, flags| {
            new.flags(CodeFlags::from_bits_retain(flags))
        }),
    ];
    for (field, set) in counts {
        if let Some(count) = given.int(vm, field)? {
            new = set(new, not_negative(vm, given, field, count)?);
        }
    }
    let nlocals = match given.int(vm, "co_nlocals")? {
        Some(count) => Some(not_negative(vm, given, "co_nlocals", count)?),
        None => None,
    };
    if let Some(code) = given.bytes(vm, "co_code")? {
        if code.len() % 2 != 0 {
            return Err(vm.value_error("code: co_code is malformed"));
        }
        new = new.code(code.to_vec());
    }
    let consts = given.tuple(vm, "co_consts")?;
    if let Some(consts) = consts {
        let constants = consts
            .iter()
            .map(|value| constant_of(vm, value, 0).unwrap_or_default());
        new = new.consts(constants.collect::<Vec<_>>());
    }
    if let Some(names) = given.names(vm, "co_names")? {
        new = new.names(names);
    }
    let locals = ["co_varnames", "co_cellvars", "co_freevars"];
    let [varnames, cellvars, freevars] = locals;
    let lists = [
        given.names(vm, varnames)?,
        given.names(vm, cellvars)?,
        given.names(vm, freevars)?,
    ];
    for (field, set) in [
        (
            "co_filename",
            Replace::filename as fn(Replace, CodeStr) -> Replace,
        ),
        ("co_name", Replace::name),
        ("co_qualname", Replace::qualname),
    ] {
        if let Some(text) = given.text(vm, field)? {
            new = set(new, text);
        }
    }
    if let Some(line) = given.int(vm, "co_firstlineno")? {
        not_negative(vm, given, "co_firstlineno", line)?;
        new = new.firstlineno(line);
    }
    if let Some(table) = given.bytes(vm, "co_linetable")? {
        new = new.linetable(table.to_vec());
    }
    if let Some(table) = given.bytes(vm, "co_exceptiontable")? {
        new = new.exceptiontable(table.to_vec());
    }
    finish(vm, new, lists, nlocals, consts.unwrap_or(old_consts))
}

fn not_negative(vm: &mut Vm, given: &Given<'_>, field: &str, count: i32) -> PyResult<u32> {
    if let Ok(count) = u32::try_from(count) {
        return Ok(count);
    }
    if !given.is_constructor {
        return Err(vm.value_error(format!("{field} must be a positive integer")));
    }
    let name = field.strip_prefix("co_").unwrap_or(field);
    match name {
        "argcount" | "posonlyargcount" | "kwonlyargcount" | "nlocals" => {
            Err(vm.value_error(format!("code: {name} must not be negative")))
        }
        _ => Err(bad_call(vm)),
    }
}

#[cold]
fn bad_call(vm: &mut Vm) -> Raised {
    let ty = vm.types.system_error.clone();
    vm.error(&ty, "bad argument to internal function")
}

/// Checks what CPython checks, then all the rest.
fn finish(
    vm: &mut Vm,
    new: Replace,
    lists: [Option<Vec<CodeStr>>; 3],
    nlocals: Option<u32>,
    consts: &[Value],
) -> PyResult {
    let refused = |vm: &mut Vm, error: &dyn std::fmt::Display| {
        vm.value_error(format!("code: refused, because {error}"))
    };
    // The lists of names are those of a code object, so the rest comes first.
    let new = match lists.iter().any(Option::is_some) {
        true => {
            let base = new.so_far();
            let slots = localsplus(&base, lists);
            new.localsplus(slots)
        }
        false => new,
    };
    let shape = new.so_far();
    if shape.argcount() < shape.posonlyargcount() {
        return Err(bad_call(vm));
    }
    if nlocals.is_some_and(|nlocals| nlocals != shape.nlocals()) {
        return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
    }
    if shape.total_args() > shape.nlocals() {
        return Err(vm.value_error(match vm.version_number() {
            ..13 => "code: varnames is too small",
            _ => "code: co_varnames is too small",
        }));
    }
    let code = match new.build() {
        Ok(code) => code,
        Err(error) => return Err(refused(vm, &error)),
    };
    match verify(&code) {
        Ok(code) => Ok(Value::from(vm.new_code_with(code, consts)?)),
        Err(error) => Err(refused(vm, &error)),
    }
}

/// The slots that the three lists stand for: an argument that is a cell has one slot.
fn localsplus(
    base: &pyco_code::CodeObject,
    lists: [Option<Vec<CodeStr>>; 3],
) -> Vec<(CodeStr, LocalKind)> {
    let [varnames, cellvars, freevars] = lists;
    let varnames = varnames.unwrap_or_else(|| base.varnames().cloned().collect());
    let cellvars = cellvars.unwrap_or_else(|| base.cellvars().cloned().collect());
    let freevars = freevars.unwrap_or_else(|| base.freevars().cloned().collect());
    let mut slots: Vec<(CodeStr, LocalKind)> = Vec::new();
    slots.extend(varnames.into_iter().map(|name| (name, LocalKind::LOCAL)));
    let locals = slots.len();
    for name in cellvars {
        match slots[..locals].iter_mut().find(|(local, _)| *local == name) {
            Some((_, kind)) => *kind |= LocalKind::CELL,
            None => slots.push((name, LocalKind::CELL)),
        }
    }
    slots.extend(freevars.into_iter().map(|name| (name, LocalKind::FREE)));
    slots
}

/// A value as the constant that a code object may hold; `None` for any other object.
pub fn constant_of(vm: &mut Vm, value: &Value, depth: u32) -> Option<Constant> {
    const DEEPEST: u32 = 100;
    if depth > DEEPEST {
        return None;
    }
    if value.is_none() {
        return Some(Constant::None);
    }
    if value.is_ellipsis() {
        return Some(Constant::Ellipsis);
    }
    if let Some(code) = value.downcast::<Code>() {
        return Some(Constant::Code(code.code().code_object().clone()));
    }
    if let Some(text) = value.downcast::<Str>() {
        return text.is_exact().then(|| Constant::Str(code_str(text)));
    }
    if let Some(bytes) = value.downcast::<Bytes>() {
        return bytes
            .is_exact()
            .then(|| Constant::Bytes(bytes.data().to_vec().into()));
    }
    if let Some(items) = value.downcast::<Tuple>() {
        if !items.is_exact() {
            return None;
        }
        let items = items
            .items()
            .iter()
            .map(|item| constant_of(vm, item, depth + 1));
        return Some(Constant::Tuple(items.collect::<Option<Vec<_>>>()?.into()));
    }
    if let Some(items) = value.downcast::<Set>() {
        if !value_is_of(vm, value, |types| &types.frozenset) {
            return None;
        }
        let items = items.items(vm);
        let items = items.iter().map(|item| constant_of(vm, item, depth + 1));
        return Some(Constant::FrozenSet(
            items.collect::<Option<Vec<_>>>()?.into(),
        ));
    }
    if let Some(frozen) = value.downcast::<FrozenDict>() {
        if !frozen.is_exact() {
            return None;
        }
        let mut pairs = Vec::new();
        for (key, item) in frozen.items().items(vm) {
            let key = constant_of(vm, &key, depth + 1)?;
            pairs.push((key, constant_of(vm, &item, depth + 1)?));
        }
        return Some(Constant::FrozenDict(pairs.into()));
    }
    if let Some(number) = value.downcast::<Complex>() {
        return number
            .is_exact()
            .then(|| Constant::Complex(number.real, number.imag));
    }
    if let Some(slice) = value.downcast::<Slice>() {
        let parts = [&slice.start, &slice.stop, &slice.step];
        let [start, stop, step] = parts.map(|part| constant_of(vm, part, depth + 1));
        return Some(Constant::Slice([start?, stop?, step?].into()));
    }
    if let Some(x) = value.as_float() {
        return Some(Constant::Float(x));
    }
    if let Some(b) = value.as_bool() {
        return Some(Constant::Bool(b));
    }
    if let Some(n) = value.as_small_int() {
        return Some(Constant::from(n));
    }
    if !value_is_of(vm, value, |types| &types.int) {
        return None;
    }
    let (is_negative, digits) = bigint::to_marshal_digits(&value.as_int()?.to_big());
    Some(Constant::Int(pyco_code::Int::from_digits(
        is_negative,
        digits,
    )))
}

fn value_is_of(vm: &Vm, value: &Value, ty: fn(&Types) -> &Ref<Type>) -> bool {
    vm.type_of(value).is(ty(&vm.types))
}

pub(crate) static METHODS: &[NativeDef] = &[
    NativeDef::any("replace", replace),
    NativeDef::one("_varname_from_oparg", |vm, this, index| {
        let code = receiver::<Code>(vm, this)?.clone();
        let index = vm.index_as_i64(index, "Python int too large to convert to C int")?;
        let name = usize::try_from(index)
            .ok()
            .and_then(|index| code.local_names().get(index));
        match name {
            Some(name) => Ok(Value::from(name)),
            None => Err(vm.index_error("tuple index out of range")),
        }
    })
    .signature("($self, /, oparg)"),
];

/// `copy.replace` calls it (3.13 on).
pub(crate) static REPLACE: &[NativeDef] = &[NativeDef::any("__replace__", replace)];

/// Fills the slot.
pub(crate) fn ready_slots(vm: &mut Vm) {
    vm.types.code.slots.new.set(Some(new));
}
