//! Rows that are locked, as they are now.

use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use diagnostic::SqlState;
use store::locks::{RowMode, WaitPolicy};
use store::{CommitNumber, RowLock, Transaction, TreeId, View};

/// A row that was to be locked.
pub enum Locked {
    /// It is as the statement sees it; its bytes.
    Same(Vec<u8>),
    /// Somebody has changed it since; its bytes of now.
    Changed(Vec<u8>),
    /// Somebody has removed it since.
    Gone,
    /// Somebody has made it a row of another partition since.
    Moved,
    /// Somebody else holds it.
    Skipped,
}

/// What is said of a row that is in another partition now. Nobody looks for it there, as in PostgreSQL.
pub fn moved_away() -> ExecuteError {
    let message = "tuple to be locked was already moved to another partition due to concurrent update";
    ExecuteError::plain(SqlState::TRSerializationFailure, message)
}

/// Locks a row of a table and reads it.
pub fn lock(
    run: &mut Run<'_, '_>,
    tree: TreeId,
    id: i64,
    mode: RowMode,
    wait: WaitPolicy,
) -> ExecuteResult<Locked> {
    // Asked before the lock moves the transaction on.
    let began = run.began();
    let view = run.state.view.as_ref();
    lock_since((began, view), run.world.transaction, tree, id, (mode, wait))
}

/// The same for a statement that saw this commit when it began, and may have taken a view.
pub fn lock_since(
    (began, view): (CommitNumber, Option<&View>),
    transaction: &mut Transaction,
    tree: TreeId,
    id: i64,
    (mode, wait): (RowMode, WaitPolicy),
) -> ExecuteResult<Locked> {
    if transaction.lock_row(tree, &id.to_be_bytes(), mode, wait)? == RowLock::Skipped {
        return Ok(Locked::Skipped);
    }
    read_locked((began, view), transaction, tree, id)
}

/// Reads a row that is locked already.
pub fn read_locked(
    (began, view): (CommitNumber, Option<&View>),
    transaction: &mut Transaction,
    tree: TreeId,
    id: i64,
) -> ExecuteResult<Locked> {
    let key = id.to_be_bytes();
    let mut content = Vec::new();
    let writer = transaction.get_row_with(tree, &key, |writer, bytes| {
        content.extend_from_slice(bytes);
        writer
    })?;
    let Some(writer) = writer else {
        return Ok(if transaction.was_moved(tree, &key) { Locked::Moved } else { Locked::Gone });
    };
    // As long as the transaction was not moved on, what it sees of others is what the view shows. (What the statement
    // itself has changed is left out by who asks.)
    if began == transaction.snapshot() {
        return Ok(Locked::Same(content));
    }
    // Without a view it cannot be told; to look again at a row that is the same does no harm.
    let Some(view) = view else { return Ok(Locked::Changed(content)) };
    let seen = view.tree(tree)?.get_row_with(&key, |writer, _| writer)?;
    Ok(if seen == Some(writer) { Locked::Same(content) } else { Locked::Changed(content) })
}
