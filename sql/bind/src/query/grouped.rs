//! Expressions above an aggregation: what is grouped by and aggregates become its columns; a column that is neither is an
//! error, unless a primary key that is grouped by decides it.

use super::group::Groups;
use super::select::Target;
use crate::alike::alike;
use crate::binder::Binder;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::with::CommonDraft;
use catalog::object::{Oid, Rule};
use diagnostic::SqlState;
use plan::expression::{Column, Expression, ExpressionKind, RelationId, SortKey};
use plan::logical::{CommonTableId, Logical};

/// PostgreSQL's words for those that are not.
const DIRECT_ARGUMENTS: &str = "Direct arguments of an ordered-set aggregate must use only grouped columns.";

/// An aggregation as expressions above it see it.
pub(super) struct Regrouping {
    pub relation: RelationId,
    /// The query's place among the levels.
    level: usize,
    pub keys: Vec<SortKey>,
    pub sets: Vec<Vec<u32>>,
    /// How many keys are written; the others are decided by a primary key.
    written: usize,
    /// What stands for aggregates and calls of `GROUPING` before it is known how many keys there are.
    aggregates: RelationId,
    groupings: RelationId,
    aggregate_count: usize,
    /// How many tables of `WITH` are around the query: nothing in those is above its aggregation.
    drafts_around: usize,
}

impl Regrouping {
    /// Whether all rows are one group, which is there whatever rows there are.
    pub fn is_one_group(&self) -> bool {
        self.keys.is_empty() && self.sets.len() <= 1
    }
}

impl Binder<'_> {
    pub(super) fn regrouping(&mut self, groups: &Groups) -> Regrouping {
        let relation = self.relation();
        let level = self.levels.len().saturating_sub(1);
        let own = self.level();
        let sets = if groups.sets.is_empty() { vec![Vec::new()] } else { groups.sets.clone() };
        Regrouping {
            relation,
            level,
            keys: groups.keys.iter().map(|(_, key)| key.clone()).collect(),
            sets,
            written: groups.keys.len(),
            aggregates: own.aggregate_relation,
            groupings: own.grouping_relation,
            aggregate_count: own.aggregates.len(),
            drafts_around: own.drafts_around,
        }
    }

    /// Rewrites an expression as one over the aggregation.
    pub(super) fn regroup(
        &mut self,
        expression: &mut Expression,
        grouping: &mut Regrouping,
        within: bool,
    ) -> BindResult<()> {
        let matched = grouping.keys[..grouping.written].iter().position(|key| {
            alike(&key.expression, expression) && (!within || key.expression.as_column().is_some())
        });
        if let Some(place) = matched {
            *expression = grouping.column(place as u32, expression.result);
            return Ok(());
        }
        if let ExpressionKind::Column(column) = expression.kind {
            return self.regroup_column(column, expression, grouping, within);
        }
        let mut result = Ok(());
        expression.for_each_part_mut(&mut |part| {
            if result.is_ok() {
                result = self.regroup(part, grouping, within);
            }
        });
        result?;
        if let ExpressionKind::Subquery(subquery) = &mut expression.kind {
            self.regroup_query(&mut subquery.query, grouping)?;
        }
        Ok(())
    }

    fn regroup_query(&mut self, query: &mut Logical, grouping: &mut Regrouping) -> BindResult<()> {
        let mut result = match query {
            Logical::CommonTable { table, .. } => self.regroup_common(*table, grouping),
            _ => Ok(()),
        };
        query.for_each_expression_mut(&mut |expression| {
            if result.is_ok() {
                result = self.regroup(expression, grouping, true);
            }
        });
        query.for_each_input_mut(&mut |input| {
            if result.is_ok() {
                result = self.regroup_query(input, grouping);
            }
        });
        result
    }

    /// The same of a table of `WITH` that a subquery reads.
    fn regroup_common(&mut self, table: CommonTableId, grouping: &mut Regrouping) -> BindResult<()> {
        let Some(mut query) = grouping.take_draft(&mut self.common_drafts, table) else { return Ok(()) };
        let result = self.regroup_query(&mut query, grouping);
        put_draft(&mut self.common_drafts, table, query);
        result
    }

    /// What is grouped by is the column of a table that it was.
    pub(super) fn note_origins_of_keys(&mut self, grouping: &Regrouping) {
        for (index, key) in (0..).zip(&grouping.keys) {
            if let Some(origin) = self.origin(&key.expression) {
                self.origins.insert(Column { relation: grouping.relation, index }, origin);
            }
        }
    }

    /// Gives aggregates and calls of `GROUPING` their places, now that it is known how many keys there are.
    pub(super) fn number_all<'e>(
        &mut self,
        expressions: impl Iterator<Item = &'e mut Expression>,
        grouping: &Regrouping,
    ) {
        expressions.for_each(|expression| grouping.number(expression, &mut self.common_drafts));
    }

    fn regroup_column(
        &mut self,
        column: Column,
        expression: &mut Expression,
        grouping: &mut Regrouping,
        within: bool,
    ) -> BindResult<()> {
        let foreign = self.owner(column.relation) != grouping.level
            || column.relation == grouping.relation
            || column.relation == grouping.aggregates
            || column.relation == grouping.groupings;
        let level = self.level();
        if foreign || level.is_window(column.relation) || level.is_set(column.relation) {
            return Ok(());
        }
        let added = grouping.keys[grouping.written..].iter().position(|key| key.expression == *expression);
        if let Some(place) = added {
            *expression = grouping.column((grouping.written + place) as u32, expression.result);
            return Ok(());
        }
        if let Some(constraint) = self.decided_by(column, grouping)
            && let Some(order) = self.types().equality(expression.result)
        {
            if let Some(shapes) = &mut self.shapes {
                shapes.constraints.insert(constraint);
            }
            let key =
                SortKey { expression: expression.clone(), order, descending: false, nulls_first: false };
            grouping.keys.push(key);
            let place = grouping.keys.len() as u32 - 1;
            grouping.sets.iter_mut().for_each(|set| set.push(place));
            *expression = grouping.column(place, expression.result);
            return Ok(());
        }
        Err(self.ungrouped(column, within))
    }

    /// Direct arguments of aggregates may use nothing but what is grouped by.
    pub(super) fn check_direct_arguments(&mut self, grouping: &mut Regrouping) -> BindResult<()> {
        for (mut argument, uses) in std::mem::take(&mut self.level().direct_arguments) {
            let others = std::mem::replace(&mut self.level().uses, uses);
            let result = self.regroup(&mut argument, grouping, false);
            self.level().uses = others;
            let mut beside = false;
            argument.for_each_column(&mut |column| {
                let is_key =
                    column.relation == grouping.relation && (column.index as usize) < grouping.keys.len();
                beside |= is_key && !grouping.sets.iter().all(|set| set.contains(&column.index));
            });
            if beside && result.is_ok() {
                let feature = "direct argument of an aggregate that is not in every grouping set";
                return Err(BindError::new(BindErrorKind::Unsupported { feature: feature.to_owned() }));
            }
            result.map_err(|error| {
                if !matches!(*error.kind, BindErrorKind::Ungrouped { .. }) {
                    return error;
                }
                let kind = BindErrorKind::PlainWith {
                    state: SqlState::GroupingError,
                    message: error.to_string(),
                    detail: Some(DIRECT_ARGUMENTS.to_owned()),
                    hint: None,
                };
                BindError { kind: Box::new(kind), ..error }
            })?;
        }
        Ok(())
    }

    /// The primary key of the column's table, if all its columns are in every set.
    fn decided_by(&self, column: Column, grouping: &Regrouping) -> Option<Oid> {
        let table = self.described.get(&column.relation).and_then(|entry| entry.table.as_ref())?;
        let key = self
            .scope()
            .constraints_of(table.oid)
            .find(|constraint| matches!(constraint.rule, Rule::PrimaryKey(_)) && !constraint.deferrable)?;
        let decided = key.columns.iter().all(|number| {
            let place = table.live_columns().position(|(place, _)| place == usize::from(*number));
            let Some(index) = place else { return false };
            let wanted = Column { relation: column.relation, index: index as u32 };
            let at = grouping.keys[..grouping.written]
                .iter()
                .position(|key| key.expression.as_column() == Some(wanted));
            at.is_some_and(|at| grouping.sets.iter().all(|set| set.contains(&(at as u32))))
        });
        decided.then_some(key.oid)
    }

    fn ungrouped(&mut self, column: Column, within: bool) -> BindError {
        let name = match self.described.get(&column.relation) {
            Some(entry) => {
                let name = entry.columns.get(column.index as usize).map_or("*", |name| &**name);
                format!("{}.{name}", entry.alias)
            }
            None => "?".to_owned(),
        };
        let uses = self.level().uses.iter().filter(|used| used.column == column);
        let position = uses.min_by_key(|used| !used.is_above).map(|used| used.position);
        let kind = if within {
            BindErrorKind::UngroupedOuter { column: name }
        } else {
            BindErrorKind::Ungrouped { column: name }
        };
        match position {
            Some(position) => BindError::at(kind, position),
            None => BindError::new(kind),
        }
    }

    /// The places among the keys of the arguments of each call of `GROUPING`.
    pub(super) fn grouping_places(&mut self, grouping: &Regrouping) -> BindResult<Vec<Vec<u32>>> {
        let calls = self.level().groupings.clone();
        let mut found = Vec::with_capacity(calls.len());
        for arguments in calls {
            let mut places = Vec::with_capacity(arguments.len());
            for argument in arguments {
                let keys = &grouping.keys[..grouping.written];
                match keys.iter().position(|key| alike(&key.expression, &argument.expression)) {
                    Some(place) => places.push(place as u32),
                    None => {
                        return Err(BindError::at(BindErrorKind::GroupingArgument, argument.position));
                    }
                }
            }
            found.push(places);
        }
        Ok(found)
    }
}

impl Regrouping {
    /// Makes of each target that is grouped by its own key, even if another one looks the same.
    pub(super) fn put_keys(&self, groups: &Groups, targets: &mut [Target]) {
        for (key, (place, _)) in (0..).zip(&groups.keys) {
            if let Some(target) = targets.get_mut(*place) {
                target.expression = self.column(key, target.expression.result);
            }
        }
    }

    fn column(&self, index: u32, result: types::Type) -> Expression {
        Expression::column(Column { relation: self.relation, index }, result)
    }

    /// Takes out a table of `WITH` that is written within the query.
    fn take_draft(&self, drafts: &mut [CommonDraft], table: CommonTableId) -> Option<Logical> {
        let place = table.0 as usize;
        let draft = drafts.get_mut(place).filter(|_| place >= self.drafts_around)?;
        Some(std::mem::replace(&mut draft.query, Logical::nothing(self.relation)))
    }

    fn number(&self, expression: &mut Expression, drafts: &mut [CommonDraft]) {
        match &mut expression.kind {
            ExpressionKind::Column(column) => self.number_column(column),
            ExpressionKind::Subquery(subquery) => self.number_query(&mut subquery.query, drafts),
            _ => {}
        }
        expression.for_each_part_mut(&mut |part| self.number(part, drafts));
    }

    fn number_query(&self, query: &mut Logical, drafts: &mut [CommonDraft]) {
        query.for_each_expression_mut(&mut |expression| self.number(expression, drafts));
        query.for_each_input_mut(&mut |input| self.number_query(input, drafts));
        if let Logical::CommonTable { table, .. } = query
            && let Some(mut within) = self.take_draft(drafts, *table)
        {
            self.number_query(&mut within, drafts);
            put_draft(drafts, *table, within);
        }
    }

    fn number_column(&self, column: &mut Column) {
        let before = if column.relation == self.aggregates {
            self.keys.len()
        } else if column.relation == self.groupings {
            self.keys.len() + self.aggregate_count
        } else {
            return;
        };
        *column = Column { relation: self.relation, index: column.index + before as u32 };
    }
}

/// Puts back what was taken out.
fn put_draft(drafts: &mut [CommonDraft], table: CommonTableId, query: Logical) {
    if let Some(draft) = drafts.get_mut(table.0 as usize) {
        draft.query = query;
    }
}
