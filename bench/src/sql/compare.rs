//! Whether two answers are the same: in any order, numbers as far as doubles tell them.

use super::database::Answer;
use std::cmp::Ordering;

/// Numbers that differ by less than this part of themselves are equal: SQLite computes with doubles where others have
/// decimals, and averages have as many digits as everybody likes.
const PART: f64 = 1e-6;
/// Or by less than this.
const LEAST: f64 = 0.0051;

type Value = Option<String>;

fn number(value: &Value) -> Option<f64> {
    value.as_ref().and_then(|text| text.parse().ok())
}

fn order(left: &Value, right: &Value) -> Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) if (left - right).abs() <= LEAST.max(PART * left.abs()) => Ordering::Equal,
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => left.cmp(right),
    }
}

/// What differs first; none if nothing does.
pub fn difference(ours: &Answer, theirs: &Answer) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} rows instead of {}", ours.len(), theirs.len()));
    }
    let sorted = |answer: &Answer| {
        let mut rows = answer.clone();
        // Texts first: they are the same on both sides, whatever becomes of the numbers.
        let key = |row: &Vec<Value>| -> Vec<Value> {
            row.iter().filter(|value| number(value).is_none()).cloned().collect()
        };
        rows.sort_by(|left, right| {
            key(left).cmp(&key(right)).then_with(|| {
                let orders = left.iter().zip(right).map(|(left, right)| order(left, right));
                orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            })
        });
        rows
    };
    let pairs = sorted(ours).into_iter().zip(sorted(theirs));
    pairs.into_iter().find_map(|(ours, theirs)| {
        let same = ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|(ours, theirs)| order(ours, theirs).is_eq());
        (!same).then(|| format!("{ours:?} instead of {theirs:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[&[&str]]) -> Answer {
        rows.iter().map(|row| row.iter().map(|text| Some((*text).to_owned())).collect()).collect()
    }

    #[test]
    fn answers_are_compared_without_order_and_with_a_little_room() {
        let one = answer(&[&["b", "2.00"], &["a", "1000000.5"]]);
        assert_eq!(difference(&one, &answer(&[&["a", "1000000.4999"], &["b", "2"]])), None);
        assert!(difference(&one, &answer(&[&["a", "1000002.5"], &["b", "2"]])).is_some());
        assert!(difference(&one, &answer(&[&["b", "2"]])).is_some());
    }
}
