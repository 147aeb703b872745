//! `docs/opcodes.md`: for each opcode of 3.11 to 3.15, what `exec` executes for it and in which file that has its body.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use pyco_code::quicken::Instr;

use pyco_code::{Kind, Op, Version};

use super::File;
use crate::sh;

const VERSIONS: [Version; 5] = [
    Version::V3_11,
    Version::V3_12,
    Version::V3_13,
    Version::V3_14,
    Version::V3_15,
];

/// The files of the eval loop, what is rarest first: what stands in several is only passed on by the later ones.
const FILES: [&str; 3] = ["versions.rs", "rare.rs", "mod.rs"];

/// Opcodes that no compiler writes, so that the verifier refuses them.
const INTERNAL: [&str; 6] = [
    "CACHE",
    "RESERVED",
    "INTERPRETER_EXIT",
    "EXIT_INIT_CHECK",
    "ENTER_EXECUTOR",
    "TRACE_RECORD",
];

const HEAD: &str = "# Opcodes and where they are executed

Written by `cargo xtask codegen`. Every opcode that the compiler of a version writes, and what quickening makes of it in each version
(see `crates/code/src/quicken`): the instruction, and the file below `crates/exec/src/eval` that has its body. A dash: the version has no such
opcode. Specialised instructions come in place of these when the program runs.

| opcode | 3.11 | 3.12 | 3.13 | 3.14 | 3.15 |
|---|---|---|---|---|---|
";

pub(super) fn generate() -> Result<Vec<File>> {
    let folder = sh::root().join("crates/exec/src/eval");
    let mut sources = Vec::new();
    for file in FILES {
        let text = std::fs::read_to_string(folder.join(file)).context(file)?;
        sources.push((file, text));
    }
    let mut rows: BTreeMap<&str, [String; 5]> = BTreeMap::new();
    for (column, version) in VERSIONS.into_iter().enumerate() {
        for row in version.table().rows {
            if row.kind != Kind::Base || INTERNAL.contains(&row.op.name()) {
                continue;
            }
            let cell = cell(version, row.op, &sources)?;
            rows.entry(row.op.name()).or_default()[column] = cell;
        }
    }
    let mut text = HEAD.to_owned();
    for (name, cells) in rows {
        write!(text, "| `{name}` |")?;
        for cell in cells {
            let cell = if cell.is_empty() { "—" } else { &cell };
            write!(text, " {cell} |")?;
        }
        text.push('\n');
    }
    Ok(vec![File {
        path: PathBuf::from("docs/opcodes.md"),
        text,
    }])
}

/// The instructions for an opcode and their files.
fn cell(version: Version, op: Op, sources: &[(&str, String)]) -> Result<String> {
    if op == Op::ExtendedArg {
        return Ok("folded into the argument".to_owned());
    }
    let mut found: Vec<Instr> = Vec::new();
    let most = match op {
        Op::BinaryOp => version.table().nb_ops.len() as u32,
        _ => 32,
    };
    for oparg in 0..most {
        if let Some(instr) = Instr::for_opcode(version, op, oparg)
            && !found.contains(&instr)
        {
            found.push(instr);
        }
    }
    ensure!(
        !found.is_empty(),
        "{} of {version} is not executed",
        op.name()
    );
    let mut parts = Vec::new();
    for instr in found {
        let pattern = format!("Instr::{instr:?}");
        let is_there = |text: &str| {
            text.match_indices(&pattern).any(|(at, _)| {
                let after = text[at + pattern.len()..].chars().next();
                !after.is_some_and(|c| c.is_alphanumeric())
            })
        };
        let file = sources.iter().find(|(_, text)| is_there(text));
        let (file, _) = file.with_context(|| format!("{} has no body", instr.name()))?;
        parts.push(match instr.name() == op.name() {
            true => format!("`{file}`"),
            false => format!("{} `{file}`", instr.name()),
        });
    }
    Ok(parts.join(", "))
}
