//! Base32.

use super::Decoded;

pub(super) const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Digits to bytes, eight for five.
pub(super) fn decode(
    text: &[u8],
    digits: &[u8; 256],
    is_padded: bool,
    ignored: Option<&[bool; 256]>,
    is_canonical: bool,
) -> Decoded {
    let refuses = |byte: u8| !ignored.is_some_and(|ignored| ignored[usize::from(byte)]);
    let wrong = |message: &str| Err(message.to_owned());
    let mut bytes = Vec::with_capacity(text.len() / 8 * 5 + 5);
    let (mut bits, mut place, mut pads) = (0_u64, 0, 0);
    for byte in text {
        if *byte == b'=' && is_padded {
            pads += 1;
            let may_pad = matches!(place, 2 | 4 | 5 | 7) && place + pads <= 8;
            if may_pad || !refuses(b'=') {
                continue;
            }
            if matches!(place, 1 | 3 | 6) {
                break;
            }
            return wrong(match place == 0 && bytes.is_empty() {
                true => "Leading padding not allowed",
                false => "Excess padding not allowed",
            });
        }
        let digit = digits[usize::from(*byte)];
        if digit == 255 {
            if !refuses(*byte) {
                continue;
            }
            return wrong(match *byte {
                b'=' => "Padding not allowed",
                _ => "Only base32 data is allowed",
            });
        }
        if pads > 0 && refuses(b'=') {
            return wrong(match place + pads == 8 {
                true => "Excess data after padding",
                false => "Discontinuous padding not allowed",
            });
        }
        bits = bits << 5 | u64::from(digit);
        place += 1;
        if place == 8 {
            bytes.extend_from_slice(&bits.to_be_bytes()[3..]);
            (bits, place, pads) = (0, 0, 0);
        }
    }
    if matches!(place, 1 | 3 | 6) {
        let count = bytes.len() / 5 * 8 + place;
        return Err(format!(
            "Invalid base32-encoded string: number of data characters ({count}) cannot be 1, 3, or 6 more than a multiple of 8"
        ));
    }
    if is_padded && place > 0 && place + pads < 8 {
        return wrong("Incorrect padding");
    }
    let unused = place * 5 % 8;
    if is_canonical && bits & ((1 << unused) - 1) != 0 {
        return wrong("Non-zero padding bits");
    }
    let len = place * 5 / 8;
    bytes.extend_from_slice(&(bits >> unused).to_be_bytes()[8 - len..]);
    Ok(bytes)
}

/// Bytes to digits.
pub(super) fn encode(data: &[u8], alphabet: &[u8], is_padded: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len().div_ceil(5) * 8);
    for part in data.chunks(5) {
        let mut bytes = [0; 8];
        bytes[3..3 + part.len()].copy_from_slice(part);
        let bits = u64::from_be_bytes(bytes);
        let digit_len = (part.len() * 8).div_ceil(5);
        let digits = (0..digit_len).map(|at| alphabet[(bits >> (35 - 5 * at)) as usize & 31]);
        text.extend(digits);
        if is_padded {
            text.resize(text.len() + 8 - digit_len, b'=');
        }
    }
    text
}
