//! Rules for what comes before and behind words: as ispell writes them, and as myspell and hunspell do.

use super::super::lower;
use super::{BEGIN, COMPOUND, CROSSES, FORBIDS, LAST, MIDDLE, ONLY, PERMITS};
use crate::error::{SearchError, SearchResult};
use std::collections::{BTreeMap, BTreeSet};

/// Flags as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Written {
    /// A letter each.
    #[default]
    Letters,
    /// Two letters each.
    Pairs,
    /// Numbers with commas between.
    Numbers,
}

/// What a letter of a word has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Letter {
    Any,
    One(char),
    OneOf(Vec<char>),
    NoneOf(Vec<char>),
}

impl Letter {
    fn fits(&self, found: char) -> bool {
        match self {
            Letter::Any => true,
            Letter::One(letter) => *letter == found,
            Letter::OneOf(letters) => letters.contains(&found),
            Letter::NoneOf(letters) => !letters.contains(&found),
        }
    }
}

/// A rule.
#[derive(Debug, Clone)]
pub(super) struct Affix {
    /// Which words have it.
    pub(super) flag: String,
    /// What else is said of it.
    pub(super) marks: u8,
    /// What a word has by it.
    pub(super) text: String,
    /// What stood there before.
    before: String,
    /// What the word was like that it makes another of: at its end, or at its beginning.
    letters: Vec<Run>,
}

/// A letter, and how often it comes, at least and at most.
type Run = (Letter, usize, usize);

/// Where a condition looks for its letters in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Beginning,
    End,
}

/// Whether letters are as a condition has them at one side. All places up to which the runs so far may reach are gone through
/// together: whoever tried them one after the other would be busy for ever with `a*a*a*b`.
fn fits(runs: &[Run], found: &[char], side: Side) -> bool {
    let mut reached = vec![side == Side::End; found.len() + 1];
    reached[0] = true;
    for (letter, least, most) in runs {
        let mut next = vec![false; found.len() + 1];
        for from in (0..=found.len()).filter(|from| reached[*from]) {
            let same = found[from..].iter().take(*most).take_while(|found| letter.fits(**found)).count();
            if *least <= same {
                next[from + least..=from + same].fill(true);
            }
        }
        reached = next;
    }
    match side {
        Side::Beginning => reached.contains(&true),
        Side::End => reached[found.len()],
    }
}

impl Affix {
    /// Whether it may be used in a place of a compound word, or alone.
    fn is_allowed(&self, place: u8, is_suffix: bool) -> bool {
        let (marks, forbids) = (self.marks, self.marks & FORBIDS != 0);
        if place == 0 {
            marks & ONLY == 0
        } else if place & BEGIN != 0 {
            !forbids && (marks & BEGIN != 0 || !is_suffix)
        } else if place & MIDDLE != 0 {
            marks & MIDDLE != 0 && !forbids
        } else {
            !forbids && (marks & LAST != 0 || is_suffix)
        }
    }

    /// The word without what the rule has put behind it, and how many of its bytes were left as they were.
    pub(super) fn without_suffix(&self, word: &str, place: u8) -> Option<(String, usize)> {
        let rest = word.strip_suffix(self.text.as_str()).filter(|_| self.is_allowed(place, true))?;
        let root = format!("{rest}{}", self.before);
        let letters: Vec<char> = root.chars().collect();
        fits(&self.letters, &letters, Side::End).then_some((root, rest.len()))
    }

    /// The word without what the rule has put before it; `same` is how much of it another rule has left as it was.
    pub(super) fn without_prefix(&self, word: &str, place: u8, same: Option<usize>) -> Option<String> {
        let rest = word.strip_prefix(self.text.as_str()).filter(|_| self.is_allowed(place, false))?;
        if same.is_some_and(|same| same + self.before.len() <= self.text.len()) {
            return None;
        }
        let root = format!("{}{rest}", self.before);
        let letters: Vec<char> = root.chars().collect();
        fits(&self.letters, &letters, Side::Beginning).then_some(root)
    }
}

/// All rules of a file.
#[derive(Debug, Default)]
pub(super) struct Affixes {
    pub(super) prefixes: Vec<Affix>,
    pub(super) suffixes: Vec<Affix>,
    /// Whether anything is said of compound words.
    pub(super) has_compounds: bool,
    written: Written,
    /// What flags say of compound words.
    compounds: BTreeMap<String, u8>,
    /// Sets of flags by their numbers, the first being empty.
    aliases: Vec<String>,
}

fn wrong(message: impl Into<String>) -> SearchError {
    SearchError::FileContent { message: message.into(), hint: None }
}

/// The letters of a rule's condition: letters, sets of them, and how often they come. What else regular expressions have is refused.
fn letters(mask: &str) -> SearchResult<Vec<Run>> {
    let refused = || wrong(format!("condition \"{mask}\" of an affix is not supported"));
    let mut found: Vec<Run> = Vec::new();
    let mut rest = mask.chars();
    while let Some(next) = rest.next() {
        let many = match next {
            '*' => Some((0, usize::MAX)),
            '+' => Some((1, usize::MAX)),
            '?' => Some((0, 1)),
            '{' => {
                let count: String = rest.by_ref().take_while(|found| *found != '}').collect();
                let (least, most) = count.split_once(',').unwrap_or((&count, &count));
                let number = |text: &str| text.parse::<usize>().map_err(|_| refused());
                Some((number(least)?, if most.is_empty() { usize::MAX } else { number(most)? }))
            }
            _ => None,
        };
        if let Some((least, most)) = many {
            let last = found.last_mut().filter(|(_, least, most)| (*least, *most) == (1, 1));
            let last = last.ok_or_else(refused)?;
            (last.1, last.2) = (least, most);
            continue;
        }
        let letter = match next {
            '.' => Letter::Any,
            '[' => {
                let within: Vec<char> = rest.by_ref().take_while(|found| *found != ']').collect();
                match within.split_first() {
                    Some(('^', others)) => Letter::NoneOf(others.to_vec()),
                    _ => Letter::OneOf(within),
                }
            }
            '|' | '(' | ')' | '\\' | '^' | '$' => return Err(refused()),
            letter => Letter::One(letter),
        };
        found.push((letter, 1, 1));
    }
    // Anything at all is no condition.
    Ok(if found == [(Letter::Any, 1, 1)] { Vec::new() } else { found })
}

/// What myspell's and hunspell's files begin with, by the marks that flags get by it.
const COMPOUND_WORDS: [(&str, u8); 8] = [
    ("COMPOUNDFLAG", COMPOUND),
    ("COMPOUNDBEGIN", BEGIN),
    ("COMPOUNDLAST", LAST),
    ("COMPOUNDEND", LAST),
    ("COMPOUNDMIDDLE", MIDDLE),
    ("ONLYINCOMPOUND", ONLY),
    ("COMPOUNDPERMITFLAG", PERMITS),
    ("COMPOUNDFORBIDFLAG", FORBIDS),
];

impl Affixes {
    pub(super) fn read(text: &str) -> SearchResult<Affixes> {
        let is_newer = |line: &str| {
            let words = ["COMPOUNDFLAG", "COMPOUNDMIN", "PFX", "SFX"];
            let flag = line.strip_prefix("FLAG ").map(str::trim);
            words.iter().any(|word| line.starts_with(word)) || flag.is_some_and(|flag| flag.len() > 2)
        };
        let mut made = Affixes::default();
        match text.lines().any(|line| is_newer(line.trim_start())) {
            true => made.read_newer(text)?,
            false => made.read_older(text)?,
        }
        // Shorter ones are tried first.
        made.prefixes.sort_by_key(|affix| affix.text.len());
        made.suffixes.sort_by_key(|affix| affix.text.len());
        Ok(made)
    }

    fn add(&mut self, is_suffix: bool, mut affix: Affix) {
        // What is said of compound words in no other way is meant for any place in them.
        if affix.marks & (ONLY | PERMITS) != 0 && affix.marks & COMPOUND == 0 {
            affix.marks |= COMPOUND;
        }
        if is_suffix { self.suffixes.push(affix) } else { self.prefixes.push(affix) }
    }

    fn read_older(&mut self, text: &str) -> SearchResult<()> {
        let (mut is_suffix, mut flag, mut marks) = (None, String::new(), 0);
        for line in text.lines() {
            let small = lower(line.split('#').next().unwrap_or_default().trim());
            let written = line.trim_start();
            if small.starts_with("compoundwords") {
                let flag = written.split_whitespace().nth(2).and_then(|word| word.chars().next());
                if let Some(flag) = flag {
                    self.compounds.insert(flag.to_string(), COMPOUND);
                    self.has_compounds = true;
                }
            } else if small.starts_with("suffixes") {
                is_suffix = Some(true);
            } else if small.starts_with("prefixes") {
                is_suffix = Some(false);
            } else if small.starts_with("flag") {
                let (said, rest) = match written[4..].trim_start() {
                    text if text.starts_with('*') => (CROSSES, &text[1..]),
                    text if text.starts_with('~') => (ONLY, &text[1..]),
                    text => (0, text),
                };
                marks = said;
                flag = rest
                    .strip_prefix('\\')
                    .unwrap_or(rest)
                    .chars()
                    .next()
                    .map(String::from)
                    .unwrap_or_default();
            } else if let (Some(is_suffix), Some((mask, change))) = (is_suffix, small.split_once('>')) {
                let bare =
                    |text: &str| text.chars().filter(|found| !found.is_whitespace()).collect::<String>();
                let (mask, change) = (bare(mask), bare(change));
                let (before, text) = match change.strip_prefix('-').map(|rest| rest.split_once(',')) {
                    Some(Some((before, text))) => {
                        (before.to_owned(), text.trim_start_matches('-').to_owned())
                    }
                    Some(None) => (change[1..].to_owned(), String::new()),
                    None => (String::new(), change),
                };
                if !(mask.is_empty() || before.is_empty() && text.is_empty()) {
                    let (flag, letters) = (flag.clone(), letters(&mask)?);
                    self.add(is_suffix, Affix { flag, marks, text, before, letters });
                }
            }
        }
        Ok(())
    }

    fn mark(&self, flag: &str) -> u8 {
        self.compounds.get(flag).copied().unwrap_or(0)
    }

    fn read_newer(&mut self, text: &str) -> SearchResult<()> {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("FLAG"), Some("long")) => self.written = Written::Pairs,
                (Some("FLAG"), Some("num")) => self.written = Written::Numbers,
                (Some("FLAG"), Some("default")) => self.written = Written::Letters,
                (Some("FLAG"), _) => {
                    return Err(wrong(
                        "Ispell dictionary supports only \"default\", \"long\", and \"num\" flag values",
                    ));
                }
                (Some(word), Some(flag)) => {
                    let known = COMPOUND_WORDS.iter().find(|(known, _)| *known == word);
                    if let Some((_, mark)) = known {
                        let flag = self.split(flag)?.into_iter().next().unwrap_or_default();
                        *self.compounds.entry(flag).or_default() |= mark;
                        self.has_compounds = true;
                    }
                }
                (Some(_), None) | (None, _) => {}
            }
        }
        let mut crosses = 0;
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let fields: Vec<&str> = line.split_whitespace().take(5).collect();
            let Some(kind) = fields.first().map(|kind| kind.to_ascii_lowercase()) else { continue };
            match (kind.as_str(), &fields[1..]) {
                ("af", [set, ..]) => {
                    if self.aliases.is_empty() {
                        if set.parse::<u32>().unwrap_or(0) == 0 {
                            return Err(wrong("invalid number of flag vector aliases"));
                        }
                        self.aliases.push(String::new());
                    } else {
                        self.aliases.push((*set).to_owned());
                    }
                }
                ("sfx" | "pfx", [_, cross, _]) => {
                    crosses = if cross.eq_ignore_ascii_case("y") { CROSSES } else { 0 }
                }
                ("sfx" | "pfx", [flag, before, text, mask]) => {
                    self.add_newer(kind == "sfx", crosses, (flag, before, text, mask))?;
                }
                _ => {} // a remark, or something of no account here
            }
        }
        Ok(())
    }

    fn add_newer(
        &mut self,
        is_suffix: bool,
        crosses: u8,
        (flag, before, text, mask): (&str, &str, &str, &str),
    ) -> SearchResult<()> {
        let longest = match self.written {
            Written::Letters => 1,
            Written::Pairs => 2,
            Written::Numbers => usize::MAX,
        };
        if flag.len() > longest {
            return Ok(());
        }
        let (text, flags) = text.split_once('/').unwrap_or((text, ""));
        let flags = self.flags(flags)?;
        let flag = self.split(flag)?.into_iter().next().unwrap_or_default();
        let marks = crosses | self.compound(&flags);
        let bare = |text: &str| if text.starts_with('0') { String::new() } else { lower(text) };
        let (text, before, letters) = (bare(text), bare(before), letters(&lower(mask))?);
        self.add(is_suffix, Affix { flag, marks, text, before, letters });
        Ok(())
    }

    /// The flags of a text.
    fn split(&self, text: &str) -> SearchResult<Vec<String>> {
        Ok(match self.written {
            Written::Letters => text.chars().map(String::from).collect(),
            Written::Pairs => {
                let letters: Vec<char> = text.chars().collect();
                if !letters.len().is_multiple_of(2) {
                    return Err(wrong(format!("invalid affix flag \"{text}\" with \"long\" flag value")));
                }
                letters.chunks(2).map(|pair| pair.iter().collect()).collect()
            }
            Written::Numbers => {
                let mut numbers = Vec::new();
                for number in text.split(',').filter(|number| !number.is_empty()) {
                    let value: u32 = number
                        .trim()
                        .parse()
                        .map_err(|_| wrong(format!("invalid affix flag \"{number}\"")))?;
                    if value > 65000 {
                        return Err(wrong(format!("affix flag \"{number}\" is out of range")));
                    }
                    numbers.push(value.to_string());
                }
                numbers
            }
        })
    }

    /// The flags of a word or a rule, which may be a set's number.
    pub(super) fn flags(&self, text: &str) -> SearchResult<BTreeSet<String>> {
        let set = if self.aliases.is_empty() || text.is_empty() {
            text
        } else {
            let known = text.parse::<usize>().ok().and_then(|number| self.aliases.get(number));
            known.ok_or_else(|| wrong(format!("invalid affix alias \"{text}\"")))?
        };
        Ok(self.split(set)?.into_iter().collect())
    }

    /// What flags say of compound words.
    pub(super) fn compound(&self, flags: &BTreeSet<String>) -> u8 {
        flags.iter().map(|flag| self.mark(flag)).fold(0, |all, mark| all | mark)
    }
}

#[cfg(test)]
mod tests {
    use super::{Side, fits, letters};

    #[test]
    fn a_condition_of_many_runs_is_matched_without_trying_them_one_after_the_other() {
        let word: Vec<char> = "a".repeat(250).chars().collect();
        let within = |condition: &str, side| fits(&letters(condition).unwrap(), &word, side);
        assert!(!within("a*a*a*a*a*a*a*a*b", Side::End));
        assert!(within("a*a*a*a*a*a*a*a*a", Side::End));
        assert!(!within("a*a*a*a*a*a*a*a*b", Side::Beginning));
        assert!(within("", Side::Beginning) && within("", Side::End));
        assert!(within("aa{3}", Side::End) && !within("a{251}", Side::End));
    }
}
