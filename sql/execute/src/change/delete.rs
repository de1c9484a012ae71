//! DELETE.

use super::foreign_key;
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
    table: Table,
    input: BoxedOperator,
    row_id: usize,
    rechecker: Rechecker,
    counts: bool,
    needs_view: bool,
}

impl Delete {
    /// As the plan says.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        row_id: u32,
    ) -> ExecuteResult<Delete> {
        Ok(Delete {
            table: Table::new(&builder.compiler, target)?,
            input: builder.build(input)?,
            row_id: row_id as usize,
            rechecker: Rechecker::new(input, target.tree, row_id as usize),
            counts: builder.counts,
            needs_view: needs_view(builder, input),
        })
    }
}

/// Removes rows that are locked.
pub fn remove_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    columns: &[Vector],
) -> ExecuteResult<()> {
    let entries = all_entries(table, run, columns, ids.len())?;
    for (row, id) in ids.iter().enumerate() {
        delete_row(table, run, &entries, row, *id)?;
        run.note_changed(table.target.tree, *id);
        foreign_key::deleted(table, run, columns, row)?;
    }
    Ok(())
}

impl Operator for Delete {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.needs_view {
            run.view()?;
        }
        while let Some(chunk) = self.input.next(run)? {
            run.check()?;
            let mode = RowMode::Update;
            let locked = lock_rows(&self.table, &mut self.rechecker, run, chunk, self.row_id, mode)?;
            let rows = locked.ids.len();
            if rows == 0 {
                continue;
            }
            let before = self.table.decode(&locked.bytes)?;
            remove_rows(&self.table, run, &locked.ids, &before)?;
            if self.counts {
                run.state.affected += rows as u64;
            }
            let mut columns = locked.input.into_columns();
            columns.extend(before);
            return Ok(Some(Chunk::new(columns, rows)));
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.rechecker.release();
        self.input.rewind(run)
    }
}
