//! `bench code`: code objects of the 3.13 standard library, loaded, disassembled and edited by CPython, by Python
//! packages and by this workspace in turn.
//!
//! As in `bench linetable`, both halves are processes of their own on one core, which take turns. The packages
//! `bytecode` and `xdis` are looked for in the folder that `PYCO_PEERS` names.

use std::process::Command;

use anyhow::{Context, Result};

use super::Ratio;
use super::linetable::{Half, median};
use crate::pythons::{self, Python, Release};
use crate::sh;

/// How many pairs of passes are run for each measurement; the slow Python ones take seconds each.
const PAIR_COUNT: usize = 9;

/// What is measured, the Rust pass, the Python pass, and what that one is.
const PASSES: &[(&str, &str, &str, &str)] = &[
    ("load", "load", "loads", "marshal.loads"),
    (
        "instructions",
        "instructions",
        "get_instructions",
        "dis.get_instructions",
    ),
    (
        "instructions",
        "instructions",
        "xdis",
        "xdis get_instructions",
    ),
    ("text", "text", "text", "dis.dis"),
    ("edit", "edit", "bytecode", "bytecode from_code().to_code()"),
];

/// Passes of the Rust half alone.
const ALONE: &[&str] = &["asm"];

pub(super) fn measure() -> Result<Vec<Ratio>> {
    let release = Release {
        major: 3,
        minor: 13,
    };
    let pythons = pythons::find(&[release], &[])?;
    let python = pythons.last().context("no CPython 3.13 found")?;
    sh::run(&mut sh::cargo([
        "build",
        "--quiet",
        "--release",
        "--package",
        "pyco-code",
        "--example",
        "code_throughput",
    ]))?;
    let modules = std::env::temp_dir().join(format!("pyco-code-{}.bin", std::process::id()));
    let mut command = python.command();
    command.arg("xtask/src/bench/code.py").arg(&modules);
    command.args(std::env::var_os("PYCO_PEERS"));
    let mut cpython = Half::start(&command)?;
    let (module_count, _) = cpython.answer()?;
    let example = sh::root().join("target/release/examples/code_throughput");
    let mut rust = Half::start(Command::new(example).arg(&modules))?;
    rust.answer()?;
    eprintln!("code: {module_count} modules");
    let mut ratios = Vec::new();
    for pass in PASSES {
        ratios.extend(compare(&mut cpython, &mut rust, python, pass)?);
    }
    for pass in ALONE {
        let samples = (0..PAIR_COUNT).map(|_| rust.run(pass));
        let mut samples = samples.collect::<Result<Vec<_>>>()?;
        let (nanoseconds, count) = median(&mut samples);
        eprintln!("code/{pass}: {:.2} ns an instruction", nanoseconds / count);
    }
    std::fs::remove_file(&modules)?;
    Ok(ratios)
}

/// The ratio; `None` where the package to compare with is not there.
fn compare(
    cpython: &mut Half,
    rust: &mut Half,
    python: &Python,
    (name, pass, cpython_pass, what): &(&str, &str, &str, &str),
) -> Result<Option<Ratio>> {
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..PAIR_COUNT {
        let sample = cpython.run(cpython_pass)?;
        if sample.0 == 0.0 {
            eprintln!("code/{name}: no {what} in PYCO_PEERS");
            return Ok(None);
        }
        theirs.push(sample);
        ours.push(rust.run(pass)?);
    }
    let (theirs, _) = median(&mut theirs);
    let (ours, count) = median(&mut ours);
    eprintln!(
        "code/{name}: {:.2} ns, {what} {:.2} ns, for each of {count}",
        ours / count,
        theirs / count,
    );
    Ok(Some(Ratio {
        name: format!("code/{name}"),
        peer: format!("CPython {} {what}", python.version),
        times_faster: theirs / ours,
        pair_count: PAIR_COUNT,
    }))
}
