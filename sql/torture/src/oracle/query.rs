//! Queries that are drawn.

use crate::client::Client;
use crate::expression::Expression;
use crate::labels;
use crate::model::contents::Contents;
use crate::query::frame::{Bound, Exclusion, Framed, Unit};
use crate::query::{Filter, Join, JoinKind, Query, Rows, SetOperation, Shape, Source, Subquery, Way};
use crate::value::Kind;

/// Tables of a query at most.
const SOURCES: usize = 3;

impl Client<'_> {
    /// Rows of one table or of several; none if there is no table.
    pub fn rows(&self, view: &Contents) -> Option<Rows> {
        let mut sources = Vec::new();
        let mut columns: Vec<(String, Kind)> = Vec::new();
        for number in 0..=self.choose(&labels::COUNT, SOURCES) {
            let (name, table) = self.table(view)?;
            let alias = *["a", "b", "c"].get(number)?;
            let own: Vec<(String, Kind)> =
                table.typed().into_iter().map(|(name, kind)| (format!("{alias}.{name}"), kind)).collect();
            let join = (number > 0).then(|| self.join(&columns, &own));
            sources.push(Source { table: name.to_owned(), alias, join });
            columns.extend(own);
        }
        let filter = self.query_filter(view, &columns)?;
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
        let more = match self.choose(&labels::VARIANT, 4) {
            3 if kind != JoinKind::Full => Some(self.predicate(&both, 1)),
            _ => None,
        };
        Join { kind, left, right, more }
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

    fn query_filter(&self, view: &Contents, columns: &[(String, Kind)]) -> Option<Filter> {
        let sort = self.choose(&labels::QUERY, 9);
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

    fn way(&self) -> Way {
        let way = self.choose(&labels::VARIANT, 4);
        Way { descending: way % 2 == 1, nulls_moved: way >= 2 }
    }

    /// What is made of rows by windows with frames, recursion, ties and subqueries to the side.
    fn later_shape(&self, view: &Contents, rows: &Rows) -> Option<Shape> {
        let number = || self.column(&rows.columns, Kind::Int);
        let limit = || self.choose(&labels::COUNT, 5);
        Some(match self.choose(&labels::QUERY, 6) {
            0 | 1 => Shape::Framed(self.framed(rows).into()),
            2 => Shape::Ties { by: number(), way: self.way(), limit: limit() },
            3 => {
                let (table, own) = self.inner(view)?;
                let Expression::Column(column) = self.column(&own, Kind::Int) else { return None };
                let steps = (self.choose(&labels::VARIANT, 2) == 1).then(|| limit() as i64);
                Shape::Recursive { from: number(), table, column, steps }
            }
            _ => {
                let left = self.choose(&labels::VARIANT, 2) == 1;
                let subquery = self.subquery(view, &rows.columns)?;
                Shape::Lateral { of: number(), subquery, limit: 1 + limit(), left }
            }
        })
    }

    fn framed(&self, rows: &Rows) -> Framed {
        let number = || self.column(&rows.columns, Kind::Int);
        let by = || self.choose(&labels::VALUE, 4) as i64;
        let unit = [Unit::Rows, Unit::Range, Unit::Groups][self.choose(&labels::VARIANT, 3)];
        let starts =
            [Bound::UnboundedPreceding, Bound::Preceding(by()), Bound::CurrentRow, Bound::Following(by())];
        let ends =
            [Bound::Preceding(by()), Bound::CurrentRow, Bound::Following(by()), Bound::UnboundedFollowing];
        let start = self.choose(&labels::SHAPE, starts.len());
        // It ends with a bound of the same sort at least.
        let first = start.saturating_sub(1);
        let end = first + self.choose(&labels::SHAPE, ends.len() - first);
        let exclusions = [Exclusion::NoOthers, Exclusion::CurrentRow, Exclusion::Group, Exclusion::Ties];
        Framed {
            of: number(),
            by: number(),
            key: number(),
            way: self.way(),
            unit,
            start: starts[start],
            end: ends[end],
            exclusion: exclusions[self.choose(&labels::VARIANT, exclusions.len())],
            filter: (self.choose(&labels::VARIANT, 3) == 2).then(|| self.predicate(&rows.columns, 0)),
        }
    }

    /// A whole query.
    pub fn whole_query(&self, view: &Contents) -> Option<Query> {
        let rows = self.rows(view)?;
        let number = || self.column(&rows.columns, Kind::Int);
        let text = || self.column(&rows.columns, Kind::Text);
        let filter = || (self.choose(&labels::VARIANT, 2) == 1).then(|| self.predicate(&rows.columns, 1));
        let shape = match self.choose(&labels::QUERY, 18) {
            0 => Shape::Plain,
            1 => {
                let having = self.choose(&labels::VARIANT, 3) == 2;
                Shape::Group { by: number(), of: number(), word: text(), having, filter: filter() }
            }
            2 => Shape::Distinct(number(), text()),
            3 => Shape::Window { of: number(), by: number(), word: text() },
            4 => {
                let operations = [SetOperation::Union, SetOperation::Intersect, SetOperation::Except];
                let operation = operations[self.choose(&labels::QUERY, operations.len())];
                let all = self.choose(&labels::VARIANT, 2) == 1;
                let other = self.rows(view)?;
                let right = self.column(&other.columns, Kind::Int);
                Shape::Operation { operation, all, left: number(), other: other.into(), right }
            }
            5 | 6 => {
                let limit = match self.choose(&labels::VARIANT, 3) {
                    2 => Some((self.choose(&labels::COUNT, 6), self.choose(&labels::COUNT, 3))),
                    _ => None,
                };
                Shape::Ordered { ways: rows.columns.iter().map(|_| self.way()).collect(), limit }
            }
            7 => Shape::Whole { of: number(), other: number(), filter: filter() },
            8 => Shape::Twice { of: number(), other: number() },
            9 => match text() {
                // A constant is no key of a group.
                word @ Expression::Column(_) => Shape::Rollup { by: number(), word, of: number() },
                _ => Shape::Plain,
            },
            10 => Shape::DistinctOn(number(), self.way()),
            12..=17 => self.later_shape(view, &rows)?,
            _ => Shape::Listed {
                when: self.predicate(&rows.columns, 1),
                then: number(),
                otherwise: number(),
                of: number(),
                subquery: self.subquery(view, &rows.columns)?,
            },
        };
        Some(Query { rows, shape })
    }
}
