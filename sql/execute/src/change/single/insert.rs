//! INSERT of one row whose values are given, with ON CONFLICT too.
//!
//! Keys that stand once are locked and looked for before anything else is written.

use super::super::published::is_refused;
use super::rewrite::Rewrite;
use super::{Slots, Source, columns_of, encode, keys_of};
use crate::change::index::{Entry, Index};
use crate::change::insert::insert_rows;
use crate::change::locked::{Locked, lock};
use crate::change::table::Table;
use crate::change::write::{Looked, NOT_WRITTEN, give_back, look};
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::operator::calls_routines;
use crate::run::Run;
use crate::tally::Tally;
use plan::expression::{Expression, ExpressionKind};
use plan::physical::{Node, NodeKind, PhysicalConflict};
use plan::target::TargetTable;
use std::sync::Arc;
use store::locks::RowMode;
use store::{NewEntry, RunRow, SequenceId, Transaction};
use types::{Item, Value, Vector};

/// The statement.
pub struct SingleInsert {
    table: Table,
    /// What is given.
    row: Vec<Source>,
    /// What is given that values are computed from, by place; the slots of their expressions.
    inputs: Vec<usize>,
    /// For each column its value.
    values: Vec<ColumnValue>,
    conflict: Option<Conflict>,
    tells_nothing: bool,
}

/// The value of a column.
enum ColumnValue {
    /// What is given at this place.
    Row(usize),
    /// Something else, or made of it.
    Other(Source),
}

/// What is done where somebody has a key of the row.
struct Conflict {
    /// Places of the indexes that decide.
    indexes: Vec<usize>,
    update: Option<Rewrite>,
}

impl SingleInsert {
    /// As a plan says, if the statement is one.
    pub fn of(
        compiler: &Compiler<'_>,
        target: &Arc<TargetTable>,
        input: &Node,
        values: &[Expression],
        conflict: Option<&PhysicalConflict>,
    ) -> ExecuteResult<Option<SingleInsert>> {
        let NodeKind::Values { rows } = &input.kind else { return Ok(None) };
        let [row] = rows.as_slice() else { return Ok(None) };
        if conflict.is_some_and(|conflict| conflict.update.is_some()) && is_refused(target) {
            return Ok(None);
        }
        let table = Table::new(compiler, target)?;
        let plain = |index: &Index| index.is_plain() && !index.deferrable;
        if !table.is_plain() || !target.references.is_empty() || !table.indexes.iter().all(plain) {
            return Ok(None);
        }
        let place = |slot: usize| Some(slot).filter(|slot| *slot < row.len());
        let mut slots = Slots::new(&place);
        let mut columns = Vec::with_capacity(values.len());
        for value in values {
            columns.push(match &value.kind {
                ExpressionKind::Slot(slot) if place(*slot as usize).is_some() => {
                    ColumnValue::Row(*slot as usize)
                }
                _ => ColumnValue::Other(Source::of(compiler, &slots.moved(value))?),
            });
        }
        let Some(inputs) = slots.inputs() else { return Ok(None) };
        let mut given = Vec::with_capacity(row.len());
        for (place, value) in row.iter().enumerate() {
            given.push(match inputs.contains(&place) {
                true => Source::Computed(Evaluator::new(compiler, value)?),
                false => Source::of(compiler, value)?,
            });
        }
        let conflict = match conflict {
            None => None,
            Some(plan) => match Conflict::of(compiler, &table, plan)? {
                None => return Ok(None),
                some => some,
            },
        };
        let tells_nothing = conflict.is_none() && !calls_routines(compiler.types(), row.iter().chain(values));
        Ok(Some(SingleInsert { table, row: given, inputs, values: columns, conflict, tells_nothing }))
    }

    /// Whether nobody hears of what it reads: no rows but those that its keys are looked for among.
    pub fn tells_nothing(&self) -> bool {
        self.tells_nothing
    }

    /// Inserts the row if all of its values are given, and nobody stands in its way. `false` if that is not so: nothing is done
    /// then.
    pub fn run_given(
        &self,
        transaction: &mut Transaction,
        parameters: &[Value],
        tally: &mut Tally,
    ) -> ExecuteResult<bool> {
        if self.conflict.is_some() {
            return Ok(false);
        }
        let mut items = Vec::with_capacity(self.values.len());
        for (value, column) in self.values.iter().zip(&self.table.target.columns) {
            let source = match value {
                ColumnValue::Row(place) => &self.row[*place],
                ColumnValue::Other(source) => source,
            };
            let Source::Given(given) = source else { return Ok(false) };
            let value = given.value(parameters)?;
            if column.not_null && value.is_null() {
                return Ok(false);
            }
            items.push(Item::from(value));
        }
        let written = write(&self.table, transaction, &items)?;
        if written {
            tally.inserted(self.table.target.table, 1);
        }
        Ok(written)
    }

    /// Inserts the row, or does what is to be done instead; answers whether a row was changed.
    pub fn run(&self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let (table, parameters) = (&self.table, run.world.parameters);
        let none = Scope::new(&[], 1);
        let mut given: Vec<Option<Vector>> = Vec::with_capacity(self.row.len());
        for value in &self.row {
            given.push(value.compute(run, &none)?);
        }
        let columns: Vec<Vector> = self.inputs.iter().filter_map(|place| given[*place].clone()).collect();
        let scope = Scope::new(&columns, 1);
        let mut computed: Vec<Option<Vector>> = Vec::with_capacity(self.values.len());
        for value in &self.values {
            computed.push(match value {
                ColumnValue::Row(_) => None,
                ColumnValue::Other(value) => value.compute(run, &scope)?,
            });
        }
        let mut items = Vec::with_capacity(self.values.len());
        for (value, computed) in self.values.iter().zip(&computed) {
            items.push(match value {
                ColumnValue::Row(place) => self.row[*place].item(parameters, &given[*place])?,
                ColumnValue::Other(value) => value.item(parameters, computed)?,
            });
        }
        let lacks =
            |(column, item): (&plan::target::TargetColumn, &Item<'_>)| column.not_null && item.is_null();
        if table.target.columns.iter().zip(&items).any(lacks) {
            return self.insert_as_all_are(run, &items);
        }
        if let Some(conflict) = &self.conflict
            && let Some(changed) = conflict.meet(table, run, &items)?
        {
            return Ok(changed);
        }
        if write(table, run.world.transaction, &items)? {
            run.count(|tally| tally.inserted(table.target.table, 1));
            Ok(true)
        } else {
            self.insert_as_all_are(run, &items)
        }
    }

    /// The way of all rows.
    fn insert_as_all_are(&self, run: &mut Run<'_, '_>, items: &[Item<'_>]) -> ExecuteResult<bool> {
        insert_rows(&self.table, run, columns_of(&self.table.kinds, items)?, 1)?;
        Ok(true)
    }
}

/// Who has the row's key, as [`look`] tells; none where a key does not stand alone.
fn owner(
    (table, index): (&Table, &Index),
    transaction: &mut Transaction,
    items: &[Item<'_>],
    mode: RowMode,
    looked: &mut Looked,
) -> ExecuteResult<Option<i64>> {
    let entry = index.entry_of(keys_of(index, items), 0);
    if entry.alone { look(table, transaction, (index, &entry), mode, looked) } else { Ok(None) }
}

/// Writes a row with its entries, unless somebody has or holds one of its keys.
fn write(table: &Table, transaction: &mut Transaction, items: &[Item<'_>]) -> ExecuteResult<bool> {
    let sequence = SequenceId(table.target.tree);
    let id = transaction.session().take_row_numbers(transaction.database(), sequence, 1)?.cast_signed();
    let mut bytes = Vec::new();
    encode(table, items, &mut bytes)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(table.indexes.len());
    entries.extend(table.indexes.iter().map(|index| index.entry_of(keys_of(index, items), id)));
    let made = table.indexes.iter().zip(&entries).map(|(index, entry)| NewEntry {
        tree: index.tree,
        row: RunRow { key: entry.key(), value: entry.value() },
        alone: entry.alone,
    });
    let key = id.to_be_bytes();
    Ok(transaction.put_new_row(table.tree(), RunRow { key: &key, value: &bytes }, made)?)
}

impl Conflict {
    /// As the plan says, if that can be done without operators.
    fn of(
        compiler: &Compiler<'_>,
        table: &Table,
        plan: &PhysicalConflict,
    ) -> ExecuteResult<Option<Conflict>> {
        let decides =
            |index: &Index| index.unique && (plan.indexes.is_empty() || plan.indexes.contains(&index.number));
        let indexes = (0..table.indexes.len()).filter(|place| decides(&table.indexes[*place])).collect();
        let Some(update) = &plan.update else { return Ok(Some(Conflict { indexes, update: None })) };
        let columns = table.target.columns.len();
        let source = |slot: usize| Some(slot).filter(|slot| *slot < 2 * columns);
        let rewrite = Rewrite::of(compiler, table, &update.assignments, update.condition.as_ref(), &source)?;
        Ok(rewrite.map(|update| Conflict { indexes, update: Some(update) }))
    }
    /// Does what is to be done if somebody has a key of the row of these values: whether a row was changed; none if nobody has.
    fn meet(&self, table: &Table, run: &mut Run<'_, '_>, items: &[Item<'_>]) -> ExecuteResult<Option<bool>> {
        let mut looked = Looked::new();
        let met = self.look(table, run, items, &mut looked)?;
        if met == Some(false) {
            // Who writes nothing keeps no key from others.
            give_back(run, &looked)?;
        }
        Ok(met)
    }

    fn look(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        items: &[Item<'_>],
        looked: &mut Looked,
    ) -> ExecuteResult<Option<bool>> {
        let mode = self.update.as_ref().map_or(NOT_WRITTEN, Rewrite::mode);
        for place in &self.indexes {
            let index = &table.indexes[*place];
            while let Some(id) = owner((table, index), run.world.transaction, items, mode, looked)? {
                let Some(update) = &self.update else { return Ok(Some(false)) };
                let wait = run.world.transaction.wait();
                match lock(run, table.tree(), id, mode.without_writing(), wait)? {
                    Locked::Same(bytes) => return update.run(table, run, id, &bytes, items).map(Some),
                    // Whoever changed it may have given it another key.
                    Locked::Changed(bytes)
                        if owner((table, index), run.world.transaction, items, mode, looked)? == Some(id) =>
                    {
                        return update.run(table, run, id, &bytes, items).map(Some);
                    }
                    // It has the key no more, or was removed as soon as it was found.
                    Locked::Changed(_) | Locked::Gone | Locked::Moved | Locked::Skipped => run.check()?,
                }
            }
        }
        Ok(None)
    }
}
