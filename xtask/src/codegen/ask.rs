//! `cargo xtask codegen --ask`: renews the facts of every version whose CPython is installed.

use anyhow::{Context, Result};

use super::opcodes::{VERSIONS, facts_path};
use crate::pythons;
use crate::sh;

pub(super) fn renew() -> Result<()> {
    let wanted = VERSIONS
        .iter()
        .map(|v| v.parse())
        .collect::<Result<Vec<_>>>()?;
    for python in pythons::find(&wanted, &[])? {
        let path = facts_path(&python.release.to_string());
        let mut command = python.command();
        command
            .arg(sh::root().join("xtask/src/codegen/ask.py"))
            .arg(&path);
        let facts = sh::output(&mut command)?;
        std::fs::write(&path, facts).with_context(|| path.display().to_string())?;
        println!("asked CPython {}", python.version);
    }
    Ok(())
}
