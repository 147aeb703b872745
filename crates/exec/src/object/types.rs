//! The built-in classes that Rust code refers to by name, and their creation.
//!
//! Two phases: first every class object is made, so that they can refer to each other; then `ready` fills
//! slots and methods, bases before what derives from them.

use std::rc::Rc;

use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::dict_iter::DictIterator;
use crate::object::dict_views::DictView;
use crate::object::exception::Exception;
use crate::object::frame::{FrameObject, Traceback};
use crate::object::function::{Cell, Function, Method};
use crate::object::generator::Generator;
use crate::object::header::{Payload, PayloadLayout, Ref};
use crate::object::instance::Attributes;
use crate::object::int::Int;
use crate::object::iter::SequenceIterator;
use crate::object::list::List;
use crate::object::member::Member;
use crate::object::module::Module;
use crate::object::native::{GetSetDescriptor, MethodDescriptor, NativeFunction};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::flags::{
    self, BASE_TYPE, BUILT_IN, MATCH_SELF, METHOD_DESCRIPTOR, NO_INSTANCES, OWN_DICT,
};
use crate::object::type_::{Type, TypeSpec};
use crate::object::wrapper::{BoundSlotWrapper, SlotWrapper};
use crate::value::Value;

/// The payload of classes whose instances are inline values or that have no instances of their own.
pub struct Nothing;

impl Payload for Nothing {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

macro_rules! types {
    ($metatype:ident, $root:ident; $($field:ident: $name:literal, $payload:ty, $base:ident, $flags:expr;)*) => {
        /// The built-in classes, by name.
        #[allow(missing_docs)]
        pub struct Types {
            pub $metatype: Ref<Type>,
            pub $root: Ref<Type>,
            $(pub $field: Ref<Type>,)*
        }

        impl Types {
            /// All classes, without anything in them.
            pub(crate) fn new() -> Types {
                let $metatype = Ref::<Type>::bootstrap(Type::new(spec::<Type>("type", None, BASE_TYPE)));
                let $root = make(&$metatype, spec::<Attributes>("object", None, BASE_TYPE));
                $metatype.base.set(Some(Value::from(&$root)));
                $(let $field = make(&$metatype, spec::<$payload>($name, Some(&$base), $flags));)*
                Types { $metatype, $root, $($field,)* }
            }

            /// All classes in order of creation: bases come first.
            pub(crate) fn all(&self) -> Vec<Ref<Type>> {
                vec![self.$root.clone(), self.$metatype.clone(), $(self.$field.clone(),)*]
            }
        }
    };
}

/// One class. Not inlined, as the stack would then have room for every class apart.
#[inline(never)]
fn make(metatype: &Ref<Type>, spec: TypeSpec) -> Ref<Type> {
    Ref::new(metatype, Type::new(spec))
}

fn spec<T: Payload>(name: &str, base: Option<&Ref<Type>>, type_flags: u32) -> TypeSpec {
    TypeSpec {
        name: Rc::from(name),
        base: base.cloned(),
        layout: const { &PayloadLayout::of::<T>() },
        flags: type_flags | BUILT_IN,
        slot_count: 0,
        row_capacity: 0,
    }
}

const FINAL: u32 = 0;
const EXCEPTION: u32 = BASE_TYPE | OWN_DICT;
/// With a dict, whatever else an instance holds.
const WITH_DICT: u32 = flags::HAS_DICT | flags::NATIVE_ROW;

types! {
    type_, object;
    int: "int", Int, object, BASE_TYPE | MATCH_SELF;
    bool: "bool", Int, int, MATCH_SELF;
    float: "float", crate::object::float::Float, object, BASE_TYPE | MATCH_SELF;
    complex: "complex", crate::object::complex::Complex, object, BASE_TYPE;
    str: "str", Str, object, BASE_TYPE | MATCH_SELF;
    bytes: "bytes", crate::object::bytes::Bytes, object, BASE_TYPE | MATCH_SELF;
    bytearray: "bytearray", crate::object::bytearray::ByteArray, object, BASE_TYPE | MATCH_SELF;
    memoryview: "memoryview", crate::object::memoryview::MemoryView, object, flags::SEQUENCE;
    list: "list", List, object, BASE_TYPE | MATCH_SELF | flags::SEQUENCE;
    tuple: "tuple", Tuple, object, BASE_TYPE | MATCH_SELF | flags::SEQUENCE;
    dict: "dict", Dict, object, BASE_TYPE | MATCH_SELF | flags::MAPPING;
    frozen_dict: "frozendict", crate::object::frozen_dict::FrozenDict, object, BASE_TYPE | MATCH_SELF | flags::MAPPING;
    set: "set", crate::object::set::Set, object, BASE_TYPE | MATCH_SELF;
    frozenset: "frozenset", crate::object::set::Set, object, BASE_TYPE | MATCH_SELF;
    range: "range", crate::object::range::Range, object, flags::SEQUENCE;
    slice: "slice", crate::object::slice::Slice, object, FINAL;
    none: "NoneType", Nothing, object, FINAL;
    ellipsis: "ellipsis", Nothing, object, FINAL;
    not_implemented: "NotImplementedType", Nothing, object, FINAL;
    function: "function", Function, object, OWN_DICT | METHOD_DESCRIPTOR;
    method: "method", Method, object, FINAL;
    cell: "cell", Cell, object, FINAL;
    code: "code", Code, object, FINAL;
    frame: "frame", FrameObject, object, NO_INSTANCES;
    traceback: "traceback", Traceback, object, FINAL;
    generator: "generator", Generator, object, NO_INSTANCES;
    coroutine: "coroutine", Generator, object, NO_INSTANCES;
    async_generator: "async_generator", Generator, object, NO_INSTANCES;
    module: "module", Module, object, BASE_TYPE | OWN_DICT;
    native_function: "builtin_function_or_method", NativeFunction, object, NO_INSTANCES;
    method_descriptor: "method_descriptor", MethodDescriptor, object, METHOD_DESCRIPTOR | NO_INSTANCES;
    class_method_descriptor: "classmethod_descriptor", MethodDescriptor, object, NO_INSTANCES;
    slot_wrapper: "wrapper_descriptor", SlotWrapper, object, METHOD_DESCRIPTOR | NO_INSTANCES;
    bound_slot_wrapper: "method-wrapper", BoundSlotWrapper, object, NO_INSTANCES;
    getset_descriptor: "getset_descriptor", GetSetDescriptor, object, NO_INSTANCES;
    member_descriptor: "member_descriptor", Member, object, NO_INSTANCES;
    property: "property", crate::object::property::Property, object, BASE_TYPE;
    classmethod: "classmethod", crate::object::property::ClassMethod, object, BASE_TYPE | WITH_DICT;
    staticmethod: "staticmethod", crate::object::property::StaticMethod, object, BASE_TYPE | WITH_DICT;
    super_: "super", crate::object::super_::Super, object, BASE_TYPE;
    mapping_proxy: "mappingproxy", crate::object::mapping_proxy::MappingProxy, object, flags::MAPPING;
    list_iterator: "list_iterator", crate::object::list_iter::ListIterator, object, NO_INSTANCES;
    list_reverse_iterator: "list_reverseiterator", crate::object::list_iter::ListReverseIterator, object, NO_INSTANCES;
    tuple_iterator: "tuple_iterator", crate::object::tuple_iter::TupleIterator, object, NO_INSTANCES;
    range_iterator: "range_iterator", crate::object::range_iter::RangeIterator, object, NO_INSTANCES;
    str_iterator: "str_iterator", crate::object::str_iter::StrIterator, object, NO_INSTANCES;
    str_ascii_iterator: "str_ascii_iterator", crate::object::str_iter::StrIterator, object, NO_INSTANCES;
    long_range_iterator: "longrange_iterator", crate::object::long_range_iter::LongRangeIterator, object, NO_INSTANCES;
    set_iterator: "set_iterator", crate::object::set_iter::SetIterator, object, NO_INSTANCES;
    dict_keys: "dict_keys", DictView, object, NO_INSTANCES;
    dict_values: "dict_values", DictView, object, NO_INSTANCES;
    dict_items: "dict_items", DictView, object, NO_INSTANCES;
    dict_key_iterator: "dict_keyiterator", DictIterator, object, NO_INSTANCES;
    dict_value_iterator: "dict_valueiterator", DictIterator, object, NO_INSTANCES;
    dict_item_iterator: "dict_itemiterator", DictIterator, object, NO_INSTANCES;
    dict_reverse_key_iterator: "dict_reversekeyiterator", DictIterator, object, NO_INSTANCES;
    dict_reverse_value_iterator: "dict_reversevalueiterator", DictIterator, object, NO_INSTANCES;
    dict_reverse_item_iterator: "dict_reverseitemiterator", DictIterator, object, NO_INSTANCES;
    callable_iterator: "callable_iterator", crate::object::callable_iter::CallableIterator, object, NO_INSTANCES;
    enumerate: "enumerate", crate::object::enumerate::Enumerate, object, BASE_TYPE;
    zip: "zip", crate::object::zip::Zip, object, BASE_TYPE;
    map: "map", crate::object::map_filter::Map, object, BASE_TYPE;
    filter: "filter", crate::object::map_filter::Filter, object, BASE_TYPE;
    reversed: "reversed", crate::object::reversed::Reversed, object, BASE_TYPE;
    bytes_iterator: "bytes_iterator", crate::object::bytes_iter::BytesIterator, object, NO_INSTANCES;
    bytearray_iterator: "bytearray_iterator", crate::object::bytes_iter::BytesIterator, object, NO_INSTANCES;
    memory_iterator: "memory_iterator", crate::object::memoryview_methods::MemoryIterator, object, NO_INSTANCES;
    sequence_iterator: "iterator", SequenceIterator, object, NO_INSTANCES;
    async_generator_item: "async_generator_wrapped_value", crate::object::async_generator::WrappedItem, object, NO_INSTANCES;
    async_generator_asend: "async_generator_asend", crate::object::async_generator::AsyncStep, object, NO_INSTANCES;
    async_generator_athrow: "async_generator_athrow", crate::object::async_generator::AsyncStep, object, NO_INSTANCES;
    anext_awaitable: "anext_awaitable", crate::object::awaitables::Forwarder, object, NO_INSTANCES;
    coroutine_wrapper: "coroutine_wrapper", crate::object::awaitables::Forwarder, object, NO_INSTANCES;
    generic_alias: "types.GenericAlias", crate::object::generic_alias::GenericAlias, object, BASE_TYPE;
    typing_alias: "typing._GenericAlias", crate::object::generic_alias::GenericAlias, object, NO_INSTANCES;
    unpack_alias: "typing._UnpackGenericAlias", crate::object::generic_alias::GenericAlias, object, NO_INSTANCES;
    union: "types.UnionType", crate::object::union::Union, object, NO_INSTANCES;
    typing_union: "typing._UnionGenericAlias", crate::object::union::Union, object, NO_INSTANCES;
    type_var: "typing.TypeVar", crate::object::type_params::TypeParam, object, WITH_DICT;
    param_spec: "typing.ParamSpec", crate::object::type_params::TypeParam, object, WITH_DICT;
    type_var_tuple: "typing.TypeVarTuple", crate::object::type_params::TypeParam, object, WITH_DICT;
    no_default: "NoDefaultType", crate::object::type_params::NoDefault, object, 0;
    type_alias: "typing.TypeAliasType", crate::object::type_alias::TypeAlias, object, 0;
    lazy_import: "lazy_import", crate::object::lazy_import::LazyImport, object, NO_INSTANCES;
    template: "string.templatelib.Template", crate::object::template::Template, object, FINAL;
    interpolation: "string.templatelib.Interpolation", crate::object::template::Interpolation, object, FINAL;
    template_iterator: "string.templatelib.TemplateIter", crate::object::template::TemplateIterator, object, NO_INSTANCES;
    generic: "typing.Generic", Attributes, object, BASE_TYPE;
    quitter: "_sitebuiltins.Quitter", crate::object::quitter::Quitter, object, NO_INSTANCES;
    frame_locals: "FrameLocalsProxy", crate::object::frame_locals::FrameLocals, object, flags::MAPPING;
    tuple_field: "member_descriptor", crate::object::struct_sequence::TupleField, object, NO_INSTANCES;
    weak_ref: "weakref.ReferenceType", crate::object::weak_ref::WeakRef, object, BASE_TYPE;
    weak_proxy: "weakref.ProxyType", crate::object::weak_ref::WeakRef, object, NO_INSTANCES;
    weak_callable_proxy: "weakref.CallableProxyType", crate::object::weak_ref::WeakRef, object, NO_INSTANCES;

    base_exception: "BaseException", Exception, object, EXCEPTION;
    exception: "Exception", Exception, base_exception, EXCEPTION;
    type_error: "TypeError", Exception, exception, EXCEPTION;
    value_error: "ValueError", Exception, exception, EXCEPTION;
    attribute_error: "AttributeError", Exception, exception, EXCEPTION;
    name_error: "NameError", Exception, exception, EXCEPTION;
    unbound_local_error: "UnboundLocalError", Exception, name_error, EXCEPTION;
    lookup_error: "LookupError", Exception, exception, EXCEPTION;
    index_error: "IndexError", Exception, lookup_error, EXCEPTION;
    key_error: "KeyError", Exception, lookup_error, EXCEPTION;
    arithmetic_error: "ArithmeticError", Exception, exception, EXCEPTION;
    overflow_error: "OverflowError", Exception, arithmetic_error, EXCEPTION;
    zero_division_error: "ZeroDivisionError", Exception, arithmetic_error, EXCEPTION;
    runtime_error: "RuntimeError", Exception, exception, EXCEPTION;
    not_implemented_error: "NotImplementedError", Exception, runtime_error, EXCEPTION;
    recursion_error: "RecursionError", Exception, runtime_error, EXCEPTION;
    memory_error: "MemoryError", Exception, exception, EXCEPTION;
    stop_iteration: "StopIteration", Exception, exception, EXCEPTION;
    stop_async_iteration: "StopAsyncIteration", Exception, exception, EXCEPTION;
    generator_exit: "GeneratorExit", Exception, base_exception, EXCEPTION;
    keyboard_interrupt: "KeyboardInterrupt", Exception, base_exception, EXCEPTION;
    system_exit: "SystemExit", Exception, base_exception, EXCEPTION;
    system_error: "SystemError", Exception, exception, EXCEPTION;
    assertion_error: "AssertionError", Exception, exception, EXCEPTION;
    import_error: "ImportError", Exception, exception, EXCEPTION;
    module_not_found_error: "ModuleNotFoundError", Exception, import_error, EXCEPTION;
    os_error: "OSError", Exception, exception, EXCEPTION;
    eof_error: "EOFError", Exception, exception, EXCEPTION;
    buffer_error: "BufferError", Exception, exception, EXCEPTION;
    syntax_error: "SyntaxError", Exception, exception, EXCEPTION;
    unicode_error: "UnicodeError", Exception, value_error, EXCEPTION;
    unicode_decode_error: "UnicodeDecodeError", Exception, unicode_error, EXCEPTION;
    unicode_encode_error: "UnicodeEncodeError", Exception, unicode_error, EXCEPTION;
    warning: "Warning", Exception, exception, EXCEPTION;
    base_exception_group: "BaseExceptionGroup", Exception, base_exception, EXCEPTION;
}
