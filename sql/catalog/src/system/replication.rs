//! Publications and subscriptions: `pg_publication`, `pg_publication_rel`, `pg_publication_namespace`, `pg_publication_tables`,
//! `pg_subscription`.
//!
//! `pg_subscription` lists those of the session's database, PostgreSQL's those of all.

use super::emit::{Emit, SystemContext, bytes, flag, letter, maybe, number, small_vector, text, texts};
use crate::error::CatalogResult;
use crate::object::{Publication, PublishedSchema, PublishedTable, Replication, Subscription};
use crate::snapshot::Scope;
use types::value::Item;

/// `name[]`
const NAMES: u32 = 1003;
/// `text[]`
const TEXTS: u32 = 1009;

fn publications(scope: &Scope) -> impl Iterator<Item = &Publication> {
    scope.all_replication().filter_map(|known| scope.publication(known.oid()))
}

fn tables(scope: &Scope) -> impl Iterator<Item = &PublishedTable> {
    scope.all_replication().filter_map(|known| scope.published_table(known.oid()))
}

fn schemas(scope: &Scope) -> impl Iterator<Item = &PublishedSchema> {
    scope.all_replication().filter_map(|known| scope.published_schema(known.oid()))
}

fn subscriptions(scope: &Scope) -> impl Iterator<Item = &Subscription> {
    scope.all_replication().filter_map(|known| match &**known {
        Replication::Subscription(subscription) => Some(subscription),
        Replication::Publication(_) | Replication::Table(_) | Replication::Schema(_) => None,
    })
}

/// Columns as an `int2vector` of their numbers.
fn vector(columns: &[u16]) -> Vec<u8> {
    small_vector(columns.iter().map(|place| i16::try_from(place + 1).unwrap_or(i16::MAX)))
}

/// `pg_publication`.
pub(super) fn publication_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for publication in publications(context.scope) {
        let actions = publication.actions;
        emit.row(&[
            number(publication.oid),
            text(&publication.name),
            number(publication.owner),
            flag(publication.all_tables),
            flag(actions.insert),
            flag(actions.update),
            flag(actions.delete),
            flag(actions.truncate),
            flag(publication.via_root),
        ])?;
    }
    Ok(())
}

/// `pg_publication_rel`.
pub(super) fn table_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in tables(context.scope) {
        emit.row(&[
            number(entry.oid),
            number(entry.publication),
            number(entry.table),
            maybe(entry.filter.as_ref().map(|filter| filter.text.as_str())),
            bytes(&entry.columns.as_deref().map(vector)),
        ])?;
    }
    Ok(())
}

/// `pg_publication_namespace`.
pub(super) fn schema_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in schemas(context.scope) {
        emit.row(&[number(entry.oid), number(entry.publication), number(entry.schema)])?;
    }
    Ok(())
}

/// `pg_publication_tables`.
pub(super) fn readable(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for publication in publications(scope) {
        for (table, entry) in scope.published_by(publication) {
            let listed = entry.and_then(|entry| entry.columns.as_ref());
            let is_told = |place: usize| {
                listed.is_none_or(|columns| columns.iter().any(|column| usize::from(*column) == place))
            };
            let columns = table.live_columns().filter(|(place, _)| is_told(*place));
            let names = texts(NAMES, columns.map(|(_, column)| column.name.as_str()));
            let filter = entry.and_then(|entry| entry.filter.as_ref());
            let filter = filter.map(|filter| context.session.expression(&filter.text, table.oid));
            emit.row(&[
                text(&publication.name),
                text(scope.schema(table.schema).map_or("", |schema| &schema.name)),
                text(&table.name),
                Item::Bytes(&names),
                maybe(filter.as_deref()),
            ])?;
        }
    }
    Ok(())
}

/// `pg_subscription`.
pub(super) fn subscription_rows(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for subscription in subscriptions(context.scope) {
        let two_phase = if subscription.two_phase { b'p' } else { b'd' };
        let publications = texts(TEXTS, subscription.publications.iter().map(String::as_str));
        emit.row(&[
            number(subscription.oid),
            number(context.database),
            Item::Int64(subscription.skip.cast_signed()),
            text(&subscription.name),
            number(subscription.owner),
            flag(subscription.enabled),
            flag(subscription.binary),
            flag(subscription.stream),
            letter(two_phase),
            flag(subscription.disable_on_error),
            text(&subscription.connection),
            maybe(subscription.slot.as_deref()),
            text(&subscription.synchronous_commit),
            Item::Bytes(&publications),
        ])?;
    }
    Ok(())
}

/// `pg_stat_subscription`: nobody is at work for any.
pub(super) fn workers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for subscription in subscriptions(context.scope) {
        emit.named(|column| match column {
            "subid" => number(subscription.oid),
            "subname" => text(&subscription.name),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// `pg_stat_subscription_stats`: nothing has failed, as nothing was tried.
pub(super) fn figures(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for subscription in subscriptions(context.scope) {
        emit.named(|column| match column {
            "subid" => number(subscription.oid),
            "subname" => text(&subscription.name),
            "stats_reset" => Item::Null,
            _ => Item::Int64(0),
        })?;
    }
    Ok(())
}
