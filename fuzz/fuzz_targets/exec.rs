//! Programs with changed bytecode: refused, or run within their limits. The first number chooses the program.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pyco_exec::properties::{Program, any_program};

macro_rules! programs {
    ($($name:literal)*) => {
        vec![$(Program::new(include_bytes!(concat!("../../fixtures/pyc/3.13/", $name, ".pyc"))),)*]
    };
}

static PROGRAMS: LazyLock<Vec<Program<'static>>> = LazyLock::new(|| {
    programs! {
        "builtins_tour" "calculator" "classes" "closures" "comprehensions" "control_flow" "dunders" "exceptions" "formatting"
        "generators" "groups" "iterators" "managers" "mappings" "matching" "metaclasses" "parameters" "pipeline" "queens"
        "richards" "sequences" "shapes_lib" "stack_machine" "strings" "uncaught"
    }
});

fuzz_target!(|input: (u8, Vec<(u32, u8)>)| {
    let (program, edits) = input;
    let program = &PROGRAMS[usize::from(program) % PROGRAMS.len()];
    let _ = any_program(&program.changed(edits.into_iter().take(8)), 3_000);
});
