//! Foreign data: `pg_foreign_data_wrapper`, `pg_foreign_server`, `pg_user_mapping`, and what is told of them in words.

use super::emit::{Emit, SystemContext, acl, bytes, maybe, number, text, texts};
use super::information::Asker;
use crate::error::CatalogResult;
use crate::object::{Foreign, ForeignOption, ForeignServer, ForeignWrapper, Privileges, UserMapping};
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
fn listed(options: &[ForeignOption]) -> Option<Vec<u8>> {
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

/// Whether the asker owns a server or may use it.
fn may_use(asker: &Asker<'_>, server: &ForeignServer) -> bool {
    let usage = Privileges::USAGE;
    asker.has_role(server.owner) || asker.granted(&server.acl, server.owner, usage, Privileges::NONE)
}

/// `pg_user_mappings`: a mapping's options are told to whose it is, and those of everybody's to who owns the server.
pub(super) fn readable_mappings(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for mapping in mappings(scope) {
        let Some(server) = scope.foreign_server(mapping.server) else { continue };
        let is_own = mapping.role != 0 && mapping.role == context.user && may_use(&asker, server);
        let told =
            is_own || mapping.role == 0 && asker.has_role(server.owner) || scope.is_superuser(context.user);
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
    let seen = |wrapper: &&ForeignWrapper| {
        asker.has_role(wrapper.owner)
            || asker.granted(&wrapper.acl, wrapper.owner, Privileges::USAGE, Privileges::NONE)
    };
    wrappers(scope).filter(seen).collect::<Vec<_>>().into_iter()
}

/// The servers that the asker owns or may use.
fn seen_servers<'s>(
    asker: &Asker<'s>,
    scope: &'s Scope,
) -> impl Iterator<Item = &'s ForeignServer> + use<'s> {
    servers(scope).filter(|server| may_use(asker, server)).collect::<Vec<_>>().into_iter()
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

/// A row for each option: `catalog`, `name` and `whose` are what the columns before it say.
fn emit_options(
    emit: &mut Emit,
    options: &[ForeignOption],
    before: &dyn Fn(&str) -> Option<String>,
    told: bool,
) -> CatalogResult<()> {
    for option in options {
        let names = ["foreign_data_wrapper_catalog", "foreign_data_wrapper_name", "authorization_identifier"];
        let names = names.into_iter().chain(["foreign_server_catalog", "foreign_server_name"]);
        let values: Vec<(&str, Option<String>)> = names.map(|name| (name, before(name))).collect();
        emit.named(|column| match column {
            "option_name" => text(&option.name),
            "option_value" => maybe(told.then_some(option.value.as_str())),
            other => maybe(values.iter().find(|(name, _)| *name == other).and_then(|(_, of)| of.as_deref())),
        })?;
    }
    Ok(())
}

/// `foreign_data_wrapper_options`.
pub(super) fn wrapper_options(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for wrapper in seen_wrappers(&asker, context.scope) {
        let before = |column: &str| match column {
            "foreign_data_wrapper_catalog" => Some(asker.database.to_owned()),
            "foreign_data_wrapper_name" => Some(wrapper.name.clone()),
            _ => None,
        };
        emit_options(emit, &wrapper.options, &before, true)?;
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
        let before = |column: &str| match column {
            "foreign_server_catalog" => Some(asker.database.to_owned()),
            "foreign_server_name" => Some(server.name.clone()),
            _ => None,
        };
        emit_options(emit, &server.options, &before, true)?;
    }
    Ok(())
}

/// The mappings on servers that the asker sees, each with its server and whose it is.
fn seen_mappings<'s>(
    asker: &Asker<'_>,
    scope: &'s Scope,
) -> Vec<(&'s UserMapping, &'s ForeignServer, String)> {
    let seen = |mapping: &'s UserMapping| {
        let server = scope.foreign_server(mapping.server).filter(|server| may_use(asker, server))?;
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
        let told = mapping.role != 0 && mapping.role == context.user
            || mapping.role == 0 && asker.has_role(server.owner)
            || scope.is_superuser(context.user);
        let before = |column: &str| match column {
            "authorization_identifier" => Some(whose.clone()),
            "foreign_server_catalog" => Some(asker.database.to_owned()),
            "foreign_server_name" => Some(server.name.clone()),
            _ => None,
        };
        emit_options(emit, &mapping.options, &before, told)?;
    }
    Ok(())
}
