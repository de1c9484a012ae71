//! What the executor and the planner ask of the catalog: tables as changes see them, defaults, rows of the system's tables.

use crate::settings::Settings;
use bind::{BindResult, Context, definition};
use catalog::{Oid, Relation};
use execute::{Catalog, ExecuteError, ExecuteResult};
use functions::{FunctionError, RowSource};
use plan::expression::Expression;
use plan::target::TargetTable;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::DatabaseId;
use types::text::TextSettings;

/// What the system's tables tell of the session.
#[derive(Clone, Copy)]
pub struct About<'t> {
    /// Its database and its role.
    pub who: (DatabaseId, Oid),
    /// How it shows values.
    pub text: &'t TextSettings,
    /// Its settings.
    pub settings: &'t Settings,
}

/// The catalog as a statement asks it. What was bound once is kept as long as the statement runs.
pub struct Tables<'t> {
    context: Context<'t>,
    session: About<'t>,
    targets: RefCell<BTreeMap<u32, Arc<TargetTable>>>,
}

impl<'t> Tables<'t> {
    /// What names mean in `context`.
    pub fn new(context: Context<'t>, session: About<'t>) -> Tables<'t> {
        Tables { context, session, targets: RefCell::default() }
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

    fn rows(&self, table: u32, columns: &[u16]) -> ExecuteResult<Box<dyn RowSource>> {
        let scope = self.context.scope;
        let Some(Relation::System(system)) = scope.relation(table) else {
            return Err(ExecuteError::plan(format!("there is no system table {table}")));
        };
        let About { who, text, settings } = self.session;
        let rows = crate::system::rows(scope, &system, columns, who, text, settings);
        rows.map_err(|error| FunctionError::Other(Box::new(error)).into())
    }
}
