//! Real files with a few bytes changed, 40,000 times from fixed seeds, on a small stack.

use pyco_marshal::properties;

use crate::fixtures;
use crate::memory::on_small_stack;

const MUTATIONS: u64 = 40_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Bytes that matter to the format, so that mutations go deep more often than random ones would.
const TELLING: &[u8] =
    b"0NFTS.iIlfgxystRuaAzZ()[{}<>:cr\x00\x01\x02\x7f\x80\xff\xe3\xa9\xda\xdb\xbe\xba\xfb";

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, TELLING[random.below(TELLING.len())]),
            2 if at + 5 <= bytes.len() => {
                let number =
                    [0, 1, -1, i32::MAX, i32::MIN, random.below(64) as i32][random.below(6)];
                bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            }
            3 => {
                let len = random.below(24).min(bytes.len() - at);
                let piece = bytes[at..at + len].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 if at < bytes.len() => bytes[at] = random.next() as u8,
            5 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ if at < bytes.len() => bytes[at] = TELLING[random.below(TELLING.len())],
            _ => {}
        }
    }
}

#[test]
fn mutated_files_keep_every_property() {
    let files = fixtures::pycs();
    assert!(files.len() >= 20, "{} files", files.len());
    on_small_stack(move || {
        for seed in 0..MUTATIONS {
            let mut random = Random(seed);
            let mut bytes = files[seed as usize % files.len()].1.clone();
            mutate(&mut bytes, &mut random);
            properties::pyc(&bytes);
        }
    });
}

#[test]
fn random_bytes_keep_every_property() {
    on_small_stack(|| {
        for seed in 0..2_000 {
            let mut random = Random(seed);
            let len = random.below(64);
            let bytes: Vec<u8> = (0..len)
                .map(|_| TELLING[random.below(TELLING.len())])
                .collect();
            properties::marshal(&bytes);
        }
    });
}
