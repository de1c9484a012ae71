//! Window functions over frames: every unit, every bound, every exclusion.
//!
//! A frame of rows is determined where the rows' order is: there it is that of all columns. Frames by range and by groups go
//! by one column, whose equal rows are peers.

use super::evaluate::{known, or_null, order, sum};
use super::{Way, count_of};
use crate::expression::Expression;
use crate::value::Value;
use std::cmp::Ordering;

/// In what a frame is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Unit {
    Rows,
    Range,
    Groups,
}

/// Where a frame begins or ends. The order is that of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum Bound {
    UnboundedPreceding,
    Preceding(i64),
    CurrentRow,
    Following(i64),
    UnboundedFollowing,
}

/// What a frame leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Exclusion {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}

/// A window with a frame.
#[derive(Debug, Clone)]
pub struct Framed {
    /// What is summed up and counted.
    pub of: Expression,
    /// What the partitions have in common.
    pub by: Expression,
    /// What the rows are ordered by, before all columns if the unit is rows.
    pub key: Expression,
    /// How.
    pub way: Way,
    /// In what the frame is counted.
    pub unit: Unit,
    /// Where it begins.
    pub start: Bound,
    /// Where it ends.
    pub end: Bound,
    /// What it leaves out.
    pub exclusion: Exclusion,
    /// Which rows the count is of.
    pub filter: Option<Expression>,
    /// Whether the first sum is one of exact numbers, from which rows that a frame leaves are taken away.
    pub exact: bool,
}

impl Bound {
    fn sql(self) -> String {
        match self {
            Bound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
            Bound::Preceding(by) => format!("{by} PRECEDING"),
            Bound::CurrentRow => "CURRENT ROW".to_owned(),
            Bound::Following(by) => format!("{by} FOLLOWING"),
            Bound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
        }
    }

    /// How far it is from the row; none if that is without end.
    fn offset(self) -> Option<i64> {
        match self {
            Bound::UnboundedPreceding | Bound::UnboundedFollowing => None,
            Bound::Preceding(by) => Some(-by),
            Bound::CurrentRow => Some(0),
            Bound::Following(by) => Some(by),
        }
    }
}

impl Framed {
    /// `OVER` and what follows; all columns are these.
    pub fn over(&self, list: &str) -> String {
        let unit = match self.unit {
            Unit::Rows => "ROWS",
            Unit::Range => "RANGE",
            Unit::Groups => "GROUPS",
        };
        let exclusion = match self.exclusion {
            Exclusion::NoOthers => "",
            Exclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            Exclusion::Group => " EXCLUDE GROUP",
            Exclusion::Ties => " EXCLUDE TIES",
        };
        let all = if self.unit == Unit::Rows { format!(", {list}") } else { String::new() };
        format!(
            "(PARTITION BY {} ORDER BY {}{}{all} {unit} BETWEEN {} AND {}{exclusion})",
            self.by.sql(""),
            self.key.sql(""),
            self.way.sql(),
            self.start.sql(),
            self.end.sql()
        )
    }

    /// What it gives for each row of a partition: the sum, the least, and the count and the sum of those that count, of its frame. The rows come with what they
    /// are ordered by, what is summed up, and whether they count.
    pub fn evaluate(&self, keys: &[Value], rows: &[Vec<Value>], of: &[(Value, bool)]) -> Vec<[Value; 4]> {
        let compare = |one: usize, other: usize| {
            let by_key = order(self.way, &keys[one], &keys[other]);
            if self.unit == Unit::Rows { by_key.then_with(|| rows[one].cmp(&rows[other])) } else { by_key }
        };
        let mut sorted: Vec<usize> = (0..keys.len()).collect();
        sorted.sort_by(|one, other| compare(*one, *other));
        // The number of each row's group of peers.
        let mut groups = vec![0i64; sorted.len()];
        for place in 1..sorted.len() {
            let next = compare(sorted[place - 1], sorted[place]).is_ne();
            groups[place] = groups[place - 1] + i64::from(next);
        }
        let mut results = vec![[(); 4].map(|()| Value::Null); keys.len()];
        for (place, row) in sorted.iter().enumerate() {
            let is_in = |other: &usize| {
                self.has(&groups, keys, &sorted, (place, *other)) && !self.excludes(&groups, (place, *other))
            };
            let frame: Vec<&(Value, bool)> =
                (0..sorted.len()).filter(is_in).map(|it| &of[sorted[it]]).collect();
            let counted = || frame.iter().filter(|(_, counts)| *counts).map(|(value, _)| value);
            let least = or_null(known(frame.iter().map(|(value, _)| value)).min());
            let all = sum(frame.iter().map(|(value, _)| value));
            results[*row] = [all, least, count_of(counted().count()), sum(counted())];
        }
        results
    }

    /// Whether the frame of the row at a place has the one at another, before anything is left out.
    fn has(&self, groups: &[i64], keys: &[Value], sorted: &[usize], (place, other): (usize, usize)) -> bool {
        let away = match self.unit {
            Unit::Rows => other as i64 - place as i64,
            Unit::Groups => groups[other] - groups[place],
            Unit::Range => {
                return self.is_in_range(
                    (&groups[place], &groups[other]),
                    (&keys[sorted[place]], &keys[sorted[other]]),
                );
            }
        };
        self.start.offset().is_none_or(|start| away >= start)
            && self.end.offset().is_none_or(|end| away <= end)
    }

    fn is_in_range(&self, (group, other_group): (&i64, &i64), (key, other): (&Value, &Value)) -> bool {
        // Nulls are peers of nulls, and lie on one side of everything else.
        let (behind, ahead) = match (key, other) {
            (Value::Int(key), Value::Int(other)) => {
                let away = if self.way.descending { key - other } else { other - key };
                let at = |bound: Bound| bound.offset().map_or(Ordering::Equal, |offset| away.cmp(&offset));
                (at(self.start), at(self.end))
            }
            _ => {
                let at = |bound: Bound| match bound.offset() {
                    None => Ordering::Equal,
                    Some(_) => other_group.cmp(group),
                };
                (at(self.start), at(self.end))
            }
        };
        behind.is_ge() && ahead.is_le()
    }

    fn excludes(&self, groups: &[i64], (place, other): (usize, usize)) -> bool {
        let (itself, peer) = (place == other, groups[place] == groups[other]);
        match self.exclusion {
            Exclusion::NoOthers => false,
            Exclusion::CurrentRow => itself,
            Exclusion::Group => peer,
            Exclusion::Ties => peer && !itself,
        }
    }
}
