//! What policies ask of the rows that a statement changes: of those that are there before they are found, of new ones before they are
//! written. Which policies they are depends on whether the statement also reads what it changes, which is known when all of it is
//! bound.

use crate::binder::Binder;
use crate::error::BindResult;
use crate::policy::{PolicyRows, Subject, put_guards, using};
use catalog::object::{Policy, PolicyCommand, Table};
use plan::expression::RelationId;
use plan::logical::{Logical, Merge, MergeWhat};
use plan::target::{Check, ColumnTold, PolicyCheck, TargetTable, Told};
use std::sync::Arc;

/// What is asked of the rows of a change.
type Asked = (PolicyCommand, fn(&Policy) -> Option<&String>);

/// `WITH CHECK` of policies about a command.
fn checked(done: PolicyCommand) -> Asked {
    (done, Policy::checked)
}

/// Their `USING`.
fn used(done: PolicyCommand) -> Asked {
    (done, using)
}

impl Binder<'_> {
    /// For whom policies of the table that is changed are asked, if they are.
    fn subject_of_change(&self, table: &Table) -> BindResult<Option<Subject>> {
        let used_as = self.changed.as_ref().map(|changed| changed.table_used_as());
        self.subject(table, used_as.unwrap_or(self.check_as))
    }

    /// What is done with rows that are found: they are read, too, where the statement names any of their columns.
    fn done_with(&self, done: PolicyCommand, reads: bool) -> Vec<PolicyCommand> {
        [done].into_iter().chain(reads.then_some(PolicyCommand::Select)).collect()
    }

    pub(super) fn ask_policies_of_update(
        &mut self,
        table: &Arc<Table>,
        scanned: RelationId,
        bound: &mut Logical,
    ) -> BindResult<()> {
        let Some(subject) = self.subject_of_change(table)? else { return Ok(()) };
        let Logical::Update(update) = change_within(bound) else { return Ok(()) };
        let reads = self.read.contains(&scanned) || self.read.contains(&update.relation);
        let done = self.done_with(PolicyCommand::Update, reads);
        let guards = self.guards(table, scanned, &subject, &done)?;
        put_guards(&mut update.input, scanned, &guards);
        let rows = PolicyRows::Made(update.target.relation);
        let mut checks = self.checks_of_new(table, rows, &subject, PolicyCommand::Update, reads)?;
        checks.append(&mut update.further_checks);
        update.further_checks = checks;
        Ok(())
    }

    pub(super) fn ask_policies_of_delete(
        &mut self,
        table: &Arc<Table>,
        scanned: RelationId,
        bound: &mut Logical,
    ) -> BindResult<()> {
        let Some(subject) = self.subject_of_change(table)? else { return Ok(()) };
        let Logical::Delete(delete) = change_within(bound) else { return Ok(()) };
        let reads = self.read.contains(&scanned) || self.read.contains(&delete.relation);
        let done = self.done_with(PolicyCommand::Delete, reads);
        let guards = self.guards(table, scanned, &subject, &done)?;
        put_guards(&mut delete.input, scanned, &guards);
        Ok(())
    }

    pub(super) fn ask_policies_of_insert(
        &mut self,
        table: &Arc<Table>,
        bound: &mut Logical,
    ) -> BindResult<()> {
        let Some(subject) = self.subject_of_change(table)? else { return Ok(()) };
        let Logical::Insert(insert) = change_within(bound) else { return Ok(()) };
        let update = insert.conflict.as_mut().and_then(|conflict| conflict.update.as_mut());
        let existing = update.as_ref().map(|update| update.existing);
        let made = [Some(insert.target.relation), Some(insert.relation), existing];
        let reads = made.into_iter().flatten().any(|relation| self.read.contains(&relation));
        let rows = PolicyRows::Made(insert.target.relation);
        let mut checks = self.checks_of_new(table, rows, &subject, PolicyCommand::Insert, reads)?;
        if let Some(update) = update {
            let there = PolicyRows::Made(update.existing);
            for done in self.done_with(PolicyCommand::Update, reads) {
                let asked =
                    self.policy_checks(table, there, &subject, used(done), PolicyCheck::Conflicting)?;
                update.existing_checks.extend(asked);
            }
            checks.extend(self.checks_of_new(table, rows, &subject, PolicyCommand::Update, reads)?);
        }
        checks.append(&mut insert.further_checks);
        insert.further_checks = checks;
        Ok(())
    }

    pub(super) fn ask_policies_of_merge(
        &mut self,
        table: &Arc<Table>,
        scanned: RelationId,
        merge: &mut Merge,
    ) -> BindResult<()> {
        let Some(subject) = self.subject_of_change(table)? else { return Ok(()) };
        if self.read.contains(&scanned) {
            let guards = self.guards(table, scanned, &subject, &[PolicyCommand::Select])?;
            put_guards(&mut merge.input, scanned, &guards);
        }
        let rows = PolicyRows::Made(merge.target.relation);
        let updates = merge.actions.iter().any(|action| matches!(action.what, MergeWhat::Update(_)));
        let inserts = merge.actions.iter().any(|action| matches!(action.what, MergeWhat::Insert(_)));
        for (done, is_done) in [(PolicyCommand::Update, updates), (PolicyCommand::Insert, inserts)] {
            if is_done {
                merge.further_checks.extend(self.checks_of_new(table, rows, &subject, done, false)?);
            }
        }
        for action in &mut merge.actions {
            let done = match action.what {
                MergeWhat::Update(_) => PolicyCommand::Update,
                MergeWhat::Delete => PolicyCommand::Delete,
                MergeWhat::Nothing | MergeWhat::Insert(_) => continue,
            };
            let found = PolicyRows::Scanned(scanned);
            action.existing_checks =
                self.policy_checks(table, found, &subject, used(done), PolicyCheck::Merged)?;
        }
        Ok(())
    }

    /// What is asked of new rows of an `INSERT` or an `UPDATE`: whoever reads them must be shown them, too.
    fn checks_of_new(
        &mut self,
        table: &Arc<Table>,
        rows: PolicyRows,
        subject: &Subject,
        done: PolicyCommand,
        reads: bool,
    ) -> BindResult<Vec<Check>> {
        let asked = match done {
            PolicyCommand::Insert => PolicyCheck::Inserted,
            PolicyCommand::All | PolicyCommand::Select | PolicyCommand::Update | PolicyCommand::Delete => {
                PolicyCheck::Updated
            }
        };
        let mut checks = self.policy_checks(table, rows, subject, checked(done), asked)?;
        if reads {
            checks.extend(self.policy_checks(table, rows, subject, used(PolicyCommand::Select), asked)?);
        }
        Ok(checks)
    }
}

/// Lets messages tell of new rows what the statement itself gives them.
pub(super) fn tell_written(target: &mut Arc<TargetTable>, written: impl IntoIterator<Item = usize>) {
    if !matches!(target.told, Told::Columns(_)) {
        return;
    }
    if let Told::Columns(told) = &mut Arc::make_mut(target).told {
        for place in written {
            if let Some(told @ ColumnTold::Nothing) = told.get_mut(place) {
                *told = ColumnTold::Given;
            }
        }
    }
}

/// The change whose rows something hands up.
pub(super) fn change_within(bound: &mut Logical) -> &mut Logical {
    match bound {
        Logical::Project { input, .. }
        | Logical::ProjectSet { input, .. }
        | Logical::Filter { input, .. } => change_within(input),
        change => change,
    }
}
