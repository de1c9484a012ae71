//! Phrases that are replaced by others.
//!
//! Another dictionary makes lexemes of the words of both sides, so that they are recognised in all their forms. The longest
//! phrase is looked for: as long as some rule goes on, the next word is asked for.

use super::options::{OptionValue, Source, file_name, once};
use super::simple::unknown;
use super::{Answer, Dictionary, Normal, Progress};
use crate::error::{SearchError, SearchResult};
use std::collections::{BTreeMap, BTreeSet};

/// A place in a rule, and how many lexemes its word is there.
type Place = (usize, usize, usize);

/// `thesaurus`
#[derive(Debug)]
pub(super) struct Thesaurus {
    within: Dictionary,
    /// The places of lexemes, in the order of the rules; of no lexeme are words that say nothing.
    places: BTreeMap<Option<String>, Vec<Place>>,
    /// How many words each rule has, and what stands for them.
    rules: Vec<(usize, Vec<Normal>)>,
}

fn wrong(message: &str) -> SearchError {
    SearchError::FileContent { message: message.to_owned(), hint: None }
}

/// The words of a rule's sample, and those that stand for them: whether one is taken as it is.
type Rule<'l> = (Vec<&'l str>, Vec<(&'l str, bool)>);

/// A line in its two sides; none of a remark. Words that are left as they are come with that said.
fn sides(line: &str) -> SearchResult<Option<Rule<'_>>> {
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let Some((sample, other)) = line.split_once(':') else { return Err(wrong("unexpected end of line")) };
    let sample: Vec<&str> = sample.split_whitespace().collect();
    if sample.is_empty() {
        return Err(wrong("unexpected delimiter"));
    }
    let mut words = Vec::new();
    for word in other.split_whitespace() {
        let (word, as_it_is) = match (word.strip_prefix('*'), word.strip_prefix('\\')) {
            (Some(word), _) => (word, true),
            (None, Some(word)) => (word, false),
            (None, None) => (word, false),
        };
        if word.is_empty() {
            return Err(wrong("unexpected end of line or lexeme"));
        }
        words.push((word, as_it_is));
    }
    if words.is_empty() {
        return Err(wrong("unexpected end of line"));
    }
    Ok(Some((sample, words)))
}

impl Thesaurus {
    pub(super) fn make(options: &[(String, OptionValue)], source: &dyn Source) -> SearchResult<Thesaurus> {
        let (mut text, mut within) = (None, None);
        for (name, value) in options {
            match name.as_str() {
                "dictfile" => once(&mut text, "DictFile", || {
                    source.file("thesaurus file", &file_name(&value.text, "ths")?)
                })?,
                "dictionary" => once(&mut within, "Dictionary", || Ok(value.text.as_str()))?,
                _ => return Err(unknown("Thesaurus", name)),
            }
        }
        let missing = |what| SearchError::Parameter(format!("missing {what} parameter"));
        let text = text.ok_or_else(|| missing("DictFile"))?;
        let within = source.dictionary(within.ok_or_else(|| missing("Dictionary"))?)?;
        if within.is_of_phrases() {
            return Err(SearchError::NestedThesaurus);
        }
        let mut made = Thesaurus { within, places: BTreeMap::new(), rules: Vec::new() };
        let mut read = Vec::new();
        for line in text.lines() {
            read.extend(sides(line)?);
        }
        for (rule, (sample, _)) in read.iter().enumerate() {
            made.add_sample(rule, sample)?;
        }
        for (rule, (sample, words)) in read.iter().enumerate() {
            let others = made.others(rule, words)?;
            made.rules.push((sample.len(), others));
        }
        // They are searched by halves: many rules may begin with one word.
        made.places.values_mut().for_each(|places| places.sort_unstable());
        Ok(made)
    }

    fn add_sample(&mut self, rule: usize, sample: &[&str]) -> SearchResult<()> {
        for (place, word) in sample.iter().enumerate() {
            if *word == "?" {
                self.places.entry(None).or_default().push((rule, place, 1));
                continue;
            }
            let lexemes = self.within.lexemes(word).ok_or_else(|| {
                let number = rule + 1;
                wrong(&format!(
                    "thesaurus sample word \"{word}\" isn't recognized by subdictionary (rule {number})"
                ))
            })?;
            if lexemes.is_empty() {
                return Err(SearchError::FileContent {
                    message: format!("thesaurus sample word \"{word}\" is a stop word (rule {})", rule + 1),
                    hint: Some("Use \"?\" to represent a stop word within a sample phrase."),
                });
            }
            for variant in lexemes.chunk_by(|one, other| one.variant == other.variant) {
                for lexeme in variant {
                    let places = self.places.entry(Some(lexeme.text.clone())).or_default();
                    places.push((rule, place, variant.len()));
                }
            }
        }
        Ok(())
    }

    /// What stands for a rule's phrase.
    fn others(&self, rule: usize, words: &[(&str, bool)]) -> SearchResult<Vec<Normal>> {
        let mut others: Vec<Normal> = Vec::new();
        for (word, as_it_is) in words {
            let lexemes = if *as_it_is {
                vec![Normal::of((*word).to_owned())]
            } else {
                self.within.lexemes(word).ok_or_else(|| {
                    wrong(&format!(
                        "thesaurus substitute word \"{word}\" isn't recognized by subdictionary (rule {})",
                        rule + 1
                    ))
                })?
            };
            if lexemes.is_empty() {
                let message =
                    format!("thesaurus substitute word \"{word}\" is a stop word (rule {})", rule + 1);
                return Err(wrong(&message));
            }
            let first = others.len();
            others.extend(lexemes);
            if first > 0 {
                others[first].next_place = true;
            }
        }
        Ok(others)
    }

    pub(super) fn answer(&self, word: &str, progress: &mut Progress, end: bool) -> Answer {
        if end {
            return None;
        }
        let place = progress.words;
        let before: BTreeSet<usize> = progress.rules.iter().copied().collect();
        let mut met: BTreeSet<usize> = BTreeSet::new();
        let mut rules: Vec<usize> = Vec::new();
        let mut follow = |lexemes: &[Option<String>]| {
            let fits = |rule: usize| {
                lexemes.iter().all(|lexeme| {
                    let wanted = (rule, place, lexemes.len());
                    self.places.get(lexeme).is_some_and(|at| at.binary_search(&wanted).is_ok())
                })
            };
            let first = lexemes.first().and_then(|lexeme| self.places.get(lexeme));
            for (rule, ..) in first.into_iter().flatten() {
                let goes_on = place == 0 || before.contains(rule);
                if goes_on && !met.contains(rule) && fits(*rule) {
                    met.insert(*rule);
                    rules.push(*rule);
                }
            }
        };
        match self.within.lexemes(word) {
            None => {}
            Some(lexemes) if lexemes.is_empty() => follow(&[None]),
            Some(lexemes) => {
                for variant in lexemes.chunk_by(|one, other| one.variant == other.variant) {
                    let texts: Vec<_> = variant.iter().map(|lexeme| Some(lexeme.text.clone())).collect();
                    follow(&texts);
                }
            }
        }
        let last = rules.len();
        // The rule that was written last is looked at first.
        let matched = rules.iter().rposition(|rule| self.rules[*rule].0 == place + 1);
        let answer = matched.map(|at| self.rules[rules[at]].1.clone());
        // Where one is over, others may go on.
        progress.wants_more = last > usize::from(matched.is_some());
        progress.words = place + 1;
        progress.rules = rules;
        answer
    }
}
