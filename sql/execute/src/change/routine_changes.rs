//! Rows that routines have changed while statements that call them were under way.
//!
//! A statement goes on from what it saw when it began. What a routine that it calls changes in the meantime, it does not
//! see; to write such a row would undo what the routine did. PostgreSQL knows it by the command numbers in the row
//! (`TM_SelfModified`, `TM_Invisible`); here the rows are noted.
//!
//! Invariants
//!
//! 1. Statements of routines are numbered from 1 on as they end; a row has the number of the last that changed it.
//! 2. A statement begins at the number of the last that has ended: what has a higher number came while it was under way.
//! 3. Rows are noted until the outermost statement that changes something ends; the numbers last as the transaction does.

use crate::error::{ExecuteError, ExecuteResult};
use crate::run::{ChangedRows, Run};
use diagnostic::SqlState;
use env::hash::HashMap;
use std::collections::BTreeMap;

/// What routines have changed in a transaction.
#[derive(Default)]
pub struct RoutineChanges {
    statements: u64,
    rows: BTreeMap<u64, HashMap<i64, u64>>,
}

impl RoutineChanges {
    /// How many statements of routines have changed rows.
    pub fn statements(&self) -> u64 {
        self.statements
    }

    /// A statement of a routine has changed rows.
    pub fn note(&mut self, changed: ChangedRows) {
        if changed.values().all(|rows| rows.is_empty()) {
            return;
        }
        self.statements += 1;
        for (tree, rows) in changed {
            let number = self.statements;
            self.rows.entry(tree).or_default().extend(rows.into_iter().map(|id| (id, number)));
        }
    }

    /// Whether a row was changed by a statement later than this one.
    fn has_changed(&self, tree: u64, id: i64, after: u64) -> bool {
        self.statements > after
            && self.rows.get(&tree).and_then(|rows| rows.get(&id)).is_some_and(|number| *number > after)
    }

    /// The outermost statement has ended.
    pub fn forget_rows(&mut self) {
        self.rows.clear();
    }
}

impl Run<'_, '_> {
    /// Whether a routine has changed a row since the statement began.
    pub(super) fn was_changed_by_routine(&self, tree: u64, id: i64) -> bool {
        let began = self.state.routines_began;
        began.is_some_and(|began| self.world.events.routine_changes().has_changed(tree, id, began))
    }

    /// Refuses to write rows that a routine has changed since the statement began; `what` is what it would do with them.
    ///
    /// # Errors
    /// If one was.
    pub(super) fn refuse_changed_by_routine(
        &self,
        tree: u64,
        ids: &[i64],
        what: &'static str,
    ) -> ExecuteResult<()> {
        match ids.iter().any(|id| self.was_changed_by_routine(tree, *id)) {
            true if self.state.merges => Err(changed_by_the_statement("updated or deleted")),
            true => Err(changed_by_the_statement(what)),
            false => Ok(()),
        }
    }
}

fn changed_by_the_statement(what: &str) -> ExecuteError {
    let message =
        format!("tuple to be {what} was already modified by an operation triggered by the current command");
    let hint =
        "Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows."
            .to_owned();
    ExecuteError::Plain {
        state: SqlState::TriggeredDataChangeViolation,
        message,
        detail: None,
        hint: Some(hint),
    }
}
