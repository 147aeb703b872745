//! Running one contestant, and all of a program in turn.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::{CONTROL, Row};
use crate::sh;

/// Something that runs a program.
pub(super) struct Contestant {
    pub(super) name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    pub(super) environment: Option<(&'static str, &'static str)>,
}

/// What a contestant took for a program.
#[derive(Clone, Default)]
pub(in crate::bench) struct Measured {
    /// CPU time in seconds, user and system, of each round.
    pub(super) seconds: Vec<f64>,
    /// The most memory that a round had resident, in KiB; not less than what this process had when it started the contestant.
    pub(super) peak: u64,
    /// Instructions, by callgrind.
    pub(super) instructions: Option<u64>,
}

impl Measured {
    /// The median time.
    pub(super) fn median(&self) -> f64 {
        median(&self.seconds)
    }
}

impl Contestant {
    pub(super) fn new(name: &str, program: &Path, before: &[&str], file: &Path) -> Contestant {
        let mut arguments: Vec<OsString> = before.iter().map(OsString::from).collect();
        arguments.push(file.into());
        Contestant {
            name: name.to_owned(),
            program: program.to_owned(),
            arguments,
            environment: None,
        }
    }

    /// Runs once: CPU seconds, peak memory, and what was written to stdout.
    fn run(&self) -> Result<(f64, u64, Vec<u8>)> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("PYTHONHASHSEED", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some((key, value)) = self.environment {
            command.env(key, value);
        }
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut output = Vec::new();
        if let Some(mut stdout) = child.stdout.take() {
            std::io::Read::read_to_end(&mut stdout, &mut output)?;
        }
        let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
        // SAFETY: the child is ours and has not been waited for; both pointers are to live memory of the right type.
        let waited = unsafe { libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr()) };
        ensure!(
            waited == child.id() as i32,
            "{} was not waited for",
            self.name
        );
        // SAFETY: zeroed memory is a valid rusage, whatever `wait4` has written of it.
        let usage = unsafe { usage.assume_init() };
        ensure!(status == 0, "{} failed: wait status {status}", self.name);
        let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
        let seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
        Ok((seconds, usage.ru_maxrss as u64, output))
    }
}

/// One program by one interpreter's bytecode: who runs it, and what they took so far.
pub(super) struct Heat {
    /// The program.
    pub(super) name: String,
    contestants: Vec<Contestant>,
    measured: Vec<Measured>,
    /// What the first one printed.
    expected: Option<Vec<u8>>,
}

impl Heat {
    /// The first contestant is the one that is compared with the others.
    pub(super) fn new(name: &str, contestants: Vec<Contestant>) -> Heat {
        Heat {
            name: name.to_owned(),
            measured: vec![Measured::default(); contestants.len()],
            contestants,
            expected: None,
        }
    }

    /// Lets each contestant run once.
    pub(super) fn run(&mut self) -> Result<()> {
        for (contestant, measured) in self.contestants.iter().zip(&mut self.measured) {
            let (seconds, peak, output) = contestant.run()?;
            measured.seconds.push(seconds);
            measured.peak = measured.peak.max(peak);
            match &self.expected {
                None => self.expected = Some(output),
                Some(expected) if *expected == output => {}
                Some(_) => bail!("{} prints something else than pyco", contestant.name),
            }
        }
        Ok(())
    }

    /// Adds to `row` what the contestants took.
    pub(super) fn add_to(&self, row: &mut Row) {
        let Some((ours, others)) = self.measured.split_first() else {
            return;
        };
        for (contestant, measured) in self.contestants.iter().skip(1).zip(others) {
            let pairs = measured.seconds.iter().zip(&ours.seconds);
            let ratios: Vec<f64> = pairs.map(|(theirs, ours)| theirs / ours).collect();
            row.ratios.insert(contestant.name.clone(), median(&ratios));
            if contestant.name != CONTROL {
                let name = contestant.name.clone();
                row.measured.insert(name, measured.clone());
            }
        }
        let pyco = row.measured.entry("pyco".to_owned()).or_default();
        if pyco.seconds.is_empty() {
            *pyco = ours.clone();
        }
    }
}

/// The median; of an even number, the higher of the two in the middle.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The instructions that pyco executes for a program, as callgrind counts them.
pub(super) fn instructions(pyco: &Path, file: &Path) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(pyco)
        .arg("run")
        .arg(file)
        .current_dir(sh::root())
        .stdout(Stdio::null());
    let output = command
        .output()
        .context("cannot start valgrind, which counts instructions")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .find_map(|line| line.split("Collected :").nth(1));
    let count = line.context("callgrind says no number")?.trim();
    Ok(count.parse()?)
}

/// The program of this name in PATH.
pub(super) fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
