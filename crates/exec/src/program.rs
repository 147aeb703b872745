//! Running a whole program, to its exit code.

use pyco_code::{CodeObject, Verified};

use crate::compiler::Source;
use crate::error::{PyResult, Raised};
use crate::object::str_::Str;
use crate::traceback::Ignored;
use crate::value::Value;
use crate::vm::Vm;

/// How a program ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It ended by itself, with this exit code; an exception that nobody caught has been shown on stderr and gives 1.
    Exit(u8),
    /// A limit of the host ended it: the message says which.
    Limit(String),
}

/// What a shell says of a program that SIGINT has ended.
const INTERRUPTED: u8 = 130;
/// The exit code where the output did not take what was written to it.
const NOT_FLUSHED: u8 = 120;

impl Vm {
    /// Runs code as the module `__main__`, shows what was not caught as `python` does, and flushes the output.
    pub fn run_program(&mut self, code: Verified<CodeObject>) -> Outcome {
        let result = self.run_main(code);
        self.end(result)
    }

    /// Compiles a source with the host's compiler and runs it as the module `__main__`: otherwise as [`Vm::run_program`].
    pub fn run_source(&mut self, text: &[u8], filename: &str) -> Outcome {
        let compiled = self.compile(&Source::module(text, filename.as_bytes()));
        let result = compiled.and_then(|code| self.run_main_code(code));
        self.end(result)
    }

    /// Shows what was not caught, and lets go of everything.
    fn end(&mut self, result: PyResult) -> Outcome {
        if !matches!(&result, Err(raised) if raised.0.is_abort.get()) {
            self.flush_unseen();
        }
        let outcome = match result {
            Ok(_) => Outcome::Exit(0),
            Err(raised) if raised.0.is_abort.get() => {
                let message = self
                    .str_text(raised.value())
                    .unwrap_or_else(|_| "a limit was hit".to_owned());
                Outcome::Limit(message)
            }
            Err(raised) => Outcome::Exit(self.exit_code(raised)),
        };
        self.run_pending();
        if !matches!(outcome, Outcome::Limit(_)) {
            self.shut_down_threads();
            self.run_exit_functions();
        }
        let mut is_flushed = self.flush_streams();
        self.finalize();
        is_flushed &= self.flush_streams();
        let _ = self.host.stdout.flush();
        match outcome {
            Outcome::Exit(_) if !is_flushed => Outcome::Exit(NOT_FLUSHED),
            outcome => outcome,
        }
    }

    /// Flushes what a program that has ended wrote, so that it stands before a traceback; what goes wrong shows when it is flushed again.
    fn flush_unseen(&mut self) {
        for name in ["stderr", "stdout"] {
            if let Ok(Some(stream)) = self.sys_stream(name)
                && !stream.is_none()
            {
                let flush = self.names.flush.clone();
                let _ = self.call_method(&stream, &flush, &[]);
            }
        }
        let _ = self.host.stdout.flush();
    }

    /// Flushes what the program made `sys.stdout` and `sys.stderr`; whether the output took what was written.
    fn flush_streams(&mut self) -> bool {
        let mut is_flushed = true;
        for name in ["stdout", "stderr"] {
            let Ok(Some(stream)) = self.sys_stream(name) else {
                continue;
            };
            if stream.is_none() || self.is_stream_closed(&stream) {
                continue;
            }
            let flush = self.names.flush.clone();
            if let Err(raised) = self.call_method(&stream, &flush, &[])
                && name == "stdout"
            {
                is_flushed = false;
                self.unraisable(raised, Ignored::FlushingStdout, &stream);
            }
        }
        is_flushed
    }

    fn is_stream_closed(&mut self, stream: &Value) -> bool {
        let closed = self.intern("closed");
        match self.get_attr_opt(stream, &closed) {
            Ok(Some(closed)) => self.truth(&closed).unwrap_or(false),
            _ => false,
        }
    }

    fn exit_code(&mut self, raised: Raised) -> u8 {
        if !raised.is(self, &self.types.system_exit) {
            let is_interrupt = raised.is(self, &self.types.keyboard_interrupt);
            let code = self.report_uncaught(raised);
            return if is_interrupt { INTERRUPTED } else { code };
        }
        let code = raised.0.field(self, 0).unwrap_or(Value::NONE);
        if code.is_none() {
            return 0;
        }
        if let Some(int) = code.as_int() {
            // As the C library cuts an exit status; what does not fit a long counts as -1.
            return int.to_i64().unwrap_or(-1) as u8;
        }
        let text = match self.str(&code) {
            Ok(text) => text
                .downcast::<Str>()
                .map(|t| crate::display::stderr_text(t.view())),
            Err(_) => None,
        };
        let text = text.unwrap_or_default() + "\n";
        self.write_stderr(&text);
        1
    }

    /// Lets `sys.excepthook` show an exception; gives the exit code.
    fn report_uncaught(&mut self, raised: Raised) -> u8 {
        let hook = self.sys_stream("excepthook").ok().flatten();
        let own = hook.filter(|hook| !crate::display::is_native(hook, "excepthook"));
        let Some(hook) = own else {
            self.show_exception(raised.value());
            return 1;
        };
        let class = Value::from(self.type_of(raised.value()));
        let traceback = raised.0.traceback.get().unwrap_or(Value::NONE);
        let arguments = [class, raised.value().clone(), traceback];
        match self.call(&hook, &arguments) {
            Ok(_) => 1,
            Err(failed) if failed.is(self, &self.types.system_exit) => self.exit_code(failed),
            Err(failed) => {
                self.write_stderr("Error in sys.excepthook:\n");
                self.show_exception(failed.value());
                self.write_stderr("\nOriginal exception was:\n");
                self.show_exception(raised.value());
                1
            }
        }
    }

    /// Lets go of the modules, so that finalizers run, in the order in which their objects were made.
    fn finalize(&mut self) {
        self.collect_at_end();
        let modules = self.modules.clone();
        for (name, _) in modules.items(self) {
            if let Some(name) = name.downcast::<Str>()
                && !name.eq_str("sys")
                && !name.eq_str("builtins")
            {
                drop(modules.remove_str(self, name));
                self.run_pending();
            }
        }
        self.collect_at_end();
        self.run_pending();
    }
}
