//! Up to 64 bytes of a table at once: which entries may change the line, and how many code units lie before each.
//!
//! Reading entry by entry is a chain, in which each says where the next one starts. But bit 7 is set in the first
//! byte of an entry and in no other, so that all of them show at once.

use super::block::{self, Block};
use pyco_varint::ENTRY_MARK;

/// The most bytes of a window.
pub(super) const LEN: usize = 64;

/// Some bytes of a table, and the code units before each.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// The bytes, and the one after them; where the table has ended, one that only starts an entry.
    bytes: [u8; LEN + block::LEN],
    /// The code units before each block, from the start of the table.
    units_before: [u32; LEN / block::LEN],
    /// Those in the block before each byte.
    units_in_block: [u8; LEN],
}

/// What [`Window::read`] finds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// A bit for each byte that starts an entry.
    pub(super) first: u64,
    /// A bit for each byte that starts an entry with a line delta or without a location, and for each byte after one
    /// without a location.
    pub(super) changes: u64,
    /// The code units before the end of the window.
    pub(super) unit: u32,
}

impl Window {
    pub(super) const EMPTY: Self = Self {
        bytes: [0; LEN + block::LEN],
        units_before: [0; LEN / block::LEN],
        units_in_block: [0; LEN],
    };

    /// How many code units of the table lie before byte `at` of the window.
    #[inline(always)]
    pub(super) fn units_before(&self, at: u32) -> u32 {
        let at = at as usize % LEN;
        self.units_before[at / block::LEN] + u32::from(self.units_in_block[at])
    }

    /// Byte `at` of the window, and the one after it.
    #[inline(always)]
    pub(super) fn two_bytes(&self, at: u32) -> [u8; 2] {
        let at = at as usize % LEN;
        [self.bytes[at], self.bytes[at + 1]]
    }

    /// Moves the window to byte `start` of a table, before which there are `unit` code units.
    #[inline(always)]
    pub(super) fn read(&mut self, table: &[u8], start: usize, unit: u32) -> Found {
        let rest = &table[start..];
        let mut found = Found {
            first: 0,
            changes: 0,
            unit,
        };
        let mut none = 0;
        for index in 0..LEN / block::LEN {
            let at = index * block::LEN;
            if at >= rest.len() {
                break;
            }
            let bytes = match rest[at..].first_chunk::<{ block::LEN }>() {
                Some(bytes) => *bytes,
                None => last_bytes(table, rest.len() - at),
            };
            let block = Block::new(&bytes);
            found.first |= u64::from(block.first) << at;
            found.changes |= u64::from(block.from_11) << at;
            none |= u64::from(block.none) << at;
            self.bytes[at..at + block::LEN].copy_from_slice(&bytes);
            self.units_before[index] = found.unit;
            self.units_in_block[at..at + block::LEN].copy_from_slice(&block.units_before);
            found.unit += block.unit_count;
        }
        self.bytes[rest.len().min(LEN)] = rest.get(LEN).copied().unwrap_or(ENTRY_MARK);
        found.changes |= none << 1;
        if rest.len() < LEN {
            // No location in the last entry, and nothing after it.
            found.changes &= (1 << rest.len()) - 1;
        }
        found
    }
}

/// The last `len` bytes of a table, fewer than there are in a block, followed by zeros.
#[inline(always)]
fn last_bytes(table: &[u8], len: usize) -> [u8; block::LEN] {
    let bytes = match table.last_chunk() {
        Some(bytes) => u128::from_le_bytes(*bytes) >> (8 * ((block::LEN - len) % block::LEN)),
        None => short_table(table) >> (8 * (table.len() - len)),
    };
    bytes.to_le_bytes()
}

/// All bytes of a table shorter than a block, the first one lowest.
#[inline(never)]
fn short_table(table: &[u8]) -> u128 {
    if let (Some(first), Some(last)) = (table.first_chunk(), table.last_chunk()) {
        let [first, last] = [*first, *last].map(u64::from_le_bytes).map(u128::from);
        first | last << (8 * (table.len() - 8))
    } else {
        table
            .iter()
            .rev()
            .fold(0, |bytes, byte| bytes << 8 | u128::from(*byte))
    }
}
