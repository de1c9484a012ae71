//! `information_schema`: which types, tables and columns are used by what, and rights on types and sequences.

use super::emit::{Emit, SystemContext, maybe, text, yes};
use super::information::Asker;
use super::information_columns::{collation_name, describe};
use crate::dependency::Address;
use crate::error::CatalogResult;
use crate::object::{Acl, FIXED_COLLATIONS, Foreign, Grant, Object, Oid, PG_CATALOG, Privileges, View};
use crate::privilege::default_grants;
use crate::snapshot::Relation;
use std::collections::BTreeSet;
use types::Types;
use types::catalog::Type;
use types::value::Item;

/// A column of a relation or a composite type.
pub(super) struct Column<'a> {
    pub(super) schema: Oid,
    pub(super) relation: &'a str,
    pub(super) composite: bool,
    pub(super) name: &'a str,
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) of: Type,
    owner: Oid,
    collation: Oid,
}

/// Every column of what the asker is shown.
pub(super) fn each_column(
    asker: &Asker<'_>,
    mut each: impl FnMut(&Column<'_>) -> CatalogResult<()>,
) -> CatalogResult<()> {
    for relation in asker.relations() {
        let (schema, name) = (relation.schema(), relation.name());
        let mut one = |place: usize, column: &str, of: Type, owner: Oid, collation: Oid| {
            let number = place + 1;
            each(&Column {
                schema,
                relation: name,
                composite: false,
                name: column,
                number,
                of,
                owner,
                collation,
            })
        };
        match &relation {
            Relation::Table(table) => {
                for (place, column) in table.live_columns() {
                    one(place, &column.name, column.column_type(), table.owner, column.collation)?;
                }
            }
            Relation::View(view) => {
                for (place, column) in view.columns.iter().enumerate() {
                    let column = &column.column;
                    one(place, &column.name, column.column_type(), view.owner, column.collation)?;
                }
            }
            Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => {}
        }
    }
    for object in asker.scope.objects() {
        let Object::Composite(composite) = object else { continue };
        if !asker.may_see(composite.owner, &composite.acl, Privileges::USAGE) {
            continue;
        }
        for (place, column) in composite.columns.iter().enumerate().filter(|(_, column)| !column.dropped) {
            each(&Column {
                schema: composite.schema,
                relation: &composite.name,
                composite: true,
                name: &column.name,
                number: place + 1,
                of: column.column_type(),
                owner: composite.owner,
                collation: column.collation,
            })?;
        }
    }
    Ok(())
}

/// `attributes`.
pub(super) fn attributes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    each_column(&asker, |column| {
        if !column.composite {
            return Ok(());
        }
        let described = describe(context.scope, column.of);
        let (identifier, collation) =
            (column.number.to_string(), collation_name(context.scope, column.collation));
        emit.named(|wanted| match wanted {
            "udt_catalog" | "attribute_udt_catalog" => text(asker.database),
            "udt_schema" => text(asker.schema(column.schema)),
            "udt_name" => text(column.relation),
            "attribute_name" => text(column.name),
            "ordinal_position" => Item::Int32(i32::try_from(column.number).unwrap_or(i32::MAX)),
            "is_nullable" => yes(true),
            "collation_catalog" => maybe(collation.map(|_| asker.database)),
            "collation_schema" => maybe(collation.map(|(schema, _)| schema)),
            "collation_name" => maybe(collation.map(|(_, name)| name)),
            "attribute_udt_schema" => text(asker.schema(described.schema)),
            "attribute_udt_name" => text(&described.name),
            "dtd_identifier" => text(&identifier),
            "is_derived_reference_attribute" => yes(false),
            wanted => described.item(wanted),
        })
    })
}

/// `user_defined_types`: those that are rows.
pub(super) fn user_defined_types(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for object in context.scope.objects() {
        let Object::Composite(composite) = object else { continue };
        if asker.may_see(composite.owner, &composite.acl, Privileges::USAGE) {
            emit.named(|column| match column {
                "user_defined_type_catalog" => text(asker.database),
                "user_defined_type_schema" => text(asker.schema(composite.schema)),
                "user_defined_type_name" => text(&composite.name),
                "user_defined_type_category" => text("STRUCTURED"),
                "is_instantiable" => yes(true),
                _ => Item::Null,
            })?;
        }
    }
    Ok(())
}

/// `column_domain_usage`: of the asker's domains.
pub(super) fn column_domain_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    each_column(&asker, |column| {
        let domain = context.scope.domain(column.of.oid).filter(|domain| asker.has_role(domain.owner));
        let Some(domain) = domain.filter(|_| !column.composite) else { return Ok(()) };
        emit.named(|wanted| match wanted {
            "domain_catalog" | "table_catalog" => text(asker.database),
            "domain_schema" => text(asker.schema(domain.schema)),
            "domain_name" => text(&domain.name),
            "table_schema" => text(asker.schema(column.schema)),
            "table_name" => text(column.relation),
            _ => text(column.name),
        })
    })
}

/// `column_udt_usage`: of the asker's types; a domain stands for what it is made of.
pub(super) fn column_udt_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    each_column(&asker, |column| {
        if column.composite || !asker.has_role(column.owner) {
            return Ok(());
        }
        let described = describe(context.scope, context.scope.undomained(column.of));
        emit.named(|wanted| match wanted {
            "udt_catalog" | "table_catalog" => text(asker.database),
            "udt_schema" => text(asker.schema(described.schema)),
            "udt_name" => text(&described.name),
            "table_schema" => text(asker.schema(column.schema)),
            "table_name" => text(column.relation),
            _ => text(column.name),
        })
    })
}

/// `domain_udt_usage`.
pub(super) fn domain_udt_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for object in context.scope.objects() {
        let Object::Domain(domain) = object else { continue };
        if !asker.has_role(domain.owner) {
            continue;
        }
        let described = describe(context.scope, domain.base());
        emit.named(|wanted| match wanted {
            "udt_catalog" | "domain_catalog" => text(asker.database),
            "udt_schema" => text(asker.schema(described.schema)),
            "udt_name" => text(&described.name),
            "domain_schema" => text(asker.schema(domain.schema)),
            _ => text(&domain.name),
        })?;
    }
    Ok(())
}

/// The views of the asker's.
fn views<'a>(asker: &'a Asker<'_>) -> impl Iterator<Item = &'a View> {
    asker.scope.objects().filter_map(|object| match object {
        Object::View(view) => Some(&**view),
        _ => None,
    })
}

/// What a view reads: relations and columns, by number.
fn read_by(asker: &Asker<'_>, view: &View) -> BTreeSet<Address> {
    asker.scope.dependencies_of(view.oid).map(|(_, on, _)| on).collect()
}

/// The schema, the name, the owner and the columns of a table or view.
fn named_relation(asker: &Asker<'_>, oid: Oid) -> Option<(Oid, String, Oid, Vec<String>)> {
    match asker.scope.relation(oid)? {
        Relation::Table(table) => Some((
            table.schema,
            table.name.clone(),
            table.owner,
            table.columns.iter().map(|column| column.name.clone()).collect(),
        )),
        Relation::View(view) => Some((
            view.schema,
            view.name.clone(),
            view.owner,
            view.columns.iter().map(|column| column.column.name.clone()).collect(),
        )),
        Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => None,
    }
}

/// `view_table_usage`: of the asker's tables.
pub(super) fn view_table_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for view in views(&asker) {
        let read: BTreeSet<Oid> = read_by(&asker, view).into_iter().map(|on| on.oid).collect();
        for (schema, name, owner, _) in read.into_iter().filter_map(|oid| named_relation(&asker, oid)) {
            if asker.has_role(owner) {
                emit.named(|column| match column {
                    "view_catalog" | "table_catalog" => text(asker.database),
                    "view_schema" => text(asker.schema(view.schema)),
                    "view_name" => text(&view.name),
                    "table_schema" => text(asker.schema(schema)),
                    _ => text(&name),
                })?;
            }
        }
    }
    Ok(())
}

/// `view_column_usage`.
pub(super) fn view_column_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for view in views(&asker) {
        for on in read_by(&asker, view) {
            let Some((schema, name, owner, columns)) = named_relation(&asker, on.oid) else { continue };
            let column = usize::from(on.part).checked_sub(1).and_then(|place| columns.get(place));
            let Some(column) = column.filter(|_| asker.has_role(owner)) else { continue };
            emit.named(|wanted| match wanted {
                "view_catalog" | "table_catalog" => text(asker.database),
                "view_schema" => text(asker.schema(view.schema)),
                "view_name" => text(&view.name),
                "table_schema" => text(asker.schema(schema)),
                "table_name" => text(&name),
                _ => text(column),
            })?;
        }
    }
    Ok(())
}

/// `view_routine_usage`: of the asker's functions.
pub(super) fn view_routine_usage(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for view in views(&asker) {
        for on in read_by(&asker, view) {
            let Some(function) = context.scope.function(on.oid) else { continue };
            let specific = format!("{}_{}", function.name, function.oid);
            if asker.has_role(function.owner) {
                emit.named(|column| match column {
                    "table_catalog" | "specific_catalog" => text(asker.database),
                    "table_schema" => text(asker.schema(view.schema)),
                    "table_name" => text(&view.name),
                    "specific_schema" => text(asker.schema(function.schema)),
                    _ => text(&specific),
                })?;
            }
        }
    }
    Ok(())
}

/// Something that USAGE may be given on.
struct Used<'a> {
    schema: Oid,
    name: &'a str,
    kind: &'static str,
    owner: Oid,
    acl: &'a Acl,
    all: Privileges,
    public: Privileges,
}

const NO_ACL: Acl = None;

fn used(object: &Object) -> Option<Used<'_>> {
    let (types, sequences) = (Privileges::USAGE, Privileges::SEQUENCE);
    let (schema, name, kind, owner, acl, all, public) = match object {
        Object::Domain(it) => (it.schema, &it.name, "DOMAIN", it.owner, &it.acl, types, types),
        Object::Composite(it) => (it.schema, &it.name, "TYPE", it.owner, &it.acl, types, types),
        // The types of their rows, on which nobody can be given anything else.
        Object::Table(it) => (it.schema, &it.name, "TYPE", it.owner, &NO_ACL, types, types),
        Object::View(it) => (it.schema, &it.name, "TYPE", it.owner, &NO_ACL, types, types),
        Object::Sequence(it) => {
            (it.schema, &it.name, "SEQUENCE", it.owner, &it.acl, sequences, Privileges::NONE)
        }
        Object::Foreign(foreign) => return used_foreign(foreign),
        _ => return None, // only these have rows here
    };
    Some(Used { schema, name, kind, owner, acl, all, public })
}

/// Wrappers and servers are in no schema.
fn used_foreign(foreign: &Foreign) -> Option<Used<'_>> {
    let kind = match foreign {
        Foreign::Wrapper(_) => "FOREIGN DATA WRAPPER",
        Foreign::Server(_) => "FOREIGN SERVER",
        Foreign::Mapping(_) => return None,
    };
    let (all, public) = (Privileges::USAGE, Privileges::NONE);
    Some(Used {
        schema: 0,
        name: foreign.name(),
        kind,
        owner: foreign.owner()?,
        acl: foreign.acl(),
        all,
        public,
    })
}

/// What stands in `usage_privileges`, in the order of PostgreSQL's.
const USED: [&str; 4] = ["DOMAIN", "FOREIGN DATA WRAPPER", "FOREIGN SERVER", "SEQUENCE"];

fn emit_usage(
    context: &SystemContext<'_>,
    emit: &mut Emit,
    kinds: &[&str],
    public: bool,
) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for used in context.scope.objects().filter_map(used).filter(|used| kinds.contains(&used.kind)) {
        // Of a sequence of which nothing was said PostgreSQL tells what a table's owner may: to use it is not among that.
        let all = if used.kind == "SEQUENCE" { Privileges::TABLE } else { used.all };
        let defaults = || default_grants(used.owner, all, used.public);
        let grants = used.acl.clone().unwrap_or_else(defaults);
        let shown = |grant: &&Grant| {
            grant.privileges.contains(Privileges::USAGE)
                && if public { asker.concerns(grant) } else { asker.concerns_roles(grant) }
        };
        for grant in grants.iter().filter(shown) {
            let (grantor, grantee) = (context.scope.role_name(grant.grantor), asker.grantee(grant));
            let may_give = asker.may_give(grant, used.owner, Privileges::USAGE);
            emit.named(|column| match column {
                "grantor" => text(&grantor),
                "grantee" => text(&grantee),
                "object_catalog" | "udt_catalog" => text(asker.database),
                "object_schema" | "udt_schema" => text(asker.schema(used.schema)),
                "object_name" | "udt_name" => text(used.name),
                "object_type" => text(used.kind),
                "privilege_type" => text(if used.kind == "TYPE" { "TYPE USAGE" } else { "USAGE" }),
                _ => yes(may_give),
            })?;
        }
    }
    Ok(())
}

/// `usage_privileges`.
pub(super) fn usage_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_usage(context, emit, &USED, true)
}

/// `role_usage_grants`.
pub(super) fn role_usage_grants(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_usage(context, emit, &USED, false)
}

/// `udt_privileges`.
pub(super) fn udt_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_usage(context, emit, &["TYPE"], true)
}

/// `role_udt_grants`.
pub(super) fn role_udt_grants(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_usage(context, emit, &["TYPE"], false)
}

/// `character_sets`: the one of the database.
pub(super) fn character_sets(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    emit.named(|column| match column {
        "character_set_name" | "form_of_use" => text("UTF8"),
        "character_repertoire" => text("UCS"),
        "default_collate_catalog" => text(asker.database),
        _ => Item::Null,
    })
}

/// Schemas and names of the collations: those of the system, and of users.
fn collation_names<'s>(context: &SystemContext<'s>) -> Vec<(Oid, &'s str)> {
    let fixed = FIXED_COLLATIONS.iter().map(|fixed| (PG_CATALOG, fixed.name));
    let made = context.scope.objects().filter_map(|object| match object {
        Object::Collation(made) => Some((made.schema, made.name.as_str())),
        _ => None,
    });
    fixed.chain(made).collect()
}

/// `collations`.
pub(super) fn collations(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (schema, name) in collation_names(context) {
        emit.named(|column| match column {
            "collation_catalog" => text(asker.database),
            "collation_schema" => text(asker.schema(schema)),
            "collation_name" => text(name),
            _ => text("NO PAD"),
        })?;
    }
    Ok(())
}

/// `collation_character_set_applicability`.
pub(super) fn collation_character_sets(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (schema, name) in collation_names(context) {
        emit.named(|column| match column {
            "collation_catalog" => text(asker.database),
            "collation_schema" => text(asker.schema(schema)),
            "collation_name" => text(name),
            "character_set_name" => text("UTF8"),
            _ => Item::Null,
        })?;
    }
    Ok(())
}
