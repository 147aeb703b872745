//! Public behaviour of the varints: known encodings, every kind of bad input, and the properties on fixed seeds.

use pyco_varint::{ErrorKind, exception, location, properties};

/// A small generator of reproducible test input (xorshift64).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn location_values_have_least_significant_group_first() {
    for (value, bytes) in [
        (0, &[0x00][..]),
        (63, &[0x3f]),
        (64, &[0x40, 0x01]),
        (200, &[0x48, 0x03]),
        (4096, &[0x40, 0x40, 0x01]),
        (u32::MAX, &[0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x03]),
    ] {
        assert_eq!(location::encode(value).as_bytes(), bytes, "{value}");
        assert_eq!(location::read(bytes, 0), Ok((value, bytes.len())));
    }
}

#[test]
fn signed_values_keep_the_sign_in_bit_0() {
    for (value, bytes) in [
        (0, &[0x00][..]),
        (1, &[0x02]),
        (-1, &[0x03]),
        (31, &[0x3e]),
        (-31, &[0x3f]),
        (32, &[0x40, 0x01]),
    ] {
        assert_eq!(
            location::encode_signed(value).unwrap().as_bytes(),
            bytes,
            "{value}"
        );
        assert_eq!(location::read_signed(bytes, 0), Ok((value, bytes.len())));
    }
    assert_eq!(
        location::read_signed(&[0x01], 0),
        Ok((0, 1)),
        "CPython reads minus zero as 0"
    );
    assert_eq!(location::encode_signed(i32::MIN), None);
}

#[test]
fn exception_values_have_most_significant_group_first_and_a_mark_on_start() {
    let entry = [0x94, 0x08, 0x41, 0x24, 0x06];
    let (start, at) = exception::read_start(&entry, 0).unwrap();
    let (length, at) = exception::read(&entry, at).unwrap();
    let (target, at) = exception::read(&entry, at).unwrap();
    let (depth_lasti, at) = exception::read(&entry, at).unwrap();
    assert_eq!((start, length, target, depth_lasti, at), (20, 8, 100, 6, 5));
    assert_eq!(
        exception::encode(u32::MAX).as_bytes(),
        [0x43, 0x7f, 0x7f, 0x7f, 0x7f, 0x3f]
    );
}

#[test]
fn bad_location_varints_are_refused_where_they_go_wrong() {
    for (bytes, kind, offset) in [
        (&[][..], ErrorKind::Truncated, 0),
        (&[0x41], ErrorKind::Truncated, 1),
        (&[0x41, 0x00], ErrorKind::Overlong, 1),
        (&[0x40, 0x40, 0x00], ErrorKind::Overlong, 2),
        (
            &[0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x04],
            ErrorKind::Overflow,
            5,
        ),
        (
            &[0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x43, 0x01],
            ErrorKind::Overflow,
            5,
        ),
        (&[0x80], ErrorKind::UnexpectedMark, 0),
        (&[0x41, 0x81], ErrorKind::UnexpectedMark, 1),
    ] {
        let error = location::read(bytes, 0).unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (kind, offset),
            "{bytes:02x?}"
        );
    }
}

#[test]
fn bad_exception_varints_are_refused_where_they_go_wrong() {
    for (bytes, kind, offset) in [
        (&[][..], ErrorKind::Truncated, 0),
        (&[0x41], ErrorKind::Truncated, 1),
        (&[0x40, 0x01], ErrorKind::Overlong, 0),
        (
            &[0x44, 0x40, 0x40, 0x40, 0x40, 0x00],
            ErrorKind::Overflow,
            5,
        ),
        (
            &[0x41, 0x40, 0x40, 0x40, 0x40, 0x40, 0x00],
            ErrorKind::Overflow,
            6,
        ),
        (&[0x80], ErrorKind::UnexpectedMark, 0),
        (&[0x41, 0x80], ErrorKind::UnexpectedMark, 1),
    ] {
        let error = exception::read(bytes, 0).unwrap_err();
        assert_eq!(
            (error.kind(), error.offset()),
            (kind, offset),
            "{bytes:02x?}"
        );
    }
    assert_eq!(
        exception::read_start(&[0x14], 0).unwrap_err().kind(),
        ErrorKind::MissingMark
    );
}

#[test]
fn errors_name_the_fault_and_end_with_the_offset() {
    let error = location::read(&[0x41], 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "input ends inside a varint, expected another byte at offset 0x1"
    );
}

#[test]
fn reading_and_writing_work_in_constants() {
    const ENCODED: pyco_varint::Encoded = location::encode(200);
    const READ: Result<(u32, usize), pyco_varint::Error> = location::read(ENCODED.as_bytes(), 0);
    assert_eq!(READ, Ok((200, 2)));
}

#[test]
fn properties_hold_for_values_of_every_width() {
    let mut seeded = Seeded(0x5eed);
    for bits in 0..32 {
        for value in [
            1u32 << bits,
            (1u32 << bits) - 1,
            (1u32 << bits) + 1,
            u32::MAX >> bits,
        ] {
            properties::arbitrary_value(value);
        }
        for _ in 0..500 {
            properties::arbitrary_value(seeded.next() as u32 >> bits);
        }
    }
}

#[test]
fn properties_hold_for_arbitrary_bytes() {
    let mut seeded = Seeded(0xb17e5);
    for _ in 0..20_000 {
        let len = seeded.next() as usize % 9;
        // Half of the inputs mostly continue, so that long values are met too.
        let bias = if seeded.next() & 1 == 0 { 0x40 } else { 0 };
        let bytes: Vec<u8> = (0..len)
            .map(|_| (seeded.next() as u8 >> (seeded.next() & 1)) | bias)
            .collect();
        properties::arbitrary_bytes(&bytes);
    }
}
