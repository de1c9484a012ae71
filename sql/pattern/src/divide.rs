//! Which part of a match is whose: parts are tried from left to right, each with what it prefers first.

use crate::parse::Repeat;
use crate::program::Subject;
use crate::tree::{Kind, Prefers, Tree};
use crate::{Pattern, PatternError};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Trials beyond which a search is given up.
const TRIALS_MAX: usize = 20_000_000;

/// The whole match and its groups.
type Parts = Vec<Option<(usize, usize)>>;

struct Divider<'s> {
    subject: Subject<'s>,
    ignore_case: bool,
    parts: Parts,
    /// Ends by part and beginning.
    known: BTreeMap<(usize, usize), Rc<[usize]>>,
    trials: usize,
}

/// One time of a repetition.
struct Turn {
    begin: usize,
    /// Where it may end, the most preferred last.
    left: Vec<usize>,
    /// The parts before it.
    before: Parts,
}

/// The first match that begins at or behind a character.
pub(crate) fn find(pattern: &Pattern, text: &[char], from: usize) -> Result<Option<Parts>, PatternError> {
    let subject = Subject {
        text,
        sets: &pattern.sets,
        looks: &pattern.looks,
        newline_anchors: pattern.newline_anchors,
    };
    let mut divider = Divider {
        subject,
        ignore_case: pattern.ignore_case,
        parts: vec![None; pattern.groups + 1],
        known: BTreeMap::new(),
        trials: 0,
    };
    for begin in from..=text.len() {
        for end in divider.preferred(&pattern.tree, begin)? {
            divider.parts.fill(None);
            if divider.divide(&pattern.tree, begin, end)? {
                divider.parts[0] = Some((begin, end));
                return Ok(Some(divider.parts));
            }
        }
    }
    Ok(None)
}

impl Divider<'_> {
    fn ends(&mut self, tree: &Tree, begin: usize) -> Result<Rc<[usize]>, PatternError> {
        let key = (std::ptr::from_ref(tree).addr(), begin);
        if let Some(known) = self.known.get(&key) {
            return Ok(Rc::clone(known));
        }
        let (ends, steps) = tree.program.ends(&self.subject, begin);
        let ends: Rc<[usize]> = ends.into();
        self.trials += 1 + steps;
        if self.trials > TRIALS_MAX {
            return Err(PatternError::TooComplex);
        }
        self.known.insert(key, Rc::clone(&ends));
        Ok(ends)
    }

    /// The same, those first that the part prefers.
    fn preferred(&mut self, tree: &Tree, begin: usize) -> Result<Vec<usize>, PatternError> {
        let mut ends = self.ends(tree, begin)?.to_vec();
        if tree.traits.prefers != Some(Prefers::Less) {
            ends.reverse();
        }
        Ok(ends)
    }

    fn reaches(&mut self, tree: &Tree, begin: usize, end: usize) -> Result<bool, PatternError> {
        Ok(self.ends(tree, begin)?.binary_search(&end).is_ok())
    }

    /// Divides a stretch that a part is known to match, but for its back references.
    fn divide(&mut self, tree: &Tree, begin: usize, end: usize) -> Result<bool, PatternError> {
        self.trials += 1;
        if self.trials > TRIALS_MAX {
            return Err(PatternError::TooComplex);
        }
        match &tree.kind {
            Kind::Plain => Ok(true),
            Kind::Group(number, inside) => {
                let done = self.divide(inside, begin, end)?;
                if done {
                    self.parts[*number] = Some((begin, end));
                }
                Ok(done)
            }
            Kind::Row(left, right) => {
                for middle in self.preferred(left, begin)? {
                    if middle > end || !self.reaches(right, middle, end)? {
                        continue;
                    }
                    let before = self.parts.clone();
                    if self.divide(left, begin, middle)? && self.divide(right, middle, end)? {
                        return Ok(true);
                    }
                    self.parts = before;
                }
                Ok(false)
            }
            Kind::Branches(branches) => {
                for branch in branches {
                    let before = self.parts.clone();
                    if self.reaches(branch, begin, end)? && self.divide(branch, begin, end)? {
                        return Ok(true);
                    }
                    self.parts = before;
                }
                Ok(false)
            }
            Kind::BackReference(number, repeat) => Ok(self.refers(*number, *repeat, begin, end)),
            Kind::Iterate(repeat, inside) => self.iterate(*repeat, inside, begin, end),
        }
    }

    /// Turns one after the other, without a call for each: there may be as many as characters.
    fn iterate(
        &mut self,
        repeat: Repeat,
        inside: &Tree,
        begin: usize,
        end: usize,
    ) -> Result<bool, PatternError> {
        if repeat.least == 0 && begin == end && inside.traits.prefers == Some(Prefers::Less) {
            // What prefers less does best not to come at all.
            return Ok(true);
        }
        let before = self.parts.clone();
        let mut turns = vec![self.turn(repeat, inside, 0, begin, end)?];
        while let Some(turn) = turns.last_mut() {
            let Some(middle) = turn.left.pop() else {
                turns.pop();
                continue;
            };
            self.parts.clone_from(&turn.before);
            let begin = turn.begin;
            // Groups keep what the last turn matched and nothing of those before.
            self.forget(inside);
            if !self.divide(inside, begin, middle)? {
                continue;
            }
            let done = turns.len();
            if middle == end && done >= repeat.least as usize {
                return Ok(true);
            }
            if repeat.most.is_none_or(|most| done < most as usize) {
                turns.push(self.turn(repeat, inside, done, middle, end)?);
            }
        }
        // Otherwise once comes before not at all, so that a group that may match nothing does so.
        self.parts = before;
        Ok(repeat.least == 0 && begin == end)
    }

    fn forget(&mut self, tree: &Tree) {
        match &tree.kind {
            Kind::Plain | Kind::BackReference(..) => {}
            Kind::Group(number, inside) => {
                self.parts[*number] = None;
                self.forget(inside);
            }
            Kind::Row(left, right) => {
                self.forget(left);
                self.forget(right);
            }
            Kind::Branches(branches) => branches.iter().for_each(|branch| self.forget(branch)),
            Kind::Iterate(_, inside) => self.forget(inside),
        }
    }

    fn turn(
        &mut self,
        repeat: Repeat,
        inside: &Tree,
        done: usize,
        begin: usize,
        end: usize,
    ) -> Result<Turn, PatternError> {
        // Turns that match nothing count only where there must be more turns than characters.
        let empty = (end - begin) < (repeat.least.max(1) as usize).saturating_sub(done);
        let mut left = self.preferred(inside, begin)?;
        left.retain(|middle| *middle <= end && (*middle > begin || empty));
        left.reverse();
        Ok(Turn { begin, left, before: self.parts.clone() })
    }

    /// Whether a stretch is what a group matched, again and again.
    fn refers(&self, number: usize, repeat: Repeat, begin: usize, end: usize) -> bool {
        let Some(group) = self.parts.get(number).copied().flatten() else { return false };
        let (length, whole) = (group.1 - group.0, end - begin);
        if length == 0 {
            return whole == 0;
        }
        let times = whole / length;
        let counts = times >= repeat.least as usize && repeat.most.is_none_or(|most| times <= most as usize);
        counts
            && whole % length == 0
            && (0..times).all(|turn| {
                let place = begin + turn * length;
                self.subject.same(group, (place, place + length), self.ignore_case)
            })
    }
}
