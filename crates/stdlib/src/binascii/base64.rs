//! Base64.

use super::Decoded;

pub(super) const ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a decoder lets pass.
pub(super) struct Rules<'a> {
    /// Whether what is neither a digit nor in its place is wrong, unless `ignored`.
    pub(super) is_strict: bool,
    pub(super) is_padded: bool,
    /// Whether unused bits must be 0.
    pub(super) is_canonical: bool,
    pub(super) ignored: Option<&'a [bool; 256]>,
}

impl Rules<'_> {
    fn refuses(&self, byte: u8) -> bool {
        self.is_strict
            && !self
                .ignored
                .is_some_and(|ignored| ignored[usize::from(byte)])
    }
}

/// Digits on their way to bytes, four for three.
struct Quads {
    bytes: Vec<u8>,
    bits: u32,
    /// How many digits of the last quad there are.
    place: usize,
}

impl Quads {
    fn new(text: &[u8]) -> Quads {
        Quads {
            bytes: Vec::with_capacity(text.len() / 4 * 3 + 3),
            bits: 0,
            place: 0,
        }
    }

    fn push(&mut self, digit: u8) {
        self.bits = self.bits << 6 | u32::from(digit);
        self.place += 1;
        if self.place == 4 {
            let [_, a, b, c] = self.bits.to_be_bytes();
            self.bytes.extend([a, b, c]);
            (self.bits, self.place) = (0, 0);
        }
    }

    /// How many bits of the last digit belong to no byte.
    fn unused(&self) -> u32 {
        match self.place {
            2 => 4,
            3 => 2,
            _ => 0,
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let bits = self.bits >> self.unused();
        match self.place {
            2 => self.bytes.push(bits as u8),
            3 => self.bytes.extend([(bits >> 8) as u8, bits as u8]),
            _ => {}
        }
        self.bytes
    }

    fn one_too_many(&self) -> Decoded {
        let count = self.bytes.len() / 3 * 4 + 1;
        Err(format!(
            "Invalid base64-encoded string: number of data characters ({count}) cannot be 1 more than a multiple of 4"
        ))
    }
}

fn wrong(message: &str) -> Decoded {
    Err(message.to_owned())
}

/// Digits to bytes, as 3.13 and later do: all there are.
pub(super) fn decode(text: &[u8], digits: &[u8; 256], rules: &Rules<'_>) -> Decoded {
    let mut quads = Quads::new(text);
    let mut pads = 0;
    for byte in text {
        if *byte == b'=' && rules.is_padded {
            pads += 1;
            if quads.place >= 2 && quads.place + pads <= 4 || !rules.refuses(b'=') {
                continue;
            }
            if quads.place == 1 {
                break;
            }
            let is_first = quads.place == 0 && quads.bytes.is_empty();
            return wrong(match is_first {
                true => "Leading padding not allowed",
                false => "Excess padding not allowed",
            });
        }
        if *byte == b'=' && digits[usize::from(b'=')] == 255 && rules.refuses(b'=') {
            return wrong("Padding not allowed");
        }
        let digit = digits[usize::from(*byte)];
        if digit == 255 {
            if rules.refuses(*byte) {
                return wrong("Only base64 data is allowed");
            }
            continue;
        }
        if pads > 0 && rules.refuses(b'=') {
            return wrong(match quads.place + pads == 4 {
                true => "Excess data after padding",
                false => "Discontinuous padding not allowed",
            });
        }
        pads = 0;
        quads.push(digit);
    }
    if quads.place == 1 {
        return quads.one_too_many();
    }
    if rules.is_padded && quads.place > 0 && quads.place + pads < 4 {
        return wrong("Incorrect padding");
    }
    if rules.is_canonical && quads.bits & ((1 << quads.unused()) - 1) != 0 {
        return wrong("Non-zero padding bits");
    }
    Ok(quads.finish())
}

/// Digits to bytes, as 3.11 and 3.12 do: up to padding that is whole.
pub(super) fn decode_to_padding(text: &[u8], is_strict: bool) -> Decoded {
    let mut digits = [255; 256];
    for (digit, byte) in ALPHABET.iter().enumerate() {
        digits[usize::from(*byte)] = digit as u8;
    }
    if is_strict && text.first() == Some(&b'=') {
        return wrong("Leading padding not allowed");
    }
    let mut quads = Quads::new(text);
    let (mut pads, mut has_padding) = (0, false);
    for (at, byte) in text.iter().enumerate() {
        if *byte == b'=' {
            has_padding = true;
            if quads.place >= 2 {
                pads += 1;
                if quads.place + pads >= 4 {
                    return match is_strict && at + 1 < text.len() {
                        true => wrong("Excess data after padding"),
                        false => Ok(quads.finish()),
                    };
                }
            }
            continue;
        }
        let digit = digits[usize::from(*byte)];
        if digit == 255 {
            if is_strict {
                return wrong("Only base64 data is allowed");
            }
            continue;
        }
        if is_strict && has_padding {
            return wrong("Discontinuous padding not allowed");
        }
        pads = 0;
        quads.push(digit);
    }
    match quads.place {
        0 => Ok(quads.finish()),
        1 => quads.one_too_many(),
        _ => wrong("Incorrect padding"),
    }
}

/// Bytes to digits.
pub(super) fn encode(data: &[u8], alphabet: &[u8], is_padded: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len().div_ceil(3) * 4 + 1);
    for part in data.chunks(3) {
        let mut bytes = [0; 4];
        bytes[1..=part.len()].copy_from_slice(part);
        let bits = u32::from_be_bytes(bytes);
        let digits = [18, 12, 6, 0].map(|shift| alphabet[(bits >> shift) as usize & 63]);
        text.extend_from_slice(&digits[..=part.len()]);
        if is_padded {
            text.resize(text.len() + 3 - part.len(), b'=');
        }
    }
    text
}
