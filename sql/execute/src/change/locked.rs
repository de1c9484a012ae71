//! Rows that are locked, as they are now.

use super::table::Table;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use diagnostic::SqlState;
use store::locks::{RowMode, WaitPolicy};
use store::{CommitNumber, ConflictAction, RowLock, StoreError, Transaction, TreeId, View};

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

/// Locks a row that is to stay, not to be changed: for `SELECT … FOR …`, or for who refers to it. As PostgreSQL's executor of
/// those (`nodeLockRows.c`) it says of a row that others have removed that they changed it.
pub fn lock_to_keep(
    run: &mut Run<'_, '_>,
    (table, tree): (u32, TreeId),
    id: i64,
    mode: RowMode,
    wait: WaitPolicy,
) -> ExecuteResult<Locked> {
    let mut waits = false;
    if mode == RowMode::KeyShare {
        // What the statement sees is asked for below, when the lock has moved the transaction on.
        run.view()?;
        waits = run.world.transaction.held_by_others(tree, mode, vec![id.to_be_bytes()])?.is_some();
    }
    let locked = lock(run, tree, id, mode, wait);
    // Who had to wait for the row looks at it as it is then.
    if mode == RowMode::KeyShare
        && !waits
        && is_changed(&locked)
        && let Some(seen) = seen_with_its_key(run, table, tree, id)?
    {
        return Ok(Locked::Same(seen));
    }
    locked.map_err(|error| match error {
        ExecuteError::Store(inner) if let StoreError::Conflict { tree, .. } = *inner => {
            StoreError::Conflict { action: ConflictAction::Update, tree }.into()
        }
        error => error,
    })
}

/// Whether others have changed a row that was to be locked.
fn is_changed(locked: &ExecuteResult<Locked>) -> bool {
    match locked {
        Ok(Locked::Changed(_)) => true,
        Ok(Locked::Same(_) | Locked::Gone | Locked::Moved | Locked::Skipped) => false,
        Err(ExecuteError::Store(error)) => {
            matches!(**error, StoreError::Conflict { action: ConflictAction::Update, .. })
        }
        Err(_) => false, // whatever it is, it is told
    }
}

/// A row as the statement saw it, if others have changed nothing of it since that a key is made of. Who only asks that its key
/// stays has it so, at every level of isolation (PostgreSQL's `heap_lock_tuple`).
fn seen_with_its_key(
    run: &mut Run<'_, '_>,
    table: u32,
    tree: TreeId,
    id: i64,
) -> ExecuteResult<Option<Vec<u8>>> {
    let target = run.world.catalog.target(table)?;
    let table = Table::compiled(run, &target)?;
    let key = id.to_be_bytes();
    let seen = run.view()?.tree(tree)?.get_row_with(&key, |_, bytes| bytes.to_vec())?;
    let (Some(seen), Some(newest)) = (seen, run.world.transaction.get_newest(tree, &key)?) else {
        return Ok(None);
    };
    let versions = [seen, newest];
    let columns = table.decode(&versions)?;
    let mut keys = table.indexes.iter().filter(|index| index.unique).flat_map(|index| &index.key_columns);
    let stays = keys.all(|place| {
        let column = place.and_then(|place| columns.get(place as usize));
        column.is_some_and(|column| column.value(0) == column.value(1))
    });
    let [seen, _] = versions;
    Ok(stays.then_some(seen))
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
