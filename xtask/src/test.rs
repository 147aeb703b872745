//! `cargo xtask test`: everything that must pass, on a machine with nothing but Rust.

use anyhow::{Result, ensure};

use crate::sh;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Test only this package
    #[arg(short, long)]
    package: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let index = sh::root().join("fixtures/said/3.13/index.txt");
    ensure!(
        index.is_file(),
        "{} is missing: the clone is incomplete",
        index.display()
    );
    let scope = match &args.package {
        Some(package) => vec!["--package", package],
        None => vec!["--workspace"],
    };
    let base = ["test", "--no-fail-fast", "--locked"];
    sh::run(&mut sh::cargo(base.iter().chain(&scope)))
}
