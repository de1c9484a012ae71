//! A few short texts to be looked for: each is one number, so that a text is compared with all of them at once.

use types::Vector;

/// More are looked up by their hashes.
const TEXTS_MAX: usize = 16;
/// Bytes of a text; its length takes one more.
const BYTES_MAX: usize = 7;

/// The texts. Those are equal that have the same bytes.
#[derive(Debug)]
pub struct ShortTexts {
    packed: Vec<u64>,
}

/// A text as a number; `None` if it is too long.
#[inline]
fn pack(text: &[u8]) -> Option<u64> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let length = (text.len() as u64) << 56;
    Some(text.iter().rev().fold(0, |packed, byte| packed << 8 | u64::from(*byte)) | length)
}

impl ShortTexts {
    /// Of a vector without nulls, if they are few and short.
    pub fn new(texts: &Vector) -> Option<ShortTexts> {
        let texts = texts.bytes().filter(|texts| texts.len() <= TEXTS_MAX)?;
        Some(ShortTexts { packed: texts.iter().map(pack).collect::<Option<_>>()? })
    }

    /// Which texts of a vector are among them, whatever lies below nulls; nothing if the vector has no texts.
    pub fn find(&self, texts: &Vector) -> Option<Vec<bool>> {
        // All are compared, which takes less than to stop in time.
        let is_there = |text: &[u8]| {
            let Some(packed) = pack(text) else { return false };
            self.packed.iter().fold(false, |found, other| found | (*other == packed))
        };
        let found = texts.bytes()?.iter().map(is_there).collect::<Vec<_>>();
        Some(if texts.is_constant() { vec![found.first() == Some(&true); texts.len()] } else { found })
    }
}

#[cfg(test)]
mod tests {
    use super::ShortTexts;
    use types::vector::VectorBuilder;
    use types::{Kind, Value, Vector};

    fn texts(all: &[&str]) -> Vector {
        let mut builder = VectorBuilder::new(Kind::Bytes, all.len());
        all.iter().for_each(|text| builder.push(&Value::text(text)).unwrap());
        builder.finish()
    }

    #[test]
    fn lengths_and_zeros_count() {
        let known = ShortTexts::new(&texts(&["", "13", "1234567", "a\0"])).unwrap();
        let asked = texts(&["13", "1", "130", "", "12345678", "1234567", "a", "a\0", "\0"]);
        let found = known.find(&asked).unwrap();
        assert_eq!(found, [true, false, false, true, false, true, false, true, false]);
        assert!(ShortTexts::new(&texts(&["12345678"])).is_none());
    }
}
