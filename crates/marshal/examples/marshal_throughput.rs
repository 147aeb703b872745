//! The Rust half of `cargo xtask bench marshal`: reads a file of marshalled modules, each with its
//! size in 32 bits before it, prints how many there are, and then, for each line on stdin that
//! names a pass, runs it over all modules once and prints nanoseconds and bytes.

use std::hint::black_box;
use std::io::BufRead;
use std::time::Instant;
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
    let documents: Result<Vec<_>, _> = modules
        .iter()
        .map(|module| Document::decode_with(module, &read))
        .collect();
    let documents = documents?;
    let values: Result<Vec<_>, _> = documents.iter().map(Document::to_value).collect();
    let values = values?;
    let byte_count: usize = modules.iter().map(|module| module.len()).sum();
    println!("{}", modules.len());
    for pass in std::io::stdin().lock().lines() {
        let start = Instant::now();
        match &pass?[..] {
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
        println!("{} {byte_count}", start.elapsed().as_nanos());
    }
    Ok(())
}
