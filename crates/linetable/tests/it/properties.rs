//! The properties on fixed seeds: arbitrary bytes, bytes that are nearly a table, and arbitrary locations.

use pyco_linetable::Location;
use pyco_linetable::properties::{arbitrary_lines, arbitrary_locations, arbitrary_table};

/// A small generator of reproducible test input (xorshift64).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number of any magnitude, small ones as often as large ones.
    fn number(&mut self) -> u32 {
        let bits = self.below(33);
        if bits == 0 {
            0
        } else {
            self.next() as u32 >> (32 - bits)
        }
    }

    fn option(&mut self, number: u32) -> Option<u32> {
        (self.below(8) != 0).then_some(number)
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = self.below(40);
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// Entries of the 3.11 format with random contents, and now and then a byte that spoils one.
    fn entries(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(30) {
            let code = self.below(16) as u8;
            bytes.push(0x80 | code << 3 | self.below(8) as u8);
            match code {
                0..=9 => bytes.push(self.below(128) as u8),
                10..=12 => bytes.extend([self.below(128) as u8, self.below(128) as u8]),
                13 => self.varint(&mut bytes),
                14 => (0..4).for_each(|_| self.varint(&mut bytes)),
                _ => {}
            }
        }
        if self.below(4) == 0 && !bytes.is_empty() {
            let at = self.below(bytes.len() as u64) as usize;
            bytes[at] = self.next() as u8;
        }
        bytes
    }

    fn varint(&mut self, bytes: &mut Vec<u8>) {
        let number = if self.below(2) == 0 {
            self.below(80) as u32
        } else {
            self.number()
        };
        bytes.extend_from_slice(&pyco_varint::location::encode(number));
    }

    fn first_line(&mut self) -> i32 {
        match self.below(4) {
            0 => self.next() as i32,
            1 => 0,
            _ => self.below(500) as i32,
        }
    }

    fn location(&mut self) -> Location {
        let line = if self.below(2) == 0 {
            self.below(300) as u32
        } else {
            self.number()
        };
        let end_line = line
            .wrapping_add(self.below(3) as u32)
            .wrapping_sub(u32::from(self.below(50) == 0));
        let column = if self.below(2) == 0 {
            self.below(100) as u32
        } else {
            self.number()
        };
        let end_column = if self.below(2) == 0 {
            column.wrapping_add(self.below(20) as u32)
        } else {
            self.number()
        };
        Location::new(
            self.option(line),
            self.option(end_line),
            self.option(column),
            self.option(end_column),
        )
    }
}

#[test]
fn arbitrary_bytes_hold_the_properties() {
    let mut seeded = Seeded(0xa2b17);
    for _ in 0..3_000 {
        let (bytes, first_line, code_len) = (seeded.bytes(), seeded.first_line(), seeded.number());
        arbitrary_table(&bytes, first_line, code_len);
    }
}

#[test]
fn tables_with_and_without_a_fault_hold_the_properties() {
    let mut seeded = Seeded(0x7ab1e5);
    for _ in 0..3_000 {
        let (bytes, first_line, code_len) =
            (seeded.entries(), seeded.first_line(), seeded.number());
        arbitrary_table(&bytes, first_line, code_len);
    }
}

#[test]
fn arbitrary_locations_survive_writing_and_reading() {
    let mut seeded = Seeded(0x10ca7e);
    for _ in 0..3_000 {
        let runs: Vec<_> = (0..seeded.below(12))
            .map(|_| (seeded.below(30) as u16, seeded.location()))
            .collect();
        arbitrary_locations(seeded.first_line(), &runs);
    }
}

#[test]
fn arbitrary_lines_survive_writing_and_reading_in_the_older_formats() {
    let mut seeded = Seeded(0x11e5);
    for _ in 0..1_000 {
        let mut run = || {
            let (width, line) = (seeded.number() as u16, seeded.number());
            (width, seeded.option(line))
        };
        let runs: Vec<_> = (0..12).map(|_| run()).collect();
        let first_line = seeded.first_line();
        arbitrary_lines(first_line, &runs);
    }
}
