//! The 8-byte source hash of PEP 552: SipHash keyed with the magic number.
//!
//! Python 3.7 to 3.10 use SipHash-2-4, later ones SipHash-1-3.

use siphasher::sip::{SipHasher13, SipHasher24};

use crate::{Magic, Version};

/// What `importlib.util.source_hash` of the Python with this magic number gives for the bytes of
/// a source file.
///
/// ```
/// use pyco_marshal::{Magic, Version, source_hash};
/// let magic = Magic::of(Version::V3_15).unwrap();
/// assert_eq!(source_hash(magic, b"x=1\n"), [0xa6, 0x97, 0x0e, 0x2b, 0xfa, 0x3b, 0x16, 0x0d]);
/// ```
#[must_use]
pub fn source_hash(magic: Magic, source: &[u8]) -> [u8; 8] {
    let key = u64::from(u32::from_le_bytes(magic.to_bytes()));
    let hash = if magic.version() < Version::V3_11 {
        SipHasher24::new_with_keys(key, 0).hash(source)
    } else {
        SipHasher13::new_with_keys(key, 0).hash(source)
    };
    hash.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_each_interpreter() {
        // importlib.util.source_hash(b"x=1\n") of each.
        let expected = [
            (Version::V3_7, 0x5e9b_d3d4_8344_ffeb_u64),
            (Version::V3_8, 0x4358_49b4_9c10_5023),
            (Version::V3_9, 0xaebb_0098_f8ef_d1f2),
            (Version::V3_10, 0xa589_5a49_575b_ecf9),
            (Version::V3_11, 0xf71d_a1d5_f9e8_0d87),
            (Version::V3_12, 0x2cf2_6ebe_7132_8671),
            (Version::V3_13, 0x9f71_9b8a_1d6b_e2fb),
            (Version::V3_14, 0x50ff_cae5_cfe8_cfcc),
            (Version::V3_15, 0xa697_0e2b_fa3b_160d),
        ];
        for (version, hash) in expected {
            let magic = Magic::of(version).unwrap();
            assert_eq!(
                source_hash(magic, b"x=1\n"),
                hash.to_be_bytes(),
                "{version}"
            );
        }
    }
}
