//! Chores of the project, run as `cargo xtask COMMAND`.
//!
//! One file or folder a command. None of them needs anything but Rust, except those that ask an
//! installed CPython (`fixtures`, `corpus`, `conformance`, parts of `bench`), `fuzz` (cargo-fuzz and nightly) and `asan` (nightly).

mod asan;
mod bench;
mod ci;
mod codegen;
mod conformance;
mod corpus;
mod fixtures;
mod fuzz;
mod pythons;
mod release;
mod sh;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the pyco workspace")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that must pass and needs no Python: the tests of all crates, doctests included
    Test(test::Args),
    /// `test`, then formatting, clippy, docs, tidy, generated code, and a short fuzzing run
    Ci(ci::Args),
    /// Ask the installed CPythons about fixtures/src and record what they say
    Fixtures(fixtures::Args),
    /// Write the generated tables from the checked-in facts
    Codegen(codegen::Args),
    /// Compare pyco with installed CPythons over their whole standard libraries
    Corpus(corpus::Args),
    /// Run an installed CPython's own tests in pyco
    Conformance(conformance::Args),
    /// Run one fuzz target, or each in turn
    Fuzz(fuzz::Args),
    /// Run the recorded programs and the benchmarks' under an address sanitizer
    Asan(asan::Args),
    /// Run the criterion benchmarks and the side-by-side measurements
    Bench(bench::Args),
    /// Build the command with a profile of what it does, as optimised CPythons are built
    Release(release::Args),
    /// Check what the compiler does not: layers, file headers, sizes, SAFETY comments, licences
    Tidy(tidy::Args),
}

fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Test(args) => test::run(&args),
        Command::Ci(args) => ci::run(&args),
        Command::Fixtures(args) => fixtures::run(&args),
        Command::Codegen(args) => codegen::run(&args),
        Command::Corpus(args) => corpus::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Asan(args) => asan::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Release(args) => release::run(&args),
        Command::Tidy(args) => tidy::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
