//! `atexit`: what is called when the program ends.

use pyco_exec::exit::{ExitFunction, ExitFunctions};
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Args, PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("atexit");
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

/// What was unregistered: until 3.13 `_ncallbacks()` counts its places.
#[derive(Default)]
struct Unregistered(usize);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("register", register),
    NativeDef::no_args("_clear", |vm, _| {
        let dropped = std::mem::take(&mut vm.state::<ExitFunctions>().0);
        drop(dropped);
        vm.state::<Unregistered>().0 = 0;
        Ok(Value::NONE)
    }),
    NativeDef::one("unregister", unregister),
    NativeDef::no_args("_run_exitfuncs", |vm, _| {
        vm.run_exit_functions();
        vm.state::<Unregistered>().0 = 0;
        Ok(Value::NONE)
    }),
    NativeDef::no_args("_ncallbacks", |vm, _| {
        let gone = match vm.version().minor() {
            ..14 => vm.state::<Unregistered>().0,
            _ => 0,
        };
        let count = vm.state::<ExitFunctions>().0.len() + gone;
        Ok(vm.int(count as i64))
    }),
];

/// `atexit.register(func, /, *args, **kwargs)`.
fn register(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let Some(function) = args.positional().first() else {
        return Err(vm.type_error("register() takes at least 1 argument (0 given)"));
    };
    if vm.type_of(function).slots.call.get().is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let exit = ExitFunction::new(function, args.rest());
    vm.state::<ExitFunctions>().0.push(exit);
    Ok(function.clone())
}

/// `atexit.unregister(func)`: the comparison may run Python code, which may register and unregister.
fn unregister(vm: &mut Vm, _module: &Value, function: &Value) -> PyResult {
    let mut index = vm.state::<ExitFunctions>().0.len();
    while index > 0 {
        index -= 1;
        let registered = vm.state::<ExitFunctions>().0.get(index);
        let Some(registered) = registered.map(|exit| exit.function.clone()) else {
            continue;
        };
        if vm.eq(&registered, function)? {
            let exits = &mut vm.state::<ExitFunctions>().0;
            if exits
                .get(index)
                .is_some_and(|exit| exit.function.is(&registered))
            {
                let dropped = exits.remove(index);
                vm.state::<Unregistered>().0 += 1;
                drop(dropped);
            }
        }
    }
    Ok(Value::NONE)
}
