//! UPDATE.

use super::constraint::first_violation;
use super::foreign_key;
use super::locked::{Locked, lock};
use super::needs_view;
use super::recheck::Rechecker;
use super::table::Table;
use super::write::{all_entries, update_row};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::operator::{BoxedOperator, Builder, Operator};
use crate::run::Run;
use plan::expression::Expression;
use plan::physical::Node;
use plan::target::TargetTable;
use std::sync::Arc;
use store::locks::RowMode;
use types::vector::Chunk;
use types::{Item, Vector};

/// The operator.
pub struct Update {
    table: Table,
    input: BoxedOperator,
    row_id: usize,
    assignments: Vec<(usize, Evaluator)>,
    keeps_keys: bool,
    rechecker: Rechecker,
    counts: bool,
    needs_view: bool,
}

impl Update {
    /// As the plan says.
    pub fn new(
        builder: &Builder<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        row_id: u32,
        assignments: &[(u32, Expression)],
    ) -> ExecuteResult<Update> {
        let table = Table::new(&builder.compiler, target)?;
        let compiled = assignments
            .iter()
            .map(|(place, value)| Ok((*place as usize, Evaluator::new(&builder.compiler, value)?)));
        let keeps_keys = keeps_keys(&table, assignments.iter().map(|(place, _)| *place));
        Ok(Update {
            input: builder.build(input)?,
            row_id: row_id as usize,
            assignments: compiled.collect::<ExecuteResult<_>>()?,
            keeps_keys,
            rechecker: Rechecker::new(input, target.tree, row_id as usize),
            table,
            counts: builder.counts,
            needs_view: needs_view(builder, input),
        })
    }
}

/// Whether no key that others may refer to is assigned to.
pub fn keeps_keys(table: &Table, mut assigned: impl Iterator<Item = u32>) -> bool {
    let unique = || table.indexes.iter().filter(|index| index.unique);
    let by_expression = unique().any(|index| index.key_columns.contains(&None));
    let generated = table.target.columns.iter().any(|column| column.generated.is_some());
    !by_expression
        && !generated
        && !assigned.any(|place| unique().any(|index| index.key_columns.contains(&Some(place))))
}

/// Rows of an input that are locked, without those that are gone or were changed already.
pub struct LockedRows {
    /// The input's rows.
    pub input: Chunk,
    /// The rows' ids.
    pub ids: Vec<i64>,
    /// What they are.
    pub bytes: Vec<Vec<u8>>,
}

/// Locks the rows of an input; those that others have changed are looked at again.
pub fn lock_rows(
    table: &Table,
    rechecker: &mut Rechecker,
    run: &mut Run<'_, '_>,
    chunk: Chunk,
    row_id: usize,
    mode: RowMode,
) -> ExecuteResult<LockedRows> {
    let chunk = chunk.densify()?;
    let (mut ids, mut bytes, mut chosen) = (Vec::new(), Vec::new(), Vec::new());
    let mut replaced = Vec::new();
    for row in 0..chunk.rows() {
        let Item::Int64(id) = chunk.column(row_id).item(row) else { continue };
        if run.was_changed(table.target.tree, id) {
            continue;
        }
        match lock(run, table.tree(), id, mode, run.world.transaction.wait())? {
            Locked::Same(content) => bytes.push(content),
            Locked::Changed(content) => match rechecker.again(run, id, &content)? {
                Some(fresh) => {
                    replaced.push((chosen.len(), fresh));
                    bytes.push(content);
                }
                None => continue,
            },
            Locked::Gone | Locked::Skipped => continue,
        }
        run.note_changed(table.target.tree, id);
        ids.push(id);
        chosen.push(row as u32);
    }
    let mut input = crate::operator::gather_rows(&chunk, &chosen)?;
    if !replaced.is_empty() {
        input = replace_rows(input, &replaced)?;
    }
    Ok(LockedRows { input, ids, bytes })
}

/// Puts other rows into the places of some.
fn replace_rows(rows: Chunk, replaced: &[(usize, Chunk)]) -> ExecuteResult<Chunk> {
    let count = rows.rows();
    let kinds: Vec<types::Kind> = rows.columns().iter().map(Vector::kind).collect();
    let mut order: Vec<u32> = (0..count as u32).collect();
    let mut parts = vec![rows];
    for (number, (place, fresh)) in replaced.iter().enumerate() {
        order[*place] = (count + number) as u32;
        parts.push(fresh.clone());
    }
    crate::operator::gather_rows(&crate::operator::join_rows(&kinds, parts)?, &order)
}

/// Writes rows anew that are locked; they come back with generated columns.
pub fn write_rows(
    table: &Table,
    run: &mut Run<'_, '_>,
    ids: &[i64],
    before: Vec<Vector>,
    mut after: Vec<Vector>,
    keeps_keys: bool,
) -> ExecuteResult<Vec<Vector>> {
    let rows = ids.len();
    table.generate(run, &mut after, rows)?;
    let violation = first_violation(table, run, &after, rows)?;
    let good = violation.as_ref().map_or(rows, |(row, _)| *row);
    if good > 0 {
        let front = |columns: &[Vector]| -> Vec<Vector> {
            columns.iter().map(|column| column.slice(0, good)).collect()
        };
        let old_entries = all_entries(table, run, &front(&before), good)?;
        let new_entries = all_entries(table, run, &front(&after), good)?;
        let stored = table.stored(&after, rows)?;
        let mut bytes = Vec::new();
        for (row, id) in ids.iter().enumerate().take(good) {
            table.encode(&stored, row, &mut bytes)?;
            update_row(table, run, &bytes, &old_entries, &new_entries, row, *id, keeps_keys)?;
            run.note_changed(table.target.tree, *id);
            foreign_key::updated(table, run, *id, (&before, &after), row)?;
        }
    }
    match violation {
        Some((_, error)) => Err(error),
        None => Ok(after),
    }
}

impl Operator for Update {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.needs_view {
            run.view()?;
        }
        let mode = if self.keeps_keys { RowMode::NoKeyUpdate } else { RowMode::Update };
        while let Some(chunk) = self.input.next(run)? {
            run.check()?;
            let locked = lock_rows(&self.table, &mut self.rechecker, run, chunk, self.row_id, mode)?;
            let rows = locked.ids.len();
            if rows == 0 {
                continue;
            }
            let before = self.table.decode(&locked.bytes)?;
            let mut after = before.clone();
            for (place, value) in &self.assignments {
                let mut values = evaluate_all(std::slice::from_ref(value), run, &locked.input)?;
                after[*place] = values.swap_remove(0);
            }
            let after = write_rows(&self.table, run, &locked.ids, before, after, self.keeps_keys)?;
            if self.counts {
                run.state.affected += rows as u64;
            }
            let mut columns = locked.input.into_columns();
            columns.extend(after);
            return Ok(Some(Chunk::new(columns, rows)));
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.rechecker.release();
        self.input.rewind(run)
    }
}
