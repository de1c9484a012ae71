//! What definitions ask of the executor: indexes filled, constraints looked at, columns given their values.

use crate::world::Parts;
use catalog::object::{Object, Rule, Source, Table};
use catalog::{Catalog, CatalogError, Oid, Scope};
use define::{Rows, RowsError};
use execute::{ExecuteError, ExecuteResult, World};
use plan::target::TargetTable;
use std::sync::Arc;
use store::Transaction;

/// The executor, as definitions ask it.
pub struct SessionRows<'r> {
    /// What the session lends.
    pub parts: Parts<'r>,
}

type Outcome<T> = Result<T, Box<dyn RowsError>>;

impl SessionRows<'_> {
    fn within<R>(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        what: impl FnOnce(&mut World<'_>, &Arc<TargetTable>) -> ExecuteResult<R>,
    ) -> Outcome<R> {
        let done = self.parts.within(scope, transaction, &[], |world| {
            let target = world.catalog.target(table)?;
            what(world, &target)
        });
        done.map_err(|error| Box::new(error) as Box<dyn RowsError>)
    }
}

impl Rows for SessionRows<'_> {
    fn build_index(&mut self, transaction: &mut Transaction, scope: &Scope, index: Oid) -> Outcome<()> {
        let table = scope.index(index).map_or(0, |index| index.table);
        self.within(transaction, scope, table, |world, target| {
            let place = target.indexes.iter().position(|of| of.index == index);
            let place = place.ok_or_else(|| ExecuteError::plan("the new index is not there"))?;
            execute::build_index(world, target, place)
        })
    }

    fn validate(&mut self, transaction: &mut Transaction, scope: &Scope, constraint: Oid) -> Outcome<()> {
        let Some(constraint) = scope.constraint(constraint).cloned() else { return Ok(()) };
        self.within(transaction, scope, constraint.table, |world, target| match constraint.rule {
            Rule::Check(_) => {
                let place = target.checks.iter().position(|check| check.name == constraint.name);
                execute::validate_rows(world, target, place.as_slice(), &[])
            }
            Rule::ForeignKey { .. } => {
                let place = target.references.iter().position(|key| key.constraint == constraint.oid);
                let place = place.ok_or_else(|| ExecuteError::plan("the new foreign key is not there"))?;
                execute::validate_foreign_key(world, target, place)
            }
            Rule::Unique(_) | Rule::PrimaryKey(_) => Ok(()),
        })
    }

    fn validate_not_null(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        column: u16,
    ) -> Outcome<()> {
        self.within(transaction, scope, table, |world, target| {
            let place = target.columns.iter().position(|of| of.number == column + 1);
            execute::validate_rows(world, target, &[], place.as_slice())
        })
    }

    fn fill_column(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        table: Oid,
        column: u16,
    ) -> Outcome<()> {
        let Some(object) = scope.table(table).cloned() else { return Ok(()) };
        let no_value = matches!(object.columns[usize::from(column)].source, Source::Null);
        let empty =
            self.within(transaction, scope, table, |world, target| execute::count_rows(world, target))? == 0;
        if no_value || empty {
            return Ok(());
        }
        self.rewrite(transaction, catalog, scope, &object, column)
    }
}

impl SessionRows<'_> {
    /// Writes all rows anew, with the value of the new column.
    fn rewrite(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        table: &Arc<Table>,
        column: u16,
    ) -> Outcome<()> {
        let failed = |error: CatalogError| Box::new(error) as Box<dyn RowsError>;
        let old = self.within(transaction, scope, table.oid, |_, target| Ok(target.clone()))?;
        let mut values = Vec::with_capacity(old.columns.len());
        for (place, of) in old.columns.iter().enumerate() {
            let default = if of.number == column + 1 && of.generated.is_none() {
                self.within(transaction, scope, table.oid, |world, _| {
                    world.catalog.default_of(table.oid, of.number)
                })?
            } else {
                None
            };
            let same = || {
                let index = u32::try_from(place).unwrap_or(u32::MAX);
                let column = plan::expression::Column { relation: old.relation, index };
                plan::expression::Expression::column(column, of.column_type)
            };
            values.push(default.unwrap_or_else(same));
        }
        let new_tree = |transaction: &mut Transaction, versioned| {
            transaction.create_tree(versioned).map_err(|error| failed(error.into()))
        };
        let tree = new_tree(transaction, true)?;
        let indexes: Vec<Oid> = scope.indexes_of(table.oid).map(|index| index.oid).collect();
        let mut trees = Vec::with_capacity(indexes.len());
        for _ in &indexes {
            trees.push(new_tree(transaction, false)?);
        }
        let renew = |object: &mut Object, tree: u64| match object {
            Object::Table(table) => Arc::make_mut(table).tree = tree,
            Object::Index(index) => Arc::make_mut(index).tree = tree,
            _ => {}
        };
        catalog
            .alter::<CatalogError>(transaction, table.oid, |object| {
                renew(object, tree.0);
                Ok(())
            })
            .map_err(failed)?;
        for (index, tree) in indexes.iter().zip(&trees) {
            catalog
                .alter::<CatalogError>(transaction, *index, |object| {
                    renew(object, tree.0);
                    Ok(())
                })
                .map_err(failed)?;
        }
        let view = transaction.view().map_err(|error| failed(error.into()))?;
        let snapshot = catalog.snapshot(&self.parts.engine.store, &view).map_err(failed)?;
        *scope = Scope::new(snapshot, scope.path().clone());
        self.within(transaction, scope, table.oid, |world, new| {
            execute::rewrite_table(world, &old, new, &values).map(drop)
        })
    }
}
