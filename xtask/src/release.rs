//! `cargo xtask release`: the command, built as an optimised CPython is, with a profile of what it does.
//!
//! Three steps: a build that counts, the training programs (`fixtures/src/work_*.py`, as compiled by each version, with many
//! rounds, and a few commands on those files), and a build that uses the counts. The programs of `benches/programs` are not among
//! the training programs, so that they tell what the profile is worth for code that it has not seen.
//!
//! Needs `llvm-profdata` of the same LLVM as rustc's: `rustup component add llvm-tools`; on Linux the result needs glibc 2.36 or later,
//! for its short relocations.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::sh;

/// Rounds that a training program makes: about a second in a build that counts.
const ROUNDS: &str = "60";

/// Where the linker puts things, so that less of the executable is loaded: what the profile calls hot and what it calls unlikely
/// each in one piece, and relocations in the short form.
const LAYOUT: [&str; 2] = [
    "-Clink-arg=-Wl,-z,keep-text-section-prefix",
    "-Clink-arg=-Wl,-z,pack-relative-relocs",
];

/// A jump of its own to the next instruction for each arm of the loop's `match`, where LLVM would gather them in one. The options are
/// LLVM's, so a toolchain may come to lack them.
const REPLICATION: [&str; 2] = [
    "-Cllvm-args=-tail-dup-pred-size=1000",
    "-Cllvm-args=-tail-dup-succ-size=1000",
];

/// Commands that read the files of the training programs.
const READERS: &[&str] = &["dis", "lines"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where the executable goes
    #[arg(long, value_name = "FILE", default_value = "target/pgo/pyco")]
    output: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let host = host()?;
    let profdata = profdata(&host)?;
    let folder = sh::root().join("target/pgo");
    let counts = folder.join("counts");
    if counts.exists() {
        std::fs::remove_dir_all(&counts)?;
    }
    let flag = format!("-Cprofile-generate={}", counts.display());
    let counting = build(&host, &folder.join("counting"), &[&flag])?;
    train(&counting)?;

    let profile = folder.join("pyco.profdata");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&counts).context("the training left no counts")? {
        files.push(entry?.path());
    }
    let mut merge = Command::new(profdata);
    merge.arg("merge").arg("-o").arg(&profile).args(&files);
    sh::run(&mut merge)?;

    let flag = format!("-Cprofile-use={}", profile.display());
    let mut flags = vec![flag.as_str()];
    if host.contains("linux") {
        flags.extend(LAYOUT);
    }
    if accepts(&folder, &REPLICATION)? {
        flags.extend(REPLICATION);
    }
    let built = build(&host, &folder.join("using"), &flags)?;
    quietly(Command::new(&built).arg("--version"))?;
    let output = sh::root().join(&args.output);
    if let Some(parent) = output.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let beside = output.with_extension("new");
    std::fs::copy(&built, &beside)?;
    std::fs::rename(&beside, &output)?;
    eprintln!("built {}", args.output.display());
    Ok(())
}

/// Builds the command with more flags for rustc; those that the environment asks for stay.
fn build(host: &str, folder: &Path, more: &[&str]) -> Result<PathBuf> {
    let mut flags = match std::env::var("RUSTFLAGS") {
        Ok(flags) => flags.split_whitespace().map(str::to_owned).collect(),
        Err(_) => Vec::new(),
    };
    flags.extend(more.iter().map(|&flag| flag.to_owned()));
    let mut command = sh::cargo(["build", "--release", "--package", "pyco"]);
    // With a target, build scripts and macros are built without the flags.
    command.args(["--target", host]);
    command.arg("--target-dir").arg(folder);
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    command.env_remove("RUSTFLAGS");
    sh::run(&mut command)?;
    let name = format!("pyco{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join(host).join("release").join(name))
}

/// Whether rustc takes these flags.
fn accepts(folder: &Path, flags: &[&str]) -> Result<bool> {
    let (source, object) = (folder.join("probe.rs"), folder.join("probe.o"));
    std::fs::write(&source, "")?;
    let mut command = Command::new(rustc_path());
    command.args(["--crate-type=lib", "--emit=obj", "-o"]);
    command.arg(&object).arg(&source).args(flags);
    let status = command.stderr(Stdio::null()).status()?;
    Ok(status.success())
}

/// Runs the training programs of all versions.
fn train(pyco: &Path) -> Result<()> {
    let mut files = Vec::new();
    for version in std::fs::read_dir(sh::root().join("fixtures/pyc"))? {
        for file in std::fs::read_dir(version?.path())? {
            let path = file?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("work_") {
                files.push(path);
            }
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "no training programs in fixtures/pyc");
    eprintln!("training: {} files", files.len());
    for file in &files {
        for reader in READERS {
            quietly(Command::new(pyco).arg(reader).arg(file))?;
        }
        // What is older than 3.11 is read only.
        let folder = file.parent().and_then(Path::file_name);
        let minor = folder.and_then(|name| name.to_str()?.strip_prefix("3.")?.parse().ok());
        if minor.is_some_and(|minor: u8| minor >= 11) {
            quietly(Command::new(pyco).arg("verify").arg(file))?;
            quietly(Command::new(pyco).arg("run").arg(file).arg(ROUNDS))?;
        }
    }
    Ok(())
}

fn quietly(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).status()?;
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}

/// The triple that rustc compiles for.
fn host() -> Result<String> {
    let text = String::from_utf8(rustc(&["-vV"])?)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

fn profdata(host: &str) -> Result<PathBuf> {
    let sysroot = String::from_utf8(rustc(&["--print", "sysroot"])?)?;
    let name = format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX);
    let folder = Path::new(sysroot.trim()).join("lib/rustlib").join(host);
    let path = folder.join("bin").join(name);
    if !path.is_file() {
        bail!("no llvm-profdata beside rustc: rustup component add llvm-tools");
    }
    Ok(path)
}

fn rustc(args: &[&str]) -> Result<Vec<u8>> {
    sh::output(Command::new(rustc_path()).args(args))
}

fn rustc_path() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}
