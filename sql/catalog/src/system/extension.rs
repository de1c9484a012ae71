//! Rows about extensions: those that are there, and those that can be had.

use super::emit::{Emit, SystemContext};
use crate::error::CatalogResult;
use crate::extension::AVAILABLE;
use crate::first::PLPGSQL;
use crate::object::{Object, Oid, class};
use crate::system::emit::{flag, number, text};
use types::value::Item;

/// What belongs to PL/pgSQL, by class and number: it has no entries that could say so.
pub(super) const MEMBERS_OF_PLPGSQL: [(Oid, Oid); 4] = [
    (class::FUNCTION, 13560),
    (class::FUNCTION, 13561),
    (class::FUNCTION, 13562),
    (class::LANGUAGE, PLPGSQL),
];

/// `pg_extension`.
pub(super) fn extensions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for object in context.scope.objects() {
        let Object::Extension(extension) = object else { continue };
        emit.row(&[
            number(extension.oid),
            text(&extension.name),
            number(extension.owner),
            number(extension.schema),
            flag(extension.relocatable),
            text(&extension.version),
            Item::Null,
            Item::Null,
        ])?;
    }
    Ok(())
}

/// `pg_available_extensions`.
pub(super) fn available(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for known in AVAILABLE {
        let installed = context.scope.extension_named(known.name);
        let installed = installed.map_or(Item::Null, |installed| text(&installed.version));
        emit.row(&[text(known.name), text(known.version), installed, text(known.comment)])?;
    }
    Ok(())
}

/// `pg_available_extension_versions`.
pub(super) fn available_versions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for known in AVAILABLE {
        let installed = context.scope.extension_named(known.name);
        emit.row(&[
            text(known.name),
            text(known.version),
            flag(installed.is_some_and(|installed| installed.version == known.version)),
            flag(true),
            flag(true),
            flag(known.relocatable),
            known.schema.map_or(Item::Null, text),
            Item::Null,
            text(known.comment),
        ])?;
    }
    Ok(())
}
