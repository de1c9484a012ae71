//! Changes of tables that others inherit from: what is done to one is handed on to those below it.
//!
//! A column or a check that is inherited knows from how many parents, and whether its table says it itself. It is changed by
//! changing it where it comes from.

use crate::alter_table::{
    add_column, add_constraint, alter_column, column_to_drop, drop_columns, drop_constraint,
};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, detailed, plain};
use crate::family::{family, refuse_type_of_others};
use crate::partition::{add_key_to_parts, refuse_key_column};
use crate::table::column::{InheritedKey, KeyDraft, RuleDraft};
use crate::table::inherit::inherited_table;
use catalog::object::{Constraint, Oid, Persistence, Rule, Source, Table};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::alter::{ColumnAction, ColumnReference};
use syntax::tree::option::DropBehavior;
use syntax::tree::table::ColumnSpecification;
use syntax::tree::{Name, QualifiedName};

const INVALID: SqlState = SqlState::InvalidTableDefinition;

/// The tables that inherit from a table, locked.
fn children(definer: &mut Definer<'_>, table: Oid) -> DefineResult<Vec<Oid>> {
    let found: Vec<Arc<Table>> = definer.scope.attached_to(table).cloned().collect();
    for child in &found {
        definer.lock_table(child, RelationMode::AccessExclusive)?;
    }
    Ok(found.iter().map(|child| child.oid).collect())
}

fn only_hint(message: &str) -> DefineError {
    let hint = Some("Do not specify the ONLY keyword.".to_owned());
    DefineError::Plain { state: INVALID, message: message.into(), detail: None, hint, position: None }
}

/// Changes which columns a table and those that inherit from it have.
fn with_family<T>(
    definer: &mut Definer<'_>,
    of: &Arc<Table>,
    change: impl FnOnce(&mut Definer<'_>) -> DefineResult<T>,
) -> DefineResult<T> {
    let family: Vec<Oid> = family(definer, of).iter().map(|table| table.oid).collect();
    definer.with_queries(family, change)
}

/// `ADD COLUMN`, to a table and to all that inherit from it.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn add_everywhere(
    definer: &mut Definer<'_>,
    table: Oid,
    written: &ColumnSpecification<'_>,
    if_not_exists: bool,
    only: bool,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    if of.partition_of().is_some() {
        return Err(plain(SqlState::WrongObjectType, "cannot add column to a partition"));
    }
    with_family(definer, &of, |definer| {
        let Some(keys) = add_column(definer, table, written, if_not_exists)? else { return Ok(()) };
        if of.is_foreign() {
            keys.iter().try_for_each(crate::foreign::table::refuse_key)?;
        }
        crate::foreign::table::give_column_options(definer, table, written)?;
        add_below(definer, table, written, only, &keys)
    })
}

/// Adds a column that a table has got to all that inherit from it, and then the constraints that stand with it.
fn add_below(
    definer: &mut Definer<'_>,
    table: Oid,
    written: &ColumnSpecification<'_>,
    only: bool,
    keys: &[KeyDraft<'_>],
) -> DefineResult<()> {
    let below = children(definer, table)?;
    let made = definer.table(table)?;
    let is_identity = |column: &catalog::object::Column| matches!(column.source, Source::Identity { .. });
    if !below.is_empty() && made.column(written.name.text).is_some_and(|(_, column)| is_identity(column)) {
        let message = "cannot recursively add identity column to table that has child tables";
        return Err(plain(INVALID, message));
    }
    if only && !below.is_empty() {
        return Err(plain(INVALID, "column must be added to child tables too"));
    }
    for child in below {
        add_inherited(definer, table, child, written)?;
    }
    for key in keys {
        add_constraint_everywhere(definer, table, key, only)?;
    }
    Ok(())
}

fn add_inherited(
    definer: &mut Definer<'_>,
    parent: Oid,
    table: Oid,
    written: &ColumnSpecification<'_>,
) -> DefineResult<()> {
    let (above, of, name) = (definer.table(parent)?, definer.table(table)?, written.name.text);
    let Some((_, wanted)) = above.column(name) else { return Ok(()) };
    if let Some((place, known)) = of.column(name) {
        same_column(wanted, known, &of.name)?;
        let message = format!("merging definition of column \"{name}\" for child \"{}\"", of.name);
        definer.notice(DefineNotice::Merging(message, None));
        definer.alter_column(table, crate::table::place(place), |column| column.inherited += 1)?;
        return definer.refresh();
    }
    add_column(definer, table, written, false)?;
    let of = definer.table(table)?;
    if let Some((place, _)) = of.column(name) {
        definer.alter_column(table, crate::table::place(place), |column| {
            (column.local, column.inherited) = (false, 1);
        })?;
        definer.refresh()?;
    }
    for child in children(definer, table)? {
        add_inherited(definer, table, child, written)?;
    }
    Ok(())
}

/// That a column is of its parent's type.
fn same_column(
    above: &catalog::object::Column,
    own: &catalog::object::Column,
    table: &str,
) -> DefineResult<()> {
    let name = &own.name;
    if above.column_type() != own.column_type() {
        let message = format!("child table \"{table}\" has different type for column \"{name}\"");
        return Err(plain(SqlState::DatatypeMismatch, message));
    }
    if above.collation != own.collation {
        let message = format!("child table \"{table}\" has different collation for column \"{name}\"");
        return Err(plain(SqlState::CollationMismatch, message));
    }
    Ok(())
}

/// `DROP COLUMN`, of a table and of all that have it from there alone.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn drop_everywhere(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    if_exists: bool,
    behavior: DropBehavior,
    only: bool,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let Some(own) = column_to_drop(definer, table, name, if_exists)? else { return Ok(()) };
    let Some((place, column)) = of.column(name) else { return Ok(()) };
    if column.inherited > 0 {
        return Err(plain(INVALID, format!("cannot drop inherited column \"{name}\"")));
    }
    refuse_key_column(definer, &of, crate::table::place(place), "drop")?;
    let below = children(definer, table)?;
    if only && of.is_partitioned() && !below.is_empty() {
        let message = "cannot drop column from only the partitioned table when partitions exist";
        return Err(only_hint(message));
    }
    with_family(definer, &of, |definer| {
        let mut columns = Vec::new();
        for child in below {
            leave_inherited(definer, child, name, only, &mut columns)?;
        }
        columns.push(own);
        drop_columns(definer, &columns, behavior)
    })
}

/// Takes note of a column that goes with its parent's, those below first, or lets it stand as the table's own.
fn leave_inherited(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    only: bool,
    columns: &mut Vec<Address>,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let Some((at, column)) = of.column(name) else { return Ok(()) };
    let at = crate::table::place(at);
    let goes = !only && column.inherited == 1 && !column.local;
    if !goes {
        definer.alter_column(table, at, |column| {
            column.inherited = column.inherited.saturating_sub(1);
            column.local |= only;
        })?;
        return definer.refresh();
    }
    refuse_key_column(definer, &of, at, "drop")?;
    for child in children(definer, table)? {
        leave_inherited(definer, child, name, false, columns)?;
    }
    columns.push(Address::column(table, at));
    Ok(())
}

/// `ALTER COLUMN`, of a table and of all that inherit from it, if what is changed is handed on.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn alter_everywhere(
    definer: &mut Definer<'_>,
    table: Oid,
    reference: &ColumnReference<'_>,
    change: &ColumnAction<'_>,
    only: bool,
) -> DefineResult<()> {
    let name = match reference {
        ColumnReference::Name(name) => *name,
        ColumnReference::Number(..) => {
            return Err(plain(SqlState::FeatureNotSupported, "cannot refer to non-index column by number"));
        }
    };
    let of = definer.table(table)?;
    if let Some((place, column)) = of.column(name.text) {
        may_alter(definer, &of, (crate::table::place(place), column), change, only)?;
        if matches!(change, ColumnAction::Type { .. }) && !only {
            refuse_type_of_others(definer, &of, name.text)?;
        }
    }
    alter_column(definer, table, name, change)?;
    definer.refresh()?;
    let handed_on = match change {
        ColumnAction::SetDefault(_)
        | ColumnAction::DropDefault
        | ColumnAction::SetNotNull
        | ColumnAction::DropNotNull
        | ColumnAction::DropExpression(_)
        | ColumnAction::Statistics(_)
        | ColumnAction::Storage(_)
        | ColumnAction::Type { .. } => !only,
        ColumnAction::SetOptions(_)
        | ColumnAction::ResetOptions(_)
        | ColumnAction::Compression(_)
        | ColumnAction::AddIdentity { .. }
        | ColumnAction::SetIdentity(_)
        | ColumnAction::DropIdentity(_)
        | ColumnAction::ForeignOptions(_) => false,
    };
    if handed_on {
        alter_below(definer, table, name, change)?;
    }
    Ok(())
}

fn alter_below(
    definer: &mut Definer<'_>,
    table: Oid,
    name: Name<'_>,
    change: &ColumnAction<'_>,
) -> DefineResult<()> {
    for child in children(definer, table)? {
        let of = definer.table(child)?;
        if let Some((place, _)) = of.column(name.text) {
            if matches!(change, ColumnAction::Type { .. }) {
                refuse_key_column(definer, &of, crate::table::place(place), "alter")?;
            }
            alter_column(definer, child, name, change)?;
            definer.refresh()?;
            alter_below(definer, child, name, change)?;
        }
    }
    Ok(())
}

fn may_alter(
    definer: &mut Definer<'_>,
    of: &Arc<Table>,
    (place, column): (u16, &catalog::object::Column),
    change: &ColumnAction<'_>,
    only: bool,
) -> DefineResult<()> {
    let name = &column.name;
    let has_children = definer.scope.attached_to(of.oid).next().is_some();
    match change {
        ColumnAction::Type { .. } => {
            refuse_key_column(definer, of, place, "alter")?;
            if column.inherited > 0 {
                return Err(plain(INVALID, format!("cannot alter inherited column \"{name}\"")));
            }
            if only && has_children {
                let message =
                    format!("type of inherited column \"{name}\" must be changed in child tables too");
                return Err(plain(INVALID, message));
            }
        }
        ColumnAction::SetNotNull if only && of.is_partitioned() => {
            let children = definer.scope.attached_to(of.oid);
            let nullable = |child: &&Arc<Table>| child.column(name).is_some_and(|(_, own)| !own.not_null);
            if let Some(child) = children.into_iter().find(nullable) {
                let mut error = only_hint("constraint must be added to child tables too");
                if let DefineError::Plain { detail, .. } = &mut error {
                    let said =
                        format!("Column \"{name}\" of relation \"{}\" is not already NOT NULL.", child.name);
                    *detail = Some(said);
                }
                return Err(error);
            }
        }
        ColumnAction::DropNotNull if only && of.is_partitioned() && has_children => {
            let message = "cannot remove constraint from only the partitioned table when partitions exist";
            return Err(only_hint(message));
        }
        ColumnAction::DropExpression(_) => {
            if only && has_children {
                let message = "ALTER TABLE / DROP EXPRESSION must be applied to child tables too";
                return Err(plain(INVALID, message));
            }
            if column.inherited > 0 {
                let message = "cannot drop generation expression from inherited column";
                return Err(plain(INVALID, message));
            }
        }
        _ => {} // nothing else is a parent's to say
    }
    Ok(())
}

/// `ADD CONSTRAINT`, to a table and to all that inherit from it.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn add_constraint_everywhere(
    definer: &mut Definer<'_>,
    table: Oid,
    draft: &KeyDraft<'_>,
    only: bool,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    match &draft.rule {
        RuleDraft::Check(_) if draft.no_inherit => {
            if of.is_partitioned() {
                let message =
                    format!("cannot add NO INHERIT constraint to partitioned table \"{}\"", of.name);
                return Err(plain(INVALID, message));
            }
            add_constraint(definer, table, draft).map(drop)
        }
        RuleDraft::Check(_) => {
            if merge_into(definer, table, draft)? {
                return Ok(());
            }
            let made = add_constraint(definer, table, draft)?;
            let below = children(definer, table)?;
            if only && !below.is_empty() {
                return Err(plain(INVALID, "constraint must be added to child tables too"));
            }
            check_below(definer, made, draft, &below)
        }
        RuleDraft::Key { primary, columns, .. } => {
            // What is never null in a table is not null in those that inherit from it.
            for column in columns.iter().filter(|_| *primary) {
                if of.column(column.text).is_none() {
                    let (column, relation) = (column.text.to_owned(), of.name.clone());
                    return Err(DefineError::NoColumn { column, relation });
                }
                if !only || of.is_partitioned() {
                    let column = ColumnReference::Name(*column);
                    alter_everywhere(definer, table, &column, &ColumnAction::SetNotNull, only)?;
                }
            }
            add_constraint(definer, table, &KeyDraft { only, ..draft.clone() }).map(drop)
        }
        RuleDraft::Exclude(_) => add_constraint(definer, table, draft).map(drop),
        RuleDraft::Foreign { .. } => {
            refuse_key_of_parts(&of, draft, only)?;
            let made = add_constraint(definer, table, draft)?;
            add_key_to_parts(definer, table, made)
        }
    }
}

/// Refuses a foreign key that a partitioned table cannot have together with its partitions.
fn refuse_key_of_parts(of: &Table, draft: &KeyDraft<'_>, only: bool) -> DefineResult<()> {
    if only && of.is_partitioned() {
        let message = format!(
            "cannot use ONLY for foreign key on partitioned table \"{}\" referencing relation \"{}\"",
            of.name,
            referenced(draft)
        );
        return Err(plain(SqlState::WrongObjectType, message));
    }
    if draft.not_valid && of.is_partitioned() {
        let message = format!(
            "cannot add NOT VALID foreign key on partitioned table \"{}\" referencing relation \"{}\"",
            of.name,
            referenced(draft)
        );
        let detail = "This feature is not yet supported on partitioned tables.";
        return Err(DefineError::Plain {
            state: SqlState::WrongObjectType,
            message,
            detail: Some(detail.to_owned()),
            hint: None,
            position: None,
        });
    }
    Ok(())
}

fn referenced<'a>(draft: &KeyDraft<'a>) -> &'a str {
    match &draft.rule {
        RuleDraft::Foreign { reference, .. } => reference.table.object(),
        RuleDraft::Check(_) | RuleDraft::Key { .. } | RuleDraft::Exclude(_) => "",
    }
}

/// A check that a table has from its parents, and now says itself.
fn merge_into(definer: &mut Definer<'_>, table: Oid, draft: &KeyDraft<'_>) -> DefineResult<bool> {
    let Some(name) = draft.name else { return Ok(false) };
    let known = definer.scope.constraints_of(table).find(|known| known.name == name).cloned();
    let Some(known) = known.filter(|known| known.inherited > 0 && !known.local) else { return Ok(false) };
    if !is_same_check(definer, table, &known, draft)? {
        return Ok(false);
    }
    refuse_not_valid(&known, !draft.not_valid, &format!("relation \"{}\"", definer.table(table)?.name))?;
    let message = format!("merging constraint \"{name}\" with inherited definition");
    definer.notice(DefineNotice::Merging(message, None));
    let local = definer.table(table)?.partition_of().is_none();
    definer.alter_constraint(known.oid, |constraint| constraint.local |= local)?;
    definer.refresh()?;
    Ok(true)
}

/// A check that is not known to hold for all rows is no part of one that is.
fn refuse_not_valid(own: &Constraint, valid: bool, of: &str) -> DefineResult<()> {
    if own.validated || !valid {
        return Ok(());
    }
    let message = format!("constraint \"{}\" conflicts with NOT VALID constraint on {of}", own.name);
    Err(plain(SqlState::InvalidObjectDefinition, message))
}

fn is_same_check(
    definer: &mut Definer<'_>,
    table: Oid,
    known: &Constraint,
    draft: &KeyDraft<'_>,
) -> DefineResult<bool> {
    let (of, RuleDraft::Check(written), Rule::Check(text)) =
        (definer.table(table)?, &draft.rule, &known.rule)
    else {
        return Ok(false);
    };
    let bound = definer.table_condition(&of, written, bind::Clause::Check)?;
    Ok(bound.text == *text)
}

fn check_below(
    definer: &mut Definer<'_>,
    made: Oid,
    draft: &KeyDraft<'_>,
    below: &[Oid],
) -> DefineResult<()> {
    let Some(constraint) = definer.scope.constraint(made).cloned() else { return Ok(()) };
    let RuleDraft::Check(condition) = &draft.rule else { return Ok(()) };
    for child in below {
        let of = definer.table(*child)?;
        let known = definer.scope.constraints_of(*child).find(|known| known.name == constraint.name).cloned();
        if let Some(known) = known {
            if !is_same_check(definer, *child, &known, draft)? {
                let message =
                    format!("constraint \"{}\" for relation \"{}\" already exists", known.name, of.name);
                return Err(plain(SqlState::DuplicateObject, message));
            }
            if known.no_inherit {
                let message = format!(
                    "constraint \"{}\" conflicts with non-inherited constraint on relation \"{}\"",
                    known.name, of.name
                );
                return Err(plain(SqlState::InvalidObjectDefinition, message));
            }
            refuse_not_valid(&known, constraint.validated, &format!("relation \"{}\"", of.name))?;
            let message = format!("merging constraint \"{}\" with inherited definition", known.name);
            definer.notice(DefineNotice::Merging(message, None));
            let is_partition = of.partition_of().is_some();
            definer.alter_constraint(known.oid, |constraint| {
                constraint.inherited += 1;
                constraint.local &= !is_partition;
            })?;
            definer.refresh()?;
            continue;
        }
        let own = KeyDraft {
            name: Some(&constraint.name),
            rule: RuleDraft::Check(*condition),
            deferrable: false,
            initially_deferred: false,
            not_valid: draft.not_valid,
            no_inherit: false,
            only: false,
            inherited: Some(InheritedKey { local: false, count: 1, parent: 0 }),
            position: draft.position,
        };
        let made = add_constraint(definer, *child, &own)?;
        let below = children(definer, *child)?;
        check_below(definer, made, &own, &below)?;
    }
    Ok(())
}

/// `DROP CONSTRAINT`, of a table and of all that have it from there alone.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn drop_constraint_everywhere(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    if_exists: bool,
    behavior: DropBehavior,
    only: bool,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let known = definer.scope.constraints_of(table).find(|known| known.name == name).cloned();
    if let Some(known) = known {
        if known.inherited > 0 {
            let message = format!("cannot drop inherited constraint \"{name}\" of relation \"{}\"", of.name);
            return Err(plain(INVALID, message));
        }
        if matches!(known.rule, Rule::Check(_)) && !known.no_inherit {
            let below = children(definer, table)?;
            if only && of.is_partitioned() && !below.is_empty() {
                let message =
                    "cannot remove constraint from only the partitioned table when partitions exist";
                return Err(only_hint(message));
            }
            drop_check_below(definer, &below, name, behavior, only)?;
        }
    }
    drop_constraint(definer, table, name, if_exists, behavior)
}

fn drop_check_below(
    definer: &mut Definer<'_>,
    below: &[Oid],
    name: &str,
    behavior: DropBehavior,
    only: bool,
) -> DefineResult<()> {
    for child in below {
        let known = definer.scope.constraints_of(*child).find(|known| known.name == name).cloned();
        let Some(known) = known else { continue };
        if !only && known.inherited == 1 && !known.local {
            let further = children(definer, *child)?;
            drop_check_below(definer, &further, name, behavior, false)?;
            drop_constraint(definer, *child, name, false, behavior)?;
        } else {
            definer.alter_constraint(known.oid, |constraint| {
                constraint.inherited = constraint.inherited.saturating_sub(1);
                constraint.local |= only;
            })?;
        }
        definer.refresh()?;
    }
    Ok(())
}

/// `INHERIT`, `NO INHERIT`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_parent(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &QualifiedName<'_>,
    inherits: bool,
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let wrong = |message: String| Err(plain(SqlState::WrongObjectType, message));
    if of.partition_of().is_some() {
        return wrong("cannot change inheritance of a partition".to_owned());
    }
    if inherits && of.is_partitioned() {
        return wrong("cannot change inheritance of partitioned table".to_owned());
    }
    let parent = inherited_table(definer, name)?;
    let parent = definer.lock_table(&parent, RelationMode::ShareUpdateExclusive)?;
    if !inherits {
        return leave(definer, &of, &parent);
    }
    definer.require_owner(parent.oid)?;
    if parent.persistence == Persistence::Temporary && of.persistence != Persistence::Temporary {
        return wrong(format!("cannot inherit from temporary relation \"{}\"", parent.name));
    }
    if parent.is_partitioned() {
        return wrong(format!("cannot inherit from partitioned table \"{}\"", parent.name));
    }
    if parent.partition_of().is_some() {
        return wrong("cannot inherit from a partition".to_owned());
    }
    crate::trigger::refuse_transitions(definer, &of, "an inheritance child")?;
    if of.inheritance.parents.contains(&parent.oid) {
        let message = format!("relation \"{}\" would be inherited from more than once", parent.name);
        return Err(plain(SqlState::DuplicateTable, message));
    }
    if parent.oid == table || is_below(definer, parent.oid, table) {
        let detail = format!("\"{}\" is already a child of \"{}\".", parent.name, of.name);
        return Err(detailed(SqlState::DuplicateTable, "circular inheritance not allowed", detail));
    }
    adopt(definer, &of, &parent, false)?;
    let above = parent.oid;
    definer.alter_table(table, |table| table.inheritance.parents.push(above))?;
    definer.depend(table, &[(Address::of(above), DependencyKind::Normal)])?;
    definer.touch(above)?;
    definer.refresh()
}

/// Whether a table inherits from another, perhaps through others.
fn is_below(definer: &Definer<'_>, table: Oid, other: Oid) -> bool {
    let mut open = vec![table];
    let mut seen: Vec<Oid> = Vec::new();
    while let Some(next) = open.pop() {
        if next == other {
            return true;
        }
        if !seen.contains(&next) {
            seen.push(next);
            let parents = definer.scope.table(next).map(|table| table.inheritance.parents.clone());
            open.extend(parents.unwrap_or_default());
        }
    }
    false
}

fn leave(definer: &mut Definer<'_>, of: &Arc<Table>, parent: &Arc<Table>) -> DefineResult<()> {
    if !of.inheritance.parents.contains(&parent.oid) {
        let message = match parent.is_partitioned() {
            true => format!("relation \"{}\" is not a partition of relation \"{}\"", of.name, parent.name),
            false => format!("relation \"{}\" is not a parent of relation \"{}\"", parent.name, of.name),
        };
        return Err(plain(SqlState::UndefinedTable, message));
    }
    disown(definer, of.oid, parent)?;
    let above = parent.oid;
    definer.alter_table(of.oid, |table| table.inheritance.parents.retain(|known| *known != above))?;
    definer.undepend(of.oid, above)?;
    definer.touch(above)?;
    definer.refresh()
}

/// A table that is there comes to inherit from another: its columns and checks must be what it would inherit.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn adopt(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    parent: &Arc<Table>,
    as_partition: bool,
) -> DefineResult<()> {
    let mismatch = |message: String| Err(plain(SqlState::DatatypeMismatch, message));
    for (_, wanted) in parent.live_columns() {
        let name = &wanted.name;
        let Some((place, own)) = table.column(name) else {
            return mismatch(format!("child table is missing column \"{name}\""));
        };
        same_column(wanted, own, &table.name)?;
        if wanted.not_null && !own.not_null {
            return mismatch(format!("column \"{name}\" in child table must be marked NOT NULL"));
        }
        let generated = |column: &catalog::object::Column| matches!(column.source, Source::Generated(_));
        if generated(wanted) && !generated(own) {
            return mismatch(format!("column \"{name}\" in child table must be a generated column"));
        }
        if !generated(wanted) && generated(own) && as_partition {
            return mismatch(format!("column \"{name}\" in child table must not be a generated column"));
        }
        if let (Source::Generated(above), Source::Generated(own)) = (&wanted.source, &own.source)
            && above.text != own.text
        {
            return mismatch(format!(
                "column \"{name}\" in child table has a conflicting generation expression"
            ));
        }
        definer.alter_column(table.oid, crate::table::place(place), |column| {
            column.inherited += 1;
            column.local &= !as_partition;
        })?;
    }
    let checks: Vec<Arc<Constraint>> = definer.scope.constraints_of(parent.oid).cloned().collect();
    for wanted in checks.iter().filter(|check| matches!(check.rule, Rule::Check(_)) && !check.no_inherit) {
        let own = definer
            .scope
            .constraints_of(table.oid)
            .find(|own| own.name == wanted.name && matches!(own.rule, Rule::Check(_)))
            .cloned();
        let Some(own) = own else {
            return mismatch(format!("child table is missing constraint \"{}\"", wanted.name));
        };
        if own.rule != wanted.rule {
            return mismatch(format!(
                "child table \"{}\" has different definition for check constraint \"{}\"",
                table.name, wanted.name
            ));
        }
        if own.no_inherit {
            let message = format!(
                "constraint \"{}\" conflicts with non-inherited constraint on child table \"{}\"",
                wanted.name, table.name
            );
            return Err(plain(SqlState::InvalidObjectDefinition, message));
        }
        refuse_not_valid(&own, wanted.validated, &format!("child table \"{}\"", table.name))?;
        definer.alter_constraint(own.oid, |constraint| {
            constraint.inherited += 1;
            constraint.local &= !as_partition;
        })?;
    }
    definer.refresh()
}

/// A table ceases to inherit from another: what it had from there is its own.
///
/// # Errors
/// When the catalog cannot be changed.
pub(crate) fn disown(definer: &mut Definer<'_>, table: Oid, parent: &Arc<Table>) -> DefineResult<()> {
    let names: Vec<String> = parent.live_columns().map(|(_, column)| column.name.clone()).collect();
    definer.alter_table(table, |table| {
        for column in
            table.columns.iter_mut().filter(|column| !column.dropped && names.contains(&column.name))
        {
            column.inherited = column.inherited.saturating_sub(1);
            column.local |= column.inherited == 0;
        }
    })?;
    let checks: Vec<String> = definer
        .scope
        .constraints_of(parent.oid)
        .filter(|check| matches!(check.rule, Rule::Check(_)))
        .map(|check| check.name.clone())
        .collect();
    let own: Vec<Arc<Constraint>> = definer.scope.constraints_of(table).cloned().collect();
    for check in own.iter().filter(|own| matches!(own.rule, Rule::Check(_)) && checks.contains(&own.name)) {
        definer.alter_constraint(check.oid, |constraint| {
            constraint.inherited = constraint.inherited.saturating_sub(1);
            constraint.local |= constraint.inherited == 0;
        })?;
    }
    definer.refresh()
}
