//! `bench linetable`: all tables of a standard library, decoded by CPython and by this workspace in turn.
//!
//! Both halves are processes of their own on one core, which take turns: a pass of one, then the same pass of the
//! other. The Rust half is the `throughput` example, built for release.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::Ratio;
use crate::pythons::{self, Python, Release};
use crate::sh;

/// How many pairs of passes are run for each measurement.
const PAIR_COUNT: usize = 11;

/// The Rust passes, and the CPython pass that each is compared with.
const PASSES: &[(&str, &str, &str)] = &[
    ("positions", "positions", "co_positions"),
    ("positions-fold", "positions", "co_positions"),
    ("positions-fill", "positions", "co_positions"),
    ("lines", "lines", "co_lines"),
    ("lines-fold", "lines", "co_lines"),
    ("lines-fill", "lines", "co_lines"),
];

/// Passes of the Rust half alone, which put the others in proportion, and what their items are.
const ALONE: &[(&str, &str)] = &[
    ("entries", "entry"),
    ("index", "look-up"),
    ("entries-bytes", "byte"),
    ("memchr", "byte"),
];

pub(super) fn measure() -> Result<Vec<Ratio>> {
    let releases = [15, 14, 13, 12].map(|minor| Release { major: 3, minor });
    let python = pythons::find(&releases, &[])?;
    let python = python.last().context("no CPython 3.12 or later found")?;
    sh::run(&mut sh::cargo([
        "build",
        "--quiet",
        "--release",
        "--package",
        "pyco-linetable",
        "--example",
        "throughput",
    ]))?;

    let tables = std::env::temp_dir().join(format!("pyco-linetable-{}.txt", std::process::id()));
    let mut cpython = Half::start(
        python
            .command()
            .arg("xtask/src/bench/linetable.py")
            .arg(&tables),
    )?;
    let table_count = cpython.answer()?;
    let example = sh::root().join("target/release/examples/throughput");
    let mut rust = Half::start(Command::new(example).arg(&tables))?;
    let ratios = PASSES
        .iter()
        .map(|pass| compare(&mut cpython, &mut rust, python, pass))
        .collect();
    for (pass, item) in ALONE {
        let mut samples = (0..PAIR_COUNT)
            .map(|_| rust.run(pass))
            .collect::<Result<Vec<_>>>()?;
        let (nanoseconds, item_count) = median(&mut samples);
        eprintln!(
            "linetable/{pass}: {:.2} ns for each {item}, {:.2} thousand million a second",
            nanoseconds / item_count,
            item_count / nanoseconds
        );
    }
    eprintln!("linetable: {} tables", table_count.0);
    std::fs::remove_file(&tables)?;
    ratios
}

fn compare(
    cpython: &mut Half,
    rust: &mut Half,
    python: &Python,
    (pass, cpython_pass, method): &(&str, &str, &str),
) -> Result<Ratio> {
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..PAIR_COUNT {
        theirs.push(cpython.run(cpython_pass)?);
        ours.push(rust.run(pass)?);
    }
    let (theirs, _) = median(&mut theirs);
    let (ours, item_count) = median(&mut ours);
    eprintln!(
        "linetable/{pass}: {:.2} ns an item, CPython {:.1} ns ({item_count} items)",
        ours / item_count,
        theirs / item_count
    );
    Ok(Ratio {
        name: format!("linetable/{pass}"),
        peer: format!("CPython {} {method}", python.version),
        times_faster: theirs / ours,
        pair_count: PAIR_COUNT,
    })
}

/// The sample in the middle.
pub(super) fn median(samples: &mut [(f64, f64)]) -> (f64, f64) {
    samples.sort_by(|one, other| one.0.total_cmp(&other.0));
    samples[samples.len() / 2]
}

/// One side of the comparison: a process that runs the passes it is told to.
pub(super) struct Half {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Half {
    /// Starts `command` on the last core, where there is `taskset` to say so.
    pub(super) fn start(command: &Command) -> Result<Self> {
        let last_core = std::thread::available_parallelism()?.get() - 1;
        let has_taskset = Command::new("taskset").arg("-V").output().is_ok();
        let mut pinned = Command::new(if has_taskset {
            "taskset".as_ref()
        } else {
            command.get_program()
        });
        if has_taskset {
            pinned
                .args(["--cpu-list", &last_core.to_string()])
                .arg(command.get_program());
        }
        pinned
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(folder) = command.get_current_dir() {
            pinned.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => pinned.env(name, value),
                None => pinned.env_remove(name),
            };
        }
        let mut child = pinned
            .spawn()
            .context("cannot start one half of the comparison")?;
        let answers = BufReader::new(child.stdout.take().context("no pipe")?);
        Ok(Self { child, answers })
    }

    /// Runs a pass: how many nanoseconds it took, and over how many items where the half says so.
    pub(super) fn run(&mut self, pass: &str) -> Result<(f64, f64)> {
        writeln!(self.child.stdin.as_mut().context("no pipe")?, "{pass}")?;
        self.answer()
    }

    pub(super) fn answer(&mut self) -> Result<(f64, f64)> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let numbers: Vec<f64> = line
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        ensure!(!numbers.is_empty(), "one half of the comparison stopped");
        Ok((numbers[0], numbers.get(1).copied().unwrap_or(1.0)))
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        // Without stdin it ends by itself.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
