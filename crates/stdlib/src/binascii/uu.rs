//! Lines of uuencoded text.

use super::Decoded;

const MOST: usize = 45;

/// One line to bytes. Without `is_empty_wrong` an empty one is read as if a NUL were in it.
pub(super) fn decode(line: &[u8], is_empty_wrong: bool) -> Decoded {
    let (len, mut rest) = match line.split_first() {
        Some((len, rest)) => (*len, rest),
        None if is_empty_wrong => return Err("Missing length byte".to_owned()),
        None => (0, line),
    };
    let len = usize::from(len.wrapping_sub(b' ') & 63);
    let mut bytes = Vec::with_capacity(len);
    let (mut bits, mut bit_len) = (0_u32, 0);
    while bytes.len() < len {
        let digit = match rest.first() {
            // Spaces at the end of a line may have got lost.
            None | Some(b'\n' | b'\r') => 0,
            // Some write a backtick for a space.
            Some(byte @ b' '..=b'`') => (byte - b' ') & 63,
            Some(_) => return Err("Illegal char".to_owned()),
        };
        rest = rest.get(1..).unwrap_or(&[]);
        bits = bits << 6 | u32::from(digit);
        bit_len += 6;
        if bit_len >= 8 {
            bit_len -= 8;
            bytes.push((bits >> bit_len) as u8);
        }
    }
    match rest.iter().all(|byte| b" `\n\r".contains(byte)) {
        true => Ok(bytes),
        false => Err("Trailing garbage".to_owned()),
    }
}

/// Bytes to one line.
pub(super) fn encode(data: &[u8], has_backtick: bool) -> Decoded {
    if data.len() > MOST {
        return Err("At most 45 bytes at once".to_owned());
    }
    let character = |value: u8| match value {
        0 if has_backtick => b'`',
        _ => value + b' ',
    };
    let mut line = vec![character(data.len() as u8)];
    for part in data.chunks(3) {
        let mut bytes = [0; 4];
        bytes[1..=part.len()].copy_from_slice(part);
        let bits = u32::from_be_bytes(bytes);
        line.extend([18, 12, 6, 0].map(|shift| character((bits >> shift) as u8 & 63)));
    }
    line.push(b'\n');
    Ok(line)
}
