//! What must hold of every input: called by `cargo test` on fixed seeds and by the fuzzer on random ones.
//!
//! Not part of the public API.

use crate::{Error, MAX_LEN, exception, location};

/// Any bytes read without panic; a value read encodes back to the bytes it was read from (a signed minus zero
/// apart); an error points into the input or just past it.
pub fn arbitrary_bytes(bytes: &[u8]) {
    for offset in 0..=bytes.len() {
        check(
            bytes,
            offset,
            location::read(bytes, offset),
            location::encode,
        );
        check(
            bytes,
            offset,
            exception::read(bytes, offset),
            exception::encode,
        );
        check(
            bytes,
            offset,
            exception::read_start(bytes, offset),
            exception::encode_start,
        );
        if let Ok((value, next)) = location::read_signed(bytes, offset) {
            let written =
                location::encode_signed(value).expect("a value that was read has an encoding");
            let minus_zero = bytes[offset..next] == [0x01];
            assert!(
                minus_zero || written.as_bytes() == &bytes[offset..next],
                "{bytes:02x?} at {offset}"
            );
        }
    }
}

fn check(
    bytes: &[u8],
    offset: usize,
    read: Result<(u32, usize), Error>,
    encode: impl Fn(u32) -> crate::Encoded,
) {
    match read {
        Ok((value, next)) => assert_eq!(
            encode(value).as_bytes(),
            &bytes[offset..next],
            "{bytes:02x?} at {offset}"
        ),
        Err(error) => {
            assert!(
                (offset..=bytes.len()).contains(&error.offset()),
                "{error} for {bytes:02x?} at {offset}"
            );
            assert!(
                error.offset() - offset <= MAX_LEN,
                "{error} is further than a value is long"
            );
        }
    }
}

/// Any value encodes to bytes that read back as it, with nothing left, and whose every proper prefix is
/// truncated.
pub fn arbitrary_value(value: u32) {
    let encoded = location::encode(value);
    assert_eq!(location::read(&encoded, 0), Ok((value, encoded.len())));
    assert!((0..encoded.len()).all(|cut| location::read(&encoded[..cut], 0).is_err()));

    let encoded = exception::encode(value);
    assert_eq!(exception::read(&encoded, 0), Ok((value, encoded.len())));
    assert!((0..encoded.len()).all(|cut| exception::read(&encoded[..cut], 0).is_err()));

    let encoded = exception::encode_start(value);
    assert_eq!(
        exception::read_start(&encoded, 0),
        Ok((value, encoded.len()))
    );

    let signed = value as i32;
    match location::encode_signed(signed) {
        Some(encoded) => assert_eq!(
            location::read_signed(&encoded, 0),
            Ok((signed, encoded.len()))
        ),
        None => assert_eq!(signed, i32::MIN),
    }
}
