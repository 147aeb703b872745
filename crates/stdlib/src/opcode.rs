//! `_opcode`: what `opcode` and `dis` ask about the version's instructions.

use pyco_code::{ArgKind, OpInfo};
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

/// Makes `_opcode`.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_opcode");
    vm.add_functions(&module, FUNCTIONS);
    if vm.version().minor() >= 13 {
        let enabled = vm.int(1);
        vm.set_global(module.dict(), "ENABLE_SPECIALIZATION", enabled);
    }
    Ok(module)
}

static STACK_EFFECT: Params = Params::new(&["opcode", "oparg", "jump"], 1)
    .positional_only(2)
    .keyword_only(1);
static EXECUTOR: Params = Params::new(&["code", "offset"], 2);

/// A question about an opcode (3.13 on).
const fn question(name: &'static str, f: fn(&mut Vm, &Value, &Bound<'_>) -> PyResult) -> NativeDef {
    NativeDef::bound(name, &OPCODE, f)
        .signature("($module, /, opcode)")
        .since(13)
}

static OPCODE: Params = Params::new(&["opcode"], 1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("stack_effect", &STACK_EFFECT, stack_effect)
        .signature("($module, opcode, oparg=None, /, *, jump=None)"),
    NativeDef::no_args("get_specialization_stats", |_, _| Ok(Value::NONE))
        .signature("($module, /)"),
    question("is_valid", |vm, _, args| ask(vm, args, |_| true)),
    question("has_arg", |vm, _, args| {
        ask(vm, args, |info| info.has_arg())
    }),
    question("has_const", |vm, _, args| {
        ask(vm, args, |info| matches!(info.arg, ArgKind::Const))
    }),
    question("has_name", |vm, _, args| {
        ask(vm, args, |info| matches!(info.arg, ArgKind::Name { .. }))
    }),
    question("has_jump", |vm, _, args| {
        ask(vm, args, |info| info.arg.is_jump())
    }),
    question("has_free", |vm, _, args| {
        ask(vm, args, |info| matches!(info.arg, ArgKind::Free))
    }),
    question("has_local", |vm, _, args| {
        ask(vm, args, |info| {
            matches!(info.arg, ArgKind::Local | ArgKind::LocalPair)
        })
    }),
    question("has_exc", |vm, _, args| {
        ask(vm, args, |info| {
            matches!(
                info.op.name(),
                "SETUP_FINALLY" | "SETUP_CLEANUP" | "SETUP_WITH"
            )
        })
    }),
    NativeDef::no_args("get_nb_ops", |vm, _| {
        let pairs = vm.version().table().nb_ops.iter();
        let pairs = pairs.map(|(name, sign)| {
            let pair = vec![vm.new_str(name), vm.new_str(sign)];
            vm.new_tuple(pair)
        });
        let pairs = pairs.collect();
        Ok(vm.new_list(pairs))
    })
    .signature("($module, /)")
    .since(13),
    NativeDef::no_args("get_intrinsic1_descs", |vm, _| {
        let names = vm.version().table().intrinsic_1;
        Ok(strings(vm, names))
    })
    .signature("($module, /)")
    .since(13),
    NativeDef::no_args("get_intrinsic2_descs", |vm, _| {
        let names = vm.version().table().intrinsic_2;
        Ok(strings(vm, names))
    })
    .signature("($module, /)")
    .since(13),
    NativeDef::no_args("get_special_method_names", |vm, _| {
        let names = vm.version().table().special_methods;
        Ok(strings(vm, names))
    })
    .signature("($module, /)")
    .since(14),
    NativeDef::bound("get_executor", &EXECUTOR, |vm, _, _| {
        Err(vm.runtime_error("Executors are not available in this build"))
    })
    .signature("($module, /, code, offset)")
    .since(13),
];

fn strings(vm: &mut Vm, names: &[&str]) -> Value {
    let names = names.iter().map(|name| vm.new_str(name)).collect();
    vm.new_list(names)
}

/// What is known of an opcode of the version, by its number.
fn info_of(vm: &Vm, number: i64) -> Option<&'static OpInfo> {
    let rows = vm.version().table().rows;
    rows.iter().find(|row| i64::from(row.number) == number)
}

fn ask(vm: &mut Vm, args: &Bound<'_>, has: fn(&OpInfo) -> bool) -> PyResult {
    let number = args.get(0).cloned().unwrap_or(Value::NONE);
    let number = vm.index_as_i64(&number, "Python int too large to convert to C int")?;
    let info = info_of(vm, number);
    Ok(Value::bool(info.is_some_and(has)))
}

fn stack_effect(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let too_large = "Python int too large to convert to C int";
    let number = args.get(0).cloned().unwrap_or(Value::NONE);
    let number = vm.index_as_i64(&number, too_large)?;
    let argument = match args.not_none(1) {
        Some(argument) => u32::try_from(vm.index_as_i64(argument, too_large)?).ok(),
        None => Some(0),
    };
    let jump = match args.get(2) {
        None => None,
        Some(jump) if jump.is_none() => None,
        Some(jump) => match jump.as_bool() {
            Some(jump) => Some(jump),
            None => {
                let message = "stack_effect: jump must be False, True or None";
                return Err(vm.value_error(message));
            }
        },
    };
    let info = info_of(vm, number);
    let effect = |jump: bool| info?.stack_effect(argument?, jump);
    let effect = match jump {
        Some(jump) => effect(jump).or_else(|| effect(false)),
        // The larger of the two ways.
        None => effect(false).max(effect(true)),
    };
    match effect {
        Some(effect) => Ok(vm.int(effect)),
        None => Err(vm.value_error("invalid opcode or oparg")),
    }
}
