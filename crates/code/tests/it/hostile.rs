//! Inputs that no compiler writes.

use std::sync::Arc;

use pyco_code::properties;
use pyco_code::{CodeObject, Constant, DisOptions, ErrorKind, Instructions, Repr, Version};

use crate::support::fixtures;

/// Bytes that look random and are the same each time.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn no_bytecode_or_table_makes_the_disassembler_panic() {
    // What the text form is made of.
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let options = DisOptions {
        show_caches: true,
        adaptive: true,
        show_offsets: true,
        show_positions: true,
        without_nested: true,
    };
    for fixture in fixtures() {
        for code in fixture.code.walk() {
            let mut bytes = code.code().to_vec();
            let mut table = code.exceptiontable().as_bytes().to_vec();
            let mut lines = code.linetable().to_vec();
            for bytes in [&mut bytes, &mut table, &mut lines] {
                for _ in 0..3 {
                    let at = noise.next() as usize % bytes.len().max(1);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = noise.next() as u8;
                    }
                }
            }
            let code = code
                .replace()
                .code(bytes.as_slice())
                .linetable(lines)
                .consts([]);
            let code = if table.is_empty() {
                code
            } else {
                code.exceptiontable(table)
            };
            let code = code.build().expect("valid fields");
            let text = code.dis().with(options).to_string();
            assert!(!text.is_empty());
            for instruction in Instructions::new(fixture.version, &bytes) {
                let Ok(instruction) = instruction else { break };
                assert!(instruction.end.0 as usize <= bytes.len());
            }
        }
    }
}

#[test]
fn properties_of_editing_hold_for_noise_and_for_mutated_texts() {
    // What the text form is made of.
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for round in 0..2000 {
        let data = (0..round % 90).map(|_| noise.next() as u8 & 0x3f);
        properties::any_edit(&data.collect::<Vec<_>>());
    }
    for fixture in fixtures() {
        let Ok(text) = pyco_code::asm::write(&fixture.code) else {
            continue;
        };
        // One code object is enough to tell, and quick.
        let end = text
            .match_indices(".code")
            .nth(2)
            .map_or(text.len(), |(at, _)| at);
        for _ in 0..40 {
            let mut mutant = text.as_bytes()[..end].to_vec();
            let at = noise.next() as usize % mutant.len();
            mutant[at] = SIGNS[noise.next() as usize % SIGNS.len()];
            properties::any_text(&mutant);
        }
    }
}

#[test]
fn properties_hold_for_mutated_files_and_for_noise() {
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    for fixture in fixtures() {
        let version = Version::ALL
            .iter()
            .position(|version| *version == fixture.version);
        let mut data = vec![version.expect("known") as u8];
        data.extend(&fixture.bytes);
        properties::any_marshalled(&data);
        for _ in 0..10 {
            let mut mutant = data.clone();
            let at = 1 + noise.next() as usize % fixture.bytes.len();
            mutant[at] = noise.next() as u8;
            properties::any_marshalled(&mutant);
        }
    }
    for round in 0..500 {
        let data = (0..round).map(|_| noise.next() as u8).collect::<Vec<_>>();
        properties::any_bytecode(&data);
    }
}

#[test]
fn deep_constants_are_compared_hashed_shown_and_dropped_without_recursion() {
    let fixture = fixtures().pop().expect("a fixture");
    let deep = || {
        (0..1900).fold(Constant::None, |inner, _| {
            Constant::Tuple(Arc::from([inner]))
        })
    };
    let code = |constant| {
        fixture
            .code
            .replace()
            .consts([constant])
            .build()
            .expect("valid")
    };
    assert_eq!(code(deep()), code(deep()));
    let text = Repr::new(&deep(), Version::V3_13).to_string();
    assert_eq!(text.len(), 1900 * 3 + 4);
    let bytes = code(deep()).to_marshal().expect("writable");
    let read = CodeObject::from_marshal(fixture.version, &bytes, 0).expect("readable");
    assert_eq!(read, code(deep()));
}

#[test]
fn constants_that_share_their_parts_cost_no_more_than_their_parts() {
    let shared = || {
        (0..100).fold(Constant::from(1), |inner, _| {
            Constant::Tuple(Arc::from([inner.clone(), inner.clone(), inner]))
        })
    };
    assert_eq!(shared(), shared());
    let fixture = fixtures().pop().expect("a fixture");
    let code = fixture
        .code
        .replace()
        .consts([shared()])
        .build()
        .expect("valid");
    let bytes = code.to_marshal().expect("writable");
    assert!(bytes.len() < 10_000);
    assert_eq!(
        CodeObject::from_marshal(fixture.version, &bytes, 0),
        Ok(code.clone())
    );
    let text = Repr::new(&code.consts()[0], Version::V3_13).to_string();
    assert!(text.ends_with("...") && text.len() < 17 << 20);
}

#[test]
fn instructions_name_what_is_wrong_and_where() {
    let kind = |version, code: &[u8]| {
        let error = Instructions::new(version, code)
            .find_map(Result::err)
            .expect("an error");
        (error.kind().clone(), error.to_string())
    };
    let (found, text) = kind(Version::V3_13, &[30, 0, 254, 0, 120, 0]);
    assert_eq!(found, ErrorKind::UnknownOpcode(Version::V3_13, 120));
    assert_eq!(
        text,
        "found opcode 120, which CPython 3.13 does not have at bytecode offset 4"
    );
    assert_eq!(
        kind(Version::V3_13, &[71, 0]).0,
        ErrorKind::DanglingExtendedArg
    );
    assert_eq!(
        kind(Version::V3_13, &[53, 0, 0, 0]).1,
        "bytecode ends inside the inline cache of CALL at bytecode offset 0"
    );
    assert_eq!(
        kind(Version::V3_13, &[71, 1, 71, 1, 71, 1, 71, 1, 83, 0]).0,
        ErrorKind::TooManyExtendedArgs
    );
    assert_eq!(
        kind(Version::V2_7, &[100, 0]).0,
        ErrorKind::TruncatedInstruction
    );
}
