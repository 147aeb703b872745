//! `_typing` and `_types`: classes of the object model under the names that `typing` and `types` import.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::types::Nothing;
use pyco_exec::{PyResult, Value, Vm};

static FUNCTIONS: &[NativeDef] =
    &[NativeDef::one("_idfunc", |_, _, value| Ok(value.clone())).signature("($module, x, /)")];

/// Makes `_typing`.
pub(crate) fn make_typing(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_typing");
    vm.add_functions(&module, FUNCTIONS);
    let minor = vm.version().minor();
    if minor >= 12 {
        for (name, class) in vm.typing_classes() {
            vm.set_global(module.dict(), name, class);
        }
    }
    if minor >= 14 {
        let union = Value::from(&vm.types.union);
        vm.set_global(module.dict(), "Union", union);
    }
    Ok(module)
}

static CAPSULE: ClassDef = ClassDef::new::<Nothing>("PyCapsule", |_, _| {}).no_instances();

/// Makes `_types`.
pub(crate) fn make_types(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_types");
    let types = &vm.types;
    let mut classes = [
        ("AsyncGeneratorType", &types.async_generator),
        ("BuiltinFunctionType", &types.native_function),
        ("BuiltinMethodType", &types.native_function),
        ("CellType", &types.cell),
        ("ClassMethodDescriptorType", &types.class_method_descriptor),
        ("CodeType", &types.code),
        ("CoroutineType", &types.coroutine),
        ("EllipsisType", &types.ellipsis),
        ("FrameType", &types.frame),
        ("FunctionType", &types.function),
        ("GeneratorType", &types.generator),
        ("GenericAlias", &types.generic_alias),
        ("GetSetDescriptorType", &types.getset_descriptor),
        ("LambdaType", &types.function),
        ("MappingProxyType", &types.mapping_proxy),
        ("MemberDescriptorType", &types.member_descriptor),
        ("MethodDescriptorType", &types.method_descriptor),
        ("MethodType", &types.method),
        ("MethodWrapperType", &types.bound_slot_wrapper),
        ("ModuleType", &types.module),
        ("NoneType", &types.none),
        ("NotImplementedType", &types.not_implemented),
        ("TracebackType", &types.traceback),
        ("UnionType", &types.union),
        ("WrapperDescriptorType", &types.slot_wrapper),
    ]
    .map(|(name, class)| (name, Value::from(class)))
    .to_vec();
    if vm.version().minor() >= 15 {
        let locals = Value::from(&vm.types.frame_locals);
        classes.push(("FrameLocalsProxyType", locals));
        let lazy = Value::from(&vm.types.lazy_import);
        classes.push(("LazyImportType", lazy));
    }
    let namespace = crate::namespace::class(vm);
    classes.push(("SimpleNamespace", Value::from(namespace)));
    let capsule = vm.class(&CAPSULE);
    classes.push(("CapsuleType", Value::from(capsule)));
    for (name, class) in classes {
        vm.set_global(module.dict(), name, class);
    }
    Ok(module)
}
