//! Changed bytecode: what the verifier lets through runs, or raises, and nothing worse.
//!
//! `PYCO_CHANGES` says how often each program is changed. With an address sanitizer, which is where worse would show:
//! `PYCO_CHANGES=1040 RUSTFLAGS=-Zsanitizer=address cargo +nightly test -p pyco-exec --test it --target TRIPLE mutations`.

use std::path::Path;

use pyco_exec::properties::{Program, any_program};

/// The versions whose programs are changed.
const RELEASES: [&str; 5] = ["3.11", "3.12", "3.13", "3.14", "3.15"];

/// How often each program is changed.
fn changes() -> u64 {
    let asked = std::env::var("PYCO_CHANGES").ok();
    asked.map_or(10, |n| n.parse().expect("PYCO_CHANGES is a number"))
}

#[test]
fn changed_programs_are_refused_or_run_within_their_limits() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pyc");
    let mut seed = 1u64;
    // Numbers that look random and are the same each time.
    let mut next = || {
        seed = seed
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (seed >> 32) as u32
    };
    let (mut refused, mut ran) = (0, 0);
    let programs = |release: &str| -> Vec<_> {
        let mut files: Vec<_> = std::fs::read_dir(folder.join(release))
            .expect("the recorded programs")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| e == "pyc"))
            .collect();
        files.sort();
        files
    };
    let files = RELEASES.iter().flat_map(|release| programs(release));
    for file in files {
        let pyc = std::fs::read(&file).expect("a program");
        let program = Program::new(&pyc);
        for _ in 0..changes() {
            let edit = (next(), next() as u8);
            match any_program(&program.changed([edit]), 2_000) {
                None => refused += 1,
                Some(_) => ran += 1,
            }
        }
    }
    println!("{refused} refused, {ran} run");
    assert!(refused > 0 && ran > 0, "{refused} refused, {ran} run");
}
