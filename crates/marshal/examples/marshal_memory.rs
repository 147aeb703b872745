//! What reading and rewriting whole trees of `.pyc` files takes in memory: the peak beyond the file itself, as a
//! multiple of it, summed over all files.
//!
//! `cargo run --release --package pyco-marshal --example marshal_memory -- FOLDER…`

use std::path::PathBuf;
use std::{env, fs, io};

use pyco_marshal::{Normalizer, Pyc};

#[path = "../tests/it/memory.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod memory;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn main() -> io::Result<()> {
    let mut pending: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let (mut bytes, mut peaks) = (0, [0; 3]);
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                pending.push(entry?.path());
            }
            continue;
        }
        let file = fs::read(&path)?;
        let Ok(pyc) = Pyc::read(&file) else { continue };
        bytes += file.len();
        peaks[0] += memory::peak_of(|| pyc.document()).0;
        peaks[1] += memory::peak_of(|| pyc.value()).0;
        peaks[2] += memory::peak_of(|| Normalizer::new().normalize(&file)).0;
    }
    println!("{bytes} bytes");
    for (what, peak) in ["Document", "Value", "Normalizer"].into_iter().zip(peaks) {
        println!("{what}: {:.1}", peak as f64 / bytes.max(1) as f64);
    }
    Ok(())
}
