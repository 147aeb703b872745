//! `bench exec`: the programs of `benches/programs`, run by pyco and by the interpreters found on the machine, in turn.
//!
//! Each interpreter's own version of a program is compiled by itself, and pyco runs that same `.pyc`. What counts is CPU time; a round
//! runs all contestants one after another, and a ratio is the median over the rounds of that round's own ratio. pyco runs twice a round:
//! how far the ratio of the two is from 1 says what the others are worth.

mod chart;
mod run;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::run::{Contestant, Measured};
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
    let mut rows = Vec::new();
    for (name, source) in &programs {
        let mut row = Row {
            name: name.clone(),
            measured: BTreeMap::new(),
            ratios: BTreeMap::new(),
        };
        for python in &pythons {
            let contestants = contestants(&pyco, python, source, &compiled(&folder, python, name));
            run::compare(&contestants, args.rounds, &mut row)
                .with_context(|| format!("{name} by {}", python.version))?;
        }
        if args.instructions {
            let file = compiled(&folder, &pythons[0], name);
            let count = run::instructions(&pyco, &file)?;
            row.measured
                .entry("pyco".to_owned())
                .or_default()
                .instructions = Some(count);
        }
        if args.json {
            table::print_json(&row);
        } else {
            eprint!(".");
        }
        rows.push(row);
    }
    std::fs::remove_dir_all(&folder)?;
    if !args.json {
        eprintln!();
        table::print(&rows);
    }
    if let Some(path) = &args.chart {
        std::fs::write(path, chart::svg(&rows))?;
    }
    Ok(())
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

/// Who runs a program in each round: pyco twice, then the interpreter and its variants.
fn contestants(pyco: &Path, python: &Python, source: &Path, file: &Path) -> Vec<Contestant> {
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
    if python.release.minor >= 15 {
        let name = format!("CPython {version} with its JIT");
        let mut jit = Contestant::new(&name, &python.path, &["-S"], file);
        jit.environment = Some(("PYTHON_JIT", "1"));
        all.push(jit);
    }
    if let Some(rustpython) = run::in_path("rustpython")
        && python.release.minor == 13
    {
        all.push(Contestant::new("RustPython", &rustpython, &[], source));
    }
    all
}
