//! The verifier, on what CPython's compiler wrote and on that with bytes changed.

use pyco_code::quicken::Quickened;
use pyco_code::{Rule, Version, properties, verify};

use crate::support::fixtures;

#[test]
fn what_the_compiler_wrote_is_accepted() {
    for fixture in fixtures() {
        if !fixture.version.has_localsplus() {
            let error = verify(&fixture.code).expect_err("too old a version");
            assert_eq!(error.rule(), Rule::Version);
            continue;
        }
        if let Err(error) = verify(&fixture.code) {
            panic!("{}: {error}", fixture.name());
        }
    }
}

#[test]
fn quickened_code_gives_back_the_bytecode_it_came_from() {
    for fixture in fixtures() {
        if !fixture.version.has_localsplus() {
            continue;
        }
        let verified = verify(&fixture.code).expect("what the compiler wrote");
        let mut pending = vec![&verified];
        while let Some(code) = pending.pop() {
            pending.extend(code.children());
            let quickened = match Quickened::new(code.clone()) {
                Ok(quickened) => quickened,
                Err(error) => panic!("{}: {error}", fixture.name()),
            };
            assert_eq!(quickened.deopt(), code.code(), "{}", fixture.name());
            assert_eq!(quickened.units().len() * 2, code.code().len());
        }
    }
}

#[test]
fn paths_through_verified_code_keep_to_what_was_proved() {
    for fixture in fixtures() {
        if !fixture.version.has_localsplus() {
            continue;
        }
        for seed in 0..20 {
            assert!(properties::verdict(&fixture.code, seed));
        }
    }
}

/// Numbers that look random and are the same each time.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn changed_bytes_are_refused_or_do_nothing_that_was_ruled_out() {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let (mut refused, mut tried) = (0, 0);
    for fixture in fixtures() {
        if !fixture.version.has_localsplus() {
            continue;
        }
        for code in fixture.code.walk() {
            let (bytes, table) = (code.code(), code.exceptiontable().as_bytes());
            for _ in 0..150 {
                let (mut bytes, mut table) = (bytes.to_vec(), table.to_vec());
                let at = noise.below(bytes.len() + table.len());
                let byte = match bytes.get_mut(at) {
                    Some(byte) => byte,
                    None => &mut table[at - bytes.len()],
                };
                *byte ^= 1 + noise.below(255) as u8;
                let changed = code.replace().code(bytes).exceptiontable(table).build();
                let changed = changed.expect("bytes of the same length");
                tried += 1;
                refused += usize::from(!properties::verdict(&changed, tried as u64));
            }
        }
    }
    // Most changes cannot go unnoticed; a few are as good as the original.
    assert!(tried > 10_000, "only {tried} tried");
    assert!(
        refused * 10 > tried * 6,
        "only {refused} of {tried} refused"
    );
}

#[test]
fn any_bytes_get_a_verdict() {
    let mut noise = Noise(7);
    for len in 0..300 {
        for version in 0..Version::ALL.len() {
            let mut data = vec![version as u8];
            data.extend((0..len).map(|_| noise.below(256) as u8));
            properties::any_verdict(&data);
        }
    }
}
