//! What a class says of its C structure: `__basicsize__`, `__flags__` and the like, and the signatures of constructors.
//!
//! There is no such structure here; programs get the figures of CPython 3.13 on a 64-bit machine, since some
//! (dataclasses, copyreg, inspect) decide by them. Asked from the interpreter: `T.__basicsize__` and so on.

use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::late::Late;
use crate::object::native::GetSetDef;
use crate::object::type_::{Type, flags};
use crate::value::Value;
use crate::vm::Vm;

/// The figures of one class.
#[derive(Clone, Copy)]
struct Facts {
    name: &'static str,
    basic_size: i64,
    item_size: i64,
    dict_offset: i64,
    weakref_offset: i64,
    flags: i64,
}

const fn row(
    name: &'static str,
    basic_size: i64,
    item_size: i64,
    dict_offset: i64,
    weakref_offset: i64,
    flags: i64,
) -> Facts {
    Facts {
        name,
        basic_size,
        item_size,
        dict_offset,
        weakref_offset,
        flags,
    }
}

/// The built-in classes; an exception class that is not here has the figures of its base.
#[rustfmt::skip]
static BUILT_IN: &[Facts] = &[
    row("AttributeError", 88, 0, 16, 0, 0x40005502),
    row("BaseException", 72, 0, 16, 0, 0x40005502),
    row("BaseExceptionGroup", 96, 0, 16, 0, 0x40005502),
    row("ImportError", 104, 0, 16, 0, 0x40005502),
    row("NameError", 80, 0, 16, 0, 0x40005502),
    row("NoneType", 16, 0, 0, 0, 0x1102),
    row("NotImplementedType", 16, 0, 0, 0, 0x1102),
    row("OSError", 112, 0, 16, 0, 0x40005502),
    row("StopIteration", 80, 0, 16, 0, 0x40005502),
    row("SyntaxError", 136, 0, 16, 0, 0x40005502),
    row("SystemExit", 80, 0, 16, 0, 0x40005502),
    row("UnicodeDecodeError", 112, 0, 16, 0, 0x40005502),
    row("UnicodeEncodeError", 112, 0, 16, 0, 0x40005502),
    row("UnicodeTranslateError", 112, 0, 16, 0, 0x40005502),
    row("async_generator", 144, 8, 0, 16, 0x5182),
    row("bool", 24, 4, 0, 0, 0x1401102),
    row("builtin_function_or_method", 56, 0, 0, 40, 0x5982),
    row("bytearray", 56, 0, 0, 0, 0x401502),
    row("bytearray_iterator", 32, 0, 0, 0, 0x5182),
    row("bytes", 33, 1, 0, 0, 0x8401502),
    row("bytes_iterator", 32, 0, 0, 0, 0x5182),
    row("callable_iterator", 32, 0, 0, 0, 0x5182),
    row("cell", 24, 0, 0, 0, 0x5102),
    row("classmethod", 32, 0, 24, 0, 0x5502),
    row("classmethod_descriptor", 56, 0, 0, 0, 0x5182),
    row("code", 200, 2, 0, 144, 0x1102),
    row("complex", 32, 0, 0, 0, 0x1502),
    row("coroutine", 144, 8, 0, 16, 0x5182),
    row("dict", 48, 0, 0, 0, 0x20405542),
    row("dict_itemiterator", 56, 0, 0, 0, 0x5182),
    row("dict_items", 24, 0, 0, 0, 0x5182),
    row("dict_keyiterator", 56, 0, 0, 0, 0x5182),
    row("dict_keys", 24, 0, 0, 0, 0x5182),
    row("dict_reverseitemiterator", 56, 0, 0, 0, 0x5182),
    row("dict_reversekeyiterator", 56, 0, 0, 0, 0x5182),
    row("dict_reversevalueiterator", 56, 0, 0, 0, 0x5182),
    row("dict_valueiterator", 56, 0, 0, 0, 0x5182),
    row("dict_values", 24, 0, 0, 0, 0x5182),
    row("ellipsis", 16, 0, 0, 0, 0x1102),
    row("enumerate", 56, 0, 0, 0, 0x5502),
    row("filter", 32, 0, 0, 0, 0x5502),
    row("float", 24, 0, 0, 0, 0x401502),
    row("frame", 136, 8, 0, 0, 0x5182),
    row("frozendict", 56, 0, 0, 0, 0x405542),
    row("frozenset", 200, 0, 0, 192, 0x405502),
    row("function", 144, 0, 88, 96, 0x25902),
    row("generator", 144, 8, 0, 16, 0x5182),
    row("getset_descriptor", 48, 0, 0, 0, 0x5182),
    row("int", 24, 4, 0, 0, 0x1401502),
    row("iterator", 32, 0, 0, 0, 0x5182),
    row("list", 40, 0, 0, 0, 0x2405522),
    row("list_iterator", 32, 0, 0, 0, 0x5182),
    row("list_reverseiterator", 32, 0, 0, 0, 0x5182),
    row("longrange_iterator", 40, 0, 0, 0, 0x1182),
    row("map", 32, 0, 0, 0, 0x5502),
    row("mappingproxy", 24, 0, 0, 0, 0x5142),
    row("member_descriptor", 48, 0, 0, 0, 0x5182),
    row("memory_iterator", 48, 0, 0, 0, 0x5182),
    row("memoryview", 144, 8, 0, 136, 0x5122),
    row("method", 48, 0, 0, 32, 0x5902),
    row("method-wrapper", 32, 0, 0, 0, 0x5182),
    row("method_descriptor", 56, 0, 0, 0, 0x25982),
    row("module", 56, 0, 16, 40, 0x5502),
    row("object", 16, 0, 0, 0, 0x1502),
    row("property", 64, 0, 0, 0, 0x5502),
    row("range", 48, 0, 0, 0, 0x1122),
    row("range_iterator", 40, 0, 0, 0, 0x1182),
    row("reversed", 32, 0, 0, 0, 0x5502),
    row("sentinel", 40, 0, 0, 0, 0x4102),
    row("set", 200, 0, 0, 192, 0x405502),
    row("set_iterator", 48, 0, 0, 0, 0x5182),
    row("slice", 40, 0, 0, 0, 0x5102),
    row("staticmethod", 32, 0, 24, 0, 0x5502),
    row("str", 64, 0, 0, 0, 0x10401502),
    row("str_ascii_iterator", 32, 0, 0, 0, 0x5182),
    row("str_iterator", 32, 0, 0, 0, 0x5182),
    row("super", 40, 0, 0, 0, 0x5502),
    row("traceback", 40, 0, 0, 0, 0x5102),
    row("tuple", 24, 8, 0, 0, 0x4405522),
    row("tuple_iterator", 32, 0, 0, 0, 0x5182),
    row("type", 928, 40, 264, 368, 0x80805d02),
    row("weakref.CallableProxyType", 64, 0, 0, 0, 0x5182),
    row("weakref.ProxyType", 64, 0, 0, 0, 0x5182),
    row("weakref.ReferenceType", 64, 0, 0, 0, 0x5d02),
    row("wrapper_descriptor", 56, 0, 0, 0, 0x25182),
    row("zip", 48, 0, 0, 0, 0x5502),
];

/// What `__text_signature__` of the built-in classes says.
static SIGNATURES: &[(&str, &str)] = &[
    ("NoneType", "()"),
    ("NotImplementedType", "()"),
    ("_struct.Struct", "(format)"),
    ("bool", "(object=False, /)"),
    ("cell", "([contents])"),
    ("classmethod", "(function, /)"),
    (
        "code",
        "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n     flags, codestring, constants, names, varnames, filename, name,\n     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n     cellvars=(), /)",
    ),
    ("complex", "(real=0, imag=0)"),
    ("ellipsis", "()"),
    ("enumerate", "(iterable, start=0)"),
    ("filter", "(function, iterable, /)"),
    ("float", "(x=0, /)"),
    ("frozenset", "(iterable=(), /)"),
    (
        "function",
        "(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)",
    ),
    ("list", "(iterable=(), /)"),
    ("map", "(function, iterable, /, *iterables)"),
    ("mappingproxy", "(mapping)"),
    ("memoryview", "(object)"),
    ("method", "(function, instance, /)"),
    ("module", "(name, doc=None)"),
    ("object", "()"),
    ("property", "(fget=None, fset=None, fdel=None, doc=None)"),
    ("reversed", "(sequence, /)"),
    ("set", "(iterable=(), /)"),
    ("staticmethod", "(function, /)"),
    ("traceback", "(tb_next, tb_frame, tb_lasti, tb_lineno)"),
    ("tuple", "(iterable=(), /)"),
    ("zip", "(*iterables, strict=False)"),
];

/// The built-in classes that name the way in which every class looks up attributes as their own.
const GENERIC_GET_ATTR: &[&str] = &[
    "BaseException",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "enumerate",
    "filter",
    "int",
    "list",
    "map",
    "memoryview",
    "property",
    "range",
    "reversed",
    "set",
    "slice",
    "tuple",
    "zip",
];

/// Py_TPFLAGS of a class that a program makes.
const HEAP_TYPE: i64 = 1 << 9;
const BASE_TYPE: i64 = 1 << 10;
const READY: i64 = 1 << 12;
const COLLECTED: i64 = 1 << 14;
const INLINE_VALUES: i64 = 1 << 2;
const MANAGED_WEAKREF: i64 = 1 << 3;
const MANAGED_DICT: i64 = 1 << 4;
const ABSTRACT: i64 = 1 << 20;
/// What a class has of its base: sequence, mapping, and the bits that tell the great built-in classes.
const INHERITED: i64 = 0xFF80_0060;

/// Where CPython puts a dict and the list of weak references that it manages itself.
const MANAGED_DICT_OFFSET: i64 = -1;
const MANAGED_WEAKREF_OFFSET: i64 = -32;

fn built_in(vm: &Vm, ty: &Ref<Type>) -> Facts {
    let known = ty.mro(vm).iter().find_map(|ty| {
        let name = ty.name();
        BUILT_IN.iter().find(|facts| *facts.name == *name)
    });
    *known.unwrap_or(&row("object", 16, 0, 0, 0, BASE_TYPE | READY))
}

fn facts(vm: &mut Vm, ty: &Ref<Type>) -> Facts {
    let mut made = Vec::new();
    let mut base = ty.clone();
    while !base.is_built_in() {
        made.push(base.clone());
        match base.base() {
            Some(next) => base = next,
            None => break,
        }
    }
    let mut facts = built_in(vm, &base);
    let first_size = facts.basic_size;
    for class in made.iter().rev() {
        facts = derived(vm, class, &facts);
        facts.basic_size = first_size + 8 * i64::from(class.slot_count());
    }
    facts
}

/// The figures of a class that a program made, from those of its base.
fn derived(vm: &mut Vm, ty: &Ref<Type>, base: &Facts) -> Facts {
    let mut defines = |name: &str| {
        let name = vm.intern(name);
        ty.dict(vm).contains_str(vm, &name)
    };
    let mut facts = *base;
    facts.flags = (base.flags & (INHERITED | MANAGED_DICT | MANAGED_WEAKREF | INLINE_VALUES))
        | HEAP_TYPE
        | BASE_TYPE
        | COLLECTED
        | READY;
    let has_plain_layout = base.item_size == 0 && base.flags & INHERITED & !0x60 == 0;
    if base.dict_offset == 0 && defines("__dict__") {
        facts.dict_offset = MANAGED_DICT_OFFSET;
        facts.flags |= MANAGED_DICT;
        if has_plain_layout && base.basic_size == 16 {
            facts.flags |= INLINE_VALUES;
        }
    }
    if base.weakref_offset == 0 && base.item_size == 0 && defines("__weakref__") {
        facts.weakref_offset = MANAGED_WEAKREF_OFFSET;
        facts.flags |= MANAGED_WEAKREF;
    }
    facts.flags |= i64::from(ty.collection_kind()) << 5;
    if ty.has(flags::ABSTRACT) {
        facts.flags |= ABSTRACT;
    }
    facts
}

/// `__basicsize__`.
pub(super) fn basic_size(vm: &mut Vm, ty: &Ref<Type>) -> i64 {
    facts(vm, ty).basic_size
}

/// Whether CPython's cycle collector follows the instances of a class.
pub(crate) fn is_collected(vm: &mut Vm, ty: &Ref<Type>) -> bool {
    facts(vm, ty).flags & COLLECTED != 0
}

fn of(vm: &mut Vm, this: &Value) -> PyResult<Facts> {
    match this.downcast::<Type>() {
        Some(ty) => {
            let ty = ty.clone();
            Ok(facts(vm, &ty))
        }
        None => Err(no_type(vm)),
    }
}

#[cold]
fn no_type(vm: &mut Vm) -> Raised {
    vm.type_error("descriptor requires a 'type' object")
}

fn text_signature(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(ty) = this.downcast::<Type>().filter(|ty| ty.is_built_in()) else {
        return Ok(Value::NONE);
    };
    let name = ty.name();
    let found = SIGNATURES.iter().find(|(of, _)| **of == *name);
    let found = found.filter(|(of, _)| *of != "_struct.Struct" || vm.version_number() >= 15);
    Ok(found.map_or(Value::NONE, |(_, signature)| vm.new_str(signature)))
}

static MEMBERS: &[GetSetDef] = &[
    GetSetDef::get("__basicsize__", |vm, t| {
        of(vm, t).map(|f| vm.int(f.basic_size))
    })
    .member(),
    GetSetDef::get("__itemsize__", |vm, t| {
        of(vm, t).map(|f| vm.int(f.item_size))
    })
    .member(),
    GetSetDef::get("__flags__", |vm, t| of(vm, t).map(|f| vm.int(f.flags))).member(),
    GetSetDef::get("__weakrefoffset__", |vm, t| {
        of(vm, t).map(|f| vm.int(f.weakref_offset))
    })
    .member(),
    GetSetDef::get("__dictoffset__", |vm, t| {
        of(vm, t).map(|f| vm.int(f.dict_offset))
    })
    .member(),
    GetSetDef::get("__text_signature__", text_signature),
];

/// Fills the slots that only show in the dicts of the built-in classes.
pub(crate) fn ready_slots(vm: &mut Vm) {
    for ty in vm.types.all() {
        if GENERIC_GET_ATTR.contains(&&*ty.name()) && ty.slots.get_attr.get().is_none() {
            ty.slots.get_attr.set(Some(Vm::generic_get_attr));
        }
    }
}

/// Adds the attributes, and to every built-in class a `__doc__`, which there is none of.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.type_.clone();
    vm.add_attributes(&ty, MEMBERS);
    let exceptions = vm.exception_classes.clone();
    for ty in vm.types.all().into_iter().chain(exceptions) {
        vm.add_late(&ty, Late::Other(add_doc));
    }
}

fn add_doc(vm: &mut Vm, ty: &Ref<Type>) {
    let doc = vm.names.__doc__.clone();
    let dict = ty.dict(vm);
    if !dict.contains_str(vm, &doc) {
        dict.set_str(vm, &doc, Value::NONE);
    }
}
