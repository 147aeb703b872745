//! `cargo xtask corpus`: differential runs over the standard libraries of installed CPythons.
//!
//! A comparison is a function that gets one interpreter, prints its own counts and returns how many
//! disagreements it found; which interpreters exist and what to run is settled here.

mod adaptive;
mod asm;
mod assemble;
mod branches;
mod dis;
mod linetable;
mod marshal;
mod reassemble;
mod trees;
mod verify;

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use crate::pythons::{self, Explicit, Python, Release};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only the comparisons of these names
    names: Vec<String>,
    /// Use this interpreter, as RELEASE=PATH; may be repeated
    #[arg(long, value_name = "3.14=PATH")]
    python: Vec<Explicit>,
    /// Only these releases, such as 3.13; may be repeated
    #[arg(long, value_name = "RELEASE")]
    only: Vec<Release>,
    /// Sources to look through besides the standard library, such as an unpacked wheel (marshal only); may be
    /// repeated
    #[arg(long, value_name = "DIR")]
    path: Vec<PathBuf>,
}

/// A named comparison: returns the number of disagreements.
type Comparison = (&'static str, fn(&Python) -> Result<usize>);

/// Add a comparison here: one line each.
const COMPARISONS: &[Comparison] = &[
    ("linetable", linetable::compare),
    ("marshal", marshal::compare),
    ("dis", dis::compare),
    ("verify", verify::compare),
    ("branches", branches::compare),
    ("adaptive", adaptive::compare),
    ("assemble", assemble::compare),
    ("asm", asm::compare),
    ("reassemble", reassemble::compare),
    ("trees", trees::compare),
];

/// The releases that pyco reads.
const RELEASES: &[Release] = &[
    Release { major: 2, minor: 7 },
    Release { major: 3, minor: 6 },
    Release { major: 3, minor: 7 },
    Release { major: 3, minor: 8 },
    Release { major: 3, minor: 9 },
    Release {
        major: 3,
        minor: 10,
    },
    Release {
        major: 3,
        minor: 11,
    },
    Release {
        major: 3,
        minor: 12,
    },
    Release {
        major: 3,
        minor: 13,
    },
    Release {
        major: 3,
        minor: 14,
    },
    Release {
        major: 3,
        minor: 15,
    },
];

pub(crate) fn run(args: &Args) -> Result<()> {
    let known = COMPARISONS
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>();
    for name in &args.names {
        ensure!(
            known.contains(&name.as_str()),
            "no comparison {name:?}; there are {known:?}"
        );
    }
    let wanted = if args.only.is_empty() {
        RELEASES
    } else {
        &args.only
    };
    let mut pythons = pythons::find(wanted, &args.python)?;
    for python in &mut pythons {
        python.more_sources.clone_from(&args.path);
    }
    ensure!(
        !pythons.is_empty(),
        "no CPython found; name one with --python 3.13=PATH"
    );
    let mut disagreements = 0;
    for (name, compare) in COMPARISONS {
        if !args.names.is_empty() && !args.names.iter().any(|n| n == name) {
            continue;
        }
        for python in &pythons {
            println!("{name}: CPython {}", python.version);
            disagreements += compare(python)?;
        }
    }
    if disagreements > 0 {
        bail!("{disagreements} disagreements");
    }
    Ok(())
}
