//! `bench exec`: the programs of `benches/programs`, run by pyco and by the interpreters found on the machine, in turn.
//!
//! Each interpreter's own version of a program is compiled by itself, and pyco runs that same `.pyc`. What counts is CPU time; a round
//! runs all contestants one after another, and a ratio is the median over the rounds of that round's own ratio. pyco runs twice a round:
//! how far the ratio of the two is from 1 says what the others are worth.
//!
//! A round goes through all programs before the next begins, none begins once the time is up, and what is measured so far is in a file
//! after each: on a busy machine, too, a run ends, and an interrupted one leaves its results.

mod chart;
mod run;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use self::run::{Contestant, Heat, Measured};
use super::Args;
use crate::pythons::{self, Python, Release};
use crate::sh;

/// One program, and what each contestant made of it.
pub(super) struct Row {
    /// `programs/nbody`, `micro/calls`, `start-up`.
    pub(super) name: String,
    /// By contestant.
    pub(super) measured: BTreeMap<String, Measured>,
    /// How many times faster pyco was than a contestant; for itself, the control.
    pub(super) ratios: BTreeMap<String, f64>,
}

/// What pyco is compared with when it is compared with itself.
pub(super) const CONTROL: &str = "pyco again";

pub(super) fn run(args: &Args) -> Result<()> {
    let explicit = &args.python;
    let wanted = [13, 15].map(|minor| Release { major: 3, minor });
    let pythons = pythons::find(&wanted, explicit)?;
    ensure!(!pythons.is_empty(), "no CPython 3.13 or 3.15 found");
    if !args.no_build {
        sh::run(&mut sh::cargo([
            "build",
            "--quiet",
            "--release",
            "--package",
            "pyco",
        ]))?;
    }
    let pyco = match &args.pyco {
        Some(path) => std::path::absolute(path)?,
        None => sh::root().join("target/release/pyco"),
    };
    let folder = std::env::temp_dir().join(format!("pyco-bench-{}", std::process::id()));
    let programs = compile(&pythons, &folder, &args.only)?;
    let pythons = with_variants(pythons)?;
    let rustpython = run::in_path("rustpython");
    if rustpython.is_none() {
        eprintln!("no RustPython in PATH");
    }
    let mut heats = Vec::new();
    for (name, source) in &programs {
        for (python, has_jit) in &pythons {
            let file = compiled(&folder, python, name);
            let mut all = contestants(&pyco, python, *has_jit, &file);
            if let Some(rustpython) = rustpython.as_ref().filter(|_| python.release.minor == 13) {
                all.push(Contestant::new("RustPython", rustpython, &[], source));
            }
            heats.push(Heat::new(name, all));
        }
    }
    let save = match &args.save {
        Some(path) => path.clone(),
        None => sh::root().join("target/bench/exec.jsonl"),
    };
    if let Some(parent) = save.parent() {
        std::fs::create_dir_all(parent)?;
    }
    run_rounds(args, &mut heats, &save)?;
    let mut rows = rows(&heats);
    if args.instructions {
        for row in &mut rows {
            let file = compiled(&folder, &pythons[0].0, &row.name);
            let pyco_row = row.measured.entry("pyco".to_owned()).or_default();
            pyco_row.instructions = Some(run::instructions(&pyco, &file)?);
        }
        std::fs::write(&save, table::json_lines(&rows))?;
    }
    std::fs::remove_dir_all(&folder)?;
    match args.json {
        true => print!("{}", table::json_lines(&rows)),
        false => table::print(&rows),
    }
    if let Some(path) = &args.chart {
        std::fs::write(path, chart::svg(&rows))?;
    }
    Ok(())
}

/// Runs all rounds for which there is time, and saves the results after each.
fn run_rounds(args: &Args, heats: &mut [Heat], save: &Path) -> Result<()> {
    let start = Instant::now();
    let limit = Duration::from_secs(args.time);
    for round in 1..=args.rounds.max(1) {
        for heat in heats.iter_mut() {
            if round > 1 && start.elapsed() > limit {
                eprintln!("time is up in round {round}");
                break;
            }
            heat.run().with_context(|| heat.name.clone())?;
        }
        std::fs::write(save, table::json_lines(&rows(heats)))?;
        if start.elapsed() > limit {
            break;
        }
        let seconds = start.elapsed().as_secs();
        eprintln!("round {round} of {}: {seconds} s", args.rounds);
    }
    eprintln!("saved in {}", save.display());
    Ok(())
}

/// The results so far, one row a program.
fn rows(heats: &[Heat]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for heat in heats {
        if rows.last().is_none_or(|row| row.name != heat.name) {
            rows.push(Row {
                name: heat.name.clone(),
                measured: BTreeMap::new(),
                ratios: BTreeMap::new(),
            });
        }
        if let Some(row) = rows.last_mut() {
            heat.add_to(row);
        }
    }
    rows
}

/// Where a program's `.pyc` for an interpreter is.
fn compiled(folder: &Path, python: &Python, name: &str) -> PathBuf {
    let release = python.release.to_string();
    folder.join(release).join(format!("{name}.pyc"))
}

/// The programs, each compiled by each interpreter.
fn compile(
    pythons: &[Python],
    folder: &Path,
    only: &Option<String>,
) -> Result<Vec<(String, PathBuf)>> {
    let sources = sh::root().join("benches/programs");
    let empty = folder.join("empty.py");
    std::fs::create_dir_all(folder)?;
    std::fs::write(&empty, "")?;
    let mut programs = vec![("start-up".to_owned(), empty)];
    for (group, from) in [
        ("programs", sources.clone()),
        ("micro", sources.join("micro")),
    ] {
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(&from)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "py") {
                files.push(path);
            }
        }
        files.sort();
        for path in files {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            programs.push((format!("{group}/{stem}"), path));
        }
    }
    programs.retain(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only)));
    ensure!(!programs.is_empty(), "no program of that name");
    let script = "import py_compile, sys\n\
        for at in range(1, len(sys.argv), 2):\n    \
        py_compile.compile(sys.argv[at], cfile=sys.argv[at + 1], doraise=True)";
    for python in pythons {
        let mut command = python.command();
        command.args(["-c", script]);
        for (name, source) in &programs {
            command.arg(source).arg(compiled(folder, python, name));
        }
        sh::output(&mut command)?;
    }
    Ok(programs)
}

/// The interpreters, and whether each has a JIT that can be switched on.
fn with_variants(pythons: Vec<Python>) -> Result<Vec<(Python, bool)>> {
    let script = "import sys; print(hasattr(sys, '_jit') and sys._jit.is_available())";
    let mut all = Vec::new();
    for python in pythons {
        let answer = sh::output(python.command().env("PYTHON_JIT", "1").args(["-c", script]))?;
        let has_jit = answer.trim_ascii() == b"True" && python.release.minor >= 15;
        if python.release.minor >= 15 && !has_jit {
            eprintln!("{} was built without its JIT", python.path.display());
        }
        all.push((python, has_jit));
    }
    Ok(all)
}

/// Who runs a program in each round: pyco twice, then the interpreter and its variants.
fn contestants(pyco: &Path, python: &Python, has_jit: bool, file: &Path) -> Vec<Contestant> {
    let ours = |name: &str| Contestant::new(name, pyco, &["run"], file);
    let version = &python.version;
    let mut all = vec![
        ours("pyco"),
        Contestant::new(
            &format!("CPython {version}"),
            &python.path,
            &["-I", "-S"],
            file,
        ),
        ours(CONTROL),
    ];
    if has_jit {
        let name = format!("CPython {version} with its JIT");
        let mut jit = Contestant::new(&name, &python.path, &["-S"], file);
        jit.environment = Some(("PYTHON_JIT", "1"));
        all.push(jit);
    }
    all
}
