//! Where a character ends, and whether bytes are one, as PostgreSQL tells for each encoding.

use super::{Encoding, EncodingError};

/// How many bytes the first character says it has.
pub(super) fn length(encoding: Encoding, bytes: &[u8]) -> usize {
    let first = bytes.first().copied().unwrap_or(0);
    match encoding.name() {
        "EUC_JP" if first == 0x8f => 3,
        "EUC_JP" | "EUC_KR" | "EUC_CN" if first >= 0x80 => 2,
        "SJIS" if (0xa1..=0xdf).contains(&first) => 1,
        "GB18030" if first >= 0x80 && bytes.get(1).is_some_and(u8::is_ascii_digit) => 4,
        "SJIS" | "BIG5" | "GBK" | "UHC" | "GB18030" if first >= 0x80 => 2,
        _ => 1,
    }
}

/// Whether bytes of that length may be a character.
pub(super) fn is_one(name: &str, bytes: &[u8]) -> bool {
    let high = |byte: &u8| (0xa1..=0xfe).contains(byte);
    match (name, bytes) {
        (_, [byte]) => *byte != 0,
        ("EUC_JP", [0x8e, second]) => (0xa1..=0xdf).contains(second),
        ("EUC_JP", [0x8f, rest @ ..]) => rest.iter().all(high),
        ("EUC_JP" | "EUC_KR" | "EUC_CN", bytes) => bytes.iter().all(high),
        ("SJIS", [first, second]) => {
            matches!(first, 0x81..=0x9f | 0xe0..=0xfc) && matches!(second, 0x40..=0x7e | 0x80..=0xfc)
        }
        ("GB18030", [first, second]) => {
            matches!(first, 0x81..=0xfe) && matches!(second, 0x40..=0x7e | 0x80..=0xfe)
        }
        ("GB18030", [first, second, third, fourth]) => {
            let (outer, inner) = ([first, third], [second, fourth]);
            outer.iter().all(|byte| matches!(byte, 0x81..=0xfe))
                && inner.iter().all(|byte| byte.is_ascii_digit())
        }
        (_, bytes) => bytes.iter().all(|byte| *byte != 0),
    }
}

/// The first character of bytes that are not empty.
///
/// # Errors
/// When they begin with none.
pub(super) fn first(encoding: Encoding, bytes: &[u8]) -> Result<&[u8], EncodingError> {
    let said = length(encoding, bytes);
    let one = &bytes[..said.min(bytes.len())];
    match said <= bytes.len() && is_one(encoding.name(), one) {
        true => Ok(one),
        false => Err(EncodingError::Invalid { bytes: one.to_vec(), encoding }),
    }
}

/// The characters of bytes, each with its bytes. What is none of them ends it.
pub(super) fn each(encoding: Encoding, bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], EncodingError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let one = first(encoding, rest);
        rest = one.as_ref().map_or(&[], |one| &rest[one.len()..]);
        Some(one)
    })
}
