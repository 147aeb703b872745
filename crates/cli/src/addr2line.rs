//! `pyco addr2line`: the location of one bytecode offset.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::output::Output;
use crate::{input, source};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The .pyc file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The qualified name of the code object, such as `Class.method`; `<module>` for the module
    qualname: String,
    /// The offset in the bytecode, in bytes; with 0x in front hexadecimal
    #[arg(value_parser = parse_offset)]
    offset: u32,
}

fn parse_offset(text: &str) -> Result<u32, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| error.to_string())
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<()> {
    let bytes = input::read(&args.file)?;
    let (_, module) = input::code(&bytes)?;
    let Some(code) = module.find(&args.qualname) else {
        bail!("no code object {:?}; `pyco show` lists them", args.qualname);
    };
    let len = code.code().len();
    if args.offset as usize >= len {
        bail!(
            "{}: found offset {}, expected less than {len}",
            args.qualname,
            args.offset
        );
    }
    let location = code
        .location(pyco_code::ByteOffset(args.offset))
        .with_context(|| args.qualname.clone())?;
    let filename = code.filename().to_string_lossy();
    let separator = if location.is_none() { ": " } else { ":" };
    writeln!(out, "{filename}{separator}{}", source::describe(location))?;
    if let Some(text) = source::find(&args.file, &filename) {
        write!(out, "{}", source::excerpt(&text, location))?;
    }
    Ok(())
}
