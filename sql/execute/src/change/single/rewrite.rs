//! A row that is locked, written anew.

use super::{Slots, Source, columns_of, encode, items_of, keys_of};
use crate::change::index::{Entry, Index};
use crate::change::table::Table;
use crate::change::update::{update_mode, write_rows};
use crate::change::write::owner_of_key;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Scope};
use crate::run::Run;
use plan::expression::Expression;
use plan::target::ForeignKey;
use store::Transaction;
use store::locks::RowMode;
use types::row::{RowView, decode_column};
use types::vector::Chunk;
use types::{Item, Vector};

/// How it is written anew. Expressions are over slots that are columns of the row, and of one that could not be inserted.
pub struct Rewrite {
    /// Columns by their places, and their new values.
    assignments: Vec<(usize, Source)>,
    condition: Conditions,
    /// What expressions read: places of columns; those from the number of columns on are the other row's.
    inputs: Vec<usize>,
    /// Places of the indexes that look at what is assigned.
    indexes: Vec<usize>,
    mode: RowMode,
}

/// What becomes of an entry.
struct Moved<'t> {
    index: &'t Index,
    before: Entry,
    after: Entry,
}

impl Rewrite {
    /// As a plan says, if that can be done so. `input` tells the column that a slot is.
    pub fn of(
        compiler: &Compiler<'_>,
        table: &Table,
        assignments: &[(u32, Expression)],
        condition: Option<&Expression>,
        input: &dyn Fn(usize) -> Option<usize>,
    ) -> ExecuteResult<Option<Rewrite>> {
        let assigned = |place: usize| assignments.iter().any(|(other, _)| *other as usize == place);
        let is_assigned = |number: &u16| {
            let column = table.target.columns.iter().position(|column| column.number == *number);
            column.is_none_or(assigned)
        };
        let refers = |key: &ForeignKey| key.from_columns.iter().any(is_assigned);
        let is_referred_to = |key: &ForeignKey| key.to_columns.iter().any(is_assigned);
        let looked_at = table.target.references.iter().any(refers)
            || table.target.referenced_by.iter().any(is_referred_to);
        let touched = |place: &usize| !table.indexes[*place].looks_only_at(|column| !assigned(column));
        let indexes: Vec<usize> = (0..table.indexes.len()).filter(touched).collect();
        let plain = |place: &usize| table.indexes[*place].is_plain() && !table.indexes[*place].deferrable;
        if !table.is_plain() || looked_at || !indexes.iter().all(plain) {
            return Ok(None);
        }
        let mut slots = Slots::new(input);
        let mut sources = Vec::with_capacity(assignments.len());
        for (place, value) in assignments {
            sources.push((*place as usize, Source::of(compiler, &slots.moved(value))?));
        }
        let condition: Vec<Expression> = condition.iter().map(|condition| slots.moved(condition)).collect();
        let condition = Conditions::new(compiler, &condition)?;
        let places = || assignments.iter().map(|(place, _)| *place);
        let mode = update_mode(table, places());
        let inputs = slots.inputs();
        Ok(inputs.map(|inputs| Rewrite { assignments: sources, condition, inputs, indexes, mode }))
    }

    /// How a row that could not be inserted is to be locked.
    pub fn mode(&self) -> RowMode {
        self.mode
    }

    /// Writes the row of these bytes anew, unless the condition is not true; `other` are the values of the row that could not
    /// be inserted. Answers whether it was written.
    pub fn run(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        id: i64,
        bytes: &[u8],
        other: &[Item<'_>],
    ) -> ExecuteResult<bool> {
        let mut columns = Vec::with_capacity(self.inputs.len());
        for place in &self.inputs {
            columns.push(input_column(table, bytes, other, *place)?);
        }
        if !self.condition.is_empty() {
            let mut chunk = Chunk::new(columns, 1);
            self.condition.filter(run, &mut chunk)?;
            if chunk.is_empty() {
                return Ok(false);
            }
            columns = chunk.into_columns();
        }
        let scope = Scope::new(&columns, 1);
        let mut computed: Vec<Option<Vector>> = Vec::with_capacity(self.assignments.len());
        for (_, value) in &self.assignments {
            computed.push(value.compute(run, &scope)?);
        }
        let row = RowView::new(&table.target.layout, bytes)?;
        let before = items_of(table, &row)?;
        let mut after = before.clone();
        for ((place, value), computed) in self.assignments.iter().zip(&computed) {
            after[*place] = value.item(run.world.parameters, computed)?;
        }
        if let Some(moved) = self.look(table, run.world.transaction, id, &before, &after)? {
            self.write(table, run.world.transaction, id, &after, &moved)?;
            run.count(|tally| tally.updated(table.target.table, 1));
        } else {
            // The way of all rows knows what is wrong.
            let (before, after) = (columns_of(&table.kinds, &before)?, columns_of(&table.kinds, &after)?);
            write_rows(table, run, &[id], before, after, &[])?;
        }
        Ok(true)
    }

    /// Which entries change; none if the row may not be as it would be. Keys that it would have are locked from now on.
    fn look<'t>(
        &self,
        table: &'t Table,
        transaction: &mut Transaction,
        id: i64,
        before: &[Item<'_>],
        after: &[Item<'_>],
    ) -> ExecuteResult<Option<Vec<Moved<'t>>>> {
        for (place, _) in &self.assignments {
            if table.target.columns[*place].not_null && after[*place].is_null() {
                return Ok(None);
            }
        }
        let mut moved = Vec::new();
        for place in &self.indexes {
            let index = &table.indexes[*place];
            let old = index.entry_of(keys_of(index, before), id);
            let new = index.entry_of(keys_of(index, after), id);
            if new.alone && new.key() != old.key() {
                let other = owner_of_key(table, transaction, index, &new, id)?;
                if other.is_some_and(|other| other != id) {
                    return Ok(None);
                }
            }
            if old != new {
                moved.push(Moved { index, before: old, after: new });
            }
        }
        Ok(Some(moved))
    }

    fn write(
        &self,
        table: &Table,
        transaction: &mut Transaction,
        id: i64,
        after: &[Item<'_>],
        moved: &[Moved<'_>],
    ) -> ExecuteResult<()> {
        let mut bytes = Vec::new();
        encode(table, after, &mut bytes)?;
        let has_other_key = |moved: &Moved<'_>| moved.index.unique && moved.before.key() != moved.after.key();
        if !moved.iter().any(has_other_key) {
            transaction.put_keeping_keys(table.tree(), &id.to_be_bytes(), &bytes)?;
        } else {
            transaction.put(table.tree(), &id.to_be_bytes(), &bytes)?;
        }
        for Moved { index, before, after } in moved {
            if before.key() != after.key() {
                transaction.delete(index.tree, before.key())?;
            }
            transaction.put(index.tree, after.key(), after.value())?;
        }
        Ok(())
    }
}

/// A column that expressions read, of one row.
fn input_column(table: &Table, bytes: &[u8], other: &[Item<'_>], place: usize) -> ExecuteResult<Vector> {
    let count = table.target.columns.len();
    if let Some(column) = table.target.columns.get(place) {
        // The table's constructor has seen to it that there is such a place.
        let stored = usize::from(column.number) - 1;
        return Ok(decode_column(&table.target.layout, stored, std::iter::once(bytes), &column.missing)?);
    }
    let item = place.checked_sub(count).and_then(|place| Some((other.get(place)?, table.kinds.get(place)?)));
    let (item, kind) = item.ok_or_else(|| ExecuteError::plan("a column that no row has"))?;
    Ok(Vector::constant(*kind, &item.to_value(), 1)?)
}
