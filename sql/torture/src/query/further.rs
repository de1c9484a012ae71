//! What else is made of rows: numbers and neighbours in a window, ordered aggregates, sets of groupings, rows from functions.

use super::evaluate::{Relation, count_in, groups, known, of_row, or_null, order, shown, sum};
use super::{Way, count_of as count};
use crate::expression::Expression;
use crate::value::{Shown, Value};
use std::collections::BTreeSet;

/// How many times each row comes where there are to be many.
const TIMES: i64 = 250;
/// What the numbers of the times are mixed within, so that they neither rise nor fall, and come several times each.
const MIXED: i64 = 61;

/// What is made of the rows.
#[derive(Debug, Clone)]
pub enum Further {
    /// Window functions that go by places.
    Placed(Placed),
    /// Aggregates whose input is ordered, or taken once.
    Gathered {
        /// The groups.
        by: Expression,
        /// What is gathered,
        of: Expression,
        /// in which order.
        way: Way,
        /// A column of texts.
        word: Option<Expression>,
    },
    /// `GROUPING SETS`, or what is short for them.
    Sets {
        /// The two columns.
        by: [Expression; 2],
        /// Which of them each set has.
        sets: Sets,
        /// What is summed up.
        of: Expression,
        /// Whether groups of one row are left out.
        having: bool,
    },
    /// For each row as many as a value says, three at most; beside them, or joined.
    Series {
        /// The value.
        of: Expression,
        /// Whether the function stands in `FROM`, and rows for which it gives none are kept.
        joined: Option<bool>,
    },
    /// The first so many, after so many, of each row so many times: in the order of a value, of the times, of all columns downwards.
    Many {
        /// The value, and its order.
        key: (Expression, Way),
        /// How the numbers of the times are mixed.
        mix: i64,
        /// The order of the mixed numbers, and then of the times.
        way: Way,
        /// How many, after how many.
        limit: (usize, usize),
    },
    /// How many rows a group has, beside each of its rows.
    Beside {
        /// The groups.
        by: Expression,
        /// Which rows are counted.
        condition: Expression,
        /// Whether rows whose group has none of these are kept.
        left: bool,
    },
}

/// A window, and how far neighbours are.
#[derive(Debug, Clone)]
pub struct Placed {
    /// What is shown of other rows.
    pub of: Expression,
    /// The partitions.
    pub by: Expression,
    /// What the rows are ordered by, before all columns,
    pub key: Expression,
    /// and how.
    pub way: Way,
    /// Into how many parts a partition is cut.
    pub parts: usize,
    /// How far the neighbours are.
    pub away: usize,
}

/// Which sets of two columns rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Sets {
    Cube,
    Each,
    EachAndNone,
    TwiceAndBoth,
}

impl Sets {
    /// All of them.
    pub const ALL: [Sets; 4] = [Sets::Cube, Sets::Each, Sets::EachAndNone, Sets::TwiceAndBoth];

    fn sql(self, one: &str, other: &str) -> String {
        match self {
            Sets::Cube => format!("CUBE ({one}, {other})"),
            Sets::Each => format!("GROUPING SETS (({one}), ({other}))"),
            Sets::EachAndNone => format!("GROUPING SETS (({other}), (), ({one}))"),
            Sets::TwiceAndBoth => format!("GROUPING SETS (({other}), ({one}, {other}), ({other}))"),
        }
    }

    fn sets(self) -> &'static [[bool; 2]] {
        match self {
            Sets::Cube => &[[true, true], [true, false], [false, true], [false, false]],
            Sets::Each => &[[true, false], [false, true]],
            Sets::EachAndNone => &[[false, true], [false, false], [true, false]],
            Sets::TwiceAndBoth => &[[false, true], [true, true], [false, true]],
        }
    }
}

impl Further {
    /// In SQL: of these columns, from these tables, where this holds.
    pub fn sql(&self, list: &str, from: &str, filter: &str) -> String {
        let rows = format!("FROM {from} WHERE {filter}");
        match self {
            Further::Placed(placed) => placed.sql(list, &rows),
            Further::Gathered { by, of, way, word } => {
                let (by, of, way) = (by.sql(""), of.sql(""), way.sql());
                let word = word.as_ref().map_or(String::new(), |word| {
                    let word = word.sql("");
                    format!(", string_agg({word}, '-' ORDER BY {word} DESC), count(DISTINCT {word})")
                });
                format!(
                    "SELECT {by}, array_agg({of} ORDER BY {of}{way}), sum(DISTINCT {of}), count(DISTINCT {of}), \
                     bool_or({of} > 3), bool_and({of} > 3){word} {rows} GROUP BY {by}"
                )
            }
            Further::Sets { by: [one, other], sets, of, having } => {
                let (one, other, of) = (one.sql(""), other.sql(""), of.sql(""));
                let having = if *having { " HAVING count(*) > 1" } else { "" };
                format!(
                    "SELECT {one}, {other}, count(*), sum({of}), count(DISTINCT {of}), GROUPING({one}, {other}) {rows} \
                     GROUP BY {}{having}",
                    sets.sql(&one, &other)
                )
            }
            Further::Series { of, joined: None } => {
                format!("SELECT {list}, generate_series(1, least({}, 3)) {rows}", of.sql(""))
            }
            Further::Series { of, joined: Some(left) } => format!(
                "SELECT {list}, g.n FROM {from} {} LATERAL generate_series(1, least({}, 3)) g(n) ON true WHERE {filter}",
                if *left { "LEFT JOIN" } else { "JOIN" },
                of.sql("")
            ),
            Further::Many { key: (key, by), mix, way, limit: (limit, offset) } => format!(
                "SELECT {list}, g.n FROM {from} CROSS JOIN generate_series(1, {TIMES}) g(n) WHERE {filter} \
                 ORDER BY {}{}, g.n * {mix} % {MIXED}{2}, g.n{2}, {3} DESC LIMIT {limit} OFFSET {offset}",
                key.sql(""),
                by.sql(),
                way.sql(),
                list.replace(", ", " DESC, ")
            ),
            Further::Beside { by, condition, left } => {
                let (by, condition) = (by.sql(""), condition.sql(""));
                format!(
                    "WITH q AS (SELECT {by} AS g, {condition} AS c {rows}) \
                     SELECT q.g, q.c, h.n FROM q {} (SELECT g, count(*) AS n FROM q WHERE c GROUP BY g) h ON h.g = q.g",
                    if *left { "LEFT JOIN" } else { "JOIN" }
                )
            }
        }
    }

    /// Which columns of what it gives are numbers, where the rows have so many columns.
    pub(super) fn numbers(&self, columns: usize) -> Vec<usize> {
        match self {
            // The numbers of rows are asked for more often than their neighbours.
            Further::Placed(_) => {
                vec![0, columns, columns, columns + 1, columns + 1, columns + 2, columns + 2, columns + 4]
            }
            Further::Gathered { .. } => vec![0, 2, 3],
            Further::Sets { .. } => vec![0, 0, 2, 3, 4, 5],
            Further::Series { .. } | Further::Many { .. } => vec![0, columns],
            Further::Beside { .. } => vec![0, 2],
        }
    }

    /// Whether the order of what it gives is determined.
    pub fn is_ordered(&self) -> bool {
        match self {
            Further::Many { .. } => true,
            Further::Placed(_)
            | Further::Gathered { .. }
            | Further::Sets { .. }
            | Further::Series { .. }
            | Further::Beside { .. } => false,
        }
    }

    /// What it gives.
    pub(super) fn evaluate(&self, relation: &Relation) -> Vec<Shown> {
        match self {
            Further::Placed(placed) => placed.evaluate(relation),
            Further::Gathered { by, of, way, word } => gathered(relation, (by, of), *way, word.as_ref()),
            Further::Sets { by, sets, of, having } => grouped_by_sets(relation, by, *sets, (of, *having)),
            Further::Series { of, joined } => {
                let mut found = Vec::new();
                for row in &relation.rows {
                    let last = match of_row(of, &relation.names, row) {
                        Value::Int(number) => number.min(3),
                        // The least of a null and a number is the number.
                        Value::Null | Value::Text(_) | Value::Bool(_) => 3,
                    };
                    let none = (last < 1 && *joined == Some(true)).then_some(Value::Null);
                    let numbers = (1..=last).map(Value::Int).chain(none);
                    found.extend(numbers.map(|number| shown(&with(row, [number]))));
                }
                found
            }
            Further::Many { key: (key, by), mix, way, limit: (limit, offset) } => {
                let keys = relation.values(key);
                let each = |place: usize| (1..=TIMES).map(move |time| (place, time));
                let mut all: Vec<(usize, i64)> = (0..keys.len()).flat_map(each).collect();
                all.sort_by(|(one, time), (other, other_time)| {
                    let by_key = order(*by, &keys[*one], &keys[*other]);
                    let of_time = |time: &i64| Value::Int(time * mix % MIXED * 1000 + time);
                    let by_time = || order(*way, &of_time(time), &of_time(other_time));
                    // The rows that come last stand first, as far as nothing else tells.
                    by_key.then_with(by_time).then_with(|| relation.rows[*other].cmp(&relation.rows[*one]))
                });
                let chosen = all.into_iter().skip(*offset).take(*limit);
                chosen.map(|(place, time)| shown(&with(&relation.rows[place], [Value::Int(time)]))).collect()
            }
            Further::Beside { by, condition, left } => {
                let keys = relation.values(by);
                let truths: Vec<Value> = relation.values(condition);
                let counted = |key: &Value| {
                    (0..keys.len()).filter(|at| keys[*at] == *key && truths[*at] == Value::Bool(true)).count()
                };
                let mut found = Vec::new();
                for (key, truth) in keys.iter().zip(&truths) {
                    let number = if key.is_null() { 0 } else { counted(key) };
                    let number = match number {
                        0 if *left => Value::Null,
                        0 => continue,
                        number => count(number),
                    };
                    found.push(shown(&[key.clone(), truth.clone(), number]));
                }
                found
            }
        }
    }
}

fn with<const COUNT: usize>(row: &[Value], more: [Value; COUNT]) -> Vec<Value> {
    row.iter().cloned().chain(more).collect()
}

impl Placed {
    fn sql(&self, list: &str, rows: &str) -> String {
        let Placed { of, by, key, way, parts, away } = self;
        let (of, by, key, way) = (of.sql(""), by.sql(""), key.sql(""), way.sql());
        format!(
            "SELECT {list}, row_number() OVER w, rank() OVER v, dense_rank() OVER v, ntile({parts}) OVER w, \
             lag({of}, {away}) OVER w, lead({of}, {away}, -7) OVER w, first_value({of}) OVER w, nth_value({of}, 2) OVER w \
             {rows} WINDOW w AS (PARTITION BY {by} ORDER BY {key}{way}, {list}), v AS (PARTITION BY {by} ORDER BY {key}{way})"
        )
    }

    fn evaluate(&self, relation: &Relation) -> Vec<Shown> {
        let (of, keys) = (relation.values(&self.of), relation.values(&self.key));
        let mut found = Vec::new();
        for mut places in groups(relation.values(&self.by)).into_values() {
            let by_key = |one: usize, other: usize| order(self.way, &keys[one], &keys[other]);
            let rows = &relation.rows;
            places.sort_by(|one, other| by_key(*one, *other).then_with(|| rows[*one].cmp(&rows[*other])));
            let (mut rank, mut dense) = (0, 0);
            for (at, place) in places.iter().enumerate() {
                if at == 0 || by_key(places[at - 1], *place).is_ne() {
                    (rank, dense) = (at + 1, dense + 1);
                }
                let value = |at: usize| places.get(at).map(|place| of[*place].clone());
                let before = at.checked_sub(self.away).and_then(value).unwrap_or(Value::Null);
                let behind = value(at + self.away).unwrap_or(Value::Int(-7));
                // Rows that are the same in everything are peers.
                let last = (at..places.len()).take_while(|other| rows[places[*other]] == rows[*place]).last();
                let second = value(1).filter(|_| last >= Some(1)).unwrap_or(Value::Null);
                let first = value(0).unwrap_or(Value::Null);
                let part = part_of(at, places.len(), self.parts);
                found.push(shown(&with(
                    &rows[*place],
                    [count(at + 1), count(rank), count(dense), count(part), before, behind, first, second],
                )));
            }
        }
        found
    }
}

/// In which of so many parts the row at a place is: the first ones have one more where that does not come out even.
fn part_of(at: usize, rows: usize, parts: usize) -> usize {
    let (size, larger) = (rows / parts, rows % parts);
    let in_larger = larger * (size + 1);
    if at < in_larger { at / (size + 1) + 1 } else { larger + (at - in_larger) / size.max(1) + 1 }
}

fn gathered(
    relation: &Relation,
    (by, of): (&Expression, &Expression),
    way: Way,
    word: Option<&Expression>,
) -> Vec<Shown> {
    let of = relation.values(of);
    let words = word.map(|word| relation.values(word));
    let mut found = Vec::new();
    for (key, places) in groups(relation.values(by)) {
        let mut values: Vec<Value> = places.iter().map(|place| of[*place].clone()).collect();
        values.sort_by(|one, other| order(way, one, other));
        let texts: Vec<String> =
            values.iter().map(|value| value.shown().unwrap_or_else(|| "NULL".to_owned())).collect();
        let once: BTreeSet<&Value> = known(values.iter()).collect();
        let truths = || once.iter().map(|value| **value > Value::Int(3));
        let or_null = |truth: bool| if once.is_empty() { Value::Null } else { Value::Bool(truth) };
        let mut row = shown(&[key]);
        row.push(Some(format!("{{{}}}", texts.join(","))));
        row.extend(shown(&[
            sum(once.iter().copied()),
            count(once.len()),
            or_null(truths().any(|truth| truth)),
            or_null(truths().all(|truth| truth)),
        ]));
        if let Some(words) = &words {
            let mut all: Vec<String> = places.iter().filter_map(|place| words[*place].shown()).collect();
            all.sort_by(|one, other| other.cmp(one));
            row.push((!all.is_empty()).then(|| all.join("-")));
            all.dedup();
            row.extend(shown(&[count(all.len())]));
        }
        found.push(row);
    }
    found
}

fn grouped_by_sets(
    relation: &Relation,
    by: &[Expression; 2],
    sets: Sets,
    (of, having): (&Expression, bool),
) -> Vec<Shown> {
    let columns = [relation.values(&by[0]), relation.values(&by[1])];
    let of = relation.values(of);
    let mut found = Vec::new();
    for set in sets.sets() {
        let key = |place: usize| -> [Option<Value>; 2] {
            [0, 1].map(|column| set[column].then(|| columns[column][place].clone()))
        };
        let mut groups = groups((0..of.len()).map(key).collect());
        if *set == [false, false] {
            groups.entry([None, None]).or_default();
        }
        for (key, places) in groups {
            if having && places.len() < 2 {
                continue;
            }
            let values = || places.iter().map(|place| &of[*place]);
            let [one, other] = key.each_ref().map(|value| or_null(value.as_ref()));
            let missing = i64::from(!set[0]) * 2 + i64::from(!set[1]);
            found.push(shown(&[
                one,
                other,
                count(places.len()),
                sum(values()),
                count(count_in(values())),
                Value::Int(missing),
            ]));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn the_first_parts_have_one_more() {
        let parts = |rows, parts| (0..rows).map(|at| part_of(at, rows, parts)).collect::<Vec<_>>();
        assert_eq!(parts(7, 3), [1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(parts(2, 4), [1, 2]);
        assert_eq!(parts(4, 2), [1, 1, 2, 2]);
    }
}
