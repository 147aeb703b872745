//! The Rust half of `cargo xtask bench marshal`: reads a file of marshalled modules, each with its
//! size in 32 bits before it, prints how many there are, and then, for each line on stdin that
//! names a pass, runs it over all modules once and prints nanoseconds and bytes.

use std::hint::black_box;
use std::io::BufRead;
use std::time::Duration;
use std::{env, fs};

use pyco_marshal::{Document, ReadOptions, Value, Version, WriteOptions};

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
    let read = ReadOptions::new(Version::V3_13);
    let write = WriteOptions::new(Version::V3_13);
    // Made when first needed, so that what they take is not in the way of the other passes.
    let mut documents = Vec::new();
    let mut values = Vec::new();
    let byte_count: usize = modules.iter().map(|module| module.len()).sum();
    println!("{}", modules.len());
    for pass in std::io::stdin().lock().lines() {
        let pass = pass?;
        match &pass[..] {
            "encode" if documents.is_empty() => {
                for module in &modules {
                    documents.push(Document::decode_with(module, &read)?);
                }
            }
            "to_marshal" if values.is_empty() => {
                for module in &modules {
                    values.push(Value::from_marshal_with(module, &read)?);
                }
            }
            _ => {}
        }
        let start = processor_time();
        match &pass[..] {
            "document" => {
                for module in &modules {
                    black_box(Document::decode_with(module, &read)?);
                }
            }
            "value" => {
                for module in &modules {
                    black_box(Value::from_marshal_with(module, &read)?);
                }
            }
            "encode" => {
                for document in &documents {
                    black_box(document.encode());
                }
            }
            "to_marshal" => {
                for value in &values {
                    black_box(value.to_marshal(&write)?);
                }
            }
            "rewrite" => {
                for module in &modules {
                    let value = Value::from_marshal_with(module, &read)?;
                    black_box(value.to_marshal(&write)?);
                }
            }
            other => return Err(format!("no pass {other:?}").into()),
        }
        println!("{} {byte_count}", (processor_time() - start).as_nanos());
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
