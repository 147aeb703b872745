//! Running a whole program, to its exit code.

use pyco_code::{CodeObject, Verified};

use crate::error::Raised;
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

impl Vm {
    /// Runs code as the module `__main__`, shows what was not caught as `python` does, and flushes the output.
    pub fn run_program(&mut self, code: Verified<CodeObject>) -> Outcome {
        let outcome = match self.run_main(code) {
            Ok(_) => Outcome::Exit(0),
            Err(raised) if raised.0.is_abort.get() => {
                let message = self.str_text(raised.value()).unwrap_or_else(|_| "a limit was hit".to_owned());
                Outcome::Limit(message)
            }
            Err(raised) => Outcome::Exit(self.exit_code(raised)),
        };
        self.run_pending();
        let _ = self.host.stdout.flush();
        outcome
    }

    fn exit_code(&mut self, raised: Raised) -> u8 {
        if !raised.is(self, &self.types.system_exit) {
            let text = self.format_exception(&raised);
            self.write_stderr(&text);
            return 1;
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
            Ok(text) => text.downcast::<crate::object::str_::Str>().map(|t| crate::display::stderr_text(t.view())),
            Err(_) => None,
        };
        let text = text.unwrap_or_default() + "\n";
        self.write_stderr(&text);
        1
    }
}
