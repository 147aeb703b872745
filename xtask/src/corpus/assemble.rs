//! `cargo xtask corpus assemble`: every code object of a CPython's standard library taken apart and put together
//! again, and the stack size that pyco computes beside the compiler's.

use std::time::{Duration, Instant};

use anyhow::Result;
use pyco_code::edit::{Assembly, StackDepth};
use pyco_code::{CodeObject, Version};

use super::dis;
use crate::pythons::Python;

/// How many disagreements are printed.
const SHOWN: usize = 10;

#[derive(Default)]
struct Run {
    path: String,
    codes: usize,
    instructions: usize,
    disagreements: usize,
    smaller: usize,
    larger: usize,
    spent: Duration,
}

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    if version < Version::V3_11 {
        println!("  cannot be edited");
        return Ok(0);
    }
    let mut run = Run::default();
    dis::frames(python, &["code"], |name, data| {
        match name {
            "file" => run.path = String::from_utf8_lossy(&data).into_owned(),
            "code" => match CodeObject::from_marshal(version, &data, 0) {
                Ok(module) => module.walk().for_each(|code| run.code(code)),
                Err(error) => run.disagree(&error.to_string()),
            },
            _ => {}
        }
        Ok(())
    })?;
    let Run {
        codes,
        instructions,
        disagreements,
        smaller,
        larger,
        spent,
        ..
    } = run;
    println!(
        "  {codes} code objects, {instructions} instructions, {disagreements} differ, {spent:.2?}"
    );
    println!(
        "  co_stacksize: computed smaller than the compiler's {smaller} times, larger {larger} times"
    );
    Ok(disagreements)
}

impl Run {
    fn code(&mut self, code: &CodeObject) {
        self.codes += 1;
        let start = Instant::now();
        let made = Assembly::of(code).and_then(|assembly| {
            let new = assembly.assemble(code)?;
            Ok((assembly, new))
        });
        self.spent += start.elapsed();
        let (assembly, new) = match made {
            Ok(made) => made,
            Err(error) => return self.disagree(&format!("{}: {error}", code.qualname())),
        };
        self.instructions += assembly.statements().count();
        let tables = [
            ("co_code", new.code(), code.code()),
            ("co_linetable", new.linetable(), code.linetable()),
            (
                "co_exceptiontable",
                new.exceptiontable().as_bytes(),
                code.exceptiontable().as_bytes(),
            ),
        ];
        for (name, ours, theirs) in tables {
            if ours != theirs {
                self.disagree(&format!("{}: {name} differs", code.qualname()));
            }
        }
        match StackDepth::of(&assembly) {
            Ok(depth) if depth.needed() < code.stacksize() => self.smaller += 1,
            Ok(depth) if depth.needed() > code.stacksize() => {
                self.larger += 1;
                if self.larger <= SHOWN {
                    println!(
                        "  {} {}: {} > {}",
                        self.path,
                        code.qualname(),
                        depth.needed(),
                        code.stacksize()
                    );
                }
            }
            Ok(_) => {}
            Err(error) => self.disagree(&format!("{}: {error}", code.qualname())),
        }
    }

    fn disagree(&mut self, message: &str) {
        self.disagreements += 1;
        if self.disagreements <= SHOWN {
            println!("  {}: {message}", self.path);
        }
    }
}
