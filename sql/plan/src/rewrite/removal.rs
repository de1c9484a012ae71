//! An outer join of which nobody names a column, and that gives no row of its left side a second partner, is left out, as in
//! PostgreSQL (`join_is_removable`): views and generated queries join more than is asked for.
//!
//! One row at most goes with another where the join compares, one by one, all columns by which the rows of the right side are
//! told apart: those of a unique index, of a grouping, of `DISTINCT`, of a set operation without `ALL`.

use super::Rewriter;
use crate::expression::{Column, Expression, ExpressionKind, RelationId};
use crate::logical::{Grouping, Join, JoinKind, Logical, Query, Scan, ScanSource};
use crate::walk::made_relations;
use std::collections::{BTreeMap, BTreeSet};

/// How often columns of a relation are named.
type Named = BTreeMap<RelationId, usize>;

impl Rewriter<'_> {
    /// Leaves out joins until none more goes: what one of them names, another one may have been kept for. Whether any went.
    pub(super) fn remove_joins(&self, query: &mut Query) -> bool {
        let mut any = false;
        loop {
            let named = named_in_query(query);
            let mut removed = false;
            super::for_each_query(query, &mut |logical| {
                removed = removed || self.remove_one(logical, &named);
            });
            if !removed {
                return any;
            }
            any = true;
        }
    }

    /// Leaves out the first join that can be, here or below, or within an expression.
    fn remove_one(&self, logical: &mut Logical, named: &Named) -> bool {
        if let Logical::Join(join) = logical
            && self.is_removable(join, named)
        {
            super::replace(logical, |logical| match logical {
                Logical::Join(join) => *join.left,
                other => other,
            });
            return true;
        }
        let mut removed = false;
        logical.for_each_input_mut(&mut |input| removed = removed || self.remove_one(input, named));
        logical.for_each_expression_mut(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    removed = removed || self.remove_one(&mut subquery.query, named);
                }
            });
        });
        removed
    }

    fn is_removable(&self, join: &Join, named: &Named) -> bool {
        let own = match join.kind {
            JoinKind::Left | JoinKind::Single => None,
            JoinKind::Mark(relation) => Some(relation),
            JoinKind::Inner | JoinKind::Full | JoinKind::Semi | JoinKind::Anti | JoinKind::AntiNull => {
                return false;
            }
        };
        let mut within = Named::new();
        add_named(&join.right, &mut within);
        join.conditions.iter().for_each(|condition| add_named_by(condition, &mut within));
        let is_named = |relation: &RelationId| named.get(relation) != within.get(relation);
        let made = made_relations(&join.right);
        if made.iter().chain(&own).any(is_named) {
            return false;
        }
        // PostgreSQL leaves out what the user joins whatever it calls; what stands for a subquery in a condition stays then.
        let volatile = join.kind != JoinKind::Left
            && (self.has_volatile(&join.right) || join.conditions.iter().any(|it| self.is_volatile(it)));
        // A mark is one for each row, whatever is on the right.
        !volatile && (own.is_some() || self.is_single(&join.right, self.compared(&join.conditions, &made)))
    }

    /// The columns of relations `made` that conditions say to equal something from elsewhere.
    fn compared(&self, conditions: &[Expression], made: &BTreeSet<RelationId>) -> BTreeSet<Column> {
        let mut columns = BTreeSet::new();
        for condition in conditions {
            let Some((left, right)) = self.equality(condition) else { continue };
            if self.is_volatile(condition) {
                continue;
            }
            for (one, other) in [(left, right), (right, left)] {
                let mut elsewhere = true;
                other
                    .for_each_column(&mut |column| elsewhere = elsewhere && !made.contains(&column.relation));
                columns.extend(one.as_column().filter(|column| elsewhere && made.contains(&column.relation)));
            }
        }
        columns
    }

    /// Whether at most one row of an operator has given values in the columns `told`.
    fn is_single(&self, logical: &Logical, mut told: BTreeSet<Column>) -> bool {
        match logical {
            Logical::Filter { input, conditions } => {
                told.extend(self.compared(conditions, &made_relations(input)));
                self.is_single(input, told)
            }
            Logical::Project { relation, input, expressions } => {
                let below = told.iter().filter(|column| column.relation == *relation);
                let below = below.filter_map(|column| expressions.get(column.index as usize)?.as_column());
                self.is_single(input, below.collect())
            }
            Logical::Sort { input, .. } | Logical::Limit { input, .. } => self.is_single(input, told),
            Logical::Distinct { input, keys, .. } => {
                let told_apart = |column| told.contains(&column);
                keys.iter().all(|key| key.expression.as_column().is_some_and(told_apart))
                    || self.is_single(input, told)
            }
            Logical::Aggregate(grouping) => groups_singly(grouping, &told),
            Logical::Set(operation) => {
                let columns = 0..operation.types.len() as u32;
                let relation = operation.relation;
                !operation.all && columns.into_iter().all(|index| told.contains(&Column { relation, index }))
            }
            Logical::Scan(scan) => self.is_single_scan(scan, &told),
            Logical::Values { rows, .. } => rows.len() <= 1,
            Logical::Empty { .. } => true,
            Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::ProjectSet { .. }
            | Logical::Join(_)
            | Logical::Window(_)
            | Logical::Recursive(_)
            | Logical::LockRows { .. }
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_) => false,
        }
    }

    /// Whether a unique index that is kept at every moment has no other columns, and all rows.
    fn is_single_scan(&self, scan: &Scan, told: &BTreeSet<Column>) -> bool {
        let mut numbers = BTreeSet::new();
        for (index, column) in (0u32..).zip(&scan.columns) {
            if let ScanSource::Column { number, .. } = &column.source
                && told.contains(&Column { relation: scan.relation, index })
            {
                numbers.insert(*number);
            }
        }
        let table = self.facts.table(scan.table);
        scan.members.is_empty()
            && table.indexes.iter().any(|known| {
                let index = &known.index;
                let is_told = |key: &crate::expression::SortKey| {
                    let place = key.expression.as_column().map(|column| column.index as usize);
                    place.and_then(|place| known.columns.get(place)).is_some_and(|it| numbers.contains(it))
                };
                index.unique
                    && !index.deferrable
                    && index.predicate.is_none()
                    && index.keys.iter().all(is_told)
            })
    }
}

/// Whether at most one group has given values in the columns `told`.
fn groups_singly(grouping: &Grouping, told: &BTreeSet<Column>) -> bool {
    let [set] = grouping.sets.as_slice() else { return false };
    set.iter().all(|index| told.contains(&Column { relation: grouping.relation, index: *index }))
}

fn named_in_query(query: &Query) -> Named {
    let mut named = Named::new();
    let mut add = |column: &Column| *named.entry(column.relation).or_default() += 1;
    query.output.iter().for_each(|output| add(&output.column));
    query.common_tables.iter().flat_map(|table| &table.columns).for_each(&mut add);
    query.common_tables.iter().for_each(|table| add_named(&table.query, &mut named));
    add_named(&query.root, &mut named);
    named
}

fn add_named(logical: &Logical, named: &mut Named) {
    logical.for_each_column(&mut |column| *named.entry(column.relation).or_default() += 1);
    logical.walk(&mut |part| {
        part.for_each_expression(&mut |expression| add_subquery_columns(expression, named));
    });
}

fn add_named_by(expression: &Expression, named: &mut Named) {
    expression.for_each_column(&mut |column| *named.entry(column.relation).or_default() += 1);
    add_subquery_columns(expression, named);
}

/// The columns of queries within an expression, which the expression names.
fn add_subquery_columns(expression: &Expression, named: &mut Named) {
    expression.walk(&mut |part| {
        if let ExpressionKind::Subquery(subquery) = &part.kind {
            subquery.columns.iter().for_each(|column| *named.entry(column.relation).or_default() += 1);
        }
    });
}
