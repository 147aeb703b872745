//! Runs a `.pyc` with the host's output, as the `pyco run` command does, in a few lines.
//!
//! `cargo run -p pyco-exec --example run_pyc -- FILE.pyc`

use std::process::ExitCode;

use pyco_code::{CodeObject, verify};
use pyco_exec::{Host, Vm};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let Some(path) = std::env::args().nth(1) else {
        return Err("usage: run_pyc FILE.pyc".into());
    };
    let code = verify(&CodeObject::from_pyc(&std::fs::read(&path)?)?)?;
    let mut host = Host::new();
    host.stdout = Box::new(std::io::stdout());
    host.stderr = Box::new(std::io::stderr());
    host.show_source = true;
    let mut vm = Vm::new(code.version(), host)?;
    match vm.run_main(code) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(raised) => {
            eprint!("{}", vm.format_exception(&raised));
            Ok(ExitCode::FAILURE)
        }
    }
}
