//! `__future__`: the features, when each became optional and when it became the rule.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::{PyResult, Value, Vm};

/// A release as `sys.version_info` has it.
type Release = (i64, i64, i64, &'static str, i64);

/// Name, optional since, mandatory since, compiler flag.
type Feature = (&'static str, Release, Option<Release>, i64);

const FEATURES: [Feature; 10] = [
    (
        "nested_scopes",
        (2, 1, 0, "beta", 1),
        Some((2, 2, 0, "alpha", 0)),
        0x10,
    ),
    (
        "generators",
        (2, 2, 0, "alpha", 1),
        Some((2, 3, 0, "final", 0)),
        0,
    ),
    (
        "division",
        (2, 2, 0, "alpha", 2),
        Some((3, 0, 0, "alpha", 0)),
        0x2_0000,
    ),
    (
        "absolute_import",
        (2, 5, 0, "alpha", 1),
        Some((3, 0, 0, "alpha", 0)),
        0x4_0000,
    ),
    (
        "with_statement",
        (2, 5, 0, "alpha", 1),
        Some((2, 6, 0, "alpha", 0)),
        0x8_0000,
    ),
    (
        "print_function",
        (2, 6, 0, "alpha", 2),
        Some((3, 0, 0, "alpha", 0)),
        0x10_0000,
    ),
    (
        "unicode_literals",
        (2, 6, 0, "alpha", 2),
        Some((3, 0, 0, "alpha", 0)),
        0x20_0000,
    ),
    (
        "barry_as_FLUFL",
        (3, 1, 0, "alpha", 2),
        Some((4, 0, 0, "alpha", 0)),
        0x40_0000,
    ),
    (
        "generator_stop",
        (3, 5, 0, "beta", 1),
        Some((3, 7, 0, "alpha", 0)),
        0x80_0000,
    ),
    ("annotations", (3, 7, 0, "beta", 1), None, 0x100_0000),
];

fn release(vm: &mut Vm, (major, minor, micro, level, serial): Release) -> Value {
    let items = vec![
        vm.int(major),
        vm.int(minor),
        vm.int(micro),
        vm.new_str(level),
        vm.int(serial),
    ];
    vm.new_tuple(items)
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("__future__");
    let mut names = Vec::new();
    for (name, optional, mandatory, flag) in FEATURES {
        let optional = release(vm, optional);
        let mandatory = mandatory.map_or(Value::NONE, |since| release(vm, since));
        let feature = [
            ("optional", optional),
            ("mandatory", mandatory),
            ("compiler_flag", vm.int(flag)),
        ];
        let feature = vm.struct_sequence("__future__._Feature", &feature);
        vm.set_global(module.dict(), name, feature);
        let constant = match name {
            "nested_scopes" => "CO_NESTED".to_owned(),
            "generators" => "CO_GENERATOR_ALLOWED".to_owned(),
            "barry_as_FLUFL" => "CO_FUTURE_BARRY_AS_BDFL".to_owned(),
            _ => format!("CO_FUTURE_{}", name.to_uppercase()),
        };
        let flag = vm.int(flag);
        vm.set_global(module.dict(), &constant, flag);
        names.push(vm.new_str(name));
    }
    let mut all = vec![vm.new_str("all_feature_names")];
    all.extend(names.iter().cloned());
    let (names, all) = (vm.new_list(names), vm.new_list(all));
    vm.set_global(module.dict(), "all_feature_names", names);
    vm.set_global(module.dict(), "__all__", all);
    Ok(module)
}
