//! Words without the signs on their letters: what `unaccent` replaces, character by character or by rules of a file.
//!
//! It passes on what it has made to the dictionaries behind it.

mod own;

use super::options::{OptionValue, Source, file_name, once};
use super::simple::unknown;
use super::{Answer, Normal};
use crate::error::{SearchError, SearchResult};
use std::collections::BTreeMap;

/// The rules that come with the program, by the name that options give them.
const OWN: &str = "unaccent";

/// `unaccent`
#[derive(Debug)]
pub(super) struct Unaccent {
    /// What is replaced, and by what.
    rules: BTreeMap<String, String>,
    /// How many bytes the longest has that is replaced.
    longest: usize,
}

impl Unaccent {
    pub(super) fn make(options: &[(String, OptionValue)], source: &dyn Source) -> SearchResult<Unaccent> {
        let mut rules = None;
        for (name, value) in options {
            match name.as_str() {
                "rules" => once(&mut rules, "Rules", || read(&value.text, source))?,
                _ => return Err(unknown("Unaccent", name)),
            }
        }
        let missing = || SearchError::Parameter("missing Rules parameter".to_owned());
        let rules = rules.ok_or_else(missing)?;
        let longest = rules.keys().map(String::len).max().unwrap_or(0);
        Ok(Unaccent { rules, longest })
    }

    /// A text with all replaced that there is a rule for, the longest first; none if there is nothing.
    fn replaced(&self, text: &str) -> Option<String> {
        let mut made: Option<String> = None;
        let (mut at, mut kept) = (0, 0);
        while let Some(next) = text[at..].chars().next() {
            match self.rule_at(&text[at..]) {
                Some((length, other)) => {
                    let made = made.get_or_insert_default();
                    made.push_str(&text[kept..at]);
                    made.push_str(other);
                    at += length;
                    kept = at;
                }
                None => at += next.len_utf8(),
            }
        }
        made.map(|made| made + &text[kept..])
    }

    /// The longest rule for what a text begins with, and how long that is.
    fn rule_at(&self, text: &str) -> Option<(usize, &str)> {
        let ends = (1..=self.longest.min(text.len())).rev().filter(|end| text.is_char_boundary(*end));
        ends.into_iter().find_map(|end| Some((end, self.rules.get(&text[..end])?.as_str())))
    }

    pub(super) fn answer(&self, word: &str) -> Answer {
        self.replaced(word).map(|made| vec![Normal::of(made)])
    }
}

/// The rules of a name: a line says what is replaced, and by what, if it is not left out.
fn read(base: &str, source: &dyn Source) -> SearchResult<BTreeMap<String, String>> {
    let name = file_name(base, "rules")?;
    if base == OWN {
        return Ok(own::rules());
    }
    let text = source.file("unaccent file", &name)?;
    let mut rules = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (from, to) = match words[..] {
            [from] => (from, ""),
            [from, to] => (from, to),
            // Of what is no rule PostgreSQL says so and goes on.
            _ => continue,
        };
        rules.entry(from.to_owned()).or_insert_with(|| to.to_owned());
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::{Unaccent, own};

    #[test]
    fn what_is_longest_is_replaced_first() {
        let rules = [("a", "1"), ("aé", "2"), ("é", "")];
        let rules = rules.map(|(from, to)| (from.to_owned(), to.to_owned())).into_iter().collect();
        let made = Unaccent { rules, longest: 3 };
        assert_eq!(made.replaced("xaéaxéa").as_deref(), Some("x21x1"));
        assert_eq!(made.replaced("xyz"), None);
        assert_eq!(made.replaced(""), None);
    }

    #[test]
    fn letters_lose_their_signs() {
        let rules = own::rules();
        let longest = rules.keys().map(String::len).max().unwrap_or(0);
        let made = Unaccent { rules, longest };
        assert_eq!(
            made.replaced("Hôtel Łódź, Ærø, Ἀθῆναι, Ёлка и йод").as_deref(),
            Some("Hotel Lodz, AEro, Αθηναι, Елка и йод")
        );
        assert_eq!(made.replaced("e\u{301}").as_deref(), Some("e"));
    }
}
