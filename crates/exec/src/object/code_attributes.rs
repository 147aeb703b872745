//! The attributes of code objects.

use pyco_code::LocalKind;

use crate::error::PyResult;
use crate::object::code::Code;
use crate::object::code_new;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::native_class::ClassDef;
use crate::object::sequence::receiver;
use crate::object::slots::{CompareOp, Slots, UnaryOp};
use crate::value::Value;
use crate::vm::Vm;

fn code_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Code>> {
    match this.downcast::<Code>() {
        Some(code) => Ok(code.clone()),
        None => Err(vm.type_error("descriptor requires a 'code' object")),
    }
}

/// The names of the locals of some kind.
fn names(vm: &mut Vm, this: &Value, kind: LocalKind) -> PyResult {
    let code = code_of(vm, this)?;
    let of_kind = code
        .local_names()
        .iter()
        .enumerate()
        .filter(|(i, _)| code.code().local_kind(*i).intersects(kind));
    let names = of_kind.map(|(_, name)| Value::from(name)).collect();
    Ok(vm.new_tuple(names))
}

fn number(vm: &mut Vm, this: &Value, get: fn(&Code) -> i64) -> PyResult {
    let code = code_of(vm, this)?;
    Ok(vm.int(get(&code)))
}

fn bytes(vm: &mut Vm, this: &Value, get: fn(&Code) -> &[u8]) -> PyResult {
    let code = code_of(vm, this)?;
    Ok(vm.new_bytes(get(&code).to_vec()))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("co_argcount", |vm, t| {
        number(vm, t, |c| i64::from(c.code().argcount()))
    })
    .member(),
    GetSetDef::get("co_posonlyargcount", |vm, t| {
        number(vm, t, |c| i64::from(c.code().posonlyargcount()))
    })
    .member(),
    GetSetDef::get("co_kwonlyargcount", |vm, t| {
        number(vm, t, |c| i64::from(c.code().kwonlyargcount()))
    })
    .member(),
    GetSetDef::get("co_stacksize", |vm, t| {
        number(vm, t, |c| i64::from(c.code().stacksize()))
    })
    .member(),
    GetSetDef::get("co_nlocals", |vm, t| {
        number(vm, t, |c| i64::from(c.code().nlocals()))
    }),
    GetSetDef::get("co_flags", |vm, t| {
        number(vm, t, |c| i64::from(c.flags().bits()))
    })
    .member(),
    GetSetDef::get("co_firstlineno", |vm, t| {
        number(vm, t, |c| i64::from(c.code().firstlineno()))
    })
    .member(),
    GetSetDef::get("co_name", |vm, t| Ok(code_of(vm, t)?.name_value())).member(),
    GetSetDef::get("co_qualname", |vm, t| Ok(code_of(vm, t)?.qualname_value())).member(),
    GetSetDef::get("co_filename", |vm, t| Ok(code_of(vm, t)?.filename_value())).member(),
    GetSetDef::get("co_varnames", |vm, t| names(vm, t, LocalKind::LOCAL)),
    GetSetDef::get("co_cellvars", |vm, t| names(vm, t, LocalKind::CELL)),
    GetSetDef::get("co_freevars", |vm, t| names(vm, t, LocalKind::FREE)),
    GetSetDef::get("co_names", |vm, t| {
        let code = code_of(vm, t)?;
        let names = code.names().iter().map(Value::from).collect();
        Ok(vm.new_tuple(names))
    })
    .member(),
    GetSetDef::get("co_consts", |vm, t| {
        let consts = code_of(vm, t)?.consts().to_vec();
        Ok(vm.new_tuple(consts))
    })
    .member(),
    GetSetDef::get("co_code", |vm, t| bytes(vm, t, |c| c.code().code())),
    // What is specialised here is specialised in pyco's own way, so this shows the code as it was written.
    GetSetDef::get("_co_code_adaptive", |vm, t| {
        bytes(vm, t, |c| c.code().code())
    }),
    GetSetDef::get("co_linetable", |vm, t| {
        bytes(vm, t, |c| c.code().linetable())
    })
    .member(),
    GetSetDef::get("co_exceptiontable", |vm, t| {
        bytes(vm, t, |c| c.code().exceptiontable().as_bytes())
    })
    .member(),
];

/// What `co_lines()` and the like give: an iterator that is nothing but that.
struct CodeIterator {
    /// The list iterator behind it.
    items: Value,
}

impl Payload for CodeIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.items);
    }
}

static LINE_ITERATOR: ClassDef =
    ClassDef::new::<CodeIterator>("line_iterator", iterator_slots).no_instances();

static POSITIONS_ITERATOR: ClassDef =
    ClassDef::new::<CodeIterator>("positions_iterator", iterator_slots).no_instances();

fn iterator_slots(slots: &Slots, _minor: u8) {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(|vm, this| {
        let items = receiver::<CodeIterator>(vm, this)?.items.clone();
        vm.next(&items)
    }));
}

fn iterator_over(vm: &mut Vm, class: &'static ClassDef, items: Vec<Value>) -> PyResult {
    let items = vm.new_list(items);
    let items = vm.iter(&items)?;
    let class = vm.class(class);
    Ok(Value::from(Ref::new(&class, CodeIterator { items })))
}

/// `co_lines()`: start, end and line of each range, offsets in bytes.
fn lines(vm: &mut Vm, this: &Value) -> PyResult {
    let code = code_of(vm, this)?;
    let mut ranges = Vec::new();
    for range in code.code().lines().flatten() {
        let line = range
            .line()
            .map_or(Value::NONE, |line| vm.int(i64::from(line)));
        let (start, end) = (
            vm.int(i64::from(range.start().0)),
            vm.int(i64::from(range.end().0)),
        );
        ranges.push(vm.new_tuple(vec![start, end, line]));
    }
    iterator_over(vm, &LINE_ITERATOR, ranges)
}

/// `co_positions()`: one location for each code unit.
fn positions(vm: &mut Vm, this: &Value) -> PyResult {
    let code = code_of(vm, this)?;
    let mut all = Vec::new();
    for location in code.code().positions().flatten() {
        let parts = [
            location.line(),
            location.end_line(),
            location.column(),
            location.end_column(),
        ];
        let parts = parts.map(|part| part.map_or(Value::NONE, |n| vm.int(i64::from(n))));
        all.push(vm.new_tuple(parts.to_vec()));
    }
    iterator_over(vm, &POSITIONS_ITERATOR, all)
}

/// `co_branches()` (3.14 on): where a branch is, and where its two ways lead, in bytes.
fn branches(vm: &mut Vm, this: &Value) -> PyResult {
    let code = code_of(vm, this)?;
    let mut all = Vec::new();
    for branch in code.code().branches() {
        let offsets = [branch.source, branch.left, branch.right];
        let offsets = offsets.map(|offset| vm.int(i64::from(offset.0)));
        all.push(vm.new_tuple(offsets.to_vec()));
    }
    iterator_over(vm, &LINE_ITERATOR, all)
}

/// `co_lnotab` (up to 3.14), computed from the newer table.
fn lnotab(vm: &mut Vm, this: &Value) -> PyResult {
    let code = code_of(vm, this)?;
    if vm.version_number() >= 12 {
        vm.warn(
            "DeprecationWarning",
            "co_lnotab is deprecated, use co_lines instead.",
        )?;
    }
    let mut bytes = Vec::new();
    for pair in code.code().locations().co_lnotab() {
        match pair {
            Ok(pair) => bytes.extend(pair),
            Err(_) => break,
        }
        vm.check_growth(bytes.len())?;
    }
    Ok(vm.new_bytes(bytes))
}

static LNOTAB: &[GetSetDef] = &[GetSetDef::get("co_lnotab", lnotab)];

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("co_lines", lines),
    NativeDef::no_args("co_positions", positions),
];

static BRANCHES: &[NativeDef] = &[NativeDef::no_args("co_branches", branches)];

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let code = code_of(vm, this)?;
    let (name, file) = (
        vm.display(&code.name_value()),
        vm.display(&code.filename_value()),
    );
    let line = code.code().firstlineno();
    Ok(vm.new_str(&format!(
        "<code object {name} at {:#x}, file \"{file}\", line {line}>",
        this.id()
    )))
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Code>(), b.downcast::<Code>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equal = a.code().code_object() == b.code().code_object();
    let equal = equal && a.same_odd_constants(b);
    match op {
        CompareOp::Eq => Ok(Value::bool(equal)),
        CompareOp::Ne => Ok(Value::bool(!equal)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let code = code_of(vm, this)?;
    let mut hasher = DefaultHasher::new();
    code.code().code_object().hash(&mut hasher);
    Ok((hasher.finish() >> 2) as i64)
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.code.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.compare.set(Some(compare));
    slots.hash.set(Some(hash));
    code_new::ready_slots(vm);
}

/// Adds attributes and methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.code.clone();
    vm.add_attributes(&ty, ATTRIBUTES);
    vm.add_methods(&ty, METHODS);
    vm.add_methods(&ty, code_new::METHODS);
    if vm.version_number() >= 13 {
        vm.add_methods(&ty, code_new::REPLACE);
    }
    if vm.version_number() >= 14 {
        vm.add_methods(&ty, BRANCHES);
    }
    if vm.version_number() <= 14 {
        vm.add_attributes(&ty, LNOTAB);
    }
}
