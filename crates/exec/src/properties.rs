//! Properties that hold for any bytecode at all; tests run them on fixed inputs, the fuzzer on random ones.

use pyco_code::{CodeObject, verify};

use crate::host::Host;
use crate::program::Outcome;
use crate::vm::Vm;

/// A program to be changed: a whole `.pyc` and the places of its bytecode and exception tables in it.
pub struct Program<'a> {
    pyc: &'a [u8],
    places: Vec<usize>,
}

impl<'a> Program<'a> {
    /// The places that can be changed in a `.pyc`; none if it is not one.
    #[must_use]
    pub fn new(pyc: &'a [u8]) -> Program<'a> {
        let mut places = Vec::new();
        if let Ok(code) = CodeObject::from_pyc(pyc) {
            for code in code.walk() {
                for table in [code.code(), code.exceptiontable().as_bytes()] {
                    places.extend(find(pyc, table));
                }
            }
        }
        Program { pyc, places }
    }

    /// The file with single bytes of its bytecode and exception tables replaced: of each edit the first number chooses the place.
    #[must_use]
    pub fn changed(&self, edits: impl IntoIterator<Item = (u32, u8)>) -> Vec<u8> {
        let mut changed = self.pyc.to_vec();
        for (place, byte) in edits {
            if let Some(at) = self
                .places
                .get(place as usize % self.places.len().max(1))
                .and_then(|at| changed.get_mut(*at))
            {
                *at = byte;
            }
        }
        changed
    }
}

/// Where `part` first stands in `whole`.
fn find(whole: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    if part.is_empty() {
        return 0..0;
    }
    match whole.windows(part.len()).position(|w| w == part) {
        Some(at) => at..at + part.len(),
        None => 0..0,
    }
}

/// Whatever stands in a `.pyc`, it is refused, or it runs to an end that the limits set. None if it is refused.
#[must_use]
pub fn any_program(pyc: &[u8], fuel: u64) -> Option<Outcome> {
    let code = verify(&CodeObject::from_pyc(pyc).ok()?).ok()?;
    if !Vm::runs(code.version()) {
        return None;
    }
    let mut host = Host::new();
    host.fuel = Some(fuel);
    host.recursion_limit = 200;
    let mut vm = Vm::new(code.version(), host).ok()?;
    Some(vm.run_program(code))
}
