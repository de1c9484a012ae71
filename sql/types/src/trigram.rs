//! Trigrams of texts: three characters in a row of each word, which is written small with two blanks before it and one behind.

use crate::folded::lower_into;

/// Three characters: their bytes, if those are three, else a check sum of them. Signed, as they are sorted.
pub type Trigram = [i8; 3];

/// Whether a trigram is the first of a word, and whether it is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first.
    pub first: bool,
    /// The last.
    pub last: bool,
}

/// The trigrams of a text in their order, with their places in words.
pub fn in_order(text: &str) -> (Vec<Trigram>, Vec<Place>) {
    let (mut trigrams, mut places) = (Vec::new(), Vec::new());
    for word in text.split(|found: char| !found.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let start = trigrams.len();
        of_padded(&padded(word, true, true), &mut trigrams);
        let count = trigrams.len() - start;
        places.extend((0..count).map(|at| Place { first: at == 0, last: at + 1 == count }));
    }
    (trigrams, places)
}

/// The trigrams of a text, ascending, each once.
pub fn sorted(text: &str) -> Vec<Trigram> {
    let mut trigrams = in_order(text).0;
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams
}

/// The trigrams that every text has which matches a pattern of `LIKE`, ascending, each once.
pub fn of_pattern(pattern: &str) -> Vec<Trigram> {
    let mut trigrams = Vec::new();
    let mut word = String::new();
    // Whether the word's beginning is known, and so that nothing stands before it.
    let mut begins = true;
    let mut characters = pattern.chars();
    let mut finish = |word: &mut String, begins: bool, ends: bool| {
        if !word.is_empty() {
            of_padded(&padded(word, begins, ends), &mut trigrams);
            word.clear();
        }
    };
    while let Some(found) = characters.next() {
        let literal = match found {
            '%' | '_' => {
                finish(&mut word, begins, false);
                begins = false;
                continue;
            }
            // An escape at the end is refused when the pattern is looked at.
            '\\' => characters.next().unwrap_or(found),
            found => found,
        };
        if literal.is_alphanumeric() {
            word.push(literal);
        } else {
            finish(&mut word, begins, true);
            begins = true;
        }
    }
    finish(&mut word, begins, true);
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams
}

fn padded(word: &str, before: bool, behind: bool) -> String {
    let mut small = Vec::with_capacity(word.len() + 3);
    if before {
        small.extend_from_slice(b"  ");
    }
    lower_into(word, &mut small);
    if behind {
        small.push(b' ');
    }
    String::from_utf8(small).unwrap_or_default()
}

fn of_padded(text: &str, trigrams: &mut Vec<Trigram>) {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    trigrams.extend(ends.windows(4).map(|ends| compact(&text.as_bytes()[ends[0]..ends[3]])));
}

fn compact(bytes: &[u8]) -> Trigram {
    match bytes {
        [a, b, c] => [*a, *b, *c].map(u8::cast_signed),
        longer => {
            let [a, b, c, _] = check_sum(longer).to_le_bytes();
            [a, b, c].map(u8::cast_signed)
        }
    }
}

/// PostgreSQL's first check sum: the table of the usual one, gone through from the other end.
fn check_sum(bytes: &[u8]) -> u32 {
    let entry = |index: u32| {
        (0..8).fold(index, |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    };
    let sum =
        bytes.iter().fold(u32::MAX, |sum, byte| entry((sum >> 24 ^ u32::from(*byte)) & 0xff) ^ sum << 8);
    !sum
}

/// A trigram as text: its characters, or its bytes where they cannot be shown.
pub fn shown(trigram: Trigram) -> String {
    let bytes = trigram.map(i8::cast_unsigned);
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b' ';
    match bytes.iter().all(plain) {
        true => bytes.map(char::from).iter().collect(),
        false => format!("0x{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2]),
    }
}

/// How many of all trigrams that two have are in both, from 0 to 1.
pub fn share(both: usize, one: usize, other: usize) -> f32 {
    both as f32 / (one + other - both) as f32
}
