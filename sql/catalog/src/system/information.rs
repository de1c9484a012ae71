//! `information_schema`: tables, views, constraints, sequences.
//!
//! As in PostgreSQL, whoever asks is shown what he owns or has some right on.

use super::class::all_relations;
use super::constraint::all_constraints;
use super::emit::{Emit, SystemContext, int, maybe, text, yes};
use crate::error::CatalogResult;
use crate::object::{
    Acl, CheckOption, Constraint, Grant, Match, Object, Oid, Persistence, Privileges, Role, Rule, Sequence,
    Table, TriggerTiming, View,
};
use crate::snapshot::{Relation, Scope};
use std::collections::BTreeSet;
use types::value::Item;

/// Who asks, and of which database.
pub(super) struct Asker<'a> {
    pub(super) scope: &'a Scope,
    pub(super) database: &'a str,
    database_owner: Oid,
    roles: BTreeSet<Oid>,
    superuser: bool,
}

impl<'a> Asker<'a> {
    pub(super) fn new(context: &SystemContext<'a>) -> Asker<'a> {
        let scope = context.scope;
        let database = scope.database(context.database);
        let owner = database.map_or(0, |database| database.owner);
        Asker {
            scope,
            database: database.map_or("", |database| &database.name),
            database_owner: owner,
            roles: scope.inherited_roles(context.user, owner),
            superuser: scope.is_superuser(context.user),
        }
    }

    /// Whether the grantee may give a privilege on: he was told so, or has the rights of the object's owner.
    pub(super) fn may_give(&self, grant: &Grant, owner: Oid, privilege: Privileges) -> bool {
        let as_owner = || {
            let roles = self.scope.inherited_roles(grant.grantee, self.database_owner);
            self.scope.is_superuser(grant.grantee) || roles.contains(&owner)
        };
        grant.grant_option.contains(privilege) || grant.grantee != 0 && as_owner()
    }

    pub(super) fn has_role(&self, role: Oid) -> bool {
        self.superuser || self.roles.contains(&role)
    }

    /// Whether an object is shown: it is the asker's, or he has some right on it.
    pub(super) fn may_see(&self, owner: Oid, acl: &Acl, all: Privileges) -> bool {
        let granted = || self.scope.granted(&self.roles, acl, owner, all, Privileges::NONE);
        self.has_role(owner) || !granted().is_empty()
    }

    /// Whether the asker has some right on an object.
    pub(super) fn granted(&self, acl: &Acl, owner: Oid, all: Privileges, public: Privileges) -> bool {
        !self.scope.granted(&self.roles, acl, owner, all, public).is_empty()
    }

    pub(super) fn schema(&self, schema: Oid) -> &'a str {
        self.scope.schema(schema).map_or("", |schema| &schema.name)
    }

    /// The tables and views that are shown.
    pub(super) fn relations(&self) -> impl Iterator<Item = Relation> {
        all_relations(self.scope).filter(|relation| match relation {
            // The standard knows none.
            Relation::Table(table) if table.is_materialized() => false,
            Relation::Table(table) => {
                self.may_see(table.owner, &table.acl, Privileges::TABLE)
                    || table.columns.iter().any(|column| column.acl.is_some())
            }
            Relation::View(view) => self.may_see(view.owner, &view.acl, Privileges::TABLE),
            Relation::System(_) => true,
            Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => false,
        })
    }

    /// The constraints of tables whose owner the asker is, or is like.
    fn constraints(&self) -> impl Iterator<Item = (&'a Constraint, &'a Table)> {
        all_constraints(self.scope).filter_map(|constraint| {
            let table = self.scope.table(constraint.table)?;
            self.may_see(table.owner, &table.acl, Privileges::TABLE).then_some((constraint, &**table))
        })
    }
}

/// `information_schema_catalog_name`.
pub(super) fn catalog_name(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit.row(&[text(Asker::new(context).database)])
}

/// `schemata`.
pub(super) fn schemata(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for object in context.scope.objects() {
        let Object::Schema(schema) = object else { continue };
        if !asker.has_role(schema.owner) {
            continue;
        }
        let owner = context.scope.role_name(schema.owner);
        emit.row(&[
            text(asker.database),
            text(&schema.name),
            text(&owner),
            Item::Null,
            Item::Null,
            Item::Null,
            Item::Null,
        ])?;
    }
    Ok(())
}

/// Bits of what can be done with a relation's rows, as `pg_relation_is_updatable` counts them.
const INSERT: i32 = 1 << 3;
const UPDATE_AND_DELETE: i32 = 1 << 2 | 1 << 4;

/// `tables`.
pub(super) fn tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for relation in asker.relations() {
        let insertable_view = |view: &View| context.session.updatable_events(view.oid) & INSERT != 0;
        let (kind, insertable) = match &relation {
            Relation::View(view) => ("VIEW", insertable_view(view)),
            Relation::Table(table) => match table.persistence {
                // Whether rows can be put in only a handler would know.
                Persistence::Permanent | Persistence::Unlogged if table.is_foreign() => ("FOREIGN", false),
                Persistence::Permanent | Persistence::Unlogged => ("BASE TABLE", true),
                Persistence::Temporary => ("LOCAL TEMPORARY", true),
            },
            Relation::System(table) if !table.is_view => ("BASE TABLE", true),
            Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => {
                ("VIEW", false)
            }
        };
        let of = match &relation {
            Relation::Table(table) => context.scope.composite(table.of_type),
            _ => None, // nothing else is of a type
        };
        emit.row(&[
            text(asker.database),
            text(asker.schema(relation.schema())),
            text(relation.name()),
            text(kind),
            Item::Null,
            Item::Null,
            of.map_or(Item::Null, |_| text(asker.database)),
            of.map_or(Item::Null, |of| text(asker.schema(of.schema))),
            of.map_or(Item::Null, |of| text(&of.name)),
            yes(insertable),
            yes(of.is_some()),
            Item::Null,
        ])?;
    }
    Ok(())
}

/// `views`
pub(super) fn views(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for relation in asker.relations() {
        let mut by_trigger = [false; 3];
        let (query, check, events) = match &relation {
            Relation::View(view) => {
                // Who does not own a view is not told how it is made.
                let query = asker.has_role(view.owner).then(|| context.session.view_definition(view));
                let check = match view.check_option() {
                    CheckOption::None => "NONE",
                    CheckOption::Local => "LOCAL",
                    CheckOption::Cascaded => "CASCADED",
                };
                for trigger in context.scope.triggers_of(view.oid) {
                    let events = trigger.events;
                    let does = [events.update, events.delete, events.insert];
                    if trigger.timing == TriggerTiming::InsteadOf {
                        by_trigger.iter_mut().zip(does).for_each(|(known, does)| *known |= does);
                    }
                }
                (query, check, context.session.updatable_events(view.oid))
            }
            Relation::System(table) if table.is_view => (None, "NONE", 0),
            Relation::System(_)
            | Relation::Table(_)
            | Relation::Index(_)
            | Relation::Sequence(_)
            | Relation::Composite(_) => continue,
        };
        emit.row(&[
            text(asker.database),
            text(asker.schema(relation.schema())),
            text(relation.name()),
            maybe(query.as_deref()),
            text(check),
            yes(events & UPDATE_AND_DELETE == UPDATE_AND_DELETE),
            yes(events & INSERT != 0),
            yes(by_trigger[0]),
            yes(by_trigger[1]),
            yes(by_trigger[2]),
        ])?;
    }
    Ok(())
}

/// What `sequences` says of a sequence's type: its name and its bits.
fn sequence_type(sequence: &Sequence) -> (&'static str, i32) {
    match sequence.type_oid {
        types::catalog::oid::INT2 => ("smallint", 16),
        types::catalog::oid::INT4 => ("integer", 32),
        _ => ("bigint", 64),
    }
}

/// `sequences`: those that are no column's identity.
pub(super) fn sequences(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for object in context.scope.objects() {
        let Object::Sequence(sequence) = object else { continue };
        let is_identity = |(table, column): (Oid, u16)| {
            let table = context.scope.table(table);
            let column = table.and_then(|table| table.columns.get(usize::from(column)));
            column.is_some_and(|column| matches!(column.source, crate::object::Source::Identity { .. }))
        };
        if sequence.owned_by.is_some_and(is_identity)
            || !asker.may_see(sequence.owner, &sequence.acl, Privileges::SEQUENCE)
        {
            continue;
        }
        let (type_name, bits) = sequence_type(sequence);
        let [start, minimum, maximum, increment] =
            [sequence.start, sequence.minimum, sequence.maximum, sequence.increment]
                .map(|value| value.to_string());
        emit.row(&[
            text(asker.database),
            text(asker.schema(sequence.schema)),
            text(&sequence.name),
            text(type_name),
            int(bits),
            int(2),
            int(0),
            text(&start),
            text(&minimum),
            text(&maximum),
            text(&increment),
            yes(sequence.cycle),
        ])?;
    }
    Ok(())
}

/// The name of the constraint that stands for a column's NOT NULL.
fn not_null_name(table: &Table, place: usize) -> String {
    format!("{}_{}_{}_not_null", table.schema, table.oid, place + 1)
}

/// `table_constraints`; NOT NULLs are among them.
pub(super) fn table_constraints(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (constraint, table) in asker.constraints().filter(|(_, table)| !table.is_foreign()) {
        let (kind, distinct) = match &constraint.rule {
            Rule::Check(_) => ("CHECK", Item::Null),
            Rule::Unique(index) => {
                let not_distinct = context.scope.index(*index).is_some_and(|index| index.nulls_not_distinct);
                ("UNIQUE", yes(!not_distinct))
            }
            Rule::PrimaryKey(_) => ("PRIMARY KEY", Item::Null),
            Rule::ForeignKey { .. } => ("FOREIGN KEY", Item::Null),
            // The standard has none.
            Rule::Exclude(..) => continue,
        };
        emit.row(&[
            text(asker.database),
            text(asker.schema(constraint.schema)),
            text(&constraint.name),
            text(asker.database),
            text(asker.schema(table.schema)),
            text(&table.name),
            text(kind),
            yes(constraint.deferrable),
            yes(constraint.initially_deferred),
            yes(true),
            distinct,
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Table(table) = object else { continue };
        if table.is_foreign() || !asker.may_see(table.owner, &table.acl, Privileges::TABLE) {
            continue;
        }
        for (place, _) in table.live_columns().filter(|(_, column)| column.not_null) {
            let name = not_null_name(table, place);
            emit.row(&[
                text(asker.database),
                text(asker.schema(table.schema)),
                text(&name),
                text(asker.database),
                text(asker.schema(table.schema)),
                text(&table.name),
                text("CHECK"),
                yes(false),
                yes(false),
                yes(true),
                Item::Null,
            ])?;
        }
    }
    Ok(())
}

/// `key_column_usage`.
pub(super) fn key_column_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (constraint, table) in asker.constraints() {
        let unique: Option<Vec<usize>> = match &constraint.rule {
            Rule::Check(_) | Rule::Exclude(..) => continue,
            Rule::Unique(_) | Rule::PrimaryKey(_) => None,
            Rule::ForeignKey { columns, index, .. } => {
                let keys = context.scope.index(*index).map(|index| &index.keys[..]).unwrap_or_default();
                let place = |column: &u16| {
                    keys.iter().position(|key| key.value == crate::object::IndexedValue::Column(*column))
                };
                Some(columns.iter().map(|column| place(column).map_or(0, |place| place + 1)).collect())
            }
        };
        for (place, column) in constraint.columns.iter().enumerate() {
            let Some(column) = table.columns.get(usize::from(*column)) else { continue };
            let in_unique = unique.as_ref().and_then(|places| places.get(place));
            emit.row(&[
                text(asker.database),
                text(asker.schema(constraint.schema)),
                text(&constraint.name),
                text(asker.database),
                text(asker.schema(table.schema)),
                text(&table.name),
                text(&column.name),
                int(place + 1),
                in_unique.map_or(Item::Null, |place| int(*place)),
            ])?;
        }
    }
    Ok(())
}

/// `referential_constraints`.
pub(super) fn referential_constraints(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (constraint, _) in asker.constraints() {
        let Rule::ForeignKey { index, matching, on_update, on_delete, .. } = &constraint.rule else {
            continue;
        };
        let unique = context.scope.constraint_of_index(*index);
        let matching = match matching {
            Match::Simple => "NONE",
            Match::Full => "FULL",
        };
        emit.row(&[
            text(asker.database),
            text(asker.schema(constraint.schema)),
            text(&constraint.name),
            maybe(unique.map(|_| asker.database)),
            maybe(unique.map(|unique| asker.schema(unique.schema))),
            maybe(unique.map(|unique| unique.name.as_str())),
            text(matching),
            text(on_update.words()),
            text(on_delete.words()),
        ])?;
    }
    Ok(())
}

/// `check_constraints`; NOT NULLs are among them.
pub(super) fn check_constraints(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for constraint in all_constraints(context.scope) {
        let Rule::Check(expression) = &constraint.rule else { continue };
        let clause = format!("({expression})");
        emit.row(&[
            text(asker.database),
            text(asker.schema(constraint.schema)),
            text(&constraint.name),
            text(&clause),
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Table(table) = object else { continue };
        if table.is_foreign() || !asker.has_role(table.owner) {
            continue;
        }
        for (place, column) in table.live_columns().filter(|(_, column)| column.not_null) {
            let (name, clause) = (not_null_name(table, place), format!("{} IS NOT NULL", column.name));
            emit.row(&[text(asker.database), text(asker.schema(table.schema)), text(&name), text(&clause)])?;
        }
    }
    Ok(())
}

/// The table that a constraint says something of, and its columns there.
fn used_columns<'a>(scope: &'a Scope, constraint: &'a Constraint) -> Option<(&'a Table, &'a [u16])> {
    let (table, columns) = match &constraint.rule {
        Rule::Exclude(..) => return None,
        Rule::ForeignKey { table, columns, .. } => (*table, columns),
        Rule::Check(_) | Rule::Unique(_) | Rule::PrimaryKey(_) => (constraint.table, &constraint.columns),
    };
    Some((scope.table(table)?, columns))
}

/// `constraint_column_usage`.
pub(super) fn constraint_column_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (constraint, _) in asker.constraints() {
        let Some((table, columns)) = used_columns(context.scope, constraint) else { continue };
        if table.is_foreign() || !asker.has_role(table.owner) {
            continue;
        }
        for column in columns {
            let Some(column) = table.columns.get(usize::from(*column)) else { continue };
            emit.row(&[
                text(asker.database),
                text(asker.schema(table.schema)),
                text(&table.name),
                text(&column.name),
                text(asker.database),
                text(asker.schema(constraint.schema)),
                text(&constraint.name),
            ])?;
        }
    }
    Ok(())
}

/// `constraint_table_usage`.
pub(super) fn constraint_table_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (constraint, _) in asker.constraints() {
        let Some((table, _)) = used_columns(context.scope, constraint) else { continue };
        if matches!(constraint.rule, Rule::Check(_)) || !asker.has_role(table.owner) {
            continue;
        }
        emit.row(&[
            text(asker.database),
            text(asker.schema(table.schema)),
            text(&table.name),
            text(asker.database),
            text(asker.schema(constraint.schema)),
            text(&constraint.name),
        ])?;
    }
    Ok(())
}

/// `enabled_roles`.
pub(super) fn enabled_roles(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    let shown = |role: &&Role| asker.has_role(role.oid);
    for role in super::role::all_roles(context.scope).filter(shown) {
        emit.row(&[text(&role.name)])?;
    }
    Ok(())
}

/// `applicable_roles`.
pub(super) fn applicable_roles(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    memberships(context, emit, false)
}

/// `administrable_role_authorizations`: those that may be given on.
pub(super) fn administrable_roles(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    memberships(context, emit, true)
}

fn memberships(context: &SystemContext<'_>, emit: &mut Emit, by_admins: bool) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for role in super::role::all_roles(context.scope).filter(|role| asker.has_role(role.oid)) {
        for membership in role.member_of.iter().filter(|membership| membership.admin || !by_admins) {
            let above = context.scope.role_name(membership.role);
            emit.row(&[text(&role.name), text(&above), yes(membership.admin)])?;
        }
    }
    Ok(())
}
