//! `pyco tour`: the main job on an embedded `.pyc`, from its header to what got specialised while it ran.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::output::Output;
use crate::run::{self, Options};
use crate::{dis, input, show, verify};

/// An N-queens solver that CPython 3.13 compiled; its source is `fixtures/src/queens.py`.
const PROGRAM: &[u8] = include_bytes!("../tour/queens.pyc");

/// A file that is removed when it goes out of scope.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // That a temporary file stays behind is nothing to stop for.
        let _ = fs::remove_file(&self.0);
    }
}

/// Shows everything; gives the program's exit code.
pub(crate) fn run() -> Result<u8> {
    let mut stdout = Output::stdout();
    let out = &mut stdout;
    let file = std::env::temp_dir().join(format!("pyco-tour-{}.pyc", std::process::id()));
    fs::write(&file, PROGRAM).with_context(|| file.display().to_string())?;
    let file = Temporary(file);
    let heading = |out: &mut Output, text: &str| writeln!(out, "\n== {text}\n");
    heading(out, "pyco show: the header and the tree of code objects")?;
    show::run(&show::Args::default(), &file.0, out)?;
    heading(out, "pyco dis: the bytecode, as dis.dis prints it")?;
    dis::run(&dis::Args::default(), &file.0, out)?;
    heading(out, "pyco verify: what is proved before anything runs")?;
    verify::run(&verify::Args::default(), &file.0, out)?;
    heading(
        out,
        "pyco run --stats: the program's output, then what got specialised",
    )?;
    out.flush()?;
    // The program writes from a thread of its own, which must not wait for this one's lock.
    drop(stdout);
    let (_, code) = input::code(PROGRAM)?;
    let options = Options {
        module_path: Vec::new(),
        arguments: vec!["queens".to_owned()],
        fuel: None,
        memory: None,
        max_depth: 1000,
        io: false,
        stats: true,
        python: None,
    };
    run::execute(run::Program::Bytecode(pyco_code::verify(&code)?), options)
}
