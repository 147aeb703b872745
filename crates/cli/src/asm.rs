//! `pyco asm`: a `.pyc` of the text that `pyco dis --asm` writes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use pyco_code::asm;

use crate::input;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The text
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where the .pyc goes
    #[arg(short, long, value_name = "OUT.pyc")]
    output: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let bytes = input::read(&args.file)?;
    let Ok(text) = str::from_utf8(&bytes) else {
        bail!("found bytes that are not UTF-8, expected the text of `pyco dis --asm`");
    };
    let file = asm::to_pyc(text)?;
    fs::write(&args.output, file)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| args.output.display().to_string())
}
