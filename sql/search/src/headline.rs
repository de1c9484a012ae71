//! `ts_headline`: the part of a text that shows what a query found in it.
//!
//! A *cover* is a stretch of the text that matches by itself. One is chosen and drawn out to a wanted length, or several
//! are, each a fragment of its own.

use crate::analyse::Configuration;
use crate::error::{SearchError, SearchResult};
use crate::matching::{Matched, Occurrences, Places, holds};
use crate::phrases::Reading;
use crate::query::{Operand, Query};
use crate::token::{Token, TokenKind};

/// What a headline is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    start: String,
    stop: String,
    delimiter: String,
    words_min: i32,
    words_max: i32,
    short_word: i32,
    whole: bool,
    fragments: i32,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            start: "<b>".to_owned(),
            stop: "</b>".to_owned(),
            delimiter: " ... ".to_owned(),
            words_min: 15,
            words_max: 35,
            short_word: 3,
            whole: false,
            fragments: 0,
        }
    }
}

/// What is put around words is not longer, in bytes.
const MARK_MAX: usize = i16::MAX as usize;

impl Options {
    /// Reads a list of `Name=value`.
    ///
    /// # Errors
    /// When it is none, or something in it cannot be.
    pub fn parse(text: &str) -> SearchResult<Options> {
        let mut options = Options::default();
        for (name, value) in pairs(text)? {
            options.set(&name, value)?;
        }
        if !options.whole {
            let wrong = |what| Err(SearchError::HeadlineValue(what));
            if options.words_min >= options.words_max {
                return wrong("MinWords should be less than MaxWords");
            }
            if options.words_min <= 0 {
                return wrong("MinWords should be positive");
            }
            if options.short_word < 0 {
                return wrong("ShortWord should be >= 0");
            }
            if options.fragments < 0 {
                return wrong("MaxFragments should be >= 0");
            }
        }
        for (name, mark) in [
            ("StartSel", &options.start),
            ("StopSel", &options.stop),
            ("FragmentDelimiter", &options.delimiter),
        ] {
            if mark.len() > MARK_MAX {
                return Err(SearchError::LongMark(name));
            }
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> SearchResult<()> {
        let number = |text: String| {
            text.trim().parse().map_err(|_| SearchError::HeadlineNumber { of: "integer", text: text.clone() })
        };
        match name.to_ascii_lowercase().as_str() {
            "maxwords" => self.words_max = number(value)?,
            "minwords" => self.words_min = number(value)?,
            "shortword" => self.short_word = number(value)?,
            "maxfragments" => self.fragments = number(value)?,
            "startsel" => self.start = value,
            "stopsel" => self.stop = value,
            "fragmentdelimiter" => self.delimiter = value,
            "highlightall" => {
                let value = value.to_ascii_lowercase();
                self.whole = ["1", "on", "true", "t", "y", "yes"].contains(&value.as_str());
            }
            _ => return Err(SearchError::HeadlineParameter(name.to_owned())),
        }
        Ok(())
    }
}

/// Names and values between commas; values may stand in quotes.
fn pairs(text: &str) -> SearchResult<Vec<(String, String)>> {
    let wrong = || SearchError::HeadlineSyntax(text.to_owned());
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (name, behind) = match rest.strip_prefix('"') {
            Some(inner) => quoted(inner, '"').ok_or_else(wrong)?,
            None => {
                let end = rest.find(|next: char| next == '=' || next.is_whitespace()).ok_or_else(wrong)?;
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        let behind = behind.trim_start().strip_prefix('=').ok_or_else(wrong)?.trim_start();
        let (value, behind) = match behind.chars().next() {
            Some(quote @ ('\'' | '"')) => quoted(&behind[1..], quote).ok_or_else(wrong)?,
            Some(_) => {
                let end =
                    behind.find(|next: char| next == ',' || next.is_whitespace()).unwrap_or(behind.len());
                (behind[..end].to_owned(), &behind[end..])
            }
            None => return Err(wrong()),
        };
        found.push((name, value));
        let behind = behind.trim_start();
        rest = match behind.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if behind.is_empty() => behind,
            None => return Err(wrong()),
        };
    }
    Ok(found)
}

/// What stands before a quote, in which that quote is doubled.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut found, mut rest) = (String::new(), text.char_indices().peekable());
    while let Some((place, next)) = rest.next() {
        match next {
            '\\' => found.push(rest.next()?.1),
            next if next == quote => match rest.peek() {
                Some((_, again)) if *again == quote => {
                    found.push(quote);
                    rest.next();
                }
                _ => return Some((found, &text[place + 1..])),
            },
            next => found.push(next),
        }
    }
    None
}

/// A token of the text.
struct Word<'t> {
    kind: TokenKind,
    text: &'t str,
    /// Which operand of the query it is.
    operand: Option<usize>,
    /// The same token stands here once more, as another operand.
    again: bool,
    place: u16,
    /// How it is shown, once it is chosen.
    shown: bool,
}

impl<'t> Word<'t> {
    fn of(token: Token<'t>, operand: Option<usize>, again: bool, place: u16) -> Word<'t> {
        Word { kind: token.kind, text: token.text, operand, again, place, shown: false }
    }

    /// Whether it stands for what follows it in parts.
    fn is_compound(&self) -> bool {
        self.kind.is_hyphenated() || self.kind == TokenKind::Url
    }

    fn is_word(&self) -> bool {
        !(matches!(self.kind, TokenKind::Blank | TokenKind::Tag) || self.is_compound())
    }

    fn is_found(&self) -> bool {
        self.operand.is_some() && !self.again
    }
}

struct Text<'t, 'q> {
    words: Vec<Word<'t>>,
    operands: Vec<&'q Operand>,
    query: &'q Query,
    options: &'t Options,
    /// How many tokens a cover may have.
    cover_max: usize,
}

/// A stretch of the text.
struct Stretch<'w, 't, 'q> {
    words: &'w [Word<'t>],
    operands: &'w [&'q Operand],
}

impl Occurrences for Stretch<'_, '_, '_> {
    fn has(&self, operand: &Operand) -> bool {
        self.words.iter().any(|word| self.is(word, operand))
    }

    fn places(&self, operand: &Operand) -> Matched {
        let mut ends: Vec<u16> =
            self.words.iter().filter(|word| self.is(word, operand)).map(|word| word.place).collect();
        ends.dedup();
        if ends.is_empty() { Matched::No } else { Matched::Yes(Places { ends, ..Places::default() }) }
    }
}

impl Stretch<'_, '_, '_> {
    fn is(&self, word: &Word<'_>, operand: &Operand) -> bool {
        word.operand.and_then(|place| self.operands.get(place)).is_some_and(|known| *known == operand)
    }
}

/// A piece of a cover that is no longer than a headline.
struct Fragment {
    begin: usize,
    end: usize,
    words: i32,
    found: i32,
    excluded: bool,
}

/// The headline of a text.
pub fn headline(configuration: &Configuration, text: &str, query: &Query, options: &Options) -> String {
    let mut text = Text::new(configuration, text, query, options);
    if text.words.is_empty() {
        return String::new();
    }
    if options.whole && options.fragments == 0 {
        let last = text.words.len() - 1;
        text.show(0, last);
    } else if options.fragments == 0 {
        let (begin, end) = text.best();
        text.show(begin, end);
    } else {
        text.show_fragments();
    }
    text.written()
}

impl<'t, 'q> Text<'t, 'q> {
    fn new(
        configuration: &Configuration,
        text: &'t str,
        query: &'q Query,
        options: &'t Options,
    ) -> Text<'t, 'q> {
        let operands = query.operands();
        let mut reading = Reading::new(configuration, text);
        let (mut words, mut place, mut shown) = (Vec::new(), 0u16, 0);
        while let Some((known, lexemes)) = reading.next_known() {
            for token in &reading.tokens[shown..known.start] {
                words.push(Word::of(*token, None, false, place));
            }
            place = place.saturating_add(1).min(16383);
            let mut last = place;
            let mut found: Vec<(usize, u16)> = Vec::new();
            for lexeme in &lexemes {
                last = last.saturating_add(u16::from(lexeme.next_place)).min(16383);
                let is = |operand: &&Operand| match operand.prefix {
                    true => lexeme.text.starts_with(&operand.text),
                    false => lexeme.text == operand.text,
                };
                let fits = operands.iter().enumerate().filter(|(_, operand)| is(operand));
                found.extend(fits.map(|(operand, _)| (operand, last)));
            }
            for token in &reading.tokens[known.clone()] {
                match found.split_first() {
                    None => words.push(Word::of(*token, None, false, place)),
                    Some((first, others)) => {
                        words.push(Word::of(*token, Some(first.0), false, first.1));
                        let others = others.iter();
                        words.extend(others.map(|(operand, at)| Word::of(*token, Some(*operand), true, *at)));
                    }
                }
            }
            shown = known.end;
        }
        words.extend(reading.tokens[shown..].iter().map(|token| Word::of(*token, None, false, place)));
        let fragments = usize::try_from(options.fragments).unwrap_or(0).max(1);
        let longest = usize::try_from(options.words_max).unwrap_or(0).saturating_mul(10).max(100);
        Text { words, operands, query, options, cover_max: longest.saturating_mul(fragments) }
    }

    /// Whether a headline should not end with this token.
    fn is_bad_end(&self, place: usize) -> bool {
        let word = &self.words[place];
        let unfit = match word.kind {
            TokenKind::ScientificFloat
            | TokenKind::Version
            | TokenKind::Float
            | TokenKind::Integer
            | TokenKind::UnsignedInteger
            | TokenKind::Protocol
            | TokenKind::Entity => true,
            _ => !word.is_word(),
        };
        let short = i32::try_from(word.text.len()).is_ok_and(|length| length <= self.options.short_word);
        (unfit || short) && !word.is_found()
    }

    fn next_operand(&self, from: usize) -> Option<usize> {
        (from..self.words.len()).find(|place| self.words[*place].operand.is_some())
    }

    /// The first and shortest cover that begins at a token or behind it.
    fn cover(&self, from: usize) -> Option<(usize, usize)> {
        let root = self.query.root.as_ref()?;
        let mut begin = self.next_operand(from);
        while let Some(first) = begin {
            let mut end = Some(first);
            while let Some(last) = end.filter(|last| last - first < self.cover_max) {
                let stretch = Stretch { words: &self.words[first..=last], operands: &self.operands };
                if holds(root, &stretch) {
                    return Some((first, last));
                }
                end = self.next_operand(last + 1);
            }
            begin = self.next_operand(first + 1);
        }
        None
    }

    /// How much a token adds to the words of a headline, and to what was found.
    fn counts(&self, place: usize) -> (i32, i32) {
        let word = &self.words[place];
        (i32::from(word.is_word()), i32::from(word.is_found()))
    }

    /// The stretch that makes the best headline.
    fn best(&self) -> (usize, usize) {
        let mut best: Option<((usize, usize), (bool, i32))> = None;
        let mut from = 0;
        while let Some((first, last)) = self.cover(from) {
            let (begin, end, found) = self.drawn_out(first, last);
            let quality = (begin <= first && end >= last, found);
            let better = best.is_none_or(|((_, best_end), before)| {
                quality > before || quality == before && !self.is_bad_end(end) && self.is_bad_end(best_end)
            });
            if better {
                best = Some(((begin, end), quality));
            }
            from = first + 1;
        }
        best.map_or_else(|| (0, self.beginning()), |(stretch, _)| stretch)
    }

    /// Where the least headline ends that begins with the text.
    fn beginning(&self) -> usize {
        let mut words = 0;
        let mut end = 0;
        for place in 0..self.words.len() {
            if words >= self.options.words_min {
                break;
            }
            words += self.counts(place).0;
            end = place;
        }
        end
    }

    /// A cover made as long as a headline is to be; and how much of what was found is in it.
    fn drawn_out(&self, first: usize, last: usize) -> (usize, usize, i32) {
        let options = self.options;
        let (mut words, mut found, mut begin, mut end) = (0, 0, first, first);
        let mut place = first;
        let add = |place: usize, words: &mut i32, found: &mut i32| {
            let (word, operand) = self.counts(place);
            *words += word;
            *found += operand;
        };
        while place <= last && words < options.words_max {
            add(place, &mut words, &mut found);
            end = place;
            place += 1;
        }
        if words >= options.words_max {
            // It is full: it may end sooner, where it ends well.
            let mut place = place.min(last);
            while words > options.words_min && self.is_bad_end(place) {
                let (word, operand) = self.counts(place);
                words -= word;
                found -= operand;
                let Some(before) = place.checked_sub(1) else { break };
                end = before;
                place = before;
            }
            return (begin, end, found);
        }
        for place in place - 1..self.words.len() {
            if words >= options.words_max {
                break;
            }
            if place > last {
                add(place, &mut words, &mut found);
            }
            end = place;
            if !self.is_bad_end(place) && words >= options.words_min {
                break;
            }
        }
        if words < options.words_min {
            // The text ends too soon, so the headline begins sooner.
            begin = 0;
            for place in (0..first).rev() {
                add(place, &mut words, &mut found);
                let ends = !self.is_bad_end(place) && words >= options.words_min;
                if words >= options.words_max || ends {
                    begin = place;
                    break;
                }
            }
        }
        (begin, end, found)
    }

    /// All covers in pieces that are no longer than a headline and begin and end with what was found.
    fn pieces(&self) -> Vec<Fragment> {
        let mut pieces = Vec::new();
        let mut from = 0;
        while let Some((first, last)) = self.cover(from) {
            let mut begin = first;
            while begin <= last {
                let piece = self.piece(begin, last);
                begin = piece.end + 1;
                pieces.push(piece);
            }
            from = first + 1;
        }
        pieces
    }

    fn piece(&self, begin: usize, last: usize) -> Fragment {
        let begin = (begin..=last).find(|place| self.words[*place].is_found()).unwrap_or(last);
        let (mut words, mut found, mut place) = (0, 0, begin);
        while place <= last && words < self.options.words_max {
            let (word, operand) = self.counts(place);
            words += word;
            found += operand;
            place += 1;
        }
        let mut end = last;
        if last > place {
            for place in (begin..=place).rev() {
                end = place;
                if self.words[place].is_found() {
                    break;
                }
                words -= self.counts(place).0;
            }
        }
        Fragment { begin, end, words, found, excluded: false }
    }

    fn show_fragments(&mut self) {
        let mut pieces = self.pieces();
        let mut any = false;
        for _ in 0..self.options.fragments {
            // The one with the most that was found; of several the shortest.
            let left = pieces.iter().enumerate().filter(|(_, piece)| !piece.excluded && piece.found > 0);
            let best = left.min_by_key(|(_, piece)| (-piece.found, piece.words)).map(|(place, _)| place);
            let Some(best) = best else { break };
            let (begin, end) = self.stretched(&pieces[best]);
            self.show(begin, end);
            any = true;
            for (place, piece) in pieces.iter_mut().enumerate() {
                piece.excluded |= place == best || piece.begin <= end && piece.end >= begin;
            }
        }
        if !any {
            let end = self.beginning();
            self.show(0, end);
        }
    }

    /// A piece with as much on both sides as there is room for.
    fn stretched(&self, piece: &Fragment) -> (usize, usize) {
        let (mut begin, mut end, mut words) = (piece.begin, piece.end, piece.words);
        if words >= self.options.words_max {
            return (begin, end);
        }
        let room = (self.options.words_max - words) / 2;
        let (mut taken, mut first) = (0, begin);
        while taken < room
            && let Some(before) = first.checked_sub(1).filter(|before| !self.words[*before].shown)
        {
            taken += self.counts(before).0;
            first = before;
        }
        words += taken;
        while first < begin && self.is_bad_end(first) {
            words -= self.counts(first).0;
            first += 1;
        }
        begin = first;
        let mut last = end;
        while last + 1 < self.words.len() && words < self.options.words_max && !self.words[last + 1].shown {
            last += 1;
            words += self.counts(last).0;
        }
        while last > end && self.is_bad_end(last) {
            last -= 1;
        }
        end = last;
        (begin, end)
    }

    fn show(&mut self, begin: usize, end: usize) {
        self.words[begin..=end].iter_mut().for_each(|word| word.shown = !word.again);
    }

    fn written(&self) -> String {
        let mut text = String::new();
        let (mut within, mut fragments) = (false, 0);
        for word in self.words.iter().filter(|word| !word.again) {
            if !word.shown {
                within = false;
                continue;
            }
            if !within {
                within = true;
                fragments += 1;
                if fragments > 1 {
                    text.push_str(&self.options.delimiter);
                }
            }
            if word.kind == TokenKind::Tag && !self.options.whole {
                text.push(' ');
            } else if !word.is_compound() {
                let marks = word.operand.map(|_| (&self.options.start, &self.options.stop));
                text.push_str(marks.map_or("", |(start, _)| start));
                text.push_str(word.text);
                text.push_str(marks.map_or("", |(_, stop)| stop));
            }
        }
        text
    }
}
