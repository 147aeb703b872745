//! The object model: one built-in class a file, its storage in `x.rs`, its slots and methods in `x_methods.rs`.

pub mod annotations;
pub mod async_generator;
pub mod async_generator_methods;
pub mod awaitables;
pub mod buffer;
pub mod bytearray;
pub mod bytearray_change;
pub mod bytearray_methods;
pub mod bytes;
pub mod bytes_build;
pub mod bytes_iter;
pub mod bytes_methods;
pub mod bytes_percent;
pub mod bytes_search;
pub mod bytes_split;
pub mod callable_iter;
pub mod callable_new;
pub mod code;
pub mod code_attributes;
pub mod code_new;
pub mod codec;
pub mod complex;
pub mod complex_methods;
pub mod complex_new;
pub mod const_evaluator;
pub mod dict;
pub mod dict_iter;
pub mod dict_methods;
pub mod dict_views;
pub mod enumerate;
pub mod escape_codec;
pub mod exception;
pub mod exception_group;
pub mod exception_init;
pub mod exception_text;
pub mod exception_types;
pub mod float;
pub mod float_attributes;
pub mod float_methods;
pub mod frame;
pub mod frame_attributes;
pub mod frame_clear;
pub mod frame_locals;
pub mod frozen_dict;
pub mod frozen_dict_methods;
pub mod function;
pub mod function_attributes;
pub mod function_methods;
pub mod generator;
pub mod generator_methods;
pub mod generic;
pub mod generic_alias;
pub mod header;
pub mod instance;
pub mod int;
pub mod int_attributes;
pub mod int_methods;
pub mod int_new;
pub mod iter;
pub(crate) mod known_eq;
pub(crate) mod late;
pub mod lazy_import;
pub mod list;
pub mod list_iter;
pub mod list_methods;
pub mod list_slice;
pub mod list_sort;
pub mod long_range_iter;
pub mod map_filter;
pub mod mapping_proxy;
pub mod mapping_proxy_methods;
pub mod member;
pub mod memoryview;
pub mod memoryview_cast;
pub mod memoryview_format;
pub mod memoryview_items;
pub mod memoryview_methods;
pub mod memoryview_search;
pub mod module;
pub mod module_methods;
pub mod native;
pub mod native_attributes;
pub mod native_class;
pub mod native_methods;
pub mod numbers;
pub mod object_;
pub mod object_methods;
pub mod object_reduce;
pub mod param_spec_args;
pub mod percent;
pub mod property;
pub mod property_methods;
pub mod quitter;
pub mod range;
pub mod range_iter;
pub mod range_methods;
pub mod reversed;
pub(crate) mod sentinel;
pub mod sequence;
pub mod sequence_class;
pub mod set;
pub mod set_algebra;
pub mod set_iter;
pub mod set_methods;
pub mod singletons;
pub mod slice;
pub mod slice_methods;
pub mod slot_functions;
pub mod slots;
pub(crate) mod stand_in;
pub mod str_;
pub mod str_case;
pub mod str_format;
pub mod str_iter;
pub mod str_methods;
pub mod str_percent;
pub mod str_search;
pub mod str_split;
pub mod str_translate;
pub mod struct_sequence;
pub mod super_;
pub mod super_methods;
pub mod template;
pub mod text_args;
pub mod timsort;
pub mod tuple;
pub mod tuple_iter;
pub mod tuple_methods;
pub mod type_;
pub mod type_alias;
pub mod type_bases;
pub mod type_facts;
pub mod type_methods;
pub mod type_mro;
pub mod type_new;
pub mod type_param_new;
pub mod type_params;
mod type_subst;
pub mod typed_bytes;
pub mod types;
pub mod union;
pub mod weak_proxy;
pub mod weak_ref;
pub mod weak_ref_methods;
pub mod wrapped_methods;
pub mod wrapper;
pub mod zip;

use crate::object::header::Ref;
use crate::object::type_::Type;
use crate::vm::Vm;

/// A step of making the built-in classes ready.
type Ready = fn(&mut Vm);

/// What fills slots; before any class is made ready, since wrappers and inheritance follow from them.
const SLOTS: &[Ready] = &[
    object_::ready,
    type_methods::ready_slots,
    function_methods::ready_slots,
    callable_new::ready_slots,
    code_attributes::ready_slots,
    function_attributes::ready_slots,
    property_methods::ready_slots,
    wrapped_methods::ready_slots,
    native_methods::ready_slots,
    member::ready_slots,
    super_methods::ready_slots,
    generator_methods::ready_slots,
    exception_types::ready_slots,
    iter::ready_slots,
    list_iter::ready,
    tuple_iter::ready,
    range_iter::ready,
    str_methods::ready_slots,
    str_iter::ready_slots,
    bytes_methods::ready_slots,
    bytearray_methods::ready_slots,
    bytes_iter::ready_slots,
    memoryview_methods::ready_slots,
    int_methods::ready_slots,
    float_methods::ready_slots,
    complex_methods::ready_slots,
    singletons::ready_slots,
    list_methods::ready_slots,
    tuple_methods::ready_slots,
    dict_methods::ready_slots,
    frozen_dict_methods::ready_slots,
    dict_iter::ready_slots,
    dict_views::ready_slots,
    set_methods::ready_slots,
    set_iter::ready_slots,
    range_methods::ready_slots,
    long_range_iter::ready_slots,
    slice_methods::ready_slots,
    mapping_proxy_methods::ready_slots,
    enumerate::ready_slots,
    zip::ready_slots,
    map_filter::ready_slots,
    reversed::ready_slots,
    callable_iter::ready_slots,
    type_facts::ready_slots,
    module::ready_slots,
    frame_attributes::ready_slots,
    frame_locals::ready_slots,
    quitter::ready_slots,
    struct_sequence::ready_slots,
    async_generator_methods::ready_slots,
    awaitables::ready_slots,
    generic_alias::ready_slots,
    union::ready_slots,
    type_params::ready_slots,
    type_alias::ready_slots,
    weak_ref_methods::ready_slots,
    weak_proxy::ready_slots,
    template::ready_slots,
    lazy_import::ready_slots,
];

/// What adds methods and attributes; after every class has its dict.
const METHODS: &[Ready] = &[
    object_methods::ready,
    type_methods::ready,
    function_attributes::ready,
    callable_new::ready,
    native_attributes::ready,
    frame_attributes::ready,
    frame_clear::ready,
    code_attributes::ready,
    singletons::ready,
    property_methods::ready,
    wrapped_methods::ready,
    super_methods::ready,
    generator_methods::ready,
    exception_types::ready,
    int_attributes::ready,
    float_attributes::ready,
    complex_methods::ready,
    str_methods::ready,
    str_iter::ready,
    list_methods::ready,
    tuple_methods::ready,
    dict_methods::ready,
    frozen_dict_methods::ready,
    dict_iter::ready,
    dict_views::ready,
    set_methods::ready,
    set_iter::ready,
    range_methods::ready,
    long_range_iter::ready,
    slice_methods::ready,
    mapping_proxy_methods::ready,
    enumerate::ready,
    zip::ready,
    map_filter::ready,
    reversed::ready,
    iter::ready,
    callable_iter::ready,
    list_iter::ready_methods,
    tuple_iter::ready_methods,
    range_iter::ready_methods,
    bytes_methods::ready,
    bytearray_methods::ready,
    bytes_iter::ready,
    frame_locals::ready,
    async_generator_methods::ready,
    awaitables::ready,
    generic_alias::ready,
    union::ready,
    type_params::ready,
    param_spec_args::ready,
    type_alias::ready,
    template::ready,
    lazy_import::ready,
    annotations::ready,
    generic::ready,
    memoryview_methods::ready,
    weak_ref_methods::ready,
    weak_proxy::ready,
    type_facts::ready,
];

/// Makes all built-in classes usable.
pub(crate) fn ready_all(vm: &mut Vm) {
    for ready in SLOTS {
        ready(vm);
    }
    let all: Vec<Ref<Type>> = vm.types.all();
    for ty in &all {
        ty.ready_built_in(vm);
    }
    for ready in METHODS {
        ready(vm);
    }
}
