//! `cargo xtask fuzz`: runs the targets of `fuzz/` under cargo-fuzz.
//!
//! The properties themselves are ordinary functions in the crates, which `cargo test` runs on fixed
//! seeds; this is the search for inputs that nobody thought of.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Result, bail, ensure};

use crate::sh;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The target to run; without it, each in turn
    pub(crate) target: Option<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    pub(crate) seconds: u32,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let known = targets()?;
    let targets = match &args.target {
        Some(target) => {
            ensure!(
                known.contains(target),
                "no fuzz target {target:?}; there are {known:?}"
            );
            vec![target.clone()]
        }
        None => known,
    };
    if let Some(reason) = missing_tool() {
        bail!("{reason}");
    }
    for target in targets {
        plant_seeds(&target)?;
        let mut command = Command::new("cargo");
        command.args(["+nightly", "fuzz", "run", &target, "--"]);
        command.args([
            format!("-max_total_time={}", args.seconds),
            "-print_final_stats=1".into(),
        ]);
        // The toolchain of the running cargo would override `+nightly`.
        command
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO")
            .current_dir(sh::root());
        sh::run(&mut command)?;
    }
    Ok(())
}

/// The folder of real `.pyc` files.
const SEEDS: &str = "crates/marshal/tests/fixtures";

/// Puts real files into the corpora of the targets that read such, the bodies alone for `marshal`.
fn plant_seeds(target: &str) -> Result<()> {
    if target != "pyc" && target != "marshal" {
        return Ok(());
    }
    let corpus = sh::root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&corpus)?;
    for entry in fs::read_dir(sh::root().join(SEEDS))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "pyc") {
            continue;
        }
        let file = fs::read(&path)?;
        let pyc = pyco_marshal::Pyc::read(&file)?;
        let seed = if target == "pyc" {
            &file[..]
        } else {
            pyc.marshalled()
        };
        fs::write(corpus.join(path.file_name().unwrap_or_default()), seed)?;
    }
    Ok(())
}

/// Why fuzzing cannot run here, with the command that would mend it; `None` if it can.
pub(crate) fn missing_tool() -> Option<String> {
    let works = |args: &[&str]| {
        let mut command = Command::new("cargo");
        command
            .args(args)
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !works(&["+nightly", "--version"]) {
        return Some("no nightly toolchain: rustup toolchain install nightly".into());
    }
    if !works(&["+nightly", "fuzz", "--version"]) {
        return Some("cargo-fuzz is not installed: cargo install cargo-fuzz".into());
    }
    None
}

/// The fuzz targets: the files in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(sh::root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(
                path.file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned()),
            );
        }
    }
    names.sort();
    Ok(names)
}
