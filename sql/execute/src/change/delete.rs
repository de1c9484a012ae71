//! DELETE.

use super::foreign_key;
use super::member::Targets;
use super::needs_view;
use super::recheck::Rechecker;
use super::table::Table;
use super::update::lock_rows;
use super::write::{all_entries, delete_row};
use crate::error::ExecuteResult;
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use plan::physical::Node;
use plan::target::TargetTable;
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
    rechecker: Vec<Rechecker>,
    counts: bool,
    needs_view: bool,
    /// What is removed and not handed up yet, the next last.
    ready: Vec<Chunk>,
}

impl Delete {
    /// As the plan says; of the slots of the row's id and of its table.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        (row_id, table_oid): (u32, Option<u32>),
    ) -> ExecuteResult<Delete> {
        let targets = Targets::new(&builder.compiler, target)?;
        Ok(Delete {
            input: builder.input_of_change(input, [])?,
            row_id: row_id as usize,
            table_oid: table_oid.map(|slot| slot as usize),
            rechecker: targets.recheckers(input, row_id),
            targets,
            counts: builder.counts,
            needs_view: needs_view(builder, input),
            ready: Vec::new(),
        })
    }

    /// Removes rows of the named table, or of one of its members; none if there are none any more.
    fn remove(
        &mut self,
        run: &mut Run<'_, '_>,
        chunk: Chunk,
        member: Option<usize>,
    ) -> ExecuteResult<Option<Chunk>> {
        let own = member.map(|member| &self.targets.members[member]);
        let table = own.map_or(&self.targets.named, |own| &own.table);
        let rechecker = &mut self.rechecker[member.unwrap_or(0)];
        let locked = lock_rows(table, rechecker, run, chunk, self.row_id, (RowMode::Update, "deleted"))?;
        let rows = locked.ids.len();
        if rows == 0 {
            return Ok(None);
        }
        let before = table.decode(&locked.bytes)?;
        remove_rows(table, run, &locked.ids, &before)?;
        if self.counts {
            run.state.affected += rows as u64;
        }
        let mut columns = locked.input.into_columns();
        columns.extend(own.map_or_else(|| before.clone(), |own| own.to_named(&before)));
        Ok(Some(Chunk::new(columns, rows)))
    }
}

/// Removes rows that are locked.
pub fn remove_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    columns: &[Vector],
) -> ExecuteResult<()> {
    take_away(table, run, ids, columns, None)
}

/// Removes rows that go on in another partition; `after` are they as this table would have them. Who refers to them sees an
/// update.
pub fn leave_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    (before, after): (&[Vector], &[Vector]),
) -> ExecuteResult<()> {
    take_away(table, run, ids, before, Some(after))
}

fn take_away(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    before: &[Vector],
    after: Option<&[Vector]>,
) -> ExecuteResult<()> {
    let entries = all_entries(table, run, before, ids.len())?;
    for (row, id) in ids.iter().enumerate() {
        delete_row(table, run, &entries, row, *id)?;
        run.note_changed(table.target.tree, *id);
        match after {
            Some(after) => foreign_key::key_changed(table, run, (before, after), row)?,
            None => foreign_key::deleted(table, run, before, row)?,
        }
    }
    Ok(())
}

impl Operator for Delete {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.needs_view {
            run.view()?;
        }
        loop {
            if let Some(ready) = self.ready.pop() {
                return Ok(Some(ready));
            }
            let Some(chunk) = self.input.next(run)? else { return Ok(None) };
            run.check()?;
            match self.table_oid.filter(|_| !self.targets.members.is_empty()) {
                None => {
                    let done = self.remove(run, chunk, None)?;
                    self.ready.extend(done);
                }
                Some(slot) => {
                    for (member, part) in self.targets.split(chunk, slot)? {
                        let done = self.remove(run, part, Some(member))?;
                        self.ready.extend(done);
                    }
                    self.ready.reverse();
                }
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.ready.clear();
        self.rechecker.iter_mut().for_each(Rechecker::release);
        self.input.rewind(run)
    }
}
