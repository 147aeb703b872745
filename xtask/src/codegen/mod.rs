//! `cargo xtask codegen`: writes the committed generated files from the checked-in facts.
//!
//! A generator is a function that returns the files it makes; writing and comparing is done here,
//! once. Generators are pure: they read the facts in the repository and nothing else.

mod ask;
mod bodies;
mod effects;
mod nodes;
mod opcodes;
mod printable;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::sh;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail if a committed file differs from what would be written
    #[arg(long)]
    pub(crate) check: bool,
    /// First renew the facts by asking each installed CPython
    #[arg(long, conflicts_with = "check")]
    pub(crate) ask: bool,
}

/// A generated file: its path below the workspace root, and its whole text (before rustfmt).
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A named generator.
type Generator = (&'static str, fn() -> Result<Vec<File>>);

/// Add a generator here: one line each.
const GENERATORS: &[Generator] = &[
    ("opcodes", opcodes::generate),
    ("bodies", bodies::generate),
    ("printable", printable::generate),
    ("nodes", nodes::generate),
];

pub(crate) fn run(args: &Args) -> Result<()> {
    if args.ask {
        ask::renew()?;
        printable::renew()?;
        nodes::renew()?;
    }
    let mut stale = Vec::new();
    for (name, generate) in GENERATORS {
        for file in generate().with_context(|| format!("generator {name}"))? {
            let text = if file.path.extension().is_some_and(|e| e == "rs") {
                rustfmt(&file.text).with_context(|| file.path.display().to_string())?
            } else {
                file.text
            };
            let path = sh::root().join(&file.path);
            if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
                continue;
            }
            if args.check {
                stale.push(file.path.display().to_string());
                continue;
            }
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
            println!("wrote {}", file.path.display());
        }
    }
    if !stale.is_empty() {
        bail!(
            "not what `cargo xtask codegen` writes: {}",
            stale.join(", ")
        );
    }
    Ok(())
}

/// Formats generated Rust as `cargo fmt` would, so that both agree on the committed text.
fn rustfmt(text: &str) -> Result<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet"])
        .current_dir(sh::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start rustfmt (rustup component add rustfmt)")?;
    let mut stdin = child.stdin.take().context("rustfmt has no stdin")?;
    let text = text.to_owned();
    // A thread, because rustfmt may fill its stdout before it has read all of its stdin.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("writing to rustfmt failed"))??;
    if !output.status.success() {
        bail!("rustfmt refused the generated text: {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
