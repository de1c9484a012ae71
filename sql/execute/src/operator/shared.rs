//! Rows that are made once and read as often as anybody likes: tables of WITH, work tables, what is given.

use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::Operator;
use crate::operator::late::is_of_rows;
use crate::run::Run;
use crate::spill::Kept;
use std::sync::Arc;
use types::vector::Chunk;

/// A table of `WITH`: its rows are made as far as somebody asks for them.
pub struct CommonTableScan {
    /// Which.
    pub table: usize,
    /// How many chunks were read.
    pub given: usize,
}

/// The next chunk of a table of `WITH` that is not there yet; `false` if there is none.
pub fn make_more(table: usize, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
    let found = run.state.common.get_mut(table);
    let common = found.ok_or_else(|| ExecuteError::plan(format!("there is no table {table} of WITH")))?;
    if let Some(error) = &common.failed {
        return Err(ExecuteError::OfCommonTable(error.clone()));
    }
    let Some(mut source) = common.source.take() else { return Ok(false) };
    let chunk = match source.next(run) {
        Ok(chunk) => chunk,
        Err(error) if is_of_rows(&error) => {
            // What it has changed is not undone by whoever could do without it.
            let error = Arc::new(error);
            run.state.common[table].failed = Some(error.clone());
            return Err(ExecuteError::OfCommonTable(error));
        }
        Err(error) => return Err(error),
    };
    let Some(chunk) = chunk else {
        let common = &mut run.state.common[table];
        common.spent = common.renews.then_some(source);
        return Ok(false);
    };
    let mut rows = std::mem::take(&mut run.state.common[table].rows);
    let kept = rows.push(run, chunk);
    let common = &mut run.state.common[table];
    (common.rows, common.source) = (rows, Some(source));
    kept.map(|()| true)
}

/// Lets a table of `WITH` be made anew.
pub fn renew(table: usize, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
    let Some(common) = run.state.common.get_mut(table) else { return Ok(()) };
    let source = common.source.take().or_else(|| common.spent.take());
    common.rows = Kept::default();
    if let Some(mut source) = source {
        source.rewind(run)?;
        run.state.common[table].source = Some(source);
    }
    Ok(())
}

impl Operator for CommonTableScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let common = run.state.common.get(self.table);
        let renews = common.is_some_and(|common| common.renews);
        let here = common.is_some_and(|common| self.given < common.rows.len());
        if !here && !make_more(self.table, run)? {
            return Ok(None);
        }
        if renews {
            run.note_volatile();
        }
        self.given += 1;
        run.state.common[self.table].rows.get(self.given - 1)
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.given = 0;
        Ok(())
    }
}

/// The rows of the round before.
pub struct WorkTableScan {
    /// Which table.
    pub table: usize,
    /// How many chunks were read.
    pub given: usize,
}

impl Operator for WorkTableScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        // The next round has other rows.
        run.note_volatile();
        let Some(rows) = run.state.work_tables.get(self.table).cloned() else { return Ok(None) };
        self.given += 1;
        rows.get(self.given - 1)
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.given = 0;
        Ok(())
    }
}

/// Rows that a trigger's function was given by a name.
pub struct GivenScan {
    /// The name.
    pub name: Arc<str>,
    /// How many chunks were read.
    pub given: usize,
}

impl Operator for GivenScan {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let Some(given) = run.state.given.iter().find(|table| *table.name == *self.name) else {
            return Err(ExecuteError::plan(format!("nobody has given rows of the name {}", self.name)));
        };
        self.given += 1;
        Ok(given.rows.get(self.given - 1).cloned())
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.given = 0;
        Ok(())
    }
}
