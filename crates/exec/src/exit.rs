//! What runs when a program ends: `threading._shutdown()` and what `atexit.register()` was given.

use crate::call::Args;
use crate::object::header::Ref;
use crate::object::tuple::Tuple;
use crate::traceback::Ignored;
use crate::value::Value;
use crate::vm::Vm;

/// One registered call.
#[derive(Clone)]
pub struct ExitFunction {
    /// What is called.
    pub function: Value,
    arguments: Vec<Value>,
    names: Option<Ref<Tuple>>,
}

impl ExitFunction {
    /// A call with these arguments.
    pub fn new(function: &Value, args: Args<'_>) -> ExitFunction {
        ExitFunction {
            function: function.clone(),
            arguments: args.all_values().to_vec(),
            names: args.names().cloned(),
        }
    }
}

/// The registered calls, in order of registration.
#[derive(Default)]
pub struct ExitFunctions(pub Vec<ExitFunction>);

impl Vm {
    /// Calls what `atexit.register()` was given, the latest first; exceptions go to `sys.unraisablehook`.
    pub fn run_exit_functions(&mut self) {
        let mut index = self.state::<ExitFunctions>().0.len();
        while index > 0 {
            index -= 1;
            let Some(exit) = self.state::<ExitFunctions>().0.get(index).cloned() else {
                continue;
            };
            let args = Args::new(&exit.arguments, exit.names.as_ref());
            if let Err(raised) = self.call_args(&exit.function, args) {
                self.unraisable(raised, Ignored::AtexitCallback, &exit.function);
            }
            self.run_pending();
        }
        // What was registered meanwhile is not called.
        let dropped = std::mem::take(&mut self.state::<ExitFunctions>().0);
        drop(dropped);
    }

    /// Lets `threading` end, if it was imported.
    pub(crate) fn shut_down_threads(&mut self) {
        let key = self.intern("threading");
        let modules = self.modules.clone();
        let Some(threading) = modules.get_str(self, &key) else {
            return;
        };
        let name = self.intern("_shutdown");
        if let Err(raised) = self.call_method(&threading, &name, &[]) {
            self.unraisable(raised, Ignored::Thread, &threading);
        }
    }
}
