//! What changes or locks rows.

use super::pinned::pin;
use super::{Lowering, Planned, Wanted, columns_of_relation, place};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, RelationId};
use crate::logical::{
    Conflict, Delete, Insert, JoinKind, LockStrength, Logical, Merge, MergeAction, MergeWhat, RowLocking,
    Update,
};
use crate::physical::{NodeKind, PhysicalConflict, PhysicalConflictUpdate, PhysicalLocking, PinnedScan};
use crate::target::{Check, TargetTable};
use crate::walk::made_relations;
use std::sync::Arc;
use types::Type;

/// The relation of a column where it is made and not only handed on.
pub(super) fn maker(logical: &Logical, mut column: Column) -> RelationId {
    let mut found = true;
    while found {
        found = false;
        logical.walk(&mut |part| {
            if let Logical::Project { relation, expressions, .. } = part
                && *relation == column.relation
                && let Some(below) = expressions.get(column.index as usize).and_then(Expression::as_column)
            {
                (column, found) = (below, true);
            }
        });
    }
    column.relation
}

/// Whether rows of the relation that makes a column may be made up by an outer join below.
fn is_nullable(logical: &Logical, column: Column) -> bool {
    let relation = maker(logical, column);
    let mut nullable = false;
    logical.walk(&mut |part| {
        if let Logical::Join(join) = part {
            let within = |side: &Logical| made_relations(side).contains(&relation);
            nullable |= match join.kind {
                JoinKind::Left => within(&join.right),
                JoinKind::Full => within(&join.left) || within(&join.right),
                JoinKind::Inner
                | JoinKind::Semi
                | JoinKind::Anti
                | JoinKind::AntiNull
                | JoinKind::Mark(_)
                | JoinKind::Single => false,
            };
        }
    });
    nullable
}

type Assignments = Vec<(u32, Expression)>;

fn target_types(target: &TargetTable) -> impl Iterator<Item = Type> {
    target.columns.iter().map(|column| column.column_type)
}

/// The types of the columns of rows that are made: where they find their table by themselves, its number is one more.
fn made_types(target: &TargetTable) -> impl Iterator<Item = Type> {
    target_types(target).chain(target.routing.as_ref().map(|_| Type::of(types::catalog::oid::OID)))
}

impl Lowering<'_> {
    fn assignments(&mut self, mut assignments: Assignments, layout: &[Column]) -> PlanResult<Assignments> {
        for (_, value) in &mut assignments {
            self.resolve(value, layout)?;
        }
        Ok(assignments)
    }

    fn checks_over(&mut self, mut checks: Vec<Check>, layout: &[Column]) -> PlanResult<Vec<Check>> {
        for check in &mut checks {
            self.resolve(&mut check.condition, layout)?;
        }
        Ok(checks)
    }

    /// A table that is changed, with what views and policies ask of its new rows among its checks.
    fn target(&mut self, mut target: Arc<TargetTable>, further: Vec<Check>) -> PlanResult<Arc<TargetTable>> {
        if further.is_empty() {
            return Ok(target);
        }
        let layout = columns_of_relation(target.relation, target.columns.len()).collect::<Vec<_>>();
        let changed = Arc::make_mut(&mut target);
        for mut check in further {
            self.resolve(&mut check.condition, &layout)?;
            changed.checks.push(check);
        }
        Ok(target)
    }

    pub(super) fn lower_insert(&mut self, insert: Insert) -> PlanResult<Planned> {
        let Insert { relation, target, called, further_checks, input, values, conflict, row_ids } = insert;
        let input = self.lower(input)?;
        let target = self.target(target, further_checks)?;
        let values = self.over(values, &input.layout)?;
        let conflict = conflict.map(|conflict| self.conflict(conflict, target.columns.len())).transpose()?;
        let ender = conflict.as_ref().filter(|conflict| conflict.tells_ender(&target));
        let ender = ender.map(|_| Type::of(types::catalog::oid::XID));
        let id = row_ids.then(|| Type::of(types::catalog::oid::TID));
        let columns = made_types(&target).chain(ender).chain(id).collect::<Vec<_>>();
        let layout = columns_of_relation(relation, columns.len()).collect();
        let kind =
            NodeKind::Insert { target, called, input: Box::new(input.node), values, conflict, row_ids };
        Ok(Planned::new(self.node(kind, columns), layout))
    }

    fn conflict(&mut self, conflict: Conflict, columns: usize) -> PlanResult<PhysicalConflict> {
        let Some(update) = conflict.update else {
            return Ok(PhysicalConflict { indexes: conflict.indexes, update: None });
        };
        let existing = columns_of_relation(update.existing, columns);
        let layout = existing.chain(columns_of_relation(update.excluded, columns)).collect::<Vec<_>>();
        let update = PhysicalConflictUpdate {
            assignments: self.assignments(update.assignments, &layout)?,
            condition: self.over_option(update.condition, &layout)?,
            existing_checks: self.checks_over(update.existing_checks, &layout)?,
        };
        Ok(PhysicalConflict { indexes: conflict.indexes, update: Some(update) })
    }

    pub(super) fn lower_update(&mut self, update: Update) -> PlanResult<Planned> {
        let Update { relation, target, further_checks, input, row_id, table_oid, assignments, found } =
            update;
        let (Planned { node, mut layout, .. }, scans) =
            self.changed_input(input, &target, (row_id, table_oid))?;
        let target = self.target(target, further_checks)?;
        let row_id = if target.is_view { 0 } else { place(&layout, row_id)? };
        let table_oid = table_oid.map(|column| place(&layout, column)).transpose()?;
        let assignments = self.assignments(assignments, &layout)?;
        let found = self.over(found, &layout)?;
        let mut columns = node.columns.clone();
        columns.extend(made_types(&target));
        layout.extend(columns_of_relation(relation, made_types(&target).count()));
        let input = Box::new(node);
        let kind = NodeKind::Update { target, input, row_id, table_oid, scans, assignments, found };
        Ok(Planned::new(self.node(kind, columns), layout))
    }

    pub(super) fn lower_delete(&mut self, delete: Delete) -> PlanResult<Planned> {
        let Delete { relation, target, input, row_id, table_oid, found } = delete;
        let (Planned { node, mut layout, .. }, scans) =
            self.changed_input(input, &target, (row_id, table_oid))?;
        let row_id = if target.is_view { 0 } else { place(&layout, row_id)? };
        let table_oid = table_oid.map(|column| place(&layout, column)).transpose()?;
        let found = self.over(found, &layout)?;
        let mut columns = node.columns.clone();
        columns.extend(target_types(&target));
        layout.extend(columns_of_relation(relation, target.columns.len()));
        let kind = NodeKind::Delete { target, input: Box::new(node), row_id, table_oid, scans, found };
        Ok(Planned::new(self.node(kind, columns), layout))
    }

    pub(super) fn lower_merge(&mut self, merge: Merge) -> PlanResult<Planned> {
        let Merge { target, input, row_id, table_oid, further_checks, actions } = merge;
        let (input, scans) = self.changed_input(input, &target, (row_id, table_oid))?;
        let target = self.target(target, further_checks)?;
        let row_id = place(&input.layout, row_id)?;
        let table_oid = table_oid.map(|column| place(&input.layout, column)).transpose()?;
        let actions = actions
            .into_iter()
            .map(|action| self.action(action, &input.layout))
            .collect::<PlanResult<Vec<_>>>()?;
        let kind = NodeKind::Merge { target, input: Box::new(input.node), row_id, table_oid, scans, actions };
        Ok(Planned::new(self.node(kind, Vec::new()), Vec::new()))
    }

    /// The rows that are changed, and what they are made of; rows of a view are not locked.
    fn changed_input(
        &mut self,
        mut input: Logical,
        target: &TargetTable,
        known: (Column, Option<Column>),
    ) -> PlanResult<(Planned, Vec<PinnedScan>)> {
        let pinned = if target.is_view { Vec::new() } else { pin(&mut input, vec![known]) };
        let planned = self.lower(input)?;
        let scans = self.pinned(pinned, &planned.layout)?;
        Ok((planned, scans))
    }

    fn action(&mut self, action: MergeAction, layout: &[Column]) -> PlanResult<MergeAction> {
        let MergeAction { matched, condition, existing_checks, what } = action;
        let condition = self.over_option(condition, layout)?;
        let existing_checks = self.checks_over(existing_checks, layout)?;
        let what = match what {
            MergeWhat::Nothing => MergeWhat::Nothing,
            MergeWhat::Delete => MergeWhat::Delete,
            MergeWhat::Update(assignments) => MergeWhat::Update(self.assignments(assignments, layout)?),
            MergeWhat::Insert(values) => MergeWhat::Insert(self.over(values, layout)?),
        };
        Ok(MergeAction { matched, condition, existing_checks, what })
    }

    pub(super) fn lower_locks(
        &mut self,
        mut input: Logical,
        locks: Vec<RowLocking>,
        limit: Option<f64>,
    ) -> PlanResult<Planned> {
        if let Some(lock) = locks.iter().find(|lock| is_nullable(&input, lock.row_id)) {
            return Err(PlanError::NullableLock(match lock.strength {
                LockStrength::KeyShare => "FOR KEY SHARE",
                LockStrength::Share => "FOR SHARE",
                LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
                LockStrength::Update => "FOR UPDATE",
            }));
        }
        let table_oid = |lock: &RowLocking| lock.members.as_ref().map(|(column, _)| *column);
        let known = locks.iter().map(|lock| (lock.row_id, table_oid(lock))).collect();
        let pinned = pin(&mut input, known);
        // Of rows that were changed meanwhile some may not be handed up.
        let input = self.lower_wanted(input, &Wanted { limit, ..Wanted::default() })?;
        let scans = self.pinned(pinned, &input.layout)?;
        let locks =
            locks.into_iter().map(|lock| lock_of(lock, &input.layout)).collect::<PlanResult<Vec<_>>>()?;
        let columns = input.node.columns.clone();
        let kind = NodeKind::LockRows { input: Box::new(input.node), locks, scans };
        Ok(Planned::new(self.node(kind, columns), input.layout))
    }
}

fn lock_of(lock: RowLocking, layout: &[Column]) -> PlanResult<PhysicalLocking> {
    Ok(PhysicalLocking {
        row_id: place(layout, lock.row_id)?,
        table: lock.table,
        tree: lock.tree,
        strength: lock.strength,
        wait: lock.wait,
        members: match lock.members {
            Some((column, members)) => Some((place(layout, column)?, members)),
            None => None,
        },
    })
}
