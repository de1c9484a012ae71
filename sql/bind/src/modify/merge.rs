//! `MERGE`

use super::Change;
use crate::binder::Binder;
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::Item;
use crate::query::{BoundQuery, terms_of};
use catalog::object::Table;
use plan::expression::RelationId;
use plan::logical::{JoinKind, Logical, Merge, MergeAction, MergeWhat, ScanSource};
use std::sync::Arc;
use syntax::tree::modify::{self, MergeClause};
use types::Type;
use types::catalog::oid;

impl Binder<'_> {
    pub(crate) fn merge_statement(&mut self, merge: &modify::Merge<'_>) -> BindResult<BoundQuery> {
        self.with_tables(merge.with.as_ref(), |binder| {
            binder.changing(&merge.table.name, Change::Merge, |binder, table| {
                let (bound, _) = binder.within(|binder| binder.merge_into(table, merge))?;
                Ok(bound)
            })
        })
    }

    fn merge_into(&mut self, table: &Arc<Table>, merge: &modify::Merge<'_>) -> BindResult<BoundQuery> {
        reachable(merge.clauses)?;
        if !self.scope().rules_of(table.oid).is_empty() {
            return Err(refused_by_rules(&table.name));
        }
        let target = self.target_for(table, merge.table.only, true)?;
        let called = self.target_called(table, merge.alias.as_ref());
        let name = &*called.name;
        let (scanned, scan) = self.changed_rows(table, &called, merge.table.only, &[])?;
        let own = std::mem::take(&mut self.level().items);
        let source = self.all_of_from(std::slice::from_ref(&merge.source))?;
        let source_items = std::mem::take(&mut self.level().items);
        if source_items.iter().any(|item| item.named && item.name.as_deref() == Some(name)) {
            return Err(BindError::new(BindErrorKind::MergeSameName { name: name.to_owned() }));
        }
        let both: Vec<Item> = own.iter().chain(&source_items).cloned().collect();
        self.level().items.clone_from(&both);
        let condition =
            self.clause(Clause::JoinOn, |binder| binder.condition(&merge.condition, "JOIN/ON"))?;
        let mut actions = Vec::with_capacity(merge.clauses.len());
        for clause in merge.clauses {
            (self.level().items, self.level().hidden) = match clause.matched {
                true => (both.clone(), Vec::new()),
                false => (source_items.clone(), own.clone()),
            };
            actions.push(self.merge_action(table, scanned, clause)?);
        }
        self.level().items = both;
        let row_id = self.scan_column(scanned, ScanSource::RowId, Type::of(oid::INT8))?;
        let table_oid = self.member_column(scanned)?;
        // Rows of the source without a partner are of use only where they are inserted.
        let inserts = |clause: &MergeClause<'_>| matches!(clause.action, modify::MergeAction::Insert { .. });
        let kind = if merge.clauses.iter().any(inserts) { JoinKind::Left } else { JoinKind::Inner };
        let input = crate::query::joined(kind, source, scan, terms_of(condition), false);
        let mut node = Merge { target, input, row_id, table_oid, further_checks: Vec::new(), actions };
        self.ask_policies_of_merge(table, scanned, &mut node)?;
        Ok(BoundQuery { logical: Logical::Merge(Box::new(node)), columns: Vec::new(), shape: None })
    }

    fn merge_action(
        &mut self,
        table: &Arc<Table>,
        scanned: RelationId,
        clause: &MergeClause<'_>,
    ) -> BindResult<MergeAction> {
        let condition = self.clause(Clause::MergeWhen, |binder| match &clause.condition {
            Some(condition) => binder.condition(condition, "WHEN").map(Some),
            None => Ok(None),
        })?;
        let what = match &clause.action {
            modify::MergeAction::Nothing => MergeWhat::Nothing,
            modify::MergeAction::Delete => {
                self.note_use(table.oid).delete = true;
                MergeWhat::Delete
            }
            modify::MergeAction::Update(assignments) => {
                self.note_use(table.oid).update = true;
                MergeWhat::Update(self.assignments(table, scanned, assignments)?)
            }
            modify::MergeAction::Insert { columns, overriding, values } => {
                self.note_use(table.oid).insert = true;
                MergeWhat::Insert(self.merge_insert(table, *columns, *values, *overriding)?)
            }
        };
        Ok(MergeAction { matched: clause.matched, condition, existing_checks: Vec::new(), what })
    }
}

/// What rules are asked at is said of a statement, not of each row.
fn refused_by_rules(name: &str) -> BindError {
    BindError::new(BindErrorKind::PlainWith {
        state: diagnostic::SqlState::FeatureNotSupported,
        message: format!("cannot execute MERGE on relation \"{name}\""),
        detail: Some("MERGE is not supported for relations with rules.".to_owned()),
        hint: None,
    })
}

/// Nothing comes after a clause that takes all rows.
fn reachable(clauses: &[MergeClause<'_>]) -> BindResult<()> {
    let mut closed = [false, false];
    for clause in clauses {
        let place = usize::from(clause.matched);
        if closed[place] {
            return Err(BindError::new(BindErrorKind::MergeUnreachable));
        }
        closed[place] = clause.condition.is_none();
    }
    Ok(())
}
