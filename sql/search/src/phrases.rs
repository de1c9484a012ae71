//! A text's tokens given to dictionaries, one after the other: those of a configuration for each kind of token, until one knows the
//! word. A dictionary that looks at several words is given those that follow, and if nothing comes of it, they are taken up again.

use crate::analyse::Configuration;
use crate::dictionary::{Normal, Progress};
use crate::lexemes::LEXEME_MAX;
use crate::token::{Token, tokens};
use std::ops::Range;

/// A text on its way.
pub(crate) struct Reading<'c, 't> {
    configuration: &'c Configuration,
    /// Its tokens, but for those that are too long.
    pub(crate) tokens: Vec<Token<'t>>,
    next: usize,
    /// How many words were too long.
    pub(crate) long_words: usize,
}

impl<'c, 't> Reading<'c, 't> {
    pub(crate) fn new(configuration: &'c Configuration, text: &'t str) -> Reading<'c, 't> {
        let mut tokens = tokens(text);
        let all = tokens.len();
        tokens.retain(|token| token.text.len() <= LEXEME_MAX);
        let long_words = all - tokens.len();
        Reading { configuration, tokens, next: 0, long_words }
    }

    /// The next tokens that a dictionary knows, and their lexemes. What no dictionary is asked for or knows is passed over.
    pub(crate) fn next_known(&mut self) -> Option<(Range<usize>, Vec<Normal>)> {
        while self.next < self.tokens.len() {
            let first = self.next;
            self.next += 1;
            if let Some((end, lexemes)) = self.looked_up(first) {
                self.next = end;
                return Some((first..end, lexemes));
            }
        }
        None
    }

    /// What a dictionary knows of a token, perhaps with some that follow; where these end.
    fn looked_up(&self, first: usize) -> Option<(usize, Vec<Normal>)> {
        let token = self.tokens[first];
        let mut filtered: Option<String> = None;
        for (at, dictionary) in self.configuration.dictionaries(token.kind).iter().enumerate() {
            let mut progress = Progress::default();
            let word = filtered.as_deref().unwrap_or(token.text);
            let answer = dictionary.answer(word, &mut progress, false);
            if !progress.wants_more {
                match answer {
                    Some(made) if dictionary.filters() => {
                        filtered = made.into_iter().next().map(|made| made.text).or(filtered);
                        continue;
                    }
                    Some(lexemes) => return Some((first + 1, lexemes)),
                    None => continue,
                }
            }
            let before = answer.map(|lexemes| (first + 1, lexemes));
            if let Some(found) = self.followed(first, at, progress, before) {
                return Some(found);
            }
        }
        None
    }

    /// What a dictionary that wants more words makes of them.
    fn followed(
        &self,
        first: usize,
        at: usize,
        mut progress: Progress,
        mut before: Option<(usize, Vec<Normal>)>,
    ) -> Option<(usize, Vec<Normal>)> {
        let dictionary = &self.configuration.dictionaries(self.tokens[first].kind)[at];
        for (place, token) in self.tokens.iter().enumerate().skip(first + 1) {
            let asked = self.configuration.dictionaries(token.kind);
            if asked.is_empty() {
                continue;
            }
            if !asked.contains(dictionary) {
                // What was found so far is forgotten, as in PostgreSQL.
                return None;
            }
            let answer = dictionary.answer(token.text, &mut progress, false);
            if progress.wants_more {
                before = answer.map(|lexemes| (place + 1, lexemes)).or(before);
                continue;
            }
            return answer.map(|lexemes| (place + 1, lexemes)).or(before);
        }
        dictionary.answer("", &mut progress, true).map(|lexemes| (self.tokens.len(), lexemes)).or(before)
    }
}
