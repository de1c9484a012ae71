//! What DDL asks of rows: indexes built, constraints looked at, tables written anew.
//!
//! Whoever calls has locked the table against writers. Everything is done in the transaction, on what it sees.

use super::constraint::key_text;
use super::events::{When, run_events};
use super::foreign_key;
use super::index::Entry;
use super::table::Table;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::memory::Held;
use crate::run::{Run, State};
use crate::world::World;
use diagnostic::{SqlState, Subject};
use plan::expression::Expression;
use plan::target::TargetTable;
use plan::trigger::TriggerEvent;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Bounds, RunRow, Scan, SequenceId, TreeId};
use types::Vector;
use types::vector::{Chunk, VectorBuilder, select_false};

/// Entries of an index that are written together.
const WRITTEN_TOGETHER: usize = 2048;

/// Rows of a table as the transaction sees them, some at a time.
struct Rows {
    scan: Scan,
    limit: usize,
}

impl Rows {
    fn new(run: &mut Run<'_, '_>, table: &Table) -> ExecuteResult<Rows> {
        let scan = run.world.transaction.scan(table.tree(), Bounds::all())?;
        Ok(Rows { scan, limit: run.chunk_rows() })
    }

    /// The next ids and columns; never none of them.
    fn next(
        &mut self,
        run: &mut Run<'_, '_>,
        table: &Table,
    ) -> ExecuteResult<Option<(Vec<i64>, Vec<Vector>)>> {
        run.check()?;
        let (mut ids, mut rows) = (Vec::new(), Vec::new());
        while ids.len() < self.limit && self.scan.next()? {
            ids.extend(self.scan.key().first_chunk::<8>().map(|id| i64::from_be_bytes(*id)));
            rows.push(self.scan.value()?);
        }
        if ids.is_empty() {
            return Ok(None);
        }
        Ok(Some((ids, table.decode(&rows)?)))
    }
}

fn with_run<R>(
    world: &mut World<'_>,
    target: &Arc<TargetTable>,
    what: impl FnOnce(&mut Run<'_, '_>, &Table) -> ExecuteResult<R>,
) -> ExecuteResult<R> {
    let table = Table::new(&Compiler::new(world.context.types), target)?;
    let mut state = State::default();
    what(&mut Run { world, state: &mut state }, &table)
}

/// Calls the triggers of tables that are emptied, before that or after it.
///
/// # Errors
/// Those of triggers.
pub fn fire_truncate(world: &mut World<'_>, tables: &[u32], before: bool) -> ExecuteResult<()> {
    for table in tables {
        let target = world.catalog.target(*table)?;
        with_run(world, &target, |run, table| match before {
            true => table.before_statement(run, TriggerEvent::Truncate, &[]),
            false => table.after_statement(run, TriggerEvent::Truncate, &[]),
        })?;
    }
    if before { Ok(()) } else { run_events(world, When::Statement) }
}

/// Fills an index of a table, which is empty so far; `place` is its place among the table's. Returns how many rows the table
/// has.
///
/// # Errors
/// When a key that must stand once does not, or an expression fails.
pub fn build_index(world: &mut World<'_>, target: &Arc<TargetTable>, place: usize) -> ExecuteResult<u64> {
    with_run(world, target, |run, table| {
        let Some(index) = table.indexes.get(place) else { return Err(ExecuteError::plan("no such index")) };
        let mut rows = Rows::new(run, table)?;
        run.count(|tally| tally.table(target.table).scans += 1);
        let (mut found, mut held): (Vec<Entry>, Held) = Default::default();
        let mut count = 0;
        while let Some((ids, columns)) = rows.next(run, table)? {
            count += ids.len() as u64;
            run.count(|tally| tally.table(target.table).rows_scanned += ids.len() as u64);
            let entries = index.entries(run, &columns, ids.len())?;
            let mut bytes = 0;
            for (row, id) in ids.iter().enumerate() {
                for entry in index.entries_of(&entries, row, *id)? {
                    bytes += entry.memory();
                    found.push(entry);
                }
            }
            held.take(run, bytes)?;
        }
        found.sort_unstable_by(|left, right| left.key().cmp(right.key()));
        for pair in found.windows(2) {
            if pair[0].alone && pair[1].alone && pair[0].values() == pair[1].values() {
                return Err(duplicated(run, table, place, &pair[1])?);
            }
        }
        for entries in found.chunks(WRITTEN_TOGETHER) {
            run.check()?;
            let rows = entries.iter().map(|entry| RunRow { key: entry.key(), value: entry.value() });
            run.world.transaction.put_run(index.tree, &rows.collect::<Vec<_>>())?;
        }
        exclude_rows(run, table, place)?;
        Ok(count)
    })
}

/// Looks whether no rows exclude each other, by an index that has them all.
fn exclude_rows(run: &mut Run<'_, '_>, table: &Table, place: usize) -> ExecuteResult<()> {
    let index = &table.indexes[place];
    let Some(exclusion) = &index.exclusion else { return Ok(()) };
    let mut rows = Rows::new(run, table)?;
    while let Some((ids, columns)) = rows.next(run, table)? {
        let entries = index.entries(run, &columns, ids.len())?;
        for (row, id) in ids.iter().enumerate().filter(|(row, _)| entries.has(*row)) {
            let keys: Vec<Vector> = entries.keys.iter().map(|key| key.slice(row, 1)).collect();
            if let Some(met) = exclusion.meet(table, index, run, &keys, Some(*id))? {
                return Err(exclusion.conflict_of_rows(table, index, run, &keys, &met)?);
            }
        }
    }
    Ok(())
}

fn duplicated(
    run: &mut Run<'_, '_>,
    table: &Table,
    place: usize,
    entry: &Entry,
) -> ExecuteResult<ExecuteError> {
    let (index, plan) = (&table.indexes[place], &table.target.indexes[place]);
    let id = super::index::entry_row(entry.value())?;
    let bytes = run.world.transaction.get(table.tree(), &id.to_be_bytes())?;
    let columns = table.decode(&[bytes.ok_or_else(|| ExecuteError::lost("a row"))?])?;
    let entries = index.entries(run, &columns, 1)?;
    let key = key_text(&run.world.context, &plan.key_names, &index.key_types, &entries.keys, 0)?;
    Ok(ConstraintError {
        state: SqlState::UniqueViolation,
        message: format!("could not create unique index \"{}\"", plan.name),
        detail: Some(format!("Key {key} is duplicated.")),
        subject: subject(&table.target, None, Some(&plan.name)),
    }
    .into())
}

fn subject(target: &TargetTable, column: Option<&str>, constraint: Option<&str>) -> Subject {
    Subject {
        schema: Some(target.schema.clone()),
        table: Some(target.name.clone()),
        column: column.map(str::to_owned),
        constraint: constraint.map(str::to_owned),
        ..Subject::default()
    }
}

/// Looks whether all rows fulfil some checks of a table, and have no nulls in some columns, by their places.
///
/// # Errors
/// When one does not.
pub fn validate_rows(
    world: &mut World<'_>,
    target: &Arc<TargetTable>,
    checks: &[usize],
    not_null: &[usize],
) -> ExecuteResult<()> {
    with_run(world, target, |run, table| {
        let mut rows = Rows::new(run, table)?;
        while let Some((ids, columns)) = rows.next(run, table)? {
            look_at(run, table, columns, ids.len(), checks, not_null)?;
        }
        Ok(())
    })
}

/// Looks at rows of a table's columns.
fn look_at(
    run: &mut Run<'_, '_>,
    table: &Table,
    columns: Vec<Vector>,
    rows: usize,
    checks: &[usize],
    not_null: &[usize],
) -> ExecuteResult<()> {
    let target = &table.target;
    for place in not_null {
        if columns.get(*place).is_some_and(Vector::has_nulls) {
            let name = &target.columns[*place].name;
            return Err(ConstraintError {
                state: SqlState::NotNullViolation,
                message: format!("column \"{name}\" of relation \"{}\" contains null values", target.name),
                detail: None,
                subject: subject(target, Some(name), None),
            }
            .into());
        }
    }
    let chunk = Chunk::new(columns, rows);
    for place in checks {
        let Some(check) = table.checks().get(*place) else { continue };
        if select_false(&check.evaluate(run, &chunk)?).is_empty() {
            continue;
        }
        let name = &target.checks[*place].name;
        let message =
            format!("check constraint \"{name}\" of relation \"{}\" is violated by some row", target.name);
        return Err(ConstraintError {
            state: SqlState::CheckViolation,
            message,
            detail: None,
            subject: subject(target, None, Some(name)),
        }
        .into());
    }
    Ok(())
}

/// Looks whether all rows have somebody to refer to by a foreign key, by its place among the table's.
///
/// # Errors
/// When one does not.
pub fn validate_foreign_key(
    world: &mut World<'_>,
    target: &Arc<TargetTable>,
    key: usize,
) -> ExecuteResult<()> {
    with_run(world, target, |run, table| {
        let lookup = foreign_key::many::Lookup::new(run, target, key)?;
        let mut rows = Rows::new(run, table)?;
        while let Some((ids, columns)) = rows.next(run, table)? {
            lookup.look_at(run, (target, key), &ids, &columns)?;
        }
        Ok(())
    })
}

/// Writes all rows of a table into another's tree and indexes, which are empty: `values` are the columns of the new one
/// over those of the old. Constraints of the new one are looked at.
///
/// # Errors
/// When a row may not be, or an expression fails.
pub fn rewrite_table(
    world: &mut World<'_>,
    old: &Arc<TargetTable>,
    new: &Arc<TargetTable>,
    values: &[Expression],
) -> ExecuteResult<u64> {
    let compiler = Compiler::of_relation(world.context.types, old.relation);
    let values = Evaluator::list(&compiler, values)?;
    let into = Table::new(&Compiler::new(world.context.types), new)?;
    let checks: Vec<usize> = (0..new.checks.len()).filter(|place| new.checks[*place].validated).collect();
    let not_null: Vec<usize> = (0..new.columns.len()).filter(|place| new.columns[*place].not_null).collect();
    let count = with_run(world, old, |run, table| {
        let mut rows = Rows::new(run, table)?;
        let (mut count, mut bytes) = (0, Vec::new());
        while let Some((ids, columns)) = rows.next(run, table)? {
            let (many, chunk) = (ids.len(), Chunk::new(columns, ids.len()));
            let mut columns = evaluate_all(&values, run, &chunk)?;
            into.generate(run, &mut columns, many)?;
            let stored = into.stored(&columns, many)?;
            look_at(run, &into, columns, many, &checks, &not_null)?;
            let (database, session) = (run.world.transaction.database(), run.world.transaction.session());
            let first = session.take_row_numbers(database, SequenceId(new.tree), many as u64)?;
            for row in 0..many {
                into.encode(&stored, row, &mut bytes)?;
                let id = (first + row as u64).to_be_bytes();
                run.world.transaction.put(into.tree(), &id, &bytes)?;
            }
            count += many as u64;
        }
        Ok(count)
    })?;
    (0..new.indexes.len()).try_for_each(|place| build_index(world, new, place).map(|_| ()))?;
    Ok(count)
}

/// Lays all rows of a table into another's tree in the order of an index, by its place among the table's, and fills the
/// other's indexes. Rows stay what they are.
///
/// # Errors
/// As reading and writing fails.
pub fn order_rows(
    world: &mut World<'_>,
    old: &Arc<TargetTable>,
    new: &Arc<TargetTable>,
    place: usize,
) -> ExecuteResult<u64> {
    // Rows that are older than a column get its value.
    let are_older = old.columns.iter().any(|column| !column.missing.is_null());
    let renewed = Table::new(&Compiler::new(world.context.types), new)?;
    let count = with_run(world, old, |run, table| {
        let Some(index) = table.indexes.get(place) else { return Err(ExecuteError::plan("no such index")) };
        let mut entries = run.world.transaction.scan(index.tree, Bounds::all())?;
        let mut count = 0;
        loop {
            run.check()?;
            let mut ids = Vec::with_capacity(WRITTEN_TOGETHER);
            while ids.len() < WRITTEN_TOGETHER && entries.next()? {
                ids.push(super::index::entry_row(&entries.value()?)?);
            }
            if ids.is_empty() {
                return Ok(count);
            }
            let (database, session) = (run.world.transaction.database(), run.world.transaction.session());
            let first = session.take_row_numbers(database, SequenceId(new.tree), ids.len() as u64)?;
            for (id, into) in ids.iter().zip(first..) {
                let bytes = run.world.transaction.get(table.tree(), &id.to_be_bytes())?;
                let mut bytes = bytes.ok_or_else(|| ExecuteError::lost("a row"))?;
                if are_older {
                    let stored = renewed.stored(&table.decode(&[bytes])?, 1)?;
                    bytes = Vec::new();
                    renewed.encode(&stored, 0, &mut bytes)?;
                }
                run.world.transaction.put(TreeId(new.tree), &into.to_be_bytes(), &bytes)?;
            }
            count += ids.len() as u64;
        }
    })?;
    (0..new.indexes.len()).try_for_each(|place| build_index(world, new, place).map(|_| ()))?;
    Ok(count)
}

/// A sample of a table's rows for ANALYZE: how many rows there are, and the columns of `wanted` of them, each row as likely
/// as any other, in the order of the table.
///
/// # Errors
/// When a page cannot be read, or there is no chance.
pub fn sample_rows(
    world: &mut World<'_>,
    target: &Arc<TargetTable>,
    wanted: usize,
) -> ExecuteResult<(u64, Vec<Vector>)> {
    with_run(world, target, |run, table| {
        let tree = run.tree(target.tree)?.clone();
        let total = tree.estimate(&Bounds::all())?;
        let positions = some_of(run, total, wanted as u64)?;
        let mut rows = Vec::with_capacity(positions.len());
        let mut positions = positions.into_iter().peekable();
        while positions.peek().is_some() {
            run.check()?;
            let limit = run.chunk_rows();
            tree.sample(positions.by_ref().take(limit), |row| rows.push(row.to_vec()))?;
        }
        Ok((total, table.decode(&rows)?))
    })
}

/// The values of expressions over the columns of a table in rows that were sampled.
///
/// # Errors
/// When one of them fails.
pub fn sampled_expressions(
    world: &mut World<'_>,
    target: &Arc<TargetTable>,
    expressions: &[Expression],
    columns: &[Vector],
) -> ExecuteResult<Vec<Vector>> {
    let compiler = Compiler::of_relation(world.context.types, target.relation);
    let evaluators = Evaluator::list(&compiler, expressions)?;
    let rows = columns.first().map_or(0, Vector::len);
    let mut found: Vec<VectorBuilder> =
        evaluators.iter().map(|evaluator| VectorBuilder::new(evaluator.kind(), rows)).collect();
    with_run(world, target, |run, _| {
        let limit = run.chunk_rows();
        for start in (0..rows).step_by(limit) {
            run.check()?;
            let many = limit.min(rows - start);
            let part = columns.iter().map(|column| column.slice(start, many)).collect();
            let values = evaluate_all(&evaluators, run, &Chunk::new(part, many))?;
            for (builder, values) in found.iter_mut().zip(&values) {
                builder.append(values).map_err(functions::FunctionError::from)?;
            }
        }
        Ok(())
    })?;
    Ok(found.into_iter().map(VectorBuilder::finish).collect())
}

/// So many different numbers below `total`, all sets of them equally likely (Floyd's way).
fn some_of(run: &mut Run<'_, '_>, total: u64, wanted: u64) -> ExecuteResult<BTreeSet<u64>> {
    if wanted >= total {
        return Ok((0..total).collect());
    }
    let mut chosen = BTreeSet::new();
    for last in total - wanted..total {
        let drawn = run.world.context.session.entropy()?;
        // 64 random bits times the bound, its upper half: below the bound, and as even as nobody can tell.
        let number = ((u128::from(drawn) * (u128::from(last) + 1)) >> 64) as u64;
        if !chosen.insert(number) {
            chosen.insert(last);
        }
    }
    Ok(chosen)
}

/// Whether all rows of a partition belong to it.
///
/// # Errors
/// When they cannot be read, or a key fails.
pub fn keeps_within(world: &mut World<'_>, target: &Arc<TargetTable>) -> ExecuteResult<bool> {
    with_run(world, target, |run, table| {
        let mut rows = Rows::new(run, table)?;
        while let Some((ids, columns)) = rows.next(run, table)? {
            for (router, part) in &table.within {
                let parts = router.parts(run, &columns, ids.len())?;
                if parts.iter().any(|found| *found != Some(*part)) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    })
}

/// The number of a table's rows, exactly.
///
/// # Errors
/// When the table is not there.
pub fn count_rows(world: &mut World<'_>, target: &TargetTable) -> ExecuteResult<u64> {
    Ok(world.transaction.count(TreeId(target.tree))?)
}
