//! The hash of str and bytes: SipHash-1-3 over the units in memory, keyed by `PYTHONHASHSEED`.
//!
//! Checked against CPython 3.11 to 3.15, whose `_Py_HashBytes` and `_PyRuntime` initialisation define it. The units are
//! hashed as they lie in memory, so on a big-endian machine hashes of wide strings differ, as CPython's do.

use siphasher::sip::SipHasher13;

use super::view::StrView;

/// The secret of a process's string hashes.
///
/// ```
/// use pyco_exec::text::{HashKey, StrView};
/// // PYTHONHASHSEED=0 python3 -c 'print(hash("abc"))'
/// assert_eq!(HashKey::from_seed(0).hash_str(StrView::ascii("abc")), -4594863902769663758);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKey {
    k0: u64,
    k1: u64,
}

impl HashKey {
    /// A key of two given halves, for instance random ones.
    pub const fn new(k0: u64, k1: u64) -> HashKey {
        HashKey { k0, k1 }
    }

    /// The key that `PYTHONHASHSEED=seed` gives; seed 0 switches the secret off.
    pub const fn from_seed(seed: u32) -> HashKey {
        if seed == 0 {
            return HashKey::new(0, 0);
        }
        // A linear congruential generator fills the secret byte by byte; the halves are its first 16 bytes.
        let mut halves = [0u64; 2];
        let mut state = seed;
        let mut index = 0;
        while index < 16 {
            state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
            halves[index / 8] |= ((state >> 16) as u64 & 0xFF) << (8 * (index % 8));
            index += 1;
        }
        HashKey::new(halves[0], halves[1])
    }

    /// `hash(b)` of bytes: 0 for none, never -1.
    pub fn hash_bytes(self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() {
            return 0;
        }
        match SipHasher13::new_with_keys(self.k0, self.k1).hash(bytes) as i64 {
            -1 => -2,
            hash => hash,
        }
    }

    /// `hash(s)` of a str: that of its units' bytes.
    pub fn hash_str(self, text: StrView<'_>) -> i64 {
        self.hash_bytes(text.unit_bytes())
    }
}
