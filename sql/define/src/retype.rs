//! `ALTER TABLE … ALTER COLUMN … TYPE`: the rows are written anew, indexes and constraints are looked at anew.

use crate::access_method::{class_of_key, refuse_entries, refuse_type};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed, plain};
use crate::sequence::Options;
use bind::Clause;
use bind::definition::{assignment_cast, kept_of_domain, over_table, target_table, written_target};
use catalog::object::{Column, Constraint, IndexedValue, Object, Oid, Rule, Source, Table};
use catalog::{Address, CatalogError, operator_class};
use diagnostic::SqlState;
use plan::expression::{CallForm, Column as Bound, Expression, ExpressionKind};
use plan::target::TargetTable;
use std::sync::Arc;
use syntax::tree::alter::{AlterActionKind, ColumnAction, ColumnReference};
use syntax::tree::expression::Expression as Written;
use syntax::tree::{QualifiedName, TypeName};
use types::Type;
use types::catalog::type_name;

/// Gives a column another type.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn retype(
    definer: &mut Definer<'_>,
    table: Oid,
    at: u16,
    (written, collation): (&TypeName<'_>, Option<&QualifiedName<'_>>),
    using: Option<&Written<'_>>,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let column = of.columns[usize::from(at)].clone();
    let to = definer.use_type(written).map_err(DefineError::without_position)?;
    crate::table::column::refuse_pseudo_type(definer, &column.name, to)?;
    let collation = definer.collation(to, collation).map_err(DefineError::without_position)?;
    let counted_by = match column.source {
        Source::Identity { sequence, .. } => {
            crate::table::refuse_identity_type(to.oid)?;
            definer.scope.sequence(sequence).cloned()
        }
        Source::Null | Source::Default(_) | Source::Generated(_) => None,
    };
    if of.is_foreign() {
        // It has no rows to be written anew, so that this is asked at first.
        refuse_rows_within(definer, &of)?;
    }
    if using.is_some() && matches!(column.source, Source::Generated(_)) {
        return Err(DefineError::Plain {
            state: SqlState::InvalidColumnDefinition,
            message: "cannot specify USING when altering type of generated column".into(),
            detail: Some(format!("Column \"{}\" is a generated column.", column.name)),
            hint: None,
            position: None,
        });
    }
    let before = rows_before(definer, &of, at, to, using)?;
    refuse_default(definer, &column, to)?;
    refuse_used(definer, &of, at)?;
    refuse_indexes(definer, &of, at, to)?;
    crate::statistics::refuse_retyped(definer, &of, at, to)?;
    change_column(definer, &of, at, (to, collation))?;
    if let Some(sequence) = counted_by {
        let options = Options::default().counting_in(to.oid);
        crate::sequence::set_options(definer, &sequence, &options)?;
    }
    if let Some((before, values)) = before {
        let retyped =
            definer.rows.retype(definer.transaction, definer.catalog, &mut definer.scope, &before, &values);
        retyped.map_err(DefineError::Build)?;
    }
    definer.refresh()?;
    crate::statistics::forget(definer, table, at)?;
    tell_merged(definer, table, at);
    look_at_references(definer, table, at)
}

/// Refuses another type for a column that has got one by the same statement.
///
/// # Errors
/// When it has.
pub(crate) fn refuse_twice(
    definer: &Definer<'_>,
    before: &Table,
    action: &AlterActionKind<'_>,
) -> DefineResult<()> {
    let AlterActionKind::Column(ColumnReference::Name(name), ColumnAction::Type { .. }) = action else {
        return Ok(());
    };
    let now = definer.table(before.oid)?;
    let of = |table: &Table| table.column(name.text).map(|(_, column)| column.column_type());
    if of(before) == of(&now) {
        return Ok(());
    }
    let message = format!("cannot alter type of column \"{}\" twice", name.text);
    Err(plain(SqlState::FeatureNotSupported, message))
}

/// In PostgreSQL checks of the column are made anew: one that is the table's own and its parent's is merged again, and that is told.
fn tell_merged(definer: &mut Definer<'_>, table: Oid, at: u16) {
    let is_both = |check: &&Arc<Constraint>| {
        matches!(check.rule, Rule::Check(_))
            && check.local
            && check.inherited > 0
            && check.columns.contains(&at)
    };
    let merged = definer.scope.constraints_of(table).filter(is_both).map(|check| check.name.clone());
    let mut merged: Vec<String> = merged.collect();
    merged.sort();
    for name in merged {
        let message = format!("merging constraint \"{name}\" with inherited definition");
        definer.notice(DefineNotice::Merging(message, None));
    }
}

/// The table whose rows are written anew, and what comes into its columns; none of a foreign table, which has no rows, so that
/// its column may become of any type.
fn rows_before(
    definer: &Definer<'_>,
    of: &Arc<Table>,
    at: u16,
    to: Type,
    using: Option<&Written<'_>>,
) -> DefineResult<Option<(Arc<TargetTable>, Vec<Expression>)>> {
    if of.is_foreign() {
        return match using {
            Some(_) => Err(plain(SqlState::WrongObjectType, format!("\"{}\" is not a table", of.name))),
            None => Ok(None),
        };
    }
    let before = target_table(definer.binding(), of)?;
    let place = of.live_columns().position(|(known, _)| known == usize::from(at)).unwrap_or(0);
    let mut values: Vec<Expression> = (0u32..)
        .zip(&before.columns)
        .map(|(index, column)| {
            Expression::column(Bound { relation: before.relation, index }, column.column_type)
        })
        .collect();
    let name = &of.columns[usize::from(at)].name;
    values[place] = new_value(definer, of, name, (values[place].clone(), to), (using, before.relation))?;
    Ok(Some((before, values)))
}

/// What is wrong with `USING` is found before it is found that there is no such column.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn refuse_using(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    using: &Written<'_>,
) -> DefineResult<()> {
    let relation = target_table(definer.binding(), table)?.relation;
    over_table(definer.binding(), table, relation, using, Clause::AlterType)?;
    Ok(())
}

/// The column's value as one of the new type.
fn new_value(
    definer: &Definer<'_>,
    table: &Arc<Table>,
    column: &str,
    (own, to): (Expression, Type),
    (using, relation): (Option<&Written<'_>>, plan::expression::RelationId),
) -> DefineResult<Expression> {
    let value = match using {
        Some(using) => over_table(definer.binding(), table, relation, using, Clause::AlterType)?,
        None => own,
    };
    if let Some(cast) = assignment_cast(definer.binding(), value, to)? {
        return Ok(cast);
    }
    let shown = type_name(&definer.scope, to.oid, Some(to.modifier));
    let plain = type_name(&definer.scope, to.oid, None);
    Err(if using.is_some() {
        DefineError::Plain {
            state: SqlState::DatatypeMismatch,
            message: format!(
                "result of USING clause for column \"{column}\" cannot be cast automatically to type {plain}"
            ),
            detail: None,
            hint: Some("You might need to add an explicit cast.".into()),
            position: None,
        }
    } else {
        DefineError::Plain {
            state: SqlState::DatatypeMismatch,
            message: format!("column \"{column}\" cannot be cast automatically to type {plain}"),
            detail: None,
            hint: Some(format!(
                "You might need to specify \"USING {}::{shown}\".",
                catalog::name::quote_identifier(column)
            )),
            position: None,
        }
    })
}

/// Refuses a type of which an index of the column cannot be.
fn refuse_indexes(definer: &Definer<'_>, table: &Table, at: u16, to: Type) -> DefineResult<()> {
    for index in definer.scope.indexes_of(table.oid) {
        for key in index.keys.iter().filter(|key| key.value == IndexedValue::Column(at)) {
            let class = key.class.and_then(|class| operator_class::class_of(&definer.scope, class));
            class.iter().try_for_each(|class| refuse_type(definer, class, to))?;
            let class = class_of_key(definer, index.method, class, to)?;
            refuse_entries(definer, index.method, &class, to)?;
        }
    }
    Ok(())
}

/// Refuses a default that cannot be of the new type. What is kept of it stays: it is cast where it is used.
fn refuse_default(definer: &Definer<'_>, column: &Column, to: Type) -> DefineResult<()> {
    let Source::Default(expression) = &column.source else { return Ok(()) };
    let bound = kept_of_domain(definer.binding(), column.column_type(), &expression.text)?;
    if assignment_cast(definer.binding(), without_cast(bound), to)?.is_some() {
        return Ok(());
    }
    let shown = type_name(&definer.scope, to.oid, None);
    Err(DefineError::Plain {
        state: SqlState::DatatypeMismatch,
        message: format!(
            "default for column \"{}\" cannot be cast automatically to type {shown}",
            column.name
        ),
        detail: None,
        hint: None,
        position: None,
    })
}

/// What a cast that nobody wrote was made of.
fn without_cast(mut bound: Expression) -> Expression {
    loop {
        bound = match bound.kind {
            ExpressionKind::Call(mut call)
                if call.form == CallForm::ImplicitCast && !call.arguments.is_empty() =>
            {
                call.arguments.swap_remove(0)
            }
            kind => return Expression { kind, result: bound.result },
        };
    }
}

fn change_column(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    at: u16,
    (to, collation): (Type, Oid),
) -> DefineResult<()> {
    let storage = crate::table::storage(definer, to);
    let written = crate::retype_index::written_collations(definer, table)?;
    definer.alter_column(table.oid, at, |column| {
        (column.type_oid, column.modifier, column.collation) = (to.oid, to.modifier, collation);
        column.storage = catalog::object::ColumnStorage(storage);
        // How values are kept, and by which method, is the new type's own.
        (column.details.storage, column.details.compression) = (None, None);
        // All rows are written anew, and have the column.
        column.missing = None;
    })?;
    let address = Address::column(table.oid, at);
    let on_type: Vec<_> = definer.on_type(to).into_iter().chain(definer.on_collation(collation)).collect();
    definer.catalog.depend_on_nothing(definer.transaction, address)?;
    definer.catalog.depend(definer.transaction, address, &on_type)?;
    let indexes: Vec<Oid> = definer.scope.indexes_of(table.oid).map(|index| index.oid).collect();
    for index in indexes {
        definer.catalog.alter::<CatalogError>(definer.transaction, index, |object| {
            if let Object::Index(index) = object {
                for key in &mut Arc::make_mut(index).keys {
                    if key.value == IndexedValue::Column(at) {
                        (key.type_oid, key.modifier) = (to.oid, to.modifier);
                    }
                }
            }
            Ok(())
        })?;
    }
    definer.refresh()?;
    // What the catalog keeps of the table has to mean something with the new type.
    let changed = definer.table(table.oid)?;
    let target = target_table(definer.binding(), &changed)?;
    let kept = written_target(definer.binding(), &changed)?;
    definer.write_target(table.oid, &kept)?;
    definer.refresh()?;
    crate::retype_index::settle(definer, (&changed, at), &target, &written)?;
    definer.refresh()
}

/// Refuses what others lean on.
fn refuse_used(definer: &Definer<'_>, table: &Table, at: u16) -> DefineResult<()> {
    let column = &table.columns[usize::from(at)];
    let address = Address::column(table.oid, at);
    crate::composite::refuse_read(definer, address, &column.name)?;
    for trigger in definer.scope.triggers_of(table.oid) {
        if definer.scope.dependencies_of(trigger.oid).any(|(_, on, _)| on == address) {
            let words = definer.scope.describe(&Object::Trigger(trigger.clone()));
            return Err(detailed(
                SqlState::FeatureNotSupported,
                "cannot alter type of a column used in a trigger definition",
                format!("{words} depends on column \"{}\"", column.name),
            ));
        }
    }
    for policy in definer.scope.policies_of(table.oid) {
        if definer.scope.dependencies_of(policy.oid).any(|(_, on, _)| on == address) {
            let words = definer.scope.describe(&Object::Policy(policy.clone()));
            return Err(detailed(
                SqlState::FeatureNotSupported,
                "cannot alter type of a column used in a policy definition",
                format!("{words} depends on column \"{}\"", column.name),
            ));
        }
    }
    crate::replication::refuse_retyped(definer, table, (address.part - 1, column))?;
    for other in table.columns.iter().filter(|other| !other.dropped) {
        let Source::Generated(expression) = &other.source else { continue };
        let uses = definer.scope.dependencies_of(expression.oid).any(|(_, on, _)| on == address);
        if uses && other.name != column.name {
            return Err(detailed(
                SqlState::FeatureNotSupported,
                "cannot alter type of a column used by a generated column",
                format!("Column \"{}\" is used by generated column \"{}\".", column.name, other.name),
            ));
        }
    }
    refuse_rows_within(definer, table)
}

/// Refuses to give a table's rows other values where columns of other tables have such rows within them.
pub(crate) fn refuse_rows_within(definer: &Definer<'_>, table: &Table) -> DefineResult<()> {
    let Some((other, column)) = crate::composite::column_holding(definer, table.row_type) else {
        return Ok(());
    };
    let kind = if table.is_foreign() { "foreign table" } else { "table" };
    let message = format!(
        "cannot alter {kind} \"{}\" because column \"{other}.{column}\" uses its row type",
        table.name
    );
    Err(plain(SqlState::FeatureNotSupported, message))
}

/// Foreign keys of the column, from either side, must be able to compare, and hold.
fn look_at_references(definer: &mut Definer<'_>, table: Oid, at: u16) -> DefineResult<()> {
    let from = definer.scope.constraints_of(table).cloned();
    let to = definer.scope.foreign_keys_to(table).cloned();
    let mut looked_at = Vec::new();
    for constraint in from.chain(to).collect::<Vec<_>>() {
        let Rule::ForeignKey { table: target, columns, .. } = &constraint.rule else { continue };
        let here = constraint.table == table && constraint.columns.contains(&at);
        let there = *target == table && columns.contains(&at);
        let is_part = definer.scope.is_key_to_part(&constraint); // what holds for the key holds for it
        if is_part || !(here || there) || looked_at.contains(&constraint.oid) {
            continue;
        }
        looked_at.push(constraint.oid);
        let (one, other) = (definer.table(constraint.table)?, definer.table(*target)?);
        crate::table::comparable(definer, &constraint.name, (&one, &constraint.columns), (&other, columns))?;
        if constraint.validated {
            definer.validate(constraint.oid)?;
        }
    }
    Ok(())
}
