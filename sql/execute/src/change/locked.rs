//! Rows that are locked, as they are now.

use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use diagnostic::SqlState;
use store::locks::{RowMode, WaitPolicy};
use store::{RowLock, TreeId};

/// A row that was to be locked.
pub enum Locked {
    /// It is as the statement sees it; its bytes.
    Same(Vec<u8>),
    /// Somebody has changed it since; its bytes of now.
    Changed(Vec<u8>),
    /// Somebody has removed it since.
    Gone,
    /// Somebody else holds it.
    Skipped,
}

/// From when rows were locked to when they are written: routines that are called meanwhile may have changed these very rows.
/// Then what is known of them is not what they are, as in PostgreSQL a function or trigger that updates its own row.
pub struct Meanwhile {
    changes: u64,
    what: &'static str,
}

impl Meanwhile {
    /// From now on; `what` is said to be done to the rows.
    pub fn begin(run: &Run<'_, '_>, what: &'static str) -> Meanwhile {
        Meanwhile { changes: run.world.events.routine_changes(), what }
    }

    /// Refuses to go on if rows, which were `bytes`, are no more what they were.
    pub fn refuse_changed(
        &self,
        run: &mut Run<'_, '_>,
        tree: TreeId,
        ids: &[i64],
        bytes: &[impl AsRef<[u8]>],
    ) -> ExecuteResult<()> {
        if run.world.events.routine_changes() == self.changes {
            return Ok(());
        }
        for (id, before) in ids.iter().zip(bytes) {
            let same = run
                .world
                .transaction
                .get_row_with(tree, &id.to_be_bytes(), |_, now| now == before.as_ref())?;
            if same != Some(true) {
                return Err(changed_by_the_statement(self.what));
            }
        }
        Ok(())
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

/// Locks a row of a table and reads it.
pub fn lock(
    run: &mut Run<'_, '_>,
    tree: TreeId,
    id: i64,
    mode: RowMode,
    wait: WaitPolicy,
) -> ExecuteResult<Locked> {
    let key = id.to_be_bytes();
    // Asked before the lock moves the transaction on.
    let began = run.began();
    if run.world.transaction.lock_row(tree, &key, mode, wait)? == RowLock::Skipped {
        return Ok(Locked::Skipped);
    }
    let mut content = Vec::new();
    let writer = run.world.transaction.get_row_with(tree, &key, |writer, bytes| {
        content.extend_from_slice(bytes);
        writer
    })?;
    let Some(writer) = writer else { return Ok(Locked::Gone) };
    // As long as the transaction was not moved on, what it sees of others is what the view shows. (What the statement
    // itself has changed is left out by who asks.)
    if began == run.world.transaction.snapshot() {
        return Ok(Locked::Same(content));
    }
    // Without a view it cannot be told; to look again at a row that is the same does no harm.
    let Some(view) = &run.state.view else { return Ok(Locked::Changed(content)) };
    let seen = view.tree(tree)?.get_row_with(&key, |writer, _| writer)?;
    Ok(if seen == Some(writer) { Locked::Same(content) } else { Locked::Changed(content) })
}
