//! Compound words: where one may be cut so that all parts are words of the list, or forms of them.

use super::{BEGIN, Ispell, LAST, MIDDLE, WORD_MAX};

/// More ways to cut a word are not tried: each part may be a word or not, so there may be very many.
const WAYS_MAX: usize = 1024;

/// Where a cut is looked for.
#[derive(Clone, Copy)]
struct At {
    /// Where the part begins.
    start: usize,
    /// A part must end behind this place.
    least: isize,
    level: usize,
}

impl Ispell {
    /// The ways to cut a word into parts, each as the parts' stems.
    pub(super) fn splits(&self, word: &str) -> Vec<Vec<String>> {
        let mut ways = Vec::new();
        if word.len() <= WORD_MAX {
            self.split(word.as_bytes(), Vec::new(), At { start: 0, least: -1, level: 0 }, &mut ways);
        }
        ways
    }

    /// Whether a word of the list begins like this, but is longer.
    fn goes_on(&self, begin: &[u8]) -> bool {
        let mut from =
            self.words.range::<[u8], _>((std::ops::Bound::Excluded(begin), std::ops::Bound::Unbounded));
        from.next().is_some_and(|(word, _)| word.starts_with(begin))
    }

    /// The first joint from `next` on that stands at a place, or behind it if no word goes on there: how far the part before it goes.
    fn joint(&self, next: &mut usize, rest: &[u8], in_place: bool) -> Option<usize> {
        while let Some((text, is_suffix)) = self.joints.get(*next) {
            *next += 1;
            let text = text.as_bytes();
            if rest.len() <= text.len() {
                continue;
            }
            let found = match in_place {
                true => rest.starts_with(text).then_some(0),
                false => rest.windows(text.len()).position(|found| found == text),
            };
            if let Some(found) = found {
                return Some(if *is_suffix { found + text.len() } else { 0 });
            }
        }
        None
    }

    fn split(&self, word: &[u8], before: Vec<String>, at: At, ways: &mut Vec<Vec<String>>) {
        let own = ways.len();
        if own >= WAYS_MAX {
            return;
        }
        ways.push(before);
        let At { mut start, least, mut level } = at;
        let mut probed = vec![false; word.len()];
        let mut alive = true;
        let stem = |from: usize, to: usize| String::from_utf8_lossy(&word[from..to]).into_owned();
        while level < word.len() {
            let mut next = 0;
            while level > start
                && let Some(length) = self.joint(&mut next, &word[level..], alive)
            {
                let length = level - start + length;
                let end = start + length;
                let too_short = (level + length).cast_signed() - 1 <= least;
                if length == 0 || end > word.len() || probed[end - 1] || too_short {
                    continue;
                }
                let place = match level {
                    0 => BEGIN,
                    level if level == word.len() - 1 => LAST,
                    _ => MIDDLE,
                };
                let forms = self.forms(&stem(start, end), place);
                if !forms.is_empty() {
                    probed[end - 1] = true;
                    let before = ways[own].iter().cloned().chain(forms).collect();
                    let at = At { start: end, least: end.cast_signed(), level: end };
                    self.split(word, before, at, ways);
                }
            }
            if !alive {
                break;
            }
            let part = &word[start..=level];
            let entry = self.words.get(part);
            let longer = self.goes_on(part);
            if let Some(entry) = entry {
                let place = match start {
                    0 => BEGIN,
                    _ if level == word.len() - 1 => LAST,
                    _ => MIDDLE,
                };
                if entry.compound & place != 0 && !probed[level] && level.cast_signed() > least {
                    if level + 1 == word.len() {
                        ways[own].push(stem(start, word.len()));
                        return;
                    }
                    // A longer word may begin in the same place.
                    let (before, least) = (ways[own].clone(), level.cast_signed());
                    self.split(word, before, At { start, least, level }, ways);
                    level += 1;
                    ways[own].push(stem(start, level));
                    start = level;
                    alive = true;
                    continue;
                }
            }
            alive = longer;
            level += 1;
        }
        ways[own].push(stem(start, word.len()));
    }
}
