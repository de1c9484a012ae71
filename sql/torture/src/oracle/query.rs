//! Queries that are drawn.

use crate::client::Client;
use crate::expression::{Comparison, Expression};
use crate::labels;
use crate::model::contents::Contents;
use crate::model::table::Rule;
use crate::query::frame::{Bound, Exclusion, Framed, Unit};
use crate::query::further::{Further, Placed, Sets};
use crate::query::{
    Filter, Join, JoinKind, Query, Recursion, Rows, SetOperation, Shape, Source, Subquery, Way, column_within,
};
use crate::value::{Kind, Value};

/// Tables of a query at most.
const SOURCES: usize = 3;
/// Frames of a query that has some.
const FRAMES: usize = 3;
/// Rows of a table where there may be so many of them.
const ROWS: usize = 16;

impl Client<'_> {
    /// Rows of one table or of several; none if there is no table.
    pub fn rows(&self, view: &Contents) -> Option<Rows> {
        let mut sources = Vec::new();
        let mut columns: Vec<(String, Kind)> = Vec::new();
        // The model carries a query out in the plainest way, which takes as long as it takes.
        let are_many = view.tables.values().any(|table| table.rows.len() > ROWS);
        let most = if are_many { SOURCES - 1 } else { SOURCES };
        for number in 0..=self.choose(&labels::COUNT, most) {
            let (name, table) = self.table(view)?;
            let alias = *["a", "b", "c"].get(number)?;
            let own: Vec<(String, Kind)> =
                table.typed().into_iter().map(|(name, kind)| (format!("{alias}.{name}"), kind)).collect();
            let join = (number > 0).then(|| self.join(&columns, &own));
            sources.push(Source { table: name.to_owned(), alias, join });
            columns.extend(own);
        }
        let filter = self.query_filter(view, &sources, &columns)?;
        Some(Rows { sources, columns, filter })
    }

    fn join(&self, before: &[(String, Kind)], own: &[(String, Kind)]) -> Join {
        let both: Vec<(String, Kind)> = before.iter().chain(own).cloned().collect();
        let kinds = [JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full];
        let drawn = [Kind::Int, Kind::Int, Kind::Int, Kind::Text][self.choose(&labels::VARIANT, 4)];
        let kind = kinds[self.choose(&labels::QUERY, kinds.len())];
        // A full join needs columns on both sides; numbers there are always.
        let of = if kind == JoinKind::Full { Kind::Int } else { drawn };
        let (left, right) = (self.column(before, of), self.column(own, of));
        let more = match self.choose(&labels::VARIANT, 5) {
            3 if kind != JoinKind::Full => Some(self.predicate(&both, 1)),
            4 => {
                let (left, right) = (self.column(before, Kind::Int), self.column(own, Kind::Int));
                Some(Expression::Compare(Comparison::Equal, left.into(), right.into()))
            }
            _ => None,
        };
        let how = match self.choose(&labels::SHAPE, 8) {
            7 if kind != JoinKind::Full => Comparison::ALL[self.choose(&labels::SHAPE, 5)],
            _ => Comparison::Equal,
        };
        Join { kind, left, how, right, more }
    }

    /// A table that is called `s`, with its columns.
    fn inner(&self, view: &Contents) -> Option<(String, Vec<(String, Kind)>)> {
        let (name, table) = self.table(view)?;
        let own = table.typed().into_iter().map(|(name, kind)| (format!("s.{name}"), kind));
        Some((name.to_owned(), own.collect()))
    }

    /// A subquery with a condition over its own columns, and these outer ones.
    fn subquery(&self, view: &Contents, outer: &[(String, Kind)]) -> Option<Subquery> {
        let (table, own) = self.inner(view)?;
        let value = self.column(&own, Kind::Int);
        let both: Vec<(String, Kind)> = outer.iter().chain(&own).cloned().collect();
        Some(Subquery { table, value, condition: self.predicate(&both, 1) })
    }

    /// What some index of the first table has rows of alone, or nearly that, if there is such an index.
    fn near_predicate(&self, view: &Contents, sources: &[Source]) -> Option<Expression> {
        let Source { table, alias, .. } = sources.first()?;
        let table = view.tables.get(table)?;
        let partial: Vec<&Expression> = table.rules.values().filter_map(Rule::predicate).collect();
        let mut near = (*partial.get(self.choose(&labels::COLUMN, partial.len()))?).clone();
        table.names().into_iter().for_each(|name| near.rename(name, &format!("{alias}.{name}")));
        if self.choose(&labels::SHAPE, 2) == 1 {
            near.weaken();
        }
        let columns: Vec<(String, Kind)> =
            table.typed().into_iter().map(|(name, kind)| (format!("{alias}.{name}"), kind)).collect();
        Some(match self.choose(&labels::SHAPE, 3) {
            0 => near,
            1 => Expression::And(near.into(), self.predicate(&columns, 0).into()),
            _ => Expression::Or(near.into(), self.predicate(&columns, 0).into()),
        })
    }

    fn query_filter(
        &self,
        view: &Contents,
        sources: &[Source],
        columns: &[(String, Kind)],
    ) -> Option<Filter> {
        let sort = self.choose(&labels::QUERY, 16);
        if sort == 9 {
            return Some(Filter::Plain(Expression::Value(Value::Bool(true))));
        }
        if sort > 13
            && let Some(near) = self.near_predicate(view, sources)
        {
            return Some(Filter::Plain(near));
        }
        if sort > 9 {
            return Some(Filter::Plain(self.ranges(columns)));
        }
        if sort < 4 {
            return Some(Filter::Plain(self.predicate(columns, 2)));
        }
        let outer = self.column(columns, Kind::Int);
        Some(match sort {
            4 | 5 => Filter::Exists(sort == 5, outer, self.subquery(view, columns)?),
            6 => Filter::In(false, outer, self.subquery(view, &[])?),
            7 => {
                // Most engines have a way of their own for each of both.
                let correlated = self.choose(&labels::VARIANT, 2) == 1;
                Filter::In(true, outer, self.subquery(view, if correlated { columns } else { &[] })?)
            }
            _ => Filter::AtMost(outer, self.subquery(view, columns)?, self.predicate(columns, 1)),
        })
    }

    /// An order of values.
    pub fn way(&self) -> Way {
        let way = self.choose(&labels::VARIANT, 4);
        Way { descending: way % 2 == 1, nulls_moved: way >= 2 }
    }

    /// What is made of rows by windows with frames, recursion, ties and subqueries to the side.
    fn later_shape(&self, view: &Contents, rows: &Rows) -> Option<Shape> {
        let number = || self.column(&rows.columns, Kind::Int);
        let limit = || self.choose(&labels::COUNT, 5);
        Some(match self.choose(&labels::QUERY, 20) {
            17..=19 if rows.sources.len() == 1 => Shape::Further(self.many(rows).into()),
            0..=4 => Shape::Framed((0..FRAMES).map(|_| self.framed(rows)).collect()),
            5..=10 => Shape::Further(self.further(rows).into()),
            11 | 12 => Shape::Ties { by: number(), way: self.way(), limit: limit() },
            13..=15 => {
                let (table, own) = self.inner(view)?;
                let Expression::Column(column) = self.column(&own, Kind::Int) else { return None };
                let steps = (self.choose(&labels::VARIANT, 2) == 1).then(|| limit() as i64);
                // Several rows may say the same: where every way is gone, they would be too many.
                let up = steps.is_none() && self.choose(&labels::VARIANT, 3) < 2;
                let kept = self.choose(&labels::VARIANT, 3) == 2;
                Shape::Recursive(Recursion { from: number(), table, column, steps, up, kept })
            }
            _ => {
                let left = self.choose(&labels::VARIANT, 2) == 1;
                let subquery = self.subquery(view, &rows.columns)?;
                Shape::Lateral { of: number(), subquery, limit: 1 + limit(), left }
            }
        })
    }

    /// An order of all columns: from some column on, or as an index has it, or the other way round.
    fn order_of(&self, view: &Contents, rows: &Rows) -> Vec<(usize, Way)> {
        let first = self.choose(&labels::COLUMN, rows.columns.len());
        let mut order: Vec<(usize, Way)> = (0..rows.columns.len()).map(|place| (place, self.way())).collect();
        order.rotate_left(first);
        let table = rows.sources.first().and_then(|source| view.tables.get(&source.table));
        let Some(table) = table.filter(|_| self.choose(&labels::VARIANT, 3) > 0) else { return order };
        let turned = self.choose(&labels::VARIANT, 2) == 1;
        let index = table.rules.values().find_map(|rule| match rule {
            Rule::Index(keys, None) => Some(keys),
            Rule::Index(..)
            | Rule::Check(_)
            | Rule::Unique(..)
            | Rule::UniqueIndex(..)
            | Rule::Reference { .. }
            | Rule::Spread(..) => None,
        });
        // Behind the key, columns stand as in the table.
        let of_index = index.into_iter().flatten().filter_map(|(name, way)| {
            let way = Way { descending: way.descending != turned, ..*way };
            table.place(name).map(|place| (place + 1, way))
        });
        let leading: Vec<(usize, Way)> = of_index.collect();
        order.retain(|(place, _)| leading.iter().all(|(other, _)| other != place));
        leading.into_iter().chain(order).collect()
    }

    /// So many rows that the first of them are looked for as they come.
    fn many(&self, rows: &Rows) -> Further {
        Further::Many {
            key: (self.column(&rows.columns, Kind::Int), self.way()),
            mix: 1 + self.choose(&labels::VALUE, 60) as i64,
            way: self.way(),
            limit: (self.choose(&labels::COUNT, 9), self.choose(&labels::COUNT, 6)),
        }
    }

    fn further(&self, rows: &Rows) -> Further {
        let number = || self.column(&rows.columns, Kind::Int);
        // A constant is no key of a group, and what one is gathered of has no type.
        let word = match self.column(&rows.columns, Kind::Text) {
            word @ Expression::Column(_) => Some(word),
            _ => None,
        };
        match self.choose(&labels::QUERY, 7) {
            0 | 1 => Further::Placed(Placed {
                of: number(),
                by: number(),
                key: number(),
                way: self.way(),
                parts: 1 + self.choose(&labels::COUNT, 4),
                away: self.choose(&labels::COUNT, 4),
            }),
            2 => Further::Gathered { by: number(), of: number(), way: self.way(), word },
            3 | 4 => {
                let other = word.unwrap_or_else(number);
                let sets = Sets::ALL[self.choose(&labels::SHAPE, Sets::ALL.len())];
                let having = self.choose(&labels::VARIANT, 3) == 2;
                let one = number();
                if one == other {
                    return Further::Series { of: one, joined: None };
                }
                Further::Sets { by: [one, other], sets, of: number(), having }
            }
            5 => {
                let joined = [None, Some(false), Some(true)][self.choose(&labels::VARIANT, 3)];
                Further::Series { of: number(), joined }
            }
            _ => {
                let left = self.choose(&labels::VARIANT, 2) == 1;
                Further::Beside { by: number(), condition: self.predicate(&rows.columns, 0), left }
            }
        }
    }

    fn framed(&self, rows: &Rows) -> Framed {
        let number = || self.column(&rows.columns, Kind::Int);
        let by = || [0, 1, 2, 3, 9, 30][self.choose(&labels::VALUE, 6)];
        let unit = [Unit::Rows, Unit::Range, Unit::Groups][self.choose(&labels::VARIANT, 3)];
        let starts =
            [Bound::UnboundedPreceding, Bound::Preceding(by()), Bound::CurrentRow, Bound::Following(by())];
        let ends =
            [Bound::Preceding(by()), Bound::CurrentRow, Bound::Following(by()), Bound::UnboundedFollowing];
        let start = self.choose(&labels::SHAPE, starts.len());
        // It ends with a bound of the same sort at least.
        let first = start.saturating_sub(1);
        let end = first + self.choose(&labels::SHAPE, ends.len() - first);
        let exclusions = [
            Exclusion::NoOthers,
            Exclusion::CurrentRow,
            Exclusion::Group,
            Exclusion::Ties,
            Exclusion::NoOthers,
        ];
        // A partition of all rows has the long frames, which are run through in a way of their own.
        let whole = self.choose(&labels::VARIANT, 3) == 2;
        Framed {
            of: number(),
            by: if whole { Expression::Value(Value::Int(1)) } else { number() },
            key: number(),
            way: self.way(),
            unit,
            start: starts[start],
            end: ends[end],
            exclusion: exclusions[self.choose(&labels::VARIANT, exclusions.len())],
            filter: (self.choose(&labels::VARIANT, 3) == 2).then(|| self.predicate(&rows.columns, 0)),
            exact: self.choose(&labels::VARIANT, 2) == 1,
        }
    }

    /// The arms of a `CASE`, one of which divides by what it has looked at now and then.
    fn arms(&self, rows: &Rows) -> Vec<(Expression, Expression)> {
        let number = || self.column(&rows.columns, Kind::Int);
        let arm = |_| match self.choose(&labels::VARIANT, 4) {
            3 => {
                let by: Box<Expression> = number().into();
                let zero = Expression::Value(Value::Int(0)).into();
                (Expression::Compare(Comparison::Unequal, by.clone(), zero), Expression::Quotient(12, by))
            }
            _ => (self.predicate(&rows.columns, 1), number()),
        };
        (0..=self.choose(&labels::COUNT, 3)).map(arm).collect()
    }

    /// A whole query, which stands in another's `FROM` now and then.
    pub fn whole_query(&self, view: &Contents) -> Option<Query> {
        let Query { rows, shape } = self.shaped_query(view)?;
        if self.choose(&labels::QUERY, 4) < 3 {
            return Some(Query { rows, shape });
        }
        let numbers = shape.numbers(rows.columns.len()).into_iter();
        let numbers: Vec<(String, Kind)> = numbers.map(|place| (column_within(place), Kind::Int)).collect();
        let (column, value) = (self.column(&numbers, Kind::Int), Expression::Value(self.value(Kind::Int)));
        let condition = match self.choose(&labels::SHAPE, 6) {
            // The one row of a rank, or rows up to it.
            0 | 1 => Expression::Compare(Comparison::Equal, column.into(), value.into()),
            2 | 3 => {
                let how = Comparison::ALL[self.choose(&labels::SHAPE, Comparison::ALL.len())];
                Expression::Compare(how, column.into(), value.into())
            }
            4 => Expression::IsNull(column.into()),
            _ => self.predicate(&numbers, 1),
        };
        Some(Query { rows, shape: Shape::Within { inner: shape.into(), condition } })
    }

    /// Rows in the order of an index, or the other way round, and of some ranges of it.
    fn by_ranges(&self, view: &Contents, mut rows: Rows) -> Query {
        let order = self.order_of(view, &rows);
        if let Some((name, kind)) = order.first().and_then(|(place, _)| rows.columns.get(*place)) {
            let column = Expression::column(name);
            let range = || self.ranges_of(&rows.columns, &column, *kind);
            rows.filter = Filter::Plain(Expression::Or(range().into(), range().into()));
        }
        Query { rows, shape: Shape::Ordered { order, limit: None } }
    }

    fn shaped_query(&self, view: &Contents) -> Option<Query> {
        let rows = self.rows(view)?;
        if self.choose(&labels::QUERY, 16) == 15 {
            return Some(self.by_ranges(view, rows));
        }
        if rows.sources.len() == 1 && self.choose(&labels::QUERY, 16) == 15 {
            let many = self.many(&rows).into();
            return Some(Query { rows, shape: Shape::Further(many) });
        }
        let number = || self.column(&rows.columns, Kind::Int);
        let text = || self.column(&rows.columns, Kind::Text);
        let filter = || (self.choose(&labels::VARIANT, 2) == 1).then(|| self.predicate(&rows.columns, 1));
        let shape = match self.choose(&labels::QUERY, 32) {
            0 => Shape::Plain,
            1 => {
                let having = self.choose(&labels::VARIANT, 3) == 2;
                Shape::Group { by: number(), of: number(), word: text(), having, filter: filter() }
            }
            2 => Shape::Distinct(number(), text()),
            3 => Shape::Window { of: number(), by: number(), word: text() },
            4 | 26 | 27 => {
                let operations = [SetOperation::Union, SetOperation::Intersect, SetOperation::Except];
                let operation = operations[self.choose(&labels::QUERY, operations.len())];
                let all = self.choose(&labels::VARIANT, 2) == 1;
                let other = self.rows(view)?;
                let columns = 1 + self.choose(&labels::COUNT, 2);
                let left = (0..columns).map(|_| number()).collect();
                let right = (0..columns).map(|_| self.column(&other.columns, Kind::Int)).collect();
                Shape::Operation { operation, all, left, other: other.into(), right }
            }
            5 | 6 | 24 | 25 | 28 | 29 => {
                let limit = match self.choose(&labels::VARIANT, 3) {
                    2 => Some((self.choose(&labels::COUNT, 9), self.choose(&labels::COUNT, 6))),
                    _ => None,
                };
                Shape::Ordered { order: self.order_of(view, &rows), limit }
            }
            7 => Shape::Whole { of: number(), other: number(), filter: filter() },
            8 => Shape::Twice { of: number(), other: number() },
            9 => match text() {
                // A constant is no key of a group.
                word @ Expression::Column(_) => Shape::Rollup { by: number(), word, of: number() },
                _ => Shape::Plain,
            },
            10 => Shape::DistinctOn(number(), self.way()),
            12..=23 => self.later_shape(view, &rows)?,
            30 | 31 => {
                let asked = self.choose(&labels::VARIANT, 3);
                Shape::Extremes { of: number(), least: asked != 1, greatest: asked != 2 }
            }
            _ => Shape::Listed {
                arms: self.arms(&rows),
                otherwise: number(),
                of: number(),
                subquery: self.subquery(view, &rows.columns)?,
            },
        };
        Some(Query { rows, shape })
    }
}
