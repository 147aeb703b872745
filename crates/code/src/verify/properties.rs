//! Properties that hold for any bytecode at all; tests run them on fixed inputs, the fuzzer on random ones.

use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_marshal::Bytes;

use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::flags::CodeFlags;
use crate::version::Version;

use super::verify;
use super::walk::walk;

/// The versions that can be verified.
const VERSIONS: [Version; 5] = [
    Version::V3_11,
    Version::V3_12,
    Version::V3_13,
    Version::V3_14,
    Version::V3_15,
];

/// Whatever stands in the bytecode and the exception table, the verifier ends, and what it accepts does nothing
/// that it has ruled out, on whatever path.
pub fn any_verdict(data: &[u8]) {
    let [version, flags, stacksize, seed, data @ ..] = data else {
        return;
    };
    let version = VERSIONS[usize::from(*version) % VERSIONS.len()];
    let (code, exceptions) = data.split_at((data.len() / 4 * 3) & !1);
    // Which bits of the byte stand for which flags does not matter.
    let flags = CodeFlags::from_bits_truncate(u32::from(*flags) << 2);
    let code = around(version, code, exceptions, flags, u32::from(*stacksize % 16));
    verdict(&code, u64::from(*seed));
}

/// Whether the verifier accepts a code object; if so, walks through it and all below it on paths that depend on
/// the seed.
pub fn verdict(code: &CodeObject, mut seed: u64) -> bool {
    let Ok(verified) = verify(code) else {
        return false;
    };
    // Numbers that look random and are the same each time.
    let mut choose = || {
        seed = seed
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (seed >> 33) as u32
    };
    let mut pending = alloc::vec![&verified];
    while let Some(code) = pending.pop() {
        pending.extend(code.children());
        for _ in 0..4 {
            walk(code, 200, &mut choose);
        }
    }
    true
}

/// A code object around some bytecode, with a few of everything that instructions can refer to.
fn around(
    version: Version,
    code: &[u8],
    exceptions: &[u8],
    flags: CodeFlags,
    stacksize: u32,
) -> CodeObject {
    let inner = Fields {
        version,
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        nlocals: 0,
        stacksize: 1,
        flags: CodeFlags::empty(),
        code: load_and_return(version),
        consts: Arc::from([Constant::None]),
        names: Arc::default(),
        localsplusnames: ["free".into()].into(),
        localspluskinds: [0x80].into(),
        filename: "f".into(),
        name: "inner".into(),
        qualname: "inner".into(),
        firstlineno: 1,
        linetable: Bytes::default(),
        exceptiontable: Bytes::default(),
        file_offset: None,
        origin: None,
    };
    let name = || Constant::Str("a".into());
    let consts = [
        Constant::None,
        Constant::Bool(true),
        Constant::Tuple([name(), name()].into()),
        Constant::Code(CodeObject::from_fields(inner.clone())),
    ];
    CodeObject::from_fields(Fields {
        argcount: 1,
        nlocals: 3,
        stacksize,
        flags,
        code: code.into(),
        consts: consts.into(),
        names: (0..4).map(|_| "a".into()).collect(),
        localsplusnames: (0..5).map(|_| "a".into()).collect(),
        localspluskinds: [0x20, 0x20, 0x60, 0x40, 0x80].into(),
        exceptiontable: exceptions.into(),
        ..inner
    })
}

/// The bytecode of a function that returns its first constant.
fn load_and_return(version: Version) -> Bytes {
    let raw = |op| version.table().raw(op).unwrap_or(0);
    Vec::from([raw(crate::Op::LoadConst), 0, raw(crate::Op::ReturnValue), 0]).into()
}
