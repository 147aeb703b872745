//! The Rust half of `cargo xtask bench code`: reads a file of marshalled modules of CPython 3.13, each with its size in
//! 32 bits before it, prints how many there are, and then, for each line on stdin that names a pass, runs it over all
//! modules (`load`) or those of the sample (the rest) once and prints nanoseconds and how many bytes or instructions.

use std::hint::black_box;
use std::io::BufRead;
use std::time::Duration;
use std::{env, fs};

use pyco_code::edit::Assembly;
use pyco_code::{CodeObject, Version, asm};

/// The sample is one module in so many.
const SAMPLE: usize = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::args_os()
        .nth(1)
        .ok_or("expected the file of modules")?;
    let file = fs::read(path)?;
    let mut modules = Vec::new();
    let mut rest = &file[..];
    while let Some((size, after)) = rest.split_first_chunk() {
        let (module, after) = after.split_at(u32::from_le_bytes(*size) as usize);
        modules.push(module);
        rest = after;
    }
    let load = |module: &&[u8]| CodeObject::from_marshal(Version::V3_13, module, 0);
    let byte_count = modules.iter().map(|module| module.len()).sum::<usize>();
    let sample = modules.iter().step_by(SAMPLE).map(load);
    let sample = sample.collect::<Result<Vec<_>, _>>()?;
    let codes = || sample.iter().flat_map(CodeObject::walk);
    let instruction_count = codes().flat_map(CodeObject::instructions).count();
    println!("{}", modules.len());
    for pass in std::io::stdin().lock().lines() {
        let mut count = instruction_count;
        let start = processor_time();
        match &pass?[..] {
            "load" => {
                count = byte_count;
                for module in &modules {
                    black_box(load(module)?);
                }
            }
            "instructions" => {
                for code in codes() {
                    let mut positions = code.positions();
                    for instruction in code.instructions() {
                        let instruction = instruction?;
                        // Prefixes and caches are of the same entry.
                        let byte_count = instruction.end.0 - instruction.start.0;
                        let position = positions.next_run(byte_count / 2)?;
                        black_box((instruction, instruction.jump_target(), position));
                    }
                }
            }
            "text" => {
                for module in &sample {
                    black_box(module.dis().to_string());
                }
            }
            "edit" => {
                for code in codes() {
                    black_box(Assembly::of(code)?.assemble(code)?);
                }
            }
            "asm" => {
                for module in &sample {
                    black_box(asm::parse(&asm::write(module)?)?);
                }
            }
            other => return Err(format!("no pass {other:?}").into()),
        }
        println!("{} {count}", (processor_time() - start).as_nanos());
    }
    Ok(())
}

#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a time since the thread started")
}

/// Elsewhere, the time of day has to do.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a clock that is set")
}
