//! `pyco dis`: the disassembly, as the version's own `dis.dis` prints it.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use pyco_code::{DisOptions, asm};

use crate::input;
use crate::output::Output;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// The .pyc files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Show inline caches (3.11 and later)
    #[arg(long)]
    show_caches: bool,
    /// Show the bytecode as the interpreter quickens it when it loads the file (3.11 and later)
    #[arg(long)]
    adaptive: bool,
    /// Show the offset of each instruction (an option from 3.13 on; always shown before)
    #[arg(long)]
    show_offsets: bool,
    /// Show the whole location of each instruction in place of lines (3.14 and later)
    #[arg(long)]
    show_positions: bool,
    /// Write text that can be edited and that `pyco asm` makes a .pyc of (3.11 and later)
    #[arg(long, conflicts_with_all = ["show_caches", "adaptive", "show_offsets", "show_positions"])]
    asm: bool,
}

pub(crate) fn run(args: &Args, file: &Path, out: &mut Output) -> Result<()> {
    let bytes = input::read(file)?;
    let (_, code) = input::code(&bytes)?;
    if args.asm {
        if args.files.len() > 1 {
            writeln!(out, "# {}", file.display())?;
        }
        out.write_all(asm::from_pyc(&bytes)?.as_bytes())?;
        return Ok(());
    }
    let options = DisOptions {
        show_caches: args.show_caches,
        adaptive: args.adaptive,
        show_offsets: args.show_offsets,
        show_positions: args.show_positions,
        ..DisOptions::default()
    };
    // With one file the text is that of `dis.dis` and nothing else.
    if args.files.len() > 1 {
        writeln!(out, "{}:", file.display())?;
    }
    code.dis()
        .with(options)
        .write(out)
        .map_err(|_| out.take_error())?;
    Ok(())
}
