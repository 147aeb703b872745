//! `cargo xtask asan`: runs the recorded programs and the benchmarks' under an address sanitizer.
//!
//! The build has `--cfg pyco_sanitize`, by which each object has a block of the system's allocator to itself: what is read
//! behind an object's end or after its death is then seen, which the heap of size classes would hide.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::pythons::{self, Release};
use crate::sh;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the programs whose path contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Seconds after which a program is stopped; it counts as having shown nothing
    #[arg(long, value_name = "N", default_value_t = 300)]
    seconds: u64,
    /// Where the build goes
    #[arg(long, value_name = "DIR", default_value = "target/asan")]
    target_dir: PathBuf,
}

/// The exit code that the sanitizer ends a process with.
const REPORTED: i32 = 99;

pub(crate) fn run(args: &Args) -> Result<()> {
    let pyco = build(&args.target_dir)?;
    let mut programs = recorded()?;
    programs.extend(compiled(&args.target_dir)?);
    if let Some(only) = &args.only {
        programs.retain(|path| path.to_string_lossy().contains(only.as_str()));
    }
    ensure!(!programs.is_empty(), "no program has such a path");
    let limit = Duration::from_secs(args.seconds);
    let next = Mutex::new(programs.iter());
    let (reports, stopped) = (Mutex::new(0), Mutex::new(0));
    let work = || -> Result<()> {
        loop {
            let Some(program) = next.lock().expect("no panic").next() else {
                return Ok(());
            };
            match outcome(&pyco, program, limit)? {
                Outcome::Nothing => {}
                Outcome::Stopped => {
                    println!("{}: stopped after {limit:?}", program.display());
                    *stopped.lock().expect("no panic") += 1;
                }
                Outcome::Report(text) => {
                    println!("{}:\n{text}", program.display());
                    *reports.lock().expect("no panic") += 1;
                }
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|w| w.join().expect("no panic"));
        joined.collect::<Result<Vec<()>>>()
    })?;
    let (reports, stopped) = (
        reports.into_inner().expect("no panic"),
        stopped.into_inner().expect("no panic"),
    );
    let count = programs.len();
    println!("{count} programs, {reports} reports, {stopped} stopped before their end");
    ensure!(reports == 0, "the sanitizer has reported errors");
    Ok(())
}

/// Builds the command with the sanitizer; gives its path.
fn build(target_dir: &Path) -> Result<PathBuf> {
    let host = sh::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let host = String::from_utf8(host)?.trim().to_owned();
    let mut command = Command::new("cargo");
    command
        .args(["+nightly", "build", "-p", "pyco", "--target", &host])
        .arg("--target-dir")
        .arg(target_dir)
        .env("RUSTFLAGS", "-Zsanitizer=address --cfg pyco_sanitize")
        // The toolchain of the running cargo would override `+nightly`.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .current_dir(sh::root());
    sh::run(&mut command)?;
    let built = target_dir.join(host).join("debug/pyco");
    std::path::absolute(sh::root().join(built)).context("no path to the build")
}

/// The programs of `fixtures`, as each version that can run compiled them.
fn recorded() -> Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for minor in 11..=15 {
        programs.extend(files(&format!("fixtures/pyc/3.{minor}"), "pyc")?);
    }
    Ok(programs)
}

/// The programs that are measured, compiled by the newest CPython that is found; none if there is none.
fn compiled(target_dir: &Path) -> Result<Vec<PathBuf>> {
    let wanted: Vec<Release> = (11..=15).map(|minor| Release { major: 3, minor }).collect();
    let Some(python) = pythons::find(&wanted, &[])?.pop() else {
        eprintln!("no CPython 3.11 to 3.15 is found: the programs of benches are left out");
        return Ok(Vec::new());
    };
    let folder = sh::root().join(target_dir).join("programs");
    let mut programs = Vec::new();
    for group in ["benches/programs", "benches/programs/micro"] {
        let into = folder.join(Path::new(group).file_name().unwrap_or_default());
        fs::create_dir_all(&into)?;
        for source in files(group, "py")? {
            let name = Path::new(source.file_name().unwrap_or_default());
            let compiled = into.join(name.with_extension("pyc"));
            let script = "import py_compile, sys; py_compile.compile(*sys.argv[1:], doraise=True)";
            let mut command = python.command();
            sh::output(command.args(["-c", script]).arg(&source).arg(&compiled))?;
            programs.push(compiled);
        }
    }
    Ok(programs)
}

fn files(folder: &str, extension: &str) -> Result<Vec<PathBuf>> {
    let folder = sh::root().join(folder);
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

enum Outcome {
    /// The program ended, however.
    Nothing,
    Stopped,
    /// What the sanitizer said, or which signal ended the process.
    Report(String),
}

fn outcome(pyco: &Path, program: &Path, limit: Duration) -> Result<Outcome> {
    let log = tempfile(program)?;
    let mut child = Command::new(pyco)
        .arg("run")
        .arg(program)
        .current_dir(sh::root())
        // What a program leaves behind at its end is given back by the process's end.
        .env(
            "ASAN_OPTIONS",
            format!("exitcode={REPORTED}:detect_leaks=0"),
        )
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?)
        .spawn()
        .with_context(|| format!("cannot start {}", pyco.display()))?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            fs::remove_file(&log)?;
            return Ok(Outcome::Stopped);
        }
        thread::sleep(Duration::from_millis(20));
    };
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    fs::remove_file(&log)?;
    Ok(match status.code() {
        Some(REPORTED) => Outcome::Report(said.lines().take(60).collect::<Vec<_>>().join("\n")),
        Some(_) if said.contains("panicked at") => Outcome::Report(said),
        Some(_) => Outcome::Nothing,
        None => Outcome::Report(format!("{status}\n{said}")),
    })
}

/// A file for what the run of a program says on stderr.
fn tempfile(program: &Path) -> Result<PathBuf> {
    let Some(name) = program.file_name() else {
        bail!("{} is no file", program.display());
    };
    let folder = program.parent().and_then(Path::file_name);
    let name = format!(
        "pyco-asan-{}-{}-{}",
        std::process::id(),
        folder.unwrap_or_default().to_string_lossy(),
        name.to_string_lossy()
    );
    Ok(std::env::temp_dir().join(name))
}
