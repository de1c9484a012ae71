//! DELETE.

use super::foreign_key;
use super::member::Targets;
use super::needs_view;
use super::recheck::Rechecker;
use super::table::Table;
use super::trigger::StatementTriggers;
use super::update::{Wanted, lock_rows};
use super::write::{all_entries, delete_row};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use plan::expression::Expression;
use plan::physical::{Node, PinnedScan};
use plan::target::TargetTable;
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use store::locks::RowMode;
use types::Vector;
use types::vector::Chunk;

/// The operator.
pub struct Delete {
    targets: Targets,
    input: BoxedOperator,
    row_id: usize,
    table_oid: Option<usize>,
    rechecker: Rechecker,
    counts: bool,
    needs_view: bool,
    triggers: StatementTriggers,
    /// Of a view where the rows are found as they are.
    found: Vec<Evaluator>,
    /// What is removed and not handed up yet, the next last.
    ready: Vec<Chunk>,
}

impl Delete {
    /// As the plan says; of the slots of the row's id and of its table.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        (row_id, table_oid, scans): (u32, Option<u32>, &[PinnedScan]),
        found: &[Expression],
    ) -> ExecuteResult<Delete> {
        let targets = Targets::new(&builder.compiler, target)?;
        Ok(Delete {
            input: builder.input_of_change(input, [])?,
            row_id: row_id as usize,
            table_oid: table_oid.map(|slot| slot as usize),
            rechecker: Rechecker::new(input, scans),
            needs_view: targets.has_triggers() || needs_view(builder, input),
            triggers: StatementTriggers::new(vec![(TriggerEvent::Delete, Vec::new())]),
            found: Evaluator::list(&builder.compiler, found)?,
            targets,
            counts: builder.counts,
            ready: Vec::new(),
        })
    }

    /// Removes rows of the named table, or of one of its members: as many together as nobody keeps from being removed.
    fn remove(&mut self, run: &mut Run<'_, '_>, chunk: Chunk, member: Option<usize>) -> ExecuteResult<()> {
        let (chunk, mut start) = (chunk.densify()?, 0);
        while start < chunk.rows() {
            let done = self.remove_some(run, &chunk, &mut start, member)?;
            self.ready.extend(done);
        }
        Ok(())
    }

    /// Removes rows from `start` on, which then says where to go on; none if there are none any more.
    fn remove_some(
        &mut self,
        run: &mut Run<'_, '_>,
        chunk: &Chunk,
        start: &mut usize,
        member: Option<usize>,
    ) -> ExecuteResult<Option<Chunk>> {
        let own = member.map(|member| &self.targets.members[member]);
        let table = own.map_or(&self.targets.named, |own| &own.table);
        let rechecker = &mut self.rechecker;
        let wanted = Wanted { mode: RowMode::Update, may_want_more: false, one: false, what: "deleted" };
        let locked = lock_rows(table, rechecker, run, (chunk, start), self.row_id, wanted)?;
        *start = locked.end;
        if locked.ids.is_empty() {
            return Ok(None);
        }
        let (before, mut input) = (table.decode(&locked.bytes)?, locked.input);
        let gone = self.targets.remove(run, member, &locked.ids, before)?;
        if let Some(kept) = &gone.kept {
            input = crate::operator::gather_rows(&input, kept)?;
        }
        Ok(self.done(run, input, gone.columns, gone.rows))
    }

    /// What is handed up of rows that are gone.
    fn done(&self, run: &mut Run<'_, '_>, input: Chunk, before: Vec<Vector>, rows: usize) -> Option<Chunk> {
        if self.counts {
            run.state.affected += rows as u64;
        }
        let mut columns = input.into_columns();
        columns.extend(before);
        (rows > 0).then(|| Chunk::new(columns, rows))
    }

    /// Calls triggers that remove a view's rows.
    fn remove_from_view(&mut self, run: &mut Run<'_, '_>, chunk: Chunk) -> ExecuteResult<Option<Chunk>> {
        let chunk = chunk.densify()?;
        let before = evaluate_all(&self.found, run, &chunk)?;
        let mut kept = Vec::new();
        for row in 0..chunk.rows() {
            let old: Vec<Vector> = before.iter().map(|column| column.slice(row, 1)).collect();
            let rows = (Some(&old[..]), None);
            if self.targets.named.instead_of_row(run, TriggerEvent::Delete, rows)?.is_some() {
                kept.push(row as u32);
            }
        }
        let input = crate::operator::gather_rows(&chunk, &kept)?;
        let before = crate::operator::gather_rows(&Chunk::new(before, chunk.rows()), &kept)?;
        Ok(self.done(run, input, before.into_columns(), kept.len()))
    }
}

/// Removes rows that are locked, unless triggers before it want nothing; the places of those that are gone, if not all.
pub fn remove_asked(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    columns: &[Vector],
) -> ExecuteResult<Option<Vec<u32>>> {
    if !table.asks_before(TriggerEvent::Delete) {
        return remove_rows(table, run, ids, columns).map(|()| None);
    }
    let mut kept = Vec::new();
    for (row, id) in ids.iter().enumerate() {
        let old: Vec<Vector> = columns.iter().map(|column| column.slice(row, 1)).collect();
        if before_delete(table, run, *id, &old)? {
            remove_rows(table, run, &[*id], &old)?;
            kept.push(row as u32);
        }
    }
    Ok(Some(kept))
}

/// Calls triggers before a row is removed; whether it may be.
pub fn before_delete(table: &Table, run: &mut Run<'_, '_>, id: i64, old: &[Vector]) -> ExecuteResult<bool> {
    if !table.asks_before(TriggerEvent::Delete) {
        return Ok(true);
    }
    run.refuse_changed_by_routine(table.target.tree, &[id], "deleted")?;
    let ready = table.before_row(run, TriggerEvent::Delete, &[], (Some(old), None))?;
    if ready.is_some() {
        run.refuse_changed_by_routine(table.target.tree, &[id], "deleted")?;
    }
    Ok(ready.is_some())
}

/// Removes rows that are locked.
pub fn remove_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    columns: &[Vector],
) -> ExecuteResult<()> {
    take_away(table, run, ids, columns, false)
}

/// Removes rows that go on in another partition. For who refers to them they are not gone.
pub fn leave_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    columns: &[Vector],
) -> ExecuteResult<()> {
    take_away(table, run, ids, columns, true)
}

fn take_away(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    before: &[Vector],
    goes_on: bool,
) -> ExecuteResult<()> {
    let entries = all_entries(table, run, before, ids.len())?;
    let fired = table.after_rows(run, TriggerEvent::Delete, &[], (Some(before), None), ids.len())?;
    run.count(|tally| tally.deleted(table.target.table, ids.len() as u64));
    for (row, id) in ids.iter().enumerate() {
        delete_row(table, run, &entries, row, *id)?;
        if goes_on {
            run.world.transaction.note_moved(table.tree(), &id.to_be_bytes())?;
        }
        run.note_changed(table.target.tree, *id);
        fired.iter().for_each(|fired| fired.queue(run, row, true));
        if !goes_on {
            foreign_key::deleted(table, run, before, row)?;
        }
        fired.iter().for_each(|fired| fired.queue(run, row, false));
    }
    Ok(())
}

impl Operator for Delete {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.needs_view {
            run.view()?;
        }
        self.triggers.begin(&self.targets.named, run)?;
        loop {
            if let Some(ready) = self.ready.pop() {
                return Ok(Some(ready));
            }
            let Some(chunk) = self.input.next(run)? else {
                self.triggers.end(&self.targets.named, run)?;
                return Ok(None);
            };
            run.check()?;
            if self.targets.named.target.is_view {
                let done = self.remove_from_view(run, chunk)?;
                self.ready.extend(done);
                continue;
            }
            match self.table_oid.filter(|_| !self.targets.members.is_empty()) {
                None => self.remove(run, chunk, None)?,
                Some(slot) => {
                    for (member, part) in self.targets.split(chunk, slot)? {
                        self.remove(run, part, Some(member))?;
                    }
                }
            }
            self.ready.reverse();
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.ready.clear();
        self.triggers.rewind();
        self.rechecker.release();
        self.input.rewind(run)
    }
}
