//! Many rows of a table that refer to others, looked at together: what a new foreign key asks of all rows that are there.
//!
//! Both tables are locked against writers, so no row is locked for it. Keys are looked for in the order of the index, each once.
//! A row whose key is not found so, or cannot be looked for so (of another type, in a divided table, with nulls in it), is told
//! to the caller, who looks at it alone.

use super::counterpart::types_of;
use super::{keys_with, places, referring};
use crate::change::table::Table;
use crate::error::ExecuteResult;
use crate::run::Run;
use plan::target::TargetTable;
use std::sync::Arc;
use types::{Type, Value, Vector};

/// Where the keys of a foreign key are looked for.
pub struct Lookup {
    /// The places of the columns that refer.
    from: Vec<usize>,
    match_full: bool,
    /// The table referred to, and the places of its columns; none where keys cannot be looked for together.
    to: Option<(Arc<Table>, Vec<usize>)>,
}

impl Lookup {
    /// For a key, by its place among the table's.
    pub fn new(run: &mut Run<'_, '_>, target: &TargetTable, key: usize) -> ExecuteResult<Lookup> {
        let plan = &target.references[key];
        let from = places(target, &plan.from_columns)?;
        let parent = run.world.catalog.target(plan.to.0)?;
        let to = places(&parent, &plan.to_columns)?;
        let types = run.world.context.types;
        let bare =
            |of: Vec<Type>| -> Vec<u32> { of.into_iter().map(|of| types.undomained(of).oid).collect() };
        let is_plain =
            parent.routing.is_none() && bare(types_of(target, &from)) == bare(types_of(&parent, &to));
        let to = if is_plain { Some((Table::compiled(run, &parent)?, to)) } else { None };
        Ok(Lookup { from, match_full: plan.match_full, to })
    }

    /// Looks whether rows have somebody to refer to.
    ///
    /// # Errors
    /// When one has not: the first of them.
    pub fn look_at(
        &self,
        run: &mut Run<'_, '_>,
        (target, key): (&Arc<TargetTable>, usize),
        ids: &[i64],
        columns: &[Vector],
    ) -> ExecuteResult<()> {
        let mut alone = self.not_found(run, ids, columns)?;
        alone.sort_unstable();
        alone.into_iter().try_for_each(|id| referring(run, target, key, id))
    }

    fn not_found(&self, run: &mut Run<'_, '_>, ids: &[i64], columns: &[Vector]) -> ExecuteResult<Vec<i64>> {
        let Some((parent, to)) = &self.to else { return Ok(ids.to_vec()) };
        let mut alone = Vec::new();
        let mut sought = Vec::with_capacity(ids.len());
        for (row, id) in ids.iter().enumerate() {
            let key = super::values(columns, &self.from, row);
            let has_null = key.iter().any(Value::is_null);
            if has_null && !self.match_full {
                continue;
            }
            match if has_null { None } else { keys_with(parent, to, &key)? } {
                Some((tree, bounds)) => sought.push((bounds, tree, *id)),
                None => alone.push(*id),
            }
        }
        sought.sort_by(|(one, ..), (other, ..)| one.from.cmp(&other.from));
        for same in sought.chunk_by(|(one, ..), (other, ..)| one == other) {
            let Some((bounds, tree, _)) = same.first() else { continue };
            let mut scan = run.world.transaction.scan(*tree, bounds.clone())?;
            if !scan.next()? {
                alone.extend(same.iter().map(|(.., id)| *id));
            }
        }
        Ok(alone)
    }
}
