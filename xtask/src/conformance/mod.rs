//! `cargo xtask conformance`: runs files of an installed CPython's own `Lib/test` in pyco.
//!
//! That CPython compiles them on the spot; `unittest` and `test.support` are stand-ins of ours (`python/`), which ask little
//! of an interpreter. Each file runs in a process of its own with limits of time and memory. A method that brings the process down, or
//! takes too long, is counted, and a new process goes on behind it.
//!
//! What `python/run.py` prints: lines that start with U+0001, then tab-separated `plan COUNT`, `start INDEX NAME`, an
//! outcome (`pass`, `fail`, `error`, `skip`) with name and text, `file OUTCOME TEXT` if the whole file comes to nothing, and `done`.

mod child;
mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::pythons::{self, Python, Release};
use crate::sh;
use child::{Child, Ending};
use report::{FileReport, Kind, Outcome};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The CPython whose tests are run, an executable or a release such as 3.14; else the newest that is found
    #[arg(long, value_name = "PATH")]
    python: Option<String>,
    /// Show what failed, and why
    #[arg(long, short)]
    verbose: bool,
    /// Print a JSON object a file instead of the table
    #[arg(long)]
    json: bool,
    /// Only methods whose `Class.method` contains this; may be repeated
    #[arg(long, value_name = "TEXT")]
    method: Vec<String>,
    /// Stop a method after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    time: u64,
    /// Stop a process that needs more bytes
    #[arg(long, value_name = "BYTES", default_value_t = 2 << 30)]
    memory: u64,
    /// This pyco instead of the one that `cargo build -p pyco` makes
    #[arg(long, value_name = "PATH")]
    pyco: Option<PathBuf>,
    /// The names of test files, such as test_int; all that docs/conformance.md speaks of if there are none
    files: Vec<String>,
}

/// The files that docs/conformance.md speaks of.
const FILES: &[&str] = &[
    "test_dict",
    "test_list",
    "test_tuple",
    "test_set",
    "test_int",
    "test_float",
    "test_generators",
    "test_exceptions",
    "test_scope",
    "test_class",
    "test_property",
    "test_with",
    "test_iter",
    "test_slice",
    "test_enumerate",
    "test_itertools",
    "test_functools",
    "test_collections",
    "test_bool",
    "test_lazy_import",
    "test_complex",
    "test_str",
    "test_bytes",
    "test_format",
    "test_fstring",
    "test_grammar",
    "test_call",
    "test_code",
    "test_funcattrs",
    "test_builtin",
    "test_coroutines",
    "test_asyncgen",
    "test_exception_group",
    "test_except_star",
    "test_patma",
    "test_descr",
    "test_super",
    "test_range",
    "test_compare",
    "test_contains",
    "test_unpack",
    "test_opcodes",
    "test_keywordonlyarg",
    "test_dictcomps",
    "test_listcomps",
    "test_named_expressions",
    "test_types",
    "test_typing",
];

pub(crate) fn run(args: &Args) -> Result<()> {
    let python = python(args.python.as_deref())?;
    let pyco = match &args.pyco {
        Some(path) => std::path::absolute(path)?,
        None => {
            sh::run(sh::cargo(["build", "-q", "-p", "pyco"]).current_dir(sh::root()))?;
            sh::root().join("target/debug/pyco")
        }
    };
    let setup = Setup {
        python: &python,
        pyco: &pyco,
        folder: sh::root().join("xtask/src/conformance/python"),
        scratch: scratch()?,
        args,
    };
    let named = args.files.iter().map(|name| module_name(name));
    let files: Vec<String> = match args.files.is_empty() {
        true => FILES.iter().map(|name| (*name).to_owned()).collect(),
        false => named.collect(),
    };
    if !args.json {
        println!("CPython {}'s tests in pyco", python.version);
        println!("{}", report::HEADING);
    }
    let mut all = FileReport::new("total".to_owned());
    for file in files {
        let report = setup.run_file(&file)?;
        match args.json {
            true => println!("{}", report.to_json(&python.version)),
            false => {
                println!("{}", report.line());
                if args.verbose {
                    print!("{}", report.failures());
                }
            }
        }
        all.add(&report);
    }
    if !args.json {
        println!("{}", all.line());
    }
    Ok(())
}

/// `test_int` for `test_int.py` and for a path to it.
fn module_name(file: &str) -> String {
    let name = file.strip_suffix(".py").unwrap_or(file);
    match name.rsplit_once("Lib/test/") {
        Some((_, name)) => name.replace('/', "."),
        None => name.rsplit('/').next().unwrap_or(name).to_owned(),
    }
}

fn python(named: Option<&str>) -> Result<Python> {
    let wanted = (11..=15).map(|minor| Release { major: 3, minor });
    let mut wanted: Vec<Release> = wanted.collect();
    let explicit = match named.map(|named| (named, named.parse::<Release>())) {
        Some((_, Ok(release))) => {
            wanted = vec![release];
            Vec::new()
        }
        Some((path, Err(_))) => {
            let python = pythons::probe(Path::new(path));
            return python.with_context(|| format!("{path}: no CPython that starts"));
        }
        None => Vec::new(),
    };
    let found = pythons::find(&wanted, &explicit)?;
    found
        .into_iter()
        .last()
        .context("no CPython of 3.11 to 3.15 found; name one with --python PATH")
}

/// A folder for what tests write.
fn scratch() -> Result<PathBuf> {
    let folder = sh::root().join("target/conformance");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// What all files are run with.
struct Setup<'a> {
    python: &'a Python,
    pyco: &'a Path,
    folder: PathBuf,
    scratch: PathBuf,
    args: &'a Args,
}

impl Setup<'_> {
    fn start(&self, file: &str, from: usize) -> Result<Child> {
        let mut command = std::process::Command::new(self.pyco);
        command
            .arg("run")
            .arg("--python")
            .arg(&self.python.path)
            .args(["--memory", &self.args.memory.to_string()])
            .arg(self.folder.join("run.py"))
            .arg(format!("test.{file}"))
            .arg(from.to_string())
            .args(&self.args.method)
            .env("PYTHONHASHSEED", "0")
            .current_dir(&self.scratch);
        Child::start(command)
    }

    fn run_file(&self, file: &str) -> Result<FileReport> {
        // The first answer has to wait for everything that is imported to be compiled.
        const LOADING: Duration = Duration::from_secs(120);
        let limit = Duration::from_secs(self.args.time);
        let mut report = FileReport::new(file.to_owned());
        let mut from = 0;
        loop {
            let mut child = self.start(file, from)?;
            let mut running: Option<(usize, String)> = None;
            let mut is_planned = false;
            let ending = loop {
                let line = match child.line(if is_planned { limit } else { LOADING }) {
                    Ok(line) => line,
                    Err(ending) => break ending,
                };
                let Some(line) = line.strip_prefix('\u{1}') else {
                    continue;
                };
                let mut parts = line.splitn(3, '\t');
                let mut part = || parts.next().unwrap_or_default();
                let (kind, name, text) = (part(), part(), unescaped(part()));
                match kind {
                    "plan" => is_planned = true,
                    "start" => running = Some((name.parse().context("a number")?, text)),
                    "done" => return Ok(report),
                    "file" => {
                        report.whole = Some(Outcome::new(kind_of(name)?, file, text));
                        return Ok(report);
                    }
                    _ => {
                        running = None;
                        report
                            .outcomes
                            .push(Outcome::new(kind_of(kind)?, name, text));
                        from += 1;
                    }
                }
            };
            let (kind, text) = match ending {
                Ending::TimeOut => (Kind::TimeOut, format!("no answer within {limit:?}")),
                Ending::Ended(text) => (Kind::Crash, text),
            };
            let Some((index, name)) = running else {
                report.whole = Some(Outcome::new(kind, file, text));
                return Ok(report);
            };
            report.outcomes.push(Outcome::new(kind, &name, text));
            ensure!(
                index >= from || from == 0,
                "the tests of {file} changed their order"
            );
            from = index + 1;
        }
    }
}

fn kind_of(text: &str) -> Result<Kind> {
    Ok(match text {
        "pass" => Kind::Pass,
        "fail" => Kind::Fail,
        "error" => Kind::Error,
        "skip" => Kind::Skip,
        other => bail!("run.py says {other:?}"),
    })
}

/// The text that `say` in run.py has escaped.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, _) => out.push(c),
        }
    }
    out
}
