//! A table that is changed, compiled.

use super::index::Index;
use super::route::Router;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::run::{Run, kind_of};
use plan::target::TargetTable;
use std::sync::Arc;
use store::TreeId;
use types::row::{decode_column, encode_row};
use types::vector::Chunk;
use types::{Kind, Value, Vector};

/// The table.
pub struct Table {
    /// What the plan says of it.
    pub target: Arc<TargetTable>,
    /// The kinds of its columns.
    pub kinds: Vec<Kind>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// What its rows must be as those of a partition, if they are changed by its own name.
    pub within: Vec<(Router, usize)>,
    generated: Vec<(usize, Evaluator)>,
    checks: Vec<Evaluator>,
    /// For each stored column the column that it is; `None` for dropped ones.
    stored: Vec<Option<usize>>,
    /// Whether these are the table's columns in their order, and no others.
    as_it_is: bool,
}

impl Table {
    /// Compiles what the plan says.
    pub fn new(compiler: &Compiler<'_>, target: &Arc<TargetTable>) -> ExecuteResult<Table> {
        let mut table = Table::member(compiler, target)?;
        let over_rows = Compiler::of_relation(compiler.types(), target.relation);
        for within in &target.within {
            table.within.push((Router::new(&over_rows, &within.routing)?, within.part));
        }
        Ok(table)
    }

    /// The same of a table whose rows come from one that it is a part of, which has seen to it that they belong to it.
    pub fn member(compiler: &Compiler<'_>, target: &Arc<TargetTable>) -> ExecuteResult<Table> {
        let compiler = Compiler::of_relation(compiler.types(), target.relation);
        let mut kinds = Vec::with_capacity(target.columns.len());
        let mut generated = Vec::new();
        let mut stored = vec![None; target.layout.columns().len()];
        for (place, column) in target.columns.iter().enumerate() {
            kinds.push(kind_of(compiler.types(), column.column_type)?);
            if let Some(expression) = &column.generated {
                generated.push((place, Evaluator::new(&compiler, expression)?));
            }
            let slot = usize::from(column.number).checked_sub(1).and_then(|slot| stored.get_mut(slot));
            *slot.ok_or_else(|| ExecuteError::plan("a column that no row has"))? = Some(place);
        }
        let checks = target.checks.iter().map(|check| Evaluator::new(&compiler, &check.condition));
        let indexes = target.indexes.iter().map(|index| Index::new(&compiler, target, index));
        Ok(Table {
            kinds,
            indexes: indexes.collect::<ExecuteResult<_>>()?,
            within: Vec::new(),
            generated,
            checks: checks.collect::<ExecuteResult<_>>()?,
            as_it_is: stored.len() == target.columns.len()
                && stored.iter().enumerate().all(|(slot, place)| *place == Some(slot)),
            stored,
            target: target.clone(),
        })
    }

    /// The tree of its rows.
    pub fn tree(&self) -> TreeId {
        TreeId(self.target.tree)
    }

    /// Its checks, in the order of the plan.
    pub fn checks(&self) -> &[Evaluator] {
        &self.checks
    }

    /// For each stored column the place of the column that it is; none for dropped ones.
    pub fn stored_places(&self) -> &[Option<usize>] {
        &self.stored
    }

    /// Whether rows have the table's columns in their order, and no others.
    pub fn is_stored_as_it_is(&self) -> bool {
        self.as_it_is
    }

    /// Whether rows are what they are given and stay where they are put: nothing is generated or checked, no partition is looked
    /// for, and no other table's rows are changed with its own.
    pub fn is_plain(&self) -> bool {
        let target = &self.target;
        self.generated.is_empty()
            && self.checks.is_empty()
            && target.members.is_empty()
            && target.routing.is_none()
            && target.within.is_empty()
    }

    /// Computes the generated columns.
    pub fn generate(&self, run: &mut Run<'_, '_>, columns: &mut [Vector], rows: usize) -> ExecuteResult<()> {
        if self.generated.is_empty() {
            return Ok(());
        }
        // They do not refer to each other.
        let chunk = Chunk::new(columns.to_vec(), rows);
        for (place, expression) in &self.generated {
            columns[*place] = expression.evaluate(run, &chunk)?;
        }
        Ok(())
    }

    /// The columns as rows store them.
    pub fn stored(&self, columns: &[Vector], rows: usize) -> ExecuteResult<Vec<Vector>> {
        let mut stored = Vec::with_capacity(self.stored.len());
        for (slot, place) in self.stored.iter().enumerate() {
            stored.push(match place {
                Some(place) => columns[*place].clone(),
                None => {
                    let kind = self.target.layout.columns()[slot].kind();
                    Vector::constant(kind, &Value::Null, rows)?
                }
            });
        }
        Ok(stored)
    }

    /// Puts the bytes of a row into `bytes`.
    pub fn encode(&self, stored: &[Vector], row: usize, bytes: &mut Vec<u8>) -> ExecuteResult<()> {
        bytes.clear();
        self.append(stored, row, bytes)
    }

    /// Appends the bytes of a row.
    pub fn append(&self, stored: &[Vector], row: usize, bytes: &mut Vec<u8>) -> ExecuteResult<()> {
        Ok(encode_row(&self.target.layout, stored, row, bytes)?)
    }

    /// The columns that rows have.
    pub fn decode(&self, rows: &[Vec<u8>]) -> ExecuteResult<Vec<Vector>> {
        let mut columns = Vec::with_capacity(self.kinds.len());
        for column in &self.target.columns {
            // The constructor has seen to it that there is such a place.
            let place = usize::from(column.number) - 1;
            let rows = rows.iter().map(Vec::as_slice);
            columns.push(decode_column(&self.target.layout, place, rows, &column.missing)?);
        }
        Ok(columns)
    }
}
