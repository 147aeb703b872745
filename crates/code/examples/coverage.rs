//! Line coverage without tracing: puts the call `__line__((FILE, LINE))` before every line of a `.pyc` (3.11 to 3.15).
//!
//! ```text
//! cargo run -p pyco-code --example coverage -- program.pyc covered.pyc
//! python -c 'import builtins, runpy; seen = set(); builtins.__line__ = seen.add
//! runpy.run_path("covered.pyc", run_name="__main__"); print(sorted(seen))'
//! ```

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::{env, fs};

use pyco_code::edit::{Argument, Assembly, Element, Label, Region, StackDepth, Statement};
use pyco_code::{CodeObject, Constant, Error, Location, Op, Str, Version, verify};

/// The function that is called.
const NAME: &str = "__line__";

fn main() -> ExitCode {
    let args = env::args().skip(1).collect::<Vec<_>>();
    let [input, output] = &args[..] else {
        eprintln!("usage: coverage IN.pyc OUT.pyc");
        return ExitCode::from(2);
    };
    match run(input, output) {
        Ok(count) => {
            println!("{count} calls inserted");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(input: &str, output: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let file = fs::read(input)?;
    let code = CodeObject::from_pyc(&file)?;
    let mut count = 0;
    let covered = code.transform(|code| instrumented(code, &mut count))?;
    verify(&covered)?;
    // From 3.7 on a header has 16 bytes.
    fs::write(output, [&file[..16], &covered.to_marshal()?].concat())?;
    Ok(count)
}

/// The code object with a call at the start of every line.
fn instrumented(code: CodeObject, count: &mut usize) -> Result<CodeObject, Error> {
    let mut assembly = Assembly::of(&code)?;
    let mut names = code.names().to_vec();
    let name = index_of(&mut names, NAME.into());
    let mut consts = code.consts().to_vec();
    let targets = targets(&assembly);
    let depths = StackDepth::of(&assembly)?;
    let mut statements = 0;
    let mut regions: Vec<Region> = Vec::new();
    let mut elements = Vec::new();
    let mut line = None;
    let mut before = Op::Nop;
    let mut has_begun = false;
    for element in assembly.elements.drain(..) {
        match element {
            Element::Label(label) => {
                regions.retain(|region| region.end != label);
                let begun = assembly.regions.iter();
                regions.extend(begun.filter(|region| region.start == label));
                // What is jumped to may come from another line.
                if targets.contains(&label) {
                    line = None;
                }
            }
            Element::Statement(statement) => {
                let found = statement.location.line().filter(|_| has_begun);
                // Where a handler keeps more than there is, only what cannot raise may stand: so after the loop of a
                // generator expression of 3.15.
                let kept = regions.iter().map(|region| region.depth).max();
                let can_raise = depths.before(statements) >= kept;
                statements += 1;
                if found.is_some()
                    && found != line
                    && can_raise
                    && may_stand_between(code.version(), before, statement.op)
                {
                    line = found;
                    let place = Constant::Tuple(
                        [
                            Constant::Str(code.filename().clone()),
                            i64::from(found.unwrap_or(0)).into(),
                        ]
                        .into(),
                    );
                    consts.push(place);
                    let call = call(
                        code.version(),
                        name,
                        consts.len() as u32 - 1,
                        statement.location,
                    );
                    elements.extend(call.into_iter().map(Element::Statement));
                    *count += 1;
                }
                has_begun |= statement.op == Op::Resume;
                before = statement.op;
            }
        }
        elements.push(element);
    }
    assembly.elements = elements;
    let wider = code.replace().names(names).consts(consts).build()?;
    assembly.assemble(&wider)
}

/// Where jumps and exceptions lead.
fn targets(assembly: &Assembly) -> BTreeSet<Label> {
    let jumps = assembly
        .statements()
        .filter_map(|statement| match statement.argument {
            Argument::Target(label) => Some(label),
            Argument::Number(_) => None,
        });
    let handlers = assembly.regions.iter().map(|region| region.target);
    jumps.chain(handlers).collect()
}

fn index_of(names: &mut Vec<Str>, name: Str) -> u32 {
    let found = names.iter().position(|other| *other == name);
    found.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    }) as u32
}

/// Calls the global with the constant and drops what it returns.
fn call(version: Version, name: u32, constant: u32, location: Location) -> Vec<Statement> {
    // The lowest bit says that a NULL is pushed beside the function, as a call expects it.
    let mut call = vec![
        Statement::new(Op::LoadGlobal, name << 1 | 1, location),
        Statement::new(Op::LoadConst, constant, location),
    ];
    if version == Version::V3_11 {
        call.push(Statement::new(Op::Precall, 1, location));
    }
    call.push(Statement::new(Op::Call, 1, location));
    call.push(Statement::new(Op::PopTop, 0, location));
    call
}

/// Whether a call may come between two instructions: not where the interpreter takes them for a pair.
fn may_stand_between(version: Version, before: Op, after: Op) -> bool {
    // A loop that ends skips `END_FOR` and, from 3.13 on, what follows it.
    (before != Op::EndFor || version < Version::V3_13)
        && !matches!(
            after,
            Op::Resume
                | Op::EndFor
                | Op::PopIter
                | Op::Send
                | Op::EndSend
                | Op::YieldValue
                | Op::JumpBackwardNoInterrupt
                | Op::EndAsyncFor
                | Op::CleanupThrow
                | Op::NotTaken
                | Op::PushExcInfo
                | Op::KwNames
                | Op::Precall
                | Op::Call
        )
}
