//! `cargo xtask bench`: the criterion benchmarks, then the side-by-side measurements.
//!
//! Criterion watches each crate for regressions; the side-by-side measurements run pyco and the
//! interpreters found on the machine in turn and report paired ratios.

mod code;
mod exec;
mod linetable;
mod marshal;

use std::path::PathBuf;

use anyhow::Result;

use crate::pythons::Explicit;
use crate::sh;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only benchmarks whose name contains this; `exec` compares whole programs with the interpreters
    filter: Option<String>,
    /// Side-by-side results as one JSON object a line, and no criterion run
    #[arg(long)]
    json: bool,
    /// With `exec`: only programs whose name contains this
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// With `exec`: how often each contestant runs each program
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: usize,
    /// With `exec`: begin no further round after so many seconds; the first is always finished
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    time: u64,
    /// With `exec`: keep what is measured so far, as JSON, in this file instead of target/bench/exec.jsonl
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// With `exec`: count pyco's instructions by valgrind, too
    #[arg(long)]
    instructions: bool,
    /// With `exec`: write a bar chart
    #[arg(long, value_name = "SVG")]
    chart: Option<PathBuf>,
    /// With `exec`: measure this pyco instead of the release build
    #[arg(long, value_name = "FILE")]
    pyco: Option<PathBuf>,
    /// With `exec`: take the release build as it is
    #[arg(long)]
    no_build: bool,
    /// With `exec`: use this interpreter for a release: `3.15=PATH`; may be repeated
    #[arg(long, value_name = "RELEASE=PATH")]
    python: Vec<Explicit>,
}

/// One line of a side-by-side measurement.
pub(crate) struct Ratio {
    /// What was measured.
    pub(crate) name: String,
    /// What pyco was compared with, such as `CPython 3.13.0 marshal.loads`.
    pub(crate) peer: String,
    /// How many times faster pyco was: the median over the pairs.
    pub(crate) times_faster: f64,
    /// How many pairs were run.
    pub(crate) pair_count: usize,
}

/// A named measurement.
type Measurement = (&'static str, fn() -> Result<Vec<Ratio>>);

/// Add a measurement here: one line each.
const MEASUREMENTS: &[Measurement] = &[
    ("code", code::measure),
    ("linetable", linetable::measure),
    ("marshal", marshal::measure),
];

pub(crate) fn run(args: &Args) -> Result<()> {
    if args.filter.as_deref() == Some("exec") {
        return exec::run(args);
    }
    if !args.json {
        let mut command = sh::cargo(["bench", "--package", "pyco-benches"]);
        if let Some(filter) = &args.filter {
            command.arg("--").arg(filter);
        }
        sh::run(&mut command)?;
    }
    for (name, measure) in MEASUREMENTS {
        if args
            .filter
            .as_ref()
            .is_some_and(|filter| !name.contains(filter.as_str()))
        {
            continue;
        }
        for ratio in measure()? {
            print(&ratio, args.json);
        }
    }
    Ok(())
}

fn print(ratio: &Ratio, json: bool) {
    let Ratio {
        name,
        peer,
        times_faster,
        pair_count,
    } = ratio;
    if json {
        let line = serde_json::json!({
            "name": name, "peer": peer, "times_faster": times_faster, "pair_count": pair_count,
        });
        println!("{line}");
    } else {
        println!("{name}: {times_faster:.2} times faster than {peer} ({pair_count} pairs)");
    }
}
