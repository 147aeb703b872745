//! The constants of `sys` that come as named tuples.

use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::sequence_class::SequenceDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Value, Vm};

type Named = (&'static str, Value);

/// The version, and what depends on it.
pub(crate) fn versions(vm: &mut Vm) -> Vec<Named> {
    let version = vm.version().to_string();
    let minor = version.rsplit('.').next();
    let minor = minor.and_then(|m| m.parse::<i64>().ok()).unwrap_or(0);
    let info = [
        ("major", vm.int(3)),
        ("minor", vm.int(minor)),
        ("micro", vm.int(0)),
        ("releaselevel", vm.new_str("final")),
        ("serial", vm.int(0)),
    ];
    let hex_version = vm.int(0x0300_00F0 | minor << 16);
    let text = format!("{version}.0 (pyco {})", env!("CARGO_PKG_VERSION"));
    let info = vm.struct_sequence("sys.version_info", &info);
    let tag = format!("cpython-3{minor}");
    let mut implementation = vec![
        ("name", vm.new_str("cpython")),
        ("cache_tag", vm.new_str(&tag)),
        ("version", info.clone()),
        ("hexversion", hex_version.clone()),
        ("_multiarch", vm.new_str("x86_64-linux-gnu")),
    ];
    if minor >= 14 {
        implementation.push(("supports_isolated_interpreters", Value::FALSE));
    }
    let implementation = crate::namespace::with(vm, &implementation);
    vec![
        ("version", vm.new_str(&text)),
        ("version_info", info),
        ("hexversion", hex_version),
        ("api_version", vm.int(1013)),
        ("copyright", vm.new_str("")),
        ("implementation", implementation.unwrap_or(Value::NONE)),
        ("flags", flags(vm)),
    ]
}

/// The fields of `sys.flags`, those of the newest version last; what came after `int_max_str_digits` is no item of the tuple.
const FLAGS: [&str; 22] = [
    "debug",
    "inspect",
    "interactive",
    "optimize",
    "dont_write_bytecode",
    "no_user_site",
    "no_site",
    "ignore_environment",
    "verbose",
    "bytes_warning",
    "quiet",
    "hash_randomization",
    "isolated",
    "dev_mode",
    "utf8_mode",
    "warn_default_encoding",
    "safe_path",
    "int_max_str_digits",
    "gil",
    "thread_inherit_context",
    "context_aware_warnings",
    "lazy_imports",
];

const fn flags_def(len: usize) -> SequenceDef {
    SequenceDef {
        name: "sys.flags",
        fields: FLAGS.split_at(len).0,
        visible: 18,
        complete: None,
    }
}

static FLAGS_3_11: SequenceDef = flags_def(18);
static FLAGS_3_13: SequenceDef = flags_def(19);
static FLAGS_3_14: SequenceDef = flags_def(21);
static FLAGS_3_15: SequenceDef = flags_def(22);

/// `sys.flags`, as a program without options finds them.
fn flags(vm: &mut Vm) -> Value {
    let def = match vm.version().minor() {
        ..13 => &FLAGS_3_11,
        13 => &FLAGS_3_13,
        14 => &FLAGS_3_14,
        _ => &FLAGS_3_15,
    };
    let is_utf8_mode = crate::io::is_utf8_mode(vm);
    let values = def.fields.iter().map(|name| match *name {
        "hash_randomization" | "gil" => vm.int(1),
        "dev_mode" | "safe_path" => Value::FALSE,
        "utf8_mode" => vm.int(i64::from(is_utf8_mode)),
        "int_max_str_digits" => vm.int(4300),
        "lazy_imports" => vm.int(-1),
        _ => vm.int(0),
    });
    let values = values.collect();
    vm.new_sequence(def, values)
}

/// How numbers are represented.
pub(crate) fn numbers(vm: &mut Vm) -> Vec<Named> {
    let float = [
        ("max", Value::float(f64::MAX)),
        ("max_exp", vm.int(i64::from(f64::MAX_EXP))),
        ("max_10_exp", vm.int(i64::from(f64::MAX_10_EXP))),
        ("min", Value::float(f64::MIN_POSITIVE)),
        ("min_exp", vm.int(i64::from(f64::MIN_EXP))),
        ("min_10_exp", vm.int(i64::from(f64::MIN_10_EXP))),
        ("dig", vm.int(i64::from(f64::DIGITS))),
        ("mant_dig", vm.int(i64::from(f64::MANTISSA_DIGITS))),
        ("epsilon", Value::float(f64::EPSILON)),
        ("radix", vm.int(i64::from(f64::RADIX))),
        ("rounds", vm.int(1)),
    ];
    let int = [
        ("bits_per_digit", vm.int(30)),
        ("sizeof_digit", vm.int(4)),
        ("default_max_str_digits", vm.int(4300)),
        ("str_digits_check_threshold", vm.int(640)),
    ];
    let hash = [
        ("width", vm.int(64)),
        ("modulus", vm.int((1 << 61) - 1)),
        ("inf", vm.int(314_159)),
        ("nan", vm.int(0)),
        ("imag", vm.int(1_000_003)),
        ("algorithm", vm.new_str("siphash13")),
        ("hash_bits", vm.int(64)),
        ("seed_bits", vm.int(128)),
        ("cutoff", vm.int(0)),
    ];
    vec![
        ("float_info", vm.struct_sequence("sys.float_info", &float)),
        ("int_info", vm.struct_sequence("sys.int_info", &int)),
        ("hash_info", vm.struct_sequence("sys.hash_info", &hash)),
    ]
}

/// Whether CPython (3.12 on) makes such an object once and for all, so that nobody counts its references.
pub(crate) fn is_immortal(vm: &Vm, value: &Value) -> bool {
    let most = if vm.version().minor() >= 15 {
        1024
    } else {
        256
    };
    let types = &vm.types;
    let ty = vm.type_of(value);
    if let Some(class) = value.downcast::<Type>() {
        return class.is_built_in() && !class.name().contains('.');
    }
    if let Some(text) = value.downcast::<Str>() {
        let mut chars = text.view().chars();
        return text.is_exact() && text.len() < 2 && chars.all(|c| c < 256);
    }
    if let Some(bytes) = value.downcast::<Bytes>() {
        return ty.is(&types.bytes) && bytes.data().len() < 2;
    }
    if let Some(tuple) = value.downcast::<Tuple>() {
        return ty.is(&types.tuple) && tuple.items().is_empty();
    }
    if ty.is(&types.int) {
        return value
            .as_small_int()
            .is_some_and(|n| (-5..=most).contains(&n));
    }
    [
        &types.none,
        &types.bool,
        &types.ellipsis,
        &types.not_implemented,
    ]
    .iter()
    .any(|single| ty.is(single))
}
