//! A table that is changed, compiled.

use super::index::Index;
use super::route::Router;
use super::trigger::TableTriggers;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::run::{Run, kind_of};
use plan::target::{TargetTable, Within};
use plan::trigger::{Trigger, TriggerEvent, TriggerLevel, TriggerWhen};
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
    /// Its triggers, if it has any.
    pub triggers: Option<Box<TableTriggers>>,
    /// The same as `within`, if there are triggers that may make other rows of them.
    belongs: Vec<(Router, usize)>,
    generated: Vec<(usize, Evaluator)>,
    checks: Vec<Evaluator>,
    /// For each stored column the column that it is; `None` for dropped ones.
    stored: Vec<Option<usize>>,
    /// Whether these are the table's columns in their order, and no others.
    as_it_is: bool,
}

/// Whether a trigger sees new rows before they are inserted.
fn may_move(trigger: &Trigger) -> bool {
    (trigger.when, trigger.level) == (TriggerWhen::Before, TriggerLevel::Row)
        && trigger.events.contains(&TriggerEvent::Insert)
}

impl Table {
    /// As [`Table::new`], once for a whole run.
    ///
    /// # Errors
    /// As there.
    pub fn compiled(run: &mut Run<'_, '_>, target: &Arc<TargetTable>) -> ExecuteResult<Arc<Table>> {
        if let Some(table) = run.state.tables.get(&target.table) {
            return Ok(table.clone());
        }
        let table = Arc::new(Table::new(&Compiler::new(run.world.context.types), target)?);
        run.state.tables.insert(target.table, table.clone());
        Ok(table)
    }

    /// Compiles what the plan says.
    pub fn new(compiler: &Compiler<'_>, target: &Arc<TargetTable>) -> ExecuteResult<Table> {
        let mut table = Table::member(compiler, target)?;
        table.within = Table::parts_of(compiler, target)?;
        Ok(table)
    }

    /// What rows must be as those of a partition.
    fn parts_of(compiler: &Compiler<'_>, target: &TargetTable) -> ExecuteResult<Vec<(Router, usize)>> {
        let over_rows = Compiler::of_relation(compiler.types(), target.relation);
        let part = |within: &Within| Ok((Router::new(&over_rows, &within.routing)?, within.part));
        target.within.iter().map(part).collect()
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
            // Its own triggers may have made another row of one.
            within: match target.triggers.as_ref().is_some_and(|own| own.all.iter().any(|own| may_move(own)))
            {
                true => Table::parts_of(&compiler, target)?,
                false => Vec::new(),
            },
            belongs: match target.triggers.as_ref().is_some_and(|own| own.all.iter().any(|it| it.cloned)) {
                true => Table::parts_of(&compiler, target)?,
                false => Vec::new(),
            },
            triggers: match &target.triggers {
                Some(plan) => Some(Box::new(TableTriggers::new(compiler.types(), plan)?)),
                None => None,
            },
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
            && self.triggers.is_none()
    }

    /// Whether a row belongs to the partition that the table is, if it is one and triggers may change that.
    pub fn is_within(&self, run: &mut Run<'_, '_>, row: &[Vector]) -> ExecuteResult<bool> {
        for (router, part) in &self.belongs {
            if router.parts(run, row, 1)? != [Some(*part)] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Columns that are assigned to, with those that are generated from them.
    pub fn with_generated(&self, assigned: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut all: Vec<u32> = assigned.collect();
        for (place, column) in self.target.columns.iter().enumerate() {
            let Some(expression) = &column.generated else { continue };
            // Triggers may assign to anything.
            let mut uses = self.asks_before(TriggerEvent::Update);
            if !uses {
                expression.for_each_column(&mut |column| uses |= all.contains(&column.index));
            }
            if uses && !all.contains(&(place as u32)) {
                all.push(place as u32);
            }
        }
        all
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
