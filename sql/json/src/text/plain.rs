//! How far a string needs no escape: eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes at the beginning stand for themselves in a string: no quote, no backslash, no control character.
#[inline]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Of each byte the highest bit, set where it is zero or below 32; above the first such byte it may be set in vain.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let control = word.wrapping_sub(ONES * 32) & !word;
        let special =
            (zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control) & HIGH;
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let before = bytes.len() - rest.len();
    before + rest.iter().take_while(|byte| !matches!(byte, 0..32 | b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn every_byte_at_every_place_is_told_apart() {
        for length in 1..20 {
            for place in 0..length {
                for byte in 0..=255u8 {
                    for around in [b'a', 0x80, 0xff, b'!', b'#', b'[', b']', b' '] {
                        let mut bytes = vec![around; length];
                        bytes[place] = byte;
                        let special = byte < 32 || byte == b'"' || byte == b'\\';
                        assert_eq!(plain_length(&bytes), if special { place } else { length });
                    }
                }
            }
        }
    }
}
