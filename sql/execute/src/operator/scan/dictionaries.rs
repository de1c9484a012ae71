//! Dictionaries of the texts of columns that a scan decodes: a text that comes again and again among all rows of a table has one number
//! for as long as the scan goes on. Rows of one part alone would not tell that texts repeat of which there are some thousand.
//!
//! What holds
//! 1. A dictionary is grown by the scan that has made it, and by nobody else. One that was made by a scan before, and kept, is gone on
//!    with as long as no new text comes.
//! 2. Columns whose texts do not repeat have none.

use crate::keys::TextNumbers;
use std::sync::Arc;
use types::Vector;
use types::vector::{BytesBuilder, BytesVector, Data, Dictionary, NUMBERS, Repeats};

/// So many texts may be new before it counts how many rows there were.
const TRIED: usize = 8192;
/// Of so many rows one may have a text of its own, on the average.
const ROWS_PER_TEXT: usize = 4;
/// Where it is more than one of so many, the rows that were decoded are not worth numbers yet.
const ROWS_PER_TEXT_MIN: usize = 2;
/// Texts that are longer together are no dictionary.
const BYTES_MAX: usize = 1 << 20;

/// Those of a scan.
#[derive(Default)]
pub(super) struct Dictionaries {
    /// By the places of their columns.
    columns: Vec<(usize, Texts)>,
}

/// What is known of the texts of a column.
#[derive(Default)]
enum Texts {
    /// Nothing.
    #[default]
    Unknown,
    /// What a scan before has kept.
    Kept(Arc<Dictionary>),
    Known(Box<Known>),
    /// They do not repeat.
    Many,
}

/// Texts that came, and their numbers.
#[derive(Default)]
struct Known {
    numbers: TextNumbers,
    /// By their numbers.
    values: BytesBuilder,
    /// How many rows there were, and how many bytes their texts and where they end took.
    rows: usize,
    bytes: usize,
    /// How many bytes all dictionaries take that were made.
    made: usize,
    /// All of them, or those that there were when it was made.
    dictionary: Option<Arc<Dictionary>>,
    /// Whether the dictionary is of this scan.
    is_own: bool,
}

impl Dictionaries {
    fn texts(&mut self, place: usize) -> &mut Texts {
        let at = match self.columns.iter().position(|(known, _)| *known == place) {
            Some(at) => at,
            None => {
                self.columns.push((place, Texts::Unknown));
                self.columns.len() - 1
            }
        };
        &mut self.columns[at].1
    }

    /// A column was found that was kept.
    pub fn found(&mut self, place: usize, column: &Vector) {
        let Some(repeats) = column.bytes().and_then(BytesVector::numbered) else { return };
        let texts = self.texts(place);
        match texts {
            Texts::Kept(before) if Arc::ptr_eq(before, repeats.dictionary()) => {}
            Texts::Unknown | Texts::Kept(_) => *texts = Texts::Kept(Arc::clone(repeats.dictionary())),
            Texts::Known(_) | Texts::Many => {}
        }
    }

    /// The same column, with the numbers of its texts if they repeat; and how many bytes the dictionary takes, if it is new.
    pub fn numbered(&mut self, place: usize, column: Vector) -> (Vector, usize) {
        let (Data::Bytes(values), false) = (column.data(), column.is_constant()) else {
            return (column, 0); // values of fixed width are as short as numbers
        };
        let texts = self.texts(place);
        let mut known = match std::mem::take(texts) {
            Texts::Unknown => Box::default(),
            Texts::Kept(dictionary) => Box::new(Known::of(dictionary)),
            Texts::Known(known) => known,
            Texts::Many => {
                *texts = Texts::Many;
                return (column, 0);
            }
        };
        let Some(numbers) = known.take(values) else {
            *texts = Texts::Many;
            return (column, 0);
        };
        let dictionary = known.dictionary_of(&numbers);
        *texts = Texts::Known(known);
        let Some((dictionary, bytes)) = dictionary else { return (column, 0) };
        let values = values.clone().with_repeats(Repeats::new(dictionary, numbers));
        (Vector::new(Data::Bytes(values), column.nulls().cloned()), bytes)
    }
}

impl Known {
    /// Those of a dictionary, whose texts are all different.
    fn of(dictionary: Arc<Dictionary>) -> Known {
        let mut known = Known::default();
        for text in dictionary.values().iter() {
            if known.add(text).is_none() {
                return Known::default();
            }
        }
        if known.values.len() != dictionary.len() {
            return Known::default();
        }
        Known { rows: dictionary.len() * ROWS_PER_TEXT, dictionary: Some(dictionary), ..known }
    }

    fn add(&mut self, text: &[u8]) -> Option<u16> {
        let number = self.numbers.number(text);
        if number as usize == self.values.len() {
            let many = self.values.len() >= TRIED.max(self.rows / ROWS_PER_TEXT).min(NUMBERS);
            if many || self.values.total() + text.len() > BYTES_MAX {
                return None;
            }
            self.values.push(text).ok()?;
        }
        u16::try_from(number).ok()
    }

    /// The numbers of texts; `None` if there are too many different ones.
    fn take(&mut self, texts: &BytesVector) -> Option<Vec<u16>> {
        self.rows += texts.len();
        self.bytes += texts.total() + texts.len() * size_of::<u32>();
        texts.iter().map(|text| self.add(text)).collect()
    }

    /// One that has texts with these numbers, and how many bytes it takes if there was none yet. `None` if no new one is made: all that
    /// were made take no more than the texts of all rows, so that those to which a few texts are added with every part do no harm.
    fn dictionary_of(&mut self, numbers: &[u16]) -> Option<(Arc<Dictionary>, usize)> {
        let behind = numbers.iter().max().map_or(0, |last| usize::from(*last) + 1);
        if let Some(dictionary) = self.dictionary.as_ref().filter(|made| made.len() >= behind) {
            return Some((Arc::clone(dictionary), 0));
        }
        let made = self.made + self.values.total() + self.values.len() * size_of::<u32>();
        if self.values.len().saturating_mul(ROWS_PER_TEXT_MIN) > self.rows || made > self.bytes {
            return None;
        }
        let values = self.values.clone().finish();
        let dictionary = Arc::new(match self.dictionary.as_ref().filter(|_| self.is_own) {
            Some(before) => before.grown(values),
            None => Dictionary::new(values),
        });
        let bytes = dictionary.bytes();
        (self.is_own, self.made) = (true, made);
        Some((Arc::clone(self.dictionary.insert(dictionary)), bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::{Dictionaries, TRIED};
    use std::sync::Arc;
    use types::vector::{BytesVector, Dictionary, VectorBuilder};
    use types::{Kind, Vector};

    fn column(texts: impl IntoIterator<Item = String>) -> Vector {
        let mut builder = VectorBuilder::new(Kind::Bytes, 0);
        texts.into_iter().for_each(|text| builder.push_bytes(text.as_bytes()).expect("room"));
        builder.finish()
    }

    fn of(count: usize, from: usize, rows: usize) -> Vector {
        column((0..rows).map(|row| format!("text {}", (from + row) * 7919 % count)))
    }

    fn dictionary(column: &Vector) -> Option<Arc<Dictionary>> {
        column.bytes().and_then(BytesVector::numbered).map(|repeats| repeats.dictionary().clone())
    }

    #[test]
    fn texts_of_which_there_are_thousands_are_found_to_repeat() {
        let mut all = Dictionaries::default();
        let parts: Vec<Vector> = (0..20).map(|part| of(4000, part * 2000, 2000)).collect();
        let made: Vec<(Vector, usize)> = parts.iter().map(|part| all.numbered(3, part.clone())).collect();
        assert!(dictionary(&made[0].0).is_none(), "most rows have a text of their own as yet");
        let last = dictionary(&made[19].0).expect("repeat");
        for ((part, bytes), plain) in made.iter().zip(&parts) {
            let Some(own) = dictionary(part) else { continue };
            // (That numbers say what texts do, `with_repeats` looks at.)
            assert!(own.is_of_lineage(&last) && own.len() <= last.len());
            assert!((0..part.len()).all(|row| part.value(row) == plain.value(row)));
            assert!(*bytes == 0 || *bytes == own.bytes());
        }
        assert_eq!(made.iter().filter(|(_, bytes)| *bytes > 0).count(), 1, "a dictionary counts once");
        assert!(dictionary(&all.numbered(4, of(4, 0, 100)).0).is_some_and(|own| own.len() == 4));
    }

    #[test]
    fn dictionaries_that_grow_all_the_time_are_made_seldom() {
        let mut all = Dictionaries::default();
        let (mut made, mut given) = (0, 0);
        for part in 0..200 {
            // Some that come often, and one that is new.
            let mut texts: Vec<String> = (0..999).map(|row| format!("text {}", row * 7 % 200)).collect();
            texts.push(format!("new {part}"));
            let column = column(texts);
            given += column.bytes().expect("are texts").total() + column.len() * 4;
            made += all.numbered(0, column).1;
        }
        assert!(made > 0 && made <= given, "{made} of {given} bytes");
    }

    #[test]
    fn texts_that_do_not_repeat_have_no_numbers() {
        let mut all = Dictionaries::default();
        for part in 0..8 {
            let plain = column((0..2000).map(|row| format!("text {}", part * 2000 + row)));
            assert!(dictionary(&all.numbered(0, plain).0).is_none());
        }
        // Also where they begin to repeat when so many were different.
        assert!(dictionary(&all.numbered(0, of(2, 0, TRIED)).0).is_none());
    }

    #[test]
    fn a_dictionary_that_was_kept_is_gone_on_with_and_not_grown() {
        let (mut before, mut later) = (Dictionaries::default(), Dictionaries::default());
        let (kept, _) = before.numbered(0, of(10, 0, 100));
        let kept_dictionary = dictionary(&kept).expect("repeat");
        later.found(0, &kept);
        let (same, bytes) = later.numbered(0, of(5, 3, 50));
        assert!(Arc::ptr_eq(&dictionary(&same).expect("repeat"), &kept_dictionary) && bytes == 0);
        let (more, bytes) = later.numbered(0, of(12, 0, 50));
        let own = dictionary(&more).expect("repeat");
        assert!(own.len() == 12 && bytes > 0 && !own.is_of_lineage(&kept_dictionary));
        let (most, _) = later.numbered(0, of(14, 0, 50));
        assert!(dictionary(&most).expect("repeat").is_of_lineage(&own), "its own is grown");
    }
}
