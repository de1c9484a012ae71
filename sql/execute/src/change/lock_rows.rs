//! SELECT … FOR UPDATE and its like.
//!
//! A row is locked when it is asked for and not before, so that a LIMIT above leaves the others alone.

use super::locked::{Locked, lock_to_keep, moved_away};
use super::recheck::Rechecker;
use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use diagnostic::SqlState;
use plan::logical::{LockStrength, LockWait, LockedMember};
use plan::physical::{Node, PhysicalLocking, PinnedScan};
use store::locks::{LockError, RowMode, WaitPolicy};
use store::{StoreError, TreeId};
use types::Item;
use types::vector::Chunk;

/// The operator.
pub struct LockRows {
    input: BoxedOperator,
    locks: Vec<PhysicalLocking>,
    rechecker: Rechecker,
    /// The input's rows that are being gone through, and the next of them.
    present: Option<(Chunk, usize)>,
}

fn mode(strength: LockStrength) -> RowMode {
    match strength {
        LockStrength::KeyShare => RowMode::KeyShare,
        LockStrength::Share => RowMode::Share,
        LockStrength::NoKeyUpdate => RowMode::HoldNoKeyUpdate,
        LockStrength::Update => RowMode::HoldUpdate,
    }
}

fn policy(wait: LockWait, transaction: &store::Transaction) -> WaitPolicy {
    match wait {
        LockWait::Block => transaction.wait(),
        LockWait::NoWait => WaitPolicy::NoWait,
        LockWait::SkipLocked => WaitPolicy::Skip,
    }
}

impl LockRows {
    /// As the plan says.
    pub fn new(
        builder: &Builder<'_>,
        input: &Node,
        locks: &[PhysicalLocking],
        scans: &[PinnedScan],
    ) -> ExecuteResult<LockRows> {
        let rechecker = Rechecker::new(input, scans);
        Ok(LockRows { input: builder.build(input)?, locks: locks.to_vec(), rechecker, present: None })
    }

    /// Locks what a row is made of; the row as it is now, unless it is not meant any more.
    fn lock(&mut self, row: Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let mut changed = Vec::new();
        for plan in &self.locks {
            // A row that an outer join has filled up with nulls has nothing to lock.
            let Item::Int64(id) = row.column(plan.row_id as usize).item(0) else { continue };
            let (table, tree) = match &plan.members {
                None => (plan.table, plan.tree),
                Some((slot, members)) => {
                    let Item::Int32(number) = row.column(*slot as usize).item(0) else { continue };
                    let is = |member: &LockedMember| member.table == number.cast_unsigned();
                    let member = members.iter().find(|member| is(member));
                    let member = member.ok_or_else(|| ExecuteError::plan("a row of no member"))?;
                    (member.table, member.tree)
                }
            };
            let wait = policy(plan.wait, run.world.transaction);
            let tree = TreeId(tree);
            let locked = lock_to_keep(run, (table, tree), id, mode(plan.strength), wait);
            match locked.map_err(|error| not_available(error, plan, run))? {
                Locked::Same(bytes) => {
                    if is_written_anew(run, tree, id, &bytes)? {
                        return Ok(None);
                    }
                }
                Locked::Changed(bytes) => changed.push((plan.row_id as usize, bytes)),
                Locked::Gone | Locked::Skipped => return Ok(None),
                Locked::Moved => return Err(moved_away()),
            }
        }
        if changed.is_empty() { Ok(Some(row)) } else { self.rechecker.again(run, (&row, 0), &changed) }
    }
}

/// Whether a routine that the statement called has written a row anew since. PostgreSQL passes over it, as it is not the row
/// that was seen.
fn is_written_anew(run: &mut Run<'_, '_>, tree: TreeId, id: i64, bytes: &[u8]) -> ExecuteResult<bool> {
    if !run.world.transaction.has_written(tree) {
        return Ok(false);
    }
    let same = run.view()?.tree(tree)?.get_row_with(&id.to_be_bytes(), |_, seen| seen == bytes)?;
    Ok(same != Some(true))
}

/// PostgreSQL's words for a row that somebody else holds.
fn not_available(error: ExecuteError, plan: &PhysicalLocking, run: &Run<'_, '_>) -> ExecuteError {
    let ExecuteError::Store(inner) = &error else { return error };
    match (&**inner, run.world.catalog.target(plan.table)) {
        (StoreError::Lock(LockError::NotAvailable { .. }), Ok(target)) => {
            let message = format!("could not obtain lock on row in relation \"{}\"", target.name);
            ExecuteError::plain(SqlState::LockNotAvailable, message)
        }
        _ => error,
    }
}

impl Operator for LockRows {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.view()?;
        loop {
            run.check()?;
            let Some((chunk, next)) = &mut self.present else {
                let Some(chunk) = self.input.next(run)? else { return Ok(None) };
                self.present = Some((chunk.densify()?, 0));
                continue;
            };
            if *next >= chunk.rows() {
                self.present = None;
                continue;
            }
            let row = chunk.slice(*next, 1);
            *next += 1;
            if let Some(row) = self.lock(row, run)? {
                return Ok(Some(row));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.present = None;
        self.rechecker.release();
        self.input.rewind(run)
    }
}
