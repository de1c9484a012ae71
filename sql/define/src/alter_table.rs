//! `ALTER TABLE`, action by action.

use crate::column_detail;
use crate::definer::Definer;
use crate::drop::remove;
use crate::error::{DefineError, DefineNotice, DefineResult};
use crate::inherit;
use crate::partition::Detaching;
use crate::rename::relation;
use crate::sequence::Options;
use crate::storage_option::{self, StorageOf};
use crate::table::adopt::adopt_index;
use crate::table::column::{COLUMNS_MAX, ColumnDraft, KeyDraft, refuse_system_column};
use crate::table::constraint::ConstraintMaker;
use crate::table::{add_source, default_of, expect_table, place, plain_column};
use crate::validate::validate_constraint;
use catalog::object::{Oid, Rule, Source, Table};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::Name;
use syntax::tree::alter::{
    AlterAction, AlterActionKind, AlterTable, ColumnAction, ColumnReference, Detach, IdentityChange,
};
use syntax::tree::object::ObjectKind;
use syntax::tree::option::{DropBehavior, RoleName};
use syntax::tree::table::{ColumnSpecification, TableConstraint, TableConstraintKind};

/// What `ALTER SEQUENCE` shares with tables: how long a sequence lives.
fn alter_sequence(definer: &mut Definer<'_>, statement: &AlterTable<'_>) -> DefineResult<()> {
    let Some(found) = relation(definer, &statement.table.name, statement.if_exists)? else { return Ok(()) };
    let catalog::Relation::Sequence(sequence) = found else {
        return Err(DefineError::WrongKind { name: found.name().into(), wanted: "a sequence", hint: None });
    };
    definer.require_owner(sequence.oid)?;
    for action in statement.actions {
        match &action.kind {
            AlterActionKind::SetLogged(logged) => {
                crate::persistence::set_sequence_logged(definer, &sequence, *logged)?;
            }
            other => {
                let Some(words) = crate::materialized::words_of(other) else {
                    return definer.unsupported("ALTER SEQUENCE", None);
                };
                return Err(crate::materialized::refused_action(&sequence.name, words, "sequences"));
            }
        }
    }
    definer.refresh()
}

/// Changes the table. A partition that is to be detached `CONCURRENTLY` is answered: when this transaction is committed, whoever
/// runs the statement has to wait for those who use the table, and to finish it in another.
///
/// # Errors
/// PostgreSQL's.
pub fn alter_table(definer: &mut Definer<'_>, statement: &AlterTable<'_>) -> DefineResult<Option<Detaching>> {
    let mut begun = None;
    alter(definer, statement, &mut begun)?;
    Ok(begun)
}

fn alter(
    definer: &mut Definer<'_>,
    statement: &AlterTable<'_>,
    begun: &mut Option<Detaching>,
) -> DefineResult<()> {
    if let [AlterAction { kind: AlterActionKind::Owner(owner), .. }] = statement.actions {
        return alter_owner(definer, statement, owner);
    }
    if statement.kind == ObjectKind::View {
        return alter_view(definer, statement);
    }
    if statement.kind == ObjectKind::Index
        && matches!(statement.actions, [AlterAction { kind: AlterActionKind::AttachPartition(..), .. }])
    {
        return alter_index(definer, statement);
    }
    if let Some(found @ catalog::Relation::Index(index)) = &index_of(definer, statement)? {
        statement.actions.iter().try_for_each(|action| refuse_switch(found, action))?;
        definer.require_owner(index.table)?;
        for action in statement.actions {
            let Some(index) = definer.scope.index(index.oid).cloned() else { return Ok(()) };
            crate::index::alter_index(definer, &index, action)?;
            definer.refresh()?;
        }
        return Ok(());
    }
    if statement.kind == ObjectKind::Sequence {
        return alter_sequence(definer, statement);
    }
    if statement.kind == ObjectKind::Type {
        return crate::composite::alter_composite(definer, statement);
    }
    if !matches!(
        statement.kind,
        ObjectKind::Table | ObjectKind::Index | ObjectKind::MaterializedView | ObjectKind::ForeignTable
    ) {
        return definer.unsupported(&format!("ALTER {}", crate::names::kind_words(statement.kind)), None);
    }
    let Some(found) = relation(definer, &statement.table.name, statement.if_exists)? else { return Ok(()) };
    crate::rename::refuse_other_kind(statement.kind, &found)?;
    // ALTER TABLE may be said of views, too, for what both have.
    if let catalog::Relation::View(view) = &found
        && statement.kind == ObjectKind::Table
    {
        definer.require_owner(view.oid)?;
        return match statement.actions.iter().find(|action| !of_views(action)) {
            None => alter_view(definer, statement),
            Some(action) => {
                statement.actions.iter().try_for_each(|action| refuse_switch(&found, action))?;
                Err(refused_for_view(&view.name, &action.kind))
            }
        };
    }
    if let catalog::Relation::Composite(composite) = &found {
        return Err(by_alter_type(&composite.name));
    }
    statement.actions.iter().try_for_each(|action| refuse_switch(&found, action))?;
    alter_table_itself(definer, statement, expect_table(found)?, begun)
}

/// `OWNER TO`, which every kind of relation knows.
fn alter_owner(
    definer: &mut Definer<'_>,
    statement: &AlterTable<'_>,
    owner: &RoleName<'_>,
) -> DefineResult<()> {
    let found = relation(definer, &statement.table.name, statement.if_exists)?;
    match &found {
        Some(catalog::Relation::Index(_)) | None => {}
        Some(other) if statement.kind == ObjectKind::Index => {
            let (name, wanted) = (other.name().to_owned(), "an index");
            return Err(DefineError::WrongKind { name, wanted, hint: None });
        }
        Some(other) => crate::rename::refuse_other_kind(statement.kind, other)?,
    }
    if let Some(catalog::Relation::Table(table)) = &found {
        crate::partition::refuse_detaching(table)?;
    }
    found.map_or(Ok(()), |found| crate::owner::set_relation_owner(definer, &found, owner))
}

/// What is said of a table, in the order in which PostgreSQL does it.
fn alter_table_itself(
    definer: &mut Definer<'_>,
    statement: &AlterTable<'_>,
    table: Arc<Table>,
    begun: &mut Option<Detaching>,
) -> DefineResult<()> {
    definer.require_owner(table.oid)?;
    if table.is_materialized() {
        let mut actions = statement.actions.iter();
        actions.try_for_each(|action| crate::materialized::refuse_action(&table.name, &action.kind))?;
    }
    let mut actions = statement.actions.iter();
    actions.try_for_each(|action| crate::foreign::table::refuse_action(&table, &action.kind))?;
    let table = definer.lock_table(&table, crate::alter_lock::needed(statement.actions))?;
    definer.refuse_awaited(&table, "ALTER TABLE")?;
    if !statement.actions.iter().all(|action| is_finalize(&action.kind)) {
        crate::partition::refuse_detaching(&table)?;
    }
    let (before, table) = (table.clone(), table.oid);
    for action in crate::alter_pass::in_passes(statement.actions) {
        crate::retype::refuse_twice(definer, &before, &action.kind)?;
        act(definer, table, action, statement.table.only, begun)?;
        definer.refresh()?;
    }
    Ok(())
}

/// The one change of a partition, or of what is divided, that a detaching that was begun does not stand in the way of.
fn is_finalize(action: &AlterActionKind<'_>) -> bool {
    matches!(action, AlterActionKind::DetachPartition(_, Detach::Finalize))
}

/// That a composite type is changed by another statement.
fn by_alter_type(name: &str) -> DefineError {
    DefineError::Plain {
        state: SqlState::WrongObjectType,
        message: format!("\"{name}\" is a composite type"),
        detail: None,
        hint: Some("Use ALTER TYPE instead.".into()),
        position: None,
    }
}

/// `ALTER INDEX … ATTACH PARTITION`
fn alter_index(definer: &mut Definer<'_>, statement: &AlterTable<'_>) -> DefineResult<()> {
    let [AlterAction { kind: AlterActionKind::AttachPartition(part, None), .. }] = statement.actions else {
        return definer.unsupported("ALTER INDEX", None);
    };
    let Some(found) = relation(definer, &statement.table.name, statement.if_exists)? else { return Ok(()) };
    let catalog::Relation::Index(index) = found else {
        let name = found.name().to_owned();
        return Err(DefineError::WrongKind { name, wanted: "an index", hint: None });
    };
    definer.require_owner(index.table)?;
    if !definer.table(index.table)?.is_partitioned() {
        return Err(DefineError::Plain {
            state: diagnostic::SqlState::WrongObjectType,
            message: format!(
                "ALTER action ATTACH PARTITION cannot be performed on relation \"{}\"",
                index.name
            ),
            detail: Some("This operation is not supported for indexes.".into()),
            hint: None,
            position: None,
        });
    }
    crate::partition::attach_index(definer, &index, part)
}

/// The index that is altered, which `ALTER TABLE` may name, too.
fn index_of(
    definer: &mut Definer<'_>,
    statement: &AlterTable<'_>,
) -> DefineResult<Option<catalog::Relation>> {
    if !matches!(statement.kind, ObjectKind::Table | ObjectKind::Index) {
        return Ok(None);
    }
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.table.name)?;
    match definer.scope.look_for_relation(schema, name) {
        Some(found @ catalog::Relation::Index(_)) => Ok(Some(found)),
        Some(other) if statement.kind == ObjectKind::Index => {
            Err(DefineError::WrongKind { name: other.name().into(), wanted: "an index", hint: None })
        }
        // That it is not there is said as of a table.
        Some(_) | None => Ok(None),
    }
}

/// What a view says to an action that tables take.
fn refused_for_view(name: &str, action: &AlterActionKind<'_>) -> DefineError {
    crate::materialized::refused_action(name, crate::materialized::words_for_view(action), "views")
}

/// Whether a change may be made of a view as of a table.
fn of_views(action: &AlterAction<'_>) -> bool {
    matches!(
        action.kind,
        AlterActionKind::SetOptions(_)
            | AlterActionKind::ResetOptions(_)
            | AlterActionKind::Column(
                ColumnReference::Name(_),
                ColumnAction::SetDefault(_) | ColumnAction::DropDefault
            )
    )
}

/// `ALTER VIEW`: defaults of columns, options, the owner.
fn alter_view(definer: &mut Definer<'_>, statement: &AlterTable<'_>) -> DefineResult<()> {
    let Some(found) = relation(definer, &statement.table.name, statement.if_exists)? else { return Ok(()) };
    let view = match found {
        catalog::Relation::View(view) => view,
        other => {
            return Err(DefineError::WrongKind { name: other.name().into(), wanted: "a view", hint: None });
        }
    };
    for action in statement.actions {
        let Some(view) = definer.scope.view(view.oid).cloned() else { return Ok(()) };
        match &action.kind {
            AlterActionKind::SetOptions(written) => {
                let options = storage_option::set(&view.options, written, StorageOf::View)?;
                crate::view::set_options(definer, &view, options)?;
            }
            AlterActionKind::ResetOptions(written) => {
                let options = storage_option::reset(&view.options, written, StorageOf::View)?;
                crate::view::set_options(definer, &view, options)?;
            }
            AlterActionKind::Column(ColumnReference::Name(name), change) if of_views(action) => {
                crate::view::alter_column(definer, &view, *name, change)?;
            }
            AlterActionKind::Owner(owner) => {
                let owner = definer.role_named(owner)?;
                definer.change_object(view.oid, |object| {
                    if let catalog::Object::View(view) = object {
                        Arc::make_mut(view).owner = owner;
                    }
                })?;
            }
            other => return Err(refused_for_view(&view.name, other)),
        }
    }
    Ok(())
}

/// Gives a table the storage options that are made of those that it has.
fn give_options(
    definer: &mut Definer<'_>,
    table: Oid,
    make: impl FnOnce(&[String], StorageOf) -> DefineResult<Vec<String>>,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let options = make(&of.options, StorageOf::table(of.is_partitioned()))?;
    definer.alter_table(table, |table| table.options = options)
}

/// Carries out an action. A partition that it has begun to detach is told by `begun`.
fn act(
    definer: &mut Definer<'_>,
    table: Oid,
    action: &AlterAction<'_>,
    only: bool,
    begun: &mut Option<Detaching>,
) -> DefineResult<()> {
    crate::table::typed::refuse_action(&*definer.table(table)?, &action.kind)?;
    match &action.kind {
        AlterActionKind::AddColumn { if_not_exists, column, .. } => {
            inherit::add_everywhere(definer, table, column, *if_not_exists, only)
        }
        AlterActionKind::DropColumn { if_exists, name, behavior } => {
            inherit::drop_everywhere(definer, table, name.text, *if_exists, *behavior, only)
        }
        AlterActionKind::Column(reference, change) => {
            inherit::alter_everywhere(definer, table, reference, change, only)
        }
        AlterActionKind::AddConstraint(written) => add_written(definer, table, written, only),
        AlterActionKind::DropConstraint { if_exists, name, behavior } => {
            inherit::drop_constraint_everywhere(definer, table, name.text, *if_exists, *behavior, only)
        }
        AlterActionKind::ValidateConstraint(name) => validate_constraint(definer, table, name.text, only),
        AlterActionKind::Owner(owner) => {
            let found = catalog::Relation::Table(definer.table(table)?);
            crate::owner::set_relation_owner(definer, &found, owner)
        }
        AlterActionKind::AlterConstraint { name, deferrable, initially_deferred } => {
            crate::table::alter_foreign_key(definer, table, name.text, (*deferrable, *initially_deferred))
        }
        AlterActionKind::SetOptions(written) => {
            give_options(definer, table, |old, of| storage_option::set(old, written, of))
        }
        AlterActionKind::ResetOptions(written) => {
            give_options(definer, table, |old, of| storage_option::reset(old, written, of))
        }
        AlterActionKind::SetLogged(logged) => crate::persistence::set_logged(definer, table, *logged),
        AlterActionKind::SetTablespace(name) => crate::tablespace::put(definer, table, *name),
        AlterActionKind::SetAccessMethod(name) => {
            let partitioned = definer.table(table)?.is_partitioned();
            crate::fixed::set_access_method(*name, partitioned)
        }
        AlterActionKind::WithoutCluster => crate::cluster::without_cluster(definer, table),
        AlterActionKind::ClusterOn(index) => crate::cluster::cluster_on(definer, table, *index),
        // There have been none for long, and there are none here.
        AlterActionKind::WithoutOids => Ok(()),
        AlterActionKind::Inherit(parent, inherits) => inherit::set_parent(definer, table, parent, *inherits),
        AlterActionKind::Of(of) => crate::table::typed::become_of(definer, table, of),
        AlterActionKind::NotOf => crate::table::typed::become_plain(definer, table),
        AlterActionKind::ReplicaIdentity(identity) => {
            crate::cluster::replica_identity(definer, table, identity)
        }
        AlterActionKind::Switch(switch) if switch.rule => crate::rule::switch(definer, table, switch),
        AlterActionKind::Switch(switch) => crate::trigger::switch(definer, table, switch, only),
        AlterActionKind::RowSecurity(security) => crate::policy::switch(definer, table, *security),
        AlterActionKind::AttachPartition(part, Some(bound)) => {
            crate::partition::attach(definer, table, part, bound)
        }
        AlterActionKind::AttachPartition(_, None) => {
            definer.unsupported("attaching a partition without a bound", Some(action.position))
        }
        AlterActionKind::DetachPartition(part, how) => {
            *begun = crate::partition::leave(definer, table, part, *how)?;
            Ok(())
        }
        AlterActionKind::ForeignOptions(written) => {
            crate::foreign::table::set_options(definer, table, written)
        }
    }
}

/// Refuses to switch of a relation what only tables have.
fn refuse_switch(relation: &catalog::Relation, action: &AlterAction<'_>) -> DefineResult<()> {
    match &action.kind {
        AlterActionKind::Switch(switch) if !switch.rule => crate::trigger::refuse_switch(relation, switch),
        AlterActionKind::RowSecurity(security) => crate::policy::refuse_switch(relation, *security),
        AlterActionKind::ForeignOptions(_) => crate::foreign::table::refuse_options(relation, "OPTIONS"),
        AlterActionKind::Column(_, ColumnAction::ForeignOptions(_)) => {
            crate::foreign::table::refuse_options(relation, "ALTER COLUMN ... OPTIONS")
        }
        _ => Ok(()), // whatever else is done
    }
}

/// Adds a column, within [`Definer::with_queries`]; answers the constraints that stand with it, which are still to be made, or
/// nothing if it was there.
pub(crate) fn add_column<'a>(
    definer: &mut Definer<'_>,
    table: Oid,
    written: &ColumnSpecification<'a>,
    if_not_exists: bool,
) -> DefineResult<Option<Vec<KeyDraft<'a>>>> {
    let of = definer.table(table)?;
    let name = written.name.text;
    if of.column(name).is_some() {
        let (column, relation) = (name.to_owned(), of.name.clone());
        if if_not_exists {
            definer.notice(DefineNotice::ColumnExists { column, relation });
            return Ok(None);
        }
        return Err(DefineError::ColumnExists { column, relation });
    }
    if of.columns.len() >= COLUMNS_MAX {
        return Err(DefineError::TooManyColumns);
    }
    let mut draft = ColumnDraft::read(definer, &of.name, written)?;
    crate::composite::refuse_member_of_itself(definer, &of.name, draft.column_type.oid, of.row_type)?;
    let keys = std::mem::take(&mut draft.constraints);
    let not_null = std::mem::take(&mut draft.not_null);
    let at = place(of.columns.len());
    let column = plain_column(definer, &draft);
    let references: Vec<_> =
        definer.on_type(draft.column_type).into_iter().chain(definer.on_collation(draft.collation)).collect();
    definer.alter_table(table, |table| table.columns.push(column))?;
    definer.catalog.depend(definer.transaction, Address::column(table, at), &references)?;
    definer.refresh()?;
    let sourced = add_source(definer, table, at, &draft);
    // What an identity's sequence is like has been read with the statement, an expression is only now.
    sourced.map_err(|error| if draft.identity.is_some() { error } else { error.without_position() })?;
    let made = definer.table(table)?;
    let column = &made.columns[usize::from(at)];
    let given = match &column.source {
        Source::Null => false,
        Source::Default(value) => !value.text.starts_with("NULL"),
        Source::Generated(_) | Source::Identity { .. } => true,
    };
    // What is elsewhere is not written anew.
    let fills = given || definer.scope.domain(column.type_oid).is_some();
    if fills && !of.is_foreign() {
        crate::retype::refuse_rows_within(definer, &made)?;
    }
    definer
        .rows
        .fill_column(definer.transaction, definer.catalog, &mut definer.scope, table, at)
        .map_err(DefineError::Build)?;
    definer.refresh()?;
    let has_values = definer.table(table)?.columns[usize::from(at)].missing.is_some();
    match (not_null, has_values) {
        // No row is newer than the column.
        (true, true) => mark_not_null(definer, table, at)?,
        (true, false) => set_not_null(definer, table, at)?,
        (false, _) => {}
    }
    Ok(Some(keys))
}

/// The column that is to go; none where it need not be there and is not.
pub(crate) fn column_to_drop(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    if_exists: bool,
) -> DefineResult<Option<Address>> {
    let of = definer.table(table)?;
    if let Some((at, _)) = of.column(name) {
        return Ok(Some(Address::column(table, place(at))));
    }
    match (if_exists, refuse_system_column(name)) {
        (_, Err(_)) => Err(DefineError::ChangedSystemColumn { verb: "drop", column: name.into() }),
        (true, Ok(())) => {
            definer.notice(DefineNotice::NoColumn { column: name.into(), relation: of.name.clone() });
            Ok(None)
        }
        (false, Ok(())) => Err(DefineError::NoColumn { column: name.into(), relation: of.name.clone() }),
    }
}

/// Drops columns of tables that inherit from one another at once, within [`Definer::with_queries`].
pub(crate) fn drop_columns(
    definer: &mut Definer<'_>,
    columns: &[Address],
    behavior: DropBehavior,
) -> DefineResult<()> {
    remove(definer, columns, behavior)?;
    for column in columns {
        let row_type = definer.table(column.oid)?.row_type;
        crate::composite::rebuild_indexes(definer, row_type)?;
    }
    Ok(())
}

fn add_written(
    definer: &mut Definer<'_>,
    table: Oid,
    written: &TableConstraint<'_>,
    only: bool,
) -> DefineResult<()> {
    if definer.table(table)?.is_foreign() {
        crate::foreign::table::refuse_written(written)?;
    }
    match written.kind {
        TableConstraintKind::UniqueIndex(index) => adopt_index(definer, table, written, (index, false)),
        TableConstraintKind::PrimaryKeyIndex(index) => adopt_index(definer, table, written, (index, true)),
        TableConstraintKind::Check(_)
        | TableConstraintKind::Unique(..)
        | TableConstraintKind::PrimaryKey(..)
        | TableConstraintKind::ForeignKey(..)
        | TableConstraintKind::Exclude(_) => {
            let draft = KeyDraft::read(written)?;
            inherit::add_constraint_everywhere(definer, table, &draft, only)
        }
    }
}

/// Makes a constraint of a table, and looks at its rows.
pub(crate) fn add_constraint(
    definer: &mut Definer<'_>,
    table: Oid,
    draft: &KeyDraft<'_>,
) -> DefineResult<Oid> {
    let of = definer.table(table)?;
    if let crate::table::column::RuleDraft::Key { primary: true, columns, .. } = &draft.rule {
        for column in columns {
            if let Some((at, _)) = of.column(column.text) {
                set_not_null(definer, table, place(at))?;
            }
        }
    }
    definer.refresh()?;
    let of = definer.table(table)?;
    let made = ConstraintMaker::new(definer, of).make(definer, draft, false)?;
    definer.refresh()?;
    Ok(made)
}

/// Drops a constraint.
pub(crate) fn drop_constraint(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    if_exists: bool,
    behavior: DropBehavior,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let found = definer.scope.constraints_of(table).find(|constraint| constraint.name == name).cloned();
    let Some(constraint) = found else {
        let triggers = definer.scope.triggers_of(table);
        if let Some(trigger) = triggers.into_iter().find(|it| it.constraint.is_some() && it.name == name) {
            return Err(crate::trigger::required_by_trigger(definer, trigger));
        }
        let (name, relation) = (name.to_owned(), of.name.clone());
        if if_exists {
            definer.notice(DefineNotice::NoConstraint { name, relation });
            return Ok(());
        }
        return Err(DefineError::NoConstraint { name, relation });
    };
    if let Rule::ForeignKey { table: to, .. } = &constraint.rule
        && *to != table
    {
        // Who deletes from it may still be looking for rows that refer to his.
        let to = definer.table(*to)?;
        crate::partition::lock_with_parts(definer, &to, RelationMode::AccessExclusive)?;
    }
    remove(definer, &[Address::of(constraint.oid)], behavior).map(drop)
}

/// Changes a column.
pub(crate) fn alter_column(
    definer: &mut Definer<'_>,
    table: Oid,
    name: Name<'_>,
    change: &ColumnAction<'_>,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let Some((at, column)) = of.column(name.text) else {
        if let ColumnAction::Type { using: Some(using), .. } = change {
            crate::retype::refuse_using(definer, &of, using)?;
        }
        return Err(match refuse_system_column(name.text) {
            Err(_) => DefineError::ChangedSystemColumn { verb: "alter", column: name.text.into() },
            Ok(()) => DefineError::NoColumn { column: name.text.into(), relation: of.name.clone() },
        });
    };
    let (at, column_name, relation) = (place(at), column.name.clone(), of.name.clone());
    match change {
        ColumnAction::SetDefault(value) => {
            refuse_own_source(&of, at)?;
            let bound = definer.default_expression((&column_name, column.column_type()), value);
            let bound = bound.map_err(DefineError::without_position)?;
            drop_default(definer, table, at)?;
            if definer.is_no_default(&bound.expression, column.column_type()) {
                return Ok(());
            }
            let source = default_of(definer, table, at, bound.text, &bound.references)?;
            definer.alter_column(table, at, |column| column.source = source)
        }
        ColumnAction::DropDefault => {
            refuse_own_source(&of, at).map_err(|error| {
                let is_identity = matches!(error, DefineError::IsIdentity { .. });
                let what = if is_identity { "IDENTITY" } else { "EXPRESSION" };
                DefineError::DroppedSource { error: Box::new(error), what }
            })?;
            drop_default(definer, table, at)
        }
        ColumnAction::SetNotNull => set_not_null(definer, table, at),
        ColumnAction::DropNotNull => drop_not_null(definer, &of, at),
        ColumnAction::Statistics(target) => {
            let target = column_detail::statistics_target(definer, *target)?;
            definer.alter_column(table, at, |column| column.statistics_target = target)
        }
        ColumnAction::AddIdentity { always, options } => add_identity(definer, &of, at, *always, options),
        ColumnAction::DropIdentity(if_exists) => drop_identity(definer, &of, at, *if_exists),
        ColumnAction::DropExpression(if_exists) => match &column.source {
            Source::Generated(_) => drop_default(definer, table, at),
            Source::Null | Source::Default(_) | Source::Identity { .. } if *if_exists => {
                definer.notice(DefineNotice::NotGenerated { column: column_name, relation });
                Ok(())
            }
            Source::Null | Source::Default(_) | Source::Identity { .. } => {
                Err(DefineError::NotGenerated { column: column_name, relation })
            }
        },
        ColumnAction::Type { type_name, collation, using, .. } => {
            let using = using.as_ref();
            crate::retype::retype(definer, table, at, (type_name, collation.as_ref()), using.copied())
        }
        ColumnAction::SetIdentity(changes) => set_identity(definer, &of, at, changes),
        ColumnAction::SetOptions(written) => column_detail::set_options(definer, &of, at, (written, true)),
        ColumnAction::ResetOptions(written) => column_detail::set_options(definer, &of, at, (written, false)),
        ColumnAction::Storage(word) => column_detail::set_storage(definer, &of, at, *word),
        ColumnAction::Compression(word) => column_detail::set_compression(definer, &of, at, *word),
        ColumnAction::ForeignOptions(written) => {
            crate::foreign::table::set_column_options(definer, &of, at, written)
        }
    }
}

fn drop_not_null(definer: &mut Definer<'_>, table: &Table, at: u16) -> DefineResult<()> {
    let column = &table.columns[usize::from(at)];
    if matches!(column.source, Source::Identity { .. }) {
        return Err(DefineError::IsIdentity { column: column.name.clone(), relation: table.name.clone() });
    }
    let is_key = |key: &Arc<catalog::object::Constraint>| {
        matches!(key.rule, Rule::PrimaryKey(_)) && key.columns.contains(&at)
    };
    if definer.scope.constraints_of(table.oid).any(is_key) {
        return Err(DefineError::InPrimaryKey { column: column.name.clone() });
    }
    let above = table.partition_of().and_then(|parent| definer.scope.table(parent));
    if above.and_then(|parent| parent.column(&column.name)).is_some_and(|(_, column)| column.not_null) {
        let message = format!("column \"{}\" is marked NOT NULL in parent table", column.name);
        return Err(crate::error::plain(SqlState::InvalidTableDefinition, message));
    }
    crate::cluster::refuse_nullable_identity(definer, table, at)?;
    definer.alter_column(table.oid, at, |column| column.not_null = false)
}

/// A column that gets its values by itself has no default to be changed.
fn refuse_own_source(table: &Table, at: u16) -> DefineResult<()> {
    let column = &table.columns[usize::from(at)];
    let (name, relation) = (column.name.clone(), table.name.clone());
    match column.source {
        Source::Null | Source::Default(_) => Ok(()),
        Source::Identity { .. } => Err(DefineError::IsIdentity { column: name, relation }),
        Source::Generated(_) => Err(DefineError::IsGenerated { column: name, relation }),
    }
}

/// Takes a column's default or generation away, with what depends on what of it.
fn drop_default(definer: &mut Definer<'_>, table: Oid, at: u16) -> DefineResult<()> {
    let of = definer.table(table)?;
    let expression = match &of.columns[usize::from(at)].source {
        Source::Default(expression) | Source::Generated(expression) => expression.oid,
        Source::Null | Source::Identity { .. } => return Ok(()),
    };
    definer.catalog.depend_on_nothing(definer.transaction, Address::of(expression))?;
    definer.alter_column(table, at, |column| column.source = Source::Null)?;
    definer.refresh()
}

/// Marks a column as one without nulls.
pub(crate) fn set_not_null(definer: &mut Definer<'_>, table: Oid, at: u16) -> DefineResult<()> {
    let of = definer.table(table)?;
    if of.columns[usize::from(at)].not_null {
        return Ok(());
    }
    let checked = definer.rows.validate_not_null(definer.transaction, &definer.scope, table, at);
    checked.map_err(DefineError::Build)?;
    mark_not_null(definer, table, at)
}

fn mark_not_null(definer: &mut Definer<'_>, table: Oid, at: u16) -> DefineResult<()> {
    definer.alter_column(table, at, |column| column.not_null = true)?;
    definer.refresh()
}

fn drop_identity(definer: &mut Definer<'_>, table: &Table, at: u16, if_exists: bool) -> DefineResult<()> {
    let column = &table.columns[usize::from(at)];
    let (name, relation) = (column.name.clone(), table.name.clone());
    match column.source {
        Source::Identity { sequence, .. } => {
            definer.alter_column(table.oid, at, |column| column.source = Source::Null)?;
            definer.catalog.depend_on_nothing(definer.transaction, Address::of(sequence))?;
            definer.refresh()?;
            remove(definer, &[Address::of(sequence)], DropBehavior::Restrict).map(drop)
        }
        Source::Null | Source::Default(_) | Source::Generated(_) if if_exists => {
            definer.notice(DefineNotice::NoIdentity { column: name, relation });
            Ok(())
        }
        Source::Null | Source::Default(_) | Source::Generated(_) => {
            Err(DefineError::NoIdentity { column: name, relation })
        }
    }
}

/// `SET GENERATED`, `RESTART` and `SET` of what its sequence is like.
fn set_identity(
    definer: &mut Definer<'_>,
    table: &Table,
    at: u16,
    changes: &[IdentityChange<'_>],
) -> DefineResult<()> {
    let column = &table.columns[usize::from(at)];
    let (mut generated, mut options) = (None, Vec::new());
    for change in changes {
        match *change {
            IdentityChange::Always(always) if generated.is_none() => generated = Some(always),
            IdentityChange::Always(_) => return Err(DefineError::RedundantOptions),
            IdentityChange::Sequence(option) => options.push(option),
        }
    }
    let Source::Identity { always, sequence } = column.source else {
        let (column, relation) = (column.name.clone(), table.name.clone());
        return Err(DefineError::NoIdentity { column, relation });
    };
    let always = generated.unwrap_or(always);
    definer.alter_column(table.oid, at, |column| column.source = Source::Identity { always, sequence })?;
    let found = definer.scope.sequence(sequence).cloned();
    match found {
        Some(found) if !options.is_empty() => crate::sequence::change_sequence(definer, &found, &options),
        Some(_) | None => Ok(()),
    }
}

fn add_identity(
    definer: &mut Definer<'_>,
    table: &Table,
    at: u16,
    always: bool,
    options: &[syntax::tree::sequence::SequenceOption<'_>],
) -> DefineResult<()> {
    let column = &table.columns[usize::from(at)];
    let (name, relation) = (column.name.clone(), table.name.clone());
    crate::table::refuse_identity_type(column.type_oid)?;
    // In PostgreSQL the sequence is made before the column is looked at.
    let options = Options::of_identity(definer, options)?;
    options.create(column.type_oid)?;
    if !column.not_null {
        return Err(DefineError::IdentityNullable { column: name, relation });
    }
    match column.source {
        Source::Identity { .. } => return Err(DefineError::AlreadyIdentity { column: name, relation }),
        Source::Default(_) | Source::Generated(_) => {
            return Err(DefineError::Plain {
                state: diagnostic::SqlState::ObjectNotInPrerequisiteState,
                message: format!("column \"{name}\" of relation \"{relation}\" already has a default value"),
                detail: None,
                hint: None,
                position: None,
            });
        }
        Source::Null => {}
    }
    let draft = crate::table::column_of_result(&name, column.column_type());
    let kind = DependencyKind::Internal;
    let sequence = crate::table::own_sequence(definer, table.oid, at, &draft, &options, kind)?;
    definer.alter_column(table.oid, at, |column| column.source = Source::Identity { always, sequence })
}
