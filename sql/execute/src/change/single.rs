//! INSERT of one row whose values are given, the shortest change: no operators, no vectors, no undoing.
//!
//! Keys that stand once are locked and looked for before anything is written. So what may be refused has been refused before
//! the first write: by saying so, upon which the statement is run the general way, which knows the words for it.

use super::index::Index;
use super::table::Table;
use crate::error::ExecuteResult;
use crate::evaluate::Compiler;
use crate::point::Given;
use plan::expression::{Expression, ExpressionKind};
use plan::physical::{NodeKind, Plan};
use store::locks::RowMode;
use store::{SequenceId, Transaction};
use types::row::encode_items;
use types::{Item, Types, Value};

/// The statement.
pub struct SingleInsert {
    table: Table,
    /// For each column its value.
    values: Vec<Given>,
}

impl SingleInsert {
    /// The plan as such a statement, if it is one.
    ///
    /// # Errors
    /// When the plan is damaged.
    pub fn of(plan: &Plan, types: &dyn Types) -> ExecuteResult<Option<SingleInsert>> {
        let NodeKind::Insert { target, input, values, conflict: None } = &plan.root.kind else {
            return Ok(None);
        };
        let NodeKind::Values { rows } = &input.kind else { return Ok(None) };
        let ([row], true) = (rows.as_slice(), plan.output.is_empty() && plan.subplans.is_empty()) else {
            return Ok(None);
        };
        let given = |value: &Expression| match &value.kind {
            ExpressionKind::Slot(slot) => Given::of(row.get(*slot as usize)?),
            _ => Given::of(value),
        };
        let Some(values) = values.iter().map(given).collect::<Option<Vec<Given>>>() else { return Ok(None) };
        let table = Table::new(&Compiler::new(types), target)?;
        let plain = |index: &Index| index.is_plain() && !index.deferrable;
        let simple = plan.common_tables.is_empty() && table.is_plain() && table.indexes.iter().all(plain);
        Ok(simple.then_some(SingleInsert { table, values }))
    }

    /// Inserts the row. `false` if it may not be, or may not be known to be: then nothing was written.
    ///
    /// # Errors
    /// When a lock is not given, or a page cannot be read or written. What was written is to be undone with the transaction.
    pub fn run(&self, transaction: &mut Transaction, parameters: &[Value]) -> ExecuteResult<bool> {
        let table = &self.table;
        let mut items = Vec::with_capacity(self.values.len());
        for (column, given) in table.target.columns.iter().zip(&self.values) {
            let item = Item::from(given.value(parameters)?);
            if column.not_null && item.is_null() {
                return Ok(false);
            }
            items.push(item);
        }
        let keys = |index: &Index, id: i64| {
            // An index is plain: each key is a column.
            let places = index.key_columns.iter().flatten();
            index.entry_of(places.map(|place| items[*place as usize].clone()), id)
        };
        for index in table.indexes.iter().filter(|index| index.unique) {
            let entry = keys(index, 0);
            if entry.alone {
                transaction.lock_row(index.tree, &entry.values, RowMode::Update, transaction.wait())?;
                if transaction.get_newest(index.tree, &entry.values)?.is_some() {
                    return Ok(false);
                }
            }
        }
        let sequence = SequenceId(table.target.tree);
        let id = transaction.session().take_row_numbers(transaction.database(), sequence, 1)?.cast_signed();
        let mut bytes = Vec::new();
        let places = table.stored_places().iter();
        let stored: Vec<Item<'_>> =
            places.map(|place| place.map_or(Item::Null, |place| items[place].clone())).collect();
        encode_items(&table.target.layout, &stored, &mut bytes)?;
        transaction.put(table.tree(), &id.to_be_bytes(), &bytes)?;
        for index in &table.indexes {
            let entry = keys(index, id);
            transaction.put(index.tree, &entry.key, &entry.value)?;
        }
        Ok(true)
    }
}
