//! Which way to the rows of a table: from end to end, or by an index that some conditions and a wanted order fit.

use super::Lowering;
use crate::cost::{IndexCost, Statistics, elements_of};
use crate::expression::{Call, Column, Expression, ExpressionKind, SortKey};
use crate::facts::{Between, Facts, IndexFacts};
use crate::implied::{implies, terms_of};
use crate::logical::{Scan, ScanSource};
use crate::physical::KeyRange;
use crate::rewrite::is_leakproof;
use crate::spread::{Nearest, Search};
use std::sync::Arc;
use types::catalog::oid;
use types::value::Item;
use types::vector::Operator;
use types::{Type, Value};

/// The most values of an `IN` list that are looked up one by one.
const LIST_LIMIT: usize = 1000;

/// What an index can do for a scan.
#[derive(Debug, Clone)]
pub(super) struct Matched {
    pub(super) index: Arc<IndexFacts>,
    /// Its ranges; expressions are over columns yet.
    pub(super) ranges: Vec<KeyRange>,
    /// Which conditions the ranges stand for wholly: they need not be looked at again.
    pub(super) exact: Vec<bool>,
    /// Which conditions bound the ranges.
    pub(super) bounding: Vec<bool>,
    /// The same conditions by their places, in the order of the keys that they bound.
    pub(super) bound_by: Vec<usize>,
    /// How many keys are fixed by one value.
    pub(super) equal: usize,
    /// The index's keys over the scan's columns, where the scan has what they need.
    pub(super) keys: Vec<Option<Expression>>,
    /// For each column of the scan its place in the index, if all are there.
    pub(super) only: Option<Vec<u32>>,
    /// What the index's predicate says, which all its rows fulfil.
    pub(super) predicate: Vec<Expression>,
    /// The first key of those that a comparison of rows bounds.
    pub(super) compared_from: Option<u32>,
    /// What is asked of an index that is not ordered, and the conditions that ask it, with the key on their left.
    pub(super) searches: Vec<Search>,
    pub(super) asked: Vec<Expression>,
    /// Of which distances such an index gives its rows in the order.
    pub(super) nearest: Option<Nearest>,
}

/// An expression without changes of its type's name.
pub(super) fn bare(expression: &Expression) -> &Expression {
    match &expression.kind {
        ExpressionKind::Relabel(operand) | ExpressionKind::Collate { operand, .. } => bare(operand),
        _ => expression,
    }
}

/// Whether a key says what `IS NULL` asks: that is of a row whether its fields are null, which its key does not tell apart.
pub(super) fn tells_null(order: &types::vector::Order) -> bool {
    !matches!(order, types::vector::Order::Record(_) | types::vector::Order::Anonymous)
}

/// The truth value that a condition demands of a boolean key: `key`, `NOT key`, `key IS TRUE`, `key IS FALSE`.
fn truth_demanded(condition: &Expression, key: &Expression) -> Option<bool> {
    if key.result.oid != oid::BOOL {
        return None;
    }
    let is_key = |expression: &Expression| bare(expression) == bare(key);
    match &condition.kind {
        ExpressionKind::Not(operand) if is_key(operand) => Some(false),
        ExpressionKind::IsBoolean { operand, wanted: Some(wanted), negated: false } if is_key(operand) => {
            Some(*wanted)
        }
        _ => is_key(condition).then_some(true),
    }
}

/// A bound of a range, and whether it is within.
type Edge = (Expression, bool);

impl Lowering<'_> {
    /// What every index of a table can do for a scan with these conditions.
    pub(super) fn matches(&self, scan: &Scan, conditions: &[Expression]) -> Vec<Matched> {
        self.of_indexes(scan, conditions, |index, conditions| self.match_index(scan, index, conditions))
    }

    /// What `of` makes of each index of a table and the conditions that may be asked of it.
    pub(super) fn of_indexes(
        &self,
        scan: &Scan,
        conditions: &[Expression],
        of: impl Fn(&Arc<IndexFacts>, &[Expression]) -> Option<Matched>,
    ) -> Vec<Matched> {
        if scan.sample.is_some() || !scan.members.is_empty() {
            return Vec::new();
        }
        let table = self.facts.table(scan.table);
        let found = table.indexes.iter();
        if !scan.guarded {
            return found.filter_map(|index| of(index, conditions)).collect();
        }
        // What may tell of rows what it sees says nothing here.
        let nothing = Expression::constant(Value::Bool(true), Type::of(oid::BOOL));
        let quiet: Vec<Expression> = conditions
            .iter()
            .map(
                |condition| {
                    if is_leakproof(condition, self.facts) { condition.clone() } else { nothing.clone() }
                },
            )
            .collect();
        found.filter_map(|index| of(index, &quiet)).collect()
    }

    /// Whether a condition compares a key of some index of a table with something else.
    pub(super) fn may_bound(&self, scan: &Scan, condition: &Expression) -> bool {
        let ExpressionKind::Call(call) = &condition.kind else { return false };
        let [left, right] = call.arguments.as_slice() else { return false };
        let table = self.facts.table(scan.table);
        let is_side = |key: Expression| bare(&key) == bare(left) || bare(&key) == bare(right);
        self.facts.comparison_of_sides(call.function, left.result, right.result).is_some()
            && table.indexes.iter().any(|index| {
                let keys = index.index.keys.iter();
                keys.filter_map(|key| over_scan(scan, index, &key.expression)).any(is_side)
            })
    }

    fn match_index(
        &self,
        scan: &Scan,
        index: &Arc<IndexFacts>,
        conditions: &[Expression],
    ) -> Option<Matched> {
        let mut matched = self.unbounded(scan, index, conditions)?;
        if !index.index.spread.is_empty() {
            self.match_spread(scan, conditions, &mut matched);
            return (!matched.searches.is_empty()).then_some(matched);
        }
        for place in 0..matched.keys.len() {
            if !self.match_key(scan, conditions, place, &mut matched) {
                break;
            }
        }
        let bounded = matched.bounding.contains(&true);
        (bounded || !index.index.equality_only).then_some(matched)
    }

    /// All of an index, if the conditions say what its predicate does.
    pub(super) fn unbounded(
        &self,
        scan: &Scan,
        index: &Arc<IndexFacts>,
        conditions: &[Expression],
    ) -> Option<Matched> {
        let predicate = match over_scan_option(scan, index, index.index.predicate.as_ref())? {
            Some(predicate) => terms_of(predicate),
            None => Vec::new(),
        };
        if !predicate.iter().all(|term| conditions.iter().any(|known| implies(known, term, &self.facts))) {
            return None;
        }
        let keys =
            index.index.keys.iter().map(|key| over_scan(scan, index, &key.expression)).collect::<Vec<_>>();
        Some(Matched {
            index: Arc::clone(index),
            ranges: vec![KeyRange::all()],
            // What the predicate says need not be asked again.
            exact: conditions
                .iter()
                .map(|condition| predicate.iter().any(|term| implies(term, condition, &self.facts)))
                .collect(),
            bounding: vec![false; conditions.len()],
            bound_by: Vec::new(),
            equal: 0,
            only: index_only(scan, index)
                .filter(|_| !index.index.equality_only && self.facts.settings().enable_indexonlyscan),
            keys,
            predicate,
            compared_from: None,
            searches: Vec::new(),
            asked: Vec::new(),
            nearest: None,
        })
    }

    /// Bounds a key by the conditions; true if it has one value then and the next key may be bounded, too.
    fn match_key(&self, scan: &Scan, conditions: &[Expression], place: usize, matched: &mut Matched) -> bool {
        let Some(key) = matched.keys[place].clone() else { return false };
        for (number, condition) in conditions.iter().enumerate() {
            if let Some(value) = self.equal_bound(scan, condition, &key, matched, place) {
                matched.ranges[0].equal.push(value);
                matched.exact[number] = true;
                matched.bound(number);
                matched.equal += 1;
                return true;
            }
        }
        for (number, condition) in conditions.iter().enumerate() {
            if self.list_bound(scan, condition, &key, matched, place) {
                matched.exact[number] = true;
                matched.bound(number);
                return false;
            }
        }
        if matched.index.index.equality_only {
            return false;
        }
        for (number, condition) in conditions.iter().enumerate() {
            if self.row_bound(scan, condition, matched, place, number) {
                return false;
            }
        }
        for (number, condition) in conditions.iter().enumerate() {
            self.range_bound(scan, condition, &key, matched, place, number);
        }
        false
    }

    /// The value that a condition demands of a key.
    fn equal_bound(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        matched: &Matched,
        place: usize,
    ) -> Option<Option<Expression>> {
        if let ExpressionKind::IsNull { operand, negated: false } = &condition.kind
            && bare(operand) == bare(key)
            && tells_null(&matched.index.index.keys[place].order)
        {
            return (!matched.index.index.equality_only).then_some(None);
        }
        let (operator, value) = self.compared(scan, condition, key, matched, place)?;
        (operator == Operator::Equal).then_some(Some(value))
    }

    /// What a condition compares a key with, as a value of the key's type.
    fn compared(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        matched: &Matched,
        place: usize,
    ) -> Option<(Operator, Expression)> {
        let order = &matched.index.index.keys[place].order;
        let compared = self.compared_by(scan, condition, key, order);
        let compared = compared.or_else(|| self.compared_wide(scan, condition, key));
        compared.or_else(|| self.compared_moment(scan, condition, key, order))
    }

    /// The same of a moment that is compared with a date, or with a moment of the other type, which can be brought to its own.
    fn compared_moment(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        order: &types::vector::Order,
    ) -> Option<(Operator, Expression)> {
        let (call, value, key_is_left) = opposite(condition, key)?;
        let known = self.facts.comparison_of_moments(call.function)?;
        let (operator, key_cast, value_cast) = known.seen_from(key_is_left);
        if key_cast.is_some() || known.order != *order || !self.is_given(scan, value) {
            return None;
        }
        let brought = value.brought(value_cast, known.common);
        // A date that no moment reaches is compared all the same, row by row.
        let reached = value.as_constant().is_none_or(Value::is_null) || self.facts.fold(&brought).is_some();
        reached.then_some((operator, brought))
    }

    /// The same of whole numbers of another width, that of whose value nobody knows yet; it is fitted to the key when it is there.
    fn compared_wide(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
    ) -> Option<(Operator, Expression)> {
        let (call, value, key_is_left) = opposite(condition, key)?;
        let [left, right] = call.arguments.as_slice() else { return None };
        let known = self.facts.comparison_of_sides(call.function, left.result, right.result)?;
        let both =
            is_whole_number(key.result) && is_whole_number(value.result) && bare(key).result == key.result;
        let given = value.as_constant().is_none() && self.is_given(scan, value);
        (both && given).then(|| (known.seen_from(key_is_left).0, value.clone()))
    }

    /// The same by an order.
    pub(super) fn compared_by(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        order: &types::vector::Order,
    ) -> Option<(Operator, Expression)> {
        if let Some(value) = truth_demanded(condition, key) {
            return Some((Operator::Equal, Expression::truth(value)));
        }
        let (call, value, key_is_left) = opposite(condition, key)?;
        let [left, right] = call.arguments.as_slice() else { return None };
        let known = self.facts.comparison_of_sides(call.function, left.result, right.result)?;
        let (operator, key_cast, value_cast) = known.seen_from(key_is_left);
        if !self.is_given(scan, value) {
            return None;
        }
        if key_cast.is_none() && known.order == *order {
            return Some((operator, value.brought(value_cast, known.common)));
        }
        // A key of a narrower type: a value that fits is brought down to it.
        let narrowed = narrow(value.as_constant()?, key.result)?;
        Some((operator, Expression::constant(narrowed, key.result)))
    }

    /// Whether a value is known before a table is read, and is the same for all of its rows.
    pub(super) fn is_given(&self, scan: &Scan, value: &Expression) -> bool {
        !self.names_relation(value, scan) && !self.is_volatile(value)
    }

    pub(super) fn names_relation(&self, expression: &Expression, scan: &Scan) -> bool {
        let mut found = false;
        expression.for_each_column(&mut |column| found = found || column.relation == scan.relation);
        found
    }

    /// `key IN (values)`: a range for each. `key = ANY (array)`: a range for each element that the array will have.
    fn list_bound(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        matched: &mut Matched,
        place: usize,
    ) -> bool {
        let index_key = &matched.index.index.keys[place];
        let (order, descending) = (&index_key.order, index_key.descending);
        match &condition.kind {
            ExpressionKind::InList { operand, list, order: own, negated: false } => {
                let fits = bare(operand) == bare(key) && own == order && list.len() <= LIST_LIMIT;
                if !fits || !list.iter().all(|value| self.is_given(scan, value)) {
                    return false;
                }
                let base = matched.ranges[0].clone();
                let range = |value: Expression| {
                    let mut range = base.clone();
                    range.equal.push(Some(value));
                    range
                };
                matched.ranges = in_order(list, order, descending).into_iter().map(range).collect();
                true
            }
            ExpressionKind::Quantified { .. } => {
                let found = self.among(scan, condition, key, order).cloned();
                let several = found.is_some();
                matched.ranges[0].among = found;
                several
            }
            _ => false,
        }
    }

    /// The array among whose elements a condition says that a key is.
    pub(super) fn among<'e>(
        &self,
        scan: &Scan,
        condition: &'e Expression,
        key: &Expression,
        order: &types::vector::Order,
    ) -> Option<&'e Expression> {
        let ExpressionKind::Quantified { function, all: false, operands } = &condition.kind else {
            return None;
        };
        let (operand, array) = &**operands;
        let element = self.facts.element_type(array.result)?;
        let known = self.facts.comparison_of_sides(*function, operand.result, element)?;
        let plain = known.left_cast.is_none() && known.right_cast.is_none() && known.order == *order;
        let whole = is_whole_number(operand.result) && is_whole_number(Type::of(element.oid));
        let compares = known.operator == Operator::Equal && (plain || whole);
        (compares && self.is_given(scan, array) && bare(operand) == bare(key)).then_some(array)
    }

    fn range_bound(
        &self,
        scan: &Scan,
        condition: &Expression,
        key: &Expression,
        matched: &mut Matched,
        place: usize,
        number: usize,
    ) {
        if let ExpressionKind::IsNull { operand, negated: true } = &condition.kind
            && bare(operand) == bare(key)
            && tells_null(&matched.index.index.keys[place].order)
        {
            matched.ranges[0].nulls = false;
            matched.ranges[0].not_null = true;
            matched.exact[number] = true;
            matched.bound(number);
            return;
        }
        if let Some((low, high)) = self.between(condition, key) {
            let range = &mut matched.ranges[0];
            if range.low.is_none() && range.high.is_none() {
                (range.low, range.high) = (Some(low), high);
                range.nulls = false;
                matched.bound(number);
            }
            return;
        }
        let Some((operator, value)) = self.compared(scan, condition, key, matched, place) else { return };
        let range = &mut matched.ranges[0];
        let (bound, included) = match operator {
            Operator::Less => (&mut range.high, false),
            Operator::LessOrEqual => (&mut range.high, true),
            Operator::Greater => (&mut range.low, false),
            Operator::GreaterOrEqual => (&mut range.low, true),
            Operator::Equal | Operator::NotEqual => return,
        };
        // A second bound of the same side is looked at row by row.
        if bound.is_none() {
            *bound = Some((value, included));
            range.nulls = false;
            matched.exact[number] = true;
            matched.bound(number);
        }
    }

    /// The bounds of a `LIKE` with a fixed beginning, of addresses within a network.
    fn between(&self, condition: &Expression, key: &Expression) -> Option<(Edge, Option<Edge>)> {
        let (call, constant, second) = opposite(condition, key)?;
        let Between { low, high } = self.facts.between(call.function, constant.as_constant()?, second)?;
        let bound = |(value, included)| (Expression::constant(value, key.result), included);
        Some((bound(low), high.map(bound)))
    }

    /// What the planner must know of a match to tell its cost.
    pub(super) fn index_cost(
        &self,
        scan: &Scan,
        matched: &Matched,
        conditions: &[Expression],
        statistics: &Statistics,
    ) -> IndexCost {
        let facts: &dyn Facts = self.facts;
        let bounding = conditions.iter().zip(&matched.bounding).filter(|pair| *pair.1).map(|pair| pair.0);
        let bounding = bounding.collect::<Vec<_>>();
        let rows = facts.table(scan.table).rows.max(1.0);
        let unique = matched.index.index.unique
            && matched.equal == matched.index.index.keys.len()
            && matched.is_one_range();
        let part = if unique { 1.0 / rows } else { statistics.all(&bounding, facts) };
        let part = self.measured(matched).map_or(part, |measured| (measured / rows).min(1.0));
        let out = statistics.all(&conditions.iter().collect::<Vec<_>>(), facts).min(part);
        let first = matched.keys.first().and_then(Option::as_ref);
        let correlation = first
            .and_then(Expression::as_column)
            .and_then(|column| statistics.correlation(column))
            .unwrap_or(0.0);
        IndexCost {
            part,
            ranges: matched.range_count(),
            out,
            filters: matched.exact.iter().filter(|exact| !**exact).count() as f64,
            bounds: (matched.bounding.iter().filter(|bounding| **bounding).count()
                + matched.nearest.as_ref().map_or(0, |nearest| nearest.by.len())) as f64,
            only: matched.only.is_some(),
            correlation,
        }
    }

    /// How many rows lie in a range of the first key, as the tree tells it.
    fn measured(&self, matched: &Matched) -> Option<f64> {
        let [range] = matched.ranges.as_slice() else { return None };
        if !range.equal.is_empty() || range.among.is_some() || matched.index.index.keys.first()?.descending {
            return None;
        }
        let value = |bound: &Option<(Expression, bool)>| match bound {
            Some((value, _)) => value.as_constant().cloned().map(Some),
            None => Some(None),
        };
        let (low, high) = (value(&range.low)?, value(&range.high)?);
        if low.is_none() && high.is_none() {
            return None;
        }
        self.facts.key_range_rows(matched.index.index.index, low.as_ref(), high.as_ref())
    }
}

impl Matched {
    /// Notes that a condition bounds a key.
    pub(super) fn bound(&mut self, number: usize) {
        self.bounding[number] = true;
        self.bound_by.push(number);
    }

    /// Whether it is one range, whatever values come when it is run.
    pub(super) fn is_one_range(&self) -> bool {
        matches!(self.ranges.as_slice(), [range] if range.among.is_none())
    }

    /// How many ranges it is, as far as that can be told.
    fn range_count(&self) -> f64 {
        match self.ranges.as_slice() {
            [KeyRange { among: Some(array), .. }] => elements_of(array),
            ranges => ranges.len() as f64,
        }
    }

    /// By how many of the wanted keys the index gives rows in order, and whether it is read backwards for it.
    pub(super) fn order(&self, wanted: &[SortKey]) -> (usize, bool) {
        if let Some(nearest) = &self.nearest {
            return (nearest.by.len(), false);
        }
        let mut backward = None;
        let mut place = 0;
        let mut given = 0;
        for key in wanted {
            // A key that has one value throughout orders nothing.
            let fixed = |expression: &Option<Expression>| {
                expression.as_ref().is_some_and(|known| bare(known) == bare(&key.expression))
            };
            if !self.keys.iter().take(self.equal).any(fixed) {
                let Some(turned) = self.direction(place, key) else { break };
                if *backward.get_or_insert(turned) != turned {
                    break;
                }
                place += 1;
            }
            given += 1;
        }
        let backward = backward.unwrap_or(false);
        // Several ranges are gone through from the first to the last.
        if backward && !self.is_one_range() { (0, false) } else { (given, backward) }
    }

    /// Whether the index has to be read backwards for its next key to be in the order of a wanted one; `None` if it is not the
    /// wanted one.
    fn direction(&self, place: usize, key: &SortKey) -> Option<bool> {
        let own =
            self.index.index.keys.get(self.equal + place).filter(|_| !self.index.index.equality_only)?;
        let expression = self.keys.get(self.equal + place)?.as_ref()?;
        if bare(expression) != bare(&key.expression) || own.order != key.order {
            return None;
        }
        let turned = own.descending != key.descending;
        let not_null = !self.ranges.iter().any(|range| range.nulls) && place == 0;
        (not_null || (own.nulls_first != key.nulls_first) == turned).then_some(turned)
    }
}

/// An index's expression over the scan's columns; `None` if the scan lacks one.
pub(super) fn over_scan(scan: &Scan, index: &IndexFacts, expression: &Expression) -> Option<Expression> {
    over_columns(scan, &index.columns, expression)
}

/// An expression over columns of the table, by their numbers, over the scan's columns; `None` if the scan lacks one.
pub(super) fn over_columns(scan: &Scan, columns: &[u16], expression: &Expression) -> Option<Expression> {
    let mut over = expression.clone();
    let mut complete = true;
    over.rewrite(&mut |part| {
        if let ExpressionKind::Column(column) = &mut part.kind {
            let number = columns.get(column.index as usize);
            match number.and_then(|number| scan_place(scan, *number)) {
                Some(place) => *column = Column { relation: scan.relation, index: place },
                None => complete = false,
            }
        }
    });
    complete.then_some(over)
}

/// `None` if there is a predicate that the scan lacks columns for.
#[allow(clippy::option_option)] // no predicate, and one that cannot be said
fn over_scan_option(
    scan: &Scan,
    index: &IndexFacts,
    predicate: Option<&Expression>,
) -> Option<Option<Expression>> {
    match predicate {
        Some(predicate) => over_scan(scan, index, predicate).map(Some),
        None => Some(None),
    }
}

fn scan_place(scan: &Scan, number: u16) -> Option<u32> {
    let is = |source: &ScanSource| matches!(source, ScanSource::Column { number: own, .. } if *own == number);
    scan.columns.iter().position(|column| is(&column.source)).map(|place| place as u32)
}

/// The place among a scan's columns of the one that an index's first key is.
pub(super) fn first_key_place(scan: &Scan, index: &IndexFacts) -> Option<u32> {
    let column = index.index.keys.first()?.expression.as_column()?;
    scan_place(scan, *index.columns.get(column.index as usize)?)
}

/// For each column of the scan its place in the index, if all are there.
fn index_only(scan: &Scan, index: &IndexFacts) -> Option<Vec<u32>> {
    let keys = index.index.keys.iter().map(|key| key.expression.as_column());
    let include = index
        .index
        .include
        .iter()
        .map(|place| Some(Column { relation: crate::expression::RelationId(0), index: *place }));
    let numbers = keys
        .chain(include)
        .map(|column| column.and_then(|column| index.columns.get(column.index as usize)).copied())
        .collect::<Vec<_>>();
    scan.columns
        .iter()
        .map(|column| match &column.source {
            ScanSource::Column { number, .. } => {
                numbers.iter().position(|known| known == &Some(*number)).map(|place| place as u32)
            }
            ScanSource::RowId | ScanSource::Writer | ScanSource::TableOid | ScanSource::WholeRow(_) => None,
        })
        .collect()
}

/// Values that ranges are made of: each once and in order, as far as they are known. Nulls equal nothing.
fn in_order(list: &[Expression], order: &types::vector::Order, descending: bool) -> Vec<Expression> {
    let is_null = |value: &&Expression| value.as_constant().is_some_and(Value::is_null);
    let mut values: Vec<&Expression> = list.iter().filter(|value| !is_null(value)).collect();
    if values.iter().all(|value| value.as_constant().is_some()) {
        let compare =
            |left: &&Expression, right: &&Expression| match (left.as_constant(), right.as_constant()) {
                (Some(left), Some(right)) => order.compare(&Item::from(left), &Item::from(right)),
                (Some(_) | None, _) => std::cmp::Ordering::Equal,
            };
        values.sort_by(compare);
        values.dedup_by(|left, right| compare(left, right).is_eq());
        if descending {
            values.reverse();
        }
    }
    values.into_iter().cloned().collect()
}

/// A call of two arguments of which one is a key; the other one, and whether the key is the left one.
fn opposite<'c>(condition: &'c Expression, key: &Expression) -> Option<(&'c Call, &'c Expression, bool)> {
    let ExpressionKind::Call(call) = &condition.kind else { return None };
    let [left, right] = call.arguments.as_slice() else { return None };
    if bare(left) == bare(key) {
        return Some((call, right, true));
    }
    (bare(right) == bare(key)).then_some((call, left, false))
}

/// Whether values of a type are whole numbers of some width.
fn is_whole_number(of: Type) -> bool {
    use types::catalog::oid::{INT2, INT4, INT8};
    matches!(of.oid, INT2 | INT4 | INT8)
}

/// A whole number as one of a narrower type, if it fits.
fn narrow(value: &Value, to: Type) -> Option<Value> {
    let wide = match value {
        Value::Int64(value) => *value,
        Value::Int32(value) => i64::from(*value),
        _ => return None,
    };
    match to.oid {
        types::catalog::oid::INT2 => i16::try_from(wide).ok().map(Value::Int16),
        types::catalog::oid::INT4 => i32::try_from(wide).ok().map(Value::Int32),
        _ => None,
    }
}
