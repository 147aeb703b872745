//! The `pyco` command: one file a subcommand, and here what they share: arguments, errors, exit codes.
//!
//! Exit codes: 0 fine, 1 something is wrong with a file, 2 wrong usage. An error is one line on
//! stderr that names the file, the reason and the offset. A reader that goes away (`pyco dis … | head`)
//! is no error.

mod addr2line;
mod arena;
mod asm;
mod batch;
mod cfg;
mod check;
mod dis;
mod input;
mod lines;
mod normalize;
mod output;
mod pool;
mod python;
mod run;
mod show;
mod source;
mod tour;
mod verify;

use std::env;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::slice::from_ref;

use clap::{Args as _, FromArgMatches, Parser, Subcommand};

use output::Output;
use pool::Pool;
use pyco_exec::memory::CountingAllocator;

/// Keeps small blocks for the next who wants one, and counts what a program allocates once `run --memory` asks for it.
#[global_allocator]
static ALLOCATOR: CountingAllocator<Pool> = CountingAllocator(Pool);

#[derive(Parser)]
#[command(name = "pyco", version)]
#[command(
    about = "Reads, shows, verifies and runs CPython code objects: .pyc files of 2.7 and 3.6 to 3.15"
)]
#[command(after_help = "Exit code: 0 fine, 1 something is wrong with a file, 2 wrong usage.")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the main job on an embedded example: the first thing to try
    Tour,
    /// Show the header and the tree of code objects
    Show(show::Args),
    /// Disassemble, in the words of that version's own `dis.dis`
    Dis(dis::Args),
    /// Make a .pyc of the text that `pyco dis --asm` writes
    Asm(asm::Args),
    /// Draw the control-flow graph of a code object, as an SVG
    Cfg(cfg::Args),
    /// List lines and positions of every code object: `co_lines` and `co_positions`
    Lines(lines::Args),
    /// Say which source a bytecode offset came from
    Addr2line(addr2line::Args),
    /// Prove that the bytecode keeps what an interpreter takes for granted (3.11 and later)
    Verify(verify::Args),
    #[command(about = run::ABOUT)]
    Run(run::Args),
    /// Require that every file comes back byte for byte when taken apart and written anew
    Check(check::Args),
    /// Rewrite files so that they are the same whoever compiled them, and when
    Normalize(normalize::Args),
}

/// What the arguments ask for. `run` is looked for first: to make the descriptions of all other commands takes as long as to make
/// half a virtual machine.
fn command() -> Command {
    let mut arguments = env::args_os();
    match (arguments.next(), arguments.next()) {
        (Some(_), Some(first)) if first == "run" => {
            let found = run_alone().get_matches_from(env::args_os().skip(1));
            match run::Args::from_arg_matches(&found) {
                Ok(args) => Command::Run(args),
                Err(error) => error.exit(),
            }
        }
        _ => Args::parse().command,
    }
}

/// `pyco run`, as the command that has all subcommands knows it.
fn run_alone() -> clap::Command {
    let name = clap::Command::new("run").bin_name("pyco run");
    run::Args::augment_args(name.about(run::ABOUT))
}

fn main() -> ExitCode {
    let command = command();
    if let Command::Run(_) | Command::Tour = &command {
        let outcome = match &command {
            Command::Run(args) => run::run(args),
            _ => tour::run(),
        };
        return match outcome {
            Ok(code) => ExitCode::from(code),
            Err(error) => {
                complain(&error);
                ExitCode::FAILURE
            }
        };
    }
    let mut out = Output::stdout();
    let outcome = match &command {
        Command::Show(args) => each(&args.files, |file| show::run(args, file, &mut out)),
        Command::Dis(args) => each(&args.files, |file| dis::run(args, file, &mut out)),
        Command::Asm(args) => each(from_ref(&args.file), |_| asm::run(args)),
        Command::Cfg(args) => each(from_ref(&args.file), |_| cfg::run(args)),
        Command::Lines(args) => each(&args.files, |file| lines::run(args, file, &mut out)),
        Command::Verify(args) => each(&args.files, |file| verify::run(args, file, &mut out)),
        Command::Check(args) => check::run(args, &mut out),
        Command::Normalize(args) => normalize::run(args, &mut out),
        Command::Run(_) | Command::Tour => unreachable!("returned above"),
        Command::Addr2line(args) => each(from_ref(&args.file), |_| addr2line::run(args, &mut out)),
    };
    // What was written comes out even if a file was refused, and an error of writing counts.
    let flushed = out.flush();
    match outcome.and_then(|is_fine| Ok(flushed.map(|()| is_fine)?)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Does `action` for each file; a refused file is reported and the rest are still done. Gives back
/// whether all went well.
fn each(
    files: &[PathBuf],
    mut action: impl FnMut(&PathBuf) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let mut is_fine = true;
    for file in files {
        match action(file) {
            Ok(()) => {}
            Err(error) if error.downcast_ref::<std::io::Error>().is_some() => return Err(error),
            Err(error) => {
                complain(&error.context(file.display().to_string()));
                is_fine = false;
            }
        }
    }
    Ok(is_fine)
}

/// One line, whatever a file name or a message holds.
fn complain(error: &anyhow::Error) {
    let text = format!("pyco: {error:#}");
    eprintln!("{}", text.replace(char::is_control, "\u{fffd}"));
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_alone_says_what_it_says_among_all_commands() {
        use clap::CommandFactory;

        let arguments = [
            &["--help"][..],
            &["-h"],
            &[],
            &["--bogus", "f.pyc"],
            &["--fuel", "much", "f.pyc"],
            &["--max-depth"],
            &["--version"],
            &["--fuel=1", "--fuel=2", "f.pyc"],
        ];
        for arguments in arguments {
            let among = ["pyco", "run"].iter().chain(arguments);
            let expected = Args::command().try_get_matches_from(among);
            let alone = run_alone().try_get_matches_from(["run"].iter().chain(arguments));
            let text = |error: clap::Error| format!("{} {error}", error.exit_code());
            assert_eq!(
                alone.map_err(text).err(),
                expected.map_err(text).err(),
                "{arguments:?}"
            );
        }
    }
}
