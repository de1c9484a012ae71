//! What nulls do: conditions that refuse them, columns that never have them.

use super::Rewriter;
use crate::expression::{Column, Expression, ExpressionKind, RelationId};
use crate::facts::AggregateKind;
use crate::logical::{Grouping, Join, JoinKind, Logical, ScanSource};
use crate::walk::made_relations;
use std::collections::BTreeSet;

impl Rewriter<'_> {
    /// Whether a condition is never true for a row in which all columns of these relations are null.
    pub(super) fn rejects_nulls(&self, condition: &Expression, relations: &BTreeSet<RelationId>) -> bool {
        match &condition.kind {
            ExpressionKind::And(terms) => terms.iter().any(|term| self.rejects_nulls(term, relations)),
            ExpressionKind::Or(terms) => terms.iter().all(|term| self.rejects_nulls(term, relations)),
            ExpressionKind::IsNull { operand, negated: true } => self.null_of_nulls(operand, relations),
            ExpressionKind::IsBoolean { operand, wanted: Some(_), negated: false } => {
                self.null_of_nulls(operand, relations)
            }
            _ => self.null_of_nulls(condition, relations),
        }
    }

    /// Whether an expression is null if all columns of these relations are.
    fn null_of_nulls(&self, expression: &Expression, relations: &BTreeSet<RelationId>) -> bool {
        match &expression.kind {
            ExpressionKind::Column(column) => relations.contains(&column.relation),
            ExpressionKind::Call(call) => {
                self.facts.function(call.function).strict
                    && call.arguments.iter().any(|argument| self.null_of_nulls(argument, relations))
            }
            ExpressionKind::Not(operand)
            | ExpressionKind::Relabel(operand)
            | ExpressionKind::Collate { operand, .. }
            | ExpressionKind::ThroughText(operand)
            | ExpressionKind::ArrayCast { operand, .. } => self.null_of_nulls(operand, relations),
            ExpressionKind::InList { operand, .. } => self.null_of_nulls(operand, relations),
            ExpressionKind::Quantified { function, operands, .. } => {
                // An empty array answers without looking at the operand: only the array's own null counts.
                self.facts.function(*function).strict && self.null_of_nulls(&operands.1, relations)
            }
            ExpressionKind::And(terms) | ExpressionKind::Or(terms) => {
                terms.iter().all(|term| self.null_of_nulls(term, relations))
            }
            _ => false,
        }
    }

    /// Whether an expression over the rows of an operator is never null.
    pub(super) fn never_null(&self, expression: &Expression, input: &Logical) -> bool {
        match &expression.kind {
            ExpressionKind::Constant(value) => !value.is_null(),
            ExpressionKind::Column(column) => self.column_never_null(*column, input),
            ExpressionKind::Relabel(operand) | ExpressionKind::Collate { operand, .. } => {
                self.never_null(operand, input)
            }
            ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. } => true,
            ExpressionKind::Coalesce(terms) => terms.iter().any(|term| self.never_null(term, input)),
            _ => false,
        }
    }

    /// Whether a column of an operator is never null.
    pub(super) fn column_never_null(&self, column: Column, input: &Logical) -> bool {
        match input {
            Logical::Scan(scan) => {
                scan.relation == column.relation
                    && scan.columns.get(column.index as usize).is_some_and(|read| match &read.source {
                        // What a table refuses, those that inherit from it refuse, too.
                        ScanSource::Column { number, .. } => {
                            self.facts.table(scan.table).not_null.contains(number)
                        }
                        ScanSource::RowId
                        | ScanSource::Writer
                        | ScanSource::TableOid
                        | ScanSource::WholeRow(_) => true,
                    })
            }
            Logical::Values { relation, rows, .. } => {
                *relation == column.relation
                    && rows.iter().all(|row| {
                        row.get(column.index as usize).is_some_and(|value| self.never_null(value, input))
                    })
            }
            Logical::Filter { input, conditions } => {
                let only = BTreeSet::from([column.relation]);
                self.column_never_null(column, input)
                    || conditions.iter().any(|condition| {
                        let mut others = false;
                        condition.for_each_column(&mut |named| {
                            others = others || named.relation == column.relation && named != column;
                        });
                        !others && self.rejects_nulls(condition, &only)
                    })
            }
            Logical::Project { relation, input, expressions } if *relation == column.relation => expressions
                .get(column.index as usize)
                .is_some_and(|expression| self.never_null(expression, input)),
            Logical::Join(join) => self.joined_never_null(column, join),
            Logical::Aggregate(grouping) if grouping.relation == column.relation => {
                self.grouped_never_null(column, grouping)
            }
            Logical::Sort { input, .. }
            | Logical::Limit { input, .. }
            | Logical::Distinct { input, .. }
            | Logical::LockRows { input, .. }
            | Logical::ProjectSet { input, .. } => self.column_never_null(column, input),
            Logical::Window(window) => self.column_never_null(column, &window.input),
            Logical::Project { .. }
            | Logical::Aggregate(_)
            | Logical::Empty { .. }
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::Set(_)
            | Logical::Recursive(_)
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_) => false,
        }
    }

    fn joined_never_null(&self, column: Column, join: &Join) -> bool {
        let from_left = made_relations(&join.left).contains(&column.relation);
        match join.kind {
            JoinKind::Inner if !from_left => self.column_never_null(column, &join.right),
            JoinKind::Inner
            | JoinKind::Left
            | JoinKind::Single
            | JoinKind::Semi
            | JoinKind::Anti
            | JoinKind::AntiNull
            | JoinKind::Mark(_) => from_left && self.column_never_null(column, &join.left),
            JoinKind::Full => false,
        }
    }

    fn grouped_never_null(&self, column: Column, grouping: &Grouping) -> bool {
        let place = column.index as usize;
        let whole = grouping.sets.len() == 1;
        match grouping.keys.get(place) {
            Some(key) => {
                whole
                    && grouping.sets[0].contains(&column.index)
                    && self.never_null(&key.expression, &grouping.input)
            }
            None => grouping.aggregates.get(place - grouping.keys.len()).is_none_or(|aggregate| {
                match self.facts.function(aggregate.function).aggregate {
                    AggregateKind::CountRows | AggregateKind::CountValues => true,
                    AggregateKind::Other | AggregateKind::Least | AggregateKind::Greatest => false,
                }
            }),
        }
    }
}
