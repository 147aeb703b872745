//! `pyco verify`: the verifier's verdict on each file.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use pyco_code::{Checks, CodeObject, Verified, VerifyError, verify};
use serde_json::{Value, json};

use crate::input;
use crate::output::Output;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// The .pyc files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// One JSON object a file: counts, or the rule broken and where
    #[arg(long)]
    json: bool,
}

/// What was proved of a file.
#[derive(Default)]
struct Proof {
    code_objects: usize,
    instructions: usize,
    /// Instructions that must look when they run at what could not be proved.
    checked_when_run: usize,
    /// The deepest value stack, of `co_stacksize` slots.
    max_depth: u32,
}

pub(crate) fn run(args: &Args, file: &Path, out: &mut Output) -> Result<()> {
    let bytes = input::read(file)?;
    let (_, module) = input::code(&bytes)?;
    match verify(&module) {
        Ok(verified) => {
            let proof = Proof::of(&verified);
            if args.json {
                writeln!(out, "{}", proof.as_json(file))?;
                return Ok(());
            }
            let Proof {
                code_objects,
                instructions,
                checked_when_run,
                max_depth,
            } = proof;
            writeln!(
                out,
                "{}: verified: {code_objects} code objects, {instructions} instructions, of which \
                 {checked_when_run} keep a check for when they run; stack at most {max_depth} deep",
                file.display()
            )?;
            Ok(())
        }
        Err(error) => {
            if args.json {
                writeln!(out, "{}", refusal_as_json(file, &error))?;
            }
            Err(error.into())
        }
    }
}

impl Proof {
    fn of(module: &Verified<CodeObject>) -> Proof {
        let mut proof = Proof::default();
        let mut seen = BTreeSet::new();
        let mut pending = vec![module];
        while let Some(code) = pending.pop() {
            // One code object may be referred to from many places.
            if !seen.insert(code.code_object().id()) {
                continue;
            }
            pending.extend(code.children());
            let facts = code.facts();
            proof.code_objects += 1;
            proof.max_depth = proof.max_depth.max(facts.max_depth());
            for instruction in code.code_object().instructions().flatten() {
                proof.instructions += 1;
                let checks = facts.checks(instruction.start.0 / 2);
                proof.checked_when_run += usize::from(checks != Checks::empty());
            }
        }
        proof
    }

    fn as_json(&self, file: &Path) -> Value {
        json!({
            "file": file.to_string_lossy(),
            "is_verified": true,
            "code_objects": self.code_objects,
            "instructions": self.instructions,
            "checked_when_run": self.checked_when_run,
            "max_depth": self.max_depth,
        })
    }
}

fn refusal_as_json(file: &Path, error: &VerifyError) -> Value {
    json!({
        "file": file.to_string_lossy(),
        "is_verified": false,
        "rule": format!("{:?}", error.rule()),
        "qualname": error.qualname(),
        "offset": error.offset(),
        "op": error.op().map(|op| op.to_string()),
        "error": error.to_string(),
    })
}
