//! Running whole programs: the recorded fixtures, each on a virtual machine of its own, and the machine alone.
//!
//! A watch for regressions, not a comparison with CPython.
#![allow(missing_docs, reason = "criterion_group! makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pyco_code::{CodeObject, Verified, Version, verify};
use pyco_exec::{Host, Vm};

macro_rules! programs {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("../../fixtures/pyc/3.13/", $name, ".pyc")).as_slice()),)*]
    };
}

const PROGRAMS: &[(&str, &[u8])] = &programs! {
    "queens" "richards" "bigints" "pipeline" "text_report" "stack_machine" "graphs" "closures"
};

fn vm() -> Vm {
    Vm::new(Version::V3_13, Host::new()).expect("the only machine of this thread")
}

fn run(code: Verified<CodeObject>) -> pyco_exec::Outcome {
    vm().run_program(code)
}

fn exec(criterion: &mut Criterion) {
    criterion.bench_function("exec/start", |bencher| bencher.iter(|| black_box(vm())));
    let mut group = criterion.benchmark_group("exec/program");
    for (name, pyc) in PROGRAMS {
        let code = CodeObject::from_pyc(pyc).expect("a .pyc file");
        let code = verify(&code).expect("code as CPython makes it");
        group.bench_function(*name, |bencher| {
            bencher.iter(|| run(black_box(code.clone())))
        });
    }
    group.finish();
}

criterion_group!(benches, exec);
criterion_main!(benches);
