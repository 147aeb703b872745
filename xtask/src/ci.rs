//! `cargo xtask ci`: what a change must pass before it is merged.

use anyhow::Result;

use crate::{codegen, fuzz, sh, test, tidy};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds for each fuzz target; 0 leaves fuzzing out
    #[arg(long, default_value_t = 10)]
    fuzz_seconds: u32,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    test::run(&test::Args::default())?;
    sh::run(&mut sh::cargo(["fmt", "--all", "--check"]))?;
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    sh::run(&mut sh::cargo(clippy))?;
    let mut doc = sh::cargo(["doc", "--workspace", "--no-deps", "--locked"]);
    sh::run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    tidy::run(&tidy::Args {})?;
    codegen::run(&codegen::Args {
        check: true,
        ask: false,
    })?;
    if args.fuzz_seconds == 0 {
        return Ok(());
    }
    match fuzz::missing_tool() {
        Some(reason) => eprintln!("fuzz smoke left out: {reason}"),
        None => fuzz::run(&fuzz::Args {
            target: None,
            seconds: args.fuzz_seconds,
        })?,
    }
    Ok(())
}
