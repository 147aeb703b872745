//! `bench marshal`: the whole 3.13 standard library read and written by CPython and by this workspace in turn.
//!
//! As in `bench linetable`, both halves are processes of their own on one core, which take turns. The Rust half is
//! the `marshal_throughput` example, built for release.

use std::process::Command;

use anyhow::{Context, Result};

use super::Ratio;
use super::linetable::{Half, median};
use crate::pythons::{self, Python, Release};
use crate::sh;

/// How many pairs of passes are run for each measurement.
const PAIR_COUNT: usize = 9;

/// The Rust passes, and the CPython pass that each is compared with.
const PASSES: &[(&str, &str)] = &[
    ("document", "loads"),
    ("value", "loads"),
    ("encode", "dumps"),
    ("to_marshal", "dumps"),
    ("rewrite", "rewrite"),
];

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
        "pyco-marshal",
        "--example",
        "marshal_throughput",
    ]))?;
    let modules = std::env::temp_dir().join(format!("pyco-marshal-{}.bin", std::process::id()));
    let script = "xtask/src/bench/marshal.py";
    let mut cpython = Half::start(python.command().arg(script).arg(&modules))?;
    let (module_count, _) = cpython.answer()?;
    let example = sh::root().join("target/release/examples/marshal_throughput");
    let mut rust = Half::start(Command::new(example).arg(&modules))?;
    rust.answer()?;
    eprintln!("marshal: {module_count} modules");
    let ratios = PASSES
        .iter()
        .map(|pass| compare(&mut cpython, &mut rust, python, pass))
        .collect();
    std::fs::remove_file(&modules)?;
    ratios
}

fn compare(
    cpython: &mut Half,
    rust: &mut Half,
    python: &Python,
    (pass, cpython_pass): &(&str, &str),
) -> Result<Ratio> {
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..PAIR_COUNT {
        theirs.push(cpython.run(cpython_pass)?);
        ours.push(rust.run(pass)?);
    }
    let (theirs, _) = median(&mut theirs);
    let (ours, byte_count) = median(&mut ours);
    // Bytes a nanosecond are gigabytes a second.
    eprintln!(
        "marshal/{pass}: {:.0} MB/s, CPython {:.0} MB/s ({byte_count} bytes)",
        1000.0 * byte_count / ours,
        1000.0 * byte_count / theirs,
    );
    Ok(Ratio {
        name: format!("marshal/{pass}"),
        peer: format!("CPython {} marshal {cpython_pass}", python.version),
        times_faster: theirs / ours,
        pair_count: PAIR_COUNT,
    })
}
