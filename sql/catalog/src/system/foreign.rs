//! Foreign data: `pg_foreign_data_wrapper`, `pg_foreign_server`, `pg_foreign_table`, `pg_user_mapping`, and what is told of them in words.

use super::emit::{Emit, SystemContext, acl, bytes, maybe, number, text, texts};
use super::information::Asker;
use crate::error::CatalogResult;
use crate::object::{
    Acl, Foreign, ForeignOption, ForeignServer, ForeignTable, ForeignWrapper, Object, Oid, Privileges, Table,
    UserMapping,
};
use crate::snapshot::Scope;
use types::catalog::oid;
use types::value::Item;

fn wrappers(scope: &Scope) -> impl Iterator<Item = &ForeignWrapper> {
    scope.all_foreign().filter_map(|foreign| match &**foreign {
        Foreign::Wrapper(wrapper) => Some(wrapper),
        Foreign::Server(_) | Foreign::Mapping(_) => None,
    })
}

fn servers(scope: &Scope) -> impl Iterator<Item = &ForeignServer> {
    scope.all_foreign().filter_map(|foreign| match &**foreign {
        Foreign::Server(server) => Some(server),
        Foreign::Wrapper(_) | Foreign::Mapping(_) => None,
    })
}

fn mappings(scope: &Scope) -> impl Iterator<Item = &UserMapping> {
    scope.all_foreign().filter_map(|foreign| match &**foreign {
        Foreign::Mapping(mapping) => Some(mapping),
        Foreign::Wrapper(_) | Foreign::Server(_) => None,
    })
}

/// Options as their columns have them: none is NULL.
pub(super) fn listed(options: &[ForeignOption]) -> Option<Vec<u8>> {
    let written: Vec<String> =
        options.iter().map(|option| format!("{}={}", option.name, option.value)).collect();
    (!written.is_empty()).then(|| texts(oid::TEXT, written.iter().map(String::as_str)))
}

/// `pg_foreign_data_wrapper`.
pub(super) fn wrapper_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for wrapper in wrappers(context.scope) {
        emit.row(&[
            number(wrapper.oid),
            text(&wrapper.name),
            number(wrapper.owner),
            number(0),
            number(wrapper.validator),
            bytes(&acl(context.scope, &wrapper.acl)),
            bytes(&listed(&wrapper.options)),
        ])?;
    }
    Ok(())
}

/// `pg_foreign_server`.
pub(super) fn server_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for server in servers(context.scope) {
        emit.row(&[
            number(server.oid),
            text(&server.name),
            number(server.owner),
            number(server.wrapper),
            maybe(server.server_type.as_deref()),
            maybe(server.version.as_deref()),
            bytes(&acl(context.scope, &server.acl)),
            bytes(&listed(&server.options)),
        ])?;
    }
    Ok(())
}

/// `pg_user_mapping`.
pub(super) fn mapping_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for mapping in mappings(context.scope) {
        emit.row(&[
            number(mapping.oid),
            number(mapping.role),
            number(mapping.server),
            bytes(&listed(&mapping.options)),
        ])?;
    }
    Ok(())
}

/// The foreign tables.
fn tables(scope: &Scope) -> impl Iterator<Item = (&Table, &ForeignTable)> {
    scope.objects().filter_map(|object| match object {
        Object::Table(table) => Some((&**table, table.foreign()?)),
        _ => None, // nothing else is one
    })
}

/// `pg_foreign_table`.
pub(super) fn table_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (table, foreign) in tables(context.scope) {
        emit.row(&[number(table.oid), number(foreign.server), bytes(&listed(&foreign.options))])?;
    }
    Ok(())
}

/// Whether the asker owns a wrapper or a server, or may use it.
fn may_use(asker: &Asker<'_>, owner: Oid, acl: &Acl) -> bool {
    asker.has_role(owner) || asker.granted(acl, owner, Privileges::USAGE, Privileges::NONE)
}

/// Whether the asker, who may use the server or not, is told a mapping's options, passwords among them: those of his own if he may
/// use it, those of everybody's if he owns it, and all if he is a superuser.
fn is_told(
    context: &SystemContext<'_>,
    asker: &Asker<'_>,
    mapping: &UserMapping,
    server: &ForeignServer,
) -> bool {
    let is_own = mapping.role != 0 && mapping.role == context.user;
    is_own && may_use(asker, server.owner, &server.acl)
        || mapping.role == 0 && asker.has_role(server.owner)
        || context.scope.is_superuser(context.user)
}

/// `pg_user_mappings`: a mapping's options are told to whose it is, and those of everybody's to who owns the server.
pub(super) fn readable_mappings(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for mapping in mappings(scope) {
        let Some(server) = scope.foreign_server(mapping.server) else { continue };
        let told = is_told(context, &asker, mapping, server);
        emit.row(&[
            number(mapping.oid),
            number(server.oid),
            text(&server.name),
            number(mapping.role),
            text(&scope.mapped_name(mapping)),
            bytes(&listed(&mapping.options).filter(|_| told)),
        ])?;
    }
    Ok(())
}

/// The wrappers that the asker owns or may use.
fn seen_wrappers<'s>(
    asker: &Asker<'s>,
    scope: &'s Scope,
) -> impl Iterator<Item = &'s ForeignWrapper> + use<'s> {
    let seen = |wrapper: &&ForeignWrapper| may_use(asker, wrapper.owner, &wrapper.acl);
    wrappers(scope).filter(seen).collect::<Vec<_>>().into_iter()
}

/// The servers that the asker owns or may use.
fn seen_servers<'s>(
    asker: &Asker<'s>,
    scope: &'s Scope,
) -> impl Iterator<Item = &'s ForeignServer> + use<'s> {
    servers(scope).filter(|server| may_use(asker, server.owner, &server.acl)).collect::<Vec<_>>().into_iter()
}

/// `foreign_data_wrappers`.
pub(super) fn information_wrappers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for wrapper in seen_wrappers(&asker, context.scope) {
        let owner = context.scope.role_name(wrapper.owner);
        emit.named(|column| match column {
            "foreign_data_wrapper_catalog" => text(asker.database),
            "foreign_data_wrapper_name" => text(&wrapper.name),
            "authorization_identifier" => text(&owner),
            "foreign_data_wrapper_language" => text("c"),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// A row for each option; `of` has the columns that say whose options they are, by their names.
fn emit_options(
    emit: &mut Emit,
    options: &[ForeignOption],
    of: &[(&str, &str)],
    told: bool,
) -> CatalogResult<()> {
    for option in options {
        emit.named(|column| match column {
            "option_name" => text(&option.name),
            "option_value" => maybe(told.then_some(option.value.as_str())),
            other => maybe(of.iter().find(|(name, _)| *name == other).map(|(_, value)| *value)),
        })?;
    }
    Ok(())
}

/// `foreign_data_wrapper_options`.
pub(super) fn wrapper_options(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for wrapper in seen_wrappers(&asker, context.scope) {
        let of =
            [("foreign_data_wrapper_catalog", asker.database), ("foreign_data_wrapper_name", &wrapper.name)];
        emit_options(emit, &wrapper.options, &of, true)?;
    }
    Ok(())
}

/// `foreign_servers`.
pub(super) fn information_servers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for server in seen_servers(&asker, context.scope) {
        let owner = context.scope.role_name(server.owner);
        let wrapper = context.scope.foreign_wrapper(server.wrapper).map(|wrapper| wrapper.name.as_str());
        emit.named(|column| match column {
            "foreign_server_catalog" | "foreign_data_wrapper_catalog" => text(asker.database),
            "foreign_server_name" => text(&server.name),
            "foreign_data_wrapper_name" => maybe(wrapper),
            "foreign_server_type" => maybe(server.server_type.as_deref()),
            "foreign_server_version" => maybe(server.version.as_deref()),
            _ => text(&owner),
        })?;
    }
    Ok(())
}

/// `foreign_server_options`.
pub(super) fn server_options(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for server in seen_servers(&asker, context.scope) {
        let of = [("foreign_server_catalog", asker.database), ("foreign_server_name", &*server.name)];
        emit_options(emit, &server.options, &of, true)?;
    }
    Ok(())
}

/// The mappings on servers that the asker sees, each with its server and whose it is.
fn seen_mappings<'s>(
    asker: &Asker<'_>,
    scope: &'s Scope,
) -> Vec<(&'s UserMapping, &'s ForeignServer, String)> {
    let seen = |mapping: &'s UserMapping| {
        let server = scope.foreign_server(mapping.server)?;
        if !may_use(asker, server.owner, &server.acl) {
            return None;
        }
        let whose = if mapping.role == 0 { "PUBLIC".to_owned() } else { scope.role_name(mapping.role) };
        Some((mapping, server, whose))
    };
    mappings(scope).filter_map(seen).collect()
}

/// `user_mappings`.
pub(super) fn information_mappings(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (_, server, whose) in seen_mappings(&asker, context.scope) {
        emit.named(|column| match column {
            "authorization_identifier" => text(&whose),
            "foreign_server_catalog" => text(asker.database),
            _ => text(&server.name),
        })?;
    }
    Ok(())
}

/// `user_mapping_options`.
pub(super) fn mapping_options(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for (mapping, server, whose) in seen_mappings(&asker, scope) {
        let told = is_told(context, &asker, mapping, server);
        let of = [
            ("authorization_identifier", &*whose),
            ("foreign_server_catalog", asker.database),
            ("foreign_server_name", &server.name),
        ];
        emit_options(emit, &mapping.options, &of, told)?;
    }
    Ok(())
}

/// The foreign tables that the asker has some right on, with their servers.
fn seen_tables<'s>(
    asker: &Asker<'s>,
    scope: &'s Scope,
) -> Vec<(&'s Table, &'s ForeignTable, &'s ForeignServer)> {
    let of_a_column =
        |table: &Table| table.columns.iter().any(|column| !column.dropped && column.acl.is_some());
    let seen = |(table, foreign): (&'s Table, &'s ForeignTable)| {
        let may = asker.may_see(table.owner, &table.acl, Privileges::TABLE) || of_a_column(table);
        Some((table, foreign, scope.foreign_server(foreign.server)?)).filter(|_| may)
    };
    tables(scope).filter_map(seen).collect()
}

/// The options of the column at a place: a table has at most 1,600.
fn column_options_at(foreign: &ForeignTable, place: usize) -> &[ForeignOption] {
    u16::try_from(place).map_or(&[], |place| foreign.column_options(place))
}

/// `foreign_tables`.
pub(super) fn information_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (table, _, server) in seen_tables(&asker, context.scope) {
        emit.row(&[
            text(asker.database),
            text(asker.schema(table.schema)),
            text(&table.name),
            text(asker.database),
            text(&server.name),
        ])?;
    }
    Ok(())
}

/// `foreign_table_options`.
pub(super) fn table_options(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (table, foreign, _) in seen_tables(&asker, context.scope) {
        let of = [
            ("foreign_table_catalog", asker.database),
            ("foreign_table_schema", asker.schema(table.schema)),
            ("foreign_table_name", &*table.name),
        ];
        emit_options(emit, &foreign.options, &of, true)?;
    }
    Ok(())
}

/// `column_options`.
pub(super) fn column_options(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (table, foreign, _) in seen_tables(&asker, context.scope) {
        for (place, column) in table.live_columns() {
            let of = [
                ("table_catalog", asker.database),
                ("table_schema", asker.schema(table.schema)),
                ("table_name", &*table.name),
                ("column_name", &*column.name),
            ];
            emit_options(emit, column_options_at(foreign, place), &of, true)?;
        }
    }
    Ok(())
}

/// `_pg_foreign_data_wrappers`: what the others are made of, shown to everybody.
pub(super) fn inner_wrappers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for wrapper in wrappers(context.scope) {
        let owner = context.scope.role_name(wrapper.owner);
        emit.row(&[
            number(wrapper.oid),
            number(wrapper.owner),
            bytes(&listed(&wrapper.options)),
            text(asker.database),
            text(&wrapper.name),
            text(&owner),
            text("c"),
        ])?;
    }
    Ok(())
}

/// `_pg_foreign_servers`.
pub(super) fn inner_servers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for server in servers(context.scope) {
        let owner = context.scope.role_name(server.owner);
        let wrapper = context.scope.foreign_wrapper(server.wrapper).map(|wrapper| wrapper.name.as_str());
        emit.row(&[
            number(server.oid),
            bytes(&listed(&server.options)),
            text(asker.database),
            text(&server.name),
            text(asker.database),
            maybe(wrapper),
            maybe(server.server_type.as_deref()),
            maybe(server.version.as_deref()),
            text(&owner),
        ])?;
    }
    Ok(())
}

/// `_pg_foreign_tables`.
pub(super) fn inner_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (table, foreign, server) in seen_tables(&asker, context.scope) {
        let owner = context.scope.role_name(table.owner);
        emit.row(&[
            text(asker.database),
            text(asker.schema(table.schema)),
            text(&table.name),
            bytes(&listed(&foreign.options)),
            text(asker.database),
            text(&server.name),
            text(&owner),
        ])?;
    }
    Ok(())
}

/// `_pg_foreign_table_columns`.
pub(super) fn inner_columns(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for (table, foreign, _) in seen_tables(&asker, context.scope) {
        for (place, column) in table.live_columns() {
            emit.row(&[
                text(asker.schema(table.schema)),
                text(&table.name),
                text(&column.name),
                bytes(&listed(column_options_at(foreign, place))),
            ])?;
        }
    }
    Ok(())
}

/// `_pg_user_mappings`.
pub(super) fn inner_mappings(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for mapping in mappings(scope) {
        let Some(server) = scope.foreign_server(mapping.server) else { continue };
        let whose = if mapping.role == 0 { "PUBLIC".to_owned() } else { scope.role_name(mapping.role) };
        let owner = scope.role_name(server.owner);
        emit.row(&[
            number(mapping.oid),
            bytes(&listed(&mapping.options)),
            number(mapping.role),
            text(&whose),
            text(asker.database),
            text(&server.name),
            text(&owner),
        ])?;
    }
    Ok(())
}
