//! Queries carried out on the model's rows, in the plainest way.

use super::frame::Framed;
use super::{Filter, Join, JoinKind, Query, Rows, SetOperation, Shape, Source, Subquery, Way};
use super::{column_within, count_of as count};
use crate::expression::Expression;
use crate::model::contents::Contents;
use crate::value::{Kind, Shown, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A row of a query, beside which the names of its columns are known.
type Row = Vec<Value>;

/// Rows with the names of their columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Relation {
    pub names: Vec<String>,
    pub rows: Vec<Row>,
}

/// What an expression gives for a row.
pub(super) fn of_row(expression: &Expression, names: &[String], row: &[Value]) -> Value {
    expression.value(&|wanted| {
        let place = names.iter().position(|name| name == wanted);
        place.and_then(|place| row.get(place)).cloned().unwrap_or(Value::Null)
    })
}

fn holds(condition: &Expression, names: &[String], row: &[Value]) -> bool {
    of_row(condition, names, row) == Value::Bool(true)
}

impl Relation {
    /// All rows of a table, its columns called by an alias.
    fn of_table(view: &Contents, table: &str, alias: &str) -> Relation {
        let Some(table) = view.tables.get(table) else { return Relation::default() };
        let names = table.names().into_iter().map(|name| format!("{alias}.{name}")).collect();
        let row = |(key, row): (&i64, &Row)| std::iter::once(Value::Int(*key)).chain(row.clone()).collect();
        Relation { names, rows: table.rows.iter().map(row).collect() }
    }

    fn join(&self, right: &Relation, join: &Join) -> Relation {
        let names: Vec<String> = self.names.iter().chain(&right.names).cloned().collect();
        let nulls = |count: usize| std::iter::repeat_n(Value::Null, count);
        let keys: Vec<Value> = right.rows.iter().map(|row| of_row(&join.right, &right.names, row)).collect();
        let mut matched = vec![false; right.rows.len()];
        let mut rows = Vec::new();
        for left in &self.rows {
            let key = of_row(&join.left, &self.names, left);
            let mut found = false;
            for (place, other) in right.rows.iter().enumerate() {
                if key.is_null() || keys[place].is_null() || !join.how.holds(&key, &keys[place]) {
                    continue;
                }
                let both: Row = left.iter().chain(other).cloned().collect();
                if join.more.as_ref().is_none_or(|more| holds(more, &names, &both)) {
                    rows.push(both);
                    found = true;
                    matched[place] = true;
                }
            }
            if !found && matches!(join.kind, JoinKind::Left | JoinKind::Full) {
                rows.push(left.iter().cloned().chain(nulls(right.names.len())).collect());
            }
        }
        if matches!(join.kind, JoinKind::Right | JoinKind::Full) {
            let alone = right.rows.iter().zip(&matched).filter(|(_, matched)| !**matched);
            rows.extend(alone.map(|(row, _)| nulls(self.names.len()).chain(row.clone()).collect::<Row>()));
        }
        Relation { names, rows }
    }

    /// What some expressions give for each row.
    fn columns(&self, expressions: &[Expression]) -> Vec<Row> {
        let one = |row: &Row| expressions.iter().map(|it| of_row(it, &self.names, row)).collect();
        self.rows.iter().map(one).collect()
    }

    /// What an expression gives for each row.
    pub fn values(&self, expression: &Expression) -> Vec<Value> {
        self.rows.iter().map(|row| of_row(expression, &self.names, row)).collect()
    }
}

impl Subquery {
    /// The values that it gives for an outer row.
    fn values(&self, inner: &Relation, names: &[String], row: &[Value]) -> Vec<Value> {
        let all: Vec<String> = inner.names.iter().chain(names).cloned().collect();
        let mut values = Vec::new();
        for own in &inner.rows {
            let both: Row = own.iter().chain(row).cloned().collect();
            if holds(&self.condition, &all, &both) {
                values.push(of_row(&self.value, &all, &both));
            }
        }
        values
    }
}

impl Filter {
    fn passes(&self, inner: &Relation, names: &[String], row: &[Value]) -> bool {
        match self {
            Filter::Plain(condition) => holds(condition, names, row),
            Filter::Exists(negated, outer, subquery) => {
                let wanted = of_row(outer, names, row);
                let found = !wanted.is_null() && subquery.values(inner, names, row).contains(&wanted);
                found != *negated
            }
            Filter::In(negated, outer, subquery) => {
                let (wanted, values) = (of_row(outer, names, row), subquery.values(inner, names, row));
                let unknown = !values.is_empty() && wanted.is_null()
                    || values.contains(&Value::Null) && !values.contains(&wanted);
                !unknown && values.contains(&wanted) != *negated
            }
            Filter::AtMost(outer, subquery, or) => {
                let values = subquery.values(inner, names, row).into_iter();
                let greatest = values.filter(|value| !value.is_null()).max();
                let wanted = of_row(outer, names, row);
                let at_most = !wanted.is_null() && greatest.is_some_and(|greatest| wanted <= greatest);
                at_most || holds(or, names, row)
            }
        }
    }

    /// The rows of its subquery's table.
    fn inner(&self, view: &Contents) -> Relation {
        match self {
            Filter::Plain(_) => Relation::default(),
            Filter::Exists(_, _, subquery) | Filter::In(_, _, subquery) | Filter::AtMost(_, subquery, _) => {
                Relation::of_table(view, &subquery.table, "s")
            }
        }
    }
}

impl Rows {
    fn evaluate(&self, view: &Contents) -> Relation {
        let mut all = Relation::default();
        for Source { table, alias, join } in &self.sources {
            let own = Relation::of_table(view, table, alias);
            all = match join {
                None => own,
                Some(join) => all.join(&own, join),
            };
        }
        let inner = self.filter.inner(view);
        let Relation { names, mut rows } = all;
        rows.retain(|row| self.filter.passes(&inner, &names, row));
        self.chosen(Relation { names, rows })
    }

    /// The columns that the query names: the tables may have got others since.
    fn chosen(&self, relation: Relation) -> Relation {
        if relation.names.iter().eq(self.columns.iter().map(|(name, _)| name)) {
            return relation;
        }
        let names: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let value = |row: &Row, name: &String| of_row(&Expression::column(name), &relation.names, row);
        let one = |row: &Row| names.iter().map(|name| value(row, name)).collect();
        let rows = relation.rows.iter().map(one).collect();
        Relation { names, rows }
    }
}

/// The order of two values.
pub(super) fn order(way: Way, left: &Value, right: &Value) -> Ordering {
    // NULL is the greatest, unless it was moved to the other end.
    let plain = match (left.is_null(), right.is_null()) {
        (true, false) | (false, true) if way.nulls_moved => left.cmp(right).reverse(),
        _ => left.cmp(right),
    };
    if way.descending { plain.reverse() } else { plain }
}

const UP: Way = Way { descending: false, nulls_moved: false };

pub(super) fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> Value {
    let mut sum = None;
    for value in values {
        if let Value::Int(number) = value {
            *sum.get_or_insert(0) += number;
        }
    }
    sum.map_or(Value::Null, Value::Int)
}

pub(super) fn known<'v>(values: impl Iterator<Item = &'v Value>) -> impl Iterator<Item = &'v Value> {
    values.filter(|value| !value.is_null())
}

pub(super) fn or_null(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or(Value::Null)
}

/// How many different values are known.
pub(super) fn count_in<'v>(values: impl Iterator<Item = &'v Value>) -> usize {
    known(values).collect::<BTreeSet<_>>().len()
}

/// `round(avg(…), 2)`, as it is shown.
fn average(values: &[Value]) -> Option<String> {
    let Value::Int(sum) = sum(values.iter()) else { return None };
    let number = i64::try_from(known(values.iter()).count()).unwrap_or(i64::MAX);
    // Half a hundredth goes away from zero.
    let hundredths = (2 * 100 * sum.abs() + number) / (2 * number);
    let sign = if sum < 0 && hundredths > 0 { "-" } else { "" };
    Some(format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100))
}

pub(super) fn shown(row: &[Value]) -> Shown {
    row.iter().map(Value::shown).collect()
}

/// Groups of rows by a value of theirs, by their places.
pub(super) fn groups<K: Ord>(keys: Vec<K>) -> BTreeMap<K, Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (place, key) in keys.into_iter().enumerate() {
        groups.entry(key).or_default().push(place);
    }
    groups
}

impl Query {
    /// What it gives where the tables hold this; unless it is ordered, in the order of what is shown.
    pub fn evaluate(&self, view: &Contents) -> Vec<Shown> {
        let mut rows = self.unordered(view);
        if !self.is_ordered() {
            rows.sort();
        }
        rows
    }

    fn unordered(&self, view: &Contents) -> Vec<Shown> {
        let relation = self.rows.evaluate(view);
        match &self.shape {
            Shape::Plain => relation.rows.iter().map(|row| shown(row)).collect(),
            Shape::Group { by, of, word, having, filter } => {
                grouped(&relation, [by, of, word], *having, filter.as_ref())
            }
            Shape::Rollup { by, word, of } => rolled_up(&relation, by, word, of),
            Shape::Whole { of, other, filter } => vec![whole(&relation, of, other, filter.as_ref())],
            Shape::Distinct(one, other) => {
                let pairs = relation.values(one).into_iter().zip(relation.values(other));
                pairs.collect::<BTreeSet<_>>().into_iter().map(|(one, other)| shown(&[one, other])).collect()
            }
            Shape::DistinctOn(on, way) => distinct_on(&relation, on, *way),
            Shape::Window { of, by, word } => windowed(&relation, of, by, word),
            Shape::Framed(frames) => framed_rows(relation, frames),
            Shape::Further(further) => further.evaluate(&relation),
            Shape::Ties { by, way, limit } => tied(&relation, by, *way, *limit),
            Shape::Recursive(recursion) => {
                let edges = Relation::of_table(view, &recursion.table, "s");
                let said = edges.values(&Expression::column(&recursion.column));
                let keys = edges.rows.iter().map(|row| row[0].clone());
                let pairs = keys.zip(said);
                let pairs = pairs.map(|(key, said)| if recursion.up { (said, key) } else { (key, said) });
                followed(relation.values(&recursion.from), &pairs.collect::<Vec<_>>(), recursion.steps)
            }
            Shape::Lateral { of, subquery, limit, left } => {
                let inner = Relation::of_table(view, &subquery.table, "s");
                lateral(&relation, &inner, (of, subquery), (*limit, *left))
            }
            Shape::Operation { operation, all, left, other, right } => {
                let (left, right) = (relation.columns(left), other.evaluate(view).columns(right));
                combined(*operation, *all, left, right)
            }
            Shape::Ordered { order: by, limit } => {
                let mut rows = relation.rows;
                rows.sort_by(|left, right| {
                    let columns = by.iter().map(|(place, way)| order(*way, &left[*place], &right[*place]));
                    columns.into_iter().find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
                });
                let (limit, offset) = limit.unwrap_or((usize::MAX, 0));
                rows.iter().skip(offset).take(limit).map(|row| shown(row)).collect()
            }
            Shape::Twice { of, other } => {
                let (left, right) = (relation.values(of), relation.values(other));
                let mut pairs = Vec::new();
                for x in left.iter().filter(|x| !x.is_null()) {
                    pairs.extend(right.iter().filter(|y| x == *y).map(|y| shown(&[x.clone(), y.clone()])));
                }
                pairs
            }
            Shape::Listed { arms, otherwise, of, subquery } => {
                let inner = Relation::of_table(view, &subquery.table, "s");
                listed(&relation, &inner, (arms, otherwise), (of, subquery))
            }
            Shape::Extremes { of, least, greatest } => vec![extremes(&relation, of, *least, *greatest)],
            Shape::Within { inner, condition } => self.chosen_within(inner, condition, view),
        }
    }

    /// Which rows of another shape a condition chooses.
    fn chosen_within(&self, inner: &Shape, condition: &Expression, view: &Contents) -> Vec<Shown> {
        let mut rows = Query { rows: self.rows.clone(), shape: inner.clone() }.unordered(view);
        let wide = rows.first().map_or(0, Vec::len);
        let names: Vec<String> = (0..wide).map(column_within).collect();
        rows.retain(|row| {
            let values = row.iter().map(|value| Value::read_of_any(Kind::Int, value.as_deref()));
            holds(condition, &names, &values.collect::<Row>())
        });
        rows
    }
}

fn extremes(relation: &Relation, of: &Expression, least: bool, greatest: bool) -> Shown {
    let values = relation.values(of);
    let known = || known(values.iter());
    let found = [(least, known().min()), (greatest, known().max())].into_iter();
    let asked: Row = found.filter(|(asked, _)| *asked).map(|(_, value)| or_null(value)).collect();
    shown(&asked)
}

fn listed(
    relation: &Relation,
    inner: &Relation,
    (arms, otherwise): (&[(Expression, Expression)], &Expression),
    (of, subquery): (&Expression, &Subquery),
) -> Vec<Shown> {
    let one = |row: &Row| {
        let taken = arms.iter().find(|(when, _)| holds(when, &relation.names, row));
        let chosen = of_row(taken.map_or(otherwise, |(_, then)| then), &relation.names, row);
        let wanted = of_row(of, &relation.names, row);
        let values = subquery.values(inner, &relation.names, row);
        let equal = values.iter().filter(|value| !wanted.is_null() && **value == wanted);
        shown(&[chosen, count(equal.count())])
    };
    relation.rows.iter().map(one).collect()
}

fn grouped(
    relation: &Relation,
    [by, of, word]: [&Expression; 3],
    having: bool,
    filter: Option<&Expression>,
) -> Vec<Shown> {
    let (of, word) = (relation.values(of), relation.values(word));
    let passes =
        |place: &usize| filter.is_none_or(|filter| holds(filter, &relation.names, &relation.rows[*place]));
    let mut found = Vec::new();
    for (key, places) in groups(relation.values(by)) {
        if having && places.len() < 2 {
            continue;
        }
        let chosen: Vec<usize> = places.iter().copied().filter(passes).collect();
        let words = || known(places.iter().map(|place| &word[*place]));
        found.push(shown(&[
            key,
            count(chosen.len()),
            sum(chosen.iter().map(|place| &of[*place])),
            or_null(words().min()),
            or_null(known(places.iter().map(|place| &of[*place])).max()),
            count(words().collect::<BTreeSet<_>>().len()),
        ]));
    }
    found
}

fn rolled_up(relation: &Relation, by: &Expression, word: &Expression, of: &Expression) -> Vec<Shown> {
    let (by, word, of) = (relation.values(by), relation.values(word), relation.values(of));
    let all = 0..of.len();
    let mut found = Vec::new();
    for (grouping, width) in [(0, 2), (1, 1), (3, 0)] {
        let key =
            |place: usize| [&by, &word].iter().take(width).map(|column| column[place].clone()).collect();
        let mut groups = groups(all.clone().map(key).collect::<Vec<Row>>());
        if width == 0 {
            groups.entry(Row::new()).or_default();
        }
        for (key, places) in groups {
            let (one, other) = (or_null(key.first()), or_null(key.get(1)));
            let sum = sum(places.iter().map(|place| &of[*place]));
            found.push(shown(&[one, other, count(places.len()), sum, Value::Int(grouping)]));
        }
    }
    found
}

fn whole(relation: &Relation, of: &Expression, other: &Expression, filter: Option<&Expression>) -> Shown {
    let (of, other) = (relation.values(of), relation.values(other));
    let passes = |row: &&Row| filter.is_none_or(|filter| holds(filter, &relation.names, row));
    let chosen = relation.rows.iter().zip(&of).filter(|(row, _)| passes(row)).map(|(_, value)| value);
    let chosen: Vec<&Value> = chosen.collect();
    let mut row = shown(&[
        count(chosen.len()),
        count(known(of.iter()).count()),
        sum(chosen.into_iter()),
        or_null(known(other.iter()).min()),
    ]);
    row.push(average(&of));
    row
}

fn distinct_on(relation: &Relation, on: &Expression, way: Way) -> Vec<Shown> {
    let mut rows: Vec<Row> = relation
        .values(on)
        .into_iter()
        .zip(&relation.rows)
        .map(|(value, row)| std::iter::once(value).chain(row.iter().cloned()).collect())
        .collect();
    rows.sort_by(|left, right| order(way, &left[0], &right[0]).then_with(|| left[1..].cmp(&right[1..])));
    rows.dedup_by(|later, first| later[0] == first[0]);
    rows.iter().map(|row| shown(row)).collect()
}

fn windowed(relation: &Relation, of: &Expression, by: &Expression, word: &Expression) -> Vec<Shown> {
    let (of, by, word) = (relation.values(of), relation.values(by), relation.values(word));
    let down = Way { descending: true, ..UP };
    let before = |one: usize, other: usize| {
        order(UP, &word[one], &word[other]).then_with(|| order(down, &of[one], &of[other])).is_lt()
    };
    let partitions = groups(by.clone());
    let all = 0..of.len();
    let one = |(place, row): (usize, &Row)| {
        let partition = &partitions[&by[place]];
        let sum = sum(partition.iter().map(|place| &of[*place]));
        let rank = 1 + all.clone().filter(|other| before(*other, place)).count();
        shown(&row.iter().cloned().chain([sum, count(rank)]).collect::<Row>())
    };
    relation.rows.iter().enumerate().map(one).collect()
}

fn framed_rows(relation: Relation, frames: &[Framed]) -> Vec<Shown> {
    let mut found = relation.rows.clone();
    for framed in frames {
        let (of, keys) = (relation.values(&framed.of), relation.values(&framed.key));
        let counts =
            |row: &Row| framed.filter.as_ref().is_none_or(|filter| holds(filter, &relation.names, row));
        for places in groups(relation.values(&framed.by)).into_values() {
            let keys: Vec<Value> = places.iter().map(|place| keys[*place].clone()).collect();
            let rows: Vec<Row> = places.iter().map(|place| relation.rows[*place].clone()).collect();
            let of: Vec<(Value, bool)> =
                places.iter().map(|place| (of[*place].clone(), counts(&relation.rows[*place]))).collect();
            for (place, results) in places.iter().zip(framed.evaluate(&keys, &rows, &of)) {
                found[*place].extend(results);
            }
        }
    }
    found.iter().map(|row| shown(row)).collect()
}

fn tied(relation: &Relation, by: &Expression, way: Way, limit: usize) -> Vec<Shown> {
    let keys = relation.values(by);
    let mut sorted: Vec<&Value> = keys.iter().collect();
    sorted.sort_by(|one, other| order(way, one, other));
    let Some(last) = limit.checked_sub(1).and_then(|last| sorted.get(last).or(sorted.last())) else {
        return Vec::new();
    };
    let is_first = |key: &Value| order(way, key, last).is_le();
    relation.rows.iter().zip(&keys).filter(|(_, key)| is_first(key)).map(|(row, _)| shown(row)).collect()
}

fn followed(start: Vec<Value>, edges: &[(Value, Value)], steps: Option<i64>) -> Vec<Shown> {
    let next = |value: &Value| {
        let of = edges.iter().filter(|(from, _)| !value.is_null() && from == value);
        of.map(|(_, to)| to.clone()).collect::<Vec<Value>>()
    };
    let mut found = Vec::new();
    let mut round = start;
    let mut seen = BTreeSet::new();
    for step in 0.. {
        if steps.is_none() {
            round.retain(|value| seen.insert(value.clone()));
        }
        let number = Value::Int(if steps.is_some() { step } else { 0 });
        found.extend(round.iter().map(|value| shown(&[value.clone(), number.clone()])));
        if round.is_empty() || steps.is_some_and(|steps| step >= steps) {
            break;
        }
        round = round.iter().flat_map(next).collect();
    }
    found
}

fn lateral(
    relation: &Relation,
    inner: &Relation,
    (of, subquery): (&Expression, &Subquery),
    (limit, left): (usize, bool),
) -> Vec<Shown> {
    let all: Vec<String> = inner.names.iter().chain(&relation.names).cloned().collect();
    let mut found = Vec::new();
    for row in &relation.rows {
        let wanted = of_row(of, &relation.names, row);
        let passes = |own: &&Row| {
            let both: Row = own.iter().chain(row).cloned().collect();
            !wanted.is_null()
                && of_row(&subquery.value, &inner.names, own) == wanted
                && holds(&subquery.condition, &all, &both)
        };
        // Rows of a table are in the order of their keys.
        let keys: Vec<Value> =
            inner.rows.iter().filter(passes).take(limit).map(|own| own[0].clone()).collect();
        let none = (left && keys.is_empty()).then_some(Value::Null);
        for key in keys.into_iter().chain(none) {
            found.push(shown(&row.iter().cloned().chain([key]).collect::<Row>()));
        }
    }
    found
}

fn combined(operation: SetOperation, all: bool, left: Vec<Row>, right: Vec<Row>) -> Vec<Shown> {
    let mut counts: BTreeMap<Row, (usize, usize)> = BTreeMap::new();
    for value in left {
        counts.entry(value).or_default().0 += 1;
    }
    for value in right {
        counts.entry(value).or_default().1 += 1;
    }
    let mut found = Vec::new();
    for (value, (left, right)) in counts {
        let times = match (operation, all) {
            (SetOperation::Union, true) => left + right,
            (SetOperation::Union, false) => 1,
            (SetOperation::Intersect, true) => left.min(right),
            (SetOperation::Intersect, false) => left.min(right).min(1),
            (SetOperation::Except, true) => left.saturating_sub(right),
            (SetOperation::Except, false) => usize::from(left > 0 && right == 0),
        };
        found.extend(std::iter::repeat_n(shown(&value), times));
    }
    found
}
