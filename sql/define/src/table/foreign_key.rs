//! Foreign keys: which columns refer to which, by which unique key.

use super::column::KeyDraft;
use super::constraint::{ConstraintMaker, joined};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use catalog::object::{
    Action, Constraint, IndexedValue, KeyTriggers, Match, Object, Oid, Persistence, Privileges, Rule,
    RuleState, Table,
};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::Name;
use syntax::tree::table::{Reference, ReferenceAction};
use types::Types;

/// The key that is referred to.
struct Key {
    index: Oid,
    columns: Vec<u16>,
}

impl ConstraintMaker {
    pub(super) fn make_foreign_key(
        &mut self,
        definer: &mut Definer<'_>,
        draft: &KeyDraft<'_>,
        columns: &[Name<'_>],
        reference: &Reference<'_>,
        fresh: bool,
    ) -> DefineResult<Oid> {
        let table = self.table().clone();
        if !fresh {
            refuse_taken(definer, &table, draft)?;
        }
        let target = referenced_table(definer, reference)?;
        // Nobody deletes from it while the key is made: he would not know of the key, nor the key's first check of what he
        // deletes.
        let target = crate::partition::lock_with_parts(definer, &target, RelationMode::ShareRowExclusive)?;
        refuse_shorter_lived(&table, &target)?;
        let from = places(&table, columns)?;
        let key = if reference.columns.is_empty() {
            primary_key(definer, &target)?
        } else {
            let to = places(&target, reference.columns)?;
            unique_key(definer, &target, to)?
        };
        may_refer(definer, &target, &key.columns)?;
        if key.columns.len() != from.len() {
            return Err(DefineError::ReferenceCount);
        }
        let written: Vec<&str> = columns.iter().map(|column| column.text).collect();
        let name = self.name(draft, Some(&joined(&written)), "fkey");
        comparable(definer, &name, (&table, &from), (&target, &key.columns))?;
        refuse_generated(&table, &from, reference)?;
        let (on_delete, set_columns) = delete_action(&table, &from, reference.on_delete)?;
        let rule = Rule::ForeignKey {
            table: target.oid,
            columns: key.columns.clone(),
            index: key.index,
            matching: if reference.match_full { Match::Full } else { Match::Simple },
            on_update: action(reference.on_update),
            on_delete,
            set_columns,
            triggers: KeyTriggers::new(definer.new_oids_beside(KeyTriggers::COUNT as u32, table.oid)?),
        };
        let constraint = self.constraint(definer, draft, name, from, rule)?;
        self.create_foreign_key(definer, constraint, &target, &key, draft.not_valid || fresh)
    }

    fn create_foreign_key(
        &mut self,
        definer: &mut Definer<'_>,
        constraint: Constraint,
        target: &Table,
        key: &Key,
        unseen: bool,
    ) -> DefineResult<Oid> {
        let oid = constraint.oid;
        let mut references = self.on_columns(&constraint.columns);
        references.extend(
            key.columns.iter().map(|column| (Address::column(target.oid, *column), DependencyKind::Normal)),
        );
        references.push((Address::of(key.index), DependencyKind::Normal));
        let constraint = Arc::new(constraint);
        definer.create(&Object::Constraint(constraint.clone()), &references)?;
        definer.refresh()?;
        crate::partition::refer_to_parts(definer, &constraint)?;
        let parts = definer.scope.keys_to_parts(&constraint).map(|part| part.name.clone());
        self.keep_from(parts);
        if !unseen {
            definer.validate(oid)?;
        }
        Ok(oid)
    }
}

fn referenced_table(definer: &Definer<'_>, reference: &Reference<'_>) -> DefineResult<Arc<Table>> {
    let (schema, name) = crate::names::split_name(&definer.scope, &reference.table)?;
    match definer.scope.find_relation(schema, name)? {
        Relation::Table(table) if !table.is_materialized() && !table.is_foreign() => Ok(table),
        other @ (Relation::Table(_)
        | Relation::View(_)
        | Relation::Index(_)
        | Relation::Sequence(_)
        | Relation::Composite(_)
        | Relation::System(_)) => Err(DefineError::ReferencedNotTable { name: other.name().into() }),
    }
}

/// Whether the role may refer to columns of a table.
fn may_refer(definer: &Definer<'_>, target: &Table, columns: &[u16]) -> DefineResult<()> {
    if definer.scope.is_superuser(definer.role) {
        return Ok(());
    }
    let actor = definer.actor();
    let by_column = columns.iter().all(|column| {
        let column = target.columns.get(usize::from(*column));
        column.is_some_and(|column| actor.column_privileges(&column.acl).contains(Privileges::REFERENCES))
    });
    if by_column && !columns.is_empty() {
        Ok(())
    } else {
        definer.require(target.oid, Privileges::REFERENCES)
    }
}

/// What is referred to lives as long as what refers to it.
fn refuse_shorter_lived(table: &Table, target: &Table) -> DefineResult<()> {
    let (tables, allowed) = match (table.persistence, target.persistence) {
        (Persistence::Permanent, Persistence::Permanent)
        | (Persistence::Unlogged, Persistence::Permanent | Persistence::Unlogged)
        | (Persistence::Temporary, Persistence::Temporary) => return Ok(()),
        (Persistence::Permanent, Persistence::Unlogged | Persistence::Temporary) => {
            ("permanent", "permanent")
        }
        (Persistence::Unlogged, Persistence::Temporary) => ("unlogged", "permanent or unlogged"),
        (Persistence::Temporary, Persistence::Permanent | Persistence::Unlogged) => {
            ("temporary", "temporary")
        }
    };
    Err(DefineError::ReferencedPersistence { tables, allowed })
}

fn places(table: &Table, columns: &[Name<'_>]) -> DefineResult<Vec<u16>> {
    let place = |column: &Name<'_>| {
        let found = table.column(column.text).map(|(place, _)| super::place(place));
        found.ok_or_else(|| DefineError::ReferenceColumn { column: column.text.into() })
    };
    columns.iter().map(place).collect()
}

fn primary_key(definer: &Definer<'_>, target: &Table) -> DefineResult<Key> {
    let found = definer.scope.constraints_of(target.oid).find_map(|constraint| match constraint.rule {
        // One that some partitions lack is none yet.
        Rule::PrimaryKey(index) if definer.scope.index(index).is_some_and(|index| index.valid) => {
            Some((index, constraint))
        }
        Rule::PrimaryKey(_)
        | Rule::Check(_)
        | Rule::Unique(_)
        | Rule::ForeignKey { .. }
        | Rule::Exclude(..) => None,
    });
    let (index, constraint) =
        found.ok_or_else(|| DefineError::NoPrimaryKey { table: target.name.clone() })?;
    if constraint.deferrable {
        return Err(deferrable("primary key", target));
    }
    Ok(Key { index, columns: constraint.columns.clone() })
}

/// What may stand twice for a while is no key to refer to.
fn deferrable(key: &str, target: &Table) -> DefineError {
    let message = format!("cannot use a deferrable {key} for referenced table \"{}\"", target.name);
    crate::error::plain(SqlState::ObjectNotInPrerequisiteState, message)
}

/// A unique index over exactly these columns, in any order, all rows, and checked at once.
fn unique_key(definer: &Definer<'_>, target: &Table, wanted: Vec<u16>) -> DefineResult<Key> {
    for (place, column) in wanted.iter().enumerate() {
        if wanted[..place].contains(column) {
            return Err(DefineError::ReferenceTwice);
        }
    }
    let mut waits = false;
    for index in definer.scope.indexes_of(target.oid) {
        let usable = index.unique && index.valid && index.predicate.is_none();
        let mut columns: Vec<u16> = Vec::with_capacity(index.keys.len());
        for key in &index.keys {
            if let IndexedValue::Column(column) = key.value {
                columns.push(column);
            }
        }
        let same = columns.len() == index.keys.len()
            && columns.len() == wanted.len()
            && wanted.iter().all(|column| columns.contains(column));
        if usable && same && index.immediate {
            return Ok(Key { index: index.oid, columns: wanted });
        }
        waits |= usable && same;
    }
    if waits {
        return Err(deferrable("unique constraint", target));
    }
    Err(DefineError::NoUniqueKey { table: target.name.clone() })
}

/// Both sides must be comparable by the order of the key that is referred to.
pub(crate) fn comparable(
    definer: &Definer<'_>,
    name: &str,
    (table, from): (&Table, &[u16]),
    (target, to): (&Table, &[u16]),
) -> DefineResult<()> {
    for (from, to) in from.iter().zip(to) {
        let (from, to) = (&table.columns[usize::from(*from)], &target.columns[usize::from(*to)]);
        if !comparable_types(definer, from.type_oid, to.type_oid) {
            let displayed = |of: u32| types::catalog::type_name(&definer.scope, of, None);
            return Err(DefineError::ReferenceTypes {
                name: name.into(),
                from: from.name.clone(),
                from_type: displayed(from.type_oid),
                to: to.name.clone(),
                to_type: displayed(to.type_oid),
            });
        }
    }
    Ok(())
}

fn action(written: ReferenceAction<'_>) -> Action {
    match written {
        ReferenceAction::NoAction => Action::NoAction,
        ReferenceAction::Restrict => Action::Restrict,
        ReferenceAction::Cascade => Action::Cascade,
        ReferenceAction::SetNull(_) => Action::SetNull,
        ReferenceAction::SetDefault(_) => Action::SetDefault,
    }
}

/// What refers and is generated takes no other value.
fn refuse_generated(table: &Table, from: &[u16], reference: &Reference<'_>) -> DefineResult<()> {
    let is_generated = |place: &u16| {
        table
            .columns
            .get(usize::from(*place))
            .is_some_and(|it| matches!(it.source, catalog::object::Source::Generated(_)))
    };
    if !from.iter().any(is_generated) {
        return Ok(());
    }
    let sets = |action: &ReferenceAction<'_>| {
        matches!(action, ReferenceAction::SetNull(_) | ReferenceAction::SetDefault(_))
    };
    let word = match () {
        () if sets(&reference.on_update) || matches!(reference.on_update, ReferenceAction::Cascade) => {
            "UPDATE"
        }
        () if sets(&reference.on_delete) => "DELETE",
        () => return Ok(()),
    };
    let message = format!("invalid ON {word} action for foreign key constraint containing generated column");
    Err(crate::error::plain(diagnostic::SqlState::SyntaxError, message))
}

/// `ON DELETE`, with the columns that `SET NULL (…)` and `SET DEFAULT (…)` name.
fn delete_action(
    table: &Table,
    from: &[u16],
    written: ReferenceAction<'_>,
) -> DefineResult<(Action, Vec<u16>)> {
    let columns = match written {
        ReferenceAction::SetNull(columns) | ReferenceAction::SetDefault(columns) => columns,
        ReferenceAction::NoAction | ReferenceAction::Restrict | ReferenceAction::Cascade => &[],
    };
    let set = places(table, columns)?;
    for (place, column) in set.iter().zip(columns) {
        if !from.contains(place) {
            return Err(DefineError::SetColumn { column: column.text.into() });
        }
    }
    Ok((action(written), set))
}

/// Whether values of both types can be equal by the order of the key.
fn comparable_types(definer: &Definer<'_>, from: u32, to: u32) -> bool {
    let base = |of: u32| definer.scope.undomained(types::Type::of(of)).oid;
    let (from, to) = (base(from), base(to));
    from == to
        || functions::table::operators_named("=")
            .any(|operator| operator.left == to && operator.right == from)
        || functions::table::cast_entry(from, to)
            .is_some_and(|cast| cast.context == functions::table::CastContext::Implicit)
}

/// `ALTER TABLE … ALTER CONSTRAINT`: when a foreign key is looked at.
///
/// # Errors
/// When it is none, or a part of another table's.
pub(crate) fn alter_foreign_key(
    definer: &mut Definer<'_>,
    table: Oid,
    name: &str,
    waits: (bool, bool),
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let found = definer.scope.constraints_of(table).find(|constraint| constraint.name == name).cloned();
    let is_trigger =
        || definer.scope.triggers_of(table).iter().any(|it| it.constraint.is_some() && it.name == name);
    let plain = |state: SqlState, message: String| DefineError::Plain {
        state,
        message,
        detail: None,
        hint: None,
        position: None,
    };
    let not_key = || {
        let message =
            format!("constraint \"{name}\" of relation \"{}\" is not a foreign key constraint", of.name);
        plain(SqlState::WrongObjectType, message)
    };
    let key = match found {
        Some(key) if matches!(key.rule, Rule::ForeignKey { .. }) => key,
        Some(_) => return Err(not_key()),
        None if is_trigger() => return Err(not_key()),
        None => return Err(DefineError::NoConstraint { name: name.into(), relation: of.name.clone() }),
    };
    let mut whole = key.clone();
    while let Some(above) = definer.scope.constraint(whole.parent) {
        whole = above.clone();
    }
    if whole.oid != key.oid {
        let of_whole = definer.table(whole.table)?.name.clone();
        return Err(DefineError::Plain {
            state: SqlState::InternalError,
            message: format!("cannot alter constraint \"{name}\" on relation \"{}\"", of.name),
            detail: Some(format!(
                "Constraint \"{name}\" is derived from constraint \"{}\" of relation \"{of_whole}\".",
                whole.name
            )),
            hint: Some("You may alter the constraint it derives from, instead.".to_owned()),
            position: None,
        });
    }
    for_parts(definer, &key, |_| true, &mut |key| (key.deferrable, key.initially_deferred) = waits)
}

/// Switches a trigger of a foreign key; those of parts of the key go along, for partitions of the table that the trigger is of.
///
/// # Errors
/// When the key is gone.
pub(crate) fn switch_key(
    definer: &mut Definer<'_>,
    key: &Arc<Constraint>,
    place: usize,
    (state, only): (RuleState, bool),
) -> DefineResult<()> {
    let mut switch = |key: &mut Constraint| {
        if let Rule::ForeignKey { triggers, .. } = &mut key.rule
            && let Some(known) = triggers.states.get_mut(place)
        {
            *known = state;
        }
    };
    if only {
        definer.alter_constraint(key.oid, switch)?;
        return definer.refresh();
    }
    let refers = place >= KeyTriggers::CHECK_INSERT;
    for_parts(definer, key, |of_same_table| of_same_table != refers, &mut switch)
}

/// Changes a key and its parts: those that are of the same table, for partitions of what is referred to, and those in partitions
/// of the table that refers, as far as they are asked for.
fn for_parts(
    definer: &mut Definer<'_>,
    key: &Arc<Constraint>,
    asked: impl Fn(bool) -> bool,
    change: &mut dyn FnMut(&mut Constraint),
) -> DefineResult<()> {
    let mut keys = vec![key.clone()];
    while let Some(key) = keys.pop() {
        definer.alter_constraint(key.oid, |key| change(key))?;
        if asked(true) {
            keys.extend(definer.scope.keys_to_parts(&key).cloned());
        }
        if asked(false) {
            let parts = definer.scope.children_of(key.table);
            let below = parts.flat_map(|part| definer.scope.constraints_of(part.oid));
            keys.extend(below.filter(|below| below.parent == key.oid).cloned());
        }
    }
    definer.refresh()
}

/// Refuses a name that another constraint of the table has, before anything is looked at that the key refers to.
fn refuse_taken(definer: &Definer<'_>, table: &Table, draft: &KeyDraft<'_>) -> DefineResult<()> {
    let known = |name: &&str| definer.scope.constraints_of(table.oid).any(|known| known.name == **name);
    match draft.name.filter(known) {
        Some(name) => {
            let (name, on) = (name.to_owned(), format!("\"{}\"", table.name));
            Err(catalog::CatalogError::DuplicateConstraint { name, kind: "relation", on }.into())
        }
        None => Ok(()),
    }
}
