//! `cargo xtask corpus adaptive`: `_co_code_adaptive` of every code object of a CPython's standard library as it is right
//! after creation, beside pyco's, and undone again.

use anyhow::{Context, Result};
use pyco_code::quicken::AdaptiveCode;
use pyco_code::{CodeObject, Version};

use super::dis;
use crate::pythons::Python;

/// How many disagreements are printed.
const SHOWN: usize = 10;

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    if version < Version::V3_11 {
        println!("  has no _co_code_adaptive");
        return Ok(0);
    }
    let mut path = String::new();
    let mut module = None;
    let (mut code_count, mut byte_count, mut disagreements) = (0, 0, 0);
    dis::frames(python, &["adaptive"], |name, data| {
        match name {
            "file" => path = String::from_utf8_lossy(&data).into_owned(),
            "code" => module = Some(CodeObject::from_marshal(version, &data, 0)?),
            "adaptive" => {
                let module = module.take().context("no code before its adaptive form")?;
                let theirs = String::from_utf8_lossy(&data);
                let mut theirs = theirs.split('\n');
                for code in module.walk() {
                    let ours = AdaptiveCode::fresh(code).context("nothing adaptive")?;
                    code_count += 1;
                    byte_count += code.code().len();
                    let is_same = theirs.next() == Some(&hex(ours.as_bytes()));
                    if !is_same || ours.deopt().as_deref() != Some(code.code()) {
                        disagreements += 1;
                        if disagreements <= SHOWN {
                            println!("  {path}: {}", code.qualname());
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    println!(
        "  {code_count} code objects, {byte_count} bytes, {disagreements} differ or do not come back"
    );
    Ok(disagreements)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
