//! `cargo xtask corpus branches`: `co_branches()` of every code object of a CPython's standard library, beside pyco's.

use std::fmt::Write as _;

use anyhow::Result;
use pyco_code::{CodeObject, Version};

use super::dis;
use crate::pythons::Python;

/// How many disagreements are printed.
const SHOWN: usize = 10;

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    if version < Version::V3_14 {
        println!("  has no co_branches");
        return Ok(0);
    }
    let mut path = String::new();
    let mut ours = String::new();
    let (mut codes, mut branches, mut disagreements) = (0, 0, 0);
    dis::frames(python, &["branches"], |name, data| {
        match name {
            "file" => path = String::from_utf8_lossy(&data).into_owned(),
            "code" => ours = lines(&CodeObject::from_marshal(version, &data, 0)?),
            "branches" => {
                let theirs = String::from_utf8_lossy(&data);
                codes += ours.lines().count();
                branches += ours.matches(' ').count();
                let mut pairs = ours.lines().zip(theirs.lines());
                if ours != theirs {
                    disagreements += 1;
                    if disagreements <= SHOWN {
                        let differ = pairs.find(|(our, their)| our != their);
                        println!("  {path}: {differ:?}");
                    }
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    println!("  {codes} code objects, {branches} branches, {disagreements} modules differ");
    Ok(disagreements)
}

/// A line for each code object, as the script writes it.
fn lines(code: &CodeObject) -> String {
    let mut lines = Vec::new();
    for code in code.walk() {
        let mut line = code.qualname().to_string_lossy().into_owned();
        for branch in code.branches() {
            let (source, left, right) = (branch.source.0, branch.left.0, branch.right.0);
            // Writing to a String cannot fail.
            let _ = write!(line, " {source},{left},{right}");
        }
        lines.push(line);
    }
    lines.join("\n")
}
