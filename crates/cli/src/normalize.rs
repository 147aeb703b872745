//! `pyco normalize`: the same bytes for the same code, whoever compiled it and when.
//!
//! A file is only ever replaced whole: the new one is written beside it and renamed over it, so that a reader finds
//! one or the other. A file that is in its normal form already is not touched.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::error::ErrorKind;
use clap::{CommandFactory, ValueEnum};
use pyco_marshal::{Normalizer, Pyc, Source, Version};
use serde_json::json;

use crate::output::Output;
use crate::{batch, input};

#[derive(clap::Args)]
#[command(
    after_help = "Without -o each file is replaced, through a temporary file beside it. What follows the marshalled \
    object is dropped, since CPython ignores it. Normalising twice changes nothing more."
)]
pub(crate) struct Args {
    /// The .pyc files, or folders to be searched for them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the normal form of the one FILE here, and leave FILE as it is; - is standard output
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Put NEW in place of OLD at the start of every `co_filename`; may be repeated, the first that fits counts
    #[arg(long, value_name = "OLD=NEW", value_parser = prefix)]
    filename_prefix: Vec<(String, String)>,
    /// By what the files shall tell whether their source has changed
    #[arg(long, value_enum, default_value = "keep", value_name = "MODE")]
    invalidation_mode: Mode,
    /// The source of the one FILE, for its hash; by default the .py where an import would look for it
    #[arg(long, value_name = "SOURCE")]
    source: Option<PathBuf>,
    /// Write nothing; exit code 1 if a file is not in its normal form
    #[arg(long, conflicts_with = "output")]
    check: bool,
    /// One JSON object a file: its name, whether it changes, and the error or null
    #[arg(long)]
    json: bool,
}

/// CPython's names for the kinds of header (PEP 552), as in `python -m compileall --invalidation-mode`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// As it is
    Keep,
    /// The environment's SOURCE_DATE_EPOCH in place of the time of the source; hashes stay
    Timestamp,
    /// The hash of the source, which an import compares
    CheckedHash,
    /// The hash of the source, which an import trusts
    UncheckedHash,
}

/// Did the file differ from its normal form?
type Outcome = Result<bool>;

/// Gives back whether all went well.
pub(crate) fn run(args: &Args, out: &mut Output) -> Result<bool> {
    let normalizer = normalizer(args);
    let files = batch::find(&args.files);
    let is_one = files.len() == 1 && !args.files[0].is_dir();
    if !is_one && (args.output.is_some() || args.source.is_some()) {
        let option = if args.output.is_some() {
            "-o"
        } else {
            "--source"
        };
        wrong_usage(&format!("{option} needs exactly one FILE"));
    }
    if let (Some(target), [file]) = (&args.output, &files[..]) {
        return to_output(args, &normalizer, file, target, out);
    }
    let outcomes = batch::map(&files, |file| in_place(args, &normalizer, file));
    let is_fine = |outcome: &Outcome| matches!(outcome, Ok(changed) if !(args.check && *changed));
    if args.json {
        for (file, outcome) in files.iter().zip(&outcomes) {
            let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
            let is_changed = *outcome.as_ref().unwrap_or(&false);
            let name = file.to_string_lossy();
            writeln!(
                out,
                "{}",
                json!({"file": name, "is_changed": is_changed, "error": error})
            )?;
        }
    } else {
        print(args, &files, &outcomes, out)?;
    }
    Ok(outcomes.iter().all(is_fine))
}

fn print(args: &Args, files: &[PathBuf], outcomes: &[Outcome], out: &mut Output) -> Result<()> {
    if args.check {
        let pairs = files.iter().zip(outcomes);
        for (file, _) in pairs.filter(|(_, outcome)| matches!(outcome, Ok(true))) {
            writeln!(out, "{}: not in its normal form", file.display())?;
        }
    }
    let failed = batch::print_failures(files, outcomes, out)?;
    let changed = outcomes.iter().flatten().filter(|changed| **changed);
    let changed = changed.count();
    let verb = if args.check {
        "to be rewritten"
    } else {
        "rewritten"
    };
    writeln!(
        out,
        "{} files: {changed} {verb}, {} in normal form already, {failed} failed",
        files.len(),
        files.len() - changed - failed
    )?;
    Ok(())
}

/// Ends the process as for any other mistake on the command line.
fn wrong_usage(message: &str) -> ! {
    crate::Args::command()
        .error(ErrorKind::ValueValidation, message)
        .exit()
}

fn prefix(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some(("", _)) => Err("found nothing before the =, expected OLD=NEW".into()),
        Some((old, new)) => Ok((old.into(), new.into())),
        None => Err("found no =, expected OLD=NEW".into()),
    }
}

/// What is the same for all files.
fn normalizer(args: &Args) -> Normalizer {
    let mut normalizer = Normalizer::new();
    for (old, new) in &args.filename_prefix {
        normalizer = normalizer.with_filename_prefix(old, new);
    }
    if args.invalidation_mode == Mode::Timestamp {
        match source_date_epoch() {
            Ok(seconds) => normalizer = normalizer.with_mtime(seconds),
            Err(message) => wrong_usage(&message),
        }
    }
    normalizer
}

fn source_date_epoch() -> Result<u64, String> {
    const EXPECTED: &str = "expected the seconds since 1970";
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text
            .parse()
            .map_err(|_| format!("SOURCE_DATE_EPOCH is {text:?}, {EXPECTED}")),
        Err(_) => Err(format!("SOURCE_DATE_EPOCH is not set, {EXPECTED}")),
    }
}

/// The file's bytes, and those of its normal form.
fn normalize(args: &Args, normalizer: &Normalizer, file: &Path) -> Result<(Vec<u8>, Vec<u8>)> {
    let bytes = input::read(file)?;
    let pyc = input::pyc(&bytes)?;
    let normal = match args.invalidation_mode {
        Mode::Keep | Mode::Timestamp => normalizer.normalize(&bytes)?,
        mode => {
            let source = source(args, file, &pyc)?;
            let normalizer = normalizer.clone();
            normalizer
                .with_hash_of(&source, mode == Mode::CheckedHash)
                .normalize(&bytes)?
        }
    };
    Ok((bytes, normal))
}

/// The source whose hash the header is to have. One that the file was not compiled from is refused: its hash would
/// make an outdated file look up to date.
fn source(args: &Args, file: &Path, pyc: &Pyc<'_>) -> Result<Vec<u8>> {
    let version = pyc.version();
    ensure!(
        version >= Version::V3_7,
        "found a file of Python {version}, whose header at offset 0x0 has no room for a hash, expected 3.7 or later"
    );
    let path = match &args.source {
        Some(path) => path.clone(),
        None => source_path(file),
    };
    let name = path.display();
    let explain = |error| anyhow!("its source {name}: {error}");
    let bytes = fs::read(&path).map_err(explain)?;
    let modified = fs::metadata(&path).and_then(|data| data.modified());
    let modified = modified.map_err(explain)?;
    let modified = modified
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    match pyc.header().source() {
        Source::Hash { .. } if pyc.header().is_hash_of(&bytes) == Some(false) => {
            bail!("found another hash than that of its source {name} at offset 0x8")
        }
        Source::Timestamp { mtime, .. } if args.source.is_none() && mtime != modified as u32 => {
            bail!(
                "found time {mtime}, but its source {name} is of {} at offset 0x8; compile it again, or say --source",
                modified as u32
            )
        }
        Source::Timestamp {
            size: Some(size), ..
        } if size != bytes.len() as u32 => bail!(
            "found source size {size}, but its source {name} has {} bytes at offset 0xc; compile it again",
            bytes.len()
        ),
        _ => Ok(bytes),
    }
}

/// Where an import would have found the source of `file`: above `__pycache__`, or beside it.
fn source_path(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    if folder.file_name().is_none_or(|name| name != "__pycache__") {
        return file.with_extension("py");
    }
    // As in `spam.cpython-313.opt-1.pyc`: the name of a module has no dot.
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let module = name.split('.').next().unwrap_or_default();
    folder.with_file_name(format!("{module}.py"))
}

fn in_place(args: &Args, normalizer: &Normalizer, file: &Path) -> Outcome {
    let (bytes, normal) = normalize(args, normalizer, file)?;
    let is_changed = bytes != normal;
    if is_changed && !args.check {
        replace(file, &normal)?;
    }
    Ok(is_changed)
}

fn to_output(
    args: &Args,
    normalizer: &Normalizer,
    file: &Path,
    target: &Path,
    out: &mut Output,
) -> Result<bool> {
    let (_, normal) =
        normalize(args, normalizer, file).with_context(|| file.display().to_string())?;
    if target == Path::new("-") {
        out.write_all(&normal)?;
    } else if target.exists() && !target.is_file() {
        // A device or a pipe cannot be replaced.
        let written = fs::write(target, &normal);
        written.map_err(|error| anyhow!("{}: {error}", target.display()))?;
    } else {
        replace(target, &normal).with_context(|| target.display().to_string())?;
    }
    Ok(true)
}

/// Puts `bytes` in place of the file, which need not exist. Who may read it stays as it was.
fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    // A link stays a link.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = format!(".{name}.{}-{count}.tmp", std::process::id());
    let temporary = file.with_file_name(temporary);
    let written = (|| {
        let mut new = File::create_new(&temporary)?;
        new.write_all(bytes)?;
        if let Ok(old) = fs::metadata(&file) {
            new.set_permissions(old.permissions())?;
        }
        drop(new);
        fs::rename(&temporary, &file)
    })();
    if written.is_err() {
        // It may not even have been made; the error that counts is the first.
        let _ = fs::remove_file(&temporary);
    }
    // As text, because an `io::Error` stands for trouble with standard output.
    written.map_err(|error| anyhow!("cannot be replaced: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{prefix, source_path};
    use std::path::Path;

    #[test]
    fn sources_are_where_an_import_looks() {
        let path = |file| source_path(Path::new(file));
        assert_eq!(path("a/__pycache__/b.cpython-313.pyc"), Path::new("a/b.py"));
        assert_eq!(
            path("a/__pycache__/b.cpython-313.opt-2.pyc"),
            Path::new("a/b.py")
        );
        assert_eq!(path("__pycache__/b.cpython-313.pyc"), Path::new("b.py"));
        assert_eq!(path("a/b.pyc"), Path::new("a/b.py"));
    }

    #[test]
    fn prefixes_are_split_at_the_first_equals_sign() {
        assert_eq!(prefix("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(prefix("/build/="), Ok(("/build/".into(), String::new())));
        assert!(prefix("a").is_err() && prefix("=b").is_err());
    }
}
