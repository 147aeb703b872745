//! `cargo xtask tidy`: the rules of the house that the compiler does not check.
//!
//! Each rule is a function that returns its complaints; all of them are printed, then the command
//! fails. The rules are few and textual on purpose: what clippy can check, clippy checks.

mod files;
mod graph;

use anyhow::{Result, bail};

#[derive(clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Result<()> {
    let mut complaints = graph::check()?;
    complaints.extend(files::check()?);
    for complaint in &complaints {
        eprintln!("tidy: {complaint}");
    }
    if !complaints.is_empty() {
        bail!("{} complaints", complaints.len());
    }
    println!("tidy: layers, licences and files are in order");
    Ok(())
}
