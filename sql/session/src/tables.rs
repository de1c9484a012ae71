//! What the executor and the planner ask of the catalog: tables as changes see them, defaults, rows of the system's tables.

use bind::{BindResult, Context, definition};
use execute::{Catalog, ExecuteError, ExecuteResult};
use functions::{FunctionError, RowSource};
use plan::expression::Expression;
use plan::target::TargetTable;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The catalog as a statement asks it. What was bound once is kept as long as the statement runs.
pub struct Tables<'t> {
    context: Context<'t>,
    targets: RefCell<BTreeMap<u32, Arc<TargetTable>>>,
}

impl<'t> Tables<'t> {
    /// What names mean in `context`.
    pub fn new(context: Context<'t>) -> Tables<'t> {
        Tables { context, targets: RefCell::default() }
    }

    /// A table as changes see it; none if there is no table of this number.
    ///
    /// # Errors
    /// When an expression of the catalog means nothing any more.
    pub fn find(&self, table: u32) -> BindResult<Option<Arc<TargetTable>>> {
        if let Some(found) = self.targets.borrow().get(&table) {
            return Ok(Some(found.clone()));
        }
        let Some(object) = self.context.scope.table(table) else { return Ok(None) };
        let target = definition::target_table(self.context, object)?;
        self.targets.borrow_mut().insert(table, target.clone());
        Ok(Some(target))
    }
}

/// An error of the binder, as the executor carries it.
fn carried(error: bind::BindError) -> ExecuteError {
    FunctionError::Other(Box::new(error)).into()
}

impl Catalog for Tables<'_> {
    fn target(&self, table: u32) -> ExecuteResult<Arc<TargetTable>> {
        let found = self.find(table).map_err(carried)?;
        found.ok_or_else(|| ExecuteError::plan(format!("there is no table {table}")))
    }

    fn default_of(&self, table: u32, column: u16) -> ExecuteResult<Option<Expression>> {
        let Some(object) = self.context.scope.table(table) else { return Ok(None) };
        let place = object.live_columns().position(|(place, _)| place + 1 == usize::from(column));
        let defaults = definition::defaults(self.context, object).map_err(carried)?;
        Ok(place.and_then(|place| defaults.get(place).cloned()))
    }

    fn rows(&self, table: u32, _: &[u16]) -> ExecuteResult<Box<dyn RowSource>> {
        let relation = self.context.scope.relation(table);
        let name = relation.map_or_else(|| table.to_string(), |relation| relation.name().to_owned());
        Err(ExecuteError::Unsupported(format!("system table {name}")))
    }
}
