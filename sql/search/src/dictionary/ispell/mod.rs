//! Words brought back to what stands in a list of words, by rules for what comes before and behind them: `ispell`.
//!
//! * [`affixes`]: the file of rules, in the two ways in which they are written. [`compound`]: words made of several.
//!
//! A rule says what stands at the end or the beginning of a word, what stood there before, and what the word was like then. The
//! words say by flags which rules are theirs.

mod affixes;
mod compound;
#[cfg(test)]
mod tests;

use super::options::{OptionValue, Source, file_name, once, stops};
use super::simple::unknown;
use super::{Answer, Normal, lower};
use crate::error::{SearchError, SearchResult};
use affixes::{Affix, Affixes};
use std::collections::{BTreeMap, BTreeSet};

/// Longer words are not looked up.
const WORD_MAX: usize = 256;
/// More forms are not told.
const FORMS_MAX: usize = 1024;

/// May only be part of another word.
const ONLY: u8 = 0x01;
/// May begin a compound word.
const BEGIN: u8 = 0x02;
/// May be within one.
const MIDDLE: u8 = 0x04;
/// May end one.
const LAST: u8 = 0x08;
/// May be anywhere in one.
const COMPOUND: u8 = BEGIN | MIDDLE | LAST;
const MASK: u8 = COMPOUND | ONLY;
/// The rule may be used within a compound word.
const PERMITS: u8 = 0x10;
/// The rule forbids a compound word.
const FORBIDS: u8 = 0x20;
/// Goes together with rules of the other side.
const CROSSES: u8 = 0x40;

/// What a list says of a word.
#[derive(Debug, Default)]
struct Entry {
    flags: BTreeSet<String>,
    compound: u8,
}

/// `ispell`
#[derive(Debug)]
pub(super) struct Ispell {
    affixes: Affixes,
    words: BTreeMap<Vec<u8>, Entry>,
    /// What shows, as part of a rule, where a part of a compound word may end, and whether it stands behind the word.
    joints: Vec<(String, bool)>,
    stops: BTreeSet<String>,
}

impl Ispell {
    pub(super) fn make(options: &[(String, OptionValue)], source: &dyn Source) -> SearchResult<Ispell> {
        let (mut list, mut rules, mut words) = (None, None, None);
        for (name, value) in options {
            match name.as_str() {
                "dictfile" => once(&mut list, "DictFile", || file_name(&value.text, "dict"))?,
                "afffile" => once(&mut rules, "AffFile", || file_name(&value.text, "affix"))?,
                "stopwords" => once(&mut words, "StopWords", || stops(&value.text, source))?,
                _ => return Err(unknown("Ispell", name)),
            }
        }
        let missing = |what| SearchError::Parameter(format!("missing {what} parameter"));
        let rules = rules.ok_or_else(|| missing("AffFile"))?;
        let list = list.ok_or_else(|| missing("DictFile"))?;
        let list = source.file("dictionary file", &list)?;
        let affixes = Affixes::read(&source.file("affix file", &rules)?)?;
        Ispell::of(affixes, &list, words.unwrap_or_default())
    }

    fn of(affixes: Affixes, list: &str, stops: BTreeSet<String>) -> SearchResult<Ispell> {
        let mut words: BTreeMap<Vec<u8>, Entry> = BTreeMap::new();
        for line in list.lines() {
            let (word, flags) = line.split_once('/').unwrap_or((line, ""));
            let word = lower(word.split(char::is_whitespace).next().unwrap_or_default());
            if word.is_empty() {
                continue;
            }
            let end = flags.find(|found: char| !found.is_ascii_graphic()).unwrap_or(flags.len());
            let flags = affixes.flags(&flags[..end])?;
            let compound = affixes.compound(&flags) & MASK;
            let again = words.contains_key(word.as_bytes());
            let entry = words.entry(word.into_bytes()).or_default();
            // What stands there twice may stand for itself if it may once.
            let only = if again { entry.compound & compound & ONLY } else { compound & ONLY };
            entry.flags.extend(flags);
            entry.compound = affixes.compound(&entry.flags) & MASK;
            if entry.compound & ONLY != 0 && entry.compound & COMPOUND == 0 {
                entry.compound |= COMPOUND;
            }
            entry.compound = entry.compound & !ONLY | only;
        }
        let mut made = Ispell { affixes, words, joints: Vec::new(), stops };
        made.find_joints();
        Ok(made)
    }

    fn find_joints(&mut self) {
        let used: BTreeSet<&String> = self.words.values().flat_map(|entry| &entry.flags).collect();
        let may = |affix: &&Affix| {
            affix.marks & COMPOUND != 0 && !affix.text.is_empty() && used.contains(&affix.flag)
        };
        for (all, is_suffix) in [(&self.affixes.prefixes, false), (&self.affixes.suffixes, true)] {
            let mut all: Vec<&Affix> = all.iter().filter(may).collect();
            match is_suffix {
                true => all.sort_by_key(|affix| affix.text.bytes().rev().collect::<Vec<_>>()),
                false => all.sort_by_key(|affix| affix.text.bytes().collect::<Vec<_>>()),
            }
            for affix in all {
                let contained = self.joints.last().is_some_and(|(last, suffix)| {
                    *suffix == is_suffix && affix.text.ends_with(last.as_str())
                });
                if !contained {
                    self.joints.push((affix.text.clone(), is_suffix));
                }
            }
        }
    }

    /// Whether a word is in the list, and a rule is one of its own, in this place of a compound word.
    fn has(&self, word: &str, flag: &str, place: u8) -> bool {
        let Some(entry) = self.words.get(word.as_bytes()) else { return false };
        let place = place & MASK;
        let fits = if place == 0 { entry.compound & ONLY == 0 } else { entry.compound & place != 0 };
        fits && (flag.is_empty() || entry.flags.contains(flag))
    }

    /// The words of the list that a word may be a form of, in a place of a compound word or alone.
    fn forms(&self, word: &str, place: u8) -> Vec<String> {
        let mut forms: Vec<String> = Vec::new();
        if word.len() > WORD_MAX {
            return forms;
        }
        let mut add = |form: &str| {
            if forms.len() < FORMS_MAX && forms.last().is_none_or(|last| last != form) {
                forms.push(form.to_owned());
            }
        };
        if self.has(word, "", place) {
            add(word);
        }
        for prefix in &self.affixes.prefixes {
            if let Some(root) = prefix.without_prefix(word, place, None)
                && self.has(&root, &prefix.flag, place)
            {
                add(&root);
            }
        }
        for suffix in &self.affixes.suffixes {
            let Some((root, same)) = suffix.without_suffix(word, place) else { continue };
            if self.has(&root, &suffix.flag, place) {
                add(&root);
            }
            for prefix in &self.affixes.prefixes {
                let Some(inner) = prefix.without_prefix(&root, place, Some(same)) else { continue };
                let crosses = prefix.marks & suffix.marks & CROSSES != 0;
                if self.has(&inner, if crosses { "" } else { &prefix.flag }, place) {
                    add(&inner);
                }
            }
        }
        forms
    }

    pub(super) fn answer(&self, word: &str) -> Answer {
        let word = lower(word);
        let mut found: Vec<Normal> = Vec::new();
        let mut variant = 1u16;
        for form in self.forms(&word, 0) {
            found.push(Normal { variant, ..Normal::of(form) });
            variant = variant.saturating_add(1);
        }
        if self.affixes.has_compounds && !word.is_empty() {
            for stems in self.splits(&word) {
                let Some((last, before)) = stems.split_last().filter(|(_, before)| !before.is_empty()) else {
                    continue;
                };
                for form in self.forms(last, LAST) {
                    let parts = before.iter().cloned().chain([form]);
                    found.extend(parts.map(|part| Normal { variant, ..Normal::of(part) }));
                    variant = variant.saturating_add(1);
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        found.retain(|form| !self.stops.contains(&form.text));
        Some(found)
    }
}
