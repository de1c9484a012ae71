//! What definitions ask of the executor: indexes filled, constraints looked at, columns given their values.

use crate::error::SessionError;
use crate::sequence::value::last_value;
use crate::store_error::StoreFailure;
use crate::world::literals::SessionLiterals;
use crate::world::{Parts, as_owner};
use catalog::object::{
    Constraint, Datum, DefinitionEvent, Object, Rule, SearchTemplate, Sequence, Source, Table, is_temporary,
};
use catalog::{Catalog, CatalogError, Oid, Scope};
use define::{Rows, RowsError};
use diagnostic::{Diagnostic, SqlState};
use execute::{ExecuteError, ExecuteResult, World};
use plan::expression::{Column, Expression, ExpressionKind};
use plan::target::{Check, TargetColumn, TargetTable};
use search::dictionary::OptionValue;
use std::sync::Arc;
use store::{StoreError, Transaction};
use types::catalog::oid;
use types::{Type, Value};

/// The executor, as definitions ask it.
pub struct SessionRows<'r> {
    /// What the session lends.
    pub parts: Parts<'r>,
}

type Outcome<T> = Result<T, Box<dyn RowsError>>;

impl RowsError for SessionError {
    fn as_diagnostic(&self) -> &dyn Diagnostic {
        self
    }

    fn store_error(&self) -> Option<&StoreError> {
        if let SessionError::Store(StoreFailure::Call(error)) = self { Some(error) } else { None }
    }
}

fn failed(error: impl Into<SessionError>) -> Box<dyn RowsError> {
    Box::new(error.into())
}

impl SessionRows<'_> {
    fn within<R>(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        what: impl FnOnce(&mut World<'_>, &Arc<TargetTable>) -> ExecuteResult<R>,
    ) -> Outcome<R> {
        self.within_with(transaction, scope, (table, None), what)
    }

    /// The same; a part of a foreign key, which nothing looks at otherwise, is the last of what the table refers by.
    fn within_with<R>(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        (table, part): (Oid, Option<&Constraint>),
        what: impl FnOnce(&mut World<'_>, &Arc<TargetTable>) -> ExecuteResult<R>,
    ) -> Outcome<R> {
        let target = {
            let literals = SessionLiterals { text: self.parts.text };
            let context = self.parts.context(scope, &literals);
            let Some(found) = scope.table(table) else {
                return Err(failed(ExecuteError::plan(format!("there is no table {table}"))));
            };
            // Those that inherit from it may not have what it has just got.
            let mut target = bind::definition::lone_target(context, found).map_err(failed)?;
            if let Some(key) = part.and_then(|part| bind::definition::foreign_key(context, part)) {
                Arc::make_mut(&mut target).references.push(key);
            }
            target
        };
        self.parts.within(scope, transaction, &[], |world| what(world, &target)).map_err(failed)
    }

    fn owner(&self, scope: &Scope, table: Oid) -> Oid {
        scope.table(table).map_or(self.parts.roles.0, |table| table.owner)
    }
}

impl Rows for SessionRows<'_> {
    fn last_value(&mut self, transaction: &mut Transaction, sequence: &Sequence) -> Outcome<(i64, bool)> {
        let last = last_value(transaction.session(), self.parts.database, sequence);
        last.map_err(failed)
    }

    fn emptied(&mut self, table: Oid, indexes: usize) {
        let mut tally = self.parts.tally.borrow_mut();
        tally.emptied(table);
        if indexes > 0 {
            tally.table(table).scans += indexes as u64;
        }
    }

    fn are_awaited(&self, table: Oid) -> bool {
        self.parts.events.concern(table)
    }

    fn are_read(&self, table: Oid) -> bool {
        self.parts.lent.all_used().any(|used| used == table) || self.parts.cursors.borrow().read(table)
    }

    fn build_index(&mut self, transaction: &mut Transaction, scope: &Scope, index: Oid) -> Outcome<u64> {
        let table = scope.index(index).map_or(0, |index| index.table);
        let owner = self.owner(scope, table);
        self.within(transaction, scope, table, |world, target| {
            let place = target.indexes.iter().position(|of| of.index == index);
            let place = place.ok_or_else(|| ExecuteError::plan("the new index is not there"))?;
            as_owner(world, owner, |world| execute::build_index(world, target, place))
        })
    }

    fn validate(&mut self, transaction: &mut Transaction, scope: &Scope, constraint: Oid) -> Outcome<()> {
        let Some(constraint) = scope.constraint(constraint).cloned() else { return Ok(()) };
        let part = scope.is_key_to_part(&constraint).then_some(&*constraint);
        self.within_with(transaction, scope, (constraint.table, part), |world, target| {
            match constraint.rule {
                Rule::Check(_) => {
                    let place = target.checks.iter().position(|check| check.name == constraint.name);
                    execute::validate_rows(world, target, place.as_slice(), &[])
                }
                Rule::ForeignKey { .. } => {
                    let place = target.references.iter().position(|key| key.constraint == constraint.oid);
                    let place =
                        place.ok_or_else(|| ExecuteError::plan("the new foreign key is not there"))?;
                    execute::validate_foreign_key(world, target, place)
                }
                Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => Ok(()),
            }
        })
    }

    fn try_dictionary(
        &mut self,
        scope: &Scope,
        template: &SearchTemplate,
        options: &[(String, OptionValue)],
    ) -> Outcome<()> {
        let maker = crate::services::dictionaries::Maker::new(self.parts.engine, self.parts.database, scope);
        maker.make(template, options).map(drop).map_err(failed)
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

    fn constant(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        expression: &Expression,
    ) -> Outcome<Value> {
        let evaluated = |world: &mut World<'_>| crate::words::evaluated(world, expression.clone());
        let value = self.parts.within(scope, transaction, &[], evaluated);
        value.map_err(|error: ExecuteError| failed(error))
    }

    fn fire_truncate(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        tables: &[Oid],
        before: bool,
    ) -> Outcome<()> {
        let fired =
            self.parts.within(scope, transaction, &[], |world| execute::fire_truncate(world, tables, before));
        fired.map_err(failed)
    }

    fn keeps_within(&mut self, transaction: &mut Transaction, scope: &Scope, table: Oid) -> Outcome<bool> {
        self.within(transaction, scope, table, execute::keeps_within)
    }

    fn retype(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        before: &Arc<TargetTable>,
        values: &[Expression],
    ) -> Outcome<()> {
        let widens = |(value, column): (&Expression, &TargetColumn)| {
            stays(value) || only_widens(column.column_type, value.result)
        };
        if !values.iter().zip(&before.columns).all(widens) {
            self.rewrites(transaction, scope, before.table, 4)?;
        }
        self.write_anew(transaction, catalog, scope, before, |world, new| {
            execute::rewrite_table(world, before, new, values)
        })
    }

    fn rewrites(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        reason: i32,
    ) -> Outcome<()> {
        // What is partitioned has no rows.
        if scope.table(table).is_some_and(|table| table.is_partitioned()) {
            return Ok(());
        }
        let event = DefinitionEvent::Rewrite;
        let replica = self.parts.settings.typed().replica;
        let functions = match self.parts.lent.transient.borrow_mut().defining.last_mut() {
            Some(defining) => defining.begin_rewrite(scope, (table, reason), replica),
            None => return Ok(()),
        };
        for (function, tag) in functions {
            let called = self.parts.within(scope, transaction, &[], |world| {
                world.catalog.call_event_trigger(world, function, (event.name(), tag))
            });
            called.map_err(failed)?;
        }
        if let Some(defining) = self.parts.lent.transient.borrow_mut().defining.last_mut() {
            defining.end_rewrite();
        }
        Ok(())
    }

    fn order_rows(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        table: Oid,
        index: Oid,
    ) -> Outcome<()> {
        let mut before = None;
        self.within(transaction, scope, table, |_, target| {
            before = Some(target.clone());
            Ok(())
        })?;
        let Some(before) = before else { return Ok(()) };
        let place = before.indexes.iter().position(|known| known.index == index);
        let Some(place) = place else { return Ok(()) };
        let owner = self.owner(scope, table);
        self.write_anew(transaction, catalog, scope, &before, |world, new| {
            as_owner(world, owner, |world| execute::order_rows(world, &before, new, place))
        })
    }

    fn column_keeps(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: Oid,
        column: u16,
        condition: Option<&Expression>,
    ) -> Outcome<bool> {
        let looked_at = self.within(transaction, scope, table, |world, target| {
            let place = target.columns.iter().position(|of| of.number == column + 1);
            let Some(place) = place else { return Ok(()) };
            let Some(condition) = condition else {
                return execute::validate_rows(world, target, &[], &[place]);
            };
            let index = u32::try_from(place).unwrap_or(u32::MAX);
            let of = target.columns[place].column_type;
            let own = Expression::column(Column { relation: target.relation, index }, of);
            let mut condition = condition.clone();
            put_column(&mut condition, &own);
            let mut target = TargetTable::clone(target);
            target.checks = vec![Check {
                name: String::new(),
                condition,
                asked_by: plan::target::AskedBy::Table,
                validated: true,
            }];
            execute::validate_rows(world, &Arc::new(target), &[0], &[])
        });
        match looked_at {
            Ok(()) => Ok(true),
            Err(error) => match error.as_diagnostic().sqlstate() {
                SqlState::NotNullViolation | SqlState::CheckViolation => Ok(false),
                _ => Err(error),
            },
        }
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
        let of = &object.columns[usize::from(column)];
        // A domain may have a default, and may refuse null.
        let no_value = matches!(of.source, Source::Null) && scope.domain(of.type_oid).is_none();
        let computed = !no_value && self.is_computed(transaction, scope, &object, column)?;
        if computed {
            self.rewrites(transaction, scope, table, 2)?;
        }
        let empty =
            self.within(transaction, scope, table, |world, target| execute::count_rows(world, target))? == 0;
        if computed && !empty {
            return self.rewrite(transaction, catalog, scope, &object, column);
        }
        // A value that all rows would have is computed, be there any or not.
        let given = of.source != Source::Null || scope.type_default(of.type_oid).is_some();
        if computed || !given || object.is_partitioned() {
            return Ok(());
        }
        let missing = self.within(transaction, scope, table, |world, _| {
            let default = world.catalog.default_of(table, column + 1)?;
            default.map_or(Ok(Value::Null), |default| crate::words::evaluated(world, default))
        })?;
        if empty || missing.is_null() {
            return Ok(());
        }
        catalog
            .alter::<CatalogError>(transaction, table, |object| {
                if let Object::Table(table) = object {
                    Arc::make_mut(table).columns[usize::from(column)].missing = Some(Datum(missing));
                }
                Ok(())
            })
            .map_err(failed)?;
        self.look_again(transaction, catalog, scope)
    }
}

/// Whether a type is a domain that does not take all values of what it is made of.
fn may_refuse(scope: &Scope, mut of: Oid) -> bool {
    while let Some(domain) = scope.domain(of) {
        if domain.not_null || scope.constraints_of(of).next().is_some() {
            return true;
        }
        of = domain.base_oid;
    }
    false
}

/// Whether bytes that are there mean the same in another type: they stay where they are in PostgreSQL.
fn stays(value: &Expression) -> bool {
    let mut value = value;
    loop {
        value = match &value.kind {
            ExpressionKind::Column(_) => return true,
            ExpressionKind::Relabel(of) => of,
            // A domain that demands nothing is its base.
            ExpressionKind::DomainCheck { operand, domain } => {
                match domain.not_null || !domain.checks.is_empty() {
                    true => return false,
                    false => operand,
                }
            }
            _ => return false,
        };
    }
}

/// Whether a type takes all values of another as they are, because it is the same with more room.
fn only_widens(old: Type, new: Type) -> bool {
    if old.oid != new.oid {
        return false;
    }
    let is_more = |old: i32, new: i32| new < 0 || (0..=new).contains(&old);
    match old.oid {
        oid::VARCHAR | oid::VARBIT | oid::TIME | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::TIMETZ => {
            is_more(old.modifier, new.modifier)
        }
        // Precision stands above scale.
        oid::NUMERIC => {
            let scale = |modifier: i32| (modifier - 4) & 0x7ff;
            let same = old.modifier >= 4 && scale(old.modifier) == scale(new.modifier);
            new.modifier < 0 || same && is_more(old.modifier, new.modifier)
        }
        _ => old.modifier == new.modifier,
    }
}

/// Puts a column where a domain's check has the value that it looks at.
fn put_column(expression: &mut Expression, column: &Expression) {
    match &mut expression.kind {
        ExpressionKind::Element => *expression = column.clone(),
        // What is within has elements of its own.
        ExpressionKind::ArrayCast { operand, .. } | ExpressionKind::RowCast { operand, .. } => {
            put_column(operand, column);
        }
        _ => expression.for_each_part_mut(&mut |part| put_column(part, column)),
    }
}

/// Whether an expression may give something else for each row.
fn is_volatile(scope: &Scope, expression: &Expression) -> bool {
    let mut found = false;
    expression.walk(&mut |part| {
        part.for_each_function(&mut |function| {
            found |= match functions::table::function(function.0) {
                Some(entry) => entry.volatility == functions::Volatility::Volatile,
                None => {
                    let made = scope.function(function.0);
                    made.is_some_and(|made| made.volatility == catalog::object::Volatility::Volatile)
                }
            };
        });
    });
    found
}

impl SessionRows<'_> {
    /// Whether rows get values of their own in a new column, which PostgreSQL writes into each of them.
    fn is_computed(
        &mut self,
        transaction: &mut Transaction,
        scope: &Scope,
        table: &Arc<Table>,
        column: u16,
    ) -> Outcome<bool> {
        let of = &table.columns[usize::from(column)];
        match &of.source {
            Source::Generated(_) | Source::Identity { .. } => return Ok(true),
            Source::Null | Source::Default(_) => {}
        }
        if may_refuse(scope, of.type_oid) {
            return Ok(true);
        }
        let default = self.within(transaction, scope, table.oid, |world, _| {
            world.catalog.default_of(table.oid, column + 1)
        })?;
        Ok(default.is_some_and(|default| is_volatile(scope, &default)))
    }

    /// Writes all rows anew, with the value of the new column.
    fn rewrite(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        table: &Arc<Table>,
        column: u16,
    ) -> Outcome<()> {
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
        self.write_anew(transaction, catalog, scope, &old, |world, new| {
            execute::rewrite_table(world, &old, new, &values)
        })
    }

    /// Has all rows written anew into new trees, with all columns.
    fn write_anew(
        &mut self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
        old: &Arc<TargetTable>,
        write: impl FnOnce(&mut World<'_>, &Arc<TargetTable>) -> ExecuteResult<u64>,
    ) -> Outcome<()> {
        let table = old.table;
        let new_tree = |transaction: &mut Transaction, versioned| {
            let made = if is_temporary(table) {
                transaction.create_temporary_tree(versioned)
            } else {
                transaction.create_tree(versioned)
            };
            made.map_err(failed)
        };
        let tree = new_tree(transaction, true)?;
        let indexes: Vec<Oid> = scope.indexes_of(table).map(|index| index.oid).collect();
        let mut trees = Vec::with_capacity(indexes.len());
        for _ in &indexes {
            trees.push(new_tree(transaction, false)?);
        }
        let renew = |object: &mut Object, tree: u64| match object {
            Object::Table(table) => {
                let table = Arc::make_mut(table);
                table.tree = tree;
                // No row is older than a column any more.
                table.columns.iter_mut().for_each(|column| column.missing = None);
            }
            Object::Index(index) => Arc::make_mut(index).tree = tree,
            _ => {}
        };
        catalog
            .alter::<CatalogError>(transaction, table, |object| {
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
        self.look_again(transaction, catalog, scope)?;
        self.within(transaction, scope, table, |world, new| write(world, new).map(drop))
    }

    /// Objects have changed: the scope is of what they are now.
    fn look_again(
        &self,
        transaction: &mut Transaction,
        catalog: &mut Catalog,
        scope: &mut Scope,
    ) -> Outcome<()> {
        let view = transaction.view().map_err(failed)?;
        let snapshot = catalog.snapshot(&self.parts.engine.store, &view).map_err(failed)?;
        *scope = Scope::new(snapshot, scope.path().clone());
        Ok(())
    }
}
