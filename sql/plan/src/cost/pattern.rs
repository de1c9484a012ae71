//! Which part of a column's texts matches a pattern, as PostgreSQL estimates it (`patternsel`): the values that statistics tell are
//! tried; where they tell few, it counts how much of the pattern is fixed.

use super::selectivity::{MATCH, Statistics, plain};
use super::variable::{Compared, in_histogram};
use crate::expression::{Call, Expression};
use crate::facts::{ColumnStatistics, Facts};
use std::cell::RefCell;
use types::Value;
use types::vector::{Operator, Order};

/// So many bounds of a histogram are a sample that is believed alone; of fewer than the second number nothing is.
const SAMPLE: usize = 100;
const SAMPLE_MIN: usize = 10;
/// What matches anything in other ways.
const MATCHING: f64 = 0.01;
/// What a character that is fixed leaves, what any character does, and what a piece of any length adds.
const FIXED: f64 = 0.2;
const ANY: f64 = 0.9;
const WILD: f64 = 5.0;

/// What was estimated before, while one statement is planned: to try all values takes its time.
#[derive(Debug, Default)]
pub(super) struct Matches {
    known: RefCell<Vec<(Call, f64)>>,
}

/// A pattern of `LIKE`.
struct Pattern {
    /// What all texts begin with.
    prefix: Vec<u8>,
    /// Whether there is nothing else.
    exact: bool,
    /// Which part of the texts with that beginning is thought to match the rest.
    rest: f64,
}

impl Pattern {
    fn new(pattern: &[u8], folds_case: bool) -> Pattern {
        let (mut prefix, mut bytes) = (Vec::new(), pattern);
        while let Some((first, others)) = bytes.split_first().filter(|_| !folds_case) {
            bytes = match (first, others.split_first()) {
                (b'%' | b'_', _) | (b'\\', None) => break,
                (b'\\', Some((escaped, others))) => {
                    prefix.push(*escaped);
                    others
                }
                (byte, _) => {
                    prefix.push(*byte);
                    others
                }
            };
        }
        Pattern { prefix, exact: bytes.is_empty() && !folds_case, rest: rest(bytes) }
    }
}

/// Which part of texts matches the rest of a pattern, its beginning left out if that is wild.
fn rest(pattern: &[u8]) -> f64 {
    let begin = pattern.iter().position(|byte| !matches!(byte, b'%' | b'_')).unwrap_or(pattern.len());
    let (mut part, mut bytes) = (1.0, pattern[begin..].iter());
    while let Some(byte) = bytes.next() {
        part *= match byte {
            b'%' => WILD,
            b'_' => ANY,
            b'\\' => {
                bytes.next();
                FIXED
            }
            _ => FIXED,
        };
    }
    f64::min(part, 1.0)
}

impl Statistics {
    /// Which part of the rows fulfils a condition that is no comparison: `LIKE` and its like.
    pub(super) fn matching(&self, call: &Call, left: &Expression, pattern: &Value, facts: &dyn Facts) -> f64 {
        if let Some((_, part)) = self.matches.known.borrow().iter().find(|known| known.0 == *call) {
            return *part;
        }
        let (negated, folds_case, like) = match facts.estimator(call.function) {
            "likesel" => (false, false, true),
            "nlikesel" => (true, false, true),
            "iclikesel" => (false, true, true),
            "icnlikesel" => (true, true, true),
            "regexeqsel" | "icregexeqsel" => (false, true, false),
            "regexnesel" | "icregexnesel" => (true, true, false),
            "matchingsel" => (false, false, false),
            _ => return MATCH,
        };
        let Some(bytes) = pattern.as_bytes() else { return MATCH };
        // What is fixed in a regular expression is not looked for, and nothing is in what is matched otherwise.
        let rest = if facts.estimator(call.function) == "matchingsel" { MATCHING } else { MATCH };
        let unknown = || Pattern { prefix: Vec::new(), exact: false, rest };
        let pattern = if like { Pattern::new(bytes, folds_case) } else { unknown() };
        let statistics = self.variable(left).and_then(|known| known.statistics);
        let nulls = statistics.map_or(0.0, |statistics| statistics.null_fraction);
        let part = match pattern.exact {
            true => self.equal_to(left, &pattern.prefix, facts),
            false => self.tried(call, (left, statistics), &pattern, negated, facts),
        };
        let part = if negated { 1.0 - part - nulls } else { part }.clamp(0.0, 1.0);
        self.matches.known.borrow_mut().push((call.clone(), part));
        part
    }

    /// The same of a pattern that is not but a text.
    fn tried(
        &self,
        call: &Call,
        (column, statistics): (&Expression, Option<&ColumnStatistics>),
        pattern: &Pattern,
        negated: bool,
        facts: &dyn Facts,
    ) -> f64 {
        let guess = || match pattern.prefix.is_empty() {
            true => pattern.rest,
            false => self.beginning(column, &pattern.prefix, facts) * pattern.rest,
        };
        let Some(statistics) = statistics else { return guess() };
        // The least and the greatest value are thought to be like no others.
        let inner = statistics.histogram.len().saturating_sub(1).max(1);
        let sample = statistics.histogram.get(1..inner).unwrap_or(&[]);
        let values = statistics.common.iter().map(|common| &common.0).chain(sample);
        let Some(found) = facts.matches(call, plain(column).result, &values.collect::<Vec<_>>()) else {
            return guess();
        };
        let holds: Vec<bool> = found.into_iter().map(|matches| matches != negated).collect();
        let (of_common, of_sample) = holds.split_at(statistics.common.len().min(holds.len()));
        let common = statistics.common.iter().map(|common| common.1);
        let matching: f64 = common.clone().zip(of_common).filter(|pair| *pair.1).map(|pair| pair.0).sum();
        let among_rest = match statistics.histogram.len() {
            bounds if bounds < SAMPLE_MIN => guess(),
            bounds => {
                let sampled =
                    of_sample.iter().filter(|holds| **holds).count() as f64 / sample.len().max(1) as f64;
                let weight = (bounds as f64 / SAMPLE as f64).min(1.0);
                if weight < 1.0 { sampled * weight + guess() * (1.0 - weight) } else { sampled }
            }
        };
        let rest = 1.0 - statistics.null_fraction - common.sum::<f64>();
        among_rest.clamp(0.0001, 0.9999) * rest.max(0.0) + matching
    }

    /// Which part of the rows has a text.
    fn equal_to(&self, column: &Expression, text: &[u8], facts: &dyn Facts) -> f64 {
        let value = Expression::constant(Value::Bytes(text.into()), column.result);
        self.compare((Operator::Equal, Some(&Order::Bytes)), None, (column, &value), facts)
    }

    /// Which part of the rows that are not among the most common has a beginning.
    fn beginning(&self, column: &Expression, prefix: &[u8], facts: &dyn Facts) -> f64 {
        let known = self.variable(column);
        let below = |bytes: &[u8]| {
            let value = Value::Bytes(bytes.into());
            let other = Expression::constant(value.clone(), plain(column).result);
            let (operator, order) = (Operator::Less, Some(&Order::Bytes));
            let compared = Compared { operator, order, call: None, variable: column, other: &other };
            in_histogram(known.as_ref()?, &compared, &value, facts)
        };
        let Some(low) = below(prefix) else { return MATCH };
        let mut next = prefix.to_vec();
        while next.last() == Some(&u8::MAX) {
            next.pop();
        }
        if let Some(last) = next.last_mut() {
            *last += 1;
        }
        let high = if next.is_empty() { 1.0 } else { below(&next).unwrap_or(1.0) };
        (high - low).max(self.equal_to(column, prefix, facts))
    }
}
